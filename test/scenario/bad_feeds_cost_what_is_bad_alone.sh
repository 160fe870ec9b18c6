# Whatever a feed gets wrong: it is named with file and id, what is left out is counted, and all the rest is used.
. "$(dirname "$0")/lib.sh"
need jq
need python3

# osv ID MORE: a record of the npm package "p"; MORE replaces what stands there
osv() {
        jq -cn --arg id "$1" "{id:\$id,modified:\"2026-01-01T00:00:00Z\",affected:[{package:{ecosystem:\"npm\",name:\"p\"},ranges:[{type:\"SEMVER\",events:[{introduced:\"0\"},{fixed:\"2.0.0\"}]}]}]} ${2:+| $2}"
}
# built CODE: the feed in $scratch/feed beside a good record; the good one is there afterwards
built() {
        osv GOOD-1 >"$scratch/feed/zz-good.json"
        rm -rf "$COFFER_ROOT/advisory"
        expect "$1" "$coffer" db build "$scratch/feed"
        cp "$scratch/out" "$scratch/build.out"
        cp "$scratch/err" "$scratch/build.err"
        expect 0 "$coffer" db lookup npm p 1.0.0
        says '^affected +GOOD-1 '
        cp "$scratch/out" "$scratch/lookup"
        expect 0 "$coffer" db status --json
        cp "$scratch/out" "$scratch/status"
        cp "$scratch/build.out" "$scratch/out"
        cp "$scratch/build.err" "$scratch/err"
        rm -rf "$scratch/feed"
        mkdir "$scratch/feed"
}
status() { [ "$(jq "$1" "$scratch/status")" = "$2" ] || fail "$1 is $(jq "$1" "$scratch/status"), not $2"; }
mkdir "$scratch/feed"

note "cut, empty, and nothing of the kind"
osv CUT-1 | head -c 100 >"$scratch/feed/cut.json"
: >"$scratch/feed/empty.json"
head -c 3000 /dev/urandom >"$scratch/feed/noise.json"
built 0
says 'refused: .*/feed: cut.json: CUT-1: '
says 'refused: .*/feed: empty.json: '
says 'refused: .*/feed: noise.json: '
says '^refused: 3 records, 0 versions'
status '.sources[0].refused' 3

note "several records of one id, and records that contradict each other"
(osv DUP-1; osv DUP-1 '.modified="2026-02-01T00:00:00Z"|.affected[0].ranges[0].events[1].fixed="3.0.0"'; osv DUP-2; osv DUP-2 '.affected[0].ranges[0].events[1].fixed="3.0.0"'; osv DUP-3; osv DUP-3) >"$scratch/feed/two.jsonl"
built 0
says 'unclear: .*/feed: DUP-1: stands there more than once; the one of 2026-02-01T00:00:00Z counts'
says 'unclear: .*/feed: DUP-2: stands there more than once and says different things'
says 'unclear: .*/feed: DUP-3: stands there more than once, and says the same'
says '^unclear: 3 records'
status '.sources[0].unclear' 3
grep -q 'DUP-1  from 0, fixed in 3.0.0' "$scratch/lookup" || fail "not the newer one: $(cat "$scratch/lookup")"
expect 0 "$coffer" db status
says ', 3 unclear'

note "ranges without a beginning, out of order, twice, and upside down"
osv NOSTART-1 '.affected[0].ranges[0].events=[{fixed:"2.0.0"}]' >"$scratch/feed/nostart.json"
osv ORDER-1 '.affected[0].ranges[0].events=[{fixed:"2.0.0"},{introduced:"1.5.0"},{fixed:"1.2.0"},{introduced:"0"}]' >"$scratch/feed/order.json"
osv TWICE-1 '.affected[0].ranges+=.affected[0].ranges' >"$scratch/feed/twice.json"
osv DOWN-1 '.affected[0].ranges[0].events=[{introduced:"3.0.0"},{fixed:"0.5.0"}]' >"$scratch/feed/down.json"
built 0
says 'unclear: .*/feed: nostart.json: NOSTART-1: 1 of its ranges have no "introduced"'
says '^unclear: 1 records'
status '.sources[0].unclear' 1
grep -q "^can't tell *NOSTART-1" "$scratch/lookup" || fail "$(cat "$scratch/lookup")"
grep -q '^affected *ORDER-1  from 0, fixed in 1.2.0' "$scratch/lookup" || fail "$(cat "$scratch/lookup")"
grep -q '^affected *TWICE-1  from 0, fixed in 2.0.0' "$scratch/lookup" || fail "$(cat "$scratch/lookup")"
grep -q '^not affected *DOWN-1' "$scratch/lookup" || fail "$(cat "$scratch/lookup")"

