/* How it is to be run: opened and chosen once, so that what is judged is what is started. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "launch/launch_priv.h"

static bool volume_open(const struct launch_request *r, struct launch_run *run, size_t i, struct err *e)
{
        const struct runtime_volume *asked = &run->asked->spec.volumes[i];
        struct policy_volume *fact = (struct policy_volume *)(uintptr_t)&run->facts.volumes[i]; /* our own array */
        struct runtime_volume *v = &run->volumes[i];

        *v = *asked;
        if (!file_open_user(asked->source, O_PATH, &v->fd, e))
                return false;
        v->use_fd = true;
        run->n_open = i + 1;
        if (!launch_is_apart(r->root_fd, v->fd, e))
                return false;
        fact->asked = span_of(asked->source);
        fact->source = launch_path_of(v->fd, run->arena);
        fact->read_only = asked->read_only;
        if (fact->source.len > 0) /* as it stands in the records from here on */
                v->source = arena_string(run->arena, fact->source);
        return true;
}

/* A name that is looked up in the system's folders, or a program anywhere: then where it really lies. */
static bool runtime_choose(struct launch_run *run, struct err *e)
{
        const char *asked = run->asked->spec.runtime;
        char *real CLEANUP(heap_freep) = NULL;

        run->facts.runtime_default = !asked;
        run->facts.runtime = span_of(asked);
        if (!asked || !strchr(asked, '/'))
                return true;
        real = realpath(asked, NULL);
        if (!real)
                return err_set(
                    e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "OCI runtime %s: %s", asked, strerror(errno));
        run->spec.runtime = arena_string(run->arena, span_of(real));
        run->facts.runtime = span_of(run->spec.runtime);
        return true;
}

static void limits_choose(struct launch_run *run)
{
        struct runtime_spec *p = &run->spec;
        struct runtime_limits limits;

        runtime_limits_read(&limits);
        if (p->memory_max == 0)
                p->memory_max = limits.memory_default;
        if (p->pids_max == 0)
                p->pids_max = RUNTIME_PIDS_DEFAULT;
        run->facts.memory = (struct policy_limit){p->memory_max, limits.memory};
        run->facts.pids = (struct policy_limit){p->pids_max, limits.pids};
        run->facts.cpus = (struct policy_limit){p->cpu_milli, limits.cpus};
}

static void names_list(struct launch_run *run)
{
        struct span *names = arena_array(run->arena, run->asked->n_env, sizeof(*names)), value;

        for (size_t i = 0; i < run->asked->n_env; i++)
                span_split(span_of(run->asked->env[i]), '=', &names[i], &value);
        run->facts.variables = names;
        run->facts.n_variables = run->asked->n_env;
}

bool launch_run_open(const struct launch_request *r, struct launch_run **ret, struct err *e)
{
        struct launch_run *run = heap_alloc(sizeof(*run));
        size_t n = r->start->spec.n_volumes;

        *ret = run; /* the launch owns it from here on, whatever happens */
        run->arena = arena_new();
        run->asked = r->start;
        run->spec = r->start->spec;
        run->volumes = arena_array(run->arena, n, sizeof(*run->volumes));
        run->facts = (struct policy_run){
            .state = POLICY_RUN_ASKED,
            .network = run->spec.network == RUNTIME_NETWORK_NONE ? POLICY_NETWORK_NONE : POLICY_NETWORK_HOST,
            .volumes = arena_array(run->arena, n, sizeof(struct policy_volume)),
            .n_volumes = n,
            .read_only = run->spec.read_only,
            .no_32bit = !run->spec.allow_32bit,
        };
        for (size_t i = 0; i < n; i++)
                if (!volume_open(r, run, i, e))
                        return err_wrap(e, "-v %s", r->start->spec.volumes[i].source);
        run->spec.volumes = run->volumes;
        limits_choose(run);
        names_list(run);
        return runtime_choose(run, e);
}

void launch_run_facts(struct launch_run *run, const struct image *i)
{
        const struct launch_start *s = run->asked;
        struct span user = s->user ? span_of(s->user) : i->user, who, group;
        uint64_t uid = 0;

        span_split(user, ':', &who, &group);
        run->facts.user = user;
        /* As the runtime reads it: nothing is root, digits are a number, and all else is explained by the image. */
        run->facts.uid_known = who.len == 0 || (span_to_u64(who, &uid) && uid <= UINT32_MAX);
        run->facts.uid = (uint32_t)uid;
        run->facts.command_of_image = s->n_args == 0 && !s->entrypoint;
}

void launch_run_free(struct launch_run *run)
{
        if (!run)
                return;
        for (size_t i = 0; i < run->n_open; i++)
                fd_close(&run->volumes[i].fd);
        arena_free(run->arena);
        free(run);
}
