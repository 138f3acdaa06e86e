"""perch-worker against llama-server on the same file with the same settings, in turn, and against llama-bench.

Python and not a verb of perch-bench because it drives the peers of tests/reference, which are Python for the sake of the tests there. Both
peers are read by the same code in one process, so what reading costs is the same for both.
"""

import argparse
import os
import pathlib
import sys
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(CHECKOUT / "tests" / "reference"), str(CHECKOUT / "tests" / "faults")]

import envelope
import measures
import models
from peers import LlamaServer, PeerFailure, Settings, Worker
from report import Report

STREAMS = (1, 4, 16)
SHORT_CONTEXT, LONG_CONTEXT = ("decode", "overhead"), ("prefill", "second_turns")
SKIPPED = 77


class Bench:
    """All measurements on one model. A measurement takes pairs of samples until there are enough, or its share of the time is used up."""

    def __init__(self, name, path, options, report):
        self.name, self.path, self.options, self.report = name, path, options, report
        self.pairs = 3 if options.short else 7
        self.tokens = 32 if options.short else 96
        self.long_prompt = options.long_prompt
        # Enough to outlast the prompt when every 64 tokens of it are followed by one of the running stream.
        self.running_tokens = self.long_prompt // 64 + 40

    def run(self):
        # Two starts, since sixteen caches for long prompts would not fit beside each other.
        if self.wants(*SHORT_CONTEXT):
            with self.both(parallel=max(STREAMS), context=512) as peers:
                if self.wants("decode"):
                    for streams in STREAMS:
                        self.decode(*peers, streams)
                if self.wants("overhead"):
                    self.overhead(*peers)
        if self.wants(*LONG_CONTEXT):
            with self.both(parallel=2, context=self.long_prompt + 1024) as peers:
                if self.wants("prefill"):
                    self.prefill(*peers)
                if self.wants("second_turns"):
                    self.gaps(*peers, self.second_turns(*peers))

    def wants(self, *measurements):
        return not self.options.only or any(each in self.options.only for each in measurements)

    def both(self, **settings):
        self.settings = Settings(threads=self.options.threads, **settings)
        return Both(Worker(self.path, self.settings), LlamaServer(self.path, self.settings))

    def in_turn(self, *measurements):
        """Rows of samples, one of each measurement, whichever was first in the row before being last in this."""
        rows, began = [], time.monotonic()
        for measurement in measurements:
            measurement()  # once to warm up
        while len(rows) < self.pairs and (len(rows) < 2 or time.monotonic() - began < self.options.limit):
            order = list(enumerate(measurements))
            row = {i: measure() for i, measure in (order if len(rows) % 2 == 0 else reversed(order))}
            rows.append([row[i] for i in range(len(measurements))])
        return rows

    def add(self, name, what, samples, unit, regime, **tags):
        self.report.add(name, what, samples, unit, regime, model=self.name, threads=self.settings.threads, **tags)

    def add_rates(self, name, what, rows, unit, regime, **tags):
        for peer, samples in zip((Worker.name, LlamaServer.name), zip(*rows, strict=True), strict=False):
            self.add(name, f"{what}, {peer}", samples, unit, regime, peer=peer, **tags)

    def decode(self, ours, theirs, streams):
        rows = self.in_turn(lambda: measures.decode_rate(ours, streams, self.tokens), lambda: measures.decode_rate(theirs, streams, self.tokens))
        what, regime = f"decode, {streams} stream{'s' if streams > 1 else ''}", f"{self.tokens} tokens each"
        self.add_rates("decode_rate", what, rows, "tok/s", regime, streams=streams)
        self.add("decode_ratio", f"{what}: ours / llama-server", [a / b for a, b in rows], "ratio", regime, streams=streams)

    def overhead(self, ours, theirs):
        rows = self.in_turn(lambda: 1 / measures.decode_rate(ours, 1, self.tokens), lambda: 1 / measures.decode_rate(theirs, 1, self.tokens),
                            lambda: measures.bare_seconds_per_token(self.path, self.settings, self.tokens))
        regime = f"1 stream, {self.tokens} tokens"
        self.add("bare_token_time", "time per token, llama-bench", [c * 1000 for _, _, c in rows], "ms", regime)
        self.add("token_overhead_ratio", "time per token: ours / llama-bench", [a / c for a, _, c in rows], "ratio", regime, peer=Worker.name)
        self.add("token_overhead_ratio", "time per token: llama-server / llama-bench", [b / c for _, b, c in rows], "ratio", regime,
                 peer=LlamaServer.name)

    def prefill(self, ours, theirs):
        count = 2 * self.settings.batch
        rows = self.in_turn(lambda: measures.prefill_rate(ours, count), lambda: measures.prefill_rate(theirs, count))
        regime = f"{count} tokens, batches of {self.settings.batch}"
        self.add_rates("prefill_rate", "prompt", rows, "tok/s", regime)
        self.add("prefill_ratio", "prompt: ours / llama-server", [a / b for a, b in rows], "ratio", regime)

    def gaps(self, ours, theirs, chunk_seconds):
        regime = (f"running stream while a prompt of {self.long_prompt} tokens is read; a chunk is {self.settings.batch} tokens, "
                  f"{chunk_seconds * 1000:.0f} ms")
        for peer in (ours, theirs):
            began, samples = time.monotonic(), []
            while len(samples) < self.pairs and (not samples or time.monotonic() - began < self.options.limit / 2):
                gaps = self.gaps_of(peer)
                samples.append(measures.percentile_99(gaps) / chunk_seconds)
            self.add("gap_p99_chunks", f"99th percentile of gaps, {peer.name}", samples, "chunks", regime, peer=peer.name,
                     chunk_ms=f"{chunk_seconds * 1000:.1f}")

    def gaps_of(self, peer):
        """A small model is through with its answer before a busy machine has sent the prompt: then it gets a longer one."""
        while True:
            try:
                return measures.gaps_beside_a_prompt(peer, self.long_prompt, self.running_tokens)
            except measures.TooShort:
                if self.running_tokens > self.long_prompt:
                    raise
                self.running_tokens *= 2

    def second_turns(self, ours, theirs):
        """Also gives the seconds that a chunk of the long prompt takes when nothing else runs: a whole batch, in the mean of all its depths."""
        beginning = measures.tokens(self.long_prompt)
        mine, other = measures.Conversation(ours, beginning), measures.Conversation(theirs, beginning)
        rows = self.in_turn(mine.seconds_to_first_token, other.seconds_to_first_token)
        regime = f"second turn, {self.long_prompt} tokens of the first before 32 new ones"
        self.add_rates("warm_ttft", "time to first token", [[1000 * value for value in row] for row in rows], "ms", regime)
        self.add("warm_ttft_ratio", "time to first token: ours / llama-server", [a / b for a, b in rows], "ratio", regime)
        return min(mine.seconds_to_begin, other.seconds_to_begin) * self.settings.batch / self.long_prompt


