# --ignore-file: what it covers is listed as ignored in every form, counts neither for --fail-on nor as "can't tell", and has no
# word in a policy's verdict; what has ended counts again, and what decides can't be smuggled in.
. "$(dirname "$0")/lib.sh"
need jq
demo_image
demo_database
expect 0 "$coffer" scan -o json "$image"
worst=$(jq -r '.findings[0].id' "$scratch/out")
level=$(jq -r '.findings[0].severity' "$scratch/out")
jq -r --arg s "$level" '.findings[] | select(.severity == $s) | .id' "$scratch/out" | sort -u >"$scratch/ids"
n=$(jq --arg s "$level" '[.findings[] | select(.severity == $s)] | length' "$scratch/out")
expect 1 "$coffer" scan --fail-on "$level" "$image"

list() { # UNTIL: all of the worst severity
        printf 'version: 1\nignore:\n'
        while read -r id; do printf '  - id: %s\n    reason: "looked at: <not reachable>"\n    until: %s\n' "$id" "$1"; done <"$scratch/ids"
}
list 2999-12-31 >"$scratch/ignore.yaml"

note "they do not count, and are all there"
expect 0 "$coffer" scan --fail-on "$level" --ignore-file "$scratch/ignore.yaml" "$image"
says '^IGNORED$'
says "$worst .*until 2999-12-31 -- looked at"
says "$n ignored"
expect 0 "$coffer" scan -o json --fail-on "$level" --ignore-file "$scratch/ignore.yaml" "$image"
jq -e --arg s "$level" --argjson n "$n" '.counts[$s] == 0 and .counts.ignored == $n and ([.findings[] | select(.ignored)] | length) == $n and (.exceptions | all(.state == "used"))' "$scratch/out" >/dev/null || fail "the JSON says otherwise"
expect 0 "$coffer" scan -o sarif --ignore-file "$scratch/ignore.yaml" "$image"
[ "$(jq '[.runs[0].results[] | select(.suppressions | length == 1)] | length' "$scratch/out")" = "$n" ] || fail "SARIF suppresses others"
jq -e '[.runs[0].results[].suppressions[]?] | all(.kind == "external" and (.justification | startswith("looked at")))' "$scratch/out" >/dev/null || fail "SARIF gives no reason"
expect 0 "$coffer" scan -o junit --ignore-file "$scratch/ignore.yaml" "$image"
says 'ignored until 2999-12-31: looked at: &lt;not reachable'
python3 -c 'import sys, xml.etree.ElementTree as x; x.parse(sys.argv[1])' "$scratch/out" || fail "no well-formed XML"
for format in html cyclonedx; do
        expect 0 "$coffer" scan -o $format --ignore-file "$scratch/ignore.yaml" "$image"
        says 'looked at: '
done

note "the ledger's record and a policy's verdict know nothing of it"
printf 'version: 1\nfindings:\n  deny: [{severity: %s}]\n' "$level" >"$scratch/policy.yaml"
expect 1 "$coffer" scan --policy "$scratch/policy.yaml" --ignore-file "$scratch/ignore.yaml" "$image"
says 'DENY'

note "what has ended counts again"
list 2020-01-01 >"$scratch/old.yaml"
expect 1 "$coffer" scan --fail-on "$level" --ignore-file "$scratch/old.yaml" "$image"
says_not '^IGNORED$'
expect 1 "$coffer" scan -o json --fail-on "$level" --ignore-file "$scratch/old.yaml" "$image"
says 'this exception ended on 2020-01-01 and counts as absent'
jq -e '.counts.ignored == 0 and .counts.expired_exceptions == (.exceptions | length) and (.exceptions | all(.state == "expired" and .again > 0))' "$scratch/out" >/dev/null || fail "the JSON says otherwise of what has ended"

expect 1 "$coffer" explain --ignore-file "$scratch/old.yaml" "$image" "$worst"
says 'this exception ended on 2020-01-01'

