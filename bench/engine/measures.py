"""What is measured of one peer at a time. Every function asks a running peer and gives one sample."""

import concurrent.futures
import itertools
import json
import math
import random
import subprocess
import threading
import time
from dataclasses import dataclass

from peers import PeerFailure

_fresh = random.Random(5)
# Within every tokenizer that the models have: past the control tokens and the bytes of the demo models' own, short of its end.
_FIRST, _LAST = 300, 760


def tokens(count):
    """A prompt that nobody has asked before, as token ids: a tokenizer's speed is no part of an engine's."""
    return [_fresh.randrange(_FIRST, _LAST) for _ in range(count)]


@dataclass
class Times:
    """A stream as its reader saw it."""
    sent: float
    pieces: list  # when each came; several tokens may come in one
    tokens: int

    @property
    def first(self):
        return self.pieces[0]

    def tokens_between(self, begin, end):
        """As many as pieces came, weighted with the tokens of one piece."""
        return sum(begin < piece <= end for piece in self.pieces) * self.tokens / len(self.pieces)


def stream(peer, prompt, max_tokens, keep=False, on_piece=lambda: None):
    times = Times(time.monotonic(), [], 0)
    for now, chunk in peer.stream(prompt, max_tokens=max_tokens, cache_prompt=keep):
        if chunk.get("usage"):
            times.tokens = chunk["usage"]["completion_tokens"]
        if chunk["choices"] and chunk["choices"][0].get("text"):
            times.pieces.append(now)
            on_piece()
    if times.tokens < max_tokens or not times.pieces:
        raise PeerFailure(f"{peer.name}: an answer of {times.tokens} tokens instead of {max_tokens}")
    return times


def decode_rate(peer, streams, count):
    """Tokens a second of all streams together, from the moment the last of them has its first token until the first has its last: reading the
    prompts of some beside the answers of others is not decoding."""
    with concurrent.futures.ThreadPoolExecutor(streams) as pool:
        all_times = list(pool.map(lambda prompt: stream(peer, prompt, count), [tokens(16) for _ in range(streams)]))
    begin, end = max(t.first for t in all_times), min(t.pieces[-1] for t in all_times)
    return sum(t.tokens_between(begin, end) for t in all_times) / (end - begin)


def prefill_rate(peer, count):
    """Prompt tokens a second, with the one token that ends the wait."""
    times = stream(peer, tokens(count), 1)
    return count / (times.first - times.sent)


class Conversation:
    """Second turns of one long conversation: each has the same beginning, asked once before, and an end of its own."""

    def __init__(self, peer, beginning):
        self.peer = peer
        self.beginning = beginning
        first = stream(peer, beginning, 4, keep=True)
        self.seconds_to_begin = first.first - first.sent

    def seconds_to_first_token(self):
        times = stream(self.peer, self.beginning + tokens(32), 4, keep=True)
        return times.first - times.sent


class TooShort(PeerFailure):
    """A running stream was over before what was to be seen beside it."""


def gaps_beside_a_prompt(peer, prompt_tokens, running_tokens):
    """Seconds between the tokens of a running stream, from the arrival of a long prompt to that prompt's first token."""
    under_way = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        seen = itertools.count()
        running = pool.submit(stream, peer, tokens(16), running_tokens, on_piece=lambda: next(seen) >= 8 and under_way.set())
        if not under_way.wait(60):
            raise PeerFailure(f"{peer.name}: no tokens within a minute")
        arriving = stream(peer, tokens(prompt_tokens), 1)
        pieces = running.result().pieces
    if pieces[-1] < arriving.first:
        raise TooShort(f"{peer.name}: the running stream of {running_tokens} tokens ended before the prompt was read")
    # The first gap begins before the prompt came; the last one ends after it.
    return [b - a for a, b in itertools.pairwise(pieces) if b >= arriving.sent and a <= arriving.first]


def percentile_99(values):
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def bare_seconds_per_token(model, settings, count):
    """llama-bench: the same library with nothing around it."""
    words = ["llama-bench", "--model", model, "--threads", settings.threads, "--n-prompt", 0, "--n-gen", count, "--batch-size", settings.batch,
             "--ubatch-size", settings.batch, "--repetitions", 1, "--output", "json"]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise PeerFailure(f"llama-bench: {done.stderr.strip().splitlines()[-1:]}")
    return 1 / json.loads(done.stdout)[0]["avg_ts"]
