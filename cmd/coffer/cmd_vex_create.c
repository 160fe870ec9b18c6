/* vex create: an OpenVEX document of one statement, or of one for each finding of a scan to fill in. */
#include "cmd_vex.h"
#include "report/report.h"

static const char *arg_id, *arg_status, *arg_justification, *arg_impact, *arg_action, *arg_note, *arg_from_scan;
static struct cli_list arg_aliases, arg_products, arg_subcomponents;

/* ---- products ---- */

static bool is_unreserved(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

/* ECMA-427: what is not unreserved is percent-encoded. */
static void put_encoded(struct buf *b, struct span s)
{
        for (size_t i = 0; i < s.len; i++)
                if (is_unreserved(s.at[i]))
                        buf_put_u8(b, s.at[i]);
                else
                        buf_printf(b, "%%%02X", s.at[i]);
}

/* The last part of "./registry/App:1@sha256:..": what the purl type "oci" calls the name, in small letters. */
static void put_image_name(struct buf *b, struct span name)
{
        size_t begin = 0, end = name.len;

        for (size_t i = 0; i < end; i++)
                if (name.at[i] == '@')
                        end = i;
        for (size_t i = 0; i < end; i++)
                if (name.at[i] == '/' && i + 1 < end)
                        begin = i + 1;
        for (size_t i = begin; i < end; i++) {
                uint8_t c = name.at[i];

                if (c == ':' || c == '/')
                        break;
                c = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
                put_encoded(b, span_bytes(&c, 1));
        }
}

/* "docker://ghcr.io/org/app:1" -> "pkg:oci/app?repository_url=ghcr.io/org/app&tag=1" */
static bool image_purl(const char *text, struct arena *a, struct span *ret, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};
        struct fetch_name name;
        bool by_digest;

        if (!fetch_name_parse(text, a, &name, e))
                return err_wrap(e, "--product docker://%s", text);
        by_digest = strchr(name.reference, ':') != NULL;
        buf_put_text(&b, "pkg:oci/");
        put_image_name(&b, span_of(name.repository));
        if (by_digest) {
                buf_put_text(&b, "@");
                put_encoded(&b, span_of(name.reference));
        }
        buf_printf(&b, "?repository_url=");
        put_encoded(&b, span_of(name.host));
        buf_put_text(&b, "/");
        put_encoded(&b, span_of(name.repository));
        if (!by_digest) {
                buf_put_text(&b, "&tag=");
                put_encoded(&b, span_of(name.reference));
        }
        *ret = arena_copy(a, buf_span(&b));
        return true;
}

static bool purl_check(struct span text, const char *option, struct err *e)
{
        struct span type, name = {0};
        char shown[200];
        bool plain = span_starts(text, "pkg:") && span_split(span_from(text, strlen("pkg:")), '/', &type, &name);

        for (size_t i = 0; i < text.len; i++)
                plain = plain && text.at[i] > ' ' && text.at[i] < 0x7f;
        if (plain && type.len > 0 && name.len > 0 && name.at[0] != '@' && name.at[0] != '?')
                return true;
        return err_set(e, ERR_MALFORMED, "%s %s: no package URL (pkg:TYPE/NAME@VERSION, percent-encoded)", option,
            span_printable(text, shown, sizeof(shown)));
}

static bool product_read(const char *text, struct arena *a, struct span *ret, struct err *e)
{
        struct digest d;

        if (span_starts(span_of(text), "docker://"))
                return image_purl(text + strlen("docker://"), a, ret, e);
        *ret = span_of(text);
        if (span_starts(*ret, "sha256:"))
                return digest_parse(*ret, &d, e) || err_wrap(e, "--product %s", text);
        if (span_starts(*ret, "pkg:"))
                return purl_check(*ret, "--product", e);
        return err_set(e, ERR_MALFORMED,
            "--product %s: say a package URL (pkg:npm/lodash@4.17.15), an image's digest (sha256:...) or its name "
            "(docker://ghcr.io/org/app:1)",
            text);
}

static bool products_read(struct arena *a, struct vex_product **ret, size_t *ret_n, struct err *e)
{
        struct vex_product *products = arena_array(a, arg_products.n, sizeof(*products));
        struct span *inner = arena_array(a, arg_subcomponents.n, sizeof(*inner));

        for (size_t i = 0; i < arg_subcomponents.n; i++) {
                inner[i] = span_of(arg_subcomponents.at[i]);
                if (!purl_check(inner[i], "--subcomponent", e))
                        return false;
        }
        for (size_t i = 0; i < arg_products.n; i++) {
                products[i] = (struct vex_product){.subcomponents = inner, .n_subcomponents = arg_subcomponents.n};
                if (!product_read(arg_products.at[i], a, &products[i].name, e))
                        return false;
        }
        *ret = products;
        *ret_n = arg_products.n;
        return true;
}

