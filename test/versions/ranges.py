#!/usr/bin/python3
"""Compares our reading of ranges of versions with the ecosystem's own tool on generated (range, version) pairs.

    ranges.py --tool PROGRAM [--ecosystem NAME]... [--pairs N] [--seed S]

PROGRAM is the test tool `ranges ECOSYSTEM tool|order`: reads lines "RANGE<TAB>VERSION" and prints 1, 0 or "! reason". The judges
are node-semver (nodejs; with and without includePrerelease), packaging's SpecifierSet (python3; with and without prereleases),
Composer\Semver\Semver::satisfies (php), Gem::Requirement (ruby) and Elixir's Version.match? (elixir).

One line for each ecosystem, "NAME: N pairs, D disagreements"; the particulars go to standard error. Exit 0, 1 when there are
disagreements, 77 when no judge of those asked for is there. Every deliberate difference is listed in DIFFERENCES.
"""
import argparse
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pairs as versions  # noqa: E402

NODE = r"""
const semver = require('semver');
const lines = require('fs').readFileSync(0, 'latin1').split('\n');
lines.pop();
const out = [];
for (const line of lines) {
        const [r, v] = line.split('\t');
        try {
                const range = new semver.Range(r, {includePrerelease: MODE});
                out.push(semver.valid(v) === null ? '!' : range.test(v) ? '1' : '0');
        } catch (e) { out.push('!'); }
}
process.stdout.write(out.join('\n') + '\n');
"""

PYTHON = r"""
import sys
from packaging.specifiers import SpecifierSet, InvalidSpecifier
from packaging.version import Version, InvalidVersion
for line in open(0, encoding='latin-1', newline='\n'):
    r, v = line.rstrip('\n').split('\t')
    try:
        print('1' if SpecifierSet(r).contains(Version(v), prereleases=MODE) else '0')
    except (InvalidSpecifier, InvalidVersion):
        print('!')
"""

PHP = r"""
require 'Composer/Semver/autoload.php';
$parser = new Composer\Semver\VersionParser();
$out = [];
$lines = explode("\n", stream_get_contents(STDIN));
array_pop($lines);
foreach ($lines as $line) {
        [$r, $v] = explode("\t", $line);
        try {
                $x = $parser->normalize($v);
                $out[] = strncmp($x, 'dev-', 4) === 0 ? '!' : (Composer\Semver\Semver::satisfies($v, $r) ? '1' : '0');
        } catch (Throwable $e) { $out[] = '!'; }
}
echo implode("\n", $out), "\n";
"""

RUBY = r"""
STDIN.binmode
STDIN.each_line(chomp: true) do |line|
  r, v = line.split("\t", -1)
  begin
    puts Gem::Requirement.new(r.split(",", -1)).satisfied_by?(Gem::Version.new(v)) ? "1" : "0"
  rescue ArgumentError
    puts "!"
  end
end
"""

ELIXIR = r"""
IO.read(:stdio, :all)
|> String.split("\n")
|> Enum.drop(-1)
|> Enum.map(fn line ->
  [r, v] = String.split(line, "\t")
  try do
    if Version.match?(v, r), do: "1", else: "0"
  rescue _ -> "!" end
end)
|> Enum.intersperse("\n")
|> then(&IO.puts/1)
"""


def empties(word, text):
    """Is one of the alternatives empty?"""
    return any(not part.strip() for part in text.split(word))


def big(limit):
    return lambda r, v: any(int(n) > limit for n in re.findall("[0-9]{10,}", r + " " + v))


