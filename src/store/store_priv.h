/*
 * What the files of this room share: the interface to the database, and values that go in and out of it.
 *
 * A backend is one file. It opens a database of the current schema and runs statements; it knows nothing of images or
 * ledgers. The SQL is written once, in the dialect that SQLite 3.35 and PostgreSQL 12 have in common: '?' stands for an
 * argument (a backend numbers them if it must), BIGINT numbers, TEXT, byte strings that compare as memcmp does,
 * ON CONFLICT, RETURNING. Tables are made by each backend's own steps, because their types differ.
 */
#pragma once

#include "base/base.h"
#include "store/store.h"
#include "store/store_limits.h"

enum store_type { STORE_NULL = 0, STORE_INT, STORE_TEXT, STORE_BYTES };

struct store_value {
        enum store_type type;
        int64_t number;
        struct span bytes; /* of a row: valid until on_row returns */
};

#define STORE_COLUMNS_MAX 16u

struct store_query {
        const char *sql; /* a literal: backends keep what they prepared by its address */
        const struct store_value *args;
        size_t n_args;
        /* NULL: rows are not wanted. False with an error ends the statement; setting q->stop ends it well. */
        bool (*on_row)(struct store_query *q, const struct store_value *row, size_t n, struct err *e);
        void *ctx;
        bool stop;
        uint64_t changed; /* rows that an INSERT, UPDATE or DELETE touched */
};

/* Rows that go into a table at once, where a backend can do that. */
struct store_load {
        const char *copy; /* "COPY table (columns) FROM STDIN (FORMAT binary)" */
        size_t n, n_columns;
        void (*row)(const void *ctx, size_t i, struct store_value *ret);
        const void *ctx;
};

struct store_ops {
        const char *(*where)(const void *db); /* for people */
        /*
         * A write transaction keeps other writers out from its beginning; a read one sees one state until its end. In one whose statement has
         * failed nothing more may be run: roll it back.
         */
        bool (*begin)(void *db, bool write, struct err *e);
        bool (*commit)(void *db, struct err *e);
        void (*rollback)(void *db); /* fine without a transaction */
        bool (*run)(void *db, struct store_query *q, struct err *e);
        /*
         * For a database that is a way off. NULL: one statement after the other is as fast. `batch` runs one statement without rows
         * `n_sets` times, `args` being that many sets of n_args.
         */
        bool (*batch)(void *db, const char *sql, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e);
        bool (*load)(void *db, const struct store_load *l, struct err *e);
        void (*close)(void *db);
};

/* What a loadable backend exports, as "coffer_store_module". */
struct store_module {
        const char *version; /* COFFER_VERSION, and the size of struct store, that it was built with */
        size_t size;
        bool (*open)(const char *connection, const char *schema, struct store *s, struct err *e);
        bool (*has_password)(const char *connection, bool *ret, struct err *e);
};

/* Opens the database that the state folder's store.conf names; *ret_opened false: it has none. */
bool store_open_elsewhere(struct store *s, bool *ret_opened, struct err *e);

struct store {
        const struct store_ops *ops;
        void *db;
        int schema_version;
        int root_fd;                           /* own */
        const char *subuid_path, *subgid_path; /* constants; a test has its own */
        bool in_transaction, in_run;           /* our own promises, asserted */
        int64_t fleet_seq;                     /* of the ledger's last record, when the unit of work on all images began */
};

/* A transaction: `return store_begin(s, true, e) && store_end(s, put(s, ..., e), e);` store_end commits if `ok`. */
bool store_begin(struct store *s, bool write, struct err *e);
bool store_end(struct store *s, bool ok, struct err *e);
bool store_run(struct store *s, struct store_query *q, struct err *e);
/* One statement in a read transaction of its own. */
bool store_read(struct store *s, struct store_query *q, struct err *e);
/* A statement without rows. */
bool store_do(struct store *s, const char *sql, const struct store_value *args, size_t n_args, struct err *e);
/* The same statement for each of n_sets sets of arguments, in as few round trips as the backend can. */
bool store_do_each(
    struct store *s, const char *sql, const struct store_value *args, size_t n_args, size_t n_sets, struct err *e);
/* The first column of the only row, a number; *ret_found is false without a row. */
bool store_number(struct store *s, struct store_query *q, int64_t *ret, bool *ret_found, struct err *e);

static inline struct store_value value_int(int64_t v)
{
        return (struct store_value){.type = STORE_INT, .number = v};
}
static inline struct store_value value_text(struct span s)
{
        return (struct store_value){.type = STORE_TEXT, .bytes = s};
}
static inline struct store_value value_bytes(struct span s)
{
        return (struct store_value){.type = STORE_BYTES, .bytes = s};
}

/* `what` names the field in errors. Text: UTF-8 without NUL. */
bool store_check_text(struct span s, size_t max, const char *what, struct err *e);
bool store_check_bytes(struct span s, size_t max, const char *what, struct err *e);

/* ledger_append, as a part of the write transaction that is open. */
bool ledger_append_within(struct store *s, const char *event, struct span body, struct err *e);

/* ---- the SQLite backend ---- */

struct schema {
        const char *const *steps; /* step n makes version n + 1 of version n; several statements each */
        int n_steps;
};
extern const struct schema sqlite_schema;
/* `name` (coffer.db) in the folder, which has this absolute path. */
bool sqlite_open(int root_fd, const char *root_path, const struct schema *schema, struct store *s, struct err *e);
