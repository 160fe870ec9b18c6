/* SQLite itself makes the databases, and says what they hold. */
#include "inventory/os/rpm_sqlite_priv.h"
#include "inventory/os/rpm_test_priv.h"

#include <sqlite3.h>
#include <unistd.h>

static void sql(sqlite3 *db, const char *text)
{
        char *why = NULL;

        if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
                fail_msg("%s: %s", text, why);
}

static void insert(sqlite3 *db, unsigned i)
{
        CLEANUP(buf_done) struct buf b = {0};
        sqlite3_stmt *s;

        make_numbered(&b, i);
        assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO Packages VALUES (?, ?)", -1, &s, NULL), SQLITE_OK);
        sqlite3_bind_int(s, 1, (int)i + 1);
        sqlite3_bind_blob(s, 2, b.at, (int)b.len, SQLITE_TRANSIENT);
        assert_int_equal(sqlite3_step(s), SQLITE_DONE);
        sqlite3_finalize(s);
}

struct base {
        char dir[64];
        sqlite3 *db;
        struct buf file, wal;
};

/* As rpm 4.18 lays it out (lib/backend/sqlite.c): tables for the indexes stand around the one that matters. */
static void base_open(struct base *s, int page_size)
{
        char text[128];

        *s = (struct base){.dir = "/tmp/coffer-rpm.XXXXXX"};
        assert_non_null(mkdtemp(s->dir));
        snprintf(text, sizeof(text), "%s/db", s->dir);
        assert_int_equal(sqlite3_open(text, &s->db), SQLITE_OK);
        snprintf(text, sizeof(text), "PRAGMA page_size=%d", page_size);
        sql(s->db, text);
        sql(s->db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF;"
                   "CREATE TABLE 'Name' (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);"
                   "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);"
                   "CREATE INDEX 'Name_key_idx' ON 'Name' (key ASC)");
}

static void base_load(struct base *s)
{
        char path[128];

        buf_clear(&s->file);
        buf_clear(&s->wal);
        snprintf(path, sizeof(path), "%s/db", s->dir);
        assert_true(file_read(AT_FDCWD, path, 1 << 28, &s->file, NULL));
        snprintf(path, sizeof(path), "%s/db-wal", s->dir);
        assert_true(file_read(AT_FDCWD, path, 1 << 28, &s->wal, NULL));
}

static void base_close(struct base *s)
{
        int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        sqlite3_close(s->db);
        assert_true(tree_remove(tmp, s->dir + 5, NULL));
        fd_close(&tmp);
        buf_done(&s->file);
        buf_done(&s->wal);
}

static void put_bytes(const char *path, struct span s)
{
        CLEANUP(fd_close) int fd = -1;

        assert_true(file_open_user(path, O_WRONLY | O_CREAT | O_TRUNC, &fd, NULL));
        assert_true(fd_write_all(fd, s, NULL));
}

static struct findings read_pair(struct span file, struct span wal)
{
        struct findings f = {.arena = arena_new()};

        detect_rpm_sqlite.read_pair(file, wal, &f);
        findings_end(&f);
        return f;
}

/* What SQLite finds in the same bytes; false when it says that they are broken. */
static bool sqlite_names(sqlite3 *db, struct arena *a, struct span **ret, size_t *ret_n)
{
        struct {
                struct span *at;
                size_t len, cap;
        } names = {0};
        sqlite3_stmt *s;
        int rc;

        if (sqlite3_prepare_v2(db, "SELECT blob FROM Packages ORDER BY hnum", -1, &s, NULL) != SQLITE_OK)
                return false;
        while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
                struct findings f = {.arena = a};
                struct rpm_list l = {.f = &f};
                rpm_header_read(&l, span_bytes(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0)), "row");
                if (f.packages.len == 1)
                        *ARENA_PUSH(a, &names) = f.packages.at[0].name;
        }
        sqlite3_finalize(s);
        *ret = names.at;
        *ret_n = names.len;
        return rc == SQLITE_DONE;
}

static void assert_as_sqlite(const struct findings *f, const struct span *names, size_t n)
{
        assert_int_equal(f->packages.len, n);
        for (size_t i = 0; i < n; i++)
                assert_true(span_equal(f->packages.at[i].name, names[i]));
}

