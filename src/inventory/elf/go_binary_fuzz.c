#include "inventory/detector_fuzz_priv.h"
#include "inventory/elf/elf_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Up to the first NUL Go's version, then the module lines up to the next, then paths of source files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new()};
        struct elf *s = detect_elf.stream->begin(&f, 1u << 20);
        struct span rest = span_bytes(data, size), version, lines, path;

        span_split(rest, 0, &version, &rest);
        span_split(rest, 0, &lines, &rest);
        s->go.n_places = 1;
        s->go.places[0] = (struct go_place){.version = version, .has = {true, true}};
        s->go.places[0].modules = arena_printf(s->arena, "0123456789abcdef%.*s\n0123456789abcdef", SPAN_FMT(lines));
        while (rest.len > 0) {
                uint8_t room[INVENTORY_NAME_MAX];
                struct elf_name name = {0};
                span_split(rest, 0, &path, &rest);
                if (!text_is_clean(path, ELF_GO_PATH_MAX) || !go_module_of_path(path, room, &name))
                        continue;
                assert(name.name.len > 0 && text_is_clean(name.name, INVENTORY_NAME_MAX));
                assert(text_is_clean(name.version, INVENTORY_VERSION_MAX));
                elf_names_add(s, &s->go.modules, &name);
        }
        go_list(s);
        detect_elf.stream->free(s);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
        return 0;
}
