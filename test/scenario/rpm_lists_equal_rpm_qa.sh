# What rpm itself installed into a root is what we list: name, epoch, version, release, architecture, licence, vendor, module,
# source package and number of files, as `rpm -qa` says them; also while the write-ahead log holds what no checkpoint has
# moved, after an erasure in a layer above, and when the same headers lie in a Berkeley DB of either byte order.
# Debian's rpm has no ndb: RPM_NDB=/path/to/rpm names one that has, else that part is told to be left out.
. "$(dirname "$0")/lib.sh"
need_root
for tool in rpm rpmbuild jq python3; do need "$tool"; done
[ "$(rpm --eval '%{_db_backend}')" = sqlite ] || skip "this rpm has another database than SQLite"

summary='Summary: a package
Vendor: Example, Inc.
%description
A package.'
body() { # a folder, a file, a configuration file, one that is documentation and one that is only named
        cat <<X
%install
mkdir -p %{buildroot}/opt/%{name} %{buildroot}/usr/share/doc/%{name} %{buildroot}/etc
echo %{name} > %{buildroot}/opt/%{name}/file
echo %{name} > %{buildroot}/etc/%{name}.conf
echo %{name} > %{buildroot}/usr/share/doc/%{name}/README
%files
%dir /opt/%{name}
/opt/%{name}/file
%config(noreplace) /etc/%{name}.conf
%doc /usr/share/doc/%{name}/README
%ghost /var/log/%{name}.log
X
}
build() { # TARGET: of the spec on standard input
        cat >"$scratch/spec.spec"
        rpmbuild -bb --quiet --target "$1" --define "_topdir $scratch/rpm" --define '_build_id_links none' \
                --define 'debug_package %{nil}' "$scratch/spec.spec" >"$scratch/log" 2>&1 ||
                { tail -n 5 "$scratch/log"; fail "rpmbuild"; }
}
package() { # NAME VERSION RELEASE EPOCH TARGET LICENCE MODULE
        {
                printf 'Name: %s\nVersion: %s\nRelease: %s\nLicense: %s\n' "$1" "$2" "$3" "$6"
                [ -z "$4" ] || echo "Epoch: $4"
                [ -z "${7:-}" ] || echo "ModularityLabel: $7"
                echo "$summary"
                body
        } | build "$5"
}
note "packages of every shape"
package plain 1.0 1 '' noarch MIT
package epoch 2.4 3.el9 7 noarch GPL-2.0-or-later
package zero 2.4 3.el9 0 noarch 'GPLv2+ and (LGPLv2+ or MPLv1.1)'
package tilde '3.0~rc1' 0.1 '' noarch BSD
package caret '3.0^20260101git1a2b3c' 1 '' noarch 'GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT'
package under_score+plus.dot 1_2 1 '' noarch 'Public Domain'
package c++ 1 1.fc40 '' noarch 'Ünïcode licence'
package intel 1.2 1 '' i686 MIT
package amd 1.2 1 '' x86_64 MIT
package arm 1.2 1 '' aarch64 MIT
package ibm 1.2 1 '' s390x MIT
package module 18.1 1.module_el9 1 noarch MIT nodejs:18:9020020230825081254:rhel9
for i in $(seq 60); do
        printf 'Name: many-%s\nVersion: %s.0\nRelease: 1\nLicense: MIT\n%s\n%%files\n' "$i" "$i" "$summary" | build noarch
done
# A source package with two others, one with a version of its own.
{
        printf 'Name: origin\nVersion: 5\nRelease: 2\nEpoch: 3\nLicense: MIT\n%s\n' "$summary"
        printf '%%package libs\nSummary: libraries\nLicense: LGPL-2.1-only\n%%description libs\nLibraries.\n'
        printf '%%package -n other\nSummary: another\nVersion: 0.9\nEpoch: 4\n%%description -n other\nAnother.\n'
        body
        printf '%%files libs\n%%files -n other\n'
} | build noarch

