#include "inventory/detect_test_priv.h"

#define SED "Package: sed\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4.9-1\n"
#define BASH "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-2\n"
#define STATUS "var/lib/dpkg/status"

static const struct evidence *evidence_at(const struct layer_report *r, const char *path)
{
        for (size_t i = 0; i < r->evidence.len; i++)
                if (span_is(r->evidence.at[i].path, path))
                        return &r->evidence.at[i];
        return NULL;
}

static bool taken(const struct layer_report *r, const char *path)
{
        struct path_id id = path_id_of(span_of(path));

        return r->taken.len > 0 && bsearch(&id, r->taken.at, r->taken.len, sizeof(id), path_id_compare);
}

static void test_entries(void **state)
{
        static const struct test_entry entries[] = {
            {IMAGE_ENTRY_DIR, "", ""},
            {IMAGE_ENTRY_DIR, "var/lib/dpkg", ""},
            {IMAGE_ENTRY_FILE, STATUS, SED "\n" BASH},
            {IMAGE_ENTRY_FILE, "bin/sed", "not read"},
            {IMAGE_ENTRY_SYMLINK, "etc/os-release", "../usr/lib/os-release"},
            {IMAGE_ENTRY_FILE, "usr/lib/os-release", "ID=debian\nVERSION_ID=12\n"},
            {IMAGE_ENTRY_WHITEOUT, "old", ""},
            {IMAGE_ENTRY_OPAQUE, "opt", ""},
            {IMAGE_ENTRY_FIFO, "run/pipe", ""},
            {IMAGE_ENTRY_FILE, "node_modules/a/package.json", ""},
            {IMAGE_ENTRY_FILE, "some/x.blind", "never read"},
        };
        unsigned passes;
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, ARRAY_LEN(entries), &passes);

        (void)state;
        assert_int_equal(passes, 1);
        assert_int_equal(r->evidence.len, 4);
        assert_int_equal(r->n_packages, 2);
        assert_int_equal(evidence_at(r, STATUS)->found.packages.len, 2);
        assert_span(evidence_at(r, "usr/lib/os-release")->found.os.id, "debian");
        assert_int_equal(evidence_at(r, "node_modules/a/package.json")->found.notes.len, 1);
        assert_noted(evidence_at(r, "some/x.blind")->found.notes.at, 1, "no detector reads it");
        assert_int_equal(r->whiteouts.len, 1);
        assert_span(r->whiteouts.at[0], "old");
        assert_int_equal(r->opaques.len, 1);
        assert_span(r->opaques.at[0], "opt");
        assert_int_equal(r->taken.len, 7);
        assert_true(taken(r, "bin/sed") && taken(r, "etc/os-release") && taken(r, "run/pipe") && taken(r, STATUS));
        assert_false(taken(r, "var/lib/dpkg") || taken(r, "old") || taken(r, "opt"));
        assert_int_equal(r->notes.len, 0);
}

/* Within one layer, the last entry counts. */
static void test_later_entries_replace(void **state)
{
        static const struct {
                struct test_entry later;
                size_t evidence, packages;
        } rows[] = {
            {{IMAGE_ENTRY_FILE, STATUS, BASH}, 1, 1},
            {{IMAGE_ENTRY_FILE, STATUS, ""}, 1, 0},
            {{IMAGE_ENTRY_DIR, STATUS, ""}, 0, 0}, /* the report's list of folders hides a lower one */
            {{IMAGE_ENTRY_FILE, STATUS "/x", ""}, 0, 0},
            {{IMAGE_ENTRY_CHAR, STATUS, ""}, 0, 0},
            {{IMAGE_ENTRY_SYMLINK, STATUS, "x"}, 1, 0}, /* with a note */
            {{IMAGE_ENTRY_FILE, "var/lib", "x"}, 0, 0},
            {{IMAGE_ENTRY_FIFO, "var", ""}, 0, 0},
            {{IMAGE_ENTRY_DIR, "var/lib", ""}, 1, 2},
            {{IMAGE_ENTRY_FILE, "var/li", "x"}, 1, 2},
            {{IMAGE_ENTRY_WHITEOUT, STATUS, ""}, 1, 2}, /* whiteouts concern lower layers alone */
            {{IMAGE_ENTRY_OPAQUE, "var", ""}, 1, 2},
            {{IMAGE_ENTRY_WHITEOUT, "var", ""}, 1, 2},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct test_entry entries[] = {{IMAGE_ENTRY_FILE, STATUS, SED "\n" BASH}, rows[i].later};
                const struct test_entry swapped[] = {rows[i].later, {IMAGE_ENTRY_FILE, STATUS, SED "\n" BASH}};
                CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, 2, NULL);
                CLEANUP(layer_report_freep) struct layer_report *before = layer_of(swapped, 2, NULL);
                if (r->evidence.len != rows[i].evidence || r->n_packages != rows[i].packages)
                        fail_msg("row %zu: %zu files, %zu packages", i, r->evidence.len, r->n_packages);
                assert_int_equal(before->n_packages, 2);
        }
}