NOTHING = "no version can be in"
# Deliberate differences: (ecosystem, what it is, which pairs it concerns (range, version), what our reason has in it or None).
DIFFERENCES = [
    ("npm", "numbers above 2^53-1: node-semver's own limit", big(2**53 - 1), None),
    ("npm", "an empty alternative: every version for node-semver, refused by us", lambda r, v: empties("||", r), "empty"),
    ("npm", "nothing is in it: silent in node-semver, refused by us", lambda r, v: True, NOTHING),
    ("npm", "<* and >*: nothing for node-semver, refused by us", lambda r, v: re.search(r"[<>]\s*[v=\s]*[xX*]", r),
     "nothing is below"),
    ("npm", "text behind a wildcard (1.x.3-beta): passed over by both, node-semver wants its form to be right",
     lambda r, v: re.search(r"[xX*]", r), None),
    ("npm", "from 0.0.0 on: node-semver drops this end, so that a pre-release of 0.0.0 that is named lies in it",
     lambda r, v: v.startswith("0.0.0-"), None),
    ("npm", "an alternative of all versions: node-semver forgets the others, and which pre-releases they name",
     lambda r, v: "-" in v and any(re.fullmatch(r"\s*(>=)?\s*[v=]*(0|[xX*])(\.[0xX*])*\s*", part) for part in r.split("||")), None),
    ("npm", "what is glued to >=0: node-semver takes \">=0\", any byte, \"0.0\" for every version, and so not what is no version",
     lambda r, v: re.search(r">=\s*v?0.0.0", r), "goes on with"),
    ("npm", "signs in front of the versions of A - B", lambda r, v: re.search(r"[=v]\s*[0-9xX*][^ ]* +- |- +[=v]", r), None),
    ("npm", "more signs in front of a version than one operator and 'v' (==1.x): node-semver takes them from short versions only",
     lambda r, v: re.search(r"[v=]\s*[v=]|[v=]\s+[0-9]", r), None),
    ("npm", "an operator behind ~ or ^: passed over by node-semver, refused by us", lambda r, v: re.search(r"[~^]\s*>?\s*[<>]", r),
     "a number is missing"),
    ("PyPI", "epochs behind ~= and in prefixes: packaging before 23.2 splits them wrongly",
     lambda r, v: "!" in v + re.sub("!=", "", r) and re.search(r"~=|\.\*", r), None),
    ("PyPI", "a post-release in another spelling behind ~=: one number more for packaging",
     lambda r, v: re.search(r"~=[^,]*(rev|-|r[0-9])", r), None),
    ("PyPI", "no specifier at all: every version for packaging, refused by us", lambda r, v: empties(",", r), None),
    ("PyPI", "nothing is in it: silent in packaging, refused by us", lambda r, v: True, NOTHING),
    ("PyPI", "=== compares texts in packaging, versions in ours", lambda r, v: "===" in r, None),
    ("PyPI", "holes for single versions: post-releases and local versions of later pre-releases behind '>'",
     lambda r, v: re.search(r">(?!=)", r) and re.search(r"post|rev|r\.?[0-9]|-|\+", v), None),
    ("PyPI", "holes for single versions: development releases of earlier post-releases behind '<'",
     lambda r, v: re.search(r"<(?!=)[^,]*(post|rev|r|-)", r) and "dev" in v.lower(), None),
    ("Packagist", "branches: refused", lambda r, v: re.search("dev", r, re.I), "branch"),
    ("Packagist", "branches in their old spelling (foo-dev): refused", lambda r, v: re.search("-dev", r), "no version of this form"),
    ("Packagist", "a ',' behind metadata: part of the metadata for Composer, refused by us", lambda r, v: re.search(r"\+[^ |]*,", r), None),
    ("Packagist", "an operator or a blank in the metadata: refused by us", lambda r, v: re.search(r"\+[^ |,]*[<>=]", r), "byte 0x"),
    ("Packagist", "several blanks beside a '-'", lambda r, v: re.search(r"-\s\s|\s\s-", r), None),
    ("Packagist", "an empty alternative or term", lambda r, v: empties("|", r) or empties(",", r), None),
    ("Packagist", "nothing is in it: silent in Composer, refused by us", lambda r, v: True, NOTHING),
    ("Packagist", "numbers of more than 18 digits: PHP computes with 64 bits", lambda r, v: re.search("[0-9]{16}", r + v), None),
    ("RubyGems", "nothing is in it: silent in RubyGems, refused by us", lambda r, v: True, NOTHING),
    ("RubyGems", "an empty requirement or version", lambda r, v: empties(",", r) or not v.strip(), None),
    ("Hex", "nothing is in it: silent in Elixir, refused by us", lambda r, v: True, NOTHING),
]


def number(r):
    return str(r.choice([0, 0, 1, 1, 2, 2, 3, 9, 10]))


def semver(r, pre=0.25, full=True, wild=False):
    n = 3 if full or r.random() < 0.6 else r.choice([1, 2])
    parts = [number(r) for _ in range(n)]
    if wild and r.random() < 0.2:
        parts[r.randrange(len(parts)):] = [r.choice(["x", "X", "*"])]
    v = ".".join(parts)
    if len(parts) == 3 and r.random() < pre and parts[-1].isdigit():
        v += "-" + r.choice(["0", "alpha", "alpha.1", "beta.2", "rc.1", "rc", "1"])
    if len(parts) == 3 and r.random() < 0.05 and parts[-1].isdigit():
        v += "+b1"
    return v


