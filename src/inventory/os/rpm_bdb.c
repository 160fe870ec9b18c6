/*
 * "Packages" of rpm before 4.16: a Berkeley DB hash (db_page.h of Berkeley DB 4.8 and 5.3). Every page is looked at in turn;
 * of a hash page the values, which lie on chains of overflow pages when they are large. Either byte order.
 */
#include "inventory/os/rpm_priv.h"

#define HASH_MAGIC 0x00061561u
#define PAGE_HEAD 26u
enum { PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH_META = 8, PAGE_HASH = 13 };
enum { ITEM_KEYDATA = 1, ITEM_OFFPAGE = 3 };

struct db {
        struct span file;
        bool big;
        uint32_t page_size, n_pages;
        uint64_t total;
        size_t n_blobs;
        const struct rpm_sink *sink;
        bool stopped;
};

static uint32_t u32(const struct db *d, struct span s, size_t at)
{
        return d->big ? rpm_u32be(s, at) : rpm_u32le(s, at);
}

static uint16_t u16(const struct db *d, struct span s, size_t at)
{
        struct span v = span_cut(s, at, 2);

        return v.len < 2 ? 0 : d->big ? (uint16_t)(v.at[0] << 8 | v.at[1]) : (uint16_t)(v.at[1] << 8 | v.at[0]);
}

static struct span page_at(const struct db *d, uint32_t number)
{
        struct span page = span_cut(d->file, (size_t)number * d->page_size, d->page_size);

        return page.len == d->page_size ? page : (struct span){0};
}

static void deliver(struct db *d, struct span blob, const char *place)
{
        /* Chains may be shared: never more work than two files of this size. */
        d->total += blob.len;
        if (++d->n_blobs > RPM_BLOBS_MAX || d->total > 2ull * d->file.len) {
                findings_note(
                    d->sink->f, "%s: more packages than the database can hold: the others are not listed", place);
                d->stopped = true;
                return;
        }
        d->sink->blob(d->sink->ctx, blob, place);
}

static void overflow_read(struct db *d, uint32_t number, uint32_t len, const char *place)
{
        CLEANUP(buf_done) struct buf b = {.max = RPM_HEADER_MAX};
        uint32_t steps = 0;

        if (len > RPM_HEADER_MAX || len > d->file.len) {
                findings_note(d->sink->f, "%s: a value of %u bytes, more than there are: not read", place, len);
                return;
        }
        while (number != 0 && b.len < len && steps++ <= d->n_pages) {
                struct span page = page_at(d, number);
                size_t here = u16(d, page, 22); /* hf_offset: bytes on this page */
                if (page.len == 0 || page.at[25] != PAGE_OVERFLOW || here > d->page_size - PAGE_HEAD || here == 0)
                        break;
                buf_put(&b, span_cut(page, PAGE_HEAD, here < len - b.len ? here : len - b.len));
                number = u32(d, page, 16);
        }
        if (b.len != len || b.failed)
                findings_note(d->sink->f, "%s: its value ends after %zu of %u bytes, at page %u: not read", place,
                    b.len, len, number);
        else
                deliver(d, buf_span(&b), place);
}

/* Keys and values take turns. An item ends where the one before it begins; the first at the page's end. */
static void hash_page(struct db *d, uint32_t number)
{
        struct span page = page_at(d, number);
        uint16_t n = u16(d, page, 20);
        char place[48];

        if (n % 2 != 0 || n > (d->page_size - PAGE_HEAD) / 2) {
                findings_note(d->sink->f, "page %u: %u entries: not read", number, n);
                return;
        }
        for (uint16_t i = 1; i < n && !d->stopped; i = (uint16_t)(i + 2)) {
                size_t at = u16(d, page, PAGE_HEAD + 2ul * i), end = u16(d, page, PAGE_HEAD + 2ul * (i - 1));
                snprintf(place, sizeof(place), "page %u, entry %u", number, i);
                if (at < PAGE_HEAD + 2ul * n || at >= end || end > page.len) {
                        findings_note(d->sink->f, "%s: it lies outside of its page: not read", place);
                        continue;
                }
                struct span item = span_cut(page, at, end - at);
                if (item.at[0] == ITEM_OFFPAGE && item.len >= 12)
                        overflow_read(d, u32(d, item, 4), u32(d, item, 8), place);
                else if (item.at[0] == ITEM_KEYDATA && item.len > 5) /* 4 bytes: the counter of package numbers */
                        deliver(d, span_from(item, 1), place);
                else if (item.at[0] != ITEM_KEYDATA)
                        findings_note(d->sink->f, "%s: an item of kind %u: not read", place, item.at[0]);
        }
}

bool rpm_bdb_read(struct span file, const struct rpm_sink *sink)
{
        struct db d = {.file = file, .sink = sink, .big = rpm_u32be(file, 12) == HASH_MAGIC};

        d.page_size = u32(&d, file, 20);
        if ((!d.big && rpm_u32le(file, 12) != HASH_MAGIC) || file.len < 512 || d.page_size < 512 ||
            d.page_size > 65536 || (d.page_size & (d.page_size - 1)) != 0 || file.at[25] != PAGE_HASH_META ||
            file.at[24] != 0) {
                findings_note(sink->f, "no hash of Berkeley DB, or an encrypted one: its packages were not assessed");
                return false;
        }
        d.n_pages = (uint32_t)(file.len / d.page_size);
        for (uint32_t i = 1; i < d.n_pages && !d.stopped; i++) {
                uint8_t kind = page_at(&d, i).at[25];
                if (kind == PAGE_HASH || kind == PAGE_HASH_UNSORTED)
                        hash_page(&d, i);
        }
        return true;
}
