"""A small byte-fallback BPE in the form that GGUF calls "llama" (SPM).

Merges never cross the border between letters, digits, spaces, line ends and punctuation; a digit, a space and a line end is
always a token of its own. So a word is cut the same way after a space, after a quote and at the start of a line, which makes
copying a word the model has never seen a plain copy of tokens.

  python3 tokenizer.py OUT_DIR [--vocab 768] [--sample 30000]
"""

import argparse
import json
import pathlib
import re
from collections import Counter

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKS = ["<think>", "</think>", "<tool_call>", "</tool_call>", "<tools>", "</tools>", "<tool_response>",
         "</tool_response>"]
SPACE = "\u2581"
RUN = re.compile(r"[A-Za-z]+|[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]+|[^A-Za-z\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]")
SPECIAL = re.compile("(" + "|".join(re.escape(s) for s in CONTROL + MARKS) + ")")


class Tokenizer:
    def __init__(self, pieces):
        """pieces: the learnt tokens in order of rank, single characters first."""
        self.texts = CONTROL + MARKS + [f"<0x{b:02X}>" for b in range(256)] + pieces
        self.ids = {t: i for i, t in enumerate(self.texts)}
        self.byte0 = len(CONTROL) + len(MARKS)
        self.first_piece = self.byte0 + 256
        self.pad, self.start, self.end = 0, 1, 2
        self.cache = {}

    @staticmethod
    def load(folder):
        return Tokenizer(json.loads((pathlib.Path(folder) / "tokenizer.json").read_text()))

    def run(self, text):
        """One run of characters of the same class; the lowest rank merges first, the leftmost of equals."""
        if text in self.cache:
            return self.cache[text]
        parts = [SPACE if c == " " else c for c in text]
        while len(parts) > 1:
            best = min(((self.ids.get(a + b, 1 << 30), i) for i, (a, b) in enumerate(zip(parts, parts[1:]))))
            if best[0] == 1 << 30:
                break
            parts[best[1]:best[1] + 2] = [parts[best[1]] + parts[best[1] + 1]]
        out = []
        for p in parts:
            out += [self.ids[p]] if p in self.ids else [self.byte0 + b for b in p.encode()]
        if len(self.cache) < 400000:
            self.cache[text] = out
        return out

    def encode(self, text):
        out = []
        for part in SPECIAL.split(text):
            if part in self.ids and part[:1] == "<" and part:
                out.append(self.ids[part])
            else:
                for run in RUN.findall(part):
                    out += self.run(run)
        return out

    def decode(self, ids):
        raw = b""
        for i in ids:
            raw += bytes([i - self.byte0]) if self.byte0 <= i < self.first_piece else self.texts[i].replace(SPACE,
                " ").encode()
        return raw.decode("utf-8", "replace")


def train(counts, size):
    """counts: how often each run occurs. Returns the pieces: all printable ASCII characters, then the merges."""
    pieces = [SPACE] + [chr(c) for c in range(0x21, 0x7f)]
    words = {w: list(w) for w in counts}
    while len(pieces) < size:
        pairs = Counter()
        for w, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[w]
        (a, b), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        pieces.append(a + b)
        for w, parts in words.items():
            i = 0
            while i < len(parts) - 1:
                if parts[i] == a and parts[i + 1] == b:
                    parts[i:i + 2] = [a + b]
                i += 1
    return pieces


def main():
    from mixture import conversations
    from render import pieces as render
    import random
    args = argparse.ArgumentParser()
    args.add_argument("out")
    args.add_argument("--vocab", type=int, default=768)
    args.add_argument("--sample", type=int, default=30000)
    args = args.parse_args()
    rng, counts = random.Random(1), Counter()
    for turns, tools in conversations(rng, "Wren", args.sample):
        whole = "".join(t for t, _ in render(rng, turns, tools, True))
        for part in SPECIAL.split(whole):
            if not SPECIAL.fullmatch(part):
                counts.update(r for r in RUN.findall(part) if len(r) > 1)
    common = {w: n for w, n in counts.most_common(6000)}
    pieces = train(common, args.vocab - len(CONTROL) - len(MARKS) - 256)
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(pieces, ensure_ascii=False))
    print(len(pieces), "pieces:", " ".join(pieces[95:]))


if __name__ == "__main__":
    main()
