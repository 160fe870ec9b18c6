# Feeds by URL: what changed is fetched, what did not is not, and one that fails, in whatever way, takes nothing from the others.
. "$(dirname "$0")/lib.sh"
need jq
need python3

web=$scratch/web
mkdir -p "$web"
record() { # ID PACKAGE DATE
        echo "{\"id\":\"$1\",\"modified\":\"$3T00:00:00Z\",\"aliases\":[\"CVE-$1\"],\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"$2\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"9.0.0\"}]}]}]}"
}
record 1 a 2026-01-01 >"$web/a.jsonl"
record 2 b 2026-01-01 | gzip >"$web/b.jsonl.gz"
mkfifo "$scratch/stay"
python3 "$top/test/tools/feed_server.py" "$web" "$scratch/log" <"$scratch/stay" >"$scratch/port" &
exec 7>"$scratch/stay" # the server ends when we do
for i in $(seq 100); do [ -s "$scratch/port" ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat "$scratch/port")
update() { expect "$1" "$coffer" db update --plain-http --retries 3; }
asked() { grep -cE "$1" "$scratch/log.requests"; }
knows() { expect 0 "$coffer" db lookup npm "$1" 1.0.0; says "affected +$2"; }

note "nothing chosen: said so; a feed that nobody knows: said so"
expect 3 "$coffer" db update
says 'coffer db feeds osv:Debian'
expect 3 "$coffer" db feeds nonsense
says 'no feed is known as "nonsense"'
expect 3 "$coffer" db feeds ../x=https://example.org/
expect 3 "$coffer" db feeds x=ftp://example.org/
for at in user:geheim@example.org/ user:geheim@example.org '@example.org?x'; do
        expect 3 "$coffer" db feeds "x=https://$at"
        says 'names a user or a password'
        says_not geheim
done
expect 0 "$coffer" db feeds x=https://example.org/@scope/x.zip
expect 0 "$coffer" db feeds --remove x
expect 0 "$coffer" db feeds
says 'osv:ECOSYSTEM'
for row in oracle:9=https://linux.oracle.com/security/oval/com.oracle.elsa-ol9.xml.bz2 \
        ubuntu:jammy=https://security-metadata.canonical.com/oval/com.ubuntu.jammy.cve.oval.xml.bz2 \
        azurelinux:3.0=https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/azurelinux-3.0-oval.xml \
        mariner:2.0=https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/cbl-mariner-2.0-oval.xml \
        suse-oval:opensuse.leap.15.6=https://ftp.suse.com/pub/projects/security/oval/opensuse.leap.15.6.xml.gz; do
        says "${row%%:*}:[A-Z]+ .*OVAL"
        expect 0 "$coffer" db feeds "${row%%=*}"
        expect 0 "$coffer" db feeds
        says " ${row#*=}\$"
        expect 0 "$coffer" db feeds --remove "${row%%=*}"
        expect 0 "$coffer" db feeds
done
expect 3 "$coffer" db feeds oracle

note "two feeds are fetched and compiled; the second time neither is sent again"
expect 0 "$coffer" db feeds "a=$url/a.jsonl" "b=$url/moved/b.jsonl.gz"
update 0
says '^a +new +1 records'
says '^b +new +1 records'
knows a 1
knows b 2
update 0
says '^a +unchanged'
[ "$(asked '/a.jsonl 304')" = 1 ] || fail "it was not asked whether it changed"
expect 3 "$coffer" db update
says 'Unsupported protocol|protocol'
knows a 1

note "what changed alone is fetched"
record 3 a 2026-02-01 >>"$web/a.jsonl"
update 0
says '^a +new +2 records, newest of 2026-02-01'
says '^b +unchanged'
knows a 3

note "a broken one takes nothing from the others, and keeps what it had"
echo 'no feed at all' >"$web/a.jsonl"
record 4 b 2026-02-02 | gzip >"$web/b.jsonl.gz"
update 3
says '^a +FAILED'
says '^b +new'
knows a 3
knows b 4
expect 0 "$coffer" db feeds
says 'failed 20'
record 1 a 2026-01-01 >"$web/a.jsonl"
update 3
says '^a +FAILED +its newest record is of 2026-01-01.*we had one of 2026-02-01'
knows a 3
head -c 30 /dev/urandom | gzip | head -c 20 >"$web/b.jsonl.gz"
(record 1 a 2026-01-01; record 3 a 2026-02-01; record 5 a 2026-03-01) >"$web/a.jsonl"
update 3
says '^a +new +3 records'
says '^b +FAILED.*gzip'
knows a 5
knows b 4
rm "$web/b.jsonl.gz"
update 3
says '^b +FAILED.*is not there .404.*; what was fetched .* stays'
knows b 4

