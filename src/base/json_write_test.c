/* The JSON writer: one form, whatever is to be escaped, and no text that its own reader would refuse. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_test_priv.h"

static void sample_write(struct json_out *o)
{
        json_out_object(o);
        json_out_member_text(o, "text", "a\"\\\b\f\n\r\t\x01\x7f/\xc3\xa9");
        json_out_member_text(o, "none", NULL);
        json_out_member(o, "broken",
            SPAN_LIT("x\xff\xc3(\xed\xa0\x80"
                     "\0y"));
        json_out_member_u64(o, "big", UINT64_MAX);
        json_out_key(o, "list");
        json_out_array(o);
        json_out_i64(o, INT64_MIN);
        json_out_fixed1(o, 98);
        json_out_fixed1(o, 5);
        json_out_bool(o, true);
        json_out_null(o);
        json_out_raw(o, SPAN_LIT("1e5"));
        json_out_array(o);
        json_out_array_end(o);
        json_out_object(o);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
}

/* Every byte at every place of strings of every length around a word, beside neighbours that a carry could hide. */
static void writer_escapes_wherever_it_stands(void **state)
{
        static const uint8_t around[] = {'a', 0x7f, ' ', '#', '[', '!'};
        struct buf b CLEANUP(buf_done) = {0}, want CLEANUP(buf_done) = {0};

        (void)state;
        for (unsigned byte = 0; byte < 0x80; byte++)
                for (size_t len = 1; len < 20; len++)
                        for (size_t at = 0; at < len; at++) {
                                uint8_t text[20];
                                struct json_out o;
                                memset(text, around[(byte + at) % sizeof(around)], sizeof(text));
                                text[at] = (uint8_t)byte;
                                buf_clear(&b);
                                json_out_init(&o, &b, 0);
                                json_out_string(&o, span_bytes(text, len));
                                buf_clear(&want);
                                buf_put_u8(&want, '"');
                                for (size_t i = 0; i < len; i++) {
                                        const char *named = text[i] ? strchr("\bb\tt\nn\ff\rr\"\"\\\\", text[i]) : NULL;
                                        if (text[i] < 0x20 && named)
                                                buf_printf(&want, "\\%c", named[1]);
                                        else if (text[i] < 0x20)
                                                buf_printf(&want, "\\u%04x", text[i]);
                                        else if (text[i] == '"' || text[i] == '\\')
                                                buf_printf(&want, "\\%c", text[i]);
                                        else
                                                buf_put_u8(&want, text[i]);
                                }
                                buf_put_u8(&want, '"');
                                assert_true(span_equal(buf_span(&b), buf_span(&want)));
                        }
}

static void writer_gives_one_form(void **state)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct json_out o;
        struct err e;

        (void)state;
        json_out_init(&o, &b, 0);
        sample_write(&o);
        buf_put_u8(&b, 0);
        assert_string_equal((char *)b.at,
            "{\"text\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\xc3\xa9\",\"none\":null,"
            "\"broken\":\"x\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u0000y\","
            "\"big\":18446744073709551615,\"list\":[-9223372036854775808,9.8,0.5,true,null,1e5,[],{}]}");
        b.len--;
        assert_int_equal(judge(buf_span(&b), NULL, &e), ERR_NONE);
        buf_clear(&b);
        json_out_init(&o, &b, 2);
        json_out_object(&o);
        json_out_member_u64(&o, "a", 1);
        json_out_key(&o, "b");
        json_out_array(&o);
        json_out_u64(&o, 2);
        json_out_array(&o);
        json_out_array_end(&o);
        json_out_array_end(&o);
        json_out_object_end(&o);
        buf_put_u8(&b, 0);
        assert_string_equal((char *)b.at, "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    []\n  ]\n}");
}

static void writer_stops_with_its_buffer(void **state)
{
        struct json_out o;

        (void)state;
        for (size_t max = 1; max < 150; max++) {
                struct buf b CLEANUP(buf_done) = {.max = max};

                json_out_init(&o, &b, 1);
                sample_write(&o);
                assert_true(b.failed && b.len <= max);
        }
}

static void misnest_key_in_array(struct json_out *o)
{
        json_out_array(o);
        json_out_key(o, "a");
}

static void misnest_value_without_key(struct json_out *o)
{
        json_out_object(o);
        json_out_u64(o, 1);
}

static void misnest_wrong_end(struct json_out *o)
{
        json_out_object(o);
        json_out_array_end(o);
}

static void misnest_key_without_value(struct json_out *o)
{
        json_out_object(o);
        json_out_key(o, "a");
        json_out_object_end(o);
}

static void misnest_end_of_nothing(struct json_out *o)
{
        json_out_array_end(o);
}

static void misnest_two_values(struct json_out *o)
{
        json_out_u64(o, 1);
        json_out_u64(o, 2);
}

static void misnest_too_deep(struct json_out *o)
{
        for (int i = 0; i < JSON_OUT_DEPTH_MAX + 1; i++)
                json_out_array(o);
}

static void writer_asserts_nesting(void **state)
{
        void (*const wrong[])(struct json_out *) = {misnest_key_in_array, misnest_value_without_key, misnest_wrong_end,
            misnest_key_without_value, misnest_end_of_nothing, misnest_two_values, misnest_too_deep};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                pid_t pid = fork();
                int status;

                assert_true(pid >= 0);
                if (pid == 0) {
                        struct rlimit none = {0};
                        struct buf b = {0};
                        struct json_out o;
                        int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);

                        setrlimit(RLIMIT_CORE, &none);
                        dup2(quiet, STDERR_FILENO);
                        json_out_init(&o, &b, 0);
                        wrong[i](&o);
                        _exit(0);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(writer_escapes_wherever_it_stands),
            cmocka_unit_test(writer_gives_one_form),
            cmocka_unit_test(writer_stops_with_its_buffer),
            cmocka_unit_test(writer_asserts_nesting),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