static void test_packages(void **state)
{
        static const int page_sizes[] = {512, 1024, 4096, 65536};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(page_sizes); i++) {
                struct base s;
                base_open(&s, page_sizes[i]);
                for (unsigned n = 0; n < 200; n++)
                        insert(s.db, n);
                sql(s.db, "DELETE FROM Packages WHERE hnum IN (4, 78, 200)");
                sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
                base_load(&s);
                assert_int_equal(s.wal.len, 0);
                struct findings f = read_pair(buf_span(&s.file), buf_span(&s.wal));
                assert_no_notes(&f);
                assert_numbered(&f, 200, (const unsigned[]){3, 77, 199}, 3);
                arena_free(f.arena);
                base_close(&s);
        }
}

/* A log that nobody moved into the database, whole and cut off at many places: SQLite recovers the same from its own copy. */
static void test_log(void **state)
{
        static const int page_sizes[] = {512, 4096, 65536};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(page_sizes); i++) {
                struct base s;
                struct findings f;
                base_open(&s, page_sizes[i]);
                for (unsigned n = 0; n < 20; n++)
                        insert(s.db, n);
                sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
                for (unsigned n = 20; n < 40; n++)
                        insert(s.db, n);
                sql(s.db, "DELETE FROM Packages WHERE hnum = 6");
                base_load(&s);
                f = read_pair(buf_span(&s.file), (struct span){0});
                assert_no_notes(&f);
                assert_int_equal(f.packages.len, 20);
                arena_free(f.arena);
                f = read_pair(buf_span(&s.file), buf_span(&s.wal));
                assert_no_notes(&f);
                assert_numbered(&f, 40, &(unsigned){5}, 1);
                arena_free(f.arena);
                for (unsigned k = 0; k < 12; k++) {
                        CLEANUP(arena_freep) struct arena *a = arena_new();
                        char path[128];
                        size_t len = 32 + (s.wal.len - 32) * k / 11, n;
                        struct span *names;
                        sqlite3 *db;
                        snprintf(path, sizeof(path), "%s/cut", s.dir);
                        put_bytes(path, buf_span(&s.file));
                        snprintf(path, sizeof(path), "%s/cut-wal", s.dir);
                        put_bytes(path, span_bytes(s.wal.at, len));
                        snprintf(path, sizeof(path), "%s/cut", s.dir);
                        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
                        assert_true(sqlite_names(db, a, &names, &n));
                        sqlite3_close(db);
                        f = read_pair(buf_span(&s.file), span_bytes(s.wal.at, len));
                        assert_no_notes(&f);
                        assert_as_sqlite(&f, names, n);
                        arena_free(f.arena);
                }
                base_close(&s);
        }
}

/* What is left from an older log, was never committed or was changed by anybody, does not count. */
static void test_log_frames(void **state)
{
        enum { FRAME = 24 + 1024 };
        struct base s;
        struct findings f;

        (void)state;
        base_open(&s, 1024);
        for (unsigned n = 0; n < 10; n++)
                insert(s.db, n);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        insert(s.db, 10);
        insert(s.db, 11);
        base_load(&s);
        static const struct {
                size_t at; /* from the second transaction's first frame */
                bool head; /* from the log's begin */
                size_t packages, notes;
        } rows[] = {
            {0, false, 11, 0}, /* page number */
            {4, false, 11, 0}, /* "a transaction ends here" */
            {8, false, 11, 0}, /* salts */
            {15, false, 11, 0},
            {16, false, 11, 0},      /* checksum */
            {24 + 77, false, 11, 0}, /* a page's byte */
            {0, true, 10, 1},        /* magic */
            {3, true, 10, 1},        /* byte order of the checksums */
            {4, true, 10, 1},        /* version */
            {8, true, 10, 1},        /* page size: its checksum is wrong too */
            {16, true, 10, 1},       /* salt */
            {28, true, 10, 1},
        };
        size_t second = 32;
        while (rpm_u32be(buf_span(&s.wal), second + 4) == 0)
                second += FRAME;
        second += FRAME;
        assert_true(second < s.wal.len);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t at = rows[i].at + (rows[i].head ? 0 : second);
                s.wal.at[at] ^= 1;
                f = read_pair(buf_span(&s.file), buf_span(&s.wal));
                s.wal.at[at] ^= 1;
                if (f.packages.len != rows[i].packages || f.notes.len != rows[i].notes)
                        fail_msg("row %zu: %zu packages, %zu notes", i, f.packages.len, f.notes.len);
                if (rows[i].notes)
                        assert_noted(f.notes.at, f.notes.len, "its write-ahead log of");
                arena_free(f.arena);
        }
        f = read_pair(buf_span(&s.file), span_bytes(s.wal.at, 20));
        assert_noted(f.notes.at, f.notes.len, "its write-ahead log of 20 bytes has no valid head");
        arena_free(f.arena);
        base_close(&s);
}

