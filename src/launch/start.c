/* From an allowed image to a running container: unpack, ids, folder, record, start. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "launch/launch_priv.h"
#include "unpack/unpack.h"

#define ARGS_MAX 4096u /* words of a command line; execve's own limit is on bytes and comes later */
#define ENV_MAX 4096u

/* What is taken step by step, and given back in the reverse order when a later step fails. */
struct starting {
        struct arena *arena;
        struct launch *l;
        const struct launch_request *r;
        const struct launch_start *s;
        struct runtime_spec spec;
        char id[RUNTIME_ID_LEN + 1], owner[RUNTIME_ID_LEN + 16];
        int containers_fd, dir_fd, layers_fd;
        int *layer_fds; /* n_layers_open of them are open */
        size_t n_layers_open;
        bool ids_taken, folder_made, recorded;
};

static void starting_done(struct starting *st)
{
        for (size_t i = 0; i < st->n_layers_open; i++)
                fd_close(&st->layer_fds[i]);
        fd_close(&st->layers_fd);
        fd_close(&st->dir_fd);
        fd_close(&st->containers_fd);
        arena_free(st->arena);
}

/* The container was not started: nothing of it stays. What can't be given back is left for `rm`, never for another's use. */
#define UNDO_MS 10000u /* that a monitor whose start failed may take to end; seen: 30 */

/* False while its processes may live. */
static bool runtime_undo(struct starting *st)
{
        for (unsigned ms = 0;; ms += 20) {
                struct err why = {0};

                if (runtime_remove(st->dir_fd, st->id, &why) || why.kind != ERR_CONFLICT)
                        return true;
                if (ms >= UNDO_MS)
                        return false;
                nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        }
}

static void starting_undo(struct starting *st)
{
        struct err ignored = {0};
        int asked = file_cancel_flag;

        /* Ctrl-C is why most starts are undone: it must not stop the undoing, too. */
        file_cancel_flag = 0;
        if (st->dir_fd >= 0 && !runtime_undo(st))
                goto out; /* neither folder nor ids are anybody else's yet: `coffer rm` will do it */
        if (st->folder_made && !tree_remove(st->containers_fd, st->id, &ignored))
                goto out;
        if (st->recorded && !store_container_remove(st->r->store, span_of(st->id), &ignored))
                goto out;
        if (st->ids_taken)
                store_ids_give_back(st->r->store, st->owner, &ignored);
out:
        if (asked)
                file_cancel_flag = asked;
}

static void id_choose(struct starting *st)
{
        uint8_t random[RUNTIME_ID_LEN / 2];

        random_bytes(random, sizeof(random));
        for (size_t i = 0; i < sizeof(random); i++)
                snprintf(st->id + 2 * i, 3, "%02x", random[i]);
        snprintf(st->owner, sizeof(st->owner), "container:%s", st->id);
        st->spec.id = st->id;
}

/* Each layer verified and unpacked once; the descriptors that are mounted are those of the assessed diff ids. */
static bool layers_get(struct starting *st, struct err *e)
{
        const struct image *i = st->l->image;
        size_t lowest;

        if (i->kind == IMAGE_ROOT_FOLDER) {
                st->spec.use_root_fd = true;
                st->spec.root_fd = i->root_fd;
                return true;
        }
        if (i->n_layers > RUNTIME_LAYERS_MAX)
                return err_set(e, ERR_LIMIT, "the image has %zu layers, at most %u can run", i->n_layers, RUNTIME_LAYERS_MAX);
        if (!dir_make(st->r->root_fd, "layers", 0700, &st->layers_fd, e) ||
            !store_ids_take(st->r->store, "layers", &st->spec.layers_first, e))
                return false;
        st->layer_fds = arena_array(st->arena, i->n_layers, sizeof(int));
        for (size_t k = 0; k < i->n_layers; k++) {
                if (!unpack_layer(st->layers_fd, i, k, st->spec.layers_first, &st->layer_fds[k], e)) {
                        char name[128];
                        return err_wrap(e, "image %s", span_printable(i->name, name, sizeof(name)));
                }
                st->n_layers_open = k + 1;
        }
        /* overlayfs does not heed "opaque" on a layer's own root: what such a layer hides is left out of the mount. */
        lowest = i->n_layers;
        while (lowest > 0 && !unpack_hides_all(st->layer_fds[lowest - 1]))
                lowest--;
        lowest -= lowest > 0;
        st->spec.layer_fds = st->layer_fds + lowest;
        st->spec.n_layers = i->n_layers - lowest;
        return true;
}

