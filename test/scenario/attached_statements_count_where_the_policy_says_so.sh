# --vex attached: what is attached to an image in a registry or a layout (OCI referrers) is read as a --vex file is, told apart from
# it in reports and in the ledger, and changes a verdict only where the policy says so: nobody has signed it, and whoever may
# push to the repository may attach it.
. "$(dirname "$0")/lib.sh"
need jq
need python3
need_root
demo_image
demo_database
at_end() { servers_end; }
no_credentials
layout=$scratch/layout
cp -r "$image" "$layout"
expect 0 "$coffer" scan --no-store -o json "$layout"
jq -r '.findings[] | select(.severity == "critical") | .id' "$scratch/out" | sort -u >"$scratch/ids"
[ -s "$scratch/ids" ] || fail "the demo image has no critical finding any more"
subject=$(jq -r .image.digest "$scratch/out")
openvex=application/vnd.openvex+json

statements() { # FILE STATUS TIME AUTHOR PRODUCT
        jq -Rn --arg status "$2" --arg time "$3" --arg author "$4" --arg product "$5" '{"@context": "https://openvex.dev/ns/v0.2.0",
                "@id": "https://x/1", author: $author, timestamp: $time, version: 1, statements: [inputs |
                {vulnerability: {name: .}, products: [{"@id": $product}], status: $status, impact_statement: "not called", action_statement: "wait"}]}' \
                "$scratch/ids" >"$1"
}
attach() { # FILE TYPE [LAYER-TYPE]: to the image, in the layout; its manifest's digest is in $manifest
        local blob empty size
        blob=$(oci_blob "$1" "$layout")
        printf '{}' >"$scratch/empty"
        empty=$(oci_blob "$scratch/empty" "$layout")
        printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"%s","digest":"%s","size":%s}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":1}}' \
                "$2" "${empty% *}" "${3:-$2}" "${blob% *}" "${blob#* }" "$subject" >"$scratch/manifest"
        read -r manifest size < <(oci_blob "$scratch/manifest" "$layout")
        jq --arg d "$manifest" --argjson size "$size" '.manifests += [{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $d, size: $size}]' \
                "$layout/index.json" >"$scratch/index.json"
        cp "$scratch/index.json" "$layout/index.json"
        at=$layout:1
}
detach() { # all but the image
        local d
        jq -r '.manifests[1:][].digest[7:]' "$layout/index.json" | while read -r d; do rm "$layout/blobs/sha256/$d"; done
        jq '.manifests |= .[:1]' "$layout/index.json" >"$scratch/index.json"
        cp "$scratch/index.json" "$layout/index.json"
}
jq '.manifests[0].annotations = {"org.opencontainers.image.ref.name": "1"}' "$layout/index.json" >"$scratch/index.json"
cp "$scratch/index.json" "$layout/index.json"
at=$layout:1
policy() { { printf 'version: 1\nfindings: {deny: [{severity: critical}]}\n'; printf '%s\n' "$@"; } >"$scratch/policy.yaml"; }
allowed() {
        expect 0 "$coffer" check --policy "$scratch/policy.yaml" "$@" "$at"
        expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" "$@" "$at" /bin/true
        expect 0 "$coffer" scan --policy "$scratch/policy.yaml" "$@" "$at"
        says ALLOW
}
refused() {
        expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" "$@" "$at" /bin/true
        expect 1 "$coffer" scan --policy "$scratch/policy.yaml" "$@" "$at"
        says DENY
        expect 1 "$coffer" check --policy "$scratch/policy.yaml" "$@" "$at"
}

note "in a layout: told in the report, with where it came from; nothing attached is nothing"
expect 0 "$coffer" scan --no-store --vex attached "$at"
says 'no document \(VEX\) is attached'
statements "$scratch/good.json" not_affected 2024-05-06T00:00:00Z Shop "$subject"
good=sha256:$(sha256sum "$scratch/good.json" | cut -d' ' -f1)
attach "$scratch/good.json" $openvex
expect 1 "$coffer" scan --no-store --fail-on critical "$at"
expect 0 "$coffer" scan --no-store --fail-on critical --vex attached "$at"
says "SUPPRESSED BY VEX"
expect 0 "$coffer" scan --no-store -o json -O "$scratch/marked" --vex attached "$at"
jq -e --arg d "attached:$manifest" '[.findings[] | select(.vex).vex.document] | length > 0 and all(. == $d)' "$scratch/marked" >/dev/null ||
        fail "the report does not say where the statements came from"
expect 0 "$coffer" scan --no-store -o json -O "$scratch/given" --vex "$scratch/good.json" "$at"
jq --arg d "attached:$manifest" --arg f "$scratch/good.json" '(.findings[].vex? | select(.)).document |= if . == $f then $d else . end' "$scratch/given" |
        jq -S '[.findings[] | .vex]' >"$scratch/a"
jq -S '[.findings[] | .vex]' "$scratch/marked" | cmp - "$scratch/a" || fail "what is attached says something else than the same file"
first=$(head -n 1 "$scratch/ids")
expect 0 "$coffer" explain --vex attached "$at" "$first"
says "by the word of attached:$manifest, which suppresses it"

