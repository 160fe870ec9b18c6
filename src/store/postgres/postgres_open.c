/* Connecting, whose schema it is, and its migration. */
#include "store/postgres/postgres_priv.h"

#include "coffer_build.h"

#define APPLICATION_NAME "coffer"

static void postgres_freep(struct postgres **d)
{
        if (*d) {
                PQfinish((*d)->conn);
                free(*d);
        }
}

/* Where it is, for people: what libpq made of the connection string and its defaults. */
static void shown_make(struct postgres *d)
{
        const char *host = PQhost(d->conn), *name = PQdb(d->conn);
        char text[200];

        snprintf(text, sizeof(text), "PostgreSQL at %s, database %s, schema %s", host && *host ? host : "this machine",
            name && *name ? name : "(default)", d->schema);
        span_printable(span_of(text), d->shown, sizeof(d->shown));
}

/* libpq's own text names host, user and cause; it ends with a line feed, and never has the password in it. */
static bool connect_failed(const struct postgres *d, struct err *e)
{
        char text[ERR_TEXT_MAX / 2];
        struct span first, rest;

        /* Of several lines the first says what failed; the others guess. */
        span_split(span_of(PQerrorMessage(d->conn)), '\n', &first, &rest);
        span_printable(span_trim(first), text, sizeof(text));
        if (PQconnectionNeedsPassword(d->conn))
                return err_set(e, ERR_UNAVAILABLE,
                    "%s wants a password: put it into a password file (passfile=, ~/.pgpass), mode 0600", d->shown);
        return err_set(e, ERR_UNAVAILABLE, "%s: %s", d->shown, text);
}

static bool connected(struct postgres *d, const char *connection, struct err *e)
{
        /* The first is the user's; later ones win over what it says. */
        const char *const keywords[] = {
            "dbname", "fallback_application_name", "client_encoding", "connect_timeout", NULL};
        const char *const values[] = {connection, APPLICATION_NAME, "UTF8", "10", NULL};
        const char *encoding;
        char sql[300];

        d->conn = PQconnectdbParams(keywords, values, 1);
        shown_make(d);
        if (PQstatus(d->conn) != CONNECTION_OK)
                return connect_failed(d, e);
        if (PQserverVersion(d->conn) < 120000)
                return err_set(e, ERR_UNSUPPORTED, "%s: version %d.%d, 12 or newer is needed", d->shown,
                    PQserverVersion(d->conn) / 10000, PQserverVersion(d->conn) % 10000);
        /* Names have any letters; SQL_ASCII keeps bytes as they are. */
        encoding = PQparameterStatus(d->conn, "server_encoding");
        if (!encoding || (strcmp(encoding, "UTF8") != 0 && strcmp(encoding, "SQL_ASCII") != 0))
                return err_set(e, ERR_UNSUPPORTED, "%s: its encoding is %s; name a database made with ENCODING 'UTF8'",
                    d->shown, encoding ? encoding : "not known");
        /* Nobody else's functions or tables are found by our names; a commit returns when it is on the server's disk. */
        snprintf(sql, sizeof(sql),
            "SET search_path = \"%s\", pg_temp; SET lock_timeout = %u; SET synchronous_commit = on; SET "
            "standard_conforming_strings = on;"
            " SET client_min_messages = error; SET default_transaction_isolation = 'read committed'",
            d->schema, (unsigned)STORE_BUSY_MS);
        return postgres_execute(d, sql, NULL, e);
}

/* Its version; 0 for a schema that is new or not there. Changes nothing. */
static bool about_read(struct postgres *d, int n_steps, int *ret, struct err *e)
{
        int64_t tables, is_ours, ours, version;
        char sql[300];

        snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('\"%s\"')",
            d->schema);
        if (!postgres_execute(d, sql, &tables, e))
                return false;
        *ret = 0;
        if (tables == 0)
                return true;
        snprintf(sql, sizeof(sql),
            "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('\"%s\"') AND relname = 'about'",
            d->schema);
        if (!postgres_execute(d, sql, &is_ours, e))
                return false;
        if (is_ours == 0)
                return err_set(e, ERR_MALFORMED, "%s holds tables of another program: name another schema", d->shown);
        if (!postgres_execute(d, "SELECT count(*) FROM about WHERE application = 'coffer'", &ours, e) ||
            !postgres_execute(d, "SELECT version FROM about", &version, e))
                return false;
        if (ours != 1 || version < 1)
                return err_set(e, ERR_MALFORMED, "%s holds tables of another program: name another schema", d->shown);
        if (version > n_steps)
                return err_set(e, ERR_UNSUPPORTED,
                    "%s was made by a newer Coffer (schema %lld, this one knows %d): use that version", d->shown,
                    (long long)version, n_steps);
        *ret = (int)version;
        return true;
}

