/*
 * Random stacks of layers, seen by a real overlay mount and by merging: the files that say something must be the same.
 * Needs root, for it mounts in a mount namespace of its own. OVERLAY_SEED repeats a run, OVERLAY_STACKS sets their number.
 */
#include "inventory/detect_test_priv.h"
#include "inventory/merge_priv.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define LAYERS_MAX 5
#define ENTRIES_MAX 14
#define STACKS 600

static uint64_t seed;

static unsigned below(unsigned n)
{
        seed ^= seed << 13; /* xorshift64 */
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned)(seed >> 33) % n;
}

struct stack {
        struct test_entry entries[LAYERS_MAX][ENTRIES_MAX];
        size_t n[LAYERS_MAX];
        char texts[LAYERS_MAX][ENTRIES_MAX][2][64];
        size_t n_layers;
};

/* ---- a layer in a folder, as one that unpacks it for overlayfs makes it ---- */

static bool exists(const char *path, struct stat *st)
{
        return lstat(path, st) == 0;
}

static void opaque_set(const char *path)
{
        assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0), 0);
}

static void remove_at(const char *path)
{
        struct err e = {0};

        if (!tree_remove(AT_FDCWD, path, &e))
                fail_msg("%s", e.text);
}

/* A folder in place of anything but a folder hides what lies below it, whatever that was. */
static void folder_at(const char *path)
{
        struct stat st;
        bool was = exists(path, &st);

        if (was && S_ISDIR(st.st_mode))
                return;
        if (was)
                remove_at(path);
        assert_int_equal(mkdir(path, 0755), 0);
        if (was)
                opaque_set(path);
}

static void folders_above(const char *root, const char *path)
{
        char name[200];

        for (size_t i = 0; path[i]; i++) {
                if (path[i] != '/')
                        continue;
                snprintf(name, sizeof(name), "%s/%.*s", root, (int)i, path);
                folder_at(name);
        }
}

static void hide_at(const char *path)
{
        struct stat st;

        if (!exists(path, &st))
                assert_int_equal(mknod(path, S_IFCHR | 0600, makedev(0, 0)), 0);
        else if (S_ISDIR(st.st_mode))
                opaque_set(path); /* what the layer itself has stays */
}

static void unpack(const char *root, const struct test_entry *entry)
{
        char path[200], target[200];
        struct stat st;

        folders_above(root, entry->path);
        snprintf(path, sizeof(path), "%s/%s", root, entry->path);
        if (entry->type == IMAGE_ENTRY_DIR) {
                folder_at(path);
        } else if (entry->type == IMAGE_ENTRY_WHITEOUT) {
                hide_at(path);
        } else if (entry->type == IMAGE_ENTRY_OPAQUE) {
                folder_at(path);
                opaque_set(path);
        } else {
                if (exists(path, &st))
                        remove_at(path);
                if (entry->type == IMAGE_ENTRY_SYMLINK) {
                        assert_int_equal(symlink(entry->text, path), 0);
                } else if (entry->type == IMAGE_ENTRY_HARDLINK) {
                        snprintf(target, sizeof(target), "%s/%s", root, entry->text);
                        assert_int_equal(link(target, path), 0);
                } else {
                        folder_put(root, entry->path, entry->text);
                }
        }
}

/* ---- random layers ---- */

static const char *random_path(char *to)
{
        static const char *const names[] = {"a", "b", "c", "f", "g.stream"};
        unsigned depth = 1 + below(4);

        *to = 0;
        for (unsigned i = 0; i < depth; i++)
                snprintf(to + strlen(to), 64 - strlen(to), "%s%s", i ? "/" : "", names[below(ARRAY_LEN(names))]);
        return to;
}

static bool is_above(const char *path, const char *other)
{
        size_t n = strlen(path);

        return strncmp(path, other, n) == 0 && (other[n] == '/' || other[n] == 0);
}

/* One that is a file in the layer now, and that a link at `path` would not remove. */
static const char *random_target(const char *root, const struct stack *s, size_t layer, const char *path)
{
        char full[200];
        struct stat st;

        for (size_t tries = 0; s->n[layer] > 0 && tries < 8; tries++) {
                const struct test_entry *e = &s->entries[layer][below((unsigned)s->n[layer])];
                if ((e->type != IMAGE_ENTRY_FILE && e->type != IMAGE_ENTRY_HARDLINK) || is_above(path, e->path) ||
                    is_above(e->path, path))
                        continue;
                snprintf(full, sizeof(full), "%s/%s", root, e->path);
                if (exists(full, &st) && S_ISREG(st.st_mode))
                        return e->path;
        }
        return NULL;
}

