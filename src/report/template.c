/*
 * Templates in Mustache (mustache.5) over the report's own JSON: {{name}} escaped for HTML, {{{name}}} and {{&name}} as it
 * stands, {{#name}}...{{/name}} for each element or if there is any, {{^name}}...{{/name}} if there is none, {{! comment }},
 * {{a.b}}, {{.}}. Not there: partials and other delimiters, which would read files or change the grammar.
 */
#include <string.h>

#include "report/report_priv.h"

#define TEMPLATE_DEPTH_MAX 32u

/* The report as a tree. It is our own: no more than what report_json wrote. */
struct value {
        enum json_type type;
        struct span text; /* string as it is, number and bool as they are written */
        bool truth;
        struct member *members; /* of an object; names empty for an array's elements */
        size_t n_members;
};

struct member {
        struct span name;
        struct value value;
};

static void value_read(struct json *j, struct value *v)
{
        struct {
                struct member *at;
                size_t len, cap;
        } members = {0};
        struct span key;

        v->type = json_peek(j);
        switch (v->type) {
        case JSON_OBJECT:
                json_object(j);
                while (json_member(j, &key)) {
                        struct member m = {.name = key};
                        value_read(j, &m.value);
                        *ARENA_PUSH(j->arena, &members) = m;
                }
                v->truth = true;
                break;
        case JSON_ARRAY:
                json_array(j);
                while (json_element(j)) {
                        struct member m = {.name = {0}};
                        value_read(j, &m.value);
                        *ARENA_PUSH(j->arena, &members) = m;
                }
                v->truth = members.len > 0;
                break;
        case JSON_STRING:
                v->text = json_string(j);
                v->truth = v->text.len > 0;
                break;
        case JSON_NUMBER:
                v->text = json_number_text(j);
                v->truth = !span_is(v->text, "0");
                break;
        case JSON_BOOL:
                v->truth = json_bool(j);
                v->text = v->truth ? SPAN_LIT("true") : SPAN_LIT("false");
                break;
        default:
                json_skip(j);
        }
        v->members = members.at;
        v->n_members = members.len;
}

struct render {
        struct span template;
        size_t at;
        struct buf *to;
        const struct value *context[TEMPLATE_DEPTH_MAX];
        size_t depth;
        struct err *e;
};

static size_t line_of(const struct render *r, size_t at)
{
        size_t n = 1;

        for (size_t i = 0; i < at && i < r->template.len; i++)
                n += r->template.at[i] == '\n';
        return n;
}

static bool broken(struct render *r, size_t at, const char *what, struct span name)
{
        char shown[80];

        return err_set(r->e, ERR_MALFORMED, "template, line %zu: %s%s%s", line_of(r, at), what, name.len ? " " : "",
            name.len ? span_printable(name, shown, sizeof(shown)) : "");
}

static const struct value *member_of(const struct value *v, struct span name)
{
        for (size_t i = 0; v->type == JSON_OBJECT && i < v->n_members; i++)
                if (span_equal(v->members[i].name, name))
                        return &v->members[i].value;
        return NULL;
}

/* The innermost context that has the first part; the others follow from there. */
static const struct value *lookup(const struct render *r, struct span name)
{
        const struct value *v = NULL;
        struct span part, rest;
        bool more = span_split(name, '.', &part, &rest);

        if (span_is(name, "."))
                return r->context[r->depth - 1];
        for (size_t i = r->depth; i > 0 && !v; i--)
                v = member_of(r->context[i - 1], part);
        while (v && more) {
                more = span_split(rest, '.', &part, &rest);
                v = member_of(v, part);
        }
        return v;
}

struct tag {
        size_t from;  /* of "{{" */
        uint8_t kind; /* 0: escaped; '{' or '&', '#', '^', '/', '!' */
        struct span name;
};

static bool find(const struct render *r, const char *what, size_t from, size_t *ret)
{
        size_t len = what[2] ? 3 : 2;

        for (size_t i = from; i + len <= r->template.len; i++)
                if (memcmp(r->template.at + i, what, len) == 0) {
                        *ret = i;
                        return true;
                }
        return false;
}