/* The log of a database with other pages; big-endian checksums are as good as little-endian ones. */
static void checksums_anew(struct buf *wal, size_t page, bool big)
{
        uint32_t a = 0, b = 0;

        be32_set(wal->at, 0x377f0682 + big);
        for (size_t frame = 0; frame < wal->len; frame += frame ? 24 + page : 32) {
                for (size_t i = 0; i < (frame ? 24 + page : 24); i += i == 0 && frame ? 24 : 8) {
                        struct span s = buf_span(wal);
                        a += (big ? rpm_u32be(s, frame + i) : rpm_u32le(s, frame + i)) + b;
                        b += (big ? rpm_u32be(s, frame + i + 4) : rpm_u32le(s, frame + i + 4)) + a;
                }
                be32_set(wal->at + frame + (frame ? 16 : 24), a);
                be32_set(wal->at + frame + (frame ? 20 : 28), b);
        }
}

static void test_log_byte_orders(void **state)
{
        struct base s;

        (void)state;
        base_open(&s, 1024);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        for (unsigned n = 0; n < 10; n++)
                insert(s.db, n);
        base_load(&s);
        for (int big = 0; big < 2; big++) {
                checksums_anew(&s.wal, 1024, big);
                struct findings f = read_pair(buf_span(&s.file), buf_span(&s.wal));
                assert_no_notes(&f);
                assert_numbered(&f, 10, NULL, 0);
                arena_free(f.arena);
        }
        be32_set(s.wal.at + 8, 2048);
        checksums_anew(&s.wal, 1024, false);
        struct findings f = read_pair(buf_span(&s.file), buf_span(&s.wal));
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "its write-ahead log has pages of 2048 bytes, and not of 1024");
        arena_free(f.arena);
        be32_set(s.wal.at + 8, 1024);
        be32_set(s.wal.at + s.wal.len - 1024 - 24 + 4, 0xffffffff); /* the last commit's size of the database */
        checksums_anew(&s.wal, 1024, true);
        f = read_pair(buf_span(&s.file), buf_span(&s.wal));
        assert_noted(f.notes.at, f.notes.len, "makes it 4294967295 pages large");
        arena_free(f.arena);
        base_close(&s);
}

/* ---- broken databases ---- */

static void test_heads(void **state)
{
        struct base s;
        struct findings f;
        static const struct {
                size_t at;
                uint8_t value;
                const char *note;
        } rows[] = {
            {0, 'T', "no SQLite database"},
            {15, ' ', "no SQLite database"},
            {16, 0, "offset 16: pages of 0 bytes"},
            {16, 3, "offset 16: pages of 768 bytes"},
            {17, 1, "offset 16: pages of 1025 bytes"},
            {100, 0x0a, "page 1: no page of a table"},
            {104, 0xff, "cells: it can't hold them"},
        };

        (void)state;
        base_open(&s, 1024);
        insert(s.db, 1);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        base_load(&s);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t before = s.file.at[rows[i].at];
                s.file.at[rows[i].at] = rows[i].value;
                f = read_pair(buf_span(&s.file), (struct span){0});
                assert_int_equal(f.packages.len, 0);
                assert_noted(f.notes.at, f.notes.len, rows[i].note);
                arena_free(f.arena);
                s.file.at[rows[i].at] = before;
        }
        s.file.at[16] = 2, s.file.at[17] = 0, s.file.at[20] = 33; /* 512, of which 480 must be of use */
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "offset 16: pages of 512 bytes, 33 of them reserved");
        arena_free(f.arena);
        f = read_pair((struct span){0}, (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "no SQLite database");
        arena_free(f.arena);
        f = read_pair(span_bytes(s.file.at, 99), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "no SQLite database");
        arena_free(f.arena);
        base_close(&s);
}

static void test_no_such_table(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct base s;
        struct findings f;

        (void)state;
        base_open(&s, 1024);
        sql(s.db, "DROP TABLE Packages; PRAGMA wal_checkpoint(TRUNCATE)");
        base_load(&s);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "without the table Packages");
        arena_free(f.arena);
        sql(s.db,
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob TEXT); INSERT INTO Packages VALUES (1, 'text');"
            "INSERT INTO Packages VALUES (2, NULL); PRAGMA wal_checkpoint(TRUNCATE)");
        base_load(&s);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "row 1: a row of Packages without its blob");
        assert_noted(f.notes.at, f.notes.len, "row 2: a row of Packages without its blob");
        arena_free(f.arena);
        base_close(&s);
        if (!file_read(AT_FDCWD, SHARED_DIR "/data/vectors/rpm/no_packages.sqlite", 1 << 20, &b, NULL)) {
                print_message("skipped: shared/data/vectors/rpm is not there\n");
                return;
        }
        f = read_pair(buf_span(&b), (struct span){0});
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "without the table Packages");
        arena_free(f.arena);
}