def npm_range(r):
    def term():
        op = r.choice(["", "", "=", "<", "<=", ">", ">=", "~", "^", "^", "~>"])
        return op + r.choice(["", "", "", " "]) + r.choice(["", "", "", "v", "="]) + semver(r, full=False, wild=True)
    def alternative():
        if r.random() < 0.15:
            return semver(r, full=False, wild=True) + " - " + semver(r, full=False, wild=True)
        if r.random() < 0.5:
            return r.choice([">", ">="]) + semver(r, full=False) + " " + r.choice(["<", "<="]) + semver(r, full=False)
        return " ".join(term() for _ in range(r.choice([1, 1, 1, 2, 3])))
    return r.choice(["||", " || ", "||  "]).join(alternative() for _ in range(r.choice([1, 1, 1, 2, 3])))


def pypi(r):
    v = r.choice(["", "", "", "1!"]) + ".".join(number(r) for _ in range(r.choice([1, 2, 2, 3])))
    if r.random() < 0.3:
        v += r.choice(["a", "b", "rc", ".a", "-rc"]) + number(r)
    if r.random() < 0.15:
        v += r.choice([".post", "-", ".rev"]) + number(r)
    if r.random() < 0.15:
        v += ".dev" + number(r)
    return v


def pypi_range(r):
    def term():
        op = r.choice(["==", "!=", "<", "<=", ">", ">=", "~=", "==", "!=", "==="])
        if op in ("==", "!=") and r.random() < 0.4:
            return op + ".".join(number(r) for _ in range(r.choice([1, 2, 3]))) + ".*"
        return op + r.choice(["", " "]) + pypi(r) + (r.choice(["+a", "+1.b"]) if op in ("==", "!=") and r.random() < 0.1 else "")
    return r.choice([",", ", ", " , "]).join(term() for _ in range(r.choice([1, 1, 2, 2, 3])))


def pypi_version(r):
    return pypi(r) + (r.choice(["+a", "+1", "+a.b"]) if r.random() < 0.15 else "")


def composer(r):
    v = r.choice(["", "", "", "v"]) + ".".join(number(r) for _ in range(r.choice([1, 2, 3, 3, 3, 4])))
    if r.random() < 0.3:
        v += r.choice(["-beta", "beta", "-RC", "-alpha", "-dev", ".dev", "-p", "pl", "-stable", "-"])
        if v[-1] != "-" and not v.endswith("dev") and r.random() < 0.6:
            v += number(r)
    return v


def composer_range(r):
    def term():
        what = r.random()
        if what < 0.15:
            return ".".join(number(r) for _ in range(r.choice([1, 2, 3]))) + r.choice([".*", ".x", ".*.*"])
        op = r.choice(["", "=", "==", "<", "<=", ">", ">=", "!=", "<>", "~", "^", "~", "^"])
        v = composer(r)
        if op in ("~", "^") and r.random() < 0.1:
            v = number(r) + "." + number(r) + ".x-dev"
        return op + (r.choice(["", "", " "]) if op not in ("~", "^") else "") + v + r.choice([""] * 9 + ["@dev", "@beta", "@stable", "+x"])
    def alternative():
        if r.random() < 0.1:
            return composer(r) + " - " + composer(r)
        if r.random() < 0.5:
            return r.choice([">", ">="]) + composer(r) + r.choice([",", " ", ", "]) + r.choice(["<", "<="]) + composer(r)
        return r.choice([",", " ", ", "]).join(term() for _ in range(r.choice([1, 1, 1, 2])))
    return r.choice(["*", "x", "*.*"]) if r.random() < 0.01 else r.choice(["||", " || ", "|"]).join(
        alternative() for _ in range(r.choice([1, 1, 2])))


def gem(r):
    v = ".".join(number(r) for _ in range(r.choice([1, 2, 2, 3, 3, 4])))
    return v + (r.choice([".a", ".rc1", ".beta.2", "-rc", ".b3", "a"]) if r.random() < 0.25 else "")


def gem_range(r):
    return r.choice([",", ", "]).join(
        r.choice(["", "=", "!=", "<", "<=", ">", ">=", "~>", "~>", "~> "]) + r.choice(["", " "]) + gem(r)
        for _ in range(r.choice([1, 1, 2, 3])))


def hex_range(r):
    def term():
        op = r.choice(["", "==", "!=", "<", "<=", ">", ">=", "~>", "~>", "~>"])
        v = semver(r) if op != "~>" or r.random() < 0.5 else number(r) + "." + number(r)
        return op + r.choice(["", " "]) + v
    out = term()
    for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
        out += r.choice([" and ", " or ", " and "]) + term()
    return out


def node(mode):
    def judge(lines):
        return versions.batch([versions.NODE, "-e", NODE.replace("MODE", mode)], lines, versions.NODE_ENV)
    return judge


def python(mode):
    return lambda lines: versions.batch(["/usr/bin/python3", "-c", PYTHON.replace("MODE", mode)], lines)


