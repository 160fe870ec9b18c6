# What stands behind a finding, from the component to the verdict: the records with their ranges and their publishers' own words,
# what is known of the vulnerability by itself, and why something is no finding.
. "$(dirname "$0")/lib.sh"
demo_image
need jq

cat >"$scratch/tracker.json" <<'J'
{"zlib": {"CVE-2023-45853": {"description": "integer overflow in MiniZip", "releases": {
  "bookworm": {"status": "open", "repositories": {"bookworm": "1:1.2.13.dfsg-1"}, "urgency": "not yet assigned", "nodsa": "contrib/minizip is not built", "nodsa_reason": "ignored"}}}},
 "apt": {"CVE-2011-3374": {"releases": {
  "bookworm": {"status": "resolved", "repositories": {"bookworm": "2.6.1"}, "fixed_version": "0", "urgency": "unimportant"}}}}}
J
echo '{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2023-45853","dateAdded":"2024-02-03","dueDate":"2024-02-24","knownRansomwareCampaignUse":"Known"}]}' >"$scratch/kev.json"
printf '#model_version:v1,score_date:2026-01-01\ncve,epss,percentile\nCVE-2023-45853,0.91234,0.99876\n' | gzip >"$scratch/epss.csv.gz"
echo '{"id":"CVE-2023-45853","state":"PUBLISHED","ssvc":{"Exploitation":"active","Automatable":"yes","Technical Impact":"total"}}' | zstd -q >"$scratch/ssvc.jsonl.zst"
expect 0 "$coffer" db build "$top/demo/advisories" "$scratch/tracker.json" "$scratch/kev.json" "$scratch/epss.csv.gz" "$scratch/ssvc.jsonl.zst"
says '1 vulnerabilities with facts of their own'

note "every step to a finding"
expect 1 "$coffer" explain --policy "$top/demo/policy-strict.yaml" "$image" CVE-2023-45853
says 'pkg:deb/debian/zlib1g@'
says 'asked for as zlib 1:1.2.13.dfsg-1 in Debian:12'
says 'record DEBIAN-CVE-2023-45853, from .*demo/advisories'
says 'record DEBIAN-TRACKER-CVE-2023-45853, from .*tracker.json'
says 'its publisher says: will not fix: contrib/minizip is not built'
says 'known to be exploited .CISA, since 2024-02-03, in ransomware campaigns.'
says 'probability of 91.23 %'
says "CISA's decision points: exploited, automatable, total impact"
says 'affected, critical 9.8'
says 'policy-strict.yaml:[0-9]+: CVE-2023-45853'

note "a release that its publisher found not affected has no finding, and that is explained, too"
expect 0 "$coffer" explain "$image" CVE-2011-3374
says 'its publisher says: not affected'
says '=> not affected'
expect 0 "$coffer" explain "$image" CVE-1999-0001
says 'no record known as CVE-1999-0001'

note "reports have the same: first in the table, and in JSON"
expect 0 "$coffer" scan "$image"
says 'EXPLOITED .ransomware. EPSS 91.2% .will not fix:'
expect 0 "$coffer" scan -o json "$image"
[ "$(jq -r '.findings[0] | [.id, .status, .known_exploited.added, .epss.probability, .ssvc.exploitation] | join(" ")' "$scratch/out")" = \
        'CVE-2023-45853 will not fix 2024-02-03T00:00:00Z 0.91234 active' ] || fail "$(jq -c '.findings[0]' "$scratch/out")"
[ "$(jq '[.findings[] | select(.id == "CVE-2011-3374")] | length' "$scratch/out")" = 0 ] || fail "a cleared finding is still there"

note "an exception is named where it applies"
printf 'version: 1\nignore:\n  - id: CVE-2023-45853\n    reason: minizip is not used\n    until: 2030-01-01\n' >"$scratch/ignore.yaml"
expect 0 "$coffer" explain --ignore-file "$scratch/ignore.yaml" "$image" CVE-2023-45853
says 'ignored until 2030-01-01: minizip is not used'
says '=> CVE-2023-45853: affected'

note "what a statement suppresses is explained, and counts as little as for scan"
statement() { # STATUS MORE: an OpenVEX document on the finding
        expect 0 "$coffer" vex create --author me --id CVE-2023-45853 --product pkg:deb/debian/zlib1g --status "$@" -O "$scratch/vex.json"
}
for status in not_affected fixed affected; do
        more=()
        [ $status = fixed ] || more=(--justification component_not_present)
        [ $status = not_affected ] || more=()
        [ $status != affected ] || more=(--action 'wait')
        rm -f "$scratch/vex.json"
        statement "$status" "${more[@]}"
        code=0
        [ $status != affected ] || code=1
        expect $code "$coffer" explain --vex "$scratch/vex.json" "$image" CVE-2023-45853
        says "$status by the word of"
        says '=> CVE-2023-45853: affected'
        expect 0 "$coffer" scan -o json --vex "$scratch/vex.json" "$image"
        [ "$(jq '[.findings[] | select(.id == "CVE-2023-45853")] | all(.vex.suppresses)' "$scratch/out")" = "$([ $code = 0 ] && echo true || echo false)" ] || fail "scan says otherwise"
done

note "a policy that counts no such document refuses the finding all the same, and so does explain"
rm "$scratch/vex.json"
statement not_affected --justification component_not_present
expect 1 "$coffer" explain --policy "$top/demo/policy-strict.yaml" --vex "$scratch/vex.json" "$image" CVE-2023-45853
nothing_left
