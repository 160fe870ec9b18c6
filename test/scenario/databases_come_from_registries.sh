# A database goes to a registry as an OCI artefact, by skopeo, and is taken over from there: what is here already is not fetched, what
# broke off is gone on with, of what is nearly here only the difference; and what is not what was signed leaves the one in use.
. "$(dirname "$0")/lib.sh"
need jq
need zstd
need python3
at_end() { servers_end; }
no_credentials

theirs() { COFFER_ROOT=$scratch/theirs "$coffer" "$@"; }
release() { # NAME: built, signed and exported as oci:$scratch/NAME:1
        python3 - "$1" >"$scratch/$1.jsonl" <<'P'
import json, random, sys
r = random.Random(sys.argv[1])
for i in range(3000):  # texts that zstd can't make small: the layer shall be one that breaks in the middle
    print(json.dumps({'id': f'{sys.argv[1]}-{i}', 'modified': '2026-01-01T00:00:00Z', 'summary': ''.join(r.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=190)),
        'affected': [{'package': {'ecosystem': 'npm', 'name': f'p{i}'}, 'ranges': [{'type': 'SEMVER', 'events': [{'introduced': '0'}]}]}]}))
P
        expect 0 theirs db build "$scratch/$1.jsonl"
        expect 0 theirs db sign --key "$scratch/key"
        expect 0 theirs db export "oci:$scratch/$1:1"
        sleep 1.1 # the next one is built in another second
}
in_use() { expect 0 "$coffer" db lookup npm p7 1.0.0; says "affected +$1-7 "; expect 0 "$coffer" db status --verify; }
layer() { # LAYOUT N: its n-th layer's digest, hex alone
        jq -r ".layers[$2].digest[7:]" "$1/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$1/index.json")"
}

note "a file and a layout, written out and taken over"
expect 3 "$coffer" db export "$scratch/none"
expect 0 theirs db keygen --name mirror "$scratch/key"
release A
release B
release C
expect 3 theirs db export "oci:$scratch/A:2"
says 'conflict: .*is a layout already'
expect 0 theirs db export "$scratch/C.cdb"
cmp "$scratch/C.cdb" "$scratch/theirs/advisory/current" || fail "another file"
[ "sha256:$(sha256sum <"$scratch/C.cdb" | cut -d' ' -f1)" = "$(sed -n 's/^file //p' "$scratch/C.cdb.sig")" ] || fail "another signature"
zstd -dcq "$scratch/C/blobs/sha256/$(layer "$scratch/C" 0)" | cmp - "$scratch/C.cdb" || fail "the layer is not the file"
expect 3 "$coffer" db import "oci:$scratch/A"
says 'none of the 0 keys'
expect 0 "$coffer" db trust "$scratch/key.pub"
expect 0 "$coffer" db import "oci:$scratch/A:1"
says 'imported .* of mirror'
in_use A
expect 0 "$coffer" db import "oci:$scratch/A"
says 'is in use already'
expect 3 "$coffer" db import "oci:$scratch/A:2"
says 'not_found: .*it has no "2"'
expect 2 "$coffer" db import --signature x "oci:$scratch/A"

