/*
 * Ranges of SemVer's family.
 *
 * npm, as node-semver's Range (strict): alternatives by "||", terms by blanks; "^1.2", "~1.2", "1.x", "1.2 - 2.3",
 * comparisons with short versions (">1.2" is 1.3.0 and later). Refused where node-semver is silent: an empty
 * alternative, and one that no version can be in.
 *
 * Cargo, as the semver crate's VersionReq: terms by ','; "1.2" is "^1.2". One thing no interval can say: for Cargo a
 * short version ("=10", "1.x") has no pre-release in it even if another term names it ("=10, 10.1.3-rc.1"); ours has.
 *
 * Hex (Elixir's Version): "~> 1.2 and != 1.2.7 or == 2.0.0"; "and" binds closer; only "~>" takes short versions.
 *
 * Pub (pub_semver): "^1.2.3", ">=1.0.0 <2.0.0", "1.2.3", "any"; versions are complete. "<2.0.0" leaves out the
 * pre-releases of 2.0.0, unless the lower end is one of them.
 *
 * The end of "^1.2.3" is before 2.0.0-0, the lowest pre-release of 2.0.0, in all four.
 */
#include "advisory/version/range_priv.h"

static bool is_wild(int c)
{
        return c == 'x' || c == 'X' || c == '*';
}

/* [0-9A-Za-z-.]* behind '-' or '+'; what is wrong in it, the version's own reader says. */
static struct span scan_identifiers(struct cursor *c)
{
        size_t n = 0;

        while (n < c->rest.len && (ascii_is_digit(c->rest.at[n]) || ascii_is_letter(c->rest.at[n]) ||
                                      c->rest.at[n] == '-' || c->rest.at[n] == '.'))
                n++;
        return cursor_take(c, n);
}

static bool scan_part(struct range_parser *p, struct cursor *c, unsigned how, struct range_partial *v, bool *wild)
{
        struct span digits = scan_digits(c);

        if (digits.len > 1 && digits.at[0] == '0')
                return range_refuse(p, ERR_MALFORMED, "a number has a leading zero");
        if (digits.len == 0 && !(how & PARTIAL_WILD && is_wild(scan_peek(c))))
                return range_refuse(p, ERR_MALFORMED, "a number is missing in a version");
        if (digits.len == 0) {
                cursor_take(c, 1);
                *wild = true;
        } else if (!*wild) {
                v->part[v->n++] = digits;
        }
        return true;
}

bool range_scan_partial(struct range_parser *p, struct cursor *c, unsigned how, struct range_partial *ret)
{
        struct range_partial v = {0};
        struct cursor start;
        bool wild = false;
        size_t parts = 0;

        if (how & PARTIAL_V) {
                range_skip_blanks(c);
                scan_byte(c, 'v');
        }
        while (how & PARTIAL_SIGNS && (scan_peek(c) == 'v' || scan_peek(c) == '=' || range_is_blank(scan_peek(c))))
                cursor_take(c, 1);
        start = *c;
        do {
                if (!scan_part(p, c, how, &v, &wild))
                        return false;
                parts++;
        } while (parts < 3 && scan_byte(c, '.'));
        if (parts == 3 && scan_byte(c, '-')) {
                v.pre = scan_identifiers(c);
                if (v.pre.len == 0)
                        return range_refuse(p, ERR_MALFORMED, "nothing follows the '-' of a pre-release");
        }
        if (parts == 3 && scan_byte(c, '+')) {
                v.build = scan_identifiers(c);
                if (v.build.len == 0)
                        return range_refuse(p, ERR_MALFORMED, "nothing follows the '+' of metadata");
        }
        v.text = span_cut(start.rest, 0, start.rest.len - c->rest.len);
        if (v.n < 3)
                v.pre = (struct span){0}; /* of "1.2.x-beta" nothing is left of the rest */
        *ret = v;
        return true;
}

struct span range_partial_text(struct range_parser *p, const struct range_partial *v, size_t raise, const char *tail)
{
        const struct span zero = SPAN_LIT("0");
        struct span n[3];

        for (size_t i = 0; i < 3; i++) {
                n[i] = i < v->n && (raise == RAISE_NONE || i <= raise) ? v->part[i] : zero;
                if (i == raise)
                        n[i] = range_successor(p->arena, n[i]);
        }
        return arena_printf(p->arena, "%.*s.%.*s.%.*s%s", SPAN_FMT(n[0]), SPAN_FMT(n[1]), SPAN_FMT(n[2]), tail);
}

