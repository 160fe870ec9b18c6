/* From the tree of a policy file to the policy. Every mapping is a table of its keys: an unknown one lists the known.
 */
#include <assert.h>

#include "policy/load_priv.h"

const char policy_default_text[] = "version: 1\n"
                                   "findings:\n"
                                   "  deny:\n"
                                   "    - severity: critical\n"
                                   "      fix_available: true\n"
                                   "require:\n"
                                   "  scan: true\n";

/* ---- findings ---- */

static bool rule_severity(const struct loader *l, const struct node *n, void *into)
{
        struct finding_rule *rule = into;

        for (int s = POLICY_SEVERITY_UNKNOWN; s <= POLICY_SEVERITY_CRITICAL; s++)
                if (n->kind == NODE_SCALAR && span_is(n->text, policy_severity_name((enum policy_severity)s))) {
                        rule->least = (enum policy_severity)s;
                        return true;
                }
        return load_fail(l, n, "severity: unknown, low, medium, high or critical was expected");
}

static bool rule_fix(const struct loader *l, const struct node *n, void *into)
{
        struct finding_rule *rule = into;

        if (n->kind != NODE_SCALAR || !n->plain)
                return load_fail(l, n, "fix_available: true, false or any was expected");
        if (span_is(n->text, "any"))
                rule->fix = FIX_ANY;
        else if (span_is(n->text, "true"))
                rule->fix = FIX_YES;
        else if (span_is(n->text, "false"))
                rule->fix = FIX_NO;
        else
                return load_fail(l, n, "fix_available: true, false or any was expected");
        return true;
}

static bool rule_exploited(const struct loader *l, const struct node *n, void *into)
{
        struct finding_rule *rule = into;

        if (n->kind != NODE_SCALAR || !n->plain || (!span_is(n->text, "true") && !span_is(n->text, "any")))
                return load_fail(l, n, "exploited: true or any was expected");
        rule->exploited = span_is(n->text, "true");
        return true;
}

static const struct load_key rule_keys[] = {
    {"severity", rule_severity, true},
    {"fix_available", rule_fix, false},
    {"exploited", rule_exploited, false},
};

static bool findings_deny(const struct loader *l, const struct node *n, void *into)
{
        bool ok = true;

        (void)into;
        if (!load_list(l, n, "findings.deny", POLICY_RULES_MAX))
                return false;
        for (size_t i = 0; i < n->n_items; i++) {
                struct finding_rule rule = {.line = n->items[i].line};

                ok &= load_mapping(l, &n->items[i], "findings.deny", rule_keys, ARRAY_LEN(rule_keys), &rule);
                *ARENA_PUSH(l->p->arena, &l->p->rules) = rule;
        }
        return ok;
}

static const struct load_key findings_keys[] = {{"deny", findings_deny, false}};

static bool read_findings(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "findings", findings_keys, ARRAY_LEN(findings_keys), into);
}

/* ---- packages ---- */

/* Shown, and not an error: an own detector may list any type, and an image may name no distribution. */
static void remark(const struct loader *l, const struct purl_rule *r, const char *what)
{
        CLEANUP(buf_done) struct buf b = {0}, text = {0};

        purl_pattern_remark(r, &text);
        if (text.len == 0 || l->p->remarks.len >= POLICY_ERRORS_MAX)
                return;
        policy_put_place(&b, l->p, r->line);
        buf_printf(&b, "%s: ", what);
        buf_put(&b, r->text);
        buf_put_text(&b, ": ");
        buf_put(&b, buf_span(&text));
        *ARENA_PUSH(l->p->arena, &l->p->remarks) = arena_copy(l->p->arena, buf_span(&b));
}

bool load_purl(const struct loader *l, const struct node *n, const char *what, struct purl_rule *ret)
{
        struct span rest;
        const char *fault;
        size_t at;

        *ret = (struct purl_rule){.line = n->line};
        if (!load_text(l, n, what, &ret->text))
                return false;
        if (!span_starts(ret->text, "pkg:") || ret->text.len == strlen("pkg:"))
                return load_fail(
                    l, n, "%s: a purl pattern begins with \"pkg:\", for example pkg:npm/event-stream@3.3.6", what);
        if (span_find(ret->text, '?', &at) || span_find(ret->text, '#', &at))
                return load_fail(
                    l, n, "%s: a pattern ends with the version; leave qualifiers (?) and subpath (#) out", what);
        /* "pkg://deb/..." is the same, and readers take it so. */
        rest = span_from(ret->text, strlen("pkg:"));
        while (span_starts(rest, "/"))
                rest = span_from(rest, 1);
        purl_split(arena_printf(l->p->arena, "pkg:%.*s", SPAN_FMT(rest)), l->p->arena, &ret->parts);
        ret->parts.path = purl_folded(ret->parts.path, FOLD_NONE, l->p->arena);
        fault = purl_pattern_fault(ret->parts.path);
        if (fault)
                return load_fail(l, n, "%s: a pattern that %s", what, fault);
        purl_rule_fold(ret, l->p->arena);
        remark(l, ret, what);
        return true;
}

static bool read_patterns(const struct loader *l, const struct node *n, const char *what, struct purl_list *to)
{
        bool ok = true;

        to->line = n->line;
        to->present = true;
        for (size_t i = 0; i < n->n_items; i++) {
                struct purl_rule rule;

                ok &= load_purl(l, &n->items[i], what, &rule);
                *ARENA_PUSH(l->p->arena, to) = rule;
        }
        return ok;
}

