/*
 * Go's build information (debug/buildinfo of Go 1.13 and later): a mark of 14 bytes, the size of a pointer, flags; then
 * from 1.18 on, at byte 32, two strings with their lengths as varints: the toolchain's version and the module lines.
 * Before 1.18 two pointers to headers of strings, which the program headers lead to.
 */
#include "inventory/elf/elf_priv.h"

#define FLAG_BIG 1u
#define FLAG_INLINE 2u
#define INLINE_AT 32u
#define VARINT_MAX 10u

void go_mark(struct elf *s, uint64_t at)
{
        if (s->go.n_places == ELF_GO_PLACES_MAX)
                return;
        s->go.places[s->go.n_places] = (struct go_place){.at = at};
        if (elf_capture_add(s, ELF_CAPTURE_GO, at, INLINE_AT + VARINT_MAX, (uint32_t)s->go.n_places * 2))
                s->go.n_places++;
}

/* LEB128 as encoding/binary writes it. False: it goes on after the bytes given, or beyond 64 bits. */
static bool varint(struct cursor *c, uint64_t *ret)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift < 63; shift += 7) {
                uint8_t byte = cursor_u8(c);
                v |= (uint64_t)(byte & 0x7f) << shift;
                if (c->failed)
                        return false;
                if (!(byte & 0x80)) {
                        *ret = v;
                        return true;
                }
        }
        return false;
}

/* False: refused. `ret_need`: bytes from the mark on that must be seen; as many as there are when all are. */
static bool inlined(struct elf *s, struct go_place *p, struct span got, size_t *ret_need)
{
        struct cursor c = {.rest = span_from(got, INLINE_AT)};
        uint64_t n_version, n_modules;

        *ret_need = got.len;
        if (!varint(&c, &n_version) || n_version == 0 || n_version > ELF_GO_VERSION_MAX)
                return false;
        struct span version = cursor_take(&c, (size_t)n_version);
        if (c.failed || c.rest.len < VARINT_MAX) {
                size_t need = got.len + (size_t)n_version + VARINT_MAX;
                if (need <= s->size - p->at || got.len < s->size - p->at) {
                        *ret_need = need < s->size - p->at ? need : (size_t)(s->size - p->at);
                        return true;
                }
        }
        if (c.failed || !varint(&c, &n_modules))
                return false;
        if (n_modules > ELF_GO_MODULES_MAX) {
                findings_note(s->f, "Go build information of %llu bytes, at most %u: its modules are not listed",
                    (unsigned long long)n_modules, ELF_GO_MODULES_MAX);
                return false;
        }
        if (n_modules > c.rest.len) {
                *ret_need = got.len + (size_t)(n_modules - c.rest.len);
                return *ret_need <= s->size - p->at;
        }
        p->version = arena_copy(s->arena, version);
        p->modules = arena_copy(s->arena, cursor_take(&c, (size_t)n_modules));
        p->has[0] = p->has[1] = true;
        return true;
}

static void string_captured(struct elf *s, const struct elf_capture *c, struct go_place *p)
{
        struct cursor in = {.rest = buf_span(&c->got)};
        uint64_t pointer = elf_uint(&in, p->pointer_size, p->big), len = elf_uint(&in, p->pointer_size, p->big), at;
        unsigned which = c->place % 2;

        if (!in.failed && len == 0)
                p->has[which] = true;
        else if (!in.failed && len <= (which ? ELF_GO_MODULES_MAX : ELF_GO_VERSION_MAX) &&
                 elf_address(s, pointer, len, &at))
                elf_capture_add(s, ELF_CAPTURE_GO_TEXT, at, len, c->place);
}

void go_captured(struct elf *s, struct elf_capture *c)
{
        struct go_place *p = &s->go.places[c->place / 2];
        struct span got = buf_span(&c->got);
        size_t need;

        switch (c->kind) {
        case ELF_CAPTURE_GO_STRING:
                string_captured(s, c, p);
                return;
        case ELF_CAPTURE_GO_TEXT:
                *(c->place % 2 ? &p->modules : &p->version) = arena_copy(s->arena, got);
                p->has[c->place % 2] = true;
                return;
        default:
                break;
        }
        p->refused = got.len < INLINE_AT;
        if (p->refused)
                return;
        p->pointer_size = got.at[14];
        p->big = got.at[15] & FLAG_BIG;
        p->inlined = got.at[15] & FLAG_INLINE;
        if (!p->inlined) {
                p->refused = p->pointer_size != 4 && p->pointer_size != 8;
                for (size_t i = 0; i < 2 && !p->refused; i++) {
                        struct cursor in = {.rest = span_from(got, 16 + i * p->pointer_size)};
                        p->strings[i] = elf_uint(&in, p->pointer_size, p->big);
                }
                p->read = true;
                return;
        }
        p->refused = !inlined(s, p, got, &need);
        c->done = p->refused || need <= c->want;
        c->want = c->done ? c->want : need;
        p->read = c->done;
}

/* The linker puts the mark in the data segment; text that only speaks of it lies elsewhere. */
static bool in_data(const struct elf *s, uint64_t at)
{
        for (size_t i = 0; i < s->n_segments; i++) {
                const struct elf_segment *g = &s->segments[i];
                if (g->load && g->writable && at >= g->offset && at - g->offset < g->size)
                        return true;
        }
        return s->n_segments == 0;
}

void go_step(struct elf *s)
{
        for (size_t i = 0; s->segments_known && i < s->go.n_places; i++) {
                struct go_place *p = &s->go.places[i];
                uint64_t at;
                if (!p->read || p->settled)
                        continue;
                p->settled = true;
                p->refused |= !in_data(s, p->at);
                for (uint32_t k = 0; k < 2 && !p->refused && !p->inlined; k++)
                        if (elf_address(s, p->strings[k], 2 * (uint64_t)p->pointer_size, &at))
                                elf_capture_add(
                                    s, ELF_CAPTURE_GO_STRING, at, 2 * (uint64_t)p->pointer_size, (uint32_t)i * 2 + k);
        }
}
