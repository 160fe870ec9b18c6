# Each option that lets a container do more is refused by a policy that limits it, and allowed by one that allows it.
. "$(dirname "$0")/lib.sh"
demo_image
mkdir "$scratch/records" "$scratch/data" "$scratch/data/sub" "$scratch/elsewhere"
cp "$top"/demo/advisories/*.json "$scratch/records"
rm "$scratch/records/DEBIAN-CVE-2023-45853.json" # so that the image itself gives no reason
expect 0 "$coffer" db build "$scratch/records"
echo fine >"$scratch/data/sub/file"
echo other >"$scratch/elsewhere/file"
ln -s "$scratch/elsewhere" "$scratch/data/link"
real=$(realpath "$scratch")

# both SECTION-LINE WORDS ALLOWING-LINE OPTION... : refused by the one (with its line, in words), started by the other.
both() {
        local limits=$1 words=$2 allows=$3
        shift 3
        note "$limits: $*"
        printf 'version: 1\nrun:\n  %s\n' "$limits" >"$scratch/limits.yaml"
        printf 'version: 1\nrun:\n  %s\n' "$allows" >"$scratch/allows.yaml"
        expect 125 "$coffer" run --rm --policy "$scratch/limits.yaml" "$@" "$image" /bin/echo started
        says "limits.yaml:3: .*$words"
        says 'the record of this decision is sha256:'
        says_not '^started'
        expect 0 "$coffer" run --rm --policy "$scratch/allows.yaml" "$@" "$image" /bin/echo started
        says '(^| )started$'
}
both 'network: none' "leave --network host out" 'network: host' --network host
both 'volumes: []' "no volume is allowed" "volumes: [$real/data]" -v "$scratch/data:/d"
both "volumes: ['$real/data/*:ro']" "is writable.*end it with :ro" "volumes: ['$real/data/*']" -v "$scratch/data/sub:/d"
both "volumes: [$real/data]" "none of the volumes allowed" "volumes: ['$real/**']" -v "$scratch/data/sub:/d"
both 'user: non-root' "run as root.*--user 1000" 'user: any' --user 0
both 'user: non-root' "root can't be told from the name.*say the number" 'user: any' --user www-data
both 'user: non-root' "run as root" 'user: any' --user 00:5
both 'command: image' "leave --entrypoint and the words" 'command: any' --entrypoint /bin/echo
both "environment: {deny: ['LD_*']}" "LD_PRELOAD is denied by LD_" "environment: {allow: ['LD_*']}" -e LD_PRELOAD=
both 'environment: {allow: []}' "A is none of the variables" 'environment: {deny: [B]}' -e A=1
both 'read_only: true' "say --read-only" 'read_only: false' --name widest
both 'allow_32bit: false' "leave --allow-32bit out" 'allow_32bit: true' --allow-32bit
runtime=$(command -v crun || command -v runc) || skip "needs crun or runc"
both 'runtimes: []' "leave --runtime out" "runtimes: [$(basename "$runtime")]" --runtime "$(basename "$runtime")"
cp "$runtime" "$scratch/$(basename "$runtime")"
both "runtimes: [$(basename "$runtime")]" "leave --runtime out" "runtimes: ['$real/*']" --runtime "$scratch/$(basename "$runtime")"
both 'max_pids: 100' "would have 1024 processes: say --pids-limit" 'max_pids: 1024' --name limits
both 'max_memory: 1GiB' "would have .*: say --memory" 'max_memory: 512GiB' --memory 2g
both 'max_memory: 1MiB' "would have .*: say --memory" 'max_memory: 64TiB' --name default_memory
both 'max_cpus: 1' "would have 2 CPUs: say --cpus" 'max_cpus: 2' --cpus 2
printf 'version: 1\nrun:\n  max_cpus: 1\n' >"$scratch/cpus.yaml"
expect 125 "$coffer" run --rm --policy "$scratch/cpus.yaml" "$image" true
says 'no limit is set: say --cpus'

note "the tightest run meets the tightest policy"
cat >"$scratch/tight.yaml" <<EOF
version: 1
run:
  network: none
  volumes: ["$real/data/sub:ro"]
  user: non-root
  environment: {allow: [APP_MODE]}
  runtimes: []
  read_only: true
  allow_32bit: false
  max_memory: 256MiB
  max_cpus: 0.5
  max_pids: 64
EOF
tight=(--user 1000:1000 --read-only --memory 256m --cpus 0.5 --pids-limit 64 -e APP_MODE=x)
expect 0 "$coffer" run --rm --policy "$scratch/tight.yaml" "${tight[@]}" -v "$scratch/data/sub:/d:ro" "$image" cat /d/file
says '^fine$'

note "neither links nor .. lead round the volumes that are allowed"
printf 'version: 1\nrun: {volumes: ["%s/data/**"]}\n' "$real" >"$scratch/data.yaml"
for way in "$scratch/data/link" "$scratch/data/sub/../../elsewhere" "$scratch/data/link/." "/proc/self/root$scratch/elsewhere"; do
        expect 125 "$coffer" run --rm --policy "$scratch/data.yaml" -v "$way:/d" "$image" cat /d/file
        says "\\(really $real/elsewhere\\) is none of the volumes allowed"
done
cd "$scratch/data" || exit 1
expect 0 "$coffer" run --rm --policy "$scratch/data.yaml" -v ./sub:/d "$image" cat /d/file
ln -s data "$scratch/by_link"
expect 0 "$coffer" run --rm --policy "$scratch/data.yaml" -v "$scratch/by_link/sub:/d" "$image" cat /d/file
says '^fine$'

note "a link that changes its target all the time gives what was judged, or is refused"
ln -sfn sub "$scratch/data/swap"
( while :; do ln -sfn sub "$scratch/data/.s" && mv -T "$scratch/data/.s" "$scratch/data/swap"
        ln -sfn ../elsewhere "$scratch/data/.s" && mv -T "$scratch/data/.s" "$scratch/data/swap"; done ) 2>/dev/null &
swapper=$!
for _ in 1 2 3 4 5 6 7 8; do
        "$coffer" run --rm --policy "$scratch/data.yaml" -v "$scratch/data/swap:/d" "$image" cat /d/file >"$scratch/out" 2>"$scratch/err" </dev/null
        case $? in
        0) [ "$(cat "$scratch/out")" = fine ] || { kill $swapper; fail "what was mounted is not what was judged"; } ;;
        125) says "none of the volumes allowed" ;;
        *) kill $swapper; fail "neither started nor refused" ;;
        esac
done
kill $swapper
wait $swapper 2>/dev/null

note "every reason at once, as JSON and on record, before anything is unpacked"
rm -rf "${COFFER_ROOT:?}/layers"
expect 125 "$coffer" run --json --policy "$scratch/tight.yaml" --network host --allow-32bit -v /etc:/host "$image" true
jq -e '.event == "run.refused" and (.reasons | length) == 8 and all(.reasons[]; .kind == "run")' "$scratch/err" >/dev/null ||
        { cat "$scratch/err"; fail "not every reason is in the JSON"; }
[ ! -e "$COFFER_ROOT/layers" ] || fail "something was unpacked"
expect 0 "$coffer" ledger export
tail -n 1 "$scratch/out" | jq -r .body >"$scratch/record"
grep -q 'leave --network host out' "$scratch/record" || fail "the reasons are not on record"
grep -q '"volumes":\[{"asked":"/etc","source":"/etc","read_only":false}\]' "$scratch/record" ||
        { cat "$scratch/record"; fail "what was asked for is not on record"; }

note "a check and a scan say that they have not judged it"
expect 0 "$coffer" check --policy "$scratch/tight.yaml" "$image"
says 'not judged: how it is run \(line 3 of the policy\)'
expect 0 "$coffer" scan --policy "$scratch/tight.yaml" "$image"
says 'not judged: how it is run'
expect 0 "$coffer" check --format json --policy "$scratch/tight.yaml" "$image"
jq -e '.verdict.not_judged == ["run"]' "$scratch/out" >/dev/null || fail "the JSON does not say so"
nothing_left
