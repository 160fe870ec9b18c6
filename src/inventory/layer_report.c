/*
 * A layer's report in frames: a frame is a sequence of records, a record is a letter and its fields (see buf and
 * cursor).
 *
 *      L note                                       of the layer
 *      W path   O path                              whiteout, opaque folder
 *      T u32 count, count * 16 bytes                ids of paths taken, ascending over all T
 *      E detector, path                             evidence, ascending by path; the next belong to it:
 *        S id, id_like, version_id, codename, name  the system, from the detector os-release
 *        P name, version, source name, source version, architecture, licence
 *        N note
 *      Z blob digest, diff id, u64 plain size, u64 entries      the end
 */
#include "inventory/layer_priv.h"

#define FRAME_FLUSH (1u << 20) /* bytes: a frame is sent when it is longer; no record is */
#define IDS_PER_RECORD 32768u

struct path_id path_id_of(struct span path)
{
        struct path_id id;
        struct digest d;

        digest_of(DIGEST_SHA256, path, &d);
        memcpy(id.bytes, d.bytes, sizeof(id.bytes));
        return id;
}

int path_id_compare(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(struct path_id));
}

struct layer_report *layer_report_new(void)
{
        struct layer_report *r = heap_alloc(sizeof(*r));

        r->arena = arena_new();
        return r;
}

void layer_report_free(struct layer_report *r)
{
        if (!r)
                return;
        arena_free(r->arena);
        free(r->taken);
        free(r);
}

void layer_report_freep(struct layer_report **r)
{
        layer_report_free(*r);
}

/* ---- out ---- */

struct sender {
        struct buf frame;
        bool (*send)(void *ctx, struct span frame, struct err *e);
        void *ctx;
        struct err *e;
        bool failed;
};

static void flush(struct sender *s, size_t above)
{
        if (s->failed || s->frame.len <= above)
                return;
        if (s->frame.failed) {
                s->failed = true;
                err_set(s->e, ERR_BUG, "a record is longer than a frame");
                return;
        }
        s->failed = !s->send(s->ctx, buf_span(&s->frame), s->e);
        buf_clear(&s->frame);
}

static void put_texts(struct sender *s, char letter, const struct span *texts, size_t n)
{
        buf_put_u8(&s->frame, (uint8_t)letter);
        for (size_t i = 0; i < n; i++)
                buf_put_string(&s->frame, texts[i]);
        flush(s, FRAME_FLUSH);
}

static void put_list(struct sender *s, char letter, const struct span *at, size_t len)
{
        for (size_t i = 0; i < len; i++)
                put_texts(s, letter, &at[i], 1);
}

static void put_evidence(struct sender *s, const struct evidence *e)
{
        const struct findings *f = &e->found;
        const struct span head[] = {span_of(e->detector->name), e->path};
        const struct span os[] = {f->os.id, f->os.id_like, f->os.version_id, f->os.version_codename, f->os.pretty_name};

        put_texts(s, 'E', head, ARRAY_LEN(head));
        if (e->detector == &detect_os_release)
                put_texts(s, 'S', os, ARRAY_LEN(os));
        for (size_t i = 0; i < f->packages.len; i++) {
                const struct package *p = &f->packages.at[i];
                const struct span texts[] = {
                    p->name, p->version, p->source_name, p->source_version, p->arch, p->licence};
                put_texts(s, 'P', texts, ARRAY_LEN(texts));
        }
        put_list(s, 'N', f->notes.at, f->notes.len);
}

bool layer_report_send(
    const struct layer_report *r, bool (*send)(void *ctx, struct span frame, struct err *e), void *ctx, struct err *e)
{
        struct sender s = {.frame = {.max = JAIL_FRAME_MAX}, .send = send, .ctx = ctx, .e = e};

        put_list(&s, 'L', r->notes.at, r->notes.len);
        put_list(&s, 'W', r->whiteouts.at, r->whiteouts.len);
        put_list(&s, 'O', r->opaques.at, r->opaques.len);
        for (size_t i = 0; i < r->n_taken && !s.failed; i += IDS_PER_RECORD) {
                size_t n = r->n_taken - i < IDS_PER_RECORD ? r->n_taken - i : IDS_PER_RECORD;
                buf_put_u8(&s.frame, 'T');
                buf_put_u32le(&s.frame, (uint32_t)n);
                buf_put(&s.frame, span_bytes(&r->taken[i], n * sizeof(*r->taken)));
                flush(&s, FRAME_FLUSH);
        }
        for (size_t i = 0; i < r->evidence.len && !s.failed; i++)
                put_evidence(&s, &r->evidence.at[i]);
        buf_put_u8(&s.frame, 'Z');
        buf_put_digest(&s.frame, &r->read.blob);
        buf_put_digest(&s.frame, &r->read.diff_id);
        buf_put_u64le(&s.frame, r->read.plain_size);
        buf_put_u64le(&s.frame, r->read.entries);
        flush(&s, 0);
        buf_done(&s.frame);
        return !s.failed;
}

