/*
 * What is known of single layers, by diff id: bytes that only the caller understands, and that can be made anew. The least
 * recently used go when all together are too many; a row is marked as used at most once an hour, so that reading does not
 * write.
 */
#include "store/store_priv.h"

#define USED_STEP_S 3600

struct layer_row {
        struct buf *to;
        int64_t used_s;
        bool found;
};

static bool layer_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct layer_row *r = q->ctx;

        (void)n;
        (void)e;
        r->used_s = row[0].number;
        buf_clear(r->to);
        buf_put(r->to, row[1].bytes);
        r->found = true;
        return true;
}

bool store_layer_get(struct store *s, const struct digest *diff_id, uint32_t format, struct buf *ret, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        const struct store_value args[] = {value_text(span_of(digest_format(diff_id, text))), value_int(format)};
        struct layer_row row = {.to = ret};
        struct store_query q = {.sql = "SELECT used_s, bytes FROM layer WHERE diff_id = ? AND format = ?",
            .args = args,
            .n_args = ARRAY_LEN(args),
            .on_row = layer_row,
            .ctx = &row};
        int64_t now_s = clock_wall_s();

        if (!store_read(s, &q, e))
                return err_wrap(e, "layer %s", text);
        if (!row.found)
                return err_set(e, ERR_NOT_FOUND, "layer %s was not read yet", text);
        if (ret->failed)
                return err_set(e, ERR_LIMIT, "layer %s: more is kept of it than the caller takes", text);
        if (now_s - row.used_s >= USED_STEP_S || now_s < row.used_s) {
                const struct store_value used[] = {value_int(now_s), args[0]};
                /* A row that looks unused for another hour is no reason to fail a reader. */
                if (store_begin(s, true, NULL))
                        (void)store_end(
                            s, store_do(s, "UPDATE layer SET used_s = ? WHERE diff_id = ?", used, 2, NULL), NULL);
        }
        return true;
}

struct least_used {
        struct {
                int64_t *at;
                size_t len, cap;
        } ids;
        struct arena *arena;
        int64_t kept, max; /* bytes of those seen so far, newest first */
};

static bool least_used_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct least_used *l = q->ctx;

        (void)n;
        (void)e;
        if (l->kept <= l->max)
                l->kept += row[1].number;
        if (l->kept > l->max)
                *ARENA_PUSH(l->arena, &l->ids) = row[0].number;
        return true;
}

/* From the least recently used on, until the rest has room. The one just kept is the newest, and smaller than all. */
static bool layers_drop(struct store *s, uint64_t bytes_max, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct least_used l = {.arena = a, .max = bytes_max > INT64_MAX ? INT64_MAX : (int64_t)bytes_max};
        struct store_query q = {
            .sql = "SELECT id, size FROM layer ORDER BY used_s DESC, id DESC", .on_row = least_used_row, .ctx = &l};

        if (!store_run(s, &q, e))
                return false;
        for (size_t i = 0; i < l.ids.len; i++) {
                const struct store_value id = value_int(l.ids.at[i]);
                if (!store_do(s, "DELETE FROM layer WHERE id = ?", &id, 1, e))
                        return false;
        }
        return true;
}

static bool layer_keep(
    struct store *s, struct span digest, uint32_t format, struct span bytes, uint64_t bytes_max, struct err *e)
{
        const struct store_value args[] = {value_text(digest), value_int(format), value_int(clock_wall_s()),
            value_int((int64_t)bytes.len), value_bytes(bytes)};

        return store_do(s, "DELETE FROM layer WHERE diff_id = ?", args, 1, e) &&
               store_do(s, "INSERT INTO layer (diff_id, format, used_s, size, bytes) VALUES (?, ?, ?, ?, ?)", args,
                   ARRAY_LEN(args), e) &&
               layers_drop(s, bytes_max, e);
}

bool store_layer_put(struct store *s, const struct digest *diff_id, uint32_t format, struct span bytes,
    uint64_t bytes_max, struct err *e)
{
        char text[DIGEST_TEXT_MAX];

        digest_format(diff_id, text);
        if (diff_id->alg == DIGEST_NONE)
                return err_set(e, ERR_BUG, "a layer without a diff id can't be kept");
        if (bytes_max == 0)
                bytes_max = STORE_LAYERS_MAX;
        if (!store_check_bytes(bytes, STORE_LAYER_MAX, "what is known of it", e) ||
            !store_check_bytes(bytes, bytes_max, "what is known of it", e))
                return err_wrap(e, "keep layer %s", text);
        if (!store_begin(s, true, e) || !store_end(s, layer_keep(s, span_of(text), format, bytes, bytes_max, e), e))
                return err_wrap(e, "keep layer %s", text);
        return true;
}
