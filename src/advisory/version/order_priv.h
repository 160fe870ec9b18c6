/*
 * What the version orders share: a reader of ASCII pieces and the encoding of numbers.
 *
 * A key is a sequence of fields, each of which tells from its first byte how it goes on, so that no key is a prefix of
 * another one and memcmp decides at the first field that differs.
 */
#pragma once

#include "advisory/advisory.h"

bool version_key_dpkg(struct span version, struct buf *ret_key, struct err *e);
bool version_key_semver(struct span version, struct buf *ret_key, struct err *e);
bool version_key_pep440(struct span version, struct buf *ret_key, struct err *e);
bool version_key_rpm(struct span version, struct buf *ret_key, struct err *e);
bool version_key_apk(struct span version, struct buf *ret_key, struct err *e);
bool version_key_maven(struct span version, struct buf *ret_key, struct err *e);
bool version_key_rubygems(struct span version, struct buf *ret_key, struct err *e);
bool version_key_pacman(struct span version, struct buf *ret_key, struct err *e);
bool version_key_portage(struct span version, struct buf *ret_key, struct err *e);
bool version_key_composer(struct span version, struct buf *ret_key, struct err *e);
bool version_key_nuget(struct span version, struct buf *ret_key, struct err *e);
bool version_key_go(struct span version, struct buf *ret_key, struct err *e);
bool version_key_hex(struct span version, struct buf *ret_key, struct err *e);
bool version_key_pub(struct span version, struct buf *ret_key, struct err *e);
bool version_key_cran(struct span version, struct buf *ret_key, struct err *e);
bool version_key_pvp(struct span version, struct buf *ret_key, struct err *e);
bool version_key_julia(struct span version, struct buf *ret_key, struct err *e);
bool version_key_bitnami(struct span version, struct buf *ret_key, struct err *e);
bool version_key_opam(struct span version, struct buf *ret_key, struct err *e);

/* ---- the family of SemVer: lists of identifiers, each element and the end of a list one field ---- */

#define SEMVER_END 1u /* of a list */
#define SEMVER_NUMBER 2u
#define SEMVER_TEXT 3u
#define SEMVER_RELEASE 4u /* in place of a pre-release: after all of them */

/* What counts as a number in an identifier, and how texts are compared. */
enum semver_ids {
        SEMVER_IDS,   /* digits without leading zero; a leading zero is refused */
        SEMVER_JULIA, /* digits; leading zeros dropped */
        SEMVER_NUGET, /* digits and what int.TryParse takes, up to 32 bits; texts without case */
        SEMVER_DART   /* what int.tryParse takes, up to 64 bits */
};

/* [0-9A-Za-z-]+ by dots; appends its fields and SEMVER_END. `key` NULL: only checked, as build metadata is. */
bool version_semver_list(struct cursor *c, enum semver_ids ids, struct buf *key, struct err *e);
/* A number of the core: "major", without leading zero unless `zeros`. */
bool version_semver_number(struct cursor *c, const char *name, bool zeros, struct buf *key, struct err *e);
/* "-pre.release" or SEMVER_RELEASE, then "+build", checked and ignored, then the end. */
bool version_semver_tail(struct cursor *c, enum semver_ids ids, struct buf *key, struct err *e);
bool version_semver_done(const struct cursor *c, const char *what, struct err *e);

/* As version_key, and short forms completed where SemVer's order needs three numbers. */
bool version_bound_key(enum version_order o, struct span version, struct buf *ret_key, struct err *e);

/*
 * Ends of PEP 440 ranges that no version has, made of the key of one: behind all its local versions ("1.0+*"), and behind
 * everything of its release ("1.0.*"). They are no keys of versions and end in ff, which no key has at that place.
 */
void version_pep440_above_local(struct buf *key);
void version_pep440_above_release(struct buf *key);
/* Of a version's key: a pre-release or a development release. */
bool version_pep440_is_prerelease(struct span key);

/*
 * A number of any length so that memcmp order is numeric order: leading zeros dropped, the count of digits (one byte,
 * or 255 and two bytes big-endian), then the digits. 0 (and no digits at all) is 00, 7 is 01 '7', 10 is 02 '1' '0'.
 */
void version_put_number(struct buf *key, struct span digits);

/* [epoch:]version[-release] as rpm and pacman divide it: the epoch digits or nothing, the release after the last '-'. */
struct version_evr {
        struct span epoch, version, release;
        bool has_release; /* "1-" has one, which is empty */
};
struct version_evr version_evr_split(struct span text);
/* One part of a dpkg version; opam's parts have '_' too, after all other bytes. */
bool version_put_dpkg_part(struct buf *key, struct span part, bool underscore, struct err *e);

static inline bool ascii_is_digit(int c)
{
        return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(int c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline uint8_t ascii_lower(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* The next byte without taking it; -1 at the end. */
static inline int scan_peek(const struct cursor *c)
{
        return c->rest.len ? c->rest.at[0] : -1;
}

static inline bool scan_byte(struct cursor *c, char byte)
{
        if (scan_peek(c) != byte)
                return false;
        cursor_take(c, 1);
        return true;
}

/* Letters without case; `word` in lower case. */
static inline bool scan_word(struct cursor *c, const char *word)
{
        size_t n = strlen(word);

        if (c->rest.len < n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (ascii_lower(c->rest.at[i]) != (uint8_t)word[i])
                        return false;
        cursor_take(c, n);
        return true;
}

/* The longest run of digits, perhaps none. */
static inline struct span scan_digits(struct cursor *c)
{
        size_t n = 0;

        SPAN_HOLDS(c->rest);
        while (n < c->rest.len && ascii_is_digit(c->rest.at[n]))
                n++;
        return cursor_take(c, n);
}

/* The longest run of letters, perhaps none. */
static inline struct span scan_letters(struct cursor *c)
{
        size_t n = 0;

        while (n < c->rest.len && ascii_is_letter(c->rest.at[n]))
                n++;
        return cursor_take(c, n);
}
