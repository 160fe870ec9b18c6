/*
 * Packages of rpm: var/lib/rpm, or usr/lib/sysimage/rpm since rpm 4.16. "rpmdb.sqlite" (with its write-ahead log),
 * "Packages.db" (ndb), "Packages" (Berkeley DB hash); and the list that Microsoft's distroless images keep instead.
 */
#include "inventory/os/rpm_priv.h"

uint32_t rpm_u32be(struct span s, size_t at)
{
        struct span v = span_cut(s, at, 4);

        return v.len < 4 ? 0 : (uint32_t)v.at[0] << 24 | (uint32_t)v.at[1] << 16 | (uint32_t)v.at[2] << 8 | v.at[3];
}

uint32_t rpm_u32le(struct span s, size_t at)
{
        struct span v = span_cut(s, at, 4);

        return v.len < 4 ? 0 : (uint32_t)v.at[3] << 24 | (uint32_t)v.at[2] << 16 | (uint32_t)v.at[1] << 8 | v.at[0];
}

uint16_t rpm_u16be(struct span s, size_t at)
{
        struct span v = span_cut(s, at, 2);

        return v.len < 2 ? 0 : (uint16_t)(v.at[0] << 8 | v.at[1]);
}

static bool in_folder(struct span path, const char *name)
{
        return span_is(path_name(path), name) &&
               (span_is(path_folder(path), "var/lib/rpm") || span_is(path_folder(path), "usr/lib/sysimage/rpm") ||
                   span_is(path_folder(path), "usr/share/rpm")); /* OSTree's */
}

static void take_blob(void *ctx, struct span blob, const char *place)
{
        rpm_header_read(blob, place, ctx);
}

/* A link in the way of the folder; "var/lib/rpm" to usr/lib/sysimage/rpm is usual, and both places are looked at. */
static bool wants_no_link(struct span path)
{
        return span_is(path, "usr/lib/sysimage") || in_folder(path, "rpmdb.sqlite") || in_folder(path, "Packages") ||
               in_folder(path, "Packages.db");
}

static bool wants_sqlite(struct span path)
{
        return in_folder(path, "rpmdb.sqlite");
}

static void read_sqlite(struct span content, struct span wal, struct findings *f)
{
        rpm_sqlite_read(content, wal, &(struct rpm_sink){take_blob, f, f});
}

const struct detector detect_rpm_sqlite = {
    .name = "rpm",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = RPM_DATABASE_MAX,
    .names = "rpmdb.sqlite",
    .wants = wants_sqlite,
    .companion = "rpmdb.sqlite-wal",
    .read_pair = read_sqlite,
    .wants_no_link = wants_no_link,
};

static bool wants_ndb(struct span path)
{
        return in_folder(path, "Packages.db");
}

static void read_ndb(struct span content, struct findings *f)
{
        rpm_ndb_read(content, &(struct rpm_sink){take_blob, f, f});
}

const struct detector detect_rpm_ndb = {
    .name = "rpm-ndb",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = RPM_DATABASE_MAX,
    .names = "Packages.db",
    .any_path = true,
    .wants = wants_ndb,
    .read = read_ndb,
};

static bool wants_bdb(struct span path)
{
        return in_folder(path, "Packages");
}

static void read_bdb(struct span content, struct findings *f)
{
        rpm_bdb_read(content, &(struct rpm_sink){take_blob, f, f});
}

const struct detector detect_rpm_bdb = {
    .name = "rpm-bdb",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = RPM_DATABASE_MAX,
    .names = "Packages",
    .any_path = true,
    .wants = wants_bdb,
    .read = read_bdb,
};

/* ---- var/lib/rpmmanifest/container-manifest-2: `rpm -qa` with tabs, of CBL-Mariner and Azure Linux distroless ---- */

enum { NAME, VERSION_RELEASE, INSTALL_TIME, BUILD_TIME, VENDOR, EPOCH, SIZE, ARCH, EPOCH_NUMBER, SOURCE, COLUMNS };

static bool wants_manifest(struct span path)
{
        return span_is(path, "var/lib/rpmmanifest/container-manifest-2");
}

/* "name-1.2-3.src.rpm" -> "name", "1.2-3". */
bool rpm_source_split(struct span file, struct span *ret_name, struct span *ret_version)
{
        size_t end = file.len, dash[2] = {0}, n = 0;

        if (span_ends(file, ".src.rpm"))
                end -= sizeof(".src.rpm") - 1;
        else if (span_ends(file, ".nosrc.rpm"))
                end -= sizeof(".nosrc.rpm") - 1;
        else
                return false;
        for (size_t i = end; i > 0 && n < 2; i--)
                if (file.at[i - 1] == '-')
                        dash[n++] = i - 1;
        if (n < 2 || dash[1] == 0)
                return false;
        *ret_name = span_cut(file, 0, dash[1]);
        *ret_version = span_cut(file, dash[1] + 1, end - dash[1] - 1);
        return true;
}

static void read_manifest(struct span content, struct findings *f)
{
        struct cursor c = {.rest = content};
        struct span line;
        size_t number = 0;
        char place[32], full[INVENTORY_VERSION_MAX + 16];

        while (cursor_line(&c, &line)) {
                struct span column[COLUMNS] = {{0}};
                struct package p = {0};
                size_t n = 0;
                number++;
                if (line.len == 0)
                        continue;
                while (n < COLUMNS && (n == 0 || line.len > 0))
                        span_split(line, '\t', &column[n++], &line);
                snprintf(place, sizeof(place), "line %zu", number);
                if (n < COLUMNS || column[NAME].len == 0 || column[VERSION_RELEASE].len == 0) {
                        findings_note(f, "%s: not ten columns: not listed", place);
                        continue;
                }
                p.name = column[NAME];
                p.version = column[VERSION_RELEASE];
                if (column[EPOCH_NUMBER].len > 0 && !span_is(column[EPOCH_NUMBER], "(none)") &&
                    !span_is(column[EPOCH_NUMBER], "0")) {
                        snprintf(full, sizeof(full), "%.*s:%.*s",
                            (int)(column[EPOCH_NUMBER].len > 10 ? 10 : column[EPOCH_NUMBER].len),
                            (const char *)column[EPOCH_NUMBER].at,
                            (int)(p.version.len > INVENTORY_VERSION_MAX ? INVENTORY_VERSION_MAX : p.version.len),
                            (const char *)p.version.at);
                        p.version = span_of(full);
                }
                p.arch = column[ARCH];
                p.vendor = column[VENDOR];
                if (!rpm_source_split(column[SOURCE], &p.source_name, &p.source_version))
                        p.source_name = p.source_version = (struct span){0};
                findings_package(f, place, &p);
        }
}

const struct detector detect_rpm_manifest = {
    .name = "rpm-manifest",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .names = "container-manifest-2",
    .any_path = true,
    .wants = wants_manifest,
    .read = read_manifest,
};
