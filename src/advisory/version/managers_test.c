/* The orders of package managers beside dpkg's: rpm, apk, pacman, Portage, Maven, RubyGems. */
#include "advisory/version/version_testing_priv.h"

static void rpm_order(void **state)
{
        static const char *const versions[] = {"0", "1~~", "1~", "1~rc1", "1~rc1^git1", "1", "1-~1", "1-", "1-0", "1-1",
            "1-1^", "1-1.el8", "1-1.el9", "1-1.1", "1^~", "1^", "1^a", "1^1", "1a", "1a^", "1aa", "1b", "1.0", "1.0.1",
            "1.2", "1.10", "1.10-1", "10", "1:0", "2:0"};
        static const char *const same[][2] = {{"1.0", "1_0"}, {"1.0", "1.0."}, {"1.0", "+1..0"}, {"1.0", "0:1.00"},
            {"1.0", ":1.0"}, {"1a", "1.a"}, {"01:2", "1:2"}, {"1-1", "1-1."}, {"a:1", "a.1"},
            {"1.1.\xce\xb1", "1.1.\xce\xb2"}};
        static const struct refusal bad[] = {{"1:", "no version"}, {"-1", "no version"}, {"1:-1", "no version"},
            {":", "no version"}, {"1 ", "byte 0x20"}, {"1\t2", "byte 0x09"}, {"1\n", "byte 0x0a"},
            {"1-1\x7f", "byte 0x7f"}};

        (void)state;
        ascending(VERSION_ORDER_RPM, versions, ARRAY_LEN(versions));
        equal(VERSION_ORDER_RPM, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_RPM, bad, ARRAY_LEN(bad));
}

static void apk_order(void **state)
{
        static const char *const versions[] = {"0", "1_alpha_rc", "1_alpha", "1_alpha-r1", "1_alpha~ab", "1_alpha0",
            "1_alpha2", "1_alpha10", "1_alpha_p", "1_beta", "1_pre", "1_rc", "1", "1-r0", "1-r1", "1-r10", "1~0",
            "1~ab", "1~ab-r1", "1~abc", "1_cvs", "1_svn", "1_git20240101", "1_hg", "1_p_rc", "1_p", "1_p1", "1_p1_p",
            "1a", "1b", "1.0", "1.0.1", "1.00", "1.01", "1.010", "1.1", "1.9", "1.10", "1.20", "2",
            "18446744073709551616"};
        static const char *const same[][2] = {{"01", "1"}, {"1_p01", "1_p1"}, {"1-r01", "1-r1"}};
        static const struct refusal bad[] = {{"a", "beginning is not a number"}, {".1", "beginning is not a number"},
            {"1.", "follows a dot"}, {"1..1", "follows a dot"}, {"1.a", "follows a dot"}, {"1_foo", "\"_foo\""},
            {"1_", "\"_\""}, {"1_pX", "\"_pX\""}, {"1-r", "follows \"-r\""}, {"1-ra", "follows \"-r\""},
            {"1-1", "byte 0x2d"}, {"1A", "byte 0x41"}, {"1ab", "byte 0x62"}, {"1a1", "byte 0x31"},
            {"1a.1", "byte 0x2e"}, {"1~", "follows '~'"}, {"1~g", "follows '~'"}, {"1~A", "follows '~'"},
            {"1~a_p", "byte 0x5f"}, {"1-r1~a", "byte 0x7e"}, {"1-r1-r2", "byte 0x2d"}, {"1 ", "byte 0x20"},
            {"6.6.2p1", "byte 0x31"}};

        (void)state;
        ascending(VERSION_ORDER_APK, versions, ARRAY_LEN(versions));
        equal(VERSION_ORDER_APK, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_APK, bad, ARRAY_LEN(bad));
}

/* With libalpm's circles, as pacman.c tells of them: 1. < 1.1 < 1..a here. */
static void pacman_order(void **state)
{
        static const char *const versions[] = {"1.0alpha", "1.0rc1", "1.0", "1.0-1", "1.0-1.1", "1.0-2", "1.0-10",
            "1.0.a", "1.0.", "1.0.1", "1.0..a", "1.0..1", "1.1", "1.10", "1:0.1", "2:0-1"};
        static const char *const letters[] = {"a", "a1", "a.a", "a.", "a.1", "a..a", "1"};
        static const char *const same[][2] = {
            {"1.0", "1_0"}, {"1.0", "0:1.00"}, {"1.", "1.."}, {"01:1", "1:1"}, {"1~1", "1.1"}};
        static const struct refusal bad[] = {{"1:", "pkgver is empty"}, {"-1", "pkgver is empty"},
            {"1-", "pkgrel is empty"}, {":1", "epoch is empty"}, {"1-1-1", "byte 0x2d"}, {"1:1:1", "byte 0x3a"},
            {"a:1", "byte 0x3a"}, {"1/1", "byte 0x2f"}, {"1 ", "byte 0x20"}, {"1-1:1", "byte 0x3a"},
            {"\xc3\xa9", "byte 0xc3"}};

        (void)state;
        ascending(VERSION_ORDER_PACMAN, versions, ARRAY_LEN(versions));
        ascending(VERSION_ORDER_PACMAN, letters, ARRAY_LEN(letters));
        equal(VERSION_ORDER_PACMAN, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_PACMAN, bad, ARRAY_LEN(bad));
}

