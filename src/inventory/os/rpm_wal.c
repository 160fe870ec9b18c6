/*
 * SQLite's write-ahead log (fileformat2.html, section 4) and records (section 2.1).
 *
 * A frame counts when its salts are the log's and its checksum, which runs over all frames before it, is right; and then
 * only up to the last frame that ends a transaction. So does SQLite when it finds a log after a crash, and what
 * comes later was never finished or is left from an older log.
 */
#include <stdlib.h>

#include "inventory/os/rpm_sqlite_priv.h"

#define MAGIC_LITTLE 0x377f0682u /* its lowest bit tells the byte order of the checksums */
#define VERSION 3007000u
#define HEAD_LEN 32u
#define FRAME_HEAD_LEN 24u

struct checksum {
        uint32_t a, b;
};

static void checksum_add(struct checksum *c, struct span s, bool big)
{
        SPAN_HOLDS(s);
        for (size_t i = 0; i + 8 <= s.len; i += 8) {
                const uint8_t *p = s.at + i;
                uint32_t x = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
                uint32_t y = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
                c->a += (big ? x : __builtin_bswap32(x)) + c->b;
                c->b += (big ? y : __builtin_bswap32(y)) + c->a;
        }
}

static bool checksum_is(const struct checksum *c, struct span s, size_t at)
{
        return c->a == rpm_u32be(s, at) && c->b == rpm_u32be(s, at + 4);
}

static size_t frame_len(const struct rpm_wal *w)
{
        return FRAME_HEAD_LEN + (size_t)w->page_size;
}

static struct span frame_at(const struct rpm_wal *w, size_t number)
{
        struct span s = span_cut(w->bytes, HEAD_LEN + number * frame_len(w), frame_len(w));

        return s.len == frame_len(w) ? s : (struct span){0};
}

/* Number of frames that count; `n_pages` gets the database's size after them. */
static size_t frames_committed(const struct rpm_wal *w, struct checksum c, bool big, uint32_t *ret_n_pages)
{
        struct span salts = span_cut(w->bytes, 16, 8);
        size_t committed = 0;

        for (size_t n = 0;; n++) {
                struct span frame = frame_at(w, n);
                if (frame.len == 0 || rpm_u32be(frame, 0) == 0 || !span_equal(span_cut(frame, 8, 8), salts))
                        return committed;
                checksum_add(&c, span_cut(frame, 0, 8), big);
                checksum_add(&c, span_from(frame, FRAME_HEAD_LEN), big);
                if (!checksum_is(&c, frame, 16))
                        return committed;
                if (rpm_u32be(frame, 4) != 0) {
                        committed = n + 1;
                        *ret_n_pages = rpm_u32be(frame, 4);
                }
        }
}

void rpm_wal_init(struct rpm_wal *w, struct span bytes, uint32_t page_size, struct findings *f)
{
        uint32_t magic = rpm_u32be(bytes, 0), n_pages = 0;
        bool big = magic & 1;
        struct checksum c = {0, 0};
        size_t committed;

        *w = (struct rpm_wal){.bytes = bytes, .page_size = page_size};
        if (bytes.len == 0)
                return;
        checksum_add(&c, span_cut(bytes, 0, 24), big);
        if (bytes.len < HEAD_LEN || (magic & ~1u) != MAGIC_LITTLE || rpm_u32be(bytes, 4) != VERSION ||
            !checksum_is(&c, bytes, 24)) {
                findings_note(f, "its write-ahead log of %zu bytes has no valid head: taken as empty", bytes.len);
                return;
        }
        if (rpm_u32be(bytes, 8) != page_size) {
                findings_note(f, "its write-ahead log has pages of %u bytes, and not of %u: taken as empty",
                    rpm_u32be(bytes, 8), page_size);
                return;
        }
        committed = frames_committed(w, c, big, &n_pages);
        if (committed == 0)
                return;
        if (n_pages > 2ull * INVENTORY_RPM_MAX / page_size) {
                findings_note(f, "its write-ahead log makes it %u pages large: taken as empty", n_pages);
                return;
        }
        w->n_pages = n_pages;
        w->frame_of = heap_alloc(((size_t)n_pages + 1) * sizeof(*w->frame_of));
        for (size_t i = 0; i < committed; i++) {
                uint32_t number = rpm_u32be(frame_at(w, i), 0);
                if (number <= n_pages) /* pages above were cut off by a later commit */
                        w->frame_of[number] = (uint32_t)i + 1;
        }
}

struct span rpm_wal_page(const struct rpm_wal *w, uint32_t number)
{
        if (!w->frame_of || number > w->n_pages || w->frame_of[number] == 0)
                return (struct span){0};
        return span_from(frame_at(w, w->frame_of[number] - 1), FRAME_HEAD_LEN);
}

void rpm_wal_done(struct rpm_wal *w)
{
        free(w->frame_of);
        w->frame_of = NULL;
}

/* ---- records ---- */

/* Seven bits each, the ninth eight. */
bool rpm_varint(struct span *s, uint64_t *ret)
{
        uint64_t v = 0;

        SPAN_HOLDS(*s);
        for (size_t i = 0; i < 9 && i < s->len; i++) {
                uint8_t b = s->at[i];
                v = i == 8 ? v << 8 | b : v << 7 | (b & 0x7f);
                if (i < 8 && (b & 0x80))
                        continue;
                *s = span_from(*s, i + 1);
                *ret = v;
                return true;
        }
        return false;
}

bool rpm_record(struct span payload, struct rpm_column *columns, size_t n)
{
        static const uint8_t sizes[12] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
        struct span types = payload, values;
        uint64_t head_len;

        if (!rpm_varint(&types, &head_len) || head_len > payload.len || head_len < payload.len - types.len)
                return false;
        values = span_from(payload, (size_t)head_len);
        types = span_cut(types, 0, types.len - values.len);
        for (size_t i = 0; i < n; i++) {
                struct rpm_column *c = &columns[i];
                uint64_t len;
                if (!rpm_varint(&types, &c->type))
                        return false;
                len = c->type < 12 ? sizes[c->type] : (c->type - 12) / 2;
                if (len > values.len)
                        return false;
                c->bytes = span_cut(values, 0, (size_t)len);
                values = span_from(values, (size_t)len);
        }
        return true;
}

bool rpm_column_u32(const struct rpm_column *c, uint32_t *ret)
{
        uint64_t v = c->type == 9; /* the constants 0 and 1 are types of their own */

        if (c->type == 0 || c->type == 7 || c->type > 9)
                return false;
        for (size_t i = 0; i < c->bytes.len; i++)
                v = v << 8 | c->bytes.at[i];
        if ((c->bytes.len > 0 && (c->bytes.at[0] & 0x80)) || v > UINT32_MAX)
                return false;
        *ret = (uint32_t)v;
        return true;
}
