/*
 * runtime: starts one container from unpacked layers, isolated, and says afterwards how it stands.
 *
 * In:    a plain description of the container; its folder; descriptors of its layers; its range of host ids.
 * Out:   a running container under coffer-monitor; its state, its exit status, its output.
 * Never: reads images; decides whether the container may start; leaves a mount on the host.
 * Uses:  base jail
 * Terms: OCI runtime-spec 1.0.2, idmapped mount (mount_setattr(2)), overlayfs userxattr, user_namespaces(7), CRI log.
 *
 * A container lives in a mount and a PID namespace whose first process is its monitor. All its mounts are in the one,
 * all its processes in the other: the kernel removes both when the monitor ends, whatever ends it, SIGKILL included.
 *
 * Default isolation: own user, PID, IPC, UTS, mount, cgroup and network namespace (loopback alone), seven capabilities
 * for root and none for others, no_new_privs (set-id bits have no effect), an allow-list of system calls, masked and
 * read-only kernel paths, no devices, limits of memory and processes.
 * Ids: the container's id n is host id ids_first + n, and nobody else has that host id. Layers lie on disk owned by
 * layers_first + n and are mapped on mounting; no file is copied or chowned.
 * Volumes: a file of host id n is the container's id n, and what the container writes there as n belongs to host id n.
 * They are mounted nosuid,nodev, and a container that has a writable one can't make set-id files anywhere: a
 * set-user-id program left in a volume would be a way to host root (seccomp denies the mode bits; CAP_SETFCAP is
 * absent).
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

#define RUNTIME_ID_LEN 12u           /* hex digits */
#define RUNTIME_LAYERS_MAX 128u      /* their names must fit the page that mount(2) takes; images end at 127 */
#define RUNTIME_PIDS_DEFAULT 1024u   /* processes and threads */
#define RUNTIME_UNLIMITED UINT64_MAX /* memory_max: no limit, if the user asks for it */
#define RUNTIME_STOP_TIMEOUT_S_DEFAULT 10u
#define RUNTIME_LOG_MAX_DEFAULT (16u << 20) /* bytes of `log`, and again of `log.1` */

/* Bytes: half of the machine's memory, so that no container can take the host down with it. */
uint64_t runtime_memory_default(void);

enum runtime_network { RUNTIME_NETWORK_NONE = 0, RUNTIME_NETWORK_HOST };

struct runtime_volume {
        const char *source; /* a folder or file of the host, links followed; mounts below it are not taken along */
        const char *target; /* absolute path in the container */
        bool read_only;
        bool use_fd; /* instead of opening the source again: what was judged is what is mounted */
        int fd;      /* O_PATH, borrowed */
};

/* Everything is borrowed until runtime_start returns. Strings from an image may hold any bytes; NUL is refused. */
struct runtime_spec {
        const char *id;       /* RUNTIME_ID_LEN lower-case hex digits */
        int dir_fd;           /* containers/<id>/, ours alone: bundle, writable layer, log, exit status */
        const int *layer_fds; /* folders, lowest first, files owned by layers_first + n */
        size_t n_layers;
        uint32_t layers_first;
        bool use_root_fd; /* instead of layers: one plain folder, files owned by 0 .. 65535; it is never written to */
        int root_fd;
        uint32_t ids_first;

        const struct span *args, *env; /* args[0]: looked up in PATH. env: NAME=value, the last of a name wins */
        size_t n_args, n_env;
        struct span cwd;      /* empty: "/"; made if missing */
        struct span user;     /* "", "uid", "uid:gid", "name", "name:group"; names are those of the container's /etc */
        const char *hostname; /* NULL: the id */
        bool terminal, interactive, detach, read_only;
        bool tmpfs; /* /tmp, /run and /var/tmp are in memory, with what the image has there: for read_only */
        const struct runtime_volume *volumes;
        size_t n_volumes;
        enum runtime_network network; /* host: no network isolation at all, abstract unix sockets included */
        uint64_t memory_max;          /* bytes, swap is not given on top; 0: half of the machine's memory */
        uint32_t pids_max;            /* 0: RUNTIME_PIDS_DEFAULT */
        uint32_t cpu_milli;           /* thousandths of a CPU; 0: no limit */
        bool allow_32bit;             /* i386 programs; their socketcall(2) escapes the check of address families */
        const char *runtime;          /* path or name of an OCI runtime; NULL: crun, else runc */
        uint64_t log_max;             /* bytes before the log is rotated once; 0: RUNTIME_LOG_MAX_DEFAULT */
};

/* What holds where the description says 0, and whether this host can hold a container to a limit at all. */
struct runtime_limits {
        uint64_t memory_default; /* bytes: half of the machine's */
        bool memory, pids, cpus; /* a control group is there for it */
};
void runtime_limits_read(struct runtime_limits *ret);
/*
 * The OCI runtime that would start it: `asked` as in spec.runtime. Its path, in at most `size` bytes. ERR_NOT_FOUND,
 * ERR_UNSUPPORTED: none is installed.
 */
bool runtime_program(const char *asked, char *ret, size_t size, struct err *e);
/* Which allow-list of system calls it gets: "default", with what differs from it; never NULL. */
const char *runtime_seccomp_name(const struct runtime_spec *spec);

#define RUNTIME_NOTE_MAX 600u

