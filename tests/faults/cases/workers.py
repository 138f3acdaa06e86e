"""Cases that end or stop a worker."""

import os
import signal
import time

import ledger
from cases.case import Case
from cases.steps import complete_stream, note_recovery, stream_under_way, wait_for_worker, working
from rig import Missed, eventually, require


def kill_idle(rig, i):
    """The next request may wait for its first byte as long as the first one did, which had to load as well."""
    with rig.daemon() as daemon:
        first = complete_stream(rig, daemon, "the first request")
        pid = daemon.worker_pid()
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        if i % 2:  # half of the time the daemon gets a moment to notice
            daemon.watch.wait_until_gone(1.0)
        again = complete_stream(rig, daemon, "the request after the kill")
        require(daemon.worker_pid() != pid, "the worker that was killed is still listed")
        cold_seconds, seconds = first.first_byte - first.started, again.first_byte - again.started
        require(seconds <= cold_seconds * 1.5 + 0.25,
                f"the request after the kill waited {seconds:.2f} s for its first byte, the first one {cold_seconds:.2f} s")
        note_recovery(rig, daemon, max(killed, again.started), again.first_byte)
        return (seconds - cold_seconds) * 1000


DEMO_LOAD = 0.025  # seconds that a demo model takes to load, or a little less


def kill_while_loading(rig, i):
    """The caller is told within a second, or was served by a second attempt. Later ones are told to come back, and then served."""
    with rig.daemon(models={"steady": {"load_ms": 600}}) as daemon:
        request = rig.chat(daemon, stream=i % 2 == 1)
        wait_for_worker(daemon)
        time.sleep((i % 20) / 20 * (0.6 if rig.workers.kind == "fake" else DEMO_LOAD))
        os.kill(next(iter(daemon.watch.living())).pid, signal.SIGKILL)
        killed = time.monotonic()
        how, answer = rig.settle(request)
        if rig.workers.kind == "real" and request.first_byte and request.first_byte < killed:
            raise Missed  # it had been loaded already
        told_after = request.ended - killed
        if how != ledger.COMPLETE:
            require(how == ledger.REFUSED and answer.status in (502, 503), f"it ended as {how} ({answer.status} {answer.errors()})")
            require(told_after <= 1.0, f"the caller was told {told_after:.2f} s after the kill")
            refusal = rig.refused(rig.chat(daemon), "backing_off")
            require("retry-after" in refusal.fields, "a refusal that passes must say when to come back")
            require(eventually(lambda: rig.settle(rig.chat(daemon))[0] == ledger.COMPLETE, 5.0, every=0.1), "the model never came back")
        return told_after * 1000 if how != ledger.COMPLETE else 0.0


THINK = 0.2  # seconds


def kill_before_first_byte(rig, i):
    """In turn: a whole answer, a stream whose head is still to come, and one whose head has come."""
    with rig.daemon(models={"steady": {"think_ms": THINK * 1000, "head_first": i % 3 == 2}}) as daemon:
        request = rig.chat(daemon, stream=i % 3 > 0)
        os.kill(working(daemon), signal.SIGKILL)
        killed = time.monotonic()
        how, answer = rig.settle(request)
        require(how == ledger.COMPLETE, f"nothing had been sent, so it must be tried again; it ended as {how} ({answer.status} {answer.errors()})")
        begun = [entry for entry in daemon.worker_log if entry.what == "begin" and entry.request == answer.fields["x-request-id"]]
        require(len({entry.pid for entry in begun}) == 2, f"two workers were to work on it, and it was {len(begun)}")
        # A stream's first byte comes with its first token, unless the head was ahead; otherwise the second worker tells.
        token = request.first_byte if i % 3 == 1 else begun[-1].time + THINK
        return note_recovery(rig, daemon, killed, token - THINK)


def kill_mid_stream(rig, _):
    with rig.daemon() as daemon:
        stream = stream_under_way(rig, daemon)
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


WORK_STALL, ABORT = 1.0, 2.0  # seconds; the second is what a worker has to die of SIGABRT, fixed in the daemon


def stop_mid_stream(rig, _):
    """A stopped worker looks like a hung one. It would go on after a minute, but has been ended long before."""
    with rig.daemon("--work-stall", str(WORK_STALL)) as daemon:
        stream = stream_under_way(rig, daemon)
        pid = daemon.worker_pid()
        os.kill(pid, signal.SIGSTOP)
        stopped = time.monotonic()
        how, answer = rig.settle(stream)
        told_after = stream.ended - stopped
        require(how == ledger.ERROR_EVENT and answer.errors()[0]["code"] == "worker_crashed", f"it ended as {how} {answer.errors()}")
        require(told_after <= WORK_STALL + ABORT + 1.0, f"the client was told {told_after:.1f} s after the worker had stopped")
        rig.serve_one(daemon, "the first request afterwards")
        require(daemon.worker_pid() != pid, "the worker that stopped still serves")
        return told_after * 1000


STOP_TIMEOUT = 0.5


def ignore_orders_on_swap(rig, _):
    with rig.daemon("--stop-timeout", str(STOP_TIMEOUT), models={"steady": {"ignore_exit": True}}, policy={"min_residency": 0}) as daemon:
        rig.serve_one(daemon, "the stubborn model")
        stubborn = daemon.worker_pid()
        other = complete_stream(rig, daemon, "the other model's request", model="other")
        waited = other.first_byte - other.started
        require(waited >= STOP_TIMEOUT, f"the stubborn worker left after {waited:.2f} s: it was not stubborn, and nothing was shown")
        require(waited <= STOP_TIMEOUT + 0.2 + 1.0, f"the other model waited {waited:.2f} s")
        require(daemon.worker_pid() not in (None, stubborn), "the stubborn worker is still listed")
        return waited * 1000


CASES = [
    Case(6, "SIGKILL worker idle", kill_idle, "next_request_beyond_cold_request"),
    Case(7, "SIGKILL worker during load", kill_while_loading, "caller_told_after", real_repetitions=20),
    Case(8, "SIGKILL worker at token 0", kill_before_first_byte, "recovery_beyond_load", few=3),
    Case(9, "SIGKILL worker at token 50", kill_mid_stream, "client_told_after", real_repetitions=1),
    Case(10, "SIGSTOP worker mid-stream", stop_mid_stream, "client_told_after", repetitions=5),
    Case(11, "worker ignores orders on swap", ignore_orders_on_swap, "other_model_waited"),
]
