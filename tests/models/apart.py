"""Keeps the questions of the development and the held-out set out of a training corpus: equal user texts, and equal wordings with
other words in their slots (letters, digits, + and * only, lower case).

  python3 apart.py [conversations]     how much of what the generator says is left out for it
"""

import importlib
import json
import pathlib
import random
import re
import sys

SETS = ("development", "held_out")
HERE = pathlib.Path(__file__).resolve().parent


def bare(text):
    return re.sub(r"[^a-z0-9+*]", "", text.lower())


def wordings(value):
    """Every string with a slot in it, however deep."""
    if isinstance(value, str):
        yield from [value] if "{" in value else []
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from wordings(v)


def pattern(wording):
    """What the wording matches with anything in its slots, or nothing where too little of it is left to tell."""
    parts = re.split(r"\{(\w+)\}", wording)
    if len(bare("".join(parts[::2]))) <= 4:
        return None
    # A slot may not swallow half a sentence, and a number is a number.
    return "".join(("[0-9]+" if part in "ab" else ".{1,30}") if i % 2 else re.escape(bare(part)) for i, part in enumerate(parts))


class Apart:
    def __init__(self):
        sys.path.insert(0, str(HERE))
        # A whole history is one question: "And Peru?" alone says nothing about where it was asked.
        self.questions, patterns = set(), set()
        for name in SETS:
            for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
                item = json.loads(line)
                if len(item["messages"]) == 1 or item["messages"][0]["role"] == "system":
                    self.questions.add((bare(item["messages"][-1]["content"]), bool(item.get("tools"))))
            for part in ("words", "tools"):
                for constant, value in vars(importlib.import_module(f"{name}_{part}")).items():
                    if constant.isupper() and constant != "RESULTS":
                        patterns |= {pattern(wording) for wording in wordings(value)} - {None}
        self.any_wording = re.compile("|".join(f"(?:{p})" for p in sorted(patterns)))

    def asked(self, turns, tools):
        """Whether a conversation asks something that the sets ask."""
        texts = [bare(turn["content"]) for turn in turns if turn["role"] == "user"]
        return any((text, bool(tools)) in self.questions or self.any_wording.fullmatch(text) for text in texts)


def main():
    sys.path.insert(0, str(HERE.parents[1] / "registry/demo/recipe"))
    from mixture import conversations
    apart, count = Apart(), int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    left_out = sum(apart.asked(*conversation) for conversation in conversations(random.Random(77), "Sparrow", count))
    print(f"{left_out} of {count} conversations ask what a set asks")


if __name__ == "__main__":
    main()
