#include "assess/assess.h"
#include "advisory/advisory.h"
#include "match/match.h"

/* The key of the version that advisories are asked for. None where it can't be ordered. */
static void key_make(const struct component *c, struct arena *a, struct store_component *to)
{
        CLEANUP(buf_done) struct buf key = {0};
        struct span version = match_asked_by(c).version;
        enum version_order order = version_order_of(c->ecosystem);

        if (order == VERSION_ORDER_NONE || !version_key(order, version, &key, NULL))
                return;
        to->key = arena_copy(a, buf_span(&key));
        to->key_format = VERSION_KEY_FORMAT;
}

static bool keep(struct store *s, const struct image *i, const struct inventory *v, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf bytes = {0};
        struct store_component *components = arena_array(a, v->n_components, sizeof(*components));

        inventory_put(&bytes, v);
        if (bytes.failed)
                return true; /* larger than the store takes: it will be read anew each time, which is slow but right */
        for (size_t k = 0; k < v->n_components; k++) {
                const struct component *c = &v->components[k];
                components[k] = (struct store_component){
                    .ecosystem = c->ecosystem,
                    .type = c->type,
                    .package = match_asked_by(c).package,
                    .module = c->module,
                    .owner = c->owner > 0 && c->owner <= v->n_components ? v->components[c->owner - 1].ecosystem
                                                                         : (struct span){0},
                    .part = c->layer,
                    .name = c->name,
                    .version = c->version,
                    .source_name = c->source_name,
                    .source_version = c->source_version,
                };
                key_make(c, a, &components[k]);
        }
        return store_image_put(s,
            &(struct store_image){
                .digest = i->manifest,
                .name = i->name,
                .inventory_format = INVENTORY_FORMAT,
                .inventory = buf_span(&bytes),
                .assessed_s = clock_wall_s(),
                .components = components,
                .n_components = v->n_components,
            },
            e);
}

/* The stored inventory must speak of these very layers: the manifest's digest says so, and it is compared all the same. */
static bool is_of_image(const struct inventory *v, const struct image *i, const struct inventory_plugins *plugins)
{
        const struct digest *asked = inventory_plugins_fingerprint(plugins);

        if (asked->alg != v->plugins.alg || (asked->alg != DIGEST_NONE && !digest_equal(asked, &v->plugins)))
                return false;
        if (v->n_layers != i->n_layers || !digest_equal(&v->config, &i->config))
                return false;
        for (size_t k = 0; k < i->n_layers; k++)
                if (!digest_equal(&v->layers[k].diff_id, &i->layers[k].diff_id))
                        return false;
        return true;
}

static bool from_store(struct store *s, const struct image *i, const struct inventory_plugins *plugins,
    struct inventory **ret, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(inventory_freep) struct inventory *v = NULL;
        struct store_image kept;

        if (!store_image_get(s, &i->manifest, INVENTORY_FORMAT, a, &kept, e))
                return false;
        if (!inventory_take(&a, kept.inventory, &v, e) || !is_of_image(v, i, plugins))
                return err_set(e, ERR_NOT_FOUND, "what is stored of the image is not of this form");
        *ret = v;
        v = NULL;
        return true;
}

struct layers {
        struct store *store;
        uint32_t number; /* of the detectors, and of the rules for secrets if they are looked for */
};

/* A store that does not answer costs time, never the image: it will be asked again for what must be right. */
static bool layer_get(void *ctx, const struct digest *diff_id, struct buf *ret)
{
        const struct layers *l = ctx;

        return store_layer_get(l->store, diff_id, l->number, ret, NULL);
}

static void layer_put(void *ctx, const struct digest *diff_id, struct span bytes)
{
        const struct layers *l = ctx;

        (void)store_layer_put(l->store, diff_id, l->number, bytes, 0, NULL);
}

bool assess_image(struct store *s, const struct image *i, const struct assess_options *o, struct inventory **ret,
    bool *ret_from_store, struct err *e)
{
        struct inventory_options options = {.parallel = o->parallel, .on_progress = o->on_progress, .ctx = o->ctx};
        struct layers layers = {s, o->secrets ? o->secrets_number ^ INVENTORY_DETECTORS : INVENTORY_DETECTORS};
        bool has_identity = i->manifest.alg != DIGEST_NONE && !o->secrets;
        struct inventory *v;

        options.secrets = o->secrets;
        options.secrets_fd = o->secrets_fd;
        options.plugins = o->plugins;
        if (s) {
                options.layer_get = layer_get;
                options.layer_put = layer_put;
                options.layer_ctx = &layers;
        }
        if (s && has_identity) {
                struct err why = {0};
                if (from_store(s, i, o->plugins, ret, &why)) {
                        *ret_from_store = true;
                        return true;
                }
                if (why.kind != ERR_NOT_FOUND) {
                        if (e)
                                *e = why;
                        return false;
                }
        }
        if (!inventory_of_image(i, &options, &v, e))
                return false;
        if (s && has_identity && v->complete && !keep(s, i, v, e)) {
                inventory_free(v);
                return err_wrap(e, "keep what was found");
        }
        *ret = v;
        *ret_from_store = false;
        return true;
}
