/*
 * Several versions that mend one package on one platform.
 *
 * A distribution mends its minor releases one by one: curl of Red Hat Enterprise Linux 9 in 7.76.1-23.el9_2.4, and, since 9.3 had
 * branched off before, again in 7.76.1-26.el9_3.2. Below the lesser all are affected; between the two only what does not come from
 * the stream that the lesser mends, whose builds all stand below 7.76.1-23.el9_3. Where versions tell no streams, what is not
 * the last of them counts as affected.
 */
#include "advisory/feed/csaf_priv.h"

struct fix {
        struct span version, major; /* "9" of ".el9_2.4" */
        uint64_t minor;
        size_t digits_at, digits_len; /* of the minor number */
};

/* ".el9_2" somewhere in the release. */
static bool stream_of(struct span version, struct fix *ret)
{
        for (size_t i = version.len; i-- > 0;) {
                struct fix f = {.version = version};
                size_t n = i + 3;

                if (!span_starts(span_from(version, i), ".el"))
                        continue;
                while (n < version.len && version.at[n] >= '0' && version.at[n] <= '9')
                        n++;
                f.major = span_cut(version, i + 3, n - i - 3);
                if (f.major.len == 0 || n >= version.len || version.at[n] != '_')
                        return false;
                f.digits_at = ++n;
                while (n < version.len && version.at[n] >= '0' && version.at[n] <= '9')
                        n++;
                f.digits_len = n - f.digits_at;
                if (f.digits_len > 4 || !span_to_u64(span_cut(version, f.digits_at, f.digits_len), &f.minor))
                        return false;
                *ret = f;
                return true;
        }
        return false;
}

static int fix_order(const void *pa, const void *pb)
{
        const struct fix *a = pa, *b = pb;

        return (a->minor > b->minor) - (a->minor < b->minor);
}

/* Above every build of the stream: "7.76.1-23.el9_2.4" -> "7.76.1-23.el9_3" */
static struct span stream_end(const struct fix *f, struct arena *a)
{
        struct span before = span_cut(f->version, 0, f->digits_at);

        return arena_printf(a, "%.*s%u", SPAN_FMT(before), (unsigned)f->minor + 1);
}

static bool is_below(enum version_order o, struct span a, struct span b)
{
        int by;

        return version_compare(o, a, b, &by, NULL) && by < 0;
}

/* One range with a gap behind each stream's end. False, and nothing done, unless each fix has a stream, and they rise. */
static bool streams_put(struct arena *a, const struct span *fixes, size_t n, struct feed_affected *io)
{
        enum version_order o = version_order_of(io->ecosystem);
        struct fix *f = arena_array(a, n, sizeof(*f));
        struct feed_range *range = arena_array(a, 1, sizeof(*range));
        size_t kept = 0;

        for (size_t i = 0; i < n; i++)
                if (!stream_of(fixes[i], &f[i]) || !span_equal(f[i].major, f[0].major))
                        return false;
        qsort(f, n, sizeof(*f), fix_order);
        for (size_t i = 0; i < n; i++) { /* of one stream the last counts */
                if (kept > 0 && f[kept - 1].minor == f[i].minor) {
                        if (is_below(o, f[kept - 1].version, f[i].version))
                                f[kept - 1] = f[i];
                } else {
                        f[kept++] = f[i];
                }
        }
        for (size_t i = 0; i + 1 < kept; i++)
                if (!is_below(o, stream_end(&f[i], a), f[i + 1].version))
                        return false;
        range->events = arena_array(a, 2 * kept, sizeof(*range->events));
        for (size_t i = 0; i < kept; i++) {
                range->events[range->n_events++] = (struct feed_event){
                    .kind = FEED_INTRODUCED, .version = i > 0 ? stream_end(&f[i - 1], a) : SPAN_LIT("0")};
                range->events[range->n_events++] = (struct feed_event){.kind = FEED_FIXED, .version = f[i].version};
        }
        io->ranges = range;
        io->n_ranges = 1;
        return true;
}

/*
 * Builds of one module for several contexts differ only behind the last '+': "...+23147+20b7d289", "...+23147+95b68fad". That is
 * no order: a fixed build would stand below another's. What was built before any of them stands below what they share.
 */
static struct span without_context(struct span version)
{
        for (size_t i = version.len; i-- > 0;)
                if (version.at[i] == '+')
                        return span_cut(version, 0, i);
        return version;
}

void csaf_fixes(struct arena *a, const struct span *fixes, size_t n, struct feed_affected *io)
{
        struct feed_range *ranges;
        struct span before = {0};

        if (n > 1 && io->module.len == 0 && streams_put(a, fixes, n, io))
                return;
        ranges = arena_array(a, n, sizeof(*ranges));
        io->n_ranges = 0;
        for (size_t i = 0; i < n; i++) {
                struct span version = n > 1 && io->module.len > 0 ? without_context(fixes[i]) : fixes[i];
                struct feed_affected one = {0};

                if (i > 0 && span_equal(version, before))
                        continue;
                before = version;
                feed_affected_fixed(a, (struct span){0}, version, &one);
                ranges[io->n_ranges++] = one.ranges[0];
        }
        io->ranges = ranges;
}
