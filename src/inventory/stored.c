/*
 * An inventory's memory, and an inventory as bytes, for the store. One form only: reading refuses whatever writing
 * would not have written.
 *
 *      u32 format, image, config, os (4 texts), u8 os_known, u8 complete
 *      u32 layers: each diff id, blob, u64 size, plain size, entries, created_by
 *      u32 components: each u16 which texts it has, the texts, u8 confidence and licence source, u8 state and development,
 *        u32 layer, owner, number of files
 *      u32 remarks: each u8 kind, severity, visible, u64 line, u32 layer, 5 texts
 *      u32 notes: each a text
 *
 * Texts of components and remarks have a u16 length in front, all others a u32.
 */
#include "inventory/merge_priv.h"

static struct inventory *inventory_in(struct arena *arena)
{
        struct inventory *v = arena_alloc(arena, sizeof(*v));

        v->arena = arena;
        return v;
}

struct inventory *inventory_new(void)
{
        return inventory_in(arena_new());
}

void inventory_free(struct inventory *v)
{
        if (v)
                arena_free(v->arena); /* v itself lies in it */
}

void inventory_freep(struct inventory **v)
{
        inventory_free(*v);
}

#define LAYER_LEAST 26u     /* bytes: two digests of one byte at least, three u64 */
#define COMPONENT_LEAST 18u /* what it has of texts, two bytes, three numbers */
#define REMARK_LEAST 25u    /* three bytes, two numbers, five lengths */
#define TEXTS 14u

/* The texts of a component, in the order in which they are stored. */
static void component_texts(struct component *c, struct span *to[TEXTS])
{
        struct span *const texts[TEXTS] = {&c->type, &c->name, &c->version, &c->arch, &c->path, &c->ecosystem,
            &c->source_name, &c->source_version, &c->licence, &c->purl, &c->vendor, &c->cpe, &c->module, &c->detector};

        memcpy(to, texts, sizeof(texts));
}

static const uint32_t text_max[TEXTS] = {INVENTORY_TYPE_MAX, INVENTORY_NAME_MAX, INVENTORY_VERSION_MAX,
    INVENTORY_ARCH_MAX, INVENTORY_PLACE_MAX, INVENTORY_ECOSYSTEM_MAX, INVENTORY_NAME_MAX, INVENTORY_VERSION_MAX,
    INVENTORY_LICENCE_MAX, INVENTORY_PURL_MAX, INVENTORY_NAME_MAX, INVENTORY_NAME_MAX, INVENTORY_NAME_MAX,
    INVENTORY_NAME_MAX};
#define TEXT_PATH 4u /* any bytes that a tar may name; the others are clean text */

static void put_short(struct buf *b, struct span s)
{
        buf_put_u16le(b, (uint16_t)s.len); /* every maximum is below 64 KiB */
        buf_put(b, s);
}

static void put_component(struct buf *b, const struct component *component)
{
        struct component c = *component;
        struct span *texts[TEXTS];
        unsigned has = 0;

        component_texts(&c, texts);
        for (size_t k = 0; k < TEXTS; k++)
                has |= texts[k]->len > 0 ? 1u << k : 0;
        buf_put_u16le(b, (uint16_t)has);
        for (size_t k = 0; k < TEXTS; k++)
                if (texts[k]->len > 0)
                        put_short(b, *texts[k]);
        buf_put_u8(b, (uint8_t)((unsigned)c.confidence | (unsigned)c.licence_source << 4));
        buf_put_u8(b, (uint8_t)((unsigned)c.state | (unsigned)c.development << 1));
        buf_put_u32le(b, c.layer);
        buf_put_u32le(b, c.owner);
        buf_put_u32le(b, c.n_files);
}

static void put_remark(struct buf *b, const struct remark *r)
{
        buf_put_u8(b, (uint8_t)r->kind);
        buf_put_u8(b, (uint8_t)r->severity);
        buf_put_u8(b, r->visible);
        buf_put_u64le(b, r->line);
        buf_put_u32le(b, r->layer);
        put_short(b, r->rule);
        put_short(b, r->title);
        put_short(b, r->path);
        put_short(b, r->excerpt);
        put_short(b, r->remedy);
}