note "a verdict looks at none by default, nor with documents: any; by its digest, or where the policy says attached"
policy
refused --vex attached
says "the policy does not count it.*vex.documents: $good"
says 'A statement \(VEX\)'
policy 'vex: {documents: any}'
refused --vex attached
allowed --vex "$scratch/good.json"
policy "vex: {documents: ['$good']}"
refused
allowed --vex attached
policy 'vex: {documents: [], attached: true}'
refused
refused --vex "$scratch/good.json"
allowed --vex attached
says_not 'does not count it'
expect 0 "$coffer" ledger export
grep -q "vex_attached.*$good" "$scratch/out" || fail "the ledger does not tell what was attached"
policy 'vex: {documents: [], attached: true, authors: ["Somebody"]}'
refused --vex attached
policy 'vex: {documents: any, attached: perhaps}'
expect 3 "$coffer" policy check "$scratch/policy.yaml"
says 'vex.attached'
policy 'vex: {documents: [], attached: true}'
expect 0 "$coffer" policy check "$scratch/policy.yaml"
says 'any document that is attached to the image'

note "statements about another image do nothing here; a later one that is given counts after what is attached"
detach
statements "$scratch/other.json" not_affected 2024-05-06T00:00:00Z Shop "sha256:$(printf '1%.0s' $(seq 64))"
attach "$scratch/other.json" $openvex
refused --vex attached
detach
attach "$scratch/good.json" $openvex
statements "$scratch/affected.json" affected 2024-05-06T00:00:00Z Shop "$subject"
policy 'vex: {documents: any, attached: true}'
allowed --vex attached
refused --vex "$scratch/affected.json" --vex attached # of equal times what the user gives is last

note "other media types, and a layer that says nothing of its own; what is no statement is passed over"
for row in "application/openvex+json" "application/vnd.openvex+json application/json" "application/vnd.example application/openvex+json" \
        "application/vnd.openvex+json;version=0.2"; do
        detach
        # shellcheck disable=SC2086 # one word or two
        attach "$scratch/good.json" $row
        allowed --vex attached
done
echo '{"bomFormat":"CycloneDX","specVersion":"1.3","version":1,"components":[]}' >"$scratch/bom.json"
attach "$scratch/bom.json" application/vnd.cyclonedx+json
echo 'any bytes' >"$scratch/signature"
attach "$scratch/signature" application/vnd.example.signature
allowed --vex attached
detach
printf '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{"component":{"bom-ref":"i","type":"container","name":"x","version":"%s"}},"vulnerabilities":[' "$subject" >"$scratch/vdx.json"
jq -Rn '[inputs | {id: ., analysis: {state: "not_affected", justification: "code_not_reachable"}, affects: [{ref: "i"}]}]' "$scratch/ids" | jq -c '.[]' | paste -sd, >>"$scratch/vdx.json"
printf ']}' >>"$scratch/vdx.json"
attach "$scratch/vdx.json" application/vnd.cyclonedx+json
allowed --vex attached

note "what is broken, or is not what the manifest says, stops: nobody could say what it would have suppressed"
detach
head -c 100 "$scratch/good.json" >"$scratch/cut.json"
attach "$scratch/cut.json" $openvex
expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" --vex attached "$at" /bin/true
says "malformed: --vex attached: $manifest"
expect 3 "$coffer" scan --no-store --vex attached "$at"
expect 0 "$coffer" scan --no-store "$at"
detach
attach "$scratch/good.json" $openvex
sed 's/Shop/Shob/' "$scratch/good.json" >"$layout/blobs/sha256/${good#*:}"
expect 3 "$coffer" scan --no-store --vex attached "$at"
says 'untrusted: --vex attached: .*is something else'
cp "$scratch/good.json" "$layout/blobs/sha256/${good#*:}"
expect 3 "$coffer" scan --no-store --vex attached "dir:$layout"
says 'unsupported: --vex attached'
cp "$scratch/bom.json" "$scratch/sbom.json"
expect 3 "$coffer" scan --no-store --vex attached "$scratch/sbom.json"
says 'unsupported: --vex attached'
echo x >"$scratch/attached" # a file of that name
(cd "$scratch" && expect 3 "$coffer" scan --no-store --vex ./attached "$at" && says 'VEX document ./attached') || exit 1

note "from a registry; one that lies about what is attached is not heard"
log=$scratch/requests
: >"$log"
python3 "$top/test/tools/referrers_registry.py" "$layout" "$log" >"$scratch/ports" &
servers+=($!)
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r port _ <"$scratch/ports" || fail "the registry does not start"
detach
attach "$scratch/good.json" $openvex
policy 'vex: {documents: [], attached: true}'
for at in "127.0.0.1:$port/good/x:1" "127.0.0.1:$port/filters/x:1"; do
        refused --plain-http
        allowed --plain-http --vex attached
done
at=127.0.0.1:$port/none/x:1
refused --plain-http --vex attached
says 'no document \(VEX\) is attached'
expect 1 "$coffer" check --policy "$scratch/policy.yaml" --plain-http --vex attached "127.0.0.1:$port/typed/x:1" # as if it were not there
for mode in missing swapped sized host loop endless; do
        expect 3 timeout 60 "$coffer" check --policy "$scratch/policy.yaml" --plain-http --registry-retries 0 --vex attached "127.0.0.1:$port/$mode/x:1"
        says 'untrusted|malformed|limit'
done
nothing_left
