/* The table of system calls in the words of runtime-spec 1.0.2, config-linux.md "Seccomp". */
#include <errno.h>

#include "base/base.h"
#include "runtime/seccomp_priv.h"

static void names_write(struct json_out *o, const char *const *names)
{
        json_out_key(o, "names");
        json_out_array(o);
        for (; *names; names++)
                json_out_text(o, *names);
        json_out_array_end(o);
}

static void rule_write(struct json_out *o, const struct seccomp_rule *r)
{
        const char *names[] = {r->name, NULL};

        json_out_object(o);
        names_write(o, names);
        json_out_member_text(o, "action", r->allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
        if (!r->allow)
                json_out_member_u64(o, "errnoRet", r->errno_ret ? r->errno_ret : EPERM);
        if (r->has_arg) {
                json_out_key(o, "args");
                json_out_array(o);
                json_out_object(o);
                json_out_member_u64(o, "index", r->arg.index);
                json_out_member_u64(o, "value", r->arg.value);
                json_out_member_u64(o, "valueTwo", r->arg.value_two);
                json_out_member_text(o, "op", r->arg.op);
                json_out_object_end(o);
                json_out_array_end(o);
        }
        json_out_object_end(o);
}

static void architectures_write(struct json_out *o, bool x86_32)
{
        json_out_key(o, "architectures");
        json_out_array(o);
#if defined(__x86_64__)
        json_out_text(o, "SCMP_ARCH_X86_64");
        if (x86_32)
                json_out_text(o, "SCMP_ARCH_X86");
#elif defined(__aarch64__)
        json_out_text(o, "SCMP_ARCH_AARCH64");
        if (x86_32)
                json_out_text(o, "SCMP_ARCH_ARM");
#else
#error "name this architecture as runtime-spec does, and look through the table for calls that only it has"
#endif
        json_out_array_end(o);
}

/*
 * On i386 socket(2) is a function of socketcall(2), whose arguments a filter can't see: libseccomp makes "socketcall(1)" of
 * every rule, and two with different actions are an error. The refusing ones only choose the error number; the default
 * refuses what none allows.
 */
static bool clashes_on_i386(const struct seccomp_rule *r)
{
        return !r->allow && r->has_arg && strcmp(r->name, "socket") == 0;
}

void seccomp_write(struct json_out *o, bool no_set_id, bool x86_32)
{
        enum seccomp_when not_now = no_set_id ? SECCOMP_PLAIN : SECCOMP_NO_SET_ID;

        json_out_object(o);
        json_out_member_text(o, "defaultAction", "SCMP_ACT_ERRNO");
        json_out_member_u64(o, "defaultErrnoRet", ENOSYS);
        architectures_write(o, x86_32);
        json_out_key(o, "syscalls");
        json_out_array(o);
        for (size_t i = 0; i < seccomp_n_allowed; i++) {
                json_out_object(o);
                names_write(o, seccomp_allowed[i].names);
                json_out_member_text(o, "action", "SCMP_ACT_ALLOW");
                json_out_object_end(o);
        }
        for (size_t i = 0; i < seccomp_n_rules; i++) {
                if (seccomp_rules[i].when != not_now && !(x86_32 && clashes_on_i386(&seccomp_rules[i])))
                        rule_write(o, &seccomp_rules[i]);
        }
        json_out_object(o);
        names_write(o, seccomp_refused);
        json_out_member_text(o, "action", "SCMP_ACT_ERRNO");
        json_out_member_u64(o, "errnoRet", EPERM);
        json_out_object_end(o);
        json_out_array_end(o);
        json_out_object_end(o);
}