static void test_hard_links(void **state)
{
        static const struct {
                const char *what;
                struct test_entry entries[5];
                unsigned passes;
                size_t packages;
                const char *note; /* on the status file */
        } rows[] = {
            {"to a file that no detector wants",
                {{IMAGE_ENTRY_FILE, "opt/hidden", SED}, {IMAGE_ENTRY_HARDLINK, STATUS, "opt/hidden"}}, 2, 1, NULL},
            {"to a file that the same detector has read, which heeds no paths: read once",
                {{IMAGE_ENTRY_FILE, "var/lib/dpkg/status.d/sed", SED},
                    {IMAGE_ENTRY_HARDLINK, STATUS, "var/lib/dpkg/status.d/sed"}},
                1, 2, NULL},
            {"to a file that another detector wants",
                {{IMAGE_ENTRY_FILE, "node_modules/a/package.json", SED},
                    {IMAGE_ENTRY_HARDLINK, STATUS, "node_modules/a/package.json"}},
                2, 1, NULL},
            {"the last file before the link counts",
                {{IMAGE_ENTRY_FILE, "x", SED}, {IMAGE_ENTRY_FILE, "x", SED "\n" BASH},
                    {IMAGE_ENTRY_HARDLINK, STATUS, "x"}, {IMAGE_ENTRY_FILE, "x", ""}},
                2, 2, NULL},
            {"a link to a link",
                {{IMAGE_ENTRY_FILE, "x", SED}, {IMAGE_ENTRY_HARDLINK, "y", "x"}, {IMAGE_ENTRY_HARDLINK, STATUS, "y"}},
                2, 1, NULL},
            {"a link to a link to a wanted file",
                {{IMAGE_ENTRY_FILE, "var/lib/dpkg/status.d/sed", SED},
                    {IMAGE_ENTRY_HARDLINK, "y", "var/lib/dpkg/status.d/sed"}, {IMAGE_ENTRY_HARDLINK, STATUS, "y"}},
                1, 2, NULL},
            {"a chain of links",
                {{IMAGE_ENTRY_FILE, "a", SED}, {IMAGE_ENTRY_HARDLINK, "b", "a"}, {IMAGE_ENTRY_HARDLINK, "c", "b"},
                    {IMAGE_ENTRY_HARDLINK, "d", "c"}, {IMAGE_ENTRY_HARDLINK, STATUS, "d"}},
                2, 1, NULL},
            {"to nothing", {{IMAGE_ENTRY_HARDLINK, STATUS, "x"}}, 1, 0, "a hard link to what is not before it"},
            {"to what comes later", {{IMAGE_ENTRY_HARDLINK, STATUS, "x"}, {IMAGE_ENTRY_FILE, "x", SED}}, 1, 0,
                "not before it"},
            {"to itself", {{IMAGE_ENTRY_HARDLINK, STATUS, STATUS}}, 1, 0, "not before it"},
            {"in a circle", {{IMAGE_ENTRY_HARDLINK, "x", STATUS}, {IMAGE_ENTRY_HARDLINK, STATUS, "x"}}, 1, 0,
                "not before it"},
            {"to a symbolic link", {{IMAGE_ENTRY_SYMLINK, "x", "y"}, {IMAGE_ENTRY_HARDLINK, STATUS, "x"}}, 1, 0,
                "what is no file"},
            {"to a folder", {{IMAGE_ENTRY_FILE, "x/y", "y"}, {IMAGE_ENTRY_HARDLINK, STATUS, "x"}}, 1, 0,
                "what is no file"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t n = 0;
                unsigned passes;
                while (n < ARRAY_LEN(rows[i].entries) && rows[i].entries[n].path)
                        n++;
                CLEANUP(layer_report_freep) struct layer_report *r = layer_of(rows[i].entries, n, &passes);
                const struct evidence *e = evidence_at(r, STATUS);
                if (!e || passes != rows[i].passes || r->n_packages != rows[i].packages)
                        fail_msg("%s: %u passes, %zu packages", rows[i].what, passes, r->n_packages);
                assert_int_equal(e->found.notes.len, rows[i].note ? 1 : 0);
                if (rows[i].note)
                        assert_noted(e->found.notes.at, e->found.notes.len, rows[i].note);
        }
}

/* A link away from the package list is no way to hide it in silence. */
static void test_symbolic_links(void **state)
{
        static const char *const hiding[] = {"var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status",
            "var/lib/dpkg/status.d", "var/lib/dpkg/status.d/libc6"};
        static const char *const harmless[] = {
            "etc/os-release", "lib", "node_modules/a/package.json", "var/lib/dpkg/info"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(hiding); i++) {
                const struct test_entry entry = {IMAGE_ENTRY_SYMLINK, hiding[i], "elsewhere"};
                CLEANUP(layer_report_freep) struct layer_report *r = layer_of(&entry, 1, NULL);
                assert_int_equal(r->evidence.len, 1);
                assert_noted(r->evidence.at[0].found.notes.at, 1, "a symbolic link");
        }
        for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
                const struct test_entry entry = {IMAGE_ENTRY_SYMLINK, harmless[i], "elsewhere"};
                CLEANUP(layer_report_freep) struct layer_report *r = layer_of(&entry, 1, NULL);
                assert_int_equal(r->evidence.len, 0);
        }
}

