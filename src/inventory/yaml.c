/* The only file of this room that knows libyaml. */
#include "inventory/yaml_priv.h"

#include <yaml.h>

#define YAML_KEY_MAX 4096u /* bytes; pnpm's keys name a package and all its peers: 800 seen */
#define YAML_DEPTH_MAX 32u /* deepest seen: 6 */
#define YAML_ANCHORS_MAX 1000u

struct anchor {
        struct span name;
        const struct tree_value *value;
};

struct reader {
        yaml_parser_t parser;
        struct tree *tree;
        struct {
                struct anchor *at;
                size_t len, cap;
        } anchors;
        size_t n_aliases;
        struct err *e;
};

static bool fail_at(struct reader *r, enum err_kind kind, yaml_mark_t at, const char *what)
{
        return err_set(r->e, kind, "line %zu, column %zu: %s", at.line + 1, at.column + 1, what);
}

static bool next(struct reader *r, yaml_event_t *event)
{
        const yaml_parser_t *p = &r->parser;

        if (yaml_parser_parse(&r->parser, event))
                return true;
        if (p->error == YAML_MEMORY_ERROR)
                abort(); /* the size is bounded: the machine is out of memory */
        if (p->error == YAML_READER_ERROR)
                return err_set(
                    r->e, ERR_MALFORMED, "byte %zu: %s", p->problem_offset, p->problem ? p->problem : "not YAML");
        return fail_at(r, ERR_MALFORMED, p->problem_mark, p->problem ? p->problem : "not YAML");
}

static bool too_many(struct reader *r, yaml_mark_t at)
{
        return fail_at(r, ERR_LIMIT, at, "more values than one file may hold (2000000)");
}

static bool anchor_keep(struct reader *r, const yaml_char_t *name, const struct tree_value *value, yaml_mark_t at)
{
        if (!name)
                return true;
        if (r->anchors.len == YAML_ANCHORS_MAX)
                return fail_at(r, ERR_LIMIT, at, "more than 1000 anchors");
        *ARENA_PUSH(r->tree->arena, &r->anchors) =
            (struct anchor){arena_copy(r->tree->arena, span_of((const char *)name)), value};
        return true;
}

/* A copy: what an alias stands for counts anew against every bound. */
static bool copy(struct reader *r, const struct tree_value *from, struct tree_value *to, unsigned depth, yaml_mark_t at)
{
        if (depth >= YAML_DEPTH_MAX)
                return fail_at(r, ERR_LIMIT, at, "nested too deeply");
        to->text = from->text;
        for (const struct tree_value *v = from->first; v; v = v->next) {
                struct tree_value *made = tree_add(r->tree, to, v->key, v->kind);
                if (!made)
                        return too_many(r, at);
                if (!copy(r, v, made, depth + 1, at))
                        return false;
        }
        return true;
}

static bool alias(struct reader *r, const yaml_event_t *event, struct tree_value *in, struct span key, unsigned depth)
{
        struct span name = span_of((const char *)event->data.alias.anchor);

        if (++r->n_aliases > YAML_ALIASES_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "more than 1000 aliases");
        for (size_t i = r->anchors.len; i > 0; i--) {
                const struct anchor *a = &r->anchors.at[i - 1];
                if (!span_equal(a->name, name))
                        continue;
                struct tree_value *v = tree_add(r->tree, in, key, a->value->kind);
                return v ? copy(r, a->value, v, depth, event->start_mark) : too_many(r, event->start_mark);
        }
        return fail_at(r, ERR_MALFORMED, event->start_mark, "an alias to an anchor that is not before it");
}

static bool key_of(struct reader *r, const yaml_event_t *event, const struct tree_value *in, struct span *ret)
{
        if (event->type != YAML_SCALAR_EVENT)
                return fail_at(r, ERR_UNSUPPORTED, event->start_mark, "a key that is no plain word");
        if (event->data.scalar.length > YAML_KEY_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "a key of more than 4096 bytes");
        *ret = arena_copy(r->tree->arena, span_bytes(event->data.scalar.value, event->data.scalar.length));
        if (tree_get(r->tree, in, *ret))
                return fail_at(r, ERR_MALFORMED, event->start_mark, "a key that its map has already");
        return true;
}

