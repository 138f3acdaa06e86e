"""What a swap costs: a request for one model while another is resident, to the first token. perch beside llama-server's router, llama-swap where
it is given, and the floor that no swap gets below, in turn; then what all workers hold together, and what a conversation costs whose model has
left and come back.

Python for the reason that the engine bench has: whoever is asked, the same code reads the answer.
"""

import argparse
import contextlib
import pathlib
import sys
import time
from collections import defaultdict

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(CHECKOUT / folder) for folder in ("bench/engine", "tests/reference", "tests/faults")]

import envelope
import models
import pages
from contestants import Floor, LlamaSwap, Model, Perch, Router
from holding import Holding
from peers import PeerFailure
from report import Report
from returning import Returning

MEASUREMENTS = ("swap", "memory", "return")
CONTEXT = 4096  # tokens, one slot: room for caches is cleared when it is made, so it is part of every load
# Of the conversation: what takes a minute or so to evaluate.
CONVERSATION = {"random-15mb": 8192, "random-300mb": 8192, "random-1200mb": 2048}
SHORT_CONVERSATION = 2048
SWAPS, SHORT_SWAPS = 200, 20
# As they follow each other; whatever else the daemon tells of comes behind.
PARTS = ("decide", "drain", "save", "exit", "release", "spawn", "read", "load", "init", "restore", "probe", "weights", "context", "decode", "total", "answer")


