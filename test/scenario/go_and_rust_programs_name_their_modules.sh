# A program alone says what it was built from: as `go version -m` and cargo's own tree say it, and from the names of
# source files where it was built without modules, or without a list of its crates.
. "$(dirname "$0")/lib.sh"
command -v go >/dev/null || command -v cargo >/dev/null || skip "needs go or cargo"
mkdir -p "$scratch/root/usr/local/bin" "$scratch/db"
echo '{"id":"GO-0000-0001","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Go","name":"example.org/none"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}' >"$scratch/db/one.json"
expect 0 "$coffer" db build "$scratch/db"
tested=0

# scan: an image of one layer. What can't be looked up ends with 3, which is right and not the point here.
scan() {
        tar -C "$scratch/root" -cf "$scratch/layer.tar" . && oci_image "$scratch/image" "$scratch/layer.tar" || fail "the image can't be made"
        "$coffer" scan -o json "$scratch/image" >"$scratch/out" 2>"$scratch/err" || [ $? = 3 ] || fail "scan: $(cat "$scratch/err")"
}
# lists TYPE FILE: "name version" of the components of that purl type that FILE names
lists() {
        jq -r --arg t "$1" --arg p "usr/local/bin/$2" \
                '.components[] | select(.type == $t and .path == $p) | "\(.name) \(.version)"' "$scratch/out" | sort -u
}
same() { # WHAT TYPE FILE: against $scratch/want
        lists "$2" "$3" >"$scratch/have"
        [ -s "$scratch/want" ] || fail "$1: the tool itself lists nothing"
        diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "$1 (< the tool, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$scratch/want") equal"
        tested=$((tested + 1))
}

# What `go version -m` says, in one line each: replacements by another module in the module's place, the toolchain.
go_wants() {
        go version -m "$1" | awk -v main="$2" -F '\t' '
                NR == 1 { sub(/.*: go/, "", $1); print "stdlib " $1; next }
                function flush() { if (name != "") print name " " version; name = "" }
                $2 == "dep" { flush(); name = $3; version = $4 }
                $2 == "=>" { if ($3 !~ /^[.\/]/) name = $3; version = $4 }
                $2 == "mod" { mod = $3; mod_version = $4 }
                END { flush(); print mod " " (main != "" ? main : mod_version) }' | sort -u >"$scratch/want"
}

# The programs are built first and scanned together.
go_modules() {
        mkdir -p "$scratch/tool/local" && cd "$scratch/tool" || return 1
        printf 'package local\n\nfunc Name() string { return "local" }\n' >local/local.go
        printf 'module example.org/local\n\ngo 1.20\n' >local/go.mod
        cat >main.go <<'END'
package main

import (
        "fmt"

        "example.org/local"
        "github.com/BurntSushi/toml"
        "github.com/pkg/errors"
        "golang.org/x/text/language"
)

var version = "unset"

func main() {
        var v map[string]interface{}
        _, err := toml.Decode("a = 1", &v)
        fmt.Println(version, v, errors.Wrap(err, "toml"), language.English, local.Name())
}
END
        cat >go.mod <<'END'
module example.org/Me/tool

go 1.20

require (
        example.org/local v0.0.0
        github.com/BurntSushi/toml v1.2.0
        github.com/pkg/errors v0.9.0
        golang.org/x/text v0.3.7
)

replace example.org/local => ./local

replace github.com/pkg/errors => github.com/pkg/errors v0.9.1
END
        export GOFLAGS=-mod=mod CGO_ENABLED=0
        go mod tidy >"$scratch/log" 2>&1 || return 1
        local bin=$scratch/root/usr/local/bin
        go build -buildvcs=false -o "$bin/go-plain" . &&
                go build -buildvcs=false -ldflags "-s -w -X main.version=1.2.3" -o "$bin/go-flags" . &&
                go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$bin/go-stripped" . &&
                GOARCH=386 go build -buildvcs=false -o "$bin/go-386" . &&
                GOARCH=s390x go build -buildvcs=false -o "$bin/go-big-endian" . || fail "go build"
}

