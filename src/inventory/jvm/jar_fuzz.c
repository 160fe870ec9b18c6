#include "inventory/detector_fuzz_priv.h"
#include "inventory/jvm/jar_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(struct span content)
{
        struct arena *a = arena_new();
        struct jar_manifest m = {0};
        struct jar_pom p = {0}, x = {0};
        struct span base, version;

        jar_manifest_read(content, a, &m);
        assert(text_is_clean(m.title, JAR_HEADER_MAX) && text_is_clean(m.symbolic_name, JAR_HEADER_MAX));
        jar_properties_read(content, a, &p);
        assert(text_is_clean(p.group, INVENTORY_NAME_MAX) && text_is_clean(p.version, INVENTORY_NAME_MAX));
        jar_pom_read(content, a, &x);
        assert(text_is_clean(x.artifact, INVENTORY_NAME_MAX));
        jar_file_split(content, p.version, &base, &version);
        assert(base.len + version.len <= content.len);
        if (jar_path_coordinates(content, a, &x))
                assert(x.group.len > 0 && x.artifact.len > 0 && x.version.len > 0 &&
                       !memchr(x.group.at, '/', x.group.len));
        arena_free(a);
}

/* The first byte says how large the pieces are and what the file is called; the rest is an archive, or a text that one may hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const paths[] = {"lib/one-1.2.jar", "app.war", "opt/program", "org.example_3.1.jar",
            "usr/share/maven-repo/org/a/one/1.2/one-1.2.jar"};
        struct span file = span_from(span_bytes(data, size), 1);
        uint8_t how = size > 0 ? data[0] : 0;

        fuzz_stream(&detect_jar, paths[how % ARRAY_LEN(paths)], file, (size_t)(how / 4) * 8 + 1);
        if (!span_starts(file, "PK"))
                check_texts(file);
        return 0;
}
