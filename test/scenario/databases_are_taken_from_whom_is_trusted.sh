# A database from elsewhere is taken over if a trusted key signed that very file and it is no step back; on every refusal the one in
# use stays in use.
. "$(dirname "$0")/lib.sh"
need jq
need python3

record() { # ID
        echo "{\"id\":\"$1\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
}
# The distributor: a state folder of its own.
mkdir "$scratch/theirs" "$scratch/out.d"
theirs() { COFFER_ROOT=$scratch/theirs "$coffer" "$@"; }
release() { # NAME [SIGN-OPTION...]: a database and its signature
        local name=$1
        shift
        record "$name" >"$scratch/$name.jsonl"
        expect 0 theirs db build "$scratch/$name.jsonl"
        cp -L "$scratch/theirs/advisory/current" "$scratch/out.d/$name"
        expect 0 theirs db sign --key "$scratch/key" "$@" "$scratch/out.d/$name"
}
in_use() { # ID: what is in use says so, and its files are whole
        expect 0 "$coffer" db lookup npm a 1.0.0
        says "affected +$1 "
        expect 0 "$coffer" db status --verify
        [ -z "$(find "$COFFER_ROOT/advisory" -name new -o -name current.new)" ] || fail "something half is left"
        [ "$(find "$COFFER_ROOT/advisory" -maxdepth 1 -type f -name '*.sig' | wc -l)" -le 1 ] || fail "signatures pile up"
}
refused() { # NAME TEXT [OPTION...]
        local name=$1 text=$2
        shift 2
        expect 3 "$coffer" db import "$@" "$scratch/out.d/$name"
        says "$text"
}
newer() { # so that the next one is built in another second
        local now
        now=$(date +%s)
        while [ "$(date +%s)" = "$now" ]; do sleep 0.1; done
}

note "a key is its owner's alone, and never overwritten"
expect 2 "$coffer" db sign
expect 0 "$coffer" db keygen --name 'the mirror' "$scratch/key"
says '^ed25519:[0-9a-f]{64} the mirror$'
[ "$(stat -c '%a %s' "$scratch/key")" = "600 32" ] || fail "the key is not as it should be"
cmp -s "$scratch/out" "$scratch/key.pub" || fail "the public key is another"
cp "$scratch/key" "$scratch/key.was"
expect 3 "$coffer" db keygen "$scratch/key"
says 'conflict.*never overwritten'
cmp "$scratch/key" "$scratch/key.was" || fail "it was overwritten"
expect 0 "$coffer" db keygen "$scratch/other"
expect 3 "$coffer" db keygen --name "$(printf 'a\033b')" "$scratch/third"
[ ! -e "$scratch/third" ] || fail "a key was left"

note "nobody is trusted; then one is"
release A
newer
release B
expect 0 "$coffer" db build "$scratch/A.jsonl"
expect 0 "$coffer" db status
says '^not signed'
expect 3 "$coffer" db verify
says 'untrusted: the database in use has no signature'
expect 0 "$coffer" db verify --unsigned
expect 0 "$coffer" db trust
says 'no key is trusted'
refused B 'untrusted: .*none of the 0 keys that are trusted.*coffer db trust'
in_use A
expect 0 "$coffer" db trust "$scratch/key.pub"
says '^the mirror \(ed25519:'
rm "$COFFER_ROOT/advisory/current"
expect 0 "$coffer" db import "$scratch/out.d/A"
says 'imported .*A, number [0-9]+ of the mirror \(ed25519:'
in_use A
expect 0 "$coffer" db import "$scratch/out.d/A" # the same again
expect 0 "$coffer" db import "$scratch/out.d/B"
in_use B
expect 0 "$coffer" db status
says '^signed as number [0-9]+ by the mirror \(ed25519:[0-9a-f]*\)$'
expect 0 "$coffer" db status --json
[ "$(jq -c '.signature | [.name, .trusted]' "$scratch/out")" = '["the mirror",true]' ] || fail "another signer"
expect 0 "$coffer" db verify
expect 0 "$coffer" db verify --key "$scratch/key.pub" "$scratch/out.d/A"
says '^sound: built .* number .* of the mirror'
expect 3 "$coffer" db verify --key "$scratch/other.pub" "$scratch/out.d/A"
says 'untrusted: .*none of the 1 keys'

