#!/usr/bin/env python3
"""Holds the grammars against the JSON Schema test suite: suite.py PROBE REFUSED [--write] [--random N]

For every schema of the suite that gets a grammar, 50 texts generated from it must be valid (python3-jsonschema judges, formats included)
and none of the suite's invalid instances may be derived. The schemas that are refused, and why, must be those of the file REFUSED;
--write writes it anew. Then the same for N random schemas, whose refusals are only counted.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema

from random_schemas import VALUES, random_schema

SUITE = pathlib.Path("/usr/share/json-schema-test-suite/tests")
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


def random_groups(count):
    for seed in range(count):
        schema = random_schema(seed)
        validator = jsonschema.Draft202012Validator
        try:
            tests = [{"data": data, "valid": validator(schema).is_valid(data)} for data in VALUES]
        except RecursionError:  # refers to itself without end: to be refused, or its texts will say so
            tests = []
        yield f"random schema {seed}", {"schema": schema, "tests": tests}, validator


class Probe:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else sys.exit("the probe ended")


class Trial:
    """What became of a number of schemas."""

    def __init__(self, probe, count):
        self.probe, self.count = probe, count
        self.refused, self.failures = [], []
        self.accepted = self.generated = self.invalid = self.valid = self.valid_derived = 0

    def hold(self, name, group, validator):
        invalid = {text for test in group["tests"] if not test["valid"] for text in spellings(test["data"])}
        valid = [spellings(test["data"]) for test in group["tests"] if test["valid"]]
        answer = self.probe.ask({"schema": group["schema"], "texts": sorted(invalid.union(*valid)), "count": self.count})
        if "refused" in answer:
            self.refused.append(f"{name}\n    {answer['refused']}\n")
            return
        if "broken" in answer:
            self.failures.append(f"{name}\n  {json.dumps(group['schema'])}\n  {answer['broken']}")
            return
        self.accepted += 1
        judge = validator(group["schema"], format_checker=validator.FORMAT_CHECKER)
        for text in answer["generated"]:
            self.generated += 1
            if why := self.why_not(judge, text):
                self.failures.append(f"{name}\n  {json.dumps(group['schema'])}\n  generated {text}\n  {why}")
                break
        derived = set(answer["derived"])
        self.invalid += len(invalid)
        for text in sorted(invalid & derived):
            self.failures.append(f"{name}\n  {json.dumps(group['schema'])}\n  derives the invalid {text}")
        self.valid += len(valid)
        self.valid_derived += sum(1 for texts in valid if texts & derived)

    @staticmethod
    def why_not(judge, text):
        try:
            error = jsonschema.exceptions.best_match(judge.iter_errors(json.loads(text)))
        except RecursionError:  # the judge follows references that other keywords have made moot
            return None
        except Exception as exception:  # not JSON, or the judge gave up
            return repr(exception)
        return error and str(error).splitlines()[0]

    def __str__(self):
        return (f"{self.accepted} schemas accepted, {len(self.refused)} refused; {self.generated} generated texts judged, "
                f"{self.invalid} invalid texts tried; {self.valid_derived} of {self.valid} valid instances derived")


def main():
    probe, refused_file = Probe(sys.argv[1]), pathlib.Path(sys.argv[2])
    suite = Trial(probe, 50)
    for group in groups():
        suite.hold(*group)
    text = "".join(suite.refused)
    if "--write" in sys.argv:
        refused_file.write_text(text)
    elif refused_file.read_text() != text:
        suite.failures.append(f"what is refused has changed: compare {refused_file} with what --write makes of it")

    rest = Trial(probe, 10)
    for group in random_groups(int(sys.argv[sys.argv.index("--random") + 1]) if "--random" in sys.argv else 0):
        rest.hold(*group)

    failures = suite.failures + rest.failures
    print("\n".join(failures[:20]))
    print(f"suite: {suite}\nrandom: {rest}\n{len(failures)} failures")
    sys.exit(1 if failures or suite.accepted == 0 else 0)


main()
