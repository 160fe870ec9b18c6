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

static void ascend(enum version_order o, const char *const *versions, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t k = i + 1; k < n; k++)
                        expect(o, versions[i], '<', versions[k]);
}

static void composer_order(void **state)
{
        static const char *const ascending[] = {"1.0-STABLE", "1.0-dev", "1.0-alpha-dev", "1.0-a", "1.0-alpha1",
            "1.0-beta", "1.0b1", "1.0-beta2", "1.0beta2.1", "1.0.RC-dev", "1.0-RC", "1.0rc1", "1.0-rc10", "1.0",
            "1.0-p-dev", "1.0-pl", "1.0patch1", "1.0.1-dev", "1.0.1", "1.2.x-dev", "1.x-dev", "2.0", "2010-01-02-beta",
            "2010-01-02", "2010.1.2", "2010-01-02.1", "20100102", "20100102.1"};
        static const char *const equal[][2] = {{"1", "1.0.0.0"}, {"v1.0", "V1"}, {"1.0-beta.1", "1.0b1"},
            {"1.0-stable", "1.0"}, {"1.0-stable2-dev", "1"}, {"1.0+abc", "1.0"}, {"1.0@dev", "1.0"}, {" 1.0\n", "1.0"},
            {"1.0 as 2.0", "1.0"}, {"1.0.", "1.0-"}, {"1.x-dev", "1.*.dev"}, {"123456.x-dev", "123456.X.*.*-dev"},
            {"1.00", "1.0"}, {"1.0.0rc2", "1.0.0.rc2"}, {"2010:01-02", "2010-01-02"}};
        static const char *const refusals[] = {"1.0.0.0.0", "1..0", "123456.7.8", "1.0-1", "1.0--", "1.0-beta.",
            "1.0-foo", "1.x", "x-dev", "1.0.x.y-dev", "2010-1-02", "201001.1.1", "20100102.1.2", "1.0+", "+a",
            "1.0@foo", "1.2.3.#", "1.0 as", "@dev", "1.0-beta2-devel"};
        static const char *const branches[] = {"dev-main", "DEV-main", "master", "trunk", "default", "dev-", "dev-1.0"};

        (void)state;
        ascend(VERSION_ORDER_COMPOSER, ascending, ARRAY_LEN(ascending));
        for (size_t i = 0; i < ARRAY_LEN(equal); i++)
                expect(VERSION_ORDER_COMPOSER, equal[i][0], '=', equal[i][1]);
        for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
                refused(VERSION_ORDER_COMPOSER, refusals[i], "no version of this form");
        for (size_t i = 0; i < ARRAY_LEN(branches); i++)
                refused(VERSION_ORDER_COMPOSER, branches[i], "a branch");
}

static void nuget_order(void **state)
{
        const enum version_order o = VERSION_ORDER_NUGET;
        static const char *const ascending[] = {"1.0.0--5", "1.0.0-0", "1.0.0-5", "1.0.0-12", "1.0.0-99999999999",
            "1.0.0-A", "1.0.0-alpha", "1.0.0-ALPHA.1", "1.0.0-alpha.beta", "1.0.0-rc", "1", "1.0.0.1-a", "1.0.0.1",
            "1.0.1", "1.1"};

        (void)state;
        expect(o, "1.0.0--0", '=', "1.0.0-0");
        ascend(o, ascending, ARRAY_LEN(ascending));
        expect(o, "1", '=', "01.0.0.0+meta.data");
        expect(o, "1.0-BETA", '=', " 1.0-beta ");
        expect(o, "1.0.0-2147483647", '<', "1.0.0-2147483648"); /* the second is a text */
        expect(o, "1.0.0-3", '<', "1.0.0-10000000000");
        expect(o, "1.0.0-10000000000", '<', "1.0.0-9999999999"); /* both are texts */
}

