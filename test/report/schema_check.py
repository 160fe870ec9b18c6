#!/usr/bin/env python3
"""Whether files are reports as docs/schema/scan-1.json publishes them.

usage: schema_check.py FILE...
Exit status 0: all are; 1: one is not, and where; 77: python3-jsonschema is not installed.
"""
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: the Debian package python3-jsonschema is not installed")
    sys.exit(77)

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema" / "scan-1.json"


def problems(validator, path):
    try:
        report = json.loads(pathlib.Path(path).read_bytes())
    except (OSError, ValueError) as error:
        return [str(error)]
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(report)]


def main(paths):
    if not paths:
        print(__doc__, file=sys.stderr)
        return 1
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    failed = False
    for path in paths:
        for problem in problems(validator, path):
            print(f"{path}: {problem}")
            failed = True
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
