/* All images as one: which hold a component, what changes for them, and who is still to be told. */
#include "store/store_priv.h"

/* ---- the unit of work ---- */

struct text_row {
        struct arena *arena;
        struct span text;
        bool found;
};

static bool text_take(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct text_row *to = q->ctx;

        (void)n;
        (void)e;
        to->text = arena_copy(to->arena, row[0].bytes);
        to->found = true;
        return true;
}

bool store_fleet_begin(struct store *s, struct arena *a, struct span *ret_advisories, struct err *e)
{
        struct text_row row = {.arena = a};
        struct store_query q = {.sql = "SELECT advisories FROM fleet WHERE id = 1", .on_row = text_take, .ctx = &row};
        struct store_query last = {.sql = "SELECT seq FROM ledger ORDER BY seq DESC LIMIT 1"};
        bool found;

        s->fleet_seq = 0;
        if (!store_begin(s, true, e))
                return err_wrap(e, "begin to assess all images anew");
        if (!store_run(s, &q, e) || !store_number(s, &last, &s->fleet_seq, &found, e)) {
                store_end(s, false, NULL);
                return err_wrap(e, "begin to assess all images anew");
        }
        *ret_advisories = row.text;
        return true;
}

bool store_fleet_look(struct store *s, struct err *e)
{
        return store_begin(s, false, e) || err_wrap(e, "look at all images");
}

static bool fleet_write(struct store *s, struct span advisories, struct err *e)
{
        const struct store_value args[] = {value_text(advisories), value_int(clock_wall_s())};

        return store_do(s,
            "INSERT INTO fleet (id, advisories, time_s) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "advisories = excluded.advisories, time_s = excluded.time_s",
            args, 2, e);
}

bool store_fleet_end(struct store *s, bool ok, struct span advisories, struct err *e)
{
        return store_end(s, ok && fleet_write(s, advisories, e), e);
}

static bool fleet_first(struct store *s, struct span first, struct text_row *row, struct err *e)
{
        struct store_query known = {.sql = "SELECT advisories FROM fleet WHERE id = 1", .on_row = text_take, .ctx = row};
        struct store_query any = {.sql = "SELECT id FROM image LIMIT 1"};
        int64_t id;
        bool found;

        if (!store_run(s, &known, e) || !store_number(s, &any, &id, &found, e))
                return false;
        if (row->found || !found || first.len == 0)
                return true;
        row->text = arena_copy(row->arena, first);
        return fleet_write(s, first, e);
}

bool store_fleet_advisories(struct store *s, struct span first, struct arena *a, struct span *ret, struct err *e)
{
        struct text_row row = {.arena = a};

        if (!store_begin(s, first.len > 0, e) || !store_end(s, fleet_first(s, first, &row, e), e))
                return err_wrap(e, "what all images were last matched with");
        *ret = row.text;
        return true;
}

/* Each text of a column with an index, "" left out. From one to the next: SELECT DISTINCT would read the whole index. */
static bool texts_list(
    struct store *s, const char *next, struct arena *a, struct span **ret, size_t *ret_n, struct err *e)
{
        struct {
                struct span *at;
                size_t len, cap;
        } list = {0};

        for (struct span last = {0};;) {
                const struct store_value arg = value_text(last);
                struct text_row row = {.arena = a};
                struct store_query q = {.sql = next, .args = &arg, .n_args = 1, .on_row = text_take, .ctx = &row};

                if (!store_run(s, &q, e))
                        return false;
                if (!row.found)
                        break;
                last = row.text;
                *ARENA_PUSH(a, &list) = last;
        }
        *ret = list.at;
        *ret_n = list.len;
        return true;
}

bool store_fleet_ecosystems(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e)
{
        return texts_list(s, "SELECT ecosystem FROM component WHERE ecosystem > ? ORDER BY ecosystem LIMIT 1", a, ret,
                   ret_n, e) ||
               err_wrap(e, "list ecosystems");
}

