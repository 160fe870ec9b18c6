/*
 * Re-assessment of a fleet, timed: bench_fleet DIR IMAGES SAMPLE
 *
 * Makes in DIR (empty) a state of IMAGES images, each of 10 out of 10,000 layers, each layer with 200 components of its own
 * (2,000,000 distinct ones of 100,000 packages), and two advisory databases of 101,000 records that differ in 1,000. Then re-assesses,
 * and holds the outcome against matching SAMPLE of the images with both databases: the same images, or it fails. COFFER_LIBEXEC names
 * the folder of coffer-worker. The images beyond the first 1,000 are written as rows, not through the store: their layers are known.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "assess/assess.h"
#include "match/match.h"

#define LAYERS 10000u
#define LAYER_COMPONENTS 200u
#define IMAGE_LAYERS 10u
#define PACKAGES 100000u
#define CHANGED 1000u

static uint64_t state = 88172645463325252u;

static unsigned draw(unsigned below)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (unsigned)(state % below);
}

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what, const struct err *e)
{
        fprintf(stderr, "bench_fleet: %s: %s\n", what, e ? e->text : "");
        exit(1);
}

/* ---- advisories ---- */

static void record_put(struct buf *b, unsigned id, unsigned package, const char *from, const char *to)
{
        buf_printf(b, "{\"id\":\"R-%u\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"CVE-%u\"],\"affected\":[{\"package\":{"
                      "\"ecosystem\":\"npm\",\"name\":\"package-%u\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"%s\"},"
                      "{\"fixed\":\"%s\"}]}],\"database_specific\":{\"severity\":\"HIGH\"}}]}\n",
            id, id, package, from, to);
}

/* Each package has a record for its oldest versions; in the new database 1,000 have another, for one minor version of some. */
static struct advisory_db *db_make(const char *dir, int fd, const char *name, bool new)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct advisory_build_stats stats;
        struct advisory_db *db = NULL;
        char path[4096];
        const char *const sources[] = {path};
        struct err e = {0};

        for (unsigned i = 0; i < PACKAGES; i++)
                record_put(&b, i, i, "0", "2.0.0");
        for (unsigned i = 0; i < CHANGED && new; i++) {
                char from[32], to[32];

                snprintf(from, sizeof(from), "%u.%u.0", 2 + i % 18, i % 50);
                snprintf(to, sizeof(to), "%u.%u.0", 2 + i % 18, i % 50 + 2);
                record_put(&b, PACKAGES + i, i * 97 % PACKAGES, from, to);
        }
        snprintf(path, sizeof(path), "%s/%s.jsonl", dir, name);
        if (!file_replace(AT_FDCWD, path, buf_span(&b), 0644, &e) ||
            !advisory_build(&(struct advisory_build){.sources = sources, .n_sources = 1}, fd, name, &stats, &e) ||
            !advisory_db_open(fd, name, &db, &e))
                die("advisories", &e);
        return db;
}

/* ---- images ---- */

struct package {
        char name[24], version[24];
};
static struct package packages[LAYERS][LAYER_COMPONENTS];

static void packages_make(void)
{
        for (unsigned l = 0; l < LAYERS; l++)
                for (unsigned i = 0; i < LAYER_COMPONENTS; i++) {
                        struct package *p = &packages[l][i];

                        snprintf(p->name, sizeof(p->name), "package-%u", draw(PACKAGES));
                        /* a patch number of its own: no two layers have the same component */
                        snprintf(p->version, sizeof(p->version), "%u.%u.%u", 1 + draw(20), draw(50), l * LAYER_COMPONENTS + i);
                }
}

/* Layers of image n: the first 1,000 have all of them between them. */
static unsigned layer_of(unsigned n, unsigned i)
{
        return n < LAYERS / IMAGE_LAYERS ? n * IMAGE_LAYERS + i : (n * 2654435761u + i * 40503u * (n % 977 + 1)) % LAYERS;
}

static struct digest digest_of_image(unsigned n)
{
        struct digest d;

        digest_of(DIGEST_SHA256, span_bytes(&n, sizeof(n)), &d);
        return d;
}

static struct component component_of(unsigned layer, unsigned i)
{
        return (struct component){.ecosystem = SPAN_LIT("npm"),
            .type = SPAN_LIT("npm"),
            .name = span_of(packages[layer][i].name),
            .version = span_of(packages[layer][i].version)};
}

