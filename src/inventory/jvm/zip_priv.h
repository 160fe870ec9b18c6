/* What the parts of the zip reader share. */
#pragma once

#include "inventory/jvm/zip_stream_priv.h"

#define ZIP_LOCAL 0x04034b50u
#define ZIP_CENTRAL 0x02014b50u
#define ZIP_END 0x06054b50u
#define ZIP_END64 0x06064b50u
#define ZIP_LOCATOR 0x07064b50u
#define ZIP_DESCRIPTOR 0x08074b50u

#define ZIP_FLAG_ENCRYPTED 0x0001u
#define ZIP_FLAG_DESCRIPTOR 0x0008u
#define ZIP_FLAG_HIDDEN 0x2000u /* the central directory is encrypted */

#define ZIP_STORED 0u
#define ZIP_DEFLATED 8u

/* What a local header and the content behind it, or a record of the central directory, say of an entry. */
struct zip_facts {
        uint64_t at; /* offset of the local header */
        uint64_t stored, plain;
        uint32_t crc;
        uint16_t method, flags;
};

/* ---- zip_directory.c: entries that came by, and the central directory's word on them ---- */

struct zip_directory;

struct zip_directory *zip_directory_new(void);
void zip_directory_free(struct zip_directory *d);
void zip_directory_clear(struct zip_directory *d);
/* Its content is not seen yet: see zip_directory_seen. Returns whether the name came before. */
bool zip_directory_add(struct zip_directory *d, struct span name, uint64_t at);
/* Of the entry added last. Not called: its content can't be told. */
void zip_directory_seen(struct zip_directory *d, const struct zip_facts *f);

enum zip_agreement {
        ZIP_AGREES = 0,
        ZIP_NO_LOCAL,   /* the directory alone knows it */
        ZIP_ELSEWHERE,  /* its offset is another */
        ZIP_OTHER_SIZE, /* or checksum */
        ZIP_OTHER_METHOD,
};

/* A record of the central directory; offsets may be counted from the archive's first byte or from the file's. */
enum zip_agreement zip_directory_compare(struct zip_directory *d, struct span name, const struct zip_facts *f);
uint64_t zip_directory_compared(const struct zip_directory *d);
/* The next local header, in their order, that no record was for; false when there is none. *from: 0 at first. */
bool zip_directory_unlisted(const struct zip_directory *d, size_t *from, uint64_t *ret_at);
/* What is added to the directory's offsets; 0 when nothing says. */
uint64_t zip_directory_base(const struct zip_directory *d);

/* ---- zip_inflate.c ---- */

struct zip_inflate;

enum zip_inflate_step { ZIP_INFLATE_MORE = 0, ZIP_INFLATE_END, ZIP_INFLATE_BROKEN };

struct zip_inflate *zip_inflate_new(void);
void zip_inflate_free(struct zip_inflate *i);
void zip_inflate_begin(struct zip_inflate *i);
/* Takes from the front of `in`; *ret_out is valid until the next call. MORE with bytes left in `in`: call again. */
enum zip_inflate_step zip_inflate_run(struct zip_inflate *i, struct span *in, struct span *ret_out);
/* Of RFC 1952, beginning with 0. */
uint32_t zip_crc(uint32_t crc, struct span s);
