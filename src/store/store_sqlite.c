/*
 * The SQLite backend.
 *
 * WAL: readers never wait for the writer. synchronous=FULL: a commit returns only when it is on the disk, because a
 * container starts on the strength of a ledger record; it costs one fsync a transaction. A crash leaves a WAL that the
 * next one to open reads up to the last whole commit.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/store_priv.h"

#define DATABASE "coffer.db"
#define APPLICATION_ID 0x436f6672 /* "Cofr", at offset 68 of the file; file(1) shows it */
#define STATEMENTS_KEPT 48u       /* more than this room has */

struct sqlite {
        sqlite3 *db;
        int version;     /* of the schema that our statements are written for */
        char shown[256]; /* path, for errors */
        char where[280];
        struct {
                const char *sql;
                sqlite3_stmt *statement;
        } kept[STATEMENTS_KEPT];
        size_t n_kept;
};

/* What SQLite says, as an error of ours that names the file and, where there is one, the remedy. */
static bool failed(const struct sqlite *d, int rc, struct err *e)
{
        /* SQLite forgets the cause of a failed COMMIT; errno still has it, because nothing after it fails. */
        int os = sqlite3_system_errno(d->db) ? sqlite3_system_errno(d->db) : errno;

        switch (rc & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
                return err_set(
                    e, ERR_UNAVAILABLE, "%s is in use by another process; it did not let go in time", d->shown);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return err_set(e, ERR_MALFORMED,
                    "%s is damaged or no database (%s): move it and its -wal and -shm away and restore a backup; "
                    "without one Coffer begins an empty one, and \"sqlite3 FILE .recover\" may save the old records",
                    d->shown, sqlite3_errstr(rc));
        case SQLITE_FULL:
                errno = ENOSPC;
                return err_set(e, ERR_SYSTEM, "%s: the disk is full; nothing was changed", d->shown);
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_NOMEM:
        case SQLITE_NOLFS:
                errno = os ? os : (rc & 0xff) == SQLITE_NOMEM ? ENOMEM : EIO;
                return err_set(
                    e, ERR_SYSTEM, "%s: %s: %s", d->shown, sqlite3_errstr(rc), os ? strerror(os) : "no more is known");
        case SQLITE_CONSTRAINT:
                return err_set(e, ERR_CONFLICT, "%s: %s", d->shown, sqlite3_errmsg(d->db));
        case SQLITE_TOOBIG:
                return err_set(e, ERR_LIMIT, "%s: a value is larger than SQLite takes", d->shown);
        default:
                return err_set(e, ERR_BUG, "%s: %s", d->shown, sqlite3_errmsg(d->db));
        }
}

/*
 * Prepared once for each statement of this room, which are literals and found by their address. A text that is none may
 * come to lie where another one lay: then it is prepared and dropped.
 */
static bool statement_take(struct sqlite *d, const char *sql, sqlite3_stmt **ret, bool *ret_kept, struct err *e)
{
        sqlite3_stmt *statement = NULL;
        bool keep = d->n_kept < STATEMENTS_KEPT;

        for (size_t i = 0; i < d->n_kept; i++) {
                if (d->kept[i].sql != sql)
                        continue;
                if (strcmp(sqlite3_sql(d->kept[i].statement), sql) == 0) {
                        *ret = d->kept[i].statement;
                        *ret_kept = true;
                        return true;
                }
                keep = false;
        }
        int rc = sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (rc != SQLITE_OK)
                return failed(d, rc, e);
        assert(statement); /* an empty text is our own */
        *ret_kept = keep;
        if (keep) {
                d->kept[d->n_kept].sql = sql;
                d->kept[d->n_kept++].statement = statement;
        }
        *ret = statement;
        return true;
}

