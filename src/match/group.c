/*
 * The records of one package -> its findings, one for each CVE; what has no CVE is joined by the ids it shares.
 *
 *      record          names                   ->  finding         on the word of
 *      DEBIAN-CVE-1    CVE-1                       CVE-1           DEBIAN-CVE-1, DSA-7
 *      DSA-7           CVE-1 CVE-2                 CVE-2           DSA-7
 *      GHSA-a          PYSEC-5                     GHSA-a          GHSA-a, PYSEC-5
 *      PYSEC-5
 */
#include "match/match_priv.h"

/* One id that a record names: its own or an alias. */
struct naming {
        struct span id;
        uint32_t hit;
};

struct namings {
        struct naming *at;
        size_t len, cap;
};

/* A record without a CVE shares an id with a record that has some. */
struct link {
        uint32_t root, hit;
};

struct links {
        struct link *at;
        size_t len, cap;
};

struct group {
        const struct question *q;
        const struct hits *hits;
        struct arena *scratch;
        struct namings names; /* sorted by id, then hit */
        uint32_t *n_cves;     /* of each hit */
        uint32_t *parent;     /* union-find over the hits without a CVE */
        struct links links;
        struct namings votes; /* finding's key, and a record that speaks of it */
};

static bool is_cve(struct span id)
{
        return span_starts(id, "CVE-");
}

static int naming_order(const void *pa, const void *pb)
{
        const struct naming *a = pa, *b = pb;
        int by = span_compare(a->id, b->id);

        return by ? by : (a->hit > b->hit) - (a->hit < b->hit);
}

static int link_order(const void *pa, const void *pb)
{
        const struct link *a = pa, *b = pb;
        int by = (a->root > b->root) - (a->root < b->root);

        return by ? by : (a->hit > b->hit) - (a->hit < b->hit);
}

static void namings_sort(struct namings *n)
{
        size_t kept = 0;

        if (n->len == 0)
                return;
        qsort(n->at, n->len, sizeof(*n->at), naming_order);
        for (size_t i = 1; i < n->len; i++)
                if (naming_order(&n->at[kept], &n->at[i]) != 0)
                        n->at[++kept] = n->at[i];
        n->len = kept + 1;
}

/* The end of the run of equal ids that begins at `from`. */
static size_t run_end(const struct namings *n, size_t from)
{
        size_t end = from + 1;

        while (end < n->len && span_equal(n->at[end].id, n->at[from].id))
                end++;
        return end;
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
        while (parent[i] != i) {
                parent[i] = parent[parent[i]];
                i = parent[i];
        }
        return i;
}

static void collect_names(struct group *g)
{
        for (uint32_t i = 0; i < g->hits->len; i++) {
                const struct advisory_hit *h = &g->hits->at[i];

                *ARENA_PUSH(g->scratch, &g->names) = (struct naming){h->id, i};
                for (size_t k = 0; k < h->n_aliases; k++)
                        if (h->aliases[k].len > 0)
                                *ARENA_PUSH(g->scratch, &g->names) = (struct naming){h->aliases[k], i};
        }
        namings_sort(&g->names);
        for (size_t i = 0; i < g->names.len; i++)
                g->n_cves[g->names.at[i].hit] += is_cve(g->names.at[i].id);
}

/* Joins the records without a CVE that share an id, and notes with which others they share one. */
static void join_run(struct group *g, size_t from, size_t end, bool linking)
{
        uint32_t first = UINT32_MAX;

        for (size_t i = from; i < end; i++) {
                uint32_t hit = g->names.at[i].hit;

                if (g->n_cves[hit] > 0)
                        continue;
                if (first == UINT32_MAX)
                        first = hit;
                else
                        g->parent[root_of(g->parent, hit)] = root_of(g->parent, first);
        }
        if (!linking || first == UINT32_MAX)
                return;
        for (size_t i = from; i < end; i++)
                if (g->n_cves[g->names.at[i].hit] > 0)
                        *ARENA_PUSH(g->scratch, &g->links) =
                            (struct link){root_of(g->parent, first), g->names.at[i].hit};
}

static void join_names(struct group *g, bool linking)
{
        for (size_t i = 0, end; i < g->names.len; i = end) {
                end = run_end(&g->names, i);
                if (!is_cve(g->names.at[i].id))
                        join_run(g, i, end, linking);
        }
}

static bool vote(struct group *g, struct span key, uint32_t hit, struct err *e)
{
        if (g->votes.len >= MATCH_IDS_MAX)
                return err_set(e, ERR_LIMIT, "its records are joined by more than %u ids", MATCH_IDS_MAX);
        *ARENA_PUSH(g->scratch, &g->votes) = (struct naming){key, hit};
        return true;
}

static bool vote_for_cves_of(struct group *g, uint32_t named_by, uint32_t hit, struct err *e)
{
        const struct advisory_hit *h = &g->hits->at[named_by];

        if (is_cve(h->id) && !vote(g, h->id, hit, e))
                return false;
        for (size_t k = 0; k < h->n_aliases; k++)
                if (is_cve(h->aliases[k]) && !vote(g, h->aliases[k], hit, e))
                        return false;
        return true;
}

