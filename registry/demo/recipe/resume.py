"""Turn a shipped q8_0 GGUF back into a checkpoint and the tokenizer's file, so that training can go on from it.

  python3 resume.py OUT_DIR ../wren-q8_0.gguf -> OUT_DIR/wren.gguf.pt, OUT_DIR/tokenizer.json

What eight bits and the optimizer's momentum lose comes back in the first minute of training.
"""

import argparse
import json
import pathlib

import gguf
import torch
from gguf.quants import dequantize

from layout import layout
from model import CONFIGS, Model
from muon import Optimizer
from tokenizer import CONTROL, MARKS


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("file", type=pathlib.Path)
    args = args.parse_args()
    file = gguf.GGUFReader(args.file)
    c = CONFIGS[file.get_field("general.basename").contents()]
    tensors = {t.name: dequantize(t.data, t.tensor_type) for t in file.tensors}
    found = {ours: back(tensors[theirs]) for ours, theirs, _, back in layout(c)}
    opt = Optimizer(Model(c))
    opt.master = [torch.from_numpy(found[n].copy()).view_as(m) for n, m in zip(opt.names, opt.master)]
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": c.name, "state": opt.state(), "seconds": 0.0, "tokens": 0}, args.out / f"{c.name}.gguf.pt")
    texts = file.get_field("tokenizer.ggml.tokens").contents()
    (args.out / "tokenizer.json").write_text(json.dumps(texts[len(CONTROL) + len(MARKS) + 256:], ensure_ascii=False))
    print(f"{c.name}: {len(found)} tensors, {len(texts)} tokens")


if __name__ == "__main__":
    main()
