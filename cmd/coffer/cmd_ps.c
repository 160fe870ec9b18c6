/* ps, inspect: how containers stand. */
#include "commands.h"
#include "containers.h"

#include <fcntl.h>
#include <unistd.h>

static bool arg_all, arg_json;

static void ps_json(struct json_out *o, const struct store_container *c, const struct runtime_status *s)
{
        char when[CLOCK_TEXT_MAX], digest[DIGEST_TEXT_MAX];

        json_out_object(o);
        json_out_member(o, "id", c->id);
        json_out_member(o, "name", c->name);
        json_out_member(o, "image", c->image);
        json_out_member_text(o, "image_digest", digest_format(&c->image_digest, digest));
        json_out_member(o, "command", c->command);
        json_out_member_text(o, "created", clock_format(c->created_s, when));
        json_out_member_text(o, "state", runtime_state_name(s->state));
        json_out_member_u64(o, "pid", s->pid > 0 ? (uint64_t)s->pid : 0);
        json_out_key(o, "exit_status");
        if (s->state == RUNTIME_STATE_EXITED)
                json_out_i64(o, s->status);
        else
                json_out_null(o);
        json_out_member_u64(o, "ids_first", c->ids_first);
}

enum { COLUMN_ID, COLUMN_NAME, COLUMN_STATE, COLUMN_CREATED, COLUMN_IMAGE, COLUMN_COMMAND, COLUMNS };

static const char *const titles[COLUMNS] = {"ID", "NAME", "STATE", "CREATED", "IMAGE", "COMMAND"};

/* What ps prints: texts, and as JSON. */
struct listing {
        struct arena *arena;
        struct {
                struct row {
                        const char *text[COLUMNS];
                } * at;
                size_t len, cap;
        } rows;
        struct json_out json;
        struct buf text; /* that json writes to */
        bool damaged;
};

static void listing_done(struct listing *l)
{
        buf_done(&l->text);
        arena_free(l->arena);
}

static const char *printable(struct listing *l, struct span s, size_t most)
{
        char shown[256];

        return arena_string(l->arena, span_of(span_printable(s, shown, most < sizeof(shown) ? most : sizeof(shown))));
}

static void row_add(struct listing *l, const struct store_container *c, const struct runtime_status *s)
{
        char when[CLOCK_TEXT_MAX], state[64];
        struct row *r = ARENA_PUSH(l->arena, &l->rows);

        r->text[COLUMN_ID] = printable(l, c->id, 32);
        r->text[COLUMN_NAME] = printable(l, c->name, 256);
        r->text[COLUMN_STATE] = printable(l, span_of(container_state_text(s, state, sizeof(state))), 64);
        r->text[COLUMN_CREATED] = printable(l, span_of(clock_format(c->created_s, when)), CLOCK_TEXT_MAX);
        r->text[COLUMN_IMAGE] = printable(l, c->image, 48);
        r->text[COLUMN_COMMAND] = printable(l, c->command, 48);
}

/* Characters; each is one column wide in what images and commands are called. */
static size_t columns_of(const char *text)
{
        size_t n = 0;

        for (; *text; text++)
                n += ((uint8_t)*text & 0xc0) != 0x80;
        return n;
}

#define GAP 2u
#define CUT_MIN 8u /* columns of an image or a command that is cut: less says nothing */

/*
 * As wide as what is in them, on a terminal; the command gives way first, then the image. Ids and names never do: they
 * are typed again. Elsewhere the widths are fixed, for whoever cuts columns out.
 */
static void widths_choose(const struct listing *l, unsigned terminal, size_t ret[COLUMNS])
{
        static const size_t fixed[COLUMNS] = {12, 20, 20, 22, 28, 0};
        size_t all = GAP * (COLUMNS - 1);

        for (size_t c = 0; c < COLUMNS; c++) {
                ret[c] = columns_of(titles[c]);
                for (size_t i = 0; i < l->rows.len; i++)
                        if (columns_of(l->rows.at[i].text[c]) > ret[c])
                                ret[c] = columns_of(l->rows.at[i].text[c]);
                all += ret[c];
                if (terminal == 0)
                        ret[c] = fixed[c];
        }
        for (size_t c = COLUMN_COMMAND; terminal > 0 && all > terminal && c >= COLUMN_IMAGE; c--) {
                size_t less = all - terminal, most = ret[c] > CUT_MIN ? ret[c] - CUT_MIN : 0;

                less = less < most ? less : most;
                ret[c] -= less;
                all -= less;
        }
}

static void cell_put(struct buf *b, const char *text, size_t width, bool cut, bool last)
{
        size_t n = columns_of(text), shown = cut && n > width ? width - 3 : n, at = 0, seen = 0;

        while (text[at] && (seen < shown || ((uint8_t)text[at] & 0xc0) == 0x80))
                seen += ((uint8_t)text[at++] & 0xc0) != 0x80;
        buf_put(b, span_bytes(text, at));
        if (shown < n)
                buf_put_text(b, "...");
        for (n = shown < n ? shown + 3 : n; !last && n < width; n++)
                buf_put_u8(b, ' ');
        buf_put_text(b, last ? "\n" : "  ");
}

