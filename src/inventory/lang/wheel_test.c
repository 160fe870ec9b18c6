#include "inventory/jvm/zip_test_priv.h"
#include "inventory/lang/lang_test_priv.h"

static const size_t pieces[] = {1, 3, 17, 4096, SIZE_MAX / 2};

/* "name version inside" of each, and what is said; whatever the pieces. */
static void lists_span(struct span file, const char *expected, const char *note)
{
        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                struct findings f = detect_stream(&detect_python_wheel, "w/a-1-py3-none-any.whl", file, pieces[i]);
                struct buf found = {0};
                for (size_t k = 0; k < f.packages.len; k++) {
                        found_put(&found, &detect_python_wheel, &f.packages.at[k]);
                        buf_printf(&found, " %.*s", SPAN_FMT(f.packages.at[k].inside));
                        assert_int_equal(f.packages.at[k].state, COMPONENT_INSTALLED);
                }
                assert_span(buf_span(&found), expected);
                if (note)
                        assert_noted(f.notes.at, f.notes.len, note);
                else if (f.notes.len > 0)
                        fail_msg("%.*s", SPAN_FMT(f.notes.at[0]));
                buf_done(&found);
                arena_free(f.arena);
        }
}

static void lists(struct zip_file *z, const char *expected, const char *note)
{
        zip_finish(z);
        lists_span(buf_span(&z->b), expected, note);
        buf_done(&z->b);
        *z = (struct zip_file){0};
}

#define HEAD(name, version) "Metadata-Version: 2.1\nName: " name "\nVersion: " version "\n\nIts README.\n"

static void test_paths(void **state)
{
        (void)state;
        assert_true(detect_python_wheel.wants(SPAN_LIT("usr/share/python-wheels/pip-23.0.1-py3-none-any.whl")));
        assert_true(detect_python_wheel.wants(SPAN_LIT("a.whl")));
        assert_true(
            detect_python_wheel.wants(SPAN_LIT("usr/lib/python3.11/ensurepip/_bundled/pip-24.0-py3-none-any.whl")));
        assert_true(detect_python_wheel.wants(SPAN_LIT("testing/a.whl")));
        assert_false(detect_python_wheel.wants(SPAN_LIT("usr/lib/python3.11/test/test_importlib/data/a.whl")));
        assert_false(detect_python_wheel.wants(SPAN_LIT("x/tests/a.whl")));
        assert_false(detect_python_wheel.wants(SPAN_LIT("x/examples/a.whl")));
        assert_false(detect_python_wheel.wants(SPAN_LIT("x/.whl")));
        assert_false(detect_python_wheel.wants(SPAN_LIT("a.whl.metadata")));
        assert_ptr_equal(detector_of_path(SPAN_LIT("x/a.whl")), &detect_python_wheel);
}

static void test_wheel(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "pip/__init__.py", "code");
        zip_add(&z, "Foo_Bar-1.0.dist-info/METADATA", HEAD("Foo_Bar", "1.0"));
        lists(&z, "foo-bar 1.0 Foo_Bar-1.0.dist-info/METADATA", NULL);
        zip_add(&z, "a-1.dist-info/METADATA", "Name: a\nVersion: 1\nLicense: MIT\n");
        lists(&z, "a 1 (MIT) a-1.dist-info/METADATA", NULL);
        /* what it carries along, and a second one: no */
        zip_add(&z, "a/_vendor/b-2.dist-info/METADATA", HEAD("b", "2"));
        zip_add(&z, "a-1.dist-info/METADATA", HEAD("a", "1"));
        zip_add(&z, "c-1.dist-info/METADATA", HEAD("c", "1"));
        lists(&z, "a 1 a-1.dist-info/METADATA", NULL);
}

