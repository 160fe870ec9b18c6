#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "runtime/trees_priv.h"

static bool tree_open(int fd, int *ret, struct err *e)
{
        int tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

        if (tree < 0 && errno == ENOSYS)
                return err_set(e, ERR_UNSUPPORTED, "open_tree is missing; Linux 5.19 or newer is needed");
        if (tree < 0)
                return err_set(e, ERR_SYSTEM, "open_tree: %s", strerror(errno));
        *ret = tree;
        return true;
}

static bool volume_open(const struct runtime_volume *v, struct trees *t, struct err *e)
{
        int own CLEANUP(fd_close) = -1;
        int fd = v->fd;
        struct stat st;

        if (!v->use_fd && !file_open_user(v->source, O_PATH, &own, e))
                return false;
        if (!v->use_fd)
                fd = own;
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat %s: %s", v->source, strerror(errno));
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return err_set(e, ERR_UNSUPPORTED, "%s is neither a folder nor a file", v->source);
        if (!tree_open(fd, &t->volumes[t->n_volumes], e))
                return false;
        t->volume_is_file[t->n_volumes++] = !S_ISDIR(st.st_mode);
        return true;
}

static bool all_open(const struct runtime_spec *s, struct trees *t, struct err *e)
{
        size_t n = s->use_root_fd ? 1 : s->n_layers;

        if (!tree_open(s->dir_fd, &t->bundle, e))
                return err_wrap(e, "the container's folder");
        for (size_t i = 0; i < n; i++) {
                if (!tree_open(s->use_root_fd ? s->root_fd : s->layer_fds[i], &t->layers[i], e))
                        return err_wrap(e, s->use_root_fd ? "the root folder" : "layer %zu", i);
                t->n_layers++;
        }
        for (size_t i = 0; i < s->n_volumes; i++) {
                if (!volume_open(&s->volumes[i], t, e))
                        return err_wrap(e, "volume %s", s->volumes[i].target);
        }
        return true;
}

bool trees_open(const struct runtime_spec *s, struct trees *t, struct err *e)
{
        *t = (struct trees){.bundle = -1};
        if (all_open(s, t, e))
                return true;
        trees_close(t);
        return false;
}

void trees_close(struct trees *t)
{
        fd_close(&t->bundle);
        t->bundle = -1;
        for (size_t i = 0; i < t->n_layers; i++)
                close(t->layers[i]);
        for (size_t i = 0; i < t->n_volumes; i++)
                close(t->volumes[i]);
        t->n_layers = t->n_volumes = 0;
}
