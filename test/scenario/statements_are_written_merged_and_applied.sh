# vex create, merge, apply, validate: what they write is valid OpenVEX and does in a scan what it says; a merged document does what
# its parts did, in their order of time; a stored report is marked byte for byte as the scan itself would have been.
. "$(dirname "$0")/lib.sh"
need jq

cat >"$scratch/bom.json" <<'END'
{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": {"type": "container", "name": "shop", "bom-ref": "root"}},
 "components": [
  {"type": "library", "bom-ref": "a", "name": "lodash", "version": "4.17.15", "purl": "pkg:npm/lodash@4.17.15"},
  {"type": "library", "bom-ref": "b", "name": "minimist", "version": "1.2.0", "purl": "pkg:npm/minimist@1.2.0"},
  {"type": "library", "bom-ref": "c", "name": "requests", "version": "2.19.0", "purl": "pkg:pypi/requests@2.19.0"}]}
END
advisory() { # ID CVE ECOSYSTEM PACKAGE FIXED
        printf '{"id":"%s","modified":"2024-01-01T00:00:00Z","aliases":["%s"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}\n' \
                "$1" "$2" "$3" "$4" "$5"
}
{ advisory GHSA-aaaa CVE-2020-1 npm lodash 4.17.20
  advisory GHSA-bbbb CVE-2020-2 npm minimist 1.2.3
  advisory GHSA-cccc CVE-2020-3 PyPI requests 2.20.0; } >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"

schema=$shared/data/vectors/vex-csaf/openvex_json_schema.json
valid() { # FILE...: by the standard's schema, if it is here, and by our own reader
        expect 0 "$coffer" vex validate "$@"
        if [ -r "$schema" ] && python3 -c 'import jsonschema' 2>/dev/null; then
                python3 -c 'import json, sys, jsonschema
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for f in sys.argv[2:]: v.validate(json.load(open(f)))' "$schema" "$@" || fail "not valid by OpenVEX's schema: $*"
        else
                echo "-- not checked by the schema: $schema or python3-jsonschema is not there"
        fi
}
create() { # FILE OPTION...
        expect 0 "$coffer" vex create --author Shop -O "$@"
}

note "create: each status, and what it does in a scan"
create "$scratch/a.json" --id GHSA-aaaa --product pkg:npm/lodash --status not_affected --justification vulnerable_code_not_in_execute_path --timestamp 2024-05-06T00:00:00Z
create "$scratch/b.json" --id CVE-2020-2 --alias GHSA-bbbb --product pkg:npm/minimist@1.2.0 --status fixed --note "patched here"
create "$scratch/c.json" --id CVE-2020-3 --product pkg:pypi/requests --status affected --action "update to 2.20.0"
create "$scratch/d.json" --id CVE-2020-3 --product docker://ghcr.io/org/app:1 --product sha256:"$(printf %064d 7)" --subcomponent pkg:pypi/requests \
        --status under_investigation --role "Document Creator" --document-id https://example.org/vex/d --document-version 3
valid "$scratch/a.json" "$scratch/b.json" "$scratch/c.json" "$scratch/d.json"
says "^  sha256:$(sha256sum "$scratch/d.json" | cut -d' ' -f1)\$"
says 'under_investigation CVE-2020-3 pkg:oci/app\?repository_url=ghcr.io/org/app&tag=1 with pkg:pypi/requests'
jq -e '."@id" == "https://example.org/vex/d" and .version == 3 and .role == "Document Creator"' "$scratch/d.json" >/dev/null || fail "the document's head is another"
expect 0 "$coffer" scan --vex "$scratch/a.json" --vex "$scratch/b.json" --vex "$scratch/c.json" "$scratch/bom.json"
says '1 critical, 2 suppressed by VEX'
says 'update to 2.20.0'
create "$scratch/a2.json" --id GHSA-aaaa --product pkg:npm/lodash --status not_affected --justification vulnerable_code_not_in_execute_path --timestamp 2024-05-06T00:00:00Z
cmp -s "$scratch/a.json" "$scratch/a2.json" || fail "the same said at the same time is another document"

