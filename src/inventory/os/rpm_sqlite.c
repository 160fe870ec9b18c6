/*
 * The table "Packages" of rpmdb.sqlite (fileformat2.html, sections 1 and 2): its root page is found in the schema, which is
 * the table on page 1; rows are the cells of a tree's leaves, and go on in overflow pages when they are large.
 *
 * Each page is taken once, and the cells of a page may not be more than it holds: so a tree that leads back into itself
 * ends, and work is bounded by the file's size.
 */
#include <stdlib.h>

#include "inventory/os/rpm_sqlite_priv.h"

#define FILE_HEAD_LEN 100u
#define PAGE_MIN 512u
#define USABLE_MIN 480u
#define DEPTH_MAX 20u /* SQLite's own limit */
enum { PAGE_INTERIOR = 0x05, PAGE_LEAF = 0x0d };

struct db {
        struct span file;
        struct rpm_wal wal;
        uint32_t page_size, usable, n_pages;
        struct rpm_pages taken;
        struct rpm_list list;
};

struct walk {
        struct db *db;
        bool schema; /* looks for the table's root, else for packages */
        bool full;
        uint32_t root; /* 0: not found */
        struct buf gathered;
};

/* A page's bytes, or the empty span and in `why` what is wrong. */
static struct span page_take(struct db *d, uint32_t number, const char **why)
{
        struct span page = rpm_wal_page(&d->wal, number);

        if (page.len == 0 && number > 0)
                page = span_cut(d->file, (size_t)(number - 1) * d->page_size, d->page_size);
        if (number == 0 || number > d->n_pages || page.len < d->page_size)
                *why = "it lies beyond the end of the database";
        else if (!rpm_pages_take(&d->taken, number))
                *why = "it is used twice";
        else
                return span_cut(page, 0, d->usable);
        return (struct span){0};
}

/* How many bytes of a row's payload are in its cell (section 1.6). */
static uint64_t local_len(const struct db *d, uint64_t len)
{
        uint32_t u = d->usable, most = u - 35, least = (u - 12) * 32 / 255 - 23;
        uint64_t k = least + (len - least) % (u - 4);

        return len <= most ? len : k <= most ? k : least;
}

/* `cell` begins behind the lengths; `len` bytes, the first of them here. */
static bool payload_gather(struct walk *w, struct span cell, uint64_t len, const char *place, struct span *ret)
{
        struct db *d = w->db;
        uint64_t here = local_len(d, len);
        uint32_t next;
        const char *why = "the chain ends early";

        if (here == len) {
                *ret = span_cut(cell, 0, (size_t)len);
                return true;
        }
        buf_clear(&w->gathered);
        w->gathered.max = RPM_HEADER_MAX + 64; /* and the record around it */
        buf_put(&w->gathered, span_cut(cell, 0, (size_t)here));
        next = rpm_u32be(cell, (size_t)here);
        while (w->gathered.len < len && !w->gathered.failed) {
                uint64_t left = len - w->gathered.len;
                struct span page = page_take(d, next, &why);
                if (page.len == 0) {
                        findings_note(d->list.f, "%s: overflow page %u: %s: the row was not read", place, next, why);
                        return false;
                }
                buf_put(&w->gathered, span_cut(page, 4, left < d->usable - 4 ? (size_t)left : d->usable - 4));
                next = rpm_u32be(page, 0);
        }
        *ret = buf_span(&w->gathered);
        return true;
}

static void schema_row(struct walk *w, struct span payload, const char *place)
{
        struct rpm_column c[4]; /* type, name, table's name, root page */
        uint32_t root;

        if (!rpm_record(payload, c, ARRAY_LEN(c))) {
                findings_note(w->db->list.f, "%s: a row of the schema that can't be read", place);
                return;
        }
        if (!RPM_COLUMN_IS_TEXT(c[0]) || !span_is(c[0].bytes, "table") || !span_is(c[1].bytes, "Packages"))
                return;
        if (w->root != 0 || !rpm_column_u32(&c[3], &root) || root == 0)
                findings_note(w->db->list.f, "%s: the table Packages is there twice, or has no root page", place);
        else
                w->root = root;
}

static void package_row(struct walk *w, struct span payload, const char *place)
{
        struct rpm_column c[2]; /* hnum, blob */

        if (!rpm_record(payload, c, ARRAY_LEN(c)) || !RPM_COLUMN_IS_BLOB(c[1])) {
                findings_note(w->db->list.f, "%s: a row of Packages without its blob: not read", place);
                return;
        }
        rpm_header_read(&w->db->list, c[1].bytes, place);
}

