# The same promises on a host with cgroup version 2 alone, no systemd and Debian's own kernel, in a virtual machine.
. "$(dirname "$0")/lib.sh"
demo_image
for p in qemu-system-x86_64 crun runc jq ps pgrep script; do need "$p"; done

# The host's root: the image's own Debian, our programs, and what the scenarios call.
host=$scratch/host
mkdir "$host"
layer=$(jq -r '.manifests[0].digest' "$image/index.json" | tr : /)
layer=$(jq -r '.layers[0].digest' "$image/blobs/$layer" | tr : /)
tar -xzf "$image/blobs/$layer" -C "$host" --exclude=./dev/* || fail "the base layer can't be unpacked"
with_libraries() { # PROGRAM...: into the host's root, under the same name
        local f
        for f in "$@" $(ldd "$@" 2>/dev/null | awk '$2 == "=>" {print $3}' | sort -u); do
                [ -e "$host$f" ] || install -D "$f" "$host$f"
        done
}
with_libraries "$(command -v crun)" "$(command -v runc)" "$(command -v jq)" "$(command -v ps)" "$(command -v pgrep)" "$(command -v script)" \
        "$build"/cmd/coffer "$build"/cmd/coffer-{worker,unpack,monitor,fetch}
there=$host$top
mkdir -p "$there/test" "$host$build"
cp -a "$top/test/scenario" "$there/test/"
cp -a "$top/demo" "$there/"
cp -a "$image" "$host$build/demo-image"

names="an_allowed_container_is_isolated a_container_owns_nothing_of_the_host"
cat >"$host/start" <<END
#!/bin/bash
export COFFER_BUILD=$build
$build/cmd/coffer doctor
for s in $names; do
        bash $top/test/scenario/\$s.sh >/tmp/log 2>&1
        rc=\$?
        [ \$rc = 0 ] || tail -n 40 /tmp/log
        echo "scenario \$s \$rc"
done
END
VM_SECONDS=500 "$top/test/vm/boot" "$build/vm" "$host" bash /start >"$scratch/out" 2>"$scratch/err"
case $? in
0) ;;
77) skip "$(tail -n 1 "$scratch/out")" ;;
*) cat "$scratch/out" "$scratch/err"; fail "the virtual machine" ;;
esac
cat "$scratch/out"
for s in $names; do says "^scenario $s 0\$"; done