static bool value(struct reader *r, const yaml_event_t *event, struct tree_value *in, struct span key, unsigned depth);

static bool collection(struct reader *r, struct tree_value *in, unsigned depth)
{
        for (;;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0}, second CLEANUP(yaml_event_delete) = {0};
                struct span key = {0};

                if (!next(r, &event))
                        return false;
                if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
                        return true;
                if (in->kind == TREE_LIST) {
                        if (!value(r, &event, in, key, depth))
                                return false;
                        continue;
                }
                if (!key_of(r, &event, in, &key) || !next(r, &second) || !value(r, &second, in, key, depth))
                        return false;
        }
}

static bool value(struct reader *r, const yaml_event_t *event, struct tree_value *in, struct span key, unsigned depth)
{
        enum tree_kind kind = event->type == YAML_SCALAR_EVENT          ? TREE_TEXT
                              : event->type == YAML_MAPPING_START_EVENT ? TREE_MAP
                                                                        : TREE_LIST;
        const yaml_char_t *name = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                                  : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                  : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                                             : NULL;

        if (depth >= YAML_DEPTH_MAX)
                return fail_at(r, ERR_LIMIT, event->start_mark, "nested too deeply");
        if (event->type == YAML_ALIAS_EVENT)
                return alias(r, event, in, key, depth);
        if (kind == TREE_LIST && event->type != YAML_SEQUENCE_START_EVENT)
                return fail_at(r, ERR_MALFORMED, event->start_mark, "a value was expected");
        struct tree_value *v = tree_add(r->tree, in, key, kind);
        if (!v)
                return too_many(r, event->start_mark);
        if (kind == TREE_TEXT)
                v->text = arena_copy(r->tree->arena, span_bytes(event->data.scalar.value, event->data.scalar.length));
        else if (!collection(r, v, depth + 1))
                return false;
        /* Only now: a value that holds an alias to itself is refused. */
        return anchor_keep(r, name, v, event->start_mark);
}

/* Every document's value becomes an element of the list `to`. */
static bool stream(struct reader *r, struct tree_value *to)
{
        for (size_t n = 0;;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};

                if (!next(r, &event))
                        return false;
                switch (event.type) {
                case YAML_STREAM_END_EVENT:
                        return true;
                case YAML_STREAM_START_EVENT:
                case YAML_DOCUMENT_END_EVENT:
                        break;
                case YAML_DOCUMENT_START_EVENT:
                        if (++n > YAML_DOCUMENTS_MAX)
                                return fail_at(r, ERR_LIMIT, event.start_mark, "more than 16 documents");
                        r->anchors.len = 0; /* they are of one document */
                        break;
                default:
                        if (!value(r, &event, to, (struct span){0}, 0))
                                return false;
                }
        }
}

bool tree_yaml_documents(struct tree *t, struct span in, struct err *e)
{
        struct reader r = {.tree = t, .e = e};
        struct tree_value *list = tree_add(t, NULL, (struct span){0}, TREE_LIST);

        if (!span_is_utf8(in))
                return err_set(e, ERR_MALFORMED, "not UTF-8");
        if (!yaml_parser_initialize(&r.parser))
                abort();
        yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&r.parser, in.len ? in.at : (const uint8_t *)"", in.len);
        bool ok = stream(&r, list);
        yaml_parser_delete(&r.parser);
        if (!ok)
                return false;
        t->root = list->last;
        t->before = list;
        return true;
}

bool tree_yaml(struct tree *t, struct span in, struct err *e)
{
        if (!tree_yaml_documents(t, in, e))
                return false;
        if (t->before->first != t->before->last)
                return err_set(e, ERR_UNSUPPORTED, "more than one document");
        t->before = NULL;
        return true;
}
