/* What plug-ins said, as evidence of the layers: the merge treats it as any other. */
#include "inventory/plugin/plugin_priv.h"

#include <stdlib.h>

static int by_file(const void *a, const void *b)
{
        const struct plugin_package *x = a, *y = b;
        int by = (x->layer > y->layer) - (x->layer < y->layer);

        if (by == 0)
                by = span_compare(x->path, y->path);
        return by ? by : (x->plugin > y->plugin) - (x->plugin < y->plugin);
}

/* An ecosystem that is not said must not become the system's: nobody has said that the distribution ships it. */
static struct package package_of(struct arena *a, const struct plugin_package *p)
{
        return (struct package){.name = p->name,
            .version = p->version,
            .source_name = p->source_name,
            .source_version = p->source_version,
            .arch = p->arch,
            .licence = p->licence,
            .licence_source = p->licence.len > 0 ? LICENCE_SOURCE_FIELD : LICENCE_SOURCE_NONE,
            .vendor = p->vendor,
            .cpe = p->cpe,
            .type = arena_string(a, p->type),
            .ecosystem = arena_string(a, p->ecosystem)};
}

static struct detector *detectors_of(struct arena *a, const struct inventory_plugins *p)
{
        struct detector *all = arena_array(a, p->len, sizeof(*all));

        for (size_t i = 0; i < p->len; i++)
                all[i] = (struct detector){
                    .name = arena_string(a, p->at[i].name), .plugin = true, .confidence = CONFIDENCE_HIGH};
        return all;
}

void plugin_results_put(
    struct plugin_results *io, const struct inventory_plugins *p, struct layer_report *const *reports, size_t n)
{
        struct plugin_packages *said = &io->packages;
        const struct detector *detectors = detectors_of(io->arena, p);
        struct evidence *to = NULL;

        if (said->len > 0)
                qsort(said->at, said->len, sizeof(*said->at), by_file);
        for (size_t i = 0; i < said->len; i++) {
                const struct plugin_package *one = &said->at[i];

                if (one->layer >= n)
                        continue; /* was_given let none through */
                if (i == 0 || by_file(one - 1, one) != 0) {
                        struct layer_report *r = reports[one->layer];

                        to = ARENA_PUSH(r->arena, &r->evidence);
                        *to = (struct evidence){.detector = &detectors[one->plugin], .path = one->path};
                }
                *ARENA_PUSH(io->arena, &to->found.packages) = package_of(io->arena, one);
        }
}
