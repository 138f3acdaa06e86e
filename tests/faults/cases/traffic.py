"""Cases of many requests: who waits for whom, and what it costs."""

import threading
import time

import burst
import client
import ledger
from cases.case import Case
from cases.steps import paced, processor_rests, settled_holdings
from figures import percentile
from pace import pace
from rig import eventually, require

ROOM = {"min_residency": 0}  # swaps as often as there is a reason


AT_ONCE = 0.05  # seconds


def cold_burst(rig, many):
    """policy.max_queue is 64: so many wait for the one load, and the others are told at once."""
    cap = 64
    limit = AT_ONCE * pace()
    with rig.daemon(models={"steady": {"load_ms": 1000, "tokens": 5, "token_ms": 0}}, sample_every=0.05) as daemon:
        shots = burst.fire(daemon, [client.chat_body("steady", n % 2 == 0) for n in range(many)])
        ends = [(shot, *rig.settle(shot)) for shot in shots]
        refused = [(shot, answer) for shot, how, answer in ends if how == ledger.REFUSED]
        spawns = sum(entry.what == "load" for entry in daemon.worker_log)
        rig.figures.worst("cold_spawns", max(spawns, daemon.worker("steady")["spawns"]))
        require(spawns == 1, f"{spawns} workers were started")
        require(sum(how == ledger.COMPLETE for _, how, _ in ends) == min(cap, many), f"the requests ended as {[how for _, how, _ in ends]}")
        require(all(a.errors()[0]["code"] == "queue_full" and a.status == 503 and "retry-after" in a.fields for _, a in refused),
                "not every refusal was 503 queue_full with Retry-After")
        slowest = max((shot.seconds for shot, _ in refused), default=0.0)
        require(slowest <= limit, f"a refusal took {slowest * 1000:.0f} ms, and {limit * 1000:.0f} ms is the most on a machine as fast as this one")
        return slowest * 1000


def alternate(rig, many):
    """A, B, A, B: every request needs a swap. Nothing of a worker may be left when the next one comes, and nothing in the daemon."""
    first, second = rig.workers.pair
    weights = {"load_ms": 0, "tokens": 3, "token_ms": 0}
    models = {first: weights | {"leak_mb": 64}, second: weights | {"leak_mb": 48}} if rig.workers.kind == "fake" else None
    with rig.daemon(models=models, policy=ROOM, sample_every=0.005) as daemon:
        def swap(n):
            rig.serve_one(daemon, f"swap {n}", model=rig.workers.pair[n % 2], **({} if models else {"max_tokens": 1}))

        for n in range(min(20, many)):  # until everything has been allocated once
            swap(n)
        before = settled_holdings(daemon)
        began = time.monotonic()
        for n in range(many):
            swap(n)
        took = time.monotonic() - began
        after = settled_holdings(daemon)
        watch = daemon.watch
        rig.figures.worst("descriptors_leaked", max(0, after.descriptors - before.descriptors))
        rig.figures.worst("memory_ratio", round(watch.most_kib / watch.largest_kib, 4))
        require(after.descriptors <= before.descriptors, f"{after.descriptors - before.descriptors} descriptors more after {many} swaps")
        require(after.threads <= before.threads, f"{after.threads - before.threads} threads more")
        require(watch.most == 1, f"{watch.most} workers lived at once")
        require(watch.most_kib <= watch.largest_kib * 1.02, f"all workers together held {watch.most_kib} KiB, the largest {watch.largest_kib} KiB")
        return took / many * 1000


MAX_WAIT, RESIDENCY = 1.0, 0.3
THREE = ("steady", "other", "third")


def _swaps(daemon):
    return [swap["seconds"]["total"] for swap in daemon.events("swap")]


def take_turns(rig, many):
    """ABCABC at a steady pace, so that no model is ever idle, and then all of them at the same moment."""
    script = {"load_ms": 100, "tokens": 10, "token_ms": 20, "slots": 64}
    policy = {"max_wait": MAX_WAIT, "min_residency": RESIDENCY, "max_queue": 1000}
    with rig.daemon(models=dict.fromkeys(THREE, script), policy=policy, sample_every=0.05) as daemon:
        began = time.monotonic()
        requests = [rig.chat(daemon, stream=n % 2 == 0, model=THREE[n % 3]) for n in paced(3 * many, 0.02)]
        for request in requests:
            how, answer = rig.settle(request)
            require(how == ledger.COMPLETE, f"it ended as {how} ({answer.status} {answer.errors()})")
        lasted = time.monotonic() - began
        begun = {entry.request: entry.time for entry in daemon.worker_log if entry.what == "begin"}
        waits = [begun[r.answer().fields["x-request-id"]] - r.started for r in requests]
        swaps = _swaps(daemon)
        # What is left of the swap under way, then two others: core.hpp.
        bound = max(swaps) + (len(THREE) - 1) * (MAX_WAIT + max(swaps))
        late = sum(wait > bound for wait in waits)
        rig.figures.worst("waits_past_bound", late)
        require(late == 0, f"{late} requests waited longer than {bound:.2f} s, the longest {max(waits):.2f} s")
        most = lasted / (RESIDENCY + min(swaps)) + 1
        require(len(swaps) <= most, f"{len(swaps)} swaps in {lasted:.1f} s, and {most:.1f} is the most")
        _all_at_once(rig, daemon, many)
        return max(waits) / bound * 100


