/* What a real container sees, may and may not, and its files and volumes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "runtime/box_test_priv.h"

/* ---- what a container sees ---- */

static void isolated(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        char map[64];
        (void)state;

        box_init(&b,
            "cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '; grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; "
            "echo net $(ls /sys/class/net); echo pid $$; hostname; ip addr show lo | grep -c 127.0.0.1; "
            "for n in user pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done; ulimit -c; "
            "grep ' / ' /proc/mounts");
        run(&b, "", &r);
        expect(&r, 0, NULL);
        snprintf(map, sizeof(map), " 0 %u 65536\n 0 %u 65536\n", IDS, IDS);
        need(&r, map);
        need(&r, "CapEff:\t00000000000004eb\n");
        need(&r, "CapBnd:\t00000000000004eb\n");
        need(&r, "CapInh:\t0000000000000000\n");
        need(&r, "CapAmb:\t0000000000000000\n");
        need(&r, "NoNewPrivs:\t1\n");
        need(&r, "Seccomp:\t2\n");
        need(&r, "net lo\n");
        need(&r, "pid 1\n");
        need(&r, b.id);
        need(&r, "nosuid,nodev");
        for (size_t i = 0; i < 7; i++) {
                static const char *const names[] = {"user", "pid", "net", "ipc", "uts", "mnt", "cgroup"};
                char path[32], link[64] = {0};

                snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
                assert_true(readlink(path, link, sizeof(link) - 1) > 0);
                assert_true(has(&r.out, names[i]));
                assert_false(has(&r.out, link));
        }
}

static void forbidden(void **state)
{
        (void)state;
        run_script("cat /proc/keys /proc/timer_list; echo x >/proc/sys/kernel/hostname; echo x >/proc/sysrq-trigger; "
                   "ls /sys/firmware; mount -t tmpfs x /tmp; unshare -r true; mknod /tmp/d c 1 3; "
                   "chroot / true; hostname x; date -s 2020-01-01 >/tmp/date; "
                   "echo 1 >/sys/kernel/mm/ksm/run; dmesg; swapoff /x; for f in /sys/fs/cgroup/*/cgroup.procs; do echo "
                   "1 >$f; done; "
                   "echo done; ls /tmp/d",
            1, "done\n");
}

static void layers_and_ids(void **state)
{
        struct stat st;
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        (void)state;

        box_init(&b,
            "stat -c '%n %u:%g %a' /etc/two /etc/passwd /opt; ls /etc/gone /opt; cat /etc/two; "
            "echo more >>/etc/two; chown 5:6 /etc/two; rm /etc/passwd; mkdir /opt/new; stat -c '%u:%g' /opt/new");
        run(&b, "", &r);
        expect(&r, 0, "/etc/two 1000:1001 640\n/etc/passwd 0:0 644\n/opt 0:0 755\n/opt:\ntop\nsecond layer\n0:0\n");
        assert_true(has(&r.err, "/etc/gone"));
        /* On disk: the layer is as it was, the change is the container's own, under its own ids. */
        assert_int_equal(fstatat(box_root.layers[1], "etc/two", &st, 0), 0);
        assert_int_equal(st.st_uid, LAYERS + 1000);
        assert_int_equal(st.st_size, 13);
        assert_int_equal(fstatat(b.dir, "upper/etc/two", &st, 0), 0);
        assert_int_equal(st.st_uid, IDS + 5);
        assert_int_equal(st.st_gid, IDS + 6);
        assert_int_equal(fstatat(b.dir, "upper/opt/new", &st, 0), 0);
        assert_int_equal(st.st_uid, IDS);
}

