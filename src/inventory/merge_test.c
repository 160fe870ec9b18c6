#include "inventory/detect_test_priv.h"
#include "inventory/merge_priv.h"

#include <time.h>

#define STATUS "var/lib/dpkg/status"
#define DEB(name, version) \
        "Package: " name "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " version "\n\n"
#define OS "ID=debian\nVERSION_ID=12\nPRETTY_NAME='Debian GNU/Linux 12 (bookworm)'\n"
#define JSON(name, version) "{\"name\":\"" name "\",\"version\":\"" version "\"}"
#define A_JSON "app/node_modules/a/package.json"

#define LAYERS_MAX 5
#define ENTRIES_MAX 5

/* Layers, and what must come out: "name version layer" of each component, divided by "; ". */
struct merge_row {
        const char *what;
        struct test_entry layers[LAYERS_MAX][ENTRIES_MAX];
        size_t n_layers;
        const char *components;
};

#define DIR_ IMAGE_ENTRY_DIR
#define FILE_ IMAGE_ENTRY_FILE
#define LINK_ IMAGE_ENTRY_SYMLINK
#define GONE IMAGE_ENTRY_WHITEOUT
#define OPAQUE IMAGE_ENTRY_OPAQUE

static const struct merge_row rows[] = {
    {"no layers", {{{0}}}, 0, ""},
    {"one layer", {{{FILE_, STATUS, DEB("sed", "1") DEB("bash", "2")}}}, 1, "bash 2 0; sed 1 0"},
    {"a rewritten status names the first layer of what it keeps",
        {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, STATUS, DEB("sed", "1") DEB("bash", "2")}},
            {{FILE_, STATUS, DEB("bash", "2") DEB("sed", "1") DEB("dash", "3")}}},
        3, "bash 2 1; dash 3 2; sed 1 0"},
    {"an upgrade is of the layer that made it",
        {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, "x", ""}}, {{FILE_, STATUS, DEB("sed", "1.1")}}}, 3, "sed 1.1 2"},
    {"removed and added again: the layer that added it again",
        {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, STATUS, ""}}, {{FILE_, STATUS, DEB("sed", "1")}}}, 3, "sed 1 2"},
    {"an emptied status hides the lower one", {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, STATUS, ""}}}, 2, ""},
    {"status and status.d state the same package: one component",
        {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, "var/lib/dpkg/status.d/sed", DEB("sed", "1")}}}, 2, "sed 1 0"},
    {"it stays while one of them does",
        {{{FILE_, STATUS, DEB("sed", "1")}}, {{FILE_, "var/lib/dpkg/status.d/sed", DEB("sed", "1")}},
            {{GONE, STATUS, ""}}},
        3, "sed 1 0"},
    {"the same package twice in one file", {{{FILE_, STATUS, DEB("sed", "1") DEB("sed", "1")}}}, 1, "sed 1 0"},
    {"two versions in one file", {{{FILE_, STATUS, DEB("sed", "1") DEB("sed", "2")}}}, 1, "sed 1 0; sed 2 0"},
    {"a whiteout of the file", {{{FILE_, A_JSON, JSON("a", "1")}}, {{GONE, A_JSON, ""}}}, 2, ""},
    {"a whiteout of a folder above", {{{FILE_, A_JSON, JSON("a", "1")}}, {{GONE, "app/node_modules", ""}}}, 2, ""},
    {"a whiteout of a neighbour", {{{FILE_, A_JSON, JSON("a", "1")}}, {{GONE, "app/node_module", ""}}}, 2, "a 1 0"},
    {"a whiteout does not concern its own layer",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{GONE, "app", ""}, {FILE_, A_JSON, JSON("a", "2")}}}, 2, "a 2 1"},
    {"whatever their order in the layer",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{FILE_, A_JSON, JSON("a", "2")}, {GONE, "app", ""}}}, 2, "a 2 1"},
    {"a whiteout and the same again: continuous in the merged state",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{GONE, "app", ""}, {FILE_, A_JSON, JSON("a", "1")}}}, 2, "a 1 0"},
    {"a whiteout does not concern layers above", {{{GONE, "app", ""}}, {{FILE_, A_JSON, JSON("a", "1")}}}, 2, "a 1 1"},
    {"an opaque folder hides what is beneath",
        {{{FILE_, A_JSON, JSON("a", "1")}, {FILE_, "app/node_modules/b/package.json", JSON("b", "1")}},
            {{DIR_, "app/node_modules/a", ""}, {OPAQUE, "app/node_modules/a", ""}}},
        2, "b 1 0"},
    {"an opaque root hides all", {{{FILE_, A_JSON, JSON("a", "1")}}, {{OPAQUE, "", ""}}}, 2, ""},
    {"an opaque folder keeps its own layer's",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{OPAQUE, "app", ""}, {FILE_, A_JSON, JSON("a", "3")}}}, 2, "a 3 1"},
    {"an opaque mark stands in a folder: a file of that path is gone",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{OPAQUE, A_JSON, ""}}}, 2, ""},
    {"a file that must become a folder for what lies in it",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{FILE_, A_JSON "/x/y", ""}}}, 2, ""},
    {"a folder that becomes a link takes along what was in it",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{LINK_, "app/node_modules", "/x"}}}, 2, ""},
    {"a folder that becomes a file, too", {{{FILE_, A_JSON, JSON("a", "1")}}, {{FILE_, "app", "x"}}}, 2, ""},
    {"a folder entry above hides nothing",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{DIR_, "app", ""}, {DIR_, "app/node_modules/a", ""}}}, 2, "a 1 0"},
    {"a file that becomes a link", {{{FILE_, A_JSON, JSON("a", "1")}}, {{LINK_, A_JSON, "b"}}}, 2, ""},
    {"a file that becomes a folder", {{{FILE_, A_JSON, JSON("a", "1")}}, {{DIR_, A_JSON, ""}}}, 2, ""},
    {"a file, a folder in its place, the file again",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{DIR_, A_JSON, ""}}, {{FILE_, A_JSON, JSON("a", "1")}}}, 3, "a 1 2"},
    {"a folder in place of a file hides nothing beneath it",
        {{{DIR_, A_JSON, ""}, {FILE_, A_JSON "/node_modules/b/package.json", JSON("b", "1")}}, {{DIR_, A_JSON, ""}}}, 2,
        "b 1 0"},
    {"back again as another layer's file",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{FILE_, "app", "x"}},
            {{GONE, "app", ""}, {FILE_, A_JSON, JSON("a", "1")}}},
        3, "a 1 2"},
    {"the same npm package in two places is two components",
        {{{FILE_, A_JSON, JSON("a", "1")}}, {{FILE_, "b/node_modules/a/package.json", JSON("a", "1")}}}, 2,
        "a 1 0; a 1 1"},
    {"of one name and version, the place that remains counts",
        {{{FILE_, A_JSON, JSON("a", "1")}},
            {{FILE_, "b/node_modules/a/package.json", JSON("a", "1")}, {GONE, "app", ""}}},
        2, "a 1 1"},
    {"types in order",
        {{{FILE_, "x.dist-info/METADATA", "Name: Zope\nVersion: 1\n"}, {FILE_, A_JSON, JSON("a", "1")},
            {FILE_, STATUS, DEB("sed", "1")}}},
        1, "sed 1 0; a 1 0; zope 1 0"},
};

