/* The parent's side of an App Container Image: its files, and a layer of each. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/aci_priv.h"

static bool fd_copy(int fd, int *ret, struct err *e)
{
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

        if (copy < 0)
                return err_set(e, ERR_SYSTEM, "another descriptor of the image: %s", strerror(errno));
        *ret = copy;
        return true;
}

/* What a worker leaves of a file: its answer is a plain tar, which nobody here looks into. */
struct filtered {
        int fd;
        uint64_t size;
        struct hasher *hasher;
};

static void filtered_done(struct filtered *f)
{
        fd_close(&f->fd);
        hasher_free(f->hasher);
}

static bool filtered_frame(void *ctx, struct span data, struct err *e)
{
        struct filtered *f = ctx;

        hasher_update(f->hasher, data);
        f->size += data.len;
        return fd_write_all(f->fd, data, e);
}

static bool filtered_make(const struct aci_part *part, struct image_layer *io, struct err *e)
{
        struct filtered f CLEANUP(filtered_done) = {.fd = memfd_create("coffer-aci", MFD_CLOEXEC)};
        struct buf request CLEANUP(buf_done) = {.max = IMAGE_ACI_LISTS_MAX};
        const struct aci *aci = &part->file->aci;
        const struct image_source source = {.fd = JAIL_FD_FIRST,
            .size = part->file->size,
            .compression = aci->compression,
            .blob = aci->blob,
            .diff_id = io->diff_id,
            .aci = true};
        struct jail_task task = {.job = "image-aci-paths",
            .what = "what its pathWhitelist leaves",
            .fds = {part->file->fd},
            .n_fds = 1,
            .on_frame = filtered_frame,
            .ctx = &f,
            .limits = {.answer_max = IMAGE_ACI_FILTERED_MAX}};

        if (f.fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        f.hasher = hasher_new(DIGEST_SHA256);
        image_source_put(&request, &source);
        buf_put_u8(&request, (uint8_t)part->n_lists);
        for (size_t i = 0; i < part->n_lists; i++)
                aci_list_put(&request, part->lists[i]);
        if (request.failed)
                return err_set(e, ERR_LIMIT, "the lists of paths are more than %u bytes", IMAGE_ACI_LISTS_MAX);
        task.request = buf_span(&request);
        bool ok = jail_run_one(&task, e);
        buf_done(&task.answer);
        if (!ok)
                return false;
        hasher_final(f.hasher, &io->diff_id);
        io->blob = io->diff_id;
        io->size = f.size;
        io->compression = COMPRESSION_NONE;
        io->aci = false;
        io->fd = TAKE_FD(f.fd);
        return true;
}

static bool layer_make(struct arena *a, const struct aci_part *part, struct image_layer *ret, struct err *e)
{
        const struct aci *aci = &part->file->aci;
        const struct span *version = aci_label(&aci->manifest.labels, "version");
        struct image_layer layer = {.fd = -1,
            .blob = aci->blob,
            .size = part->file->size,
            .compression = aci->compression,
            .created_by = aci->manifest.name,
            .aci = true};

        if (version)
                layer.created_by = arena_printf(a, "%.*s:%.*s", SPAN_FMT(aci->manifest.name), SPAN_FMT(*version));
        aci_diff_id(&aci->id, &layer.diff_id);
        if (part->n_lists > 0 ? !filtered_make(part, &layer, e) : !fd_copy(part->file->fd, &layer.fd, e))
                return err_wrap(e, "%.*s", SPAN_FMT(aci->manifest.name));
        *ret = layer;
        return true;
}

static bool layers_make(struct image *i, const struct aci_parts *parts, struct err *e)
{
        i->layers = arena_array(i->arena, parts->len, sizeof(*i->layers));
        for (size_t n = 0; n < parts->len; n++) {
                if (!layer_make(i->arena, &parts->at[n], &i->layers[n], e))
                        return err_wrap(e, "layer %zu", n + 1);
                i->n_layers = n + 1;
        }
        return true;
}

/* The image id says what the image's own file is. Of its dependencies it says that only if each is named by its id. */
static void identity_make(const struct aci_parts *parts, struct digest *ret)
{
        struct buf all CLEANUP(buf_done) = {0};
        char text[DIGEST_TEXT_MAX];

        if (!parts->any_name) {
                *ret = parts->at[parts->len - 1].file->aci.id;
                return;
        }
        buf_put_text(&all, "App Container Images, lowest first\n");
        for (size_t i = 0; i < parts->len; i++)
                buf_printf(&all, "%s\n", digest_format(&parts->at[i].file->aci.id, text));
        digest_of(DIGEST_SHA512, buf_span(&all), ret);
}

static bool platform_check(const struct image_platform *has, const struct choice *want, struct err *e)
{
        char is[256], wanted[256];

        /* aci.md: without these labels it depends on neither system nor architecture. */
        if (!want->strict || has->os.len == 0 ||
            (has->architecture.len == 0 ? span_equal(has->os, want->platform.os)
                                        : platform_matches(has, &want->platform)))
                return true;
        return err_set(e, ERR_NOT_FOUND, "the image is for %s, not for %s", platform_format(has, is, sizeof(is)),
            platform_format(&want->platform, wanted, sizeof(wanted)));
}

static void app_copy(struct image *i, const struct aci_manifest *m)
{
        i->created = m->created;
        i->user = m->user;
        i->working_dir = m->working_dir;
        i->env = m->env.at;
        i->n_env = m->env.len;
        i->cmd = m->exec.at; /* aci.md: it may be overridden, and that is what a command of the user's does to this */
        i->n_cmd = m->exec.len;
        i->run_obstacle = m->obstacle;
}

static void file_done(struct aci_file *f)
{
        fd_close(&f->fd);
}

bool aci_open(const struct reference *r, const struct choice *want, struct image *i, struct err *e)
{
        struct aci_file top CLEANUP(file_done) = {.fd = -1};
        struct aci_folder folder CLEANUP(aci_folder_done) = {0};
        struct aci_parts parts = {0};
        struct document document;

        if (!file_open_user(r->path, O_RDONLY, &top.fd, e) || !document_size(top.fd, &document, e))
                return false;
        top.size = document.size;
        if (!aci_file_read(i->arena, &top, e))
                return false;
        i->platform = aci_platform(&top.aci.manifest);
        if (!platform_check(&i->platform, want, e) || !aci_resolve(i->arena, r->path, &top, &folder, &parts, e))
                return false;
        identity_make(&parts, &i->manifest);
        i->config = i->manifest;
        app_copy(i, &top.aci.manifest);
        return layers_make(i, &parts, e);
}

bool aci_look(int fd, bool *ret, struct err *e)
{
        struct buf request CLEANUP(buf_done) = {0};
        struct jail_task task = {
            .job = "image-aci-look", .what = "its first bytes", .fds = {fd}, .n_fds = 1, .limits = {.answer_max = 1}};
        struct document document;
        bool ok;

        if (!document_size(fd, &document, e))
                return false;
        document_put(&request, &document);
        task.request = buf_span(&request);
        ok = jail_run_one(&task, e);
        struct buf answer CLEANUP(buf_done) = task.answer;
        if (!ok)
                return false;
        *ret = answer.len == 1 && answer.at[0] == 1;
        return true;
}