/* A record without a CVE speaks for the CVEs of those it is linked with, or, without any, for its joined self. */
static bool vote_without_cve(struct group *g, const struct span *root_ids, uint32_t hit, struct err *e)
{
        uint32_t root = root_of(g->parent, hit);
        size_t low = 0, high = g->links.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (g->links.at[middle].root < root)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == g->links.len || g->links.at[low].root != root)
                return vote(g, root_ids[root], hit, e);
        for (; low < g->links.len && g->links.at[low].root == root; low++)
                if (!vote_for_cves_of(g, g->links.at[low].hit, hit, e))
                        return false;
        return true;
}

static bool collect_votes(struct group *g, struct err *e)
{
        struct span *root_ids = arena_array(g->scratch, g->hits->len, sizeof(*root_ids)); /* least id of the joined */

        for (uint32_t i = 0; i < g->hits->len; i++) {
                struct span *least = &root_ids[root_of(g->parent, i)];

                if (g->n_cves[i] == 0 && (least->len == 0 || span_compare(g->hits->at[i].id, *least) < 0))
                        *least = g->hits->at[i].id;
        }
        for (uint32_t i = 0; i < g->hits->len; i++)
                if (!(g->n_cves[i] ? vote_for_cves_of(g, i, i, e) : vote_without_cve(g, root_ids, i, e)))
                        return false;
        namings_sort(&g->votes);
        return true;
}

/* ---- one finding ---- */

struct voice {
        const struct advisory_hit *hit;
        uint32_t n_cves;
};

/*
 * A publisher who looked at this very release and found it not affected speaks before ranges that were stated for any; not before
 * one who looked, too, and found the contrary.
 */
static bool is_cleared(const struct voice *voices, size_t n)
{
        bool cleared = false;

        for (size_t i = 0; i < n; i++) {
                const struct advisory_hit *h = voices[i].hit;

                cleared |= h->status == ADVISORY_STATUS_NOT_AFFECTED;
                if (h->answer == ADVISORY_AFFECTED && h->status != ADVISORY_STATUS_NONE)
                        return false;
        }
        return cleared;
}

/* The worst that a publisher says of those who are affected. */
static void take_status(struct finding *f, const struct voice *voices, size_t n, struct arena *a)
{
        const struct advisory_hit *of = NULL;

        for (size_t i = 0; i < n; i++) {
                const struct advisory_hit *h = voices[i].hit;

                if (h->answer != ADVISORY_NOT_AFFECTED && h->status != ADVISORY_STATUS_NONE && (!of || h->status > of->status))
                        of = h;
        }
        if (!of)
                return;
        f->status = of->status;
        f->note = arena_copy(a, of->note);
}

static int answer_rank(enum advisory_answer a)
{
        return a == ADVISORY_AFFECTED ? 0 : a == ADVISORY_NOT_AFFECTED ? 2 : 1;
}

/* Who is affected first; then who speaks of this CVE alone; then by id. */
static int voice_order(const void *pa, const void *pb)
{
        const struct voice *a = pa, *b = pb;
        int by = answer_rank(a->hit->answer) - answer_rank(b->hit->answer);

        if (by == 0)
                by = (a->n_cves > 1) - (b->n_cves > 1);
        return by ? by : span_compare(a->hit->id, b->hit->id);
}

