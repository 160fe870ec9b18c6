/* The detectors of all shelves, and which of them wants a file. */
#include "inventory/detect_priv.h"

#include <assert.h>

/* Goes over all rows in their order; false after the last. */
struct rows {
        size_t shelf, row;
};

static const struct detector *next_row(struct rows *r)
{
        const struct detector_shelf *s;

        while ((s = detector_shelves[r->shelf]) != NULL && r->row == s->n) {
                r->shelf++;
                r->row = 0;
        }
        return s ? s->at[r->row++] : NULL;
}

const struct detector *detector_of_path(struct span path)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (d->wants && d->wants(path))
                        return d;
        return NULL;
}

const struct detector *detector_of_name(struct span name)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (span_is(name, d->name))
                        return d;
        return NULL;
}

const struct detector *detector_of_link(struct span path)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (d->wants_no_link && d->wants_no_link(path))
                        return d;
        return NULL;
}

/* "rpmdb.sqlite-wal" belongs to a file of its folder that is wanted, and whose name it begins with. */
static bool is_companion(const struct detector *d, struct span path)
{
        struct span name = path_name(path);
        size_t before = path.len - name.len;

        if (!d->companion || !d->wants || !span_is(name, d->companion))
                return false;
        for (size_t len = 1; len < name.len; len++)
                if (d->wants(span_cut(path, 0, before + len)))
                        return true;
        return false;
}

const struct detector *detector_of_companion(struct span path)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (is_companion(d, path))
                        return d;
        return NULL;
}

const struct detector *detector_of_head(struct span path, struct span head)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (d->stream && d->stream->sniff && d->stream->sniff(path, head))
                        return d;
        return NULL;
}

bool detectors_sniff(void)
{
        const struct detector *d;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (d->stream && d->stream->sniff)
                        return true;
        return false;
}

size_t detectors_size_max(void)
{
        const struct detector *d;
        size_t max = 0;

        for (struct rows r = {0}; (d = next_row(&r)) != NULL;)
                if (!d->stream && d->size_max > max)
                        max = d->size_max;
        return max;
}

const struct detector *detector_at(size_t number)
{
        for (size_t s = 0; detector_shelves[s]; s++) {
                if (number < detector_shelves[s]->n)
                        return detector_shelves[s]->at[number];
                number -= detector_shelves[s]->n;
        }
        return NULL;
}

size_t detector_number(const struct detector *d)
{
        size_t n = 0;

        while (detector_at(n) != d && detector_at(n))
                n++;
        return n;
}

bool detectors_of_one_shelf(const struct detector *a, const struct detector *b)
{
        for (size_t s = 0; detector_shelves[s]; s++) {
                bool has_a = false, has_b = false;
                for (size_t i = 0; i < detector_shelves[s]->n; i++) {
                        has_a |= detector_shelves[s]->at[i] == a;
                        has_b |= detector_shelves[s]->at[i] == b;
                }
                if (has_a || has_b)
                        return has_a && has_b;
        }
        return false;
}

/* ---- the index ---- */

#define ROWS_MAX 255u /* the reader keeps a row's number in a byte */
#define SLOTS 1024u   /* a power of two, well above the number of patterns */

struct row_set {
        uint64_t bits[ROWS_MAX / 64 + 1];
};

/* Rows by a whole name, or by an ending from its last '.' on. */
struct name_slot {
        struct span name; /* len 0: free */
        struct row_set rows;
};

struct detector_index {
        const struct detector *rows[ROWS_MAX + 1];
        size_t n;
        struct row_set always, companions;
        struct row_set first[256],
            last[256]; /* by the first and last byte: of patterns that are neither of the above */
        struct name_slot names[SLOTS], endings[SLOTS];
};

static void row_add(struct row_set *s, size_t row)
{
        s->bits[row / 64] |= 1ull << (row % 64);
}

static struct name_slot *slot_of(struct name_slot *slots, struct span name)
{
        uint32_t hash = 2166136261u; /* FNV-1a; the names are ours */

