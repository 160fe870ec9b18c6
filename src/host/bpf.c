#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/btf_priv.h"
#include "host/facts_priv.h"

#define BTF_BYTES_MAX (64u << 20) /* the largest seen has 12 MiB */
#define SYS_LSM_LIST_MODULES 461  /* Linux 6.8; the same number on every architecture */
#define LSM_ID_BPF_ 109u
#define LSM_LIST_MAX 32u

/* r0 = 0; exit: valid for every kind. */
static const struct bpf_insn two[] = {
    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
    {.code = BPF_JMP | BPF_EXIT},
};

struct kind {
        const char *name;
        enum bpf_prog_type type;
        enum bpf_attach_type attach;
        const char *btf_name; /* what it would be attached to; NULL: nothing is named at loading */
        enum btf_kind btf_kind;
        const char *means;
};

static const struct kind kinds[] = {
    {.name = "bpf-socket-filter",
        .type = BPF_PROG_TYPE_SOCKET_FILTER,
        .means = "packets of one socket can be counted and filtered"},
    {.name = "bpf-cgroup-skb",
        .type = BPF_PROG_TYPE_CGROUP_SKB,
        .attach = BPF_CGROUP_INET_EGRESS,
        .means = "a container's packets can be counted and filtered by its cgroup"},
    {.name = "bpf-tracepoint",
        .type = BPF_PROG_TYPE_TRACEPOINT,
        .means = "what containers do can be watched at the kernel's stable tracepoints"},
    {.name = "bpf-raw-tracepoint",
        .type = BPF_PROG_TYPE_RAW_TRACEPOINT,
        .means = "the same with less work for each event"},
    {.name = "bpf-kprobe", .type = BPF_PROG_TYPE_KPROBE, .means = "any function of the kernel can be watched"},
    {.name = "bpf-tp-btf",
        .type = BPF_PROG_TYPE_TRACING,
        .attach = BPF_TRACE_RAW_TP,
        .btf_name = "btf_trace_sched_process_exec",
        .btf_kind = BTF_TYPEDEF_,
        .means = "tracepoints with the kernel's own types: no offsets to guess"},
    {.name = "bpf-fentry",
        .type = BPF_PROG_TYPE_TRACING,
        .attach = BPF_TRACE_FENTRY,
        .btf_name = "vfs_open",
        .btf_kind = BTF_FUNC_,
        .means = "functions of the kernel can be watched at nearly no cost"},
    {.name = "bpf-lsm",
        .type = BPF_PROG_TYPE_LSM,
        .attach = BPF_LSM_MAC,
        .btf_name = "bpf_lsm_file_open",
        .btf_kind = BTF_FUNC_,
        .means = "an act of a container can be prevented, not only seen"},
};

/* 0 or an errno. The licence is for the verifier, which loads LSM programs of a GPL-compatible one alone. */
static int load(const struct kind *k, uint32_t btf_id)
{
        union bpf_attr attr = {0};
        int fd;

        attr.prog_type = (uint32_t)k->type;
        attr.expected_attach_type = (uint32_t)k->attach;
        attr.insns = (uint64_t)(uintptr_t)two;
        attr.insn_cnt = ARRAY_LEN(two);
        attr.license = (uint64_t)(uintptr_t) "Dual MIT/GPL";
        attr.attach_btf_id = btf_id;
        fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
        if (fd < 0)
                return errno;
        close(fd);
        return 0;
}

enum active { ACTIVE_UNKNOWN = 0, ACTIVE_NO, ACTIVE_YES };

/* A BPF LSM program that loads is still never asked when "bpf" is not in the kernel's lsm= list. */
static enum active lsm_active(void)
{
        uint64_t ids[LSM_LIST_MAX];
        uint32_t size = sizeof(ids);
        long n = syscall(SYS_LSM_LIST_MODULES, ids, &size, 0u);
        char list[256];

