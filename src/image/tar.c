/* The walk through a tar stream. */
#include <string.h>

#include "image/tar_priv.h"

void tar_init(struct tar *t, const struct image_sink *sink)
{
        memset(t, 0, sizeof(*t));
        t->sink = sink;
        t->extended.max = IMAGE_PAX_MAX + 1;
}

void tar_done(struct tar *t)
{
        buf_done(&t->extended);
        buf_done(&t->pax_bytes);
        buf_done(&t->long_path);
        buf_done(&t->long_link);
}

static bool all_zero(struct span s)
{
        return s.len == 0 || (s.at[0] == 0 && memcmp(s.at, s.at + 1, s.len - 1) == 0);
}

/* "entry 17 (usr/bin/x): ..." before what `e` says already. */
static bool entry_failed(const struct tar *t, struct span path, struct err *e)
{
        char shown[200];

        return err_wrap(e, "entry %llu (%s)", (unsigned long long)t->index, span_printable(path, shown, sizeof(shown)));
}

static bool extended_pending(const struct tar *t)
{
        return t->has_pax || t->has_long_path || t->has_long_link;
}

static void extended_forget(struct tar *t)
{
        t->has_pax = t->has_long_path = t->has_long_link = false;
        t->pax = (struct tar_pax){0};
}

/* Sizes and owners of a pax header come before the header's own; a name that is said twice has two meanings. */
static bool pax_apply(struct tar *t, struct image_entry *entry, struct err *e)
{
        const struct tar_pax *p = &t->pax;

        if ((p->has_path && t->has_long_path) || (p->has_link && t->has_long_link))
                return err_set(e, ERR_MALFORMED, "a pax and a GNU header name it twice");
        if (p->has_path)
                entry->path = p->path;
        if (t->has_long_path)
                entry->path = buf_span(&t->long_path);
        if (p->has_link)
                entry->link = p->link;
        if (t->has_long_link)
                entry->link = buf_span(&t->long_link);
        if (p->has_size)
                entry->size = p->size;
        if ((p->has_uid && p->uid > UINT32_MAX) || (p->has_gid && p->gid > UINT32_MAX))
                return err_set(e, ERR_LIMIT, "its owner is above %u", UINT32_MAX);
        if (p->has_uid)
                entry->uid = (uint32_t)p->uid;
        if (p->has_gid)
                entry->gid = (uint32_t)p->gid;
        if (p->has_mtime) {
                entry->mtime_s = p->mtime_s;
                entry->mtime_ns = p->mtime_ns;
        }
        return true;
}

static bool symlink_check(const struct image_entry *entry, struct err *e)
{
        if (entry->link.len == 0)
                return err_set(e, ERR_MALFORMED, "a symbolic link to nothing");
        if (entry->link.len > IMAGE_PATH_MAX)
                return err_set(e, ERR_LIMIT, "its link is %zu bytes, at most %u", entry->link.len, IMAGE_PATH_MAX);
        return true;
}

static bool hardlink_take(struct tar *t, struct image_entry *entry, struct err *e)
{
        enum tar_name kind;
        struct span target;
        size_t len;

        if (!tar_path_clean(entry->link, t->link, &len, e) || !tar_name_classify(t->link, len, &kind, &target, e))
                return err_wrap(e, "the hard link's target");
        if (kind != TAR_NAME_PLAIN || len == 0)
                return err_set(e, ERR_MALFORMED, "a hard link to what is no file");
        entry->link = target;
        if (span_equal(entry->link, entry->path))
                return err_set(e, ERR_MALFORMED, "a hard link to itself");
        return true;
}

