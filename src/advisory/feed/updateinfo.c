/*
 * updateinfo.xml of rpm repositories: Amazon Linux, AlmaLinux, Rocky Linux, Oracle Linux, Fedora, openSUSE, SUSE, Bottlerocket.
 *
 * An update that mends vulnerabilities becomes a record of its own id: each package is affected below the version given. The
 * file says of which release it is in a place of each publisher's own: see updateinfo_system.c. Left out: updates of other types
 * that name no CVE, and debug packages.
 */
#include "advisory/feed/csaf_priv.h"
#include "advisory/feed/updateinfo_priv.h"
#include "codec/codec.h"

#define PACKAGES_MAX FEED_AFFECTED_MAX /* of one update, on all architectures; seen: 1,900 */
#define STRANGERS_MAX 64u              /* systems that nobody asks for, each told once */

struct package {
        struct span name, epoch, version, release, arch, source, module;
        size_t collection;
        /* found out at the update's end */
        struct span ecosystem, evr, introduced;
};

struct collection {
        struct span short_name, name, module;
};

/* Packages of a system that is none of ours. */
struct stranger {
        char name[80];
        uint64_t updates;
};

struct reading {
        struct feed_out *out;
        struct arena *arena; /* of one update */
        struct err *e;
        bool gone; /* nothing can be handed on */
        bool in_update, in_collection, security, withdrawn, overfull, modular;
        uint64_t number; /* of the update in its document */
        struct span id, title, summary, severity, release, reference, updated, issued;
        bool self;
        struct {
                struct span *at;
                size_t len, cap;
        } aliases;
        struct {
                struct collection *at;
                size_t len, cap;
        } collections;
        struct {
                struct package *at;
                size_t len, cap;
        } packages;
        struct stranger strangers[STRANGERS_MAX];
        size_t n_strangers;
};

/* ---- what stands in an update ---- */

static struct span taken(struct reading *r, struct span s)
{
        return arena_copy(r->arena, span_trim(s));
}

static struct span attribute(struct reading *r, const struct xml_element *e, const char *name)
{
        return taken(r, xml_attribute(e, name));
}

static void update_open(struct reading *r, const struct xml_element *e)
{
        arena_reset(r->arena);
        r->in_update = true;
        r->in_collection = r->overfull = r->self = r->modular = false;
        r->number++;
        r->security = span_is(xml_attribute(e, "type"), "security");
        r->withdrawn = span_is(xml_attribute(e, "status"), "retracted"); /* openSUSE's word */
        r->id = r->title = r->summary = r->severity = r->release = r->reference = r->updated = r->issued =
            (struct span){0};
        memset(&r->aliases, 0, sizeof(r->aliases));
        memset(&r->collections, 0, sizeof(r->collections));
        memset(&r->packages, 0, sizeof(r->packages));
}

static void alias_add(struct reading *r, struct span id)
{
        if (!feed_is_name(id, FEED_ID_MAX) || r->aliases.len >= FEED_ALIASES_MAX)
                return;
        for (size_t i = 0; i < r->aliases.len; i++)
                if (span_equal(r->aliases.at[i], id))
                        return;
        *ARENA_PUSH(r->arena, &r->aliases) = arena_copy(r->arena, id);
}

/* Fedora names CVEs in the titles of its bugs alone: "CVE-2024-24989 nginx: NULL pointer dereference". */
static void aliases_of_title(struct reading *r, struct span title)
{
        struct span word;

        while (title.len > 0) {
                span_split(title, ' ', &word, &title);
                while (word.len > 0 && word.at[0] != 'C') /* "(CVE-2024-1)", "CVE-2024-1:" */
                        word = span_from(word, 1);
                while (word.len > 0 && (word.at[word.len - 1] < '0' || word.at[word.len - 1] > '9'))
                        word.len--;
                if (feed_is_cve(word))
                        alias_add(r, word);
        }
}

static void reference_open(struct reading *r, const struct xml_element *e)
{
        struct span type = xml_attribute(e, "type"), id = span_trim(xml_attribute(e, "id"));
        struct span href = xml_attribute(e, "href");

        if (span_is(type, "cve") && !feed_is_cve(id))
                aliases_of_title(r, xml_attribute(e, "title"));
        if (feed_is_cve(id) || span_starts(id, "GHSA-"))
                alias_add(r, id);
        if (span_is(type, "bugzilla"))
                aliases_of_title(r, xml_attribute(e, "title"));
        if (!r->self && href.len > 0 && href.len <= FEED_URL_MAX && (r->reference.len == 0 || span_is(type, "self"))) {
                r->reference = arena_copy(r->arena, href);
                r->self = span_is(type, "self");
        }
}

