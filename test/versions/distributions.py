"""Judges and generators of what distributions' package managers compare: rpm, apk, pacman, Portage; see pairs.py."""
import ctypes
import ctypes.util
import re
import subprocess
import sys
import tempfile
from types import SimpleNamespace as Ecosystem

from judging import batch, can, number, words

# ---- rpm ----
LUA = r"""%{lua:
for line in io.lines("PAIRS") do
        local at = string.find(line, "\t", 1, true)
        local fine, sign = pcall(rpm.vercmp, string.sub(line, 1, at - 1), string.sub(line, at + 1))
        io.write(not fine and "!" or sign < 0 and "<" or sign > 0 and ">" or "=", "\n")
end
}"""


def judge_rpm(pairs):
    with tempfile.NamedTemporaryFile("w", encoding="latin-1") as f:
        f.write("".join(f"{a}\t{b}\n" for a, b in pairs))
        f.flush()
        done = subprocess.run(["rpm", "--eval", LUA.replace("PAIRS", f.name)], stdout=subprocess.PIPE)
    signs = done.stdout.decode().split("\n")[: len(pairs)]
    if done.returncode != 0 or len(signs) != len(pairs):
        sys.exit(f"rpm ended with {done.returncode} and {len(signs)} answers for {len(pairs)} pairs")
    return signs


def rpm_unasked(v):
    rest = re.sub(r"^[0-9]*:", "", v)
    return re.search(r"[\x00-\x20\x7f]", v) or (rest.rsplit("-", 1)[0] if "-" in rest else rest) == ""


def rpm(r):
    def part():
        out = ""
        for _ in range(r.choice([1, 2, 2, 3, 3, 4, 6])):
            out += number(r) if r.random() < 0.7 else r.choice(["a", "b", "rc", "el", "fc", "git", "module+el", "beta", "Z", "aa"])
            out += r.choice([".", ".", ".", ".", "", "_", "+", "~", "^", "~rc", "^git", "~~", "^~", "~^", "..", ".el8_"])
        return out if r.random() < 0.2 else out.rstrip(".+_")
    v = part()
    if r.random() < 0.7:
        v += "-" + r.choice([part(), number(r) + r.choice([".el9", ".el8_4", ".fc39", ".amzn2023", ".ph4", ".mga9", ".oe2203sp3",
                             ".module+el8.4.0+21+abcd", ".1.2.ael7b", ".azl3", "lp154.2.1", ""])])
    return r.choice(["", "", "", "0:", "1:", "2:", number(r) + ":"]) + v


def respell_rpm(r, v):
    return r.choice(["0:" + v if ":" not in v else "0" + v, v.replace(".", "_"), v.replace(".", "..", 1), v + ".", v + "+",
                     re.sub(r"(?<![0-9])([0-9])", r"0\1", v), v])


# ---- apk ----
class Blob(ctypes.Structure):
    _fields_ = [("len", ctypes.c_long), ("ptr", ctypes.c_char_p)]


def libapk():
    """apk-tools 3's own library: its program compares one pair a process."""
    for name in (ctypes.util.find_library("apk"), "libapk.so.3.0.0"):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library and hasattr(library, "apk_version_compare"):
            return library


def judge_apk(pairs):
    library = libapk()
    library.apk_version_compare.argtypes = [Blob, Blob]
    library.apk_version_validate.argtypes = [Blob]
    def sign(a, b):
        x, y = (Blob(len(v), v.encode("latin-1")) for v in (a, b))
        if not library.apk_version_validate(x) or not library.apk_version_validate(y):
            return "!"
        return {1: "=", 2: "<", 4: ">"}[library.apk_version_compare(x, y)]
    return [sign(a, b) for a, b in pairs]


def apk(r):
    v = number(r)
    for _ in range(r.choice([0, 1, 2, 2, 3])):
        v += "." + number(r)
    if r.random() < 0.2:
        v += r.choice("abcz")
    for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
        v += "_" + r.choice(["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"]) + (number(r) if r.random() < 0.8 else "")
    if r.random() < 0.08:
        v += "~" + r.choice(["0", "abc", "0abc", "deadbeef", "12"])
    if r.random() < 0.7:
        v += "-r" + number(r)
    return v


# ---- pacman ----
def libalpm():
    for n in range(20, 11, -1):
        try:
            return ctypes.CDLL(f"libalpm.so.{n}")
        except OSError:
            pass


