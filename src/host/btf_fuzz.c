/*
 * Properties of the BTF reader for any bytes: it ends; a number that it finds is one of a type in the bytes, of which
 * each takes twelve; a failure blames the input.
 */
#include <assert.h>

#include "host/btf_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const names[] = {"", "f", "vfs_open"};

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                uint32_t id = 0;
                struct err e = {0};
                bool ok = btf_find(span_bytes(data, size), BTF_FUNC_, names[i], &id, &e);
                assert(ok || (e.kind == ERR_MALFORMED || e.kind == ERR_UNSUPPORTED));
                assert(id <= size / 12);
        }
        return 0;
}
