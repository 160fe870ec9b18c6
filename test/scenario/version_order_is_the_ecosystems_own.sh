# `coffer versions` orders and refuses versions as each ecosystem's own tool does; test/versions/pairs.py names the tools.
. "$(dirname "$0")/lib.sh"
need python3
vectors=$shared/data/vectors/versions
compared=0

# pairs ECOSYSTEM ARGUMENT...: the judge's and our answer to each pair; a missing judge is said, and no success.
pairs() {
        local eco=$1 rc
        shift
        python3 "$top/test/versions/pairs.py" --coffer "$coffer" --ecosystem "$eco" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
        rc=$?
        cat "$scratch/out"
        case $rc in
        0)
                says "^$eco: [1-9][0-9]* pairs, 0 disagreements$"
                compared=$((compared + 1))
                ;;
        77) ;;
        *) fail "pairs.py $eco: exit $rc: $(head -n 25 "$scratch/err")" ;;
        esac
}

note "10,000 generated pairs for each ecosystem"
ecosystems=(Debian npm PyPI "Red Hat" Alpine "Arch Linux" Gentoo Maven RubyGems Packagist Go Hex CRAN Hackage)
for eco in "${ecosystems[@]}"; do
        pairs "$eco" --pairs 10000
done

note "published lists"
if [ -d "$vectors" ]; then
        for eco in Debian npm PyPI "Red Hat" Alpine Maven RubyGems Packagist Go Hex CRAN Hackage; do
                pairs "$eco" --vectors "$vectors"
        done
else
        note "skipped: no lists of versions in ../shared/data/vectors/versions"
fi

note "a comparison that is wrong is seen"
cat >"$scratch/coffer" <<END
#!/bin/sh
exec "$coffer" "\$@" | sed 's/^</%/; s/^>/</; s/^%/>/'
END
chmod +x "$scratch/coffer"
if [ $compared != 0 ]; then
        for eco in "${ecosystems[@]}"; do
                python3 "$top/test/versions/pairs.py" --coffer "$scratch/coffer" --ecosystem "$eco" --pairs 500 >"$scratch/out" 2>"$scratch/err"
                case $? in
                1) says "^$eco: 500 pairs, [1-9][0-9]* disagreements$" ;;
                77) ;;
                *) fail "exchanged signs of $eco were not seen: $(cat "$scratch/out")" ;;
                esac
        done
fi

note "an ecosystem without an order is refused"
expect 2 "$coffer" versions Nowhere
says "no ecosystem is known as 'Nowhere'"

note "the help names every ecosystem that has an order"
sed -n 's/.*known are: //p' "$scratch/err" | sed 's/, /\n/g' >"$scratch/ecosystems"
[ "$(wc -l <"$scratch/ecosystems")" -ge 30 ] || fail "few ecosystems: $(cat "$scratch/err")"
"$coffer" help versions | tr -s ' \n' ' ' >"$scratch/help"
while read -r eco; do
        grep -qF "$eco" "$scratch/help" || fail "the help of versions does not name $eco"
done <"$scratch/ecosystems"
[ $compared != 0 ] || skip "no judge of any ecosystem: needs one of the tools that pairs.py names"
