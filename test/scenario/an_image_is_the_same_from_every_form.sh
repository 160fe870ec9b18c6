# One image as layout folder, oci-archive and docker-archive of the new and of the old form, made by tar, by a script and
# by skopeo: each gives the same components and findings, and runs. What two readers would see differently is refused.
. "$(dirname "$0")/lib.sh"
need python3
demo_image
demo_database
printf 'version: 1\n' >"$scratch/policy.yaml"

python3 "$top/test/tools/image_forms.py" "$image" "$scratch" || fail "the archives can't be made"
tar -C "$image" -cf "$scratch/oci.tar" . || fail "tar"
head -c $(($(stat -c %s "$scratch/oci.tar") / 2)) "$scratch/oci.tar" >"$scratch/cut.tar"
gzip -1 -c "$scratch/docker-old.tar" >"$scratch/docker-old.tar.gz"
: >"$scratch/nothing"
forms=("oci:$image" "$image" "oci-archive:$scratch/oci.tar" "$scratch/oci.tar"
        "docker-archive:$scratch/docker-new.tar" "$scratch/docker-new.tar:demo:1" "oci-archive:$scratch/docker-new.tar"
        "$scratch/docker-old.tar" "docker-archive:$scratch/docker-old.tar:demo")
if command -v skopeo >/dev/null; then
        note "skopeo writes both kinds"
        {
                skopeo --insecure-policy --tmpdir "$scratch" copy -q "oci:$image" "oci-archive:$scratch/skopeo-oci.tar:x" &&
                        skopeo --insecure-policy --tmpdir "$scratch" copy -q "oci:$image" \
                                "docker-archive:$scratch/skopeo-docker.tar:demo:1"
        } >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "skopeo copy"; }
        forms+=("oci-archive:$scratch/skopeo-oci.tar:x" "$scratch/skopeo-docker.tar")
fi

# First, while the state folder knows nothing: an image that is known by its digest, and its layers, are not read again.
while IFS=$'\t' read -r name message; do
        note "refused: $name"
        expect 3 timeout 60 "$coffer" scan "$scratch/$name"
        says "$message"
        says "$name"
        says_not 'clean|died'
        expect 125 timeout 60 "$coffer" run --rm --policy "$scratch/policy.yaml" "$scratch/$name" /bin/true
        nothing_left
done <<'X'
twice.tar	two entries of the archive are named manifest.json
missing-layer.tar	layer 2 \(sha256:.*its blob is missing
layer-missing-old.tar	layer 2: .*layer.tar is missing in the archive
layers-swapped.tar	layer [12].*diff id
link-loop.tar	layer 1: .* is a link to a link
link-outside.tar	layer 2: .* is a link out of the archive
config-lies.tar	config: its digest is
two-images.tar	manifest.json names the config .* which no manifest of index.json has
several.tar	several images are there, name one by its tag: demo:1, demo:2
several.tar:demo:3	no tag "demo:3" is there; there are: demo:1, demo:2
docker-1.9.tar	docker save it again with a current Docker, or skopeo copy
docker-old.tar.gz	compressed \(gzip\): gunzip it first
cut.tar	the tar ends [0-9]+ bytes before the content does
nothing	neither index.json nor manifest.json
X

# What an image is and what is wrong with it, without how it was named and stored.
essence() {
        python3 - "$1" <<'X'
import json, sys

report = json.load(open(sys.argv[1]))
assert report['components'], 'no components'
print(report['image']['config'])
print(json.dumps([report['components'], report['findings']], indent=1, sort_keys=True))
X
}
for form in "${forms[@]}"; do
        note "scan $form"
        expect 0 "$coffer" scan -o json "$form"
        essence "$scratch/out" >"$scratch/essence" || fail "$form: no report"
        [ -f "$scratch/want" ] || cp "$scratch/essence" "$scratch/want"
        diff "$scratch/want" "$scratch/essence" >"$scratch/diff" || { head -n 20 "$scratch/diff"; fail "$form is another image"; }
        # Read anew each time: an image that is known by its digest would be the same without a look.
        rm -f "$scratch/root"/coffer.db*
done

for form in "oci-archive:$scratch/oci.tar" "$scratch/docker-new.tar" "docker-archive:$scratch/docker-old.tar"; do
        note "run $form"
        expect 0 timeout 120 "$coffer" run --rm --policy "$scratch/policy.yaml" "$form" /bin/cat /etc/motd
        says 'assessed before it started'
        nothing_left
done
exit 0
