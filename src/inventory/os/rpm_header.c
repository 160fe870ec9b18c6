/*
 * rpm's header (rpm 4.18, docs/manual/format.md and lib/header.c): an index of tags, each with a type, an offset in the data
 * and a count. All numbers big-endian.
 */
#include "inventory/os/rpm_priv.h"

#define ENTRY_LEN 16u
#define STRING_ARRAYS (1u << TYPE_STRING_ARRAY)

enum type {
        TYPE_CHAR = 1,
        TYPE_INT8 = 2,
        TYPE_INT16 = 3,
        TYPE_INT32 = 4,
        TYPE_INT64 = 5,
        TYPE_STRING = 6,
        TYPE_BIN = 7,
        TYPE_STRING_ARRAY = 8,
        TYPE_I18N = 9
};

enum wanted {
        NAME,
        VERSION,
        RELEASE,
        EPOCH,
        VENDOR,
        LICENCE,
        ARCH,
        OLD_FILE_NAMES,
        FILE_STATES,
        FILE_FLAGS,
        SOURCE_RPM,
        DIR_INDEXES,
        BASE_NAMES,
        DIR_NAMES,
        MODULE,
        WANTED
};

/* Which types a tag may have, as a set of bits. There is no tag for a CPE. */
#define STRINGS (1u << TYPE_STRING | 1u << TYPE_I18N | STRING_ARRAYS)
static const struct {
        uint32_t tag;
        unsigned types;
        const char *name;
} tags[WANTED] = {
    [NAME] = {1000, STRINGS, "Name"},
    [VERSION] = {1001, STRINGS, "Version"},
    [RELEASE] = {1002, STRINGS, "Release"},
    [EPOCH] = {1003, 1u << TYPE_INT32, "Epoch"},
    [VENDOR] = {1011, STRINGS, "Vendor"},
    [LICENCE] = {1014, STRINGS, "License"},
    [ARCH] = {1022, STRINGS, "Arch"},
    [OLD_FILE_NAMES] = {1027, STRING_ARRAYS, "Oldfilenames"}, /* whole paths: packages of rpm 3 */
    [FILE_STATES] = {1029, 1u << TYPE_CHAR | 1u << TYPE_INT8, "Filestates"},
    [FILE_FLAGS] = {1037, 1u << TYPE_INT32, "Fileflags"},
    [SOURCE_RPM] = {1044, STRINGS, "Sourcerpm"},
    [DIR_INDEXES] = {1116, 1u << TYPE_INT32, "Dirindexes"},
    [BASE_NAMES] = {1117, STRING_ARRAYS, "Basenames"},
    [DIR_NAMES] = {1118, STRING_ARRAYS, "Dirnames"},
    [MODULE] = {5096, STRINGS, "Modularitylabel"},
};

struct entry {
        uint32_t type, offset, count;
        bool there;
};

struct header {
        struct rpm_list *list;
        const char *place;
        struct span index, data;
        uint32_t n_entries;
        struct entry entries[WANTED];
};

/*
 * A tag that is there twice: the last one counts. It is one that was added when the package was installed, behind the
 * region that the package's builder signed, and rpm prefers it.
 */
static void entries_read(struct header *h)
{
        for (uint32_t i = 0; i < h->n_entries; i++) {
                struct span e = span_cut(h->index, (size_t)i * ENTRY_LEN, ENTRY_LEN);
                uint32_t tag = rpm_u32be(e, 0);
                for (size_t w = 0; w < WANTED; w++)
                        if (tags[w].tag == tag)
                                h->entries[w] =
                                    (struct entry){rpm_u32be(e, 4), rpm_u32be(e, 8), rpm_u32be(e, 12), true};
        }
}

/*
 * The first entry is a region (tags 61 to 63) but for the oldest packages: its offset leads to a trailer of 16 bytes, made
 * like an entry, whose negative offset says how many entries belong to the region.
 */
static void region_check(const struct header *h)
{
        uint32_t tag = rpm_u32be(h->index, 0), offset = rpm_u32be(h->index, 8);
        struct span trailer = span_cut(span_from(h->data, offset), 0, ENTRY_LEN);
        uint32_t region = 0u - rpm_u32be(trailer, 8);

        if (tag < 61 || tag > 63 || (offset == 0 && tag == 61)) /* the last: of rpm 3, all of it, without a trailer */
                return;
        if (rpm_u32be(h->index, 4) != TYPE_BIN || rpm_u32be(h->index, 12) != ENTRY_LEN || trailer.len < ENTRY_LEN ||
            rpm_u32be(trailer, 0) != tag || rpm_u32be(trailer, 4) != TYPE_BIN || rpm_u32be(trailer, 12) != ENTRY_LEN ||
            region % ENTRY_LEN != 0 || region / ENTRY_LEN > h->n_entries)
                findings_note(h->list->f, "%s: tag %u at offset %u: no valid region, which rpm itself refuses",
                    h->place, tag, offset);
}

