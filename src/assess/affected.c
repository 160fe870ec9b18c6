/* From the id of a vulnerability, or a package, to the images that it concerns. */
#include "assess/fleet_priv.h"

struct asking {
        struct store *store;
        const struct advisory_db *db;
        struct span id; /* empty: a package is asked for */
        struct span version;
        bool (*on_image)(void *ctx, const struct assess_holder *h);
        void *ctx;
        struct arena *arena;
        struct {
                struct advisory_change *at;
                size_t len, cap;
        } packages;
        struct {
                struct assess_holder *at;
                size_t len, cap;
        } found;
};

static bool package_take(void *ctx, struct span ecosystem, struct span package)
{
        struct asking *k = ctx;

        *ARENA_PUSH(k->arena, &k->packages) = (struct advisory_change){.ecosystem = ecosystem, .package = package};
        return true;
}

static bool is_named(const struct finding *f, struct span id)
{
        if (span_equal(f->id, id))
                return true;
        for (size_t i = 0; i < f->n_aliases; i++)
                if (span_equal(f->aliases[i], id))
                        return true;
        return false;
}

static struct finding *finding_copy(const struct finding *f, struct arena *a)
{
        struct finding *copy = arena_alloc(a, sizeof(*copy));

        *copy = (struct finding){.id = arena_copy(a, f->id),
            .answer = f->answer,
            .severity = f->severity,
            .score_tenths = f->score_tenths,
            .fixed = arena_copy(a, f->fixed),
            .explanation = arena_copy(a, f->explanation),
            .status = f->status};
        return copy;
}

static bool holders_add(struct asking *k, const struct store_row *row, const struct finding *f, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct component c = {.ecosystem = row->c.ecosystem,
            .type = row->c.type,
            .name = row->c.name,
            .version = row->c.version,
            .source_name = row->c.source_name,
            .source_version = row->c.source_version};
        struct match_asked by = match_asked_by(&c);
        const struct finding *copy = f ? finding_copy(f, k->arena) : NULL;
        int64_t *images;
        size_t n;

        if (!store_fleet_holders(k->store, row->id, scratch, &images, &n, e))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct store_holder h;

                if (!store_fleet_image(k->store, images[i], k->arena, &h, e))
                        return false;
                *ARENA_PUSH(k->arena, &k->found) = (struct assess_holder){.digest = h.digest,
                    .name = h.name,
                    .ecosystem = arena_copy(k->arena, row->c.ecosystem),
                    .package = arena_copy(k->arena, by.package),
                    .version = arena_copy(k->arena, by.version),
                    .finding = copy};
        }
        return true;
}

static bool rows_ask(struct asking *k, const struct store_row *rows, size_t n, struct arena *a, struct err *e)
{
        for (size_t at = 0; at < n; at += FLEET_CHUNK) {
                size_t some = n - at < FLEET_CHUNK ? n - at : FLEET_CHUNK;
                CLEANUP(match_freep) struct match *m = NULL;
                struct inventory v;

                fleet_inventory(rows + at, some, a, &v);
                if (!match_inventory(&v, k->db, &m, e))
                        return false;
                for (size_t i = 0; i < m->n_findings; i++)
                        if (m->findings[i].component < some && is_named(&m->findings[i], k->id) &&
                            !holders_add(k, &rows[at + m->findings[i].component], &m->findings[i], e))
                                return false;
        }
        return true;
}

/* As its ecosystem's tools would have it: "v1.2.0" of Go is 1.2.0, "1.0" of PyPI is 1.0.0. */
static bool same_version(struct span ecosystem, struct span wanted, struct span version)
{
        enum version_order order = version_order_of(ecosystem);
        int sign = 1;

        return span_equal(wanted, version) || (order != VERSION_ORDER_NONE && version.len > 0 &&
                                                  version_compare(order, wanted, version, &sign, NULL) && sign == 0);
}

static bool rows_tell(struct asking *k, const struct store_row *rows, size_t n, struct err *e)
{
        for (size_t i = 0; i < n; i++) {
                bool wanted = k->version.len == 0 || same_version(rows[i].c.ecosystem, k->version, rows[i].c.version) ||
                              same_version(rows[i].c.ecosystem, k->version, rows[i].c.source_version);

                if (wanted && !holders_add(k, &rows[i], NULL, e))
                        return false;
        }
        return true;
}

static bool packages_ask(struct asking *k, struct err *e)
{
        struct span *ecosystems;
        size_t n;

        if (!store_fleet_ecosystems(k->store, k->arena, &ecosystems, &n, e))
                return false;
        for (size_t i = 0; i < k->packages.len; i++)
                for (size_t m = 0; m < n; m++) {
                        CLEANUP(arena_freep) struct arena *a = arena_new();
                        const struct store_range r = {.ecosystem = ecosystems[m],
                            .package = k->packages.at[i].package,
                            .key_format = VERSION_KEY_FORMAT};
                        struct store_row *rows;
                        size_t n_rows;

                        if (!fleet_speaks_of(k->packages.at[i].ecosystem, ecosystems[m]))
                                continue;
                        if (!store_fleet_components(k->store, &r, a, &rows, &n_rows, e) ||
                            !(k->id.len > 0 ? rows_ask(k, rows, n_rows, a, e) : rows_tell(k, rows, n_rows, e)))
                                return false;
                }
        return true;
}

static int found_order(const void *pa, const void *pb)
{
        const struct assess_holder *a = pa, *b = pb;
        int by = span_compare(a->name, b->name);

        if (by == 0)
                by = span_compare(a->digest, b->digest);
        if (by == 0)
                by = span_compare(a->ecosystem, b->ecosystem);
        if (by == 0)
                by = span_compare(a->package, b->package);
        return by ? by : span_compare(a->version, b->version);
}

static bool ask(struct asking *k, struct err *e)
{
        struct err why = {0};
        bool ok;

        if (!store_fleet_look(k->store, e))
                return false;
        ok = packages_ask(k, &why);
        store_fleet_end(k->store, false, (struct span){0}, NULL);
        if (!ok) {
                if (e)
                        *e = why;
                return false;
        }
        if (k->found.len > 1)
                qsort(k->found.at, k->found.len, sizeof(*k->found.at), found_order);
        for (size_t i = 0; i < k->found.len; i++)
                if ((i == 0 || found_order(&k->found.at[i - 1], &k->found.at[i]) != 0) &&
                    !k->on_image(k->ctx, &k->found.at[i]))
                        break;
        return true;
}

bool assess_affected(struct store *s, const struct advisory_db *db, struct span id,
    bool (*on_image)(void *ctx, const struct assess_holder *h), void *ctx, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct asking k = {.store = s, .db = db, .id = id, .on_image = on_image, .ctx = ctx, .arena = a};

        return advisory_db_speaks(db, id, package_take, &k, e) && ask(&k, e);
}

bool assess_holders(struct store *s, struct span ecosystem, struct span package, struct span version,
    bool (*on_image)(void *ctx, const struct assess_holder *h), void *ctx, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct asking k = {.store = s, .version = version, .on_image = on_image, .ctx = ctx, .arena = a};

        advisory_names(a, &ecosystem, &package); /* as the inventory spells them, too */
        package_take(&k, ecosystem, package);
        return ask(&k, e);
}

bool assess_ecosystems(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e)
{
        struct err why = {0};
        bool ok;

        if (!store_fleet_look(s, e))
                return false;
        ok = store_fleet_ecosystems(s, a, ret, ret_n, &why);
        store_fleet_end(s, false, (struct span){0}, NULL);
        if (!ok && e)
                *e = why;
        return ok;
}