void inventory_put(struct buf *b, const struct inventory *v)
{
        const struct span os[] = {v->os.id, v->os.version_id, v->os.version_codename, v->os.pretty_name};

        buf_put_u32le(b, INVENTORY_FORMAT);
        buf_put_digest(b, &v->image);
        buf_put_digest(b, &v->config);
        buf_put_digest(b, &v->plugins);
        for (size_t i = 0; i < ARRAY_LEN(os); i++)
                buf_put_string(b, os[i]);
        buf_put_u8(b, v->os_known);
        buf_put_u8(b, v->complete);
        buf_put_u32le(b, (uint32_t)v->n_layers);
        for (size_t i = 0; i < v->n_layers; i++) {
                buf_put_digest(b, &v->layers[i].diff_id);
                buf_put_digest(b, &v->layers[i].blob);
                buf_put_u64le(b, v->layers[i].size);
                buf_put_u64le(b, v->layers[i].plain_size);
                buf_put_u64le(b, v->layers[i].entries);
                buf_put_string(b, v->layers[i].created_by);
        }
        buf_put_u32le(b, (uint32_t)v->n_components);
        for (size_t i = 0; i < v->n_components; i++)
                put_component(b, &v->components[i]);
        buf_put_u32le(b, (uint32_t)v->n_remarks);
        for (size_t i = 0; i < v->n_remarks; i++)
                put_remark(b, &v->remarks[i]);
        buf_put_u32le(b, (uint32_t)v->n_notes);
        for (size_t i = 0; i < v->n_notes; i++)
                buf_put_string(b, v->notes[i]);
}

static bool malformed(struct err *e, const char *what, size_t i)
{
        return err_set(e, ERR_MALFORMED, "stored inventory: %s %zu", what, i);
}

/* A count of things that take at least `least` bytes each: never more than the rest can hold. */
static bool take_count(struct cursor *c, size_t least, size_t max, size_t *ret)
{
        uint32_t n = cursor_u32le(c);

        if (c->failed || n > max || n > c->rest.len / least)
                return false;
        *ret = n;
        return true;
}

static bool take_text(struct cursor *c, uint32_t max, bool clean, struct span *ret)
{
        *ret = cursor_string(c, max);
        return !c->failed && (!clean || text_is_clean(*ret, max));
}

static bool take_bool(struct cursor *c, bool *ret)
{
        uint8_t v = cursor_u8(c);

        *ret = v == 1;
        return v <= 1;
}

static bool get_head(struct cursor *c, struct inventory *v, struct err *e)
{
        struct span *const os[] = {&v->os.id, &v->os.version_id, &v->os.version_codename, &v->os.pretty_name};
        uint32_t format = cursor_u32le(c);

        if (!c->failed && format != INVENTORY_FORMAT)
                return err_set(
                    e, ERR_UNSUPPORTED, "stored inventory: format %u, this program has %u", format, INVENTORY_FORMAT);
        v->image = cursor_digest(c);
        v->config = cursor_digest(c);
        v->plugins = cursor_digest(c);
        for (size_t i = 0; i < ARRAY_LEN(os); i++)
                if (!take_text(c, INVENTORY_OS_TEXT_MAX, true, os[i]))
                        return malformed(e, "os text", i);
        if (!take_bool(c, &v->os_known) || !take_bool(c, &v->complete) || c->failed)
                return err_set(e, ERR_MALFORMED, "stored inventory: head");
        return true;
}

static bool get_layers(struct cursor *c, struct inventory *v, struct err *e)
{
        if (!take_count(c, LAYER_LEAST, INVENTORY_LAYERS_MAX, &v->n_layers))
                return err_set(e, ERR_MALFORMED, "stored inventory: number of layers");
        v->layers = arena_array(v->arena, v->n_layers, sizeof(*v->layers));
        for (size_t i = 0; i < v->n_layers; i++) {
                v->layers[i].diff_id = cursor_digest(c);
                v->layers[i].blob = cursor_digest(c);
                v->layers[i].size = cursor_u64le(c);
                v->layers[i].plain_size = cursor_u64le(c);
                v->layers[i].entries = cursor_u64le(c);
                /* A RUN instruction has line breaks and tabs. */
                if (!take_text(c, INVENTORY_CREATED_BY_MAX, false, &v->layers[i].created_by))
                        return malformed(e, "layer", i);
        }
        return true;
}

static bool take_short(struct cursor *c, uint32_t max, bool clean, struct span *ret)
{
        uint16_t len = cursor_u16le(c);

        if (len > max)
                return false;
        *ret = cursor_take(c, len);
        return !c->failed && (!clean || text_is_clean(*ret, max));
}

