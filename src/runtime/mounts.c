#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/mounts_priv.h"

#define HOME_SIZE "size=8m,nr_inodes=4096,mode=0755" /* the OCI runtime's state and a few files: some 30 KiB */
#define CONTROLLERS CGROUP_MOUNT "/unified/cgroup.controllers"

static bool folder(const char *path, mode_t mode, struct err *e)
{
        if (mkdir(path, mode) != 0 && errno != EEXIST)
                return err_set(e, ERR_SYSTEM, "make folder %s: %s", path, strerror(errno));
        return true;
}

bool mounts_home(bool hide_controllers, struct err *e)
{
        /* Slave, not private: a disk that the host unmounts goes away here too instead of staying busy. */
        if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
                return err_set(e, ERR_SYSTEM, "make mounts private: %s", strerror(errno));
        if (!folder(MONITOR_HOME, 0755, e))
                return false;
        if (mount("coffer", MONITOR_HOME, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, HOME_SIZE) != 0)
                return err_set(e, ERR_SYSTEM, "mount a tmpfs on %s: %s", MONITOR_HOME, strerror(errno));
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
                return err_set(e, ERR_SYSTEM, "mount /proc: %s", strerror(errno));
        /*
         * crun refuses a version 2 tree that has controllers beside version 1. None of them is used here, so that
         * inside this mount namespace the list reads as empty; on the host nothing changes.
         */
        if (hide_controllers && mount("/dev/null", CONTROLLERS, NULL, MS_BIND, NULL) != 0)
                return err_set(e, ERR_SYSTEM, "hide %s: %s", CONTROLLERS, strerror(errno));
        return true;
}

/* Attaches an unattached mount at `target`, with ids translated by `idmap_fd` (-1: as they are). */
static bool attach(int tree, int idmap_fd, uint64_t attributes, const char *target, struct err *e)
{
        struct mount_attr attr = {.attr_set = attributes};

        if (idmap_fd >= 0) {
                attr.attr_set |= MOUNT_ATTR_IDMAP;
                attr.userns_fd = (uint64_t)idmap_fd;
        }
        if (attr.attr_set != 0 && mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) != 0)
                return err_set(e, idmap_fd >= 0 && (errno == EINVAL || errno == ENOSYS) ? ERR_UNSUPPORTED : ERR_SYSTEM,
                    "mount_setattr: %s", strerror(errno));
        if (move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) != 0)
                return err_set(e, ERR_SYSTEM, "move_mount to %s: %s", target, strerror(errno));
        return true;
}

static bool layer_mount(int tree, int idmap_fd, size_t i, struct err *e)
{
        char target[64];

        snprintf(target, sizeof(target), MONITOR_HOME "/layers/%zu", i);
        if (!folder(target, 0755, e))
                return false;
        if (attach(tree, idmap_fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, target, e))
                return true;
        if (e->kind == ERR_UNSUPPORTED)
                return err_set(e, ERR_UNSUPPORTED,
                    "the file system of the layers can't be mounted with translated ids; Linux 5.19 or newer and ext4, "
                    "xfs, "
                    "btrfs or tmpfs are needed");
        return err_wrap(e, "layer %zu", i);
}

/* Highest first. Names are numbers relative to the folder: 128 layers fit in the page that mount(2) takes. */
static bool overlay_mount(size_t n_layers, struct err *e)
{
        struct buf o CLEANUP(buf_done) = {.max = 4095};
        int back CLEANUP(fd_close) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool ok;

        buf_put_text(&o, "userxattr,index=off,upperdir=../bundle/upper,workdir=../bundle/work,lowerdir=");
        for (size_t i = n_layers; i > 0; i--)
                buf_printf(&o, "%zu%s", i - 1, i > 1 ? ":" : "");
        buf_put_u8(&o, 0);
        if (o.failed)
                return err_set(e, ERR_LIMIT, "%zu layers are too many for one mount", n_layers);
        if (back < 0 || chdir(MONITOR_HOME "/layers") != 0)
                return err_set(e, ERR_SYSTEM, "enter %s/layers: %s", MONITOR_HOME, strerror(errno));
        ok = mount("coffer", "../rootfs", "overlay", MS_NODEV | MS_NOSUID, o.at) == 0;
        if (!ok)
                err_set(e, errno == EINVAL || errno == ENODEV ? ERR_UNSUPPORTED : ERR_SYSTEM,
                    "mount the root file system (overlay of %zu layers): %s; Linux 5.19 or newer is needed%s", n_layers,
                    strerror(errno), errno == EINVAL ? ", and a state folder that is no overlay itself" : "");
        if (fchdir(back) != 0 && ok)
                return err_set(e, ERR_SYSTEM, "enter /: %s", strerror(errno));
        return ok;
}

