# --secrets: in files of every layer (also those that a higher one removed), history, environment, a root folder; by the built-in
# rules and by one's own. No report, no record and nothing on the disk holds more than four characters of one.
. "$(dirname "$0")/lib.sh"
need jq
expect 0 "$coffer" db build "$top/demo/advisories"

# Values are made here, so that nobody's scanner finds them in this file. Of their alphabet, no word in them.
python3 - "$scratch" <<'P'
import io, json, random, string, sys, tarfile
to, r = sys.argv[1], random.Random(7)
def value(alphabet, n): return ''.join(r.choice(alphabet) for _ in range(n))
upper, letters = string.ascii_uppercase + '234567', string.ascii_letters + string.digits
secrets = {'aws': 'AKIA' + value(upper, 16), 'github': 'ghp_' + value(letters, 36), 'gone': 'ghp_' + value(letters, 36),
           'history': 'ghp_' + value(letters, 36), 'env': 'ghp_' + value(letters, 36), 'own': 'house-' + value(letters, 24)}
json.dump(secrets, open(to + '/secrets.json', 'w'))
STATUS = "Package: base\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\nMaintainer: x <x@example.org>\nDescription: x\n\n"
def layer(n, files):
    with tarfile.open(f"{to}/{n}.tar", "w") as f:
        for name, text in files.items():
            t = tarfile.TarInfo(name)
            t.size = len(text)
            f.addfile(t, io.BytesIO(text if isinstance(text, bytes) else text.encode()))
layer(0, {"etc/os-release": 'ID=debian\nVERSION_ID="12"\n', "var/lib/dpkg/status": STATUS,
          "app/settings.env": "# one\nAWS_ACCESS_KEY_ID=%s\n" % secrets['aws'],
          "app/gone.env": "TOKEN=%s\n" % secrets['gone'],
          "app/example.env": "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n",     # the documentation's own
          "app/binary": b"\0\1\2" + secrets['github'].encode() + b"\0" * 100,
          # What the distribution's package brought is published; what somebody wrote over it, and what is meant to be written, not.
          "var/lib/dpkg/info/base.list": "/.\n/usr/share/base/kept.txt\n/usr/share/base/changed.txt\n/etc/base.conf\n",
          "usr/share/base/kept.txt": "token %s\n" % secrets['github'], "usr/share/base/changed.txt": "nothing\n",
          "etc/base.conf": "token %s\n" % secrets['github'],
          "app/own.conf": "key: %s\n" % secrets['own']})
layer(1, {"app/.wh.gone.env": "", "usr/share/base/changed.txt": "token %s\n" % secrets['github'], "app/late.txt": "x" * 300000 + "\n\ntoken %s\n" % secrets['github']})
P
value() { jq -r ".$1" "$scratch/secrets.json"; }
oci_image "$scratch/image" "$scratch/0.tar" "$scratch/1.tar"
jq --arg h "RUN curl -H 'Authorization: token $(value history)' https://example.org" --arg e "DEPLOY=$(value env)" \
        '.history = [{"created_by": $h}, {"created_by": "second"}] | .config.Env = ["PATH=/bin", $e] | .config.User = "1000"' "$scratch/config" >"$scratch/config.new"
mv "$scratch/config.new" "$scratch/config"
oci_finish "$scratch/image" "$(jq -c '.layers[]' "$scratch/manifest" | paste -sd, | cat)"

hidden() { # no file named holds any of the values, nor eight characters of one
        python3 - "$scratch/secrets.json" "$@" <<'P' || fail "a value is shown"
import json, sys
values = json.load(open(sys.argv[1])).values()
for name in sys.argv[2:]:
    data = open(name, 'rb').read()
    for v in values:
        for part in (v[4:12], v[-8:]):
            if part.encode() in data:
                sys.exit('%s holds %s... of a secret' % (name, part[:4]))
P
}
found() { jq -r '.remarks[] | select(.kind == "secret") | "\(.rule) \(.path // "-") \(.line // 0) layer \(.layer + 1) \(if .visible then "visible" else "removed" end)"' "$scratch/out" | sort; }

