/*
 * What the tests with real containers share: a root file system of one static busybox, a container in a folder of its
 * own, and what it said. Tests skip, with the reason, where there is no root, no busybox, no OCI runtime or no monitor.
 */
#pragma once

#include <poll.h>
#include <sys/types.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base.h"
#include "runtime/runtime.h"

#define LAYERS 0x10000000u /* owner of the layers' files */
#define IDS 0x10ff0000u    /* the containers' own range */
#define DEADLINE_MS 30000

struct box_root {
        char top[32];
        int fd; /* of it */
        int layers[2];
        int root_folder; /* the same content as layers[0], owned by 0 */
};
extern struct box_root box_root;

struct result {
        struct buf out, err; /* each ends in a NUL */
        int status;
};
void result_done(struct result *r);

struct box {
        char id[RUNTIME_ID_LEN + 1];
        int dir;
        struct span args[16], env[4];
        struct runtime_spec spec;
};

/* A folder of its own and a spec that runs `script` by a shell (NULL: args are the caller's). */
void box_init(struct box *b, const char *script);
void box_done(struct box *b); /* stops and removes it */

struct running {
        pid_t pid; /* stands for `coffer run` */
        int out, err;
};
struct running run_start(const struct box *b, const char *input);
void run_end(struct running r, struct result *ret);
void run(const struct box *b, const char *input, struct result *ret);
void run_script(const char *script, int status, const char *out);
/* The child's part: starts and waits as `coffer run` does; a refusal goes to standard error. */
void run_as_child(const struct runtime_spec *s, const int *stdio) __attribute__((noreturn));
void collect_until(int fd, const char *text, struct buf *to); /* to these words */
void collect(int fd, struct buf *to); /* to its end; closes it */

void expect(const struct result *r, int status, const char *out); /* out NULL: any */
bool has(const struct buf *b, const char *text);
void need(const struct result *r, const char *text);
/* No mount and no control group is left of it. */
void nothing_of(const char *id);

int box_skip_setup(void **state);
int box_main(int argc, char **argv, const char *group, const struct CMUnitTest *tests, size_t n);
#define BOX_TEST(name) cmocka_unit_test_setup(name, box_skip_setup)
