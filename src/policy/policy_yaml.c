/* The only file that knows libyaml. It hands out a tree of plain nodes and refuses every part of YAML that can
 * surprise. */
#include "policy/policy_priv.h"

#include <yaml.h>

struct reader {
        yaml_parser_t parser;
        const char *name;
        struct arena *arena;
        size_t n_nodes;
        struct err *e;
};

static bool fail_at(struct reader *r, enum err_kind kind, yaml_mark_t at, const char *what)
{
        return err_set(r->e, kind, "%s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1, what);
}

static bool next(struct reader *r, yaml_event_t *event)
{
        const yaml_parser_t *p = &r->parser;

        if (yaml_parser_parse(&r->parser, event))
                return true;
        if (p->error == YAML_MEMORY_ERROR)
                abort(); /* the size is bounded: the machine is out of memory */
        if (p->error == YAML_READER_ERROR)
                return err_set(r->e, ERR_MALFORMED, "%s: byte %zu: %s", r->name, p->problem_offset,
                    p->problem ? p->problem : "not YAML");
        return err_set(r->e, ERR_MALFORMED, "%s:%zu:%zu: %s%s%s", r->name, p->problem_mark.line + 1,
            p->problem_mark.column + 1, p->problem ? p->problem : "not YAML", p->context ? ", " : "",
            p->context ? p->context : "");
}

static bool read_value(struct reader *r, const yaml_event_t *event, unsigned depth, struct node *ret);

static bool scalar(struct reader *r, const yaml_event_t *event, struct node *ret)
{
        struct span text = span_bytes(event->data.scalar.value, event->data.scalar.length);

        if (event->data.scalar.anchor)
                return fail_at(
                    r, ERR_MALFORMED, event->start_mark, "anchors are not accepted: write the value where it is meant");
        if (event->data.scalar.tag)
                return fail_at(r, ERR_MALFORMED, event->start_mark, "tags are not accepted: leave it out");
        if (text.len > POLICY_TEXT_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "the text is longer than 1024 bytes");
        if (span_has_control(text))
                return fail_at(
                    r, ERR_MALFORMED, event->start_mark, "the text holds a line break or another control character");
        ret->text = arena_copy(r->arena, text);
        ret->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return true;
}

static bool key_is_new(struct reader *r, const struct node *items, size_t n, yaml_mark_t at)
{
        const struct node *key = &items[n - 1];
        char shown[100], what[200];

        if (key->kind != NODE_SCALAR)
                return fail_at(r, ERR_MALFORMED, at, "a key must be a word");
        for (size_t i = 0; i + 1 < n; i += 2)
                if (span_equal(items[i].text, key->text)) {
                        snprintf(what, sizeof(what), "duplicate key \"%s\", first in line %u: keep one",
                            span_printable(key->text, shown, sizeof(shown)), items[i].line);
                        return fail_at(r, ERR_MALFORMED, at, what);
                }
        return true;
}

/* A list until its end event, or a mapping until its own. */
static bool collection(struct reader *r, unsigned depth, struct node *ret)
{
        bool mapping = ret->kind == NODE_MAPPING;
        struct {
                struct node *at;
                size_t len, cap;
        } items = {0};

        for (;;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};
                struct node child;

                if (!next(r, &event))
                        return false;
                if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
                        break;
                if (!read_value(r, &event, depth, &child))
                        return false;
                *ARENA_PUSH(r->arena, &items) = child;
                if (mapping && items.len % 2 == 1 && !key_is_new(r, items.at, items.len, event.start_mark))
                        return false;
                if (mapping && items.len > 2 * (size_t)POLICY_KEYS_MAX)
                        return fail_at(r, ERR_LIMIT, event.start_mark, "more than 64 keys in one mapping");
        }
        ret->items = items.at;
        ret->n_items = items.len;
        return true;
}

static bool read_value(struct reader *r, const yaml_event_t *event, unsigned depth, struct node *ret)
{
        bool mapping = event->type == YAML_MAPPING_START_EVENT;

        if (depth >= POLICY_DEPTH_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "nested too deeply");
        if (++r->n_nodes > POLICY_NODES_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "more than 65536 values in one policy");
        *ret = (struct node){
            .line = (uint32_t)event->start_mark.line + 1,
            .column = (uint32_t)event->start_mark.column + 1,
        };
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                ret->kind = NODE_SCALAR;
                return scalar(r, event, ret);
        case YAML_SEQUENCE_START_EVENT:
        case YAML_MAPPING_START_EVENT:
                ret->kind = mapping ? NODE_MAPPING : NODE_LIST;
                if (mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor)
                        return fail_at(r, ERR_MALFORMED, event->start_mark,
                            "anchors are not accepted: write the value where it is meant");
                if (mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag)
                        return fail_at(r, ERR_MALFORMED, event->start_mark, "tags are not accepted: leave it out");
                return collection(r, depth + 1, ret);
        case YAML_ALIAS_EVENT:
                return fail_at(
                    r, ERR_MALFORMED, event->start_mark, "aliases are not accepted: write the value where it is meant");
        default:
                return fail_at(r, ERR_MALFORMED, event->start_mark, "a value was expected");
        }
}

/* Stream start, document start, one value, document end, stream end. */
static bool read_stream(struct reader *r, struct node *ret)
{
        static const yaml_event_type_t frame[] = {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_NO_EVENT,
            YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT};

        for (size_t i = 0; i < ARRAY_LEN(frame); i++) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};

                if (!next(r, &event))
                        return false;
                if (frame[i] == YAML_NO_EVENT) {
                        if (!read_value(r, &event, 0, ret))
                                return false;
                        continue;
                }
                if (event.type == YAML_STREAM_END_EVENT && i == 1)
                        return fail_at(
                            r, ERR_MALFORMED, event.start_mark, "the policy is empty; it begins with \"version: 1\"");
                if (event.type == YAML_DOCUMENT_START_EVENT && i == 4)
                        return fail_at(r, ERR_MALFORMED, event.start_mark, "a second document: one file is one policy");
                if (event.type == YAML_DOCUMENT_START_EVENT &&
                    (event.data.document_start.version_directive ||
                        event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end))
                        return fail_at(
                            r, ERR_MALFORMED, event.start_mark, "directives (%) are not accepted: leave them out");
                if (event.type != frame[i])
                        return fail_at(r, ERR_MALFORMED, event.start_mark, "unexpected structure");
        }
        return true;
}

bool policy_yaml_read(struct span bytes, const char *name, struct arena *a, struct node *ret, struct err *e)
{
        struct reader r = {.name = name, .arena = a, .e = e};
        struct node root;
        bool ok;

        if (bytes.len > POLICY_FILE_MAX)
                return err_set(e, ERR_LIMIT, "%s: %zu bytes, at most %u", name, bytes.len, POLICY_FILE_MAX);
        if (!span_is_utf8(bytes))
                return err_set(e, ERR_MALFORMED, "%s: not UTF-8", name);
        if (!yaml_parser_initialize(&r.parser))
                abort();
        yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&r.parser, bytes.len ? bytes.at : (const uint8_t *)"", bytes.len);
        ok = read_stream(&r, &root);
        yaml_parser_delete(&r.parser);
        if (ok)
                *ret = root;
        return ok;
}
