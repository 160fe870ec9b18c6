#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "host/facts_priv.h"

#define MIB (1ull << 20)
#define MEMORY_LEAST (512 * MIB) /* one layer's parser with a large zstd window, and this program */
#define FILES_LEAST 1024u

static void probe_memory(struct host_facts *f)
{
        static const char means[] = "each layer is read by its own process of at most 512 MiB";
        struct sysinfo s;

        if (sysinfo(&s) != 0) {
                fact_add(f, "resources", "memory", HOST_UNKNOWN, means, "sysinfo: %s", strerror(errno));
                return;
        }
        uint64_t total = (uint64_t)s.totalram * s.mem_unit, swap = (uint64_t)s.totalswap * s.mem_unit;
        fact_add(f, "resources", "memory", total >= MEMORY_LEAST ? HOST_YES : HOST_LIMITED, means, "%llu MiB",
            (unsigned long long)(total / MIB));
        fact_add(f, "resources", "swap", swap > 0 ? HOST_YES : HOST_NO,
            "keys are locked into memory and never swapped; a container's own memory may be", "%llu MiB",
            (unsigned long long)(swap / MIB));
}

static void probe_cpu(struct host_facts *f)
{
        cpu_set_t set;
        int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;

        fact_add(f, "resources", "cpus", n > 1 ? HOST_YES : HOST_LIMITED, "that many layers are read at once",
            "%d for this process", n);
#if defined(__x86_64__)
        __builtin_cpu_init();
        bool aes = __builtin_cpu_supports("aes");
        fact_add(f, "resources", "aes-instructions", aes ? HOST_YES : HOST_NO,
            "disks are encrypted at memory speed; without them many times slower", "%s", aes ? "AES-NI" : "no AES-NI");
#else
        fact_add(f, "resources", "aes-instructions", HOST_UNKNOWN,
            "disks are encrypted at memory speed; without them many times slower", "not known for this processor");
#endif
}

static const char *const capability_names[] = {"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill",
    "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
    "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin",
    "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
    "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
    "perfmon", "bpf", "checkpoint_restore"};

static void probe_capabilities(struct host_facts *f)
{
        static const char means[] =
            "what root lacks here (a container, a hardened service) Coffer does without and says so";
        struct buf missing = {0};
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(capability_names); i++) {
                int has = prctl(PR_CAPBSET_READ, (long)i, 0L, 0L, 0L);
                if (has < 0)
                        break; /* an older kernel knows fewer */
                if (has == 0) {
                        buf_printf(&missing, "%scap_%s", missing.len > 0 ? " " : "", capability_names[i]);
                        n++;
                }
        }
        if (n == 0)
                fact_add(f, "resources", "capabilities", HOST_YES, means, "root has all of them");
        else
                fact_add(f, "resources", "capabilities", HOST_LIMITED, means, "root lacks %zu: %.*s", n,
                    SPAN_FMT(buf_span(&missing)));
        buf_done(&missing);
}

static void probe_files_limit(struct host_facts *f)
{
        struct rlimit r;

        if (getrlimit(RLIMIT_NOFILE, &r) != 0)
                return;
        fact_add(f, "resources", "open-files", r.rlim_cur >= FILES_LEAST ? HOST_YES : HOST_LIMITED,
            "each layer at work takes five descriptors", "%llu, at most %llu", (unsigned long long)r.rlim_cur,
            (unsigned long long)r.rlim_max);
}

/* ---- OCI runtimes ---- */

/* The first executable of that name in PATH, absolute folders only: "." would be whatever folder we stand in. */
static bool program_find(const char *name, char *ret, size_t size)
{
        const char *path = getenv("PATH");
        struct span dir,
            rest = span_of(path && *path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        bool more = true;

        while (more) {
                more = span_split(rest, ':', &dir, &rest);
                if (dir.len > 0 && dir.at[0] == '/' && dir.len < size &&
                    (size_t)snprintf(ret, size, "%.*s/%s", SPAN_FMT(dir), name) < size && access(ret, X_OK) == 0)
                        return true;
        }
        return false;
}

/* `PROGRAM --version` in this child; its first line becomes the text. */
static int try_version(void *ctx, char text[HOST_DETAIL_MAX])
{
        const char *program = ctx;
        int ends[2], null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        char *const argv[] = {(char *)program, (char *)"--version", NULL}, *const envp[] = {(char *)"LC_ALL=C", NULL};
        struct span line;
        size_t n = 0;

        if (null_fd < 0 || pipe2(ends, O_CLOEXEC) != 0)
                return errno;
        pid_t pid = fork();
        if (pid < 0)
                return errno;
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L); /* when it hangs, we are killed, and it with us */
                dup2(null_fd, 0);
                dup2(ends[1], 1);
                dup2(null_fd, 2);
                execve(program, argv, envp);
                _exit(127);
        }
        close(ends[1]);
        if (!fd_read_full(ends[0], text, HOST_DETAIL_MAX - 1, &n, NULL) || n == 0)
                return ENOEXEC;
        struct cursor c = {.rest = span_bytes(text, n)};
        if (!cursor_line(&c, &line) || line.len == 0)
                return ENOEXEC;
        text[line.len] = 0; /* the line begins where the text does */
        return 0;
}

static bool probe_runtime(struct host_facts *f, const char *name, struct err *e)
{
        static const char means[] = "starts the containers; one of crun and runc is needed for `coffer run`";
        char path[1024];
        struct try_out t;

        if (!program_find(name, path, sizeof(path))) {
                fact_add(f, "programs", name, HOST_NO, means, "not in PATH");
                return true;
        }
        if (!try_in_child(try_version, path, &t, e))
                return false;
        if (t.result == 0)
                fact_add(f, "programs", name, HOST_YES, means, "%s: %s", path, t.text);
        else
                fact_add(f, "programs", name, HOST_LIMITED, means, "%s does not tell its version: %s", path,
                    t.result < 0 ? "it took too long" : strerror(t.result));
        return true;
}

bool probe_resources(struct host_facts *f, struct err *e)
{
        if (!probe_runtime(f, "crun", e) || !probe_runtime(f, "runc", e))
                return false;
        probe_memory(f);
        probe_cpu(f);
        probe_capabilities(f);
        probe_files_limit(f);
        return true;
}
