/*
 * Properties of what plug-ins print, for any bytes. The first byte says what the rest is:
 *   d  what --describe printed
 *   p  an answer about an image
 *   w  a worker's answer, of either kind
 *   m  a pattern, a line feed, a path
 * - reading gives a value or an error that has a kind and a text, and never blames us;
 * - what was read can be said, and what can be said comes back as the same bytes;
 * - a pattern without a slash looks at the last component alone, and "**" before a path changes nothing for what matches.
 */
#include <assert.h>

#include "inventory/plugin/plugin_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answers_try(struct span in, bool must)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf again = {0};
        struct plugin_packages packages;
        struct plugin_texts notes;
        struct cursor c = {.rest = in};
        struct plugin p = {0};
        bool any = false;

        if (plugin_describe_get(&c, a, &p)) {
                plugin_describe_put(&again, &p);
                assert(span_equal(buf_span(&again), in));
                assert(p.max_bytes > 0 && p.max_bytes <= PLUGIN_FILE_MAX);
                any = true;
        }
        c = (struct cursor){.rest = in};
        buf_clear(&again);
        if (plugin_answer_get(&c, a, &packages, &notes)) {
                plugin_answer_put(&again, &packages, &notes);
                assert(span_equal(buf_span(&again), in));
                any = true;
        }
        assert(any || !must);
}

static void printed_try(struct span in, bool describe)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {0};
        struct plugin_packages packages;
        struct plugin_texts notes;
        struct plugin p = {0};
        struct err e = {0};
        bool ok = describe ? plugin_describe_parse(in, a, &p, &e) : plugin_answer_parse(in, a, &packages, &notes, &e);

        if (!ok) {
                assert(e.kind != ERR_NONE && e.kind != ERR_BUG && e.text[0]);
                return;
        }
        if (describe)
                plugin_describe_put(&b, &p);
        else
                plugin_answer_put(&b, &packages, &notes);
        answers_try(buf_span(&b), true);
}

static void pattern_try(struct span in)
{
        CLEANUP(buf_done) struct buf deep = {0};
        struct span pattern, path;
        size_t slash;

        span_split(in, '\n', &pattern, &path);
        bool matches = plugin_matches(pattern, path);
        if (!span_find(pattern, '/', &slash)) {
                buf_put_text(&deep, "a/b/");
                buf_put(&deep, path);
                assert(plugin_matches(pattern, buf_span(&deep)) == matches);
        } else if (matches && pattern.at[0] != '/' && pattern.len < PLUGIN_PATTERN_MAX - 3) {
                buf_put_text(&deep, "**/");
                buf_put(&deep, pattern);
                assert(plugin_matches(buf_span(&deep), path));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span rest = span_from(span_bytes(data, size), 1);

        if (size == 0)
                return 0;
        if (data[0] == 'd' || data[0] == 'p')
                printed_try(rest, data[0] == 'd');
        else if (data[0] == 'm')
                pattern_try(rest);
        else
                answers_try(rest, false);
        return 0;
}
