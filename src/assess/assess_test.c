/* What is read anew, what comes from the store, and what is kept there. Reading itself is a double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "advisory/advisory.h"
#include "assess/assess.h"

#define S(text) SPAN_LIT(text)

/* ---- the double: what inventory_of_image is told and gives ---- */

static struct {
        unsigned calls;
        bool fails, incomplete, layer_known;
        struct inventory_options options;
} reading;

/* In the order of an inventory: by type, then name. */
static const struct component found[] = {
    {.ecosystem = SPAN_LIT("Debian:12"),
        .type = SPAN_LIT("deb"),
        .name = SPAN_LIT("libc6"),
        .version = SPAN_LIT("2.36-9+b1"),
        .source_name = SPAN_LIT("glibc"),
        .source_version = SPAN_LIT("2.36-9")},
    {.type = SPAN_LIT("generic"), .name = SPAN_LIT("thing"), .version = SPAN_LIT("1")},
    {.ecosystem = SPAN_LIT("npm"), .type = SPAN_LIT("npm"), .name = SPAN_LIT("lodash"), .version = SPAN_LIT("4.17.20")},
    {.ecosystem = SPAN_LIT("npm"), .type = SPAN_LIT("npm"), .name = SPAN_LIT("odd"), .version = SPAN_LIT("latest")},
};

static struct inventory *inventory_make(const struct image *i)
{
        struct arena *a = arena_new();
        struct inventory *v = arena_alloc(a, sizeof(*v));

        v->arena = a;
        v->image = i->manifest;
        v->config = i->config;
        v->complete = !reading.incomplete;
        v->n_layers = i->n_layers;
        v->layers = arena_array(a, i->n_layers, sizeof(*v->layers));
        for (size_t k = 0; k < i->n_layers; k++)
                v->layers[k].diff_id = i->layers[k].diff_id;
        v->n_components = ARRAY_LEN(found);
        v->components = arena_array(a, v->n_components, sizeof(*v->components));
        memcpy(v->components, found, sizeof(found));
        if (reading.incomplete) {
                v->notes = arena_array(a, 1, sizeof(*v->notes));
                v->notes[v->n_notes++] = S("something could not be read");
        }
        return v;
}

bool __wrap_inventory_of_image(
    const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e);
bool __wrap_inventory_of_image(
    const struct image *i, const struct inventory_options *o, struct inventory **ret, struct err *e)
{
        reading.calls++;
        reading.options = *o;
        reading.layer_known = false;
        if (o->layer_get) {
                CLEANUP(buf_done) struct buf b = {0};
                reading.layer_known = o->layer_get(o->layer_ctx, &i->layers[0].diff_id, &b);
                if (reading.layer_known)
                        assert_true(span_is(buf_span(&b), "of the layer"));
                else
                        o->layer_put(o->layer_ctx, &i->layers[0].diff_id, SPAN_LIT("of the layer"));
        }
        if (reading.fails)
                return err_set(e, ERR_UNTRUSTED, "layer 0: digest differs");
        *ret = inventory_make(i);
        return true;
}

/* ---- an image and a store ---- */

struct fixture {
        char path[64];
        int fd;
        struct store *s;
        struct image image;
        struct image_layer layer;
};

static void store_reopen(struct fixture *f)
{
        struct err e = {0};

        store_free(f->s);
        f->s = NULL;
        if (!store_open(f->fd, f->path, &f->s, &e))
                fail_msg("%s", e.text);
}

static int setup(void **state)
{
        struct fixture *f = heap_alloc(sizeof(*f));

        memset(&reading, 0, sizeof(reading));
        snprintf(f->path, sizeof(f->path), "/tmp/coffer-assess-test-XXXXXX");
        if (!mkdtemp(f->path))
                return -1;
        f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        store_reopen(f);
        digest_of(DIGEST_SHA256, S("layer"), &f->layer.diff_id);
        f->image = (struct image){
            .kind = IMAGE_OCI_LAYOUT, .name = S("oci:demo"), .layers = &f->layer, .n_layers = 1, .root_fd = -1};
        digest_of(DIGEST_SHA256, S("manifest"), &f->image.manifest);
        digest_of(DIGEST_SHA256, S("config"), &f->image.config);
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        store_free(f->s);
        close(f->fd);
        tree_remove(AT_FDCWD, f->path, NULL);
        free(f);
        return 0;
}

/* Assesses; says whether it came from the store and whether layers were read. It always is what was found. */
static void assert_assessed(struct fixture *f, struct store *s, bool from_store, unsigned calls)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL, *wanted = inventory_make(&f->image);
        CLEANUP(buf_done) struct buf got = {0}, want = {0};
        struct assess_options o = {0};
        bool was_known = !from_store;
        struct err e = {0};

        if (!assess_image(s, &f->image, &o, &v, &was_known, &e))
                fail_msg("%s", e.text);
        assert_int_equal(e.kind, ERR_NONE);
        assert_int_equal(was_known, from_store);
        assert_int_equal(reading.calls, calls);
        inventory_put(&got, v);
        inventory_put(&want, wanted);
        assert_true(span_equal(buf_span(&got), buf_span(&want)));
}