static void package_open(struct reading *r, const struct xml_element *e)
{
        struct package *p;

        if (!r->in_collection)
                return;
        if (r->packages.len == PACKAGES_MAX) {
                r->overfull = true;
                return;
        }
        p = ARENA_PUSH(r->arena, &r->packages);
        *p = (struct package){.name = attribute(r, e, "name"),
            .epoch = attribute(r, e, "epoch"),
            .version = attribute(r, e, "version"),
            .release = attribute(r, e, "release"),
            .arch = attribute(r, e, "arch"),
            .source = attribute(r, e, "src"),
            .collection = r->collections.len - 1};
}

static void module_open(struct reading *r, const struct xml_element *e)
{
        struct span name = xml_attribute(e, "name"), stream = xml_attribute(e, "stream");

        if (!r->in_collection || name.len == 0 || stream.len == 0)
                return;
        r->collections.at[r->collections.len - 1].module =
            arena_printf(r->arena, "%.*s:%.*s", SPAN_FMT(name), SPAN_FMT(stream));
        r->modular = true;
}

static void on_open(void *ctx, const struct xml_element *e)
{
        struct reading *r = ctx;

        if (r->gone)
                return;
        if (span_is(e->name, "update")) {
                update_open(r, e);
        } else if (!r->in_update) {
                return;
        } else if (span_is(e->name, "package")) {
                package_open(r, e);
        } else if (span_is(e->name, "reference")) {
                reference_open(r, e);
        } else if (span_is(e->name, "collection")) {
                *ARENA_PUSH(r->arena, &r->collections) = (struct collection){.short_name = attribute(r, e, "short")};
                r->in_collection = true;
        } else if (span_is(e->name, "module")) {
                module_open(r, e);
        } else if (span_is(e->name, "updated")) {
                r->updated = attribute(r, e, "date");
        } else if (span_is(e->name, "issued")) {
                r->issued = attribute(r, e, "date");
        }
}

/* ---- what comes of it ---- */

static struct span place_of(const struct reading *r)
{
        return r->id.len > 0 ? r->id : arena_printf(r->arena, "update %llu", (unsigned long long)r->number);
}

static void refuse(struct reading *r, struct span place, const struct err *why)
{
        if (!feed_refuse(r->out, place, why, r->e))
                r->gone = true;
}

/* Told at the end of the document, once for each system and not for each of its thousand updates. */
static void stranger_note(struct reading *r, struct span name)
{
        char text[sizeof(r->strangers[0].name)];
        size_t i = 0;

        span_printable(span_cut(name, 0, sizeof(text) - 1), text, sizeof(text));
        while (i < r->n_strangers && strcmp(r->strangers[i].name, text) != 0)
                i++;
        if (i == STRANGERS_MAX)
                return;
        if (i == r->n_strangers)
                memcpy(r->strangers[r->n_strangers++].name, text, sizeof(text));
        r->strangers[i].updates++;
}

static bool package_refuse(struct reading *r, const struct package *p, const char *what)
{
        struct err why = {0};

        err_set(&why, ERR_MALFORMED, "%s", what);
        refuse(r, arena_printf(r->arena, "%.*s: %.*s", SPAN_FMT(place_of(r)), SPAN_FMT(p->name)), &why);
        return false;
}

/* "name-version-release.src.rpm": what distributions that speak of sources are asked by. */
static bool source_take(struct reading *r, struct package *p)
{
        struct span s = p->source, evr;
        size_t slash;

        if (span_is(p->arch, "src") || span_is(p->arch, "nosrc"))
                return true; /* is one */
        while (span_find(s, '/', &slash))
                s = span_from(s, slash + 1);
        if (!feed_source_rpm(s, &p->name, &evr))
                return package_refuse(r, p,
                    "this system's packages are told apart by their sources, and \"src\" does not end in "
                    "-version-release.src.rpm");
        p->evr = evr;
        return true;
}

