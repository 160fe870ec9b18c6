/*
 * Modules in OSV's records of AlmaLinux, Rocky Linux and Red Hat.
 *
 * Such a record doesn't say which module a package of it is of, and a module's streams stand side by side: what nodejs:20 mends
 * at 20.11 is no word about nodejs:18. The summary names the modules ("Important: python39:3.9 and python39-devel:3.9 security
 * update"), and what was built in a module has ".module" in its release (Fedora's modularity: "1.module_el8.6.0+2868+44838709").
 * "kernel:4.18.0 security update" names no module; its packages tell.
 */
#include "advisory/feed/feed_priv.h"

#define MODULES_MAX 8u /* of one record; seen: 2 */

static bool is_module_char(uint8_t c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-' || c == '+';
}

static bool is_module(struct span word)
{
        struct span name, stream;

        if (word.len > FEED_MODULE_MAX || !span_split(word, ':', &name, &stream) || name.len == 0 || stream.len == 0)
                return false;
        SPAN_HOLDS(word);
        for (size_t i = 0; i < word.len; i++)
                if (i != name.len && !is_module_char(word.at[i]))
                        return false;
        return true;
}

static size_t modules_find(struct span summary, struct span *to)
{
        size_t n = 0;

        for (size_t i = 0, from = 0; i <= summary.len && n < MODULES_MAX; i++) {
                if (i < summary.len && summary.at[i] != ' ' && summary.at[i] != ',')
                        continue;
                if (is_module(span_cut(summary, from, i - from)))
                        to[n++] = span_cut(summary, from, i - from);
                from = i + 1;
        }
        return n;
}

static bool is_built_in_module(const struct feed_affected *f)
{
        static const char mark[] = ".module";
        size_t n = 0;

        for (size_t i = 0; i < f->n_ranges; i++) {
                for (size_t k = 0; k < f->ranges[i].n_events; k++) {
                        const struct feed_event *event = &f->ranges[i].events[k];

                        if (event->kind != FEED_FIXED)
                                continue;
                        if (!memmem(event->version.at, event->version.len, mark, strlen(mark)))
                                return false;
                        n++;
                }
        }
        return n > 0;
}

void osv_modules_apply(struct arena *a, struct span summary, struct feed_record *io)
{
        struct {
                struct feed_affected *at;
                size_t len, cap;
        } list = {0};
        struct span modules[MODULES_MAX];
        size_t n = modules_find(summary, modules);

        if (n == 0)
                return;
        for (size_t i = 0; i < io->n_affected; i++) {
                struct feed_affected one = io->affected[i];
                bool of_module = version_order_of(one.ecosystem) == VERSION_ORDER_RPM && is_built_in_module(&one);

                if (of_module && list.len + n > FEED_AFFECTED_MAX)
                        return; /* as it is: every stream's, told too often rather than lost */
                for (size_t k = 0; k < (of_module ? n : 1); k++) {
                        if (of_module)
                                one.module = modules[k];
                        *ARENA_PUSH(a, &list) = one;
                }
        }
        io->affected = list.at;
        io->n_affected = list.len;
}
