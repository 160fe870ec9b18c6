#include <assert.h>

#include "match/match_priv.h"

struct notes {
        struct span *at;
        size_t len, cap;
};

struct asking {
        struct match *m;
        const struct match_source *from;
        struct finding_list findings; /* in the match's arena */
        struct notes notes;
};

static int question_order(const void *pa, const void *pb)
{
        const struct question *a = pa, *b = pb;
        int by = span_compare(a->ecosystem, b->ecosystem);

        if (by == 0)
                by = span_compare(a->package, b->package);
        if (by == 0)
                by = span_compare(a->version, b->version);
        if (by == 0)
                by = span_compare(a->module, b->module);
        return by ? by : (a->component > b->component) - (a->component < b->component);
}

static bool question_equal(const struct question *a, const struct question *b)
{
        return span_equal(a->ecosystem, b->ecosystem) && span_equal(a->package, b->package) &&
               span_equal(a->version, b->version) && span_equal(a->module, b->module);
}

static int finding_order(const void *pa, const void *pb)
{
        const struct finding *a = pa, *b = pb;
        int by = (a->fact.kev_added_s == 0) - (b->fact.kev_added_s == 0);

        if (by == 0)
                by = (a->severity < b->severity) - (a->severity > b->severity);
        if (by == 0)
                by = (a->fact.epss < b->fact.epss) - (a->fact.epss > b->fact.epss);
        if (by == 0)
                by = (a->score_tenths < b->score_tenths) - (a->score_tenths > b->score_tenths);
        if (by == 0)
                by = span_compare(a->id, b->id);
        return by ? by : (a->component > b->component) - (a->component < b->component);
}

/* Ubuntu's long-term releases are "Ubuntu:22.04:LTS" in OSV and "22.04" in os-release(5). */
static struct span without_lts(struct span ecosystem)
{
        if (span_starts(ecosystem, "Ubuntu:") && span_ends(ecosystem, ":LTS"))
                ecosystem.len -= strlen(":LTS");
        return ecosystem;
}

/* The release's own advisories: those of "Debian" without a release are too few to call "Debian:12" assessed. */
static bool source_has(const struct match_source *from, struct span ecosystem)
{
        for (size_t i = 0; i < from->info->n_ecosystems; i++)
                if (span_equal(without_lts(from->info->ecosystems[i].ecosystem), without_lts(ecosystem)))
                        return true;
        return false;
}

/*
 * A file that one of the system's packages installed is mended by that package, and the distribution's advisories speak of
 * it: its own name and version, which a backport does not change, would give false alarms.
 */
static bool is_spoken_for(const struct inventory *v, const struct match_source *from, const struct component *c)
{
        const struct component *owner =
            c->owner > 0 && c->owner <= v->n_components ? &v->components[c->owner - 1] : NULL;

        return owner && owner->ecosystem.len > 0 && version_order_of(owner->ecosystem) != VERSION_ORDER_NONE &&
               source_has(from, owner->ecosystem);
}

struct collecting {
        const struct question *q;
        struct hits hits;
        struct arena *scratch;
        bool too_many;
};

/*
 * A module's record is for packages of that module. Where the list of packages says of none which module it is of (a bill of
 * materials), one that was built in some module may be of this one: told too often rather than lost.
 */
static bool is_of_module(struct span module, const struct question *q)
{
        static const char mark[] = ".module";

        if (module.len == 0 || span_equal(module, q->module))
                return true;
        return q->module.len == 0 && memmem(q->version.at, q->version.len, mark, strlen(mark)) != NULL;
}

/* The hit's list of aliases lives until we return, what it points at as long as the database. */
static bool on_hit(void *ctx, const struct advisory_hit *hit)
{
        struct collecting *c = ctx;
        struct span *aliases;

        if (hit->withdrawn || !is_of_module(hit->module, c->q))
                return true;
        c->hits.n_ids += 1 + hit->n_aliases;
        c->too_many = c->hits.len >= MATCH_HITS_MAX || c->hits.n_ids > MATCH_IDS_MAX;
        if (c->too_many)
                return false;
        aliases = arena_array(c->scratch, hit->n_aliases, sizeof(*aliases));
        if (hit->n_aliases > 0)
                memcpy(aliases, hit->aliases, hit->n_aliases * sizeof(*aliases));
        *ARENA_PUSH(c->scratch, &c->hits) = *hit;
        c->hits.at[c->hits.len - 1].aliases = aliases;
        return true;
}

