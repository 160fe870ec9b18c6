/* A Java runtime's file `release`: KEY="value" lines. */
#include "inventory/jvm/jar_priv.h"

static bool wants(struct span path)
{
        return span_is(path_name(path), "release");
}

static struct span unquoted(struct span s)
{
        s = span_trim(s);
        return s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"' ? span_cut(s, 1, s.len - 2) : s;
}

/* Other files are called so too: one without JAVA_VERSION says nothing. */
static void read_release(struct span content, struct findings *f)
{
        struct cursor lines = {.rest = content};
        struct span line, key, value, java = {0}, graal = {0}, vendor = {0};

        while (cursor_line(&lines, &line)) {
                if (!span_split(line, '=', &key, &value))
                        continue;
                if (span_is(key, "JAVA_VERSION"))
                        java = unquoted(value);
                else if (span_is(key, "GRAALVM_VERSION"))
                        graal = unquoted(value);
                else if (span_is(key, "IMPLEMENTOR"))
                        vendor = unquoted(value);
        }
        if (!jar_version_ok(java))
                return;
        findings_package(
            f, "release", &(struct package){.name = SPAN_LIT("openjdk"), .version = java, .vendor = vendor});
        if (jar_version_ok(graal))
                findings_package(
                    f, "release", &(struct package){.name = SPAN_LIT("graalvm"), .version = graal, .vendor = vendor});
}

const struct detector detect_jdk = {
    .name = "jdk",
    .type = "generic",
    .ecosystem = "",
    .confidence = CONFIDENCE_HIGH,
    .by_path = true,
    .size_max = 65536,
    .wants = wants,
    .names = "release",
    .any_path = false,
    .read = read_release,
};
