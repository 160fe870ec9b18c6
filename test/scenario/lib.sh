# Shared by the scenarios: a state folder and a scratch folder of their own, both removed at the end.
# shellcheck shell=bash
set -uo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${COFFER_BUILD:-$top/build}
shared=$top/../shared
coffer=$build/cmd/coffer
scratch=$(mktemp -d /tmp/coffer-scenario.XXXXXX)
export COFFER_ROOT=$scratch/root
export NO_COLOR=1

# On a PostgreSQL server that test/store/with_postgres.py has started: a schema of our own.
if [ -n "${COFFER_TEST_POSTGRES:-}" ]; then
        mkdir -m 700 "$COFFER_ROOT"
        printf 'connection: %s\nschema: scenario_%s\n' "$COFFER_TEST_POSTGRES" $$ >"$COFFER_ROOT/store.conf"
        chmod 600 "$COFFER_ROOT/store.conf"
fi

at_end() { rm -rf --one-file-system "$scratch"; }
trap at_end EXIT

fail() { echo "FAILED: $*"; exit 1; }
skip() { echo "$*"; exit 77; }
need_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }
need() { command -v "$1" >/dev/null || skip "needs $1"; }
note() { echo "-- $*"; }

# expect CODE COMMAND...: runs it, output in $scratch/out and $scratch/err, and compares the exit status.
expect() {
        local want=$1 got
        shift
        "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
        got=$?
        if [ $got != "$want" ]; then
                echo "\$ $*"
                sed 's/^/out: /' "$scratch/out" | head -n 40
                sed 's/^/err: /' "$scratch/err" | head -n 20
                fail "exit $got, expected $want"
        fi
}
says() { grep -qE -- "$1" "$scratch/out" "$scratch/err" || { head -n 30 "$scratch/out" "$scratch/err"; fail "nothing says: $1"; }; }
says_not() { ! grep -qE -- "$1" "$scratch/out" "$scratch/err" || { head -n 30 "$scratch/out" "$scratch/err"; fail "something says: $1"; }; }

# The demo's image: made once, shared by all scenarios, never written to.
demo_image() {
        need_root
        "$top/demo/make-image" "$build/demo-image" >&2 || fail "the demo image can't be made"
        image=$build/demo-image
}
demo_database() { expect 0 "$coffer" db build "$top/demo/advisories"; }

# nothing_left: no process of ours, no mount, no half-written file in the state folder.
nothing_left() {
        local p
        p=$(pgrep -f "coffer-(worker|unpack|monitor|fetch)" | while read -r pid; do
                { tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -q "^COFFER_ROOT=$COFFER_ROOT\$" && echo "$pid"
        done)
        [ -z "$p" ] || fail "processes are left: $(ps -o pid,args -p "$p" | tail -n +2)"
        ! grep -q " $scratch" /proc/self/mountinfo || fail "mounts are left: $(grep " $scratch" /proc/self/mountinfo)"
        p=$(find "$COFFER_ROOT/layers" "$COFFER_ROOT/advisory" -maxdepth 1 \( -name '.tmp*' -o -name '*.tmp*' \) 2>/dev/null)
        [ -z "$p" ] || fail "half-written files are left: $p"
}

# An OCI image of the layers given (tar files, compressed or not): oci_image DIR LAYER...   Layers: FILE or FILE=MEDIATYPE
oci_blob() { # FILE DIR: copies it under its digest, prints "digest size"
        local d
        d=$(sha256sum "$1" | cut -d' ' -f1)
        cp "$1" "$2/blobs/sha256/$d"
        echo "sha256:$d $(stat -L -c %s "$1")"
}
oci_image() {
        local dir=$1 layers='' ids='' f type plain row
        shift
        mkdir -p "$dir/blobs/sha256"
        for f in "$@"; do
                case $f in
                *=*) type=${f#*=} f=${f%%=*} ;;
                *.gz) type=application/vnd.oci.image.layer.v1.tar+gzip ;;
                *.zst) type=application/vnd.oci.image.layer.v1.tar+zstd ;;
                *) type=application/vnd.oci.image.layer.v1.tar ;;
                esac
                case $f in
                *.gz) plain=$(zcat "$f" 2>/dev/null | sha256sum) ;;
                *.zst) plain=$(zstd -dcq "$f" 2>/dev/null | sha256sum) ;;
                *) plain=$(sha256sum "$f") ;;
                esac
                row=$(oci_blob "$f" "$dir")
                layers="$layers${layers:+,}{\"mediaType\":\"$type\",\"digest\":\"${row% *}\",\"size\":${row#* }}"
                ids="$ids${ids:+,}\"sha256:${plain%% *}\""
        done
        echo "{\"architecture\":\"$(dpkg --print-architecture)\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[$ids]}}" >"$scratch/config"
        oci_finish "$dir" "$layers"
}
oci_finish() { # DIR LAYERS-JSON: writes manifest and index around $scratch/config
        local row
        row=$(oci_blob "$scratch/config" "$1")
        echo "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"${row% *}\",\"size\":${row#* }},\"layers\":[$2]}" >"$scratch/manifest"
        oci_index "$1" "$scratch/manifest"
}
oci_index() { # DIR MANIFEST-FILE
        local row
        row=$(oci_blob "$2" "$1")
        echo '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
        echo "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"${row% *}\",\"size\":${row#* }}]}" >"$1/index.json"
}

# Debian's docker-registry on $port of loopback, without users; its process is added to `servers`, which at_end must end.
free_port() { python3 -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"; }
plain_registry() {
        port=$(free_port)
        cat >"$scratch/registry.yml" <<Y
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $scratch/registry}}
http: {addr: "127.0.0.1:$port"}
Y
        docker-registry serve "$scratch/registry.yml" >"$scratch/registry.log" 2>&1 &
        servers+=($!)
}
# For scenarios with servers: `servers` has their processes, and no credentials of the caller's are found.
servers=()
servers_end() {
        for p in "${servers[@]}"; do kill "$p" 2>/dev/null && wait "$p" 2>/dev/null; done
        rm -rf --one-file-system "$scratch"
}
no_credentials() {
        mkdir "$scratch/home"
        export HOME=$scratch/home
        unset REGISTRY_AUTH_FILE DOCKER_CONFIG XDG_RUNTIME_DIR XDG_CONFIG_HOME
}
