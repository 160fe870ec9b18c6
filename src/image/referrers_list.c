/* From lists of referrers, which only claim, to referrers whose own manifest names the image. */
#include <stdlib.h>
#include <unistd.h>

#include "image/open_priv.h"
#include "image/referrers_priv.h"

struct listing {
        const struct image_shelf *shelf;
        const struct digest *subject;
        struct span artifact_type; /* asked for; empty: any */
        struct image_referrers *to;
        struct span fallback; /* the tag of the subject's list in a layout */
        size_t looked;
};

const char *image_referrers_tag(const struct digest *subject, char out[DIGEST_TEXT_MAX])
{
        digest_format(subject, out);
        for (char *p = out; *p; p++)
                if (*p == ':')
                        *p = '-';
        return out;
}

/* One job on what the shelf handed out; what it must be of `digest`, if that is known. */
static bool ask(const char *job, const char *what, int fd, const struct digest *digest, struct arena *a,
    struct cursor *ret, struct err *e)
{
        struct buf answer CLEANUP(buf_done) = {0};
        struct document d;

        if (!document_size(fd, &d, e))
                return false;
        if (digest)
                d.digest = *digest;
        if (!document_job(job, what, &d, NULL, &answer, e))
                return false;
        *ret = (struct cursor){.rest = arena_copy(a, buf_span(&answer))};
        return true;
}

static bool nonsense(const char *what, struct err *e)
{
        return err_set(e, ERR_MALFORMED, "%s: the parser answered nonsense", what);
}

static bool list_read(int fd, const struct digest *digest, struct arena *a, struct referrer_list *ret, struct err *e)
{
        struct cursor c;

        if (!ask("image-referrers", "the list of referrers", fd, digest, a, &c, e))
                return false;
        return (referrers_get(&c, a, ret) && cursor_at_end(&c)) || nonsense("list of referrers", e);
}

/* Its manifest, of the very digest and size. */
static bool manifest_read(
    const struct listing *k, const struct listed *row, struct arena *a, struct referrer_manifest *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct cursor c;

        if (!media_is_index(row->media_type) && !media_is_manifest(row->media_type))
                return err_set(e, ERR_UNSUPPORTED, "it is listed as no manifest");
        if (row->size > IMAGE_MANIFEST_MAX)
                return err_set(e, ERR_LIMIT, "a manifest of %llu bytes, at most %u", (unsigned long long)row->size,
                    IMAGE_MANIFEST_MAX);
        if (!k->shelf->document(k->shelf->ctx, &row->digest, row->size, true, &fd, e))
                return false;
        struct document d;
        if (!document_size(fd, &d, e))
                return false;
        if (d.size != row->size)
                return err_set(e, ERR_UNTRUSTED, "it has %llu bytes, its list says %llu", (unsigned long long)d.size,
                    (unsigned long long)row->size);
        if (!ask("image-referrer", "the referrer's manifest", fd, &row->digest, a, &c, e))
                return false;
        return (referrer_get(&c, a, ret) && cursor_at_end(&c)) || nonsense("manifest of a referrer", e);
}

/* What it says itself against what the list said. */
static bool agrees(const struct listing *k, const struct listed *row, const struct referrer_manifest *m, struct err *e)
{
        char is[DIGEST_TEXT_MAX], listed[120], own[120];

        if (!digest_equal(&m->subject, k->subject))
                return err_set(e, ERR_UNTRUSTED, "its own manifest is attached to %s",
                    m->subject.alg == DIGEST_NONE ? "nothing" : digest_format(&m->subject, is));
        if (row->artifact_type.len > 0 && !span_equal(row->artifact_type, m->artifact_type))
                return err_set(e, ERR_UNTRUSTED, "it is listed as %s, its own manifest says %s",
                    span_printable(row->artifact_type, listed, sizeof(listed)),
                    m->artifact_type.len ? span_printable(m->artifact_type, own, sizeof(own)) : "nothing");
        return true;
}

/* The referrer is to blame; not the world, and not whoever asked. */
static bool is_its_own(enum err_kind kind)
{
        return kind == ERR_MALFORMED || kind == ERR_LIMIT || kind == ERR_UNSUPPORTED || kind == ERR_UNTRUSTED ||
               kind == ERR_NOT_FOUND;
}

/* What was read of a list dies with the list. */
static struct span kept(const struct listing *k, struct span own, struct span listed)
{
        return own.len > 0 ? own : arena_copy(k->to->arena, listed);
}

static bool is_known(const struct listing *k, const struct digest *d)
{
        for (size_t i = 0; i < k->to->len; i++)
                if (digest_equal(&k->to->at[i].digest, d) && digest_equal(&k->to->at[i].subject, k->subject))
                        return true;
        return false;
}

