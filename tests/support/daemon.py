"""A daemon of a test's own: started on a registry, stopped when the `with` ends."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

DEMO_REGISTRY = pathlib.Path(__file__).resolve().parents[2] / "registry/demo/registry.json"
START_LIMIT = 60


class Daemon:
    def __init__(self, programs, registry=DEMO_REGISTRY, arguments=()):
        """programs: the folder of `perch`; registry: a file, or what it shall hold; arguments: more of them for `perch serve`."""
        self.programs, self.registry, self.arguments = pathlib.Path(programs).resolve(), registry, arguments

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="perch-daemon-")
        folder = self.state = pathlib.Path(self._folder.name)  # what outlives a run is under it
        registry = self.registry
        if isinstance(registry, dict):
            registry = folder / "registry.json"
            registry.write_text(json.dumps(self.registry))
        self.registry_file = registry
        port_file = folder / "port"
        self.process = subprocess.Popen([self.programs / "perch", "serve", "--registry", registry, "--listen", "127.0.0.1:0",
                                         "--port-file", port_file, "--log-level", "warn", *self.arguments],
                                        env=os.environ | {"XDG_STATE_HOME": str(folder)})
        deadline = time.monotonic() + START_LIMIT
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                sys.exit("the daemon did not start")
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self._folder.cleanup()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return json.load(reply)


@contextlib.contextmanager
def fake_daemon(programs, scripts, registry=None, arguments=()):
    """Workers without a model: `scripts` is model id to how it behaves (tests/fake_worker/main.cpp), the first of them the default."""
    with tempfile.TemporaryDirectory(prefix="perch-fake-") as folder:
        catalog = {}
        for model, script in scripts.items():
            file = pathlib.Path(folder) / f"{model}.json"
            file.write_text(json.dumps(script))
            catalog[model] = {"artifact": str(file)}
        whole = {"models": {"default": next(iter(scripts))}, "catalog": catalog} | (registry or {})
        with Daemon(programs, whole, ["--worker", str(pathlib.Path(programs) / "fake_worker"), *arguments]) as daemon:
            yield daemon
