/* For the tests of this shelf: a file's text, and what is found in it as one line a package. */
#pragma once

#include "inventory/detect_test_priv.h"
#include "inventory/lang/lang_priv.h"

/* "name version", and what else is stated: (licence) [type/ecosystem] key=value vendor:X declared dev low|medium. */
static inline void found_put(struct buf *b, const struct detector *d, const struct package *p)
{
        buf_printf(b, "%s%.*s %.*s", b->len > 0 ? "\n" : "", SPAN_FMT(p->name), SPAN_FMT(p->version));
        if (p->licence.len > 0)
                buf_printf(b, " (%.*s)", SPAN_FMT(p->licence));
        if (p->type)
                buf_printf(b, " [%s/%s]", p->type, p->ecosystem ? p->ecosystem : "-");
        for (size_t i = 0; i < ARRAY_LEN(p->qualifiers) && p->qualifiers[i].key; i++)
                if (p->qualifiers[i].value.len > 0)
                        buf_printf(b, " %s=%.*s", p->qualifiers[i].key, SPAN_FMT(p->qualifiers[i].value));
        if (p->vendor.len > 0)
                buf_printf(b, " vendor:%.*s", SPAN_FMT(p->vendor));
        buf_put_text(b, p->state == COMPONENT_DECLARED ? " declared" : "");
        buf_put_text(b, p->development ? " dev" : "");
        enum component_confidence how = p->confidence != CONFIDENCE_NONE ? p->confidence : d->confidence;
        assert_true(how != CONFIDENCE_NONE);
        buf_put_text(b, how == CONFIDENCE_LOW ? " low" : how == CONFIDENCE_MEDIUM ? " medium" : "");
}

struct lang_row {
        const char *path, *text;
        const char *found; /* lines as above; "" for none */
        const char *note;  /* part of the only note; NULL for none */
};

static inline void check_row(const struct detector *d, const struct lang_row *row)
{
        struct findings f = detect_file(d, row->path, span_of(row->text));
        struct buf found = {0};

        for (size_t i = 0; i < f.packages.len; i++)
                found_put(&found, d, &f.packages.at[i]);
        if (!span_is(buf_span(&found), row->found))
                fail_msg("%s: %s\nfound \"%.*s\"\nnot   \"%s\"", row->path, row->text, SPAN_FMT(buf_span(&found)),
                    row->found);
        if (f.notes.len != (row->note ? 1 : 0))
                fail_msg("%s: %s\n%zu notes: %.*s", row->path, row->text, f.notes.len,
                    f.notes.len > 0 ? (int)f.notes.at[0].len : 0,
                    f.notes.len > 0 ? (const char *)f.notes.at[0].at : "");
        if (row->note)
                assert_noted(f.notes.at, f.notes.len, row->note);
        buf_done(&found);
        arena_free(f.arena);
}

static inline void check_rows(const struct detector *d, const struct lang_row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++)
                check_row(d, &rows[i]);
}

static inline void check_paths(const struct detector *d, const char *const *wanted, size_t n_wanted,
    const char *const *unwanted, size_t n_unwanted)
{
        struct detector_index *x = detector_index_new();

        /* With and without the index: what `wants` says yes to must meet a pattern of `names`. */
        for (size_t i = 0; i < n_wanted; i++)
                if (detector_of_path(span_of(wanted[i])) != d || detector_index_find(x, span_of(wanted[i])) != d)
                        fail_msg("%s is not wanted", wanted[i]);
        for (size_t i = 0; i < n_unwanted; i++)
                if (detector_of_path(span_of(unwanted[i])) == d || detector_index_find(x, span_of(unwanted[i])) == d)
                        fail_msg("%s is wanted", unwanted[i]);
        detector_index_free(x);
}

/* The files that the file at `path` says belong to the package or supplement `name`, one a line. */
static inline void check_owned(
    const struct detector *d, const char *path, const char *text, const char *name, const char *owned)
{
        struct findings f = detect_file(d, path, span_of(text));
        struct buf b = {0};

        for (size_t i = 0; i < f.owned.len; i++) {
                const struct ownership *o = &f.owned.at[i];
                assert_span(
                    o->by_supplement ? f.supplements.at[o->package].name : f.packages.at[o->package].name, name);
                buf_printf(&b, "%s%.*s", i > 0 ? "\n" : "", SPAN_FMT(o->path));
        }
        if (!span_is(buf_span(&b), owned))
                fail_msg("%s owns \"%.*s\"", name, SPAN_FMT(buf_span(&b)));
        buf_done(&b);
        arena_free(f.arena);
}
