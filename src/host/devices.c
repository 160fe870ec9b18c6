#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/kvm.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/facts_priv.h"

/* How to report a device that could not be opened: to be refused is not to be missing. */
static enum host_state open_state(int reason)
{
        return reason == EACCES || reason == EPERM ? HOST_LIMITED : HOST_NO;
}

static void probe_dm(struct host_facts *f)
{
        static const char means[] =
            "disks are encrypted in the kernel (dm-crypt); without it Coffer serves the same disk in user space";
        int fd CLEANUP(fd_close) = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
        struct dm_ioctl d = {.version = {4, 0, 0}, .data_size = sizeof(d)};

        if (fd < 0)
                fact_add(f, "devices", "device-mapper", open_state(errno), means, "/dev/mapper/control: %s",
                    strerror(errno));
        else if (ioctl(fd, DM_VERSION, &d) != 0)
                fact_add(f, "devices", "device-mapper", open_state(errno), means, "DM_VERSION: %s", strerror(errno));
        else
                fact_add(f, "devices", "device-mapper", HOST_YES, means, "interface %u.%u.%u", d.version[0],
                    d.version[1], d.version[2]);
}

static void probe_loop(struct host_facts *f)
{
        static const char means[] = "a disk in a file becomes a block device; needed together with device-mapper";
        int fd CLEANUP(fd_close) = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
        int number = fd >= 0 ? ioctl(fd, LOOP_CTL_GET_FREE) : -1;

        if (fd < 0)
                fact_add(f, "devices", "loop", open_state(errno), means, "/dev/loop-control: %s", strerror(errno));
        else if (number < 0)
                fact_add(f, "devices", "loop", open_state(errno), means, "LOOP_CTL_GET_FREE: %s", strerror(errno));
        else
                fact_add(f, "devices", "loop", HOST_YES, means, "/dev/loop%d is free", number);
}

static void probe_fuse(struct host_facts *f)
{
        static const char means[] = "encrypted disks are served in user space where the kernel has no device-mapper";
        int fd CLEANUP(fd_close) = open("/dev/fuse", O_RDWR | O_CLOEXEC);

        if (fd < 0)
                fact_add(f, "devices", "fuse", open_state(errno), means, "/dev/fuse: %s", strerror(errno));
        else
                fact_add(f, "devices", "fuse", HOST_YES, means, "/dev/fuse opens");
}

static void probe_kvm(struct host_facts *f)
{
        static const char means[] = "containers can run in micro-VMs; without it namespaces are the isolation";
        int fd CLEANUP(fd_close) = open("/dev/kvm", O_RDWR | O_CLOEXEC);
        int vm CLEANUP(fd_close) = -1;
        int version;

        if (fd < 0) {
                fact_add(f, "devices", "kvm", open_state(errno), means, "/dev/kvm: %s", strerror(errno));
                return;
        }
        version = ioctl(fd, KVM_GET_API_VERSION, 0);
        vm = version == KVM_API_VERSION ? ioctl(fd, KVM_CREATE_VM, 0) : -1;
        if (vm >= 0)
                fact_add(f, "devices", "kvm", HOST_YES, means, "API %d, made a virtual machine", version);
        else if (version == KVM_API_VERSION)
                fact_add(f, "devices", "kvm", HOST_LIMITED, means, "API %d, but no virtual machine: %s", version,
                    strerror(errno));
        else
                fact_add(f, "devices", "kvm", HOST_NO, means, "API %d, %d is needed", version, KVM_API_VERSION);
}

static void probe_tpm(struct host_facts *f)
{
        static const char means[] =
            "this node can prove how it started, and keep keys that leave with nobody; without it others must trust it";
        static const char *const devices[] = {"/dev/tpmrm0", "/dev/tpm0"};
        char version[16] = "?";

        (void)kernel_file("/sys/class/tpm/tpm0/tpm_version_major", version, sizeof(version));
        for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
                struct stat st;
                if (stat(devices[i], &st) != 0 || !S_ISCHR(st.st_mode))
                        continue;
                /* Not opened: that would take it from whoever uses /dev/tpm0 now. */
                bool may = access(devices[i], R_OK | W_OK) == 0;
                fact_add(f, "trust", "tpm", may && version[0] == '2' ? HOST_YES : HOST_LIMITED, means,
                    "%s, version %s%s", devices[i], version, may ? "" : ", not for this user");
                return;
        }
        fact_add(f, "trust", "tpm", HOST_NO, means, "neither /dev/tpmrm0 nor /dev/tpm0");
}

/* UEFI 2.10, 3.3: the variable of the global GUID; efivarfs puts u32 attributes before the value. */
#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static void probe_secure_boot(struct host_facts *f)
{
        static const char means[] =
            "the firmware checked what it started; needed for a proof that goes back to the firmware";
        int fd CLEANUP(fd_close) = open(SECURE_BOOT, O_RDONLY | O_CLOEXEC);
        int reason = errno;
        uint8_t value[5] = {0};
        size_t n = 0;

        if (access("/sys/firmware/efi", F_OK) != 0)
                fact_add(f, "trust", "secure-boot", HOST_NO, means, "this machine was not started by UEFI");
        else if (fd < 0)
                fact_add(
                    f, "trust", "secure-boot", HOST_UNKNOWN, means, "the SecureBoot variable: %s", strerror(reason));
        else if (!fd_read_full(fd, value, sizeof(value), &n, NULL) || n != sizeof(value))
                fact_add(f, "trust", "secure-boot", HOST_UNKNOWN, means, "the SecureBoot variable is not five bytes");
        else
                fact_add(f, "trust", "secure-boot", value[4] == 1 ? HOST_YES : HOST_NO, means,
                    value[4] == 1 ? "switched on" : "switched off");
}

bool probe_devices(struct host_facts *f, struct err *e)
{
        (void)e;
        probe_dm(f);
        probe_loop(f);
        probe_fuse(f);
        probe_kvm(f);
        probe_tpm(f);
        probe_secure_boot(f);
        return true;
}