bool store_fleet_matched(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, struct err *e)
{
        return texts_list(s, "SELECT advisories FROM image WHERE advisories > ? ORDER BY advisories LIMIT 1", a, ret,
                   ret_n, e) ||
               err_wrap(e, "what images were matched with");
}

bool store_fleet_since(struct store *s, struct arena *a, struct span **ret, size_t *ret_n, int64_t *ret_s, struct err *e)
{
        struct store_query since = {.sql = "SELECT time_s FROM fleet WHERE id = 1"};
        struct err why = {0};
        int64_t wall_s = 0;
        bool found = false, ok;

        if (!store_fleet_look(s, e))
                return false;
        ok = store_fleet_matched(s, a, ret, ret_n, &why) && store_number(s, &since, &wall_s, &found, &why);
        store_end(s, false, NULL);
        if (!ok && e)
                *e = why;
        *ret_s = found ? wall_s : 0;
        return ok;
}

/* ---- components ---- */

struct rows {
        struct arena *arena;
        struct store_row *at;
        size_t len, cap;
};

#define COMPONENT_COLUMNS \
        "id, ecosystem, type, name, version, source_name, source_version, module, owner, key, key_format"

static bool component_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct rows *to = q->ctx;
        struct store_row *r;

        if (n != 11)
                return err_set(e, ERR_BUG, "a component has other columns");
        r = ARENA_PUSH(to->arena, to);
        *r = (struct store_row){.id = row[0].number,
            .c = {.ecosystem = arena_copy(to->arena, row[1].bytes),
                .type = arena_copy(to->arena, row[2].bytes),
                .name = arena_copy(to->arena, row[3].bytes),
                .version = arena_copy(to->arena, row[4].bytes),
                .source_name = arena_copy(to->arena, row[5].bytes),
                .source_version = arena_copy(to->arena, row[6].bytes),
                .module = arena_copy(to->arena, row[7].bytes),
                .owner = arena_copy(to->arena, row[8].bytes),
                .key = arena_copy(to->arena, row[9].bytes),
                .key_format = (uint32_t)row[10].number}};
        return true;
}

#define OF_PACKAGE "SELECT " COMPONENT_COLUMNS " FROM component WHERE ecosystem = ? AND package = ? "

bool store_fleet_components(
    struct store *s, const struct store_range *r, struct arena *a, struct store_row **ret, size_t *ret_n, struct err *e)
{
        const struct store_value args[] = {value_text(r->ecosystem), value_text(r->package), value_int(r->key_format),
            value_bytes(r->key_lo), value_bytes(r->key_hi)};
        struct rows rows = {.arena = a};
        struct store_query within = {.sql = OF_PACKAGE "AND key_format = ? AND key >= ? AND key < ?",
            .args = args,
            .n_args = 5,
            .on_row = component_row,
            .ctx = &rows};
        struct store_query without = {
            .sql = OF_PACKAGE "AND key_format <> ?", .args = args, .n_args = 3, .on_row = component_row, .ctx = &rows};

        if (r->key_hi.len == 0) {
                within.sql = OF_PACKAGE "AND key_format = ? AND key >= ?";
                within.n_args = 4;
        }
        if (!store_check_text(r->ecosystem, STORE_TEXT_MAX, "the ecosystem", e) ||
            !store_check_text(r->package, STORE_TEXT_MAX, "the package", e) ||
            !store_check_bytes(r->key_lo, STORE_TEXT_MAX, "the lower key", e) ||
            !store_check_bytes(r->key_hi, STORE_TEXT_MAX, "the upper key", e) || !store_run(s, &within, e) ||
            !store_run(s, &without, e))
                return err_wrap(e, "components of a package");
        *ret = rows.at;
        *ret_n = rows.len;
        return true;
}

bool store_fleet_all_components(
    struct store *s, int64_t after, size_t max, struct arena *a, struct store_row **ret, size_t *ret_n, struct err *e)
{
        const struct store_value args[] = {value_int(after), value_int((int64_t)max)};
        struct rows rows = {.arena = a};
        struct store_query q = {.sql = "SELECT " COMPONENT_COLUMNS " FROM component WHERE id > ? ORDER BY id LIMIT ?",
            .args = args,
            .n_args = 2,
            .on_row = component_row,
            .ctx = &rows};

