#!/usr/bin/env python3
"""Swaps between models whose saved conversations are hurt meanwhile: does anybody ever get a word that he should not?

  main.py BIN_FOLDER [--swaps 1000] [--seed 1]

Five models take turns: the demo model, two that differ in nothing but their weights (nor in their digest), one with sliding windows and one with
a recurrent state. Between two swaps files of saved conversations are flipped, cut, lengthened, put together from two, exchanged between models,
aged and removed. Each answer has to be one that the model gives undisturbed, evaluated in one go or on top of a beginning that it has kept:
those are computed first. How a prompt was cut into batches moves the probabilities of a model a little, and by that much another of two words
may be taken that are equally likely: the answer's words and their probabilities are compared, up to the first such word. The twins would show a
state of another conversation (tried with prompts put together from two: 0.36 and more), the recurrent one would if it is recent; the words of the
demo model and of the windowed one depend too little on what was said long before. Exit status 1 when a token was wrong, or when too little was
restored for that to mean something.
"""

import argparse
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import Daemon  # noqa: E402

DEMO = HERE.parents[1] / "registry/demo/sparrow-q8_0.gguf"
RANDOM = {
    "twin-1": ["--architecture", "llama", "--layers", "3", "--seed", "1"],
    "twin-2": ["--architecture", "llama", "--layers", "3", "--seed", "2"],
    "windowed": ["--architecture", "gemma2", "--layers", "4"],
    "recurrent": ["--architecture", "mamba2", "--layers", "3"],
}
CONVERSATIONS, TURNS = 2, [140, 180, 220]  # tokens of a conversation's prompt, turn by turn
ANSWER = 8
TOLERANCE = 0.2   # of logarithms of probabilities
HURT = 0.12       # of the files, between two swaps: about half of them until their model comes back
BUDGET_MIB = 32   # of all files: less than all conversations need, so some leave
LEAST_WARM = 0.2  # of the answers, or else the damage was too much to test anything


def make_models(programs, folder):
    catalog = {"demo": {"artifact": str(DEMO)}}
    for name, arguments in RANDOM.items():
        path = folder / f"{name}.gguf"
        subprocess.run([programs / "random_model", path, "--vocab-from", DEMO, "--type", "f16", *arguments], check=True,
                       stdout=subprocess.DEVNULL)
        catalog[name] = {"artifact": str(path)}
    for entry in catalog.values():
        entry |= {"context_tokens": 512, "parallel": 2}
    return catalog


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def call(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        answer = json.loads(reply.read())
        if reply.status != 200:
            sys.exit(f"{method} {path}: {reply.status} {answer}")
        return answer

    def ask(self, model, prompt, cache=True):
        """The words with their probabilities and what was likely beside them, and whether any of the prompt had been kept."""
        answer = self.call("POST", "/v1/completions", {"model": model, "prompt": prompt, "max_tokens": ANSWER, "temperature": 0,
                                                       "ignore_eos": True, "cache_prompt": cache, "logprobs": 3})
        probabilities = answer["choices"][0]["logprobs"]
        words = list(zip(probabilities["tokens"], probabilities["token_logprobs"], probabilities["top_logprobs"]))
        return words, answer["usage"]["prompt_tokens_details"]["cached_tokens"] > 0


def prompt_of(conversation, turn):
    rng = random.Random(conversation)
    return [rng.randrange(40, 240) for _ in range(TURNS[-1])][:TURNS[turn]]


def undisturbed(client, model):
    """What it may say to each turn of each conversation: {(conversation, turn): answers}."""
    right = {}
    for conversation in range(CONVERSATIONS):
        for turn in range(len(TURNS)):
            answers = right[conversation, turn] = [client.ask(model, prompt_of(conversation, turn), cache=False)[0]]
            for before in range(turn + 1):
                client.ask(model, prompt_of(conversation, before), cache=False)
                answers.append(client.ask(model, prompt_of(conversation, turn))[0])
    return right


def distance(answer, right):
    """How far apart the probabilities of two answers are at most, up to where they go different ways; infinite if those were not as likely."""
    most = 0
    for (word, probability, _), (wanted, wanted_probability, likely) in zip(answer, right):
        if word != wanted:
            return max(most, abs(wanted_probability - likely[word])) if word in likely else float("inf")
        most = max(most, abs(probability - wanted_probability))
    return most


def hurt(files, rng):
    """Does something to some of the files; returns what, for the record."""
    done = []
    for file in files:
        if rng.random() > HURT or not file.exists():
            continue
        content, other = file.read_bytes(), rng.choice(files)
        kind = rng.choice(["flip", "cut", "lengthen", "graft", "swap", "age", "remove"])
        if kind == "flip":
            at = rng.randrange(len(content))
            content = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1:]
        elif kind == "cut":
            content = content[:rng.randrange(len(content))]
        elif kind == "lengthen":
            content += rng.randbytes(rng.randrange(1, 100))
        elif kind == "graft" and other.exists():
            at = rng.randrange(len(content))
            content = content[:at] + other.read_bytes()[at:]
        elif kind == "swap" and other.exists():
            theirs = other.read_bytes()
            other.write_bytes(content)
            content = theirs
        elif kind == "remove":
            file.unlink()
        if kind not in ("age", "remove"):
            file.write_bytes(content)
        done.append(kind)
    return done


def run(client, folder, models, swaps, rng):
    right = {}
    for model in models:
        right[model] = undisturbed(client, model)
    wrong, warm, answers, damage, furthest = [], 0, 0, 0, 0
    now = models[-1]
    for swap in range(swaps):
        now = rng.choice([model for model in models if model != now])
        damage += len(hurt(sorted(folder.glob("*.session")), rng))
        for conversation in rng.sample(range(CONVERSATIONS), CONVERSATIONS):
            turn = rng.randrange(len(TURNS))
            answer, kept = client.ask(now, prompt_of(conversation, turn))
            answers += 1
            warm += kept
            off = min(distance(answer, one) for one in right[now][conversation, turn])
            if off <= TOLERANCE:
                furthest = max(furthest, off)
            else:
                wrong.append(f"swap {swap}, {now}, conversation {conversation}, turn {turn}, {off:.2f} off: {[word for word, _, _ in answer]}")
    return wrong, warm, answers, damage, furthest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--swaps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="perch-sessions-") as folder:
        catalog = make_models(args.programs.resolve(), pathlib.Path(folder))
        registry = {"models": {"default": "demo"}, "catalog": catalog, "memory": {"saved_mib": BUDGET_MIB},
                    "policy": {"max_wait": 0, "min_residency": 0}}
        with Daemon(args.programs, registry) as daemon:
            wrong, warm, answers, damage, furthest = run(Client(daemon.port), daemon.state / "perch" / "sessions", list(catalog),
                                                         args.swaps, random.Random(args.seed))
            noted = Client(daemon.port).call("GET", "/admin/v1/swaps?limit=1")["parts"].get("restore", {"count": 0})["count"]
    print(f"{args.swaps} swaps in {time.monotonic() - began:.0f} s, {damage} files hurt, {answers} answers, {warm} of them on top of what was "
          f"kept, the furthest {furthest:.3f} off; wrong_tokens {len(wrong) * ANSWER}")
    for line in wrong[:20]:
        print(line)
    if warm < LEAST_WARM * answers:
        wrong.append("hardly anything was restored")
        print(wrong[-1])
    if noted < LEAST_WARM / 2 * args.swaps:
        wrong.append(f"only {noted} swaps say that something was restored after them")
        print(wrong[-1])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
