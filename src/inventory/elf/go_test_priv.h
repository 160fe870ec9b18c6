/* For the tests: what Go's linker puts into a program. */
#pragma once

#include "inventory/elf/elf_test_priv.h"

#define GO_MARK "\xff Go buildinf:"
#define GO_SENTINEL "0123456789abcdef"

static inline void put_varint(struct buf *b, uint64_t v)
{
        for (; v >= 0x80; v >>= 7)
                buf_put_u8(b, (uint8_t)(v | 0x80));
        buf_put_u8(b, (uint8_t)v);
}

static inline struct span go_modules_text(struct arena *a, const char *lines)
{
        return *lines ? arena_printf(a, "%s%s%s", GO_SENTINEL, lines, GO_SENTINEL) : (struct span){0};
}

/* Go 1.18 and later. Returns the offset. */
static inline uint64_t go_put_inline(struct elf_file *f, const char *version, const char *lines)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span text = go_modules_text(a, lines);
        uint64_t at = elf_file_put(f, SPAN_LIT(GO_MARK), 16);

        buf_put_u8(&f->b, 8);
        buf_put_u8(&f->b, 2);
        for (size_t i = 0; i < 16; i++)
                buf_put_u8(&f->b, 0);
        put_varint(&f->b, strlen(version));
        buf_put_text(&f->b, version);
        put_varint(&f->b, text.len);
        buf_put(&f->b, text);
        return at;
}

/* Go 1.13 to 1.17: texts in a segment of their own, before or behind the data segment with the mark and the headers. */
static inline void go_put_pointers(struct elf_file *f, const char *version, const char *lines)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span modules = go_modules_text(a, lines);
        uint64_t text = elf_file_put(f, span_of(version), 8), more = elf_file_put(f, modules, 8), end = f->b.len, mark;
        size_t word = f->is_64 ? 8 : 4;

        elf_align(f, 64);
        mark = elf_file_put(f, SPAN_LIT(GO_MARK), 16);
        buf_put_u8(&f->b, (uint8_t)word);
        buf_put_u8(&f->b, f->big);
        elf_word(f, ELF_FILE_BASE + mark + 64);
        elf_word(f, ELF_FILE_BASE + mark + 64 + 2 * word);
        elf_align(f, 64);
        assert_int_equal(f->b.len, mark + 64);
        elf_word(f, ELF_FILE_BASE + text);
        elf_word(f, strlen(version));
        elf_word(f, ELF_FILE_BASE + more);
        elf_word(f, modules.len);
        elf_file_segment(f, 1, 4, text, end - text);
        elf_file_segment(f, 1, 6, mark, f->b.len - mark);
}

/* pclntab with nothing but its file table; `version` is the magic's lowest byte. */
static inline void go_put_table(struct elf_file *f, uint8_t version, const char *const *files, size_t n)
{
        size_t word = f->is_64 ? 8 : 4;
        struct buf names CLEANUP(buf_done) = {0};

        for (size_t i = 0; i < n; i++)
                buf_put(&names, span_bytes(files[i], strlen(files[i]) + 1));
        elf_align(f, 8);
        elf_put(f, 4, 0xffffff00u | version);
        buf_put(&f->b, span_bytes("\0\0\1", 3));
        buf_put_u8(&f->b, (uint8_t)word);
        elf_word(f, 16); /* functions */
        if (version == 0xfb) {
                uint64_t table = 8 + word + 16 * 2 * word + word + 4;
                for (size_t i = 0; i < 33; i++)
                        elf_word(f, 0x1000 + i);
                elf_put(f, 4, table);
                elf_put(f, 4, n + 1);
                for (size_t i = 0; i < n; i++)
                        elf_put(f, 4, table + 4 * (n + 1));
                buf_put(&f->b, buf_span(&names));
                buf_put_text(&f->b, "github.com/not/a/file.go"); /* what follows is none of it */
                buf_put_u8(&f->b, 0);
                return;
        }
        uint64_t header = 8 + word * (version == 0xfa ? 7 : 8);
        elf_word(f, n);
        if (version != 0xfa)
                elf_word(f, 0x1000);
        elf_word(f, header);                      /* names of functions */
        elf_word(f, header + 8);                  /* units */
        elf_word(f, header + 64);                 /* files */
        elf_word(f, header + 64 + names.len);     /* counters */
        elf_word(f, header + 64 + names.len + 8); /* functions */
        for (size_t i = 0; i < 64; i++)
                buf_put_u8(&f->b, 0);
        buf_put(&f->b, buf_span(&names));
        buf_put(&f->b, span_bytes("github.com/not/a/file.go", 25));
}
