/*
 * Definition after definition becomes records. Advisories keep their own id; a definition about a CVE becomes
 * "RHEL-OVAL-CVE-2022-1".
 */
#include "advisory/feed/oval_priv.h"

struct claims {
        struct oval_claim *at;
        size_t len, cap;
};

struct telling {
        struct oval *o;
        const struct oval_definition *d;
        struct arena *scratch; /* of one definition */
        struct claims claims;
        struct span stranger; /* a system of it that is none of ours */
};

static int claim_order(const void *pa, const void *pb)
{
        const struct oval_claim *a = pa, *b = pb;
        int by = span_compare(a->ecosystem, b->ecosystem);

        if (by == 0)
                by = span_compare(a->package, b->package);
        if (by == 0)
                by = span_compare(a->module, b->module);
        if (by == 0)
                by = (int)a->status - (int)b->status;
        if (by == 0)
                by = span_compare(a->from, b->from);
        if (by == 0)
                by = span_compare(a->fixed, b->fixed);
        if (by == 0)
                by = span_compare(a->last, b->last);
        if (by == 0)
                by = span_compare(a->equal, b->equal);
        return by ? by : span_compare(a->note, b->note);
}

static bool same_package(const struct oval_claim *a, const struct oval_claim *b)
{
        return span_equal(a->ecosystem, b->ecosystem) && span_equal(a->package, b->package) &&
               span_equal(a->module, b->module);
}

/* ---- where they hold ---- */

static void claim_put(struct telling *t, const struct oval_claim *c, struct span ecosystem)
{
        struct oval_claim *n = ARENA_PUSH(t->scratch, &t->claims);

        *n = *c;
        n->ecosystem = ecosystem;
}

static bool systems_put(struct telling *t, const struct oval_alternative *n, const struct oval_claim *c)
{
        bool some = false;

        for (size_t i = 0; i < t->o->n_systems; i++)
                if (n->systems.bits[i / 64] >> i % 64 & 1) {
                        claim_put(t, c, t->o->systems[i]);
                        some = true;
                }
        return some;
}

static bool cpes_put(struct telling *t, const struct oval_claim *c)
{
        struct span before = {0};
        bool some = false;

        for (const struct oval_link *l = oval_link_at(t->o, t->d->cpes.first); l; l = oval_link_at(t->o, l->next)) {
                struct span ecosystem = csaf_ecosystem(oval_text(t->o, l->value), (struct span){0}, t->scratch);

                if (!feed_is_name(ecosystem, FEED_ECOSYSTEM_MAX) || span_equal(ecosystem, before))
                        continue;
                before = ecosystem;
                claim_put(t, c, ecosystem);
                some = true;
        }
        return some;
}

static bool platforms_put(struct telling *t, const struct oval_claim *c)
{
        bool some = false;

        for (const struct oval_link *l = oval_link_at(t->o, t->d->platforms.first); l;
             l = oval_link_at(t->o, l->next)) {
                struct span ecosystem = oval_ecosystem(oval_text(t->o, l->value), t->scratch);

                if (ecosystem.len > 0)
                        claim_put(t, c, ecosystem);
                else
                        t->stranger = oval_text(t->o, l->value);
                some |= ecosystem.len > 0;
        }
        return some;
}

/* False: it names no release at all. */
static bool alternative_take(struct telling *t, const struct oval_alternative *n)
{
        const struct oval_publisher *p = t->o->publisher;
        struct oval_claim c;

        if (!oval_claim_make(t->o, t->d, n, t->scratch, &c))
                return true;
        if (n->systems.any && p->by_tag) {
                struct span ecosystem = oval_tag_ecosystem(n, t->scratch);

                if (ecosystem.len > 0)
                        claim_put(t, &c, ecosystem);
                return ecosystem.len > 0;
        }
        if (n->systems.any && p->by_platform)
                return platforms_put(t, &c) || t->stranger.len > 0;
        if (n->systems.any)
                return p->by_cpe && cpes_put(t, &c);
        /* Its CPEs are more exact than "Red Hat Enterprise Linux 9": a layered product, a stream of a minor release. */
        if (!(p->by_cpe && t->d->cpes.first && cpes_put(t, &c)) && !systems_put(t, n, &c))
                t->stranger = n->stranger.len > 0 ? n->stranger : SPAN_LIT("a release");
        return true;
}

/* ---- records ---- */

struct affected_list {
        struct feed_affected *at;
        size_t len, cap;
};