static void portage_order(void **state)
{
        static const char *const versions[] = {"0", "1_alpha_alpha", "1_alpha", "1_alpha-r1", "1_alpha_p", "1_alpha1",
            "1_beta", "1_pre", "1_rc", "1", "1-r1", "1-r10", "1_p_rc", "1_p", "1_p_p", "1_p2", "1a", "1b_alpha", "1b",
            "1.0", "1.0.0", "1.01", "1.011", "1.02", "1.1", "1.9", "1.10", "12.2b", "12.2.5"};
        static const char *const same[][2] = {{"1.01", "1.010"}, {"1.0", "1.00"}, {"01", "1"}, {"1_p", "1_p0"},
            {"1_p01", "1_p1"}, {"1", "1-r0"}, {"1-r01", "1-r1"}};
        static const struct refusal bad[] = {{"a", "beginning"}, {"1.", "follows a dot"}, {"1..1", "follows a dot"},
            {"1_foo", "\"_foo\""}, {"1_git1", "\"_git\""}, {"1_", "\"_\""}, {"1-r", "follows \"-r\""},
            {"1-1", "byte 0x2d"}, {"1A", "byte 0x41"}, {"1a1", "byte 0x31"}, {"1 ", "byte 0x20"}, {"1~a", "byte 0x7e"},
            {"1-r1_p", "byte 0x5f"}};

        (void)state;
        ascending(VERSION_ORDER_PORTAGE, versions, ARRAY_LEN(versions));
        equal(VERSION_ORDER_PORTAGE, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_PORTAGE, bad, ARRAY_LEN(bad));
}

/* With ComparableVersion's circles, as maven.c tells of them: what is less than 1 before it, what is more after it. */
static void maven_order(void **state)
{
        static const char *const versions[] = {"1.alpha.1", "1.snapshot.1", "1-alpha", "1-alpha-1-SNAPSHOT",
            "1-alpha-1", "1-beta-1", "1-milestone", "1-rc", "1-snapshot", "1.0.alpha.1", "1", "1.ga.1", "1.sp.1",
            "1.x.1", "1-sp", "1-a", "1-jre", "1-x", "1-x-1", "1-1", "1-1.1", "1-2", "1.0.x.1", "1.0.0.1", "1.0.1-alpha",
            "1.0.1", "1.1", "1.2", "1.10", "1.999999999", "1.1000000000", "1.99999999999999999999", "2"};
        static const char *const same[][2] = {{"1", "1.0.0"}, {"1", "1-0"}, {"1", "1.ga"}, {"1", "1-Final"},
            {"1", "1."}, {"1", "1-"}, {"1", "1.0-RELEASE"}, {"1x", "1-x"}, {"1.0X", "1-x"}, {"1a1", "1-alpha-1"},
            {"1m3", "1-Milestone3"}, {"1-cr2", "1-rc2"}, {"1.01", "1.1"}, {"1.0.0.RC1", "1-rc1"},
            {"1-foo", "1.0.0-foo.0.0"}, {"0", "release"}, {"1.0.0-0.0.0", "1-final-ga"}};
        static const struct refusal bad[] = {{"RELEASE", "stands for another"}, {"LATEST", "stands for another"},
            {"${project.version}", "a property"}, {"[1,2)", "byte 0x5b"}, {"1,2", "byte 0x2c"}, {"1:2", "byte 0x3a"},
            {"a/b", "byte 0x2f"}, {"a\\b", "byte 0x5c"}, {"1 ", "byte 0x20"}, {"1\xc3\xa9", "byte 0xc3"},
            {"<1", "byte 0x3c"}};

        (void)state;
        ascending(VERSION_ORDER_MAVEN, versions, ARRAY_LEN(versions));
        equal(VERSION_ORDER_MAVEN, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_MAVEN, bad, ARRAY_LEN(bad));
}

static void rubygems_order(void **state)
{
        static const char *const versions[] = {"0.a", "0", "1.A", "1.a.b", "1.a.0.b", "1.a.0.0.b", "1.a", "1.a.0.0.1",
            "1.a.0.1", "1.a.2", "1.a.10", "1.aa", "1.b", "1-a", "1-1", "1.pre.2", "1", "1.0.0.1", "1.0.1.a", "1.0.1",
            "1.1", "1.10", "2", "99999999999999999999999999999991", "99999999999999999999999999999999"};
        static const char *const same[][2] = {{"1", "1.0.0"}, {"1.0.a", "1.a"}, {"1.a2", "1.a.2"}, {"1-1", "1.pre.1"},
            {"1.01", "1.1"}, {" 1\n", "1"}, {"1.a.0", "1.a"}, {"1--", "1.pre.pre"}, {"00", "0.0"}};
        static const struct refusal bad[] = {{"a", "first segment"}, {".1", "first segment"}, {"1.", "empty"},
            {"1..1", "empty"}, {"1-", "empty"}, {"1.-1", "empty"}, {"1-a.", "empty"}, {"1_1", "byte 0x5f"},
            {"1 1", "byte 0x20"}, {" ", "first segment"}, {"1\xc3\xa9", "byte 0xc3"}, {"1+1", "byte 0x2b"}};

        (void)state;
        ascending(VERSION_ORDER_RUBYGEMS, versions, ARRAY_LEN(versions));
        equal(VERSION_ORDER_RUBYGEMS, same, ARRAY_LEN(same));
        refused_all(VERSION_ORDER_RUBYGEMS, bad, ARRAY_LEN(bad));
}

