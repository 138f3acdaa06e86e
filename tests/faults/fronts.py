"""nginx and HAProxy in front of a daemon, as deploy/fronts tells people to have them, and the book that each keeps of what it sent on."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

FILES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "fronts"
STARTS = 3  # a free port may be taken before the server has it

# A line of the book: what the client was told, where the request was sent on to, what the daemon answered, and the daemon's name for it.
NGINX = """daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  log_format book '$status|$upstream_addr|$upstream_status|$upstream_http_x_request_id';
  access_log {folder}/book book;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/perch.conf;
}}
"""
# With one thread the connections to the daemon are everybody's.
HAPROXY = """global
  nbthread 1
  log stdout format raw local0

"""
HAPROXY_BOOK = """frontend perch
  log global
  log-format "%ST|%s|%[var(txn.status)]|%[var(txn.name)]"
  http-response set-var(txn.status) status
  http-response set-var(txn.name) res.hdr(X-Request-Id)
"""


@dataclass(frozen=True)
class Passage:
    """A request in a front's hands. What it refused itself it did not send; what it gave up has no answer, and so no name."""

    status: int    # what the client was told; 0: nothing
    sent: int      # times that it went to the daemon
    answered: int  # the daemon's status
    request: str   # the daemon's name for it


def parse(line):
    status, places, answered, request = ("" if part in ("-", "<NOSRV>") else part for part in line.split("|"))
    last = answered.split(",")[-1].strip()  # nginx writes that of each attempt
    sent = places.count(",") + 1 if places else 0
    return Passage(int(status) if status.isdigit() else 0, sent, int(last) if last.isdigit() else 0, request)


def reckon(seen, passages):
    """What is wrong when the daemon saw these requests (by their names) while the front had those in its hands, in words, or None. Each
    that the daemon saw must be one that the front sent and knows by its name, or gave up."""
    named = Counter(passage.request for passage in passages if passage.request)
    stray = [request for request in seen if request not in named]
    given_up = sum(passage.sent for passage in passages) - named.total()
    if len(stray) > given_up:
        return f"the daemon saw {len(seen)} requests, {stray} of which the front did not send ({given_up} were given up)"
    if twice := [request for request, times in named.items() if times > 1]:
        return f"the answers to {twice} were used twice"
    if unseen := named.keys() - set(seen):
        return f"the front has answers to {sorted(unseen)}, which came before or after"
    return None


def _nginx(folder, site):
    (folder / "perch.conf").write_text(site)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    return ["-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def _haproxy(folder, site):
    (folder / "haproxy.cfg").write_text(HAPROXY + site.replace("frontend perch\n", HAPROXY_BOOK))
    return ["-db", "-f", str(folder / "haproxy.cfg")]


@dataclass(frozen=True)
class Kind:
    name: str
    file: str           # of deploy/fronts
    prepare: Callable   # writes what it needs into a folder; returns the arguments that make it run with that

    def program(self):
        return shutil.which(self.name.lower(), path=f"{os.environ['PATH']}:/usr/sbin")

    def lacks(self):
        return None if self.program() else f"{self.name} is not installed (deploy/shell --with-fronts)"


KINDS = (Kind("nginx", "nginx.conf", _nginx), Kind("HAProxy", "haproxy.cfg", _haproxy))


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Front:
    """One of them, while the context lasts."""

    def __init__(self, kind, daemon_port):
        self._kind = kind
        self._daemon_port = daemon_port
        self._unfinished = ""
        self.port = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pf-front-"))
        try:
            if not any(self._start() for _ in range(STARTS)):
                raise RuntimeError(f"{self._kind.name} did not start: {self.log[-1000:]}")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self._book = open(self.folder / "book", errors="replace")
        return self

    def __exit__(self, *_):
        self._stop()
        self._book.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def _start(self, limit=10.0):
        self.port = _free_port()
        site = (FILES / self._kind.file).read_text()
        for usual, ours in (("127.0.0.1:11434", self._daemon_port), ("127.0.0.1:8080", self.port)):
            assert site.count(usual) == 1, f"{self._kind.file} has {usual} more than once, or not at all"
            site = site.replace(usual, f"127.0.0.1:{ours}")
        # If the suite is killed, nobody else would end it.
        command = ["setpriv", "--pdeathsig", "KILL", self._kind.program(), *self._kind.prepare(self.folder, site)]
        # HAProxy's book is its output; nginx opens its own.
        with open(self.folder / "book", "ab") as book, open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=book, stderr=log, process_group=0)
        deadline = time.monotonic() + limit
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return True
            time.sleep(0.01)
        self._stop()
        return False

    def _stop(self):
        self._process.kill()
        self._process.wait()

    def passages(self):
        """What came into the book since the last time."""
        *lines, self._unfinished = (self._unfinished + self._book.read()).split("\n")
        return [parse(line) for line in lines if line.count("|") == 3]
