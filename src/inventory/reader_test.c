/* Streams, sniffers, pairs, remarks, and the second names of all of these: see test_shelf.c for what its detectors find. */
#include "inventory/detect_test_priv.h"

#include <time.h>

#define F IMAGE_ENTRY_FILE
#define H IMAGE_ENTRY_HARDLINK
#define D IMAGE_ENTRY_DIR
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789" /* longer than a head */

/* "path: name version, ...; notes" of each file, divided by "; ". */
static void put_report(struct buf *b, const struct layer_report *r)
{
        for (size_t i = 0; i < r->evidence.len; i++) {
                const struct evidence *e = &r->evidence.at[i];
                buf_printf(b, "%s%.*s:", i ? "; " : "", SPAN_FMT(e->path));
                for (size_t k = 0; k < e->found.packages.len; k++)
                        buf_printf(b, "%s %.*s %.*s", k ? "," : "", SPAN_FMT(e->found.packages.at[k].name),
                            SPAN_FMT(e->found.packages.at[k].version));
                for (size_t k = 0; k < e->found.notes.len; k++)
                        buf_printf(b, " [%.*s]", SPAN_FMT(e->found.notes.at[k]));
        }
        for (size_t i = 0; i < r->notes.len; i++)
                buf_printf(b, " {%.*s}", SPAN_FMT(r->notes.at[i]));
}

#define S IMAGE_ENTRY_SYMLINK

struct row {
        const char *what;
        struct test_entry entries[5];
        unsigned passes;
        const char *report;
};

static const struct row streams[] = {
    {"by path", {{F, "a.stream", "x"}}, 1, "a.stream: a.stream 1"},
    {"an empty file", {{F, "a.stream", ""}}, 1, "a.stream: a.stream 1"},
    {"twice, out of memory: no second pass over the layer", {{F, "a.stream", "again 2 " LONG}}, 1,
        "a.stream: a.stream 2"},
    {"three times is the most", {{F, "a.stream", "again 9"}}, 1, "a.stream:"},
    {"by its first bytes", {{F, "bin/x", "MAGIC tool"}}, 1, "bin/x: tool 1"},
    {"by its first bytes, longer than they are", {{F, "bin/x", "MAGIC tool\n" LONG LONG}}, 1, "bin/x: tool 1"},
    {"nothing found leaves no trace", {{F, "bin/x", "MAGIC \n" LONG}}, 1, ""},
    {"nobody likes it", {{F, "bin/x", "magic tool"}, {F, "bin/y", "MAGIC"}, {F, "doc/z", "MAGIC tool"}}, 1, ""},
    {"a path that is wanted comes first", {{F, "x.lines", "MAGIC tool"}}, 1, "x.lines: MAGIC tool"},
    {"several in one layer",
        {{F, "a", "MAGIC one"}, {F, "b", "plain"}, {F, "c.stream", "again 3"}, {F, "d.lines", "p 1"},
            {F, "e", "MAGIC two"}},
        1, "a: one 1; c.stream: c.stream 3; d.lines: p 1; e: two 1"},
    {"replaced later in the layer", {{F, "a", "MAGIC one"}, {F, "a", "plain"}}, 1, ""},
    {"replaced by a folder", {{F, "a", "MAGIC one"}, {F, "a/b", "plain"}}, 1, ""},
    {"its folder replaced", {{F, "a/b", "MAGIC one"}, {F, "a", "plain"}}, 1, ""},
    {"the folder replaced, and there again", {{F, "a/b", "MAGIC one"}, {F, "a", "plain"}, {F, "a/c", ""}}, 1, ""},
};