static int span_order(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* The ids of all voices but other CVEs: those are findings of their own. */
static void take_ids(
    struct finding *f, struct span key, const struct voice *voices, size_t n, struct arena *scratch, struct arena *a)
{
        struct span *aliases;
        struct {
                struct span *at;
                size_t len, cap;
        } ids = {0};
        size_t kept = 0;

        f->id = key;
        for (size_t i = 0; i < n; i++) {
                const struct advisory_hit *h = voices[i].hit;

                for (size_t k = 0; k <= h->n_aliases; k++) {
                        struct span id = k < h->n_aliases ? h->aliases[k] : h->id;

                        if (id.len == 0 || is_cve(id))
                                continue;
                        *ARENA_PUSH(scratch, &ids) = id;
                        if (!is_cve(key) && span_starts(id, "GHSA-") &&
                            (!span_starts(f->id, "GHSA-") || span_compare(id, f->id) < 0))
                                f->id = id;
                }
        }
        f->id = arena_copy(a, f->id);
        if (ids.len > 0)
                qsort(ids.at, ids.len, sizeof(*ids.at), span_order);
        for (size_t i = 0; i < ids.len; i++)
                if (!span_equal(ids.at[i], f->id) && (i == 0 || !span_equal(ids.at[i], ids.at[i - 1])))
                        ids.at[kept++] = ids.at[i];
        aliases = arena_array(a, kept, sizeof(*aliases));
        for (size_t i = 0; i < kept; i++)
                aliases[i] = arena_copy(a, ids.at[i]);
        f->aliases = aliases;
        f->n_aliases = kept;
}

/* The highest of those who speak of this alone; an advisory for many CVEs rates the worst of them. */
static void take_severity(struct finding *f, const struct voice *voices, size_t n, struct arena *a)
{
        const struct advisory_hit *best = NULL;

        for (int many = 0; many < 2 && (!best || best->severity <= SEVERITY_UNKNOWN); many++)
                for (size_t i = 0; i < n; i++) {
                        const struct advisory_hit *h = voices[i].hit;

                        if (h->answer == ADVISORY_NOT_AFFECTED || (many == 0 && voices[i].n_cves > 1))
                                continue;
                        if (!best || h->severity > best->severity ||
                            (h->severity == best->severity && h->score_tenths > best->score_tenths))
                                best = h;
                }
        f->severity = best->severity; /* voices[0] at least was heard */
        f->score_tenths = best->score_tenths;
        f->vector = arena_copy(a, best->vector);
}

static bool is_later(enum version_order order, struct span a, struct span b)
{
        int by = 0;

        return version_compare(order, a, b, &by, NULL) && by > 0;
}

/* Records that name no end don't contradict one that does; of several ends the last mends all. */
static void take_fix(struct finding *f, const struct question *q, const struct voice *voices, size_t n, struct arena *a)
{
        enum version_order order = version_order_of(q->ecosystem);
        const struct advisory_hit *from = voices[0].hit;
        struct span fixed = {0};

        for (size_t i = 0; i < n; i++) {
                const struct advisory_hit *h = voices[i].hit;

                if (h->answer != ADVISORY_AFFECTED || h->fixed.len == 0)
                        continue;
                if (fixed.len == 0 || is_later(order, h->fixed, fixed)) {
                        fixed = h->fixed;
                        from = h;
                }
        }
        for (size_t i = 0; i < n; i++) {
                const struct advisory_hit *h = voices[i].hit;

                if (h->answer == ADVISORY_AFFECTED && h->fixed.len == 0 && h->last_affected.len > 0 &&
                    !is_later(order, fixed, h->last_affected))
                        fixed = (struct span){0};
        }
        f->fixed = arena_copy(a, fixed);
        f->introduced = arena_copy(a, from->introduced);
        f->last_affected = arena_copy(a, from->last_affected);
}

static void take_texts(struct finding *f, const struct question *q, const struct voice *voices, size_t n,
    struct arena *scratch, struct arena *a)
{
        const struct advisory_hit **records = arena_array(scratch, n, sizeof(*records));
        struct span summary = {0}, reference = {0};

        for (size_t i = 0; i < n; i++) {
                records[i] = voices[i].hit;
                if (summary.len == 0)
                        summary = span_trim(voices[i].hit->summary);
                if (reference.len == 0)
                        reference = voices[i].hit->reference;
        }
        f->summary = arena_copy(a, summary);
        f->reference = arena_copy(a, reference);
        f->explanation = explain_finding(q, records, n, a);
}

static void make_finding(struct group *g, size_t from, size_t end, struct arena *a, struct finding_list *to)
{
        size_t n = end - from;
        struct voice *voices = arena_array(g->scratch, n, sizeof(*voices));
        struct finding f = {0};

        for (size_t i = 0; i < n; i++) {
                uint32_t hit = g->votes.at[from + i].hit;

                voices[i] = (struct voice){&g->hits->at[hit], g->n_cves[hit]};
        }
        qsort(voices, n, sizeof(*voices), voice_order);
        if (voices[0].hit->answer == ADVISORY_NOT_AFFECTED || is_cleared(voices, n))
                return;
        f.answer = voices[0].hit->answer == ADVISORY_AFFECTED ? ADVISORY_AFFECTED : ADVISORY_UNKNOWN;
        f.package = g->q->package;
        f.package_version = g->q->version;
        take_ids(&f, g->votes.at[from].id, voices, n, g->scratch, a);
        take_severity(&f, voices, n, a);
        take_fix(&f, g->q, voices, n, a);
        take_status(&f, voices, n, a);
        take_texts(&f, g->q, voices, n, g->scratch, a);
        *ARENA_PUSH(a, to) = f;
}

bool group_hits(const struct question *q, const struct hits *hits, struct arena *scratch, struct arena *a,
    struct finding_list *to, struct err *e)
{
        struct group g = {.q = q, .hits = hits, .scratch = scratch};

        g.n_cves = arena_array(scratch, hits->len, sizeof(*g.n_cves));
        g.parent = arena_array(scratch, hits->len, sizeof(*g.parent));
        for (uint32_t i = 0; i < hits->len; i++)
                g.parent[i] = i;
        collect_names(&g);
        join_names(&g, false);
        join_names(&g, true); /* only now are the roots final */
        if (g.links.len > 0)
                qsort(g.links.at, g.links.len, sizeof(*g.links.at), link_order);
        if (!collect_votes(&g, e))
                return false;
        for (size_t i = 0, end; i < g.votes.len; i = end) {
                end = run_end(&g.votes, i);
                make_finding(&g, i, end, a, to);
        }
        return true;
}