note "what is no signature of that very file by that key"
newer
release C
keep() { cp "$scratch/out.d/C" "$scratch/C"; cp "$scratch/out.d/C.sig" "$scratch/C.sig"; }
back() { cp "$scratch/C" "$scratch/out.d/C"; cp "$scratch/C.sig" "$scratch/out.d/C.sig"; }
keep
rm "$scratch/out.d/C.sig"
refused C 'there is no signature .*--unsigned'
cp "$scratch/out.d/B.sig" "$scratch/out.d/C.sig"
refused C 'is not the file that was signed'
back
expect 0 "$coffer" db sign --key "$scratch/other" --output "$scratch/out.d/C.sig" "$scratch/out.d/C"
refused C 'none of the 1 keys that are trusted'
sed "s/^key .*/$(grep ^key "$scratch/C.sig")/" -i "$scratch/out.d/C.sig" # the other's signature under the trusted name
refused C "not this key's"
back
sed 's/^sequence .*/sequence 9999999999/' -i "$scratch/out.d/C.sig"
refused C "not this key's"
back
sed 's/$/\r/' -i "$scratch/out.d/C.sig"
refused C 'not as it was written'
head -c 300 "$scratch/C.sig" >"$scratch/out.d/C.sig"
refused C 'malformed: .*not the signature of a database'
back
for at in 8 200 380 400 -1; do
        python3 -c "b = bytearray(open('$scratch/C', 'rb').read()); b[$at] ^= 4; open('$scratch/out.d/C', 'wb').write(b)"
        refused C 'is not the file that was signed'
done
head -c -8 "$scratch/C" >"$scratch/out.d/C"
refused C 'is not the file that was signed'
(cat "$scratch/C"; echo) >"$scratch/out.d/C"
refused C 'is not the file that was signed'
back
in_use B
expect 2 "$coffer" db import --unsigned --signature "$scratch/C.sig" "$scratch/out.d/C"
expect 0 "$coffer" db import --signature "$scratch/C.sig" "$scratch/C"
in_use C

note "no step back: neither behind what is in use, nor behind what this key's owner gave before"
refused A 'a step back.*--allow-older'
refused B 'a step back.*--allow-older'
refused A 'it was built .* a step back' --unsigned
in_use C
newer
release D --sequence 5
refused D 'number 5 of this signer.*was here: a step back'
newer
release E
sequence=$(sed -n 's/^sequence //p' "$scratch/C.sig")
expect 0 theirs db sign --key "$scratch/key" --sequence "$sequence" "$scratch/out.d/E"
refused E "another database number $sequence before"
in_use C
rm "$COFFER_ROOT/advisory/current" # nothing in use: what was seen still counts
refused A 'a step back'
expect 0 "$coffer" db import --allow-older "$scratch/out.d/A"
in_use A
expect 0 "$coffer" db import "$scratch/out.d/B" # what was taken on purpose is where it goes on from
in_use B
newest=$(find "$COFFER_ROOT/advisory/newest" -type f)
cp "$newest" "$scratch/newest"
head -c 99 "$scratch/newest" >"$newest"
refused C 'malformed: .*advisory/newest'
cp "$scratch/newest" "$newest"
expect 0 "$coffer" db import --unsigned "$scratch/out.d/C"
says 'which nobody signed'
expect 0 "$coffer" db status
says '^not signed'

note "one's own builds have no signature, and lose one"
expect 0 "$coffer" db import "$scratch/out.d/C"
expect 0 "$coffer" db status
says '^signed as number'
expect 0 "$coffer" db build "$scratch/C.jsonl" # the same content, another time
expect 0 "$coffer" db status
says '^not signed'
in_use C
expect 0 "$coffer" db sign --key "$scratch/other"
expect 0 "$coffer" db status --verify
says '^signed as number .* which is not trusted'
expect 3 "$coffer" db verify
says 'none of the 1 keys'
signature=$(find "$COFFER_ROOT/advisory" -maxdepth 1 -name '*.sig')
echo nonsense >"$signature"
expect 0 "$coffer" db status
says 'not the signature of a database'
expect 3 "$coffer" db status --verify
rm "$signature"

