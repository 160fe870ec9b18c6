/* A sink for tests that writes what it is told as text, one line an entry: "file usr/a 0644 1:2 @5 =content". */
#pragma once

#include "image/image.h"

struct record {
        struct buf text;
        uint64_t refuse_at; /* number of the entry at which it fails, from 1; 0: never */
        uint64_t entries;
};

static inline bool record_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        static const char *const names[] = {
            "none", "file", "dir", "symlink", "hardlink", "char", "block", "fifo", "whiteout", "opaque"};
        struct record *r = ctx;

        if (++r->entries == r->refuse_at)
                return err_set(e, ERR_DENIED, "enough");
        buf_printf(&r->text, "%s ", names[entry->type]);
        buf_put(&r->text, entry->path);
        buf_printf(&r->text, " %04o %u:%u @%lld", entry->mode, entry->uid, entry->gid, (long long)entry->mtime_s);
        if (entry->mtime_ns)
                buf_printf(&r->text, ".%09u", entry->mtime_ns);
        if (entry->link.len > 0) {
                buf_put_text(&r->text, " ->");
                buf_put(&r->text, entry->link);
        }
        if (entry->dev_major || entry->dev_minor)
                buf_printf(&r->text, " %u,%u", entry->dev_major, entry->dev_minor);
        if (entry->type == IMAGE_ENTRY_FILE)
                buf_put_text(&r->text, " =");
        else
                buf_put_u8(&r->text, '\n');
        *ret_want = true;
        return true;
}

static inline bool record_data(void *ctx, struct span piece, struct err *e)
{
        struct record *r = ctx;

        (void)e;
        if (piece.len > 0)
                buf_put(&r->text, piece);
        else
                buf_put_u8(&r->text, '\n');
        return true;
}

static inline struct image_sink record_sink(struct record *r)
{
        return (struct image_sink){record_entry, record_data, r};
}

static inline const char *record_text(struct record *r)
{
        buf_put_u8(&r->text, 0);
        r->text.len--;
        return (const char *)r->text.at;
}
