/*
 * What the parent believes of a coffer-unpack that a layer has taken over: nothing. This test is also that program: it
 * is started under its name, and the layer's first byte says how it behaves. Needs root: the parent maps ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unpack/unpack_priv.h"

#define FIRST 1000000u

/* ---- the program ---- */

static void say(const struct unpack_answer *a)
{
        struct buf b CLEANUP(buf_done) = {0};

        unpack_answer_put(&b, a);
        if (send(UNPACK_FD_SOCKET, b.at, b.len, MSG_NOSIGNAL) != (ssize_t)b.len)
                _exit(99);
}

static _Noreturn void wait_for_ever(void)
{
        for (;;)
                pause();
}

static _Noreturn void program(void)
{
        struct unpack_answer ok = {.ok = true}, stopped = {.err = {.kind = ERR_CANCELLED, .text = "stopped"}};
        struct err e = {0};
        char how = 0;

        if (pread(UNPACK_FD_LAYER, &how, 1, 0) != 1 || !confine_namespaces(&e))
                _exit(98);
        if (how == 'n')
                _exit(5);
        say(&ok);
        (void)!read(UNPACK_FD_SOCKET, (char[UNPACK_MESSAGE_MAX]){0}, UNPACK_MESSAGE_MAX);
        switch (how) {
        case 's':
                raise(SIGSYS);
                break;
        case 'g':
                (void)!send(UNPACK_FD_SOCKET, "garbage", 7, MSG_NOSIGNAL);
                wait_for_ever();
        case 'e': /* an empty message reads like the end of the socket */
                (void)!send(UNPACK_FD_SOCKET, "", 0, MSG_NOSIGNAL);
                wait_for_ever();
        case 'c':
                close(UNPACK_FD_SOCKET);
                wait_for_ever();
        case 'a': /* only the user stops a launch */
                say(&stopped);
                wait_for_ever();
        case '2':
                say(&ok);
                say(&ok);
                break;
        case 'l':
                say(&ok);
                wait_for_ever();
        case 'x':
                say(&ok);
                _exit(3);
        case 'd':
                say(&ok);
                raise(SIGKILL);
                break;
        case 'y':
                say(&ok);
                break;
        }
        _exit(0);
}

/* ---- the test ---- */

static char layers[64], libexec[64];
static int layers_fd = -1;

static int set_up(void **state)
{
        char self[4096] = "", path[128];

        (void)state;
        if (geteuid() != 0)
                return 0;
        snprintf(layers, sizeof(layers), "/tmp/coffer-unpack-run-test.XXXXXX");
        snprintf(libexec, sizeof(libexec), "/tmp/coffer-unpack-run-test.XXXXXX");
        if (!mkdtemp(layers) || !mkdtemp(libexec) || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
                return -1;
        snprintf(path, sizeof(path), "%s/coffer-unpack", libexec);
        layers_fd = open(layers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return layers_fd < 0 || symlink(self, path) != 0 || setenv("COFFER_LIBEXEC", libexec, 1) != 0;
}

static int tear_down(void **state)
{
        struct err e = {0};

        (void)state;
        if (geteuid() != 0)
                return 0;
        close(layers_fd);
        return tree_remove(AT_FDCWD, layers, &e) && tree_remove(AT_FDCWD, libexec, &e) ? 0 : -1;
}

static void need_root(void)
{
        if (geteuid() != 0) {
                print_message("skip: needs root\n");
                skip();
        }
}

static unsigned names_in_layers(void)
{
        DIR *dir = fdopendir(openat(layers_fd, ".", O_RDONLY | O_DIRECTORY));
        unsigned n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        closedir(dir);
        return n - 2;
}

static bool run(char how, struct err *e)
{
        int blob = memfd_create("layer", MFD_CLOEXEC), layer = -1;
        struct unpack_request r = {.layers_fd = layers_fd, .id_first = FIRST, .what = "layer 2"};
        bool ok;

        assert_int_equal(write(blob, &how, 1), 1);
        r.source = (struct image_source){.fd = blob, .size = 1};
        r.source.diff_id = (struct digest){.alg = DIGEST_SHA256, .bytes = {(uint8_t)how}};
        ok = unpack_source(&r, NULL, &layer, e);
        assert_int_equal(layer >= 0, ok);
        if (layer >= 0)
                close(layer);
        close(blob);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
        return ok;
}

static void a_program_that_is_no_longer_itself_is_refused(void **state)
{
        static const struct {
                char how;
                enum err_kind kind;
                const char *says;
        } cases[] = {
            {'n', ERR_UNSUPPORTED, "exit 5"},
            {'s', ERR_MALFORMED, "signal 31 (SYS)"},
            {'g', ERR_MALFORMED, "nonsense"},
            {'a', ERR_MALFORMED, "nonsense"},
            {'2', ERR_MALFORMED, "after its answer"},
            {'x', ERR_MALFORMED, "exit 3"},
            {'d', ERR_UNAVAILABLE, "killed"},
            {'l', ERR_UNAVAILABLE, "does not end"},
            {'e', ERR_UNAVAILABLE, "does not end"},
            {'c', ERR_UNAVAILABLE, "does not end"},
        };

        (void)state;
        need_root();
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct err e = {0};

                alarm(60); /* a parent that waits for ever fails here */
                if (run(cases[i].how, &e))
                        fail_msg("'%c' was believed", cases[i].how);
                alarm(0);
                if (e.kind != cases[i].kind || !strstr(e.text, cases[i].says) || !strstr(e.text, "layer 2: "))
                        fail_msg("'%c': %s: %s", cases[i].how, err_kind_name(e.kind), e.text);
                assert_int_equal(names_in_layers(), 0);
        }
}

static void one_that_is_itself_is_believed(void **state)
{
        struct err e = {0};

        (void)state;
        need_root();
        if (!run('y', &e))
                fail_msg("%s", e.text);
        assert_int_equal(names_in_layers(), 1);
}

static void on_alarm(int signal)
{
        (void)signal;
        file_cancel_flag = 1;
}

static void a_stop_is_heeded_while_it_does_not_end(void **state)
{
        struct itimerval soon = {.it_value = {.tv_usec = 300000}};
        unsigned before;

        (void)state;
        need_root();
        before = names_in_layers();
        for (const char *how = "ecl"; *how; how++) {
                struct err e = {0};

                signal(SIGALRM, on_alarm);
                setitimer(ITIMER_REAL, &soon, NULL);
                assert_false(run(*how, &e));
                assert_int_equal(file_cancel_flag, 1);
                file_cancel_flag = 0;
                signal(SIGALRM, SIG_DFL);
                assert_int_equal(e.kind, ERR_CANCELLED);
                assert_int_equal(names_in_layers(), before);
        }
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_program_that_is_no_longer_itself_is_refused),
            cmocka_unit_test(one_that_is_itself_is_believed),
            cmocka_unit_test(a_stop_is_heeded_while_it_does_not_end),
        };

        if (argc > 0 && strcmp(argv[0], "coffer-unpack") == 0)
                program();
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
