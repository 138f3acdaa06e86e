"""Cases of model files that are not what they should be. Only real workers read them."""

import os
import pathlib
import random
import tempfile

import client
import ledger
from cases.case import Case
from cases.steps import paced
from failing_files import Failing, FailingFiles, Refused
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


AT_ONCE = {"min_residency": 0}
STOP = 0.5  # and what a worker is given to end
REAP = 5.0  # and the kernel to let go of one that was killed, fixed in the daemon
STALL = 2  # seconds without progress that a load is given; a sanitized build needs most of one to warm a real model up
TOLD = {"bad_model_file": 422, "load_failed": 502, "load_timeout": 504}


def _ask_for_failing(rig, daemon, name, path, code, reason):
    """Returns how long it took to be told."""
    request = rig.chat(daemon, model=name)
    answer = rig.refused(request, code)
    message = answer.errors()[0]["message"]
    require(answer.status == TOLD[code], f"{name}: status {answer.status}")
    require(reason in message, f"{name}: the reason does not say \"{reason}\": {message}")
    require(code == "load_timeout" or str(path) in message, f"{name}: the reason does not name the file: {message}")
    require(request.seconds <= STALL + 1.5, f"{name}: told after {request.seconds:.1f} s")
    require(eventually(lambda: daemon.worker(name)["state"] in ("quarantined", "backoff")), f"{name}: the state is {daemon.worker(name)}")
    require(daemon.worker(name)["pid"] is None and daemon.worker(name)["last_failure"], f"{name}: the status says {daemon.worker(name)}")
    rig.serve_one(daemon, f"a good model after {name}")
    return request.seconds


def _ask_for_deaf(rig, daemon, disk):
    """Not even SIGKILL ends its worker, so nothing can be loaded until the disk lets it go. Everybody is told, nobody waits."""
    try:
        request = rig.chat(daemon, model="deaf")
        answer = rig.refused(request, "unkillable")
        require(answer.status == 503, f"deaf: status {answer.status}")
        require(request.seconds <= STALL + REAP + 1.5, f"deaf: told after {request.seconds:.1f} s")
        require(daemon.worker("deaf")["state"] == "unkillable", f"deaf: the status says {daemon.worker('deaf')}")
        other = rig.chat(daemon)
        rig.refused(other, "unkillable")
        require(other.seconds <= 0.5, f"a request for another model was told after {other.seconds:.1f} s")
    finally:
        disk.let_go()
    require(eventually(lambda: daemon.worker("deaf")["state"] == "backoff", 5.0), f"deaf, let go: the status says {daemon.worker('deaf')}")
    rig.serve_one(daemon, "a good model after deaf")
    return request.seconds


def odd_files(rig, _):
    """A pipe that nobody writes to, and a file whose every read fails: the memory of a process at an address where it has none."""
    with tempfile.TemporaryDirectory() as folder:
        pipe, memory = pathlib.Path(folder) / "pipe.gguf", pathlib.Path(folder) / "memory.gguf"
        os.mkfifo(pipe)
        memory.symlink_to("/proc/self/mem")
        with rig.daemon("--load-stall", str(STALL), models={"pipe": pipe, "memory": memory}, policy=AT_ONCE) as daemon:
            return max(_ask_for_failing(rig, daemon, "pipe", pipe, "bad_model_file", "not a regular file"),
                       _ask_for_failing(rig, daemon, "memory", memory, "load_failed", "Input/output error")) * 1000


def failing_disk(rig, _):
    """Reads that fail at once, in the header, in the weights; reads that never come back, and one that keeps even a killed worker. Then not even
    looking at the files comes back."""
    whole = (rig.workers.demo / SMALLEST).read_bytes()
    # The header of the deaf one is read well, also by the daemon: it must be the worker's own read that nothing ends.
    names = {"at_once": Failing(whole, 0), "in_header": Failing(whole, 16 * 1024), "in_weights": Failing(whole, len(whole) // 2),
             "hangs": Failing(whole, 0, "hangs"), "hangs_late": Failing(whole, len(whole) // 2, "hangs"),
             "deaf": Failing(whole, len(whole) // 2, "deaf")}
    with tempfile.TemporaryDirectory() as folder:
        try:
            models = {name: f"{folder}/{name}" for name in names}
            options = ("--load-stall", str(STALL), "--stop-timeout", str(STOP))
            # Whatever went wrong, the disk lets everybody go before the daemon has to end: not even the kernel could end it otherwise.
            with FailingFiles(folder, names) as disk, rig.daemon(*options, models=models, policy=AT_ONCE, last=disk.let_go) as daemon:
                slowest = 0.0
                for name, file in names.items():
                    if file.beyond != "deaf":
                        code, reason = ("load_failed", "Input/output error") if file.beyond == "EIO" else ("load_timeout", "")
                        slowest = max(slowest, _ask_for_failing(rig, daemon, name, f"{folder}/{name}", code, reason))
                slowest = max(slowest, _ask_for_deaf(rig, daemon, disk))
                with disk.mute():
                    for _ in paced(10, 0.1):
                        rig.serve_one(daemon, "the good model while the disk hangs", max_tokens=1)
                        for page in ("status", "models"):
                            answer = client.call(daemon.port, "GET", f"/admin/v1/{page}", limit=2.0)
                            require(answer.status == 200, f"/admin/v1/{page} while the disk hangs: {answer.status or 'no answer'}")
                return slowest * 1000
        except Refused as why:
            rig.skip(f"the failing disk of case 35: {why}")
            return 0.0


CASES = [
    Case(33, "GGUF truncated at each 1 %", truncated, "largest_worker", unit="MiB", many=100, few=5, only_real=True),
    Case(33, "GGUF with a mutated header", mutated, "largest_worker", unit="MiB", many=100, few=5, only_real=True),
    Case(35, "model file missing, forbidden", unreadable, "told_after", repetitions=0, real_repetitions=3),
    Case(35, "model file a pipe, unreadable", odd_files, "told_after", repetitions=0, real_repetitions=3),
    Case(35, "model file on a failing disk", failing_disk, "told_after", repetitions=0, real_repetitions=3),
]
