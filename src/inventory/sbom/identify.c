/* What an entry is: the parts of a component that its package URL, its properties and the document's system say. */
#include "inventory/os/rpm_priv.h"
#include "inventory/os/system_priv.h"
#include "inventory/sbom/resolve_priv.h"

/* ---- words for people ---- */

static struct span optional(struct span text, size_t max)
{
        return text_is_clean(text, max) ? text : (struct span){0};
}

/* A licence may be a whole text: its first line, if that is short enough to be a name. */
static struct span licence_of(struct span text)
{
        struct span line, rest;

        span_split(span_trim(text), '\n', &line, &rest);
        return optional(span_trim(line), INVENTORY_LICENCE_MAX);
}

/* As an inventory has paths: relative to the root. */
static struct span path_of(const struct resolving *r, const struct sbom_entry *entry)
{
        struct span path = entry->path;

        while (span_starts(path, "/") || span_starts(path, "./"))
                path = span_from(path, path.at[0] == '/' ? 1 : 2);
        path = optional(path, INVENTORY_PLACE_MAX);
        return path.len > 0 ? path : path_name(r->d->file);
}

/* ---- the parts of a component ---- */

/* "1:2.3-4": the epoch stands in the version or, as rpm's purls and Trivy's of Debian have it, beside it. */
static struct span version_of(const struct resolving *r, const struct sbom_entry *entry, const struct purl *p)
{
        struct span version = p->version.len > 0 ? p->version : entry->version;
        struct span epoch = span_trim(sbom_qualifier(p, "epoch"));
        uint64_t number;
        size_t at;

        if ((strcmp(p->type, "rpm") != 0 && strcmp(p->type, "deb") != 0) || !span_to_u64(epoch, &number) ||
            number == 0 || version.len == 0 || span_find(version, ':', &at))
                return version;
        return arena_printf(r->d->arena, "%llu:%.*s", (unsigned long long)number, SPAN_FMT(version));
}

/* Trivy's parts of a source's version. */
static struct span source_version_of(const struct resolving *r, const struct sbom_entry *entry)
{
        CLEANUP(buf_done) struct buf b = {0};
        uint64_t epoch;

        if (span_to_u64(entry->source_epoch, &epoch) && epoch > 0)
                buf_printf(&b, "%llu:", (unsigned long long)epoch);
        buf_put(&b, entry->source_version);
        if (entry->source_version.len > 0 && entry->source_release.len > 0) {
                buf_put_u8(&b, '-');
                buf_put(&b, entry->source_release);
        }
        return entry->source_version.len > 0 ? arena_copy(r->d->arena, buf_span(&b)) : (struct span){0};
}

/* "openssl@3.0.11-1" of a purl; of rpm's the name of the source's file. */
static void source_of_purl(const struct resolving *r, const struct purl *p, struct component *c)
{
        static const char *const keys[] = {"upstream", "source", "origin", "sourcerpm"};
        char evr[RPM_EVR_SIZE];
        struct span text = {0};
        struct package source = {0};
        size_t at;

        for (size_t i = 0; i < ARRAY_LEN(keys) && text.len == 0; i++)
                text = span_trim(sbom_qualifier(p, keys[i]));
        if (text.len == 0)
                return;
        if (strcmp(p->type, "rpm") == 0) {
                uint64_t epoch = 0;
                struct span head, rest;
                if (span_split(c->version, ':', &head, &rest))
                        span_to_u64(head, &epoch);
                if (rpm_source(&source, text, epoch, evr)) {
                        c->source_name = source.source_name;
                        c->source_version = arena_copy(r->d->arena, source.source_version);
                } else if (!span_ends(text, ".rpm")) {
                        c->source_name = text;
                }
                return;
        }
        c->source_name = text;
        c->source_version = sbom_qualifier(p, "sourceversion");
        for (size_t i = text.len; i > 1 && c->source_version.len == 0; i--)
                if (text.at[i - 1] == '@') {
                        c->source_name = span_cut(text, 0, i - 1);
                        c->source_version = span_from(text, i);
                }
        if (c->source_version.len == 0 && span_find(text, '@', &at) && at > 0)
                c->source_name = span_cut(text, 0, at);
}

