/*
 * Debian's short names of licences and their synopses, "Machine-readable debian/copyright file" 1.0 (DEP-5), section 7.
 *
 *      synopsis = group *( ", and" group | ", or" group )      a comma binds least
 *      group    = choice *( "or" choice )
 *      choice   = term *( "and" term )
 *      term     = name [ "with" words "exception" ]
 */
#include "inventory/os/licence_priv.h"

/* Names that are neither SPDX identifiers nor follow the rules below. Small letters; sorted. */
static const struct {
        const char *name, *spdx;
} names[] = {
    {"apache-2.0-with-llvm-exceptions", "Apache-2.0 WITH LLVM-exception"},
    {"apache-2-llvm-exceptions", "Apache-2.0 WITH LLVM-exception"},
    {"artistic", "Artistic-1.0-Perl"}, /* what /usr/share/common-licenses/Artistic holds */
    {"artistic-1", "Artistic-1.0-Perl"},
    {"artistic-1.0", "Artistic-1.0-Perl"},
    {"boost-1.0", "BSL-1.0"},
    {"bsd-2", "BSD-2-Clause"},
    {"bsd-2-clause-netbsd", "BSD-2-Clause"},
    {"bsd-3", "BSD-3-Clause"},
    {"bsd-4", "BSD-4-Clause"},
    {"bsd-4-clause-uc", "BSD-4-Clause-UC"},
    {"bsd-4-clause-ucb", "BSD-4-Clause-UC"},
    {"bsd2", "BSD-2-Clause"},
    {"bsd3", "BSD-3-Clause"},
    {"bsd4", "BSD-4-Clause"},
    {"bzip2", "bzip2-1.0.6"},
    {"cc0", "CC0-1.0"},
    {"edl-1", "BSD-3-Clause"}, /* Eclipse Distribution License */
    {"edl-1.0", "BSD-3-Clause"},
    {"expat", "MIT"},
    {"freetype", "FTL"},
    {"mit/x11", "MIT"},
    {"openldap-2.8", "OLDAP-2.8"},
    {"pd", "LicenseRef-public-domain"},
    {"perl", "GPL-1.0-or-later OR Artistic-1.0-Perl"},
    {"psf-2", "PSF-2.0"},
    {"public-domain", "LicenseRef-public-domain"},
    {"publicdomain", "LicenseRef-public-domain"},
    {"python-2", "Python-2.0"},
    {"sil-1.1", "OFL-1.1"},
    {"sil-ofl-1.1", "OFL-1.1"},
    {"unicode-dfs", "Unicode-DFS-2016"},
    {"w3c-software", "W3C"},
    {"wtfpl-2", "WTFPL"},
    {"x11/mit", "MIT"},
};

/* Exceptions by the words between "with" and "exception", for the family and version they belong to (NULL: any). */
static const struct {
        const char *words, *licence, *spdx;
} exceptions[] = {
    {"autoconf", "GPL-2.0", "Autoconf-exception-2.0"},
    {"autoconf", "GPL-3.0", "Autoconf-exception-3.0"},
    {"bison", NULL, "Bison-exception-2.2"},
    {"classpath", NULL, "Classpath-exception-2.0"},
    {"font", NULL, "Font-exception-2.0"},
    {"gcc", "GPL-2.0", "GCC-exception-2.0"},
    {"gcc", "GPL-3.0", "GCC-exception-3.1"},
    {"gcc runtime library", NULL, "GCC-exception-3.1"},
    {"gcc-runtime-library", NULL, "GCC-exception-3.1"},
    {"libtool", NULL, "Libtool-exception"},
    {"linux-syscall-note", NULL, "Linux-syscall-note"},
    {"llvm", NULL, "LLVM-exception"},
    {"ocaml-linking", NULL, "OCaml-LGPL-linking-exception"},
    {"qt-gpl", NULL, "Qt-GPL-exception-1.0"},
    {"texinfo", NULL, "Texinfo-exception"},
};