static void go_order(void **state)
{
        const enum version_order o = VERSION_ORDER_GO;
        static const char *const ascending[] = {"go1.18beta2", "1.18rc1", "go1.18", "1.18.1", "1.21.0-0", "go1.21rc2",
            "1.21rc10", "go1.21.0", "1.21.1-0", "go1.21.1"};

        (void)state;
        ascend(o, ascending, ARRAY_LEN(ascending));
        expect(o, "go1.21rc2", '=', "1.21.0-rc.2");
        expect(o, "go1.21.3-bigcorp", '=', "v1.21.3");
        expect(o, "go1.21.3 X:boringcrypto", '=', "1.21.3");
        expect(o, "go1", '=', "v1");
        expect(o, "v1.2", '=', "1.2.0+incompatible");
        expect(o, "v0.0.0-20191109021931-daa7c04131f5", '<', "0.0.0-20200101000000-000000000000");
        expect(o, "v1.2.4-0.20191109021931-daa7c04131f5", '<', "v1.2.4");
        expect(o, "v1.2.3", '<', "v1.2.4-0.20191109021931-daa7c04131f5");
        refused(o, "v1.2-pre", "byte 0x2d");
        refused(o, "v1.21rc2", "byte 0x72");
        refused(o, "go1.21rc", "neither");
        refused(o, "go1.21rc02", "neither");
        refused(o, "go1.21alpha1", "neither");
        refused(o, "go2", "two or three numbers");
        refused(o, "(devel)", "not a number");
        refused(o, "devel go1.22-abcdef Mon", "not a number");
        refused(o, "1.2.3.4", "byte 0x2e");
        refused(o, "v01.2.3", "leading zero");
}

static void semver_family(void **state)
{
        (void)state;
        expect(VERSION_ORDER_HEX, "1.0.0-rc.0", '<', "1.0.0+build");
        refused(VERSION_ORDER_HEX, "v1.0.0", "not a number");
        refused(VERSION_ORDER_HEX, "1.0", "patch version is missing");
        expect(VERSION_ORDER_BITNAMI, "1.2.3", '<', "1.2.3-1");
        expect(VERSION_ORDER_BITNAMI, "1.2.3-9", '<', "1.2.3-10");
        expect(VERSION_ORDER_BITNAMI, "1.2.3-10", '<', "1.2.4");
        expect(VERSION_ORDER_BITNAMI, "1.2.3+a", '=', "1.2.3");
        refused(VERSION_ORDER_BITNAMI, "v1.2.3", "not a number");
        refused(VERSION_ORDER_BITNAMI, "1.2.3-01", "leading zero");
        expect(VERSION_ORDER_PUB, "1.2.3", '<', "1.2.3+1");
        expect(VERSION_ORDER_PUB, "1.2.3+2", '<', "1.2.3+10");
        expect(VERSION_ORDER_PUB, "1.2.3+10", '<', "1.2.3+a");
        expect(VERSION_ORDER_PUB, "1.2.3-a", '<', "1.2.3-a+1");
        expect(VERSION_ORDER_PUB, "01.2.03", '=', "1.2.3");
        expect(VERSION_ORDER_PUB, "1.2.3-007", '=', "1.2.3-7");
        expect(VERSION_ORDER_PUB, "1.2.3--5", '<', "1.2.3-0");
        expect(VERSION_ORDER_PUB, "1.2.3-0x1f", '=', "1.2.3-31");
        expect(VERSION_ORDER_PUB, "1.2.3-0xffffffffffffffff", '=', "1.2.3--1");
        expect(VERSION_ORDER_PUB, "1.2.3-9223372036854775807", '<', "1.2.3-10000000000000000000"); /* a text */
        expect(VERSION_ORDER_PUB, "1.2.3--9223372036854775808", '<', "1.2.3--9223372036854775807");
        refused(VERSION_ORDER_PUB, "v1.2.3", "not a number");
        refused(VERSION_ORDER_PUB, "1.2.3+", "identifier is empty");
}

static void julia_order(void **state)
{
        static const char *const ascending[] = {"1.2.3-", "1.2.3-0", "1.2.3-10", "1.2.3-a", "1.2.3rc1", "1.2.3-rc1+1",
            "1.2.3-rc1+", "1.2.3rc1.0", "1.2.3", "1.2.3+1", "1.2.3+1.a", "1.2.3+a", "1.2.3+", "1.2.4-"};

        (void)state;
        ascend(VERSION_ORDER_JULIA, ascending, ARRAY_LEN(ascending));
        expect(VERSION_ORDER_JULIA, "V1", '=', "1.0.0");
        expect(VERSION_ORDER_JULIA, "1.02-a", '=', "v1.2a");
        expect(VERSION_ORDER_JULIA, "1-01", '=', "1-1");
        refused(VERSION_ORDER_JULIA, "1.2.3.4", "byte 0x2e");
        refused(VERSION_ORDER_JULIA, "1.2.3-+a", "identifier is empty");
        refused(VERSION_ORDER_JULIA, "1.", "minor version is not a number");
        refused(VERSION_ORDER_JULIA, "\xe2\x88\x9e", "not a number");
}

