#include <stdarg.h>

#include "report/report_priv.h"

static const char *const style_codes[] = {"", "\033[1m", "\033[1;31m", "\033[31m", "\033[33m", "\033[36m", "\033[32m"};

/* Columns that a printable text takes: its characters. */
static unsigned columns(struct span s)
{
        unsigned n = 0;

        for (size_t i = 0; i < s.len; i++)
                n += (s.at[i] & 0xc0) != 0x80;
        return n;
}

static void blanks(struct page *p, unsigned n)
{
        for (; n > 0; n--)
                buf_put_u8(p->to, ' ');
}

void page_end(struct page *p)
{
        if (p->column > 0)
                buf_put_u8(p->to, '\n');
        p->column = 0;
}

void page_line(struct page *p, unsigned indent, unsigned hang)
{
        page_end(p);
        blanks(p, indent);
        p->column = indent;
        p->hang = hang;
        p->spaced = false;
}

void page_blank(struct page *p)
{
        page_end(p);
        if (p->to->len > 0)
                buf_put_u8(p->to, '\n');
}

void page_word(struct page *p, struct span word, enum page_style style)
{
        char *shown CLEANUP(heap_freep) = heap_alloc(word.len + 1);
        struct span s = span_of(span_printable(word, shown, word.len + 1));
        unsigned n = columns(s);

        if (s.len == 0)
                return;
        if (p->width > 0 && p->column > p->hang && p->column + p->spaced + n > p->width)
                page_line(p, p->hang, p->hang);
        if (p->spaced) {
                blanks(p, 1);
                p->column++;
        }
        if (p->colour && style != PAGE_PLAIN)
                buf_put_text(p->to, style_codes[style]);
        buf_put(p->to, s);
        if (p->colour && style != PAGE_PLAIN)
                buf_put_text(p->to, "\033[0m");
        p->column += n;
        p->spaced = true;
}

static bool is_blank(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

void page_text(struct page *p, struct span text, enum page_style style)
{
        size_t from = 0;

        for (size_t i = 0; i <= text.len; i++)
                if (i == text.len || is_blank(text.at[i])) {
                        page_word(p, span_cut(text, from, i - from), style);
                        from = i + 1;
                }
}

void page_printf(struct page *p, enum page_style style, const char *fmt, ...)
{
        char text[512]; /* our own words and numbers; texts from outside go through page_word */
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        page_text(p, span_of(text), style);
}

void page_to(struct page *p, unsigned column)
{
        if (p->column < column) {
                blanks(p, column - p->column);
                p->column = column;
                p->spaced = false;
        }
}