static struct inventory *merge_of(const struct test_entry layers[][ENTRIES_MAX], size_t n_layers)
{
        struct layer_report *reports[LAYERS_MAX];
        struct inventory *v = inventory_new();

        for (size_t i = 0; i < n_layers; i++) {
                size_t n = 0;
                while (n < ENTRIES_MAX && layers[i][n].path)
                        n++;
                reports[i] = layer_of(layers[i], n, NULL);
        }
        inventory_merge(reports, n_layers, v);
        for (size_t i = 0; i < n_layers; i++)
                layer_report_free(reports[i]);
        return v;
}

static void test_table(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(inventory_freep) struct inventory *v = merge_of(rows[i].layers, rows[i].n_layers);
                CLEANUP(buf_done) struct buf b = {0};
                for (size_t k = 0; k < v->n_components; k++) {
                        buf_printf(&b, "%s%.*s %.*s %u", k ? "; " : "", SPAN_FMT(v->components[k].name),
                            SPAN_FMT(v->components[k].version), v->components[k].layer);
                        assert_true(k == 0 || component_compare(&v->components[k - 1], &v->components[k]) < 0);
                }
                if (!span_is(buf_span(&b), rows[i].components))
                        fail_msg(
                            "%s: \"%.*s\" is not \"%s\"", rows[i].what, SPAN_FMT(buf_span(&b)), rows[i].components);
        }
}

