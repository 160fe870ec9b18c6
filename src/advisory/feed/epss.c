/* FIRST's Exploit Prediction Scoring System: lines "CVE-2023-1,0.00123,0.45678" below a comment and a header. */
#include "advisory/feed/feed_priv.h"

#define HEADER "cve,epss,percentile"

static bool epss_is(struct span head)
{
        return span_starts(head, "#model_version:") || span_starts(head, HEADER);
}

/* "0.97456" in millionths; at most one. */
static bool millionths(struct span text, uint32_t *ret)
{
        uint32_t n = 0, digits = 0;

        if (text.len == 0 || (text.at[0] != '0' && text.at[0] != '1'))
                return false;
        n = (uint32_t)(text.at[0] - '0');
        text = span_from(text, 1);
        if (text.len > 0 && (text.at[0] != '.' || text.len < 2))
                return false;
        text = span_from(text, 1);
        for (; digits < 6; digits++) {
                uint8_t c = digits < text.len ? text.at[digits] : '0';

                if (c < '0' || c > '9')
                        return false;
                n = n * 10 + (uint32_t)(c - '0');
        }
        for (size_t i = 6; i < text.len; i++)
                if (text.at[i] < '0' || text.at[i] > '9')
                        return false;
        *ret = n;
        return n <= 1000000;
}

static bool line_read(struct span line, struct advisory_fact *f)
{
        struct span rest, epss, percentile;

        return span_split(line, ',', &f->id, &rest) && span_split(rest, ',', &epss, &percentile) &&
               millionths(epss, &f->epss) && millionths(span_trim(percentile), &f->epss_percentile);
}

static bool epss_read(struct span document, struct arena *a, struct feed_out *o, struct err *e)
{
        struct cursor c = {.rest = document};
        bool headed = false;
        uint64_t number = 0;
        struct span line;

        (void)a;
        while (cursor_line(&c, &line)) {
                struct advisory_fact f = {0};
                struct err why = {0};
                char place[40];

                number++;
                if (span_starts(line, "#") || span_trim(line).len == 0)
                        continue;
                if (!headed) {
                        if (!span_is(span_trim(line), HEADER))
                                return err_set(e, ERR_MALFORMED, "line %llu: \"" HEADER "\" was expected",
                                    (unsigned long long)number);
                        headed = true;
                        continue;
                }
                snprintf(place, sizeof(place), "line %llu", (unsigned long long)number);
                if (line_read(line, &f)) {
                        if (!feed_put_fact(o, &f, span_of(place), e))
                                return false;
                        continue;
                }
                err_set(&why, ERR_MALFORMED, "an id and two numbers from 0 to 1 were expected");
                if (!feed_refuse(o, span_of(place), &why, e))
                        return false;
        }
        return headed || err_set(e, ERR_MALFORMED, "it ends before \"" HEADER "\"");
}

const struct feed_form feed_epss = {.name = "epss", .is = epss_is, .read = epss_read};
