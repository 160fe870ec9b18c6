#include "host/facts_priv.h"

/* The jail's own account of itself, and the forbidden acts that the kernel did not punish. */
struct summary {
        struct jail_state state;
        size_t tried, killed;
        char survived[HOST_DETAIL_MAX];
};

static bool acts_try(struct summary *s, struct err *e)
{
        size_t at = 0;

        for (const char *const *act = jail_forbidden_acts; *act; act++) {
                bool killed = false;
                if (!jail_selftest(*act, &killed, &s->state, e))
                        return false;
                s->tried++;
                s->killed += killed;
                if (!killed && at < sizeof(s->survived))
                        at += (size_t)snprintf(s->survived + at, sizeof(s->survived) - at, " %s", *act);
        }
        return true;
}

static void acts_add(struct host_facts *f, const struct summary *s)
{
        static const char means[] =
            "what a parser that was taken over may try; anything but all of them is a reason not to parse";

        if (s->killed == s->tried)
                fact_add(f, "jail", "jail-acts", HOST_YES, means, "%zu of %zu forbidden acts were killed", s->killed,
                    s->tried);
        else
                fact_add(f, "jail", "jail-acts", HOST_LIMITED, means, "%zu of %zu forbidden acts were killed, not:%s",
                    s->killed, s->tried, s->survived);
}

bool probe_jail(struct host_facts *f, struct err *e)
{
        static const char means[] = "foreign bytes are read in a locked-down process; without it Coffer reads none";
        static const char means_net[] =
            "a parser has no network even if the filter failed; without it the filter alone holds";
        struct summary s = {0};
        struct err why = {0};

        if (!acts_try(&s, &why)) {
                if (why.kind == ERR_CANCELLED)
                        return err_set(e, why.kind, "%s", why.text);
                fact_add(f, "jail", "jail", HOST_NO, means, "%s", why.text);
                return true;
        }
        fact_add(f, "jail", "jail", s.state.sanitizer ? HOST_LIMITED : HOST_YES, means,
            "no_new_privs, no capabilities, Landlock ABI %u, seccomp%s", s.state.landlock_abi,
            s.state.sanitizer ? "; a sanitizer build, whose filter is wider: not for use" : "");
        fact_add(f, "jail", "jail-network", s.state.net_namespace ? HOST_YES : HOST_LIMITED, means_net, "%s%s",
            s.state.net_namespace ? "an empty network namespace" : "no network namespace could be made",
            s.state.user_namespace ? " in a user namespace" : "");
        acts_add(f, &s);
        return true;
}
