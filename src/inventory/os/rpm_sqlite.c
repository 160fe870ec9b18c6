/*
 * The table "Packages" of an SQLite database (sqlite.org/fileformat2.html): b-tree pages, overflow chains, and the frames of
 * a write-ahead log that were committed. Read only, in memory, each page at most a few times.
 */
#include <stdlib.h>
#include <string.h>

#include "inventory/os/rpm_priv.h"

#define HEADER_LEN 100u
#define WAL_HEADER_LEN 32u
#define WAL_FRAME_LEN 24u
#define DEPTH_MAX 20u /* SQLite's own limit for a cursor */

struct db {
        struct span file, wal;
        uint32_t page_size, usable, n_pages;
        uint32_t *frame_of; /* by page number: 1 + index of the newest committed frame; heap */
        uint64_t visits, visits_max;
        const struct rpm_sink *sink;
        size_t n_blobs;
        bool stopped;
};

static struct span page_at(struct db *d, uint32_t number)
{
        if (number == 0 || number > d->n_pages)
                return (struct span){0};
        if (++d->visits > d->visits_max) /* a tree that leads back into itself */
                return (struct span){0};
        if (d->frame_of && d->frame_of[number])
                return span_cut(d->wal,
                    WAL_HEADER_LEN + (size_t)(d->frame_of[number] - 1) * (WAL_FRAME_LEN + d->page_size) + WAL_FRAME_LEN,
                    d->page_size);
        struct span page = span_cut(d->file, (size_t)(number - 1) * d->page_size, d->page_size);
        return page.len == d->page_size ? page : (struct span){0};
}

/* ---- the write-ahead log ---- */

struct checksum {
        uint32_t a, b;
};

static void checksum_add(struct checksum *c, struct span s, bool big)
{
        for (size_t i = 0; i + 8 <= s.len; i += 8) {
                uint32_t x = big ? rpm_u32be(s, i) : rpm_u32le(s, i),
                         y = big ? rpm_u32be(s, i + 4) : rpm_u32le(s, i + 4);
                c->a += x + c->b;
                c->b += y + c->a;
        }
}

/* Frames up to the last commit whose checksums and salts hold; what follows was never finished, and is no error. */
static void wal_read(struct db *d)
{
        uint32_t magic = rpm_u32be(d->wal, 0);
        struct span salts = span_cut(d->wal, 16, 8);
        size_t frame = WAL_FRAME_LEN + d->page_size, n = 0, committed = 0;
        uint32_t size = 0;
        bool big = magic == 0x377f0683;
        struct checksum c = {0, 0};

        if (d->wal.len < WAL_HEADER_LEN)
                return;
        if ((magic & ~1u) != 0x377f0682 || rpm_u32be(d->wal, 8) != d->page_size) {
                findings_note(d->sink->f, "its write-ahead log is none of this database: not read");
                return;
        }
        checksum_add(&c, span_cut(d->wal, 0, 24), big);
        if (c.a != rpm_u32be(d->wal, 24) || c.b != rpm_u32be(d->wal, 28))
                return; /* as SQLite: a log without a sound head is empty */
        for (; (n + 1) * frame + WAL_HEADER_LEN <= d->wal.len; n++) {
                struct span head = span_cut(d->wal, WAL_HEADER_LEN + n * frame, WAL_FRAME_LEN);
                struct span page = span_cut(d->wal, WAL_HEADER_LEN + n * frame + WAL_FRAME_LEN, d->page_size);
                if (!span_equal(span_cut(head, 8, 8), salts) || rpm_u32be(head, 0) == 0)
                        break;
                checksum_add(&c, span_cut(head, 0, 8), big);
                checksum_add(&c, page, big);
                if (c.a != rpm_u32be(head, 16) || c.b != rpm_u32be(head, 20))
                        break;
                if (rpm_u32be(head, 4) != 0) {
                        committed = n + 1;
                        size = rpm_u32be(head, 4);
                }
        }
        if (committed == 0)
                return;
        if (size > RPM_DATABASE_MAX / d->page_size) {
                findings_note(d->sink->f, "its write-ahead log makes it %u pages large: not read", size);
                return;
        }
        d->n_pages = size;
        d->frame_of = heap_realloc(NULL, (size_t)size + 1, sizeof(*d->frame_of));
        memset(d->frame_of, 0, ((size_t)size + 1) * sizeof(*d->frame_of));
        for (size_t i = 0; i < committed; i++) {
                uint32_t number = rpm_u32be(d->wal, WAL_HEADER_LEN + i * frame);
                if (number <= size)
                        d->frame_of[number] = (uint32_t)i + 1;
        }
}