note "create refuses what OpenVEX would not take, and writes nothing"
refuses() { # TEXT OPTION...
        local text=$1
        shift
        expect 3 "$coffer" vex create -O "$scratch/never.json" "$@"
        says "$text"
        [ ! -e "$scratch/never.json" ] || fail "written all the same"
}
say=(--author A --id CVE-1 --product pkg:npm/x)
refuses 'author is missing' --id CVE-1 --product pkg:npm/x --status fixed
refuses 'id is missing' --author A --product pkg:npm/x --status fixed
refuses 'product is missing' --author A --id CVE-1 --status fixed
refuses 'needs a justification or an impact statement' "${say[@]}" --status not_affected
refuses 'needs an action statement' "${say[@]}" --status affected
refuses 'for not_affected alone' "${say[@]}" --status fixed --justification component_not_present
refuses 'for not_affected alone' "${say[@]}" --status fixed --impact-statement x
refuses 'for affected alone' "${say[@]}" --status fixed --action x
refuses 'say a package URL' --author A --id CVE-1 --product lodash --status fixed
refuses 'no package URL' --author A --id CVE-1 --product pkg:npm --status fixed
refuses 'no package URL' "${say[@]}" --subcomponent x --status fixed
refuses 'sha256' --author A --id CVE-1 --product sha256:12 --status fixed
refuses 'begins with its scheme' "${say[@]}" --status fixed --document-id one
refuses 'a time was expected' "${say[@]}" --status fixed --timestamp today
expect 2 "$coffer" vex create "${say[@]}" --status harmless
expect 2 "$coffer" vex create "${say[@]}" --status not_affected --justification because

note "merge: of all forms, each statement with its time, so that the later counts; in whatever order the files are given"
cat >"$scratch/cdx.json" <<'END'
{"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1", "metadata": {"timestamp": "2024-06-01T00:00:00Z", "authors": [{"name": "Bob"}]}, "vulnerabilities": [
 {"id": "CVE-2020-2", "analysis": {"state": "not_affected", "justification": "requires_configuration", "detail": "never set"}, "affects": [{"ref": "pkg:npm/minimist@1.2.0"}]}]}
END
cat >"$scratch/csaf.json" <<'END'
{"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t", "publisher": {"name": "Vendor"},
  "tracking": {"id": "V-1", "current_release_date": "2024-05-07T00:00:00Z"}},
 "product_tree": {"full_product_names": [{"name": "r", "product_id": "r", "product_identification_helper": {"purl": "pkg:pypi/requests@2.19.0"}},
  {"name": "l", "product_id": "l", "product_identification_helper": {"purl": "pkg:npm/lodash@4.17.15"}}]},
 "vulnerabilities": [{"cve": "CVE-2020-3", "product_status": {"known_not_affected": ["r"]}, "flags": [{"label": "component_not_present", "product_ids": ["r"]}]},
  {"cve": "CVE-2020-1", "product_status": {"known_affected": ["l"]}}]}
END
expect 3 "$coffer" vex merge "$scratch/a.json" "$scratch/cdx.json" "$scratch/csaf.json"
says 'author is missing'
parts=(--vex "$scratch/a.json" --vex "$scratch/cdx.json" --vex "$scratch/csaf.json")
expect 0 "$coffer" scan --no-store -o json "${parts[@]}" "$scratch/bom.json"
jq '[.findings[] | {id, status: .vex.status}]' "$scratch/out" >"$scratch/want"
jq -e 'map(.status) | sort == ["affected", "not_affected", "not_affected"]' "$scratch/want" >/dev/null || fail "the parts say otherwise: $(cat "$scratch/want")"
for order in "a cdx csaf" "csaf cdx a" "cdx a csaf a"; do
        files=()
        for f in $order; do files+=("$scratch/$f.json"); done
        expect 0 "$coffer" vex merge --author Shop --timestamp 2024-07-01T00:00:00Z -O "$scratch/merged.json" "${files[@]}"
        valid "$scratch/merged.json"
        [ "$(jq '.statements | length' "$scratch/merged.json")" = 4 ] || fail "not four statements"
        jq -e '[.statements[].timestamp] | . == sort' "$scratch/merged.json" >/dev/null || fail "not in the order of time"
        expect 0 "$coffer" scan --no-store -o json --vex "$scratch/merged.json" "$scratch/bom.json"
        jq '[.findings[] | {id, status: .vex.status}]' "$scratch/out" | cmp -s - "$scratch/want" || fail "merged ($order), they say otherwise"
