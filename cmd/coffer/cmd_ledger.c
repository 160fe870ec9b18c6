/* ledger list, verify, export, head: the record of every decision. */
#include "commands.h"

#include <fcntl.h>

#include "store/store.h"

static uint64_t arg_from = 1, arg_last;
static const char *arg_output, *arg_head;

static bool ledger_open(struct store **ret, struct err *e)
{
        CLEANUP(fd_close) int root = -1;

        return state_open(&root, e) && store_open(root, state_path(), ret, e);
}

/* The reason that a body states first, for the table; bodies are our own canonical JSON but read strictly all the same. */
static void body_brief(struct span body, char *out, size_t size)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        struct span image = {0}, reason = {0}, key;
        char shown[200];
        struct json j;

        json_init(&j, body, a, NULL);
        json_object(&j);
        while (json_member(&j, &key)) {
                if (span_is(key, "image") && json_peek(&j) == JSON_STRING)
                        image = json_string(&j);
                else if (span_is(key, "reason") && json_peek(&j) == JSON_STRING)
                        reason = json_string(&j);
                else
                        json_skip(&j);
        }
        snprintf(out, size, "%s", span_printable(image, shown, sizeof(shown)));
        if (reason.len > 0 && strlen(out) + 3 < size) {
                size_t at = strlen(out);
                snprintf(out + at, size - at, "  %s", span_printable(reason, shown, sizeof(shown)));
        }
}

static bool print_row(void *ctx, const struct ledger_record *r)
{
        char when[CLOCK_TEXT_MAX], event[64], brief[300];

        (void)ctx;
        body_brief(r->body, brief, sizeof(brief));
        printf("%6llu  %s  %-14s %s\n", (unsigned long long)r->seq, clock_format(r->time_s, when),
            span_printable(r->event, event, sizeof(event)), brief);
        return true;
}

static int ledger_list_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!ledger_open(&s, &e) || !ledger_read(s, arg_from, arg_last ? arg_last : UINT64_MAX, print_row, NULL, &e))
                return cli_fail(&e);
        return 0;
}

static const struct cli_option range_options[] = {
    {"from", 0, CLI_NUMBER, "N", "begin at this record (1)", &arg_from, NULL},
    {"to", 0, CLI_NUMBER, "N", "end at this record (the last)", &arg_last, NULL},
};

const struct cli_command cmd_ledger_list = {
    .name = "ledger list",
    .operands = "",
    .summary = "show the record of decisions",
    .about = "One line a record: number, time, what was decided, for which image, and why.",
    .options = range_options,
    .n_options = ARRAY_LEN(range_options),
    .run = ledger_list_run,
};

static bool export_row(void *ctx, const struct ledger_record *r)
{
        struct buf *b = ctx;
        struct json_out o;
        char when[CLOCK_TEXT_MAX], digest[DIGEST_TEXT_MAX];

        json_out_init(&o, b, 0);
        json_out_object(&o);
        json_out_member_u64(&o, "seq", r->seq);
        json_out_member_text(&o, "time", clock_format(r->time_s, when));
        json_out_key(&o, "time_s");
        json_out_i64(&o, r->time_s);
        json_out_member(&o, "event", r->event);
        /* As text, not nested: the hash is over these very bytes. */
        json_out_member(&o, "body", r->body);
        json_out_member_text(&o, "previous", digest_format(&r->previous, digest));
        json_out_member_text(&o, "hash", digest_format(&r->hash, digest));
        json_out_object_end(&o);
        buf_put_text(b, "\n");
        return !b->failed;
}

static int ledger_export_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(buf_done) struct buf b = {.max = 1u << 30};
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!ledger_open(&s, &e) || !ledger_read(s, arg_from, arg_last ? arg_last : UINT64_MAX, export_row, &b, &e))
                return cli_fail(&e);
        if (b.failed) {
                err_set(&e, ERR_LIMIT, "more than 1 GiB at once; export in parts with --from and --to");
                return cli_fail(&e);
        }
        return cli_write_output(arg_output, buf_span(&b), &e) ? 0 : cli_fail(&e);
}

static const struct cli_option export_options[] = {
    {"from", 0, CLI_NUMBER, "N", "begin at this record (1)", &arg_from, NULL},
    {"to", 0, CLI_NUMBER, "N", "end at this record (the last)", &arg_last, NULL},
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_output, NULL},
};

const struct cli_command cmd_ledger_export = {
    .name = "ledger export",
    .operands = "",
    .summary = "write the records as JSON lines, for another machine to keep",
    .about = "Each line has everything that its hash covers, so a copy can be checked without this machine.",
    .options = export_options,
    .n_options = ARRAY_LEN(export_options),
    .run = ledger_export_run,
};

static int ledger_head_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(buf_done) struct buf b = {0};
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!ledger_open(&s, &e) || !ledger_head(s, &b, &e))
                return cli_fail(&e);
        return cli_write_output(arg_output, buf_span(&b), &e) ? 0 : cli_fail(&e);
}

static const struct cli_option head_options[] = {
    {"output", 'O', CLI_TEXT, "FILE", "write there instead of standard output", &arg_output, NULL},
};

const struct cli_command cmd_ledger_head = {
    .name = "ledger head",
    .operands = "",
    .summary = "print the chain's head, signed by this node",
    .about = "Keep it somewhere else: `ledger verify --head` then proves that nothing up to it was removed or rewritten.",
    .examples = "coffer ledger head --output monday.head\tkeep it on another machine",
    .options = head_options,
    .n_options = ARRAY_LEN(head_options),
    .run = ledger_head_run,
};

#define HEAD_MAX 4096u /* bytes of a head's text; five short lines */

static int ledger_verify_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(buf_done) struct buf head = {0};
        struct ledger_verdict v;
        struct err e = {0};

        (void)argc;
        (void)argv;
        if (!ledger_open(&s, &e))
                return cli_fail(&e);
        if (arg_head && !file_read(AT_FDCWD, arg_head, HEAD_MAX, &head, &e)) {
                err_wrap(&e, "--head %s", arg_head);
                return cli_fail(&e);
        }
        if (!ledger_verify(s, buf_span(&head), &v, &e))
                return cli_fail(&e);
        if (!v.intact) {
                printf("broken: %s\n", v.reason);
                return EXIT_FINDINGS;
        }
        printf("intact: %llu records%s\n", (unsigned long long)v.records, arg_head ? ", extending the given head" : "");
        return 0;
}

static const struct cli_option verify_options[] = {
    {"head", 0, CLI_TEXT, "FILE", "an earlier head that the chain must extend", &arg_head, NULL},
};

const struct cli_command cmd_ledger_verify = {
    .name = "ledger verify",
    .operands = "",
    .summary = "check every hash and link of the record",
    .about = "Names the first broken record. Without --head a chain that was cut at its end, or rebuilt as a whole by "
             "somebody who holds this node's key, can't be told from a true one: keep heads elsewhere.\n\n"
             "Exit status 0 intact, 1 broken.",
    .options = verify_options,
    .n_options = ARRAY_LEN(verify_options),
    .run = ledger_verify_run,
};