static int bind(sqlite3_stmt *statement, int at, const struct store_value *v)
{
        /* SQLite takes a null pointer for NULL, not for the empty value. */
        const void *bytes = v->bytes.len > 0 ? (const void *)v->bytes.at : "";

        switch (v->type) {
        case STORE_INT:
                return sqlite3_bind_int64(statement, at, v->number);
        case STORE_TEXT:
                return sqlite3_bind_text64(statement, at, bytes, v->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
        case STORE_BYTES:
                return sqlite3_bind_blob64(statement, at, bytes, v->bytes.len, SQLITE_STATIC);
        case STORE_NULL:
                break;
        }
        return sqlite3_bind_null(statement, at);
}

static struct store_value column(sqlite3_stmt *statement, int at)
{
        const void *bytes;

        switch (sqlite3_column_type(statement, at)) {
        case SQLITE_INTEGER:
                return value_int(sqlite3_column_int64(statement, at));
        case SQLITE_TEXT:
                bytes = sqlite3_column_text(statement, at);
                return value_text(span_bytes(bytes, bytes ? (size_t)sqlite3_column_bytes(statement, at) : 0));
        case SQLITE_BLOB:
                bytes = sqlite3_column_blob(statement, at);
                return value_bytes(span_bytes(bytes, bytes ? (size_t)sqlite3_column_bytes(statement, at) : 0));
        default:
                return (struct store_value){0};
        }
}

static bool step_all(struct sqlite *d, sqlite3_stmt *statement, struct store_query *q, struct err *e)
{
        struct store_value row[STORE_COLUMNS_MAX];
        int n = sqlite3_column_count(statement), rc;

        assert(n <= (int)STORE_COLUMNS_MAX);
        while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
                if (!q->on_row)
                        continue;
                for (int i = 0; i < n; i++)
                        row[i] = column(statement, i);
                if (!q->on_row(q, row, (size_t)n, e))
                        return false;
                if (q->stop)
                        return true;
        }
        if (rc != SQLITE_DONE)
                return failed(d, rc, e);
        q->changed = (uint64_t)sqlite3_changes64(d->db);
        return true;
}

static bool sqlite_run(void *db, struct store_query *q, struct err *e)
{
        struct sqlite *d = db;
        sqlite3_stmt *statement = NULL;
        bool kept = false, ok = true;

        errno = 0;
        if (!statement_take(d, q->sql, &statement, &kept, e))
                return false;
        assert(sqlite3_bind_parameter_count(statement) == (int)q->n_args);
        for (size_t i = 0; ok && i < q->n_args; i++) {
                int rc = bind(statement, (int)i + 1, &q->args[i]);
                ok = rc == SQLITE_OK || failed(d, rc, e);
        }
        ok = ok && step_all(d, statement, q, e);
        if (kept) {
                sqlite3_reset(statement);
                sqlite3_clear_bindings(statement);
        } else {
                sqlite3_finalize(statement);
        }
        return ok;
}

static bool execute(struct sqlite *d, const char *sql, struct err *e)
{
        int rc;

        errno = 0;
        rc = sqlite3_exec(d->db, sql, NULL, NULL, NULL);
        return rc == SQLITE_OK || failed(d, rc, e);
}

