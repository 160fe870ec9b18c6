# App Container Images made by tar: plain, gzip, bzip2 and xz, with dependencies beside them and lists of paths, give the
# components of the same OCI image, and run. Layers of a docker-archive may be xz and bzip2. What is wrong is refused by name.
. "$(dirname "$0")/lib.sh"
for program in python3 jq xz bzip2; do need $program; done
demo_image
demo_database
printf 'version: 1\n' >"$scratch/policy.yaml"
arch=$(dpkg --print-architecture)
aci=$scratch/aci
mkdir "$aci"

# The demo's layers as plain tars; the upper one without its whiteout, which this format does not have.
python3 - "$image" "$scratch" <<'X' || fail "the demo's layers can't be read"
import gzip, io, json, os, sys, tarfile
image, to = sys.argv[1:]
blob = lambda d: open(os.path.join(image, 'blobs', *d.split(':')), 'rb').read()
index = json.load(open(os.path.join(image, 'index.json')))
manifest = json.loads(blob(index['manifests'][0]['digest']))
for n, layer in enumerate(manifest['layers'][:2]):
    old = tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob(layer['digest']))))
    new = tarfile.open(os.path.join(to, 'layer%d.tar' % n), 'w', format=tarfile.GNU_FORMAT)
    for m in old:
        if '/.wh.' not in '/' + m.name and not m.isdev():
            m.pax_headers = {}
            new.addfile(m, old.extractfile(m) if m.isfile() else None)
    new.close()
X

# aci_make FILE LAYER.tar MANIFEST [last]: what `tar manifest rootfs` makes; with "last", as actool writes it
aci_make() {
        python3 - "$@" <<'X' || fail "$1 can't be made"
import io, sys, tarfile
file, layer, manifest = sys.argv[1:4]
out = tarfile.open(file, 'w', format=tarfile.GNU_FORMAT)
def add_manifest():
    m = tarfile.TarInfo('manifest')
    m.size = len(manifest)
    out.addfile(m, io.BytesIO(manifest.encode()))
if 'last' not in sys.argv:
    add_manifest()
root = tarfile.TarInfo('rootfs')
root.type, root.mode = tarfile.DIRTYPE, 0o755
out.addfile(root)
old = tarfile.open(layer)
for m in old:
    name = m.name.removeprefix('./').strip('/')
    if name in ('', '.'):
        continue
    content = old.extractfile(m) if m.isfile() else None
    m.name = 'rootfs/' + name
    if m.islnk():
        m.linkname = 'rootfs/' + m.linkname.removeprefix('./')
    out.addfile(m, content)
if 'last' in sys.argv:
    add_manifest()
out.close()
X
}
aci_head() { echo "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"$1\",\"labels\":[{\"name\":\"version\",\"value\":\"$2\"},{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"$arch\"}]"; }
app='"app":{"exec":["/bin/cat","/etc/motd"],"user":"0","group":"0","workingDirectory":"/etc","environment":[{"name":"GREETING","value":"from the manifest"}]}'
aci_make "$aci/base.tar" "$scratch/layer0.tar" "$(aci_head example.com/base 12)}" last
mv "$aci/base.tar" "$aci/base.aci"
aci_make "$scratch/top.tar" "$scratch/layer1.tar" "$(aci_head example.com/top 1),$app,\"dependencies\":[{\"imageName\":\"example.com/base\",\"labels\":[{\"name\":\"version\",\"value\":\"12\"}]}]}"
cp "$scratch/top.tar" "$aci/top.aci"

components() { jq -S '[.components[] | {purl, version, path, layer}]' "$1"; }

note "the same components as the OCI image's"
oci_image "$scratch/oci" "$scratch/layer0.tar" "$scratch/layer1.tar"
expect 0 "$coffer" scan -o json "$scratch/oci"
components "$scratch/out" >"$scratch/want"
[ "$(jq length "$scratch/want")" -gt 50 ] || fail "the OCI image has too few components"
expect 0 "$coffer" scan -o json "aci:$aci/top.aci"
components "$scratch/out" >"$scratch/is"
diff "$scratch/want" "$scratch/is" >"$scratch/diff" || { head -n 20 "$scratch/diff"; fail "the ACI has other components"; }
jq -e '.image.kind == "App Container Image" and (.image.layers | map(.created_by)) == ["example.com/base:12", "example.com/top:1"]' "$scratch/out" >/dev/null ||
        { jq .image "$scratch/out"; fail "the layers are not named after their images"; }

