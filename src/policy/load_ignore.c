/* The section "ignore": exceptions to findings, each with a reason, an end, and what it is limited to. */
#include "policy/load_priv.h"

static bool ignore_id(const struct loader *l, const struct node *n, void *into)
{
        return load_text(l, n, "ignore: id", &((struct ignore_rule *)into)->id);
}

static bool ignore_package(const struct loader *l, const struct node *n, void *into)
{
        return load_text(l, n, "ignore: package", &((struct ignore_rule *)into)->package);
}

static bool ignore_component(const struct loader *l, const struct node *n, void *into)
{
        return load_purl(l, n, "ignore: component", &((struct ignore_rule *)into)->component);
}

static bool ignore_image(const struct loader *l, const struct node *n, void *into)
{
        return load_text(l, n, "ignore: image", &((struct ignore_rule *)into)->image);
}

/* An inventory's paths begin at the image's root; people write "/usr" as well as "usr". */
static bool ignore_path(const struct loader *l, const struct node *n, void *into)
{
        struct span path;

        if (!load_text(l, n, "ignore: path", &path))
                return false;
        if (span_starts(path, "/"))
                path = span_from(path, 1);
        if (path.len == 0)
                return load_fail(l, n, "ignore: path: name a file in the image, or a pattern such as opt/app/**");
        ((struct ignore_rule *)into)->path = path;
        return true;
}

static bool ignore_reason(const struct loader *l, const struct node *n, void *into)
{
        return load_text(l, n, "ignore: reason", &((struct ignore_rule *)into)->reason);
}

static bool read_day(const struct loader *l, const struct node *n, const char *what, struct span *ret, int64_t *ret_s)
{
        int64_t day;

        if (n->kind != NODE_SCALAR || n->text.len != strlen("2026-12-31") || !clock_parse(n->text, &day))
                return load_fail(l, n, "%s: a date was expected, for example 2026-12-31", what);
        *ret = n->text;
        *ret_s = day;
        return true;
}

static bool ignore_since(const struct loader *l, const struct node *n, void *into)
{
        struct ignore_rule *rule = into;

        return read_day(l, n, "ignore: since", &rule->since, &rule->begin_s);
}

static bool ignore_until(const struct loader *l, const struct node *n, void *into)
{
        struct ignore_rule *rule = into;
        int64_t day = 0;

        if (!read_day(l, n, "ignore: until", &rule->until, &day))
                return false;
        rule->end_s = day + DAY_S;
        return true;
}

static const struct load_key ignore_keys[] = {
    {"id", ignore_id, true},
    {"package", ignore_package, false},
    {"component", ignore_component, false},
    {"path", ignore_path, false},
    {"image", ignore_image, false},
    {"reason", ignore_reason, true},
    {"since", ignore_since, false},
    {"until", ignore_until, true},
};

bool load_ignore(const struct loader *l, const struct node *n, void *into)
{
        bool ok = true;

        (void)into;
        if (!load_list(l, n, "ignore", POLICY_LIST_MAX))
                return false;
        for (size_t i = 0; i < n->n_items; i++) {
                struct ignore_rule rule = {.line = n->items[i].line, .column = n->items[i].column};

                ok &= load_mapping(l, &n->items[i], "ignore", ignore_keys, ARRAY_LEN(ignore_keys), &rule);
                *ARENA_PUSH(l->p->arena, &l->p->ignores) = rule;
        }
        return ok;
}

bool load_ignore_days(const struct loader *l, const struct node *n, void *into)
{
        (void)into;
        l->p->ignore_days_line = n->line;
        return load_number(l, n, "max_ignore_days", POLICY_AGE_DAYS_MAX, &l->p->ignore_days_max);
}

/* From a day that is written down, not from today: else each day would give an exception one more. */
static bool check(const struct loader *l, const struct ignore_rule *r)
{
        const struct node place = {.line = r->line, .column = r->column};
        uint32_t max = l->p->ignore_days_max;
        int64_t days = (r->end_s - r->begin_s) / DAY_S;

        if (r->since.len > 0 && days <= 0)
                return load_fail(l, &place, "ignore: it ends (%.*s) before it begins (%.*s)", SPAN_FMT(r->until),
                    SPAN_FMT(r->since));
        if (l->p->ignore_days_line == 0)
                return true;
        if (r->since.len == 0)
                return load_fail(l, &place,
                    "ignore: \"since\" is missing: the %u day%s that exceptions may last (line %u) are counted from it",
                    max, max == 1 ? "" : "s", l->p->ignore_days_line);
        if (days > max)
                return load_fail(l, &place, "ignore: from %.*s until %.*s are %lld days, at most %u (line %u)",
                    SPAN_FMT(r->since), SPAN_FMT(r->until), (long long)days, max, l->p->ignore_days_line);
        return true;
}

bool load_ignore_check(const struct loader *l)
{
        bool ok = true;

        for (size_t i = 0; i < l->p->ignores.len; i++)
                ok &= check(l, &l->p->ignores.at[i]);
        return ok;
}
