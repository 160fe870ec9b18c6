/* For the tests of the ledger and of its heads: chains, what is said of them, and children that must end well. */
#pragma once

#include <sys/wait.h>

#include "store/store_test_priv.h"

#define NONE ((struct span){0})
#define BODY SPAN_LIT("{\"image\":\"demo\"}")

static inline void append(struct store *s, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                assert_ok(ledger_append(s, "run.allowed", BODY, NULL, e));
}

static inline struct ledger_verdict verify(struct store *s, const struct buf *head)
{
        struct ledger_verdict v = {0};

        assert_ok(ledger_verify(s, head ? buf_span(head) : NONE, &v, e));
        assert_int_equal(v.intact, v.reason[0] == 0);
        return v;
}

static inline void assert_intact(struct store *s, const struct buf *head, uint64_t records)
{
        struct ledger_verdict v = verify(s, head);

        if (!v.intact)
                fail_msg("%s", v.reason);
        assert_int_equal(v.records, records);
        assert_int_equal(v.first_broken, 0);
}

static inline void assert_broken(struct store *s, const struct buf *head, uint64_t first, const char *reason)
{
        struct ledger_verdict v = verify(s, head);

        if (v.intact)
                fail_msg("taken for intact; should be: %s", reason);
        if (!text_has(v.reason, reason))
                fail_msg("\"%s\" does not say \"%s\"", v.reason, reason);
        assert_int_equal(v.first_broken, first);
        if (first > 0)
                assert_int_equal(v.records, first - 1);
}

static inline void children_end(const pid_t *pids, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                int status;
                assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
                assert_int_equal(status, 0);
        }
}
