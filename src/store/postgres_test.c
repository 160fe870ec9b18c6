/*
 * The PostgreSQL backend against a real server: whose schema it is, who may open it, what becomes of a lost connection, and that the
 * fleet's questions go by indexes. The tests of images, containers, ids, layers and the ledger run on it as well (meson.build).
 */
#include "store/store_test_priv.h"

#define S(text) span_of(text)

static void conf_write(struct room *r, mode_t mode, const char *text)
{
        assert_ok(file_replace(r->fd, "store.conf", span_of(text), mode, e));
}

static char *conf_text(const char *more, const char *schema)
{
        static char text[700];

        snprintf(text, sizeof(text), "connection: %s %s\nschema: %s\n", room_postgres(), more, schema);
        return text;
}

/* The room's own schema, as room_configure has chosen it. */
static void schema_of(struct room *r, char to[64])
{
        CLEANUP(buf_done) struct buf b = {0};
        const char *at;

        assert_ok(file_read(r->fd, "store.conf", 1000, &b, e));
        buf_put_u8(&b, 0);
        at = strstr((const char *)b.at, "schema: ");
        assert_non_null(at);
        snprintf(to, 64, "%.*s", (int)strcspn(at + 8, "\n"), at + 8);
}

static void opened_twice_it_is_the_same(void **state)
{
        struct room *r = *state;
        struct store *other;
        struct ledger_verdict v;

        assert_true(text_has(store_where(room_open(r)), "PostgreSQL at /"));
        assert_ok(ledger_append(r->s, "one", S("{}"), NULL, e));
        assert_ok(store_open(r->fd, r->path, &other, e));
        assert_ok(ledger_append(other, "two", S("{}"), NULL, e));
        assert_ok(ledger_verify(r->s, (struct span){0}, &v, e));
        assert_true(v.intact && v.records == 2);
        store_free(other);
        /* Nothing of SQLite's is made beside it. */
        assert_int_equal(faccessat(r->fd, "coffer.db", F_OK, 0), -1);
}

static void schemas_of_others_are_refused(void **state)
{
        struct room *r = *state;
        char schema[64], text[200];
        struct store *admin = room_open(r), *s = NULL;

        schema_of(r, schema);
        snprintf(text, sizeof(text), "CREATE SCHEMA %s_b", schema);
        sql(admin, text);
        snprintf(text, sizeof(text), "CREATE TABLE %s_b.things (id BIGINT)", schema);
        sql(admin, text);
        snprintf(text, sizeof(text), "%s_b", schema);
        conf_write(r, 0600, conf_text("", text));
        assert_refused(store_open(r->fd, r->path, &s, e), ERR_MALFORMED, "another program");
        /* An empty one that an administrator has made is taken. */
        snprintf(text, sizeof(text), "DROP TABLE %s_b.things", schema);
        sql(admin, text);
        assert_ok(store_open(r->fd, r->path, &s, e));
        store_free(s);
        /* A word of SQL is a name like others. */
        conf_write(r, 0600, conf_text("", "order"));
        assert_ok(store_open(r->fd, r->path, &s, e));
        assert_ok(ledger_append(s, "x", S("{}"), NULL, e));
        store_free(s);
        assert_ok(store_open(r->fd, r->path, &s, e));
        store_free(s);
        s = NULL;
        /* One that could not keep every name is not begun with. */
        sql(admin, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        conf_write(r, 0600, conf_text("dbname=latin", schema));
        assert_refused(store_open(r->fd, r->path, &s, e), ERR_UNSUPPORTED, "its encoding is LATIN1");
        /* Made by a newer Coffer; and while we had it open. */
        conf_write(r, 0600, conf_text("", schema));
        sql(admin, "UPDATE about SET version = version + 1");
        assert_refused(store_open(r->fd, r->path, &s, e), ERR_UNSUPPORTED, "made by a newer Coffer");
        assert_refused(ledger_append(admin, "x", S("{}"), NULL, e), ERR_UNSUPPORTED, "changed to schema");
        sql(admin, "UPDATE about SET version = 0");
        assert_refused(store_open(r->fd, r->path, &s, e), ERR_MALFORMED, "another program");
}

static void bad_configurations_are_refused(void **state)
{
        static const struct {
                const char *text;
                mode_t mode;
                enum err_kind kind;
                const char *says;
        } bad[] = {
            {"schema: a\n", 0600, ERR_MALFORMED, "names no connection"},
            {"", 0600, ERR_MALFORMED, "names no connection"},
            {"# x\nhost=/tmp\n", 0600, ERR_MALFORMED, "line 2"},
            {"connection: a=b\nconnection: c=d\n", 0600, ERR_MALFORMED, "line 2: one connection"},
            {"user: x\n", 0600, ERR_MALFORMED, "keys are connection and schema"},
            {"connection: host=/tmp\nschema: pg_catalog\n", 0600, ERR_MALFORMED, "schema's name"},
            {"connection: host=/tmp\nschema: a;b\n", 0600, ERR_MALFORMED, "schema's name"},
            {"connection: host=/tmp\nschema: \"a\"\n", 0600, ERR_MALFORMED, "schema's name"},
            {"connection: host=/tmp\nschema: A\n", 0600, ERR_MALFORMED, "schema's name"},
            {"connection: host=/tmp\nschema: 1a\n", 0600, ERR_MALFORMED, "schema's name"},
            {"connection: nonsense\n", 0600, ERR_MALFORMED, "no connection string"},
            {"connection: host=/tmp\n", 0622, ERR_UNTRUSTED, "nobody else may write"},
            {"connection: host=/tmp password=geheim\n", 0640, ERR_UNTRUSTED, "holds a password"},
            {"connection: host=/nowhere password=geheim\n", 0600, ERR_UNAVAILABLE, "/nowhere"},
            {"connection: postgresql://u:geheim@%2Fnowhere/db\n", 0604, ERR_UNTRUSTED, "holds a password"},
        };
        struct room *r = *state;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct store *s = NULL;
                struct err e = {0};

                conf_write(r, bad[i].mode, bad[i].text);
                assert_false(store_open(r->fd, r->path, &s, &e));
                if (e.kind != bad[i].kind || !strstr(e.text, bad[i].says) || strstr(e.text, "geheim"))
                        fail_msg("%s: %s: %s", bad[i].text, err_kind_name(e.kind), e.text);
        }
        assert_int_equal(unlinkat(r->fd, "store.conf", 0), 0);
        assert_int_equal(symlinkat("/dev/null", r->fd, "store.conf"), 0);
        assert_refused(
            store_open(r->fd, r->path, &(struct store *){NULL}, e), ERR_UNTRUSTED, "must be a file of yours");
}

