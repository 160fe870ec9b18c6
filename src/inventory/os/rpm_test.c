#include "inventory/os/rpm_test_priv.h"

#include <sqlite3.h>
#include <stdlib.h>

static void take(void *ctx, struct span blob, const char *place)
{
        rpm_header_read(blob, place, ctx);
}

/* ---- headers ---- */

static void test_header(void **state)
{
        struct findings f = {.arena = arena_new()};
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        package_make(&b, "tool", "1.2~rc1^git3", 7);
        rpm_header_read(buf_span(&b), "package 1", &f);
        assert_int_equal(f.packages.len, 1);
        const struct package *p = &f.packages.at[0];
        assert_span(p->name, "tool");
        assert_span(p->version, "7:1.2~rc1^git3-3.el9");
        assert_span(p->arch, "x86_64");
        assert_span(p->licence, "GPL-2.0-or-later AND MIT");
        assert_span(p->vendor, "Vendor, Inc.");
        assert_span(p->module, "nodejs:18:9020020230825081254:rhel9");
        assert_span(p->source_name, "origin");
        assert_span(p->source_version, "1.9-3.el9");
        assert_int_equal(f.owned.len, 1);
        assert_span(f.owned.at[0].path, "usr/bin/tool");
        assert_int_equal(f.notes.len, 0);
        arena_free(f.arena);
}

/* Every header cut anywhere, and every byte of its index changed: a note or a package, never more. */
static void test_broken_headers(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        package_make(&b, "tool", "1", 0);
        for (size_t len = 0; len < b.len; len++) {
                struct findings f = {.arena = arena_new()};
                rpm_header_read(span_bytes(b.at, len), "package 1", &f);
                assert_int_equal(f.packages.len, 0);
                assert_int_equal(f.notes.len, 1);
                arena_free(f.arena);
        }
        for (size_t i = 0; i < 8 + 16 * 12; i++)
                for (int bit = 0; bit < 8; bit++) {
                        struct findings f = {.arena = arena_new()};
                        b.at[i] ^= (uint8_t)(1 << bit);
                        rpm_header_read(buf_span(&b), "package 1", &f);
                        assert_true(f.packages.len + f.notes.len > 0);
                        b.at[i] ^= (uint8_t)(1 << bit);
                        arena_free(f.arena);
                }
}

static void test_keys_are_no_packages(void **state)
{
        struct findings f = {.arena = arena_new()};
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        package_make(&b, "gpg-pubkey", "1", 0);
        rpm_header_read(buf_span(&b), "package 1", &f);
        assert_true(f.packages.len == 0 && f.notes.len == 0);
        arena_free(f.arena);
}

static void test_real_header(void **state)
{
        struct findings f = {.arena = arena_new()};
        CLEANUP(buf_done) struct buf b = {0};
        struct span blob;

        (void)state;
        if (!file_read(AT_FDCWD, SHARED_DIR "/data/vectors/rpm/package.header", 1 << 20, &b, NULL)) {
                print_message("skipped: shared/data/vectors/rpm is not there\n");
                skip();
        }
        blob = buf_span(&b);
        if (span_starts(blob, "\x8e\xad\xe8")) /* as in a package file: eight bytes in front */
                blob = span_from(blob, 8);
        rpm_header_read(blob, "package 1", &f);
        assert_int_equal(f.packages.len, 1);
        assert_int_equal(f.notes.len, 0);
        assert_true(f.packages.at[0].name.len > 0 && f.packages.at[0].version.len > 2);
        arena_free(f.arena);
}

/* ---- SQLite, made by SQLite ---- */

static void sql(sqlite3 *db, const char *text)
{
        char *why = NULL;

        if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
                fail_msg("%s: %s", text, why);
}

static void insert(sqlite3 *db, int number, const char *name, size_t padding)
{
        CLEANUP(buf_done) struct buf b = {0};
        sqlite3_stmt *s;

        package_make(&b, name, "1.0", 0);
        /* The data may be longer than what is spoken of: so the blob runs over pages. */
        uint32_t len = rpm_u32be(buf_span(&b), 4) + (uint32_t)padding;
        b.at[4] = (uint8_t)(len >> 24), b.at[5] = (uint8_t)(len >> 16), b.at[6] = (uint8_t)(len >> 8),
        b.at[7] = (uint8_t)len;
        for (size_t i = 0; i < padding; i++)
                buf_put_u8(&b, (uint8_t)i);
        assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO Packages VALUES (?, ?)", -1, &s, NULL), SQLITE_OK);
        sqlite3_bind_int(s, 1, number);
        sqlite3_bind_blob(s, 2, b.at, (int)b.len, SQLITE_TRANSIENT);
        assert_int_equal(sqlite3_step(s), SQLITE_DONE);
        sqlite3_finalize(s);
}

