/* Images and their sets of components; which images a range of versions affects. */
#include "store/store_test_priv.h"

#define S(text) SPAN_LIT(text)

static struct digest digest_n(unsigned n)
{
        struct digest d;

        digest_of(DIGEST_SHA256, span_bytes(&n, sizeof(n)), &d);
        return d;
}

/* Keys of these tests are one byte: the version's number. */
static struct store_component deb(const char *source, const char *name, const char *version, const char *key)
{
        return (struct store_component){.ecosystem = S("Debian:12"),
            .name = span_of(name),
            .version = span_of(version),
            .source_name = span_of(source),
            .source_version = span_of(source[0] ? version : ""),
            .key = span_of(key),
            .key_format = key[0] ? 1 : 0};
}

static bool put(struct store *s, unsigned n, const struct store_component *c, size_t n_c, struct err *e)
{
        const struct store_image i = {.digest = digest_n(n),
            .name = S("demo"),
            .inventory_format = 3,
            .inventory = S("inventory"),
            .assessed_s = 1700000000,
            .components = c,
            .n_components = n_c};

        return store_image_put(s, &i, e);
}

static void an_image_comes_back_as_it_went_in(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct store_component c[] = {deb("zlib", "zlib1g", "1.2", "2")};
        struct store_image in = {.digest = digest_n(1),
            .name = span_bytes("\xff/\0'; DROP TABLE image; --", 26),
            .inventory_format = 3,
            .inventory = span_bytes("\0\xfe\0", 3),
            .assessed_s = -5,
            .components = c,
            .n_components = 1};
        struct store_image out = {0};

        assert_ok(store_image_put(s, &in, e));
        assert_ok(store_image_get(s, &in.digest, 3, a, &out, e));
        assert_true(digest_equal(&out.digest, &in.digest));
        assert_true(span_equal(out.name, in.name));
        assert_true(span_equal(out.inventory, in.inventory));
        assert_int_equal(out.inventory_format, 3);
        assert_int_equal(out.assessed_s, -5);
        assert_true(arena_owns(a, out.name) && arena_owns(a, out.inventory));

        /* The empty ones, under a digest of the other kind. */
        digest_of(DIGEST_SHA512, S("x"), &in.digest);
        in.name = in.inventory = (struct span){0};
        in.n_components = 0;
        assert_ok(store_image_put(s, &in, e));
        assert_ok(store_image_get(s, &in.digest, 3, a, &out, e));
        assert_true(out.name.len == 0 && out.inventory.len == 0);
}

static void what_is_not_there_is_not_found(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_image out = {.assessed_s = 42};
        struct digest one = digest_n(1), two = digest_n(2);

        assert_ok(put(s, 1, NULL, 0, e));
        assert_refused(store_image_get(s, &two, 3, a, &out, e), ERR_NOT_FOUND, "was not assessed yet");
        assert_refused(store_image_get(s, &one, 4, a, &out, e), ERR_NOT_FOUND, "was not assessed yet");
        assert_refused(store_image_get(s, &one, 2, a, &out, e), ERR_NOT_FOUND, "was not assessed yet");
        assert_refused(store_image_get(s, &(struct digest){0}, 3, a, &out, e), ERR_NOT_FOUND, "none");
        assert_int_equal(out.assessed_s, 42);
}

static void equal_sets_are_kept_once(void **state)
{
        struct store *s = room_open(*state);
        const struct store_component ab[] = {deb("", "a", "1", "1"), deb("", "b", "1", "1")};
        const struct store_component ba[] = {deb("", "b", "1", "1"), deb("", "a", "1", "1"), deb("", "b", "1", "1")};

        assert_ok(put(s, 1, ab, 2, e));
        assert_ok(put(s, 2, ba, 3, e)); /* another order, and one twice */
        assert_ok(put(s, 3, ab, 1, e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM image"), 3);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component_set"), 2);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component"), 2);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM member"), 3);
}

