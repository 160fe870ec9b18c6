/* Which detector wants a path: the index says what asking them all says, and is quick. */
#include "inventory/detect_test_priv.h"

#include <dirent.h>
#include <time.h>

struct paths {
        struct arena *arena;
        struct span *at;
        size_t len, cap;
};

static void add(struct paths *p, const char *folder, const char *name)
{
        *ARENA_PUSH(p->arena, p) = arena_printf(p->arena, "%s%s%s", folder, *folder ? "/" : "", name);
}

/* Files that this machine has, up to a number. */
static void walk(struct paths *p, const char *folder, size_t max, unsigned depth)
{
        DIR *dir = depth < 12 ? opendir(folder) : NULL;
        const struct dirent *e;
        char name[4096];

        while (dir && p->len < max && (e = readdir(dir)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                snprintf(name, sizeof(name), "%s/%s", folder, e->d_name);
                add(p, "", name + 1);
                if (e->d_type == DT_DIR)
                        walk(p, name, max, depth + 1);
        }
        if (dir)
                closedir(dir);
}

/* Every pattern as a name, with its star filled, in folders that detectors ask for. */
static void patterns(struct paths *p)
{
        static const char *const folders[] = {"", "a", "var/lib/dpkg", "var/lib/dpkg/status.d", "var/lib/dpkg/info",
            "etc", "usr/lib", "lib/apk/db", "usr/lib/apk/db", "var/lib/rpm", "node_modules/x", "x.dist-info",
            "x.egg-info", "db", "usr/share/doc/x", "opt/conda/conda-meta", "specifications",
            "var/lib/pacman/local/x-1-1"};
        static const char *const more[] = {
            "status", "METADATA", "x.list", "x", "", "123", "package.json", "desc", ".jar", "."};
        const struct detector *d;
        struct span rest, pattern;
        char name[300];

        for (size_t f = 0; f < ARRAY_LEN(folders); f++) {
                for (size_t i = 0; i < ARRAY_LEN(more); i++)
                        add(p, folders[f], more[i]);
                for (size_t i = 0; (d = detector_at(i)) != NULL; i++) {
                        for (rest = span_of(d->names); rest.len > 0;) {
                                span_split(rest, ' ', &pattern, &rest);
                                bool front = span_starts(pattern, "*"), back = !front && span_ends(pattern, "*");
                                struct span bare = span_cut(pattern, front, pattern.len - (front || back));
                                snprintf(name, sizeof(name), "%s%.*s%s", front ? "some-1.0" : "", SPAN_FMT(bare),
                                    back ? "1.0" : "");
                                add(p, folders[f], name);
                                snprintf(name, sizeof(name), "%.*s", SPAN_FMT(bare));
                                add(p, folders[f], name);
                        }
                }
        }
}

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_the_index_says_what_all_say(void **state)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct detector_index *x = detector_index_new();
        struct paths p = {.arena = arena};
        size_t wanted = 0;

        (void)state;
        patterns(&p);
        walk(&p, "/usr/lib", p.len + 20000, 0);
        walk(&p, "/usr/share", p.len + 20000, 0);
        walk(&p, "/var/lib", p.len + 20000, 0);
        walk(&p, "/etc", p.len + 5000, 0);
        for (size_t i = 0; i < p.len; i++) {
                const struct detector *all = detector_of_path(p.at[i]), *index = detector_index_find(x, p.at[i]);
                wanted += all != NULL;
                if (all != index)
                        fail_msg("%.*s: %s wants it, the index says %s: its `names` don't name all that `wants` does",
                            SPAN_FMT(p.at[i]), all ? all->name : "nobody", index ? index->name : "nobody");
        }
        assert_true(wanted > 20);
        detector_index_free(x);
}

static void test_it_is_quick(void **state)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct detector_index *x = detector_index_new();
        struct paths p = {.arena = arena};
        size_t wanted[2] = {0}, rows = 0, asked = 0;
        double at[3];

        (void)state;
        while (detector_at(rows)) {
                asked += detector_at(rows)->wants && !detector_at(rows)->names;
                rows++;
        }
        walk(&p, "/usr", 100000, 0);
        if (p.len == 0)
                skip();
        at[0] = now_s();
        for (size_t i = 0; i < 100000; i++)
                wanted[0] += detector_index_find(x, p.at[i % p.len]) != NULL;
        at[1] = now_s();
        for (size_t i = 0; i < 100000; i++)
                wanted[1] += detector_of_path(p.at[i % p.len]) != NULL;
        at[2] = now_s();
        print_message(
            "100000 paths, %zu detectors, %zu of them without `names`: %.1f ms by the index, %.1f ms by asking all\n",
            rows, asked, (at[1] - at[0]) * 1e3, (at[2] - at[1]) * 1e3);
        assert_int_equal(wanted[0], wanted[1]);
        assert_true(at[1] - at[0] < 1); /* a tenth of it on any machine; sanitizers are slow */
        detector_index_free(x);
}

static void test_rows(void **state)
{
        size_t n = 0;

        (void)state;
        for (; detector_at(n); n++) {
                const struct detector *d = detector_at(n);
                assert_int_equal(detector_number(d), n);
                assert_ptr_equal(detector_of_name(span_of(d->name)), d); /* no two of one name */
                assert_true(d->stream ? d->stream->begin && d->stream->data && d->stream->end && d->stream->free
                                      : d->read || d->read_pair);
                assert_true(d->wants || (d->stream && d->stream->sniff));
                assert_true(!d->companion == !d->read_pair && !(d->companion && d->stream));
        }
        assert_true(n > 0);
        assert_null(detector_at(n));
}

static void test_text_is_clean(void **state)
{
        static const struct {
                const char *text;
                bool clean;
        } rows[] = {{"", true}, {"abcdefgh", true}, {"abcdefghi", true}, {"abcdefg\n", false}, {"abcdefgh\n", false},
            {"\x7f"
             "bcdefgh",
                false},
            {"abc\x7f"
             "efgh",
                false},
            {"abcdefg\xc3\xa4", true}, {"abcdefgh\xc3", false},
            {"\xc3\xa4"
             "bcdefghijk",
                true},
            {"\xff"
             "bcdefghijk",
                false},
            {"abcdefg\x1f", false}, {"abcdefg\x20~~~~~~~~", true},
            {"0123456\x01"
             "01234567",
                false},
            {"\x80\x80\x80\x80\x80\x80\x80\x80", false}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (text_is_clean(span_of(rows[i].text), 100) != rows[i].clean)
                        fail_msg("row %zu", i);
        assert_false(text_is_clean(SPAN_LIT("abc"), 2));
        for (unsigned c = 0; c < 256; c++) { /* alone, and at each place of eight */
                for (size_t at = 0; at < 8; at++) {
                        uint8_t text[8] = "aaaaaaaa";
                        text[at] = (uint8_t)c;
                        assert_int_equal(text_is_clean(span_bytes(text, 8), 8), c >= 0x20 && c < 0x7f);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_the_index_says_what_all_say),
            cmocka_unit_test(test_it_is_quick),
            cmocka_unit_test(test_rows),
            cmocka_unit_test(test_text_is_clean),
        };

        return cmocka_run_group_tests_name("inventory detectors", tests, NULL, NULL);
}
