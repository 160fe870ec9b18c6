/*
 * .NET: NAME.deps.json beside an application or a shared framework (dotnet/sdk, "runtime-configuration-file.md").
 *
 * "libraries" names what the build resolved, "targets" which files of it were deployed. A library without a file is
 * declared alone: build tools and packages that only point at others. A framework in shared/NAME/VERSION is listed as the
 * package that advisories name, "Microsoft.NETCore.App.Runtime.linux-x64", with the version of its folder: its libraries
 * bear versions of the build ("3.1.23-servicing.22122.4") that sort below the release.
 */
#include "inventory/lang/lang_priv.h"

static bool wants(struct span path)
{
        return span_ends(path, ".deps.json") && path_name(path).len > sizeof(".deps.json") - 1;
}

struct library {
        struct span id;   /* "Name/1.2.3" */
        struct span type; /* package, runtimepack, project, reference ... */
};

struct deps {
        struct arena *arena;
        struct span target; /* ".NETCoreApp,Version=v8.0/linux-x64" */
        struct {
                struct library *at;
                size_t len, cap;
        } libraries;
        struct {
                struct span *at;
                size_t len, cap;
        } deployed; /* ids */
};

static bool has_files(struct json *j)
{
        struct span key;
        bool any = false;

        if (!json_object_or_skip(j))
                return false;
        while (json_member(j, &key)) {
                any = any || !span_ends(key, "_._"); /* NuGet's placeholder: nothing for this framework */
                json_skip(j);
        }
        return any;
}

static void read_target_library(struct deps *d, struct json *j, struct span id)
{
        static const char *const kinds[] = {"runtime", "native", "resources", "runtimeTargets"};
        struct span key;
        bool deployed = false;

        if (!json_object_or_skip(j))
                return;
        while (json_member(j, &key)) {
                bool of_files = false;
                for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                        of_files = of_files || span_is(key, kinds[i]);
                if (of_files)
                        deployed |= has_files(j);
                else
                        json_skip(j);
        }
        if (deployed)
                *ARENA_PUSH(d->arena, &d->deployed) = id;
}

static void read_targets(struct deps *d, struct json *j)
{
        struct span key;

        if (!json_object_or_skip(j))
                return;
        while (json_member(j, &key)) {
                if (!json_object_or_skip(j))
                        continue;
                while (json_member(j, &key))
                        read_target_library(d, j, key);
        }
}

static void read_libraries(struct deps *d, struct json *j)
{
        struct span id, key;

        if (!json_object_or_skip(j))
                return;
        while (json_member(j, &id)) {
                struct library *l = ARENA_PUSH(d->arena, &d->libraries);
                l->id = id;
                if (!json_object_or_skip(j))
                        continue;
                while (json_member(j, &key)) {
                        if (span_is(key, "type"))
                                l->type = json_text_or_skip(j);
                        else
                                json_skip(j);
                }
        }
}

static struct span read_target_name(struct json *j)
{
        struct span key, name = {0};

        if (json_peek(j) != JSON_OBJECT)
                return json_text_or_skip(j); /* .NET Core 1 */
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "name"))
                        name = json_text_or_skip(j);
                else
                        json_skip(j);
        }
        return name;
}

static int by_text(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static bool is_deployed(const struct deps *d, struct span id)
{
        return d->deployed.len > 0 &&
               bsearch(&id, d->deployed.at, d->deployed.len, sizeof(*d->deployed.at), by_text) != NULL;
}

static void list_library(const struct deps *d, const struct library *l, struct findings *f)
{
        struct package p = {0};
        bool pack = span_is(l->type, "runtimepack");
        char shown[80];

        if (!pack && !span_is(l->type, "package"))
                return; /* project, reference: the application's own code */
        if (!split_last(l->id, '/', &p.name, &p.version) || !package_name(p.name) || !printable_word(p.version, "")) {
                findings_note(
                    f, "\"%s\" has no valid name or version: not listed", span_printable(l->id, shown, sizeof(shown)));
                return;
        }
        if (pack && span_starts(p.name, "runtimepack."))
                p.name = span_from(p.name, sizeof("runtimepack.") - 1);
        if (!is_deployed(d, l->id))
                p.state = COMPONENT_DECLARED;
        findings_package(f, "libraries", &p);
}

/* dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json */
static void list_framework(const struct deps *d, struct findings *f)
{
        struct span folder = path_folder(f->path), framework = path_folder(folder);
        struct span file = path_name(f->path), target = d->target, rid;
        CLEANUP(buf_done) struct buf name = {.max = INVENTORY_NAME_MAX};

        file = span_cut(file, 0, file.len - (sizeof(".deps.json") - 1));
        if (!span_is(path_name(path_folder(framework)), "shared") || !span_equal(path_name(framework), file) ||
            !span_split(target, '/', &target, &rid) || !package_name(rid))
                return;
        buf_put(&name, file);
        buf_put_text(&name, ".Runtime.");
        buf_put(&name, rid);
        struct package p = {.name = buf_span(&name), .version = path_name(folder)};
        if (name.failed || !printable_word(p.version, ""))
                return;
        for (size_t i = 0; i < f->packages.len; i++)
                if (span_equal(f->packages.at[i].name, p.name))
                        return; /* .NET 8 names it so itself */
        findings_package(f, "path", &p);
}

static void read_deps(struct span content, struct findings *f)
{
        struct json j;
        struct span key;
        struct err e = {0};
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct deps d = {.arena = scratch};

        json_init(&j, without_bom(content), scratch, NULL);
        bool object = json_object_or_skip(&j);
        while (object && json_member(&j, &key)) {
                if (span_is(key, "runtimeTarget"))
                        d.target = read_target_name(&j);
                else if (span_is(key, "targets"))
                        read_targets(&d, &j);
                else if (span_is(key, "libraries"))
                        read_libraries(&d, &j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, &e)) {
                findings_note(f, "not read: %s", e.text);
                return;
        }
        if (d.deployed.len > 0)
                qsort(d.deployed.at, d.deployed.len, sizeof(*d.deployed.at), by_text);
        for (size_t i = 0; i < d.libraries.len; i++)
                list_library(&d, &d.libraries.at[i], f);
        list_framework(&d, f);
}

const struct detector detect_dotnet = {
    .name = "dotnet",
    .type = "nuget",
    .ecosystem = "NuGet",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_HIGH,
    .wants = wants,
    .names = "*.deps.json",
    .read = read_deps,
};
