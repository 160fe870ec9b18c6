/*
 * Python's wheels (PEP 427, binary distribution format 1.0) that lie as files: NAME-VERSION-TAGS.whl is a zip archive with
 * one NAME-VERSION.dist-info/METADATA. Python imports from one as it is, which is how every new environment gets pip:
 * from ensurepip/_bundled/ or usr/share/python-wheels/. So what it holds is there, as what a Java archive holds is.
 */
#include <stdlib.h>

#include "inventory/jvm/zip_stream_priv.h"
#include "inventory/lang/lang_priv.h"

struct wheel {
        struct findings *f;
        struct zip_budget budget;
        struct zip_stream *zip;
        struct arena *arena;
        struct span entry; /* METADATA's name */
        struct buf content;
        bool read;
};

/* Python's own tests bring some: usr/lib/python3.11/test/test_importlib/data/example-21.12-py3-none-any.whl. */
static bool is_of_tests(struct span path)
{
        struct span rest = path_folder(path), part;

        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (span_is(part, "test") || span_is(part, "tests"))
                        return true;
        }
        return path_is_documentation(path);
}

static bool wants(struct span path)
{
        return span_ends(path, ".whl") && path_name(path).len > sizeof(".whl") - 1 && !is_of_tests(path);
}

static bool entry(void *ctx, const struct zip_entry *e)
{
        struct wheel *w = ctx;

        /* Of the wheel itself: what it carries along lies deeper. */
        if (e->folder || w->read || path_depth(e->name) != 1 || !span_is(path_name(e->name), "METADATA") ||
            !span_ends(path_folder(e->name), ".dist-info"))
                return false;
        w->entry = arena_copy(w->arena, e->name);
        buf_clear(&w->content);
        return true;
}

static void data(void *ctx, struct span piece)
{
        struct wheel *w = ctx;

        buf_put(&w->content, piece);
}

static void end(void *ctx, bool whole)
{
        struct wheel *w = ctx;

        w->read = true;
        if (!whole)
                return; /* the walk has said why */
        if (w->content.failed)
                findings_note(w->f, "its METADATA is larger than %u bytes: not listed", INVENTORY_METADATA_MAX);
        else
                python_metadata_read(
                    buf_span(&w->content), w->f, &(struct package){.confidence = CONFIDENCE_HIGH, .inside = w->entry});
}

static void note(void *ctx, const char *text)
{
        struct wheel *w = ctx;

        findings_note(w->f, "%s", text);
}

static void *wheel_begin(struct findings *f, uint64_t size)
{
        struct wheel *w = heap_alloc(sizeof(*w));
        struct zip_sink sink = {.ctx = w, .entry = entry, .data = data, .end = end, .note = note};

        w->f = f;
        w->arena = arena_new();
        w->content.max = INVENTORY_METADATA_MAX;
        w->budget = zip_budget_of(size);
        w->zip = zip_stream_new(&sink, &w->budget);
        return w;
}

static void wheel_data(void *state, struct span piece)
{
        struct wheel *w = state;

        zip_stream_data(w->zip, piece);
}

static enum stream_step wheel_end(void *state)
{
        struct wheel *w = state;
        bool is_zip = zip_stream_end(w->zip);

        if (!is_zip && !zip_stream_empty(w->zip) && !w->budget.spent)
                findings_note(w->f, "not read: it is no zip archive");
        else if (is_zip && !w->read)
                findings_note(w->f, "it has no METADATA in a folder .dist-info: not listed");
        return STREAM_DONE;
}

static void wheel_free(void *state)
{
        struct wheel *w = state;

        if (!w)
                return;
        zip_stream_free(w->zip);
        buf_done(&w->content);
        arena_free(w->arena);
        free(w);
}

static const struct detector_stream stream = {
    .begin = wheel_begin, .data = wheel_data, .end = wheel_end, .free = wheel_free};

const struct detector detect_python_wheel = {
    .name = "python-wheel",
    .type = "pypi",
    .ecosystem = "PyPI",
    .confidence = CONFIDENCE_HIGH,
    .by_path = true,
    .any_path = true,
    .wants = wants,
    .names = "*.whl",
    .stream = &stream,
};
