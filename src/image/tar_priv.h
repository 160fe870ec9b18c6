/*
 * A tar stream (ustar, pax, GNU, v7), pushed in pieces of any size; entries and content come out as they pass.
 *
 * One meaning or none: where well-known readers disagree about what a stream says, it is refused, or a scan could see
 * other files than the container gets.
 */
#pragma once

#include "image/image.h"
#include "image/image_limits.h"

#define TAR_BLOCK 512u

enum tar_state { TAR_HEADER = 0, TAR_CONTENT, TAR_EXTENDED, TAR_SKIP, TAR_ENDED };

/* What a pax header says about the entry after it; `has_*` or nothing. Spans lie in the walker's own buffer. */
struct tar_pax {
        struct span path, link;
        uint64_t size, uid, gid;
        int64_t mtime_s;
        uint32_t mtime_ns;
        bool has_path, has_link, has_size, has_uid, has_gid, has_mtime;
};

struct tar {
        const struct image_sink *sink;
        enum tar_state state;
        uint64_t at;    /* bytes of the stream consumed */
        uint64_t left;  /* bytes of content or extended header that are to come */
        uint64_t pad;   /* bytes after them, up to the next block */
        uint64_t index; /* of the entry being read or to be read next */
        unsigned zero_blocks;
        bool wanted; /* the content goes to the sink */

        uint8_t block[TAR_BLOCK]; /* a header that came in pieces */
        size_t block_len;

        char extended_type; /* x, g, L or K while TAR_EXTENDED */
        struct buf extended;
        struct buf pax_bytes, long_path, long_link; /* kept until the entry they belong to */
        bool has_pax, has_long_path, has_long_link;
        struct tar_pax pax;

        uint8_t path[IMAGE_PATH_MAX + 1], link[IMAGE_PATH_MAX + 1]; /* clean, of the entry given out last */
};

void tar_init(struct tar *t, const struct image_sink *sink); /* borrows sink */
void tar_done(struct tar *t);
bool tar_feed(struct tar *t, struct span in, struct err *e);
/* Passes over at most `max` bytes of content that nobody wants, for a caller that can seek. Returns how many. */
uint64_t tar_pass(struct tar *t, uint64_t max);
/* The stream is over. Without the two blocks of zeros at its end it is taken if it ends between two entries. */
bool tar_end(struct tar *t, struct err *e);

/* ---- its parts, for their tests ---- */

/*
 * One header block -> an entry whose path and link are raw and borrow from it. ret_flag: the type byte; ret_entry->type
 * is IMAGE_ENTRY_NONE for extended headers. Checks the checksum; `prefix` of ustar is put before name in `join`.
 */
bool tar_header_parse(
    struct span block, uint8_t join[IMAGE_NAME_MAX + 2], struct image_entry *ret, char *ret_flag, struct err *e);
/* A number of `field`: octal text, or base-256 (GNU). Negative ones fail but for *ret_negative != NULL. */
bool tar_number(struct span field, uint64_t *ret, bool *ret_negative);
/* pax records -> what they say; `global` ones may not say anything that matters. Spans borrow from `in`. */
bool tar_pax_parse(struct span in, bool global, struct tar_pax *ret, struct err *e);
/*
 * The one clean form of a path: relative, no ".", no empty component, no slash at its end. ERR_MALFORMED for "..", an
 * absolute path, a NUL; ERR_LIMIT for its length. `out` has room for IMAGE_PATH_MAX bytes.
 */
bool tar_path_clean(struct span raw, uint8_t *out, size_t *ret_len, struct err *e);

enum tar_name { TAR_NAME_PLAIN = 0, TAR_NAME_WHITEOUT, TAR_NAME_OPAQUE, TAR_NAME_SKIP };
/*
 * OCI image-spec 1.1, layer.md "Whiteouts", of a clean path. WHITEOUT: ret_path is what it removes, ".wh." taken off
 * (in `path` itself, which is changed); OPAQUE: the folder. SKIP: AUFS's own books (".wh..wh.plnk"), which are no
 * files.
 */
bool tar_name_classify(uint8_t *path, size_t len, enum tar_name *ret, struct span *ret_path, struct err *e);
