/* Plug-ins: patterns, what they print, the cage, and whole images with made-up layers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/plugin/plugin_priv.h"

#define S SPAN_LIT
#define LAYERS 3u

struct fixture {
        struct arena *arena;
        char folder[64];
        struct image image;
        struct image_layer layers[LAYERS];
        struct buf tars[LAYERS];
};

static int set_up(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        f->arena = arena_new();
        f->image = (struct image){.kind = IMAGE_OCI_LAYOUT, .name = S("demo"), .layers = f->layers, .root_fd = -1};
        snprintf(f->folder, sizeof(f->folder), "/tmp/coffer-plugin-test.XXXXXX");
        *state = f;
        return mkdtemp(f->folder) ? 0 : -1;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        struct err e;

        tree_remove(AT_FDCWD, f->folder, &e);
        for (size_t i = 0; i < f->image.n_layers; i++)
                close(f->layers[i].fd);
        for (size_t i = 0; i < LAYERS; i++)
                buf_done(&f->tars[i]);
        arena_free(f->arena);
        free(f);
        return 0;
}

static void says(const struct err *e, enum err_kind kind, const char *text)
{
        if (e->kind != kind || !strstr(e->text, text))
                fail_msg("kind %d \"%s\", expected kind %d \"%s\"", e->kind, e->text, kind, text);
}

/* ---- patterns ---- */

