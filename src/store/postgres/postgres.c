/* Statements, transactions and errors. */
#include <assert.h>
#include <endian.h>
#include <errno.h>

#include "store/postgres/postgres_priv.h"

#define APPLICATION 0x436f6672 /* "Cofr": the first number of our advisory lock */

/* ---- errors ---- */

static bool connection_lost(const struct postgres *d, struct err *e)
{
        return err_set(e, ERR_UNAVAILABLE,
            "%s: the connection was lost; what was not yet committed did not happen. Try again when the server answers",
            d->shown);
}

bool postgres_failed(const struct postgres *d, const PGresult *r, struct err *e)
{
        const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
        const char *primary = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
        char text[300];

        if (PQstatus(d->conn) == CONNECTION_BAD || (!state && !primary))
                return connection_lost(d, e);
        span_printable(span_of(primary ? primary : "no more is known"), text, sizeof(text));
        state = state ? state : "";
        if (strncmp(state, "23", 2) == 0) /* integrity constraint violation */
                return err_set(e, ERR_CONFLICT, "%s: %s", d->shown, text);
        if (strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0 ||
            strcmp(state, "40001") == 0) /* lock, deadlock, serialization */
                return err_set(
                    e, ERR_UNAVAILABLE, "%s is in use by another process; it did not let go in time", d->shown);
        if (strncmp(state, "57", 2) == 0 || strncmp(state, "08", 2) == 0) /* operator intervention, connection */
                return err_set(e, ERR_UNAVAILABLE, "%s: %s", d->shown, text);
        if (strcmp(state, "53100") == 0) {
                errno = ENOSPC;
                return err_set(e, ERR_SYSTEM, "%s: the server's disk is full; nothing was changed", d->shown);
        }
        if (strncmp(state, "53", 2) == 0 || strncmp(state, "58", 2) == 0 || strcmp(state, "42501") == 0 ||
            strcmp(state, "25006") == 0) {
                errno = strcmp(state, "42501") == 0 ? EACCES : strcmp(state, "25006") == 0 ? EROFS : EIO;
                return err_set(e, ERR_SYSTEM, "%s: %s", d->shown, text);
        }
        if (strncmp(state, "54", 2) == 0) /* program limit */
                return err_set(e, ERR_LIMIT, "%s: %s", d->shown, text);
        if (strncmp(state, "XX", 2) == 0 || strcmp(state, "22P03") == 0)
                return err_set(e, ERR_MALFORMED, "%s is damaged: %s", d->shown, text);
        return err_set(e, ERR_BUG, "%s: %s (SQLSTATE %.5s)", d->shown, text, state);
}

bool postgres_execute(struct postgres *d, const char *sql, int64_t *ret, struct err *e)
{
        PGresult *r = PQexec(d->conn, sql);
        ExecStatusType status = PQresultStatus(r);
        bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;

        if (!ok)
                postgres_failed(d, r, e);
        if (ok && ret)
                *ret = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0) ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;
        PQclear(r);
        return ok;
}

/* ---- arguments and prepared statements ---- */

void pg_args_make(const struct store_value *values, size_t n, struct pg_args *ret)
{
        for (size_t i = 0; i < n; i++) {
                const struct store_value *v = &values[i];

                ret->formats[i] = 1;
                ret->types[i] = v->type == STORE_INT     ? TYPE_INT8
                                : v->type == STORE_TEXT  ? TYPE_TEXT
                                : v->type == STORE_BYTES ? TYPE_BYTEA
                                                         : 0;
                ret->numbers[i] = htobe64((uint64_t)v->number);
                ret->values[i] = v->type == STORE_NULL  ? NULL
                                 : v->type == STORE_INT ? (const char *)&ret->numbers[i]
                                 : v->bytes.len > 0     ? (const char *)v->bytes.at
                                                        : ""; /* a null pointer would be NULL */
                ret->lengths[i] = v->type == STORE_INT ? 8 : (int)v->bytes.len;
        }
}

/* '?' outside of a literal becomes $1, $2 ... */
static void numbered(const char *sql, struct buf *to)
{
        bool literal = false;
        unsigned n = 0;

        for (; *sql; sql++) {
                literal ^= *sql == '\'';
                if (*sql == '?' && !literal)
                        buf_printf(to, "$%u", ++n);
                else
                        buf_put_u8(to, (uint8_t)*sql);
        }
        buf_put_u8(to, 0);
}

static bool prepare(struct postgres *d, const char *name, const char *sql, const Oid *types, size_t n, struct err *e)
{
        struct buf text CLEANUP(buf_done) = {0};
        PGresult *r;
        bool ok;

        numbered(sql, &text);
        r = PQprepare(d->conn, name, (const char *)text.at, (int)n, types);
        ok = PQresultStatus(r) == PGRES_COMMAND_OK || postgres_failed(d, r, e);
        PQclear(r);
        return ok;
}

bool pg_statement(
    struct postgres *d, const char *sql, const struct pg_args *a, size_t n, char ret_name[STATEMENT_NAME], struct err *e)
{
        bool keep = d->n_kept < STATEMENTS_KEPT;

        for (size_t i = 0; i < d->n_kept; i++) {
                if (d->kept[i].sql != sql)
                        continue;
                if (d->kept[i].n_types == n && memcmp(d->kept[i].types, a->types, n * sizeof(Oid)) == 0 &&
                    strcmp(d->kept[i].text, sql) == 0) {
                        snprintf(ret_name, STATEMENT_NAME, "s%zu", i);
                        return true;
                }
                keep &= strcmp(d->kept[i].text, sql) == 0; /* the same with other types */
        }
        ret_name[0] = 0; /* prepared for this once */
        if (keep)
                snprintf(ret_name, STATEMENT_NAME, "s%zu", d->n_kept);
        if (!prepare(d, ret_name, sql, a->types, n, e))
                return false;
        if (keep) {
                d->kept[d->n_kept].sql = sql;
                d->kept[d->n_kept].text = strdup(sql);
                d->kept[d->n_kept].n_types = n;
                memcpy(d->kept[d->n_kept++].types, a->types, n * sizeof(Oid));
        }
        return true;
}

