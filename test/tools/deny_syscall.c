/*
 * Runs a command on a kernel that lacks something: each system call named fails with the error given.
 *
 *      deny_syscall landlock_create_ruleset=ENOSYS seccomp=EINVAL -- coffer scan ...
 *
 * For tests of the fail-closed path; never installed. "NAME=0" makes a call claim success without doing anything;
 * "NAME@1=EPERM" takes it away only where its first argument is 1.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRNO_MAX 133 /* EHWPOISON, the last of Linux */

static int errno_of(const char *name)
{
        if (strcmp(name, "0") == 0)
                return 0;
        for (int i = 1; i <= ERRNO_MAX; i++) {
                const char *known = strerrorname_np(i);
                if (known && strcmp(known, name) == 0)
                        return i;
        }
        return -1;
}

static bool rule_add(scmp_filter_ctx ctx, char *rule)
{
        char *value = strchr(rule, '='), *first = strchr(rule, '@');
        struct scmp_arg_cmp cmp;
        int nr, code, rc;

        if (!value)
                return false;
        *value++ = 0;
        if (first)
                *first++ = 0;
        cmp = (struct scmp_arg_cmp){.arg = 0, .op = SCMP_CMP_EQ, .datum_a = first ? strtoull(first, NULL, 10) : 0};
        nr = seccomp_syscall_resolve_name(rule);
        code = errno_of(value);
        if (nr == __NR_SCMP_ERROR || code < 0)
                return false;
        rc = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((unsigned)code), nr, first ? 1 : 0, &cmp);
        return rc == 0;
}

int main(int argc, char **argv)
{
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
        int i, rc;

        for (i = 1; ctx && i < argc && strcmp(argv[i], "--") != 0; i++) {
                if (!rule_add(ctx, argv[i])) {
                        fprintf(stderr, "deny_syscall: %s: no such system call or error\n", argv[i]);
                        return 125;
                }
        }
        if (!ctx || i + 1 >= argc) {
                fprintf(stderr, "usage: deny_syscall CALL=ERROR ... -- COMMAND [ARGUMENT ...]\n");
                return 125;
        }
        rc = seccomp_load(ctx);
        if (rc != 0) {
                fprintf(stderr, "deny_syscall: seccomp: %s\n", strerror(-rc));
                return 125;
        }
        execvp(argv[i + 1], argv + i + 1);
        fprintf(stderr, "deny_syscall: %s: %s\n", argv[i + 1], strerror(errno));
        return 127;
}
