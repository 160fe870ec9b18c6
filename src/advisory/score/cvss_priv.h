/* A CVSS vector taken apart: one value letter for each metric of a table. */
#pragma once

#include "advisory/advisory.h"

#define CVSS_METRICS_MAX 32u
#define CVSS_VECTOR_MAX 300u /* bytes; a 4.0 vector with every metric has 233 */

struct cvss_metric {
        const char *name;
        const char *values; /* the letters allowed; "" when it has words, see cvss_vector_parse */
        bool mandatory;
};

struct cvss_vector {
        char value[CVSS_METRICS_MAX]; /* 0: not given */
};

/*
 * "AV:N/AC:L/...", what follows "CVSS:x.y/". Refuses unknown metrics and values, a metric given twice, a missing
 * mandatory one; with `ordered` also any order but the table's (CVSS 4.0 section 7 fixes it, 3.1 section 6 does not).
 */
bool cvss_vector_parse(struct span text, const struct cvss_metric *metrics, size_t n, bool ordered,
    struct cvss_vector *ret, struct err *e);

bool cvss2_score(struct span metrics, uint32_t *ret_tenths, struct err *e);
bool cvss3_score(struct span metrics, uint32_t *ret_tenths, struct err *e);
bool cvss4_score(struct span metrics, uint32_t *ret_tenths, struct err *e);
