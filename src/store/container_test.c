/* Containers: what was put comes back by id, name or first digits; nothing is ambiguous. */
#include "store/store_test_priv.h"

#define S(text) SPAN_LIT(text)

static struct store_container container(const char *id, const char *name)
{
        struct store_container c = {.id = span_of(id),
            .name = span_of(name),
            .image = S("oci:demo"),
            .created_s = 1700000000,
            .ids_first = 0xfffffff0u,
            .command = S("sh -c true"),
            .record = S("{\"detach\":true}")};

        digest_of(DIGEST_SHA256, S("manifest"), &c.image_digest);
        return c;
}

static void put(struct store *s, const char *id, const char *name)
{
        struct store_container c = container(id, name);

        assert_ok(store_container_put(s, &c, e));
}

static void a_container_comes_back_as_it_went_in(void **state)
{
        struct room *r = *state;
        struct store *s = room_open(r);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_container in = container("0123456789ab", "web"), out;

        in.image = span_bytes("dir:/tmp/\xff\0x", 12);
        in.command = span_bytes("sh\0-c", 5);
        assert_ok(store_container_put(s, &in, e));
        in.id = S("ffffffffffff");
        in.name = S("Sven's \"b\xc3\xa4r\"");
        in.image_digest = (struct digest){0};
        in.command = in.record = in.image = (struct span){0};
        assert_ok(store_container_put(s, &in, e));
        room_close(r);
        s = room_open(r);

        assert_ok(store_container_get(s, "web", a, &out, e));
        in = container("0123456789ab", "web");
        assert_true(span_is(out.id, "0123456789ab"));
        assert_true(span_is(out.name, "web"));
        assert_true(span_equal(out.image, span_bytes("dir:/tmp/\xff\0x", 12)));
        assert_true(digest_equal(&out.image_digest, &in.image_digest));
        assert_int_equal(out.created_s, 1700000000);
        assert_int_equal(out.ids_first, 0xfffffff0u);
        assert_true(span_equal(out.command, span_bytes("sh\0-c", 5)));
        assert_true(span_is(out.record, "{\"detach\":true}"));
        assert_ok(store_container_get(s, "Sven's \"b\xc3\xa4r\"", a, &out, e));
        assert_true(span_is(out.id, "ffffffffffff"));
        assert_true(out.image_digest.alg == DIGEST_NONE);
        assert_true(out.image.len == 0 && out.command.len == 0 && out.record.len == 0);
}

static const char *found(struct store *s, const char *key)
{
        static char id[STORE_CONTAINER_ID_LEN + 1];
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_container c;
        struct err e = {0};

        if (!store_container_get(s, key, a, &c, &e))
                return err_kind_name(e.kind);
        assert_int_equal(c.id.len, STORE_CONTAINER_ID_LEN);
        memcpy(id, c.id.at, c.id.len);
        return id;
}

static void ids_names_and_first_digits_find_it(void **state)
{
        struct store *s = room_open(*state);

        put(s, "0123456789ab", "web");
        put(s, "0123ffffffff", "0123456789");
        put(s, "ffffffffffff", "ffffffffffff"); /* its own id may be its name */
        put(s, "abcdef000000", "%");
        assert_string_equal(found(s, "0123456789ab"), "0123456789ab");
        assert_string_equal(found(s, "web"), "0123456789ab");
        assert_string_equal(found(s, "01234"), "0123456789ab");
        assert_string_equal(found(s, "0123456789a"), "0123456789ab");
        assert_string_equal(found(s, "0123456789"), "0123ffffffff"); /* a name comes before first digits */
        assert_string_equal(found(s, "0123f"), "0123ffffffff");
        assert_string_equal(found(s, "ffff"), "ffffffffffff");
        assert_string_equal(found(s, "0123"), err_kind_name(ERR_CONFLICT));
        assert_string_equal(found(s, "abc"), err_kind_name(ERR_NOT_FOUND)); /* too short */
        assert_string_equal(found(s, "ABCD"), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, "abcdef0000000"), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, "we"), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, ""), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, "\xff\xff"), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, "____"), err_kind_name(ERR_NOT_FOUND));
        assert_string_equal(found(s, "%"), "abcdef000000");
        assert_string_equal(found(s, "' OR 1=1 --"), err_kind_name(ERR_NOT_FOUND));
}

static void ids_and_names_are_unique_together(void **state)
{
        struct store *s = room_open(*state);
        struct store_container c;

        put(s, "0123456789ab", "web");
        c = container("0123456789ab", "other");
        assert_refused(store_container_put(s, &c, e), ERR_CONFLICT, "container other: the name or id is taken");
        c = container("aaaaaaaaaaaa", "web");
        assert_refused(store_container_put(s, &c, e), ERR_CONFLICT, "container web");
        c = container("aaaaaaaaaaaa", "0123456789ab"); /* a name that is another one's id */
        assert_refused(store_container_put(s, &c, e), ERR_CONFLICT, "is taken");
        put(s, "bbbbbbbbbbbb", "cccccccccccc");
        c = container("cccccccccccc", "x"); /* an id that is another one's name */
        assert_refused(store_container_put(s, &c, e), ERR_CONFLICT, "is taken");
        put(s, "aaaaaaaaaaaa", "Web");
        assert_int_equal(sql_number(s, "SELECT count(*) FROM container"), 3);
}