struct sqlite_files {
        char dir[64];
        struct buf file, wal;
};

/* n packages; the last `in_wal` of them only in the log, which no checkpoint has emptied. */
static void sqlite_make(struct sqlite_files *s, int page_size, int n, int in_wal)
{
        char path[128], name[32];
        sqlite3 *db;

        snprintf(s->dir, sizeof(s->dir), "/tmp/coffer-rpm.XXXXXX");
        assert_non_null(mkdtemp(s->dir));
        snprintf(path, sizeof(path), "%s/db", s->dir);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        snprintf(name, sizeof(name), "PRAGMA page_size=%d", page_size);
        sql(db, name);
        sql(db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
        sql(db, "CREATE TABLE Other (x); CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT "
                "NULL);"
                "CREATE TABLE Name (key TEXT, hnum INTEGER)");
        for (int i = 0; i < n; i++) {
                if (i == n - in_wal)
                        sql(db, "PRAGMA wal_checkpoint(TRUNCATE)");
                snprintf(name, sizeof(name), "package-%d", i);
                insert(db, i + 1, name, (size_t)(i * 977 % 30000));
        }
        if (in_wal == 0)
                sql(db, "PRAGMA wal_checkpoint(TRUNCATE)");
        assert_true(file_read(AT_FDCWD, path, 1 << 28, &s->file, NULL));
        snprintf(path, sizeof(path), "%s/db-wal", s->dir);
        assert_true(file_read(AT_FDCWD, path, 1 << 28, &s->wal, NULL));
        sqlite3_close(db);
}

static void sqlite_done(struct sqlite_files *s)
{
        int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(tree_remove(tmp, s->dir + 5, NULL));
        fd_close(&tmp);
        buf_done(&s->file);
        buf_done(&s->wal);
}

static size_t sqlite_count(struct span file, struct span wal, size_t *ret_notes)
{
        struct findings f = {.arena = arena_new()};
        const struct rpm_sink sink = {take, &f, &f};
        size_t n;

        rpm_sqlite_read(file, wal, &sink);
        findings_end(&f);
        n = f.packages.len;
        *ret_notes = f.notes.len;
        arena_free(f.arena);
        return n;
}

static void test_sqlite(void **state)
{
        static const int page_sizes[] = {512, 4096, 65536};
        size_t notes;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(page_sizes); i++) {
                struct sqlite_files s = {.dir = ""};
                sqlite_make(&s, page_sizes[i], 200, 40);
                assert_int_equal(sqlite_count(buf_span(&s.file), buf_span(&s.wal), &notes), 200);
                assert_int_equal(notes, 0);
                assert_int_equal(sqlite_count(buf_span(&s.file), (struct span){0}, &notes), 160);
                assert_int_equal(notes, 0);
                /* A log that breaks off: what was committed before counts, without a word. */
                size_t half = sqlite_count(buf_span(&s.file), span_cut(buf_span(&s.wal), 0, s.wal.len / 2), &notes);
                assert_true(half > 160 && half < 200 && notes == 0);
                s.wal.at[40] ^= 1; /* salt of the first frame: another log's */
                assert_int_equal(sqlite_count(buf_span(&s.file), buf_span(&s.wal), &notes), 160);
                sqlite_done(&s);
        }
}

static void test_broken_sqlite(void **state)
{
        struct sqlite_files s = {.dir = ""};
        size_t notes;

        (void)state;
        sqlite_make(&s, 1024, 60, 0);
        assert_int_equal(sqlite_count(SPAN_LIT("no database"), (struct span){0}, &notes), 0);
        assert_int_equal(notes, 1);
        assert_int_equal(sqlite_count((struct span){0}, SPAN_LIT("x"), &notes), 0);
        assert_int_equal(notes, 1);
        for (size_t len = 100; len < s.file.len; len += 1 + len / 7) {
                size_t n = sqlite_count(span_bytes(s.file.at, len), (struct span){0}, &notes);
                assert_true(n < 60 && notes > 0);
        }
        srandom(7);
        for (int i = 0; i < 400; i++) { /* anything changed anywhere: it ends, and soon */
                size_t at = (size_t)random() % s.file.len;
                uint8_t before = s.file.at[at];
                s.file.at[at] = (uint8_t)random();
                assert_true(sqlite_count(buf_span(&s.file), (struct span){0}, &notes) <= 400);
                s.file.at[at] = before;
        }
        sqlite_done(&s);
}

