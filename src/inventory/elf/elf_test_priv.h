/* For the tests: programs made by hand, of either width and byte order. Addresses are offsets plus ELF_FILE_BASE. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/elf/elf_priv.h"

#define ELF_FILE_BASE 0x400000u
#define ELF_FILE_HEADERS 512u /* bytes kept free for the header and the segments' table */

struct elf_file {
        struct buf b;
        bool is_64, big;
        struct {
                uint32_t type, flags;
                uint64_t at, size;
        } segments[6];
        size_t n_segments;
        struct {
                const char *name;
                uint64_t at, size;
        } sections[6];
        size_t n_sections;
};

static inline void elf_put(struct elf_file *f, size_t n, uint64_t v)
{
        for (size_t i = 0; i < n; i++)
                buf_put_u8(&f->b, (uint8_t)(v >> 8 * (f->big ? n - 1 - i : i)));
}

static inline void elf_word(struct elf_file *f, uint64_t v)
{
        elf_put(f, f->is_64 ? 8 : 4, v);
}

static inline void elf_align(struct elf_file *f, size_t align)
{
        while (f->b.len % align != 0)
                buf_put_u8(&f->b, 0);
}

static inline struct elf_file elf_file_new(bool is_64, bool big)
{
        struct elf_file f = {.is_64 = is_64, .big = big};

        while (f.b.len < ELF_FILE_HEADERS)
                buf_put_u8(&f.b, 0);
        return f;
}

/* Returns its offset. */
static inline uint64_t elf_file_put(struct elf_file *f, struct span content, size_t align)
{
        elf_align(f, align);
        uint64_t at = f->b.len;
        buf_put(&f->b, content);
        return at;
}

static inline void elf_file_segment(struct elf_file *f, uint32_t type, uint32_t flags, uint64_t at, uint64_t size)
{
        assert_true(f->n_segments < ARRAY_LEN(f->segments));
        f->segments[f->n_segments].type = type;
        f->segments[f->n_segments].flags = flags;
        f->segments[f->n_segments].at = at;
        f->segments[f->n_segments++].size = size;
}

static inline void elf_file_section(struct elf_file *f, const char *name, uint64_t at, uint64_t size)
{
        assert_true(f->n_sections < ARRAY_LEN(f->sections));
        f->sections[f->n_sections].name = name;
        f->sections[f->n_sections].at = at;
        f->sections[f->n_sections++].size = size;
}

/* Names of sections, their table, then header and segments over the room kept for them. */
static inline void elf_file_finish(struct elf_file *f)
{
        size_t word = f->is_64 ? 8 : 4;
        uint64_t names, table, names_size, name = 1;
        struct elf_file head = {.is_64 = f->is_64, .big = f->big};

        names = elf_file_put(f, span_bytes("", 1), 1);
        for (size_t i = 0; i < f->n_sections; i++)
                buf_put(&f->b, span_bytes(f->sections[i].name, strlen(f->sections[i].name) + 1));
        names_size = f->b.len - names;
        elf_align(f, 8);
        table = f->b.len;
        for (size_t i = 0; i <= f->n_sections; i++) { /* the last one holds the names */
                bool last = i == f->n_sections;
                elf_put(f, 4, last ? 0 : name);
                elf_put(f, 4, last ? 3 : 1);
                elf_word(f, 0);
                elf_word(f, 0);
                elf_word(f, last ? names : f->sections[i].at);
                elf_word(f, last ? names_size : f->sections[i].size);
                elf_put(f, 8, 0);
                elf_word(f, 1);
                elf_word(f, 0);
                name += last ? 0 : strlen(f->sections[i].name) + 1;
        }
        buf_put(&head.b, span_bytes("\x7f"
                                    "ELF",
                             4));
        buf_put_u8(&head.b, f->is_64 ? 2 : 1);
        buf_put_u8(&head.b, f->big ? 2 : 1);
        buf_put(&head.b, span_bytes("\1\0\0\0\0\0\0\0\0\0", 10));
        elf_put(&head, 2, 2);
        elf_put(&head, 2, 62);
        elf_put(&head, 4, 1);
        elf_word(&head, ELF_FILE_BASE);
        elf_word(&head, f->is_64 ? 64 : 52);
        elf_word(&head, table);
        elf_put(&head, 4, 0);
        elf_put(&head, 2, f->is_64 ? 64 : 52);
        elf_put(&head, 2, f->is_64 ? 56 : 32);
        elf_put(&head, 2, f->n_segments);
        elf_put(&head, 2, f->is_64 ? 64 : 40);
        elf_put(&head, 2, f->n_sections + 1);
        elf_put(&head, 2, f->n_sections);
        for (size_t i = 0; i < f->n_segments; i++) {
                elf_put(&head, 4, f->segments[i].type);
                if (f->is_64)
                        elf_put(&head, 4, f->segments[i].flags);
                elf_put(&head, word, f->segments[i].at);
                elf_put(&head, word, ELF_FILE_BASE + f->segments[i].at);
                elf_put(&head, word, ELF_FILE_BASE + f->segments[i].at);
                elf_put(&head, word, f->segments[i].size);
                elf_put(&head, word, f->segments[i].size);
                if (!f->is_64)
                        elf_put(&head, 4, f->segments[i].flags);
                elf_put(&head, word, 4096);
        }
        assert_true(head.b.len <= ELF_FILE_HEADERS && !f->b.failed);
        memcpy(f->b.at, head.b.at, head.b.len);
        buf_done(&head.b);
}

