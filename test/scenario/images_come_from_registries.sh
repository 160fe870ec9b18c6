# Images of a real registry and of a strange one on loopback: anonymous, password, token, TLS with an own authority,
# redirects, broken downloads that go on, and every lie that a registry can tell. Credentials reach nobody else.
. "$(dirname "$0")/lib.sh"
need python3
need openssl
demo_image
demo_database
printf 'version: 1\n' >"$scratch/policy.yaml"
at_end() { servers_end; }
expect 0 "$coffer" scan --no-store -o json "$image"
jq -S '{components, layers: [.image.layers[].diff_id]}' "$scratch/out" >"$scratch/same"
same() {
        jq -S '{components, layers: [.image.layers[].diff_id]}' "$scratch/out" | cmp -s "$scratch/same" - || fail "another result: $*"
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/ca.key" -out "$scratch/ca.pem" -days 2 -subj "/CN=scenario" \
        -addext "basicConstraints=critical,CA:TRUE" 2>/dev/null &&
        openssl req -newkey rsa:2048 -nodes -keyout "$scratch/key.pem" -out "$scratch/req.pem" -subj "/CN=127.0.0.1" 2>/dev/null &&
        printf 'subjectAltName=IP:127.0.0.1\n' >"$scratch/ext" &&
        openssl x509 -req -in "$scratch/req.pem" -CA "$scratch/ca.pem" -CAkey "$scratch/ca.key" -CAcreateserial -days 2 \
                -extfile "$scratch/ext" -out "$scratch/cert.pem" 2>/dev/null || fail "no certificates"

log=$scratch/requests
: >"$log"
python3 "$top/test/tools/strange_registry.py" "$image" "$log" --tls "$scratch/cert.pem" "$scratch/key.pem" >"$scratch/ports" &
servers+=($!)
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r port other <"$scratch/ports" || fail "the strange registry does not start"
host=127.0.0.1:$port
ca=(--registry-ca "$scratch/ca.pem")
quick=(--registry-retries 1 --registry-timeout 1)
mkdir -p "$scratch/home/.docker"
export HOME=$scratch/home
unset REGISTRY_AUTH_FILE DOCKER_CONFIG XDG_RUNTIME_DIR XDG_CONFIG_HOME

note "an own authority, and none"
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "$host/good/x:1"
same good
expect 3 "$coffer" scan --no-store "$host/good/x:1"
says 'certificate is not to be trusted.*--registry-ca'
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "docker://$host/good/x@$(jq -r '.manifests[0].digest' "$image/index.json")"
same digest
expect 3 "$coffer" scan --no-store "${ca[@]}" "$host/good/x@sha256:$(printf '0%.0s' $(seq 64))"
says 'not_found'

note "exceptions and statements that are limited to the image by its name, its tag, its digest; others are not for it"
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json -O "$scratch/plain.report" "$host/good/x:1"
id=$(jq -r '.findings[0].id' "$scratch/plain.report")
digest=$(jq -r .image.digest "$scratch/plain.report")
for row in "$host/good/x used" "$host/good/x:1 used" "$host/good/x@$digest used" "$digest used" "**/x:1 used" \
        "$host/good/x:2 elsewhere" "$host/good/y elsewhere" "good/x elsewhere" "./** elsewhere"; do
        printf 'version: 1\nignore: [{id: %s, image: "%s", reason: r, until: 2999-12-31}]\n' "$id" "${row% *}" >"$scratch/ignore.yaml"
        expect 0 "$coffer" scan --no-store "${ca[@]}" -o json --ignore-file "$scratch/ignore.yaml" "docker://$host/good/x:1"
        [ "$(jq -r '.exceptions[0].state' "$scratch/out")" = "${row#* }" ] || fail "${row% *} is not ${row#* }"
done
for row in "docker://$host/good/x:1 true" "docker://$host/good/x@$digest true" "$digest true" "docker://$host/good/x:2 false" "docker://$host/basic/x:1 false"; do
        expect 0 "$coffer" vex create --author A --id "$id" --product "${row% *}" --status fixed -O "$scratch/vex.json"
        expect 0 "$coffer" scan --no-store "${ca[@]}" -o json -O "$scratch/marked.report" --vex "$scratch/vex.json" "$host/good/x:1"
        jq -e ".counts.suppressed > 0 | . == ${row#* }" "$scratch/marked.report" >/dev/null || fail "a statement about ${row% *}: not ${row#* }"
        expect 0 "$coffer" vex apply --vex "$scratch/vex.json" "$scratch/plain.report"
        cmp -s "$scratch/out" "$scratch/marked.report" || fail "a statement about ${row% *} says otherwise of the stored report"
done

note "passwords and tokens, from each place where they are kept"
expect 3 "$coffer" scan --no-store "${ca[@]}" "$host/basic/x:1"
says 'denied.*podman login'
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "$host/anonymous/x:1"
same anonymous
printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf user:right | base64)" >"$HOME/.docker/config.json"
for mode in basic bearer; do
        expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "$host/$mode/x:1"
        same "$mode"