static void claim_affected(struct telling *t, const struct oval_claim *c, struct feed_affected *to)
{
        if (c->equal.len > 0) {
                to->versions = arena_array(t->scratch, 1, sizeof(*to->versions));
                to->versions[to->n_versions++] = c->equal;
                return;
        }
        if (c->from.len == 0 && c->fixed.len == 0 && c->last.len == 0)
                return; /* every version, or none: its status says which */
        feed_affected_fixed(t->scratch, c->from, c->fixed, to);
        if (c->last.len > 0)
                to->ranges[0].events[to->ranges[0].n_events++] =
                    (struct feed_event){.kind = FEED_LAST_AFFECTED, .version = c->last};
}

/* All claims of one package on one system, in order. "Not affected" goes where more is said. */
static void package_put(struct telling *t, const struct oval_claim *c, size_t n, struct affected_list *to)
{
        struct span *fixes = arena_array(t->scratch, n, sizeof(*fixes));
        size_t n_fixes = 0, more = 0;

        for (size_t i = 0; i < n; i++)
                more += c[i].status != ADVISORY_STATUS_NOT_AFFECTED;
        for (size_t i = 0; i < n; i++) {
                struct feed_affected *f;
                bool plain = c[i].fixed.len > 0 && c[i].from.len == 0 && c[i].status == ADVISORY_STATUS_FIXED;

                if ((more > 0 && c[i].status == ADVISORY_STATUS_NOT_AFFECTED) ||
                    (i > 0 && claim_order(&c[i - 1], &c[i]) == 0))
                        continue;
                if (plain) {
                        fixes[n_fixes++] = c[i].fixed;
                        continue;
                }
                f = ARENA_PUSH(t->scratch, to);
                *f = (struct feed_affected){.ecosystem = c->ecosystem,
                    .package = c->package,
                    .module = c->module,
                    .status = c[i].status,
                    .note = c[i].note};
                claim_affected(t, &c[i], f);
        }
        if (n_fixes > 0) {
                struct feed_affected *f = ARENA_PUSH(t->scratch, to);

                *f = (struct feed_affected){.ecosystem = c->ecosystem,
                    .package = c->package,
                    .module = c->module,
                    .status = ADVISORY_STATUS_FIXED};
                csaf_fixes(t->scratch, fixes, n_fixes, f);
        }
}

static struct span last_part(struct span id)
{
        struct span before, rest = id;

        while (span_split(rest, ':', &before, &rest))
                ;
        return before;
}

/* An advisory's own id: that of its reference, else the first word of its title ("DSA-5179-1 php7.4"). */
static struct span advisory_id(const struct telling *t)
{
        struct span id = oval_text(t->o, t->d->advisory), word, rest;

        if (id.len > 0)
                return id;
        span_split(oval_text(t->o, t->d->title), ' ', &word, &rest);
        if (span_ends(word, ":"))
                word.len--;
        return span_starts(word, "DSA-") || span_starts(word, "DLA-") ? word : (struct span){0};
}

static struct span record_id(const struct telling *t)
{
        const char *prefix = t->o->publisher->prefix;
        struct span id = t->d->patch ? advisory_id(t) : (struct span){0};

        if (id.len > 0)
                return id;
        if (!t->d->patch && t->d->cves.first)
                return arena_printf(t->scratch, "%s-OVAL-%.*s", prefix,
                    SPAN_FMT(oval_text(t->o, oval_link_at(t->o, t->d->cves.first)->value)));
        return arena_printf(t->scratch, "%s-OVAL-%.*s", prefix, SPAN_FMT(last_part(oval_text(t->o, t->d->id))));
}

static void aliases_put(const struct telling *t, struct feed_record *r)
{
        size_t n = 0;

        for (const struct oval_link *l = oval_link_at(t->o, t->d->cves.first); l; l = oval_link_at(t->o, l->next))
                n++;
        r->aliases = arena_array(t->scratch, n, sizeof(*r->aliases));
        for (const struct oval_link *l = oval_link_at(t->o, t->d->cves.first); l; l = oval_link_at(t->o, l->next))
                if (r->n_aliases < FEED_ALIASES_MAX)
                        r->aliases[r->n_aliases++] = oval_text(t->o, l->value);
}

static bool refuse(struct oval *o, struct span place, const struct err *why)
{
        o->gone = !feed_refuse(o->out, place, why, o->e);
        return !o->gone;
}

