/* Text inside XML and HTML. */
#include "report/report_priv.h"

/* XML 1.0: the five entities; characters that no document may hold become U+FFFD. */
static void escaped(struct buf *to, struct span s)
{
        for (size_t i = 0; i < s.len; i++) {
                uint8_t c = s.at[i];
                switch (c) {
                case '&':
                        buf_put_text(to, "&amp;");
                        break;
                case '<':
                        buf_put_text(to, "&lt;");
                        break;
                case '>':
                        buf_put_text(to, "&gt;");
                        break;
                case '"':
                        buf_put_text(to, "&quot;");
                        break;
                case '\'':
                        buf_put_text(to, "&apos;");
                        break;
                default:
                        if (c < 0x20 || c == 0x7f)
                                buf_put_text(to, c == '\n' || c == '\t' ? " " : "\xef\xbf\xbd");
                        else
                                buf_put_u8(to, c);
                }
        }
}

/* Any bytes as well-formed text: paths need not be UTF-8. */
void markup_text(struct buf *to, struct span s)
{
        if (span_is_utf8(s)) {
                escaped(to, s);
                return;
        }
        for (size_t i = 0; i < s.len; i++)
                escaped(to, s.at[i] < 0x80 ? span_cut(s, i, 1) : SPAN_LIT("\xef\xbf\xbd"));
}
