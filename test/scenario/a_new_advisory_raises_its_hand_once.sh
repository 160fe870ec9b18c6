# Images that were clean yesterday: a feed gains an advisory, and exactly the images that it concerns are told of, once, whatever
# crashes in between.
. "$(dirname "$0")/lib.sh"
need jq

# image NAME VERSION: an OCI image with one npm package "shared" of that version, on a layer that all have.
base() { mkdir -p "$scratch/base/etc" && echo 'ID=none' >"$scratch/base/etc/hostname" && tar -C "$scratch/base" -cf "$scratch/base.tar" .; }
image() {
        local dir=$scratch/tree-$1
        mkdir -p "$dir/app/node_modules/shared" "$dir/app/node_modules/only-$1"
        echo "{\"name\":\"shared\",\"version\":\"$2\"}" >"$dir/app/node_modules/shared/package.json"
        echo "{\"name\":\"only-$1\",\"version\":\"1.0.0\"}" >"$dir/app/node_modules/only-$1/package.json"
        tar -C "$dir" -cf "$scratch/$1.tar" .
        oci_image "$scratch/$1" "$scratch/base.tar" "$scratch/$1.tar"
}
# record ID PACKAGE FIXED SEVERITY
record() {
        echo "{\"id\":\"$1\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"CVE-$1\"],\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"$2\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"$3\"}]}]}],\"database_specific\":{\"severity\":\"$4\"}}"
}
digest() { jq -r '.manifests[0].digest' "$scratch/$1/index.json"; }
notices() { expect "${2:-0}" "$coffer" reassess --json --notify "file:$scratch/$1"; }

base
for n in 1 2 3 4 5 6; do image "i$n" "$n.0.0"; done
record 1 other 1.0.0 LOW >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"

note "six images, all clean"
for n in 1 2 3 4 5 6; do
        expect 0 "$coffer" scan "$scratch/i$n"
        says 'no known vulnerabilities'
done
notices told
says '"images": 0'

note "the feed gains an advisory for versions below 3: two images are told of, each once"
record 2 shared 3.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 1 "$coffer" reassess --notify "file:$scratch/told" --fail-on high
says 'new +CVE-2 +high +shared 1.0.0  -> 3.0.0'
says '1 package changed, 2 components matched again, 2 images: 2 new'
says_not 'i[3456] '
[ "$(jq -r '.image' "$scratch/told" | sort)" = "$( (digest i1; digest i2) | sort)" ] || fail "other images were told of: $(cat "$scratch/told")"
[ "$(jq -r '.changes[].explanation' "$scratch/told" | head -n 1)" = 'shared 1.0.0 in npm: 2 affects all versions before 3.0.0' ] || fail "no reason"
notices told
says '"images": 0'
[ "$(wc -l <"$scratch/told")" = 2 ] || fail "told twice"
expect 0 "$coffer" ledger list
[ "$(grep -c image.reassessed "$scratch/out")" = 2 ] || fail "the ledger has other records"
expect 0 "$coffer" ledger verify

note "what concerns whom is answered without reading an image"
expect 1 "$coffer" affected CVE-2
says 'i1 .*shared 1.0.0  -> 3.0.0'
[ "$(wc -l <"$scratch/out")" = 2 ] || fail "not the two images"
expect 1 "$coffer" affected npm shared 5.0.0
says '/i5 '
expect 0 "$coffer" affected CVE-1
expect 1 "$coffer" affected pkg:npm/shared@5.0.0
says '/i5 '
[ "$(wc -l <"$scratch/out")" = 1 ] || fail "not the one image"
expect 1 "$coffer" affected PKG:npm/shared
[ "$(wc -l <"$scratch/out")" = 6 ] || fail "not all images"
expect 0 "$coffer" affected pkg:npm/%40scope/shared
says 'no known image has the package'
expect 3 "$coffer" affected pkg:npm
says 'package URL'
expect 3 "$coffer" affected pkg:deb/debian/openssl@3.0.11-1
says 'pkg:deb is a system.s package'
expect 3 "$coffer" affected pkg:generic/shared
says 'no ecosystem'
expect 3 "$coffer" affected CVE-1999-99999
says 'no record in the advisory database is known as CVE-1999-99999'
expect 1 "$coffer" affected --json 2
[ "$(jq -r '.[].finding.id' "$scratch/out" | sort -u)" = CVE-2 ] || fail "the record's own id finds nothing"

