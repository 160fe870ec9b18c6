#include "inventory/lang/lang_test_priv.h"

#define AT "usr/share/php/.registry/xml_util.reg"

/* Debian's php-pear 1.10.13: XML_Util, less its people and most of its files. */
static const char xml_util[] =
    "a:9:{s:7:\"attribs\";a:2:{s:15:\"packagerversion\";s:5:\"1.9.4\";s:7:\"version\";s:3:\"2.0\";}"
    "s:4:\"name\";s:8:\"XML_Util\";s:7:\"channel\";s:12:\"pear.php.net\";"
    "s:4:\"lead\";a:1:{i:0;a:2:{s:4:\"name\";s:13:\"Chuck Burgess\";s:6:\"active\";s:3:\"yes\";}}"
    "s:7:\"version\";a:2:{s:7:\"release\";s:5:\"1.4.5\";s:3:\"api\";s:5:\"1.4.0\";}"
    "s:9:\"stability\";a:2:{s:7:\"release\";s:6:\"stable\";s:3:\"api\";s:6:\"stable\";}"
    "s:7:\"license\";a:2:{s:7:\"attribs\";a:1:{s:3:\"uri\";s:42:\"http://opensource.org/licenses/bsd-license\";}"
    "s:8:\"_content\";s:11:\"BSD License\";}"
    "s:8:\"filelist\";a:2:{s:8:\"Util.php\";a:2:{s:4:\"role\";s:3:\"php\";"
    "s:12:\"installed_as\";s:27:\"/usr/share/php/XML/Util.php\";}"
    "s:3:\"a;}\";a:1:{s:12:\"installed_as\";s:4:\"/a;}\";}}"
    "s:13:\"_lastmodified\";i:1675246110;}";

/* As `pecl install redis` leaves it, in short; and the form of PEAR's first package format. */
static const char pecl[] =
    "a:4:{s:4:\"name\";s:5:\"redis\";s:7:\"channel\";s:12:\"pecl.php.net\";s:7:\"license\";s:3:\"PHP\";"
    "s:7:\"version\";a:1:{s:7:\"release\";s:5:\"5.3.7\";}}";
static const char first[] =
    "a:3:{s:7:\"package\";s:3:\"Old\";s:7:\"version\";s:3:\"0.1\";s:7:\"license\";s:11:\"MIT License\";}";

#define NESTED "a:1:{i:0;"

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT, xml_util, "XML_Util 1.4.5 (BSD License) channel=pear.php.net", NULL},
            {AT, pecl, "redis 5.3.7 (PHP) channel=pecl.php.net", NULL},
            {AT, first, "Old 0.1 (MIT)", NULL},
            {AT, "a:4:{s:4:\"name\";s:1:\"a\";i:3;d:0.5;i:-1;b:1;s:7:\"version\";s:1:\"1\";}", "a 1", NULL},
            {AT, "a:0:{}", "", "no valid name"},
            {AT, "N;", "", "no valid name"},
            {AT, "a:1:{s:4:\"name\";s:1:\"a\";}", "", "\"a\" has no valid name, version"},
            {AT, "a:2:{s:4:\"name\";s:3:\"a/b\";s:7:\"version\";s:1:\"1\";}", "", "no valid name"},
            {AT, "a:3:{s:4:\"name\";s:1:\"a\";s:7:\"version\";s:1:\"1\";s:7:\"channel\";s:1:\" \";}", "", "or channel"},
            {AT, "a:2:{s:4:\"name\";s:1:\"a\";}", "", "not read: "},
            {AT, "a:1:{s:4:\"name\";s:1:\"a\";s:7:\"version\";s:1:\"1\";}", "", "not read: "},
            {AT, "a:1:{s:4:\"name\";s:9:\"a\";}", "", "not read: "},
            {AT, "a:1:{s:4:\"name\";s:99999999999999999999:\"a\";}", "", "not read: "},
            {AT, "a:4000000000:{", "", "not read: "},
            {AT, "a:1:{a:0:{}i:1;}", "", "not read: "},
            {AT, "O:8:\"stdClass\":0:{}", "", "not read: "},
            {AT, "a:1:{s:4:\"name\";R:1;}", "", "not read: "},
            {AT, "s:1:\"a\"", "", "not read: "},
            {AT, "i:1", "", "not read: "},
            {AT, "", "", "not read: "},
        };
        CLEANUP(buf_done) struct buf deep = {0};

        (void)state;
        check_rows(&detect_pear, rows, ARRAY_LEN(rows));
        for (size_t i = 0; i < 100000; i++)
                buf_put_text(&deep, NESTED);
        struct findings f = detect_file(&detect_pear, AT, buf_span(&deep));
        assert_int_equal(f.packages.len, 0);
        assert_noted(f.notes.at, f.notes.len, "not read: ");
        arena_free(f.arena);
}

static void test_owned(void **state)
{
        (void)state;
        check_owned(&detect_pear, AT, xml_util, "XML_Util", "usr/share/php/XML/Util.php\na;}");
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {AT, "usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg"};
        static const char *const unwanted[] = {"usr/share/php/xml_util.reg", "usr/share/php/.registry/.reg",
            ".registry/x/y.reg", "usr/share/php/.channels/pear.php.net.reg", "x.reg"};

        (void)state;
        check_paths(&detect_pear, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_owned),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory pear", tests, NULL, NULL);
}