/* ---- in ---- */

static bool malformed(struct err *e, const char *what)
{
        return err_set(e, ERR_MALFORMED, "the worker's answer: %s", what);
}

static bool too_many(struct err *e, const char *what)
{
        return err_set(e, ERR_LIMIT, "the worker's answer: too many %s", what);
}

/* Texts of at most max[i] bytes each, clean, copied. */
static bool take_texts(struct layer_report *r, struct cursor *c, struct span *const *to, const uint32_t *max, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct span text = cursor_string(c, max[i]);
                if (c->failed || !text_is_clean(text, max[i]))
                        return false;
                *to[i] = arena_copy(r->arena, text);
        }
        return true;
}

/* Any bytes that a tar may name, but no NUL and not from the root. */
static bool take_path(struct layer_report *r, struct cursor *c, bool may_be_empty, struct span *ret)
{
        struct span path = cursor_string(c, INVENTORY_PATH_MAX);
        size_t nul;

        if (c->failed || (path.len == 0 && !may_be_empty) || span_starts(path, "/") || span_find(path, 0, &nul))
                return false;
        *ret = arena_copy(r->arena, path);
        return true;
}

static bool take_note(struct layer_report *r, struct cursor *c, struct span *ret, struct err *e)
{
        if (++r->n_notes > INVENTORY_LAYER_NOTES_MAX + INVENTORY_EVIDENCE_MAX)
                return too_many(e, "notes");
        if (!take_texts(r, c, &ret, (const uint32_t[]){INVENTORY_NOTE_MAX}, 1) || ret->len == 0)
                return malformed(e, "a note is no text");
        return true;
}

static bool take_layer_note(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct span note = {0};

        if (!take_note(r, c, &note, e))
                return false;
        *ARENA_PUSH(r->arena, &r->notes) = note;
        return true;
}

static bool take_hidden(struct layer_report *r, struct cursor *c, struct span_list *list, struct err *e)
{
        struct span path = {0};

        if (r->whiteouts.len + r->opaques.len == INVENTORY_WHITEOUTS_MAX)
                return too_many(e, "whiteouts");
        if (!take_path(r, c, list == &r->opaques, &path))
                return malformed(e, "a whiteout's path");
        *ARENA_PUSH(r->arena, list) = path;
        return true;
}

static bool take_whiteout(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_hidden(r, c, &r->whiteouts, e);
}

static bool take_opaque(struct layer_report *r, struct cursor *c, struct err *e)
{
        return take_hidden(r, c, &r->opaques, e);
}

static bool take_ids(struct layer_report *r, struct cursor *c, struct err *e)
{
        uint32_t n = cursor_u32le(c);

        if (n == 0 || n > IDS_PER_RECORD)
                return malformed(e, "a list of paths");
        if (n > INVENTORY_ENTRIES_MAX - r->n_taken)
                return too_many(e, "paths");
        struct span ids = cursor_take(c, n * sizeof(struct path_id));
        if (c->failed)
                return malformed(e, "a list of paths ends early");
        r->taken = heap_realloc(r->taken, r->n_taken + n, sizeof(*r->taken));
        memcpy(&r->taken[r->n_taken], ids.at, ids.len);
        for (size_t i = r->n_taken; i < r->n_taken + n; i++)
                if (i > 0 && path_id_compare(&r->taken[i - 1], &r->taken[i]) >= 0)
                        return malformed(e, "paths are not in order");
        r->n_taken += n;
        return true;
}

static struct evidence *last_evidence(struct layer_report *r)
{
        return r->evidence.len > 0 ? &r->evidence.at[r->evidence.len - 1] : NULL;
}

