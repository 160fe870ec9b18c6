/*
 * What each publisher's definitions mean.
 *
 *      Red Hat         com.redhat.rhsa: mended below; .cve: not mended, and why; .unaffected: not affected. Releases by CPE.
 *      SUSE            a definition for each CVE: mended below, "is affected", "is not affected".
 *      Oracle          com.oracle.elsa: mended below.
 *      Ubuntu          a definition for each CVE; source packages and verdicts are in the comments.
 *      Azure Linux     source packages; the release is in the versions alone ("1.20.7-1.azl3").
 *      Debian, AlmaLinux, Photon OS
 */
#include "advisory/feed/oval_priv.h"
#include "advisory/feed/updateinfo_priv.h"

static const struct oval_publisher publishers[] = {
    {.space = "com.redhat.", .prefix = "RHEL", .by_cpe = true},
    {.space = "org.opensuse.security", .prefix = "SUSE"},
    {.space = "com.oracle.elsa", .prefix = "ORACLE", .by_line = true},
    {.space = "com.ubuntu.", .prefix = "UBUNTU", .by_platform = true, .by_comment = true},
    {.space = "com.microsoft.azurelinux", .prefix = "AZURE-LINUX", .by_tag = true},
    {.space = "com.microsoft.cbl-mariner", .prefix = "AZURE-LINUX", .by_tag = true},
    {.space = "org.debian", .prefix = "DEBIAN"},
    {.space = "org.almalinux.", .prefix = "ALMALINUX"},
    {.space = "com.vmware.phsa", .prefix = "PHOTON"},
};

const struct oval_publisher *oval_publisher_of(struct span definition_id)
{
        struct span space = span_from(definition_id, strlen("oval:"));

        for (size_t i = 0; i < ARRAY_LEN(publishers) && span_starts(definition_id, "oval:"); i++)
                if (span_starts(space, publishers[i].space))
                        return &publishers[i];
        return NULL;
}

/* ---- systems ---- */

/* No image says that it is of SUSE's Manager, or that somebody pays for the years behind a release's end ("15 SP1-LTSS"). */
static bool is_asked_for(struct span ecosystem)
{
        static const char *const products[] = {"SUSE:Linux Enterprise Server ", "SUSE:Linux Enterprise Desktop ",
            "SUSE:Linux Enterprise High Performance Computing ", "SUSE:Linux Enterprise Micro ", "SUSE:Linux Micro "};
        size_t dash;

        for (size_t i = 0; i < ARRAY_LEN(products); i++)
                if (span_starts(ecosystem, products[i]))
                        return !span_find(span_from(ecosystem, strlen(products[i])), '-', &dash);
        return !span_starts(ecosystem, "SUSE:");
}

struct span oval_ecosystem(struct span name, struct arena *a)
{
        static const struct {
                const char *before, *ecosystem, *after;
                size_t digits_and_dots; /* at least */
        } rows[] = {
            {"Debian ", "Debian:", "", 1}, {"Photon OS ", "Photon OS:", ".0", 1}, {"Ubuntu ", "Ubuntu:", "", 4},
            {"openSUSE Leap Micro ", "openSUSE:Leap Micro ", "", 3}, {"openSUSE Leap ", "openSUSE:Leap ", "", 3},
            {"openSUSE 1", "openSUSE:1", "", 3}, /* before there was Leap: "13.2" */
        };
        struct span ecosystem;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct span rest = span_from(name, strlen(rows[i].before));
                size_t n = 0;

                if (!span_starts(name, rows[i].before))
                        continue;
                while (n < rest.len && n < 6 && ((rest.at[n] >= '0' && rest.at[n] <= '9') || rest.at[n] == '.'))
                        n++;
                if (n < rows[i].digits_and_dots || (n < rest.len && rest.at[n] != ' '))
                        return (struct span){0};
                return arena_printf(a, "%s%.*s%s", rows[i].ecosystem, (int)n, (const char *)rest.at, rows[i].after);
        }
        ecosystem = updateinfo_ecosystem(name, a);
        return feed_is_name(ecosystem, FEED_ECOSYSTEM_MAX) && is_asked_for(ecosystem) ? ecosystem : (struct span){0};
}

/* ".azl3", ".cm2": how Azure Linux and its forerunner mark their builds. */
struct span oval_tag_ecosystem(const struct oval_alternative *n, struct arena *a)
{
        static const char *const tags[] = {".azl", ".cm"};
        struct span version = n->upper.len > 0 ? n->upper : n->lower.len > 0 ? n->lower : n->equal;
        size_t digits = 0;

        while (digits < version.len && version.at[version.len - digits - 1] >= '0' &&
               version.at[version.len - digits - 1] <= '9')
                digits++;
        for (size_t i = 0; i < ARRAY_LEN(tags) && digits > 0 && digits < 4; i++)
                if (span_ends(span_cut(version, 0, version.len - digits), tags[i]))
                        return arena_printf(a, "Azure Linux:%.*s", SPAN_FMT(span_from(version, version.len - digits)));
        return (struct span){0};
}

/* ---- verdicts ---- */

static bool contains(struct span s, const char *words)
{
        return s.len > 0 && memmem(s.at, s.len, words, strlen(words));
}

/* "(note: '5.15.0-25.25')." */
static struct span note_of(struct span comment)
{
        static const char before[] = "(note: '";
        const uint8_t *at = comment.len > 0 ? memmem(comment.at, comment.len, before, strlen(before)) : NULL;
        struct span note;
        size_t n;

        if (!at)
                return (struct span){0};
        note = span_from(comment, (size_t)(at - comment.at) + strlen(before));
        for (n = note.len; n > 0 && note.at[n - 1] != '\''; n--)
                ;
        return span_cut(note, 0, n > 0 ? n - 1 : note.len);
}

