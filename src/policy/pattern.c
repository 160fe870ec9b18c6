#include "policy/policy_priv.h"

/* ---- globs ---- */

static uint8_t lower(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Where to go on when what follows a star does not fit: the star then takes one byte more. */
struct star {
        bool set;
        size_t pattern, text;
};

/*
 * A star without '/' is given up for the last double star, and that one never for an earlier one: an earlier one could
 * only reach what the last can reach too. So the work is at most the product of both lengths.
 */
bool pattern_matches(struct span pattern, struct span text, bool ignore_case)
{
        struct star one = {0}, two = {0};
        size_t p = 0, t = 0;

        while (t < text.len || p < pattern.len) {
                if (p < pattern.len && pattern.at[p] == '*') {
                        bool twice = p + 1 < pattern.len && pattern.at[p + 1] == '*';

                        p += twice ? 2 : 1;
                        if (twice) {
                                two = (struct star){true, p, t};
                                one.set = false;
                        } else {
                                one = (struct star){true, p, t};
                        }
                        continue;
                }
                if (p < pattern.len && t < text.len &&
                    (ignore_case ? lower(pattern.at[p]) == lower(text.at[t]) : pattern.at[p] == text.at[t])) {
                        p++;
                        t++;
                        continue;
                }
                if (one.set && one.text < text.len && text.at[one.text] != '/') {
                        p = one.pattern;
                        t = ++one.text;
                } else if (two.set && two.text < text.len) {
                        p = two.pattern;
                        t = ++two.text;
                        one.set = false;
                } else {
                        return false;
                }
        }
        return true;
}

/* ---- purls ---- */

static int hex_digit(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = lower(c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct span percent_decode(struct span s, struct arena *a)
{
        uint8_t *to = arena_alloc(a, s.len);
        size_t n = 0;

        for (size_t i = 0; i < s.len; i++) {
                int high = i + 2 < s.len && s.at[i] == '%' ? hex_digit(s.at[i + 1]) : -1;
                int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;

                to[n++] = (uint8_t)(low >= 0 ? high << 4 | low : s.at[i]);
                i += low >= 0 ? 2 : 0;
        }
        return span_bytes(to, n);
}

/* '@' begins the version, but not at the front of a name: people write pkg:npm/@angular/core for %40angular. */
void purl_split(struct span purl, struct arena *a, struct purl_parts *ret)
{
        struct span whole, rest, path;
        size_t at;

        span_split(purl, '#', &whole, &rest);
        span_split(whole, '?', &whole, &rest);
        path = whole;
        *ret = (struct purl_parts){0};
        for (at = whole.len; at > 1 && whole.at[at - 1] != '/'; at--)
                if (whole.at[at - 1] == '@' && whole.at[at - 2] != '/') {
                        path = span_cut(whole, 0, at - 1);
                        ret->has_version = true;
                        ret->version = percent_decode(span_from(whole, at), a);
                        break;
                }
        ret->path = percent_decode(path, a);
}

void purl_rule_fold(struct purl_rule *r, struct arena *a)
{
        for (int f = 0; f < FOLD_KINDS; f++)
                r->folded[f] = purl_folded(r->parts.path, (enum purl_fold)f, a);
}

bool purl_matches(const struct purl_rule *pattern, const struct purl_parts *purl, enum purl_fold fold)
{
        const struct purl_parts *parts = &pattern->parts;

        return pattern_matches(pattern->folded[fold], purl->path, false) &&
               (!parts->has_version || (purl->has_version && pattern_matches(parts->version, purl->version, false)));
}
