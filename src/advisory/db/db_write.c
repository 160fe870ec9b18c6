/*
 * Writes the database from compiled records. The same records give the same bytes, in whatever order they came (but for
 * the time in the header): they are sorted by id, and of one id the newest stays, of equally new ones the one whose
 * compiled bytes are greater. Parts of one record (RECORD_PART) stay together as far as they are of one source; another source's
 * parts of that id are a record of their own, without the packages that the sources before it speak of.
 */
#include "advisory/db/db_write_priv.h"

struct stored {
        struct span id, encoded;
        int64_t modified_s;
        uint32_t source;
        bool part;
};

/* One entry of one live record, on its way to its package. */
struct placed {
        const struct record_entry *entry;
        uint32_t record;
};

struct db_writer {
        struct arena *arena;
        struct arena *scratch; /* for checking one record */
        struct {
                struct stored *at;
                size_t len, cap;
        } stored;
        struct fact_list facts;
        struct source_list sources;
        void (*tell_double)(void *ctx, struct span source, const struct err *why); /* may be NULL */
        void *tell_ctx;
};

/* A live record and where it came from. */
struct live {
        struct record record;
        uint32_t source;
};

/* Everything of db_writer_finish. */
struct output {
        struct arena *arena;
        struct live *records;
        size_t n_records;
        struct placed *placed;
        size_t n_placed;
        struct buf sections[DB_SECTIONS];
        struct {
                struct db_index_name *at;
                size_t len, cap;
        } names; /* of the packages */
        struct string_pool pool;
        uint32_t words_seen[4096]; /* rows of words by their hash: the last ones */
        int64_t newest_s;
        bool failed;
};

struct db_writer *db_writer_new(void)
{
        struct db_writer *w = heap_alloc(sizeof(*w));

        w->arena = arena_new();
        w->scratch = arena_new();
        return w;
}

void db_writer_free(struct db_writer *w)
{
        if (!w)
                return;
        arena_free(w->arena);
        arena_free(w->scratch);
        free(w);
}

void db_writer_freep(struct db_writer **w)
{
        db_writer_free(*w);
}

uint32_t db_writer_source(struct db_writer *w, struct span name)
{
        *ARENA_PUSH(w->arena, &w->sources) = (struct db_source){.name = arena_copy(w->arena, name)};
        return (uint32_t)(w->sources.len - 1);
}

void db_writer_refused(struct db_writer *w, uint32_t source)
{
        if (source < w->sources.len)
                w->sources.at[source].refused++;
}

void db_writer_unclear(struct db_writer *w, uint32_t source)
{
        if (source < w->sources.len)
                w->sources.at[source].unclear++;
}

void db_writer_tell_doubles(
    struct db_writer *w, void (*tell)(void *ctx, struct span source, const struct err *why), void *ctx)
{
        w->tell_double = tell;
        w->tell_ctx = ctx;
}

void db_writer_drop(struct db_writer *w, uint32_t source)
{
        if (source < w->sources.len)
                w->sources.at[source].dropped = true;
}

static bool record_add(struct db_writer *w, uint32_t source, struct span encoded, struct err *e)
{
        struct stored *s;
        struct record r;

        arena_reset(w->scratch);
        if (!record_decode(encoded, w->scratch, &r, e))
                return false;
        s = ARENA_PUSH(w->arena, &w->stored);
        s->encoded = arena_copy(w->arena, encoded);
        s->id = span_cut(s->encoded, 4, r.id.len); /* the id is the first string of it */
        s->modified_s = r.modified_s;
        s->source = source;
        s->part = r.flags & RECORD_PART;
        return true;
}

bool db_writer_add(struct db_writer *w, uint32_t source, enum item_kind kind, struct span encoded, struct err *e)
{
        struct advisory_fact fact;
        struct span copy;

        if (source >= w->sources.len)
                return err_set(e, ERR_BUG, "a record of no source");
        if (kind == ITEM_RECORD)
                return record_add(w, source, encoded, e);
        copy = arena_copy(w->arena, encoded);
        if (!fact_decode(copy, &fact, e))
                return false;
        *ARENA_PUSH(w->arena, &w->facts) = (struct sourced_fact){.fact = fact, .source = source};
        return true;
}

static int stored_compare(const void *a, const void *b)
{
        const struct stored *x = a, *y = b;
        int sign = span_compare(x->id, y->id);

        if (sign || x->part != y->part)
                return sign ? sign : (int)x->part - (int)y->part;
        /* The parts of one source stand together, its newest first. */
        if (x->part && x->source != y->source)
                return x->source < y->source ? -1 : 1;
        if (x->modified_s != y->modified_s)
                return x->modified_s > y->modified_s ? -1 : 1;
        return span_compare(y->encoded, x->encoded);
}

