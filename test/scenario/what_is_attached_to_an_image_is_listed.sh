# Referrers: what names an image as its subject is listed, of a registry's own lists, of the tag that stands for them where
# there are none, and of an OCI layout; each verified by its own manifest. Lists that lie, lead elsewhere or never end are refused.
. "$(dirname "$0")/lib.sh"
need jq
need python3
at_end() { servers_end; }
mkdir -p "$scratch/home/.docker"
export HOME=$scratch/home
unset REGISTRY_AUTH_FILE DOCKER_CONFIG XDG_RUNTIME_DIR XDG_CONFIG_HOME
layout=$scratch/layout
vex=application/vnd.openvex+json
sbom=application/vnd.cyclonedx+json

tar cf "$scratch/layer.tar" -C "$top/demo" . || fail "no layer"
oci_image "$layout" "$scratch/layer.tar"
subject=$(jq -r '.manifests[0].digest' "$layout/index.json")
printf '{}' >"$scratch/empty"
attach() { # SUBJECT TYPE FILE TITLE: a manifest that names SUBJECT; prints "digest size"
        local blob empty
        blob=$(oci_blob "$3" "$layout")
        empty=$(oci_blob "$scratch/empty" "$layout")
        printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"%s","digest":"%s","size":%s}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":1},"annotations":{"org.opencontainers.image.created":"2026-01-02T03:04:05Z","org.opencontainers.image.title":"%s"}}' \
                "$2" "${empty% *}" "$2" "${blob% *}" "${blob#* }" "$1" "$4" >"$scratch/manifest"
        oci_blob "$scratch/manifest" "$layout"
}
for i in 1 2 3; do
        echo "{\"n\": $i}" >"$scratch/doc$i"
        attach "$subject" $vex "$scratch/doc$i" "statements $i" >>"$scratch/attached"
done
attach "$subject" $sbom "$scratch/doc1" $'bill \\u001b[31m' >>"$scratch/attached" # a title that a terminal would obey is left out
attach "$subject" application/vnd.example.signature "$scratch/doc1" signature >>"$scratch/attached"
attach "sha256:$(printf '0%.0s' $(seq 64))" $vex "$scratch/doc1" elsewhere >"$scratch/elsewhere"
sort "$scratch/attached" | cut -d' ' -f1 >"$scratch/all"
same() { jq -r '.referrers[] | select(.refused == null).digest' "$scratch/out" | sort | cmp - "${1:-$scratch/all}" || fail "another list"; }

log=$scratch/requests
: >"$log"
python3 "$top/test/tools/referrers_registry.py" "$layout" "$log" >"$scratch/ports" &
servers+=($!)
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r port other <"$scratch/ports" || fail "the registry does not start"
host=127.0.0.1:$port
quick=(--plain-http --registry-retries 1 --registry-timeout 2)
list() { # CODE MODE ARGUMENT...
        local code=$1 mode=$2
        shift 2
        expect "$code" timeout 120 "$coffer" referrers "${quick[@]}" "$@" "$host/$mode/x:1"
}

note "a registry with lists of its own, two on a page"
list 0 good -o json
same
jq -e --arg s "$subject" '.digest == $s and .index == null and ([.referrers[] | .subject == $s and .created == "2026-01-02T03:04:05Z"] | all)' \
        "$scratch/out" >/dev/null || fail "another subject or date"
[ "$(jq -r '[.referrers[] | select(.title == null)] | length' "$scratch/out")" = 1 ] || fail "a title with an escape in it"
[ "$(jq -r --arg t $vex '[.referrers[] | select(.artifact_type == $t) | .blobs[0].media_type] | unique | join(" ")' "$scratch/out")" = $vex ] || fail "another blob"
[ "$(grep -c "referrers/$subject" "$log")" = 3 ] || fail "not three pages"
list 0 good
says "attached to the image $subject"
says "vnd.openvex.json +[0-9]+ +2026-01-02T03:04:05Z +statements 2"
says_not REFUSED

