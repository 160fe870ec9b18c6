/* What system it is: etc/os-release and usr/lib/os-release, os-release(5). */
#include "inventory/detect_priv.h"

static bool wants(struct span path)
{
        return span_is(path, "etc/os-release") || span_is(path, "usr/lib/os-release");
}

/*
 * One shell word: bare, in single or in double quotes; \ keeps the byte after it, but not in single quotes.
 * False when a quote stays open or something follows the word.
 */
static bool unquote(struct span s, struct buf *to)
{
        uint8_t quote = s.len > 0 && (s.at[0] == '"' || s.at[0] == '\'') ? s.at[0] : 0;
        size_t i = quote ? 1 : 0;

        buf_clear(to);
        for (; i < s.len; i++) {
                uint8_t c = s.at[i];
                if (quote && c == quote)
                        return i + 1 == s.len;
                if (!quote && (c == ' ' || c == '\t' || c == '"' || c == '\''))
                        return false;
                if (c == '\\' && quote != '\'') {
                        if (++i == s.len)
                                return false;
                        c = s.at[i];
                        /* In double quotes only these four lose their backslash. */
                        if (quote && c != '"' && c != '\\' && c != '$' && c != '`')
                                buf_put_u8(to, '\\');
                }
                buf_put_u8(to, c);
        }
        return quote == 0;
}

static void read_os_release(struct span content, struct findings *f)
{
        struct {
                const char *key;
                struct span *to;
        } keys[] = {{"ID", &f->os.id}, {"ID_LIKE", &f->os.id_like}, {"VERSION_ID", &f->os.version_id},
            {"VERSION_CODENAME", &f->os.version_codename}, {"PRETTY_NAME", &f->os.pretty_name}};
        struct cursor in = {.rest = content};
        struct span line, key, value;
        CLEANUP(buf_done) struct buf word = {.max = INVENTORY_OS_RELEASE_MAX};

        for (size_t n = 1; cursor_line(&in, &line); n++) {
                line = span_trim(line);
                if (line.len == 0 || line.at[0] == '#' || !span_split(line, '=', &key, &value))
                        continue;
                for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                        if (!span_is(key, keys[i].key))
                                continue;
                        if (unquote(value, &word) && text_is_clean(buf_span(&word), INVENTORY_OS_TEXT_MAX))
                                *keys[i].to = arena_copy(f->arena, buf_span(&word)); /* the last one counts */
                        else
                                findings_note(f, "line %zu: %s has no valid value", n, keys[i].key);
                }
        }
}

const struct detector detect_os_release = {
    .name = "os-release",
    .size_max = INVENTORY_OS_RELEASE_MAX,
    .wants = wants,
    .read = read_os_release,
};