static void test_component_in_full(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "usr/lib/os-release", OS}, {LINK_, "etc/os-release", "../usr/lib/os-release"},
                {FILE_, STATUS,
                    "Package: g++\nStatus: install ok installed\nArchitecture: amd64\nSource: gcc-defaults (1.203)\n"
                    "Version: 4:12.2.0-3\n"}},
            {{FILE_, "node_modules/@s/x/package.json",
                 "{\"name\":\"@s/x\",\"version\":\"1.0.0+b\",\"license\":\"MIT\"}"},
                {FILE_, "y.egg-info", "Name: Some.Y\nVersion: 2!1.0\nLicense: BSD\n"}}};
        CLEANUP(inventory_freep) struct inventory *v = merge_of(layers, 2);
        const struct component *c = v->components;

        (void)state;
        assert_true(v->complete);
        assert_int_equal(v->n_notes, 0);
        assert_true(v->os_known);
        assert_span(v->os.id, "debian");
        assert_span(v->os.version_id, "12");
        assert_span(v->os.pretty_name, "Debian GNU/Linux 12 (bookworm)");
        assert_int_equal(v->n_components, 3);
        assert_span(c[0].ecosystem, "Debian:12");
        assert_span(c[0].type, "deb");
        assert_span(c[0].name, "g++");
        assert_span(c[0].version, "4:12.2.0-3");
        assert_span(c[0].source_name, "gcc-defaults");
        assert_span(c[0].source_version, "1.203");
        assert_span(c[0].arch, "amd64");
        assert_span(c[0].purl, "pkg:deb/debian/g%2B%2B@4:12.2.0-3?arch=amd64&distro=debian-12");
        assert_span(c[0].path, STATUS);
        assert_int_equal(c[0].layer, 0);
        assert_span(c[1].ecosystem, "npm");
        assert_span(c[1].licence, "MIT");
        assert_span(c[1].purl, "pkg:npm/%40s/x@1.0.0%2Bb");
        assert_span(c[1].path, "node_modules/@s/x/package.json");
        assert_int_equal(c[1].layer, 1);
        assert_span(c[2].ecosystem, "PyPI");
        assert_span(c[2].name, "some-y");
        assert_span(c[2].purl, "pkg:pypi/some-y@2%211.0");
        assert_span(c[2].licence, "BSD");
}