static void rows_print(const struct listing *l, struct buf *b)
{
        bool terminal = isatty(STDOUT_FILENO);
        size_t widths[COLUMNS];

        widths_choose(l, terminal ? cli_width() : 0, widths);
        for (size_t c = 0; c < COLUMNS; c++)
                cell_put(b, titles[c], widths[c], false, c == COLUMN_COMMAND);
        for (size_t i = 0; i < l->rows.len; i++)
                for (size_t c = 0; c < COLUMNS; c++)
                        cell_put(
                            b, l->rows.at[i].text[c], widths[c], terminal && c >= COLUMN_IMAGE, c == COLUMN_COMMAND);
}

/* One that can't be read is shown as damaged, and says why; the others are shown all the same. */
static void listing_add(struct listing *l, int root, const struct store_container *c)
{
        CLEANUP(fd_close) int dir = -1;
        struct runtime_status status = {0};
        struct err damage = {0};

        /* A record without its folder: a start that was killed before it began. It is shown, so that rm can clear it. */
        if (container_folder(root, c->id, false, &dir, &damage))
                container_status(dir, c->id, &status, &damage);
        else if (damage.kind != ERR_NOT_FOUND)
                status.state = RUNTIME_STATE_DAMAGED;
        if (status.state == RUNTIME_STATE_DAMAGED) {
                cli_fail(&damage);
                l->damaged = true;
        } else if (!arg_all && status.state != RUNTIME_STATE_RUNNING && status.state != RUNTIME_STATE_STARTING) {
                return;
        }
        ps_json(&l->json, c, &status);
        json_out_object_end(&l->json);
        row_add(l, c, &status);
}

static int ps_run(int argc, char **argv)
{
        CLEANUP(store_freep) struct store *s = NULL;
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(fd_close) int root = -1;
        CLEANUP(buf_done) struct buf b = {0};
        CLEANUP(listing_done) struct listing l = {.arena = arena_new()};
        struct store_container *all;
        struct err e = {0};
        size_t n;

        (void)argc;
        (void)argv;
        if (!state_open(&root, &e) || !store_open(root, state_path(), &s, &e) ||
            !store_container_list(s, a, &all, &n, &e))
                return cli_fail(&e);
        json_out_init(&l.json, &l.text, 2);
        json_out_array(&l.json);
        for (size_t i = 0; i < n; i++)
                listing_add(&l, root, &all[i]);
        json_out_array_end(&l.json);
        buf_put_text(&l.text, "\n");
        rows_print(&l, &b);
        if (!cli_write_output(NULL, arg_json ? buf_span(&l.text) : buf_span(&b), &e))
                return cli_fail(&e);
        return l.damaged ? EXIT_NOT_ASSESSED : 0;
}

static const struct cli_option ps_options[] = {
    {"all", 'a', CLI_FLAG, NULL, "those that have ended, too", &arg_all, NULL},
    {"json", 0, CLI_FLAG, NULL, "as JSON", &arg_json, NULL},
};

const struct cli_command cmd_ps = {
    .name = "ps",
    .operands = "",
    .summary = "list the containers",
    .about = "One line each: id, name, state, when it was made, image, command. On a terminal they are made to fit: "
             "the command is "
             "cut first, then the image; ids and names never.\n\n"
             "A container whose records can't be read is shown as \"damaged\" with the reason on standard error, and "
             "the exit "
             "status is 3; coffer rm --force removes it.",
    .options = ps_options,
    .n_options = ARRAY_LEN(ps_options),
    .run = ps_run,
};

static int inspect_run(int argc, char **argv)
{
        CLEANUP(container_done) struct container c = {.root_fd = -1, .dir_fd = -1};
        CLEANUP(buf_done) struct buf b = {0};
        char when[CLOCK_TEXT_MAX];
        struct json_out o;
        struct err e = {0};

        (void)argc;
        if (!container_find(argv[0], &c, &e))
                return cli_fail(&e);
        json_out_init(&o, &b, 2);
        ps_json(&o, &c.record, &c.status);
        json_out_member_text(&o, "started", c.status.started_s ? clock_format(c.status.started_s, when) : NULL);
        json_out_member_text(&o, "finished", c.status.finished_s ? clock_format(c.status.finished_s, when) : NULL);
        json_out_key(&o, "out_of_memory");
        json_out_bool(&o, c.status.oom);
        json_out_key(&o, "start");
        json_out_raw(&o, c.record.record);
        json_out_object_end(&o);
        buf_put_text(&b, "\n");
        if (!cli_write_output(NULL, buf_span(&b), &e))
                return cli_fail(&e);
        return c.status.state == RUNTIME_STATE_DAMAGED ? cli_fail(&c.damage) : 0;
}

const struct cli_command cmd_inspect = {
    .name = "inspect",
    .operands = "CONTAINER",
    .summary = "say everything about a container, as JSON",
    .about =
        "Its state (started, finished, exit_status, out_of_memory), and under \"start\" how it was started: command, "
        "environment "
        "(names alone), user, hostname, network, volumes, limits (memory_max in bytes, pids_max, cpu_milli in "
        "thousandths, 0 "
        "for none), read_only, seccomp, allow_32bit, the OCI runtime, ids and layers; and why: verdict, policy and its "
        "digest, and the ledger's record of the decision (coffer ledger list tells it).",
    .min_operands = 1,
    .max_operands = 1,
    .run = inspect_run,
};
