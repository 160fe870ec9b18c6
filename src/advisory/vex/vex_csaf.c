/*
 * CSAF 2.0 as statements: of each vulnerability one for each status and reason, with the products that have it.
 *
 * A product counts by its purl. What is a component of something with a purl is looked for in that alone; of a distribution's
 * release, in packages of that release; of what has neither, nowhere: it is counted.
 */
#include "advisory/feed/csaf_priv.h"
#include "advisory/vex/vex_priv.h"

struct taking {
        struct arena *arena;
        struct vex_parsed *to;
};

struct product {
        struct vex_product product;
        enum vex_status status;
        const struct csaf_said *said;
};

/* Contradictions end on the side of caution. */
static enum vex_status status_of(const struct csaf_said *s)
{
        if (s->status & (CSAF_AFFECTED | CSAF_FIRST_AFFECTED | CSAF_LAST_AFFECTED))
                return VEX_STATUS_AFFECTED;
        if (s->status & CSAF_INVESTIGATING)
                return VEX_STATUS_INVESTIGATING;
        return s->status & CSAF_FIXED ? VEX_STATUS_FIXED : VEX_STATUS_NOT_AFFECTED;
}

static bool product_of(struct csaf_tree *t, struct csaf_product *p, struct arena *a, struct vex_product *ret)
{
        struct csaf_product *component, *platform, *between;
        struct span *inner;

        csaf_tree_parts(t, p, &component, &platform, &between);
        if (!component || component->purl.len == 0)
                return false;
        *ret = (struct vex_product){.name = component->purl};
        if (!platform)
                return true;
        if (platform->purl.len > 0) {
                inner = arena_array(a, 1, sizeof(*inner));
                inner[0] = component->purl;
                *ret = (struct vex_product){.name = platform->purl, .subcomponents = inner, .n_subcomponents = 1};
                return true;
        }
        if (platform->package.ecosystem.len == 0)
                platform->package.ecosystem = csaf_ecosystem(platform->cpe, platform->name, a);
        ret->ecosystem = platform->package.ecosystem;
        return ret->ecosystem.len > 0;
}

static int product_order(const void *pa, const void *pb)
{
        const struct product *a = pa, *b = pb;
        int by = (int)a->status - (int)b->status;

        if (by == 0)
                by = span_compare(a->said->flag, b->said->flag);
        if (by == 0)
                by = span_compare(a->said->impact, b->said->impact);
        if (by == 0)
                by = span_compare(a->said->action, b->said->action);
        if (by == 0)
                by = span_compare(a->product.name, b->product.name);
        if (by == 0)
                by = span_compare(a->product.ecosystem, b->product.ecosystem);
        return by ? by : (a->said > b->said) - (a->said < b->said);
}

static bool same_words(const struct product *a, const struct product *b)
{
        return a->status == b->status && span_equal(a->said->flag, b->said->flag) &&
               span_equal(a->said->impact, b->said->impact) && span_equal(a->said->action, b->said->action);
}

static bool statements_add(struct taking *k, const struct csaf_document *d, const struct vex_statement *head,
    const struct product *products, size_t n, struct err *e)
{
        for (size_t i = 0, end; i < n; i = end) {
                struct vex_product *list = arena_array(k->arena, n - i, sizeof(*list));
                struct vex_statement s = *head;

                for (end = i; end < n && same_words(&products[i], &products[end]); end++)
                        list[s.n_products++] = products[end].product;
                s.products = list;
                s.status = products[i].status;
                s.time_s = d->modified_s;
                s.action = products[i].said->action;
                if (s.status == VEX_STATUS_NOT_AFFECTED) {
                        s.justification = products[i].said->flag;
                        s.note = products[i].said->impact;
                }
                if (!vex_add(k->to, k->arena, &s, e))
                        return false;
        }
        return true;
}

static bool on_vulnerability(void *ctx, struct csaf_document *d, const struct csaf_vulnerability *v, struct err *e)
{
        struct taking *k = ctx;
        struct product *products = arena_array(k->arena, v->n_touched, sizeof(*products));
        struct span *ids = arena_array(k->arena, v->n_ids + 1, sizeof(*ids));
        struct vex_statement head = {.ids = ids};
        size_t n = 0;

        if (v->cve.len > 0)
                ids[head.n_ids++] = v->cve;
        for (size_t i = 0; i < v->n_ids; i++)
                ids[head.n_ids++] = v->ids[i];
        for (size_t i = 0; i < v->n_touched; i++) {
                const struct csaf_said *s = &v->said[v->touched[i]];

                products[n] = (struct product){.status = status_of(s), .said = s};
                if (product_of(&d->tree, &d->tree.at[v->touched[i]], k->arena, &products[n].product))
                        n++;
                else
                        k->to->n_passed_over++;
        }
        if (n > 1)
                qsort(products, n, sizeof(*products), product_order);
        return statements_add(k, d, &head, products, n, e);
}

bool vex_csaf_parse(struct span document, struct arena *a, struct vex_parsed *ret, struct err *e)
{
        struct vex_parsed p = {.form = SPAN_LIT("CSAF 2.0")};
        struct taking k = {.arena = a, .to = &p};
        struct csaf_sink sink = {.vulnerability = on_vulnerability, .ctx = &k};
        struct csaf_document d;

        if (!csaf_parse(document, a, &sink, &d, e))
                return false;
        p.id = d.id;
        p.author = d.author;
        *ret = p;
        return true;
}