note "of one type: filtered by the registry, not at all, or as it says and does not"
sort "$scratch/attached" | cut -d' ' -f1 | while read -r d; do
        [ "$(jq -r .artifactType "$layout/blobs/sha256/${d#*:}")" = $vex ] && echo "$d"
done >"$scratch/vex"
[ "$(wc -l <"$scratch/vex")" = 3 ] || fail "no three"
for mode in filters good saysso; do
        : >"$log"
        list 0 $mode -o json --artifact-type $vex
        same "$scratch/vex"
        grep -q "referrers/$subject?artifactType=application%2Fvnd.openvex%2Bjson" "$log" || fail "the filter was not asked for as a URL has it"
        [ "$(grep -c "manifests/sha256:" "$log")" = 3 ] || fail "more manifests were fetched than are of the type"
done
list 0 good --artifact-type application/none
says 'nothing of type application/none is attached'
list 3 good --artifact-type 'a b'
says 'malformed'

note "lists that lie: what is not attached is told and not believed"
list 3 liar -o json
[ "$(jq '[.referrers[] | select(.refused != null)] | length' "$scratch/out")" = 2 ] || fail "a lie was believed"
jq -e '.referrers[0].refused | test("its own manifest is attached to nothing")' "$scratch/out" >/dev/null || fail "the image itself"
list 3 liar
says "REFUSED: its own manifest is attached to sha256:000000"
list 3 missing
says 'REFUSED: .*404'
list 3 sized
says 'REFUSED: .*bytes'
list 3 typed
says "REFUSED: it is listed as application/vnd.example.other, its own manifest says"
list 3 swapped
says 'REFUSED: .*has the digest'

note "lists that lead elsewhere are not followed, and no password goes along"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf user:right | base64)" >"$HOME/.docker/config.json"
list 0 basic -o json
same
: >"$log"
for mode in host user repository dots coded file basichost; do
        list 3 $mode
        says 'untrusted: .*next page .* is not of the same list: not followed|malformed: .*is no URL'
done
! grep -q "^$other " "$log" || fail "another host was asked"
! grep -q "/other/" "$log" || fail "another repository was asked"
list 3 long
says 'limit: .*next page'
: >"$log"
list 3 away
says 'untrusted: .*next page .* is not of the same list'
grep -q "^$other GET" "$log" || fail "nobody was redirected"
! grep "^$other " "$log" | grep -q Basic || fail "a password went to another host"

note "lists without end, and what is none"
list 3 loop
says 'malformed: .*lead back to one that was read already'
list 3 forever
says 'limit: .*more than 64 pages'
list 3 endless
says 'limit'
list 3 broken
says 'unavailable'
[ "$(grep -c "/broken/x/referrers" "$log")" = 1 ] || fail "the rest of a list was asked for, which may be another's"
list 3 html
says 'malformed'
list 3 layered
says 'malformed: .*an index has no layers'

note "without lists: no tag that stands for them is nothing, and no error"
for mode in none refuses; do
        list 0 $mode
        says 'nothing is attached'
done

note "an OCI layout: by the subject of what its index lists, by the tag, or both; each once"
listed() { # SUBJECT...: descriptors of manifests, as an index has them
        while read -r d size; do
                printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s}\n' "$d" "$size"
        done | jq -s .
}
cp "$layout/index.json" "$scratch/plain.json"
head -n 2 "$scratch/attached" | cat - "$scratch/elsewhere" | listed >"$scratch/rows"
jq --slurpfile rows "$scratch/rows" '.manifests[0].annotations = {"org.opencontainers.image.ref.name": "1"} | .manifests += $rows[0]' \
        "$scratch/plain.json" >"$layout/index.json"
expect 0 "$coffer" referrers -o json "oci:$layout:1"
head -n 2 "$scratch/attached" | cut -d' ' -f1 | sort >"$scratch/two"
same "$scratch/two"
jq 'del(.manifests[0].annotations) | .manifests[1:][].artifactType = "application/vnd.x"' "$layout/index.json" >"$scratch/untagged.json"
cp "$layout/index.json" "$scratch/tagged.json"
cp "$scratch/untagged.json" "$layout/index.json"
expect 3 "$coffer" referrers -o json "$layout" # it finds the image, and that its list says another type
jq -e --arg s "$subject" '.digest == $s and ([.referrers[].refused] | length == 2)' "$scratch/out" >/dev/null || fail "what is attached was taken for an image"
cp "$scratch/tagged.json" "$layout/index.json"
tail -n 4 "$scratch/attached" | listed | jq '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >"$scratch/fallback"
read -r digest size < <(oci_blob "$scratch/fallback" "$layout")
jq --arg d "$digest" --argjson size "$size" --arg tag "${subject/:/-}" '.manifests += [{mediaType: "application/vnd.oci.image.index.v1+json",
        digest: $d, size: $size, annotations: {"org.opencontainers.image.ref.name": $tag}}]' "$layout/index.json" >"$scratch/index.json"
