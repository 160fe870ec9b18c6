/*
 * The search for marks: most programs hold none, so what matters is how fast nothing is found.
 *
 * Sixteen places at a time are asked whether two bytes of a mark stand at their distance; the few that say yes are
 * compared. Go's build information is aligned to 16 in the file as it is in memory, its table of functions to 8.
 */
#include "inventory/elf/elf_priv.h"

typedef uint8_t lanes __attribute__((vector_size(16)));

static const char registry[] = "/registry/", compiler[] = "rustc version ", section[] = ".dep-v0";
static const char go_mark_text[] = "\xff Go buildinf:";

static inline lanes load(const uint8_t *at)
{
        lanes v;

        memcpy(&v, at, sizeof(v));
        return v;
}

static inline uint64_t load64(const uint8_t *at)
{
        uint64_t v;

        memcpy(&v, at, sizeof(v));
        return v;
}

/* pclntab's header: a magic number in either byte order, two zero bytes, the instruction quantum, the pointer size. */
static bool is_table(const uint8_t *at)
{
        bool big = at[0] == 0xff;
        uint8_t version = big ? at[3] : at[0];

        return at[1] == 0xff && at[2] == 0xff && (big ? at[0] : at[3]) == 0xff && at[4] == 0 && at[5] == 0 &&
               (version == 0xf0 || version == 0xf1 || version == 0xfa || version == 0xfb) &&
               (at[6] == 1 || at[6] == 2 || at[6] == 4) && (at[7] == 4 || at[7] == 8);
}

static inline bool may_mark(const uint8_t *at)
{
        lanes a = load(at), b = load(at + 9), c = load(at + 3), d = load(at + 4);
        lanes hit = (lanes)(((a == '/') & (b == '/')) | ((a == 'r') & (c == 't')) | ((a == '.') & (d == '-')));
        uint64_t sides[2];

        memcpy(sides, &hit, sizeof(sides));
        return (sides[0] | sides[1]) != 0;
}

static inline bool may_table(const uint8_t *at)
{
        return at[1] == 0xff && at[2] == 0xff && at[4] == 0 && at[5] == 0 && is_table(at);
}

static inline bool may_aligned_mark(const uint8_t *at)
{
        return load64(at) == load64((const uint8_t *)go_mark_text) || may_table(at) || may_table(at + 8);
}

static bool starts(struct span s, const char *text, size_t len)
{
        return s.len >= len && memcmp(s.at, text, len) == 0;
}

/* At a multiple of 8. */
static void aligned_mark(struct elf *s, struct span from, uint64_t at)
{
        if (at % 16 == 0 && starts(from, go_mark_text, sizeof(go_mark_text) - 1))
                go_mark(s, at);
        else if (from.len >= 8 && is_table(from.at))
                go_table_mark(s, at);
}

static void mark(struct elf *s, struct span from, uint64_t at)
{
        if (starts(from, registry, sizeof(registry) - 1))
                rust_path_mark(s, span_from(from, sizeof(registry) - 1));
        else if (starts(from, compiler, sizeof(compiler) - 1))
                rust_compiler_mark(s, span_from(from, sizeof(compiler) - 1));
        else if (starts(from, section, sizeof(section))) /* with its NUL */
                rust_section_mark(s, at);
}

void elf_scan(struct elf *s, struct span window, size_t n, uint64_t offset)
{
        size_t i = 0;

        program_scan(s, window, n);
        while (i < n) {
                uint64_t at = offset + i;

                /* 16 places, and the farthest byte asked for: 9 behind the last */
                if (at % 16 == 0 && window.len - i >= 32 && n - i >= 16) {
                        if (may_aligned_mark(window.at + i)) {
                                aligned_mark(s, span_from(window, i), at);
                                aligned_mark(s, span_from(window, i + 8), at + 8);
                        }
                        if (may_mark(window.at + i))
                                for (size_t k = i; k < i + 16; k++)
                                        mark(s, span_from(window, k), offset + k);
                        i += 16;
                        continue;
                }
                if (at % 8 == 0)
                        aligned_mark(s, span_from(window, i), at);
                mark(s, span_from(window, i), at);
                i++;
        }
}
