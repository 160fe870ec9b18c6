# A state folder whose store.conf names a PostgreSQL server: images, findings, containers, the ledger and the fleet are kept there, and
# the whole of a_new_advisory_raises_its_hand_once, with its kills in the middle, holds on it as well.
. "$(dirname "$0")/lib.sh"
need jq
need python3
[ -e "$build/cmd/coffer-store-postgres.so" ] || skip "needs the PostgreSQL module (libpq-dev)"
here=$(cd "$(dirname "$0")" && pwd)
server=$top/test/store/with_postgres.py

if [ -z "${COFFER_TEST_POSTGRES:-}" ]; then
        COFFER_TEST_DURABLE=1 "$server" bash "$here/$(basename "$0")" -- bash "$here/a_new_advisory_raises_its_hand_once.sh"
        exit $?
fi

note "what is kept is kept there"
expect 0 "$coffer" doctor
says 'database +yes +PostgreSQL at .*, schema scenario_'
mkdir -p "$scratch/tree/app/node_modules/a"
echo '{"name":"a","version":"1.0.0"}' >"$scratch/tree/app/node_modules/a/package.json"
tar -C "$scratch/tree" -cf "$scratch/a.tar" .
oci_image "$scratch/a" "$scratch/a.tar"
echo '{"id":"1","modified":"2026-01-01T00:00:00Z","aliases":["CVE-1"],"affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}' >"$scratch/feed"
expect 0 "$coffer" db build "$scratch/feed"
expect 0 "$coffer" scan "$scratch/a"
says CVE-1
expect 1 "$coffer" affected CVE-1
says "$scratch/a"
expect 0 "$coffer" ledger verify
expect 0 "$coffer" ps
[ ! -e "$COFFER_ROOT/coffer.db" ] || fail "SQLite's file was made"

note "a server that is away, a file that others may write, a password that others may read"
cp -p "$COFFER_ROOT/store.conf" "$scratch/conf"
echo 'connection: host=/nowhere' >"$COFFER_ROOT/store.conf"
expect 3 "$coffer" ledger list
says 'unavailable: .*PostgreSQL at /nowhere'
note "a new database is kept and used all the same: it is a file; and nothing that may be needed is removed"
cp "$scratch/feed" "$scratch/feed2"
echo '{"id":"2","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}' >>"$scratch/feed2"
before=$(readlink "$COFFER_ROOT/advisory/current")
expect 3 "$coffer" db build "$scratch/feed2"
says '^2 records'
says 'the new database is in use; what .coffer reassess. compares with could not be recorded'
says 'unavailable: .*PostgreSQL at /nowhere'
[ "$(readlink "$COFFER_ROOT/advisory/current")" != "$before" ] || fail "the new database was thrown away"
[ -e "$COFFER_ROOT/advisory/$before" ] || fail "the old database is gone"
expect 0 "$coffer" db lookup npm a 1.0.0
says '^affected +2 '
cp "$COFFER_ROOT/advisory/$(readlink "$COFFER_ROOT/advisory/current")" "$scratch/b.cdb"
expect 3 "$coffer" db import --unsigned --allow-older "$scratch/b.cdb"
says 'imported .*/b.cdb'
says 'could not be recorded'
[ ! -e "$COFFER_ROOT/advisory/new" ] || fail "a half is left"
cp -p "$scratch/conf" "$COFFER_ROOT/store.conf"
expect 0 "$coffer" reassess --json
[ "$(jq -r '[.notices[].changes[] | .kind + " " + .id] | join(",")' "$scratch/out")" = 'added 2' ] || fail "what was not recorded is lost: $(cat "$scratch/out")"
echo 'connection: host=/nowhere' >"$COFFER_ROOT/store.conf"

chmod 666 "$COFFER_ROOT/store.conf"
expect 3 "$coffer" ledger list
says 'nobody else may write'
printf 'connection: host=/nowhere password=secret-word\n' >"$COFFER_ROOT/store.conf"
chmod 644 "$COFFER_ROOT/store.conf"
expect 3 "$coffer" ledger list
says 'holds a password'
says_not secret-word
cp -p "$scratch/conf" "$COFFER_ROOT/store.conf"
expect 0 "$coffer" ledger verify
nothing_left