static uint8_t small(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

static bool same(struct span s, const char *text)
{
        size_t len = strlen(text);

        if (s.len != len)
                return false;
        for (size_t i = 0; i < len; i++)
                if (small(s.at[i]) != small((uint8_t)text[i]))
                        return false;
        return true;
}

static bool starts(struct span s, const char *prefix)
{
        return same(span_cut(s, 0, strlen(prefix)), prefix);
}

static bool ends(struct span s, const char *suffix)
{
        size_t len = strlen(suffix);

        return s.len >= len && same(span_from(s, s.len - len), suffix);
}

/* "LicenseRef-" and the name with every run of other bytes than letters, digits and '.' as one '-'. */
static void put_reference(struct span name, struct buf *to)
{
        bool any = false, gap = false;

        buf_put_text(to, "LicenseRef-");
        for (size_t i = 0; i < name.len; i++) {
                uint8_t c = name.at[i];
                if (!is_digit(c) && !(small(c) >= 'a' && small(c) <= 'z') && c != '.') {
                        gap = any;
                        continue;
                }
                if (gap)
                        buf_put_u8(to, '-');
                buf_put_u8(to, c);
                gap = false;
                any = true;
        }
        if (!any)
                buf_put_text(to, "unnamed");
}

static bool put_if_known(struct span name, struct buf *to)
{
        struct span id = spdx_licence(name);

        buf_put(to, id);
        return id.len > 0;
}

/* "2", "2.1", "2.0" at the front of `s`; what follows in `rest`. */
static bool take_version(struct span s, uint8_t *major, uint8_t *minor, struct span *rest)
{
        if (s.len == 0 || !is_digit(s.at[0]))
                return false;
        *major = s.at[0];
        *minor = '0';
        s = span_from(s, 1);
        if (s.len >= 2 && s.at[0] == '.' && is_digit(s.at[1])) {
                *minor = s.at[1];
                s = span_from(s, 2);
        }
        *rest = s;
        return true;
}

/*
 * The GNU licences: "GPL-2+", "LGPLv2.1+", "GPL-3.0-or-later", "GFDL-NIV-1.3+". Without a version the text itself says
 * that any may be chosen (GPL 2, section 9), so GPL is GPL-1.0-or-later.
 */
static bool gnu(struct span name, struct buf *to)
{
        static const struct {
                const char *prefix, *spdx, *lowest, *variant;
        } families[] = {
            {"gfdl-niv", "GFDL", "1.1", "-no-invariants"},
            {"gfdl", "GFDL", "1.1", ""},
            {"fdl", "GFDL", "1.1", ""},
            {"agpl", "AGPL", NULL, ""},
            {"lgpl", "LGPL", "2.0", ""},
            {"gpl", "GPL", "1.0", ""},
        };

        for (size_t i = 0; i < ARRAY_LEN(families); i++) {
                uint8_t major = 0, minor = 0;
                char id[80];
                struct span rest;

                if (!starts(name, families[i].prefix))
                        continue;
                rest = span_from(name, strlen(families[i].prefix));
                if ((rest.len == 0 || span_is(rest, "+")) && families[i].lowest) {
                        buf_printf(to, "%s-%s%s-or-later", families[i].spdx, families[i].lowest, families[i].variant);
                        return true;
                }
                if (starts(rest, "-"))
                        rest = span_from(rest, 1);
                if (starts(rest, "v"))
                        rest = span_from(rest, 1);
                if (!take_version(rest, &major, &minor, &rest))
                        return false;
                bool later = span_is(rest, "+") || same(rest, "-or-later");
                if (!later && rest.len > 0 && !same(rest, "-only"))
                        return false;
                snprintf(id, sizeof(id), "%s-%c.%c%s-%s", families[i].spdx, major, minor, families[i].variant,
                    later ? "or-later" : "only");
                return put_if_known(span_of(id), to);
        }
        return false;
}

/* "Apache-2" is Apache-2.0, "CC-BY-SA-3" is CC-BY-SA-3.0; "MPL-2.0+" is MPL-2.0+ (SPDX's own operator). */
static bool by_version(struct span name, struct buf *to)
{
        char id[80];
        bool plus = span_ends(name, "+");
        struct span bare = plus ? span_cut(name, 0, name.len - 1) : name;

        if (bare.len == 0 || bare.len > 60)
                return false;
        if (!put_if_known(bare, to)) {
                if (!is_digit(bare.at[bare.len - 1]))
                        return false;
                snprintf(id, sizeof(id), "%.*s.0", SPAN_FMT(bare));
                if (!put_if_known(span_of(id), to))
                        return false;
        }
        if (plus)
                buf_put_u8(to, '+');
        return true;
}

void licence_debian_name(struct span name, struct buf *to)
{
        while (name.len > 0 && (span_ends(name, ".") || span_ends(name, ";") || span_ends(name, ",")))
                name.len--;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                if (same(name, names[i].name)) {
                        buf_put_text(to, names[i].spdx);
                        return;
                }
        }
        if (gnu(name, to) || by_version(name, to))
                return;
        put_reference(name, to);
}

