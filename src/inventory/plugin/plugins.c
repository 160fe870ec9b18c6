/* The folder of plug-ins, and what all of them say of an image. */
#include "inventory/plugin/plugin_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE64_PIECE (48u << 10) /* bytes encoded at once: a multiple of three */

void inventory_plugins_free(struct inventory_plugins *p)
{
        if (!p)
                return;
        arena_free(p->arena);
        free(p);
}

void inventory_plugins_freep(struct inventory_plugins **p)
{
        inventory_plugins_free(*p);
        *p = NULL;
}

void plugin_results_free(struct plugin_results *r)
{
        if (!r)
                return;
        arena_free(r->arena);
        free(r);
}

void plugin_results_freep(struct plugin_results **r)
{
        plugin_results_free(*r);
        *r = NULL;
}

static void note(struct arena *a, struct plugin_texts *to, const char *plugin, const char *fmt, ...) PRINTF_LIKE(4, 5);

static void note(struct arena *a, struct plugin_texts *to, const char *plugin, const char *fmt, ...)
{
        char name[PLUGIN_NAME_MAX + 1], text[ERR_TEXT_MAX + 300];
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        *ARENA_PUSH(a, to) =
            arena_printf(a, "detector %s: %s", span_printable(span_of(plugin), name, sizeof(name)), text);
}

/* ---- a worker reads what one printed ---- */

static bool memory_file(struct span bytes, int *ret, struct err *e)
{
        CLEANUP(fd_close) int fd = memfd_create("coffer-plugin", MFD_CLOEXEC);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        if (!fd_write_all(fd, bytes, e))
                return false;
        *ret = TAKE_FD(fd);
        return true;
}

/* The words' own error, or the machinery's: then *ret_machine. */
static bool printed_read(bool describe, struct span printed, struct buf *ret, bool *ret_machine, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(buf_done) struct buf request = {0};
        struct jail_task task = {
            .job = "inventory-plugin", .what = "what it printed", .n_fds = 1, .limits = {.answer_max = JAIL_FRAME_MAX}};

        *ret_machine = true;
        if (!memory_file(printed, &fd, e))
                return false;
        buf_put_u8(&request, describe);
        buf_put_u64le(&request, printed.len);
        task.request = buf_span(&request);
        task.fds[0] = fd;
        if (!jail_run(&task, 1, 1, e))
                return false;
        *ret_machine = false;
        if (!task.ok) {
                if (e)
                        *e = task.err;
                buf_done(&task.answer);
                return false;
        }
        *ret = task.answer;
        return true;
}

/* ---- the folder ---- */

static bool owned_well(const struct stat *st, const char *what, struct err *e)
{
        if (st->st_uid != 0 && st->st_uid != geteuid())
                return err_set(e, ERR_DENIED, "%s belongs to user %u: whoever that is would decide what is found", what,
                    (unsigned)st->st_uid);
        if (st->st_mode & (S_IWGRP | S_IWOTH))
                return err_set(e, ERR_DENIED, "%s can be written by others than its owner: chmod go-w", what);
        return true;
}

static bool program_digest(int fd, const struct stat *st, struct digest *ret, struct err *e)
{
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(DIGEST_SHA256);
        uint8_t piece[BASE64_PIECE];
        uint64_t at = 0;
        size_t n;

        if (st->st_size > PLUGIN_PROGRAM_MAX)
                return err_set(e, ERR_LIMIT, "it is larger than %u bytes", PLUGIN_PROGRAM_MAX);
        do {
                if (!fd_pread_full(fd, at, piece, sizeof(piece), &n, e))
                        return false;
                hasher_update(h, span_bytes(piece, n));
                at += n;
        } while (n == sizeof(piece) && at <= PLUGIN_PROGRAM_MAX);
        hasher_final(h, ret);
        return true;
}

