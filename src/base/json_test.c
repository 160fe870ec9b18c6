/* The JSON reader: what is accepted, what is refused and with which words. */
#include "base/json_test_priv.h"

/* The reading loop of json.h, as every room writes it. */
struct layer {
        struct span type;
        uint64_t size;
};

static bool manifest_read(struct span in, struct layer out[4], size_t *ret_n, struct err *e)
{
        struct json j;
        struct span key;
        size_t n = 0;

        json_init(&j, in, arena, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (!span_is(key, "layers")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        struct layer l = {0};

                        json_object(&j);
                        while (json_member(&j, &key)) {
                                if (span_is(key, "mediaType"))
                                        l.type = json_string(&j);
                                else if (span_is(key, "size"))
                                        l.size = json_u64(&j);
                                else
                                        json_skip(&j);
                        }
                        if (!j.failed && l.type.len == 0)
                                json_fail(&j, ERR_MALFORMED, "a layer needs a mediaType");
                        if (n < 4)
                                out[n++] = l;
                }
        }
        *ret_n = n;
        return json_finish(&j, e);
}

static void a_manifest_is_read(void **state)
{
        struct span in = SPAN_LIT("{\"schemaVersion\":2, \"config\":{\"a\":[1,{\"b\":[]}]},\r\n\t\"layers\":["
                                  "{\"mediaType\":\"tar+gzip\",\"size\":123},{\"size\":18446744073709551615,"
                                  "\"mediaType\":\"t\\u00e9\"}],\"z\":null} \n");
        struct layer layers[4];
        size_t n;
        struct err e;

        (void)state;
        assert_true(manifest_read(in, layers, &n, &e));
        assert_int_equal(n, 2);
        assert_true(span_is(layers[0].type, "tar+gzip") && layers[0].size == 123);
        assert_true(span_is(layers[1].type, "t\xc3\xa9") && layers[1].size == UINT64_MAX);
        /* Without escapes it is borrowed from the input, with them from the arena. */
        assert_true(layers[0].type.at > in.at && layers[0].type.at < in.at + in.len);
        assert_true(arena_owns(arena, layers[1].type));
}

static void errors_name_the_place(void **state)
{
        static const struct {
                const char *in, *text;
                enum err_kind kind;
        } cases[] = {
            {"{\"layers\":[{\"mediaType\":\"x\"},{\"size\":\"12\"}]}",
                "layers[1].size: a number was expected, found a string (byte 37)", ERR_MALFORMED},
            {"{\"layers\":[{\"mediaType\":\"x\",\"size\":-1}]}",
                "layers[0].size: an integer without sign was expected, found -1 (byte 35)", ERR_MALFORMED},
            {"{\"layers\":[{\"mediaType\":\"x\",\"size\":18446744073709551616}]}",
                "layers[0].size: an integer below 2^64 was expected, found 18446744073709551616 (byte 35)", ERR_LIMIT},
            {"{\"layers\":[{\"size\":1}]}", "layers[0]: a layer needs a mediaType (byte 21)", ERR_MALFORMED},
            {"{\"layers\":{}}", "layers: an array was expected, found an object (byte 10)", ERR_MALFORMED},
            {"[]", "an object was expected, found an array (byte 0)", ERR_MALFORMED},
            {"", "an object was expected, the text ends (byte 0)", ERR_MALFORMED},
            {"{\"a\":1 \"b\":2}", "a: ',' or '}' was expected, found a string (byte 7)", ERR_MALFORMED},
            {"{\"a\":{\"b\":1,\"b\":2}}", "a: the key \"b\" appears twice (byte 12)", ERR_MALFORMED},
            {"{\"a\":1,}", "a key was expected, found '}' (byte 7)", ERR_MALFORMED},
            {"{\"a\":[1,2,]}", "a[1]: a value was expected, found ']' (byte 10)", ERR_MALFORMED},
            {"{\"e\\u001b[2J\":x}", "e?[2J: a value was expected, found 'x' (byte 14)", ERR_MALFORMED},
            {"{\"a\":\"\x01\"}", "a: control byte 0x01 in a string (byte 6)", ERR_MALFORMED},
            {"{\"a\":tru}", "a: \"true\" is misspelt (byte 5)", ERR_MALFORMED},
            {"{} {}", "something follows after the value (byte 3)", ERR_MALFORMED},
        };
        struct layer layers[4];
        size_t n;
        struct err e;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                e = (struct err){0};
                assert_false(manifest_read(span_of(cases[i].in), layers, &n, &e));
                assert_string_equal(e.text, cases[i].text);
                assert_int_equal(e.kind, cases[i].kind);
        }
        assert_false(manifest_read(SPAN_LIT("["), layers, &n, NULL)); /* nobody wants to know why */
}