done
jq -e '.tooling | contains("V-1") and contains("urn:uuid:1")' "$scratch/merged.json" >/dev/null || fail "the merged document does not name its parts"
grep -q 'requires_configuration: never set' "$scratch/merged.json" || fail "a reason is lost"
expect 0 "$coffer" vex merge -O "$scratch/again.json" "$scratch/merged.json" "$scratch/merged.json"
[ "$(jq -S .statements "$scratch/again.json")" = "$(jq -S .statements "$scratch/merged.json")" ] || fail "merged again, it is another history"
jq 'del(.metadata)' "$scratch/cdx.json" >"$scratch/timeless.json"
expect 3 "$coffer" vex merge --author Shop "$scratch/timeless.json"
says 'since when it holds'

note "apply: the same bytes as the scan, also where a statement is about the whole of what was scanned"
create "$scratch/whole.json" --id CVE-2020-2 --product pkg:generic/x --status fixed
jq '.statements[0].products = [{"@id": "shop"}]' "$scratch/whole.json" >"$scratch/subject.json"
expect 0 "$coffer" scan --no-store -o json "$scratch/bom.json"
cp "$scratch/out" "$scratch/plain.report"
expect 0 "$coffer" scan --no-store -o json -O "$scratch/marked.report" --vex "$scratch/subject.json" "$scratch/bom.json"
jq -e '.counts.suppressed == 1' "$scratch/marked.report" >/dev/null || fail "the document's subject is not what it is about"
expect 0 "$coffer" vex apply --vex "$scratch/subject.json" "$scratch/plain.report"
cmp "$scratch/out" "$scratch/marked.report" || fail "applied, the subject is another"
expect 0 "$coffer" scan --no-store -o json -O "$scratch/plain.report" "$scratch/bom.json"
expect 0 "$coffer" scan --no-store -o json -O "$scratch/marked.report" "${parts[@]}" "$scratch/bom.json"
expect 0 "$coffer" vex apply "${parts[@]}" -O "$scratch/applied.report" "$scratch/plain.report"
cmp "$scratch/marked.report" "$scratch/applied.report" || fail "not the same report"
expect 0 "$coffer" vex apply "${parts[@]}" "$scratch/applied.report"
cmp -s "$scratch/out" "$scratch/marked.report" || fail "applied twice, it is another"
create "$scratch/nothing.json" --id CVE-1999-1 --product pkg:npm/x --status fixed
"$coffer" vex apply --vex "$scratch/nothing.json" - <"$scratch/marked.report" >"$scratch/out" || fail "not from standard input"
cmp -s "$scratch/out" "$scratch/plain.report" || fail "statements that no longer hold stay"
for name in ghcr.io/org/app:1 docker://ghcr.io/org/app:1 ghcr.io/org/app:2 ghcr.io/org/other:1; do
        jq --arg name $name '.image.kind = "registry" | .image.name = $name' "$scratch/plain.report" >"$scratch/registry.report"
        expect 0 "$coffer" vex apply --vex "$scratch/d.json" "$scratch/registry.report"
        said=$(jq -c '[.findings[] | select(.vex) | .id]' "$scratch/out")
        case $name in
        *app:1) [ "$said" = '["CVE-2020-3"]' ] || fail "of $name it says: $said" ;;
        *) [ "$said" = '[]' ] || fail "of $name it says: $said" ;;
        esac
