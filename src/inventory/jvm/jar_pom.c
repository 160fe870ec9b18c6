/* What Maven leaves in META-INF/maven: pom.properties and pom.xml. */
#include "inventory/jvm/jar_priv.h"
#include "inventory/lang/lang_priv.h"

static struct span value_of(struct span text, struct arena *a)
{
        text = span_trim(text);
        if (text.len == 0 || !text_is_clean(text, INVENTORY_NAME_MAX) || memmem(text.at, text.len, "${", 2))
                return (struct span){0}; /* a variable that was never filled in */
        return arena_copy(a, text);
}

void jar_properties_read(struct span text, struct arena *a, struct jar_pom *to)
{
        struct cursor lines = {.rest = text};
        struct span line;

        while (cursor_line(&lines, &line)) {
                size_t n = 0;
                line = span_trim(line);
                while (n < line.len && line.at[n] != '=' && line.at[n] != ':' && line.at[n] != ' ')
                        n++;
                struct span key = span_cut(line, 0, n), value = span_trim(span_from(line, n));
                if (value.len > 0 && (value.at[0] == '=' || value.at[0] == ':'))
                        value = span_from(value, 1);
                if (span_is(key, "groupId"))
                        to->group = value_of(value, a);
                else if (span_is(key, "artifactId"))
                        to->artifact = value_of(value, a);
                else if (span_is(key, "version"))
                        to->version = value_of(value, a);
        }
}

/* ---- XML: elements, text and comments; no document type, so no entities but the five of XML itself ---- */

enum xml_step { XML_END = 0, XML_OPEN, XML_CLOSE, XML_TEXT, XML_BROKEN };

struct xml {
        struct span rest;
        bool closed; /* the element was empty: its end is due */
        struct span name;
};

static bool skip_past(struct span *rest, const char *text)
{
        const uint8_t *p = rest->len > 0 ? memmem(rest->at, rest->len, text, strlen(text)) : NULL;

        if (!p)
                return false;
        *rest = span_from(*rest, (size_t)(p - rest->at) + strlen(text));
        return true;
}

/* Behind '<': to its '>', which may stand in an attribute's value too. */
static enum xml_step xml_tag(struct xml *x)
{
        bool close = span_starts(x->rest, "/");
        size_t n = close ? 1 : 0, from = n;
        uint8_t quote = 0;

        while (n < x->rest.len && !strchr(" \t\r\n/>", x->rest.at[n]))
                n++;
        x->name = span_cut(x->rest, from, n - from);
        for (struct span s = x->name; s.len > 0 && s.at; s = span_from(s, 1)) /* without a name space's prefix */
                if (s.at[0] == ':')
                        x->name = span_from(s, 1);
        for (; n < x->rest.len && (quote || x->rest.at[n] != '>'); n++) {
                uint8_t c = x->rest.at[n];
                if (quote ? c == quote : c == '"' || c == '\'')
                        quote = quote ? 0 : c;
        }
        if (n == x->rest.len || x->name.len == 0)
                return XML_BROKEN;
        x->closed = !close && x->rest.at[n - 1] == '/';
        x->rest = span_from(x->rest, n + 1);
        return close ? XML_CLOSE : XML_OPEN;
}

static enum xml_step xml_next(struct xml *x, struct span *ret_text)
{
        size_t n = 0;

        if (x->closed) {
                x->closed = false;
                return XML_CLOSE;
        }
        while (x->rest.len > 0) {
                if (span_starts(x->rest, "<!--")) {
                        if (!skip_past(&x->rest, "-->"))
                                return XML_BROKEN;
                } else if (span_starts(x->rest, "<?")) {
                        if (!skip_past(&x->rest, "?>"))
                                return XML_BROKEN;
                } else if (span_starts(x->rest, "<![CDATA[")) {
                        struct span from = span_from(x->rest, strlen("<![CDATA["));
                        x->rest = from;
                        if (!skip_past(&x->rest, "]]>"))
                                return XML_BROKEN;
                        *ret_text = span_cut(from, 0, (size_t)(x->rest.at - from.at) - 3);
                        return XML_TEXT;
                } else if (span_starts(x->rest, "<!")) {
                        return XML_BROKEN;
                } else if (x->rest.at[0] == '<') {
                        x->rest = span_from(x->rest, 1);
                        return xml_tag(x);
                } else {
                        while (n < x->rest.len && x->rest.at[n] != '<')
                                n++;
                        *ret_text = span_cut(x->rest, 0, n);
                        x->rest = span_from(x->rest, n);
                        return XML_TEXT;
                }
        }
        return XML_END;
}