/* ---- records ---- */

/* 1 to 9 bytes, seven bits each, the ninth eight. */
static bool varint(struct span *s, uint64_t *ret)
{
        uint64_t v = 0;

        for (size_t i = 0; i < 9 && i < s->len; i++) {
                uint8_t b = s->at[i];
                if (i == 8)
                        v = v << 8 | b;
                else
                        v = v << 7 | (b & 0x7f);
                if (i == 8 || !(b & 0x80)) {
                        *s = span_from(*s, i + 1);
                        *ret = v;
                        return true;
                }
        }
        return false;
}

/* A column's bytes by its serial type; false beyond the record. */
static bool column(struct span *head, struct span *body, uint64_t *ret_type, struct span *ret)
{
        static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
        uint64_t type, len;

        if (!varint(head, &type))
                return false;
        len = type < 10 ? sizes[type] : type < 12 ? 0 : (type - 12) / 2;
        if (len > body->len)
                return false;
        *ret = span_cut(*body, 0, (size_t)len);
        *body = span_from(*body, (size_t)len);
        *ret_type = type;
        return true;
}

/* The columns of a record; n of them. */
static bool record(struct span payload, struct span *columns, uint64_t *types, size_t n)
{
        struct span rest = payload, head;
        uint64_t head_len;

        if (!varint(&rest, &head_len) || head_len > payload.len || head_len < payload.len - rest.len)
                return false;
        head = span_cut(payload, payload.len - rest.len, (size_t)head_len - (payload.len - rest.len));
        rest = span_from(payload, (size_t)head_len);
        for (size_t i = 0; i < n; i++)
                if (!column(&head, &rest, &types[i], &columns[i]))
                        return false;
        return true;
}

/* A cell of a table's leaf: payload, gathered from overflow pages if need be. */
static bool payload_of(struct db *d, struct span cell, struct buf *gathered, struct span *ret)
{
        uint64_t len, rowid;
        uint32_t u = d->usable, most = u - 35, least = (u - 12) * 32 / 255 - 23, here;

        if (!varint(&cell, &len) || !varint(&cell, &rowid) || len > RPM_HEADER_MAX)
                return false;
        if (len <= most) {
                *ret = span_cut(cell, 0, (size_t)len);
                return ret->len == len;
        }
        here = least + (uint32_t)((len - least) % (u - 4));
        if (here > most)
                here = least;
        buf_clear(gathered);
        gathered->max = RPM_HEADER_MAX;
        buf_put(gathered, span_cut(cell, 0, here));
        uint32_t next = rpm_u32be(cell, here);
        while (next != 0 && gathered->len < len) {
                struct span page = page_at(d, next);
                size_t want = len - gathered->len < u - 4 ? (size_t)(len - gathered->len) : u - 4;
                if (page.len == 0)
                        return false;
                buf_put(gathered, span_cut(page, 4, want));
                next = rpm_u32be(page, 0);
        }
        *ret = buf_span(gathered);
        return gathered->len == len && !gathered->failed;
}

/* ---- the tree ---- */

struct walk {
        struct db *db;
        bool schema; /* of sqlite_schema: looks for the table's root */
        uint32_t root;
        struct buf gathered;
};