/* One line a package: "golang NAME VERSION", sorted as they were found; "!" before those of no ecosystem, "?" before a
 * low and "~" before a medium confidence, "+" behind what is for building alone. */
static inline struct span elf_listed(struct arena *a, const struct findings *f)
{
        struct buf b CLEANUP(buf_done) = {0};

        for (size_t i = 0; i < f->packages.len; i++) {
                const struct package *p = &f->packages.at[i];
                buf_printf(&b, "%s%s%s %.*s%s%.*s%s\n", p->ecosystem && *p->ecosystem ? "" : "!",
                    p->confidence == CONFIDENCE_LOW      ? "?"
                    : p->confidence == CONFIDENCE_MEDIUM ? "~"
                                                         : "",
                    p->type ? p->type : "generic", SPAN_FMT(p->name), p->version.len > 0 ? " " : "",
                    SPAN_FMT(p->version), p->development ? " +" : "");
        }
        return arena_copy(a, buf_span(&b));
}

/* What is listed must not hang on where the pieces are cut. The caller frees f.arena. */
static inline struct findings elf_detect(struct span content, const char *path, const char *expected)
{
        static const size_t pieces[] = {1u << 20, 1, 7, 16, 319, 320, 321, 4096};
        struct findings last = {0};

        for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                if (pieces[i] < 16 && content.len > 100000)
                        continue;
                arena_free(last.arena);
                last = detect_stream(&detect_elf, path, content, pieces[i]);
                struct span listed = elf_listed(last.arena, &last);
                if (!span_is(listed, expected))
                        fail_msg("pieces of %zu:\n%.*s-- not --\n%s", pieces[i], SPAN_FMT(listed), expected);
        }
        return last;
}

static inline void elf_file_expect(struct elf_file *f, const char *expected)
{
        struct findings found;

        elf_file_finish(f);
        found = elf_detect(buf_span(&f->b), "usr/bin/program", expected);
        if (found.notes.len > 0)
                fail_msg("a note: %.*s", SPAN_FMT(found.notes.at[0]));
        arena_free(found.arena);
        buf_done(&f->b);
}

static inline void elf_file_expect_note(struct elf_file *f, const char *expected, const char *note)
{
        struct findings found;

        elf_file_finish(f);
        found = elf_detect(buf_span(&f->b), "usr/bin/program", expected);
        assert_noted(found.notes.at, found.notes.len, note);
        arena_free(found.arena);
        buf_done(&f->b);
}