static void image_put(struct store *s, unsigned n)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_component *c = arena_array(a, IMAGE_LAYERS * LAYER_COMPONENTS, sizeof(*c));
        struct err e = {0};

        for (unsigned i = 0; i < IMAGE_LAYERS * LAYER_COMPONENTS; i++) {
                CLEANUP(buf_done) struct buf key = {0};
                struct component is = component_of(layer_of(n, i / LAYER_COMPONENTS), i % LAYER_COMPONENTS);

                if (!version_key(VERSION_ORDER_SEMVER, is.version, &key, &e))
                        die("version", &e);
                c[i] = (struct store_component){.ecosystem = is.ecosystem,
                    .type = is.type,
                    .name = is.name,
                    .version = is.version,
                    .key = arena_copy(a, buf_span(&key)),
                    .key_format = VERSION_KEY_FORMAT,
                    .part = i / LAYER_COMPONENTS};
        }
        if (!store_image_put(s,
                &(struct store_image){.digest = digest_of_image(n),
                    .name = SPAN_LIT("fleet"),
                    .inventory_format = 1,
                    .components = c,
                    .n_components = IMAGE_LAYERS * LAYER_COMPONENTS},
                &e))
                die("image", &e);
}

static void sql(sqlite3 *db, const char *text)
{
        if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
                fprintf(stderr, "bench_fleet: %s: %s\n", text, sqlite3_errmsg(db));
                exit(1);
        }
}

/* The sets of the first images, in the order of their layers. */
static void sets_read(sqlite3 *db, int64_t *sets)
{
        sqlite3_stmt *q;
        unsigned n = 0;

        if (sqlite3_prepare_v2(db, "SELECT id FROM component_set ORDER BY id", -1, &q, NULL) != SQLITE_OK)
                die("sets", NULL);
        while (sqlite3_step(q) == SQLITE_ROW && n < LAYERS)
                sets[n++] = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        if (n != LAYERS)
                die("fewer sets than layers", NULL);
}

