"""Cases in which a model does not load, or its requests kill whatever runs them."""

import time

import ledger
from cases.case import Case
from cases.steps import paced, unloaded
from rig import eventually, require

QUICK = 0.1  # seconds: what "refused at once" may take on a busy machine


def most_within(times, window):
    """The most of `times` that lie in any window of that length."""
    return max((sum(first <= t < first + window for t in times) for first in times), default=0)


def fail_to_load(rig, many):
    """A hundred requests a second for a model whose worker exits at load."""
    with rig.daemon(models={"steady": {"load_ms": 0, "exit_at_load": 1}}) as daemon:
        slowest = 0.0
        for _ in paced(many, 0.01):
            request = rig.chat(daemon)
            answer = rig.refused(request, "load_failed", "backing_off")
            if answer.errors()[0]["code"] == "backing_off":
                require(answer.status == 503 and "retry-after" in answer.fields, f"a refusal that passes: {answer.status} {answer.fields}")
                slowest = max(slowest, request.seconds)
        spawns = [entry.time for entry in daemon.worker_log if entry.what == "load"]
        require(most_within(spawns, 10.0) <= 4, f"{most_within(spawns, 10.0)} workers were started within 10 s")
        require(slowest <= QUICK, f"a refusal took {slowest * 1000:.0f} ms")
        return slowest * 1000


LOAD_STALL = 0.5


def stall_load(rig, _):
    stalls = {"mute": -1, "at_0": 0, "at_37": 0.37, "at_100": 1}
    slowest = 0.0
    with rig.daemon("--load-stall", str(LOAD_STALL), models={name: {"load_ms": 0, "stall_at": at} for name, at in stalls.items()}) as daemon:
        for name in stalls:
            request = rig.chat(daemon, model=name)
            answer = rig.refused(request, "load_timeout")
            require(answer.status == 504, f"{name}: status {answer.status}")
            require(request.seconds >= LOAD_STALL, f"{name}: ended after {request.seconds:.2f} s, before it had stalled")
            require(request.seconds <= LOAD_STALL + 1.0, f"{name}: ended after {request.seconds:.2f} s")
            require(eventually(lambda: unloaded(daemon), 0.5), f"{name}: the state is {daemon.status()}")
            require(daemon.worker(name)["last_failure"], f"{name}: the status gives no cause")
            slowest = max(slowest, request.seconds)
    return (slowest - LOAD_STALL) * 1000


def load_slowly(rig, _):
    """A load that lasts ten times as long as it may stand still."""
    stall = 0.3
    with rig.daemon("--load-stall", str(stall), models={"steady": {"load_ms": stall * 10_000}}) as daemon:
        return rig.serve_one(daemon, "the slow load").seconds * 1000


def poison(rig, i):
    """In turn: one after the other, all at once, and streams that die at token 10. The harmless are served in the end."""
    script = {"load_ms": 0, "tokens": 12, "poison": "hemlock", "crash_at_token": 10 if i % 3 == 2 else 0}
    with rig.daemon(models={"steady": script}) as daemon:
        def ask():
            return rig.chat(daemon, stream=i % 3 == 2, messages=[{"role": "user", "content": "hemlock"}])

        waiting = [ask() for _ in range(50)] if i % 3 == 1 else []
        ends = [rig.settle(request) for request in waiting] or [rig.settle(ask()) for _ in range(50)]
        codes = [answer.errors()[0].get("code") for how, answer in ends if how != ledger.COMPLETE]
        crashes = sum(entry.what == "load" for entry in daemon.worker_log) - (daemon.worker_pid() is not None)
        require(len(codes) == 50, "a poisonous request was answered")
        require(crashes <= 2, f"{crashes} workers died of the same request")
        require(set(codes) <= {"worker_crashed", "poison_request"}, f"the requests ended as {set(codes)}")
        require(codes[-1] == "poison_request", f"the last one ended as {codes[-1]}")
        require(all(answer.status == 422 for _, answer in ends if answer.errors()[0]["code"] == "poison_request"), "not every refusal had status 422")
        rig.serve_one(daemon, "a harmless request")
        return float(crashes)


CASES = [
    Case(13, "worker exits 1 at load", fail_to_load, "slowest_refusal", many=1000, few=150),
    Case(14, "load stalls at 0, 37, 100 %", stall_load, "caller_told_beyond_stall", repetitions=5),
    Case(15, "slow load, 10 x stall limit", load_slowly, "served_after", repetitions=3),
    Case(16, "poison prompt x 50", poison, "crashes", unit="count", repetitions=6, few=3),
]