/* When something was not assessed, the inventory says so. */
static void test_what_was_not_assessed(void **state)
{
        static const struct {
                const char *what;
                struct test_entry layers[LAYERS_MAX][ENTRIES_MAX];
                size_t n_layers;
                bool os_known;
                const char *note; /* NULL: complete */
        } cases[] = {
            {"an application alone", {{{FILE_, A_JSON, JSON("a", "1")}}}, 1, false, NULL},
            {"nothing at all", {{{FILE_, "app", ""}}}, 1, false, "nothing was found that could be assessed"},
            {"Debian", {{{FILE_, "etc/os-release", OS}, {FILE_, STATUS, DEB("sed", "1")}}}, 1, true, NULL},
            {"etc comes before usr/lib",
                {{{FILE_, "usr/lib/os-release", "ID=x\n"}, {FILE_, "etc/os-release", OS},
                    {FILE_, STATUS, DEB("sed", "1")}}},
                1, true, NULL},
            {"an etc/os-release without an ID says nothing",
                {{{FILE_, "usr/lib/os-release", OS}, {FILE_, "etc/os-release", ""}, {FILE_, STATUS, DEB("sed", "1")}}},
                1, true, NULL},
            {"distroless",
                {{{FILE_, "etc/os-release", OS},
                    {FILE_, "var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 1\n"}}},
                1, true, NULL},
            {"packages without a system", {{{FILE_, STATUS, DEB("sed", "1")}}}, 1, false,
                "no os-release says which system the 1 packages of dpkg are of"},
            {"another system",
                {{{FILE_, "etc/os-release", "ID=raspbian\nID_LIKE=debian\nVERSION_ID=12\n"},
                    {FILE_, STATUS, DEB("sed", "1")}}},
                1, false, "no advisories for raspbian-12: its packages were not assessed"},
            {"a system without dpkg", {{{FILE_, "etc/os-release", "ID=alpine\nPRETTY_NAME='Alpine Linux v3.18'\n"}}}, 1,
                false, "no advisories for Alpine Linux v3.18"},
            {"a Debian that does not say which",
                {{{FILE_, "etc/os-release", "ID=debian\n"}, {FILE_, STATUS, DEB("sed", "1")}}}, 1, false,
                "no advisories for debian without a VERSION_ID"},
            {"Debian without its list", {{{FILE_, "etc/os-release", OS}}}, 1, true,
                "Debian GNU/Linux 12 (bookworm) without a list of packages"},
            {"Debian with the list removed",
                {{{FILE_, "etc/os-release", OS}, {FILE_, STATUS, DEB("sed", "1")}}, {{GONE, "var/lib/dpkg", ""}}}, 2,
                true, "without a list of packages"},
            {"the list led away",
                {{{FILE_, "etc/os-release", OS}, {FILE_, "var/lib/dpkg/status.d/x", DEB("sed", "1")},
                    {LINK_, STATUS, "/x"}}},
                1, true, "layer 1: var/lib/dpkg/status: a symbolic link"},
            {"a broken file", {{{FILE_, "x", ""}}, {{FILE_, A_JSON, "{"}}}, 2, false, "layer 2: " A_JSON ": not read"},
            {"a broken file that is gone", {{{FILE_, A_JSON, "{"}}, {{GONE, "app", ""}}}, 2, false,
                "nothing was found that could be assessed"},
            {"a path that is not for terminals", {{{FILE_, "\x1b[2J/node_modules/a/package.json", "{"}}}, 1, false,
                "layer 1: ?[2J/node_modules/a/package.json: not read"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                CLEANUP(inventory_freep) struct inventory *v = merge_of(cases[i].layers, cases[i].n_layers);
                if (v->complete != (cases[i].note == NULL) || v->os_known != cases[i].os_known ||
                    v->n_notes != (cases[i].note ? 1 : 0)) {
                        for (size_t k = 0; k < v->n_notes; k++)
                                print_message("note: %.*s\n", SPAN_FMT(v->notes[k]));
                        fail_msg("%s: complete %d, os known %d", cases[i].what, v->complete, v->os_known);
                }
                if (cases[i].note)
                        assert_noted(v->notes, v->n_notes, cases[i].note);
        }
}

/* Without a system that we know, packages are listed all the same, and claim no advisories. */
static void test_unknown_system_keeps_components(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {{{FILE_, STATUS, DEB("sed", "1")}}};
        CLEANUP(inventory_freep) struct inventory *v = merge_of(layers, 1);

        (void)state;
        assert_int_equal(v->n_components, 1);
        assert_span(v->components[0].ecosystem, "");
        assert_span(v->components[0].purl, "pkg:deb/sed@1?arch=amd64");
}

static const struct component *named(const struct inventory *v, const char *name)
{
        for (size_t i = 0; i < v->n_components; i++)
                if (span_is(v->components[i].name, name))
                        return &v->components[i];
        return NULL;
}

static const char *owner_of(const struct inventory *v, const char *name, char out[64])
{
        const struct component *c = named(v, name);

        assert_non_null(c);
        return c->owner ? span_printable(v->components[c->owner - 1].name, out, 64) : "";
}

/* Whose file a component was found in: test_shelf.c's .lines are of dpkg's kind. */
static void test_owners(void **state)
{
        static const struct {
                const char *what;
                struct test_entry layers[LAYERS_MAX][ENTRIES_MAX];
                size_t n_layers;
                const char *owner; /* of the component tool */
        } cases[] = {
            {"the path as it stands", {{{FILE_, "p.lines", "zz 1\nowns /bin/x\n"}, {FILE_, "bin/x", "MAGIC tool"}}}, 1,
                "zz"},
            {"nobody's", {{{FILE_, "p.lines", "zz 1\nowns /bin/y\n"}, {FILE_, "bin/x", "MAGIC tool"}}}, 1, ""},
            {"by a list of its own",
                {{{FILE_, "p.lines", "zz 1\n"}, {FILE_, "q.lines", "supplement zz \nowns /bin/x\n"},
                    {FILE_, "bin/x", "MAGIC tool"}}},
                1, "zz"},
            {"the list of a package that is not there",
                {{{FILE_, "p.lines", "zz 1\n"}, {FILE_, "q.lines", "supplement yy \nowns /bin/x\n"},
                    {FILE_, "bin/x", "MAGIC tool"}}},
                1, ""},
            {"the package was removed above",
                {{{FILE_, "p.lines", "zz 1\nowns /bin/x\n"}, {FILE_, "bin/x", "MAGIC tool"}}, {{FILE_, "p.lines", ""}}},
                2, ""},
            {"a merged usr: the list is older",
                {{{LINK_, "bin", "usr/bin"}, {FILE_, "p.lines", "zz 1\nowns /bin/x\n"},
                    {FILE_, "usr/bin/x", "MAGIC tool"}}},
                1, "zz"},
            {"a merged usr: the list is newer",
                {{{LINK_, "lib", "/usr/lib"}},
                    {{FILE_, "p.lines", "zz 1\nowns /usr/lib/x\n"}, {FILE_, "usr/lib/x", "MAGIC tool"}}},
                2, "zz"},
            {"bin is a folder of its own: two files",
                {{{FILE_, "bin/y", ""}, {FILE_, "p.lines", "zz 1\nowns /bin/x\n"}, {FILE_, "usr/bin/x", "MAGIC tool"}}},
                1, ""},
            {"the link was replaced",
                {{{LINK_, "bin", "usr/bin"}, {FILE_, "p.lines", "zz 1\nowns /bin/x\n"},
                     {FILE_, "usr/bin/x", "MAGIC tool"}},
                    {{DIR_, "bin", ""}}},
                2, ""},
            {"two claim it: the first by name",
                {{{FILE_, "p.lines", "zz 1\nowns bin/x\nyy 1\nowns bin/x\n"}, {FILE_, "bin/x", "MAGIC tool"}}}, 1,
                "yy"},
            {"a language's package owns nothing here", {{{FILE_, "bin/x", "MAGIC tool"}, {FILE_, "a.stream", "x"}}}, 1,
                ""},
        };
        char name[64];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                CLEANUP(inventory_freep) struct inventory *v = merge_of(cases[i].layers, cases[i].n_layers);
                if (strcmp(owner_of(v, "tool", name), cases[i].owner) != 0)
                        fail_msg("%s: \"%s\" has it", cases[i].what, name);
        }
}

