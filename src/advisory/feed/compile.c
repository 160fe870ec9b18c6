/* A publisher's record as one entry for each package that it speaks of. */
#include "advisory/feed/feed_priv.h"

/* What one package has gathered from the affected entries that name it. */
struct gathered {
        struct record_entry entry;
        struct range_result result;
        bool severity_known;
};

/* Affected entry before record, vector before word. */
static void severity_choose(const struct feed_severity *own, const struct feed_severity *records, struct gathered *g)
{
        const struct feed_severity *of = own->scored ? own : records->scored ? records : NULL;
        enum severity severity = SEVERITY_UNKNOWN;
        uint32_t tenths = 0;

        if (of) {
                tenths = of->score_tenths;
                severity = cvss_vector_severity(of->vector, tenths);
        } else if (own->worded || records->worded) {
                severity = own->worded ? own->word : records->word;
        }
        /* A package named twice keeps the worse of both. */
        if (g->severity_known &&
            (severity < g->entry.severity || (severity == g->entry.severity && tenths <= g->entry.score_tenths)))
                return;
        g->severity_known = true;
        g->entry.severity = severity;
        g->entry.score_tenths = tenths;
        g->entry.vector = of ? of->vector : (struct span){0};
}

static bool is_distribution(enum version_order o)
{
        return o == VERSION_ORDER_DPKG || o == VERSION_ORDER_RPM || o == VERSION_ORDER_APK ||
               o == VERSION_ORDER_PACMAN || o == VERSION_ORDER_PORTAGE;
}

/* The CVE ids of a distribution's advisory stand in "related"; elsewhere that field names other vulnerabilities. */
static void aliases_choose(const struct feed_record *in, bool distribution, struct arena *a, struct record *ret)
{
        struct {
                struct span *at;
                size_t len, cap;
        } list = {0};

        for (size_t i = 0; i < in->n_aliases; i++)
                if (!span_equal(in->aliases[i], in->id))
                        *ARENA_PUSH(a, &list) = in->aliases[i];
        for (size_t i = 0; i < in->n_related && distribution; i++) {
                bool known = !span_starts(in->related[i], "CVE-") || list.len >= FEED_ALIASES_MAX;
                for (size_t k = 0; k < list.len && !known; k++)
                        known = span_equal(list.at[k], in->related[i]);
                if (!known)
                        *ARENA_PUSH(a, &list) = in->related[i];
        }
        ret->aliases = list.at;
        ret->n_aliases = list.len;
}

static int gathered_compare(const void *a, const void *b)
{
        const struct record_entry *x = &((const struct gathered *)a)->entry, *y = &((const struct gathered *)b)->entry;
        int sign = span_compare(x->ecosystem, y->ecosystem);

        if (sign == 0)
                sign = span_compare(x->package, y->package);
        return sign ? sign : span_compare(x->module, y->module);
}

/* Entries of one package stand side by side after sorting; they become one. */
static size_t packages_unite(struct gathered *at, size_t n, struct arena *a)
{
        size_t kept = 0;

        if (n > 1)
                qsort(at, n, sizeof(*at), gathered_compare);
        for (size_t i = 0; i < n; i++) {
                struct gathered *into = kept > 0 ? &at[kept - 1] : NULL;
                if (!into || gathered_compare(into, &at[i]) != 0) {
                        at[kept++] = at[i];
                        continue;
                }
                for (size_t k = 0; k < at[i].result.intervals.len; k++)
                        *ARENA_PUSH(a, &into->result.intervals) = at[i].result.intervals.at[k];
                into->result.flags |= at[i].result.flags;
                if (at[i].entry.status > into->entry.status) { /* in the order of how bad they are */
                        into->entry.status = at[i].entry.status;
                        into->entry.note = at[i].entry.note;
                }
                struct feed_severity other = {.vector = at[i].entry.vector,
                    .score_tenths = at[i].entry.score_tenths,
                    .scored = at[i].entry.vector.len > 0,
                    .worded = true,
                    .word = at[i].entry.severity};
                severity_choose(&other, &(struct feed_severity){0}, into);
        }
        return kept;
}

void feed_compile(const struct feed_record *in, struct arena *a, struct record *ret)
{
        struct record r = {.id = in->id,
            .summary = in->summary,
            .reference = in->reference,
            .modified_s = in->modified_s,
            .published_s = in->published_s,
            .flags = (in->withdrawn ? RECORD_WITHDRAWN : 0) | (in->part ? RECORD_PART : 0)};
        struct gathered *all = arena_array(a, in->n_affected, sizeof(*all));
        bool distribution = false;
        size_t n = 0;

        for (size_t i = 0; i < in->n_affected; i++) {
                const struct feed_affected *affected = &in->affected[i];
                enum version_order o = version_order_of(affected->ecosystem);
                struct gathered *g = &all[n];
                if (o == VERSION_ORDER_NONE) {
                        r.skipped_ecosystem++;
                        continue;
                }
                distribution |= is_distribution(o);
                g->entry.ecosystem = affected->ecosystem;
                g->entry.package = affected->package;
                g->entry.module = affected->module;
                g->entry.status = affected->status;
                g->entry.note = feed_headline(affected->note);
                advisory_names(a, &g->entry.ecosystem, &g->entry.package);
                feed_affected_evaluate(o, affected, a, &g->result);
                severity_choose(&affected->severity, &in->severity, g);
                r.refused_versions += g->result.refused_versions;
                r.beginless += g->result.beginless;
                n++;
        }
        n = packages_unite(all, n, a);
        r.entries = arena_array(a, n, sizeof(*r.entries));
        r.n_entries = n;
        for (size_t i = 0; i < n; i++) {
                feed_intervals_unite(&all[i].result.intervals);
                r.entries[i] = all[i].entry;
                r.entries[i].flags = all[i].result.flags;
                r.entries[i].intervals = all[i].result.intervals.at;
                r.entries[i].n_intervals = all[i].result.intervals.len;
        }
        aliases_choose(in, distribution, a, &r);
        *ret = r;
}
