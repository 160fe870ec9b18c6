/* Heads: what they prove, which are refused, and the key that signs them. */
#include "store/ledger_test_priv.h"

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

#define ASKERS 3

static void one_key_whoever_asks_first(void **state)
{
        struct room *r = *state;
        pid_t pids[ASKERS];
        CLEANUP(buf_done) struct buf head = {0}, first = {0};

        for (int i = 0; i < ASKERS; i++) {
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
        children_end(pids, ASKERS);
        assert_ok(file_read(r->fd, "head0", 1000, &first, e));
        assert_intact(room_open(r), &first, 0);
        for (int i = 1; i < ASKERS; i++) {
                char name[20];
                snprintf(name, sizeof(name), "head%d", i);
                assert_ok(file_read(r->fd, name, 1000, &head, e));
                assert_true(span_equal(buf_span(&head), buf_span(&first)));
        }
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(a_head_proves_that_the_chain_extends_it),
            ROW(a_head_of_another_node_is_told),
            ROW(a_changed_head_is_told),
            ROW(what_is_no_head_is_refused),
            ROW(a_full_buffer_is_an_error),
            ROW(a_key_that_others_reach_is_refused),
            ROW(a_damaged_key_is_not_replaced),
            ROW(one_key_whoever_asks_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
