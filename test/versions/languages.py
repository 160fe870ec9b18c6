"""Judges and generators of what languages' package managers compare: Maven, RubyGems; see pairs.py."""
import os
import re
import subprocess
import sys
from types import SimpleNamespace as Ecosystem

from distributions import mixed
from judging import batch, can, number

# ---- Maven ----
JARS = [os.environ.get("COFFER_MAVEN_ARTIFACT", ""), "/usr/share/java/maven3-artifact.jar"]
COMPARABLE = "org.apache.maven.artifact.versioning.ComparableVersion"


def maven_command():
    jar = next((j for j in JARS if os.path.isfile(j)), None)
    return jar and ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jar, COMPARABLE]


def maven_refuses(v):
    """DefaultModelValidator's characters, what ranges are made of, ComparableVersion's own words, and not ASCII."""
    return v == "" or re.search(r'[\\/:"<>|?*\[\](),]|\$\{|[^!-~]', v) or v in ("RELEASE", "LATEST")


def judge_maven(pairs):
    """ComparableVersion's main() compares each argument with the one before it: A B C D gives A with B and C with D."""
    signs, chunk, size = [], [], 0
    def ask():
        nonlocal chunk, size
        if not chunk:
            return
        done = subprocess.run(maven_command() + [v for pair in chunk for v in pair], stdout=subprocess.PIPE, encoding="latin-1")
        lines = [line for line in done.stdout.split("\n") if line.startswith("   ")][::2]
        for (a, b), line in zip(chunk, lines):
            if not (line.startswith(f"   {a} ") and line.endswith(f" {b}")):
                sys.exit(f"java compared {line!r} for {a!r} and {b!r}")
            signs.append(line[len(a) + 4])
        if done.returncode != 0 or len(lines) != len(chunk):
            sys.exit(f"java ended with {done.returncode} and {len(lines)} answers for {len(chunk)} pairs")
        chunk, size = [], 0
    asked = [(a, b) for a, b in pairs if not maven_refuses(a) and not maven_refuses(b)]
    for pair in asked:
        chunk.append(pair)
        size += len(pair[0]) + len(pair[1]) + 20
        if size > 1_000_000:
            ask()
    ask()
    answers = iter(signs)
    return ["!" if maven_refuses(a) or maven_refuses(b) else next(answers) for a, b in pairs]


WORDS = ["alpha", "beta", "milestone", "rc", "cr", "snapshot", "SNAPSHOT", "ga", "Final", "RELEASE", "sp", "SP", "a", "b", "m", "M", "x",
         "jre", "redhat", "RC", "Beta", "v", "android", "incubating", "pre", "dev", "alpha_", "c+"]


def maven(r):
    v = number(r)
    for _ in range(r.choice([0, 1, 2, 2, 2, 3])):
        v += "." + r.choice(["0", number(r)])
    for _ in range(r.choice([0, 0, 1, 1, 1, 2, 3])):
        v += r.choice(["-", "-", "-", ".", ".", "", "--", ".-", "-."]) + (r.choice(WORDS) if r.random() < 0.7 else number(r))
        if r.random() < 0.5:
            v += r.choice(["", "", "-", "."]) + r.choice(["0", "1", number(r)])
    return v


def respell_maven(r, v):
    return r.choice([v + ".0", v + "-0", v + "-ga", v + ".Final", v.upper(), v.replace("-", ".0-", 1), v.replace("alpha-", "a"),
                     v.replace("rc", "cr"), "0" + v, v + ".", v + "-", v])


# ComparableVersion's rules a second time, for the recogniser of its circles alone: what does a version become, and at which
# place do two of them part?
KNOWN = {"alpha": -5, "beta": -4, "milestone": -3, "rc": -2, "cr": -2, "snapshot": -1, "": 0, "ga": 0, "final": 0, "release": 0, "sp": 1}


def maven_tree(v):
    """Nested lists of numbers and words, normalised."""
    top = current = []
    stack = [top]
    def opened():
        nonlocal current
        current.append([])
        current = current[-1]
        stack.append(current)
    def add(token, before_digit=False):
        if token.isdigit() or token == "":
            current.append(int(token or "0"))
        else:
            current.append({"a": "alpha", "b": "beta", "m": "milestone"}.get(token, token) if before_digit else token)
    tokens = re.findall(r"[0-9]+|[^0-9.-]+|[.-]", v.lower())
    fresh = True  # nothing since the last divider
    for i, t in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if t in ".-":
            if fresh:
                add("")
            fresh = True
            if t == "-":
                opened()
            continue
        fresh = False
        if not t.isdigit() and current and (after == "" or after.isdigit()):
            opened()
        add(t, after.isdigit())
        if after not in ("", ".", "-"):
            opened()
    for level in reversed(stack):
        for i in reversed(range(len(level))):
            if level[i] == [] or level[i] == 0 or KNOWN.get(level[i] if isinstance(level[i], str) else "x") == 0:
                del level[i]
            elif not isinstance(level[i], list):
                break
    return top


