/*
 * Java archives, and the archives in them: *.jar, *.war and their like, anywhere; and zip files that begin as one does.
 *
 * Bytes come by once. An archive in an archive is read by a reader of its own, from the content of its entry.
 */
#include <stdlib.h>

#include "inventory/jvm/jar_priv.h"

enum content_kind { CONTENT_NONE = 0, CONTENT_MANIFEST, CONTENT_PROPERTIES, CONTENT_POM, CONTENT_ARCHIVE };

struct jar_file {
        struct findings *f;
        struct zip_budget budget;
        unsigned archives; /* that may still be opened */
        bool named;        /* its own name says that it is an archive */
};

/* One archive: the file, or an entry of the one above. */
struct jar {
        struct jar_file *file;
        struct jar *inner; /* that is being read */
        unsigned depth;
        struct arena *arena;
        struct zip_stream *zip;
        struct jar_evidence evidence;
        enum content_kind content;
        struct span entry; /* its name */
        struct buf bytes;
        bool manifest; /* one was read */
};

static const char *const endings[] = {".jar", ".war", ".ear", ".jpi", ".hpi", ".lpkg"};
/* Other kinds of files have these endings too: what they begin with decides. */
static const char *const shared_endings[] = {".par", ".sar", ".nar", ".kar", ".rar"};

static bool ends_with_any(struct span path, const char *const *with, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t len = strlen(with[i]);
                if (path.len > len && strncasecmp((const char *)path.at + path.len - len, with[i], len) == 0)
                        return true;
        }
        return false;
}

static bool is_archive(struct span name)
{
        return ends_with_any(name, endings, ARRAY_LEN(endings)) ||
               ends_with_any(name, shared_endings, ARRAY_LEN(shared_endings));
}

static void jar_note(struct jar *j, const char *text)
{
        char shown[512];

        if (j->evidence.inside.len > 0)
                findings_note(j->file->f, "%s: %s", span_printable(j->evidence.inside, shown, sizeof(shown)), text);
        else
                findings_note(j->file->f, "%s", text);
}

/* ---- entries ---- */

/* "META-INF/maven/G/A/" of an entry in it. */
static struct span pom_folder(struct span name)
{
        return span_starts(name, "META-INF/maven/") && path_depth(name) == 4 ? path_folder(name) : (struct span){0};
}

static enum content_kind kind_of(struct span name)
{
        static const char manifest[] = "META-INF/MANIFEST.MF";

        if (name.len == sizeof(manifest) - 1 && strncasecmp((const char *)name.at, manifest, name.len) == 0)
                return CONTENT_MANIFEST;
        if (is_archive(name))
                return CONTENT_ARCHIVE;
        if (pom_folder(name).len > 0 && span_is(path_name(name), "pom.properties"))
                return CONTENT_PROPERTIES;
        if (pom_folder(name).len > 0 && span_is(path_name(name), "pom.xml"))
                return CONTENT_POM;
        return CONTENT_NONE;
}

/* The first three folders of a class file, below those of a war and of Spring Boot. */
static void count_class(struct jar_evidence *v, struct span name)
{
        static const char *const roots[] = {"WEB-INF/classes/", "BOOT-INF/classes/"};
        size_t len = 0;
        unsigned parts = 0;

        if (!span_ends(name, ".class"))
                return;
        for (size_t i = 0; i < ARRAY_LEN(roots); i++)
                if (span_starts(name, roots[i]))
                        name = span_from(name, strlen(roots[i]));
        for (size_t i = 0; i < name.len && parts < 3; i++)
                if (name.at[i] == '/') {
                        len = i;
                        parts++;
                }
        name = span_cut(name, 0, len);
        /* Spring Boot's launcher stands in front of what it launches. */
        if (len == 0 || span_starts(name, "META-INF") || span_is(name, "org/springframework/boot") ||
            !text_is_clean(name, INVENTORY_NAME_MAX))
                return;
        for (size_t i = 0; i < v->n_folders; i++)
                if (span_equal(v->folders[i].name, name)) {
                        v->folders[i].n++;
                        return;
                }
        if (v->n_folders < JAR_FOLDERS_MAX)
                v->folders[v->n_folders++] = (struct jar_folder){.name = arena_copy(v->arena, name), .n = 1};
}

static struct jar *jar_new(struct jar_file *file, unsigned depth, struct span inside, struct span name);

