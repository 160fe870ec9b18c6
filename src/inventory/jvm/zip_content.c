/* What an entry holds: stored or deflated bytes, of a size that stands in front or behind. */
#include <assert.h>

#include "inventory/jvm/zip_walk_priv.h"

#define DESCRIPTOR_LEN 28u /* the longest form, 24 bytes, and the signature behind it */
#define CHECK_LEN 24u      /* of open content: the same without the signature in front */

static_assert(DESCRIPTOR_LEN <= ZIP_AGAIN_MAX, "what is held is handed back");

/* Plain bytes, to whom they are for. False: nothing more is read. */
static bool content(struct zip_stream *z, struct span piece)
{
        struct zip_current *e = &z->entry;

        e->crc = zip_crc(e->crc, piece);
        e->plain += piece.len;
        if (e->wanted && piece.len > 0)
                z->sink.data(z->sink.ctx, piece);
        if (z->budget->spent)
                zip_stop(z);
        return !z->budget->spent;
}

/* Its content, and what stands behind it, have come by. */
static void entry_seen(struct zip_stream *z, bool whole)
{
        struct zip_current *e = &z->entry;

        zip_directory_seen(z->directory, &(struct zip_facts){.at = e->facts.at,
                                             .stored = e->stored,
                                             .plain = e->plain,
                                             .crc = e->crc,
                                             .method = e->facts.method,
                                             .flags = e->facts.flags});
        e->open = false;
        if (e->wanted) {
                e->wanted = false;
                z->sink.end(z->sink.ctx, whole);
        }
        if (z->budget->spent)
                zip_stop(z);
        else
                zip_next(z);
}

/* What follows it can't be told. */
static void entry_lost(struct zip_stream *z)
{
        struct zip_current *e = &z->entry;

        e->open = false;
        if (e->wanted) {
                e->wanted = false;
                z->sink.end(z->sink.ctx, false);
        }
        z->lost_at = z->at;
        if (z->budget->spent)
                zip_stop(z);
        else
                zip_lost(z);
}

static void content_done(struct zip_stream *z, bool whole)
{
        struct zip_current *e = &z->entry;

        if (z->budget->spent) {
                zip_stop(z);
                return;
        }
        if (!e->checked) {
                e->crc = e->facts.crc;
                e->plain = e->facts.plain;
        }
        if (e->facts.flags & ZIP_FLAG_DESCRIPTOR) {
                zip_go(z, ZIP_STEP_DESCRIPTOR, DESCRIPTOR_LEN);
                return;
        }
        if (whole && e->checked && (e->crc != e->facts.crc || e->plain != e->facts.plain))
                zip_note_entry(z, "size or checksum of its content is not what its header says");
        entry_seen(z, whole);
}

static void skip(struct zip_stream *z)
{
        struct zip_current *e = &z->entry;

        e->stored = e->facts.stored;
        if (z->left == 0)
                content_done(z, true);
        else
                zip_go(z, ZIP_STEP_SKIP, 0);
}

/* Not to be read. Without a size its end is looked for. */
static void refuse(struct zip_stream *z, bool sized, const char *why)
{
        struct zip_current *e = &z->entry;

        zip_note_entry(z, why);
        e->checked = false;
        if (e->wanted) {
                e->wanted = false;
                z->sink.end(z->sink.ctx, false);
        }
        if (sized)
                skip(z);
        else
                entry_lost(z);
}

static void begin_deflated(struct zip_stream *z, bool sized)
{
        struct zip_current *e = &z->entry;

        if (sized && (!e->wanted || (e->facts.stored == 0 && e->facts.plain == 0))) {
                skip(z);
                return;
        }
        e->checked = true;
        if (!z->inflate)
                z->inflate = zip_inflate_new();
        zip_inflate_begin(z->inflate);
        z->left = sized ? e->facts.stored : UINT64_MAX;
        zip_go(z, ZIP_STEP_DEFLATED, 0);
}

