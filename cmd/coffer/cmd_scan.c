/* scan and check: what is in an image and what is wrong with it; whether it may run. */
#include "commands.h"
#include "report/report.h"
#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char *arg_format = "table", *arg_output, *arg_fail_on, *arg_template;
static bool arg_no_store, arg_components;

static const char *const kinds[] = {
    [IMAGE_NONE] = "",
    [IMAGE_OCI_LAYOUT] = "OCI layout",
    [IMAGE_OCI_ARCHIVE] = "OCI archive",
    [IMAGE_DOCKER_ARCHIVE] = "docker-archive",
    [IMAGE_ROOT_FOLDER] = "root folder",
    [IMAGE_REGISTRY] = "registry",
    [IMAGE_ACI] = "App Container Image",
};

static enum report_format format_of(const char *name)
{
        size_t i = 0;

        while (report_format_names[i] && strcmp(report_format_names[i], name) != 0)
                i++;
        return (enum report_format)i; /* the command line has checked it */
}

static void facts_of_image(const struct image *i, struct report_facts *f)
{
        f->name = i->name;
        f->kind = span_of(kinds[i->kind]);
        f->created = i->created;
        f->platform.os = i->platform.os;
        f->platform.architecture = i->platform.architecture;
        f->platform.variant = i->platform.variant;
}

/* A document made of a document is about what that was about. */
static void facts_of_sbom(
    const struct launch *l, const char *reference, enum report_format format, struct buf *kind, struct report_facts *f)
{
        const struct inventory_sbom *s = &l->sbom;
        bool document = format == REPORT_CYCLONEDX || format == REPORT_SPDX || format == REPORT_GITHUB;

        f->name = document && s->subject.len > 0 ? s->subject : span_of(reference);
        f->created = s->created;
        f->type = s->type.len > 0 ? s->type : SPAN_LIT("application");
        buf_printf(kind, "%.*s%s%.*s", SPAN_FMT(s->form), s->subject.len > 0 ? " of " : "", SPAN_FMT(s->subject));
        f->kind = buf_span(kind);
}

static void note_statements(const struct launch *l)
{
        if (l->is_sbom && l->sbom.n_statements > 0 && !arg_quiet)
                fprintf(stderr,
                    "coffer: the document says something itself about %llu vulnerabilit%s (VEX): passed over, the advisory "
                    "database alone is asked; --vex with this document heeds them\n",
                    (unsigned long long)l->sbom.n_statements, l->sbom.n_statements == 1 ? "y" : "ies");
}

static bool report_write(const struct launch *l, const char *reference, enum report_format format, bool verdict_alone, struct err *e)
{
        CLEANUP(buf_done) struct buf b = {0}, text = {0}, life = {0}, kind = {0};
        struct report_facts facts = {
            .from_store = l->known,
            .record = strcmp(l->record_hash, "none") == 0 ? NULL : l->record_hash,
            .inventory = l->inventory,
            .match = l->match,
            .exceptions = l->exceptions,
            .vex = l->vex,
            .verdict = l->verdict,
            .now_s = clock_wall_s(),
        };
        struct report_options options = {
            .format = format,
            .all_components = arg_components,
            .width = cli_width(),
            .colour = !arg_output && cli_use_colour(),
        };

        if (inventory_end_of_life(l->inventory, facts.now_s, &life))
                facts.end_of_life = buf_span(&life);
        if (l->is_sbom)
                facts_of_sbom(l, reference, format, &kind, &facts);
        else
                facts_of_image(l->image, &facts);
        if (format == REPORT_GITHUB) { /* as GitHub's runner names them */
                facts.github.sha = span_of(getenv("GITHUB_SHA"));
                facts.github.ref = span_of(getenv("GITHUB_REF"));
                facts.github.job_id = span_of(getenv("GITHUB_RUN_ID"));
                facts.github.correlator = span_of(getenv("GITHUB_JOB"));
        }
        if (format == REPORT_TEMPLATE) {
                if (!arg_template)
                        return err_set(e, ERR_MALFORMED, "--format template wants --template FILE");
                if (!file_read(AT_FDCWD, arg_template, 1u << 20, &text, e))
                        return err_wrap(e, "--template %s", arg_template);
                options.template_text = buf_span(&text);
        }
        if (!(verdict_alone && format == REPORT_TABLE ? report_verdict : report_scan)(&facts, &options, &b, e))
                return false;
        return cli_write_output(arg_output, buf_span(&b), e);
}

static struct report_facts counted(const struct launch *l)
{
        return (struct report_facts){.inventory = l->inventory, .match = l->match, .exceptions = l->exceptions, .vex = l->vex};
}

static bool is_assessed(const struct launch *l)
{
        const struct report_facts f = counted(l);

        return report_is_assessed(&f);
}

