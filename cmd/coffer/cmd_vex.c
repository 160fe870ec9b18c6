/* vex merge, apply, validate: documents of statements about findings, without an image. */
#include "cmd_vex.h"
#include "coffer_build.h"
#include "report/report.h"

#include <fcntl.h>
#include <unistd.h>

const char *arg_vex_author, *arg_vex_role, *arg_vex_id, *arg_vex_time, *arg_vex_output;
uint64_t arg_vex_version = 1;
static struct cli_list arg_statements;

/* ---- shared ---- */

bool vex_draft_begin(struct vex_draft *d, struct err *e)
{
        *d = (struct vex_draft){.id = span_of(arg_vex_id),
            .author = span_of(arg_vex_author),
            .role = span_of(arg_vex_role),
            .tooling = SPAN_LIT("coffer " COFFER_VERSION),
            .time_s = clock_wall_s()};
        if (arg_vex_id && !strchr(arg_vex_id, ':'))
                return err_set(e, ERR_MALFORMED,
                    "--document-id %s: an IRI begins with its scheme, such as https://example.org/vex/1", arg_vex_id);
        if (arg_vex_time && !clock_parse(span_of(arg_vex_time), &d->time_s))
                return err_set(e, ERR_MALFORMED, "--timestamp %s: a time was expected, such as 2026-11-23T12:00:00Z",
                    arg_vex_time);
        if (arg_vex_time && d->time_s <= 0)
                return err_set(e, ERR_MALFORMED, "--timestamp %s: it is before 1970", arg_vex_time);
        if (arg_vex_version == 0 || arg_vex_version > UINT32_MAX)
                return err_set(e, ERR_MALFORMED, "--document-version: a whole number from 1 was expected");
        d->version = (uint32_t)arg_vex_version;
        return true;
}

bool vex_draft_write(const struct vex_draft *d, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0};

        for (size_t i = 0; i < d->n_statements; i++)
                if (!vex_statement_check(&d->statements[i], e))
                        return false;
        vex_write(d, &b);
        if (b.failed)
                return err_set(e, ERR_LIMIT, "the document is larger than %u bytes", BUF_MAX_DEFAULT);
        return cli_write_output(arg_vex_output, buf_span(&b), e);
}

bool vex_input_read(const char *name, struct buf *ret, struct err *e)
{
        size_t n = 1;

        if (strcmp(name, "-") != 0)
                return file_read(AT_FDCWD, name, BUF_MAX_DEFAULT, ret, e);
        while (n > 0) {
                uint8_t *to = buf_reserve(ret, 1u << 20);

                if (!to)
                        return err_set(e, ERR_LIMIT, "standard input is above %u bytes", BUF_MAX_DEFAULT);
                if (!fd_read_full(STDIN_FILENO, to, 1u << 20, &n, e))
                        return false;
                ret->len += n;
        }
        return true;
}

struct documents {
        struct vex_document *at[CLI_LIST_MAX];
        size_t n;
};

static void documents_free(struct documents *d)
{
        for (size_t i = 0; i < d->n; i++)
                vex_document_free(d->at[i]);
}

static void tell_passed_over(const struct vex_document *d)
{
        if (d->n_passed_over > 0 && !arg_quiet)
                fprintf(stderr,
                    "coffer: %s: %llu statement%s passed over: no package URL, image or release of a distribution says "
                    "what "
                    "they are about\n",
                    arena_string(d->arena, d->name), (unsigned long long)d->n_passed_over,
                    d->n_passed_over == 1 ? " is" : "s are");
}

static bool documents_read(const char *const *names, size_t n, struct documents *ret, struct err *e)
{
        if (n > CLI_LIST_MAX)
                return err_set(e, ERR_LIMIT, "%zu documents, at most %u at once", n, CLI_LIST_MAX);
        for (size_t i = 0; i < n; i++) {
                CLEANUP(fd_close) int fd = -1;

                if (!file_open_user(names[i], O_RDONLY, &fd, e) ||
                    !vex_document_read(fd, names[i], &ret->at[ret->n], e))
                        return false;
                tell_passed_over(ret->at[ret->n++]);
        }
        return true;
}

/* ---- merge ---- */

/* Of all documents, if they name the same. */
static bool author_find(const struct documents *d, struct span *io, struct err *e)
{
        if (io->len > 0)
                return true;
        for (size_t i = 0; i < d->n; i++)
                if (d->at[i]->author.len == 0 || !span_equal(d->at[i]->author, d->at[0]->author))
                        return err_set(
                            e, ERR_MALFORMED, "--author is missing: the documents do not name one and the same");
        *io = d->at[0]->author;
        return true;
}

/* Who said it is not in OpenVEX's statements: at least it can be looked up. */
static struct span origins(const struct documents *d, struct arena *a)
{
        CLEANUP(buf_done) struct buf b = {0};

