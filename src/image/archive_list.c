/* The outer tar: its headers are read, its contents are sought over. */
#include <stdlib.h>
#include <string.h>

#include "image/archive_priv.h"
#include "image/tar_priv.h"

struct walk {
        struct arena *arena;
        struct archive_list list;
        size_t text; /* bytes of all names and links */
        struct tar tar;
};

static void walk_done(struct walk *w)
{
        tar_done(&w->tar);
}

/* Where a symbolic link of `name` leads, by its text; empty when that is outside: nothing is found there then. */
static struct span link_resolve(struct arena *a, struct span name, struct span link)
{
        uint8_t path[2 * IMAGE_PATH_MAX + 2];
        struct span rest = link, part;
        size_t len = name.len;

        if (span_starts(link, "/"))
                return (struct span){0};
        memcpy(path, name.at, name.len);
        while (len > 0 && path[len - 1] != '/')
                len--;
        len -= len > 0;
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0 || span_is(part, "."))
                        continue;
                if (!span_is(part, "..")) {
                        if (len > 0)
                                path[len++] = '/';
                        memcpy(path + len, part.at, part.len);
                        len += part.len;
                        continue;
                }
                if (len == 0)
                        return (struct span){0};
                while (len > 0 && path[len - 1] != '/')
                        len--;
                len -= len > 0;
        }
        return arena_copy(a, span_bytes(path, len));
}

static bool walk_entry(void *ctx, const struct image_entry *entry, bool *ret_want, struct err *e)
{
        struct walk *w = ctx;
        struct archive_entry *to;

        *ret_want = false;
        /* Whiteouts mean something in a layer only; here they are files that nobody asks for. */
        if (entry->type == IMAGE_ENTRY_WHITEOUT || entry->type == IMAGE_ENTRY_OPAQUE)
                return true;
        if (entry->index >= IMAGE_ARCHIVE_ENTRIES_MAX)
                return err_set(e, ERR_LIMIT, "more than %u entries in the archive", IMAGE_ARCHIVE_ENTRIES_MAX);
        if (entry->type == IMAGE_ENTRY_DIR) /* said twice it is no ambiguity, and nobody asks for it */
                return true;
        w->text += entry->path.len + entry->link.len;
        if (w->text > IMAGE_ARCHIVE_NAMES_MAX)
                return err_set(e, ERR_LIMIT, "the archive's names are more than %u bytes", IMAGE_ARCHIVE_NAMES_MAX);
        to = ARENA_PUSH(w->arena, &w->list);
        to->name = arena_copy(w->arena, entry->path);
        to->offset = w->tar.at;
        to->size = entry->size;
        if (entry->type == IMAGE_ENTRY_FILE)
                to->type = ARCHIVE_FILE;
        if (entry->type == IMAGE_ENTRY_SYMLINK || entry->type == IMAGE_ENTRY_HARDLINK)
                to->type = ARCHIVE_LINK;
        if (entry->type == IMAGE_ENTRY_SYMLINK)
                to->link = link_resolve(w->arena, to->name, entry->link);
        if (entry->type == IMAGE_ENTRY_HARDLINK)
                to->link = arena_copy(w->arena, entry->link);
        return true;
}

static int by_name(const void *a, const void *b)
{
        return span_compare(((const struct archive_entry *)a)->name, ((const struct archive_entry *)b)->name);
}

/* Some readers take the first of two, others the last: they would see two images. */
static bool names_sort(struct archive_list *list, struct err *e)
{
        char shown[200];

        if (list->len == 0)
                return true;
        qsort(list->at, list->len, sizeof(*list->at), by_name);
        for (size_t i = 1; i < list->len; i++)
                if (span_equal(list->at[i - 1].name, list->at[i].name))
                        return err_set(e, ERR_MALFORMED, "two entries of the archive are named %s",
                            span_printable(list->at[i].name, shown, sizeof(shown)));
        return true;
}

