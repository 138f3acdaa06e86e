"""One `perch serve` on a port of its own, with a registry made for the case, and what it takes to break it and to clean up after it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import client
import processes


class Daemon:
    """Use it as a context manager: whatever the case did to it, nothing of it is left afterwards."""

    def __init__(self, perch, worker, registry, options=()):
        # Short, because the path of a Unix socket below it must fit in 108 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pf-"))
        self._registry = registry
        self._command = [str(perch), "serve", "--worker", str(worker), "--listen", "127.0.0.1:0", *options]
        self._process = None
        self.watch = None
        self.port = None
        self.most_workers = 0
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
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self):
        return self._process.pid

    def start(self, limit=30.0):
        """Starts it (again)."""
        registry = self.folder / "registry.json"
        registry.write_text(json.dumps(self._registry(self.folder)))
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        environment = os.environ | {"TMPDIR": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen([*self._command, "--registry", str(registry), "--port-file", str(port_file)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self._stop_watching()
        self.watch = processes.Watch(str(self.folder), self._process.pid)
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
        if self._process.poll() is None:
            self.kill_daemon()
        self.watch.kill_left_over()
        self._stop_watching()
        self._process = None

    def _stop_watching(self):
        if self.watch:
            self.watch.close()
            self.most_workers = max(self.most_workers, self.watch.most)
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

    # --- talking to it ---

    def chat(self, model, stream=False, limit=60.0, **more):
        return client.Request(self.port, "POST", "/v1/chat/completions", client.chat_body(model, stream, **more), limit)

    def status(self):
        return json.loads(client.call(self.port, "GET", "/admin/v1/status").body)

    def worker_pid(self):
        """Of the one worker that runs, or None."""
        pids = [worker["pid"] for worker in self.status()["workers"] if worker["pid"]]
        return pids[0] if pids else None
