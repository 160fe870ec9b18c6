/* For the tests: a state folder that goes away again, and short ways to look into and to damage a database. */
#pragma once

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ledger_priv.h"

struct room {
        char path[64];
        int fd;
        struct store *s; /* NULL until opened */
};

static inline struct store *room_open(struct room *r)
{
        struct err e = {0};

        if (!store_open(r->fd, r->path, &r->s, &e))
                fail_msg("store_open: %s", e.text);
        return r->s;
}

static inline void room_close(struct room *r)
{
        store_free(r->s);
        r->s = NULL;
}

static inline int room_setup(void **state)
{
        struct room *r = heap_alloc(sizeof(*r));

        snprintf(r->path, sizeof(r->path), "/tmp/coffer-store-test-XXXXXX");
        if (!mkdtemp(r->path))
                return -1;
        r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *state = r;
        return r->fd < 0 ? -1 : 0;
}

static inline int room_teardown(void **state)
{
        struct room *r = *state;

        room_close(r);
        close(r->fd);
        tree_remove(AT_FDCWD, r->path, NULL);
        free(r);
        return 0;
}

/* A statement of the test's own; no rows. */
static inline void sql(struct store *s, const char *text)
{
        struct err e = {0};

        if (!store_do(s, text, NULL, 0, &e))
                fail_msg("%s: %s", text, e.text);
}

static inline int64_t sql_number(struct store *s, const char *text)
{
        struct store_query q = {.sql = text};
        struct err e = {0};
        int64_t n = -1;
        bool found;

        if (!store_number(s, &q, &n, &found, &e) || !found)
                fail_msg("%s: %s", text, e.text);
        return n;
}

static inline bool text_has(const char *text, const char *part)
{
        return strstr(text, part) != NULL;
}

#define assert_ok(call)                                     \
        do {                                                \
                struct err e_ = {0}, *e = &e_;              \
                if (!(call))                                \
                        fail_msg("%s: %s", #call, e_.text); \
        } while (0)

/* It fails with this kind, and its text says so. */
#define assert_refused(call, wanted, part)                                              \
        do {                                                                            \
                struct err e_ = {0}, *e = &e_;                                          \
                if (call)                                                               \
                        fail_msg("%s was accepted", #call);                             \
                if (e_.kind != (wanted) || !text_has(e_.text, part))                    \
                        fail_msg("%s: %s: %s", #call, err_kind_name(e_.kind), e_.text); \
        } while (0)
