/*
 * What two databases say differently, by records and by vulnerabilities. Records say of packages what db_diff.c finds there; only
 * their texts and times are compared here.
 */
#include "advisory/db/db_read_priv.h"

const char *advisory_record_change_name(enum advisory_record_change c)
{
        static const char *const names[] = {"same", "added", "removed", "changed", "reworded"};

        return (size_t)c < ARRAY_LEN(names) ? names[c] : "?";
}

static bool pass(void *ctx, const struct advisory_change *c)
{
        (void)ctx;
        (void)c;
        return true;
}

static bool is_marked(const uint8_t *marks, uint64_t i)
{
        return marks[i / 8] & 1u << i % 8;
}

struct record_side {
        const struct advisory_db *db;
        uint64_t at;
        struct record_row row;
        struct span summary, reference;
};

static bool record_load(struct record_side *s, struct err *e)
{
        if (s->at >= s->db->info.records)
                return true;
        if (!db_record(s->db, s->at, &s->row, e))
                return false;
        return (db_string(s->db, s->row.summary, &s->summary) && db_string(s->db, s->row.reference, &s->reference)) ||
               db_damaged(e, "a record lies outside of it");
}

/* Other names count even of a record that speaks of no package: findings of others are joined by them. */
static bool names_equal(const struct record_side *x, const struct record_side *y, bool *ret, struct err *e)
{
        bool same = x->row.n_aliases == y->row.n_aliases;

        for (uint32_t i = 0; i < x->row.n_aliases && same; i++) {
                struct span a, b;

                if (!db_alias(x->db, &x->row, i, &a, e) || !db_alias(y->db, &y->row, i, &b, e))
                        return false;
                same = span_equal(a, b);
        }
        *ret = same;
        return true;
}

static bool texts_equal(const struct record_side *x, const struct record_side *y)
{
        return span_equal(x->summary, y->summary) && span_equal(x->reference, y->reference) &&
               x->row.modified_s == y->row.modified_s && x->row.published_s == y->row.published_s;
}

static bool change_of(const struct record_side *old, const struct record_side *new, const struct db_diff_marks *marks,
    enum advisory_record_change *ret, struct err *e)
{
        bool names;

        if (!names_equal(old, new, &names, e))
                return false;
        if (!names || is_marked(marks->old, old->at) || is_marked(marks->new, new->at) ||
            (old->row.flags & RECORD_WITHDRAWN) != (new->row.flags &RECORD_WITHDRAWN))
                *ret = ADVISORY_RECORD_CHANGED;
        else
                *ret = texts_equal(old, new) ? ADVISORY_RECORD_SAME : ADVISORY_RECORD_REWORDED;
        return true;
}

bool advisory_db_diff_records(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_record)(void *ctx, const struct advisory_record_difference *d), void *ctx, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct db_diff_marks marks = {0};
        struct record_side x = {.db = old}, y = {.db = new};

        marks.old = db_marks_make(old, a, e);
        marks.new = marks.old ? db_marks_make(new, a, e) : NULL;
        if (!marks.new || !db_diff(old, new, &marks, pass, NULL, e))
                return false;
        while (x.at < old->info.records || y.at < new->info.records) {
                struct advisory_record_difference d = {0};
                const struct record_side *shown;
                int by;

                if (!record_load(&x, e) || !record_load(&y, e))
                        return false;
                by = x.at >= old->info.records ? 1 : y.at >= new->info.records ? -1 : span_compare(x.row.id, y.row.id);
                d.change = by < 0 ? ADVISORY_RECORD_REMOVED : ADVISORY_RECORD_ADDED;
                if (by == 0 && !change_of(&x, &y, &marks, &d.change, e))
                        return false;
                shown = by < 0 ? &x : &y;
                d.id = shown->row.id;
                d.summary = shown->summary;
                d.withdrawn = shown->row.flags & RECORD_WITHDRAWN;
                d.modified_s = shown->row.modified_s;
                if (d.change != ADVISORY_RECORD_SAME && !on_record(ctx, &d))
                        return true;
                x.at += by <= 0;
                y.at += by >= 0;
        }
        return true;
}

static bool fact_differs(const struct advisory_fact *x, const struct advisory_fact *y)
{
        return (x->kev_added_s > 0) != (y->kev_added_s > 0) || x->ransomware != y->ransomware ||
               x->exploitation != y->exploitation || x->score_tenths != y->score_tenths ||
               !span_equal(x->vector, y->vector);
}

bool advisory_db_diff_facts(const struct advisory_db *old, const struct advisory_db *new,
    bool (*on_fact)(void *ctx, const struct advisory_fact *old, const struct advisory_fact *new), void *ctx,
    struct err *e)
{
        uint64_t i = 0, k = 0;

        while (i < old->info.facts || k < new->info.facts) {
                struct advisory_fact x = {0}, y = {0};
                int by;

                if ((i < old->info.facts && !db_fact(old, i, &x, e)) ||
                    (k < new->info.facts && !db_fact(new, k, &y, e)))
                        return false;
                by = i == old->info.facts ? 1 : k == new->info.facts ? -1 : span_compare(x.id, y.id);
                if (by < 0)
                        y = (struct advisory_fact){.id = x.id};
                if (by > 0)
                        x = (struct advisory_fact){.id = y.id};
                if (fact_differs(&x, &y) && !on_fact(ctx, &x, &y))
                        return true;
                i += by <= 0;
                k += by >= 0;
        }
        return true;
}
