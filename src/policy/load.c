/* From the tree of a policy file to the policy. Every mapping is a table of its keys: an unknown one lists the known.
 */
#include <assert.h>
#include <stdarg.h>

#include "policy/policy_priv.h"

const char policy_default_text[] = "version: 1\n"
                                   "findings:\n"
                                   "  deny:\n"
                                   "    - severity: critical\n"
                                   "      fix_available: true\n"
                                   "require:\n"
                                   "  scan: true\n";

struct loader {
        struct policy *p;
        const char *name;
        struct err *e;
};

static bool fail_at(const struct loader *l, const struct node *n, const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail_at(const struct loader *l, const struct node *n, const char *fmt, ...)
{
        char text[ERR_TEXT_MAX];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        return err_set(l->e, ERR_MALFORMED, "%s:%u:%u: %s", l->name, n->line, n->column, text);
}

static const char *kind_name(const struct node *n)
{
        if (n->kind == NODE_LIST)
                return "a list";
        if (n->kind == NODE_MAPPING)
                return "a mapping";
        return n->plain && n->text.len == 0 ? "nothing" : "a text";
}

/* ---- mappings ---- */

struct key {
        const char *name;
        bool (*read)(const struct loader *l, const struct node *value, void *into);
        bool mandatory;
};

static bool key_unknown(const struct loader *l, const struct node *key, const struct key *keys, size_t n)
{
        char known[200] = "", shown[100];
        size_t len = 0;

        for (size_t i = 0; i < n; i++) {
                int put = snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "", keys[i].name);

                len += put > 0 && (size_t)put < sizeof(known) - len ? (size_t)put : 0;
        }
        return fail_at(
            l, key, "unknown key \"%s\"; known here: %s", span_printable(key->text, shown, sizeof(shown)), known);
}

static bool read_mapping(
    const struct loader *l, const struct node *node, const char *what, const struct key *keys, size_t n, void *into)
{
        uint64_t seen = 0;

        if (node->kind != NODE_MAPPING)
                return fail_at(l, node, "%s: a mapping (key: value) was expected, found %s", what, kind_name(node));
        for (size_t i = 0; i + 1 < node->n_items; i += 2) {
                size_t k = 0;

                while (k < n && !span_is(node->items[i].text, keys[k].name))
                        k++;
                if (k == n)
                        return key_unknown(l, &node->items[i], keys, n);
                seen |= (uint64_t)1 << k;
                if (!keys[k].read(l, &node->items[i + 1], into))
                        return false;
        }
        for (size_t k = 0; k < n; k++)
                if (keys[k].mandatory && !(seen >> k & 1))
                        return fail_at(l, node, "%s: \"%s\" is missing", what, keys[k].name);
        return true;
}

/* ---- scalars ---- */

static bool read_text(const struct loader *l, const struct node *n, const char *what, struct span *ret)
{
        if (n->kind != NODE_SCALAR || span_trim(n->text).len == 0)
                return fail_at(
                    l, n, "%s: a text was expected, found %s", what, n->kind == NODE_SCALAR ? "nothing" : kind_name(n));
        *ret = n->text;
        return true;
}

static bool read_bool(const struct loader *l, const struct node *n, const char *what, bool *ret)
{
        if (n->kind != NODE_SCALAR || !n->plain || (!span_is(n->text, "true") && !span_is(n->text, "false")))
                return fail_at(l, n, "%s: true or false was expected", what);
        *ret = span_is(n->text, "true");
        return true;
}

static bool read_number(const struct loader *l, const struct node *n, const char *what, uint32_t max, uint32_t *ret)
{
        uint64_t v;

        if (n->kind != NODE_SCALAR || !n->plain || !span_to_u64(n->text, &v) || v > max)
                return fail_at(l, n, "%s: a whole number from 0 to %u was expected", what, max);
        *ret = (uint32_t)v;
        return true;
}

static bool list_begin(const struct loader *l, const struct node *n, const char *what, size_t max)
{
        if (n->kind != NODE_LIST)
                return fail_at(l, n, "%s: a list was expected, found %s", what, kind_name(n));
        if (n->n_items > max)
                return fail_at(l, n, "%s: %zu entries, at most %zu", what, n->n_items, max);
        return true;
}

/* An empty allow list would refuse everything, which is more likely a slip than a wish. */
static bool allow_list_begin(const struct loader *l, const struct node *n, const char *what)
{
        if (!list_begin(l, n, what, POLICY_LIST_MAX))
                return false;
        return n->n_items > 0 || fail_at(l, n, "%s: an empty list would refuse everything: leave \"allow\" out", what);
}

/* ---- findings ---- */

