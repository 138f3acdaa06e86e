#!/usr/bin/env python3
"""A -> B -> A with a long conversation on A: how long until the first token of its second turn, with what A left behind and without?

  warm_return.py BIN_FOLDER [--model random-300mb] [--tokens 8000] [--rounds 3]

Both are measured twice in each round: from the request on with the swap in it, and from the request on when A has been loaded already. The text
is compared with that of an A that was never interrupted. Prints the medians and their ratio [warm_return_ttft_ratio].
"""

import argparse
import http.client
import json
import pathlib
import random
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("support", "reference"):
    sys.path.insert(0, str(HERE.parent / folder))
from daemon import Daemon  # noqa: E402
import models  # noqa: E402

ANSWER, NEW = 16, 40  # tokens of an answer, and of the second turn beyond the first


class Caller:
    def __init__(self, port):
        self.port = port

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1800)
        connection.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        answer = json.loads(reply.read())
        if reply.status != 200:
            sys.exit(f"{method} {path}: {reply.status} {answer}")
        return answer

    def stream(self, model, prompt):
        """Seconds to the first token, the text, and how much of the prompt was kept."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1800)
        began, first, text, kept = time.monotonic(), None, "", 0
        connection.request("POST", "/v1/completions", json.dumps(
            {"model": model, "prompt": prompt, "max_tokens": ANSWER, "temperature": 0, "ignore_eos": True, "stream": True,
             "stream_options": {"include_usage": True}}), {"Content-Type": "application/json"})
        for line in connection.getresponse():
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            for choice in event["choices"]:
                first = first or time.monotonic() - began
                text += choice["text"]
            if event.get("usage"):
                kept = event["usage"]["prompt_tokens_details"]["cached_tokens"]
        return first, text, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--model", default="random-300mb")
    parser.add_argument("--tokens", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    artifact = models.path_of(args.model, args.programs.resolve() / "random_model")
    context = (args.tokens + NEW + 2 * ANSWER + 255) // 256 * 256
    registry = {"models": {"default": "a"},
                "catalog": {"a": {"artifact": str(artifact), "context_tokens": context, "parallel": 1},
                            "b": {"artifact": str(models.path_of("sparrow-q8_0", None))}},
                "policy": {"max_wait": 0, "min_residency": 0}}
    rng = random.Random(1)
    second = [rng.randrange(300, 3000) for _ in range(args.tokens + NEW)]
    first = second[:args.tokens]
    seconds = {name: [] for name in ("warm", "cold", "warm_with_swap", "cold_with_swap")}
    saved = []  # bytes
    with Daemon(args.programs, registry) as daemon:
        caller = Caller(daemon.port)
        took, _, _ = caller.stream("a", first)
        print(f"{args.model}: a first turn of {args.tokens} tokens took {took:.2f} s")
        _, wanted, kept = caller.stream("a", second)
        print(f"uninterrupted: {kept} tokens kept, {wanted!r}")

        def go_away(warm):
            """A has seen the first turn only, and makes room for B."""
            caller.call("POST", "/admin/v1/models/a/unload")
            caller.call("DELETE", "/admin/v1/sessions")
            caller.call("POST", "/admin/v1/models/a/load")
            if warm:
                caller.stream("a", first)
            caller.stream("b", [65, 66, 67])
            saved.extend(session["bytes"] for session in caller.call("GET", "/admin/v1/sessions")["sessions"])

        for _ in range(args.rounds):
            for name in seconds:
                warm, with_swap = name.startswith("warm"), name.endswith("swap")
                go_away(warm)
                if not with_swap:
                    caller.call("POST", "/admin/v1/models/a/load")
                took, text, kept = caller.stream("a", second)
                seconds[name].append(took)
                same = "the same text" if text == wanted else f"ANOTHER TEXT: {text!r}"
                print(f"  {name}: first token after {took:.3f} s, {kept} tokens kept, {same}", flush=True)
                if (kept > 0) != warm or (warm and text != wanted):
                    sys.exit("that is not what it should be")
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{args.model}, {args.tokens} tokens, {args.rounds} rounds, saved {max(saved) / 2**20:.0f} MiB; medians: " +
          ", ".join(f"{name} {value:.3f} s" for name, value in median.items()))
    print(f"warm_return_ttft_ratio {median['warm'] / median['cold']:.4f}, with the swap in both "
          f"{median['warm_with_swap'] / median['cold_with_swap']:.4f}")


if __name__ == "__main__":
    main()
