#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>

#include "base/base.h"
#include "base/json_priv.h"

#define PATH_TEXT_MAX 200u   /* bytes of a field path in an error; the outer parts are cut first */
#define DOUBLE_TEXT_MAX 400u /* bytes of a number that becomes a double: 17 digits decide it, 308 zeros may follow */

void json_init(struct json *j, struct span in, struct arena *arena, const struct json_limits *limits)
{
        assert(arena);
        *j = (struct json){.in = in, .arena = arena};
        if (limits)
                j->limits = *limits;
        if (j->limits.depth_max == 0)
                j->limits.depth_max = JSON_DEPTH_MAX;
        if (j->limits.string_max == 0)
                j->limits.string_max = JSON_STRING_MAX;
        if (j->limits.members_max == 0)
                j->limits.members_max = JSON_MEMBERS_MAX;
}

/* "layers[3].size", from the inside out, so that what is cut off is what matters least. */
static const char *path_text(const struct json *j, char out[PATH_TEXT_MAX])
{
        char *at = out + PATH_TEXT_MAX - 1;

        *at = 0;
        for (size_t i = j->depth; i > 0; i--) {
                const struct json_level *level = &j->levels[i - 1];
                char key[64], part[72] = "";
                size_t len;

                if (level->array && level->count > 0)
                        snprintf(part, sizeof(part), "[%u]", level->count - 1);
                else if (level->has_key)
                        snprintf(
                            part, sizeof(part), "%s%s", i > 1 ? "." : "", span_printable(level->key, key, sizeof(key)));
                len = strlen(part);
                if ((size_t)(at - out) < len + 3) {
                        at -= *at == '.' ? 2 : 3;
                        memcpy(at, "...", 3);
                        break;
                }
                at -= len;
                memcpy(at, part, len);
        }
        return at;
}

static void fail_va(struct json *j, size_t at, enum err_kind kind, const char *fmt, va_list args)
{
        char text[ERR_TEXT_MAX], path[PATH_TEXT_MAX];
        const char *where;

        if (j->failed)
                return;
        vsnprintf(text, sizeof(text), fmt, args);
        where = path_text(j, path);
        err_set(&j->err, kind, "%s%s%s (byte %zu)", where, *where ? ": " : "", text, at);
        j->failed = true;
}

void json_fail_set(struct json *j, size_t at, enum err_kind kind, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        fail_va(j, at, kind, fmt, args);
        va_end(args);
}

void json_fail(struct json *j, enum err_kind kind, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        fail_va(j, j->at, kind, fmt, args);
        va_end(args);
}

static inline void blanks_skip(struct json *j)
{
        const uint8_t *p = j->in.at;
        size_t at = j->at, len = j->in.len;

        while (at < len && p[at] <= ' ') {
                uint64_t word;

                if (p[at] != ' ' && p[at] != '\n' && p[at] != '\r' && p[at] != '\t')
                        break;
                at++;
                for (; len - at >= sizeof(word); at += sizeof(word)) { /* indentation */
                        memcpy(&word, p + at, sizeof(word));
                        if (word != 0x2020202020202020u)
                                break;
                }
        }
        j->at = at;
}

static inline struct json_level *level_top(struct json *j)
{
        return j->depth > 0 ? &j->levels[j->depth - 1] : NULL;
}

static const uint8_t type_of_byte[256] = {['{'] = JSON_OBJECT,
    ['['] = JSON_ARRAY,
    ['"'] = JSON_STRING,
    ['-'] = JSON_NUMBER,
    ['0'] = JSON_NUMBER,
    ['1'] = JSON_NUMBER,
    ['2'] = JSON_NUMBER,
    ['3'] = JSON_NUMBER,
    ['4'] = JSON_NUMBER,
    ['5'] = JSON_NUMBER,
    ['6'] = JSON_NUMBER,
    ['7'] = JSON_NUMBER,
    ['8'] = JSON_NUMBER,
    ['9'] = JSON_NUMBER,
    ['t'] = JSON_BOOL,
    ['f'] = JSON_BOOL,
    ['n'] = JSON_NULL};

static const char *const type_names[] = {
    [JSON_NONE] = "no value",
    [JSON_OBJECT] = "an object",
    [JSON_ARRAY] = "an array",
    [JSON_STRING] = "a string",
    [JSON_NUMBER] = "a number",
    [JSON_BOOL] = "true or false",
    [JSON_NULL] = "null",
};