static int placed_compare(const void *a, const void *b)
{
        const struct placed *x = a, *y = b;
        int sign = span_compare(x->entry->ecosystem, y->entry->ecosystem);

        if (sign == 0)
                sign = span_compare(x->entry->package, y->entry->package);
        if (sign == 0 && x->record == y->record)
                sign = span_compare(x->entry->module, y->entry->module);
        if (sign == 0)
                sign = x->record < y->record ? -1 : x->record > y->record;
        return sign;
}

/* ---- rows ---- */

static uint32_t string_put(struct output *o, struct span s)
{
        uint32_t at = 0;

        o->failed |= !string_pool_put(&o->pool, &o->sections[DB_STRINGS], s, &at);
        return at;
}

static uint32_t rows(const struct output *o, enum db_section section)
{
        return (uint32_t)(o->sections[section].len / db_row_size[section]);
}

/* ---- sections ---- */

static void interval_put(struct output *o, const struct record_interval *i)
{
        struct buf *to = &o->sections[DB_INTERVALS];

        buf_put_u32le(to, string_put(o, i->lo));
        buf_put_u32le(to, string_put(o, i->hi));
        buf_put_u32le(to, string_put(o, i->introduced));
        buf_put_u32le(to, string_put(o, INTERVAL_TELLS_LAST(i->flags) ? i->last_affected : i->fixed));
        buf_put_u32le(to, i->flags);
}

/* The row of these words, which many entries share; the last ones come again most often. */
static uint32_t words_put(struct output *o, const struct record_entry *n)
{
        const uint32_t words[] = {string_put(o, n->vector), string_put(o, n->module), string_put(o, n->note)};
        struct buf *to = &o->sections[DB_WORDS];
        uint64_t hash = ((uint64_t)words[0] * 0x9e3779b97f4a7c15u ^ words[1]) * 0x9e3779b97f4a7c15u ^ words[2];
        uint32_t *seen = &o->words_seen[hash * 0x9e3779b97f4a7c15u >> 52];
        struct cursor c = {.rest = span_cut(buf_span(to), (size_t)*seen * DB_WORDS_ROW, DB_WORDS_ROW)};

        if (cursor_u32le(&c) == words[0] && cursor_u32le(&c) == words[1] && cursor_u32le(&c) == words[2] && !c.failed)
                return *seen;
        *seen = rows(o, DB_WORDS);
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                buf_put_u32le(to, words[i]);
        return *seen;
}

static void entry_put(struct output *o, const struct placed *p)
{
        struct buf *to = &o->sections[DB_ENTRIES];
        const struct record_entry *n = p->entry;

        buf_put_u32le(to, p->record);
        buf_put_u32le(to, rows(o, DB_INTERVALS));
        buf_put_u32le(to, (uint32_t)n->n_intervals);
        buf_put_u32le(to, words_put(o, n));
        buf_put_u16le(to, (uint16_t)n->score_tenths);
        buf_put_u8(to, (uint8_t)((unsigned)n->status << 4 | (unsigned)n->severity));
        buf_put_u8(to, n->flags);
        for (size_t i = 0; i < n->n_intervals; i++)
                interval_put(o, &n->intervals[i]);
}

void entry_digest_put(const struct record *r, const struct record_entry *n, struct buf *to)
{
        buf_put_string(to, r->id);
        buf_put_u8(to, r->flags & RECORD_WITHDRAWN);
        buf_put_u32le(to, (uint32_t)r->n_aliases);
        for (size_t i = 0; i < r->n_aliases; i++)
                buf_put_string(to, r->aliases[i]);
        record_entry_encode(n, to);
}

/* Over its entries from `first` on, in their order. */
static void package_digest(const struct output *o, size_t first, size_t n, struct digest *ret)
{
        struct hasher *h CLEANUP(hasher_freep) = hasher_new(DIGEST_SHA256);
        struct buf b CLEANUP(buf_done) = {0};

        for (size_t i = first; i < first + n; i++) {
                buf_clear(&b);
                entry_digest_put(&o->records[o->placed[i].record].record, o->placed[i].entry, &b);
                hasher_update(h, buf_span(&b));
        }
        hasher_final(h, ret);
}