static void a_long_path_keeps_its_inner_part(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e;

        (void)state;
        for (int i = 0; i < 20; i++)
                buf_printf(&b, "{\"a_key_of_some_length_%02d\":", i);
        buf_put_text(&b, "?");
        assert_int_equal(judge(buf_span(&b), NULL, &e), ERR_MALFORMED);
        assert_true(strncmp(e.text, "...", 3) == 0);
        assert_non_null(
            strstr(e.text, "a_key_of_some_length_18.a_key_of_some_length_19: a number was expected, found '?'"));
        assert_true(strlen(e.text) < 300);
}

static void valid_documents_are_accepted(void **state)
{
        static const struct {
                const char *in, *dump;
        } good[] = {
            {"0", "i0;"},
            {" -0 ", "i0;"},
            {"\t[\r\n]", "[]"},
            {"{}", "{}"},
            {"[[],{},[{}]]", "[[]{}[{}]]"},
            {"true", "T"},
            {"[false,null]", "[FN]"},
            {"\"\"", "s0:"},
            {"\"\x7f\"", "s1:7f"},
            {"{\"\":\"\",\"a\":{\"\":1}}", "{k0:s0:k1:61{k0:i1;}}"},
            {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s8:225c2f080c0a0d09"},
            {"\"\\u0000\\u0041\\u00E9\\u20aC\\ud83D\\uDE00\"", "s11:0041c3a9e282acf09f9880"},
            {"\"\\uD800\\uDC00 \\uDBFF\\uDFFF\\uFFFF\"", "s12:f090808020f48fbfbfefbfbf"},
            {"\"0123456789abcdef\\n0123456789abcdef0123456789abcdef\"",
                "s49:"
                "303132333435363738396162636465660a3031323334353637383961626364656630313233343536373839616263646566"},
            {"\"0123456789abcde\xc3\xa9\"", "s17:303132333435363738396162636465c3a9"},
            {"1e999", "rinf;"}, /* the grammar allows it; getters of numbers do not */
            {"[1.5,-2E+2,1e-1,0.0,0e0]", "[r0x1.8p+0;r-0x1.9p+7;r0x1.999999999999ap-4;r0x0p+0;r0x0p+0;]"},
            {"123456789012345678901234567890", "i123456789012345678901234567890;"},
        };
        struct buf b CLEANUP(buf_done) = {0};
        struct err e;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                assert_int_equal(judge(span_of(good[i].in), NULL, &e), ERR_NONE);
                assert_true(dump(span_of(good[i].in), NULL, &b, &e));
                buf_put_u8(&b, 0);
                assert_string_equal((const char *)b.at, good[i].dump);
        }
}

