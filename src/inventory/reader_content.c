/* What takes the content of an entry: whole files, streams, sniffers, and who remarks on them. */
#include "inventory/reader_priv.h"

#include <assert.h>

void detector_enter(struct layer_reader *r, const struct detector *d, uint64_t entry)
{
        r->place->detector = d ? detector_number(d) + 1 : 0;
        r->place->entry = entry + 1;
}

void detector_leave(struct layer_reader *r)
{
        r->place->entry = 0;
}

void job_drop(struct job *j)
{
        void (*done)(void *) = j->kind == JOB_STREAM   ? j->own->detector->stream->free
                               : j->kind == JOB_REMARK ? j->reader->free
                                                       : NULL;

        if (done && j->passes > 0)
                done(j->state);
}

void jobs_drop(struct jobs *jobs, size_t from)
{
        for (size_t i = from; i < jobs->len; i++)
                job_drop(&jobs->at[i]);
        jobs->len = 0;
}

/* ---- whole files ---- */

/* It waits for the end of the layer, when it is known whether its companion is there. */
static void hold(struct layer_reader *r, struct evidence *own, struct span content)
{
        struct held *h;

        if (content.len > INVENTORY_HELD_MAX - r->held_bytes) {
                findings_note(&own->found, "not read: it and others that wait for a second file are more than %u bytes",
                    INVENTORY_HELD_MAX);
                evidence_add(r, own, false);
                return;
        }
        h = ARENA_PUSH(r->arena, &r->held);
        h->own = own;
        h->companion = !own->detector->wants(own->path);
        h->content.max = INVENTORY_HELD_MAX;
        buf_put(&h->content, content);
        r->held_bytes += content.len;
}

static void whole_read(struct layer_reader *r, struct evidence *own, uint64_t entry, struct span content)
{
        const struct detector *d = own->detector;

        if (d->companion) {
                hold(r, own, content);
                return;
        }
        detector_enter(r, d, entry);
        d->read(content, &own->found);
        detector_leave(r);
        evidence_add(r, own, false);
}

bool job_make(struct layer_reader *r, struct evidence *own, uint64_t entry, uint64_t size, struct job *ret)
{
        const struct detector *d = own->detector;

        *ret = (struct job){.entry = (uint32_t)entry, .kind = d->stream ? JOB_STREAM : JOB_READ, .own = own};
        if (!d->stream && d->size_max == 0) {
                whole_read(r, own, entry, (struct span){0});
                return false;
        }
        if (d->size_max > 0 && size > d->size_max) {
                findings_note(&own->found, NOTE_TOO_LARGE, (unsigned long long)size, d->size_max);
                evidence_add(r, own, false);
                return false;
        }
        return true;
}

/* ---- remarks ---- */

void remark_add(struct layer_reader *r, const struct remark *said, struct span path, uint64_t index)
{
        if (r->report->remarks.len == INVENTORY_REMARKS_MAX) {
                if (first_time(&r->too_many_remarks))
                        *layer_note(r) = arena_printf(r->arena,
                            "more than %u remarks on files: the others are not listed", INVENTORY_REMARKS_MAX);
                return;
        }
        struct layer_remark *to = ARENA_PUSH(r->arena, &r->report->remarks);
        to->said = *said;
        to->said.path = path;
        to->index = index;
}

static void remarks_end(struct layer_reader *r, struct job *j)
{
        struct findings *f = &j->own->found;
        char shown[INVENTORY_PATH_MAX + 1];

        if (j->reader->end)
                j->reader->end(j->state);
        if (j->reader->free)
                j->reader->free(j->state);
        findings_end(f);
        for (size_t i = 0; i < f->remarks.len; i++)
                remark_add(r, &f->remarks.at[i], j->own->path, j->own->index);
        for (size_t i = 0; i < f->notes.len && r->report->notes.len < INVENTORY_LAYER_NOTES_MAX; i++)
                *layer_note(r) = arena_printf(
                    r->arena, "%s: %.*s", span_printable(j->own->path, shown, sizeof(shown)), SPAN_FMT(f->notes.at[i]));
}

