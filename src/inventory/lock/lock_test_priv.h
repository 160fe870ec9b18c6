/* For the tests of this shelf: what a lock file declares, as one line a package. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/lock/lock_priv.h"

/* "name version", then "(licence)", "dev", "none" when it is of no ecosystem of advisories, and qualifiers. */
static inline void declared_put(struct buf *b, const struct detector *d, const struct package *p)
{
        const char *ecosystem = p->ecosystem ? p->ecosystem : d->ecosystem;

        buf_printf(b, "%s%.*s %.*s", b->len > 0 ? "\n" : "", SPAN_FMT(p->name), SPAN_FMT(p->version));
        if (p->licence.len > 0)
                buf_printf(b, " (%.*s)", SPAN_FMT(p->licence));
        buf_put_text(b, p->development ? " dev" : "");
        buf_put_text(b, *ecosystem ? "" : " none");
        for (size_t i = 0; i < ARRAY_LEN(p->qualifiers) && p->qualifiers[i].key; i++)
                buf_printf(b, " %s=%.*s", p->qualifiers[i].key, SPAN_FMT(p->qualifiers[i].value));
}

struct lock_row {
        const char *text;
        const char *declared; /* lines as above; "" for none */
        const char *note;     /* part of the only note; NULL for none */
};

static inline void check_locks(const char *path, const struct lock_row *rows, size_t n)
{
        const struct detector *d = detector_of_path(span_of(path));

        assert_non_null(d);
        assert_int_equal(d->state, COMPONENT_DECLARED);
        assert_int_equal(d->confidence, CONFIDENCE_HIGH);
        for (size_t i = 0; i < n; i++) {
                struct findings f = detect_file(d, path, span_of(rows[i].text));
                struct buf b = {0};

                for (size_t k = 0; k < f.packages.len; k++)
                        declared_put(&b, d, &f.packages.at[k]);
                if (!span_is(buf_span(&b), rows[i].declared))
                        fail_msg(
                            "%s, row %zu: declared\n%.*s\nnot\n%s", path, i, SPAN_FMT(buf_span(&b)), rows[i].declared);
                if (f.notes.len != (rows[i].note ? 1 : 0))
                        fail_msg("%s, row %zu: %zu notes: %.*s", path, i, f.notes.len,
                            f.notes.len > 0 ? (int)f.notes.at[0].len : 0,
                            f.notes.len > 0 ? (const char *)f.notes.at[0].at : "");
                if (rows[i].note)
                        assert_noted(f.notes.at, f.notes.len, rows[i].note);
                buf_done(&b);
                arena_free(f.arena);
        }
}
#define CHECK_LOCKS(path, rows) check_locks((path), (rows), ARRAY_LEN(rows))