static bool rule_severity(const struct loader *l, const struct node *n, void *into)
{
        struct finding_rule *rule = into;

        for (int s = POLICY_SEVERITY_UNKNOWN; s <= POLICY_SEVERITY_CRITICAL; s++)
                if (n->kind == NODE_SCALAR && span_is(n->text, policy_severity_name((enum policy_severity)s))) {
                        rule->least = (enum policy_severity)s;
                        return true;
                }
        return fail_at(l, n, "severity: unknown, low, medium, high or critical was expected");
}

static bool rule_fix(const struct loader *l, const struct node *n, void *into)
{
        struct finding_rule *rule = into;

        if (n->kind != NODE_SCALAR || !n->plain)
                return fail_at(l, n, "fix_available: true, false or any was expected");
        if (span_is(n->text, "any"))
                rule->fix = FIX_ANY;
        else if (span_is(n->text, "true"))
                rule->fix = FIX_YES;
        else if (span_is(n->text, "false"))
                rule->fix = FIX_NO;
        else
                return fail_at(l, n, "fix_available: true, false or any was expected");
        return true;
}

static const struct key rule_keys[] = {
    {"severity", rule_severity, true},
    {"fix_available", rule_fix, false},
};

static bool findings_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        if (!list_begin(l, n, "findings.deny", POLICY_RULES_MAX))
                return false;
        for (size_t i = 0; i < n->n_items; i++) {
                struct finding_rule rule = {.line = n->items[i].line};

                if (!read_mapping(l, &n->items[i], "findings.deny", rule_keys, ARRAY_LEN(rule_keys), &rule))
                        return false;
                *ARENA_PUSH(l->p->arena, &l->p->rules) = rule;
        }
        return true;
}

static const struct key findings_keys[] = {{"deny", findings_deny, false}};

static bool read_findings(const struct loader *l, const struct node *n, void *into)
{
        return read_mapping(l, n, "findings", findings_keys, ARRAY_LEN(findings_keys), into);
}

/* ---- packages ---- */

static bool read_pattern(const struct loader *l, const struct node *n, const char *what, struct purl_rule *ret)
{
        size_t at;

        *ret = (struct purl_rule){.line = n->line};
        if (!read_text(l, n, what, &ret->text))
                return false;
        if (!span_starts(ret->text, "pkg:") || ret->text.len == strlen("pkg:"))
                return fail_at(
                    l, n, "%s: a purl pattern begins with \"pkg:\", for example pkg:npm/event-stream@3.3.6", what);
        if (span_find(ret->text, '?', &at) || span_find(ret->text, '#', &at))
                return fail_at(
                    l, n, "%s: a pattern ends with the version; leave qualifiers (?) and subpath (#) out", what);
        purl_split(ret->text, l->p->arena, &ret->parts);
        return true;
}

static bool read_patterns(const struct loader *l, const struct node *n, const char *what, struct purl_list *to)
{
        to->line = n->line;
        to->present = true;
        for (size_t i = 0; i < n->n_items; i++) {
                struct purl_rule rule;

                if (!read_pattern(l, &n->items[i], what, &rule))
                        return false;
                *ARENA_PUSH(l->p->arena, to) = rule;
        }
        return true;
}

static bool packages_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return list_begin(l, n, "packages.deny", POLICY_LIST_MAX) &&
               read_patterns(l, n, "packages.deny", &l->p->packages_deny);
}

static bool packages_allow(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return allow_list_begin(l, n, "packages.allow") && read_patterns(l, n, "packages.allow", &l->p->packages_allow);
}

static const struct key packages_keys[] = {{"deny", packages_deny, false}, {"allow", packages_allow, false}};

static bool read_packages(const struct loader *l, const struct node *n, void *into)
{
        return read_mapping(l, n, "packages", packages_keys, ARRAY_LEN(packages_keys), into);
}

/* ---- licences ---- */

static bool read_licence_list(const struct loader *l, const struct node *n, const char *what, struct licence_list *to)
{
        to->present = true;
        for (size_t i = 0; i < n->n_items; i++) {
                struct licence_entry entry = {.line = n->items[i].line};

                if (!read_text(l, &n->items[i], what, &entry.pattern))
                        return false;
                *ARENA_PUSH(l->p->arena, to) = entry;
        }
        return true;
}

static bool licences_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return list_begin(l, n, "licences.deny", POLICY_LIST_MAX) &&
               read_licence_list(l, n, "licences.deny", &l->p->licences_deny);
}

static bool licences_allow(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->licences_allow_line = n->line;
        return allow_list_begin(l, n, "licences.allow") &&
               read_licence_list(l, n, "licences.allow", &l->p->licences_allow);
}

static const struct key licences_keys[] = {{"deny", licences_deny, false}, {"allow", licences_allow, false}};

static bool read_licences(const struct loader *l, const struct node *n, void *into)
{
        return read_mapping(l, n, "licences", licences_keys, ARRAY_LEN(licences_keys), into);
}

/* ---- ignore ---- */

static bool ignore_id(const struct loader *l, const struct node *n, void *into)
{
        return read_text(l, n, "ignore: id", &((struct ignore_rule *)into)->id);
}

