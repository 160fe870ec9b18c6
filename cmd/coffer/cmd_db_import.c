/* db import: an advisory database that another machine compiled. */
#include "commands.h"

#include "database.h"
#include "database_source.h"
#include "target.h"

static bool arg_unsigned, arg_older;
static const char *arg_signature;

static int db_import_run(int argc, char **argv)
{
        CLEANUP(fd_close) int dir = -1;
        struct database_import in = {.path = argv[0],
            .signature = arg_signature,
            .registry = target_registry_options(),
            .may_be_unsigned = arg_unsigned,
            .may_be_older = arg_older};
        struct database_origin o;
        char text[SIGNER_TEXT_MAX], why[ERR_TEXT_MAX];
        struct err e = {0};

        (void)argc;
        if (arg_unsigned && arg_signature) {
                fprintf(stderr, "coffer db import: --unsigned and --signature contradict each other\n");
                return EXIT_USAGE;
        }
        if (arg_signature && database_source_is(argv[0])) {
                fprintf(
                    stderr, "coffer db import: an artefact has its signature in itself; --signature is for files\n");
                return EXIT_USAGE;
        }
        if (!database_folder_lock(&dir, &e) || !database_import(dir, &in, &o, &e))
                return cli_fail(&e);
        if (o.no_delta.kind != ERR_NONE && !arg_quiet)
                fprintf(stderr,
                    "the difference to the one that was in use is of no use, so all of it was fetched: %s\n",
                    span_printable(span_of(o.no_delta.text), why, sizeof(why)));
        if (o.is_here_already)
                printf("%s is in use already: number %llu of %s\n", argv[0], (unsigned long long)o.signature.sequence,
                    signer_text(&o.signer, text));
        else if (o.is_signed)
                printf("imported %s, number %llu of %s%s\n", argv[0], (unsigned long long)o.signature.sequence,
                    signer_text(&o.signer, text),
                    o.delta_bytes ? ", by the difference to the one that was in use" : "");
        else
                printf("imported %s, which nobody signed\n", argv[0]);
        return database_say_record(&o.no_record);
}

static const struct cli_option import_options[] = {
    {"signature", 0, CLI_TEXT, "FILE", "its signature (FILE" SIGNATURE_END ", beside it)", &arg_signature, NULL},
    {"unsigned", 0, CLI_FLAG, NULL, "take it without a signature: whoever gave you the file decides what is found",
        &arg_unsigned, NULL},
    {"allow-older", 0, CLI_FLAG, NULL, "take it though what was here before is newer", &arg_older, NULL},
    REGISTRY_OPTIONS,
};

const struct cli_command cmd_db_import = {
    .name = "db import",
    .operands = "FILE | oci:DIR[:TAG] | docker://NAME",
    .summary = "take over a database that another machine compiled",
    .about =
        "What comes must be signed by one of the keys that `coffer db trust` lists, a file by FILE" SIGNATURE_END
        " beside it, an artefact in a layout or a registry by its own; it is compared with its signature byte for byte "
        "before it "
        "replaces the present one. One that is older than the present one, or than any that was ever taken of the same "
        "signer, is refused: otherwise whoever stands between could hide last month's vulnerabilities. What is refused "
        "leaves the present one in use.\n\n"
        "A NAME says its host, \"registry.example/advisories:1\", and needs no docker:// then. What is in use already "
        "is not fetched again; "
        "a download that broke off is gone on with.",
    .examples = "coffer db import advisories.cdb\tfor example on a machine without a network\n"
                "coffer db import registry.example/advisories:1 && coffer reassess\tin a timer\n"
                "coffer db import --unsigned advisories.cdb\ta file that you made yourself",
    .options = import_options,
    .n_options = ARRAY_LEN(import_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = db_import_run,
};
