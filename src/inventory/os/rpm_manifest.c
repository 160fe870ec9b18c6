/*
 * var/lib/rpmmanifest/container-manifest-2 of CBL-Mariner's and Azure Linux's distroless images: a line for each package,
 * as `rpm -qa` said it when the image was made:
 * name, version-release, install time, build time, vendor, epoch, size, architecture, epoch as a number, source rpm.
 */
#include "inventory/os/rpm_priv.h"

enum { NAME, VERSION_RELEASE, INSTALL_TIME, BUILD_TIME, VENDOR, EPOCH, SIZE, ARCH, EPOCH_NUMBER, SOURCE, COLUMNS };

static bool wants(struct span path)
{
        return span_is(path, "var/lib/rpmmanifest/container-manifest-2");
}

static bool wants_no_link(struct span path)
{
        return span_is(path, "var/lib/rpmmanifest") || wants(path);
}

static bool is_none(struct span s)
{
        return s.len == 0 || span_is(s, "(none)");
}

static size_t split(struct span line, struct span column[COLUMNS])
{
        size_t n = 0;
        bool more = true;

        for (; more && n < COLUMNS; n++)
                more = span_split(line, '\t', &column[n], &line);
        return more ? COLUMNS + 1 : n;
}

static void read_line(struct span line, const char *place, struct findings *f)
{
        struct span column[COLUMNS];
        char version[RPM_EVR_SIZE], source[RPM_EVR_SIZE], shown[80];
        size_t n = split(line, column);
        struct package p = {0};
        uint64_t epoch = 0;

        if (n != COLUMNS) {
                findings_note(f, "%s: %s than %d columns: not listed", place, n < COLUMNS ? "less" : "more", COLUMNS);
                return;
        }
        span_printable(column[NAME], shown, sizeof(shown));
        if (!is_none(column[EPOCH_NUMBER]) && !span_to_u64(column[EPOCH_NUMBER], &epoch)) {
                findings_note(f, "%s: package %s: its epoch is no number: not listed", place, shown);
                return;
        }
        if (is_none(column[VERSION_RELEASE]) || !rpm_evr(version, epoch, column[VERSION_RELEASE])) {
                findings_note(f, "%s: package %s has no valid version: not listed", place, shown);
                return;
        }
        p.name = column[NAME];
        p.version = span_of(version);
        p.arch = is_none(column[ARCH]) ? (struct span){0} : column[ARCH];
        p.vendor = is_none(column[VENDOR]) ? (struct span){0} : column[VENDOR];
        if (!is_none(column[SOURCE]) && !rpm_source(&p, column[SOURCE], epoch, source))
                findings_note(f, "%s: package %s: \"%.80s\" names no source package", place, shown,
                    span_printable(column[SOURCE], (char[100]){0}, 100));
        findings_package(f, place, &p);
}

static void read_manifest(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct span line;
        char place[32];

        for (size_t number = 1; cursor_line(&c, &line); number++) {
                snprintf(place, sizeof(place), "line %zu", number);
                if (line.len > 0)
                        read_line(line, place, f);
        }
}

const struct detector detect_rpm_manifest = {
    .name = "rpm-manifest",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .names = "container-manifest-2",
    .any_path = true,
    .wants = wants,
    .read = read_manifest,
    .wants_no_link = wants_no_link,
};
