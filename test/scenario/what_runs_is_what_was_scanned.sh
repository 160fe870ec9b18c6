# Layers that put one thing in another's place: what the scan says is not there is not there in the container either.
. "$(dirname "$0")/lib.sh"
need_root
demo_database
cp /bin/busybox "$scratch/busybox" 2>/dev/null || skip "needs busybox"
printf 'version: 1\nrequire:\n  scan: false\n' >"$scratch/policy.yaml"

for kind in file-then-folder whiteout-file-folder link-then-folder opaque-file-folder folder-then-whiteout; do
        note "$kind"
        python3 "$top/test/tools/bad_image.py" "$kind" "$scratch/$kind" || fail "bad_image.py $kind"
        "$coffer" scan -o json "$scratch/$kind" >"$scratch/out" 2>"$scratch/err"
        listed=$(jq '[.components[] | select(.name == "lodash")] | length' "$scratch/out") || fail "scan $kind: $(cat "$scratch/err")"
        # The image has no shell: the program comes in by a volume.
        expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" -v "$scratch/busybox:/busybox:ro" "$scratch/$kind" \
                /busybox sh -c '[ -e /app/node_modules/lodash/package.json ] && echo there || echo gone'
        case $listed in
        0) says '^gone$' ;;
        *) says '^there$' ;;
        esac
done
nothing_left