static void random_entry(const char *root, struct stack *s, size_t layer)
{
        static const enum image_entry_type types[] = {IMAGE_ENTRY_FILE, IMAGE_ENTRY_FILE, IMAGE_ENTRY_FILE,
            IMAGE_ENTRY_FILE, IMAGE_ENTRY_DIR, IMAGE_ENTRY_SYMLINK, IMAGE_ENTRY_HARDLINK, IMAGE_ENTRY_HARDLINK,
            IMAGE_ENTRY_WHITEOUT, IMAGE_ENTRY_WHITEOUT, IMAGE_ENTRY_OPAQUE};
        static unsigned serial;
        size_t at = s->n[layer];
        char *path = s->texts[layer][at][0], *text = s->texts[layer][at][1];
        struct test_entry e = {.type = types[below(ARRAY_LEN(types))], .path = random_path(path), .text = text};

        *text = 0;
        if (e.type == IMAGE_ENTRY_FILE && below(6) > 0)
                snprintf(text, 64, "MAGIC p%u", below(3) > 0 ? serial++ : below(4)); /* now and then the same again */
        if (e.type == IMAGE_ENTRY_SYMLINK)
                snprintf(text, 64, "%s", below(2) ? "b" : "../c");
        if (e.type == IMAGE_ENTRY_HARDLINK) {
                const char *target = random_target(root, s, layer, path);
                if (!target)
                        return;
                snprintf(text, 64, "%s", target);
        }
        unpack(root, &e);
        s->entries[layer][at] = e;
        s->n[layer]++;
}

/* ---- comparing ---- */

struct lines {
        struct arena *arena;
        struct span *at;
        size_t len, cap;
};