/* ---- "with ... exception" ---- */

static bool put_exception(struct span licence, struct span words, struct buf *to)
{
        struct span id, before, rest;

        if (span_split(licence, ' ', &before, &rest)) /* of more than one word: a choice, or an exception already */
                return false;
        for (size_t i = 0; i < ARRAY_LEN(exceptions); i++) {
                if (!same(words, exceptions[i].words) ||
                    (exceptions[i].licence && !span_starts(licence, exceptions[i].licence)))
                        continue;
                buf_printf(to, "%.*s WITH %s", SPAN_FMT(licence), exceptions[i].spdx);
                return true;
        }
        id = spdx_exception(words);
        if (id.len == 0)
                return false;
        buf_printf(to, "%.*s WITH %.*s", SPAN_FMT(licence), SPAN_FMT(id));
        return true;
}

/* Where the licence's name ends, and how long what divides it from the exception is. "GPL-2+-libtool-exception" too. */
static bool find_with(struct span name, size_t *ret_at, size_t *ret_len)
{
        static const char *const forms[] = {" with ", "-with-", "_with_"};

        for (size_t at = 1; at < name.len; at++)
                for (size_t i = 0; i < ARRAY_LEN(forms); i++)
                        if (starts(span_from(name, at), forms[i])) {
                                *ret_at = at;
                                *ret_len = strlen(forms[i]);
                                return true;
                        }
        for (size_t at = 1; ends(name, "-exception") && at < name.len; at++)
                if (starts(span_from(name, at), "+-")) {
                        *ret_at = at + 1;
                        *ret_len = 1;
                        return true;
                }
        return false;
}

static struct span without_exception(struct span words)
{
        static const char *const tails[] = {" exceptions", " exception", "-exceptions", "-exception"};

        for (size_t i = 0; i < ARRAY_LEN(tails); i++)
                if (ends(words, tails[i]))
                        return span_cut(words, 0, words.len - strlen(tails[i]));
        return words;
}

/* One term: a name, or "NAME with WORDS exception", also written with '-' throughout. */
static void put_term(struct span term, struct buf *to)
{
        CLEANUP(buf_done) struct buf licence = {0}, all = {0};
        size_t at = 0, len = 0;

        if (!find_with(term, &at, &len)) {
                licence_debian_name(term, to);
                return;
        }
        licence_debian_name(span_trim(span_cut(term, 0, at)), &licence);
        struct span words = span_trim(span_from(term, at + len)), name = buf_span(&licence);
        if (span_starts(name, "LicenseRef-"))
                name = span_from(name, strlen("LicenseRef-"));
        else if (put_exception(name, words, to) || put_exception(name, without_exception(words), to))
                return;
        buf_printf(&all, "%.*s with %.*s", SPAN_FMT(name), SPAN_FMT(words));
        put_reference(buf_span(&all), to);
}

/* ---- the set ---- */

