/* How it is to be run, against the section `run`. Each sentence ends with what to do. */
#include "policy/policy_priv.h"

static struct buf begin(const struct deciding *d, uint32_t line)
{
        struct buf b = {0};

        policy_put_place(&b, d->p, line);
        return b;
}

static void refuse(struct deciding *d, uint32_t line, struct buf *b)
{
        decide_refuse(d, (struct policy_reason){.kind = POLICY_REASON_RUN, .line = line}, b);
        buf_done(b);
}

static void refuse_with(struct deciding *d, uint32_t line, const char *sentence)
{
        struct buf b = begin(d, line);

        buf_put_text(&b, sentence);
        refuse(d, line, &b);
}

/* ---- volumes ---- */

static void put_volume(struct buf *b, const struct policy_volume *v)
{
        buf_put_text(b, "the volume ");
        buf_put(b, v->asked);
        if (v->source.len > 0 && !span_equal(v->asked, v->source)) {
                buf_put_text(b, " (really ");
                buf_put(b, v->source);
                buf_put_text(b, ")");
        }
}

static void judge_volume(struct deciding *d, const struct policy_volume *v)
{
        const struct run_rules *r = &d->p->run;
        const struct path_rule *if_read_only = NULL;
        struct buf b;

        for (size_t i = 0; v->source.len > 0 && i < r->volumes.len; i++) {
                const struct path_rule *rule = &r->volumes.at[i];

                if (!pattern_matches(rule->pattern, v->source, false))
                        continue;
                if (v->read_only || !rule->read_only)
                        return;
                if_read_only = rule;
        }
        b = begin(d, if_read_only ? if_read_only->line : r->volumes.line);
        put_volume(&b, v);
        if (v->source.len == 0) {
                buf_put_text(&b,
                    ": where it really lies can't be told, and volumes are limited: name the folder by its own path");
        } else if (if_read_only) {
                buf_put_text(&b, " is writable, and ");
                buf_put(&b, if_read_only->text);
                buf_put_text(&b, " allows it read-only alone: end it with :ro");
        } else if (r->volumes.len == 0) {
                buf_put_text(&b, ": no volume is allowed: leave -v out");
        } else {
                buf_put_text(&b, " is none of the volumes allowed: leave it out, or have its path added there");
        }
        refuse(d, if_read_only ? if_read_only->line : r->volumes.line, &b);
}

/* ---- names ---- */

static const struct name_rule *name_find(const struct name_list *l, struct span name)
{
        for (size_t i = 0; i < l->len; i++)
                if (pattern_matches(l->at[i].pattern, name, false))
                        return &l->at[i];
        return NULL;
}

static void judge_variable(struct deciding *d, struct span name)
{
        const struct run_rules *r = &d->p->run;
        const struct name_rule *denied = name_find(&r->variables_deny, name);
        uint32_t line = denied ? denied->line : r->variables_allow.line;
        struct buf b;

        if (!denied && (r->variables_allow.line == 0 || name_find(&r->variables_allow, name)))
                return;
        b = begin(d, line);
        buf_put_text(&b, "the variable ");
        buf_put(&b, name);
        if (denied) {
                buf_put_text(&b, " is denied by ");
                buf_put(&b, denied->text);
        } else {
                buf_put_text(&b, " is none of the variables allowed");
        }
        buf_put_text(&b, ": leave its -e out");
        refuse(d, line, &b);
}

static void judge_runtime(struct deciding *d)
{
        const struct run_rules *r = &d->p->run;
        const struct policy_run *f = &d->f->run;
        struct buf b;

        if (r->runtimes.line == 0 || f->runtime_default || (f->runtime.len > 0 && name_find(&r->runtimes, f->runtime)))
                return;
        b = begin(d, r->runtimes.line);
        buf_put_text(&b, "the OCI runtime ");
        buf_put(&b, f->runtime.len ? f->runtime : SPAN_LIT("(not known)"));
        buf_put_text(&b, " is none of those allowed: leave --runtime out");
        refuse(d, r->runtimes.line, &b);
}

/* ---- limits ---- */

