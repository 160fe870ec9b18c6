/* The ledger: every way to tamper is found and named; many writers and crashes leave one whole chain. */
#include <signal.h>

#include "store/ledger_test_priv.h"

/* Records that an attacker may write who can write the file. */
static void disarm(struct store *s)
{
        sql(s, "DROP TRIGGER ledger_keeps_records");
        sql(s, "DROP TRIGGER ledger_keeps_content");
}

/* ---- records ---- */

struct copies {
        struct ledger_record at[10];
        char body[10][100];
        size_t n, stop_after;
};

static bool copy_record(void *ctx, const struct ledger_record *r)
{
        struct copies *c = ctx;

        assert_true(c->n < ARRAY_LEN(c->at));
        c->at[c->n] = *r;
        snprintf(c->body[c->n], sizeof(c->body[0]), "%.*s %.*s", SPAN_FMT(r->event), SPAN_FMT(r->body));
        c->n++;
        return c->n != c->stop_after;
}

static void records_come_back_in_a_chain(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        struct copies c = {0};
        struct ledger_record last;
        int64_t before_s = clock_wall_s();

        assert_ok(ledger_append(s, "scan", SPAN_LIT("{\"n\":1}"), NULL, e));
        assert_ok(ledger_append(s, "run.refused", SPAN_LIT("{\"n\":\"\xc3\xa4'\"}"), NULL, e));
        room_close(r);
        s = room_open(r);
        assert_ok(ledger_append(s, "a-z_0.9", SPAN_LIT(""), &last, e));
        assert_ok(ledger_read(s, 0, UINT64_MAX, copy_record, &c, e));
        assert_int_equal(c.n, 3);
        assert_string_equal(c.body[0], "scan {\"n\":1}");
        assert_string_equal(c.body[1], "run.refused {\"n\":\"\xc3\xa4'\"}");
        assert_string_equal(c.body[2], "a-z_0.9 ");
        for (size_t i = 0; i < 3; i++) {
                assert_int_equal(c.at[i].seq, i + 1);
                assert_true(c.at[i].time_s >= before_s && c.at[i].time_s <= clock_wall_s());
                struct ledger_end none = ledger_beginning();
                assert_true(digest_equal(&c.at[i].previous, i ? &c.at[i - 1].hash : &none.hash));
        }
        assert_int_equal(last.seq, 3);
        assert_true(digest_equal(&last.hash, &c.at[2].hash) && digest_equal(&last.previous, &c.at[1].hash));
        assert_intact(s, NULL, 3);
}

/* The figure was made with Python's struct and hashlib, not with this program. */
static void the_hash_is_as_documented(void **state)
{
        struct ledger_record r = {.seq = 2, .time_s = 1700000000, .event = SPAN_LIT("scan"), .body = SPAN_LIT("{}")};
        char text[DIGEST_TEXT_MAX];
        struct digest hash;

        (void)state;
        r.previous.alg = DIGEST_SHA256;
        memset(r.previous.bytes, 0xab, 32);
        ledger_record_hash(&r, &hash);
        assert_string_equal(
            digest_format(&hash, text), "sha256:94fc4639513ca93507a9cce063ba16bfff4f3d02c65ad80c3e73e2d96ae42c8d");
}

static void a_part_can_be_read(void **state)
{
        struct store *s = room_open(*state);
        struct copies c = {0};

        append(s, 5);
        assert_ok(ledger_read(s, 2, 4, copy_record, &c, e));
        assert_int_equal(c.n, 3);
        assert_int_equal(c.at[0].seq, 2);
        c = (struct copies){0};
        assert_ok(ledger_read(s, 4, 2, copy_record, &c, e));
        assert_ok(ledger_read(s, 6, UINT64_MAX, copy_record, &c, e));
        assert_ok(ledger_read(s, UINT64_MAX, UINT64_MAX, copy_record, &c, e));
        assert_int_equal(c.n, 0);
        c.stop_after = 2;
        assert_ok(ledger_read(s, 1, 5, copy_record, &c, e));
        assert_int_equal(c.n, 2);
        append(s, 1); /* a read that was ended early holds nothing */
}