/* Says what was expected and what stands there instead. */
static void expected_set(struct json *j, const char *expected)
{
        uint8_t c;

        if (j->at >= j->in.len)
                json_fail_set(j, j->at, ERR_MALFORMED, "%s was expected, the text ends", expected);
        else if (type_of_byte[c = j->in.at[j->at]] != JSON_NONE)
                json_fail_set(
                    j, j->at, ERR_MALFORMED, "%s was expected, found %s", expected, type_names[type_of_byte[c]]);
        else if (c > ' ' && c < 0x7f)
                json_fail_set(j, j->at, ERR_MALFORMED, "%s was expected, found '%c'", expected, c);
        else
                json_fail_set(j, j->at, ERR_MALFORMED, "%s was expected, found byte 0x%02x", expected, c);
}
#define fail_expected(j, expected) (expected_set(j, expected), err_false())

/* Whether a value may be read now, and its type by its first byte. Leaves `at` on that byte. */
static inline bool value_peek(struct json *j, enum json_type *ret)
{
        struct json_level *level = level_top(j);

        if (j->failed)
                return false;
        if (level ? level->state != JSON_AT_VALUE : j->root_read)
                return json_fail_at(j, j->at, ERR_BUG, "the reader asked for a value where none can be");
        blanks_skip(j);
        *ret = j->at < j->in.len ? type_of_byte[j->in.at[j->at]] : JSON_NONE;
        return true;
}

static inline bool value_expect(struct json *j, enum json_type type)
{
        enum json_type found;

        if (!value_peek(j, &found))
                return false;
        return found == type || fail_expected(j, type_names[type]);
}

static inline void value_done(struct json *j)
{
        struct json_level *level = level_top(j);

        if (level)
                level->state = JSON_AT_NEXT;
        else
                j->root_read = true;
}

enum json_type json_peek(struct json *j)
{
        enum json_type type;

        return value_peek(j, &type) ? type : JSON_NONE;
}

/* Enters an object or array; `at` is on its bracket. */
static bool level_enter(struct json *j, bool array)
{
        struct json_level *level;

        if (j->depth >= j->limits.depth_max)
                return json_fail_at(
                    j, j->at, ERR_LIMIT, "nested deeper than the %u levels accepted", j->limits.depth_max);
        value_done(j); /* for the level above: the whole container is its value */
        if (j->depth == j->levels_cap)
                j->levels = arena_grow(j->arena, j->levels, j->depth, &j->levels_cap, sizeof(*j->levels));
        level = &j->levels[j->depth++];
        level->array = array;
        level->has_key = false;
        level->state = JSON_AT_FIRST;
        level->count = 0;
        json_keys_clear(&level->keys);
        j->at++;
        return true;
}

void json_object(struct json *j)
{
        if (value_expect(j, JSON_OBJECT))
                level_enter(j, false);
}

void json_array(struct json *j)
{
        if (value_expect(j, JSON_ARRAY))
                level_enter(j, true);
}

/*
 * Goes to the next member or element of the innermost container, which must be of the kind asked for, and gives its
 * level. NULL at its end (the container is left) and on errors.
 */
static inline struct json_level *level_next(struct json *j, bool array)
{
        struct json_level *level = level_top(j);

        if (j->failed)
                return NULL;
        if (!level || level->array != array) {
                json_fail_set(
                    j, j->at, ERR_BUG, "the reader asked for %s outside of one", array ? "an element" : "a member");
                return NULL;
        }
        if (level->state == JSON_AT_VALUE) {
                json_fail_set(j, j->at, ERR_BUG, "the reader passed over a value");
                return NULL;
        }
        blanks_skip(j);
        if (j->at < j->in.len && j->in.at[j->at] == (array ? ']' : '}')) {
                j->at++;
                j->depth--;
                return NULL;
        }
        if (level->state == JSON_AT_NEXT) {
                if (j->at >= j->in.len || j->in.at[j->at] != ',') {
                        expected_set(j, array ? "',' or ']'" : "',' or '}'");
                        return NULL;
                }
                j->at++;
                blanks_skip(j);
        }
        if (level->count >= j->limits.members_max) {
                json_fail_set(j, j->at, ERR_LIMIT, "more than the %u %s accepted", j->limits.members_max,
                    array ? "elements" : "members");
                return NULL;
        }
        return level;
}

bool json_element(struct json *j)
{
        struct json_level *level = level_next(j, true);

        if (!level)
                return false;
        if (j->at >= j->in.len || type_of_byte[j->in.at[j->at]] == JSON_NONE)
                return fail_expected(j, "a value");
        level->count++;
        level->state = JSON_AT_VALUE;
        return true;
}

