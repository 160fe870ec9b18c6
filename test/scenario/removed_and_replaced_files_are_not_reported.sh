# Whiteouts, opaque folders, replaced files, hard links: the list is that of the merged image, each with its layer.
. "$(dirname "$0")/lib.sh"
# One npm record, so that npm is an ecosystem that can be looked up: without it the image is "not assessed", rightly.
mkdir "$scratch/advisories"
cp "$top"/demo/advisories/*.json "$scratch/advisories"
echo '{"id":"TEST-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"replaced"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}' >"$scratch/advisories/TEST-1.json"
expect 0 "$coffer" db build "$scratch/advisories"
cat >"$scratch/make.py" <<'P'
import io, json, sys, tarfile
out = sys.argv[1]
STATUS = "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\nMaintainer: x <x@example.org>\nDescription: x\n\n"
def pkg(name, version):
    return json.dumps({"name": name, "version": version, "license": "MIT"}).encode()
def layer(n, *files):
    with tarfile.open(f"{out}/{n}.tar", "w") as f:
        for name, data in files:
            t = tarfile.TarInfo(name)
            if isinstance(data, bytes):
                t.size = len(data)
                f.addfile(t, io.BytesIO(data))
            else:
                t.type, t.linkname = data
                f.addfile(t)
layer(0, ("etc/os-release", b'ID=debian\nVERSION_ID="12"\n'),
      ("var/lib/dpkg/status", (STATUS.format("stays", "1.0") + STATUS.format("goes", "1.0") + STATUS.format("grows", "1.0")).encode()),
      ("app/node_modules/kept/package.json", pkg("kept", "1.0.0")),
      ("app/node_modules/removed/package.json", pkg("removed", "1.0.0")),
      ("app/node_modules/replaced/package.json", pkg("replaced", "1.0.0")),
      ("opaque/node_modules/hidden/package.json", pkg("hidden", "1.0.0")),
      ("gone/node_modules/gone/package.json", pkg("gone", "1.0.0")),
      ("file/node_modules/covered/package.json", pkg("covered", "1.0.0")))
layer(1, ("app/node_modules/.wh.removed", b""), ("app/node_modules/replaced/package.json", pkg("replaced", "2.0.0")),
      ("opaque/.wh..wh..opq", b""), ("opaque/node_modules/shown/package.json", pkg("shown", "1.0.0")),
      (".wh.gone", b""), ("file", b"a file where a folder was"),
      ("odd/place", pkg("linked", "3.0.0")), ("app/node_modules/linked/package.json", (tarfile.LNKTYPE, "odd/place")))
layer(2, ("var/lib/dpkg/status", (STATUS.format("stays", "1.0") + STATUS.format("grows", "2.0")).encode()))
P
python3 "$scratch/make.py" "$scratch"
oci_image "$scratch/image" "$scratch/0.tar" "$scratch/1.tar" "$scratch/2.tar"
expect 0 "$coffer" scan -o json "$scratch/image"
jq -r '.components[] | "\(.type) \(.name) \(.version) layer \(.layer + 1)"' "$scratch/out" | sort >"$scratch/have"
diff - "$scratch/have" <<'X' || fail "see the difference (< expected, > coffer)"
deb grows 2.0 layer 3
deb stays 1.0 layer 1
npm kept 1.0.0 layer 1
npm linked 3.0.0 layer 2
npm replaced 2.0.0 layer 2
npm shown 1.0.0 layer 2
X
[ "$(jq '.findings | length' "$scratch/out")" = 0 ] || fail "the finding of the replaced version is still there"
