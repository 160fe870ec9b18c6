/*
 * In the worker: a stored JSON report -> what statements about its findings are held against, and where in the text they are
 * written. Members that are not needed are passed over, so that later ones of the same schema_version do no harm.
 */
#include "report/report_limits.h"
#include "report/report_priv.h"

struct parsed {
        struct json *j;
        struct buf components, findings; /* as they are answered */
        uint32_t n_components, n_findings;
        struct span name, kind, digest, config;
        struct span counts, complete; /* values, in the text */
        bool is_complete, has_counts, has_notes, has_version;
        uint64_t expired, kernel_text;
};

static struct span text_or_null(struct json *j)
{
        return json_null(j) ? (struct span){0} : json_string(j);
}

static void image_read(struct parsed *p)
{
        struct span key;

        json_object(p->j);
        while (json_member(p->j, &key)) {
                if (span_is(key, "name"))
                        p->name = json_string(p->j);
                else if (span_is(key, "kind"))
                        p->kind = text_or_null(p->j);
                else if (span_is(key, "digest"))
                        p->digest = text_or_null(p->j);
                else if (span_is(key, "config"))
                        p->config = text_or_null(p->j);
                else
                        json_skip(p->j);
        }
}

static void source_read(struct json *j, struct component *c)
{
        struct span key;

        if (json_null(j))
                return;
        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "name"))
                        c->source_name = json_string(j);
                else if (span_is(key, "version"))
                        c->source_version = text_or_null(j);
                else
                        json_skip(j);
        }
}

static void owner_read(struct json *j, struct component *c)
{
        uint64_t owner;

        if (json_null(j))
                return;
        owner = json_u64(j);
        if (owner >= STORED_ELEMENTS_MAX)
                json_fail(j, ERR_MALFORMED, "an index in components was expected");
        c->owner = (uint32_t)owner + 1;
}

static void component_read(struct parsed *p)
{
        struct component c = {.state = COMPONENT_INSTALLED};
        struct json *j = p->j;
        struct span key;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "purl"))
                        c.purl = json_string(j);
                else if (span_is(key, "type"))
                        c.type = json_string(j);
                else if (span_is(key, "name"))
                        c.name = json_string(j);
                else if (span_is(key, "version"))
                        c.version = json_string(j);
                else if (span_is(key, "ecosystem"))
                        c.ecosystem = text_or_null(j);
                else if (span_is(key, "path"))
                        c.path = json_string(j);
                else if (span_is(key, "state"))
                        c.state = span_is(json_string(j), "declared") ? COMPONENT_DECLARED : COMPONENT_INSTALLED;
                else if (span_is(key, "source"))
                        source_read(j, &c);
                else if (span_is(key, "owner"))
                        owner_read(j, &c);
                else
                        json_skip(j);
        }
        const struct span texts[] = {
            c.purl, c.type, c.name, c.version, c.ecosystem, c.path, c.source_name, c.source_version};
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                buf_put_string(&p->components, texts[i]);
        buf_put_u8(&p->components, c.state == COMPONENT_DECLARED);
        buf_put_u32le(&p->components, c.owner);
        p->n_components++;
}

static void piece_put(struct buf *to, const struct json *j, struct span value)
{
        buf_put_u64le(to, value.len > 0 ? (uint64_t)(value.at - j->in.at) : 0);
        buf_put_u64le(to, value.len);
}

/* True unless the value is null. */
static bool is_given(struct json *j)
{
        bool null = json_peek(j) == JSON_NULL;

        json_skip(j);
        return !null && !j->failed;
}

static enum severity severity_read(struct json *j)
{
        struct span word = json_string(j);
        enum severity s;

        if (severity_parse(word, &s))
                return s;
        if (!j->failed && !span_is(word, "none"))
                json_fail(j, ERR_MALFORMED, "none of the severities");
        return SEVERITY_NONE;
}

static void finding_read(struct parsed *p)
{
        CLEANUP(buf_done) struct buf aliases = {0};
        struct span key, id = {0}, vex = {0}, answer = {0};
        uint64_t component = UINT64_MAX;
        enum severity severity = SEVERITY_NONE;
        struct json *j = p->j;
        uint32_t n_aliases = 0;
        bool ignored = false, spoken_of = false;

        json_object(j);
        while (json_member(j, &key)) {
                if (span_is(key, "id")) {
                        id = json_string(j);
                } else if (span_is(key, "aliases")) {
                        for (json_array(j); json_element(j); n_aliases++)
                                buf_put_string(&aliases, json_string(j));
                } else if (span_is(key, "component")) {
                        component = json_u64(j);
                } else if (span_is(key, "answer")) {
                        answer = json_string(j);
                } else if (span_is(key, "severity")) {
                        severity = severity_read(j);
                } else if (span_is(key, "ignored")) {
                        ignored = is_given(j);
                } else if (span_is(key, "vex")) {
                        spoken_of = json_peek(j) != JSON_NULL;
                        vex = json_raw(j);
                } else {
                        json_skip(j);
                }
        }
        if (!j->failed && vex.len == 0)
                json_fail(j, ERR_UNSUPPORTED, "it has no \"vex\": the report is of an older Coffer; scan again");
        if (!j->failed && (id.len == 0 || component >= STORED_ELEMENTS_MAX))
                json_fail(j, ERR_MALFORMED, "a finding has an id and the index of a component");
        buf_put_string(&p->findings, id);
        buf_put_u32le(&p->findings, n_aliases);
        buf_put(&p->findings, buf_span(&aliases));
        buf_put_u32le(&p->findings, (uint32_t)component);
        buf_put_u8(&p->findings, span_is(answer, "affected"));
        buf_put_u8(&p->findings, (uint8_t)severity);
        buf_put_u8(&p->findings, ignored);
        buf_put_u8(&p->findings, spoken_of);
        piece_put(&p->findings, j, vex);
        p->n_findings++;
}

