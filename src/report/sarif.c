/* SARIF 2.1.0 (OASIS), as code-scanning services read it: a rule for each id, a result for each finding and remark. */
#include <stdlib.h>
#include <string.h>

#include "report/sbom_priv.h"

#define EXPIRED "coffer/expired-exception"

/* Findings are sorted by severity; rules need each id once, results need their rule's index. */
struct rule {
        struct span id;
        const struct finding *finding; /* the first of that id; NULL: a remark's, or that of expired exceptions */
        const struct remark *remark;
        size_t index;
};

static int rule_compare(const void *a, const void *b)
{
        return span_compare(((const struct rule *)a)->id, ((const struct rule *)b)->id);
}

struct rules {
        struct rule *at;
        size_t n;
};

static struct rules rules_make(const struct report_facts *f, const struct report_expired_list *expired, struct arena *a)
{
        size_t n_findings = f->match ? f->match->n_findings : 0, n_remarks = f->inventory->n_remarks, n = 0;
        struct rules r = {.at = arena_array(a, n_findings + n_remarks + 1, sizeof(*r.at))};

        for (size_t i = 0; i < n_findings; i++)
                r.at[r.n++] = (struct rule){.id = f->match->findings[i].id, .finding = &f->match->findings[i]};
        for (size_t i = 0; i < n_remarks; i++)
                r.at[r.n++] = (struct rule){.id = f->inventory->remarks[i].rule, .remark = &f->inventory->remarks[i]};
        if (expired->len > 0)
                r.at[r.n++] = (struct rule){.id = SPAN_LIT(EXPIRED)};
        if (r.n > 0)
                qsort(r.at, r.n, sizeof(*r.at), rule_compare);
        for (size_t i = 0; i < r.n; i++)
                if (n == 0 || rule_compare(&r.at[n - 1], &r.at[i]) != 0) {
                        r.at[n] = r.at[i];
                        r.at[n].index = n;
                        n++;
                }
        r.n = n;
        return r;
}

/* Each id that is asked for has its rule: both are taken from the same findings and remarks. */
static size_t rule_index(const struct rules *r, struct span id)
{
        const struct rule key = {.id = id};
        const struct rule *found = bsearch(&key, r->at, r->n, sizeof(*r->at), rule_compare);

        return found ? found->index : 0;
}

static const char *level_of(enum severity s)
{
        return s >= SEVERITY_HIGH ? "error" : s == SEVERITY_MEDIUM ? "warning" : "note";
}

static const char *remark_level(enum remark_severity s)
{
        return s >= REMARK_HIGH ? "error" : s == REMARK_MEDIUM ? "warning" : "note";
}

static void text_object(struct json_out *o, const char *key, struct span text)
{
        json_out_key(o, key);
        json_out_object(o);
        json_out_member(o, "text", text);
        json_out_object_end(o);
}

/* What GitHub sorts by: a score of 0.0 to 10.0 as text. Without one the middle of the severity's band. */
static const char *score_text(const struct finding *f, char out[16])
{
        static const char *const middle[] = {[SEVERITY_NONE] = "0.0",
            [SEVERITY_UNKNOWN] = "0.1",
            [SEVERITY_LOW] = "2.0",
            [SEVERITY_MEDIUM] = "5.5",
            [SEVERITY_HIGH] = "8.0",
            [SEVERITY_CRITICAL] = "9.5"};

        if (f->score_tenths == 0)
                return middle[f->severity];
        snprintf(out, 16, "%u.%u", f->score_tenths / 10, f->score_tenths % 10);
        return out;
}

static void put_rule(struct json_out *o, const struct rule *r)
{
        static const char *const remark_scores[] = {[REMARK_INFO] = "0.1",
            [REMARK_LOW] = "2.0",
            [REMARK_MEDIUM] = "5.5",
            [REMARK_HIGH] = "8.0",
            [REMARK_CRITICAL] = "9.5"};
        char score[16];

        json_out_object(o);
        json_out_member(o, "id", r->id);
        if (!r->finding && !r->remark) {
                text_object(o, "shortDescription", SPAN_LIT("an exception has ended, and what it covered counts again"));
                text_object(o, "help", SPAN_LIT("Mend what it covered, or look at it again and renew the exception."));
                json_out_object_end(o);
                return;
        }
        if (r->finding) {
                text_object(o, "shortDescription", r->finding->summary.len ? r->finding->summary : r->id);
                if (r->finding->reference.len > 0)
                        json_out_member(o, "helpUri", r->finding->reference);
                text_object(o, "help", r->finding->explanation.len ? r->finding->explanation : r->id);
        } else {
                text_object(o, "shortDescription", r->remark->title);
                text_object(o, "help", r->remark->remedy.len ? r->remark->remedy : r->remark->title);
        }
        json_out_key(o, "defaultConfiguration");
        json_out_object(o);
        json_out_member_text(
            o, "level", r->finding ? level_of(r->finding->severity) : remark_level(r->remark->severity));
        json_out_object_end(o);
        json_out_key(o, "properties");
        json_out_object(o);
        json_out_member_text(
            o, "security-severity", r->finding ? score_text(r->finding, score) : remark_scores[r->remark->severity]);
        json_out_key(o, "tags");
        json_out_array(o);
        json_out_text(o, "security");
        json_out_text(o, r->finding ? "vulnerability" : r->remark->kind == REMARK_SECRET ? "secret" : "configuration");
        json_out_array_end(o);
        json_out_object_end(o);
        json_out_object_end(o);
}