/* *ret_machine: nothing of this program's, so that going on makes no sense. */
static bool describe(struct arena *a, struct plugin *io, bool *ret_machine, struct err *e)
{
        CLEANUP(buf_done) struct buf printed = {0}, answer = {0};
        const struct plugin_run run = {.path = io->path,
            .arg = "--describe",
            .input_fd = -1,
            .ms_max = PLUGIN_DESCRIBE_MS_MAX,
            .answer_max = PLUGIN_DESCRIBE_MAX};

        *ret_machine = false;
        if (!plugin_run(&run, &printed, e)) {
                *ret_machine = e->kind == ERR_CANCELLED;
                return err_wrap(e, "--describe");
        }
        if (!printed_read(true, buf_span(&printed), &answer, ret_machine, e))
                return err_wrap(e, "--describe");
        struct cursor c = {.rest = buf_span(&answer)};
        return plugin_describe_get(&c, a, io) || err_set(e, ERR_MALFORMED, "--describe: the parser answered nonsense");
}

static bool plugin_open(struct inventory_plugins *p, int dir, const char *folder, const char *file, struct err *e)
{
        struct plugin v = {.file = arena_string(p->arena, span_of(file))};
        CLEANUP(fd_close) int fd = -1;
        struct err why = {0};
        struct stat st;
        bool machine = false;

        if (!file_open_beneath(dir, file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, &why) || fstat(fd, &st) != 0) {
                note(p->arena, &p->notes, file, "it can't be opened: %s", why.text);
                return true;
        }
        if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IXUSR))
                return true; /* a README, say */
        if (!owned_well(&st, file, e))
                return err_wrap(e, "detectors in %s", folder);
        v.path = arena_string(p->arena, arena_printf(p->arena, "%s/%s", folder, file));
        if (!program_digest(fd, &st, &v.program, &why) || !describe(p->arena, &v, &machine, &why)) {
                if (machine)
                        return err_set(e, why.kind, "%s", why.text);
                note(p->arena, &p->notes, file, "%s", why.text);
                return true;
        }
        for (size_t i = 0; i < p->len; i++)
                if (span_equal(p->at[i].name, v.name)) {
                        note(p->arena, &p->notes, file, "%s has the same name", p->at[i].file);
                        return true;
                }
        *ARENA_PUSH(p->arena, p) = v;
        return true;
}

