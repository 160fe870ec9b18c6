/*
 * Properties of reports about components, findings and notes whose texts are any bytes:
 * - a table holds no control byte but line ends, is UTF-8, and no line's indent can be forged: every line that we did
 *   not begin ourselves would need a line end, which no text can bring;
 * - with colour, what is added is colour alone: without the escapes the table is the same;
 * - JSON is valid for the strict reader and holds as many components and findings as were given.
 */
#include <assert.h>

#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMPONENTS_MAX 8u
#define NOW_S 1795392000

struct input {
        struct component components[COMPONENTS_MAX];
        struct finding findings[COMPONENTS_MAX];
        struct span alias, note;
        size_t n;
        unsigned width;
};

/* Texts are divided by NUL; a component takes what comes. */
static struct span next_text(struct span *rest)
{
        struct span text;

        span_split(*rest, 0, &text, rest);
        return text;
}

static void input_read(struct input *in, struct span rest)
{
        struct cursor c = {.rest = rest};

        in->width = cursor_u8(&c);
        in->note = next_text(&c.rest);
        in->alias = next_text(&c.rest);
        while (in->n < COMPONENTS_MAX && c.rest.len > 0) {
                struct component *to = &in->components[in->n];
                struct finding *f = &in->findings[in->n];
                uint8_t kind = cursor_u8(&c);

                *to = (struct component){.ecosystem = kind & 1 ? SPAN_LIT("npm") : next_text(&c.rest),
                    .type = next_text(&c.rest),
                    .name = next_text(&c.rest),
                    .version = next_text(&c.rest)};
                to->purl = to->path = to->licence = to->name;
                to->layer = kind >> 6;
                if (kind & 2)
                        to->source_name = to->source_version = next_text(&c.rest);
                *f = (struct finding){.component = (uint32_t)in->n,
                    .package = to->name,
                    .package_version = to->version,
                    .id = next_text(&c.rest),
                    .aliases = &in->alias,
                    .n_aliases = kind >> 2 & 1,
                    .answer = kind >> 3 & 1 ? ADVISORY_AFFECTED : ADVISORY_UNKNOWN,
                    .severity = (enum severity)(kind >> 4 & 7),
                    .score_tenths = kind,
                    .fixed = next_text(&c.rest)};
                f->summary = f->explanation = f->vector = f->reference = f->id;
                in->n++;
        }
}

static bool write_text(const struct report_facts *f, const struct report_options *o, bool verdict, struct buf *to)
{
        return verdict ? report_verdict(f, o, to, NULL) : report_scan(f, o, to, NULL);
}

static void check_text(const struct report_facts *f, unsigned width, bool verdict)
{
        CLEANUP(buf_done) struct buf plain = {0}, colour = {0}, bare = {0};
        struct report_options o = {.width = width, .all_components = true};

        if (!write_text(f, &o, verdict, &plain))
                abort();
        o.colour = true;
        if (!write_text(f, &o, verdict, &colour))
                abort();
        assert(span_is_utf8(buf_span(&plain)));
        for (size_t i = 0; i < plain.len; i++)
                assert(plain.at[i] == '\n' || (plain.at[i] >= 0x20 && plain.at[i] != 0x7f));
        for (size_t i = 0; i < colour.len; i++) {
                if (colour.at[i] == 0x1b)
                        while (colour.at[i] != 'm')
                                i++;
                else
                        buf_put_u8(&bare, colour.at[i]);
        }
        assert(span_equal(buf_span(&bare), buf_span(&plain)));
}

static size_t count_elements(struct json *j)
{
        size_t n = 0;

        for (json_array(j); json_element(j); n++)
                json_skip(j);
        return n;
}

static void check_json(const struct report_facts *f)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {0};
        size_t n_components = 0, n_findings = 0;
        struct span key;
        struct json j;

        if (!report_scan(f, &(struct report_options){.format = REPORT_JSON}, &b, NULL))
                abort();
        json_init(&j, buf_span(&b), a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "components"))
                        n_components = count_elements(&j);
                else if (span_is(key, "findings"))
                        n_findings = count_elements(&j);
                else
                        json_skip(&j);
        }
        if (!json_finish(&j, NULL))
                abort();
        assert(n_components == f->inventory->n_components);
        assert(n_findings == f->match->n_findings);
}

/* Whatever the texts hold: JSON stays JSON, markup never gets a tag of theirs. */
static void check_formats(const struct report_facts *f)
{
        static const enum report_format jsons[] = {REPORT_SARIF, REPORT_CYCLONEDX, REPORT_SPDX, REPORT_GITHUB};

        for (size_t i = 0; i < ARRAY_LEN(jsons); i++) {
                CLEANUP(arena_freep) struct arena *a = arena_new();
                CLEANUP(buf_done) struct buf b = {0};
                struct json_limits limits = {.string_max = 1u << 24};
                struct json j;
                if (!report_scan(f, &(struct report_options){.format = jsons[i]}, &b, NULL))
                        abort();
                if (jsons[i] == REPORT_GITHUB) /* two paths that are no UTF-8 may read the same */
                        continue;
                json_init(&j, buf_span(&b), a, &limits);
                json_skip(&j);
                if (!json_finish(&j, NULL))
                        abort();
        }
        CLEANUP(buf_done) struct buf markup = {0}, xml = {0};
        if (!report_scan(f, &(struct report_options){.format = REPORT_HTML}, &markup, NULL) ||
            !report_scan(f, &(struct report_options){.format = REPORT_JUNIT}, &xml, NULL))
                abort();
        assert(span_is_utf8(buf_span(&markup)) && span_is_utf8(buf_span(&xml)));
        for (size_t i = 0; i < xml.len; i++)
                assert(xml.at[i] == '\n' || (xml.at[i] >= 0x20 && xml.at[i] != 0x7f));
        for (size_t i = 0; i + 1 < xml.len; i++) /* our tags are in small letters, and close or declare */
                assert(xml.at[i] != '<' || (xml.at[i + 1] >= 'a' && xml.at[i + 1] <= 'z') || xml.at[i + 1] == '/' ||
                       xml.at[i + 1] == '?');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input in = {.width = 0};
        __typeof__(*((struct inventory *)0)->layers) layers[2] = {{.size = 0}};
        struct inventory v = {.components = in.components, .notes = &in.note, .n_notes = 1, .layers = layers};
        struct match m = {.findings = in.findings, .notes = &in.note, .n_notes = 1};
        struct report_facts f = {.inventory = &v, .match = &m, .now_s = NOW_S};

        input_read(&in, span_bytes(data, size));
        v.n_components = m.n_findings = in.n;
        v.n_layers = in.width % 3; /* a component's layer may be none of them */
        layers[0].created_by = layers[1].created_by = in.note;
        v.os.pretty_name = v.os.id = f.name = f.kind = in.note;
        check_text(&f, in.width, false);
        check_json(&f);
        check_formats(&f);

        struct policy_reason reason = {.kind = POLICY_REASON_DATABASE, .text = in.note};
        struct policy_ignore_note ignores[] = {
            {.state = POLICY_IGNORE_USED, .line = 1, .id = in.alias, .reason = in.note, .text = in.note},
            {.state = POLICY_IGNORE_EXPIRED, .line = 2, .id = in.alias, .until = in.note, .n_again = 1, .text = in.alias}};
        struct policy_verdict verdict = {
            .policy = in.note, .reasons = &reason, .n_reasons = 1, .ignores = ignores, .n_ignores = 2};

        f.verdict = &verdict;
        check_text(&f, in.width, true);
        check_text(&f, in.width, false);
        check_json(&f);
        return 0;
}
