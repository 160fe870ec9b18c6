#include "inventory/fields_priv.h"

void fields_init(struct fields *f, struct span in, bool blanks_end)
{
        *f = (struct fields){.in = {.rest = in}, .blanks_end = blanks_end};
}

static bool is_blank(uint8_t c)
{
        return c == ' ' || c == '\t';
}

/* Takes the lines that continue a value. They are whole lines of the input, so the value stays one piece of it. */
static void take_continuation(struct fields *f)
{
        for (;;) {
                struct cursor ahead = f->in;
                struct span line;

                if (!cursor_line(&ahead, &line) || line.len == 0 || !is_blank(line.at[0]))
                        return;
                if (f->blanks_end && span_trim(line).len == 0)
                        return;
                f->in = ahead;
                f->line++;
        }
}

enum fields_step fields_next(struct fields *f, struct span *ret_name, struct span *ret_value)
{
        struct span line, name, value;

        for (;;) {
                struct span before = f->in.rest;

                if (!cursor_line(&f->in, &line)) {
                        if (!f->in_stanza)
                                return FIELDS_END;
                        f->in_stanza = false;
                        return FIELDS_STANZA_END;
                }
                f->line++;
                if (line.len == 0 || (f->blanks_end && span_trim(line).len == 0)) {
                        if (!f->in_stanza)
                                continue;
                        f->in_stanza = false;
                        return FIELDS_STANZA_END;
                }
                f->in_stanza = true;
                if (is_blank(line.at[0]) || !span_split(line, ':', &name, &value) || span_trim(name).len == 0) {
                        *ret_name = line;
                        *ret_value = (struct span){0};
                        return FIELDS_BROKEN;
                }
                size_t value_at = name.len + 1;
                take_continuation(f);
                *ret_name = span_trim(name);
                *ret_value = span_trim(span_cut(before, value_at, before.len - f->in.rest.len - value_at));
                return FIELDS_FIELD;
        }
}

bool field_is(struct span name, const char *wanted)
{
        size_t len = strlen(wanted);

        if (name.len != len)
                return false;
        for (size_t i = 0; i < len; i++) {
                uint8_t a = name.at[i], b = (uint8_t)wanted[i];
                a = a >= 'A' && a <= 'Z' ? (uint8_t)(a + 32) : a;
                b = b >= 'A' && b <= 'Z' ? (uint8_t)(b + 32) : b;
                if (a != b)
                        return false;
        }
        return true;
}