/* Fields can't run into each other, and each of them counts. */
static void components_that_differ_anywhere_are_two(void **state)
{
        struct store *s = room_open(*state);
        struct store_component c[13];

        for (size_t i = 0; i < ARRAY_LEN(c); i++)
                c[i] = deb("src", "name", "1", "1");
        c[1].ecosystem = S("Debian:11");
        c[2].name = S("nam");
        c[3].version = S("2");
        c[4].source_name = S("srcname");
        c[4].name = (struct span){0};
        c[5].source_version = S("2");
        c[6].key = S("2");
        c[7].key_format = 2;
        c[8].key = (struct span){0};
        c[8].key_format = 0;
        c[9].type = S("deb");
        c[10].module = S("a:1");
        c[11].owner = S("Debian:12");
        c[12].package = S("srcs");
        assert_ok(put(s, 1, c, ARRAY_LEN(c), e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component"), ARRAY_LEN(c));
}

static void a_newer_inventory_replaces_the_older(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct store_component old[] = {deb("", "a", "1", "1"), deb("", "b", "1", "1")};
        const struct store_component new[] = {deb("", "b", "1", "1"), deb("", "c", "1", "1")};
        struct store_image i = {
            .digest = digest_n(1), .inventory_format = 4, .inventory = S("new"), .components = new, .n_components = 2};
        struct store_image out;

        assert_ok(put(s, 1, old, 2, e));
        assert_ok(put(s, 2, old, 2, e));
        assert_ok(store_image_put(s, &i, e));
        assert_ok(store_image_get(s, &i.digest, 4, a, &out, e));
        assert_true(span_is(out.inventory, "new"));
        assert_refused(store_image_get(s, &i.digest, 3, a, &out, e), ERR_NOT_FOUND, "not assessed");
        assert_int_equal(sql_number(s, "SELECT count(*) FROM image"), 2);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component_set"), 2); /* image 2 has the old one still */
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component"), 3);
        /* Now nobody has it: "a" goes with it, "b" stays. */
        i.digest = digest_n(2);
        assert_ok(store_image_put(s, &i, e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component_set"), 1);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component"), 2);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component WHERE name = 'a'"), 0);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM member"), 2);
}

static void a_put_that_fails_leaves_nothing(void **state)
{
        struct store *s = room_open(*state);
        const struct store_component c[] = {deb("", "a", "1", "1"), deb("", "b", "1", "1")};

        /* At its last statement. */
        sql(s, room_postgres() ? "CREATE FUNCTION stops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                                 "RAISE EXCEPTION 'stopped here' USING ERRCODE = '23000'; END $$"
                               : "SELECT 1");
        sql(s, room_postgres() ? "CREATE TRIGGER stop BEFORE INSERT ON image FOR EACH ROW EXECUTE FUNCTION stops()"
                               : "CREATE TRIGGER stop BEFORE INSERT ON image BEGIN SELECT raise(ABORT, 'stopped here'); END");
        assert_refused(put(s, 1, c, 2, e), ERR_CONFLICT, "stopped here");
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component_set"), 0);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component"), 0);
        sql(s, room_postgres() ? "DROP TRIGGER stop ON image" : "DROP TRIGGER stop");
        assert_ok(put(s, 1, c, 2, e));
}

static void what_cant_be_kept_is_refused(void **state)
{
        struct store *s = room_open(*state);
        static uint8_t big[STORE_TEXT_MAX + 1];
        struct store_component c = deb("", "a", "1", "1");
        struct store_image i = {.digest = digest_n(1), .components = &c, .n_components = 1};

        memset(big, 'x', sizeof(big));
        c.name = span_bytes(big, sizeof(big));
        assert_refused(store_image_put(s, &i, e), ERR_LIMIT, "component 0: its name is 8193 bytes, at most 8192");
        c.name.len--;
        assert_ok(store_image_put(s, &i, e));
        c = deb("", "a\xff", "1", "1");
        assert_refused(store_image_put(s, &i, e), ERR_MALFORMED, "its name is not UTF-8");
        c = deb("", "a", "1", "1");
        c.version = span_bytes("1\0002", 3);
        assert_refused(store_image_put(s, &i, e), ERR_MALFORMED, "its version has a NUL at byte 1");
        c = deb("", "a", "1", "1");
        c.key_format = 0;
        assert_refused(store_image_put(s, &i, e), ERR_BUG, "go together");
        c = deb("", "a", "1", "1");
        i.n_components = STORE_COMPONENTS_MAX + 1;
        assert_refused(store_image_put(s, &i, e), ERR_LIMIT, "1000001 components");
        i.n_components = 1;
        i.inventory = span_bytes(big, (size_t)STORE_INVENTORY_MAX + 1); /* refused before it is read */
        assert_refused(store_image_put(s, &i, e), ERR_LIMIT, "its inventory");
        i.inventory = (struct span){0};
        i.digest.alg = DIGEST_NONE;
        assert_refused(store_image_put(s, &i, e), ERR_BUG, "without a digest");
}

