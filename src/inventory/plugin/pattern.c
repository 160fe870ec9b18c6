/* Which paths a plug-in wants. */
#include "inventory/plugin/plugin_priv.h"

/* Within one component: '*' any bytes, '?' one. Goes back to the last star only, so n times m steps at most. */
static bool component_matches(struct span pattern, struct span name)
{
        size_t p = 0, n = 0, star = SIZE_MAX, after_star = 0;

        while (n < name.len) {
                if (p < pattern.len &&
                    (pattern.at[p] == '?' || (pattern.at[p] != '*' && pattern.at[p] == name.at[n]))) {
                        p++;
                        n++;
                } else if (p < pattern.len && pattern.at[p] == '*') {
                        star = p++;
                        after_star = n;
                } else if (star != SIZE_MAX) {
                        p = star + 1;
                        n = ++after_star;
                } else {
                        return false;
                }
        }
        while (p < pattern.len && pattern.at[p] == '*')
                p++;
        return p == pattern.len;
}

static struct span last_component(struct span path)
{
        struct span part = path, rest = path;

        while (span_split(rest, '/', &part, &rest))
                ;
        return part;
}

#define COMPONENTS_MAX (INVENTORY_PATH_MAX / 2 + 1)

/* SIZE_MAX: more than there is room for, so that it matches nothing. */
static size_t components_split(struct span path, struct span *to, size_t max)
{
        size_t n = 0;
        bool more = true;

        while (more) {
                if (n == max)
                        return SIZE_MAX;
                more = span_split(path, '/', &to[n++], &path);
        }
        return n;
}

/* The same by components, of which "**" is the star. */
static bool path_matches(struct span pattern, struct span path)
{
        struct span parts[PLUGIN_PATTERN_MAX], names[COMPONENTS_MAX];
        size_t n_parts = components_split(pattern, parts, ARRAY_LEN(parts));
        size_t n_names = components_split(path, names, ARRAY_LEN(names));
        size_t p = 0, n = 0, star = SIZE_MAX, after_star = 0;

        if (n_parts == SIZE_MAX || n_names == SIZE_MAX)
                return false;
        while (n < n_names) {
                bool is_star = p < n_parts && span_is(parts[p], "**");

                if (is_star) {
                        star = p++;
                        after_star = n;
                } else if (p < n_parts && component_matches(parts[p], names[n])) {
                        p++;
                        n++;
                } else if (star != SIZE_MAX) {
                        p = star + 1;
                        n = ++after_star;
                } else {
                        return false;
                }
        }
        while (p < n_parts && span_is(parts[p], "**"))
                p++;
        return p == n_parts;
}

bool plugin_matches(struct span pattern, struct span path)
{
        size_t slash;

        if (!span_find(pattern, '/', &slash))
                return pattern.len > 0 && component_matches(pattern, last_component(path));
        while (span_starts(pattern, "/"))
                pattern = span_from(pattern, 1);
        return pattern.len > 0 && path_matches(pattern, path);
}

bool plugin_wants(const struct plugin *p, struct span path)
{
        for (size_t i = 0; i < p->wants.len; i++)
                if (plugin_matches(p->wants.at[i], path))
                        return true;
        return false;
}

bool plugins_want(const struct inventory_plugins *p, struct span path)
{
        for (size_t i = 0; p && i < p->len; i++)
                if (plugin_wants(&p->at[i], path))
                        return true;
        return false;
}
