/*
 * Re-assessment of a fleet, timed: bench_fleet DIR IMAGES SAMPLE
 *
 * Makes in DIR (empty) a state of IMAGES images, each of 10 out of 10,000 layers, each layer with 200 components of its own
 * (2,000,000 distinct ones of 100,000 packages), and two advisory databases of 101,000 records that differ in 1,000. Then re-assesses,
 * and holds the outcome against matching SAMPLE of the images with both databases: the same images, or it fails. COFFER_LIBEXEC names
 * the folder of coffer-worker; under test/store/with_postgres.py it is done on PostgreSQL. The images beyond the first 1,000 are written as rows, not through the store: their layers are known.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "assess/assess.h"
#include "match/match.h"
#include "store/store_priv.h"

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
        buf_printf(b,
            "{\"id\":\"R-%u\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"CVE-%u\"],\"affected\":[{"
            "\"package\":{"
            "\"ecosystem\":\"npm\",\"name\":\"package-%u\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{"
            "\"introduced\":\"%s\"},"
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
                        snprintf(p->version, sizeof(p->version), "%u.%u.%u", 1 + draw(20), draw(50),
                            l * LAYER_COMPONENTS + i);
                }
}

/* Layers of image n: the first 1,000 have all of them between them. */
static unsigned layer_of(unsigned n, unsigned i)
{
        return n < LAYERS / IMAGE_LAYERS ? n * IMAGE_LAYERS + i
                                         : (n * 2654435761u + i * 40503u * (n % 977 + 1)) % LAYERS;
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

/* On PostgreSQL (test/store/with_postgres.py starts one): then the state folder names it. */
static bool on_postgres(void)
{
        return getenv("COFFER_TEST_POSTGRES") != NULL;
}

static void store_configure(int fd)
{
        char text[600];
        struct err e = {0};

        if (!on_postgres())
                return;
        snprintf(
            text, sizeof(text), "connection: %s\nschema: fleet_%d\n", getenv("COFFER_TEST_POSTGRES"), (int)getpid());
        if (!file_replace(fd, "store.conf", span_of(text), 0600, &e))
                die("store.conf", &e);
}

struct numbers {
        int64_t *at;
        size_t n, max;
};

static bool number_take(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        struct numbers *to = q->ctx;

        (void)n;
        (void)e;
        if (to->n < to->max)
                to->at[to->n] = row[0].number;
        to->n++;
        return true;
}

static size_t numbers(struct store *s, const char *sql, int64_t *to, size_t max)
{
        struct numbers list = {.at = to, .max = max};
        struct store_query q = {.sql = sql, .on_row = number_take, .ctx = &list};
        struct err e = {0};

        if (!store_read(s, &q, &e))
                die(sql, &e);
        return list.n;
}

#define AT_ONCE 1000u

static void rows_put(struct store *s, unsigned from, unsigned images)
{
        static struct store_value image[AT_ONCE * 2], part[AT_ONCE * IMAGE_LAYERS * 2];
        static char texts[AT_ONCE][DIGEST_TEXT_MAX];
        static int64_t sets[LAYERS];
        struct err e = {0};

        /* The sets of the first images, in the order of their layers. */
        if (numbers(s, "SELECT id FROM component_set ORDER BY id", sets, LAYERS) != LAYERS)
                die("other sets than layers", NULL);
        if (!store_begin(s, true, &e))
                die("rows", &e);
        for (unsigned n = from; n < images;) {
                unsigned k = 0;

                for (; k < AT_ONCE && n < images; k++, n++) {
                        struct digest d = digest_of_image(n);

                        image[2 * k] = value_int(n + 1);
                        image[2 * k + 1] = value_text(span_of(digest_format(&d, texts[k])));
                        for (unsigned i = 0; i < IMAGE_LAYERS; i++) {
                                part[2 * (k * IMAGE_LAYERS + i)] = value_int(sets[layer_of(n, i)]);
                                part[2 * (k * IMAGE_LAYERS + i) + 1] = value_int(n + 1);
                        }
                }
                if (!store_do_each(s,
                        "INSERT INTO image (id, digest, name, assessed_s, advisories, inventory_format, inventory) "
                        "VALUES (?, ?, '', 0, '', 1, '')",
                        image, 2, k, &e) ||
                    !store_do_each(s, "INSERT INTO part (set_id, image_id) VALUES (?, ?) ON CONFLICT DO NOTHING", part,
                        2, k * IMAGE_LAYERS, &e))
                        die("rows", &e);
        }
        if (!store_end(s, true, &e) || (on_postgres() && !store_do(s, "ANALYZE", NULL, 0, &e)))
                die("rows", &e);
}

static double megabytes(struct store *s, int fd)
{
        struct stat st;
        int64_t size;

        if (!on_postgres())
                return fstatat(fd, "coffer.db", &st, 0) == 0 ? (double)st.st_size / 1e6 : 0;
        numbers(s,
            "SELECT CAST(sum(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class WHERE relnamespace = "
            "current_schema()::regnamespace AND relkind = 'r'",
            &size, 1);
        return (double)size / 1e6;
}

/* ---- both ways ---- */

/* Which images have a notice: image n has the id n + 1. */
static unsigned told(struct store *s, uint8_t *is_told, unsigned images)
{
        int64_t *ids = heap_alloc(images * sizeof(*ids));
        size_t n = numbers(s, "SELECT i.id FROM notice AS n JOIN image AS i ON i.digest = n.image", ids, images);

        for (size_t i = 0; i < n; i++)
                if (i >= images || ids[i] < 1 || ids[i] > images || is_told[ids[i] - 1]++)
                        die("an image has two notices", NULL);
        free(ids);
        return (unsigned)n;
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
        int fd;

        if (argc != 4)
                return 2;
        images = (unsigned)strtoul(argv[2], NULL, 10);
        sample = (unsigned)strtoul(argv[3], NULL, 10);
        fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || images < LAYERS / IMAGE_LAYERS || sample == 0 || sample > images)
                die("needs a folder, at least 1000 images, and a sample of them", NULL);
        store_configure(fd);
        packages_make();
        old = db_make(argv[1], fd, "old", false);
        new = db_make(argv[1], fd, "new", true);
        if (!store_open(fd, argv[1], &s, &e))
                die("store", &e);
        start = now();
        for (unsigned i = 0; i < LAYERS / IMAGE_LAYERS; i++)
                image_put(s, i);
        rows_put(s, LAYERS / IMAGE_LAYERS, images);
        store_free(s);
        s = NULL;
        if (!store_open(fd, argv[1], &s, &e))
                die("store", &e);
        printf("%s: %u images over %u layers, %u components: made in %.0f s, %.0f MB\n",
            on_postgres() ? "PostgreSQL" : "SQLite", images, LAYERS, LAYERS * LAYER_COMPONENTS, now() - start,
            megabytes(s, fd));
        if (!assess_fleet(s, NULL, old, &(struct assess_fleet_options){0}, &stats, &e))
                die("first", &e);
        start = now();
        if (!assess_fleet(s, old, new, &(struct assess_fleet_options){.sinks = sinks, .n_sinks = 1}, &stats, &e))
                die("reassess", &e);
        took = now() - start;
        printf("reassess: %.3f s: %llu packages changed, %llu components matched, %llu images told of\n", took,
            (unsigned long long)stats.packages, (unsigned long long)stats.components, (unsigned long long)stats.images);
        is_told = heap_alloc(images);
        n = told(s, is_told, images);
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
        printf("matching %s: %.1f s%s, %.0f x as long; the same images (%u of %u looked at)\n",
            sample == images ? "every image" : "a sample", all, sample == images ? "" : " for all", all / took, n,
            sample);
        return 0;
}
