"""Who swaps: perch, the floor beneath every swap, and what else people run. Each is up all the time, and holds a model only while it is its turn:
two that have one file mapped could not both find it gone from the page cache."""

import contextlib
import http.client
import json
import os
import pathlib
import select
import subprocess
import time
from dataclasses import dataclass, field

from asking import ask, call
from daemon import Daemon
from measures import tokens
from peers import LlamaServer, PeerFailure, Program, free_port, llama_server_options

PROMPT, ANSWER = 16, 4  # tokens
TIME_LIMIT = 60  # for a process to end, or a model to leave
WEIGHTS_PER_THREAD = 32 << 20  # as worker/engine/context.cpp has it
# As common/huge_pages.hpp does it for workers.
HUGE_PAGES = {"GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")}


@dataclass(frozen=True)
class Model:
    name: str
    path: pathlib.Path
    context: int
    slots: int = 1

    @property
    def threads(self):
        """As many as a worker takes for it."""
        return min(self.path.stat().st_size // WEIGHTS_PER_THREAD + 1, os.cpu_count())


@dataclass
class Swap:
    seconds: float  # from asking to the first token
    parts: dict = field(default_factory=dict)  # name to seconds, where they are known


class Server:
    """One that is asked over HTTP."""

    port = None

    def hold(self, model):
        ask(self.port, model.name, tokens(PROMPT), ANSWER)

    def swap(self, _old, new):
        return Swap(ask(self.port, new.name, tokens(PROMPT), ANSWER).seconds)


class Perch(Server):
    name = "perch"

    def __init__(self, programs, models, sample_every=60):
        """`sample_every`: seconds between looks at its processes; by itself it is left alone, since looking takes time."""
        def registry(_folder):
            return {"models": {"default": models[0].name},
                    # The bench waits for nobody's turn to end.
                    "policy": {"min_residency": 0},
                    "catalog": {m.name: {"artifact": str(m.path), "context_tokens": m.context, "parallel": m.slots} for m in models}}

        self.daemon = Daemon(programs / "perch", programs / "perch-worker", registry, sample_every=sample_every)
        self._seen = 0

    def __enter__(self):
        self.daemon.__enter__()
        return self

    def __exit__(self, *_):
        self.daemon.__exit__()

    @property
    def port(self):
        return self.daemon.port

    def swap(self, old, new):
        answer = ask(self.port, new.name, tokens(PROMPT), ANSWER)
        event = self._swap_event(old, new)
        parts = dict(event["seconds"])
        # What is not of the swap: the request on its way, the reading of its prompt, the first token on its way.
        return Swap(answer.seconds, parts | {"answer": answer.seconds - parts["total"]})

    def _swap_event(self, old, new):
        """The daemon's own account of the swap that has just been."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/admin/v1/events?after={self._seen}")
            answer, kind = connection.getresponse(), ""
            while line := answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name == "id":
                    self._seen = int(value)
                elif name == "event":
                    kind = value
                elif name == "data" and kind == "swap":
                    event = json.loads(value)
                    if (event["from"], event["to"]) == (old.name, new.name):
                        return event
        except (OSError, http.client.HTTPException) as failure:
            raise PeerFailure(f"perch tells of no swap from {old.name} to {new.name}: {failure}") from failure
        finally:
            connection.close()
        raise PeerFailure(f"perch tells of no swap from {old.name} to {new.name}")

    def release(self, model):
        status, answer = call(self.port, "POST", f"/admin/v1/models/{model.name}/unload", {})
        if status != 200:
            raise PeerFailure(f"perch does not unload {model.name}: HTTP {status}: {answer}")


class FloorProcess:
    """A swap_floor that is up."""

    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | HUGE_PAGES)
        self._pidfd = os.pidfd_open(self._process.pid)
        self._expect("up")

    def load(self, model, prompt):
        """Milliseconds of weights, context and first decode."""
        self._say(f"load {model.threads} {model.context} {model.slots} {','.join(map(str, prompt))} {model.path}\n")
        return [float(word) for word in self._expect("first")[1:]]

    def end(self):
        with contextlib.suppress(PeerFailure):  # it may have ended already
            self._say("exit\n")
        if not select.select([self._pidfd], [], [], TIME_LIMIT)[0]:
            self._process.kill()
        os.close(self._pidfd)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _say(self, line):
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as failure:
            raise PeerFailure(f"swap_floor has ended: {failure}") from failure

    def _expect(self, word):
        words = self._process.stdout.readline().split()
        if not words or words[0] != word:
            raise PeerFailure(f"swap_floor says {words} instead of \"{word}\"")
        return words[1:]


class Floor:
    """The old process is told to end and is gone; then one that is up already loads and makes the first token. A swap cannot do less as long as
    the memory of two models is never needed at once."""

    name = "floor"

    def __init__(self, programs, _models):
        self._program = programs / "swap_floor"
        self._holds = self._next = None

    def __enter__(self):
        self._next = FloorProcess(self._program)
        return self

    def __exit__(self, *_):
        for process in filter(None, (self._holds, self._next)):
            process.end()

    def hold(self, model):
        self._next.load(model, tokens(PROMPT))
        self._holds, self._next = self._next, FloorProcess(self._program)

    def swap(self, _old, new):
        prompt = tokens(PROMPT)
        asked = time.monotonic()
        self._holds.end()
        ended = time.monotonic()
        milliseconds = self._next.load(new, prompt)
        first = time.monotonic()
        self._holds, self._next = self._next, FloorProcess(self._program)
        parts = {name: value / 1000 for name, value in zip(("weights", "context", "decode"), milliseconds, strict=True)}
        return Swap(first - asked, {"exit": ended - asked, **parts, "total": first - asked})

    def release(self, _model):
        self._holds.end()
        self._holds = None


class Peer(Server, Program):
    """A server of somebody else's, on a port of its own."""

    def __init__(self, models):
        self._models = models

    def __enter__(self):
        self.port = free_port()
        return super().__enter__()

    @staticmethod
    def settings(model):
        """As a worker has them, by the names of llama-server."""
        return llama_server_options(model.context * model.slots, model.slots, model.threads)


class Router(Peer):
    """llama-server, which starts a llama-server for each model and ends the one before it."""

    name = "router"

    def command(self):
        presets = self.folder / "models.ini"
        sections = [f"[{m.name}]\n" + "".join(f"{k} = {v}\n" for k, v in {"model": m.path, **self.settings(m)}.items()) for m in self._models]
        presets.write_text("version = 1\n\n" + "\n".join(sections))
        return ["llama-server", "--models-preset", presets, "--models-max", 1, "--host", "127.0.0.1", "--port", self.port, "--offline", "--no-ui"]

    def release(self, model):
        status, answer = call(self.port, "POST", "/models/unload", {"model": model.name})
        if status != 200:
            raise PeerFailure(f"the router does not unload {model.name}: HTTP {status}: {answer}")
        deadline = time.monotonic() + TIME_LIMIT
        while self._state(model) != "unloaded":
            if time.monotonic() > deadline:
                raise PeerFailure(f"the router does not unload {model.name}")
            time.sleep(0.01)

    def _state(self, model):
        _, answer = call(self.port, "GET", "/models")
        return next((each["status"]["value"] for each in answer["data"] if each["id"] == model.name), None)

    @staticmethod
    def missing():
        return "router: llama-server is not installed" if LlamaServer.missing() else None


class LlamaSwap(Peer):
    """llama-swap with a llama-server for each model."""

    name = "llama-swap"

    def __init__(self, program, models):
        super().__init__(models)
        self._program = program

    def command(self):
        def server(model):
            words = [f"--{key} {value}" for key, value in {"model": model.path, **self.settings(model)}.items()]
            return " ".join(["llama-server --host 127.0.0.1 --port ${PORT} --no-ui --offline", *words])

        config = self.folder / "config.yaml"
        config.write_text(json.dumps({"models": {m.name: {"cmd": server(m)} for m in self._models}}))  # JSON is YAML
        return [self._program, "--config", config, "--listen", f"127.0.0.1:{self.port}"]

    def release(self, _model):
        call(self.port, "GET", "/unload")
        deadline = time.monotonic() + TIME_LIMIT
        while call(self.port, "GET", "/running")[1].get("running"):
            if time.monotonic() > deadline:
                raise PeerFailure("llama-swap does not unload")
            time.sleep(0.01)