/* What is loaded runs as us. */
static void a_module_of_others_is_refused(void **state)
{
        struct room *r = *state;
        const char *libexec = getenv("COFFER_LIBEXEC");
        CLEANUP(buf_done) struct buf b = {0};
        char path[4200], before[4096];

        assert_non_null(libexec);
        snprintf(before, sizeof(before), "%s", libexec);
        snprintf(path, sizeof(path), "%s/coffer-store-postgres.so", before);
        assert_ok(file_read(AT_FDCWD, path, 64u << 20, &b, e));
        assert_ok(file_replace(r->fd, "coffer-store-postgres.so", buf_span(&b), 0777, e));
        setenv("COFFER_LIBEXEC", r->path, 1);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_UNTRUSTED, "changed by others");
        assert_int_equal(fchmodat(r->fd, "coffer-store-postgres.so", 0755, 0), 0);
        assert_int_equal(fchmod(r->fd, 0777), 0);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_UNTRUSTED, "changed by others");
        assert_int_equal(fchmod(r->fd, 0700), 0);
        assert_ok(file_replace(r->fd, "coffer-store-postgres.so", S("no library"), 0755, e));
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_UNSUPPORTED, "is libpq installed");
        assert_int_equal(unlinkat(r->fd, "coffer-store-postgres.so", 0), 0);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_UNSUPPORTED, "asks for PostgreSQL");
        setenv("COFFER_LIBEXEC", before, 1);
        room_open(r);
}

static void writers_take_turns(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r), *other;

        assert_ok(store_open(r->fd, r->path, &other, e));
        sql(other, "SET lock_timeout = 50");
        assert_ok(store_begin(s, true, e));
        assert_refused(ledger_append(other, "x", S("{}"), NULL, e), ERR_UNAVAILABLE, "in use by another process");
        /* who reads does not wait */
        assert_int_equal(sql_number(other, "SELECT count(*) FROM ledger"), 0);
        assert_ok(store_end(s, true, e));
        assert_ok(ledger_append(other, "x", S("{}"), NULL, e));
        store_free(other);
}

/* The server ends us in the middle: what was under way did not happen, and it is said. */
static void a_lost_connection_is_said(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r), *other;
        char text[100];

        assert_ok(store_open(r->fd, r->path, &other, e));
        snprintf(text, sizeof(text), "SELECT pg_terminate_backend(%lld)",
            (long long)sql_number(s, "SELECT CAST(pg_backend_pid() AS BIGINT)"));
        assert_ok(store_begin(s, true, e));
        sql(s, "INSERT INTO id_range (first, owner) VALUES (1, 'lost')");
        {
                struct store_query q = {.sql = text};

                assert_ok(store_run(other, &q, e));
        }
        assert_refused(store_end(s, store_do(s, "SELECT 1", NULL, 0, e), e), ERR_UNAVAILABLE, "");
        assert_refused(ledger_append(s, "x", S("{}"), NULL, e), ERR_UNAVAILABLE, "connection was lost");
        assert_int_equal(sql_number(other, "SELECT count(*) FROM id_range"), 0);
        assert_ok(ledger_append(other, "x", S("{}"), NULL, e)); /* and its lock is gone */
        store_free(other);
}

