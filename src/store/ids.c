/* One range of host ids for each owner; the database sees to it that no two have the same. */
#include "store/ids_priv.h"

static bool taken_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct id_spans *taken = q->ctx;
        int64_t first = row[0].number;

        (void)n;
        if (first < STORE_ID_FIRST || first > STORE_ID_END - STORE_ID_RANGE || first % STORE_ID_RANGE != 0)
                return err_set(
                    e, ERR_MALFORMED, "state database: %lld is not the beginning of an id range", (long long)first);
        *ARENA_PUSH(taken->arena, taken) =
            (struct id_span){.first = (uint64_t)first, .end = (uint64_t)first + STORE_ID_RANGE};
        return true;
}

/* With its owner's name it is one row, else all of them. */
static bool ranges_read(struct store *s, struct span owner, struct id_spans *ret, struct err *e)
{
        struct store_value arg = value_text(owner);
        struct store_query q = {
            .sql = owner.len > 0 ? "SELECT first FROM id_range WHERE owner = ?" : "SELECT first FROM id_range",
            .args = &arg,
            .n_args = owner.len > 0 ? 1 : 0,
            .on_row = taken_row,
            .ctx = ret};

        return store_run(s, &q, e);
}

static bool ids_take(struct store *s, struct span owner, struct id_spans *foreign, uint32_t *ret_first, struct err *e)
{
        struct id_spans own = {.arena = foreign->arena};
        struct store_value args[2];

        if (!ranges_read(s, owner, &own, e))
                return false;
        if (own.len > 0) {
                *ret_first = (uint32_t)own.at[0].first;
                return true;
        }
        if (!ranges_read(s, (struct span){0}, foreign, e))
                return false;
        if (!id_spans_free(foreign, ret_first))
                return err_set(e, ERR_LIMIT,
                    "no %u ids are free between %u and %u: remove containers, or ranges in %s and %s", STORE_ID_RANGE,
                    STORE_ID_FIRST, STORE_ID_END, s->subuid_path, s->subgid_path);
        args[0] = value_int(*ret_first);
        args[1] = value_text(owner);
        return store_do(s, "INSERT INTO id_range (first, owner) VALUES (?, ?)", args, 2, e);
}

static bool owner_check(struct span owner, struct err *e)
{
        if (owner.len == 0)
                return err_set(e, ERR_MALFORMED, "an owner of ids needs a name");
        return store_check_text(owner, STORE_OWNER_MAX, "the owner's name", e);
}

bool store_ids_take(struct store *s, const char *owner, uint32_t *ret_first, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct id_spans foreign = {.arena = a};
        uint32_t first = 0;

        /* The files are read before the lock is taken: they may lie on a slow disk. */
        if (!owner_check(span_of(owner), e) || !subid_read(s->subuid_path, &foreign, e) ||
            !subid_read(s->subgid_path, &foreign, e) || !store_begin(s, true, e) ||
            !store_end(s, ids_take(s, span_of(owner), &foreign, &first, e), e))
                return err_wrap(e, "take ids");
        *ret_first = first;
        return true;
}

bool store_ids_give_back(struct store *s, const char *owner, struct err *e)
{
        struct store_value arg = value_text(span_of(owner));

        if (!owner_check(span_of(owner), e) || !store_begin(s, true, e) ||
            !store_end(s, store_do(s, "DELETE FROM id_range WHERE owner = ?", &arg, 1, e), e))
                return err_wrap(e, "give ids back");
        return true;
}
