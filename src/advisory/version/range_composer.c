/*
 * Composer's constraints, as composer/semver's VersionParser::parseConstraints: alternatives by "||" or '|', terms by ','
 * or blanks; "^1.2", "~1.2", "1.2.*", "1.0 - 2.0", comparisons, "@stability". An end without a stability of its own is
 * that of the lowest one: "<1.0" is before 1.0-dev, ">=1.0" has 1.0-beta in it.
 *
 * Branches ("dev-main") are refused as everywhere: they lie in no range.
 */
#include "advisory/version/range_priv.h"

/* One constraint in pieces: v?N(.N(.N(.N)))  suffix. */
struct parts {
        struct span part[4];
        size_t n;
        bool stability; /* a stability, "-dev" or ".x-dev" behind the numbers */
        bool metadata;  /* "+..." */
        bool x_dev;     /* ".x-dev" */
        struct span text;
};

static const struct range_word comparisons[] = {{"<>", OP_NE}, {"!=", OP_NE}, {">=", OP_GE}, {">", OP_GT},
    {"<=", OP_LE}, {"<", OP_LT}, {"==", OP_EQ}, {"=", OP_EQ}};

static const char *const flags[] = {"stable", "rc", "beta", "alpha", "dev"};

static bool is_modifier(struct span s, bool *ret_some)
{
        static const char *const words[] = {"stable", "beta", "b", "rc", "alpha", "a", "patch", "pl", "p"};
        struct cursor start = {.rest = s}, c;

        if (scan_peek(&start) == '.' || scan_peek(&start) == '_' || scan_peek(&start) == '-')
                cursor_take(&start, 1);
        for (size_t i = 0; i <= ARRAY_LEN(words); i++) {
                c = start;
                if (i < ARRAY_LEN(words) && !scan_word(&c, words[i]))
                        continue;
                for (struct cursor at = c; i < ARRAY_LEN(words); at = c) {
                        if (!scan_byte(&at, '.'))
                                scan_byte(&at, '-');
                        if (scan_digits(&at).len == 0)
                                break;
                        c = at;
                }
                *ret_some = i < ARRAY_LEN(words) || c.rest.len > 0;
                if (c.rest.len == 0)
                        return true;
                if (!scan_byte(&c, '.'))
                        scan_byte(&c, '-');
                if (scan_word(&c, "dev") && c.rest.len == 0)
                        return true;
        }
        c = (struct cursor){.rest = s}; /* "dev" with the separator as its own */
        *ret_some = true;
        return scan_word(&c, "dev") && c.rest.len == 0;
}

/* Numbers and suffix of "~" , "^" and " - "; false when it has another form. */
static bool split(struct span text, struct parts *ret)
{
        struct parts v = {.text = text};
        struct cursor c = {.rest = text};
        struct span rest;
        size_t plus;

        scan_word(&c, "v");
        while (v.n < 4) {
                struct cursor at = c;
                if (v.n > 0 && !scan_byte(&at, '.'))
                        break;
                v.part[v.n] = scan_digits(&at);
                if (v.part[v.n].len == 0)
                        break;
                v.n++;
                c = at;
        }
        if (v.n == 0)
                return false;
        rest = c.rest;
        if (span_find(rest, '+', &plus) && plus + 1 < rest.len) {
                rest.len = plus;
                v.metadata = true; /* Composer puts its "-dev" behind it, and so loses it */
        }
        if (!is_modifier(rest, &v.stability)) {
                c = (struct cursor){.rest = rest};
                if (!scan_byte(&c, '.') || (!scan_word(&c, "x") && !scan_byte(&c, '*')))
                        return false;
                if (!scan_byte(&c, '.'))
                        scan_byte(&c, '-');
                if (!scan_word(&c, "dev") || c.rest.len > 0)
                        return false;
                v.stability = v.x_dev = true;
        }
        *ret = v;
        return true;
}

/* The first `n` numbers, the last of them raised, the rest 0, "-dev". */
static struct span raised(struct range_parser *p, const struct parts *v, size_t n, bool raise)
{
        const struct span zero = SPAN_LIT("0");
        struct span out[4];

