/*
 * Coordinates by the place in a repository, which is how the tools themselves find an archive again:
 *
 *   Maven   ROOT/org/example/tool/1.2/tool-1.2.jar          (Maven Repository Layout, "default")
 *   Gradle  ROOT/files-2.1/org.example/tool/1.2/SHA-1/tool-1.2.jar
 *   Ivy     ROOT/cache/org.example/tool/jars/tool-1.2.jar
 *
 * Where the group begins can't be told from Maven's layout alone: behind a folder that repositories are known by, or
 * with the first that is the beginning of a reversed host name.
 */
#include "inventory/jvm/jar_priv.h"
#include "inventory/os/words_priv.h"

static bool is_one_of(struct span s, const char *const *words, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (span_is(s, words[i]))
                        return true;
        return false;
}

/* "tool-1.2" of "tool-1.2.jar" and "tool-1.2-linux.jar"; of a snapshot also "tool-1.2-20200101.101010-1.jar". */
static bool is_file_of(struct span file, struct span artifact, struct span version)
{
        static const char snapshot[] = "SNAPSHOT";
        struct span rest = file;

        if (rest.len <= artifact.len || !span_equal(span_cut(rest, 0, artifact.len), artifact) ||
            rest.at[artifact.len] != '-')
                return false;
        rest = span_from(rest, artifact.len + 1);
        if (rest.len > version.len && span_equal(span_cut(rest, 0, version.len), version))
                return rest.at[version.len] == '.' || rest.at[version.len] == '-';
        if (!span_ends(version, snapshot))
                return false;
        version = span_cut(version, 0, version.len - (sizeof(snapshot) - 1));
        return rest.len > version.len && span_equal(span_cut(rest, 0, version.len), version) &&
               rest.at[version.len] >= '0' && rest.at[version.len] <= '9';
}

/* The folders of a group; empty: where they begin can't be told. */
static struct span group_folders(struct span folder)
{
        static const char *const roots[] = {"maven-repo", "repository", "maven2", "maven-repository", "m2repo"};
        static const char *const hosts[] = {
            "com", "org", "net", "io", "edu", "gov", "javax", "jakarta", "de", "fr", "ch", "uk"};
        struct span by_root = {0}, by_host = {0}, rest = folder, part;
        bool behind_root = false, inside = false; /* the group of a known root, which may have a "repository" too */

        while (rest.len > 0) {
                struct span from = rest;
                span_split(rest, '/', &part, &rest);
                bool is_host = is_one_of(part, hosts, ARRAY_LEN(hosts));
                if (is_host && by_host.len == 0)
                        by_host = from;
                inside |= is_host && behind_root;
                behind_root = !inside && is_one_of(part, roots, ARRAY_LEN(roots));
                if (behind_root)
                        by_root = rest;
        }
        return by_root.len > 0 ? by_root : by_host;
}

static bool maven_layout(struct span path, struct arena *a, struct jar_pom *ret)
{
        struct span file = path_name(path), folder = path_folder(path), group;
        uint8_t *dotted;

        ret->version = path_name(folder);
        folder = path_folder(folder);
        ret->artifact = path_name(folder);
        group = group_folders(path_folder(folder));
        if (group.len == 0 || !is_file_of(file, ret->artifact, ret->version))
                return false;
        dotted = arena_alloc(a, group.len);
        for (size_t i = 0; i < group.len; i++)
                dotted[i] = group.at[i] == '/' ? '.' : group.at[i];
        ret->group = (struct span){dotted, group.len};
        return !memchr(group.at, '.', group.len);
}

/* Leading zeros of the hash are left out there. */
static bool is_sha1(struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (!memchr("0123456789abcdef", s.at[i], 16))
                        return false;
        return s.len >= 36 && s.len <= 40;
}

static bool gradle_layout(struct span path, struct jar_pom *ret)
{
        struct span file = path_name(path), folder = path_folder(path);

        if (!is_sha1(path_name(folder)))
                return false;
        folder = path_folder(folder);
        ret->version = path_name(folder);
        folder = path_folder(folder);
        ret->artifact = path_name(folder);
        folder = path_folder(folder);
        ret->group = path_name(folder);
        return span_is(path_name(path_folder(folder)), "files-2.1") && is_file_of(file, ret->artifact, ret->version);
}

static bool ivy_layout(struct span path, struct jar_pom *ret)
{
        static const char *const types[] = {"jars", "bundles"};
        struct span file = path_name(path), folder = path_folder(path);

        if (!is_one_of(path_name(folder), types, ARRAY_LEN(types)))
                return false;
        folder = path_folder(folder);
        ret->artifact = path_name(folder);
        folder = path_folder(folder);
        ret->group = path_name(folder);
        if (!span_is(path_name(path_folder(folder)), "cache") || file.len < ret->artifact.len + 2)
                return false;
        ret->version = jar_file_stem(span_from(file, ret->artifact.len + 1));
        return is_file_of(file, ret->artifact, ret->version);
}

static bool word_ok(struct span s)
{
        return package_name(s) && !memchr(s.at, ':', s.len);
}

bool jar_path_coordinates(struct span path, struct arena *a, struct jar_pom *ret)
{
        struct jar_pom at = {0};

        if (path_depth(path) < 4 ||
            (!gradle_layout(path, &at) && !ivy_layout(path, &at) && !maven_layout(path, a, &at)))
                return false;
        if (!word_ok(at.group) || !word_ok(at.artifact) || !printable_word(at.version, "${}\"'<>|\\/?*"))
                return false;
        *ret = at;
        return true;
}

/* The archive itself, of all that its file holds; NULL: it is none of Maven's, or none can be told. */
static struct package *own_package(struct findings *f)
{
        for (size_t i = 0; i < f->packages.len; i++)
                if (f->packages.at[i].inside.len == 0)
                        return &f->packages.at[i];
        return NULL;
}

/* How well what the place says agrees with what the archive does. */
static unsigned agreement(const struct jar_pom *at, const struct package *own)
{
        struct span group, artifact = own->name;

        if (span_split(own->name, ':', &group, &artifact) && artifact.len == 0)
                artifact = own->name;
        return (span_equal(at->artifact, artifact) ? 4 : 0) + (span_equal(at->version, own->version) ? 2 : 0) +
               (jar_version_vague(at->version) ? 0 : 1);
}

void jar_named(struct findings *f, const struct span *paths, size_t n)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct package *own = own_package(f);
        struct jar_pom best = {0}, at;
        unsigned best_by = 0;
        bool any = false;

        if (!own || own->confidence >= CONFIDENCE_HIGH) /* its own pom.properties knows better */
                return;
        for (size_t i = 0; i < n; i++) {
                if (!jar_path_coordinates(paths[i], a, &at))
                        continue;
                unsigned by = agreement(&at, own);
                if (any && by <= best_by)
                        continue;
                best = at;
                best_by = by;
                any = true;
        }
        if (!any || best.group.len + best.artifact.len + 1 > INVENTORY_NAME_MAX)
                return;
        own->name = arena_printf(f->arena, "%.*s:%.*s", SPAN_FMT(best.group), SPAN_FMT(best.artifact));
        own->confidence = CONFIDENCE_MEDIUM;
        if (jar_version_vague(best.version) || best.version.len > INVENTORY_VERSION_MAX)
                return;
        own->version = arena_copy(f->arena, best.version);
        own->confidence = CONFIDENCE_HIGH;
}