static void test_supplements(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "p.lines", "one 1\nowns a\nowns b\ntwo 2\n"},
                {FILE_, "q.lines", "supplement two GPL-2.0-only\nowns c\n"},
                {FILE_, "r.lines", "supplement two MIT\nowns d\n"}, {FILE_, "s.lines", "supplement three MIT\n"}},
            {{FILE_, "s.lines", "supplement one MIT\n"}}, {{GONE, "s.lines", ""}}};
        CLEANUP(inventory_freep) struct inventory *v = merge_of(layers, 2), *less = merge_of(layers, 3);

        (void)state;
        assert_int_equal(v->n_components, 2);
        assert_int_equal(named(v, "one")->n_files, 2);
        assert_span(named(v, "one")->licence, "MIT");
        assert_int_equal(named(v, "two")->n_files, 2);
        assert_span(named(v, "two")->licence, "GPL-2.0-only");
        assert_int_equal(named(v, "two")->licence_source, LICENCE_SOURCE_FIELD);
        assert_span(named(less, "one")->licence, ""); /* what is hidden says nothing */
}

static void test_unless_owned(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {{{FILE_, "p.lines", "one 1\nowns a.lines\n"},
            {FILE_, "a.lines", "x unless-owned\n"}, {FILE_, "b.lines", "y unless-owned\n"}, {FILE_, "c.stream", ""}}};
        struct layer_report *r = layer_of(layers[0], 4, NULL);
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();

        (void)state;
        for (size_t i = 0; i < 2; i++) { /* of no system themselves */
                r->evidence.at[i].found.packages.at[0].ecosystem = "";
                r->evidence.at[i].found.packages.at[0].type = "generic";
        }
        inventory_merge(&r, 1, v);
        layer_report_free(r);
        assert_null(named(v, "x"));
        assert_non_null(named(v, "y"));
        assert_int_equal(v->n_components, 3);
}

/* Programs of a package that say its name, more of them than packages of one name are looked at: its list still counts. */
static void test_many_of_one_name(void **state)
{
        enum { PROGRAMS = 2 * INVENTORY_SAME_NAME_MAX };
        static struct test_entry layer[PROGRAMS + 2] = {
            {FILE_, "z.lines", "one 1\n"}, {FILE_, "s.lines", "supplement one MIT\nowns a/000.lines\n"}};
        static char paths[PROGRAMS][16];
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();

        (void)state;
        for (unsigned i = 0; i < PROGRAMS; i++) {
                snprintf(paths[i], sizeof(paths[i]), "a/%03u.lines", i);
                layer[i + 2] = (struct test_entry){FILE_, paths[i], "one 1\n"};
        }
        struct layer_report *r = layer_of(layer, PROGRAMS + 2, NULL);
        struct detector by_path = *r->evidence.at[0].detector;
        by_path.by_path = true;
        by_path.type = "deb";
        for (size_t i = 0; i < r->evidence.len; i++) {
                struct evidence *e = &r->evidence.at[i];

                for (size_t k = 0; k < e->found.packages.len; k++)
                        e->found.packages.at[k].unless_owned = e->path.at[0] == 'a';
                if (e->path.at[0] != 'a')
                        continue;
                e->detector = &by_path;
                e->found.packages.at[0].type = "deb";
                e->found.packages.at[0].ecosystem = "";
        }
        inventory_merge(&r, 1, v);
        layer_report_free(r);
        assert_int_equal(v->n_components, PROGRAMS); /* the package, and all programs but the one that it owns */
}

/* In a file of a package, as it brought it, is nothing that is secret. */
static void test_published_secrets(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "p.lines", "one 1\nowns usr/kept\nowns usr/changed\nowns etc/kept\n"}, {FILE_, "usr/kept", "x"},
                {FILE_, "usr/changed", "x"}, {FILE_, "etc/kept", "x"}},
            {{FILE_, "usr/changed", "y"}, {FILE_, "usr/nobodys", "y"}}};
        static const char *const secret[2][3] = {{"etc/kept", "usr/kept", NULL}, {"usr/changed", "usr/nobodys", NULL}};
        struct layer_report *r[2] = {layer_of(layers[0], 4, NULL), layer_of(layers[1], 2, NULL)};
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                r[i]->remarks.len = 0;
                for (size_t k = 0; secret[i][k]; k++)
                        *ARENA_PUSH(r[i]->arena, &r[i]->remarks) = (struct layer_remark){.said = {.kind = REMARK_SECRET,
                                                                                   .severity = REMARK_HIGH,
                                                                                   .rule = SPAN_LIT("secret.x"),
                                                                                   .title = SPAN_LIT("x"),
                                                                                   .path = span_of(secret[i][k])}};
        }
        inventory_merge(r, 2, v);
        layer_report_free(r[0]);
        layer_report_free(r[1]);
        assert_int_equal(v->n_remarks, 3);
        assert_span(v->remarks[0].path, "etc/kept");
        assert_span(v->remarks[1].path, "usr/changed");
        assert_span(v->remarks[2].path, "usr/nobodys");
}