/* ---- one statement ---- */

static enum vex_status status_read(void)
{
        for (int s = VEX_STATUS_INVESTIGATING; s <= VEX_STATUS_FIXED; s++)
                if (arg_status && strcmp(arg_status, vex_status_name((enum vex_status)s)) == 0)
                        return (enum vex_status)s;
        return VEX_STATUS_NONE; /* the command line takes no other word */
}

static bool statement_make(struct arena *a, struct vex_statement *s, struct err *e)
{
        struct span *ids = arena_array(a, arg_aliases.n + 1, sizeof(*ids));
        struct vex_product *products;

        if (!arg_id || !arg_status || arg_products.n == 0)
                return err_set(e, ERR_MALFORMED, "%s is missing",
                    !arg_id       ? "--id"
                    : !arg_status ? "--status"
                                  : "--product");
        if (arg_impact && arg_note)
                return err_set(
                    e, ERR_MALFORMED, "--note together with --impact-statement: one of them is kept; say it in one");
        ids[0] = span_of(arg_id);
        for (size_t i = 0; i < arg_aliases.n; i++)
                ids[i + 1] = span_of(arg_aliases.at[i]);
        *s = (struct vex_statement){.ids = ids,
            .n_ids = arg_aliases.n + 1,
            .status = status_read(),
            .justification = span_of(arg_justification),
            .note = span_of(arg_impact ? arg_impact : arg_note),
            .action = span_of(arg_action)};
        if (arg_impact && s->status != VEX_STATUS_NOT_AFFECTED)
                return err_set(e, ERR_MALFORMED,
                    "an impact statement is for not_affected alone; --note says something of the others");
        if (arg_note && s->status == VEX_STATUS_NOT_AFFECTED)
                return err_set(
                    e, ERR_MALFORMED, "--note is for the other statuses; of not_affected --impact-statement says why");
        if (!products_read(a, &products, &s->n_products, e))
                return false;
        s->products = products;
        return true;
}

/* ---- one for each finding ---- */

static bool has_statement_options(void)
{
        return arg_id || arg_status || arg_justification || arg_impact || arg_action || arg_note || arg_aliases.n > 0 ||
               arg_subcomponents.n > 0;
}

/* The image by its digest, so that what is ruled out is so in these bytes alone; of what has none, the package. */
static struct span scanned_image(const struct report_stored *s, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};
        size_t head;

        if (s->image_digest.len == 0)
                return (struct span){0};
        buf_put_text(&b, "pkg:oci/");
        head = b.len;
        put_image_name(&b, s->image_name);
        if (b.len == head || b.at[head] == '.')
                return s->image_digest;
        buf_put_text(&b, "@");
        put_encoded(&b, s->image_digest);
        return arena_copy(a, buf_span(&b));
}

static void finding_state(
    const struct report_stored *s, size_t index, struct span image, struct arena *a, struct vex_statement *ret)
{
        const struct finding *f = &s->match.findings[index];
        struct vex_product *p = arena_array(a, 1, sizeof(*p));
        struct span *ids = arena_array(a, f->n_aliases + 1, sizeof(*ids));

        ids[0] = f->id;
        for (size_t i = 0; i < f->n_aliases; i++)
                ids[i + 1] = f->aliases[i];
        *p = (struct vex_product){.name = s->inventory.components[f->component].purl};
        if (image.len > 0)
                *p = (struct vex_product){
                    .name = image, .subcomponents = &s->inventory.components[f->component].purl, .n_subcomponents = 1};
        *ret = (struct vex_statement){
            .ids = ids, .n_ids = f->n_aliases + 1, .products = p, .n_products = 1, .status = VEX_STATUS_INVESTIGATING};
}

/* Two components of one purl (the same jar twice) are one for a statement. */
static bool is_said(const struct vex_statement *at, size_t n, const struct vex_statement *s)
{
        const struct vex_product *p = s->products;

        for (size_t i = n; i-- > 0;) {
                const struct vex_product *q = at[i].products;

                if (span_equal(at[i].ids[0], s->ids[0]) && span_equal(p->name, q->name) &&
                    (p->n_subcomponents == 0 || span_equal(p->subcomponents[0], q->subcomponents[0])))
                        return true;
                if (n - i > 64) /* findings of one id stand together, by component */
                        return false;
        }
        return false;
}

