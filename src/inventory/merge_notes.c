/* What could not be assessed, in words. */
#include "inventory/merge_priv.h"
#include "inventory/os/system_priv.h"

void merge_note(struct merge *m, struct span text)
{
        if (m->notes.len < INVENTORY_NOTES_MAX)
                *ARENA_PUSH(m->v->arena, &m->notes) = text;
        else
                m->notes.left_out++;
}

static const char *manager_of(const char *type)
{
        static const struct {
                const char *type, *manager;
        } rows[] = {{"deb", "dpkg"}, {"alpm", "pacman"}};

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (strcmp(type, rows[i].type) == 0)
                        return rows[i].manager;
        return type;
}

/* An image whose system we can't assess must say so: no findings would look like a clean image. */
static void note_system(struct merge *m, const struct os_release *os, size_t n_system, const char *system_type)
{
        struct inventory *v = m->v;
        CLEANUP(buf_done) struct buf b = {0};
        const char *type = system_package_type(os);

        system_name(os, &b);
        struct span name = buf_span(&b);
        if (!v->os_known && name.len > 0)
                merge_note(m,
                    arena_printf(v->arena, "no advisories for %.*s%s: its packages were not assessed", SPAN_FMT(name),
                        span_is(os->id, "debian") && os->version_id.len == 0 ? " without a VERSION_ID" : ""));
        else if (!v->os_known && n_system > 0)
                merge_note(
                    m, arena_printf(v->arena,
                           "no os-release says which system the %zu packages of %s are of: they were not assessed",
                           n_system, manager_of(system_type)));
        else if (v->os_known && n_system == 0)
                merge_note(m, arena_printf(v->arena, "%.*s without a list of packages%s%s: they were not assessed",
                                  SPAN_FMT(name), type ? " of " : "", type ? manager_of(type) : ""));
}

static const char *layer_name(const struct merge *m, size_t layer, char out[32])
{
        out[0] = 0;
        if (!m->reports[layer]->folder)
                snprintf(out, 32, "layer %zu: ", layer + 1); /* people count from one */
        return out;
}

/* Whole, unlike SPAN_FMT: a path of 4095 bytes and a sentence; at most INVENTORY_NOTE_MAX and never empty. */
#define NOTE_FMT(s) (int)(s).len, (const char *)(s).at

static void gather(struct merge *m)
{
        struct inventory *v = m->v;
        char layer[32];
        char shown[INVENTORY_PATH_MAX + 1];

        for (size_t i = 0; i < m->n_layers; i++)
                for (size_t k = 0; k < m->reports[i]->notes.len; k++)
                        merge_note(m, arena_printf(v->arena, "%s%.*s", layer_name(m, i, layer),
                                          NOTE_FMT(m->reports[i]->notes.at[k])));
        for (size_t i = 0; i < m->n_places; i++) {
                const struct source *s = m->places[i].live;
                for (size_t k = 0; s && k < s->evidence->found.notes.len; k++) {
                        span_printable(m->places[i].path, shown, sizeof(shown));
                        merge_note(
                            m, arena_printf(v->arena, "%s%s: %.*s", layer_name(m, m->places[i].live_layer, layer),
                                   shown, NOTE_FMT(s->evidence->found.notes.at[k])));
                }
        }
}

void merge_notes(struct merge *m, const struct os_release *os, size_t n_system, const char *system_type)
{
        struct inventory *v = m->v;

        note_system(m, os, n_system, system_type);
        gather(m);
        /* A static program from scratch, or a wrong folder: "nothing known against nothing" must not read as clean. */
        if (v->n_components == 0 && m->notes.len == 0)
                merge_note(m, arena_printf(v->arena, "nothing was found that could be assessed: no package of a system "
                                                     "or a language that is known here"));
        v->complete = m->notes.len == 0;
        if (m->notes.left_out > 0)
                *ARENA_PUSH(v->arena, &m->notes) = arena_printf(v->arena, "and %zu more notes", m->notes.left_out);
        v->notes = m->notes.at;
        v->n_notes = m->notes.len;
}
