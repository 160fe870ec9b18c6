/* Any text as a CVSS vector: a score of at most 10.0 in its rating, or a refusal with a kind. */
#include <assert.h>

#include "advisory/advisory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct span text = span_bytes(data, size);
        uint32_t tenths = 1000, again;
        enum severity s;
        struct err e = {0};

        if (cvss_score(text, &tenths, &e)) {
                assert(tenths <= 100);
                assert(cvss_score(text, &again, NULL) && again == tenths);
                assert(cvss_version(text) >= 20);
                s = cvss_vector_severity(text, tenths);
                assert(s <= (cvss_version(text) == 20 ? SEVERITY_HIGH : SEVERITY_CRITICAL));
        } else {
                assert(tenths == 1000 && e.kind != ERR_NONE && e.text[0]);
        }
        if (severity_parse(text, &s))
                assert(s <= SEVERITY_CRITICAL);
        return 0;
}
