/*
 * Compares versions for test/versions/pairs.py: `versions ECOSYSTEM` reads lines A<TAB>B and prints one of < = > for
 * each, or "! reason" when either is refused.
 */
#include "advisory/advisory.h"

int main(int argc, char **argv)
{
        enum version_order order = argc == 2 ? version_order_of(span_of(argv[1])) : VERSION_ORDER_NONE;
        char *line = NULL;
        size_t cap = 0;
        ssize_t n;

        if (order == VERSION_ORDER_NONE) {
                fprintf(stderr, "usage: versions ECOSYSTEM, one that has a version order\n");
                return 2;
        }
        while ((n = getline(&line, &cap, stdin)) >= 0) {
                struct cursor c = {.rest = span_bytes(line, (size_t)n)};
                struct span text = {0}, a, b;
                struct err e = {0};
                int sign;

                cursor_line(&c, &text);
                if (!span_split(text, '\t', &a, &b))
                        puts("! no tab in the line");
                else if (!version_compare(order, a, b, &sign, &e))
                        printf("! %s\n", e.text);
                else
                        puts(sign < 0 ? "<" : sign > 0 ? ">" : "=");
        }
        free(line);
        return fflush(stdout) == 0 ? 0 : 1;
}
