#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/facts_priv.h"

#define UID_NOBODY 65534

static bool write_text(const char *path, const char *text)
{
        int fd CLEANUP(fd_close) = open(path, O_WRONLY | O_CLOEXEC);

        return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* A user namespace with a mapping, as rootless containers use it. `ctx`: the user to become before, or NULL. */
static int try_user_namespace(void *ctx, char text[HOST_DETAIL_MAX])
{
        const uid_t *as = ctx;
        char map[32];
        uid_t uid;

        (void)text;
        if (as && (setresgid(*as, *as, *as) != 0 || setresuid(*as, *as, *as) != 0))
                return errno;
        uid = geteuid();
        if (unshare(CLONE_NEWUSER) != 0)
                return errno;
        snprintf(map, sizeof(map), "0 %u 1", uid);
        /* A process that changed its user may not write its own map until it is dumpable again: then unshare says
         * enough. */
        if (!as && !write_text("/proc/self/uid_map", map))
                return errno;
        return 0;
}

static bool probe_user_namespaces(struct host_facts *f, struct err *e)
{
        static const char means[] =
            "containers and unpacking run without root's power over the host; without it, as root only";
        uid_t nobody = UID_NOBODY;
        struct try_out own, other = {0};

        if (!try_in_child(try_user_namespace, NULL, &own, e))
                return false;
        if (geteuid() == 0 && !try_in_child(try_user_namespace, &nobody, &other, e))
                return false;
        if (own.result == 0 && other.result == 0)
                fact_add(f, "isolation", "user-namespaces", HOST_YES, means, "made one%s",
                    geteuid() == 0 ? " as root and as an ordinary user" : " as this user");
        else if (own.result == 0)
                fact_add(f, "isolation", "user-namespaces", HOST_LIMITED, means,
                    "root may, an ordinary user may not: %s", strerror(other.result));
        else
                fact_add(f, "isolation", "user-namespaces", own.result < 0 ? HOST_UNKNOWN : HOST_NO, means, "%s",
                    own.result < 0 ? "the attempt did not end" : strerror(own.result));
        return true;
}

static void probe_seccomp(struct host_facts *f)
{
        unsigned kill_process = SECCOMP_RET_KILL_PROCESS, notify = SECCOMP_RET_USER_NOTIF;
        bool can_kill = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill_process) == 0;
        bool can_notify = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &notify) == 0;

        fact_add(f, "isolation", "seccomp", can_kill ? HOST_YES : HOST_NO,
            "parsers and containers are held to a list of system calls; without it nothing is parsed", "%s",
            can_kill ? "filters that kill the process" : strerror(errno));
        fact_add(f, "isolation", "seccomp-notification", can_notify ? HOST_YES : HOST_NO,
            "a broker can decide on single system calls of a container; without it they are only allowed or refused",
            "%s", can_notify ? "filters that ask another process" : "the kernel does not know the action");
}

static void probe_landlock(struct host_facts *f)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1u /* version */);
        static const char means[] = "parsers can't reach any file; without it nothing is parsed";

        if (abi < 1)
                fact_add(f, "isolation", "landlock", HOST_NO, means, "%s", abi < 0 ? strerror(errno) : "ABI 0");
        else
                fact_add(f, "isolation", "landlock", abi >= 4 ? HOST_YES : HOST_LIMITED, means, "ABI %ld: files%s%s",
                    abi, abi >= 4 ? ", TCP" : " only", abi >= 6 ? ", signals and abstract sockets" : "");
}

/* One mount of /proc/self/mountinfo: "... - cgroup2 none rw" (proc(5)): what stands after " - ", and the mount point.
 */
static bool mount_split(struct span line, struct span *ret_point, struct span *ret_type, struct span *ret_options)
{
        struct span field, rest = line;

        for (int i = 0; i < 5; i++)
                if (!span_split(rest, ' ', i == 4 ? ret_point : &field, &rest))
                        return false;
        while (rest.len > 0 && !span_starts(rest, "- "))
                if (!span_split(rest, ' ', &field, &rest))
                        return false;
        if (!span_split(span_from(rest, 2), ' ', ret_type, &rest) || !span_split(rest, ' ', &field, &rest))
                return false;
        *ret_options = rest;
        return true;
}

