/*
 * What Debian's packages own: var/lib/dpkg/info/NAME.list or NAME:ARCH.list, one path a line, and
 * var/lib/dpkg/status.d/NAME.md5sums of images that are made without dpkg ("distroless").
 *
 * Folders belong to many packages and are left out; one that holds nothing of the package can't be told from a file and is
 * listed. Of a distroless image only packages whose file in status.d bears their own
 * name are found again (early ones were cut at the first dot: libssl1 for libssl1.1).
 */
#include "inventory/os/os_priv.h"
#include "inventory/os/words_priv.h"

static const char info[] = "var/lib/dpkg/info/", status_d[] = "var/lib/dpkg/status.d/";

static bool wants(struct span path)
{
        if (span_starts(path, info))
                return path_depth(path) == 4 && span_ends(path, ".list");
        return span_starts(path, status_d) && path_depth(path) == 4 && span_ends(path, ".md5sums");
}

/* "libc6:amd64.list" */
static bool package_of(struct span path, struct supplement *ret)
{
        struct span stem, suffix;

        if (!split_last(path_name(path), '.', &stem, &suffix))
                return false;
        span_split(stem, ':', &ret->name, &ret->arch);
        return ret->name.len > 0;
}

/* Byte order with '/' before all others: what a folder holds follows it at once. */
static int path_order(const void *a, const void *b)
{
        const struct span *x = a, *y = b;
        size_t i = 0;

        while (i < x->len && i < y->len && x->at[i] == y->at[i])
                i++;
        if (i == x->len || i == y->len)
                return (x->len > y->len) - (x->len < y->len);
        int c = x->at[i] == '/' ? -1 : x->at[i], d = y->at[i] == '/' ? -1 : y->at[i];
        return c < d ? -1 : 1;
}

/* `below` is a path under `folder`. */
static bool holds(struct span folder, struct span below)
{
        return below.len > folder.len + 1 && below.at[folder.len] == '/' &&
               span_equal(span_cut(below, 0, folder.len), folder);
}

/* dpkg writes them as its archive has them: links come last, far from their folder. */
static void read_list(struct span content, struct findings *f, uint32_t package)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct {
                struct span *at;
                size_t len, cap;
        } lines = {0};
        struct cursor c = {.rest = content};
        struct span line;

        while (cursor_line(&c, &line))
                if (line.len > 0 && !span_is(line, "/."))
                        *ARENA_PUSH(scratch, &lines) = line;
        if (lines.len > 0)
                qsort(lines.at, lines.len, sizeof(*lines.at), path_order);
        for (size_t i = 0; i < lines.len; i++)
                if (i + 1 == lines.len || !holds(lines.at[i], lines.at[i + 1]))
                        findings_supplement_owns(f, package, lines.at[i]);
}

/* "d41d8cd98f00b204e9800998ecf8427e  usr/bin/env" */
static void read_md5sums(struct span content, struct findings *f, uint32_t package)
{
        struct cursor c = {.rest = content};
        struct span line;

        while (cursor_line(&c, &line))
                if (line.len > 34 && line.at[32] == ' ' && (line.at[33] == ' ' || line.at[33] == '*'))
                        findings_supplement_owns(f, package, span_from(line, 34));
}

static void read_files(struct span content, struct findings *f)
{
        struct supplement s = {0};

        if (content.len == 0 || !package_of(f->path, &s))
                return;
        uint32_t package = findings_supplement(f, "name", &s);
        if (span_ends(f->path, ".list"))
                read_list(content, f, package);
        else
                read_md5sums(content, f, package);
}

const struct detector detect_dpkg_files = {
    .name = "dpkg-files",
    .type = "deb",
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .names = "*.list *.md5sums",
    .wants = wants,
    .read = read_files,
};
