/* Layers that other projects test with (osv-scalibr, clair): every entry, whiteout and opaque folder is seen. */
#include "inventory/detect_test_priv.h"

#include <sys/mman.h>
#include <unistd.h>

#define FOLDER SHARED_DIR "/data/vectors/layers/"

/* Paths as they are told: "taken" and "folders" are looked for by their ids. */
struct vector {
        const char *file;
        unsigned member; /* from 1: of an archive, its layers in the order of the archive; 0: the file is the layer */
        const char *taken, *folders, *whiteouts, *opaques; /* divided by blanks */
};

static const struct vector vectors[] = {
    {"empty.tar", 0, "", "", "", ""},
    {"whiteout.layer", 0, "", "etc", "etc/profile", ""},
    {"whiteout_opaque.layer", 0, "b/not.a.wh..wh..opq", "a b", "", "a"},
    {"basic.tar", 1, "sample.txt", "", "", ""},
    {"basic.tar", 2, "larger-sample.txt", "", "", ""},
    {"multiple-files.tar", 1, "foo.txt", "", "", ""},
    {"multiple-files.tar", 2, "dir1/bar.txt dir1/baz.txt", "dir1", "", ""},
    {"single-file.tar", 1, "foo.txt", "", "", ""},
    {"symlink-basic.tar", 1,
        "dir1/absolute-symlink.txt dir1/chain-symlink.txt dir1/relative-dot-symlink.txt dir1/relative-symlink.txt "
        "dir1/sample.txt",
        "dir1", "", ""},
    {"symlink-cycle.tar", 1, "dir1/absolute-symlink.txt dir1/chain-symlink.txt dir1/sample.txt", "dir1", "", ""},
    {"symlink-dangling.tar", 2,
        "dir2/dir3/absolute-chain-symlink.txt dir2/dir3/absolute-subfolder-symlink.txt "
        "dir2/dir3/relative-subfolder-symlink.txt",
        "dir2 dir2/dir3", "", ""},
    {"two-files.tar", 1, "bar.txt", "", "", ""},
    {"two-files.tar", 2, "foo.txt", "", "", ""},
    /* Two archives, joined: a link and then a folder in its place. */
    {"concat.tar", 0, "run/logs/log.txt var/run var/run/console/algo.txt", "run run/logs var var/run var/run/console", "",
        ""},
    {"bad_name.tar", 0, "____________________________________________________________________________________________________bad\xfdname", "", "", ""},
};

/* ---- the layers of a docker-archive ---- */

struct members {
        unsigned wanted, seen;
        bool in;
        int fd;
};

static bool member_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct members *m = ctx;

        (void)e;
        m->in = entry->type == IMAGE_ENTRY_FILE && span_ends(entry->path, "/layer.tar") && ++m->seen == m->wanted;
        *ret_want = m->in;
        return true;
}

static bool member_data(void *ctx, struct span piece, struct err *e)
{
        struct members *m = ctx;

        return piece.len == 0 || fd_write_all(m->fd, piece, e);
}

static int member_open(int archive, uint64_t size, unsigned wanted)
{
        struct members m = {.wanted = wanted, .fd = memfd_create("layer", MFD_CLOEXEC)};
        const struct image_sink sink = {.entry = member_entry, .data = member_data, .ctx = &m};
        const struct image_source source = {.fd = archive, .size = size};
        struct image_read read;
        struct err e = {0};

        if (!image_layer_read(&source, &sink, &read, &e))
                fail_msg("%s", e.text);
        assert_true(m.seen >= wanted);
        return m.fd;
}

/* ---- comparing ---- */

static void ids_are(const struct path_ids *ids, const char *paths, const char *file)
{
        struct span rest = span_of(paths), path;
        size_t n = 0;

        while (rest.len > 0) {
                span_split(rest, ' ', &path, &rest);
                struct path_id id = path_id_of(path);
                if (ids->len == 0 || !bsearch(&id, ids->at, ids->len, sizeof(id), path_id_compare))
                        fail_msg("%s: %.*s is missing", file, SPAN_FMT(path));
                n++;
        }
        if (ids->len != n)
                fail_msg("%s: %zu paths, not %zu", file, ids->len, n);
}

static void list_is(const struct span_list *list, const char *path, const char *file)
{
        if (list->len != (*path != 0) || (list->len > 0 && !span_is(list->at[0], path)))
                fail_msg("%s: %zu whiteouts or opaque folders, not \"%s\"", file, list->len, path);
}

static void vector_check(const struct vector *v)
{
        CLEANUP(layer_reader_freep) struct layer_reader *reader = layer_reader_new();
        struct image_sink sink = layer_reader_sink(reader);
        struct image_source source = {0};
        struct image_read read;
        struct err e = {0};
        char path[500];
        bool ok;

        snprintf(path, sizeof(path), FOLDER "%s", v->file);
        CLEANUP(fd_close) int file = open(path, O_RDONLY | O_CLOEXEC);
        CLEANUP(fd_close) int layer = -1;
        assert_true(file >= 0);
        source.size = (uint64_t)lseek(file, 0, SEEK_END);
        if (v->member > 0)
                layer = member_open(file, source.size, v->member);
        source.fd = v->member > 0 ? layer : file;
        source.size = (uint64_t)lseek(source.fd, 0, SEEK_END);
        ok = image_layer_read(&source, &sink, &read, &e);
        if (!ok)
                fail_msg("%s: %s", v->file, e.text);
        assert_false(layer_reader_again(reader));
        CLEANUP(layer_report_freep) struct layer_report *r = layer_reader_end(reader, &read);
        ids_are(&r->taken, v->taken, v->file);
        ids_are(&r->folders, v->folders, v->file);
        list_is(&r->whiteouts, v->whiteouts, v->file);
        list_is(&r->opaques, v->opaques, v->file);
        assert_int_equal(r->notes.len, 0);
}

static void test_vectors(void **state)
{
        (void)state;
        if (access(FOLDER "empty.tar", R_OK) != 0) {
                print_message("skipped: no test vectors in " FOLDER "\n");
                skip();
        }
        for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
                vector_check(&vectors[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_vectors),
        };

        return cmocka_run_group_tests_name("inventory vectors", tests, NULL, NULL);
}