/* `pip wheel` made it of a project without files, setuptools 66. */
static void test_real(void **state)
{
        static const char hex[] =
            "504b0304140000000800047b775d0000000002000000000000000700000074696e792e70790300504b030414"
            "0000000800057b775d8118cdf8660000007b0000002800000074696e795f746f6f6c5f782d312e322e706f73"
            "74332e646973742d696e666f2f4d45544144415441f34d2d494c492c49d40d4b2d2acecccfb35230d233e1f2"
            "4bcc4db55208c9ccab8c0fc9cfcfd1abe0824b1bea19e915e417971873f96426a7e61503d5f97a867039e724"
            "161767a665a6165929402514acac14fc833d151c0b0a8af2cb5253407ca05298341700504b03041400000008"
            "00067b775dc911d1f85c0000005b0000002500000074696e795f746f6f6c5f782d312e322e706f7374332e64"
            "6973742d696e666f2f574845454c05c1310ac3300c05d05da7d0d80c324d9aa1f802a55b29a59d1df8240123"
            "05591e72fbbef7db802a5f78db4d338fe94a0f28bc8479e686e84798d5c697fb9ca6340ef4360b7936797547"
            "dd97cce11df4296be6e3bc899a428a9e447f504b0304140000000800057b775d10c43fd00700000005000000"
            "2d00000074696e795f746f6f6c5f782d312e322e706f7374332e646973742d696e666f2f746f705f6c657665"
            "6c2e7478742bc9ccabe40200504b0304140000000800067b775d741faf13fb00000085010000260000007469"
            "6e795f746f6f6c5f782d312e322e706f7374332e646973742d696e666f2f5245434f524485cdc97682300040"
            "d1bddf92d0428cc3a20b8454a4050d336e380ca9a06072245af0ebdb8d6b3ee0dd279beba88811f475aee1c5"
            "c77c69122ace2b6be3e7300b765d0cb16db03b65dea5c3ae23ecf8b845b57fff0cc1fb4cfec799e4bccd06a8"
            "2a9a22782f915235bd84cdf587bf3924d04d3dd05fba598fb016e925084ed6b23d88c41e6f9bf3f5a407a18c"
            "8adeddc606a6a4a19d4381aaa1493fb608f97ee1ddbe4abcb5817e9d883f96a59fae0e294c8c27477ed7c586"
            "f5d8d21b2e7b9be71cacd5495b7291b5ecc15a450ef2f570a55d1d52734e873444f727f7be0ab61670f4f16e"
            "d0a362cf085b58c738d2d412e0c985478cbd670230fb03504b01021403140000000800047b775d0000000002"
            "00000000000000070000000000000000000000a4810000000074696e792e7079504b01021403140000000800"
            "057b775d8118cdf8660000007b000000280000000000000000000000a4812700000074696e795f746f6f6c5f"
            "782d312e322e706f7374332e646973742d696e666f2f4d45544144415441504b01021403140000000800067b"
            "775dc911d1f85c0000005b000000250000000000000000000000a481d300000074696e795f746f6f6c5f782d"
            "312e322e706f7374332e646973742d696e666f2f574845454c504b01021403140000000800057b775d10c43f"
            "d007000000050000002d0000000000000000000000a4817201000074696e795f746f6f6c5f782d312e322e70"
            "6f7374332e646973742d696e666f2f746f705f6c6576656c2e747874504b01021403140000000800067b775d"
            "741faf13fb00000085010000260000000000000000000000b481c401000074696e795f746f6f6c5f782d312e"
            "322e706f7374332e646973742d696e666f2f5245434f5244504b050600000000050005008d01000003030000"
            "0000";
        uint8_t file[sizeof(hex) / 2];

        (void)state;
        for (size_t i = 0; i < sizeof(file); i++) {
                unsigned byte;
                assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
                file[i] = (uint8_t)byte;
        }
        lists_span(span_bytes(file, sizeof(file)),
            "tiny-tool-x 1.2.post3 (MIT) tiny_tool_x-1.2.post3.dist-info/METADATA", NULL);
}

static void test_refusals(void **state)
{
        struct zip_file z = {0};

        (void)state;
        lists_span(SPAN_LIT("no archive, whatever its name says"), "", "no zip archive");
        lists_span((struct span){0}, "", NULL);
        zip_add(&z, "a/METADATA", HEAD("a", "1"));
        zip_add(&z, "METADATA", HEAD("a", "1"));
        zip_add(&z, "a-1.dist-info/RECORD", "");
        lists(&z, "", "no METADATA");
        zip_add(&z, "a-1.dist-info/METADATA", "Version: 1\n");
        lists(&z, "", "no valid name");
        zip_add(&z, "a-1.dist-info/METADATA", "Name: a\n");
        lists(&z, "", "no valid version");

        struct buf large = {0};
        buf_put_text(&large, HEAD("a", "1"));
        while (large.len <= INVENTORY_METADATA_MAX)
                buf_put_text(&large, "a line of a README that never ends\n");
        buf_put_u8(&large, 0);
        zip_add(&z, "a-1.dist-info/METADATA", (const char *)large.at);
        zip_finish(&z);
        struct findings f = detect_stream(&detect_python_wheel, "a-1.whl", buf_span(&z.b), 4096);
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "METADATA is larger");
        arena_free(f.arena);
        buf_done(&large);
        buf_done(&z.b);
}

/* Cut anywhere: nothing is listed of a METADATA that did not come whole, and something is said. */
static void test_cut(void **state)
{
        struct zip_file z = {0};

        (void)state;
        zip_add(&z, "a-1.dist-info/METADATA", HEAD("a", "1"));
        zip_finish(&z);
        for (size_t n = 1; n < z.b.len; n++) {
                struct findings f = detect_stream(&detect_python_wheel, "a-1.whl", span_cut(buf_span(&z.b), 0, n), 7);
                assert_true(f.packages.len <= 1);
                assert_true(f.notes.len > 0);
                arena_free(f.arena);
        }
        void *w = detect_python_wheel.stream->begin(&(struct findings){0}, 10); /* one that never comes */
        detect_python_wheel.stream->free(w);
        detect_python_wheel.stream->free(NULL);
        buf_done(&z.b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_wheel),
            cmocka_unit_test(test_real),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_cut),
        };

        return cmocka_run_group_tests_name("inventory wheel", tests, NULL, NULL);
}
