"""The benchmark envelope, version 1: the JSON that the suite's and the benches' results are written as."""

import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

TRIGGERS = {"schedule", "pr", "workflow_dispatch", "local"}
SUITES = {"throughput", "ttft", "tool-calling", "code-accuracy", "framework-eval", "capability-comparison", "coding", "reasoning", "knowledge",
          "evalplus", "math-hard"}
TEXT, NUMBER, OBJECT, LIST = (str,), (int, float), (dict,), (list,)

# key: (types, required)
TOP = {"schema_version": (TEXT, True), "timestamp": (TEXT, True), "git_sha": (TEXT, True), "trigger": (TEXT, True), "suite": (TEXT, True),
       "model": (TEXT, True), "system": (OBJECT, True), "results": (LIST, True), "model_revision": (TEXT, False), "quantization": (TEXT, False),
       "skipped": ((bool, list, str), False), "seed": ((int,), False), "gen_kwargs": (OBJECT, False), "memory_snapshots": (LIST, False),
       "errors": (LIST, False)}
SYSTEM = {"os": (TEXT, True), "chip": (TEXT, True), "memory_gb": (NUMBER, True), "runner": (TEXT, False), "kernel": (TEXT, False)}
RESULT = {"name": (TEXT, True), "metric": (TEXT, True), "value": (NUMBER, True), "unit": (TEXT, True), "duration_seconds": (NUMBER, False),
          "tags": (OBJECT, False), "raw": ((dict, list, str, int, float), False)}
GEN_KWARGS = {"max_gen_toks": ((int,), False), "temperature": (NUMBER, False), "top_p": (NUMBER, False), "top_k": ((int,), False)}
SNAPSHOT = {"phase": (TEXT, True), "rss_gb": (NUMBER, True), "free_gb": (NUMBER, False), "wired_gb": (NUMBER, False), "swap_mb": (NUMBER, False)}


def _check_object(value, shape, where, problems):
    if not isinstance(value, dict):
        problems.append(f"{where} must be an object")
        return
    for key, (types, required) in shape.items():
        if key not in value:
            if required:
                problems.append(f"{where}/{key} is missing")
        # A bool is an int to Python, not to JSON.
        elif not isinstance(value[key], types) or (isinstance(value[key], bool) and bool not in types):
            problems.append(f"{where}/{key} has the wrong type")
    problems.extend(f"{where}/{key} is not a known key" for key in value.keys() - shape.keys())


def _check_list(items, shape, where, problems):
    for i, item in enumerate(items if isinstance(items, list) else []):
        _check_object(item, shape, f"{where}/{i}", problems)


def _check_time(text, problems):
    try:
        if datetime.datetime.fromisoformat(text).utcoffset() != datetime.timedelta(0):
            problems.append("/timestamp is not in UTC")
    except ValueError:
        problems.append("/timestamp is not ISO 8601")


def problems_of(envelope):
    """What is wrong with it, one sentence each; empty when it is valid."""
    problems = []
    _check_object(envelope, TOP, "", problems)
    if problems:
        return problems
    if envelope["schema_version"] != "1":
        problems.append("/schema_version must be \"1\"")
    if envelope["trigger"] not in TRIGGERS:
        problems.append(f"/trigger must be one of {sorted(TRIGGERS)}")
    if envelope["suite"] not in SUITES:
        problems.append(f"/suite must be one of {sorted(SUITES)}")
    _check_time(envelope["timestamp"], problems)
    _check_object(envelope["system"], SYSTEM, "/system", problems)
    _check_list(envelope["results"], RESULT, "/results", problems)
    _check_list(envelope.get("memory_snapshots"), SNAPSHOT, "/memory_snapshots", problems)
    if "gen_kwargs" in envelope:
        _check_object(envelope["gen_kwargs"], GEN_KWARGS, "/gen_kwargs", problems)
    for i, result in enumerate(envelope["results"]):
        tags = result.get("tags", {}) if isinstance(result, dict) else {}
        if isinstance(tags, dict) and not all(isinstance(value, str) for value in tags.values()):
            problems.append(f"/results/{i}/tags: every value must be a string")
    if not all(isinstance(error, str) for error in envelope.get("errors", [])):
        problems.append("/errors: every entry must be a string")
    return problems


def _first_match(path, key):
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            name, _, value = line.replace("=", ":", 1).partition(":")
            if name.strip() == key:
                return value.strip().strip('"')
    except OSError:
        pass
    return None


def system():
    return {"os": _first_match("/etc/os-release", "PRETTY_NAME") or platform.system(),
            "chip": _first_match("/proc/cpuinfo", "model name") or platform.machine(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            "kernel": platform.release()}


def git_sha(folder):
    found = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else "unknown"


def make(suite, model, results, errors=(), skipped=()):
    return {"schema_version": "1",
            "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "git_sha": git_sha(pathlib.Path(__file__).parent),
            "trigger": "local",
            "suite": suite,
            "model": model,
            "system": system(),
            "results": results,
            "errors": list(errors)} | ({"skipped": list(skipped)} if skipped else {})


def result(name, metric, value, unit, duration=None, raw=None, **tags):
    entry = {"name": name, "metric": metric, "value": value, "unit": unit}
    if duration is not None:
        entry["duration_seconds"] = round(duration, 3)
    if raw:
        entry["raw"] = raw
    if tags:
        entry["tags"] = {key: str(text) for key, text in tags.items()}
    return entry


def write(path, suite, model, results, errors=(), skipped=()):
    """Makes one, and writes it if it is valid; ValueError if not."""
    made = make(suite, model, results, errors, skipped)
    problems = problems_of(made)
    if problems:
        raise ValueError(f"not a valid envelope: {problems}")
    pathlib.Path(path).write_text(json.dumps(made, indent=2) + "\n")


if __name__ == "__main__":
    found = problems_of(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    print("\n".join(found) or "valid")
    sys.exit(1 if found else 0)
