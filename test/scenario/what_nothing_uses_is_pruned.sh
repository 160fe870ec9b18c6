# prune: what no container uses goes, what one uses stays; on a full disk, beside starts, after Ctrl-C; all on record.
. "$(dirname "$0")/lib.sh"
need_root
need python3
demo_database
cp /bin/busybox "$scratch/busybox" 2>/dev/null || skip "needs busybox"
mkdir -p "$scratch/box/bin" "$scratch/more"
cp "$scratch/busybox" "$scratch/box/bin/busybox"
ln -s busybox "$scratch/box/bin/sh"
for i in 1 2 3; do # three images of two layers: the lower one is shared
        head -c $((i * 100000)) /dev/urandom >"$scratch/more/file"
        tar -C "$scratch/more" -cf "$scratch/more$i.tar" file
done
tar -C "$scratch/box" -cf "$scratch/box.tar" bin
for i in 1 2 3; do oci_image "$scratch/image$i" "$scratch/box.tar" "$scratch/more$i.tar"; done
base=$(sha256sum "$scratch/box.tar" | cut -d' ' -f1)
own() { sha256sum "$scratch/more$1.tar" | cut -d' ' -f1; }
printf 'version: 1\nrequire: {scan: false}\n' >"$scratch/any.yaml"
run=("$coffer" run --policy "$scratch/any.yaml")
layers=$COFFER_ROOT/layers
number() { [ "$(jq -r ".$1" "$scratch/out")" = "$2" ] || fail "$1 is not $2: $(cat "$scratch/out")"; }

note "nothing there: nothing to do"
expect 0 "$coffer" prune
says '^removed nothing$'

note "one running, one stopped, one gone: the last one's own layer goes, first in words alone"
expect 0 "${run[@]}" -d --name alive "$scratch/image1" /bin/sh -c 'while :; do busybox sleep 1; done'
expect 0 "${run[@]}" --name ended "$scratch/image2" /bin/sh -c true
expect 0 "${run[@]}" --rm "$scratch/image3" /bin/sh -c true
expect 0 "$coffer" ledger export
cp "$scratch/out" "$scratch/before"
expect 0 "$coffer" prune --dry-run
says "^layer sha256:$(own 3)  .* KiB$"
says '^would remove 1 layer; this would free '
says '^3 in use: kept$'
[ -d "$layers/$(own 3)" ] || fail "a dry run removed something"
expect 0 "$coffer" ledger export
cmp -s "$scratch/out" "$scratch/before" || fail "a dry run is on record"
size=$(du -s --block-size=1 "$layers/$(own 3)" | cut -f1)
expect 0 "$coffer" prune --json
number dry_run false
number layers 1
number in_use 3
number freed_bytes "$size"
number 'items[0].name' "sha256:$(own 3)"
[ ! -e "$layers/$(own 3)" ] || fail "the unused layer is still there"
for d in "$base" "$(own 1)" "$(own 2)"; do [ -d "$layers/$d" ] || fail "a used layer is gone: $d"; done
expect 0 "$coffer" ledger export
tail -n 1 "$scratch/out" >"$scratch/last"
grep -q '"prune"' "$scratch/last" && grep -q "$(own 3)" "$scratch/last" && grep -q "$size" "$scratch/last" ||
        fail "the ledger does not name what went: $(cat "$scratch/last")"
expect 0 "$coffer" prune
says '^removed nothing$'
expect 0 "$coffer" ledger export
tail -n 1 "$scratch/out" | cmp -s - "$scratch/last" || fail "nothing was removed, and that is on record"
expect 0 "$coffer" inspect alive
pid=$(jq -r .pid "$scratch/out")
[ "$(stat -L -c %s "/proc/$pid/root/file")" = 100000 ] || fail "the running container lost its files"

