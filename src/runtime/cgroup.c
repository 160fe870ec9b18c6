#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/cgroup_priv.h"

/* Version 1: a hierarchy each, as distributions and container engines mount them; a missing one is passed over. */
static const char *const hierarchies[] = {"memory", "pids", "cpu", "cpu,cpuacct", "cpuacct", "cpuset", "blkio",
    "devices", "freezer", "hugetlb", "net_cls", "net_prio", "net_cls,net_prio", "perf_event", "rdma", "misc", "systemd",
    "unified"};

#define CONTROLLERS_MAX 4096u /* bytes of cgroup.controllers: a dozen words */

const char *cgroup_kind_name(enum cgroup_kind k)
{
        static const char *const names[] = {"none", "v1", "hybrid", "v2"};

        return (size_t)k < ARRAY_LEN(names) ? names[k] : "unknown";
}

static bool is_fs(const char *path, long magic)
{
        struct statfs fs;

        return statfs(path, &fs) == 0 && fs.f_type == magic;
}

static bool exists(const char *path)
{
        return access(path, F_OK) == 0;
}

static bool has_word(struct span text, const char *word)
{
        struct span one;

        for (text = span_trim(text); text.len > 0;) {
                span_split(text, ' ', &one, &text);
                if (span_is(one, word))
                        return true;
        }
        return false;
}

static void controllers_read(const char *path, struct buf *to)
{
        if (!file_read(AT_FDCWD, path, CONTROLLERS_MAX, to, NULL))
                buf_clear(to);
}

void cgroup_layout_read(struct cgroup_layout *ret)
{
        struct buf b CLEANUP(buf_done) = {0};
        struct cgroup_layout l = {0};

        if (is_fs(CGROUP_MOUNT, CGROUP2_SUPER_MAGIC)) {
                l.kind = CGROUP_V2;
                controllers_read(CGROUP_MOUNT "/cgroup.controllers", &b);
                l.memory = has_word(buf_span(&b), "memory");
                l.swap = l.memory;
                l.pids = has_word(buf_span(&b), "pids");
                l.cpu = has_word(buf_span(&b), "cpu");
                *ret = l;
                return;
        }
        l.memory = is_fs(CGROUP_MOUNT "/memory", CGROUP_SUPER_MAGIC);
        l.swap = l.memory && exists(CGROUP_MOUNT "/memory/memory.memsw.limit_in_bytes");
        l.pids = is_fs(CGROUP_MOUNT "/pids", CGROUP_SUPER_MAGIC);
        l.cpu = is_fs(CGROUP_MOUNT "/cpu", CGROUP_SUPER_MAGIC) && exists(CGROUP_MOUNT "/cpu/cpu.cfs_quota_us");
        if (l.memory || l.pids || l.cpu || is_fs(CGROUP_MOUNT "/devices", CGROUP_SUPER_MAGIC))
                l.kind = CGROUP_V1;
        if (is_fs(CGROUP_MOUNT "/unified", CGROUP2_SUPER_MAGIC)) {
                l.kind = CGROUP_HYBRID;
                controllers_read(CGROUP_MOUNT "/unified/cgroup.controllers", &b);
                l.unified_controllers = span_trim(buf_span(&b)).len > 0;
        }
        *ret = l;
}

/* A group that held a container may have children of its own (the container's cgroup namespace): a few levels. */
static bool group_remove(const char *path, struct err *e)
{
        if (rmdir(path) == 0 || errno == ENOENT || errno == ENOTDIR)
                return true;
        if (errno == EBUSY || errno == ENOTEMPTY)
                return err_set(e, ERR_CONFLICT, "control group %s is still in use", path);
        return err_set(e, ERR_SYSTEM, "remove control group %s: %s", path, strerror(errno));
}

bool cgroup_remove(const char *id, struct err *e)
{
        char path[PATH_MAX];

        snprintf(path, sizeof(path), CGROUP_MOUNT CGROUP_PARENT "/%s", id);
        if (!group_remove(path, e))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
                snprintf(path, sizeof(path), CGROUP_MOUNT "/%s" CGROUP_PARENT "/%s", hierarchies[i], id);
                if (!group_remove(path, e))
                        return false;
        }
        return true;
}
