#include "inventory/detect_test_priv.h"
#include "inventory/os/licence_priv.h"
#include "inventory/os/os_priv.h"

#include <dirent.h>

static const struct {
        const char *synopsis, *spdx;
} synopses[] = {
    /* names */
    {"GPL-2+", "GPL-2.0-or-later"},
    {"GPL-2", "GPL-2.0-only"},
    {"GPL-2.0+", "GPL-2.0-or-later"},
    {"GPLv3+", "GPL-3.0-or-later"},
    {"gpl-3", "GPL-3.0-only"},
    {"GPL-3.0-or-later", "GPL-3.0-or-later"},
    {"GPL-1+", "GPL-1.0-or-later"},
    {"GPL", "GPL-1.0-or-later"},
    {"GPL+", "GPL-1.0-or-later"},
    {"GPL-9", "LicenseRef-GPL-9"},
    {"LGPL-2", "LGPL-2.0-only"},
    {"LGPL-2.1+", "LGPL-2.1-or-later"},
    {"LGPLv2.1+", "LGPL-2.1-or-later"},
    {"LGPL", "LGPL-2.0-or-later"},
    {"AGPL-3+", "AGPL-3.0-or-later"},
    {"AGPL", "LicenseRef-AGPL"},
    {"GFDL-1.3+", "GFDL-1.3-or-later"},
    {"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"},
    {"Expat", "MIT"},
    {"expat", "MIT"},
    {"MIT", "MIT"},
    {"X11", "X11"},
    {"BSD-3-clause", "BSD-3-Clause"},
    {"BSD-2", "BSD-2-Clause"},
    {"BSD-4-clause-UC", "BSD-4-Clause-UC"},
    {"BSD", "LicenseRef-BSD"},
    {"Artistic", "Artistic-1.0-Perl"},
    {"Artistic-2", "Artistic-2.0"},
    {"Apache-2", "Apache-2.0"},
    {"Apache-2.0", "Apache-2.0"},
    {"Apache-2.0+", "Apache-2.0+"},
    {"ZLIB", "Zlib"},
    {"MPL-2", "MPL-2.0"},
    {"CC0", "CC0-1.0"},
    {"CC0 license", "CC0-1.0"},
    {"CC-BY-SA-3", "CC-BY-SA-3.0"},
    {"ISC", "ISC"},
    {"curl", "curl"},
    {"OpenLDAP-2.8", "OLDAP-2.8"},
    {"public-domain", "LicenseRef-public-domain"},
    {"PD", "LicenseRef-public-domain"},
    {"BSD3_Google", "LicenseRef-BSD3-Google"},
    {"solar-public-domain", "LicenseRef-solar-public-domain"},
    {"(weird)", "LicenseRef-weird"},
    {"???", "LicenseRef-unnamed"},
    /* operators */
    {"GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"},
    {"Perl", "GPL-1.0-or-later OR Artistic-1.0-Perl"},
    {"BSL-1.0 and MIT", "BSL-1.0 AND MIT"},
    {"MIT AND MIT", "MIT"},
    {"MPL-1.1 or GPL-2+ or LGPL-2.1+", "MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later"},
    {"Expat or GPL-2 and ISC", "MIT OR GPL-2.0-only AND ISC"},
    {"GPL-1+ or Artistic, and Expat", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT"},
    {"Perl and Expat", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT"},
    {"Expat, and GPL-2+ or Artistic", "MIT AND (GPL-2.0-or-later OR Artistic-1.0-Perl)"},
    {"GPL-2+ or AFL-2.1, and Expat and ISC", "(GPL-2.0-or-later OR AFL-2.1) AND MIT AND ISC"},
    {"GPL-2+ and Expat, or ISC", "GPL-2.0-or-later AND MIT OR ISC"},
    {"GPL-2+ and/or Expat", "GPL-2.0-or-later OR MIT"},
    /* exceptions */
    {"GPL-2+ with Autoconf exception", "GPL-2.0-or-later WITH Autoconf-exception-2.0"},
    {"GPL-3+ with AutoConf exception", "GPL-3.0-or-later WITH Autoconf-exception-3.0"},
    {"GPL-3+ with Bison exception", "GPL-3.0-or-later WITH Bison-exception-2.2"},
    {"GPL-3+-with-Bison-exception", "GPL-3.0-or-later WITH Bison-exception-2.2"},
    {"GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"},
    {"GPL-3+ with GCC-Runtime-Library exception", "GPL-3.0-or-later WITH GCC-exception-3.1"},
    {"GPL-2+ with Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"},
    {"Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"},
    {"APACHE-2-LLVM-EXCEPTIONS", "Apache-2.0 WITH LLVM-exception"},
    {"GPL-2+ with OpenSSL exception", "LicenseRef-GPL-2.0-or-later-with-OpenSSL-exception"},
    {"Foo with Bison exception", "LicenseRef-Foo-with-Bison-exception"},
    {"GPL-2+-libtool-exception", "GPL-2.0-or-later WITH Libtool-exception"},
    {"GPL-2+-or-X11", "LicenseRef-GPL-2-or-X11"},
    {"Perl with Bison exception", "LicenseRef-GPL-1.0-or-later-OR-Artistic-1.0-Perl-with-Bison-exception"},
    {"GPL-2+ with Libtool exception or Expat", "GPL-2.0-or-later WITH Libtool-exception OR MIT"},
    {"OpenLDAP-2.8 and GPL-2+ with Libtool exception", "OLDAP-2.8 AND GPL-2.0-or-later WITH Libtool-exception"},
    {"GPL-2+ with Libtool exception, and Expat or ISC", "GPL-2.0-or-later WITH Libtool-exception AND (MIT OR ISC)"},
    /* no synopsis at all */
    {"Custom Unicode", "LicenseRef-Custom-Unicode"},
    {"GPL-2+ or", "LicenseRef-GPL-2-or"},
    {"or", "LicenseRef-or"},
    {", ,", "LicenseRef-unnamed"},
    {"Permission is hereby granted, free of charge, to any person obtaining", "LicenseRef-unnamed"},
    {"The main library is licensed under GNU Lesser", "LicenseRef-unnamed"},
};

static void test_synopses(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(synopses); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                CLEANUP(buf_done) struct buf b = {0};
                struct licence_set set = {.arena = a};
                licence_set_debian(&set, span_of(synopses[i].synopsis));
                licence_set_put(&set, &b, INVENTORY_LICENCE_MAX);
                if (!span_is(buf_span(&b), synopses[i].spdx))
                        fail_msg("\"%s\" is \"%.*s\", expected \"%s\"", synopses[i].synopsis, SPAN_FMT(buf_span(&b)),
                            synopses[i].spdx);
        }
}

static void test_documents(void **state)
{
        static const struct {
                const char *text, *spdx; /* NULL: nothing is said */
        } rows[] = {
            {"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
             "Upstream-Name: x\n"
             "\n"
             "Files: *\n"
             "Copyright: 1999 A\n"
             "License: GPL-2+\n"
             " On Debian systems: /usr/share/common-licenses/GPL-3\n"
             "\n"
             "Files: debian/*\n"
             "Copyright: 2000 B\n"
             "License: GPL-1+ or Artistic\n"
             "\n"
             "Files: a\n"
             "License: GPL-2+\n"
             "\n"
             "License: BSD-2-clause\n"
             " stands alone: nothing says that it holds for any file\n",
                "GPL-2.0-or-later AND (GPL-1.0-or-later OR Artistic-1.0-Perl)"},
            {"\n\nformat: x\nlicense: Expat\n\nfiles: *\nlicense: ISC\n", "MIT AND ISC"},
            {"\xef\xbb\xbf"
             "Format-Specification: http://dep.debian.net/deps/dep5\n\nFiles: *\nLicense: MIT\n",
                "MIT"},
            {"Format: x\n\nLicense: Expat\n text\n", "MIT"},
            {"Format: x\r\n\r\nFiles: *\r\nLicense: Expat\r\n", "MIT"},
            {"Format: x\n \nFiles: *\nLicense: Expat\n", "MIT"},
            {"Format: x\n\nFiles: *\nLicense:\n Permission is granted\n", "LicenseRef-unnamed"},
            {"Format: x\n\nFiles: *\nCopyright: nobody\n", NULL},
            /* others */
            {"This program is free software under version 2 of the GNU General Public License, or (at your option) "
             "any\n"
             "later\n version. See /usr/share/common-licenses/GPL-2.\n",
                "GPL-2.0-or-later"},
            {"GPL version 2 only, see `/usr/share/common-licenses/GPL-2'.\n", "GPL-2.0-only"},
            {"see /usr/share/common-licenses/GPL-1 and /usr/share/common-licenses/Artistic, "
             "/usr/share/common-licenses/BSD and /usr/share/common-licenses/GPL-1 again\n",
                "GPL-1.0-only AND Artistic-1.0-Perl AND BSD-3-Clause"},
            {"/usr/share/common-licenses/Apache-2.0", "Apache-2.0"},
            {"/usr/share/common-licenses/", NULL},
            {"/usr/share/common-licenses/...", NULL},
            {"All rights reserved.\n\nFiles: *\nLicense: MIT\n", NULL},
            {"License: MIT\n\nFormat: x\n", NULL},
            {"", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct findings f =
                    detect_file(&detect_copyright, "usr/share/doc/libx1/copyright", span_of(rows[i].text));
                assert_int_equal(f.notes.len, 0);
                assert_int_equal(f.packages.len, 0);
                if (f.supplements.len != (rows[i].spdx ? 1 : 0))
                        fail_msg("row %zu: %zu supplements", i, f.supplements.len);
                if (rows[i].spdx) {
                        assert_span(f.supplements.at[0].name, "libx1");
                        assert_span(f.supplements.at[0].arch, "");
                        assert_span(f.supplements.at[0].licence, rows[i].spdx);
                        assert_int_equal(f.supplements.at[0].licence_source, LICENCE_SOURCE_COPYRIGHT);
                }
                arena_free(f.arena);
        }
}

static void test_limits(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        buf_put_text(&b, "Format: x\n\nFiles: *\nLicense: Expat\n\n");
        for (size_t i = 0; i < 2 * LICENCE_SET_MAX; i++)
                buf_printf(&b, "Files: f%zu\nLicense: licence-number-%zu\n\n", i, i);
        struct findings f = detect_file(&detect_copyright, "usr/share/doc/big/copyright", buf_span(&b));
        assert_int_equal(f.notes.len, 0);
        assert_int_equal(f.supplements.len, 1);
        struct span licence = f.supplements.at[0].licence;
        assert_true(licence.len > INVENTORY_LICENCE_MAX / 2 && licence.len <= INVENTORY_LICENCE_MAX);
        assert_true(span_starts(licence, "MIT AND LicenseRef-licence-number-0 AND "));
        assert_true(span_ends(licence, " AND LicenseRef-and-more"));
        arena_free(f.arena);
        /* A synopsis beyond all measure is no name. */
        buf_clear(&b);
        buf_put_text(&b, "Format: x\n\nFiles: *\nLicense: ");
        for (size_t i = 0; i < 100000; i++)
                buf_put_text(&b, "MIT or ");
        f = detect_file(&detect_copyright, "usr/share/doc/big/copyright", buf_span(&b));
        assert_int_equal(f.supplements.len, 1);
        assert_span(f.supplements.at[0].licence, "LicenseRef-unnamed");
        arena_free(f.arena);
}

/* The list is searched by halves. */
static void test_identifiers_are_found(void **state)
{
        struct span id = {0};
        size_t n = spdx_licence_at(0, &id);

        (void)state;
        assert_true(n > 600);
        for (size_t i = 0; i < n; i++) {
                spdx_licence_at(i, &id);
                assert_true(span_equal(spdx_licence(id), id));
        }
        assert_span(spdx_licence(span_of("apache-2.0")), "Apache-2.0");
        assert_span(spdx_licence(span_of("GPL-2.0")), ""); /* deprecated: it does not say whether "or later" */
        assert_span(spdx_licence((struct span){0}), "");
        assert_span(spdx_exception(span_of("LLVM-EXCEPTION")), "LLVM-exception");
        assert_span(spdx_exception(span_of("MIT")), "");
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("usr/share/doc/libc6/copyright")), &detect_copyright);
        assert_null(detector_of_path(span_of("usr/share/doc/libc6/copyright.gz")));
        assert_null(detector_of_path(span_of("usr/share/doc/libc6/examples/copyright")));
        assert_null(detector_of_path(span_of("usr/share/doc/copyright")));
        assert_null(detector_of_link(span_of("usr/share/doc/libc6")));
}

