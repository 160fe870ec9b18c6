#!/bin/sh
# A detector for Coffer: files named VERSION in /opt/NAME/ say which version of NAME is installed there.
# Put it into the detectors folder (see docs/plugins.md) and make it executable.
#
# The question has one file a line, so that a script without a JSON reader can take it apart.
set -eu

if [ "${1:-}" = --describe ]; then
        echo '{"name":"opt-version","version":"1.0","wants":["opt/*/VERSION"],"max_bytes":4096}'
        exit 0
fi

comma=
printf '{"packages":['
# {"path":"opt/tool/VERSION","layer":0,"content_base64":"MS4yLjMK"},
sed -n 's/^{"path":"\([A-Za-z0-9._\/-]*\)","layer":\([0-9]*\),"content_base64":"\([A-Za-z0-9+\/=]*\)"},*$/\1 \2 \3/p' |
        while read -r path layer content; do
                # The first line, and of that only what can stand in a JSON string as it is.
                version=$(echo "$content" | base64 -d | head -n 1 | tr -cd 'A-Za-z0-9._+~-')
                name=${path#opt/}
                name=${name%/VERSION}
                [ -n "$version" ] || continue
                printf '%s\n{"path":"%s","layer":%s,"type":"generic","name":"%s","version":"%s"}' \
                        "$comma" "$path" "$layer" "$name" "$version"
                comma=,
        done
printf '\n],"notes":[]}\n'
