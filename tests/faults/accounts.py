"""Joins what the client, the daemon and the workers wrote down about the same requests, each in a file or a list of its own.

The workers' file is written by fake workers (see "log" in fake_worker); all clocks are the machine's monotonic one.
"""

import re
from collections import Counter
from dataclasses import dataclass

import ledger

# How far apart two processes may write down the same moment on a busy machine.
BLUR = 0.25
# A worker that lived on does not excuse these: somebody asked for the end.
ORDERED = {"model_evicted", "cancelled_by_operator"}
DAEMON_LINE = re.compile(r"(req-[0-9a-f]+) [A-Z]+ \S+ \d+ \d+B \d+ms$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A line of a worker's."""

    time: float
    pid: int
    what: str  # load, ready, begin, end, exit
    model: str
    request: str
    tokens: int


@dataclass(frozen=True)
class Record:
    """A client's."""

    request: str  # the daemon's name for it; empty when no answer came
    how: str
    code: str
    began: float
    ended: float


def record(request, answer, how):
    errors = answer.errors() if how in (ledger.REFUSED, ledger.ERROR_EVENT) else []
    code = (errors[0].get("code") or "") if errors else ""
    return Record(answer.fields.get("x-request-id", ""), how, code, request.started, request.left or request.ended)


def parse(text):
    """Lines that a killed worker did not finish are left out."""
    parts = (line.split() for line in text.splitlines())
    return [Entry(int(p[0]) / 1e9, int(p[1]), p[2], p[3], p[4], int(p[5])) for p in parts if len(p) == 6]


def spans(entries):
    """pid to (first, last) sign of life of it."""
    found = {}
    for entry in entries:
        first, last = found.get(entry.pid, (entry.time, entry.time))
        found[entry.pid] = (min(first, entry.time), max(last, entry.time))
    return found


def most_at_once(entries):
    """Workers whose spans overlap, the most."""
    steps = sorted(step for first, last in spans(entries).values() for step in ((first, 1), (last, -1)))
    now = most = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most


def lost(records, entries):
    """Requests that failed although the worker that worked on them lived on."""
    last_sign = {pid: last for pid, (_, last) in spans(entries).items()}
    workers = {}
    for entry in entries:
        if entry.what == "begin":
            workers.setdefault(entry.request, []).append(entry.pid)
    failed = [r for r in records if r.how not in (ledger.COMPLETE, ledger.LEFT) and r.code not in ORDERED]
    return [r for r in failed if any(last_sign[pid] > r.ended + BLUR for pid in workers.get(r.request, ()))]


def outside(records, entries):
    """What workers did for a request before it was made or after it was over."""
    known = {r.request: r for r in records if r.request}
    about = [(entry, known[entry.request]) for entry in entries if entry.what in ("begin", "end") and entry.request in known]
    return [entry for entry, r in about if not r.began - BLUR <= entry.time <= r.ended + BLUR]


def unaccounted(records, daemon_log):
    """Requests that the daemon's log does not tell of exactly once."""
    told = Counter(DAEMON_LINE.findall(daemon_log))
    return [r.request for r in records if r.request and told[r.request] != 1]
