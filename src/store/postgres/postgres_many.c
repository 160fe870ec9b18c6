/* Many rows at once: a statement in pipeline mode, rows by COPY. */
#include <endian.h>

#include "store/postgres/postgres_priv.h"

/* ---- one statement, many times ---- */

/* The answers up to the synchronisation; the first error counts, what stood behind it was not run. */
static bool answers_read(struct postgres *d, size_t n, struct err *e)
{
        bool ok = true;

        for (size_t i = 0; i < n; i++) {
                PGresult *r = PQgetResult(d->conn);
                ExecStatusType status = PQresultStatus(r);

                if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
                        ok = postgres_failed(d, r, e);
                PQclear(r);
                PQclear(PQgetResult(d->conn)); /* NULL ends each statement's answer */
        }
        PQclear(PQgetResult(d->conn)); /* PGRES_PIPELINE_SYNC */
        return ok;
}

static bool batch_run(
    struct postgres *d, const char *name, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e)
{
        bool ok = true;

        for (size_t at = 0; at < n_sets && ok; at += BATCH) {
                size_t n = n_sets - at < BATCH ? n_sets - at : BATCH;

                for (size_t i = 0; i < n && ok; i++) {
                        struct pg_args a;

                        pg_args_make(&args[(at + i) * n_args], n_args, &a);
                        ok = PQsendQueryPrepared(d->conn, name, (int)n_args, a.values, a.lengths, a.formats, 1) ||
                             postgres_failed(d, NULL, e);
                }
                ok = ok && (PQpipelineSync(d->conn) || postgres_failed(d, NULL, e)) && answers_read(d, n, e);
        }
        return ok;
}

bool postgres_batch(
    void *db, const char *sql, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e)
{
        struct postgres *d = db;
        struct pg_args first;
        char name[STATEMENT_NAME];
        bool ok;

        if (n_sets == 0)
                return true;
        pg_args_make(args, n_args, &first);
        if (!pg_statement(d, sql, &first, n_args, name, e))
                return false;
        if (!PQenterPipelineMode(d->conn))
                return postgres_failed(d, NULL, e);
        ok = batch_run(d, name, args, n_args, n_sets, e);
        return (PQexitPipelineMode(d->conn) || postgres_failed(d, NULL, ok ? e : NULL)) && ok;
}

/* ---- COPY ---- */

static void put_be16(struct buf *to, uint16_t v)
{
        v = htobe16(v);
        buf_put(to, span_bytes((const uint8_t *)&v, 2));
}

static void put_be32(struct buf *to, uint32_t v)
{
        v = htobe32(v);
        buf_put(to, span_bytes((const uint8_t *)&v, 4));
}

/* COPY's binary format: a count of fields, each with its length (-1 is NULL). */
static void put_row(struct buf *to, const struct store_value *row, size_t n)
{
        put_be16(to, (uint16_t)n);
        for (size_t i = 0; i < n; i++) {
                uint64_t number = htobe64((uint64_t)row[i].number);

                if (row[i].type == STORE_NULL) {
                        put_be32(to, UINT32_MAX);
                } else if (row[i].type == STORE_INT) {
                        put_be32(to, 8);
                        buf_put(to, span_bytes((const uint8_t *)&number, 8));
                } else {
                        put_be32(to, (uint32_t)row[i].bytes.len);
                        buf_put(to, row[i].bytes);
                }
        }
}

static bool rows_send(struct postgres *d, const struct store_load *l, struct err *e)
{
        static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"; /* signature, flags, no extension */
        struct buf b CLEANUP(buf_done) = {0};

        buf_put(&b, span_bytes((const uint8_t *)head, 19));
        for (size_t i = 0; i < l->n; i++) {
                struct store_value row[STORE_COLUMNS_MAX];

                l->row(l->ctx, i, row);
                put_row(&b, row, l->n_columns);
                if (b.len < 65536)
                        continue;
                if (PQputCopyData(d->conn, (const char *)b.at, (int)b.len) != 1)
                        return postgres_failed(d, NULL, e);
                buf_clear(&b);
        }
        put_be16(&b, UINT16_MAX);
        return (PQputCopyData(d->conn, (const char *)b.at, (int)b.len) == 1 && PQputCopyEnd(d->conn, NULL) == 1) ||
               postgres_failed(d, NULL, e);
}

bool postgres_load(void *db, const struct store_load *l, struct err *e)
{
        struct postgres *d = db;
        PGresult *r = PQexec(d->conn, l->copy);
        bool ok = PQresultStatus(r) == PGRES_COPY_IN || postgres_failed(d, r, e);

        PQclear(r);
        if (!ok)
                return false;
        ok = rows_send(d, l, e);
        for (; (r = PQgetResult(d->conn)) != NULL; PQclear(r))
                if (ok && PQresultStatus(r) != PGRES_COMMAND_OK)
                        ok = postgres_failed(d, r, e);
        return ok;
}
