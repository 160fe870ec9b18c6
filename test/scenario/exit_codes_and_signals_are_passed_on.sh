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
nothing_left
