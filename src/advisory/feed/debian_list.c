/*
 * Debian's lists of security advisories (data/DSA/list, data/DLA/list of its security tracker), a line each:
 *
 *      [29 Mar 2023] DSA-5380-1 xorg-server - security update
 *              {CVE-2023-1393}
 *              [bullseye] - xorg-server 2:1.20.11-1+deb11u6
 *              [buster] - xorg-server <not-affected> (Vulnerable code not present)
 *              NOTE: ...
 *
 * What stands behind a headline is indented by any white space. A line that can't be read is refused, and its advisory goes on
 * without it.
 */
#include "advisory/feed/feed_priv.h"

static const char *const publishers[] = {"DSA-", "DLA-", "DTSA-", "ELA-"};

static bool is_id(struct span word)
{
        for (size_t i = 0; i < ARRAY_LEN(publishers); i++)
                if (span_starts(word, publishers[i]) && feed_is_name(word, FEED_ID_MAX))
                        return true;
        return false;
}

/* The first word, and what follows it. */
static struct span word_take(struct span *io)
{
        size_t n = 0;
        struct span word;

        *io = span_trim(*io);
        while (n < io->len && io->at[n] != ' ' && io->at[n] != '\t')
                n++;
        word = span_cut(*io, 0, n);
        *io = span_trim(span_from(*io, n));
        return word;
}

/* "[29 Mar 2023] DSA-5380-1 xorg-server - security update" */
static bool headline_take(struct span line, struct span *ret_date, struct span *ret_rest)
{
        struct span date, rest, words;

        if (!span_starts(line, "[") || !span_split(span_from(line, 1), ']', &date, &rest))
                return false;
        words = rest;
        if (!is_id(word_take(&words)))
                return false;
        *ret_date = date;
        *ret_rest = span_trim(rest);
        return true;
}

static bool debian_list_is(struct span head)
{
        struct cursor c = {.rest = span_trim(head)};
        struct span line, date, rest;

        return cursor_line(&c, &line) && headline_take(line, &date, &rest);
}

/* "29 Mar 2023"; 0 for what is no date ("August 26th, 2005" of the oldest list). */
static int64_t date_of(struct span text)
{
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        struct span day = word_take(&text), month = word_take(&text), year = word_take(&text);
        uint64_t d, y;
        int64_t s = 0;
        char iso[20];

        if (month.len != 3 || !span_to_u64(day, &d) || !span_to_u64(year, &y) || d > 31 || y > 9999)
                return 0;
        for (unsigned m = 0; m < 12; m++) {
                if (!span_equal(month, span_bytes(months + (size_t)m * 3, 3)))
                        continue;
                snprintf(iso, sizeof(iso), "%04u-%02u-%02u", (unsigned)y, m + 1, (unsigned)d);
                return clock_parse(span_of(iso), &s) ? s : 0;
        }
        return 0;
}

struct list {
        struct arena *arena;
        struct feed_out *out;
        uint64_t line;
        bool in; /* an advisory has begun */
        struct feed_record record;
        uint64_t begun_at; /* its line */
        struct {
                struct feed_affected *at;
                size_t len, cap;
        } affected;
        struct {
                struct span *at;
                size_t len, cap;
        } aliases;
};

static struct span line_name(uint64_t line, char *to, size_t size)
{
        snprintf(to, size, "line %llu", (unsigned long long)line);
        return span_of(to);
}

static bool record_put(struct list *l, struct err *e)
{
        struct feed_record *r = &l->record;
        char place[40];

        if (!l->in)
                return true;
        r->affected = l->affected.at;
        r->n_affected = l->affected.len;
        r->aliases = l->aliases.at;
        r->n_aliases = l->aliases.len;
        /* Announcements (the end of a release) speak of no package. */
        return r->n_affected == 0 || feed_put(l->out, r, line_name(l->begun_at, place, sizeof(place)), e);
}

static void record_begin(struct list *l, struct span date, struct span rest)
{
        struct span title = rest, id = word_take(&title);
        struct feed_record *r = &l->record;

        arena_reset(l->arena);
        l->affected.at = NULL;
        l->affected.len = l->affected.cap = 0;
        l->aliases.at = NULL;
        l->aliases.len = l->aliases.cap = 0;
        *r = (struct feed_record){.id = id, .summary = feed_headline(title)};
        r->modified_s = r->published_s = date_of(date);
        r->reference = arena_printf(l->arena, "https://security-tracker.debian.org/tracker/%.*s", SPAN_FMT(id));
        l->begun_at = l->line;
        l->in = true;
}

/* "{CVE-2023-1 CVE-2023-2}" */
static bool ids_take(struct list *l, struct span text, struct err *why)
{
        struct span inner, rest;

        if (!span_split(span_from(text, 1), '}', &inner, &rest))
                return err_set(why, ERR_MALFORMED, "a list of ids has no end");
        for (struct span id = word_take(&inner); id.len > 0; id = word_take(&inner)) {
                if (!feed_is_name(id, FEED_ID_MAX) || l->aliases.len >= FEED_ALIASES_MAX)
                        return err_set(why, ERR_LIMIT,
                            "an id of at most %u printable bytes was expected, and %u of them at most", FEED_ID_MAX,
                            FEED_ALIASES_MAX);
                *ARENA_PUSH(l->arena, &l->aliases) = id;
        }
        return true;
}