static void source_of(struct resolving *r, const struct sbom_entry *entry, const struct purl *p, struct component *c)
{
        bool deb = strcmp(p->type, "deb") == 0;

        if (entry->source_name.len > 0) {
                c->source_name = entry->source_name;
                c->source_version = source_version_of(r, entry);
        } else {
                source_of_purl(r, p, c);
        }
        r->n_debs += deb;
        r->n_debs_with_source += deb && c->source_name.len > 0;
        /* Debian's and Alpine's own rule: a package that names no source has its own name. */
        if (c->source_name.len == 0 && (deb || strcmp(p->type, "apk") == 0))
                c->source_name = c->name;
        if (c->source_name.len > 0 && c->source_version.len == 0)
                c->source_version = c->version;
}

bool sbom_same_system(const struct os_release *a, const struct os_release *b)
{
        return span_equal(a->id, b->id) && span_equal(a->version_id, b->version_id) &&
               span_equal(a->version_codename, b->version_codename);
}

static void count_system(struct resolving *r, const struct os_release *os)
{
        size_t i = 0;

        while (i < r->n_systems && !sbom_same_system(&r->systems[i].os, os))
                i++;
        if (i == SYSTEMS_MAX)
                return;
        if (i == r->n_systems)
                r->systems[r->n_systems++].os = *os;
        r->systems[i].n++;
}

/*
 * Of the release that its own purl names; if it names none, of the document's system, if that has such packages; else of
 * the system that the namespace names, which some need no release for.
 */
static void ecosystem_of(struct resolving *r, const struct purl *p, struct listing *to)
{
        CLEANUP(buf_done) struct buf b = {.max = INVENTORY_ECOSYSTEM_MAX};
        const char *type = strcmp(p->type, "ebuild") == 0 ? "portage" : p->type;
        struct os_release os = {0};
        bool stated = sbom_is_distro_stated(p), known;

        to->of_system = true;
        r->n_system_packages++;
        known = sbom_distro(p, r->d->arena, &os);
        if (!stated && strcmp(type, "portage") == 0) /* whose namespace is a category */
                os.id = SPAN_LIT("gentoo");
        if (known && stated)
                count_system(r, &os);
        if (!stated && system_package_ecosystem(&r->os, type, &b)) {
                to->c.ecosystem = arena_copy(r->d->arena, buf_span(&b));
                return;
        }
        if (known && system_package_ecosystem(&os, type, &b))
                to->c.ecosystem = arena_copy(r->d->arena, buf_span(&b));
        else
                to->lack = LACK_RELEASE;
}

/* ---- a component ---- */

static bool texts_ok(struct resolving *r, const struct sbom_entry *entry, const struct component *c)
{
        const struct {
                const char *what;
                struct span text;
                size_t max;
        } texts[] = {
            {"name", c->name, INVENTORY_NAME_MAX},
            {"type", c->type, INVENTORY_TYPE_MAX},
            {"version", c->version, INVENTORY_VERSION_MAX},
            {"source package", c->source_name, INVENTORY_NAME_MAX},
            {"source version", c->source_version, INVENTORY_VERSION_MAX},
            {"architecture", c->arch, INVENTORY_ARCH_MAX},
            {"module", c->module, INVENTORY_NAME_MAX},
            {"package URL", c->purl, INVENTORY_PURL_MAX},
        };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (!text_is_clean(texts[i].text, texts[i].max)) {
                        sbom_note(r->d, entry, "its %s is longer than %zu bytes or not clean text: not listed",
                            texts[i].what, texts[i].max);
                        return false;
                }
        return true;
}

