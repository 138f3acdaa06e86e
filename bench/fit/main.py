"""What `perch` says that a model will hold, beside what a worker held at most once it had worked as hard as it can.

Predicted: `perch inspect`, from the file alone. Simulated: the same with libllama's own figures (`--simulate`). Measured: the most that the
worker held of anonymous and shared memory at any moment (RssAnon and RssShmem in /proc/PID/status) and the weights that it uses as they lie
in the file (`mapped_bytes` in its own report). It works hard when every slot reads a prompt as long as its context at once, and then one
whose every token is judged.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(CHECKOUT / "tests" / "reference"), str(CHECKOUT / "tests" / "faults")]

import envelope
import models
from peers import PeerFailure, Settings, Worker

ANSWER = 16  # tokens
LOOK_EVERY = 0.005
# Within the tokenizer that all the models have.
FIRST, LAST = 300, 760


@dataclass(frozen=True)
class Case:
    model: str
    context: int
    parallel: int
    type_k: str = "f16"
    type_v: str = "f16"
    unified: bool = False

    @property
    def name(self):
        types = self.type_k if self.type_k == self.type_v else f"{self.type_k}/{self.type_v}"
        return f"{self.model}, {1 if self.unified else self.parallel} x {self.context}{' shared' if self.unified else ''}, {types}"

    def shape(self):
        return ["--context", self.context, "--parallel", self.parallel, "--cache-type-k", self.type_k, "--cache-type-v", self.type_v,
                *(["--kv-unified"] if self.unified else [])]


# What people run is larger than any of these, and the worker's own part weighs less there.
CASES = [
    Case("random-120mb-dense", 1024, 2), Case("random-120mb-dense", 2048, 1, "q8_0", "q8_0"), Case("random-120mb-gemma2", 1024, 2),
    Case("random-120mb-gemma3", 1024, 2), Case("random-120mb-gemma3", 2048, 1, "q4_0", "q4_0"), Case("random-120mb-qwen2", 1024, 2),
    Case("random-120mb-qwen2", 2048, 2, "q8_0", "q4_0", unified=True), Case("random-120mb-mamba2", 512, 4),
    Case("random-120mb-hybrid", 1024, 2), Case("random-120mb-hybrid", 1024, 2, "q8_0", "q8_0"), Case("random-120mb-moe", 1024, 2),
    Case("random-many-words", 1024, 4), Case("random-300mb", 1024, 2), Case("random-300mb", 1024, 1, "q8_0", "q8_0"),
    Case("random-1200mb", 768, 1), Case("random-1200mb", 768, 1, "q4_0", "q4_0"),
]
# Of these the worker's own part is most, and what the heap does by chance a few percent.
TINY = [Case("sparrow-q8_0", 2048, 4), Case("sparrow-q4_k_m", 4096, 2, "q8_0", "q4_0"), Case("wren-q8_0", 2048, 4)]
SHORT = [CASES[0], CASES[3], CASES[7], CASES[10]]


class Watch:
    """The most that a process has held, looked at all the time."""

    def __init__(self, pid):
        self._path, self._most, self._done = f"/proc/{pid}/status", 0, False
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def own_bytes(self):
        with open(self._path, encoding="ascii", errors="replace") as status:
            fields = dict(line.split(":", 1) for line in status)
        return 1024 * sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem"))

    def _look(self):
        while not self._done:
            self._most = max(self._most, self.own_bytes())
            time.sleep(LOOK_EVERY)

    def end(self):
        self._done = True
        self._thread.join()
        return max(self._most, self.own_bytes())


def work_hard(worker, case):
    fresh = random.Random(7)
    share = case.context // case.parallel if case.unified else case.context

    def prompt(count):
        return [fresh.randrange(FIRST, LAST) for _ in range(count)]

    prompts = [prompt(share - ANSWER - 4) for _ in range(case.parallel)]
    with concurrent.futures.ThreadPoolExecutor(case.parallel) as pool:
        list(pool.map(lambda each: worker.complete(each, max_tokens=ANSWER, limit=1200), prompts))
    worker.complete(prompt(min(512, share - ANSWER - 4)), max_tokens=1, echo=True, logprobs=1, cache_prompt=False, limit=1200)


def measure(case, path, threads):
    settings = Settings(parallel=case.parallel, context=case.context // case.parallel if case.unified else case.context, threads=threads,
                        kv_unified=case.unified)
    with Worker(path, settings, ["--cache-type-k", case.type_k, "--cache-type-v", case.type_v]) as worker:
        watch = Watch(worker.pid)
        work_hard(worker, case)
        own = watch.end()
        connection = worker.connect(20)
        connection.request("GET", "/props")
        props = json.loads(connection.getresponse().read())
    mapped = sum(device["mapped_bytes"] for device in props["memory"])
    return own - props["saved_bytes"] + mapped, props


def ask(perch, path, case, *more):
    words = [perch, "inspect", path, "--json", *case.shape(), *more]
    answer = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)
    if answer.returncode != 0:
        raise PeerFailure(f"{case.name}: {answer.stderr.strip()}")
    return json.loads(answer.stdout)


def mib(count):
    return count / 2**20


def parse_arguments():
    parser = argparse.ArgumentParser(prog="fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of the programs (deploy/bench gives it)")
    parser.add_argument("--short", action="store_true", help="a few small models only")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--only", metavar="WORD", help="the cases whose name has this in it")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the worker (default: one per processor)")
    parser.add_argument("--tiny", action="store_true", help="the demo models instead")
    parser.add_argument("--terms", action="store_true", help="show the terms of each sum, too")
    return parser.parse_args()


def show_terms(need, props, own):
    device = need["devices"][0]
    terms = {key: f"{mib(value):.1f}" for key, value in device.items() if isinstance(value, int)}
    said = {key: f"{mib(value):.1f}" for key, value in props["memory"][0].items() if isinstance(value, int)}
    rest = own - sum(props["memory"][0][key] for key in ("weights_bytes", "kv_bytes", "compute_bytes"))
    print(f"    {terms} process {mib(need['process_bytes']):.1f}; the worker says {said}, and {mib(rest):.1f} is more than that")


def main():
    options = parse_arguments()
    folder = options.bin.resolve()
    Worker.program = folder / "perch-worker"
    cases = [case for case in (TINY if options.tiny else SHORT if options.short else CASES) if not options.only or options.only in case.name]
    results, errors, off = [], [], {"predicted": [], "simulated": []}
    print(f"{'model, caches':<46} {'predicted':>10} {'simulated':>10} {'measured':>10} {'off':>8} {'off':>8}  MiB, and percent of the measured", flush=True)
    for case in cases:
        try:
            path = models.path_of(case.model, folder / "random_model")
            answers = {"predicted": ask(folder / "perch", path, case), "simulated": ask(folder / "perch", path, case, "--simulate")}
            measured, props = measure(case, path, options.threads)
        except (PeerFailure, OSError, subprocess.SubprocessError) as failure:
            errors.append(f"{case.name}: {failure}")
            continue
        needs = {source: answer["need"]["total_bytes"] for source, answer in answers.items()}
        for source, need in needs.items():
            off[source].append(100 * (need / measured - 1))
        print(f"{case.name:<46} {mib(needs['predicted']):>10.1f} {mib(needs['simulated']):>10.1f} {mib(measured):>10.1f} "
              f"{off['predicted'][-1]:>+7.1f}% {off['simulated'][-1]:>+7.1f}%", flush=True)
        if options.terms:
            show_terms(answers["predicted"]["need"], props, measured)
        facts = answers["predicted"]["facts"]
        tags = {"model": case.model, "architecture": facts["architecture"], "quantization": facts["quantization"], "context": case.context,
                "parallel": case.parallel, "cache_type_k": case.type_k, "cache_type_v": case.type_v, "kv_unified": case.unified}
        results.append(envelope.result("memory_measured", "bytes", measured, "bytes", **tags))
        results += [envelope.result("memory_predicted", "bytes", need, "bytes", source=source, **tags) for source, need in needs.items()]
    for source, percents in off.items():
        if percents:
            print(f"{source}: {max(percents):+.1f} % at most, {min(percents):+.1f} % at least, over {len(percents)} cases")
            results.append(envelope.result("prediction_error_max", "percent", max(percents), "%", source=source, cases=len(percents)))
            results.append(envelope.result("prediction_error_min", "percent", min(percents), "%", source=source, cases=len(percents)))
    print("\n".join(errors), end="\n" if errors else "")
    if options.json:
        envelope.write(options.json, "framework-eval", ", ".join(sorted({case.model for case in cases})), results, errors)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
