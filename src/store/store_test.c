/* Opening: new, old, newer, foreign, damaged and locked databases; full disks; many at once. */
#include "store/store_test_priv.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static mode_t mode_of(struct room *r, const char *name)
{
        struct stat st;

        assert_int_equal(fstatat(r->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
        return st.st_mode & 07777u;
}

static void a_new_store_is_ours_alone(void **state)
{
        struct room *r = *state;
        mode_t old = umask(0);
        struct store *s = room_open(r);

        umask(old);
        assert_int_equal(mode_of(r, "coffer.db"), 0600);
        assert_int_equal(mode_of(r, "coffer.db-wal"), 0600);
        assert_int_equal(mode_of(r, "coffer.db-shm"), 0600);
        assert_int_equal(mode_of(r, "keys"), 0700);
        assert_int_equal(store_schema_version(s), sqlite_schema.n_steps);
        assert_int_equal(sql_number(s, "PRAGMA application_id"), 0x436f6672);
        assert_int_equal(sql_number(s, "PRAGMA synchronous"), 2);
        assert_int_equal(sql_number(s, "PRAGMA foreign_keys"), 1);
}

static void what_was_kept_is_there_again(void **state)
{
        struct room *r = *state;
        uint32_t first, again;

        assert_ok(store_ids_take(room_open(r), "layers", &first, e));
        room_close(r);
        assert_int_equal(faccessat(r->fd, "coffer.db-wal", F_OK, 0), -1); /* folded into the file */
        assert_ok(store_ids_take(room_open(r), "layers", &again, e));
        assert_int_equal(first, again);
}

static void the_path_may_be_relative_and_a_link(void **state)
{
        struct room *r = *state;
        char link[80];
        int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        snprintf(link, sizeof(link), "%s.link", r->path);
        assert_int_equal(symlink(r->path, link), 0);
        assert_ok(store_open(r->fd, link, &r->s, e));
        room_close(r);
        unlink(link);
        assert_int_equal(chdir(r->path), 0);
        assert_ok(store_open(r->fd, ".", &r->s, e));
        assert_int_equal(fchdir(here), 0); /* a store stays where it was opened */
        assert_ok(ledger_append(r->s, "test", SPAN_LIT("{}"), NULL, e));
        close(here);
        assert_refused(store_open(r->fd, "/", &(struct store *){NULL}, e), ERR_CONFLICT, "exchanged");
        assert_refused(store_open(r->fd, "/nowhere/at/all", &(struct store *){NULL}, e), ERR_SYSTEM, "No such file");
}

/* ---- schemas ---- */

static bool open_with(struct room *r, const char *const *steps, int n, struct err *e)
{
        struct store *s = heap_alloc(sizeof(*s));
        const struct schema schema = {.steps = steps, .n_steps = n};

        s->root_fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 3);
        if (!sqlite_open(s->root_fd, r->path, &schema, s, e)) {
                store_free(s);
                return false;
        }
        r->s = s;
        return true;
}

static void an_older_schema_is_migrated(void **state)
{
        struct room *r = *state;
        const char *const steps[] = {sqlite_schema.steps[0],
            "ALTER TABLE container ADD COLUMN node TEXT NOT NULL DEFAULT 'here';"
            "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT",
            "INSERT INTO extra VALUES (7)"};
        struct ledger_verdict v;

        assert_ok(open_with(r, steps, 1, e));
        assert_ok(ledger_append(r->s, "before", SPAN_LIT("{}"), NULL, e));
        room_close(r);
        /* Two steps at once. */
        assert_ok(open_with(r, steps, 3, e));
        assert_int_equal(store_schema_version(r->s), 3);
        assert_int_equal(sql_number(r->s, "PRAGMA user_version"), 3);
        assert_int_equal(sql_number(r->s, "SELECT id FROM extra"), 7);
        assert_ok(ledger_append(r->s, "after", SPAN_LIT("{}"), NULL, e));
        assert_ok(ledger_verify(r->s, (struct span){0}, &v, e));
        assert_true(v.intact && v.records == 2);
        room_close(r);
        /* And not a second time. */
        assert_ok(open_with(r, steps, 3, e));
        assert_int_equal(sql_number(r->s, "SELECT count(*) FROM extra"), 1);
}

static void a_step_that_fails_changes_nothing(void **state)
{
        struct room *r = *state;
        const char *const steps[] = {sqlite_schema.steps[0], sqlite_schema.steps[1], sqlite_schema.steps[2],
            "CREATE TABLE extra (id INTEGER) STRICT", "INSERT INTO nowhere VALUES (1)"};

        room_open(r);
        room_close(r);
        assert_refused(open_with(r, steps, 5, e), ERR_BUG, "migrate from schema 4 to 5");
        room_open(r);
        assert_int_equal(sql_number(r->s, "PRAGMA user_version"), sqlite_schema.n_steps);
        assert_int_equal(sql_number(r->s, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
}

/* What the first release wrote. */
static void the_first_schema_is_migrated_to_this_one(void **state)
{
        struct room *r = *state;
        CLEANUP(buf_done) struct buf b = {0};
        struct ledger_verdict v;
        struct digest d;

        assert_ok(open_with(r, sqlite_schema.steps, 1, e));
        assert_ok(ledger_append(r->s, "before", SPAN_LIT("{}"), NULL, e));
        room_close(r);
        room_open(r);
        assert_int_equal(store_schema_version(r->s), sqlite_schema.n_steps);
        assert_ok(ledger_verify(r->s, (struct span){0}, &v, e));
        assert_true(v.intact && v.records == 1);
        digest_of(DIGEST_SHA256, SPAN_LIT("layer"), &d);
        assert_ok(store_layer_put(r->s, &d, 1, SPAN_LIT("x"), 0, e));
        assert_ok(store_layer_get(r->s, &d, 1, &b, e));
}

static void a_newer_schema_is_refused(void **state)
{
        struct room *r = *state;

        sql(room_open(r), "PRAGMA user_version = 77");
        room_close(r);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_UNSUPPORTED, "made by a newer Coffer (schema 77");
        assert_null(r->s);
}

static void a_schema_changed_meanwhile_is_noticed(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r), *other;
        const char *steps[16];
        uint32_t first;
        int n = 0;

        for (assert_true(sqlite_schema.n_steps < 16); n < sqlite_schema.n_steps; n++)
                steps[n] = sqlite_schema.steps[n];
        steps[n++] = "ALTER TABLE ledger ADD COLUMN node TEXT";

        assert_ok(store_ids_take(s, "layers", &first, e));
        r->s = NULL;
        assert_ok(open_with(r, steps, n, e));
        other = r->s;
        r->s = s;
        assert_refused(ledger_append(s, "test", SPAN_LIT("{}"), NULL, e), ERR_UNSUPPORTED, "newer Coffer");
        assert_refused(store_ids_take(s, "b", &first, e), ERR_UNSUPPORTED, "newer Coffer");
        store_free(other);
}

/* ---- files that are none of ours, or no longer ---- */

static void write_file(struct room *r, struct span content)
{
        assert_ok(file_replace(r->fd, "coffer.db", content, 0600, e));
}

static void assert_unchanged(struct room *r, struct span content)
{
        CLEANUP(buf_done) struct buf now = {0};

        assert_ok(file_read(r->fd, "coffer.db", 1u << 24, &now, e));
        assert_true(span_equal(buf_span(&now), content));
}

static void what_is_no_database_is_refused(void **state)
{
        struct room *r = *state;
        static uint8_t junk[8192];
        char place[100];

        for (size_t i = 0; i < sizeof(junk); i++)
                junk[i] = (uint8_t)(i * 7 + 1);
        write_file(r, span_bytes(junk, sizeof(junk)));
        snprintf(place, sizeof(place), "%s/coffer.db is damaged or no database", r->path);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, place);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, "move it and its -wal and -shm away");
        assert_unchanged(r, span_bytes(junk, sizeof(junk)));
}