        buf_put_text(&b, "coffer " COFFER_VERSION ", merged from");
        for (size_t i = 0; i < d->n; i++) {
                buf_put_text(&b, i ? ", " : " ");
                buf_put(&b, d->at[i]->id.len > 0 ? d->at[i]->id : d->at[i]->name);
        }
        return arena_copy(a, buf_span(&b));
}

static bool merge(const struct documents *d, struct arena *a, struct err *e)
{
        struct vex_merged merged;
        struct vex_draft draft;
        char shown[1024];

        if (!vex_draft_begin(&draft, e) || !author_find(d, &draft.author, e) ||
            !vex_merge((const struct vex_document *const *)d->at, d->n, a, &merged, e))
                return false;
        for (size_t i = 0; i < merged.n_notes && !arg_quiet; i++)
                fprintf(stderr, "coffer: %s\n", span_printable(merged.notes[i], shown, sizeof(shown)));
        if (merged.n_statements == 0)
                return err_set(e, ERR_MALFORMED, "the documents hold no statement that OpenVEX can say");
        draft.tooling = origins(d, a);
        draft.statements = merged.statements;
        draft.n_statements = merged.n_statements;
        return vex_draft_write(&draft, e);
}

static int merge_run(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(documents_free) struct documents d = {.n = 0};
        struct err e = {0};

        if (!documents_read((const char *const *)argv, (size_t)argc, &d, &e) || !merge(&d, a, &e))
                return cli_fail(&e);
        return EXIT_CLEAN;
}

static const struct cli_option merge_options[] = {
    VEX_DRAFT_OPTIONS,
};

const struct cli_command cmd_vex_merge = {
    .name = "vex merge",
    .operands = "FILE...",
    .summary = "make one OpenVEX document of several statements' documents (VEX)",
    .about = "FILEs are OpenVEX, CSAF or CycloneDX (docs/vex.md). Every statement is kept, with its own time and in "
             "its order, so that "
             "the later one counts as it did before and what was said earlier can still be read; equal ones are kept "
             "once. The "
             "new document has an id and a time of its own, and names those that it was made of as its tooling.\n\n"
             "What OpenVEX can't say is left out and told: a statement about packages of one release of a "
             "distribution, or about a "
             "range of versions. Where it demands a reason or an action that the document does not give, that is what "
             "is written.",
    .examples = "coffer vex merge -O all.openvex.json vendor.csaf.json ours.openvex.json --author 'Example'\tfor --vex",
    .options = merge_options,
    .n_options = ARRAY_LEN(merge_options),
    .min_operands = 1,
    .max_operands = -1,
    .run = merge_run,
};

/* ---- apply ---- */

struct name_list {
        struct span *at;
        size_t len, cap;
};

/* What statements may call the image that the report is of; as for scan. */
static void subject_of(const struct report_stored *s, struct arena *a, struct match_subject *ret)
{
        const struct span names[] = {s->image_name, s->image_digest, s->image_config};
        struct span form, about = s->image_kind;
        struct fetch_name name;
        struct name_list list = {0};
        const char *text;

        *ret = (struct match_subject){0};
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (names[i].len > 0)
                        *ARENA_PUSH(a, &list) = names[i];
        span_split(about, ' ', &form, &about); /* "CycloneDX 1.6 of shop": form, version, and of what */
        span_split(about, ' ', &form, &about);
        if (s->image_digest.len == 0 && span_starts(about, "of "))
                *ARENA_PUSH(a, &list) = span_from(about, strlen("of "));
        if (span_is(s->image_kind, "registry") && !span_has_control(s->image_name)) {
                text = arena_string(a, s->image_name);
                if (span_starts(s->image_name, "docker://"))
                        text += strlen("docker://");
                if (fetch_name_parse(text, a, &name, NULL)) {
                        ret->repository = arena_printf(a, "%s/%s", name.host, name.repository);
                        ret->tag = span_of(name.reference);
                        *ARENA_PUSH(a, &list) = span_of(name.reference);
                }
        }
        ret->names = list.at;
        ret->n_names = list.len;
}

static bool apply(const struct report_stored *s, const struct documents *d, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf b = {.max = 512u << 20};
        struct match_subject subject;
        struct match_vex *x = NULL;

        subject_of(s, a, &subject);
        if (!match_vex(&s->inventory, &s->match, &subject, (const struct vex_document *const *)d->at, d->n, &x, e))
                return false;
        report_stored_apply(s, x, &b);
        match_vex_free(x);
        if (b.failed)
                return err_set(e, ERR_LIMIT, "the report can't be written anew");
        return cli_write_output(arg_vex_output, buf_span(&b), e);
}