        for (size_t i = 0; i < 4; i++)
                out[i] = i < n && i < v->n ? v->part[i] : zero;
        if (raise)
                out[n - 1] = range_successor(p->arena, out[n - 1]);
        return arena_printf(p->arena, "%.*s.%.*s.%.*s.%.*s-dev", SPAN_FMT(out[0]), SPAN_FMT(out[1]), SPAN_FMT(out[2]),
            SPAN_FMT(out[3]));
}

static struct span with_dev(struct range_parser *p, struct span version, bool dev)
{
        size_t plus;

        if (!dev)
                return version;
        if (span_find(version, '+', &plus))
                version = span_cut(version, 0, plus);
        return arena_printf(p->arena, "%.*s-dev", SPAN_FMT(version));
}

static bool between(struct range_parser *p, struct span lo, struct span hi, enum range_op hi_op)
{
        struct range_set from, until;

        if (!range_compare_set(p, OP_GE, lo, &from) || !range_compare_set(p, hi_op, hi, &until))
                return false;
        range_narrow(p, from);
        return range_narrow(p, until);
}

static bool tilde(struct range_parser *p, const struct parts *v)
{
        size_t position = v->n + (v->x_dev ? 1 : 0);

        return between(p, with_dev(p, v->text, !v->stability && !v->metadata),
            raised(p, v, position > 1 ? position - 1 : 1, true), OP_LT);
}

static bool caret(struct range_parser *p, const struct parts *v)
{
        size_t position = 3;

        if (!span_is(v->part[0], "0") || v->n < 2)
                position = 1;
        else if (!span_is(v->part[1], "0") || v->n < 3)
                position = 2;
        return between(p, with_dev(p, v->text, !v->stability && !v->metadata), raised(p, v, position, true), OP_LT);
}

/* "1.*", "1.2.x", "1.2.*.*": *ret_done is false when it is none. */
static bool wildcard(struct range_parser *p, struct span text, bool *ret_done)
{
        struct cursor c = {.rest = text};
        struct parts v = {0};
        size_t wild = 0;
        struct range_set set;

        *ret_done = false;
        scan_byte(&c, 'v');
        while (v.n < 3) {
                struct cursor at = c;
                if (v.n > 0 && !scan_byte(&at, '.'))
                        break;
                v.part[v.n] = scan_digits(&at);
                if (v.part[v.n].len == 0)
                        break;
                v.n++;
                c = at;
        }
        while (v.n > 0 && scan_byte(&c, '.')) {
                if (!scan_byte(&c, 'x') && !scan_byte(&c, 'X') && !scan_byte(&c, '*'))
                        return true;
                wild++;
        }
        if (wild == 0 || c.rest.len > 0)
                return true;
        *ret_done = true;
        if (!span_is(raised(p, &v, v.n, false), "0.0.0.0-dev"))
                return between(p, raised(p, &v, v.n, false), raised(p, &v, v.n, true), OP_LT);
        return range_compare_set(p, OP_LT, raised(p, &v, v.n, true), &set) && range_narrow(p, set);
}

/* All versions: '*', "x.x". "v*" and "*.*" are those from 0.0.0.0-dev on. */
static bool everything(struct range_parser *p, struct span text, bool *ret_done)
{
        struct cursor c = {.rest = text};
        struct range_set set;
        bool v = scan_word(&c, "v");
        size_t n = 0;

        *ret_done = false;
        do {
                if (!scan_word(&c, "x") && !scan_byte(&c, '*'))
                        return true;
                n++;
        } while (scan_byte(&c, '.'));
        if (c.rest.len > 0)
                return true;
        *ret_done = true;
        if (!v && n == 1)
                return true;
        return range_compare_set(p, OP_GE, SPAN_LIT("0.0.0.0-dev"), &set) && range_narrow(p, set);
}