static bool ignore_package(const struct loader *l, const struct node *n, void *into)
{
        return read_text(l, n, "ignore: package", &((struct ignore_rule *)into)->package);
}

static bool ignore_reason(const struct loader *l, const struct node *n, void *into)
{
        return read_text(l, n, "ignore: reason", &((struct ignore_rule *)into)->reason);
}

#define DAY_S 86400

static bool ignore_until(const struct loader *l, const struct node *n, void *into)
{
        struct ignore_rule *rule = into;
        int64_t day;

        if (n->kind != NODE_SCALAR || n->text.len != strlen("2026-12-31") || !clock_parse(n->text, &day))
                return fail_at(l, n, "ignore: until: a date was expected, for example 2026-12-31");
        rule->until = n->text;
        rule->end_s = day + DAY_S;
        return true;
}

static const struct key ignore_keys[] = {
    {"id", ignore_id, true},
    {"package", ignore_package, false},
    {"reason", ignore_reason, true},
    {"until", ignore_until, true},
};

static bool read_ignore(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        if (!list_begin(l, n, "ignore", POLICY_LIST_MAX))
                return false;
        for (size_t i = 0; i < n->n_items; i++) {
                struct ignore_rule rule = {.line = n->items[i].line};

                if (!read_mapping(l, &n->items[i], "ignore", ignore_keys, ARRAY_LEN(ignore_keys), &rule))
                        return false;
                *ARENA_PUSH(l->p->arena, &l->p->ignores) = rule;
        }
        return true;
}

/* ---- require, and the rest ---- */

static bool read_step(const struct loader *l, const struct node *n, enum policy_step_kind step)
{
        l->p->require[step].line = n->line;
        return read_bool(l, n, policy_step_name(step), &l->p->require[step].wanted);
}

static bool require_scan(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_step(l, n, POLICY_STEP_SCAN);
}

static bool require_signature(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_step(l, n, POLICY_STEP_SIGNATURE);
}

static bool require_host(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return read_step(l, n, POLICY_STEP_HOST);
}

static const struct key require_keys[] = {
    {"scan", require_scan, false},
    {"signature", require_signature, false},
    {"host", require_host, false},
};

static bool read_require(const struct loader *l, const struct node *n, void *into)
{
        return read_mapping(l, n, "require", require_keys, ARRAY_LEN(require_keys), into);
}

static bool read_age(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->has_age_max = true;
        l->p->age_line = n->line;
        return read_number(l, n, "max_database_age_days", POLICY_AGE_DAYS_MAX, &l->p->age_days_max);
}

static bool read_version(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        if (n->kind != NODE_SCALAR || !n->plain || !span_is(n->text, "1"))
                return fail_at(l, n, "version: this program knows version 1 of policies");
        return true;
}

static const struct key top_keys[] = {
    {"version", read_version, true},
    {"findings", read_findings, false},
    {"packages", read_packages, false},
    {"licences", read_licences, false},
    {"ignore", read_ignore, false},
    {"require", read_require, false},
    {"max_database_age_days", read_age, false},
};

static const struct key exception_keys[] = {
    {"version", read_version, true},
    {"ignore", read_ignore, true},
};

static bool load(struct span bytes, const char *name, const struct key *keys, size_t n_keys, struct policy **ret,
    struct err *e)
{
        CLEANUP(policy_freep) struct policy *p = heap_alloc(sizeof(*p));
        struct loader l = {.p = p, .name = name, .e = e};
        struct node root;

        p->arena = arena_new();
        p->name = arena_copy(p->arena, span_of(name));
        p->require[POLICY_STEP_SCAN].wanted = true;
        if (!policy_yaml_read(bytes, name, p->arena, &root, e) ||
            !read_mapping(&l, &root, "policy", keys, n_keys, NULL))
                return false;
        digest_of(DIGEST_SHA256, bytes, &p->digest);
        *ret = p;
        p = NULL;
        return true;
}

bool policy_load(struct span bytes, const char *name, struct policy **ret, struct err *e)
{
        return load(bytes, name, top_keys, ARRAY_LEN(top_keys), ret, e);
}

bool policy_load_exceptions(struct span bytes, const char *name, struct policy **ret, struct err *e)
{
        return load(bytes, name, exception_keys, ARRAY_LEN(exception_keys), ret, e);
}

struct policy *policy_default(void)
{
        struct policy *p = NULL;
        bool ok = policy_load(span_of(policy_default_text), "built-in policy", &p, NULL);

        assert(ok); /* our own text */
        return p;
}

void policy_free(struct policy *p)
{
        if (!p)
                return;
        arena_free(p->arena);
        free(p);
}

void policy_freep(struct policy **p)
{
        policy_free(*p);
}

const struct digest *policy_digest(const struct policy *p)
{
        return &p->digest;
}