static void test_too_large_is_noted(void **state)
{
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        struct image_sink sink = layer_reader_sink(reader);
        const struct image_entry entries[] = {
            {.type = IMAGE_ENTRY_FILE, .path = span_of(STATUS), .size = INVENTORY_DPKG_MAX + 1u},
            {.type = IMAGE_ENTRY_FILE,
                .path = span_of("node_modules/a/package.json"),
                .size = INVENTORY_PACKAGE_JSON_MAX + 1u,
                .index = 1},
            {.type = IMAGE_ENTRY_FILE, .path = span_of("x"), .size = 4097, .index = 2},
            {.type = IMAGE_ENTRY_HARDLINK, .path = span_of("x.lines"), .link = span_of("x"), .index = 3},
        };
        bool want = true, again = false;

        (void)state;
        do {
                for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
                        assert_true(sink.entry(sink.ctx, &entries[i], &want, NULL));
                        assert_int_equal(want, i == 2 && !again); /* whoever sniffs wants the first bytes of "x" */
                        if (want)
                                assert_true(sink.data(sink.ctx, (struct span){0}, NULL));
                }
                again = layer_reader_again(reader);
        } while (again);
        CLEANUP(layer_report_freep) struct layer_report *r = layer_reader_end(reader, &(struct image_read){0});
        assert_int_equal(r->evidence.len, 3);
        for (size_t i = 0; i < r->evidence.len; i++)
                assert_noted(
                    r->evidence.at[i].found.notes.at, r->evidence.at[i].found.notes.len, "too large, not read");
}

