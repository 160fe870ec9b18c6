/*
 * Secrets in an image's history and environment: one text of all of them for the worker, and from the lines of its hits back
 * to where they stand. What holds one is not shown any more, in no report.
 */
#include "inventory/secret_remarks_priv.h"

#define TEXT_MAX (8u << 20) /* bytes; a history of 127 lines of 64 KiB each */

/* Where the texts stand in the joined one: `first` is the number of the line that each begins with. */
struct part {
        uint64_t first;
        struct span text;
        bool variable;
};

static size_t line_breaks(struct span s)
{
        size_t n = 0;

        for (size_t i = 0; i < s.len; i++)
                n += s.at[i] == '\n';
        return n;
}

static struct part *join(const struct image *i, struct arena *a, struct buf *to)
{
        struct part *parts = arena_array(a, i->n_history + i->n_env, sizeof(*parts));
        uint64_t line = 1;

        for (size_t k = 0; k < i->n_history + i->n_env; k++) {
                bool variable = k >= i->n_history;
                struct span text = variable ? i->env[k - i->n_history] : i->history[k];

                parts[k] = (struct part){.first = line, .text = text, .variable = variable};
                line += 1 + line_breaks(text);
                buf_put(to, text);
                buf_put_u8(to, '\n');
        }
        return parts;
}

/* "ghp_*** in variable DEPLOY", "ghp_*** in history line 3" */
static void place_tell(struct remark *r, const struct part *parts, size_t n, struct arena *a, size_t *ret_part)
{
        char shown[120];
        size_t k = 0;

        while (k + 1 < n && parts[k + 1].first <= r->line)
                k++;
        r->line = 0; /* of no file */
        *ret_part = k;
        if (parts[k].variable) {
                struct span name, value;

                span_split(parts[k].text, '=', &name, &value);
                r->excerpt = arena_printf(a, "%.*s in variable %s", SPAN_FMT(r->excerpt),
                    span_printable(name, shown, sizeof(shown)));
        } else {
                r->excerpt = arena_printf(a, "%.*s in history line %zu", SPAN_FMT(r->excerpt), k + 1);
        }
}

/* The instruction that made a layer is reported beside the layer, and remarks quote it. */
static void history_hide(struct inventory *v, struct remark_list *list, struct span text)
{
        static const char hidden[] = "(not shown: a secret stands in it)";
        struct span kept = span_cut(text, 0, INVENTORY_CREATED_BY_MAX);
        struct span quoted = history_excerpt(v->arena, text);

        for (size_t n = 0; n < v->n_layers; n++)
                if (span_equal(v->layers[n].created_by, kept))
                        v->layers[n].created_by = SPAN_LIT(hidden);
        for (size_t n = 0; n < list->len; n++)
                if (list->at[n].kind == REMARK_CONFIGURATION && span_equal(list->at[n].excerpt, quoted))
                        list->at[n].excerpt = SPAN_LIT(hidden);
}

bool config_secrets(
    const struct image *i, int rules_fd, struct inventory *v, struct remark_list *io, struct err *e)
{
        CLEANUP(arena_freep) struct arena *a = arena_new();
        CLEANUP(buf_done) struct buf text = {.max = TEXT_MAX};
        size_t n = i->n_history + i->n_env, from = io->len, part;
        struct part *parts = join(i, a, &text);

        if (text.failed)
                return err_set(e, ERR_LIMIT, "its history and environment are more than %u bytes", TEXT_MAX);
        if (n == 0)
                return true;
        if (!secrets_of_text(rules_fd, buf_span(&text), v->arena, io, e))
                return false;
        for (size_t k = from; k < io->len; k++) {
                place_tell(&io->at[k], parts, n, v->arena, &part);
                if (!parts[part].variable)
                        history_hide(v, io, parts[part].text);
        }
        return true;
}
