/*
 * A layer's report in frames: a frame is a sequence of records, a record is a letter and its fields. Texts have a u16
 * length in front.
 *
 *      V u32 format                                 always the first
 *      L note                                       of the layer
 *      W path   O path                              whiteout, opaque folder
 *      T u32 count, count * 16 bytes                ids of paths taken, ascending over all T
 *      D u32 count, count * 16 bytes                ids of folders, likewise
 *      M u8 for each folder that may be a link into usr
 *      E detector, path                             evidence, ascending by path; the next belong to it:
 *        S id, id_like, version_id, codename, name  the system, from the detector os-release
 *        P u16 what follows, u8 confidence and licence source, name, version, texts, qualifiers
 *        U u8 licence source, name, architecture, licence           supplement
 *        F u8 by supplement, u32 number, u32 count, count * 16 bytes    ids of paths that it owns
 *        N note
 *      R u8 kind, u8 severity, u64 line, rule, title, path, excerpt, remedy   remark, ascending by path
 *      Z blob digest, diff id, u64 plain size, u64 entries      the end
 */
#include "inventory/report_priv.h"

#define FRAME_FLUSH (1u << 20) /* bytes: a frame is sent when it is longer; no record is */

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
        free(r->taken.at);
        free(r->folders.at);
        free(r);
}

void layer_report_freep(struct layer_report **r)
{
        layer_report_free(*r);
}

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

static void put_text(struct sender *s, struct span text)
{
        buf_put_u16le(&s->frame, (uint16_t)text.len); /* every maximum is below 64 KiB */
        buf_put(&s->frame, text);
}

static void put_texts(struct sender *s, char letter, const struct span *texts, size_t n)
{
        buf_put_u8(&s->frame, (uint8_t)letter);
        for (size_t i = 0; i < n; i++)
                put_text(s, texts[i]);
        flush(s, FRAME_FLUSH);
}

static void put_list(struct sender *s, char letter, const struct span *at, size_t len)
{
        for (size_t i = 0; i < len; i++)
                put_texts(s, letter, &at[i], 1);
}

static void put_ids(struct sender *s, char letter, const struct path_ids *ids)
{
        for (size_t i = 0; i < ids->len && !s->failed; i += IDS_PER_RECORD) {
                size_t n = ids->len - i < IDS_PER_RECORD ? ids->len - i : IDS_PER_RECORD;
                buf_put_u8(&s->frame, (uint8_t)letter);
                buf_put_u32le(&s->frame, (uint32_t)n);
                buf_put(&s->frame, span_bytes(&ids->at[i], n * sizeof(*ids->at)));
                flush(s, FRAME_FLUSH);
        }
}

static void put_package(struct sender *s, const struct package *p)
{
        const struct span texts[PACKAGE_TEXTS] = {p->source_name, p->source_version, p->arch, p->licence, p->vendor,
            p->cpe, p->module, p->inside, span_of(p->type), span_of(p->ecosystem)};
        bool same =
            p->source_name.len > 0 && span_equal(p->source_name, p->name) && span_equal(p->source_version, p->version);
        size_t qualifiers = 0;
        unsigned has = 0;

        for (size_t i = same ? 2 : 0; i < PACKAGE_TEXTS; i++)
                has |= texts[i].len > 0 || (i == PACKAGE_ECOSYSTEM && p->ecosystem) ? 1u << i : 0;
        while (qualifiers < ARRAY_LEN(p->qualifiers) && p->qualifiers[qualifiers].key)
                qualifiers++;
        has |= (unsigned)qualifiers << PACKAGE_QUALIFIERS;
        has |= (same ? PACKAGE_SOURCE_SAME : 0) | (p->development ? PACKAGE_DEVELOPMENT : 0) |
               (p->state == COMPONENT_DECLARED ? PACKAGE_DECLARED : 0) | (p->unless_owned ? PACKAGE_UNLESS_OWNED : 0);
        buf_put_u8(&s->frame, 'P');
        buf_put_u16le(&s->frame, (uint16_t)has);
        buf_put_u8(&s->frame, (uint8_t)((unsigned)p->confidence | (unsigned)p->licence_source << 4));
        put_text(s, p->name);
        put_text(s, p->version);
        for (size_t i = 0; i < PACKAGE_TEXTS; i++)
                if (has >> i & 1)
                        put_text(s, texts[i]);
        for (size_t i = 0; i < qualifiers; i++) {
                put_text(s, span_of(p->qualifiers[i].key));
                put_text(s, p->qualifiers[i].value);
        }
        flush(s, FRAME_FLUSH);
}

