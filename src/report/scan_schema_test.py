#!/usr/bin/env python3
"""Every golden JSON report follows docs/schema/scan-1.json, and the schema refuses what is none.

usage: scan_schema_test.py SCHEMA GOLDEN_FOLDER
"""
import copy
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: the Debian package python3-jsonschema is not installed")
    sys.exit(77)


def spoil(report):
    """Reports that differ in one thing from a right one."""

    def changed(what, change):
        spoilt = copy.deepcopy(report)
        change(spoilt)
        return what, spoilt

    yield changed("another schema_version", lambda r: r.update(schema_version=2))
    for key in report:
        yield changed("no " + key, lambda r, key=key: r.pop(key))
    yield changed("an unknown member", lambda r: r.update(more=1))
    yield changed("a digest that is none", lambda r: r["image"].update(digest="sha256:12"))
    yield changed("a deny without a reason", lambda r: r["verdict"].update(reasons=[]))
    yield changed("an allow with reasons", lambda r: r["verdict"].update(verdict="allow"))
    yield changed("a verdict of another kind", lambda r: r["verdict"].update(verdict="maybe"))
    yield changed("a time without zone", lambda r: r["database"].update(built="2026-11-20T00:00:00"))
    yield changed("a negative count", lambda r: r["counts"].update(high=-1))
    yield changed("a score above ten", lambda r: r["findings"][0].update(score=10.1))
    yield changed("a finding without its component", lambda r: r["findings"][0].pop("component"))
    yield changed("another severity", lambda r: r["findings"][0].update(severity="HIGH"))
    yield changed("a component without purl", lambda r: r["components"][0].pop("purl"))
    yield changed("a layer numbered from 0", lambda r: r["image"]["layers"][0].update(number=0))
    yield changed("another tool", lambda r: r["tool"].update(name="other"))
    yield changed("an exception without its sentence", lambda r: r["verdict"]["ignores"][0].pop("text"))
    yield changed("a step's reason without its step", lambda r: r["verdict"]["reasons"][0].pop("step"))
    yield changed("a layer numbered from 0", lambda r: r["image"]["layers"][0].update(number=0))
    yield changed("another tool", lambda r: r["tool"].update(name="other"))
    yield changed("an exception without its sentence", lambda r: r["verdict"]["ignores"][0].pop("text"))
    yield changed("an exception of an unknown state", lambda r: r["verdict"]["ignores"][0].update(state="old"))
    ignore = next(i for i, x in enumerate(report["verdict"]["reasons"]) if x["kind"] == "ignore")
    yield changed("an expired one's reason without it", lambda r: r["verdict"]["reasons"][ignore].pop("ignore"))
    yield changed("a step's reason with a finding", lambda r: r["verdict"]["reasons"][0].update(finding=0))


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    failed = 0
    reports = sorted(p for p in pathlib.Path(sys.argv[2]).glob("*.json") if p.name.count(".") == 1)  # not NAME.sarif.json
    for path in reports:
        for error in validator.iter_errors(json.loads(path.read_text())):
            print(f"{path.name}: {error.json_path}: {error.message}")
            failed += 1
    spoilt = list(spoil(json.loads((pathlib.Path(sys.argv[2]) / "full.json").read_text())))
    for what, report in spoilt:
        if validator.is_valid(report):
            print(f"accepted: {what}")
            failed += 1
    print(f"{len(reports)} reports follow the schema, {len(spoilt)} spoilt ones refused" if not failed else f"{failed} failed")
    return 1 if failed or not reports else 0


sys.exit(main())
