/* OpenVEX out: what is demanded of a statement, one text for one draft, and several documents as one history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/vex/vex_priv.h"

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }

static const struct span ids[] = {SPAN("CVE-1"), SPAN("GHSA-1")};
static const struct vex_product product = {.name = SPAN("pkg:npm/a@1")};
static const struct vex_product nameless = {.name = SPAN("")},
                                of_release = {.name = SPAN("pkg:deb/debian/a"), .ecosystem = SPAN("Debian:12")},
                                ranged = {.name = SPAN("pkg:npm/a"), .range = SPAN("npm/<2")};

static void test_demands(void **state)
{
        static const struct {
                struct vex_statement s;
                const char *why; /* NULL: it is valid */
        } t[] = {
            {{ids, 2, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN("component_not_present"), SPAN(""), SPAN(""), 0},
                NULL},
            {{ids, 2, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN(""), SPAN("never called"), SPAN(""), 0}, NULL},
            {{ids, 2, &product, 1, VEX_STATUS_AFFECTED, SPAN(""), SPAN(""), SPAN("update"), 0}, NULL},
            {{ids, 1, &product, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, NULL},
            {{ids, 1, &product, 1, VEX_STATUS_INVESTIGATING, SPAN(""), SPAN("a note"), SPAN(""), 0}, NULL},
            {{ids, 0, &product, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, "the id of a vulnerability"},
            {{ids, 1, &product, 0, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, "needs a product"},
            {{ids, 1, &nameless, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, "needs a product"},
            {{ids, 1, &of_release, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, "needs a product"},
            {{ids, 1, &ranged, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0}, "needs a product"},
            {{ids, 1, &product, 1, VEX_STATUS_NONE, SPAN(""), SPAN(""), SPAN(""), 0}, "needs a status"},
            {{ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN(""), SPAN(""), SPAN(""), 0},
                "needs a justification or an impact"},
            {{ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN("component"), SPAN("x"), SPAN(""), 0},
                "is one of component_not"},
            {{ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN("component_not_present"), SPAN(""), SPAN("x"), 0},
                "for affected alone"},
            {{ids, 1, &product, 1, VEX_STATUS_FIXED, SPAN("component_not_present"), SPAN(""), SPAN(""), 0},
                "for not_affected alone"},
            {{ids, 1, &product, 1, VEX_STATUS_AFFECTED, SPAN(""), SPAN("x"), SPAN(""), 0}, "needs an action statement"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(t); i++) {
                struct err e = {0};

                assert_int_equal(vex_statement_check(&t[i].s, &e), t[i].why == NULL);
                if (t[i].why && !strstr(e.text, t[i].why))
                        fail_msg("%zu: %s", i, e.text);
                if (t[i].why)
                        assert_int_equal(e.kind, ERR_MALFORMED);
        }
}

static const struct vex_draft draft = {.author = SPAN("A"), .time_s = 1704153600, .version = 1};

/* An id of its own that changes with any byte, and with nothing else; or the one that is given. */
static void test_id(void **state)
{
        struct vex_statement s = {ids, 1, &product, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 0};
        struct vex_draft d = draft;
        CLEANUP(buf_done) struct buf a = {0}, b = {0}, c = {0}, own = {0};

        (void)state;
        d.statements = &s;
        d.n_statements = 1;
        vex_write(&d, &a);
        vex_write(&d, &b);
        assert_true(span_equal(buf_span(&a), buf_span(&b)));
        assert_non_null(memmem(a.at, a.len, "\"@id\": \"urn:uuid:", 17));
        s.status = VEX_STATUS_INVESTIGATING;
        vex_write(&d, &c);
        assert_memory_not_equal(a.at, c.at, 130); /* up to the end of the id */
        d.id = SPAN_LIT("https://x/1");
        vex_write(&d, &own);
        assert_non_null(memmem(own.at, own.len, "\"@id\": \"https://x/1\"", 20));
}

/* "2 CVE-1=GHSA-1 fixed pkg:a>sub (why; note; action)" a statement */
static void write_all(struct buf *to, const struct vex_statement *s, size_t n)
{
        for (size_t i = 0; i < n; i++, s++) {
                buf_printf(to, "%lld", (long long)s->time_s);
                for (size_t k = 0; k < s->n_ids; k++)
                        buf_printf(to, "%s%.*s", k ? "=" : " ", SPAN_FMT(s->ids[k]));
                buf_printf(to, " %s", vex_status_name(s->status));
                for (size_t k = 0; k < s->n_products; k++) {
                        buf_printf(to, " %.*s", SPAN_FMT(s->products[k].name));
                        for (size_t c = 0; c < s->products[k].n_subcomponents; c++)
                                buf_printf(to, ">%.*s", SPAN_FMT(s->products[k].subcomponents[c]));
                }
                buf_printf(
                    to, " (%.*s; %.*s; %.*s)\n", SPAN_FMT(s->justification), SPAN_FMT(s->note), SPAN_FMT(s->action));
        }
        buf_put_u8(to, 0);
}

static void test_merge(void **state)
{
        static const struct span repeated[] = {
            SPAN("CVE-1"), SPAN("GHSA-2"), SPAN("CVE-1"), SPAN("GHSA-1"), SPAN("GHSA-2")};
        static const struct vex_product mixed[] = {{.name = SPAN("pkg:npm/b")},
            {.name = SPAN("pkg:deb/debian/a"), .ecosystem = SPAN("Debian:12")},
            {.name = SPAN("pkg:npm/a"), .subcomponents = ids, .n_subcomponents = 1}, {.name = SPAN("pkg:npm/b")}};
        struct vex_statement first[] = {
            {ids, 1, &product, 1, VEX_STATUS_AFFECTED, SPAN(""), SPAN(""), SPAN(""), 5},
            {ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN(""), SPAN(""), SPAN(""), 3},
            {repeated, 5, mixed, 4, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN("updated"), 4},
        };
        struct vex_statement second[] = {
            {ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN("code_not_reachable"), SPAN("n"), SPAN(""), 4},
            {ids, 1, &product, 1, VEX_STATUS_NOT_AFFECTED, SPAN("requires_configuration"), SPAN("n"), SPAN(""), 4},
            {ids, 1, &of_release, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 6},
            {ids, 1, &ranged, 1, VEX_STATUS_FIXED, SPAN(""), SPAN(""), SPAN(""), 6},
        };
        const struct vex_document a = {
            .name = SPAN("a.json"), .id = SPAN("urn:a"), .statements = first, .n_statements = ARRAY_LEN(first)};
        const struct vex_document b = {.name = SPAN("b.json"), .statements = second, .n_statements = ARRAY_LEN(second)};
        const struct vex_document *const documents[] = {&a, &b, &a};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(buf_done) struct buf got = {0}, text = {0}, again = {0};
        struct vex_merged m, none;
        struct vex_draft d = draft;
        struct vex_parsed back;
        struct err e = {0};

        (void)state;
        assert_true(vex_merge(documents, ARRAY_LEN(documents), arena, &m, &e));
        write_all(&got, m.statements, m.n_statements);
        assert_string_equal((const char *)got.at,
            "3 CVE-1 not_affected pkg:npm/a@1 (; no reason is stated in urn:a; )\n"
            "4 CVE-1=GHSA-1=GHSA-2 fixed pkg:npm/a>CVE-1 pkg:npm/b (; updated; )\n"
            "4 CVE-1 not_affected pkg:npm/a@1 (vulnerable_code_not_in_execute_path; n; )\n"
            "4 CVE-1 not_affected pkg:npm/a@1 (; requires_configuration: n; )\n"
            "5 CVE-1 affected pkg:npm/a@1 (; ; no action is stated in urn:a)\n");
        assert_int_equal(m.n_notes, 3);
        assert_true(span_is(m.notes[1], "b.json: what it says of 2 products is left out: OpenVEX can't limit it to a "
                                        "distribution's release or to a range of "
                                        "versions"));
        d.statements = m.statements;
        d.n_statements = m.n_statements;
        vex_write(&d, &text);
        assert_true(openvex_parse(buf_span(&text), arena, &back, &e));
        write_all(&again, back.statements.at, back.statements.len);
        assert_string_equal((const char *)again.at, (const char *)got.at);
        first[1].time_s = 0;
        assert_false(vex_merge(documents, ARRAY_LEN(documents), arena, &none, &e));
        assert_int_equal(e.kind, ERR_MALFORMED);
        assert_string_equal(e.text, "a.json: neither its statement about CVE-1 nor the document says since when it "
                                    "holds: which of two would count?");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_demands),
            cmocka_unit_test(test_id),
            cmocka_unit_test(test_merge),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
