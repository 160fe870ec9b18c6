/* What is known of each type of purl (purl-spec, types/; ECMA-427): whether case counts, and whether a name stands alone. */
#include "policy/policy_priv.h"

enum namespace { NAMESPACE_MAY = 0, NAMESPACE_OF_SYSTEM, NAMESPACE_OF_OWNER };

/*
 * Sorted. Names that the type's rules write in small letters are compared so, in the pattern and in the purl. Also NuGet's,
 * which the registry does not tell apart; not npm's, of whose old ones "JSONStream" and "jsonstream" are two packages.
 */
static const struct {
        const char *type;
        enum purl_fold fold;
        enum namespace namespace;
} types[] = {
    {"alpm", FOLD_BOTH, NAMESPACE_OF_SYSTEM},
    {"apk", FOLD_BOTH, NAMESPACE_OF_SYSTEM},
    {"bazel", FOLD_NONE, NAMESPACE_MAY},
    {"bioconductor", FOLD_NONE, NAMESPACE_MAY},
    {"bitbucket", FOLD_BOTH, NAMESPACE_OF_OWNER},
    {"bitnami", FOLD_NAME, NAMESPACE_MAY},
    {"brew", FOLD_BOTH, NAMESPACE_MAY},
    {"cargo", FOLD_NONE, NAMESPACE_MAY},
    {"chrome-extension", FOLD_NONE, NAMESPACE_MAY},
    {"cocoapods", FOLD_NONE, NAMESPACE_MAY},
    {"composer", FOLD_BOTH, NAMESPACE_MAY},
    {"conan", FOLD_NONE, NAMESPACE_MAY},
    {"conda", FOLD_NONE, NAMESPACE_MAY},
    {"cpan", FOLD_NAMESPACE, NAMESPACE_MAY}, /* an author, in capitals */
    {"cran", FOLD_NONE, NAMESPACE_MAY},
    {"dart", FOLD_NONE, NAMESPACE_MAY},
    {"deb", FOLD_BOTH, NAMESPACE_OF_SYSTEM},
    {"docker", FOLD_NONE, NAMESPACE_MAY},
    {"ebuild", FOLD_NONE, NAMESPACE_OF_SYSTEM},
    {"gem", FOLD_NONE, NAMESPACE_MAY},
    {"generic", FOLD_NONE, NAMESPACE_MAY},
    {"git", FOLD_NONE, NAMESPACE_MAY},
    {"github", FOLD_BOTH, NAMESPACE_OF_OWNER},
    {"githubactions", FOLD_BOTH, NAMESPACE_OF_OWNER},
    {"gitlab", FOLD_BOTH, NAMESPACE_OF_OWNER},
    {"golang", FOLD_BOTH, NAMESPACE_MAY},
    {"hackage", FOLD_NONE, NAMESPACE_MAY},
    {"hex", FOLD_BOTH, NAMESPACE_MAY},
    {"huggingface", FOLD_NONE, NAMESPACE_MAY},
    {"julia", FOLD_NONE, NAMESPACE_MAY},
    {"luarocks", FOLD_NONE, NAMESPACE_MAY},
    {"maven", FOLD_NONE, NAMESPACE_MAY},
    {"mlflow", FOLD_NONE, NAMESPACE_MAY},
    {"npm", FOLD_NONE, NAMESPACE_MAY},
    {"nuget", FOLD_NAME, NAMESPACE_MAY},
    {"oci", FOLD_NAME, NAMESPACE_MAY},
    {"opam", FOLD_NONE, NAMESPACE_MAY},
    {"opkg", FOLD_NONE, NAMESPACE_OF_SYSTEM},
    {"otp", FOLD_NAME, NAMESPACE_MAY},
    {"pear", FOLD_NONE, NAMESPACE_MAY},
    {"portage", FOLD_NONE, NAMESPACE_MAY},
    {"pub", FOLD_NAME, NAMESPACE_MAY},
    {"pypi", FOLD_NAME_DASHES, NAMESPACE_MAY},
    {"qpkg", FOLD_NAMESPACE, NAMESPACE_MAY},
    {"rpm", FOLD_NAMESPACE, NAMESPACE_OF_SYSTEM},
    {"snap", FOLD_NONE, NAMESPACE_MAY},
    {"swid", FOLD_NONE, NAMESPACE_MAY},
    {"swift", FOLD_NONE, NAMESPACE_OF_OWNER},
    {"vcpkg", FOLD_NONE, NAMESPACE_MAY},
    {"vscode-extension", FOLD_NONE, NAMESPACE_OF_OWNER},
    {"wordpress", FOLD_NONE, NAMESPACE_MAY},
    {"yocto", FOLD_NONE, NAMESPACE_MAY},
};