static void what_is_no_record_is_refused(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(heap_freep) uint8_t *big = heap_alloc(STORE_RECORD_MAX + 1);
        char event[STORE_EVENT_MAX + 2];
        struct ledger_record r = {.seq = 77};

        memset(big, 'x', STORE_RECORD_MAX + 1);
        memset(event, 'e', sizeof(event));
        event[STORE_EVENT_MAX + 1] = 0;
        assert_refused(ledger_append(s, event, BODY, &r, e), ERR_MALFORMED, "an event is 1 to 64");
        assert_refused(ledger_append(s, "", BODY, &r, e), ERR_MALFORMED, "an event is");
        assert_refused(ledger_append(s, "Run", BODY, &r, e), ERR_MALFORMED, "an event is");
        assert_refused(ledger_append(s, "a b", BODY, &r, e), ERR_MALFORMED, "an event is");
        assert_refused(ledger_append(s, "a", span_bytes("{\0}", 3), &r, e), ERR_MALFORMED, "its body has a NUL");
        assert_refused(ledger_append(s, "a", SPAN_LIT("\xff"), &r, e), ERR_MALFORMED, "its body is not UTF-8");
        assert_refused(ledger_append(s, "a", span_bytes(big, STORE_RECORD_MAX + 1), &r, e), ERR_LIMIT, "its body");
        assert_int_equal(r.seq, 77);
        assert_intact(s, NULL, 0);
        event[STORE_EVENT_MAX] = 0;
        assert_ok(ledger_append(s, event, span_bytes(big, STORE_RECORD_MAX), &r, e));
        assert_int_equal(r.seq, 1);
        assert_intact(s, NULL, 1);
}

static void records_are_not_changed_by_accident(void **state)
{
        struct store *s = room_open(*state);

        append(s, 2);
        assert_refused(store_do(s, "DELETE FROM ledger WHERE seq = 2", NULL, 0, e), ERR_CONFLICT, "never removed");
        assert_refused(store_do(s, "UPDATE ledger SET body = ''", NULL, 0, e), ERR_CONFLICT, "never changed");
        assert_intact(s, NULL, 2);
}

/* ---- tampering: each by a statement, on a chain of five, with a head of record 4 kept elsewhere ---- */

struct tampering {
        const char *what, *statement;
        uint64_t first_broken;
        const char *reason;
};

