/*
 * Writes a tar archive from lines on standard input, right ones and hostile ones: mktar <LINES >ARCHIVE
 *
 *   file PATH MODE UID GID [TEXT]      zeros PATH SIZE         dir PATH MODE UID GID
 *   symlink PATH TARGET                hardlink PATH TARGET    fifo PATH
 *   char PATH MAJOR MINOR              block PATH MAJOR MINOR
 *   many PREFIX COUNT                  COUNT empty files PREFIX0, PREFIX1 ...
 *   deep NAME DEPTH                    NAME/NAME/... as folders, one entry for each level
 *   long PATH-LENGTH NAME-LENGTH       one empty file whose path has that many bytes, in names of that many
 *   mtime SECONDS                      for what follows
 *   pax KEY VALUE                      an extended header for the next entry
 *   raw HEX                            bytes as they are
 *   noend                              without the two blocks of zeros
 *
 * %HH in a path or target is that byte; PATH "." is the root. A line that is not understood ends the program with 2.
 */
#include <unistd.h>

#include "image/tar_make_priv.h"

#define WORDS 6

static int64_t mtime = 1700000000;
static bool end = true;

static _Noreturn void die(const char *what, unsigned line)
{
        fprintf(stderr, "mktar: line %u: %s\n", line, what);
        exit(2);
}

static void flush(struct buf *b, unsigned line)
{
        struct err e = {0};

        if (b->failed || !fd_write_all(STDOUT_FILENO, buf_span(b), &e))
                die(e.text, line);
        buf_clear(b);
}

static unsigned hex(char c)
{
        const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

        return at ? (unsigned)(at - digits) : 16;
}

static void unescape(char *s)
{
        char *to = s;

        for (; *s; s++) {
                unsigned high = s[0] == '%' ? hex(s[1]) : 16, low = high < 16 ? hex(s[2]) : 16;

                *to++ = low < 16 ? (char)(high << 4 | low) : *s;
                s += low < 16 ? 2 : 0;
        }
        *to = 0;
}

static uint64_t number(const char *s, int base, unsigned line)
{
        char *rest;
        unsigned long long v = strtoull(s, &rest, base);

        if (*s == 0 || *rest)
                die("a number was expected", line);
        return v;
}

/* Cuts the line into at most WORDS words; the last one keeps its blanks. */
static size_t words_cut(char *line, char *words[WORDS])
{
        size_t n = 0;

        while (*line && n < WORDS) {
                words[n++] = line;
                line = n < WORDS ? strchr(line, ' ') : NULL;
                if (!line)
                        break;
                *line++ = 0;
        }
        return n;
}

static void zeros_write(struct buf *b, const char *path, uint64_t size, unsigned line)
{
        static const uint8_t zeros[1 << 16];

        tar_make_raw(b, &(struct tar_item){.path = path, .size = size, .mode = 0644, .mtime = mtime});
        for (size = (size + 511) & ~511ull; size > 0;) {
                size_t n = size < sizeof(zeros) ? (size_t)size : sizeof(zeros);

                buf_put(b, span_bytes(zeros, n));
                flush(b, line);
                size -= n;
        }
}

static void many_write(struct buf *b, const char *prefix, uint64_t count, unsigned line)
{
        char path[600];

        for (uint64_t i = 0; i < count; i++) {
                snprintf(path, sizeof(path), "%s%llu", prefix, (unsigned long long)i);
                tar_make(b, &(struct tar_item){.path = path, .mode = 0644, .mtime = mtime});
                if (b->len > 1u << 20)
                        flush(b, line);
        }
}

static void deep_write(struct buf *b, const char *name, uint64_t depth)
{
        struct buf path CLEANUP(buf_done) = {0};

        for (uint64_t i = 0; i < depth; i++) {
                buf_printf(&path, "%s%s", i ? "/" : "", name);
                buf_put_u8(&path, 0);
                tar_make(
                    b, &(struct tar_item){.path = (const char *)path.at, .type = '5', .mode = 0755, .mtime = mtime});
                path.len--;
        }
}

