#include "policy/policy_priv.h"

static const char *name_in(const char *const *names, size_t n, size_t value)
{
        return value < n ? names[value] : "unknown";
}

const char *policy_severity_name(enum policy_severity s)
{
        static const char *const names[] = {"none", "unknown", "low", "medium", "high", "critical"};

        return name_in(names, ARRAY_LEN(names), s);
}

const char *verdict_name(enum verdict v)
{
        return v == VERDICT_ALLOW ? "allow" : "deny";
}

const char *policy_step_name(enum policy_step_kind s)
{
        static const char *const names[] = {"scan", "signature", "host"};

        return name_in(names, ARRAY_LEN(names), s);
}

const char *policy_reason_kind_name(enum policy_reason_kind k)
{
        static const char *const names[] = {
            "facts", "step", "database", "cannot_tell", "finding", "ignore", "package", "licence", "run"};

        return name_in(names, ARRAY_LEN(names), k);
}

const char *policy_ignore_state_name(enum policy_ignore_state s)
{
        static const char *const names[] = {"unused", "used", "expired", "not_yet", "elsewhere"};

        return name_in(names, ARRAY_LEN(names), s);
}