static void package_put(struct output *o, struct span name, size_t first, size_t n_entries)
{
        struct buf *to = &o->sections[DB_PACKAGES];
        struct digest digest;

        package_digest(o, first, n_entries, &digest);

        buf_put_u32le(to, string_put(o, name));
        buf_put_u32le(to, rows(o, DB_ENTRIES));
        buf_put_u32le(to, (uint32_t)n_entries);
        buf_put_u32le(to, 0);
        buf_put(to, span_bytes(digest.bytes, DB_PACKAGE_DIGEST));
}

/* The entries from `from` on that share the package (or only the ecosystem) with the first of them. */
static size_t run_length(const struct output *o, size_t from, bool package)
{
        const struct record_entry *first = o->placed[from].entry;
        size_t n = from;

        while (n < o->n_placed && span_equal(o->placed[n].entry->ecosystem, first->ecosystem) &&
               (!package || span_equal(o->placed[n].entry->package, first->package)))
                n++;
        return n - from;
}

static void packages_put(struct output *o)
{
        size_t *seen_until =
            arena_array(o->arena, o->n_records, sizeof(*seen_until)); /* end of the ecosystem it was counted in */
        size_t i = 0;

        for (size_t k = 0; k < o->n_placed; k += run_length(o, k, true)) /* names side by side: few pages in a search */
                string_put(o, o->placed[k].entry->package);
        while (i < o->n_placed) {
                size_t end = i + run_length(o, i, false);
                uint32_t first = rows(o, DB_PACKAGES);
                struct buf *to = &o->sections[DB_ECOSYSTEMS];
                uint64_t n_records = 0;
                uint32_t ecosystem = string_put(o, o->placed[i].entry->ecosystem);

                while (i < end) {
                        size_t n = run_length(o, i, true);

                        *ARENA_PUSH(o->arena, &o->names) =
                            (struct db_index_name){rows(o, DB_ECOSYSTEMS), o->placed[i].entry->package};
                        package_put(o, o->placed[i].entry->package, i, n);
                        for (; n > 0; n--, i++) {
                                n_records += seen_until[o->placed[i].record] != end;
                                seen_until[o->placed[i].record] = end;
                                entry_put(o, &o->placed[i]);
                        }
                }
                buf_put_u32le(to, ecosystem);
                buf_put_u32le(to, first);
                buf_put_u32le(to, rows(o, DB_PACKAGES) - first);
                buf_put_u32le(to, 0);
                buf_put_u64le(to, n_records);
        }
}