/* The type byte and the name decide together what it is. Borrows the path's bytes into t->path. */
static bool entry_settle(struct tar *t, struct image_entry *entry, char flag, enum tar_name *ret_kind, struct err *e)
{
        bool slash = span_ends(entry->path, "/");
        size_t len;

        if (flag == 0 && slash) /* v7 had no type for folders */
                entry->type = IMAGE_ENTRY_DIR;
        else if (entry->type == IMAGE_ENTRY_FILE && slash)
                return err_set(e, ERR_MALFORMED, "a file whose name ends in a slash");
        /* Readers disagree whether content follows. */
        if (entry->type != IMAGE_ENTRY_FILE && entry->size > 0)
                return err_set(
                    e, ERR_MALFORMED, "content of %llu bytes, but it is no file", (unsigned long long)entry->size);
        if (entry->size > IMAGE_PLAIN_MAX)
                return err_set(e, ERR_LIMIT, "its size of %llu is above %llu", (unsigned long long)entry->size,
                    (unsigned long long)IMAGE_PLAIN_MAX);
        if (!tar_path_clean(entry->path, t->path, &len, e) ||
            !tar_name_classify(t->path, len, ret_kind, &entry->path, e))
                return false;
        switch (*ret_kind) {
        case TAR_NAME_SKIP:
                return true;
        case TAR_NAME_WHITEOUT:
        case TAR_NAME_OPAQUE:
                entry->type = *ret_kind == TAR_NAME_OPAQUE ? IMAGE_ENTRY_OPAQUE : IMAGE_ENTRY_WHITEOUT;
                entry->link = (struct span){0};
                return true;
        case TAR_NAME_PLAIN:
                break;
        }
        if (len == 0 && entry->type != IMAGE_ENTRY_DIR)
                return err_set(e, ERR_MALFORMED, "it would replace the root folder");
        if (entry->type == IMAGE_ENTRY_SYMLINK)
                return symlink_check(entry, e);
        if (entry->type == IMAGE_ENTRY_HARDLINK)
                return hardlink_take(t, entry, e);
        entry->link = (struct span){0};
        return true;
}

static bool content_end(struct tar *t, struct err *e)
{
        if (t->wanted && !t->sink->data(t->sink->ctx, (struct span){0}, e))
                return entry_failed(t, span_of((const char *)t->path), e);
        t->wanted = false;
        t->index++;
        return true;
}

/* What follows a header: content or not, and the way to the next block. */
static bool content_begin(struct tar *t, uint64_t size, struct err *e)
{
        t->left = size;
        t->pad = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
        t->state = TAR_CONTENT;
        if (size > 0)
                return true;
        t->state = TAR_HEADER;
        return content_end(t, e);
}

static bool entry_take(struct tar *t, struct image_entry *entry, char flag, struct err *e)
{
        enum tar_name kind = TAR_NAME_PLAIN;
        struct span raw;
        uint64_t size;

        if (t->index >= IMAGE_ENTRIES_MAX)
                return err_set(e, ERR_LIMIT, "tar: more than %u entries", IMAGE_ENTRIES_MAX);
        if (!pax_apply(t, entry, e))
                return entry_failed(t, entry->path, e);
        raw = entry->path;
        if (!entry_settle(t, entry, flag, &kind, e))
                return entry_failed(t, raw, e);
        size = entry->size;
        if (entry->type != IMAGE_ENTRY_FILE)
                entry->size = 0; /* of a whiteout: skipped */
        entry->index = t->index;
        t->path[entry->path.len] = 0; /* has room: errors in the content name it */
        t->wanted = false;
        if (kind != TAR_NAME_SKIP && !t->sink->entry(t->sink->ctx, entry, &t->wanted, e))
                return entry_failed(t, entry->path, e);
        t->wanted = t->wanted && entry->type == IMAGE_ENTRY_FILE;
        extended_forget(t);
        return content_begin(t, size, e);
}