note "a layout that is not what was signed"
bad() { rm -rf "$scratch/bad" && cp -r "$scratch/B" "$scratch/bad"; }
refused() { expect 3 "$coffer" db import "oci:$scratch/bad"; says "$1"; }
bad
printf x >>"$scratch/bad/blobs/sha256/$(layer "$scratch/B" 0)"
refused 'has not the .* bytes'
bad
printf '\377' | dd of="$scratch/bad/blobs/sha256/$(layer "$scratch/B" 0)" bs=1 seek=1000 conv=notrunc 2>/dev/null
refused 'something else than its name says'
bad
sed 's/^sequence /sequence 9/' -i "$scratch/bad/blobs/sha256/$(layer "$scratch/B" 1)"
refused 'signature|limit'
remake() { # JQ-PROGRAM: another manifest over B's blobs
        bad
        jq -c "$1" "$scratch/B/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$scratch/B/index.json")" >"$scratch/manifest"
        oci_index "$scratch/bad" "$scratch/manifest"
}
remake "$(printf '.layers[0] = %s' "$(jq -c '.layers[0]' "$scratch/A/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$scratch/A/index.json")")")"
cp "$scratch/A/blobs/sha256/$(layer "$scratch/A" 0)" "$scratch/bad/blobs/sha256/"
refused 'is not the file that was signed|larger than it may be'
remake 'del(.layers[1])'
refused 'it has no signature; --unsigned'
remake 'del(.artifactType)'
refused 'unsupported: .*no advisory database'
remake '.layers += [.layers[0]]'
refused 'malformed: .*a second database'
head -c 300000 /dev/zero >"$scratch/plain"
read -r digest size < <(oci_blob "$scratch/plain" "$scratch/bad")
remake ".layers[0].digest = \"$digest\" | .layers[0].size = $size"
oci_blob "$scratch/plain" "$scratch/bad" >/dev/null
refused 'is not packed with zstd'
head -c 300000000 /dev/zero | zstd -q >"$scratch/bomb"
read -r digest size < <(oci_blob "$scratch/bomb" "$scratch/bad")
remake ".layers[0].digest = \"$digest\" | .layers[0].size = $size"
oci_blob "$scratch/bomb" "$scratch/bad" >/dev/null
refused 'limit: .*larger than it may be'
echo '{' >"$scratch/bad/index.json"
refused 'malformed: .*index.json'
in_use A
[ -z "$(find "$COFFER_ROOT/advisory" -name new -o -name '*.partial')" ] || fail "something half is left"

note "a registry that breaks off, lies, or has something else"
log=$scratch/requests
: >"$log"
python3 "$top/test/tools/strange_registry.py" "$scratch/B" "$log" >"$scratch/ports" &
servers+=($!)
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r port _ <"$scratch/ports" || fail "the strange registry does not start"
strange() { # CODE MODE
        expect "$1" timeout 60 "$coffer" db import --plain-http --registry-retries "${3:-1}" --registry-timeout 1 "127.0.0.1:$port/$2/x:1"
}
strange 3 liedigest
says 'untrusted'
strange 3 other
says 'is something else|untrusted'
strange 3 html
says 'malformed'
strange 3 stall
says 'unavailable'
in_use A
strange 3 wrongrange 0
[ -n "$(find "$COFFER_ROOT/advisory" -name '*.partial' -size +0)" ] || fail "nothing of the broken download was kept"
: >"$log"
strange 0 good
says 'imported'
grep -qE "good/x/blobs/.* bytes=[0-9]+-$" "$log" || fail "the download began anew"
in_use B
: >"$log"
strange 0 good
says 'is in use already'
! grep -q "$(layer "$scratch/B" 0)" "$log" || fail "what is here already was fetched again"
[ -z "$(find "$COFFER_ROOT/advisory" -name new -o -name '*.partial')" ] || fail "something half is left"
expect 3 "$coffer" db import "$scratch/no/such:1"
says 'not_found'

note "who has the database before fetches the difference to it; one that leads elsewhere, or breaks, does no harm"
expect 0 "$coffer" db import "oci:$scratch/C"
expect 0 "$coffer" db status --json
[ "$(jq -r .signature.file "$scratch/out")" = "sha256:$(sha256sum <"$scratch/C.cdb" | cut -d' ' -f1)" ] || fail "status names another file"
cp "$scratch/C.cdb" "$scratch/before.cdb"
sed 's/^{"id": "C-9"/{"id": "D-9"/' "$scratch/C.jsonl" >"$scratch/D.jsonl"
expect 0 theirs db build "$scratch/D.jsonl"
expect 0 theirs db sign --key "$scratch/key"
expect 2 theirs db export --from "$scratch/before.cdb" "$scratch/D.cdb"
expect 0 theirs db export --from "$scratch/before.cdb" --from "$COFFER_ROOT/advisory/current" "oci:$scratch/D:1"
expect 0 theirs db build "$scratch/A.jsonl" # so different that no difference is worth it
expect 0 theirs db sign --key "$scratch/key"
expect 0 theirs db export --from "$scratch/before.cdb" "oci:$scratch/E:1"
manifest() { cat "$1/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$1/index.json")"; }
[ "$(manifest "$scratch/E" | jq '.layers | length')" = 2 ] || fail "a difference that saves nothing"
manifest "$scratch/D" | jq -e '.layers[2].size * 20 < .layers[0].size' >/dev/null || fail "the difference is large"
[ "$(manifest "$scratch/D" | jq -r '.layers[2].annotations["vnd.coffer.advisories.from"]')" = "$(sed -n 's/^file //p' "$scratch/C.cdb.sig")" ] ||
        fail "it is the difference to something else"
