# A policy file says what it asks for, and everything that is wrong with it; what its messages call "built-in" can be read.
. "$(dirname "$0")/lib.sh"

note "the built-in policy: its text is a policy, and the lines that refusals name are in it"
expect 0 "$coffer" policy show
cp "$scratch/out" "$scratch/own.yaml"
expect 0 "$coffer" policy check "$scratch/own.yaml"
sed "s|^$scratch/own.yaml|built-in policy|" "$scratch/out" >"$scratch/want"
expect 0 "$coffer" policy check default
cmp -s "$scratch/out" "$scratch/want" || fail "what is shown is not what decides"
demo_image
expect 3 "$coffer" check "$image" # no database
line=$(grep -oE 'built-in policy:[0-9]+' "$scratch/out" | head -n 1 | cut -d: -f2)
[ -n "$line" ] || { cat "$scratch/out"; fail "no line of the built-in policy is named"; }
sed -n "${line}p" "$scratch/own.yaml" | grep -q 'scan: true' || fail "line $line is not what was meant"

note "every error, with line and column"
cat >"$scratch/bad.yaml" <<'EOF'
version: 1
finding: {}
packages:
  deny: [telnetd, "pkg:deb"]
run:
  network: some
  volumes: [srv/]
  max_memory: 2GB
EOF
expect 3 "$coffer" policy check "$scratch/bad.yaml"
for place in 2:1 4:10 4:19 6:12 7:13 8:15; do says "^$scratch/bad.yaml:$place: "; done
says '^6 errors: no policy$'
expect 3 "$coffer" policy show "$scratch/bad.yaml"
expect 3 "$coffer" policy check "$scratch/missing.yaml"
says 'not_found: .*missing.yaml does not exist'
expect 2 "$coffer" policy check
expect 2 "$coffer" policy
says 'policy show, policy check'

note "patterns that can match nothing are remarked on wherever the policy is used"
cat >"$scratch/blind.yaml" <<'EOF'
version: 1
require: {scan: false}
packages:
  deny: ["pkg:deb/zlib1g", "pkg:debian/zlib1g"]
EOF
expect 0 "$coffer" policy check "$scratch/blind.yaml"
says ':4: packages.deny: pkg:deb/zlib1g: .*say pkg:deb/\*/zlib1g$'
says ':4: packages.deny: pkg:debian/zlib1g: no type of purls'
expect 1 "$coffer" policy check --strict "$scratch/blind.yaml"
expect 0 "$coffer" policy check --strict "$scratch/own.yaml"
expect 0 "$coffer" check --policy "$scratch/blind.yaml" "$image"
says 'say pkg:deb/\*/zlib1g$'
expect 0 "$coffer" check --quiet --policy "$scratch/blind.yaml" "$image"
says_not 'say pkg:deb'

note "what the remark says works, in capitals, too"
printf 'version: 1\nrequire: {scan: false}\npackages: {deny: ["pkg:deb/*/ZLIB1G"]}\n' >"$scratch/sees.yaml"
expect 1 "$coffer" check --policy "$scratch/sees.yaml" "$image"
says 'pkg:deb/debian/zlib1g@.* is denied by pkg:deb/\*/ZLIB1G'
