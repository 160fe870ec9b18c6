# How a container stands and why it ended is told: damaged records, memory limits, Ctrl-C, narrow terminals, inspect.
. "$(dirname "$0")/lib.sh"
demo_image
demo_database
need script
need python3
printf 'version: 1\n' >"$scratch/policy.yaml"
run=("$coffer" run --policy "$scratch/policy.yaml")

note "one damaged record: the others are listed, and rm --force takes it"
expect 0 "${run[@]}" --name first "$image" true
expect 0 "${run[@]}" --name second "$image" true
expect 0 "${run[@]}" -d --name third "$image" sleep 300
id_of() { "$coffer" ps -a --json 2>/dev/null | jq -r ".[] | select(.name == \"$1\").id"; }
second=$(id_of second)
echo '{' >"$COFFER_ROOT/containers/$second/exit"
expect 3 "$coffer" ps -a
says '^[0-9a-f]{12}  first  .*exited \(0\)'
says '^[0-9a-f]{12}  second  .*damaged'
says '^[0-9a-f]{12}  third  .*running'
says "container $second: .*exit record"
expect 3 "$coffer" ps -a --json
jq -e '[sort_by(.name)[].state] == ["exited", "damaged", "running"]' "$scratch/out" >/dev/null || fail "ps --json: $(cat "$scratch/out")"
expect 3 "$coffer" inspect second
jq -e '.state == "damaged" and .start.verdict == "allow"' "$scratch/out" >/dev/null || fail "inspect: $(cat "$scratch/out")"
expect 0 "$coffer" logs second
expect 0 "$coffer" stop second
expect 3 "$coffer" rm second
says 'exit record.*--force'
expect 0 "$coffer" rm --force second
[ ! -e "$COFFER_ROOT/containers/$second" ] || fail "its folder stays"
for damage in 'printf ""' 'echo "{\"status\":999}"' 'head -c 100000 /dev/zero'; do
        expect 0 "${run[@]}" --name second "$image" true
        eval "$damage" >"$COFFER_ROOT/containers/$(id_of second)/exit"
        expect 3 "$coffer" ps
        says 'second.*damaged'
        expect 0 "$coffer" rm -f second