note "it gets worse, is mended, and goes: each is told as what it is"
(record 1 other 1.0.0 LOW; record 2 shared 3.0.0 CRITICAL) >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
notices told
[ "$(jq -r '[.notices[].changes[].kind] | unique | join(" ")' "$scratch/out")" = worsened ] || fail "not worsened: $(cat "$scratch/out")"
(record 1 other 1.0.0 LOW; record 2 shared 2.0.0 CRITICAL) >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
notices told
[ "$(jq -r '[.notices[] | .name, .changes[].kind] | join(" ")' "$scratch/out")" = "$scratch/i2 removed" ] || fail "not removed from i2 alone: $(cat "$scratch/out")"

note "an image that was scanned with the new advisories is not told of again"
(record 1 other 1.0.0 LOW; record 2 shared 9.0.0 CRITICAL) >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 0 "$coffer" scan "$scratch/i3"
says 'CVE-2'
expect 1 "$coffer" explain "$scratch/i4" CVE-2 # one finding, not what else there may be
"$coffer" check "$scratch/i5" >"$scratch/out" 2>&1 # a verdict, and no list
notices told
[ "$(jq '.images, .told_before' "$scratch/out" | xargs)" = '4 1' ] || fail "$(jq '.images, .told_before' "$scratch/out")"

note "killed at any moment: nothing is lost, nothing is told twice"
before=$(wc -l <"$scratch/told")
expect 0 "$coffer" ledger list
records=$(grep -c image.reassessed "$scratch/out")
(record 1 other 1.0.0 LOW; record 2 shared 9.0.0 CRITICAL; for n in 1 2 3 4 5 6; do record "5$n" "only-i$n" 2.0.0 MEDIUM; done; record 60 shared 10.0.0 LOW) >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
step_us=200
[ -z "${COFFER_TEST_POSTGRES:-}" ] || step_us=1500 # connecting takes some
for i in $(seq 1 40); do
        timeout -s KILL "$(printf '0.%06d' $((i * step_us)))" "$coffer" reassess --notify "file:$scratch/told" >/dev/null 2>&1
        [ $((i % 7)) = 0 ] && printf '{"notice":9999,"half' >>"$scratch/told" # a line that a crash has cut
done
expect 0 "$coffer" reassess --notify "file:$scratch/told"
jq -es 'length' "$scratch/told" >/dev/null || fail "a half line is left"
[ "$(wc -l <"$scratch/told")" = $((before + 6)) ] || fail "$(($(wc -l <"$scratch/told") - before)) notices for 6 images"
[ "$(tail -n 6 "$scratch/told" | jq -r .image | sort -u | wc -l)" = 6 ] || fail "an image was told of twice"
[ "$(jq -r .notice "$scratch/told" | sort | uniq -d | wc -l)" = 0 ] || fail "a notice was told twice"
expect 0 "$coffer" ledger list
[ "$(grep -c image.reassessed "$scratch/out")" = $((records + 6)) ] || fail "the ledger has other records"
expect 0 "$coffer" ledger verify

note "who can't be told now is told later; what is no sink is refused"
mkdir "$scratch/folder"
expect 2 "$coffer" reassess --notify "$scratch/folder"
says 'say file:'
record 61 shared 10.0.0 LOW >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 3 "$coffer" reassess --notify "file:$scratch/folder"
says 'the notices wait'
rmdir "$scratch/folder"
expect 0 "$coffer" reassess --notify "file:$scratch/folder"
[ "$(wc -l <"$scratch/folder")" = 6 ] || fail "what waited was not told"

note "a webhook gets each notice with its number and a signature that the receiver can check"
if command -v python3 >/dev/null; then
        mkfifo "$scratch/stay"
        python3 "$top/test/tools/feed_server.py" "$scratch" "$scratch/hooked" <"$scratch/stay" >"$scratch/port" &
        exec 7>"$scratch/stay"
        for _ in $(seq 100); do [ -s "$scratch/port" ] && break; sleep 0.1; done
        url=http://127.0.0.1:$(cat "$scratch/port")
        record 70 shared 10.0.0 LOW >>"$scratch/feed.jsonl"
        expect 0 "$coffer" db build "$scratch/feed.jsonl"
        head -c 24 /dev/urandom | base64 >"$scratch/key"
        chmod 644 "$scratch/key"
        expect 3 "$coffer" reassess --plain-http --notify "webhook:$url/hook/busy" --webhook-key "$scratch/key"
        says 'chmod 600'
        chmod 600 "$scratch/key"
        expect 0 "$coffer" reassess --plain-http --notify "webhook:$url/hook/busy" --webhook-key "$scratch/key"
        [ "$(wc -l <"$scratch/hooked")" = 6 ] || fail "$(wc -l <"$scratch/hooked") messages for 6 images"
        python3 - "$scratch/hooked" "$scratch/key" <<'P' || fail "a signature is wrong"
