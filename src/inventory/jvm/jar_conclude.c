/* All that an archive says -> its own component, and those that were put into it. */
#include "inventory/jvm/jar_priv.h"
#include "inventory/lang/lang_priv.h"
#include "inventory/os/words_priv.h"

struct identity {
        struct span group, artifact, version;
        enum component_confidence confidence;
};

struct names {
        struct span base, version; /* of the file */
        struct span stated;        /* the manifest's version */
};

/* "8.8.1 5d2bf23 - user - 2021": its first word. */
static struct span first_word(struct span s)
{
        struct span word, rest;

        span_split(s, ' ', &word, &rest);
        return jar_version_ok(word) ? word : (struct span){0};
}

/* Derby's bundles write the third number of 10.14.2.0 as 2 * 1,000,000 + 0, and its fourth is the revision. */
static struct span derby_version(struct span s, struct arena *a)
{
        struct span major, minor, packed;
        uint64_t n;

        span_split(s, '.', &major, &s);
        span_split(s, '.', &minor, &s);
        span_split(s, '.', &packed, &s);
        if (!span_to_u64(packed, &n) || n < 1000000 || n >= 1000000000)
                return (struct span){0};
        s = arena_printf(
            a, "%.*s.%.*s.%u.%u", SPAN_FMT(major), SPAN_FMT(minor), (unsigned)(n / 1000000), (unsigned)(n % 1000000));
        return jar_version_ok(s) ? s : (struct span){0};
}

static struct span bundle_version(const struct jar_evidence *v)
{
        struct span s = v->manifest.bundle_version, derby = {0};

        if (span_is(v->manifest.symbolic_name, "derby"))
                derby = derby_version(s, v->arena);
        if (derby.len > 0)
                return derby;
        if (span_ends(s, ".qualifier"))
                s = span_cut(s, 0, s.len - strlen(".qualifier"));
        return first_word(s);
}

static struct names names_of(const struct jar_evidence *v)
{
        const struct jar_manifest *m = &v->manifest;
        struct names n = {.stated = first_word(m->version)};

        if (n.stated.len == 0)
                n.stated = bundle_version(v);
        jar_file_split(v->file, n.stated, &n.base, &n.version);
        for (size_t i = 0; i < v->poms.len; i++)
                if (span_equal(
                        v->poms.at[i].artifact, jar_file_stem(v->file))) { /* a number may be a part of the name */
                        n.base = jar_file_stem(v->file);
                        n.version = (struct span){0};
                }
        if (!jar_version_ok(n.version) || (jar_version_vague(n.version) && n.stated.len > 0))
                n.version = (struct span){0};
        return n;
}

static struct span version_of(const struct names *n)
{
        return n->version.len > 0 ? n->version : n->stated;
}

/* ---- which of Maven's artifacts is the archive itself ---- */

static bool begins_with(struct span s, struct span beginning)
{
        return s.len >= beginning.len && span_equal(span_cut(s, 0, beginning.len), beginning);
}

/* "G.A" or "G-A" */
static bool is_joined(struct span s, const struct jar_pom *p)
{
        return s.len == p->group.len + 1 + p->artifact.len && begins_with(s, p->group) &&
               span_equal(span_from(s, p->group.len + 1), p->artifact);
}

/* "eclipse-osgi" and "org.eclipse.osgi": the file's name is the bundle's, or its last parts. */
static bool ends_loosely(struct span name, struct span base)
{
        unsigned tails = 0;

        for (size_t i = name.len; i > 0 && tails < JAR_TAILS_MAX; i--) {
                if (i > 1 && name.at[i - 2] != '.')
                        continue;
                if (jar_same_loosely(span_from(name, i - 1), base))
                        return true;
                tails++;
        }
        return false;
}

/* "31.1-jre" as OSGi writes it: "31.1.0.jre". */
static bool is_bundled_as(struct span maven, struct span bundle)
{
        struct span number;
        unsigned n = 0;

        for (; n < 3 && maven.len > 0 && maven.at[0] >= '0' && maven.at[0] <= '9'; n++) {
                size_t digits = 0;
                while (digits < maven.len && maven.at[digits] >= '0' && maven.at[digits] <= '9')
                        digits++;
                span_split(bundle, '.', &number, &bundle);
                if (!span_equal(number, span_cut(maven, 0, digits)))
                        return false;
                maven = span_from(maven, digits);
                if (maven.len > 0 && (maven.at[0] == '.' || maven.at[0] == '-'))
                        maven = span_from(maven, 1);
        }
        for (; n > 0 && n < 3; n++) {
                span_split(bundle, '.', &number, &bundle);
                if (!span_is(number, "0"))
                        return false;
        }
        return n == 3 && span_equal(maven, bundle);
}