static void everything_else_is_refused(void **state)
{
        static const struct span bad[] = {
            SPAN_LIT(""),
            SPAN_LIT(" \n"),
            SPAN_LIT("\xef\xbb\xbf{}"),
            SPAN_LIT("{}\0"),
            SPAN_LIT("\0"),
            SPAN_LIT("nul"),
            SPAN_LIT("nulL"),
            SPAN_LIT("True"),
            SPAN_LIT("truefalse"),
            SPAN_LIT("NaN"),
            SPAN_LIT("Infinity"),
            SPAN_LIT("-"),
            SPAN_LIT("+1"),
            SPAN_LIT("01"),
            SPAN_LIT("-01"),
            SPAN_LIT("1."),
            SPAN_LIT(".5"),
            SPAN_LIT("1.e5"),
            SPAN_LIT("1e"),
            SPAN_LIT("1e+"),
            SPAN_LIT("0x10"),
            SPAN_LIT("1_000"),
            SPAN_LIT("1 2"),
            SPAN_LIT("-a"),
            SPAN_LIT("--1"),
            SPAN_LIT("1e1.5"),
            SPAN_LIT("[1,]"),
            SPAN_LIT("[,1]"),
            SPAN_LIT("[,]"),
            SPAN_LIT("[1 2]"),
            SPAN_LIT("[1;2]"),
            SPAN_LIT("[1}"),
            SPAN_LIT("{\"a\":1]"),
            SPAN_LIT("{\"a\"}"),
            SPAN_LIT("{\"a\":}"),
            SPAN_LIT("{\"a\" 1}"),
            SPAN_LIT("{\"a\"::1}"),
            SPAN_LIT("{a:1}"),
            SPAN_LIT("{'a':1}"),
            SPAN_LIT("{1:1}"),
            SPAN_LIT("{,}"),
            SPAN_LIT("{\"a\":1,,\"b\":2}"),
            SPAN_LIT("]"),
            SPAN_LIT("}"),
            SPAN_LIT("[]]"),
            SPAN_LIT("// x\n1"),
            SPAN_LIT("/**/1"),
            SPAN_LIT("1//"),
            SPAN_LIT("[1\f]"),
            SPAN_LIT("[\xc2\xa0"
                     "1]"),
            SPAN_LIT("\""),
            SPAN_LIT("\"a"),
            SPAN_LIT("\"\\"),
            SPAN_LIT("\"\\\""),
            SPAN_LIT("\"\\x41\""),
            SPAN_LIT("\"\\u\""),
            SPAN_LIT("\"\\u12\""),
            SPAN_LIT("\"\\u123g\""),
            SPAN_LIT("\"\\U0041\""),
            SPAN_LIT("\"\\\xc3\xa9\""),
            SPAN_LIT("\"\\\n\""),
            SPAN_LIT("\"\n\""),
            SPAN_LIT("\"a\tb\""),
            SPAN_LIT("\"\0\""),
            SPAN_LIT("\"0123456789abcdef\x1f\""),
            SPAN_LIT("\"\\ud800\""),
            SPAN_LIT("\"\\udc00\""),
            SPAN_LIT("\"\\udc00\\ud800\""),
            SPAN_LIT("\"\\ud800\\ud800\""),
            SPAN_LIT("\"\\ud800\\n\""),
            SPAN_LIT("\"\\ud800\\u0041\""),
            SPAN_LIT("\"\\ud800x\""),
            SPAN_LIT("\"\\ud83d\\ude0\""),
            SPAN_LIT("\"\x80\""),
            SPAN_LIT("\"\xc3\""),
            SPAN_LIT("\"\xc0\xaf\""),
            SPAN_LIT("\"\xed\xa0\x80\""),
            SPAN_LIT("\"\xf5\x80\x80\x80\""),
            SPAN_LIT("\"\xc3\\u00a9\""),
            SPAN_LIT("\"0123456789abcdef0123456789\xff\""),
            SPAN_LIT("{\"\xff\":1}"),
            SPAN_LIT("{\"\\ud800\":1}"),
            SPAN_LIT("[\"a\",\"b\"\"c\"]"),
            SPAN_LIT("{\"a\":1,\"a\":1}"),
            SPAN_LIT("{\"a\":1,\"\\u0061\":1}"),
            SPAN_LIT("{\"\":1,\"\":1}"),
            SPAN_LIT("{\"x\":{\"a\":0,\"b\":0,\"\\u0061\":0}}"),
        };
        struct err e;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                enum err_kind kind = judge(bad[i], NULL, &e);

                if (kind != ERR_MALFORMED)
                        fail_msg("case %zu, %.*s: %s", i, SPAN_FMT(bad[i]), err_kind_name(kind));
        }
}

