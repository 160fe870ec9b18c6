/*
 * PEP 440, "Version specifiers", as packaging's SpecifierSet: specifiers joined by ','.
 *
 * "==1.0" and "<=1.0" have all local versions of 1.0 in them; "<1.0" leaves out the pre-releases of 1.0, ">1.0" its
 * post-releases and local versions; "==1.4.*" begins with 1.4.dev0; "~=1.4.2" is ">=1.4.2, ==1.4.*". "===" compares
 * texts: a version is taken as that version alone, anything else is no range.
 *
 * Intervals can't say that ">1.0rc1" also leaves out post-releases and local versions of each later pre-release, nor
 * "<1.0.post2" the development releases of each earlier post-release: those single versions are in ours.
 *
 * Whether pre-releases count at all: without `prereleases` only if a specifier names one, as pip has it.
 */
#include "advisory/version/range_priv.h"

struct shape {
        struct span release; /* "1!1.4.2" */
        size_t numbers;
        bool pre, post, dev, local;
};

/* Where epoch and release end and which suffixes follow; the version has a key, so its form is right. */
static struct shape shape_of(struct span version)
{
        struct cursor c = {.rest = span_trim(version)};
        struct shape s = {0};
        const uint8_t *from;

        scan_word(&c, "v");
        from = c.rest.at;
        scan_digits(&c);
        if (scan_byte(&c, '!'))
                scan_digits(&c);
        s.numbers = 1;
        for (struct cursor at = c; scan_byte(&at, '.') && scan_digits(&at).len > 0; c = at)
                s.numbers++;
        s.release = span_bytes(
            from, (size_t)(c.rest.at ? c.rest.at - from : span_trim(version).at + span_trim(version).len - from));
        while (c.rest.len > 0 && scan_peek(&c) != '+') {
                if (scan_word(&c, "post") || scan_word(&c, "rev"))
                        s.post = true;
                else if (scan_word(&c, "dev"))
                        s.dev = true;
                else if (scan_word(&c, "alpha") || scan_word(&c, "beta") || scan_word(&c, "rc") ||
                         scan_word(&c, "preview") || scan_word(&c, "pre") || scan_word(&c, "a") || scan_word(&c, "b") ||
                         scan_word(&c, "c"))
                        s.pre = true;
                else if (scan_word(&c, "r"))
                        s.post = true;
                else
                        cursor_take(&c, 1);
        }
        s.local = c.rest.len > 0;
        return s;
}

/* "1.0-1" is a post-release too. */
static bool implicit_post(struct range_parser *p, struct span version)
{
        struct buf key CLEANUP(buf_done) = {0}, release CLEANUP(buf_done) = {0};
        struct shape s = shape_of(version);

        return !s.post && !s.pre && !s.dev && !s.local && version_key(p->form->order, version, &key, NULL) &&
               version_key(p->form->order, s.release, &release, NULL) &&
               span_compare(buf_span(&key), buf_span(&release)) > 0;
}

static struct span with_tail(struct range_parser *p, struct span text, const char *tail)
{
        return arena_printf(p->arena, "%.*s%s", SPAN_FMT(text), tail);
}

/* Before the first version of the release: its lowest development release. */
static bool release_begins(struct range_parser *p, struct span release, struct range_cut *ret)
{
        return range_cut_at(p, with_tail(p, release, ".dev0"), false, ret);
}

/* "==1.4.*": from 1.4.dev0 until 1.5.dev0. */
static bool prefix_set(struct range_parser *p, struct span release, struct range_set *ret)
{
        struct range_cut lo, hi;
        size_t last = release.len;
        struct span next;

        while (last > 0 && ascii_is_digit(release.at[last - 1]))
                last--;
        next = range_successor(p->arena, span_from(release, last));
        next = arena_printf(p->arena, "%.*s%.*s", SPAN_FMT(span_cut(release, 0, last)), SPAN_FMT(next));
        if (!release_begins(p, release, &lo) || !release_begins(p, next, &hi))
                return false;
        *ret = range_between(p->arena, lo, hi);
        return true;
}

/* A version and its local versions; a local version alone. */
static bool same_set(struct range_parser *p, struct span version, bool local, struct range_set *ret)
{
        struct range_cut lo, hi;

        if (!range_cut_at(p, version, false, &lo) ||
            !range_cut_at(p, local ? version : with_tail(p, version, "+*"), local, &hi))
                return false;
        *ret = range_between(p->arena, lo, hi);
        return true;
}

static bool less_set(
    struct range_parser *p, struct span version, const struct shape *s, bool post, struct range_set *ret)
{
        struct range_cut before, begins, release, dev;
        struct range_set low, high;

        if (s->pre || s->dev)
                return range_compare_set(p, OP_LT, version, ret);
        if (!release_begins(p, s->release, &begins))
                return false;
        *ret = range_until(p->arena, begins);
        if (!post)
                return true;
        if (!range_cut_at(p, version, false, &before) || !range_cut_at(p, s->release, false, &release) ||
            !range_cut_at(p, with_tail(p, version, ".dev0"), false, &dev))
                return false;
        low = *ret;
        high = range_between(p->arena, release, dev);
        *ret = range_union(p->arena, &low, &high);
        return true;
}

static bool greater_set(
    struct range_parser *p, struct span version, const struct shape *s, bool post, struct range_set *ret)
{
        struct range_cut behind, release, above;
        struct range_set low, high;

