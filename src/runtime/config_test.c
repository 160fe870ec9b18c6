/*
 * config.json against a golden file (all but linux.seccomp, which seccomp_test.c looks at), and what config_check
 * refuses.
 * After a change that is meant: COFFER_GOLDEN_WRITE=1 runtime_config_test, then read the difference.
 */
#include <fcntl.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/config_priv.h"

static const struct span args[] = {
    {(const uint8_t *)"/bin/sh", 7}, {(const uint8_t *)"-c", 2}, {(const uint8_t *)"echo \"\x01\xc3\xa9\"", 9}};
static const struct span env[] = {
    {(const uint8_t *)"A=1", 3}, {(const uint8_t *)"PATH=/x", 7}, {(const uint8_t *)"A=2=3", 5}};
static const struct runtime_volume volumes[] = {
    {"/srv/data", "/data", false, false, -1}, {"/etc/hosts", "/ro/hosts", true, false, -1}};
static const int layers[] = {10, 11};

static struct runtime_spec example(void)
{
        return (struct runtime_spec){.id = "0123456789ab",
            .layer_fds = layers,
            .n_layers = 2,
            .layers_first = 0x10000000,
            .ids_first = 0x10010000,
            .args = args,
            .n_args = ARRAY_LEN(args),
            .env = env,
            .n_env = ARRAY_LEN(env),
            .cwd = SPAN_LIT("/work"),
            .hostname = "box",
            .volumes = volumes,
            .n_volumes = ARRAY_LEN(volumes),
            .cpu_milli = 1500};
}

static void written(struct arena *a, const struct runtime_spec *s, const struct user *u, struct buf *to)
{
        static const struct config_volume places[] = {
            {MONITOR_HOME "/volumes/0", "/data", false}, {MONITOR_HOME "/volumes/1", "/ro/hosts", true}};
        struct config c = {.spec = s,
            .user = *u,
            .cgroups = {.kind = CGROUP_V1, .memory = true, .swap = true, .pids = true, .cpu = true},
            .memory_max = 64u << 20,
            .pids_max = 100,
            .nofile_max = 20000,
            .volumes = places,
            .etc_files = true,
            .tmpfs = {s->tmpfs, false, s->tmpfs}};
        struct err e;

        config_env(a, s, u, &c.env, &c.n_env);
        assert_true(config_write(&c, to, &e));
}

/* Finds linux.seccomp; the reader also checks that the whole is strict JSON without a key twice. */
static struct span seccomp_find(struct arena *a, struct span text)
{
        struct span key, found = {0};
        struct json j;
        struct err e;

        json_init(&j, text, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (!span_is(key, "linux")) {
                        json_skip(&j);
                        continue;
                }
                json_object(&j);
                while (json_member(&j, &key)) {
                        if (span_is(key, "seccomp"))
                                found = json_raw(&j);
                        else
                                json_skip(&j);
                }
        }
        if (!json_finish(&j, &e))
                fail_msg("%s", e.text);
        assert_true(found.len > 1000);
        return found;
}

