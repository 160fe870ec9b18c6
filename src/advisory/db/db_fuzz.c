/*
 * A database whose rows are hostile: a good one, with some of its bytes overwritten as the input says ([u16le place,
 * byte] from its start), under a header made valid again. Opening and looking up everything ends, without a read
 * outside.
 */
#include <assert.h>

#include "advisory/testing_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORD(id, eco, name, events)                                                     \
        "{\"id\":\"" id "\",\"modified\":\"2024-01-02T03:04:05Z\",\"aliases\":[\"CVE-" id \
        "\"],\"affected\":[{\"package\":{\"ecosystem\":\"" eco "\",\"name\":\"" name      \
        "\"},\"versions\":[\"9.0.0\"],\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]}]}\n"

static const char lines[] = RECORD("A-1", "npm", "lodash", "{\"introduced\":\"0\"},{\"fixed\":\"4.17.21\"}")
    RECORD("A-2", "npm", "lodash", "{\"introduced\":\"1.0.0\"},{\"fixed\":\"2.0.0\"},{\"introduced\":\"3.0.0\"}")
        RECORD("A-3", "npm", "b", "{\"introduced\":\"0\"}") RECORD("A-5", "Debian:12", "zlib", "{\"introduced\":\"0\"}")
            RECORD("A-6", "PyPI", "django", "{\"introduced\":\"2.2\"},{\"last_affected\":\"2.2.28\"}");

static uint64_t touched; /* reads every byte of what comes back */

static void touch(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                touched += s.at[i];
}

static bool read_all(void *ctx, const struct advisory_hit *h)
{
        unsigned *n = ctx;

        touch(h->id);
        touch(h->summary);
        touch(h->vector);
        touch(h->introduced);
        touch(h->fixed);
        touch(h->last_affected);
        touch(h->reference);
        for (size_t i = 0; i < h->n_aliases; i++)
                touch(h->aliases[i]);
        assert(h->severity <= SEVERITY_CRITICAL);
        return ++*n < 1000;
}

/* What opens has the length that its beginning names. */
static void check_length(struct span file, bool opens)
{
        struct err e = {0};
        uint64_t length;

        if (advisory_db_length(span_cut(file, 0, ADVISORY_DB_HEAD), &length, &e))
                assert(!opens || length == file.len);
        else
                assert(!opens && e.kind != ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct testing_db good;
        struct buf copy CLEANUP(buf_done) = {0}, head CLEANUP(buf_done) = {0};
        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
        struct cursor c = {.rest = span_bytes(data, size)};
        struct db_header h;
        struct err e = {0};

        if (!good.db && !testing_db_make(&good, SPAN_LIT(lines), &e))
                abort();
        assert(db_header_read(buf_span(&good.file), &h, &e));
        check_length(buf_span(&good.file), true);
        check_length(span_bytes(data, size), advisory_db_over(span_bytes(data, size), &db, &e));
        if (db) /* the input itself as a file */
                return 0;
        assert(e.kind != ERR_NONE);
        buf_put(&copy, buf_span(&good.file));
        while (c.rest.len >= 3) {
                uint16_t at = cursor_u16le(&c);
                uint8_t byte = cursor_u8(&c);
                if (at < DB_SECTIONS * 2) /* a section's place or length in the header, in steps of 8 */
                        *(at % 2 ? &h.sections[at / 2].len : &h.sections[at / 2].at) += (uint64_t)(int8_t)byte * 8;
                else
                        copy.at[DB_CONTENT + (at - DB_SECTIONS * 2) % (copy.len - DB_CONTENT)] = byte;
        }
        db_header_write(&h, &head);
        memcpy(copy.at, head.at, DB_CONTENT);
        if (!advisory_db_over(buf_span(&copy), &db, &e)) {
                assert(e.kind != ERR_NONE && e.text[0]);
                return 0;
        }
        for (size_t i = 0; i < advisory_db_info(db)->n_ecosystems; i++)
                touch(advisory_db_info(db)->ecosystems[i].ecosystem);
        static const char *const asked[][2] = {{"npm", "lodash"}, {"npm", "b"}, {"Debian:12", "zlib"},
            {"PyPI", "django"}, {"npm", "zzz"}, {"Debian", "a"}};
        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                unsigned n = 0;
                if (!advisory_db_lookup(
                        db, span_of(asked[i][0]), span_of(asked[i][1]), SPAN_LIT("9.0.0"), read_all, &n, &e))
                        assert(e.kind == ERR_MALFORMED);
                n = 0;
                advisory_db_lookup(db, span_of(asked[i][0]), span_of(asked[i][1]), SPAN_LIT("-"), read_all, &n, NULL);
        }
        return 0;
}