/* Narrows by ">= v" (short versions completed by 0 and `tail`) and by "< v raised at `raise`, -0". */
static bool narrow_from_until(struct range_parser *p, const struct range_partial *v, const char *tail, size_t raise)
{
        struct range_set from, until;
        bool whole = v->n == 3 && !*tail;

        if (!range_compare_set(p, OP_GE, whole ? v->text : range_partial_text(p, v, RAISE_NONE, tail), &from) ||
            !range_compare_set(p, OP_LT, range_partial_text(p, v, raise, "-0"), &until))
                return false;
        range_narrow(p, from);
        return range_narrow(p, until);
}

static bool narrow_by(struct range_parser *p, enum range_op op, struct span version)
{
        struct range_set set;

        return range_compare_set(p, op, version, &set) && range_narrow(p, set);
}

/* The number that "^" raises: the first that is not 0, else the last one given. */
static size_t caret_raises(const struct range_partial *v)
{
        for (size_t i = 0; i < v->n; i++)
                if (!span_is(v->part[i], "0"))
                        return i;
        return v->n - 1;
}

static bool caret(struct range_parser *p, const struct range_partial *v, const char *tail)
{
        size_t raises;

        if (v->n == 0)
                return true;
        raises = caret_raises(v);
        /* node-semver completes by "-0" what is 0 in front; a pre-release that is given stays. */
        if (v->n == 3 && (v->pre.len > 0 || raises == 0))
                tail = "";
        return narrow_from_until(p, v, tail, raises);
}

static bool tilde(struct range_parser *p, const struct range_partial *v)
{
        return v->n == 0 || narrow_from_until(p, v, "", v->n > 1 ? 1 : 0);
}

/* Comparisons and "=", of whole and of short versions. `zero`: what completes a short lower end. */
static bool comparison(struct range_parser *p, enum range_op op, const struct range_partial *v, const char *zero)
{
        if (v->n == 3)
                return narrow_by(p, op, v->text);
        if (v->n == 0) {
                if (op == OP_LT || op == OP_GT)
                        return range_refuse(p, ERR_MALFORMED, "nothing is below or above all versions");
                return true;
        }
        switch (op) {
        case OP_GT:
                return narrow_by(p, OP_GE, range_partial_text(p, v, v->n - 1, zero));
        case OP_GE:
                return narrow_by(p, OP_GE, range_partial_text(p, v, RAISE_NONE, zero));
        case OP_LT:
                return narrow_by(p, OP_LT, range_partial_text(p, v, RAISE_NONE, "-0"));
        case OP_LE:
                return narrow_by(p, OP_LT, range_partial_text(p, v, v->n - 1, "-0"));
        default:
                return narrow_from_until(p, v, zero, v->n - 1);
        }
}

/* ---- npm ---- */

static const struct range_word npm_words[] = {{"~>", OP_TILDE}, {"~", OP_TILDE}, {"^", OP_CARET}, {"<=", OP_LE},
    {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}, {"=", OP_EQ}};

static bool npm_term(struct range_parser *p, struct cursor *c)
{
        const char *zero = p->form->prereleases ? "-0" : "";
        struct range_partial v;
        enum range_op op;

        range_at(p, c);
        op = range_scan_op(c, npm_words, ARRAY_LEN(npm_words));
        range_skip_blanks(c);
        if ((op == OP_LT || op == OP_GT) && scan_byte(c, '=')) /* "< =1.0" */
                op = op == OP_LT ? OP_LE : OP_GE;
        if (!range_scan_partial(
                p, c, PARTIAL_WILD | (op == OP_CARET || op == OP_TILDE ? PARTIAL_SIGNS : PARTIAL_V), &v))
                return false;
        if (c->rest.len > 0 && !range_is_blank(scan_peek(c)))
                return range_refuse(p, ERR_MALFORMED, "a version goes on with byte 0x%02x", c->rest.at[0]);
        if (op == OP_CARET)
                return caret(p, &v, zero);
        return op == OP_TILDE ? tilde(p, &v) : comparison(p, op ? op : OP_EQ, &v, zero);
}

