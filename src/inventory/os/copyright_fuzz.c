#include "inventory/detector_fuzz_priv.h"
#include "inventory/os/os_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_operator(struct span word)
{
        return span_is(word, "AND") || span_is(word, "OR") || span_is(word, "WITH");
}

static void check_expression(struct span s)
{
        bool want_operand = true;
        size_t depth = 0;

        while (s.len > 0) {
                struct span word;
                span_split(s, ' ', &word, &s);
                assert(is_operator(word) != want_operand);
                want_operand = is_operator(word);
                for (; span_starts(word, "("); word = span_from(word, 1))
                        depth++;
                for (; span_ends(word, ")"); word.len--)
                        assert(depth-- > 0);
                assert(word.len > 0);
                for (size_t i = 0; i < word.len; i++)
                        assert(strchr("()", word.at[i]) == NULL);
        }
        assert(depth == 0 && !want_operand);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct findings f = {.arena = arena_new(), .path = span_of("usr/share/doc/some/copyright")};

        detect_copyright.read(span_bytes(data, size), &f);
        findings_end(&f);
        fuzz_check(&f);
        /* What is made of the words is an expression: brackets in pairs, an operand on both sides of each operator. */
        assert(f.supplements.len <= 1 && f.packages.len == 0 && f.notes.len == 0);
        for (size_t i = 0; i < f.supplements.len; i++)
                check_expression(f.supplements.at[i].licence);
        arena_free(f.arena);
        return 0;
}