static bool findings_state(struct vex_draft *d, const struct report_stored *s, struct arena *a, struct err *e)
{
        struct vex_statement *statements = arena_array(a, s->match.n_findings, sizeof(*statements));
        struct span image = scanned_image(s, a);
        size_t n = 0;

        if (arg_products.n > 1)
                return err_set(e, ERR_MALFORMED, "--from-scan takes one --product: the image that was scanned");
        if (arg_products.n == 1 && !product_read(arg_products.at[0], a, &image, e))
                return false;
        for (size_t i = 0; i < s->match.n_findings; i++) {
                bool named = s->inventory.components[s->match.findings[i].component].purl.len > 0;

                if (s->findings[i].spoken_of || s->findings[i].ignored || !named)
                        continue;
                finding_state(s, i, image, a, &statements[n]);
                n += !is_said(statements, n, &statements[n]);
        }
        if (n == 0)
                return err_set(
                    e, ERR_NOT_FOUND, "the report has no finding that no statement and no exception speaks of");
        d->statements = statements;
        d->n_statements = n;
        return true;
}

static int from_scan(struct vex_draft *d, struct arena *a, struct err *e)
{
        CLEANUP(buf_done) struct buf text = {0};
        CLEANUP(report_stored_freep) struct report_stored *s = NULL;

        if (has_statement_options()) {
                err_set(e, ERR_MALFORMED,
                    "--from-scan makes statements of its own: beside it go --product and what is said of the document");
                return cli_fail(e);
        }
        if (!vex_input_read(arg_from_scan, &text, e) || !report_stored_read(buf_span(&text), arg_from_scan, &s, e) ||
            !findings_state(d, s, a, e) || !vex_draft_write(d, e))
                return cli_fail(e);
        return EXIT_CLEAN;
}

static int create_run(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct vex_statement statement;
        struct vex_draft d;
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!vex_draft_begin(&d, &e))
                return cli_fail(&e);
        if (d.author.len == 0) {
                err_set(&e, ERR_MALFORMED, "--author is missing: a statement is worth what its author's word is");
                return cli_fail(&e);
        }
        if (arg_from_scan)
                return from_scan(&d, a, &e);
        if (!statement_make(a, &statement, &e))
                return cli_fail(&e);
        d.statements = &statement;
        d.n_statements = 1;
        return vex_draft_write(&d, &e) ? EXIT_CLEAN : cli_fail(&e);
}

static const struct cli_option create_options[] = {
    {"id", 0, CLI_TEXT, "ID", "the vulnerability: CVE-2024-1", &arg_id, NULL},
    {"alias", 0, CLI_LIST, "ID", "another id of it: GHSA-...", &arg_aliases, NULL},
    {"product", 0, CLI_LIST, "PRODUCT", "what it is about: a package URL, docker://NAME or sha256:...", &arg_products,
        NULL},
    {"subcomponent", 0, CLI_LIST, "PURL", "this package in the products alone", &arg_subcomponents, NULL},
    {"status", 0, CLI_TEXT, "STATUS", "whether it concerns them", &arg_status,
        "not_affected affected fixed under_investigation"},
    {"justification", 0, CLI_TEXT, "LABEL", "why not, for not_affected", &arg_justification, vex_justifications},
    {"impact-statement", 0, CLI_TEXT, "TEXT", "why not, in words", &arg_impact, NULL},
    {"action", 0, CLI_TEXT, "TEXT", "what to do about it, for affected", &arg_action, NULL},
    {"note", 0, CLI_TEXT, "TEXT", "how the status was found, for the other statuses", &arg_note, NULL},
    {"from-scan", 0, CLI_TEXT, "REPORT", "a statement for each finding of this JSON report, to fill in", &arg_from_scan,
        NULL},
    VEX_DRAFT_OPTIONS,
};

const struct cli_command cmd_vex_create = {
    .name = "vex create",
    .operands = "",
    .summary = "write a statement about a finding as an OpenVEX document",
    .about = "Says of a vulnerability whether it concerns products, and why: what --vex of scan, check and run then "
             "heeds (docs/vex.md). "
             "The document is OpenVEX 0.2.0, and what that demands is demanded here: a justification or an impact "
             "statement for "
             "not_affected, an action for affected.\n\n"
             "With --from-scan, one statement for each finding of a report of `coffer scan -o json` (- for standard "
             "input) that no "
             "statement and no exception speaks of, all of them under_investigation: about the image by its digest, "
             "and the package "
             "in it. Whoever looked at one writes its status and the reason there.",
    .examples =
        "coffer vex create --author 'Example' --id CVE-2024-1 --product docker://ghcr.io/org/app:1 --subcomponent "
        "pkg:npm/lodash "
        "--status not_affected --justification vulnerable_code_not_in_execute_path -O app.openvex.json\tone statement\n"
        "coffer scan -o json ./image | coffer vex create --author 'Example' --from-scan -\ta list to work on",
    .options = create_options,
    .n_options = ARRAY_LEN(create_options),
    .min_operands = 0,
    .max_operands = 0,
    .run = create_run,
};
