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

# Other readers of the same formats: Python's TOML, JSON, XML and YAML, pip's own requirements, awk.
readers_part() {
        local v=$vectors
        python3 - "$v/poetry/poetry.lock" >"$scratch/want" <<'P' && take "$v/poetry/poetry.lock" && same "tomllib on poetry.lock"
import re, sys, tomllib
for p in tomllib.load(open(sys.argv[1], "rb"))["package"]: print(re.sub(r"[-_.]+", "-", p["name"]).lower(), p["version"])
P
        jq -r '(.default + .develop) | to_entries[] | "\(.key | ascii_downcase | gsub("[-_.]+"; "-")) \(.value.version | ltrimstr("=="))"' "$v/pipenv/Pipfile.lock" >"$scratch/want"
        take "$v/pipenv/Pipfile.lock" && same "jq on Pipfile.lock"
        jq -r '(.pins // .object.pins)[] | "\(.location // .repositoryURL | sub("^https://"; "") | rtrimstr(".git")) \(.state.version)"' "$v/swift/Package.resolved" >"$scratch/want"
        take "$v/swift/Package.resolved" && same "jq on Package.resolved"
        jq -r '.graph_lock.nodes[] | select(.ref and (.path | not)) | .ref | sub("[@#].*"; "") | sub("/"; " ")' "$v/conan/conan.lock" >"$scratch/want"
        take "$v/conan/conan.lock" && same "jq on conan.lock"
        grep -vE '^(#|empty=)' "$v/gradle/gradle.lockfile" | sed -E 's/=.*//; s/:([^:]*)$/ \1/' >"$scratch/want"
        take "$v/gradle/gradle.lockfile" && same "sed on gradle.lockfile"
        awk '/^[^ #]/ { n = $1; gsub(/[":,]/, "", n); sub(/(.)@.*/, "&", n); i = index(substr(n, 2), "@"); n = substr(n, 1, i) } /^  version / { gsub(/"/, "", $2); print n, $2 }' "$v/yarn1/yarn.lock" >"$scratch/want"
        take "$v/yarn1/yarn.lock" && same "awk on yarn.lock"
        if python3 -c 'import yaml' 2>/dev/null; then
                python3 - "$v/pubspec/pubspec.lock" >"$scratch/want" <<'P' && take "$v/pubspec/pubspec.lock" && same "PyYAML on pubspec.lock"
import sys, yaml
for n, p in yaml.safe_load(open(sys.argv[1]))["packages"].items():
    if p["source"] in ("hosted", "git"): print(n, p["version"])
P
        else
                note "pubspec.lock: not compared, Python's yaml is not installed"
        fi
}