static void lists_of_numbers(void **state)
{
        (void)state;
        expect(VERSION_ORDER_CRAN, "1.0", '<', "1.0.0");
        expect(VERSION_ORDER_CRAN, "0.01-2", '=', "0.1.2");
        expect(VERSION_ORDER_CRAN, "0.9", '<', "0.75");
        refused(VERSION_ORDER_CRAN, "1.0-", "not a number");
        refused(VERSION_ORDER_CRAN, "1.0a", "byte 0x61");
        expect(VERSION_ORDER_PVP, "1.0", '<', "1.0.0");
        expect(VERSION_ORDER_PVP, "1.9", '<', "1.10");
        refused(VERSION_ORDER_PVP, "1.01", "leading zero");
        refused(VERSION_ORDER_PVP, "1.1234567890", "more than 9 digits");
        refused(VERSION_ORDER_PVP, "1.0-rc1", "byte 0x2d");
        refused(VERSION_ORDER_PVP, "", "empty");
}

static void opam_order(void **state)
{
        static const char *const ascending[] = {
            "~", "1.0~beta", "1.0", "1.0a", "1.0+1", "1.0-1", "1.0.1", "1.0_1", "v1", "v1.10"};

        (void)state;
        expect(VERSION_ORDER_OPAM, "1.0~~", '<', "1.0~");
        expect(VERSION_ORDER_OPAM, "1.0-1", '<', "1.0+1");
        ascend(VERSION_ORDER_OPAM, ascending + 6, 2);
        ascend(VERSION_ORDER_OPAM, ascending, 5);
        expect(VERSION_ORDER_OPAM, "1.0", '=', "1.0-0");
        expect(VERSION_ORDER_OPAM, "1-", '=', "1");
        expect(VERSION_ORDER_OPAM, "v1.9", '<', "v1.10");
        expect(VERSION_ORDER_OPAM, "1.0-1", '<', "1.0-2");
        refused(VERSION_ORDER_OPAM, "1:2", "byte 0x3a");
        refused(VERSION_ORDER_OPAM, "1 2", "byte 0x20");
}