bool match_lookup(
    const struct match_source *from, const struct question *q, struct arena *scratch, struct hits *ret, struct err *e)
{
        struct collecting c = {.q = q, .scratch = scratch};
        struct err why = {0};
        char name[256];

        span_printable(q->package, name, sizeof(name));
        if (!from->lookup(from->ctx, q->ecosystem, q->package, q->version, on_hit, &c, &why)) {
                if (e)
                        *e = why;
                return err_wrap(e, "look up %s", name);
        }
        if (c.too_many)
                return err_set(e, ERR_LIMIT, "%s: more than %u records or %u ids speak of it", name, MATCH_HITS_MAX,
                    MATCH_IDS_MAX);
        *ret = c.hits;
        return true;
}

/* Asks once for the components q[0..n) and gives each of them the findings. */
static bool ask(struct asking *k, struct question *q, size_t n, struct arena *scratch, struct err *e)
{
        struct arena *a = k->m->arena;
        size_t first = k->findings.len, end, all;
        struct hits hits;
        char name[256];

        if (!match_lookup(k->from, q, scratch, &hits, e))
                return false;
        k->m->n_assessed += n;
        if (hits.len == 0)
                return true;
        q->package = arena_copy(a, q->package);
        q->version = arena_copy(a, q->version);
        span_printable(q->package, name, sizeof(name));
        if (!group_hits(q, &hits, scratch, a, &k->findings, e))
                return err_wrap(e, "%s", name);
        end = k->findings.len;
        if (end > first && !update_find(k->from, q, &k->findings.at[first], end - first, scratch, a, e))
                return false;
        if (__builtin_mul_overflow(end - first, n, &all) || all > MATCH_FINDINGS_MAX - first)
                return err_set(e, ERR_LIMIT, "%s: the image has more than %u findings", name, MATCH_FINDINGS_MAX);
        for (size_t i = first; i < end; i++)
                k->findings.at[i].component = q[0].component;
        for (size_t copy = 1; copy < n; copy++)
                for (size_t i = first; i < end; i++) {
                        struct finding f = k->findings.at[i];

                        f.component = q[copy].component;
                        *ARENA_PUSH(a, &k->findings) = f;
                }
        return true;
}

static void note_not_asked(struct asking *k, struct span ecosystem, size_t n)
{
        bool ordered = version_order_of(ecosystem) != VERSION_ORDER_NONE;
        char name[128];

        span_printable(ecosystem, name, sizeof(name));
        *ARENA_PUSH(k->m->arena, &k->notes) = arena_printf(k->m->arena,
            ordered ? "no advisories for %s in the database: %zu component%s not assessed"
                    : "the version order of %s is not known here: %zu component%s not assessed",
            name, n, n == 1 ? "" : "s");
        k->m->complete = false;
}

static bool ask_all(struct asking *k, struct question *q, size_t n, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();

        for (size_t i = 0, end; i < n; i = end) {
                end = i + 1;
                if (version_order_of(q[i].ecosystem) == VERSION_ORDER_NONE || !source_has(k->from, q[i].ecosystem)) {
                        while (end < n && span_equal(q[end].ecosystem, q[i].ecosystem))
                                end++;
                        note_not_asked(k, q[i].ecosystem, end - i);
                        continue;
                }
                while (end < n && question_equal(&q[end], &q[i]))
                        end++;
                arena_reset(scratch);
                if (!ask(k, &q[i], end - i, scratch, e))
                        return false;
        }
        return true;
}

/* What is known of each finding's CVE; a severity that no record gave is the one of its score. */
static bool take_facts(const struct match_source *from, struct match *m, struct err *e)
{
        for (size_t i = 0; i < m->n_findings; i++) {
                struct finding *f = &m->findings[i];
                bool known = false;

                if (!from->fact || !span_starts(f->id, "CVE-"))
                        continue;
                if (!from->fact(from->ctx, f->id, &f->fact, &known, e))
                        return false;
                if (!known)
                        continue;
                f->fact.id = f->id;
                f->fact.vector = arena_copy(m->arena, f->fact.vector);
                if (f->severity <= SEVERITY_UNKNOWN && f->fact.vector.len > 0) {
                        f->severity = cvss_vector_severity(f->fact.vector, f->fact.score_tenths);
                        f->score_tenths = f->fact.score_tenths;
                        f->vector = f->fact.vector;
                }
        }
        return true;
}