note "a date in the future is a mistake, which can be put right"
record 7 f 2202-01-01 >"$web/f.jsonl"
expect 0 "$coffer" db feeds "f=$url/f.jsonl"
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err" # b is still gone
says '^f +new +1 records, newest of never'
knows f 7
(record 7 f 2026-01-01; record 8 f 2026-01-01) >"$web/f.jsonl"
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err"
says '^f +new +2 records, newest of 2026-01-01'
knows f 8
expect 0 "$coffer" db feeds --remove f

note "a document that is broken near its beginning does not take the place of a whole one"
tracker() { # CUT BROKEN: Debian's tracker with ten packages, ending at the one of the number CUT, or with one that breaks its form
        seq 1 10 | jq -cs --argjson broken "${2:-0}" 'map({key: "p\(.)", value: {"CVE-2026-\(.)": (if . == $broken then 7 else {releases: {bookworm: {status: "open", repositories: {}, urgency: "low"}}} end)}}) | from_entries' |
                sed "s/\"CVE-2026-$1\".*//" >"$web/d.json"
}
tracker 0
expect 0 "$coffer" db feeds "d=$url/d.json"
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err" # b is still gone
says '^d +new +10 records'
tracker 3
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err" && fail "a feed failed, and nobody says so"
says '^d +FAILED +of it 2 records could be taken and 1 not, we had 10'
expect 0 "$coffer" db lookup Debian:12 p10 1
says 'affected'
tracker 0 3
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err" # one record is refused, all others are read
says '^d +new +9 records'
says '1 records refused'
expect 0 "$coffer" db lookup Debian:12 p10 1
says 'affected'
tracker 9
"$coffer" db update --plain-http >"$scratch/out" 2>"$scratch/err" # most of it is better than what is old
says '^d +new +8 records'
expect 0 "$coffer" db feeds --remove d

note "half an answer is taken up where it stopped, if it is the same file; else it counts for nothing"
seq 1 20000 | while read -r i; do echo "{\"id\":\"B-$i\",\"modified\":\"2026-04-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"big\"},\"versions\":[\"$i.0.0\"]}]}"; done >"$web/big.jsonl"
expect 0 "$coffer" db feeds "b=$url/once/big.jsonl"
update 0
says '^b +new +20000 records'
[ "$(asked '/once/big.jsonl 206 bytes=')" = 1 ] || fail "the rest was not asked for"
expect 0 "$coffer" db feeds "b=$url/half/big.jsonl" "c=$url/busy/a.jsonl"
update 3
says '^b +FAILED'
says '^c +new'
knows big B-1
[ -z "$(find "$COFFER_ROOT/advisory" -name '*.new' -o -name new)" ] || fail "something half is left"

note "a feed that is not wanted any more goes"
expect 0 "$coffer" db feeds --remove b
expect 0 "$coffer" db feeds --json
[ "$(jq -r '.[].name' "$scratch/out" | sort | xargs)" = 'a c' ] || fail "b is still there"
[ ! -e "$COFFER_ROOT/advisory/feeds/b" ] || fail "what was fetched of it is still there"
knows big B-1
update 0
says '^a +unchanged'
says '^c +unchanged'
expect 0 "$coffer" db lookup npm big 1.0.0
says 'no record'
knows a 5

note "what is no database of these feeds is made anew, though no feed has changed"
present() { echo "$COFFER_ROOT/advisory/$(readlink "$COFFER_ROOT/advisory/current")"; }
again() { # that the database is one of the feeds, after an update that fetches nothing
        : >"$scratch/log.requests"
        update 0
        [ "$(asked ' 200')" = 0 ] || fail "something was fetched"
        expect 0 "$coffer" db status --verify
        knows a 5
}
printf 'COFFERDB of another format' | dd of="$(present)" conv=notrunc status=none
expect 3 "$coffer" db status
again
rm "$(present)"
again
record 9 z 2026-01-01 >"$scratch/own.jsonl"
expect 0 "$coffer" db build "$scratch/own.jsonl"
again
was=$(present)
again
[ "$(present)" = "$was" ] || fail "it was made anew without a reason"
echo '{' >"$COFFER_ROOT/advisory/feeds.json"
update 3
says 'feeds.json'
nothing_left