/* ---- ndb ---- */

static void le32(struct buf *b, uint32_t v)
{
        buf_put_u32le(b, v);
}

static void ndb_make(struct buf *b, unsigned n)
{
        struct buf blobs = {0};
        uint32_t block = 4096 / 16;

        le32(b, 0x506d7052), le32(b, 0), le32(b, 1), le32(b, 1), le32(b, n + 1);
        while (b->len < 32)
                buf_put_u8(b, 0);
        for (unsigned i = 0; i < n; i++) {
                struct buf header = {0};
                char name[32];
                snprintf(name, sizeof(name), "package-%u", i);
                package_make(&header, name, "1", 0);
                uint32_t blocks = (uint32_t)((16 + header.len + 12 + 15) / 16);
                le32(b, 0x746f6c53), le32(b, i + 1), le32(b, block), le32(b, blocks);
                le32(&blobs, 0x53626c42), le32(&blobs, i + 1), le32(&blobs, 1), le32(&blobs, (uint32_t)header.len);
                buf_put(&blobs, buf_span(&header));
                while (blobs.len % 16 != 4)
                        buf_put_u8(&blobs, 0);
                le32(&blobs, 0), le32(&blobs, (uint32_t)header.len), le32(&blobs, 0x45626c42);
                block = 256 + (uint32_t)(blobs.len / 16);
                buf_done(&header);
        }
        while (b->len < 4096)
                le32(b, 0x746f6c53), le32(b, 0), le32(b, 0), le32(b, 0);
        buf_put(b, buf_span(&blobs));
        buf_done(&blobs);
}

static void test_ndb(void **state)
{
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        ndb_make(&b, 20);
        struct findings f = detect_file(&detect_rpm_ndb, "var/lib/rpm/Packages.db", buf_span(&b));
        assert_int_equal(f.packages.len, 20);
        assert_int_equal(f.notes.len, 0);
        arena_free(f.arena);
        for (size_t i = 32; i < 4096; i += 16) { /* every slot names one blob: refused before it is much work */
                memcpy(b.at + i, b.at + 32, 16);
        }
        f = detect_file(&detect_rpm_ndb, "var/lib/rpm/Packages.db", buf_span(&b));
        assert_true(f.packages.len < 100); /* of 254 slots */
        assert_noted(f.notes.at, f.notes.len, "more packages than the database can hold");
        arena_free(f.arena);
        memset(b.at + 32 + 8, 0xff, 4); /* a block far away */
        f = detect_file(&detect_rpm_ndb, "var/lib/rpm/Packages.db", span_bytes(b.at, 32 + 16));
        assert_int_equal(f.packages.len, 0);
        assert_true(f.notes.len > 0);
        arena_free(f.arena);
        f = detect_file(&detect_rpm_ndb, "var/lib/rpm/Packages.db", SPAN_LIT("RpmP"));
        assert_noted(f.notes.at, f.notes.len, "not assessed");
        arena_free(f.arena);
}

/* ---- Berkeley DB ---- */

struct bdb_maker {
        struct buf file;
        bool big;
};

static void put32(struct bdb_maker *m, size_t at, uint32_t v)
{
        for (unsigned i = 0; i < 4; i++)
                m->file.at[at + i] = (uint8_t)(v >> (m->big ? 24 - 8 * i : 8 * i));
}

static void put16(struct bdb_maker *m, size_t at, uint16_t v)
{
        m->file.at[at + (m->big ? 1 : 0)] = (uint8_t)v;
        m->file.at[at + (m->big ? 0 : 1)] = (uint8_t)(v >> 8);
}

static size_t page_add(struct bdb_maker *m, uint8_t kind)
{
        size_t at = m->file.len;

        for (unsigned i = 0; i < 512; i++)
                buf_put_u8(&m->file, 0);
        put32(m, at + 8, (uint32_t)(at / 512));
        m->file.at[at + 25] = kind;
        return at;
}

