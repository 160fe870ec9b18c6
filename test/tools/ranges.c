/*
 * Asks ranges for test/versions/ranges.py: `ranges ECOSYSTEM tool|order|words` reads lines RANGE<TAB>VERSION and prints
 * 1 or 0 for each (whether the version lies in the range; with "tool" pre-releases are passed over as the package manager
 * does), with "words" the range in plain words; or "! reason".
 */
#include "advisory/advisory.h"

static void answer(const struct version_range_form *form, bool words, struct span text, struct span version)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf out CLEANUP(buf_done) = {0};
        struct version_range r;
        struct err e = {0};
        bool has = false;

        if (!version_range_parse(form, text, a, &r, &e) || (!words && !version_range_has(&r, version, &has, &e))) {
                printf("! %s\n", e.text);
                return;
        }
        if (words) {
                version_range_print(&r, &out);
                printf("%.*s\n", SPAN_FMT(buf_span(&out)));
                return;
        }
        puts(has ? "1" : "0");
}

int main(int argc, char **argv)
{
        struct version_range_form form = {0};
        char *line = NULL;
        size_t cap = 0;
        ssize_t n;

        if (argc == 3) {
                form.order = version_order_of(span_of(argv[1]));
                form.syntax = version_range_syntax_of(span_of(argv[1]));
                form.prereleases = strcmp(argv[2], "tool") != 0;
        }
        if (form.order == VERSION_ORDER_NONE) {
                fprintf(stderr, "usage: ranges ECOSYSTEM tool|order|words; an ecosystem with a version order: npm, PyPI ...\n");
                return 2;
        }
        while ((n = getline(&line, &cap, stdin)) >= 0) {
                struct span text = span_bytes(line, (size_t)n), range, version;
                if (n > 0 && line[n - 1] == '\n')
                        text.len--;
                span_split(text, '\t', &range, &version);
                answer(&form, strcmp(argv[2], "words") == 0, range, version);
        }
        free(line);
        return fflush(stdout) == 0 ? 0 : 1;
}
