# What one advisory database says otherwise than another: by packages, by records, by vulnerabilities; nothing for the same one twice.
. "$(dirname "$0")/lib.sh"
need jq

record() { # ID PACKAGE FIXED SUMMARY
        echo "{\"id\":\"$1\",\"modified\":\"2026-01-01T00:00:00Z\",\"summary\":\"$4\",\"aliases\":[\"CVE-$1\"],\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"$2\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"1.0.0\"},{\"fixed\":\"$3\"}]}]}]}"
}
kev() { # CVE: as CISA publishes its list
        echo "{\"title\":\"CISA Catalog of Known Exploited Vulnerabilities\",\"catalogVersion\":\"2026.01.01\",\"dateReleased\":\"2026-01-01T00:00:00.000Z\",\"count\":1,\"vulnerabilities\":[{\"cveID\":\"$1\",\"vendorProject\":\"v\",\"product\":\"p\",\"vulnerabilityName\":\"n\",\"dateAdded\":\"2026-01-01\",\"shortDescription\":\"s\",\"requiredAction\":\"r\",\"dueDate\":\"2026-01-22\",\"knownRansomwareCampaignUse\":\"Known\",\"notes\":\"\"}]}"
}
(record 1 a 2.0.0 stays; record 2 b 2.0.0 grows; record 3 c 2.0.0 goes; record 4 d 2.0.0 'old words') >"$scratch/old.jsonl"
(record 1 a 2.0.0 stays; record 2 b 3.0.0 grows; record 4 d 2.0.0 'new words'; record 5 e 1.5.0 comes) >"$scratch/new.jsonl"
kev CVE-1 >"$scratch/kev.json"
expect 0 "$coffer" db build "$scratch/old.jsonl"
cp -L "$COFFER_ROOT/advisory/current" "$scratch/old.cdb"
expect 0 "$coffer" db build "$scratch/new.jsonl" "$scratch/kev.json"
cp -L "$COFFER_ROOT/advisory/current" "$scratch/new.cdb"

note "packages with their versions, records, vulnerabilities"
expect 0 "$coffer" db diff "$scratch/old.cdb"
says '^  npm a  all versions'
says '^  npm b  >= 1.0.0, < 3.0.0'
says '^  npm c  >= 1.0.0, < 2.0.0'
says '^  npm e  >= 1.0.0, < 1.5.0'
says_not '^  npm d'
says '^  changed +2  grows'
says '^  removed +3  goes'
says '^  added +5  comes'
says_not '^  [a-z]+ +[14] '
says '^  CVE-1, now known to be exploited, used by ransomware'
says '^4 packages .* records: 1 added, 1 removed, 1 changed, 1 reworded; 1 vulnerabilities'
expect 0 "$coffer" db diff --all "$scratch/old.cdb"
says '^  reworded +4  new words'

note "the same as JSON, and between two files in either direction"
expect 0 "$coffer" db diff --json "$scratch/new.cdb" "$scratch/old.cdb"
[ "$(jq -c '[.records[] | [.id, .change]]' "$scratch/out")" = '[["2","changed"],["3","added"],["5","removed"]]' ] || fail "other records"
[ "$(jq -c '.packages[] | select(.package == "b") | [.all_versions, .from, .before]' "$scratch/out")" = '[false,"1.0.0","3.0.0"]' ] || fail "other versions"
[ "$(jq -r '.vulnerabilities[0] | [.id, .old.known_exploited_since, .new.known_exploited_since] | @csv' "$scratch/out")" = '"CVE-1","2026-01-01T00:00:00Z",' ] ||
        fail "other vulnerabilities"

note "nothing, and what is no database"
expect 0 "$coffer" db diff "$scratch/new.cdb"
says '^0 packages .* 0 added, 0 removed, 0 changed, 0 reworded; 0 vulnerabilities'
head -c 1000 "$scratch/old.cdb" >"$scratch/cut.cdb"
expect 3 "$coffer" db diff "$scratch/cut.cdb"
says 'malformed.*cut'
python3 -c "import sys; b = bytearray(open('$scratch/old.cdb', 'rb').read()); b[-1] ^= 1; open('$scratch/flipped.cdb', 'wb').write(b)"
expect 3 "$coffer" db diff "$scratch/flipped.cdb" "$scratch/new.cdb"
says 'malformed.*checksum'
expect 3 "$coffer" db diff "$scratch/none.cdb"
says 'not_found'
