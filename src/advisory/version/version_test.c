#include "advisory/version/version_testing_priv.h"

static void dpkg_order(void **state)
{
        const enum version_order o = VERSION_ORDER_DPKG;

        (void)state;
        expect(o, "1.0", '=', "1.0-0");
        expect(o, "1.0", '=', "0:1.0-00");
        expect(o, "1a", '=', "1a0");
        expect(o, "1.0-a", '=', "1.0-a0");
        expect(o, "1.01", '=', "1.1");
        expect(o, "1.0~rc1", '<', "1.0");
        expect(o, "1.0~~", '<', "1.0~");
        expect(o, "1.0~", '<', "1.0~a");
        expect(o, "1.0-~", '<', "1.0");
        expect(o, "1.0-1~deb12u1", '<', "1.0-1");
        expect(o, "1.0", '<', "1.0a");
        expect(o, "1.0a", '<', "1.0+");
        expect(o, "1.0Z", '<', "1.0a");
        expect(o, "1.0+", '<', "1.0-1-1"); /* upstream "1.0-1" */
        expect(o, "1.0-1", '<', "1.0.");
        expect(o, "1.9", '<', "1.10");
        expect(o, "9", '<', "1:0");
        expect(o, "9:0", '<', "10:0");
}

static void dpkg_refusals(void **state)
{
        static const char *const cases[][2] = {{"", "empty"}, {"a1", "does not start with a digit"},
            {"1.0-", "revision is empty"}, {"-1", "upstream version is empty"}, {":1", "epoch is empty"},
            {"a:1", "epoch is not a number"}, {"1:", "upstream version is empty"}, {"1 ", "byte 0x20"},
            {"1_0", "byte 0x5f"}, {"1.0-1_2", "byte 0x5f"}, {"1.0-1:2", "epoch is not a number"},
            {"1:~1", "does not start with a digit"}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                refused(VERSION_ORDER_DPKG, cases[i][0], cases[i][1]);
}

static void semver_order(void **state)
{
        const enum version_order o = VERSION_ORDER_SEMVER;

        (void)state;
        expect(o, "1.0.0-alpha", '<', "1.0.0-alpha.1");
        expect(o, "1.0.0-alpha.1", '<', "1.0.0-alpha.beta");
        expect(o, "1.0.0-beta.2", '<', "1.0.0-beta.11");
        expect(o, "1.0.0-rc.1", '<', "1.0.0");
        expect(o, "1.0.0-0", '<', "1.0.0--");
        expect(o, "1.0.0-9007199254740993", '<', "1.0.0-9007199254740994"); /* exact above 2^53 */
        expect(o, "1.0.0-99999999999999999999", '<', "1.0.0-100000000000000000000");
        expect(o, "1.0.0-a", '<', "1.0.0-a-");
        expect(o, "1.0.0-a.0", '<', "1.0.0-a-");
        expect(o, "1.0.0+a", '=', "1.0.0+b.1");
        expect(o, "2.0.0+incompatible", '=', "v2.0.0");
        expect(o, "0.0.0-20191109021931-daa7c04131f5", '<', "0.0.0-20200101000000-000000000000");
        refused(o, "1.2", "patch version is missing");
        refused(o, "01.2.3", "leading zero");
        refused(o, "1.2.3-01", "leading zero");
        refused(o, "1.2.3-", "identifier is empty");
        refused(o, "1.2.3-a..b", "identifier is empty");
        refused(o, "1.2.3+", "identifier is empty");
        refused(o, "1.2.3.4", "byte 0x2e");
        refused(o, "=1.2.3", "not a number");
        refused(o, " 1.2.3", "not a number");
        refused(o, "1.2.3-a_b", "byte 0x5f");
}

static void pep440_order(void **state)
{
        static const char *const ascending[] = {"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456",
            "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1",
            "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1!0"};
        static const char *const equal[][2] = {{"1.0", "1"}, {"1.0.0", "v1"}, {"1.0A1", "1.0alpha1"},
            {"1.0-b.2", "1.0b2"}, {"1.0c1", "1.0preview_1"}, {"1.0a", "1.0a0"}, {"1.0-1", "1.0.post1"},
            {"1.0rev", "1.0.post0"}, {"1.0_r-3", "1.0-3"}, {"1.0dev", "1.0.dev0"}, {" 1.0\n", "1.0"}, {"0!1", "1"},
            {"1.0+Ubuntu-1", "1.0+ubuntu.1"}, {"01.02", "1.2"}, {"1.0a-1", "1.0a1"}, {"1.0a.-1", "1.0a0.post1"},
            {"1.0a-", "1.0a0"}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(ascending); i++)
                for (size_t k = i + 1; k < ARRAY_LEN(ascending); k++)
                        expect(VERSION_ORDER_PEP440, ascending[i], '<', ascending[k]);
        for (size_t i = 0; i < ARRAY_LEN(equal); i++)
                expect(VERSION_ORDER_PEP440, equal[i][0], '=', equal[i][1]);
        refused(VERSION_ORDER_PEP440, "2004d", "byte 0x64");
        refused(VERSION_ORDER_PEP440, "1.", "byte 0x2e");
        refused(VERSION_ORDER_PEP440, "!1", "not a number");
        refused(VERSION_ORDER_PEP440, "1.0+", "local version");
        refused(VERSION_ORDER_PEP440, "1.0+a..b", "local version");
        refused(VERSION_ORDER_PEP440, "1.0+a+b", "byte 0x2b");
        refused(VERSION_ORDER_PEP440, "1.0--1", "byte 0x2d");
        refused(VERSION_ORDER_PEP440, "1.0.po\xc5\xbft1", "byte 0x2e");
}

static void limits(void **state)
{
        char text[VERSION_MAX + 2];
        struct buf key CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        memset(text, '1', sizeof(text));
        for (enum version_order o = VERSION_ORDER_DPKG; o <= VERSION_ORDER_PORTAGE; o++) {
                assert_false(version_key(o, span_bytes(text, VERSION_MAX + 1), &key, &e));
                assert_int_equal(e.kind, ERR_LIMIT);
                refused(o, "", "empty");
        }
        assert_true(version_key(VERSION_ORDER_DPKG, span_bytes(text, VERSION_MAX), &key, &e));
        assert_false(version_key(VERSION_ORDER_NONE, SPAN_LIT("1"), &key, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        key.max = key.len + 1;
        assert_false(version_key(VERSION_ORDER_DPKG, SPAN_LIT("1.2.3"), &key, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
}

/* Numbers around every length at which the encoding changes, against a comparison of their own. */
static void numbers(void **state)
{
        static const size_t lengths[] = {1, 2, 9, 253, 254, 255, 256, 257, 400};
        char a[VERSION_MAX], b[VERSION_MAX];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
                for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
                        memset(a, '9', sizeof(a));
                        memset(b, '1', sizeof(b));
                        a[lengths[i]] = b[lengths[k]] = 0;
                        expect(VERSION_ORDER_DPKG, a, lengths[i] >= lengths[k] ? '>' : '<', b);
                        expect(VERSION_ORDER_PEP440, a, lengths[i] >= lengths[k] ? '>' : '<', b);
                }
        }
}

static void ecosystems(void **state)
{
        static const struct {
                const char *name;
                enum version_order order;
        } cases[] = {{"Debian:12", VERSION_ORDER_DPKG}, {"Debian", VERSION_ORDER_DPKG},
            {"Ubuntu:22.04:LTS", VERSION_ORDER_DPKG}, {"npm", VERSION_ORDER_SEMVER}, {"Go", VERSION_ORDER_SEMVER},
            {"crates.io", VERSION_ORDER_SEMVER}, {"Hex", VERSION_ORDER_SEMVER}, {"SwiftURL", VERSION_ORDER_SEMVER},
            {"PyPI", VERSION_ORDER_PEP440}, {"debian:12", VERSION_ORDER_NONE}, {"NPM", VERSION_ORDER_NONE},
            {"Debian12", VERSION_ORDER_NONE}, {"Red Hat:enterprise_linux:9::appstream", VERSION_ORDER_RPM},
            {"Rocky Linux:9", VERSION_ORDER_RPM}, {"AlmaLinux:8", VERSION_ORDER_RPM},
            {"openSUSE:Leap 15.5", VERSION_ORDER_RPM}, {"SUSE:Linux Enterprise Server 15 SP5", VERSION_ORDER_RPM},
            {"Photon OS:5.0", VERSION_ORDER_RPM}, {"Alpine:v3.19", VERSION_ORDER_APK},
            {"BellSoft Hardened Containers:23", VERSION_ORDER_APK}, {"Maven", VERSION_ORDER_MAVEN},
            {"RubyGems", VERSION_ORDER_RUBYGEMS}, {"Arch Linux", VERSION_ORDER_PACMAN},
            {"Gentoo", VERSION_ORDER_PORTAGE}, {"Red", VERSION_ORDER_NONE}, {"OSS-Fuzz", VERSION_ORDER_NONE},
            {"", VERSION_ORDER_NONE}, {":12", VERSION_ORDER_NONE}};

        size_t n;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                if (version_order_of(span_of(cases[i].name)) != cases[i].order)
                        fail_msg("%s has order %s", cases[i].name,
                            version_order_name(version_order_of(span_of(cases[i].name))));
        assert_string_equal(version_order_name(VERSION_ORDER_PEP440), "pep440");
        assert_string_equal(version_order_name(99), "none");
        for (n = 0; version_ecosystem(n); n++)
                assert_int_not_equal(version_order_of(span_of(version_ecosystem(n))), VERSION_ORDER_NONE);
        assert_true(n > ARRAY_LEN(cases));
        assert_null(version_ecosystem(n + 1));
}

/* How many lines are refused is part of the test, and what packaging refuses of PyPI's: pairs from before PEP 440. */
static void vectors(void **state)
{
        static const struct {
                enum version_order order;
                const char *names[2];
                unsigned held_least, refused;
        } files[] = {
            {VERSION_ORDER_DPKG, {"debian-versions.txt", "debian-versions-generated.txt"}, 7000, 0},
            {VERSION_ORDER_SEMVER, {"semver-versions.txt", NULL}, 80, 2},
            {VERSION_ORDER_PEP440, {"pypi-versions.txt", "pypi-versions-generated.txt"}, 6000, 49},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct tally t = {0};
                bool there = true;
                for (size_t k = 0; k < 2 && files[i].names[k]; k++)
                        there &= vector_file(files[i].order, files[i].names[k], &t);
                if (!there)
                        skip();
                print_message("%s: %u lines hold, %u refused\n", version_order_name(files[i].order), t.held, t.refused);
                assert_true(t.held >= files[i].held_least);
                assert_int_equal(t.refused, files[i].refused);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(dpkg_order),
            cmocka_unit_test(dpkg_refusals),
            cmocka_unit_test(semver_order),
            cmocka_unit_test(pep440_order),
            cmocka_unit_test(limits),
            cmocka_unit_test(numbers),
            cmocka_unit_test(ecosystems),
            cmocka_unit_test(vectors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
