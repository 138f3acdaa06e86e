"""Images: our words about them against llama-server's at temperature 0, and what a worker promises about them.

For a model of each kind of projector. Exit status 1 when an answer differs for another reason than that two tokens were about as likely
(compare.py), or a promise is not kept; 77 without llama-server.
"""

import argparse
import base64
import concurrent.futures
import http.client
import json
import pathlib
import random
import struct
import sys
import threading
import time

import compare
import models
from peers import LlamaServer, PeerFailure, Settings, Worker

sys.path.insert(0, str(models.CHECKOUT / "tests" / "support"))
from daemon import Daemon
from png import png

WAYS = ("alone", "together", "warm")
TOGETHER = 4
TOKENS = 24
SKIPPED = 77
SIZES = ((64, 48), (200, 120), (31, 97), (300, 40), (8, 8))
LARGE = (800, 600)  # for a projector that follows the size: more places than a batch has
WORDS = "What is to be seen here now and then on these two sides of this small house by the old lake".split()


def image(data):
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(data).decode()}}


def text(words):
    return {"type": "text", "text": words}


def questions(count):
    """One message each: one or two images, with text before, between and behind them, or not; the first image is a large one."""
    rng = random.Random(1)

    def words():
        return text(" ".join(rng.choices(WORDS, k=rng.randint(1, 30))))

    asked = []
    for _ in range(count):
        parts = [words()] if rng.random() < 0.6 else []
        for _ in range(rng.choice((1, 1, 2))):
            parts.append(image(png(*(rng.choice(SIZES) if asked else LARGE), seed=rng.randint(1, 99))))
            parts += [words()] if rng.random() < 0.6 else []
        asked.append([{"role": "user", "content": parts}])
    return asked


def ask(peer, way, asked, said):
    """An answer to each question; warm: to what is asked after it, when `said` was the answer. That is the same for both: where two words are about as
    likely, their own answers may part, and then so would all that comes after."""
    fields = {"max_tokens": TOKENS, "cache_prompt": way == "warm"}
    if way == "together":
        with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
            return list(pool.map(lambda one: peer.chat(one, **fields), asked))
    if way == "alone":
        return [peer.chat(one, **fields) for one in asked]
    answers = []
    for one, before in zip(asked, said, strict=True):
        peer.chat(one, **fields)
        answers.append(peer.chat([*one, {"role": "assistant", "content": before}, {"role": "user", "content": "And now?"}], **fields))
    return answers


def compare_on(name, path, settings, count):
    """Prints a row for each way; returns examples of different texts."""
    asked = questions(count)
    answers = {}
    for peer in (Worker(path, settings), LlamaServer(path, settings, logprobs=True, top_logprobs=compare.CANDIDATES)):
        with peer:
            for way in WAYS:
                said = [answer["choices"][0]["text"] for answer in answers.get((Worker.name, "alone"), ())]
                answers[peer.name, way] = ask(peer, way, asked, said)
    noise = compare.noise_between(*(answers[LlamaServer.name, way] for way in ("alone", "together")))
    different = []
    for way in WAYS:
        counts = compare.Counts(noise=0.0 if way == "alone" else noise)
        for one, ours, theirs in zip(asked, answers[Worker.name, way], answers[LlamaServer.name, way], strict=True):
            compare.add(counts, str([part["type"] for part in one[0]["content"]]), ours, theirs)
        print(counts.row(name, way), flush=True)
        different += [f"{name}, {way}: {example}" for example in counts.examples]
    return different