/* Docker's rule: a command given replaces Cmd and keeps Entrypoint; an --entrypoint replaces both. */
static bool command_make(struct starting *st, struct err *e)
{
        const struct image *i = st->l->image;
        const struct launch_start *s = st->s;
        size_t n_entry = s->entrypoint ? (s->entrypoint[0] ? 1 : 0) : i->n_entrypoint;
        size_t n_cmd = s->n_args ? s->n_args : s->entrypoint ? 0 : i->n_cmd;
        struct span *args;

        if (n_entry + n_cmd == 0)
                return err_set(e, ERR_NOT_FOUND, "the image names no command; give one after the image");
        if (n_entry > ARGS_MAX || n_cmd > ARGS_MAX)
                return err_set(e, ERR_LIMIT, "the command has more than %u words", ARGS_MAX);
        args = arena_array(st->arena, n_entry + n_cmd, sizeof(*args));
        for (size_t k = 0; k < n_entry; k++)
                args[k] = s->entrypoint ? span_of(s->entrypoint) : i->entrypoint[k];
        for (size_t k = 0; k < n_cmd; k++)
                args[n_entry + k] = s->n_args ? span_of(s->args[k]) : i->cmd[k];
        st->spec.args = args;
        st->spec.n_args = n_entry + n_cmd;
        return true;
}

#define PATH_DEFAULT "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The image's, then the user's: of equal names the last counts, and the runtime adds what neither states (runtime.h). */
static bool environment_make(struct starting *st, struct err *e)
{
        const struct image *i = st->l->image;
        struct span *env;
        size_t n = 0;

        if (i->n_env + st->s->n_env > ENV_MAX)
                return err_set(e, ERR_LIMIT, "more than %u environment variables", ENV_MAX);
        env = arena_array(st->arena, i->n_env + st->s->n_env, sizeof(*env));
        for (size_t k = 0; k < i->n_env; k++)
                env[n++] = i->env[k];
        for (size_t k = 0; k < st->s->n_env; k++)
                env[n++] = span_of(st->s->env[k]);
        st->spec.env = env;
        st->spec.n_env = n;
        return true;
}

/* What it may reach and use: for inspect and for the ledger, where a host folder that was given away must be seen. */
static void isolation(struct json_out *o, const void *spec)
{
        const struct runtime_spec *p = spec;

        json_out_member(o, "user", p->user);
        json_out_member_text(o, "network", p->network == RUNTIME_NETWORK_HOST ? "host" : "none");
        json_out_key(o, "volumes");
        json_out_array(o);
        for (size_t i = 0; i < p->n_volumes; i++) {
                json_out_object(o);
                json_out_member_text(o, "source", p->volumes[i].source);
                json_out_member_text(o, "target", p->volumes[i].target);
                json_out_key(o, "read_only");
                json_out_bool(o, p->volumes[i].read_only);
                json_out_object_end(o);
        }
        json_out_array_end(o);
        json_out_member_u64(o, "memory_max", p->memory_max ? p->memory_max : runtime_memory_default());
        json_out_member_u64(o, "pids_max", p->pids_max ? p->pids_max : RUNTIME_PIDS_DEFAULT);
        json_out_member_u64(o, "cpu_milli", p->cpu_milli);
        json_out_key(o, "read_only");
        json_out_bool(o, p->read_only);
        json_out_key(o, "tmpfs");
        json_out_bool(o, p->tmpfs);
        json_out_key(o, "allow_32bit");
        json_out_bool(o, p->allow_32bit);
        json_out_member_text(o, "seccomp", runtime_seccomp_name(p));
        json_out_member_text(o, "runtime", p->runtime);
        json_out_member_u64(o, "ids_first", p->ids_first);
}

