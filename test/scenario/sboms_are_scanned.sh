# A bill of materials in place of an image: what Coffer writes of an image it reads back, with the same components and the
# same findings; what other tools write of it finds the same; and whatever is missing in one is never called clean.
. "$(dirname "$0")/lib.sh"
need jq
demo_image
demo_database

# What advisories are asked about, and what they answered.
told='{os: .os | del(.end_of_life), components: [.components[] | {purl, type, name, version, ecosystem, source, arch, licence,
        vendor, cpe, "module": .module, path, development, owner}], findings: [.findings[] | del(.layer)], complete, notes}'
asked='[.components[] | [.name, .version, .source.name, .source.version, .ecosystem, .arch]]'
found='[.findings[] | [.id, .package, .package_version, .severity, .score, .fixed, .answer]]'
same() { # JQ FILE FILE WHAT
        jq -S "$1" "$2" >"$scratch/this" && jq -S "$1" "$3" >"$scratch/that" && [ -s "$scratch/this" ] || fail "jq: $4"
        diff "$scratch/this" "$scratch/that" >"$scratch/difference" || { head -n 20 "$scratch/difference"; fail "$4"; }
}

expect 0 "$coffer" scan -o json -O "$scratch/image.json" "$image"
[ "$(jq '.findings | length' "$scratch/image.json")" -gt 10 ] || fail "too few findings to compare"

note "Coffer's own documents, read back"
for format in cyclonedx spdx; do
        expect 0 "$coffer" sbom -o $format -O "$scratch/demo.$format" "$image"
        expect 0 "$coffer" scan -o json -O "$scratch/$format.json" "$scratch/demo.$format"
        same "$told" "$scratch/image.json" "$scratch/$format.json" "the image's $format says something else"
        jq -e 'all(.components[]; .state == "declared") and .image.digest == null and .image.layers == []' "$scratch/$format.json" \
                >/dev/null || fail "a document passes for an image"
        expect 0 "$coffer" scan -o json -O "$scratch/again" "sbom:$scratch/demo.$format"
        same "$told" "$scratch/image.json" "$scratch/again" "sbom:FILE says something else"
        "$coffer" scan -o json - <"$scratch/demo.$format" >"$scratch/again" || fail "not read from standard input"
        same "$told" "$scratch/image.json" "$scratch/again" "standard input says something else"
        "$coffer" scan -o json <(cat "$scratch/demo.$format") >"$scratch/again" || fail "not read from a pipe"
        same "$told" "$scratch/image.json" "$scratch/again" "a pipe says something else"
        # One standard into the other and back.
        for other in cyclonedx spdx; do
                expect 0 "$coffer" sbom -o $other -O "$scratch/other" "$scratch/demo.$format"
                expect 0 "$coffer" scan -o json -O "$scratch/again" "$scratch/other"
                same "$asked" "$scratch/image.json" "$scratch/again" "$format as $other lists something else"
                same "$found" "$scratch/image.json" "$scratch/again" "$format as $other finds something else"
        done
done

note "who installed what: a root folder of this host's packages"
tree=$scratch/tree
mkdir "$tree"
(cd / && cp --parents etc/os-release usr/lib/os-release var/lib/dpkg/status "$tree" && cp -r --parents var/lib/dpkg/info "$tree" &&
        find usr/lib/python3 usr/share/nodejs usr/share/rubygems-integration \( -name METADATA -o -name PKG-INFO -o -name package.json -o \
                -name '*.gemspec' \) -print0 | head -zn 1000 | xargs -0 cp --parents -t "$tree") 2>/dev/null
owners='.components as $c | [.components[] | [.purl, .ecosystem, .source, .licence, .path, (if .owner == null then null else $c[.owner].purl end)]]'
"$coffer" scan -o json "dir:$tree" >"$scratch/tree.json"
if jq -e '[.components[] | select(.owner != null)] | length > 3' "$scratch/tree.json" >/dev/null; then
        for format in cyclonedx spdx; do
                "$coffer" sbom -o $format -O "$scratch/tree.$format" "dir:$tree"
                "$coffer" scan -o json "$scratch/tree.$format" >"$scratch/again"
                same "$owners" "$scratch/tree.json" "$scratch/again" "the folder's $format says something else"
                same "$found" "$scratch/tree.json" "$scratch/again" "the folder's $format finds something else"
        done
else
        echo "-- not checked: owners (this host's packages bring no Python, Node.js or Ruby)"
fi

note "the same exit codes, formats and policies"
expect 1 "$coffer" scan --fail-on critical "$scratch/demo.cyclonedx"
says 'CycloneDX 1.6 of '
says 'CVE-2023-45853'
for format in sarif junit github html cyclonedx spdx; do
        expect 0 "$coffer" scan -o $format -O "$scratch/report" "$scratch/demo.spdx"
        [ -s "$scratch/report" ] || fail "$format: nothing was written"
done
expect 1 "$coffer" scan --policy "$top/demo/policy-strict.yaml" "$scratch/demo.cyclonedx"
expect 0 "$coffer" ledger export
jq -se --arg digest "sha256:$(sha256sum "$scratch/demo.cyclonedx" | cut -d' ' -f1)" \
        '[.[] | .body | fromjson | select(.image | endswith("demo.cyclonedx"))] | length > 3 and all(.[]; .sbom == $digest and (has("digest") | not))' \
        "$scratch/out" >/dev/null || fail "the ledger does not say which document it was"