void policy_put_bytes(struct buf *b, uint64_t v)
{
        static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        size_t u = 0;

        if (v >= 1ull << 30 && v % (1u << 20) != 0) { /* half of a machine's memory, say: no round number in any unit */
                buf_printf(b, "%llu bytes (%llu.%llu GiB)", (unsigned long long)v, (unsigned long long)(v >> 30),
                    (unsigned long long)((v & ((1u << 30) - 1)) * 10 >> 30));
                return;
        }
        while (u + 1 < ARRAY_LEN(units) && v > 0 && v % 1024 == 0) {
                v /= 1024;
                u++;
        }
        buf_printf(b, "%llu %s", (unsigned long long)v, units[u]);
}

void policy_put_cpus(struct buf *b, uint64_t v)
{
        unsigned part = (unsigned)(v % 1000), digits = 3;

        while (digits > 0 && part % 10 == 0) {
                part /= 10;
                digits--;
        }
        buf_printf(b, "%llu", (unsigned long long)(v / 1000));
        if (digits > 0)
                buf_printf(b, ".%0*u", (int)digits, part);
        buf_put_text(b, v == 1000 ? " CPU" : " CPUs");
}

void policy_put_pids(struct buf *b, uint64_t v)
{
        buf_printf(b, "%llu processes", (unsigned long long)v);
}

static void judge_limit(struct deciding *d, const struct run_limit *limit, const struct policy_limit *f,
    void (*put)(struct buf *b, uint64_t v), const char *option)
{
        struct buf b;

        if (limit->line == 0 || (f->value > 0 && f->value <= limit->max && f->in_force))
                return;
        b = begin(d, limit->line);
        buf_put_text(&b, "at most ");
        put(&b, limit->max);
        buf_put_text(&b, " are allowed, and ");
        if (f->value == 0) {
                buf_printf(&b, "no limit is set: say %s", option);
        } else if (f->value == UINT64_MAX) {
                buf_printf(&b, "it would have no limit: say %s", option);
        } else if (f->value > limit->max) {
                buf_put_text(&b, "it would have ");
                put(&b, f->value);
                buf_printf(&b, ": say %s", option);
        } else {
                buf_put_text(&b, "this host has no control group that would hold it to that: see `coffer doctor`");
        }
        refuse(d, limit->line, &b);
}

/* ---- the section ---- */

static void judge_user(struct deciding *d)
{
        const struct policy_run *f = &d->f->run;
        uint32_t line = d->p->run.user;
        struct buf b;

        if (line == 0 || (f->uid_known && f->uid != 0))
                return;
        b = begin(d, line);
        if (f->uid_known) {
                buf_put_text(&b, "it would run as root (uid 0 inside): name another user, by number: --user 1000");
        } else {
                buf_put_text(&b, "whether the user ");
                buf_put(&b, f->user);
                buf_put_text(
                    &b, " is root can't be told from the name, which the image explains: say the number: --user 1000");
        }
        refuse(d, line, &b);
}

uint32_t decide_run(struct deciding *d)
{
        const struct run_rules *r = &d->p->run;
        const struct policy_run *f = &d->f->run;

        if (r->line == 0)
                return 0;
        if (f->state == POLICY_RUN_NONE)
                return r->line;
        if (f->state != POLICY_RUN_ASKED) {
                refuse_with(d, r->line, "how it is to be run is limited, and was not said");
                return 0;
        }
        if (r->network && f->network != POLICY_NETWORK_NONE)
                refuse_with(d, r->network, "the host's network is not allowed: leave --network host out");
        for (size_t i = 0; r->volumes.line && i < f->n_volumes; i++)
                judge_volume(d, &f->volumes[i]);
        judge_user(d);
        if (r->command && !f->command_of_image)
                refuse_with(d, r->command,
                    "the image's own command alone is allowed: leave --entrypoint and the words after the image out");
        for (size_t i = 0; i < f->n_variables; i++)
                judge_variable(d, f->variables[i]);
        judge_runtime(d);
        if (r->read_only && !f->read_only)
                refuse_with(d, r->read_only, "its root must be read-only: say --read-only");
        if (r->no_32bit && !f->no_32bit)
                refuse_with(d, r->no_32bit, "i386 programs are not allowed: leave --allow-32bit out");
        judge_limit(d, &r->memory, &f->memory, policy_put_bytes, "--memory");
        judge_limit(d, &r->cpus, &f->cpus, policy_put_cpus, "--cpus");
        judge_limit(d, &r->pids, &f->pids, policy_put_pids, "--pids-limit");
        return 0;
}