def makepkg_allows(v):
    """makepkg's lint of pkgver (not empty, ASCII, none of ':', '/', '-' and blanks) and of epoch; pkgrel as pkgver."""
    return re.fullmatch(r"([0-9]+:)?[!-,.0-9;-~]+(-[!-,.0-9;-~]+)?", v)


def judge_pacman(pairs):
    compare = libalpm().alpm_pkg_vercmp
    def sign(a, b):
        if not makepkg_allows(a) or not makepkg_allows(b):
            return "!"
        n = compare(a.encode("latin-1"), b.encode("latin-1"))
        return "<" if n < 0 else ">" if n > 0 else "="
    return [sign(a, b) for a, b in pairs]


def pacman(r):
    def part():
        out = ""
        for _ in range(r.choice([1, 2, 2, 3, 3, 4])):
            out += number(r) if r.random() < 0.75 else r.choice(["a", "b", "rc", "alpha", "pre", "Z", "aa"])
            out += r.choice([".", ".", ".", "", "_", "+", "..", "+r", ".g", "._"])
        return out if r.random() < 0.15 else out.rstrip("._+")
    v = part()
    if r.random() < 0.8:
        v += "-" + r.choice(["1", "2", "10", "1.1", number(r), part()])
    return (number(r) + ":" if r.random() < 0.2 else "") + v


def respell_pacman(r, v):
    return r.choice(["0:" + v if ":" not in v else "0" + v, v.replace(".", "_"), re.sub(r"(?<![0-9])([0-9])", r"0\1", v),
                     v.split("-")[0], v])


def parts(v):
    rest = v.split(":", 1)[-1]
    return rest.split("-", 1) if "-" in rest else [rest]


def pacman_runs(part):
    return [(len(d), n.lstrip("0") if n else None, w) for d, n, w in re.findall(r"([^0-9A-Za-z]*)(?:([0-9]+)|([A-Za-z]+))", part)]


def pacman_trails(a, b, want, got):
    """Where one part ends in dividing bytes and the other goes on with letters after two of them or with digits after none."""
    if "!" in (want, got):
        return False
    for x, y in zip(parts(a), parts(b)):
        p, q = pacman_runs(x), pacman_runs(y)
        if p[:len(q)] == q[:len(p)] and p != q:
            shorter, after = (x, q[len(p)]) if len(p) < len(q) else (y, p[len(q)])
            letters = after[1] is None
            if re.search(r"[^0-9A-Za-z]$", shorter) and (after[0] >= 2 if letters else after[0] == 0):
                return got == ("<" if letters == (len(p) < len(q)) else ">")
        if p != q:
            return False
    return False


def pacman_unbuilt(a, b, want, got):
    return want == "=" and got == ("<" if len(parts(a)) < len(parts(b)) else ">") and len(parts(a)) != len(parts(b))


# ---- Portage ----
PORTAGE = r"""
import sys
from portage.versions import vercmp, ververify
for line in open(0, encoding='latin-1', newline='\n'):
    a, b = line.rstrip('\n').split('\t')
    if not (ververify(a) and ververify(b)):
        print('!')
        continue
    n = vercmp(a, b)
    print('<' if n < 0 else '>' if n > 0 else '=')
"""


def judge_portage(pairs):
    return batch([sys.executable, "-c", PORTAGE], pairs)


def portage(r):
    v = number(r)
    for _ in range(r.choice([0, 1, 2, 2, 3])):
        v += "." + number(r)
    if r.random() < 0.2:
        v += r.choice("abcz")
    for _ in range(r.choice([0, 0, 0, 1, 1, 2])):
        v += "_" + r.choice(["alpha", "beta", "pre", "rc", "p"]) + (number(r) if r.random() < 0.8 else "")
    if r.random() < 0.5:
        v += "-r" + number(r)
    return v


def respell_suffixed(r, v):
    return r.choice([v + "-r0", re.sub(r"\.([0-9])", r".0\1", v, count=1), v + "0", "0" + v, re.sub(r"_p\b", "_p0", v), v])


def mixed(make, *lists):
    """Now and then a version that was really published."""
    real = [w for name in lists for w in words(name)]
    return lambda r: r.choice(real) if real and r.random() < 0.25 else make(r)


