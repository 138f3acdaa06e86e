"""One `perch serve` on a port of its own, with a registry made for the case, and what it takes to break it and to clean up after it."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import accounts
import client
import processes

WORKER_LOG = "workers.log"


class Daemon:
    """Use it as a context manager: whatever the case did to it, nothing of it is left afterwards."""

    def __init__(self, perch, worker, registry, options=(), sample_every=0.01, descriptors=None, last=lambda: None):
        """`descriptors`: how many it may have open, if not as many as we. `last`: what is done before it is killed."""
        # Short, because the path of a Unix socket below it must fit in 108 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pf-"))
        self._make_registry = registry
        limited = ["prlimit", f"--nofile={descriptors}"] if descriptors else []
        self._command = [*limited, str(perch), "serve", "--worker", str(worker), "--listen", "127.0.0.1:0", *options]
        self._process = None
        self._sample_every = sample_every
        self._last = last
        self.watch = None
        self.port = None
        self.entrance = None  # the port at which chats come in, if that is another server's
        self.most_workers = self.most_kib = self.largest_kib = 0
        self.records = []  # of what clients saw, since it was started
        self._log_began = 0  # bytes of its log that are of earlier starts
        self.tokens = {}   # of a whole answer of each model, where that is known
        self.orphans = set()
        self.last_log = ""  # what the daemon had written when the case was over

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        self.last_log = self.log
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        """Since it was started (again), like its records."""
        path = self.folder / "log"
        return path.read_bytes()[self._log_began:].decode(errors="replace") if path.exists() else ""

    @property
    def registry(self):
        return self.folder / "registry.json"

    @property
    def worker_log(self):
        path = self.folder / WORKER_LOG
        return accounts.parse(path.read_text()) if path.exists() else []

    @property
    def pid(self):
        return self._process.pid

    @property
    def alive(self):
        return self._process is not None and self._process.poll() is None

    def start(self, limit=30.0):
        """Starts it (again)."""
        registry = self.registry
        registry.write_text(json.dumps(self._make_registry(self.folder)))
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        (self.folder / WORKER_LOG).unlink(missing_ok=True)
        self.records = []
        self._log_began = len((self.folder / "log").read_bytes()) if (self.folder / "log").exists() else 0
        environment = os.environ | {"TMPDIR": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "XDG_STATE_HOME": str(self.folder)}
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen([*self._command, "--registry", str(registry), "--port-file", str(port_file)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, process_group=0)
        self._stop_watching()
        self.watch = processes.Watch(str(self.folder), self._process.pid, self._sample_every)
        deadline = time.monotonic() + limit
        while not port_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the daemon did not start: {self.log[-1000:]}")
            time.sleep(0.005)
        self.port = int(port_file.read_text())

    def kill(self):
        """SIGKILL, then to whatever workers are left, so that the next case starts clean."""
        if self._process is None:
            return
        self._last()
        if self._process.poll() is None:
            self.kill_daemon()
        self.watch.kill_left_over()
        self._stop_watching()
        self._process = None

    def _stop_watching(self):
        if self.watch:
            self.watch.close()
            for figure in ("most", "most_kib", "largest_kib"):
                name = "most_workers" if figure == "most" else figure
                setattr(self, name, max(getattr(self, name), getattr(self.watch, figure)))
            self.watch = None

    def kill_daemon(self, within=1.0):
        """SIGKILL to the daemon alone. Returns (seconds until no process of it was left, those that were still there after `within`), which
        are remembered as orphans."""
        self._process.send_signal(signal.SIGKILL)
        began = time.monotonic()
        left = self.watch.wait_until_gone(within)
        took = time.monotonic() - began
        self.orphans.update(left)
        self._process.wait()
        return took, left

    def wait_for_exit(self, deadline):
        """(its exit status, processes of it that are still there a second later). None as status: it did not end."""
        try:
            status = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None, []
        left = self.watch.wait_until_gone(1.0)
        self.orphans.update(left)
        return status, left

    def signal(self, number, group=False):
        (os.killpg if group else os.kill)(self.pid, number)

    def holdings(self):
        return processes.holdings(self.pid)

    # --- talking to it ---

    def chat(self, model, stream=False, how=None, **more):
        """`how`: arguments of client.Request; `more`: further fields of the body."""
        body = client.chat_body(model, stream, **more)
        request = client.Request(self.entrance or self.port, "POST", "/v1/chat/completions", body, **{"limit": 60.0, **(how or {})})
        request.records = self.records
        request.expects = self.tokens.get(model)
        if request.expects is not None:
            request.expects = min(request.expects, more.get("max_tokens", request.expects))
        return request

    def verb(self, model, verb, limit=60.0):
        """An operator's load or unload, entered nowhere: it is no inference."""
        return client.call(self.port, "POST", f"/admin/v1/models/{model}/{verb}", {}, limit)

    def ask(self, target):
        return json.loads(client.call(self.port, "GET", target).body)

    def status(self):
        return self.ask("/admin/v1/status")

    def worker(self, model):
        """What the status says of one model's worker."""
        return next((worker for worker in self.status()["workers"] if worker["model"] == model), None)

    def connections_so_far(self):
        """That were made to it, this one as well."""
        text = client.call(self.port, "GET", "/metrics").body.decode()
        return int(re.search(r"^perch_http_connections_admitted_total (\d+)$", text, re.MULTILINE)[1])

    def events(self, kind):
        """The data of the events of one kind, from the first that is kept."""
        request = client.Request(self.port, "GET", "/admin/v1/events?after=0")
        size = -1
        while size != (size := len(request.answer().body)):  # until no more comes
            time.sleep(0.1)
        request.leave()
        lines = request.finish().body.decode().split("\n")
        named = zip(lines, lines[1:])
        return [json.loads(data[6:]) for name, data in named if name == f"event: {kind}" and data.startswith("data: ")]

    def worker_pid(self):
        """Of the one worker that runs, or None."""
        pids = [worker["pid"] for worker in self.status()["workers"] if worker["pid"]]
        return pids[0] if pids else None
