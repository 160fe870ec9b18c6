# An image of each distribution that publishes OVAL or updateinfo.xml, with packages that rpm and dpkg themselves installed, gets the
# findings that its publisher's own feed holds against it, and none for what is mended: by binary or by source package, as the
# publisher speaks, in the release that os-release names; and nothing of it is "not assessed".
. "$(dirname "$0")/lib.sh"
need_root
for tool in rpm rpmbuild jq dpkg dpkg-deb bzip2; do need "$tool"; done
[ "$(rpm --eval '%{_db_backend}')" = sqlite ] || skip "this rpm has another database than SQLite"

note "packages: tls-libs of the source tls, of an old version; new, which is mended; a module's"
{
        printf 'Name: tls\nVersion: 3.0.7\nRelease: 1.x9\nEpoch: 1\nLicense: MIT\nSummary: a package\n%%description\nA package.\n'
        printf '%%package libs\nSummary: libraries\n%%description libs\nLibraries.\n%%files libs\n'
} >"$scratch/tls.spec"
printf 'Name: new\nVersion: 2.0\nRelease: 2.x9\nLicense: MIT\nSummary: a package\n%%description\nA package.\n%%files\n' >"$scratch/new.spec"
printf 'Name: node\nVersion: 18.1\nRelease: 1.module+x9\nModularityLabel: node:18:9020:rhel9\nLicense: MIT\nSummary: a package\n%%description\nA package.\n%%files\n' >"$scratch/node.spec"
for spec in tls new node; do
        rpmbuild -bb --quiet --target noarch --define "_topdir $scratch/rpm" "$scratch/$spec.spec" >"$scratch/log" 2>&1 ||
                { tail -n 5 "$scratch/log"; fail "rpmbuild"; }