static void put_raw(struct fixture *f, uint32_t format, struct span bytes)
{
        struct err e = {0};
        const struct store_image i = {
            .digest = f->image.manifest, .name = S("x"), .inventory_format = format, .inventory = bytes};

        if (!store_image_put(f->s, &i, &e))
                fail_msg("%s", e.text);
}

static bool is_kept(struct fixture *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_image kept;

        return store_image_get(f->s, &f->image.manifest, INVENTORY_FORMAT, a, &kept, NULL);
}

/* ---- tests ---- */

static void a_known_image_is_not_read_again(void **state)
{
        struct fixture *f = *state;

        assert_assessed(f, f->s, false, 1);
        assert_assessed(f, f->s, true, 1);
        store_reopen(f);
        assert_assessed(f, f->s, true, 1);
        digest_of(DIGEST_SHA256, S("another"), &f->image.manifest);
        assert_assessed(f, f->s, false, 2);
}

static void without_a_store_it_is_read_each_time(void **state)
{
        struct fixture *f = *state;

        assert_assessed(f, NULL, false, 1);
        assert_assessed(f, NULL, false, 2);
        assert_false(is_kept(f));
}

static void an_image_without_identity_is_not_kept(void **state)
{
        struct fixture *f = *state;

        f->image.manifest = (struct digest){0};
        assert_assessed(f, f->s, false, 1);
        assert_assessed(f, f->s, false, 2);
}

static void what_is_not_whole_is_not_kept(void **state)
{
        struct fixture *f = *state;

        reading.incomplete = true;
        assert_assessed(f, f->s, false, 1);
        assert_false(is_kept(f));
        assert_assessed(f, f->s, false, 2);
        reading.incomplete = false;
        assert_assessed(f, f->s, false, 3);
        assert_true(is_kept(f));
}

static void a_failed_reading_is_an_error_and_leaves_nothing(void **state)
{
        struct fixture *f = *state;
        struct assess_options o = {0};
        struct inventory *v = NULL;
        bool known = true;
        struct err e = {0};

        reading.fails = true;
        assert_false(assess_image(f->s, &f->image, &o, &v, &known, &e));
        assert_int_equal(e.kind, ERR_UNTRUSTED);
        assert_non_null(strstr(e.text, "layer 0: digest differs"));
        assert_null(v);
        assert_true(known);
        assert_false(is_kept(f));
        assert_false(assess_image(f->s, &f->image, &o, &v, &known, NULL)); /* nobody wants to know why */
        reading.fails = false;
        assert_assessed(f, f->s, false, 3);
}

static void what_is_stored_wrongly_is_made_anew(void **state)
{
        struct fixture *f = *state;
        CLEANUP(buf_done) struct buf bytes = {0};
        CLEANUP(inventory_freep) struct inventory *v = NULL;

        put_raw(f, INVENTORY_FORMAT, S("not an inventory"));
        assert_assessed(f, f->s, false, 1);
        assert_assessed(f, f->s, true, 1);

        put_raw(f, INVENTORY_FORMAT + 1, S("of another format"));
        assert_assessed(f, f->s, false, 2);
        assert_assessed(f, f->s, true, 2);

        /* Whole, but of other layers. */
        v = inventory_make(&f->image);
        digest_of(DIGEST_SHA256, S("other layer"), &v->layers[0].diff_id);
        inventory_put(&bytes, v);
        put_raw(f, INVENTORY_FORMAT, buf_span(&bytes));
        assert_assessed(f, f->s, false, 3);

        buf_clear(&bytes);
        v->layers[0].diff_id = f->layer.diff_id;
        digest_of(DIGEST_SHA256, S("other config"), &v->config);
        inventory_put(&bytes, v);
        put_raw(f, INVENTORY_FORMAT, buf_span(&bytes));
        assert_assessed(f, f->s, false, 4);
        assert_assessed(f, f->s, true, 4);
}