static void a_plain_root_folder(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        struct stat st;
        (void)state;

        box_init(&b, "stat -c %u:%g /etc/passwd; echo x >/new; rm /bin/ls; stat -c %u:%g /new");
        b.spec.use_root_fd = true;
        b.spec.root_fd = box_root.root_folder;
        b.spec.n_layers = 0;
        run(&b, "", &r);
        expect(&r, 0, "0:0\n0:0\n");
        assert_int_equal(fstatat(box_root.root_folder, "bin/ls", &st, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(fstatat(box_root.root_folder, "new", &st, AT_SYMLINK_NOFOLLOW), -1);
}

static void users(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct result bad CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done), c CLEANUP(box_done);
        (void)state;

        box_init(&b,
            "id -u; id -g; id -G; echo $HOME; pwd; grep CapEff /proc/self/status; grep CapBnd /proc/self/status; "
            "echo to a name >/dev/stdout; touch /etc/x || echo no");
        b.spec.user = SPAN_LIT("bob");
        b.spec.cwd = SPAN_LIT("/made/for/it");
        run(&b, "", &r);
        expect(&r, 0,
            "1000\n1001\n1001 10\n/home/bob\n/made/for/it\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
            "to a name\nno\n");
        box_init(&c, "true");
        c.spec.user = SPAN_LIT("eve");
        run(&c, "", &bad);
        expect(&bad, 125, "");
        assert_true(has(&bad.err, "not_found: start the container: the container's /etc/passwd"));
}

static void read_only_root(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        (void)state;

        box_init(&b, "echo x >/file || echo refused; echo x >/dev/shm/file && echo shm");
        b.spec.read_only = true;
        run(&b, "", &r);
        expect(&r, 0, "refused\nshm\n");
}

static void host_network(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        char ours[64] = {0};
        (void)state;

        box_init(&b,
            "readlink /proc/self/ns/net; test -e /sys/class/net/lo && echo sys; "
            "echo 1 2>/dev/null >/sys/kernel/mm/ksm/run || echo ro; ip link add x type dummy 2>/dev/null || echo no");
        b.spec.network = RUNTIME_NETWORK_HOST;
        run(&b, "", &r);
        expect(&r, 0, NULL);
        assert_true(readlink("/proc/self/ns/net", ours, sizeof(ours) - 1) > 0);
        need(&r, ours);
        need(&r, "sys\nro\nno\n");
}

/* ---- volumes ---- */

static void volumes(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        char path[64];
        struct runtime_volume list[] = {{path, "/data", false, false, -1}, {path, "/deep/er/ro", true, false, -1}};
        int dir CLEANUP(fd_close) = -1;
        struct stat st;
        struct err e;
        (void)state;

        snprintf(path, sizeof(path), "%s/volume", box_root.top);
        assert_true(dir_make(box_root.fd, "volume", 0755, &dir, &e));
        assert_true(file_replace(dir, "hello", SPAN_LIT("from the host\n"), 0600, &e));
        box_init(&b,
            "cat /data/hello /deep/er/ro/hello; echo x >/deep/er/ro/new || echo read-only; echo hi >/data/new; "
            "chmod 4755 /data/new 2>/dev/null || echo no set-id; mknod /data/null c 1 3 2>/dev/null || echo no device; "
            "grep -E '(data|ro) ' /proc/mounts | grep -c nosuid,nodev; stat -c %u /data/new");
        b.spec.volumes = list;
        b.spec.n_volumes = 2;
        run(&b, "", &r);
        expect(&r, 0, "from the host\nfrom the host\nread-only\nno set-id\nno device\n2\n0\n");
        assert_int_equal(fstatat(dir, "new", &st, 0), 0);
        assert_int_equal(st.st_uid, 0); /* the volume's ids are the host's */
        assert_int_equal(st.st_mode & 07000, 0);
        assert_true(tree_remove(box_root.fd, "volume", &e));
}

static void a_missing_volume(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        struct runtime_volume list[] = {{"/nowhere/at/all", "/data", false, false, -1}};
        (void)state;

        box_init(&b, "true");
        b.spec.volumes = list;
        b.spec.n_volumes = 1;
        run(&b, "", &r);
        expect(&r, 125, "");
        assert_true(has(&r.err, "not_found: start the container: volume /data: /nowhere/at/all does not exist"));
}

static void without_root_it_says_so(void **state)
{
        struct result r CLEANUP(result_done) = {0};
        struct box b CLEANUP(box_done);
        int out[2], status;
        pid_t pid;
        (void)state;

        box_init(&b, "true");
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                if (setresuid(65534, 65534, 65534) != 0)
                        _exit(1);
                run_as_child(&b.spec, (int[]){out[0], out[1], out[1]});
        }
        close(out[1]);
        collect(out[0], &r.out);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), 125);
        need(&r, "unsupported: start the container: this needs root");
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
            BOX_TEST(isolated),
            BOX_TEST(forbidden),
            BOX_TEST(layers_and_ids),
            BOX_TEST(a_plain_root_folder),
            BOX_TEST(users),
            BOX_TEST(read_only_root),
            BOX_TEST(host_network),
            BOX_TEST(volumes),
            BOX_TEST(a_missing_volume),
            BOX_TEST(without_root_it_says_so),
        };

        return box_main(argc, argv, "container", tests, ARRAY_LEN(tests));
}