static bool extended_begin(struct tar *t, const struct image_entry *header, char flag, struct err *e)
{
        uint64_t max = flag == 'L' || flag == 'K' ? IMAGE_PATH_MAX + 1 : IMAGE_PAX_MAX;

        if (header->size > max)
                return err_set(e, ERR_LIMIT, "an extended header (%c) of %llu bytes, at most %llu", flag,
                    (unsigned long long)header->size, (unsigned long long)max);
        if ((flag == 'x' && t->has_pax) || (flag == 'L' && t->has_long_path) || (flag == 'K' && t->has_long_link))
                return err_set(e, ERR_MALFORMED, "two extended headers (%c) in a row", flag);
        if (header->size == 0 && flag != 'x' && flag != 'g')
                return err_set(e, ERR_MALFORMED, "an extended header (%c) without content", flag);
        buf_clear(&t->extended);
        t->extended_type = flag;
        t->left = header->size;
        t->pad = (TAR_BLOCK - header->size % TAR_BLOCK) % TAR_BLOCK;
        t->state = header->size > 0 ? TAR_EXTENDED : TAR_HEADER;
        return true;
}

/* A GNU long name: bytes and NULs at the end. */
static bool long_take(struct tar *t, struct buf *to, bool *ret_has, struct err *e)
{
        struct span name = buf_span(&t->extended);
        size_t nul;

        while (name.len > 0 && name.at[name.len - 1] == 0)
                name.len--;
        if (name.len == 0 || span_find(name, 0, &nul))
                return err_set(e, ERR_MALFORMED, "a long name (%c) that is empty or has a NUL in it", t->extended_type);
        buf_clear(to);
        buf_put(to, name);
        *ret_has = true;
        return true;
}

static bool extended_take(struct tar *t, struct err *e)
{
        struct tar_pax unused;
        struct buf swap;

        switch (t->extended_type) {
        case 'L':
                return long_take(t, &t->long_path, &t->has_long_path, e);
        case 'K':
                return long_take(t, &t->long_link, &t->has_long_link, e);
        case 'g':
                return tar_pax_parse(buf_span(&t->extended), true, &unused, e);
        default: /* x: its spans borrow from pax_bytes */
                swap = t->pax_bytes;
                t->pax_bytes = t->extended;
                t->extended = swap;
                t->extended.max = IMAGE_PAX_MAX + 1;
                t->has_pax = true;
                return tar_pax_parse(buf_span(&t->pax_bytes), false, &t->pax, e);
        }
}

static bool zeros_take(struct tar *t, struct err *e)
{
        if (extended_pending(t))
                return err_set(e, ERR_MALFORMED, "tar: it ends after an extended header, without the entry");
        if (++t->zero_blocks == 2)
                t->state = TAR_ENDED;
        return true;
}

static bool header_take(struct tar *t, struct span block, struct err *e)
{
        uint8_t join[IMAGE_NAME_MAX + 2];
        struct image_entry entry;
        char flag;

        if (all_zero(block))
                return zeros_take(t, e);
        if (t->zero_blocks > 0)
                return err_set(e, ERR_MALFORMED,
                    "tar: entries go on after a block of zeros at byte %llu, where some readers end",
                    (unsigned long long)(t->at - TAR_BLOCK));
        if (!tar_header_parse(block, join, &entry, &flag, e))
                return err_wrap(e, "entry %llu (header at byte %llu)", (unsigned long long)t->index,
                    (unsigned long long)(t->at - TAR_BLOCK));
        if (entry.type != IMAGE_ENTRY_NONE)
                return entry_take(t, &entry, flag, e);
        return extended_begin(t, &entry, flag, e) || err_wrap(e, "entry %llu", (unsigned long long)t->index);
}

static size_t at_most(uint64_t n, size_t max)
{
        return n < max ? (size_t)n : max;
}