/* Runs of one package. */
static void put_owned(struct sender *s, const struct evidence *e)
{
        for (size_t i = 0, end; i < e->owned.len && !s->failed; i = end) {
                const struct owned *o = &e->owned.at[i];
                for (end = i + 1; end < e->owned.len && end - i < IDS_PER_RECORD &&
                                  o->package == e->owned.at[end].package &&
                                  o->by_supplement == e->owned.at[end].by_supplement;)
                        end++;
                buf_put_u8(&s->frame, 'F');
                buf_put_u8(&s->frame, o->by_supplement);
                buf_put_u32le(&s->frame, o->package);
                buf_put_u32le(&s->frame, (uint32_t)(end - i));
                for (size_t k = i; k < end; k++)
                        buf_put(&s->frame, span_bytes(&e->owned.at[k].id, sizeof(struct path_id)));
                flush(s, FRAME_FLUSH);
        }
}

static void put_evidence(struct sender *s, const struct evidence *e)
{
        const struct findings *f = &e->found;
        const struct span head[] = {span_of(e->detector->name), e->path};
        const struct span os[] = {f->os.id, f->os.id_like, f->os.version_id, f->os.version_codename, f->os.pretty_name};

        put_texts(s, 'E', head, ARRAY_LEN(head));
        if (e->detector == &detect_os_release)
                put_texts(s, 'S', os, ARRAY_LEN(os));
        for (size_t i = 0; i < f->packages.len; i++)
                put_package(s, &f->packages.at[i]);
        for (size_t i = 0; i < f->supplements.len; i++) {
                const struct supplement *u = &f->supplements.at[i];
                buf_put_u8(&s->frame, 'U');
                buf_put_u8(&s->frame, (uint8_t)u->licence_source);
                put_text(s, u->name);
                put_text(s, u->arch);
                put_text(s, u->licence);
                flush(s, FRAME_FLUSH);
        }
        put_owned(s, e);
        put_list(s, 'N', f->notes.at, f->notes.len);
}

static void put_remark(struct sender *s, const struct remark *r)
{
        const struct span texts[] = {r->rule, r->title, r->path, r->excerpt, r->remedy};

        buf_put_u8(&s->frame, 'R');
        buf_put_u8(&s->frame, (uint8_t)r->kind);
        buf_put_u8(&s->frame, (uint8_t)r->severity);
        buf_put_u64le(&s->frame, r->line);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                put_text(s, texts[i]);
        flush(s, FRAME_FLUSH);
}

bool layer_report_send(
    const struct layer_report *r, bool (*send)(void *ctx, struct span frame, struct err *e), void *ctx, struct err *e)
{
        struct sender s = {.frame = {.max = JAIL_FRAME_MAX}, .send = send, .ctx = ctx, .e = e};

        buf_put_u8(&s.frame, 'V');
        buf_put_u32le(&s.frame, LAYER_REPORT_FORMAT);
        put_list(&s, 'L', r->notes.at, r->notes.len);
        put_list(&s, 'W', r->whiteouts.at, r->whiteouts.len);
        put_list(&s, 'O', r->opaques.at, r->opaques.len);
        put_ids(&s, 'T', &r->taken);
        put_ids(&s, 'D', &r->folders);
        buf_put_u8(&s.frame, 'M');
        for (size_t i = 0; i < USR_LINKS; i++)
                buf_put_u8(&s.frame, (uint8_t)r->usr_links[i]);
        for (size_t i = 0; i < r->evidence.len && !s.failed; i++)
                put_evidence(&s, &r->evidence.at[i]);
        for (size_t i = 0; i < r->remarks.len && !s.failed; i++)
                put_remark(&s, &r->remarks.at[i].said);
        buf_put_u8(&s.frame, 'Z');
        buf_put_digest(&s.frame, &r->read.blob);
        buf_put_digest(&s.frame, &r->read.diff_id);
        buf_put_u64le(&s.frame, r->read.plain_size);
        buf_put_u64le(&s.frame, r->read.entries);
        flush(&s, 0);
        buf_done(&s.frame);
        return !s.failed;
}