#define UNKNOWN ARRAY_LEN(types)

static size_t type_find(struct span type)
{
        size_t i = 0;

        while (i < ARRAY_LEN(types) && !span_is(type, types[i].type))
                i++;
        return i;
}

/* "deb" of "pkg:deb/debian/sed". */
static struct span type_of(struct span path)
{
        struct span type, rest;

        span_split(span_from(path, strlen("pkg:")), '/', &type, &rest);
        return type;
}

enum purl_fold purl_fold_of(struct span path)
{
        size_t i = type_find(type_of(path));

        return i == UNKNOWN ? FOLD_NONE : types[i].fold;
}

struct span purl_folded(struct span path, enum purl_fold fold, struct arena *a)
{
        bool namespace = fold == FOLD_NAMESPACE || fold == FOLD_BOTH;
        bool name = fold == FOLD_NAME || fold == FOLD_BOTH || fold == FOLD_NAME_DASHES;
        size_t type_end = 0, name_begin = path.len;
        uint8_t *to;

        if (!span_find(path, '/', &type_end))
                type_end = path.len;
        while (name_begin > 0 && path.at[name_begin - 1] != '/')
                name_begin--;
        to = arena_alloc(a, path.len);
        for (size_t i = 0; i < path.len; i++) {
                uint8_t c = path.at[i];

                if (i < type_end || (i < name_begin ? namespace : name))
                        c = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
                if (i >= type_end && i >= name_begin && fold == FOLD_NAME_DASHES && c == '_')
                        c = '-';
                to[i] = c;
        }
        return span_bytes(to, path.len);
}

static bool has(struct span s, const char *part)
{
        return s.len > 0 && memmem(s.at, s.len, part, strlen(part));
}

const char *purl_pattern_fault(struct span path)
{
        struct span type = type_of(path), rest = span_from(path, strlen("pkg:") + type.len);

        if (has(type, "*"))
                return NULL;
        if (rest.len == 0)
                return "names a type and no package: end it with \"/**\" for all of that type";
        if (span_ends(rest, "/") || has(rest, "//"))
                return "has an empty part: no package's purl does";
        return NULL;
}

void purl_pattern_remark(const struct purl_rule *r, struct buf *b)
{
        struct span path = r->parts.path, type = type_of(path), rest = span_from(path, strlen("pkg:") + type.len + 1);
        size_t i = type_find(type), at;
        bool all = span_is(rest, "*");

        if (has(type, "*"))
                return;
        if (i == UNKNOWN) {
                buf_put_text(b, "no type of purls is called \"");
                buf_put(b, type);
                buf_put_text(b, "\": if no detector of your own lists such packages, this matches none");
                return;
        }
        if (types[i].namespace == NAMESPACE_MAY || span_find(rest, '/', &at) || has(rest, "**"))
                return;
        buf_printf(b, "%s in front of its name, so this matches %s: say pkg:%s/*%s",
            types[i].namespace == NAMESPACE_OF_SYSTEM ? "a package of this type has its distribution"
                                                      : "a package of this type has its owner",
            types[i].namespace == NAMESPACE_OF_SYSTEM ? "those of images alone that name none" : "none", types[i].type,
            all ? "*" : "/");
        if (all)
                return;
        buf_put(b, rest);
        if (r->parts.has_version) {
                buf_put_text(b, "@");
                buf_put(b, r->parts.version);
        }
}