        if (!store_run(s, &q, e))
                return err_wrap(e, "all components");
        *ret = rows.at;
        *ret_n = rows.len;
        return true;
}

/* ---- images ---- */

struct numbers {
        struct arena *arena;
        int64_t *at;
        size_t len, cap;
};

static bool number_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct numbers *to = q->ctx;

        (void)n;
        (void)e;
        *ARENA_PUSH(to->arena, to) = row[0].number;
        return true;
}

/* CROSS JOIN keeps SQLite from choosing another order than member, part; PostgreSQL needs no such word and takes it. */
bool store_fleet_holders(
    struct store *s, int64_t component, struct arena *a, int64_t **ret, size_t *ret_n, struct err *e)
{
        const struct store_value arg = value_int(component);
        struct numbers ids = {.arena = a};
        struct store_query q = {.sql = "SELECT DISTINCT p.image_id FROM member AS m CROSS JOIN part AS p "
                                       "WHERE m.component_id = ? AND p.set_id = m.set_id ORDER BY p.image_id",
            .args = &arg,
            .n_args = 1,
            .on_row = number_row,
            .ctx = &ids};

        if (!store_run(s, &q, e))
                return err_wrap(e, "images with a component");
        *ret = ids.at;
        *ret_n = ids.len;
        return true;
}

struct holder_row {
        struct arena *arena;
        struct store_holder *to;
        bool found;
};

static bool holder_take(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct holder_row *r = q->ctx;

        (void)n;
        (void)e;
        r->to->digest = arena_copy(r->arena, row[0].bytes);
        r->to->name = arena_copy(r->arena, row[1].bytes);
        r->to->advisories = arena_copy(r->arena, row[2].bytes);
        r->found = true;
        return true;
}

bool store_fleet_image(struct store *s, int64_t image, struct arena *a, struct store_holder *ret, struct err *e)
{
        const struct store_value arg = value_int(image);
        struct store_holder holder = {.id = image};
        struct holder_row row = {.arena = a, .to = &holder};
        struct store_query q = {.sql = "SELECT digest, name, advisories FROM image WHERE id = ?",
            .args = &arg,
            .n_args = 1,
            .on_row = holder_take,
            .ctx = &row};

        if (!store_run(s, &q, e))
                return err_wrap(e, "an image");
        if (!row.found)
                return err_set(e, ERR_MALFORMED, "state database: image %lld is not there", (long long)image);
        *ret = holder;
        return true;
}

static bool matched_write(struct store *s, struct span digest, struct span advisories, struct err *e)
{
        const struct store_value args[] = {value_text(advisories), value_text(digest)};

        return store_do(s, "UPDATE image SET advisories = ? WHERE digest = ?", args, 2, e);
}

bool store_image_matched(struct store *s, const struct digest *image, struct span advisories, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        struct span digest = span_of(digest_format(image, text));
        const struct store_value args[] = {value_text(digest), value_text(advisories)};
        struct store_query q = {
            .sql = "SELECT id FROM image WHERE digest = ? AND advisories <> ?", .args = args, .n_args = 2};
        int64_t id;
        bool found = false;

        if (!store_begin(s, false, e) || !store_end(s, store_number(s, &q, &id, &found, e), e))
                return err_wrap(e, "image %s", text);
        if (!found)
                return true;
        return (store_begin(s, true, e) && store_end(s, matched_write(s, digest, advisories, e), e)) ||
               err_wrap(e, "image %s", text);
}

/* ---- notices ---- */

/*
 * The same advisories may come back after a step back to older ones, and then an image is to be told of them again: a unit of work is
 * named by the ledger's last record before it, too. What the image was matched with by itself counts until it is told of something.
 */