note "compressed ones are the same image: sha512 of the plain tar"
id=sha512:$(sha512sum "$aci/base.aci" | cut -d' ' -f1)
mkdir "$scratch/few"
tar -C "$scratch/few" -xf "$scratch/layer0.tar" ./etc ./usr/lib/os-release ./var/lib/dpkg
tar -C "$scratch/few" -cf "$scratch/few.tar" .
aci_make "$scratch/few.aci" "$scratch/few.tar" "$(aci_head example.com/few 12)}"
few=sha512:$(sha512sum "$scratch/few.aci" | cut -d' ' -f1)
for z in "cat" "gzip -c" "bzip2 -1c" "xz -0c"; do
        dir=$scratch/${z% *}
        mkdir "$dir"
        $z <"$scratch/few.aci" >"$dir/base.aci"
        for reference in "aci:$dir/base.aci" "$dir/base.aci"; do
                expect 0 "$coffer" scan --no-store -o json "$reference"
                jq -e --arg id "$few" '.image.digest == $id and (.components | length) > 50' "$scratch/out" >/dev/null || fail "$z: $(jq -r .image.digest "$scratch/out") is not $few"
        done
done

note "a dependency by its image id; another file of that name does not do"
mkdir "$scratch/pinned"
aci_make "$scratch/pinned/top.aci" "$scratch/layer1.tar" "$(aci_head example.com/top 2),\"dependencies\":[{\"imageName\":\"example.com/base\",\"imageID\":\"sha512-${id#sha512:}\"}]}"
expect 3 "$coffer" scan "aci:$scratch/pinned/top.aci"
says 'dependency example.com/base: no \*.aci file in its folder is that image'
gzip -1c <"$aci/base.aci" >"$scratch/pinned/any.aci"
expect 0 "$coffer" scan -o json "aci:$scratch/pinned/top.aci"
[ "$(jq -r .image.digest "$scratch/out")" = "sha512:$(sha512sum "$scratch/pinned/top.aci" | cut -d' ' -f1)" ] || fail "the identity is not the image id"

note "a list of paths hides the rest"
mkdir "$scratch/listed"
cp "$aci/base.aci" "$scratch/listed/"
aci_make "$scratch/listed/top.aci" "$scratch/layer1.tar" "$(aci_head example.com/top 3),\"dependencies\":[{\"imageName\":\"example.com/base\"}],\"pathWhitelist\":[\"/etc/motd\",\"/etc/os-release\",\"/usr/lib/os-release\",\"/var/lib/dpkg/status\"]}"
expect 0 "$coffer" scan -o json "aci:$scratch/listed/top.aci"
jq -e '([.components[].path] | unique) == ["var/lib/dpkg/status"] and .os.id == "debian"' "$scratch/out" >/dev/null || { jq '.os, ([.components[].path] | unique), .notes' "$scratch/out"; fail "what is not listed was seen"; }

note "it runs as its manifest says"
expect 0 timeout 60 "$coffer" run --rm --policy "$scratch/policy.yaml" "aci:$aci/top.aci"
says 'This container was assessed before it started'
expect 0 timeout 60 "$coffer" run --rm --policy "$scratch/policy.yaml" "aci:$aci/top.aci" /bin/sh -c 'pwd; echo "$GREETING"; ls /'
says '^/etc$'
says 'from the manifest'
says_not rootfs
nothing_left

note "what nobody can give is said"
aci_make "$aci/isolated.aci" "$scratch/layer1.tar" "$(aci_head example.com/isolated 1),\"dependencies\":[{\"imageName\":\"example.com/base\"}],\"app\":{\"exec\":[\"/bin/true\"],\"user\":\"0\",\"group\":\"0\",\"isolators\":[{\"name\":\"resource/memory\",\"value\":{\"limit\":\"1G\"}}]}}"
aci_make "$aci/mounted.aci" "$scratch/layer1.tar" "$(aci_head example.com/mounted 1),\"dependencies\":[{\"imageName\":\"example.com/base\"}],\"app\":{\"exec\":[\"/bin/true\"],\"user\":\"0\",\"group\":\"0\",\"mountPoints\":[{\"name\":\"work\",\"path\":\"/work\"}]}}"
for name in isolated mounted; do
        expect 0 "$coffer" scan "aci:$aci/$name.aci"
        expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" "aci:$aci/$name.aci"
        says 'the isolator resource/memory|the mount point work'
done
nothing_left

note "layers of a docker-archive, xz and bzip2"
mkdir "$scratch/docker"
xz -0c -T2 <"$scratch/layer0.tar" >"$scratch/docker/a"
bzip2 -c <"$scratch/layer1.tar" >"$scratch/docker/b"
cp "$scratch/config" "$scratch/docker/config.json"
echo '[{"Config":"config.json","RepoTags":["x:1"],"Layers":["a","b"]}]' >"$scratch/docker/manifest.json"
tar -C "$scratch/docker" -cf "$scratch/docker.tar" manifest.json config.json a b
first=$COFFER_ROOT
export COFFER_ROOT=$scratch/other # where the layers are not known yet by their diff ids
demo_database
expect 0 "$coffer" scan -o json "$scratch/docker.tar"
export COFFER_ROOT=$first
components "$scratch/out" >"$scratch/is"
diff -q "$scratch/want" "$scratch/is" >/dev/null || fail "the docker-archive has other components"

