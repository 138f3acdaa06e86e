"""What a case is given: daemons to break, the workers they run, and the books that are kept over all cases."""

import contextlib
import json
import pathlib
from dataclasses import dataclass, field

import ledger as books
from daemon import Daemon


class CaseFailure(Exception):
    """What must be seen was not."""


class Missed(Exception):
    """A real model was through with its answer before it could be disturbed: nothing was shown, so the repetition is done again."""


def require(condition, message):
    if not condition:
        raise CaseFailure(message)


@dataclass
class FakeWorkers:
    """Workers without a model, whose every token is countable."""

    program: pathlib.Path
    kind: str = "fake"
    model: str = "steady"
    tokens: int = 120   # of a whole answer
    wait_tokens: int = 50  # how far a stream is let run before something is killed

    load_ms: int = 200
    token_ms: int = 5
    extra: dict = field(default_factory=dict)  # model id to script, besides the steady one

    def registry(self, folder):
        scripts = {self.model: {"load_ms": self.load_ms, "tokens": self.tokens, "token_ms": self.token_ms}} | self.extra
        for name, script in scripts.items():
            (folder / f"{name}.json").write_text(json.dumps(script))
        return {"models": {"default": self.model}, "catalog": {name: {"artifact": str(folder / f"{name}.json")} for name in scripts}}

    def said(self, answer):
        return len(answer.tokens())

    long_answer = {}


@dataclass
class RealWorkers:
    """perch-worker and a demo model. Its tokens cannot be counted, so only the way its answers end is judged."""

    program: pathlib.Path
    demo: pathlib.Path
    kind: str = "real"
    model: str = "default"
    tokens = None
    wait_tokens: int = 3

    def registry(self, folder):
        return json.loads((self.demo / "registry.json").read_text()) | {"model_dirs": [str(self.demo)]}

    def said(self, answer):
        return len(answer.events())

    # A stream is to be broken in its middle, so it gets the longest answer that the demo models know: about 390 tokens.
    long_answer = {"messages": [{"role": "user", "content": "Count from 1 to 100."}], "temperature": 0, "max_tokens": 400}


@dataclass
class Rig:
    perch: pathlib.Path
    workers: FakeWorkers | RealWorkers
    ledger: books.Ledger
    orphans: int = 0
    most_workers: int = 0

    @contextlib.contextmanager
    def daemon(self, *options):
        daemon = Daemon(self.perch, self.workers.program, self.workers.registry, options)
        try:
            with daemon:
                yield daemon
            require(not daemon.orphans, f"{len(daemon.orphans)} processes were left a second after the daemon was killed: {daemon.orphans}")
        except CaseFailure as failure:
            raise CaseFailure(f"{failure}\n    the daemon's log ends: {log_end(daemon)}") from failure
        finally:
            self.orphans += len(daemon.orphans)
            self.most_workers = max(self.most_workers, daemon.most_workers)

    def chat(self, daemon, stream=False):
        return daemon.chat(self.workers.model, stream, **(self.workers.long_answer if stream else {}))

    def settle(self, request):
        """Waits for a request's end and enters it in the books. Returns (outcome, answer)."""
        answer = request.finish()
        how, problem = self.ledger.enter(answer, self.workers.tokens)
        require(problem is None, problem)
        return how, answer

    def settle_disturbed(self, request):
        """As settle, for a stream that was broken in its middle."""
        how, answer = self.settle(request)
        if how == books.COMPLETE and self.workers.kind == "real":
            raise Missed
        return how, answer

    def serve_one(self, daemon, why):
        how, answer = self.settle(self.chat(daemon))
        require(how == books.COMPLETE, f"{why}: {how} ({answer.status} {answer.errors()})")

    def kill_daemon(self, daemon):
        """SIGKILL; every worker and its descendants must be gone within a second. Returns the milliseconds that it took."""
        seconds, left = daemon.kill_daemon(within=1.0)
        require(not left, f"{len(left)} processes were left a second after the daemon was killed: {left}")
        return seconds * 1000


def log_end(daemon):
    return "".join(f"\n      {line}" for line in daemon.last_log.splitlines()[-12:])
