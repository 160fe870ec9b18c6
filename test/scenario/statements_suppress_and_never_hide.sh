# What a user's VEX documents say of findings is heard, in three forms, and shown with who says it: suppressed findings count neither
# for --fail-on nor for a policy and are never gone; what can't be told apart suppresses nothing; a broken document stops the scan.
. "$(dirname "$0")/lib.sh"
need jq

note "a bill of materials with three packages, each with a finding"
cat >"$scratch/bom.json" <<'END'
{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": {"type": "container", "name": "shop", "bom-ref": "root"}},
 "components": [
  {"type": "library", "bom-ref": "a", "name": "lodash", "version": "4.17.15", "purl": "pkg:npm/lodash@4.17.15"},
  {"type": "library", "bom-ref": "b", "name": "minimist", "version": "1.2.0", "purl": "pkg:npm/minimist@1.2.0"},
  {"type": "library", "bom-ref": "c", "name": "requests", "version": "2.19.0", "purl": "pkg:pypi/requests@2.19.0"}]}
END
advisory() { # ID CVE ECOSYSTEM PACKAGE FIXED
        printf '{"id":"%s","modified":"2024-01-01T00:00:00Z","aliases":["%s"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"%s","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}\n' \
                "$1" "$2" "$3" "$4" ECOSYSTEM "$5"
}
{ advisory GHSA-aaaa CVE-2020-1 npm lodash 4.17.20
  advisory GHSA-bbbb CVE-2020-2 npm minimist 1.2.3
  advisory GHSA-cccc CVE-2020-3 PyPI requests 2.20.0; } >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 1 "$coffer" scan --fail-on critical "$scratch/bom.json"
says '3 critical'

openvex() { # FILE STATEMENT...
        local file=$1
        shift
        local IFS=,
        printf '{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://x/1","author":"Shop","timestamp":"2024-05-06T00:00:00Z","version":1,"statements":[%s]}\n' "$*" >"$file"
}
ruled_out='{"vulnerability":{"name":"GHSA-aaaa"},"products":[{"@id":"pkg:npm/lodash"}],"status":"not_affected","justification":"vulnerable_code_not_in_execute_path","impact_statement":"template is never called"}'

note "OpenVEX: by an alias, without a version"
openvex "$scratch/lodash.json" "$ruled_out"
expect 1 "$coffer" scan --fail-on critical --vex "$scratch/lodash.json" "$scratch/bom.json"
says '2 critical, 1 suppressed by VEX'
says 'SUPPRESSED BY VEX'
says 'CVE-2020-1 critical lodash 4.17.15 -- not affected by the word of Shop'
says 'template is never called'
expect 0 "$coffer" scan -o json --vex "$scratch/lodash.json" "$scratch/bom.json"
jq -e '.counts.suppressed == 1 and .counts.critical == 2 and (.findings | length) == 3 and
        ([.findings[] | select(.vex.suppresses)] | length) == 1 and ([.findings[] | select(.vex == null)] | length) == 2' \
        "$scratch/out" >/dev/null || fail "the JSON report says it otherwise"

note "CycloneDX and CSAF; all three together leave nothing that counts"
cat >"$scratch/minimist.json" <<'END'
{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"timestamp": "2024-05-06T00:00:00Z"}, "vulnerabilities": [
 {"id": "CVE-2020-2", "analysis": {"state": "resolved", "detail": "patched here"}, "affects": [{"ref": "pkg:npm/minimist@1.2.0"}]}]}
END
cat >"$scratch/requests.json" <<'END'
{"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t", "publisher": {"name": "Vendor"},
  "tracking": {"id": "V-1", "current_release_date": "2024-05-06T00:00:00Z"}},
 "product_tree": {"full_product_names": [{"name": "r", "product_id": "r", "product_identification_helper": {"purl": "pkg:pypi/Requests@2.19.0"}}]},
 "vulnerabilities": [{"cve": "CVE-2020-3", "product_status": {"known_not_affected": ["r", "undeclared"]},
  "flags": [{"label": "component_not_present", "product_ids": ["r"]}]}]}
END
all=(--vex "$scratch/lodash.json" --vex "$scratch/minimist.json" --vex "$scratch/requests.json")
expect 0 "$coffer" scan --fail-on unknown "${all[@]}" "$scratch/bom.json"
says '3 suppressed by VEX'
says_not 'no known vulnerabilities'
printf 'version: 1\nfindings:\n  deny: [{severity: unknown}]\n' >"$scratch/policy.yaml"
expect 1 "$coffer" scan --policy "$scratch/policy.yaml" "$scratch/bom.json"
expect 1 "$coffer" scan --policy "$scratch/policy.yaml" "${all[@]}" "$scratch/bom.json"
says 'the policy does not count it'
says 'A statement \(VEX\)'
echo 'vex: {documents: any}' >>"$scratch/policy.yaml"
expect 0 "$coffer" scan --policy "$scratch/policy.yaml" "${all[@]}" "$scratch/bom.json"
says 'ALLOW'
expect 0 "$coffer" ledger export
says 'suppressed'
for form in sarif cyclonedx junit html; do
        expect 0 "$coffer" scan -o "$form" "${all[@]}" "$scratch/bom.json"
        for cve in CVE-2020-1 CVE-2020-2 CVE-2020-3; do says "$cve"; done