/* "A - B" as a whole alternative; *ret_done is false when it is none. */
static bool npm_hyphen(struct range_parser *p, struct cursor c, bool *ret_done)
{
        const char *zero = p->form->prereleases ? "-0" : "";
        struct range_partial lo, hi;
        size_t at = 0;

        *ret_done = false;
        while (at + 2 < c.rest.len && !(c.rest.at[at] == '-' && at > 0 && range_is_blank(c.rest.at[at - 1]) &&
                                          range_is_blank(c.rest.at[at + 1])))
                at++;
        if (at + 2 >= c.rest.len)
                return true;
        range_at(p, &c);
        if (!range_scan_partial(p, &c, PARTIAL_WILD | PARTIAL_V, &lo))
                return false;
        range_skip_blanks(&c);
        if (!scan_byte(&c, '-') || !range_is_blank(scan_peek(&c)))
                return range_refuse(p, ERR_MALFORMED, "\"A - B\" is an alternative of its own, of two versions");
        range_skip_blanks(&c);
        if (!range_scan_partial(p, &c, PARTIAL_WILD | PARTIAL_V, &hi))
                return false;
        range_skip_blanks(&c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "\"A - B\" is an alternative of its own, of two versions");
        *ret_done = true;
        if (lo.n == 3 && (lo.pre.len > 0 || !*zero)) {
                if (!narrow_by(p, OP_GE, lo.text))
                        return false;
        } else if (lo.n > 0 && !narrow_by(p, OP_GE, range_partial_text(p, &lo, RAISE_NONE, zero))) {
                return false;
        }
        if (hi.n == 3 && !hi.pre.len && *zero)
                return narrow_by(p, OP_LT, range_partial_text(p, &hi, 2, "-0"));
        return comparison(p, OP_LE, &hi, zero);
}

static bool npm_alternative(struct range_parser *p, struct cursor *c)
{
        bool done;

        range_skip_blanks(c);
        range_at(p, c);
        if (c->rest.len == 0)
                return range_refuse(p, ERR_MALFORMED, "an alternative is empty; \"*\" means all versions");
        if (!npm_hyphen(p, *c, &done))
                return false;
        while (!done && c->rest.len > 0) {
                if (!npm_term(p, c))
                        return false;
                range_skip_blanks(c);
        }
        return range_group_end(p);
}

/* The part before the next "||"; offsets stay right, since the cursor's end is where the text's is. */
bool range_parse_npm(struct range_parser *p)
{
        const struct span whole = p->text;
        struct span rest = whole;

        for (;;) {
                size_t n = 0;
                while (n + 1 < rest.len && !(rest.at[n] == '|' && rest.at[n + 1] == '|'))
                        n++;
                if (n + 1 >= rest.len)
                        n = rest.len;
                p->text = span_cut(whole, 0, whole.len - rest.len + n);
                struct cursor c = {.rest = span_cut(rest, 0, n)};
                bool ok = npm_alternative(p, &c);
                p->text = whole;
                if (!ok || n == rest.len)
                        return ok;
                rest = (struct span){rest.at + n + 2, rest.len - n - 2};
        }
}

/* ---- Cargo ---- */

static bool has_wild(struct span text)
{
        for (size_t i = 0; i < text.len && text.at[i] != '-' && text.at[i] != '+'; i++)
                if (is_wild(text.at[i]))
                        return true;
        return false;
}

bool range_parse_cargo(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};

        do {
                struct range_partial v;
                enum range_op op;
                bool ok;
                range_skip_blanks(&c);
                range_at(p, &c);
                op = range_scan_op(&c, npm_words + 1, ARRAY_LEN(npm_words) - 1);
                range_skip_blanks(&c);
                if (!range_scan_partial(p, &c, PARTIAL_WILD, &v))
                        return false;
                if (v.n == 0 && (op != OP_NONE || v.text.len != 1 || !span_equal(v.text, span_trim(p->text))))
                        return range_refuse(p, ERR_MALFORMED, "\"*\" stands alone, without an operator");
                if (has_wild(v.text) && !is_wild(v.text.at[v.text.len - 1]))
                        return range_refuse(p, ERR_MALFORMED, "something follows a wildcard");
                if (op == OP_NONE && has_wild(v.text))
                        op = OP_EQ;
                ok = op == OP_TILDE                    ? tilde(p, &v)
                     : op == OP_NONE || op == OP_CARET ? caret(p, &v, "")
                                                       : comparison(p, op, &v, "");
                if (!ok)
                        return false;
                range_skip_blanks(&c);
        } while (scan_byte(&c, ','));
        range_at(p, &c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "a version goes on with byte 0x%02x", c.rest.at[0]);
        return range_group_end(p);
}

/* ---- Hex ---- */