# Files of our own in the formats of tools that are not at hand, read by a general reader of their syntax.
own_part() {
        local d=$scratch/own
        mkdir -p "$d/pom" "$d/config" "$d/requirements" "$d/pylock" "$d/pnpm" "$d/renv" "$d/deno" "$d/project" "$d/conda" "$d/stack"
        printf '<?xml version="1.0" encoding="utf-8"?>\n<packages>\n  <package id="jQuery" version="3.1.1" targetFramework="net46"/>\n  <package id="A&amp;B" version="1.0"/>\n</packages>\n' >"$d/config/packages.config"
        printf '<project xmlns="http://maven.apache.org/POM/4.0.0"><dependencies><dependency><groupId>org.x</groupId><artifactId>a</artifactId><version>1.0</version></dependency><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.12</version><scope>test</scope></dependency></dependencies></project>\n' >"$d/pom/pom.xml"
        printf 'Flask[async]==3.0.0 ; python_version > "3"\n# no\nA.b==1.0 \\\n    --hash=sha256:00\nc==2 # note\n' >"$d/requirements/requirements.txt"
        printf 'lock-version = "1.0"\n[[packages]]\nname = "Foo_Bar"\nversion = "1.0"\n[[packages]]\nname = "own"\ndirectory = { path = "." }\n' >"$d/pylock/pylock.toml"
        printf -- "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    configDependencies:\n      is-odd: {specifier: 3.0.1, version: 3.0.1}\npackages:\n  is-odd@3.0.1: {}\nsnapshots:\n  is-odd@3.0.1: {}\n---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      '@s/a': {specifier: ^1, version: 1.0.0}\npackages:\n  '@s/a@1.0.0': {}\nsnapshots:\n  '@s/a@1.0.0': {}\n" >"$d/pnpm/pnpm-lock.yaml"
        printf '{"R":{},"Packages":{"DBI":{"Package":"DBI","Version":"1.3.0","Source":"Repository"}}}' >"$d/renv/renv.lock"
        printf '{"version":"5","npm":{"chalk@5.6.2":{}},"jsr":{"@std/assert@1.0.16":{}}}' >"$d/deno/deno.lock"
        printf '<Project Sdk="Microsoft.NET.Sdk">\n  <ItemGroup>\n    <PackageReference Include="YamlDotNet" Version="16.3.0" />\n    <PackageReference Include="xunit.runner.visualstudio" Version="3.1.0-pre.1">\n      <PrivateAssets>all</PrivateAssets>\n    </PackageReference>\n  </ItemGroup>\n</Project>\n' >"$d/project/p.csproj"
        printf 'version: 1\nmetadata:\n  platforms:\n  - linux-64\npackage:\n- name: libarrow\n  version: 14.0.1\n  manager: conda\n  platform: linux-64\n  dependencies:\n    numpy: '\''>=1.23.5,<2.0a0'\''\n  hash:\n    md5: ee5e344d03f1fe29c52f7cc55a755ac0\n  category: main\n  optional: false\n- name: flash-attn\n  version: 2.3.3\n  manager: pip\n  platform: linux-64\n  dependencies: {}\n  category: main\n  optional: false\n' >"$d/conda/conda-lock.yml"
        printf 'packages:\n- completed:\n    hackage: ansi-wl-pprint-1.0.2@sha256:b817853b5310b8e7847469847608b664c3e75b4b30c332f2cb8c0d00751ef9c1,1915\n    pantry-tree:\n      size: 390\n  original:\n    hackage: ansi-wl-pprint-1.0.2\n- completed:\n    subdir: core\n    url: https://example.org/archive/8eaee520cd1a2ae909d2ef7ce16ce3a17be4418a.tar.gz\n    name: grpc-haskell-core\n    version: 0.0.0.0\n' >"$d/stack/stack.yaml.lock"
        python3 -c '
import sys, xml.etree.ElementTree as x
for p in x.parse(sys.argv[1]).iter("PackageReference"): print(p.get("Include"), p.get("Version"))' "$d/project/p.csproj" >"$scratch/want"
        lines "$d/project" && same "Python's XML on a project file"
        python3 -c '
import sys, xml.etree.ElementTree as x
for p in x.parse(sys.argv[1]).iter("package"): print(p.get("id"), p.get("version"))' "$d/config/packages.config" >"$scratch/want"
        lines "$d/config" && same "Python's XML on packages.config"
        python3 -c '
import sys, xml.etree.ElementTree as x
m = "{http://maven.apache.org/POM/4.0.0}"
for p in x.parse(sys.argv[1]).iter(m + "dependency"): print(p.findtext(m + "groupId") + ":" + p.findtext(m + "artifactId"), p.findtext(m + "version"))' "$d/pom/pom.xml" >"$scratch/want"
        lines "$d/pom" && same "Python's XML on pom.xml"
        python3 -c '
import re, sys, tomllib
for p in tomllib.load(open(sys.argv[1], "rb"))["packages"]:
    if "directory" not in p: print(re.sub(r"[-_.]+", "-", p["name"]).lower(), p["version"])' "$d/pylock/pylock.toml" >"$scratch/want"
        lines "$d/pylock" && same "tomllib on pylock.toml"
        jq -r '.Packages[] | "\(.Package) \(.Version)"' "$d/renv/renv.lock" >"$scratch/want"
        lines "$d/renv" && same "jq on renv.lock"
        jq -r '(.npm + .jsr) | keys[] | sub("(?<n>.)@"; "\(.n) ")' "$d/deno/deno.lock" >"$scratch/want"
        lines "$d/deno" && same "jq on deno.lock"
        if python3 -c 'import pip._vendor.packaging.requirements' 2>/dev/null; then
                python3 - "$d/requirements/requirements.txt" >"$scratch/want" <<'P'
import sys
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
from pip._internal.req.req_file import get_file_content, preprocess
_, content = get_file_content(sys.argv[1], session=None)
for _, line in preprocess(content):
    r = Requirement(line.split(" --")[0])
    print(canonicalize_name(r.name), str(r.specifier).lstrip("="))
P
                lines "$d/requirements" && same "pip's own reading of requirements.txt"
        else
                note "requirements.txt: not compared with pip, it is not installed"
        fi
        if python3 -c 'import yaml' 2>/dev/null; then
                python3 - "$d/pnpm/pnpm-lock.yaml" >"$scratch/want" <<'P'
import sys, yaml
for document in yaml.safe_load_all(open(sys.argv[1])):
    for key in document["packages"]: print(*key.rsplit("@", 1))
P
                lines "$d/pnpm" && same "PyYAML on a pnpm-lock.yaml of two documents"
                python3 -c '
import sys, yaml
for p in yaml.safe_load(open(sys.argv[1]))["package"]: print(p["name"], p["version"])' "$d/conda/conda-lock.yml" >"$scratch/want"
                lines "$d/conda" && same "PyYAML on conda-lock.yml"
                python3 -c '
import sys, yaml
for p in yaml.safe_load(open(sys.argv[1]))["packages"]:
    p = p["completed"]
    print(*p["hackage"].split("@")[0].rsplit("-", 1)) if "hackage" in p else print(p["name"], p["version"])' "$d/stack/stack.yaml.lock" >"$scratch/want"
                lines "$d/stack" && same "PyYAML on stack.yaml.lock"
        else
                note "pnpm-lock.yaml of two documents, conda-lock.yml, stack.yaml.lock: not compared, Python's yaml is not installed"
        fi
}

