#include "inventory/jvm/jar_priv.h"
#include "inventory/lang/lang_priv.h"

/* Parts of addresses and of names, in small letters. The first that fits counts. */
static const struct {
        const char *part, *spdx;
} known[] = {
    {"apache.org/licenses/license-2.0", "Apache-2.0"},
    {"opensource.org/licenses/apache-2.0", "Apache-2.0"},
    {"opensource.org/licenses/apache2.0", "Apache-2.0"},
    {"opensource.org/licenses/mit", "MIT"},
    {"opensource.org/licenses/bsd-2-clause", "BSD-2-Clause"},
    {"opensource.org/licenses/bsd-3-clause", "BSD-3-Clause"},
    {"opensource.org/licenses/isc", "ISC"},
    {"opensource.org/licenses/cpl1.0", "CPL-1.0"},
    {"opensource.org/licenses/cddl1", "CDDL-1.0"},
    {"opensource.org/licenses/eclipse-2.0", "EPL-2.0"},
    {"opensource.org/licenses/eclipse-1.0", "EPL-1.0"},
    {"eclipse.org/legal/epl-2.0", "EPL-2.0"},
    {"eclipse.org/legal/epl-v20", "EPL-2.0"},
    {"eclipse.org/legal/epl-v10", "EPL-1.0"},
    {"eclipse.org/org/documents/epl-v10", "EPL-1.0"},
    {"eclipse.org/org/documents/edl-v10", "BSD-3-Clause"},
    {"mozilla.org/mpl/2.0", "MPL-2.0"},
    {"mozilla.org/mpl/mpl-1.1", "MPL-1.1"},
    {"creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"},
    {"creativecommons.org/licenses/by/4.0", "CC-BY-4.0"},
    {"glassfish.dev.java.net/public/cddl+gpl", "CDDL-1.0 OR GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gnu.org/software/classpath/license", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only"},
    {"gnu.org/licenses/old-licenses/gpl-2.0", "GPL-2.0-only"},
    {"unlicense.org", "Unlicense"},
    {"apache license, version 2.0", "Apache-2.0"},
    {"apache software license, version 2.0", "Apache-2.0"},
    {"apache software license - version 2.0", "Apache-2.0"},
    {"apache license version 2.0", "Apache-2.0"},
    {"apache license 2.0", "Apache-2.0"},
    {"apache software license 2.0", "Apache-2.0"},
    {"eclipse public license - v 1.0", "EPL-1.0"},
    {"eclipse public license v1.0", "EPL-1.0"},
    {"eclipse public license 1.0", "EPL-1.0"},
    {"eclipse public license - v 2.0", "EPL-2.0"},
    {"eclipse public license v2.0", "EPL-2.0"},
    {"eclipse public license v. 2.0", "EPL-2.0"},
    {"eclipse public license 2.0", "EPL-2.0"},
    {"eclipse distribution license", "BSD-3-Clause"},
    {"mozilla public license, version 2.0", "MPL-2.0"},
    {"gnu lesser general public license, version 2.1", "LGPL-2.1-only"},
};

#define LOWER_MAX 256u

static struct span lower(struct span s, uint8_t room[LOWER_MAX])
{
        size_t n = 0;

        for (; n < s.len && n < LOWER_MAX; n++)
                room[n] = s.at[n] >= 'A' && s.at[n] <= 'Z' ? (uint8_t)(s.at[n] + 32) : s.at[n];
        return (struct span){room, n};
}

struct span jar_licence(struct span words)
{
        uint8_t room[LOWER_MAX];
        struct span by_words = licence_of_words(words), small;

        if (words.len == 0 || words.len > LOWER_MAX || inventory_licence_is_spdx(by_words))
                return by_words;
        small = lower(words, room);
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (memmem(small.at, small.len, known[i].part, strlen(known[i].part)))
                        return span_of(known[i].spdx);
        return by_words;
}
