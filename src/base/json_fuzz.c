/*
 * Properties of the JSON reader and writer for any bytes:
 * - what is accepted and written again is accepted again, and then written as the same bytes;
 * - walking and skipping agree on what is accepted;
 * - what is handed out lies within the input or the arena; numbers keep their text;
 * - a failure has a kind that blames the input, and a text.
 */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum number_as { AS_TEXT, AS_U64, AS_I64, AS_DOUBLE, AS_COUNT };

static void check_borrowed(struct span s, struct span in, const struct arena *a)
{
        bool in_input = s.at >= in.at && s.at <= in.at + in.len && s.len <= (size_t)(in.at + in.len - s.at);

        assert(s.len == 0 || in_input || arena_owns(a, s));
        assert(span_is_utf8(s)); /* reads every byte, too */
}

static void number_copy(struct json *j, struct json_out *o, enum number_as as, struct span in, const struct arena *a)
{
        struct span text = {0};
        double d;

        switch (as) {
        case AS_U64:
                json_out_u64(o, json_u64(j));
                break;
        case AS_I64:
                json_out_i64(o, json_i64(j));
                break;
        case AS_DOUBLE:
                d = json_double(j);
                assert(d - d == 0); /* finite */
                json_out_null(o);
                break;
        default:
                text = json_number_text(j);
                check_borrowed(text, in, a);
                if (!j->failed)
                        json_out_raw(o, text);
                break;
        }
}

/* Copies one value; entering a container counts as one. Gives 1 for an object entered, 2 for an array, 0 otherwise. */
static int value_copy(struct json *j, struct json_out *o, enum number_as as, struct span in, const struct arena *a)
{
        struct span s;

        switch (json_peek(j)) {
        case JSON_OBJECT:
                json_object(j);
                if (j->failed)
                        return 0;
                json_out_object(o);
                return 1;
        case JSON_ARRAY:
                json_array(j);
                if (j->failed)
                        return 0;
                json_out_array(o);
                return 2;
        case JSON_STRING:
                s = json_string(j);
                check_borrowed(s, in, a);
                if (!j->failed)
                        json_out_string(o, s);
                return 0;
        case JSON_NUMBER:
                number_copy(j, o, as, in, a);
                return 0;
        case JSON_BOOL:
                json_out_bool(o, json_bool(j));
                return 0;
        case JSON_NULL:
                if (json_null(j))
                        json_out_null(o);
                return 0;
        default:
                json_skip(j); /* says what is wrong */
                assert(j->failed);
                return 0;
        }
}

static bool walk(struct span in, struct arena *a, enum number_as as, struct buf *to, struct err *e)
{
        struct json j;
        struct json_out o;
        bool array[JSON_DEPTH_MAX + 1];
        size_t depth = 0;

        json_init(&j, in, a, NULL);
        json_out_init(&o, to, 0);
        do {
                struct span key;
                int entered;

                if (depth > 0) {
                        bool more = array[depth] ? json_element(&j) : json_member(&j, &key);

                        if (j.failed)
                                break;
                        if (!more) {
                                if (array[depth--])
                                        json_out_array_end(&o);
                                else
                                        json_out_object_end(&o);
                                continue;
                        }
                        if (!array[depth]) {
                                check_borrowed(key, in, a);
                                json_out_key_span(&o, key);
                        }
                }
                entered = value_copy(&j, &o, as, in, a);
                if (entered)
                        array[++depth] = entered == 2;
        } while (depth > 0 && !j.failed);
        return json_finish(&j, e);
}

/* Every element of a list is objected to when half of it is read, and passed over: what is left is the same grammar. */
static bool recovered(struct span in, struct arena *a, struct err *e)
{
        struct json j;

        json_init(&j, in, a, NULL);
        if (json_peek(&j) != JSON_ARRAY)
                json_skip(&j);
        else
                for (json_array(&j); json_element(&j);) {
                        struct json_mark m = json_mark(&j);
                        struct span key;
                        struct err why;

                        if (json_peek(&j) == JSON_OBJECT)
                                for (json_object(&j); json_member(&j, &key);)
                                        json_string(&j);
                        json_fail(&j, ERR_MALFORMED, "objected");
                        if (!json_recover(&j, &m, &why))
                                assert(j.failed);
                }
        return json_finish(&j, e);
}

static void check_error(const struct err *e)
{
        assert(e->kind == ERR_MALFORMED || e->kind == ERR_LIMIT);
        assert(e->text[0] != 0 && span_is_utf8(span_of(e->text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span in = {data, size}, raw;
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf once CLEANUP(buf_done) = {0}, twice CLEANUP(buf_done) = {0}, other CLEANUP(buf_done) = {0};
        struct err e = {0}, skipped = {0};
        struct json j;
        bool ok = walk(in, a, AS_TEXT, &once, &e);

        json_init(&j, in, a, NULL);
        raw = json_raw(&j);
        check_borrowed(raw, in, a);
        assert(json_finish(&j, &skipped) == ok);
        assert(recovered(in, a, &skipped) == ok);
        if (ok) {
                assert(walk(buf_span(&once), a, AS_TEXT, &twice, &e));
                assert(span_equal(buf_span(&once), buf_span(&twice)));
        } else {
                check_error(&e);
                check_error(&skipped);
        }
        for (enum number_as as = AS_U64; as < AS_COUNT; as++) {
                struct err why = {0};

                buf_clear(&other);
                if (!walk(in, a, as, &other, &why))
                        check_error(&why);
                else
                        assert(ok); /* a getter never accepts what the grammar refuses */
        }
        return 0;
}
