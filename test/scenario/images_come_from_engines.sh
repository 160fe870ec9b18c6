# Images that a real engine on this host holds: podman's API and dockerd's, on unix sockets of their own. The components are
# those of the image that was loaded; what is no image, no engine or no socket is said so.
. "$(dirname "$0")/lib.sh"
need jq
need skopeo
demo_image
demo_database
servers=()
engines_stop() { # and what they mounted, which is not ours to leave
        for p in "${servers[@]}"; do kill "$p" 2>/dev/null && wait "$p" 2>/dev/null; done
        servers=()
        awk -v top="$scratch/" 'index($5, top) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r m; do umount -l "$m" 2>/dev/null; done
}
at_end() {
        engines_stop
        rm -rf --one-file-system "$scratch"
}
expect 0 "$coffer" scan --no-store -o json "$image"
jq -S '[.components[] | {purl, path}]' "$scratch/out" >"$scratch/same"
same() { jq -S '[.components[] | {purl, path}]' "$scratch/out" | cmp -s "$scratch/same" - || fail "$1 gives other components"; }

expect 3 env DOCKER_HOST="unix://$scratch/none.sock" "$coffer" scan --no-store --registry-retries 0 docker-daemon:demo:1
says 'unavailable|not_found'
expect 3 env DOCKER_HOST=tcp://127.0.0.1:1 "$coffer" scan --no-store docker-daemon:demo:1
says 'only unix:// sockets'
skopeo --insecure-policy --tmpdir "$scratch" copy -q "oci:$image" "docker-archive:$scratch/demo.tar:localhost/demo:1" >"$scratch/log" 2>&1 ||
        fail "skopeo: $(tail -n 1 "$scratch/log")"
tried=0

if command -v podman >/dev/null; then
        note "podman"
        printf '[containers]\ndefault_ulimits=["nofile=20000:20000","nproc=20000:20000"]\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n' >"$scratch/containers.conf"
        export CONTAINERS_CONF=$scratch/containers.conf
        pod=(podman --root "$scratch/pod" --runroot "$scratch/podrun" --tmpdir "$scratch/podtmp" --storage-driver vfs)
        "${pod[@]}" load -q -i "$scratch/demo.tar" >"$scratch/log" 2>&1 || fail "podman load: $(tail -n 2 "$scratch/log")"
        "${pod[@]}" system service --time 0 "unix://$scratch/podman.sock" >"$scratch/podman.log" 2>&1 &
        servers+=($!)
        for _ in $(seq 100); do [ -S "$scratch/podman.sock" ] && break || sleep 0.1; done
        expect 0 env CONTAINER_HOST="unix://$scratch/podman.sock" "$coffer" scan -o json podman:localhost/demo:1
        same podman
        expect 3 env CONTAINER_HOST="unix://$scratch/podman.sock" "$coffer" scan podman:localhost/none:1
        says 'not_found: .*no image localhost/none:1'
        tried=1
fi

if command -v dockerd >/dev/null && command -v docker >/dev/null; then
        note "dockerd"
        cat >"$scratch/daemon.json" <<X
{"data-root":"$scratch/docker","exec-root":"$scratch/exec","pidfile":"$scratch/docker.pid","hosts":["unix://$scratch/docker.sock"],
 "storage-driver":"vfs","bridge":"none","iptables":false,"ip6tables":false,"ip-forward":false}
X
        dockerd --config-file "$scratch/daemon.json" >"$scratch/dockerd.log" 2>&1 &
        servers+=($!)
        export DOCKER_HOST=unix://$scratch/docker.sock
        for _ in $(seq 150); do docker version >/dev/null 2>&1 && break || sleep 0.2; done
        if docker version >/dev/null 2>&1; then
                docker load -q -i "$scratch/demo.tar" >"$scratch/log" 2>&1 || fail "docker load: $(tail -n 2 "$scratch/log")"
                expect 0 "$coffer" scan -o json docker-daemon:localhost/demo:1
                same dockerd
                expect 3 "$coffer" scan docker-daemon:localhost/none:1
                says 'not_found: .*no image localhost/none:1'
                tried=1
        else
                echo "-- not tried: dockerd does not start here: $(tail -n 1 "$scratch/dockerd.log")"
        fi
fi
engines_stop
nothing_left
[ $tried = 1 ] || skip "no engine: it needs podman or docker.io"
