"""Everything at once, for long."""

import contextlib
import os
import random
import signal
import threading
import time

import ledger
from cases.case import Case
from cases.steps import settled_holdings
from rig import require

CLIENTS = 4
FAULTS = 0.01  # of the requests: a worker killed, a client that leaves, a model unloaded
SWAPS = 500        # at most, and one for twenty requests
GROWTH_KIB = 1024  # less than this for a hundred thousand requests, so for fewer as well
SETTLED = 5_000    # requests until what the daemon keeps of the past has its full length; a shorter soak says nothing about growth
BLAMELESS = {"worker_crashed", "model_unloaded", "backing_off", "quarantined", "load_failed", "queue_full"}
SHORT_ANSWER = 8  # tokens, of real models: it is the swaps and the faults that are to be many


class Soak:
    def __init__(self, rig, daemon, many):
        self.rig, self.daemon, self.many = rig, daemon, many
        self.more = {"max_tokens": SHORT_ANSWER} if rig.workers.kind == "real" else {}
        self.next = 0
        self.lock = threading.Lock()
        self.problems = []
        self.swaps = min(SWAPS, many // 20)
        self.sizes = []  # (requests so far, the daemon's own memory in KiB)

    def run(self):
        threads = [threading.Thread(target=self._client, args=(random.Random(who),)) for who in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        require(not self.problems, f"{len(self.problems)} problems: {self.problems[:1]}")

    def _client(self, dice):
        while not self.problems:
            with self.lock:
                n, self.next = self.next, self.next + 1
            if n >= self.many:
                return
            if n % max(1, self.many // 100) == 0:
                self.sizes.append((n, self.daemon.holdings().anonymous_kib))
            try:
                self._request(n, dice)
            except Exception as problem:  # the thread's only way to tell
                self.problems.append(f"request {n}: {problem!r}")

    def _request(self, n, dice):
        model = self.rig.workers.pair[n * self.swaps // self.many % 2]
        # Each says who it is: equal requests are one request to the daemon, which refuses what was running in two crashes (poison_request).
        request = self.rig.chat(self.daemon, stream=n % 2 == 0, model=model, user=f"request {n}", **self.more)
        if dice.random() < FAULTS:
            dice.choice((self._kill_worker, self._leave, self._unload))(request, model)
        how, answer = self.rig.settle(request)
        if how in (ledger.REFUSED, ledger.ERROR_EVENT):
            code = answer.errors()[0].get("code")
            require(code in BLAMELESS, f"it ended as {how} ({answer.status} {answer.errors()})")
            if code in ("backing_off", "quarantined"):  # an operator has a look
                self.daemon.verb(model, "load")
        else:
            require(how in (ledger.COMPLETE, ledger.LEFT) or request.left, f"it ended as {how}")

    def _kill_worker(self, _request, _model):
        for process in self.daemon.watch.living():
            with contextlib.suppress(ProcessLookupError):  # it was just leaving
                os.kill(process.pid, signal.SIGKILL)

    def _leave(self, request, _model):
        time.sleep(0.005)
        request.leave()

    def _unload(self, _request, model):
        self.daemon.verb(model, "unload")


def growth(sizes):
    """KiB from the first fifth (everything has been allocated once) to the last one; medians, so one busy moment does not decide."""
    values = [size for _, size in sorted(sizes)]
    fifth = max(1, len(values) // 5)
    middle = fifth // 2
    return sorted(values[-fifth:])[middle] - sorted(values[fifth:2 * fifth] or values[:fifth])[middle]


def soak(rig, many):
    script = {"load_ms": 0, "tokens": 5, "token_ms": 0}
    models = dict.fromkeys(rig.workers.pair, script) if rig.workers.kind == "fake" else None
    with rig.daemon(models=models, policy={"min_residency": 0}, sample_every=0.05) as daemon:
        before = settled_holdings(daemon)
        run = Soak(rig, daemon, many)
        run.run()
        rig.serve_one(daemon, "the last request")
        after = settled_holdings(daemon)
        grown = max(0, growth(run.sizes))
        if many >= SETTLED:
            rig.figures.worst("growth_kib", grown)
            rig.figures.growth_requests = max(rig.figures.growth_requests, many)
            require(grown < GROWTH_KIB, f"the daemon grew by {grown} KiB over {many} requests")
        require(after.descriptors <= before.descriptors + 8, f"{after.descriptors - before.descriptors} descriptors more")  # of the last worker
        require(after.threads <= before.threads, f"{after.threads - before.threads} threads more")
        return grown


CASES = [
    Case(40, "soak, 1 % faults", soak, "daemon_grew", unit="KiB", many=10_000, few=600),
    Case(40, "soak, 1 % faults", soak, "daemon_grew", unit="KiB", many=10_000, few=60, only_real=True),
]