done
printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf user:wrong | base64)" >"$scratch/wrong.json"
for mode in basic bearer badtoken; do
        expect 3 "$coffer" scan --no-store "${ca[@]}" --registry-auth "$scratch/wrong.json" "$host/$mode/x:1"
        says 'denied'
        says_not 'wrong|dXNlcj'
done
rm "$HOME/.docker/config.json"
mkdir "$scratch/bin"
cat >"$scratch/bin/docker-credential-scenario" <<'X'
#!/bin/sh
read -r host
[ "$1" = get ] && echo "{\"ServerURL\":\"$host\",\"Username\":\"user\",\"Secret\":\"right\"}"
X
printf '#!/bin/sh\necho "credentials not found in native keychain"; exit 1\n' >"$scratch/bin/docker-credential-empty"
chmod +x "$scratch/bin"/*
printf '{"credHelpers":{"%s":"scenario"}}' "$host" >"$scratch/helper.json"
PATH=$scratch/bin:$PATH expect 0 "$coffer" scan --no-store "${ca[@]}" --registry-auth "$scratch/helper.json" -o json "$host/bearer/x:1"
same helper
printf '{"credsStore":"empty"}' >"$scratch/helper.json"
PATH=$scratch/bin:$PATH expect 3 "$coffer" scan --no-store "${ca[@]}" --registry-auth "$scratch/helper.json" "$host/bearer/x:1"
says 'docker-credential-empty: credentials not found'
printf '{"credsStore":"../../bin/sh"}' >"$scratch/helper.json"
expect 3 "$coffer" scan --no-store "${ca[@]}" --registry-auth "$scratch/helper.json" "$host/bearer/x:1"
says 'no name of a credential helper'

note "redirects take no credentials along"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf user:right | base64)" >"$HOME/.docker/config.json"
: >"$log"
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "$host/redirect/x:1"
same redirect
grep -q "^$other GET /elsewhere/.* - -$" "$log" || fail "nobody was redirected"
! grep "^$other " "$log" | grep -qE 'Basic|Bearer' || fail "credentials went to another host"
for row in 'tohttp no https address' 'tofile no https address' 'circle more than 5 redirects'; do
        expect 3 "$coffer" scan --no-store "${ca[@]}" "$host/${row%% *}/x:1"
        says "${row#* }"
done
expect 3 "$coffer" scan --no-store "${ca[@]}" "$host/plainrealm/x:1"
says 'no https address: no credentials are sent'

note "what breaks goes on; what does not come is given up"
for mode in busy broken norange; do
        expect 0 "$coffer" scan --no-store "${ca[@]}" --registry-retries 3 -o json "$host/$mode/x:1"
        same "$mode"
done
grep -qE "broken/x/blobs/.* bytes=[0-9]+-$" "$log" || fail "a broken download began anew"
while IFS=$'\t' read -r mode message; do
        expect 3 timeout 60 "$coffer" scan --no-store "${ca[@]}" "${quick[@]}" "$host/$mode/x:1"
        says "$message"
        says_not 'clean|died|no findings'
done <<'X'
down	unavailable: .*after 2 attempts: .*503: out of order
later	unavailable: .*come back in 3600 s
stall	unavailable: .*no byte came for 1 s
wrongrange	sends others
X

note "lies"
while IFS=$'\t' read -r mode message; do
        expect 3 timeout 60 "$coffer" scan --no-store "${ca[@]}" "${quick[@]}" "$host/$mode/x:1"
        says "$message"
        says_not 'clean|died|no findings'
done <<'X'
liedigest	untrusted: .*digest sha256:.*not the one of its header
other	(untrusted|malformed): .*layer 1
shortlength	untrusted: .*the manifest says
longer	untrusted: .*sends more than
endless	limit: .*sends more than 4194304 bytes
headers	limit: .*bytes of headers|unavailable
html	malformed
X
nothing_left

note "run: kept until it is unpacked, and then gone; a download that broke off is gone on with"
expect 0 "$coffer" run --rm "${ca[@]}" --policy "$scratch/policy.yaml" "$host/good/x:1" /bin/echo it runs
says '^it runs$'
[ -z "$(ls "$COFFER_ROOT/blobs/sha256")" ] || fail "blobs are left: $(ls "$COFFER_ROOT/blobs/sha256")"
: >"$log"
expect 0 "$coffer" run --rm "${ca[@]}" --policy "$scratch/policy.yaml" "$host/good/x:1" /bin/true
! grep -q "/blobs/$(jq -r '.layers[0].digest' "$image/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$image/index.json")")" "$log" ||
        fail "a layer that is unpacked was fetched again"
export COFFER_ROOT=$scratch/root2
demo_database
expect 125 "$coffer" run --rm "${ca[@]}" --registry-retries 0 --policy "$scratch/policy.yaml" "$host/wrongrange/y:1" /bin/true
[ -n "$(find "$COFFER_ROOT/blobs" -name '*.partial' -size +0)" ] || fail "nothing of the broken download was kept"
: >"$log"
expect 0 "$coffer" run --rm "${ca[@]}" --policy "$scratch/policy.yaml" "$host/good/x:1" /bin/true
grep -qE "good/x/blobs/.* bytes=[0-9]+-$" "$log" || fail "the download began anew"
nothing_left

note "plain http only when asked for; a name that is no file is said to be a registry's"
python3 "$top/test/tools/strange_registry.py" "$image" "$log" >"$scratch/ports" &
servers+=($!)
for _ in $(seq 100); do [ -s "$scratch/ports" ] && break || sleep 0.05; done
read -r plain _ <"$scratch/ports" || fail "the strange registry does not start"
expect 3 "$coffer" scan --no-store "127.0.0.1:$plain/good/x:1"
says 'no such file, so a registry.*--plain-http'
expect 0 "$coffer" scan --no-store --plain-http -o json "127.0.0.1:$plain/anonymous/x:1"
same plain

command -v docker-registry >/dev/null && command -v skopeo >/dev/null || skip "the rest needs docker-registry and skopeo"
note "Debian's docker-registry, with users, over TLS"
python3 - "$scratch" <<'P'
import os, socket, sys
s = socket.socket(); s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]; s.close()
d = sys.argv[1]
open(f'{d}/registry.yml', 'w').write(f'''version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {d}/registry}}}}
auth: {{htpasswd: {{realm: scenario, path: {d}/htpasswd}}}}
http: {{addr: "127.0.0.1:{port}", tls: {{certificate: {d}/cert.pem, key: {d}/key.pem}}}}
''')
P
real=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' "$scratch/registry.yml")
# user:right, by bcrypt
printf 'user:%s\n' "$(python3 -W ignore -c "import crypt; print(crypt.crypt('right', '\$2b\$05\$' + 'abcdefghijklmnopqrstuu'))")" >"$scratch/htpasswd"
docker-registry serve "$scratch/registry.yml" >"$scratch/registry.log" 2>&1 &
servers+=($!)
printf '{"auths":{"127.0.0.1:%s":{"auth":"%s"}}}' "$real" "$(printf user:right | base64)" >"$HOME/.docker/config.json"
for _ in $(seq 100); do
        skopeo --insecure-policy --tmpdir "$scratch" copy -q --dest-cert-dir "$scratch/certs" --dest-tls-verify=false --authfile "$HOME/.docker/config.json" \
                "oci:$image" "docker://127.0.0.1:$real/demo/base:1" >"$scratch/log" 2>&1 && break || sleep 0.1
done
expect 0 "$coffer" scan --no-store "${ca[@]}" -o json "127.0.0.1:$real/demo/base:1"
same docker-registry
expect 3 "$coffer" scan --no-store "${ca[@]}" "127.0.0.1:$real/demo/base:2"
says 'demo/base has no 2 \(404\)'
expect 3 "$coffer" scan --no-store "${ca[@]}" --registry-auth "$scratch/wrong.json" "127.0.0.1:$real/demo/base:1"
says 'denied'
nothing_left
