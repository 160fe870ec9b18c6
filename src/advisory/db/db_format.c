/* The database's header as bytes. */
#include "advisory/db/db_format_priv.h"

const uint32_t db_row_size[DB_SECTIONS] = {
    [DB_STRINGS] = 1,
    [DB_ECOSYSTEMS] = DB_ECOSYSTEM_ROW,
    [DB_PACKAGES] = DB_PACKAGE_ROW,
    [DB_ENTRIES] = DB_ENTRY_ROW,
    [DB_INTERVALS] = DB_INTERVAL_ROW,
    [DB_RECORDS] = DB_RECORD_ROW,
    [DB_ALIASES] = DB_ALIAS_ROW,
    [DB_FACTS] = DB_FACT_ROW,
    [DB_SOURCES] = DB_SOURCE_ROW,
    [DB_INDEX] = DB_INDEX_ROW,
    [DB_WORDS] = DB_WORDS_ROW,
};

#define HASHED (DB_HEADER - 32u)

void db_header_write(const struct db_header *h, struct buf *to)
{
        size_t start = to->len;
        struct digest own;

        buf_put(to, span_bytes(DB_MAGIC, 8));
        buf_put_u32le(to, h->format);
        buf_put_u32le(to, h->key_format);
        buf_put_u64le(to, h->bytes);
        buf_put_u64le(to, (uint64_t)h->built_s);
        buf_put_u64le(to, (uint64_t)h->newest_record_s);
        buf_put_u64le(to, h->records);
        buf_put_u64le(to, h->packages);
        buf_put_u64le(to, h->entries);
        buf_put_u64le(to, h->intervals);
        buf_put_u32le(to, DB_SECTIONS);
        buf_put_u32le(to, 0);
        for (size_t i = 0; i < DB_SECTIONS_ROOM; i++) {
                buf_put_u64le(to, i < DB_SECTIONS ? h->sections[i].at : 0);
                buf_put_u64le(to, i < DB_SECTIONS ? h->sections[i].len : 0);
        }
        buf_put(to, span_bytes(h->content.bytes, 32));
        while (to->len - start < HASHED && !to->failed)
                buf_put_u8(to, 0);
        digest_of(DIGEST_SHA256, span_cut(buf_span(to), start, HASHED), &own);
        buf_put(to, span_bytes(own.bytes, 32));
        while (to->len - start < DB_CONTENT && !to->failed)
                buf_put_u8(to, 0);
}

static bool sections_check(const struct db_header *h, struct err *e)
{
        for (size_t i = 0; i < DB_SECTIONS; i++) {
                uint64_t end;
                if (__builtin_add_overflow(h->sections[i].at, h->sections[i].len, &end) || end > h->bytes ||
                    h->sections[i].at < DB_CONTENT || h->sections[i].at % 8 != 0 ||
                    h->sections[i].len % db_row_size[i] != 0)
                        return err_set(e, ERR_MALFORMED,
                            "advisory database is damaged: section %zu lies outside of it or is odd", i);
        }
        return true;
}

/* Magic, formats and length. */
static bool head_read(struct cursor *c, struct db_header *h, struct err *e)
{
        if (!span_equal(cursor_take(c, 8), span_bytes(DB_MAGIC, 8)))
                return err_set(e, ERR_MALFORMED, "this is no advisory database of Coffer");
        h->format = cursor_u32le(c);
        h->key_format = cursor_u32le(c);
        if (!c->failed && (h->format != DB_FORMAT || h->key_format != VERSION_KEY_FORMAT))
                return err_set(e, ERR_UNSUPPORTED,
                    "advisory database has format %u with version keys %u, this program reads %u with %u: build it "
                    "anew",
                    h->format, h->key_format, DB_FORMAT, VERSION_KEY_FORMAT);
        h->bytes = cursor_u64le(c);
        return true;
}

bool advisory_db_length(struct span head, uint64_t *ret, struct err *e)
{
        struct cursor c = {.rest = head};
        struct db_header h;

        if (!head_read(&c, &h, e))
                return false;
        if (c.failed || h.bytes < DB_CONTENT)
                return err_set(e, ERR_MALFORMED, "advisory database is cut, or its header is damaged");
        if (h.bytes > DB_BYTES_MAX)
                return err_set(e, ERR_LIMIT, "advisory database has %llu bytes by its header, at most %llu are accepted",
                    (unsigned long long)h.bytes, (unsigned long long)DB_BYTES_MAX);
        *ret = h.bytes;
        return true;
}

bool db_header_read(struct span file, struct db_header *ret, struct err *e)
{
        struct cursor c = {.rest = file};
        struct db_header h = {.content = {.alg = DIGEST_SHA256}};
        struct digest own;
        struct span stored;
        uint32_t n_sections;

        if (!head_read(&c, &h, e))
                return false;
        h.built_s = (int64_t)cursor_u64le(&c);
        h.newest_record_s = (int64_t)cursor_u64le(&c);
        h.records = cursor_u64le(&c);
        h.packages = cursor_u64le(&c);
        h.entries = cursor_u64le(&c);
        h.intervals = cursor_u64le(&c);
        n_sections = cursor_u32le(&c);
        cursor_u32le(&c);
        for (size_t i = 0; i < DB_SECTIONS_ROOM; i++) {
                uint64_t at = cursor_u64le(&c), len = cursor_u64le(&c);
                if (i >= DB_SECTIONS)
                        continue;
                h.sections[i].at = at;
                h.sections[i].len = len;
        }
        stored = cursor_take(&c, 32);
        if (stored.len == 32)
                memcpy(h.content.bytes, stored.at, 32);
        stored = span_cut(file, HASHED, 32);
        if (c.failed || file.len < DB_CONTENT)
                return err_set(e, ERR_MALFORMED, "advisory database is cut: %zu bytes", file.len);
        digest_of(DIGEST_SHA256, span_cut(file, 0, HASHED), &own);
        if (!span_equal(stored, span_bytes(own.bytes, 32)) || n_sections != DB_SECTIONS)
                return err_set(e, ERR_MALFORMED, "advisory database is damaged: the header fails its checksum");
        if (h.bytes != file.len)
                return err_set(e, ERR_MALFORMED, "advisory database has %zu bytes, its header says %llu", file.len,
                    (unsigned long long)h.bytes);
        if (!sections_check(&h, e))
                return false;
        *ret = h;
        return true;
}