static void begin_stored(struct zip_stream *z, bool sized)
{
        struct zip_current *e = &z->entry;

        if (!sized && e->facts.stored == 0) {
                e->checked = true;
                z->n_sig = 0;
                zip_go(z, ZIP_STEP_OPEN, 0);
                return;
        }
        if (e->facts.stored != e->facts.plain)
                zip_note_entry(z, "it is stored as it is, with two different sizes");
        if (!e->wanted) {
                skip(z);
                return;
        }
        e->checked = true;
        if (z->left == 0)
                content_done(z, true);
        else
                zip_go(z, ZIP_STEP_STORED, 0);
}

void zip_content_begin(struct zip_stream *z, bool wanted)
{
        struct zip_current *e = &z->entry;
        bool sized = !(e->facts.flags & ZIP_FLAG_DESCRIPTOR);
        char why[64];

        e->open = true;
        e->wanted = wanted;
        e->checked = false;
        e->crc = 0;
        e->stored = e->plain = 0;
        z->left = e->facts.stored;
        if (e->facts.flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_HIDDEN)) {
                refuse(z, sized || e->facts.stored > 0, "not read: it is encrypted");
        } else if (e->facts.method == ZIP_DEFLATED) {
                begin_deflated(z, sized);
        } else if (e->facts.method == ZIP_STORED) {
                begin_stored(z, sized);
        } else {
                snprintf(why, sizeof(why), "not read: compression method %u", e->facts.method);
                refuse(z, sized || e->facts.stored > 0, why);
        }
}

size_t zip_content_skip(struct zip_stream *z, struct span piece)
{
        size_t n = piece.len < z->left ? piece.len : (size_t)z->left;

        z->left -= n;
        if (z->left == 0)
                content_done(z, true);
        return n;
}

size_t zip_content_stored(struct zip_stream *z, struct span piece)
{
        size_t n = piece.len < z->left ? piece.len : (size_t)z->left;

        z->left -= n;
        z->entry.stored += n;
        if (content(z, span_cut(piece, 0, n)) && z->left == 0)
                content_done(z, true);
        return n;
}

/* ---- deflated ---- */

static bool plain_take(struct zip_stream *z, struct span out)
{
        if (out.len > z->budget->plain) {
                zip_note_entry(z, "this file unpacks to more than is read of one of its size: the rest is not read");
                zip_stop(z);
                return false;
        }
        z->budget->plain -= out.len;
        return content(z, out);
}

/* The stream has ended. Bytes that its size still counts are no part of it. */
static void deflated_end(struct zip_stream *z)
{
        bool sized = !(z->entry.facts.flags & ZIP_FLAG_DESCRIPTOR);

        if (sized && z->left > 0) {
                zip_note_entry(z, "bytes stand behind its compressed content");
                zip_go(z, ZIP_STEP_SKIP, 0);
                z->entry.stored = z->entry.facts.stored;
                return;
        }
        content_done(z, true);
}

static void deflated_broken(struct zip_stream *z, const char *why)
{
        bool sized = !(z->entry.facts.flags & ZIP_FLAG_DESCRIPTOR);

        refuse(z, sized, why);
}

size_t zip_content_deflated(struct zip_stream *z, struct span piece)
{
        struct span in = span_cut(piece, 0, piece.len < z->left ? piece.len : (size_t)z->left), out;
        size_t whole = in.len, n;
        enum zip_inflate_step how;

        do {
                struct span before = in;
                how = zip_inflate_run(z->inflate, &in, &out);
                if (how != ZIP_INFLATE_BROKEN && out.len == 0 && in.len == before.len && in.len > 0)
                        how = ZIP_INFLATE_BROKEN;
                if (!plain_take(z, out))
                        return whole - in.len;
        } while (how == ZIP_INFLATE_MORE && (in.len > 0 || out.len == ZIP_OUTPUT));
        assert(in.len <= whole);
        n = whole - in.len;
        if (how == ZIP_INFLATE_BROKEN) /* without a size the next record is looked for in this piece too */
                n = z->left == UINT64_MAX ? 0 : whole;
        z->entry.stored += n;
        if (z->left != UINT64_MAX)
                z->left -= n;
        if (how == ZIP_INFLATE_END)
                deflated_end(z);
        else if (how == ZIP_INFLATE_BROKEN)
                deflated_broken(z, "its compressed content is not valid");
        else if (z->left == 0)
                deflated_broken(z, "its compressed content ends early");
        return n;
}