static bool writable_layer(int dir_fd, uint32_t owner, struct err *e)
{
        int upper CLEANUP(fd_close) = -1;
        int work CLEANUP(fd_close) = -1;

        if (!dir_make(dir_fd, "upper", 0755, &upper, e) || !dir_make(dir_fd, "work", 0700, &work, e))
                return false;
        if (fchown(upper, owner, owner) != 0 || fchown(work, owner, owner) != 0)
                return err_set(e, ERR_SYSTEM, "give the writable layer to the container: %s", strerror(errno));
        return true;
}

static bool root_mount(const struct runtime_spec *s, const struct trees *t, struct err *e)
{
        int idmap CLEANUP(fd_close) = -1;

        if (!folder(MONITOR_HOME "/layers", 0700, e) || !folder(MONITOR_HOME "/rootfs", 0755, e) ||
            !folder(MONITOR_HOME "/bundle", 0700, e))
                return false;
        if (!writable_layer(s->dir_fd, s->ids_first, e) || !attach(t->bundle, -1, 0, MONITOR_HOME "/bundle", e))
                return err_wrap(e, "the container's folder");
        if (!idmap_open(s->use_root_fd ? 0 : s->layers_first, s->ids_first, &idmap, e))
                return false;
        for (size_t i = 0; i < t->n_layers; i++) {
                if (!layer_mount(t->layers[i], idmap, i, e))
                        return false;
        }
        return overlay_mount(t->n_layers, e);
}

static bool volume_target(const char *path, bool file, struct err *e)
{
        int fd CLEANUP(fd_close) = -1;

        if (!file)
                return folder(path, 0755, e);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "make %s: %s", path, strerror(errno));
        return true;
}

static bool volume_mount(
    const struct runtime_volume *v, int tree, int idmap_fd, struct config_volume *to, struct mounts *m, struct err *e)
{
        uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (v->read_only ? MOUNT_ATTR_RDONLY : 0);
        size_t len = strlen(m->note);

        to->target = v->target;
        to->read_only = v->read_only;
        if (attach(tree, idmap_fd, attributes, to->source, e))
                return true;
        if (e->kind != ERR_UNSUPPORTED)
                return false;
        snprintf(m->note + len, sizeof(m->note) - len,
            "%svolume %s: its file system can't translate ids, so its files belong to nobody in the container",
            len ? "; " : "", v->target);
        return attach(tree, -1, attributes, to->source, e);
}

static bool volumes_mount(
    const struct runtime_spec *s, const struct trees *t, struct arena *a, struct mounts *m, struct err *e)
{
        int idmap CLEANUP(fd_close) = -1;

        m->volumes = arena_array(a, s->n_volumes, sizeof(*m->volumes));
        if (s->n_volumes == 0)
                return true;
        if (!folder(MONITOR_HOME "/volumes", 0755, e) || !idmap_open(0, s->ids_first, &idmap, e))
                return false;
        for (size_t i = 0; i < s->n_volumes; i++) {
                struct config_volume *to = &m->volumes[i];

                snprintf(to->source, sizeof(to->source), MONITOR_HOME "/volumes/%zu", i);
                if (!volume_target(to->source, t->volume_is_file[i], e) ||
                    !volume_mount(&s->volumes[i], t->volumes[i], idmap, to, m, e))
                        return err_wrap(e, "volume %s", s->volumes[i].target);
        }
        return true;
}

