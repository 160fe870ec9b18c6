#!/usr/bin/python3
"""Compares our version order with the ecosystem's own tool on generated pairs of versions.

    pairs.py --coffer PROGRAM [--ecosystem NAME]... [--pairs N] [--seed S] [--vectors FOLDER]

PROGRAM is coffer (`coffer versions ECOSYSTEM`) or the test tool (`versions ECOSYSTEM`): reads lines "A<TAB>B" and prints <, =, >
or "! reason". The judges are Dpkg::Version (perl), dpkg itself for numbers that a double can't hold (Dpkg::Version computes
with doubles), node-semver (nodejs), packaging (python3), rpm (its Lua), apk (apk-tools 3), libalpm, Portage's Python modules,
Maven's ComparableVersion (java), Gem::Version (ruby), composer/semver with PHP's version_compare (php), golang.org/x/mod (go), Elixir's
Version (elixir), R's compareVersion (Rscript) and Cabal (ghc). With --vectors the pairs are those of the published lists in that
folder instead, and what a list expects is compared too.

Standard output has one line for each ecosystem, "NAME: N pairs, D disagreements"; the particulars go to standard error. Exit 0,
1 when there are disagreements, 77 when no judge of those asked for is there. Every deliberate difference is listed in
DIFFERENCES, with a test that recognises the versions it speaks of; all other disagreements, of sign or of acceptance, count.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # this folder is the source's

import distributions  # noqa: E402
import languages  # noqa: E402
from judging import batch, can, number  # noqa: E402

PERL = r"""
use strict; use warnings; use Dpkg::Version;
while (my $line = <STDIN>) {
        chomp $line;
        my ($x, $y) = split /\t/, $line, -1;
        my @v = map { scalar version_check($_) ? Dpkg::Version->new($_) : undef } ($x, $y);
        if (!defined $v[0] || !defined $v[1]) { print "!\n"; next; }
        my $c = $v[0] <=> $v[1];
        print $c < 0 ? "<\n" : $c > 0 ? ">\n" : "=\n";
}
"""

NODE_JUDGE = r"""
const semver = require('semver');
const lines = require('fs').readFileSync(0, 'latin1').split('\n');
lines.pop();
const out = [];
for (const line of lines) {
        const [a, b] = line.split('\t');
        if (semver.valid(a) === null || semver.valid(b) === null) { out.push('!'); continue; }
        const c = semver.compare(a, b);
        out.push(c < 0 ? '<' : c > 0 ? '>' : '=');
}
process.stdout.write(out.join('\n') + '\n');
"""

PYTHON = r"""
import sys
from packaging.version import Version, InvalidVersion
for line in open(0, encoding='latin-1', newline='\n'):
    a, b = line.rstrip('\n').split('\t')
    try:
        x, y = Version(a), Version(b)
        print('<' if x < y else '>' if x > y else '=')
    except InvalidVersion:
        print('!')
