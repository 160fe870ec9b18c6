# Every kind of bad image ends with exit 3 and a message that names image, layer and place; never clean, never a crash,
# nothing left. KIND=name runs one.
. "$(dirname "$0")/lib.sh"
demo_database
bad=$top/test/tools/bad_image.py

# KIND<TAB>what the message must say. Streams and JSON name the place; the layer is the second of two, counted from 1.
while IFS=$'\t' read -r kind message; do
        [ -n "$kind" ] || continue
        case $kind in *${KIND:-}*) ;; *) continue ;; esac
        python3 "$bad" "$kind" "$scratch/$kind" || fail "bad_image.py $kind"
        note "$kind"
        expect 3 timeout 120 "$coffer" scan "$scratch/$kind"
        says "$message"
        says "$kind" # the image by its name
        says_not 'clean|died'
        expect 3 "$coffer" check "$scratch/$kind"
        nothing_left
        rm -rf "${scratch:?}/$kind"
done <<'X'
gzip-truncated	layer 2.*(gzip|ends)
gzip-corrupt	layer 2.*(gzip|digest)
gzip-wrong-crc	layer 2.*(gzip|checksum)
gzip-with-a-tail	layer 2.*gzip
zstd-truncated	layer 2.*zstd
zstd-corrupt	layer 2.*zstd
tar-truncated	layer 2.*(tar|entry)
tar-bad-checksum	layer 2.*checksum
tar-after-its-end	layer 2.*end
not-a-tar	layer 2.*(tar|checksum)
layer-digest-wrong	layer 2.*(digest|gzip)
diff-id-wrong	layer 2.*diff id
manifest-digest-wrong	manifest
config-digest-wrong	config
layer-missing	layer 2.*(missing|not there|No such)
layer-of-another-size	layer 2.*size|layer 2.*bytes
layer-is-a-symlink	layer 2
more-layers-than-diff-ids	diff
digest-with-dots	digest
path-with-dots	layer 2.*entry.*\.\.
path-absolute	layer 2.*entry.*/escaped
hardlink-escape	layer 2.*entry
hardlink-absolute	layer 2.*entry
bomb	layer 2.*(ratio|bytes|bomb)
manifest-of-100-mib	manifest
json-nested	(deep|depth|nest)
json-duplicate-key	layers.*(twice|duplicate)|(twice|duplicate).*layers
json-duplicate-key-escaped	layers.*(twice|duplicate)|(twice|duplicate).*layers
json-invalid-utf8	UTF-8
json-truncated	manifest
unknown-media-type	x-lzip
encrypted-layer	encrypted
status-broken	var/lib/dpkg/status
X

if [ -z "${KIND:-}" ]; then
        note "the control: the same image with nothing wrong"
        python3 "$bad" good "$scratch/good" || fail "bad_image.py good"
        expect 0 "$coffer" scan -o json "$scratch/good"
        says openssl

        note "a million files: read to the end, in bounded memory"
        python3 "$bad" million-files "$scratch/million-files" || fail "bad_image.py million-files"
        expect 0 "$coffer" scan "$scratch/million-files"
        nothing_left
fi
exit 0
