"""Our words against llama-server's: the same prompts at temperature 0, one model after the other, in four ways of asking.

alone: one prompt at a time, nothing kept. together: eight at a time, as they come. in_step: eight prompts of one length at the same moment,
so that both engines compute the same batches. warm: the turns of conversations, each beginning with the one before.
Exit status 1 when an answer differs for another reason than that two tokens were about as likely (compare.py); 77 without llama-server.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import time

import compare
import models
import prompts
from peers import LlamaServer, PeerFailure, Settings, Worker

sys.path.insert(0, str(models.CHECKOUT / "tests" / "faults"))
import envelope

WAYS = ("alone", "together", "in_step", "warm")
TOGETHER = 8
TOKENS, TOKENS_SHORT = 48, 24
SKIPPED = 77
SHORT = ["sparrow-q4_k_m", "wren-q8_0", "random-gemma2", "random-mamba2"]
RANDOM_MODELS = ["random-gemma2", "random-mamba2", "random-qwen2", "random-gemma3"]


def prompts_of(way, count):
    if way == "in_step":
        return prompts.of_one_length(-(-count // TOGETHER) * TOGETHER)
    if way == "warm":
        return [prompt for talk in prompts.conversations(count) for prompt in talk]
    return prompts.apart(count)


def groups(asked):
    return [asked[i:i + TOGETHER] for i in range(0, len(asked), TOGETHER)]


def ask_in_step(peer, group, tokens):
    """All while the engine is busy with a batch of something else, so that it finds them together when that is done."""
    with concurrent.futures.ThreadPoolExecutor(TOGETHER + 1) as pool:
        busy = pool.submit(peer.complete, prompts.filler(peer.settings.batch), max_tokens=1, cache_prompt=False)
        time.sleep(0.01)
        answers = []
        for prompt in group:
            answers.append(pool.submit(peer.complete, prompt, max_tokens=tokens, cache_prompt=False))
            time.sleep(0.001)
        busy.result()
        return [answer.result() for answer in answers]


def ask(peer, way, count, tokens):
    """An answer for each of prompts_of()."""
    def one(prompt):
        return peer.complete(prompt, max_tokens=tokens, cache_prompt=way == "warm")
    if way == "in_step":
        return [answer for group in groups(prompts_of(way, count)) for answer in ask_in_step(peer, group, tokens)]
    if way != "together":
        return [one(prompt) for prompt in prompts_of(way, count)]
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(one, prompts_of(way, count)))


def compare_on(path, asked, count, options):
    """Counts by way."""
    ways = asked if asked == ["alone"] else WAYS
    tokens = TOKENS_SHORT if options.short else TOKENS
    settings = Settings(parallel=TOGETHER, threads=options.threads, kv_unified=options.kv_unified)
    answers = {}
    for peer in (Worker(path, settings), LlamaServer(path, settings, logprobs=compare.CANDIDATES)):
        with peer:
            for way in ways:
                answers[peer.name, way] = ask(peer, way, count, tokens)
    # Alone, both engines compute the very same batches and no difference is forgiven.
    noise = compare.noise_between(*(answers[LlamaServer.name, way] for way in ("alone", "together"))) if set(ways) > {"alone"} else 0.0
    counted = {}
    for way in asked:
        counts = counted[way] = compare.Counts(noise=0.0 if way == "alone" else noise)
        for prompt, ours, theirs in zip(prompts_of(way, count), answers[Worker.name, way], answers[LlamaServer.name, way], strict=True):
            compare.add(counts, prompt, ours, theirs)
    return counted


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch-worker and random_model")
    parser.add_argument("--short", action="store_true", help="two demo models and two random ones, 8 prompts each way, shorter answers")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--model", action="append", help="only this one: a demo model, random-ARCHITECTURE, or a GGUF file; may be repeated")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way of asking; may be repeated")
    parser.add_argument("--prompts", type=int, help="prompts for each model and way (default: 200, or 8)")
    parser.add_argument("--threads", type=int, default=1, help="threads that each engine computes with (default: 1)")
    parser.add_argument("--kv-unified", action="store_true", help="one cache for all requests of a peer instead of one each")
    return parser.parse_args()


def results_of(name, way, counts, seconds, options):
    tags = {"model": name, "way": way, "prompts": counts.prompts, "tokens": counts.tokens, "threads": options.threads,
            "kv_unified": options.kv_unified, "noise": f"{counts.noise:.4f}"}
    return [envelope.result(result, "prompts", getattr(counts, result), "prompts", seconds, **tags)
            for result in ("same_text", "near_ties", "ties_within_noise", "different_text")]


def main():
    options = parse_arguments()
    if LlamaServer.missing():
        print("llama-server is not installed: skipped")
        return SKIPPED
    Worker.program = options.bin.resolve() / "perch-worker"
    count = options.prompts or (8 if options.short else 200)
    names = options.model or (SHORT if options.short else models.DEMO_MODELS + RANDOM_MODELS)
    results, errors = [], []
    print(compare.HEADER, flush=True)
    for name in names:
        began = time.monotonic()
        try:
            counted = compare_on(models.path_of(name, options.bin.resolve() / "random_model"), options.way or WAYS, count, options)
        except PeerFailure as failure:
            errors.append(f"{name}: {failure}")
            print(f"{name:<16} {failure}", flush=True)
            continue
        for way, c in counted.items():
            print(c.row(name, way), flush=True)
            results += results_of(name, way, c, time.monotonic() - began, options)
            errors += [f"{name}, {way}: {example}" for example in c.examples]
    print("\n".join(errors[:20]))
    if options.json:
        envelope.write(options.json, "framework-eval", ", ".join(names), results, errors)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
