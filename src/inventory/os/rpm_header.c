/* rpm's header blob (rpm-4.18 docs/manual/format.md): an index of tags, each with a type, an offset and a count. */
#include <stdlib.h>
#include <string.h>

#include "inventory/os/rpm_priv.h"

enum tag {
        TAG_NAME = 1000,
        TAG_VERSION = 1001,
        TAG_RELEASE = 1002,
        TAG_EPOCH = 1003,
        TAG_VENDOR = 1011,
        TAG_LICENCE = 1014,
        TAG_ARCH = 1022,
        TAG_FILESTATES = 1029,
        TAG_SOURCERPM = 1044,
        TAG_DIRINDEXES = 1116,
        TAG_BASENAMES = 1117,
        TAG_DIRNAMES = 1118,
        TAG_MODULARITYLABEL = 5096
};

enum type { TYPE_CHAR = 1, TYPE_INT8 = 2, TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRING_ARRAY = 8, TYPE_I18N = 9 };

struct header {
        struct span index, data;
        uint32_t n_tags;
        const char *place;
        struct findings *f;
};

struct entry {
        uint32_t type, offset, count;
};

/* Each 16 bytes: tag, type, offset in the data, count. Region tags (61 to 64), whose offsets are negative, are never asked for. */
static bool find(const struct header *h, enum tag tag, struct entry *ret)
{
        for (uint32_t i = 0; i < h->n_tags; i++)
                if (rpm_u32be(h->index, 16ul * i) == (uint32_t)tag) {
                        ret->type = rpm_u32be(h->index, 16ul * i + 4);
                        ret->offset = rpm_u32be(h->index, 16ul * i + 8);
                        ret->count = rpm_u32be(h->index, 16ul * i + 12);
                        return ret->offset <= h->data.len;
                }
        return false;
}

/* Up to its NUL; false when there is none within the data. */
static bool string_take(struct span *rest, struct span *ret)
{
        size_t nul;

        if (!span_find(*rest, 0, &nul))
                return false;
        *ret = span_cut(*rest, 0, nul);
        *rest = span_from(*rest, nul + 1);
        return true;
}

/* Of a translated text the first, which is the C locale's. */
static struct span string_of(const struct header *h, enum tag tag)
{
        struct entry e;
        struct span rest, s;

        if (!find(h, tag, &e) || (e.type != TYPE_STRING && e.type != TYPE_I18N && e.type != TYPE_STRING_ARRAY) ||
            e.count == 0)
                return (struct span){0};
        rest = span_from(h->data, e.offset);
        return string_take(&rest, &s) ? s : (struct span){0};
}

/* The bytes of `count` values of `size` bytes each; the empty span when they don't lie within the data. */
static struct span array_of(const struct header *h, enum tag tag, uint32_t type, uint32_t size, uint32_t *ret_count)
{
        struct entry e;

        *ret_count = 0;
        if (!find(h, tag, &e) || e.type != type || e.count > (h->data.len - e.offset) / size)
                return (struct span){0};
        *ret_count = e.count;
        return span_cut(h->data, e.offset, (size_t)e.count * size);
}

/* All strings of an array, in the arena; 0 when one lacks its end. */
static uint32_t strings_of(const struct header *h, enum tag tag, struct arena *a, struct span **ret)
{
        struct entry e;
        struct span rest;

        if (!find(h, tag, &e) || e.type != TYPE_STRING_ARRAY || e.count > h->data.len - e.offset)
                return 0;
        rest = span_from(h->data, e.offset);
        *ret = arena_array(a, e.count, sizeof(**ret));
        for (uint32_t i = 0; i < e.count; i++)
                if (!string_take(&rest, &(*ret)[i])) {
                        findings_note(
                            h->f, "%s: tag %u: string %u of %u has no end", h->place, (unsigned)tag, i + 1, e.count);
                        return 0;
                }
        return e.count;
}

#define STATE_NORMAL 0 /* others: replaced, not installed, on another host, of the wrong colour */

