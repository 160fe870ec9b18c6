/* For tests of the JSON reader and writer: a whole text in a notation that tells every difference, and a verdict on it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static inline int setup(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static inline int teardown(void **state)
{
        (void)state;
        arena_freep(&arena);
        return 0;
}

static inline void number_dump(struct buf *b, struct span text)
{
        size_t at;

        if (span_find(text, '.', &at) || span_find(text, 'e', &at) || span_find(text, 'E', &at))
                buf_printf(b, "r%a;", strtod(arena_string(arena, text), NULL));
        else
                buf_printf(b, "i%.*s;", SPAN_FMT(span_is(text, "-0") ? SPAN_LIT("0") : text));
}

static inline void string_dump(struct buf *b, char mark, struct span s)
{
        buf_printf(b, "%c%zu:", mark, s.len);
        for (size_t i = 0; i < s.len; i++)
                buf_printf(b, "%02x", s.at[i]);
}

/* Reads all of it; `ret` (may be NULL) gets it in a notation that tells every difference. */
static inline bool dump(struct span in, const struct json_limits *limits, struct buf *ret, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {.max = 1u << 30};
        bool array[JSON_DEPTH_MAX + 2] = {false}; /* one more is tried before it is refused */
        size_t depth = 0;
        struct json j;
        struct span s;

        json_init(&j, in, arena, limits);
        do {
                if (depth > 0) {
                        if (!(array[depth] ? json_element(&j) : json_member(&j, &s))) {
                                buf_put_u8(&b, array[depth--] ? ']' : '}');
                                continue;
                        }
                        if (!array[depth])
                                string_dump(&b, 'k', s);
                }
                switch (json_peek(&j)) {
                case JSON_OBJECT:
                        json_object(&j);
                        buf_put_u8(&b, '{');
                        array[++depth] = false;
                        break;
                case JSON_ARRAY:
                        json_array(&j);
                        buf_put_u8(&b, '[');
                        array[++depth] = true;
                        break;
                case JSON_STRING:
                        string_dump(&b, 's', json_string(&j));
                        break;
                case JSON_BOOL:
                        buf_put_u8(&b, json_bool(&j) ? 'T' : 'F');
                        break;
                case JSON_NULL:
                        if (json_null(&j))
                                buf_put_u8(&b, 'N');
                        break;
                default: /* a number, or what is none */
                        s = json_number_text(&j);
                        if (!j.failed)
                                number_dump(&b, s);
                        break;
                }
        } while (depth > 0 && !j.failed);
        if (!json_finish(&j, e))
                return false;
        if (ret) {
                buf_done(ret);
                *ret = b;
                b = (struct buf){0};
        }
        return true;
}

/* Walking and skipping must agree; the kind comes back. ERR_NONE: accepted. */
static inline enum err_kind judge(struct span in, const struct json_limits *limits, struct err *e)
{
        struct json j;
        struct err skipped = {0};
        bool ok;

        *e = (struct err){0};
        ok = dump(in, limits, NULL, e);
        json_init(&j, in, arena, limits);
        json_skip(&j);
        assert_int_equal(json_finish(&j, &skipped), ok);
        assert_int_equal(skipped.kind, e->kind);
        return e->kind;
}
