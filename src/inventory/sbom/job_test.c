/* Documents read by a real worker in the jail: files, pipes, what is none, what is too large. */
#include "inventory/sbom/sbom_test_priv.h"

#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":["
#define ONE HEAD "{\"purl\":\"pkg:npm/a@1\"}]}"

static int file_of(struct span content)
{
        int fd = memfd_create("document", MFD_CLOEXEC);

        assert_true(fd >= 0 && fd_write_all(fd, content, NULL));
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        return fd;
}

static void check_one(int fd, bool sure)
{
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct inventory_sbom s;
        struct digest d;
        struct err e = {0};

        if (!inventory_of_sbom(fd, "a/bom.json", sure, &v, &s, &e))
                fail_msg("%s", e.text);
        sbom_dump(v, &b);
        buf_put_u8(&b, 0);
        assert_string_equal((const char *)b.at, "npm|npm|a|1|bom.json\n");
        assert_span(s.form, "CycloneDX 1.6");
        digest_of(DIGEST_SHA256, SPAN_LIT(ONE), &d);
        assert_true(digest_equal(&s.digest, &d));
}

static void test_file_and_pipe(void **state)
{
        CLEANUP(fd_close) int fd = file_of(SPAN_LIT(ONE));
        int ends[2];

        (void)state;
        check_one(fd, false);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        check_one(fd, true);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_true(fd_write_all(ends[1], SPAN_LIT(ONE), NULL));
        close(ends[1]);
        check_one(ends[0], true);
        close(ends[0]);
}

static void check_refused(struct span content, bool sure, enum err_kind kind, const char *why)
{
        CLEANUP(fd_close) int fd = file_of(content);
        struct inventory *v = NULL;
        struct inventory_sbom s;
        struct err e = {0};

        assert_false(inventory_of_sbom(fd, "x\n", sure, &v, &s, &e));
        if (e.kind != kind || !strstr(e.text, why) || strchr(e.text, '\n'))
                fail_msg("kind %d: %s", e.kind, e.text);
        assert_null(v);
}

static void test_refusals(void **state)
{
        (void)state;
        check_refused(SPAN_LIT("PK\x03\x04"), false, ERR_NOT_FOUND, "sbom x?: it is no bill of materials");
        check_refused(SPAN_LIT("PK\x03\x04"), true, ERR_MALFORMED, "sbom x?: ");
        check_refused((struct span){0}, false, ERR_NOT_FOUND, "it is no bill of materials");
        check_refused((struct span){0}, true, ERR_MALFORMED, "it is empty");
        check_refused(SPAN_LIT("{\"a\":1}"), false, ERR_MALFORMED, "it is JSON, but no bill of materials");
        check_refused(SPAN_LIT(HEAD "{\"purl\":\n7}]}"), false, ERR_MALFORMED, "components[0].purl: ");
}

/* XML through expat and a document of many frames, both under the filter. */
static void test_forms_under_the_filter(void **state)
{
        static const char xml[] =
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component type=\"library\">"
            "<name>a</name><purl>pkg:npm/a@1</purl></component></components></bom>";
        CLEANUP(inventory_freep) struct inventory *v = NULL, *many = NULL;
        CLEANUP(fd_close) int fd = file_of(SPAN_LIT(xml)), large = -1;
        CLEANUP(buf_done) struct buf b = {0};
        struct inventory_sbom s;
        struct err e = {0};

        (void)state;
        if (!inventory_of_sbom(fd, "x", false, &v, &s, &e))
                fail_msg("%s", e.text);
        assert_int_equal(v->n_components, 1);
        buf_put_text(&b, HEAD);
        for (unsigned i = 0; i < 60000; i++)
                buf_printf(&b, "%s{\"purl\":\"pkg:npm/n%u@1\",\"licenses\":[{\"expression\":\"%0300u\"}]}",
                    i ? "," : "", i, i);
        buf_put_text(&b, "]}");
        large = file_of(buf_span(&b));
        if (!inventory_of_sbom(large, "x", false, &many, &s, &e))
                fail_msg("%s", e.text);
        assert_int_equal(many->n_components, 60000);
}

static void test_too_large(void **state)
{
        CLEANUP(fd_close) int fd = file_of(SPAN_LIT(HEAD));
        struct inventory *v = NULL;
        struct inventory_sbom s;
        struct err e = {0};

        (void)state;
        assert_int_equal(ftruncate(fd, (off_t)SBOM_FILE_MAX + (1 << 20)), 0);
        assert_false(inventory_of_sbom(fd, "x", true, &v, &s, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_non_null(strstr(e.text, "at most 268435456"));
}

/* A folder with the worker under the name by which the jail finds it. */
static char folder[] = "/tmp/sbom-test-XXXXXX";
static char worker[PATH_MAX];

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_file_and_pipe),
            cmocka_unit_test(test_refusals),
            cmocka_unit_test(test_forms_under_the_filter),
            cmocka_unit_test(test_too_large),
        };
        char real[PATH_MAX];

        if (argc != 2 || !realpath(argv[1], real) || !mkdtemp(folder)) {
                fprintf(stderr, "usage: %s WORKER\n", argv[0]);
                return 2;
        }
        snprintf(worker, sizeof(worker), "%s/coffer-worker", folder);
        if (symlink(real, worker) != 0 || setenv("COFFER_LIBEXEC", folder, 1) != 0)
                return 2;
        int failed = cmocka_run_group_tests_name("inventory SBOM job", tests, NULL, NULL);
        unlink(worker);
        rmdir(folder);
        return failed;
}
