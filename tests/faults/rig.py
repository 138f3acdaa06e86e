"""What a case is given: daemons to break, the workers they run, and the books that are kept over all cases."""

import contextlib
import functools
import json
import pathlib
import re
import sys
import time
from dataclasses import dataclass, field

import accounts
import ledger as books
from daemon import WORKER_LOG, Daemon
from figures import Figures


FAKE_SERVER = pathlib.Path(__file__).resolve().parents[1] / "support" / "fake_server.py"


class CaseFailure(Exception):
    """What must be seen was not."""


class Missed(Exception):
    """A real model was through with its answer before it could be disturbed: nothing was shown, so the repetition is done again."""


def require(condition, message):
    if not condition:
        raise CaseFailure(message)


def eventually(condition, limit=2.0, every=0.002):
    """Whether `condition` came to hold within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


@dataclass
class FakeWorkers:
    """Workers without a model, whose every token is countable."""

    program: pathlib.Path
    kind: str = "fake"
    shown: str = "fake"
    ours: bool = True  # whether how soon it is there again says something of Perch alone
    model: str = "steady"
    pair: tuple = ("steady", "other")
    wait_tokens: int = 50  # how far a stream is let run before something is killed
    usual = {"load_ms": 200, "tokens": 120, "token_ms": 5}

    def scripts(self, models):
        return {name: self.usual | (models or {}).get(name, {}) for name in {*self.pair, *(models or ())}}

    def tokens(self, models):
        return {name: script["tokens"] for name, script in self.scripts(models).items()}

    def registry(self, folder, models, policy):
        """`models`: id to what its script has besides the usual."""
        for name, script in self.scripts(models).items():
            (folder / f"{name}.json").write_text(json.dumps(script | {"log": str(folder / WORKER_LOG)}))
        return {"models": {"default": self.model}, "policy": policy,
                "catalog": {name: {"artifact": str(folder / f"{name}.json")} for name in self.scripts(models)}}

    def said(self, answer):
        return len(answer.tokens())

    long_answer = {}


@dataclass
class PythonServers(FakeWorkers):
    """The same scripts, played by servers that know nothing of Perch's control protocol (runtime "command")."""

    shown: str = "python"
    ours: bool = False  # an interpreter has to start

    def registry(self, folder, models, policy):
        command = [sys.executable, "-B", str(FAKE_SERVER), "${MODEL}", "--port", "${PORT}"]
        registry = super().registry(folder, models, policy)
        slots = {name: script.get("slots", 4) for name, script in self.scripts(models).items()}
        return registry | {"catalog": {name: entry | {"runtime": "command", "command": command, "parallel": slots[name]}
                                       for name, entry in registry["catalog"].items()}}


@dataclass
class RealWorkers:
    """perch-worker and a demo model. Its tokens cannot be counted, so only the way its answers end is judged."""

    program: pathlib.Path
    demo: pathlib.Path
    kind: str = "real"
    shown: str = "real"
    ours: bool = True
    model: str = "default"
    pair: tuple = ("default", "most-capable")
    wait_tokens: int = 3

    def tokens(self, _models):
        return {}

    def registry(self, _folder, models, policy):
        """`models`: id to the path of its file, besides those of the demo."""
        catalog = {name: {"artifact": str(path)} for name, path in (models or {}).items()}
        return json.loads((self.demo / "registry.json").read_text()) | {"model_dirs": [str(self.demo)], "policy": policy, "catalog": catalog}

    def said(self, answer):
        return len(answer.events())

    # A stream is to be broken in its middle, so it gets the longest answer that the demo models know: about 390 tokens.
    long_answer = {"messages": [{"role": "user", "content": "Count from 1 to 100."}], "temperature": 0, "max_tokens": 400}


@dataclass
class LlamaServers(RealWorkers):
    """llama-server and a demo model, by its command line."""

    shown: str = "llama"
    ours: bool = False

    def registry(self, folder, models, policy):
        registry = super().registry(folder, models, policy)
        command = ["llama-server", "--model", "${MODEL}", "--host", "127.0.0.1", "--port", "${PORT}", "--parallel", "4", "--ctx-size", "8192"]
        files = {name: {"artifact": str(self.demo / f"{name}.gguf")} for name in registry["models"].values()}
        by_command = {name: entry | {"runtime": "command", "command": command} for name, entry in (files | registry["catalog"]).items()}
        return registry | {"model_dirs": [], "catalog": by_command}


