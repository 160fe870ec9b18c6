/*
 * "Packages" of rpm before 4.16: a Berkeley DB hash (dbinc/db_page.h of Berkeley DB 4.8 and 5.3), in either byte order. Every
 * hash page is looked at in turn, whichever bucket it is of; values are on chains of overflow pages when they are large.
 *
 * page: log number (8 bytes), page number, previous, next, number of items (u16), free offset (u16), level, kind, offsets
 * of the items (u16 each); keys and values take turns and grow from the page's end downwards.
 */
#include "inventory/os/rpm_priv.h"

#define HASH_MAGIC 0x00061561u
#define PAGE_HEAD 26u
#define PAGE_MIN 512u
#define PAGE_MAX 65536u
#define META_CHECKSUMS 1u
enum { PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH_META = 8, PAGE_HASH = 13 };
enum { ITEM_KEYDATA = 1, ITEM_DUPLICATES = 2, ITEM_OFFPAGE = 3 };

struct db {
        struct span file;
        bool big;
        uint32_t page_size, n_pages;
        struct rpm_pages chained; /* overflow pages that a chain has used */
        struct rpm_list list;
};

static uint32_t u32(const struct db *d, struct span s, size_t at)
{
        return d->big ? rpm_u32be(s, at) : rpm_u32le(s, at);
}

static uint16_t u16(const struct db *d, struct span s, size_t at)
{
        return d->big ? rpm_u16be(s, at) : rpm_u16le(s, at);
}

static struct span page_at(const struct db *d, uint32_t number)
{
        return span_cut(d->file, (size_t)number * d->page_size, d->page_size);
}

/* A value on overflow pages. A page that follows itself or is of another chain ends it with a note. */
static void overflow_read(struct db *d, uint32_t number, uint32_t len, const char *place)
{
        CLEANUP(buf_done) struct buf b = {.max = RPM_HEADER_MAX};

        if (len > d->file.len || len > RPM_HEADER_MAX) {
                findings_note(d->list.f, "%s: a value of %u bytes, more than there are: not read", place, len);
                return;
        }
        while (b.len < len) {
                struct span page = page_at(d, number);
                size_t here = u16(d, page, 22), wanted = len - b.len;
                if (number == 0 || number >= d->n_pages || page.at[25] != PAGE_OVERFLOW || here == 0 ||
                    here > d->page_size - PAGE_HEAD || !rpm_pages_take(&d->chained, number)) {
                        findings_note(d->list.f,
                            "%s: its value has %zu of %u bytes, then page %u is not the next of it: not read", place,
                            b.len, len, number);
                        return;
                }
                buf_put(&b, span_cut(page, PAGE_HEAD, here < wanted ? here : wanted));
                number = u32(d, page, 16);
        }
        rpm_header_read(&d->list, buf_span(&b), place);
}

/* The value of package number 0 is no header: the highest number so far. */
static bool is_counter(struct span key)
{
        return key.len == 5 && key.at[0] == ITEM_KEYDATA && rpm_u32be(key, 1) == 0;
}

static void value_read(struct db *d, struct span key, struct span value, const char *place)
{
        if (is_counter(key))
                return;
        if (value.at[0] == ITEM_OFFPAGE && value.len >= 12)
                overflow_read(d, u32(d, value, 4), u32(d, value, 8), place);
        else if (value.at[0] == ITEM_KEYDATA)
                rpm_header_read(&d->list, span_from(value, 1), place);
        else
                findings_note(
                    d->list.f, "%s: an item of kind %u and %zu bytes: not read", place, value.at[0], value.len);
}

/* An item ends where the one before it begins; the first at the page's end. */
static bool hash_page(struct db *d, uint32_t number)
{
        struct span page = page_at(d, number), key = {0};
        uint16_t n = u16(d, page, 20);
        size_t end = page.len;
        char place[48];

        if (n % 2 != 0 || n > (d->page_size - PAGE_HEAD) / 2) {
                findings_note(d->list.f, "page %u: %u items: not read", number, n);
                return true;
        }
        for (uint16_t i = 0; i < n; i++) {
                size_t at = u16(d, page, PAGE_HEAD + 2ul * i);
                snprintf(place, sizeof(place), "page %u, item %u", number, i);
                if (at < PAGE_HEAD + 2ul * n || at >= end) {
                        findings_note(d->list.f,
                            "%s: offset %zu is not below that of the item before, or none: what follows was not read",
                            place, at);
                        return true;
                }
                struct span item = span_cut(page, at, end - at);
                end = at;
                if (i % 2 == 0) {
                        key = item;
                        continue;
                }
                if (!rpm_list_next(&d->list))
                        return false;
                value_read(d, key, item, place);
        }
        return true;
}

/* The metadata page is page 0. */
static bool meta_read(struct db *d)
{
        struct findings *f = d->list.f;
        uint32_t last;

        d->big = rpm_u32be(d->file, 12) == HASH_MAGIC;
        d->page_size = u32(d, d->file, 20);
        if (d->file.len < PAGE_MIN || u32(d, d->file, 12) != HASH_MAGIC || d->file.at[25] != PAGE_HASH_META) {
                findings_note(f, "no hash of Berkeley DB: its packages were not assessed");
                return false;
        }
        if (d->page_size < PAGE_MIN || d->page_size > PAGE_MAX || (d->page_size & (d->page_size - 1)) != 0) {
                findings_note(f, "offset 20: pages of %u bytes: its packages were not assessed", d->page_size);
                return false;
        }
        if (d->file.at[24] != 0 || (d->file.at[26] & META_CHECKSUMS)) { /* rpm never asked for either */
                findings_note(
                    f, "offset 24: an encrypted database, or one with checksums: its packages were not assessed");
                return false;
        }
        d->n_pages = (uint32_t)(d->file.len / d->page_size);
        last = u32(d, d->file, 32);
        if (last >= d->n_pages)
                findings_note(f, "the file is cut off: %u of %llu pages are there", d->n_pages, last + 1ull);
        return true;
}

void rpm_bdb_read(struct span file, struct findings *f)
{
        struct db d = {.file = file, .list = {.f = f}};
        bool more = true;

        if (!meta_read(&d))
                return;
        rpm_pages_init(&d.chained, d.n_pages);
        for (uint32_t i = 1; more && i < d.n_pages; i++) {
                uint8_t kind = page_at(&d, i).at[25];
                if (kind == PAGE_HASH || kind == PAGE_HASH_UNSORTED)
                        more = hash_page(&d, i);
        }
        rpm_pages_done(&d.chained);
}
