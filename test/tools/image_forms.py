#!/usr/bin/env python3
"""Writes an image as docker-archives of the new and of the old form, and as archives that must be refused.

usage: image_forms.py LAYOUT DIR      LAYOUT: an OCI layout folder of one manifest with two layers, plain or gzip
"""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile

layout, out = sys.argv[1:]


def blob_path(digest):
    return os.path.join(layout, 'blobs', *digest.split(':'))


def blob_read(digest):
    with open(blob_path(digest), 'rb') as f:
        return f.read()


with open(os.path.join(layout, 'index.json'), 'rb') as f:
    manifest_digest = json.load(f)['manifests'][0]['digest']
manifest = json.loads(blob_read(manifest_digest))
config = manifest['config']['digest']
layers = [layer['digest'] for layer in manifest['layers']]
plain = [gzip.decompress(b) if b[:2] == b'\x1f\x8b' else b for b in map(blob_read, layers)]
ids = [hashlib.sha256(b'id %d' % n).hexdigest() for n in range(len(layers))]
old_layers = [i + '/layer.tar' for i in ids]
old_config = config[7:] + '.json'


def new(name):
    return tarfile.open(os.path.join(out, name), 'w', format=tarfile.USTAR_FORMAT)


def put(t, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    t.addfile(info, io.BytesIO(data))


def link(t, name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    t.addfile(info)


def manifest_json(config_name, layer_names):
    return json.dumps([{'Config': config_name, 'RepoTags': ['demo:1'], 'Layers': layer_names}]).encode()


def stored(digest):
    return 'blobs/sha256/' + digest[7:]


def layout_put(t, without=()):
    for digest in [config, manifest_digest] + layers:
        if digest not in without:
            t.add(blob_path(digest), stored(digest))
    t.add(layout + '/oci-layout', 'oci-layout')
    t.add(layout + '/index.json', 'index.json')


def old(name, layers_put, config_name=old_config):
    with new(name) as t:
        put(t, config_name, blob_read(config))
        layers_put(t)
        put(t, 'manifest.json', manifest_json(config_name, old_layers))
        put(t, 'repositories', b'{}')


def shared(t):  # as Docker does when two images have a layer in common
    put(t, 'shared/layer.tar', plain[0])
    link(t, old_layers[0], '../shared/layer.tar')
    put(t, old_layers[1], plain[1])


def missing(t):
    put(t, old_layers[0], plain[0])


def swapped(t):
    put(t, old_layers[0], plain[1])
    put(t, old_layers[1], plain[0])


def loop(t):
    link(t, old_layers[0], '../' + old_layers[1])
    link(t, old_layers[1], '../' + old_layers[0])


def outside(t):
    put(t, old_layers[0], plain[0])
    link(t, old_layers[1], '../../../../etc/passwd')


new_manifest_json = manifest_json(stored(config), [stored(d) for d in layers])
with new('docker-new.tar') as t:
    layout_put(t)
    put(t, 'manifest.json', new_manifest_json)
with new('missing-layer.tar') as t:
    layout_put(t, layers[1:])
with new('twice.tar') as t:
    put(t, 'manifest.json', new_manifest_json)
    layout_put(t)
    put(t, './manifest.json', manifest_json(stored(config), []))
with new('two-images.tar') as t:
    other = blob_read(config) + b'\n'
    other_name = stored('sha256:' + hashlib.sha256(other).hexdigest())
    layout_put(t)
    put(t, other_name, other)
    put(t, 'manifest.json', manifest_json(other_name, [stored(d) for d in layers]))

old('docker-old.tar', shared)
old('layer-missing-old.tar', missing)
old('layers-swapped.tar', swapped)
old('link-loop.tar', loop)
old('link-outside.tar', outside)
old('config-lies.tar', shared, config_name='0' * 64 + '.json')
with new('several.tar') as t:
    put(t, 'a.json', b'{}')
    put(t, 'manifest.json', json.dumps([{'Config': c, 'RepoTags': [tag], 'Layers': []}
                                        for c, tag in (('a.json', 'demo:1'), ('b.json', 'demo:2'))]).encode())
with new('docker-1.9.tar') as t:
    put(t, 'repositories', b'{}')
    put(t, ids[0] + '/json', b'{}')
    put(t, old_layers[0], plain[0])
