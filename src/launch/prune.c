/*
 * What nobody needs any more: layers, blobs, halves of both, and of starts.
 *
 * A layer is used by the containers whose records name it, and by whoever has it open: a start holds its layers from their
 * unpacking until its record is written (start.c), so that asking for the records while nobody holds a layer tells all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/launch_priv.h"
#include "unpack/unpack.h"

#define NAMED_MAX 1000u /* layers, and as many blobs, that the ledger's record names; it counts all */

struct pruning {
        const struct launch_prune_request *r;
        struct arena *arena;
        struct list {
                const char **at;
                size_t len, cap;
                uint64_t n; /* with those that are not named */
        } gone[LAUNCH_PRUNED_COUNT];
        uint64_t bytes;
};

static void tell(struct pruning *p, enum launch_pruned what, const char *name, uint64_t bytes)
{
        struct list *l = &p->gone[what];

        p->r->on_item(p->r->ctx, what, name, bytes);
        l->n++;
        p->bytes += bytes;
        if (l->len < NAMED_MAX)
                *ARENA_PUSH(p->arena, l) = arena_string(p->arena, span_of(name));
}

static void dir_closep(DIR **d)
{
        if (*d)
                closedir(*d);
}

/* Every name in `dir_fd`, which stays open. */
static bool names_of(int dir_fd, struct arena *a, struct list *to, struct err *e)
{
        DIR *dir CLEANUP(dir_closep) = NULL;
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                err_set(e, ERR_SYSTEM, "read a folder of the state: %s", strerror(errno));
                fd_close(&fd);
                return false;
        }
        while ((entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        *ARENA_PUSH(a, to) = arena_string(a, span_of(entry->d_name));
        return true;
}

/* A folder of the state; -1 without an error when there is none. */
static bool folder_open(int at, const char *name, int *ret_fd, struct err *e)
{
        struct err why = {0};

        *ret_fd = -1;
        if (file_open_beneath(at, name, O_RDONLY | O_DIRECTORY, 0, ret_fd, &why) || why.kind == ERR_NOT_FOUND)
                return true;
        if (e)
                *e = why;
        return err_wrap(e, "%s", name);
}

/* ---- layers ---- */

static int text_compare(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_sort(struct list *l)
{
        if (l->len > 0)
                qsort(l->at, l->len, sizeof(*l->at), text_compare);
}

static bool list_has(const struct list *l, const char *text)
{
        return l->len > 0 && bsearch(&text, l->at, l->len, sizeof(*l->at), text_compare);
}

/* The hex parts of the diff ids that a container's record names. */
static bool record_layers(const struct store_container *c, struct arena *a, struct list *to, struct err *e)
{
        struct json j;
        struct span key;
        bool any = false;

        json_init(&j, c->record, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (!span_is(key, "layers")) {
                        json_skip(&j);
                        continue;
                }
                any = true;
                for (json_array(&j); json_element(&j);) {
                        struct digest d;
                        char hex[DIGEST_TEXT_MAX];

                        if (digest_parse(json_string(&j), &d, NULL))
                                *ARENA_PUSH(a, to) = arena_string(a, span_of(digest_hex(&d, hex)));
                        else
                                json_fail(&j, ERR_MALFORMED, "no diff id");
                }
        }
        if (json_finish(&j, e) && (any || err_set(e, ERR_MALFORMED, "no layers are named")))
                return true;
        return err_wrap(e,
            "the record of container %.*s is damaged: which layers it uses is not known; remove it first",
            SPAN_FMT(c->id));
}

/* After a database was lost: a container that runs without a record could use any layer. */
static bool stranger_check(int containers_fd, const char *id, struct err *e)
{
        int dir CLEANUP(fd_close) = -1;
        struct runtime_status s = {0};

        if (!file_open_beneath(containers_fd, id, O_RDONLY | O_DIRECTORY, 0, &dir, NULL))
                return true;
        if (runtime_status(dir, &s, NULL) && s.state != RUNTIME_STATE_RUNNING && s.state != RUNTIME_STATE_STARTING)
                return true;
        return err_set(e, ERR_CONFLICT,
            "containers/%s is not in the state database and may run: which layers it uses is not known; end it (its "
            "coffer-monitor is process %d) and remove that folder",
            id, (int)s.monitor);
}

/* The folders are listed before the records: a start writes its record before it runs. */
static bool layers_used(void *ctx, const char *const *names, size_t n, bool *ret_used, struct err *e)
{
        struct pruning *p = ctx;
        struct arena *a CLEANUP(arena_freep) = arena_new();
        int containers CLEANUP(fd_close) = -1;
        struct list folders = {0}, known = {0}, used = {0};
        struct store_container *all;
        size_t n_all;

        if (!folder_open(p->r->root_fd, "containers", &containers, e) ||
            (containers >= 0 && !names_of(containers, a, &folders, e)) ||
            !store_container_list(p->r->store, a, &all, &n_all, e))
                return false;
        for (size_t i = 0; i < n_all; i++) {
                *ARENA_PUSH(a, &known) = arena_string(a, all[i].id);
                if (!record_layers(&all[i], a, &used, e))
                        return false;
        }
        list_sort(&known);
        list_sort(&used);
        for (size_t i = 0; i < folders.len; i++)
                if (!list_has(&known, folders.at[i]) && !stranger_check(containers, folders.at[i], e))
                        return false;
        for (size_t i = 0; i < n; i++)
                ret_used[i] = list_has(&used, names[i]);
        return true;
}

static void on_layer(void *ctx, enum unpack_pruned what, const char *name, uint64_t bytes)
{
        static const enum launch_pruned kinds[] = {[UNPACK_PRUNED_LAYER] = LAUNCH_PRUNED_LAYER,
            [UNPACK_PRUNED_LEFT_OVER] = LAUNCH_PRUNED_LEFT_OVER,
            [UNPACK_PRUNED_IN_USE] = LAUNCH_PRUNED_IN_USE,
            [UNPACK_PRUNED_FOREIGN] = LAUNCH_PRUNED_FOREIGN};
        bool path = what == UNPACK_PRUNED_LEFT_OVER || what == UNPACK_PRUNED_FOREIGN;
        char shown[512];

        snprintf(shown, sizeof(shown), "%s%s", path ? "layers/" : strlen(name) == 128 ? "sha512:" : "sha256:", name);
        tell(ctx, kinds[what], shown, bytes);
}

static bool layers_prune(struct pruning *p, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct unpack_prune_request u = {
            .dry_run = p->r->dry_run, .is_used = layers_used, .on_item = on_layer, .ctx = p};

        if (!folder_open(p->r->root_fd, "layers", &fd, e))
                return false;
        u.layers_fd = fd;
        return fd < 0 || unpack_prune(&u, e);
}

/* ---- starts that were killed ---- */

/* False: it has content, or is gone. */
static bool folder_is_empty(int at, const char *name, struct arena *a)
{
        int fd CLEANUP(fd_close) = -1;
        struct list names = {0};

        return file_open_beneath(at, name, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) && names_of(fd, a, &names, NULL) &&
               names.len == 0;
}

/*
 * A start makes its folder, takes its ids and writes its record under a shared lock (start.c). Who was killed in between left
 * an empty folder and a range of ids. A folder with content and without a record is another matter, that of a lost database:
 * somebody's files are in it.
 */
static bool starts_prune(struct pruning *p, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        int fd CLEANUP(fd_close) = -1;
        struct list folders = {0}, known = {0};
        struct store_container *all;
        size_t n_all;

        if (!folder_open(p->r->root_fd, "containers", &fd, e))
                return false;
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
                return true; /* a start is at it */
        if (!names_of(fd, a, &folders, e) || !store_container_list(p->r->store, a, &all, &n_all, e))
                return false;
        for (size_t i = 0; i < n_all; i++)
                *ARENA_PUSH(a, &known) = arena_string(a, all[i].id);
        list_sort(&known);
        for (size_t i = 0; i < folders.len; i++) {
                const char *id = folders.at[i];
                char owner[RUNTIME_ID_LEN + 16], shown[RUNTIME_ID_LEN + 16];

                if (strlen(id) != RUNTIME_ID_LEN || strspn(id, "0123456789abcdef") != RUNTIME_ID_LEN ||
                    list_has(&known, id) || !folder_is_empty(fd, id, a))
                        continue;
                snprintf(owner, sizeof(owner), "container:%s", id);
                snprintf(shown, sizeof(shown), "containers/%s", id);
                /* The ids first: what is left in between is found again by its folder. */
                if (!p->r->dry_run && !store_ids_give_back(p->r->store, owner, e))
                        return false;
                if (!p->r->dry_run && unlinkat(fd, id, AT_REMOVEDIR) != 0)
                        return err_set(e, ERR_SYSTEM, "remove %s: %s", shown, strerror(errno));
                tell(p, LAUNCH_PRUNED_LEFT_OVER, shown, 0);
        }
        return true;
}

/* ---- blobs ---- */

/* HEX or HEX.partial, as remote.c names them. */
static bool is_blob_name(const char *name, bool *ret_partial)
{
        size_t hex = strspn(name, "0123456789abcdef");

        *ret_partial = strcmp(name + hex, ".partial") == 0;
        return hex == 64 && (*ret_partial || name[hex] == 0);
}

/*
 * False when a download or a start has it; else locked against both until `ret_fd` is closed. Who waits for the lock of a
 * download finds that its file has lost its name, and makes a new one.
 */
static bool blob_take(int dir_fd, const char *name, struct stat *ret, int *ret_fd, bool *ret_regular)
{
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd CLEANUP(fd_close) = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat named;

        *ret_regular = fd >= 0 && fstat(fd, ret) == 0 && S_ISREG(ret->st_mode);
        if (!*ret_regular || flock(fd, LOCK_EX | LOCK_NB) != 0 || fcntl(fd, F_OFD_SETLK, &lock) != 0 ||
            fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || named.st_ino != ret->st_ino)
                return false;
        *ret_fd = TAKE_FD(fd);
        return true;
}

static bool blob_prune(struct pruning *p, int dir_fd, const char *name, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        bool partial, regular = false;
        struct stat st;
        char shown[512];

        if (file_cancel_flag)
                return err_set(e, ERR_CANCELLED, "stopped on request");
        if (!is_blob_name(name, &partial) || (!blob_take(dir_fd, name, &st, &fd, &regular) && !regular)) {
                if (faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
                        return true; /* gone meanwhile */
                snprintf(shown, sizeof(shown), "blobs/sha256/%s", name);
                tell(p, LAUNCH_PRUNED_FOREIGN, shown, 0);
                return true;
        }
        snprintf(shown, sizeof(shown), "%s%s", partial ? "blobs/sha256/" : "sha256:", name);
        if (fd < 0) {
                tell(p, LAUNCH_PRUNED_IN_USE, shown, 0);
                return true;
        }
        if (!p->r->dry_run && unlinkat(dir_fd, name, 0) != 0)
                return err_set(e, ERR_SYSTEM, "remove blobs/sha256/%s: %s", name, strerror(errno));
        tell(p, partial ? LAUNCH_PRUNED_LEFT_OVER : LAUNCH_PRUNED_BLOB, shown, (uint64_t)st.st_blocks * 512);
        return true;
}

static bool blobs_prune(struct pruning *p, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        struct list names = {0};

        if (!folder_open(p->r->root_fd, "blobs/sha256", &fd, e))
                return false;
        if (fd < 0)
                return true;
        if (!names_of(fd, p->arena, &names, e))
                return false;
        for (size_t i = 0; i < names.len; i++)
                if (!blob_prune(p, fd, names.at[i], e))
                        return false;
        return true;
}

/* ---- advisory databases ---- */

/* Half of one, of a build that was killed. One that goes on has the folder's lock. */
static bool advisory_prune(struct pruning *p, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;
        char shown[64];
        struct stat st;

        if (!folder_open(p->r->root_fd, "advisory", &fd, e))
                return false;
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
            fstatat(fd, p->r->advisory_new, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
                return true;
        if (!p->r->dry_run && unlinkat(fd, p->r->advisory_new, 0) != 0)
                return err_set(e, ERR_SYSTEM, "remove advisory/%s: %s", p->r->advisory_new, strerror(errno));
        snprintf(shown, sizeof(shown), "advisory/%s", p->r->advisory_new);
        tell(p, LAUNCH_PRUNED_LEFT_OVER, shown, (uint64_t)st.st_blocks * 512);
        return true;
}

/* ---- the record ---- */

static void list_put(struct json_out *o, const char *key, const char *count, const struct list *l)
{
        json_out_member_u64(o, count, l->n);
        json_out_key(o, key);
        json_out_array(o);
        for (size_t i = 0; i < l->len; i++)
                json_out_text(o, l->at[i]);
        json_out_array_end(o);
}

/* After the fact: a full disk has room for it now. */
static bool record_put(const struct pruning *p, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct list *layers = &p->gone[LAUNCH_PRUNED_LAYER], *blobs = &p->gone[LAUNCH_PRUNED_BLOB];
        const struct list *left = &p->gone[LAUNCH_PRUNED_LEFT_OVER];
        struct json_out o;

        if (p->r->dry_run || layers->n + blobs->n + left->n == 0)
                return true;
        json_out_init(&o, &b, 0);
        json_out_object(&o);
        json_out_member_u64(&o, "uid", getuid());
        json_out_member(&o, "reason",
            arena_printf(a, "layers %llu, blobs %llu, left-overs %llu removed; %llu bytes freed",
                (unsigned long long)layers->n, (unsigned long long)blobs->n, (unsigned long long)left->n,
                (unsigned long long)p->bytes));
        json_out_member_u64(&o, "freed", p->bytes);
        list_put(&o, "layers", "n_layers", layers);
        list_put(&o, "blobs", "n_blobs", blobs);
        list_put(&o, "left_overs", "n_left_overs", left);
        json_out_object_end(&o);
        if (ledger_append(p->r->store, "prune", buf_span(&b), NULL, e))
                return true;
        return err_wrap(e, "removed, but the ledger could not be told");
}

bool launch_prune(const struct launch_prune_request *r, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct pruning p = {.r = r, .arena = a};
        struct err why = {0}, unheard = {0};
        bool ok = (!r->advisory_new || advisory_prune(&p, &why)) && (!r->blobs || blobs_prune(&p, &why)) &&
                  (!r->layers || (starts_prune(&p, &why) && layers_prune(&p, &why)));
        int asked = file_cancel_flag;

        if (ok)
                return record_put(&p, e);
        /* An interrupt must not keep what was done off the record. */
        file_cancel_flag = 0;
        (void)record_put(&p, &unheard);
        if (asked)
                file_cancel_flag = asked;
        if (e)
                *e = why;
        return false;
}