cp -r "$COFFER_ROOT" "$scratch/with-C"
again() { rm -rf "$COFFER_ROOT" && cp -r "$scratch/with-C" "$COFFER_ROOT"; }
delta=$(layer "$scratch/D" 2)
rm -rf "$scratch/bad" && cp -r "$scratch/D" "$scratch/bad"
rm "$scratch/bad/blobs/sha256/$(layer "$scratch/D" 0)" # the whole is not asked for
expect 0 "$coffer" db import "oci:$scratch/bad"
says 'by the difference to the one that was in use'
expect 0 "$coffer" db verify
expect 0 "$coffer" db lookup npm p9 1.0.0
says 'affected +D-9 '
again
rm -rf "$scratch/bad" && cp -r "$scratch/D" "$scratch/bad"
python3 -c "
p = '$scratch/bad/blobs/sha256/$delta'; b = bytearray(open(p, 'rb').read()); b[len(b) // 2] ^= 1; open(p, 'wb').write(b)"
expect 0 "$coffer" db import "oci:$scratch/bad"
says 'the difference .* is of no use.*something else than its name says'
expect 0 "$coffer" db verify
again
cp "$scratch/E/blobs/sha256/$(layer "$scratch/E" 0)" "$scratch/bad/blobs/sha256/" # a good file, packed, but not the one that was signed
manifest "$scratch/D" | jq -c ".layers[2].digest = \"sha256:$(layer "$scratch/E" 0)\" | .layers[2].size = $(stat -c %s "$scratch/E/blobs/sha256/$(layer "$scratch/E" 0)")" >"$scratch/manifest"
oci_index "$scratch/bad" "$scratch/manifest"
expect 0 "$coffer" db import "oci:$scratch/bad"
says 'the difference .* is of no use'
expect 0 "$coffer" db lookup npm p9 1.0.0
says 'affected +D-9 '
expect 0 "$coffer" db verify
[ -z "$(find "$COFFER_ROOT/advisory" -name new -o -name '*.partial')" ] || fail "something half is left"
again

command -v docker-registry >/dev/null && command -v skopeo >/dev/null || skip "the rest needs docker-registry and skopeo"
note "skopeo pushes it to Debian's docker-registry, and it is taken over from there; a step back is refused"
plain_registry
push() { # NAME
        for _ in $(seq 50); do
                skopeo --insecure-policy --tmpdir "$scratch" copy -q --dest-tls-verify=false "oci:$scratch/$1:1" \
                        "docker://127.0.0.1:$port/site/advisories:1" >"$scratch/log" 2>&1 && return || sleep 0.1
        done
        cat "$scratch/log"
        fail "skopeo does not push it"
}
push D
expect 0 "$coffer" db import --plain-http "docker://127.0.0.1:$port/site/advisories:1"
says 'by the difference to the one that was in use'
expect 0 "$coffer" db verify
expect 0 "$coffer" db import --plain-http "127.0.0.1:$port/site/advisories:1"
says 'is in use already'
push A
expect 3 "$coffer" db import --plain-http "127.0.0.1:$port/site/advisories:1"
says 'untrusted: .*a step back'
expect 0 "$coffer" db lookup npm p9 1.0.0
says 'affected +D-9 '
expect 3 "$coffer" db import "127.0.0.1:$port/site/advisories:1"
nothing_left