static const struct row names[] = {
    {"no link", {{F, "a.named", "x"}}, 1, "a.named: a.named "},
    {"a link beside it", {{F, "d/a.named", "x"}, {S, "d/b.named", "a.named"}}, 1, "d/a.named: a.named d/b.named"},
    {"before it, from elsewhere", {{S, "r/s/b.named", "../../d/a.named"}, {F, "d/a.named", "x"}}, 1,
        "d/a.named: a.named r/s/b.named"},
    {"from the root", {{F, "d/a.named", "x"}, {S, "b.named", "/d/a.named"}}, 1, "d/a.named: a.named b.named"},
    {"several, and links to links",
        {{F, "a.named", "x"}, {S, "d.named", "c.named"}, {S, "c.named", "b.named"}, {S, "b.named", "a.named"}}, 1,
        "a.named: a.named b.named+c.named+d.named"},
    {"a circle", {{F, "a.named", "x"}, {S, "b.named", "c.named"}, {S, "c.named", "b.named"}}, 1, "a.named: a.named "},
    {"out of the root", {{F, "a.named", "x"}, {S, "b.named", "../a.named"}, {S, "c.named", ""}}, 1,
        "a.named: a.named "},
    {"by a path that nobody reads", {{F, "a.named", "x"}, {S, "b.txt", "a.named"}, {S, "c.named", "b.txt"}}, 1,
        "a.named: a.named "},
    {"to another's file", {{F, "a.lines", "p 1"}, {S, "b.named", "a.lines"}}, 1, "a.lines: p 1"},
    {"a link that was replaced", {{F, "a.named", "x"}, {S, "b.named", "a.named"}, {F, "b.named", "y"}}, 1,
        "a.named: a.named ; b.named: b.named "},
    {"one that points elsewhere in the end",
        {{F, "a.named", "x"}, {F, "c.named", "x"}, {S, "b.named", "a.named"}, {S, "b.named", "c.named"}}, 1,
        "a.named: a.named ; c.named: c.named b.named"},
    {"hard links are each other's names", {{F, "a.named", "x"}, {H, "b.named", "a.named"}}, 2,
        "a.named: a.named b.named; b.named: b.named a.named"},
    {"a hard link to no file of that kind", {{F, "a", "x"}, {H, "b.named", "a"}}, 2, "b.named: b.named "},
};

static const struct row links[] = {
    {"a sniffed file's second name, where its path does not matter", {{F, "a", "MAGIC one"}, {H, "b", "a"}}, 1,
        "a: one 1; b: one 1"},
    {"nothing found under the first, nothing under the second", {{F, "a", "MAGIC \n"}, {H, "b", "a"}}, 1, ""},
    {"a stream by path names what it finds after it: read again", {{F, "a.stream", "x"}, {H, "b.stream", "a.stream"}},
        2, "a.stream: a.stream 1; b.stream: b.stream 1"},
    {"wanted under its second name alone", {{F, "a", "x"}, {H, "b.stream", "a"}}, 2, "b.stream: b.stream 1"},
    {"sniffed under its second name alone", {{F, "doc/a", "MAGIC one"}, {H, "b", "doc/a"}}, 2, "b: one 1"},
    {"under its first alone", {{F, "a", "MAGIC one"}, {H, "doc/b", "a"}}, 1, "a: one 1"},
    {"of a file that another detector has", {{F, "a.lines", "MAGIC 1"}, {H, "b", "a.lines"}}, 2,
        "a.lines: MAGIC 1; b: 1 1"},
    {"the other way round", {{F, "a", "MAGIC 1"}, {H, "b.lines", "a"}}, 2, "a: 1 1; b.lines: MAGIC 1"},
    {"asked for again, under both names", {{F, "a.stream", "again 3"}, {H, "b.stream", "a.stream"}}, 2,
        "a.stream: a.stream 3; b.stream: b.stream 3"},
    {"three names", {{F, "a", "x"}, {H, "b.stream", "a"}, {H, "c.stream", "b.stream"}, {H, "d.lines", "a"}}, 2,
        "b.stream: b.stream 1; c.stream: c.stream 1; d.lines: x "},
    {"the file removed, the link stays", {{F, "a", "MAGIC one"}, {H, "b", "a"}, {F, "a", "plain"}}, 1, "b: one 1"},
    {"the link removed", {{F, "a", "MAGIC one"}, {H, "b", "a"}, {F, "b", "plain"}}, 1, "a: one 1"},
    {"an empty file's", {{F, "a", ""}, {H, "b", "a"}, {H, "c.stream", "a"}}, 2, "c.stream: c.stream 1"},
};

static const struct row pairs[] = {
    {"alone", {{F, "db/main.db", "m"}}, 1, "db/main.db: m alone"},
    {"with its companion", {{F, "db/main.db", "m"}, {F, "db/main.db-wal", "w"}}, 1, "db/main.db: m w"},
    {"in the other order", {{F, "db/main.db-wal", "w"}, {F, "db/main.db", "m"}}, 1, "db/main.db: m w"},
    {"an empty companion is none", {{F, "db/main.db-wal", ""}, {F, "db/main.db", "m"}}, 1, "db/main.db: m alone"},
    {"another folder's", {{F, "db/main.db", "m"}, {F, "other/main.db-wal", "w"}}, 1,
        "db/main.db: m alone; other/main.db-wal: [not read: its database is in another layer]"},
    {"without its database", {{F, "db/main.db-wal", "w"}}, 1,
        "db/main.db-wal: [not read: its database is in another layer]"},
    {"without its database, and empty", {{F, "db/main.db-wal", ""}}, 1, ""},
    {"without its database, and gone", {{F, "db/main.db-wal", "w"}, {F, "db", ""}}, 1, ""},
    {"a name like it where none is wanted", {{F, "main.db-wal", "w"}}, 1, ""},
    {"the last of each counts",
        {{F, "db/main.db", "m1"}, {F, "db/main.db-wal", "w1"}, {F, "db/main.db", "m2"}, {F, "db/main.db-wal", "w2"}}, 1,
        "db/main.db: m2 w2"},
    {"hard links", {{F, "x", "m"}, {F, "y", "w"}, {H, "db/main.db", "x"}, {H, "db/main.db-wal", "y"}}, 2,
        "db/main.db: m w"},
};

