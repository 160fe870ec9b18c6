/*
 * conda: conda-meta/NAME-VERSION-BUILD.json in an environment, its record of what it installed. No advisories are kept
 * for conda's own packages; the Python ones among them are found by their dist-info folders too.
 */
#include "inventory/lang/lang_priv.h"

static bool wants(struct span path)
{
        return span_ends(path, ".json") && span_is(path_name(path_folder(path)), "conda-meta");
}

struct record {
        struct span name, version, build, channel, subdir, licence;
};

/* "https://conda.anaconda.org/conda-forge/linux-64" is conda-forge; "pkgs/main" is main; "defaults" stays. */
static struct span channel_name(struct span channel, struct span subdir)
{
        if (span_ends(channel, "/"))
                channel = span_cut(channel, 0, channel.len - 1);
        if (subdir.len > 0 && span_equal(path_name(channel), subdir))
                channel = path_folder(channel);
        return path_name(channel);
}

/* Paths as the environment's folder sees them; of the one package that this file has. */
static void read_files(struct json *j, struct findings *f, struct span environment)
{
        CLEANUP(buf_done) struct buf path = {.max = INVENTORY_PATH_MAX};

        if (!json_array_or_skip(j))
                return;
        while (json_element(j)) {
                buf_clear(&path);
                if (path_join(environment, json_text_or_skip(j), &path))
                        findings_owns(f, 0, buf_span(&path));
        }
}

static void read_member(struct json *j, struct record *r, struct span key)
{
        struct span *to = span_is(key, "name")      ? &r->name
                          : span_is(key, "version") ? &r->version
                          : span_is(key, "build")   ? &r->build
                          : span_is(key, "channel") ? &r->channel
                          : span_is(key, "subdir")  ? &r->subdir
                          : span_is(key, "license") ? &r->licence
                                                    : NULL;

        if (to)
                *to = json_text_or_skip(j);
        else
                json_skip(j);
}

static bool read_object(struct span content, struct arena *scratch, struct findings *f, struct record *r, struct err *e)
{
        struct json j;
        struct span key;

        json_init(&j, content, scratch, NULL);
        bool object = json_object_or_skip(&j);
        while (object && json_member(&j, &key)) {
                if (span_is(key, "files") && f)
                        read_files(&j, f, path_folder(path_folder(f->path)));
                else if (f)
                        json_skip(&j);
                else
                        read_member(&j, r, key);
        }
        return json_finish(&j, e);
}

static void read_record(struct span content, struct findings *f)
{
        CLEANUP(arena_freep) struct arena *scratch = arena_new();
        struct record r = {0};
        struct err e = {0};
        char shown[80];

        if (!read_object(content, scratch, NULL, &r, &e)) {
                findings_note(f, "not read: %s", e.text);
                return;
        }
        if (!package_name(r.name) || !printable_word(r.version, "") ||
            (r.build.len > 0 && !printable_word(r.build, ""))) {
                findings_note(f, "\"%s\" has no valid name, version or build: not listed",
                    span_printable(r.name, shown, sizeof(shown)));
                return;
        }
        struct package p = {.name = r.name,
            .version = r.version,
            .licence = licence_of_words(r.licence),
            .qualifiers = {{"build", r.build}, {"channel", channel_name(r.channel, r.subdir)}, {"subdir", r.subdir}}};
        if (findings_package(f, "record", &p) != UINT32_MAX)
                read_object(content, scratch, f, &r, &e); /* once more, for what it owns */
}

const struct detector detect_conda = {
    .name = "conda",
    .type = "conda",
    .ecosystem = "",
    .by_path = true,
    .size_max = INVENTORY_PACKAGE_FILE_MAX,
    .confidence = CONFIDENCE_CERTAIN,
    .wants = wants,
    .names = "*.json",
    .read = read_record,
};
