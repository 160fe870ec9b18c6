/*
 * Temporary folders beside the finished ones: made, found dead, removed.
 *
 * A folder in use is locked by flock on its own descriptor, which the program inherits: when both processes are gone,
 * the lock is, too. Between mkdir and flock it would look dead, so making and judging exclude each other by a lock on
 * `layers` itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define TEMP_PREFIX ".tmp-"

bool layers_lock(int layers_fd, int *ret_fd, struct err *e)
{
        int fd CLEANUP(fd_close) = openat(layers_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "open the folder of layers: %s", strerror(errno));
        while (flock(fd, LOCK_EX) != 0)
                if (errno != EINTR || file_cancel_flag)
                        return errno == EINTR
                                   ? err_set(e, ERR_CANCELLED, "stopped on request")
                                   : err_set(e, ERR_SYSTEM, "lock the folder of layers: %s", strerror(errno));
        *ret_fd = TAKE_FD(fd);
        return true;
}

static bool temp_fill(struct temp *t, uint32_t owner, struct err *e)
{
        uint64_t random;

        random_bytes(&random, sizeof(random));
        snprintf(t->name, sizeof(t->name), TEMP_PREFIX "%016llx", (unsigned long long)random);
        if (mkdirat(t->layers_fd, t->name, 0700) != 0) {
                t->name[0] = 0;
                return err_set(e, ERR_SYSTEM, "make a folder for the layer: %s", strerror(errno));
        }
        t->fd = openat(t->layers_fd, t->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (t->fd < 0 || flock(t->fd, LOCK_EX | LOCK_NB) != 0)
                return err_set(e, ERR_SYSTEM, "open and lock the layer's folder: %s", strerror(errno));
        if (fchown(t->fd, owner, owner) != 0 || fchmod(t->fd, 0755) != 0)
                return err_set(e, ERR_SYSTEM, "give the layer's folder to id %u: %s", owner, strerror(errno));
        return true;
}

bool temp_make(int layers_fd, uint32_t owner, struct temp *ret, struct err *e)
{
        struct temp t CLEANUP(temp_done) = {.layers_fd = layers_fd, .fd = -1};
        int lock CLEANUP(fd_close) = -1;

        if (!layers_lock(layers_fd, &lock, e) || !temp_fill(&t, owner, e))
                return false;
        *ret = t;
        t = (struct temp){.fd = -1};
        return true;
}

bool temp_is_name(const char *name)
{
        return span_starts(span_of(name), TEMP_PREFIX) && strlen(name) < TEMP_NAME_MAX;
}

bool temp_name(int layers_fd, const char *from, char ret[TEMP_NAME_MAX], struct err *e)
{
        uint64_t random;

        random_bytes(&random, sizeof(random));
        snprintf(ret, TEMP_NAME_MAX, TEMP_PREFIX "%016llx", (unsigned long long)random);
        if (renameat(layers_fd, from, layers_fd, ret) == 0)
                return true;
        ret[0] = 0;
        return err_set(e, ERR_SYSTEM, "rename layers/%s: %s", from, strerror(errno));
}

/* A request to stop must not stop the cleaning up that it asks for; a second one does. */
static bool remove_now(int layers_fd, const char *name, struct err *e)
{
        int asked = file_cancel_flag;
        bool ok;

        file_cancel_flag = 0;
        ok = tree_remove(layers_fd, name, e);
        if (asked)
                file_cancel_flag = asked;
        return ok;
}

void temp_done(struct temp *t)
{
        struct err unheard = {0};

        /* What can't be removed now is dead once it is unlocked, and the next sweep's. */
        if (t->name[0] != 0)
                remove_now(t->layers_fd, t->name, &unheard);
        t->name[0] = 0;
        fd_close(&t->fd);
}

void dead_done(struct dead *d)
{
        for (size_t i = 0; i < d->n; i++)
                fd_close(&d->at[i].fd);
}

bool dead_find(int layers_fd, struct dead *d, struct err *e)
{
        int lock CLEANUP(fd_close) = -1, copy;
        struct dirent *entry;
        DIR *dir;

        if (!layers_lock(layers_fd, &lock, e))
                return false;
        copy = fcntl(lock, F_DUPFD_CLOEXEC, 0);
        dir = copy >= 0 ? fdopendir(copy) : NULL;
        if (!dir)
                return err_set(e, ERR_SYSTEM, "read the folder of layers: %s", strerror(errno));
        while (d->n < UNPACK_SWEEP_MAX && (entry = readdir(dir))) {
                int fd CLEANUP(fd_close) = -1;

                if (!temp_is_name(entry->d_name))
                        continue;
                fd = openat(layers_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
                        continue;
                memcpy(d->at[d->n].name, entry->d_name, strlen(entry->d_name) + 1);
                d->at[d->n++].fd = TAKE_FD(fd);
        }
        closedir(dir);
        return true;
}

bool unpack_sweep(int layers_fd, struct err *e)
{
        struct dead dead CLEANUP(dead_done) = {0};
        bool ok = true;

        if (!dead_find(layers_fd, &dead, e))
                return false;
        for (size_t i = 0; i < dead.n; i++)
                ok &= remove_now(layers_fd, dead.at[i].name, e);
        return ok;
}