static bool state_take(struct span word, struct span rest, struct arena *a, struct feed_affected *to)
{
        static const struct {
                const char *word;
                enum advisory_status status;
        } states[] = {
            {"<not-affected>", ADVISORY_STATUS_NOT_AFFECTED},
            {"<end-of-life>", ADVISORY_STATUS_END_OF_LIFE},
            {"<unfixed>", ADVISORY_STATUS_NONE},
            {"<undetermined>", ADVISORY_STATUS_INVESTIGATING},
            {"<no-dsa>", ADVISORY_STATUS_POSTPONED},
            {"<postponed>", ADVISORY_STATUS_POSTPONED},
            {"<ignored>", ADVISORY_STATUS_WILL_NOT_FIX},
        };

        for (size_t i = 0; i < ARRAY_LEN(states); i++) {
                if (!span_is(word, states[i].word))
                        continue;
                to->status = states[i].status;
                if (to->status == ADVISORY_STATUS_NONE)
                        feed_affected_fixed(a, (struct span){0}, (struct span){0}, to);
                if (rest.len > 2 && rest.at[0] == '(' && span_ends(rest, ")"))
                        to->note = span_cut(rest, 1, rest.len - 2);
                return true;
        }
        return false;
}

/* "[bullseye] - xorg-server 2:1.20.11-1+deb11u6 (medium)" */
static bool package_take(struct list *l, struct span text, struct err *why)
{
        struct span release, rest, package, version;
        struct feed_affected affected = {0};

        if (!span_split(span_from(text, 1), ']', &release, &rest) || !span_is(word_take(&rest), "-"))
                return err_set(why, ERR_MALFORMED, "\"[release] - package version\" was expected");
        affected.ecosystem = feed_debian_release(release);
        package = word_take(&rest);
        version = word_take(&rest);
        if (!feed_is_name(package, FEED_PACKAGE_MAX) || version.len == 0)
                return err_set(why, ERR_MALFORMED, "\"[release] - package version\" was expected");
        if (affected.ecosystem.len == 0)
                return err_set(why, ERR_UNSUPPORTED, "no release of Debian is known by that name");
        affected.package = package;
        if (version.at[0] != '<') {
                affected.status = ADVISORY_STATUS_FIXED;
                feed_affected_fixed(l->arena, (struct span){0}, version, &affected);
        } else if (span_is(version, "<removed>")) {
                return true;
        } else if (!state_take(version, rest, l->arena, &affected)) {
                return err_set(why, ERR_UNSUPPORTED, "a state that is not known stands where a version was expected");
        }
        if (l->affected.len >= FEED_AFFECTED_MAX)
                return err_set(why, ERR_LIMIT, "more than %u packages in one advisory", FEED_AFFECTED_MAX);
        *ARENA_PUSH(l->arena, &l->affected) = affected;
        return true;
}

/* One indented line. Notes to other people, and the version in Debian's rolling branch, are nothing to say here. */
static bool detail_take(struct list *l, struct span text, struct err *why)
{
        static const char *const passed[] = {
            "NOTE:", "TODO:", "CHECK:", "FIXME:", "RESERVED", "REJECTED", "NOT-FOR-US:", "- "};

        for (size_t i = 0; i < ARRAY_LEN(passed); i++)
                if (span_starts(text, passed[i]))
                        return true;
        if (!l->in)
                return err_set(why, ERR_MALFORMED, "it belongs to no advisory");
        if (span_starts(text, "{"))
                return ids_take(l, text, why);
        if (span_starts(text, "["))
                return package_take(l, text, why);
        return err_set(why, ERR_MALFORMED, "ids in braces or \"[release] - package version\" was expected");
}

static bool line_take(struct list *l, struct span line, struct err *e)
{
        struct span date, rest, text = span_trim(line);
        struct err why = {0};
        char place[40];
        bool ok;

        if (text.len == 0)
                return true;
        if (line.at[0] == ' ' || line.at[0] == '\t') {
                ok = detail_take(l, text, &why);
        } else {
                if (!record_put(l, e))
                        return false;
                l->in = false;
                ok = headline_take(line, &date, &rest);
                if (ok)
                        record_begin(l, date, rest);
                else
                        err_set(&why, ERR_MALFORMED, "\"[day month year] DSA-... title\" was expected");
        }
        return ok || feed_refuse(l->out, line_name(l->line, place, sizeof(place)), &why, e);
}

static bool debian_list_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct list l = {.arena = a, .out = o};
        struct cursor c = {.rest = document};
        struct span line;

        while (cursor_line(&c, &line)) {
                l.line++;
                if (!line_take(&l, line, e))
                        return false;
        }
        return record_put(&l, e);
}

const struct feed_form feed_debian_list = {.name = "debian-list", .is = debian_list_is, .read = debian_list_read};