/* Does a '-' begin a stability at the end? "1.0-beta", "1.0-", "1.0-dev" are such; "1.0beta" is none for Composer. */
static bool has_suffix(struct span version)
{
        bool some;

        for (size_t i = 0; i < version.len; i++)
                if (version.at[i] == '-' && is_modifier(span_from(version, i + 1), &some))
                        return true;
        return false;
}

/* parseStability(): does the version have none? */
static bool is_stable(struct span version)
{
        bool some = false;
        size_t plus;

        if (span_find(version, '+', &plus))
                version = span_cut(version, 0, plus);
        for (size_t i = 0; i < version.len; i++) {
                struct cursor c = {.rest = span_from(version, i)};
                if (!is_modifier(c.rest, &some) || !some)
                        continue;
                if (!scan_byte(&c, '.') && !scan_byte(&c, '-'))
                        scan_byte(&c, '_');
                return scan_word(&c, "stable") || (scan_peek(&c) == 'p' || scan_peek(&c) == 'P');
        }
        return true;
}

/* Does it end in "dev" already? Nothing lies between 1.0-dev-dev and 1.0-dev, so one is enough. */
static bool is_dev(struct span version)
{
        struct cursor c = {.rest = span_from(version, version.len < 3 ? 0 : version.len - 3)};
        size_t plus;

        if (span_find(version, '+', &plus))
                return is_dev(span_cut(version, 0, plus));
        return scan_word(&c, "dev");
}

/*
 * Patch releases have no stability below them but dev: "1.0-p1-beta" is no version, and its place is behind 1.0-p1-dev,
 * for every operator.
 */
static bool flagged(struct range_parser *p, enum range_op op, struct span version, const char *flag)
{
        struct range_set set;
        bool some, patch = false;
        size_t plus, n = 0;

        if (span_find(version, '+', &plus))
                version = span_cut(version, 0, plus);
        while (n < version.len && !is_modifier(span_from(version, n), &some))
                n++;
        for (size_t i = n; i < version.len && i < n + 2; i++)
                patch = patch || ascii_lower(version.at[i]) == 'p';
        if (patch && strcmp(flag, "dev") != 0) {
                if (op == OP_NE)
                        return true;
                version = with_dev(p, version, true);
                op = op == OP_LT || op == OP_LE ? OP_LE : OP_GT;
        } else {
                if (!patch)
                        version = span_cut(version, 0, n); /* "1.0-stable" and "1.0-" are 1.0 */
                version = arena_printf(p->arena, "%.*s-%s", SPAN_FMT(version), flag);
        }
        return range_compare_set(p, op, version, &set) && range_narrow(p, set);
}

/* `flag` is that of "@stability", which Composer reads only where no blank stands in front; `at` says that one stood. */
static bool comparison(struct range_parser *p, struct span text, const char *flag, bool at)
{
        struct cursor c = {.rest = text};
        struct range_set set;
        enum range_op op = range_scan_op(&c, comparisons, ARRAY_LEN(comparisons));
        struct span version = span_trim(c.rest);
        const bool blank = version.len != c.rest.len;
        struct range_cut checked;

        if (!range_cut_at(p, version, false, &checked)) /* before anything is put behind it */
                return false;
        if (op != OP_EQ && op != OP_NONE && flag && !blank && is_stable(version))
                return flagged(p, op, version, flag);
        if (op == OP_LT || op == OP_GE)
                version = with_dev(p, version, !is_dev(version) && ((at && blank) || !has_suffix(version)));
        return range_compare_set(p, op ? op : OP_EQ, version, &set) && range_narrow(p, set);
}

/* Removes "@stability" at the end; *ret_flag is NULL for none and for "stable". */
static struct span without_flag(struct span text, const char **ret_flag)
{
        *ret_flag = NULL;
        for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
                size_t n = strlen(flags[i]) + 1;
                struct cursor c;
                if (text.len < n || text.at[text.len - n] != '@')
                        continue;
                c = (struct cursor){.rest = span_from(text, text.len - n + 1)};
                if (!scan_word(&c, flags[i]))
                        continue;
                *ret_flag = i > 0 ? flags[i] : NULL;
                text.len -= n;
                return text.len > 0 ? text : SPAN_LIT("*");
        }
        return text;
}

