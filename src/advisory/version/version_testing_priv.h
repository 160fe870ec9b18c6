/* What the tests of version orders share: expectations, refusals, and published lists of comparisons. */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "advisory/version/order_priv.h"

static inline void expect(enum version_order o, const char *a, char want, const char *b)
{
        struct err e = {0};
        int sign;

        if (!version_compare(o, span_of(a), span_of(b), &sign, &e))
                fail_msg("%s %c %s: %s", a, want, b, e.text);
        if (sign != (want == '<' ? -1 : want == '>'))
                fail_msg("%s %c %s does not hold: %d", a, want, b, sign);
        if (!version_compare(o, span_of(b), span_of(a), &sign, &e) || sign != (want == '<' ? 1 : want == '>' ? -1 : 0))
                fail_msg("%s %c %s does not hold backwards: %d", a, want, b, sign);
}

static inline void refused(enum version_order o, const char *version, const char *reason)
{
        struct buf key CLEANUP(buf_done) = {0};
        struct err e = {0};

        buf_put_text(&key, "kept");
        if (version_key(o, span_of(version), &key, &e))
                fail_msg("\"%s\" was accepted", version);
        assert_true(span_is(buf_span(&key), "kept"));
        if (!strstr(e.text, reason))
                fail_msg("\"%s\" is refused with \"%s\", not \"%s\"", version, e.text, reason);
}

/* The refused versions of each order, with the reason that must be named. */
struct refusal {
        const char *version, *reason;
};

static inline void refused_all(enum version_order o, const struct refusal *cases, size_t n)
{
        for (size_t i = 0; i < n; i++)
                refused(o, cases[i].version, cases[i].reason);
}

/* Each before all that follow it. */
static inline void ascending(enum version_order o, const char *const *versions, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                expect(o, versions[i], '=', versions[i]);
                for (size_t k = i + 1; k < n; k++)
                        expect(o, versions[i], '<', versions[k]);
        }
}

static inline void equal(enum version_order o, const char *const (*pairs)[2], size_t n)
{
        for (size_t i = 0; i < n; i++)
                expect(o, pairs[i][0], '=', pairs[i][1]);
}

/* ---- the vectors of osv-scalibr and claircore: "a < b" a line, "=" may be "==" ---- */

struct tally {
        unsigned held, refused, outdated;
        bool (*is_outdated)(struct span line); /* NULL: none is */
};

static inline void vector_line(enum version_order o, struct span line, struct tally *t)
{
        struct span a, b, text = span_trim(line);
        struct err e = {0};
        size_t at;
        int sign;
        char op;

        if (text.len == 0 || text.at[0] == '#' || span_starts(text, "//"))
                return;
        for (at = 1; at + 2 < text.len; at++) /* a version may have a blank in it */
                if (text.at[at - 1] == ' ' && strchr("<=>", text.at[at]) && (text.at[at + 1] == ' ' || text.at[at + 1] == '='))
                        break;
        if (at + 2 >= text.len)
                fail_msg("odd line %.*s", SPAN_FMT(text));
        a = span_trim(span_cut(text, 0, at));
        b = span_from(text, at);
        op = (char)b.at[0];
        b = span_trim(span_from(b, b.at[1] == '=' ? 2 : 1));
        if (!version_compare(o, a, b, &sign, &e)) {
                assert_int_equal(e.kind, ERR_MALFORMED);
                t->refused++;
                return;
        }
        if (t->is_outdated && t->is_outdated(text)) {
                t->outdated++;
                return;
        }
        if (sign != (op == '<' ? -1 : op == '>'))
                fail_msg("%.*s does not hold: %d", SPAN_FMT(text), sign);
        t->held++;
}

static inline bool vector_file(enum version_order o, const char *name, struct tally *t)
{
        struct buf content CLEANUP(buf_done) = {0};
        struct cursor c;
        struct span line;
        struct err e = {0};
        char path[4096];

        snprintf(path, sizeof(path), "%s/data/vectors/versions/%s", COFFER_SHARED, name);
        if (!file_read(AT_FDCWD, path, 16u << 20, &content, &e)) {
                if (e.kind != ERR_NOT_FOUND)
                        fail_msg("%s", e.text);
                print_message("skip: %s is not there\n", path);
                return false;
        }
        c = (struct cursor){.rest = buf_span(&content)};
        while (cursor_line(&c, &line))
                vector_line(o, line, t);
        return true;
}