/* Each takes bytes from the front of `in`, at least one. */
static bool header_feed(struct tar *t, struct span *in, struct err *e)
{
        struct span block;

        if (t->block_len == 0 && in->len >= TAR_BLOCK) {
                block = span_cut(*in, 0, TAR_BLOCK);
                *in = span_from(*in, TAR_BLOCK);
                t->at += TAR_BLOCK;
                return header_take(t, block, e);
        }
        size_t n = at_most(TAR_BLOCK - t->block_len, in->len);
        memcpy(t->block + t->block_len, in->at, n);
        t->block_len += n;
        t->at += n;
        *in = span_from(*in, n);
        if (t->block_len < TAR_BLOCK)
                return true;
        t->block_len = 0;
        return header_take(t, span_bytes(t->block, TAR_BLOCK), e);
}

static bool content_feed(struct tar *t, struct span *in, struct err *e)
{
        size_t n = at_most(t->left, in->len);

        if (t->wanted && !t->sink->data(t->sink->ctx, span_cut(*in, 0, n), e))
                return entry_failed(t, span_of((const char *)t->path), e);
        t->left -= n;
        t->at += n;
        *in = span_from(*in, n);
        if (t->left > 0)
                return true;
        t->state = t->pad ? TAR_SKIP : TAR_HEADER;
        return content_end(t, e);
}

static bool extended_feed(struct tar *t, struct span *in, struct err *e)
{
        size_t n = at_most(t->left, in->len);

        buf_put(&t->extended, span_cut(*in, 0, n));
        t->left -= n;
        t->at += n;
        *in = span_from(*in, n);
        if (t->left > 0)
                return true;
        t->state = t->pad ? TAR_SKIP : TAR_HEADER;
        return extended_take(t, e) || err_wrap(e, "entry %llu", (unsigned long long)t->index);
}

static bool skip_feed(struct tar *t, struct span *in, struct err *e)
{
        size_t n = at_most(t->pad, in->len);

        (void)e;
        t->pad -= n;
        t->at += n;
        *in = span_from(*in, n);
        if (t->pad == 0)
                t->state = TAR_HEADER;
        return true;
}

/* Two archives one after the other: docker and GNU tar see the first only, bsdtar -i both. */
static bool ended_feed(struct tar *t, struct span *in, struct err *e)
{
        if (!all_zero(*in)) {
                size_t zeros = 0;

                while (in->at[zeros] == 0)
                        zeros++;
                return err_set(e, ERR_MALFORMED, "tar: it goes on after its end at byte %llu",
                    (unsigned long long)(t->at + zeros));
        }
        t->at += in->len;
        *in = (struct span){0};
        return true;
}

bool tar_feed(struct tar *t, struct span in, struct err *e)
{
        static bool (*const feeds[])(struct tar *, struct span *, struct err *) = {
            [TAR_HEADER] = header_feed,
            [TAR_CONTENT] = content_feed,
            [TAR_EXTENDED] = extended_feed,
            [TAR_SKIP] = skip_feed,
            [TAR_ENDED] = ended_feed,
        };

        while (in.len > 0)
                if (!feeds[t->state](t, &in, e))
                        return false;
        return true;
}

uint64_t tar_pass(struct tar *t, uint64_t max)
{
        uint64_t n = t->left < max ? t->left : max;

        if (t->state != TAR_CONTENT || t->wanted)
                return 0;
        t->left -= n;
        t->at += n;
        if (t->left == 0) {
                t->state = t->pad ? TAR_SKIP : TAR_HEADER;
                t->index++;
        }
        return n;
}

bool tar_end(struct tar *t, struct err *e)
{
        if (t->state == TAR_CONTENT) {
                err_set(
                    e, ERR_MALFORMED, "the tar ends %llu bytes before the content does", (unsigned long long)t->left);
                return entry_failed(t, span_of((const char *)t->path), e);
        }
        if (t->state == TAR_ENDED || (t->state == TAR_HEADER && t->block_len == 0 && !extended_pending(t)))
                return true;
        return err_set(e, ERR_MALFORMED, "tar: it ends within entry %llu, at byte %llu", (unsigned long long)t->index,
            (unsigned long long)t->at);
}
