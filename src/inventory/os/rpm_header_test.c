#include "inventory/os/rpm_test_priv.h"

static struct findings read_header(struct span blob)
{
        struct findings f = {.arena = arena_new()};
        struct rpm_list l = {.f = &f};

        rpm_header_read(&l, blob, "row 1");
        findings_end(&f);
        return f;
}

static void test_package(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        make_package(&b, "tool", "1.2~rc1^git3", 7, 0);
        struct findings f = read_header(buf_span(&b));
        assert_no_notes(&f);
        assert_int_equal(f.packages.len, 1);
        const struct package *p = &f.packages.at[0];
        assert_span(p->name, "tool");
        assert_span(p->version, "7:1.2~rc1^git3-3.el9");
        assert_span(p->arch, "x86_64");
        assert_span(p->licence, "GPL-2.0-or-later AND MIT");
        assert_int_equal(p->licence_source, LICENCE_SOURCE_FIELD);
        assert_span(p->vendor, "Vendor, Inc.");
        assert_span(p->module, "");
        assert_span(p->cpe, "");
        assert_span(p->source_name, "origin");
        assert_span(p->source_version, "7:1.9-3.el9");
        /* One of the others was not installed, one is a ghost. */
        assert_int_equal(f.owned.len, 2);
        assert_span(f.owned.at[0].path, "usr/bin/tool");
        assert_span(f.owned.at[1].path, "etc/tool.conf");
        arena_free(f.arena);
}

/* The least that makes a package, and what each further tag adds. */
static void minimum(struct header_maker *m)
{
        make_text(m, 1000, "tool");
        make_text(m, 1001, "1");
        make_text(m, 1002, "2");
}

static struct findings made(struct header_maker *m)
{
        CLEANUP(buf_done) struct buf b = {0};

        make_end(m, m->n, &b);
        return read_header(buf_span(&b));
}

static void test_epoch(void **state)
{
        static const struct {
                uint32_t epoch;
                const char *version;
        } rows[] = {{0, "1-2"}, {1, "1:1-2"}, {UINT32_MAX, "4294967295:1-2"}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct header_maker m = {.region = true};
                minimum(&m);
                make_numbers(&m, 1003, &rows[i].epoch, 1);
                struct findings f = made(&m);
                assert_span(f.packages.at[0].version, rows[i].version);
                assert_no_notes(&f);
                arena_free(f.arena);
        }
        struct header_maker m = {.region = true};
        minimum(&m);
        struct findings f = made(&m);
        assert_span(f.packages.at[0].version, "1-2");
        assert_span(f.packages.at[0].source_name, "");
        assert_int_equal(f.owned.len, 0);
        arena_free(f.arena);
}

static void test_module_and_missing_texts(void **state)
{
        struct header_maker m = {.region = true};

        (void)state;
        minimum(&m);
        make_text(&m, 5096, "nodejs:18:9020020230825081254:rhel9");
        make_text(&m, 1044, "(none)");
        struct findings f = made(&m);
        assert_span(f.packages.at[0].module, "nodejs:18:9020020230825081254:rhel9");
        assert_span(f.packages.at[0].licence, "");
        assert_int_equal(f.packages.at[0].licence_source, LICENCE_SOURCE_NONE);
        assert_no_notes(&f);
        arena_free(f.arena);
}

static void test_source_names(void **state)
{
        static const struct {
                const char *file, *name, *version;
        } rows[] = {
            {"origin-1.9-3.el9.src.rpm", "origin", "1.9-3.el9"},
            {"a-b-c-1.9-3.src.rpm", "a-b-c", "1.9-3"},
            {"kernel-1-2.nosrc.rpm", "kernel", "1-2"},
            {"origin-1.9-3.el9.x86_64.rpm", NULL, NULL},
            {"origin.src.rpm", NULL, NULL},
            {"-1-2.src.rpm", NULL, NULL},
            {"a--2.src.rpm", NULL, NULL},
            {"a-1-.src.rpm", NULL, NULL},
            {".src.rpm", NULL, NULL},
            {"", NULL, NULL},
        };
        char version[RPM_EVR_SIZE];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct package p = {0};
                assert_int_equal(rpm_source(&p, span_of(rows[i].file), 0, version), rows[i].name != NULL);
                assert_span(p.source_name, rows[i].name ? rows[i].name : "");
                assert_span(p.source_version, rows[i].version ? rows[i].version : "");
        }
        struct header_maker m = {.region = true};
        minimum(&m);
        make_text(&m, 1044, "nonsense");
        struct findings f = made(&m);
        assert_int_equal(f.packages.len, 1);
        assert_noted(f.notes.at, f.notes.len, "package tool: its Sourcerpm names no source package");
        arena_free(f.arena);
}

static void test_keys_are_no_packages(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        make_package(&b, "gpg-pubkey", "1", 0, 0);
        struct findings f = read_header(buf_span(&b));
        assert_int_equal(f.packages.len, 0);
        assert_no_notes(&f);
        arena_free(f.arena);
}

