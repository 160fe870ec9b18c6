#include "inventory/lang/lang_test_priv.h"

#define AT(file) "usr/share/rubygems-integration/all/specifications/" file

/* As RubyGems 3.3 wrote it for Debian's ruby-sinatra 3.0.5, less the long lines. */
static const char sinatra[] =
    "# -*- encoding: utf-8 -*-\n"
    "# stub: sinatra 3.0.5 ruby lib\n"
    "\n"
    "Gem::Specification.new do |s|\n"
    "  s.name = \"sinatra\".freeze\n"
    "  s.version = \"3.0.5\"\n"
    "\n"
    "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze) if s.respond_to? "
    ":required_rubygems_version=\n"
    "  s.metadata = { \"homepage_uri\" => \"http://sinatrarb.com/\" } if s.respond_to? :metadata=\n"
    "  s.require_paths = [\"lib\".freeze]\n"
    "  s.authors = [\"Blake Mizerany\".freeze, \"Andr\\u00E9 Arko\".freeze]\n"
    "  s.licenses = [\"MIT\".freeze]\n"
    "  s.rubygems_version = \"3.3.15\".freeze\n"
    "\n"
    "  if s.respond_to? :specification_version then\n"
    "    s.specification_version = 4\n"
    "  end\n"
    "  s.add_runtime_dependency(%q<rack>.freeze, [\"~> 2.2\", \">= 2.2.4\"])\n"
    "end\n";

/* The head of one with an extension for a platform (nokogiri 1.13.10, as its maintainers build it). */
static const char platform[] = "# -*- encoding: utf-8 -*-\n"
                               "# stub: nokogiri 1.13.10 x86_64-linux lib\n"
                               "# stub: ext/nokogiri/extconf.rb\n"
                               "\n"
                               "Gem::Specification.new do |s|\n"
                               "  s.name = \"nokogiri\".freeze\n"
                               "  s.version = \"1.13.10\"\n"
                               "  s.platform = \"x86_64-linux\".freeze\n"
                               "  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze, \"MIT\".freeze]\n"
                               "end\n";

static void test_forms(void **state)
{
        static const struct lang_row rows[] = {
            {AT("sinatra-3.0.5.gemspec"), sinatra, "sinatra 3.0.5 (MIT)", NULL},
            {AT("nokogiri-1.13.10-x86_64-linux.gemspec"), platform,
                "nokogiri 1.13.10 (MIT OR Ruby) platform=x86_64-linux", NULL},
            /* Before RubyGems 1.8 there was no stub line. */
            {AT("old-0.9.gemspec"),
                "Gem::Specification.new do |spec|\n spec.name = %q{old}\n spec.version = "
                "Gem::Version.new('0.9')\n spec.license = 'New BSD'\nend",
                "old 0.9 (BSD-3-Clause)", NULL},
            {AT("v-1.gemspec"), "Gem::Specification.new do |s|\ns.name = 'v'\ns.version = \"1.0.#{patch}\"\nend",
                "v 1 low", NULL},
            {AT("rack-protection-3.0.5.gemspec"), "", "rack-protection 3.0.5 low", NULL},
            {AT("net-http2-0.18.2.pre1.gemspec"), "s.version = V", "net-http2 0.18.2.pre1 low", NULL},
            {AT("a-2-1.0.gemspec"), "", "a-2 1.0 low", NULL},
            {AT("a-1.0-arm64-darwin-22.gemspec"), "s.name = 'b'", "a 1.0 platform=arm64-darwin-22 low", NULL},
            {AT("grpc-1.50.0-x86_64-linux.gemspec"), "", "grpc 1.50.0 platform=x86_64-linux low", NULL},
            /* The stub line is what RubyGems goes by. */
            {AT("a-1.gemspec"), "# stub: a 1 ruby lib\nGem::Specification.new do |s|\ns.name = \"b\"\nend", "a 1",
                "name \"b\""},
            {AT("a-1.gemspec"), "# stub: a 1 ruby lib\ns.version = \"2\"\n", "a 1", "version \"2\""},
            /* Not in the head: part of a text. */
            {AT("x-1.gemspec"), "\n\n\n\n# stub: evil 1 ruby lib\ns.name = 'x'\ns.version = '1'\n", "x 1", NULL},
            {AT("x-1.gemspec"), "# stub: ../x 1 ruby lib\ns.name = 'x'\ns.version = '1'\n", "x 1", NULL},
            {AT("x-1.gemspec"), "puts(s.name = 'evil')\ns.name = 'x'\ns.version = '1'\n# s.version = '2'\n", "x 1",
                NULL},
            {AT("x.gemspec"), "s.name = 'a b'\ns.version = '1'\n", "", "\"a b\""},
            {AT("x.gemspec"), "s.name = 'ab'\ns.version = '1 2'\n", "", "not listed"},
            {AT("x.gemspec"), "s.name = \"unterminated\n", "", "not listed"},
            {AT("-1.gemspec"), "", "", "not listed"},
        };

        (void)state;
        check_rows(&detect_gem, rows, ARRAY_LEN(rows));
}

static void test_paths(void **state)
{
        static const char *const wanted[] = {"usr/lib/ruby/gems/3.1.0/specifications/default/abbrev-0.1.0.gemspec",
            "usr/local/bundle/specifications/rack-2.2.3.gemspec", "var/lib/gems/3.1.0/specifications/a-1.gemspec",
            "app/vendor/bundle/ruby/3.1.0/bundler/gems/rails-1a2b3c/activesupport.gemspec"};
        static const char *const unwanted[] = {"usr/lib/ruby/gems/3.1.0/gems/rack-2.2.3/rack.gemspec",
            "app/app.gemspec", "specifications/.gemspec", "specifications/default/x/y.gemspec", "default/x.gemspec",
            "a.gemspec"};

        (void)state;
        check_paths(&detect_gem, wanted, ARRAY_LEN(wanted), unwanted, ARRAY_LEN(unwanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_forms),
            cmocka_unit_test(test_paths),
        };

        return cmocka_run_group_tests_name("inventory gem", tests, NULL, NULL);
}
