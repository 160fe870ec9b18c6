#include "inventory/detector_fuzz_priv.h"
#include "inventory/elf/elf_priv.h"

#include <libdeflate.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a section that was compressed, as one that is to be inflated, and as what follows a mark. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct elf *s = detect_elf.stream->begin(&f, 1u << 20);
        struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
        size_t max = libdeflate_zlib_compress_bound(c, size);
        struct elf_capture stored = {.kind = ELF_CAPTURE_DEP}, plain = {.kind = ELF_CAPTURE_DEP};

        buf_put(&plain.got, span_bytes(data, size));
        stored.got.len =
            libdeflate_zlib_compress(c, size ? data : (const uint8_t *)"", size, buf_reserve(&stored.got, max), max);
        libdeflate_free_compressor(c);
        rust_captured(s, &plain);
        rust_captured(s, &stored);
        rust_path_mark(s, span_bytes(data, size));
        rust_compiler_mark(s, span_bytes(data, size));
        s->rust.read = false;
        rust_list(s);
        buf_done(&plain.got);
        buf_done(&stored.got);
        detect_elf.stream->free(s);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
