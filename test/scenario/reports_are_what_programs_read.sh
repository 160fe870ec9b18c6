# Every format of a report as its readers read it: CycloneDX by its own schema, SPDX by its rules, SARIF, JUnit, GitHub's
# snapshot, Mustache templates, and the page in a real browser, where it sorts and filters. The same image, the same bytes.
. "$(dirname "$0")/lib.sh"
need python3
need jq
demo_image
demo_database

note "bills of materials: the same bytes, every package, valid"
for format in cyclonedx spdx github; do
        expect 0 "$coffer" sbom --no-store -o $format -O "$scratch/one" "$image"
        expect 0 "$coffer" sbom -o $format -O "$scratch/two" "$image"
        expect 0 "$coffer" sbom -o $format -O "$scratch/three" "$image"
        cmp -s "$scratch/one" "$scratch/two" && cmp -s "$scratch/two" "$scratch/three" || fail "$format differs from one run to the next"
        cp "$scratch/one" "$scratch/$format"
done
expect 0 "$coffer" scan -o json "$image"
jq -r '.components[].purl' "$scratch/out" | sort -u >"$scratch/purls"
[ "$(wc -l <"$scratch/purls")" -gt 50 ] || fail "too few components to compare"
jq -r '.components[].purl // empty' "$scratch/cyclonedx" | sort -u | cmp -s - "$scratch/purls" || fail "CycloneDX has other components"
jq -r '.packages[].externalRefs[]? | select(.referenceType == "purl") | .referenceLocator' "$scratch/spdx" | grep -v '^pkg:oci/' |
        sort -u | cmp -s - "$scratch/purls" || fail "SPDX has other packages"
jq -r '.manifests[].resolved[].package_url' "$scratch/github" | sort -u | cmp -s - "$scratch/purls" || fail "the snapshot has other packages"
# SPDX 2.3: ids are unique, relationships name what is there, every LicenseRef is explained.
jq -e '[.packages[].SPDXID] | length == (unique | length)' "$scratch/spdx" >/dev/null || fail "SPDX ids are not unique"
jq -e '([.packages[].SPDXID] + ["SPDXRef-DOCUMENT"]) as $ids | [.relationships[] | .spdxElementId, .relatedSpdxElement] | all(. as $x | $ids | index($x) != null)' \
        "$scratch/spdx" >/dev/null || fail "an SPDX relationship names nothing"
jq -e '[.hasExtractedLicensingInfos[]?.licenseId] as $known | [.packages[].licenseDeclared | scan("LicenseRef-[A-Za-z0-9.-]+")] | all(. as $x | $known | index($x) != null)' \
        "$scratch/spdx" >/dev/null || fail "a LicenseRef is not explained"
schemas=$shared/data/vectors/sbom/cyclonedx/schema
if [ -e "$schemas/bom-1.6.schema.json" ] && python3 -c 'import jsonschema' 2>/dev/null; then
        expect 0 "$coffer" scan -o cyclonedx -O "$scratch/found" "$image"
        python3 -W ignore - "$schemas" "$scratch/cyclonedx" "$scratch/found" <<'P' || fail "CycloneDX's schema says no"
import json, sys
from jsonschema import Draft7Validator, RefResolver
load = lambda p: json.load(open(p))
schema, base = load(sys.argv[1] + '/bom-1.6.schema.json'), 'http://cyclonedx.org/schema/'
store = {base + n: load(f'{sys.argv[1]}/{n}') for n in ('spdx.schema.json', 'jsf-0.82.schema.json')}
errors = [e for p in sys.argv[2:] for e in
          Draft7Validator(schema, resolver=RefResolver(base + 'bom-1.6.schema.json', schema, store)).iter_errors(load(p))]
for e in errors[:5]:
    print(e.json_path, e.message[:200])
sys.exit(1 if errors or 'vulnerabilities' not in load(sys.argv[3]) else 0)
P
else
        echo "-- not checked: CycloneDX's schema or python3-jsonschema is not there"