static void long_write(struct buf *b, uint64_t path_len, uint64_t name_len)
{
        struct buf path CLEANUP(buf_done) = {0};

        for (uint64_t i = 0; i < path_len; i++)
                buf_put_u8(&path, (i + 1) % (name_len + 1) == 0 && i + 1 < path_len ? '/' : 'n');
        buf_put_u8(&path, 0);
        tar_make(b, &(struct tar_item){.path = (const char *)path.at, .mode = 0644, .mtime = mtime});
}

static void raw_write(struct buf *b, const char *text)
{
        for (; text[0] && text[1]; text += 2)
                buf_put_u8(b, (uint8_t)(hex(text[0]) << 4 | hex(text[1])));
}

static bool entry_write(struct buf *b, char *w[WORDS], size_t n, unsigned line)
{
        struct tar_item item = {.mode = 0644, .mtime = mtime};

        if (n < 2)
                return false;
        unescape(w[1]);
        item.path = w[1];
        if (strcmp(w[0], "file") == 0 || strcmp(w[0], "dir") == 0) {
                if (n < 5)
                        return false;
                item.type = w[0][0] == 'd' ? '5' : '0';
                item.mode = (uint32_t)number(w[2], 8, line);
                item.uid = (uint32_t)number(w[3], 10, line);
                item.gid = (uint32_t)number(w[4], 10, line);
                item.content = n > 5 ? span_of(w[5]) : (struct span){0};
        } else if (strcmp(w[0], "symlink") == 0 || strcmp(w[0], "hardlink") == 0) {
                if (n != 3)
                        return false;
                unescape(w[2]);
                item.type = w[0][0] == 's' ? '2' : '1';
                item.mode = 0777;
                item.link = w[2];
        } else if (strcmp(w[0], "char") == 0 || strcmp(w[0], "block") == 0) {
                if (n != 4)
                        return false;
                item.type = w[0][0] == 'c' ? '3' : '4';
                item.dev_major = (uint32_t)number(w[2], 10, line);
                item.dev_minor = (uint32_t)number(w[3], 10, line);
        } else if (strcmp(w[0], "fifo") == 0) {
                item.type = '6';
        } else {
                return false;
        }
        tar_make(b, &item);
        return true;
}

static bool line_do(struct buf *b, char *w[WORDS], size_t n, unsigned line)
{
        struct buf record CLEANUP(buf_done) = {0};

        if (strcmp(w[0], "noend") == 0)
                end = false;
        else if (strcmp(w[0], "mtime") == 0 && n == 2)
                mtime = (int64_t)number(w[1], 10, line);
        else if (strcmp(w[0], "raw") == 0 && n == 2)
                raw_write(b, w[1]);
        else if (strcmp(w[0], "zeros") == 0 && n == 3)
                zeros_write(b, w[1], number(w[2], 10, line), line);
        else if (strcmp(w[0], "many") == 0 && n == 3)
                many_write(b, w[1], number(w[2], 10, line), line);
        else if (strcmp(w[0], "deep") == 0 && n == 3)
                deep_write(b, w[1], number(w[2], 10, line));
        else if (strcmp(w[0], "long") == 0 && n == 3)
                long_write(b, number(w[1], 10, line), number(w[2], 10, line));
        else if (strcmp(w[0], "pax") == 0 && n >= 3) {
                unescape(w[2]);
                tar_make_record(&record, w[1], span_of(w[2]));
                tar_make_extended(b, 'x', buf_span(&record));
        } else
                return entry_write(b, w, n, line);
        return true;
}

int main(void)
{
        struct buf b CLEANUP(buf_done) = {0};
        char *text = NULL, *words[WORDS];
        size_t size = 0;
        ssize_t len;

        for (unsigned line = 1; (len = getline(&text, &size, stdin)) > 0; line++) {
                if (text[len - 1] == '\n')
                        text[len - 1] = 0;
                size_t n = words_cut(text, words);
                if (n > 0 && text[0] != '#' && !line_do(&b, words, n, line))
                        die("not understood", line);
                flush(&b, line);
        }
        if (end)
                tar_make_end(&b);
        flush(&b, 0);
        free(text);
        return 0;
}