        if (post)
                return range_cut_at(p, with_tail(p, version, "+*"), false, &behind) &&
                       (*ret = range_from(p->arena, behind), true);
        if (!range_cut_at(p, with_tail(p, s->release, ".*"), false, &above))
                return false;
        *ret = range_from(p->arena, above);
        if (!s->pre && !s->dev)
                return true;
        if (!range_cut_at(p, with_tail(p, version, "+*"), false, &behind) ||
            !range_cut_at(p, s->release, true, &release))
                return false;
        low = range_between(p->arena, behind, release);
        high = *ret;
        *ret = range_union(p->arena, &low, &high);
        return true;
}

/* Does a specifier with this operator and version ask for pre-releases? Told by a core, as npm's are. */
static void ask_for_prereleases(struct range_parser *p, enum range_op op, const struct shape *s)
{
        if ((s->pre || s->dev) && op != OP_LT && op != OP_GT && op != OP_NE)
                *ARENA_PUSH(p->arena, &p->now.cores) = s->release;
}

static bool compatible_set(struct range_parser *p, struct span version, const struct shape *s, struct range_set *ret)
{
        struct range_set from, prefix;
        size_t dot = s->release.len;

        if (s->numbers < 2)
                return range_refuse(p, ERR_MALFORMED, "\"~=\" asks for two numbers or more");
        while (s->release.at[dot - 1] != '.')
                dot--;
        if (!range_compare_set(p, OP_GE, version, &from) || !prefix_set(p, span_cut(s->release, 0, dot - 1), &prefix))
                return false;
        *ret = range_intersection(p->arena, &from, &prefix);
        return true;
}

static bool specifier_set(struct range_parser *p, enum range_op op, struct span version, struct range_set *ret)
{
        struct buf key CLEANUP(buf_done) = {0};
        struct err why = {0};
        struct range_cut hi;
        struct shape s;
        bool post;

        if (!version_key(p->form->order, version, &key, &why))
                return range_refuse(p, op == OP_ARBITRARY ? ERR_UNSUPPORTED : why.kind, "%s", why.text);
        s = shape_of(version);
        post = s.post || implicit_post(p, version);
        if (s.local && op != OP_EQ && op != OP_NE && op != OP_ARBITRARY)
                return range_refuse(p, ERR_MALFORMED, "a local version stands behind ==, != and === only");
        ask_for_prereleases(p, op, &s);
        switch (op) {
        case OP_TILDE:
                return compatible_set(p, version, &s, ret);
        case OP_EQ:
                return same_set(p, version, s.local, ret);
        case OP_NE:
                if (!same_set(p, version, s.local, ret))
                        return false;
                *ret = range_complement(p->arena, ret);
                return true;
        case OP_LE:
                if (!range_cut_at(p, with_tail(p, version, "+*"), false, &hi))
                        return false;
                *ret = range_until(p->arena, hi);
                return true;
        case OP_LT:
                return less_set(p, version, &s, post, ret);
        case OP_GT:
                return greater_set(p, version, &s, post, ret);
        case OP_ARBITRARY:
                return range_compare_set(p, OP_EQ, version, ret);
        default:
                return range_compare_set(p, op, version, ret);
        }
}

/* What stands in front of ".*": a release and nothing else, but for a 'v'. */
static bool release_set(struct range_parser *p, struct span text, struct range_set *ret)
{
        struct buf key CLEANUP(buf_done) = {0};
        struct cursor c = {.rest = text};
        struct err why = {0};
        struct shape s;

        if (text.len == 0 || !text.at)
                return range_refuse(p, ERR_MALFORMED, "a release is missing in front of \".*\"");
        if (!version_key(p->form->order, text, &key, &why))
                return range_refuse(p, why.kind, "%s", why.text);
        s = shape_of(text);
        scan_word(&c, "v");
        if (!span_equal(s.release, c.rest))
                return range_refuse(p, ERR_MALFORMED, "\".*\" stands behind a release only");
        return prefix_set(p, s.release, ret);
}

static bool specifier(struct range_parser *p, struct cursor *c)
{
        static const struct range_word words[] = {{"===", OP_ARBITRARY}, {"~=", OP_TILDE}, {"==", OP_EQ}, {"!=", OP_NE},
            {"<=", OP_LE}, {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}};
        struct span version;
        struct range_set set;
        enum range_op op;

        range_skip_blanks(c);
        range_at(p, c);
        op = range_scan_op(c, words, ARRAY_LEN(words));
        if (op == OP_NONE)
                return range_refuse(p, ERR_MALFORMED, "none of ===, ~=, ==, !=, <=, >=, < and >");
        range_skip_blanks(c);
        version = range_scan_version(c, ",");
        range_skip_blanks(c);
        if (span_ends(version, ".*") && (op == OP_EQ || op == OP_NE)) {
                if (!release_set(p, span_cut(version, 0, version.len - 2), &set))
                        return false;
                return range_narrow(p, op == OP_NE ? range_complement(p->arena, &set) : set);
        }
        if (span_ends(version, "*"))
                return range_refuse(p, ERR_MALFORMED, "\".*\" stands behind == and != only");
        return specifier_set(p, op, version, &set) && range_narrow(p, set);
}

bool range_parse_pep440(struct range_parser *p)
{
        struct cursor c = {.rest = p->text};

        do {
                if (!specifier(p, &c))
                        return false;
        } while (scan_byte(&c, ','));
        range_at(p, &c);
        if (c.rest.len > 0)
                return range_refuse(p, ERR_MALFORMED, "no ',' behind a specifier");
        return range_group_end(p);
}