/* IF NOT EXISTS would want the right to make schemas even where an administrator has made it. */
static bool schema_make(struct postgres *d, struct err *e)
{
        char sql[200];
        int64_t there;

        snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_namespace WHERE nspname = '%s'", d->schema);
        if (!postgres_execute(d, sql, &there, e))
                return false;
        snprintf(sql, sizeof(sql), "CREATE SCHEMA \"%s\"", d->schema);
        return (there > 0 || postgres_execute(d, sql, NULL, e)) &&
               postgres_execute(d,
                   "CREATE TABLE about (application TEXT NOT NULL, version BIGINT NOT NULL); INSERT INTO about VALUES "
                   "('coffer', 0)",
                   NULL, e);
}

/* All steps that are missing, in one transaction: the old schema or the new one. */
static bool migrate_within(struct postgres *d, const struct schema *schema, struct err *e)
{
        char sql[300];
        int version;

        snprintf(sql, sizeof(sql), "BEGIN; SELECT pg_advisory_xact_lock(%d, %d)", 0x436f6672, d->lock);
        if (!postgres_execute(d, sql, NULL, e) ||
            !about_read(d, schema->n_steps, &version, e)) /* somebody else may have done it */
                return false;
        if (version == 0 && !schema_make(d, e))
                return err_wrap(e,
                    "make the schema %s (the user needs CREATE on the database, or on a schema made for it)",
                    d->schema);
        for (int i = version; i < schema->n_steps; i++)
                if (!postgres_execute(d, schema->steps[i], NULL, e))
                        return err_wrap(e, "migrate from schema %d to %d", i, i + 1);
        snprintf(sql, sizeof(sql), "UPDATE about SET version = %d; COMMIT", schema->n_steps);
        return postgres_execute(d, sql, NULL, e);
}

static bool prepare(struct postgres *d, const struct schema *schema, struct err *e)
{
        int version;

        if (!about_read(d, schema->n_steps, &version, e))
                return false;
        if (version == schema->n_steps)
                return true;
        if (migrate_within(d, schema, e))
                return true;
        PQclear(PQexec(d->conn, "ROLLBACK"));
        return false;
}

static int32_t lock_of(const char *schema)
{
        uint32_t h = 0x811c9dc5u; /* FNV-1a: two schemas that share it wait for each other, no more */

        for (; *schema; schema++)
                h = (h ^ (uint8_t)*schema) * 0x01000193u;
        return (int32_t)h;
}

static bool postgres_open(const char *connection, const char *schema_name, struct store *s, struct err *e)
{
        struct postgres *d CLEANUP(postgres_freep) = heap_alloc(sizeof(*d));

        snprintf(d->schema, sizeof(d->schema), "%s", schema_name);
        d->lock = lock_of(schema_name);
        d->version = postgres_schema.n_steps;
        if (!connected(d, connection, e) || !prepare(d, &postgres_schema, e))
                return false;
        s->ops = &postgres_ops;
        s->schema_version = postgres_schema.n_steps;
        s->db = d;
        d = NULL;
        return true;
}

/* Is there a password in it? Then its file must be nobody else's business. ERR_MALFORMED when it is no connection string. */
static bool postgres_has_password(const char *connection, bool *ret, struct err *e)
{
        char *why = NULL;
        PQconninfoOption *options = PQconninfoParse(connection, &why);
        bool ok = options != NULL;

        *ret = true;
        if (!ok)
                err_set(e, ERR_MALFORMED,
                    "this is no connection string of PostgreSQL"); /* libpq's reason may quote the password */
        else
                *ret = false;
        for (PQconninfoOption *o = options; o && o->keyword; o++)
                if (o->val && *o->val &&
                    (strcmp(o->keyword, "password") == 0 || strcmp(o->keyword, "sslpassword") == 0))
                        *ret = true;
        PQconninfoFree(options);
        PQfreemem(why);
        return ok;
}

__attribute__((visibility("default"))) extern const struct store_module coffer_store_module;
const struct store_module coffer_store_module = {.version = COFFER_VERSION,
    .size = sizeof(struct store),
    .open = postgres_open,
    .has_password = postgres_has_password};
