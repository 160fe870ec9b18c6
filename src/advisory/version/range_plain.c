/*
 * Lists of comparisons.
 *
 * PLAIN is what advisories use: ">= 1.0, < 2.0", ">=1.0 <2.0||=3.0", "< 1.0"; a version without an operator is that
 * version. Alternatives are "||" or '|'. '*' is every version.
 *
 * RPM has no "!="; a relation without a release compares as written, not with all releases.
 *
 * dpkg (deb-control, "Package relationship fields"): "(>= 1.0)", with and without parentheses, joined by ',' (and) and
 * '|' (or, which binds closer). '<' and '>' are refused: they are obsolete and mean "<=" and ">=", and whoever writes them
 * means something else.
 *
 * RubyGems (Gem::Requirement): "~> 1.2", "!= 1.3", joined by ','. "~> 1.2.3" is 1.2.3 and later, less than 1.3 and than
 * its pre-releases; the lowest that is written of them is taken for 1.3.A.
 */
#include "advisory/version/range_priv.h"

static const struct range_word comparisons[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE},
    {"=<", OP_LE}, {"=>", OP_GE}, {"<", OP_LT}, {">", OP_GT}, {"=", OP_EQ}};

static bool plain_term(struct range_parser *p, struct cursor *c)
{
        struct range_set set;
        enum range_op op;

        range_at(p, c);
        op = range_scan_op(c, comparisons, ARRAY_LEN(comparisons));
        if (op == OP_NE && p->form->syntax == RANGE_SYNTAX_RPM)
                return range_refuse(p, ERR_MALFORMED, "\"!=\" is no relation of rpm");
        if (op == OP_NONE && scan_byte(c, '*'))
                return true;
        range_skip_blanks(c);
        return range_compare_set(p, op ? op : OP_EQ, range_scan_version(c, ",|<>="), &set) && range_narrow(p, set);
}

bool range_parse_plain(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};

        for (;;) {
                range_skip_blanks(&c);
                if (!plain_term(p, &c))
                        return false;
                range_skip_blanks(&c);
                if (c.rest.len == 0)
                        return range_group_end(p);
                if (scan_byte(&c, '|')) {
                        scan_byte(&c, '|');
                        if (!range_group_end(p))
                                return false;
                } else {
                        scan_byte(&c, ',');
                }
        }
}

static bool dpkg_term(struct range_parser *p, struct cursor *c, struct range_set *ret)
{
        static const struct range_word words[] = {
            {"<<", OP_LT}, {"<=", OP_LE}, {">=", OP_GE}, {">>", OP_GT}, {"=", OP_EQ}};
        bool parenthesis;
        enum range_op op;

        range_skip_blanks(c);
        range_at(p, c);
        parenthesis = scan_byte(c, '(');
        range_skip_blanks(c);
        op = range_scan_op(c, words, ARRAY_LEN(words));
        if (op == OP_NONE)
                return range_refuse(
                    p, ERR_MALFORMED, "none of <<, <=, =, >= and >> (a single < or > is obsolete and unclear)");
        range_skip_blanks(c);
        if (!range_compare_set(p, op, range_scan_version(c, ",|)"), ret))
                return false;
        range_skip_blanks(c);
        if (parenthesis && !scan_byte(c, ')'))
                return range_refuse(p, ERR_MALFORMED, "the parenthesis is not closed");
        range_skip_blanks(c);
        return true;
}

bool range_parse_dpkg(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};
        struct range_set either, next;

        do {
                if (!dpkg_term(p, &c, &either))
                        return false;
                while (scan_byte(&c, '|')) {
                        if (!dpkg_term(p, &c, &next))
                                return false;
                        either = range_union(p->arena, &either, &next);
                }
                range_narrow(p, either);
        } while (scan_byte(&c, ','));
        range_at(p, &c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "neither ',' nor '|' behind a relation");
        return range_group_end(p);
}

/* Gem::Version#bump: segments from the first with a letter on are dropped, and the last of the rest, the new last one
 * raised. */
static struct span gem_bump(struct range_parser *p, struct span version)
{
        struct buf text CLEANUP(buf_done) = {0};
        struct span kept[VERSION_MAX];
        struct cursor c = {.rest = version};
        size_t n = 0;

        while (n < ARRAY_LEN(kept)) {
                struct span digits = scan_digits(&c);
                if (digits.len == 0)
                        break;
                kept[n++] = digits;
                if (scan_peek(&c) != '.')
                        break;
                cursor_take(&c, 1);
        }
        if (n > 1)
                n--;
        for (size_t i = 0; i + 1 < n; i++) {
                buf_put(&text, kept[i]);
                buf_put_text(&text, ".");
        }
        if (n > 0)
                buf_put(&text, range_successor(p->arena, kept[n - 1]));
        buf_put_text(&text, ".A");
        return arena_copy(p->arena, buf_span(&text));
}

static bool gem_term(struct range_parser *p, struct cursor *c, struct range_set *ret)
{
        static const struct range_word words[] = {
            {"~>", OP_TILDE}, {"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}, {"=", OP_EQ}};
        struct range_set until;
        struct span version;
        enum range_op op;

        range_skip_blanks(c);
        range_at(p, c);
        op = range_scan_op(c, words, ARRAY_LEN(words));
        range_skip_blanks(c);
        version = range_scan_version(c, ",");
        if (op != OP_TILDE)
                return range_compare_set(p, op ? op : OP_EQ, version, ret);
        if (!range_compare_set(p, OP_GE, version, ret) || !range_compare_set(p, OP_LT, gem_bump(p, version), &until))
                return false;
        *ret = range_intersection(p->arena, ret, &until);
        return true;
}

bool range_parse_gem(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};
        struct range_set set;

        do {
                if (!gem_term(p, &c, &set))
                        return false;
                range_narrow(p, set);
                range_skip_blanks(&c);
        } while (scan_byte(&c, ','));
        range_at(p, &c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "no ',' behind a requirement");
        return range_group_end(p);
}
