/*
 * Images, their inventories, and their components: component(id) <- set(digest of the merged list) <- image.
 *
 * A component's digest is SHA-256 over: string "coffer-component-v1", its six texts and key as strings, u32 key_format.
 * A set's is over: string "coffer-component-set-v1", u32 count, and the digests of its components in ascending order.
 */
#include "store/store_priv.h"

#define HASH_LEN 32u

static bool component_check(const struct store_component *c, struct err *e)
{
        return store_check_text(c->ecosystem, STORE_TEXT_MAX, "its ecosystem", e) &&
               store_check_text(c->name, STORE_TEXT_MAX, "its name", e) &&
               store_check_text(c->version, STORE_TEXT_MAX, "its version", e) &&
               store_check_text(c->source_name, STORE_TEXT_MAX, "its source's name", e) &&
               store_check_text(c->source_version, STORE_TEXT_MAX, "its source's version", e) &&
               store_check_bytes(c->key, STORE_TEXT_MAX, "its version key", e) &&
               ((c->key.len > 0) == (c->key_format > 0) ||
                   err_set(e, ERR_BUG, "a version key and its format go together"));
}

static bool image_check(const struct store_image *i, struct err *e)
{
        if (i->digest.alg == DIGEST_NONE)
                return err_set(e, ERR_BUG, "an image without a digest can't be kept");
        if (i->n_components > STORE_COMPONENTS_MAX)
                return err_set(
                    e, ERR_LIMIT, "%zu components, at most %u are kept", i->n_components, STORE_COMPONENTS_MAX);
        if (!store_check_bytes(i->name, STORE_TEXT_MAX, "its name", e) ||
            !store_check_bytes(i->inventory, STORE_INVENTORY_MAX, "its inventory", e))
                return false;
        for (size_t n = 0; n < i->n_components; n++)
                if (!component_check(&i->components[n], e))
                        return err_wrap(e, "component %zu", n);
        return true;
}

struct hashed {
        struct digest digest;
        const struct store_component *component;
};

static int hashed_compare(const void *a, const void *b)
{
        const struct hashed *x = a, *y = b;

        return memcmp(x->digest.bytes, y->digest.bytes, HASH_LEN);
}

/* The distinct components, in the order of their digests. The caller frees. */
static struct hashed *components_hash(const struct store_image *i, size_t *ret_n, struct digest *ret_set)
{
        struct hashed *all = heap_alloc((i->n_components + 1) * sizeof(*all));
        CLEANUP(buf_done) struct buf b = {0};
        size_t n = 0;

        for (size_t k = 0; k < i->n_components; k++) {
                const struct store_component *c = &i->components[k];

                buf_clear(&b);
                buf_put_string(&b, SPAN_LIT("coffer-component-v1"));
                buf_put_string(&b, c->ecosystem);
                buf_put_string(&b, c->name);
                buf_put_string(&b, c->version);
                buf_put_string(&b, c->source_name);
                buf_put_string(&b, c->source_version);
                buf_put_string(&b, c->key);
                buf_put_u32le(&b, c->key_format);
                digest_of(DIGEST_SHA256, buf_span(&b), &all[k].digest);
                all[k].component = c;
        }
        qsort(all, i->n_components, sizeof(*all), hashed_compare);
        buf_clear(&b);
        buf_put_string(&b, SPAN_LIT("coffer-component-set-v1"));
        for (size_t k = 0; k < i->n_components; k++)
                if (k == 0 || hashed_compare(&all[k], &all[n - 1]) != 0)
                        all[n++] = all[k];
        buf_put_u32le(&b, (uint32_t)n);
        for (size_t k = 0; k < n; k++)
                buf_put(&b, span_bytes(all[k].digest.bytes, HASH_LEN));
        digest_of(DIGEST_SHA256, buf_span(&b), ret_set);
        *ret_n = n;
        return all;
}

/* `sql` with one argument, giving an id or nothing. */
static bool id_of(
    struct store *s, const char *sql, struct store_value arg, int64_t *ret, bool *ret_found, struct err *e)
{
        struct store_query q = {.sql = sql, .args = &arg, .n_args = 1};

        return store_number(s, &q, ret, ret_found, e);
}

/* An INSERT that gives the id of the row it made. */
static bool insert_id(
    struct store *s, const char *sql, const struct store_value *args, size_t n, int64_t *ret, struct err *e)
{
        struct store_query q = {.sql = sql, .args = args, .n_args = n};
        bool found;

        if (!store_number(s, &q, ret, &found, e))
                return false;
        return found || err_set(e, ERR_BUG, "an insert gave no id");
}