static bool get_component(struct cursor *c, const struct inventory *v, struct component *to)
{
        struct span *texts[TEXTS];
        unsigned has = cursor_u16le(c), sources, state;

        component_texts(to, texts);
        if (has >> TEXTS)
                return false;
        for (size_t k = 0; k < TEXTS; k++)
                if ((has >> k & 1) && (!take_short(c, text_max[k], k != TEXT_PATH, texts[k]) || texts[k]->len == 0))
                        return false;
        sources = cursor_u8(c);
        state = cursor_u8(c);
        to->layer = cursor_u32le(c);
        to->owner = cursor_u32le(c);
        to->n_files = cursor_u32le(c);
        if (c->failed || (sources & 15) > CONFIDENCE_CERTAIN || sources >> 4 > LICENCE_SOURCE_DOCUMENT || state > 3)
                return false;
        to->confidence = (enum component_confidence)(sources & 15);
        to->licence_source = (enum licence_source)(sources >> 4);
        to->state = state & 1 ? COMPONENT_DECLARED : COMPONENT_INSTALLED;
        to->development = state >> 1;
        /* A bill of materials has no layers. */
        return (to->layer < v->n_layers || (v->n_layers == 0 && to->layer == 0)) && to->owner <= v->n_components &&
               to->type.len > 0 && to->name.len > 0;
}

static bool get_components(struct cursor *c, struct inventory *v, struct err *e)
{
        if (!take_count(c, COMPONENT_LEAST, INVENTORY_COMPONENTS_MAX, &v->n_components))
                return err_set(e, ERR_MALFORMED, "stored inventory: number of components");
        v->components = arena_array(v->arena, v->n_components, sizeof(*v->components));
        for (size_t i = 0; i < v->n_components; i++) {
                struct component *to = &v->components[i];
                if (!get_component(c, v, to) || to->owner == i + 1)
                        return malformed(e, "component", i);
                if (i > 0 && component_compare(to - 1, to) >= 0)
                        return malformed(e, "order at component", i);
        }
        return true;
}

static bool get_remark(struct cursor *c, const struct inventory *v, struct remark *to)
{
        uint8_t kind = cursor_u8(c), severity = cursor_u8(c);

        if (!take_bool(c, &to->visible) || kind == REMARK_NONE || kind > REMARK_CONFIGURATION ||
            severity > REMARK_CRITICAL)
                return false;
        to->kind = (enum remark_kind)kind;
        to->severity = (enum remark_severity)severity;
        to->line = cursor_u64le(c);
        to->layer = cursor_u32le(c);
        return to->layer < v->n_layers && take_short(c, INVENTORY_RULE_MAX, true, &to->rule) && to->rule.len > 0 &&
               take_short(c, INVENTORY_REMARK_TEXT_MAX, true, &to->title) &&
               take_short(c, INVENTORY_PATH_MAX, false, &to->path) &&
               take_short(c, INVENTORY_REMARK_TEXT_MAX, true, &to->excerpt) &&
               take_short(c, INVENTORY_REMARK_TEXT_MAX, true, &to->remedy);
}

static bool get_remarks(struct cursor *c, struct inventory *v, struct err *e)
{
        if (!take_count(c, REMARK_LEAST, INVENTORY_IMAGE_REMARKS_MAX, &v->n_remarks))
                return err_set(e, ERR_MALFORMED, "stored inventory: number of remarks");
        v->remarks = arena_array(v->arena, v->n_remarks, sizeof(*v->remarks));
        for (size_t i = 0; i < v->n_remarks; i++) {
                if (!get_remark(c, v, &v->remarks[i]))
                        return malformed(e, "remark", i);
                if (i > 0 && remark_compare(&v->remarks[i - 1], &v->remarks[i]) >= 0)
                        return malformed(e, "order at remark", i);
        }
        return true;
}

static bool get_notes(struct cursor *c, struct inventory *v, struct err *e)
{
        if (!take_count(c, sizeof(uint32_t), INVENTORY_NOTES_MAX + 1, &v->n_notes))
                return err_set(e, ERR_MALFORMED, "stored inventory: number of notes");
        v->notes = arena_array(v->arena, v->n_notes, sizeof(*v->notes));
        for (size_t i = 0; i < v->n_notes; i++)
                if (!take_text(c, INVENTORY_NOTE_MAX, true, &v->notes[i]))
                        return malformed(e, "note", i);
        if (!v->complete && v->n_notes == 0)
                return err_set(e, ERR_MALFORMED, "stored inventory: not complete, and no note says why");
        return true;
}

bool inventory_take(struct arena **a, struct span s, struct inventory **ret, struct err *e)
{
        struct inventory *v = inventory_in(*a);
        struct cursor c = {.rest = s};

        if (!get_head(&c, v, e) || !get_layers(&c, v, e) || !get_components(&c, v, e) || !get_remarks(&c, v, e) ||
            !get_notes(&c, v, e))
                return false;
        if (!cursor_at_end(&c))
                return err_set(e, ERR_MALFORMED, "stored inventory: %zu bytes too many", c.rest.len);
        *ret = v;
        *a = NULL;
        return true;
}

bool inventory_get(struct span s, struct inventory **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();

        return inventory_take(&a, arena_copy(a, s), ret, e);
}
