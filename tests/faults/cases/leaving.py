"""Clients that hang up: whatever was done for them ends."""

import time

import ledger
import processes
from cases.case import Case
from cases.steps import processor_rests, stream_under_way, working
from rig import eventually, require

LIMIT = 0.2  # seconds from the hang-up to the end of computing, and to the free slot


def disconnect(rig, many):
    """A client leaves in each of five phases; `many` times each."""
    if rig.workers.kind == "real":
        return _disconnect_real(rig, many)
    script = {"slots": 1, "load_ms": 100, "tokens": 2000, "token_ms": 5}
    models = {"steady": script, "thinker": script | {"think_ms": 5000}}
    with rig.daemon(models=models, policy={"min_residency": 0}) as daemon:
        return max(phase(rig, daemon) for phase in PHASES for _ in range(many))


def _gone(rig, daemon, request, idle):
    """Hangs up. Milliseconds until `idle` holds, in the daemon's eyes and the worker's."""
    request.leave()
    require(eventually(idle, 5.0), f"five seconds after the client left: {daemon.status()}")
    took = time.monotonic() - request.left
    how, _answer = rig.settle(request)
    require(how == ledger.LEFT, f"the client left, and the request ended as {how}")
    return took


def _judge(rig, seconds):
    rig.figures.cancellations.append(seconds * 1000)
    require(seconds <= LIMIT, f"{seconds * 1000:.0f} ms after the client had left")
    return seconds * 1000


def _free(daemon):
    return daemon.status()["leases"] == 0 and not daemon.ask("/admin/v1/requests")["requests"]


def computing_ends(rig, daemon, request):
    """By the worker's own account, which is exact; the daemon's view has to follow."""
    require(eventually(lambda: _written(daemon, "begin", request)), "the worker never began")
    took = _gone(rig, daemon, request, lambda: _free(daemon))
    require(took <= LIMIT + 0.1, f"the slot was free {took * 1000:.0f} ms after the client had left")
    require(eventually(lambda: _written(daemon, "end", request)), "the worker goes on computing for a client that left")
    end = _written(daemon, "end", request)
    return end, _judge(rig, end.time - request.left)


def _written(daemon, what, request):
    """What the worker wrote of the request, which is the only one that was made since; the daemon's own question has no name."""
    since = (entry for entry in daemon.worker_log if entry.time >= request.started and entry.request != "-")
    return next((entry for entry in since if entry.what == what), None)


def _while_sending(rig, daemon):
    request = rig.chat(daemon, how={"sent": 0.5})
    time.sleep(0.02)
    return _judge(rig, _gone(rig, daemon, request, lambda: _free(daemon)))


def _while_loading(rig, daemon):
    daemon.verb("steady", "unload"), daemon.verb("thinker", "unload")
    request = rig.chat(daemon, stream=True)
    require(eventually(lambda: daemon.status()["phase"] == "loading", 5.0, every=0), "no load was seen")
    return _judge(rig, _gone(rig, daemon, request, lambda: daemon.status()["phase"] == "vacant"))


def _while_queued(rig, daemon):
    occupant = stream_under_way(rig, daemon, said=1)
    request = rig.chat(daemon)
    require(eventually(lambda: daemon.status()["queued"] == 1, 5.0), "the second request was not queued")
    took = _judge(rig, _gone(rig, daemon, request, lambda: daemon.status()["queued"] == 0))
    occupant.leave()
    rig.settle(occupant)
    require(eventually(lambda: _free(daemon)), "the slot is not free")
    return took


def _while_thinking(rig, daemon):
    request = rig.chat(daemon, stream=True, model="thinker")
    working(daemon)
    end, took = computing_ends(rig, daemon, request)
    require(end.tokens == 0, f"{end.tokens} tokens were made before the first one")
    return took


def while_streaming(rig, daemon):
    request = stream_under_way(rig, daemon, said=5)
    received = len(request.answer().tokens())
    end, took = computing_ends(rig, daemon, request)
    require(end.tokens <= received + LIMIT / 0.005, f"{end.tokens - received} tokens were made for nobody")
    return took


PHASES = (_while_sending, _while_loading, _while_queued, _while_thinking, while_streaming)


def _disconnect_real(rig, many):
    """In the middle of a stream. Computing has ended when the worker's processor time stands still."""
    with rig.daemon() as daemon:
        worst = 0.0
        for _ in range(many):
            request = stream_under_way(rig, daemon, max_tokens=1500, ignore_eos=True)
            pid = daemon.worker_pid()
            before = processes.cpu_seconds(pid)
            require(eventually(lambda: processes.cpu_seconds(pid) > before, 1.0), "the worker was not computing, so nothing would be shown")
            request.leave()
            rested = processor_rests(pid, 0.1, limit=5.0)
            require(rested, "the worker goes on computing for a client that left")
            worst = max(worst, _judge(rig, max(0.0, rested - request.left)))
            require(eventually(lambda: _free(daemon)), "the slot is not free")
            how, _answer = rig.settle(request)
            require(how == ledger.LEFT, f"the client left, and the request ended as {how}")
        return worst


CASES = [Case(23, "client disconnects in 5 phases", disconnect, "compute_stopped_after", many=100, few=3, real_repetitions=1)]