static void count(struct match *m)
{
        for (size_t i = 0; i < m->n_findings; i++) {
                const struct finding *f = &m->findings[i];

                if (f->answer != ADVISORY_AFFECTED)
                        m->n_cannot_tell++;
                else
                        m->n_affected[(size_t)f->severity < MATCH_SEVERITIES ? f->severity : SEVERITY_UNKNOWN]++;
        }
}

/*
 * Of a language, and not from its registry: a folder of the build, a workspace's own package. Nobody publishes advisories for
 * it, so there is nothing to look up. What is of no language (a program by itself, a distribution's package elsewhere) has
 * advisories somewhere, only not here; and what a lock file takes from somebody's repository ("vcs_url") may be a fork of
 * what has them.
 */
static bool is_own(const struct component *c)
{
        static const char *const types[] = {"cargo", "composer", "cran", "gem", "golang", "hackage", "hex", "maven",
            "npm", "nuget", "opam", "pub", "pypi"};

        if (c->ecosystem.len > 0 || (c->purl.len > 0 && memmem(c->purl.at, c->purl.len, "vcs_url=", 8)))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (span_is(c->type, types[i]))
                        return true;
        return false;
}

bool match_inventory_from(const struct inventory *v, const struct match_source *from, struct match **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        CLEANUP(match_freep) struct match *m = heap_alloc(sizeof(*m));
        struct question *q = arena_array(scratch, v->n_components, sizeof(*q));
        struct asking k = {.m = m, .from = from};
        size_t n = 0, homeless = 0;

        m->arena = arena_new();
        m->complete = true;
        for (size_t i = 0; i < v->n_components; i++) {
                if (is_spoken_for(v, from, &v->components[i]) || is_own(&v->components[i]))
                        m->n_assessed++;
                else if (question_is_kernel_text(&v->components[i]) && source_has(from, v->components[i].ecosystem))
                        m->n_kernel_text++;
                else if (v->components[i].ecosystem.len > 0)
                        q[n++] = question_of(&v->components[i], (uint32_t)i);
                else
                        homeless++;
        }
        m->n_assessed += m->n_kernel_text;
        if (homeless > 0)
                m->complete = false;
        if (homeless > 0 && v->os_known) /* else the inventory has said so itself */
                *ARENA_PUSH(m->arena, &k.notes) =
                    arena_printf(m->arena, "%zu component%s of no ecosystem that has advisories: not assessed",
                        homeless, homeless == 1 ? "" : "s");
        if (n > 0)
                qsort(q, n, sizeof(*q), question_order);
        if (!ask_all(&k, q, n, e))
                return false;
        m->findings = k.findings.at;
        m->n_findings = k.findings.len;
        if (!take_facts(from, m, e))
                return false;
        if (m->n_findings > 0)
                qsort(m->findings, m->n_findings, sizeof(*m->findings), finding_order);
        m->notes = k.notes.at;
        m->n_notes = k.notes.len;
        m->database.digest = from->info->digest;
        m->database.built_s = from->info->built_s;
        m->database.newest_record_s = from->info->newest_record_s;
        m->database.records = from->info->records;
        count(m);
        *ret = m;
        m = NULL;
        return true;
}

static bool database_lookup(const void *ctx, struct span ecosystem, struct span package, struct span version,
    bool (*hit)(void *ctx, const struct advisory_hit *hit), void *hit_ctx, struct err *e)
{
        return advisory_db_lookup(ctx, ecosystem, package, version, hit, hit_ctx, e);
}

static bool database_fact(
    const void *ctx, struct span id, struct advisory_fact *ret, bool *ret_known, struct err *e)
{
        return advisory_db_fact(ctx, id, ret, ret_known, e);
}

bool match_inventory(const struct inventory *v, const struct advisory_db *db, struct match **ret, struct err *e)
{
        return match_inventory_from(v,
            &(struct match_source){
                .ctx = db, .lookup = database_lookup, .fact = database_fact, .info = advisory_db_info(db)},
            ret, e);
}

void match_free(struct match *m)
{
        if (!m)
                return;
        arena_free(m->arena);
        free(m);
}

void match_freep(struct match **m)
{
        match_free(*m);
}