static bool take_evidence(struct layer_report *r, struct cursor *c, struct err *e)
{
        const struct detector *d = detector_of_name(cursor_string(c, INVENTORY_NAME_MAX));
        const struct evidence *before = last_evidence(r);
        struct span path = {0};

        if (r->evidence.len == INVENTORY_EVIDENCE_MAX)
                return too_many(e, "files that name packages");
        if (!d || !take_path(r, c, false, &path))
                return malformed(e, "no detector or no path");
        if (path_depth(path) > INVENTORY_DEPTH_MAX || (before && span_compare(before->path, path) >= 0))
                return malformed(e, "files are not in order, or too deep");
        /* So that a worker that was taken over can't speak for other files. */
        if (detector_of_path(path) != d && detector_of_link(path) != d)
                return malformed(e, "a detector speaks of a file that it does not want");
        struct evidence *new = ARENA_PUSH(r->arena, &r->evidence);
        *new = (struct evidence){.detector = d, .path = path, .found = {.arena = r->arena}};
        return true;
}

static bool take_system(struct layer_report *r, struct cursor *c, struct err *e)
{
        static const uint32_t max[] = {INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX,
            INVENTORY_OS_TEXT_MAX, INVENTORY_OS_TEXT_MAX};
        struct evidence *to = last_evidence(r);

        if (!to || to->detector != &detect_os_release)
                return malformed(e, "a system without its file");
        struct os_release *os = &to->found.os;
        struct span *const texts[] = {&os->id, &os->id_like, &os->version_id, &os->version_codename, &os->pretty_name};
        return take_texts(r, c, texts, max, ARRAY_LEN(texts)) || malformed(e, "a system's texts");
}

static bool take_package(struct layer_report *r, struct cursor *c, struct err *e)
{
        static const uint32_t max[] = {INVENTORY_NAME_MAX, INVENTORY_VERSION_MAX, INVENTORY_NAME_MAX,
            INVENTORY_VERSION_MAX, INVENTORY_ARCH_MAX, INVENTORY_LICENCE_MAX};
        struct evidence *to = last_evidence(r);
        struct package p = {0};
        struct span *const texts[] = {&p.name, &p.version, &p.source_name, &p.source_version, &p.arch, &p.licence};

        if (!to || !to->detector->type)
                return malformed(e, "a package without its file");
        if (++r->n_packages > INVENTORY_PACKAGES_MAX)
                return too_many(e, "packages");
        if (!take_texts(r, c, texts, max, ARRAY_LEN(texts)) || p.name.len == 0 || p.version.len == 0)
                return malformed(e, "a package's texts");
        *ARENA_PUSH(r->arena, &to->found.packages) = p;
        return true;
}

static bool take_evidence_note(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct evidence *to = last_evidence(r);
        struct span note = {0};

        if (!to)
                return malformed(e, "a note without its file");
        if (!take_note(r, c, &note, e))
                return false;
        *ARENA_PUSH(r->arena, &to->found.notes) = note;
        return true;
}

static bool take_end(struct layer_report *r, struct cursor *c, struct err *e)
{
        struct image_read read = {0};

        read.blob = cursor_digest(c);
        read.diff_id = cursor_digest(c);
        read.plain_size = cursor_u64le(c);
        read.entries = cursor_u64le(c);
        if (c->failed)
                return malformed(e, "its end");
        r->read = read;
        r->ended = true;
        return true;
}

bool layer_report_frame(struct layer_report *r, struct span frame, struct err *e)
{
        static bool (*const take[256])(struct layer_report *, struct cursor *, struct err *) = {
            ['L'] = take_layer_note,
            ['W'] = take_whiteout,
            ['O'] = take_opaque,
            ['T'] = take_ids,
            ['E'] = take_evidence,
            ['S'] = take_system,
            ['P'] = take_package,
            ['N'] = take_evidence_note,
            ['Z'] = take_end,
        };
        struct cursor c = {.rest = frame};

        while (c.rest.len > 0) {
                uint8_t letter = cursor_u8(&c);
                if (r->ended)
                        return malformed(e, "something after its end");
                if (!take[letter])
                        return malformed(e, "an unknown record");
                if (!take[letter](r, &c, e))
                        return false;
        }
        return true;
}