static void jar_free(struct jar *j)
{
        if (!j)
                return;
        jar_free(j->inner);
        zip_stream_free(j->zip);
        buf_done(&j->bytes);
        arena_free(j->arena);
        free(j);
}

static bool begin_archive(struct jar *j, const struct zip_entry *e)
{
        struct span inside = j->evidence.inside;

        if (j->depth + 1 >= JAR_DEPTH_MAX || j->file->archives == 0) {
                char shown[160], text[320];
                snprintf(text, sizeof(text), "entry \"%s\" at %llu: not read: %s",
                    span_printable(e->name, shown, sizeof(shown)), (unsigned long long)e->at,
                    j->file->archives == 0 ? "too many archives in this file" : "archives in archives, too deep");
                jar_note(j, text);
                return false;
        }
        j->file->archives--;
        if (inside.len > 0)
                inside = arena_printf(j->arena, "%.*s!/%.*s", SPAN_FMT(inside), SPAN_FMT(e->name));
        else
                inside = e->name;
        j->inner = jar_new(j->file, j->depth + 1, inside, path_name(e->name));
        return true;
}

static bool entry(void *ctx, const struct zip_entry *e)
{
        static const size_t max[] = {[CONTENT_MANIFEST] = JAR_MANIFEST_MAX,
            [CONTENT_PROPERTIES] = JAR_PROPERTIES_MAX,
            [CONTENT_POM] = JAR_POM_MAX};
        struct jar *j = ctx;

        j->content = e->folder ? CONTENT_NONE : kind_of(e->name);
        if (j->content == CONTENT_NONE) {
                count_class(&j->evidence, e->name);
                return false;
        }
        if (e->twice) {
                char shown[160], text[320];
                snprintf(text, sizeof(text), "entry \"%s\" at %llu: it is there more than once",
                    span_printable(e->name, shown, sizeof(shown)), (unsigned long long)e->at);
                jar_note(j, text);
        }
        if (j->content == CONTENT_ARCHIVE)
                return begin_archive(j, e);
        j->entry = arena_copy(j->arena, e->name);
        buf_clear(&j->bytes);
        j->bytes.max = max[j->content];
        return true;
}

static void data(void *ctx, struct span piece)
{
        struct jar *j = ctx;

        if (j->content == CONTENT_ARCHIVE) {
                zip_stream_data(j->inner->zip, piece);
                return;
        }
        /* The main section of a manifest stands first: what follows may be cut off. */
        if (j->content == CONTENT_MANIFEST)
                piece = span_cut(piece, 0, j->bytes.max - j->bytes.len);
        buf_put(&j->bytes, piece);
}

static void jar_end(struct jar *j);

/* pom.properties and pom.xml of one folder are one artifact; the former's words count, the latter has the licence. */
static void add_pom(struct jar *j, const struct jar_pom *p, bool from_xml)
{
        struct jar_evidence *v = &j->evidence;

        for (size_t i = 0; i < v->poms.len; i++) {
                struct jar_pom *o = &v->poms.at[i];
                if (!span_equal(o->folder, p->folder))
                        continue;
                struct jar_pom both = from_xml ? *o : *p, other = from_xml ? *p : *o;
                if (both.group.len == 0)
                        both.group = other.group;
                if (both.artifact.len == 0)
                        both.artifact = other.artifact;
                if (both.version.len == 0)
                        both.version = other.version;
                if (both.licence.len == 0)
                        both.licence = other.licence;
                *o = both;
                return;
        }
        if (v->poms.len == JAR_POMS_MAX) {
                if (!v->many_poms)
                        jar_note(j, "it holds more Maven artifacts than are listed");
                v->many_poms = true;
                return;
        }
        *ARENA_PUSH(j->arena, &v->poms) = *p;
}

static void read_content(struct jar *j)
{
        struct span text = buf_span(&j->bytes);
        struct jar_pom p = {.folder = arena_copy(j->arena, pom_folder(j->entry)), .place = j->entry};
        char shown[160], said[320];
        const char *why = NULL;

        if (j->bytes.failed) {
                why = "not read: it is too large";
        } else if (j->content == CONTENT_MANIFEST) {
                if (!jar_manifest_read(text, j->arena, &j->evidence.manifest) && j->bytes.len == j->bytes.max)
                        why = "its main section is too large: not all of it is read";
        } else if (j->content == CONTENT_PROPERTIES) {
                jar_properties_read(text, j->arena, &p);
                add_pom(j, &p, false);
        } else if (jar_pom_read(text, j->arena, &p) && p.artifact.len > 0) {
                add_pom(j, &p, true);
        } else {
                why = "not read: it is no well-formed project file";
        }
        if (!why)
                return;
        snprintf(said, sizeof(said), "entry \"%s\": %s", span_printable(j->entry, shown, sizeof(shown)), why);
        jar_note(j, said);
}

