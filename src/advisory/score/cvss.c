/* CVSS vectors: which version, and the metrics of a vector against that version's table. */
#include "advisory/score/cvss_priv.h"

static bool metric_take(
    struct span part, const struct cvss_metric *metrics, size_t n, size_t *ret_index, char *ret_value, struct err *e)
{
        static const char *const urgency[] = {"X", "Clear", "Green", "Amber", "Red"}; /* CVSS 4.0, "U" */
        struct span name, value;
        char text[40];

        if (!span_split(part, ':', &name, &value))
                return err_set(e, ERR_MALFORMED, "\"%s\" has no colon", span_printable(part, text, sizeof(text)));
        for (size_t i = 0; i < n; i++) {
                if (!span_is(name, metrics[i].name))
                        continue;
                *ret_index = i;
                for (size_t k = 0; !metrics[i].values[0] && k < ARRAY_LEN(urgency); k++) {
                        if (span_is(value, urgency[k])) {
                                *ret_value = urgency[k][0];
                                return true;
                        }
                }
                if (value.len == 1 && value.at[0] && strchr(metrics[i].values, value.at[0])) {
                        *ret_value = (char)value.at[0];
                        return true;
                }
                return err_set(e, ERR_MALFORMED, "%s has no value \"%s\"", metrics[i].name,
                    span_printable(value, text, sizeof(text)));
        }
        return err_set(e, ERR_MALFORMED, "there is no metric \"%s\"", span_printable(name, text, sizeof(text)));
}

bool cvss_vector_parse(
    struct span text, const struct cvss_metric *metrics, size_t n, bool ordered, struct cvss_vector *ret, struct err *e)
{
        struct cvss_vector v = {0};
        size_t at_least = 0;

        for (bool more = true; more;) {
                struct span part, rest;
                size_t i = 0;
                char value = 0;
                more = span_split(text, '/', &part, &rest);
                if (!metric_take(part, metrics, n, &i, &value, e))
                        return false;
                if (v.value[i])
                        return err_set(e, ERR_MALFORMED, "%s is given twice", metrics[i].name);
                if (ordered && i < at_least)
                        return err_set(e, ERR_MALFORMED, "%s is out of order", metrics[i].name);
                at_least = i;
                v.value[i] = value;
                text = rest;
        }
        for (size_t i = 0; i < n; i++)
                if (metrics[i].mandatory && !v.value[i])
                        return err_set(e, ERR_MALFORMED, "%s is missing", metrics[i].name);
        *ret = v;
        return true;
}

/* CVSS 2 says no version. */
static const struct {
        const char *begins;
        size_t prefix; /* bytes before the metrics */
        unsigned version;
        bool (*score)(struct span metrics, uint32_t *ret_tenths, struct err *e);
} versions[] = {{"CVSS:4.0/", 9, 40, cvss4_score}, {"CVSS:3.1/", 9, 31, cvss3_score}, {"CVSS:3.0/", 9, 30, cvss3_score},
    {"AV:", 0, 20, cvss2_score}};

unsigned cvss_version(struct span vector)
{
        for (size_t i = 0; i < ARRAY_LEN(versions); i++)
                if (span_starts(vector, versions[i].begins))
                        return versions[i].version;
        return 0;
}

bool cvss_score(struct span vector, uint32_t *ret_tenths, struct err *e)
{
        char text[24];

        if (vector.len > CVSS_VECTOR_MAX)
                return err_set(e, ERR_LIMIT, "CVSS vector is %zu bytes, at most %u", vector.len, CVSS_VECTOR_MAX);
        for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
                if (!span_starts(vector, versions[i].begins))
                        continue;
                return versions[i].score(span_from(vector, versions[i].prefix), ret_tenths, e) ||
                       err_wrap(e, "CVSS %u.%u vector", versions[i].version / 10, versions[i].version % 10);
        }
        span_printable(span_cut(vector, 0, 20), text, sizeof(text));
        return err_set(e, span_starts(vector, "CVSS:") ? ERR_UNSUPPORTED : ERR_MALFORMED,
            "\"%s\" does not start a CVSS vector of version 2, 3.0, 3.1 or 4.0", text);
}