/* ---- what stands behind the content ---- */

/* One of the forms: with 4 or 8 bytes for each size, and a record or other bytes behind. *ret_len: its bytes. */
static bool form_fits(struct zip_current *e, struct span held, bool wide, bool record, size_t *ret_len)
{
        struct cursor c = {.rest = held};
        uint32_t crc = cursor_u32le(&c);
        uint64_t stored = wide ? cursor_u64le(&c) : cursor_u32le(&c);
        uint64_t plain = wide ? cursor_u64le(&c) : cursor_u32le(&c);
        size_t len = held.len - c.rest.len;

        if (c.failed || stored != (wide ? e->stored : (uint32_t)e->stored))
                return false;
        if (e->checked ? crc != e->crc || plain != (wide ? e->plain : (uint32_t)e->plain) : !record)
                return false;
        if (record && !zip_is_record(cursor_u32le(&c)))
                return false;
        e->crc = crc;
        if (!e->checked)
                e->plain = plain;
        *ret_len = len;
        return true;
}

/* The form with a record behind it is the right one; there may be none. */
static bool any_form_fits(struct zip_current *e, struct span held, size_t *ret_len)
{
        return form_fits(e, held, false, true, ret_len) || form_fits(e, held, true, true, ret_len) ||
               form_fits(e, held, false, false, ret_len) || form_fits(e, held, true, false, ret_len);
}

void zip_content_descriptor(struct zip_stream *z, struct span held)
{
        struct zip_current *e = &z->entry;
        struct cursor c = {.rest = held};
        size_t from = cursor_u32le(&c) == ZIP_DESCRIPTOR ? 4 : 0, len = 0;
        bool fits = false;

        for (;; from = 0) {
                fits = any_form_fits(e, span_from(held, from), &len);
                if (fits || from == 0)
                        break;
        }
        if (!fits) {
                zip_note_entry(z, "size or checksum behind its content is not that of its content");
                z->at -= held.len;
                entry_lost(z);
                z->at += held.len;
                zip_again(z, held);
                return;
        }
        entry_seen(z, true);
        zip_again(z, span_from(held, from + len));
}

/* A signature came by within open content: is this its end? */
void zip_content_open_check(struct zip_stream *z, struct span held)
{
        struct zip_current *e = &z->entry;
        size_t len = 0;
        uint8_t copy[CHECK_LEN];

        memcpy(copy, held.at, held.len);
        held.at = copy;
        if (any_form_fits(e, held, &len)) {
                entry_seen(z, true);
                zip_again(z, span_from(held, len));
                return;
        }
        z->n_sig = 0;
        zip_go(z, ZIP_STEP_OPEN, 0);
        e->stored += 4;
        if (content(z, SPAN_LIT("PK\x07\x08")))
                zip_again(z, held);
}

size_t zip_content_open(struct zip_stream *z, struct span piece)
{
        static const uint8_t signature[4] = {'P', 'K', 7, 8};
        struct zip_current *e = &z->entry;
        size_t from = 0, i = 0;

        while (i < piece.len) {
                if (z->n_sig == 0) {
                        const uint8_t *p = memchr(piece.at + i, 'P', piece.len - i);
                        i = p ? (size_t)(p - piece.at) : piece.len;
                        e->stored += i - from;
                        if (!content(z, span_cut(piece, from, i - from)) || i == piece.len)
                                return i;
                        from = i;
                }
                if (piece.at[i] == signature[z->n_sig]) {
                        i++;
                        from = i;
                        if (++z->n_sig < sizeof(signature))
                                continue;
                        zip_go(z, ZIP_STEP_OPEN_CHECK, CHECK_LEN);
                        return i;
                }
                e->stored += z->n_sig;
                if (!content(z, (struct span){signature, z->n_sig}))
                        return i;
                z->n_sig = 0;
        }
        return i;
}