/* Takes what the cell has used off `room`. */
static bool leaf_cell(struct walk *w, struct span cell, uint32_t number, uint16_t i, size_t *room)
{
        struct db *d = w->db;
        struct span rest = cell, payload;
        uint64_t len, row, here;
        char place[64];

        w->full = !rpm_list_next(&d->list);
        if (w->full)
                return false;
        snprintf(place, sizeof(place), "page %u, cell %u", number, i);
        if (!rpm_varint(&rest, &len) || !rpm_varint(&rest, &row) || len > RPM_HEADER_MAX + 64) {
                findings_note(
                    d->list.f, "%s: a row of more than %u bytes, or cut off: not read", place, RPM_HEADER_MAX);
                return true;
        }
        here = local_len(d, len);
        here += here < len ? 4 : 0; /* the first overflow page's number */
        if (here > rest.len || cell.len - rest.len + here > *room) {
                findings_note(
                    d->list.f, "%s: it overlaps another or leads out of the page: the others were not read", place);
                return false;
        }
        *room -= cell.len - rest.len + (size_t)here;
        snprintf(place, sizeof(place), "page %u, row %llu", number, (unsigned long long)row);
        if (!payload_gather(w, rest, len, place, &payload))
                return true;
        if (w->schema)
                schema_row(w, payload, place);
        else
                package_row(w, payload, place);
        return true;
}

static void tree_walk(struct walk *w, uint32_t number, unsigned depth)
{
        struct db *d = w->db;
        const char *why = "the tree is too deep";
        struct span page = depth > DEPTH_MAX ? (struct span){0} : page_take(d, number, &why);
        size_t head = number == 1 ? FILE_HEAD_LEN : 0, head_len, room;
        uint8_t kind = page.len > 0 ? page.at[head] : 0;
        uint16_t n = rpm_u16be(page, head + 3);

        if (page.len == 0 || (kind != PAGE_INTERIOR && kind != PAGE_LEAF)) {
                findings_note(d->list.f, "page %u: %s: what is below was not read", number,
                    page.len == 0 ? why : "no page of a table");
                return;
        }
        head_len = head + (kind == PAGE_INTERIOR ? 12u : 8u);
        /* A pointer of 2 bytes and a cell of 4 is the least; the budget of a leaf's cells is what it holds. */
        if (head_len + 6ul * n > page.len) {
                findings_note(
                    d->list.f, "page %u: %u cells: it can't hold them: what is below was not read", number, n);
                return;
        }
        room = page.len - head_len - 2ul * n;
        for (uint16_t i = 0; i < n && !w->full; i++) {
                size_t at = rpm_u16be(page, head_len + 2ul * i);
                if (at < head_len + 2ul * n || at > page.len - 4)
                        findings_note(d->list.f, "page %u: cell %u: offset %zu is not in it: not read", number, i, at);
                else if (kind == PAGE_INTERIOR)
                        tree_walk(w, rpm_u32be(page, at), depth + 1);
                else if (!leaf_cell(w, span_from(page, at), number, i, &room))
                        return;
        }
        if (kind == PAGE_INTERIOR && !w->full)
                tree_walk(w, rpm_u32be(page, head + 8), depth + 1);
}

static bool head_read(struct db *d)
{
        struct findings *f = d->list.f;
        uint32_t size = rpm_u16be(d->file, 16);

        if (d->file.len < FILE_HEAD_LEN || !span_equal(span_cut(d->file, 0, 16), span_bytes("SQLite format 3", 16))) {
                findings_note(f, "no SQLite database: its packages were not assessed");
                return false;
        }
        d->page_size = size == 1 ? 65536 : size;
        if (d->page_size < PAGE_MIN || (d->page_size & (d->page_size - 1)) != 0 ||
            d->file.at[20] > d->page_size - USABLE_MIN) {
                findings_note(f, "offset 16: pages of %u bytes, %u of them reserved: its packages were not assessed",
                    d->page_size, d->file.at[20]);
                return false;
        }
        d->usable = d->page_size - d->file.at[20];
        return true;
}

void rpm_sqlite_read(struct span file, struct span wal, struct findings *f)
{
        struct db d = {.file = file, .list = {.f = f}};
        struct walk w = {.db = &d, .schema = true};

        if (!head_read(&d))
                return;
        rpm_wal_init(&d.wal, wal, d.page_size, f);
        d.n_pages = d.wal.n_pages ? d.wal.n_pages : (uint32_t)(file.len / d.page_size);
        rpm_pages_init(&d.taken, d.n_pages + 1);
        tree_walk(&w, 1, 0);
        w.schema = false;
        if (w.root != 0)
                tree_walk(&w, w.root, 0);
        else
                findings_note(f, "an SQLite database without the table Packages: its packages were not assessed");
        buf_done(&w.gathered);
        rpm_pages_done(&d.taken);
        rpm_wal_done(&d.wal);
}