/* Names alone: values are where people put passwords. */
static void environment_put(struct json_out *o, const struct runtime_spec *p)
{
        json_out_key(o, "environment");
        json_out_array(o);
        for (size_t i = 0; i < p->n_env; i++) {
                struct span name, other, value;
                size_t k = 0;

                span_split(p->env[i], '=', &name, &value);
                for (; k < i; k++) {
                        span_split(p->env[k], '=', &other, &value);
                        if (span_equal(name, other))
                                break;
                }
                if (k == i)
                        json_out_string(o, name);
        }
        json_out_array_end(o);
}

static void decision_put(struct json_out *o, const struct launch *l)
{
        char text[DIGEST_TEXT_MAX];

        json_out_member_text(o, "verdict", verdict_name(l->verdict->verdict));
        json_out_member(o, "policy", l->verdict->policy);
        json_out_member_text(o, "policy_digest", digest_format(&l->verdict->policy_digest, text));
        json_out_member_text(o, "decision", l->record_hash);
}

/* How and why it was started, for inspect. */
static struct span record_make(struct starting *st, struct buf *b)
{
        const struct runtime_spec *p = &st->spec;
        struct json_out o;

        json_out_init(&o, b, 0);
        json_out_object(&o);
        json_out_key(&o, "args");
        json_out_array(&o);
        for (size_t i = 0; i < p->n_args; i++)
                json_out_string(&o, p->args[i]);
        json_out_array_end(&o);
        json_out_member(&o, "working_dir", p->cwd);
        json_out_member(&o, "stop_signal", st->l->image->stop_signal);
        isolation(&o, p);
        json_out_member_text(&o, "hostname", p->hostname ? p->hostname : st->id);
        environment_put(&o, p);
        json_out_member_u64(&o, "layers_first", p->layers_first);
        json_out_key(&o, "layers");
        json_out_array(&o);
        for (size_t i = 0; i < st->l->image->n_layers; i++) {
                char text[DIGEST_TEXT_MAX];
                json_out_text(&o, digest_format(&st->l->image->layers[i].diff_id, text));
        }
        json_out_array_end(&o);
        decision_put(&o, st->l);
        json_out_object_end(&o);
        return buf_span(b);
}

static bool record_put(struct starting *st, struct err *e)
{
        CLEANUP(buf_done) struct buf record = {0};
        CLEANUP(buf_done) struct buf command = {0};
        struct store_container c = {.id = span_of(st->id), .name = span_of(st->s->name ? st->s->name : st->id)};

        for (size_t i = 0; i < st->spec.n_args; i++) {
                if (i > 0)
                        buf_put_text(&command, " ");
                buf_put(&command, st->spec.args[i]);
        }
        c.image = st->l->image->name;
        c.image_digest = st->l->image->manifest;
        c.created_s = clock_wall_s();
        c.ids_first = st->spec.ids_first;
        c.command = span_cut(buf_span(&command), 0, 200);
        c.record = record_make(st, &record);
        if (!store_container_put(st->r->store, &c, e))
                return false;
        st->recorded = true;
        return true;
}

/* Found once: what is on record is what starts it. */
static bool program_find(struct starting *st, struct err *e)
{
        char path[PATH_MAX];

        if (!runtime_program(st->spec.runtime, path, sizeof(path), e))
                return err_wrap(e, "start the container");
        st->spec.runtime = arena_string(st->arena, span_of(path));
        return true;
}

static bool lock_shared(int fd, struct err *e)
{
        while (flock(fd, LOCK_SH) != 0)
                if (errno != EINTR || file_cancel_flag)
                        return errno == EINTR ? err_set(e, ERR_CANCELLED, "stopped on request")
                                              : err_set(e, ERR_SYSTEM, "lock containers/: %s", strerror(errno));
        return true;
}