/* Behind the region lies what was added on installing: rpm prefers it. Packages of rpm 3 have no region. */
static void test_regions(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct header_maker m = {.region = true}, old = {.region = false};
        struct findings f;
        uint32_t signed_entries;

        (void)state;
        minimum(&m);
        signed_entries = m.n;
        make_text(&m, 1011, "signed");
        make_text(&m, 1011, "added");
        make_end(&m, signed_entries + 1, &b);
        f = read_header(buf_span(&b));
        assert_span(f.packages.at[0].vendor, "added");
        assert_no_notes(&f);
        arena_free(f.arena);

        be32_set(b.at + b.len - 8, 0u - 16 * 100); /* the region is larger than the header */
        f = read_header(buf_span(&b));
        assert_int_equal(f.packages.len, 1);
        assert_noted(f.notes.at, f.notes.len, "row 1: tag 63 at offset");
        arena_free(f.arena);

        minimum(&old);
        f = made(&old);
        assert_int_equal(f.packages.len, 1);
        assert_no_notes(&f);
        arena_free(f.arena);
}

static void test_old_file_names(void **state)
{
        static const char *const paths[] = {"/bin/a", "/bin/b", "../c", "relative"};
        struct header_maker m = {.region = false};

        (void)state;
        minimum(&m);
        make_texts(&m, 1027, 8, paths, 4);
        make_entry(&m, 1029, 1, 4);
        buf_put(&m.data, span_bytes("\0\1\0\0", 4));
        struct findings f = made(&m);
        assert_int_equal(f.owned.len, 2);
        assert_span(f.owned.at[0].path, "bin/a");
        assert_span(f.owned.at[1].path, "relative");
        assert_no_notes(&f);
        arena_free(f.arena);
}

/* What is wrong, where it is put (entry, field of it), and what is said. The package is listed all the same, or not. */
static void test_hostile_entries(void **state)
{
        static const struct {
                uint32_t tag;
                size_t field; /* 0 tag, 1 type, 2 offset, 3 count */
                uint32_t value;
                size_t packages, owned;
                const char *note;
        } rows[] = {
            {1000, 0, 1, 0, 0, "row 1: a header without a Name"},
            {1000, 1, 4, 0, 0, "row 1: Name (tag 1000) is of type 4"},
            {1000, 2, 0x7fffffff, 0, 0, "row 1: Name (tag 1000): offset 2147483647 and count 1 lead out of"},
            {1000, 2, 0xffffffff, 0, 0, "row 1: Name (tag 1000): offset 4294967295"},
            {1000, 3, 0, 0, 0, "without a Name"},
            {1001, 3, 0xffffffff, 0, 0, "Version (tag 1001)"},
            {1002, 2, 0x00ffffff, 0, 0, "Release (tag 1002)"},
            {1003, 1, 6, 1, 2, "Epoch (tag 1003) is of type 6"},
            {1003, 3, 0x40000000, 1, 2, "Epoch (tag 1003)"},
            {1014, 2, 0xfffffff0, 1, 2, "License (tag 1014)"},
            {1022, 1, 200, 1, 2, "Arch (tag 1022) is of type 200"},
            {1029, 3, 0xffffff, 1, 3, "Filestates (tag 1029)"},
            {1037, 3, 0x40000001, 1, 3, "Fileflags (tag 1037)"},
            {1116, 3, 3, 1, 0, "4 Basenames and 3 Dirindexes"},
            {1116, 3, 0x40000004, 1, 0, "4 Basenames and 0 Dirindexes"},
            {1117, 3, 0xffffff00, 1, 0, "more than 1000000 files"},
            {1118, 3, 1, 1, 1, "Dirindexes: file 2 is in folder 1 of 1"},
            {1118, 3, 0xffff, 1, 0, "Dirnames (tag 1118)"},
            {1118, 1, 6, 1, 0, "Dirnames (tag 1118) is of type 6"},
        };
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                buf_clear(&b);
                make_package(&b, "tool", "1", 0, 0);
                for (size_t k = 8; k < 8 + 16 * (EXAMPLE_ENTRIES + 2); k += 16)
                        if (rpm_u32be(buf_span(&b), k) == rows[i].tag)
                                be32_set(b.at + k + 4 * rows[i].field, rows[i].value);
                struct findings f = read_header(buf_span(&b));
                bool said = false;
                for (size_t n = 0; n < f.notes.len; n++)
                        said |= contains(f.notes.at[n], rows[i].note);
                for (size_t n = 0; !said && n < f.notes.len; n++)
                        print_message("note: %.*s\n", SPAN_FMT(f.notes.at[n]));
                if (!said || f.packages.len != rows[i].packages || f.owned.len != rows[i].owned)
                        fail_msg("row %zu: %zu packages, %zu files, said %d", i, f.packages.len, f.owned.len, said);
                arena_free(f.arena);
        }
}

/* The last text of the data lacks its NUL. */
static void test_endless_text(void **state)
{
        struct header_maker m = {.region = false};

        (void)state;
        minimum(&m);
        make_entry(&m, 1011, 6, 1);
        buf_put_text(&m.data, "endless");
        struct findings f = made(&m);
        assert_int_equal(f.packages.len, 1);
        assert_span(f.packages.at[0].vendor, "");
        assert_noted(f.notes.at, f.notes.len, "row 1: Vendor (tag 1011): a text has no end");
        arena_free(f.arena);
}