/* "&amp;" and its like; others stay as they are. */
static void put_text(struct buf *to, struct span text)
{
        static const struct {
                const char *name;
                uint8_t byte;
        } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

        while (text.len > 0) {
                size_t n = 1;
                uint8_t byte = text.at[0];
                for (size_t i = 0; byte == '&' && n == 1 && i < ARRAY_LEN(entities); i++) {
                        if (!span_starts(text, entities[i].name))
                                continue;
                        n = strlen(entities[i].name);
                        byte = entities[i].byte;
                        break;
                }
                buf_put_u8(to, byte);
                text = span_from(text, n);
        }
}

/* The elements that are read, and which of the pom's words each is. */
static const struct {
        const char *path;
        unsigned what;
} wanted[] = {
    {"/project/groupId", 0},
    {"/project/artifactId", 1},
    {"/project/version", 2},
    {"/project/parent/groupId", 3},
    {"/project/parent/version", 4},
    {"/project/licenses/license/name", 5},
    {"/project/licenses/license/url", 6},
};

struct pom_words {
        struct span text[7];
        struct buf licences;
};

/* A name that says which licence it is, else the address if that does. */
static void licence_end(struct pom_words *w)
{
        struct span by_name = jar_licence(w->text[5]), by_url = jar_licence(w->text[6]);
        bool known = inventory_licence_is_spdx(by_name) || !inventory_licence_is_spdx(by_url);

        licence_choice(&w->licences, known && by_name.len > 0 ? by_name : by_url);
        w->text[5] = w->text[6] = (struct span){0};
}

static void element_end(struct pom_words *w, struct span path, struct span text, struct arena *a)
{
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
                if (span_is(path, wanted[i].path) && w->text[wanted[i].what].len == 0)
                        w->text[wanted[i].what] = value_of(text, a);
        if (span_is(path, "/project/licenses/license"))
                licence_end(w);
}

/* Walks the elements; paths of those that are read are shorter than JAR_HEADER_MAX. */
static bool walk(struct span text, struct arena *a, struct pom_words *w, struct buf *path, struct buf *value)
{
        struct xml x = {.rest = text};
        size_t lens[JAR_POM_DEPTH_MAX];
        unsigned depth = 0;
        struct span piece;

        for (;;) {
                switch (xml_next(&x, &piece)) {
                case XML_OPEN:
                        if (depth == JAR_POM_DEPTH_MAX)
                                return false;
                        lens[depth++] = path->len;
                        buf_put_text(path, "/");
                        buf_put(path, x.name);
                        buf_clear(value);
                        break;
                case XML_CLOSE:
                        if (depth == 0 || path->failed)
                                return false;
                        element_end(w, buf_span(path), buf_span(value), a);
                        path->len = lens[--depth];
                        buf_clear(value);
                        break;
                case XML_TEXT:
                        put_text(value, piece);
                        break;
                case XML_END:
                        return depth == 0;
                case XML_BROKEN:
                        return false;
                }
        }
}

bool jar_pom_read(struct span text, struct arena *a, struct jar_pom *to)
{
        CLEANUP(buf_done) struct buf path = {.max = JAR_HEADER_MAX};
        CLEANUP(buf_done) struct buf value = {.max = JAR_POM_MAX};
        CLEANUP(buf_done) struct buf licences = {0};
        struct pom_words w = {.licences = {.max = INVENTORY_LICENCE_MAX}};
        bool ok = walk(text, a, &w, &path, &value);

        licences = w.licences;
        to->group = w.text[0].len > 0 ? w.text[0] : w.text[3];
        to->artifact = w.text[1];
        to->version = w.text[2].len > 0 ? w.text[2] : w.text[4];
        if (!licences.failed && licences.len > 0)
                to->licence = arena_copy(a, buf_span(&licences));
        return ok;
}
