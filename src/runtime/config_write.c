/* config.json: what isolates a container, in one place. runtime-spec 1.0.2, config.md and config-linux.md. */
#include "base/base.h"
#include "runtime/config_priv.h"
#include "runtime/seccomp_priv.h"

/*
 * What root in a container can do beyond other users; all of it holds inside its user namespace alone, so it never
 * reaches a file or process that is not the container's. Not among them, though other engines give them: NET_RAW
 * (forged packets), SETFCAP (file capabilities in volumes), MKNOD, SYS_CHROOT, AUDIT_WRITE, SETPCAP, FSETID (without it
 * package managers lose some set-gid bits, which no_new_privs makes useless anyway). apt-get install works with these.
 * A process of another user gets none.
 */
static const char *const root_capabilities[] = {
    "CAP_CHOWN",            /* package managers give files to their accounts */
    "CAP_DAC_OVERRIDE",     /* ... and write into folders of these */
    "CAP_FOWNER",           /* ... and set their modes and times */
    "CAP_KILL",             /* init stops services of other accounts */
    "CAP_NET_BIND_SERVICE", /* ports below 1024 */
    "CAP_SETGID",           /* services drop root; apt becomes _apt */
    "CAP_SETUID",
};

static const char *const capability_sets[] = {"bounding", "effective", "inheritable", "permitted", "ambient"};

/* What tells of the host or acts on it. Under a user namespace most refuse anyway; two locks hold better than one. */
static const char *const masked_paths[] = {"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
    "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
    "/sys/devices/system/cpu/vulnerabilities", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/bpf",
    "/sys/fs/selinux", "/sys/kernel/debug", "/sys/kernel/security", "/sys/kernel/tracing"};
static const char *const readonly_paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

static void texts_write(struct json_out *o, const char *key, const char *const *list, size_t n)
{
        json_out_key(o, key);
        json_out_array(o);
        for (size_t i = 0; i < n; i++)
                json_out_text(o, list[i]);
        json_out_array_end(o);
}

static void spans_write(struct json_out *o, const char *key, const struct span *list, size_t n)
{
        json_out_key(o, key);
        json_out_array(o);
        for (size_t i = 0; i < n; i++)
                json_out_string(o, list[i]);
        json_out_array_end(o);
}

static void bool_write(struct json_out *o, const char *key, bool v)
{
        json_out_key(o, key);
        json_out_bool(o, v);
}

static void user_write(struct json_out *o, const struct user *u)
{
        json_out_key(o, "user");
        json_out_object(o);
        json_out_member_u64(o, "uid", u->uid);
        json_out_member_u64(o, "gid", u->gid);
        json_out_member_u64(o, "umask", 022);
        json_out_key(o, "additionalGids");
        json_out_array(o);
        for (size_t i = 0; i < u->n_groups; i++)
                json_out_u64(o, u->groups[i]);
        json_out_array_end(o);
        json_out_object_end(o);
}

static void rlimit_write(struct json_out *o, const char *type, uint64_t v)
{
        json_out_object(o);
        json_out_member_text(o, "type", type);
        json_out_member_u64(o, "hard", v);
        json_out_member_u64(o, "soft", v);
        json_out_object_end(o);
}

static void process_write(struct json_out *o, const struct config *c)
{
        const struct runtime_spec *s = c->spec;
        bool root = c->user.uid == 0;

        json_out_key(o, "process");
        json_out_object(o);
        bool_write(o, "terminal", s->terminal);
        user_write(o, &c->user);
        spans_write(o, "args", s->args, s->n_args);
        spans_write(o, "env", c->env, c->n_env);
        json_out_member(o, "cwd", s->cwd.len > 0 ? s->cwd : SPAN_LIT("/"));
        json_out_key(o, "capabilities");
        json_out_object(o);
        for (size_t i = 0; i < ARRAY_LEN(capability_sets); i++) {
                /* Inheritable and ambient stay empty: what root starts as another user starts with nothing. */
                bool full = root && strcmp(capability_sets[i], "inheritable") != 0 &&
                            strcmp(capability_sets[i], "ambient") != 0;

                texts_write(o, capability_sets[i], root_capabilities, full ? ARRAY_LEN(root_capabilities) : 0);
        }
        json_out_object_end(o);
        json_out_key(o, "rlimits");
        json_out_array(o);
        rlimit_write(o, "RLIMIT_NOFILE", c->nofile_max < RUNTIME_NOFILE ? c->nofile_max : RUNTIME_NOFILE);
        /* A core dump goes to a program of the host, which would read hostile bytes as root. */
        rlimit_write(o, "RLIMIT_CORE", 0);
        json_out_array_end(o);
        bool_write(o, "noNewPrivileges", true);
        json_out_object_end(o);
}

