#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/landlock_priv.h"

/*
 * Debian 12's headers stop at ABI 2; the kernel takes a longer or a shorter struct by its size (landlock(7)).
 * Rights of a newer ABI must not be named to an older kernel: it would refuse the rule set.
 */
struct ruleset_attr {
        uint64_t handled_access_fs;
        uint64_t handled_access_net;
        uint64_t scoped;
};

enum { ABI_ASK_VERSION = 1 }; /* LANDLOCK_CREATE_RULESET_VERSION */

static uint64_t bits(unsigned n)
{
        return (1ull << n) - 1;
}

/* Number of file system rights by ABI: 1: 13 (execute .. make symlink), 2: refer, 3: truncate, 5: ioctl on devices. */
static uint64_t rights_fs(long abi)
{
        if (abi >= 5)
                return bits(16);
        if (abi >= 3)
                return bits(15);
        return abi >= 2 ? bits(14) : bits(13);
}

static struct ruleset_attr attr_of(long abi)
{
        return (struct ruleset_attr){
            .handled_access_fs = rights_fs(abi),
            .handled_access_net = abi >= 4 ? bits(2) : 0, /* TCP bind, connect */
            .scoped = abi >= 6 ? bits(2) : 0,             /* abstract sockets, signals to others */
        };
}

static size_t attr_size(long abi)
{
        if (abi >= 6)
                return sizeof(struct ruleset_attr);
        return abi >= 4 ? offsetof(struct ruleset_attr, scoped) : offsetof(struct ruleset_attr, handled_access_net);
}

/* An outer sandbox may answer "done" without doing it: what counts is whether the kernel refuses. */
static bool landlock_probe(struct err *e)
{
        int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 && errno == EACCES)
                return true;
        fd_close(&fd);
        return err_set(e, ERR_UNSUPPORTED, "Landlock was set up but the root folder is not refused (%s)",
            fd < 0 ? strerror(errno) : "it opened");
}

bool landlock_lock(uint32_t *ret_abi, struct err *e)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, ABI_ASK_VERSION);
        int ruleset CLEANUP(fd_close) = -1;
        struct ruleset_attr attr;

        if (abi < 1)
                return err_set(e, ERR_UNSUPPORTED,
                    "the kernel offers no Landlock (%s): use Linux 5.13 or newer with \"landlock\" in its lsm= list",
                    abi < 0 ? strerror(errno) : "ABI 0");
        attr = attr_of(abi);
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, attr_size(abi), 0u);
        if (ruleset < 0)
                return err_set(e, ERR_UNSUPPORTED, "Landlock: create a rule set: %s", strerror(errno));
        if (syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0)
                return err_set(e, ERR_UNSUPPORTED, "Landlock: restrict: %s", strerror(errno));
        close(TAKE_FD(ruleset)); /* RLIMIT_NOFILE leaves room for one: the probe's must not fail by it */
        if (!landlock_probe(e))
                return false;
        *ret_abi = (uint32_t)abi;
        return true;
}