done
mkdir -p "$scratch/packages/etc" "$scratch/packages/var/lib/rpm"
rpm --root "$scratch/packages" --dbpath /var/lib/rpm -i --nodeps --ignorearch --ignoreos --nosignature "$scratch"/rpm/RPMS/noarch/*.rpm \
        >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log"; fail "rpm -i"; }
image() { # NAME ID VERSION_ID
        cp -a "$scratch/packages" "$scratch/$1"
        printf 'ID="%s"\nVERSION_ID="%s"\nPRETTY_NAME="%s %s"\n' "$2" "$3" "$2" "$3" >"$scratch/$1/etc/os-release"
}

deb=$scratch/deb
mkdir -p "$deb/DEBIAN" "$scratch/ubuntu/etc" "$scratch/ubuntu/var/lib/dpkg/"{info,updates,triggers}
touch "$scratch/ubuntu/var/lib/dpkg/"{status,available}
for row in 'libtls3 3.0.2-0ubuntu1 tls' 'new 2.0-2 new'; do
        read -r name version source <<<"$row"
        printf 'Package: %s\nSource: %s\nVersion: %s\nArchitecture: all\nMaintainer: A <a@example.com>\nDescription: a package\n' \
                "$name" "$source" "$version" >"$deb/DEBIAN/control"
        dpkg-deb --build --root-owner-group "$deb" "$scratch/$name.deb" >"$scratch/log" 2>&1 || fail "dpkg-deb"
        dpkg --root="$scratch/ubuntu" --force-all --log=/dev/null -i "$scratch/$name.deb" >"$scratch/log" 2>&1 ||
                { tail -n 5 "$scratch/log"; fail "dpkg -i"; }
done
printf 'ID=ubuntu\nVERSION_ID="22.04"\nPRETTY_NAME="Ubuntu 22.04 LTS"\n' >"$scratch/ubuntu/etc/os-release"

# ---- documents as publishers write them ----

oval() { # NAME: definitions, tests, objects and states, one kind in a file each
        mkdir -p "$scratch/feeds"
        {
                echo '<?xml version="1.0" encoding="utf-8"?>'
                echo '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:l="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">'
                echo '<generator><timestamp>2024-10-10T00:44:14</timestamp></generator>'
                for part in definitions tests objects states; do
                        echo "<$part>$(cat "$scratch/$part" 2>/dev/null)</$part>"
                        rm -f "$scratch/$part"
                done
                echo '</oval_definitions>'
        } >"$scratch/feeds/$1.xml"
}
definition() { # CLASS ID TITLE METADATA CRITERIA
        echo "<definition class=\"$1\" id=\"oval:$2\"><metadata><title>$3</title>$4</metadata>$5</definition>" >>"$scratch/definitions"
}
criteria() { echo "<criteria operator=\"$1\">$2</criteria>"; } # AND|OR INNER
is() { echo "<criterion test_ref=\"$1\" comment=\"${2:-a package}\"/>"; }
check() { # ID PACKAGE [OPERATION EVR]: a test of one package
        echo "<l:${kind:-rpminfo}_test id=\"$1\" check=\"at least one\"><l:object object_ref=\"o-$1\"/>${3:+<l:state state_ref=\"s-$1\"/>}</l:${kind:-rpminfo}_test>" >>"$scratch/tests"
        echo "<l:${kind:-rpminfo}_object id=\"o-$1\"><l:name>$2</l:name></l:${kind:-rpminfo}_object>" >>"$scratch/objects"
        [ -z "${3:-}" ] || echo "<l:${kind:-rpminfo}_state id=\"s-$1\"><l:evr datatype=\"evr_string\" operation=\"$3\">$4</l:evr></l:${kind:-rpminfo}_state>" >>"$scratch/states"
}
release() { # ID PACKAGE VERSION: a test of the system's release
        check "$1" "$2" "greater than or equal" "$3"
}
cve() { echo "<reference source=\"CVE\" ref_id=\"CVE-2024-$1\"/>"; }

cpe() { echo "<advisory><affected><resolution state=\"$2\"/></affected><affected_cpe_list><cpe>$1</cpe></affected_cpe_list></advisory>"; } # CPE STATE

updateinfo() { # NAME ID RELEASE COLLECTION PACKAGES: of CVE-2024-1
        mkdir -p "$scratch/feeds"
        echo "<?xml version=\"1.0\"?><updates><update status=\"final\" type=\"security\"><id>$2</id><title>an update</title><issued date=\"2024-01-11 21:05\"/>
        <severity>Important</severity><release>$3</release><references><reference href=\"https://x\" id=\"CVE-2024-1\" type=\"cve\"/></references>
        <pkglist><collection short=\"$4\"><name>$4</name>$5</collection></pkglist></update></updates>" >"$scratch/feeds/$1.xml"
}
rpm_package() { # NAME EPOCH VERSION RELEASE [SOURCE]
        echo "<package name=\"$1\" epoch=\"$2\" version=\"$3\" release=\"$4\" arch=\"noarch\"${5:+ src=\"$5\"}/>"
}

# finds IMAGE WANTED...: these findings, each "CVE package status", and nothing that was not assessed
finds() {
        local dir=$1
        shift
        expect 0 "$coffer" scan -o json "dir:$scratch/$dir"
        jq -r '.findings[] | "\(.id) \(.package) \(.status // "")"' "$scratch/out" | sort >"$scratch/found"
        printf '%s\n' "$@" | grep . | sort >"$scratch/wanted"
        diff "$scratch/wanted" "$scratch/found" >"$scratch/differs" || { cat "$scratch/differs"; fail "$dir: other findings"; }
        [ "$(jq -r .complete "$scratch/out")" = true ] || fail "$dir: not all of it is assessed"
}

note "Red Hat: mended below, not mended and why, not affected; a module's stream alone"
image red-hat rhel 9.4
nine=$(is nine 'Red Hat Enterprise Linux 9 is installed')
base=cpe:/o:redhat:enterprise_linux:9::baseos
definition patch com.redhat.rhsa:def:1 'RHSA-2024:1: tls security update (Important)' \
        "<reference source=\"RHSA\" ref_id=\"RHSA-2024:1\"/>$(cve 1)$(cpe $base '')" "$(criteria AND "$nine$(criteria OR "$(is tls)$(is mended)")")"
definition vulnerability com.redhat.cve:def:2 'CVE-2024-2 new: a flaw' "$(cve 2)$(cpe $base 'Will not fix')" "$(criteria AND "$nine$(is new)")"
definition vulnerability com.redhat.unaffected:def:3 'Unaffected components' "$(cve 3)$(cpe $base '')" \
        "$(criteria AND "$nine$(criteria AND "$(is new)$(is absent)")")"
for stream in 18 20; do
        definition patch com.redhat.rhsa:def:$stream "RHSA-2024:$stream: node:$stream" "<reference source=\"RHSA\" ref_id=\"RHSA-2024:$stream\"/>$(cve $stream)$(cpe $base '')" \
                "$(criteria AND "$nine$(is module$stream "Module node:$stream is enabled")$(is node)")"
        echo "<l:textfilecontent54_test id=\"module$stream\" check=\"all\"><l:object object_ref=\"modules\"/></l:textfilecontent54_test>" >>"$scratch/tests"
done
echo '<l:textfilecontent54_object id="modules"><l:filepath>/etc/dnf/modules.d/node.module</l:filepath></l:textfilecontent54_object>' >>"$scratch/objects"
release nine redhat-release 9
check tls tls-libs 'less than' 1:3.0.7-2.x9
check mended new 'less than' 0:2.0-2.x9
check new new
check node node 'less than' 0:20.1-1.module+x9
echo '<l:rpminfo_test id="absent" check="at least one" check_existence="none_exist"><l:object object_ref="o-new"/></l:rpminfo_test>' >>"$scratch/tests"
oval red-hat

note "Oracle: for each architecture the same; Ksplice's builds are not the ordinary ones"
image oracle ol 9.4
definition patch com.oracle.elsa:def:1 'ELSA-2024-1: tls security update' "<reference source=\"elsa\" ref_id=\"ELSA-2024-1\"/>$(cve 1)$(cve 4)" \
        "$(criteria AND "$(is nine 'Oracle Linux 9 is installed')$(criteria OR "$(is tls)$(is ksplice)")")"
release nine oraclelinux-release 9
check tls tls-libs 'less than' 1:3.0.7-2.x9
check ksplice new 'less than' 2:2.0-9.ksplice1.el9
oval oracle

note "SUSE: of several service packs the image's"
image suse sles 15.5
definition vulnerability org.opensuse.security:def:1 CVE-2024-1 "$(cve 1)" "$(criteria OR "$(criteria AND "$(is sp4 'SUSE Linux Enterprise Server 15 SP4 is installed')$(is new)")$(
        criteria AND "$(is sp5 'SUSE Linux Enterprise Module for Basesystem 15 SP5 is installed')$(criteria OR "$(is tls)")")")"
definition vulnerability org.opensuse.security:def:2 CVE-2024-2 "$(cve 2)" "$(criteria AND "$(is sp5 'SUSE Linux Enterprise Server 15 SP5 is installed')$(is new 'new is affected')")"
release sp4 sles-release 15.4
release sp5 sles-release 15.5
check tls tls-libs 'less than' 1:3.0.7-2.x9
check new new 'greater than' 0:0-0
oval suse

note "Azure Linux: by the source package, in the release that the versions tell"
image azure-linux azurelinux 3.0
image mariner mariner 2.0
definition vulnerability com.microsoft.azurelinux:def:1 'CVE-2024-1 affecting package tls' "$(cve 1)" "$(criteria AND "$(is tls)$(is from)")"
definition vulnerability com.microsoft.azurelinux:def:2 'CVE-2024-2 affecting package new' "$(cve 2)" "$(criteria AND "$(is new)")"
check tls tls 'less than' 1:3.0.7-2.azl3
check from tls 'greater than' 1:3.0.0.azl3
check new new 'less than or equal' 0:2.0-2.x9.azl3
oval azurelinux
definition vulnerability com.microsoft.cbl-mariner:def:1 'CVE-2024-7 affecting package tls' "$(cve 7)" "$(criteria AND "$(is tls)")"
check tls tls 'less than' 1:3.0.7-2.cm2
oval mariner

note "Ubuntu: by the source package, with its tracker's verdicts"
definition vulnerability com.ubuntu.jammy:def:1 'CVE-2024-1 on Ubuntu 22.04 LTS (jammy) - medium' "<affected family=\"unix\"><platform>Ubuntu 22.04 LTS</platform></affected>$(cve 1)" \
        "$(criteria OR "$(is tls "tls package in jammy was vulnerable but has been fixed (note: '3.0.2-0ubuntu1.1').")$(is new "new package in jammy was vulnerable but has been fixed (note: '2.0-2').")")"
definition vulnerability com.ubuntu.jammy:def:2 'CVE-2024-2 on Ubuntu 22.04 LTS (jammy) - low' "<affected family=\"unix\"><platform>Ubuntu 22.04 LTS</platform></affected>$(cve 2)" \
        "$(criteria OR "$(is any "new package in jammy is affected, but a decision has been made to defer addressing it (note: '2024-01-01').")")"
kind=dpkginfo
check tls libtls3 'less than' 0:3.0.2-0ubuntu1.1
check new new 'less than' 0:2.0-2
check any new
kind=
oval ubuntu

note "updateinfo.xml: Amazon Linux and AlmaLinux by what is installed, Rocky Linux by its source"
image amazon amzn 2023
image almalinux almalinux 9.4
image rocky rocky 9.4
updateinfo amazon ALAS2023-2024-1 '' amazon-linux-2023 "$(rpm_package tls-libs 1 3.0.7 2.x9)$(rpm_package new 0 2.0 2.x9)"
updateinfo almalinux ALSA-2024:1 0 almalinux-9-for-x86_64-baseos-rpms__9_default "$(rpm_package tls-libs 1 3.0.7 2.x9 tls-3.0.7-2.x9.src.rpm)"
updateinfo rocky RLSA-2024:1 'Rocky Linux 9' rocky-linux-9-x86-64-baseos-rpms "$(rpm_package tls-libs 1 3.0.7 2.x9 tls-3.0.7-2.x9.src.rpm)"

bzip2 "$scratch/feeds/oracle.xml"
expect 0 "$coffer" db build --strict "$scratch"/feeds/*
says '16 records'
finds red-hat 'CVE-2024-1 tls-libs fixed' 'CVE-2024-2 new will not fix' 'CVE-2024-18 node fixed'
finds oracle 'CVE-2024-1 tls-libs fixed' 'CVE-2024-4 tls-libs fixed'
finds suse 'CVE-2024-1 tls-libs fixed' 'CVE-2024-2 new fix pending'
finds azure-linux 'CVE-2024-1 tls fixed' 'CVE-2024-2 new fix pending'
finds mariner 'CVE-2024-7 tls fixed'
finds ubuntu 'CVE-2024-1 tls fixed' 'CVE-2024-2 new postponed'
finds amazon 'CVE-2024-1 tls-libs fixed'
finds almalinux 'CVE-2024-1 tls-libs fixed'
finds rocky 'CVE-2024-1 tls fixed'

note "a system that no feed speaks of is not assessed, and said to be so"
image fedora fedora 42
expect 3 "$coffer" scan "dir:$scratch/fedora"
says 'no advisories for Fedora:42'

note "what can't be told is refused by its name, and the rest is taken"
definition patch com.oracle.elsa:def:7 'ELSA-2024-7: two at once' "<reference source=\"elsa\" ref_id=\"ELSA-2024-7\"/>$(cve 1)" \
        "$(criteria AND "$(is nine 'Oracle Linux 9 is installed')$(is tls)$(is other)")"
release nine oraclelinux-release 9
check tls tls-libs 'less than' 1:3.0.7-2.x9
check other new 'less than' 0:9-1
oval refused
updateinfo epel FEDORA-EPEL-2024-1 'Fedora EPEL 9' EL-9 "$(rpm_package tls-libs 1 9 9)"
expect 3 "$coffer" db build --strict "$scratch"/feeds/*
expect 0 "$coffer" db build "$scratch"/feeds/*
says 'oval:com.oracle.elsa:def:7.*two packages at once'
says 'Fedora EPEL 9.*1 updates are of no system that is known here'
finds oracle 'CVE-2024-1 tls-libs fixed' 'CVE-2024-4 tls-libs fixed'
nothing_left