static void leaf_cell(struct walk *w, struct span cell, uint32_t page)
{
        struct db *d = w->db;
        struct span payload, columns[5];
        uint64_t types[5];
        char place[48];

        snprintf(place, sizeof(place), "page %u", page);
        if (!payload_of(d, cell, &w->gathered, &payload)) {
                findings_note(d->sink->f, "%s: a row that does not lie within the database: not read", place);
                return;
        }
        if (w->schema) { /* type, name, tbl_name, rootpage, sql */
                if (record(payload, columns, types, 4) && span_is(columns[0], "table") &&
                    span_is(columns[1], "Packages")) {
                        w->root = 0;
                        for (size_t i = 0; i < columns[3].len && i < 4; i++)
                                w->root = w->root << 8 | columns[3].at[i];
                        if (types[3] == 9) /* the constant 1 */
                                w->root = 1;
                }
                return;
        }
        if (!record(payload, columns, types, 2) || types[1] < 12 || types[1] % 2 != 0) { /* hnum, blob */
                findings_note(d->sink->f, "%s: a row of Packages without its blob: not read", place);
                return;
        }
        if (++d->n_blobs > RPM_BLOBS_MAX) {
                if (!d->stopped)
                        findings_note(d->sink->f, "more than %u packages: the others are not listed", RPM_BLOBS_MAX);
                d->stopped = true;
                return;
        }
        d->sink->blob(d->sink->ctx, columns[1], place);
}

static void tree_walk(struct walk *w, uint32_t number, unsigned depth)
{
        struct db *d = w->db;
        struct span page = page_at(d, number);
        size_t head = number == 1 ? HEADER_LEN : 0;
        uint8_t kind;
        uint16_t n;

        if (page.len == 0 || depth > DEPTH_MAX) {
                findings_note(d->sink->f,
                    "page %u: it is not there, or the tree leads back to it: what is below was not read", number);
                return;
        }
        kind = page.at[head];
        n = rpm_u16be(page, head + 3);
        if (kind != 0x05 && kind != 0x0d) {
                findings_note(
                    d->sink->f, "page %u: no page of a table (type %u): what is below was not read", number, kind);
                return;
        }
        for (uint16_t i = 0; i < n && !d->stopped; i++) {
                size_t pointers = head + (kind == 0x05 ? 12u : 8u), at = rpm_u16be(page, pointers + 2ul * i);
                if (pointers + 2ul * i + 2 > page.len || at < head + 8 || at >= d->usable) {
                        findings_note(d->sink->f, "page %u: cell %u lies outside of it: not read", number, i);
                        continue;
                }
                struct span cell = span_cut(page, at, d->usable - at);
                if (kind == 0x05)
                        tree_walk(w, rpm_u32be(cell, 0), depth + 1);
                else
                        leaf_cell(w, cell, number);
        }
        if (kind == 0x05 && !d->stopped)
                tree_walk(w, rpm_u32be(page, head + 8), depth + 1);
}

static bool head_read(struct db *d)
{
        uint32_t size = rpm_u16be(d->file, 16);

        if (!span_starts(d->file, "SQLite format 3") || d->file.len < HEADER_LEN)
                return false;
        d->page_size = size == 1 ? 65536 : size;
        if (d->page_size < 512 || (d->page_size & (d->page_size - 1)) != 0 || d->file.at[20] > d->page_size - 480)
                return false;
        d->usable = d->page_size - d->file.at[20];
        d->n_pages = (uint32_t)(d->file.len / d->page_size);
        return true;
}

bool rpm_sqlite_read(struct span file, struct span wal, const struct rpm_sink *sink)
{
        struct db d = {.file = file, .wal = wal, .sink = sink};
        struct walk w = {.db = &d, .schema = true};

        if (file.len == 0 && wal.len > 0) {
                findings_note(sink->f, "a write-ahead log without its database: not read");
                return false;
        }
        if (!head_read(&d)) {
                findings_note(sink->f, "no SQLite database: its packages were not assessed");
                return false;
        }
        wal_read(&d);
        d.visits_max = 4ull * d.n_pages + 64;
        tree_walk(&w, 1, 0);
        if (w.root == 0) {
                findings_note(sink->f, "an SQLite database without the table Packages: its packages were not assessed");
        } else {
                w.schema = false;
                tree_walk(&w, w.root, 0);
        }
        buf_done(&w.gathered);
        free(d.frame_of);
        return true;
}
