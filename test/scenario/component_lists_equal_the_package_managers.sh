# What Coffer lists is what dpkg-query, npm and pip themselves list for the same root.
. "$(dirname "$0")/lib.sh"
demo_image
demo_database
# The lists are what is compared: an ecosystem without advisories ends with 3, which is right and not the point here.
scan() { "$coffer" scan -o json "$1" >"$scratch/out" 2>"$scratch/err" || [ $? = 3 ] || fail "scan $1: $(cat "$scratch/err")"; }

# lists TYPE: "name version" of the components of that purl type in the last JSON, sorted
lists() { jq -r --arg t "$1" '.components[] | select(.state == "installed" and .type == $t) | "\(.name) \(.version)"' "$scratch/out" | sort -u; }
same() { # WHAT EXPECTED-FILE TYPE
        lists "$3" >"$scratch/have"
        [ -s "$2" ] || fail "$1: the package manager lists nothing"
        diff "$2" "$scratch/have" >"$scratch/diff" || fail "$1 (< the package manager, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$2") equal"
}

note "dpkg: a root with more packages, one of them removed but not purged"
demo=$build/demo-image-large
"$top/demo/make-image" "$demo" curl git python3-requests python3-yaml nginx-light >&2 || fail "make-image"
layer=$demo/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$demo/index.json" | { read -r m; jq -r '.layers[0].digest[7:]' "$demo/blobs/sha256/$m"; })
mkdir "$scratch/rootfs"
tar -xzf "$layer" -C "$scratch/rootfs" || fail "tar"
chroot "$scratch/rootfs" dpkg --remove --force-depends nginx-light nginx nginx-common >/dev/null 2>&1
[ "$(chroot "$scratch/rootfs" dpkg-query -W -f '${db:Status-Status}\n' | grep -c config-files)" -gt 0 ] || fail "no package is in the state config-files: the case is not tested"
tar -C "$scratch/rootfs" -cf "$scratch/layer.tar" . && gzip -1 "$scratch/layer.tar"
oci_image "$scratch/removed" "$scratch/layer.tar.gz"
# config-files: removed, its files are gone; it has no code that could be wrong.
chroot "$scratch/rootfs" dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' |
        awk '$1 != "config-files" && $1 != "not-installed" {print $2, $3}' | sort -u >"$scratch/want"
scan "$scratch/removed"
same dpkg "$scratch/want" deb
jq -r '.components[] | select(.state == "installed" and .type == "deb") | "\(.name) \(.source.name) \(.source.version)"' "$scratch/out" | sort -u >"$scratch/have"
chroot "$scratch/rootfs" dpkg-query -W -f '${db:Status-Status} ${Package} ${source:Package} ${source:Version}\n' |
        awk '$1 != "config-files" && $1 != "not-installed" {print $2, $3, $4}' | sort -u >"$scratch/want"
diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "source packages: $(head "$scratch/diff")"

note "pip: Debian's own Python packages"
chroot "$scratch/rootfs" python3 -c '
import importlib.metadata, re
for d in importlib.metadata.distributions():
    print(re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(), d.version)' | sort -u >"$scratch/want"
same "python in the image" "$scratch/want" pypi

note "npm and pip: trees made by npm and pip themselves"
mkdir -p "$scratch/app/srv/app" "$scratch/py/opt/py"
if (cd "$scratch/app/srv/app" && npm init -y && npm install --no-audit --no-fund express@4.18.2 lodash@4.17.20 @babel/code-frame@7.22.5 mocha@10.2.0) >"$scratch/log" 2>&1; then
        (cd "$scratch/app/srv/app" && npm ls --all --parseable --long) | awk -F: '{print $2}' |
                sed -E 's/^(@?[^@]+)@(.*)$/\1 \2/' | sort -u >"$scratch/want"
        tar -C "$scratch/app" -cf "$scratch/app.tar" .
        oci_image "$scratch/npm" "$layer=application/vnd.oci.image.layer.v1.tar+gzip" "$scratch/app.tar" 2>/dev/null ||
                fail "oci_image"
        scan "dir:$scratch/app"
        same "npm in a folder" "$scratch/want" npm
else
        note "npm can't install here: $(tail -n 1 "$scratch/log")"
fi
if /usr/bin/python3 -m pip install --quiet --target "$scratch/py/opt/py" requests==2.31.0 Jinja2==3.1.2 >"$scratch/log" 2>&1; then
        /usr/bin/python3 -m pip list --path "$scratch/py/opt/py" --format freeze |
                sed 's/==/ /' | awk '{gsub(/[-_.]+/, "-", $1); print tolower($1), $2}' | sort -u >"$scratch/want"
        scan "dir:$scratch/py"
        same "pip in a folder" "$scratch/want" pypi
else
        note "pip can't install here: $(tail -n 1 "$scratch/log")"
fi
exit 0
