/*
 * Packages of rpm: var/lib/rpm, usr/lib/sysimage/rpm (Fedora since 36, SUSE) or usr/share/rpm (OSTree). "rpmdb.sqlite" with
 * its write-ahead log, "Packages.db" (ndb), "Packages" (Berkeley DB hash); and the list that Microsoft's distroless
 * images keep instead of a database.
 */
#include <stdlib.h>

#include "inventory/os/rpm_priv.h"

static uint32_t number_at(struct span s, size_t at, size_t n, bool big)
{
        struct span v = span_cut(s, at, n);
        uint32_t x = 0;

        for (size_t i = 0; v.len == n && i < n; i++)
                x = x << 8 | v.at[big ? i : n - 1 - i];
        return x;
}

uint16_t rpm_u16be(struct span s, size_t at)
{
        return (uint16_t)number_at(s, at, 2, true);
}

uint16_t rpm_u16le(struct span s, size_t at)
{
        return (uint16_t)number_at(s, at, 2, false);
}

uint32_t rpm_u32be(struct span s, size_t at)
{
        return number_at(s, at, 4, true);
}

uint32_t rpm_u32le(struct span s, size_t at)
{
        return number_at(s, at, 4, false);
}

void rpm_pages_init(struct rpm_pages *p, uint32_t n)
{
        p->bits = heap_alloc(n / 8 + 1u);
        p->n = n;
}

bool rpm_pages_take(struct rpm_pages *p, uint32_t number)
{
        uint8_t bit = (uint8_t)(1u << (number % 8));

        if (number >= p->n || (p->bits[number / 8] & bit))
                return false;
        p->bits[number / 8] |= bit;
        return true;
}

void rpm_pages_done(struct rpm_pages *p)
{
        free(p->bits);
        *p = (struct rpm_pages){0};
}

bool rpm_list_next(struct rpm_list *l)
{
        if (l->n++ < RPM_ROWS_MAX)
                return true;
        findings_note(l->f, "more than %u packages: the others are not listed", RPM_ROWS_MAX);
        return false;
}

bool rpm_evr(char out[RPM_EVR_SIZE], uint64_t epoch, struct span version_release)
{
        int n = 0;

        if (epoch > 0)
                n = snprintf(out, RPM_EVR_SIZE, "%llu:", (unsigned long long)epoch);
        if (n < 0 || version_release.len >= RPM_EVR_SIZE - (size_t)n)
                return false;
        n = snprintf(out + n, RPM_EVR_SIZE - (size_t)n, "%.*s", SPAN_FMT(version_release));
        return n >= 0;
}

bool rpm_source(struct package *p, struct span source_rpm, uint64_t epoch, char version[RPM_EVR_SIZE])
{
        static const char *const endings[] = {".src.rpm", ".nosrc.rpm"};
        struct span s = {0};
        size_t dash[2], n = 0;

        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
                if (span_ends(source_rpm, endings[i]))
                        s = span_cut(source_rpm, 0, source_rpm.len - strlen(endings[i]));
        for (size_t i = s.len; i > 0 && n < 2; i--)
                if (s.at[i - 1] == '-')
                        dash[n++] = i - 1;
        /* "name-version-release": none of the three is empty. */
        if (n < 2 || dash[1] == 0 || dash[0] == dash[1] + 1 || dash[0] + 1 == s.len ||
            !rpm_evr(version, epoch, span_from(s, dash[1] + 1)))
                return false;
        p->source_name = span_cut(s, 0, dash[1]);
        p->source_version = span_of(version);
        return true;
}

static bool in_folder(struct span path, const char *name)
{
        static const char *const folders[] = {"var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"};

        for (size_t i = 0; span_is(path_name(path), name) && i < ARRAY_LEN(folders); i++)
                if (span_is(path_folder(path), folders[i]))
                        return true;
        return false;
}

/*
 * var/lib/rpm itself is a link on Fedora, SUSE and OSTree's systems, to one of the other two folders, and is not told.
 * "var" and "var/lib" are dpkg's rows.
 */
static bool wants_no_link(struct span path)
{
        return span_is(path, "usr/lib/sysimage") || span_is(path, "usr/lib/sysimage/rpm") ||
               in_folder(path, "rpmdb.sqlite") || in_folder(path, "rpmdb.sqlite-wal") || in_folder(path, "Packages") ||
               in_folder(path, "Packages.db");
}

static bool wants_sqlite(struct span path)
{
        return in_folder(path, "rpmdb.sqlite");
}

const struct detector detect_rpm_sqlite = {
    .name = "rpm",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = INVENTORY_RPM_MAX,
    .names = "rpmdb.sqlite",
    .wants = wants_sqlite,
    .companion = "rpmdb.sqlite-wal",
    .read_pair = rpm_sqlite_read,
    .wants_no_link = wants_no_link,
};

static bool wants_ndb(struct span path)
{
        return in_folder(path, "Packages.db");
}

const struct detector detect_rpm_ndb = {
    .name = "rpm-ndb",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = INVENTORY_RPM_MAX,
    .names = "Packages.db",
    .any_path = true,
    .wants = wants_ndb,
    .read = rpm_ndb_read,
};

static bool wants_bdb(struct span path)
{
        return in_folder(path, "Packages");
}

const struct detector detect_rpm_bdb = {
    .name = "rpm-bdb",
    .type = "rpm",
    .confidence = CONFIDENCE_CERTAIN,
    .size_max = INVENTORY_RPM_MAX,
    .names = "Packages",
    .any_path = true,
    .wants = wants_bdb,
    .read = rpm_bdb_read,
};
