/* Where several sources, or several parts of one, speak of the same thing. */
#include "advisory/db/db_write_priv.h"
#include "advisory/feed/feed_priv.h"

static int fact_compare(const void *a, const void *b)
{
        const struct advisory_fact *x = &((const struct sourced_fact *)a)->fact,
                                   *y = &((const struct sourced_fact *)b)->fact;
        int sign = span_compare(x->id, y->id);

        /* Which of two comes first must not hang on the order of sources: the greater values do. */
        if (sign == 0)
                sign = (x->epss < y->epss) - (x->epss > y->epss);
        if (sign == 0)
                sign = (x->score_tenths < y->score_tenths) - (x->score_tenths > y->score_tenths);
        return sign ? sign : span_compare(x->vector, y->vector);
}

/* The highest CVSS version, and of one version the highest score. */
static uint32_t vector_rank(const struct advisory_fact *f)
{
        return cvss_version(f->vector) << 16 | f->score_tenths;
}

static void fact_join(struct advisory_fact *io, const struct advisory_fact *with)
{
        if (with->kev_added_s > 0 &&
            (io->kev_added_s == 0 || with->kev_added_s < io->kev_added_s)) { /* the first date */
                io->kev_added_s = with->kev_added_s;
                io->kev_due_s = with->kev_due_s;
        } else if (io->kev_added_s > 0 && with->kev_added_s == io->kev_added_s && with->kev_due_s > io->kev_due_s) {
                io->kev_due_s = with->kev_due_s;
        }
        io->ransomware |= with->ransomware;
        if (io->epss == 0) {
                io->epss = with->epss;
                io->epss_percentile = with->epss_percentile;
        }
        if (with->exploitation > io->exploitation)
                io->exploitation = with->exploitation;
        io->automatable |= with->automatable;
        io->total_impact |= with->total_impact;
        if (vector_rank(with) > vector_rank(io)) {
                io->vector = with->vector;
                io->score_tenths = with->score_tenths;
        }
}

void facts_unite(struct fact_list *io)
{
        size_t n = 0;

        if (io->len > 1)
                qsort(io->at, io->len, sizeof(*io->at), fact_compare);
        for (size_t i = 0; i < io->len; i++) {
                if (n > 0 && span_equal(io->at[n - 1].fact.id, io->at[i].fact.id))
                        fact_join(&io->at[n - 1].fact, &io->at[i].fact);
                else
                        io->at[n++] = io->at[i];
        }
        io->len = n;
}

static bool aliases_join(struct record *io, const struct record *part, struct arena *a, struct err *e)
{
        struct span *all;
        size_t n = io->n_aliases;

        if (part->n_aliases == 0)
                return true;
        all = arena_array(a, io->n_aliases + part->n_aliases, sizeof(*all));
        if (n > 0)
                memcpy(all, io->aliases, n * sizeof(*all));
        for (size_t i = 0; i < part->n_aliases; i++) {
                bool known = false;

                for (size_t k = 0; k < n && !known; k++)
                        known = span_equal(all[k], part->aliases[i]);
                if (!known)
                        all[n++] = part->aliases[i];
        }
        if (n > FEED_ALIASES_MAX)
                return err_set(
                    e, ERR_LIMIT, "the parts of %.*s name more than %u aliases", SPAN_FMT(io->id), FEED_ALIASES_MAX);
        io->aliases = all;
        io->n_aliases = n;
        return true;
}

bool record_join(struct record *io, const struct record *part, struct arena *a, struct err *e)
{
        size_t n = io->n_entries + part->n_entries;
        struct record_entry *all;

        if (n > FEED_AFFECTED_MAX)
                return err_set(
                    e, ERR_LIMIT, "the parts of %.*s name more than %u packages", SPAN_FMT(io->id), FEED_AFFECTED_MAX);
        if (!aliases_join(io, part, a, e))
                return false;
        all = arena_array(a, n, sizeof(*all));
        if (io->n_entries > 0)
                memcpy(all, io->entries, io->n_entries * sizeof(*all));
        if (part->n_entries > 0)
                memcpy(all + io->n_entries, part->entries, part->n_entries * sizeof(*all));
        io->entries = all;
        io->n_entries = n;
        io->skipped_ecosystem += part->skipped_ecosystem;
        io->refused_versions += part->refused_versions;
        if (io->summary.len == 0)
                io->summary = part->summary;
        if (io->reference.len == 0)
                io->reference = part->reference;
        return true;
}