/* ---- rows ---- */

/* A server may send anything: what is no number of eight bytes, text or bytes is refused. */
static bool column(const struct postgres *d, const PGresult *r, int at, struct store_value *ret, struct err *e)
{
        const uint8_t *bytes = (const uint8_t *)PQgetvalue(r, 0, at);
        int len = PQgetlength(r, 0, at);
        uint64_t number;

        *ret = (struct store_value){0};
        if (PQgetisnull(r, 0, at))
                return true;
        switch (PQftype(r, at)) {
        case TYPE_INT8:
                if (len != 8 || PQfformat(r, at) != 1)
                        break;
                memcpy(&number, bytes, 8);
                *ret = value_int((int64_t)be64toh(number));
                return true;
        case TYPE_TEXT:
                *ret = value_text(span_bytes(bytes, (size_t)len));
                return true;
        case TYPE_BYTEA:
                *ret = value_bytes(span_bytes(bytes, (size_t)len));
                return true;
        default:
                break;
        }
        return err_set(
            e, ERR_MALFORMED, "%s answers with type %u, which was not asked for", d->shown, (unsigned)PQftype(r, at));
}

static bool row(const struct postgres *d, const PGresult *r, struct store_query *q, struct err *e)
{
        struct store_value values[STORE_COLUMNS_MAX];
        int n = PQnfields(r);

        if (n > (int)STORE_COLUMNS_MAX)
                return err_set(e, ERR_MALFORMED, "%s answers with %d columns", d->shown, n);
        for (int i = 0; i < n; i++)
                if (!column(d, r, i, &values[i], e))
                        return false;
        return q->on_row(q, values, (size_t)n, e);
}

static bool postgres_run(void *db, struct store_query *q, struct err *e)
{
        struct postgres *d = db;
        struct pg_args a;
        char name[STATEMENT_NAME];
        bool ok = true;

        assert(q->n_args <= STORE_COLUMNS_MAX);
        pg_args_make(q->args, q->n_args, &a);
        if (!pg_statement(d, q->sql, &a, q->n_args, name, e))
                return false;
        if (!PQsendQueryPrepared(d->conn, name, (int)q->n_args, a.values, a.lengths, a.formats, 1))
                return postgres_failed(d, NULL, e);
        PQsetSingleRowMode(d->conn);
        /* All of the answer is taken from the connection, whatever became of it. */
        for (PGresult *r; (r = PQgetResult(d->conn)) != NULL; PQclear(r)) {
                switch (PQresultStatus(r)) {
                case PGRES_SINGLE_TUPLE:
                        if (ok && !q->stop && q->on_row)
                                ok = row(d, r, q, e);
                        break;
                case PGRES_TUPLES_OK:
                case PGRES_COMMAND_OK:
                        q->changed = strtoull(PQcmdTuples(r), NULL, 10);
                        break;
                default:
                        if (ok)
                                ok = postgres_failed(d, r, e);
                        break;
                }
        }
        if (ok && PQstatus(d->conn) == CONNECTION_BAD)
                ok = connection_lost(d, e);
        return ok;
}

/* ---- transactions ---- */

static void postgres_rollback(void *db)
{
        struct postgres *d = db;

        if (PQtransactionStatus(d->conn) != PQTRANS_IDLE)
                PQclear(PQexec(d->conn, "ROLLBACK"));
}

/* One round trip. A writer waits for the others: the lock ends with the transaction, also when we are killed. */
static bool postgres_begin(void *db, bool write, struct err *e)
{
        struct postgres *d = db;
        int64_t version = 0;
        char sql[200];

        if (write)
                snprintf(sql, sizeof(sql),
                    "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(%d, %d); SELECT version FROM "
                    "about",
                    APPLICATION, d->lock);
        else
                snprintf(
                    sql, sizeof(sql), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT version FROM about");
        if (!postgres_execute(d, sql, &version, e)) {
                postgres_rollback(d);
                return false;
        }
        if (version == d->version)
                return true;
        postgres_rollback(d);
        return err_set(e, ERR_UNSUPPORTED,
            "%s was changed to schema %lld by a newer Coffer while this one, for %d, ran", d->shown, (long long)version,
            d->version);
}

static bool postgres_commit(void *db, struct err *e)
{
        struct postgres *d = db;
        PGresult *r = PQexec(d->conn, "COMMIT");
        bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;

        if (ok && strcmp(PQcmdStatus(r), "COMMIT") != 0) /* a statement had failed: the server has undone all */
                ok = err_set(e, ERR_BUG, "%s: a transaction that had failed was to be committed", d->shown);
        else if (!ok && PQstatus(d->conn) == CONNECTION_BAD)
                err_set(e, ERR_UNAVAILABLE,
                    "%s: the connection was lost while a change was committed: whether it was kept is not known",
                    d->shown);
        else if (!ok)
                postgres_failed(d, r, e);
        PQclear(r);
        return ok;
}

static void postgres_close(void *db)
{
        struct postgres *d = db;

        PQfinish(d->conn);
        for (size_t i = 0; i < d->n_kept; i++)
                free(d->kept[i].text);
        free(d);
}

static const char *postgres_where(const void *db)
{
        const struct postgres *d = db;

        return d->shown;
}

const struct store_ops postgres_ops = {
    .where = postgres_where,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .run = postgres_run,
    .batch = postgres_batch,
    .load = postgres_load,
    .close = postgres_close,
};
