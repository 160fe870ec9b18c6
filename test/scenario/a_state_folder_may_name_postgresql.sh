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
