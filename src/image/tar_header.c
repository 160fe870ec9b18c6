/* One header block: POSIX ustar, GNU, star and v7 (POSIX.1-2017, pax, "ustar Interchange Format"). */
#include <string.h>

#include "image/tar_priv.h"

/* Offset and length of each field. */
enum {
        NAME_AT = 0,
        NAME_LEN = 100,
        PREFIX_AT = 345,
        PREFIX_LEN = 155,
        PREFIX_LEN_STAR = 131,
        CHECKSUM_AT = 148,
        CHECKSUM_LEN = 8
};

bool tar_number(struct span field, uint64_t *ret, bool *ret_negative)
{
        bool negative = false;
        uint64_t v = 0;

        if (field.len > 0 && field.at[0] & 0x80) {
                negative = field.at[0] & 0x40;
                for (size_t i = 0; i < field.len; i++) {
                        /* Two's complement; the first bit is only the mark. A positive value is summed as its
                         * complement. */
                        uint8_t byte = field.at[i];

                        if (i == 0)
                                byte = negative ? byte : byte & 0x7f;
                        if (negative)
                                byte = (uint8_t)~byte;
                        if (v >> 55)
                                return false;
                        v = v << 8 | byte;
                }
                if (negative)
                        v++;
        } else {
                while (field.len > 0 && (field.at[field.len - 1] == 0 || field.at[field.len - 1] == ' '))
                        field.len--;
                while (field.len > 0 && field.at[0] == ' ')
                        field = span_from(field, 1);
                if (field.len > 0 && !span_to_octal(field, &v))
                        return false;
        }
        if (negative && !ret_negative)
                return false;
        if (ret_negative)
                *ret_negative = negative;
        *ret = v;
        return true;
}

static struct span text_field(struct span block, size_t at, size_t len)
{
        struct span field = span_cut(block, at, len), text, unused;

        span_split(field, 0, &text, &unused);
        return text;
}

/* Eight bytes at a time, in four sums of 16 bits: 64 words add at most 64 * 2 * 255 to each. */
static unsigned bytes_sum(struct span block)
{
        const uint64_t low = 0x00ff00ff00ff00ffu;
        uint64_t sums = 0, word;

        for (size_t i = 0; i + sizeof(word) <= TAR_BLOCK; i += sizeof(word)) {
                memcpy(&word, block.at + i, sizeof(word));
                sums += (word & low) + (word >> 8 & low);
        }
        return (unsigned)((sums & 0xffff) + (sums >> 16 & 0xffff) + (sums >> 32 & 0xffff) + (sums >> 48));
}

/* The sum of all bytes, its own field taken as blanks; old writers summed signed bytes. */
static bool checksum_check(struct span block, struct err *e)
{
        struct span field = span_cut(block, CHECKSUM_AT, CHECKSUM_LEN);
        uint64_t want;
        int64_t sum = bytes_sum(block) + CHECKSUM_LEN * ' ';

        for (size_t i = 0; i < field.len; i++)
                sum -= field.at[i];
        if (tar_number(field, &want, NULL) && want <= INT64_MAX) {
                if (sum == (int64_t)want)
                        return true;
                for (size_t i = 0; i < TAR_BLOCK; i++) /* 256 less for each byte that is negative */
                        sum -= i - CHECKSUM_AT < CHECKSUM_LEN ? 0 : (block.at[i] & 0x80) << 1;
                if (sum >= 0 && sum == (int64_t)want)
                        return true;
        }
        return err_set(e, ERR_MALFORMED, "the header's checksum is wrong: no tar, or damaged");
}

static bool field_take(
    struct span block, size_t at, size_t len, uint64_t max, uint64_t *ret, const char *what, struct err *e)
{
        uint64_t v;

        if (!tar_number(span_cut(block, at, len), &v, NULL))
                return err_set(e, ERR_MALFORMED, "its %s is not a number", what);
        if (v > max)
                return err_set(
                    e, ERR_LIMIT, "its %s of %llu is above %llu", what, (unsigned long long)v, (unsigned long long)max);
        *ret = v;
        return true;
}