/* Where its values begin; false when it is not there, or with a note when it can't be what it should. */
static bool values_of(const struct header *h, enum wanted which, struct span *ret)
{
        const struct entry *e = &h->entries[which];

        if (!e->there)
                return false;
        if (e->type > TYPE_I18N || !(tags[which].types & 1u << e->type)) {
                findings_note(h->list->f, "%s: %s (tag %u) is of type %u: not read", h->place, tags[which].name,
                    tags[which].tag, e->type);
                return false;
        }
        if (e->offset > h->data.len || e->count > h->data.len - e->offset) { /* each value is one byte or more */
                findings_note(h->list->f, "%s: %s (tag %u): offset %u and count %u lead out of %zu bytes: not read",
                    h->place, tags[which].name, tags[which].tag, e->offset, e->count, h->data.len);
                return false;
        }
        *ret = span_from(h->data, e->offset);
        return true;
}

static bool endless(const struct header *h, enum wanted which)
{
        findings_note(
            h->list->f, "%s: %s (tag %u): a text has no end: not read", h->place, tags[which].name, tags[which].tag);
        return false;
}

/* Up to its NUL. */
static bool string_take(struct span *rest, struct span *ret)
{
        size_t nul;

        if (!span_find(*rest, 0, &nul))
                return false;
        *ret = span_cut(*rest, 0, nul);
        *rest = span_from(*rest, nul + 1);
        return true;
}

/* Of a translated text the first, which is the C locale's. Empty when there is none. */
static struct span string_of(const struct header *h, enum wanted which)
{
        struct span rest, s;

        if (!values_of(h, which, &rest) || h->entries[which].count == 0)
                return (struct span){0};
        if (string_take(&rest, &s))
                return s;
        endless(h, which);
        return (struct span){0};
}

/* `size` bytes a value. The empty span when there are none. */
static struct span array_of(const struct header *h, enum wanted which, uint32_t size)
{
        const struct entry *e = &h->entries[which];
        struct span s;

        if (!values_of(h, which, &s))
                return (struct span){0};
        if (e->count > s.len / size) {
                findings_note(h->list->f, "%s: %s (tag %u): %u values lead out of the data: not read", h->place,
                    tags[which].name, tags[which].tag, e->count);
                return (struct span){0};
        }
        return span_cut(s, 0, (size_t)e->count * size);
}

/* ---- files ---- */

#define STATE_NORMAL 0 /* others: replaced by another package, not installed, on a shared folder, of the wrong colour */
#define FLAG_GHOST (1u << 6) /* named, but not brought: what lies there is not of the package */

struct files {
        uint32_t package;
        struct span states, flags, indexes;
        struct span *folders;
        uint32_t n_folders;
};

static bool is_owned(const struct files *x, uint32_t i)
{
        return (i >= x->states.len || x->states.at[i] == STATE_NORMAL) && !(rpm_u32be(x->flags, 4ul * i) & FLAG_GHOST);
}

static bool path_add(const struct header *h, const struct files *x, struct span folder, struct span name)
{
        char path[INVENTORY_PATH_MAX];
        struct rpm_list *l = h->list;

        if (folder.len > sizeof(path) || name.len > sizeof(path) - folder.len)
                return true;
        if (l->f->owned.len >= INVENTORY_OWNED_MAX || l->path_bytes + folder.len + name.len > RPM_PATHS_MAX) {
                findings_note(l->f,
                    "%s: more than %u files or %u bytes of their names: whose the others are is not known", h->place,
                    INVENTORY_OWNED_MAX, RPM_PATHS_MAX);
                l->many_paths = true;
                return false;
        }
        if (folder.len > 0)
                memcpy(path, folder.at, folder.len);
        if (name.len > 0)
                memcpy(path + folder.len, name.at, name.len);
        l->path_bytes += folder.len + name.len;
        findings_owns(l->f, x->package, span_bytes(path, folder.len + name.len));
        return true;
}

/* Names one after the other; each with its folder, or whole paths. */
static void names_read(const struct header *h, const struct files *x, enum wanted which)
{
        struct span rest, name, folder = {0};

        if (!values_of(h, which, &rest))
                return;
        for (uint32_t i = 0; i < h->entries[which].count; i++) {
                uint32_t at = rpm_u32be(x->indexes, 4ul * i);
                if (!string_take(&rest, &name)) {
                        endless(h, which);
                        return;
                }
                if (which == BASE_NAMES && at >= x->n_folders) {
                        findings_note(h->list->f,
                            "%s: Dirindexes: file %u is in folder %u of %u: its other files are left out", h->place, i,
                            at, x->n_folders);
                        return;
                }
                if (which == BASE_NAMES)
                        folder = x->folders[at];
                if (is_owned(x, i) && !path_add(h, x, folder, name))
                        return;
        }
}

