/* Where an open folder really lies, and that it is not Coffer's own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launch/launch_priv.h"

#define DEPTH_MAX 4096u           /* folders above one: PATH_MAX bytes name at most half as many */
#define MOUNTINFO_MAX (64u << 20) /* bytes: 100,000 mounts of 600 bytes */

struct place {
        uint64_t dev, inode, mount;
};

static bool place_read(int fd, struct place *ret)
{
        struct statx x;

        if (statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_MNT_ID, &x) != 0)
                return false;
        *ret = (struct place){makedev(x.stx_dev_major, x.stx_dev_minor), x.stx_ino, x.stx_mnt_id};
        return true;
}

static bool same_file(const struct place *a, const struct place *b)
{
        return a->dev == b->dev && a->inode == b->inode;
}

struct span launch_path_of(int fd, struct arena *a)
{
        struct open_how how = {
            .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
        char link[40], path[PATH_MAX];
        CLEANUP(fd_close) int again = -1;
        struct place is, there;
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n <= 0 || path[0] != '/')
                return (struct span){0};
        path[n] = 0;
        /* Of another mount namespace, or of a file that was deleted, the kernel tells a path that means something else here. */
        again = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
        if (again < 0 || !place_read(fd, &is) || !place_read(again, &there) || !same_file(&is, &there) ||
            is.mount != there.mount)
                return (struct span){0};
        return arena_copy(a, span_bytes(path, (size_t)n));
}

/* ---- by the folders above ---- */

struct chain {
        struct place *at;
        size_t len, cap;
};

/* From the folder itself to the root. */
static bool chain_read(int folder, struct arena *a, struct chain *ret, struct err *e)
{
        CLEANUP(fd_close) int fd = openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

        while (fd >= 0 && ret->len < DEPTH_MAX) {
                struct place here;
                int up;

                if (!place_read(fd, &here))
                        break;
                if (ret->len > 0 && same_file(&here, &ret->at[ret->len - 1]))
                        return true;
                *ARENA_PUSH(a, ret) = here;
                up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
                fd_close(&fd);
                fd = up;
        }
        return err_set(e, ERR_SYSTEM, "look at the folders above it: %s", strerror(errno));
}

static bool chain_holds(const struct chain *c, const struct place *p)
{
        for (size_t i = 0; i < c->len; i++)
                if (same_file(&c->at[i], p))
                        return true;
        return false;
}

/* ---- by what the mounts show: a folder can be bound elsewhere, and its way up then leads past the state folder ---- */

struct area { /* a folder or file in a file system, whatever it is mounted as */
        struct span dev, path;
};

struct mount {
        uint64_t id;
        struct span dev, root, point;
};

/* proc_pid_mountinfo(5): blanks, line breaks and backslashes are written as octal numbers. */
static struct span unescape(struct span s, struct arena *a)
{
        uint8_t *to = arena_alloc(a, s.len);
        size_t n = 0;

        for (size_t i = 0; i < s.len; i++) {
                uint64_t v = 0;
                bool number = s.at[i] == '\\' && i + 3 < s.len && span_to_octal(span_cut(s, i + 1, 3), &v) && v < 256;

                to[n++] = number ? (uint8_t)v : s.at[i];
                i += number ? 3 : 0;
        }
        return span_bytes(to, n);
}

static bool mount_parse(struct span line, struct arena *a, struct mount *ret)
{
        struct span f[5], rest = line;

        for (size_t i = 0; i < ARRAY_LEN(f); i++)
                if (!span_split(rest, ' ', &f[i], &rest))
                        return false;
        ret->dev = f[2];
        ret->root = unescape(f[3], a);
        ret->point = unescape(f[4], a);
        return span_to_u64(f[0], &ret->id);
}

/* What of `inner` lies below `outer`, "" when they are the same; both absolute, without links. */
static bool is_within(struct span outer, struct span inner, struct span *ret_rest)
{
        if (span_is(outer, "/"))
                outer.len = 0;
        if (inner.len < outer.len || !span_equal(span_cut(inner, 0, outer.len), outer) ||
            (inner.len > outer.len && inner.at[outer.len] != '/'))
                return false;
        *ret_rest = span_from(inner, outer.len);
        return true;
}