static void read_files(const struct header *h, uint32_t package)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span *names = NULL, *folders = NULL;
        uint32_t n_names = strings_of(h, TAG_BASENAMES, a, &names),
                 n_folders = strings_of(h, TAG_DIRNAMES, a, &folders), n_indexes, n_states;
        struct span indexes = array_of(h, TAG_DIRINDEXES, TYPE_INT32, 4, &n_indexes);
        struct span states = array_of(h, TAG_FILESTATES, TYPE_CHAR, 1, &n_states);
        char path[INVENTORY_PATH_MAX + 1];

        if (n_states == 0)
                states = array_of(h, TAG_FILESTATES, TYPE_INT8, 1, &n_states);
        if (n_names != n_indexes) {
                findings_note(h->f, "%s: %u names of files and %u of their folders: its files are not counted",
                    h->place, n_names, n_indexes);
                return;
        }
        for (uint32_t i = 0; i < n_names; i++) {
                uint32_t folder = rpm_u32be(indexes, 4ul * i);
                if ((i < n_states && states.at[i] != STATE_NORMAL) || folder >= n_folders ||
                    folders[folder].len + names[i].len > INVENTORY_PATH_MAX)
                        continue;
                if (folders[folder].len > 0)
                        memcpy(path, folders[folder].at, folders[folder].len);
                if (names[i].len > 0)
                        memcpy(path + folders[folder].len, names[i].at, names[i].len);
                findings_owns(h->f, package, span_bytes(path, folders[folder].len + names[i].len));
        }
}

/*
 * "epoch:version-release", the epoch left out where it is 0 or not stated: so do OSV's records for AlmaLinux and Rocky
 * Linux and `rpm -q`, and rpm's own order takes a missing epoch for 0.
 */
static bool version_of(const struct header *h, char *out, size_t size)
{
        struct span version = string_of(h, TAG_VERSION), release = string_of(h, TAG_RELEASE);
        uint32_t n;
        struct span epochs = array_of(h, TAG_EPOCH, TYPE_INT32, 4, &n);
        uint32_t epoch = n > 0 ? rpm_u32be(epochs, 0) : 0;
        int len;

        if (version.len == 0 || release.len == 0 || version.len + release.len + 12 > size)
                return false;
        len = epoch ? snprintf(out, size, "%u:%.*s-%.*s", epoch, SPAN_FMT(version), SPAN_FMT(release))
                    : snprintf(out, size, "%.*s-%.*s", SPAN_FMT(version), SPAN_FMT(release));
        return len > 0 && (size_t)len < size;
}

static void read_package(const struct header *h)
{
        char version[INVENTORY_VERSION_MAX + 1], shown[80];
        struct package p = {.name = string_of(h, TAG_NAME),
            .arch = string_of(h, TAG_ARCH),
            .licence = string_of(h, TAG_LICENCE),
            .vendor = string_of(h, TAG_VENDOR),
            .module = string_of(h, TAG_MODULARITYLABEL)};

        if (span_is(p.name, "gpg-pubkey")) /* a key that rpm trusts, kept as if it were a package */
                return;
        span_printable(p.name, shown, sizeof(shown));
        if (p.name.len == 0) {
                findings_note(h->f, "%s: a header without a name: not listed", h->place);
                return;
        }
        if (!version_of(h, version, sizeof(version))) {
                findings_note(h->f, "%s: package %s has no valid version and release: not listed", h->place, shown);
                return;
        }
        p.version = span_of(version);
        if (!rpm_source_split(string_of(h, TAG_SOURCERPM), &p.source_name, &p.source_version))
                p.source_name = p.source_version = (struct span){0};
        read_files(h, findings_package(h->f, h->place, &p));
}

void rpm_header_read(struct span blob, const char *place, struct findings *f)
{
        struct header h = {.n_tags = rpm_u32be(blob, 0), .place = place, .f = f};
        uint32_t data_len = rpm_u32be(blob, 4);

        if (blob.len < 8 || h.n_tags == 0 || h.n_tags > RPM_TAGS_MAX) {
                findings_note(f, "%s: a header of %zu bytes with %u tags: not listed", place, blob.len, h.n_tags);
                return;
        }
        h.index = span_cut(blob, 8, 16ul * h.n_tags);
        h.data = span_cut(blob, 8 + 16ul * h.n_tags, data_len);
        if (h.index.len < 16ul * h.n_tags || h.data.len < data_len) {
                findings_note(f, "%s: a header that ends before its %u tags and %u bytes of data do: not listed", place,
                    h.n_tags, data_len);
                return;
        }
        read_package(&h);
}