static bool record_put(struct telling *t)
{
        struct oval *o = t->o;
        struct feed_record r = {.part = true, .id = record_id(t)};
        struct affected_list list = {0};
        struct err why = {0};

        qsort(t->claims.at, t->claims.len, sizeof(*t->claims.at), claim_order);
        for (size_t i = 0, end; i < t->claims.len; i = end) {
                for (end = i + 1; end < t->claims.len && same_package(&t->claims.at[i], &t->claims.at[end]);)
                        end++;
                package_put(t, &t->claims.at[i], end - i, &list);
        }
        if (list.len > FEED_AFFECTED_MAX)
                err_set(&why, ERR_LIMIT, "more than %u packages and releases", FEED_AFFECTED_MAX);
        else if (!feed_is_name(r.id, FEED_ID_MAX))
                err_set(&why, ERR_MALFORMED, "an id of at most %u printable bytes is needed", FEED_ID_MAX);
        if (why.kind)
                return refuse(o, oval_text(o, t->d->id), &why);
        r.affected = list.at;
        r.n_affected = list.len;
        r.summary = oval_text(o, t->d->title);
        r.reference = oval_text(o, t->d->reference);
        aliases_put(t, &r);
        feed_severity_word(&r.severity, oval_text(o, t->d->severity));
        if (t->d->vector && !o->publisher->by_comment) /* Ubuntu's priority is its own, the vector is NVD's */
                feed_severity_vector(&r.severity, oval_text(o, t->d->vector));
        feed_date(oval_text(o, t->d->issued), &r.published_s);
        if (!feed_date(oval_text(o, t->d->updated), &r.modified_s))
                r.modified_s = o->made_s;
        o->gone = !feed_put(o->out, &r, r.id, o->e);
        return !o->gone;
}

/* ---- definition after definition ---- */

/* Told at the end, once for each system and not for each of its thousand definitions. */
static void stranger_note(struct oval *o, struct span name)
{
        char text[sizeof(o->strangers[0].name)];
        size_t i = 0;

        span_printable(span_cut(name, 0, sizeof(text) - 1), text, sizeof(text));
        while (i < o->n_strangers && strcmp(o->strangers[i].name, text) != 0)
                i++;
        if (i == OVAL_STRANGERS_MAX)
                return;
        if (i == o->n_strangers)
                memcpy(o->strangers[o->n_strangers++].name, text, sizeof(text));
        o->strangers[i].n++;
}

static bool strangers_refuse(struct oval *o)
{
        for (size_t i = 0; i < o->n_strangers; i++) {
                struct err why = {0};

                err_set(&why, ERR_UNSUPPORTED, "%llu definitions are of no system that is known here",
                    (unsigned long long)o->strangers[i].n);
                if (!refuse(o, span_of(o->strangers[i].name), &why))
                        return false;
        }
        return true;
}

static bool packages_check(const struct telling *t, struct err *e)
{
        for (size_t i = 0; i < t->claims.len; i++)
                if (!feed_is_name(t->claims.at[i].package, FEED_PACKAGE_MAX))
                        return err_set(e, ERR_MALFORMED, "a package's name was expected");
        return true;
}

static bool definition_tell(struct oval *o, const struct oval_definition *d, struct arena *scratch)
{
        struct telling t = {.o = o, .d = d, .scratch = scratch};
        struct oval_alternatives ways = {0};
        struct err why = {0};
        bool ok = oval_evaluate(o, d, scratch, &ways, &why);

        for (size_t i = 0; i < ways.len && ok; i++)
                ok = alternative_take(&t, &ways.at[i]) ||
                     err_set(&why, ERR_UNSUPPORTED, "it names no release of a system that is known here");
        ok = ok && packages_check(&t, &why);
        if (ok && t.claims.len > 0)
                return record_put(&t);
        if (ok && t.stranger.len > 0) {
                stranger_note(o, t.stranger);
                return true;
        }
        if (ok && ways.len > 0)
                return true; /* of packages that the release does not have */
        if (ok)
                err_set(&why, ERR_UNSUPPORTED, "nothing can meet its criteria");
        return refuse(o, oval_text(o, d->id), &why);
}

/* Ubuntu's notices name binary packages, and its feed of packages has all CVEs of one in a definition. */
static bool is_other_feed(const struct oval *o, const struct oval_definition *d)
{
        return o->publisher->by_comment && (d->patch || !span_starts(oval_text(o, d->title), "CVE-"));
}

bool oval_tell(struct oval *o)
{
        struct arena *scratch CLEANUP(arena_freep) = arena_new();
        uint64_t others = 0;
        struct err why = {0};

        for (size_t i = 0; i < o->definitions.len; i++) {
                const struct oval_definition *d = &o->definitions.at[i];

                arena_reset(scratch);
                if (is_other_feed(o, d))
                        others++;
                else if (!definition_tell(o, d, scratch))
                        return false;
        }
        if (others > 0) {
                err_set(&why, ERR_UNSUPPORTED,
                    "%llu definitions are each of a notice or of a package: take the feed of CVEs "
                    "(com.ubuntu.*.cve.oval.xml)",
                    (unsigned long long)others);
                if (!refuse(o, SPAN_LIT("Ubuntu"), &why))
                        return false;
        }
        return strangers_refuse(o);
}
