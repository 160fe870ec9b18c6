/*
 * Packages of apk: lib/apk/db/installed, and usr/lib/apk/db/installed since apk-tools 3 (both in the text form of
 * apk-tools 2; doc/apk-package.5). Alpine, Wolfi, Chainguard, MinimOS, Alpaquita, OpenWrt since 25.12.
 *
 * Records of "X:value" lines, divided by empty lines. Files stand below their folder: "F:usr/bin", then "R:busybox".
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static bool wants(struct span path)
{
        return span_is(path, "lib/apk/db/installed") || span_is(path, "usr/lib/apk/db/installed");
}

static bool wants_no_link(struct span path)
{
        /* Not "lib": it is a link to usr/lib where /usr is merged, and both places are looked at. */
        return span_is(path, "lib/apk") || span_is(path, "lib/apk/db") || span_is(path, "usr/lib/apk") ||
               span_is(path, "usr/lib/apk/db") || wants(path);
}

enum record_field { NAME, VERSION, ARCH, ORIGIN, LICENCE, RECORD_FIELDS };
static const uint8_t letters[RECORD_FIELDS] = {
    [NAME] = 'P', [VERSION] = 'V', [ARCH] = 'A', [ORIGIN] = 'o', [LICENCE] = 'L'};

struct record {
        struct span value[RECORD_FIELDS];
        bool seen[RECORD_FIELDS];
        bool open, taken;
        uint32_t package; /* once taken */
        size_t line;      /* where it begins */
        struct span folder;
};

/* Called before the first file and at the record's end: the package's own lines come first. */
static void record_take(struct record *r, struct findings *f)
{
        struct package p = {.name = r->value[NAME],
            .version = r->value[VERSION],
            .arch = r->value[ARCH],
            .licence = r->value[LICENCE],
            .source_name = r->value[ORIGIN].len > 0 ? r->value[ORIGIN] : r->value[NAME],
            .source_version = r->value[VERSION]}; /* one APKBUILD, one version */
        char place[40], shown[80];

        if (r->taken)
                return;
        r->taken = true;
        r->package = UINT32_MAX;
        snprintf(place, sizeof(place), "line %zu", r->line);
        span_printable(p.name, shown, sizeof(shown));
        if (!package_name(p.name))
                findings_note(f, "%s: \"%s\" is no package name: not listed", place, shown);
        else if (!printable_word(p.version, ""))
                findings_note(f, "%s: package %s has no valid version: not listed", place, shown);
        else if (p.arch.len > 0 && !printable_word(p.arch, ""))
                findings_note(f, "%s: package %s has no valid architecture: not listed", place, shown);
        else if (!package_name(p.source_name))
                findings_note(f, "%s: package %s names no valid origin: not listed", place, shown);
        else
                r->package = findings_package(f, place, &p);
}

static void add_file(struct record *r, struct span name, struct findings *f)
{
        if (r->package == UINT32_MAX || name.len == 0 || r->folder.len + name.len >= INVENTORY_PATH_MAX)
                return;
        if (r->folder.len == 0) {
                findings_owns(f, r->package, name);
                return;
        }
        char path[INVENTORY_PATH_MAX + 1];
        int len = snprintf(path, sizeof(path), "%.*s/", SPAN_FMT(r->folder));
        if (len < 0 || (size_t)len != r->folder.len + 1) /* a NUL in it */
                return;
        memcpy(path + len, name.at, name.len);
        findings_owns(f, r->package, span_bytes(path, (size_t)len + name.len));
}

static void record_line(struct record *r, size_t line, uint8_t letter, struct span value, struct findings *f)
{
        if (letter == 'F' || letter == 'R') {
                record_take(r, f);
                if (letter == 'F')
                        r->folder = value;
                else
                        add_file(r, value, f);
                return;
        }
        for (size_t i = 0; i < RECORD_FIELDS; i++) {
                if (letter != letters[i])
                        continue;
                if (r->seen[i] || r->taken)
                        findings_note(
                            f, "line %zu: a second or late %c: in one record: the first one counts", line, letter);
                else
                        r->value[i] = value;
                r->seen[i] = true;
        }
}

static void record_end(struct record *r, struct findings *f)
{
        if (r->open)
                record_take(r, f);
        *r = (struct record){0};
}

static void read_installed(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct record r = {0};
        struct span line;

        for (size_t n = 1; cursor_line(&c, &line); n++) {
                if (line.len == 0) {
                        record_end(&r, f);
                        continue;
                }
                if (!r.open)
                        r = (struct record){.open = true, .line = n};
                if (line.len < 2 || line.at[1] != ':')
                        findings_note(f, "line %zu: no field of a package", n);
                else
                        record_line(&r, n, line.at[0], span_from(line, 2), f);
        }
        record_end(&r, f);
}

const struct detector detect_apk = {
    .name = "apk",
    .type = "apk",
    .size_max = INVENTORY_DPKG_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "installed",
    .any_path = true,
    .wants = wants,
    .read = read_installed,
    .wants_no_link = wants_no_link,
};
