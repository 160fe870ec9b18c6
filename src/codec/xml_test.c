/* The XML reader: elements, their attributes and texts, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "codec/codec.h"

static void open_element(void *ctx, const struct xml_element *e)
{
        buf_printf(ctx, "<%.*s", SPAN_FMT(e->name));
        for (size_t i = 0; e->at[i]; i += 2)
                buf_printf(ctx, " %s=%.*s", e->at[i], SPAN_FMT(xml_attribute(e, e->at[i])));
        assert_int_equal(xml_attribute(e, "no such").len, 0);
        buf_put_u8(ctx, '>');
}

static void close_element(void *ctx, struct span name, struct span text)
{
        buf_printf(ctx, "%.*s</%.*s>", SPAN_FMT(text), SPAN_FMT(name));
}

static void check(struct span text, const char *told, enum err_kind kind, const char *error)
{
        struct buf b = {0};
        struct err e = {0};
        bool ok = xml_read(text, &(struct xml_reader){open_element, close_element, &b}, &e);

        if (ok != (kind == ERR_NONE) || (!ok && (e.kind != kind || !strstr(e.text, error))))
                fail_msg("%.*s: %s", SPAN_FMT(text), ok ? "taken" : e.text);
        if (told && !span_is(buf_span(&b), told))
                fail_msg("%.*s", SPAN_FMT(buf_span(&b)));
        buf_done(&b);
}

static void test_forms(void **state)
{
        static const struct {
                const char *text, *told;
                enum err_kind kind;
                const char *error;
        } rows[] = {
            {"<a><b x='1' y=\"2\">t</b>u<!-- c --><c/>v</a>", "<a><b x=1 y=2>t</b><c></c>uv</a>", ERR_NONE, NULL},
            {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<p:a "
             "xmlns:p=\"u\"><p:b>&lt;&#65;<![CDATA[&x;]]></p:b></p:a>\n",
                "<a xmlns:p=u><b><A&x;</b></a>", ERR_NONE, NULL},
            {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xe9</a>", "<a>\xc3\xa9</a>", ERR_NONE, NULL},
            {"\xef\xbb\xbf<a/>", "<a></a>", ERR_NONE, NULL},
            {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "", ERR_UNSUPPORTED, "line 1: a document type"},
            {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "", ERR_UNSUPPORTED, "a document type"},
            {"<a>&x;</a>", "<a>", ERR_MALFORMED, "line 1: "},
            {"<a>\n<b></a>", "<a><b>", ERR_MALFORMED, "line 2: mismatched tag"},
            {"<a x='1' x='2'/>", "", ERR_MALFORMED, "duplicate attribute"},
            {"<a/><b/>", "<a></a>", ERR_MALFORMED, "line 1: "},
            {"<a>", "<a>", ERR_MALFORMED, "line 1: "},
            {"<a>\xff</a>", "<a>", ERR_MALFORMED, "line 1: "},
            {"<p: :q='1'/>", "<p: :q=1></p:>", ERR_NONE, NULL},
            {"", "", ERR_MALFORMED, "no element found"},
            {"{}", "", ERR_MALFORMED, "line 1: "},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                check(span_of(rows[i].text), rows[i].told, rows[i].kind, rows[i].error);
        check((struct span){0}, "", ERR_MALFORMED, "no element found");
}

static void open_in_space(void *ctx, const struct xml_element *e)
{
        buf_printf(ctx, "<%.*s|%.*s>", SPAN_FMT(e->space), SPAN_FMT(e->name));
}

static void close_long(void *ctx, struct span name, struct span text)
{
        (void)name;
        *(size_t *)ctx = text.len;
}

/* With their namespaces; a text above the limit is cut there, not refused. */
static void test_spaces(void **state)
{
        static const struct {
                const char *text, *told;
                enum err_kind kind;
        } rows[] = {
            {"<p:a xmlns:p=\"u\" xmlns=\"w\"><b/><p:c/></p:a>", "<u|a><w|b></b><u|c></c></a>", ERR_NONE},
            {"<p:a xmlns:p=\"u v\"/>", "", ERR_MALFORMED}, /* a blank divides the two names */
            {"<a><b xmlns='x'>t</b></a>", "<|a><x|b>t</b></a>", ERR_NONE},
            {"<p:a/>", "", ERR_MALFORMED},
            {"<p: xmlns:p='u'/>", "", ERR_MALFORMED},
            {"<!DOCTYPE a><a/>", "", ERR_UNSUPPORTED},
        };
        struct buf b = {0}, text = {0};
        struct err e = {0};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                buf_clear(&b);
                e = (struct err){0};
                xml_read_spaces(span_of(rows[i].text), &(struct xml_reader){open_in_space, close_element, &b}, &e);
                if (e.kind != rows[i].kind || !span_is(buf_span(&b), rows[i].told))
                        fail_msg("%s: %.*s %s", rows[i].text, SPAN_FMT(buf_span(&b)), e.text);
        }
        buf_clear(&b);
        buf_put_text(&text, "<a>");
        for (unsigned i = 0; i < XML_TEXT_MAX + 3; i++)
                buf_put_text(&text, "x");
        buf_put_text(&text, "</a>");
        size_t len = 0;
        assert_true(xml_read_spaces(buf_span(&text), &(struct xml_reader){NULL, close_long, &len}, &e));
        assert_int_equal(len, XML_TEXT_MAX);
        buf_done(&b);
        buf_done(&text);
}