static int by_text(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static bool names_read(int fd, struct arena *a, struct plugin_texts *ret, struct err *e)
{
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        const struct dirent *entry;
        bool ok = true;

        if (!dir) {
                err_set(e, ERR_SYSTEM, "read the folder: %s", strerror(errno));
                fd_close(&copy);
                return false;
        }
        while (ok && (entry = readdir(dir)) != NULL) {
                if (entry->d_name[0] == '.')
                        continue;
                if (ret->len == PLUGIN_PLUGINS_MAX)
                        ok = err_set(e, ERR_LIMIT, "more than %u files are in it", PLUGIN_PLUGINS_MAX);
                else
                        *ARENA_PUSH(a, ret) = arena_copy(a, span_of(entry->d_name));
        }
        closedir(dir);
        if (ok && ret->len > 0)
                qsort(ret->at, ret->len, sizeof(*ret->at), by_text);
        return ok;
}

static void fingerprint_make(struct inventory_plugins *p)
{
        CLEANUP(buf_done) struct buf all = {0};

        for (size_t i = 0; i < p->len; i++) {
                buf_put_digest(&all, &p->at[i].program);
                plugin_describe_put(&all, &p->at[i]);
        }
        for (size_t i = 0; i < p->notes.len; i++)
                buf_put_string(&all, p->notes.at[i]);
        if (all.len > 0)
                digest_of(DIGEST_SHA256, buf_span(&all), &p->fingerprint);
}

bool inventory_plugins_open(const char *folder, struct inventory_plugins **ret, struct err *e)
{
        CLEANUP(inventory_plugins_freep) struct inventory_plugins *p = heap_alloc(sizeof(*p));
        CLEANUP(fd_close) int dir = -1;
        struct plugin_texts names = {0};
        char *absolute CLEANUP(heap_freep) = NULL;
        struct err why = {0};
        struct stat st;

        p->arena = arena_new();
        if (!file_open_user(folder, O_RDONLY | O_DIRECTORY, &dir, &why)) {
                if (why.kind != ERR_NOT_FOUND)
                        return err_set(e, why.kind, "detectors in %s: %s", folder, why.text);
        } else {
                absolute = realpath(folder, NULL);
                if (!absolute || fstat(dir, &st) != 0)
                        return err_set(e, ERR_SYSTEM, "detectors in %s: %s", folder, strerror(errno));
                if (!owned_well(&st, folder, e) || !names_read(dir, p->arena, &names, e))
                        return err_wrap(e, "detectors in %s", folder);
        }
        for (size_t i = 0; i < names.len; i++)
                if (!plugin_open(p, dir, absolute, arena_string(p->arena, names.at[i]), e))
                        return false;
        fingerprint_make(p);
        *ret = p;
        p = NULL;
        return true;
}

const struct digest *inventory_plugins_fingerprint(const struct inventory_plugins *p)
{
        static const struct digest none;

        return p ? &p->fingerprint : &none;
}

/* ---- the question ---- */

/* RFC 4648, section 4. */
static void base64_put(struct buf *b, struct span s)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        uint8_t *to = buf_reserve(b, (s.len + 2) / 3 * 4);
        size_t n = 0;

        if (!to)
                return;
        for (size_t i = 0; i < s.len; i += 3) {
                size_t left = s.len - i;
                uint32_t v = (uint32_t)s.at[i] << 16 | (left > 1 ? (uint32_t)s.at[i + 1] << 8 : 0) |
                             (left > 2 ? (uint32_t)s.at[i + 2] : 0);

                to[n++] = (uint8_t)letters[v >> 18];
                to[n++] = (uint8_t)letters[v >> 12 & 63];
                to[n++] = (uint8_t)(left > 1 ? letters[v >> 6 & 63] : '=');
                to[n++] = (uint8_t)(left > 2 ? letters[v & 63] : '=');
        }
        b->len += n;
}

static bool question_write(
    const struct plugin *p, const struct plugin_files *files, int fd, size_t *ret_n, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        size_t n = 0;

        buf_put_text(&b, "{\"files\":[");
        for (size_t i = 0; i < files->len; i++) {
                const struct plugin_file *f = &files->at[i];
                struct json_out o;

                if (f->content.len > p->max_bytes || !plugin_wants(p, f->path))
                        continue;
                buf_put_text(&b, n++ ? ",\n{\"path\":" : "\n{\"path\":");
                json_out_init(&o, &b, 0);
                json_out_string(&o, f->path);
                buf_printf(&b, ",\"layer\":%u,\"content_base64\":\"", f->layer);
                for (size_t at = 0; at < f->content.len; at += BASE64_PIECE) {
                        base64_put(&b, span_cut(f->content, at, BASE64_PIECE));
                        if (!fd_write_all(fd, buf_span(&b), e))
                                return false;
                        buf_clear(&b);
                }
                buf_put_text(&b, "\"}");
        }
        buf_put_text(&b, "\n]}\n");
        if (!fd_write_all(fd, buf_span(&b), e))
                return false;
        *ret_n = n;
        return true;
}

/* ---- the answer ---- */

static bool was_given(const struct plugin *p, const struct plugin_files *files, const struct plugin_package *package)
{
        const struct plugin_file *f = plugin_files_find(files, package->layer, package->path);

        return f && f->content.len <= p->max_bytes && plugin_wants(p, f->path);
}