static bool fails_on(const struct launch *l)
{
        const struct report_facts f = counted(l);
        const struct report_counts counts = report_count(&f);
        enum severity least;

        if (!arg_fail_on || !severity_parse(span_of(arg_fail_on), &least))
                return false;
        for (size_t i = least; i < MATCH_SEVERITIES; i++)
                if (counts.affected[i] > 0)
                        return true;
        return false;
}

static int scan_run(int argc, char **argv)
{
        CLEANUP(target_done) struct target t = {.root_fd = -1, .secrets_fd = -1};
        CLEANUP(launch_freep) struct launch *l = NULL;
        struct err e = {0}, no_db = {0};

        (void)argc;
        if (!target_open(argv[0], !arg_no_store, arg_policy != NULL, &t, &no_db, &e))
                return cli_fail(&e);
        t.request.takes_sbom = true;
        if (!target_assess(&t, "scan", &l, &e) || !report_write(l, argv[0], format_of(arg_format), false, &e))
                return cli_fail(&e);
        note_statements(l);
        if (!l->match)
                return cli_fail(&no_db); /* the components are listed, what is wrong with them is not known */
        if (fails_on(l) || (l->verdict && !launch_allowed(l) && is_assessed(l)))
                return EXIT_FINDINGS;
        return is_assessed(l) ? EXIT_CLEAN : EXIT_NOT_ASSESSED;
}

#define FORMATS "table json sarif junit cyclonedx spdx github html template"

static const struct cli_option scan_options[] = {
    {"format", 'o', CLI_TEXT, "FORMAT", "for people or for programs", &arg_format, FORMATS},
    {"template", 0, CLI_TEXT, "FILE", "the template of --format template: Mustache over the JSON report", &arg_template, NULL},
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_output, NULL},
    {"fail-on", 0, CLI_TEXT, "SEVERITY", "exit 1 if a finding is at least this severe", &arg_fail_on, "unknown low medium high critical"},
    {"ignore-file", 0, CLI_TEXT, "FILE", "findings that don't count, each with a reason and an end", &arg_ignore_file, NULL},
    VEX_OPTIONS,
    {"components", 0, CLI_FLAG, NULL, "list every component in the table, too", &arg_components, NULL},
    {"policy", 'p', CLI_TEXT, "FILE", "decide by this policy, too", &arg_policy, NULL},
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    SECRETS_OPTIONS,
    DETECTOR_OPTIONS,
    REGISTRY_OPTIONS,
    {"no-store", 0, CLI_FLAG, NULL, "read the image anew, and keep and record nothing", &arg_no_store, NULL},
};

const struct cli_command cmd_scan = {
    .name = "scan",
    .operands = "IMAGE",
    .summary = "list what is in an image or a bill of materials, and what is known to be wrong with it",
    .about = "Reads every layer in a locked-down process of its own, verifies every digest, and looks up each component in "
             "the advisory database. Findings come first, grouped by what to update; the summary comes last. What is found is "
             "kept by the image's digest: the next scan of it reads no layer.\n\n"
             "Findings alone do not make the exit status 1: --fail-on or a policy does. An image that could not be read as a "
             "whole, or whose components could not all be looked up, ends with 3, never with 0.\n\n"
             "An ignore file has \"version: 1\" and the \"ignore\" list of a policy: id, reason and until, and what limits it: package, "
             "component, path or image (docs/policy.md). What it covers is shown as ignored and does not count for --fail-on; what "
             "has ended counts again, and is told as a finding of its own. A policy's verdict looks at the policy's own list.\n\n"
             "A VEX document says of findings whether they concern the image, and why (docs/vex.md). What it calls not affected or "
             "fixed is shown as suppressed, with who says so, and does not count for --fail-on; nor for a policy that counts the "
             "document (its section \"vex\"). The rest stays, with what it says. --vex attached takes the documents that are attached to the "
             "image in its registry or layout (coffer referrers); a file of that name is ./attached.\n\n"
             "IMAGE is " IMAGE_FORMS SBOM_FORMS,
    .examples = "coffer scan ./image\ta table\n"
                "coffer scan -o json -O scan.json --fail-on high ./image\tfor a pipeline\n"
                "coffer scan --vex app.openvex.json --fail-on high ./image\twithout what its authors have ruled out\n"
                "syft -o cyclonedx-json app | coffer scan -\twhat another tool has listed",
    .options = scan_options,
    .n_options = ARRAY_LEN(scan_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = scan_run,
};

static int check_run(int argc, char **argv)
{
        CLEANUP(target_done) struct target t = {.root_fd = -1, .secrets_fd = -1};
        CLEANUP(launch_freep) struct launch *l = NULL;
        struct err e = {0}, no_db = {0};

        (void)argc;
        if (!target_open(argv[0], true, true, &t, &no_db, &e) || !target_assess(&t, "check", &l, &e) ||
            !report_write(l, argv[0], format_of(arg_format), true, &e))
                return cli_fail(&e);
        if (launch_allowed(l))
                return EXIT_CLEAN;
        /* Refused for want of an assessment, not for what was found: that is status 3, as it is for scan. */
        for (size_t i = 0; i < l->verdict->n_reasons; i++)
                switch (l->verdict->reasons[i].kind) {
                case POLICY_REASON_FINDING:
                case POLICY_REASON_PACKAGE:
                case POLICY_REASON_LICENCE:
                case POLICY_REASON_RUN:
                        return EXIT_FINDINGS;
                case POLICY_REASON_FACTS:
                case POLICY_REASON_STEP:
                case POLICY_REASON_DATABASE:
                case POLICY_REASON_CANNOT_TELL:
                case POLICY_REASON_IGNORE: /* beside the reason that its finding is */
                        break;
                }
        return EXIT_NOT_ASSESSED;
}

static const struct cli_option check_options[] = {
    {"policy", 'p', CLI_TEXT, "FILE", "decide by this policy (else the built-in one: `coffer policy show`)", &arg_policy, NULL},
    {"format", 'o', CLI_TEXT, "FORMAT", "for people or for programs", &arg_format, FORMATS},
    {"template", 0, CLI_TEXT, "FILE", "the template of --format template: Mustache over the JSON report", &arg_template, NULL},
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_output, NULL},
    VEX_OPTIONS,
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    DETECTOR_OPTIONS,
    REGISTRY_OPTIONS,
};