static void test_too_deep_is_noted(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < INVENTORY_DEPTH_MAX; i++)
                buf_put_text(&b, "d/");
        buf_put_text(&b, "node_modules/a/package.json");
        buf_put_u8(&b, 0);
        const struct test_entry entry = {IMAGE_ENTRY_FILE, (const char *)b.at, "{\"name\":\"a\",\"version\":\"1\"}"};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(&entry, 1, NULL);
        assert_int_equal(r->evidence.len, 0);
        assert_noted(r->notes.at, r->notes.len, "more than 128 folders deep");
        assert_int_equal(r->taken.len, 1);
}

/* ---- the report as frames ---- */

static bool collect(void *ctx, struct span frame, struct err *e)
{
        (void)e;
        assert_true(frame.len <= JAIL_FRAME_MAX);
        return layer_report_frame(ctx, frame, e);
}

static void test_report_travels(void **state)
{
        static const struct test_entry entries[] = {
            {IMAGE_ENTRY_FILE, STATUS, SED "Source: sed-source (4.8)\n\nPackage: Broken\n"},
            {IMAGE_ENTRY_FILE, "etc/os-release", "ID=debian\nID_LIKE=x\nVERSION_ID=12\nPRETTY_NAME='D 12'\n"},
            {IMAGE_ENTRY_FILE, "node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"1\",\"license\":\"MIT\"}"},
            {IMAGE_ENTRY_WHITEOUT, "gone", ""},
            {IMAGE_ENTRY_OPAQUE, "", ""},
            {IMAGE_ENTRY_FILE, "bytes\xff", ""},
        };
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, ARRAY_LEN(entries), NULL);
        CLEANUP(layer_report_freep) struct layer_report *got = layer_report_new();

        (void)state;
        digest_of(DIGEST_SHA256, SPAN_LIT("x"), &r->read.diff_id);
        r->read.plain_size = 1234567890123u;
        *ARENA_PUSH(r->arena, &r->notes) = span_of("of the layer");
        assert_true(layer_report_send(r, collect, got, NULL));
        assert_true(got->ended);
        assert_int_equal(got->evidence.len, 3);
        const struct package *p = &evidence_at(got, STATUS)->found.packages.at[0];
        assert_span(p->name, "sed");
        assert_span(p->version, "4.9-1");
        assert_span(p->source_name, "sed-source");
        assert_span(p->source_version, "4.8");
        assert_span(p->arch, "amd64");
        assert_noted(evidence_at(got, STATUS)->found.notes.at, 1, "\"Broken\" is no package name");
        assert_span(evidence_at(got, "node_modules/a/package.json")->found.packages.at[0].licence, "MIT");
        assert_span(evidence_at(got, "etc/os-release")->found.os.pretty_name, "D 12");
        assert_span(evidence_at(got, "etc/os-release")->found.os.id_like, "x");
        assert_span(got->whiteouts.at[0], "gone");
        assert_int_equal(got->opaques.at[0].len, 0);
        assert_noted(got->notes.at, got->notes.len, "of the layer");
        assert_int_equal(got->taken.len, r->taken.len);
        assert_memory_equal(got->taken.at, r->taken.at, r->taken.len * sizeof(*r->taken.at));
        assert_true(digest_equal(&got->read.diff_id, &r->read.diff_id));
        assert_int_equal(got->read.plain_size, 1234567890123u);
        assert_int_equal(got->read.entries, ARRAY_LEN(entries));
}

/* More than one frame, and lists over several records. */
static void test_large_report_travels(void **state)
{
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        CLEANUP(layer_report_freep) struct layer_report *got = layer_report_new();
        struct image_sink sink = layer_reader_sink(reader);
        char path[64];
        bool want;

        (void)state;
        for (unsigned i = 0; i < 100000; i++) {
                snprintf(path, sizeof(path), "some/folder/file-%u", i / 2); /* every path twice */
                const struct image_entry entry = {.type = IMAGE_ENTRY_FILE, .path = span_of(path), .index = i};
                assert_true(sink.entry(sink.ctx, &entry, &want, NULL));
        }
        assert_false(layer_reader_again(reader));
        CLEANUP(layer_report_freep) struct layer_report *r = layer_reader_end(reader, &(struct image_read){0});
        assert_int_equal(r->taken.len, 50000);
        assert_true(layer_report_send(r, collect, got, NULL));
        assert_int_equal(got->taken.len, 50000);
        assert_memory_equal(got->taken.at, r->taken.at, 50000 * sizeof(*r->taken.at));
}

