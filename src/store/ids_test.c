/* Ranges of host ids: lowest free, nobody's else, the same again. */
#include "store/store_test_priv.h"

#include <sys/wait.h>

#include "store/ids_priv.h"

/* The host's own files are not these tests'. */
static struct store *open_alone(struct room *r)
{
        struct store *s = room_open(r);

        s->subuid_path = s->subgid_path = "/nonexistent/subid";
        return s;
}

static uint32_t take(struct store *s, const char *owner)
{
        uint32_t first = 0;

        assert_ok(store_ids_take(s, owner, &first, e));
        assert_int_equal(first % STORE_ID_RANGE, 0);
        assert_true(first >= STORE_ID_FIRST && first <= STORE_ID_END - STORE_ID_RANGE);
        return first;
}

#define NTH(n) (STORE_ID_FIRST + (n)*STORE_ID_RANGE)

static void each_owner_has_the_lowest_free_range(void **state)
{
        struct room *r = *state;
        struct store *s = open_alone(r);

        assert_int_equal(take(s, "layers"), NTH(0));
        assert_int_equal(take(s, "0123456789ab"), NTH(1));
        assert_int_equal(take(s, "c"), NTH(2));
        assert_int_equal(take(s, "0123456789ab"), NTH(1)); /* the same again */
        room_close(r);
        s = open_alone(r);
        assert_int_equal(take(s, "0123456789ab"), NTH(1));
        assert_ok(store_ids_give_back(s, "0123456789ab", e));
        assert_ok(store_ids_give_back(s, "0123456789ab", e)); /* unknown by now */
        assert_ok(store_ids_give_back(s, "x'; DELETE FROM id_range; --", e));
        assert_int_equal(take(s, "d"), NTH(1));
        assert_int_equal(take(s, "0123456789ab"), NTH(3));
}

static void an_owner_has_a_proper_name(void **state)
{
        struct store *s = open_alone(*state);
        char name[STORE_OWNER_MAX + 2];
        uint32_t first = 7;

        memset(name, 'x', sizeof(name));
        name[STORE_OWNER_MAX + 1] = 0;
        assert_refused(store_ids_take(s, name, &first, e), ERR_LIMIT, "the owner's name is 65 bytes, at most 64");
        assert_refused(store_ids_take(s, "", &first, e), ERR_MALFORMED, "needs a name");
        assert_refused(store_ids_take(s, "\xff", &first, e), ERR_MALFORMED, "not UTF-8");
        assert_refused(store_ids_give_back(s, "", e), ERR_MALFORMED, "needs a name");
        assert_int_equal(first, 7);
        name[STORE_OWNER_MAX] = 0;
        assert_int_equal(take(s, name), NTH(0));
}

static void when_none_is_left_it_is_said(void **state)
{
        struct store *s = open_alone(*state);
        uint32_t first = 7;

        sql(s,
            "WITH RECURSIVE n (i) AS (SELECT 268435456 UNION ALL SELECT i + 65536 FROM n WHERE i + 65536 < 1879048192)"
            " INSERT INTO id_range (first, owner) SELECT i, 'owner ' || i FROM n");
        assert_int_equal(sql_number(s, "SELECT count(*) FROM id_range"), 24576);
        assert_refused(store_ids_take(s, "one more", &first, e), ERR_LIMIT, "no 65536 ids are free");
        assert_int_equal(first, 7);
        sql(s, "DELETE FROM id_range WHERE first = 1878982656");
        assert_int_equal(take(s, "one more"), 0x6fff0000u);
        sql(s, "DELETE FROM id_range WHERE first = 536870912");
        assert_int_equal(take(s, "another"), 0x20000000u);
}

static void ranges_of_users_are_left_out(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        char subuid[80], subgid[80];

        snprintf(subuid, sizeof(subuid), "%s/subuid", r->path);
        snprintf(subgid, sizeof(subgid), "%s/subgid", r->path);
        s->subuid_path = subuid;
        s->subgid_path = subgid;
        /* 0x10000000 is 268435456: the user's last id is the first of ours. */
        assert_ok(file_replace(AT_FDCWD, subuid, SPAN_LIT("# users\nann:100000:65536\nbob:268435000:457\n"), 0644, e));
        assert_int_equal(take(s, "a"), NTH(1));
        /* One id in the middle of another range, in the other file. */
        assert_ok(file_replace(AT_FDCWD, subgid, SPAN_LIT("eve:268600000:1\n"), 0644, e));
        assert_int_equal(take(s, "b"), NTH(3));
        /* Who has a range keeps it, whatever the files say now. */
        assert_ok(file_replace(AT_FDCWD, subgid, SPAN_LIT("eve:0:4294967295\n"), 0644, e));
        assert_int_equal(take(s, "b"), NTH(3));
        uint32_t first;
        assert_refused(store_ids_take(s, "c", &first, e), ERR_LIMIT, "no 65536 ids are free");
        /* A file that can't be read is no empty file. */
        s->subgid_path = r->path;
        assert_refused(store_ids_take(s, "c", &first, e), ERR_MALFORMED, "not a regular file");
}

