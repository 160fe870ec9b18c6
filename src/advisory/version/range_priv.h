/*
 * What the readers of range syntaxes share.
 *
 * A cut lies between versions: before the version of its text, or behind it. As a key that is the version's own, or that
 * with a zero byte more: no key is a prefix of another one, so nothing fits between. Sets of versions are lists of pieces
 * from one cut to another, ascending and apart.
 */
#pragma once

#include "advisory/advisory_limits.h"
#include "advisory/version/order_priv.h"

struct range_cut {
        struct span key, text;
        bool behind;
};

struct range_piece {
        struct range_cut lo, hi; /* an empty key of lo: from the beginning */
        bool open;               /* no hi */
};

struct range_set {
        struct range_piece *at;
        size_t len, cap;
};

/* One alternative: its intervals, and the keys of the releases whose pre-releases it asks for. */
struct range_group {
        struct range_set set;
        struct {
                struct span *at;
                size_t len, cap;
        } cores;
};

struct range_parser {
        const struct version_range_form *form;
        struct span text;
        size_t offset; /* of the term that is read */
        size_t terms;
        struct arena *arena;
        struct range_group now;
        struct {
                struct range_group *at;
                size_t len, cap;
        } groups;
        struct err *err;
};

enum range_op { OP_NONE = 0, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_TILDE, OP_CARET, OP_ARBITRARY };

struct range_word {
        const char *text;
        enum range_op op;
};

/* ---- sets ---- */

struct range_set range_all(struct arena *a);
struct range_set range_between(struct arena *a, struct range_cut lo, struct range_cut hi); /* perhaps empty */
struct range_set range_from(struct arena *a, struct range_cut lo);
struct range_set range_until(struct arena *a, struct range_cut hi);
struct range_set range_intersection(struct arena *a, const struct range_set *x, const struct range_set *y);
struct range_set range_union(struct arena *a, const struct range_set *x, const struct range_set *y);
struct range_set range_complement(struct arena *a, const struct range_set *x);

/* ---- parsing ---- */

/* Sets the error with the offset of the term, or of `at` when it lies in the text; false. */
bool range_refuse(struct range_parser *p, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
void range_at(struct range_parser *p, const struct cursor *c); /* a term begins here */
/* The operator here, the first of the list that fits (longer ones first); OP_NONE. */
enum range_op range_scan_op(struct cursor *c, const struct range_word *words, size_t n);
void range_skip_blanks(struct cursor *c);
bool range_is_blank(int byte);
/* Until a blank or one of `stops`. */
struct span range_scan_version(struct cursor *c, const char *stops);

/* Before or behind a version that is written or computed; SemVer's short forms are completed only in PLAIN. */
bool range_cut_at(struct range_parser *p, struct span version, bool behind, struct range_cut *ret);
/* OP_EQ to OP_GE with one version, by the order alone. */
bool range_compare_set(struct range_parser *p, enum range_op op, struct span version, struct range_set *ret);
/* The alternative gets narrower by a term. */
bool range_narrow(struct range_parser *p, struct range_set term);
/* The alternative ends: ERR_MALFORMED when nothing can be in it. The next one begins with all versions. */
bool range_group_end(struct range_parser *p);

struct span range_successor(struct arena *a, struct span digits); /* "199" gives "200" */

bool range_parse_plain(struct range_parser *p);
bool range_parse_dpkg(struct range_parser *p);
bool range_parse_gem(struct range_parser *p);
bool range_parse_npm(struct range_parser *p);
bool range_parse_cargo(struct range_parser *p);
bool range_parse_hex(struct range_parser *p);
bool range_parse_pub(struct range_parser *p);
bool range_parse_composer(struct range_parser *p);
bool range_parse_pep440(struct range_parser *p);
bool range_parse_maven(struct range_parser *p);
bool range_parse_nuget(struct range_parser *p);

/* ---- versions of SemVer's family in ranges, parts of which may be missing or wild ---- */

struct range_partial {
        struct span part[3];    /* major, minor, patch; digits */
        size_t n;               /* of them given: "1.x" has one */
        struct span pre, build; /* without '-' and '+' */
        struct span text;
};

#define PARTIAL_WILD 1u  /* x, X and * stand for a missing number */
#define PARTIAL_V 2u     /* a 'v' in front */
#define PARTIAL_SIGNS 4u /* any of 'v', '=' and blanks in front, as node-semver allows behind '^' and '~' */

bool range_scan_partial(struct range_parser *p, struct cursor *c, unsigned how, struct range_partial *ret);
/* "major.minor.patch" with the numbers from n on 0, then `tail`; the number at `raise` one higher and 0 behind it. */
struct span range_partial_text(struct range_parser *p, const struct range_partial *v, size_t raise, const char *tail);
#define RAISE_NONE 3u