import hashlib, hmac, json, sys
key = open(sys.argv[2], 'rb').read().strip()
for line in open(sys.argv[1]):
    m = json.loads(line)
    h = {k.lower(): v for k, v in m['headers'].items()}
    assert h['x-coffer-signature'] == 'sha256=' + hmac.new(key, m['body'].encode(), hashlib.sha256).hexdigest()
    assert h['x-coffer-notice'] == str(json.loads(m['body'])['notice']) and h['content-type'] == 'application/json'
P
        expect 0 "$coffer" reassess --plain-http --notify "webhook:$url/hook/busy" --webhook-key "$scratch/key"
        [ "$(wc -l <"$scratch/hooked")" = 6 ] || fail "told twice"
        record 71 shared 10.0.0 LOW >>"$scratch/feed.jsonl"
        expect 0 "$coffer" db build "$scratch/feed.jsonl"
        expect 3 "$coffer" reassess --plain-http --notify "webhook:$url/hook/no" --webhook-key "$scratch/key"
        says 'is refused .403.'
        exec 7>&-
fi

note "an advisory that is given its CVE is nothing new, nor is one that loses it; what changes with it is told"
ghsa() { # ALIASES SEVERITY: the record GHSA-1
        record GHSA-1 shared 3.0.0 "$2" | jq -c --argjson aliases "$1" '.aliases = $aliases' | cat "$scratch/feed.jsonl" - >"$scratch/ghsa.jsonl"
        expect 0 "$coffer" db build "$scratch/ghsa.jsonl"
        notices given
}
ghsa '[]' LOW
[ "$(jq -r '[.notices[].changes[] | .kind + " " + .id] | join(",")' "$scratch/out")" = 'added GHSA-1,added GHSA-1' ] || fail "$(cat "$scratch/out")"
ghsa '["CVE-2026-80"]' LOW
says '"images": 0'
ghsa '[]' LOW
says '"images": 0'
ghsa '["CVE-2026-80"]' HIGH
[ "$(jq -r '[.notices[].changes[] | .kind + " " + .id] | join(",")' "$scratch/out")" = 'worsened CVE-2026-80,worsened CVE-2026-80' ] || fail "$(cat "$scratch/out")"
ghsa '["CVE-2026-80","CVE-2026-81"]' HIGH # two flaws of one advisory: the second is new
[ "$(jq -r '[.notices[].changes[] | .kind + " " + .id] | join(",")' "$scratch/out")" = 'added CVE-2026-81,added CVE-2026-81' ] || fail "$(cat "$scratch/out")"
expect 0 "$coffer" db build "$scratch/feed.jsonl"