static bool area_of(struct span mounts, int fd, struct arena *a, struct area *ret)
{
        struct span path = launch_path_of(fd, a), line, rest;
        struct cursor c = {.rest = mounts};
        struct place here;
        struct mount m;

        if (path.len == 0 || !place_read(fd, &here))
                return false;
        while (cursor_line(&c, &line)) {
                if (!mount_parse(line, a, &m) || m.id != here.mount || !is_within(m.point, path, &rest))
                        continue;
                ret->dev = m.dev;
                ret->path = arena_printf(a, "%.*s%.*s", span_is(m.root, "/") ? 0 : (int)m.root.len,
                    (const char *)m.root.at, (int)rest.len, (const char *)rest.at);
                return true;
        }
        return false;
}

static bool areas_meet(const struct area *a, const struct area *b)
{
        struct span rest;

        return span_equal(a->dev, b->dev) && (is_within(a->path, b->path, &rest) || is_within(b->path, a->path, &rest));
}

/* Against the state folder's own area, and that of every mount in it. */
static bool mounts_meet(int state_fd, int fd, struct arena *a, bool *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        struct area own = {0}, other = {0};
        struct span path = launch_path_of(state_fd, a), line, rest;
        struct cursor c;
        struct mount m;

        *ret = false;
        if (!file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, e))
                return false;
        if (!area_of(buf_span(&text), fd, a, &other))
                return true; /* it lies nowhere that a path leads to: a mount of it is not ours */
        *ret = area_of(buf_span(&text), state_fd, a, &own) && areas_meet(&own, &other);
        c = (struct cursor){.rest = buf_span(&text)};
        while (!*ret && path.len > 0 && cursor_line(&c, &line))
                if (mount_parse(line, a, &m) && is_within(path, m.point, &rest))
                        *ret = areas_meet(&(struct area){m.dev, m.root}, &other);
        return true;
}

/* ---- both ---- */

/* The folder itself, or that of the file. */
static int folder_of(int fd, bool is_folder, struct arena *a)
{
        struct span path = is_folder ? (struct span){0} : launch_path_of(fd, a);

        if (is_folder)
                return openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        while (path.len > 0 && path.at[path.len - 1] != '/')
                path.len--;
        return path.len > 0 ? open(arena_string(a, path), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* A second name (link(2)) of what gives everything away lies anywhere. */
static bool is_own_file(int state_fd, const struct place *file)
{
        static const char *const own[] = {"coffer.db", "coffer.db-wal", "store.conf", "keys/ledger.key"};

        for (size_t i = 0; i < ARRAY_LEN(own); i++) {
                CLEANUP(fd_close) int fd = openat(state_fd, own[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
                struct place p;

                if (fd >= 0 && place_read(fd, &p) && same_file(&p, file))
                        return true;
        }
        return false;
}

bool launch_is_apart(int state_fd, int fd, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(fd_close) int folder = -1;
        struct chain state = {0}, other = {0};
        struct place here;
        struct stat st;
        bool within, holds, meets = false;

        if (fstat(fd, &st) != 0 || !place_read(fd, &here))
                return err_set(e, ERR_SYSTEM, "stat: %s", strerror(errno));
        folder = folder_of(fd, S_ISDIR(st.st_mode), a);
        if (!chain_read(state_fd, a, &state, e) || (folder >= 0 && !chain_read(folder, a, &other, e)) ||
            !mounts_meet(state_fd, fd, a, &meets, e))
                return false;
        holds = S_ISDIR(st.st_mode) && chain_holds(&state, &here);
        within = chain_holds(&other, &state.at[0]) || is_own_file(state_fd, &here);
        if (!within && !holds && !meets)
                return true;
        return err_set(e, ERR_DENIED,
            "it %s Coffer's state folder, where the ledger's key and the files of all containers lie: %s",
            same_file(&here, &state.at[0]) ? "is"
            : within                       ? "lies in"
            : holds                        ? "holds"
                                           : "is a mount of a part of, or of what holds,",
            holds && !within ? "name the folders in it that the container needs, one by one"
                             : "copy what the container needs to a folder elsewhere, and name that");
}
