/* The only file of this room that knows libyaml. */
#include "advisory/feed/feed_yaml_priv.h"

#include <yaml.h>

struct reader {
        yaml_parser_t parser;
        struct arena *arena;
        struct err *e;
};

static void reader_done(struct reader *r)
{
        yaml_parser_delete(&r->parser);
}

static bool fail_at(struct reader *r, enum err_kind kind, yaml_mark_t at, const char *what)
{
        return err_set(r->e, kind, "line %zu, column %zu: %s", at.line + 1, at.column + 1, what);
}

static bool next(struct reader *r, yaml_event_t *event)
{
        const yaml_parser_t *p = &r->parser;

        if (!yaml_parser_parse(&r->parser, event)) {
                if (p->error == YAML_MEMORY_ERROR)
                        abort(); /* the size is bounded: the machine is out of memory */
                return fail_at(r, ERR_MALFORMED, p->problem_mark, p->problem ? p->problem : "not YAML");
        }
        if (event->type == YAML_ALIAS_EVENT)
                return fail_at(r, ERR_UNSUPPORTED, event->start_mark, "an alias, which no advisory needs");
        return true;
}

static struct span scalar_copy(struct reader *r, const yaml_event_t *event)
{
        return arena_copy(r->arena, span_bytes(event->data.scalar.value, event->data.scalar.length));
}

/* To the end of what has just begun. libyaml bounds the depth. */
static bool collection_skip(struct reader *r)
{
        for (size_t depth = 1; depth > 0;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};

                if (!next(r, &event))
                        return false;
                depth += event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;
                depth -= event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        }
        return true;
}

static bool list_read(struct reader *r, struct feed_yaml_member *m)
{
        struct {
                struct span *at;
                size_t len, cap;
        } list = {0};
        bool texts = true;

        for (;;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};

                if (!next(r, &event))
                        return false;
                if (event.type == YAML_SEQUENCE_END_EVENT)
                        break;
                if (list.len == FEED_YAML_VALUES_MAX)
                        return fail_at(r, ERR_LIMIT, event.start_mark, "more than 65536 values of one list");
                if (event.type == YAML_SCALAR_EVENT) {
                        *ARENA_PUSH(r->arena, &list) = scalar_copy(r, &event);
                        continue;
                }
                texts = false;
                if (!collection_skip(r))
                        return false;
        }
        if (texts) {
                m->values = list.at;
                m->n_values = list.len;
        }
        return true;
}

static bool value_read(struct reader *r, struct feed_yaml_member *m)
{
        yaml_event_t event CLEANUP(yaml_event_delete) = {0};

        if (!next(r, &event))
                return false;
        if (event.type == YAML_SEQUENCE_START_EVENT)
                return list_read(r, m);
        if (event.type == YAML_MAPPING_START_EVENT)
                return collection_skip(r);
        m->values = arena_array(r->arena, 1, sizeof(*m->values));
        m->values[0] = scalar_copy(r, &event);
        m->n_values = 1;
        return true;
}

static bool map_read(struct reader *r, struct feed_yaml *to)
{
        for (;;) {
                yaml_event_t event CLEANUP(yaml_event_delete) = {0};
                struct feed_yaml_member member = {0};

                if (!next(r, &event))
                        return false;
                if (event.type == YAML_MAPPING_END_EVENT)
                        return true;
                if (event.type != YAML_SCALAR_EVENT)
                        return fail_at(r, ERR_UNSUPPORTED, event.start_mark, "a key that is no plain word");
                if (to->len == FEED_YAML_MEMBERS_MAX)
                        return fail_at(r, ERR_LIMIT, event.start_mark, "more than 256 keys");
                member.key = scalar_copy(r, &event);
                for (size_t i = 0; i < to->len; i++)
                        if (span_equal(to->at[i].key, member.key))
                                return fail_at(r, ERR_MALFORMED, event.start_mark, "a key that its map has already");
                if (!value_read(r, &member))
                        return false;
                *ARENA_PUSH(r->arena, to) = member;
        }
}

/* The next event is of this type, and there is nothing in it to keep. */
static bool expect(struct reader *r, yaml_event_type_t type, enum err_kind kind, const char *else_what)
{
        yaml_event_t event CLEANUP(yaml_event_delete) = {0};

        if (!next(r, &event))
                return false;
        return event.type == type || fail_at(r, kind, event.start_mark, else_what);
}

bool feed_yaml_read(struct span document, struct arena *a, struct feed_yaml *ret, struct err *e)
{
        struct reader r CLEANUP(reader_done) = {.arena = a, .e = e};
        struct feed_yaml members = {0};

        if (document.len > FEED_YAML_MAX)
                return err_set(e, ERR_LIMIT, "a document is %zu bytes, at most %u", document.len, FEED_YAML_MAX);
        if (!yaml_parser_initialize(&r.parser))
                abort();
        yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&r.parser, document.at, document.len);
        if (!expect(&r, YAML_STREAM_START_EVENT, ERR_MALFORMED, "a document was expected") ||
            !expect(&r, YAML_DOCUMENT_START_EVENT, ERR_MALFORMED, "a document was expected") ||
            !expect(&r, YAML_MAPPING_START_EVENT, ERR_MALFORMED, "a map was expected") || !map_read(&r, &members) ||
            !expect(&r, YAML_DOCUMENT_END_EVENT, ERR_MALFORMED, "the document's end was expected") ||
            !expect(&r, YAML_STREAM_END_EVENT, ERR_UNSUPPORTED, "a second document"))
                return false;
        *ret = members;
        return true;
}

const struct feed_yaml_member *feed_yaml_list(const struct feed_yaml *y, const char *key)
{
        static const struct feed_yaml_member none;

        for (size_t i = 0; i < y->len; i++)
                if (span_is(y->at[i].key, key))
                        return &y->at[i];
        return &none;
}

struct span feed_yaml_text(const struct feed_yaml *y, const char *key)
{
        const struct feed_yaml_member *m = feed_yaml_list(y, key);

        return m->n_values > 0 ? m->values[0] : (struct span){0};
}