static bool numbers_take(struct span block, bool v7, struct image_entry *to, struct err *e)
{
        uint64_t mode, uid, gid, size, mtime, major = 0, minor = 0;
        bool negative;

        if (!field_take(block, 100, 8, UINT64_MAX, &mode, "mode", e) ||
            !field_take(block, 108, 8, UINT32_MAX, &uid, "uid", e) ||
            !field_take(block, 116, 8, UINT32_MAX, &gid, "gid", e) ||
            !field_take(block, 124, 12, IMAGE_PLAIN_MAX, &size, "size", e))
                return false;
        if (!tar_number(span_cut(block, 136, 12), &mtime, &negative) || mtime > INT64_MAX / 2)
                return err_set(e, ERR_MALFORMED, "its time is not a number");
        /* Only devices have these; others may leave them blank or wild. */
        if (!v7 && (block.at[156] == '3' || block.at[156] == '4'))
                if (!field_take(block, 329, 8, UINT32_MAX, &major, "major device number", e) ||
                    !field_take(block, 337, 8, UINT32_MAX, &minor, "minor device number", e))
                        return false;
        to->mode = (uint32_t)(mode & 07777);
        to->uid = (uint32_t)uid;
        to->gid = (uint32_t)gid;
        to->size = size;
        to->mtime_s = negative ? -(int64_t)mtime : (int64_t)mtime;
        to->dev_major = (uint32_t)major;
        to->dev_minor = (uint32_t)minor;
        return true;
}

static bool type_take(char flag, enum image_entry_type *ret, struct err *e)
{
        static const struct {
                char flag;
                enum image_entry_type type;
        } types[] = {
            {'0', IMAGE_ENTRY_FILE},
            {0, IMAGE_ENTRY_FILE},
            {'7', IMAGE_ENTRY_FILE},
            {'1', IMAGE_ENTRY_HARDLINK},
            {'2', IMAGE_ENTRY_SYMLINK},
            {'3', IMAGE_ENTRY_CHAR},
            {'4', IMAGE_ENTRY_BLOCK},
            {'5', IMAGE_ENTRY_DIR},
            {'6', IMAGE_ENTRY_FIFO},
            {'x', IMAGE_ENTRY_NONE},
            {'g', IMAGE_ENTRY_NONE},
            {'L', IMAGE_ENTRY_NONE},
            {'K', IMAGE_ENTRY_NONE},
        };

        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (types[i].flag == flag) {
                        *ret = types[i].type;
                        return true;
                }
        if (flag == 'S')
                return err_set(e, ERR_UNSUPPORTED, "a sparse file (GNU type S): make the layer without --sparse");
        return err_set(
            e, ERR_UNSUPPORTED, "its type is 0x%02x, which is none of a container layer's", (unsigned)(uint8_t)flag);
}

bool tar_header_parse(
    struct span block, uint8_t join[IMAGE_NAME_MAX + 2], struct image_entry *ret, char *ret_flag, struct err *e)
{
        struct image_entry entry = {0};
        struct span magic = span_cut(block, 257, 6);
        bool posix = span_equal(magic, SPAN_LIT("ustar\0"));
        bool v7 = !posix && !span_is(magic, "ustar ");
        bool star = posix && span_equal(span_cut(block, 508, 4), SPAN_LIT("tar\0"));
        char flag = (char)block.at[156];

        if (!checksum_check(block, e) || !type_take(flag, &entry.type, e) || !numbers_take(block, v7, &entry, e))
                return false;
        entry.path = text_field(block, NAME_AT, NAME_LEN);
        entry.link = text_field(block, 157, 100);
        if (posix) {
                struct span prefix = text_field(block, PREFIX_AT, star ? PREFIX_LEN_STAR : PREFIX_LEN);

                if (prefix.len > 0) {
                        memcpy(join, prefix.at, prefix.len);
                        join[prefix.len] = '/';
                        if (entry.path.len > 0)
                                memcpy(join + prefix.len + 1, entry.path.at, entry.path.len);
                        entry.path = span_bytes(join, prefix.len + 1 + entry.path.len);
                }
        }
        *ret = entry;
        *ret_flag = flag;
        return true;
}