static bool component_keep(struct store *s, const struct hashed *h, int64_t *ret_id, struct err *e)
{
        const struct store_component *c = h->component;
        struct store_value digest = value_bytes(span_bytes(h->digest.bytes, HASH_LEN));
        const struct store_value args[] = {digest, value_text(c->ecosystem),
            value_text(c->source_name.len > 0 ? c->source_name : c->name), value_int(c->key_format),
            value_bytes(c->key), value_text(c->name), value_text(c->version), value_text(c->source_name),
            value_text(c->source_version)};
        bool found;

        if (!id_of(s, "SELECT id FROM component WHERE digest = ?", digest, ret_id, &found, e))
                return false;
        return found ||
               insert_id(s,
                   "INSERT INTO component (digest, ecosystem, package, key_format, key, name, version, source_name, "
                   "source_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                   args, ARRAY_LEN(args), ret_id, e);
}

static bool set_keep(
    struct store *s, const struct digest *digest, const struct hashed *all, size_t n, int64_t *ret_id, struct err *e)
{
        struct store_value arg = value_bytes(span_bytes(digest->bytes, HASH_LEN));
        bool found;

        if (!id_of(s, "SELECT id FROM component_set WHERE digest = ?", arg, ret_id, &found, e))
                return false;
        if (found)
                return true;
        if (!insert_id(s, "INSERT INTO component_set (digest) VALUES (?) RETURNING id", &arg, 1, ret_id, e))
                return false;
        for (size_t i = 0; i < n; i++) {
                int64_t component;
                if (!component_keep(s, &all[i], &component, e))
                        return false;
                const struct store_value member[] = {value_int(component), value_int(*ret_id)};
                if (!store_do(s, "INSERT INTO member (component_id, set_id) VALUES (?, ?)", member, 2, e))
                        return false;
        }
        return true;
}

struct ids {
        int64_t *at;
        size_t len, cap;
        struct arena *arena;
};

static bool ids_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct ids *ids = q->ctx;

        (void)n;
        (void)e;
        *ARENA_PUSH(ids->arena, ids) = row[0].number;
        return true;
}

/* A set that no image has any more goes, and with it the components that no set has any more. */
static bool set_drop_unused(struct store *s, int64_t set, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct ids ids = {.arena = a};
        struct store_value id = value_int(set);
        struct store_query members = {.sql = "SELECT component_id FROM member WHERE set_id = ?",
            .args = &id,
            .n_args = 1,
            .on_row = ids_row,
            .ctx = &ids};
        int64_t image;
        bool used;

        if (!id_of(s, "SELECT id FROM image WHERE set_id = ? LIMIT 1", id, &image, &used, e))
                return false;
        if (used)
                return true;
        if (!store_run(s, &members, e) || !store_do(s, "DELETE FROM member WHERE set_id = ?", &id, 1, e) ||
            !store_do(s, "DELETE FROM component_set WHERE id = ?", &id, 1, e))
                return false;
        for (size_t i = 0; i < ids.len; i++) {
                const struct store_value args[] = {value_int(ids.at[i]), value_int(ids.at[i])};
                if (!store_do(s,
                        "DELETE FROM component WHERE id = ? AND NOT EXISTS "
                        "(SELECT 1 FROM member WHERE component_id = ?)",
                        args, 2, e))
                        return false;
        }
        return true;
}

static bool image_keep(struct store *s, const struct store_image *i, const struct digest *set_digest,
    const struct hashed *all, size_t n, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        struct store_value digest = value_text(span_of(digest_format(&i->digest, text)));
        int64_t old_set = 0, set;
        bool replaces;

        if (!id_of(s, "SELECT set_id FROM image WHERE digest = ?", digest, &old_set, &replaces, e) ||
            !set_keep(s, set_digest, all, n, &set, e))
                return false;
        const struct store_value args[] = {digest, value_bytes(i->name), value_int(set), value_int(i->assessed_s),
            value_int(i->inventory_format), value_bytes(i->inventory)};
        if (!store_do(s,
                "INSERT INTO image (digest, name, set_id, assessed_s, inventory_format, inventory) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET name = excluded.name, "
                "set_id = excluded.set_id, assessed_s = excluded.assessed_s, "
                "inventory_format = excluded.inventory_format, inventory = excluded.inventory",
                args, ARRAY_LEN(args), e))
                return false;
        return !replaces || old_set == set || set_drop_unused(s, old_set, e);
}

bool store_image_put(struct store *s, const struct store_image *i, struct err *e)
{
        CLEANUP(heap_freep) struct hashed *all = NULL;
        char text[DIGEST_TEXT_MAX];
        struct digest set;
        size_t n;

        digest_format(&i->digest, text);
        if (!image_check(i, e))
                return err_wrap(e, "keep image %s", text);
        all = components_hash(i, &n, &set); /* before the lock is taken */
        if (!store_begin(s, true, e) || !store_end(s, image_keep(s, i, &set, all, n, e), e))
                return err_wrap(e, "keep image %s", text);
        return true;
}

struct image_row {
        struct arena *arena;
        struct store_image *to;
        bool found;
};

static bool image_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct image_row *r = q->ctx;

        (void)n;
        (void)e;
        r->to->name = arena_copy(r->arena, row[0].bytes);
        r->to->assessed_s = row[1].number;
        r->to->inventory = arena_copy(r->arena, row[2].bytes);
        r->found = true;
        return true;
}

bool store_image_get(struct store *s, const struct digest *d, uint32_t inventory_format, struct arena *a,
    struct store_image *ret, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        const struct store_value args[] = {value_text(span_of(digest_format(d, text))), value_int(inventory_format)};
        struct store_image image = {.digest = *d, .inventory_format = inventory_format};
        struct image_row row = {.arena = a, .to = &image};
        struct store_query q = {
            .sql = "SELECT name, assessed_s, inventory FROM image WHERE digest = ? AND inventory_format = ?",
            .args = args,
            .n_args = ARRAY_LEN(args),
            .on_row = image_row,
            .ctx = &row};

        if (!store_read(s, &q, e))
                return err_wrap(e, "image %s", text);
        if (!row.found)
                return err_set(e, ERR_NOT_FOUND, "image %s was not assessed yet", text);
        *ret = image;
        return true;
}