ECOSYSTEMS = {
    "Red Hat": Ecosystem(
        make=mixed(rpm, "redhat-versions.txt", "claircore-rpmvercmp.list"), judge=judge_rpm, respell=respell_rpm,
        alphabet="0019~^+-.:_aZzel %{}\xe9", lists=["redhat-versions.txt", "claircore-rpmvercmp.list"],
        needs=(lambda: can(["rpm", "--eval", "%{lua: rpm.vercmp('1', '2')}"]), None, "rpm"),
        odd=["0", "00", "1:", ":1", "-1", "1-", "1--1", "a", "a:1", "1:2:3", "1-1", "1-0", "1", "1.", ".1", "+", "_", "~", "^", "1~",
             "1^", "1~^", "1^~", "1~~", "1^^", "1^a", "1^1", "1~1", "1a", "1.a", "1a1", "01", "1 ", " 1", "1-~", "1-^", "1-a", "0:1-1",
             "4294967296:1", "1.1.\xce\xb1", "1.1.\xce\xb2", ":", "1:-1", "\x7f"]),
    "Alpine": Ecosystem(
        make=mixed(apk, "alpine-versions.txt", "alpine-versions-generated.txt"), judge=judge_apk, respell=respell_suffixed,
        alphabet="0019.-_r~abpz A", lists=["alpine-versions.txt", "alpine-versions-generated.txt"],
        needs=(lambda: libapk() is not None, None, "libapk (apk-tools 3; Debian 12 has none)"),
        odd=["0", "00", "01", "1.0", "1.00", "1.01", "1.1", "1.10", "1a", "1.a", "1a1", "1a.1", "1_p", "1_p0", "1_p1", "1_p01", "1_pre",
             "1_p_rc", "1_rc", "1_alpha_p", "1_foo", "1_", "1-r", "1-r0", "1-r00", "1-r1", "1-1", "1~", "1~a", "1~a-r0", "1~g", "1~A",
             "1_p~1", "1-r1_p1", "1.", ".1", "a", "1..1", "1_rc1_p2", "1 ", "1b_alpha", "1_git20200101"]),
    "Arch Linux": Ecosystem(
        make=mixed(pacman, "redhat-versions.txt"), judge=judge_pacman, respell=respell_pacman,
        alphabet="0019.-_+:~aZz /\xe9", lists=[],
        needs=(lambda: libalpm() is not None, None, "libalpm (pacman-package-manager)"),
        odd=["0", "1", "1.", "1..", "1.1", "1..1", "1..a", "1.a", "1a", "a", "a1", "a.", "a.a", "a.1", "a..a", "1-1", "1-2", "1-1.1",
             "1-", "1-a", "-1", ":1", "0:1", "1:1", "1:", "1-1-1", "1:1:1", "1+", "1_1", "_", "1.0.", "1.0.a", "1.0a", "1.0rc1", "01"]),
    "Gentoo": Ecosystem(
        make=mixed(portage, "alpine-versions.txt"), judge=judge_portage, respell=respell_suffixed,
        alphabet="0019.-_rabpz A", lists=[],
        needs=(lambda: can([sys.executable, "-c", "import portage.versions"]), None, "Portage's Python modules (pip install portage)"),
        odd=["0", "00", "01", "1", "1.0", "1.00", "1.01", "1.010", "1.1", "1.10", "1.0.0", "1a", "1.a", "1a1", "1_p", "1_p0", "1_p1",
             "1_p_p", "1_pre", "1_p_rc", "1_rc", "1_foo", "1_", "1-r", "1-r0", "1-r00", "1-r1", "1-1", "1.", ".1", "a", "1..1", "1 ",
             "1b_alpha", "1_cvs", "12.2.5", "12.2b"]),
}

DIFFERENCES = [
    ("Red Hat", "no version beside epoch and release, blanks and control bytes: refused, rpm compares any text",
     lambda a, b, want, got: got == "!" and (rpm_unasked(a) or rpm_unasked(b))),
    ("Alpine", "numbers from 2^64 on: apk drops what is above, ours don't end",
     lambda a, b, want, got: "!" not in (want, got) and any(int(n) >= 2**64 for n in re.findall("[0-9]{20,}", a + " " + b))),
    ("Arch Linux", "dividing bytes at the end of pkgver or pkgrel: libalpm goes in circles, see pacman.c", pacman_trails),
    ("Arch Linux", "one without pkgrel: for libalpm equal to all pkgrels, which aren't equal among themselves", pacman_unbuilt),
]
