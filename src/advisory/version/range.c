/* Ranges of versions: what all syntaxes share, the question whether a version lies in one, and their words. */
#include <stdarg.h>

#include "advisory/version/range_priv.h"

static bool (*const readers[])(struct range_parser *p) = {
    [RANGE_SYNTAX_PLAIN] = range_parse_plain,
    [RANGE_SYNTAX_NPM] = range_parse_npm,
    [RANGE_SYNTAX_CARGO] = range_parse_cargo,
    [RANGE_SYNTAX_GEM] = range_parse_gem,
    [RANGE_SYNTAX_COMPOSER] = range_parse_composer,
    [RANGE_SYNTAX_PEP440] = range_parse_pep440,
    [RANGE_SYNTAX_MAVEN] = range_parse_maven,
    [RANGE_SYNTAX_NUGET] = range_parse_nuget,
    [RANGE_SYNTAX_HEX] = range_parse_hex,
    [RANGE_SYNTAX_PUB] = range_parse_pub,
    [RANGE_SYNTAX_DPKG] = range_parse_dpkg,
    [RANGE_SYNTAX_RPM] = range_parse_plain,
};

enum range_syntax version_range_syntax_of(struct span ecosystem)
{
        static const struct {
                const char *ecosystem;
                enum range_syntax syntax;
        } own[] = {{"npm", RANGE_SYNTAX_NPM}, {"crates.io", RANGE_SYNTAX_CARGO}, {"RubyGems", RANGE_SYNTAX_GEM},
            {"Packagist", RANGE_SYNTAX_COMPOSER}, {"PyPI", RANGE_SYNTAX_PEP440}, {"Maven", RANGE_SYNTAX_MAVEN},
            {"NuGet", RANGE_SYNTAX_NUGET}, {"Hex", RANGE_SYNTAX_HEX}, {"Pub", RANGE_SYNTAX_PUB},
            {"Debian", RANGE_SYNTAX_DPKG}, {"Ubuntu", RANGE_SYNTAX_DPKG}, {"Red Hat", RANGE_SYNTAX_RPM},
            {"Rocky Linux", RANGE_SYNTAX_RPM}, {"AlmaLinux", RANGE_SYNTAX_RPM}, {"SUSE", RANGE_SYNTAX_RPM},
            {"openSUSE", RANGE_SYNTAX_RPM}};
        struct span name, suffix;

        if (version_order_of(ecosystem) == VERSION_ORDER_NONE)
                return RANGE_SYNTAX_NONE;
        span_split(ecosystem, ':', &name, &suffix);
        for (size_t i = 0; i < ARRAY_LEN(own); i++)
                if (span_is(name, own[i].ecosystem))
                        return own[i].syntax;
        return RANGE_SYNTAX_PLAIN;
}

bool range_refuse(struct range_parser *p, enum err_kind kind, const char *fmt, ...)
{
        char text[80], why[300];
        va_list args;

        va_start(args, fmt);
        vsnprintf(why, sizeof(why), fmt, args);
        va_end(args);
        return err_set(
            p->err, kind, "range \"%s\": at byte %zu: %s", span_printable(p->text, text, sizeof(text)), p->offset, why);
}

void range_at(struct range_parser *p, const struct cursor *c)
{
        p->offset = p->text.len - c->rest.len;
}

bool range_is_blank(int byte)
{
        return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void range_skip_blanks(struct cursor *c)
{
        while (range_is_blank(scan_peek(c)))
                cursor_take(c, 1);
}

enum range_op range_scan_op(struct cursor *c, const struct range_word *words, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                if (span_starts(c->rest, words[i].text)) {
                        cursor_take(c, strlen(words[i].text));
                        return words[i].op;
                }
        }
        return OP_NONE;
}

struct span range_scan_version(struct cursor *c, const char *stops)
{
        size_t n = 0;

        while (
            n < c->rest.len && !range_is_blank(c->rest.at[n]) && (c->rest.at[n] == 0 || !strchr(stops, c->rest.at[n])))
                n++;
        return cursor_take(c, n);
}

/* Bytes of the three numbers of a SemVer key. */
static size_t core_len(struct span key)
{
        size_t n = 0;

        for (size_t i = 0; i < 3 && n < key.len; i++)
                n += key.at[n] == 255 ? 3u + ((size_t)key.at[n + 1] << 8 | key.at[n + 2]) : 1u + key.at[n];
        return n;
}

static bool is_prerelease(enum version_order o, struct span key)
{
        size_t n = core_len(key);

        return o == VERSION_ORDER_SEMVER && n < key.len && key.at[n] != SEMVER_RELEASE;
}

