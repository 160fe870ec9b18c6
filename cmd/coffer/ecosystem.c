#include "ecosystem.h"

#include <stdio.h>

#include "advisory/advisory.h"
#include "cli.h"

#define NAME_MAX_LEN 64u /* bytes; the longest name has 28. What is longer resembles nothing */

bool ecosystem_is_known(const char *named)
{
        return version_order_of(span_of(named)) != VERSION_ORDER_NONE;
}

static uint8_t small(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Letters to be put in, left out or replaced, small and large ones alike (Levenshtein). */
static size_t distance(struct span a, struct span b)
{
        size_t row[NAME_MAX_LEN + 1];

        SPAN_HOLDS(a);
        SPAN_HOLDS(b);
        for (size_t k = 0; k <= b.len; k++)
                row[k] = k;
        for (size_t i = 0; i < a.len; i++) {
                size_t before = row[0];

                row[0] = i + 1;
                for (size_t k = 0; k < b.len; k++) {
                        size_t best = before + (small(a.at[i]) != small(b.at[k]));

                        before = row[k + 1];
                        best = best < before + 1 ? best : before + 1;
                        row[k + 1] = best < row[k] + 1 ? best : row[k] + 1;
                }
        }
        return row[b.len];
}

/* A few letters apart, or the beginning of it: "Rocky" of "Rocky Linux", "Debian 12" of "Debian". */
static bool resembles(struct span named, struct span known)
{
        size_t shorter = named.len < known.len ? named.len : known.len, apart;

        if (known.len > NAME_MAX_LEN || named.len > NAME_MAX_LEN)
                return false;
        if (shorter >= 3 && distance(span_cut(named, 0, shorter), span_cut(known, 0, shorter)) == 0)
                return true;
        apart = distance(named, known);
        return apart < 2 || apart * 3 <= shorter;
}

int ecosystem_refuse(const char *command, const char *named)
{
        struct span name, release;
        unsigned near = 0;
        char shown[200];

        span_split(span_of(named), ':', &name, &release);
        fprintf(stderr, "coffer %s: no ecosystem is known as '%s'; ", command,
            span_printable(span_of(named), shown, sizeof(shown)));
        for (size_t i = 0; version_ecosystem(i); i++)
                if (resembles(name, span_of(version_ecosystem(i))))
                        fprintf(stderr, "%s%s", near++ > 0 ? ", " : "did you mean: ", version_ecosystem(i));
        for (size_t i = 0; near == 0 && version_ecosystem(i); i++)
                fprintf(stderr, "%s%s", i > 0 ? ", " : "known are: ", version_ecosystem(i));
        fputc('\n', stderr);
        return EXIT_USAGE;
}
