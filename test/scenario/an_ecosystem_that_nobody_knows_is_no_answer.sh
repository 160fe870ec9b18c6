# "npm" written "NPM" is a mistake: no command may answer it as if there were nothing, and each says which name was meant.
. "$(dirname "$0")/lib.sh"
need jq

mkdir -p "$scratch/tree/node_modules/left" "$scratch/tree/etc" "$scratch/tree/lib/apk/db"
echo '{"name":"left","version":"1.0.0"}' >"$scratch/tree/node_modules/left/package.json"
printf 'ID=alpine\nVERSION_ID=3.18.4\n' >"$scratch/tree/etc/os-release"
printf 'P:busybox\nV:1.36.1-r2\nA:x86_64\n\n' >"$scratch/tree/lib/apk/db/installed"
tar -C "$scratch/tree" -cf "$scratch/tree.tar" .
oci_image "$scratch/image" "$scratch/tree.tar"
echo '{"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"left"},"versions":["1.0.0"]}]}' >"$scratch/feed.jsonl"
expect 0 "$coffer" db build "$scratch/feed.jsonl"
"$coffer" scan "$scratch/image" >/dev/null 2>&1

note "affected, db lookup and versions: exit 2, and the name that was meant"
expect 1 "$coffer" affected npm left
for of in 'NPM npm' 'Npm:1 npm' 'npmm npm' 'pypi PyPI' 'crates crates.io' 'Rocky Rocky.Linux' 'Debain:12 Debian' 'gentoo Gentoo'; do
        for command in "affected ${of% *} left" "db lookup ${of% *} left 1.0.0" "versions ${of% *}"; do
                # shellcheck disable=SC2086 # words
                expect 2 "$coffer" $command
                says "no ecosystem is known as '${of% *}'; did you mean: (.*, )?${of#* }(,|$)"
                [ ! -s "$scratch/out" ] || fail "$command: something is answered"
        done
done
expect 2 "$coffer" affected --json NPM left
[ ! -s "$scratch/out" ] || fail "an empty list is an answer"

note "what resembles nothing gets all names"
expect 2 "$coffer" affected --quiet zzzzzzzzz left
says "known as 'zzzzzzzzz'; known are: Debian, .*npm, .*Gentoo"
expect 2 "$coffer" db lookup "$(head -c 5000 /dev/zero | tr '\0' a)" left 1
says 'known are: Debian'
expect 2 "$coffer" db lookup '' left 1
says 'known are: Debian'

note "what no image has is still answered where the name is known; a release that is spelled otherwise is told"
expect 0 "$coffer" affected PyPI left
says 'no known image has the package'
expect 0 "$coffer" affected Alpine:3.18 busybox
says 'no known image has anything of Alpine:3.18; there are: Alpine:v3.18'
expect 1 "$coffer" affected Alpine busybox
expect 1 "$coffer" affected Alpine:v3.18 busybox
says_not 'anything of'

note "a name in another of its spellings is the same package"
mkdir -p "$scratch/py/app"
echo 'Flask_Login==0.6.2' >"$scratch/py/app/requirements.txt"
tar -C "$scratch/py" -cf "$scratch/py.tar" .
oci_image "$scratch/py-image" "$scratch/py.tar"
"$coffer" scan "$scratch/py-image" >/dev/null 2>&1
for name in flask-login Flask_Login flask.LOGIN; do
        expect 1 "$coffer" affected PyPI $name
        says 'flask-login 0.6.2'
done

note "an argument is printed as everything from outside: it can't move the cursor"
escape=$(printf 'a\033[2Jb')
expect 0 "$coffer" db lookup "npm:$escape" "$escape" 1.0.0
says '^no record of npm:a\?\[2Jb a\?\[2Jb$'
expect 2 "$coffer" db lookup "$escape" left 1.0.0
expect 2 "$coffer" versions "$escape"
expect 2 "$coffer" affected "$escape" left
! grep -q "$(printf '\033')" "$scratch/out" "$scratch/err" || fail "an escape went through"
