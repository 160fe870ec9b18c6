/* A bill of materials in place of an image: it can be assessed, and that is all. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/launch_priv.h"

#define PREFIX "sbom:"

static bool is_of_type(const char *reference, mode_t type)
{
        struct stat st;

        return stat(reference, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

bool launch_is_sbom(const char *reference)
{
        /* No image comes through a pipe; and one must not be opened twice to find out. */
        return span_starts(span_of(reference), PREFIX) || strcmp(reference, "-") == 0 || is_of_type(reference, S_IFIFO);
}

bool launch_may_be_sbom(const char *reference)
{
        return is_of_type(reference, S_IFREG);
}

static bool open_document(const char *path, int *ret, struct err *e)
{
        struct stat st;
        int fd CLEANUP(fd_close) = -1;

        if (strcmp(path, "-") == 0) {
                fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
                if (fd < 0)
                        return err_set(e, ERR_SYSTEM, "standard input: %s", strerror(errno));
        } else if (!file_open_user(path, O_RDONLY, &fd, e)) {
                return false;
        }
        if (fstat(fd, &st) != 0)
                return err_set(e, ERR_SYSTEM, "stat: %s", strerror(errno));
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
                return err_set(e, ERR_MALFORMED, "it is neither a file nor a pipe");
        *ret = TAKE_FD(fd);
        return true;
}

static bool is_wanted(const struct launch_request *r, struct err *e)
{
        if (!r->takes_sbom)
                return err_set(e, ERR_UNSUPPORTED,
                    "it is a bill of materials: it says what an image should hold, and nothing in it can be verified "
                    "or "
                    "started; name the image, or scan this with --policy");
        if (r->secrets)
                return err_set(
                    e, ERR_UNSUPPORTED, "it is a bill of materials: no file is in it to look for secrets in");
        if (r->platform)
                return err_set(
                    e, ERR_UNSUPPORTED, "it is a bill of materials: it is of one platform, and does not say of which");
        return true;
}

bool launch_read_sbom(const struct launch_request *r, bool sure, struct launch *l, struct err *e)
{
        bool prefixed = span_starts(span_of(r->reference), PREFIX);
        const char *path = r->reference + (prefixed ? strlen(PREFIX) : 0);
        int fd CLEANUP(fd_close) = -1;

        if (sure && !is_wanted(r, e))
                return err_wrap(e, "sbom %s", path);
        if (!open_document(path, &fd, e))
                return err_wrap(e, "sbom %s", path);
        if (!inventory_of_sbom(
                fd, strcmp(path, "-") == 0 ? "standard input" : path, sure, &l->inventory, &l->sbom, e)) {
                /* One that can't be read is refused for what it is, before what is wrong with it matters. */
                if (e->kind == ERR_NOT_FOUND || sure || is_wanted(r, NULL))
                        return false;
        }
        l->is_sbom = true;
        return is_wanted(r, e) || err_wrap(e, "sbom %s", path);
}
