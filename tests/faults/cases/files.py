"""Cases of model files that are not what they should be. Only real workers read them."""

import os
import pathlib
import random
import tempfile

import ledger
from cases.case import Case
from rig import eventually, require

SMALLEST = "sparrow-q4_k_m.gguf"
WORKER_CAP_KIB = 512 * 1024  # for a model of 2 MiB: what a header says must not decide what is allocated


def _load_all(rig, files, judge):
    """Asks for each file's model and lets `judge` look at how that ended. The daemon has to live through all of it."""
    with rig.daemon(models={f"m{n}": path for n, path in enumerate(files)}, policy={"min_residency": 0}) as daemon:
        for n, path in enumerate(files):
            how, answer = rig.settle(rig.chat(daemon, model=f"m{n}", max_tokens=1))
            judge(pathlib.Path(path).name, how, answer)
        rig.serve_one(daemon, "a good model after all the bad ones")
        require(daemon.watch.largest_kib <= WORKER_CAP_KIB, f"a worker held {daemon.watch.largest_kib} KiB")
        return daemon.watch.largest_kib / 1024


def _judge_bad(name, how, answer):
    require(how == ledger.REFUSED, f"{name} ended as {how} ({answer.status} {answer.errors()} {answer.body[:100]!r})")
    require(answer.status == 422 and answer.errors()[0]["code"] == "bad_model_file", f"{name}: {answer.status} {answer.errors()}")


def _judge_mutated(name, how, answer):
    """Some changes do no harm: a name in the metadata, a weight."""
    if how != ledger.COMPLETE:
        _judge_bad(name, how, answer)


def truncated(rig, many):
    whole = (rig.workers.demo / SMALLEST).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for n in range(many):
            share = n * 100 // many
            files.append(pathlib.Path(folder) / f"{share:02d}-percent.gguf")
            files[-1].write_bytes(whole[:len(whole) * share // 100])
        return _load_all(rig, files, _judge_bad)


def mutated(rig, many):
    """One to sixteen bytes of the header have other values. The seeds are fixed, so a failure can be had again."""
    whole = (rig.workers.demo / SMALLEST).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for seed in range(many):
            dice, bytes_ = random.Random(seed), bytearray(whole)
            reach = dice.choice((64, 1024, 16 * 1024))  # the counts, the metadata, its long lists and the tensors
            for _ in range(dice.randint(1, 16)):
                bytes_[dice.randrange(4, reach)] = dice.randrange(256)
            files.append(pathlib.Path(folder) / f"seed-{seed}.gguf")
            files[-1].write_bytes(bytes_)
        return _load_all(rig, files, _judge_mutated)


def unreadable(rig, _):
    """Missing, not permitted (unless we may read everything), a folder."""
    with tempfile.TemporaryDirectory() as folder:
        bad = {kind: pathlib.Path(folder) / f"{kind}.gguf" for kind in ("missing", "forbidden", "folder")}
        bad["folder"].mkdir()
        bad["forbidden"].write_bytes((rig.workers.demo / SMALLEST).read_bytes())
        bad["forbidden"].chmod(0)
        if os.access(bad["forbidden"], os.R_OK):
            del bad["forbidden"]
        slowest = 0.0
        with rig.daemon(models=bad) as daemon:
            for kind, path in bad.items():
                request = rig.chat(daemon, model=kind)
                answer = rig.refused(request, "bad_model_file")
                require(answer.status in (422, 503), f"{kind}: status {answer.status}")
                require(str(path) in answer.errors()[0]["message"], f"{kind}: the reason does not name the file: {answer.errors()}")
                require(eventually(lambda: daemon.worker(kind)["state"] == "quarantined"), f"{kind}: the state is {daemon.worker(kind)}")
                slowest = max(slowest, request.seconds)
            rig.serve_one(daemon, "a good model")
        return slowest * 1000


CASES = [
    Case(33, "GGUF truncated at each 1 %", truncated, "largest_worker", unit="MiB", many=100, few=5, only_real=True),
    Case(33, "GGUF with a mutated header", mutated, "largest_worker", unit="MiB", many=100, few=5, only_real=True),
    Case(35, "model file missing, forbidden", unreadable, "told_after", repetitions=0, real_repetitions=3),
]
