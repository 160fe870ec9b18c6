/* YAML as advisories have it: one map of texts and lists of texts, through libyaml. */
#pragma once

#include "base/base.h"

#define FEED_YAML_MAX (1u << 20)    /* bytes of one document; longest of GitLab's 52,000: 28,671 */
#define FEED_YAML_MEMBERS_MAX 256u  /* of the map; seen: 22 */
#define FEED_YAML_VALUES_MAX 65536u /* of one list */

struct feed_yaml_member {
        struct span key;
        struct span *values; /* one for a text; none for maps and for lists of something else than texts */
        size_t n_values;
};

struct feed_yaml {
        struct feed_yaml_member *at;
        size_t len, cap;
};

/* All in the arena. ERR_MALFORMED with the line, ERR_LIMIT, ERR_UNSUPPORTED (an alias, a second document). */
bool feed_yaml_read(struct span document, struct arena *a, struct feed_yaml *ret, struct err *e);
/* The first value, empty when there is none; and all of them. */
struct span feed_yaml_text(const struct feed_yaml *y, const char *key);
const struct feed_yaml_member *feed_yaml_list(const struct feed_yaml *y, const char *key);