static void add(struct resolving *r, struct sbom_entry *entry, struct listing *draft)
{
        struct component *c = &draft->c;

        c->licence = licence_of(entry->licence);
        c->licence_source = c->licence.len > 0 ? LICENCE_SOURCE_DOCUMENT : LICENCE_SOURCE_NONE;
        c->vendor = optional(entry->vendor, INVENTORY_NAME_MAX);
        c->cpe = optional(entry->cpe, INVENTORY_NAME_MAX);
        c->path = path_of(r, entry);
        c->detector = span_of(r->d->detector);
        c->confidence = CONFIDENCE_MEDIUM; /* lists are often old or partial */
        c->state = COMPONENT_DECLARED;
        c->development = entry->development;
        if (!texts_ok(r, entry, c))
                return;
        if (r->drafts.len == INVENTORY_COMPONENTS_MAX) {
                r->n_left_out++;
                return;
        }
        draft->entry = entry;
        entry->of_system |= draft->of_system;
        struct listing *kept = arena_alloc(r->d->arena, sizeof(*kept));
        *kept = *draft;
        *ARENA_PUSH(r->d->arena, &r->drafts) = kept;
}

static struct span purl_text(const struct resolving *r, const struct purl *p)
{
        CLEANUP(buf_done) struct buf b = {.max = INVENTORY_PURL_MAX};

        purl_put(&b, p);
        return b.failed ? (struct span){0} : arena_copy(r->d->arena, buf_span(&b));
}

static void add_purl(struct resolving *r, struct sbom_entry *entry, const struct purl *p)
{
        const struct purl_osv osv = purl_osv(p, r->d->arena);
        struct listing draft = {.c = {.ecosystem = osv.ecosystem,
                                    .type = span_of(p->type),
                                    .name = osv.name,
                                    .version = version_of(r, entry, p),
                                    .arch = sbom_qualifier(p, "arch"),
                                    .module = entry->module.len > 0 ? entry->module : sbom_qualifier(p, "rpmmod"),
                                    .purl = purl_text(r, p)}};

        if (osv.of_system) {
                source_of(r, entry, p, &draft.c);
                ecosystem_of(r, p, &draft);
        } else if (osv.ecosystem.len == 0) {
                draft.lack = LACK_ADVISORIES;
        }
        add(r, entry, &draft);
}

/* Whatever it is, it is listed: under a name of purl's type for what has no other. */
static void add_unidentified(struct resolving *r, struct sbom_entry *entry)
{
        struct purl p = {.type = "generic", .namespace = entry->group, .name = entry->name, .version = entry->version};
        struct listing draft = {.c = {.type = span_of("generic"), .version = entry->version},
            .lack = entry->cpe.len > 0 ? LACK_PURL_NOT_CPE : LACK_PURL};

        if (entry->name.len == 0) {
                sbom_note(r->d, entry, "it has neither a name nor a package URL that can be read: not listed");
                return;
        }
        draft.c.name = entry->group.len > 0
                           ? arena_printf(r->d->arena, "%.*s/%.*s", SPAN_FMT(entry->group), SPAN_FMT(entry->name))
                           : entry->name;
        draft.c.purl = purl_text(r, &p);
        add(r, entry, &draft);
}

void sbom_identify(struct resolving *r, struct sbom_entry *entry)
{
        struct err why = {0};
        bool whole = entry->subject || span_is(entry->type, "operating-system");
        char shown[200];
        struct purl p;
        size_t n = 0;

        for (size_t i = 0; i < entry->purls.len; i++) {
                if (!purl_parse(entry->purls.at[i], r->d->arena, false, &p, &why)) {
                        sbom_note(r->d, entry, "its package URL \"%s\" can't be read: %s",
                            span_printable(entry->purls.at[i], shown, sizeof(shown)), why.text);
                        continue;
                }
                n++;
                /* What the document is about, and a system, is listed if advisories may speak of it. */
                const struct purl_osv osv = purl_osv(&p, r->d->arena);
                if (!whole || osv.of_system || osv.ecosystem.len > 0)
                        add_purl(r, entry, &p);
        }
        if (entry->too_many_purls)
                sbom_note(r->d, entry, "more than %u package URLs: the others were not assessed", SBOM_PURLS_MAX);
        /* Files that a tool lists beside packages have no version; a container that holds the others has none either. */
        bool file = span_is(entry->type, "file") && entry->version.len == 0 && entry->cpe.len == 0;
        if (n == 0 && !whole && !file)
                add_unidentified(r, entry);
}