note "rm, then prune; what was pruned is unpacked again"
expect 0 "$coffer" rm ended
expect 0 "$coffer" prune -f --layers
says '^removed 1 layer; freed '
[ ! -e "$layers/$(own 2)" ] || fail "the removed container's layer is still there"
expect 0 "${run[@]}" --rm "$scratch/image2" /bin/sh -c 'busybox wc -c </file'
says '^200000$'

note "what is not Coffer's is named, not followed, not removed"
mkdir "$scratch/outside" "$layers/folder"
touch "$scratch/outside/file" "$layers/odd"
ln -s "$scratch/outside" "$layers/$(printf 'e%.0s' $(seq 64))"
mkfifo "$layers/$(printf 'f%.0s' $(seq 64))"
expect 0 timeout 20 "$coffer" prune
says 'layers/e{64} is none of Coffer.s making: left alone'
says 'layers/f{64} is none'
says 'layers/odd is none'
says 'layers/folder is none'
expect 0 timeout 20 "$coffer" prune -q
says_not 'is none of'
[ -e "$scratch/outside/file" ] && [ -L "$layers/$(printf 'e%.0s' $(seq 64))" ] && [ -d "$layers/folder" ] || fail "it removed them"
rm -r "${layers:?}"/{odd,folder,eeeee*,fffff*}

note "halves that killed processes left; those of living ones stay"
mkdir -p "$layers/.tmp-0000000000000001/deep" "$layers/.tmp-0000000000000002" "$COFFER_ROOT/blobs/sha256"
head -c 50000 /dev/zero >"$layers/.tmp-0000000000000001/deep/file"
blobs=$COFFER_ROOT/blobs/sha256
blob() { printf "$1%.0s" $(seq 64); }
for b in "$(blob a)" "$(blob b)" "$(blob c).partial" "$(blob d).partial"; do head -c 10000 /dev/zero >"$blobs/$b"; done
echo x >"$blobs/notes.txt"
ln -s "$scratch/outside/file" "$blobs/$(blob 9)"
head -c 3000 /dev/zero >"$COFFER_ROOT/advisory/new"
python3 - "$layers/.tmp-0000000000000002" "$blobs/$(blob b)" "$blobs/$(blob d).partial" "$scratch/locked" <<'P' &
import fcntl, os, struct, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
kept = os.open(sys.argv[2], os.O_RDONLY)
fcntl.flock(kept, fcntl.LOCK_SH)
part = os.open(sys.argv[3], os.O_RDWR)
fcntl.fcntl(part, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))  # F_OFD_SETLK
open(sys.argv[4], 'w').close()
time.sleep(300)
P
holder=$!
for _ in $(seq 100); do [ -e "$scratch/locked" ] && break; sleep 0.05; done
expect 0 "$coffer" prune --blobs --dry-run
says '^would remove 1 blob, 1 left-over; '
expect 0 "$coffer" prune --json
number blobs 1
number left_overs 3
number foreign 2
[ ! -e "$blobs/$(blob a)" ] && [ ! -e "$blobs/$(blob c).partial" ] && [ ! -e "$COFFER_ROOT/advisory/new" ] &&
        [ ! -e "$layers/.tmp-0000000000000001" ] || fail "left-overs stay: $(find "$COFFER_ROOT" -maxdepth 3)"
[ -e "$blobs/$(blob b)" ] && [ -e "$blobs/$(blob d).partial" ] && [ -d "$layers/.tmp-0000000000000002" ] || fail "held ones went"
[ -L "$blobs/$(blob 9)" ] && [ -e "$blobs/notes.txt" ] && [ -e "$scratch/outside/file" ] || fail "a stranger's file went"
{ kill $holder; wait $holder; } 2>/dev/null
expect 0 "$coffer" prune
says '^removed 1 blob, 2 left-overs; freed '
rm "$blobs/notes.txt" "$blobs/$(blob 9)"

