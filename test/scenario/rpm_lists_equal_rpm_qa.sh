# A root into which rpm itself installed packages of every shape: our list is that of `rpm -qa`, also while the database's
# write-ahead log holds what no checkpoint has moved, after an erasure in a layer above, and with the files each owns.
. "$(dirname "$0")/lib.sh"
need rpm
need rpmbuild
need jq
need python3

spec() { # NAME VERSION RELEASE EPOCH ARCH MODULE: a package with two files
        cat <<X
Name: $1
Version: $2
Release: $3
${4:+Epoch: $4}
Summary: a package
License: ${7:-MIT}
${6:+ModularityLabel: $6}
$([ "$5" = noarch ] && echo "BuildArch: noarch")
%description
A package.
%install
mkdir -p %{buildroot}/opt/$1
echo one > %{buildroot}/opt/$1/one
echo two > %{buildroot}/opt/$1/two
%files
/opt/$1
X
}
build() {
        spec "$@" >"$scratch/$1.spec"
        rpmbuild -bb --quiet --define "_topdir $scratch/rpm" --define '_build_id_links none' --define 'debug_package %{nil}' "$scratch/$1.spec" \
                >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpmbuild $1"; }
}
build plain 1.0 1 '' noarch
build epoch 2.4 3.el9 7 noarch
build zero 2.4 3.el9 0 noarch
build tilde '3.0~rc1' 1 '' noarch
build caret '3.0^20260101git' 1 '' noarch
build native 1.2 1 '' native
build module 18.1 1 '' noarch 'nodejs:18:20230825:rhel9'
build licence 1 1 '' noarch '' 'GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT'
for i in $(seq 40); do build "many-$i" "$i.0" 1 '' noarch; done
root=$scratch/root-fs
mkdir -p "$root/etc" "$root/var/lib/rpm"
printf 'ID=almalinux\nVERSION_ID=9.4\nPRETTY_NAME="AlmaLinux 9.4"\n' >"$root/etc/os-release"
r=(rpm --root "$root" --dbpath /var/lib/rpm)
"${r[@]}" -i --nodeps --ignorearch --nosignature "$scratch"/rpm/RPMS/*/*.rpm >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -i"; }
[ -e "$root/var/lib/rpm/rpmdb.sqlite" ] || skip "this rpm has another database than SQLite"

truth() {
        "${r[@]}" -qa --qf '%{NAME} %|EPOCH?{%|EPOCH?{%{EPOCH}:}|}:{}|%{VERSION}-%{RELEASE} %{ARCH}\n' | sed 's/ 0:/ /' | grep -v '^gpg-pubkey ' | sort
}
ours() { jq -r '.components[] | select(.type == "rpm") | "\(.name) \(.version) \(.arch)"' "$scratch/out" | sort; }
compare() {
        ours >"$scratch/ours"
        cmp -s "$scratch/truth" "$scratch/ours" || { diff "$scratch/truth" "$scratch/ours" | head; fail "$1: another list than rpm -qa"; }
        [ "$(wc -l <"$scratch/ours")" -gt 40 ] || fail "too few packages to compare"
}
truth >"$scratch/truth"
tar -C "$root" -cf "$scratch/layer.tar" .
oci_image "$scratch/image" "$scratch/layer.tar"
expect 0 "$coffer" sbom --no-store -O "$scratch/bom" "$scratch/image"
"$coffer" scan --no-store -o json "$scratch/image" >"$scratch/out" 2>"$scratch/err"
compare "as rpm left it"
jq -e '.os.has_advisories and (.components[] | select(.name == "epoch") | .version == "7:2.4-3.el9" and
        (.purl | startswith("pkg:rpm/almalinux/epoch@2.4-3.el9?")) and (.purl | contains("epoch=7")) and .ecosystem == "AlmaLinux:9" and .files == 3)' \
        "$scratch/out" >/dev/null || { jq '.components[] | select(.name == "epoch")' "$scratch/out"; fail "epoch, purl, ecosystem or files"; }
jq -e '.components[] | select(.name == "module") | .module == "nodejs:18:20230825:rhel9"' "$scratch/out" >/dev/null || fail "the module is lost"
jq -e '.components[] | select(.name == "licence") | .licence == "GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT"' "$scratch/out" >/dev/null ||
        fail "the licence is lost"

note "a log that nobody has moved into the database"
cp -a "$root/var/lib/rpm" "$scratch/before"
python3 - "$root/var/lib/rpm/rpmdb.sqlite" "$scratch/wal" <<'P' || fail "the log can't be made"
import os, shutil, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA journal_mode=WAL')
db.execute('PRAGMA wal_autocheckpoint=0')
db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
number, blob = db.execute('SELECT hnum, blob FROM Packages LIMIT 1').fetchone()
db.execute('DELETE FROM Packages WHERE hnum = ?', (number,))
db.execute('INSERT INTO Packages SELECT hnum + 1000, blob FROM Packages LIMIT 20')
os.makedirs(sys.argv[2])
for end in ('', '-wal'):
    shutil.copy(sys.argv[1] + end, sys.argv[2] + '/rpmdb.sqlite' + end)
assert os.path.getsize(sys.argv[2] + '/rpmdb.sqlite-wal') > 1000
P
mkdir -p "$scratch/up/var/lib/rpm"
cp "$scratch/wal"/* "$scratch/up/var/lib/rpm/"
tar -C "$scratch/up" -cf "$scratch/up.tar" .
oci_image "$scratch/image2" "$scratch/layer.tar" "$scratch/up.tar"
"$coffer" scan --no-store -o json "$scratch/image2" >"$scratch/out" 2>"$scratch/err"
truth | sort -u >"$scratch/truth"
ours | sort -u >"$scratch/ours"
cmp -s "$scratch/truth" "$scratch/ours" || { diff "$scratch/truth" "$scratch/ours" | head; fail "with a log: another list than rpm -qa"; }

note "erased in a layer above"
rm -rf "$root/var/lib/rpm"
cp -a "$scratch/before" "$root/var/lib/rpm"
"${r[@]}" -e --nodeps tilde many-7 >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -e"; }
truth | sort -u >"$scratch/truth"
rm -rf "$scratch/up"
mkdir -p "$scratch/up/var/lib" "$scratch/up/opt"
cp -r "$root/var/lib/rpm" "$scratch/up/var/lib/"
: >"$scratch/up/opt/.wh.tilde"
tar -C "$scratch/up" -cf "$scratch/up.tar" .
oci_image "$scratch/image3" "$scratch/layer.tar" "$scratch/up.tar"
"$coffer" scan --no-store -o json "$scratch/image3" >"$scratch/out" 2>"$scratch/err"
ours | sort -u | cmp -s - "$scratch/truth" || fail "what was erased is still listed, or more is gone"
! jq -e '.components[] | select(.name == "tilde")' "$scratch/out" >/dev/null || fail "tilde was erased"

note "a broken database is never a clean image"
cp -r "$root" "$scratch/broken"
truncate -s 40960 "$scratch/broken/var/lib/rpm/rpmdb.sqlite"
rm -f "$scratch/broken"/var/lib/rpm/rpmdb.sqlite-*
tar -C "$scratch/broken" -cf "$scratch/broken.tar" .
oci_image "$scratch/image4" "$scratch/broken.tar"
expect 3 "$coffer" scan --no-store "$scratch/image4"
says 'rpmdb.sqlite.*(page|row|table)'
says_not 'clean|died'
