# Detectors of one's own: both examples find what they are for, in each form of image; what they say is merged as everything
# else is, and one that fails, lies or pries makes the image "not assessed".
. "$(dirname "$0")/lib.sh"
need jq
mkdir "$scratch/advisories"
cp "$top"/demo/advisories/*.json "$scratch/advisories"
echo '{"id":"TEST-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"bundled"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}' >"$scratch/advisories/TEST-1.json"
expect 0 "$coffer" db build "$scratch/advisories"

python3 - "$scratch" <<'P'
import io, sys, tarfile
STATUS = "Package: base\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\nMaintainer: x <x@example.org>\nDescription: x\n\n"
def layer(n, files):
    with tarfile.open(f"{sys.argv[1]}/{n}.tar", "w") as f:
        for name, text in files.items():
            t = tarfile.TarInfo(name)
            t.size = len(text)
            f.addfile(t, io.BytesIO(text.encode()))
layer(0, {"etc/os-release": 'ID=debian\nVERSION_ID="12"\n', "var/lib/dpkg/status": STATUS,
          "opt/kept/VERSION": "1.0\n", "opt/replaced/VERSION": "1.0\n", "opt/gone/VERSION": "1.0\n",
          "etc/appliance-release": "blender 7.1\n",
          "app/node_modules/shown/package.json": '{"name":"shown","version":"1.0.0"}'})
layer(1, {"opt/replaced/VERSION": "2.0\n", "opt/.wh.gone": ""})
P
oci_image "$scratch/image" "$scratch/0.tar" "$scratch/1.tar"
mkdir -m 755 "$scratch/none" "$scratch/detectors"
list() { jq -r '.components[] | "\(.type) \(.name) \(.version) layer \(.layer + 1) by \(.detector)"' "$scratch/out" | sort; }

note "without any, nothing of that is known; a folder that is named and not there is an error"
expect 0 "$coffer" scan -o json "$scratch/image"
list | grep -q generic && fail "somebody found what only the examples find"
expect 3 "$coffer" scan --detectors "$scratch/nowhere" "$scratch/image"
says 'detectors: .*nowhere does not exist'

note "the examples: one in shell, one in C"
install -m 755 "$top/docs/examples/detector_versions.sh" "$scratch/detectors/versions"
cc -O2 -o "$scratch/detectors/appliance" "$top/docs/examples/detector_appliance.c" || fail "the example in C can't be compiled"
expect 3 "$coffer" scan -o json --detectors "$scratch/detectors" "$scratch/image"
list >"$scratch/have"
diff - "$scratch/have" <<'X' || fail "see the difference (< expected, > coffer)"
deb base 1.0 layer 1 by dpkg
generic blender 7.1 layer 1 by appliance
generic kept 1.0 layer 1 by opt-version
generic replaced 2.0 layer 2 by opt-version
npm shown 1.0.0 layer 1 by npm
X
jq -e '.notes == ["3 components of no ecosystem that has advisories: not assessed"]' "$scratch/out" >/dev/null || { jq .notes "$scratch/out"; fail "there are other notes"; }

note "the state's own folder is asked without being named; other detectors are another answer than the stored one"
cp -r "$scratch/detectors" "$COFFER_ROOT/detectors"
chmod -R go-w "$COFFER_ROOT/detectors"
expect 0 "$coffer" sbom "$scratch/image"
grep -q '"pkg:generic/kept@1.0' "$scratch/out" || fail "the folder of the state was not asked"
expect 0 "$coffer" sbom --detectors "$scratch/none" "$scratch/image"
grep -q 'pkg:generic' "$scratch/out" && fail "what other detectors said was taken from the store"
rm -r "$COFFER_ROOT/detectors"

note "a folder instead of an image, and a docker-archive"
mkdir "$scratch/folder"
tar -C "$scratch/folder" -xf "$scratch/0.tar"
expect 3 "$coffer" scan -o json --detectors "$scratch/detectors" "dir:$scratch/folder"
list | grep -q '^generic gone 1.0 layer 1 by opt-version$' || fail "the folder's files were not shown"

note "an advisory about what a detector of one's own says; in a file of which npm speaks, too"
cat >"$scratch/detectors/bundle" <<'X'
#!/bin/sh
[ "${1:-}" = --describe ] && { echo '{"name":"bundle","version":"1","wants":["package.json"]}'; exit; }
echo '{"packages":[{"path":"app/node_modules/shown/package.json","layer":0,"type":"npm","ecosystem":"npm","name":"bundled","version":"1.5.0","licence":"MIT"}]}'
X
chmod 755 "$scratch/detectors/bundle"
expect 3 "$coffer" scan -o json --detectors "$scratch/detectors" "$scratch/image"
[ "$(list | grep -c '^npm ')" = 2 ] || { list; fail "one hides what the other says of the same file"; }
jq -e '[.findings[] | select(.id == "TEST-1")] | length == 1' "$scratch/out" >/dev/null || fail "the advisory about it was not found"
jq -e '.components[] | select(.name == "bundled") | .licence == "MIT" and .purl == "pkg:npm/bundled@1.5.0"' "$scratch/out" >/dev/null || fail "its licence or purl is lost"

note "who fails, lies or pries: named, and the image is not fully assessed"
secret=$scratch/secret
echo private >"$secret"
bad() { # NAME BODY SAYS
        rm -rf "$scratch/bad"
        mkdir -m 755 "$scratch/bad"
        printf '#!/bin/sh\n[ "${1:-}" = --describe ] && { echo '\''{"name":"%s","version":"1","wants":["VERSION"]}'\''; exit; }\n%s\n' "$1" "$2" >"$scratch/bad/$1"
        chmod 755 "$scratch/bad/$1"
        expect 3 "$coffer" scan -o json --detectors "$scratch/bad" "$scratch/image"
        jq -e '.complete == false' "$scratch/out" >/dev/null || fail "$1: the image counts as fully assessed"
        jq -r '.notes[]' "$scratch/out" | grep -qE "^detector $1: .*$3" || { jq .notes "$scratch/out"; fail "$1: no note says: $3"; }
        list | grep -q '^deb base 1.0' || fail "$1: what the others found is lost"
}
bad fails 'echo "cannot do it" >&2; exit 1' 'exit.*1.*cannot do it'
bad nonsense 'echo hello' 'printed'
bad liar 'echo '\''{"packages":[{"path":"etc/passwd","layer":0,"type":"generic","name":"a","version":"1"}]}'\' 'which it was not given'
bad reads "cat $secret || exit 7; echo '{\"packages\":[]}'" 'exit.*7'
bad writes "echo x >$scratch/written || exit 8; echo '{\"packages\":[]}'" 'exit.*8'
bad says 'echo '\''{"packages":[],"notes":["a file of another form"]}'\' 'another form'
[ ! -e "$scratch/written" ] || fail "a detector has written a file"

note "whoever may write to a detector would decide what is found"
chmod g+w "$scratch/detectors/versions"
expect 3 "$coffer" scan --detectors "$scratch/detectors" "$scratch/image"
says 'can be written by others than its owner: chmod go-w'
chmod g-w "$scratch/detectors/versions"
chmod o+w "$scratch/detectors"
expect 3 "$coffer" scan --detectors "$scratch/detectors" "$scratch/image"
nothing_left
