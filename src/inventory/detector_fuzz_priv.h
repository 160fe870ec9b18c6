/* What holds for every detector, whatever the file's bytes: texts that are clean and bounded, notes that are printable.
 */
#pragma once

#include "inventory/layer_priv.h"

#include <assert.h>

static inline void fuzz_detector(const struct detector *d, struct span content)
{
        struct findings f = {.arena = arena_new()};

        d->read(content, &f);
        findings_end(&f);
        for (size_t i = 0; i < f.packages.len; i++) {
                const struct package *p = &f.packages.at[i];
                assert(p->name.len > 0 && text_is_clean(p->name, INVENTORY_NAME_MAX));
                assert(p->version.len > 0 && text_is_clean(p->version, INVENTORY_VERSION_MAX));
                assert(text_is_clean(p->source_name, INVENTORY_NAME_MAX));
                assert(text_is_clean(p->source_version, INVENTORY_VERSION_MAX));
                assert(text_is_clean(p->arch, INVENTORY_ARCH_MAX));
                assert(text_is_clean(p->licence, INVENTORY_LICENCE_MAX));
        }
        assert(f.packages.len == 0 || d->type);
        assert(f.notes.len <= INVENTORY_FILE_NOTES_MAX + 1);
        for (size_t i = 0; i < f.notes.len; i++)
                assert(f.notes.at[i].len > 0 && text_is_clean(f.notes.at[i], INVENTORY_NOTE_MAX));
        assert(text_is_clean(f.os.id, INVENTORY_OS_TEXT_MAX) && text_is_clean(f.os.version_id, INVENTORY_OS_TEXT_MAX));
        assert(text_is_clean(f.os.pretty_name, INVENTORY_OS_TEXT_MAX));
        arena_free(f.arena);
}