class Both:
    """Both peers up at once: samples can alternate, and an idle engine takes no time."""

    def __init__(self, *peers):
        self.peers = peers

    def __enter__(self):
        started = []
        try:
            for peer in self.peers:
                started.append(peer.__enter__())
        except BaseException:
            for peer in started:
                peer.__exit__()
            raise
        return started

    def __exit__(self, *_):
        for peer in self.peers:
            peer.__exit__()


def parse_arguments():
    parser = argparse.ArgumentParser(prog="engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch-worker and random_model (deploy/bench gives it)")
    parser.add_argument("--short", action="store_true", help="the smaller model only, three pairs of each")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--model", action="append", help="random-300mb, random-1200mb or a GGUF file; may be repeated (default: both)")
    parser.add_argument("--only", action="append", choices=SHORT_CONTEXT + LONG_CONTEXT,
                        help="measure this; may be repeated (default: everything; second_turns has the gaps with it)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each engine (default: one per processor)")
    parser.add_argument("--limit", type=float, help="seconds after which a measurement takes no further pair (default: 600, or 40)")
    parser.add_argument("--long-prompt", type=int, default=4096, metavar="TOKENS", help="of the second turns and of the gaps (default: 4096)")
    options = parser.parse_args()
    options.limit = options.limit or (40 if options.short else 600)
    return options


def main():
    options = parse_arguments()
    if LlamaServer.missing():
        print("llama-server is not installed: skipped")
        return SKIPPED
    Worker.program = options.bin.resolve() / "perch-worker"
    names = options.model or list(models.LARGE)[: 1 if options.short else None]
    report, errors = Report(), []
    for name in names:
        path = models.path_of(name, options.bin.resolve() / "random_model")
        report.begin(f"engine: {name} ({path.stat().st_size / 1e6:.0f} MB), {options.threads} threads, perch-worker and llama-server in turn")
        try:
            Bench(name, path, options, report).run()
        except PeerFailure as failure:
            errors.append(f"{name}: {failure}")
        print()
    print("\n".join(errors), end="\n" if errors else "")
    if options.json:
        envelope.write(options.json, "throughput", ", ".join(names), report.results, errors)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