static void rows_put(const char *dir, unsigned from, unsigned images)
{
        static int64_t sets[LAYERS];
        sqlite3_stmt *image, *part;
        char path[4096];
        sqlite3 *db;

        snprintf(path, sizeof(path), "%s/coffer.db", dir);
        if (sqlite3_open(path, &db) != SQLITE_OK)
                die("open", NULL);
        sets_read(db, sets);
        sql(db, "BEGIN");
        if (sqlite3_prepare_v2(db, "INSERT INTO image VALUES (?, ?, x'666c656574', 0, '', 1, x'')", -1, &image, NULL) != SQLITE_OK ||
            sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO part VALUES (?, ?)", -1, &part, NULL) != SQLITE_OK)
                die("prepare", NULL);
        for (unsigned n = from; n < images; n++) {
                char text[DIGEST_TEXT_MAX];
                struct digest d = digest_of_image(n);

                digest_format(&d, text);
                sqlite3_bind_int64(image, 1, n + 1);
                sqlite3_bind_text(image, 2, text, -1, SQLITE_STATIC);
                if (sqlite3_step(image) != SQLITE_DONE)
                        die(sqlite3_errmsg(db), NULL);
                sqlite3_reset(image);
                for (unsigned i = 0; i < IMAGE_LAYERS; i++) {
                        sqlite3_bind_int64(part, 1, sets[layer_of(n, i)]);
                        sqlite3_bind_int64(part, 2, n + 1);
                        sqlite3_step(part);
                        sqlite3_reset(part);
                }
        }
        sqlite3_finalize(image);
        sqlite3_finalize(part);
        sql(db, "COMMIT");
        sqlite3_close(db);
}

/* ---- both ways ---- */

/* Which images have a notice: image n has the id n + 1. */
static unsigned told(const char *dir, uint8_t *is_told, unsigned images)
{
        sqlite3_stmt *q = NULL;
        char path[4096];
        unsigned n = 0;
        sqlite3 *db;

        snprintf(path, sizeof(path), "%s/coffer.db", dir);
        if (sqlite3_open(path, &db) != SQLITE_OK ||
            sqlite3_prepare_v2(db, "SELECT i.id FROM notice AS n JOIN image AS i ON i.digest = n.image", -1, &q, NULL) != SQLITE_OK)
                die("notices", NULL);
        for (; sqlite3_step(q) == SQLITE_ROW; n++) {
                int64_t id = sqlite3_column_int64(q, 0);

                if (id < 1 || id > images || is_told[id - 1]++)
                        die("an image has two notices", NULL);
        }
        sqlite3_finalize(q);
        sqlite3_close(db);
        return n;
}

static bool differs(const struct match *old, const struct match *new)
{
        if (old->n_findings != new->n_findings)
                return true;
        for (size_t i = 0; i < old->n_findings; i++)
                if (old->findings[i].component != new->findings[i].component ||
                    !span_equal(old->findings[i].id, new->findings[i].id))
                        return true;
        return false;
}

static bool image_differs(unsigned n, const struct advisory_db *old_db, const struct advisory_db *new_db)
{
        static struct component c[IMAGE_LAYERS * LAYER_COMPONENTS];
        struct inventory v = {.components = c, .n_components = ARRAY_LEN(c), .os_known = true, .complete = true};
        CLEANUP(match_freep) struct match *old = NULL, *new = NULL;
        struct err e = {0};

        for (unsigned i = 0; i < ARRAY_LEN(c); i++)
                c[i] = component_of(layer_of(n, i / LAYER_COMPONENTS), i % LAYER_COMPONENTS);
        if (!match_inventory(&v, old_db, &old, &e) || !match_inventory(&v, new_db, &new, &e))
                die("match", &e);
        return differs(old, new);
}

int main(int argc, char **argv)
{
        static const char *const sinks[] = {"file:/bench"}; /* to be told some time: it costs its row */
        CLEANUP(advisory_db_freep) struct advisory_db *old = NULL, *new = NULL;
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(heap_freep) uint8_t *is_told = NULL;
        struct assess_fleet_stats stats;
        unsigned images, sample, n;
        struct err e = {0};
        double start, took;
        struct stat st;
        int fd;

        if (argc != 4)
                return 2;
        images = (unsigned)strtoul(argv[2], NULL, 10);
        sample = (unsigned)strtoul(argv[3], NULL, 10);
        fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || images < LAYERS / IMAGE_LAYERS || sample == 0 || sample > images)
                die("needs a folder, at least 1000 images, and a sample of them", NULL);
        packages_make();
        old = db_make(argv[1], fd, "old", false);
        new = db_make(argv[1], fd, "new", true);
        if (!store_open(fd, argv[1], &s, &e))
                die("store", &e);
        start = now();
        for (unsigned i = 0; i < LAYERS / IMAGE_LAYERS; i++)
                image_put(s, i);
        store_free(s);
        s = NULL;
        rows_put(argv[1], LAYERS / IMAGE_LAYERS, images);
        if (!store_open(fd, argv[1], &s, &e) || fstatat(fd, "coffer.db", &st, 0) != 0)
                die("store", &e);
        printf("%u images over %u layers, %u components: made in %.0f s, %.0f MB\n", images, LAYERS, LAYERS * LAYER_COMPONENTS,
            now() - start, (double)st.st_size / 1e6);
        if (!assess_fleet(s, NULL, old, &(struct assess_fleet_options){0}, &stats, &e))
                die("first", &e);
        start = now();
        if (!assess_fleet(s, old, new, &(struct assess_fleet_options){.sinks = sinks, .n_sinks = 1}, &stats, &e))
                die("reassess", &e);
        took = now() - start;
        printf("reassess: %.3f s: %llu packages changed, %llu components matched, %llu images told of\n", took,
            (unsigned long long)stats.packages, (unsigned long long)stats.components, (unsigned long long)stats.images);
        is_told = heap_alloc(images);
        n = told(argv[1], is_told, images);
        if (n != stats.images)
                die("notices are missing", NULL);
        start = now();
        n = 0;
        for (unsigned i = 0; i < sample; i++) {
                unsigned image = (unsigned)((uint64_t)i * images / sample);
                bool is = image_differs(image, old, new);

                n += is;
                if (is != is_told[image])
                        die(is ? "an image is missing" : "an image is told of without a change", NULL);
        }
        double all = (now() - start) * images / sample;
        printf("matching %s: %.1f s%s, %.0f x as long; the same images (%u of %u looked at)\n", sample == images ? "every image" : "a sample",
            all, sample == images ? "" : " for all", all / took, n, sample);
        return 0;
}