static bool is_version(struct span note)
{
        size_t blank;

        return note.len > 0 && note.at[0] >= '0' && note.at[0] <= '9' && !span_find(note, ' ', &blank);
}

/* Ubuntu's words, as its tracker's generator writes them; false: the package is not in the release. */
static bool ubuntu_verdict(const struct oval_alternative *n, struct oval_claim *c)
{
        static const struct {
                const char *words;
                enum advisory_status status;
        } rows[] = {
            {"but no release version available", ADVISORY_STATUS_INVESTIGATING},
            {"has been fixed", ADVISORY_STATUS_FIXED},
            {"is pending publication", ADVISORY_STATUS_PENDING},
            {"defer addressing it", ADVISORY_STATUS_POSTPONED},
            {"ignore this issue", ADVISORY_STATUS_WILL_NOT_FIX},
            {"needs fixing", ADVISORY_STATUS_PENDING},
            {"may need fixing", ADVISORY_STATUS_INVESTIGATING},
            {"is not affected", ADVISORY_STATUS_NOT_AFFECTED},
            {"pending evaluation", ADVISORY_STATUS_INVESTIGATING},
        };

        if (contains(n->comment, "package does not exist"))
                return false;
        if (n->comment.len == 0) { /* a kernel that is affected: with which verdict is not told */
                c->from = SPAN_LIT("0");
                return true;
        }
        c->status = ADVISORY_STATUS_INVESTIGATING;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (contains(n->comment, rows[i].words)) {
                        c->status = rows[i].status;
                        break;
                }
        c->note = note_of(n->comment);
        if (c->status == ADVISORY_STATUS_WILL_NOT_FIX &&
            (contains(c->note, "end of life") || contains(c->note, "end-of-life") ||
                contains(c->note, "end of standard support")))
                c->status = ADVISORY_STATUS_END_OF_LIFE;
        if (c->status == ADVISORY_STATUS_FIXED || (c->status == ADVISORY_STATUS_PENDING && c->fixed.len > 0)) {
                /* The source's version; the test asks for a binary's, or for that of the kernel that runs. */
                if (is_version(c->note))
                        c->fixed = c->note;
                if (c->fixed.len == 0)
                        c->status = ADVISORY_STATUS_INVESTIGATING;
                c->note = (struct span){0};
        }
        return true;
}

/* Red Hat's: "nodejs:16/nodejs" is a component of a module. */
static bool is_component(struct span component, struct span package, size_t *ret_len)
{
        struct span name, rest;

        if (span_split(component, '/', &name, &rest))
                component = rest;
        *ret_len = component.len;
        return component.len > 0 && package.len >= component.len &&
               span_equal(span_cut(package, 0, component.len), component) &&
               (package.len == component.len || package.at[component.len] == '-');
}

static enum advisory_status resolution_status(struct span state)
{
        static const struct {
                const char *words;
                enum advisory_status status;
        } rows[] = {{"Affected", ADVISORY_STATUS_PENDING}, {"Fix deferred", ADVISORY_STATUS_POSTPONED},
            {"Will not fix", ADVISORY_STATUS_WILL_NOT_FIX}, {"Out of support scope", ADVISORY_STATUS_END_OF_LIFE},
            {"Under investigation", ADVISORY_STATUS_INVESTIGATING}, {"Not affected", ADVISORY_STATUS_NOT_AFFECTED}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (span_is(state, rows[i].words))
                        return rows[i].status;
        return ADVISORY_STATUS_PENDING;
}

/* The state of the component that names the package best, else the first: a binary need not begin like its source. */
static void resolution_take(const struct oval *o, const struct oval_definition *d, struct oval_claim *c)
{
        struct span state = {0}, best = {0};
        size_t longest = 0, len;
        bool component = false;

        for (const struct oval_link *l = oval_link_at(o, d->resolutions.first); l; l = oval_link_at(o, l->next)) {
                if (l->value == OVAL_COMPONENT) {
                        component = true;
                } else if (!component) {
                        state = oval_text(o, l->value);
                        if (best.len == 0)
                                best = state;
                } else {
                        component = false;
                        if (is_component(oval_text(o, l->value), c->package, &len) && len > longest) {
                                longest = len;
                                best = state;
                        }
                }
        }
        c->status = best.len > 0 ? resolution_status(best) : ADVISORY_STATUS_PENDING;
        if (c->status == ADVISORY_STATUS_POSTPONED || c->status == ADVISORY_STATUS_END_OF_LIFE)
                c->note = best; /* the others are the status' own words */
}

bool oval_claim_make(const struct oval *o, const struct oval_definition *d, const struct oval_alternative *n,
    struct arena *a, struct oval_claim *c)
{
        *c = (struct oval_claim){.package = n->package,
            .module = n->module,
            .from = n->lower,
            .fixed = n->upper_inclusive ? (struct span){0} : n->upper,
            .last = n->upper_inclusive ? n->upper : (struct span){0},
            .equal = n->equal};
        if (n->never)
                *c = (struct oval_claim){
                    .package = n->package, .module = n->module, .status = ADVISORY_STATUS_NOT_AFFECTED};
        else if (o->publisher->by_comment)
                return ubuntu_verdict(n, c);
        else if (c->fixed.len > 0)
                c->status = ADVISORY_STATUS_FIXED;
        else
                resolution_take(o, d, c);
        if (o->publisher->by_line && c->fixed.len > 0 && c->from.len == 0)
                return feed_oracle_from(c->package, c->fixed, a, &c->from);
        return true;
}
