"""Case of requests whose beginning or end could be taken for another than their sender's (tests/faults/vectors.py)."""

import socket
import time

import client
from answer import split
from cases.case import Case
from rig import require
from vectors import VECTORS

LIMIT = 3.0     # seconds for everything about one vector
SILENCE = 0.02  # after the last answer that is due: whether there is one more
PIECES = 400    # at most: long ones do not come byte by byte


def send(connected, data, piecewise):
    """What the daemon does not take any more, it has judged already."""
    step = max(1, len(data) // PIECES if piecewise else len(data))
    try:
        for at in range(0, len(data), step):
            connected.sendall(data[at:at + step])
    except OSError:
        pass


def piece_within(connected, seconds):
    """What comes in that time; b"": the connection ended; None: nothing came."""
    connected.settimeout(seconds)
    try:
        return connected.recv(65536)
    except TimeoutError:
        return None
    except OSError:
        return b""


def receive(connected, vector, deadline):
    """(answers, whether the daemon ended the connection)"""
    raw, ended = b"", False
    while not ended and time.monotonic() < deadline:
        answers = split(raw, vector.heads)
        due = vector.ends or len(answers) < len(vector.answers) or not answers[-1].framed_end
        piece = piece_within(connected, max(0.001, deadline - time.monotonic()) if due else SILENCE)
        if piece is None:
            break
        raw, ended = raw + piece, not piece
    return split(raw, vector.heads), ended


def ask(daemon, vector, piecewise):
    with socket.create_connection(("127.0.0.1", daemon.port)) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send(connected, vector.sent.replace(b"HOST", f"127.0.0.1:{daemon.port}".encode()), piecewise)
        if vector.half_closes:
            connected.shutdown(socket.SHUT_WR)
        return receive(connected, vector, time.monotonic() + LIMIT)


def problem(vector, answers, ended, inferences):
    """What is wrong with how it was answered, in words, or None."""
    statuses = [answer.status for answer in answers]
    if len(answers) != len(vector.answers) or any(status not in may for status, may in zip(statuses, vector.answers)):
        return f"answered with {statuses}, and {[list(may) for may in vector.answers]} was due"
    if not all(answer.framed_end for answer in answers):
        return "the answer is not whole"
    if vector.ends is not None and ended != vector.ends:
        return "the connection ended" if ended else "the connection stayed open"
    if ended and answers[-1].fields.get("connection", "").lower() != "close":
        return "the connection ended, and the answer did not say so (RFC 9112, 9.6)"
    if any(answer.status == 405 and not answer.fields.get("allow") for answer in answers):
        return "405 without Allow (RFC 9110, 15.5.6)"
    if inferences != vector.inferences:
        return f"the worker saw {inferences} requests"
    return None


def _inferences(daemon):
    return sum(entry.what == "begin" and entry.request != "-" for entry in daemon.worker_log)


def judge(rig, _):
    """Each vector in one piece and byte by byte: how it comes must not matter."""
    with rig.daemon(models={"steady": {"load_ms": 0, "tokens": 1, "token_ms": 0}}, sample_every=0.05) as daemon:
        rig.serve_one(daemon, "the first request")
        seen, slowest, failed = _inferences(daemon), 0.0, []
        for vector in VECTORS:
            for piecewise in (False, True):
                began = time.monotonic()
                answers, ended = ask(daemon, vector, piecewise)
                slowest = max(slowest, time.monotonic() - began)
                before, seen = seen, _inferences(daemon)
                wrong = problem(vector, answers, ended, seen - before)
                if client.call(daemon.port, "GET", "/health", limit=2.0).status != 200:
                    wrong = "the daemon does not answer any more"
                how = "byte by byte" if piecewise else "at once"
                rig.details.append({"vector": vector.name, "section": vector.section, "sent": how, "answered": [a.status for a in answers],
                                    "ended": ended, "holds": wrong is None, **({"problem": wrong} if wrong else {})})
                if wrong:
                    failed.append(f"{vector.name}, {how} ({vector.section}): {wrong}")
        require(not failed, f"{len(failed)} of {2 * len(VECTORS)} vectors:" + "".join(f"\n        {line}" for line in failed[:40]))
        rig.serve_one(daemon, "the request after all of them")
        require(_inferences(daemon) == seen + 1, "a worker saw a request later on")
        return slowest * 1000


CASES = [Case(28, "request framing, RFC 9112", judge, "slowest_verdict", repetitions=5)]
