/* Whether the chain is whole, and extends an earlier head. */
#include <stdarg.h>

#include "store/ledger_priv.h"

struct walk {
        struct ledger_end end; /* the last sound record */
        uint64_t head_seq;
        struct digest at_head; /* hash of record head_seq, once met */
        bool broken;
        struct ledger_verdict verdict;
};

static void broken(struct walk *w, uint64_t seq, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void broken(struct walk *w, uint64_t seq, const char *fmt, ...)
{
        va_list list;

        va_start(list, fmt);
        vsnprintf(w->verdict.reason, sizeof(w->verdict.reason), fmt, list);
        va_end(list);
        w->broken = true;
        w->verdict.first_broken = seq;
}

/* Records come in the order of their numbers; the first fault ends the walk. */
static bool walk_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct walk *w = q->ctx;
        unsigned long long want = w->end.seq + 1;
        struct ledger_record r;
        struct err why = {0};
        struct digest hash;

        (void)e;
        q->stop = true;
        if (!ledger_record_of_row(row, n, &r, &why)) {
                broken(w, row[0].number < 1 ? want : (uint64_t)row[0].number, "%.*s", 190, why.text);
                return true;
        }
        ledger_record_hash(&r, &hash);
        if (r.seq != want)
                broken(w, want, "record %llu is missing", want);
        else if (!digest_equal(&r.previous, &w->end.hash))
                broken(w, want, "record %llu: does not link to the one before it", want);
        else if (!digest_equal(&hash, &r.hash))
                broken(w, want, "record %llu: hash does not match its content", want);
        if (w->broken)
                return true;
        q->stop = false;
        w->end = (struct ledger_end){.seq = r.seq, .hash = r.hash};
        if (r.seq == w->head_seq)
                w->at_head = r.hash;
        return true;
}

/* The node's own key; a node without one has signed nothing. */
static bool own_key(struct store *s, bool *ret_has, uint8_t ret[SIGN_PUBLIC_LEN], struct err *e)
{
        CLEANUP(secret_freep) struct secret *seed = NULL;
        struct err why = {0};

        *ret_has = ledger_key_load(s, &seed, &why);
        if (*ret_has)
                return sign_key_public(seed, ret, e);
        if (why.kind == ERR_NOT_FOUND)
                return true;
        if (e)
                *e = why;
        return false;
}

static bool head_compare(struct store *s, struct walk *w, const struct head *h, struct err *e)
{
        CLEANUP(buf_done) struct buf content = {0};
        uint8_t key[SIGN_PUBLIC_LEN];
        unsigned long long says = h->end.seq, ends = w->end.seq;
        struct err why = {0};
        bool has_key = false;

        if (!own_key(s, &has_key, key, e))
                return false;
        head_put_signed(&content, h);
        if (!has_key) {
                broken(w, 0, "the head is of another node: this one has no ledger key, so it has signed none");
        } else if (memcmp(key, h->key, sizeof(key)) != 0) {
                broken(w, 0,
                    "the head is of another node: its key is %02x%02x%02x%02x..., this node's %02x%02x%02x%02x...",
                    h->key[0], h->key[1], h->key[2], h->key[3], key[0], key[1], key[2], key[3]);
        } else if (!sign_check(key, buf_span(&content), span_bytes(h->signature, SIGN_LEN), &why)) {
                if (why.kind != ERR_UNTRUSTED) {
                        if (e)
                                *e = why;
                        return false;
                }
                broken(w, 0, "the head was changed: this node's key did not sign it");
        } else if (says > ends) {
                broken(w, 0, "the chain ends at %llu, the head says %llu: truncated", ends, says);
        } else if (!digest_equal(&w->at_head, &h->end.hash)) {
                broken(w, 0, "record %llu is not the one that the head names: the chain was rebuilt", says);
        }
        return true;
}

bool ledger_verify(struct store *s, struct span earlier_head, struct ledger_verdict *ret, struct err *e)
{
        struct walk w = {.end = ledger_beginning(), .at_head = ledger_beginning().hash};
        struct store_query q = {
            .sql = "SELECT " LEDGER_COLUMNS " FROM ledger ORDER BY seq", .on_row = walk_row, .ctx = &w};
        struct head head = {0};

        if (earlier_head.len > 0 && !head_parse(earlier_head, &head, e))
                return err_wrap(e, "ledger verify");
        w.head_seq = head.end.seq;
        if (!store_read(s, &q, e))
                return err_wrap(e, "ledger verify");
        if (!w.broken && earlier_head.len > 0 && !head_compare(s, &w, &head, e))
                return err_wrap(e, "ledger verify");
        w.verdict.records = w.end.seq;
        w.verdict.intact = !w.broken;
        *ret = w.verdict;
        return true;
}
