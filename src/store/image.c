/*
 * Images, their inventories, and their components: component(id) <- set(digest of what one layer brought) <- part <- image.
 *
 * A component's digest is SHA-256 over: string "coffer-component-v2", its nine texts and key as strings, u32 key_format.
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
               store_check_text(c->type, STORE_TEXT_MAX, "its type", e) &&
               store_check_text(c->module, STORE_TEXT_MAX, "its module", e) &&
               store_check_text(c->package, STORE_TEXT_MAX, "its package", e) &&
               store_check_text(c->owner, STORE_TEXT_MAX, "its owner's ecosystem", e) &&
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

/* The distinct components of one part, in the order of their digests, and the digest of them all. */
struct part {
        struct hashed *at;
        size_t n;
        struct digest set;
};

static int hashed_compare(const void *a, const void *b)
{
        const struct hashed *x = a, *y = b;
        int by = (x->component->part > y->component->part) - (x->component->part < y->component->part);

        return by ? by : memcmp(x->digest.bytes, y->digest.bytes, HASH_LEN);
}

static void component_hash(const struct store_component *c, struct buf *b, struct digest *ret)
{
        buf_clear(b);
        buf_put_string(b, SPAN_LIT("coffer-component-v2"));
        buf_put_string(b, c->ecosystem);
        buf_put_string(b, c->type);
        buf_put_string(b, c->name);
        buf_put_string(b, c->version);
        buf_put_string(b, c->source_name);
        buf_put_string(b, c->source_version);
        buf_put_string(b, c->module);
        buf_put_string(b, c->owner);
        buf_put_string(b, c->package);
        buf_put_string(b, c->key);
        buf_put_u32le(b, c->key_format);
        digest_of(DIGEST_SHA256, buf_span(b), ret);
}

static void set_hash(struct part *p, struct buf *b)
{
        buf_clear(b);
        buf_put_string(b, SPAN_LIT("coffer-component-set-v1"));
        buf_put_u32le(b, (uint32_t)p->n);
        for (size_t k = 0; k < p->n; k++)
                buf_put(b, span_bytes(p->at[k].digest.bytes, HASH_LEN));
        digest_of(DIGEST_SHA256, buf_span(b), &p->set);
}

/* At least one part, perhaps of nothing, so that a set tells of an image without components, too. */
static struct part *parts_make(const struct store_image *i, struct arena *a, size_t *ret_n)
{
        struct hashed *all = arena_array(a, i->n_components + 1, sizeof(*all));
        struct part *parts = arena_array(a, i->n_components + 1, sizeof(*parts));
        CLEANUP(buf_done) struct buf b = {0};
        size_t n = 0, kept = 0;

