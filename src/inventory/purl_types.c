#include "inventory/purl_types_priv.h"

enum rule {
        LOWER_NAMESPACE = 1,
        LOWER_NAME = 2,
        LOWER_VERSION = 4,
        UPPER_NAMESPACE = 8,
        DASHES = 16, /* '_' of the name is '-' */
        ONLY_WRITING = 32,
        NEEDS_NAMESPACE = 64,
        NO_NAMESPACE = 128,
        PATHS = 256,
        LOWER_BOTH = LOWER_NAMESPACE | LOWER_NAME,
};

static const struct {
        const char *type;
        unsigned rules;
} types[] = {
    {"alpm", LOWER_BOTH},
    {"apk", LOWER_BOTH},
    {"bitbucket", LOWER_BOTH},
    {"bitnami", LOWER_NAME},
    {"brew", LOWER_BOTH},
    {"composer", LOWER_BOTH},
    {"cpan", UPPER_NAMESPACE},
    {"deb", LOWER_BOTH},
    {"git", PATHS},
    {"github", LOWER_BOTH},
    {"gitlab", LOWER_BOTH},
    {"golang", LOWER_BOTH | ONLY_WRITING},
    {"hex", LOWER_BOTH},
    {"huggingface", LOWER_VERSION},
    {"oci", LOWER_NAME},
    {"otp", LOWER_NAME | NO_NAMESPACE},
    {"pub", LOWER_NAME},
    {"pypi", LOWER_NAME | DASHES},
    {"qpkg", LOWER_NAMESPACE},
    {"rpm", LOWER_NAMESPACE},
    {"swift", NEEDS_NAMESPACE},
    {"vcpkg", NO_NAMESPACE},
    {"vscode-extension", NEEDS_NAMESPACE},
};

static unsigned rules_of(const char *type)
{
        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (strcmp(type, types[i].type) == 0)
                        return types[i].rules;
        return 0;
}

bool purl_type_has_paths(const char *type)
{
        return rules_of(type) & PATHS;
}

uint8_t purl_cased(uint8_t byte, enum purl_case how)
{
        if (how == PURL_UPPER)
                return byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
        if (how == PURL_LOWER_DASHES && byte == '_')
                return '-';
        return how != PURL_KEEP && byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

static struct span qualifier(const struct purl *p, const char *key)
{
        for (size_t i = 0; i < PURL_QUALIFIERS_MAX && p->qualifiers[i].key; i++)
                if (strcmp(p->qualifiers[i].key, key) == 0)
                        return p->qualifiers[i].value;
        return (struct span){0};
}

static bool holds(struct span s, const char *part)
{
        return s.len > 0 && memmem(s.at, s.len, part, strlen(part));
}

static bool is_one_of(struct span s, const char *words)
{
        struct span rest = span_of(words), word;

        while (rest.len > 0) {
                span_split(rest, ' ', &word, &rest);
                if (span_equal(s, word))
                        return true;
        }
        return false;
}

struct purl_cases purl_type_cases(const struct purl *p, bool writing)
{
        unsigned rules = rules_of(p->type);
        struct purl_cases c = {0};

        /* Hosts whose own types are not case-sensitive, and the one registry of MLflow that is not. */
        if (strcmp(p->type, "git") == 0 &&
            is_one_of(p->namespace, "github github.com gitlab gitlab.com bitbucket bitbucket.org"))
                rules |= LOWER_BOTH;
        if (strcmp(p->type, "mlflow") == 0 && holds(qualifier(p, "repository_url"), "databricks"))
                rules |= LOWER_NAME;
        if ((rules & ONLY_WRITING) && !writing)
                return c;
        if (rules & (LOWER_NAMESPACE | UPPER_NAMESPACE))
                c.namespace = rules & LOWER_NAMESPACE ? PURL_LOWER : PURL_UPPER;
        if (rules & LOWER_NAME)
                c.name = rules & DASHES ? PURL_LOWER_DASHES : PURL_LOWER;
        if (rules & LOWER_VERSION)
                c.version = PURL_LOWER;
        return c;
}

/* Chrome: 32 letters from a to p; one to four numbers. */
static bool check_chrome(const struct purl *p, struct err *e)
{
        struct span rest = p->version, part;
        size_t n = 0;
        uint64_t number;

        for (size_t i = 0; i < p->name.len; i++)
                if (p->name.at[i] < 'a' || p->name.at[i] > 'p')
                        n = 100;
        if (p->name.len != 32 || n > 0)
                return err_set(e, ERR_MALFORMED, "a Chrome extension's name is 32 letters from a to p");
        while (rest.len > 0) {
                span_split(rest, '.', &part, &rest);
                n = span_to_u64(part, &number) ? n + 1 : 100;
        }
        return n <= 4 || err_set(e, ERR_MALFORMED, "a Chrome extension's version is one to four numbers");
}

bool purl_type_check(const struct purl *p, struct err *e)
{
        unsigned rules = rules_of(p->type);

        if ((rules & NEEDS_NAMESPACE) && p->namespace.len == 0)
                return err_set(e, ERR_MALFORMED, "a package URL of the type %s needs a namespace", p->type);
        if ((rules & NO_NAMESPACE) && p->namespace.len > 0)
                return err_set(e, ERR_MALFORMED, "a package URL of the type %s has no namespace", p->type);
        if (strcmp(p->type, "chrome-extension") == 0)
                return check_chrome(p, e);
        if (strcmp(p->type, "cpan") == 0 && holds(p->name, "::"))
                return err_set(e, ERR_MALFORMED, "CPAN's names are those of distributions: \"-\", not \"::\"");
        if (strcmp(p->type, "julia") == 0 && qualifier(p, "uuid").len == 0)
                return err_set(e, ERR_MALFORMED, "a Julia package's name alone is not unique: it needs a uuid");
        return true;
}