fi

note "--output writes to what is no file, and does not take its place"
mknod "$scratch/null" c 1 3 && mkfifo "$scratch/pipe" && ln -s "$scratch/target" "$scratch/link" || fail "no device or pipe can be made"
: >"$scratch/target"
expect 0 "$coffer" sbom -O "$scratch/null" "$image"
[ -c "$scratch/null" ] || fail "a device was replaced by a file"
expect 0 "$coffer" sbom -O "$scratch/link" "$image"
[ -L "$scratch/link" ] && [ -s "$scratch/target" ] || fail "a link was replaced by a file"
cat "$scratch/pipe" >"$scratch/piped" &
expect 0 "$coffer" sbom -O "$scratch/pipe" "$image"
wait $!
cmp -s "$scratch/piped" "$scratch/target" || fail "a pipe got something else"

note "SARIF, JUnit"
expect 0 "$coffer" scan -o sarif "$image"
jq -e '.runs[0] | (.tool.driver.rules | map(.id)) as $rules | (.results | length > 10) and
        all(.results[]; . as $r | $rules[$r.ruleIndex] == $r.ruleId and $r.locations[0].physicalLocation.region.startLine > 0)' \
        "$scratch/out" >/dev/null || fail "SARIF results name other rules"
expect 0 "$coffer" scan -o junit -O "$scratch/junit.xml" "$image"
python3 - "$scratch/junit.xml" <<'P' || fail "JUnit's counts are not what is there"
import sys, xml.etree.ElementTree as x
root = x.parse(sys.argv[1]).getroot()
bad = [s.get('name') for s in root if len(s) != int(s.get('tests')) or
       sum(c.find('failure') is not None for c in s) != int(s.get('failures'))]
sys.exit(1 if bad or len(root) < 2 or not root.findall('.//failure') else 0)
P

note "templates"
printf '{{#findings}}\n{{id}} {{package}}\n{{/findings}}\n' >"$scratch/t"
expect 0 "$coffer" scan -o template --template "$scratch/t" "$image"
says '^CVE-2023-45853 zlib$'
printf '{{#findings}}\n{{id}\n' >"$scratch/t"
expect 3 "$coffer" scan -o template --template "$scratch/t" "$image"
says 'template, line 2: a tag without its end'
expect 3 "$coffer" scan -o template "$image"
says 'wants --template FILE'

command -v chromium >/dev/null || skip "the page was not tried: it needs chromium"
note "the page, in a browser without network"
expect 0 "$coffer" scan -o html -O "$scratch/page.html" "$image"
! grep -qiE '(src|href)="?(https?:)?//[^"]*\.(js|css|png)' "$scratch/page.html" || fail "the page wants something from elsewhere"
# The same page, and a hand that clicks and types: what it leaves behind is the answer.
sed 's#</body>#<script>\
const heads = document.querySelectorAll("\#findings th button"), field = document.querySelector("input[data-for=findings]");\
const ids = () => [...document.querySelectorAll("\#findings tbody tr")].filter(r => !r.hidden).map(r => r.cells[1].textContent.trim());\
const all = ids(); heads[1].click(); const up = ids(); heads[1].click(); const down = ids();\
field.value = "zlib"; field.dispatchEvent(new Event("input")); const some = ids();\
const sorted = JSON.stringify([...all].sort()) === JSON.stringify(up) \&\& JSON.stringify([...up].reverse().map(x => x)) !== JSON.stringify(up) \&\& down[0] === up[up.length - 1];\
document.title = `tried sorted=${sorted} rows=${all.length} filtered=${some.length}`;</script></body>#' "$scratch/page.html" >"$scratch/tried.html"
timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$scratch/browser" --dump-dom "file://$scratch/tried.html" \
        >"$scratch/out" 2>"$scratch/err" || fail "chromium: $(tail -n 2 "$scratch/err")"
says 'tried sorted=true rows=[1-9][0-9]* filtered=[1-9]'