static bool take(struct listing *k, const struct listed *row, bool claimed, struct err *e)
{
        struct image_referrers *to = k->to;
        struct referrer_manifest m = {0};
        struct image_referrer *r;
        struct err why = {0};
        bool ok;

        if (!referrer_may_be(row, k->artifact_type) || is_known(k, &row->digest))
                return true;
        ok = manifest_read(k, row, to->arena, &m, &why);
        if (!ok && !is_its_own(why.kind)) {
                *e = why;
                return err_wrap(e, "a referrer's manifest");
        }
        if (!claimed && (!ok || !digest_equal(&m.subject, k->subject)))
                return true; /* nobody has said that it is one */
        if (ok && row->artifact_type.len == 0 && k->artifact_type.len > 0 &&
            !span_equal(m.artifact_type, k->artifact_type))
                return true; /* nor is it asked for */
        ok = ok && agrees(k, row, &m, &why);
        if (!ok)
                m = (struct referrer_manifest){0};
        if (to->len == IMAGE_REFERRERS_MAX)
                return err_set(e, ERR_LIMIT, "more than %u things are attached to it", IMAGE_REFERRERS_MAX);
        r = ARENA_PUSH(to->arena, to);
        *r = (struct image_referrer){.digest = row->digest,
            .size = row->size,
            .media_type = arena_copy(to->arena, row->media_type),
            .subject = *k->subject,
            .artifact_type = kept(k, m.artifact_type, ok ? (struct span){0} : row->artifact_type),
            .created = kept(k, m.created, row->created),
            .title = kept(k, m.title, row->title),
            .blobs = m.blobs,
            .n_blobs = m.n_blobs,
            .refused = ok ? (struct span){0} : arena_copy(to->arena, span_of(why.text))};
        return true;
}

static bool claimed_take(struct listing *k, const struct referrer_list *list, struct err *e)
{
        for (size_t i = 0; i < list->len; i++)
                if (!take(k, &list->at[i], true, e))
                        return false;
        return true;
}

/* A layout's own index: what is tagged as the list of the subject's referrers, and what names it as its subject. */
static bool found_take(struct listing *k, const struct referrer_list *list, struct arena *a, struct err *e)
{
        for (size_t i = 0; i < list->len; i++) {
                const struct listed *row = &list->at[i];
                struct referrer_list tagged;
                int fd CLEANUP(fd_close) = -1;

                if (!media_is_index(row->media_type) || !span_equal(row->name, k->fallback))
                        continue;
                if (!k->shelf->document(k->shelf->ctx, &row->digest, row->size, true, &fd, e) ||
                    !list_read(fd, &row->digest, a, &tagged, e) || !claimed_take(k, &tagged, e))
                        return err_wrap(e, "the list that is tagged %.*s", SPAN_FMT(k->fallback));
        }
        for (size_t i = 0; i < list->len; i++) {
                const struct listed *row = &list->at[i];

                if (digest_equal(&row->digest, k->subject) || span_equal(row->name, k->fallback))
                        continue;
                if (k->looked++ == IMAGE_REFERRERS_LOOKED_MAX)
                        return err_set(
                            e, ERR_LIMIT, "more than %u manifests could be attached to it", IMAGE_REFERRERS_LOOKED_MAX);
                if (!take(k, row, false, e))
                        return false;
        }
        return true;
}

static bool subject_list(struct listing *k, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        char tag[DIGEST_TEXT_MAX];

        k->fallback = span_of(image_referrers_tag(k->subject, tag));
        for (size_t page = 0;; page++) {
                struct referrer_list list;
                int fd CLEANUP(fd_close) = -1;
                bool claimed = false;

                if (page == IMAGE_REFERRERS_PAGES_MAX)
                        return err_set(e, ERR_LIMIT, "a list of more than %u pages", IMAGE_REFERRERS_PAGES_MAX);
                if (!k->shelf->list(k->shelf->ctx, k->subject, page, &fd, &claimed, e))
                        return false;
                if (fd < 0)
                        return true;
                if (!list_read(fd, NULL, a, &list, e) ||
                    !(claimed ? claimed_take(k, &list, e) : found_take(k, &list, a, e)))
                        return false;
        }
}

bool image_referrers_list(const struct image *i, const struct image_shelf *shelf, const char *artifact_type,
    struct image_referrers *ret, struct err *e)
{
        const struct digest *subjects[] = {&i->manifest, &i->index};
        struct image_referrers list = {.arena = arena_new()};
        struct listing k = {.shelf = shelf, .artifact_type = span_of(artifact_type), .to = &list};
        char digest[DIGEST_TEXT_MAX];

        if (i->manifest.alg == DIGEST_NONE) {
                arena_free(list.arena);
                return err_set(e, ERR_UNSUPPORTED, "it has no manifest, so that nothing can be attached to it");
        }
        for (size_t n = 0; n < ARRAY_LEN(subjects); n++) {
                k.subject = subjects[n];
                if (k.subject->alg == DIGEST_NONE || (n == 1 && digest_equal(subjects[0], subjects[1])))
                        continue;
                if (!subject_list(&k, e)) {
                        arena_free(list.arena);
                        return err_wrap(e, "what is attached to %s", digest_format(k.subject, digest));
                }
        }
        *ret = list;
        return true;
}