"""

# Branches are refused by us: Composer puts them into no range (see composer.c).
PHP = r"""
require 'Composer/Semver/autoload.php';
$parser = new Composer\Semver\VersionParser();
$out = [];
$lines = explode("\n", stream_get_contents(STDIN));
array_pop($lines);
foreach ($lines as $line) {
        [$a, $b] = explode("\t", $line);
        try {
                $x = $parser->normalize($a);
                $y = $parser->normalize($b);
        } catch (UnexpectedValueException $e) { $out[] = '!'; continue; }
        if (strncmp($x, 'dev-', 4) === 0 || strncmp($y, 'dev-', 4) === 0) { $out[] = '!'; continue; }
        $c = version_compare($x, $y);
        $out[] = $c < 0 ? '<' : ($c > 0 ? '>' : '=');
}
echo implode("\n", $out), "\n";
"""

# OSV writes module versions without the "v" that x/mod asks for.
GO = r"""
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		p := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range p {
			if !strings.HasPrefix(p[i], "v") {
				p[i] = "v" + p[i]
			}
		}
		if !semver.IsValid(p[0]) || !semver.IsValid(p[1]) {
			fmt.Fprintln(out, "!")
			continue
		}
		fmt.Fprintln(out, string("<=>"[semver.Compare(p[0], p[1])+1]))
	}
}
"""

ELIXIR = r"""
IO.read(:stdio, :all)
|> String.split("\n")
|> Enum.drop(-1)
|> Enum.map(fn line ->
  [a, b] = String.split(line, "\t")
  with {:ok, x} <- Version.parse(a), {:ok, y} <- Version.parse(b) do
    case Version.compare(x, y) do :lt -> "<"; :eq -> "="; :gt -> ">" end
  else _ -> "!" end
end)
|> Enum.intersperse("\n")
|> then(&IO.puts/1)
"""

# Of R's two orders the one that it updates packages by; its operators hold 1.0 and 1.0.0 for equal.
R = r"""
lines <- readLines(file("stdin"), encoding = "latin1")
pairs <- strsplit(lines, "\t", useBytes = TRUE)
a <- vapply(pairs, function(p) if (length(p) > 0) p[1] else "", "")
b <- vapply(pairs, function(p) if (length(p) > 1) p[2] else "", "")
out <- rep("!", length(lines))
form <- "^([0-9]+[.-])*[0-9]+$"
big <- grepl("[0-9]{10}", paste(a, b), useBytes = TRUE)
ok <- grepl(form, a, useBytes = TRUE) & grepl(form, b, useBytes = TRUE)
out[ok & big] <- "?"
ok <- ok & !big
sign <- mapply(utils::compareVersion, a[ok], b[ok])
out[ok] <- c("<", "=", ">")[sign + 2]
writeLines(out)
"""

HASKELL = r"""
import Distribution.Parsec (simpleParsec)
import Distribution.Version (Version)
import System.IO
judge :: String -> String
judge line = case (simpleParsec a, simpleParsec (drop 1 b)) of
  (Just x, Just y) -> case compare (x :: Version) y of { LT -> "<"; EQ -> "="; GT -> ">" }
  _ -> "!"
  where (a, b) = break (== '\t') line
main :: IO ()
main = do
  hSetEncoding stdin latin1
  getContents >>= putStr . unlines . map judge . lines