cp "$scratch/index.json" "$layout/index.json"
expect 0 "$coffer" referrers -o json "$layout:1"
same
expect 0 "$coffer" referrers -o json "$layout" # the list's tag is no other image's
same
cat "$scratch/elsewhere" "$scratch/attached" | listed | jq '{schemaVersion: 2, manifests: .}' >"$scratch/fallback"
read -r digest size < <(oci_blob "$scratch/fallback" "$layout")
jq --arg d "$digest" --argjson size "$size" '.manifests[-1].digest = $d | .manifests[-1].size = $size' "$scratch/index.json" >"$layout/index.json"
expect 3 "$coffer" referrers -o json "$layout:1"
same
jq -e '[.referrers[] | select(.refused != null)] | length == 1' "$scratch/out" >/dev/null || fail "the tagged list's lie was believed"
tail -n +2 "$layout/blobs/sha256/$(head -n 1 "$scratch/all" | cut -d: -f2)" >"$scratch/cut"
cp "$layout/blobs/sha256/$(head -n 1 "$scratch/all" | cut -d: -f2)" "$scratch/whole"
printf ' ' >>"$layout/blobs/sha256/$(head -n 1 "$scratch/all" | cut -d: -f2)"
expect 3 "$coffer" referrers "$layout:1"
says 'REFUSED: .*bytes'
cp "$scratch/whole" "$layout/blobs/sha256/$(head -n 1 "$scratch/all" | cut -d: -f2)"
cp "$scratch/plain.json" "$layout/index.json"
expect 0 "$coffer" referrers "$layout"
says 'nothing is attached'
expect 3 "$coffer" referrers "dir:$layout"
says 'unsupported: .*only a registry and an OCI layout|unsupported: .*'
tar cf "$scratch/archive.tar" -C "$layout" .
expect 3 "$coffer" referrers "oci-archive:$scratch/archive.tar"
says 'unsupported: .*only a registry and an OCI layout'

note "an index for several platforms: what is attached to it, and to the image"
manifest=$(jq -c '.manifests[0] + {platform: {os: "linux", architecture: "'"$(dpkg --print-architecture)"'"}}' "$layout/index.json")
echo "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[$manifest]}" >"$scratch/multi"
read -r index size < <(oci_blob "$scratch/multi" "$layout")
attach "$index" application/vnd.example.signature "$scratch/doc2" "of all" >"$scratch/of-index"
echo "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"digest\":\"$index\",\"size\":$size}]}" >"$layout/index.json"
list 0 good -o json
jq -e --arg i "$index" --arg d "$(cut -d' ' -f1 "$scratch/of-index")" '.index == $i and ([.referrers[] | select(.subject == $i).digest] == [$d]) and (.referrers | length == 6)' \
        "$scratch/out" >/dev/null || fail "not what is attached to both"
list 0 good
says "attached to the index of the image, $index"
cp "$scratch/plain.json" "$layout/index.json"

command -v docker-registry >/dev/null || skip "the rest needs docker-registry"
note "Debian's docker-registry has no such lists: the tag that stands for them"
plain_registry
python3 - "$layout" "$port" "${subject/:/-}" "$scratch/fallback" <<'P' || fail "nothing can be pushed"
import hashlib, json, os, sys, time, urllib.request
layout, port, tag, fallback = sys.argv[1:]
base = f'http://127.0.0.1:{port}/v2/site/app/'
def ask(method, url, body=None, kind='application/octet-stream'):
    return urllib.request.urlopen(urllib.request.Request(url, body, {'Content-Type': kind}, method=method), timeout=5)
for _ in range(100):
    try:
        ask('GET', f'http://127.0.0.1:{port}/v2/')
        break
    except OSError:
        time.sleep(0.05)
def put_manifest(reference, body):
    ask('PUT', base + 'manifests/' + reference, body, json.loads(body).get('mediaType', 'application/vnd.oci.image.index.v1+json'))
manifests = []
for name in sorted(os.listdir(layout + '/blobs/sha256')):
    body = open(f'{layout}/blobs/sha256/{name}', 'rb').read()
    where = ask('POST', base + 'blobs/uploads/', b'').headers['Location']
    ask('PUT', where + ('&' if '?' in where else '?') + 'digest=sha256:' + name, body)
    if body.startswith(b'{"schemaVersion"') and b'"layers"' in body:
        manifests.append((name, body))
for name, body in manifests:
    put_manifest('sha256:' + name, body)
    if 'sha256-' + name == tag:
        put_manifest('1', body)
body = json.loads(open(fallback).read())
put_manifest(tag, json.dumps({**body, 'mediaType': 'application/vnd.oci.image.index.v1+json'}).encode())
P
expect 3 "$coffer" referrers --plain-http -o json "127.0.0.1:$port/site/app:1"
same
jq -e '[.referrers[] | select(.refused != null)] | length == 1' "$scratch/out" >/dev/null || fail "the tag's lie was believed"
expect 0 "$coffer" referrers --plain-http -o json --artifact-type $sbom "127.0.0.1:$port/site/app:1"
jq -e --arg t $sbom '[.referrers[].artifact_type] == [$t]' "$scratch/out" >/dev/null || fail "what the tag lists was not filtered"
nothing_left
