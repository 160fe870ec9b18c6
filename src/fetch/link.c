/* Values of Link (RFC 8288) and of OCI-Filters-Applied: which page follows, and what was left out already. */
#include <string.h>
#include <strings.h>

#include "fetch/fetch_priv.h"

static bool word_is(struct span s, const char *word)
{
        return s.len == strlen(word) && strncasecmp((const char *)s.at, word, s.len) == 0;
}

/* Up to `end` outside of quotation marks; what follows it, or nothing, is left in `rest`. */
static struct span take_until(struct span *rest, const char *ends)
{
        struct span s = *rest;
        bool quoted = false;
        size_t n = 0;

        for (; n < s.len && (quoted || !memchr(ends, s.at[n], strlen(ends))); n++) {
                if (quoted && s.at[n] == '\\' && n + 1 < s.len)
                        n++;
                else if (s.at[n] == '"')
                        quoted = !quoted;
        }
        *rest = span_from(s, n);
        return span_trim(span_cut(s, 0, n));
}

/* ;rel="next prev" : a list of relations in one parameter. */
static bool is_next(struct span parameter)
{
        struct span name, value, word;

        if (!span_split(parameter, '=', &name, &value) || !word_is(span_trim(name), "rel"))
                return false;
        value = span_trim(value);
        if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
                value = span_cut(value, 1, value.len - 2);
        while (value.len > 0) {
                span_split(value, ' ', &word, &value);
                if (word_is(word, "next"))
                        return true;
        }
        return false;
}

bool link_next(struct span value, struct span *ret_target)
{
        while (value.len > 0) {
                struct span target;
                bool next = false;

                value = span_trim(value);
                if (value.len == 0 || value.at[0] != '<' || !span_split(span_from(value, 1), '>', &target, &value))
                        return false;
                value = span_trim(value);
                while (value.len > 0 && value.at[0] == ';') {
                        value = span_from(value, 1);
                        next = is_next(take_until(&value, ";,")) || next;
                }
                if (next) {
                        *ret_target = span_trim(target);
                        return ret_target->len > 0;
                }
                if (value.len > 0 && value.at[0] != ',')
                        return false;
                value = span_from(value, 1);
        }
        return false;
}

bool list_has(struct span value, const char *word)
{
        while (value.len > 0) {
                struct span part;

                span_split(value, ',', &part, &value);
                if (word_is(span_trim(part), word))
                        return true;
        }
        return false;
}

bool link_path_check(struct span path, struct span repository)
{
        struct span rest = span_from(path, 4), part;

        if (!span_starts(path, "/v2/") || !span_equal(span_cut(rest, 0, repository.len), repository) ||
            repository.len == 0)
                return false;
        rest = span_from(rest, repository.len);
        if (!span_starts(rest, "/referrers/"))
                return false;
        rest = span_from(rest, strlen("/referrers/"));
        if (rest.len == 0)
                return false;
        while (rest.len > 0) {
                span_split(rest, '/', &part, &rest);
                if (part.len == 0 || span_is(part, ".") || span_is(part, ".."))
                        return false;
                for (size_t i = 0; i < part.len; i++) /* no "%2e%2e%2f", no '\\' */
                        if (part.at[i] <= ' ' || part.at[i] > '~' || part.at[i] == '%' || part.at[i] == '\\')
                                return false;
        }
        return true;
}
