"""Case 28 with a server in front: whatever the two take for a request, they must take for the same one.

A front shares its connections to the daemon among all clients, so a disagreement makes one client's bytes another one's request, or another
one's answer (request smuggling). Beside every vector somebody else asks for what only he can be answered with, and the daemon numbers what
it sees: each number must be of a request that the front sent.
"""

import contextlib
import functools
import itertools
import json
import os
import signal
import socket
import time

import client
import ledger
from answer import split
from cases.case import Case
from cases.framing import piece_within, send
from cases.leaving import computing_ends, while_streaming
from cases.steps import stream_under_way
from fronts import KINDS, Front, reckon
from rig import CaseFailure, eventually, require
from vectors import CHUNKED, VECTORS, chat, chunked

LIMIT = 1.0     # seconds for the answers to one vector: some wait for the rest of a request that never comes
SILENCE = 0.03  # after an answer: whether there is one more
KEPT = 8        # connections that a front keeps without need
TOKENS = 30     # of a stream whose pace is looked at
STREAMS = 5     # at most
EXPECT = "Expect: 100-continue"


@contextlib.contextmanager
def behind(rig, kind, **script):
    models = {"steady": {"load_ms": 0, "tokens": 200, "token_ms": 0} | script}
    with rig.daemon(models=models, sample_every=0.05) as daemon, Front(kind, daemon.port) as front:
        daemon.entrance = front.port
        rig.serve_one(daemon, "the first request", max_tokens=1)
        yield daemon, front


def _name(number):
    """The daemon's of its requests, in turn."""
    return f"req-{number:012x}"


class Canary:
    """Somebody else behind the same front, whose questions are all different. The daemon names what it sees in turn, so the names of two
    answers to him tell how many requests it saw in between."""

    def __init__(self, daemon, front):
        self._daemon = daemon
        self._front = front
        self._asked = 0
        self.problems = []
        self.names = set()  # by which the daemon knows his requests
        self.latest = None  # the number of the latest one
        self.ask()

    def ask(self):
        self._asked += 1
        name, tokens = f"canary-{self._asked}", 2 + self._asked % 100
        named = client.call(self._front.port, "GET", f"/v1/models/{name}", limit=5.0)
        if named.status != 404 or f'"{name}"' not in (named.errors() or [{}])[0].get("message", ""):
            self.problems.append(f"another client asked for the model {name} and got {named.status} {named.body[:300]!r}")
        counted = self._daemon.chat("steady", how={"limit": 5.0}, max_tokens=tokens).finish()
        request = counted.fields.get("x-request-id", "")
        if counted.status != 200 or counted.tokens() != [(request, n) for n in range(tokens)]:
            self.problems.append(f"another client asked for {tokens} tokens and got {counted.status} {counted.body[:300]!r}")
        self.names |= {named.fields.get("x-request-id"), request} - {None, ""}
        if request:
            self.latest = int(request.removeprefix("req-"), 16)


def _receive(connected, vector):
    """(statuses, whether the connection ended): what comes until it falls silent."""
    raw, ended, answers, deadline = b"", False, [], time.monotonic() + LIMIT
    while not ended:
        whole = answers and answers[-1].framed_end
        piece = piece_within(connected, SILENCE if whole else max(0.001, deadline - time.monotonic()))
        if piece is None:
            break
        raw, ended = raw + piece, not piece
        if raw.startswith(b"HTTP/"):  # HTTP/0.9 is answered without a head
            answers = split(raw, vector.heads)
    return [answer.status for answer in answers], ended


def _ask(front, vector, piecewise, canary):
    """As the daemon alone is asked, with the canary's questions in the middle."""
    sent = vector.sent.replace(b"HOST", f"127.0.0.1:{front.port}".encode())
    half = len(sent) // 2 if piecewise else len(sent)
    with socket.create_connection(("127.0.0.1", front.port)) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send(connected, sent[:half], piecewise)
        canary.ask()
        send(connected, sent[half:], piecewise)
        with contextlib.suppress(OSError):
            if vector.half_closes:
                connected.shutdown(socket.SHUT_WR)
        return _receive(connected, vector)


