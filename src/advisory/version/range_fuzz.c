/*
 * A range, newline, a version; in all syntaxes. Properties: a range that is accepted has an
 * interval and none is empty or touches another; its words are read back as the same intervals; every version lies in it
 * exactly if it lies in an interval; a refusal has a kind and a text.
 */
#include <assert.h>

#include "advisory/version/range_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool in_intervals(const struct version_range *r, struct span key)
{
        for (size_t i = 0; i < r->n_intervals; i++) {
                const struct version_interval *x = &r->intervals[i];
                int below = x->flags & VERSION_INTERVAL_OPEN ? -1 : span_compare(key, x->hi);
                if (span_compare(x->lo, key) <= 0 &&
                    (below < 0 || (below == 0 && x->flags & VERSION_INTERVAL_INCLUSIVE)))
                        return true;
        }
        return false;
}

static void check_shape(const struct version_range *r)
{
        assert(r->n_intervals > 0);
        for (size_t i = 0; i < r->n_intervals; i++) {
                const struct version_interval *x = &r->intervals[i];
                bool inclusive = x->flags & VERSION_INTERVAL_INCLUSIVE;
                if (x->flags & VERSION_INTERVAL_OPEN) {
                        assert(i + 1 == r->n_intervals && x->hi.len == 0 && !inclusive);
                        continue;
                }
                int sign = span_compare(x->lo, x->hi);
                assert(sign < 0 || (sign == 0 && inclusive));
                assert(i + 1 == r->n_intervals || span_compare(x->hi, r->intervals[i + 1].lo) < 0);
        }
}

static void check_words(const struct version_range *r, struct arena *a)
{
        const struct version_range_form plain = {RANGE_SYNTAX_PLAIN, r->form.order, r->form.prereleases};
        struct buf text CLEANUP(buf_done) = {0};
        struct version_range again;
        struct err e = {0};

        version_range_print(r, &text);
        if (!version_range_parse(&plain, buf_span(&text), a, &again, &e)) {
                assert(e.kind == ERR_LIMIT); /* words are longer than a range may be */
                return;
        }
        assert(again.n_intervals == r->n_intervals);
        for (size_t i = 0; i < r->n_intervals; i++) {
                const struct version_interval *x = &r->intervals[i], *y = &again.intervals[i];
                assert(x->flags == y->flags && span_equal(x->lo, y->lo) && span_equal(x->hi, y->hi));
        }
}

static void check(const struct version_range_form *form, struct span text, struct span version)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf key CLEANUP(buf_done) = {0};
        struct version_range r = {0};
        struct err e = {0};
        bool has;

        if (!version_range_parse(form, text, a, &r, &e)) {
                assert(e.kind != ERR_NONE && e.text[0] && r.n_intervals == 0);
                return;
        }
        check_shape(&r);
        check_words(&r, a);
        if (!version_key(form->order, version, &key, NULL))
                return;
        assert(version_range_has(&r, version, &has, &e));
        assert(form->prereleases ? has == in_intervals(&r, buf_span(&key)) : !has || in_intervals(&r, buf_span(&key)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const enum version_order orders[RANGE_SYNTAX_RPM + 1] = {[RANGE_SYNTAX_PLAIN] = VERSION_ORDER_SEMVER,
            [RANGE_SYNTAX_NPM] = VERSION_ORDER_SEMVER,
            [RANGE_SYNTAX_CARGO] = VERSION_ORDER_SEMVER,
            [RANGE_SYNTAX_GEM] = VERSION_ORDER_OPAM,
            [RANGE_SYNTAX_COMPOSER] = VERSION_ORDER_COMPOSER,
            [RANGE_SYNTAX_PEP440] = VERSION_ORDER_PEP440,
            [RANGE_SYNTAX_MAVEN] = VERSION_ORDER_OPAM,
            [RANGE_SYNTAX_NUGET] = VERSION_ORDER_NUGET,
            [RANGE_SYNTAX_HEX] = VERSION_ORDER_HEX,
            [RANGE_SYNTAX_PUB] = VERSION_ORDER_PUB,
            [RANGE_SYNTAX_DPKG] = VERSION_ORDER_DPKG,
            [RANGE_SYNTAX_RPM] = VERSION_ORDER_DPKG};
        struct version_range_form form = {0};
        struct span text, version;

        span_split(span_bytes(data, size), '\n', &text, &version);
        for (enum range_syntax s = RANGE_SYNTAX_NONE; s <= RANGE_SYNTAX_RPM; s++) {
                form = (struct version_range_form){s, orders[s], false};
                check(&form, text, version);
                form.prereleases = true;
                check(&form, text, version);
        }
        for (enum version_order o = VERSION_ORDER_DPKG; o <= VERSION_ORDER_OPAM; o++) {
                form = (struct version_range_form){RANGE_SYNTAX_PLAIN, o, true};
                check(&form, text, version);
        }
        return 0;
}