note "a container that the database does not know: no layer can be called unused"
mv "$COFFER_ROOT/coffer.db" "$scratch/kept.db"
rm -f "$COFFER_ROOT"/coffer.db-*
expect 3 "$coffer" prune
says 'is not in the state database and may run'
[ -d "$layers/$(own 1)" ] && [ -d "$layers/$base" ] || fail "layers of a running container went"
rm -f "$COFFER_ROOT"/coffer.db*
mv "$scratch/kept.db" "$COFFER_ROOT/coffer.db"
expect 0 "$coffer" ps
says 'alive.*running'

note "starts and prunings at once: every start gets whole layers"
(while [ ! -e "$scratch/enough" ]; do "$coffer" prune >>"$scratch/pruned" 2>&1 || touch "$scratch/prune-failed"; done) &
pruner=$!
for i in $(seq 12); do
        expect 0 "${run[@]}" --rm "$scratch/image$((i % 2 + 2))" /bin/sh -c 'busybox wc -c </file'
        says "^$((i % 2 + 2))00000\$"
done
touch "$scratch/enough"
wait $pruner
[ ! -e "$scratch/prune-failed" ] || fail "a pruning failed: $(grep -v removed "$scratch/pruned" | head)"
grep -q '^removed [12] layer' "$scratch/pruned" || fail "nothing was pruned meanwhile"
expect 0 "$coffer" prune