static void what_is_no_container_is_refused(void **state)
{
        struct store *s = room_open(*state);
        static char big[STORE_RECORD_MAX + 1];
        struct store_container c;
        static const char *const bad_ids[] = {"", "0123456789a", "0123456789abc", "0123456789AB", "0123456789a/"};

        for (size_t i = 0; i < ARRAY_LEN(bad_ids); i++) {
                c = container(bad_ids[i], "web");
                assert_refused(store_container_put(s, &c, e), ERR_MALFORMED, "12 lower-case hex digits");
        }
        c = container("0123456789ab", "");
        assert_refused(store_container_put(s, &c, e), ERR_MALFORMED, "name is not empty");
        c = container("0123456789ab", "a\nb");
        assert_refused(store_container_put(s, &c, e), ERR_MALFORMED, "no control bytes");
        c = container("0123456789ab", "a\xc0\x80");
        assert_refused(store_container_put(s, &c, e), ERR_MALFORMED, "not UTF-8");
        memset(big, 'x', sizeof(big));
        c.name = span_bytes(big, STORE_CONTAINER_NAME_MAX + 1);
        assert_refused(store_container_put(s, &c, e), ERR_LIMIT, "its name is 129 bytes, at most 128");
        c = container("0123456789ab", "web");
        c.record = span_bytes(big, STORE_RECORD_MAX + 1);
        assert_refused(store_container_put(s, &c, e), ERR_LIMIT, "its record is 1048577 bytes");
        c.record.len--;
        assert_ok(store_container_put(s, &c, e));
        assert_int_equal(sql_number(s, "SELECT count(*) FROM container"), 1);
}

static void the_list_is_in_the_order_of_creation(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_container c, *list = NULL;
        size_t n = 9;

        assert_ok(store_container_list(s, a, &list, &n, e));
        assert_int_equal(n, 0);
        c = container("aaaaaaaaaaaa", "third");
        c.created_s = 30;
        assert_ok(store_container_put(s, &c, e));
        c = container("cccccccccccc", "second");
        c.created_s = 20;
        assert_ok(store_container_put(s, &c, e));
        c = container("bbbbbbbbbbbb", "first");
        c.created_s = 20;
        assert_ok(store_container_put(s, &c, e));
        assert_ok(store_container_list(s, a, &list, &n, e));
        assert_int_equal(n, 3);
        assert_true(
            span_is(list[0].name, "first") && span_is(list[1].name, "second") && span_is(list[2].name, "third"));
}

static void removing_takes_the_whole_id(void **state)
{
        struct store *s = room_open(*state);

        put(s, "0123456789ab", "web");
        assert_refused(store_container_remove(s, S("0123"), e), ERR_NOT_FOUND, "there is none");
        assert_refused(store_container_remove(s, S("web"), e), ERR_NOT_FOUND, "remove container web");
        assert_refused(store_container_remove(s, S(""), e), ERR_NOT_FOUND, "there is none");
        assert_ok(store_container_remove(s, S("0123456789ab"), e));
        assert_refused(store_container_remove(s, S("0123456789ab"), e), ERR_NOT_FOUND, "there is none");
        put(s, "0123456789ab", "web"); /* both are free again */
}

static void a_damaged_row_is_an_error_and_can_be_removed(void **state)
{
        struct store *s = room_open(*state);
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct store_container *list, out;
        size_t n;

        put(s, "0123456789ab", "web");
        sql(s, "UPDATE container SET ids_first = -1");
        assert_refused(store_container_list(s, a, &list, &n, e), ERR_MALFORMED, "container 0123456789ab is damaged");
        sql(s, "UPDATE container SET ids_first = 1, image_digest = 'sha256:zz'");
        assert_refused(store_container_get(s, "web", a, &out, e), ERR_MALFORMED, "container 0123456789ab is damaged");
        assert_ok(store_container_remove(s, S("0123456789ab"), e));
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)
        const struct CMUnitTest tests[] = {
            ROW(a_container_comes_back_as_it_went_in),
            ROW(ids_names_and_first_digits_find_it),
            ROW(ids_and_names_are_unique_together),
            ROW(what_is_no_container_is_refused),
            ROW(the_list_is_in_the_order_of_creation),
            ROW(removing_takes_the_whole_id),
            ROW(a_damaged_row_is_an_error_and_can_be_removed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
