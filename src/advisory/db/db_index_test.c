/* The index of packages: each is found by its name, nobody else's is, whatever it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/db/db_read_priv.h"
#include "advisory/testing_priv.h"

#define NAMES 4000

static void lines_make(struct buf *to)
{
        static const char *const ecosystems[] = {"npm", "PyPI", "RubyGems"};

        for (unsigned i = 0; i < NAMES; i++)
                buf_printf(to,
                    "{\"id\":\"T-%u\",\"modified\":\"2024-01-02T03:04:05Z\",\"affected\":[{\"package\":{\"ecosystem\":"
                    "\"%s\",\"name\":\"p%u\"}"
                    ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]}]}\n",
                    i, ecosystems[i % 3], i / 3);
}

static bool count(void *ctx, const struct advisory_hit *hit)
{
        (void)hit;
        ++*(unsigned *)ctx;
        return true;
}

/* How many of the names are found in an ecosystem; -1: the database says that it is damaged. */
static int found(const struct advisory_db *db, const char *ecosystem, unsigned from, unsigned to)
{
        unsigned n = 0;

        for (unsigned i = from; i < to; i++) {
                struct err e = {0};
                char name[16];

                snprintf(name, sizeof(name), "p%u", i);
                if (advisory_db_lookup(db, span_of(ecosystem), span_of(name), SPAN_LIT("1.0.0"), count, &n, &e))
                        continue;
                assert_int_equal(e.kind, ERR_MALFORMED);
                return -1;
        }
        return (int)n;
}

static void every_name_is_found(void **state)
{
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct buf lines CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        lines_make(&lines);
        assert_true(testing_db_make(&t, buf_span(&lines), &e));
        assert_int_equal(found(t.db, "npm", 0, NAMES), (NAMES + 2) / 3);
        assert_int_equal(found(t.db, "PyPI", 0, NAMES), (NAMES + 1) / 3);
        assert_int_equal(found(t.db, "RubyGems", 0, NAMES), NAMES / 3);
        assert_int_equal(found(t.db, "NuGet", 0, 10), 0);
}

/* The index overwritten: fewer are found, or it is damaged; never more, and soon. */
static void hostile(void **state)
{
        static const uint8_t fills[] = {0x00, 0x01, 0x7f, 0xff};
        struct testing_db t CLEANUP(testing_db_done) = {0};
        struct buf lines CLEANUP(buf_done) = {0};
        struct db_header h;
        struct err e = {0};

        (void)state;
        lines_make(&lines);
        assert_true(testing_db_make(&t, buf_span(&lines), &e));
        assert_true(db_header_read(buf_span(&t.file), &h, &e));
        for (size_t head = 0; head <= 8; head += 4) {
                for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
                        struct advisory_db *db CLEANUP(advisory_db_freep) = NULL;
                        struct buf copy CLEANUP(buf_done) = {0};
                        int n;

                        buf_put(&copy, buf_span(&t.file));
                        memset(copy.at + h.sections[DB_INDEX].at + head, fills[i],
                            head < 8 ? 4 : (size_t)h.sections[DB_INDEX].len - head);
                        assert_true(advisory_db_over(buf_span(&copy), &db, &e));
                        n = found(db, "npm", 0, NAMES);
                        assert_true(n < (NAMES + 2) / 3 || (head == 4 && fills[i] == 0));
                }
        }
}

/* Names that collide are told apart by the names; more than a reader goes over, by another seed, or not written. */
static void limits(void **state)
{
        struct db_index_name *names = heap_alloc(600 * sizeof(*names));
        struct buf b CLEANUP(buf_done) = {0};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < 600; i++)
                names[i] = (struct db_index_name){.package = SPAN_LIT("same")};
        assert_true(db_index_write(names, 500, &b, &e));
        assert_false(db_index_write(names, 600, &b, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        assert_false(db_index_write(names, 1u << 24, &b, &e));
        assert_int_equal(e.kind, ERR_LIMIT);
        free(names);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_name_is_found),
            cmocka_unit_test(hostile),
            cmocka_unit_test(limits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