bool json_member(struct json *j, struct span *ret_key)
{
        struct json_level *level = level_next(j, false);
        struct span key = {0};
        char shown[64];
        size_t at = j->at;

        if (!level)
                return false;
        level->has_key = false;
        if (at >= j->in.len || j->in.at[at] != '"')
                return fail_expected(j, "a key");
        if (!json_string_read(j, &key))
                return false;
        if (!json_keys_add(j, &level->keys, key))
                return json_fail_at(
                    j, at, ERR_MALFORMED, "the key \"%s\" appears twice", span_printable(key, shown, sizeof(shown)));
        level->key = key;
        level->has_key = true;
        level->count++;
        blanks_skip(j);
        if (j->at >= j->in.len || j->in.at[j->at] != ':')
                return fail_expected(j, "':'");
        j->at++;
        level->state = JSON_AT_VALUE;
        *ret_key = key;
        return true;
}

struct span json_string(struct json *j)
{
        struct span s = {0};

        if (!value_expect(j, JSON_STRING) || !json_string_read(j, &s))
                return (struct span){0};
        value_done(j);
        return s;
}

static inline size_t digits_skip(const struct json *j, size_t at)
{
        while (at < j->in.len && j->in.at[at] >= '0' && j->in.at[at] <= '9')
                at++;
        return at;
}

static inline bool byte_is(const struct json *j, size_t at, uint8_t c)
{
        return at < j->in.len && j->in.at[at] == c;
}

/* RFC 8259, 6: "-"? ("0" | [1-9][0-9]*) ("." [0-9]+)? ([eE] [+-]? [0-9]+)?  */
static bool number_read(struct json *j, struct span *ret)
{
        size_t begin = j->at, at = begin, digits;

        at += byte_is(j, at, '-');
        digits = at;
        at = byte_is(j, at, '0') ? at + 1 : digits_skip(j, at);
        if (at == digits)
                return json_fail_at(j, at, ERR_MALFORMED, "a digit was expected in a number");
        if (byte_is(j, at, '.')) {
                digits = ++at;
                at = digits_skip(j, at);
                if (at == digits)
                        return json_fail_at(j, at, ERR_MALFORMED, "a digit was expected after the point");
        }
        if (byte_is(j, at, 'e') || byte_is(j, at, 'E')) {
                at++;
                at += byte_is(j, at, '+') || byte_is(j, at, '-');
                digits = at;
                at = digits_skip(j, at);
                if (at == digits)
                        return json_fail_at(j, at, ERR_MALFORMED, "a digit was expected in the exponent");
        }
        if (at - begin > j->limits.string_max)
                return json_fail_at(j, begin, ERR_LIMIT, "a number of %zu bytes, at most %u are accepted", at - begin,
                    j->limits.string_max);
        *ret = (struct span){j->in.at + begin, at - begin};
        j->at = at;
        return true;
}

struct span json_number_text(struct json *j)
{
        struct span text = {0};

        if (!value_expect(j, JSON_NUMBER) || !number_read(j, &text))
                return (struct span){0};
        value_done(j);
        return text;
}

static bool number_is_integer(struct span text)
{
        size_t at;

        return !span_find(text, '.', &at) && !span_find(text, 'e', &at) && !span_find(text, 'E', &at);
}

/* A number that was read, but is not what the getter promises. */
static void number_fail(struct json *j, struct span text, enum err_kind kind, const char *expected)
{
        char shown[48];

        json_fail_set(j, j->at - text.len, kind, "%s was expected, found %s", expected,
            span_printable(text, shown, sizeof(shown)));
}

uint64_t json_u64(struct json *j)
{
        struct span text = json_number_text(j);
        uint64_t v = 0;

        if (text.len == 0 || span_to_u64(text, &v)) /* empty: failed */
                return v;
        if (text.at[0] == '-' || !number_is_integer(text))
                number_fail(j, text, ERR_MALFORMED, "an integer without sign");
        else
                number_fail(j, text, ERR_LIMIT, "an integer below 2^64");
        return 0;
}

int64_t json_i64(struct json *j)
{
        struct span text = json_number_text(j);
        bool minus = text.len > 0 && text.at[0] == '-';
        uint64_t v = 0;

        if (text.len == 0)
                return 0;
        if (!number_is_integer(text))
                number_fail(j, text, ERR_MALFORMED, "an integer");
        else if (!span_to_u64(span_from(text, minus), &v) || v > (uint64_t)INT64_MAX + minus)
                number_fail(j, text, ERR_LIMIT, "an integer from -2^63 to 2^63-1");
        else
                return minus ? (int64_t)(0 - v) : (int64_t)v;
        return 0;
}

