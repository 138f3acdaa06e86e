"""perch-worker and llama-server, each started by hand on one model with the same settings, and what is asked of either.

Both speak HTTP and know /v1/completions with a raw prompt, so no chat template and no parsing of answers comes between the two engines;
images are only to be had in a chat.
"""

import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

START_LIMIT = 120


@dataclass(frozen=True)
class Settings:
    parallel: int = 4
    context: int = 2048  # tokens per request
    threads: int = 1
    # Not a choice: what perch-worker computes at once.
    batch: int = 512
    projector: pathlib.Path | None = None
    kv_unified: bool = False  # one cache for all requests, as large as theirs together

    @property
    def all_tokens(self):
        return self.parallel * self.context


class PeerFailure(Exception):
    """A peer that does not start, dies, or answers with an error."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def free_port():
    """One of 127.0.0.1 that is free now. Somebody may take it first; then the start fails and says so."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def llama_server_options(context, parallel, threads, batch=512):
    """What perch-worker has for `context` cells, by the names of llama-server: as much room, as many threads, batches of one size. Off is what
    only llama-server has and what would take time or change the batches: checkpoints of the context end a prompt's chunk early."""
    return {"ctx-size": context, "parallel": parallel, "threads": threads, "threads-batch": threads, "batch-size": batch, "ubatch-size": batch,
            "cache-ram": 0, "ctx-checkpoints": 0, "fit": "off"}


class Program:
    """A process that answers GET /health while the `with` lasts. By default at self.port, which command() or whoever starts it has chosen."""

    name = ""
    port = None

    def command(self):
        raise NotImplementedError

    def connect(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def is_ready(self, _body):
        """By the body of an answer of status 200; ValueError: no."""
        return True

    @property
    def title(self):
        """For errors."""
        return self.name

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="perch-peer-")
        self.folder = pathlib.Path(self._folder.name)
        self._log = open(self.folder / "log", "w+b")
        # Whatever ends this script, a time limit included, ends its peers.
        words = ["setpriv", "--pdeathsig", "KILL", *self.command()] if shutil.which("setpriv") else self.command()
        self._process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        self._folder.cleanup()

    @property
    def pid(self):
        return self._process.pid

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise PeerFailure(f"{self.title} did not start: {self._last_words()}")
            try:
                connection = self.connect(2)
                connection.request("GET", "/health")
                answer = connection.getresponse()
                if answer.status == 200 and self.is_ready(answer.read()):
                    return
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.02)
        raise PeerFailure(f"{self.title} was not ready after {START_LIMIT} s")

    def _last_words(self):
        time.sleep(0.2)  # for its end, if that is what happened
        lines = (self.folder / "log").read_text(errors="replace").strip().splitlines()
        status = self._process.poll()
        return ("it runs" if status is None else f"it ended with status {status}") + "; its last words: " + " / ".join(lines[-3:])


class Peer(Program):
    """One that has one model, and what is asked of it."""

    def __init__(self, model, settings, arguments=(), **extra):
        """`arguments`: more of the command line. `extra`: fields of every request that only this peer understands."""
        self.model = pathlib.Path(model)
        self.arguments = arguments
        self.settings = settings
        self.extra = extra

    def is_ready(self, body):
        return json.loads(body).get("status") == "ok"

    @property
    def title(self):
        return f"{self.name} on {self.model}"

    def request(self, path, body, limit=600):
        """The status and the answer's body."""
        connection = self.connect(limit)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def _post(self, path, body, limit):
        # A connection for each request: an idle one keeps one of llama-server's threads for seconds.
        connection = self.connect(limit)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        try:
            connection.request("POST", path, json.dumps(body | self.extra), headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as failure:
            raise PeerFailure(f"{self.name} gave no answer: {failure}; {self._last_words()}") from failure
        if answer.status != 200:
            raise PeerFailure(f"{self.name}: HTTP {answer.status}: {answer.read(500).decode(errors='replace')}")
        return answer

    def complete(self, prompt, limit=600, **fields):
        """The whole answer, parsed. `prompt` is text or token ids."""
        answer = self._post("/v1/completions", {"prompt": prompt, "temperature": 0, **fields}, limit)
        return json.loads(answer.read())

    def chat(self, messages, limit=600, **fields):
        """As complete() answers, of a conversation."""
        answer = json.loads(self._post("/v1/chat/completions", {"messages": messages, "temperature": 0, **fields}, limit).read())
        for choice in answer["choices"]:
            choice["text"] = choice.pop("message")["content"]
        return answer

    def stream(self, prompt, limit=600, **fields):
        """Yields (seconds on the monotonic clock, chunk) for every event, as it comes. A stream that breaks off raises."""
        answer = self._post("/v1/completions", {"prompt": prompt, "temperature": 0, "stream": True, "stream_options": {"include_usage": True}, **fields}, limit)
        while line := answer.readline():
            now = time.monotonic()
            if line.startswith(b"data: [DONE]"):
                answer.close()
                return
            if line.startswith(b"data: "):
                yield now, json.loads(line[6:])
        raise PeerFailure(f"{self.name}: a stream broke off")


class Worker(Peer):
    name = "perch-worker"
    program = "perch-worker"

    def command(self):
        s = self.settings
        cache = ["--kv-unified", "--context", s.all_tokens] if s.kv_unified else ["--context", s.context]
        return [self.program, *self.arguments, "--model", self.model, "--socket", self.folder / "socket", "--parallel", s.parallel, *cache,
                "--threads", s.threads, *(["--projector", s.projector] if s.projector else [])]

    def connect(self, timeout):
        return _UnixConnection(self.folder / "socket", timeout)


class LlamaServer(Peer):
    name = "llama-server"
    program = "llama-server"

    def command(self):
        s = self.settings
        self.port = free_port()
        options = llama_server_options(s.all_tokens, s.parallel, s.threads, s.batch)
        # What perch-worker does always: a whole cache for sliding windows.
        return [self.program, *self.arguments, "--model", self.model, "--host", "127.0.0.1", "--port", self.port,
                *(word for name, value in options.items() for word in (f"--{name}", value)),
                "--kv-unified" if s.kv_unified else "--no-kv-unified", "--swa-full", "--no-ui", "--threads-http", s.parallel + 4, "--offline",
                *(["--mmproj", s.projector] if s.projector else [])]

    @classmethod
    def missing(cls):
        return shutil.which(cls.program) is None