static void it_is_the_golden_file(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf text CLEANUP(buf_done) = {0};
        struct buf golden CLEANUP(buf_done) = {0};
        struct buf ours CLEANUP(buf_done) = {0};
        struct runtime_spec s = example();
        struct user u = {.uid = 0, .gid = 0, .home = "/root"};
        struct span all, seccomp;
        struct err e;
        (void)state;

        written(a, &s, &u, &text);
        all = buf_span(&text);
        seccomp = seccomp_find(a, all);
        buf_put(&ours, span_cut(all, 0, (size_t)(seccomp.at - all.at)));
        buf_put_text(&ours, "\"see seccomp_test.c\"");
        buf_put(&ours, span_from(all, (size_t)(seccomp.at - all.at) + seccomp.len));
        buf_put_u8(&ours, '\n');
        if (getenv("COFFER_GOLDEN_WRITE")) {
                int fd CLEANUP(fd_close) = open(GOLDEN, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

                assert_true(fd >= 0 && fd_write_all(fd, buf_span(&ours), &e));
        }
        assert_true(file_read(AT_FDCWD, GOLDEN, 1u << 20, &golden, &e));
        if (!span_equal(buf_span(&golden), buf_span(&ours)))
                fail_msg("config.json differs from " GOLDEN ":\n%.*s", SPAN_FMT(buf_span(&ours)));
}

static bool has(struct buf *b, const char *text)
{
        return memmem(b->at, b->len, text, strlen(text)) != NULL;
}

static void variants(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf b CLEANUP(buf_done) = {0};
        struct runtime_spec s = example();
        struct user other = {.uid = 33, .gid = 33, .groups = {4, 26}, .n_groups = 2};
        (void)state;

        s.network = RUNTIME_NETWORK_HOST;
        s.read_only = true;
        s.terminal = true;
        written(a, &s, &other, &b);
        seccomp_find(a, buf_span(&b));
        assert_false(has(&b, "\"network\""));
        assert_false(has(&b, "\"type\": \"sysfs\""));
        assert_true(has(&b, MONITOR_HOME "/sys"));
        assert_true(has(&b, "\"readonly\": true"));
        assert_false(has(&b, "tmpcopyup"));
        assert_true(has(&b, "\"terminal\": true"));
        assert_true(has(&b, "TERM=xterm"));
        assert_false(has(&b, "CAP_")); /* a process of another user has none */
        assert_true(has(&b, "\"noNewPrivileges\": true"));
        assert_false(has(&b, "SCMP_ARCH_X86\""));
        assert_true(has(&b, "\"errnoRet\": 97"));

        buf_clear(&b);
        s = example();
        s.read_only = s.tmpfs = true;
        written(a, &s, &other, &b);
        seccomp_find(a, buf_span(&b));
        assert_true(has(&b, "\"destination\": \"/tmp\"") && has(&b, "\"destination\": \"/var/tmp\""));
        assert_false(has(&b, "\"destination\": \"/run\"")); /* mounts.c found something else there */
        assert_true(has(&b, "tmpcopyup"));
        /* Volumes may lie in them, so they come later. */
        assert_true(
            (uint8_t *)memmem(b.at, b.len, "\"/var/tmp\"", 10) < (uint8_t *)memmem(b.at, b.len, "\"/data\"", 7));

        buf_clear(&b);
        s = example();
        s.allow_32bit = true;
        s.n_volumes = 0;
        written(a, &s, &other, &b);
#if defined(__x86_64__)
        assert_true(has(&b, "SCMP_ARCH_X86\""));
        assert_false(has(&b, "\"errnoRet\": 97")); /* EAFNOSUPPORT: libseccomp refuses it for socket beside i386 */
#endif
        assert_false(has(&b, "\"errnoRet\": 97")); /* EAFNOSUPPORT of socket(2): see seccomp_write.c */
        assert_true(has(&b, "\"network\""));
}

static void limits_that_are_not_there_are_not_asked_for(void **state)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf b CLEANUP(buf_done) = {0};
        struct runtime_spec s = example();
        struct user u = {0};
        struct config c = {.spec = &s, .user = u, .memory_max = 64u << 20, .pids_max = 100, .nofile_max = 512};
        struct err e;
        (void)state;

        s.n_volumes = 0;
        config_env(a, &s, &u, &c.env, &c.n_env);
        assert_true(config_write(&c, &b, &e));
        assert_false(has(&b, "\"memory\""));
        assert_false(has(&b, "\"pids\""));
        assert_false(has(&b, "\"cpu\""));
        assert_true(has(&b, "\"hard\": 512"));
        assert_false(has(&b, "\"/sys/fs/cgroup\""));

        buf_clear(&b);
        c.cgroups = (struct cgroup_layout){.kind = CGROUP_V2, .memory = true, .pids = true};
        c.memory_max = RUNTIME_UNLIMITED;
        assert_true(config_write(&c, &b, &e));
        assert_false(has(&b, "\"memory\""));
        assert_true(has(&b, "\"pids\""));
}

static void refuse(struct runtime_spec s, enum err_kind kind, const char *what)
{
        struct err e = {0};

        if (config_check(&s, &e))
                fail_msg("accepted: %s", what);
        if (e.kind != kind)
                fail_msg("%s: %s: %s", what, err_kind_name(e.kind), e.text);
}