double json_double(struct json *j)
{
        struct span text = json_number_text(j);
        char copy[DOUBLE_TEXT_MAX];
        locale_t c_locale;
        double v;

        if (text.len == 0)
                return 0;
        if (text.len >= sizeof(copy)) {
                number_fail(j, text, ERR_LIMIT, "a number of fewer than 400 bytes");
                return 0;
        }
        memcpy(copy, text.at, text.len);
        copy[text.len] = 0;
        c_locale = newlocale(LC_ALL_MASK, "C", NULL); /* glibc's constant: nothing is allocated */
        v = c_locale ? strtod_l(copy, NULL, c_locale) : HUGE_VAL;
        if (c_locale)
                freelocale(c_locale);
        if (!isfinite(v)) {
                number_fail(j, text, ERR_LIMIT, "a number below 1.8e308");
                return 0;
        }
        return v;
}

static bool literal_read(struct json *j, struct span word)
{
        if (!span_equal(span_cut(j->in, j->at, word.len), word))
                return json_fail_at(j, j->at, ERR_MALFORMED, "\"%.*s\" is misspelt", SPAN_FMT(word));
        j->at += word.len;
        return true;
}

static bool bool_read(struct json *j, bool *ret)
{
        *ret = j->in.at[j->at] == 't';
        return literal_read(j, *ret ? SPAN_LIT("true") : SPAN_LIT("false"));
}

bool json_bool(struct json *j)
{
        bool v = false;

        if (!value_expect(j, JSON_BOOL) || !bool_read(j, &v))
                return false;
        value_done(j);
        return v;
}

bool json_null(struct json *j)
{
        enum json_type type;

        if (!value_peek(j, &type) || type != JSON_NULL || !literal_read(j, SPAN_LIT("null")))
                return false;
        value_done(j);
        return true;
}

/* Reads a whole scalar, or enters a container. */
static bool value_skip_or_enter(struct json *j)
{
        enum json_type type;
        struct span number;
        bool truth, ok;

        if (!value_peek(j, &type))
                return false;
        switch (type) {
        case JSON_OBJECT:
                return level_enter(j, false);
        case JSON_ARRAY:
                return level_enter(j, true);
        case JSON_STRING:
                ok = json_string_read(j, NULL);
                break;
        case JSON_NUMBER:
                ok = number_read(j, &number);
                break;
        case JSON_BOOL:
                ok = bool_read(j, &truth);
                break;
        case JSON_NULL:
                ok = literal_read(j, SPAN_LIT("null"));
                break;
        default:
                return fail_expected(j, "a value");
        }
        if (ok)
                value_done(j);
        return ok;
}

/* No recursion: the levels are the stack, and an attacker's depth costs their memory only up to depth_max. */
void json_skip(struct json *j)
{
        uint32_t outside = j->depth;
        struct span key;

        if (!value_skip_or_enter(j))
                return;
        while (j->depth > outside) {
                if (level_top(j)->array ? json_element(j) : json_member(j, &key))
                        value_skip_or_enter(j);
                if (j->failed)
                        return;
        }
}

struct span json_raw(struct json *j)
{
        enum json_type type;
        size_t begin;

        if (!value_peek(j, &type))
                return (struct span){0};
        begin = j->at;
        json_skip(j);
        if (j->failed)
                return (struct span){0};
        return span_cut(j->in, begin, j->at - begin);
}

struct json_mark json_mark(const struct json *j)
{
        return (struct json_mark){.at = j->at, .depth = j->depth};
}

/* The levels outside of the value are as they were at the mark: only its own end changes the innermost, and is taken back here. */
bool json_recover(struct json *j, const struct json_mark *m, struct err *ret_why)
{
        struct err why = j->err;

        if (!j->failed || why.kind == ERR_BUG)
                return false;
        assert(m->at <= j->at && m->depth <= j->depth);
        j->failed = false;
        j->err = (struct err){0};
        j->at = m->at;
        j->depth = m->depth;
        if (j->depth > 0)
                level_top(j)->state = JSON_AT_VALUE;
        else
                j->root_read = false;
        json_skip(j);
        if (j->failed)
                return false;
        *ret_why = why;
        return true;
}

bool json_finish(struct json *j, struct err *e)
{
        if (!j->failed && (j->depth > 0 || !j->root_read)) {
                /* A text that is empty or cut is the sender's fault; stopping early in a whole one is the reader's. */
                blanks_skip(j);
                if (j->at >= j->in.len)
                        json_fail_set(j, j->at, ERR_MALFORMED, "a value was expected, the text ends");
                else
                        json_fail_set(j, j->at, ERR_BUG, "the reader stopped before the end of the value");
        }
        blanks_skip(j);
        if (!j->failed && j->at < j->in.len)
                json_fail_set(j, j->at, ERR_MALFORMED, "something follows after the value");
        if (!j->failed)
                return true;
        if (e)
                *e = j->err;
        return false;
}