        for (size_t k = 0; k < i->n_components; k++) {
                component_hash(&i->components[k], &b, &all[k].digest);
                all[k].component = &i->components[k];
        }
        if (i->n_components > 1)
                qsort(all, i->n_components, sizeof(*all), hashed_compare);
        for (size_t k = 0; k < i->n_components; k++) {
                if (kept > 0 && hashed_compare(&all[k], &all[kept - 1]) == 0)
                        continue;
                all[kept] = all[k];
                if (kept == 0 || all[kept].component->part != all[kept - 1].component->part)
                        parts[n++].at = &all[kept];
                parts[n - 1].n++;
                kept++;
        }
        n += n == 0;
        for (size_t k = 0; k < n; k++)
                set_hash(&parts[k], &b);
        *ret_n = n;
        return parts;
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

#define COMPONENT_VALUES \
        "digest, ecosystem, package, key_format, key, name, version, source_name, source_version, type, module, owner"
#define COMPONENT_N_VALUES 12u

/* In the order of COMPONENT_VALUES. */
static void component_values(const struct hashed *h, struct store_value ret[COMPONENT_N_VALUES])
{
        const struct store_component *c = h->component;
        const struct store_value values[COMPONENT_N_VALUES] = {value_bytes(span_bytes(h->digest.bytes, HASH_LEN)),
            value_text(c->ecosystem), value_text(c->package.len > 0 ? c->package : c->source_name.len > 0 ? c->source_name : c->name),
            value_int(c->key_format), value_bytes(c->key), value_text(c->name), value_text(c->version), value_text(c->source_name),
            value_text(c->source_version), value_text(c->type), value_text(c->module), value_text(c->owner)};

        memcpy(ret, values, sizeof(values));
}

static bool component_keep(struct store *s, const struct hashed *h, int64_t *ret_id, struct err *e)
{
        struct store_value args[COMPONENT_N_VALUES];
        bool found;

        component_values(h, args);
        if (!id_of(s, "SELECT id FROM component WHERE digest = ?", args[0], ret_id, &found, e))
                return false;
        return found || insert_id(s,
                            "INSERT INTO component (" COMPONENT_VALUES
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                            args, COMPONENT_N_VALUES, ret_id, e);
}

/* Where the database is a way off: all components at once into a table of this session, and from there what is new. */
static void load_row(const void *ctx, size_t i, struct store_value *ret)
{
        const struct part *p = ctx;

        component_values(&p->at[i], ret);
}

static bool set_load(struct store *s, const struct part *p, int64_t set, struct err *e)
{
        const struct store_value id = value_int(set);
        const struct store_load l = {.copy = "COPY pg_temp.staged (" COMPONENT_VALUES ") FROM STDIN (FORMAT binary)",
            .n = p->n,
            .n_columns = COMPONENT_N_VALUES,
            .row = load_row,
            .ctx = p};

        return store_do(s,
                   "CREATE TEMPORARY TABLE IF NOT EXISTS staged (digest BYTEA, ecosystem TEXT, package TEXT, key_format BIGINT, "
                   "key BYTEA, name TEXT, version TEXT, source_name TEXT, source_version TEXT, type TEXT, module TEXT, owner TEXT) "
                   "ON COMMIT DELETE ROWS",
                   NULL, 0, e) &&
               store_do(s, "TRUNCATE pg_temp.staged", NULL, 0, e) && s->ops->load(s->db, &l, e) &&
               store_do(s,
                   "INSERT INTO component (" COMPONENT_VALUES ") SELECT " COMPONENT_VALUES
                   " FROM pg_temp.staged ON CONFLICT (digest) DO NOTHING",
                   NULL, 0, e) &&
               store_do(s,
                   "INSERT INTO member (component_id, set_id) SELECT c.id, ? FROM pg_temp.staged AS t "
                   "JOIN component AS c ON c.digest = t.digest",
                   &id, 1, e);
}

static bool set_keep(struct store *s, const struct part *p, int64_t *ret_id, struct err *e)
{
        struct store_value arg = value_bytes(span_bytes(p->set.bytes, HASH_LEN));
        bool found;

        if (!id_of(s, "SELECT id FROM component_set WHERE digest = ?", arg, ret_id, &found, e))
                return false;
        if (found)
                return true;
        if (!insert_id(s, "INSERT INTO component_set (digest) VALUES (?) RETURNING id", &arg, 1, ret_id, e))
                return false;
        if (s->ops->load)
                return set_load(s, p, *ret_id, e);
        for (size_t i = 0; i < p->n; i++) {
                int64_t component;
                if (!component_keep(s, &p->at[i], &component, e))
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
        struct store_value id = value_int(set), *args;
        struct store_query members = {.sql = "SELECT component_id FROM member WHERE set_id = ?",
            .args = &id,
            .n_args = 1,
            .on_row = ids_row,
            .ctx = &ids};
        int64_t image;
        bool used;

        if (!id_of(s, "SELECT image_id FROM part WHERE set_id = ? LIMIT 1", id, &image, &used, e))
                return false;
        if (used)
                return true;
        if (!store_run(s, &members, e) || !store_do(s, "DELETE FROM member WHERE set_id = ?", &id, 1, e) ||
            !store_do(s, "DELETE FROM component_set WHERE id = ?", &id, 1, e))
                return false;
        args = arena_array(a, 2 * ids.len, sizeof(*args));
        for (size_t i = 0; i < ids.len; i++)
                args[2 * i] = args[2 * i + 1] = value_int(ids.at[i]);
        return store_do_each(s,
            "DELETE FROM component WHERE id = ? AND NOT EXISTS (SELECT 1 FROM member WHERE component_id = ?)", args, 2, ids.len, e);
}

/* The parts that an image had go; those of its sets that are not wanted any more are gathered. */
static bool parts_forget(struct store *s, int64_t image, struct ids *ret_sets, struct err *e)
{
        struct store_value id = value_int(image);
        struct store_query sets = {.sql = "SELECT set_id FROM part WHERE image_id = ?",
            .args = &id,
            .n_args = 1,
            .on_row = ids_row,
            .ctx = ret_sets};

        return store_run(s, &sets, e) && store_do(s, "DELETE FROM part WHERE image_id = ?", &id, 1, e);
}

static bool parts_keep(struct store *s, int64_t image, const struct part *parts, size_t n, struct err *e)
{
        for (size_t i = 0; i < n; i++) {
                int64_t set;

                if (!set_keep(s, &parts[i], &set, e))
                        return false;
                const struct store_value args[] = {value_int(set), value_int(image)};
                if (!store_do(s, "INSERT INTO part (set_id, image_id) VALUES (?, ?) ON CONFLICT DO NOTHING", args, 2, e))
                        return false;
        }
        return true;
}

static bool image_keep(
    struct store *s, const struct store_image *i, const struct part *parts, size_t n, struct arena *a, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        struct store_value digest = value_text(span_of(digest_format(&i->digest, text)));
        const struct store_value args[] = {digest, value_bytes(i->name), value_int(i->assessed_s),
            value_int(i->inventory_format), value_bytes(i->inventory)};
        struct ids old = {.arena = a};
        int64_t image;
        bool known;

        if (!id_of(s, "SELECT id FROM image WHERE digest = ?", digest, &image, &known, e) ||
            (known && !parts_forget(s, image, &old, e)) ||
            !insert_id(s,
                "INSERT INTO image (digest, name, assessed_s, advisories, inventory_format, inventory) "
                "VALUES (?, ?, ?, '', ?, ?) ON CONFLICT (digest) DO UPDATE SET name = excluded.name, "
                "assessed_s = excluded.assessed_s, "
                "inventory_format = excluded.inventory_format, inventory = excluded.inventory RETURNING id",
                args, ARRAY_LEN(args), &image, e) ||
            !parts_keep(s, image, parts, n, e))
                return false;
        for (size_t k = 0; k < old.len; k++)
                if (!set_drop_unused(s, old.at[k], e))
                        return false;
        return true;
}

bool store_image_put(struct store *s, const struct store_image *i, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char text[DIGEST_TEXT_MAX];
        struct part *parts;
        size_t n;

        digest_format(&i->digest, text);
        if (!image_check(i, e))
                return err_wrap(e, "keep image %s", text);
        parts = parts_make(i, a, &n); /* before the lock is taken */
        if (!store_begin(s, true, e) || !store_end(s, image_keep(s, i, parts, n, a, e), e))
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