/* ---- the fleet ---- */

struct seen {
        char text[400]; /* "2:1.4 3:1.4 1:x " image, version */
};

static unsigned image_number(struct span digest)
{
        char text[DIGEST_TEXT_MAX];

        for (unsigned n = 1; n < 100; n++) {
                struct digest d = digest_n(n);
                if (span_is(digest, digest_format(&d, text)))
                        return n;
        }
        fail_msg("no image of this test");
        return 0;
}

static const char *affected(
    struct store *s, const char *package, const char *lo, const char *hi, uint32_t format, struct seen *seen)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct store_range r = {.ecosystem = S("Debian:12"),
            .package = span_of(package),
            .key_format = format,
            .key_lo = span_of(lo),
            .key_hi = span_of(hi)};
        struct span advisories;
        struct store_row *rows;
        size_t n;

        seen->text[0] = 0;
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_components(s, &r, a, &rows, &n, e));
        for (size_t i = 0; i < n; i++) {
                int64_t *holders;
                size_t n_holders;

                assert_ok(store_fleet_holders(s, rows[i].id, a, &holders, &n_holders, e));
                for (size_t k = 0; k < n_holders; k++) {
                        struct store_holder h;

                        assert_ok(store_fleet_image(s, holders[k], a, &h, e));
                        assert_true(span_is(h.name, "demo"));
                        snprintf(seen->text + strlen(seen->text), sizeof(seen->text) - strlen(seen->text), "%u:%.*s ",
                            image_number(h.digest), SPAN_FMT(rows[i].c.version));
                }
        }
        assert_false(store_fleet_end(s, false, (struct span){0}, NULL));
        return seen->text;
}

static void a_range_finds_the_images(void **state)
{
        struct store *s = room_open(*state);
        struct seen seen = {0};

        for (unsigned n = 1; n <= 5; n++) {
                char version[] = {(char)('0' + n), 0};
                const struct store_component c[] = {deb("", "other", "9", "9"), deb("", "pkg", version, version)};
                assert_ok(put(s, n, c, 2, e));
        }
        assert_string_equal(affected(s, "pkg", "2", "4", 1, &seen), "2:2 3:3 "); /* from 2, below 4 */
        assert_string_equal(affected(s, "pkg", "", "2", 1, &seen), "1:1 ");
        assert_string_equal(affected(s, "pkg", "4", "", 1, &seen), "4:4 5:5 ");
        assert_string_equal(affected(s, "pkg", "", "", 1, &seen), "1:1 2:2 3:3 4:4 5:5 ");
        assert_string_equal(affected(s, "pkg", "25", "3", 1, &seen), "");
        assert_string_equal(affected(s, "pkg", "4", "2", 1, &seen), "");
        assert_string_equal(affected(s, "nothing", "", "", 1, &seen), "");
        assert_string_equal(affected(s, "x' OR '1'='1", "", "", 1, &seen), "");
}

static void keys_order_as_bytes(void **state)
{
        struct store *s = room_open(*state);
        struct seen seen = {0};
        /* A prefix comes first; 0x80 and above are no negative numbers; 0 is a byte. */
        static const struct {
                const char *version;
                struct span key;
        } rows[] = {{"a", SPAN_LIT("\x01")}, {"b", SPAN_LIT("\x01\x00")}, {"c", SPAN_LIT("\x01\x7f")},
            {"d", SPAN_LIT("\x01\x80")}, {"e", SPAN_LIT("\xff")}};

        for (unsigned n = 0; n < ARRAY_LEN(rows); n++) {
                struct store_component c = deb("", "pkg", rows[n].version, "1");
                c.key = rows[n].key;
                assert_ok(put(s, n + 1, &c, 1, e));
        }
        assert_string_equal(affected(s, "pkg", "", "", 1, &seen), "1:a 2:b 3:c 4:d 5:e ");
        assert_string_equal(affected(s, "pkg", "\x01\x01", "\xfe", 1, &seen), "3:c 4:d ");
        assert_string_equal(affected(s, "pkg", "\x01\x80", "", 1, &seen), "4:d 5:e ");
}

