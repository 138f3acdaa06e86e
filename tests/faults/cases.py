"""The fault cases, one function each: one repetition of it, given the rig and the number of the repetition, returns what was measured.

A case fails through require(). To add one, write its function and give it a line in CASES.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import ledger
from rig import require


def kill_daemon_with_idle_worker(rig, _):
    with rig.daemon() as daemon:
        rig.serve_one(daemon, "the first request")
        require(daemon.watch.living(), "no worker was seen: the scan of /proc is blind")
        return rig.kill_daemon(daemon)


def kill_daemon_while_loading(rig, i):
    with rig.daemon() as daemon:
        request = rig.chat(daemon)
        _wait_for_worker(daemon)
        time.sleep((i % 20) / 20 * 0.2)  # spread over spawn, hello, load and ready
        gone_after = rig.kill_daemon(daemon)
        how, _answer = rig.settle(request)
        require(how in (ledger.ABORTED, ledger.COMPLETE), f"the waiting request ended as {how}")
        daemon.start()
        rig.serve_one(daemon, "the first request after the restart")
        return gone_after


def kill_daemon_mid_stream(rig, _):
    with rig.daemon() as daemon:
        request = _stream_under_way(rig, daemon)
        gone_after = rig.kill_daemon(daemon)
        how, _answer = rig.settle_disturbed(request)
        require(how == ledger.ABORTED, f"the stream must break off, and it ended as {how}")
        return gone_after


def kill_idle_worker(rig, i):
    """The next request may wait for its first byte as long as the first one did, which had to load as well."""
    with rig.daemon() as daemon:
        cold = _complete_stream(rig, daemon, "the first request")
        pid = daemon.worker_pid()
        os.kill(pid, signal.SIGKILL)
        if i % 2:  # half of the time the daemon gets a moment to notice
            daemon.watch.wait_until_gone(1.0)
        again = _complete_stream(rig, daemon, "the request after the kill")
        require(daemon.worker_pid() != pid, "the worker that was killed is still listed")
        require(again <= cold * 1.5 + 0.25, f"the request after the kill waited {again:.2f} s for its first byte, the first one {cold:.2f} s")
        return (again - cold) * 1000


def kill_worker_mid_stream(rig, _):
    with rig.daemon() as daemon:
        stream = _stream_under_way(rig, daemon)
        bystander = rig.chat(daemon)  # has had no byte yet, so it may be tried again
        os.kill(daemon.worker_pid(), signal.SIGKILL)
        killed = time.monotonic()
        how, answer = rig.settle_disturbed(stream)
        require(how == ledger.ERROR_EVENT, f"the stream must end in an error event and break off, and it ended as {how}: {answer.body[-300:]!r}")
        code = answer.errors()[0].get("code")
        require(code == "worker_crashed", f"the error event's code is {code}")
        told_after = stream.ended - killed
        rig.settle(bystander)
        rig.serve_one(daemon, "the first request after the crash")
        return told_after * 1000


def _wait_for_worker(daemon, limit=20.0):
    deadline = time.monotonic() + limit
    while not daemon.watch.living():
        require(time.monotonic() < deadline, "no worker was started")
        time.sleep(0.001)


def _complete_stream(rig, daemon, which):
    """Seconds to its first byte."""
    request = rig.chat(daemon, stream=True)
    how, answer = rig.settle(request)
    require(how == ledger.COMPLETE, f"{which} ended as {how} ({answer.status} {answer.errors()})")
    return request.first_byte - request.started


def _stream_under_way(rig, daemon):
    request = rig.chat(daemon, stream=True)
    begun = request.wait_for(lambda answer: rig.workers.said(answer) >= rig.workers.wait_tokens)
    require(begun, f"the stream ended before it was broken: {request.answer().status} {request.answer().body[-300:]!r}")
    return request


@dataclass(frozen=True)
class Case:
    number: int
    title: str
    run: Callable
    metric: str           # of what `run` returns, in milliseconds
    repetitions: int = 20
    real_repetitions: int = 0  # with perch-worker and a demo model, besides those with fake workers


CASES = [
    Case(1, "SIGKILL proxy, idle worker", kill_daemon_with_idle_worker, "workers_gone_after"),
    Case(2, "SIGKILL proxy while loading", kill_daemon_while_loading, "workers_gone_after", real_repetitions=20),
    Case(3, "SIGKILL proxy mid-stream", kill_daemon_mid_stream, "workers_gone_after", real_repetitions=1),
    Case(6, "SIGKILL worker idle", kill_idle_worker, "next_request_beyond_cold_request"),
    Case(9, "SIGKILL worker at token 50", kill_worker_mid_stream, "client_told_after", real_repetitions=1),
]