void licence_set_term(struct licence_set *set, struct span expression)
{
        for (size_t i = 0; i < set->terms.len; i++)
                if (span_equal(set->terms.at[i], expression))
                        return;
        if (expression.len == 0)
                return;
        if (set->terms.len < LICENCE_SET_MAX)
                *ARENA_PUSH(set->arena, &set->terms) = arena_copy(set->arena, expression);
        else
                set->more = true;
}

void licence_set_put(const struct licence_set *set, struct buf *to, size_t max)
{
        static const char rest[] = " AND LicenseRef-and-more";
        size_t from = to->len;
        bool more = set->more;

        for (size_t i = 0; i < set->terms.len; i++) {
                struct span term = set->terms.at[i];
                /* A choice that stands alone needs no brackets. */
                if (set->terms.len == 1 && !more && span_starts(term, "("))
                        term = span_cut(term, 1, term.len - 2);
                if (to->len - from + strlen(" AND ") + term.len + strlen(rest) > max) {
                        more = true;
                        continue;
                }
                if (to->len > from)
                        buf_put_text(to, " AND ");
                buf_put(to, term);
        }
        if (more)
                buf_put_text(to, to->len > from ? rest : "LicenseRef-and-more");
}

/* ---- the grammar ---- */

enum word { WORD_NONE = 0, WORD_NAME, WORD_OR, WORD_AND };

struct synopsis {
        struct span rest;
        struct span name; /* of WORD_NAME, with what "with" adds to it */
        bool comma;       /* stands behind the word that was taken last */
};

static struct span take_word(struct synopsis *s)
{
        size_t len = 0;
        struct span word;

        s->rest = span_trim(s->rest);
        while (len < s->rest.len && s->rest.at[len] != ' ' && s->rest.at[len] != '\t')
                len++;
        word = span_cut(s->rest, 0, len);
        s->rest = span_from(s->rest, len);
        s->comma = word.len > 0 && (span_ends(word, ",") || span_ends(word, ";"));
        while (word.len > 0 && (span_ends(word, ",") || span_ends(word, ";")))
                word.len--;
        return word;
}

static enum word operator_of(struct span word)
{
        if (same(word, "or") || same(word, "and/or") || same(word, "|"))
                return WORD_OR;
        return same(word, "and") || same(word, "&") ? WORD_AND : WORD_NONE;
}

/* A name is one word, but with "with" it runs to the next operator or comma. */
static enum word next(struct synopsis *s)
{
        struct synopsis ahead;
        struct span from, word;
        enum word is;

        do {
                s->rest = span_trim(s->rest);
                from = s->rest;
                word = take_word(s);
        } while (word.len == 0 && from.len > 0); /* a comma that stands alone */
        if (word.len == 0)
                return WORD_NONE;
        is = operator_of(word);
        if (is != WORD_NONE)
                return is;
        s->name = word;
        ahead = *s;
        if (s->comma || !same(take_word(&ahead), "with"))
                return WORD_NAME;
        for (;;) {
                struct synopsis before = ahead;
                word = take_word(&ahead);
                if (word.len == 0 || operator_of(word) != WORD_NONE) {
                        before.name = s->name;
                        *s = before;
                        break;
                }
                *s = ahead;
                if (s->comma)
                        break;
        }
        s->name = span_trim(span_cut(from, 0, from.len - s->rest.len));
        while (span_ends(s->name, ",") || span_ends(s->name, ";"))
                s->name.len--;
        return WORD_NAME;
}

/* Where the operator first stands outside of all brackets. */
static bool find_operator(struct span s, const char *operator, size_t * ret_at)
{
        size_t depth = 0;

        for (size_t i = 0; i < s.len; i++) {
                if (s.at[i] == '(')
                        depth++;
                else if (s.at[i] == ')')
                        depth--;
                else if (depth == 0 && span_starts(span_from(s, i), operator)) {
                        *ret_at = i;
                        return true;
                }
        }
        return false;
}

static bool has_or(struct span s)
{
        size_t at;

        return find_operator(s, " OR ", &at);
}