@dataclass
class Rig:
    perch: pathlib.Path
    workers: FakeWorkers | RealWorkers
    ledger: books.Ledger
    figures: Figures
    details: list = field(default_factory=list)  # of the case under way, for the report
    skipped: list = field(default_factory=list)  # parts of cases that cannot be had on this machine

    def skip(self, what):
        if what not in self.skipped:
            self.skipped.append(what)

    @contextlib.contextmanager
    def daemon(self, *options, models=None, policy=None, sample_every=0.01, descriptors=None, last=lambda: None):
        """`last` is done before the daemon is killed, if it still is there then, whatever happened."""
        registry = functools.partial(self.workers.registry, models=models, policy=policy or {})
        daemon = Daemon(self.perch, self.workers.program, registry, options, sample_every, descriptors, last)
        daemon.tokens = self.workers.tokens(models)
        try:
            with daemon:
                yield daemon
                self._audit(daemon)
            require(not daemon.orphans, f"{len(daemon.orphans)} processes were left a second after the daemon was gone: {daemon.orphans}")
            require(not (failed := failed_tasks(daemon.last_log)), f"tasks of the daemon ended as none may: {failed[:3]}")
        except CaseFailure as failure:
            raise CaseFailure(f"{failure}\n    the daemon's log ends: {log_end(daemon)}") from failure
        finally:
            self.figures.orphans += len(daemon.orphans)
            self.figures.residents = max(self.figures.residents, daemon.most_workers)

    def _audit(self, daemon):
        """What must hold at the end of every case: the three books agree, and nothing is left unburied."""
        written = daemon.worker_log
        lost = accounts.lost(daemon.records, written)
        self.figures.requests_lost += len(lost)
        self.figures.residents = max(self.figures.residents, accounts.most_at_once(written))
        require(not lost, f"requests failed although their worker lived on: {lost[:3]}")
        require(accounts.most_at_once(written) <= 1, "two workers held a model at the same time")
        stray = accounts.outside(daemon.records, written)
        require(not stray, f"workers worked for requests that were not there: {stray[:3]}")
        if not daemon.alive:
            return
        require(eventually(lambda: not accounts.unaccounted(daemon.records, daemon.log)),
                f"the daemon's log does not tell once of {accounts.unaccounted(daemon.records, daemon.log)[:3]}")
        eventually(lambda: not daemon.watch.zombies())
        zombies = daemon.watch.zombies()
        self.figures.zombies += len(zombies)
        require(not zombies, f"the daemon has not waited for {zombies}")

    def chat(self, daemon, stream=False, model=None, **more):
        return daemon.chat(model or self.workers.model, stream, **((self.workers.long_answer if stream else {}) | more))

    def settle(self, request):
        """Waits for a request's end and enters it in the books. Returns (outcome, answer)."""
        answer = request.finish()
        how, problem = self.ledger.enter(answer, request.expects, request.left is not None)
        request.records.append(accounts.record(request, answer, how))
        require(problem is None, problem)
        return how, answer

    def settle_disturbed(self, request):
        """As settle, for a stream that was broken in its middle."""
        how, answer = self.settle(request)
        if how == books.COMPLETE and self.workers.kind == "real":
            raise Missed
        return how, answer

    def serve_one(self, daemon, why, model=None, **more):
        """Returns the request: its times are of interest."""
        request = self.chat(daemon, model=model, **more)
        how, answer = self.settle(request)
        require(how == books.COMPLETE, f"{why}: {how} ({answer.status} {answer.errors()})")
        return request

    def refused(self, request, *codes):
        """Settles a request that must end as a refusal with one of `codes`; returns its answer."""
        how, answer = self.settle(request)
        code = answer.errors()[0].get("code") if how == books.REFUSED else None
        require(code in codes, f"a refusal with {' or '.join(codes)} was due, and it ended as {how} ({answer.status} {answer.errors()})")
        return answer

    def kill_daemon(self, daemon):
        """SIGKILL; every worker and its descendants must be gone within a second. Returns the milliseconds that it took."""
        seconds, left = daemon.kill_daemon(within=1.0)
        require(not left, f"{len(left)} processes were left a second after the daemon was killed: {left}")
        return seconds * 1000


def failed_tasks(log):
    """What the daemon says of its own tasks that ended with an exception (common/task_group.cpp)."""
    return [line for line in log.splitlines() if re.search(r"task in .* failed: ", line)]


def log_end(daemon):
    return "".join(f"\n      {line}" for line in daemon.last_log.splitlines()[-12:])