note "and is a finding of its own, in every form; in a policy it is a reason"
expect 0 "$coffer" scan --ignore-file "$scratch/old.yaml" "$image"
says '^EXPIRED EXCEPTIONS$'
says 'expired exception'
expect 0 "$coffer" scan -o sarif --ignore-file "$scratch/old.yaml" "$image"
[ "$(jq '[.runs[0].results[] | select(.ruleId == "coffer/expired-exception") | .locations[0].physicalLocation.artifactLocation.uri] | length' "$scratch/out")" = "$(wc -l <"$scratch/ids")" ] || fail "SARIF has other results"
expect 0 "$coffer" scan -o junit --ignore-file "$scratch/old.yaml" "$image"
says 'failure type="expired"'
for format in html template; do
        printf '{{#exceptions}}{{text}}{{/exceptions}}' >"$scratch/template"
        expect 0 "$coffer" scan -o $format --template "$scratch/template" --ignore-file "$scratch/old.yaml" "$image"
        says 'this exception ended on 2020-01-01'
done
{ cat "$scratch/policy.yaml"; sed 1d "$scratch/old.yaml"; } >"$scratch/expired.yaml"
expect 1 "$coffer" check --policy "$scratch/expired.yaml" "$image"
says 'expired.yaml:[0-9]+: .* this exception ended on 2020-01-01'
expect 1 "$coffer" check -o json --policy "$scratch/expired.yaml" "$image"
jq -e '[.verdict.reasons[] | select(.kind == "ignore")] | length > 0' "$scratch/out" >/dev/null || fail "no reason of its own"
expect 1 "$coffer" policy check --strict "$scratch/expired.yaml"
says 'this exception ended on 2020-01-01'
expect 0 "$coffer" policy check "$scratch/expired.yaml"

note "limited to an image, a component and a path: only there, and others are told so"
limited() { # KEY PATTERN
        printf 'version: 1\nignore: [{id: %s, %s: "%s", reason: r, until: 2999-12-31}]\n' "$worst" "$1" "$2" >"$scratch/limited.yaml"
        expect 0 "$coffer" scan -o json --ignore-file "$scratch/limited.yaml" "$image"
        jq -r '.exceptions[0].state' "$scratch/out"
}
expect 0 "$coffer" scan -o json "$image"
digest=$(jq -r .image.digest "$scratch/out")
purl=$(jq -r '.findings[0].purl' "$scratch/out")
path=$(jq -r '.components[.findings[0].component].path' "$scratch/out")
[ "$(limited image "$digest")" = used ] || fail "not by the image's digest"
[ "$(limited image "$image")" = used ] || fail "not by the image's path"
[ "$(limited image "sha256:00**")" = elsewhere ] || fail "another image's exception counts"
[ "$(limited component "${purl%%@*}")" = used ] || fail "not by the component"
[ "$(limited component "${purl%%@*}x")" = unused ] || fail "another component's exception counts"
[ "$(limited path "/$path")" = used ] || fail "not by the path"
[ "$(limited path "$path/x")" = unused ] || fail "another path's exception counts"
ln -s "$image" "$scratch/ghcr.io"
cd "$scratch" || fail "cd"
image=ghcr.io
[ "$(limited image ghcr.io)" = elsewhere ] || fail "a folder passes for a registry's image"
[ "$(limited image ./ghcr.io)" = used ] || fail "not by the path in this folder"
cd - >/dev/null || fail "cd"

note "refused: without a reason or an end, with something that decides, not there"
printf 'version: 1\nignore: [{id: CVE-1}]\n' >"$scratch/bad.yaml"
expect 3 "$coffer" scan --ignore-file "$scratch/bad.yaml" "$image"
says 'bad.yaml:2:.*is missing'
printf 'version: 1\nmax_ignore_days: 30\nignore: [{id: CVE-1, reason: r, since: 2026-01-01, until: 2026-12-31}]\n' >"$scratch/bad.yaml"
expect 3 "$coffer" scan --ignore-file "$scratch/bad.yaml" "$image"
says 'are 365 days, at most 30'
printf 'version: 1\nignore: [{id: CVE-1, reason: r, untill: 2026-12-31}]\n' >"$scratch/bad.yaml"
expect 3 "$coffer" scan --ignore-file "$scratch/bad.yaml" "$image"
says 'unknown key "untill"'
expect 3 "$coffer" scan --ignore-file "$scratch/policy.yaml" "$image"
says 'unknown key "findings"'
image=$scratch/ghcr.io
expect 3 "$coffer" scan --ignore-file "$scratch/nowhere" "$image"
says 'ignore-file'
