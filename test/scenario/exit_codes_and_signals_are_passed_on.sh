# run behaves as docker and podman users expect: statuses, 125/126/127, signals, -i, -t, -d with ps, logs, stop, rm.
. "$(dirname "$0")/lib.sh"
demo_image
demo_database
printf 'version: 1\n' >"$scratch/policy.yaml"
run=("$coffer" run --policy "$scratch/policy.yaml")

note "the container's own status"
expect 0 "${run[@]}" --rm "$image" true
expect 7 "${run[@]}" --rm "$image" sh -c 'exit 7'
# The first process of a container ignores signals that it has no handler for; any other dies of them.
expect 143 "${run[@]}" --rm "$image" sh -c 'sh -c "kill -TERM \$\$; sleep 5"; exit $?'
expect 127 "${run[@]}" --rm "$image" /no/such/program
expect 126 "${run[@]}" --rm "$image" /etc/motd
expect 125 "${run[@]}" --rm --policy "$scratch/missing.yaml" "$image" true
expect 125 "${run[@]}" --rm --memory lots "$image" true
expect 125 "${run[@]}" --rm --json "$scratch/nothing-here" true
jq -e '.error.kind == "not_found"' "$scratch/err" >/dev/null || fail "the failure's JSON: $(cat "$scratch/err")"

note "standard input, environment, user, working folder, volumes"
printf 'from outside\n' | "${run[@]}" --rm -i "$image" cat >"$scratch/out" 2>"$scratch/err" || fail "run -i"
says '^from outside$'
expect 0 "${run[@]}" --rm -e COLOUR=blue -w /tmp -u 65534:65534 --hostname box "$image" sh -c 'echo $COLOUR $(pwd) $(id -u):$(id -g) $(cat /etc/hostname 2>/dev/null; uname -n)'
says 'blue /tmp 65534:65534'
says 'box'
expect 0 "${run[@]}" --rm "$image" sh -c 'echo home=$HOME'
says '^home=/root$'
expect 0 "${run[@]}" --rm -u nobody "$image" sh -c 'echo home=$HOME'
says '^home=/nonexistent$'
expect 0 "${run[@]}" --rm -u 1234 -e HOME=/mine "$image" sh -c 'echo home=$HOME'
says '^home=/mine$'
expect 0 env -u UNSET_HERE GIVEN=here "${run[@]}" --rm -e UNSET_HERE -e GIVEN "$image" sh -c 'echo "[${UNSET_HERE-none}] $GIVEN"'
says '^\[none\] here$'
mkdir "$scratch/volume"
echo given >"$scratch/volume/file"
expect 0 "${run[@]}" --rm -v "$scratch/volume:/data" "$image" sh -c 'cat /data/file; echo written >/data/new'
says '^given$'
[ "$(cat "$scratch/volume/new")" = written ] || fail "the volume was not written"
expect 1 "${run[@]}" --rm -v "$scratch/volume:/data:ro" "$image" sh -c 'echo no >/data/refused || exit 1'
[ ! -e "$scratch/volume/refused" ] || fail "a read-only volume was written"

note "a terminal"
need script
script -qec "${run[*]} --rm -it $image sh -c 'test -t 0 && test -t 1 && echo a terminal of \$(stty size)'" /dev/null >"$scratch/out" 2>"$scratch/err" </dev/null
says 'a terminal of'

note "signals reach the container"
"${run[@]}" --name signalled "$image" sh -c 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >"$scratch/out" 2>"$scratch/err" &
pid=$!
for _ in $(seq 100); do grep -q ready "$scratch/out" && break; sleep 0.1; done
kill -TERM $pid
wait $pid
[ $? = 9 ] || fail "status after the signal"
says 'got it'
expect 0 "$coffer" rm signalled

note "detached: ps, logs, inspect, stop, rm"
expect 0 "${run[@]}" -d --name background "$image" sh -c 'echo hello from behind; sleep 300'
expect 0 "$coffer" ps
says 'background.*[Rr]unning|[Rr]unning.*background'
for _ in $(seq 50); do "$coffer" logs background | grep -q behind && break; sleep 0.1; done
expect 0 "$coffer" logs background
says 'hello from behind'
expect 0 "$coffer" inspect background
jq -e '.name == "background" and .state == "running"' "$scratch/out" >/dev/null || fail "inspect: $(cat "$scratch/out")"
expect 3 "$coffer" rm background
says 'running'
expect 0 "$coffer" stop --time 1 background
expect 0 "$coffer" ps
says_not background
expect 0 "$coffer" ps --all
says 'background'
expect 0 "$coffer" rm background
expect 0 "$coffer" ps --all
says_not 'background'
expect 3 "$coffer" logs background

