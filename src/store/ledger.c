/* Records of the ledger: appended, read, and hashed into a chain. */
#include "store/ledger_priv.h"

struct ledger_end ledger_beginning(void)
{
        return (struct ledger_end){.hash = {.alg = DIGEST_SHA256}};
}

void ledger_record_hash(const struct ledger_record *r, struct digest *ret)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put_string(&b, SPAN_LIT("coffer-ledger-record-v1"));
        buf_put_u64le(&b, r->seq);
        buf_put_u64le(&b, (uint64_t)r->time_s);
        buf_put_string(&b, r->event);
        buf_put_string(&b, r->body);
        buf_put(&b, span_bytes(r->previous.bytes, LEDGER_HASH_LEN));
        digest_of(DIGEST_SHA256, buf_span(&b), ret);
}

static bool hash_of_bytes(struct span s, struct digest *ret)
{
        if (s.len != LEDGER_HASH_LEN)
                return false;
        *ret = (struct digest){.alg = DIGEST_SHA256};
        memcpy(ret->bytes, s.at, LEDGER_HASH_LEN);
        return true;
}

bool ledger_record_of_row(const struct store_value *row, size_t n, struct ledger_record *ret, struct err *e)
{
        struct ledger_record r = {0};

        if (n != 6 || row[0].number < 1)
                return err_set(e, ERR_MALFORMED, "record %lld: no record has this number", (long long)row[0].number);
        if (row[2].bytes.len > STORE_EVENT_MAX || row[3].bytes.len > STORE_RECORD_MAX)
                return err_set(e, ERR_MALFORMED, "record %lld: larger than a record can be", (long long)row[0].number);
        if (!hash_of_bytes(row[4].bytes, &r.previous) || !hash_of_bytes(row[5].bytes, &r.hash))
                return err_set(e, ERR_MALFORMED, "record %lld: its hash is not one", (long long)row[0].number);
        r.seq = (uint64_t)row[0].number;
        r.time_s = row[1].number;
        r.event = row[2].bytes;
        r.body = row[3].bytes;
        *ret = r;
        return true;
}

struct end_row {
        bool check;
        struct ledger_end end;
};

static bool end_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct end_row *to = q->ctx;
        struct ledger_record r;
        struct digest hash;

        if (!ledger_record_of_row(row, n, &r, e))
                return err_wrap(e, "ledger");
        ledger_record_hash(&r, &hash);
        if (to->check && !digest_equal(&hash, &r.hash))
                return err_set(e, ERR_UNTRUSTED,
                    "ledger: record %llu: hash does not match its content; see \"coffer ledger verify\"",
                    (unsigned long long)r.seq);
        to->end = (struct ledger_end){.seq = r.seq, .hash = r.hash};
        return true;
}

bool ledger_end_read(struct store *s, bool check, struct ledger_end *ret, struct err *e)
{
        struct end_row row = {.check = check, .end = ledger_beginning()};
        struct store_query q = {
            .sql = "SELECT " LEDGER_COLUMNS " FROM ledger ORDER BY seq DESC LIMIT 1", .on_row = end_row, .ctx = &row};

        if (!store_run(s, &q, e))
                return false;
        *ret = row.end;
        return true;
}

/* The record gets its number, its link and its hash while no other writer can come between. */
static bool record_insert(struct store *s, struct ledger_record *r, struct err *e)
{
        struct ledger_end end;

        /* A tampered last record is linked to all the same: refusing would stop the record of what happens now. */
        if (!ledger_end_read(s, false, &end, e))
                return false;
        if (end.seq >= INT64_MAX)
                return err_set(e, ERR_MALFORMED, "ledger: record %llu can have no next", (unsigned long long)end.seq);
        r->seq = end.seq + 1;
        r->previous = end.hash;
        r->time_s = clock_wall_s();
        ledger_record_hash(r, &r->hash);
        const struct store_value args[] = {value_int((int64_t)r->seq), value_int(r->time_s), value_text(r->event),
            value_text(r->body), value_bytes(span_bytes(r->previous.bytes, LEDGER_HASH_LEN)),
            value_bytes(span_bytes(r->hash.bytes, LEDGER_HASH_LEN))};
        return store_do(
            s, "INSERT INTO ledger (" LEDGER_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)", args, ARRAY_LEN(args), e);
}

static bool event_check(struct span event, struct err *e)
{
        bool good = event.len > 0 && event.len <= STORE_EVENT_MAX;

        for (size_t i = 0; good && i < event.len; i++) {
                uint8_t c = event.at[i];
                good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        }
        return good ||
               err_set(e, ERR_MALFORMED, "an event is 1 to %u of the characters a-z 0-9 . _ -", STORE_EVENT_MAX);
}

bool ledger_append(struct store *s, const char *event, struct span body, struct ledger_record *ret, struct err *e)
{
        struct ledger_record r = {.event = span_of(event), .body = body};

        if (!event_check(r.event, e) || !store_check_text(body, STORE_RECORD_MAX, "its body", e) ||
            !store_begin(s, true, e) || !store_end(s, record_insert(s, &r, e), e))
                return err_wrap(e, "ledger: append");
        if (ret)
                *ret = r;
        return true;
}

bool ledger_append_within(struct store *s, const char *event, struct span body, struct err *e)
{
        struct ledger_record r = {.event = span_of(event), .body = body};

        return (event_check(r.event, e) && store_check_text(body, STORE_RECORD_MAX, "its body", e) && record_insert(s, &r, e)) ||
               err_wrap(e, "ledger: append");
}

struct reader {
        bool (*on_record)(void *ctx, const struct ledger_record *r);
        void *ctx;
};

static bool reader_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct reader *reader = q->ctx;
        struct ledger_record r;

        if (!ledger_record_of_row(row, n, &r, e))
                return err_wrap(e, "ledger");
        q->stop = !reader->on_record(reader->ctx, &r);
        return true;
}

bool ledger_read(struct store *s, uint64_t from_seq, uint64_t to_seq,
    bool (*on_record)(void *ctx, const struct ledger_record *r), void *ctx, struct err *e)
{
        struct reader reader = {.on_record = on_record, .ctx = ctx};
        const struct store_value range[] = {value_int(from_seq > INT64_MAX ? INT64_MAX : (int64_t)from_seq),
            value_int(to_seq > INT64_MAX ? INT64_MAX : (int64_t)to_seq)};
        struct store_query q = {.sql = "SELECT " LEDGER_COLUMNS " FROM ledger WHERE seq >= ? AND seq <= ? ORDER BY seq",
            .args = range,
            .n_args = 2,
            .on_row = reader_row,
            .ctx = &reader};

        return store_read(s, &q, e);
}