done
note "... one that runs: its processes end before its ids are free"
third=$(id_of third)
pid=$("$coffer" ps --json | jq '.[] | select(.name == "third").pid')
[ -d "/proc/$pid" ] || fail "no process of third"
mkdir "$COFFER_ROOT/containers/$third/exit"
expect 3 "$coffer" ps
says 'third.*damaged'
expect 3 "$coffer" rm third
[ -d "/proc/$pid" ] || fail "rm without --force killed it"
expect 0 "$coffer" rm --force third
[ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" || fail "its process lives on"
expect 0 "$coffer" ps -a
says_not 'second|third'
expect 0 "$coffer" rm first

note "killed for its memory limit"
eat='x=$(head -c 50000000 /dev/zero | tr "\0" x)'
expect 137 "${run[@]}" --rm -m 20m "$image" sh -c "$eat"
if ! grep -q 'memory limit is not in force' "$scratch/err"; then
        says 'out of memory: the kernel killed the container for the limit of 20\.0 MiB; --memory'
        expect 137 "${run[@]}" --rm --json -m 20m "$image" sh -c "$eat"
        jq -e 'select(.event == "run.out_of_memory") | .memory_max == 20971520 and .exit_status == 137' "$scratch/err" >/dev/null ||
                fail "--json: $(cat "$scratch/err")"
        expect 5 "${run[@]}" --rm -m 20m "$image" sh -c "(sh -c '$eat'); exit 5"
        says 'killed a process of the container for the limit'
fi
expect 9 "${run[@]}" --rm -m 64m "$image" sh -c 'exit 9'
says_not 'out of memory'
expect 137 "${run[@]}" --rm -m 64m "$image" sh -c 'sh -c "kill -9 \$\$"; exit $?'
says_not 'out of memory'

note "limits that are none"
expect 125 "${run[@]}" --rm --cpus 0.001 "$image" true
says '^coffer: malformed: --cpus 0.001: the least that the kernel can give is 0.01'
expect 125 "${run[@]}" --rm --cpus 0.009 "$image" true
expect 125 "${run[@]}" --rm --cpus 0 "$image" true
expect 0 "${run[@]}" --rm --cpus 0.01 "$image" true
expect 125 "${run[@]}" --rm -m 0 "$image" true
says '^coffer: malformed: --memory 0: no container runs without a limit'
expect 125 "${run[@]}" --rm --pids-limit 0 "$image" true
says '^coffer: malformed: --pids-limit 0: no container runs without a limit'
[ "$("$coffer" ps -a --json)" = "[]" ] || fail "a refused start left a container"

note "inspect says what its help promises"
mkdir "$scratch/volume"
expect 0 "${run[@]}" -d --name told --cpus 0.5 -m 100m --pids-limit 77 --hostname box -u 65534:65534 -w /tmp -e PASSWORD=secret-value \
        -v "$scratch/volume:/data" --allow-32bit --read-only "$image" sleep 300
expect 0 "$coffer" inspect told
jq -e --arg v "$scratch/volume" '.state == "running" and .image_digest != "none" and .out_of_memory == false and .started != null and
        (.start | .verdict == "allow" and (.policy | test("policy.yaml")) and (.policy_digest | test("^sha256:")) and
        (.decision | test("^sha256:")) and .seccomp == "default, set-id modes denied, 32-bit calls allowed" and .cpu_milli == 500 and
        .memory_max == 104857600 and .pids_max == 77 and .volumes == [{"source": $v, "target": "/data", "read_only": false}] and
        (.environment | index("PASSWORD") != null) and .network == "none" and .hostname == "box" and .allow_32bit == true and
        (.runtime | test("^/.*(crun|runc)$")) and .user == "65534:65534" and .working_dir == "/tmp" and .read_only == true and
        .tmpfs == true and .ids_first >= 65536 and (.layers | length) > 0 and .args == ["sleep", "300"])' "$scratch/out" >/dev/null ||
        fail "inspect: $(cat "$scratch/out")"
says_not 'secret-value'
pid=$(jq .pid "$scratch/out")
[ "$(readlink "/proc/$pid/exe")" != "" ] || fail "inspect's pid is no process"
expect 0 "$coffer" rm --force told
expect 0 "${run[@]}" --name plain "$image" true
expect 0 "$coffer" inspect plain
half=$(($(getconf _PHYS_PAGES) * $(getconf PAGESIZE) / 2))
jq -e --argjson half $half '.start | .memory_max == $half and .pids_max == 1024 and .cpu_milli == 0 and .volumes == [] and
        .seccomp == "default" and .allow_32bit == false and .tmpfs == false' "$scratch/out" >/dev/null || fail "inspect: $(cat "$scratch/out")"
expect 0 "$coffer" rm plain

note "Ctrl-C on a command that ignores it: a line after the first, the end after the third"
"${run[@]}" --name stubborn "$image" sh -c 'trap "" INT; echo ready; while :; do sleep 0.1; done' >"$scratch/out" 2>"$scratch/err" &
pid=$!
for _ in $(seq 100); do grep -q ready "$scratch/out" && break; sleep 0.1; done
kill -INT $pid
for _ in $(seq 50); do [ -s "$scratch/err" ] && break; sleep 0.1; done
says '^coffer: SIGINT was sent to the container, which goes on; 2 more \(Ctrl-C\) end it by force$'
kill -INT $pid
sleep 0.3
[ -d /proc/$pid ] || fail "the second one ended it"
kill -INT $pid
wait $pid
[ $? = 137 ] || fail "the third one did not end it by force"
[ "$(grep -c SIGINT "$scratch/err")" = 1 ] || fail "it is told more than once: $(cat "$scratch/err")"
expect 0 "$coffer" rm stubborn
"${run[@]}" --rm "$image" sh -c 'trap "exit 3" INT; echo ready; while :; do sleep 0.05; done' >"$scratch/out" 2>"$scratch/err" &
pid=$!
for _ in $(seq 100); do grep -q ready "$scratch/out" && break; sleep 0.1; done
kill -INT $pid
wait $pid
[ $? = 3 ] || fail "its own handler's status"
says_not 'SIGINT was sent'

note "ps fits the terminal: commands give way, then images, never ids and names"
long=a-name-of-forty-two-characters-in-all-x-y-z
expect 0 "${run[@]}" --name $long "$image" sh -c 'echo a rather long command with many words in it >/dev/null'
id=$(id_of $long)
at() { script -qec "stty cols $1 rows 24; $coffer ps -a" /dev/null </dev/null 2>/dev/null | tr -d '\r' >"$scratch/out"; }
widest() { awk '{ if (length($0) > w) w = length($0) } END { print w + 0 }' "$scratch/out"; }
for cols in 120 140 160; do
        at $cols
        [ "$(widest)" -le $cols ] || fail "wider than $cols: $(cat "$scratch/out")"
        says "^$id  $long  exited \(0\)  "
done
at 120
says '\.\.\.'
at 60
says "^$id  $long  exited \(0\)  " # as narrow as it can be
at 300
says_not '\.\.\.$'
expect 0 "$coffer" ps -a # no terminal: columns as ever
[ "$(head -n 1 "$scratch/out")" = "$(printf '%-12s  %-20s  %-20s  %-22s  %-28s  %s' ID NAME STATE CREATED IMAGE COMMAND)" ] || fail "columns moved: $(head -n 1 "$scratch/out")"
expect 0 "$coffer" rm $long

note "--read-only: /tmp, /run and /var/tmp can be written, in memory; the root can't"
write='for d in /tmp /run /var/tmp /etc /; do (echo x >$d/probe) 2>/dev/null && echo "$d yes" || echo "$d no"; done'
expect 0 "${run[@]}" --rm --read-only "$image" sh -c "$write"
[ "$(cat "$scratch/out")" = "$(printf '/tmp yes\n/run yes\n/var/tmp yes\n/etc no\n/ no')" ] || fail "--read-only: $(cat "$scratch/out")"
expect 0 "${run[@]}" --rm --read-only --read-only-tmpfs=false "$image" sh -c "$write"
says_not ' yes'
expect 0 "${run[@]}" --rm --read-only "$image" sh -c 'stat -f -c %T /tmp /run /var/tmp; stat -c %a /tmp /run /var/tmp'
[ "$(cat "$scratch/out")" = "$(printf 'tmpfs\ntmpfs\ntmpfs\n1777\n755\n1777')" ] || fail "--read-only: $(cat "$scratch/out")"
expect 0 "${run[@]}" --rm "$image" sh -c 'stat -f -c %T /tmp'
says_not 'tmpfs'
expect 0 "${run[@]}" --rm --read-only -v "$scratch/volume:/tmp" -v "$scratch/volume:/run/deep/er:ro" "$image" \
        sh -c 'echo given >/tmp/from-inside; cat /run/deep/er/from-inside; (echo x >/run/deep/er/no) 2>/dev/null || echo refused'
says '^given$'
says '^refused$'
expect 125 "${run[@]}" --rm --read-only --read-only-tmpfs=maybe "$image" true
note "... but nothing is mounted where an image links its /tmp to"
if [ -x /bin/busybox ]; then
        mkdir -p "$scratch/odd/bin" "$scratch/odd/var" "$scratch/odd/etc"
        cp /bin/busybox "$scratch/odd/bin/busybox"
        ln -s busybox "$scratch/odd/bin/sh"
        ln -s /proc "$scratch/odd/tmp"
        ln -s / "$scratch/odd/var/tmp"
        ln -s /dev "$scratch/odd/run"
        tar -C "$scratch/odd" -cf "$scratch/odd.tar" bin var etc tmp run
        oci_image "$scratch/odd-image" "$scratch/odd.tar"
        printf 'version: 1\nrequire: {scan: false}\n' >"$scratch/any.yaml"
        expect 0 "$coffer" run --rm -p "$scratch/any.yaml" --read-only "$scratch/odd-image" \
                sh -c 'busybox ls /proc/self/status /dev/null /bin/busybox; (echo x >/file) 2>/dev/null || echo refused'
        [ "$(wc -l <"$scratch/out")" = 4 ] && grep -q refused "$scratch/out" || fail "links: $(cat "$scratch/out")"
fi

note "-q is quiet"
expect 0 "$coffer" sbom -O "$scratch/bom.json" "$image"
jq '.vulnerabilities = [{"id": "CVE-2020-1", "analysis": {"state": "not_affected"}, "affects": []}] | .components += [{"type": "library", "name": "nothing-known"}]' \
        "$scratch/bom.json" >"$scratch/vex.json"
"$coffer" sbom "$scratch/vex.json" >/dev/null 2>"$scratch/err"
rc=$?
grep -q VEX "$scratch/err" && [ "$(wc -l <"$scratch/err")" -gt 1 ] || fail "no remarks to be quiet about: $(cat "$scratch/err")"
"$coffer" sbom -q "$scratch/vex.json" >/dev/null 2>"$scratch/err"
[ $? = $rc ] || fail "-q changes the status"
[ ! -s "$scratch/err" ] || fail "-q is not quiet: $(cat "$scratch/err")"
nothing_left
