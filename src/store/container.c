/* Containers: unique ids and names, found by either or by the first digits of an id. */
#include "store/store_priv.h"

static bool is_hex(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!((s.at[i] >= '0' && s.at[i] <= '9') || (s.at[i] >= 'a' && s.at[i] <= 'f')))
                        return false;
        return true;
}

static bool container_check(const struct store_container *c, struct err *e)
{
        if (c->id.len != STORE_CONTAINER_ID_LEN || !is_hex(c->id))
                return err_set(
                    e, ERR_MALFORMED, "a container's id has %u lower-case hex digits", STORE_CONTAINER_ID_LEN);
        if (c->name.len == 0 || span_has_control(c->name))
                return err_set(e, ERR_MALFORMED, "a container's name is not empty and has no control bytes");
        return store_check_text(c->name, STORE_CONTAINER_NAME_MAX, "its name", e) &&
               store_check_bytes(c->image, STORE_TEXT_MAX, "its image's name", e) &&
               store_check_bytes(c->command, STORE_COMMAND_MAX, "its command", e) &&
               store_check_text(c->record, STORE_RECORD_MAX, "its record", e);
}

/* Ids and names are one space, so that what a user types never means two. */
static bool container_insert(struct store *s, const struct store_container *c, struct err *e)
{
        char text[DIGEST_TEXT_MAX];
        const struct store_value both[] = {
            value_text(c->id), value_text(c->name), value_text(c->id), value_text(c->name)};
        const struct store_value args[] = {value_text(c->id), value_text(c->name), value_bytes(c->image),
            value_text(span_of(digest_format(&c->image_digest, text))), value_int(c->created_s),
            value_int(c->ids_first), value_bytes(c->command), value_text(c->record)};
        struct store_query q = {
            .sql = "SELECT count(*) FROM container WHERE id IN (?, ?) OR name IN (?, ?)", .args = both, .n_args = 4};
        int64_t taken = 0;
        bool found;

        if (!store_number(s, &q, &taken, &found, e))
                return false;
        if (taken > 0)
                return err_set(e, ERR_CONFLICT, "the name or id is taken by another container");
        return store_do(s,
            "INSERT INTO container (id, name, image, image_digest, created_s, ids_first, command, record) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            args, ARRAY_LEN(args), e);
}

bool store_container_put(struct store *s, const struct store_container *c, struct err *e)
{
        char shown[80];

        if (!container_check(c, e) || !store_begin(s, true, e) || !store_end(s, container_insert(s, c, e), e))
                return err_wrap(e, "container %s", span_printable(c->name, shown, sizeof(shown)));
        return true;
}

struct found {
        struct arena *arena;
        struct store_container *at;
        size_t len, cap;
};

static bool container_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct found *found = q->ctx;
        struct store_container c = {.created_s = row[4].number};
        char shown[80];

        (void)n;
        if (row[5].number < 0 || row[5].number > UINT32_MAX ||
            (!span_is(row[3].bytes, "none") && !digest_parse(row[3].bytes, &c.image_digest, NULL)))
                return err_set(e, ERR_MALFORMED, "state database: the row of container %s is damaged: remove it",
                    span_printable(row[0].bytes, shown, sizeof(shown)));
        if (found->len == STORE_CONTAINERS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u containers", STORE_CONTAINERS_MAX);
        c.id = arena_copy(found->arena, row[0].bytes);
        c.name = arena_copy(found->arena, row[1].bytes);
        c.image = arena_copy(found->arena, row[2].bytes);
        c.ids_first = (uint32_t)row[5].number;
        c.command = arena_copy(found->arena, row[6].bytes);
        c.record = arena_copy(found->arena, row[7].bytes);
        *ARENA_PUSH(found->arena, found) = c;
        return true;
}

#define SELECT_CONTAINER "SELECT id, name, image, image_digest, created_s, ids_first, command, record FROM container "

static bool container_find(struct store *s, struct span key, struct found *ret, struct err *e)
{
        /* In ASCII 'g' is the first byte after all hex digits: id < prefix + "g" holds for all that begin with it. */
        char after[STORE_CONTAINER_ID_LEN + 2];
        struct store_value args[2] = {value_text(key), value_text(key)};
        struct store_query q = {.sql = SELECT_CONTAINER "WHERE id = ? OR name = ?",
            .args = args,
            .n_args = 2,
            .on_row = container_row,
            .ctx = ret};

        if (!store_run(s, &q, e))
                return false;
        if (ret->len > 0 || key.len < STORE_CONTAINER_PREFIX_MIN || key.len >= STORE_CONTAINER_ID_LEN || !is_hex(key))
                return true;
        snprintf(after, sizeof(after), "%.*sg", SPAN_FMT(key));
        args[1] = value_text(span_of(after));
        q.sql = SELECT_CONTAINER "WHERE id >= ? AND id < ? ORDER BY id LIMIT 2";
        return store_run(s, &q, e);
}

bool store_container_get(
    struct store *s, const char *id_or_name, struct arena *a, struct store_container *ret, struct err *e)
{
        struct span key = span_of(id_or_name);
        struct found found = {.arena = a};
        char shown[80];

        span_printable(key, shown, sizeof(shown));
        /* What can't be a name was not kept as one; and SQL text is UTF-8. */
        if (key.len > 0 && key.len <= STORE_CONTAINER_NAME_MAX && span_is_utf8(key) &&
            (!store_begin(s, false, e) || !store_end(s, container_find(s, key, &found, e), e)))
                return err_wrap(e, "container %s", shown);
        if (found.len == 0)
                return err_set(e, ERR_NOT_FOUND, "there is no container %s", shown);
        if (found.len > 1)
                return err_set(e, ERR_CONFLICT, "several containers' ids begin with %s: give more digits", shown);
        *ret = found.at[0];
        return true;
}

bool store_container_list(struct store *s, struct arena *a, struct store_container **ret, size_t *ret_n, struct err *e)
{
        struct found found = {.arena = a};
        struct store_query q = {
            .sql = SELECT_CONTAINER "ORDER BY created_s, id", .on_row = container_row, .ctx = &found};

        if (!store_read(s, &q, e))
                return err_wrap(e, "list containers");
        *ret = found.at;
        *ret_n = found.len;
        return true;
}

static bool container_delete(struct store *s, struct span id, struct err *e)
{
        struct store_value arg = value_text(id);
        struct store_query q = {.sql = "DELETE FROM container WHERE id = ?", .args = &arg, .n_args = 1};

        if (!store_run(s, &q, e))
                return false;
        return q.changed > 0 || err_set(e, ERR_NOT_FOUND, "there is none with this id");
}

bool store_container_remove(struct store *s, struct span id, struct err *e)
{
        char shown[80];

        if (!store_check_text(id, STORE_TEXT_MAX, "the id", e) || !store_begin(s, true, e) ||
            !store_end(s, container_delete(s, id, e), e))
                return err_wrap(e, "remove container %s", span_printable(id, shown, sizeof(shown)));
        return true;
}