root=$scratch/root-fs
mkdir -p "$root/etc" "$root/var/lib/rpm"
printf 'ID=almalinux\nVERSION_ID=9.4\nPRETTY_NAME="AlmaLinux 9.4"\n' >"$root/etc/os-release"
r=(rpm --root "$root" --dbpath /var/lib/rpm)
install() { "${r[@]}" -i --nodeps --ignorearch --ignoreos --nosignature "$@" >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -i"; }; }
mkdir "$scratch/later"
mv "$scratch"/rpm/RPMS/noarch/many-5[0-9]-*.rpm "$scratch/later/"
install --excludedocs "$scratch"/rpm/RPMS/*/*.rpm
if command -v gpg >/dev/null; then # a key is kept as a package, and is none
        export GNUPGHOME=$scratch/gnupg
        mkdir -m 700 "$GNUPGHOME"
        gpg --batch --quiet --passphrase '' --quick-gen-key key@example.com rsa2048 2>/dev/null && gpg --armor --export >"$scratch/key"
        "${r[@]}" --import "$scratch/key" || fail "rpm --import"
        [ -n "$("${r[@]}" -q gpg-pubkey)" ] || fail "no key is in the database"
fi

query='%{NAME}|%|EPOCH?{%{EPOCH}:}:{}||%{VERSION}-%{RELEASE}|%{ARCH}|%{LICENSE}|%{VENDOR}|%|MODULARITYLABEL?{%{MODULARITYLABEL}}:{}||%{SOURCERPM}|'
truth() { # COMMAND...: an rpm with its database
        "$@" -qa --qf "$query"'[%{FILESTATES},%{FILEFLAGS} ]\n' | grep -v '^gpg-pubkey|' | python3 -c '
import sys
for line in sys.stdin:
    name, epoch, version, arch, licence, vendor, module, source, files = line.rstrip("\n").split("|")
    epoch = "" if epoch == "0:" else epoch
    source = source.removesuffix(".src.rpm").rsplit("-", 2)
    files = sum(s == "0" and not int(f) & 64 for s, f in (x.split(",") for x in files.split()))
    print(name, epoch + version, arch, licence, vendor, module, source[0], epoch + "-".join(source[1:]), files, sep="|")' | LC_ALL=C sort
}
ours() { # IMAGE
        "$coffer" scan -o json "$1" >"$scratch/out" 2>"$scratch/err"
        jq -r '.components[] | select(.type == "rpm") | [.name, .version, .arch, .licence, .vendor, .module,
                .source.name, .source.version, (.files // 0)] | map(. // "" | tostring) | join("|")' "$scratch/out" | LC_ALL=C sort
}
compare() { # WHAT IMAGE MINIMUM: against $scratch/truth
        ours "$2" >"$scratch/ours"
        diff "$scratch/truth" "$scratch/ours" >"$scratch/diff" || fail "$1: (< rpm, > coffer)
$(head -n 8 "$scratch/diff")"
        [ "$(wc -l <"$scratch/ours")" -ge "$3" ] || fail "$1: too few packages to compare"
        ! grep -iE 'rpmdb|Packages' <<<"$(jq -r '.notes[]' "$scratch/out")" || fail "$1: notes on its database"
        note "$1: $(wc -l <"$scratch/ours") packages, $(awk -F'|' '{n += $9} END {print n}' "$scratch/ours") files equal"
}
demo_database
truth "${r[@]}" >"$scratch/truth"
compare "as rpm left it" "dir:$root" 63
grep -q '^epoch|7:2.4-3.el9|noarch|GPL-2.0-or-later|Example, Inc.||epoch|7:2.4-3.el9|' "$scratch/ours" || fail "epoch"
grep -q '^zero|2.4-3.el9|' "$scratch/ours" || fail "an epoch of 0 is told"
grep -q '^other|4:0.9-2|.*|origin|4:5-2|' "$scratch/ours" || fail "a source package's version"
grep -q '^module|1:18.1-1.module_el9|.*|nodejs:18:9020020230825081254:rhel9|' "$scratch/ours" || fail "the module is lost"
grep -q '^plain|.*|3$' "$scratch/ours" || fail "a file that was not installed, or is only named, is counted"
jq -e '.components[] | select(.name == "epoch") | .purl == "pkg:rpm/almalinux/epoch@2.4-3.el9?arch=noarch&distro=almalinux-9.4&epoch=7"
        and .ecosystem == "AlmaLinux:9" and .licence_source == "metadata"' "$scratch/out" >/dev/null ||
        { jq '.components[] | select(.name == "epoch")' "$scratch/out"; fail "purl, ecosystem or licence"; }

note "a log that rpm could not move into the database, since another program was reading it"
cp -a "$root" "$scratch/open-fs"
cat >"$scratch/hold.py" <<'P'
import sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=rw', uri=True, isolation_level=None)
db.execute('BEGIN')
db.execute('SELECT count(*) FROM Packages').fetchone()
print('reading', flush=True)
sys.stdin.read()
P
mkfifo "$scratch/go"
python3 "$scratch/hold.py" "$root/var/lib/rpm/rpmdb.sqlite" <"$scratch/go" >"$scratch/held" &
exec 9>"$scratch/go"
for _ in $(seq 50); do [ -s "$scratch/held" ] && break; sleep 0.1; done
[ -s "$scratch/held" ] || fail "nobody reads the database"
install "$scratch"/later/*.rpm
"${r[@]}" -e --nodeps tilde many-7 >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -e"; }
[ "$(stat -c %s "$root/var/lib/rpm/rpmdb.sqlite-wal")" -gt 10000 ] || fail "the log is empty"
truth "${r[@]}" >"$scratch/truth"
mkdir -p "$scratch/up/var/lib/rpm"
cp -a "$root/var/lib/rpm/rpmdb.sqlite" "$root/var/lib/rpm/rpmdb.sqlite-wal" "$scratch/up/var/lib/rpm/"
compare "with its log" "dir:$root" 70
cp -a "$scratch/up/var/lib/rpm" "$scratch/no-log"
rm "$scratch/no-log/rpmdb.sqlite-wal"
exec 9>&-
wait
mkdir -p "$scratch/without/var/lib/rpm" "$scratch/without/etc"
cp "$root/etc/os-release" "$scratch/without/etc/"
cp "$scratch/no-log/rpmdb.sqlite" "$scratch/without/var/lib/rpm/"
ours "dir:$scratch/without" >"$scratch/ours"
! cmp -s "$scratch/ours" "$scratch/truth" || fail "the log made no difference: nothing was tried"

note "the same as layers of an image"
tar -C "$scratch/open-fs" -cf "$scratch/low.tar" .
tar -C "$scratch/up" -cf "$scratch/up.tar" .
oci_image "$scratch/image" "$scratch/low.tar" "$scratch/up.tar"
compare "the upper layer's database and log" "$scratch/image" 70
truth "${r[@]}" >"$scratch/truth2"
cmp -s "$scratch/truth" "$scratch/truth2" || fail "rpm itself says otherwise now"
! grep -q '^tilde|' "$scratch/ours" || fail "what was erased is still listed"

note "Berkeley DB, by its own tools, in either byte order; rpm reads the native one"
if ! command -v db5.3_load >/dev/null; then
        note "left out: db5.3-util is not installed"
else
        # The key 0 keeps the highest number, as rpm had it.
        cat >"$scratch/dump.py" <<'P'
import sqlite3, struct, sys
db, order, page = sys.argv[1], sys.argv[2], sys.argv[3]
o = '<' if order == '1234' else '>'
print('VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder=%s\ndb_pagesize=%s\nHEADER=END' % (order, page))
rows = sqlite3.connect(db).execute('SELECT hnum, blob FROM Packages').fetchall()
for number, blob in [(0, struct.pack(o + 'I', max(n for n, _ in rows)))] + rows:
    print(' ' + struct.pack(o + 'I', number).hex() + '\n ' + blob.hex())
print('DATA=END')
P
        for shape in "1234 4096" "4321 4096" "1234 512" "4321 65536"; do
                rm -rf "$scratch/bdb"
                mkdir -p "$scratch/bdb/etc" "$scratch/bdb/var/lib/rpm"
                cp "$root/etc/os-release" "$scratch/bdb/etc/"
                # shellcheck disable=SC2086
                python3 "$scratch/dump.py" "$root/var/lib/rpm/rpmdb.sqlite" $shape |
                        db5.3_load -t hash "$scratch/bdb/var/lib/rpm/Packages" || fail "db5.3_load"
                compare "Berkeley DB, order and page $shape" "dir:$scratch/bdb" 70
                [ "$shape" != "1234 4096" ] || truth rpm --define '_db_backend bdb_ro' --dbpath "$scratch/bdb/var/lib/rpm" 2>/dev/null >"$scratch/truth2"
        done
        cmp -s "$scratch/truth" "$scratch/truth2" || fail "rpm reads another list from the Berkeley DB"
fi

note "ndb"
if [ -z "${RPM_NDB:-}" ]; then
        note "left out: RPM_NDB names no rpm that writes ndb"
else
        mkdir -p "$scratch/ndb/etc" "$scratch/ndb/usr/lib/sysimage/rpm"
        cp "$root/etc/os-release" "$scratch/ndb/etc/"
        n=("$RPM_NDB" --define '_db_backend ndb' --root "$scratch/ndb" --dbpath /usr/lib/sysimage/rpm)
        export RPM_CONFIGDIR=/usr/lib/rpm # it was not installed: Debian's serves
        "${n[@]}" -i --nodeps --ignorearch --ignoreos --nosignature --excludedocs \
                "$scratch"/rpm/RPMS/*/*.rpm "$scratch"/later/*.rpm >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -i to ndb"; }
        "${n[@]}" -e --nodeps tilde many-7 many-55 >"$scratch/log" 2>&1 || fail "rpm -e of ndb"
        truth "${n[@]}" >"$scratch/truth"
        compare "ndb" "dir:$scratch/ndb" 69
        unset RPM_CONFIGDIR
fi

note "a broken database is never a clean image"
for kind in rpmdb.sqlite Packages; do
        [ -e "$root/var/lib/rpm/$kind" ] || [ -e "$scratch/bdb/var/lib/rpm/$kind" ] || continue
        rm -rf "$scratch/broken"
        mkdir -p "$scratch/broken/var/lib/rpm" "$scratch/broken/etc"
        cp "$root/etc/os-release" "$scratch/broken/etc/"
        cp "$root/var/lib/rpm/$kind" "$scratch/broken/var/lib/rpm/" 2>/dev/null || cp "$scratch/bdb/var/lib/rpm/$kind" "$scratch/broken/var/lib/rpm/"
        for size in 70000 40 0; do
                truncate -s "$size" "$scratch/broken/var/lib/rpm/$kind"
                expect 3 "$coffer" scan "dir:$scratch/broken"
                says "$kind.*(page|SQLite|Berkeley)"
                says_not 'died'
        done
done
