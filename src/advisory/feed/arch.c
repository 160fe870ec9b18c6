/*
 * Arch Linux' security tracker, all.json: a list of groups of issues, "AVG-1", each of packages that one fix mends. "affected" is the
 * version in which the flaw was seen, not the first that has it: every version before the fix counts as affected.
 */
#include "advisory/feed/feed_priv.h"

static bool arch_is(struct span head)
{
        return feed_json_rows_have_key(head, "packages") && feed_json_rows_have_key(head, "issues") &&
               feed_json_rows_have_key(head, "affected");
}

struct names {
        struct span *at;
        size_t len, cap;
};

static void names_read(struct json *j, size_t each_max, size_t max, struct names *to)
{
        for (json_array(j); json_element(j);) {
                struct span name = json_string(j);

                if (j->failed)
                        return;
                if (!feed_is_name(name, each_max) || to->len >= max) {
                        json_fail(j, ERR_LIMIT,
                            "a name of at most %zu printable bytes was expected, and %zu of them at most", each_max,
                            max);
                        return;
                }
                *ARENA_PUSH(j->arena, to) = name;
        }
}

struct group {
        struct feed_record record;
        struct names packages, issues;
        struct span status, fixed;
};

static void group_read(struct json *j, struct group *g)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "name"))
                        g->record.id = json_string(j);
                else if (span_is(key, "packages"))
                        names_read(j, FEED_PACKAGE_MAX, FEED_AFFECTED_MAX, &g->packages);
                else if (span_is(key, "issues"))
                        names_read(j, FEED_ID_MAX, FEED_ALIASES_MAX, &g->issues);
                else if (span_is(key, "status"))
                        g->status = json_string(j);
                else if (span_is(key, "severity"))
                        feed_severity_word(&g->record.severity, json_string(j));
                else if (span_is(key, "type"))
                        g->record.summary = feed_headline(json_string(j));
                else if (span_is(key, "fixed"))
                        g->fixed = json_null(j) ? (struct span){0} : json_string(j);
                else
                        json_skip(j);
        }
}

/* A fix that is known without being in the release yet: in [testing], or only upstream. */
static bool status_take(const struct group *g, struct arena *a, struct feed_affected *to)
{
        if (span_is(g->status, "Not affected")) {
                to->status = ADVISORY_STATUS_NOT_AFFECTED;
                return true;
        }
        if (span_is(g->status, "Unknown")) {
                to->status = ADVISORY_STATUS_INVESTIGATING;
                return true;
        }
        if (span_is(g->status, "Fixed"))
                to->status = ADVISORY_STATUS_FIXED;
        else if (span_is(g->status, "Testing"))
                to->status = ADVISORY_STATUS_PENDING;
        else if (span_is(g->status, "Vulnerable"))
                to->status = g->fixed.len > 0 ? ADVISORY_STATUS_PENDING : ADVISORY_STATUS_NONE;
        else
                return false;
        if (to->status != ADVISORY_STATUS_FIXED || g->fixed.len > 0) /* "Fixed" without a version can't be told */
                feed_affected_fixed(a, (struct span){0}, g->fixed, to);
        return true;
}

static bool group_put(struct group *g, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feed_affected affected = {.ecosystem = SPAN_LIT("Arch Linux")};
        struct feed_record *r = &g->record;
        struct err why = {0};

        if (!feed_is_name(r->id, FEED_ID_MAX))
                return feed_refuse(o, (struct span){0},
                    (err_set(&why, ERR_MALFORMED, "\"name\" of at most %u printable bytes is needed", FEED_ID_MAX),
                        &why),
                    e);
        if (!status_take(g, a, &affected))
                return feed_refuse(o, r->id,
                    (err_set(&why, ERR_MALFORMED, "a status is Vulnerable, Testing, Fixed, Not affected or Unknown"),
                        &why),
                    e);
        r->affected = arena_array(a, g->packages.len, sizeof(*r->affected));
        for (size_t i = 0; i < g->packages.len; i++) {
                r->affected[i] = affected;
                r->affected[i].package = g->packages.at[i];
        }
        r->n_affected = g->packages.len;
        r->aliases = g->issues.at;
        r->n_aliases = g->issues.len;
        r->reference = arena_printf(a, "https://security.archlinux.org/%.*s", SPAN_FMT(r->id));
        return feed_put(o, r, r->id, e);
}

static bool arch_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct json j;

        json_init(&j, document, a, NULL);
        for (json_array(&j); json_element(&j);) {
                struct json_mark m = json_mark(&j);
                struct group g = {0};
                struct err why;

                group_read(&j, &g);
                if (json_recover(&j, &m, &why) ? !feed_refuse(o, g.record.id, &why, e)
                                               : !j.failed && !group_put(&g, a, o, e))
                        return false;
        }
        return json_finish(&j, e);
}

const struct feed_form feed_arch = {.name = "arch", .is = arch_is, .read = arch_read};