static const char *const v1_controllers[] = {"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio",
    "pids", "net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc"};

/* Names of controllers among a v1 mount's options, with a comma after each. */
static void v1_note(struct span options, struct buf *to)
{
        struct span word, rest = options;
        bool more = true;

        while (more) {
                more = span_split(rest, ',', &word, &rest);
                for (size_t i = 0; i < ARRAY_LEN(v1_controllers); i++)
                        if (span_is(word, v1_controllers[i]))
                                buf_printf(to, "%s%s", to->len > 0 ? " " : "", v1_controllers[i]);
        }
}

static void v2_note(struct span point, struct buf *to)
{
        char path[512], text[256];

        snprintf(path, sizeof(path), "%.*s/cgroup.controllers", SPAN_FMT(point));
        if (kernel_file(path, text, sizeof(text)))
                buf_put_text(to, text);
}

struct cgroups {
        struct buf mounts, v1, v2; /* the mount table; controllers of each version */
        bool has_v1, has_v2;
};

static void cgroups_done(struct cgroups *g)
{
        buf_done(&g->mounts);
        buf_done(&g->v1);
        buf_done(&g->v2);
}

static void cgroups_read(struct cgroups *g)
{
        struct span line, point = {0}, type = {0}, options = {0};
        int fd CLEANUP(fd_close) = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        uint8_t *into = buf_reserve(&g->mounts, 1 << 20); /* bytes: a host with some thousand mounts */

        if (fd >= 0)
                (void)fd_read_full(fd, into, 1 << 20, &g->mounts.len, NULL);
        struct cursor c = {.rest = buf_span(&g->mounts)};
        while (cursor_line(&c, &line)) {
                if (!mount_split(line, &point, &type, &options))
                        continue;
                if (span_is(type, "cgroup")) {
                        g->has_v1 = true;
                        v1_note(options, &g->v1);
                } else if (span_is(type, "cgroup2") && !g->has_v2) {
                        g->has_v2 = true;
                        v2_note(point, &g->v2);
                }
        }
}

static struct span v2_text(const struct cgroups *g)
{
        if (!g->has_v2)
                return SPAN_LIT("not mounted");
        return g->v2.len > 0 ? buf_span(&g->v2) : SPAN_LIT("no controllers");
}

static void probe_cgroups(struct host_facts *f)
{
        static const char means[] =
            "memory, CPU and process limits of containers; version 2 also kills and freezes a whole tree";
        CLEANUP(cgroups_done) struct cgroups g = {0};

        cgroups_read(&g);
        if (g.has_v1)
                fact_add(f, "isolation", "cgroups", HOST_LIMITED, means, "%s; version 1: %.*s; version 2: %.*s",
                    g.has_v2 ? "hybrid" : "version 1", SPAN_FMT(buf_span(&g.v1)), SPAN_FMT(v2_text(&g)));
        else if (g.has_v2)
                fact_add(f, "isolation", "cgroups", HOST_YES, means, "version 2: %.*s", SPAN_FMT(v2_text(&g)));
        else
                fact_add(f, "isolation", "cgroups", HOST_NO, means, "none mounted");
}

bool probe_kernel(struct host_facts *f, struct err *e)
{
        struct utsname u;

        if (uname(&u) != 0)
                return err_set(e, ERR_SYSTEM, "uname: %s", strerror(errno));
        /* A number decides nothing here: what matters is tried below. */
        fact_add(f, "kernel", "kernel", strcmp(u.sysname, "Linux") == 0 ? HOST_YES : HOST_LIMITED,
            "Coffer is made for Linux 5.13 and newer; what counts is tried one by one", "%s %s %s", u.sysname,
            u.release, u.machine);
        if (!probe_user_namespaces(f, e))
                return false;
        probe_seccomp(f);
        probe_landlock(f);
        probe_cgroups(f);
        return true;
}