static void sqlite_rollback(void *db)
{
        struct sqlite *d = db;

        /* SQLite has ended it by itself after a full disk or an I/O error. */
        if (!sqlite3_get_autocommit(d->db))
                sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

static bool first_number(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        (void)n;
        (void)e;
        *(int64_t *)q->ctx = row[0].number;
        return true;
}

static bool sqlite_begin(void *db, bool write, struct err *e)
{
        struct sqlite *d = db;
        int64_t version = 0;
        struct store_query q = {.sql = "PRAGMA user_version", .on_row = first_number, .ctx = &version};

        if (!sqlite_run(d, &(struct store_query){.sql = write ? "BEGIN IMMEDIATE" : "BEGIN"}, e))
                return false;
        if (!sqlite_run(d, &q, e)) {
                sqlite_rollback(d);
                return false;
        }
        /* Another program may have migrated it since we opened it. */
        if (version == d->version)
                return true;
        sqlite_rollback(d);
        return err_set(e, ERR_UNSUPPORTED,
            "%s was changed to schema %lld by a newer Coffer while this one, for %d, ran", d->shown, (long long)version,
            d->version);
}

static bool sqlite_commit(void *db, struct err *e)
{
        return sqlite_run(db, &(struct store_query){.sql = "COMMIT"}, e);
}

static void sqlite_close_(void *db)
{
        struct sqlite *d = db;

        for (size_t i = 0; i < d->n_kept; i++)
                sqlite3_finalize(d->kept[i].statement);
        /* The last one to close folds the WAL into the file; where that fails, the next one to open finds it. */
        sqlite3_close(d->db);
        free(d);
}

static void sqlite_freep(struct sqlite **d)
{
        if (*d)
                sqlite_close_(*d);
}

static const char *sqlite_where(const void *db)
{
        const struct sqlite *d = db;

        return d->where;
}

static const struct store_ops sqlite_ops = {
    .where = sqlite_where,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .run = sqlite_run,
    .close = sqlite_close_,
};

/*
 * Made by us, so that it is ours alone from its first moment; SQLite gives -wal and -shm the same mode. An existing one
 * is not opened here: closing it would drop the locks that this process may hold on it (POSIX advisory locks).
 */
static bool file_prepare(int root_fd, const char *shown, struct err *e)
{
        CLEANUP(fd_close) int fd = openat(root_fd, DATABASE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        struct stat st;

        if (fd >= 0)
                return true;
        if (errno != EEXIST)
                return err_set(e, ERR_SYSTEM, "make %s: %s", shown, strerror(errno));
        if (fstatat(root_fd, DATABASE, &st, AT_SYMLINK_NOFOLLOW) != 0)
                return err_set(e, ERR_SYSTEM, "%s: %s", shown, strerror(errno));
        return S_ISREG(st.st_mode) || err_set(e, ERR_MALFORMED, "%s is not a regular file: move it away", shown);
}

/* The folder's own path, without links, and the database's name in it. */
static bool path_of(int root_fd, const char *root_path, char ret[PATH_MAX], struct err *e)
{
        char folder[PATH_MAX];
        struct stat by_fd, by_path;

        if (!realpath(root_path, folder) || stat(folder, &by_path) != 0 || fstat(root_fd, &by_fd) != 0)
                return err_set(e, ERR_SYSTEM, "state folder %s: %s", root_path, strerror(errno));
        if (by_fd.st_dev != by_path.st_dev || by_fd.st_ino != by_path.st_ino)
                return err_set(e, ERR_CONFLICT, "state folder %s was exchanged for another one meanwhile", root_path);
        if ((size_t)snprintf(ret, PATH_MAX, "%s/" DATABASE, folder) >= PATH_MAX)
                return err_set(e, ERR_LIMIT, "state folder: its path is longer than %d bytes", PATH_MAX);
        return true;
}

struct about {
        int64_t application, version, tables;
};

static bool about_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct about *about = q->ctx;

        (void)e;
        assert(n == 3);
        *about = (struct about){.application = row[0].number, .version = row[1].number, .tables = row[2].number};
        return true;
}

/* Whose database it is. A new, empty file has version 0. Changes nothing. */
static bool about_read(struct sqlite *d, const struct schema *schema, int *ret_version, struct err *e)
{
        struct about about = {0};
        struct store_query q = {
            .sql = "SELECT (SELECT application_id FROM pragma_application_id), "
                   "(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)",
            .on_row = about_row,
            .ctx = &about};

        if (!sqlite_run(d, &q, e))
                return false;
        if (about.application == 0 && about.version == 0 && about.tables == 0) {
                *ret_version = 0;
                return true;
        }
        if (about.application != APPLICATION_ID || about.version < 1)
                return err_set(e, ERR_MALFORMED,
                    "%s is a database of another program (application id %lld): move it away, or choose another --root",
                    d->shown, (long long)about.application);
        if (about.version > schema->n_steps)
                return err_set(e, ERR_UNSUPPORTED,
                    "%s was made by a newer Coffer (schema %lld, this one knows %d): use that version, or another "
                    "--root",
                    d->shown, (long long)about.version, schema->n_steps);
        *ret_version = (int)about.version;
        return true;
}

/* All steps that are missing, in one transaction: the old schema or the new one. */
static bool migrate(struct sqlite *d, const struct schema *schema, struct err *e)
{
        char done[100];
        int version = 0;

        /* Somebody else may have done it while we waited for the lock. */
        if (!execute(d, "BEGIN IMMEDIATE", e) || !about_read(d, schema, &version, e))
                return false;
        for (int i = version; i < schema->n_steps; i++)
                if (!execute(d, schema->steps[i], e))
                        return err_wrap(e, "migrate from schema %d to %d", i, i + 1);
        snprintf(done, sizeof(done), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", APPLICATION_ID,
            schema->n_steps);
        return execute(d, done, e);
}

static bool wal_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        (void)e;
        *(bool *)q->ctx = n == 1 && span_is(row[0].bytes, "wal");
        return true;
}

