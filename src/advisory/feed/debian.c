/*
 * Debian's security tracker: {package: {CVE: {"description", "releases": {codename: {"status", "fixed_version", "urgency",
 * "nodsa", "nodsa_reason"}}}}}. What no other feed says: which releases are not affected, and what will not be mended and why.
 */
#include "advisory/feed/feed_priv.h"

static const struct {
        const char *codename, *ecosystem;
} releases[] = {
    {"forky", "Debian:14"},
    {"trixie", "Debian:13"},
    {"bookworm", "Debian:12"},
    {"bullseye", "Debian:11"},
    {"buster", "Debian:10"},
    {"stretch", "Debian:9"},
    {"jessie", "Debian:8"},
    {"wheezy", "Debian:7"},
    {"squeeze", "Debian:6"},
    {"lenny", "Debian:5"},
    {"etch", "Debian:4"},
    {"sarge", "Debian:3.1"},
    {"woody", "Debian:3.0"},
};

struct span feed_debian_release(struct span codename)
{
        for (size_t i = 0; i < ARRAY_LEN(releases); i++)
                if (span_is(codename, releases[i].codename))
                        return span_of(releases[i].ecosystem);
        return (struct span){0};
}

/* The first value of the first value is an object with a CVE's "releases": no other feed nests so. */
static bool debian_is(struct span head)
{
        return span_starts(span_trim(head), "{") && memmem(head.at, head.len, "\"releases\"", 10) &&
               memmem(head.at, head.len, "\"repositories\"", 14) && !feed_json_has_key(head, "id");
}

struct said {
        struct span status, fixed, urgency, nodsa, nodsa_reason;
        bool has_nodsa;
};

static void release_read(struct json *j, struct said *s)
{
        struct span key;

        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "status"))
                        s->status = json_string(j);
                else if (span_is(key, "fixed_version"))
                        s->fixed = json_string(j);
                else if (span_is(key, "urgency"))
                        s->urgency = json_string(j);
                else if (span_is(key, "nodsa")) {
                        s->nodsa = json_string(j);
                        s->has_nodsa = true;
                } else if (span_is(key, "nodsa_reason"))
                        s->nodsa_reason = json_string(j);
                else
                        json_skip(j);
        }
}

/* "low**": what stars say is of no use here. */
static struct span without_stars(struct span s)
{
        while (s.len > 0 && s.at[s.len - 1] == '*')
                s.len--;
        return s;
}

static void status_take(const struct said *s, struct feed_affected *to)
{
        if (span_is(s->status, "undetermined")) {
                to->status = ADVISORY_STATUS_INVESTIGATING;
        } else if (span_is(s->urgency, "end-of-life")) {
                to->status = ADVISORY_STATUS_END_OF_LIFE;
        } else if (span_is(s->urgency, "unimportant")) {
                to->status = ADVISORY_STATUS_WILL_NOT_FIX;
                to->note = SPAN_LIT("unimportant: without effect in Debian's build or use");
        } else if (s->has_nodsa) {
                to->status =
                    span_is(s->nodsa_reason, "ignored") ? ADVISORY_STATUS_WILL_NOT_FIX : ADVISORY_STATUS_POSTPONED;
                to->note = s->nodsa;
        }
}

static void affected_make(const struct said *s, struct arena *a, struct feed_affected *to)
{
        if (span_is(s->status, "resolved")) {
                to->status = span_is(s->fixed, "0") ? ADVISORY_STATUS_NOT_AFFECTED : ADVISORY_STATUS_FIXED;
                if (to->status == ADVISORY_STATUS_FIXED)
                        feed_affected_fixed(a, (struct span){0}, s->fixed, to);
        } else {
                status_take(s, to);
                if (to->status != ADVISORY_STATUS_INVESTIGATING)
                        feed_affected_fixed(a, (struct span){0}, (struct span){0}, to);
        }
        feed_severity_word(&to->severity, without_stars(s->urgency));
        if (span_is(s->urgency, "unimportant"))
                feed_severity_word(&to->severity, SPAN_LIT("low"));
}

static void releases_read(struct json *j, struct span package, struct arena *a, struct feed_record *r)
{
        struct span key;

        r->affected = arena_array(a, ARRAY_LEN(releases), sizeof(*r->affected));
        for (json_object(j); json_member(j, &key);) {
                struct said s = {0};
                struct span ecosystem = feed_debian_release(key);

                release_read(j, &s);
                if (j->failed)
                        return;
                if (!span_is(s.status, "resolved") && !span_is(s.status, "open") &&
                    !span_is(s.status, "undetermined")) {
                        json_fail(j, ERR_MALFORMED, "a status is resolved, open or undetermined");
                        return;
                }
                if (ecosystem.len == 0 || r->n_affected == ARRAY_LEN(releases))
                        continue; /* sid, experimental: nobody's release */
                r->affected[r->n_affected] = (struct feed_affected){.ecosystem = ecosystem, .package = package};
                affected_make(&s, a, &r->affected[r->n_affected++]);
        }
}

static bool cve_read(
    struct json *j, struct span package, struct span cve, struct arena *a, struct feed_out *o, struct err *e)
{
        struct feed_record r = {.part = true, .aliases = &cve, .n_aliases = span_starts(cve, "CVE-") ? 1 : 0};
        char place[200], reference[200];
        struct json_mark m = json_mark(j);
        struct err why = {0};
        struct span key;

        snprintf(
            place, sizeof(place), "%.*s: %.*s", SPAN_FMT(span_cut(package, 0, 90)), SPAN_FMT(span_cut(cve, 0, 90)));
        for (json_object(j); json_member(j, &key);) {
                if (span_is(key, "description"))
                        r.summary = feed_headline(json_string(j));
                else if (span_is(key, "releases"))
                        releases_read(j, package, a, &r);
                else
                        json_skip(j);
        }
        if (json_recover(j, &m, &why))
                return feed_refuse(o, span_of(place), &why, e);
        if (j->failed)
                return true;
        if (!feed_is_name(package, FEED_PACKAGE_MAX) || !feed_is_name(cve, FEED_ID_MAX - 16)) {
                err_set(&why, ERR_MALFORMED, "a package's name and an id were expected");
                return feed_refuse(o, (struct span){0}, &why, e);
        }
        r.id = arena_printf(a, "DEBIAN-TRACKER-%.*s", SPAN_FMT(cve));
        snprintf(reference, sizeof(reference), "https://security-tracker.debian.org/tracker/%.*s", SPAN_FMT(cve));
        r.reference = arena_copy(a, span_of(reference));
        return r.n_affected == 0 || feed_put(o, &r, span_of(place), e);
}

static bool debian_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        static const struct json_limits limits = {.string_max = FEED_TEXT_MAX};
        struct span package, cve;
        struct json j;

        json_init(&j, document, a, &limits);
        for (json_object(&j); json_member(&j, &package);) {
                struct json_mark m = json_mark(&j);
                struct err why;

                for (json_object(&j); json_member(&j, &cve);)
                        if (!cve_read(&j, package, cve, a, o, e))
                                return false;
                if (json_recover(&j, &m, &why) && !feed_refuse(o, package, &why, e)) /* it is no list of CVEs at all */
                        return false;
        }
        return json_finish(&j, e);
}

const struct feed_form feed_debian = {.name = "debian-tracker", .is = debian_is, .read = debian_read};