/* Each prefix lies in memory of exactly its size, so that a sanitizer sees a read beyond it. */
static void every_cut_is_refused(void **state)
{
        static const char whole[] = "{\"a\":[1.5e3,\"x\\u00e9\\ud83d\\ude00y\",true,false,null,{\"b\":-0}],"
                                    "\"a key of more than sixteen bytes\":\"a value of more than sixteen \xc3\xa9\"}";
        struct err e;

        (void)state;
        assert_int_equal(judge(SPAN_LIT(whole), NULL, &e), ERR_NONE);
        for (size_t n = 0; n < sizeof(whole) - 1; n++) {
                uint8_t *cut = heap_alloc(n);

                memcpy(cut, whole, n);
                assert_int_equal(judge(span_bytes(cut, n), NULL, &e), ERR_MALFORMED);
                free(cut);
        }
}

static void numbers_fit_their_getter(void **state)
{
        static const struct {
                const char *in;
                bool u64, i64, real;
        } cases[] = {
            {"0", true, true, true},
            {"-0", false, true, true},
            {"-1", false, true, true},
            {"1.0", false, false, true},
            {"1e2", false, false, true},
            {"9223372036854775807", true, true, true},
            {"9223372036854775808", true, false, true},
            {"-9223372036854775808", false, true, true},
            {"-9223372036854775809", false, false, true},
            {"18446744073709551615", true, false, true},
            {"18446744073709551616", false, false, true},
            {"1e999", false, false, false},
            {"-1e999", false, false, false},
            {"1.7976931348623157e308", false, false, true},
            {"1e-999", false, false, true}, /* zero */
            {"\"1\"", false, false, false},
            {"null", false, false, false},
        };
        struct json j;
        struct err e;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct span in = span_of(cases[i].in);

                json_init(&j, in, arena, NULL);
                assert_true(json_u64(&j) == 0 || cases[i].u64);
                assert_int_equal(json_finish(&j, &e), cases[i].u64);
                json_init(&j, in, arena, NULL);
                assert_true(json_i64(&j) == 0 || cases[i].i64);
                assert_int_equal(json_finish(&j, &e), cases[i].i64);
                json_init(&j, in, arena, NULL);
                assert_true(json_double(&j) == 0 || cases[i].real);
                assert_int_equal(json_finish(&j, &e), cases[i].real);
        }
        json_init(&j, SPAN_LIT("[-9223372036854775808,9223372036854775807,-12,0.1,-2.5e-3,1e22]"), arena, NULL);
        json_array(&j);
        assert_true(json_element(&j) && json_i64(&j) == INT64_MIN);
        assert_true(json_element(&j) && json_i64(&j) == INT64_MAX);
        assert_true(json_element(&j) && json_i64(&j) == -12);
        assert_true(json_element(&j) && json_double(&j) == 0.1);
        assert_true(json_element(&j) && json_double(&j) == -2.5e-3);
        assert_true(json_element(&j) && span_is(json_number_text(&j), "1e22"));
        assert_false(json_element(&j));
        assert_true(json_finish(&j, &e));
}

static void a_double_of_many_digits_is_bounded(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct json j;
        struct err e;

        (void)state;
        buf_put_text(&b, "0.");
        for (int i = 0; i < 5000; i++)
                buf_put_u8(&b, '1');
        assert_int_equal(judge(buf_span(&b), NULL, &e), ERR_NONE);
        json_init(&j, buf_span(&b), arena, NULL);
        assert_true(json_double(&j) == 0);
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_int_equal(judge(buf_span(&b), &(struct json_limits){.string_max = 5000}, &e), ERR_LIMIT);
}

static void depth_is_limited_without_recursion(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct json_limits three = {.depth_max = 3};
        struct err e;

        (void)state;
        for (size_t depth = 1; depth <= 10000; depth = depth < 70 ? depth + 1 : depth * 10) {
                buf_clear(&b);
                for (size_t i = 0; i < depth; i++)
                        buf_put_text(&b, i % 2 ? "{\"a\":" : "[");
                buf_put_text(&b, "0");
                for (size_t i = depth; i > 0; i--)
                        buf_put_text(&b, i % 2 ? "]" : "}");
                assert_int_equal(judge(buf_span(&b), NULL, &e), depth <= JSON_DEPTH_MAX ? ERR_NONE : ERR_LIMIT);
        }
        buf_clear(&b);
        for (size_t i = 0; i < 1000000; i++)
                buf_put_u8(&b, '[');
        assert_int_equal(judge(buf_span(&b), NULL, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("[[[1]],[[2]]]"), &three, &e), ERR_NONE);
        assert_int_equal(judge(SPAN_LIT("[[[[1]]]]"), &three, &e), ERR_LIMIT);
}

