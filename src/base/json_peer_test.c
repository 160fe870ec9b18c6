/* A second opinion on the JSON reader: jansson, on every JSON file that the test vectors hold. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_test_priv.h"

#ifdef JSON_PEER
static FILE *peer_list;
static size_t peer_files;

static int peer_file_add(const char *path, const struct stat *st, int type, struct FTW *where)
{
        size_t len = strlen(path);

        (void)st;
        (void)where;
        if (span_ends(span_of(path), "/numbers.json")) /* of our corpus; jansson refuses integers above 64 bits */
                return 0;
        if (type == FTW_F && len > 5 && strcmp(path + len - 5, ".json") == 0) {
                fprintf(peer_list, "%s\n", path);
                peer_files++;
        }
        return 0;
}

/* Runs the peer with the list on its standard input; its standard output. */
static FILE *peer_start(pid_t *ret_pid)
{
        int p[2];

        assert_int_equal(fflush(peer_list), 0);
        assert_int_equal(pipe2(p, O_CLOEXEC), 0);
        *ret_pid = fork();
        assert_true(*ret_pid >= 0);
        if (*ret_pid == 0) {
                char own[40];

                /* Opened anew: the parent reads the same file, and a shared description shares its position. */
                snprintf(own, sizeof(own), "/proc/self/fd/%d", fileno(peer_list));
                dup2(open(own, O_RDONLY | O_CLOEXEC), STDIN_FILENO);
                dup2(p[1], STDOUT_FILENO);
                execl(JSON_PEER, JSON_PEER, (char *)NULL);
                _exit(127);
        }
        close(p[1]);
        return fdopen(p[0], "r");
}

/* Both accept and see the same, or both refuse. A depth or size above our limits is ours alone to refuse. */
static void peer_compare(const char *path, const char *theirs, size_t *accepted)
{
        struct buf file CLEANUP(buf_done) = {0}, ours CLEANUP(buf_done) = {0};
        struct err e = {0};

        if (!file_read(AT_FDCWD, path, 64u << 20, &file, &e))
                fail_msg("%s", e.text);
        arena_reset(arena);
        if (!dump(buf_span(&file), NULL, &ours, &e)) {
                if (strcmp(theirs, "refused") != 0 && e.kind != ERR_LIMIT)
                        fail_msg("%s: only ours refuses: %s", path, e.text);
                return;
        }
        if (strcmp(theirs, "refused") == 0)
                fail_msg("%s: only ours accepts", path);
        if (!span_is(buf_span(&ours), theirs))
                fail_msg("%s: both accept and see something else", path);
        ++*accepted;
}
#endif

static void jansson_agrees_on_the_worlds_files(void **state)
{
        (void)state;
#ifdef JSON_PEER
        char path[4096], *line = NULL;
        size_t size = 0, accepted = 0;
        FILE *answers;
        pid_t pid;
        int status;

        peer_list = tmpfile();
        assert_non_null(peer_list);
        if (nftw(JSON_VECTORS, peer_file_add, 16, FTW_PHYS) != 0 || peer_files == 0) {
                fclose(peer_list);
                print_message("skipped: no test vectors beside the source tree (../shared/data/vectors)\n");
                skip();
                return;
        }
        nftw(JSON_CORPUS, peer_file_add, 16, FTW_PHYS);
        answers = peer_start(&pid);
        assert_non_null(answers);
        rewind(peer_list);
        while (fgets(path, sizeof(path), peer_list)) {
                ssize_t n = getline(&line, &size, answers);

                path[strcspn(path, "\n")] = 0;
                assert_true(n > 0 && line[n - 1] == '\n');
                line[n - 1] = 0;
                peer_compare(path, line, &accepted);
        }
        free(line);
        fclose(answers);
        fclose(peer_list);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        print_message("%zu files, %zu accepted by both with the same content\n", peer_files, accepted);
        assert_true(accepted > peer_files / 2);
#else
        print_message("skipped: built without jansson\n");
        skip();
#endif
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(jansson_agrees_on_the_worlds_files),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
