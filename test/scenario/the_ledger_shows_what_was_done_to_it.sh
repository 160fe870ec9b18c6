# A changed, removed, cut or rebuilt record is found and named; an honest chain is not.
. "$(dirname "$0")/lib.sh"
need sqlite3
demo_database
python3 "$top/test/tools/bad_image.py" good "$scratch/good" || fail "bad_image.py"
for _ in 1 2 3 4 5; do "$coffer" check "$scratch/good" >/dev/null 2>&1; done
expect 0 "$coffer" ledger verify
says 'intact: 5 records'
expect 0 "$coffer" ledger head --output "$scratch/head"
for _ in 1 2; do "$coffer" check "$scratch/good" >/dev/null 2>&1; done
expect 0 "$coffer" ledger verify --head "$scratch/head"
cp -r "$COFFER_ROOT" "$scratch/honest"

tampered() { # WHAT SQL MESSAGE
        rm -rf "$COFFER_ROOT"
        cp -r "$scratch/honest" "$COFFER_ROOT"
        sqlite3 "$COFFER_ROOT/coffer.db" "$2" || fail "sqlite3: $2"
        note "$1"
        expect 1 "$coffer" ledger verify --head "$scratch/head"
        says "$3"
}
table=$(sqlite3 "$COFFER_ROOT/coffer.db" .tables | tr -s ' ' '\n' | grep -m1 ledger)
[ -n "$table" ] || fail "no ledger table"
sqlite3 "$COFFER_ROOT/coffer.db" "SELECT name FROM sqlite_master WHERE type = 'trigger'" >"$scratch/triggers"
drop=$(sed 's/.*/DROP TRIGGER "&";/' "$scratch/triggers" | tr '\n' ' ')
tampered "a changed record" "$drop UPDATE $table SET body = replace(body, 'good', 'evil') WHERE seq = 3" 'broken.*3'
tampered "a removed record" "$drop DELETE FROM $table WHERE seq = 4" 'broken.*[45]'
tampered "a cut chain" "$drop DELETE FROM $table WHERE seq > 3" 'broken.*(truncated|ends)'
note "a chain rebuilt from nothing by the same node, a second later"
sleep 1.1
rm -rf "$COFFER_ROOT"
cp -r "$scratch/honest" "$COFFER_ROOT"
sqlite3 "$COFFER_ROOT/coffer.db" "$drop DELETE FROM $table"
for _ in 1 2 3 4 5 6 7; do "$coffer" check --policy /dev/null "$scratch/good" >/dev/null 2>&1; "$coffer" check "$scratch/good" >/dev/null 2>&1; done
expect 1 "$coffer" ledger verify --head "$scratch/head"
says 'broken.*(rebuilt|differs|extend|truncated)'
note "a head of another node"
COFFER_ROOT=$scratch/other "$coffer" ledger head --output "$scratch/other.head" || fail "ledger head"
rm -rf "$COFFER_ROOT"
cp -r "$scratch/honest" "$COFFER_ROOT"
expect 1 "$coffer" ledger verify --head "$scratch/other.head"
expect 0 "$coffer" ledger verify --head "$scratch/head"
exit 0
