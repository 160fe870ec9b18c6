/* The system calls of a container: a table by purpose, and its form in config.json. */
#pragma once

#include "base/base.h"

struct seccomp_group {
        const char *purpose;
        const char *const *names; /* NULL-terminated */
};

/* One comparison of an argument; the operators are those of the runtime-spec. */
struct seccomp_arg {
        unsigned index;
        const char *op; /* "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ" */
        uint64_t value; /* the mask, for MASKED_EQ */
        uint64_t value_two;
};

struct seccomp_rule {
        const char *name;
        bool allow;         /* else: errno_ret */
        unsigned errno_ret; /* 0: EPERM */
        bool has_arg;
        struct seccomp_arg arg;
        enum seccomp_when { SECCOMP_ALWAYS = 0, SECCOMP_PLAIN, SECCOMP_NO_SET_ID } when;
};

extern const struct seccomp_group seccomp_allowed[];
extern const size_t seccomp_n_allowed;
extern const struct seccomp_rule seccomp_rules[];
extern const size_t seccomp_n_rules;
/* Known and refused with EPERM, so that a program hears "not permitted"; what nobody knows gets ENOSYS and falls back.
 */
extern const char *const seccomp_refused[];

/* The value of linux.seccomp. `no_set_id`: files can't be given set-id bits; `x86_32`: i386 programs may run. */
struct json_out;
void seccomp_write(struct json_out *o, bool no_set_id, bool x86_32);
