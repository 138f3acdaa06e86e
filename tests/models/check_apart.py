"""Is any question of the development or the held-out set in the training corpus? Generates conversations with another seed and looks for
equal user texts and for equal wordings with other words in their slots (letters, digits, + and * only, lower case). Prints what it
finds; exit status 1 if there is anything.

  python3 check_apart.py [conversations]
"""

import importlib
import json
import pathlib
import random
import re
import sys

SETS = ("development", "held_out")
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "registry/demo/recipe"))
from mixture import conversations  # noqa: E402


def bare(text):
    return re.sub(r"[^a-z0-9+*]", "", text.lower())


items = [{**json.loads(line), "set": name} for name in SETS for line in (HERE / f"{name}.jsonl").read_text(
    encoding="utf-8").splitlines()]
# A whole history is one question: "And Peru?" alone says nothing about where it was asked.
wanted = {}
for item in items:
    if len(item["messages"]) == 1 or item["messages"][0]["role"] == "system":
        wanted.setdefault((bare(item["messages"][-1]["content"]), bool(item.get("tools"))), item)


def templates(value):
    """Every string with a slot in it, however deep."""
    if isinstance(value, str):
        yield from [value] if "{" in value else []
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from templates(v)


frames = {}
for where, part in ((name, part) for name in SETS for part in ("words", "tools")):
    for name, value in vars(importlib.import_module(f"{where}_{part}")).items():
        if name.isupper() and name != "RESULTS":
            for text in templates(value):
                # A slot may not swallow half a sentence, and a number is a number.
                parts = re.split(r"\{(\w+)\}", text)
                if len(bare("".join(parts[::2]))) > 4:
                    frames["".join(("[0-9]+" if part in "ab" else ".{1,30}") if i % 2 else re.escape(bare(part)) for i,
                        part in enumerate(parts))] = where, text
any_frame = re.compile("|".join(f"(?:{f})" for f in frames))
same_frame = {}
found = {}
for turns, tools in conversations(random.Random(77), "Sparrow", int(sys.argv[1]) if len(sys.argv) > 1 else 100000):
    for turn in turns:
        if turn["role"] == "user" and (bare(turn["content"]), bool(tools)) in wanted:
            found[bare(turn["content"]), bool(tools)] = turn["content"]
        if turn["role"] == "user" and any_frame.fullmatch(bare(turn["content"])):
            for frame, text in frames.items():
                if re.fullmatch(frame, bare(turn["content"])):
                    same_frame.setdefault(text, turn["content"])
for key in found:
    print(wanted[key]["set"], wanted[key]["id"], "|", wanted[key]["messages"][-1]["content"], "|", found[key])
for (where, text), said in same_frame.items():
    print(where, "|", text, "|", said)
for name in SETS:
    print(f"{name}: {sum(where == name for where, _ in same_frame)} of {sum(where == name for where, _ in frames.values())} wordings also "
        f"occur in the corpus, {sum(wanted[key]['set'] == name for key in found)} of {sum(i['set'] == name for i in items)} questions")
sys.exit(bool(found or same_frame))