note "aliases that name each other in a circle: one finding with all its names"
osv RING-1 '.aliases=["RING-2"]' >"$scratch/feed/1.json"
osv RING-2 '.aliases=["RING-3","RING-2"]' >"$scratch/feed/2.json"
osv RING-3 '.aliases=["RING-1","CVE-2026-1"]' >"$scratch/feed/3.json"
built 0
says '^4 records'
mkdir -p "$scratch/tree/node_modules/p"
echo '{"name":"p","version":"1.0.0"}' >"$scratch/tree/node_modules/p/package.json"
tar -C "$scratch/tree" -cf "$scratch/tree.tar" .
oci_image "$scratch/image" "$scratch/tree.tar"
expect 0 "$coffer" scan --format json "$scratch/image"
[ "$(jq -r '[.findings[] | [.id] + (.aliases // []) | sort | join(" ")] | sort | join("; ")' "$scratch/out")" = 'CVE-2026-1 RING-1 RING-2 RING-3; GOOD-1' ] || fail "$(jq .findings "$scratch/out")"

note "unknown ecosystems are counted, and what else the record says is used"
osv ECO-1 '.affected+=[{package:{ecosystem:"Cobol",name:"x"},versions:["1"]}]' >"$scratch/feed/eco.json"
osv ECO-2 '.affected[0].package.ecosystem="Cobol"' >"$scratch/feed/only.json"
built 0
says '^2 entries are of ecosystems whose version order is not known here'
grep -q 'ECO-1' "$scratch/lookup" || fail "the npm half is lost"

note "versions of ten million bytes, and ones above the limit of a version"
osv LONG-1 '.affected[0].versions=["1" * 10000000]' >"$scratch/feed/long.json"
osv LONG-2 '.affected[0].ranges[0].events[1].fixed="1" * 10000000' >"$scratch/feed/longer.json"
osv LONG-3 '.affected[0].ranges[0].events[1].fixed="1" * 600' >"$scratch/feed/short.json"
built 0
says 'refused: .*/feed: long.json: LONG-1: affected\[0\].versions\[0\]: '
says 'refused: .*/feed: longer.json: LONG-2: '
says '^refused: 2 records, 1 versions'
grep -q "^can't tell *LONG-3" "$scratch/lookup" || fail "$(cat "$scratch/lookup")"

note "dates that are none"
n=0
for date in '"yesterday"' '"2026-13-01T00:00:00Z"' '"2026-02-30T00:00:00Z"' 7 '"2026-01-01T25:00:00Z"'; do
        osv "DATE-$n" ".modified=$date" >"$scratch/feed/date$n.json"
        n=$((n + 1))
done
osv DATE-9 '.modified="9999-12-31T23:59:59Z"' >"$scratch/feed/far.json"
built 0
for n in 0 1 2 3 4; do says "refused: .*/feed: date$n.json: DATE-$n: modified: "; done
says '^refused: 5 records, 0 versions'
grep -q 'DATE-9' "$scratch/lookup" || fail "a date that is far away is one all the same"

note "archives: a bomb, and a million of entries"
cat >"$scratch/zips.py" <<'P'
import struct, sys, zlib
def write(path, members):
    out, directory, n = open(path, 'wb'), [], 0
    at = 0
    for name, packed, size, crc, method in members:
        head = struct.pack('<HHHHHIIIHH', 20, 0, method, 0, 33, crc, len(packed), size, len(name), 0)
        out.write(b'PK\3\4' + head + name + packed)
        directory.append(b'PK\1\2' + struct.pack('<H', 20) + head + struct.pack('<HHHII', 0, 0, 0, 0, at) + name)
        at += 30 + len(name) + len(packed)
        n += 1
    entries = b''.join(directory)
    out.write(entries)
    out.write(b'PK\6\6' + struct.pack('<QHHIIQQQQ', 44, 45, 45, 0, 0, n, n, len(entries), at))
    out.write(b'PK\6\7' + struct.pack('<IQI', 0, at + len(entries), 1))
    out.write(b'PK\5\6' + struct.pack('<HHHHIIH', 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0))
def plain(name, data):
    return name, data, len(data), zlib.crc32(data), 0
def packed(name, data):
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    return name, z.compress(data) + z.flush(), len(data), zlib.crc32(data), 8
good = plain(b'good.json', open(sys.argv[2], 'rb').read())
if sys.argv[3] == 'bomb':
    write(sys.argv[1], [packed(b'bomb%d.json' % i, b' ' * 60000000) for i in range(3)] + [good])
else:
    write(sys.argv[1], [(b'%06d.txt' % i, b'', 0, 0, 0) for i in range(1000000)] + [good])
P
osv ZIP-1 >"$scratch/good.json"
python3 "$scratch/zips.py" "$scratch/bomb.zip" "$scratch/good.json" bomb
expect 0 "$coffer" db build "$scratch/bomb.zip"
says 'refused: .*/bomb.zip: bomb0.json: '
says '^1 records'
says '^refused: 3 records'
python3 "$scratch/zips.py" "$scratch/million.zip" "$scratch/good.json" million
expect 0 "$coffer" db build "$scratch/million.zip"
says '^1 records'

note "nothing of all this is a crash"
nothing_left