note "it is no image: not kept as one, not run, nothing to search for secrets"
expect 125 "$coffer" run "$scratch/demo.cyclonedx" /bin/true
says 'it is a bill of materials'
expect 3 "$coffer" check "$scratch/demo.cyclonedx"
says 'it is a bill of materials'
expect 3 "$coffer" check "sbom:$scratch/demo.spdx"
says 'it is a bill of materials'
expect 3 "$coffer" scan --secrets "$scratch/demo.cyclonedx"
says 'no file is in it to look for secrets in'
expect 3 "$coffer" scan --platform linux/arm64 "$scratch/demo.cyclonedx"
says 'it is of one platform'
# It names the image's digest, and another list: the image is still what it is.
jq '.components |= map(select(.name != "zlib1g"))' "$scratch/demo.cyclonedx" >"$scratch/less"
rm -rf "$COFFER_ROOT" && demo_database
expect 3 "$coffer" scan "$scratch/less"
says 'on what it does not list'
expect 0 "$coffer" scan -o json -O "$scratch/again" "$image"
same "$told" "$scratch/image.json" "$scratch/again" "a document changed what is known of the image"

note "what is missing is said, and is never clean"
not_clean() { # JQ WORDS...: a changed document, status 3 and these words, in both of its uses
        jq "$1" "$scratch/demo.cyclonedx" >"$scratch/changed" || fail "jq: $1"
        shift
        expect 3 "$coffer" scan "$scratch/changed"
        says 'NOT ASSESSED'
        for words in "$@"; do tr '\n' ' ' <"$scratch/out" | tr -s ' ' | grep -qF -- "$words" || fail "nothing says: $words"; done
}
not_clean 'del(.components[] | select(.name == "zlib1g") | .purl)' 'with neither a package URL nor a CPE' 'zlib1g 1:1.2.13.dfsg-1'
not_clean '(.components[] | select(.name == "zlib1g") | .purl) = "pkg:deb/"' "can't be read: "
not_clean 'del(.components[] | select(.type == "operating-system")) | (.components[].purl // empty) |= sub("[?&]distro=[^&]*"; "")' \
        'of a system whose release is not said'
not_clean '.compositions = [{"aggregate": "incomplete"}]' 'says itself that it does not list everything'
not_clean '.components = []' 'it lists no component'
not_clean '.components = [.components[] | select(.type == "operating-system")] | del(.dependencies)' 'lists no package of it'
not_clean '.metadata.component.externalReferences = [{"type": "bom", "url": "urn:cdx:x/1"}]' 'in other documents, which were not read'
not_clean 'del(.components[].properties[]? | select(.name | startswith("coffer:source")))' 'says which source package it was built from'
not_clean '(.metadata.component.properties[] | select(.name == "coffer:complete")).value = "false"' 'does not list everything'
head -c 20000 "$scratch/demo.cyclonedx" >"$scratch/cut"
expect 3 "$coffer" scan "$scratch/cut"
says 'malformed: sbom .*: components\[[0-9]+\].*byte [0-9]+'
expect 3 "$coffer" sbom "$scratch/cut"
sed 's/"specVersion": "1.6"/"specVersion": "9.9"/' "$scratch/demo.cyclonedx" >"$scratch/changed"
expect 3 "$coffer" scan "$scratch/changed"
says 'CycloneDX 9.9 is not read here'
gzip -c "$scratch/demo.cyclonedx" >"$scratch/changed"
expect 3 "$coffer" scan "sbom:$scratch/changed"
says 'unpack it first'
echo '{"a": 1}' >"$scratch/changed"
expect 3 "$coffer" scan "$scratch/changed"
says 'it is JSON, but no bill of materials'
expect 3 "$coffer" scan "sbom:$scratch/nothing"
expect 3 "$coffer" scan "sbom:$scratch"
says 'neither a file nor a pipe'

note "statements about vulnerabilities are passed over, and told"
expect 0 "$coffer" scan -o cyclonedx -O "$scratch/found" "$image"
jq '.vulnerabilities[].analysis = {"state": "not_affected"}' "$scratch/found" >"$scratch/vex"
expect 0 "$coffer" scan -o json "$scratch/vex"
says 'about [0-9]+ vulnerabilities \(VEX\): passed over'
cp "$scratch/out" "$scratch/again"
same "$found" "$scratch/image.json" "$scratch/again" "a document talked findings away"

note "other tools, if they are here"
if command -v syft >/dev/null; then
        for form in cyclonedx-json@1.4 cyclonedx-json@1.6 cyclonedx-xml@1.6 spdx-json@2.2 spdx-json@2.3 spdx-tag-value@2.3; do
                SYFT_CHECK_FOR_APP_UPDATE=false syft scan -q "oci-dir:$image" -o "$form=$scratch/syft" || fail "syft -o $form"
                expect 0 "$coffer" scan -o json -O "$scratch/again" "$scratch/syft"
                same "$asked" "$scratch/image.json" "$scratch/again" "syft's $form lists something else"
                same "$found" "$scratch/image.json" "$scratch/again" "syft's $form finds something else"
        done
else
        echo "-- not checked: syft's documents (syft is not there)"
fi
if command -v pyspdxtools >/dev/null; then
        pyspdxtools -i "$scratch/demo.spdx" --infile "$scratch/demo.spdx" -o "$scratch/tags.spdx" >/dev/null 2>&1 ||
                { cp "$scratch/demo.spdx" "$scratch/demo.spdx.json" && pyspdxtools -i "$scratch/demo.spdx.json" -o "$scratch/tags.spdx"; } ||
                fail "pyspdxtools says that our SPDX is not valid"
        expect 0 "$coffer" scan -o json -O "$scratch/again" "$scratch/tags.spdx"
        same "$told" "$scratch/image.json" "$scratch/again" "our SPDX as tag-value says something else"
else
        echo "-- not checked: SPDX's own converter (pyspdxtools is not there)"
fi
nothing_left
