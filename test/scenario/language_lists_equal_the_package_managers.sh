# What Coffer lists of Ruby, PHP, Perl, Lua, R, Haskell, Erlang, OCaml, Node and Python is what their own tools list.
# Each part needs the tool of its language and says so when it is not there; none needs the network.
. "$(dirname "$0")/lib.sh"
demo_database
need jq
mkdir "$scratch/roots"
compared=0

without() { note "$1: not compared, $2 is not installed"; }

# same WHAT TYPE ROOT: $scratch/want holds the tool's lines "name version"
same() {
        "$coffer" scan --no-store -o json "dir:$3" >"$scratch/out" 2>"$scratch/err" || [ $? = 3 ] || fail "scan $1: $(cat "$scratch/err")"
        jq -r --arg t "$2" '.components[] | select(.type == $t) | "\(.name) \(.version)"' "$scratch/out" | sort -u >"$scratch/have"
        sort -u -o "$scratch/want" "$scratch/want"
        [ -s "$scratch/want" ] || fail "$1: the tool lists nothing"
        diff "$scratch/want" "$scratch/have" >"$scratch/diff" || fail "$1 (< the tool, > coffer):
$(head -n 20 "$scratch/diff")"
        note "$1: $(wc -l <"$scratch/want") equal"
        compared=$((compared + 1))
}

# take ROOT PATH...: copies files or folders of this machine to where they are, below ROOT
take() {
        local root=$1
        shift
        mkdir -p "$root"
        tar -C / -cf - "${@#/}" | tar -C "$root" -xf - || fail "copy: $*"
}

gem_lines() { # "name (default: 1.0, 0.9 x86_64-linux)" -> a line a version
        sed -nE 's/^([^ ]+) \((.*)\)$/\1 \2/p' | while read -r name versions; do
                tr ',' '\n' <<<"$versions" | sed -E "s/^ *(default: )?([^ ]+).*/$name \\2/"
        done
}