/* Before PEP 440's ends that no version has ("1.0+*", "1.0.*"): the version they are made of. */
static struct span without_star(struct span version, bool *ret_local, bool *ret_release)
{
        *ret_local = span_ends(version, "+*");
        *ret_release = span_ends(version, ".*");
        return *ret_local || *ret_release ? span_cut(version, 0, version.len - 2) : version;
}

bool range_cut_at(struct range_parser *p, struct span version, bool behind, struct range_cut *ret)
{
        struct buf key CLEANUP(buf_done) = {0};
        const enum version_order o = p->form->order;
        const bool plain = p->form->syntax == RANGE_SYNTAX_PLAIN;
        bool local = false, release = false, made;
        struct span written = version;
        struct err why = {0};
        size_t at;

        if (version.len == 0)
                return range_refuse(p, ERR_MALFORMED, "a version is missing");
        for (size_t i = 0; i < version.len;
             i++) /* Composer's metadata may be anything; such words were none to read back */
                if (range_is_blank(version.at[i]) || strchr(",|<>=", version.at[i]))
                        return range_refuse(p, ERR_MALFORMED, "byte 0x%02x in the version of a range", version.at[i]);
        if (++p->terms > RANGE_TERMS_MAX)
                return range_refuse(p, ERR_LIMIT, "more than %u comparisons", RANGE_TERMS_MAX);
        if (o == VERSION_ORDER_PEP440)
                version = without_star(version, &local, &release);
        made = plain ? version_bound_key(o, version, &key, &why) : version_key(o, version, &key, &why);
        if (!made)
                return range_refuse(p, why.kind, "%s", why.text);
        if (local && span_find(version, '+', &at))
                return range_refuse(p, ERR_MALFORMED, "\"+*\" behind a local version");
        if (local)
                version_pep440_above_local(&key);
        if (release)
                version_pep440_above_release(&key);
        if (is_prerelease(o, buf_span(&key)))
                *ARENA_PUSH(p->arena, &p->now.cores) =
                    arena_copy(p->arena, span_cut(buf_span(&key), 0, core_len(buf_span(&key))));
        if (behind)
                buf_put_u8(&key, 0);
        *ret = (struct range_cut){.key = arena_copy(p->arena, buf_span(&key)), .text = written, .behind = behind};
        return true;
}

bool range_compare_set(struct range_parser *p, enum range_op op, struct span version, struct range_set *ret)
{
        struct range_cut before, behind;
        struct range_set set;

        if (!range_cut_at(p, version, false, &before) || !range_cut_at(p, version, true, &behind))
                return false;
        switch (op) {
        case OP_EQ:
                *ret = range_between(p->arena, before, behind);
                return true;
        case OP_NE:
                set = range_between(p->arena, before, behind);
                *ret = range_complement(p->arena, &set);
                return true;
        case OP_LT:
                *ret = range_until(p->arena, before);
                return true;
        case OP_LE:
                *ret = range_until(p->arena, behind);
                return true;
        case OP_GT:
                *ret = range_from(p->arena, behind);
                return true;
        case OP_GE:
                *ret = range_from(p->arena, before);
                return true;
        default:
                return range_refuse(p, ERR_MALFORMED, "an operator that is none here");
        }
}

bool range_narrow(struct range_parser *p, struct range_set term)
{
        p->now.set = range_intersection(p->arena, &p->now.set, &term);
        return true;
}

bool range_group_end(struct range_parser *p)
{
        if (p->now.set.len == 0)
                return range_refuse(p, ERR_MALFORMED, "no version can be in this range: its ends exclude each other");
        *ARENA_PUSH(p->arena, &p->groups) = p->now;
        p->now = (struct range_group){.set = range_all(p->arena)};
        return true;
}

struct span range_successor(struct arena *a, struct span digits)
{
        uint8_t *out = arena_alloc(a, digits.len + 1);
        size_t i = digits.len;

        out[0] = '0';
        if (digits.len > 0)
                memcpy(out + 1, digits.at, digits.len);
        while (i > 0 && out[i] == '9')
                out[i--] = '0';
        out[i]++;
        return i == 0 || digits.len == 0 ? span_bytes(out, digits.len + 1) : span_bytes(out + 1, digits.len);
}

static struct version_interval interval_of(const struct range_piece *p)
{
        struct version_interval i = {.lo = p->lo.key, .lo_text = p->lo.text};

        if (p->lo.behind)
                i.flags |= VERSION_INTERVAL_ABOVE;
        if (p->open) {
                i.flags |= VERSION_INTERVAL_OPEN;
                return i;
        }
        i.hi = p->hi.key;
        i.hi_text = p->hi.text;
        if (p->hi.behind) {
                i.hi.len--;
                i.flags |= VERSION_INTERVAL_INCLUSIVE;
        }
        return i;
}