/* A package in a file that it was not given is a lie or a fault; neither is reported as found there. */
static void answer_take(struct plugin_results *r, const struct inventory_plugins *p, size_t plugin,
    const struct plugin_files *files, const struct plugin_packages *packages)
{
        const struct plugin *v = &p->at[plugin];
        const struct plugin_package *last = NULL;
        size_t strange = 0;
        char shown[200];

        for (size_t i = 0; i < packages->len; i++) {
                struct plugin_package *one = &packages->at[i];
                /* Packages of one file come one after the other, usually. */
                bool same = last && last->layer == one->layer && span_equal(last->path, one->path);

                if (!same && !was_given(v, files, one)) {
                        if (strange++ == 0)
                                note(r->arena, &r->notes, v->file,
                                    "it names a package in %s of layer %u, which it was not given",
                                    span_printable(one->path, shown, sizeof(shown)), one->layer);
                        continue;
                }
                last = one;
                one->plugin = plugin;
                *ARENA_PUSH(r->arena, &r->packages) = *one;
        }
        if (strange > 0)
                r->complete = false;
}

/* False only for what is no plug-in's fault. */
static bool plugin_ask(
    struct plugin_results *r, const struct inventory_plugins *p, size_t plugin, const struct plugin_files *files, struct err *e)
{
        CLEANUP(buf_done) struct buf printed = {0}, answer = {0};
        CLEANUP(fd_close) int fd = memfd_create("coffer-question", MFD_CLOEXEC);
        const struct plugin *v = &p->at[plugin];
        struct plugin_packages packages;
        struct plugin_texts notes;
        struct err why = {0};
        bool machine = false;
        size_t n;

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "memfd_create: %s", strerror(errno));
        if (!question_write(v, files, fd, &n, e))
                return false;
        if (n == 0)
                return true;
        if (lseek(fd, 0, SEEK_SET) != 0)
                return err_set(e, ERR_SYSTEM, "lseek: %s", strerror(errno));
        const struct plugin_run run = {
            .path = v->path, .input_fd = fd, .ms_max = PLUGIN_SCAN_MS_MAX, .answer_max = PLUGIN_ANSWER_MAX};
        if (!plugin_run(&run, &printed, &why) || !printed_read(false, buf_span(&printed), &answer, &machine, &why)) {
                if (machine || why.kind == ERR_CANCELLED)
                        return err_set(e, why.kind, "detector %s: %s", v->file, why.text);
                note(r->arena, &r->notes, v->file, "%s", why.text);
                r->complete = false;
                return true;
        }
        struct cursor c = {.rest = buf_span(&answer)};
        if (!plugin_answer_get(&c, r->arena, &packages, &notes)) {
                note(r->arena, &r->notes, v->file, "the parser of its answer answered nonsense");
                r->complete = false;
                return true;
        }
        for (size_t i = 0; i < notes.len; i++) {
                char shown[INVENTORY_NAME_MAX + 1];
                note(r->arena, &r->notes, v->file, "%s", span_printable(notes.at[i], shown, sizeof(shown)));
        }
        if (notes.len > 0) /* it has not looked at something, in its own words */
                r->complete = false;
        answer_take(r, p, plugin, files, &packages);
        return true;
}

bool plugins_run(const struct inventory_plugins *p, const struct image *i, struct plugin_results **ret, struct err *e)
{
        CLEANUP(plugin_results_freep) struct plugin_results *r = heap_alloc(sizeof(*r));
        CLEANUP(arena_freep) struct arena *content = arena_new();
        struct plugin_files files = {0};

        r->arena = arena_new();
        r->complete = p->notes.len == 0;
        for (size_t n = 0; n < p->notes.len; n++)
                *ARENA_PUSH(r->arena, &r->notes) = arena_copy(r->arena, p->notes.at[n]);
        if (p->len > 0) {
                if (!plugin_files_read(p, i, content, &files, e))
                        return false;
                for (size_t n = 0; n < files.notes.len; n++) {
                        *ARENA_PUSH(r->arena, &r->notes) =
                            arena_printf(r->arena, "detectors want %.*s", SPAN_FMT(files.notes.at[n]));
                        r->complete = false;
                }
                for (size_t n = 0; n < p->len; n++)
                        if (!plugin_ask(r, p, n, &files, e))
                                return false;
        }
        *ret = r;
        r = NULL;
        return true;
}
