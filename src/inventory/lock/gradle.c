/*
 * gradle.lockfile and buildscript-gradle.lockfile: "group:artifact:version=configuration,configuration" in each line,
 * and "empty=..." for configurations without any. Those whose names begin with "test" (or "androidTest") are of the
 * tests; what a build script needs is in no program.
 */
#include "inventory/lock/lock_priv.h"

static bool wants(struct span path)
{
        return lock_named(path, "gradle.lockfile") || lock_named(path, "buildscript-gradle.lockfile");
}

static bool for_tests(struct span configurations)
{
        struct span one;

        if (configurations.len == 0)
                return false;
        while (configurations.len > 0) {
                span_split(configurations, ',', &one, &configurations);
                if (!span_starts(one, "test") && !span_starts(one, "androidTest") && !span_is(one, "classpath"))
                        return false;
        }
        return true;
}

static void lines(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct span line, module, configurations, group, artifact, version;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                line = span_trim(line);
                if (line.len == 0 || span_starts(line, "#") || span_starts(line, "empty="))
                        continue;
                if (!span_split(line, '=', &module, &configurations) || !split_last(module, ':', &group, &version) ||
                    !span_split(group, ':', &module, &artifact) || module.len == 0 || artifact.len == 0 ||
                    version.len == 0) {
                        findings_note(l->f, "line %zu: no \"group:artifact:version=\": passed over", number);
                        continue;
                }
                lock_add_plain(l, group, version, for_tests(configurations));
        }
}

static void read_lock(struct span content, struct findings *f)
{
        lock_text(content, f, "gradle.lockfile", lines);
}

const struct detector detect_lock_gradle =
    LOCK_DETECTOR("gradle-lock", "maven", "Maven", "gradle.lockfile buildscript-gradle.lockfile", wants, read_lock);
