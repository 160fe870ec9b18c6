# What Coffer says a lock file declares is what its own tool, or another reader of its format, says.
# Real lock files come from ../shared; go, Bundler, Elixir and npm read one made here, if they are there.
. "$(dirname "$0")/lib.sh"
demo_database
need jq
need python3
compared=0

# purls DIR: those that lock files declare, sorted, in $scratch/have
purls() {
        "$coffer" scan --no-store -o json "dir:$1" >"$scratch/out" 2>"$scratch/err" || [ $? = 3 ] || fail "scan $1: $(cat "$scratch/err")"
        jq -r '.components[] | select(.state == "declared") | .purl' "$scratch/out" | sort -u >"$scratch/have"
}

# lines DIR: "name version" of the same
lines() {
        purls "$1"
        jq -r '.components[] | select(.state == "declared") | "\(.name) \(.version)"' "$scratch/out" | sort -u >"$scratch/have"
}

same() { # WHAT: $scratch/want against $scratch/have
        LC_ALL=C sort -u -o "$scratch/want" "$scratch/want"
        LC_ALL=C sort -u -o "$scratch/have" "$scratch/have"
        [ -s "$scratch/want" ] || fail "$1: there is nothing to compare with"
        diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "$1 (< the tool, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$scratch/want") equal"
        compared=$((compared + 1))
}

# take FILE: a lock file of its own folder
take() {
        rm -rf "$scratch/one" && mkdir -p "$scratch/one" && cp "$1" "$scratch/one/"
        chmod u+w "$scratch/one/"*
        lines "$scratch/one"
}

vectors=$shared/data/vectors/lockfiles
vectors_part() {
        # One tree in npm's three formats gives one set of packages.
        for v in 1 2 3; do
                rm -rf "$scratch/one" && mkdir -p "$scratch/one" && cp "$vectors/npm$v/package-lock.json" "$scratch/one/"
                purls "$scratch/one" && cp "$scratch/have" "$scratch/npm$v"
        done
        for v in 1 2; do cp "$scratch/npm$v" "$scratch/want" && cp "$scratch/npm3" "$scratch/have" && same "npm's formats $v and 3"; done
        jq -r '.packages | to_entries[] | select(.key | test("node_modules/")) | "\(.value.name // (.key | split("node_modules/") | last)) \(.value.version)"' \
                "$vectors/npm3/package-lock.json" >"$scratch/want"
        take "$vectors/npm3/package-lock.json" && same "jq on package-lock.json"
        jq -r '(.packages + ."packages-dev")[] | "\(.name | ascii_downcase) \(.version | ltrimstr("v"))"' "$vectors/composer/composer.lock" >"$scratch/want"
        take "$vectors/composer/composer.lock" && same "jq on composer.lock"
        jq -r '.dependencies[] | to_entries[] | select(.value.type != "Project") | "\(.key) \(.value.resolved)"' "$vectors/nuget/packages.lock.json" >"$scratch/want"
        take "$vectors/nuget/packages.lock.json" && same "jq on packages.lock.json"
        python3 - "$vectors/uv/uv.lock" >"$scratch/want" <<'P' && take "$vectors/uv/uv.lock" && same "tomllib on uv.lock"
import sys, tomllib
for p in tomllib.load(open(sys.argv[1], "rb"))["package"]:
    if "registry" in p["source"]: print(p["name"], p["version"])
P
        python3 - "$vectors/cargo/Cargo.lock" >"$scratch/want" <<'P' && take "$vectors/cargo/Cargo.lock" && same "tomllib on Cargo.lock"
import sys, tomllib
for p in tomllib.load(open(sys.argv[1], "rb"))["package"]:
    if "source" in p: print(p["name"], p["version"])
P
        sed -nE 's/^\t([^ ]+) (v[^ ]+).*/\1 \2/p' "$vectors/gomod/go.mod" >"$scratch/want"
        take "$vectors/gomod/go.mod" && same "sed on go.mod"
        sed -nE 's/^    ([^ ]+) \(([^)-]+).*/\1 \2/p' "$vectors/bundler/Gemfile.lock" >"$scratch/want"
        take "$vectors/bundler/Gemfile.lock" && same "sed on Gemfile.lock"
        sed -nE 's,^  /(.+)/([^/_]+)(_.*)?:$,\1 \2,p' "$vectors/pnpm/pnpm-lock.yaml" >"$scratch/want"
        take "$vectors/pnpm/pnpm-lock.yaml" && same "sed on pnpm-lock.yaml"
}