static int line_order(const void *a, const void *b)
{
        return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* "path name" of each file whose content names a package. */
static void walk(struct lines *to, const char *folder, size_t root_len)
{
        DIR *dir = opendir(folder);
        const struct dirent *e;
        char path[300];
        struct stat st;

        assert_non_null(dir);
        while ((e = readdir(dir)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
                if (lstat(path, &st) !=
                    0) { /* a whiteout in a folder that nothing lies below is listed, yet not there */
                        assert_int_equal(errno, ENOENT);
                        continue;
                }
                if (S_ISDIR(st.st_mode))
                        walk(to, path, root_len);
                if (!S_ISREG(st.st_mode))
                        continue;
                CLEANUP(buf_done) struct buf content = {0};
                assert_true(file_read(AT_FDCWD, path, 1000, &content, NULL));
                if (span_starts(buf_span(&content), "MAGIC "))
                        *ARENA_PUSH(to->arena, to) = arena_printf(
                            to->arena, "%s %.*s", path + root_len + 1, (int)content.len - 6, content.at + 6);
        }
        closedir(dir);
}

static void print_stack(const struct stack *s)
{
        static const char *const names[] = {[IMAGE_ENTRY_FILE] = "file",
            [IMAGE_ENTRY_DIR] = "folder",
            [IMAGE_ENTRY_SYMLINK] = "symlink",
            [IMAGE_ENTRY_HARDLINK] = "link",
            [IMAGE_ENTRY_WHITEOUT] = "whiteout",
            [IMAGE_ENTRY_OPAQUE] = "opaque"};

        for (size_t i = 0; i < s->n_layers; i++)
                for (size_t k = 0; k < s->n[i]; k++)
                        print_message("layer %zu: %s %s %s\n", i, names[s->entries[i][k].type], s->entries[i][k].path,
                            s->entries[i][k].text);
}

static void compare(const struct stack *s, struct lines *seen, uint64_t stack_seed)
{
        struct layer_report *reports[LAYERS_MAX];
        CLEANUP(inventory_freep) struct inventory *v = inventory_new();
        struct lines merged = {.arena = seen->arena};
        bool same;

        for (size_t i = 0; i < s->n_layers; i++)
                reports[i] = layer_of(s->entries[i], s->n[i], NULL);
        inventory_merge(reports, s->n_layers, v);
        for (size_t i = 0; i < s->n_layers; i++)
                layer_report_free(reports[i]);
        for (size_t i = 0; i < v->n_components; i++)
                if (span_starts(v->components[i].name, "p")) /* a .stream file without MAGIC names itself */
                        *ARENA_PUSH(merged.arena, &merged) = arena_printf(merged.arena, "%.*s %.*s",
                            SPAN_FMT(v->components[i].path), SPAN_FMT(v->components[i].name));
        if (seen->len > 0)
                qsort(seen->at, seen->len, sizeof(*seen->at), line_order);
        if (merged.len > 0)
                qsort(merged.at, merged.len, sizeof(*merged.at), line_order);
        same = seen->len == merged.len;
        for (size_t i = 0; same && i < seen->len; i++)
                same = span_equal(seen->at[i], merged.at[i]);
        if (same)
                return;
        print_stack(s);
        for (size_t i = 0; i < seen->len; i++)
                print_message("overlay: %.*s\n", SPAN_FMT(seen->at[i]));
        for (size_t i = 0; i < merged.len; i++)
                print_message("merged:  %.*s\n", SPAN_FMT(merged.at[i]));
        fail_msg("OVERLAY_SEED=%llu OVERLAY_STACKS=1: they differ", (unsigned long long)stack_seed);
}

/* ---- the run ---- */

static char root[] = "/tmp/inventory-overlay-XXXXXX";

/* False, with the reason: this kernel or user can't mount. */
static bool mounts_prepare(const char **ret_why)
{
        *ret_why = "needs root";
        if (geteuid() != 0)
                return false;
        *ret_why = "can't have a mount namespace";
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
                return false;
        *ret_why = "can't mount a tmpfs";
        return mount("overlay-test", root, "tmpfs", 0, NULL) == 0;
}

static bool stack_run(struct stack *s, size_t *ret_files)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(buf_done) struct buf options = {0};
        struct lines seen = {.arena = arena};
        uint64_t stack_seed = seed;
        char path[100];

        memset(s, 0, sizeof(*s));
        s->n_layers = 1 + below(LAYERS_MAX);
        for (size_t i = 0; i < s->n_layers; i++) {
                snprintf(path, sizeof(path), "%s/%zu", root, i);
                assert_int_equal(mkdir(path, 0755), 0);
                for (unsigned n = below(ENTRIES_MAX); s->n[i] < n && n > 0; n--)
                        random_entry(path, s, i);
        }
        snprintf(path, sizeof(path), "%s/empty", root);
        assert_int_equal(mkdir(path, 0755), 0);
        buf_put_text(&options, "lowerdir=");
        for (size_t i = s->n_layers; i > 0; i--)
                buf_printf(&options, "%s/%zu:", root, i - 1);
        buf_printf(&options, "%s/empty", root); /* overlayfs wants two at least */
        buf_put_u8(&options, 0);
        snprintf(path, sizeof(path), "%s/merged", root);
        assert_int_equal(mkdir(path, 0755), 0);
        if (mount("overlay", path, "overlay", MS_RDONLY, options.at) != 0)
                return false;
        walk(&seen, path, strlen(path));
        assert_int_equal(umount2(path, MNT_DETACH), 0);
        *ret_files += seen.len;
        compare(s, &seen, stack_seed);
        for (size_t i = 0; i < s->n_layers; i++) {
                snprintf(path, sizeof(path), "%s/%zu", root, i);
                remove_at(path);
        }
        snprintf(path, sizeof(path), "%s/empty", root);
        remove_at(path);
        snprintf(path, sizeof(path), "%s/merged", root);
        remove_at(path);
        return true;
}

static void test_merging_is_what_overlayfs_does(void **state)
{
        const char *given = getenv("OVERLAY_SEED"), *number = getenv("OVERLAY_STACKS"), *why;
        struct stack *s = heap_alloc(sizeof(*s));
        uint64_t n = STACKS, chosen;
        size_t files = 0;

        (void)state;
        if (!given || !span_to_u64(span_of(given), &chosen) || chosen == 0)
                chosen = (uint64_t)time(NULL);
        if (number)
                assert_true(span_to_u64(span_of(number), &n));
        seed = chosen;
        if (!mounts_prepare(&why)) {
                print_message("skipped: %s\n", why);
                free(s);
                skip();
        }
        for (uint64_t i = 0; i < n; i++)
                if (!stack_run(s, &files)) {
                        print_message("skipped: can't mount an overlay: %s\n", strerror(errno));
                        free(s);
                        skip();
                }
        print_message("OVERLAY_SEED=%llu: %llu stacks, %zu visible files that name a package\n",
            (unsigned long long)chosen, (unsigned long long)n, files);
        assert_true(n < 100 || files > n); /* the stacks are not empty */
        free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_merging_is_what_overlayfs_does),
        };

        if (!mkdtemp(root))
                return 2;
        int failed = cmocka_run_group_tests_name("inventory overlay", tests, NULL, NULL);
        umount2(root, MNT_DETACH);
        rmdir(root);
        return failed;
}