/* A path as a URI reference (RFC 3986): what is not plain is percent-encoded. */
static struct span uri_of(struct arena *a, struct span path)
{
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t i = 0; i < path.len; i++) {
                uint8_t c = path.at[i];
                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c && strchr("/-._~+@", c)))
                        buf_put_u8(&b, c);
                else
                        buf_printf(&b, "%%%02X", c);
        }
        return arena_copy(a, buf_span(&b));
}

static void put_location(struct json_out *o, struct arena *a, struct span path, uint64_t line, struct span where)
{
        json_out_key(o, "locations");
        json_out_array(o);
        json_out_object(o);
        json_out_key(o, "physicalLocation");
        json_out_object(o);
        json_out_key(o, "artifactLocation");
        json_out_object(o);
        json_out_member(o, "uri", path.len ? uri_of(a, path) : SPAN_LIT("image-configuration"));
        json_out_member_text(o, "uriBaseId", "ROOT");
        json_out_object_end(o);
        json_out_key(o, "region");
        json_out_object(o);
        json_out_member_u64(o, "startLine", line ? line : 1);
        json_out_object_end(o);
        json_out_object_end(o);
        text_object(o, "message", where);
        json_out_object_end(o);
        json_out_array_end(o);
}

static void fingerprint(struct json_out *o, struct span what, struct span where)
{
        CLEANUP(hasher_freep) struct hasher *h = hasher_new(DIGEST_SHA256);
        char hex[DIGEST_TEXT_MAX];
        struct digest d;

        hasher_update(h, what);
        hasher_update(h, SPAN_LIT("\n"));
        hasher_update(h, where);
        hasher_final(h, &d);
        json_out_key(o, "partialFingerprints");
        json_out_object(o);
        json_out_member_text(o, "coffer/v1", digest_hex(&d, hex));
        json_out_object_end(o);
}

/* A result that is suppressed is shown as such, and never opens an alert (SARIF 2.1.0, 3.35). */
static void put_suppression(
    struct json_out *o, const struct policy_ignore_note *n, const struct match_vex_note *vex, struct arena *a)
{
        json_out_key(o, "suppressions");
        json_out_array(o);
        if (n || vex) {
                json_out_object(o);
                json_out_member_text(o, "kind", "external");
                json_out_member_text(o, "status", "accepted");
                json_out_member(o, "justification",
                    n ? arena_printf(a, "%.*s (until %.*s)", SPAN_FMT(n->reason), SPAN_FMT(n->until))
                      : report_vex_text(vex, a));
                json_out_object_end(o);
        }
        json_out_array_end(o);
}

static void put_finding(struct json_out *o, const struct report_facts *f, const struct rules *rules, size_t index,
    struct arena *a)
{
        const struct finding *x = &f->match->findings[index];
        const struct component *c = &f->inventory->components[x->component];
        struct span fix = x->fixed.len
                              ? arena_printf(a, "; update %.*s to %.*s", SPAN_FMT(x->package), SPAN_FMT(x->fixed))
                              : SPAN_LIT("; no version that mends it is known");

        json_out_object(o);
        json_out_member(o, "ruleId", x->id);
        json_out_member_u64(o, "ruleIndex", rule_index(rules, x->id));
        json_out_member_text(o, "level", x->answer == ADVISORY_AFFECTED ? level_of(x->severity) : "warning");
        text_object(o, "message",
            arena_printf(a, "%.*s %.*s%s %.*s%.*s", SPAN_FMT(c->name), SPAN_FMT(c->version),
                x->answer == ADVISORY_AFFECTED ? " is affected by" : ": it can't be told whether it is affected by",
                SPAN_FMT(x->id), SPAN_FMT(fix)));
        put_location(o, a, c->path, 0,
            arena_printf(a, "%.*s, layer %u", (int)c->purl.len, (const char *)c->purl.at, c->layer + 1));
        fingerprint(o, x->id,
            arena_printf(a, "%.*s\n%.*s", (int)c->purl.len, (const char *)c->purl.at, (int)c->path.len,
                (const char *)c->path.at));
        if (f->exceptions || f->vex)
                put_suppression(o, report_exception(f, index), report_suppression(f, index), a);
        json_out_object_end(o);
}

