"""Train one model on its corpus for a given time on one thread.

  python3 train.py OUT_DIR sparrow|wren --minutes 35 [--corpus NAME] [--start CHECKPOINT] [--peak 1.0] [--save NAME]

The schedule follows the clock and not the step count, because the machine may be shared: warm-up, constant, then linear to zero
over the last part. A checkpoint is written every two minutes; the same command goes on from it.
"""

import argparse
import pathlib
import time

import numpy
import torch
import torch.nn.functional as F

from model import CONFIGS, Model
from muon import Optimizer

MICRO = 2048        # tokens in one pass: the activations of one layer stay in the cache
PASSES = 4          # passes in one optimizer step
BUCKET = 32


class Batches:
    """Whole conversations, each from position 0, grouped by length so that little is padded."""

    def __init__(self, path, seed):
        data = numpy.load(path)
        self.tokens, self.weights, self.ends = data["tokens"], data["weights"], data["ends"]
        self.starts = numpy.concatenate(([0], self.ends[:-1]))
        self.rng = numpy.random.default_rng(seed)

    def forever(self):
        lengths = self.ends - self.starts
        rooms = (lengths + BUCKET - 1) // BUCKET * BUCKET
        while True:
            groups = []
            for room in numpy.unique(rooms):
                members = self.rng.permutation(numpy.flatnonzero(rooms == room))
                size = max(1, MICRO // int(room))
                groups += [(int(room), members[i:i + size]) for i in range(0, len(members), size)]
            for g in self.rng.permutation(len(groups)):
                yield self.batch(*groups[g])

    def batch(self, room, members):
        x = numpy.zeros((len(members), room), numpy.int64)
        w = numpy.zeros((len(members), room), numpy.float32)
        for row, m in enumerate(members):
            s, e = self.starts[m], self.ends[m]
            x[row, :e - s], w[row, :e - s] = self.tokens[s:e], self.weights[s:e]
        return torch.from_numpy(x), torch.from_numpy(w[:, 1:]) / 10


def losses(model, x, w):
    h, balance = model.hidden(x[:, :-1])
    logits = (h.reshape(-1, h.shape[-1]) @ model.embed.weight.T).float()
    each = F.cross_entropy(logits, x[:, 1:].reshape(-1), reduction="none")
    return each, w.reshape(-1), balance


def schedule(done, warm, hold):
    return min(1.0, done / warm if warm else 1.0, (1 - done) / (1 - hold))


def faster_type():
    """bfloat16 is twice as fast as float32 on some processors and half as fast on others."""
    took = {}
    for kind in (torch.bfloat16, torch.float32):
        a, b = torch.randn(2048, 256).to(kind), torch.randn(256, 768).to(kind)
        a @ b
        begin = time.monotonic()
        for _ in range(20):
            a @ b
        took[kind] = time.monotonic() - begin
    kind = min(took, key=took.get)
    print(f"computing in {kind}", flush=True)
    return kind


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("model", choices=list(CONFIGS))
    args.add_argument("--minutes", type=float, default=35)
    args.add_argument("--corpus")
    args.add_argument("--start", help="begin with the weights of this checkpoint")
    args.add_argument("--save")
    args.add_argument("--peak", type=float, default=1.0)
    args.add_argument("--hold", type=float, default=0.6, help="share of the time before the rate falls")
    args.add_argument("--four-bits", type=float, default=0.7,
                      help="share of the time after which every second step trains rounded weights")
    args.add_argument("--seed", type=int, default=1)
    args = args.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    model = Model(CONFIGS[args.model]).to(faster_type())
    opt = Optimizer(model)
    saved = args.out / f"{args.save or args.model}.pt"
    seconds, tokens = 0.0, 0
    if saved.exists():
        old = torch.load(saved, weights_only=False)
        opt.load(old["state"])
        seconds, tokens = old["seconds"], old["tokens"]
    elif args.start:
        opt.load(torch.load(args.out / args.start, weights_only=False)["state"])
    batches = Batches(args.out / f"{args.corpus or args.model}.npz", args.seed + opt.count).forever()

    def save():
        torch.save({"model": args.model, "state": opt.state(), "seconds": seconds, "tokens": tokens}, str(saved) + ".new")
        pathlib.Path(str(saved) + ".new").replace(saved)

    clock, kept, shown = time.monotonic(), time.monotonic(), []
    while seconds < args.minutes * 60:
        done = seconds / (args.minutes * 60)
        group = [next(batches) for _ in range(PASSES)]
        norm = sum(w.sum() for _, w in group)
        said = count = 0.0
        for x, w in group:
            each, weight, balance = losses(model, x, w)
            ((each * weight).sum() / norm + 0.01 * balance / PASSES).backward()
            answered = weight > 0.5
            said, count = said + each.detach()[answered].sum().item(), count + answered.sum().item()
            tokens += int((x > 0).sum())
        opt.step(args.peak * schedule(done, 0.02, args.hold), args.model == "sparrow" and done > args.four_bits
                 and opt.count % 2 == 0)
        shown.append(said / max(count, 1))
        now = time.monotonic()
        seconds, clock = seconds + now - clock, now
        if opt.count % 50 == 0:
            print(f"{opt.count} steps, {seconds / 60:.1f} min, {tokens / 1e6:.2f} M tokens, {tokens / seconds:.0f}/s: {sum(shown) / len(shown):.4f}",
                  flush=True)
            shown = []
        if now - kept > 120:
            save()
            kept = now
    save()


if __name__ == "__main__":
    main()
