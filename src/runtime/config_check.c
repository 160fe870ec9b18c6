/* The description of a container, checked before anything is touched; and its environment. */
#include <ctype.h>

#include "base/base.h"
#include "runtime/config_priv.h"

#define PATH_DEFAULT "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool list_check(const char *what, const struct span *list, size_t n, size_t *bytes, struct err *e)
{
        if (n > RUNTIME_ARGS_MAX)
                return err_set(e, ERR_LIMIT, "%zu %ss, at most %u", n, what, RUNTIME_ARGS_MAX);
        for (size_t i = 0; i < n; i++) {
                if (list[i].len > 0 && memchr(list[i].at, 0, list[i].len))
                        return err_set(e, ERR_MALFORMED, "%s %zu has a NUL byte in it", what, i + 1);
                *bytes += list[i].len + 1;
                if (*bytes > RUNTIME_ARG_BYTES_MAX)
                        return err_set(
                            e, ERR_LIMIT, "arguments and environment are above %u bytes", RUNTIME_ARG_BYTES_MAX);
                /* JSON has no other bytes, so they would reach the program changed. */
                if (!span_is_utf8(list[i]))
                        return err_set(e, ERR_UNSUPPORTED,
                            "%s %zu is not UTF-8, and an OCI configuration can't hold it", what, i + 1);
        }
        return true;
}

static bool env_check(const struct runtime_spec *s, struct err *e)
{
        for (size_t i = 0; i < s->n_env; i++) {
                size_t at;

                if (!span_find(s->env[i], '=', &at) || at == 0)
                        return err_set(e, ERR_MALFORMED, "variable %zu is not NAME=value", i + 1);
        }
        return true;
}

static bool path_check(const char *what, struct span path, struct err *e)
{
        if (path.len == 0 || path.at[0] != '/')
                return err_set(e, ERR_MALFORMED, "%s must be an absolute path", what);
        if (path.len > RUNTIME_PATH_MAX)
                return err_set(e, ERR_LIMIT, "%s is %zu bytes, at most %u", what, path.len, RUNTIME_PATH_MAX);
        if (memchr(path.at, 0, path.len) || !span_is_utf8(path))
                return err_set(e, ERR_MALFORMED, "%s is not UTF-8 without NUL bytes", what);
        return true;
}

static bool has_dotdot(struct span path)
{
        struct span part;

        while (path.len > 0) {
                span_split(path, '/', &part, &path);
                if (span_is(part, ".."))
                        return true;
        }
        return false;
}

static bool volumes_check(const struct runtime_spec *s, struct err *e)
{
        if (s->n_volumes > RUNTIME_VOLUMES_MAX)
                return err_set(e, ERR_LIMIT, "%zu volumes, at most %u", s->n_volumes, RUNTIME_VOLUMES_MAX);
        for (size_t i = 0; i < s->n_volumes; i++) {
                struct span target = span_of(s->volumes[i].target);

                if (!s->volumes[i].source || s->volumes[i].source[0] == 0)
                        return err_set(e, ERR_MALFORMED, "volume %zu has no source", i + 1);
                if (!path_check("the place of a volume in the container", target, e))
                        return false;
                if (has_dotdot(target))
                        return err_set(e, ERR_MALFORMED, "volume %s: \"..\" has no place here", s->volumes[i].target);
                if (strspn(s->volumes[i].target, "/") == target.len)
                        return err_set(e, ERR_UNSUPPORTED, "a volume can't be the container's root folder");
        }
        return true;
}

static bool hostname_check(const char *name, struct err *e)
{
        size_t n = strlen(name);

        if (n == 0 || n > RUNTIME_HOSTNAME_MAX)
                return err_set(e, ERR_LIMIT, "a host name has 1 to %u bytes", RUNTIME_HOSTNAME_MAX);
        for (size_t i = 0; i < n; i++) {
                /* RFC 1123, and the dot and underscore that people use. It is also written into etc/hosts. */
                if (!isalnum((unsigned char)name[i]) && !strchr("-._", name[i]))
                        return err_set(e, ERR_MALFORMED, "host name: letters, digits, \"-\", \".\" and \"_\" alone");
        }
        return true;
}