/* How well it fits the archive's name and headers; 0: not at all. */
static unsigned fit(const struct jar_evidence *v, const struct names *n, const struct jar_pom *p)
{
        const struct jar_manifest *m = &v->manifest;
        bool other_version = n->version.len > 0 && !span_equal(n->version, p->version);

        if (span_equal(n->base, p->artifact))
                return other_version ? 80 : 100;
        if (begins_with(v->file, p->artifact) && v->file.len > p->artifact.len && v->file.at[p->artifact.len] == '-' &&
            begins_with(span_from(v->file, p->artifact.len + 1), p->version) && p->version.len > 0)
                return 90;
        if (is_joined(n->base, p) || is_joined(m->symbolic_name, p))
                return 70;
        if (jar_same_loosely(n->base, p->artifact))
                return 60;
        if (other_version)
                return 0;
        if (ends_loosely(m->symbolic_name, p->artifact) || jar_same_loosely(m->title, p->artifact))
                return 50;
        if (ends_loosely(p->artifact, n->base)) /* "sisu-plexus.jar" of org.eclipse.sisu.plexus */
                return 45;
        if (begins_with(n->base, p->artifact) && n->base.at[p->artifact.len] == '-')
                return 40;
        if (v->poms.len == 1 && n->base.len > p->artifact.len + 1 && /* "mustache-compiler" is ...mustache:compiler */
            span_equal(span_from(n->base, n->base.len - p->artifact.len), p->artifact) &&
            n->base.at[n->base.len - p->artifact.len - 1] == '-')
                return 30;
        return 0;
}

/* The first `n` parts of "a.b.c"; fewer when it has no more. */
static struct span parts(struct span name, size_t n)
{
        for (size_t i = 0; i < name.len; i++)
                if (name.at[i] == '.' && --n == 0)
                        return span_cut(name, 0, i);
        return name;
}

static size_t n_parts(struct span name)
{
        size_t n = name.len > 0;

        for (size_t i = 0; i < name.len; i++)
                n += name.at[i] == '.';
        return n;
}

static bool is_reversed_host(struct span s)
{
        return printable_word(s, "/\\:;,\"'@ ") && n_parts(s) >= 2 && s.at[0] != '.' && s.at[s.len - 1] != '.' &&
               s.at[0] >= 'a' && s.at[0] <= 'z';
}

static struct span group_of_package(struct span package, struct arena *a)
{
        struct span dotted = arena_printf(a, "%.*s.", SPAN_FMT(package)), known;
        size_t n = jar_group_parts(dotted);

        if (jar_known_package(package, &known))
                return known;
        return n_parts(package) < n ? (struct span){0} : parts(package, n);
}

/* Where most class files lie, as a package of up to three parts. */
static struct span class_package(const struct jar_evidence *v)
{
        const struct jar_folder *most = NULL;
        uint8_t *to;

        for (size_t i = 0; i < v->n_folders; i++)
                if (!most || v->folders[i].n > most->n)
                        most = &v->folders[i];
        if (!most)
                return (struct span){0};
        to = arena_alloc(v->arena, most->name.len);
        for (size_t i = 0; i < most->name.len; i++)
                to[i] = most->name.at[i] == '/' ? '.' : most->name.at[i];
        return (struct span){to, most->name.len};
}

/* A file's name that says nothing: "app.jar" of a container. */
static bool is_bare(struct span base)
{
        static const char *const words[] = {"app", "application", "main", "service", "server", "run", "root", "boot",
            "jar", "classes", "target", "program", "demo", "web"};

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (base.len == strlen(words[i]) && strncasecmp((const char *)base.at, words[i], base.len) == 0)
                        return true;
        return false;
}

/* Most of its classes are of another group: "kafka-clients.jar" with the files of commons-net, which it has taken in. */
static bool is_taken_in(const struct jar_evidence *v, const struct jar_pom *p)
{
        struct span most = group_of_package(class_package(v), v->arena), own = group_of_package(p->group, v->arena);

        return most.len > 0 && !span_equal(most, own.len > 0 ? own : p->group);
}

