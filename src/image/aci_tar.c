/* Entries -> a tar again. Numbers that octal digits can't say are base-256, names that do not fit have GNU headers. */
#include <string.h>

#include "image/aci_priv.h"
#include "image/tar_priv.h"

enum {
        AT_NAME = 0,
        AT_MODE = 100,
        AT_UID = 108,
        AT_GID = 116,
        AT_SIZE = 124,
        AT_MTIME = 136,
        AT_SUM = 148,
        AT_TYPE = 156,
        AT_LINK = 157,
        AT_MAGIC = 257,
        AT_MAJOR = 329,
        AT_MINOR = 337,
        NAME_SIZE = 100
};

/* `size` bytes, the last of them a NUL where it is octal; base-256 is two's complement behind a first byte 0x80 or 0xff. */
static void number_put(uint8_t *to, size_t size, int64_t v)
{
        uint64_t rest = (uint64_t)v;

        if (v >= 0 && rest >> (3 * (size - 1)) == 0) {
                for (size_t i = size - 1; i-- > 0; rest >>= 3)
                        to[i] = (uint8_t)('0' + (rest & 7));
                return;
        }
        memset(to, v < 0 ? 0xff : 0, size);
        for (size_t i = size; i-- > 1 && i + 8 >= size; rest >>= 8)
                to[i] = (uint8_t)rest;
        to[0] = v < 0 ? 0xff : 0x80;
}

static void block_end(uint8_t block[TAR_BLOCK])
{
        uint32_t sum = 0;

        memset(block + AT_SUM, ' ', 8);
        memcpy(block + AT_MAGIC, "ustar  ", 8); /* GNU's */
        for (size_t i = 0; i < TAR_BLOCK; i++)
                sum += block[i];
        number_put(block + AT_SUM, 7, (int64_t)sum);
        block[AT_SUM + 6] = 0;
}

static bool zeros_put(const struct aci_tar *t, size_t n, struct err *e)
{
        static const uint8_t zeros[2 * TAR_BLOCK];

        return n == 0 || t->put(t->ctx, span_bytes(zeros, n), e);
}

static bool long_put(const struct aci_tar *t, char type, struct span name, struct err *e)
{
        uint8_t block[TAR_BLOCK] = "././@LongLink";
        size_t size = name.len + 1; /* and its NUL */

        if (name.len <= NAME_SIZE)
                return true;
        block[AT_TYPE] = (uint8_t)type;
        number_put(block + AT_SIZE, 12, (int64_t)size);
        block_end(block);
        return t->put(t->ctx, span_bytes(block, sizeof(block)), e) && t->put(t->ctx, name, e) &&
               zeros_put(t, 1 + (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, e);
}

static void name_put(uint8_t *to, struct span name)
{
        struct span cut = span_cut(name, 0, NAME_SIZE);

        if (cut.len > 0)
                memcpy(to, cut.at, cut.len);
}

static bool tar_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        static const char types[] = {[IMAGE_ENTRY_FILE] = '0',
            [IMAGE_ENTRY_HARDLINK] = '1',
            [IMAGE_ENTRY_SYMLINK] = '2',
            [IMAGE_ENTRY_CHAR] = '3',
            [IMAGE_ENTRY_BLOCK] = '4',
            [IMAGE_ENTRY_DIR] = '5',
            [IMAGE_ENTRY_FIFO] = '6'};
        struct span name = entry->path.len > 0 ? entry->path : SPAN_LIT("./");
        struct aci_tar *t = ctx;
        uint8_t block[TAR_BLOCK] = {0};

        if ((size_t)entry->type >= ARRAY_LEN(types) || types[entry->type] == 0)
                return err_set(e, ERR_BUG, "an entry of a type that has no place in a tar");
        name_put(block + AT_NAME, name);
        name_put(block + AT_LINK, entry->link);
        number_put(block + AT_MODE, 8, entry->mode);
        number_put(block + AT_UID, 8, entry->uid);
        number_put(block + AT_GID, 8, entry->gid);
        number_put(block + AT_SIZE, 12, (int64_t)entry->size);
        number_put(block + AT_MTIME, 12, entry->mtime_s);
        number_put(block + AT_MAJOR, 8, entry->dev_major);
        number_put(block + AT_MINOR, 8, entry->dev_minor);
        block[AT_TYPE] = (uint8_t)types[entry->type];
        block_end(block);
        t->left = entry->size;
        t->pad = (TAR_BLOCK - entry->size % TAR_BLOCK) % TAR_BLOCK;
        *ret_want = entry->type == IMAGE_ENTRY_FILE;
        return long_put(t, 'L', name, e) && long_put(t, 'K', entry->link, e) &&
               t->put(t->ctx, span_bytes(block, sizeof(block)), e);
}

static bool tar_data(void *ctx, struct span piece, struct err *e)
{
        struct aci_tar *t = ctx;

        if (piece.len == 0)
                return t->left == 0 ? zeros_put(t, t->pad, e) : err_set(e, ERR_BUG, "content that ends early");
        t->left -= piece.len;
        return t->put(t->ctx, piece, e);
}

struct image_sink aci_tar_sink(struct aci_tar *t)
{
        return (struct image_sink){tar_entry, tar_data, t};
}

bool aci_tar_end(struct aci_tar *t, struct err *e)
{
        return zeros_put(t, 2 * TAR_BLOCK, e);
}