static void a_damaged_database_is_an_error(void **state)
{
        struct fixture *f = *state;
        static uint8_t junk[4096];
        struct assess_options o = {0};
        struct inventory *v = NULL;
        bool known = true;
        struct err e = {0};
        int fd;
        off_t size;

        assert_assessed(f, f->s, false, 1);
        store_free(f->s);
        f->s = NULL;
        fd = openat(f->fd, "coffer.db", O_WRONLY | O_CLOEXEC);
        size = lseek(fd, 0, SEEK_END);
        memset(junk, 0xa5, sizeof(junk));
        for (off_t at = 4096; at < size; at += (off_t)sizeof(junk))
                assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
        close(fd);
        store_reopen(f);
        assert_false(assess_image(f->s, &f->image, &o, &v, &known, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_non_null(strstr(e.text, "coffer.db is damaged"));
        assert_int_equal(reading.calls, 1); /* not taken for "not known" */
        assert_null(v);
        assert_true(known);
}

struct candidates {
        unsigned ordered, unordered;
};

static void assert_candidates(struct fixture *f, const char *ecosystem, const char *package, const char *lo,
    const char *hi, struct candidates wanted)
{
        CLEANUP(buf_done) struct buf key_lo = {0}, key_hi = {0};
        enum version_order order = version_order_of(span_of(ecosystem));
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct candidates got = {0};
        struct span advisories;
        struct store_row *rows;
        struct err e = {0};
        size_t n = 0;

        if (!version_key(order, span_of(lo), &key_lo, &e) || !version_key(order, span_of(hi), &key_hi, &e))
                fail_msg("%s", e.text);
        const struct store_range r = {.ecosystem = span_of(ecosystem),
            .package = span_of(package),
            .key_format = VERSION_KEY_FORMAT,
            .key_lo = buf_span(&key_lo),
            .key_hi = buf_span(&key_hi)};
        if (!store_fleet_begin(f->s, a, &advisories, &e) || !store_fleet_components(f->s, &r, a, &rows, &n, &e))
                fail_msg("%s", e.text);
        for (size_t i = 0; i < n; i++) {
                int64_t *images;
                size_t holders;

                assert_true(store_fleet_holders(f->s, rows[i].id, a, &images, &holders, &e));
                assert_int_equal(holders, 1);
                assert_true(rows[i].c.type.len > 0);
                if (rows[i].c.key_format == VERSION_KEY_FORMAT)
                        got.ordered++;
                else
                        got.unordered++;
        }
        store_fleet_end(f->s, false, (struct span){0}, NULL);
        assert_int_equal(got.ordered, wanted.ordered);
        assert_int_equal(got.unordered, wanted.unordered);
}

static void a_new_advisory_finds_the_image(void **state)
{
        struct fixture *f = *state;

        assert_assessed(f, f->s, false, 1);
        /* deb: by the source's name and version; the binary's +b1 is above 2.36-9. */
        assert_candidates(f, "Debian:12", "glibc", "2.30", "2.36-9.1", (struct candidates){1, 0});
        assert_candidates(f, "Debian:12", "glibc", "2.36-9", "2.36-10", (struct candidates){1, 0});
        assert_candidates(f, "Debian:12", "glibc", "2.36-9+a", "2.36-10", (struct candidates){0, 0});
        assert_candidates(f, "Debian:12", "glibc", "1", "2.36-9", (struct candidates){0, 0});
        assert_candidates(f, "Debian:12", "libc6", "1", "9", (struct candidates){0, 0});
        assert_candidates(f, "Debian:11", "glibc", "1", "9", (struct candidates){0, 0});
        assert_candidates(f, "npm", "lodash", "4.17.9", "4.17.21", (struct candidates){1, 0}); /* not as text */
        assert_candidates(f, "npm", "lodash", "4.17.21", "5.0.0", (struct candidates){0, 0});
        assert_candidates(f, "npm", "odd", "1.0.0", "2.0.0", (struct candidates){0, 1}); /* can't be ordered: told */
}

/* A second image with the same layer need not read it, and none does for long. */
static void what_is_known_of_layers_is_kept(void **state)
{
        struct fixture *f = *state;

        assert_assessed(f, f->s, false, 1);
        assert_false(reading.layer_known);
        digest_of(DIGEST_SHA256, S("another"), &f->image.manifest);
        store_reopen(f);
        assert_assessed(f, f->s, false, 2);
        assert_true(reading.layer_known);
        digest_of(DIGEST_SHA256, S("a third"), &f->image.manifest);
        digest_of(DIGEST_SHA256, S("another layer"), &f->layer.diff_id);
        assert_assessed(f, f->s, false, 3);
        assert_false(reading.layer_known);
        assert_assessed(f, NULL, false, 4);
        assert_null(reading.options.layer_get);
        assert_null(reading.options.layer_put);
}

static void progress(void *ctx, uint64_t done, uint64_t total)
{
        (void)ctx;
        (void)done;
        (void)total;
}

static void options_are_passed_on(void **state)
{
        struct fixture *f = *state;
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct assess_options o = {.parallel = 3, .on_progress = progress, .ctx = f};
        bool known;

        assert_true(assess_image(NULL, &f->image, &o, &v, &known, NULL));
        assert_int_equal(reading.options.parallel, 3);
        assert_true(reading.options.on_progress == progress && reading.options.ctx == f);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
            ROW(a_known_image_is_not_read_again),
            ROW(without_a_store_it_is_read_each_time),
            ROW(an_image_without_identity_is_not_kept),
            ROW(what_is_not_whole_is_not_kept),
            ROW(a_failed_reading_is_an_error_and_leaves_nothing),
            ROW(what_is_stored_wrongly_is_made_anew),
            ROW(a_damaged_database_is_an_error),
            ROW(a_new_advisory_finds_the_image),
            ROW(what_is_known_of_layers_is_kept),
            ROW(options_are_passed_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