static void another_programs_database_is_refused(void **state)
{
        struct room *r = *state;
        CLEANUP(buf_done) struct buf content = {0};

        /* What we would need to see is application id 0, version 0, no table; or our id and a version. */
        sql(room_open(r), "PRAGMA application_id = 0");
        room_close(r);
        assert_ok(file_read(r->fd, "coffer.db", 1u << 24, &content, e));
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, "of another program");
        assert_unchanged(r, buf_span(&content));
}

static void only_a_regular_file_is_taken(void **state)
{
        struct room *r = *state;

        assert_int_equal(symlinkat("elsewhere", r->fd, "coffer.db"), 0);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, "not a regular file");
        assert_int_equal(faccessat(r->fd, "elsewhere", F_OK, 0), -1);
        unlinkat(r->fd, "coffer.db", 0);
        assert_int_equal(mkfifoat(r->fd, "coffer.db", 0600), 0);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, "not a regular file");
        unlinkat(r->fd, "coffer.db", 0);
        assert_int_equal(mkdirat(r->fd, "coffer.db", 0700), 0);
        assert_refused(store_open(r->fd, r->path, &r->s, e), ERR_MALFORMED, "not a regular file");
}

/* Every page but the first is overwritten, or the file is cut: what is read from it is an error, not nonsense. */
static void damage_is_reported_with_the_remedy(void **state)
{
        struct room *r = *state;
        CLEANUP(buf_done) struct buf content = {0};
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_container *list;
        struct ledger_verdict v;
        size_t n;

        for (int i = 0; i < 50; i++)
                assert_ok(ledger_append(r->s ? r->s : room_open(r), "test", SPAN_LIT("{\"a\":1}"), NULL, e));
        room_close(r);
        assert_ok(file_read(r->fd, "coffer.db", 1u << 24, &content, e));
        memset(content.at + 4096, 0xa5, content.len - 4096);
        write_file(r, buf_span(&content));
        room_open(r);
        assert_refused(ledger_verify(r->s, (struct span){0}, &v, e), ERR_MALFORMED, "coffer.db is damaged");
        assert_refused(ledger_append(r->s, "test", SPAN_LIT("{}"), NULL, e), ERR_MALFORMED, "restore a backup");
        assert_refused(store_container_list(r->s, a, &list, &n, e), ERR_MALFORMED, "coffer.db is damaged");
        room_close(r);
        content.len = 4096 * 2 + 100;
        write_file(r, buf_span(&content));
        assert_refused(store_open(r->fd, r->path, &r->s, e) && ledger_verify(r->s, (struct span){0}, &v, e),
            ERR_MALFORMED, "coffer.db is damaged");
}

