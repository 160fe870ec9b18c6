# No container gets the ledger's key or another container's files: not by the folder's name, not through links and mounts.
. "$(dirname "$0")/lib.sh"
demo_image
rm -rf "${scratch:?}/records"
mkdir "$scratch/records" "$scratch/plain" "$scratch/state"
cp "$top"/demo/advisories/*.json "$scratch/records"
rm "$scratch/records/DEBIAN-CVE-2023-45853.json" # nothing that the built-in policy refuses
export COFFER_ROOT=$scratch/state/root
expect 0 "$coffer" db build "$scratch/records"
expect 0 "$coffer" check "$image"
expect 0 "$coffer" ledger head
root=$COFFER_ROOT
key=$root/keys/ledger.key
[ -s "$key" ] || fail "there is no ledger key to keep"

refused() { # VOLUME WORDS
        expect 125 "$coffer" run --rm -v "$1:/s" "$image" /bin/cat /s/keys/ledger.key
        says "denied.*$2"
        ! cmp -s "$scratch/out" "$key" || fail "the container read the key: -v $1"
}

note "the folder, what lies in it, what holds it"
refused "$root" "it is Coffer's state folder"
expect 125 "$coffer" run --rm -v "$root:/s:ro" "$image" true
says "it is Coffer's state folder.*copy what"
refused "$root/keys" "lies in Coffer's state folder.*copy what the container needs"
refused "$key" "lies in Coffer's state folder"
refused "$scratch/state" "holds Coffer's state folder.*one by one"
refused / "holds Coffer's state folder"
refused "$root/../root/./keys/.." "it is Coffer's state folder"

note "by links"
ln -s "$root" "$scratch/to_root"
ln -s state "$scratch/to_parent"
ln -s "$key" "$scratch/to_key"
refused "$scratch/to_root" "it is Coffer's state folder"
refused "$scratch/to_parent/root/keys" "lies in Coffer's state folder"
refused "$scratch/to_key" "lies in Coffer's state folder"
refused "/proc/self/root$root" "it is Coffer's state folder"
ln "$key" "$scratch/second_name"
refused "$scratch/second_name" "lies in Coffer's state folder"

note "by bind mounts, also of a part"
(
        at_end_of_mounts() { umount -l "$scratch/bound" "$scratch/part" "$scratch/above" 2>/dev/null; }
        trap at_end_of_mounts EXIT
        mkdir "$scratch/bound" "$scratch/part" "$scratch/above"
        mount --bind "$root" "$scratch/bound" && mount --bind "$root/keys" "$scratch/part" &&
                mount --bind "$scratch/state" "$scratch/above" || fail "mount --bind"
        refused "$scratch/bound" "it is Coffer's state folder"
        refused "$scratch/part" "is a mount of a part of"
        refused "$scratch/part/ledger.key" "is a mount of a part of|lies in"
        refused "$scratch/above" "holds Coffer's state folder"
        refused "$scratch/above/root/keys" "lies in Coffer's state folder"
        # The other way: the state folder is used by the name of a mount, and its own folder is asked for.
        COFFER_ROOT=$scratch/bound refused "$root" "it is Coffer's state folder|is a mount of"
        COFFER_ROOT=$scratch/bound refused "$scratch/state" "is a mount of a part of, or of what holds"
        # A part of it that is a file system of its own, seen where it is mounted, too.
        mkdir -p "$root/containers" "$scratch/disk"
        mount -t tmpfs none "$scratch/disk" && mount --bind "$scratch/disk" "$root/containers" || fail "mount tmpfs"
        trap 'at_end_of_mounts; umount -l "$root/containers" "$scratch/disk"' EXIT
        refused "$scratch/disk" "is a mount of a part of"
) || exit 1

note "as the root folder of an image"
expect 125 "$coffer" run --rm "dir:$scratch/state" /bin/true
says "the root folder .*holds Coffer's state folder"

note "on record, and nothing else is refused"
expect 0 "$coffer" ledger list
says 'run.failed'
mkdir "$scratch/plain/root"
echo fine >"$scratch/plain/root/file"
expect 0 "$coffer" run --rm -v "$scratch/plain/root:/s" "$image" cat /s/file
says '^fine$'
expect 0 "$coffer" run --rm -v /etc/hostname:/s/name:ro "$image" true
nothing_left
