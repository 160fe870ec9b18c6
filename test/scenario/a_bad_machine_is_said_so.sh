# Full disk, no permission, no database, an interrupt at any point: a clear error, the old state, nothing left.
. "$(dirname "$0")/lib.sh"
demo_image
printf 'version: 1\n' >"$scratch/policy.yaml"

note "no database: not assessed, and it says how to get one"
expect 3 "$coffer" scan "$image"
says 'coffer db build'
demo_database

note "two that make a database at once: the second is told so, and the first one's stands"
flock "$COFFER_ROOT/advisory" sleep 2 &
sleep 0.3
expect 3 "$coffer" db build "$top/demo/advisories"
says 'another coffer is making a database'
expect 0 "$coffer" db status
wait
demo_database

note "a full disk while unpacking"
mkdir "$scratch/small"
mount -t tmpfs -o size=40m none "$scratch/small" || skip "can't mount a tmpfs"
trap 'umount "$scratch/small" 2>/dev/null; at_end' EXIT
expect 0 "$coffer" db build --root "$scratch/small" "$top/demo/advisories"
expect 125 "$coffer" run --root "$scratch/small" --rm --policy "$scratch/policy.yaml" "$image" true
says 'No space left|full'
[ -z "$(ls -A "$scratch/small/layers" 2>/dev/null)" ] || fail "a half layer was kept: $(ls -lA "$scratch/small/layers")"
expect 0 "$coffer" ledger verify --root "$scratch/small"
umount "$scratch/small"
trap at_end EXIT

note "a container that fills the disk can be seen, stopped and removed"
mkdir -p "$scratch/full" "$scratch/box/bin"
cp /bin/busybox "$scratch/box/bin/busybox"
ln -s busybox "$scratch/box/bin/sh"
tar -C "$scratch/box" -cf "$scratch/box.tar" bin
oci_image "$scratch/box-image" "$scratch/box.tar"
printf 'version: 1\nrequire: {scan: false}\n' >"$scratch/any.yaml"
mount -t tmpfs -o size=24m none "$scratch/full" || skip "can't mount a tmpfs"
trap '"$coffer" rm --force --root "$scratch/full" filler >/dev/null 2>&1; umount "$scratch/full" 2>/dev/null; at_end' EXIT
expect 0 "$coffer" run --root "$scratch/full" -d --name filler --policy "$scratch/any.yaml" "$scratch/box-image" \
        /bin/sh -c 'busybox dd if=/dev/zero of=/fill bs=65536; while :; do echo more; done'
left() { df --output=avail "$scratch/full" | tail -n 1 | tr -d ' '; }
for _ in $(seq 100); do [ "$(left)" = 0 ] && break; sleep 0.1; done
[ "$(left)" = 0 ] || fail "the container did not fill the disk"
expect 0 "$coffer" ps --root "$scratch/full"
says 'filler.*running'
expect 0 "$coffer" ledger list --root "$scratch/full"
says 'run.started'
expect 0 "$coffer" stop --root "$scratch/full" --time 1 filler
expect 0 "$coffer" rm --root "$scratch/full" filler
expect 0 "$coffer" ps --root "$scratch/full" --all
says_not filler
expect 0 "$coffer" ledger verify --root "$scratch/full"
umount "$scratch/full"
trap at_end EXIT