static void sizes_are_limited(void **state)
{
        struct json_limits small = {.string_max = 4, .members_max = 3};
        struct err e;

        (void)state;
        assert_int_equal(judge(SPAN_LIT("\"1234\""), &small, &e), ERR_NONE);
        assert_int_equal(judge(SPAN_LIT("\"12345\""), &small, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("\"\\u0031234\""), &small, &e), ERR_NONE); /* un-escaped length counts */
        assert_int_equal(judge(SPAN_LIT("\"\\u003123\\u00e9\""), &small, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("{\"12345\":1}"), &small, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("[1,2,3]"), &small, &e), ERR_NONE);
        assert_int_equal(judge(SPAN_LIT("[1,2,3,4]"), &small, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("{\"a\":1,\"b\":2,\"c\":3}"), &small, &e), ERR_NONE);
        assert_int_equal(judge(SPAN_LIT("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}"), &small, &e), ERR_LIMIT);
        assert_int_equal(judge(SPAN_LIT("[[1,2,3],[1,2,3],[1,2,3]]"), &small, &e), ERR_NONE); /* each on its own */
        assert_int_equal(judge(SPAN_LIT("12345"), &small, &e), ERR_LIMIT);
}

static void keys_put(struct buf *b, int from, int to)
{
        for (int i = from; i < to; i++)
                buf_printf(b, "%s\"k%d\":0", i == from ? "" : ",", i);
}

/* Around the change from list to table, and in both: the first, a middle and the last key again, plain and escaped. */
static void duplicate_keys_are_found_at_any_count(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct err e;

        (void)state;
        for (int n = 1; n < 140; n++) {
                int again[] = {0, n / 2, n - 1};

                buf_clear(&b);
                buf_put_text(&b, "[{");
                keys_put(&b, 0, n);
                buf_put_text(&b, "},{");
                keys_put(&b, 0, n);
                buf_put_text(&b, "}]");
                assert_int_equal(
                    judge(buf_span(&b), NULL, &e), ERR_NONE); /* the same keys in another object are fine */
                for (size_t i = 0; i < 2 * ARRAY_LEN(again); i++) {
                        b.len -= 2;
                        buf_printf(&b, ",\"%s%d\":0}]", i % 2 ? "k" : "\\u006b", again[i / 2]);
                        assert_int_equal(judge(buf_span(&b), NULL, &e), ERR_MALFORMED);
                        assert_non_null(strstr(e.text, "appears twice"));
                        while (b.at[b.len - 1] != ',')
                                b.len--;
                        b.len--;
                        buf_put_text(&b, "}]");
                }
        }
}

/* A quadratic search, or a table cleared whole for each small object, would take minutes here. */
static void many_keys_take_linear_time_and_memory(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct arena *own CLEANUP(arena_freep) = arena_new();
        struct json j;
        struct err e;

        (void)state;
        buf_put_text(&b, "[{");
        keys_put(&b, 0, 300000);
        buf_put_u8(&b, '}');
        for (int i = 0; i < 20000; i++) {
                buf_put_text(&b, ",{");
                keys_put(&b, 0, 20);
                buf_put_u8(&b, '}');
        }
        buf_put_u8(&b, ']');
        json_init(&j, buf_span(&b), own, NULL);
        json_skip(&j);
        assert_true(json_finish(&j, &e));
        assert_true(arena_used(own) < 300000 * 100);
}