static void patterns_match(void **state)
{
        static const struct {
                const char *pattern, *path;
                bool matches;
        } rows[] = {
            {"*.jar", "a.jar", true},
            {"*.jar", "lib/x/a.jar", true},
            {"*.jar", "lib/a.jar/x", false},
            {"*.jar", "a.jars", false},
            {"VERSION", "opt/a/VERSION", true},
            {"VERSION", "opt/a/VERSIONS", false},
            {"?.txt", "a/b.txt", true},
            {"?.txt", "a/.txt", false},
            {"a*b*c", "axxbyyc", true},
            {"a*b*c", "axxbyy", false},
            {"*", "anything/at/all", true},
            {"etc/*", "etc/a", true},
            {"/etc/*", "etc/a", true},
            {"etc/*", "etc/a/b", false},
            {"etc/*", "usr/etc/a", false},
            {"opt/*/VERSION", "opt/a/VERSION", true},
            {"opt/*/VERSION", "opt/a/b/VERSION", false},
            {"opt/**/VERSION", "opt/a/b/VERSION", true},
            {"opt/**/VERSION", "opt/VERSION", true},
            {"**/x/*.so", "usr/lib/x/a.so", true},
            {"**/x/*.so", "usr/lib/y/a.so", false},
            {"a/**/b/**/c", "a/1/b/2/b/3/c", true},
            {"a/**/b/**/c", "a/1/2/3/c", false},
            {"usr/**", "usr/lib/x", true},
            {"usr/**", "var/lib/x", false},
            {"", "a", false},
            {"/", "a", false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (plugin_matches(span_of(rows[i].pattern), span_of(rows[i].path)) != rows[i].matches)
                        fail_msg("%s and %s", rows[i].pattern, rows[i].path);
}

/* ---- what they print ---- */

static void descriptions_are_read(void **state)
{
        struct fixture *f = *state;
        struct plugin p = {0};
        struct err e = {0};

        assert_true(plugin_describe_parse(
            S("{\"name\":\"a-b\",\"version\":\"1\",\"wants\":[\"*.x\",\"etc/y\"],\"max_bytes\":100,\"more\":[{}]}"),
            f->arena, &p, &e));
        assert_true(span_is(p.name, "a-b") && span_is(p.version, "1"));
        assert_int_equal(p.wants.len, 2);
        assert_int_equal(p.max_bytes, 100);
        assert_true(plugin_describe_parse(S("{\"name\":\"a\",\"version\":\"1\",\"wants\":[\"x\"]}"), f->arena, &p, &e));
        assert_int_equal(p.max_bytes, PLUGIN_FILE_MAX);
}

static void wrong_words_are_refused(void **state)
{
        static const struct {
                bool describe;
                const char *text;
                enum err_kind kind;
                const char *says;
        } rows[] = {
            {true, "", ERR_MALFORMED, ""},
            {true, "hello", ERR_MALFORMED, ""},
            {true, "{}", ERR_MALFORMED, "\"name\" must be"},
            {true, "{\"name\":\"A\"}", ERR_MALFORMED, "\"name\" must be"},
            {true, "{\"name\":\"-a\"}", ERR_MALFORMED, "\"name\" must be"},
            {true, "{\"name\":\"a\",\"wants\":[\"x\"]}", ERR_MALFORMED, "\"version\" is missing"},
            {true, "{\"name\":\"a\",\"version\":\"1\"}", ERR_MALFORMED, "\"wants\" is missing"},
            {true, "{\"name\":\"a\",\"version\":\"1\",\"wants\":[]}", ERR_MALFORMED, "\"wants\" is missing"},
            {true, "{\"name\":\"a\",\"version\":\"1\",\"wants\":[\"\"]}", ERR_MALFORMED, "an empty pattern"},
            {true, "{\"name\":\"a\",\"version\":\"1\",\"wants\":[\"x\"],\"max_bytes\":0}", ERR_LIMIT, "max_bytes"},
            {true, "{\"name\":\"a\",\"version\":\"1\",\"wants\":[\"x\"],\"max_bytes\":99999999999}", ERR_LIMIT,
                "max_bytes"},
            {true, "{\"name\":\"a\",\"version\":\"\\u001b[2J\",\"wants\":[\"x\"]}", ERR_MALFORMED, "control bytes"},
            {false, "{}", ERR_MALFORMED, "\"packages\" is missing"},
            {false, "{\"packages\":[{}]}", ERR_MALFORMED, "a package needs \"path\""},
            {false, "{\"packages\":[{\"path\":\"a\",\"layer\":0,\"type\":\"generic\",\"name\":\"a\"}]}", ERR_MALFORMED,
                "a package needs \"version\""},
            {false, "{\"packages\":[{\"path\":\"a\",\"type\":\"generic\",\"name\":\"a\",\"version\":\"1\"}]}",
                ERR_MALFORMED, "a package needs \"layer\""},
            {false,
                "{\"packages\":[{\"path\":\"a\",\"layer\":5000,\"type\":\"generic\",\"name\":\"a\",\"version\":\"1\"}]"
                "}",
                ERR_MALFORMED, "a package needs \"layer\""},
            {false,
                "{\"packages\":[{\"path\":\"a\",\"layer\":0,\"type\":\"No Type\",\"name\":\"a\",\"version\":\"1\"}]}",
                ERR_MALFORMED, "is no type of a purl"},
            {false, "{\"packages\":[{\"path\":\"a\",\"layer\":-1}]}", ERR_MALFORMED, "layer"},
            {false, "{\"packages\":[]} trailing", ERR_MALFORMED, ""},
            {false, "{\"packages\":[],\"packages\":[]}", ERR_MALFORMED, "packages"},
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct plugin_packages packages;
                struct plugin_texts notes;
                struct plugin p = {0};
                struct err e = {0};
                struct span text = span_of(rows[i].text);
                bool ok = rows[i].describe ? plugin_describe_parse(text, f->arena, &p, &e)
                                           : plugin_answer_parse(text, f->arena, &packages, &notes, &e);

                if (ok)
                        fail_msg("was taken: %s", rows[i].text);
                says(&e, rows[i].kind, rows[i].says);
        }
}

static void the_workers_words_are_checked_too(void **state)
{
        struct fixture *f = *state;
        struct plugin_packages packages = {0};
        struct plugin_texts notes = {0};
        CLEANUP(buf_done) struct buf b = {0};
        struct cursor c;
        struct err e = {0};

        assert_true(plugin_answer_parse(S("{\"packages\":[{\"path\":\"a\",\"layer\":1,\"type\":\"npm\",\"name\":\"n\","
                                          "\"version\":\"1\",\"cpe\":null}],"
                                          "\"notes\":[\"x\"]}"),
            f->arena, &packages, &notes, &e));
        plugin_answer_put(&b, &packages, &notes);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_true(plugin_answer_get(&c, f->arena, &packages, &notes));
        assert_int_equal(packages.len, 1);
        assert_true(span_is(packages.at[0].type, "npm") && packages.at[0].layer == 1);
        for (size_t n = 0; n < b.len; n++) {
                c = (struct cursor){.rest = span_cut(buf_span(&b), 0, n)};
                assert_false(plugin_answer_get(&c, f->arena, &packages, &notes));
        }
        buf_put_u8(&b, 0);
        c = (struct cursor){.rest = buf_span(&b)};
        assert_false(plugin_answer_get(&c, f->arena, &packages, &notes));
}

/* ---- programs ---- */

static const char *path_of(struct fixture *f, const char *name)
{
        return arena_string(f->arena, arena_printf(f->arena, "%s/%s", f->folder, name));
}

static void program_put(struct fixture *f, const char *name, const char *text)
{
        int fd = open(path_of(f, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
        struct err e = {0};

        assert_true(fd >= 0 && fd_write_all(fd, span_of(text), &e));
        close(fd);
}

static bool run(struct fixture *f, const char *script, uint32_t ms_max, struct buf *ret, struct err *e)
{
        const struct plugin_run r = {
            .path = path_of(f, "it"), .arg = "word", .input_fd = -1, .ms_max = ms_max, .answer_max = 100000};

        program_put(f, "it", script);
        return plugin_run(&r, ret, e);
}

static void what_it_prints_is_kept(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf out = {0};
        struct err e = {0};

        if (!run(f, "#!/bin/sh\necho \"$1\"; env | sort; cat; echo out\n", 10000, &out, &e))
                fail_msg("%s", e.text);
        assert_true(span_starts(buf_span(&out), "word\nHOME=/\nLC_ALL=C.UTF-8\n"));
        assert_true(span_ends(buf_span(&out), "out\n"));
        assert_null(memmem(out.at, out.len, "TMPDIR", 6));
}

static void run_refuses(struct fixture *f, const char *script, uint32_t ms_max, enum err_kind kind, const char *text)
{
        CLEANUP(buf_done) struct buf out = {0};
        struct err e = {0};

        if (run(f, script, ms_max, &out, &e))
                fail_msg("was taken: %s", script);
        says(&e, kind, text);
}

static void what_goes_wrong_is_said(void **state)
{
        struct fixture *f = *state;
        int64_t before_ms = clock_mono_ms();

        run_refuses(f, "#!/bin/sh\necho first >&2; echo 'no licence file' >&2; exit 3\n", 10000, ERR_MALFORMED,
            "it ended with exit status 3: no licence file");
        run_refuses(f, "#!/bin/sh\nyes\n", 10000, ERR_LIMIT, "it printed more than 100000 bytes");
        run_refuses(f, "#!/bin/sh\nyes >&2\n", 1000, ERR_LIMIT, "it took more than 1 seconds");
        run_refuses(f, "#!/bin/sh\nexec sleep 100\n", 1000, ERR_LIMIT, "it took more than 1 seconds");
        run_refuses(
            f, "#!/bin/sh\n: \"${x:=$(head -c 2000000000 /dev/zero | tr '\\0' x)}\"\n", 20000, ERR_MALFORMED, "it ");
        run_refuses(f, "#!/no/such/interpreter\n", 1000, ERR_UNSUPPORTED, "no cage, no detector: start: No such file");
        run_refuses(f, "\177ELF no program", 1000, ERR_UNSUPPORTED, "start: Exec format error");
        assert_in_range(clock_mono_ms() - before_ms, 1000, 60000);
}

/* What is left behind holds the pipe: it is not waited for, and gone afterwards. */
static void nothing_is_left_behind(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf out = {0}, name = {0};
        int64_t before_ms = clock_mono_ms();
        struct err e = {0};

        buf_printf(&name, "7%04u.125", (unsigned)getpid() % 10000);
        struct span script = arena_printf(f->arena, "#!/bin/sh\nsleep %.*s & sleep %.*s & echo done\n",
            SPAN_FMT(buf_span(&name)), SPAN_FMT(buf_span(&name)));
        if (!run(f, arena_string(f->arena, script), 30000, &out, &e))
                fail_msg("%s", e.text);
        assert_true(span_is(buf_span(&out), "done\n"));
        assert_in_range(clock_mono_ms() - before_ms, 0, 20000);
        struct span find = arena_printf(f->arena, "sleep %.*s", SPAN_FMT(buf_span(&name)));
        FILE *ps = popen(arena_string(f->arena, arena_printf(f->arena, "pgrep -fx '%.*s'", SPAN_FMT(find))), "r");
        char line[64];
        assert_non_null(ps);
        assert_null(fgets(line, sizeof(line), ps));
        pclose(ps);
}

/* Each line of the script tries one thing; what came of it is printed. */
static void the_cage_holds(void **state)
{
        static const struct {
                const char *act, *prints;
        } rows[] = {
            {"cat /etc/passwd", "no"},
            {"cat /etc/shadow", "no"},
            {"ls /root /home /tmp /proc", "no"},
            {"ls /", "no"},
            {"touch /tmp/coffer-plugin-was-here", "no"},
            {"echo x > /dev/shm/coffer-plugin-was-here", "no"},
            {"kill -0 1", "no"},
            {"kill -9 $PPID", "no"},
            {"setsid true", "no"},
            {"unshare -r true", "no"},
            {"chmod 777 \"$0\"", "no"},
            {"bash -c 'exec 3<>/dev/tcp/127.0.0.1/80'", "no"},
            {"perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1'", "no"},
            {"grep -q 'CapEff:.*[1-9a-f]' /proc/self/status", "no"},
            {"cat \"$0\"", "yes"},
            {"echo a | tr a b", "yes"},
            {"test \"$(printf eHl6 | base64 -d)\" = xyz", "yes"},
            {"cat /dev/null", "yes"},
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(buf_done) struct buf out = {0};
                struct span script = arena_printf(
                    f->arena, "#!/bin/sh\nif %s >/dev/null 2>&1; then echo yes; else echo no; fi\n", rows[i].act);
                struct err e = {0};

                if (!run(f, arena_string(f->arena, script), 20000, &out, &e))
                        fail_msg("%s: %s", rows[i].act, e.text);
                buf_put_u8(&out, 0);
                if (strncmp((const char *)out.at, rows[i].prints, strlen(rows[i].prints)) != 0)
                        fail_msg("%s: %s", rows[i].act, out.at);
        }
        assert_int_not_equal(access("/tmp/coffer-plugin-was-here", F_OK), 0);
}

/* ---- whole images ---- */

static void entry_put(struct fixture *f, size_t n, char type, const char *path, const char *link, struct span content)
{
        struct buf *b = &f->tars[n];
        char header[512] = {0};
        unsigned sum = 0;

        snprintf(header, 100, "%s", path);
        snprintf(header + 100, 8, "%07o", 0644u);
        snprintf(header + 108, 8, "%07o", 0u);
        snprintf(header + 116, 8, "%07o", 0u);
        snprintf(header + 124, 12, "%011o", (unsigned)content.len);
        snprintf(header + 136, 12, "%011o", 0u);
        header[156] = type;
        snprintf(header + 157, 100, "%s", link);
        memcpy(header + 257, "ustar\00000", 8);
        memset(header + 148, ' ', 8);
        for (size_t i = 0; i < sizeof(header); i++)
                sum += (uint8_t)header[i];
        snprintf(header + 148, 8, "%06o", sum);
        buf_put(b, span_bytes(header, sizeof(header)));
        buf_put(b, content);
        while (b->len % 512 != 0)
                buf_put_u8(b, 0);
}

static void layer_put(struct fixture *f, size_t n, const char *path, const char *content)
{
        entry_put(f, n, '0', path, "", span_of(content));
}

static void image_finish(struct fixture *f, size_t n_layers)
{
        struct err e = {0};

        for (size_t n = 0; n < n_layers; n++) {
                int fd = memfd_create("layer", MFD_CLOEXEC);

                for (size_t i = 0; i < 1024; i++)
                        buf_put_u8(&f->tars[n], 0);
                assert_true(fd >= 0 && fd_write_all(fd, buf_span(&f->tars[n]), &e));
                f->layers[n] = (struct image_layer){.fd = fd, .size = f->tars[n].len};
                digest_of(DIGEST_SHA256, buf_span(&f->tars[n]), &f->layers[n].diff_id);
                f->layers[n].blob = f->layers[n].diff_id;
        }
        f->image.n_layers = n_layers;
}

#define DESCRIBE(name, wants)                                                                                          \
        "#!/bin/sh\nif [ \"$1\" = --describe ]; then echo '{\"name\":\"" name "\",\"version\":\"1\",\"wants\":[" wants \
        "]}'; exit; fi\n"

static struct plugin_results *results_of(struct fixture *f)
{
        CLEANUP(inventory_plugins_freep) struct inventory_plugins *p = NULL;
        struct plugin_results *r = NULL;
        struct err e = {0};

        if (!inventory_plugins_open(f->folder, &p, &e) || !plugins_run(p, &f->image, &r, &e))
                fail_msg("%s", e.text);
        return r;
}

static void notes_say(const struct plugin_results *r, const char *text)
{
        for (size_t i = 0; i < r->notes.len; i++)
                if (memmem(r->notes.at[i].at, r->notes.at[i].len, text, strlen(text)))
                        return;
        fail_msg("%zu notes, the first is \"%.*s\"; none says: %s", r->notes.len,
            SPAN_FMT(r->notes.len ? r->notes.at[0] : (struct span){0}), text);
}

static void the_examples_find_what_they_say(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf script = {0};
        struct err e = {0};

        if (!file_read(AT_FDCWD, EXAMPLES_DIR "/detector_versions.sh", 1 << 20, &script, &e))
                fail_msg("%s", e.text);
        buf_put_u8(&script, 0);
        program_put(f, "versions", (const char *)script.at);
        CLEANUP(buf_done) struct buf program = {0};
        assert_true(file_read(AT_FDCWD, EXAMPLE_PROGRAM, 64 << 20, &program, &e));
        int fd = open(path_of(f, "appliance"), O_WRONLY | O_CREAT, 0700);
        assert_true(fd_write_all(fd, buf_span(&program), &e));
        close(fd);
        program_put(f, "README", "not executable");
        assert_int_equal(chmod(path_of(f, "README"), 0600), 0);

        layer_put(f, 0, "opt/tool/VERSION", "1.2.3\nbuilt on a machine\n");
        layer_put(f, 0, "etc/appliance-release", "Box-OS 7.1\n");
        layer_put(f, 1, "opt/other/VERSION", "\"; rm -rf /\n");
        layer_put(f, 1, "opt/other/deep/VERSION", "9\n");
        image_finish(f, 2);
        CLEANUP(plugin_results_freep) struct plugin_results *r = results_of(f);
        for (size_t i = 0; i < r->notes.len; i++)
                print_message("%.*s\n", SPAN_FMT(r->notes.at[i]));
        assert_true(r->complete);
        assert_int_equal(r->packages.len, 3);
        assert_true(span_is(r->packages.at[0].name, "Box-OS") && span_is(r->packages.at[0].version, "7.1"));
        assert_true(span_is(r->packages.at[1].path, "opt/tool/VERSION") && span_is(r->packages.at[1].version, "1.2.3"));
        assert_true(span_is(r->packages.at[2].version, "rm-rf") && r->packages.at[2].layer == 1);
}

static void content_comes_through_whole(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf big = {0};

        for (unsigned i = 0; i < 300001; i++)
                buf_put_u8(&big, (uint8_t)(i * 7 >> 3));
        entry_put(f, 0, '0', "x/big.bin", "", buf_span(&big));
        layer_put(f, 0, "x/empty.bin", "");
        image_finish(f, 1);
        program_put(f, "sums",
            DESCRIBE("sums",
                "\"*.bin\"") "printf '{\"packages\":['; sed -n "
                             "'s/.*\"path\":\"\\([^\"]*\\)\",\"layer\":0,\"content_base64\":\"\\([^\"]*\\)\".*/\\1 "
                             "\\2/p' |"
                             "(c=; while read -r p b; do printf "
                             "'%s{\"path\":\"%s\",\"layer\":0,\"type\":\"generic\",\"name\":\"n\",\"version\":\"%s\"}'"
                             " \"$c\" \"$p\" \"$(printf '%s' \"$b\" | base64 -d | sha256sum | cut -d' ' -f1)\"; c=,; "
                             "done); echo ']}'\n");
        CLEANUP(plugin_results_freep) struct plugin_results *r = results_of(f);
        struct digest d;
        char hex[DIGEST_TEXT_MAX];

        for (size_t i = 0; i < r->notes.len; i++)
                print_message("%.*s\n", SPAN_FMT(r->notes.at[i]));
        assert_int_equal(r->packages.len, 2);
        digest_of(DIGEST_SHA256, buf_span(&big), &d);
        assert_true(span_is(r->packages.at[0].version, digest_hex(&d, hex)));
        digest_of(DIGEST_SHA256, S(""), &d);
        assert_true(span_is(r->packages.at[1].version, digest_hex(&d, hex)));
}

static void one_that_fails_is_named(void **state)
{
        static const struct {
                const char *name, *body, *note;
        } rows[] = {
            {"dies", "kill -9 $$; exec sh -c 'exit 9'\n", "detector dies: it ended with exit status 9"},
            {"crashes", "echo '{\"packages\":['; exit 0\n", "detector crashes: what it printed:"},
            {"silent", "exit 0\n", "detector silent: what it printed:"},
            {"floods", "head -c 20000000 /dev/zero\n", "detector floods: it printed more than 16777216 bytes"},
            {"lies",
                "echo "
                "'{\"packages\":[{\"path\":\"etc/"
                "shadow\",\"layer\":0,\"type\":\"generic\",\"name\":\"n\",\"version\":\"1\"}]}'\n",
                "detector lies: it names a package in etc/shadow of layer 0, which it was not given"},
            {"elsewhere",
                "echo "
                "'{\"packages\":[{\"path\":\"a.txt\",\"layer\":1,\"type\":\"generic\",\"name\":\"n\",\"version\":\"1\"}"
                "]}'\n",
                "detector elsewhere: it names a package in a.txt of layer 1"},
            {"unsure", "echo '{\"packages\":[],\"notes\":[\"a.txt is of a newer format\"]}'\n",
                "detector unsure: a.txt is of a newer format"},
        };
        struct fixture *f = *state;

        layer_put(f, 0, "a.txt", "x");
        image_finish(f, 1);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                program_put(f, rows[i].name,
                    arena_string(
                        f->arena, arena_printf(f->arena,
                                      "#!/bin/sh\nif [ \"$1\" = --describe ]; then echo "
                                      "'{\"name\":\"%s\",\"version\":\"1\",\"wants\":[\"*.txt\"]}'; exit; fi\n%s",
                                      rows[i].name, rows[i].body)));
        program_put(f, "good",
            DESCRIBE("good", "\"*.txt\"") "echo "
                                          "'{\"packages\":[{\"path\":\"a.txt\",\"layer\":0,\"type\":\"generic\","
                                          "\"name\":\"n\",\"version\":\"1\"}]}'\n");
        program_put(f, "mute", "#!/bin/sh\nexit 1\n");
        program_put(f, "twin", DESCRIBE("good", "\"*.txt\""));
        CLEANUP(plugin_results_freep) struct plugin_results *r = results_of(f);
        assert_false(r->complete);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                notes_say(r, rows[i].note);
        notes_say(r, "detector mute: --describe: it ended with exit status 1");
        notes_say(r, "detector twin: good has the same name");
        assert_int_equal(r->packages.len, 1); /* the others' failure does not cost the good one's */
}

static void files_that_are_not_shown_are_named(void **state)
{
        struct fixture *f = *state;

        layer_put(f, 0, "a.txt", "0123456789");
        layer_put(f, 0, "b\xff.txt", "x");
        entry_put(f, 0, '1', "c.txt", "a.txt", (struct span){0});
        layer_put(f, 0, "d.txt", "x");
        image_finish(f, 1);
        program_put(f, "small",
            "#!/bin/sh\nif [ \"$1\" = --describe ]; then echo "
            "'{\"name\":\"small\",\"version\":\"1\",\"wants\":[\"*.txt\"],\"max_bytes\":5}'; exit; fi\n"
            "echo "
            "'{\"packages\":[{\"path\":\"d.txt\",\"layer\":0,\"type\":\"generic\",\"name\":\"n\",\"version\":\"1\"}]}'"
            "\n");
        CLEANUP(plugin_results_freep) struct plugin_results *r = results_of(f);
        assert_false(r->complete);
        assert_int_equal(r->packages.len, 1);
        notes_say(r, "a.txt: it is larger than they take");
        notes_say(r, ".txt: its name can't be said in JSON");
        notes_say(r, "c.txt: it is a hard link");
}

static void a_layer_that_is_not_what_it_should_be_fails(void **state)
{
        struct fixture *f = *state;
        CLEANUP(inventory_plugins_freep) struct inventory_plugins *p = NULL;
        struct plugin_results *r = NULL;
        struct err e = {0};

        layer_put(f, 0, "a.txt", "x");
        image_finish(f, 1);
        f->layers[0].diff_id.bytes[0] ^= 1;
        f->layers[0].blob = (struct digest){0};
        program_put(f, "good", DESCRIBE("good", "\"*.txt\""));
        assert_true(inventory_plugins_open(f->folder, &p, &e));
        assert_false(plugins_run(p, &f->image, &r, &e));
        says(&e, ERR_UNTRUSTED, "for detectors");
        assert_null(r);
}

static void folders_that_others_can_write_are_refused(void **state)
{
        struct fixture *f = *state;
        struct inventory_plugins *p = NULL;
        struct digest before;
        struct err e = {0};

        program_put(f, "good", DESCRIBE("good", "\"*.txt\""));
        assert_true(inventory_plugins_open(f->folder, &p, &e));
        assert_int_equal(p->len, 1);
        before = p->fingerprint;
        inventory_plugins_freep(&p);
        program_put(f, "good", DESCRIBE("good", "\"*.txt\"") "# changed\n");
        assert_true(inventory_plugins_open(f->folder, &p, &e));
        assert_int_equal(p->len, 1);
        assert_false(digest_equal(&before, &p->fingerprint));
        inventory_plugins_freep(&p);
        assert_int_equal(chmod(path_of(f, "good"), 0777), 0);
        assert_false(inventory_plugins_open(f->folder, &p, &e));
        says(&e, ERR_DENIED, "good can be written by others than its owner");
        assert_int_equal(chmod(path_of(f, "good"), 0700), 0);
        assert_int_equal(chmod(f->folder, 0777), 0);
        assert_false(inventory_plugins_open(f->folder, &p, &e));
        says(&e, ERR_DENIED, "can be written by others");
        assert_int_equal(chmod(f->folder, 0700), 0);
        assert_int_equal(symlink("/bin/sh", path_of(f, "link")), 0);
        assert_true(inventory_plugins_open(f->folder, &p, &e));
        assert_int_equal(p->len, 1);
        assert_int_equal(p->notes.len, 1);
        inventory_plugins_freep(&p);
        assert_true(inventory_plugins_open(path_of(f, "none"), &p, &e));
        assert_true(p->len == 0 && p->notes.len == 0 && p->fingerprint.alg == DIGEST_NONE);
        inventory_plugins_freep(&p);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
            CASE(patterns_match),
            CASE(descriptions_are_read),
            CASE(wrong_words_are_refused),
            CASE(the_workers_words_are_checked_too),
            CASE(what_it_prints_is_kept),
            CASE(what_goes_wrong_is_said),
            CASE(nothing_is_left_behind),
            CASE(the_cage_holds),
            CASE(the_examples_find_what_they_say),
            CASE(content_comes_through_whole),
            CASE(one_that_fails_is_named),
            CASE(files_that_are_not_shown_are_named),
            CASE(a_layer_that_is_not_what_it_should_be_fails),
            CASE(folders_that_others_can_write_are_refused),
        };

        return cmocka_run_group_tests_name("inventory_plugin", tests, NULL, NULL);
}
