/* Words, scores and bounds that several forms write the same way. */
#include "advisory/feed/feed_priv.h"

bool feed_is_name(struct span s, size_t max)
{
        return s.len > 0 && s.len <= max && !span_has_control(s);
}

void feed_severity_word(struct feed_severity *s, struct span word)
{
        enum severity parsed;

        if (!s->worded && severity_parse(word, &parsed)) {
                s->word = parsed;
                s->worded = true;
        }
}

void feed_severity_vector(struct feed_severity *s, struct span vector)
{
        uint32_t tenths;

        if (!cvss_score(vector, &tenths, NULL))
                return;
        if (s->scored && cvss_version(vector) <= cvss_version(s->vector))
                return;
        s->vector = vector;
        s->score_tenths = tenths;
        s->scored = true;
}

struct span feed_headline(struct span text)
{
        struct cursor c = {.rest = span_trim(text)};
        struct span line = {0};
        size_t n;

        cursor_line(&c, &line);
        if (line.len <= FEED_SUMMARY_MAX)
                return line;
        for (n = FEED_SUMMARY_MAX; n > 0 && (line.at[n] & 0xc0) == 0x80; n--)
                ;
        return span_trim(span_cut(line, 0, n));
}

void feed_affected_fixed(struct arena *a, struct span introduced, struct span fixed, struct feed_affected *io)
{
        struct feed_range *range = arena_array(a, 1, sizeof(*range));

        range->events = arena_array(a, 2, sizeof(*range->events));
        range->events[range->n_events++] =
            (struct feed_event){.kind = FEED_INTRODUCED, .version = introduced.len > 0 ? introduced : span_of("0")};
        if (fixed.len > 0)
                range->events[range->n_events++] = (struct feed_event){.kind = FEED_FIXED, .version = fixed};
        io->ranges = range;
        io->n_ranges = 1;
}

/*
 * A key is a string at depth 1 behind '{' or ','. No JSON reader: the head ends anywhere, and a wrong answer only chooses the
 * form that then refuses the document.
 */
bool feed_json_has_key(struct span head, const char *key)
{
        size_t depth = 0, n = strlen(key);
        bool before = false; /* a key may stand here */
        char quoted[64];

        /* It is asked of every line of a file, by every form, and is hardly ever there: that is found out without a walk. */
        if (n + 2 <= sizeof(quoted)) {
                quoted[0] = quoted[n + 1] = '"';
                memcpy(quoted + 1, key, n);
                if (!memmem(head.at, head.len, quoted, n + 2))
                        return false;
        }
        for (size_t i = 0; i < head.len; i++) {
                uint8_t c = head.at[i];

                if (c == '"') {
                        size_t from = ++i;

                        while (i < head.len && head.at[i] != '"')
                                i += head.at[i] == '\\' ? 2 : 1;
                        if (depth == 1 && before && i < head.len && i - from == n &&
                            memcmp(head.at + from, key, n) == 0)
                                return true;
                        before = false;
                } else if (c == '{' || c == '[') {
                        before = c == '{' && ++depth == 1;
                        depth += c == '[';
                } else if (c == '}' || c == ']') {
                        if (depth == 0 || --depth == 0)
                                return false;
                } else if (c == ',') {
                        before = depth == 1;
                }
        }
        return false;
}

bool feed_json_rows_have_key(struct span head, const char *key)
{
        head = span_trim(head);
        return span_starts(head, "[") && feed_json_has_key(span_trim(span_from(head, 1)), key);
}

