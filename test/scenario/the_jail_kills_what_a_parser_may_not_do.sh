# Each forbidden act, tried inside the shipped worker after its lock-down, ends with its death; without Landlock or
# seccomp nothing is parsed.
. "$(dirname "$0")/lib.sh"
demo_database
python3 "$top/test/tools/bad_image.py" good "$scratch/good" || fail "bad_image.py"

note "every act is killed"
expect 0 "$coffer" doctor --jail
for act in open socket execve ptrace clone; do
        says "^ *$act.*killed"
done
says_not 'NOT killed|survived'

note "no sandbox, no parse"
deny=$build/src/jail/deny_syscall
[ -x "$deny" ] || deny=$build/test/tools/deny_syscall
[ -x "$deny" ] || deny=$(find "$build" -name deny_syscall -type f | head -n 1)
[ -x "$deny" ] || fail "deny_syscall is not built"
expect 3 "$deny" landlock_create_ruleset=ENOSYS -- "$coffer" scan "$scratch/good"
says '[Ll]andlock'
says_not 'openssl'
expect 3 "$deny" seccomp=ENOSYS -- "$coffer" scan "$scratch/good"
says '[Ss]eccomp'
says_not 'openssl'
expect 0 "$coffer" scan -o json "$scratch/good"
says openssl
nothing_left
