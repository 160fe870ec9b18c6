/*
 * The search for marks: most programs hold none, so what matters is how fast nothing is found.
 *
 * Thirty-two places at a time are asked whether two bytes of a mark stand at their distance; the few that say yes are
 * compared. Go's build information is aligned to 16 in the file as it is in memory, its table of functions to 8.
 */
#include "inventory/elf/elf_priv.h"

#define BLOCK 32u              /* places asked at once */
#define BLOCK_SEEN (BLOCK + 9) /* the farthest byte asked for is 9 behind the last place */

typedef uint8_t lanes __attribute__((vector_size(BLOCK)));
typedef uint64_t words __attribute__((vector_size(BLOCK)));

static const char registry[] = "/registry/", compiler[] = "rustc version ", section[] = ".dep-v0";
static const char go_mark_text[] = "\xff Go buildinf:";

/* pclntab's header: a magic number in either byte order, two zero bytes, the instruction quantum, the pointer size. */
static bool is_table(const uint8_t *at)
{
        bool big = at[0] == 0xff;
        uint8_t version = big ? at[3] : at[0];

        return at[1] == 0xff && at[2] == 0xff && (big ? at[0] : at[3]) == 0xff && at[4] == 0 && at[5] == 0 &&
               (version == 0xf0 || version == 0xf1 || version == 0xfa || version == 0xfb) &&
               (at[6] == 1 || at[6] == 2 || at[6] == 4) && (at[7] == 4 || at[7] == 8);
}

/* Whether one of the marks may begin in the block, or a table at a multiple of 8. Inlined once for each instruction set. */
static inline __attribute__((always_inline)) bool may_mark(const uint8_t *at)
{
        /* of a table: 0xff, 0xff, any, 0, 0, less than 8, 4 or 8; what is_table() asks besides is rarely needed */
        const uint8_t asked[8] = {0, 0xff, 0xff, 0, 0xff, 0xff, 0xf8, 0xff};
        const uint8_t with_4[8] = {0, 0xff, 0xff, 0, 0, 0, 0, 4}, with_8[8] = {0, 0xff, 0xff, 0, 0, 0, 0, 8};
        uint64_t go, table, table_4, table_8, found[BLOCK / 8];
        lanes a, b, c, d;
        words w, hit;

        memcpy(&go, go_mark_text, 8);
        memcpy(&table, asked, 8);
        memcpy(&table_4, with_4, 8);
        memcpy(&table_8, with_8, 8);
        memcpy(&a, at, BLOCK);
        memcpy(&b, at + 9, BLOCK);
        memcpy(&c, at + 3, BLOCK);
        memcpy(&d, at + 4, BLOCK);
        memcpy(&w, at, BLOCK);
        hit = (words)(((a == '/') & (b == '/')) | ((a == 'r') & (c == 't')) | ((a == '.') & (d == '-')));
        hit |= (words)((w == go) | ((w & table) == table_4) | ((w & table) == table_8));
        memcpy(found, &hit, BLOCK);
        return (found[0] | found[1] | found[2] | found[3]) != 0;
}

/* How many of the next `n` places, in whole blocks, hold no mark for certain. */
static inline __attribute__((always_inline)) size_t pass_blocks(const uint8_t *at, size_t n)
{
        size_t i = 0;

        while (n - i >= BLOCK && !may_mark(at + i))
                i += BLOCK;
        return i;
}

static size_t pass_plain(const uint8_t *at, size_t n)
{
        return pass_blocks(at, n);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static size_t pass_avx2(const uint8_t *at, size_t n)
{
        return pass_blocks(at, n);
}

static size_t pass(const uint8_t *at, size_t n)
{
        return __builtin_cpu_supports("avx2") ? pass_avx2(at, n) : pass_plain(at, n);
}
#else
static size_t pass(const uint8_t *at, size_t n)
{
        return pass_plain(at, n);
}
#endif

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

/* Every one of the places, whatever it holds. */
static void compare(struct elf *s, struct span window, size_t from, size_t end, uint64_t offset)
{
        for (size_t i = from; i < end; i++) {
                if ((offset + i) % 8 == 0)
                        aligned_mark(s, span_from(window, i), offset + i);
                mark(s, span_from(window, i), offset + i);
        }
}

void elf_scan(struct elf *s, struct span window, size_t n, uint64_t offset)
{
        size_t i = (size_t)(-offset % 16); /* marks of Go lie at multiples of 8 and 16 in the file */
        size_t seen = window.len > BLOCK_SEEN ? window.len - BLOCK_SEEN + BLOCK : 0;

        program_scan(s, window, n);
        if (i > n)
                i = n;
        if (seen > n)
                seen = n;
        compare(s, window, 0, i, offset);
        while (i < seen) {
                i += pass(window.at + i, seen - i);
                size_t end = seen - i < BLOCK ? seen : i + BLOCK;
                compare(s, window, i, end, offset);
                i = end;
        }
        compare(s, window, i, n, offset);
}