def _settle(front, canary, since):
    """What came into the front's book since then, and what is wrong with it. The line about a request comes when it is over for all."""
    seen = [_name(number) for number in range(since + 1, canary.latest + 1)]
    passages = []

    def agreed():
        passages.extend(front.passages())
        return reckon(seen, passages) is None

    eventually(agreed)
    return passages, reckon(seen, passages)


def _difference(vector, answered, passages):
    """What means one thing only must be answered as without a front, if that lets it pass."""
    plain = all(statuses == (200,) for statuses in vector.answers)
    if plain and passages and all(passage.request for passage in passages) and answered != [200] * len(vector.answers):
        return f"answered with {answered}, and with {[200] * len(vector.answers)} by the daemon alone"
    return None


def _judge(kind, daemon, front, canary, vector, piecewise):
    """One vector's verdict."""
    since = canary.latest
    answered, ended = _ask(front, vector, piecewise, canary)
    canary.ask()
    passages, wrong = _settle(front, canary, since)
    passages = [passage for passage in passages if passage.request not in canary.names]
    wrong = "; ".join(canary.problems) or wrong or _difference(vector, answered, passages)
    canary.problems.clear()
    forwarded = [passage.answered for passage in passages for _ in range(passage.sent)]
    return {"vector": vector.name, "section": vector.section, "front": kind.name, "sent": "byte by byte" if piecewise else "at once",
            "answered": answered, "ended": ended, "forwarded": len(forwarded), "daemon_answered": forwarded, "holds": wrong is None,
            **({"problem": wrong} if wrong else {})}


def judge_vectors(kind, rig, _):
    """Each vector in one piece and byte by byte."""
    with behind(rig, kind) as (daemon, front):
        before = daemon.connections_so_far()
        canary = Canary(daemon, front)
        known = eventually(lambda: any(passage.request == _name(canary.latest) for passage in front.passages()))
        require(known, f"what {kind.name} sent is not in its book: {front.log[-500:]}")
        verdicts, slowest = [], 0.0
        for vector in VECTORS:
            for piecewise in (False, True):
                began = time.monotonic()
                verdicts.append(_judge(kind, daemon, front, canary, vector, piecewise))
                slowest = max(slowest, time.monotonic() - began)
        rig.details.extend(verdicts)
        failed = [f"{v['vector']}, {v['sent']} ({v['section']}): {v['problem']}" for v in verdicts if not v["holds"]]
        require(not failed, f"{len(failed)} of {len(verdicts)} vectors:" + "".join(f"\n        {line}" for line in failed[:40]))
        begun = [entry.request for entry in daemon.worker_log if entry.what == "begin" and entry.request != "-"]
        require(len(begun) == len(set(begun)), "a worker saw a request twice")
        opened, forwarded = daemon.connections_so_far() - before - 1, sum(v["forwarded"] for v in verdicts)
        others = len(canary.names)
        rig.details.append({"front": kind.name, "forwarded": forwarded, "of_the_canary": others, "connections_to_the_daemon": opened})
        shared = opened <= forwarded + KEPT
        require(shared, f"the canary's {others} requests and {forwarded} of vectors took {opened} connections: few were shared")
        return slowest * 1000


def _pace(rig, daemon):
    """Of a stream: (tokens that came together with the one before, the longest time between two)."""
    request = rig.chat(daemon, stream=True, max_tokens=TOKENS)
    times = []
    while len(times) < TOKENS and request.wait_for(lambda answer: len(answer.tokens()) > len(times)):
        times.append(time.monotonic())
    how, _answer = rig.settle(request)
    require(how == ledger.COMPLETE, f"a stream ended as {how}")
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return sum(gap < 0.001 for gap in gaps), max(gaps)


