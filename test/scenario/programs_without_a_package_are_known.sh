# Programs that were copied to where no package manager knows them: Coffer says of each what the program itself says; and of
# wheels that lie as files what pip says of them.
. "$(dirname "$0")/lib.sh"
need jq

put=$scratch/put
mkdir -p "$put/opt/bin" "$put/opt/lib" "$put/opt/wheels"
known() { # NAME FILE: the version that is listed for the file
        jq -r --arg file "$2" '.components[] | select(any(.evidence.occurrences[]?; .location == $file)) |
                select(.purl | startswith("pkg:generic/'"$1"'@")) | .version' "$scratch/list.json"
}

# NAME COMMAND OPTION EXPRESSION: what the program says, cut out by sed.
programs="bash bash --version s/^.*version.\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p
curl curl --version s/^curl.\([0-9.]*\).*libcurl.*/\1/p
gawk gawk --version s/^GNU.Awk.\([0-9.]*\),.*/\1/p
git git --version s/^git.version.\([0-9.]*\).*/\1/p
haproxy haproxy -v s/^HAProxy.version.\([0-9.]*\)-.*/\1/p
jq jq --version s/^jq-\([0-9.]*\).*/\1/p
lighttpd lighttpd -v s/^lighttpd.\([0-9.]*\).*/\1/p
lua lua5.4 -v s/^Lua.\([0-9.]*\).*/\1/p
mariadb mariadb --version s/^.*Distrib.\([0-9.]*\)-MariaDB.*/\1/p
memcached memcached --version s/^memcached.\([0-9.]*\).*/\1/p
nginx nginx -v s/^nginx.version:.nginx.\([0-9.]*\).*/\1/p
node node --version s/^v\([0-9.]*\)$/\1/p
openssh sshd -V s/^OpenSSH_\([0-9.p]*\).*/\1/p
openssl openssl version s/^OpenSSL.\([0-9a-z.]*\).*/\1/p
perl perl -v s/^This.is.perl.*(v\([0-9.]*\)).*/\1/p
php php --version s/^PHP.\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p
postgresql psql --version s/^psql.(PostgreSQL).\([0-9.]*\).*/\1/p
python python3.11 --version s/^Python.\([0-9.]*\)$/\1/p
sudo sudo --version s/^Sudo.version.\([0-9.p]*\)$/\1/p
tini tini --version s/^tini.version.\([0-9.]*\).*/\1/p
unbound unbound -V s/^Version.\([0-9.]*\)$/\1/p
xz xz --version s/^xz.*Utils).\([0-9.]*\)$/\1/p
zstd zstd --version s/^.*v\([0-9]*\.[0-9]*\.[0-9]*\),.*/\1/p"

while read -r name command option expression; do
        file=$(readlink -f "$(PATH=/usr/bin:/usr/sbin:/bin:/sbin command -v "$command")")
        [ -f "$file" ] && [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
        cp "$file" "$put/opt/bin/$command"
        said=$("$file" "$option" 2>&1 </dev/null | tr -d '\033' | sed -n "$expression" | head -n 1)
        [ -n "$said" ] || fail "$file $option says no version that is understood here"
        echo "$name opt/bin/$command $said" >>"$scratch/expected"
done <<<"$programs"
[ -s "$scratch/expected" ] || skip "none of the programs is installed here"

if command -v pip >/dev/null; then
        mkdir -p "$scratch/project"
        printf '[project]\nname = "Some_Tool.x"\nversion = "1.2.post3"\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n' \
                >"$scratch/project/pyproject.toml"
        pip wheel -q --no-deps -w "$put/opt/wheels" "$scratch/project" >/dev/null 2>&1 ||
                note "pip makes no wheel here: passed over"
fi
bundled=$(python3 -c 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__) + "/_bundled")' 2>/dev/null)
for wheel in "$bundled"/*.whl /usr/share/python-wheels/*.whl; do
        [ -f "$wheel" ] && cp "$wheel" "$put/opt/wheels/"
done

"$coffer" sbom --no-store "dir:$put" >"$scratch/list.json" || fail "the folder is not read"
n=0
while read -r name file said; do
        listed=$(known "$name" "$file")
        [ "$listed" = "$said" ] || fail "$file: Coffer lists \"$listed\", the program says \"$said\""
        n=$((n + 1))
done <"$scratch/expected"
note "$n programs are known by the version that they say themselves"

n=0
for wheel in "$put"/opt/wheels/*.whl; do
        [ -f "$wheel" ] || continue
        name=$(basename "$wheel")
        want=pkg:pypi/$(echo "${name%%-*}" | tr 'A-Z_.' 'a-z--')@$(echo "$name" | cut -d- -f2)
        jq -e --arg want "$want" 'any(.components[]; .purl == $want)' "$scratch/list.json" >/dev/null || fail "$name: no $want"
        n=$((n + 1))
done
note "$n wheels that lie as files are known"

note "of what the system's package manager owns the package is told, and not the program"
mkdir -p "$put/var/lib/dpkg/info" "$put/etc"
printf 'ID=debian\nVERSION_ID="12"\n' >"$put/etc/os-release"
printf 'Package: tools\nStatus: install ok installed\nMaintainer: nobody\nVersion: 9\nArchitecture: all\nDescription: programs\n' >"$put/var/lib/dpkg/status"
sed 's/^[^ ]* \([^ ]*\) .*/\/\1/' "$scratch/expected" >"$put/var/lib/dpkg/info/tools.list"
"$coffer" sbom --no-store "dir:$put" >"$scratch/list.json" || fail "the folder is not read"
while read -r name file said; do
        [ -z "$(known "$name" "$file")" ] || fail "$file is listed beside its package"
done <"$scratch/expected"
