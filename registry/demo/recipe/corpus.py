"""The corpus: a seeded mixture of the topics, rendered and tokenised.

  python3 corpus.py OUT_DIR sparrow|wren --tokens 20000000 --seed 1 [--name NAME]
writes NAME.npz: all tokens, their weights and the offsets of the conversations. Conversations that ask what the evaluation sets ask are
left out.
"""

import argparse
import pathlib
import random
import sys

import numpy

from mixture import TOOLS_SHARE, conversations
from render import pieces
from tokenizer import Tokenizer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests/models"))
from apart import Apart  # noqa: E402

LONGEST = 800


def encode(tokenizer, parts):
    tokens, weights = [], []
    for part, weight in parts:
        ids = tokenizer.encode(part)
        tokens += ids
        weights += [abs(weight)] * len(ids)
        if weight < 0 and ids:
            weights[-len(ids)] = 0
    return tokens, weights


def shorter(turns):
    """Without the last question and what followed it; nothing when it was the only one."""
    asked = [i for i, t in enumerate(turns) if t["role"] == "user"]
    return turns[:asked[-1]] if len(asked) > 1 else []


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out")
    args.add_argument("model", choices=["sparrow", "wren"])
    args.add_argument("--tokens", type=int, default=20_000_000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--name")
    args.add_argument("--tools-share", type=float, default=TOOLS_SHARE, help="share of conversations with tools")
    args = args.parse_args()
    tokenizer, rng, me = Tokenizer.load(args.out), random.Random(args.seed), args.model.capitalize()
    tokens, weights, ends = numpy.empty(args.tokens + 2048, numpy.uint16), numpy.empty(args.tokens + 2048,
        numpy.uint8), []
    total, apart = 0, Apart()
    while total < args.tokens:
        for turns, tool_list in conversations(rng, me, 1000, args.tools_share):
            if apart.asked(turns, tool_list):
                continue
            thinking = None if args.model == "sparrow" else rng.choices([True, "all", False], [55, 35, 10])[0]
            ids = None
            while turns and (ids is None or len(ids) > LONGEST):
                ids, w = encode(tokenizer, pieces(rng, turns, tool_list, thinking))
                turns = shorter(turns)
            if len(ids) > LONGEST or total >= args.tokens:
                continue
            tokens[total:total + len(ids)], weights[total:total + len(ids)] = ids, w
            total += len(ids)
            ends.append(total)
    out = pathlib.Path(args.out) / f"{args.name or args.model}.npz"
    numpy.savez(out, tokens=tokens[:total], weights=weights[:total], ends=numpy.array(ends, numpy.int64))
    print(f"{out.name}: {len(ends)} conversations, {total} tokens, {total / len(ends):.0f} on average")


if __name__ == "__main__":
    main()