/* Nothing says that it is another one: then an archive with one artifact's files is that artifact. */
static bool unopposed(const struct jar_evidence *v, const struct names *n, const struct jar_pom *p)
{
        const struct jar_manifest *m = &v->manifest;
        bool named = m->title.len > 0 || m->symbolic_name.len > 0;

        if (v->poms.len != 1)
                return false;
        if (n->version.len > 0 && !span_equal(n->version, p->version))
                return false;
        if (!is_bare(n->base) && is_taken_in(v, p))
                return false;
        return !named || n->stated.len == 0 || begins_with(n->stated, p->version) ||
               begins_with(p->version, n->stated) || is_bundled_as(p->version, n->stated);
}

static const struct jar_pom *own_pom(const struct jar_evidence *v, const struct names *n)
{
        const struct jar_pom *best = NULL;
        unsigned best_fit = 0;

        for (size_t i = 0; i < v->poms.len; i++) {
                const struct jar_pom *p = &v->poms.at[i];
                unsigned by = fit(v, n, p);
                if (by > best_fit || (by > 0 && by == best_fit && best && p->artifact.len > best->artifact.len)) {
                        best_fit = by;
                        best = p;
                }
        }
        if (!best && v->poms.len == 1 && unopposed(v, n, &v->poms.at[0]))
                best = &v->poms.at[0];
        return best;
}

/* ---- without Maven's files ---- */

/* A bundle's or module's name, "org.mongodb.bson": the group stands before what sounds as the artifact. */
static struct span group_of_name(struct span name, struct span artifact, struct arena *a)
{
        size_t least;

        if (!is_reversed_host(name))
                return (struct span){0};
        /* "jakarta.ws.rs-api" of jakarta.ws.rs: the interfaces of Java EE */
        if ((span_starts(name, "javax.") || span_starts(name, "jakarta.")) && span_ends(name, "-api"))
                return span_cut(name, 0, name.len - strlen("-api"));
        if (span_equal(name, artifact) && n_parts(name) > 2) { /* "com.ibm.wala.core" is the artifact's name too */
                for (size_t i = name.len; i > 0; i--)
                        if (name.at[i - 1] == '.')
                                return span_cut(name, 0, i - 1);
        }
        least = parts(name, jar_group_parts(name)).len;
        for (size_t i = name.len - 1; i > least; i--)
                if (name.at[i] == '.' && jar_same_loosely(span_from(name, i + 1), artifact))
                        return span_cut(name, 0, i);
        return group_of_package(name, a);
}

static void guess_group(const struct jar_evidence *v, struct identity *id)
{
        const struct jar_manifest *m = &v->manifest;
        struct span vendor = m->vendor_id, dotted;

        if (id->group.len > 0)
                return;
        id->confidence = CONFIDENCE_MEDIUM;
        /* Oracle's own id stands in the archives of projects that it took over, whose groups stayed. */
        if (is_reversed_host(vendor) && !span_is(vendor, "com.oracle")) {
                dotted = arena_printf(v->arena, "%.*s.", SPAN_FMT(vendor));
                if (jar_group_parts(dotted) <= n_parts(vendor)) {
                        id->group = vendor;
                        return;
                }
        }
        id->group = group_of_name(m->symbolic_name, id->artifact, v->arena);
        if (id->group.len == 0)
                id->group = group_of_name(m->module, id->artifact, v->arena);
        if (id->group.len > 0)
                return;
        id->confidence = CONFIDENCE_LOW;
        id->group = group_of_package(class_package(v), v->arena);
        if (!is_reversed_host(id->group))
                id->group = (struct span){0};
}

/* Jenkins' plug-ins, and titles as "G:A" (some builds) and "G#A;V" (Ivy). */
static bool stated_coordinates(const struct jar_evidence *v, struct identity *id)
{
        const struct jar_manifest *m = &v->manifest;
        struct span group, artifact, rest;

        if (m->short_name.len > 0 && m->plugin_version.len > 0) {
                id->group = m->group_id.len > 0 ? m->group_id : SPAN_LIT("org.jenkins-ci.plugins");
                id->artifact = m->short_name;
                id->version = first_word(m->plugin_version);
                id->confidence = m->group_id.len > 0 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
                return package_name(id->artifact) && is_reversed_host(id->group);
        }
        if (!span_split(m->title, ':', &group, &artifact) && !span_split(m->title, '#', &group, &artifact))
                return false;
        span_split(artifact, ';', &artifact, &rest);
        if (!is_reversed_host(group) || !package_name(artifact) || memchr(artifact.at, ':', artifact.len))
                return false;
        id->group = group;
        id->artifact = artifact;
        id->confidence = CONFIDENCE_MEDIUM;
        return true;
}