static bool constraint(struct range_parser *p, struct span text)
{
        struct parts v;
        const char *flag;
        bool done;

        const size_t len = text.len;

        text = without_flag(text, &flag);
        if (!everything(p, text, &done) || done)
                return done;
        if (span_starts(text, "~>"))
                return range_refuse(p, ERR_MALFORMED, "\"~>\" is no operator of Composer: write \"~\"");
        if (span_starts(text, "~") && split(span_from(text, 1), &v))
                return tilde(p, &v);
        if (span_starts(text, "^") && split(span_from(text, 1), &v))
                return caret(p, &v);
        if (!wildcard(p, text, &done) || done)
                return done;
        return comparison(p, text, flag, text.len != len);
}

static bool hyphen(struct range_parser *p, struct span low, struct span high)
{
        struct parts lo, hi;
        bool whole;

        if (!split(low, &lo) || !split(high, &hi))
                return range_refuse(p, ERR_MALFORMED, "two versions stand around the '-' between blanks");
        whole = hi.n >= 3 || hi.stability;
        return between(p, with_dev(p, lo.text, !lo.stability), whole ? hi.text : raised(p, &hi, hi.n < 2 ? 1 : 2, true),
            whole ? OP_LE : OP_LT);
}

/* The second half of "A - B", if it follows. */
static struct span scan_hyphen(struct cursor *c)
{
        struct cursor at = *c;
        struct span high;

        if (!range_is_blank(scan_peek(&at)))
                return (struct span){0};
        range_skip_blanks(&at);
        if (!scan_byte(&at, '-') || !range_is_blank(scan_peek(&at)))
                return (struct span){0};
        range_skip_blanks(&at);
        high = range_scan_version(&at, ",");
        if (high.len > 0)
                *c = at;
        return high;
}

static bool term(struct range_parser *p, struct cursor *c)
{
        const struct cursor start = *c;
        struct span low, high;

        range_at(p, c);
        range_scan_op(c, comparisons, ARRAY_LEN(comparisons));
        range_skip_blanks(c);
        range_scan_version(c, ",");
        low = span_cut(start.rest, 0, start.rest.len - c->rest.len);
        high = scan_hyphen(c);
        if (span_trim(c->rest).len > 0 && span_ends(span_cut(start.rest, 0, start.rest.len - c->rest.len), "-"))
                return range_refuse(p, ERR_MALFORMED, "a version ends in '-' in front of another term");
        return high.len > 0 ? hyphen(p, low, high) : constraint(p, low);
}

static bool alternative(struct range_parser *p, struct cursor c)
{
        range_skip_blanks(&c);
        range_at(p, &c);
        if (c.rest.len == 0)
                return range_refuse(p, ERR_MALFORMED, "an alternative is empty; \"*\" means all versions");
        while (c.rest.len > 0) {
                if (!term(p, &c))
                        return false;
                range_skip_blanks(&c);
                if (!scan_byte(&c, ','))
                        continue;
                range_skip_blanks(&c);
                range_at(p, &c);
                if (c.rest.len == 0)
                        return range_refuse(p, ERR_MALFORMED, "nothing follows the ','");
        }
        return range_group_end(p);
}

bool range_parse_composer(struct range_parser *p)
{
        const struct span whole = p->text;
        struct span rest = whole;
        bool ok;

        for (;;) {
                size_t n = 0;
                while (n < rest.len && rest.at[n] != '|')
                        n++;
                p->text = span_cut(whole, 0, whole.len - rest.len + n);
                ok = alternative(p, (struct cursor){.rest = span_cut(rest, 0, n)});
                p->text = whole;
                if (!ok || n == rest.len)
                        return ok;
                n += n + 1 < rest.len && rest.at[n + 1] == '|' ? 2 : 1;
                rest = (struct span){rest.at + n, rest.len - n};
        }
}