/* What one file states of several kinds of packages, and what is told apart. */
static void test_fields_of_components(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "etc/os-release", "ID=rocky\nVERSION_ID=9.4\nID_LIKE='rhel'\n"},
                {FILE_, "p.lines", "a 1\nb 1\nc 1\nd 1\ne 1\nf 1\ng 1\n"}, {FILE_, "x.stream", "x"}}};
        struct layer_report *r = layer_of(layers[0], 3, NULL);
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        struct package *p = r->evidence.at[1].found.packages.at;
        const struct component *c;

        (void)state;
        p[0] = (struct package){.name = SPAN_LIT("bash"),
            .version = SPAN_LIT("2:5.1-1"),
            .arch = SPAN_LIT("x86_64"),
            .type = "rpm",
            .module = SPAN_LIT("m:1"),
            .vendor = SPAN_LIT("Rocky"),
            .confidence = CONFIDENCE_CERTAIN,
            .qualifiers = {{"upstream", SPAN_LIT("bash.src.rpm")}}};
        p[1] = p[0];
        p[1].module = (struct span){0};
        p[1].version = SPAN_LIT("0:5.1-1");
        p[2] = (struct package){.name = SPAN_LIT("org.x:y"),
            .version = SPAN_LIT("1"),
            .type = "maven",
            .ecosystem = "Maven",
            .inside = SPAN_LIT("a/b.jar")};
        p[3] = (struct package){
            .name = SPAN_LIT("example.org/a/b"), .version = SPAN_LIT("v1"), .type = "golang", .ecosystem = "Go"};
        p[4] = p[3];
        p[4].state = COMPONENT_DECLARED;
        p[4].development = true;
        p[5] = p[4];
        p[5].development = false; /* one that needs it is enough */
        p[6] = (struct package){.name = SPAN_LIT("thing"), .type = "generic", .licence = SPAN_LIT("MIT")};
        inventory_merge(&r, 1, v);
        layer_report_free(r);
        assert_int_equal(v->n_components, 7);
        c = named(v, "bash");
        assert_span(c[0].version, "0:5.1-1");
        assert_span(c[0].purl, "pkg:rpm/rocky/bash@5.1-1?arch=x86_64&distro=rocky-9.4&upstream=bash.src.rpm");
        assert_span(c[1].purl, "pkg:rpm/rocky/bash@5.1-1?arch=x86_64&distro=rocky-9.4&epoch=2&upstream=bash.src.rpm");
        assert_span(c[1].version, "2:5.1-1");
        assert_span(c[1].module, "m:1");
        assert_span(c[1].vendor, "Rocky");
        assert_span(c[1].detector, "test-lines");
        assert_int_equal(c[1].confidence, CONFIDENCE_CERTAIN);
        assert_true(c[0].ecosystem.len > 0); /* the system's; a deb would have none here */
        c = named(v, "org.x:y");
        assert_span(c->purl, "pkg:maven/org.x/y@1");
        assert_span(c->path, "p.lines!/a/b.jar");
        assert_span(c->ecosystem, "Maven");
        c = named(v, "example.org/a/b");
        assert_span(c[0].purl, "pkg:golang/example.org/a/b@v1");
        assert_int_equal(c[0].state, COMPONENT_INSTALLED);
        assert_int_equal(c[1].state, COMPONENT_DECLARED);
        assert_false(c[0].development || c[1].development);
        c = named(v, "thing");
        assert_span(c->ecosystem, "");
        assert_int_equal(c->licence_source, LICENCE_SOURCE_NONE); /* this package was not made by findings_package */
        for (size_t i = 0; i < v->n_components; i++)
                assert_true(i == 0 || component_compare(&v->components[i - 1], &v->components[i]) < 0);
}

/* A package's category is part of its name, and the namespace of its purl. */
static void test_gentoo(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "etc/os-release", "ID=gentoo\nVERSION_ID=2.15\n"},
                {FILE_, "var/db/pkg/app-containers/skopeo-1.5.1-r1/PF", "skopeo-1.5.1-r1\n"}}};
        CLEANUP(inventory_freep) struct inventory *v = merge_of(layers, 1);

        (void)state;
        assert_true(v->os_known);
        assert_int_equal(v->n_components, 1);
        assert_span(v->components[0].name, "app-containers/skopeo");
        assert_span(v->components[0].version, "1.5.1-r1");
        assert_span(v->components[0].ecosystem, "Gentoo");
        assert_span(v->components[0].purl, "pkg:portage/app-containers/skopeo@1.5.1-r1?distro=gentoo-2.15");
        assert_int_equal(v->n_notes, 0);
}

