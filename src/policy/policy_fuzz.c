/*
 * Properties of policies for any bytes:
 * - loading gives a policy or an error that blames the input and has a text; the same twice;
 * - zero facts are refused by whatever loads;
 * - a verdict allows exactly when it gives no reason, and each line it names lies in the file;
 * - with fewer findings or components, what was allowed stays allowed;
 * - an exception covers what it is in force for, is told once, and leaves nothing uncounted when it has ended;
 * - so it does when nothing is run, and when less is asked for; the section on runs is judged, or said not to be.
 */
#include <assert.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SPAN(s)                                     \
        {                                           \
                (const uint8_t *)(s), sizeof(s) - 1 \
        }
#define NOW_S 1795392000 /* 2026-11-23 */

static const struct policy_finding findings[] = {
    {.id = {(const uint8_t *)"CVE-2026-1", 10},
        .package = {(const uint8_t *)"openssl", 7},
        .purl = SPAN("pkg:deb/debian/openssl@3.0.9?arch=amd64"),
        .path = SPAN("var/lib/dpkg/status"),
        .severity = POLICY_SEVERITY_HIGH,
        .fix_available = true},
    {.id = {(const uint8_t *)"CVE-2026-2", 10},
        .package = {(const uint8_t *)"zlib", 4},
        .severity = POLICY_SEVERITY_UNKNOWN},
    {.id = {(const uint8_t *)"CVE-2026-3", 10}, .package = {(const uint8_t *)"zlib", 4}, .cannot_tell = true},
};

static const struct policy_volume volumes[] = {
    {SPAN("out"), SPAN("/srv/out"), false},
    {SPAN("/proc/7/root"), {0}, true},
};
static const struct span variables[] = {SPAN("LD_PRELOAD"), SPAN("APP_A/B")};

/* The widest that can be asked for, and the least. */
static const struct policy_run wide = {.state = POLICY_RUN_ASKED,
    .network = POLICY_NETWORK_HOST,
    .volumes = volumes,
    .n_volumes = ARRAY_LEN(volumes),
    .variables = variables,
    .n_variables = ARRAY_LEN(variables),
    .runtime = SPAN("/tmp/runc"),
    .memory = {UINT64_MAX, true}};
static const struct policy_run narrow = {.state = POLICY_RUN_ASKED,
    .network = POLICY_NETWORK_NONE,
    .uid_known = true,
    .uid = 1,
    .command_of_image = true,
    .runtime_default = true,
    .read_only = true,
    .no_32bit = true,
    .memory = {1, true},
    .cpus = {1, true},
    .pids = {1, true}};

static enum verdict decide(const struct policy *p, const struct policy_facts *f, uint32_t lines)
{
        CLEANUP(policy_verdict_freep) struct policy_verdict *v = NULL;

        if (!policy_decide(p, f, &v, NULL))
                abort();
        assert((v->verdict == VERDICT_ALLOW) == (v->n_reasons == 0));
        for (size_t i = 0; i < v->n_reasons; i++)
                assert(v->reasons[i].line <= lines && v->reasons[i].text.len > 0 && span_is_utf8(v->reasons[i].text));
        for (size_t i = 0; i < v->n_ignores; i++)
                assert(v->ignores[i].line > 0 && v->ignores[i].line <= lines && v->ignores[i].reason.len > 0);
        assert(v->run_not_judged <= lines && (v->run_not_judged == 0 || f->run.state == POLICY_RUN_NONE));
        return v->verdict;
}

static void except(const struct policy *p, const struct policy_facts *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct policy_exceptions *x = NULL;
        struct policy_notes ended = {0};
        size_t n_ended = 0, covered = 0;

        if (!policy_except(p, f, &x, NULL))
                abort();
        policy_expired(p, f->now_s, a, &ended);
        for (size_t i = 0; i < x->n_notes; i++) {
                const struct policy_ignore_note *n = &x->notes[i];

                assert(n->text.len > 0 && n->n_again <= n->n_findings && n->n_findings <= f->n_findings);
                assert(n->state == POLICY_IGNORE_EXPIRED || n->n_again == 0);
                assert((n->state == POLICY_IGNORE_USED) == (n->n_findings > 0 && n->state != POLICY_IGNORE_EXPIRED));
                n_ended += n->state == POLICY_IGNORE_EXPIRED;
        }
        for (size_t i = 0; i < f->n_findings; i++) {
                assert(x->covers[i] <= x->n_notes);
                assert(x->ended[i] <= x->n_notes && (x->ended[i] == 0 || x->covers[i] == 0));
                assert(x->ended[i] == 0 || x->notes[x->ended[i] - 1].n_again > 0);
                assert(x->covers[i] == 0 || x->notes[x->covers[i] - 1].state == POLICY_IGNORE_USED);
                covered += x->covers[i] > 0;
        }
        assert(covered == x->n_covered && n_ended <= ended.len);
        policy_exceptions_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct span names[] = {SPAN("sha256:00"), SPAN("ghcr.io/org/app:1")};
        CLEANUP(policy_freep) struct policy *p = NULL;
        struct span in = span_bytes(data, size);
        struct policy_component component = {.purl = SPAN_LIT("pkg:npm/%40a/b@1"), .licence = in};
        struct policy_facts zero = {0};
        struct policy_facts f = {.image_names = names,
            .n_image_names = ARRAY_LEN(names),
            .findings = findings,
            .n_findings = ARRAY_LEN(findings),
            .components = &component,
            .n_components = 1,
            .steps = {[POLICY_STEP_SCAN] = {POLICY_DONE_OK, {0}}},
            .database_s = NOW_S,
            .now_s = NOW_S,
            .run = wide};
        enum verdict narrow_verdict;
        CLEANUP(buf_done) struct buf words = {0};
        uint32_t lines = 1;
        struct err e = {0};

        for (size_t i = 0; i < size; i++) /* YAML breaks lines at these, and at three more of Unicode's */
                lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
        if (!policy_load(in, "p", &p, &e)) {
                assert(e.kind == ERR_MALFORMED || e.kind == ERR_LIMIT);
                assert(e.text[0]);
                return 0;
        }
        policy_describe(p, &words);
        assert(!words.failed && span_is_utf8(buf_span(&words)));
        for (size_t i = 0; i < policy_remarks(p)->len; i++)
                assert(policy_remarks(p)->at[i].len > 0);
        except(p, &f);
        assert(!policy_counts_vex(p, &(struct digest){0}, in, false) && !policy_counts_vex(p, &(struct digest){0}, in, true));
        assert(decide(p, &zero, lines) == VERDICT_DENY);
        if (decide(p, &f, lines) == VERDICT_ALLOW) {
                f.n_findings = 0;
                assert(decide(p, &f, lines) == VERDICT_ALLOW);
                f.n_components = 0;
                assert(decide(p, &f, lines) == VERDICT_ALLOW);
                f.run = narrow;
                assert(decide(p, &f, lines) == VERDICT_ALLOW);
        }
        f.n_findings = f.n_components = 0;
        f.run = narrow;
        narrow_verdict = decide(p, &f, lines);
        f.run = (struct policy_run){.state = POLICY_RUN_NONE};
        assert(
            decide(p, &f, lines) == narrow_verdict); /* the least that can be asked for is never refused for itself */
        return 0;
}