note "without the flag nobody looks"
expect 0 "$coffer" scan --no-store -o json "$scratch/image"
[ -z "$(found)" ] || fail "secrets were told without being asked for"

note "in files, history and environment; not the documentation's own, nor in what is no text"
expect 0 "$coffer" scan --secrets -o json "$scratch/image"
found >"$scratch/have"
cat "$scratch/have"
diff - "$scratch/have" <<'X' || fail "see the difference (< expected, > coffer)"
secret.aws-access-key app/settings.env 2 layer 1 visible
secret.github-token - 0 layer 2 visible
secret.github-token - 0 layer 2 visible
secret.github-token app/gone.env 1 layer 1 removed
secret.github-token app/late.txt 3 layer 2 visible
secret.github-token etc/base.conf 1 layer 1 visible
secret.github-token usr/share/base/changed.txt 1 layer 2 visible
X
hidden "$scratch/out"
jq -r '.remarks[] | select(.kind == "secret" and .path == null) | .excerpt' "$scratch/out" | sort | diff - <(printf 'ghp_*** in history line 1\nghp_*** in variable DEPLOY\n') || fail "nobody says where in the configuration they stand"
jq -e '.image.layers[0].created_by == "(not shown: a secret stands in it)" and .image.layers[1].created_by == "second"' "$scratch/out" >/dev/null || fail "the history is shown as it is, or not at all"

note "in no report, on no disk"
for format in table json sarif junit cyclonedx spdx html; do
        "$coffer" scan --secrets -o $format "$scratch/image" >"$scratch/report.$format" 2>&1
        [ -s "$scratch/report.$format" ] || fail "no report as $format"
        hidden "$scratch/report.$format"
done
grep -q 'ghp_' "$scratch/report.table" || fail "the table does not say what was found"
[ "$(find "$COFFER_ROOT" -type f | wc -l)" -gt 1 ] || fail "the state's folder is empty"
# shellcheck disable=SC2046 # names without blanks
hidden $(find "$COFFER_ROOT" -type f)

note "again, from what is kept of the layers: the same"
expect 0 "$coffer" scan --secrets -o json "$scratch/image"
found | diff "$scratch/have" - || fail "a second scan finds something else"

note "a root folder: each file of it"
mkdir "$scratch/folder"
tar -C "$scratch/folder" -xf "$scratch/0.tar"
expect 0 "$coffer" scan --secrets -o json "dir:$scratch/folder"
found >"$scratch/have"
diff - "$scratch/have" <<'X' || fail "see the difference (< expected, > coffer)"
secret.aws-access-key app/settings.env 2 layer 1 visible
secret.github-token app/gone.env 1 layer 1 visible
secret.github-token etc/base.conf 1 layer 1 visible
X
hidden "$scratch/out"

note "rules of one's own, instead"
cat >"$scratch/own.rules" <<'X'
rule house
title a key of the house
severity critical
match \bhouse-[A-Za-z0-9]{24}\b
X
expect 0 "$coffer" scan --secret-rules "$scratch/own.rules" -o json "$scratch/image"
[ "$(found)" = "secret.house app/own.conf 1 layer 1 visible" ] || { found; fail "own rules find something else"; }
! grep -qF "$(value own | cut -c 5-20)" "$scratch/out" || fail "the value is shown"
for bad in 'rule a\nmatch (\ntitle x\nseverity low\n' 'rule a\ntitle x\nseverity enormous\nmatch a\n' 'nonsense\n'; do
        # shellcheck disable=SC2059 # line breaks
        printf "$bad" >"$scratch/bad.rules"
        expect 3 "$coffer" scan --secret-rules "$scratch/bad.rules" "$scratch/image"
        says 'bad.rules:[0-9 ]'
done
expect 3 "$coffer" scan --secret-rules "$scratch/nowhere" "$scratch/image"
says 'secret-rules'
