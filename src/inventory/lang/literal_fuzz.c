#include "inventory/lang/lang_priv.h"
#include "inventory/lang/literal_priv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool literal_reader(struct span *in, struct arena *a, struct span *ret);

/* What is read is bounded, and what is left lies behind it in the input. */
static void check(literal_reader *read, struct span in)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span rest = in, value = {0};

        if (!read(&rest, a, &value)) {
                assert(rest.at == in.at && rest.len == in.len);
                return;
        }
        assert(value.len <= LITERAL_MAX);
        assert(rest.len < in.len && (rest.len == 0 || rest.at == in.at + in.len - rest.len));
}

/* A joined path is clean, and joins to itself. */
static void check_join(struct span folder, struct span relative)
{
        struct buf once = {.max = 4095}, twice = {.max = 4095};

        if (span_starts(folder, "/") || !path_join((struct span){0}, folder, &twice) ||
            !span_equal(buf_span(&twice), folder))
                folder = SPAN_LIT("usr/lib");
        buf_clear(&twice);
        if (path_join(folder, relative, &once)) {
                assert(path_join((struct span){0}, buf_span(&once), &twice));
                assert(span_equal(buf_span(&once), buf_span(&twice)));
        }
        buf_done(&once);
        buf_done(&twice);
}

static void check_licence(struct span words)
{
        struct span licence = licence_of_words(words);
        struct buf b = {.max = 1024}, before = {.max = 1024};

        assert(span_equal(licence_of_words(licence), licence)); /* stable */
        licence_choice(&b, words);
        buf_put(&before, buf_span(&b));
        licence_choice(&b, words);
        assert(span_equal(buf_span(&b), buf_span(&before))); /* once */
        buf_done(&b);
        buf_done(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span in = span_bytes(data, size), folder, relative;

        check(literal_ruby, in);
        check(literal_lua, in);
        check(literal_toml, in);
        check(literal_erlang, in);
        span_split(in, 0, &folder, &relative);
        check_join(folder, relative);
        check_licence(in);
        return 0;
}
