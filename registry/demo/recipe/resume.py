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

from model import CONFIGS, Model
from muon import Optimizer
from tokenizer import CONTROL, MARKS


def half_split(weight, heads):
    """The inverse of export.pairwise."""
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def weights(c, t):
    """The file's tensors under the names of model.py."""
    yield "embed.weight", t["token_embd.weight"]
    yield "norm.weight", t["output_norm.weight"]
    for i in range(c.layers):
        here, there = f"blocks.{i}.", f"blk.{i}."
        q, k = t[there + "attn_q.weight"], t[there + "attn_k.weight"]
        if not c.experts:
            q, k = half_split(q, c.heads), half_split(k, c.kv_heads)
        yield here + "attn.q.weight", q
        yield here + "attn.k.weight", k
        yield here + "attn.v.weight", t[there + "attn_v.weight"]
        yield here + "attn.o.weight", t[there + "attn_output.weight"]
        yield here + "attn_norm.weight", t[there + "attn_norm.weight"]
        yield here + "ffn_norm.weight", t[there + "ffn_norm.weight"]
        if not c.experts:
            for n in ("gate", "up", "down"):
                yield f"{here}ffn.{n}.weight", t[f"{there}ffn_{n}.weight"]
            continue
        yield here + "attn.q_norm.weight", t[there + "attn_q_norm.weight"]
        yield here + "attn.k_norm.weight", t[there + "attn_k_norm.weight"]
        yield here + "ffn.router.weight", t[there + "ffn_gate_inp.weight"]
        for n in ("gate", "up"):
            yield f"{here}ffn.{n}.weight", t[f"{there}ffn_{n}_exps.weight"].reshape(-1, c.width)
        yield here + "ffn.down.weight", t[there + "ffn_down_exps.weight"].swapaxes(0, 1).reshape(c.width, -1)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("file", type=pathlib.Path)
    args = args.parse_args()
    file = gguf.GGUFReader(args.file)
    c = CONFIGS[file.get_field("general.basename").contents()]
    found = dict(weights(c, {t.name: dequantize(t.data, t.tensor_type) for t in file.tensors}))
    opt = Optimizer(Model(c))
    opt.master = [torch.from_numpy(found[n].copy()).view_as(m) for n, m in zip(opt.names, opt.master)]
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": c.name, "state": opt.state(), "seconds": 0.0, "tokens": 0}, args.out / f"{c.name}.gguf.pt")
    texts = file.get_field("tokenizer.ggml.tokens").contents()
    (args.out / "tokenizer.json").write_text(json.dumps(texts[len(CONTROL) + len(MARKS) + 256:], ensure_ascii=False))
    print(f"{c.name}: {len(found)} tensors, {len(texts)} tokens")


if __name__ == "__main__":
    main()