done
expect 3 "$coffer" vex apply "$scratch/plain.report"
says 'vex is missing'
head -c 300 "$scratch/plain.report" >"$scratch/cut.report"
for bad in "$scratch/cut.report" "$scratch/bom.json" "$scratch/nowhere"; do expect 3 "$coffer" vex apply --vex "$scratch/a.json" "$bad"; done

note "create --from-scan: one for each finding that nobody speaks of; filled in, it does what it says"
"$coffer" vex create --author Shop --from-scan - -O "$scratch/todo.json" <"$scratch/plain.report" || fail "not from standard input"
valid "$scratch/todo.json"
jq -e '(.statements | length) == 3 and all(.statements[]; .status == "under_investigation")' "$scratch/todo.json" >/dev/null || fail "not one for each finding"
jq '.statements[].status = "fixed"' "$scratch/todo.json" >"$scratch/done.json"
expect 0 "$coffer" scan --fail-on unknown --vex "$scratch/done.json" "$scratch/bom.json"
says '3 suppressed by VEX'
expect 3 "$coffer" vex create --author Shop --from-scan "$scratch/marked.report"
says 'no finding that no statement and no exception speaks of'
expect 0 "$coffer" vex create --author Shop --from-scan "$scratch/plain.report" --product docker://ghcr.io/org/app:1 -O "$scratch/todo.json"
valid "$scratch/todo.json"
jq -e 'all(.statements[].products[]; ."@id" == "pkg:oci/app?repository_url=ghcr.io/org/app&tag=1" and (.subcomponents | length) == 1)' "$scratch/todo.json" >/dev/null || fail "not about the image that was named"
expect 3 "$coffer" vex create --author Shop --from-scan "$scratch/plain.report" --status fixed

note "validate: what is not valid is said, and told apart from what can't be read"
jq 'del(.author) | .statements[0].justification = "so"' "$scratch/a.json" >"$scratch/odd.json"
expect 1 "$coffer" vex validate "$scratch/odd.json"
says 'not valid: "author" is missing'
says 'not valid: statements\[0\]: "justification" is none of'
head -c 100 "$scratch/a.json" >"$scratch/cut.json"
expect 3 "$coffer" vex validate "$scratch/cut.json" "$scratch/a.json"
says 'malformed'
says 'by Shop, 1 statement'

note "of an image: by its digest, and its package"
if [ "$(id -u)" = 0 ]; then
        demo_image
        demo_database
        expect 0 "$coffer" scan -o json -O "$scratch/image.report" "$image"
        expect 0 "$coffer" vex create --author Shop --from-scan "$scratch/image.report" -O "$scratch/todo.json"
        valid "$scratch/todo.json"
        digest=$(jq -r .image.digest "$scratch/image.report")
        jq -e --arg d "${digest#sha256:}" 'all(.statements[].products[]; (."@id" | contains($d)) and (.subcomponents | length) == 1)' "$scratch/todo.json" >/dev/null || fail "not about the image by its digest"
        jq '.statements[].status = "fixed"' "$scratch/todo.json" >"$scratch/done.json"
        expect 0 "$coffer" scan --fail-on unknown --vex "$scratch/done.json" "$image"
        expect 0 "$coffer" scan --no-store -o json -O "$scratch/marked.report" --vex "$scratch/done.json" "$image"
        expect 0 "$coffer" scan --no-store -o json -O "$scratch/plain.report" "$image"
        expect 0 "$coffer" vex apply --vex "$scratch/done.json" -O "$scratch/applied.report" "$scratch/plain.report"
        cmp "$scratch/marked.report" "$scratch/applied.report" || fail "not the same report of an image"
else
        echo "-- not checked: an image (needs root)"
fi
nothing_left
