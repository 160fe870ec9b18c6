/* Trackers of distributions in forms of their own: Debian's lists. */
#include "advisory/feed/feed_testing_priv.h"

static void debians_lists(void **state)
{
        struct testing_db t CLEANUP(testing_db_done);
        struct advisory_hit hit;

        (void)state;
        make(&t, "[29 Mar 2023] DSA-5380-1 xorg-server - security update\n"
                 "\t{CVE-2023-1393 CVE-2023-1394 }\n"
                 "\t[bullseye] - xorg-server 2:1.20.11-1+deb11u6\n"
                 "        [buster] - xorg-server <not-affected> (Vulnerable code not present)\n"
                 "\tNOTE: read by people\n"
                 "\n"
                 "[18 Apr 2018] DSA-4205-1 jessie end-of-life\n"
                 "        NOTE: end of security support for jessie\r\n"
                 "[17 Mar 2023] DLA-5356-2 sox - regression update\n"
                 " \t[buster] - sox  14.4.2-2 (medium)\n"
                 "\t[buster] - libsox <end-of-life>\n"
                 "\t- sox 14.4.2-3\n"
                 "[August 26th, 2005] DTSA-1-1 kismet - various\n"
                 "\t[etch] - kismet 2005.08.R1-0.1etch1\n"
                 "\t[etch] - ekg <unfixed>\n"
                 "\t[sarge] - ekg <undetermined>\n"
                 "\t[sarge] - kismet <removed>");
        assert_int_equal(t.stats.records, 3);
        assert_int_equal(t.stats.affected, 7);
        asked(&t, "Debian:11", "xorg-server", "2:1.20.11-1", "DSA-5380-1 affected < 2:1.20.11-1+deb11u6, fixed|");
        asked(&t, "Debian:11", "xorg-server", "2:1.20.11-1+deb11u6", "DSA-5380-1 not affected, fixed|");
        asked(&t, "Debian:10", "xorg-server", "1",
            "DSA-5380-1 not affected, not affected (Vulnerable code not present)|");
        asked(&t, "Debian:10", "sox", "14.4.2-1", "DLA-5356-2 affected < 14.4.2-2, fixed|");
        asked(&t, "Debian:10", "libsox", "1", "DLA-5356-2 affected, end of life|");
        asked(&t, "Debian:4", "ekg", "1", "DTSA-1-1 affected|");
        asked(&t, "Debian:3.1", "ekg", "1", "DTSA-1-1 can't tell, under investigation|");
        asked(&t, "Debian:3.1", "kismet", "1", "");
        assert_true(
            advisory_db_lookup(t.db, span_of("Debian:11"), span_of("xorg-server"), span_of("1"), take_hit, &hit, NULL));
        assert_true(hit.modified_s == 1680048000 && hit.n_aliases == 2 &&
                    span_is(hit.summary, "xorg-server - security update"));
        assert_true(span_is(hit.reference, "https://security-tracker.debian.org/tracker/DSA-5380-1"));
}

#define DSA "[29 Mar 2023] DSA-1-1 a - b\n"

static void debians_lists_refused(void **state)
{
        static const struct {
                const char *list, *place, *text;
                enum err_kind kind;
        } cases[] = {
            {DSA "\t[bullseye] - a 1\n\t[bullseye] - b\n", "line 3", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[bullseye] a 1\n", "line 2", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[bullseye - a 1\n", "line 2", "\"[release] - package version\"", ERR_MALFORMED},
            {DSA "\t[nowhere] - a 1\n", "line 2", "no release of Debian", ERR_UNSUPPORTED},
            {DSA "\t[bullseye] - a <perhaps>\n", "line 2", "a state", ERR_UNSUPPORTED},
            {DSA "\t{CVE-2023-1\n", "line 2", "has no end", ERR_MALFORMED},
            {DSA "\t{CVE-\001}\n", "line 2", "an id of at most", ERR_LIMIT},
            {DSA "\tsomething\n", "line 2", "ids in braces", ERR_MALFORMED},
            {DSA "[29 Mar 2023] RHSA-1 a\n", "line 2", "DSA-... title", ERR_MALFORMED},
            {DSA "RHSA-1 a\n\t[bullseye] - a 1\n", "line 3", "belongs to no advisory", ERR_MALFORMED},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct testing_db t CLEANUP(testing_db_done);

                make(&t, cases[i].list);
                if (t.stats.refused == 0 || t.refused.kind != cases[i].kind || !strstr(t.refused.text, cases[i].text) ||
                    strcmp(t.refused_place, cases[i].place) != 0)
                        fail_msg("case %zu: %u refused, %s: %s", i, (unsigned)t.stats.refused, t.refused_place,
                            t.refused.text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(debians_lists),
            cmocka_unit_test(debians_lists_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