static void limits(void **state)
{
        char text[VERSION_MAX + 2];
        struct buf key CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        memset(text, '1', sizeof(text));
        for (enum version_order o = VERSION_ORDER_DPKG; o <= VERSION_ORDER_OPAM; o++) {
                if (strcmp(version_order_name(o), "none") == 0)
                        continue;
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
            {"Ubuntu:22.04:LTS", VERSION_ORDER_DPKG}, {"npm", VERSION_ORDER_SEMVER}, {"Go", VERSION_ORDER_GO},
            {"crates.io", VERSION_ORDER_SEMVER}, {"Hex", VERSION_ORDER_HEX}, {"SwiftURL", VERSION_ORDER_SEMVER},
            {"GitHub Actions", VERSION_ORDER_SEMVER}, {"Packagist", VERSION_ORDER_COMPOSER},
            {"Packagist:https://packages.drupal.org/8", VERSION_ORDER_COMPOSER}, {"NuGet", VERSION_ORDER_NUGET},
            {"Pub", VERSION_ORDER_PUB}, {"CRAN", VERSION_ORDER_CRAN}, {"Bioconductor", VERSION_ORDER_CRAN},
            {"Hackage", VERSION_ORDER_PVP}, {"GHC", VERSION_ORDER_PVP}, {"Julia", VERSION_ORDER_JULIA},
            {"Bitnami", VERSION_ORDER_BITNAMI}, {"opam", VERSION_ORDER_OPAM}, {"Opam", VERSION_ORDER_NONE},
            {"PyPI", VERSION_ORDER_PEP440}, {"debian:12", VERSION_ORDER_NONE}, {"NPM", VERSION_ORDER_NONE},
            {"Debian12", VERSION_ORDER_NONE}, {"ConanCenter", VERSION_ORDER_NONE},
            {"Red Hat:enterprise_linux:9::appstream", VERSION_ORDER_RPM}, {"Rocky Linux:9", VERSION_ORDER_RPM},
            {"AlmaLinux:8", VERSION_ORDER_RPM}, {"openSUSE:Leap 15.5", VERSION_ORDER_RPM},
            {"SUSE:Linux Enterprise Server 15 SP5", VERSION_ORDER_RPM}, {"Photon OS:5.0", VERSION_ORDER_RPM},
            {"Alpine:v3.19", VERSION_ORDER_APK}, {"BellSoft Hardened Containers:23", VERSION_ORDER_APK},
            {"Maven", VERSION_ORDER_MAVEN}, {"RubyGems", VERSION_ORDER_RUBYGEMS}, {"Arch Linux", VERSION_ORDER_PACMAN},
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
/*
 * Of Packagist's list: made without Composer's normalisation, so that 1.0 and 1.0.0 are two versions; and two were read
 * as beta. Composer itself says what we say (test/versions/pairs.py).
 */
static bool listed_wrongly(struct span line)
{
        static const char *const lines[] = {"1.0.0 > 1.0", "v3.4 < v3.4.0-alpha", "v1.9.0-ALPHA.1 = v1.9.0-BETA.1",
            "v1.9.0-ALPHA.2 = v1.9.0-BETA.2", "v4.4 < v4.4.0-beta", "v6.5 < v6.5.0-beta-0"};

        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                if (span_is(line, lines[i]))
                        return true;
        return false;
}

static void vectors(void **state)
{
        static const struct {
                enum version_order order;
                const char *names[2];
                unsigned held_least, refused;
                unsigned wrong;
        } files[] = {
            {VERSION_ORDER_DPKG, {"debian-versions.txt", "debian-versions-generated.txt"}, 7000, 0, 0},
            {VERSION_ORDER_SEMVER, {"semver-versions.txt", NULL}, 80, 2, 0},
            {VERSION_ORDER_PEP440, {"pypi-versions.txt", "pypi-versions-generated.txt"}, 6000, 49, 0},
            {VERSION_ORDER_COMPOSER, {"packagist-versions.txt", "packagist-versions-generated.txt"}, 5000, 25, 6},
            {VERSION_ORDER_NUGET, {"nuget-versions.txt", NULL}, 35, 0, 0},
            {VERSION_ORDER_GO, {"semver-versions.txt", NULL}, 80, 1, 0},
            {VERSION_ORDER_HEX, {"semver-versions.txt", NULL}, 50, 31, 0},
            {VERSION_ORDER_PUB, {"pub-versions.txt", NULL}, 60, 31, 0},
            {VERSION_ORDER_CRAN, {"cran-versions.txt", "cran-versions-generated.txt"}, 40, 0, 0},
            {VERSION_ORDER_PVP, {"hackage-versions.txt", NULL}, 11, 0, 0},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct tally t = {.is_outdated = files[i].order == VERSION_ORDER_COMPOSER ? listed_wrongly : NULL};
                bool there = true;
                for (size_t k = 0; k < 2 && files[i].names[k]; k++)
                        there &= vector_file(files[i].order, files[i].names[k], &t);
                if (!there)
                        skip();
                print_message("%s: %u lines hold, %u refused\n", version_order_name(files[i].order), t.held, t.refused);
                assert_true(t.held >= files[i].held_least);
                assert_int_equal(t.refused, files[i].refused);
                assert_int_equal(t.outdated, files[i].wrong);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(dpkg_order),
            cmocka_unit_test(dpkg_refusals),
            cmocka_unit_test(semver_order),
            cmocka_unit_test(pep440_order),
            cmocka_unit_test(composer_order),
            cmocka_unit_test(nuget_order),
            cmocka_unit_test(go_order),
            cmocka_unit_test(semver_family),
            cmocka_unit_test(julia_order),
            cmocka_unit_test(lists_of_numbers),
            cmocka_unit_test(opam_order),
            cmocka_unit_test(limits),
            cmocka_unit_test(numbers),
            cmocka_unit_test(ecosystems),
            cmocka_unit_test(vectors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