/* Advisories of distributions speak of source packages. */
static void the_source_is_the_package(void **state)
{
        struct store *s = room_open(*state);
        struct seen seen = {0};
        const struct store_component c[] = {deb("zlib", "zlib1g", "2", "2"), deb("zlib", "zlib1g-dev", "2", "2")};

        assert_ok(put(s, 1, c, 2, e));
        assert_string_equal(affected(s, "zlib", "1", "3", 1, &seen), "1:2 1:2 "); /* both, each with its name */
        assert_string_equal(affected(s, "zlib1g", "1", "3", 1, &seen), "");
}

static void what_cant_be_ordered_is_a_candidate_always(void **state)
{
        struct store *s = room_open(*state);
        struct seen seen = {0};
        struct store_component unordered = deb("", "pkg", "odd", ""), old = deb("", "pkg", "old", "9"),
                               plain = deb("", "pkg", "5", "5");

        old.key_format = 2;
        assert_ok(put(s, 1, &unordered, 1, e));
        assert_ok(put(s, 2, &old, 1, e));
        assert_ok(put(s, 3, &plain, 1, e));
        assert_string_equal(affected(s, "pkg", "1", "2", 1, &seen), "1:odd 2:old ");
        assert_string_equal(affected(s, "pkg", "5", "6", 1, &seen), "3:5 1:odd 2:old ");
        assert_string_equal(affected(s, "pkg", "", "", 2, &seen), "2:old 1:odd 3:5 ");
}

static void a_range_that_is_none_is_refused(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_range r = {.ecosystem = S("npm"), .package = S("a\xc0")};
        struct span advisories;
        struct store_row *rows;
        size_t n;

        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_refused(store_fleet_components(s, &r, a, &rows, &n, e), ERR_MALFORMED, "the package is not UTF-8");
        r.package = S("a");
        r.key_hi = span_bytes("", STORE_TEXT_MAX + 1u);
        assert_refused(store_fleet_components(s, &r, a, &rows, &n, e), ERR_LIMIT, "the upper key");
        assert_false(store_fleet_end(s, false, (struct span){0}, NULL));
}

/* What a layer brought stands once, for all images that have the same of it. */
static void layers_are_shared(void **state)
{
        struct store *s = room_open(*state);
        struct store_component c[] = {deb("", "a", "1", "1"), deb("", "b", "1", "1"), deb("", "app", "1", "1")};
        struct seen seen = {0};

        c[2].part = 1;
        assert_ok(put(s, 1, c, 3, e));
        c[2].version = S("2");
        assert_ok(put(s, 2, c, 3, e));
        assert_ok(put(s, 3, c, 2, e)); /* the base alone */
        assert_int_equal(sql_number(s, "SELECT count(*) FROM component_set"), 3);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM member"), 4);
        assert_int_equal(sql_number(s, "SELECT count(*) FROM part"), 5);
        assert_string_equal(affected(s, "a", "", "", 1, &seen), "1:1 2:1 3:1 ");
        assert_string_equal(affected(s, "app", "", "", 1, &seen), "1:1 2:2 ");
        /* The same component from two layers is one of the image. */
        c[2] = c[0];
        c[2].part = 1;
        assert_ok(put(s, 3, c, 3, e));
        assert_string_equal(affected(s, "a", "", "", 1, &seen), "1:1 2:1 3:1 ");
}

static void components_come_back_whole(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_component c[] = {deb("zlib", "zlib1g", "1.2", "2"), deb("", "x", "1", "1")};
        struct span advisories, *ecosystems;
        struct store_row *rows;
        size_t n;

        c[0].type = S("rpm");
        c[0].module = S("nodejs:18");
        c[0].owner = S("Debian:12");
        c[0].package = S("asked");
        c[1].ecosystem = S("npm");
        assert_ok(put(s, 1, c, 2, e));
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_ecosystems(s, a, &ecosystems, &n, e));
        assert_int_equal(n, 2);
        assert_true(span_is(ecosystems[0], "Debian:12") && span_is(ecosystems[1], "npm"));
        const struct store_range r = {.ecosystem = S("Debian:12"), .package = S("asked"), .key_format = 1};
        assert_ok(store_fleet_components(s, &r, a, &rows, &n, e));
        assert_int_equal(n, 1);
        assert_true(span_is(rows[0].c.type, "rpm") && span_is(rows[0].c.name, "zlib1g") &&
                    span_is(rows[0].c.version, "1.2") && span_is(rows[0].c.source_name, "zlib") &&
                    span_is(rows[0].c.source_version, "1.2") && span_is(rows[0].c.module, "nodejs:18") &&
                    span_is(rows[0].c.owner, "Debian:12") && span_is(rows[0].c.key, "2") && rows[0].c.key_format == 1);
        assert_ok(store_fleet_all_components(s, 0, 1, a, &rows, &n, e));
        assert_int_equal(n, 1);
        assert_ok(store_fleet_all_components(s, rows[0].id, 5, a, &rows, &n, e));
        assert_int_equal(n, 1);
        assert_false(store_fleet_end(s, false, (struct span){0}, NULL));
}

