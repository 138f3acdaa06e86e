"""What several cases do."""

import time

import ledger
import processes
from rig import eventually, require


def wait_for_worker(daemon, limit=20.0):
    require(eventually(daemon.watch.living, limit, every=0.001), "no worker was started")


def stream_under_way(rig, daemon, said=None, **more):
    """A stream that has said as many tokens."""
    said = said or rig.workers.wait_tokens
    request = rig.chat(daemon, stream=True, **more)
    begun = request.wait_for(lambda answer: rig.workers.said(answer) >= said)
    require(begun, f"the stream ended before it was broken: {request.answer().status} {request.answer().body[-300:]!r}")
    return request


def complete_stream(rig, daemon, which, **more):
    """The request, when it has ended well."""
    request = rig.chat(daemon, stream=True, **more)
    how, answer = rig.settle(request)
    require(how == ledger.COMPLETE, f"{which} ended as {how} ({answer.status} {answer.errors()})")
    return request


def working(daemon):
    """Waits until a fake worker has begun a client's request; returns its process id. The lease comes earlier, with the request still under way."""
    require(eventually(lambda: any(entry.what == "begin" and entry.request.startswith("req-") for entry in daemon.worker_log), 10.0),
            "no request was begun")
    return daemon.worker_pid()


def load_seconds(daemon):
    """How long the latest load took by the worker's own account: from its order to its readiness."""
    entries = daemon.worker_log
    ready = next(entry for entry in reversed(entries) if entry.what == "ready")
    return ready.time - next(entry.time for entry in entries if entry.what == "load" and entry.pid == ready.pid)


def note_recovery(rig, daemon, crashed, token):
    """From a worker's crash to the next token, less pure load time: one figure of the report. Returns milliseconds."""
    took = (token - crashed - load_seconds(daemon)) * 1000
    if rig.workers.ours:
        rig.figures.recoveries.append(took)
    return took


def unloaded(daemon):
    status = daemon.status()
    return status["phase"] == "vacant" and not daemon.watch.living()


def paced(count, every):
    """0, 1, ... one every `every` seconds, late ones at once."""
    began = time.monotonic()
    for n in range(count):
        time.sleep(max(0.0, began + n * every - time.monotonic()))
        yield n


def _spare_is_there(daemon):
    status = daemon.status()
    return status["phase"] != "serving" or (status["spare"]["worker"] or {}).get("state") == "waiting"


def settled_holdings(daemon):
    """What the daemon holds when nothing is under way, the worker that it starts ahead of the next load included: the least of some readings, because
    what it looks at in /proc is open for moments."""
    eventually(lambda: _spare_is_there(daemon), 5.0, every=0.05)
    readings = []
    for _ in paced(20, 0.02):
        readings.append(daemon.holdings())
    return min(readings, key=lambda reading: reading.descriptors)


def processor_rests(pid, for_so_long, limit):
    """When a process that has not computed for that long did so last; None: it goes on and on. As fine as the kernel's ticks, 10 ms."""
    deadline = time.monotonic() + limit
    latest, spent = time.monotonic(), processes.cpu_seconds(pid)
    while time.monotonic() < min(deadline, latest + for_so_long):
        time.sleep(0.005)
        if (now := processes.cpu_seconds(pid)) != spent:
            latest, spent = time.monotonic(), now
    return latest if time.monotonic() >= latest + for_so_long else None
