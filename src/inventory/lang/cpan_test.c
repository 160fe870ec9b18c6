#include "inventory/lang/lang_test_priv.h"

#define META "usr/local/lib/x86_64-linux-gnu/perl/5.36.0/.meta/Acme-Coffer-1.02/MYMETA.json"
#define INSTALL "usr/local/lib/x86_64-linux-gnu/perl/5.36.0/.meta/Acme-Coffer-1.02/install.json"
#define LOG "usr/local/lib/x86_64-linux-gnu/perl/5.36.0/perllocal.pod"
#define LIST "usr/local/lib/x86_64-linux-gnu/perl/5.36.0/auto/Acme/Coffer/.packlist"

/* What cpanm 1.7046 and ExtUtils::MakeMaker 7.64 left behind for a distribution from a mirror. */
static const char meta[] = "{\n"
                           "   \"abstract\" : \"unknown\",\n"
                           "   \"author\" : [\n"
                           "      \"unknown\"\n"
                           "   ],\n"
                           "   \"generated_by\" : \"ExtUtils::MakeMaker version 7.64\",\n"
                           "   \"license\" : [\n"
                           "      \"perl_5\"\n"
                           "   ],\n"
                           "   \"meta-spec\" : {\n"
                           "      \"url\" : \"http://search.cpan.org/perldoc?CPAN::Meta::Spec\",\n"
                           "      \"version\" : 2\n"
                           "   },\n"
                           "   \"name\" : \"Acme-Coffer\",\n"
                           "   \"release_status\" : \"stable\",\n"
                           "   \"version\" : \"1.02\"\n"
                           "}\n";
static const char install[] =
    "{\"pathname\":\"C/CO/COFFER/Acme-Coffer-1.02.tar.gz\",\"dist\":\"Acme-Coffer-1.02\",\"provides\":"
    "{\"Acme::Coffer\":{\"version\":1.02,\"file\":\"lib/Acme/Coffer.pm\"}},\"version\":1.02,"
    "\"target\":\"Acme::Coffer\",\"name\":\"Acme::Coffer\"}";
#define LOGGED(module, version)                                                                             \
        "=head2 Mon Nov 23 07:40:46 2026: C<Module> L<" module "|" module ">\n\n=over 4\n\n=item *\n\n"     \
        "C<installed into: /usr/local/share/perl/5.36.0>\n\n=item *\n\nC<LINKTYPE: dynamic>\n\n=item *\n\n" \
        "C<VERSION: " version ">\n\n=item *\n\nC<EXE_FILES: >\n\n=back\n\n"

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {INSTALL, install, "Acme-Coffer 1.02 vendor:COFFER", NULL},
            {INSTALL, "{\"dist\":\"A-B-v1.10-TRIAL\",\"version\":1.1}", "A-B v1.10-TRIAL", NULL},
            {INSTALL, "{\"dist\":\"A-1\",\"pathname\":3}", "A 1", NULL},
            {INSTALL, "{\"dist\":\"A\"}", "", "\"A\" is no NAME-VERSION"},
            {INSTALL, "{\"dist\":\"-1\"}", "", "no NAME-VERSION"},
            {INSTALL, "{\"dist\":\"A/B-1\"}", "", "no NAME-VERSION"},
            {INSTALL, "{\"dist\":\"A-1 2\"}", "", "no NAME-VERSION"},
            {INSTALL, "{\"dist\":\"A-v\"}", "", "no NAME-VERSION"},
            {INSTALL, "[]", "", "no NAME-VERSION"},
            {INSTALL, "{\"dist\":\"A-1\"", "", "not read: "},
            {META, "{\"version\":\"1\"", "", "not read: "},
            {LOG, LOGGED("Acme::Coffer", "1.02"), "Acme-Coffer 1.02 medium", NULL},
            /* The log is appended to: what was installed last counts. */
            {LOG, LOGGED("B::C::D", "1") LOGGED("A", "3") LOGGED("B::C::D", "0.9"), "A 3 medium\nB-C-D 0.9 medium",
                NULL},
            {LOG, LOGGED("A", "undef x"), "", NULL},
            {LOG, LOGGED("A:B", "1") LOGGED("A:", "1") LOGGED("../x", "1"), "", NULL},
            {LOG, "C<VERSION: 1>\n=head2 L<A|A>\nC<VERSION: 1>\n=head2 C<Module> L<A\nC<VERSION: 1>\n", "", NULL},
            {LOG, "", "", NULL},
        };

        (void)state;
        check_rows(&detect_cpan, rows, ARRAY_LEN(rows));
}

static void test_licence(void **state)
{
        static const struct {
                const char *text, *licence; /* NULL: nothing said */
        } rows[] = {
            {meta, "Artistic-1.0-Perl OR GPL-1.0-or-later"},
            {"{\"name\":\"Acme-Coffer\",\"license\":[\"unknown\",\"apache_2_0\",7,\"mit\"]}", "Apache-2.0 OR MIT"},
            {"{\"name\":\"Acme-Coffer\",\"license\":[\"unknown\"]}", NULL},
            {"{\"name\":\"Acme-Coffer\",\"license\":\"perl\"}", NULL},
            {"{\"name\":\"A/B\",\"license\":[\"mit\"]}", NULL},
            {"[]", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f = detect_file(&detect_cpan, META, span_of(rows[i].text));
                assert_int_equal(f.packages.len + f.notes.len, 0);
                assert_int_equal(f.supplements.len, rows[i].licence ? 1 : 0);
                if (rows[i].licence) {
                        assert_span(f.supplements.at[0].name, "Acme-Coffer");
                        assert_span(f.supplements.at[0].licence, rows[i].licence);
                        assert_int_equal(f.supplements.at[0].licence_source, LICENCE_SOURCE_FIELD);
                }
                arena_free(f.arena);
        }
}

static void test_owned(void **state)
{
        (void)state;
        check_owned(&detect_cpan, LIST,
            "/usr/local/bin/x type=file\n/usr/local/share/perl/5.36.0/Acme/Coffer.pm\n"
            "/usr/local/lib/a b type=link from=/y\n\n../evil\n",
            "Acme-Coffer", "usr/local/bin/x\nusr/local/share/perl/5.36.0/Acme/Coffer.pm\nusr/local/lib/a b");
        check_row(&detect_cpan, &(struct lang_row){LIST, "/a\n", "", NULL});
        check_owned(&detect_cpan, "usr/lib/perl5/auto/.packlist", "/a\n", "", "");
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {
            META, INSTALL, LOG, LIST, "auto/A/.packlist", "opt/auto/x/auto/A/B/C/.packlist"};
        static const char *const unwanted[] = {"MYMETA.json", "src/Acme-Coffer-1.02/MYMETA.json", ".meta/MYMETA.json",
            "usr/lib/perl/5.36.0/.packlist", "perllocal.pod", ".packlist", "usr/lib/perl/5.36.0/install.json"};

        (void)state;
        check_paths(&detect_cpan, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_licence),
            cmocka_unit_test(test_owned),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory cpan", tests, NULL, NULL);
}