done
expect 0 "$coffer" scan -o cyclonedx -O "$scratch/told.json" "${all[@]}" "$scratch/bom.json"
expect 0 "$coffer" scan --fail-on unknown --vex "$scratch/told.json" "$scratch/bom.json"
says '3 suppressed by VEX'

note "ranges of versions, in JSON and in XML"
for range in '>=4.17.0|<4.17.16 2' '<4.17.15 3' '>=4.17.15 2' '>4.17.15 3' 'sometime 3'; do
        cat >"$scratch/range.json" <<END
{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"timestamp": "2024-05-06T00:00:00Z"}, "vulnerabilities": [
 {"id": "CVE-2020-1", "analysis": {"state": "resolved"}, "affects": [{"ref": "pkg:npm/lodash", "versions": [{"range": "vers:npm/${range% *}"}]}]}]}
END
        cat >"$scratch/range.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata><timestamp>2024-05-06T00:00:00Z</timestamp></metadata>
<vulnerabilities><vulnerability><id>CVE-2020-1</id><analysis><state>resolved</state></analysis><affects><target><ref>pkg:npm/lodash</ref>
<versions><version><range><![CDATA[vers:npm/${range% *}]]></range></version></versions></target></affects></vulnerability></vulnerabilities></bom>
END
        for form in json xml; do
                expect 0 "$coffer" scan --vex "$scratch/range.$form" "$scratch/bom.json"
                says "findings +${range#* } critical"
        done
done
says 'passed over'

note "the last word counts, and what is not ruled out stays with what is said of it"
openvex "$scratch/later.json" '{"vulnerability":{"name":"CVE-2020-1"},"timestamp":"2024-06-01T00:00:00Z","products":[{"@id":"pkg:npm/lodash"}],"status":"affected","action_statement":"update to 4.17.20"}'
expect 1 "$coffer" scan --fail-on critical --vex "$scratch/later.json" "${all[@]}" "$scratch/bom.json"
says '1 critical, 2 suppressed by VEX'
says 'VEX REMARKS'
says 'update to 4.17.20'

note "another version, another package, another vulnerability: nothing"
for other in 's#pkg:npm/lodash#pkg:npm/lodash@4.17.16#' 's#pkg:npm/lodash#pkg:npm/lodash-es#' 's#GHSA-aaaa#GHSA-aaab#' 's#pkg:npm/lodash#lodash#'; do
        sed "$other" "$scratch/lodash.json" >"$scratch/other.json"
        expect 0 "$coffer" scan --vex "$scratch/other.json" "$scratch/bom.json"
        says '3 critical'
        says_not 'SUPPRESSED'
done

note "documents that break their form are no documents, and there is no scan without them"
openvex "$scratch/bad.json" '{"vulnerability":{"name":"CVE-2020-1"},"products":[{"@id":"pkg:npm/lodash"}],"status":"not_affected"}'
expect 3 "$coffer" scan --vex "$scratch/bad.json" "$scratch/bom.json"
says 'bad.json: statements\[0\]: not_affected needs a justification or an impact_statement'
head -c 100 "$scratch/lodash.json" >"$scratch/bad.json"
expect 3 "$coffer" scan --vex "$scratch/bad.json" "$scratch/bom.json"
says 'malformed'
echo '{}' >"$scratch/bad.json"
expect 3 "$coffer" scan --vex "$scratch/bad.json" "$scratch/bom.json"
says 'none of OpenVEX, CSAF 2.0 and CycloneDX'
expect 3 "$coffer" scan --vex "$scratch/nothing.json" "$scratch/bom.json"
says 'nothing.json'

note "vexhub's documents, if they are here"
hub=$shared/data/feeds/vexhub.tar.zst
if [ -r "$hub" ] && command -v zstd >/dev/null; then
        mkdir "$scratch/hub"
        zstd -dcq "$hub" | tar -x -C "$scratch/hub" || fail "$hub can't be unpacked"
        n=0
        while read -r file; do
                expect 0 "$coffer" scan --no-store --vex "$file" "$scratch/bom.json"
                n=$((n + 1))
        done < <(find "$scratch/hub" -name '*.openvex.json')
        [ $n -gt 20 ] || fail "only $n documents of vexhub"
else
        echo "-- not checked: vexhub's documents ($hub or zstd is not there)"
fi
nothing_left