static void test_bounds(void **state)
{
        struct buf b = {0};

        (void)state;
        for (unsigned i = 0; i <= XML_DEPTH_MAX; i++)
                buf_put_text(&b, "<a>");
        check(buf_span(&b), NULL, ERR_LIMIT, "nested too deeply");
        buf_clear(&b);
        buf_put_text(&b, "<a>");
        for (unsigned i = 0; i <= XML_TEXT_MAX; i++)
                buf_put_text(&b, "x");
        buf_put_text(&b, "</a>");
        check(buf_span(&b), "<a>", ERR_LIMIT, "a text of more than 65536 bytes");
        buf_clear(&b);
        buf_put_text(&b, "<a");
        for (unsigned i = 0; i <= XML_ATTRIBUTES_MAX; i++)
                buf_printf(&b, " x%u=''", i);
        buf_put_text(&b, "/>");
        check(buf_span(&b), "", ERR_LIMIT, "more than 64 attributes");
        buf_done(&b);
}

static void close_count(void *ctx, struct span name, struct span text)
{
        *(size_t *)ctx += span_is(name, "b") && span_is(text, "0123456789");
}

/* Longer than what the parser is given at once: elements, texts and tags lie over every seam; the line of an error is the document's. */
static void test_pieces(void **state)
{
        struct buf b = {0};
        struct err e = {0};
        size_t n = 0;

        (void)state;
        buf_put_text(&b, "<a>");
        for (unsigned i = 0; i < 200000; i++)
                buf_printf(&b, "<b\nx='%u'>0123456789</b>", i);
        assert_true(b.len > 4u << 20);
        buf_put_text(&b, "</a>");
        assert_true(xml_read(buf_span(&b), &(struct xml_reader){NULL, close_count, &n}, &e));
        assert_int_equal(n, 200000);
        b.len -= strlen("</a>");
        buf_put_text(&b, "</c>");
        check(buf_span(&b), NULL, ERR_MALFORMED, "line 200001: mismatched tag");
        buf_clear(&b);
        buf_put_text(&b, "<a>"); /* a text is read as it comes, however long */
        for (unsigned i = 0; i < (5u << 20) / 16; i++)
                buf_put_text(&b, "0123456789abcde\n");
        buf_put_text(&b, "</a>");
        assert_true(xml_read_spaces(buf_span(&b), &(struct xml_reader){NULL, NULL, NULL}, &e));
        buf_clear(&b);
        buf_put_text(&b, "<a><!--");
        for (unsigned i = 0; i < (5u << 20) / 16; i++)
                buf_put_text(&b, "0123456789abcde\n");
        buf_put_text(&b, "--></a>");
        check(buf_span(&b), "<a>", ERR_LIMIT, "a tag or a comment of more than 4 MiB");
        buf_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_pieces),
            cmocka_unit_test(test_spaces),
            cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests_name("inventory XML", tests, NULL, NULL);
}