void remarks_ask(struct layer_reader *r, const struct image_entry *as, uint8_t readers, uint64_t entry, struct jobs *to)
{
        for (size_t i = 0; remark_readers[i]; i++) {
                const struct remark_reader *reader = remark_readers[i];
                struct evidence *own;

                assert(i < READERS_MAX);
                if (!(readers >> i & 1) || !reader->wants(as))
                        continue;
                own = evidence_new(r, NULL, as->path, as->index);
                if (!own)
                        continue;
                struct job j = {
                    .entry = (uint32_t)entry, .kind = JOB_REMARK, .own = own, .reader = reader, .passes = 1};
                detector_enter(r, NULL, entry);
                j.state = reader->begin(&own->found, as);
                if (!reader->data || as->size == 0)
                        remarks_end(r, &j);
                else
                        *ARENA_PUSH(r->arena, to) = j;
                detector_leave(r);
                if (r->own_seen != SIZE_MAX)
                        r->seen[r->own_seen].readers |= (uint8_t)(1u << i);
        }
}

/* ---- streams ---- */

static void stream_begin(struct layer_reader *r, struct job *j, uint64_t size)
{
        j->replay = j->own->detector->stream->again && size <= r->replay_max;
        r->want_content |= j->replay;
        if (j->passes++ > 0)
                return;
        detector_enter(r, j->own->detector, j->entry);
        j->state = j->own->detector->stream->begin(&j->own->found, size);
        detector_leave(r);
}

static void stream_data(struct layer_reader *r, struct job *j, struct span piece)
{
        detector_enter(r, j->own->detector, j->entry);
        j->own->detector->stream->data(j->state, piece);
        detector_leave(r);
}

static void stream_end(struct layer_reader *r, struct job *j)
{
        const struct detector_stream *s = j->own->detector->stream;
        struct span content = buf_span(&r->content);
        bool again;

        detector_enter(r, j->own->detector, j->entry);
        again = s->end(j->state) == STREAM_AGAIN && s->again && j->passes < STREAM_PASSES_MAX;
        while (again && j->replay && content.len > 0) { /* it is at hand: no pass over the layer */
                s->data(j->state, content);
                j->passes++;
                again = s->end(j->state) == STREAM_AGAIN && j->passes < STREAM_PASSES_MAX;
        }
        if (again && r->later.len >= INVENTORY_STREAMS_MAX) {
                findings_note(&j->own->found, "not read: more than %u files of this layer must be read twice",
                    INVENTORY_STREAMS_MAX);
                again = false;
        }
        if (again) {
                *ARENA_PUSH(r->arena, &r->later) = *j;
        } else {
                s->free(j->state);
                evidence_add(r, j->own, j->quiet);
        }
        detector_leave(r);
}

static void taken_by(struct layer_reader *r, const struct detector *d)
{
        if (r->own_seen != SIZE_MAX)
                r->seen[r->own_seen].detector = (uint8_t)(detector_number(d) + 1);
}

/* The first bytes are together, or all of a shorter file. */
static void sniff(struct layer_reader *r)
{
        struct span path = buf_span(&r->path), head = span_bytes(r->head.bytes, r->head.len);
        const struct detector *d;
        struct evidence *own;
        struct job j;

        r->sniffing = false;
        if (r->own_seen != SIZE_MAX && r->n_heads < INVENTORY_HEADS_MAX) {
                if (r->n_heads == r->cap_heads) {
                        r->cap_heads = r->cap_heads ? r->cap_heads * 2 : 1024;
                        r->heads = heap_realloc(r->heads, r->cap_heads, sizeof(*r->heads));
                }
                r->heads[r->n_heads++] = r->head;
                r->seen[r->own_seen].head = (uint32_t)r->n_heads;
        }
        if (path.len == 0) /* some detector wants it by its path: the bytes are kept for its hard links alone */
                return;
        detector_enter(r, NULL, r->entry);
        d = detector_of_head(path, head);
        detector_leave(r);
        own = d ? evidence_new(r, d, path, r->entry) : NULL;
        if (!own || !job_make(r, own, r->entry, r->size, &j))
                return;
        j.quiet = true;
        taken_by(r, d);
        stream_begin(r, &j, r->size);
        stream_data(r, &j, head);
        if (r->want_content)
                buf_put(&r->content, head);
        *ARENA_PUSH(r->arena, &r->now) = j;
}