static bool folders_read(const struct header *h, struct arena *a, struct files *x)
{
        struct span rest;

        if (!values_of(h, DIR_NAMES, &rest))
                return false;
        x->n_folders = h->entries[DIR_NAMES].count;
        x->folders = arena_array(a, x->n_folders, sizeof(*x->folders));
        for (uint32_t i = 0; i < x->n_folders; i++)
                if (!string_take(&rest, &x->folders[i]))
                        return endless(h, DIR_NAMES);
        return true;
}

static void files_read(const struct header *h, uint32_t package)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct entry *names = &h->entries[BASE_NAMES], *old = &h->entries[OLD_FILE_NAMES];
        struct files x = {.package = package};

        if (h->list->many_paths || (!names->there && !old->there))
                return;
        if (names->count > RPM_FILES_MAX || old->count > RPM_FILES_MAX || h->entries[DIR_NAMES].count > RPM_FILES_MAX) {
                findings_note(
                    h->list->f, "%s: more than %u files: which ones it owns is not known", h->place, RPM_FILES_MAX);
                return;
        }
        x.states = array_of(h, FILE_STATES, 1);
        x.flags = array_of(h, FILE_FLAGS, 4);
        if (!names->there) {
                names_read(h, &x, OLD_FILE_NAMES);
                return;
        }
        x.indexes = array_of(h, DIR_INDEXES, 4);
        if (x.indexes.len != 4ul * names->count) {
                findings_note(h->list->f, "%s: %u Basenames and %zu Dirindexes: which files it owns is not known",
                    h->place, names->count, x.indexes.len / 4);
                return;
        }
        if (folders_read(h, a, &x))
                names_read(h, &x, BASE_NAMES);
}

/* ---- the package ---- */

static bool version_of(const struct header *h, uint64_t epoch, char out[RPM_EVR_SIZE])
{
        struct span version = string_of(h, VERSION), release = string_of(h, RELEASE);
        char text[RPM_EVR_SIZE];
        int n;

        if (version.len == 0 || release.len == 0 || version.len >= sizeof(text) || release.len >= sizeof(text))
                return false;
        n = snprintf(text, sizeof(text), "%.*s-%.*s", SPAN_FMT(version), SPAN_FMT(release));
        return n > 0 && (size_t)n < sizeof(text) && rpm_evr(out, epoch, span_of(text));
}

static void package_read(const struct header *h)
{
        char version[RPM_EVR_SIZE], source[RPM_EVR_SIZE], shown[80];
        uint64_t epoch = rpm_u32be(array_of(h, EPOCH, 4), 0);
        struct package p = {.name = string_of(h, NAME)};
        struct span source_rpm;
        uint32_t index;

        if (span_is(p.name, "gpg-pubkey")) /* a key that rpm trusts, kept as if it were a package */
                return;
        span_printable(p.name, shown, sizeof(shown));
        if (p.name.len == 0) {
                findings_note(h->list->f, "%s: a header without a Name: not listed", h->place);
                return;
        }
        if (!version_of(h, epoch, version)) {
                findings_note(
                    h->list->f, "%s: package %s has no valid Version and Release: not listed", h->place, shown);
                return;
        }
        p.version = span_of(version);
        p.arch = string_of(h, ARCH);
        p.licence = string_of(h, LICENCE);
        p.vendor = string_of(h, VENDOR);
        p.module = string_of(h, MODULE);
        source_rpm = string_of(h, SOURCE_RPM);
        if (!rpm_source(&p, source_rpm, epoch, source) && source_rpm.len > 0 && !span_is(source_rpm, "(none)"))
                findings_note(h->list->f, "%s: package %s: its Sourcerpm names no source package", h->place, shown);
        index = findings_package(h->list->f, h->place, &p);
        if (index != UINT32_MAX)
                files_read(h, index);
}

void rpm_header_read(struct rpm_list *l, struct span blob, const char *place)
{
        struct header h = {.list = l, .place = place, .n_entries = rpm_u32be(blob, 0)};
        uint32_t data_len = rpm_u32be(blob, 4);
        uint64_t whole = 8 + (uint64_t)h.n_entries * ENTRY_LEN + data_len;

        if (blob.len < 8 || h.n_entries == 0 || h.n_entries > RPM_TAGS_MAX) {
                findings_note(l->f, "%s: a header of %zu bytes with %u tags: not listed", place, blob.len, h.n_entries);
                return;
        }
        if (whole != blob.len)
                findings_note(l->f, "%s: a header of %zu bytes whose %u tags and %u bytes of data make %llu%s", place,
                    blob.len, h.n_entries, data_len, (unsigned long long)whole, whole > blob.len ? ": not listed" : "");
        if (whole > blob.len)
                return;
        h.index = span_cut(blob, 8, (size_t)h.n_entries * ENTRY_LEN);
        h.data = span_cut(blob, 8 + h.index.len, data_len);
        region_check(&h);
        entries_read(&h);
        package_read(&h);
}