note "a state folder that can't be written: it says what needs none"
mkdir "$scratch/fixed"
expect 0 "$coffer" db build --root "$scratch/fixed" "$top/demo/advisories"
mount --bind "$scratch/fixed" "$scratch/fixed" || skip "can't mount a folder on itself"
trap 'umount "$scratch/fixed" 2>/dev/null; at_end' EXIT
mount -o remount,bind,ro "$scratch/fixed"
for command in "scan $image" "run --rm --policy $scratch/policy.yaml $image true" "affected CVE-2023-45853"; do
        # shellcheck disable=SC2086 # words
        "$coffer" ${command%% *} --root "$scratch/fixed" ${command#* } >"$scratch/out" 2>"$scratch/err" && fail "$command succeeds"
        says 'Read-only file system'
        says '`coffer scan --no-store` writes to none'
done
expect 0 "$coffer" scan --root "$scratch/fixed" --no-store "$image"
says 'CVE-2023-45853'
umount "$scratch/fixed"
trap at_end EXIT

note "a full disk while the database is built: the old one stays"
mkdir -p "$scratch/tiny"
mount -t tmpfs -o size=512k none "$scratch/tiny" || skip "can't mount a tmpfs"
trap 'umount "$scratch/tiny" 2>/dev/null; at_end' EXIT
expect 0 "$coffer" db build --root "$scratch/tiny" "$top/demo/advisories"
cp "$scratch/out" "$scratch/before"
dd if=/dev/zero of="$scratch/tiny/filler" bs=1k 2>/dev/null
expect 3 "$coffer" db build --root "$scratch/tiny" "$top/demo/advisories"
says 'No space left|full'
rm "$scratch/tiny/filler"
expect 0 "$coffer" db status --root "$scratch/tiny"
says '17 records'
umount "$scratch/tiny"
trap at_end EXIT

note "no permission"
if command -v setpriv >/dev/null; then
        cp -r "$build/cmd" "$scratch/cmd" 2>/dev/null
        mkdir -m 777 "$scratch/user"
        chmod 755 "$scratch"
        chmod -R go-rwx "$scratch/user"
        unreadable=$scratch/unreadable
        cp -r "$image" "$unreadable"
        chmod -R go-rwx "$unreadable"
        expect 3 setpriv --reuid 65534 --regid 65534 --clear-groups env COFFER_ROOT="$scratch/nobody" \
                "$scratch/cmd/coffer" scan "$unreadable"
        says '[Pp]ermission'
        note "who may write nowhere can look, and makes no folder"
        for home in /nonexistent "$scratch/cmd"; do
                expect 3 env -u COFFER_ROOT HOME=$home setpriv --reuid 65534 --regid 65534 --clear-groups \
                        "$scratch/cmd/coffer" scan --no-store -o json "dir:$scratch/cmd"
                says 'no advisory database in .*; make one'
                jq -e '.components' "$scratch/out" >/dev/null || fail "nothing was listed"
        done
        [ ! -e "$scratch/cmd/.local" ] || fail "a folder was made"
        mkdir "$scratch/nobody"
        chown 65534:65534 "$scratch/nobody"
        expect 3 setpriv --reuid 65534 --regid 65534 --clear-groups env COFFER_ROOT="$scratch/nobody" \
                "$scratch/cmd/coffer" scan "$unreadable"
        says '[Pp]ermission'
        note "but scanning needs no privilege"
        chmod -R go+rX "$unreadable"
        expect 0 setpriv --reuid 65534 --regid 65534 --clear-groups env COFFER_ROOT="$scratch/nobody" \
                "$scratch/cmd/coffer" db build "$top/demo/advisories"
        expect 0 setpriv --reuid 65534 --regid 65534 --clear-groups env COFFER_ROOT="$scratch/nobody" \
                "$scratch/cmd/coffer" scan "$unreadable"
        says CVE-2023-45853
        note "running does, and says so"
        expect 125 setpriv --reuid 65534 --regid 65534 --clear-groups env COFFER_ROOT="$scratch/nobody" \
                "$scratch/cmd/coffer" run --policy "$scratch/policy.yaml" "$unreadable" true
        says 'root'
fi

note "Ctrl-C at many points: exit 130 (or done), nothing left"
for delay in 0.005 0.02 0.05 0.1 0.2 0.3 0.5 0.8 1.2 1.6; do
        rm -rf "$COFFER_ROOT/layers" "$COFFER_ROOT"/coffer.db*
        "$coffer" run --rm --policy "$scratch/policy.yaml" "$image" sleep 0.2 >"$scratch/out" 2>"$scratch/err" </dev/null &
        pid=$!
        sleep $delay
        kill -INT $pid 2>/dev/null
        wait $pid
        got=$?
        case $got in 0 | 125 | 130) ;; *) cat "$scratch/err"; fail "exit $got after an interrupt at $delay s" ;; esac
        for _ in 1 2 3 4 5 6 7 8 9 10; do pgrep -f "coffer-(worker|unpack|monitor)" >/dev/null || break; sleep 0.1; done
        nothing_left
        expect 0 "$coffer" ledger verify
done
for delay in 0.01 0.05 0.2; do
        "$coffer" db build "$top/demo/advisories" >/dev/null 2>&1 &
        pid=$!
        sleep $delay
        kill -INT $pid 2>/dev/null
        wait $pid
        expect 0 "$coffer" db status
done

note "killed outright at many points: the next command works, and clears what is left"
for delay in 0.05 0.3 0.9; do
        rm -rf "$COFFER_ROOT/layers" "$COFFER_ROOT"/coffer.db*
        "$coffer" run --rm --policy "$scratch/policy.yaml" "$image" sleep 0.2 >/dev/null 2>&1 </dev/null &
        pid=$!
        sleep $delay
        kill -KILL $pid 2>/dev/null
        wait $pid 2>/dev/null
        sleep 1
        expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" "$image" true
        expect 0 "$coffer" ledger verify
done
nothing_left
