/*
 * A strict pull reader for JSON from outside (RFC 8259): no allocation but for keys and escaped strings, sticky errors.
 *
 *      struct json j;
 *      json_init(&j, bytes, arena, NULL);
 *      json_object(&j);
 *      while (json_member(&j, &key)) {
 *              if (span_is(key, "mediaType"))
 *                      media_type = json_string(&j);
 *              else if (span_is(key, "size"))
 *                      size = json_u64(&j);
 *              else if (span_is(key, "layers"))
 *                      for (json_array(&j); json_element(&j);)
 *                              layer_parse(&j, ...);
 *              else
 *                      json_skip(&j);
 *      }
 *      return json_finish(&j, e);
 *
 * Refused always: duplicate keys in one object (compared after un-escaping), depth and size above the limits, invalid
 * UTF-8, lone surrogates, control bytes in strings, numbers outside the grammar, anything after the value.
 * After the first error every getter gives zero or empty, json_member and json_element give false: loops end.
 * Errors name the place: "layers[3].size: a number was expected, found a string (byte 1234)".
 */
#pragma once

#include "base/arena.h"

struct json_limits {
        uint32_t depth_max;   /* 0: JSON_DEPTH_MAX */
        uint32_t string_max;  /* bytes, 0: JSON_STRING_MAX */
        uint32_t members_max; /* members or elements of one container, 0: JSON_MEMBERS_MAX */
};

#define JSON_DEPTH_MAX 64u         /* deepest real document seen: 12 (CSAF); attack: stack of the reader's caller */
#define JSON_STRING_MAX (1u << 20) /* bytes: OSV details reach 100 KiB */
#define JSON_MEMBERS_MAX (1u << 20)

enum json_type { JSON_NONE = 0, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL };

struct json {
        struct span in;
        size_t at; /* offset of the next byte */
        struct arena *arena;
        struct json_limits limits;
        uint32_t depth;
        struct json_level *levels; /* private, in the arena; grows up to depth_max */
        size_t levels_cap;
        bool root_read;
        uint64_t seed[2]; /* of the hash of keys; drawn when an object has more keys than a short list */
        bool seeded;
        bool failed;
        struct err err;
};

/* Borrows `in` and `arena` (keys, un-escaped strings) until the last use of what it returned. limits may be NULL. */
void json_init(struct json *j, struct span in, struct arena *arena, const struct json_limits *limits);

enum json_type json_peek(struct json *j); /* type of the next value, without reading it */

void json_object(struct json *j);                       /* enters an object; error when the next value is none */
bool json_member(struct json *j, struct span *ret_key); /* next key; the caller then reads or skips its value */
void json_array(struct json *j);
bool json_element(struct json *j);

struct span json_string(struct json *j); /* un-escaped; borrows from the input when it has no escapes */
uint64_t json_u64(struct json *j);       /* an integer without fraction or exponent, 0 to 2^64-1 */
int64_t json_i64(struct json *j);
double json_double(struct json *j);
struct span json_number_text(struct json *j);
bool json_bool(struct json *j);
void json_skip(struct json *j);       /* any value, fully checked */
struct span json_raw(struct json *j); /* skips a value and returns its bytes */
bool json_null(struct json *j);       /* true and read when the next value is null; false and not read otherwise */

/*
 * For lists of records: one that breaks its form is passed over, and the next is read.
 *
 *      struct json_mark m = json_mark(&j);
 *      record_read(&j, &record);
 *      if (json_recover(&j, &m, &why))
 *              ... `why` names the place as json_finish would, and the record is behind the reader
 *
 * json_mark: where the next value begins. json_recover: forgets the first error since then and skips that value. False when
 * there is none, and when the text itself is no JSON there: then the error stays.
 */
struct json_mark {
        size_t at;
        uint32_t depth;
};
struct json_mark json_mark(const struct json *j);
bool json_recover(struct json *j, const struct json_mark *m, struct err *ret_why);

/* A caller's own objection at the place just read; sticky as the others. */
void json_fail(struct json *j, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Checks that the value is complete and that nothing but white space follows; hands out the first error. */
bool json_finish(struct json *j, struct err *e);
