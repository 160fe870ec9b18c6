#include <unistd.h>

#include "base/base.h"

#define DRAW_EVERY_MS 100
#define LINE_WIPE "\r\033[K" /* ECMA-48: to column one, erase to the end of the line */

static void line_draw(const char *line)
{
        size_t len = strlen(line);

        if (write(STDERR_FILENO, line, len) < 0)
                return; /* a terminal that went away; the work goes on */
}

void progress_begin(struct progress *p, const char *label, uint64_t total, bool quiet)
{
        const char *term = getenv("TERM");

        *p = (struct progress){.label = label, .total = total};
        p->active = !quiet && term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO) == 1;
        if (!p->active)
                return;
        p->begun_ms = clock_mono_ms(); /* drawn_ms 0: nothing on the screen yet */
}

void progress_at(struct progress *p, uint64_t done)
{
        char line[128]; /* stays below 80 columns: a wrapped line could not be wiped */
        int64_t now;

        p->done = done;
        if (!p->active)
                return;
        now = clock_mono_ms();
        /* Work that takes less than a tenth of a second shows nothing. */
        if (now - (p->drawn_ms ? p->drawn_ms : p->begun_ms) < DRAW_EVERY_MS)
                return;
        p->drawn_ms = now;
        if (p->total > 0)
                snprintf(line, sizeof(line), LINE_WIPE "%.40s %3u%%  %lld s", p->label,
                    (unsigned)(done >= p->total ? 100 : (double)done / (double)p->total * 100),
                    (long long)(now - p->begun_ms) / 1000);
        else
                snprintf(line, sizeof(line), LINE_WIPE "%.40s %llu  %lld s", p->label, (unsigned long long)done,
                    (long long)(now - p->begun_ms) / 1000);
        line_draw(line);
}

void progress_end(struct progress *p)
{
        if (p->active && p->drawn_ms)
                line_draw(LINE_WIPE);
        p->active = false;
}
