# What oras and regctl attach to an image, in Debian's docker-registry and in OCI layouts: oras lists the same.
. "$(dirname "$0")/lib.sh"
for tool in jq python3 docker-registry skopeo oras regctl; do need $tool; done
at_end() { servers_end; }
no_credentials
vex=application/vnd.openvex+json
tar cf "$scratch/layer.tar" -C "$top/demo" . || fail "no layer"
oci_image "$scratch/oras" "$scratch/layer.tar"
jq '.manifests[0].annotations = {"org.opencontainers.image.ref.name": "1"}' "$scratch/oras/index.json" >"$scratch/index.json"
cp "$scratch/index.json" "$scratch/oras/index.json"
cp -r "$scratch/oras" "$scratch/regctl"
echo '{}' >"$scratch/vex.json"
echo signature >"$scratch/signature.txt"

plain_registry
for _ in $(seq 50); do
        skopeo --insecure-policy --tmpdir "$scratch" copy -q --dest-tls-verify=false "oci:$scratch/oras:1" "docker://127.0.0.1:$port/site/app:1" \
                >"$scratch/log" 2>&1 && break || sleep 0.1
done
expect 0 regctl registry set "127.0.0.1:$port" --tls disabled
cd "$scratch" || fail "no folder"

note "attached in a layout by each, and by both in a registry"
expect 0 oras attach --oci-layout --artifact-type $vex oras:1 "vex.json:$vex"
expect 0 regctl artifact put --subject ocidir://regctl:1 --artifact-type $vex -f vex.json --file-media-type $vex
expect 0 oras attach --plain-http --artifact-type $vex "127.0.0.1:$port/site/app:1" "vex.json:$vex"
expect 0 regctl artifact put --subject "127.0.0.1:$port/site/app:1" --artifact-type application/vnd.example.signature -f signature.txt \
        --file-media-type text/plain
expect 0 oras copy -r --from-plain-http "127.0.0.1:$port/site/app:1" --to-oci-layout copied:1
for row in "--oci-layout oras:1 1" "--oci-layout regctl:1 1" "--oci-layout copied:1 2" "--plain-http 127.0.0.1:$port/site/app:1 2"; do
        read -r how name n <<<"$row"
        expect 0 oras discover "$how" -o json "$name"
        jq -r '.manifests[] | [.digest, .artifactType] | @tsv' "$scratch/out" | sort >"$scratch/discovered"
        [ "$(wc -l <"$scratch/discovered")" = "$n" ] || fail "oras discovers something else in $name"
        expect 0 "$coffer" referrers --plain-http -o json "$name"
        jq -r '.referrers[] | [.digest, .artifact_type] | @tsv' "$scratch/out" | sort | cmp - "$scratch/discovered" || fail "oras lists others in $name"
done
jq -e '[.referrers[].blobs[].title] | any(. == "vex.json")' "$scratch/out" >/dev/null || fail "no file's name"
nothing_left