struct mount_row {
        const char *target, *type, *source;
        const char *options[10];
};

static const struct mount_row mount_rows[] = {
    {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
    {"/dev", "tmpfs", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=65536k"}},
    {"/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
    {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
    {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
};
static const struct mount_row sys_own = {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}};
/* The kernel gives a sysfs of its own only with a network namespace of its own: else the host's, made ready by
 * mounts.c. */
static const struct mount_row sys_host = {
    "/sys", "bind", MONITOR_HOME "/sys", {"bind", "nosuid", "noexec", "nodev", "ro"}};
static const struct mount_row cgroup_row = {
    "/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}};
static const struct mount_row etc_rows[] = {
    {"/etc/hostname", "bind", MONITOR_HOME "/etc/hostname", {"bind", "nosuid", "noexec", "nodev"}},
    {"/etc/hosts", "bind", MONITOR_HOME "/etc/hosts", {"bind", "nosuid", "noexec", "nodev"}},
};
static const struct mount_row resolv_row = {
    "/etc/resolv.conf", "bind", MONITOR_HOME "/etc/resolv.conf", {"bind", "nosuid", "noexec", "nodev"}};

const char *const config_tmpfs[CONFIG_TMPFS] = {"/tmp", "/run", "/var/tmp"}; /* the second for root alone */

static void mount_write(struct json_out *o, const struct mount_row *m)
{
        size_t n = 0;

        while (n < ARRAY_LEN(m->options) && m->options[n])
                n++;
        json_out_object(o);
        json_out_member_text(o, "destination", m->target);
        json_out_member_text(o, "type", m->type);
        json_out_member_text(o, "source", m->source);
        texts_write(o, "options", m->options, n);
        json_out_object_end(o);
}

static void mounts_write(struct json_out *o, const struct config *c)
{
        const struct runtime_spec *s = c->spec;

        json_out_key(o, "mounts");
        json_out_array(o);
        for (size_t i = 0; i < ARRAY_LEN(mount_rows); i++)
                mount_write(o, &mount_rows[i]);
        mount_write(o, s->network == RUNTIME_NETWORK_HOST ? &sys_host : &sys_own);
        if (c->cgroups.kind != CGROUP_NONE)
                mount_write(o, &cgroup_row);
        for (size_t i = 0; c->etc_files && i < ARRAY_LEN(etc_rows); i++)
                mount_write(o, &etc_rows[i]);
        if (c->etc_resolv)
                mount_write(o, &resolv_row);
        /* Before the volumes, which may lie in them. Its pages count as the container's memory. */
        for (size_t i = 0; i < CONFIG_TMPFS; i++) {
                struct mount_row m = {config_tmpfs[i], "tmpfs", "tmpfs",
                    {"nosuid", "nodev", i == 1 ? "mode=0755" : "mode=1777", "tmpcopyup"}};

                if (c->tmpfs[i])
                        mount_write(o, &m);
        }
        for (size_t i = 0; i < s->n_volumes; i++) {
                const struct config_volume *v = &c->volumes[i];
                struct mount_row m = {
                    v->target, "bind", v->source, {"bind", "nosuid", "nodev", v->read_only ? "ro" : "rw"}};

                mount_write(o, &m);
        }
        json_out_array_end(o);
}

static void id_map_write(struct json_out *o, const char *key, uint32_t first)
{
        json_out_key(o, key);
        json_out_array(o);
        json_out_object(o);
        json_out_member_u64(o, "containerID", 0);
        json_out_member_u64(o, "hostID", first);
        json_out_member_u64(o, "size", RUNTIME_IDS);
        json_out_object_end(o);
        json_out_array_end(o);
}

/* A device of the container: type, major and minor of mem(4), tty(4) and pts(4); the rest is refused. */
static const struct {
        uint64_t major, minor;
        bool any_minor;
} devices[] = {{1, 3, false}, {1, 5, false}, {1, 7, false}, {1, 8, false}, {1, 9, false}, {5, 0, false}, {5, 2, false},
    {136, 0, true}};

static void devices_write(struct json_out *o)
{
        json_out_key(o, "devices");
        json_out_array(o);
        json_out_object(o);
        bool_write(o, "allow", false);
        json_out_member_text(o, "access", "rwm");
        json_out_object_end(o);
        for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
                json_out_object(o);
                bool_write(o, "allow", true);
                json_out_member_text(o, "type", "c");
                json_out_member_u64(o, "major", devices[i].major);
                if (!devices[i].any_minor)
                        json_out_member_u64(o, "minor", devices[i].minor);
                json_out_member_text(o, "access", "rwm");
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void resources_write(struct json_out *o, const struct config *c)
{
        json_out_key(o, "resources");
        json_out_object(o);
        devices_write(o);
        if (c->cgroups.memory && c->memory_max != RUNTIME_UNLIMITED) {
                json_out_key(o, "memory");
                json_out_object(o);
                json_out_member_u64(o, "limit", c->memory_max);
                if (c->cgroups.swap) /* memory and swap together */
                        json_out_member_u64(o, "swap", c->memory_max);
                json_out_object_end(o);
        }
        if (c->cgroups.pids) {
                json_out_key(o, "pids");
                json_out_object(o);
                json_out_member_u64(o, "limit", c->pids_max);
                json_out_object_end(o);
        }
        if (c->cgroups.cpu && c->spec->cpu_milli > 0) {
                json_out_key(o, "cpu");
                json_out_object(o);
                json_out_member_u64(o, "period", 100000); /* microseconds */
                json_out_member_u64(o, "quota", (uint64_t)c->spec->cpu_milli * 100);
                json_out_object_end(o);
        }
        json_out_object_end(o);
}

/* A set-user-id program left in a writable volume would be a way to host root. */
static bool set_id_denied(const struct runtime_spec *s)
{
        for (size_t i = 0; i < s->n_volumes; i++)
                if (!s->volumes[i].read_only)
                        return true;
        return false;
}

const char *runtime_seccomp_name(const struct runtime_spec *s)
{
        if (set_id_denied(s))
                return s->allow_32bit ? "default, set-id modes denied, 32-bit calls allowed"
                                      : "default, set-id modes denied";
        return s->allow_32bit ? "default, 32-bit calls allowed" : "default";
}

static void linux_write(struct json_out *o, const struct config *c)
{
        static const char *const namespaces[] = {"user", "pid", "ipc", "uts", "mount", "cgroup", "network"};
        const struct runtime_spec *s = c->spec;
        char path[64];

        json_out_key(o, "linux");
        json_out_object(o);
        json_out_key(o, "namespaces");
        json_out_array(o);
        for (size_t i = 0; i < ARRAY_LEN(namespaces) - (s->network == RUNTIME_NETWORK_HOST); i++) {
                json_out_object(o);
                json_out_member_text(o, "type", namespaces[i]);
                json_out_object_end(o);
        }
        json_out_array_end(o);
        id_map_write(o, "uidMappings", s->ids_first);
        id_map_write(o, "gidMappings", s->ids_first);
        snprintf(path, sizeof(path), CGROUP_PARENT "/%s", s->id);
        json_out_member_text(o, "cgroupsPath", path);
        resources_write(o, c);
        json_out_key(o, "seccomp");
        seccomp_write(o, set_id_denied(s), s->allow_32bit);
        texts_write(o, "maskedPaths", masked_paths, ARRAY_LEN(masked_paths));
        texts_write(o, "readonlyPaths", readonly_paths, ARRAY_LEN(readonly_paths));
        json_out_member_text(o, "rootfsPropagation", "private");
        json_out_object_end(o);
}

bool config_write(const struct config *c, struct buf *to, struct err *e)
{
        struct json_out o;

        to->max = RUNTIME_CONFIG_MAX;
        json_out_init(&o, to, 1);
        json_out_object(&o);
        json_out_member_text(&o, "ociVersion", "1.0.2");
        process_write(&o, c);
        json_out_key(&o, "root");
        json_out_object(&o);
        json_out_member_text(&o, "path", MONITOR_HOME "/rootfs");
        bool_write(&o, "readonly", c->spec->read_only);
        json_out_object_end(&o);
        json_out_member_text(&o, "hostname", c->spec->hostname ? c->spec->hostname : c->spec->id);
        mounts_write(&o, c);
        linux_write(&o, c);
        json_out_object_end(&o);
        if (to->failed)
                return err_set(e, ERR_LIMIT, "the container's configuration is above %u bytes", RUNTIME_CONFIG_MAX);
        return true;
}
