/*
 * Re-assessment against matching every image with both databases: the same changes for the same images, whatever the fleet and the
 * advisories; and each told once.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "assess/assess.h"
#include "match/match.h"

static const char *arg_worker;

struct world {
        char path[64];
        int fd;
        struct store *s;
        uint64_t random;
};

static int setup(void **state)
{
        struct world *w = heap_alloc(sizeof(*w));
        struct err e = {0};

        snprintf(w->path, sizeof(w->path), "/tmp/coffer-fleet-test-XXXXXX");
        if (!mkdtemp(w->path))
                return -1;
        w->fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        w->random = 88172645463325252u;
        if (!store_open(w->fd, w->path, &w->s, &e))
                return -1;
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        store_free(w->s);
        close(w->fd);
        tree_remove(AT_FDCWD, w->path, NULL);
        free(w);
        return 0;
}

static unsigned draw(struct world *w, unsigned below)
{
        w->random ^= w->random << 13;
        w->random ^= w->random >> 7;
        w->random ^= w->random << 17;
        return (unsigned)(w->random % below);
}

/* ---- databases ---- */

static struct advisory_db *db_make(struct world *w, const char *name, struct span lines)
{
        char path[200];
        const char *const sources[] = {path};
        struct advisory_build_stats stats;
        struct advisory_db *db = NULL;
        struct err e = {0};

        snprintf(path, sizeof(path), "%s/%s.jsonl", w->path, name);
        if (!file_replace(AT_FDCWD, path, lines, 0644, &e) ||
            !advisory_build(&(struct advisory_build){.sources = sources, .n_sources = 1}, w->fd, name, &stats, &e) ||
            !advisory_db_open(w->fd, name, &db, &e))
                fail_msg("%s", e.text);
        return db;
}

