/* The parts of the JSON reader: json.c (structure, numbers), json_string.c (strings), json_keys.c (duplicate keys). */
#pragma once

#include "base/json.h"

struct json_key {
        const uint8_t *at;
        uint32_t len;  /* at most string_max */
        uint32_t hash; /* only once there are slots */
};

/* The keys seen in one open object: a list, and from JSON_KEYS_LIST keys on also a hash table over it. */
struct json_keys {
        struct json_key *at;
        size_t len, cap;
        uint32_t *slots;   /* index into `at` plus one; 0 is free */
        size_t slots_cap;  /* allocated; kept for the next object on this level */
        size_t slots_used; /* a power of two, at least twice `len`; 0 while the list suffices */
};

#define JSON_KEYS_LIST 16u

enum json_state {
        JSON_AT_FIRST = 0, /* just after the bracket */
        JSON_AT_VALUE,     /* a value must be read now */
        JSON_AT_NEXT,      /* a comma or the closing bracket */
};

struct json_level {
        bool array, has_key;
        enum json_state state;
        uint32_t count;  /* members or elements begun */
        struct span key; /* of the member being read, for error messages */
        struct json_keys keys;
};

/* Sets the first error, placed at offset `at`. */
void json_fail_set(struct json *j, size_t at, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same as an expression that the compiler, too, knows to be false. */
#define json_fail_at(...) (json_fail_set(__VA_ARGS__), err_false())

/* `j->at` is at the opening quote; afterwards behind the closing one. Checks all, un-escapes when `ret` is not NULL. */
bool json_string_read(struct json *j, struct span *ret);

void json_keys_clear(struct json_keys *k);
/* False when the object has that key already. Borrows the key. */
bool json_keys_add(struct json *j, struct json_keys *k, struct span key);
