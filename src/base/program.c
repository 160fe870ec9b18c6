#include <errno.h>
#include <unistd.h>

#include "coffer_build.h"
#include "base/base.h"

static bool path_join(const char *dir, size_t dir_len, const char *name, char *out, size_t size)
{
        int n = snprintf(out, size, "%.*s/%s", (int)dir_len, dir, name);

        return n > 0 && (size_t)n < size;
}

/* The folder of the running program, without its slash; 0 when it can't be told. */
static size_t own_folder(char *out, size_t size)
{
        ssize_t n = readlink("/proc/self/exe", out, size - 1);

        if (n <= 0 || (size_t)n >= size - 1)
                return 0;
        out[n] = 0;
        char *slash = strrchr(out, '/');
        return slash ? (size_t)(slash - out) : 0;
}

static bool is_name(const char *name)
{
        return name[0] != 0 && name[0] != '.' && !strchr(name, '/');
}

bool program_path(const char *name, char *ret_path, size_t size, struct err *e)
{
        const char *chosen = secure_getenv("COFFER_LIBEXEC");
        char own[4096] = "", path[4096];
        size_t own_len;

        if (!is_name(name))
                return err_set(e, ERR_BUG, "\"%s\" is no name of a helper program", name);
        if (chosen && *chosen) {
                if (*chosen != '/')
                        return err_set(
                            e, ERR_UNSUPPORTED, "COFFER_LIBEXEC is \"%s\": it must be an absolute path", chosen);
                if (!path_join(chosen, strnlen(chosen, sizeof(path)), name, path, sizeof(path)) ||
                    access(path, X_OK) != 0)
                        return err_set(e, ERR_UNSUPPORTED, "%s is not in %s, which COFFER_LIBEXEC names", name, chosen);
        } else {
                own_len = own_folder(own, sizeof(own));
                bool beside =
                    own_len > 0 && path_join(own, own_len, name, path, sizeof(path)) && access(path, X_OK) == 0;
                if (!beside &&
                    (!path_join(COFFER_LIBEXECDIR, sizeof(COFFER_LIBEXECDIR) - 1, name, path, sizeof(path)) ||
                        access(path, X_OK) != 0))
                        return err_set(e, ERR_UNSUPPORTED,
                            "%s is neither in %.*s nor in %s: install it, or name its folder in COFFER_LIBEXEC", name,
                            (int)own_len, own, COFFER_LIBEXECDIR);
        }
        if (strlen(path) >= size)
                return err_set(e, ERR_LIMIT, "the path of %s has %zu bytes, at most %zu", name, strlen(path), size - 1);
        memcpy(ret_path, path, strlen(path) + 1);
        return true;
}