def against_nothing(items):
    for x in items:
        n = against_nothing(x) if isinstance(x, list) else (x > 0) if isinstance(x, int) else KNOWN.get(x, 2)
        if n:
            return 1 if n > 0 else -1
    return 0


def maven_circle(a, b, want, got):
    """One is less than what both begin with, the other more: there, and only there, ours puts the lesser one first."""
    if "!" in (want, got):
        return False
    x, y = maven_tree(a), maven_tree(b)
    while True:
        i = 0
        while i < len(x) and i < len(y) and x[i] == y[i] and not isinstance(x[i], list):
            i += 1
        if i < len(x) and i < len(y) and isinstance(x[i], list) and isinstance(y[i], list):
            x, y = x[i], y[i]
            continue
        break
    p, q = against_nothing(x[i:]), against_nothing(y[i:])
    return p * q < 0 and got == ("<" if p < 0 else ">")


# ---- RubyGems ----
RUBY = r"""
STDIN.binmode
STDIN.each_line("\n") do |line|
  a, b = line.chomp("\n").split("\t", -1)
  if !Gem::Version.correct?(a) || !Gem::Version.correct?(b)
    puts "!"
  else
    c = Gem::Version.new(a) <=> Gem::Version.new(b)
    puts c < 0 ? "<" : c > 0 ? ">" : "="
  end
end
"""


def judge_rubygems(pairs):
    return batch(["ruby", "-e", RUBY], pairs)


def rubygems(r):
    v = number(r)
    for _ in range(r.choice([0, 1, 2, 2, 3])):
        v += "." + r.choice(["0", number(r)])
    for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
        v += r.choice([".", ".", "-", ""]) + r.choice(["a", "b", "rc", "beta", "pre", "Z", "java", "x86", "0a", "a0b1", "alpha"])
        v += r.choice(["", ".", "-", ".0.", ".0.0."]) + number(r) if r.random() < 0.7 else ""
    return v


def respell_rubygems(r, v):
    return r.choice([v + ".0", v + ".0.0", v + " ", "0" + v, v.replace("-", ".pre."), re.sub(r"([a-z])([0-9])", r"\1.\2", v), v])


ECOSYSTEMS = {
    "Maven": Ecosystem(
        make=mixed(maven, "maven-versions.txt", "maven-versions-generated.txt", "claircore-maven-compare.list"),
        judge=judge_maven, respell=respell_maven, alphabet="0019.-_abmxrcspga+ [$\xe9",
        lists=["maven-versions.txt", "maven-versions-generated.txt", "claircore-maven-compare.list"],
        needs=(lambda: maven_command() and can(maven_command() + ["1"]), None,
               "java and Maven's jar maven3-artifact.jar (default-jre-headless, libmaven3-core-java)"),
        odd=["0", "1", "1.0", "1-0", "1.ga", "1-ga-1", "1.ga.1", "1.final-1", "1-alpha", "1.alpha", "1.alpha.1", "1.0.alpha.1", "1-1",
             "1.1", "1.x.1", "1-x", "1x", "1x1", "1.x-1", "1.0.x.1", "1-sp", "1.sp.1", "1-snapshot", "1a", "1a1", "1-a-1", "1.a.1", "a1",
             "a", "alpha", "1-", "1--1", "1.-.1", "1..1", "-1", ".1", ".", "-", "1-0-1", "1-0.1", "1.0-alpha.0.1", "RELEASE", "release",
             "LATEST", "1,2", "[1]", "${v}", "1m", "1m1", "1cr", "1rc", "2147483648", "999999999", "1000000000", "99999999999999999999"]),
    "RubyGems": Ecosystem(
        make=mixed(rubygems, "rubygems-versions.txt", "rubygems-versions-generated.txt"), judge=judge_rubygems,
        respell=respell_rubygems, alphabet="0019.-aZz _\xe9", lists=["rubygems-versions.txt", "rubygems-versions-generated.txt"],
        needs=(["ruby", "-e", "Gem::Version"], None, "ruby"),
        odd=["0", "00", "0.0", "1", "1.0", "1.a", "1.0.a", "1.a.0", "1.a.0.b", "1.a.0.0.b", "1.a.0.1", "1.a.0.0.1", "1.a.1", "1a", "1-1",
             "1-a", "1--", "1-", "1-a--b", "1-a.-", "1.a-b", "1-a-b.c", "1.", ".1", "1..1", "a", "1.-1", " 1 ", "1 1", "1_1", "1.A",
             "1.pre.1", "1.pre", "1.0.0.pre.0", "-1", "0.a", "a.0"]),
}

DIFFERENCES = [
    ("Maven", "one is less than what both begin with, the other more: ComparableVersion goes in circles, see maven.c", maven_circle),
    ("RubyGems", "an empty version is refused; Gem::Version takes it for 0",
     lambda a, b, want, got: got == "!" and ("" in (a.strip(), b.strip()))),
]
