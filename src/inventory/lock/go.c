/*
 * go.mod. From Go 1.17 on it names every module that the main one is built from, those that others need included;
 * before, only its own. "replace" puts another module in a module's place; "exclude" and "retract" say nothing of
 * what is used.
 */
#include "inventory/lock/lock_priv.h"

struct replacement {
        struct span path, version; /* version empty: any */
        struct span new_path, new_version;
};

struct module {
        struct lock *l;
        struct {
                struct replacement *at;
                size_t len, cap;
        } replaced;
        struct {
                struct required {
                        struct span path, version;
                } * at;
                size_t len, cap;
        } required;
};

/* The next word of a line, unquoted; false at its end or at a comment. */
static bool next_word(struct span *rest, struct span *ret)
{
        size_t len = 0;

        *rest = span_trim(*rest);
        if (rest->len == 0 || span_starts(*rest, "//"))
                return false;
        uint8_t quote = rest->at[0] == '"' || rest->at[0] == '`' ? rest->at[0] : 0;
        if (quote)
                return span_split(span_from(*rest, 1), quote, ret, rest);
        while (len < rest->len && rest->at[len] > ' ')
                len++;
        *ret = span_cut(*rest, 0, len);
        *rest = span_from(*rest, len);
        return true;
}

static void line_of(struct module *m, struct span verb, struct span rest, size_t number)
{
        struct span words[5] = {{0}};
        size_t n = 0, arrow;

        while (n < ARRAY_LEN(words) && next_word(&rest, &words[n]))
                n++;
        if (span_is(verb, "require")) {
                if (m->required.len == LOCK_PACKAGES_MAX)
                        m->l->n_left_out++;
                else if (n == 2)
                        *ARENA_PUSH(m->l->arena, &m->required) = (struct required){words[0], words[1]};
                else
                        findings_note(m->l->f, "line %zu: require without module and version: passed over", number);
                return;
        }
        arrow = n > 1 && span_is(words[1], "=>") ? 1 : 2; /* PATH [VERSION] => PATH [VERSION] */
        if (n <= arrow || n < arrow + 2 || !span_is(words[arrow], "=>")) {
                findings_note(m->l->f, "line %zu: replace without \"=>\": passed over", number);
                return;
        }
        if (m->replaced.len == LOCK_PACKAGES_MAX) {
                m->l->n_left_out++;
                return;
        }
        *ARENA_PUSH(m->l->arena, &m->replaced) = (struct replacement){.path = words[0],
            .version = arrow == 2 ? words[1] : (struct span){0},
            .new_path = words[arrow + 1],
            .new_version = n > arrow + 2 ? words[arrow + 2] : (struct span){0}};
}

static int by_path(const void *a, const void *b)
{
        const struct replacement *x = a, *y = b;
        int c = span_compare(x->path, y->path);

        return c ? c : span_compare(x->version, y->version);
}

/* One for that version counts before one for any. */
static const struct replacement *replaced(const struct module *m, struct span path, struct span version)
{
        struct replacement key = {.path = path, .version = version}, any = {.path = path}, *found;

        if (m->replaced.len == 0)
                return NULL;
        found = bsearch(&key, m->replaced.at, m->replaced.len, sizeof(key), by_path);
        return found ? found : bsearch(&any, m->replaced.at, m->replaced.len, sizeof(key), by_path);
}

static void add(struct module *m, const struct required *r)
{
        const struct replacement *by = replaced(m, r->path, r->version);
        struct required made = *r;

        if (by && by->new_version.len == 0)
                return; /* a folder: "./fork", "../other" */
        if (by)
                made = (struct required){by->new_path, by->new_version};
        lock_add_plain(m->l, made.path, made.version, false);
}

static void module_file(struct lock *l, struct span content)
{
        struct cursor c = {.rest = content};
        struct module m = {.l = l};
        struct span line, verb = {0}, rest, word;
        bool in_block = false;
        size_t number = 0;

        while (cursor_line(&c, &line)) {
                number++;
                rest = line;
                if (!next_word(&rest, &word))
                        continue;
                if (in_block && span_is(word, ")")) {
                        in_block = false;
                        continue;
                }
                if (in_block) {
                        rest = line;
                } else {
                        verb = word;
                        in_block = span_starts(span_trim(rest), "(");
                        if (in_block) {
                                rest = span_from(span_trim(rest), 1);
                                if (!next_word(&rest, &word))
                                        continue;
                                in_block = !span_is(word, ")");
                                continue;
                        }
                }
                if (span_is(verb, "require") || span_is(verb, "replace"))
                        line_of(&m, verb, rest, number);
        }
        if (m.replaced.len > 1)
                qsort(m.replaced.at, m.replaced.len, sizeof(*m.replaced.at), by_path);
        for (size_t i = 0; i < m.required.len; i++)
                add(&m, &m.required.at[i]);
}

static void read_module(struct span content, struct findings *f)
{
        lock_text(content, f, "go.mod", module_file);
}

LOCK_DETECTOR_OF(lock_go, "go-mod", "golang", "Go", "go.mod", read_module);