static void after_an_error_all_is_zero_and_loops_end(void **state)
{
        struct json j;
        struct span key = SPAN_LIT("untouched");
        struct err e;
        int rounds = 0;

        (void)state;
        json_init(&j, SPAN_LIT("{\"a\":[1,\"x\",3,true,null]}"), arena, NULL);
        json_object(&j);
        assert_true(json_member(&j, &key));
        for (json_array(&j); json_element(&j); rounds++)
                json_u64(&j);
        assert_int_equal(rounds, 2);
        key = SPAN_LIT("untouched");
        assert_false(json_member(&j, &key));
        assert_true(span_is(key, "untouched"));
        assert_true(json_u64(&j) == 0 && json_i64(&j) == 0 && json_double(&j) == 0);
        assert_false(json_bool(&j) || json_null(&j));
        assert_int_equal(json_string(&j).len + json_number_text(&j).len + json_raw(&j).len, 0);
        assert_int_equal(json_peek(&j), JSON_NONE);
        json_skip(&j);
        json_object(&j);
        json_array(&j);
        json_fail(&j, ERR_LIMIT, "a later error does not hide the first");
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_string_equal(e.text, "a[1]: a number was expected, found a string (byte 8)");
}

static void misuse_is_our_bug_and_ends_too(void **state)
{
        struct span key;
        struct json j;
        struct err e;

        (void)state;
        json_init(&j, SPAN_LIT("[1,2]"), arena, NULL); /* passes over a value */
        json_array(&j);
        assert_true(json_element(&j));
        assert_false(json_element(&j));
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_BUG);
        json_init(&j, SPAN_LIT("[1,2]"), arena, NULL); /* wants members of an array */
        json_array(&j);
        assert_false(json_member(&j, &key));
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_BUG);
        json_init(&j, SPAN_LIT("[1,2]"), arena, NULL); /* reads twice */
        json_array(&j);
        assert_true(json_element(&j));
        assert_true(json_u64(&j) == 1 && json_u64(&j) == 0);
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_BUG);
        json_init(&j, SPAN_LIT("[1,2]"), arena, NULL); /* stops early */
        json_array(&j);
        assert_true(json_element(&j) && json_u64(&j) == 1);
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_BUG);
        json_init(&j, SPAN_LIT("1"), arena, NULL); /* reads nothing */
        assert_false(json_finish(&j, &e));
        assert_int_equal(e.kind, ERR_BUG);
        json_init(&j, SPAN_LIT("1"), arena, NULL);
        assert_false(json_element(&j));
        assert_int_equal(j.err.kind, ERR_BUG);
}

static void raw_null_and_peek(void **state)
{
        struct json j;
        struct err e;

        (void)state;
        json_init(&j, SPAN_LIT("[ {\"a\" : [1]} , null, 5, \"s\"]"), arena, NULL);
        json_array(&j);
        assert_true(json_element(&j));
        assert_int_equal(json_peek(&j), JSON_OBJECT);
        assert_false(json_null(&j));
        assert_true(span_is(json_raw(&j), "{\"a\" : [1]}"));
        assert_true(json_element(&j) && json_peek(&j) == JSON_NULL && json_null(&j));
        assert_true(json_element(&j) && !json_null(&j) && json_u64(&j) == 5);
        assert_true(json_element(&j) && json_peek(&j) == JSON_STRING && span_is(json_string(&j), "s"));
        assert_false(json_element(&j));
        assert_int_equal(json_peek(&j), JSON_NONE); /* behind the end; asking is a bug */
        assert_false(json_finish(&j, &e));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_manifest_is_read),
            cmocka_unit_test(errors_name_the_place),
            cmocka_unit_test(a_long_path_keeps_its_inner_part),
            cmocka_unit_test(valid_documents_are_accepted),
            cmocka_unit_test(everything_else_is_refused),
            cmocka_unit_test(every_cut_is_refused),
            cmocka_unit_test(numbers_fit_their_getter),
            cmocka_unit_test(a_double_of_many_digits_is_bounded),
            cmocka_unit_test(depth_is_limited_without_recursion),
            cmocka_unit_test(sizes_are_limited),
            cmocka_unit_test(duplicate_keys_are_found_at_any_count),
            cmocka_unit_test(many_keys_take_linear_time_and_memory),
            cmocka_unit_test(after_an_error_all_is_zero_and_loops_end),
            cmocka_unit_test(misuse_is_our_bug_and_ends_too),
            cmocka_unit_test(raw_null_and_peek),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
