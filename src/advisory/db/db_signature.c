/*
 * The signature of a compiled database, as text in a file beside it:
 *
 *      coffer-advisory-signature v1
 *      format 3
 *      file sha256:...
 *      size 17496984
 *      built 2026-11-23T01:23:57Z
 *      sequence 1795397037
 *      key ed25519:...
 *      signature ...
 *
 * Signed are the lines before the last, as they stand. Their first keeps a signature that this key made of anything else (a head of
 * the ledger) from being one of a database.
 */
#include "advisory/db/db_read_priv.h"

#define SIGNATURE_NAME "coffer-advisory-signature v"
#define KEY_PREFIX "ed25519:"

bool advisory_key_parse(struct span text, uint8_t ret_key[SIGN_PUBLIC_LEN], struct err *e)
{
        char shown[100];

        if (span_starts(text, KEY_PREFIX) &&
            span_to_bytes(span_from(text, strlen(KEY_PREFIX)), ret_key, SIGN_PUBLIC_LEN))
                return true;
        return err_set(e, ERR_MALFORMED, "\"%s\" is no public key; \"" KEY_PREFIX "\" and 64 hex digits is one",
            span_printable(text, shown, sizeof(shown)));
}

void advisory_key_put(const uint8_t key[SIGN_PUBLIC_LEN], struct buf *to)
{
        buf_put_text(to, KEY_PREFIX);
        buf_put_hex(to, span_bytes(key, SIGN_PUBLIC_LEN));
}

/* The part that is signed. */
static void signed_put(const struct advisory_signature *s, struct buf *to)
{
        char file[DIGEST_TEXT_MAX], built[CLOCK_TEXT_MAX];

        buf_printf(to, SIGNATURE_NAME "1\nformat %u\nfile %s\nsize %llu\nbuilt %s\nsequence %llu\nkey ", s->format,
            digest_format(&s->file, file), (unsigned long long)s->size, clock_format(s->built_s, built),
            (unsigned long long)s->sequence);
        advisory_key_put(s->key, to);
        buf_put_text(to, "\n");
}

void advisory_signature_put(const struct advisory_signature *s, struct buf *to)
{
        signed_put(s, to);
        buf_put_text(to, "signature ");
        buf_put_hex(to, span_bytes(s->signature, sizeof(s->signature)));
        buf_put_text(to, "\n");
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

static bool number_take(struct cursor *c, const char *name, uint64_t max, uint64_t *ret)
{
        struct span rest;

        return line_take(c, name, &rest) && span_to_u64(rest, ret) && *ret > 0 && *ret <= max;
}

static bool lines_take(struct span text, struct advisory_signature *s)
{
        struct cursor c = {.rest = text};
        struct span rest;
        uint64_t format;

        if (!line_take(&c, SIGNATURE_NAME "1", &rest) || rest.len > 0 ||
            !number_take(&c, "format ", UINT32_MAX, &format) || !line_take(&c, "file ", &rest) ||
            !digest_parse(rest, &s->file, NULL) || s->file.alg != DIGEST_SHA256 ||
            !number_take(&c, "size ", DB_BYTES_MAX, &s->size) || !line_take(&c, "built ", &rest) ||
            !clock_parse(rest, &s->built_s) || !number_take(&c, "sequence ", INT64_MAX, &s->sequence) ||
            !line_take(&c, "key ", &rest) || !advisory_key_parse(rest, s->key, NULL) ||
            !line_take(&c, "signature ", &rest) || !span_to_bytes(rest, s->signature, sizeof(s->signature)))
                return false;
        s->format = (uint32_t)format;
        return cursor_at_end(&c);
}

static bool is_other_form(struct span text)
{
        struct span line, rest;
        uint64_t version;

        span_split(text, '\n', &line, &rest);
        return span_starts(line, SIGNATURE_NAME) && span_to_u64(span_from(line, strlen(SIGNATURE_NAME)), &version) &&
               version != 1;
}

bool advisory_signature_parse(struct span text, struct advisory_signature *ret, struct err *e)
{
        struct buf again CLEANUP(buf_done) = {0};
        struct advisory_signature s = {0};

        if (text.len > ADVISORY_SIGNATURE_MAX)
                return err_set(e, ERR_LIMIT, "a database's signature is at most %u bytes, not %zu",
                    ADVISORY_SIGNATURE_MAX, text.len);
        if (is_other_form(text))
                return err_set(e, ERR_UNSUPPORTED, "a database's signature of another form; this program reads v1");
        if (!lines_take(text, &s))
                return err_set(
                    e, ERR_MALFORMED, "not the signature of a database; it is the eight lines of \"coffer db sign\"");
        /* No leading zeros, no CR, one way to write a time: a signature has one text. */
        advisory_signature_put(&s, &again);
        if (!span_equal(buf_span(&again), text))
                return err_set(e, ERR_MALFORMED, "the signature of a database, but not as it was written");
        *ret = s;
        return true;
}

bool advisory_signature_make(
    const struct advisory_db *db, uint64_t sequence, struct secret *seed, struct advisory_signature *ret, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct advisory_signature s = {
            .format = db->info.format,
            .size = db->file.len,
            .built_s = db->info.built_s,
            .sequence = sequence || db->info.built_s < 0 ? sequence : (uint64_t)db->info.built_s,
        };

        char built[CLOCK_TEXT_MAX];

        if (clock_format(s.built_s, built)[0] == '-')
                return err_set(e, ERR_MALFORMED, "the database says no time at which it can have been built");
        if (s.sequence == 0 || s.sequence > INT64_MAX)
                return err_set(e, ERR_LIMIT, "a sequence number is one from 1 to %lld", (long long)INT64_MAX);
        if (!advisory_db_verify(db, e) || !sign_key_public(seed, s.key, e))
                return false;
        digest_of(DIGEST_SHA256, db->file, &s.file);
        signed_put(&s, &b);
        if (!sign_make(seed, buf_span(&b), s.signature, e))
                return false;
        *ret = s;
        return true;
}

bool advisory_signature_check(const struct advisory_signature *s, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {0};

        signed_put(s, &b);
        return sign_check(s->key, buf_span(&b), span_bytes(s->signature, sizeof(s->signature)), e);
}