note "the list of keys is the operator's, and read whole or not at all"
list=$COFFER_ROOT/keys/advisories.trusted
expect 3 "$coffer" db trust nothing
expect 3 "$coffer" db trust ed25519:00
says 'is no public key'
chmod 666 "$list"
refused B 'keys/advisories.trusted can be written by others' --allow-older
expect 3 "$coffer" db trust
chmod 644 "$list"
echo 'ed25519:zz' >>"$list"
refused B 'keys/advisories.trusted:3: ' --allow-older
sed '$d' -i "$list"
expect 0 "$coffer" db trust --name renamed "$scratch/key.pub"
expect 0 "$coffer" db import --allow-older "$scratch/out.d/B"
says 'of renamed'
expect 3 "$coffer" db trust --remove "$scratch/other.pub"
expect 0 "$coffer" db trust --remove "$scratch/key.pub"
refused C 'none of the 0 keys'
in_use B

note "keys that others can read do not sign, and what is damaged is not signed"
chmod 640 "$scratch/key"
expect 3 "$coffer" db sign --key "$scratch/key" "$scratch/out.d/C"
says 'can be read or replaced by others'
chmod 600 "$scratch/key"
python3 -c "b = bytearray(open('$scratch/C', 'rb').read()); b[-1] ^= 4; open('$scratch/bad', 'wb').write(b)"
expect 3 "$coffer" db sign --key "$scratch/key" "$scratch/bad"
says 'malformed.*checksum'
[ ! -e "$scratch/bad.sig" ] || fail "it was signed"
expect 3 "$coffer" db sign --key "$scratch/key.pub" "$scratch/out.d/C"
note "what is no file and no pipe is not read, and of a file no more than its header says"
whole=$scratch/out.d/B
size=$(stat -c %s "$whole")
bounded() { # TEXT COMMAND...: refused at once, with nothing written
        local text=$1
        shift
        expect 3 "$@"
        says "$text"
        [ ! -e "$COFFER_ROOT/advisory/new" ] || fail "something half is left"
}
SECONDS=0
bounded 'neither a regular file nor a pipe' "$coffer" db import --unsigned /dev/zero
bounded 'neither a regular file nor a pipe' "$coffer" db import --unsigned "$scratch"
bounded 'this is no advisory database' "$coffer" db import --unsigned <(cat /dev/zero 2>/dev/null)
bounded 'it goes on behind the end that its header names' "$coffer" db import --unsigned --allow-older <(cat "$whole" /dev/zero 2>/dev/null)
bounded 'it ends 1 bytes before' "$coffer" db import --unsigned --allow-older <(head -c $((size - 1)) "$whole" 2>/dev/null)
bounded 'cut, or its header is damaged' "$coffer" db import --unsigned --allow-older <(head -c 20 "$whole" 2>/dev/null)
(cat "$whole"; echo) >"$scratch/longer"
bounded 'it goes on behind the end that its header names' "$coffer" db import --unsigned --allow-older "$scratch/longer"
(head -c 16 "$whole"; printf '\377\377\377\377\377\377\377\377'; tail -c +25 "$whole") >"$scratch/huge"
bounded 'bytes by its header, at most 4294967296' "$coffer" db import --unsigned --allow-older "$scratch/huge"
expect 0 "$coffer" db trust "$(grep -o 'ed25519:[0-9a-f]*' "$whole.sig" | head -n 1)"
bounded 'is not the file that was signed' "$coffer" db import --allow-older --signature "$whole.sig" <(cat "$whole" /dev/zero 2>/dev/null)
[ $SECONDS -lt 20 ] || fail "it took $SECONDS seconds to refuse them"
expect 0 "$coffer" db import --unsigned --allow-older <(cat "$whole" 2>/dev/null)
says 'imported'
nothing_left