static bool etc_write(const char *name, struct span content, uint32_t owner, struct err *e)
{
        char path[64];
        int fd CLEANUP(fd_close) = -1;

        snprintf(path, sizeof(path), MONITOR_HOME "/etc/%s", name);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || fchown(fd, owner, owner) != 0 || fchmod(fd, 0644) != 0)
                return err_set(e, ERR_SYSTEM, "make %s: %s", path, strerror(errno));
        return fd_write_all(fd, content, e);
}

/* hosts(5) and hostname(5), and with the host's network its resolv.conf(5). They live as long as the container. */
static bool etc_make(const struct runtime_spec *s, struct mounts *m, struct err *e)
{
        struct buf b CLEANUP(buf_done) = {0};
        const char *hostname = s->hostname ? s->hostname : s->id;

        if (!folder(MONITOR_HOME "/etc", 0755, e))
                return false;
        buf_printf(&b, "%s\n", hostname);
        if (!etc_write("hostname", buf_span(&b), s->ids_first, e))
                return false;
        buf_clear(&b);
        buf_printf(&b, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t%s\n", hostname);
        if (!etc_write("hosts", buf_span(&b), s->ids_first, e))
                return false;
        if (s->network != RUNTIME_NETWORK_HOST || !file_read(AT_FDCWD, "/etc/resolv.conf", 1u << 16, &b, NULL))
                return true;
        m->etc_resolv = true;
        return etc_write("resolv.conf", buf_span(&b), s->ids_first, e);
}

/* The host's /sys, without what is mounted below it: a copy that the OCI runtime may bind from a user namespace. */
static bool sys_mount(struct err *e)
{
        int tree CLEANUP(fd_close) = open_tree(AT_FDCWD, "/sys", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        if (tree < 0)
                return err_set(e, ERR_SYSTEM, "copy the mount of /sys: %s", strerror(errno));
        return folder(MONITOR_HOME "/sys", 0755, e) &&
               attach(tree, -1, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                   MONITOR_HOME "/sys", e);
}

/* Links and ".." stay inside the container's root; magic links of a /proc that an image may bring are refused. */
static int open_inside(int rootfs_fd, const char *path, int flags)
{
        struct open_how how = {
            .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

        return (int)syscall(SYS_openat2, rootfs_fd, path, &how, sizeof(how));
}

/* What Coffer mounts itself: a volume there would have the OCI runtime write device nodes into a folder of the host. */
static bool is_own_place(const char *path)
{
        static const char *const own[] = {"/proc", "/sys", "/dev"};

        for (size_t i = 0; i < ARRAY_LEN(own); i++) {
                size_t n = strlen(own[i]);
                if (strncmp(path, own[i], n) == 0 && (path[n] == 0 || path[n] == '/'))
                        return true;
        }
        return false;
}

/* The path of an open descriptor, as seen from here. */
static bool fd_path(int fd, char *ret, size_t size, struct err *e)
{
        char link[40];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, ret, size - 1);
        if (n < 0)
                return err_set(e, ERR_SYSTEM, "read %s: %s", link, strerror(errno));
        ret[n] = 0;
        return true;
}

/*
 * Where `target` really is once the image's own symbolic links are followed: an image may link /data to /dev. What does
 * not exist yet is made below its last folder that does.
 */
static bool volume_place_check(int rootfs_fd, const char *target, struct arena *a, const char **ret, struct err *e)
{
        char path[RUNTIME_PATH_MAX + 2], root[RUNTIME_PATH_MAX], real[2 * RUNTIME_PATH_MAX + 2];
        size_t len = (size_t)snprintf(path, sizeof(path), ".%s", target), end = len;

        if (!fd_path(rootfs_fd, root, sizeof(root), e))
                return false;
        for (;;) {
                int fd CLEANUP(fd_close) = open_inside(rootfs_fd, path, O_PATH);
                int link CLEANUP(fd_close) = -1;
                size_t n;
                if (fd >= 0) {
                        if (!fd_path(fd, real, RUNTIME_PATH_MAX, e))
                                return false;
                        if (strncmp(real, root, strlen(root)) != 0)
                                return err_set(e, ERR_MALFORMED, "its place in the image leads out of the image");
                        n = strlen(real);
                        snprintf(real + n, sizeof(real) - n, "%s", target + end - 1);
                        if (is_own_place(real + strlen(root)) || is_own_place(target))
                                return err_set(e, ERR_UNSUPPORTED,
                                    "a volume can't be in /proc, /sys or /dev, nor where the image links there");
                        *ret = arena_string(a, span_of(real + strlen(root)));
                        return true;
                }
                if (errno != ENOENT && errno != ENOTDIR)
                        return err_set(e, ERR_MALFORMED, "its place in the image: %s", strerror(errno));
                link = open_inside(rootfs_fd, path, O_PATH | O_NOFOLLOW);
                if (link >= 0)
                        return err_set(
                            e, ERR_MALFORMED, "its place is a symbolic link of the image that leads nowhere");
                while (end > 1 && path[end - 1] != '/')
                        end--;
                while (end > 1 && path[end - 1] == '/')
                        end--;
                path[end] = 0;
        }
}

/* What of `inner` lies below `outer`, both absolute; NULL when it doesn't. Empty parts and "." don't count. */
static const char *below(const char *outer, const char *inner)
{
        for (;;) {
                size_t n;

                while (*outer == '/' || (*outer == '.' && (outer[1] == '/' || outer[1] == 0)))
                        outer++;
                while (*inner == '/' || (*inner == '.' && (inner[1] == '/' || inner[1] == 0)))
                        inner++;
                if (*outer == 0)
                        return *inner ? inner : NULL;
                n = strcspn(outer, "/");
                if (strncmp(outer, inner, n) != 0 || (inner[n] != 0 && inner[n] != '/'))
                        return NULL;
                outer += n;
                inner += n;
        }
}

/*
 * A volume whose place lies in an earlier volume: that one's content is the host's, or of a container that had it before, and
 * the image was looked at without it. A link there could lead anywhere in the container, to its /dev or /proc above all.
 */
static bool volume_within_check(
    const struct runtime_spec *s, const struct mounts *m, const char *const *places, size_t i, struct err *e)
{
        struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

        for (size_t k = 0; k < i; k++) {
                const char *rest = below(places[k], places[i]); /* over the image's own links */
                int outer CLEANUP(fd_close) = -1;
                int fd CLEANUP(fd_close) = -1;

                if (!rest)
                        rest = below(s->volumes[k].target, s->volumes[i].target);
                if (!rest)
                        continue;
                outer = open(m->volumes[k].source, O_PATH | O_CLOEXEC);
                if (outer < 0)
                        return err_set(e, ERR_SYSTEM, "open volume %s: %s", s->volumes[k].target, strerror(errno));
                fd = (int)syscall(SYS_openat2, outer, rest, &how, sizeof(how));
                if (fd < 0 && errno != ENOENT)
                        return err_set(e, errno == ELOOP || errno == EXDEV ? ERR_UNSUPPORTED : ERR_SYSTEM,
                            "its place in the volume %s %s", s->volumes[k].target,
                            errno == ELOOP || errno == EXDEV
                                ? "goes over a symbolic link: remove it, or mount it elsewhere"
                                : strerror(errno));
        }
        return true;
}

/*
 * Places for tmpfs: folders, or nothing yet, each its own. Where the image has a link to elsewhere, or a volume was asked for,
 * there is none: a link to /proc would hide the container's.
 */
static void tmpfs_choose(const struct runtime_spec *s, const char *const *volumes, struct arena *a, struct mounts *m)
{
        const char *places[CONFIG_TMPFS] = {0};

        for (size_t i = 0; s->tmpfs && i < CONFIG_TMPFS; i++) {
                int fd CLEANUP(fd_close) = open_inside(m->rootfs_fd, config_tmpfs[i], O_PATH);
                struct stat st;
                bool wanted = volume_place_check(m->rootfs_fd, config_tmpfs[i], a, &places[i], NULL) &&
                              strcmp(places[i], "/") != 0 && places[i][0] != 0 &&
                              (fd < 0 || (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)));

                for (size_t k = 0; wanted && k < s->n_volumes; k++)
                        wanted =
                            strcmp(places[i], volumes[k]) != 0 && strcmp(config_tmpfs[i], s->volumes[k].target) != 0;
                for (size_t k = 0; wanted && k < i; k++)
                        wanted = !m->tmpfs[k] || strcmp(places[i], places[k]) != 0;
                m->tmpfs[i] = wanted;
        }
}

bool mounts_make(
    const struct runtime_spec *s, const struct trees *t, struct arena *a, struct mounts *ret, struct err *e)
{
        struct mounts m = {.rootfs_fd = -1};

        if (!root_mount(s, t, e) || !volumes_mount(s, t, a, &m, e) || !etc_make(s, &m, e))
                return false;
        if (s->network == RUNTIME_NETWORK_HOST && !sys_mount(e))
                return false;
        m.rootfs_fd = open(MONITOR_HOME "/rootfs", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (m.rootfs_fd < 0)
                return err_set(e, ERR_SYSTEM, "open the root file system: %s", strerror(errno));
        const char **places = arena_array(a, s->n_volumes, sizeof(*places));
        for (size_t i = 0; i < s->n_volumes; i++) {
                if (!volume_place_check(m.rootfs_fd, s->volumes[i].target, a, &places[i], e) ||
                    !volume_within_check(s, &m, places, i, e)) {
                        fd_close(&m.rootfs_fd);
                        return err_wrap(e, "volume %s", s->volumes[i].target);
                }
        }
        tmpfs_choose(s, places, a, &m);
        *ret = m;
        return true;
}

bool mounts_file_read(int rootfs_fd, const char *path, size_t max, struct buf *ret, struct err *e)
{
        int fd CLEANUP(fd_close) = open_inside(rootfs_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        size_t n = 0;
        uint8_t *to;

        buf_clear(ret);
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO))
                return true;
        if (fd < 0 || fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "open the container's /%s: %s", path, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return true;
        if ((uint64_t)st.st_size > max)
                return err_set(e, ERR_LIMIT, "the container's /%s is above %zu bytes", path, max);
        to = buf_reserve(ret, (size_t)st.st_size + 1);
        if (!to || !fd_read_full(fd, to, (size_t)st.st_size, &n, e))
                return err_wrap(e, "read the container's /%s", path);
        ret->len += n;
        return true;
}

/* One more part: `path` holds the parts so far, all of which exist, and the new one after `parent_len` bytes. */
static bool part_make(int rootfs_fd, char *path, size_t parent_len, uint32_t owner, struct err *e)
{
        int fd CLEANUP(fd_close) = open_inside(rootfs_fd, path, O_PATH | O_DIRECTORY);
        int parent CLEANUP(fd_close) = -1;
        const char *name = path + parent_len + (parent_len > 0);
        char kept = path[parent_len];

        if (fd >= 0)
                return true;
        if (errno != ENOENT)
                return err_set(e, ERR_SYSTEM, "working directory /%s: %s", path, strerror(errno));
        path[parent_len] = 0;
        parent = open_inside(rootfs_fd, parent_len ? path : ".", O_PATH | O_DIRECTORY);
        path[parent_len] = kept;
        if (parent < 0 || mkdirat(parent, name, 0755) != 0 ||
            fchownat(parent, name, owner, owner, AT_SYMLINK_NOFOLLOW) != 0)
                return err_set(e, ERR_SYSTEM, "make the working directory /%s: %s", path, strerror(errno));
        return true;
}

bool mounts_folder_make(int rootfs_fd, struct span path, uint32_t owner, struct err *e)
{
        char at[RUNTIME_PATH_MAX + 2];
        struct span part;
        size_t len = 0;

        while (path.len > 0) {
                size_t parent_len = len;

                span_split(path, '/', &part, &path);
                if (part.len == 0 || span_is(part, "."))
                        continue;
                if (part.len > NAME_MAX || len + part.len + 2 > sizeof(at))
                        return err_set(e, ERR_LIMIT, "the working directory's name is too long");
                if (len > 0)
                        at[len++] = '/';
                memcpy(at + len, part.at, part.len);
                len += part.len;
                at[len] = 0;
                if (!part_make(rootfs_fd, at, parent_len, owner, e))
                        return false;
        }
        return true;
}