static void check(const struct row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t n_entries = 0;
                unsigned passes;
                while (n_entries < ARRAY_LEN(rows[i].entries) && rows[i].entries[n_entries].path)
                        n_entries++;
                CLEANUP(layer_report_freep) struct layer_report *r = layer_of(rows[i].entries, n_entries, &passes);
                CLEANUP(buf_done) struct buf b = {0};
                put_report(&b, r);
                if (!span_is(buf_span(&b), rows[i].report) || passes != rows[i].passes)
                        fail_msg("%s: %u passes: \"%.*s\" is not \"%s\"", rows[i].what, passes, SPAN_FMT(buf_span(&b)),
                            rows[i].report);
        }
}

static void test_streams(void **state)
{
        (void)state;
        check(streams, ARRAY_LEN(streams));
}

static void test_second_names(void **state)
{
        (void)state;
        check(links, ARRAY_LEN(links));
}

static void test_names_by_links(void **state)
{
        (void)state;
        check(names, ARRAY_LEN(names));
}

static void test_pairs(void **state)
{
        (void)state;
        check(pairs, ARRAY_LEN(pairs));
}

/* ---- large files ---- */

struct large {
        struct layer_reader *r;
        struct image_sink sink;
        uint8_t piece[1 << 18];
};

static void large_file(struct large *l, uint64_t index, const char *path, const char *front, uint64_t size)
{
        const struct image_entry entry = {.type = F, .path = span_of(path), .size = size, .index = index};
        bool want;

        assert_true(l->sink.entry(l->sink.ctx, &entry, &want, NULL));
        for (uint64_t at = 0; want && at < size; at += sizeof(l->piece)) {
                uint64_t n = size - at < sizeof(l->piece) ? size - at : sizeof(l->piece);
                memset(l->piece, 'x', sizeof(l->piece));
                if (at == 0)
                        memcpy(l->piece, front, strlen(front));
                assert_true(l->sink.data(l->sink.ctx, span_bytes(l->piece, (size_t)n), NULL));
        }
        if (want)
                assert_true(l->sink.data(l->sink.ctx, (struct span){0}, NULL));
}

/* Larger than what is kept: then the layer comes again, and each is told of its own bytes alone. */
static void test_large_streams_take_passes(void **state)
{
        struct large *l = heap_alloc(sizeof(*l));
        const uint64_t large = INVENTORY_REPLAY_MAX + 1000;
        unsigned passes = 0;

        (void)state;
        l->r = layer_reader_new();
        l->sink = layer_reader_sink(l->r);
        do {
                passes++;
                large_file(l, 0, "a.stream", "again 3", large);
                large_file(l, 1, "b.stream", "again 2", large);
                large_file(l, 2, "plain", "x", 1 << 20);
                large_file(l, 3, "c.stream", "again 2", 10);
        } while (layer_reader_again(l->r));
        CLEANUP(layer_report_freep) struct layer_report *r = layer_reader_end(l->r, &(struct image_read){0});
        CLEANUP(buf_done) struct buf b = {0};
        put_report(&b, r);
        assert_span(buf_span(&b), "a.stream: a.stream 3; b.stream: b.stream 2; c.stream: c.stream 2");
        assert_int_equal(passes, 3);
        layer_reader_free(l->r);
        free(l);
}

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What sniffing costs for files that nobody likes: printed, and bounded far above what it is. */
static void test_plain_files_cost_nothing(void **state)
{
        struct large *l = heap_alloc(sizeof(*l));
        char path[64];
        double begun, took;

        (void)state;
        l->r = layer_reader_new();
        l->sink = layer_reader_sink(l->r);
        memset(l->piece, 'x', sizeof(l->piece));
        begun = now_s();
        for (unsigned i = 0; i < 2560; i++) { /* 640 MiB in files of 256 KiB */
                const struct image_entry entry = {.type = F,
                    .path = span_bytes(path, (size_t)snprintf(path, sizeof(path), "usr/lib/x%u.dat", i)),
                    .size = sizeof(l->piece),
                    .index = i};
                bool want;
                assert_true(l->sink.entry(l->sink.ctx, &entry, &want, NULL));
                if (want) {
                        assert_true(l->sink.data(l->sink.ctx, span_bytes(l->piece, sizeof(l->piece)), NULL));
                        assert_true(l->sink.data(l->sink.ctx, (struct span){0}, NULL));
                }
        }
        took = now_s() - begun;
        print_message("640 MiB of plain files: %.1f ms\n", took * 1e3);
        assert_true(took < 1);
        layer_reader_free(l->r);
        free(l);
}