/* Every header cut anywhere, bytes too many, and every bit of the index changed: a note or a package, never nothing. */
static void test_broken_headers(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        make_package(&b, "tool", "1", 0, 0);
        for (size_t len = 0; len < b.len; len++) {
                struct findings f = read_header(span_bytes(b.at, len));
                assert_int_equal(f.packages.len, 0);
                assert_int_equal(f.notes.len, 1);
                arena_free(f.arena);
        }
        for (size_t i = 0; i < 8 + 16 * (EXAMPLE_ENTRIES + 2); i++)
                for (int bit = 0; bit < 8; bit++) {
                        b.at[i] ^= (uint8_t)(1 << bit);
                        struct findings f = read_header(buf_span(&b));
                        assert_true(f.packages.len + f.notes.len > 0);
                        b.at[i] ^= (uint8_t)(1 << bit);
                        arena_free(f.arena);
                }
        buf_put_text(&b, "more");
        struct findings f = read_header(buf_span(&b));
        assert_int_equal(f.packages.len, 1);
        assert_noted(f.notes.at, f.notes.len, "row 1: a header of");
        arena_free(f.arena);
}

/* One folder's long name and many short ones of files: the paths would be a thousand times the header. */
static void test_paths_are_bounded(void **state)
{
        enum { FILES = 200000 };
        struct header_maker m = {.region = false};
        char folder[1024];
        const char *texts[] = {folder};
        struct findings f;

        (void)state;
        memset(folder, 'a', sizeof(folder));
        folder[0] = '/', folder[sizeof(folder) - 2] = '/', folder[sizeof(folder) - 1] = 0;
        minimum(&m);
        make_texts(&m, 1118, 8, texts, 1);
        make_entry(&m, 1117, 8, FILES);
        for (int i = 0; i < FILES; i++)
                buf_put(&m.data, span_bytes("f", 2));
        while (m.data.len % 4)
                buf_put_u8(&m.data, 0);
        make_entry(&m, 1116, 4, FILES);
        for (int i = 0; i < FILES; i++)
                be32(&m.data, 0);
        f = made(&m);
        assert_int_equal(f.packages.len, 1);
        assert_int_equal(f.owned.len, RPM_PATHS_MAX / 1024);
        assert_noted(f.notes.at, f.notes.len, "whose the others are is not known");
        arena_free(f.arena);
}

static void test_long_texts(void **state)
{
        char version[300];

        (void)state;
        memset(version, '1', sizeof(version));
        for (size_t len = 250; len < 260; len++) {
                struct header_maker m = {.region = true};
                version[len] = 0;
                make_text(&m, 1000, "tool");
                make_text(&m, 1001, version);
                make_text(&m, 1002, "2");
                struct findings f = made(&m);
                version[len] = '1';
                assert_int_equal(f.packages.len, len + 2 <= INVENTORY_VERSION_MAX);
                assert_int_equal(f.notes.len, len + 2 > INVENTORY_VERSION_MAX);
                arena_free(f.arena);
        }
        struct header_maker m = {.region = true};
        make_text(&m, 1000, "to\nol");
        make_text(&m, 1001, "1");
        make_text(&m, 1002, "2");
        struct findings f = made(&m);
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not clean text: not listed");
        arena_free(f.arena);
}

/* A header of a real package, with its magic in front, as it stands in package files. */
static void test_real_header(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        if (!file_read(AT_FDCWD, SHARED_DIR "/data/vectors/rpm/package.header", 1 << 20, &b, NULL)) {
                print_message("skipped: shared/data/vectors/rpm is not there\n");
                skip();
        }
        struct span blob = buf_span(&b);
        if (span_starts(blob, "\x8e\xad\xe8"))
                blob = span_from(blob, 8);
        struct findings f = read_header(blob);
        assert_no_notes(&f);
        assert_int_equal(f.packages.len, 1);
        const struct package *p = &f.packages.at[0];
        assert_span(p->name, "crypto-policies");
        assert_span(p->version, "20210213-1.git5c710c0.fc34");
        assert_span(p->arch, "noarch");
        assert_span(p->source_name, "crypto-policies");
        assert_span(p->source_version, "20210213-1.git5c710c0.fc34");
        assert_span(p->licence, "LGPLv2+");
        assert_span(p->vendor, "Fedora Project");
        assert_int_equal(f.owned.len, 137);
        arena_free(f.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_package),
            cmocka_unit_test(test_epoch),
            cmocka_unit_test(test_module_and_missing_texts),
            cmocka_unit_test(test_source_names),
            cmocka_unit_test(test_keys_are_no_packages),
            cmocka_unit_test(test_regions),
            cmocka_unit_test(test_old_file_names),
            cmocka_unit_test(test_hostile_entries),
            cmocka_unit_test(test_endless_text),
            cmocka_unit_test(test_broken_headers),
            cmocka_unit_test(test_paths_are_bounded),
            cmocka_unit_test(test_long_texts),
            cmocka_unit_test(test_real_header),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
