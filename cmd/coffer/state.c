/* What the commands share: the state folder, exit codes, output. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

const char *arg_root;
bool arg_quiet;

const struct cli_option cli_global_options[] = {
    {"root", 0, CLI_TEXT, "DIR", "state folder (else COFFER_ROOT, /var/lib/coffer as root, $XDG_DATA_HOME/coffer)", &arg_root, NULL},
    {"quiet", 'q', CLI_FLAG, NULL, "no progress and no remarks on standard error", &arg_quiet, NULL},
};
const size_t cli_n_global_options = ARRAY_LEN(cli_global_options);

int cli_exit_code(enum err_kind kind)
{
        switch (kind) {
        case ERR_NONE:
                return EXIT_CLEAN;
        case ERR_BUG:
        case ERR_KIND_COUNT:
                return EXIT_INTERNAL;
        case ERR_CANCELLED:
                return EXIT_INTERRUPTED;
        case ERR_DENIED: /* by a registry or a key's owner: what the policy refuses is a verdict, not an error */
        case ERR_MALFORMED:
        case ERR_LIMIT:
        case ERR_UNSUPPORTED:
        case ERR_UNTRUSTED:
        case ERR_NOT_FOUND:
        case ERR_CONFLICT:
        case ERR_UNAVAILABLE:
        case ERR_SYSTEM:
                return EXIT_NOT_ASSESSED;
        }
        return EXIT_INTERNAL;
}

const char *cli_remedy(const struct err *e)
{
        if (e->kind == ERR_SYSTEM && (e->os_errno == ENOSPC || e->os_errno == EDQUOT))
                return "a full disk: `coffer prune` removes what no container uses, `coffer rm` containers that have ended";
        if (e->kind == ERR_SYSTEM &&
            (e->os_errno == EROFS || (e->os_errno == EACCES && span_starts(span_of(e->text), "state folder "))))
                return "it can't be written: --root DIR names another state folder; `coffer scan --no-store` writes to none";
        return NULL;
}

int cli_fail(const struct err *e)
{
        const char *remedy = cli_remedy(e);
        char shown[ERR_TEXT_MAX];

        fprintf(stderr, "coffer: %s: %s\n", err_kind_name(e->kind), span_printable(span_of(e->text), shown, sizeof(shown)));
        if (remedy)
                fprintf(stderr, "%s\n", remedy);
        return cli_exit_code(e->kind);
}

static char root_path[4096];

const char *state_path(void)
{
        return root_path;
}

static bool root_choose(struct err *e)
{
        const char *named = arg_root ? arg_root : getenv("COFFER_ROOT");
        const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
        int n;

        if (named && named[0])
                n = snprintf(root_path, sizeof(root_path), "%s", named);
        else if (geteuid() == 0)
                n = snprintf(root_path, sizeof(root_path), "/var/lib/coffer");
        else if (data && data[0] == '/')
                n = snprintf(root_path, sizeof(root_path), "%s/coffer", data);
        else if (home && home[0] == '/')
                n = snprintf(root_path, sizeof(root_path), "%s/.local/share/coffer", home);
        else
                return err_set(e, ERR_NOT_FOUND, "no state folder: neither --root, COFFER_ROOT, XDG_DATA_HOME nor HOME is set");
        if (n < 0 || (size_t)n >= sizeof(root_path))
                return err_set(e, ERR_LIMIT, "the state folder's path is longer than %zu bytes", sizeof(root_path) - 1);
        return true;
}

/* Helpers and the OCI runtime change their working folder: they need the whole path. */
static bool root_absolute(struct err *e)
{
        char *absolute = realpath(root_path, NULL);

        if (!absolute || strlen(absolute) >= sizeof(root_path)) {
                free(absolute);
                return err_set(e, ERR_SYSTEM, "state folder %s: %s", root_path, strerror(errno));
        }
        memcpy(root_path, absolute, strlen(absolute) + 1);
        free(absolute);
        return true;
}

bool state_open(int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;

        if (!root_choose(e))
                return false;
        if (!dir_make_path(root_path, &fd, e))
                return err_wrap(e, "state folder %s", root_path);
        if (!root_absolute(e))
                return false;
        *ret_fd = TAKE_FD(fd);
        return true;
}

bool state_open_existing(int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int fd = -1;

        if (!root_choose(e))
                return false;
        fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return err_set(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_SYSTEM, "state folder %s: %s",
                    root_path, strerror(errno));
        if (!root_absolute(e))
                return false;
        *ret_fd = TAKE_FD(fd);
        return true;
}

/* A device, a pipe or a link is written to, never replaced: root must not lose its /dev/null to --output. */
static bool write_through(const char *file, struct span content, struct err *e)
{
        CLEANUP(fd_close) int fd = open(file, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);

        if (fd < 0)
                return err_set(e, ERR_SYSTEM, "--output: %s: %s", file, strerror(errno));
        return fd_write_all(fd, content, e) || err_wrap(e, "--output: %s", file);
}

bool cli_write_output(const char *file, struct span content, struct err *e)
{
        struct stat st;
        mode_t mode, mask;
        char folder[4096];
        const char *slash;
        CLEANUP(fd_close) int dir = -1;

        if (!file) {
                if (fwrite(content.at, 1, content.len, stdout) != content.len || fflush(stdout) != 0)
                        return err_set(e, ERR_SYSTEM, "standard output: %s", strerror(errno));
                return true;
        }
        if (lstat(file, &st) == 0 && !S_ISREG(st.st_mode))
                return write_through(file, content, e);
        slash = strrchr(file, '/');
        if (slash && (size_t)(slash - file) + 2 > sizeof(folder))
                return err_set(e, ERR_LIMIT, "--output: the path is too long");
        snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - file + 1) : 1, slash ? file : ".");
        dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
                return err_set(e, ERR_SYSTEM, "--output: %s: %s", folder, strerror(errno));
        if (lstat(file, &st) == 0)
                mode = st.st_mode & 0777; /* a report that was private stays so */
        else
                umask(mask = umask(0)), mode = 0666 & ~mask;
        return file_replace(dir, slash ? slash + 1 : file, content, mode, e);
}

bool cli_use_colour(void)
{
        const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

        return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

unsigned cli_width(void)
{
        struct winsize w;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
                return w.ws_col < 40 ? 40 : w.ws_col;
        return 100;
}