static void test_bad_answers_are_refused(void **state)
{
#define V "V\2\0\0\0"
#define DPKG "E\4\0dpkg\x13\0var/lib/dpkg/status"
#define OS_RELEASE "E\x0a\0os-release\x0e\0etc/os-release"
#define ID "0123456789abcdef"
#define PACKAGE "P\0\0\0\3\0sed\1\0001"
        static const struct {
                const char *bytes;
                size_t len;
                const char *error;
        } rows[] = {
#define ROW(b, error) {b, sizeof(b) - 1, error}
            ROW("L\1\0x", "does not say its format"),
            ROW("V\1\0\0\0", "of another format"),
            ROW("V", "of another format"),
            ROW(V V, "of another format"),
            ROW(V "?", "an unknown record"),
            ROW(V "\0", "an unknown record"),
            ROW(V "L", "a note is no text"),
            ROW(V "L\0\0", "a note is no text"),
            ROW(V "L\1\0\x1b", "a note is no text"),
            ROW(V "L\2\0x", "a note is no text"),
            ROW(V "L\377\377x", "a note is no text"),
            ROW(V "W\0\0", "a whiteout's path"),
            ROW(V "W\2\0/x", "a whiteout's path"),
            ROW(V "W\2\0x\0", "a whiteout's path"),
            ROW(V "O\377\377", "a whiteout's path"),
            ROW(V "T\0\0\0\0", "a list of paths"),
            ROW(V "T\1\0\0\0x", "ends early"),
            ROW(V "D\377\377\377\377", "a list of paths"),
            ROW(V "T\2\0\0\0" ID ID, "not in order"),
            ROW(V "D\1\0\0\0"
                  "1123456789abcdef"
                  "D\1\0\0\0" ID,
                "not in order"),
            ROW(V "M\0\1\2\3\0\0", "a link into usr"),
            ROW(V "M\0\1\2\2\0", "a link into usr"),
            ROW(V "E\4\0none\1\0x", "no detector or no path"),
            ROW(V "E\4\0dpkg\0\0", "no detector or no path"),
            ROW(V "E\4\0dpkg\x0e\0etc/os-release", "does not want"),
            ROW(V "E\3\0npm\1\0x", "does not want"),
            ROW(V "E\x0a\0test-sniff\x13\0var/lib/dpkg/status", "does not want"),
            ROW(V DPKG DPKG, "not in order"),
            ROW(V PACKAGE, "a package without its file"),
            ROW(V "N\1\0x", "a note without its file"),
            ROW(V "S", "a system without its file"),
            ROW(V DPKG "S", "a system without its file"),
            ROW(V OS_RELEASE PACKAGE, "a package without its file"),
            ROW(V OS_RELEASE "S", "a system's texts"),
            ROW(V DPKG "P\0\0\0\0\0\1\0001", "a package's texts"),                 /* no name */
            ROW(V DPKG "P\0\0\0\1\0\n\1\0001", "a package's texts"),               /* no clean name */
            ROW(V DPKG "P\0\0\5\3\0sed\1\0001", "a package's texts"),              /* confidence */
            ROW(V DPKG "P\0\0\x50\3\0sed\1\0001", "a package's texts"),            /* licence source */
            ROW(V DPKG "P\1\0\0\3\0sed\1\0001\0\0", "a package's texts"),          /* empty source name */
            ROW(V DPKG "P\1\x10\0\3\0sed\1\0001\1\0x", "a package's texts"),       /* a source and "the same" */
            ROW(V DPKG "P\0\1\0\3\0sed\1\0001\3\0DEB", "a package's texts"),       /* type */
            ROW(V DPKG "P\0\4\0\3\0sed\1\0001\4\0arch\1\0x", "a package's texts"), /* a qualifier of ours */
            ROW(V DPKG "P\0\x08\0\3\0sed\1\0001\1\0k\1\0x\1\0k\1\0y", "a package's texts"), /* twice */
            ROW(V DPKG "P\0\4\0\3\0sed\1\0001\1\0K\1\0x", "a package's texts"),
            ROW(V "U\0", "a supplement without its file"),
            ROW(V DPKG "U\0\0\0\0\0\0\0", "a supplement's texts"),
            ROW(V DPKG "U\7\1\0x\0\0\0\0", "a supplement's texts"),
            ROW(V DPKG "F\0\0\0\0\0\1\0\0\0" ID, "files of no package"),
            ROW(V DPKG PACKAGE "F\1\0\0\0\0\1\0\0\0" ID, "files of no package"),
            ROW(V DPKG PACKAGE "F\2\0\0\0\0\1\0\0\0" ID, "files of no package"),
            ROW(V DPKG PACKAGE "F\0\1\0\0\0\1\0\0\0" ID, "files of no package"),
            ROW(V DPKG PACKAGE "F\0\0\0\0\0\0\0\0\0", "files of no package"),
            ROW(V DPKG PACKAGE "F\0\0\0\0\0\2\0\0\0" ID, "end early"),
            ROW(V "R\0\0\0\0\0\0\0\0\0\0\1\0r\0\0\1\0x\0\0\0\0", "a remark's texts"),   /* kind */
            ROW(V "R\2\x09\0\0\0\0\0\0\0\0\1\0r\0\0\1\0x\0\0\0\0", "a remark's texts"), /* severity */
            ROW(V "R\2\1\0\0\0\0\0\0\0\0\0\0\0\0\1\0x\0\0\0\0", "a remark's texts"),    /* no rule */
            ROW(V "R\2\1\0\0\0\0\0\0\0\0\1\0r\0\0\0\0\0\0\0\0", "a remark's texts"),    /* no path */
            ROW(V "R\2\1\0\0\0\0\0\0\0\0\1\0r\0\0\1\0y\0\0\0\0"
                  "R\2\1\0\0\0\0\0\0\0\0\1\0r\0\0\1\0x\0\0\0\0",
                "remarks are not in order"),
            ROW(V "Z", "its end"),
            ROW(V "Z\7", "its end"),
            ROW(V "Z\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0L", "something after its end"),
#undef ROW
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(layer_report_freep) struct layer_report *r = layer_report_new();
                struct err e = {0};
                if (layer_report_frame(r, span_bytes(rows[i].bytes, rows[i].len), &e))
                        fail_msg("row %zu (%s) was accepted", i, rows[i].error);
                assert_int_equal(e.kind, ERR_MALFORMED);
                if (!strstr(e.text, rows[i].error))
                        fail_msg("row %zu: %s, not %s", i, e.text, rows[i].error);
        }
}

static void test_sink_refuses_disorder(void **state)
{
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        struct image_sink sink = layer_reader_sink(reader);
        const struct image_entry entry = {.type = IMAGE_ENTRY_FILE, .path = span_of(STATUS), .size = 3};
        struct err e = {0};
        bool want = false;

        (void)state;
        assert_false(sink.data(sink.ctx, SPAN_LIT("x"), &e));
        assert_int_equal(e.kind, ERR_BUG);
        assert_true(sink.entry(sink.ctx, &entry, &want, &e));
        assert_true(want);
        assert_false(sink.entry(sink.ctx, &entry, &want, &e));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_entries),
            cmocka_unit_test(test_later_entries_replace),
            cmocka_unit_test(test_hard_links),
            cmocka_unit_test(test_symbolic_links),
            cmocka_unit_test(test_too_large_is_noted),
            cmocka_unit_test(test_too_deep_is_noted),
            cmocka_unit_test(test_report_travels),
            cmocka_unit_test(test_large_report_travels),
            cmocka_unit_test(test_bad_answers_are_refused),
            cmocka_unit_test(test_sink_refuses_disorder),
        };

        return cmocka_run_group_tests_name("inventory layer", tests, NULL, NULL);
}