static bool compressed(struct span head, struct err *e)
{
        static const struct {
                struct span magic;
                const char *name, *remedy;
        } known[] = {
            {{(const uint8_t *)"\x1f\x8b", 2}, "gzip", "gunzip"},
            {{(const uint8_t *)"\x28\xb5\x2f\xfd", 4}, "zstd", "unzstd"},
            {{(const uint8_t *)"\xfd"
                               "7zXZ",
                 5},
                "xz", "unxz"},
            {{(const uint8_t *)"BZh", 3}, "bzip2", "bunzip2"},
        };

        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (span_equal(span_cut(head, 0, known[i].magic.len), known[i].magic)) {
                        err_set(e, ERR_UNSUPPORTED, "the archive is compressed (%s): %s it first", known[i].name,
                            known[i].remedy);
                        return true;
                }
        return false;
}

/* Whether the first block can be a tar's: a user who names the wrong file is told so. */
static bool first_check(struct span head, struct err *e)
{
        uint8_t join[IMAGE_NAME_MAX + 2];
        struct image_entry entry;
        struct err why = {0};
        char flag;

        if (compressed(head, e))
                return false;
        if (head.len < TAR_BLOCK)
                return err_set(e, ERR_MALFORMED, "it is no tar archive: %zu bytes are less than a header", head.len);
        /* an empty archive begins with zeros */
        if (head.at[0] != 0 && !tar_header_parse(span_cut(head, 0, TAR_BLOCK), join, &entry, &flag, &why))
                return err_set(e, why.kind, "it is no tar archive: the first header: %s", why.text);
        return true;
}

bool archive_walk(int fd, uint64_t size, struct arena *a, struct archive_list *ret, struct err *e)
{
        struct walk w CLEANUP(walk_done) = {.arena = a};
        const struct image_sink sink = {.entry = walk_entry, .ctx = &w};
        uint8_t piece[32 * TAR_BLOCK];
        size_t n;

        tar_init(&w.tar, &sink);
        for (uint64_t at = 0; at < size; at += tar_pass(&w.tar, size - at)) {
                uint64_t left = size - at;

                if (!fd_pread_full(fd, at, piece, left < sizeof(piece) ? (size_t)left : sizeof(piece), &n, e))
                        return false;
                if (n == 0)
                        return err_set(e, ERR_MALFORMED, "the archive became shorter while it was read");
                if ((at == 0 && !first_check(span_bytes(piece, n), e)) || !tar_feed(&w.tar, span_bytes(piece, n), e))
                        return false;
                at += n;
        }
        if (!tar_end(&w.tar, e) || !names_sort(&w.list, e))
                return false;
        *ret = w.list;
        return true;
}

const struct archive_entry *archive_find(const struct archive_list *list, struct span name)
{
        const struct archive_entry key = {.name = name};

        return list->len ? bsearch(&key, list->at, list->len, sizeof(*list->at), by_name) : NULL;
}

bool archive_file(const struct archive_list *list, struct span name, const struct archive_entry **ret, struct err *e)
{
        uint8_t clean[IMAGE_PATH_MAX + 1];
        const struct archive_entry *entry;
        char shown[200];
        size_t len;

        if (!tar_path_clean(name, clean, &len, e))
                return err_wrap(e, "%s", span_printable(name, shown, sizeof(shown)));
        entry = archive_find(list, span_bytes(clean, len));
        if (!entry)
                return err_set(
                    e, ERR_MALFORMED, "%s is missing in the archive", span_printable(name, shown, sizeof(shown)));
        if (entry->type == ARCHIVE_LINK) {
                if (entry->link.len == 0)
                        return err_set(e, ERR_MALFORMED, "%s is a link out of the archive",
                            span_printable(name, shown, sizeof(shown)));
                entry = archive_find(list, entry->link);
                if (!entry)
                        return err_set(e, ERR_MALFORMED, "%s is a link to what is missing in the archive",
                            span_printable(name, shown, sizeof(shown)));
                if (entry->type == ARCHIVE_LINK)
                        return err_set(e, ERR_MALFORMED, "%s is a link to a link, and one is followed",
                            span_printable(name, shown, sizeof(shown)));
        }
        if (entry->type != ARCHIVE_FILE)
                return err_set(e, ERR_MALFORMED, "%s is not a file", span_printable(name, shown, sizeof(shown)));
        *ret = entry;
        return true;
}