static int entry_order(const void *pa, const void *pb)
{
        const struct record_entry *a = pa, *b = pb;
        int sign = span_compare(a->ecosystem, b->ecosystem);

        if (sign == 0)
                sign = span_compare(a->package, b->package);
        return sign ? sign : span_compare(a->module, b->module);
}

static bool entry_same(const struct record_entry *a, const struct record_entry *b)
{
        struct buf x CLEANUP(buf_done) = {0}, y CLEANUP(buf_done) = {0};

        record_entry_encode(a, &x);
        record_entry_encode(b, &y);
        return span_equal(buf_span(&x), buf_span(&y));
}

/* The worse of both, and all that either calls affected. */
static void entry_join(struct record_entry *io, const struct record_entry *with, struct arena *a)
{
        struct interval_list all = {0};

        if (entry_same(io, with)) /* the same file for another architecture */
                return;
        for (size_t i = 0; i < io->n_intervals; i++)
                *ARENA_PUSH(a, &all) = io->intervals[i];
        for (size_t i = 0; i < with->n_intervals; i++)
                *ARENA_PUSH(a, &all) = with->intervals[i];
        feed_intervals_unite(&all);
        io->intervals = all.at;
        io->n_intervals = all.len;
        io->flags |= with->flags;
        if ((with->status > io->status && with->status != ADVISORY_STATUS_NOT_AFFECTED) ||
            io->status == ADVISORY_STATUS_NOT_AFFECTED) {
                io->status = with->status;
                io->note = with->note;
        }
        if (with->severity > io->severity ||
            (with->severity == io->severity && with->score_tenths > io->score_tenths)) {
                io->severity = with->severity;
                io->score_tenths = with->score_tenths;
                io->vector = with->vector;
        }
}

void record_settle(struct record *io, struct arena *a)
{
        size_t n = 0;

        if (io->n_entries > 1)
                qsort(io->entries, io->n_entries, sizeof(*io->entries), entry_order);
        for (size_t i = 0; i < io->n_entries; i++) {
                if (n > 0 && entry_order(&io->entries[n - 1], &io->entries[i]) == 0)
                        entry_join(&io->entries[n - 1], &io->entries[i], a);
                else
                        io->entries[n++] = io->entries[i];
        }
        io->n_entries = n;
}

static int package_compare(const void *a, const void *b)
{
        const struct record_entry *x = *(const struct record_entry *const *)a,
                                  *y = *(const struct record_entry *const *)b;
        int sign = span_compare(x->ecosystem, y->ecosystem);

        return sign ? sign : span_compare(x->package, y->package);
}

void said_remove(const struct said *s, struct record *io)
{
        size_t n = 0;

        for (size_t i = 0; i < io->n_entries; i++) {
                const struct record_entry *entry = &io->entries[i];

                if (s->len > 0 && bsearch(&entry, s->at, s->len, sizeof(*s->at), package_compare))
                        continue;
                io->entries[n++] = *entry;
        }
        io->n_entries = n;
}

void said_add(struct said *io, const struct record *r, struct arena *a)
{
        for (size_t i = 0; i < r->n_entries; i++)
                *ARENA_PUSH(a, io) = &r->entries[i];
        if (io->len > 1)
                qsort(io->at, io->len, sizeof(*io->at), package_compare);
}

void double_say(struct span id, bool same, int64_t kept_s, int64_t other_s, struct err *ret)
{
        char name[FEED_ID_MAX + 1], when[CLOCK_TEXT_MAX];

        span_printable(id, name, sizeof(name));
        if (same)
                err_set(ret, ERR_CONFLICT, "%s: stands there more than once, and says the same", name);
        else if (kept_s == other_s)
                err_set(ret, ERR_CONFLICT, "%s: stands there more than once and says different things, all of %s; one of them counts",
                    name, clock_format(kept_s, when));
        else
                err_set(ret, ERR_CONFLICT, "%s: stands there more than once; the one of %s counts", name,
                    clock_format(kept_s, when));
}
