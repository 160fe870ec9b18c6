#include "inventory/lang/lang_test_priv.h"

#define CORE "var/www/html/wp-includes/version.php"
#define PLUGIN "var/www/html/wp-content/plugins/akismet/akismet.php"
#define THEME "var/www/html/wp-content/themes/twentytwentythree/style.css"

/* Akismet as Debian's wordpress 6.1.9 carries it, and a theme of it, less the long lines. */
static const char akismet[] = "<?php\n"
                              "/**\n"
                              " * @package Akismet\n"
                              " */\n"
                              "/*\n"
                              "Plugin Name: Akismet Anti-Spam\n"
                              "Plugin URI: https://akismet.com/\n"
                              "Version: 5.0.2\n"
                              "Requires PHP: 5.2\n"
                              "License: GPLv2 or later\n"
                              "Text Domain: akismet\n"
                              "*/\n"
                              "// Version: 9\n";
static const char theme[] = "/*\n"
                            "Theme Name: Twenty Twenty-Three\n"
                            "Requires at least: 6.1\n"
                            "Version: 1.0\n"
                            "License: GNU General Public License v2 or later\n"
                            "*/\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {CORE,
                "<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '6.1.9';\n\n$wp_db_version = 53496;\n",
                "wordpress 6.1.9 (GPL-2.0-or-later)", NULL},
            {CORE, "$wp_version = \"6.2-alpha\";", "wordpress 6.2-alpha (GPL-2.0-or-later)", NULL},
            {CORE, "$wp_version = VERSION;", "", "\"wordpress\" has no valid name or version"},
            {CORE, "", "", "no valid name or version"},
            {PLUGIN, akismet, "akismet 5.0.2 (GPL-2.0-or-later) wordpress=plugin", NULL},
            {"wp-content/plugins/hello.php", "<?php /* Plugin Name: Hello Dolly */\n# version: 1.7.2 ?>\n",
                "hello 1.7.2 wordpress=plugin", NULL},
            {"wp-content/mu-plugins/x.php", "/* @Plugin Name:x\nVersion:1 */", "x 1 wordpress=plugin", NULL},
            {THEME, theme, "twentytwentythree 1.0 (GPL-2.0-or-later) wordpress=theme", NULL},
            {THEME, akismet, "", NULL},
            {PLUGIN, "<?php // Silence is golden.\n", "", NULL},
            {PLUGIN, "Plugin Name: a\n", "", "\"akismet\" has no valid name or version"},
            {PLUGIN, "Plugin Name: a\nVersion: 1 2\n", "", "no valid name or version"},
            {"wp-content/plugins/a b/x.php", akismet, "", "\"a b\" has no valid name"},
        };
        CLEANUP(buf_done) struct buf late = {0};

        (void)state;
        check_rows(&detect_wordpress, rows, ARRAY_LEN(rows));
        while (late.len < 8192)
                buf_put_text(&late, "// a long beginning\n");
        buf_put_text(&late, akismet);
        struct findings f = detect_file(&detect_wordpress, PLUGIN, buf_span(&late));
        assert_int_equal(f.packages.len, 0);
        arena_free(f.arena);
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {
            CORE, PLUGIN, THEME, "wp-content/plugins/hello.php", "wp-content/mu-plugins/x.php"};
        static const char *const unwanted[] = {"wp-includes/functions.php", "wp-content/plugins/a/b/c.php",
            "wp-content/index.php", "plugins/a/a.php", "wp-content/themes/style.css",
            "wp-content/themes/a/css/style.css", "wp-content/mu-plugins/a/x.php", "wp-content/themes/a/index.php",
            "version.php", "style.css"};

        (void)state;
        check_paths(&detect_wordpress, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory wordpress", tests, NULL, NULL);
}