class Promises:
    """Each method is one; what is not kept is in `broken`."""

    def __init__(self, worker):
        self.worker = worker
        self.broken = []

    def hold(self, kept, what):
        if not kept:
            self.broken.append(what)

    def ask(self, *parts, **fields):
        return self.worker.chat([{"role": "user", "content": list(parts)}], **{"max_tokens": TOKENS, **fields})

    def what_was_seen_is_not_evaluated_again(self):
        before, behind = text(" ".join(WORDS * 2)), text("at this")
        picture, other = image(png(64, 48, 1)), image(png(64, 48, 2))
        first = self.ask(before, picture, behind)
        again = self.ask(before, picture, behind)
        prompt = first["usage"]["prompt_tokens"]
        cached = again["usage"]["prompt_tokens_details"]["cached_tokens"]
        self.hold(again["choices"][0]["text"] == first["choices"][0]["text"], "the same image, warm, gives another answer")
        self.hold(cached == prompt - 1, f"of {prompt} tokens {cached} were cached")
        changed = self.ask(before, other, behind)
        reused = changed["usage"]["prompt_tokens_details"]["cached_tokens"]
        self.hold(32 <= reused < prompt - 12, f"another image in the same place: {reused} of {prompt} tokens were taken from the cache")
        self.hold(changed["choices"][0]["text"] != first["choices"][0]["text"], "another image gives the same answer")
        cold = self.ask(before, other, behind, cache_prompt=False)
        self.hold(cold["choices"][0]["text"] == changed["choices"][0]["text"], "another image behind a cached beginning: another answer than cold")

    def several_choices_share_an_image(self):
        answer = self.ask(image(png(64, 48, 3)), text("twice"), n=2)
        self.hold(answer["choices"][0]["text"] == answer["choices"][1]["text"], "two choices at temperature 0 differ")

    def the_count_is_the_prompts(self):
        message = {"role": "user", "content": [image(png(100, 60, 4)), text("How long is this?")]}
        _, counted = self.worker.request("/v1/chat/completions/input_tokens", {"messages": [message]})
        used = self.worker.chat([message], max_tokens=1)["usage"]["prompt_tokens"]
        self.hold(counted.get("input_tokens") == used, f"{counted} were counted and {used} evaluated")

    def a_stream_goes_on_beside_images(self):
        times, usage, ended = [], {}, threading.Event()

        def read():
            for now, chunk in self.worker.stream("once", max_tokens=600):
                times.append(now)
                usage.update(chunk.get("usage") or {})
            ended.set()

        reader = threading.Thread(target=read)
        reader.start()
        while not times and reader.is_alive():
            time.sleep(0.001)
        began = time.monotonic()
        self.ask(image(png(800, 600, 5)), text("and beside"), max_tokens=1)
        until, over = time.monotonic(), ended.is_set()
        reader.join()
        beside = sum(began < moment < until for moment in times)
        self.hold(over or beside >= 3, f"a running stream got {beside} tokens in {until - began:.2f} s, while an image was encoded and read")
        self.hold(usage.get("completion_tokens") == 600, f"the stream ended with {usage}")

    def bad_images_are_refused_by_name(self):
        bomb = png(8, 8).replace(struct.pack(">II", 8, 8), struct.pack(">II", 60000, 60000))
        damaged = png(64, 48, 1)[:-40]
        for what, part, words in (("no image", image(b"not an image"), "PNG"), ("too large", image(bomb), "64 million"),
                                  ("damaged", image(damaged), "damaged"),
                                  ("elsewhere", {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/a.png"}}, "not fetched")):
            status, answer = self.worker.request("/v1/chat/completions", {"messages": [{"role": "user", "content": [text("a"), part]}]})
            error = answer.get("error", {})
            self.hold(status == 400 and words in error.get("message", "") and "content[1].image_url" in (error.get("param") or ""),
                      f"{what}: {status} {answer}")

    def it_says_that_it_sees(self):
        connection = self.worker.connect(10)
        connection.request("GET", "/props")
        props = connection.getresponse().read().decode()
        self.hold('"vision":true' in props.replace(" ", ""), "the props do not speak of vision")


PROMISES = (Promises.what_was_seen_is_not_evaluated_again, Promises.several_choices_share_an_image, Promises.the_count_is_the_prompts,
            Promises.a_stream_goes_on_beside_images, Promises.bad_images_are_refused_by_name, Promises.it_says_that_it_sees)


def blind_models_say_so(path):
    with Worker(path, Settings()) as worker:
        status, answer = worker.request("/v1/chat/completions", {"messages": [{"role": "user", "content": [image(png(8, 8))]}]})
    error = answer.get("error", {})
    kept = status == 400 and "text only" in error.get("message", "") and error.get("param") == "messages[0].content[0].image_url"
    return [] if kept else [f"a model without projector: {status} {answer}"]


def seen_through_the_daemon(programs, path, projector):
    """What the registry says of a projector reaches the worker, and is part of what the answer proves."""
    catalog = {"eyes": {"artifact": str(path), "projector": str(projector)}, "blind": {"artifact": str(path)}}
    with Daemon(programs, {"models": {"default": "eyes"}, "catalog": catalog}) as daemon:
        def ask(model, parts):
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
            body = {"model": model, "messages": [{"role": "user", "content": parts}], "temperature": 0, "max_tokens": TOKENS}
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.getheader("X-Perch-Artifact-Digest")

        seen = [ask("default", [image(png(64, 48, seed)), text("What is this?")]) for seed in (1, 2)]
        blind = ask("blind", [image(png(8, 8))])
        reads = ask("blind", [text("Hello")])
    texts = {answer["choices"][0]["message"]["content"] for status, answer, _ in seen if status == 200}
    broken = [] if len(texts) == 2 else [f"through the daemon: {seen}"]
    broken += [] if blind[0] == 400 and "text only" in str(blind[1]) else [f"blind, through the daemon: {blind}"]
    broken += [] if reads[0] == 200 and reads[2] and reads[2] != seen[0][2] else ["the digest does not know of the projector"]
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch, perch-worker and random_model")
    parser.add_argument("--prompts", type=int, default=12, help="questions for each model and way")
    parser.add_argument("--model", action="append", choices=list(models.SEEING), help="only this one; may be repeated")
    options = parser.parse_args()
    Worker.program = options.bin.resolve() / "perch-worker"
    maker = options.bin.resolve() / "random_model"
    compares = not LlamaServer.missing()
    print(compare.HEADER, flush=True)
    errors = blind_models_say_so(models.path_of("sparrow-q8_0", maker))
    errors += seen_through_the_daemon(options.bin, models.path_of("random-llama", maker), models.projector_of("random-llama"))
    for name in options.model or models.SEEING:
        path, settings = models.path_of(name, maker), Settings(parallel=TOGETHER, projector=models.projector_of(name))
        try:
            errors += compare_on(name, path, settings, options.prompts) if compares else []
            with Worker(path, settings) as worker:
                promises = Promises(worker)
                for promise in PROMISES:
                    promise(promises)
            errors += [f"{name}: {broken}" for broken in promises.broken]
        except PeerFailure as failure:
            errors.append(f"{name}: {failure}")
    print("\n".join(errors) or ("" if compares else "llama-server is not installed: nothing was compared"))
    return 1 if errors else 0 if compares else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