note "what was given away is on record"
expect 0 "${run[@]}" -d --name given --cpus 0.5 -v "$scratch/volume:/data:ro" "$image" sleep 60
expect 0 "$coffer" inspect given
grep -q "\"$scratch/volume\"" "$scratch/out" && grep -q '"/data"' "$scratch/out" || fail "inspect: $(cat "$scratch/out")"
expect 0 "$coffer" ledger export
grep '"run.starting"' "$scratch/out" | tail -n 1 >"$scratch/last"
for word in "$scratch/volume" /data network none cpu_milli; do
        grep -qF -- "$word" "$scratch/last" || fail "the ledger's record of the start lacks $word: $(cat "$scratch/last")"
done
expect 0 "$coffer" rm --force given

note "an image whose stop signal is none can be stopped all the same"
cp -r "$image" "$scratch/odd"
m=$(jq -r '.manifests[0].digest[7:]' "$scratch/odd/index.json")
c=$(jq -r '.config.digest[7:]' "$scratch/odd/blobs/sha256/$m")
jq -c '.config.StopSignal = "FOO"' "$scratch/odd/blobs/sha256/$c" >"$scratch/config"
layers=$(jq -c '.layers[]' "$scratch/odd/blobs/sha256/$m" | paste -sd,)
oci_finish "$scratch/odd" "$layers"
expect 0 "${run[@]}" -d --name odd "$scratch/odd" sleep 60
expect 0 "$coffer" stop --time 1 odd
says 'stop signal "FOO" is none: TERM instead'
expect 0 "$coffer" rm odd

note "Ctrl-C while it starts leaves nothing behind"
printf '#!/bin/sh\n[ "$1" = --version ] || sleep 3\nexec crun "$@"\n' >"$scratch/slow"
chmod 755 "$scratch/slow"
setsid "${run[@]}" --rm --name interrupted --runtime "$scratch/slow" "$image" true >"$scratch/out" 2>&1 &
pid=$!
sleep 1.5
kill -INT "$pid"
wait "$pid"
[ $? = 130 ] || { cat "$scratch/out"; fail "Ctrl-C gives another status than 130"; }
expect 0 "$coffer" ps --all
says_not interrupted
[ -z "$(ls -A "$COFFER_ROOT/containers" 2>/dev/null)" ] || fail "folders are left: $(ls "$COFFER_ROOT/containers")"

note "options in front of the command, and half a command"
expect 0 "$coffer" --root "$COFFER_ROOT" -q ledger verify
expect 2 "$coffer" --format json ledger list
says '^coffer: unrecognized option'
expect 2 "$coffer" --root
expect 2 "$coffer" ledger
says 'say which: ledger list, '
expect 2 "$coffer" frobnicate
says "there is no command 'frobnicate'"

note "what could not be written was not done"
for command in "ledger list" "ps --all" "doctor" "version" "help"; do
        # shellcheck disable=SC2086 # two words
        "$coffer" $command >/dev/full 2>"$scratch/err"
        [ $? = 3 ] || fail "$command into a full disk ends with $?"
        grep -q 'standard output: ' "$scratch/err" || fail "$command says nothing of a full disk"
done

note "--output: as private as the umask or the file that was there"
(umask 077 && "$coffer" scan -o json -O "$scratch/private.json" "$image") >/dev/null || fail "scan -O"
[ "$(stat -c %a "$scratch/private.json")" = 600 ] || fail "the umask was not heeded: $(stat -c %a "$scratch/private.json")"
chmod 640 "$scratch/private.json"
(umask 022 && "$coffer" scan -o json -O "$scratch/private.json" "$image") >/dev/null || fail "scan -O"
[ "$(stat -c %a "$scratch/private.json")" = 640 ] || fail "the file's mode was widened: $(stat -c %a "$scratch/private.json")"
nothing_left