static bool packages_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_list(l, n, "packages.deny", POLICY_LIST_MAX) &&
               read_patterns(l, n, "packages.deny", &l->p->packages_deny);
}

static bool packages_allow(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_allow_list(l, n, "packages.allow") && read_patterns(l, n, "packages.allow", &l->p->packages_allow);
}

static const struct load_key packages_keys[] = {{"deny", packages_deny, false}, {"allow", packages_allow, false}};

static bool read_packages(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "packages", packages_keys, ARRAY_LEN(packages_keys), into);
}

/* ---- licences ---- */

static bool read_licence_list(const struct loader *l, const struct node *n, const char *what, struct licence_list *to)
{
        bool ok = true;

        to->present = true;
        for (size_t i = 0; i < n->n_items; i++) {
                struct licence_entry entry = {.line = n->items[i].line};

                ok &= load_text(l, &n->items[i], what, &entry.pattern);
                *ARENA_PUSH(l->p->arena, to) = entry;
        }
        return ok;
}

static bool licences_deny(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        return load_list(l, n, "licences.deny", POLICY_LIST_MAX) &&
               read_licence_list(l, n, "licences.deny", &l->p->licences_deny);
}

static bool licences_allow(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->licences_allow_line = n->line;
        return load_allow_list(l, n, "licences.allow") &&
               read_licence_list(l, n, "licences.allow", &l->p->licences_allow);
}

static const struct load_key licences_keys[] = {{"deny", licences_deny, false}, {"allow", licences_allow, false}};

static bool read_licences(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "licences", licences_keys, ARRAY_LEN(licences_keys), into);
}

/* ---- require, and the rest ---- */

static bool read_step(const struct loader *l, const struct node *n, enum policy_step_kind step)
{
        l->p->require[step].line = n->line;
        return load_bool(l, n, policy_step_name(step), &l->p->require[step].wanted);
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

static const struct load_key require_keys[] = {
    {"scan", require_scan, false},
    {"signature", require_signature, false},
    {"host", require_host, false},
};

static bool read_require(const struct loader *l, const struct node *n, void *into)
{
        return load_mapping(l, n, "require", require_keys, ARRAY_LEN(require_keys), into);
}

static bool read_age(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->has_age_max = true;
        l->p->age_line = n->line;
        return load_number(l, n, "max_database_age_days", POLICY_AGE_DAYS_MAX, &l->p->age_days_max);
}

static bool read_version(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        if (n->kind != NODE_SCALAR || !n->plain || !span_is(n->text, "1"))
                return load_fail(l, n, "version: this program knows version 1 of policies");
        return true;
}

static const struct load_key top_keys[] = {
    {"version", read_version, true},
    {"findings", read_findings, false},
    {"packages", read_packages, false},
    {"licences", read_licences, false},
    {"ignore", load_ignore, false},
    {"max_ignore_days", load_ignore_days, false},
    {"vex", load_vex, false},
    {"require", read_require, false},
    {"max_database_age_days", read_age, false},
    {"run", load_run, false},
};

static const struct load_key exception_keys[] = {
    {"version", read_version, true},
    {"ignore", load_ignore, true},
    {"max_ignore_days", load_ignore_days, false},
};

/* Exceptions alone, or a whole policy. */
struct form {
        const struct load_key *keys;
        size_t n_keys;
};
static const struct form whole = {top_keys, ARRAY_LEN(top_keys)};
static const struct form exceptions = {exception_keys, ARRAY_LEN(exception_keys)};

static bool load(struct span bytes, const struct form *form, struct loader *l, struct policy **ret)
{
        CLEANUP(policy_freep) struct policy *p = heap_alloc(sizeof(*p));
        struct err e = {0};
        struct node root;

        p->arena = arena_new();
        p->name = arena_copy(p->arena, span_of(l->name));
        p->require[POLICY_STEP_SCAN].wanted = true;
        l->p = p;
        if (!policy_yaml_read(bytes, l->name, p->arena, &root, &e)) {
                *ARENA_PUSH(l->arena, l->errors) = arena_copy(l->arena, span_of(e.text));
                if (l->e)
                        *l->e = e;
                return false;
        }
        if (!load_mapping(l, &root, "policy", form->keys, form->n_keys, NULL) || !load_ignore_check(l))
                return false;
        digest_of(DIGEST_SHA256, bytes, &p->digest);
        *ret = p;
        p = NULL;
        return true;
}

static bool load_first(struct span bytes, const char *name, const struct form *form, struct policy **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct policy_notes errors = {0};
        struct loader l = {.name = name, .arena = a, .errors = &errors, .e = e};

        return load(bytes, form, &l, ret);
}

bool policy_load(struct span bytes, const char *name, struct policy **ret, struct err *e)
{
        return load_first(bytes, name, &whole, ret, e);
}

bool policy_load_exceptions(struct span bytes, const char *name, struct policy **ret, struct err *e)
{
        return load_first(bytes, name, &exceptions, ret, e);
}

bool policy_examine(
    struct span bytes, const char *name, struct arena *a, struct policy **ret, struct policy_notes *ret_errors)
{
        struct policy_notes errors = {0};
        struct loader l = {.name = name, .arena = a, .errors = &errors};
        bool ok = load(bytes, &whole, &l, ret);

        *ret_errors = errors;
        return ok;
}

const struct policy_notes *policy_remarks(const struct policy *p)
{
        return &p->remarks;
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
