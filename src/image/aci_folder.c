/* Where dependencies are found: the *.aci files beside an image. Each is read once, when the first one is looked for. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/aci_priv.h"

#define BATCH 8u /* files read at once: their answers are held together */

bool aci_answer_take(struct arena *a, struct span answer, struct aci *ret, struct err *e)
{
        struct cursor c = {.rest = answer};

        return aci_get(&c, a, ret) || err_set(e, ERR_MALFORMED, "App Container Image: the parser answered nonsense");
}

static void task_make(const struct aci_file *f, struct buf *request, struct jail_task *ret)
{
        const struct document document = {.fd = f->fd, .size = f->size};

        document_put(request, &document);
        *ret = (struct jail_task){.job = "image-aci",
            .what = "App Container Image",
            .request = buf_span(request),
            .fds = {f->fd},
            .n_fds = 1,
            .limits = {.answer_max = IMAGE_ANSWER_MAX}};
}

bool aci_file_read(struct arena *a, struct aci_file *f, struct err *e)
{
        struct buf request CLEANUP(buf_done) = {0};
        struct jail_task task;
        bool ok;

        task_make(f, &request, &task);
        ok = jail_run_one(&task, e);
        struct buf answer CLEANUP(buf_done) = task.answer;
        f->ok = ok && aci_answer_take(a, buf_span(&answer), &f->aci, e);
        return f->ok;
}

void aci_folder_done(struct aci_folder *f)
{
        for (size_t i = 0; i < f->len; i++)
                fd_close(&f->at[i].fd);
        f->len = 0;
}

/* The names are sorted, so that a report does not depend on the order of a folder. */
static bool names_read(const char *path, struct arena *a, int *ret_fd, struct text_list *ret, struct err *e)
{
        const char *slash = strrchr(path, '/');
        int fd CLEANUP(fd_close) = -1;
        const struct dirent *entry;
        DIR *dir;
        bool ok = true;

        if (!file_open_user(slash ? arena_string(a, span_bytes(path, (size_t)(slash - path) + 1)) : ".",
                O_RDONLY | O_DIRECTORY, &fd, e))
                return false;
        dir = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 3));
        if (!dir)
                return err_set(e, ERR_SYSTEM, "read the folder: %s", strerror(errno));
        while (ok && (entry = readdir(dir)) != NULL) {
                struct span name = span_of(entry->d_name);

                if (!span_ends(name, ".aci"))
                        continue;
                if (ret->len == IMAGE_ACI_FILES_MAX)
                        ok = err_set(e, ERR_LIMIT, "more than %u *.aci files in the folder", IMAGE_ACI_FILES_MAX);
                else
                        *ARENA_PUSH(a, ret) = arena_copy(a, name);
        }
        closedir(dir);
        if (!ok)
                return false;
        struct aci_list sorted = {ret->at, ret->len, ret->cap};
        aci_list_sort(&sorted);
        *ret_fd = TAKE_FD(fd);
        return true;
}

/* Up to BATCH files. False when the machinery fails; a file's own failure is noted with it. */
static bool batch_read(struct arena *a, struct aci_file *at, size_t n, uint64_t *io_bytes, struct err *e)
{
        struct buf requests[BATCH] = {{0}};
        struct aci_file *files[BATCH];
        struct jail_task tasks[BATCH];
        size_t n_tasks = 0;
        bool ok;

        for (size_t i = 0; i < n; i++)
                if (at[i].fd >= 0) {
                        files[n_tasks] = &at[i];
                        task_make(&at[i], &requests[n_tasks], &tasks[n_tasks]);
                        n_tasks++;
                }
        ok = jail_run(tasks, n_tasks, 0, e);
        for (size_t i = 0; i < n_tasks; i++) {
                struct aci_file *f = files[i];

                *io_bytes += tasks[i].answer.len;
                if (ok && *io_bytes > IMAGE_ACI_ANSWERS_MAX)
                        ok = err_set(e, ERR_LIMIT, "the manifests of the folder's *.aci files say more than %u bytes",
                            IMAGE_ACI_ANSWERS_MAX);
                if (ok && tasks[i].ok)
                        f->ok = aci_answer_take(a, buf_span(&tasks[i].answer), &f->aci, &f->err);
                else
                        f->err = tasks[i].err;
                buf_done(&tasks[i].answer);
                buf_done(&requests[i]);
        }
        return ok;
}

/* Through no link: what lies in the folder, and not where its files point to. */
static void file_open(int dir, struct arena *a, struct span name, struct aci_file *ret)
{
        struct document document;

        *ret = (struct aci_file){.name = name, .fd = -1};
        if (!file_open_beneath(dir, arena_string(a, name), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &ret->fd, &ret->err) ||
            !document_size(ret->fd, &document, &ret->err)) {
                fd_close(&ret->fd);
                ret->fd = -1;
                return;
        }
        ret->size = document.size;
}

bool aci_folder_read(struct arena *a, const char *path, struct aci_folder *io, struct err *e)
{
        int dir CLEANUP(fd_close) = -1;
        struct text_list names = {0};
        uint64_t bytes = 0;

        if (io->read)
                return true;
        io->read = true;
        if (!names_read(path, a, &dir, &names, e))
                return false;
        io->at = arena_array(a, names.len, sizeof(*io->at));
        for (; io->len < names.len; io->len++)
                file_open(dir, a, names.at[io->len], &io->at[io->len]);
        for (size_t i = 0; i < io->len; i += BATCH)
                if (!batch_read(a, io->at + i, io->len - i < BATCH ? io->len - i : BATCH, &bytes, e))
                        return false;
        return true;
}