static void many_at_once(void **state)
{
        struct store *s = room_open(*state);
        static struct store_value args[2 * 1000];

        for (size_t i = 0; i < 1000; i++) {
                args[2 * i] = value_int((int64_t)i);
                args[2 * i + 1] = value_text(S("a"));
        }
        assert_ok(store_begin(s, true, e));
        sql(s, "CREATE TABLE many (id BIGINT PRIMARY KEY, what TEXT NOT NULL)");
        assert_ok(store_do_each(s, "INSERT INTO many (id, what) VALUES (?, ?)", args, 2, 1000, e));
        assert_ok(store_end(s, true, e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM many"), 1000);
        /* One that fails among many: none of them. */
        args[2 * 700] = value_int(-1);
        args[2 * 900] = value_int(-1);
        sql(s, "DELETE FROM many");
        assert_ok(store_begin(s, true, e));
        assert_refused(
            store_do_each(s, "INSERT INTO many (id, what) VALUES (?, ?)", args, 2, 1000, e), ERR_CONFLICT, "many_pkey");
        assert_false(store_end(s, false, NULL));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM many"), 0);
        assert_ok(store_begin(s, true, e));
        assert_ok(store_do_each(s, "INSERT INTO many (id, what) VALUES (?, ?)", args, 2, 0, e));
        assert_ok(store_end(s, true, e));
}

/* ---- the plan: searches in indexes, never a walk over a table ---- */

static bool plan_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        char *plan = q->ctx;

        (void)e;
        assert_int_equal(n, 1);
        snprintf(plan + strlen(plan), 2000 - strlen(plan), "%.*s\n", SPAN_FMT(row[0].bytes));
        return true;
}

static void plan_is(struct store *s, const char *text, const char *index)
{
        char plan[2000] = "";
        struct store_query q = {.sql = text, .on_row = plan_row, .ctx = plan};

        assert_ok(store_run(s, &q, e));
        if (strstr(plan, "Seq Scan") || !strstr(plan, index))
                fail_msg("%s:\n%s", text, plan);
}

static void the_fleet_is_asked_by_indexes(void **state)
{
        struct store *s = room_open(*state);

        sql(s, "INSERT INTO component (digest, ecosystem, package, key_format, key, name, version, source_name, "
               "source_version, type, module, owner) "
               "SELECT sha256(CAST(CAST(i AS TEXT) AS BYTEA)), 'Debian:12', 'p' || i / 4, 1, CAST(CAST(i AS TEXT) AS "
               "BYTEA), 'p' || i / 4, '1', '', '', 'deb', '', '' "
               "FROM generate_series(1, 20000) AS i");
        sql(s, "INSERT INTO component_set (id, digest) SELECT i, sha256(CAST(CAST(i AS TEXT) AS BYTEA)) FROM "
               "generate_series(1, 2000) AS i");
        sql(s, "INSERT INTO member (component_id, set_id) SELECT c.id, c.id % 2000 + 1 FROM component AS c");
        sql(s, "INSERT INTO image (id, digest, name, assessed_s, advisories, inventory_format, inventory) "
               "SELECT i, 'sha256:' || i, '', 0, '', 1, '' FROM generate_series(1, 5000) AS i");
        sql(s, "INSERT INTO part (set_id, image_id) SELECT (i + k) % 2000 + 1, i FROM generate_series(1, 5000) AS i, "
               "generate_series(1, 4) AS k");
        sql(s, "ANALYZE component, component_set, member, image, part");
        plan_is(s,
            "EXPLAIN SELECT id, name FROM component WHERE ecosystem = 'Debian:12' AND package = 'p17' AND key_format = "
            "1 AND key >= '7' AND key < '8'",
            "component_by_key");
        plan_is(s,
            "EXPLAIN SELECT id FROM component WHERE ecosystem = 'Debian:12' AND package = 'p17' AND key_format <> 1",
            "component_by_key");
        plan_is(s,
            "EXPLAIN SELECT DISTINCT p.image_id FROM member AS m CROSS JOIN part AS p WHERE m.component_id = 7 AND "
            "p.set_id = m.set_id ORDER BY p.image_id",
            "part_pkey");
        plan_is(s, "EXPLAIN SELECT ecosystem FROM component WHERE ecosystem > 'a' ORDER BY ecosystem LIMIT 1",
            "component_by_key");
        plan_is(s, "EXPLAIN SELECT id, name FROM component WHERE id > 77 ORDER BY id LIMIT 100", "component_pkey");
        plan_is(s, "EXPLAIN SELECT digest, name, advisories FROM image WHERE id = 7", "image_pkey");
        plan_is(s, "EXPLAIN SELECT advisories FROM image WHERE advisories > 'a' ORDER BY advisories LIMIT 1",
            "image_by_advisories");
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(opened_twice_it_is_the_same),
            ROW(schemas_of_others_are_refused),
            ROW(bad_configurations_are_refused),
            ROW(a_module_of_others_is_refused),
            ROW(writers_take_turns),
            ROW(a_lost_connection_is_said),
            ROW(many_at_once),
            ROW(the_fleet_is_asked_by_indexes),
        };

        if (!room_postgres()) {
                print_message("skipped: run it by test/store/with_postgres.py\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