static void put_bracketed(struct buf *to, struct span s, bool brackets)
{
        if (brackets)
                buf_put_u8(to, '(');
        buf_put(to, s);
        if (brackets)
                buf_put_u8(to, ')');
}

/* AND binds more than OR: a choice that AND joins needs brackets. */
static void join(struct buf *to, const char *operator, struct span more)
{
        bool and = strcmp(operator, " AND ") == 0;
        CLEANUP(buf_done) struct buf left = {0};

        if (to->len == 0) {
                buf_put(to, more);
                return;
        }
        buf_put(&left, buf_span(to));
        to->len = 0;
        put_bracketed(to, buf_span(&left), and&&has_or(buf_span(&left)));
        buf_put_text(to, operator);
        put_bracketed(to, more, and&&has_or(more));
}

/* False when two names stand side by side, or an operator has none: prose, not a synopsis. */
static bool parse(struct span synopsis, struct buf *all)
{
        struct synopsis s = {.rest = synopsis};
        CLEANUP(buf_done) struct buf choice = {0}, group = {0};
        const char *group_operator = " AND ";
        bool want_name = true;

        for (;;) {
                bool comma = s.comma; /* behind the last name */
                enum word w = next(&s);
                if (want_name != (w == WORD_NAME))
                        return false;
                want_name = !want_name;
                if (w == WORD_NAME) {
                        CLEANUP(buf_done) struct buf term = {0};
                        put_term(s.name, &term);
                        join(&choice, " AND ", buf_span(&term));
                        continue;
                }
                if (w == WORD_AND && !comma)
                        continue;
                join(&group, " OR ", buf_span(&choice));
                buf_clear(&choice);
                if (w == WORD_OR && !comma)
                        continue;
                join(all, group_operator, buf_span(&group));
                buf_clear(&group);
                group_operator = w == WORD_AND ? " AND " : " OR ";
                if (w == WORD_NONE)
                        return true;
        }
}

/* "CC0 license" */
static struct span without_tail(struct span s)
{
        static const char *const tails[] = {" license", " licence", " license."};

        for (size_t i = 0; i < ARRAY_LEN(tails); i++)
                if (ends(s, tails[i]))
                        return span_trim(span_cut(s, 0, s.len - strlen(tails[i])));
        return s;
}

/* More words than a name may have are the licence's text, which some write where its name should stand. */
#define NAME_WORDS_MAX 5u
#define NAME_LEN_MAX 60u

static void put_unparsed(struct span synopsis, struct buf *to)
{
        size_t words = 1;

        for (size_t i = 0; i < synopsis.len; i++)
                words += synopsis.at[i] == ' ';
        put_reference(words > NAME_WORDS_MAX || synopsis.len > NAME_LEN_MAX ? (struct span){0} : synopsis, to);
}

void licence_set_debian(struct licence_set *set, struct span synopsis)
{
        CLEANUP(buf_done) struct buf all = {0};
        struct span rest, brackets;
        size_t at;

        synopsis = span_trim(synopsis);
        for (size_t i = 0; i < set->seen.len; i++)
                if (span_equal(set->seen.at[i], synopsis))
                        return;
        if (synopsis.len == 0)
                return;
        if (set->seen.len >= LICENCE_SET_MAX) {
                set->more = true;
                return;
        }
        *ARENA_PUSH(set->arena, &set->seen) = arena_copy(set->arena, synopsis);
        if (synopsis.len > LICENCE_SYNOPSIS_MAX || !parse(without_tail(synopsis), &all)) {
                buf_clear(&all);
                put_unparsed(synopsis, &all);
        }
        rest = buf_span(&all);
        if (has_or(rest)) {
                brackets = arena_printf(set->arena, "(%.*s)", SPAN_FMT(rest));
                licence_set_term(set, brackets);
                return;
        }
        while (find_operator(rest, " AND ", &at)) {
                licence_set_term(set, span_cut(rest, 0, at));
                rest = span_from(rest, at + strlen(" AND "));
        }
        licence_set_term(set, rest);
}
