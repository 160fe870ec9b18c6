/* From entries to an inventory: its system, the list, who owns what, and what could not be assessed and why. */
#include "inventory/os/system_priv.h"
#include "inventory/sbom/resolve_priv.h"

#include <stdlib.h>

#define NAMES_SHOWN 8u
#define DEBS_TO_JUDGE 20u /* so many Debian packages are never all built from a source package of their own name */

/* ---- the system ---- */

static void find_system(struct resolving *r)
{
        struct os_release os;

        for (const struct sbom_entry *entry = r->d->first; entry; entry = entry->next) {
                if (!span_is(entry->type, "operating-system"))
                        continue;
                sbom_system(entry, r->d->arena, &os);
                if (os.id.len > 0 && r->os.id.len > 0 && !sbom_same_system(&os, &r->os))
                        sbom_note(r->d, entry,
                            "a second operating system: packages whose package URL names none "
                            "were taken to be of the first");
                else if (os.id.len > 0 && r->os.id.len == 0)
                        r->os = os;
        }
}

/* What the inventory calls its system: the document's word, else, or if that names no release, what most packages name. */
static void put_system(struct resolving *r)
{
        CLEANUP(buf_done) struct buf ecosystem = {.max = INVENTORY_ECOSYSTEM_MAX}, name = {0};
        struct os_release *os = &r->os;
        const char *type;
        size_t most = 0;

        for (size_t i = 0; r->os.version_id.len == 0 && i < r->n_systems; i++)
                if (r->systems[i].n > most && (r->os.id.len == 0 || span_equal(r->systems[i].os.id, r->os.id))) {
                        most = r->systems[i].n;
                        os = &r->systems[i].os;
                }
        if (os != &r->os)
                os->pretty_name = r->os.pretty_name;
        r->v->os.id = os->id;
        r->v->os.version_id = os->version_id;
        r->v->os.version_codename = os->version_codename;
        r->v->os.pretty_name = os->pretty_name;
        r->v->os_known = system_ecosystem(os, &ecosystem);
        type = system_package_type(os);
        if (os->id.len == 0 || r->n_system_packages > 0)
                return;
        system_name(os, &name);
        sbom_note(r->d, NULL, "it names the system %.*s and lists no package of it%s%s: they were not assessed",
            SPAN_FMT(buf_span(&name)), type ? " of the type " : "", type ? type : "");
}

/* ---- the list ---- */

static int draft_order(const void *a, const void *b)
{
        const struct listing *x = *(const struct listing *const *)a, *y = *(const struct listing *const *)b;
        int by = component_compare(&x->c, &y->c);

        return by ? by : (x->entry->number > y->entry->number) - (x->entry->number < y->entry->number);
}

/* Listed twice: what one leaves unsaid the other may say. */
static void join(struct component *to, const struct component *from)
{
        struct span *const into[] = {&to->licence, &to->vendor, &to->cpe};
        const struct span of[] = {from->licence, from->vendor, from->cpe};

        for (size_t i = 0; i < ARRAY_LEN(into); i++)
                if (into[i]->len == 0)
                        *into[i] = of[i];
        if (to->licence.len > 0)
                to->licence_source = LICENCE_SOURCE_DOCUMENT;
        to->development &= from->development;
}

static void put_owners(struct resolving *r)
{
        for (size_t i = 0; i < r->drafts.len; i++) {
                const struct listing *draft = r->drafts.at[i];
                const struct sbom_entry *owner = draft->entry->owner;
                struct component *c = &r->v->components[draft->entry->component - 1];
                /* Only a system's package installs what others list. */
                if (!draft->of_system && owner && owner->of_system && owner->component != draft->entry->component &&
                    c->owner == 0)
                        c->owner = owner->component;
        }
}

static void put_components(struct resolving *r)
{
        struct inventory *v = r->v;
        size_t n = 0;

        if (r->drafts.len > 0)
                qsort(r->drafts.at, r->drafts.len, sizeof(*r->drafts.at), draft_order);
        v->components = arena_array(v->arena, r->drafts.len, sizeof(*v->components));
        for (size_t i = 0; i < r->drafts.len; i++) {
                struct listing *draft = r->drafts.at[i];
                if (n > 0 && component_compare(&v->components[n - 1], &draft->c) == 0) {
                        join(&v->components[n - 1], &draft->c);
                        draft->lack = LACK_NOTHING; /* told already */
                } else {
                        v->components[n++] = draft->c;
                }
                draft->entry->component = (uint32_t)n;
        }
        v->n_components = n;
        put_owners(r);
}

/* ---- what was not assessed ---- */

static void note_lack(struct resolving *r, enum lack lack)
{
        static const char *const texts[LACKS] = {
            [LACK_PURL] = "with neither a package URL nor a CPE: no advisory can be found, not assessed",
            [LACK_PURL_NOT_CPE] = "with a CPE and no package URL: no advisory here is filed by CPE, not assessed",
            [LACK_ADVISORIES] = "of types that no advisories are published for: not assessed",
            [LACK_RELEASE] = "of a system whose release is not said or has no advisories: not assessed",
        };
        CLEANUP(buf_done) struct buf names = {0};
        char name[120], version[60];
        size_t n = 0;

        for (size_t i = 0; i < r->drafts.len; i++) {
                const struct listing *draft = r->drafts.at[i];
                if (draft->lack != lack || n++ >= NAMES_SHOWN)
                        continue;
                span_printable(draft->c.name, name, sizeof(name));
                span_printable(draft->c.version, version, sizeof(version));
                buf_printf(&names, "%s%s%s%s", n > 1 ? ", " : "", name, version[0] ? " " : "", version);
        }
        if (n > NAMES_SHOWN)
                buf_printf(&names, " and %zu more", n - NAMES_SHOWN);
        if (n > 0)
                sbom_note(r->d, NULL, "%zu component%s %s: %.*s", n, n == 1 ? "" : "s", texts[lack],
                    SPAN_FMT(buf_span(&names)));
}

static void put_notes(struct resolving *r)
{
        struct sbom_document *d = r->d;
        struct inventory *v = r->v;

        for (enum lack lack = LACK_PURL; lack < LACKS; lack++)
                note_lack(r, lack);
        if (r->n_debs >= DEBS_TO_JUDGE && r->n_debs_with_source == 0)
                sbom_note(d, NULL,
                    "none of its %zu Debian packages says which source package it was built from, and "
                    "advisories speak of those: what is found is not all",
                    r->n_debs);
        if (r->n_left_out > 0)
                sbom_note(d, NULL, "more than %u components: %zu more are not listed", INVENTORY_COMPONENTS_MAX,
                    r->n_left_out);
        if (v->n_components == 0)
                sbom_note(d, NULL, "it lists no component that could be assessed");
        v->complete = d->notes.len == 0;
        if (d->notes.left_out > 0)
                *ARENA_PUSH(v->arena, &d->notes) = arena_printf(v->arena, "and %zu more notes", d->notes.left_out);
        v->notes = d->notes.at;
        v->n_notes = d->notes.len;
}

void sbom_resolve(struct sbom_document *d, struct inventory *v)
{
        struct resolving r = {.d = d, .v = v};

        find_system(&r);
        for (struct sbom_entry *entry = d->first; entry; entry = entry->next)
                if (!entry->service && (!entry->holder || entry->purls.len > 0))
                        sbom_identify(&r, entry);
        put_system(&r);
        put_components(&r);
        put_notes(&r);
}