/* ---- an entry ---- */

/* To `now`, when it takes content. */
static void first_wanted(struct layer_reader *r, const struct image_entry *entry, const struct detector *d)
{
        struct evidence *own = evidence_new(r, d, entry->path, entry->index);
        struct job j;

        if (!own || !job_make(r, own, entry->index, entry->size, &j))
                return;
        taken_by(r, d);
        if (j.kind == JOB_STREAM)
                stream_begin(r, &j, entry->size);
        else
                r->want_content = true;
        *ARENA_PUSH(r->arena, &r->now) = j;
}

bool content_first(struct layer_reader *r, const struct image_entry *entry)
{
        const struct detector *d = detector_index_find(r->index, entry->path);

        if (!d)
                d = detector_index_companion(r->index, entry->path);
        r->now.len = 0;
        r->want_content = false;
        buf_clear(&r->content);
        r->entry = entry->index;
        r->size = entry->size;
        if (entry_skipped(r, entry->path, entry->index, entry->index))
                return false;
        remarks_ask(r, entry, UINT8_MAX, entry->index, &r->now);
        if (d)
                first_wanted(r, entry, d);
        r->sniffing = r->sniff && entry->size > 0 && (!d || r->now.len > 0);
        r->head.len = 0;
        buf_clear(&r->path);
        if (r->sniffing && !d)
                buf_put(&r->path, entry->path);
        return r->sniffing || r->now.len > 0;
}

bool content_later(struct layer_reader *r, const struct image_entry *entry)
{
        struct jobs *waiting = &r->waiting;

        while (r->next < waiting->len && waiting->at[r->next].entry < entry->index)
                job_drop(&waiting->at[r->next++]); /* a file that is none any more: the digest will tell */
        r->now.len = 0;
        r->want_content = false;
        r->sniffing = false;
        buf_clear(&r->content);
        r->entry = entry->index;
        for (; r->next < waiting->len && waiting->at[r->next].entry == entry->index; r->next++) {
                struct job *j = &waiting->at[r->next];
                if (entry->type != IMAGE_ENTRY_FILE) {
                        job_drop(j);
                        continue;
                }
                if (j->kind == JOB_STREAM)
                        stream_begin(r, j, entry->size);
                r->want_content |= j->kind == JOB_READ;
                *ARENA_PUSH(r->arena, &r->now) = *j;
        }
        return r->now.len > 0;
}

bool content_take(struct layer_reader *r, struct span piece)
{
        for (size_t i = 0; i < r->now.len; i++) {
                struct job *j = &r->now.at[i];
                if (j->kind == JOB_STREAM) {
                        stream_data(r, j, piece);
                } else if (j->kind == JOB_REMARK) {
                        detector_enter(r, NULL, r->entry);
                        j->reader->data(j->state, piece);
                        detector_leave(r);
                }
        }
        if (r->want_content)
                buf_put(&r->content, piece);
        if (r->sniffing) {
                size_t n = STREAM_HEAD - r->head.len < piece.len ? STREAM_HEAD - r->head.len : piece.len;
                size_t had = r->now.len;
                memcpy(r->head.bytes + r->head.len, piece.at, n);
                r->head.len = (uint8_t)(r->head.len + n);
                if (r->head.len == STREAM_HEAD)
                        sniff(r);
                if (r->now.len > had && piece.len > n) {
                        stream_data(r, &r->now.at[had], span_from(piece, n));
                        if (r->want_content)
                                buf_put(&r->content, span_from(piece, n));
                }
        }
        return !r->content.failed;
}

void content_end(struct layer_reader *r)
{
        struct span content = buf_span(&r->content);

        if (r->sniffing)
                sniff(r);
        for (size_t i = 0; i < r->now.len; i++) {
                struct job *j = &r->now.at[i];
                if (j->kind == JOB_READ) {
                        whole_read(r, j->own, j->entry, content);
                } else if (j->kind == JOB_STREAM) {
                        stream_end(r, j);
                } else {
                        detector_enter(r, NULL, j->entry);
                        remarks_end(r, j);
                        detector_leave(r);
                }
        }
        r->now.len = 0;
}
