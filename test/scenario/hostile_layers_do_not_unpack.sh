# What is only dangerous when it is written: links that lead outside, device nodes. run ends with 125, nothing escapes.
. "$(dirname "$0")/lib.sh"
need_root
demo_database
bad=$top/test/tools/bad_image.py
printf 'version: 1\n' >"$scratch/policy.yaml"
rm -f /tmp/escaped

while IFS=$'\t' read -r kind message; do
        note "$kind"
        python3 "$bad" "$kind" "$scratch/$kind" || fail "bad_image.py $kind"
        expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" "$scratch/$kind" /bin/sh
        says "$message"
        [ ! -e /tmp/escaped ] || fail "a file was written outside"
        [ "$(find "$COFFER_ROOT/layers" -mindepth 1 -maxdepth 1 -newer "$scratch/$kind/index.json" | wc -l)" -le 1 ] ||
                fail "a half layer was kept: $(ls -la "$COFFER_ROOT/layers")"
        nothing_left
done <<'X'
symlink-escape	layer 2.*door
symlink-escape-relative	layer 2.*door
hardlink-through-symlink	layer 2.*(door|link)
hardlink-escape	layer 2.*entry
path-with-dots	layer 2.*entry
path-absolute	layer 2.*entry
device-node	layer 2.*(device|usr/disk)
layer-digest-wrong	layer 2
diff-id-wrong	layer 2
tar-truncated	layer 2
X
exit 0
