/* Opening and closing, and what every statement goes through. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_priv.h"

bool store_open(int root_fd, const char *root_path, struct store **ret, struct err *e)
{
        CLEANUP(store_freep) struct store *s = heap_alloc(sizeof(*s));
        CLEANUP(fd_close) int keys = -1;
        bool elsewhere = false;

        s->subuid_path = "/etc/subuid";
        s->subgid_path = "/etc/subgid";
        s->root_fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
        if (s->root_fd < 0)
                return err_set(e, ERR_SYSTEM, "state folder %s: %s", root_path, strerror(errno));
        if (!dir_make(s->root_fd, "keys", 0700, &keys, e))
                return err_wrap(e, "state folder %s", root_path);
        if (!store_open_elsewhere(s, &elsewhere, e))
                return err_wrap(e, "state folder %s", root_path);
        if (!elsewhere && !sqlite_open(s->root_fd, root_path, &sqlite_schema, s, e))
                return false;
        *ret = s;
        s = NULL;
        return true;
}

bool store_exists(int root_fd)
{
        static const char *const names[] = {"store.conf", "coffer.db"};

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (faccessat(root_fd, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
                        return true;
        return false;
}

void store_free(struct store *s)
{
        if (!s)
                return;
        assert(!s->in_run);
        if (s->ops) {
                s->ops->rollback(s->db);
                s->ops->close(s->db);
        }
        fd_close(&s->root_fd);
        free(s);
}

void store_freep(struct store **s)
{
        store_free(*s);
}

const char *store_where(const struct store *s)
{
        return s->ops->where(s->db);
}

int store_schema_version(const struct store *s)
{
        return s->schema_version;
}

bool store_begin(struct store *s, bool write, struct err *e)
{
        assert(!s->in_run && !s->in_transaction);
        if (!s->ops->begin(s->db, write, e))
                return false;
        s->in_transaction = true;
        return true;
}

bool store_end(struct store *s, bool ok, struct err *e)
{
        assert(!s->in_run && s->in_transaction);
        s->in_transaction = false;
        ok = ok && s->ops->commit(s->db, e);
        if (!ok)
                s->ops->rollback(s->db);
        return ok;
}

bool store_run(struct store *s, struct store_query *q, struct err *e)
{
        bool ok;

        assert(!s->in_run); /* a callback called the store */
        s->in_run = true;
        q->stop = false;
        q->changed = 0;
        ok = s->ops->run(s->db, q, e);
        s->in_run = false;
        return ok;
}

bool store_read(struct store *s, struct store_query *q, struct err *e)
{
        return store_begin(s, false, e) && store_end(s, store_run(s, q, e), e);
}

bool store_do(struct store *s, const char *sql, const struct store_value *args, size_t n_args, struct err *e)
{
        struct store_query q = {.sql = sql, .args = args, .n_args = n_args};

        return store_run(s, &q, e);
}

bool store_do_each(
    struct store *s, const char *sql, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e)
{
        bool ok = true;

        assert(!s->in_run);
        if (s->ops->batch) {
                s->in_run = true;
                ok = s->ops->batch(s->db, sql, args, n_args, n_sets, e);
                s->in_run = false;
                return ok;
        }
        for (size_t i = 0; i < n_sets && ok; i++)
                ok = store_do(s, sql, &args[i * n_args], n_args, e);
        return ok;
}

struct number {
        int64_t value;
        bool found;
};

static bool number_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct number *to = q->ctx;

        if (n < 1 || row[0].type != STORE_INT)
                return err_set(e, ERR_MALFORMED, "state database: a number was expected");
        *to = (struct number){.value = row[0].number, .found = true};
        return true;
}

bool store_number(struct store *s, struct store_query *q, int64_t *ret, bool *ret_found, struct err *e)
{
        struct number number = {0};

        q->on_row = number_row;
        q->ctx = &number;
        if (!store_run(s, q, e))
                return false;
        if (number.found)
                *ret = number.value;
        *ret_found = number.found;
        return true;
}

bool store_check_bytes(struct span s, size_t max, const char *what, struct err *e)
{
        return s.len <= max || err_set(e, ERR_LIMIT, "%s is %zu bytes, at most %zu are kept", what, s.len, max);
}

bool store_check_text(struct span s, size_t max, const char *what, struct err *e)
{
        size_t at;

        if (!store_check_bytes(s, max, what, e))
                return false;
        if (!span_is_utf8(s))
                return err_set(e, ERR_MALFORMED, "%s is not UTF-8", what);
        if (span_find(s, 0, &at))
                return err_set(e, ERR_MALFORMED, "%s has a NUL at byte %zu", what, at);
        return true;
}