/* Notices, the ledger and what was assessed last go together or not at all. */
static void notices_are_told_once(void **state)
{
        static const char *const sinks[] = {"file", "hook"};
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        const struct store_component c[] = {deb("", "a", "1", "1")};
        struct digest one = digest_n(1);
        struct store_notice *list;
        struct store_holder h;
        struct span advisories;
        size_t n;

        assert_ok(put(s, 1, c, 1, e));
        for (int commit = 0; commit < 2; commit++) {
                assert_ok(store_fleet_begin(s, a, &advisories, e));
                assert_int_equal(advisories.len, 0);
                assert_ok(store_fleet_image(s, 1, a, &h, e));
                assert_ok(store_fleet_notice(s, S("sha256:new"), &h, S("{\"added\":[]}"), sinks, 2, e));
                if (commit) {
                        assert_ok(store_fleet_end(s, true, S("sha256:new"), e));
                } else { /* a second one is refused, and with it all of this goes */
                        assert_refused(store_fleet_notice(s, S("sha256:new"), &h, S("{}"), sinks, 2, e), ERR_CONFLICT, "notice");
                        assert_false(store_fleet_end(s, false, S("sha256:new"), NULL));
                }
                assert_int_equal(sql_number(s, "SELECT count(*) FROM notice"), commit);
                assert_int_equal(sql_number(s, "SELECT count(*) FROM ledger"), commit);
        }
        assert_ok(store_notices(s, "file", 10, a, &list, &n, e));
        assert_int_equal(n, 1);
        assert_true(span_is(list[0].body, "{\"added\":[]}") && span_equal(list[0].image, h.digest));
        assert_ok(store_notice_told(s, "file", list[0].id, e));
        assert_ok(store_notice_told(s, "file", list[0].id, e)); /* again: fine */
        assert_ok(store_notices(s, "file", 10, a, &list, &n, e));
        assert_int_equal(n, 0);
        assert_ok(store_notices(s, "hook", 10, a, &list, &n, e));
        assert_int_equal(n, 1);
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_true(span_is(advisories, "sha256:new"));
        assert_refused(store_fleet_image(s, 77, a, &h, e), ERR_MALFORMED, "image 77 is not there");
        assert_false(store_fleet_end(s, false, (struct span){0}, NULL));
        assert_ok(store_image_matched(s, &one, S("sha256:x"), e));
        assert_ok(store_image_matched(s, &one, S("sha256:x"), e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM image WHERE advisories = 'sha256:x'"), 1);
        /* The same advisories once more, after others: told again; and what the image was matched with by itself is forgotten. */
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_image(s, 1, a, &h, e));
        assert_true(span_is(h.advisories, "sha256:x"));
        assert_ok(store_fleet_notice(s, S("sha256:new"), &h, S("{\"added\":[1]}"), sinks, 2, e));
        assert_refused(store_fleet_notice(s, S("sha256:new"), &h, S("{}"), sinks, 2, e), ERR_CONFLICT, "notice");
        assert_false(store_fleet_end(s, false, S("sha256:new"), NULL));
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_notice(s, S("sha256:new"), &h, S("{\"added\":[1]}"), sinks, 2, e));
        assert_ok(store_fleet_image(s, 1, a, &h, e));
        assert_int_equal(h.advisories.len, 0);
        assert_ok(store_fleet_end(s, true, S("sha256:new"), e));
        assert_ok(store_notices(s, "hook", 10, a, &list, &n, e));
        assert_int_equal(n, 2);
        assert_true(list[0].id < list[1].id && span_is(list[1].body, "{\"added\":[1]}"));
        one = digest_n(50);
        assert_ok(store_image_matched(s, &one, S("sha256:x"), e));
        /* Who only looks waits for no writer, and keeps none waiting. */
        struct room *r = *state;
        struct store *other;

        assert_ok(store_open(r->fd, r->path, &other, e));
        assert_ok(store_fleet_begin(s, a, &advisories, e));
        assert_ok(store_fleet_look(other, e));
        assert_ok(store_fleet_image(other, 1, a, &h, e));
        assert_ok(store_fleet_end(s, true, S("sha256:newer"), e));
        assert_false(store_fleet_end(other, false, (struct span){0}, NULL));
        store_free(other);
}