/* Dates up to the year 2106; one before 1970, or none, is 0. */
static uint32_t seconds(int64_t s)
{
        return s < 0 ? 0 : s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

static void records_put(struct output *o)
{
        struct buf *to = &o->sections[DB_RECORDS];

        for (size_t i = 0; i < o->n_records; i++) {
                const struct record *r = &o->records[i].record;
                buf_put_u32le(to, string_put(o, r->id));
                buf_put_u32le(to, string_put(o, r->summary));
                buf_put_u32le(to, string_put(o, r->reference));
                buf_put_u32le(to, rows(o, DB_ALIASES));
                buf_put_u32le(to, (uint32_t)r->n_aliases);
                buf_put_u32le(to, seconds(r->modified_s));
                buf_put_u32le(to, seconds(r->published_s));
                buf_put_u16le(to, (uint16_t)o->records[i].source);
                buf_put_u16le(to, r->flags & RECORD_WITHDRAWN);
                for (size_t k = 0; k < r->n_aliases; k++)
                        buf_put_u32le(&o->sections[DB_ALIASES], string_put(o, r->aliases[k]));
        }
}

/* Dates up to the year 2149; one before 1970, or none, is 0. */
static uint16_t days_of(int64_t wall_s)
{
        return wall_s <= 0 ? 0 : wall_s / DB_DAY_S > UINT16_MAX ? UINT16_MAX : (uint16_t)(wall_s / DB_DAY_S);
}

static void facts_put(struct output *o, const struct fact_list *facts)
{
        struct buf *to = &o->sections[DB_FACTS];

        for (size_t i = 0; i < facts->len; i++) {
                const struct advisory_fact *f = &facts->at[i].fact;

                buf_put_u32le(to, string_put(o, f->id));
                buf_put_u32le(to, string_put(o, f->vector));
                buf_put_u32le(to, f->epss);
                buf_put_u32le(to, f->epss_percentile);
                buf_put_u16le(to, days_of(f->kev_added_s));
                buf_put_u16le(to, days_of(f->kev_due_s));
                buf_put_u16le(to, (uint16_t)f->score_tenths);
                buf_put_u8(to, (uint8_t)f->exploitation);
                buf_put_u8(to, (uint8_t)((f->ransomware ? DB_FACT_RANSOMWARE : 0) | (f->automatable ? DB_FACT_AUTOMATABLE : 0) |
                                         (f->total_impact ? DB_FACT_TOTAL : 0)));
        }
}

static void sources_put(struct output *o, const struct source_list *sources)
{
        struct buf *to = &o->sections[DB_SOURCES];

        for (size_t i = 0; i < sources->len; i++) {
                const struct db_source *s = &sources->at[i];

                buf_put_u32le(to, string_put(o, s->name));
                buf_put_u32le(to, s->refused);
                buf_put_u64le(to, s->records);
                buf_put_u32le(to, s->facts > UINT32_MAX ? UINT32_MAX : (uint32_t)s->facts);
                buf_put_u32le(to, s->unclear);
                buf_put_u64le(to, (uint64_t)s->newest_s);
        }
}

/* ---- the whole ---- */

/* How many stand behind `from`, with it, that have its id: of its source alone, or of any. */
static size_t same_id(const struct db_writer *w, size_t from, bool source)
{
        const struct stored *first = &w->stored.at[from];
        size_t n = 1;

        while (from + n < w->stored.len && span_equal(w->stored.at[from + n].id, first->id) &&
               (!source || w->stored.at[from + n].source == first->source))
                n++;
        return n;
}

/* The record of one id: the first of the n of one source, and if it is a part, the others with it. */
static bool record_take(
    const struct db_writer *w, size_t from, size_t n, struct arena *a, struct record *ret, struct err *e)
{
        struct record part;

        if (!record_decode(w->stored.at[from].encoded, a, ret, e))
                return false;
        for (size_t i = from + 1; i < from + n && w->stored.at[from].part; i++)
                if (!record_decode(w->stored.at[i].encoded, a, &part, e) || !record_join(ret, &part, a, e))
                        return false;
        if (n > 1 && w->stored.at[from].part)
                record_settle(ret, a);
        return true;
}

static void source_count(struct source_list *sources, const struct live *l)
{
        struct db_source *s = &sources->at[l->source];

        s->records++;
        if (l->record.modified_s > s->newest_s)
                s->newest_s = l->record.modified_s;
}

/* Takes away what dropped sources gave, and counts the facts of the others. */
static void dropped_remove(struct db_writer *w)
{
        size_t records = 0, facts = 0;

        for (size_t i = 0; i < w->stored.len; i++)
                if (!w->sources.at[w->stored.at[i].source].dropped)
                        w->stored.at[records++] = w->stored.at[i];
        for (size_t i = 0; i < w->facts.len; i++) {
                struct db_source *s = &w->sources.at[w->facts.at[i].source];

                if (s->dropped)
                        continue;
                s->facts++;
                w->facts.at[facts++] = w->facts.at[i];
        }
        w->stored.len = records;
        w->facts.len = facts;
}

/* What each source says in the n stored records of one id, if they are parts; else what the first of them says. */
static bool records_take(
    struct db_writer *w, size_t from, size_t n, struct output *o, struct advisory_build_stats *stats, struct err *e)
{
        struct said said = {0};

        for (size_t i = from, of_source; i < from + n; i += of_source) {
                struct live *l = &o->records[o->n_records];
                struct record *r = &l->record;

                of_source = same_id(w, i, true);
                if (!record_take(w, i, of_source, o->arena, r, e))
                        return false;
                said_remove(&said, r);
                l->source = w->stored.at[i].source;
                stats->skipped_ecosystem += r->skipped_ecosystem;
                stats->refused_versions += r->refused_versions;
                if (r->n_entries > 0) {
                        source_count(&w->sources, l);
                        stats->withdrawn += r->flags & RECORD_WITHDRAWN;
                        if (r->modified_s > o->newest_s)
                                o->newest_s = r->modified_s;
                        o->n_records++;
                }
                if (!w->stored.at[i].part)
                        return true;
                if (i + of_source < from + n)
                        said_add(&said, r, o->arena);
        }
        return true;
}

static void double_tell(struct db_writer *w, const struct stored *kept, const struct stored *other)
{
        struct err why = {0};

        w->sources.at[other->source].unclear++;
        if (!w->tell_double)
                return;
        double_say(other->id, span_equal(kept->encoded, other->encoded), kept->modified_s, other->modified_s, &why);
        w->tell_double(w->tell_ctx, w->sources.at[other->source].name, &why);
}

/* Several of one id and of one source; `first_of` holds for each source one more than the index of its first of this id, or less. */
static void doubles_tell(struct db_writer *w, size_t from, size_t n, size_t *first_of, struct advisory_build_stats *stats)
{
        for (size_t i = from; i < from + n && !w->stored.at[i].part; i++) {
                size_t *first = &first_of[w->stored.at[i].source];

                if (*first <= from) {
                        *first = i + 1;
                        continue;
                }
                double_tell(w, &w->stored.at[*first - 1], &w->stored.at[i]);
                stats->unclear++;
        }
}

/* The live records with something to say, and where each of their entries goes. */
static bool records_choose(struct db_writer *w, struct output *o, struct advisory_build_stats *stats, struct err *e)
{
        size_t *first_of = arena_array(o->arena, w->sources.len, sizeof(*first_of));
        uint64_t n_entries = 0;

        dropped_remove(w);
        if (w->stored.len > 1)
                qsort(w->stored.at, w->stored.len, sizeof(*w->stored.at), stored_compare);
        o->records = arena_array(o->arena, w->stored.len, sizeof(*o->records));
        for (size_t i = 0, n; i < w->stored.len; i += n) {
                n = same_id(w, i, false);
                if (n > 1)
                        doubles_tell(w, i, n, first_of, stats);
                if (!records_take(w, i, n, o, stats, e))
                        return false;
        }
        for (size_t i = 0; i < o->n_records; i++)
                n_entries += o->records[i].record.n_entries;
        if (o->n_records == 0 && w->facts.len == 0)
                return err_set(e, ERR_MALFORMED, "no record could be taken from the sources");
        if (n_entries > UINT32_MAX || o->n_records > UINT32_MAX)
                return err_set(e, ERR_LIMIT, "more than 2^32 entries");
        o->placed = arena_array(o->arena, n_entries, sizeof(*o->placed));
        for (size_t i = 0; i < o->n_records; i++) {
                for (size_t k = 0; k < o->records[i].record.n_entries; k++) {
                        const struct record_entry *entry = &o->records[i].record.entries[k];
                        o->placed[o->n_placed++] = (struct placed){.entry = entry, .record = (uint32_t)i};
                        for (size_t m = 0; m < entry->n_intervals; m++) {
                                if (entry->intervals[m].flags & INTERVAL_LISTED)
                                        stats->versions++;
                                else
                                        stats->ranges++;
                        }
                }
        }
        stats->records += o->n_records;
        stats->affected += o->n_placed;
        if (o->n_placed > 0)
                qsort(o->placed, o->n_placed, sizeof(*o->placed), placed_compare);
        return true;
}

static bool file_join(struct output *o, int64_t built_s, struct buf *ret, struct err *e)
{
        struct db_header h = {.format = DB_FORMAT,
            .key_format = VERSION_KEY_FORMAT,
            .built_s = built_s,
            .newest_record_s = o->newest_s,
            .records = o->n_records, .packages = rows(o, DB_PACKAGES),
            .entries = o->n_placed, .intervals = rows(o, DB_INTERVALS)};

        if (o->failed)
                return err_set(e, ERR_LIMIT, "the database would be above %llu bytes", (unsigned long long)DB_BYTES_MAX);
        return db_join(o->sections, &h, ret, e);
}

static void output_done(struct output *o)
{
        arena_free(o->arena);
        for (size_t i = 0; i < DB_SECTIONS; i++)
                buf_done(&o->sections[i]);
        free(o->pool.slots);
}

bool db_writer_finish(
    struct db_writer *w, int64_t built_s, struct buf *ret_file, struct advisory_build_stats *io_stats, struct err *e)
{
        struct output o CLEANUP(output_done) = {.arena = arena_new()};
        struct advisory_build_stats stats = *io_stats;
        struct buf file CLEANUP(buf_done) = {0};

        for (size_t i = 0; i < DB_SECTIONS; i++)
                o.sections[i].max = DB_BYTES_MAX;
        random_bytes(&o.pool.seed, sizeof(o.pool.seed));
        if (!records_choose(w, &o, &stats, e))
                return false;
        buf_put_u16le(&o.sections[DB_STRINGS], 0); /* offset 0: the empty string */
        buf_put(&o.sections[DB_WORDS], span_bytes((const uint8_t[DB_WORDS_ROW]){0}, DB_WORDS_ROW));
        packages_put(&o);
        records_put(&o);
        facts_unite(&w->facts);
        stats.facts += w->facts.len;
        facts_put(&o, &w->facts);
        sources_put(&o, &w->sources);
        if (!db_index_write(o.names.at, o.names.len, &o.sections[DB_INDEX], e))
                return false;
        if (!file_join(&o, built_s, &file, e))
                return false;
        buf_done(ret_file);
        *ret_file = file;
        file = (struct buf){0};
        *io_stats = stats;
        return true;
}
