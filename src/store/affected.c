/* Which images have a component in a range of versions: one range of the index component_by_key. */
#include "store/store_priv.h"

struct scan {
        bool (*on_candidate)(void *ctx, const struct store_candidate *c);
        void *ctx;
        bool ordered;
};

static bool scan_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct scan *scan = q->ctx;
        struct store_candidate c = {.image_name = row[1].bytes,
            .name = row[2].bytes,
            .version = row[3].bytes,
            .source_version = row[4].bytes,
            .ordered = scan->ordered};

        (void)n;
        if (!digest_parse(row[0].bytes, &c.image, e))
                return err_wrap(e, "state database: an image");
        q->stop = !scan->on_candidate(scan->ctx, &c);
        return true;
}

/*
 * CROSS JOIN keeps SQLite from choosing another order than component, member, image.
 */
#define FROM_COMPONENT                                                                      \
        "SELECT i.digest, i.name, c.name, c.version, c.source_version FROM component AS c " \
        "CROSS JOIN member AS m CROSS JOIN image AS i "                                     \
        "WHERE m.component_id = c.id AND i.set_id = m.set_id AND c.ecosystem = ? AND c.package = ? "

bool store_images_affected(struct store *s, const struct store_range *r,
    bool (*on_candidate)(void *ctx, const struct store_candidate *c), void *ctx, struct err *e)
{
        const struct store_value args[] = {value_text(r->ecosystem), value_text(r->package), value_int(r->key_format),
            value_bytes(r->key_lo), value_bytes(r->key_hi)};
        struct scan scan = {.on_candidate = on_candidate, .ctx = ctx, .ordered = true};
        struct store_query q = {.args = args, .on_row = scan_row, .ctx = &scan};
        bool ok;

        if (!store_check_text(r->ecosystem, STORE_TEXT_MAX, "the ecosystem", e) ||
            !store_check_text(r->package, STORE_TEXT_MAX, "the package", e) ||
            !store_check_bytes(r->key_lo, STORE_TEXT_MAX, "the lower key", e) ||
            !store_check_bytes(r->key_hi, STORE_TEXT_MAX, "the upper key", e))
                return false;
        if (r->key_hi.len > 0) {
                q.sql = FROM_COMPONENT "AND c.key_format = ? AND c.key >= ? AND c.key < ?";
                q.n_args = 5;
        } else {
                q.sql = FROM_COMPONENT "AND c.key_format = ? AND c.key >= ?";
                q.n_args = 4;
        }
        if (!store_begin(s, false, e))
                return false;
        ok = r->key_format == 0 || store_run(s, &q, e);
        if (ok && !q.stop) {
                scan.ordered = false;
                q.sql = FROM_COMPONENT "AND c.key_format <> ?";
                q.n_args = 3;
                ok = store_run(s, &q, e);
        }
        return store_end(s, ok, e);
}
