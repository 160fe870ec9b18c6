#!/usr/bin/python3
"""Makes one image with one thing wrong with it: bad_image.py KIND DIR (an OCI layout); `list` names the kinds.

Each kind starts from the same good image of two small layers. What is wrong is one line or one function, so that a
refusal can't have another cause; kind "good" is the control.
"""
import gzip, hashlib, io, json, os, subprocess, sys, tarfile

STATUS = b"""Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.11-1~deb12u2
Maintainer: nobody <nobody@example.org>
Description: a package that is there

"""
OS = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'


def entry(name, data=b"", **over):
    t = tarfile.TarInfo(name)
    t.size, t.mode = len(data), 0o644
    for k, v in over.items():
        setattr(t, k, v)
    return t, data


def tar(*entries, fmt=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as f:
        for t, data in entries:
            f.addfile(t, io.BytesIO(data))
    return out.getvalue()


def raw_tar(*entries):
    """As tar(), but through headers made here: tarfile refuses to write some of what an attacker writes."""
    return tar(*entries)


BASE = [entry("etc/os-release", OS), entry("var/lib/dpkg/status", STATUS)]
TOP = [entry("etc/motd", b"hello\n")]
GZ = "application/vnd.oci.image.layer.v1.tar+gzip"
ZST = "application/vnd.oci.image.layer.v1.tar+zstd"


def gz(data, level=6):
    return gzip.compress(data, level, mtime=0)


def zst(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    def __init__(self, folder):
        self.dir = folder
        self.layers = []  # (stored bytes, plain bytes, media type)
        self.config_extra = {}
        self.manifest_over = None  # function on the manifest's dict
        self.manifest_bytes = None
        self.config_bytes = None
        self.after = []  # run on (folder, manifest) when everything is written

    def add(self, plain, stored=None, media=GZ):
        self.layers.append((gz(plain) if stored is None else stored, plain, media))

    def blob(self, data):
        digest = sha(data)
        with open(f"{self.dir}/blobs/sha256/{digest[7:]}", "wb") as f:
            f.write(data)
        return {"digest": digest, "size": len(data)}

    def write(self):
        os.makedirs(f"{self.dir}/blobs/sha256")
        arch = subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        config = {"architecture": arch, "os": "linux", "config": {"Cmd": ["/bin/sh"]},
                  "rootfs": {"type": "layers", "diff_ids": [sha(p) for _, p, _ in self.layers]}}
        config.update(self.config_extra)
        c = self.blob(self.config_bytes(config) if self.config_bytes else json.dumps(config).encode())
        m = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
             "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **c},
             "layers": [{"mediaType": t, **self.blob(s)} for s, _, t in self.layers]}
        if self.manifest_over:
            self.manifest_over(m)
        data = self.manifest_bytes(m) if self.manifest_bytes else json.dumps(m).encode()
        d = self.blob(data)
        index = {"schemaVersion": 2, "manifests": [{"mediaType": m["mediaType"], **d}]}
        for step in self.after:
            step(self, m, index)
        with open(f"{self.dir}/index.json", "w") as f:
            json.dump(index, f)
        with open(f"{self.dir}/oci-layout", "w") as f:
            f.write('{"imageLayoutVersion":"1.0.0"}')

    def path(self, digest):
        return f"{self.dir}/blobs/sha256/{digest[7:]}"


KINDS = {}


def kind(f):
    KINDS[f.__name__.replace("_", "-")] = f
    return f


def base(i):
    i.add(tar(*BASE))


@kind
def good(i):
    base(i)
    i.add(tar(*TOP))


# ---- streams ----

def damaged(i, data, media, at=None, cut=None, plain=None):
    data = bytearray(data)
    if at is not None:
        data[at] ^= 0x55
    if cut is not None:
        del data[cut:]
    i.add(plain, bytes(data), media)


BIG = tar(*BASE, entry("data", os.urandom(1 << 16) + b"text " * 20000))


@kind
def gzip_truncated(i):
    base(i)
    g = gz(BIG)
    damaged(i, g, GZ, cut=len(g) // 2, plain=BIG)


@kind
def gzip_corrupt(i):
    base(i)
    g = gz(BIG)
    damaged(i, g, GZ, at=len(g) // 2, plain=BIG)


@kind
def gzip_wrong_crc(i):
    base(i)
    g = gz(BIG)
    damaged(i, g, GZ, at=len(g) - 6, plain=BIG)


@kind
def gzip_with_a_tail(i):
    base(i)
    i.add(BIG, gz(BIG) + b"GARBAGE", GZ)


@kind
def zstd_truncated(i):
    base(i)
    z = zst(BIG)
    damaged(i, z, ZST, cut=len(z) // 2, plain=BIG)


@kind
def zstd_corrupt(i):
    base(i)
    z = zst(BIG)
    damaged(i, z, ZST, at=len(z) // 2, plain=BIG)


@kind
def tar_truncated(i):
    base(i)
    t = BIG[: len(BIG) // 2 + 77]
    i.add(t, gz(t))


@kind
def tar_bad_checksum(i):
    base(i)
    t = bytearray(tar(*BASE))
    t[150] ^= 1
    i.add(bytes(t))


@kind
def tar_after_its_end(i):
    base(i)
    i.add(tar(*TOP) + tar(entry("hidden", b"x")))


@kind
def not_a_tar(i):
    base(i)
    i.add(b"this is no tar archive" * 100)


# ---- digests and places ----

@kind
def layer_digest_wrong(i):
    good(i)

    def swap(i, m, _):
        p = i.path(m["layers"][1]["digest"])
        other = gz(tar(entry("etc/motd", b"hullo\n")))
        size = os.path.getsize(p)
        with open(p, "wb") as f:
            f.write(other[:size].ljust(size, b"\0"))
    i.after.append(swap)


@kind
def diff_id_wrong(i):
    base(i)
    i.layers.append((gz(tar(*TOP)), tar(entry("other")), GZ))


@kind
def manifest_digest_wrong(i):
    good(i)

    def swap(i, m, index):
        p = i.path(index["manifests"][0]["digest"])
        data = open(p, "rb").read().replace(b'"schemaVersion": 2', b'"schemaVersion":  2')
        index["manifests"][0]["size"] = len(data)
        open(p, "wb").write(data)
    i.after.append(swap)


@kind
def config_digest_wrong(i):
    good(i)

    def swap(i, m, _):
        p = i.path(m["config"]["digest"])
        data = open(p, "rb").read()
        open(p, "wb").write(data.replace(b"/bin/sh", b"/bin/ls"))
    i.after.append(swap)


@kind
def layer_missing(i):
    good(i)
    i.after.append(lambda i, m, _: os.unlink(i.path(m["layers"][1]["digest"])))


@kind
def layer_of_another_size(i):
    good(i)

    def size(m):
        m["layers"][1]["size"] += 1
    i.manifest_over = size


@kind
def layer_is_a_symlink(i):
    good(i)

    def link(i, m, _):
        p = i.path(m["layers"][1]["digest"])
        os.rename(p, i.dir + "/elsewhere")
        os.symlink(i.dir + "/elsewhere", p)
    i.after.append(link)


@kind
def more_layers_than_diff_ids(i):
    good(i)
    i.config_bytes = lambda c: json.dumps({**c, "rootfs": {"type": "layers", "diff_ids": c["rootfs"]["diff_ids"][:1]}}).encode()


@kind
def digest_with_dots(i):
    good(i)

    def dots(m):
        m["layers"][1]["digest"] = "sha256:../../../../etc/passwd"
    i.manifest_over = dots


# ---- paths ----

@kind
def path_with_dots(i):
    base(i)
    i.add(tar(entry("usr/../../../escaped", b"x")))


@kind
def path_absolute(i):
    base(i)
    i.add(tar(entry("/escaped", b"x")))


@kind
def symlink_escape(i):
    base(i)
    i.add(tar(entry("door", type=tarfile.SYMTYPE, linkname="/tmp"), entry("door/escaped", b"x")))


@kind
def symlink_escape_relative(i):
    base(i)
    i.add(tar(entry("a/door", type=tarfile.SYMTYPE, linkname="../../../../../../tmp"), entry("a/door/escaped", b"x")))


@kind
def hardlink_escape(i):
    base(i)
    i.add(tar(entry("passwd", type=tarfile.LNKTYPE, linkname="../../../../etc/passwd")))


@kind
def hardlink_absolute(i):
    base(i)
    i.add(tar(entry("passwd", type=tarfile.LNKTYPE, linkname="/etc/passwd")))


@kind
def hardlink_through_symlink(i):
    base(i)
    i.add(tar(entry("door", type=tarfile.SYMTYPE, linkname="/etc"), entry("x", type=tarfile.LNKTYPE, linkname="door/shadow")))


@kind
def device_node(i):
    base(i)
    i.add(tar(entry("usr/disk", type=tarfile.BLKTYPE, devmajor=8, devminor=0, mode=0o666)))


# ---- what a later entry of the same layer puts in an earlier one's place: scan and overlay must agree ----

LODASH = entry("app/node_modules/lodash/package.json", b'{"name":"lodash","version":"4.17.0"}')
APP = entry("app", type=tarfile.DIRTYPE, mode=0o755)


def hidden(i, *top):
    i.add(tar(*BASE, LODASH))
    i.add(tar(*top))


@kind
def file_then_folder(i):
    hidden(i, entry("app", b"x"), APP)


@kind
def whiteout_file_folder(i):
    hidden(i, entry(".wh.app"), entry("app", b"x"), APP)


@kind
def link_then_folder(i):
    hidden(i, entry("app", type=tarfile.SYMTYPE, linkname="etc"), APP)


@kind
def opaque_file_folder(i):
    hidden(i, entry("app/.wh..wh..opq"), entry("app", b"x"), APP)


@kind
def folder_then_whiteout(i):
    hidden(i, APP, entry(".wh.app"))


# ---- sizes ----

@kind
def bomb(i):
    """4 GiB of zeros in about 4 MiB of gzip."""
    base(i)
    size = 4 << 30
    t = tarfile.TarInfo("zeros")
    t.size = size
    head = t.tobuf(tarfile.GNU_FORMAT)
    raw = io.BytesIO()
    plain = hashlib.sha256()
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0) as z:
        block = bytes(1 << 20)
        for piece in [head] + [block] * (size >> 20) + [bytes(1024)]:
            z.write(piece)
            plain.update(piece)
    i.layers.append((raw.getvalue(), b"", GZ))
    i.config_bytes = lambda c: json.dumps({**c, "rootfs": {"type": "layers", "diff_ids": [
        c["rootfs"]["diff_ids"][0], "sha256:" + plain.hexdigest()]}}).encode()


@kind
def manifest_of_100_mib(i):
    good(i)
    i.manifest_bytes = lambda m: json.dumps({**m, "annotations": {"a": "x" * (100 << 20)}}).encode()


@kind
def million_files(i):
    """10^6 tiny files. Valid: it must be read to its end, in bounded memory."""
    base(i)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as f:
        for n in range(1_000_000):
            f.addfile(tarfile.TarInfo(f"d/{n // 1000}/{n}"))
    i.add(out.getvalue(), gz(out.getvalue(), 1))


# ---- JSON ----

@kind
def json_nested(i):
    good(i)
    i.manifest_bytes = lambda m: json.dumps(m)[:-1].encode() + b',"x":' + b"[" * 10000 + b"]" * 10000 + b"}"


@kind
def json_duplicate_key(i):
    good(i)
    i.manifest_bytes = lambda m: b'{"layers":[],' + json.dumps(m).encode()[1:]


@kind
def json_duplicate_key_escaped(i):
    good(i)
    i.manifest_bytes = lambda m: b'{"\\u006cayers":[],' + json.dumps(m).encode()[1:]


@kind
def json_invalid_utf8(i):
    good(i)
    i.manifest_bytes = lambda m: json.dumps(m)[:-1].encode() + b',"x":"\xc3\x28"}'


@kind
def json_truncated(i):
    good(i)
    i.manifest_bytes = lambda m: json.dumps(m).encode()[:-9]


@kind
def unknown_media_type(i):
    good(i)

    def other(m):
        m["layers"][1]["mediaType"] = "application/x-lzip"
    i.manifest_over = other


@kind
def encrypted_layer(i):
    good(i)

    def other(m):
        m["layers"][1]["mediaType"] = GZ + "+encrypted"
    i.manifest_over = other


@kind
def status_broken(i):
    """A package database that can't be read whole must never count as few findings."""
    i.add(tar(entry("etc/os-release", OS), entry("var/lib/dpkg/status", STATUS + b"\xff\xfe no stanza\nPackage\n: x\n\n")))


if sys.argv[1] == "list":
    print("\n".join(KINDS))
else:
    image = Image(sys.argv[2])
    KINDS[sys.argv[1]](image)
    image.write()
