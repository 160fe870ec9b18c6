#include "database.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "store/store.h"

bool database_folder(int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int root = -1;

        return state_open(&root, e) && dir_make(root, "advisory", 0755, ret_fd, e);
}

/* All of them write the same temporary name: without the lock one could install what another has half copied. */
bool database_folder_lock(int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;

        if (!database_folder(&dir, e))
                return false;
        if (flock(dir, LOCK_EX | LOCK_NB) != 0)
                return err_set(e, errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_SYSTEM, "%s/advisory: %s", state_path(),
                    errno == EWOULDBLOCK ? "another coffer is making a database; wait for it" : strerror(errno));
        *ret_fd = TAKE_FD(dir);
        return true;
}

bool database_folder_existing(int *ret_fd, struct err *e)
{
        CLEANUP(fd_close) int root = -1;

        if (!state_open_existing(&root, e))
                return false;
        *ret_fd = openat(root, "advisory", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (*ret_fd < 0)
                return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "%s/advisory: %s", state_path(), strerror(errno));
        return true;
}

bool database_open(struct advisory_db **ret, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;

        if (!database_folder_existing(&dir, e))
                return e->kind == ERR_NOT_FOUND && state_path()[0]
                           ? err_set(e, ERR_NOT_FOUND, "no advisory database in %s; make one: coffer db build SOURCE...", state_path())
                           : false;
        /* Twice: the file that the link named may be replaced and removed between following the link and opening it. */
        for (int i = 0; i < 2; i++) {
                if (advisory_db_open(dir, "current", ret, e))
                        return true;
                if (e->kind != ERR_NOT_FOUND || faccessat(dir, "current", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
                        break;
        }
        if (e->kind == ERR_NOT_FOUND)
                return err_set(e, ERR_NOT_FOUND, "no advisory database in %s; make one: coffer db build SOURCE...", state_path());
        return err_wrap(e, "advisory database %s/advisory/current", state_path());
}

/* What the next `coffer reassess` compares with, and is not to be removed. */
struct needed {
        char present[DIGEST_TEXT_MAX], fleet[DIGEST_TEXT_MAX];
        struct {
                char hex[DIGEST_TEXT_MAX];
                int64_t since_s;
        } own[DATABASES_KEPT]; /* that single images were scanned with since the last time; the newest */
        size_t n_own;
};

static bool is_unused(const char *file, const struct needed *n)
{
        if (strspn(file, "0123456789abcdef") != 64 ||
            (file[64] != '\0' && strcmp(file + 64, SIGNATURE_END) != 0 && strcmp(file + 64, ".partial") != 0))
                return false;
        for (size_t i = 0; i < n->n_own; i++)
                if (strncmp(file, n->own[i].hex, 64) == 0)
                        return false;
        return strncmp(file, n->present, 64) != 0 && strncmp(file, n->fleet, 64) != 0;
}

/*
 * Files of databases that nobody needs any more: neither the present one nor what images were last matched with. One that
 * another process has mapped stays whole for it.
 */
static void remove_unused(int dir_fd, const struct needed *n)
{
        CLEANUP(fd_close) int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
        DIR *d = fd < 0 ? NULL : fdopendir(fd);

        if (!d)
                return;
        (void)TAKE_FD(fd);
        rewinddir(d);
        for (struct dirent *entry; (entry = readdir(d));)
                if (is_unused(entry->d_name, n))
                        unlinkat(dir_fd, entry->d_name, 0);
        closedir(d);
}

/* In place of the oldest, if it is newer. */
static void own_add(struct needed *n, const char *hex, int64_t since_s)
{
        size_t at = n->n_own;

        if (at == DATABASES_KEPT) {
                at = 0;
                for (size_t i = 1; i < n->n_own; i++)
                        if (n->own[i].since_s < n->own[at].since_s)
                                at = i;
                if (n->own[at].since_s >= since_s)
                        return;
        } else {
                n->n_own++;
        }
        snprintf(n->own[at].hex, sizeof(n->own[at].hex), "%s", hex);
        n->own[at].since_s = since_s;
}

/* An image that was matched with an older one than all images is compared with theirs just as well: nothing else concerned it since. */
static bool own_find(struct store *s, int dir_fd, struct needed *n, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span *matched;
        int64_t since_s;
        size_t n_matched;

        if (!store_fleet_since(s, a, &matched, &n_matched, &since_s, e))
                return false;
        for (size_t i = 0; i < n_matched; i++) {
                char hex[DIGEST_TEXT_MAX];
                struct digest d;
                struct stat st;

                if (digest_parse(matched[i], &d, NULL) &&
                    fstatat(dir_fd, digest_hex(&d, hex), &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime >= since_s)
                        own_add(n, hex, st.st_mtime);
        }
        return true;
}

/* Which database the next `coffer reassess` compares with: the one it used last, else the one that goes now. */
static bool fleet_database(int dir_fd, const char *old, struct needed *ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(fd_close) int root = -1;
        char first[DIGEST_TEXT_MAX + 8] = "";
        struct span text;

        if (!state_open(&root, e))
                return false;
        if (!store_exists(root))
                return true;
        if (old[0])
                snprintf(first, sizeof(first), "sha256:%s", old);
        if (!store_open(root, state_path(), &s, e) || !store_fleet_advisories(s, span_of(first), a, &text, e))
                return false;
        if (span_starts(text, "sha256:") && text.len < DIGEST_TEXT_MAX)
                snprintf(ret->fleet, sizeof(ret->fleet), "%.*s", SPAN_FMT(span_from(text, 7)));
        return own_find(s, dir_fd, ret, e);
}

bool database_open_digest(struct span digest, struct advisory_db **ret, struct err *e)
{
        CLEANUP(fd_close) int dir = -1;
        char name[DIGEST_TEXT_MAX];
        struct digest d;

        if (!digest_parse(digest, &d, e) || !database_folder_existing(&dir, e) || !advisory_db_open(dir, digest_hex(&d, name), ret, e))
                return err_wrap(e, "the advisories that all images were last matched with");
        return true;
}

bool database_open_file(const char *path, struct advisory_db **ret, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;

        if (!path)
                return database_open(ret, e);
        if (!advisory_db_open(AT_FDCWD, path, &db, e))
                return false;
        if (!advisory_db_verify(db, e))
                return err_wrap(e, "%s", path);
        *ret = db;
        db = NULL;
        return true;
}

bool database_name(int dir_fd, char ret_hex[DIGEST_TEXT_MAX], struct err *e)
{
        ssize_t n = readlinkat(dir_fd, "current", ret_hex, DIGEST_TEXT_MAX - 1);

        ret_hex[n > 0 ? n : 0] = '\0';
        if (n > 0 || errno == ENOENT)
                return true;
        return err_set(e, ERR_SYSTEM, "%s/advisory/current: %s", state_path(), strerror(errno));
}

bool database_signature_write(int dir_fd, const char *name, const struct advisory_signature *s, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        char file[DIGEST_TEXT_MAX + 8];

        advisory_signature_put(s, &text);
        snprintf(file, sizeof(file), "%s" SIGNATURE_END, name);
        return file_replace(dir_fd, file, buf_span(&text), 0644, e) || err_wrap(e, "advisory/%s", file);
}

bool database_signature_read(int dir_fd, const char *path, struct advisory_signature *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};

        return (file_read(dir_fd, path, ADVISORY_SIGNATURE_MAX, &text, e) &&
                   advisory_signature_parse(buf_span(&text), ret, e)) ||
               err_wrap(e, "signature %s", path);
}

bool database_signature_present(int dir_fd, const struct advisory_db_info *i, struct advisory_signature *ret, struct err *e)
{
        char name[DIGEST_TEXT_MAX], file[DIGEST_TEXT_MAX + 8];

        snprintf(file, sizeof(file), "%s" SIGNATURE_END, digest_hex(&i->digest, name));
        return database_signature_read(dir_fd, file, ret, e);
}

/*
 * The old signature goes first: the same content, built at another time, is another file of the same name, and after a crash it
 * shall have no signature rather than a wrong one.
 */
static bool files_place(int dir_fd, const char *name, const struct advisory_signature *s, struct err *e)
{
        char signature[DIGEST_TEXT_MAX + 8];

        snprintf(signature, sizeof(signature), "%s" SIGNATURE_END, name);
        if ((unlinkat(dir_fd, signature, 0) != 0 && errno != ENOENT) || renameat(dir_fd, DATABASE_NEW, dir_fd, name) != 0)
                return err_set(e, ERR_SYSTEM, "install the new database: %s", strerror(errno));
        if (s && !database_signature_write(dir_fd, name, s, e))
                return false;
        unlinkat(dir_fd, "current.new", 0);
        if (symlinkat(name, dir_fd, "current.new") != 0 || renameat(dir_fd, "current.new", dir_fd, "current") != 0 ||
            fsync(dir_fd) != 0)
                return err_set(e, ERR_SYSTEM, "install the new database: %s", strerror(errno));
        return true;
}

int database_say_record(const struct err *record)
{
        if (record->kind == ERR_NONE)
                return 0;
        fprintf(stderr, "the new database is in use; what `coffer reassess` compares with could not be recorded, and no "
                        "older database was removed:\n");
        return cli_fail(record);
}

bool database_install(int dir_fd, const struct advisory_signature *s, struct err *ret_record, struct err *e)
{
        CLEANUP(advisory_db_freep) struct advisory_db *db = NULL;
        char name[DIGEST_TEXT_MAX], old[DIGEST_TEXT_MAX];
        struct needed needed = {.n_own = 0};
        struct err record = {0};
        bool known;

        if (!advisory_db_open(dir_fd, DATABASE_NEW, &db, e)) {
                unlinkat(dir_fd, DATABASE_NEW, 0);
                return err_wrap(e, "the new database");
        }
        digest_hex(&advisory_db_info(db)->digest, name);
        if (!database_name(dir_fd, old, e)) {
                unlinkat(dir_fd, DATABASE_NEW, 0);
                return false;
        }
        known = fleet_database(dir_fd, strcmp(old, name) == 0 ? "" : old, &needed, &record);
        if (!files_place(dir_fd, name, s, e))
                return false;
        snprintf(needed.present, sizeof(needed.present), "%s", name);
        if (known)
                remove_unused(dir_fd, &needed);
        *ret_record = known ? (struct err){0} : record;
        return true;
}
