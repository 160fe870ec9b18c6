/* The ledger: every way to tamper is found and named; many writers and crashes leave one whole chain. */
#include "store/store_test_priv.h"

#include <signal.h>
#include <sys/wait.h>

#define NONE ((struct span){0})
#define BODY SPAN_LIT("{\"image\":\"demo\"}")

static void append(struct store *s, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                assert_ok(ledger_append(s, "run.allowed", BODY, NULL, e));
}

/* Records that an attacker may write who can write the file. */
static void disarm(struct store *s)
{
        sql(s, "DROP TRIGGER ledger_keeps_records");
        sql(s, "DROP TRIGGER ledger_keeps_content");
}

static struct ledger_verdict verify(struct store *s, const struct buf *head)
{
        struct ledger_verdict v = {0};

        assert_ok(ledger_verify(s, head ? buf_span(head) : NONE, &v, e));
        assert_int_equal(v.intact, v.reason[0] == 0);
        return v;
}

static void assert_intact(struct store *s, const struct buf *head, uint64_t records)
{
        struct ledger_verdict v = verify(s, head);

        if (!v.intact)
                fail_msg("%s", v.reason);
        assert_int_equal(v.records, records);
        assert_int_equal(v.first_broken, 0);
}

static void assert_broken(struct store *s, const struct buf *head, uint64_t first, const char *reason)
{
        struct ledger_verdict v = verify(s, head);

        if (v.intact)
                fail_msg("taken for intact; should be: %s", reason);
        if (!text_has(v.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", v.reason, reason);
        assert_int_equal(v.first_broken, first);
        if (first > 0)
                assert_int_equal(v.records, first - 1);
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

/* ---- heads ---- */

static void a_head_proves_that_the_chain_extends_it(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        CLEANUP(buf_done) struct buf empty = {0}, two = {0}, again = {0};
        struct stat st;
        struct head h;

        assert_ok(ledger_head(s, &empty, e));
        assert_int_equal(fstatat(r->fd, "keys/ledger.key", &st, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_size, 32);
        assert_intact(s, &empty, 0);
        append(s, 2);
        assert_ok(ledger_head(s, &two, e));
        append(s, 3);
        room_close(r);
        s = room_open(r);
        assert_intact(s, &empty, 5);
        assert_intact(s, &two, 5);
        assert_ok(ledger_head(s, &again, e)); /* the same key again */
        assert_intact(s, &again, 5);
        assert_ok(head_parse(buf_span(&empty), &h, e));
        assert_int_equal(h.end.seq, 0);
        assert_ok(head_parse(buf_span(&two), &h, e));
        assert_int_equal(h.end.seq, 2);
        assert_true(span_starts(buf_span(&two), "coffer-ledger-head v1\nseq 2\nhash sha256:"));
        assert_int_equal(two.len, 22 + 6 + 77 + 77 + 139);
}

static void a_head_of_another_node_is_told(void **state)
{
        struct store *s = room_open(*state), *other = NULL;
        CLEANUP(buf_done) struct buf head = {0}, own = {0};
        void *other_state = NULL;

        assert_int_equal(room_setup(&other_state), 0);
        other = room_open(other_state);
        append(s, 1);
        append(other, 1);
        assert_ok(ledger_head(other, &head, e));
        assert_broken(s, &head, 0, "the head is of another node: this one has no ledger key");
        assert_int_equal(
            faccessat(((struct room *)*state)->fd, "keys/ledger.key", F_OK, 0), -1); /* none made by asking */
        assert_ok(ledger_head(s, &own, e));
        assert_broken(s, &head, 0, "the head is of another node: its key is");
        room_teardown(&other_state);
}

static void a_changed_head_is_told(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(buf_done) struct buf text = {0};
        struct head h;

        append(s, 3);
        assert_ok(ledger_head(s, &text, e));
        assert_ok(head_parse(buf_span(&text), &h, e));
        h.end.seq = 2; /* to hide that record 3 was removed */
        buf_clear(&text);
        head_put(&text, &h);
        assert_broken(s, &text, 0, "the head was changed: this node's key did not sign it");
        h.end.seq = 3;
        h.signature[63] ^= 0x20;
        buf_clear(&text);
        head_put(&text, &h);
        assert_broken(s, &text, 0, "the head was changed");
        h.signature[63] ^= 0x20;
        buf_clear(&text);
        head_put(&text, &h);
        assert_intact(s, &text, 3);
}

static const char *const bad_heads[] = {"\n", "coffer-ledger-head v1\n", "seq 3\n", "{}", "coffer-ledger-head v1"};

static void what_is_no_head_is_refused(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(buf_done) struct buf text = {0}, changed = {0};
        struct ledger_verdict v = {.records = 77};
        struct span good;
        struct head h;

        append(s, 10);
        assert_ok(ledger_head(s, &text, e));
        good = buf_span(&text);
        for (size_t i = 0; i < ARRAY_LEN(bad_heads); i++)
                assert_refused(ledger_verify(s, span_of(bad_heads[i]), &v, e), ERR_MALFORMED, "not a ledger head");
        for (size_t len = 1; len < good.len; len++) /* cut anywhere */
                assert_refused(ledger_verify(s, span_cut(good, 0, len), &v, e), ERR_MALFORMED, "ledger head");
        buf_put(&changed, good);
        buf_put_text(&changed, "\n");
        assert_refused(ledger_verify(s, buf_span(&changed), &v, e), ERR_MALFORMED, "not a ledger head");
        buf_clear(&changed);
        buf_put_text(&changed, "coffer-ledger-head v1\nseq 010\n");
        buf_put(&changed, span_from(good, 29));
        assert_refused(ledger_verify(s, buf_span(&changed), &v, e), ERR_MALFORMED, "not as it was written");
        buf_clear(&changed);
        buf_put_text(&changed, "coffer-ledger-head v1\r\nseq 10\n");
        buf_put(&changed, span_from(good, 29));
        assert_refused(ledger_verify(s, buf_span(&changed), &v, e), ERR_MALFORMED, "not as it was written");
        buf_clear(&changed);
        buf_put_text(&changed, "coffer-ledger-head v1\nseq 10\n");
        buf_put(&changed, span_from(good, 29));
        assert_true(span_equal(buf_span(&changed), good)); /* the two above differed in that alone */
        changed.at[20] = '2';
        assert_refused(ledger_verify(s, buf_span(&changed), &v, e), ERR_UNSUPPORTED, "this program reads v1");
        assert_refused(ledger_verify(s, span_bytes(bad_heads, STORE_HEAD_MAX + 1), &v, e), ERR_LIMIT, "at most 512");
        assert_int_equal(v.records, 77);
        assert_ok(head_parse(good, &h, e));
        h.end.seq = INT64_MAX;
        buf_clear(&changed);
        head_put(&changed, &h);
        assert_true(changed.len <= STORE_HEAD_MAX);
        assert_ok(head_parse(buf_span(&changed), &h, e));
}

static void a_full_buffer_is_an_error(void **state)
{
        struct store *s = room_open(*state);
        struct buf small = {.max = 100};

        assert_refused(ledger_head(s, &small, e), ERR_LIMIT, "the buffer for it is full");
        assert_int_equal(small.len, 0);
        buf_done(&small);
}

/* ---- the key ---- */

static void a_key_that_others_reach_is_refused(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        CLEANUP(buf_done) struct buf head = {0}, kept = {0};
        struct ledger_verdict v;
        static const mode_t wide[] = {0640, 0604, 0620, 0601, 0666};

        assert_ok(ledger_head(s, &kept, e));
        for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
                assert_int_equal(fchmodat(r->fd, "keys/ledger.key", wide[i], 0), 0);
                assert_refused(ledger_head(s, &head, e), ERR_UNTRUSTED, "can be read or replaced by others");
                assert_refused(ledger_verify(s, buf_span(&kept), &v, e), ERR_UNTRUSTED, "chmod 600");
        }
        assert_int_equal(fchmodat(r->fd, "keys/ledger.key", 0400, 0), 0);
        assert_ok(ledger_head(s, &head, e));
        assert_true(span_equal(buf_span(&head), buf_span(&kept)));
        assert_int_equal(fchmodat(r->fd, "keys", 0720, 0), 0);
        assert_refused(ledger_head(s, &head, e), ERR_UNTRUSTED, "keys/ can be written by others");
        assert_int_equal(fchmodat(r->fd, "keys", 0755, 0), 0);
        assert_ok(ledger_head(s, &head, e));
        append(s, 1); /* needs no key */
        if (geteuid() == 0) {
                assert_int_equal(fchownat(r->fd, "keys/ledger.key", 12345, 0, 0), 0);
                assert_refused(ledger_head(s, &head, e), ERR_UNTRUSTED, "owner 12345");
        }
}

static void a_damaged_key_is_not_replaced(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        CLEANUP(buf_done) struct buf head = {0};
        struct stat st;
        static const char bytes[33] = "";

        assert_ok(file_replace(r->fd, "keys/ledger.key", span_bytes(bytes, 31), 0600, e));
        assert_refused(ledger_head(s, &head, e), ERR_MALFORMED, "is damaged, it has not 32 bytes");
        assert_ok(file_replace(r->fd, "keys/ledger.key", span_bytes(bytes, 33), 0600, e));
        assert_refused(ledger_head(s, &head, e), ERR_MALFORMED, "is damaged");
        assert_int_equal(fstatat(r->fd, "keys/ledger.key", &st, 0), 0);
        assert_int_equal(st.st_size, 33);
        assert_int_equal(unlinkat(r->fd, "keys/ledger.key", 0), 0);
        assert_int_equal(symlinkat("/dev/zero", r->fd, "keys/ledger.key"), 0);
        assert_refused(ledger_head(s, &head, e), ERR_MALFORMED, "symbolic link");
        assert_int_equal(unlinkat(r->fd, "keys/ledger.key", 0), 0);
        assert_int_equal(mkfifoat(r->fd, "keys/ledger.key", 0600), 0);
        assert_refused(ledger_head(s, &head, e), ERR_MALFORMED, "not a regular file");
        assert_int_equal(head.len, 0);
}

/* ---- many writers, and the end of one ---- */

static void children_end(const pid_t *pids, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                int status;
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
}

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

static void one_key_whoever_asks_first(void **state)
{
        struct room *r = *state;
        pid_t pids[WRITERS];
        CLEANUP(buf_done) struct buf head = {0}, first = {0};

        for (int i = 0; i < WRITERS; i++) {
                pids[i] = fork();
                assert_true(pids[i] >= 0);
                if (pids[i] == 0) {
                        CLEANUP(buf_done) struct buf text = {0};
                        char name[20];
                        struct store *s;

                        snprintf(name, sizeof(name), "head%d", i);
                        _exit(store_open(r->fd, r->path, &s, NULL) && ledger_head(s, &text, NULL) &&
                                      file_replace(r->fd, name, buf_span(&text), 0600, NULL)
                                  ? 0
                                  : 1);
                }
        }
        children_end(pids, WRITERS);
        assert_ok(file_read(r->fd, "head0", 1000, &first, e));
        assert_intact(room_open(r), &first, 0);
        for (int i = 1; i < WRITERS; i++) {
                char name[20];
                snprintf(name, sizeof(name), "head%d", i);
                assert_ok(file_read(r->fd, name, 1000, &head, e));
                assert_true(span_equal(buf_span(&head), buf_span(&first)));
        }
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
            ROW(a_head_proves_that_the_chain_extends_it),
            ROW(a_head_of_another_node_is_told),
            ROW(a_changed_head_is_told),
            ROW(what_is_no_head_is_refused),
            ROW(a_full_buffer_is_an_error),
            ROW(a_key_that_others_reach_is_refused),
            ROW(a_damaged_key_is_not_replaced),
            ROW(writers_take_turns),
            ROW(one_key_whoever_asks_first),
            ROW(what_was_appended_survives_a_kill),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
