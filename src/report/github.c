/* GitHub's dependency submission API: one snapshot, a manifest for each file that says something. */
#include <stdlib.h>

#include "report/sbom_priv.h"

static int by_path(const void *a, const void *b)
{
        const struct component *x = *(const struct component *const *)a, *y = *(const struct component *const *)b;
        int by = span_compare(x->path, y->path);

        return by ? by : (x > y) - (x < y);
}

static void put_package(struct json_out *o, const struct component *c)
{
        json_out_key_span(o, c->purl);
        json_out_object(o);
        json_out_member(o, "package_url", c->purl);
        json_out_member_text(o, "relationship", "direct");
        json_out_member_text(o, "scope", c->development ? "development" : "runtime");
        json_out_object_end(o);
}

void report_github(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct inventory *v = f->inventory;
        const struct component **order = arena_array(a, v->n_components, sizeof(*order));
        char text[DIGEST_TEXT_MAX];
        struct json_out o;
        struct sbom s;

        sbom_init(&s, f, a);
        for (size_t i = 0; i < v->n_components; i++)
                order[i] = &v->components[i];
        if (v->n_components > 0)
                qsort(order, v->n_components, sizeof(*order), by_path);
        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_u64(&o, "version", 0);
        json_out_member(&o, "sha", f->github.sha);
        json_out_member(&o, "ref", f->github.ref);
        json_out_key(&o, "job");
        json_out_object(&o);
        json_out_member(&o, "id", f->github.job_id);
        json_out_member(&o, "correlator", f->github.correlator.len ? f->github.correlator : SPAN_LIT("coffer"));
        json_out_object_end(&o);
        json_out_key(&o, "detector");
        json_out_object(&o);
        json_out_member_text(&o, "name", "coffer");
        json_out_member_text(&o, "version", COFFER_VERSION);
        json_out_member_text(&o, "url", "https://coffer.invalid/");
        json_out_object_end(&o);
        json_out_member_text(&o, "scanned", s.created);
        json_out_key(&o, "metadata");
        json_out_object(&o);
        json_out_member(&o, "image", f->name);
        json_out_member_text(&o, "digest", digest_format(&v->image, text));
        json_out_object_end(&o);
        json_out_key(&o, "manifests");
        json_out_object(&o);
        for (size_t i = 0; i < v->n_components;) {
                size_t from = i;
                json_out_key_span(&o, order[from]->path);
                json_out_object(&o);
                json_out_member(&o, "name", order[from]->path);
                json_out_key(&o, "file");
                json_out_object(&o);
                json_out_member(&o, "source_location", order[from]->path);
                json_out_object_end(&o);
                json_out_key(&o, "resolved");
                json_out_object(&o);
                for (; i < v->n_components && span_equal(order[i]->path, order[from]->path); i++)
                        if (i == from || !span_equal(order[i]->purl, order[i - 1]->purl))
                                put_package(&o, order[i]);
                json_out_object_end(&o);
                json_out_object_end(&o);
        }
        json_out_object_end(&o);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}
