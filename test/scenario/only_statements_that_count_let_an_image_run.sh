# --vex of run, check and scan: nobody has signed these documents, so that they change a verdict only where the policy's section
# "vex" counts them, by digest or all that are given; one that does not count hides nothing of one that does; the ledger tells both.
. "$(dirname "$0")/lib.sh"
need jq
need_root
demo_image
demo_database
expect 0 "$coffer" scan -o json "$image"
jq -r '.findings[] | select(.severity == "critical") | .id' "$scratch/out" | sort -u >"$scratch/ids"
[ -s "$scratch/ids" ] || fail "the demo image has no critical finding any more"
digest=$(jq -r .image.digest "$scratch/out")

statements() { # FILE STATUS TIME AUTHOR
        jq -Rn --arg status "$2" --arg time "$3" --arg author "$4" --arg digest "$digest" '{"@context": "https://openvex.dev/ns/v0.2.0",
                "@id": "https://x/1", author: $author, timestamp: $time, version: 1, statements: [inputs |
                {vulnerability: {name: .}, products: [{"@id": $digest}], status: $status, impact_statement: "not called", action_statement: "wait"}]}' \
                "$scratch/ids" >"$1"
}
policy() { # VEX...: its section
        { printf 'version: 1\nfindings: {deny: [{severity: critical}]}\n'; printf '%s\n' "$@"; } >"$scratch/policy.yaml"
}
allowed() { # run, check and scan say the same
        expect 0 "$coffer" check --policy "$scratch/policy.yaml" "$@" "$image"
        expect 0 "$coffer" scan --policy "$scratch/policy.yaml" "$@" "$image"
        says 'ALLOW'
        expect 0 "$coffer" run --rm --policy "$scratch/policy.yaml" "$@" "$image" /bin/true
}
refused() {
        expect 1 "$coffer" check --policy "$scratch/policy.yaml" "$@" "$image"
        expect 1 "$coffer" scan --policy "$scratch/policy.yaml" "$@" "$image"
        says 'DENY'
        expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" "$@" "$image" /bin/true
}
statements "$scratch/good.json" not_affected 2024-05-06T00:00:00Z Shop
good=sha256:$(sha256sum "$scratch/good.json" | cut -d' ' -f1)

note "by default none counts, and that is said with what to do"
policy
refused
refused --vex "$scratch/good.json"
says "the policy does not count it; to let it, add its digest to the policy's vex.documents: $good"
says 'A statement \(VEX\)'
expect 0 "$coffer" check --vex "$scratch/good.json" "$image"
says 'the policy does not count it'

note "by its digest, and then no other"
policy "vex: {documents: ['$good']}"
refused
allowed --vex "$scratch/good.json"
says_not 'does not count it'
statements "$scratch/other.json" not_affected 2024-05-06T00:00:01Z Shop
refused --vex "$scratch/other.json"
expect 0 "$coffer" ledger export
grep -q "vex.*: *\[.*$good.*\],.*vex_not_counted.*\[\]" "$scratch/out" || fail "the ledger does not tell which document counted"
grep -qE 'vex[^_a-z]*: *\[\],.*vex_not_counted.*sha256' "$scratch/out" || fail "the ledger does not tell which document did not count"

note "one that does not count hides nothing of one that does, either way"
statements "$scratch/later.json" affected 2024-06-01T00:00:00Z Somebody
allowed --vex "$scratch/good.json" --vex "$scratch/later.json"
statements "$scratch/bad.json" affected 2024-05-06T00:00:00Z Shop
bad=sha256:$(sha256sum "$scratch/bad.json" | cut -d' ' -f1)
statements "$scratch/later.json" not_affected 2024-06-01T00:00:00Z Somebody
policy "vex: {documents: ['$bad']}"
refused --vex "$scratch/bad.json" --vex "$scratch/later.json"

note "all that are given, or of these certain authors'"
policy 'vex: {documents: any}'
allowed --vex "$scratch/later.json"
policy 'vex: {documents: any, authors: ["Sh*"]}'
refused --vex "$scratch/later.json"
allowed --vex "$scratch/good.json"

note "a broken document refuses, whatever counts"
head -c 100 "$scratch/good.json" >"$scratch/cut.json"
expect 125 "$coffer" run --rm --policy "$scratch/policy.yaml" --vex "$scratch/cut.json" "$image" /bin/true
says 'malformed'
expect 3 "$coffer" check --policy "$scratch/policy.yaml" --vex "$scratch/nothing.json" "$image"
says 'nothing.json'
nothing_left