def _streams(rig, daemon):
    """Each token comes by itself. On a machine that has no time for us they come together as well, but not in each of some streams."""
    for _ in range(STREAMS):
        together, longest = _pace(rig, daemon)
        if together <= TOKENS // 4:
            return longest
    raise CaseFailure(f"{together} of {TOKENS} tokens came together with the one before: something keeps them back")


def _cut_stream(rig, daemon):
    """What the front makes of a stream that the daemon breaks off must not look like an end."""
    stream = stream_under_way(rig, daemon, said=5)
    os.kill(daemon.worker_pid(), signal.SIGKILL)
    how, answer = rig.settle(stream)
    told = how == ledger.ERROR_EVENT and answer.errors()[0]["code"] == "worker_crashed"
    require(told, f"a stream whose worker was killed ended as {how} {answer.errors()}")


def _leaves(rig, daemon):
    """In the middle of a stream, and before an answer that is not streamed: then the front has nothing to write that would fail."""
    while_streaming(rig, daemon)
    computing_ends(rig, daemon, rig.chat(daemon))


def _tells(front, head, content):
    """(statuses of the answers, tokens in the last one). With Expect the content is sent when the front asks for it."""
    with socket.create_connection(("127.0.0.1", front.port), 20.0) as connected:
        connected.sendall(head.replace(b"HOST", f"127.0.0.1:{front.port}".encode()))
        raw = connected.recv(65536) if b"Expect" in head else b""
        connected.sendall(content)
        while not (answers := split(raw)) or answers[-1].status < 200 or not answers[-1].framed_end:
            piece = connected.recv(65536)
            require(piece, f"the connection ended after {raw[:300]!r}")
            raw += piece
        return [answer.status for answer in answers], len(answers[-1].tokens())


def _takes_bodies(front, size):
    """In both framings, with and without asking first. The number of tokens stands behind the padding, so all of it must have come."""
    content = json.dumps(client.chat_body("steady", False, padding="x" * size, max_tokens=3)).encode()
    pieces = chunked(*(content[at:at + 50_000] for at in range(0, len(content), 50_000)))
    for framing, sent in ((f"Content-Length: {len(content)}", content), (CHUNKED, pieces)):
        for expect, due in (((), [200]), ((EXPECT,), [100, 200])):
            statuses, tokens = _tells(front, chat("Content-Type: application/json", framing, *expect, body=b""), sent)
            said = f"{len(content)} bytes with {framing} {expect} were answered with {statuses} and {tokens} tokens"
            require((statuses, tokens) == (due, 3), said)


def _keeps_connections(rig, daemon):
    before = daemon.connections_so_far()
    for n in range(100):
        rig.serve_one(daemon, f"request {n}", max_tokens=1)
    more = daemon.connections_so_far() - before - 1
    require(more <= 2, f"100 requests, one after the other, took {more} new connections to the daemon")


def judge_use(kind, rig, _):
    """What people do who have a server in front."""
    with behind(rig, kind, tokens=400, token_ms=20) as (daemon, front):
        _keeps_connections(rig, daemon)
        slowest = _streams(rig, daemon)
        for size in (0, 8_000_000):
            _takes_bodies(front, size)
        _leaves(rig, daemon)
        _cut_stream(rig, daemon)
        rig.serve_one(daemon, "the request after all of them", max_tokens=1)
        return slowest * 1000


def _cases(kind):
    vectors, use = functools.partial(judge_vectors, kind), functools.partial(judge_use, kind)
    return [Case(28, f"framing behind {kind.name}", vectors, "slowest_verdict", repetitions=3, lacks=kind.lacks),
            Case(28, f"in use behind {kind.name}", use, "longest_gap_in_stream", repetitions=5, lacks=kind.lacks)]


CASES = [case for kind in KINDS for case in _cases(kind)]