# Without modules, as Debian builds: two packages in a GOPATH, one of them vendored.
go_path() {
        local src=$scratch/gopath/src
        mkdir -p "$src/github.com/demo/one/v2" "$src/github.com/demo/tool/vendor/k8s.io/two/api" "$src/github.com/demo/tool/cmd/tool"
        printf 'package one\n\n//go:noinline\nfunc One() string { return "one" }\n' >"$src/github.com/demo/one/v2/one.go"
        printf 'package api\n\n//go:noinline\nfunc Two() string { return "two" }\n' >"$src/github.com/demo/tool/vendor/k8s.io/two/api/two.go"
        cat >"$src/github.com/demo/tool/cmd/tool/main.go" <<'END'
package main

import (
        "github.com/demo/one/v2"
        "k8s.io/two/api"
)

var version string

func main() { println(version, one.One(), api.Two()) }
END
        cd "$src/github.com/demo/tool" &&
                GO111MODULE=off GOFLAGS="" GOPATH=$scratch/gopath CGO_ENABLED=0 \
                        go build -ldflags "-X main.version=3.4.5" -o "$scratch/root/usr/local/bin/go-path" ./cmd/tool >"$scratch/log" 2>&1
}

rust_crates() {
        mkdir -p "$scratch/crate/src" && cd "$scratch/crate" || return 1
        cat >Cargo.toml <<'END'
[package]
name = "demo"
version = "0.1.0"
edition = "2021"

[dependencies]
serde_json = "1"
regex = "1"

[build-dependencies]
cc = "1"
END
        echo 'fn main() {}' >build.rs
        cat >src/main.rs <<'END'
fn main() {
    let v: serde_json::Value = serde_json::from_str(&std::env::args().nth(1).unwrap()).unwrap();
    println!("{}", regex::Regex::new(v["re"].as_str().unwrap()).unwrap().is_match("abc"));
}
END
        cargo build --release >"$scratch/log" 2>&1 || return 1
        cp target/release/demo "$scratch/root/usr/local/bin/rust-plain"
        if cargo auditable --version >/dev/null 2>&1; then
                cargo auditable build --release >"$scratch/log" 2>&1 || return 1
                cp target/release/demo "$scratch/root/usr/local/bin/rust-auditable"
        fi
}

have_modules='' have_path='' have_crates=''
if command -v go >/dev/null; then
        if go_modules; then have_modules=1; else note "go can't build with modules here: $(tail -n 1 "$scratch/log")"; fi
        if go_path; then have_path=1; else note "go can't build without modules here: $(tail -n 1 "$scratch/log")"; fi
fi
if command -v cargo >/dev/null; then
        if rust_crates; then have_crates=1; else note "cargo can't build here: $(tail -n 1 "$scratch/log")"; fi
fi
cd "$scratch" || exit 1
scan
bin=$scratch/root/usr/local/bin
if [ "$have_modules" ]; then
        for f in go-plain go-stripped go-386 go-big-endian; do
                go_wants "$bin/$f" ''
                same "go version -m, $f" golang "$f"
        done
        go_wants "$bin/go-flags" 1.2.3
        same "go version -m, version by the linker" golang go-flags
fi
if [ "$have_path" ]; then
        { go version "$bin/go-path" | sed 's/.*: go/stdlib /'; printf '%s\n' 'github.com/demo/one/v2 ' 'github.com/demo/tool 3.4.5' 'k8s.io/two '; } | sort -u >"$scratch/want"
        same "without modules, from the names of source files" golang go-path
fi
if [ "$have_crates" ]; then
        if [ -f "$bin/rust-auditable" ]; then
                (cd crate && cargo tree --prefix none --edges normal,build) | awk '{ sub(/^v/, "", $2); print $1, $2 }' | sort -u >"$scratch/want"
                same "cargo tree, from the program's own list" cargo rust-auditable
        else
                note "cargo-auditable is not here: its list is not compared"
        fi
        awk -F '"' '/^name = / { n = $2 } /^version = / && n { print n, $2; n = "" }' crate/Cargo.lock | sort -u >"$scratch/lock"
        lists cargo rust-plain >"$scratch/have"
        [ -s "$scratch/have" ] || fail "no crate is told from the paths in a Rust program"
        comm -13 "$scratch/lock" "$scratch/have" >"$scratch/diff"
        [ ! -s "$scratch/diff" ] || fail "crates that Cargo.lock does not have: $(cat "$scratch/diff")"
        grep -q '^regex-automata ' "$scratch/have" || fail "regex-automata is not told from the paths"
        note "from paths in a program: $(wc -l <"$scratch/have") of $(wc -l <"$scratch/lock") crates of Cargo.lock, none beside it"
        tested=$((tested + 1))
fi
[ "$tested" -gt 0 ] || skip "neither go nor cargo can build here"
exit 0