class Bench:
    """All measurements on two models of one size."""

    def __init__(self, name, options, report, skipped, errors):
        self.name, self.options, self.report, self.skipped, self.errors = name, options, report, skipped, errors
        self.programs = options.bin.resolve()
        maker = self.programs / "random_model"
        self.files = {each: models.path_of(each, maker) for each in (name, models.other(name))}
        self.size = name.removeprefix("random-")

    def run(self):
        megabytes = self.files[self.name].stat().st_size / 1e6
        for measurement in self.options.only or MEASUREMENTS:
            self.report.begin(f"{measurement}: {self.name} and another one of {megabytes:.0f} MB")
            try:
                {"swap": self.swap, "memory": self.memory, "return": self.conversation}[measurement]()
            except PeerFailure as failure:
                self.errors.append(f"{measurement}, {self.name}: {failure}")
                print(self.errors[-1])
            print()

    def models(self, context):
        return [Model(name, path, context) for name, path in self.files.items()]

    def add(self, name, what, samples, unit, regime, **tags):
        self.report.add(name, f"{self.size}, {what}", samples, unit, regime, size=self.size, **tags)

    # --- swaps ---

    def swap(self):
        pair = self.models(CONTEXT)
        with contextlib.ExitStack() as stack:
            contestants = [stack.enter_context(each) for each in self.contestants(pair)]
            for cache in self.options.cache or ("warm", "cold"):
                self.compare(contestants, pair, cache)

    def contestants(self, pair):
        yield Floor(self.programs, pair)
        yield Perch(self.programs, pair)
        if not self.options.peers:
            return
        if lack := Router.missing():
            self.skip(lack)
        else:
            yield Router(pair)
        if self.options.llama_swap:
            yield LlamaSwap(self.options.llama_swap, pair)
        else:
            self.skip("llama-swap: not given (--llama-swap PATH)")

    def skip(self, what):
        if what not in self.skipped:
            self.skipped.append(what)
            print(f"skipped: {what}")

    def compare(self, contestants, pair, cache):
        """Rows of trials, whichever was first in the row before being last in this."""
        for each in contestants:
            self.trial(each, pair, cache)  # once to warm up
        swaps, began, rows = defaultdict(list), time.monotonic(), 0
        while rows < self.options.pairs and (rows == 0 or time.monotonic() - began < self.options.limit):
            for each in contestants if rows % 2 == 0 else reversed(contestants):
                swaps[each.name] += self.trial(each, pair, cache)
            rows += 1
        self.tell(swaps, pair[0], cache)

    def trial(self, contestant, pair, cache):
        """There and back again."""
        first, second = pair
        contestant.hold(first)
        swaps = []
        for old, new in ((first, second), (second, first)):
            time.sleep(self.options.rest)
            (pages.drop if cache == "cold" else pages.fill)(new.path)
            swaps.append(contestant.swap(old, new))
        contestant.release(first)
        return swaps

    def tell(self, swaps, model, cache):
        regime = f"page cache {cache}, {CONTEXT} tokens of context, threads: {model.threads}"
        seconds = {name: [swap.seconds for swap in of] for name, of in swaps.items()}
        for name, samples in seconds.items():
            self.add("swap_time", f"{cache}: {name}", [1000 * each for each in samples], "ms", regime, cache=cache, peer=name)
        ours = seconds.pop(Perch.name)
        for name, theirs in seconds.items():
            ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
            raw = {f"{who}_ms": [round(1000 * each, 2) for each in of] for who, of in ((Perch.name, ours), (name, theirs))}
            self.add(f"swap_over_{name.replace('-', '_')}", f"{cache}: perch / {name}", ratios, "ratio", regime, cache=cache, raw=raw)
        for name in (Floor.name, Perch.name):
            for part in sorted(swaps[name][0].parts, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS)):
                samples = [1000 * swap.parts.get(part, 0.0) for swap in swaps[name]]
                self.add("swap_part", f"{cache}: {name}, {part}", samples, "ms", regime, cache=cache, peer=name, part=part)

    # --- memory ---

    def memory(self):
        held = Holding(self.programs, self.models(CONTEXT), self.options.swaps, self.options.limit)
        regime = f"{held.swaps} swaps; at most {held.most_workers} workers at once, one of them {held.largest_mib:.0f} MiB of its own"
        for counted, ratio in held.ratios.items():
            self.add("memory_sum_ratio", f"all workers / the largest, {counted}", [ratio], "ratio", regime, counted=counted, swaps=held.swaps,
                     workers=held.most_workers)
        self.add("wrong_tokens", "answers with other words", [held.wrong], "count", f"of {held.swaps}, after a swap each", of=held.swaps)

    # --- conversations ---

    def conversation(self):
        length = self.options.conversation or (SHORT_CONVERSATION if self.options.short else CONVERSATION.get(self.name, SHORT_CONVERSATION))
        returning, returns, began = Returning(self.programs, self.models(length + 512), length, self.options.rest), [], time.monotonic()
        while len(returns) < self.options.pairs and (not returns or time.monotonic() - began < self.options.limit):
            returns.append(returning.measure())
        regime = f"a second turn after {length} tokens"
        tags = {"conversation": length, "cached": returns[-1].cached}
        for name, what in (("cold", "nothing known of it, model ready"), ("kept", "the model never left"), ("returned", "left, and back")):
            self.add("second_turn_ttft", what, [1000 * getattr(each, name) for each in returns], "ms", regime, after=name, **tags)
        self.add("warm_return_ttft_ratio", "left, and back / nothing known", [each.returned / each.cold for each in returns], "ratio",
                 f"{regime}, of which {returns[-1].cached} were not evaluated again; the swap back is in it", **tags)
        self.add("wrong_tokens", "second turns with other words", [sum(each.wrong for each in returns)], "count",
                 f"of {len(returns)}, beside a run without a swap", of=len(returns))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="swap", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of the programs (deploy/bench gives it)")
    parser.add_argument("--short", action="store_true", help="the two smaller models, fewer repetitions")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--model", action="append", choices=models.SWAPPED, help="models of this size; may be repeated (default: all)")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="measure this; may be repeated (default: everything)")
    parser.add_argument("--cache", action="append", choices=("warm", "cold"), help="swaps with this page cache only")
    parser.add_argument("--llama-swap", type=pathlib.Path, metavar="PROGRAM", help="llama-swap, to be measured too")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="perch and the floor only")
    parser.add_argument("--pairs", type=int, help="trials of everybody, there and back (default: 7, or 2)")
    parser.add_argument("--swaps", type=int, help="while memory is watched (default: 200, or 20)")
    parser.add_argument("--conversation", type=int, metavar="TOKENS", help="its length (default: 8192, of the largest model and in the short form 2048)")
    parser.add_argument("--rest", type=float, default=0.3, metavar="SECONDS",
                        help="before each swap in which nobody asks: what is done then is done, as between two people's questions (default: 0.3)")
    parser.add_argument("--limit", type=float, default=90, metavar="SECONDS", help="after which a measurement takes no further sample (default: 90)")
    options = parser.parse_args()
    options.pairs = options.pairs or (2 if options.short else 7)
    options.swaps = options.swaps or (SHORT_SWAPS if options.short else SWAPS)
    return options


def main():
    options = parse_arguments()
    names = options.model or list(models.SWAPPED)[: 2 if options.short else None]
    report, skipped, errors = Report(), [], []
    for name in names:
        Bench(name, options, report, skipped, errors).run()
    if options.json:
        envelope.write(options.json, "ttft", ", ".join(names), report.results, errors, skipped)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