note "Ctrl-C at many points: whole layers or left-overs"
for delay in 0.002 0.005 0.01 0.02 0.04; do
        for i in 2 3; do expect 0 "${run[@]}" --rm "$scratch/image$i" /bin/sh -c true; done
        "$coffer" prune >"$scratch/out" 2>"$scratch/err" &
        pid=$!
        sleep $delay
        kill -INT $pid 2>/dev/null
        wait $pid
        got=$?
        case $got in 0 | 130) ;; *) cat "$scratch/err"; fail "exit $got after an interrupt at $delay s" ;; esac
        for d in "$layers"/*; do [ -e "$d/file" ] || [ -e "$d/bin/busybox" ] || fail "half a layer: $d"; done
        expect 0 "$coffer" ledger verify
done
expect 0 "$coffer" prune
expect 0 "$coffer" rm --force alive
expect 0 "$coffer" prune
[ -z "$(ls -A "$layers")" ] || fail "layers are left: $(ls -A "$layers")"

note "a start that was killed between its folder and its record"
boxes=$COFFER_ROOT/containers
mkdir -p "$boxes/00000000000a" "$boxes/00000000000b" "$boxes/strange"
echo somebody >"$boxes/00000000000b/file" # as after a lost database: somebody's files, which stay
owned() { sqlite3 "$COFFER_ROOT/coffer.db" "SELECT count(*) FROM id_range WHERE owner = 'container:00000000000a'"; }
if command -v sqlite3 >/dev/null; then
        sqlite3 "$COFFER_ROOT/coffer.db" "INSERT INTO id_range (first, owner) VALUES (1879048192, 'container:00000000000a')"
fi
expect 0 "$coffer" prune --dry-run
says '^left-over containers/00000000000a '
[ -d "$boxes/00000000000a" ] || fail "a dry run has removed it"
flock -s "$boxes" "$coffer" prune >"$scratch/out" 2>"$scratch/err" || fail "prune beside a start"
says_not 00000000000a
[ -d "$boxes/00000000000a" ] || fail "what a start may be making was removed"
expect 0 "$coffer" prune
says '^left-over containers/00000000000a '
[ ! -e "$boxes/00000000000a" ] || fail "it is still there"
! command -v sqlite3 >/dev/null || [ "$(owned)" = 0 ] || fail "its ids were not given back"
[ -e "$boxes/00000000000b/file" ] && [ -d "$boxes/strange" ] || fail "what is none of a start's was removed"
expect 0 "$coffer" prune
says_not containers/
rm -rf "$boxes/00000000000b" "$boxes/strange"

note "a damaged record of a container: its layers are not known"
expect 0 "${run[@]}" --name damaged "$scratch/image1" /bin/sh -c true
if command -v sqlite3 >/dev/null; then
        sqlite3 "$COFFER_ROOT/coffer.db" "UPDATE container SET record = '{}' WHERE name = 'damaged'"
        expect 3 "$coffer" prune
        says 'the record of container .* is damaged'
        [ -d "$layers/$(own 1)" ] || fail "its layer went"
fi
expect 0 "$coffer" rm damaged

note "a full disk: the error names prune, and prune works"
mkdir "$scratch/full"
mount -t tmpfs -o size=12m none "$scratch/full" || skip "can't mount a tmpfs"
trap 'umount "$scratch/full" 2>/dev/null; at_end' EXIT
expect 0 "${run[@]}" --root "$scratch/full" --rm "$scratch/image1" /bin/sh -c true
dd if=/dev/zero of="$scratch/full/filler" bs=4k 2>/dev/null
[ "$(df --output=avail "$scratch/full" | tail -n 1 | tr -d ' ')" = 0 ] || fail "the disk is not full"
expect 125 "${run[@]}" --root "$scratch/full" --rm "$scratch/image2" /bin/sh -c true
says 'No space left|full'
says 'a full disk: `coffer prune`'
expect 125 "${run[@]}" --root "$scratch/full" --json --rm "$scratch/image2" /bin/sh -c true
jq -e '.error.remedy | test("coffer prune")' "$scratch/err" >/dev/null || fail "no remedy: $(cat "$scratch/err")"
expect 0 "$coffer" prune --root "$scratch/full"
says '^removed 2 layers; freed '
expect 0 "$coffer" ledger list --root "$scratch/full"
says 'prune .*layers 2, blobs 0, left-overs 0 removed; [0-9]+ bytes freed'
expect 0 "$coffer" ledger verify --root "$scratch/full"
rm "$scratch/full/filler"
expect 0 "${run[@]}" --root "$scratch/full" --rm "$scratch/image2" /bin/sh -c true
umount "$scratch/full"
trap at_end EXIT

note "who waits for a download whose file is gone by then makes a new one"
python3 "$top/test/tools/strange_registry.py" "$scratch/image1" "$scratch/requests" >"$scratch/ports" &
server=$!
at_end() { { kill $server $locker; wait $server $locker; } 2>/dev/null; rm -rf --one-file-system "$scratch"; }
locker=$server
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r port _ <"$scratch/ports" || fail "the registry does not start"
m=$(jq -r '.manifests[0].digest[7:]' "$scratch/image1/index.json")
first=$(jq -r '.layers[0].digest[7:]' "$scratch/image1/blobs/sha256/$m")
python3 - "$blobs/$first.partial" "$scratch/waits" <<'P' &
import fcntl, os, struct, sys, time
part = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.fcntl(part, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))  # F_OFD_SETLK
open(sys.argv[2], 'w').close()
time.sleep(2)
os.unlink(sys.argv[1])  # as whoever has finished it and needs it no more
P
locker=$!
for _ in $(seq 100); do [ -e "$scratch/waits" ] && break; sleep 0.05; done
expect 0 "${run[@]}" --rm --plain-http "127.0.0.1:$port/good/x:1" /bin/sh -c 'busybox wc -c </file'
says '^100000$'
wait $locker
[ -z "$(ls -A "$blobs")" ] || fail "blobs are left: $(ls -lA "$blobs")"

note "blobs of a start from a registry go when they are unpacked, not when the container ends"
expect 0 "$coffer" prune
"${run[@]}" --name attached --plain-http "127.0.0.1:$port/good/x:1" /bin/sh -c 'echo runs; while :; do busybox sleep 1; done' >"$scratch/out" 2>"$scratch/err" &
pid=$!
for _ in $(seq 100); do grep -q runs "$scratch/out" && break; sleep 0.1; done
says runs
for _ in $(seq 30); do [ -z "$(ls -A "$blobs")" ] && break; sleep 0.1; done
[ -z "$(ls -A "$blobs")" ] || fail "blobs are kept beside the layers: $(ls -lA "$blobs")"
expect 0 "$coffer" rm --force attached
wait $pid
nothing_left