static bool prepare(struct sqlite *d, const struct schema *schema, struct err *e)
{
        bool wal = false;
        struct store_query q = {.sql = "PRAGMA journal_mode = WAL", .on_row = wal_row, .ctx = &wal};
        int version = 0;

        if (!about_read(d, schema, &version, e) || !sqlite_run(d, &q, e))
                return false;
        if (!wal)
                return err_set(e, ERR_UNSUPPORTED,
                    "%s: its file system can't share memory between processes (no WAL): choose another --root",
                    d->shown);
        if (version < schema->n_steps && !migrate(d, schema, e)) {
                sqlite_rollback(d);
                return false;
        }
        return true;
}

/* Nothing in the file may act: no views or triggers that call functions, no writes to the schema table. */
static bool configure(struct sqlite *d, struct err *e)
{
        static const struct {
                int what, value;
        } settings[] = {
            {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
            {SQLITE_DBCONFIG_DEFENSIVE, 1},
            {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
            {SQLITE_DBCONFIG_DQS_DML, 0},
            {SQLITE_DBCONFIG_DQS_DDL, 0},
        };

        sqlite3_extended_result_codes(d->db, 1);
        sqlite3_busy_timeout(d->db, STORE_BUSY_MS);
        sqlite3_limit(d->db, SQLITE_LIMIT_ATTACHED, 0);
        for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
                int rc = sqlite3_db_config(d->db, settings[i].what, settings[i].value, NULL);
                if (rc != SQLITE_OK)
                        return failed(d, rc, e);
        }
        /* cache_size: at most 32 MiB, as they are used; a scan over many images is twice as fast as with 2 MiB. */
        return execute(d,
            "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; "
            "PRAGMA cache_size = -32768",
            e);
}

/*
 * `alone`: with the index of the write-ahead log in memory. It is a file otherwise, which the first to open the database
 * makes, and on a full disk can't; then nobody else has it open, and nobody else may until this is closed.
 */
static bool open_as(const char *path, const struct schema *schema, bool alone, struct sqlite **ret, struct err *e)
{
        CLEANUP(sqlite_freep) struct sqlite *d = heap_alloc(sizeof(*d));
        int64_t until_ms = clock_mono_ms() + STORE_BUSY_MS;
        int rc;

        span_printable(span_of(path), d->shown, sizeof(d->shown));
        snprintf(d->where, sizeof(d->where), "SQLite, %s", d->shown);
        d->version = schema->n_steps;
        errno = 0;
        rc = sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc != SQLITE_OK)
                return failed(d, rc, e);
        /* Before anything is read: that is when the index is made. */
        if ((alone && !execute(d, "PRAGMA locking_mode = EXCLUSIVE", e)) || !configure(d, e))
                return false;
        /* Entering WAL mode fails at once, without the busy handler, while another process does the same. */
        for (struct err why = {0}; !prepare(d, schema, &why);) {
                if (why.kind != ERR_UNAVAILABLE || clock_mono_ms() >= until_ms) {
                        if (e)
                                *e = why;
                        return false;
                }
                nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
        }
        *ret = d;
        d = NULL;
        return true;
}

bool sqlite_open(int root_fd, const char *root_path, const struct schema *schema, struct store *s, struct err *e)
{
        struct sqlite *d = NULL;
        struct err why = {0};
        char path[PATH_MAX], shown[sizeof(d->shown)];

        if (!path_of(root_fd, root_path, path, e))
                return false;
        span_printable(span_of(path), shown, sizeof(shown));
        if (!file_prepare(root_fd, shown, e))
                return false;
        /* A container that fills the disk must still be seen, stopped and removed. */
        if (!open_as(path, schema, false, &d, &why) &&
            (why.kind != ERR_SYSTEM || (why.os_errno != ENOSPC && why.os_errno != EDQUOT) ||
                !open_as(path, schema, true, &d, &why))) {
                if (e)
                        *e = why;
                return false;
        }
        s->ops = &sqlite_ops;
        s->db = d;
        s->schema_version = schema->n_steps;
        return true;
}