def _all_at_once(rig, daemon, many):
    before = len(_swaps(daemon))
    shots = burst.fire(daemon, [client.chat_body(THREE[n % 3], False) for n in range(3 * many)])
    for shot in shots:
        how, answer = rig.settle(shot)
        require(how == ledger.COMPLETE, f"it ended as {how} ({answer.status} {answer.errors()})")
    swaps = len(_swaps(daemon)) - before
    require(swaps <= len(THREE), f"{3 * many} requests for {len(THREE)} models at the same moment cost {swaps} swaps")


def race_operator(rig, many):
    """Three clients chat with two models while an operator loads and unloads both. No answer may be cut off."""
    with rig.daemon(models=dict.fromkeys(rig.workers.pair, {"load_ms": 20, "tokens": 8, "token_ms": 2}), policy=ROOM) as daemon:
        ends, verbs, done = [], [], threading.Event()

        def chat(who):
            for n in range(who, many, 3):
                ends.append(rig.settle(rig.chat(daemon, stream=n % 2 == 0, model=rig.workers.pair[n // 2 % 2])))

        def operate():
            for n in range(10 * many):
                if done.is_set():
                    return
                verbs.append(daemon.verb(rig.workers.pair[n // 2 % 2], "unload" if n % 2 else "load").status)

        clients = [threading.Thread(target=chat, args=(who,)) for who in range(3)]
        operator = threading.Thread(target=operate)
        for thread in [operator, *clients]:
            thread.start()
        for thread in clients:
            thread.join()
        done.set()
        operator.join()
        require(verbs.count(200) >= 4, f"the operator's verbs were answered with {verbs}: there was no race")
        require(len(ends) == many, f"{many - len(ends)} requests have no outcome that their client could judge")
        codes = [answer.errors()[0].get("code") for how, answer in ends if how == ledger.REFUSED]
        require(set(codes) <= {"model_unloaded"}, f"requests were refused with {set(codes)}")
        cut = [how for how, _ in ends if how not in (ledger.COMPLETE, ledger.REFUSED)]
        require(not cut, f"answers ended as {cut[:5]}")
        return len(codes) / many * 100


def slow_readers(rig, many):
    """Clients that ask and do not read. Another client's requests are served beside them as before."""
    answer = {"load_ms": 0, "tokens": 4000, "token_ms": 1, "pad": 4000, "slots": 512}
    samples = 400  # of one hundred the 99th percentile would be whatever happened to the slowest one
    per_connection_kib = 128  # header and relay buffers, one chunk in two shapes, two coroutines
    with rig.daemon(models={"steady": answer}, policy={"max_queue": 1000}, sample_every=0.05) as daemon:
        def quick():
            return rig.serve_one(daemon, "the other client", max_tokens=1).seconds * 1000

        quick()
        alone = [quick() for _ in range(samples)]
        before = daemon.holdings().resident_kib
        readers = [rig.chat(daemon, stream=True, how={"reads": False}) for _ in range(many)]
        require(eventually(lambda: daemon.status()["leases"] >= many, 20.0), "the slow readers' requests never ran")
        require(processor_rests(daemon.worker_pid(), 0.3, limit=30.0), "the worker writes on although nobody reads")
        beside = [quick() for _ in range(samples)]
        grown = daemon.holdings().resident_kib - before
        require(daemon.status()["leases"] >= many, "some of the slow readers were served: they were not slow")
        for reader in readers:
            reader.leave()
            rig.settle(reader)
        require(eventually(lambda: daemon.status()["leases"] == 0, 5.0), "the slow readers left, and their slots are still taken")
        require(grown <= many * per_connection_kib, f"{many} slow readers cost the daemon {grown} KiB")
        slowdown = percentile(beside, 0.99) - percentile(alone, 0.99)
        require(slowdown <= 50, f"the other client's p99 went from {percentile(alone, 0.99):.1f} to {percentile(beside, 0.99):.1f} ms")
        return grown / many


CASES = [
    Case(19, "cold concurrent requests", cold_burst, "slowest_refusal", many=500, few=150),
    Case(20, "A/B alternating swaps", alternate, "mean_swap", many=500, few=8, real_repetitions=1),
    Case(21, "ABCABC", take_turns, "longest_wait_of_bound", unit="%", many=60, few=20),
    Case(22, "unload/load racing chat", race_operator, "refused", unit="%", many=300, few=60),
    Case(24, "slow readers", slow_readers, "daemon_memory_each", unit="KiB", many=200, few=40),
]