bool store_fleet_notice(struct store *s, struct span advisories, const struct store_holder *image, struct span body,
    const char *const *sinks, size_t n_sinks, struct err *e)
{
        CLEANUP(buf_done) struct buf unit = {0};
        const struct store_value id_of_image = value_int(image->id);

        buf_put(&unit, advisories);
        buf_printf(&unit, " %lld", (long long)s->fleet_seq);
        const struct store_value args[] = {
            value_int(clock_wall_s()), value_text(buf_span(&unit)), value_text(image->digest), value_text(body)};
        struct store_query q = {
            .sql = "INSERT INTO notice (time_s, advisories, image, body) VALUES (?, ?, ?, ?) RETURNING id",
            .args = args,
            .n_args = 4};
        int64_t id;
        bool found;

        if (!store_check_text(body, STORE_RECORD_MAX, "a notice", e) || !store_number(s, &q, &id, &found, e) ||
            !ledger_append_within(s, "image.reassessed", body, e) ||
            (image->advisories.len > 0 && !store_do(s, "UPDATE image SET advisories = '' WHERE id = ?", &id_of_image, 1, e)))
                return err_wrap(e, "notice of an image");
        for (size_t i = 0; i < n_sinks; i++) {
                const struct store_value to[] = {value_text(span_of(sinks[i])), value_int(id)};

                if (!store_do(s, "INSERT INTO delivery (sink, notice_id) VALUES (?, ?)", to, 2, e))
                        return err_wrap(e, "notice of an image");
        }
        return true;
}

struct notices {
        struct arena *arena;
        struct store_notice *at;
        size_t len, cap;
};

static bool notice_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct notices *to = q->ctx;

        (void)n;
        (void)e;
        *ARENA_PUSH(to->arena, to) = (struct store_notice){.id = row[0].number,
            .time_s = row[1].number,
            .image = arena_copy(to->arena, row[2].bytes),
            .body = arena_copy(to->arena, row[3].bytes)};
        return true;
}

bool store_notices(struct store *s, const char *sink, size_t max, struct arena *a, struct store_notice **ret,
    size_t *ret_n, struct err *e)
{
        const struct store_value args[] = {value_text(span_of(sink)), value_int((int64_t)max)};
        struct notices list = {.arena = a};
        struct store_query q = {.sql =
                                    "SELECT n.id, n.time_s, n.image, n.body FROM delivery AS d CROSS JOIN notice AS n "
                                    "WHERE d.sink = ? AND n.id = d.notice_id ORDER BY d.notice_id LIMIT ?",
            .args = args,
            .n_args = 2,
            .on_row = notice_row,
            .ctx = &list};

        if (!store_read(s, &q, e))
                return err_wrap(e, "notices");
        *ret = list.at;
        *ret_n = list.len;
        return true;
}

static bool told_write(struct store *s, const char *sink, int64_t id, struct err *e)
{
        const struct store_value args[] = {value_text(span_of(sink)), value_int(id)};

        return store_do(s, "DELETE FROM delivery WHERE sink = ? AND notice_id = ?", args, 2, e);
}

bool store_notice_told(struct store *s, const char *sink, int64_t id, struct err *e)
{
        return (store_begin(s, true, e) && store_end(s, told_write(s, sink, id, e), e)) || err_wrap(e, "notices");
}

static bool old_delete(struct store *s, int64_t wall_s, uint64_t *ret_n, struct err *e)
{
        const struct store_value arg = value_int(wall_s);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct numbers gone = {.arena = a};
        struct store_query q = {.sql = "DELETE FROM notice WHERE time_s < ? AND NOT EXISTS "
                                       "(SELECT 1 FROM delivery WHERE delivery.notice_id = notice.id) RETURNING id",
            .args = &arg,
            .n_args = 1,
            .on_row = number_row,
            .ctx = &gone};

        if (!store_run(s, &q, e))
                return false;
        *ret_n = gone.len;
        return true;
}

bool store_notices_forget(struct store *s, int64_t wall_s, uint64_t *ret_n, struct err *e)
{
        uint64_t n = 0;

        if (!store_begin(s, true, e) || !store_end(s, old_delete(s, wall_s, &n, e), e))
                return err_wrap(e, "old notices");
        *ret_n = n;
        return true;
}
