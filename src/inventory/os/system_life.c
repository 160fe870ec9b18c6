#include "inventory/os/system_life_priv.h"

/* One release that always goes on: there is no day to name. */
static bool rolling(const struct os_release *os, struct span release)
{
        static const char *const ids[] = {
            "arch", "gentoo", "opensuse-tumbleweed", "wolfi", "chainguard", "minimos", "void"};

        for (size_t i = 0; i < ARRAY_LEN(ids); i++)
                if (span_is(os->id, ids[i]))
                        return true;
        return span_is(os->id, "alpine") && span_is(release, "edge");
}

/* Names under which the same releases go: the table has each once. */
static const char *row_id(const struct os_release *os, struct span release)
{
        static const struct {
                const char *id, *as;
        } same[] = {{"redhat", "rhel"}, {"sles_sap", "sles"}, {"sled", "sles"}, {"sle_hpc", "sles"},
            {"sle-micro-rancher", "sle-micro"}, {"sl-micro", "sle-micro"}, {"opensuse", "opensuse-leap"},
            {"mariner", "azurelinux"}};

        for (size_t i = 0; i < ARRAY_LEN(same); i++)
                if (span_is(os->id, same[i].id))
                        return same[i].as;
        if (span_is(os->id, "centos") && span_starts(release, "stream-"))
                return "centos-stream";
        return NULL;
}

static const struct system_life_row *find(const struct os_release *os, struct span release)
{
        const char *id = row_id(os, release);

        if (span_starts(release, "stream-"))
                release = span_from(release, strlen("stream-"));
        for (size_t i = 0; i < system_life_n_rows; i++) {
                const struct system_life_row *r = &system_life_rows[i];
                if ((id ? strcmp(id, r->id) == 0 : span_is(os->id, r->id)) && span_is(release, r->release))
                        return r;
        }
        return NULL;
}

/* The last day is a whole one. */
static bool over(const char *last_day, int64_t now_s)
{
        int64_t day_s;

        return clock_parse(span_of(last_day), &day_s) && now_s >= day_s + 24 * 60 * 60;
}

enum system_life system_life(const struct os_release *os, int64_t now_s, struct buf *note)
{
        CLEANUP(buf_done) struct buf release = {0}, name = {0}, unused = {0};
        const struct system_life_row *row;

        if (!note)
                note = &unused;
        system_release(os, &release);
        system_name(os, &name);
        struct span shown = name.len > 0 ? buf_span(&name) : SPAN_LIT("a system without a name");
        if (rolling(os, buf_span(&release)))
                return SYSTEM_LIFE_ROLLING;
        row = find(os, buf_span(&release));
        if (!row) {
                buf_printf(note, "%.*s: until when it gets security updates is not known here", SPAN_FMT(shown));
                return SYSTEM_LIFE_UNKNOWN;
        }
        if (!row->free_end || !over(row->free_end, now_s))
                return SYSTEM_LIFE_SUPPORTED;
        bool paid = row->paid_end && !over(row->paid_end, now_s);
        buf_printf(note, "%.*s has had no security updates since %s", SPAN_FMT(shown), row->free_end);
        if (paid)
                buf_printf(note, ", but for those who pay (until %s)", row->paid_end);
        buf_put_text(note, ": what is found is not all that is wrong");
        return paid ? SYSTEM_LIFE_PAID : SYSTEM_LIFE_ENDED;
}

bool system_end_of_life(const struct os_release *os, int64_t now_s, struct span *ret_date)
{
        CLEANUP(buf_done) struct buf release = {0};
        const struct system_life_row *row;

        system_release(os, &release);
        row = rolling(os, buf_span(&release)) ? NULL : find(os, buf_span(&release));
        if (!row || !row->free_end || !over(row->free_end, now_s))
                return false;
        if (ret_date)
                *ret_date = span_of(row->free_end);
        return true;
}
