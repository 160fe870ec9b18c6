/* A reference as the user wrote it -> an open image. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/open_priv.h"

/* "DIR:TAG": a path that exists as it stands has no tag, so that folders may have colons in their names. */
static void tag_split(const char *text, struct arena *a, struct reference *r)
{
        const char *colon = strchr(text, ':');
        struct stat st;

        r->path = text;
        /* From the left: tags may have colons too ("localhost:5000/demo:1"), as skopeo writes them. */
        while (colon && lstat(text, &st) != 0) {
                char *head = arena_string(a, span_bytes(text, (size_t)(colon - text)));

                if (stat(head, &st) == 0) {
                        r->path = head;
                        r->tag = span_of(colon + 1);
                        return;
                }
                colon = strchr(colon + 1, ':');
        }
}

bool reference_parse(const char *text, struct arena *a, struct reference *ret, struct err *e)
{
        static const struct {
                const char *prefix;
                enum image_kind kind;
                bool tags;
        } prefixes[] = {
            {"oci:", IMAGE_OCI_LAYOUT, true},
            {"oci-archive:", IMAGE_OCI_ARCHIVE, true},
            {"docker-archive:", IMAGE_DOCKER_ARCHIVE, true},
            {"aci:", IMAGE_ACI, false},
            {"dir:", IMAGE_ROOT_FOLDER, false},
            {"pid:", IMAGE_ROOT_FOLDER, false},
        };
        uint64_t pid;
        struct reference r = {.path = text};
        const char *whole = text;
        bool tags = true;

        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
                if (span_starts(span_of(text), prefixes[i].prefix)) {
                        r.kind = prefixes[i].kind;
                        tags = prefixes[i].tags;
                        text += strlen(prefixes[i].prefix);
                        break;
                }
        r.path = text;
        if (span_starts(
                span_of(whole), "pid:")) { /* as the process itself sees it, mounts and all that are on the same disk */
                if (!span_to_u64(span_of(text), &pid) || pid == 0)
                        return err_set(e, ERR_MALFORMED, "pid: wants the number of a process");
                r.path = arena_string(a, arena_printf(a, "/proc/%llu/root", (unsigned long long)pid));
        }
        if (tags)
                tag_split(text, a, &r);
        if (r.path[0] == 0)
                return err_set(e, ERR_MALFORMED, "no path is named; oci:DIR or a folder is one");
        if (r.tag.len > IMAGE_TAG_MAX)
                return err_set(e, ERR_LIMIT, "a tag of %zu bytes, at most %u", r.tag.len, IMAGE_TAG_MAX);
        *ret = r;
        return true;
}

/* By what is there: a folder with index.json is a layout, any other folder a root; IMAGE_NONE: a file, an archive. */
static bool kind_find(struct reference *r, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct stat st;

        if (!file_open_user(r->path, O_RDONLY, &fd, e))
                return false;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat: %s", strerror(errno));
        if (S_ISREG(st.st_mode)) { /* which archive, its content says */
                bool aci = false;

                if (!aci_look(fd, &aci, e))
                        return false;
                r->kind = aci ? IMAGE_ACI : IMAGE_NONE;
                return true;
        }
        if (!S_ISDIR(st.st_mode))
                return err_set(e, ERR_MALFORMED, "it is neither a folder nor a file");
        r->kind = faccessat(fd, "index.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
                          faccessat(fd, "oci-layout", F_OK, AT_SYMLINK_NOFOLLOW) == 0
                      ? IMAGE_OCI_LAYOUT
                      : IMAGE_ROOT_FOLDER;
        return true;
}

static bool kind_open(
    struct image *i, struct reference *r, const struct choice *want, struct span *ret_tag, struct err *e)
{
        bool named = r->kind != IMAGE_NONE;

        if (!named && !kind_find(r, e))
                return false;
        i->kind = r->kind;
        switch (r->kind) {
        case IMAGE_OCI_LAYOUT:
                return layout_open(r, want, i, ret_tag, e);
        case IMAGE_NONE:
        case IMAGE_OCI_ARCHIVE:
        case IMAGE_DOCKER_ARCHIVE:
                return archive_open(r, want, i, ret_tag, e);
        case IMAGE_ACI:
                return aci_open(r, want, i, e);
        case IMAGE_ROOT_FOLDER:
                /* Only when asked for: any folder is a root folder, and a mistyped name must not be assessed instead. */
                if (!named)
                        return err_set(e, ERR_UNSUPPORTED,
                            "%s is no OCI layout: there is no index.json in it; say dir:%s for a plain root folder",
                            r->path, r->path);
                return file_open_user(r->path, O_RDONLY | O_DIRECTORY, &i->root_fd, e);
        default:
                return err_set(e, ERR_BUG, "a kind of image without a reader");
        }
}

bool image_open(const char *reference, const char *platform, struct image **ret, struct err *e)
{
        struct image *i CLEANUP(image_freep) = heap_alloc(sizeof(*i));
        struct choice want = {.strict = platform != NULL};
        struct reference r;
        struct span tag = {0};
        char shown[160];

        i->arena = arena_new();
        i->root_fd = -1;
        if (!platform_parse(platform, &want.platform, e))
                return false;
        span_printable(span_of(reference), shown, sizeof(shown));
        if (!reference_parse(reference, i->arena, &r, e))
                return err_wrap(e, "image %s", shown);
        want.tag = r.tag;
        if (!kind_open(i, &r, &want, &tag, e))
                return err_wrap(e, "image %s", shown);
        i->name = arena_copy(i->arena, span_of(reference));
        if (r.tag.len == 0 && tag.len > 0)
                i->name = arena_printf(i->arena, "%s:%.*s", reference, SPAN_FMT(tag));
        *ret = i;
        i = NULL;
        return true;
}

bool image_open_archive(const char *name, int fd, const char *platform, struct image **ret, struct err *e)
{
        struct image *i CLEANUP(image_freep) = heap_alloc(sizeof(*i));
        struct choice want = {.strict = platform != NULL};
        const struct reference r = {.kind = IMAGE_NONE, .path = name};
        struct span tag = {0};
        char shown[160];

        i->arena = arena_new();
        i->root_fd = -1;
        if (!platform_parse(platform, &want.platform, e))
                return false;
        if (!archive_open_fd(fd, &r, &want, i, &tag, e))
                return err_wrap(e, "image %s", span_printable(span_of(name), shown, sizeof(shown)));
        i->name = arena_copy(i->arena, span_of(name));
        *ret = i;
        i = NULL;
        return true;
}

void image_free(struct image *i)
{
        if (!i)
                return;
        for (size_t n = 0; n < i->n_layers; n++)
                fd_close(&i->layers[n].fd);
        fd_close(&i->root_fd);
        arena_free(i->arena);
        free(i);
}

void image_freep(struct image **i)
{
        image_free(*i);
        *i = NULL;
}