static int apply_run(int argc, char **argv)
{
        CLEANUP(buf_done) struct buf text = {0};
        CLEANUP(report_stored_freep) struct report_stored *s = NULL;
        CLEANUP(documents_free) struct documents d = {.n = 0};
        struct err e = {0};

        (void)argc;
        if (arg_statements.n == 0) {
                err_set(&e, ERR_MALFORMED, "--vex is missing: which statements?");
                return cli_fail(&e);
        }
        if (!documents_read(arg_statements.at, arg_statements.n, &d, &e) || !vex_input_read(argv[0], &text, &e) ||
            !report_stored_read(buf_span(&text), argv[0], &s, &e) || !apply(s, &d, &e))
                return cli_fail(&e);
        return EXIT_CLEAN;
}

static const struct cli_option apply_options[] = {
    {"vex", 0, CLI_LIST, "FILE", "what this says of findings (OpenVEX, CSAF, CycloneDX)", &arg_statements, NULL},
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_vex_output, NULL},
};

const struct cli_command cmd_vex_apply = {
    .name = "vex apply",
    .operands = "REPORT",
    .summary = "mark the findings of a stored JSON report by statements (VEX)",
    .about =
        "REPORT is what `coffer scan -o json` wrote, or - for standard input; it is read in a locked-down process. "
        "What comes out is "
        "the same report as --vex of scan would have given: each finding with the statement that speaks of it, and "
        "counted "
        "anew. Statements that stood in it before are replaced; a policy's verdict stays, since it was taken then.",
    .examples = "coffer vex apply --vex app.openvex.json -O marked.json scan.json\twithout the image",
    .options = apply_options,
    .n_options = ARRAY_LEN(apply_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = apply_run,
};

/* ---- validate ---- */

static void put(const char *before, struct span s)
{
        CLEANUP(heap_freep) char *shown = heap_alloc(s.len + 1);

        if (s.len > 0)
                printf("%s%s", before, span_printable(s, shown, s.len + 1));
}

#define PRODUCTS_SHOWN 4u

static void put_products(const struct vex_statement *s)
{
        for (size_t i = 0; i < s->n_products && i < PRODUCTS_SHOWN; i++) {
                put(i ? ", " : " ", s->products[i].name);
                put(" ", s->products[i].range);
                put(" of ", s->products[i].ecosystem);
                for (size_t k = 0; k < s->products[i].n_subcomponents; k++)
                        put(k ? ", " : " with ", s->products[i].subcomponents[k]);
        }
        if (s->n_products > PRODUCTS_SHOWN)
                printf(" and %zu more", s->n_products - PRODUCTS_SHOWN);
}

static void put_document(const struct vex_document *d)
{
        char when[CLOCK_TEXT_MAX], digest[DIGEST_TEXT_MAX];

        put("", d->name);
        put(": ", d->form);
        put(", ", d->id);
        put(" by ", d->author);
        printf(", %zu statement%s\n", d->n_statements, d->n_statements == 1 ? "" : "s");
        printf("  %s\n", digest_format(&d->digest, digest)); /* what a policy's vex.documents lists */
        for (size_t i = 0; i < d->n_statements; i++) {
                const struct vex_statement *s = &d->statements[i];

                printf("  %.10s", s->time_s > 0 ? clock_format(s->time_s, when) : "no time   ");
                printf("  %-19s", vex_status_name(s->status));
                put(" ", s->ids[0]);
                put_products(s);
                put(" -- ", s->justification);
                put(" -- ", s->note);
                put(" -- ", s->action);
                puts("");
        }
        for (size_t i = 0; i < d->n_remarks; i++) {
                put("  not valid: ", d->remarks[i]);
                puts("");
        }
        if (d->n_passed_over > 0)
                printf(
                    "  %llu passed over: no package URL, image or release of a distribution says what they are about\n",
                    (unsigned long long)d->n_passed_over);
}

static int validate_run(int argc, char **argv)
{
        int status = EXIT_CLEAN;

        for (int i = 0; i < argc; i++) {
                CLEANUP(fd_close) int fd = -1;
                struct vex_document *d = NULL;
                struct err e = {0};

                if (!file_open_user(argv[i], O_RDONLY, &fd, &e) || !vex_document_read(fd, argv[i], &d, &e)) {
                        status = cli_fail(&e);
                        continue;
                }
                put_document(d);
                if (d->n_remarks > 0 && status == EXIT_CLEAN)
                        status = EXIT_FINDINGS;
                vex_document_free(d);
        }
        return status;
}

const struct cli_command cmd_vex_validate = {
    .name = "vex validate",
    .operands = "FILE...",
    .summary = "list the statements of documents (VEX), and what their form demands and they lack",
    .about = "OpenVEX, CSAF or CycloneDX. First the document's digest, for a policy's vex.documents; then one line a "
             "statement: since when, its status, the vulnerability, the "
             "products, why, and what "
             "to do. Exit status 0 valid, 1 readable but not valid (--vex takes it all the same), 3 not readable.",
    .examples = "coffer vex validate app.openvex.json\tbefore it is published",
    .min_operands = 1,
    .max_operands = -1,
    .run = validate_run,
};
