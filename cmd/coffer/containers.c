#include "containers.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli.h"

#define ID_TEXT 32u /* bytes: an id is 12 digits; a damaged record must not overrun */

bool container_folder(int root_fd, struct span id, bool make, int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int all = -1;
        char name[ID_TEXT];

        if (id.len == 0 || id.len >= sizeof(name))
                return err_set(e, ERR_BUG, "a container's id has %zu bytes", id.len);
        snprintf(name, sizeof(name), "%.*s", SPAN_FMT(id));
        if (!dir_make(root_fd, "containers", 0700, &all, e))
                return false;
        if (make)
                return dir_make(all, name, 0700, ret_fd, e);
        return file_open_beneath(all, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, ret_fd, e);
}

void container_status(int dir_fd, struct span id, struct runtime_status *ret, struct err *ret_damage)
{
        char name[ID_TEXT];

        snprintf(name, sizeof(name), "%.*s", SPAN_FMT(id));
        if (runtime_status(dir_fd, ret, ret_damage) &&
            (ret->state != RUNTIME_STATE_DEAD || (runtime_reap(dir_fd, name, ret_damage) && runtime_status(dir_fd, ret, ret_damage))))
                return;
        *ret = (struct runtime_status){.state = RUNTIME_STATE_DAMAGED};
        err_wrap(ret_damage, "container %s", name);
}

void container_done(struct container *c)
{
        store_free(c->store);
        arena_free(c->arena);
        fd_close(&c->dir_fd);
        fd_close(&c->root_fd);
        *c = (struct container){.root_fd = -1, .dir_fd = -1};
}

bool container_find(const char *id_or_name, struct container *ret, struct err *e)
{
        struct container c = {.root_fd = -1, .dir_fd = -1, .arena = arena_new()};

        if (state_open(&c.root_fd, e) && store_open(c.root_fd, state_path(), &c.store, e) &&
            store_container_get(c.store, id_or_name, c.arena, &c.record, e) &&
            container_folder(c.root_fd, c.record.id, false, &c.dir_fd, e)) {
                container_status(c.dir_fd, c.record.id, &c.status, &c.damage);
                *ret = c;
                return true;
        }
        container_done(&c);
        return false;
}

bool container_remove(struct store *s, int root_fd, struct span id, struct err *e)
{
        CLEANUP(fd_close) int all = -1;
        CLEANUP(fd_close) int dir = -1;
        char name[ID_TEXT], owner[ID_TEXT + 16];

        snprintf(name, sizeof(name), "%.*s", SPAN_FMT(id));
        snprintf(owner, sizeof(owner), "container:%s", name);
        if (!dir_make(root_fd, "containers", 0700, &all, e))
                return false;
        if (container_folder(root_fd, id, false, &dir, e)) {
                if (!runtime_remove(dir, name, e) || !tree_remove(all, name, e))
                        return false;
        } else if (e->kind != ERR_NOT_FOUND) {
                return false;
        }
        /* The range last but the record: while either is there, nobody else gets the ids of files that remain. */
        return store_ids_give_back(s, owner, e) && store_container_remove(s, id, e);
}

const char *container_state_text(const struct runtime_status *s, char *out, size_t size)
{
        if (s->state == RUNTIME_STATE_EXITED)
                snprintf(out, size, "exited (%d)%s", s->status, s->oom ? " out of memory" : "");
        else
                snprintf(out, size, "%s", runtime_state_name(s->state));
        return out;
}