# What a file says beyond its list is said, and a hostile one ends its reading alone.
notes_part() {
        local d=$scratch/notes
        mkdir -p "$d"
        printf 'a==1\nflask>=2\n' >"$d/requirements.txt"
        head -c 100 /dev/zero >"$d/bun.lockb"
        printf '<!DOCTYPE p [<!ENTITY x "y">]><packages><package id="&x;" version="1"/></packages>' >"$d/packages.config"
        truncate -s 33M "$d/package-lock.json"
        lines "$d"
        [ "$(cat "$scratch/have")" = "a 1" ] || fail "a folder of odd lock files: $(cat "$scratch/have")"
        says 'a binary lock file'
        says 'a document type is not accepted'
        says 'package-lock.json: too large, not read: 34603008 bytes, at most 33554432'
}

composer_part() {
        local d=$scratch/composer
        mkdir -p "$d"
        cp "$vectors/composer/composer.lock" "$d/" && chmod u+w "$d/composer.lock" && echo '{}' >"$d/composer.json"
        (cd "$d" && HOME=$scratch COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_DISABLE_NETWORK=1 composer show --locked --format=json --no-interaction 2>"$scratch/log") |
                jq -r '.locked[] | "\(.name) \(.version | ltrimstr("v"))"' >"$scratch/want"
        lines "$d" && same "composer show --locked"
}