/* ---- the plan: a search in the index, never a walk over a table ---- */

static bool plan_row(struct store_query *q, const struct store_value *row, size_t n, struct err *e)
{
        char *plan = q->ctx;

        (void)e;
        assert_int_equal(n, 4);
        snprintf(plan + strlen(plan), 1000 - strlen(plan), "%.*s\n", SPAN_FMT(row[3].bytes));
        return true;
}

static void plan_is(struct store *s, const char *sql, const char *const *parts)
{
        char plan[1000] = "";
        struct store_query q = {.sql = sql, .on_row = plan_row, .ctx = plan};

        assert_ok(store_run(s, &q, e));
        for (; *parts; parts++)
                if (!strstr(plan, *parts))
                        fail_msg("%s", plan);
        assert_null(strstr(plan, "SCAN"));
}

static void the_scan_is_one_range_of_the_index(void **state)
{
        struct store *s = room_open(*state);

        plan_is(s,
            "EXPLAIN QUERY PLAN SELECT id, name FROM component WHERE ecosystem = 'a' AND package = 'b' AND key_format = 1 "
            "AND key >= x'01' AND key < x'02'",
            (const char *const[]){
                "USING INDEX component_by_key (ecosystem=? AND package=? AND key_format=? AND key>? AND key<?)", NULL});
        plan_is(s,
            "EXPLAIN QUERY PLAN SELECT DISTINCT p.image_id FROM member AS m CROSS JOIN part AS p "
            "WHERE m.component_id = 1 AND p.set_id = m.set_id ORDER BY p.image_id",
            (const char *const[]){"SEARCH m USING PRIMARY KEY (component_id=?)", "SEARCH p USING PRIMARY KEY (set_id=?)", NULL});
        plan_is(s, "EXPLAIN QUERY PLAN SELECT ecosystem FROM component WHERE ecosystem > 'a' ORDER BY ecosystem LIMIT 1",
            (const char *const[]){"component_by_key (ecosystem>?)", NULL});
        plan_is(s, "EXPLAIN QUERY PLAN SELECT advisories FROM image WHERE advisories > 'a' ORDER BY advisories LIMIT 1",
            (const char *const[]){"image_by_advisories (advisories>?)", NULL});
        plan_is(s,
            "EXPLAIN QUERY PLAN DELETE FROM notice WHERE time_s < 7 AND NOT EXISTS (SELECT 1 FROM delivery WHERE "
            "delivery.notice_id = notice.id)",
            (const char *const[]){"notice_by_time (time_s<?)", "delivery_by_notice (notice_id=?)", NULL});
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(an_image_comes_back_as_it_went_in),
            ROW(what_is_not_there_is_not_found),
            ROW(equal_sets_are_kept_once),
            ROW(components_that_differ_anywhere_are_two),
            ROW(a_newer_inventory_replaces_the_older),
            ROW(a_put_that_fails_leaves_nothing),
            ROW(what_cant_be_kept_is_refused),
            ROW(a_range_finds_the_images),
            ROW(keys_order_as_bytes),
            ROW(the_source_is_the_package),
            ROW(what_cant_be_ordered_is_a_candidate_always),
            ROW(a_range_that_is_none_is_refused),
            ROW(layers_are_shared),
            ROW(components_come_back_whole),
            ROW(notices_are_told_once),
            ROW(the_scan_is_one_range_of_the_index), /* SQLite's plan; postgres_test.c has the other's */
        };
        return _cmocka_run_group_tests("tests", tests, ARRAY_LEN(tests) - (room_postgres() ? 1 : 0), NULL, NULL);
}