/* From its parts: "epoch:version-release", and where a line of versions begins. */
static bool versions_make(struct reading *r, struct package *p, const struct updateinfo_system *s)
{
        bool source = span_is(p->arch, "src") || span_is(p->arch, "nosrc");

        p->evr = arena_printf(r->arena, "%.*s-%.*s", SPAN_FMT(p->version), SPAN_FMT(p->release));
        if (feed_rpm_by_source(p->ecosystem) ? !source_take(r, p) : source)
                return false; /* a source package is never installed */
        if (s->line.len > 0 && updateinfo_is_of_line(p->version, s->line))
                p->introduced = s->line;
        if (p->epoch.len > 0 && !span_is(p->epoch, "0")) {
                p->evr = arena_printf(r->arena, "%.*s:%.*s", SPAN_FMT(p->epoch), SPAN_FMT(p->evr));
                if (p->introduced.len > 0)
                        p->introduced =
                            arena_printf(r->arena, "%.*s:%.*s", SPAN_FMT(p->epoch), SPAN_FMT(p->introduced));
        }
        return !span_starts(p->ecosystem, "Oracle Linux:") ||
               feed_oracle_from(p->name, p->evr, r->arena, &p->introduced);
}

/* Fills what is found out; false: it is left out, and a refusal said why if it has to be said. */
static bool package_resolve(struct reading *r, struct package *p, const struct updateinfo_system *s)
{
        p->ecosystem = s->ecosystem;
        p->module = r->collections.at[p->collection].module;
        if (!feed_is_name(p->name, FEED_PACKAGE_MAX) ||
            (p->module.len > 0 && !feed_is_name(p->module, FEED_MODULE_MAX)))
                return package_refuse(r, p, "a package's name was expected");
        if (p->version.len == 0 || p->release.len == 0)
                return package_refuse(r, p, "it has no version and release");
        return !feed_is_debug_package(p->name) && versions_make(r, p, s);
}

static int group_order(const struct package *a, const struct package *b)
{
        int by = span_compare(a->ecosystem, b->ecosystem);

        if (by == 0)
                by = span_compare(a->name, b->name);
        if (by == 0)
                by = span_compare(a->module, b->module);
        return by ? by : span_compare(a->introduced, b->introduced);
}

static int package_order(const void *pa, const void *pb)
{
        const struct package *a = pa, *b = pb;
        int by = group_order(a, b);

        return by ? by : span_compare(a->evr, b->evr);
}

/* All packages of the update, resolved and in order, as entries: one for each name. */
static void affected_make(struct reading *r, size_t n, struct feed_record *to)
{
        struct package *at = r->packages.at;

        if (n > 1)
                qsort(at, n, sizeof(*at), package_order);
        to->affected = arena_array(r->arena, n, sizeof(*to->affected));
        for (size_t i = 0, end; i < n; i = end) {
                struct feed_affected *f = &to->affected[to->n_affected++];
                struct span *fixes;
                size_t n_fixes = 0;

                for (end = i + 1; end < n && group_order(&at[i], &at[end]) == 0;)
                        end++;
                fixes = arena_array(r->arena, end - i, sizeof(*fixes));
                for (size_t k = i; k < end; k++)
                        if (n_fixes == 0 || !span_equal(fixes[n_fixes - 1], at[k].evr))
                                fixes[n_fixes++] = at[k].evr;
                *f = (struct feed_affected){.ecosystem = at[i].ecosystem,
                    .package = at[i].name,
                    .module = at[i].module,
                    .status = ADVISORY_STATUS_FIXED};
                if (at[i].introduced.len == 0)
                        csaf_fixes(r->arena, fixes, n_fixes, f);
                else
                        feed_affected_fixed(r->arena, at[i].introduced, fixes[n_fixes - 1], f);
        }
}

/* False: no update for a system of ours. */
static bool packages_take(struct reading *r, size_t *ret_n)
{
        struct updateinfo_system *systems = arena_array(r->arena, r->collections.len, sizeof(*systems));
        size_t n = 0, known = 0;

        for (size_t i = 0; i < r->collections.len; i++) {
                const struct collection *c = &r->collections.at[i];
                const struct updateinfo_names names = {c->name, c->short_name, r->release, r->reference};

                if (updateinfo_system_find(&names, r->arena, &systems[i]))
                        known++;
                else
                        stranger_note(r, r->release.len > 1 ? r->release : c->name.len > 0 ? c->name : c->short_name);
        }
        for (size_t i = 0; i < r->packages.len && !r->gone; i++) {
                struct package p = r->packages.at[i];
                const struct updateinfo_system *s = &systems[p.collection];

                if (s->ecosystem.len > 0 && package_resolve(r, &p, s))
                        r->packages.at[n++] = p;
        }
        *ret_n = n;
        return known > 0;
}