static bool hex_term(struct range_parser *p, struct cursor *c)
{
        static const struct range_word words[] = {{"~>", OP_TILDE}, {"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
            {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}, {"!", OP_NE}};
        struct range_partial v;
        struct span pre = {0};
        enum range_op op;

        range_at(p, c);
        op = range_scan_op(c, words, ARRAY_LEN(words));
        range_skip_blanks(c);
        if (!range_scan_partial(p, c, 0, &v))
                return false;
        if (v.n == 1 || (v.n == 2 && op != OP_TILDE))
                return range_refuse(p, ERR_MALFORMED, "the version is short: only \"~>\" takes two numbers");
        if (v.n == 2 && scan_byte(c, '-')) { /* "~> 1.2-rc" */
                pre = scan_identifiers(c);
                if (pre.len == 0)
                        return range_refuse(p, ERR_MALFORMED, "nothing follows the '-' of a pre-release");
        }
        if (v.n == 2 && scan_byte(c, '+') && scan_identifiers(c).len == 0)
                return range_refuse(p, ERR_MALFORMED, "nothing follows the '+' of metadata");
        if (op == OP_TILDE) {
                struct span tail = arena_printf(p->arena, pre.len > 0 ? "-%.*s" : "%.*s", SPAN_FMT(pre));
                return narrow_from_until(p, &v, arena_string(p->arena, tail), v.n == 3 ? 1 : 0);
        }
        return narrow_by(p, op ? op : OP_EQ, v.text);
}

bool range_parse_hex(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};

        for (;;) {
                struct span word;
                range_skip_blanks(&c);
                if (!hex_term(p, &c))
                        return false;
                range_at(p, &c);
                if (c.rest.len > 0 && !range_is_blank(scan_peek(&c)))
                        return range_refuse(p, ERR_MALFORMED, "a version goes on with byte 0x%02x", c.rest.at[0]);
                range_skip_blanks(&c);
                if (c.rest.len == 0)
                        return range_group_end(p);
                word = range_scan_version(&c, "");
                if (span_is(word, "or")) {
                        if (!range_group_end(p))
                                return false;
                } else if (!span_is(word, "and")) {
                        return range_refuse(p, ERR_MALFORMED, "neither \"and\" nor \"or\" between two requirements");
                }
        }
}

/* ---- Pub ---- */

/* "<2.0.0" leaves out 2.0.0's pre-releases, unless the range begins with one of them. */
static bool pub_until(struct range_parser *p, const struct range_partial *hi, const struct range_partial *lo)
{
        bool same = lo && lo->pre.len > 0 && span_equal(lo->part[0], hi->part[0]) &&
                    span_equal(lo->part[1], hi->part[1]) && span_equal(lo->part[2], hi->part[2]);

        if (hi->pre.len > 0 || hi->build.len > 0 || same)
                return narrow_by(p, OP_LT, hi->text);
        return narrow_by(p, OP_LT, range_partial_text(p, hi, RAISE_NONE, "-0"));
}

static bool pub_term(struct range_parser *p, struct cursor *c, struct range_partial *lo, struct range_partial *hi)
{
        static const struct range_word words[] = {
            {"^", OP_CARET}, {"<=", OP_LE}, {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}};
        struct range_partial v;
        enum range_op op;

        range_at(p, c);
        op = range_scan_op(c, words, ARRAY_LEN(words));
        range_skip_blanks(c);
        if (!range_scan_partial(p, c, 0, &v))
                return false;
        if (v.n < 3)
                return range_refuse(p, ERR_MALFORMED, "the version is short: Pub asks for three numbers");
        if (op == OP_CARET)
                return narrow_from_until(p, &v, "", span_is(v.part[0], "0") ? 1 : 0);
        if (op == OP_GT || op == OP_GE)
                *lo = v;
        if (op != OP_LT)
                return narrow_by(p, op ? op : OP_EQ, v.text);
        *hi = v;
        return true;
}

bool range_parse_pub(struct range_parser *p)
{
        struct cursor c = {.rest = span_trim(p->text)};
        struct range_partial lo = {0}, hi = {0};

        if (span_is(c.rest, "any"))
                return range_group_end(p);
        c.rest = p->text;
        for (range_skip_blanks(&c); c.rest.len > 0; range_skip_blanks(&c)) {
                struct range_partial before = hi;
                if (!pub_term(p, &c, &lo, &hi))
                        return false;
                if (before.n == 3 && !span_equal(before.text, hi.text) && !pub_until(p, &before, lo.n ? &lo : NULL))
                        return false;
        }
        if (hi.n == 3 && !pub_until(p, &hi, lo.n ? &lo : NULL))
                return false;
        return range_group_end(p);
}
