#include "codec/codec.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
        unsigned open, opened, closed;
};

static void open_element(void *ctx, const struct xml_element *e)
{
        struct seen *s = ctx;

        s->open++;
        s->opened++;
        assert(s->open <= XML_DEPTH_MAX && e->name.len > 0 && span_is_utf8(e->name));
        for (size_t i = 0; e->at[i]; i += 2)
                assert(e->at[i + 1] && xml_attribute(e, e->at[i]).at);
}

static void close_element(void *ctx, struct span name, struct span text)
{
        struct seen *s = ctx;

        assert(s->open > 0 && name.len > 0 && text.len <= XML_TEXT_MAX && span_is_utf8(text));
        s->open--;
        s->closed++;
}

static bool read_both(struct span in, bool spaces, struct seen *s)
{
        const struct xml_reader r = {open_element, close_element, s};
        struct err e = {0};
        bool ok = spaces ? xml_read_spaces(in, &r, &e) : xml_read(in, &r, &e);

        if (ok) {
                assert(s->open == 0 && s->opened == s->closed && s->opened > 0);
        } else {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT || e.kind == ERR_UNSUPPORTED);
                assert(e.text[0]);
        }
        return ok;
}

/* Elements close as they opened; a document that holds closes them all; namespaces change no document's elements. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct seen plain = {0}, spaces = {0};
        bool both = read_both(span_bytes(data, size), false, &plain);

        both = read_both(span_bytes(data, size), true, &spaces) && both;
        assert(!both || plain.opened == spaces.opened);
        return 0;
}