const struct cli_command cmd_check = {
    .name = "check",
    .operands = "IMAGE",
    .summary = "say whether the policy lets an image run, with every reason",
    .about = "The same decision that run takes, recorded in the ledger, without starting anything. What a policy says of how an "
             "image may be run is not judged here, and that is said.\n\n"
             "Statements of --vex about findings (docs/vex.md) count where the policy's section \"vex\" counts their document, and "
             "nowhere else.\n\n"
             "Exit status 0 allowed, 1 refused for what was found, 3 refused because it could not be assessed.",
    .examples = "coffer check --policy production.yaml ./image\tbefore a deployment",
    .options = check_options,
    .n_options = ARRAY_LEN(check_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = check_run,
};

static const char *arg_sbom_format = "cyclonedx";

static int sbom_run(int argc, char **argv)
{
        CLEANUP(target_done) struct target t = {.root_fd = -1, .secrets_fd = -1};
        CLEANUP(launch_freep) struct launch *l = NULL;
        struct err e = {0}, no_db = {0};

        (void)argc;
        if (!target_open(argv[0], !arg_no_store, false, &t, &no_db, &e))
                return cli_fail(&e);
        t.request.takes_sbom = true;
        t.request.db = NULL; /* what is in it, not what is wrong with it */
        if (!target_assess(&t, "sbom", &l, &e) || !report_write(l, argv[0], format_of(arg_sbom_format), false, &e))
                return cli_fail(&e);
        note_statements(l);
        for (size_t i = 0; l->is_sbom && !arg_quiet && i < l->inventory->n_notes; i++)
                fprintf(stderr, "coffer: %.*s\n", SPAN_FMT(l->inventory->notes[i]));
        if (!l->inventory->complete && !arg_quiet)
                fprintf(stderr, "coffer: the %s could not be read as a whole; the document says so\n",
                    l->is_sbom ? "bill of materials" : "image");
        return l->inventory->complete ? EXIT_CLEAN : EXIT_NOT_ASSESSED;
}

static const struct cli_option sbom_options[] = {
    {"format", 'o', CLI_TEXT, "FORMAT", "CycloneDX 1.6, SPDX 2.3 (both JSON), or GitHub's dependency snapshot", &arg_sbom_format,
        "cyclonedx spdx github"},
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_output, NULL},
    {"platform", 0, CLI_TEXT, "OS/ARCH", "of an image for several (the host's)", &arg_platform, NULL},
    DETECTOR_OPTIONS,
    REGISTRY_OPTIONS,
    {"no-store", 0, CLI_FLAG, NULL, "read the image anew, and keep and record nothing", &arg_no_store, NULL},
};

const struct cli_command cmd_sbom = {
    .name = "sbom",
    .operands = "IMAGE",
    .summary = "write the bill of materials of an image",
    .about = "Every component of the image with its purl, licence, the file that says so and the layer that brought it. The same "
             "image gives the same bytes: the document's time is the image's own.\n\n"
             "An image that could not be read as a whole gives a document that says so, and status 3.\n\n"
             "IMAGE is " IMAGE_FORMS SBOM_FORMS " Read back, a document is written anew in the chosen format, with its own time and name.",
    .examples = "coffer sbom -O bom.json ./image\tCycloneDX\n"
                "coffer sbom -o spdx ghcr.io/org/app:1\tSPDX, of an image in a registry\n"
                "coffer sbom -o spdx bom.json\tSPDX, of a CycloneDX document",
    .options = sbom_options,
    .n_options = ARRAY_LEN(sbom_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = sbom_run,
};
