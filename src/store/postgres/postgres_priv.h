/*
 * The PostgreSQL backend, a module of its own (coffer-store-postgres.so): only those who use it need libpq. It is loaded by
 * ../module.c, and brings its own copy of `base`; between the two go plain values and the functions of struct store_ops.
 */
#pragma once

#include <libpq-fe.h>

#include "store/store_priv.h"

#define STATEMENTS_KEPT 64u /* more than the store has */
#define STATEMENT_NAME 24u   /* bytes of "s" and any number */
#define BATCH 256u          /* executions sent before their answers are read: neither side's buffers fill up */

struct postgres {
        PGconn *conn;
        int version;      /* of the schema that our statements are written for */
        char schema[64];  /* lower-case letters, digits and _; may be a word of SQL, so it stands in quotes */
        int32_t lock;     /* second number of the advisory lock that writers take */
        char shown[256];  /* where it is, for errors; no password */
        struct {
                const char *sql; /* by its address; */
                char *text;      /* and what stood there: one that is no literal may come to lie where another one lay */
                Oid types[STORE_COLUMNS_MAX];
                size_t n_types;
        } kept[STATEMENTS_KEPT];
        size_t n_kept;
};

/* The types that we send and understand: int8, text, bytea (pg_type.dat). */
#define TYPE_BYTEA 17u
#define TYPE_INT8 20u
#define TYPE_TEXT 25u

extern const struct store_ops postgres_ops;
extern const struct schema postgres_schema;

/* What PostgreSQL says, as an error of ours; the result may be NULL. Never the values of a statement. Clears nothing. */
bool postgres_failed(const struct postgres *d, const PGresult *r, struct err *e);
/* One text of statements without arguments; the last one's first column as a number if `ret` is given. */
bool postgres_execute(struct postgres *d, const char *sql, int64_t *ret, struct err *e);

/* Arguments as libpq wants them; they borrow from the values. */
struct pg_args {
        Oid types[STORE_COLUMNS_MAX];
        const char *values[STORE_COLUMNS_MAX];
        int lengths[STORE_COLUMNS_MAX], formats[STORE_COLUMNS_MAX];
        uint64_t numbers[STORE_COLUMNS_MAX];
};
void pg_args_make(const struct store_value *values, size_t n, struct pg_args *ret);
/* The name of the prepared statement, made when it is new. */
bool pg_statement(struct postgres *d, const char *sql, const struct pg_args *a, size_t n, char ret_name[STATEMENT_NAME], struct err *e);

/* postgres_many.c */
bool postgres_batch(void *db, const char *sql, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e);
bool postgres_load(void *db, const struct store_load *l, struct err *e);
