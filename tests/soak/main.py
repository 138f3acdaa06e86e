#!/usr/bin/env python3
"""Many requests of every kind, some of them broken or broken off, and then: is every answer what it must be, and does the memory of
daemon and worker stay where it was?

  main.py BIN_FOLDER [--requests 10000] [--seed 1]

Memory is the resident set of both processes (/proc/PID/status), looked at after 40 % of the requests, when every cache is full, and at the
end. Exit status 1 when an answer was wrong or memory grew by more than GROWTH.
"""

import argparse
import collections
import http.client
import json
import pathlib
import random
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import Daemon  # noqa: E402

MODEL = "sparrow"
CONNECTIONS = 8
WARM = 0.4            # of all requests
GROWTH = 0.03         # of the resident set, and
GROWTH_BYTES = 4 << 20  # as much again, for what an allocator rounds
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Get the weather of a city", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object", "properties": {
    "city": {"type": "string", "maxLength": 12}, "size": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["city", "size"], "additionalProperties": False}}}


def chat(rng, **more):
    words = " ".join(rng.choice(["river", "stone", "house", "apple", "lamp", "bridge"]) for _ in range(rng.choice([2, 5, 20, 120])))
    return {"model": MODEL, "messages": [{"role": "user", "content": "Repeat: " + words}], "max_tokens": rng.choice([1, 4, 16, 40]),
            "seed": rng.randrange(1000), **more}


# Each: a path, a body, the status that must come, and a check of the answer (None: no more than the status).
def plain(rng):
    return "/v1/chat/completions", chat(rng), 200, lambda a: a["choices"][0]["finish_reason"] in ("stop", "length")


def several(rng):
    n = rng.randint(2, 4)
    return "/v1/chat/completions", chat(rng, n=n, logprobs=True, top_logprobs=3, temperature=1), 200, lambda a: len(a["choices"]) == n


def schema(rng):
    return ("/v1/chat/completions", chat(rng, response_format=SCHEMA) | {"max_tokens": 60}, 200,
            lambda a: a["choices"][0]["finish_reason"] == "length" or set(json.loads(a["choices"][0]["message"]["content"])) == {"city", "size"})


def tools(rng):
    body = chat(rng, tools=TOOLS, tool_choice="required") | {"max_tokens": 80}
    return "/v1/chat/completions", body, 200, lambda a: a["choices"][0]["finish_reason"] in ("tool_calls", "length")


def completion(rng):
    body = {"model": MODEL, "prompt": "x" * rng.choice([1, 50, 700]), "max_tokens": rng.choice([1, 20]), "echo": rng.random() < 0.5}
    return "/v1/completions", body, 200, lambda a: isinstance(a["choices"][0]["text"], str)


def too_long(rng):
    return "/v1/completions", {"model": MODEL, "prompt": "word " * 4000}, 400, lambda a: a["error"]["code"] == "context_length_exceeded"


def wrong_field(rng):
    return "/v1/chat/completions", chat(rng, temperature=rng.choice([-1, 9, "hot"])), 400, lambda a: a["error"]["param"] == "temperature"


def bad_grammar(rng):
    return "/v1/completions", {"model": MODEL, "prompt": "x", "grammar": "root ::= ["}, 400, None


def unknown_model(rng):
    return "/v1/chat/completions", chat(rng) | {"model": "nobody"}, 404, None


def no_json(rng):
    return "/v1/chat/completions", b'{"model": "' + bytes([0xff]) * rng.randint(1, 2000), 400, None


def embeddings(rng):
    return "/v1/embeddings", {"model": MODEL, "input": "x"}, 400, None


KINDS = [(plain, 30), (several, 8), (schema, 8), (tools, 8), (completion, 15), (too_long, 2), (wrong_field, 4), (bad_grammar, 2),
         (unknown_model, 2), (no_json, 2), (embeddings, 2)]
STREAMED, BROKEN_OFF = 20, 10  # weights beside those above


class Client:
    def __init__(self, port):
        self.port, self.connection = port, None

    def send(self, path, body):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request("POST", path, data, {"Content-Type": "application/json"})
        return self.connection.getresponse()

    def drop(self):
        self.connection.close()
        self.connection = None


def ask(client, rng):
    """What kind of request it was, and what was wrong with the answer, if anything."""
    makers, weights = zip(*KINDS)
    kind = rng.choices([*makers, "streamed", "broken off"], [*weights, STREAMED, BROKEN_OFF])[0]
    if kind == "broken off":
        reply = client.send("/v1/chat/completions", chat(rng, stream=rng.random() < 0.7, max_tokens=400, ignore_eos=True))
        if rng.random() < 0.7:
            reply.read(1)
        client.drop()
        return kind, None
    if kind == "streamed":
        reply = client.send("/v1/chat/completions", chat(rng, stream=True, stream_options={"include_usage": True}))
        events = [line[6:] for line in reply.read().decode().split("\n\n") if line.startswith("data: ")]
        good = reply.status == 200 and events[-1] == "[DONE]" and json.loads(events[-2])["usage"]["completion_tokens"] > 0
        return kind, None if good else f"{reply.status} {events[-2:]}"
    path, body, status, right = kind(rng)
    reply = client.send(path, body)
    text = reply.read()
    if reply.headers.get("Connection", "").lower() == "close":
        client.drop()
    good = reply.status == status and (right is None or right(json.loads(text)))
    return kind.__name__, None if good else f"{reply.status}, not {status}: {text[:300]}"


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    sys.exit(f"process {pid} has no memory")


def run(port, seed, first, count, seen, wrong):
    """Requests first to first + count, by CONNECTIONS clients at once. What a request is depends on its number alone."""
    numbers, lock = iter(range(first, first + count)), threading.Lock()

    def work():
        client = Client(port)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            kind, fault = ask(client, random.Random(seed * 1_000_003 + number))
            with lock:
                seen[kind] += 1
                if fault:
                    wrong.append(f"request {number}, {kind}: {fault}")

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers-only", action="store_true", help="do not judge the memory (a sanitizer keeps what was freed)")
    args = parser.parse_args()
    artifact = HERE.parents[1] / "registry/demo/sparrow-q8_0.gguf"
    registry = {"models": {"default": MODEL}, "catalog": {MODEL: {"artifact": str(artifact), "prompt_cache_mib": 8}},
                "policy": {"max_queue": 1000}}
    seen, wrong = collections.Counter(), []
    with Daemon(args.programs, registry) as daemon:
        warm = int(args.requests * WARM)
        run(daemon.port, args.seed, 0, warm, seen, wrong)
        worker = next(m["worker"]["pid"] for m in daemon.get("/admin/v1/models")["models"] if m.get("worker"))
        before = {"daemon": resident(daemon.process.pid), "worker": resident(worker)}
        run(daemon.port, args.seed, warm, args.requests - warm, seen, wrong)
        after = {"daemon": resident(daemon.process.pid), "worker": resident(worker)}
    print(", ".join(f"{count} {kind}" for kind, count in seen.most_common()))
    for name in before:
        print(f"{name}: {before[name] / 2**20:.1f} MiB after {warm} requests, {after[name] / 2**20:.1f} MiB after {args.requests}")
        if not args.answers_only and after[name] > before[name] * (1 + GROWTH) + GROWTH_BYTES:
            wrong.append(f"the {name} grew by {(after[name] - before[name]) / 2**20:.1f} MiB")
    for line in wrong[:20]:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
