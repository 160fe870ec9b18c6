# In each way to start one: /dev/null stays the host's, the container's own /dev is its own, and an image's links can't
# lead a volume into what Coffer mounts itself.
. "$(dirname "$0")/lib.sh"
demo_image
demo_database
printf 'version: 1\n' >"$scratch/policy.yaml"
run=("$coffer" run --policy "$scratch/policy.yaml")
before=$(stat -c '%u:%g %a' /dev/null)
try='chmod 0700 /dev/null /proc/self/fd/0 /dev/stdout /dev/stderr; chown 7:7 /dev/null /proc/self/fd/0; true'
same() { [ "$(stat -c '%u:%g %a' /dev/null)" = "$before" ] || { now=$(stat -c '%u:%g %a' /dev/null); chown 0:0 /dev/null; chmod 666 /dev/null; fail "$1: /dev/null was $before and is $now"; }; }

for runtime in crun runc; do
        note "$runtime"
        expect 0 "${run[@]}" --rm --runtime $runtime "$image" sh -c "$try" && same "without -i"
        expect 0 "${run[@]}" --rm -i --runtime $runtime "$image" sh -c "$try" && same "-i"
        expect 0 "${run[@]}" -d --name back$runtime --runtime $runtime "$image" sh -c "$try; sleep 0.3" && sleep 1 && same "-d"
        expect 0 "$coffer" rm --force back$runtime
        script -qec "${run[*]} --rm -it --runtime $runtime $image sh -c '$try'" /dev/null >"$scratch/out" 2>&1 </dev/null
        same "-it"
done

note "a volume can't be led to /dev"
mkdir "$scratch/volume"
expect 125 "${run[@]}" --rm -v "$scratch/volume:/dev/x" "$image" true
says 'volume /dev/x'
expect 125 "${run[@]}" --rm -v "$scratch/volume:/proc" "$image" true
mkdir -p "$scratch/top/etc"
ln -s /dev "$scratch/top/data"
ln -s /proc/sys/kernel "$scratch/top/kernel"
ln -s /run/none "$scratch/top/nowhere"
tar -C "$scratch/top" -cf "$scratch/top.tar" .
base=$image/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$image/index.json" | { read -r m; jq -r '.layers[0].digest[7:]' "$image/blobs/sha256/$m"; })
ln -s "$base" "$scratch/base.tar.gz"
oci_image "$scratch/led" "$scratch/base.tar.gz" "$scratch/top.tar"
for target in /data /kernel /nowhere /data/sub; do
        expect 125 "${run[@]}" --rm -v "$scratch/volume:$target" "$scratch/led" true
        says "volume $target"
done
[ -z "$(ls -A "$scratch/volume")" ] || fail "the host's folder was written: $(ls "$scratch/volume")"
expect 0 "${run[@]}" --rm -v "$scratch/volume:/var/lock/new/folder" "$scratch/led" touch /var/lock/new/folder/file
[ -e "$scratch/volume/file" ] || fail "a volume below an ordinary link is not the volume"

note "nor by a link that lies in another volume, written there by whoever had it before"
mkdir "$scratch/outer" "$scratch/inner" "$scratch/outer/plain"
ln -s /dev "$scratch/outer/link"
ln -s plain "$scratch/outer/harmless"
for target in /tmp/link /tmp/link/sub /tmp/./link /tmp/harmless; do
        expect 125 "${run[@]}" --rm -v "$scratch/outer:/tmp" -v "$scratch/inner:$target" "$image" true
        says "volume $target: its place in the volume /tmp goes over a symbolic link"
done
mkdir -p "$scratch/top2"
ln -s tmp "$scratch/top2/also"
tar -C "$scratch/top2" -cf "$scratch/top2.tar" .
oci_image "$scratch/also" "$scratch/base.tar.gz" "$scratch/top2.tar"
expect 125 "${run[@]}" --rm -v "$scratch/outer:/tmp" -v "$scratch/inner:/also/link" "$scratch/also" true
says 'goes over a symbolic link'
[ -z "$(ls -A "$scratch/inner")" ] || fail "the host's folder was written: $(ls "$scratch/inner")"
expect 0 "${run[@]}" --rm -v "$scratch/outer:/tmp" -v "$scratch/inner:/tmp/plain" "$image" touch /tmp/plain/file
[ -e "$scratch/inner/file" ] || fail "a volume in a volume is not that volume"
expect 0 "${run[@]}" --rm -v "$scratch/outer:/tmp" -v "$scratch/inner:/tmp/made" "$image" touch /tmp/made/more
[ -e "$scratch/inner/more" ] || fail "a volume in a folder that was made for it is not that volume"
nothing_left
