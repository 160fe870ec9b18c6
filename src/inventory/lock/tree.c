/* A lock file's values, and JSON as such. */
#include "inventory/lock/tree_priv.h"

struct tree_slot {
        const struct tree_value *map;
        struct tree_value *member; /* NULL: free */
};

void tree_init(struct tree *t, struct arena *a)
{
        *t = (struct tree){.arena = a};
        random_bytes(&t->seed, sizeof(t->seed));
}

/* Keyed by a number that the file's maker can't know, so no one can choose keys that meet. */
static uint64_t slot_hash(const struct tree *t, const struct tree_value *map, struct span key)
{
        uint64_t h = t->seed ^ ((uint64_t)(uintptr_t)map * 0x9e3779b97f4a7c15u);

        for (size_t i = 0; i < key.len; i++) {
                h = (h ^ key.at[i]) * 0xff51afd7ed558ccdu;
                h ^= h >> 29;
        }
        return h ^ (h >> 32);
}

static struct tree_slot *slot_find(const struct tree *t, const struct tree_value *map, struct span key)
{
        for (uint64_t h = slot_hash(t, map, key);; h++) {
                struct tree_slot *s = &t->slots[h & (t->n_slots - 1)];
                if (!s->member || (s->map == map && span_equal(s->member->key, key)))
                        return s;
        }
}

static void slots_grow(struct tree *t)
{
        struct tree_slot *old = t->slots;
        size_t n_old = t->n_slots;

        t->n_slots = n_old ? n_old * 2 : 256;
        t->slots = arena_array(t->arena, t->n_slots, sizeof(*t->slots));
        for (size_t i = 0; i < n_old; i++)
                if (old[i].member)
                        *slot_find(t, old[i].map, old[i].member->key) = old[i];
}

struct tree_value *tree_add(struct tree *t, struct tree_value *in, struct span key, enum tree_kind kind)
{
        if (t->n_values == TREE_VALUES_MAX)
                return NULL;
        t->n_values++;
        struct tree_value *v = arena_alloc(t->arena, sizeof(*v));

        v->kind = kind;
        v->key = key;
        if (!in)
                return v;
        if (in->last)
                in->last->next = v;
        else
                in->first = v;
        in->last = v;
        if (in->kind != TREE_MAP)
                return v;
        if (2 * t->n_members >= t->n_slots)
                slots_grow(t);
        *slot_find(t, in, key) = (struct tree_slot){in, v};
        t->n_members++;
        return v;
}

struct tree_value *tree_get(const struct tree *t, const struct tree_value *map, struct span key)
{
        return map && map->kind == TREE_MAP && t->n_slots > 0 ? slot_find(t, map, key)->member : NULL;
}

const struct tree_value *tree_member(const struct tree *t, const struct tree_value *map, const char *key)
{
        return tree_get(t, map, span_of(key));
}

struct span tree_text(const struct tree *t, const struct tree_value *map, const char *key)
{
        const struct tree_value *v = tree_member(t, map, key);

        return v && v->kind == TREE_TEXT ? v->text : (struct span){0};
}

struct span tree_word(const struct tree *t, const struct tree_value *map, const char *key)
{
        const struct tree_value *v = tree_member(t, map, key);

        return v ? v->text : (struct span){0};
}

bool tree_true(const struct tree *t, const struct tree_value *map, const char *key)
{
        return span_is(tree_word(t, map, key), "true");
}

/* Not deeper than JSON's own reader goes. */
static void json_value(struct tree *t, struct json *j, struct tree_value *in, struct span key)
{
        static const enum tree_kind kinds[] = {[JSON_OBJECT] = TREE_MAP,
            [JSON_ARRAY] = TREE_LIST,
            [JSON_STRING] = TREE_TEXT,
            [JSON_NUMBER] = TREE_WORD,
            [JSON_BOOL] = TREE_WORD,
            [JSON_NULL] = TREE_WORD};
        enum json_type type = json_peek(j);
        struct tree_value *v = type == JSON_NONE ? NULL : tree_add(t, in, key, kinds[type]);

        if (!v) {
                if (type != JSON_NONE)
                        json_fail(j, ERR_LIMIT, "more than %u values in one file", TREE_VALUES_MAX);
                else
                        json_skip(j); /* sets the error */
                return;
        }
        if (!in)
                t->root = v;
        switch (type) {
        case JSON_OBJECT:
                json_object(j);
                while (json_member(j, &key))
                        json_value(t, j, v, key);
                break;
        case JSON_ARRAY:
                json_array(j);
                while (json_element(j))
                        json_value(t, j, v, (struct span){0});
                break;
        case JSON_STRING:
                v->text = json_string(j);
                break;
        default:
                v->text = json_raw(j);
        }
}

bool tree_json(struct tree *t, struct span in, struct err *e)
{
        struct json j;

        if (span_starts(in, "\xef\xbb\xbf"))
                in = span_from(in, 3);
        json_init(&j, in, t->arena, &(struct json_limits){.depth_max = TREE_DEPTH_MAX});
        json_value(t, &j, NULL, (struct span){0});
        return json_finish(&j, e);
}
