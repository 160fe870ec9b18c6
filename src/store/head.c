/* A head as text: printed, read back in that one form, and made. */
#include "store/ledger_priv.h"

#define HEAD_NAME "coffer-ledger-head v"

void head_put_signed(struct buf *b, const struct head *h)
{
        char hash[DIGEST_TEXT_MAX];

        buf_printf(b, HEAD_NAME "1\nseq %llu\nhash %s\nkey ed25519:", (unsigned long long)h->end.seq,
            digest_format(&h->end.hash, hash));
        buf_put_hex(b, span_bytes(h->key, sizeof(h->key)));
        buf_put_text(b, "\n");
}

void head_put(struct buf *b, const struct head *h)
{
        head_put_signed(b, h);
        buf_put_text(b, "signature ");
        buf_put_hex(b, span_bytes(h->signature, sizeof(h->signature)));
        buf_put_text(b, "\n");
}

/* The next line, which begins with `name` and has `ret` behind it. */
static bool line_take(struct cursor *c, const char *name, struct span *ret)
{
        struct span line;

        if (!cursor_line(c, &line) || !span_starts(line, name))
                return false;
        *ret = span_from(line, strlen(name));
        return true;
}

static bool head_lines(struct span text, struct head *h)
{
        struct cursor c = {.rest = text};
        struct span rest;

        return line_take(&c, HEAD_NAME "1", &rest) && rest.len == 0 && line_take(&c, "seq ", &rest) &&
               span_to_u64(rest, &h->end.seq) && h->end.seq <= INT64_MAX && line_take(&c, "hash ", &rest) &&
               digest_parse(rest, &h->end.hash, NULL) && h->end.hash.alg == DIGEST_SHA256 &&
               line_take(&c, "key ed25519:", &rest) && span_to_bytes(rest, h->key, sizeof(h->key)) &&
               line_take(&c, "signature ", &rest) && span_to_bytes(rest, h->signature, sizeof(h->signature)) &&
               cursor_at_end(&c);
}

/* "coffer-ledger-head v2" and the like: a head, but not one of ours. */
static bool is_other_version(struct span text)
{
        struct span line, rest;
        uint64_t version;

        span_split(text, '\n', &line, &rest);
        return span_starts(line, HEAD_NAME) && span_to_u64(span_from(line, strlen(HEAD_NAME)), &version) &&
               version != 1;
}

bool head_parse(struct span text, struct head *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf again = {0};
        struct head h = {0};

        if (text.len > STORE_HEAD_MAX)
                return err_set(e, ERR_LIMIT, "a ledger head is at most %u bytes, not %zu", STORE_HEAD_MAX, text.len);
        if (is_other_version(text))
                return err_set(e, ERR_UNSUPPORTED, "a ledger head of another version; this program reads v1");
        if (!head_lines(text, &h))
                return err_set(e, ERR_MALFORMED, "not a ledger head; it is the five lines of \"coffer ledger head\"");
        /* No leading zeros, no CR: a head has one text. */
        head_put(&again, &h);
        if (!span_equal(buf_span(&again), text))
                return err_set(e, ERR_MALFORMED, "a ledger head, but not as it was written");
        *ret = h;
        return true;
}

bool ledger_head(struct store *s, struct buf *ret_text, struct err *e)
{
        CLEANUP(secret_freep) struct secret *seed = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct head h = {0};

        if (!ledger_key_take(s, &seed, e) || !store_begin(s, false, e) ||
            !store_end(s, ledger_end_read(s, true, &h.end, e), e) || !sign_key_public(seed, h.key, e))
                return err_wrap(e, "ledger head");
        head_put_signed(&b, &h);
        if (!sign_make(seed, buf_span(&b), h.signature, e))
                return err_wrap(e, "ledger head");
        buf_clear(&b);
        head_put(&b, &h);
        buf_put(ret_text, buf_span(&b));
        return !ret_text->failed || err_set(e, ERR_LIMIT, "ledger head: the buffer for it is full");
}
