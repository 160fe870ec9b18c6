/* What holds for every detector, whatever the file's bytes: texts that are clean and bounded, notes that are printable.
 */
#pragma once

#include "inventory/layer_priv.h"

#include <assert.h>

static inline void fuzz_check(const struct findings *f)
{
        for (size_t i = 0; i < f->packages.len; i++) {
                const struct package *p = &f->packages.at[i];
                assert(p->name.len > 0 && text_is_clean(p->name, INVENTORY_NAME_MAX));
                assert(text_is_clean(p->version, INVENTORY_VERSION_MAX));
                assert(text_is_clean(p->source_name, INVENTORY_NAME_MAX));
                assert(text_is_clean(p->source_version, INVENTORY_VERSION_MAX));
                assert(text_is_clean(p->arch, INVENTORY_ARCH_MAX));
                assert(text_is_clean(p->licence, INVENTORY_LICENCE_MAX));
                assert(text_is_clean(p->vendor, INVENTORY_NAME_MAX) && text_is_clean(p->cpe, INVENTORY_NAME_MAX));
                assert(text_is_clean(p->module, INVENTORY_NAME_MAX) && text_is_clean(p->inside, INVENTORY_PATH_MAX));
        }
        for (size_t i = 0; i < f->owned.len; i++)
                assert(f->owned.at[i].package < (f->owned.at[i].by_supplement ? f->supplements.len : f->packages.len));
        assert(f->notes.len <= INVENTORY_FILE_NOTES_MAX + 1);
        for (size_t i = 0; i < f->notes.len; i++)
                assert(f->notes.at[i].len > 0 && text_is_clean(f->notes.at[i], INVENTORY_NOTE_MAX));
        assert(
            text_is_clean(f->os.id, INVENTORY_OS_TEXT_MAX) && text_is_clean(f->os.version_id, INVENTORY_OS_TEXT_MAX));
        assert(text_is_clean(f->os.pretty_name, INVENTORY_OS_TEXT_MAX));
}

static inline void fuzz_detector_at(const struct detector *d, const char *path, struct span content)
{
        struct findings f = {.arena = arena_new(), .path = span_of(path)};

        d->read(content, &f);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
}

static inline void fuzz_detector(const struct detector *d, struct span content)
{
        fuzz_detector_at(d, "", content);
}

/* In pieces of `piece` bytes (at least 1): a bound that lies across two pieces is where readers go wrong. */
static inline void fuzz_stream(const struct detector *d, const char *path, struct span content, size_t piece)
{
        struct findings f = {.arena = arena_new(), .path = span_of(path)};
        void *state = d->stream->begin(&f, content.len);

        for (unsigned pass = 0; pass < STREAM_PASSES_MAX; pass++) {
                for (size_t at = 0; at < content.len; at += piece)
                        d->stream->data(state, span_cut(content, at, piece));
                if (d->stream->end(state) == STREAM_DONE)
                        break;
        }
        d->stream->free(state);
        findings_end(&f);
        fuzz_check(&f);
        arena_free(f.arena);
}
