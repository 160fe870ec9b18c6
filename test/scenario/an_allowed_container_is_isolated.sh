# Seen from inside: ids, seccomp, capabilities, network, masked paths, limits.
. "$(dirname "$0")/lib.sh"
demo_image
demo_database
run() { expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" "$@"; }
printf 'version: 1\n' >"$scratch/policy.yaml"

note "own user namespace, with a range of ids that is nobody else's"
run "$image" cat /proc/self/uid_map /proc/self/gid_map
[ "$(awk '$1 == 0 && $2 >= 65536 && $3 == 65536' "$scratch/out" | wc -l)" = 2 ] || fail "uid_map: $(cat "$scratch/out")"
first=$(awk 'NR == 1 {print $2}' "$scratch/out")
"$coffer" run --rm --policy "$scratch/policy.yaml" "$image" sleep 4 &
sleep 1.5
run "$image" cat /proc/self/uid_map
[ "$(awk 'NR == 1 {print $2}' "$scratch/out")" != "$first" ] || fail "two live containers share a range"
wait

note "seccomp, no new privileges, capabilities"
run "$image" cat /proc/self/status
says '^Seccomp:[[:space:]]2$'
says '^NoNewPrivs:[[:space:]]1$'
caps=$(awk '/^CapBnd/ {print $2}' "$scratch/out")
# SYS_ADMIN 21, NET_ADMIN 12, SYS_PTRACE 19, SYS_MODULE 16, NET_RAW 13, MKNOD 27, SYS_RAWIO 17, BPF 39, SYS_TIME 25, SYS_CHROOT 18
for bit in 21 12 19 16 13 27 17 39 25 18; do
        [ $(((0x$caps >> bit) & 1)) = 0 ] || fail "capability $bit is in the bounding set $caps"
done
expect 1 "$coffer" run --rm --policy "$scratch/policy.yaml" "$image" unshare --user true
expect 1 "$coffer" run --rm --policy "$scratch/policy.yaml" "$image" sh -c 'mount -t tmpfs none /mnt 2>&1 && exit 0; exit 1'

note "no network but its own loopback"
run "$image" sh -c 'ls /sys/class/net; cat /proc/net/route | wc -l'
[ "$(tr '\n' ' ' <"$scratch/out")" = "lo 1 " ] || fail "network: $(cat "$scratch/out")"

note "masked and read-only kernel paths"
run "$image" sh -c 'cat /proc/kcore | wc -c; cat /proc/keys | wc -c; ls /proc/scsi /sys/firmware 2>/dev/null | grep -vc :; (echo 1 >/proc/sys/vm/drop_caches) 2>&1; (echo b >/proc/sysrq-trigger) 2>&1; true'
says 'Read-only file system|Permission denied'
[ "$(sed -n 1p "$scratch/out")$(sed -n 2p "$scratch/out")" = 00 ] || fail "a masked file has content: $(cat "$scratch/out")"

note "limits in force"
expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" --memory 64m --pids-limit 20 "$image" sh -c 'for f in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do [ -e $f ] && cat $f; done; exit 0'
if says_limits=$(grep -cxE '67108864|20' "$scratch/out") && [ "$says_limits" = 2 ]; then :; else
        grep -qi 'limit' "$scratch/err" || fail "neither limits in force nor a word about it: $(cat "$scratch/out" "$scratch/err")"
fi
expect 2 "$coffer" run --rm --policy "$scratch/policy.yaml" --pids-limit 20 "$image" sh -c 'i=0; while [ $i -lt 40 ]; do sleep 3 & i=$((i+1)); done 2>&1; exit 0'
says 'Resource temporarily unavailable|[Cc]annot fork'
expect 137 "$coffer" run --rm --policy "$scratch/policy.yaml" --memory 32m "$image" perl -e 'my $x = "x" x (200 << 20); print length $x'

note "files of the image belong to no real user, set-user-id files included"
[ -z "$(find "$COFFER_ROOT/layers" -mindepth 2 -uid -65536 -print -quit)" ] || fail "a file of a layer belongs to a real id"
nothing_left