static int hex_value(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span feed_percent_decode(struct span s, struct arena *a)
{
        uint8_t *to;
        size_t at, n = 0;

        if (!span_find(s, '%', &at))
                return s;
        to = arena_alloc(a, s.len);
        for (size_t i = 0; i < s.len; i++) {
                bool coded = s.at[i] == '%' && i + 2 < s.len && hex_value(s.at[i + 1]) >= 0 && hex_value(s.at[i + 2]) >= 0;

                to[n++] = coded ? (uint8_t)(hex_value(s.at[i + 1]) * 16 + hex_value(s.at[i + 2])) : s.at[i];
                i += coded ? 2 : 0;
        }
        return (struct span){to, n};
}

bool feed_is_cve(struct span s)
{
        if (!span_starts(s, "CVE-") || s.len < strlen("CVE-1999-1") || s.len > 24)
                return false;
        for (size_t i = 4; i < s.len; i++)
                if (i == 8 ? s.at[i] != '-' : s.at[i] < '0' || s.at[i] > '9')
                        return false;
        return true;
}

bool feed_is_debug_package(struct span name)
{
        /* "kernel-debuginfo-common-x86_64" */
        return span_ends(name, "-debuginfo") || span_ends(name, "-debugsource") ||
               (name.len > 0 && memmem(name.at, name.len, "-debuginfo-common", strlen("-debuginfo-common")));
}

bool feed_source_rpm(struct span file, struct span *ret_name, struct span *ret_evr)
{
        size_t dashes = 0;

        if (!span_ends(file, ".src.rpm") && !span_ends(file, ".nosrc.rpm"))
                return false;
        file.len -= strlen(span_ends(file, ".nosrc.rpm") ? ".nosrc.rpm" : ".src.rpm");
        for (size_t i = file.len; i-- > 1;)
                if (file.at[i] == '-' && ++dashes == 2) {
                        *ret_name = span_cut(file, 0, i);
                        *ret_evr = span_from(file, i + 1);
                        return feed_is_name(*ret_name, FEED_PACKAGE_MAX) && feed_is_name(*ret_evr, VERSION_MAX);
                }
        return false;
}

bool feed_oracle_from(struct span package, struct span evr, struct arena *a, struct span *ret)
{
        struct span epoch = {0}, rest = evr, version, release;
        bool own;

        if (!span_split(evr, ':', &epoch, &rest)) {
                epoch = SPAN_LIT("0");
                rest = evr;
        }
        *ret = (struct span){0};
        if (span_starts(package, "kernel-uek")) {
                span_split(rest, '-', &version, &release);
                *ret = arena_printf(a, "%.*s:%.*s", SPAN_FMT(epoch), SPAN_FMT(version));
                return true;
        }
        own = span_ends(evr, "_fips") || (evr.len > 0 && memmem(evr.at, evr.len, ".ksplice", strlen(".ksplice")));
        if (own && !span_is(epoch, "0"))
                *ret = arena_printf(a, "%.*s:0", SPAN_FMT(epoch));
        return !own || ret->len > 0;
}

bool feed_rpm_by_source(struct span ecosystem)
{
        static const char *const names[] = {"Rocky Linux", "Mageia", "openEuler", "Azure Linux"};
        struct span name, release;

        span_split(ecosystem, ':', &name, &release);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (span_is(name, names[i]))
                        return true;
        return false;
}

bool feed_xml_is(struct span head, const char *root)
{
        struct span name, prefix, rest;
        size_t n = 0;

        if (span_starts(head, "\xef\xbb\xbf"))
                head = span_from(head, 3);
        for (;;) {
                const char *end = NULL;
                const uint8_t *at;

                head = span_trim(head);
                if (span_starts(head, "<?"))
                        end = "?>";
                else if (span_starts(head, "<!--"))
                        end = "-->";
                else
                        break;
                at = memmem(head.at, head.len, end, strlen(end));
                if (!at)
                        return false;
                head = span_from(head, (size_t)(at - head.at) + strlen(end));
        }
        if (!span_starts(head, "<"))
                return false;
        head = span_from(head, 1);
        while (n < head.len && !strchr(" \t\r\n/>", head.at[n]))
                n++;
        name = span_cut(head, 0, n);
        if (span_split(name, ':', &prefix, &rest))
                name = rest;
        return n < head.len && span_is(name, root);
}

bool feed_date(struct span text, int64_t *ret_s)
{
        char rfc[CLOCK_TEXT_MAX];
        struct span day, time;
        uint64_t seconds;

        text = span_trim(text);
        if (span_to_u64(text, &seconds) && seconds > 9999) { /* openSUSE */
                if (seconds > INT64_MAX)
                        return false;
                *ret_s = (int64_t)seconds;
                return true;
        }
        if (clock_parse(text, ret_s))
                return true;
        /* "2018-01-11 21:05", "2018-01-11 21:05:00", Ubuntu's "2023-12-18 15:00:00 UTC" */
        if (span_ends(text, " UTC"))
                text = span_cut(text, 0, text.len - 4);
        if (!span_split(text, ' ', &day, &time) && !span_split(text, 'T', &day, &time))
                return false;
        if (day.len != 10 || (time.len != 5 && time.len != 8))
                return false;
        snprintf(rfc, sizeof(rfc), "%.*sT%.*s%sZ", SPAN_FMT(day), SPAN_FMT(time), time.len == 5 ? ":00" : "");
        return clock_parse(span_of(rfc), ret_s);
}