/* ---- what travels ---- */

static bool collect(void *ctx, struct span frame, struct err *e)
{
        return layer_report_frame(ctx, frame, e);
}

static struct layer_report *sent(const struct layer_report *r)
{
        struct layer_report *got = layer_report_new();
        struct err e = {0};

        if (!layer_report_send(r, collect, got, &e))
                fail_msg("%s", e.text);
        assert_true(got->ended);
        return got;
}

static void test_ownership_travels(void **state)
{
        static const struct test_entry entries[] = {
            {F, "a.lines", "one 1\nowns usr/bin/one\nowns /etc/../x\nowns ./etc/one\ntwo 2\nowns x\nthree 3\n"},
            {F, "b.lines", "supplement one MIT\nowns /usr/share/one\nsupplement two \nowns a\nowns b\n"}};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, ARRAY_LEN(entries), NULL);
        CLEANUP(layer_report_freep) struct layer_report *got = sent(r);
        const struct evidence *a = &got->evidence.at[0], *b = &got->evidence.at[1];
        struct path_id id = path_id_of(SPAN_LIT("usr/bin/one"));

        (void)state;
        assert_int_equal(got->evidence.len, 2);
        assert_int_equal(a->owned.len, 3);
        assert_memory_equal(&a->owned.at[0].id, &id, sizeof(id));
        assert_int_equal(a->owned.at[1].package, 0);
        assert_int_equal(a->owned.at[2].package, 1);
        assert_false(a->owned.at[2].by_supplement);
        assert_int_equal(b->found.supplements.len, 2);
        assert_span(b->found.supplements.at[0].name, "one");
        assert_span(b->found.supplements.at[0].licence, "MIT");
        assert_int_equal(b->owned.len, 3);
        assert_true(b->owned.at[2].by_supplement);
        assert_int_equal(b->owned.at[2].package, 1);
        assert_int_equal(got->n_owned, 6);
}

static void test_package_travels_in_full(void **state)
{
        struct test_entry entry = {F, "a.lines", "x 1"};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(&entry, 1, NULL);
        struct package full = {.name = SPAN_LIT("n"),
            .version = SPAN_LIT("v"),
            .source_name = SPAN_LIT("sn"),
            .source_version = SPAN_LIT("sv"),
            .arch = SPAN_LIT("a"),
            .licence = SPAN_LIT("l"),
            .vendor = SPAN_LIT("ve"),
            .cpe = SPAN_LIT("cpe:2.3:a:b"),
            .module = SPAN_LIT("m:1"),
            .type = "golang",
            .ecosystem = "Go",
            .qualifiers = {{"repository_url", SPAN_LIT("https://x")}, {"type", SPAN_LIT("jar")}, {"k", SPAN_LIT("")}},
            .licence_source = LICENCE_SOURCE_COPYRIGHT,
            .confidence = CONFIDENCE_LOW,
            .state = COMPONENT_DECLARED,
            .development = true,
            .unless_owned = true,
            .inside = SPAN_LIT("lib/x.jar")};

        (void)state;
        r->evidence.at[0].found.packages.at[0] = full;
        CLEANUP(layer_report_freep) struct layer_report *got = sent(r);
        const struct package *p = &got->evidence.at[0].found.packages.at[0];
        assert_span(p->name, "n");
        assert_span(p->version, "v");
        assert_span(p->source_name, "sn");
        assert_span(p->source_version, "sv");
        assert_span(p->arch, "a");
        assert_span(p->licence, "l");
        assert_span(p->vendor, "ve");
        assert_span(p->cpe, "cpe:2.3:a:b");
        assert_span(p->module, "m:1");
        assert_span(p->inside, "lib/x.jar");
        assert_string_equal(p->type, "golang");
        assert_string_equal(p->ecosystem, "Go");
        assert_string_equal(p->qualifiers[0].key, "repository_url");
        assert_span(p->qualifiers[0].value, "https://x");
        assert_string_equal(p->qualifiers[2].key, "k");
        assert_int_equal(p->licence_source, LICENCE_SOURCE_COPYRIGHT);
        assert_int_equal(p->confidence, CONFIDENCE_LOW);
        assert_int_equal(p->state, COMPONENT_DECLARED);
        assert_true(p->development && p->unless_owned);
        /* "No advisories" is not "as the detector has it". */
        r->evidence.at[0].found.packages.at[0] = (struct package){.name = SPAN_LIT("n"), .ecosystem = ""};
        CLEANUP(layer_report_freep) struct layer_report *bare = sent(r);
        p = &bare->evidence.at[0].found.packages.at[0];
        assert_non_null(p->ecosystem);
        assert_string_equal(p->ecosystem, "");
        assert_null(p->type);
        assert_int_equal(p->version.len, 0);
}

