# A lock file of half a gigabyte is told as not assessed, in an image and in a folder, and costs neither time nor memory.
. "$(dirname "$0")/lib.sh"
need python3
need_root
demo_database
sizes='package-lock.json yarn.lock pnpm-lock.yaml bun.lock npm-shrinkwrap.json Cargo.lock poetry.lock requirements.txt pom.xml conda-lock.yml'
mkdir -p "$scratch/layer/app"
python3 - "$scratch/layer/app" <<'P'
import os, sys
d = sys.argv[1]
n, row = 500_000_000, {
    "package-lock.json": ('{"lockfileVersion":3,"packages":{\n', '"node_modules/p%d":{"version":"1.0.0","resolved":"https://registry.npmjs.org/p/-/p-1.0.0.tgz"},\n'),
    "yarn.lock": ("# yarn lockfile v1\n\n\n", 'p%d@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/p/-/p-1.0.0.tgz"\n\n'),
}
for name, (head, one) in row.items(): # as the tools would write them
    piece = "".join(one % i for i in range(10000))
    with open(os.path.join(d, name), "w") as f:
        f.write(head)
        for _ in range(n // len(piece) + 1):
            f.write(piece)
P
for f in $sizes; do [ -f "$scratch/layer/app/$f" ] || truncate -s 33554433 "$scratch/layer/app/$f"; done
printf 'a==1\n' >"$scratch/layer/app/requirements-small.txt"
tar -C "$scratch/layer" -cf - app | gzip -1 >"$scratch/layer.tar.gz" || fail "the layer can't be packed"
oci_image "$scratch/image" "$scratch/layer.tar.gz"

# peak WORD...: exit 3, in $scratch/out; the largest of the processes in MiB
peak() {
        python3 - "$scratch/out" "$@" <<'P' || fail "$*"
import resource, subprocess, sys
with open(sys.argv[1], "w") as out:
    code = subprocess.run(sys.argv[2:], stdout=out, stderr=subprocess.STDOUT).returncode
mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
print(f"-- exit {code}, at most {mib} MiB")
sys.exit(0 if code == 3 and mib < 64 else 1)
P
        for f in $sizes; do says "$f: too large, not read: [0-9]+ bytes, at most (16777216|33554432)"; done
        says 'not assessed as a whole'
        says '1 pypi'
}
peak "$coffer" scan --no-store "$scratch/image"
peak "$coffer" scan --no-store "dir:$scratch/layer"
peak "$coffer" scan "$scratch/image" # kept in the store
peak "$coffer" scan "$scratch/image" # and told from there

# Just below the bound it is read, or its own bounds end the reading; either way what is left out is told.
rm -rf "$scratch/layer/app" && mkdir "$scratch/layer/app"
python3 - "$scratch/layer/app/package-lock.json" <<'P'
import sys
with open(sys.argv[1], "w") as f:
    f.write('{"packages":{\n')
    i = 0
    while f.tell() < 32_000_000:
        f.write("".join(f'"node_modules/p{k}":{{"version":"1"}},\n' for k in range(i, i + 1000)))
        i += 1000
    f.write('"node_modules/z":{"version":"1"}}}\n')
P
expect 3 "$coffer" scan --no-store -o json "dir:$scratch/layer"
says 'package-lock.json: more than 200000 packages: [0-9]+ more are not listed'
exit 0