# What a range's text and its versions are mutated with.
ALPHABET = {"npm": "012.-+vx*^~<>=| ", "PyPI": "012.-+!*~<>=, abpost", "Packagist": "012.-+v*x^~<>=|, @dev", "RubyGems": "012.-~<>=!, a",
            "Hex": "012.-~<>=! aondr"}
# ecosystem: (range, version, {mode: judge}, what the judge needs)
ECOSYSTEMS = {
    "npm": (npm_range, semver, {"tool": node("false"), "order": node("true")}, versions.NEEDS["npm"]),
    "PyPI": (pypi_range, pypi_version, {"tool": python("None"), "order": python("True")}, versions.NEEDS["PyPI"]),
    "Packagist": (composer_range, composer,
                  {"order": lambda lines: versions.batch(["php", "-d", "memory_limit=2G", "-r", PHP], lines)},
                  versions.NEEDS["Packagist"]),
    "RubyGems": (gem_range, gem, {"order": lambda lines: versions.batch(["ruby", "-e", RUBY], lines)},
                 (["ruby", "-e", "Gem::Requirement"], None, "ruby")),
    "Hex": (hex_range, semver,
            {"order": lambda lines: versions.batch(["elixir", "-e", ELIXIR], lines, dict(os.environ, LC_ALL="C.UTF-8"))},
            versions.NEEDS["Hex"]),
}


def make(eco, n, seed):
    r = random.Random(f"{seed}/{eco}")
    out = []
    while len(out) < n:
        text, version = ECOSYSTEMS[eco][0](r), ECOSYSTEMS[eco][1](r)
        if r.random() < 0.1 and text:
            at = r.randrange(len(text))
            text = text[:at] + r.choice(ALPHABET[eco]) + text[at + r.choice([0, 1]):]
        if r.random() < 0.3:  # a version that the range speaks of
            found = re.findall(r"[0-9][0-9A-Za-z.+!-]*", text)
            version = r.choice(found) if found else version
        out.append((text, version))
    return out


def concerned(eco, text, version, want, reason):
    for e, what, concerns, has in DIFFERENCES:
        if has == NOTHING and want == "1" and not re.search(r"\||\bor\b", text):
            continue  # no other alternative can be what the judge means
        if e == eco and (has is None or has in reason) and concerns(text, version):
            return what
    return None


def run(eco, mode, tool, lines):
    command, env, name = ECOSYSTEMS[eco][3]
    label = f"{eco} ({mode})"
    if not versions.can(command, env):
        print(f"{label}: skipped, needs {name}")
        return None
    if subprocess.run([tool, eco, mode], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 2:
        print(f"{label}: skipped, there is no version order for it")
        return None
    judge = ECOSYSTEMS[eco][2][mode](lines)
    text = "".join(f"{a}\t{b}\n" for a, b in lines).encode("latin-1")
    ours = subprocess.run([tool, eco, mode], input=text, stdout=subprocess.PIPE, check=True).stdout.decode("latin-1").split("\n")[:-1]
    if len(ours) != len(lines):
        sys.exit(f"{tool} answered {len(ours)} lines for {len(lines)}")
    counts, excused, bad = {"0": 0, "1": 0, "!": 0}, {}, []
    for (a, b), want, got in zip(lines, judge, ours):
        counts[want] += 1
        if want == got[:1]:
            continue
        what = concerned(eco, a, b, want, got)
        if what:
            excused[what] = excused.get(what, 0) + 1
        else:
            bad.append((a, b, want, got))
    print(f"{label}: {len(lines)} pairs, {len(bad)} disagreements", flush=True)
    versions.say(f"  {label}: the judge says {counts['1']} in, {counts['0']} out, {counts['!']} refused")
    for what, count in excused.items():
        versions.say(f"  {count} x {what}")
    for a, b, want, got in bad[:20]:
        versions.say(f"  {a!r} {b!r}: judge {want}, ours {got}")
    return not bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--tool", required=True, metavar="PROGRAM")
    p.add_argument("--ecosystem", action="append", choices=sorted(ECOSYSTEMS), default=[])
    p.add_argument("--pairs", type=int, default=10000)
    p.add_argument("--seed", default="1")
    a = p.parse_args()
    results = []
    for eco in a.ecosystem or sorted(ECOSYSTEMS):
        for mode in ECOSYSTEMS[eco][2]:
            results.append(run(eco, mode, a.tool, make(eco, a.pairs, a.seed)))
    if False in results:
        sys.exit(1)
    if all(x is None for x in results):
        sys.exit(77)


if __name__ == "__main__":
    main()
