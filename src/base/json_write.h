/*
 * Writes JSON into a buffer: commas, escapes and indentation are its business. Invalid UTF-8 in a string becomes
 * U+FFFD, so the output is always valid. Nesting errors are ours and asserted. A failed buffer stays failed (see buf).
 */
#pragma once

#include "base/buf.h"

struct json_out {
        struct buf *to;
        int indent; /* blanks per level; 0 writes one line */
        int depth;
        uint64_t objects; /* bit n: level n is an object, else an array */
        bool need_comma, after_key;
};

#define JSON_OUT_DEPTH_MAX 64 /* levels; asserted. As deep as the reader reads (JSON_DEPTH_MAX) */

void json_out_init(struct json_out *o, struct buf *to, int indent);
void json_out_object(struct json_out *o);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o);
void json_out_array_end(struct json_out *o);
void json_out_key(struct json_out *o, const char *key);
void json_out_key_span(struct json_out *o, struct span key);
void json_out_string(struct json_out *o, struct span s);
void json_out_text(struct json_out *o, const char *text); /* NULL writes null */
void json_out_u64(struct json_out *o, uint64_t v);
void json_out_i64(struct json_out *o, int64_t v);
void json_out_fixed1(struct json_out *o, uint32_t tenths); /* 98 writes 9.8 */
void json_out_bool(struct json_out *o, bool v);
void json_out_null(struct json_out *o);
/* A value that is JSON already, one that json_raw or json_number_text gave; it is not looked at. */
void json_out_raw(struct json_out *o, struct span value);
/* key and value in one line */
void json_out_member(struct json_out *o, const char *key, struct span s);
void json_out_member_text(struct json_out *o, const char *key, const char *text);
void json_out_member_u64(struct json_out *o, const char *key, uint64_t v);