        if (n >= 0 && n <= (long)LSM_LIST_MAX) {
                for (long i = 0; i < n; i++)
                        if (ids[i] == LSM_ID_BPF_)
                                return ACTIVE_YES;
                return ACTIVE_NO;
        }
        if (!kernel_file("/sys/kernel/security/lsm", list, sizeof(list)))
                return ACTIVE_UNKNOWN;
        struct span word, rest = span_of(list);
        bool more = true;
        while (more) {
                more = span_split(rest, ',', &word, &rest);
                if (span_is(word, "bpf"))
                        return ACTIVE_YES;
        }
        return ACTIVE_NO;
}

static void loaded_add(struct host_facts *f, const struct kind *k)
{
        if (k->type != BPF_PROG_TYPE_LSM) {
                fact_add(f, "observation", k->name, HOST_YES, k->means, "loaded one");
                return;
        }
        switch (lsm_active()) {
        case ACTIVE_YES:
                fact_add(
                    f, "observation", k->name, HOST_YES, k->means, "loaded one; \"bpf\" is among the active modules");
                return;
        case ACTIVE_NO:
                fact_add(f, "observation", k->name, HOST_LIMITED, k->means,
                    "loaded one, but it would never be asked: start the kernel with \"bpf\" in its lsm= list");
                return;
        case ACTIVE_UNKNOWN:
                fact_add(f, "observation", k->name, HOST_LIMITED, k->means,
                    "loaded one; whether it would be asked can't be told: mount securityfs");
                return;
        }
}

/* Whether this process has what bpf(2) asks for: then a refusal is the kernel's, not the user's. */
static bool capable(void)
{
        struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {0};
        uint64_t has;

        if (syscall(SYS_capget, &head, now) != 0)
                return false;
        has = now[0].effective | (uint64_t)now[1].effective << 32;
        return (has >> CAP_SYS_ADMIN & 1) != 0 || ((has >> CAP_BPF & 1) != 0 && (has >> CAP_PERFMON & 1) != 0);
}

static void refused_add(struct host_facts *f, const struct kind *k, int reason)
{
        if (reason != EPERM)
                fact_add(f, "observation", k->name, HOST_NO, k->means, "loading one: %s", strerror(reason));
        else if (capable())
                fact_add(f, "observation", k->name, HOST_NO, k->means,
                    "loading one: %s, although this process has the capabilities for it", strerror(reason));
        else
                fact_add(f, "observation", k->name, HOST_LIMITED, k->means,
                    "loading one: %s: needs CAP_BPF and CAP_PERFMON", strerror(reason));
}

static void kind_probe(struct host_facts *f, const struct kind *k, struct span btf)
{
        uint32_t id = 0;
        struct err e = {0};
        int rc;

        if (k->btf_name && btf.len == 0) {
                fact_add(f, "observation", k->name, HOST_NO, k->means, "the kernel has no /sys/kernel/btf/vmlinux");
                return;
        }
        if (k->btf_name && !btf_find(btf, k->btf_kind, k->btf_name, &id, &e)) {
                fact_add(f, "observation", k->name, HOST_UNKNOWN, k->means, "%s", e.text);
                return;
        }
        if (k->btf_name && id == 0) {
                fact_add(f, "observation", k->name, HOST_NO, k->means, "the kernel has no %s", k->btf_name);
                return;
        }
        rc = load(k, id);
        if (rc == 0)
                loaded_add(f, k);
        else
                refused_add(f, k, rc);
}

bool probe_bpf(struct host_facts *f, struct err *e)
{
        struct buf btf = {.max = BTF_BYTES_MAX};
        struct err unread = {0};

        (void)e;
        /* sysfs tells the right size, so this is an ordinary file; a kernel without BTF is a fact. */
        if (!file_read(AT_FDCWD, "/sys/kernel/btf/vmlinux", BTF_BYTES_MAX, &btf, &unread))
                buf_clear(&btf);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                kind_probe(f, &kinds[i], buf_span(&btf));
        buf_done(&btf);
        return true;
}