/* Where the table's root page is, and its first leaf; both 512 bytes large. */
static void test_hostile_pages(void **state)
{
        struct base s;
        struct findings f;
        sqlite3_stmt *q;
        uint32_t root, leaf;

        (void)state;
        base_open(&s, 512);
        for (unsigned n = 0; n < 40; n++)
                insert(s.db, n);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        assert_int_equal(
            sqlite3_prepare_v2(s.db, "SELECT rootpage FROM sqlite_schema WHERE name='Packages'", -1, &q, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        root = (uint32_t)sqlite3_column_int(q, 0);
        sqlite3_finalize(q);
        base_load(&s);
        CLEANUP(buf_done) struct buf good = {0};
        buf_put(&good, buf_span(&s.file));
        uint8_t *r = s.file.at + 512ul * (root - 1);
        assert_int_equal(r[0], 0x05);
        unsigned first_cell = rpm_u16be(span_bytes(r, 512), 12);
        leaf = rpm_u32be(span_bytes(r, 512), first_cell);

        be32_set(r + first_cell, root); /* its child is itself */
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_true(f.packages.len > 20 && f.packages.len < 40);
        assert_noted(f.notes.at, f.notes.len, "it is used twice: what is below was not read");
        arena_free(f.arena);

        be32_set(r + first_cell, 0xffffffff);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "page 4294967295: it lies beyond the end of the database");
        arena_free(f.arena);

        be32_set(r + first_cell, leaf);
        be32_set(r + 8, leaf); /* the last child is the first one */
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "it is used twice");
        arena_free(f.arena);

        memcpy(s.file.at, good.at, good.len);
        uint8_t *l = s.file.at + 512ul * (leaf - 1);
        assert_int_equal(l[0], 0x0d);
        unsigned cell = rpm_u16be(span_bytes(l, 512), 8);
        memcpy(l + cell, "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9); /* a length of 2^64 - 1 */
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "a row of more than");
        assert_true(f.packages.len >= 38);
        arena_free(f.arena);

        memcpy(s.file.at, good.at, good.len);
        l[3] = 0, l[4] = 3; /* three cells, all the same one */
        memcpy(l + 10, l + 8, 2), memcpy(l + 12, l + 8, 2);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_true(
            f.notes.len > 0 && f.notes.len <= 2); /* their chain is used twice, or they are too much for the page */
        assert_true(f.packages.len >= 38 && f.packages.len <= 40);
        arena_free(f.arena);

        memcpy(s.file.at, good.at, good.len);
        l[8] = 0, l[9] = 3; /* a cell in the page's head */
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_noted(f.notes.at, f.notes.len, "cell 0: offset 3 is not in it");
        arena_free(f.arena);
        base_close(&s);
}

/* 120 cells at one place, small enough to have no chain: they are more than the page holds. */
static void test_one_cell_many_times(void **state)
{
        struct header_maker m = {.region = true};
        CLEANUP(buf_done) struct buf b = {0};
        struct base s;
        struct findings f;
        char text[1024] = "INSERT INTO Packages VALUES (1, x'";
        uint8_t *leaf;

        (void)state;
        make_text(&m, 1000, "tiny");
        make_text(&m, 1001, "1");
        make_text(&m, 1002, "2");
        make_end(&m, 3, &b);
        for (size_t i = 0; i < b.len; i++)
                snprintf(text + strlen(text), 3, "%02x", b.at[i]);
        snprintf(text + strlen(text), 4, "')");
        base_open(&s, 1024);
        sql(s.db, text);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        base_load(&s);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_no_notes(&f);
        assert_int_equal(f.packages.len, 1);
        arena_free(f.arena);
        for (leaf = s.file.at + 1024; leaf[0] != 0x0d || rpm_u16be(span_bytes(leaf, 5), 3) != 1;)
                leaf += 1024;
        if (!memmem(leaf, 1024, "tiny", 5)) /* sqlite_sequence is such a page too */
                for (leaf += 1024; !memmem(leaf, 1024, "tiny", 5);)
                        leaf += 1024;
        leaf[4] = 120;
        for (int i = 1; i < 120; i++)
                memcpy(leaf + 8 + 2 * i, leaf + 8, 2);
        f = read_pair(buf_span(&s.file), (struct span){0});
        assert_true(f.packages.len > 1 && f.packages.len < 10);
        assert_noted(f.notes.at, f.notes.len, "it overlaps another or leads out of the page");
        arena_free(f.arena);
        base_close(&s);
}