/* The publisher's own id; of another's ("GHSA-...": Bottlerocket) or a bare number (openSUSE) with the system before it. */
static struct span id_of(struct reading *r, struct span ecosystem)
{
        struct span name, rest;
        uint8_t first = r->id.at[0] | 0x20;

        if (first >= 'a' && first <= 'z' && !span_starts(r->id, "CVE-") && !span_starts(r->id, "GHSA-"))
                return r->id;
        span_split(ecosystem, ':', &name, &rest);
        span_split(name, ' ', &name, &rest);
        return arena_printf(r->arena, "%.*s-%.*s", SPAN_FMT(name), SPAN_FMT(r->id));
}

static void update_put(struct reading *r)
{
        struct feed_record record = {.part = true, .withdrawn = r->withdrawn};
        struct err why = {0};
        size_t n;

        if (!r->security && r->aliases.len == 0)
                return;
        if (!packages_take(r, &n) || r->gone || n == 0)
                return;
        record.id = id_of(r, r->packages.at[0].ecosystem);
        if (!feed_is_name(record.id, FEED_ID_MAX)) {
                err_set(&why, ERR_MALFORMED, "an id of at most %u printable bytes is needed", FEED_ID_MAX);
                refuse(r, place_of(r), &why);
                return;
        }
        feed_severity_word(&record.severity, r->severity);
        record.summary = feed_headline(r->title.len > 0 ? r->title : r->summary);
        record.reference = r->reference;
        record.aliases = r->aliases.at;
        record.n_aliases = r->aliases.len;
        feed_date(r->issued, &record.published_s);
        if (!feed_date(r->updated, &record.modified_s))
                record.modified_s = record.published_s;
        affected_make(r, n, &record);
        if (!r->modular) /* Rocky Linux names its modules in the title alone */
                osv_modules_apply(r->arena, record.summary, &record);
        if (!feed_put(r->out, &record, r->id, r->e))
                r->gone = true;
}

static void update_close(struct reading *r)
{
        struct err why = {0};

        r->in_update = false;
        if (r->id.len == 0) {
                err_set(&why, ERR_MALFORMED, "it has no id");
                refuse(r, place_of(r), &why);
        } else if (r->overfull) {
                err_set(&why, ERR_LIMIT, "more than %u packages", PACKAGES_MAX);
                refuse(r, place_of(r), &why);
        } else {
                update_put(r);
        }
}

static void on_close(void *ctx, struct span name, struct span text)
{
        struct reading *r = ctx;

        if (r->gone || !r->in_update)
                return;
        if (span_is(name, "update"))
                update_close(r);
        else if (span_is(name, "collection"))
                r->in_collection = false;
        else if (span_is(name, "name") && r->in_collection)
                r->collections.at[r->collections.len - 1].name = taken(r, text);
        else if (span_is(name, "id") && r->id.len == 0)
                r->id = taken(r, text);
        else if (span_is(name, "title") && r->title.len == 0)
                r->title = taken(r, text);
        else if (span_is(name, "summary"))
                r->summary = taken(r, text);
        else if (span_is(name, "severity"))
                r->severity = taken(r, text);
        else if (span_is(name, "release"))
                r->release = taken(r, text);
}

static void strangers_refuse(struct reading *r)
{
        for (size_t i = 0; i < r->n_strangers && !r->gone; i++) {
                struct err why = {0};

                err_set(&why, ERR_UNSUPPORTED, "%llu updates are of no system that is known here",
                    (unsigned long long)r->strangers[i].updates);
                refuse(
                    r, span_of(r->strangers[i].name[0] ? r->strangers[i].name : "a collection without a name"), &why);
        }
}

static bool updateinfo_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct arena *scratch CLEANUP(arena_freep) = arena_new();
        struct reading *r = arena_alloc(a, sizeof(*r));
        struct err why = {0};
        bool ok;

        *r = (struct reading){.out = o, .arena = scratch, .e = e};
        ok = xml_read_spaces(document, &(struct xml_reader){on_open, on_close, r}, &why);
        if (!r->gone)
                strangers_refuse(r);
        if (r->gone)
                return false;
        if (!ok && e)
                *e = why;
        return ok;
}

static bool updateinfo_is(struct span head)
{
        return feed_xml_is(head, "updates");
}

const struct feed_form feed_updateinfo = {.name = "updateinfo", .is = updateinfo_is, .read = updateinfo_read};
