#include "inventory/detector_fuzz_priv.h"
#include "inventory/elf/elf_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how large the pieces are, and what the file is called; the rest is the program. What is listed must not
 * hang on the pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const paths[] = {
            "usr/bin/program", "usr/sbin/mysqld", "usr/bin/valkey-server", "usr/bin/deno", "lib/libpython3.11.so.1.0"};
        struct span path = span_of(paths[(size > 0 ? data[0] : 0) % ARRAY_LEN(paths)]);
        struct findings whole = {.arena = arena_new(), .path = path}, f = {.arena = arena_new(), .path = path};
        struct span content = span_bytes(data, size);
        const struct detector_stream *s = detect_elf.stream;
        size_t piece = size > 0 ? data[0] + 1u : 1;

        content = span_from(content, 1);
        fuzz_stream(&detect_elf, "usr/bin/program", content, piece * 8);
        for (unsigned i = 0; i < 2; i++) {
                struct findings *to = i ? &f : &whole;
                void *state = s->begin(to, content.len);
                unsigned passes = 0;
                do {
                        for (size_t at = 0; at < content.len; at += i ? piece : content.len)
                                s->data(state, span_cut(content, at, i ? piece : content.len));
                } while (s->end(state) == STREAM_AGAIN && ++passes < STREAM_PASSES_MAX);
                assert(passes < STREAM_PASSES_MAX);
                s->free(state);
        }
        assert(whole.packages.len == f.packages.len);
        for (size_t i = 0; i < f.packages.len; i++) {
                assert(span_equal(f.packages.at[i].name, whole.packages.at[i].name));
                assert(span_equal(f.packages.at[i].version, whole.packages.at[i].version));
        }
        arena_free(whole.arena);
        arena_free(f.arena);
        return 0;
}
