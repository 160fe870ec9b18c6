/*
 * Between fork and coffer-monitor: the first process of a new PID namespace, in a new mount namespace, makes all
 * mounts, reads the container's accounts, writes config.json, and becomes the monitor. If it fails it says why and
 * ends, and with it its namespaces: there is nothing to undo.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/config_priv.h"
#include "runtime/mounts_priv.h"
#include "runtime/start_priv.h"

struct prepared {
        struct arena *arena;
        struct config config;
        struct mounts mounts;
        char note[RUNTIME_NOTE_MAX];
};

static void note_add(char *note, const char *text)
{
        size_t len = strlen(note);

        snprintf(note + len, RUNTIME_NOTE_MAX - len, "%s%s", len ? "; " : "", text);
}

static bool user_read(const struct runtime_spec *s, const struct mounts *m, struct user *ret, struct err *e)
{
        struct buf passwd CLEANUP(buf_done) = {0};
        struct buf group CLEANUP(buf_done) = {0};

        return mounts_file_read(m->rootfs_fd, "etc/passwd", RUNTIME_PASSWD_MAX, &passwd, e) &&
               mounts_file_read(m->rootfs_fd, "etc/group", RUNTIME_PASSWD_MAX, &group, e) &&
               user_resolve(s->user, buf_span(&passwd), buf_span(&group), ret, e);
}

/* Half of the machine, so that no container can take the host down with it. */
uint64_t runtime_memory_default(void)
{
        return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

void runtime_limits_read(struct runtime_limits *ret)
{
        struct cgroup_layout layout = {0};

        cgroup_layout_read(&layout);
        *ret = (struct runtime_limits){
            .memory_default = runtime_memory_default(), .memory = layout.memory, .pids = layout.pids, .cpus = layout.cpu};
}

/* What was asked for, or the default. */
static void limits_choose(const struct runtime_spec *s, struct config *c, char *note)
{
        struct rlimit nofile = {0};

        c->memory_max = s->memory_max ? s->memory_max : runtime_memory_default();
        c->pids_max = s->pids_max ? s->pids_max : RUNTIME_PIDS_DEFAULT;
        c->nofile_max = getrlimit(RLIMIT_NOFILE, &nofile) == 0 ? nofile.rlim_max : 1024;
        cgroup_layout_read(&c->cgroups);
        if (!c->cgroups.memory && c->memory_max != RUNTIME_UNLIMITED)
                note_add(note, "the memory limit is not in force: this host has no memory control group");
        if (!c->cgroups.pids)
                note_add(note, "the limit of processes is not in force: this host has no pids control group");
        if (!c->cgroups.cpu && s->cpu_milli > 0)
                note_add(note, "the CPU limit is not in force: this host has no cpu control group with quotas");
        if (c->cgroups.memory && !c->cgroups.swap && s->memory_max && s->memory_max != RUNTIME_UNLIMITED)
                note_add(note, "swap is not limited: this host does not account for it");
}

static bool is_crun(const char *path)
{
        const char *slash = strrchr(path, '/');

        return strcmp(slash ? slash + 1 : path, "crun") == 0;
}

/* Not through file_replace: its two fsyncs cost more than the rest of a start, and every start writes the file anew. */
static bool config_store(int dir_fd, struct span text, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        return file_open_beneath(dir_fd, "config.json", O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd, e) &&
               fd_write_all(fd, text, e);
}

static bool prepare(const struct prepare *p, struct prepared *r, struct err *e)
{
        const struct runtime_spec *s = p->spec;
        struct config *c = &r->config;
        struct buf text CLEANUP(buf_done) = {0};

        c->spec = s;
        limits_choose(s, c, r->note);
        if (!mounts_home(c->cgroups.unified_controllers && is_crun(p->runtime_path), e))
                return false;
        if (!mounts_make(s, p->trees, r->arena, &r->mounts, e))
                return false;
        if (r->mounts.note[0])
                note_add(r->note, r->mounts.note);
        if (!user_read(s, &r->mounts, &c->user, e))
                return false;
        if (s->cwd.len > 0 && !mounts_folder_make(r->mounts.rootfs_fd, s->cwd, s->ids_first, e))
                return false;
        c->volumes = r->mounts.volumes;
        c->etc_files = true;
        c->etc_resolv = r->mounts.etc_resolv;
        memcpy(c->tmpfs, r->mounts.tmpfs, sizeof(c->tmpfs));
        config_env(r->arena, s, &c->user, &c->env, &c->n_env);
        return config_write(c, &text, e) && config_store(s->dir_fd, buf_span(&text), e);
}

/* A POSIX lock belongs to the process, survives exec, is not inherited by children, and tells who holds it. */
static bool lock_take(int fd, struct err *e)
{
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

        if (fcntl(fd, F_SETLK, &l) == 0)
                return true;
        if (errno == EAGAIN || errno == EACCES)
                return err_set(e, ERR_CONFLICT, "the container is running already");
        return err_set(e, ERR_SYSTEM, "lock the container: %s", strerror(errno));
}

static bool fds_pass(const int *fds, size_t n, bool detach, struct err *e)
{
        if (detach) {
                int null = open("/dev/null", O_RDWR | O_CLOEXEC);

                if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
                        return err_set(e, ERR_SYSTEM, "/dev/null: %s", strerror(errno));
        }
        if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
                return err_set(e, ERR_SYSTEM, "close_range: %s", strerror(errno));
        for (size_t i = 0; i < n; i++) {
                if (fcntl(fds[i], F_SETFD, 0) != 0)
                        return err_set(e, ERR_SYSTEM, "pass a descriptor: %s", strerror(errno));
        }
        return true;
}

/* argv of coffer-monitor: see cmd/monitor/main.c. */
static bool monitor_exec(const struct prepare *p, const struct prepared *r, struct err *e)
{
        static const char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
        const struct runtime_spec *s = p->spec;
        const int fds[] = {p->channel, s->dir_fd, p->lock};
        uint64_t log_max = s->log_max ? s->log_max : RUNTIME_LOG_MAX_DEFAULT;
        char number[3][16], uid[16], gid[16], log[24], flags[8];
        const char *argv[] = {"coffer-monitor", number[0], number[1], number[2], s->id, p->runtime_path, flags, uid,
            gid, log, r->note, NULL};

        for (size_t i = 0; i < 3; i++)
                snprintf(number[i], sizeof(number[i]), "%d", fds[i]);
        snprintf(uid, sizeof(uid), "%u", s->ids_first + r->config.user.uid);
        snprintf(gid, sizeof(gid), "%u", s->ids_first + r->config.user.gid);
        snprintf(log, sizeof(log), "%llu", (unsigned long long)log_max);
        snprintf(flags, sizeof(flags), "%s%s%s%s-", s->terminal ? "t" : "", s->interactive ? "i" : "",
            s->detach ? "d" : "", is_crun(p->runtime_path) ? "c" : "");
        if (!fds_pass(fds, ARRAY_LEN(fds), s->detach, e))
                return false;
        execve(p->monitor_path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env); /* it changes none */
        return err_set(e, ERR_SYSTEM, "start %s: %s", p->monitor_path, strerror(errno));
}

void prepare_and_exec(const struct prepare *p)
{
        struct prepared r = {.arena = arena_new()};
        struct monitor_message m = {.kind = MONITOR_FAILED, .value = RUNTIME_EXIT_FAILED};
        struct err e = {0};

        umask(022);
        if (lock_take(p->lock, &e) && prepare(p, &r, &e))
                monitor_exec(p, &r, &e);
        m.err_kind = (uint32_t)e.kind;
        m.os_errno = e.os_errno;
        snprintf(m.text, sizeof(m.text), "%s", e.text);
        message_send(p->channel, &m, NULL);
        _exit(RUNTIME_EXIT_FAILED);
}
