/* From a package URL to the words of OSV's records: one row for each type whose packages have an ecosystem of their own. */
#include "inventory/inventory.h"
#include "inventory/purl_priv.h"

static const struct {
        const char *type, *ecosystem;
        char divider; /* between namespace and name; 0: the name alone */
} types[] = {
    {"bioconductor", "Bioconductor", 0},
    {"bitnami", "Bitnami", 0},
    {"cargo", "crates.io", 0},
    {"composer", "Packagist", '/'},
    {"conan", "ConanCenter", 0},
    {"cran", "CRAN", 0},
    {"dart", "Pub", 0}, /* Trivy's word for pub */
    {"gem", "RubyGems", 0},
    {"githubactions", "GitHub Actions", '/'},
    {"golang", "Go", '/'},
    {"hackage", "Hackage", 0},
    {"hex", "Hex", '/'},
    {"julia", "Julia", 0},
    {"maven", "Maven", ':'},
    {"npm", "npm", '/'},
    {"nuget", "NuGet", 0},
    {"opam", "opam", 0},
    {"pub", "Pub", 0},
    {"pypi", "PyPI", 0},
    {"swift", "SwiftURL", '/'},
    {"vscode-extension", "VSCode", '/'},
    /* A system's own: its ecosystem is the release's, and the namespace names the system. */
    {"alpm", NULL, 0},
    {"apk", NULL, 0},
    {"deb", NULL, 0},
    {"ebuild", NULL, '/'},
    {"opkg", NULL, 0},
    {"portage", NULL, '/'},
    {"rpm", NULL, 0},
};

/* PEP 503: runs of '-', '_' and '.' are one '-'; letters are small already. */
static struct span pypi_name(struct span name, struct arena *a)
{
        uint8_t *to = arena_alloc(a, name.len);
        size_t n = 0;

        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];
                if (c == '-' || c == '_' || c == '.') {
                        if (n == 0 || to[n - 1] != '-')
                                to[n++] = '-';
                } else {
                        to[n++] = c;
                }
        }
        return (struct span){to, n};
}

static bool has_qualifier(const struct purl *p, const char *key)
{
        for (size_t i = 0; i < PURL_QUALIFIERS_MAX && p->qualifiers[i].key; i++)
                if (strcmp(p->qualifiers[i].key, key) == 0 && p->qualifiers[i].value.len > 0)
                        return true;
        return false;
}

struct purl_osv purl_osv(const struct purl *p, struct arena *a)
{
        struct purl_osv osv = {.name = p->name};
        char divider = '/';

        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (strcmp(p->type, types[i].type) == 0) {
                        divider = types[i].divider;
                        osv.of_system = types[i].ecosystem == NULL;
                        if (types[i].ecosystem)
                                osv.ecosystem = span_of(types[i].ecosystem);
                }
        /* Conan's packages of a user are not ConanCenter's, whatever they are called. */
        if (strcmp(p->type, "conan") == 0 && (p->namespace.len > 0 || has_qualifier(p, "channel")))
                osv.ecosystem = (struct span){0};
        if (strcmp(p->type, "pypi") == 0)
                osv.name = pypi_name(p->name, a);
        if (divider && p->namespace.len > 0)
                osv.name = arena_printf(a, "%.*s%c%.*s", (int)p->namespace.len, (const char *)p->namespace.at, divider,
                    (int)osv.name.len, (const char *)osv.name.at);
        return osv;
}

bool inventory_purl_read(struct span purl, struct arena *a, struct component *ret, struct err *e)
{
        struct purl_osv osv;
        struct purl p;

        if (!purl_parse(purl, a, false, &p, e))
                return false;
        osv = purl_osv(&p, a);
        if (osv.of_system)
                return err_set(e, ERR_UNSUPPORTED,
                    "pkg:%s is a system's package: its release and the name that its advisories have for it are needed",
                    p.type);
        if (osv.ecosystem.len == 0)
                return err_set(e, ERR_UNSUPPORTED, "no ecosystem of advisories is known for pkg:%s", p.type);
        *ret = (struct component){
            .ecosystem = osv.ecosystem, .type = span_of(p.type), .name = osv.name, .version = p.version, .purl = purl};
        return true;
}
