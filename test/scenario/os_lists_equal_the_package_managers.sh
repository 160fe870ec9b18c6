# Packages, what they own and under which licence: as dpkg, pacman, apk and opkg themselves say it for the same root.
# apk and opkg are not in Debian: APK=/path/to/apk OPKG=/path/to/opkg names them, else their part is told to be left out.
. "$(dirname "$0")/lib.sh"
need_root
demo_database
# Ecosystems without advisories end with 3, which is right and not the point here.
scan() { "$coffer" scan -o json "$1" >"$scratch/out" 2>"$scratch/err" || [ $? = 3 ] || fail "scan $1: $(cat "$scratch/err")"; }
same() { # WHAT EXPECTED HAVE
        sort -u "$2" >"$2.sorted"
        sort -u "$3" >"$3.sorted"
        [ -s "$2.sorted" ] || fail "$1: the package manager says nothing"
        diff "$2.sorted" "$3.sorted" >"$scratch/diff" || fail "$1 (< the package manager, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$2.sorted") equal"
}
os_release() { # ROOT ID VERSION_ID
        mkdir -p "$1/etc"
        printf 'ID=%s\nVERSION_ID="%s"\n' "$2" "$3" >"$1/etc/os-release"
}

note "dpkg: what packages own, and who owns a Python project"
demo=$build/demo-image-os
"$top/demo/make-image" "$demo" curl python3-requests libexpat1 >&2 || fail "make-image"
manifest=$demo/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$demo/index.json")
mkdir "$scratch/deb"
tar -xzf "$demo/blobs/sha256/$(jq -r '.layers[0].digest[7:]' "$manifest")" -C "$scratch/deb" || fail "tar"
scan "dir:$scratch/deb"
jq -r '.components[] | select(.type == "deb") | "\(.name) \(.files)"' "$scratch/out" >"$scratch/have"
[ -s "$scratch/have" ] || fail "no deb is listed"
# Folders belong to many: what counts is whatever holds nothing of the same package.
while read -r package _; do
        chroot "$scratch/deb" dpkg-query -L "$package" | grep '^/' | grep -vx '/\.' |
                awk -v p="$package" '{all[$0] = 1; s = $0; while (sub("/[^/]*$", "", s) && s != "") holds[s] = 1}
                        END {for (f in all) n += !(f in holds); print p, n + 0}'
done <"$scratch/have" >"$scratch/want"
same "files of debs" "$scratch/want" "$scratch/have"
jq -r '.components as $all | .components[] | select(.type == "pypi" and .owner != null) | "\(.path) \($all[.owner].name)"' \
        "$scratch/out" >"$scratch/have"
while read -r path _; do
        echo "$path $(chroot "$scratch/deb" dpkg-query -S "/$path" | cut -d: -f1)"
done <"$scratch/have" >"$scratch/want"
same "owners of Python projects" "$scratch/want" "$scratch/have"
[ -z "$(jq -r '.components[] | select(.type == "pypi" and .owner == null) | .path' "$scratch/out")" ] ||
        fail "a Python project of a deb has no owner"

note "dpkg: licences, against what their copyright files say to a reader"
licence() { # PACKAGE EXPRESSION: part of what is listed
        local have
        have=$(jq -r --arg p "$1" '.components[] | select(.type == "deb" and .name == $p) | .licence' "$scratch/out" | head -n 1)
        grep -qF -- "$2" <<<"$have" || fail "licence of $1: \"$have\", expected \"$2\""
}
licence curl curl
licence bash GPL-3.0-or-later
licence coreutils GPL-3.0-or-later
licence adduser GPL-2.0-or-later
licence zlib1g Zlib
licence libexpat1 MIT
licence libssl3 Apache-2.0
licence tzdata LicenseRef-public-domain
licence perl-base 'GPL-1.0-or-later OR Artistic-1.0-Perl'
licence libc6 LGPL-2.1-or-later
[ "$(jq -r '.components[] | select(.name == "bash") | .licence_source' "$scratch/out")" = copyright ] || fail "licence_source"