/* The next tag from r->at on; r->at is then behind it. False at the end, or with an error. */
static bool tag_next(struct render *r, struct tag *t, bool *ret_end)
{
        size_t inside, end;

        *ret_end = !find(r, "{{", r->at, &t->from);
        if (*ret_end)
                return false;
        inside = t->from + 2;
        t->kind = 0;
        if (inside < r->template.len && strchr("{&#^/!>=", r->template.at[inside]) && r->template.at[inside])
                t->kind = r->template.at[inside++];
        if (!find(r, t->kind == '{' ? "}}}" : "}}", inside, &end))
                return broken(r, t->from, "a tag without its end", (struct span){0});
        t->name = span_trim(span_cut(r->template, inside, end - inside));
        r->at = end + (t->kind == '{' ? 3 : 2);
        if (t->kind == '>' || t->kind == '=')
                return broken(r, t->from, "partials and other delimiters are not supported:", t->name);
        if (t->name.len == 0 && t->kind != '!')
                return broken(r, t->from, "a tag without a name", (struct span){0});
        return true;
}

/* A tag that writes nothing and stands alone on its line takes the line with it. */
static void standalone(struct render *r, const struct tag *t, size_t *text_end)
{
        size_t start = t->from, end = r->at;

        while (start > 0 && (r->template.at[start - 1] == ' ' || r->template.at[start - 1] == '\t'))
                start--;
        while (end < r->template.len &&
               (r->template.at[end] == ' ' || r->template.at[end] == '\t' || r->template.at[end] == '\r'))
                end++;
        if ((start == 0 || r->template.at[start - 1] == '\n') &&
            (end == r->template.len || r->template.at[end] == '\n')) {
                *text_end = start > *text_end ? *text_end : start;
                r->at = end + (end < r->template.len);
        }
}

static bool render_until(struct render *r, struct span section, bool write);

static bool section_render(struct render *r, const struct tag *t, bool write)
{
        const struct value *v = lookup(r, t->name);
        bool truth = v && v->truth, list = v && v->type == JSON_ARRAY;
        size_t from = r->at, n = !truth || t->kind == '^' ? 1 : list ? v->n_members : 1;

        if (r->depth == TEMPLATE_DEPTH_MAX)
                return broken(r, t->from, "sections too deep:", t->name);
        for (size_t i = 0; i < n; i++) {
                bool on = write && (t->kind == '^' ? !truth : truth);
                r->at = from;
                r->context[r->depth] = !truth                   ? r->context[r->depth - 1]
                                       : list && t->kind == '#' ? &v->members[i].value
                                                                : v;
                r->depth++;
                bool ok = render_until(r, t->name, on);
                r->depth--;
                if (!ok)
                        return false;
        }
        return true;
}

static void value_write(struct render *r, const struct tag *t)
{
        const struct value *v = lookup(r, t->name);

        if (!v)
                return;
        if (t->kind == 0)
                markup_text(r->to, v->text);
        else
                buf_put(r->to, v->text);
}

/* Until the end of `section`; the empty one ends with the template. */
static bool render_until(struct render *r, struct span section, bool write)
{
        for (;;) {
                size_t from = r->at, text_end;
                struct tag t;
                bool end;
                if (!tag_next(r, &t, &end)) {
                        if (!end)
                                return false;
                        if (section.len > 0)
                                return broken(r, r->template.len, "no end of section", section);
                        if (write)
                                buf_put(r->to, span_from(r->template, from));
                        return true;
                }
                text_end = t.from;
                if (t.kind == '#' || t.kind == '^' || t.kind == '/' || t.kind == '!')
                        standalone(r, &t, &text_end);
                if (write && text_end > from)
                        buf_put(r->to, span_cut(r->template, from, text_end - from));
                if (t.kind == '/')
                        return span_equal(t.name, section) || broken(r, t.from, "the end of another section:", t.name);
                if ((t.kind == '#' || t.kind == '^') && !section_render(r, &t, write))
                        return false;
                if (write && (t.kind == 0 || t.kind == '{' || t.kind == '&'))
                        value_write(r, &t);
                if (r->to->failed)
                        return true; /* the caller says so */
        }
}

bool report_template(const struct report_facts *f, struct span text, struct buf *to, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf json = {0};
        struct value root = {0};
        struct json j;

        report_json(f, &json);
        if (json.failed)
                return err_set(e, ERR_LIMIT, "the report is too large for a template");
        json_init(&j, buf_span(&json), a, NULL);
        value_read(&j, &root);
        if (!json_finish(&j, e))
                return err_wrap(e, "the report's own JSON");
        struct render r = {.template = text, .to = to, .context = {&root}, .depth = 1, .e = e};
        return render_until(&r, (struct span){0}, true);
}