static void test_remarks(void **state)
{
        static const struct test_entry entries[] = {{F, "bin/su", "mode 4755 "}, {F, "bin/cat", "mode 0755 "},
            {F, "bin/write", "mode 2755 "}, {H, "usr/bin/su", "bin/su"}, {H, "usr/bin/cat", "bin/cat"},
            {F, "bin/gone", "mode 6755 "}, {F, "bin/gone", "mode 0755 "}, {D, "bin/d", ""},
            {F, "x.lines", "mode 4111 and a package"}};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, ARRAY_LEN(entries), NULL);
        CLEANUP(layer_report_freep) struct layer_report *got = sent(r);
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < got->remarks.len; i++)
                buf_printf(&b, "%.*s %.*s %.*s; ", SPAN_FMT(got->remarks.at[i].said.path),
                    SPAN_FMT(got->remarks.at[i].said.rule), SPAN_FMT(got->remarks.at[i].said.excerpt));
        assert_span(buf_span(&b), "bin/su config.setuid-file mode 4755; bin/write config.setuid-file mode 2755; "
                                  "usr/bin/su config.setuid-file mode 4755; x.lines config.setuid-file mode 4111; ");
        assert_int_equal(got->remarks.at[0].said.kind, REMARK_CONFIGURATION);
        assert_int_equal(got->remarks.at[0].said.severity, REMARK_LOW);
        assert_true(got->remarks.at[0].said.title.len > 0 && got->remarks.at[0].said.remedy.len > 0);
        assert_int_equal(got->evidence.len, 1);
}

/* Which folders must be there, and which links lead into usr. */
static void test_folders(void **state)
{
        static const struct test_entry entries[] = {{IMAGE_ENTRY_SYMLINK, "lib", "usr/lib"},
            {IMAGE_ENTRY_SYMLINK, "bin", "/usr/bin"}, {IMAGE_ENTRY_SYMLINK, "sbin", "usr/bin"}, {F, "lib64/x/y", ""},
            {D, "a/b", ""}, {IMAGE_ENTRY_WHITEOUT, "c/d", ""}, {IMAGE_ENTRY_OPAQUE, "e/f", ""}, {F, "a/b/c", ""}};
        static const char *const folders[] = {"lib64", "lib64/x", "a", "a/b", "c", "e", "e/f"};
        CLEANUP(layer_report_freep) struct layer_report *r = layer_of(entries, ARRAY_LEN(entries), NULL);
        CLEANUP(layer_report_freep) struct layer_report *got = sent(r);
        static const enum usr_link usr[USR_LINKS] = {
            USR_LINK_YES, USR_LINK_YES, USR_LINK_UNSAID, USR_LINK_NO, USR_LINK_UNSAID, USR_LINK_NO};

        (void)state;
        assert_int_equal(got->folders.len, ARRAY_LEN(folders));
        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                struct path_id id = path_id_of(span_of(folders[i]));
                assert_non_null(bsearch(&id, got->folders.at, got->folders.len, sizeof(id), path_id_compare));
        }
        for (size_t i = 0; i < USR_LINKS; i++)
                assert_int_equal(got->usr_links[i], usr[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_streams),
            cmocka_unit_test(test_second_names),
            cmocka_unit_test(test_names_by_links),
            cmocka_unit_test(test_pairs),
            cmocka_unit_test(test_large_streams_take_passes),
            cmocka_unit_test(test_plain_files_cost_nothing),
            cmocka_unit_test(test_ownership_travels),
            cmocka_unit_test(test_package_travels_in_full),
            cmocka_unit_test(test_remarks),
            cmocka_unit_test(test_folders),
        };

        return cmocka_run_group_tests_name("inventory reader", tests, NULL, NULL);
}
