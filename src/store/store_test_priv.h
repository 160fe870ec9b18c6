/* For the tests: a state folder that goes away again, and short ways to look into and to damage a database. */
#pragma once

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
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

/* The connection string of a server for tests (test/store/with_postgres.py); NULL: on SQLite. */
static inline const char *room_postgres(void)
{
        return getenv("COFFER_TEST_POSTGRES");
}

/* Each room has a schema of its own. */
static inline bool room_configure(struct room *r)
{
        static unsigned n;
        char text[600];

        if (!room_postgres())
                return true;
        snprintf(text, sizeof(text), "# of a test\nconnection: %s\nschema: room_%d_%u\n", room_postgres(), (int)getpid(), n++);
        return file_replace(r->fd, "store.conf", span_of(text), 0600, NULL);
}

static inline int room_setup(void **state)
{
        struct room *r = heap_alloc(sizeof(*r));

        snprintf(r->path, sizeof(r->path), "/tmp/coffer-store-test-XXXXXX");
        if (!mkdtemp(r->path))
                return -1;
        r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *state = r;
        return r->fd < 0 || !room_configure(r) ? -1 : 0;
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

/* What the tests write in SQLite's own words, in PostgreSQL's. The text stays where it is: statements are kept by their address. */
static inline const char *sql_spell(const char *text)
{
        static const char *const words[][2] = {{"hex(zeroblob(100))", "repeat('00', 100)"},
            {"zeroblob(32)", "decode(repeat('00', 32), 'hex')"}, {"x'00'", "decode('00', 'hex')"}, {"x''", "decode('', 'hex')"},
            {"DROP TRIGGER ledger_keeps_records", "DROP TRIGGER ledger_keeps_records ON ledger"},
            {"DROP TRIGGER ledger_keeps_content", "DROP TRIGGER ledger_keeps_content ON ledger"}};
        struct buf b = {0}; /* lives as long as the test */

        if (!room_postgres())
                return text;
        while (*text) {
                size_t i = 0;

                while (i < ARRAY_LEN(words) && strncmp(text, words[i][0], strlen(words[i][0])) != 0)
                        i++;
                if (i < ARRAY_LEN(words)) {
                        buf_put_text(&b, words[i][1]);
                        text += strlen(words[i][0]);
                } else {
                        buf_put_u8(&b, (uint8_t)*text++);
                }
        }
        buf_put_u8(&b, 0);
        return (const char *)b.at;
}

/* A statement of the test's own; no rows. */
static inline void sql(struct store *s, const char *text)
{
        const char *spelled = sql_spell(text);
        struct err e = {0};

        if (!store_do(s, spelled, NULL, 0, &e))
                fail_msg("%s: %s", text, e.text);
        if (spelled != text)
                free((void *)spelled);
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
