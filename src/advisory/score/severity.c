#include "advisory/advisory.h"

static const char *const names[] = {
    [SEVERITY_NONE] = "none",
    [SEVERITY_UNKNOWN] = "unknown",
    [SEVERITY_LOW] = "low",
    [SEVERITY_MEDIUM] = "medium",
    [SEVERITY_HIGH] = "high",
    [SEVERITY_CRITICAL] = "critical",
};

/* What other sources call them: GitHub (moderate), Red Hat and SUSE (important), Debian's and Ubuntu's priorities. */
static const struct {
        const char *word;
        enum severity severity;
} words[] = {
    {"none", SEVERITY_NONE},
    {"unknown", SEVERITY_UNKNOWN},
    {"unimportant", SEVERITY_LOW},
    {"negligible", SEVERITY_LOW},
    {"low", SEVERITY_LOW},
    {"medium", SEVERITY_MEDIUM},
    {"moderate", SEVERITY_MEDIUM},
    {"high", SEVERITY_HIGH},
    {"important", SEVERITY_HIGH},
    {"critical", SEVERITY_CRITICAL},
};

const char *severity_name(enum severity s)
{
        return (size_t)s < ARRAY_LEN(names) ? names[s] : "unknown";
}

bool severity_parse(struct span text, enum severity *ret)
{
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                size_t n = strlen(words[i].word);
                if (text.len == n && strncasecmp((const char *)text.at, words[i].word, n) == 0) {
                        *ret = words[i].severity;
                        return true;
                }
        }
        return false;
}

enum severity cvss_severity(uint32_t tenths)
{
        if (tenths == 0)
                return SEVERITY_NONE;
        if (tenths < 40)
                return SEVERITY_LOW;
        if (tenths < 70)
                return SEVERITY_MEDIUM;
        return tenths < 90 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}

enum severity cvss_vector_severity(struct span vector, uint32_t tenths)
{
        enum severity severity = cvss_severity(tenths);

        return severity > SEVERITY_HIGH && cvss_version(vector) == 20 ? SEVERITY_HIGH : severity;
}

const char *advisory_status_name(enum advisory_status s)
{
        static const char *const said[] = {[ADVISORY_STATUS_NONE] = "",
            [ADVISORY_STATUS_FIXED] = "fixed",
            [ADVISORY_STATUS_NOT_AFFECTED] = "not affected",
            [ADVISORY_STATUS_INVESTIGATING] = "under investigation",
            [ADVISORY_STATUS_PENDING] = "fix pending",
            [ADVISORY_STATUS_POSTPONED] = "postponed",
            [ADVISORY_STATUS_WILL_NOT_FIX] = "will not fix",
            [ADVISORY_STATUS_END_OF_LIFE] = "end of life"};

        return (size_t)s < ARRAY_LEN(said) ? said[s] : "";
}
