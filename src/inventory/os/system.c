#include "inventory/os/system_priv.h"

static bool number(struct span s, uint64_t *ret)
{
        return s.len > 0 && s.len <= 4 && span_to_u64(s, ret);
}

static bool debian(struct span version, struct buf *to)
{
        uint64_t major;

        /* Point releases stand in debian_version, not here: "12", never "12.4". No leading zero. */
        if (!number(version, &major) || version.at[0] == '0')
                return false;
        buf_printf(to, "Debian:%u", (unsigned)major);
        return true;
}

/* YY.MM; those of April in even years have long-term support since 6.06, which came late. */
static bool ubuntu(struct span version, struct buf *to)
{
        struct span year_text, month_text;
        uint64_t year, month;

        if (!span_split(version, '.', &year_text, &month_text) || !number(year_text, &year) ||
            !number(month_text, &month) || month_text.len != 2 || year_text.at[0] == '0' || month < 1 || month > 12)
                return false;
        buf_printf(to, "Ubuntu:%u.%02u%s", (unsigned)year, (unsigned)month, month == 4 && year % 2 == 0 ? ":LTS" : "");
        return true;
}

bool system_ecosystem(const struct os_release *os, struct buf *to)
{
        if (span_is(os->id, "debian"))
                return debian(os->version_id, to);
        if (span_is(os->id, "ubuntu"))
                return ubuntu(os->version_id, to);
        return false;
}

void system_distro(const struct os_release *os, struct buf *to)
{
        struct span version = os->version_id.len > 0 ? os->version_id : os->version_codename;

        buf_put(to, os->id);
        if (os->id.len > 0 && version.len > 0) {
                buf_put_u8(to, '-');
                buf_put(to, version);
        }
}

void system_name(const struct os_release *os, struct buf *to)
{
        if (os->pretty_name.len > 0)
                buf_put(to, os->pretty_name);
        else
                system_distro(os, to);
}
