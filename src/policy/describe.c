/* A policy in words: each rule one line with its place, in the order in which they are judged. */
#include "policy/policy_priv.h"

static void begin(struct buf *b, const struct policy *p, uint32_t line)
{
        policy_put_place(b, p, line);
}

static void put_line(struct buf *b, const struct policy *p, uint32_t line, const char *text)
{
        begin(b, p, line);
        buf_printf(b, "%s\n", text);
}

static void put_item(struct buf *b, const struct policy *p, uint32_t line, const char *text, struct span what)
{
        begin(b, p, line);
        buf_put_text(b, text);
        buf_put(b, what);
        buf_put_text(b, "\n");
}

static void put_require(struct buf *b, const struct policy *p)
{
        static const char *const asks[] = {"the image must have been assessed as a whole",
            "its signature must have been checked (nothing does that yet: it refuses everything)",
            "the host must have been proved (nothing does that yet: it refuses everything)"};

        for (int s = 0; s < POLICY_STEPS; s++)
                if (p->require[s].wanted) {
                        begin(b, p, p->require[s].line);
                        buf_printf(b, "%s%s\n", asks[s], p->require[s].line ? "" : " (by default)");
                }
        if (!p->require[POLICY_STEP_SCAN].wanted)
                put_line(b, p, p->require[POLICY_STEP_SCAN].line, "an image that was not assessed as a whole may run");
        if (p->has_age_max) {
                begin(b, p, p->age_line);
                buf_printf(b, "the advisory database may be %u days old\n", p->age_days_max);
        }
}

static void put_limit_text(struct buf *b, const char *word, struct span what)
{
        if (what.len > 0)
                buf_printf(b, "%s%.*s", word, SPAN_FMT(what));
}

static void put_findings(struct buf *b, const struct policy *p)
{
        static const char *const fixes[] = {"", " if there is a fix", " if there is none"};

        for (size_t i = 0; i < p->rules.len; i++) {
                const struct finding_rule *r = &p->rules.at[i];

                begin(b, p, r->line);
                buf_printf(b, "refuses a finding of severity %s%s%s%s\n", policy_severity_name(r->least),
                    r->least == POLICY_SEVERITY_CRITICAL ? "" : " or above", fixes[r->fix], r->exploited ? ", if it is known to be exploited" : "");
        }
        if (p->ignore_days_line) {
                begin(b, p, p->ignore_days_line);
                buf_printf(b, "an exception may last %u day%s\n", p->ignore_days_max, p->ignore_days_max == 1 ? "" : "s");
        }
        for (size_t i = 0; i < p->ignores.len; i++) {
                const struct ignore_rule *r = &p->ignores.at[i];

                begin(b, p, r->line);
                buf_printf(b, "except %.*s", SPAN_FMT(r->id));
                put_limit_text(b, " in ", r->package);
                put_limit_text(b, " in ", r->component.text);
                put_limit_text(b, " at ", r->path);
                put_limit_text(b, " of ", r->image);
                put_limit_text(b, " from ", r->since);
                buf_printf(b, " until %.*s: %.*s\n", SPAN_FMT(r->until), SPAN_FMT(r->reason));
        }
}

static void put_vex(struct buf *b, const struct policy *p)
{
        if (p->vex.any)
                put_line(b, p, p->vex.line, "statements about findings (VEX) count, of any document that is given");
        for (size_t i = 0; i < p->vex.documents.len; i++) {
                char digest[DIGEST_TEXT_MAX];

                put_item(b, p, p->vex.documents.at[i].line, "statements about findings (VEX) count, of the document ",
                    span_of(digest_format(&p->vex.documents.at[i].digest, digest)));
        }
        if (p->vex.attached)
                put_line(b, p, p->vex.attached_line,
                    "statements about findings (VEX) count, of any document that is attached to the image where it is kept");
        for (size_t i = 0; i < p->vex.authors.len; i++)
                put_item(b, p, p->vex.authors.at[i].line,
                    "of these documents, only those that name an author listed: ", p->vex.authors.at[i].text);
}

static void put_packages(struct buf *b, const struct policy *p)
{
        for (size_t i = 0; i < p->packages_deny.len; i++)
                put_item(b, p, p->packages_deny.at[i].line, "refuses the package ", p->packages_deny.at[i].text);
        for (size_t i = 0; i < p->packages_allow.len; i++)
                put_item(b, p, p->packages_allow.at[i].line,
                    "of packages, only those listed: ", p->packages_allow.at[i].text);
        for (size_t i = 0; i < p->licences_deny.len; i++)
                put_item(b, p, p->licences_deny.at[i].line, "refuses the licence ", p->licences_deny.at[i].pattern);
        for (size_t i = 0; i < p->licences_allow.len; i++)
                put_item(b, p, p->licences_allow.at[i].line,
                    "of licences, only those listed: ", p->licences_allow.at[i].pattern);
}

static void put_names(
    struct buf *b, const struct policy *p, const struct name_list *l, const char *each, const char *none)
{
        if (l->line && l->len == 0 && none)
                put_line(b, p, l->line, none);
        for (size_t i = 0; i < l->len; i++)
                put_item(b, p, l->at[i].line, each, l->at[i].text);
}

static void put_limit(struct buf *b, const struct policy *p, const struct run_limit *l,
    void (*put)(struct buf *b, uint64_t v), const char *of)
{
        if (l->line == 0)
                return;
        begin(b, p, l->line);
        buf_put_text(b, "run: at most ");
        put(b, l->max);
        buf_printf(b, "%s\n", of);
}

static void put_run(struct buf *b, const struct policy *p)
{
        const struct run_rules *r = &p->run;

        if (r->network)
                put_line(b, p, r->network, "run: no network but its own loopback");
        if (r->volumes.line && r->volumes.len == 0)
                put_line(b, p, r->volumes.line, "run: no volumes");
        for (size_t i = 0; i < r->volumes.len; i++)
                put_item(b, p, r->volumes.at[i].line,
                    r->volumes.at[i].read_only ? "run: of volumes, only those listed, this one read-only: "
                                               : "run: of volumes, only those listed: ",
                    r->volumes.at[i].pattern);
        if (r->user)
                put_line(b, p, r->user, "run: not as root (uid 0 inside), nor as a user who is only named");
        if (r->command)
                put_line(b, p, r->command, "run: the image's own command alone");
        put_names(b, p, &r->variables_deny, "run: no variable set from outside that is called ", NULL);
        put_names(b, p, &r->variables_allow,
            "run: of variables set from outside, only those listed: ", "run: no variables set from outside");
        put_names(b, p, &r->runtimes,
            "run: of OCI runtimes, the default and those listed: ", "run: the default OCI runtime alone");
        if (r->read_only)
                put_line(b, p, r->read_only, "run: with a read-only root");
        if (r->no_32bit)
                put_line(b, p, r->no_32bit, "run: no i386 programs");
        put_limit(b, p, &r->memory, policy_put_bytes, " of memory");
        put_limit(b, p, &r->cpus, policy_put_cpus, "");
        put_limit(b, p, &r->pids, policy_put_pids, "");
}

void policy_describe(const struct policy *p, struct buf *to)
{
        put_require(to, p);
        put_findings(to, p);
        put_vex(to, p);
        put_packages(to, p);
        put_run(to, p);
}
