"""What the judges of all ecosystems share; see pairs.py."""
import os
import subprocess
import sys

LISTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/data/vectors/versions")


def batch(command, pairs, env=None):
    text = "".join(f"{a}\t{b}\n" for a, b in pairs).encode("latin-1")
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode('latin-1')[:2000]}")
    lines = done.stdout.decode("latin-1").split("\n")[:-1]
    if len(lines) != len(pairs):
        sys.exit(f"{command[0]} answered {len(lines)} lines for {len(pairs)} pairs")
    return [line[:1] for line in lines]


def can(command, env=None):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env).returncode == 0
    except OSError:
        return False


def number(r, zeros=True, long=0.02):
    n = r.choice(["0", "1", "2", "9", "10", "11", "99", "100", str(r.randrange(10**6)), str(r.randrange(10**14))])
    if r.random() < long:
        n = str(r.randrange(1, 10)) + "".join(r.choice("0123456789") for _ in range(r.choice([15, 16, 20, 40, 130])))
    if zeros and r.random() < 0.15:
        n = "0" * r.randrange(1, 4) + n
    return n


def words(name):
    """All versions of a published list, none if it isn't there: what generators mutate beside their own."""
    try:
        with open(os.path.join(LISTS, name), encoding="latin-1") as f:
            lines = [line for line in f if line.strip() and not line.startswith(("#", "//"))]
    except OSError:
        return []
    return sorted({w for line in lines for w in line.split() if w not in ("<", "=", "==", ">")})