static void assert_parsed(const char *text, const char *wanted)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct id_spans spans = {.arena = a};
        char got[300] = "";

        assert_ok(subid_parse(span_of(text), &spans, e));
        for (size_t i = 0; i < spans.len; i++)
                snprintf(got + strlen(got), sizeof(got) - strlen(got), "%llu-%llu ",
                    (unsigned long long)spans.at[i].first, (unsigned long long)spans.at[i].end);
        assert_string_equal(got, wanted);
}

static void subid_lines_are_read_as_shadow_reads_them(void **state)
{
        (void)state;
        assert_parsed("", "");
        assert_parsed("ann:100000:65536", "100000-165536 ");
        assert_parsed("ann:100000:65536\n1000:5:1\n", "100000-165536 5-6 ");
        assert_parsed("  ann:1:2 \r\n\n#eve:7:8\n # bob:7:8\n", "1-3 ");
        assert_parsed("ann:1\nann\n:1:2\nann:-1:2\nann:x:2\nann:1:2:3\nann:1:\nann::1\nann:0x1:2\nann:1:0\n", "");
        assert_parsed("ann:4294967295:5\nbob:4294967296:5\n", "4294967295-4294967296 ");
        assert_parsed("ann:1:18446744073709551615\nbob:1:18446744073709551616\n", "1-4294967296 ");
}

static bool is_free(const struct id_span *at, size_t n, uint32_t *ret)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct id_spans spans = {.arena = a};

        for (size_t i = 0; i < n; i++)
                *ARENA_PUSH(a, &spans) = at[i];
        return id_spans_free(&spans, ret);
}

static void gaps_are_found_between_overlapping_ranges(void **state)
{
        uint32_t first = 0;
        const struct id_span nested[] = {{NTH(1), NTH(2)}, {NTH(0), NTH(5)}, {NTH(2), NTH(3)}, {NTH(6), NTH(7)}};
        const struct id_span touching[] = {{0, NTH(0)}, {NTH(1), NTH(2)}};
        const struct id_span all_but_last[] = {{0, STORE_ID_END - STORE_ID_RANGE}};
        const struct id_span one_more[] = {{0, STORE_ID_END - STORE_ID_RANGE + 1}};
        const struct id_span gap_too_small[] = {{NTH(0), NTH(0) + 1}, {NTH(1) + 65535, NTH(2)}};

        (void)state;
        assert_true(is_free(NULL, 0, &first) && first == NTH(0));
        assert_true(is_free(nested, ARRAY_LEN(nested), &first) && first == NTH(5));
        assert_true(is_free(touching, ARRAY_LEN(touching), &first) && first == NTH(0));
        assert_true(is_free(all_but_last, 1, &first) && first == STORE_ID_END - STORE_ID_RANGE);
        assert_true(is_free(gap_too_small, 2, &first) && first == NTH(2));
        assert_false(is_free(one_more, 1, &first));
}

#define TAKERS 4
#define EACH 25

static void processes_never_share_a_range(void **state)
{
        struct room *r = *state;
        pid_t pids[TAKERS];

        open_alone(r);
        room_close(r);
        for (int i = 0; i < TAKERS; i++) {
                pids[i] = fork();
                assert_true(pids[i] >= 0);
                if (pids[i] == 0) {
                        struct store *s;
                        uint32_t first;
                        bool ok = store_open(r->fd, r->path, &s, NULL);
                        for (int n = 0; ok && n < EACH; n++) {
                                char owner[30];
                                snprintf(owner, sizeof(owner), "%d.%d", i, n);
                                ok = store_ids_take(s, owner, &first, NULL);
                        }
                        _exit(ok ? 0 : 1);
                }
        }
        for (int i = 0; i < TAKERS; i++) {
                int status;
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        room_open(r);
        assert_int_equal(sql_number(r->s, "SELECT count(DISTINCT first) FROM id_range"), TAKERS * EACH);
        assert_int_equal(sql_number(r->s, "SELECT count(DISTINCT owner) FROM id_range"), TAKERS * EACH);
}

static void a_damaged_row_is_not_handed_out(void **state)
{
        struct store *s = open_alone(*state);
        uint32_t first;

        sql(s, "INSERT INTO id_range VALUES (0, 'evil'), (268435457, 'odd')");
        assert_refused(store_ids_take(s, "evil", &first, e), ERR_MALFORMED, "0 is not the beginning of an id range");
        assert_refused(store_ids_take(s, "odd", &first, e), ERR_MALFORMED, "268435457 is not");
        assert_refused(store_ids_take(s, "a", &first, e), ERR_MALFORMED, "is not the beginning");
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(each_owner_has_the_lowest_free_range),
            ROW(an_owner_has_a_proper_name),
            ROW(when_none_is_left_it_is_said),
            ROW(ranges_of_users_are_left_out),
            cmocka_unit_test(subid_lines_are_read_as_shadow_reads_them),
            cmocka_unit_test(gaps_are_found_between_overlapping_ranges),
            ROW(processes_never_share_a_range),
            ROW(a_damaged_row_is_not_handed_out),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