struct runtime_started {
        int channel; /* to the monitor */
        bool terminal;
        char note[RUNTIME_NOTE_MAX]; /* what of the request is not in force, and why; empty: all is */
        /* For runtime_wait; may be NULL. Called once, when `signal` (INT or TERM) was forwarded and the container still runs a
         * moment later: `more` of them end it by force. */
        void (*on_asked)(int signal, unsigned more);
};

/* Why a start failed, as an exit status that users of other engines know. */
enum { RUNTIME_EXIT_FAILED = 125, RUNTIME_EXIT_NOT_EXECUTABLE = 126, RUNTIME_EXIT_NOT_FOUND = 127 };

/*
 * Starts the container; returns when its first process runs. Attached (not detach): fds 0, 1, 2 of the caller are
 * relayed (0 only if interactive) and runtime_wait must follow. `ret_exit` is set on failure only: 125, 126 or 127.
 * ERR_UNSUPPORTED: needs root, the kernel lacks idmapped overlay layers, no OCI runtime; ERR_NOT_FOUND: command, user,
 * volume; ERR_MALFORMED, ERR_LIMIT: the description; ERR_SYSTEM; ERR_UNAVAILABLE: the OCI runtime refused, with its
 * text.
 */
bool runtime_start(const struct runtime_spec *spec, struct runtime_started *ret, int *ret_exit, struct err *e);

/*
 * Waits for an attached container's end: its exit status, or 128 + the signal that ended it. Meanwhile signals that
 * this process gets (HUP INT QUIT TERM USR1 USR2 CONT WINCH) are forwarded, the third INT or TERM as KILL, and its
 * terminal is raw if the container has one. Output whose reader is gone ends as in a pipeline: the container gets EPIPE.
 * Whoever removes containers by themselves (--rm) does it after this, or at the next command for a detached one.
 */
bool runtime_wait(struct runtime_started *s, int *ret_status, struct err *e);
void runtime_detach(struct runtime_started *s); /* closes the channel; the container goes on */

/* ---- later, from any process; dir_fd is containers/<id>/ ---- */

enum runtime_state {
        RUNTIME_STATE_NONE = 0, /* never started, or the start failed */
        RUNTIME_STATE_STARTING,
        RUNTIME_STATE_RUNNING,
        RUNTIME_STATE_EXITED,
        RUNTIME_STATE_DEAD,    /* its monitor was killed, and so was it; runtime_reap cleans up */
        RUNTIME_STATE_DAMAGED, /* what a caller shows after runtime_status failed; it never gives it */
};

struct runtime_status {
        enum runtime_state state;
        pid_t monitor, pid; /* on the host; 0 if there is none */
        int64_t started_s;  /* 0: not yet */
        int64_t finished_s;
        int status, signal; /* EXITED: exit status (128 + signal if killed), signal or 0 */
        bool oom;           /* EXITED: the memory limit killed something in it */
};

const char *runtime_state_name(enum runtime_state s);
/* ERR_MALFORMED, ERR_LIMIT: its exit record; runtime_stop and runtime_remove do not need that. */
bool runtime_status(int dir_fd, struct runtime_status *ret, struct err *e);

/* "SIGTERM", "TERM", "15", "RTMIN+3"; empty gives SIGTERM. ERR_MALFORMED. */
bool runtime_signal_parse(struct span text, int *ret, struct err *e);
/* To the container's first process. ERR_CONFLICT: not running. */
bool runtime_kill(int dir_fd, int signal, struct err *e);
/* Sends `signal`, waits, then SIGKILL to all its processes; returns when it is gone. Not running: fine. */
bool runtime_stop(int dir_fd, int signal, uint32_t timeout_s, struct err *e);
/* DEAD becomes EXITED (137): cgroups are removed, the exit is recorded. What runs or has exited is left alone. */
bool runtime_reap(int dir_fd, const char *id, struct err *e);
/* Removes the writable layer and all else in the folder; the folder itself is the caller's. ERR_CONFLICT: running. */
bool runtime_remove(int dir_fd, const char *id, struct err *e);

struct runtime_log_line {
        struct span text; /* without '\n' */
        struct span time; /* RFC 3339 with nanoseconds */
        bool is_stderr;
        bool ended; /* a '\n' followed it in the output */
};
/*
 * All that the log holds, oldest first (log.1, then log), then with `follow` until the container ends. The callback
 * ends it early by false. ERR_NOT_FOUND: it has no log.
 */
bool runtime_logs(int dir_fd, bool follow, bool (*on_line)(void *ctx, const struct runtime_log_line *l, struct err *e),
    void *ctx, struct err *e);

/* ---- between this room and coffer-monitor: one SOCK_SEQPACKET message each ---- */

#define MONITOR_HOME \
        "/run/coffer" /* an empty folder on the host; in each monitor's mount namespace a tmpfs of its own */

enum monitor_message_kind {
        MONITOR_NONE = 0,
        MONITOR_STARTED,
        MONITOR_FAILED,
        MONITOR_EXITED,
        MONITOR_SIGNAL,
        MONITOR_RESIZE /* of the caller's terminal; the first one says that it is raw */
};

struct monitor_message {
        uint32_t kind;
        int32_t value;     /* FAILED: 125 to 127; EXITED: status; SIGNAL: number */
        uint32_t err_kind; /* FAILED */
        int32_t os_errno;
        char text[RUNTIME_NOTE_MAX];
};