static void test_remarks(void **state)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "bin/a", "mode 4755 "}, {FILE_, "bin/b", "mode 4755 "}, {FILE_, "bin/c", "mode 4755 "},
                {FILE_, "bin/d", "mode 4755 "}, {FILE_, "opt/e", "mode 4755 "}},
            {{GONE, "bin/a", ""}, {FILE_, "bin/b", "mode 0755 "}, {FILE_, "bin/c/x", ""},
                {FILE_, "bin/d", "mode 4711 "}, {OPAQUE, "opt", ""}}};
        CLEANUP(inventory_freep) struct inventory *v = merge_of(layers, 2), *one = merge_of(layers, 1);
        CLEANUP(buf_done) struct buf b = {0};

        (void)state;
        for (size_t i = 0; i < v->n_remarks; i++)
                buf_printf(&b, "%.*s %u %s; ", SPAN_FMT(v->remarks[i].path), v->remarks[i].layer,
                    v->remarks[i].visible ? "seen" : "hidden");
        assert_span(buf_span(&b),
            "bin/a 0 hidden; bin/b 0 hidden; bin/c 0 hidden; bin/d 0 hidden; bin/d 1 seen; opt/e 0 hidden; ");
        assert_int_equal(one->n_remarks, 5);
        for (size_t i = 0; i < one->n_remarks; i++)
                assert_true(one->remarks[i].visible);
}

/* ---- as bytes ---- */

static struct inventory *sample(void)
{
        static const struct test_entry layers[][ENTRIES_MAX] = {
            {{FILE_, "etc/os-release", OS}, {FILE_, STATUS, DEB("sed", "1") DEB("bash", "2")}},
            {{FILE_, A_JSON, JSON("a", "1")}, {FILE_, "b/node_modules/b/package.json", "{"}}};
        struct inventory *v = merge_of(layers, 2);

        digest_of(DIGEST_SHA256, SPAN_LIT("image"), &v->image);
        digest_of(DIGEST_SHA512, SPAN_LIT("config"), &v->config);
        v->n_layers = 2;
        v->layers = arena_array(v->arena, 2, sizeof(*v->layers));
        digest_of(DIGEST_SHA256, SPAN_LIT("layer"), &v->layers[1].diff_id);
        v->layers[1].size = 12;
        v->layers[1].plain_size = 1u << 31;
        v->layers[1].created_by = span_of("RUN npm\n\tci");
        v->components[2].owner = 1;
        v->components[2].n_files = 7;
        v->components[2].cpe = span_of("cpe:2.3:a:x");
        v->components[2].development = true;
        v->remarks = arena_array(v->arena, 2, sizeof(*v->remarks));
        v->n_remarks = 2;
        v->remarks[0] = (struct remark){.kind = REMARK_SECRET,
            .severity = REMARK_HIGH,
            .rule = SPAN_LIT("secret.x"),
            .path = SPAN_LIT("a"),
            .line = 12,
            .excerpt = SPAN_LIT("AKIA"),
            .layer = 1,
            .visible = true};
        v->remarks[1] =
            (struct remark){.kind = REMARK_CONFIGURATION, .rule = SPAN_LIT("config.y"), .title = SPAN_LIT("t")};
        return v;
}

static void test_put_get(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = sample(), *got = NULL;
        CLEANUP(buf_done) struct buf b = {0}, again = {0};

        (void)state;
        inventory_put(&b, v);
        assert_true(inventory_get(buf_span(&b), &got, NULL));
        inventory_put(&again, got);
        assert_true(span_equal(buf_span(&b), buf_span(&again)));
        assert_int_equal(got->n_components, 3);
        assert_int_equal(got->n_notes, 1);
        assert_false(got->complete);
        assert_true(got->os_known);
        assert_span(got->components[1].name, "sed");
        assert_span(got->components[1].purl, "pkg:deb/debian/sed@1?arch=amd64&distro=debian-12");
        assert_int_equal(got->components[2].layer, 1);
        assert_int_equal(got->components[2].owner, 1);
        assert_int_equal(got->components[2].n_files, 7);
        assert_true(got->components[2].development);
        assert_span(got->components[2].cpe, "cpe:2.3:a:x");
        assert_span(got->components[2].detector, "npm");
        assert_int_equal(got->n_remarks, 2);
        assert_span(got->remarks[0].rule, "secret.x");
        assert_int_equal(got->remarks[0].line, 12);
        assert_true(got->remarks[0].visible);
        assert_span(got->remarks[1].title, "t");
        assert_true(digest_equal(&got->config, &v->config));
        assert_span(got->layers[1].created_by, "RUN npm\n\tci");
        assert_int_equal(got->layers[1].plain_size, 1u << 31);
}

static void test_get_refuses(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = sample(), *got = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};

        (void)state;
        inventory_put(&b, v);
        for (size_t cut = 0; cut < b.len; cut++) {
                assert_false(inventory_get(span_bytes(b.at, cut), &got, &e));
                assert_int_equal(e.kind, ERR_MALFORMED);
        }
        buf_put_u8(&b, 0);
        assert_false(inventory_get(buf_span(&b), &got, &e));
        b.len--;
        b.at[0]++; /* the format */
        assert_false(inventory_get(buf_span(&b), &got, &e));
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_null(got);
}