static void put_remark(struct json_out *o, const struct rules *rules, const struct remark *r, struct arena *a)
{
        json_out_object(o);
        json_out_member(o, "ruleId", r->rule);
        json_out_member_u64(o, "ruleIndex", rule_index(rules, r->rule));
        json_out_member_text(o, "level", remark_level(r->severity));
        text_object(o, "message",
            arena_printf(a, "%.*s%s%.*s", SPAN_FMT(r->title), r->excerpt.len ? ": " : "", SPAN_FMT(r->excerpt)));
        put_location(o, a, r->path, r->line,
            r->visible ? arena_printf(a, "layer %u", r->layer + 1)
                       : arena_printf(a, "layer %u; removed by a later one, yet still in the image", r->layer + 1));
        fingerprint(o, r->rule,
            arena_printf(a, "%.*s:%llu", (int)r->path.len, (const char *)r->path.at, (unsigned long long)r->line));
        json_out_object_end(o);
}

/* In the file that holds it, which lies beside the code and not in the image. */
static void put_expired(struct json_out *o, const struct rules *rules, const struct report_expired *x, struct arena *a)
{
        json_out_object(o);
        json_out_member_text(o, "ruleId", EXPIRED);
        json_out_member_u64(o, "ruleIndex", rule_index(rules, SPAN_LIT(EXPIRED)));
        json_out_member_text(o, "level", "warning");
        text_object(o, "message", x->note->text);
        json_out_key(o, "locations");
        json_out_array(o);
        json_out_object(o);
        json_out_key(o, "physicalLocation");
        json_out_object(o);
        json_out_key(o, "artifactLocation");
        json_out_object(o);
        json_out_member(o, "uri", uri_of(a, x->file));
        json_out_object_end(o);
        json_out_key(o, "region");
        json_out_object(o);
        json_out_member_u64(o, "startLine", x->note->line ? x->note->line : 1);
        json_out_object_end(o);
        json_out_object_end(o);
        json_out_object_end(o);
        json_out_array_end(o);
        fingerprint(o, x->note->id, x->note->until);
        json_out_object_end(o);
}

void report_sarif(const struct report_facts *f, struct buf *to)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct report_expired_list expired;
        struct rules rules;
        struct json_out o;

        report_expired(f, a, &expired);
        rules = rules_make(f, &expired, a);
        json_out_init(&o, to, 2);
        json_out_object(&o);
        json_out_member_text(&o, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json_out_member_text(&o, "version", "2.1.0");
        json_out_key(&o, "runs");
        json_out_array(&o);
        json_out_object(&o);
        json_out_key(&o, "tool");
        json_out_object(&o);
        json_out_key(&o, "driver");
        json_out_object(&o);
        json_out_member_text(&o, "name", "coffer");
        json_out_member_text(&o, "version", COFFER_VERSION);
        json_out_key(&o, "rules");
        json_out_array(&o);
        for (size_t i = 0; i < rules.n; i++)
                put_rule(&o, &rules.at[i]);
        json_out_array_end(&o);
        json_out_object_end(&o);
        json_out_object_end(&o);
        json_out_key(&o, "invocations");
        json_out_array(&o);
        json_out_object(&o);
        json_out_key(&o, "executionSuccessful");
        json_out_bool(&o, report_is_assessed(f)); /* not assessed is never a success */
        json_out_key(&o, "toolExecutionNotifications");
        json_out_array(&o);
        for (size_t i = 0; i < f->inventory->n_notes + (f->match ? f->match->n_notes : 0); i++) {
                size_t n = f->inventory->n_notes;
                json_out_object(&o);
                json_out_member_text(&o, "level", "warning");
                text_object(&o, "message", i < n ? f->inventory->notes[i] : f->match->notes[i - n]);
                json_out_object_end(&o);
        }
        json_out_array_end(&o);
        json_out_object_end(&o);
        json_out_array_end(&o);
        json_out_key(&o, "results");
        json_out_array(&o);
        for (size_t i = 0; f->match && i < f->match->n_findings; i++)
                put_finding(&o, f, &rules, i, a);
        for (size_t i = 0; i < f->inventory->n_remarks; i++)
                put_remark(&o, &rules, &f->inventory->remarks[i], a);
        for (size_t i = 0; i < expired.len; i++)
                put_expired(&o, &rules, &expired.at[i], a);
        json_out_array_end(&o);
        json_out_key(&o, "properties");
        json_out_object(&o);
        json_out_member(&o, "image", f->name);
        json_out_object_end(&o);
        json_out_object_end(&o);
        json_out_array_end(&o);
        json_out_object_end(&o);
        buf_put_text(to, "\n");
}