/* ---- others ---- */

static void a_writer_that_does_not_let_go_is_named(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r), *other = NULL;
        struct ledger_verdict v;

        assert_ok(store_open(r->fd, r->path, &other, e));
        sql(s, "PRAGMA busy_timeout = 20");
        assert_ok(store_begin(other, true, e));
        assert_refused(ledger_append(s, "test", SPAN_LIT("{}"), NULL, e), ERR_UNAVAILABLE, "in use by another process");
        assert_ok(ledger_verify(s, (struct span){0}, &v, e)); /* readers don't wait */
        assert_ok(store_end(other, true, e));
        assert_ok(ledger_append(s, "test", SPAN_LIT("{}"), NULL, e));
        store_free(other);
}

#define OPENERS 8

static void many_open_a_new_store_at_once(void **state)
{
        struct room *r = *state;
        pid_t pids[OPENERS];
        struct ledger_verdict v;
        int go[2];
        char byte;

        assert_int_equal(pipe(go), 0);
        for (int i = 0; i < OPENERS; i++) {
                pids[i] = fork();
                assert_true(pids[i] >= 0);
                if (pids[i] == 0) {
                        struct store *s;
                        struct err e = {0};

                        close(go[1]);
                        while (read(go[0], &byte, 1) != 0)
                                ;
                        if (!store_open(r->fd, r->path, &s, &e) ||
                            !ledger_append(s, "test", SPAN_LIT("{}"), NULL, &e)) {
                                fprintf(stderr, "opener %d: %s\n", i, e.text);
                                _exit(1);
                        }
                        store_free(s);
                        _exit(0);
                }
        }
        close(go[0]);
        close(go[1]); /* now */
        for (int i = 0; i < OPENERS; i++) {
                int status;
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
        assert_ok(ledger_verify(room_open(r), (struct span){0}, &v, e));
        assert_true(v.intact);
        assert_int_equal(v.records, OPENERS);
}

/* ---- no room ---- */

static void fill(struct store *s, struct err *e)
{
        static uint8_t body[60000];

        memset(body, 'x', sizeof(body));
        for (int i = 0; i < 1000; i++)
                if (!ledger_append(s, "fill", span_bytes(body, sizeof(body)), NULL, e))
                        return;
        err_set(e, ERR_NONE, "60 MB went in");
}

static void a_full_database_keeps_its_state(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        struct ledger_verdict before, after;
        struct err why = {0};

        sql(s, "PRAGMA max_page_count = 100");
        fill(s, &why);
        assert_int_equal(why.kind, ERR_SYSTEM);
        assert_int_equal(why.os_errno, ENOSPC);
        assert_true(text_has(why.text, "the disk is full; nothing was changed"));
        assert_ok(ledger_verify(s, (struct span){0}, &before, e));
        assert_true(before.intact && before.records > 0);
        sql(s, "PRAGMA max_page_count = 100000");
        assert_ok(ledger_append(s, "test", SPAN_LIT("{}"), NULL, e));
        room_close(r);
        assert_ok(ledger_verify(room_open(r), (struct span){0}, &after, e));
        assert_true(after.intact && after.records == before.records + 1);
}

/* In a child, because the limit stays. 0: as it should be; 77: can't be tried here. */
static int child(struct room *r, int (*run)(struct room *r))
{
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(run(r));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int file_limit_run(struct room *r)
{
        struct rlimit limit = {.rlim_cur = 400000, .rlim_max = 400000};
        struct store *s;
        struct err e = {0};

        signal(SIGXFSZ, SIG_IGN);
        if (!store_open(r->fd, r->path, &s, &e) || setrlimit(RLIMIT_FSIZE, &limit) != 0)
                return 1;
        fill(s, &e);
        if (e.kind != ERR_SYSTEM || e.os_errno != EFBIG || !text_has(e.text, "File too large")) {
                fprintf(stderr, "%s: %s\n", err_kind_name(e.kind), e.text);
                return 2;
        }
        store_free(s);
        return 0;
}

static void a_write_error_names_its_cause(void **state)
{
        struct room *r = *state;
        struct ledger_verdict v;

        assert_int_equal(child(r, file_limit_run), 0);
        assert_ok(ledger_verify(room_open(r), (struct span){0}, &v, e));
        assert_true(v.intact && v.records > 0);
        assert_ok(ledger_append(r->s, "test", SPAN_LIT("{}"), NULL, e));
}

static int full_disk_run(struct room *r)
{
        CLEANUP(fd_close) int root = -1;
        struct ledger_verdict before, after;
        struct store *s = NULL;
        struct err e = {0};

        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", r->path, "tmpfs", 0, "size=1m") != 0)
                return 77;
        root = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (!store_open(root, r->path, &s, &e))
                return 1;
        fill(s, &e);
        fprintf(stderr, "full disk: %s\n", e.text);
        if (e.kind != ERR_SYSTEM || e.os_errno != ENOSPC || !text_has(e.text, "coffer.db: the disk is full"))
                return 2;
        if (!ledger_verify(s, (struct span){0}, &before, &e) || !before.intact || before.records == 0)
                return 3;
        store_free(s);
        /* As full as it was: old records can be read. */
        if (!store_open(root, r->path, &s, &e) || !ledger_verify(s, (struct span){0}, &after, &e)) {
                fprintf(stderr, "after: %s\n", e.text);
                return 4;
        }
        store_free(s);
        return after.intact && after.records == before.records ? 0 : 5;
}

static void a_full_disk_keeps_its_state(void **state)
{
        int got = child(*state, full_disk_run);

        if (got == 77) {
                print_message("skipped: a tmpfs can't be mounted here (needs root)\n");
                skip();
        }
        assert_int_equal(got, 0);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(a_new_store_is_ours_alone),
            ROW(what_was_kept_is_there_again),
            ROW(the_path_may_be_relative_and_a_link),
            ROW(an_older_schema_is_migrated),
            ROW(a_step_that_fails_changes_nothing),
            ROW(the_first_schema_is_migrated_to_this_one),
            ROW(a_newer_schema_is_refused),
            ROW(a_schema_changed_meanwhile_is_noticed),
            ROW(what_is_no_database_is_refused),
            ROW(another_programs_database_is_refused),
            ROW(only_a_regular_file_is_taken),
            ROW(damage_is_reported_with_the_remedy),
            ROW(a_writer_that_does_not_let_go_is_named),
            ROW(many_open_a_new_store_at_once),
            ROW(a_full_database_keeps_its_state),
            ROW(a_write_error_names_its_cause),
            ROW(a_full_disk_keeps_its_state),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