/* "cats-core_2.13", "cats-core_3": the series of Scala for which it is built is a part of the artifact's name. */
static bool has_scala_series(struct span base)
{
        struct span name, series;

        if (!split_last(base, '_', &name, &series) || name.len == 0)
                return false;
        if (span_is(series, "3"))
                return true;
        if (!span_starts(series, "2.") || series.len < 3 || series.len > 4)
                return false;
        for (size_t i = 2; i < series.len; i++)
                if (series.at[i] < '0' || series.at[i] > '9')
                        return false;
        return true;
}

/* The spelling of a header that says the same: Debian's "tomcat9-api" is "tomcat-api". */
static struct span spelt(const struct jar_evidence *v, struct span base)
{
        struct span name = v->manifest.symbolic_name;

        if (has_scala_series(base))
                return base;
        if (package_name(v->manifest.title) && jar_same_loosely(v->manifest.title, base))
                return v->manifest.title.len == base.len ? base : v->manifest.title; /* "X" of x.jar is x */
        for (size_t i = 0; i < name.len; i++) {
                struct span tail = span_from(name, i);
                if ((i == 0 || name.at[i - 1] == '.') && !memchr(tail.at, '.', tail.len) &&
                    jar_same_loosely(tail, base))
                        return tail;
        }
        return base;
}

/* Debian writes a series into the name, "lucene3-core" of version 3.6.2: the name without it; else empty. */
static struct span without_series(struct span base, struct span version, struct arena *a)
{
        struct span first, rest, major, minor;

        if (!span_split(base, '-', &first, &rest) || !span_split(version, '.', &major, &minor) ||
            first.len < major.len + 3 || !span_equal(span_from(first, first.len - major.len), major))
                return (struct span){0};
        first = span_cut(first, 0, first.len - major.len);
        for (size_t i = 0; i < first.len; i++)
                if (first.at[i] >= '0' && first.at[i] <= '9')
                        return (struct span){0};
        return arena_printf(a, "%.*s-%.*s", SPAN_FMT(first), SPAN_FMT(rest));
}

static bool is_eclipse_bundle(const struct jar_evidence *v, const struct names *n, struct identity *id)
{
        struct span name = v->manifest.symbolic_name;
        bool known = jar_known_bundle(name, &id->group);
        struct span group, artifact;

        if (known && span_starts(name, "org.eclipse.persistence.") &&
            jar_known(n->base, id->version, &group, &artifact))
                return false; /* "eclipselink", whose artifact is not named after its bundle */
        if (!ends_loosely(name, n->base) || !(known || span_starts(n->base, "eclipse-")))
                return false;
        if (!known)
                id->group = group_of_package(name, v->arena);
        id->artifact = name;
        id->confidence = known ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
        return true;
}

/* "com.android.tools.build.gradle-core" that is no bundle: group and artifact, joined. */
static bool is_joined_name(const struct jar_manifest *m, struct span base, struct identity *id)
{
        if (m->symbolic_name.len > 0 || m->module.len > 0 || !is_reversed_host(base) || n_parts(base) < 3)
                return false;
        if (!span_starts(base, "com.") && !span_starts(base, "org.") && !span_starts(base, "net.") &&
            !span_starts(base, "io."))
                return false;
        id->group = parts(base, n_parts(base) - 1);
        id->artifact = span_from(base, id->group.len + 1);
        id->confidence = CONFIDENCE_LOW;
        return id->artifact.len > 0;
}

