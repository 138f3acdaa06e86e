"""Cases that end the daemon."""

import signal
import time

import ledger
from cases.case import Case
from cases.steps import stream_under_way, wait_for_worker
from rig import require


def kill_with_idle_worker(rig, _):
    with rig.daemon() as daemon:
        rig.serve_one(daemon, "the first request")
        require(daemon.watch.living(), "no worker was seen: the scan of /proc is blind")
        return rig.kill_daemon(daemon)


def kill_while_loading(rig, i):
    with rig.daemon() as daemon:
        request = rig.chat(daemon)
        wait_for_worker(daemon)
        time.sleep((i % 20) / 20 * 0.2)  # spread over spawn, hello, load and ready
        gone_after = rig.kill_daemon(daemon)
        how, _answer = rig.settle(request)
        require(how in (ledger.ABORTED, ledger.COMPLETE), f"the waiting request ended as {how}")
        daemon.start()
        rig.serve_one(daemon, "the first request after the restart")
        return gone_after


def kill_mid_stream(rig, _):
    with rig.daemon() as daemon:
        request = stream_under_way(rig, daemon)
        gone_after = rig.kill_daemon(daemon)
        how, _answer = rig.settle_disturbed(request)
        require(how == ledger.ABORTED, f"the stream must break off, and it ended as {how}")
        return gone_after


DRAIN, SLACK = 1.0, 1.0  # seconds; the slack is for stopping the worker and for a busy machine


def _leave(daemon, told, limit):
    """Waits for an orderly exit of a daemon that was told to at that moment. Returns milliseconds."""
    status, left = daemon.wait_for_exit(told + limit)
    seconds = time.monotonic() - told
    require(status is not None, f"the daemon was still there after {limit} s")
    require(status == 0, f"the daemon's exit status is {status}")
    require(not left, f"{len(left)} processes were left a second after the daemon's end: {left}")
    return seconds * 1000


def terminate_mid_stream(rig, i):
    """Every second stream ends within the drain deadline; the others are cut off there, and told so."""
    fits = i % 2 == 0
    with rig.daemon(models={"steady": {"token_ms": 5 if fits else 100}}, policy={"drain_timeout": DRAIN}) as daemon:
        stream = stream_under_way(rig, daemon, said=5)
        told = time.monotonic()
        daemon.signal(signal.SIGTERM)
        took = _leave(daemon, told, DRAIN + SLACK)
        how, answer = rig.settle(stream)
        if fits:
            require(how == ledger.COMPLETE, f"there was time for the stream, and it ended as {how}: {answer.errors()}")
        else:
            require(how == ledger.ERROR_EVENT and answer.errors()[0]["code"] == "model_evicted", f"it ended as {how}: {answer.errors()}")
        return took


def terminate_impatiently(rig, i):
    """SIGTERM twice, SIGINT to the whole group as a terminal sends it, SIGHUP while it stops."""
    signals = [[(signal.SIGTERM, False), (signal.SIGTERM, False)], [(signal.SIGINT, True)], [(signal.SIGTERM, False), (signal.SIGHUP, False)]]
    with rig.daemon(models={"steady": {"token_ms": 100}}, policy={"drain_timeout": DRAIN}) as daemon:
        stream = stream_under_way(rig, daemon, said=3)
        told = time.monotonic()
        for number, group in signals[i % 3]:
            daemon.signal(number, group)
            time.sleep(0.05)
        took = _leave(daemon, told, DRAIN + SLACK)
        how, answer = rig.settle(stream)
        require(how == ledger.ERROR_EVENT, f"the stream must end in an error event, and it ended as {how}: {answer.errors()}")
        return took


CASES = [
    Case(1, "SIGKILL proxy, idle worker", kill_with_idle_worker, "workers_gone_after"),
    Case(2, "SIGKILL proxy while loading", kill_while_loading, "workers_gone_after", real_repetitions=20),
    Case(3, "SIGKILL proxy mid-stream", kill_mid_stream, "workers_gone_after", real_repetitions=1),
    Case(4, "SIGTERM proxy mid-stream", terminate_mid_stream, "gone_after", few=2),
    Case(5, "SIGTERM twice, SIGINT, SIGHUP", terminate_impatiently, "gone_after", repetitions=21, few=3),
]
