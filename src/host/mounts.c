#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/facts_priv.h"

/* linux/mount.h and sys/mount.h can't be included together with Debian 12's headers; these are the kernel's numbers. */
#define OPEN_TREE_CLONE_ 1u
#define MOUNT_ATTR_IDMAP_ 0x00100000u
#define FSCONFIG_CMD_CREATE_ 6u

struct mount_attr_ {
        uint64_t attr_set, attr_clr, propagation, userns_fd;
};

enum { TRY_PARTLY = 1000 }; /* some file systems can, some not */

static bool text_write(const char *path, const char *text)
{
        int fd CLEANUP(fd_close) = open(path, O_WRONLY | O_CLOEXEC);

        return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static int give_up(char text[HOST_DETAIL_MAX], const char *step)
{
        int reason = errno;

        snprintf(text, HOST_DETAIL_MAX, "%s: %s", step, strerror(reason));
        return reason ? reason : EINVAL;
}

/* A mount namespace of our own, with or without a user namespace, and a tmpfs over /tmp in it: it ends with the child.
 */
static int scratch_enter(bool user, char text[HOST_DETAIL_MAX])
{
        uid_t uid = geteuid();
        gid_t gid = getegid();
        char map[32];

        if (unshare(CLONE_NEWNS | (user ? CLONE_NEWUSER : 0)) != 0)
                return give_up(text, user ? "user and mount namespace" : "mount namespace");
        if (user) {
                snprintf(map, sizeof(map), "0 %u 1", uid);
                if (!text_write("/proc/self/uid_map", map))
                        return give_up(text, "uid_map");
                (void)text_write("/proc/self/setgroups", "deny"); /* needed before gid_map without privilege */
                snprintf(map, sizeof(map), "0 %u 1", gid);
                (void)text_write("/proc/self/gid_map", map);
        }
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
                return give_up(text, "make mounts private");
        if (mount("coffer", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0700") != 0)
                return give_up(text, "tmpfs on /tmp");
        if (chdir("/tmp") != 0 || mkdir("l", 0700) != 0 || mkdir("u", 0700) != 0 || mkdir("w", 0700) != 0 ||
            mkdir("m", 0700) != 0)
                return give_up(text, "folders in a tmpfs");
        return 0;
}

/* Mounts an overlay, writes through it and finds the file in its upper layer. `ctx`: bool, in a user namespace. */
static int try_overlay(void *ctx, char text[HOST_DETAIL_MAX])
{
        const bool *user = ctx;
        struct stat st;
        int fd, rc = scratch_enter(*user, text);

        if (rc != 0)
                return rc;
        if (mount("overlay", "m", "overlay", 0,
                *user ? "lowerdir=l,upperdir=u,workdir=w,userxattr" : "lowerdir=l,upperdir=u,workdir=w") != 0)
                return give_up(text, "mount");
        fd = open("m/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || stat("u/file", &st) != 0)
                return give_up(text, "write through it");
        return 0;
}

static enum host_state state_of(const struct try_out *t)
{
        if (t->result < 0)
                return HOST_UNKNOWN;
        return t->result == 0 ? HOST_YES : HOST_NO;
}

static const char *detail_of(const struct try_out *t, const char *good)
{
        if (t->result < 0)
                return "the attempt did not end";
        return t->result == 0 ? good : t->text;
}

static bool probe_overlay(struct host_facts *f, struct err *e)
{
        static const char means[] =
            "containers share unpacked layers read-only; without it each one gets a copy of its image";
        static const char means_user[] = "the same for containers without root";
        bool no = false, yes = true;
        struct try_out t;

        if (geteuid() != 0) {
                fact_add(f, "storage", "overlayfs", HOST_UNKNOWN, means, "needs root to be tried");
        } else {
                if (!try_in_child(try_overlay, &no, &t, e))
                        return false;
                fact_add(f, "storage", "overlayfs", state_of(&t), means, "%s",
                    detail_of(&t, "mounted one, wrote through it"));
        }
        if (!try_in_child(try_overlay, &yes, &t, e))
                return false;
        fact_add(f, "storage", "overlayfs-userxattr", state_of(&t), means_user, "%s",
            detail_of(&t, "mounted one in a user namespace, wrote through it"));
        return true;
}

/* A process that keeps a user namespace with a mapping open, for its descriptor. */
static int user_namespace_open(void)
{
        char path[64], byte;
        int ready[2], fd = -1;
        pid_t pid;

        if (pipe2(ready, O_CLOEXEC) != 0)
                return -1;
        pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
                if (unshare(CLONE_NEWUSER) != 0 || write(ready[1], "x", 1) != 1)
                        _exit(1);
                pause();
                _exit(0);
        }
        close(ready[1]);
        if (pid > 0 && read(ready[0], &byte, 1) == 1) {
                snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
                bool mapped = text_write(path, "0 100000 1000");
                snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
                mapped = mapped && text_write(path, "0 100000 1000");
                snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
                fd = mapped ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        }
        close(ready[0]);
        if (pid > 0) {
                kill(pid, SIGKILL);
                waitpid(pid, NULL, 0);
        }
        return fd;
}

/* On a detached mount, which nobody sees and which ends with its descriptor. */
static bool idmap_works(int tree, int user_ns)
{
        struct mount_attr_ attr = {.attr_set = MOUNT_ATTR_IDMAP_, .userns_fd = (uint64_t)user_ns};

        return tree >= 0 && syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0;
}

static int detached_tmpfs(void)
{
        int fs = (int)syscall(SYS_fsopen, "tmpfs", 1u /* FSOPEN_CLOEXEC */), tree = -1;

        if (fs >= 0 && syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE_, NULL, NULL, 0) == 0)
                tree = (int)syscall(SYS_fsmount, fs, 1u /* FSMOUNT_CLOEXEC */, 0u);
        fd_close(&fs);
        return tree;
}

static int try_idmap(void *ctx, char text[HOST_DETAIL_MAX])
{
        int user_ns = user_namespace_open();
        bool root, tmpfs;

        (void)ctx;
        if (user_ns < 0)
                return give_up(text, "a user namespace to map to");
        root = idmap_works((int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE_ | O_CLOEXEC), user_ns);
        int root_errno = errno;
        tmpfs = idmap_works(detached_tmpfs(), user_ns);
        snprintf(text, HOST_DETAIL_MAX, "the root file system: %s; tmpfs: %s", root ? "yes" : strerror(root_errno),
            tmpfs ? "yes" : strerror(errno));
        if (root && tmpfs)
                return 0;
        return root || tmpfs ? TRY_PARTLY : EINVAL;
}

static bool probe_idmap(struct host_facts *f, struct err *e)
{
        static const char means[] =
            "one unpacked layer serves containers with different users; without it files are chowned in a copy";
        struct try_out t;

        if (geteuid() != 0) {
                fact_add(f, "storage", "idmapped-mounts", HOST_UNKNOWN, means, "needs root to be tried");
                return true;
        }
        if (!try_in_child(try_idmap, NULL, &t, e))
                return false;
        fact_add(f, "storage", "idmapped-mounts", t.result == TRY_PARTLY ? HOST_LIMITED : state_of(&t), means, "%s",
            t.result < 0 ? "the attempt did not end" : t.text);
        return true;
}

bool probe_mounts(struct host_facts *f, struct err *e)
{
        return probe_overlay(f, e) && probe_idmap(f, e);
}
