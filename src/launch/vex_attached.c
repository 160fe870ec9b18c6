/* Statements about findings (VEX) that are attached to the image: found, verified, and read as a file is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch/launch_priv.h"

/* As they are pushed with: by oras and vexctl, by trivy, and by the forms' own registrations. */
static const char *const types[] = {"application/vnd.openvex+json", "application/openvex+json",
    "application/vnd.openvex", "application/vnd.openvex.v0.2.0+json", "application/csaf+json",
    "application/vnd.csaf+json", "application/vnd.oasis.csaf+json", "application/vnd.cyclonedx+json",
    "application/vnd.cyclonedx+xml", "application/vnd.cyclonedx"};

/* Parameters ("; version=1.6") are of no matter: what form it is, its content says. */
static bool is_vex(struct span media_type)
{
        struct span type, parameters;

        span_split(media_type, ';', &type, &parameters);
        type = span_trim(type);
        for (size_t i = 0; i < ARRAY_LEN(types); i++)
                if (type.len == strlen(types[i]) && strncasecmp((const char *)type.at, types[i], type.len) == 0)
                        return true;
        return false;
}

struct attached {
        struct launch *l;
        const struct launch_shelf *shelf;
        uint64_t bytes;
};

static bool document_take(struct attached *k, const struct image_referrer *r, const struct image_blob *b, struct err *e)
{
        struct launch *l = k->l;
        char digest[DIGEST_TEXT_MAX], name[DIGEST_TEXT_MAX + 16];
        int fd CLEANUP(fd_close) = -1;
        struct vex_document *d;

        if (l->n_attached == LAUNCH_VEX_ATTACHED_MAX)
                return err_set(e, ERR_LIMIT, "more than %u documents (VEX) are attached", LAUNCH_VEX_ATTACHED_MAX);
        if (b->digest.alg != DIGEST_SHA256)
                return err_set(e, ERR_UNSUPPORTED, "a document is known by its sha256 alone");
        if (b->size > LAUNCH_VEX_ATTACHED_SIZE || k->bytes + b->size > LAUNCH_VEX_ATTACHED_SIZE)
                return err_set(e, ERR_LIMIT, "documents (VEX) of more than %u bytes", LAUNCH_VEX_ATTACHED_SIZE);
        k->bytes += b->size;
        if (!k->shelf->shelf.document(k->shelf->shelf.ctx, &b->digest, b->size, false, &fd, e))
                return false;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "seek: %s", strerror(errno));
        snprintf(name, sizeof(name), "attached:%s", digest_format(&r->digest, digest));
        if (!vex_document_read(fd, name, &d, e))
                return false;
        /* A registry's was verified when it came; a layout's file may have been changed until its worker read it. */
        if (!digest_equal(&d->digest, &b->digest)) {
                vex_document_free(d);
                return err_set(
                    e, ERR_UNTRUSTED, "what is there as %s is something else", digest_format(&b->digest, digest));
        }
        l->attached[l->n_attached++] = d;
        return true;
}

/* A layer of such a type; or all of them, where the artefact says that it is one and its layers say nothing of the kind. */
static bool referrer_take(struct attached *k, const struct image_referrer *r, struct err *e)
{
        bool any = false;

        if (r->refused.len > 0) {
                char shown[ERR_TEXT_MAX];
                return (!is_vex(r->artifact_type) && r->artifact_type.len > 0) ||
                       err_set(e, ERR_UNTRUSTED, "%s", span_printable(r->refused, shown, sizeof(shown)));
        }
        for (size_t i = 0; i < r->n_blobs; i++)
                any = any || is_vex(r->blobs[i].media_type);
        for (size_t i = 0; i < r->n_blobs; i++)
                if ((any ? is_vex(r->blobs[i].media_type) : is_vex(r->artifact_type)) &&
                    !document_take(k, r, &r->blobs[i], e))
                        return false;
        return true;
}

bool launch_vex_attached(const struct launch_request *r, struct launch *l, struct err *e)
{
        CLEANUP(launch_shelf_close) struct launch_shelf shelf = {.pages = NULL};
        struct attached k = {.l = l, .shelf = &shelf};
        struct image_referrers list = {.arena = NULL};
        char digest[DIGEST_TEXT_MAX];
        bool ok = true;

        if (!r->vex_attached)
                return true;
        if (!l->image)
                return err_set(e, ERR_UNSUPPORTED, "--vex attached: nothing is attached to a bill of materials");
        if (!launch_shelf_open(r, l, NULL, &shelf, e) || !image_referrers_list(l->image, &shelf.shelf, NULL, &list, e))
                return err_wrap(e, "--vex attached");
        l->attached = heap_alloc(LAUNCH_VEX_ATTACHED_MAX * sizeof(struct vex_document *));
        for (size_t i = 0; i < list.len && ok; i++)
                ok = referrer_take(&k, &list.at[i], e) ||
                     err_wrap(e, "--vex attached: %s", digest_format(&list.at[i].digest, digest));
        arena_free(list.arena);
        return ok;
}
