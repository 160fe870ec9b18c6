# The verdict depends on real findings: with one advisory record more the image is refused, with one less it runs.
. "$(dirname "$0")/lib.sh"
demo_image
mkdir "$scratch/less"
cp "$top"/demo/advisories/*.json "$scratch/less"
rm "$scratch/less/DEBIAN-CVE-2023-45853.json"

note "all records: refused, with the reason, and nothing started"
demo_database
expect 125 "$coffer" run --policy "$top/demo/policy-strict.yaml" "$image" /bin/echo started
says CVE-2023-45853
says critical
says_not '^started$'
expect 0 "$coffer" ps --all
says_not "$(basename "$image")"

note "one record less: the same image runs under the same policy"
expect 0 "$coffer" db build "$scratch/less"
expect 0 "$coffer" run --rm --policy "$top/demo/policy-strict.yaml" "$image" /bin/echo started
says '^started$'

note "and both decisions are on record, with the database that they were made with"
expect 0 "$coffer" ledger list
says run.refused
says run.allowed
expect 0 "$coffer" ledger export
[ "$(grep -c advisory_database "$scratch/out")" -ge 2 ] || fail "the ledger does not name the database"
expect 0 "$coffer" ledger verify

note "a database that was built now from records of 2019 is of 2019"
mkdir "$scratch/old"
jq '.modified = "2019-05-05T00:00:00Z"' "$top/demo/advisories/$(ls "$top/demo/advisories" | head -n 1)" >"$scratch/old/one.json"
expect 0 "$coffer" db build "$scratch/old"
printf 'version: 1\nmax_database_age_days: 30\n' >"$scratch/fresh.yaml"
expect 3 "$coffer" check --policy "$scratch/fresh.yaml" "$image"
says 'advisory database is of 2019-05-05'
nothing_left