        for (size_t i = 0; i < name.len; i++)
                hash = (hash ^ name.at[i]) * 16777619u;
        for (;; hash++) {
                struct name_slot *s = &slots[hash % SLOTS];
                if (s->name.len == 0 || span_equal(s->name, name))
                        return s;
        }
}

static void slot_add(struct name_slot *slots, struct span name, size_t row)
{
        struct name_slot *s = slot_of(slots, name);

        s->name = name;
        row_add(&s->rows, row);
}

/* From the last '.' on; else empty. */
static struct span ending_of(struct span name)
{
        for (size_t i = name.len; i > 0; i--)
                if (name.at[i - 1] == '.')
                        return span_from(name, i - 1);
        return (struct span){0};
}

static void pattern_add(struct detector_index *x, struct span pattern, size_t row)
{
        struct span bare = pattern;

        if (span_starts(pattern, "*")) {
                bare = span_from(pattern, 1);
                struct span ending = bare;
                for (size_t at; span_find(span_from(ending, 1), '.', &at);)
                        ending = span_from(ending, at + 1);
                if (ending.len > 1 && ending.at[0] == '.')
                        slot_add(x->endings, ending, row);
                else
                        row_add(bare.len > 0 ? &x->last[bare.at[bare.len - 1]] : &x->always, row);
        } else if (span_ends(pattern, "*")) {
                row_add(&x->first[pattern.at[0]], row);
        } else {
                slot_add(x->names, pattern, row);
        }
}

struct detector_index *detector_index_new(void)
{
        struct detector_index *x = heap_alloc(sizeof(*x));
        struct span rest, pattern;

        for (struct rows r = {0}; (x->rows[x->n] = next_row(&r)) != NULL; x->n++) {
                assert(x->n < ROWS_MAX);
                if (!x->rows[x->n]->wants)
                        continue;
                if (x->rows[x->n]->companion)
                        row_add(&x->companions, x->n);
                if (!x->rows[x->n]->names)
                        row_add(&x->always, x->n);
                rest = span_of(x->rows[x->n]->names);
                while (rest.len > 0) {
                        span_split(rest, ' ', &pattern, &rest);
                        if (pattern.len > 0)
                                pattern_add(x, pattern, x->n);
                }
        }
        return x;
}

void detector_index_free(struct detector_index *x)
{
        free(x);
}

const struct detector *detector_index_find(const struct detector_index *x, struct span path)
{
        static const struct row_set none;
        struct span name = path_name(path), ending = ending_of(name);
        const struct row_set *sets[5] = {&x->always, &none, &none, &none, &none};

        if (name.len > 0) {
                sets[1] = &x->first[name.at[0]];
                sets[2] = &x->last[name.at[name.len - 1]];
                sets[3] = &slot_of((struct name_slot *)(uintptr_t)x->names, name)->rows;
        }
        if (ending.len > 0)
                sets[4] = &slot_of((struct name_slot *)(uintptr_t)x->endings, ending)->rows;
        for (size_t i = 0; i < ARRAY_LEN(none.bits); i++) {
                uint64_t bits = 0;
                for (size_t k = 0; k < ARRAY_LEN(sets); k++)
                        bits |= sets[k]->bits[i];
                for (; bits; bits &= bits - 1) {
                        const struct detector *d = x->rows[i * 64 + (size_t)__builtin_ctzll(bits)];
                        if (d->wants(path))
                                return d;
                }
        }
        return NULL;
}

const struct detector *detector_index_companion(const struct detector_index *x, struct span path)
{
        for (size_t i = 0; i < ARRAY_LEN(x->companions.bits); i++)
                for (uint64_t bits = x->companions.bits[i]; bits; bits &= bits - 1) {
                        const struct detector *d = x->rows[i * 64 + (size_t)__builtin_ctzll(bits)];
                        if (is_companion(d, path))
                                return d;
                }
        return NULL;
}