static void end(void *ctx, bool whole)
{
        struct jar *j = ctx;

        if (j->content == CONTENT_ARCHIVE) {
                jar_end(j->inner);
                jar_free(j->inner);
                j->inner = NULL;
        } else if (whole) {
                read_content(j);
        }
        j->content = CONTENT_NONE;
}

static void note(void *ctx, const char *text)
{
        jar_note(ctx, text);
}

/* ---- an archive ---- */

static struct jar *jar_new(struct jar_file *file, unsigned depth, struct span inside, struct span name)
{
        struct jar *j = heap_alloc(sizeof(*j));
        struct zip_sink sink = {.ctx = j, .entry = entry, .data = data, .end = end, .note = note};

        j->file = file;
        j->depth = depth;
        j->arena = arena_new();
        j->evidence.arena = j->arena;
        j->evidence.file = arena_copy(j->arena, name);
        j->evidence.inside = arena_copy(j->arena, inside);
        j->evidence.quiet = depth == 0 && !file->named;
        j->zip = zip_stream_new(&sink, &file->budget);
        return j;
}

/* An empty file hides nothing; one that is no archive says nothing of a component, and is told. */
static void jar_end(struct jar *j)
{
        bool is_zip = zip_stream_end(j->zip);

        if (is_zip && j->file->f->packages.len < JAR_PACKAGES_MAX) {
                jar_conclude(&j->evidence, j->file->f);
        } else if (is_zip) {
                jar_note(j, "too many components in one file: the others are not listed");
                j->file->budget.spent = true;
        }
        if (!is_zip && !zip_stream_empty(j->zip) && !j->file->budget.spent)
                jar_note(j, "not read: it is no zip archive");
}

static void *file_begin(struct findings *f, uint64_t size)
{
        struct jar_file *file = heap_alloc(sizeof(*file));

        file->f = f;
        file->budget = zip_budget_of(size);
        file->archives = JAR_ARCHIVES_MAX;
        file->named = is_archive(f->path);
        return jar_new(file, 0, (struct span){0}, path_name(f->path));
}

static void file_data(void *state, struct span piece)
{
        struct jar *j = state;

        zip_stream_data(j->zip, piece);
}

static enum stream_step file_end(void *state)
{
        struct jar *j = state;

        jar_end(j);
        jar_named(j->file->f, &j->file->f->path, 1);
        return STREAM_DONE;
}

static void file_free(void *state)
{
        struct jar *j = state;

        if (!j)
                return;
        free(j->file);
        jar_free(j);
}

/* As `names` below has them. */
static bool wants(struct span path)
{
        static const char *const exactly[] = {
            ".jar", ".war", ".ear", ".jpi", ".hpi", ".lpkg", ".JAR", ".WAR", ".EAR", ".Jar"};

        for (size_t i = 0; i < ARRAY_LEN(exactly); i++)
                if (span_ends(path, exactly[i]))
                        return path_name(path).len > strlen(exactly[i]);
        return false;
}

/* A local header whose name is one that archives of Java begin with. */
static bool sniff(struct span path, struct span head)
{
        static const char *const first[] = {"META-INF/", "BOOT-INF/", "WEB-INF/"};

        if (!span_starts(head, "PK\x03\x04"))
                return false;
        if (ends_with_any(path, shared_endings, ARRAY_LEN(shared_endings)))
                return true;
        for (size_t i = 0; i < ARRAY_LEN(first); i++)
                if (span_starts(span_from(head, 30), first[i]))
                        return true;
        return false;
}

static const struct detector_stream stream = {
    .sniff = sniff, .begin = file_begin, .data = file_data, .end = file_end, .free = file_free};

const struct detector detect_jar = {
    .name = "jar",
    .type = "maven",
    .ecosystem = "Maven",
    .confidence = CONFIDENCE_LOW,
    .by_path = true,
    .wants = wants,
    .names = "*.jar *.war *.ear *.jpi *.hpi *.lpkg *.JAR *.WAR *.EAR *.Jar",
    .stream = &stream,
    .named = jar_named,
};