/* The longest keys: every byte of the version opens something. They stay below 8 bytes for each. */
static void longest(void **state)
{
        static const struct {
                enum version_order order;
                const char *first, *again;
        } cases[] = {{VERSION_ORDER_RPM, "1", "~1"}, {VERSION_ORDER_APK, "1", ".0"}, {VERSION_ORDER_APK, "1", "_p"},
            {VERSION_ORDER_MAVEN, "a", "-"}, {VERSION_ORDER_MAVEN, "a", "1a"}, {VERSION_ORDER_MAVEN, "1", "--"},
            {VERSION_ORDER_MAVEN, "1", ".ga"}, {VERSION_ORDER_MAVEN, "", "."}, {VERSION_ORDER_RUBYGEMS, "1", "-"},
            {VERSION_ORDER_RUBYGEMS, "1", ".a"}, {VERSION_ORDER_PACMAN, "1", "..a"},
            {VERSION_ORDER_PORTAGE, "1", "_p"}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct buf text CLEANUP(buf_done) = {0}, key CLEANUP(buf_done) = {0};
                struct err e = {0};
                buf_put_text(&text, cases[i].first);
                while (text.len + strlen(cases[i].again) < VERSION_MAX)
                        buf_put_text(&text, cases[i].again);
                if (cases[i].order == VERSION_ORDER_RUBYGEMS || cases[i].order == VERSION_ORDER_MAVEN)
                        buf_put_text(&text, "1");
                if (!version_key(cases[i].order, buf_span(&text), &key, &e))
                        fail_msg("%s", e.text);
                assert_true(key.len <= 8 * VERSION_MAX);
        }
}

/* True of older Mavens: 3.9 reads ".RC8" as "-RC8" (MNG-7644) and no longer takes "1-ga-1" for "1-1". */
static bool maven_outdated(struct span line)
{
        static const char *const lines[] = {"1-1 = 1-ga-1", "1.0.0-RC16 < 1.0.0.RC8-beta", "2.9.0-1 < 2.9.0.RC1",
            "1.1.46.sec10 < 1.1.46_noneautotype", "1.2.31.sec10 < 1.2.31_noneautotype",
            "1.2.67.sec10 < 1.2.67_noneautotype", "1.1.0-01-glassfish < 1.1.0.Beta1"};

        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                if (span_is(line, lines[i]))
                        return true;
        return false;
}

/* How many lines are refused is part of the test: what apk and Gem::Version refuse, too. */
static void vectors(void **state)
{
        static const struct {
                enum version_order order;
                const char *names[3];
                unsigned held_least, refused, outdated;
                bool (*is_outdated)(struct span line);
        } files[] = {
            {VERSION_ORDER_RPM, {"redhat-versions.txt", "claircore-rpmvercmp.list"}, 220, 0, 0, NULL},
            {VERSION_ORDER_APK, {"alpine-versions.txt", "alpine-versions-generated.txt"}, 7700, 57, 0, NULL},
            {VERSION_ORDER_MAVEN,
                {"maven-versions.txt", "maven-versions-generated.txt", "claircore-maven-compare.list"}, 7470, 0, 7,
                maven_outdated},
            {VERSION_ORDER_RUBYGEMS, {"rubygems-versions.txt", "rubygems-versions-generated.txt"}, 2040, 2, 0, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                struct tally t = {.is_outdated = files[i].is_outdated};
                bool there = true;
                for (size_t k = 0; k < ARRAY_LEN(files[i].names) && files[i].names[k]; k++)
                        there &= vector_file(files[i].order, files[i].names[k], &t);
                if (!there)
                        skip();
                print_message("%s: %u lines hold, %u refused, %u outdated\n", version_order_name(files[i].order),
                    t.held, t.refused, t.outdated);
                assert_true(t.held >= files[i].held_least);
                assert_int_equal(t.refused, files[i].refused);
                assert_int_equal(t.outdated, files[i].outdated);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(rpm_order),
            cmocka_unit_test(apk_order),
            cmocka_unit_test(pacman_order),
            cmocka_unit_test(portage_order),
            cmocka_unit_test(maven_order),
            cmocka_unit_test(rubygems_order),
            cmocka_unit_test(longest),
            cmocka_unit_test(vectors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