static void counts_read(struct parsed *p)
{
        struct json inner;
        struct span key;

        p->has_counts = json_peek(p->j) == JSON_OBJECT;
        p->counts = json_raw(p->j);
        if (!p->has_counts || p->j->failed)
                return;
        json_init(&inner, p->counts, p->j->arena, NULL);
        json_object(&inner);
        while (json_member(&inner, &key)) {
                if (span_is(key, "expired_exceptions"))
                        p->expired = json_u64(&inner);
                else if (span_is(key, "kernel_text"))
                        p->kernel_text = json_u64(&inner);
                else
                        json_skip(&inner);
        }
        if (inner.failed)
                json_fail(p->j, ERR_MALFORMED, "counts are whole numbers");
}

static void version_read(struct parsed *p)
{
        uint64_t version = json_u64(p->j);

        p->has_version = true;
        if (!p->j->failed && version != REPORT_SCHEMA_VERSION)
                json_fail(p->j, ERR_UNSUPPORTED, "reports of schema_version %u are known here", REPORT_SCHEMA_VERSION);
}

static void member_read(struct parsed *p, struct span key)
{
        struct json *j = p->j;

        if (span_is(key, "schema_version")) {
                version_read(p);
        } else if (span_is(key, "image")) {
                image_read(p);
        } else if (span_is(key, "components")) {
                for (json_array(j); json_element(j);)
                        component_read(p);
        } else if (span_is(key, "findings")) {
                for (json_array(j); json_element(j);)
                        finding_read(p);
        } else if (span_is(key, "counts")) {
                counts_read(p);
        } else if (span_is(key, "complete")) {
                if (json_peek(j) != JSON_BOOL)
                        json_fail(j, ERR_MALFORMED, "true or false was expected");
                p->complete = json_raw(j);
                p->is_complete = span_is(p->complete, "true");
        } else if (span_is(key, "notes")) {
                for (json_array(j); json_element(j); json_skip(j))
                        p->has_notes = true;
        } else {
                json_skip(j);
        }
}

static bool end(struct parsed *p, struct buf *answer, struct err *e)
{
        const struct span texts[] = {p->name, p->kind, p->digest, p->config};

        if (!p->has_version || p->counts.len == 0 || p->complete.len == 0)
                return err_set(e, ERR_MALFORMED, "it is no report of `coffer scan -o json`");
        if (!p->has_counts)
                return err_set(e, ERR_UNSUPPORTED, "it was made without an advisory database, and has no findings");
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                buf_put_string(answer, texts[i]);
        buf_put_u8(answer, p->is_complete || !p->has_notes);
        buf_put_u64le(answer, p->expired);
        buf_put_u64le(answer, p->kernel_text);
        piece_put(answer, p->j, p->counts);
        piece_put(answer, p->j, p->complete);
        buf_put_u32le(answer, p->n_components);
        buf_put(answer, buf_span(&p->components));
        buf_put_u32le(answer, p->n_findings);
        buf_put(answer, buf_span(&p->findings));
        answer->failed |= p->components.failed || p->findings.failed;
        return !answer->failed || err_set(e, ERR_LIMIT, "what is in it takes more than %u bytes", STORED_ANSWER_MAX);
}

bool report_stored_parse(struct span text, struct arena *a, struct buf *answer, struct err *e)
{
        static const struct json_limits limits = {.string_max = STORED_STRING_MAX, .members_max = STORED_ELEMENTS_MAX};
        struct json j;
        struct parsed p = {.j = &j};
        struct span key;
        bool ok;

        json_init(&j, text, a, &limits);
        json_object(&j);
        while (json_member(&j, &key))
                member_read(&p, key);
        ok = json_finish(&j, e) && end(&p, answer, e);
        buf_done(&p.components);
        buf_done(&p.findings);
        return ok;
}

static bool stored_run(size_t n_fds, struct err *e)
{
        struct arena *a CLEANUP(arena_freep) = arena_new();
        struct buf in CLEANUP(buf_done) = {.max = STORED_TEXT_MAX + (2u << 20)},
                      answer CLEANUP(buf_done) = {.max = STORED_ANSWER_MAX};
        struct span request, rest;
        size_t n = 1;

        if (!jail_request(a, &request, e))
                return false;
        if (n_fds != 1)
                return err_set(e, ERR_BUG, "report-stored needs one descriptor");
        while (n > 0) {
                uint8_t *to = buf_reserve(&in, 1u << 20);

                if (!to || in.len > STORED_TEXT_MAX)
                        return err_set(e, ERR_LIMIT, "it is above %u bytes", STORED_TEXT_MAX);
                if (!fd_read_full(JAIL_FD_FIRST, to, 1u << 20, &n, e))
                        return false;
                in.len += n;
        }
        if (!report_stored_parse(buf_span(&in), a, &answer, e))
                return false;
        for (rest = buf_span(&answer); rest.len > 0;) {
                struct span frame = span_cut(rest, 0, JAIL_FRAME_MAX);

                if (!jail_answer(frame, e))
                        return false;
                rest = span_from(rest, frame.len);
        }
        return true;
}

const struct jail_job report_jobs[] = {{.name = "report-stored", .run = stored_run}};
const size_t report_n_jobs = ARRAY_LEN(report_jobs);