/* Every copyright file of the system that runs this test: each says something sound, and none takes long. */
static void test_this_system(void **state)
{
        size_t n = 0, said = 0, known = 0;
        int64_t began_ms = clock_mono_ms();
        DIR *docs = opendir("/usr/share/doc");
        const struct dirent *entry;

        (void)state;
        while (docs && (entry = readdir(docs))) {
                CLEANUP(buf_done) struct buf file = {0};
                char name[600];
                snprintf(name, sizeof(name), "usr/share/doc/%s/copyright", entry->d_name);
                char full[700];
                snprintf(full, sizeof(full), "/%s", name);
                if (entry->d_name[0] == '.' || !file_read(AT_FDCWD, full, INVENTORY_COPYRIGHT_MAX, &file, NULL))
                        continue;
                struct findings f = detect_file(&detect_copyright, name, buf_span(&file));
                n++;
                said += f.supplements.len;
                if (f.supplements.len == 1) {
                        struct span licence = f.supplements.at[0].licence;
                        assert_true(text_is_clean(licence, INVENTORY_LICENCE_MAX));
                        known += !contains(licence, "LicenseRef-unnamed");
                }
                assert_int_equal(f.notes.len, 0);
                arena_free(f.arena);
        }
        if (docs)
                closedir(docs);
        if (n < 20) {
                print_message("skipped: no Debian's documentation on this system\n");
                skip();
        }
        print_message("%zu copyright files: %zu state a licence, %zu of them by names alone; %lld ms\n", n, said, known,
            (long long)(clock_mono_ms() - began_ms));
        assert_true(said * 10 > n * 7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_synopses),
            cmocka_unit_test(test_documents),
            cmocka_unit_test(test_limits),
            cmocka_unit_test(test_identifiers_are_found),
            cmocka_unit_test(test_paths),
            cmocka_unit_test(test_this_system),
        };

        return cmocka_run_group_tests_name("inventory copyright", tests, NULL, NULL);
}
