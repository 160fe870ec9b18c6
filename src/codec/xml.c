/* The only file of this room that knows expat. */
#include "codec/codec.h"

#include <expat.h>

#define PIECE (256u << 10)

struct walk {
        XML_Parser parser;
        const struct xml_reader *r;
        struct buf texts[XML_DEPTH_MAX]; /* of the elements that are open */
        unsigned depth;
        bool spaces; /* see xml_read_spaces */
        bool failed;
        struct err *e;
};

static void stop(struct walk *w, enum err_kind kind, const char *what)
{
        if (w->failed)
                return;
        w->failed = true;
        err_set(w->e, kind, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(w->parser), what);
        XML_StopParser(w->parser, XML_FALSE);
}

/* expat puts a blank between a namespace's name and the local name; without its help there is a prefix and a ':'. */
static struct span local_name(const struct walk *w, const char *name, struct span *ret_space)
{
        struct span whole = span_of(name), before, rest;
        const char *last = w->spaces ? strrchr(name, ' ') : NULL;

        *ret_space = (struct span){0};
        if (last) {
                *ret_space = span_cut(whole, 0, (size_t)(last - name));
                return span_of(last + 1);
        }
        /* "p:" is a name too. */
        return !w->spaces && span_split(whole, ':', &before, &rest) && rest.len > 0 ? rest : whole;
}

static void on_open(void *ctx, const char *name, const char **attributes)
{
        struct walk *w = ctx;
        struct xml_element element = {.at = attributes};
        size_t n = 0;

        if (w->failed)
                return;
        while (attributes[n])
                n++;
        if (n > 2 * (size_t)XML_ATTRIBUTES_MAX) {
                stop(w, ERR_LIMIT, "an element of more than 64 attributes");
                return;
        }
        if (w->depth == XML_DEPTH_MAX) {
                stop(w, ERR_LIMIT, "nested too deeply");
                return;
        }
        buf_clear(&w->texts[w->depth]);
        w->texts[w->depth++].max = XML_TEXT_MAX;
        element.name = local_name(w, name, &element.space);
        if (w->r->open)
                w->r->open(w->r->ctx, &element);
}

static void on_text(void *ctx, const char *text, int len)
{
        struct walk *w = ctx;

        if (w->failed || w->depth == 0)
                return;
        if (w->spaces) {
                struct buf *b = &w->texts[w->depth - 1];
                buf_put(b, span_cut(span_bytes(text, (size_t)len), 0, XML_TEXT_MAX - b->len));
                return;
        }
        buf_put(&w->texts[w->depth - 1], span_bytes(text, (size_t)len));
        if (w->texts[w->depth - 1].failed)
                stop(w, ERR_LIMIT, "a text of more than 65536 bytes");
}

static void on_close(void *ctx, const char *name)
{
        struct walk *w = ctx;
        struct span space;

        if (w->failed)
                return;
        w->depth--;
        if (w->r->close)
                w->r->close(w->r->ctx, local_name(w, name, &space), buf_span(&w->texts[w->depth]));
}

static void on_document_type(void *ctx, const char *name, const char *system_id, const char *public_id, int internal)
{
        (void)name, (void)system_id, (void)public_id, (void)internal;
        stop(ctx, ERR_UNSUPPORTED, "a document type is not accepted");
}

/*
 * expat copies what it is given into a buffer that it doubles: a whole document would be there three times. What is not yet a whole tag
 * or comment is read anew with each piece, so that it must end some time.
 */
static enum XML_Status pieces_parse(struct walk *w, struct span in)
{
        enum XML_Status status;
        size_t at = 0;

        do {
                struct span piece = span_cut(in, at, PIECE);

                at += piece.len;
                status = XML_Parse(w->parser, (const char *)piece.at, (int)piece.len, at == in.len);
                if (status == XML_STATUS_OK && at < in.len &&
                    at - (size_t)XML_GetCurrentByteIndex(w->parser) > XML_TOKEN_MAX)
                        stop(w, ERR_LIMIT, "a tag or a comment of more than 4 MiB");
        } while (status == XML_STATUS_OK && !w->failed && at < in.len);
        return status;
}

static bool parse(struct span in, const struct xml_reader *r, bool spaces, struct err *e)
{
        struct walk w = {.parser = spaces ? XML_ParserCreateNS(NULL, ' ') : XML_ParserCreate(NULL),
            .r = r,
            .spaces = spaces,
            .e = e};
        unsigned long salt;

        if (!w.parser)
                abort();
        /* Its own way to a random number may open a file, which the jail answers with death. */
        do
                random_bytes(&salt, sizeof(salt));
        while (salt == 0);
        XML_SetHashSalt(w.parser, salt);
        XML_SetUserData(w.parser, &w);
        XML_SetElementHandler(w.parser, on_open, on_close);
        XML_SetCharacterDataHandler(w.parser, on_text);
        XML_SetStartDoctypeDeclHandler(w.parser, on_document_type);
        enum XML_Status status = pieces_parse(&w, in);
        if (status != XML_STATUS_OK && !w.failed) {
                if (XML_GetErrorCode(w.parser) == XML_ERROR_NO_MEMORY)
                        abort(); /* the size is bounded: the machine is out of memory */
                w.failed = true;
                err_set(e, ERR_MALFORMED, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(w.parser),
                    XML_ErrorString(XML_GetErrorCode(w.parser)));
        }
        XML_ParserFree(w.parser);
        for (size_t i = 0; i < XML_DEPTH_MAX; i++)
                buf_done(&w.texts[i]);
        return !w.failed;
}

bool xml_read(struct span in, const struct xml_reader *r, struct err *e)
{
        return parse(in, r, false, e);
}

bool xml_read_spaces(struct span in, const struct xml_reader *r, struct err *e)
{
        return parse(in, r, true, e);
}

struct span xml_attribute(const struct xml_element *e, const char *name)
{
        for (size_t i = 0; e->at[i]; i += 2)
                if (strcmp(e->at[i], name) == 0)
                        return span_of(e->at[i + 1]);
        return (struct span){0};
}