static bool steps(struct starting *st, struct runtime_started *ret, int *ret_exit, struct err *e)
{
        if (!program_find(st, e) || !layers_get(st, e) || !command_make(st, e) || !environment_make(st, e))
                return false;
        /* The folder before the record: an `rm` in between finds and removes it, and this start fails, instead of going on
         * with ids that were given to somebody else. The folder before the ids: whose folder is empty and without a record
         * when nobody holds the lock was killed here, and `prune` gives back both. */
        if (!dir_make(st->r->root_fd, "containers", 0700, &st->containers_fd, e) || !lock_shared(st->containers_fd, e) ||
            !dir_make(st->containers_fd, st->id, 0700, &st->dir_fd, e))
                return false;
        st->folder_made = true;
        st->spec.dir_fd = st->dir_fd;
        if (!store_ids_take(st->r->store, st->owner, &st->spec.ids_first, e))
                return false;
        st->ids_taken = true;
        /* On record before it runs: whatever kills this process, no container runs that the ledger does not name. */
        if (!record_put(st, e))
                return false;
        (void)flock(st->containers_fd, LOCK_UN);
        if (!launch_record_start(st->r, st->l, st->id, isolation, &st->spec, e))
                return false;
        return runtime_start(&st->spec, ret, ret_exit, e);
}

/* Scanning works for any platform; running needs this machine's, and the kernel's own words for it are "Exec format error". */
static bool platform_fits(const struct image *i, struct err *e)
{
        static const struct {
                const char *machine, *architecture;
        } known[] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"riscv64", "riscv64"}, {"ppc64le", "ppc64le"}, {"s390x", "s390x"}};
        struct utsname u;
        char name[64];

        if (i->platform.architecture.len == 0 || uname(&u) != 0)
                return true; /* a root folder states none */
        for (size_t k = 0; k < ARRAY_LEN(known); k++)
                if (strcmp(u.machine, known[k].machine) == 0 && !span_is(i->platform.architecture, known[k].architecture))
                        return err_set(e, ERR_UNSUPPORTED, "the image is for %s, this machine is %s; choose with --platform if it has several",
                            span_printable(i->platform.architecture, name, sizeof(name)), known[k].architecture);
        return true;
}

static bool name_is_valid(const char *name, struct err *e)
{
        size_t len = strlen(name);

        if (len == 0 || len > 63 || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != len ||
            strspn(name, "_.-") > 0)
                return err_set(e, ERR_MALFORMED, "a name is 1 to 63 letters, digits, '_', '.' and '-', beginning with a letter or digit");
        return true;
}

bool launch_start(struct launch *l, const struct launch_request *r, char *ret_id, struct runtime_started *ret, int *ret_exit,
    struct err *e)
{
        CLEANUP(starting_done) struct starting st = {.l = l, .r = r, .containers_fd = -1, .dir_fd = -1, .layers_fd = -1};
        struct err ledger_error = {0};
        const struct launch_start *s;

        *ret_exit = RUNTIME_EXIT_FAILED;
        if (!launch_allowed(l) || !l->run)
                return err_set(e, ERR_DENIED, "no verdict allows this image to run");
        st.s = s = l->run->asked;
        st.spec = l->run->spec;
        if (l->image->run_obstacle.len > 0)
                return err_set(e, ERR_UNSUPPORTED, "the image asks for what can't be given to it here: %.*s",
                    SPAN_FMT(l->image->run_obstacle));
        if (!platform_fits(l->image, e) || (s->name && !name_is_valid(s->name, e)))
                return false;
        st.arena = arena_new();
        id_choose(&st);
        st.spec.user = s->user ? span_of(s->user) : l->image->user;
        st.spec.cwd = s->cwd ? span_of(s->cwd) : l->image->working_dir;
        if (!steps(&st, ret, ret_exit, e)) {
                starting_undo(&st);
                launch_record_event(r, l, "run.failed", st.id, span_of(e->text), &ledger_error);
                return false;
        }
        memcpy(ret_id, st.id, sizeof(st.id));
        launch_remote_drop(l->remote); /* its layers are unpacked: no need to keep both until the container ends */
        if (!launch_record_event(r, l, "run.started", st.id, span_of(ret->note), e)) {
                /* A container whose start is on no record must not run. */
                runtime_detach(ret);
                runtime_stop(st.dir_fd, 9, 1, &ledger_error);
                starting_undo(&st);
                return err_wrap(e, "the start could not be recorded, so the container was stopped");
        }
        return true;
}