ruby_part() {
        local root=$scratch/roots/gem dirs
        # The machine's own: default gems, and those of Debian's packages.
        mapfile -t dirs < <(gem environment path | tr ':' '\n' | sed 's,$,/specifications,' | while read -r d; do [ -d "$d" ] && echo "$d"; done)
        dirs+=("$(ruby -e 'puts Gem.default_specifications_dir')")
        mapfile -t dirs < <(printf '%s\n' "${dirs[@]}" | sort -u)
        take "$root" "${dirs[@]}"
        gem list 2>"$scratch/log" | gem_lines >"$scratch/want"
        same "gem list" gem "$root"
        # Two made here: one for a platform, with an awkward name.
        mkdir -p "$scratch/gem/lib" && (
                cd "$scratch/gem" && echo >lib/x.rb
                cat >a.gemspec <<'S'
Gem::Specification.new { |s| s.name = "coffer-net-http2"; s.version = "1.10.0.pre1"; s.summary = "\#{x} \"q\""; s.authors = ["Andr\u00e9"]
  s.licenses = ["MIT", "Ruby"]; s.files = ["lib/x.rb"]; s.homepage = "http://example.org" }
S
                sed 's/coffer-net-http2/coffer_p/; s/s.files/s.platform = Gem::Platform.local; s.files/' a.gemspec >b.gemspec
                gem build a.gemspec && gem build b.gemspec && gem install --local --no-document --install-dir "$scratch/roots/gem2/gems" ./*.gem
        ) >"$scratch/log" 2>&1 || fail "gem: $(tail -n 3 "$scratch/log")"
        GEM_HOME=$scratch/roots/gem2/gems GEM_PATH=$scratch/roots/gem2/gems gem list | gem_lines | grep '^coffer' >"$scratch/want"
        same "gem install" gem "$scratch/roots/gem2"
        jq -e '.components[] | select(.name == "coffer_p") | .purl | test("platform=")' "$scratch/out" >"$scratch/log" ||
                fail "the platform is not in the purl"
}

php_part() {
        local root=$scratch/roots/php
        mkdir -p "$root/libs/a" "$root/libs/b"
        echo '{"name":"acme/alpha","version":"v1.2.3","license":["MIT","GPL-2.0-or-later"],"type":"library"}' >"$root/libs/a/composer.json"
        echo '{"name":"acme/beta","version":"0.9.0-rc1","license":"proprietary"}' >"$root/libs/b/composer.json"
        cat >"$root/composer.json" <<'S'
{"name":"acme/app","minimum-stability":"RC","repositories":[{"packagist.org":false},
{"type":"path","url":"libs/*","options":{"symlink":false}},
{"type":"package","package":{"name":"acme/meta","version":"3.0.0","type":"metapackage"}}],
"require":{"acme/alpha":"*","acme/meta":"*"},"require-dev":{"acme/beta":"*"}}
S
        (cd "$root" && COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$scratch/composer composer install --no-interaction) >"$scratch/log" 2>&1 ||
                fail "composer: $(tail -n 3 "$scratch/log")"
        (cd "$root" && COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$scratch/composer composer show --format=json) 2>"$scratch/log" |
                jq -r '.installed[] | "\(.name) \(.version | ltrimstr("v"))"' >"$scratch/want"
        same "composer show" composer "$root"
}

pear_part() {
        take "$scratch/roots/pear" "$(pear config-get php_dir)/.registry"
        pear list -a 2>"$scratch/log" | awk '$2 ~ /^[0-9]/ && NF == 3 {print $1, $2}' >"$scratch/want"
        same "pear list" pear "$scratch/roots/pear"
}

perl_part() {
        local d=$scratch/perl
        mkdir -p "$d/Acme-Coffer/lib/Acme" "$d/cpan/modules" "$d/cpan/authors/id/C/CO/COFFER"
        printf 'package Acme::Coffer;\nour $VERSION = "1.02";\n1;\n' >"$d/Acme-Coffer/lib/Acme/Coffer.pm"
        printf 'use ExtUtils::MakeMaker;\nWriteMakefile(NAME => "Acme::Coffer", VERSION_FROM => "lib/Acme/Coffer.pm", LICENSE => "perl");\n' \
                >"$d/Acme-Coffer/Makefile.PL"
        printf 'Makefile.PL\nlib/Acme/Coffer.pm\nMANIFEST\n' >"$d/Acme-Coffer/MANIFEST"
        (cd "$d/Acme-Coffer" && perl Makefile.PL && make dist && mv ./*.tar.gz "$d/cpan/authors/id/C/CO/COFFER/") >"$scratch/log" 2>&1 ||
                fail "perl: $(tail -n 3 "$scratch/log")"
        printf 'File: 02packages.details.txt\nLine-Count: 1\n\nAcme::Coffer 1.02 C/CO/COFFER/Acme-Coffer-1.02.tar.gz\n' |
                gzip >"$d/cpan/modules/02packages.details.txt.gz"
        PERL_CPANM_HOME=$d/home cpanm --notest --mirror "file://$d/cpan" --mirror-only -L "$scratch/roots/perl" Acme::Coffer >"$scratch/log" 2>&1 ||
                fail "cpanm: $(tail -n 3 "$scratch/log")"
        perl -MExtUtils::Installed -e '
                my $i = ExtUtils::Installed->new(inc_override => [@ARGV]);
                for my $m (grep { $_ ne "Perl" } $i->modules) { (my $d = $m) =~ s/::/-/g; print "$d ", $i->version($m), "\n" }' \
                "$(dirname "$(find "$scratch/roots/perl" -name perllocal.pod)")" "$scratch/roots/perl/lib/perl5" >"$scratch/want"
        same "ExtUtils::Installed, after cpanm" cpan "$scratch/roots/perl"
        jq -e '.components[0] | .licence == "Artistic-1.0-Perl OR GPL-1.0-or-later" and .files == 1' "$scratch/out" >"$scratch/log" ||
                fail "licence or files of the distribution: $(jq -c '.components[0]' "$scratch/out")"
}

lua_part() {
        local d=$scratch/lua
        mkdir -p "$d/src" && echo 'return {}' >"$d/src/cofferx.lua"
        printf '%s\n' 'package = "cofferx"' 'version = "1.2.0-1"' 'source = { url = "file://src" }' \
                'description = { summary = "a test", license = "MIT/X11" }' \
                'build = { type = "builtin", modules = { cofferx = "src/cofferx.lua" } }' >"$d/cofferx-1.2.0-1.rockspec"
        (cd "$d" && HOME=$scratch luarocks --tree "$scratch/roots/lua" make cofferx-1.2.0-1.rockspec) >"$scratch/log" 2>&1 ||
                fail "luarocks: $(tail -n 3 "$scratch/log")"
        HOME=$scratch luarocks --tree "$scratch/roots/lua" list --porcelain | awk -v t="$scratch/roots/lua" 'index($4, t) {print $1, $2}' >"$scratch/want"
        same "luarocks list" luarocks "$scratch/roots/lua"
}

r_part() {
        Rscript -e 'x <- installed.packages(); cat(file.path(x[,"LibPath"], x[,"Package"], "DESCRIPTION"), sep = "\n")' >"$scratch/files"
        mapfile -t files <"$scratch/files"
        take "$scratch/roots/r" "${files[@]}"
        # R's own packages are not CRAN's: listed, as of another type.
        Rscript -e 'x <- installed.packages(); x <- x[x[,"Priority"] %in% "base",]; cat(paste(x[,"Package"], x[,"Version"]), sep = "\n")' >"$scratch/want"
        same "installed.packages(), those of R" generic "$scratch/roots/r"
        Rscript -e 'x <- installed.packages(); x <- x[!x[,"Priority"] %in% "base",,drop = FALSE]; cat(paste(x[,"Package"], x[,"Version"]), sep = "\n")' >"$scratch/want"
        [ "$(tr -d ' \n' <"$scratch/want" | wc -c)" = 0 ] || same "installed.packages(), others" cran "$scratch/roots/r"
}

haskell_part() {
        mapfile -t files < <(ghc-pkg list --global 2>"$scratch/log" | sed -n 's,^\(/.*\)$,\1,p')
        [ -d "${files[0]%:}" ] || fail "ghc-pkg names no database: $(cat "$scratch/log")"
        take "$scratch/roots/ghc" "$(readlink -f "${files[0]%:}")"
        ghc-pkg list --global --simple-output 2>"$scratch/log" | tr ' ' '\n' | sed -E 's/-([0-9.]+)$/ \1/' >"$scratch/want"
        same "ghc-pkg list" hackage "$scratch/roots/ghc"
}

erlang_part() {
        local lib
        lib=$(erl -noshell -eval 'io:format("~s", [code:lib_dir()]), halt().')
        (cd / && find "${lib#/}" usr/lib/elixir/lib -path '*/ebin/*.app' 2>"$scratch/log") >"$scratch/files"
        mapfile -t files <"$scratch/files"
        take "$scratch/roots/erlang" "${files[@]}"
        sed 's,^,/,' "$scratch/files" | erl -noshell -eval '
                F = fun(F) -> case io:get_line("") of eof -> ok; L -> {ok, [{application, N, P}]} = file:consult(string:trim(L)),
                        io:format("~s ~s~n", [N, proplists:get_value(vsn, P)]), F(F) end end, F(F), halt().' >"$scratch/want"
        same "file:consult of OTP's applications" otp "$scratch/roots/erlang"
}

elixir_part() {
        local d=$scratch/roots/mix
        mkdir -p "$d/lib"
        printf 'defmodule CofferX.MixProject do\n  use Mix.Project\n  def project, do: [app: :coffer_x, version: "0.3.1-rc.2"]\nend\n' >"$d/mix.exs"
        printf 'defmodule CofferX do\n  @moduledoc "{vsn,\\"9\\"}"\nend\n' >"$d/lib/x.ex"
        (cd "$d" && HOME=$scratch MIX_ENV=prod mix compile) >"$scratch/log" 2>&1 || fail "mix: $(tail -n 3 "$scratch/log")"
        echo 'coffer_x 0.3.1-rc.2' >"$scratch/want"
        same "mix compile" hex "$d"
}

opam_part() {
        local d=$scratch/opam p
        export OPAMROOT=$scratch/roots/opam
        for p in tiny.1.0.2 'duo.0.3~beta1'; do
                mkdir -p "$d/packages/${p%%.*}/$p"
                printf 'opam-version: "2.0"\nsynopsis: "a test"\nmaintainer: "t@example.org"\nlicense: ["MIT" "ISC"]\n' >"$d/packages/${p%%.*}/$p/opam"
        done
        echo 'opam-version: "2.0"' >"$d/repo"
        (opam init --bare -n -y --disable-sandboxing -k local "$d" && opam switch create t --empty && opam install -y tiny duo) >"$scratch/log" 2>&1 || {
                note "opam: not compared, it can't be set up here: $(tail -n 1 "$scratch/log")"
                return
        }
        opam list --switch t --installed --columns=name,installed-version --short --separator=' ' 2>"$scratch/log" | awk '{print $1, $2}' >"$scratch/want"
        same "opam list" opam "$OPAMROOT"
}

node_part() {
        [ -d /usr/share/nodejs ] || { note "Debian's node packages: not compared, there are none in /usr/share/nodejs"; return; }
        take "$scratch/roots/node" /usr/share/nodejs
        (cd /usr/share/nodejs && printf '%s\n' [!@]*/ @*/*/ | sed 's,/$,,' | while read -r p; do
                [ -f "$p/package.json" ] && node -e 'const p = JSON.parse(require("fs").readFileSync(require.resolve(process.argv[1] + "/package.json")))
                        if (p.name && p.version) console.log(p.name, p.version)' "/usr/share/nodejs/$p"
        done) >"$scratch/want" 2>"$scratch/log"
        # Those inside node_modules folders are compared by component_lists_equal_the_package_managers.sh.
        find "$scratch/roots/node" -name node_modules -type d -prune -exec rm -rf {} +
        same "node's require() in Debian's folders" npm "$scratch/roots/node"
}

python_part() {
        local d=$scratch/py site
        mkdir -p "$d/src"
        /usr/bin/python3 -m venv --system-site-packages --without-pip "$scratch/roots/py" >"$scratch/log" 2>&1 || { without python venv; return; }
        printf 'from setuptools import setup\nsetup(name="Coffer_X.y", version="1.2", py_modules=["cofferx"], license="MIT")\n' >"$d/src/setup.py"
        echo >"$d/src/cofferx.py"
        site=$(echo "$scratch"/roots/py/lib/python3*/site-packages)
        # One from a wheel made here; one for development, whose sources lie elsewhere in the root.
        (cd "$d/src" && /usr/bin/python3 -m pip --disable-pip-version-check install --no-index --no-build-isolation --no-deps --target "$site" .) >"$scratch/log" 2>&1 || {
                note "pip: not compared, it can't build here: $(tail -n 1 "$scratch/log")"
                return
        }
        mkdir -p "$scratch/roots/py/src" && cp "$d"/src/*.py "$scratch/roots/py/src/" && sed -i 's/Coffer_X.y/coffer-dev/' "$scratch/roots/py/src/setup.py"
        (cd "$scratch/roots/py/src" && "$scratch/roots/py/bin/python3" setup.py develop) >"$scratch/log" 2>&1 || fail "develop: $(tail -n 3 "$scratch/log")"
        "$scratch/roots/py/bin/python3" -c '
import importlib.metadata, re, sys
for d in importlib.metadata.distributions(path=[sys.argv[1], sys.argv[2]]):
    print(re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(), d.version)' "$site" "$scratch/roots/py/src" >"$scratch/want"
        [ "$(sort -u "$scratch/want" | wc -l)" = 2 ] || fail "two Python packages were meant to be installed: $(cat "$scratch/want")"
        same "importlib.metadata, a wheel and one for development" pypi "$scratch/roots/py"
        "$scratch/roots/py/bin/python3" -c '
import importlib.metadata, sys
print(len(list(importlib.metadata.distributions(path=[sys.argv[1]], name="Coffer_X.y"))[0].files))' "$site" >"$scratch/want"
        jq -r '.components[] | select(.name == "coffer-x-y") | .files' "$scratch/out" | diff "$scratch/want" - >"$scratch/diff" ||
                fail "the number of files in RECORD: $(cat "$scratch/diff")"
}

if command -v gem >/dev/null; then ruby_part; else without Ruby gem; fi
if command -v composer >/dev/null; then php_part; else without PHP composer; fi
if command -v pear >/dev/null; then pear_part; else without "PHP's PEAR" pear; fi
if command -v cpanm >/dev/null && command -v make >/dev/null; then perl_part; else without Perl cpanm; fi
if command -v luarocks >/dev/null; then lua_part; else without Lua luarocks; fi
if command -v Rscript >/dev/null; then r_part; else without R Rscript; fi
if command -v ghc-pkg >/dev/null; then haskell_part; else without Haskell ghc-pkg; fi
if command -v erl >/dev/null; then erlang_part; else without Erlang erl; fi
if command -v mix >/dev/null; then elixir_part; else without Elixir mix; fi
if command -v opam >/dev/null; then opam_part; else without OCaml opam; fi
if command -v node >/dev/null; then node_part; else without Node node; fi
if [ -x /usr/bin/python3 ]; then python_part; else without Python /usr/bin/python3; fi
[ "$compared" -gt 0 ] || skip "none of the languages' tools is installed"
exit 0
