#!/usr/bin/env python3
"""Holds the grammars against the JSON Schema test suite: suite.py PROBE REFUSED [--write]

For every schema of the suite that gets a grammar, 50 texts generated from it must be valid (python3-jsonschema judges, formats included)
and none of the suite's invalid instances may be derived. The schemas that are refused, and why, must be those of the file REFUSED;
--write writes it anew.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema

SUITE = pathlib.Path("/usr/share/json-schema-test-suite/tests")
COUNT = 50
DRAFTS = {"draft4": jsonschema.Draft4Validator, "draft6": jsonschema.Draft6Validator, "draft7": jsonschema.Draft7Validator}


def spellings(instance):
    """Ways in which a model may write it."""
    return {
        json.dumps(instance, ensure_ascii=False, separators=(",", ":")),
        json.dumps(instance, ensure_ascii=False),
        json.dumps(instance, ensure_ascii=False, indent=2),
        json.dumps(instance),
    }


def groups():
    """Each schema of the suite once, with all its instances."""
    seen = set()
    for draft, validator in DRAFTS.items():
        for path in sorted((SUITE / draft).rglob("*.json")):
            for group in json.loads(path.read_text()):
                key = json.dumps([group["schema"], [test["data"] for test in group["tests"]]])
                if key in seen:
                    continue
                seen.add(key)
                yield f"{path.relative_to(SUITE).with_suffix('')}: {group['description']}", group, validator


def main():
    probe, refused_file = sys.argv[1], pathlib.Path(sys.argv[2])
    process = subprocess.Popen([probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    refused, failures = [], []
    counts = dict(accepted=0, generated=0, negatives=0, positives=0, positives_derived=0)
    for name, group, validator in groups():
        invalid = {text for test in group["tests"] if not test["valid"] for text in spellings(test["data"])}
        valid = [spellings(test["data"]) for test in group["tests"] if test["valid"]]
        request = {"schema": group["schema"], "texts": sorted(invalid.union(*valid)), "count": COUNT}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        answer = json.loads(line) if line else {"broken": "the probe ended"}
        if "broken" in answer:
            failures.append(f"{name}: {answer['broken']}")
            if not line:
                break
            continue
        if "refused" in answer:
            refused.append(f"{name}\n    {answer['refused']}\n")
            continue
        counts["accepted"] += 1
        judge = validator(group["schema"], format_checker=validator.FORMAT_CHECKER)
        for text in answer["generated"]:
            counts["generated"] += 1
            try:
                error = jsonschema.exceptions.best_match(judge.iter_errors(json.loads(text)))
            except Exception as exception:  # not JSON, or the judge gave up
                error = repr(exception)
            if error:
                failures.append(f"{name}\n  {json.dumps(group['schema'])}\n  generated {text}\n  {str(error).splitlines()[0]}")
                break
        derived = set(answer["derived"])
        counts["negatives"] += len(invalid)
        for text in sorted(invalid & derived):
            failures.append(f"{name}\n  {json.dumps(group['schema'])}\n  derives the invalid {text}")
        counts["positives"] += len(valid)
        counts["positives_derived"] += sum(1 for texts in valid if texts & derived)
    process.stdin.close()
    process.wait()

    text = "".join(refused)
    if "--write" in sys.argv:
        refused_file.write_text(text)
    elif refused_file.read_text() != text:
        failures.append(f"what is refused has changed: compare {refused_file} with what --write makes of it")
    print("\n".join(failures[:20]))
    print(f"{counts['accepted']} schemas accepted, {len(refused)} refused; {counts['generated']} generated texts judged, "
          f"{counts['negatives']} invalid texts tried; {counts['positives_derived']} of {counts['positives']} valid instances derived")
    print(f"{len(failures)} failures")
    sys.exit(1 if failures or counts["accepted"] == 0 else 0)


main()
