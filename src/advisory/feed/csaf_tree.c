/* product_tree: every product by its id, and what a product is a component of. */
#include "advisory/feed/csaf_priv.h"

struct id_list {
        struct span *at;
        size_t len, cap;
};

static void ids_read(struct json *j, struct id_list *to)
{
        for (json_array(j); json_element(j);)
                *ARENA_PUSH(j->arena, to) = json_string(j);
}

static void helper_read(struct json *j, struct csaf_product *p)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "purl")) {
                        p->purl = json_string(j);
                } else if (span_is(key, "purls")) { /* CSAF 2.1; the first says what it is */
                        for (json_array(j); json_element(j);) {
                                struct span purl = json_string(j);
                                if (p->purl.len == 0)
                                        p->purl = purl;
                        }
                } else if (span_is(key, "cpe")) {
                        p->cpe = json_string(j);
                } else {
                        json_skip(j);
                }
        }
}

/* A full_product_name_t. */
static void product_read(struct json *j, struct csaf_product *p)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "product_id"))
                        p->id = json_string(j);
                else if (span_is(key, "name"))
                        p->name = json_string(j);
                else if (span_is(key, "product_identification_helper"))
                        helper_read(j, p);
                else
                        json_skip(j);
        }
        if (!j->failed && p->id.len == 0)
                json_fail(j, ERR_MALFORMED, "a product has no product_id");
}

static void product_add(struct json *j, struct csaf_tree *t, const struct csaf_product *p)
{
        if (j->failed)
                return;
        if (t->len >= CSAF_PRODUCTS_MAX) {
                json_fail(j, ERR_LIMIT, "more than %u products", CSAF_PRODUCTS_MAX);
                return;
        }
        *ARENA_PUSH(j->arena, t) = *p;
}

/* Branches nest; the JSON reader's depth bounds it. */
static void branches_read(struct json *j, struct csaf_tree *t) // NOLINT(misc-no-recursion)
{
        struct span key;

        for (json_array(j); json_element(j);) {
                struct csaf_product p = {0};
                bool product = false;

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "branches")) {
                                branches_read(j, t);
                        } else if (span_is(key, "product")) {
                                product_read(j, &p);
                                product = true;
                        } else {
                                json_skip(j);
                        }
                }
                if (product)
                        product_add(j, t, &p);
        }
}

static void relationships_read(struct json *j, struct csaf_tree *t)
{
        struct span key;

        for (json_array(j); json_element(j);) {
                struct csaf_product p = {0};

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "full_product_name"))
                                product_read(j, &p);
                        else if (span_is(key, "product_reference"))
                                p.component = json_string(j);
                        else if (span_is(key, "relates_to_product_reference"))
                                p.platform = json_string(j);
                        else
                                json_skip(j);
                }
                if (!j->failed && (p.id.len == 0 || p.component.len == 0 || p.platform.len == 0))
                        json_fail(
                            j, ERR_MALFORMED, "a relationship needs a product of its own and two that it relates");
                product_add(j, t, &p);
        }
}

static void groups_read(struct json *j, struct csaf_tree *t)
{
        struct span key;

        for (json_array(j); json_element(j);) {
                struct csaf_group g = {0};
                struct id_list ids = {0};

                json_object(j);
                while (json_member(j, &key)) {
                        if (span_is(key, "group_id"))
                                g.id = json_string(j);
                        else if (span_is(key, "product_ids"))
                                ids_read(j, &ids);
                        else
                                json_skip(j);
                }
                if (t->groups.len >= CSAF_GROUPS_MAX) {
                        json_fail(j, ERR_LIMIT, "more than %u product groups", CSAF_GROUPS_MAX);
                        return;
                }
                g.products = ids.at;
                g.n_products = ids.len;
                *ARENA_PUSH(j->arena, &t->groups) = g;
        }
}

void csaf_tree_read(struct json *j, struct csaf_tree *t)
{
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "branches")) {
                        branches_read(j, t);
                } else if (span_is(key, "full_product_names")) {
                        for (json_array(j); json_element(j);) {
                                struct csaf_product p = {0};
                                product_read(j, &p);
                                product_add(j, t, &p);
                        }
                } else if (span_is(key, "relationships")) {
                        relationships_read(j, t);
                } else if (span_is(key, "product_groups")) {
                        groups_read(j, t);
                } else {
                        json_skip(j);
                }
        }
}

/* The same id: who relates two products or identifies one first. */
static int product_order(const void *pa, const void *pb)
{
        const struct csaf_product *a = pa, *b = pb;
        int by = span_compare(a->id, b->id);

        if (by == 0)
                by = (a->component.len == 0) - (b->component.len == 0);
        if (by == 0)
                by = (a->purl.len == 0) - (b->purl.len == 0);
        if (by == 0)
                by = (a->cpe.len == 0) - (b->cpe.len == 0);
        if (by == 0)
                by = span_compare(a->purl, b->purl);
        return by ? by : span_compare(a->cpe, b->cpe);
}

void csaf_tree_sort(struct csaf_tree *t)
{
        size_t n = 0;

        if (t->len > 1)
                qsort(t->at, t->len, sizeof(*t->at), product_order);
        /* SUSE's documents declare a platform once for each product that it belongs to. */
        for (size_t i = 0; i < t->len; i++)
                if (n == 0 || !span_equal(t->at[n - 1].id, t->at[i].id))
                        t->at[n++] = t->at[i];
        t->len = n;
        t->hint = 0;
}

struct csaf_product *csaf_tree_find(struct csaf_tree *t, struct span id)
{
        size_t low = 0, high = t->len;

        for (size_t i = t->hint; i < t->hint + 2 && i < t->len; i++)
                if (span_equal(t->at[i].id, id)) {
                        t->hint = i;
                        return &t->at[i];
                }
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int by = span_compare(t->at[middle].id, id);

                if (by == 0) {
                        t->hint = middle;
                        return &t->at[middle];
                }
                if (by < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

void csaf_tree_parts(struct csaf_tree *t, struct csaf_product *p, struct csaf_product **ret_component,
    struct csaf_product **ret_platform, struct csaf_product **ret_between)
{
        struct csaf_product *component = p, *platform = NULL, *between = NULL;
        size_t hint = t->hint;

        /* A package of a module of a platform is (package of module) of platform, or package of (module of platform). */
        for (size_t i = 0; component && component->component.len > 0 && i < CSAF_NESTING_MAX; i++) {
                struct csaf_product *to = csaf_tree_find(t, component->platform);

                if (!platform)
                        platform = to;
                else
                        between = to;
                component = csaf_tree_find(t, component->component);
        }
        for (size_t i = 0; platform && platform->component.len > 0 && i < CSAF_NESTING_MAX; i++) {
                between = csaf_tree_find(t, platform->component);
                platform = csaf_tree_find(t, platform->platform);
        }
        if ((component && component->component.len > 0) || (platform && platform->component.len > 0))
                component = platform = between = NULL; /* a cycle names nothing */
        t->hint = hint;
        *ret_component = component;
        *ret_platform = platform;
        *ret_between = between;
}