# rebar3 itself writes the file, and Erlang reads it.
rebar_part() {
        local d=$scratch/rebar beams
        mkdir -p "$d" "$scratch/rebar3"
        python3 -c '
import io, sys, zipfile
b = open(sys.argv[1], "rb").read()
zipfile.ZipFile(io.BytesIO(b[b.index(b"PK\3\4"):])).extractall(sys.argv[2])' "$(command -v rebar3)" "$scratch/rebar3" || fail "rebar3 is no escript"
        beams=$(find "$scratch/rebar3" -name ebin -printf '-pa %p ')
        # shellcheck disable=SC2086 # options
        HOME=$scratch erl -noinput -noshell $beams -eval 'ok = rebar_config:write_lock_file("'"$d/rebar.lock"'", [
                {<<"jsx">>, {pkg, <<"jsx">>, <<"2.11.0">>, <<"AA">>, <<"BB">>}, 0}, {<<"pool">>, {pkg, <<"basho_poolboy">>, <<"0.8.3">>, <<"CC">>, <<"DD">>}, 1},
                {<<"meck">>, {git, "https://example.org/meck.git", {ref, "dde759050eff19a1a80fd854d7375174b191665d"}}, 0},
                {<<"sub">>, {git_subdir, "https://example.org/s.git", {ref, "0123456789012345678901234567890123456789"}, "apps/sub"}, 0}]),
                {ok, [{_, L} | _]} = file:consult("'"$d/rebar.lock"'"),
                [case T of {pkg, N, V} -> io:format("~s ~s~n", [N, V]); _ -> io:format("~s ~s~n", [A, element(2, element(3, T))]) end || {A, T, _} <- L], halt().' >"$scratch/want" 2>"$scratch/log" ||
                fail "erl: $(tail -n 3 "$scratch/log")"
        lines "$d" && same "rebar3's own rebar.lock"
}

# cabal freezes a project with a dependency from a folder of packages.
cabal_part() {
        local d=$scratch/cabal
        mkdir -p "$d/repository" "$d/dep" "$d/proj" "$d/.cabal"
        printf 'cabal-version: 2.4\nname: dep-lib\nversion: 1.2.3\nflag fast\n  default: False\nlibrary\n  build-depends: base\n  default-language: Haskell2010\n' >"$d/dep/dep-lib.cabal"
        printf 'cabal-version: 2.4\nname: proj\nversion: 0.1\nlibrary\n  build-depends: base, dep-lib\n  default-language: Haskell2010\n' >"$d/proj/proj.cabal"
        printf 'repository local\n  url: file+noindex://%s/repository\n' "$d" >"$d/.cabal/config"
        (cd "$d/dep" && HOME=$d cabal sdist -o ../repository && cd ../proj && HOME=$d cabal freeze) >"$scratch/log" 2>&1 || fail "cabal: $(tail -n 3 "$scratch/log")"
        sed -nE 's/^(constraints:)? *any\.([^ ]+) ==([^,]+),?$/\2 \3/p' "$d/proj/cabal.project.freeze" >"$scratch/want"
        grep -q '^dep-lib 1.2.3$' "$scratch/want" || fail "cabal froze no dependency: $(cat "$d/proj/cabal.project.freeze")"
        lines "$d/proj" && same "cabal freeze"
}

# NuGet makes a package and installs what packages.config names: a folder for each.
nuget_part() {
        local d=$scratch/nuget
        mkdir -p "$d/feed" "$d/made" "$d/proj"
        printf '<?xml version="1.0"?>\n<package><metadata><id>My.Dep</id><version>1.2.3</version><authors>x</authors><description>d</description></metadata><files><file src="x.txt" target="content"/></files></package>\n' >"$d/made/My.Dep.nuspec"
        echo x >"$d/made/x.txt"
        printf '<?xml version="1.0" encoding="utf-8"?>\n<packages>\n  <package id="My.Dep" version="1.2.3" targetFramework="net45" />\n</packages>\n' >"$d/proj/packages.config"
        (cd "$d/made" && HOME=$d nuget pack My.Dep.nuspec -NoPackageAnalysis -OutputDirectory ../feed &&
                HOME=$d nuget install "$d/proj/packages.config" -Source "$d/feed" -OutputDirectory "$d/installed") >"$scratch/log" 2>&1 || fail "nuget: $(tail -n 3 "$scratch/log")"
        find "$d/installed" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sed -E 's/\.([0-9][0-9.]*)$/ \1/' >"$scratch/want"
        lines "$d/proj" && same "nuget install packages.config"
}