static const char *const ecosystems[] = {"npm", "Debian:12", "Debian", "PyPI"};
static const char *const words[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL"};

/* Record `n`: of a package, from a version up to another; every third has no CVE, and some of those are joined by a name. */
static void record_put(struct world *w, struct buf *b, unsigned n)
{
        unsigned from = draw(w, 8), length = 1 + draw(w, 4);
        const char *ecosystem = ecosystems[draw(w, 4)];

        buf_printf(b, "{\"id\":\"R-%u\",\"modified\":\"2024-01-01T00:00:00Z\",\"aliases\":[", n);
        if (n % 3)
                buf_printf(b, "\"CVE-%u\"%s", n / 2, n % 5 ? "" : ",\"JOIN-1\"");
        else if (n % 2)
                buf_put_text(b, "\"JOIN-1\"");
        buf_printf(b,
            "],\"affected\":[{\"package\":{\"ecosystem\":\"%s\",\"name\":\"p%u\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
            "\"events\":["
            "{\"introduced\":\"%u.0.0\"}",
            ecosystem, draw(w, 6), from);
        if (draw(w, 4))
                buf_printf(b, ",{\"fixed\":\"%u.0.0\"}", from + length);
        buf_printf(b, "]}],\"database_specific\":{\"severity\":\"%s\"}}]}\n", words[draw(w, 4)]);
}

/* The same records but for some that went, came, or say something else. */
static void feeds_make(struct world *w, struct buf *old, struct buf *new)
{
        for (unsigned n = 0; n < 60; n++) {
                struct buf one CLEANUP(buf_done) = {0};
                unsigned fate = draw(w, 10);

                record_put(w, &one, n);
                if (fate != 0)
                        buf_put(old, buf_span(&one));
                if (fate == 2) {
                        buf_clear(&one);
                        record_put(w, &one, n);
                }
                if (fate != 1)
                        buf_put(new, buf_span(&one));
        }
        for (size_t i = 0; i < ARRAY_LEN(ecosystems); i++) { /* whichever came out: each is known to both */
                const char *fill =
                    "{\"id\":\"Z-%zu\",\"modified\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":{"
                    "\"ecosystem\":\"%s\",\"name\":\"none\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":["
                    "{\"introduced\":\"0\"}]}]}]}\n";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                buf_printf(old, fill, i, ecosystems[i]);
                if (strcmp(ecosystems[i], "PyPI") != 0 || draw(w, 2)) /* one goes, now and then */
                        buf_printf(new, fill, i, ecosystems[i]);
#pragma GCC diagnostic pop
        }
}

/* ---- images ---- */

#define IMAGES 40u
#define COMPONENTS 6u

struct shop {
        struct component c[IMAGES][COMPONENTS + 1];
        char text[IMAGES][COMPONENTS + 1][2][24];
        struct digest digest[IMAGES];
};

static void image_put(struct world *w, struct shop *shop, unsigned i)
{
        static const char *const types[] = {"npm", "deb", "pypi"};
        struct store_component sc[COMPONENTS + 1];
        struct err e = {0};

        for (unsigned k = 0; k <= COMPONENTS; k++) {
                unsigned kind = draw(w, 3);
                struct component *c = &shop->c[i][k];

                snprintf(shop->text[i][k][0], 24, "p%u", draw(w, 6));
                snprintf(shop->text[i][k][1], 24, draw(w, 20) ? "%u.0.0" : "odd-%u", draw(w, 12));
                if (k == COMPONENTS) { /* the package that owns the first */
                        kind = 1;
                        snprintf(shop->text[i][k][0], 24, "owner");
                }
                *c = (struct component){.ecosystem = span_of(kind == 0   ? "npm"
                                                             : kind == 1 ? "Debian:12"
                                                                         : "PyPI"),
                    .type = span_of(types[kind]),
                    .name = span_of(shop->text[i][k][0]),
                    .version = span_of(shop->text[i][k][1]),
                    .layer = draw(w, 2)};
                if (kind == 1 && draw(w, 2)) {
                        c->source_name = c->name;
                        c->source_version = c->version;
                        c->name = span_of("binary");
                }
        }
        shop->c[i][0].owner = draw(w, 2) ? COMPONENTS + 1 : 0;
        for (unsigned k = 0; k <= COMPONENTS; k++) {
                const struct component *c = &shop->c[i][k];
                static struct buf keys[COMPONENTS + 1];

                buf_clear(&keys[k]);
                sc[k] = (struct store_component){.ecosystem = c->ecosystem,
                    .type = c->type,
                    .name = c->name,
                    .version = c->version,
                    .source_name = c->source_name,
                    .source_version = c->source_version,
                    .package = match_asked_by(c).package,
                    .owner = c->owner ? shop->c[i][COMPONENTS].ecosystem : (struct span){0},
                    .part = c->layer};
                if (version_key(version_order_of(c->ecosystem), match_asked_by(c).version, &keys[k], NULL)) {
                        sc[k].key = buf_span(&keys[k]);
                        sc[k].key_format = VERSION_KEY_FORMAT;
                }
        }
        digest_of(DIGEST_SHA256, span_bytes(&i, sizeof(i)), &shop->digest[i]);
        if (!store_image_put(w->s,
                &(struct store_image){.digest = shop->digest[i],
                    .name = span_of("shop"),
                    .inventory_format = 1,
                    .components = sc,
                    .n_components = COMPONENTS + 1},
                &e))
                fail_msg("%s", e.text);
}

/* ---- what must come out: every image by both databases ---- */

static int line_order(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

struct lines {
        char **at;
        size_t len, cap;
        struct arena *arena;
};

static void line_add(struct lines *l, const char *kind, const struct component *c, const struct finding *f)
{
        *ARENA_PUSH(l->arena, l) = (char *)arena_string(
            l->arena, arena_printf(l->arena, "%s %.*s %.*s/%.*s@%.*s %s", kind, SPAN_FMT(f->id), SPAN_FMT(c->ecosystem),
                          SPAN_FMT(f->package), SPAN_FMT(f->package_version), severity_name(f->severity)));
}

#define FINDINGS_MAX 1000u
#define NONE SIZE_MAX

static size_t find(const struct match *m, uint32_t component, struct span id)
{
        for (size_t i = 0; i < m->n_findings; i++)
                if (m->findings[i].component == component && span_equal(m->findings[i].id, id))
                        return i;
        return NONE;
}

static int by_id(const void *a, const void *b)
{
        const struct finding *x = a, *y = b;
        int by = (x->component > y->component) - (x->component < y->component);

        return by ? by : span_compare(x->id, y->id);
}

/*
 * Which finding by the old database each one by the new is, and which of the old are none any more: by id; then where the new one has
 * the old one's id among its aliases; then the other way round.
 */
static void pair(const struct match *old, const struct match *new, size_t *was, bool *gone)
{
        for (size_t k = 0; k < new->n_findings; k++)
                was[k] = find(old, new->findings[k].component, new->findings[k].id);
        for (size_t i = 0; i < old->n_findings; i++)
                gone[i] = find(new, old->findings[i].component, old->findings[i].id) == NONE;
        for (size_t k = 0; k < new->n_findings; k++)
                for (size_t n = 0; n < new->findings[k].n_aliases; n++) {
                        size_t i = find(old, new->findings[k].component, new->findings[k].aliases[n]);

                        if (i == NONE || !gone[i])
                                continue;
                        gone[i] = false;
                        was[k] = was[k] == NONE ? i : was[k];
                }
        for (size_t i = 0; i < old->n_findings; i++)
                for (size_t n = 0; n < old->findings[i].n_aliases && gone[i]; n++) {
                        size_t k = find(new, old->findings[i].component, old->findings[i].aliases[n]);

                        if (k == NONE || was[k] != NONE)
                                continue;
                        gone[i] = false;
                        was[k] = i;
                }
}

static void lines_sort(struct lines *l)
{
        size_t kept = 0;

        if (l->len > 1)
                qsort(l->at, l->len, sizeof(*l->at), line_order);
        for (size_t i = 0; i < l->len; i++)
                if (i == 0 || strcmp(l->at[i], l->at[kept - 1]) != 0)
                        l->at[kept++] = l->at[i];
        l->len = kept;
}

static void expected(
    struct component *components, const struct advisory_db *old_db, const struct advisory_db *new_db, struct lines *ret)
{
        struct inventory v = {
            .components = components, .n_components = COMPONENTS + 1, .os_known = true, .complete = true};
        CLEANUP(match_freep) struct match *old = NULL, *new = NULL;
        static size_t was_of[FINDINGS_MAX];
        static bool gone[FINDINGS_MAX];
        struct err e = {0};

        if (!match_inventory(&v, old_db, &old, &e) || !match_inventory(&v, new_db, &new, &e))
                fail_msg("%s", e.text);
        assert_true(old->n_findings <= FINDINGS_MAX && new->n_findings <= FINDINGS_MAX);
        if (old->n_findings > 1)
                qsort(old->findings, old->n_findings, sizeof(*old->findings), by_id);
        if (new->n_findings > 1)
                qsort(new->findings, new->n_findings, sizeof(*new->findings), by_id);
        pair(old, new, was_of, gone);
        for (size_t i = 0; i < new->n_findings; i++) {
                const struct finding *is = &new->findings[i];
                const struct finding *was = was_of[i] == NONE ? NULL : &old->findings[was_of[i]];
                int by;

                if (!was) {
                        line_add(ret, "added", &components[is->component], is);
                        continue;
                }
                by = (is->answer == ADVISORY_AFFECTED) - (was->answer == ADVISORY_AFFECTED);
                if (by == 0)
                        by = (is->severity > was->severity) - (is->severity < was->severity);
                if (by != 0)
                        line_add(ret, by > 0 ? "worsened" : "eased", &components[is->component], is);
                else if (was->fixed.len == 0 && is->fixed.len > 0)
                        line_add(ret, "mendable", &components[is->component], is);
        }
        for (size_t i = 0; i < old->n_findings; i++)
                if (gone[i])
                        line_add(ret, "removed", &components[old->findings[i].component], &old->findings[i]);
        lines_sort(ret);
}

/* ---- what came out ---- */

static void notice_lines(struct span body, struct lines *ret, struct span *ret_image)
{
        struct span key, kind = {0}, id = {0}, ecosystem = {0}, package = {0}, version = {0}, severity = {0};
        struct arena *a = ret->arena;
        struct err e = {0};
        struct json j;

        json_init(&j, body, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "image")) {
                        *ret_image = json_string(&j);
                        continue;
                }
                if (!span_is(key, "changes")) {
                        json_skip(&j);
                        continue;
                }
                for (json_array(&j); json_element(&j);) {
                        for (json_object(&j); json_member(&j, &key);) {
                                struct span *to = span_is(key, "kind")        ? &kind
                                                  : span_is(key, "id")        ? &id
                                                  : span_is(key, "ecosystem") ? &ecosystem
                                                  : span_is(key, "package")   ? &package
                                                  : span_is(key, "version")   ? &version
                                                  : span_is(key, "severity")  ? &severity
                                                                              : NULL;
                                if (to)
                                        *to = json_string(&j);
                                else
                                        json_skip(&j);
                        }
                        *ARENA_PUSH(a, ret) = (char *)arena_string(
                            a, arena_printf(a, "%.*s %.*s %.*s/%.*s@%.*s %.*s", SPAN_FMT(kind), SPAN_FMT(id),
                                   SPAN_FMT(ecosystem), SPAN_FMT(package), SPAN_FMT(version), SPAN_FMT(severity)));
                }
        }
        if (!json_finish(&j, &e))
                fail_msg("%s", e.text);
        lines_sort(ret);
}

struct told {
        struct span image, body;
};

struct outcome {
        struct arena *arena;
        struct told *at;
        size_t len, cap;
};

static void on_image(void *ctx, struct span digest, struct span name, struct span notice)
{
        struct outcome *o = ctx;

        assert_true(span_is(name, "shop"));
        *ARENA_PUSH(o->arena, o) = (struct told){arena_copy(o->arena, digest), arena_copy(o->arena, notice)};
}

/* Every third image was scanned by itself with `between`: for those it stands in place of `old`. */
static bool is_apart(unsigned image)
{
        return image % 3 == 1;
}

struct apart {
        const char *name; /* of the file of `between`; NULL: it is gone */
        int dir_fd;
        struct outcome *outcome;
};

static bool open_between(void *ctx, struct span digest, struct advisory_db **ret)
{
        struct apart *p = ctx;
        struct advisory_db *db = NULL;
        char text[DIGEST_TEXT_MAX];

        if (!p->name || !advisory_db_open(p->dir_fd, p->name, &db, NULL))
                return false;
        if (!span_is(digest, digest_format(&advisory_db_info(db)->digest, text))) {
                advisory_db_free(db);
                return false;
        }
        *ret = db;
        return true;
}

static void on_image_apart(void *ctx, struct span digest, struct span name, struct span notice)
{
        on_image(((struct apart *)ctx)->outcome, digest, name, notice);
}

static size_t compare(const struct shop *shop, const struct advisory_db *old, const struct advisory_db *between,
    const struct advisory_db *new, const struct outcome *o)
{
        size_t concerned = 0;

        for (unsigned i = 0; i < IMAGES; i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct lines want = {.arena = a}, got = {.arena = a};
                char text[DIGEST_TEXT_MAX];
                unsigned notices = 0;

                expected((struct component *)shop->c[i], is_apart(i) ? between : old, new, &want);
                digest_format(&shop->digest[i], text);
                for (size_t k = 0; k < o->len; k++) {
                        struct span image = {0};

                        if (!span_is(o->at[k].image, text))
                                continue;
                        notices++;
                        notice_lines(o->at[k].body, &got, &image);
                        assert_true(span_is(image, text));
                }
                concerned += want.len > 0;
                if (notices != (want.len > 0))
                        fail_msg("image %u: %u notices for %zu changes (%s)", i, notices, want.len,
                            want.len ? want.at[0] : "");
                for (size_t k = 0; k < want.len || k < got.len; k++)
                        if (k >= want.len || k >= got.len || strcmp(want.at[k], got.at[k]) != 0)
                                fail_msg("image %u: wanted \"%s\", got \"%s\"", i, k < want.len ? want.at[k] : "",
                                    k < got.len ? got.at[k] : "");
        }
        return concerned;
}

static void equals_matching_every_image(void **state)
{
        struct world *w = *state;
        size_t concerned = 0;

        for (unsigned round = 0; round < 12; round++) {
                struct buf old_lines CLEANUP(buf_done) = {0}, new_lines CLEANUP(buf_done) = {0};
                CLEANUP(advisory_db_freep) struct advisory_db *old = NULL, *new = NULL;
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct shop *shop CLEANUP(heap_freep) = heap_alloc(sizeof(*shop));
                struct outcome o = {.arena = a};
                struct assess_fleet_stats stats;
                struct err e = {0};

                if (round > 0) { /* another fleet */
                        uint64_t random = w->random;

                        teardown(state);
                        assert_int_equal(setup(state), 0);
                        w = *state;
                        w->random = random;
                }
                feeds_make(w, &old_lines, &new_lines);
                old = db_make(w, "old", buf_span(&old_lines));
                new = db_make(w, "new", buf_span(&new_lines));
                for (unsigned i = 0; i < IMAGES; i++)
                        image_put(w, shop, i);
                if (!assess_fleet(w->s, NULL, old, &(struct assess_fleet_options){0}, &stats, &e))
                        fail_msg("%s", e.text);
                assert_true(stats.first);
                if (!assess_fleet(
                        w->s, old, new, &(struct assess_fleet_options){.on_image = on_image, .ctx = &o}, &stats, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(stats.images, o.len);
                concerned += compare(shop, old, old, new, &o);
                /* And again: everything has been told. */
                o.len = 0;
                assert_false(assess_fleet(
                    w->s, old, new, &(struct assess_fleet_options){.on_image = on_image, .ctx = &o}, &stats, &e));
                assert_int_equal(e.kind, ERR_CONFLICT);
                assert_int_equal(o.len, 0);
        }
        assert_true(concerned > 100); /* the test tests something */
}

static void what_an_image_was_scanned_with_counts_for_it(void **state)
{
        struct world *w = *state;
        size_t concerned = 0;

        for (unsigned round = 0; round < 8; round++) {
                struct buf first CLEANUP(buf_done) = {0}, second CLEANUP(buf_done) = {0}, third CLEANUP(buf_done) = {0},
                           unused CLEANUP(buf_done) = {0};
                CLEANUP(advisory_db_freep) struct advisory_db *old = NULL, *between = NULL, *new = NULL;
                CLEANUP(arena_freep) struct arena *a = arena_new();
                struct shop *shop CLEANUP(heap_freep) = heap_alloc(sizeof(*shop));
                struct outcome o = {.arena = a};
                bool gone = round % 4 == 3; /* then they are told what all are told: rather twice than not */
                struct apart apart = {.name = gone ? NULL : "between", .outcome = &o};
                struct assess_fleet_stats stats;
                char text[DIGEST_TEXT_MAX];
                struct err e = {0};

                if (round > 0) {
                        uint64_t random = w->random;

                        teardown(state);
                        assert_int_equal(setup(state), 0);
                        w = *state;
                        w->random = random;
                }
                apart.dir_fd = w->fd;
                feeds_make(w, &first, &second);
                feeds_make(w, &third, &unused);
                old = db_make(w, "old", buf_span(&first));
                between = db_make(w, "between", buf_span(&second));
                new = db_make(w, "new", buf_span(&third));
                for (unsigned i = 0; i < IMAGES; i++)
                        image_put(w, shop, i);
                assert_true(assess_fleet(w->s, NULL, old, &(struct assess_fleet_options){0}, &stats, &e));
                digest_format(&advisory_db_info(between)->digest, text);
                for (unsigned i = 0; i < IMAGES; i++)
                        if (is_apart(i))
                                assert_true(store_image_matched(w->s, &shop->digest[i], span_of(text), &e));
                if (!assess_fleet(w->s, old, new,
                        &(struct assess_fleet_options){
                            .open = open_between, .on_image = on_image_apart, .ctx = &apart},
                        &stats, &e))
                        fail_msg("%s", e.text);
                assert_int_equal(stats.images, o.len);
                concerned += compare(shop, old, gone ? old : between, new, &o);
        }
        assert_true(concerned > 50);
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(equals_matching_every_image, setup, teardown),
            cmocka_unit_test_setup_teardown(what_an_image_was_scanned_with_counts_for_it, setup, teardown),
        };

        if (argc != 2)
                return 2;
        arg_worker = argv[1];
        setenv("COFFER_LIBEXEC", arg_worker, 1);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