/* A hash page for each package: a small key, a value on overflow pages; and the counter that rpm keeps. */
static void bdb_make(struct bdb_maker *m, unsigned n)
{
        size_t meta = page_add(m, 8);

        put32(m, meta + 12, 0x00061561), put32(m, meta + 16, 9), put32(m, meta + 20, 512);
        for (unsigned i = 0; i < n; i++) {
                CLEANUP(buf_done) struct buf header = {0};
                char name[32];
                snprintf(name, sizeof(name), "package-%u", i);
                package_make(&header, name, "1", 0);
                size_t hash = page_add(m, 13), done = 0;
                put16(m, hash + 20, 2);
                put16(m, hash + 26, 507), put16(m, hash + 28, 495);
                m->file.at[hash + 507] = 1; /* key: four bytes */
                m->file.at[hash + 495] = 3; /* value: elsewhere */
                put32(m, hash + 499, (uint32_t)(hash / 512 + 1)), put32(m, hash + 503, (uint32_t)header.len);
                while (done < header.len) {
                        size_t page = page_add(m, 7), k = header.len - done < 486 ? header.len - done : 486;
                        memcpy(m->file.at + page + 26, header.at + done, k);
                        done += k;
                        put16(m, page + 22, (uint16_t)k);
                        put32(m, page + 16, done < header.len ? (uint32_t)(page / 512 + 1) : 0);
                }
        }
        size_t counter = page_add(m, 2);
        put16(m, counter + 20, 2), put16(m, counter + 26, 507), put16(m, counter + 28, 502);
        m->file.at[counter + 507] = m->file.at[counter + 502] = 1;
}

static void test_bdb(void **state)
{
        (void)state;
        for (int big = 0; big < 2; big++) {
                struct bdb_maker m = {.big = big};
                bdb_make(&m, 15);
                struct findings f = detect_file(&detect_rpm_bdb, "var/lib/rpm/Packages", buf_span(&m.file));
                for (size_t i = 0; i < f.notes.len; i++)
                        print_message("%.*s\n", SPAN_FMT(f.notes.at[i]));
                assert_int_equal(f.packages.len, 15);
                assert_int_equal(f.notes.len, 0);
                arena_free(f.arena);
                put32(&m, 512 * 2 + 16, 2); /* an overflow page that follows itself */
                f = detect_file(&detect_rpm_bdb, "var/lib/rpm/Packages", buf_span(&m.file));
                assert_true(f.packages.len >= 14 && f.packages.len <= 15);
                arena_free(f.arena);
                put32(&m, 512 + 503, 0x7fffffff);
                f = detect_file(&detect_rpm_bdb, "var/lib/rpm/Packages", buf_span(&m.file));
                assert_int_equal(f.packages.len, 14);
                assert_noted(f.notes.at, f.notes.len, "more than there are");
                arena_free(f.arena);
                buf_done(&m.file);
        }
        struct findings f = detect_file(&detect_rpm_bdb, "var/lib/rpm/Packages", SPAN_LIT("no hash"));
        assert_noted(f.notes.at, f.notes.len, "not assessed");
        arena_free(f.arena);
}

static void test_manifest(void **state)
{
        struct findings f = detect_file(&detect_rpm_manifest, "var/lib/rpmmanifest/container-manifest-2",
            SPAN_LIT("filesystem\t1.1-7.cm2\t1653816591\t1653628924\tMicrosoft "
                     "Corporation\t(none)\t7596\tx86_64\t0\tfilesystem-1.1-7.cm2.src.rpm\n"
                     "openssl\t1.1.1k-15.cm2\t1\t2\tMicrosoft "
                     "Corporation\t(none)\t7\tx86_64\t3\topenssl-1.1.1k-15.cm2.src.rpm\n"
                     "broken\t1\n"));

        (void)state;
        assert_int_equal(f.packages.len, 2);
        assert_span(f.packages.at[0].version, "1.1-7.cm2");
        assert_span(f.packages.at[0].source_name, "filesystem");
        assert_span(f.packages.at[1].version, "3:1.1.1k-15.cm2");
        assert_noted(f.notes.at, f.notes.len, "line 3");
        arena_free(f.arena);
}

static void test_paths(void **state)
{
        (void)state;
        assert_ptr_equal(detector_of_path(span_of("var/lib/rpm/rpmdb.sqlite")), &detect_rpm_sqlite);
        assert_ptr_equal(detector_of_path(span_of("usr/lib/sysimage/rpm/rpmdb.sqlite")), &detect_rpm_sqlite);
        assert_ptr_equal(detector_of_path(span_of("usr/lib/sysimage/rpm/Packages.db")), &detect_rpm_ndb);
        assert_ptr_equal(detector_of_path(span_of("var/lib/rpm/Packages")), &detect_rpm_bdb);
        assert_null(detector_of_path(span_of("srv/Packages")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_header),
            cmocka_unit_test(test_broken_headers),
            cmocka_unit_test(test_keys_are_no_packages),
            cmocka_unit_test(test_real_header),
            cmocka_unit_test(test_sqlite),
            cmocka_unit_test(test_broken_sqlite),
            cmocka_unit_test(test_ndb),
            cmocka_unit_test(test_bdb),
            cmocka_unit_test(test_manifest),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