# Maven's effective project, with its plugin from the local repository alone.
maven_part() {
        local d=$scratch/maven
        mkdir -p "$d"
        cat >"$d/pom.xml" <<'S'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>p</artifactId><version>1.0</version>
  <properties><commons.version>3.${commons.minor}</commons.version><commons.minor>12.0</commons.minor></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>1.7.32</version></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.apache.commons</groupId><artifactId>commons-lang3</artifactId><version>${commons.version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>q</artifactId><version>${project.version}</version></dependency>
  </dependencies>
</project>
S
        if ! (cd "$d" && mvn -o -q -B help:effective-pom -Doutput="$scratch/effective.xml") >"$scratch/log" 2>&1; then
                note "pom.xml: not compared with Maven, its help plugin is not in the local repository"
                return
        fi
        python3 -c '
import sys, xml.etree.ElementTree as x
m = "{http://maven.apache.org/POM/4.0.0}"
for p in x.parse(sys.argv[1]).getroot().find(m + "dependencies"): print(p.findtext(m + "groupId") + ":" + p.findtext(m + "artifactId"), p.findtext(m + "version"))' "$scratch/effective.xml" >"$scratch/want"
        lines "$d" && same "mvn help:effective-pom"
}

renv_part() {
        local d=$scratch/renv
        mkdir -p "$d"
        (cd "$d" && HOME=$scratch RENV_CONFIG_SANDBOX_ENABLED=FALSE Rscript -e 'renv::snapshot(lockfile = "renv.lock", type = "all", library = .libPaths(), prompt = FALSE, force = TRUE, project = getwd())') >"$scratch/log" 2>&1 ||
                fail "renv: $(tail -n 3 "$scratch/log")"
        (cd "$d" && Rscript -e 'for (p in renv::lockfile_read("renv.lock")$Packages) cat(p$Package, p$Version, "\n")') | sed 's/ *$//' >"$scratch/want"
        lines "$d" && same "renv's own renv.lock"
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

own_part
notes_part
if [ -f "$vectors/npm3/package-lock.json" ]; then vectors_part && readers_part; else note "the vectors of ../shared: not compared, they are not there"; fi
if command -v go >/dev/null; then go_part; else note "go.mod: not compared with go, it is not installed"; fi
if command -v bundle >/dev/null; then ruby_part; else note "Gemfile.lock: not compared with Bundler, it is not installed"; fi
if ! [ -f "$vectors/composer/composer.lock" ]; then :; elif command -v composer >/dev/null; then composer_part; else note "composer.lock: not compared with Composer, it is not installed"; fi
if command -v erl >/dev/null && command -v rebar3 >/dev/null; then rebar_part; else note "rebar.lock: not compared with rebar3, it is not installed"; fi
if command -v cabal >/dev/null && command -v ghc >/dev/null; then cabal_part; else note "cabal.project.freeze: not compared with cabal, it is not installed"; fi
if command -v nuget >/dev/null; then nuget_part; else note "packages.config: not compared with NuGet, it is not installed"; fi
if command -v mvn >/dev/null; then maven_part; else note "pom.xml: not compared with Maven, it is not installed"; fi
if command -v Rscript >/dev/null && Rscript -e 'if (!requireNamespace("renv", quietly = TRUE)) q(status = 1)' >/dev/null 2>&1; then renv_part; else note "renv.lock: not compared with renv, it is not installed"; fi
if command -v elixir >/dev/null; then mix_part; else note "mix.lock: not compared with Elixir, it is not installed"; fi
if command -v npm >/dev/null; then npm_part; else note "package-lock.json: not compared with npm, it is not installed"; fi
[ "$compared" -gt 0 ] || skip "neither the vectors of ../shared nor any of the tools is there"
exit 0
