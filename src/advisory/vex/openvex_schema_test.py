#!/usr/bin/env python3
"""What Coffer writes follows OpenVEX's own JSON schema, and the schema refuses what is none.

usage: openvex_schema_test.py SCHEMA PROGRAM
"""
import copy
import json
import pathlib
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: the Debian package python3-jsonschema is not installed")
    sys.exit(77)
if not pathlib.Path(sys.argv[1]).exists():
    print(f"skipped: no OpenVEX schema at {sys.argv[1]}")
    sys.exit(77)

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
document = json.loads(subprocess.run([sys.argv[2]], check=True, capture_output=True).stdout)
# "format" is checked by hand for ids: they are IRIs, with a scheme.
validator = Draft202012Validator(schema)
failed = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(document)]


def ids(value):
    if isinstance(value, dict):
        for k, v in value.items():
            if k == "@id":
                yield v
            yield from ids(v)
    elif isinstance(value, list):
        for v in value:
            yield from ids(v)


failed += [f"no IRI: {i}" for i in ids(document) if ":" not in i or " " in i]
for key in ("@id", "author", "timestamp", "version", "statements"):
    spoilt = copy.deepcopy(document)
    spoilt.pop(key)
    if validator.is_valid(spoilt):
        failed.append(f"the schema takes a document without {key}")
for i, key in ((1, "impact_statement"), (2, "action_statement"), (3, "status")):
    spoilt = copy.deepcopy(document)
    spoilt["statements"][i].pop(key)
    if validator.is_valid(spoilt):
        failed.append(f"the schema takes statement {i} without {key}")
print("\n".join(failed) or f"{len(document['statements'])} statements are valid")
sys.exit(1 if failed else 0)
