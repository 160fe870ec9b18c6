/* /etc/subuid and /etc/subgid, and the search for a gap between the ranges of everybody. */
#include <fcntl.h>

#include "store/ids_priv.h"

#define ID_END (1ull << 32)

static bool subid_line(struct span line, struct id_span *ret)
{
        struct span owner, first, count, rest;
        uint64_t n;

        if (!span_split(line, ':', &owner, &rest) || !span_split(rest, ':', &first, &count) || owner.len == 0)
                return false;
        if (!span_to_u64(span_trim(first), &ret->first) || !span_to_u64(span_trim(count), &n))
                return false;
        if (n == 0 || ret->first >= ID_END)
                return false;
        ret->end = n > ID_END - ret->first ? ID_END : ret->first + n;
        return true;
}

bool subid_parse(struct span text, struct id_spans *to, struct err *e)
{
        struct cursor c = {.rest = text};
        struct span line;
        struct id_span range;

        while (cursor_line(&c, &line)) {
                line = span_trim(line);
                if (span_starts(line, "#") || !subid_line(line, &range))
                        continue;
                if (to->len == STORE_SUBID_RANGES_MAX)
                        return err_set(e, ERR_LIMIT, "more than %u ranges", STORE_SUBID_RANGES_MAX);
                *ARENA_PUSH(to->arena, to) = range;
        }
        return true;
}

bool subid_read(const char *path, struct id_spans *to, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        struct err why = {0};

        if (!file_read(AT_FDCWD, path, STORE_SUBID_FILE_MAX, &text, &why)) {
                if (why.kind == ERR_NOT_FOUND)
                        return true;
                if (e)
                        *e = why;
                return false;
        }
        return subid_parse(buf_span(&text), to, e) || err_wrap(e, "%s", path);
}

static int id_span_compare(const void *a, const void *b)
{
        const struct id_span *x = a, *y = b;

        return (x->first > y->first) - (x->first < y->first);
}

bool id_spans_free(struct id_spans *taken, uint32_t *ret_first)
{
        uint64_t at = STORE_ID_FIRST;

        if (taken->len > 0)
                qsort(taken->at, taken->len, sizeof(*taken->at), id_span_compare);
        for (size_t i = 0; i < taken->len && taken->at[i].first < at + STORE_ID_RANGE; i++)
                if (taken->at[i].end > at)
                        at = (taken->at[i].end + STORE_ID_RANGE - 1) / STORE_ID_RANGE * STORE_ID_RANGE;
        if (at + STORE_ID_RANGE > STORE_ID_END)
                return false;
        *ret_first = (uint32_t)at;
        return true;
}
