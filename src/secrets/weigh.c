/* What a match is worth: a value that is random enough and no placeholder; and how much of it may be seen. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "secrets/secrets_priv.h"

uint32_t entropy_tenths(struct span s)
{
        size_t count[256] = {0};
        double bits = 0;

        if (s.len == 0)
                return 0;
        for (size_t i = 0; i < s.len; i++)
                count[s.at[i]]++;
        for (size_t i = 0; i < 256; i++) {
                double p = (double)count[i] / (double)s.len;
                if (count[i] > 0)
                        bits -= p * log2(p);
        }
        return (uint32_t)(bits * 10 + 0.5);
}

static bool is_token(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c && strchr("+/=_-.~$!#%&*^@", c));
}

struct span value_of(struct span match)
{
        struct span best = {0};
        size_t from = 0;

        for (size_t i = 0; i <= match.len; i++) {
                /* "name=value": what stands before the last such sign is no part of the value. */
                bool sign = i < match.len && (match.at[i] == '=' || match.at[i] == ':') && i + 2 < match.len &&
                            is_token(match.at[i + 1]) && match.at[i + 1] != '=';
                if (i < match.len && is_token(match.at[i]) && !sign)
                        continue;
                if (i - from > best.len || (sign && i - from == best.len))
                        best = span_cut(match, from, i - from);
                from = i + 1;
        }
        return best;
}

static bool holds(struct span text, struct span word)
{
        for (size_t i = 0; i + word.len <= text.len; i++)
                if (strncasecmp((const char *)text.at + i, (const char *)word.at, word.len) == 0)
                        return true;
        return false;
}

static bool any_held(const struct span *words, size_t n, struct span text)
{
        for (size_t i = 0; i < n; i++)
                if (holds(text, words[i]))
                        return true;
        return false;
}

bool path_allowed(const struct secrets_rules *rules, const struct rule *r, struct span path)
{
        return any_held(rules->common.allow_path.at, rules->common.allow_path.len, path) ||
               (r && any_held(r->allow_path.at, r->allow_path.len, path));
}

bool hit_weigh(const struct secrets_rules *rules, const struct rule *r, struct span match, char *out, size_t size)
{
        struct span value = value_of(match);
        char head[8];

        if (any_held(rules->common.allow.at, rules->common.allow.len, match) ||
            any_held(r->allow.at, r->allow.len, match))
                return false;
        if (r->entropy_tenths > 0 && entropy_tenths(value) < r->entropy_tenths)
                return false;
        if (r->shown) {
                size_t n = 0;
                while (n < match.len && match.at[n] != '\n' && match.at[n] != '\r' && match.at[n] != '\\')
                        n++;
                span_printable(span_cut(match, 0, n), out, size);
        } else {
                snprintf(out, size, "%s***", span_printable(span_cut(value, 0, 4), head, sizeof(head)));
        }
        return true;
}