"""

NODE = shutil.which("node") or "/usr/bin/node"
NODE_ENV = dict(os.environ, NODE_PATH="/usr/share/nodejs")
LONG = re.compile(r"[0-9]{16,}")


def judge_debian(pairs):
    """Dpkg::Version for all; where a number is longer than 15 digits, dpkg decides the sign of accepted pairs."""
    signs = batch(["perl", "-e", PERL], pairs)
    for i, (a, b) in enumerate(pairs):
        if signs[i] == "!" or not (LONG.search(a) or LONG.search(b)):
            continue
        for op, sign in (("lt", "<"), ("eq", "="), ("gt", ">")):
            if subprocess.run(["dpkg", "--compare-versions", a, op, b], stderr=subprocess.DEVNULL).returncode == 0:
                signs[i] = sign
                break
        else:
            signs[i] = "?"  # dpkg's own limits: an epoch above 2^31-1
    return signs


def judge_npm(pairs):
    return batch([NODE, "-e", NODE_JUDGE], pairs, NODE_ENV)


def judge_pypi(pairs):
    return batch(["/usr/bin/python3", "-c", PYTHON], pairs)


def judge_composer(pairs):
    return batch(["php", "-d", "memory_limit=2G", "-r", PHP], pairs)


GO_ENV = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="", GOTOOLCHAIN="local")


def in_file(name, text, command, pairs, env=None):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(text)
        return batch([*command, path], pairs, env)


def judge_go(pairs):
    return in_file("judge.go", GO, ["go", "run"], pairs, GO_ENV)


def judge_hex(pairs):
    return batch(["elixir", "-e", ELIXIR], pairs, dict(os.environ, LC_ALL="C.UTF-8"))


def judge_cran(pairs):
    return batch(["Rscript", "--vanilla", "-e", R], pairs)


def judge_hackage(pairs):
    return in_file("Judge.hs", HASKELL, ["runghc"], pairs)


# Deliberate differences: (ecosystem, what it is, which versions it concerns).
def core_above_2_53(v):
    return any(int(n) > 2**53 - 1 for n in re.findall(r"[0-9]{16,}", v))


# Those of distributions.py and languages.py look at the pair and both answers.
def either(concerns):
    return lambda a, b, want, got: concerns(a) or concerns(b)


DIFFERENCES = [(eco, what, either(concerns)) for eco, what, concerns in [
    ("Debian", "nothing after the colon of an epoch: refused as libdpkg does, Dpkg::Version takes the colon as upstream",
     lambda v: re.fullmatch(r"[^:]*:", v)),
    ("Debian", "an epoch above 2^31-1: dpkg refuses, Dpkg::Version and deb-version(7) set no limit",
     lambda v: ":" in v and len(v.split(":")[0].lstrip("0")) >= 10),
    ("npm", "numbers above 2^53-1: SemVer sets no limit; node-semver refuses or compares inexactly", core_above_2_53),
    ("npm", "versions above 256 bytes: node-semver's own limit", lambda v: len(v) > 256),
    ("Packagist", "numbers of more than 18 digits: PHP computes with 64 bits", lambda v: re.search("[0-9]{19}", v)),
    ("CRAN", "numbers of ten digits and more: R has 32-bit integers", lambda v: re.search("[0-9]{10}", v)),
    ("Hackage", "tags (1.0-rc1): deprecated, refused by Hackage and by us; Cabal reads and forgets them",
     lambda v: re.search("-", v)),
    ("Hackage", "a blank around the version: read over by Cabal's parser of its files", lambda v: v != v.strip()),
    ("Go", "Go's own spelling of its versions (1.21rc2, go1.21): golang.org/x/mod knows module versions only",
     lambda v: re.match(r"(go)?[0-9]+(\.[0-9]+){1,2}(beta|rc)[0-9]+$|go[0-9]", v)),
]] + distributions.DIFFERENCES + languages.DIFFERENCES


# ---- generators: a grammar, mutations of what it gave, near-equal pairs, equal pairs in other spelling ----
def debian(r):
    long = 0.02 if r.random() < 0.3 else 0  # few: each costs a dpkg process
    def part(first_digit):
        out = number(r, long=long) if first_digit or r.random() < 0.8 else ""
        for _ in range(r.choice([0, 1, 1, 2, 2, 3, 5])):
            out += r.choice([".", ".", ".", "~", "+", "a", "rc", "~rc", "+dfsg", "+deb12u", "ubuntu", "~~", "Z", "z", ".~",
                             "-", ":", "A", "b", "+b", "~bpo", "+really", "git"])
            if r.random() < 0.75:
                out += number(r, long=long)
        return out
    v = part(True)
    if r.random() < 0.2:
        v = number(r, long=long) + ":" + v
    if r.random() < 0.6:
        v += "-" + (part(False).replace(":", ".") or "0")
    return v


def npm(r):
    def ident():
        if r.random() < 0.5:
            return number(r, zeros=r.random() < 0.1)
        return r.choice(["alpha", "beta", "rc", "x", "X", "-", "--", "0a", "a0", "1-", "-1", "a-b", "Z", "next", "r10", "00a"])
    v = ".".join(number(r, zeros=r.random() < 0.03) for _ in range(3))
    if r.random() < 0.6:
        v += "-" + ".".join(ident() for _ in range(r.choice([1, 1, 2, 2, 3, 4])))
    if r.random() < 0.2:
        v += "+" + ".".join(r.choice(["1", "01", "abc", "-", "0", "sha-5", "incompatible"]) for _ in range(r.choice([1, 2])))
    return ("v" if r.random() < 0.1 else "") + v


def pypi(r):
    sep = lambda: r.choice(["", "", ".", "-", "_"])
    case = lambda s: s.upper() if r.random() < 0.1 else s.title() if r.random() < 0.05 else s
    num = lambda: number(r) if r.random() < 0.8 else ""
    v = r.choice(["", "", "", "", "v", "V", " ", " v"])
    if r.random() < 0.15:
        v += number(r) + "!"
    v += ".".join(number(r) for _ in range(r.choice([1, 1, 2, 2, 3, 4, 5])))
    if r.random() < 0.1:
        v += ".0" * r.randrange(1, 3)
    if r.random() < 0.4:
        v += sep() + case(r.choice(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"])) + sep() + num()
    if r.random() < 0.3:
        v += "-" + number(r) if r.random() < 0.4 else sep() + case(r.choice(["post", "rev", "r"])) + sep() + num()
    if r.random() < 0.3:
        v += sep() + case("dev") + sep() + num()
    if r.random() < 0.25:
        v += "+" + r.choice([".", "-", "_"]).join(
            number(r) if r.random() < 0.5 else case(r.choice(["abc", "a1", "1a", "ubuntu", "z", "0a", "local"]))
            for _ in range(r.choice([1, 2, 3])))
    return v + (" " if r.random() < 0.05 else "")


def packagist(r):
    num = lambda: number(r, long=0.005)
    if r.random() < 0.15:
        v = str(r.choice([1999, 2010, 2023])) + "".join(
            r.choice(["", ".", "-", ":"]) + r.choice(["01", "02", "10", "31"]) for _ in range(r.choice([1, 2, 2, 3, 5])))
        v += r.choice(["", "", ".", "-"]) + r.choice(["", "", "1", "12", "123"])
    elif r.random() < 0.1:
        return ".".join(str(r.randrange(12)) for _ in range(r.choice([1, 2, 3]))) + r.choice([".x", ".*", "", ".X"]) + r.choice(["-dev", ".dev", "dev"])
    else:
        v = ".".join([str(r.choice([0, 1, 2, 10, 99999]))] + [num() for _ in range(r.choice([0, 1, 2, 2, 3]))])
    if r.random() < 0.55:
        stability = r.choice(["stable", "beta", "b", "RC", "rc", "alpha", "a", "patch", "pl", "p", "Beta", "PL", "Stable", "P"])
        v += r.choice(["-", "-", ".", "_", ""]) + stability
        v += r.choice(["", "", ".", "-"]) + ".".join(num() for _ in range(r.choice([0, 1, 1, 2])))
    if r.random() < 0.15:
        v += r.choice(["-dev", ".dev", "dev", "-DEV"])
    if r.random() < 0.1:
        v += r.choice(["+abc", "@dev", "@RC", " as 1.0", "+1.2", "@stable", " "])
    return r.choice(["", "", "", "v", "V", " "]) + v


def go(r):
    if r.random() < 0.2:
        stamp = f"{r.randrange(2015, 2026)}{r.randrange(1, 13):02}{r.randrange(1, 29):02}{r.randrange(240000):06}"
        return f"v{r.randrange(3)}.{r.randrange(3)}.{r.randrange(3)}-" + r.choice(["", "0.", "pre.0."]) + stamp + "-daa7c04131f5"
    if r.random() < 0.1:
        return r.choice(["v", ""]) + ".".join(number(r, zeros=False) for _ in range(r.choice([1, 2])))
    return r.choice(["v", ""]) + npm(r).lstrip("v") + r.choice(["", "", "+incompatible"])


def hex_(r):
    return npm(r).lstrip("v") if r.random() < 0.95 else npm(r)


def cran(r):
    v = number(r, long=0.002)[:9]
    for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4])):
        v += r.choice([".", ".", "-"]) + number(r, long=0.002)[:9]
    return v


def hackage(r):
    return ".".join(number(r, zeros=r.random() < 0.03, long=0.002)[:9 if r.random() < 0.98 else 12] for _ in range(r.choice([1, 2, 3, 3, 4, 5])))


ALPHABET = {
    "Packagist": "0019..-_+@vabcdeprRCx*: s",
    "Go": "0019.-+vaZ =_~x",
    "Hex": "0019.-+vaZ =_~x",
    "CRAN": "0019..--a _",
    "Hackage": "0019..-a _",
    "Debian": "0019~+-.:aZzbr /_=é",
    "npm": "0019.-+vaZ =_~x",
    "PyPI": "0019.-_+!abcrpostdevAR v",
}
ODD = {
    "Packagist": ["1", "1.0", "1.0.", "1.0-", "1.0_", "1.0--", "1.0.0.0", "1.0.0.0.0", "1..0", "123456", "12345", "1.0-stable",
                  "1.0-Stable", "1.0-stable2", "1.0-stable-dev", "1.0-Stable2", "1.0beta", "1.0b", "1.0-beta.", "1.0-beta.1.2",
                  "1.0-beta-1-2", "1.0beta.dev", "1.0-dev", "1.0.-dev", "1.0.dev", "1.0dev", "1.x-dev", "1.x", "1.*-dev", "1.2.x-dev",
                  "1.2.3.x-dev", "1.2.3.4.x-dev", "1.X.2-dev", "x-dev", "dev-master", "master", "DEV-x", "v1", "V1.0", "vv1",
                  "2010-01-02", "2010.01.02", "20100102", "2010-01", "2010-1", "201001", "2010", "20100102-1", "20100102.1.2",
                  "20100102101112", "2010:01:02", "2010-01-02-beta", "2010-01-02-", "20100102101112131415", "2010-01-02.123",
                  "2010-01-02.1234", "2010-01-02.12345", "2010-1-02", "2010010", "1.0pl1", "1.0p", "1.0patch", "1.0-patch1.2",
                  "1.0RC", "1.0-rc1", "1.0-RC1-dev", "1.0-a", "1.0-alpha0", "1.0-1", "1.0-1beta", "1.0+", "1.0+a", "+a", "1.0+a+b",
                  "1.0@dev", "1.0@foo", "@dev", "1.0 as 2.0", "1.0 as", "1.0 as 2.0 as 3.0", "1.0#a", "1.0 -dev", "1.0.x -dev",
                  "999999.1-dev", "1.0.0-alphabeta", "1.0.0beta2.1", "1.0.0-b.2.1", "1.0.00", "01.0"],
    "Go": ["v1", "v1.2", "v1.2-pre", "v1.2+a", "v0.0.0-20191109021931-daa7c04131f5", "2.0.0+incompatible", "v2.0.0", "1.2.3-01",
           "01.2.3", "v1.2.3-", "V1.2.3", "v", "1.2.3.4", "v1.2.3-0.20191109021931-daa7c04131f5"],
    "Hex": ["1.0.0", "v1.0.0", "1.0", "1", "1.0.0-", "1.0.0-0", "1.0.0-01", "1.0.0-a", "1.0.0-A", "1.0.0-a.1", "1.0.0+b", "1.0.0+",
            "1.0.0-a+b", "01.0.0", "1.0.0-a..b", "1.0.0.0", "1.0.0-rc.0", "1.0.0--", "1.0.0+b+c", "1.0.0+01"],
    "CRAN": ["0", "1", "1.0", "1-0", "01.0", "1.0.0", "1.0-", "-1", "1..0", "1.-0", "a", "1.a", "1.0.0.0", "2147483647.1", "1_0"],
    "Hackage": ["0", "00", "1", "1.0", "1.0.0", "01", "1.01", "1.", ".1", "1..0", "999999999", "1000000000", "1.0-rc1", "1a", "1.0-"],
    "Debian": ["0", "00", "1:", ":1", "-1", "1-", "1--1", "a", "1:2:3", "a:1", "1.0-0", "1.0", "1.0-00", "1.0-~", "1.0-a",
               "1.0-a0", "0-0", "1:0", "0:1", "00:1", "1.0~", "1.0~0", "1a", "1a0", "1~-1", "1:-1", "1 ", " 1", "~1",
               "1.0-1:2"],
    "npm": ["0.0.0", "0.0.0-0", "0.0.0-", "1.2", "1", "1.2.3.4", "1.2.3-0", "1.2.3-00", "1.2.3-0a", "1.2.3+", "1.2.3-a+b",
            "1.2.3-a..b", "1.2.3--", "=1.2.3", "v=1.2.3", "v1.2.3", "V1.2.3", "01.2.3", "1.2.3-a.", "1.2.3-9007199254740991",
            "1.2.3+a+b", "9007199254740991.0.0", "1.2.3-a", "1.2.3-A"],
    "PyPI": ["0", "0.0", "1.", "1.0a", "1.0a-", "1.0a-1", "1.0a--1", "1.0a--dev", "1.0a.-1", "1.0-", "1.0-1", "1.0-1-1", "1.0--1",
             "1.0.post", "1.0post-", "1.0r", "1.0rc", "1.0c", "1.0.dev", "1.0dev", "1.0-dev-", "1.0+", "1.0+a.", "1.0+a..b",
             "1.0+0a", "1.0+1", "1.0+01", "1.0+a1", "1!1.0", "0!1.0", "!1.0", "2004d", "1.0pre-view", "1.0preview", "1.0.a1",
             "1.0_a_1", "1.0a1.post1.dev1", "1.0.post1.dev1", "1.0.dev1", "1.0a0", "1.0.0", "vv1", "v 1", "1.0+A", "1.0+a",
             "1.0.post0", "1.0-0", "1.0.post1a1", "1.0dev1a1", "1..0", "1.0rev1", "1.0rc-1-1", "1.0a.1"],
}
MAKE = {"Debian": debian, "npm": npm, "PyPI": pypi, "Packagist": packagist, "Go": go, "Hex": hex_, "CRAN": cran, "Hackage": hackage}
JUDGE = {"Debian": judge_debian, "npm": judge_npm, "PyPI": judge_pypi, "Packagist": judge_composer, "Go": judge_go,
         "Hex": judge_hex, "CRAN": judge_cran, "Hackage": judge_hackage}
NEEDS = {
    "Debian": (["perl", "-MDpkg::Version", "-e", "1"], None, "perl module Dpkg::Version (libdpkg-perl)"),
    "npm": ([NODE, "-e", "require('semver')"], NODE_ENV, "node with the module semver (nodejs, node-semver)"),
    "PyPI": (["/usr/bin/python3", "-c", "import packaging.version"], None, "python3-packaging"),
    "Packagist": (["php", "-r", "require 'Composer/Semver/autoload.php';"], None, "php-cli and php-composer-semver"),
    "Go": (["sh", "-c", "go version && test -d /usr/share/gocode/src/golang.org/x/mod/semver"], None,
           "go with golang.org/x/mod (golang-go, golang-golang-x-mod-dev)"),
    "Hex": (["elixir", "--version"], None, "elixir"),
    "CRAN": (["Rscript", "--version"], None, "Rscript (r-base-core)"),
    "Hackage": (["ghc", "-e", "Distribution.Version.nullVersion"], None, "ghc with Cabal (ghc)"),
}
OTHERS = {**distributions.ECOSYSTEMS, **languages.ECOSYSTEMS}
for name, other in OTHERS.items():
    ALPHABET[name], ODD[name], MAKE[name] = other.alphabet, other.odd, other.make
    JUDGE[name], NEEDS[name] = other.judge, other.needs


def mutate(r, eco, v):
    for _ in range(r.choice([1, 1, 2])):
        at = r.randrange(len(v) + 1)
        what = r.randrange(4)
        if what == 0:
            v = v[:at] + r.choice(ALPHABET[eco]) + v[at:]
        elif what == 1 and v:
            v = v[:at] + v[at + 1:]
        elif what == 2:
            v = v[:at] + r.choice(ALPHABET[eco]) + v[at + 1:]
        else:
            to = min(len(v), at + r.randrange(1, 4))
            v = v[:to] + v[at:to] + v[to:]
    return v


def respell(r, eco, v):
    """Another spelling of the same version, mostly."""
    if eco in OTHERS:
        return OTHERS[eco].respell(r, v)
    choices = {
        "Packagist": ["v" + v, v.upper(), v.replace("alpha", "a").replace("beta", "b"), v + "+x", v + "@dev", v.replace("-", ""),
                      v.replace("patch", "p"), v + ".0", v],
        "Go": [v.lstrip("v"), "v" + v.lstrip("v"), v + "+x", v.split("+")[0], v],
        "Hex": [v + "+x", v.split("+")[0], v],
        "CRAN": [v.replace(".", "-"), re.sub(r"(?<![0-9])([0-9])", r"0\1", v), v + ".0", v],
        "Hackage": [v + ".0", v],
        "Debian": [v + "-0" if "-" not in v else v + "0", "0:" + v, re.sub(r"(?<![0-9])([0-9])", r"0\1", v), v],
        "npm": [v + "+x", v.split("+")[0], "v" + v, v],
        "PyPI": [v.upper(), "v" + v, v + " ", v.replace("-", "."), re.sub(r"^([0-9]+)", r"0\1", v), v.replace("alpha", "a"), v],
    }
    return r.choice(choices[eco])


def make_pairs(eco, n, seed):
    r = random.Random(f"{seed}/{eco}")
    odd = [(a, b) for a in ODD[eco] for b in ODD[eco]]
    pairs = odd[:n]
    pool = [MAKE[eco](r) for _ in range(500)]
    while len(pairs) < n:
        if r.random() < 0.01:
            pool = [MAKE[eco](r) for _ in range(500)]
        a = MAKE[eco](r)
        kind = r.random()
        if kind < 0.25:
            b = r.choice(pool)
        elif kind < 0.6:
            b = mutate(r, eco, a)
        elif kind < 0.8:
            b = respell(r, eco, a)
        elif kind < 0.9:
            a, b = mutate(r, eco, r.choice(ODD[eco])), mutate(r, eco, r.choice(ODD[eco]))
        else:
            b = a + MAKE[eco](r)[-r.randrange(1, 6):]
        a, b = a[:500], b[:500]
        pairs.append((a, b) if r.random() < 0.5 else (b, a))
    return pairs


def say(text):
    print(text, file=sys.stderr)


# Lines of the lists that the ecosystem's own tool contradicts: Packagist's were made without Composer's normalisation, so that
# 1.0 and 1.0.0 are two versions, and two were read as beta by whoever wrote them.
LIST_IS_WRONG = {
    "Packagist": {("1.0.0", "1.0"), ("v3.4", "v3.4.0-alpha"), ("v1.9.0-ALPHA.1", "v1.9.0-BETA.1"),
                  ("v1.9.0-ALPHA.2", "v1.9.0-BETA.2"), ("v4.4", "v4.4.0-beta"), ("v6.5", "v6.5.0-beta-0")},
}
LISTED_WRONGLY = "listed otherwise than the ecosystem's own tool has it, and so have we"
NO_VERSION = "listed, but no version of the ecosystem: refused by the judge and by us"
VECTORS = {
    "Debian": ["debian-versions.txt", "debian-versions-generated.txt"],
    "npm": ["semver-versions.txt"],
    "PyPI": ["pypi-versions.txt", "pypi-versions-generated.txt"],
    **{name: other.lists for name, other in OTHERS.items() if other.lists},
    "Packagist": ["packagist-versions.txt", "packagist-versions-generated.txt"],
    "Go": ["semver-versions.txt"],
    "Hex": ["semver-versions.txt"],
    "CRAN": ["cran-versions.txt", "cran-versions-generated.txt"],
    "Hackage": ["hackage-versions.txt"],
}


# Lines of a list that were true of an older Maven: 3.9 divides ".RC8" as it does "-RC8" (MNG-7644).
OUTDATED = {("1-1", "1-ga-1"), ("1.0.0-RC16", "1.0.0.RC8-beta"), ("2.9.0-1", "2.9.0.RC1"), ("1.1.46.sec10", "1.1.46_noneautotype"),
            ("1.2.31.sec10", "1.2.31_noneautotype"), ("1.2.67.sec10", "1.2.67_noneautotype"), ("1.1.0-01-glassfish", "1.1.0.Beta1")}


def read_vectors(eco, folder):
    """Lines "A < B", also "=" and ">"; comments begin with "//" or "#"."""
    pairs, signs = [], []
    for name in VECTORS[eco]:
        with open(os.path.join(folder, name), encoding="latin-1", newline="\n") as f:
            for number, line in enumerate(f, 1):
                line = line.strip()
                if not line or line.startswith(("//", "#")):
                    continue
                m = re.fullmatch(r"(\S+)\s+(<|==?|>)\s+(\S+)", line)
                if not m:
                    sys.exit(f"{name}:{number}: no pair: {line}")
                pairs.append((m[1], m[3]))
                signs.append(m[2][0])
    return pairs, signs


def run(eco, program, pairs, listed):
    command, env, name = NEEDS[eco]
    if not (command() if callable(command) else can(command, env)):
        print(f"{eco}: skipped, needs {name}")
        return None
    program = [program, eco] if os.path.basename(program) == "versions" else [program, "versions", eco]
    judge, ours = JUDGE[eco](pairs), batch(program, pairs)
    counts, excused, bad = {"<": 0, "=": 0, ">": 0, "!": 0, "?": 0}, {}, []
    for i, ((a, b), want, got) in enumerate(zip(pairs, judge, ours)):
        counts[want] += 1
        if want == got:
            if listed and got == "!":
                excused[NO_VERSION] = excused.get(NO_VERSION, 0) + 1
            elif listed and got != listed[i] and (a, b) in LIST_IS_WRONG.get(eco, ()):
                excused[LISTED_WRONGLY] = excused.get(LISTED_WRONGLY, 0) + 1
            elif listed and got != listed[i] and (a, b) not in OUTDATED:
                bad.append((a, b, f"{want} against the list's {listed[i]}", got))
            continue
        for e, what, concerns in DIFFERENCES:
            if e == eco and concerns(a, b, want, got):
                excused[what] = excused.get(what, 0) + 1
                break
        else:
            bad.append((a, b, want, got))
    print(f"{eco}: {len(pairs)} pairs, {len(bad)} disagreements", flush=True)
    say(f"  {eco}: the judge says {counts['<']} <, {counts['=']} =, {counts['>']} >, {counts['!']} refused; "
        f"{sum(excused.values())} listed differences")
    for what, count in excused.items():
        say(f"  {count} x {what}")
    for a, b, want, got in bad[:20]:
        say(f"  {a!r} {b!r}: judge {want}, ours {got}")
    return not bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--coffer", "--tool", required=True, metavar="PROGRAM")
    p.add_argument("--ecosystem", action="append", choices=sorted(MAKE), default=[])
    p.add_argument("--pairs", type=int, default=10000)
    p.add_argument("--seed", default="1")
    p.add_argument("--vectors", metavar="FOLDER")
    a = p.parse_args()
    results = []
    for eco in a.ecosystem or sorted(VECTORS if a.vectors else MAKE):
        pairs, listed = read_vectors(eco, a.vectors) if a.vectors else (make_pairs(eco, a.pairs, a.seed), None)
        results.append(run(eco, a.coffer, pairs, listed))
    if False in results:
        sys.exit(1)
    if all(x is None for x in results):
        sys.exit(77)


if __name__ == "__main__":
    main()
