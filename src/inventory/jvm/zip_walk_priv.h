/* The state of the walk over a zip archive, shared by zip_stream.c and zip_content.c. */
#pragma once

#include "inventory/jvm/zip_priv.h"

enum zip_step {
        ZIP_STEP_SEEK = 0, /* for the next record */
        ZIP_STEP_RECORD,   /* a signature */
        ZIP_STEP_LOCAL_HEAD,
        ZIP_STEP_LOCAL_NAMES, /* and extra fields */
        ZIP_STEP_STORED,
        ZIP_STEP_OPEN, /* stored, and its size stands behind it */
        ZIP_STEP_OPEN_CHECK,
        ZIP_STEP_DEFLATED,
        ZIP_STEP_SKIP, /* content that is not wanted, of known size */
        ZIP_STEP_DESCRIPTOR,
        ZIP_STEP_CENTRAL_HEAD,
        ZIP_STEP_CENTRAL_NAMES,
        ZIP_STEP_END64,
        ZIP_STEP_LOCATOR,
        ZIP_STEP_END,
        ZIP_STEP_PASS, /* over `left` bytes of a record */
        ZIP_STEP_STOPPED
};

/* The entry whose content comes by. */
struct zip_current {
        struct zip_facts facts; /* as its local header has them */
        uint8_t name[ZIP_NAME_MAX];
        size_t name_len;
        bool open;    /* its content has begun and not ended */
        bool wanted;  /* the sink's `end` is due */
        bool checked; /* the content was looked at: crc and plain are its own */
        uint32_t crc;
        uint64_t stored, plain;
};

struct zip_stream {
        struct zip_sink sink;
        struct zip_budget *budget;
        struct zip_directory *directory;
        struct zip_inflate *inflate; /* made with the first entry that needs it */
        uint64_t at;                 /* offset of the next byte */
        enum zip_step step;
        struct buf hold;
        size_t want; /* bytes in `hold` */

        struct zip_current entry;
        uint64_t left;  /* of the content's stored bytes, or of a record */
        uint32_t n_sig; /* bytes of a descriptor's signature that were seen in open content */
        size_t name_len, extra_len;

        struct zip_facts record; /* of the central directory */
        uint64_t record_at, central_at, central_end;
        struct {
                bool known;
                uint64_t count, size, at;
        } end64;
        unsigned disagreements;

        uint32_t window;  /* the last four bytes while seeking */
        uint64_t lost_at; /* where seeking began */
        bool sought;      /* the record was found by seeking */
        bool found;       /* some record came */
        bool central;     /* one of the central directory */
        bool ended;       /* the end record */
        uint64_t comment_end;
};

#define ZIP_AGAIN_MAX 32u

void zip_note(struct zip_stream *z, const char *fmt, ...) PRINTF_LIKE(2, 3);
void zip_note_entry(struct zip_stream *z, const char *what);
void zip_go(struct zip_stream *z, enum zip_step step, size_t want);
void zip_next(struct zip_stream *z); /* a record begins here */
void zip_lost(struct zip_stream *z); /* where the next record begins can't be told */
void zip_stop(struct zip_stream *z);
/* The bytes that were held last, at most ZIP_AGAIN_MAX, once more. */
void zip_again(struct zip_stream *z, struct span held);
bool zip_is_record(uint32_t signature);

void zip_content_begin(struct zip_stream *z, bool wanted);
size_t zip_content_stored(struct zip_stream *z, struct span piece);
size_t zip_content_open(struct zip_stream *z, struct span piece);
void zip_content_open_check(struct zip_stream *z, struct span held);
size_t zip_content_deflated(struct zip_stream *z, struct span piece);
size_t zip_content_skip(struct zip_stream *z, struct span piece);
void zip_content_descriptor(struct zip_stream *z, struct span held);