note "a step back to an older database and forth again: each way is told to all whom it concerns"
present() { echo "$COFFER_ROOT/advisory/$(readlink "$COFFER_ROOT/advisory/current")"; }
expect 0 "$coffer" reassess
cp "$(present)" "$scratch/older.cdb"
expect 0 "$coffer" scan "$scratch/i4" # matched with the older one by itself
record 72 shared 5.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
cp "$(present)" "$scratch/newer.cdb"
for way in 'newer added' 'older removed' 'newer added' 'older removed'; do
        [ "$way" = 'newer added' ] || expect 0 "$coffer" db import --unsigned --allow-older "$scratch/older.cdb"
        [ "$way" = 'older removed' ] || expect 0 "$coffer" db import --unsigned --allow-older "$scratch/newer.cdb"
        notices back
        [ "$(jq -r '[.notices[].changes[] | .kind + " " + .id] | join(",")' "$scratch/out")" = "$(printf "${way#* } CVE-72,%.0s" 1 2 3 4 | sed 's/,$//')" ] || fail "$way: $(cat "$scratch/out")"
done
[ "$(wc -l <"$scratch/back")" = 16 ] || fail "$(wc -l <"$scratch/back") notices for four images, four times"

note "an image that was scanned with a database in between is told what came after its own scan, and nothing that it has told"
told_now() { # WANT: "image kind id" of every change of this reassess, sorted
        notices between
        jq -r '.notices[] | (.name | split("/") | last) as $i | .changes[] | "\($i) \(.kind) \(.id)"' "$scratch/out" | sort | paste -sd ',' >"$scratch/told.now"
        [ "$(cat "$scratch/told.now")" = "$1" ] || fail "told: $(cat "$scratch/told.now")"
}
cp "$scratch/feed.jsonl" "$scratch/feed.a"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 0 "$coffer" reassess # all images: A
record 73 shared 6.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl" # B
"$coffer" scan "$scratch/i3" >"$scratch/out" 2>&1
says 'CVE-73'
"$coffer" scan "$scratch/i4" >"$scratch/out" 2>&1
record 74 shared 4.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl" # C
told_now 'i1 added CVE-73,i1 added CVE-74,i2 added CVE-73,i2 added CVE-74,i3 added CVE-74,i5 added CVE-73'
[ "$(jq -r '[.notices[].from] | unique | length' "$scratch/out")" = 2 ] || fail "no notice names what it was compared with"
told_now ''
cp "$scratch/feed.jsonl" "$scratch/feed.c"
record 75 shared 9.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl" # D, which only one image ever sees
"$coffer" scan "$scratch/i6" >"$scratch/out" 2>&1
says 'CVE-75'
cp "$scratch/feed.c" "$scratch/feed.jsonl"
record 76 other 2.0.0 LOW >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl" # E takes it back
told_now 'i6 removed CVE-75'
told_now ''

note "the same where all images are back at the database of the last time"
cp "$scratch/feed.jsonl" "$scratch/feed.e"
record 77 shared 9.0.0 HIGH >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
"$coffer" scan "$scratch/i6" >"$scratch/out" 2>&1
says 'CVE-77'
cp "$scratch/feed.e" "$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl" # E again
told_now 'i6 removed CVE-77'
told_now ''

note "which databases are kept: the present one, that of all images, and of those that single images were scanned with the last four"
kept() { find "$COFFER_ROOT/advisory" -maxdepth 1 -type f -regextype posix-extended -regex '.*/[0-9a-f]{64}' | wc -l; }
for n in 1 2 3 4 5 6; do
        record "8$n" "none$n" 9.0.0 LOW >>"$scratch/feed.jsonl"
        expect 0 "$coffer" db build "$scratch/feed.jsonl"
        "$coffer" scan "$scratch/i$n" >/dev/null 2>&1
done
[ "$(kept)" -le 6 ] || fail "$(kept) databases are kept"
[ "$(kept)" -gt 3 ] || fail "only $(kept) databases are kept"
told_now ''
touch -d '1 hour ago' "$COFFER_ROOT"/advisory/* # as if they had been made before all images were looked at
record 87 none7 9.0.0 LOW >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
[ "$(kept)" = 2 ] || fail "$(kept) databases are kept, not the present one and that of all images"
cp "$scratch/feed.a" "$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
expect 0 "$coffer" reassess

note "a database that is gone is said so, with what to do"
record 62 shared 10.0.0 LOW >>"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
find "$COFFER_ROOT/advisory" -type f ! -name "$(readlink "$COFFER_ROOT/advisory/current")" -delete
expect 3 "$coffer" reassess
says 'reassess --restart'
expect 0 "$coffer" reassess --restart
expect 0 "$coffer" reassess
says 'nothing can have changed'
nothing_left

note "an image that was being read while all others were assessed anew is matched with what they were matched with"
mkdir -p "$scratch"/tree-late/app/node_modules/p{1..3000}
for n in {1..3000}; do
        echo "{\"name\":\"p$n\",\"version\":\"1.0.0\"}" >"$scratch/tree-late/app/node_modules/p$n/package.json"
done
image late 2.0.0
"$coffer" scan "$scratch/late" >"$scratch/late.out" 2>&1 </dev/null &
late=$!
until grep -q "$COFFER_ROOT/advisory/" "/proc/$late/maps" 2>/dev/null || ! kill -0 $late 2>/dev/null; do :; done
if kill -STOP $late 2>/dev/null && ! grep -q 'components' "$scratch/late.out"; then
        (record 1 other 1.0.0 LOW; record 2 shared 9.0.0 CRITICAL; record 90 p7 2.0.0 LOW) >"$scratch/feed.jsonl"
        expect 0 "$coffer" db build "$scratch/feed.jsonl"
        expect 0 "$coffer" reassess
        kill -CONT $late
        wait $late || fail "the scan fails: $(cat "$scratch/late.out")"
        grep -q 'CVE-90' "$scratch/late.out" || fail "matched with the former advisories, and nobody will be told: $(cat "$scratch/late.out")"
        expect 0 "$coffer" ledger list
        [ "$(grep -c 'scan  *[^ ]*/late' "$scratch/out")" = 2 ] || fail "the ledger does not have both"
else
        wait $late
        echo "   (not shown: the scan was too quick to be stopped)"
fi
nothing_left