static bool identify(const struct jar_evidence *v, const struct names *n, struct identity *id)
{
        const struct jar_manifest *m = &v->manifest;
        bool stated = m->title.len + m->symbolic_name.len + m->module.len > 0;

        id->version = version_of(n);
        if (stated_coordinates(v, id))
                return true;
        if (v->quiet && (!stated || n->stated.len == 0))
                return false;
        if (v->poms.len > 0 && id->version.len == 0 && (is_bare(n->base) || v->n_folders == 0))
                return false;
        if (is_eclipse_bundle(v, n, id) || is_joined_name(m, n->base, id))
                return true;
        struct span plain = without_series(n->base, id->version, v->arena), base = plain.len > 0 ? plain : n->base;
        id->group = (struct span){0};
        if (jar_known(n->base, id->version, &id->group, &id->artifact) ||
            jar_known(base, id->version, &id->group, &id->artifact)) {
                id->confidence = stated && n->stated.len > 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
                return true;
        }
        id->artifact = spelt(v, base);
        if (jar_known(id->artifact, id->version, &id->group, &id->artifact)) {
                id->confidence = CONFIDENCE_MEDIUM;
                return true;
        }
        if (is_bare(n->base) && package_name(m->title))
                id->artifact = m->title;
        if (!package_name(id->artifact))
                return false;
        guess_group(v, id);
        if (id->group.len == 0 || (n->stated.len == 0 && !stated))
                id->confidence = CONFIDENCE_LOW;
        return true;
}

/* ---- components ---- */

static struct span bundle_licence(const struct jar_evidence *v, struct buf *room)
{
        struct span rest = v->manifest.bundle_license, one, words, more;

        while (rest.len > 0) {
                span_split(rest, ',', &one, &rest);
                span_split(one, ';', &words, &more); /* "address;description=..." */
                words = span_trim(words);
                if (words.len >= 2 && words.at[0] == '"')
                        words = span_cut(words, 1, words.len - 2);
                if (!span_starts(words, "<<EXTERNAL>>"))
                        licence_choice(room, jar_licence(words));
        }
        return room->failed ? (struct span){0} : buf_span(room);
}

static void add(
    const struct jar_evidence *v, struct findings *f, const struct identity *id, struct span licence, struct span place)
{
        struct package p = {.version = id->version, .licence = licence, .confidence = id->confidence};

        p.vendor = text_is_clean(v->manifest.vendor, INVENTORY_NAME_MAX) && place.len == 0 ? v->manifest.vendor
                                                                                           : (struct span){0};
        p.name = id->artifact;
        if (id->group.len > 0)
                p.name = arena_printf(v->arena, "%.*s:%.*s", SPAN_FMT(id->group), SPAN_FMT(id->artifact));
        p.inside = place.len > 0 ? place : v->inside;
        if (v->inside.len > 0 && place.len > 0)
                p.inside = arena_printf(v->arena, "%.*s!/%.*s", SPAN_FMT(v->inside), SPAN_FMT(place));
        findings_package(f, "archive", &p);
}

static bool coordinate_ok(struct span s)
{
        return package_name(s) && !memchr(s.at, ':', s.len);
}

static void add_pom(const struct jar_evidence *v, struct findings *f, const struct names *n, const struct jar_pom *p,
    bool own, struct span licence)
{
        struct identity id = {p->group, p->artifact, p->version, CONFIDENCE_HIGH};
        char shown[160];

        if (!coordinate_ok(p->group) || !coordinate_ok(p->artifact) ||
            (p->version.len > 0 && !printable_word(p->version, ""))) {
                findings_note(f, "%s: it names no valid Maven coordinates: not listed",
                    span_printable(p->place, shown, sizeof(shown)));
                return;
        }
        if (id.version.len == 0 && own)
                id.version = version_of(n);
        add(v, f, &id, p->licence.len > 0 ? p->licence : licence, own ? (struct span){0} : p->place);
}

void jar_conclude(const struct jar_evidence *v, struct findings *f)
{
        CLEANUP(buf_done) struct buf room = {.max = INVENTORY_LICENCE_MAX};
        struct names n = names_of(v);
        const struct jar_pom *own = own_pom(v, &n);
        struct span licence = bundle_licence(v, &room);
        struct identity id = {0};

        if (span_is(v->manifest.title, "Java Runtime Environment"))
                return; /* a part of the JDK, whose `release` names it */
        for (size_t i = 0; i < v->poms.len; i++) {
                const struct jar_pom *p = &v->poms.at[i];
                add_pom(v, f, &n, p, p == own, p == own ? licence : (struct span){0});
        }
        if (!own && !jar_file_holds_no_code(v->file) && identify(v, &n, &id))
                add(v, f, &id, licence, (struct span){0});
}
