/* What is attached to an image: a registry's lists page by page, or the tag that stands for them, or a layout. */
#include <stdlib.h>

#include "launch/launch_priv.h"

/* Where the reading of a registry's list stands. */
struct pages {
        struct remote *remote;
        struct arena *arena;
        const char *artifact_type; /* asked for; NULL: any */
        struct {
                const char **at;
                size_t len, cap;
        } seen;
        const char *next; /* NULL: none */
        uint64_t bytes;
};

static bool page_put(struct pages *p, struct span content, int *ret_fd, struct err *e)
{
        p->bytes += content.len;
        return p->bytes <= LAUNCH_REFERRERS_MAX
                   ? launch_memfd_of(content, ret_fd, e)
                   : err_set(e, ERR_LIMIT, "a list of more than %u bytes", LAUNCH_REFERRERS_MAX);
}

/* distribution-spec 1.1, "Backwards Compatibility": registries without the API get the list as an index with a tag. */
static bool fallback(struct pages *p, const struct digest *subject, int *ret_fd, struct err *e)
{
        struct fetch_document d = {.media_type = ""};
        struct fetch_name name;
        struct fetch *f = launch_remote_fetch(p->remote, &name);
        struct err why = {0};
        char tag[DIGEST_TEXT_MAX];
        bool ok;

        name.reference = image_referrers_tag(subject, tag);
        if (strlen(name.reference) > 128) /* no tag is longer: sha512 has none */
                return true;
        if (!fetch_manifest(f, &name, LAUNCH_MANIFEST_MAX, &d, &why)) {
                if (why.kind == ERR_NOT_FOUND)
                        return true; /* nothing is attached */
                *e = why;
                return false;
        }
        ok = page_put(p, buf_span(&d.content), ret_fd, e);
        buf_done(&d.content);
        return ok;
}

/* A list that leads back to where it was would never end. */
static bool next_take(struct pages *p, const char *next, struct err *e)
{
        for (size_t i = 0; next && i < p->seen.len; i++)
                if (strcmp(p->seen.at[i], next) == 0)
                        return err_set(e, ERR_MALFORMED, "its pages lead back to one that was read already");
        if (next)
                *ARENA_PUSH(p->arena, &p->seen) = next;
        p->next = next;
        return true;
}

static bool registry_list(
    void *ctx, const struct digest *subject, size_t page, int *ret_fd, bool *ret_claimed, struct err *e)
{
        struct pages *p = ctx;
        struct fetch_page got = {.next = NULL};
        struct fetch_name name;
        struct fetch *f = launch_remote_fetch(p->remote, &name);
        struct err why = {0};
        char text[DIGEST_TEXT_MAX];
        bool ok;

        *ret_claimed = true;
        *ret_fd = -1;
        if (page == 0) {
                p->next = NULL;
                p->seen.len = 0;
                p->bytes = 0;
        } else if (!p->next) {
                return true;
        }
        name.reference = digest_format(subject, text);
        if (!fetch_referrers(f, &name, p->artifact_type, p->next, LAUNCH_MANIFEST_MAX, &got, &why)) {
                if (why.kind == ERR_NOT_FOUND && page == 0)
                        return fallback(p, subject, ret_fd, e);
                *e = why;
                return false;
        }
        ok = next_take(p, got.next, e) && page_put(p, buf_span(&got.content), ret_fd, e);
        buf_done(&got.content);
        return ok;
}

static bool registry_document(
    void *ctx, const struct digest *digest, uint64_t size, bool manifest, int *ret_fd, struct err *e)
{
        struct pages *p = ctx;

        return launch_remote_document(p->remote, digest, size, manifest, ret_fd, e);
}

bool launch_shelf_open(const struct launch_request *r, const struct launch *l, const char *artifact_type,
    struct launch_shelf *ret, struct err *e)
{
        struct pages *p;

        if (!l->remote)
                return image_shelf_open(r->reference, &ret->shelf, e);
        p = heap_alloc(sizeof(*p));
        p->remote = l->remote;
        p->arena = arena_new();
        p->artifact_type = artifact_type;
        *ret = (struct launch_shelf){
            .shelf = {.list = registry_list, .document = registry_document, .ctx = p}, .pages = p};
        return true;
}

void launch_shelf_close(struct launch_shelf *s)
{
        if (s->pages) {
                arena_free(s->pages->arena);
                free(s->pages);
        } else {
                image_shelf_close(&s->shelf);
        }
}

bool launch_referrers(
    const struct launch_request *r, const char *artifact_type, struct launch_referrers **ret, struct err *e)
{
        CLEANUP(launch_freep) struct launch *l = heap_alloc(sizeof(*l));
        CLEANUP(launch_shelf_close) struct launch_shelf shelf = {.pages = NULL};
        CLEANUP(launch_referrers_freep) struct launch_referrers *x = heap_alloc(sizeof(*x));

        if (!launch_resolve(r, l, e) || !launch_shelf_open(r, l, artifact_type, &shelf, e) ||
            !image_referrers_list(l->image, &shelf.shelf, artifact_type, &x->list, e))
                return false;
        x->image = l->image;
        l->image = NULL;
        *ret = x;
        x = NULL;
        return true;
}

void launch_referrers_free(struct launch_referrers *x)
{
        if (!x)
                return;
        image_free(x->image);
        arena_free(x->list.arena);
        free(x);
}

void launch_referrers_freep(struct launch_referrers **x)
{
        launch_referrers_free(*x);
        *x = NULL;
}