note "refused by name"
bad=$scratch/bad
mkdir "$bad"
M=$(aci_head example.com/bad 1)
bad_tar() { # FILE LINES: an entry each, as python's tarfile has them: PATH TYPE LINK-OR-CONTENT
        python3 - "$bad/$1" "$2" <<'X'
import io, sys, tarfile
out = tarfile.open(sys.argv[1], 'w', format=tarfile.GNU_FORMAT)
for line in sys.argv[2].splitlines():
    path, kind, rest = (line.split(' ', 2) + [''])[:3]
    t = tarfile.TarInfo(path)
    if kind == 'f':
        content = rest.encode() if not rest.startswith('*') else b' ' * int(rest[1:])
        t.size = len(content)
        out.addfile(t, io.BytesIO(content))
    else:
        t.type, t.linkname = {'d': tarfile.DIRTYPE, 'h': tarfile.LNKTYPE, 'l': tarfile.SYMTYPE}[kind], rest
        out.addfile(t)
out.close()
X
}
bad_tar two-manifests.aci "manifest f $M}
rootfs d
manifest f $M}"
bad_tar dots.aci "manifest f $M}
rootfs/../../escaped f x"
bad_tar outside.aci "manifest f $M}
rootfs d
etc/passwd f x"
bad_tar link-outside.aci "manifest f $M}
rootfs/shadow h manifest"
bad_tar whiteout.aci "manifest f $M}
rootfs/etc/.wh.passwd f x"
bad_tar huge-manifest.aci "manifest f *9000000
rootfs d"
bad_tar pod.aci 'manifest f {"acKind":"PodManifest","acVersion":"0.8.11"}
rootfs d'
bad_tar kind.aci 'manifest f {"acKind":"Image","acVersion":"0.8.11"}
rootfs d'
bad_tar labels-twice.aci 'manifest f {"acKind":"ImageManifest","acVersion":"0.8.11","name":"a","labels":[{"name":"os","value":"linux"},{"name":"os","value":"plan9"}]}
rootfs d'
bad_tar no-manifest.aci 'rootfs d'
bad_tar cycle.aci "manifest f $(aci_head example.com/cycle 1),\"dependencies\":[{\"imageName\":\"example.com/round\"}]}
rootfs d"
bad_tar round.aci "manifest f $(aci_head example.com/round 1),\"dependencies\":[{\"imageName\":\"example.com/cycle\"}]}
rootfs d"
bad_tar needs.aci "manifest f $(aci_head example.com/needs 1),\"dependencies\":[{\"imageName\":\"example.com/missing\"}]}
rootfs d"
bad_tar good "manifest f $M}
rootfs d
rootfs/a f x"
printf '\214\015\004\011\003\002 what gpg -c makes' >"$bad/encrypted.aci"
xz -c <"$bad/good" | head -c 100 >"$bad/cut.aci"
{ bzip2 -c <"$bad/good"; echo "and more"; } >"$bad/tail.aci"
xz --lzma2=dict=512MiB -c <"$bad/good" >"$bad/dictionary.aci"
# A bomb for each: a manifest's header that says 8 GiB, and then streams of 64 MiB of zeros.
python3 -c "
import sys, tarfile
t = tarfile.TarInfo('rootfs/zeros')
t.size = 8 << 30
sys.stdout.buffer.write(t.tobuf(tarfile.GNU_FORMAT))" >"$scratch/header"
for z in xz bzip2; do
        head -c 67108864 /dev/zero | $z -c >"$scratch/zeros"
        { $z -c <"$scratch/header"; for _ in $(seq 128); do cat "$scratch/zeros"; done; } >"$bad/bomb-$z.aci"
done
while IFS=$'\t' read -r name message; do
        note "refused: $name"
        expect 3 timeout 120 "$coffer" scan "aci:$bad/$name"
        says "$message"
        says "$name"
        says_not 'clean|died'
done <<'X'
two-manifests.aci	entry 2 \(manifest\): there are two manifests
dots.aci	entry 1 .*would lead out of the image
outside.aci	entry 2 \(etc/passwd\): .*nothing else
link-outside.aci	a hard link to what is not in rootfs
whiteout.aci	named as a whiteout
huge-manifest.aci	the manifest is 9000000 bytes, at most
pod.aci	"PodManifest" is no ImageManifest
kind.aci	"Image" is no ImageManifest
labels-twice.aci	the label os stands there twice
no-manifest.aci	there is no manifest in it
cycle.aci	go round: example.com/cycle needs example.com/round needs example.com/cycle
needs.aci	dependency example.com/missing: no \*.aci file
encrypted.aci	encrypted by PGP: decrypt it first
cut.aci	xz: it ends early
tail.aci	bzip2: bytes after its end
dictionary.aci	more than 128 MiB of memory
bomb-xz.aci	decompression bomb
bomb-bzip2.aci	decompression bomb
X
nothing_left
exit 0