/* A large row's chain of pages leads to its own second page. */
static void test_hostile_chain(void **state)
{
        struct base s;
        struct findings f;
        bool said = false;

        (void)state;
        base_open(&s, 512);
        insert(s.db, 15); /* 14 KiB */
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE)");
        base_load(&s);
        /* Its pages are the last ones, each with the number of the next in front. */
        uint32_t n = (uint32_t)(s.file.len / 512);
        assert_int_equal(rpm_u32be(buf_span(&s.file), 512ul * (n - 4)), n - 2);
        for (uint32_t to = 0; to <= n + 1; to += n - 3) { /* no page, an earlier one, none there is */
                be32_set(s.file.at + 512ul * (n - 4), to == 2 * (n - 3) ? n + 1 : to);
                f = read_pair(buf_span(&s.file), (struct span){0});
                assert_int_equal(f.packages.len, 0);
                said = contains(f.notes.at[0], "overflow page") && contains(f.notes.at[0], "row 16");
                assert_true(said);
                arena_free(f.arena);
        }
        base_close(&s);
}

/*
 * Bytes changed anywhere, and the file cut anywhere. When we have nothing to say against it and SQLite hasn't either, we list
 * what SQLite lists.
 */
static void test_changed_anywhere(void **state)
{
        struct base s;
        size_t compared = 0;

        (void)state;
        base_open(&s, 512);
        for (unsigned n = 0; n < 12; n++)
                insert(s.db, n);
        sql(s.db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE"); /* memory has no log */
        char path[128];
        snprintf(path, sizeof(path), "%s/db", s.dir);
        buf_clear(&s.file);
        assert_true(file_read(AT_FDCWD, path, 1 << 28, &s.file, NULL));
        srandom(7);
        for (int i = 0; i < 3000; i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct span *names;
                size_t n, len = s.file.len, at = (size_t)random() % (i % 2 ? len : 2048);
                uint8_t before = s.file.at[at], *copy = sqlite3_malloc64(len);
                sqlite3 *db;
                s.file.at[at] = (uint8_t)random();
                if (i % 10 == 0)
                        len = at;
                struct findings f = read_pair(span_bytes(s.file.at, len), (struct span){0});
                assert_true(f.packages.len <= 12);
                memcpy(copy, s.file.at, len);
                assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
                assert_int_equal(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len,
                                     SQLITE_DESERIALIZE_FREEONCLOSE),
                    SQLITE_OK);
                if (sqlite_names(db, a, &names, &n) && f.notes.len == 0) {
                        assert_as_sqlite(&f, names, n);
                        compared++;
                }
                sqlite3_close(db);
                s.file.at[at] = before;
                arena_free(f.arena);
        }
        assert_true(compared > 100);
        base_close(&s);
}

static void test_varints(void **state)
{
        static const struct {
                const char *bytes;
                size_t len;
                uint64_t value;
        } rows[] = {
            {"\x00", 1, 0},
            {"\x7f", 1, 127},
            {"\x81\x00", 2, 128},
            {"\xff\xff\xff\xff\xff\xff\xff\x7f", 8, (1ull << 56) - 1},
            {"\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9, UINT64_MAX},
            {"\x80\x80\x80\x80\x80\x80\x80\x80\x80", 9, 128},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t len = 0; len <= rows[i].len; len++) {
                        struct span s = span_bytes(rows[i].bytes, len);
                        uint64_t v = 42;
                        assert_int_equal(rpm_varint(&s, &v), len == rows[i].len);
                        assert_int_equal(v, len == rows[i].len ? rows[i].value : 42);
                        assert_int_equal(s.len, len == rows[i].len ? 0 : len);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_packages),
            cmocka_unit_test(test_log),
            cmocka_unit_test(test_log_frames),
            cmocka_unit_test(test_log_byte_orders),
            cmocka_unit_test(test_heads),
            cmocka_unit_test(test_no_such_table),
            cmocka_unit_test(test_hostile_pages),
            cmocka_unit_test(test_one_cell_many_times),
            cmocka_unit_test(test_hostile_chain),
            cmocka_unit_test(test_changed_anywhere),
            cmocka_unit_test(test_varints),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