static bool id_check(const char *id, struct err *e)
{
        if (!id || strlen(id) != RUNTIME_ID_LEN || strspn(id, "0123456789abcdef") != RUNTIME_ID_LEN)
                return err_set(
                    e, ERR_MALFORMED, "a container's id is %u lower-case hexadecimal digits", RUNTIME_ID_LEN);
        return true;
}

static bool roots_check(const struct runtime_spec *s, struct err *e)
{
        if (s->use_root_fd ? s->n_layers != 0 : s->n_layers == 0)
                return err_set(e, ERR_MALFORMED, "a container needs layers, or one root folder");
        if (s->n_layers > RUNTIME_LAYERS_MAX)
                return err_set(e, ERR_LIMIT, "%zu layers, at most %u", s->n_layers, RUNTIME_LAYERS_MAX);
        /* The range must exist and must not be the host's own first 65,536 ids. */
        if (s->ids_first < RUNTIME_IDS || s->ids_first > UINT32_MAX - RUNTIME_IDS)
                return err_set(e, ERR_MALFORMED, "the container's ids can't begin at %u", s->ids_first);
        if (!s->use_root_fd && (s->layers_first < RUNTIME_IDS || s->layers_first > UINT32_MAX - RUNTIME_IDS))
                return err_set(e, ERR_MALFORMED, "the layers' ids can't begin at %u", s->layers_first);
        return true;
}

bool config_check(const struct runtime_spec *s, struct err *e)
{
        size_t bytes = 0;

        if (!id_check(s->id, e) || !roots_check(s, e))
                return false;
        if (s->n_args == 0 || s->args[0].len == 0)
                return err_set(e, ERR_MALFORMED, "no command: the image names none, so give one");
        if (!list_check("argument", s->args, s->n_args, &bytes, e) ||
            !list_check("variable", s->env, s->n_env, &bytes, e))
                return false;
        if (!env_check(s, e) || !volumes_check(s, e))
                return false;
        if (s->cwd.len > 0 && !path_check("the working directory", s->cwd, e))
                return false;
        if (s->hostname && !hostname_check(s->hostname, e))
                return false;
        if (s->memory_max != 0 && s->memory_max < RUNTIME_MEMORY_MIN)
                return err_set(
                    e, ERR_LIMIT, "a memory limit below %u MiB leaves no room to start", RUNTIME_MEMORY_MIN >> 20);
        if (s->detach && s->interactive && !s->terminal)
                return err_set(e, ERR_MALFORMED, "input can't be relayed to a container that runs in the background");
        return true;
}

static bool same_name(struct span a, struct span b)
{
        struct span name_a, name_b, rest;

        span_split(a, '=', &name_a, &rest);
        span_split(b, '=', &name_b, &rest);
        return span_equal(name_a, name_b);
}

static void env_set(struct span *env, size_t *n, struct span v, bool replace)
{
        for (size_t i = 0; i < *n; i++) {
                if (same_name(env[i], v)) {
                        if (replace)
                                env[i] = v;
                        return;
                }
        }
        env[(*n)++] = v;
}

void config_env(struct arena *a, const struct runtime_spec *s, const struct user *u, struct span **ret, size_t *ret_n)
{
        struct span *env = arena_array(a, s->n_env + 4, sizeof(*env));
        size_t n = 0;

        for (size_t i = 0; i < s->n_env; i++)
                env_set(env, &n, s->env[i], true);
        env_set(env, &n, SPAN_LIT(PATH_DEFAULT), false);
        env_set(env, &n, arena_printf(a, "HOSTNAME=%s", s->hostname ? s->hostname : s->id), false);
        env_set(env, &n, arena_printf(a, "HOME=%s", u->home[0] ? u->home : "/"), false);
        if (s->terminal)
                env_set(env, &n, SPAN_LIT("TERM=xterm"), false);
        *ret = env;
        *ret_n = n;
}