bool version_range_parse(
    const struct version_range_form *form, struct span text, struct arena *a, struct version_range *ret, struct err *e)
{
        struct range_parser p = {.form = form, .text = text, .arena = a, .err = e};
        struct range_set all = {0};
        struct version_interval *intervals;

        if (strcmp(version_order_name(form->order), "none") == 0)
                return err_set(e, ERR_UNSUPPORTED, "no version order is known for this range");
        if ((size_t)form->syntax >= ARRAY_LEN(readers) || !readers[form->syntax])
                return err_set(e, ERR_UNSUPPORTED, "no syntax of ranges is known for this ecosystem");
        if (text.len > RANGE_TEXT_MAX)
                return err_set(e, ERR_LIMIT, "range is %zu bytes, at most %u", text.len, RANGE_TEXT_MAX);
        if (span_trim(text).len == 0)
                return err_set(e, ERR_MALFORMED, "range is empty; \"*\" means all versions");
        p.now.set = range_all(a);
        if (!readers[form->syntax](&p))
                return false;
        for (size_t i = 0; i < p.groups.len; i++)
                all = range_union(a, &all, &p.groups.at[i].set);
        intervals = arena_array(a, all.len, sizeof(*intervals));
        for (size_t i = 0; i < all.len; i++)
                intervals[i] = interval_of(&all.at[i]);
        *ret = (struct version_range){.form = *form,
            .intervals = intervals,
            .n_intervals = all.len,
            .groups = p.groups.at,
            .n_groups = p.groups.len};
        return true;
}

static bool group_has(const struct range_group *g, struct span key)
{
        for (size_t i = 0; i < g->set.len; i++) {
                const struct range_piece *piece = &g->set.at[i];
                if (span_compare(piece->lo.key, key) <= 0 && (piece->open || span_compare(key, piece->hi.key) < 0))
                        return true;
        }
        return false;
}

/*
 * npm and Cargo: an alternative has a pre-release only if it names one of the same three numbers. pip: if it names any.
 */
static bool passed_over(const struct version_range *r, const struct range_group *g, struct span key)
{
        struct span core;

        if (r->form.prereleases)
                return false;
        if (r->form.syntax == RANGE_SYNTAX_PEP440 && r->form.order == VERSION_ORDER_PEP440)
                return g->cores.len == 0 && version_pep440_is_prerelease(key);
        if ((r->form.syntax != RANGE_SYNTAX_NPM && r->form.syntax != RANGE_SYNTAX_CARGO) ||
            !is_prerelease(r->form.order, key))
                return false;
        core = span_cut(key, 0, core_len(key));
        for (size_t i = 0; i < g->cores.len; i++)
                if (span_equal(g->cores.at[i], core))
                        return false;
        return true;
}

bool version_range_has(const struct version_range *r, struct span version, bool *ret, struct err *e)
{
        struct buf key CLEANUP(buf_done) = {0};
        bool has = false;

        if (!version_key(r->form.order, version, &key, e))
                return false;
        for (size_t i = 0; i < r->n_groups && !has; i++)
                has = group_has(&r->groups[i], buf_span(&key)) && !passed_over(r, &r->groups[i], buf_span(&key));
        *ret = has;
        return true;
}

static void print_interval(const struct version_interval *i, struct buf *to)
{
        const bool above = i->flags & VERSION_INTERVAL_ABOVE, inclusive = i->flags & VERSION_INTERVAL_INCLUSIVE;

        if (inclusive && !above && span_equal(i->lo, i->hi)) {
                buf_put_text(to, "= ");
                buf_put(to, i->lo_text);
                return;
        }
        if (i->lo.len > 0) {
                buf_put_text(to, above ? "> " : ">= ");
                buf_put(to, i->lo_text);
        }
        if (i->lo.len > 0 && !(i->flags & VERSION_INTERVAL_OPEN))
                buf_put_text(to, ", ");
        if (!(i->flags & VERSION_INTERVAL_OPEN)) {
                buf_put_text(to, inclusive ? "<= " : "< ");
                buf_put(to, i->hi_text);
        }
        if (i->lo.len == 0 && i->flags & VERSION_INTERVAL_OPEN)
                buf_put_text(to, "*");
}

void version_range_print(const struct version_range *r, struct buf *to)
{
        for (size_t i = 0; i < r->n_intervals; i++) {
                if (i > 0)
                        buf_put_text(to, " || ");
                print_interval(&r->intervals[i], to);
        }
}
