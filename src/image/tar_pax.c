/* pax extended headers (POSIX.1, pax, "Extended Header Keywords"): records of "LENGTH KEYWORD=VALUE\n". */
#include "image/tar_priv.h"

enum pax_use { PAX_IGNORE = 0, PAX_PATH, PAX_LINK, PAX_SIZE, PAX_UID, PAX_GID, PAX_MTIME, PAX_SPARSE };

/* What is not here is a time or a name that Coffer does not use, or an extended attribute, which layers lose. */
static enum pax_use use_of(struct span key)
{
        static const struct {
                const char *key;
                enum pax_use use;
        } uses[] = {
            {"path", PAX_PATH},
            {"linkpath", PAX_LINK},
            {"size", PAX_SIZE},
            {"uid", PAX_UID},
            {"gid", PAX_GID},
            {"mtime", PAX_MTIME},
        };

        for (size_t i = 0; i < ARRAY_LEN(uses); i++)
                if (span_is(key, uses[i].key))
                        return uses[i].use;
        return span_starts(key, "GNU.sparse.") ? PAX_SPARSE : PAX_IGNORE;
}

static bool value_bad(struct span key, struct span value, struct err *e)
{
        char shown_key[64], shown[64];

        return err_set(e, ERR_MALFORMED, "pax header: %s=%s is not valid",
            span_printable(key, shown_key, sizeof(shown_key)), span_printable(value, shown, sizeof(shown)));
}

/* "[-]SECONDS[.FRACTION]"; digits beyond nanoseconds are cut. */
static bool time_parse(struct span value, int64_t *ret_s, uint32_t *ret_ns)
{
        bool negative = span_starts(value, "-");
        struct span whole, fraction;
        uint64_t seconds, ns = 0;

        if (negative)
                value = span_from(value, 1);
        span_split(value, '.', &whole, &fraction);
        if (!span_to_u64(whole, &seconds) || seconds > INT64_MAX / 2)
                return false;
        for (size_t i = 0; i < fraction.len; i++)
                if (fraction.at[i] < '0' || fraction.at[i] > '9')
                        return false;
        for (size_t i = 0; i < 9; i++)
                ns = ns * 10 + (i < fraction.len ? (uint64_t)fraction.at[i] - '0' : 0);
        *ret_s = negative ? -(int64_t)seconds : (int64_t)seconds;
        if (negative && ns > 0) {
                *ret_s -= 1;
                ns = 1000000000u - ns;
        }
        *ret_ns = (uint32_t)ns;
        return true;
}

static bool name_take(struct span key, struct span value, struct span *ret, bool *ret_has, struct err *e)
{
        size_t nul;

        if (value.len == 0 || span_find(value, 0, &nul))
                return value_bad(key, value, e);
        *ret = value;
        *ret_has = true;
        return true;
}

static bool number_take(struct span key, struct span value, uint64_t *ret, bool *ret_has, struct err *e)
{
        if (!span_to_u64(value, ret))
                return value_bad(key, value, e);
        *ret_has = true;
        return true;
}

static bool record_take(struct tar_pax *p, enum pax_use use, struct span key, struct span value, struct err *e)
{
        switch (use) {
        case PAX_PATH:
                return name_take(key, value, &p->path, &p->has_path, e);
        case PAX_LINK:
                return name_take(key, value, &p->link, &p->has_link, e);
        case PAX_SIZE:
                return number_take(key, value, &p->size, &p->has_size, e);
        case PAX_UID:
                return number_take(key, value, &p->uid, &p->has_uid, e);
        case PAX_GID:
                return number_take(key, value, &p->gid, &p->has_gid, e);
        case PAX_MTIME:
                if (!time_parse(value, &p->mtime_s, &p->mtime_ns))
                        return value_bad(key, value, e);
                p->has_mtime = true;
                return true;
        case PAX_SPARSE:
                return err_set(e, ERR_UNSUPPORTED, "a sparse file (GNU.sparse in its pax header)");
        case PAX_IGNORE:
                break;
        }
        return true;
}

/* The next record; its length counts all of it, itself included. */
static bool record_next(struct span *in, struct span *ret_key, struct span *ret_value, struct err *e)
{
        struct span head, unused, record;
        uint64_t len;

        /* 20 digits are more than any length has. */
        if (!span_split(span_cut(*in, 0, 21), ' ', &head, &unused) || !span_to_u64(head, &len))
                return err_set(e, ERR_MALFORMED, "pax header: a record does not begin with its length");
        if (len > in->len || len <= head.len + 2 || in->at[len - 1] != '\n')
                return err_set(e, ERR_MALFORMED, "pax header: a record's length of %llu is not where it ends",
                    (unsigned long long)len);
        record = span_cut(*in, head.len + 1, (size_t)len - head.len - 2);
        if (!span_split(record, '=', ret_key, ret_value) || ret_key->len == 0)
                return err_set(e, ERR_MALFORMED, "pax header: a record has no keyword");
        *in = span_from(*in, (size_t)len);
        return true;
}

bool tar_pax_parse(struct span in, bool global, struct tar_pax *ret, struct err *e)
{
        struct tar_pax p = {0};

        while (in.len > 0) {
                struct span key, value;
                enum pax_use use;
                char shown[32];

                if (!record_next(&in, &key, &value, e))
                        return false;
                use = use_of(key);
                /* Container engines ignore global headers, GNU tar and libarchive heed them: two meanings. */
                if (global && use != PAX_IGNORE)
                        return err_set(e, ERR_UNSUPPORTED,
                            "a global pax header that sets %s, which readers take differently",
                            span_printable(key, shown, sizeof(shown)));
                if (!record_take(&p, use, key, value, e))
                        return false;
        }
        *ret = p;
        return true;
}