#define REFUSE(kind, ...)                          \
        do {                                       \
                struct runtime_spec s = example(); \
                __VA_ARGS__;                       \
                refuse(s, (kind), #__VA_ARGS__);   \
        } while (0)

static void what_is_refused(void **state)
{
        static const struct span nul[] = {{(const uint8_t *)"a\0b", 3}}, latin[] = {{(const uint8_t *)"\xe9", 1}};
        static const struct span no_name[] = {{(const uint8_t *)"=x", 2}}, empty[] = {{(const uint8_t *)"", 0}};
        static const struct runtime_volume relative[] = {{"/a", "b", false, false, -1}},
                                           up[] = {{"/a", "/b/../..", false, false, -1}},
                                           root[] = {{"/a", "//", false, false, -1}},
                                           nothing[] = {{"", "/b", false, false, -1}};
        static char big[RUNTIME_ARG_BYTES_MAX + 1];
        const struct span bytes[] = {{(const uint8_t *)big, sizeof(big)}};
        struct runtime_spec good = example();
        struct err e;
        (void)state;

        assert_true(config_check(&good, &e));
        memset(big, 'a', sizeof(big));
        REFUSE(ERR_MALFORMED, s.id = "0123456789a");
        REFUSE(ERR_MALFORMED, s.id = "0123456789AB");
        REFUSE(ERR_MALFORMED, s.id = "../456789abc");
        REFUSE(ERR_MALFORMED, s.id = NULL);
        REFUSE(ERR_MALFORMED, s.n_layers = 0);
        REFUSE(ERR_MALFORMED, s.use_root_fd = true);
        REFUSE(ERR_LIMIT, s.n_layers = RUNTIME_LAYERS_MAX + 1);
        REFUSE(ERR_MALFORMED, s.ids_first = 0);
        REFUSE(ERR_MALFORMED, s.ids_first = 65535);
        REFUSE(ERR_MALFORMED, s.ids_first = UINT32_MAX - 65535);
        REFUSE(ERR_MALFORMED, s.layers_first = 0);
        REFUSE(ERR_MALFORMED, s.n_args = 0);
        REFUSE(ERR_MALFORMED, s.args = empty, s.n_args = 1);
        REFUSE(ERR_MALFORMED, s.args = nul, s.n_args = 1);
        REFUSE(ERR_UNSUPPORTED, s.args = latin, s.n_args = 1);
        REFUSE(ERR_LIMIT, s.args = bytes, s.n_args = 1);
        REFUSE(ERR_LIMIT, s.n_args = RUNTIME_ARGS_MAX + 1);
        REFUSE(ERR_MALFORMED, s.env = no_name, s.n_env = 1);
        REFUSE(ERR_MALFORMED, s.env = args, s.n_env = 1);
        REFUSE(ERR_MALFORMED, s.cwd = SPAN_LIT("relative"));
        REFUSE(ERR_MALFORMED, s.cwd = SPAN_LIT("/a\0b"));
        REFUSE(ERR_MALFORMED, s.hostname = "a b");
        REFUSE(ERR_MALFORMED, s.hostname = "a\n127.0.0.1 evil");
        REFUSE(ERR_LIMIT, s.hostname = "");
        REFUSE(ERR_MALFORMED, s.volumes = relative, s.n_volumes = 1);
        REFUSE(ERR_MALFORMED, s.volumes = up, s.n_volumes = 1);
        REFUSE(ERR_UNSUPPORTED, s.volumes = root, s.n_volumes = 1);
        REFUSE(ERR_MALFORMED, s.volumes = nothing, s.n_volumes = 1);
        REFUSE(ERR_LIMIT, s.n_volumes = RUNTIME_VOLUMES_MAX + 1);
        REFUSE(ERR_LIMIT, s.memory_max = 1024);
        REFUSE(ERR_MALFORMED, s.detach = s.interactive = true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(it_is_the_golden_file),
            cmocka_unit_test(variants),
            cmocka_unit_test(limits_that_are_not_there_are_not_asked_for),
            cmocka_unit_test(what_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