static const struct tampering tamperings[] = {
    {"body", "UPDATE ledger SET body = replace(body, 'demo', 'evil') WHERE seq = 3", 3,
        "record 3: hash does not match its content"},
    {"body's last byte", "UPDATE ledger SET body = body || ' ' WHERE seq = 5", 5, "record 5: hash does not match"},
    {"time", "UPDATE ledger SET time_s = time_s + 1 WHERE seq = 1", 1, "record 1: hash does not match its content"},
    {"event", "UPDATE ledger SET event = 'run.refused' WHERE seq = 2", 2, "record 2: hash does not match its content"},
    {"a byte moved from body to event",
        "UPDATE ledger SET event = event || substr(body, 1, 1), body = substr(body, 2) WHERE seq = 2", 2,
        "record 2: hash does not match its content"},
    {"hash", "UPDATE ledger SET hash = zeroblob(32) WHERE seq = 2", 2, "record 2: hash does not match its content"},
    {"link", "UPDATE ledger SET previous = zeroblob(32) WHERE seq = 2", 2, "record 2: does not link to the one before"},
    {"first link", "UPDATE ledger SET previous = hash WHERE seq = 1", 1, "record 1: does not link to the one before"},
    {"no hash", "UPDATE ledger SET hash = x'00' WHERE seq = 4", 4, "record 4: its hash is not one"},
    {"removed first", "DELETE FROM ledger WHERE seq = 1", 1, "record 1 is missing"},
    {"removed middle", "DELETE FROM ledger WHERE seq = 3", 3, "record 3 is missing"},
    {"removed middle, numbers closed up",
        "DELETE FROM ledger WHERE seq = 3; UPDATE ledger SET seq = seq - 1 WHERE seq > 3", 3,
        "record 3: does not link to the one before"},
    {"reordered",
        "UPDATE ledger SET seq = 100 WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 3;"
        "UPDATE ledger SET seq = 3 WHERE seq = 100",
        2, "record 2: does not link to the one before"},
    {"contents exchanged",
        "UPDATE ledger SET body = (SELECT o.body FROM ledger AS o WHERE o.seq = 5 - ledger.seq) || '' , event = 'a' "
        "WHERE seq IN (2, 3)",
        2, "record 2: hash does not match its content"},
    {"inserted before the first",
        "INSERT INTO ledger SELECT 0, time_s, event, body, previous, hash FROM ledger LIMIT 1", 1,
        "record 0: no record has this number"},
    {"inserted below zero", "INSERT INTO ledger SELECT -7, time_s, event, body, previous, hash FROM ledger LIMIT 1", 1,
        "record -7: no record has this number"},
    {"inserted far behind", "INSERT INTO ledger SELECT 9000, time_s, event, body, previous, hash FROM ledger LIMIT 1",
        6, "record 6 is missing"},
    {"a copy appended", "INSERT INTO ledger SELECT 6, time_s, event, body, previous, hash FROM ledger WHERE seq = 5", 6,
        "record 6: does not link to the one before"},
    {"an oversized event", "UPDATE ledger SET event = hex(zeroblob(100)) WHERE seq = 2", 2, "larger than a record"},
    {"cut tail", "DELETE FROM ledger WHERE seq > 3", 0, "the chain ends at 3, the head says 4: truncated"},
    {"all removed", "DELETE FROM ledger", 0, "the chain ends at 0, the head says 4: truncated"},
};

static void run_all(struct store *s, const char *statements)
{
        char text[600];

        for (const char *at = statements; *at;) {
                size_t len = strcspn(at, ";");
                snprintf(text, sizeof(text), "%.*s", (int)len, at);
                sql(s, text);
                at += len + (at[len] == ';');
        }
}

static void tampering_is_found_and_named(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        CLEANUP(buf_done) struct buf head = {0};

        append(s, 4);
        assert_ok(ledger_head(s, &head, e));
        append(s, 1);
        disarm(s);
        assert_intact(s, &head, 5);
        sql(s, "CREATE TABLE honest AS SELECT * FROM ledger");
        for (size_t i = 0; i < ARRAY_LEN(tamperings); i++) {
                const struct tampering *t = &tamperings[i];

                run_all(s, t->statement);
                assert_broken(s, &head, t->first_broken, t->reason);
                if (t->first_broken > 0)
                        assert_broken(s, NULL, t->first_broken, t->reason); /* found without any head */
                else
                        assert_true(verify(s, NULL).intact); /* here a head is what it takes */
                sql(s, "DELETE FROM ledger");
                sql(s, "INSERT INTO ledger SELECT * FROM honest");
                assert_intact(s, &head, 5);
        }
}

/* Whoever can write the file can compute hashes too. */
static void a_rebuilt_chain_is_found_by_an_earlier_head(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(buf_done) struct buf head = {0};

        append(s, 3);
        assert_ok(ledger_head(s, &head, e));
        append(s, 2);
        disarm(s);
        sql(s, "DELETE FROM ledger WHERE seq >= 3");
        assert_ok(ledger_append(s, "run.allowed", SPAN_LIT("{\"image\":\"evil\"}"), NULL, e));
        assert_broken(s, &head, 0, "record 3 is not the one that the head names: the chain was rebuilt");
        append(s, 4);
        assert_broken(s, &head, 0, "the chain was rebuilt");
        assert_intact(s, NULL, 7);
}

