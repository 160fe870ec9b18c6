#!/usr/bin/env python3
"""The golden bill of materials follows CycloneDX's own schema, and JUnit and the pages are well-formed.

usage: cdx_schema_test.py GOLDEN_FOLDER SCHEMA_FOLDER
"""
import json
import pathlib
import sys
import warnings
import xml.dom.minidom

golden, schemas = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
failed = 0
for path in sorted(golden.glob("*.xml")):
    xml.dom.minidom.parse(str(path))
for path in sorted(golden.glob("*.html")):
    text = path.read_text()
    for word in ("<img", "onerror=", "javascript:", "<a href=\"data"):
        if word in text:
            print(f"{path.name}: {word} got through")
            failed += 1
warnings.simplefilter("ignore")
try:
    from jsonschema import Draft7Validator, RefResolver
except ImportError:
    print("skipped: the Debian package python3-jsonschema is not installed")
    sys.exit(77)
if not (schemas / "bom-1.6.schema.json").exists():
    print("skipped: CycloneDX's schemas are not there (shared/data/vectors/sbom)")
    sys.exit(77)
schema = json.loads((schemas / "bom-1.6.schema.json").read_text())
base = "http://cyclonedx.org/schema/"
store = {base + n: json.loads((schemas / n).read_text()) for n in ("spdx.schema.json", "jsf-0.82.schema.json")}
validator = Draft7Validator(schema, resolver=RefResolver(base + "bom-1.6.schema.json", schema, store))
for path in sorted(golden.glob("*.cdx")):
    document = json.loads(path.read_text())
    for error in validator.iter_errors(document):
        print(f"{path.name}: {error.json_path}: {error.message[:200]}")
        failed += 1
    spoilt = dict(document, bomFormat="other")
    if validator.is_valid(spoilt):
        print("a document of another format was accepted: the check checks nothing")
        failed += 1
print("all valid" if not failed else f"{failed} failed")
sys.exit(1 if failed else 0)
