/* An opened zip: its directory, checked as a whole, in the order of the members' offsets. */
#pragma once

#include "advisory/archive/archive_priv.h"

struct zip_member {
        uint64_t offset; /* of its local header */
        uint64_t limit;  /* where the next member or the directory begins */
        uint64_t compressed, plain;
        uint32_t crc;
        uint32_t name_at; /* in the directory */
        uint16_t name_len, flags, method;
};

struct zip {
        struct window window;
        struct buf directory;
        struct zip_member *members;
        size_t n;
        struct inflate *inflate;
};

/* Reads and checks the directory. ERR_MALFORMED, ERR_LIMIT, ERR_UNSUPPORTED (several disks). On failure too, `ret` is
 * given to zip_done. */
bool zip_open(int fd, struct zip *ret, struct err *e);
void zip_done(struct zip *z);
struct span zip_member_name(const struct zip *z, const struct zip_member *m);
/* Replaces `to`. Any failure but ERR_SYSTEM and ERR_BUG is the member's own. */
bool zip_member_read(struct zip *z, const struct zip_member *m, struct buf *to, struct err *why);

/* The content of the zip64 field among extra fields, empty when there is none; false when they break their form. */
bool zip_extra_zip64(struct span extra, struct span *ret);