go_part() {
        local d=$scratch/go
        mkdir -p "$d/own"
        printf 'module example.org/m\n\ngo 1.21\n\nrequire (\n\texample.org/a v1.0.0\n\texample.org/b v1.2.0 // indirect\n)\n' >"$d/go.mod"
        (cd "$d" && GOFLAGS=-mod=mod GOPROXY=off go mod edit -replace example.org/a=example.org/fork@v1.0.1 -require example.org/c@v0.3.0 -replace example.org/c=./own) \
                >"$scratch/log" 2>&1 || fail "go: $(cat "$scratch/log")"
        (cd "$d" && go mod edit -json) | jq -r '(.Replace // []) as $r | .Require[] | . as $q | ([$r[] | select(.Old.Path == $q.Path)] | first) as $by |
                if $by == null then "\(.Path) \(.Version)" elif $by.New.Version then "\($by.New.Path) \($by.New.Version)" else empty end' >"$scratch/want"
        lines "$d" && same "go mod edit -json"
}

ruby_part() {
        local d=$scratch/bundle
        mkdir -p "$d/own"
        printf 'GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.8)\n    rack-test (2.1.0)\n      rack (>= 1.3)\n    nokogiri (1.16.0-x86_64-linux)\n\nPLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  rack-test\n\nBUNDLED WITH\n   2.3.15\n' >"$d/Gemfile.lock"
        touch "$d/Gemfile"
        (cd "$d" && HOME=$scratch ruby -rbundler -e 'Bundler::LockfileParser.new(File.read(ARGV[0])).specs.each { |s| puts "#{s.name} #{s.version}" }' Gemfile.lock) >"$scratch/want" 2>"$scratch/log" ||
                fail "bundler: $(tail -n 3 "$scratch/log")"
        lines "$d" && same "Bundler::LockfileParser"
}

mix_part() {
        local d=$scratch/mix
        mkdir -p "$d"
        printf '%%{\n  "jason": {:hex, :jason, "1.3.0", "fa6b", [:mix], [{:decimal, "~> 2.0", [hex: :decimal]}], "hexpm", "53fc"},\n  "odd": {:hex, :"odd-name", "0.1.0-rc.1", "00", [:rebar3], [], "hexpm", "00"},\n}\n' >"$d/mix.lock"
        elixir -e '{m, _} = Code.eval_string(File.read!(hd(System.argv()))); for {_, t} <- m, do: IO.puts("#{elem(t, 1)} #{elem(t, 2)}")' "$d/mix.lock" >"$scratch/want" 2>"$scratch/log" ||
                fail "elixir: $(tail -n 3 "$scratch/log")"
        lines "$d" && same "Elixir's own reading of mix.lock"
}

npm_part() {
        local d=$scratch/npm
        mkdir -p "$d/lib"
        echo '{"name":"own","version":"1.0.0"}' >"$d/lib/package.json"
        echo '{"name":"p","version":"1.0.0","dependencies":{"own":"file:lib","a":"1.0.0","alias":"npm:b@2.0.0"}}' >"$d/package.json"
        cat >"$d/package-lock.json" <<'S'
{"name":"p","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
"":{"name":"p","version":"1.0.0","dependencies":{"own":"file:lib","a":"1.0.0","alias":"npm:b@2.0.0"}},
"lib":{"name":"own","version":"1.0.0"},"node_modules/own":{"resolved":"lib","link":true},
"node_modules/a":{"version":"1.0.0","dependencies":{"b":"1.0.0"}},
"node_modules/a/node_modules/b":{"version":"1.0.0"},"node_modules/b":{"version":"3.0.0","extraneous":true},
"node_modules/alias":{"name":"b","version":"2.0.0"}}}
S
        (cd "$d" && npm ls --all --package-lock-only --offline --json 2>"$scratch/log") |
                jq -r '[.. | objects | select(.dependencies) | .dependencies | to_entries[] | select(.key != "own")] |
                        .[] | "\(.value.name // .key) \(.value.version)"' | sed 's/^alias /b /' >"$scratch/want"
        lines "$d" && same "npm ls --package-lock-only"
}

if [ -f "$vectors/npm3/package-lock.json" ]; then vectors_part; else note "the vectors of ../shared: not compared, they are not there"; fi
if command -v go >/dev/null; then go_part; else note "go.mod: not compared with go, it is not installed"; fi
if command -v bundle >/dev/null; then ruby_part; else note "Gemfile.lock: not compared with Bundler, it is not installed"; fi
if command -v elixir >/dev/null; then mix_part; else note "mix.lock: not compared with Elixir, it is not installed"; fi
if command -v npm >/dev/null; then npm_part; else note "package-lock.json: not compared with npm, it is not installed"; fi
[ "$compared" -gt 0 ] || skip "neither the vectors of ../shared nor any of the tools is there"
exit 0