if command -v pacman >/dev/null; then
        note "pacman"
        root=$scratch/arch
        mkdir -p "$root/var/lib/pacman" "$scratch/pkg"
        os_release "$root" arch 20231001
        package() { # NAME VERSION BASE LICENCE...
                local d=$scratch/pkg/$1 name=$1
                mkdir -p "$d/usr/bin" "$d/usr/share/with blank" "$d/etc"
                touch "$d/usr/bin/$1" "$d/usr/share/with blank/$1" "$d/etc/$1.conf"
                ln -s "$1" "$d/usr/bin/$1-link"
                printf 'pkgname = %s\npkgver = %s\npkgbase = %s\npkgdesc = x\nbuilddate = 1700000000\nsize = 9\narch = x86_64\nbackup = etc/%s.conf\n' \
                        "$1" "$2" "$3" "$1" >"$d/.PKGINFO"
                shift 3
                printf 'license = %s\n' "$@" >>"$d/.PKGINFO"
                tar -C "$d" --zstd -cf "$scratch/$name.pkg.tar.zst" .PKGINFO usr etc
        }
        package acl 2.3.1-3 acl LGPL
        package lib32-gcc-libs 12.2.1+r1+g4-2 gcc GPL3 LGPL custom:FDL
        package git 1:2.40.0-1 git 'GPL-2.0-only OR MIT'
        package gone 1-1 gone MIT
        pacman -r "$root" --noconfirm --config /dev/null -U "$scratch"/*.pkg.tar.zst >"$scratch/log" 2>&1 || fail "pacman: $(cat "$scratch/log")"
        pacman -r "$root" --noconfirm --config /dev/null -R gone >"$scratch/log" 2>&1 || fail "pacman -R: $(cat "$scratch/log")"
        scan "dir:$root"
        pacman -r "$root" -Q | while read -r name version; do
                echo "$name $version $(pacman -r "$root" -Ql "$name" | grep -vc '/$')"
        done >"$scratch/want"
        jq -r '.components[] | select(.type == "alpm") | "\(.name) \(.version) \(.files)"' "$scratch/out" >"$scratch/have"
        same "packages of pacman and their files" "$scratch/want" "$scratch/have"
        [ "$(jq -r '.components[] | select(.name == "lib32-gcc-libs") | "\(.source.name) \(.licence)"' "$scratch/out")" = \
                "gcc GPL3 AND LGPL AND custom:FDL" ] || fail "base or licences of pacman's package"
else
        note "pacman is left out: not installed (Debian package pacman-package-manager)"
fi

apk=${APK:-apk}
if command -v "$apk" >/dev/null; then
        note "apk"
        root=$scratch/alpine
        os_release "$root" alpine 3.23.0
        package() { # NAME VERSION ORIGIN LICENCE
                local d=$scratch/apk/$1
                mkdir -p "$d/usr/bin" "$d/opt/with blank"
                touch "$d/usr/bin/$1" "$d/opt/with blank/$1" "$d/$1-at-top"
                ln -s "$1" "$d/usr/bin/$1-link"
                "$apk" mkpkg --files "$d" --info "name:$1" --info "version:$2" --info arch:x86_64 --info "origin:$3" \
                        --info "license:$4" --info description:x --info url:x --output "$scratch/$1.apk" || fail "apk mkpkg"
        }
        package libcrypto3 3.1.1-r1 openssl Apache-2.0
        package musl 1.2.4-r0 musl MIT
        package so_name+x.y 0_git20230501-r2 musl 'GPL-2.0-or-later AND MIT'
        "$apk" --root "$root" --initdb --arch x86_64 --allow-untrusted --no-network add "$scratch"/*.apk >"$scratch/log" 2>&1 ||
                fail "apk add: $(cat "$scratch/log")"
        "$apk" --root "$root" --arch x86_64 --no-network add --virtual .build-deps musl >"$scratch/log" 2>&1 || fail "apk add --virtual"
        scan "dir:$root"
        "$apk" --root "$root" --no-network list -I 2>/dev/null |
                sed -nE 's/^([^ ]+)-([^- ]+-r[0-9]+) /\1 \2 /; t name; s/^([^ ]+)-([^- ]+) /\1 \2 /; :name
                        s/^([^ ]+ [^ ]+) [^ ]+ \{([^}]*)\} \((.*)\) .*/\1 \2 \3/p' >"$scratch/want"
        jq -r '.components[] | select(.type == "apk") | "\(.name) \(.version) \(.source.name) \(.licence // "")"' "$scratch/out" >"$scratch/have"
        same "packages of apk" "$scratch/want" "$scratch/have"
        "$apk" --root "$root" --no-network info 2>/dev/null | while read -r name; do
                echo "$name $("$apk" --root "$root" --no-network info -L "$name" 2>/dev/null | grep -vc -e ' contains:$' -e '^$')"
        done >"$scratch/want"
        jq -r '.components[] | select(.type == "apk") | "\(.name) \(.files)"' "$scratch/out" >"$scratch/have"
        same "files of apk's packages" "$scratch/want" "$scratch/have"
else
        note "apk is left out: not installed (set APK)"
fi

opkg=${OPKG:-opkg}
if command -v "$opkg" >/dev/null; then
        note "opkg"
        root=$scratch/openwrt
        os_release "$root" openwrt 23.05.2
        mkdir -p "$root/usr/lib/opkg" "$root/tmp"
        printf '%s\n' 'dest root /' 'arch all 1' 'arch x86_64 10' 'option info_dir /usr/lib/opkg/info' \
                'option status_file /usr/lib/opkg/status' 'option lists_dir /var/lib/opkg/lists' >"$scratch/opkg.conf"
        package() { # NAME VERSION LICENCE
                local d=$scratch/ipk/$1
                mkdir -p "$d/control" "$d/data/bin"
                touch "$d/data/bin/$1" "$d/data/bin/$1 blank"
                printf 'Package: %s\nVersion: %s\nSourceName: source-%s\nLicense: %s\nArchitecture: x86_64\nDescription: x\n' \
                        "$1" "$2" "$1" "$3" >"$d/control/control"
                tar -C "$d/control" -czf "$d/control.tar.gz" . && tar -C "$d/data" -czf "$d/data.tar.gz" . && echo 2.0 >"$d/debian-binary"
                (cd "$d" && ar rc "$scratch/$1.ipk" debian-binary control.tar.gz data.tar.gz)
        }
        package busybox 1.36.1-1 GPL-2.0
        package libc 1.2.4-4 MIT
        package gone 1-1 MIT
        "$opkg" -f "$scratch/opkg.conf" -o "$root" install "$scratch"/*.ipk >"$scratch/log" 2>&1 || fail "opkg: $(cat "$scratch/log")"
        "$opkg" -f "$scratch/opkg.conf" -o "$root" remove gone >"$scratch/log" 2>&1 || fail "opkg remove: $(cat "$scratch/log")"
        scan "dir:$root"
        "$opkg" -f "$scratch/opkg.conf" -o "$root" list-installed | while read -r name _ version; do
                echo "$name $version source-$name"
        done >"$scratch/want"
        jq -r '.components[] | select(.type == "opkg") | "\(.name) \(.version) \(.source.name)"' "$scratch/out" >"$scratch/have"
        same "packages of opkg" "$scratch/want" "$scratch/have"
else
        note "opkg is left out: not installed (set OPKG)"
fi
exit 0
