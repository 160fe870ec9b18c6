/* A file's name -> artifact and version, as Maven and Debian write them. */
#include "inventory/jvm/jar_priv.h"
#include "inventory/os/words_priv.h"

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(struct span s, const char *const *words, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (s.len == strlen(words[i]) && strncasecmp((const char *)s.at, words[i], s.len) == 0)
                        return true;
        return false;
}

bool jar_version_ok(struct span version)
{
        size_t n = 0;

        if (!printable_word(version, "${}\"'<>|\\/?*") || version.len > 100)
                return false;
        while (n < version.len && is_letter(version.at[n]))
                n++;
        /* "1.2", "v1.2", "r09", and trains' names: "Hoxton.SR1" */
        return n < version.len && (is_digit(version.at[n]) || (n > 1 && version.at[n] == '.'));
}

/* "3.x" stands for any of a series. */
bool jar_version_vague(struct span version)
{
        return span_ends(version, ".x") || span_is(version, "debian");
}

bool jar_same_loosely(struct span a, struct span b)
{
        size_t i = 0, k = 0;
        bool any = false;

        for (;; any = true) {
                while (i < a.len && !is_letter(a.at[i]))
                        i++;
                while (k < b.len && !is_letter(b.at[k]))
                        k++;
                if (i == a.len || k == b.len)
                        return any && i == a.len && k == b.len;
                if ((a.at[i++] | 0x20) != (b.at[k++] | 0x20))
                        return false;
        }
}

/* The letters behind a version's '-': a stage of a release, not the next part of a name. */
static bool is_stage(struct span word)
{
        static const char *const stages[] = {"alpha", "beta", "rc", "cr", "m", "snapshot", "final", "ga", "release",
            "jre", "android", "sp", "b", "build", "pre", "dev", "incubating", "v", "p", "r", "rev", "milestone", "ea",
            "atlassian", "redhat", "jbossorg", "hadoop", "patch", "a"};
        size_t n = 0;

        while (n < word.len && is_letter(word.at[n]))
                n++;
        return n == 0 || is_one_of(span_cut(word, 0, n), stages, ARRAY_LEN(stages));
}

/* "-sources" and its like behind a version are Maven's classifier, which tells artifacts of one coordinate apart. */
static struct span without_classifier(struct span version)
{
        static const char *const classifiers[] = {"sources", "javadoc", "tests", "test-sources", "test", "all",
            "shaded", "jar-with-dependencies", "exec", "full", "uber", "fat", "standalone", "boot", "classes", "bin",
            "dist", "nolog", "indy", "with-dependencies", "bundle", "client", "osgi", "shadow"};
        static const char *const systems[] = {"linux", "osx", "windows", "jdk", "java", "natives", "native"};

        for (size_t i = 1; i + 1 < version.len; i++) {
                struct span word = span_from(version, i + 1);
                if (version.at[i] != '-')
                        continue;
                if (is_one_of(word, classifiers, ARRAY_LEN(classifiers)))
                        return span_cut(version, 0, i);
                for (size_t k = 0; k < ARRAY_LEN(systems); k++)
                        if (span_starts(word, systems[k]))
                                return span_cut(version, 0, i);
        }
        return version;
}

bool jar_file_holds_no_code(struct span file)
{
        return span_ends(file, "-sources.jar") || span_ends(file, "-javadoc.jar") ||
               span_ends(file, "-test-sources.jar");
}

struct span jar_file_stem(struct span file)
{
        for (size_t i = file.len; i > 1; i--)
                if (file.at[i - 1] == '.')
                        return span_cut(file, 0, i - 1);
        return file;
}

/* Is what stands from `at` on the version, rather than what was taken for it before? "1.2-api-2.19.0": yes. */
static bool is_later_version(struct span stem, size_t before, size_t at)
{
        struct span part = span_cut(stem, before, at - 1 - before), later = span_from(stem, at), head, word;

        SPAN_HOLDS(later);
        if (later.len > part.len && span_equal(span_cut(later, 0, part.len), part) && later.at[part.len] == '.')
                return true; /* "1.2-1.2.17" */
        while (span_split(part, '-', &head, &part))
                if (span_split(part, '-', &word, &head), !is_stage(word))
                        return true;
        return false;
}

/* "1.2-api": a word behind a '-' that is no stage of a release. */
static bool has_name(struct span version)
{
        struct span rest = without_classifier(version), word;

        if (!span_split(rest, '-', &word, &rest))
                return false;
        while (rest.len > 0) {
                span_split(rest, '-', &word, &rest);
                if (!is_stage(word))
                        return true;
        }
        return false;
}

static bool begins_as(struct span s, struct span beginning)
{
        return s.len >= beginning.len && span_equal(span_cut(s, 0, beginning.len), beginning);
}

void jar_file_split(struct span file, struct span hint, struct span *ret_base, struct span *ret_version)
{
        struct span stem = jar_file_stem(file);
        size_t version = 0;

        for (size_t i = 1; i + 1 < stem.len; i++) {
                bool bundle =
                    stem.at[i] == '_' && version == 0 && memchr(stem.at, '.', i); /* "org.eclipse.osgi_3.18" */
                struct span rest = span_from(stem, i + 1);
                if ((stem.at[i] != '-' && !bundle) || !is_digit(rest.at[0]))
                        continue;
                if (hint.len > 0 && begins_as(rest, hint) && (rest.len == hint.len || rest.at[hint.len] == '-')) {
                        version = i + 1;
                        break;
                }
                if (version == 0 || is_later_version(stem, version, i + 1))
                        version = i + 1;
        }
        if (version > 0 && hint.len > 0 && !begins_as(span_from(stem, version), hint) &&
            has_name(span_from(stem, version)))
                version = 0; /* "log4j-1.2-api.jar" whose manifest says 2.19.0 */
        *ret_base = version > 0 ? span_cut(stem, 0, version - 1) : stem;
        *ret_version = version > 0 ? without_classifier(span_from(stem, version)) : (struct span){0};
}