static void a_tampered_chain_still_records(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(buf_done) struct buf head = {0};

        append(s, 3);
        disarm(s);
        sql(s, "UPDATE ledger SET body = 'x' WHERE seq = 3");
        /* But nobody signs for it. */
        assert_refused(ledger_head(s, &head, e), ERR_UNTRUSTED, "record 3: hash does not match its content");
        assert_int_equal(head.len, 0);
        append(s, 1);
        assert_broken(s, NULL, 3, "record 3: hash");
        sql(s, "UPDATE ledger SET hash = x'' WHERE seq = 4");
        assert_refused(ledger_append(s, "scan", BODY, NULL, e), ERR_MALFORMED, "record 4: its hash is not one");
}

static void numbers_end_somewhere(void **state)
{
        struct store *s = room_open(*state);

        append(s, 1);
        sql(s, "INSERT INTO ledger SELECT 9223372036854775807, time_s, event, body, previous, hash FROM ledger");
        assert_refused(ledger_append(s, "scan", BODY, NULL, e), ERR_MALFORMED, "can have no next");
        assert_broken(s, NULL, 2, "record 2 is missing");
}

/* ---- many writers, and the end of one ---- */

#define WRITERS 3
#define EACH 60

static void writers_take_turns(void **state)
{
        struct room *r = *state;
        pid_t pids[WRITERS];

        for (int i = 0; i < WRITERS; i++) {
                pids[i] = fork();
                assert_true(pids[i] >= 0);
                if (pids[i] == 0) {
                        struct store *s;
                        struct err e = {0};
                        bool ok = store_open(r->fd, r->path, &s, &e);
                        for (int n = 0; ok && n < EACH; n++)
                                ok = ledger_append(s, "run.allowed", BODY, NULL, &e);
                        if (!ok)
                                fprintf(stderr, "writer: %s\n", e.text);
                        _exit(ok ? 0 : 1);
                }
        }
        children_end(pids, WRITERS);
        assert_intact(room_open(r), NULL, WRITERS * EACH);
}

/* The child says each record's number once ledger_append has returned; then it is killed at any point. */
static void what_was_appended_survives_a_kill(void **state)
{
        struct room *r = *state;
        uint64_t said = 0, before = 0;

        for (int round = 0; round < 6; round++) {
                int pipe_fds[2];
                pid_t pid;
                int status;

                assert_int_equal(pipe(pipe_fds), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        struct ledger_record record;
                        struct store *s;

                        if (!store_open(r->fd, r->path, &s, NULL))
                                _exit(1);
                        while (ledger_append(s, "run.allowed", BODY, &record, NULL))
                                if (write(pipe_fds[1], &record.seq, sizeof(record.seq)) != sizeof(record.seq))
                                        _exit(2);
                        _exit(3);
                }
                close(pipe_fds[1]);
                for (int n = 0; n < 3 + 20 * round; n++)
                        assert_int_equal(read(pipe_fds[0], &said, sizeof(said)), sizeof(said));
                usleep(137 * (useconds_t)round);
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
                while (read(pipe_fds[0], &said, sizeof(said)) == sizeof(said))
                        ;
                close(pipe_fds[0]);

                struct ledger_verdict v = verify(room_open(r), NULL);
                assert_true(v.intact);
                assert_true(v.records >= said && v.records <= said + 1); /* one may have been committed, but not said */
                assert_true(v.records > before);
                before = v.records;
                append(r->s, 1);
                room_close(r);
        }
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(records_come_back_in_a_chain),
            cmocka_unit_test(the_hash_is_as_documented),
            ROW(a_part_can_be_read),
            ROW(what_is_no_record_is_refused),
            ROW(records_are_not_changed_by_accident),
            ROW(tampering_is_found_and_named),
            ROW(a_rebuilt_chain_is_found_by_an_earlier_head),
            ROW(a_tampered_chain_still_records),
            ROW(numbers_end_somewhere),
            ROW(writers_take_turns),
            ROW(what_was_appended_survives_a_kill),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