static void refused(const struct inventory *v, const char *why)
{
        CLEANUP(inventory_freep) struct inventory *got = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};

        inventory_put(&b, v);
        if (inventory_get(buf_span(&b), &got, &e))
                fail_msg("accepted: %s", why);
        assert_int_equal(e.kind, ERR_MALFORMED);
        if (!strstr(e.text, why))
                fail_msg("%s is not %s", e.text, why);
}

static void test_get_refuses_what_put_never_writes(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = sample();
        struct component kept = v->components[0];

        (void)state;
        v->components[0] = v->components[1];
        refused(v, "order at component 1");
        v->components[0] = kept;
        v->components[0].layer = 2;
        refused(v, "component 0");
        v->components[0] = kept;
        v->components[0].name = span_of("a\nb");
        refused(v, "component 0");
        v->components[0] = kept;
        v->components[0].type = (struct span){0};
        refused(v, "component 0");
        v->components[0] = kept;
        v->components[0].owner = 1; /* itself */
        refused(v, "component 0");
        v->components[0].owner = 4;
        refused(v, "component 0");
        v->components[0] = kept;
        v->components[0].confidence = CONFIDENCE_CERTAIN + 1;
        refused(v, "component 0");
        v->components[0] = kept;
        v->remarks[1].layer = 2;
        refused(v, "remark 1");
        v->remarks[1].layer = 0;
        v->remarks[1].rule = (struct span){0};
        refused(v, "remark 1");
        v->remarks[1] = v->remarks[0];
        refused(v, "order at remark 1");
        v->remarks[1].kind = REMARK_NONE;
        refused(v, "remark 1");
        v->n_remarks = 0;
        v->n_notes = 0;
        refused(v, "not complete, and no note says why");
        v->complete = true;
        v->n_layers = 0; /* as a bill of materials has it: then no component is of a second one */
        refused(v, "component 2");
}

/* 3,000 components, as an application's image has them. */
static void test_reading_is_quick(void **state)
{
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        CLEANUP(buf_done) struct buf b = {0};
        struct timespec t[2];
        double least = 1;

        (void)state;
        v->n_components = 3000;
        v->components = arena_array(v->arena, v->n_components, sizeof(*v->components));
        v->complete = true;
        v->n_layers = 1;
        v->layers = arena_array(v->arena, 1, sizeof(*v->layers));
        for (size_t i = 0; i < v->n_components; i++)
                v->components[i] = (struct component){.ecosystem = SPAN_LIT("Debian:12"),
                    .type = SPAN_LIT("deb"),
                    .name = arena_printf(v->arena, "libsomething%05zu", i),
                    .version = SPAN_LIT("1:2.36-9+deb12u10"),
                    .source_name = SPAN_LIT("something"),
                    .source_version = SPAN_LIT("2.36-9+deb12u10"),
                    .arch = SPAN_LIT("amd64"),
                    .licence = SPAN_LIT("GPL-2.0-or-later AND LGPL-2.1-or-later"),
                    .purl = arena_printf(v->arena,
                        "pkg:deb/debian/libsomething%05zu@1:2.36-9%%2Bdeb12u10?arch=amd64&distro=debian-12", i),
                    .path = SPAN_LIT(STATUS),
                    .detector = SPAN_LIT("dpkg")};
        inventory_put(&b, v);
        for (unsigned i = 0; i < 20; i++) {
                CLEANUP(inventory_freep) struct inventory *got = NULL;
                clock_gettime(CLOCK_MONOTONIC, &t[0]);
                assert_true(inventory_get(buf_span(&b), &got, NULL));
                clock_gettime(CLOCK_MONOTONIC, &t[1]);
                double took = (double)(t[1].tv_sec - t[0].tv_sec) + (double)(t[1].tv_nsec - t[0].tv_nsec) / 1e9;
                least = took < least ? took : least;
        }
        print_message("3000 components, %zu bytes: %.2f ms\n", b.len, least * 1e3);
        assert_true(least < 0.05); /* sanitizers are slow */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_table),
            cmocka_unit_test(test_component_in_full),
            cmocka_unit_test(test_what_was_not_assessed),
            cmocka_unit_test(test_unknown_system_keeps_components),
            cmocka_unit_test(test_owners),
            cmocka_unit_test(test_supplements),
            cmocka_unit_test(test_unless_owned),
            cmocka_unit_test(test_many_of_one_name),
            cmocka_unit_test(test_published_secrets),
            cmocka_unit_test(test_fields_of_components),
            cmocka_unit_test(test_gentoo),
            cmocka_unit_test(test_remarks),
            cmocka_unit_test(test_reading_is_quick),
            cmocka_unit_test(test_put_get),
            cmocka_unit_test(test_get_refuses),
            cmocka_unit_test(test_get_refuses_what_put_never_writes),
        };

        return cmocka_run_group_tests_name("inventory merge", tests, NULL, NULL);
}
