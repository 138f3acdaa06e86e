"""Which processes belong to a daemon, by looking in /proc: nothing that the daemon itself reports is believed here.

A daemon is started with a TMPDIR of its own, which its workers and whatever they start inherit; that is the mark. A process that dropped
the mark is still known as a descendant, once it has been seen below the daemon. The daemon's guard (docs/worker-protocol.md) is no worker, but
must go with the daemon. A worker says in its name that it was told to load, and which model ("perch:coder"); one that was started ahead has
none yet, so it is no second resident, but it must go with the daemon as well.
"""

import os
import signal
import threading
import time
from dataclasses import dataclass


GUARD = b"PERCH_GUARD="
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True)
class Process:
    pid: int
    started: int  # in clock ticks since boot: with the pid it names one process for ever


@dataclass(frozen=True)
class Stat:
    process: Process
    parent: int
    state: str
    name: str

    @property
    def alive(self):
        return self.state not in "ZX"

    @property
    def has_model(self):
        """Of a worker, or of what one has started without making another program of itself."""
        return ":" in self.name


def stat(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(b")") + 2:].split()  # the name before it may hold anything
    name = text[text.index(b"(") + 1:text.rindex(b")")].decode(errors="replace")
    return Stat(Process(pid, int(fields[19])), int(fields[1]), fields[0].decode(), name)


@dataclass(frozen=True)
class Holdings:
    """What one process holds."""

    anonymous_kib: int  # memory that is its own
    resident_kib: int
    threads: int
    descriptors: int


def holdings(pid):
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return Holdings(*(int(fields[name].split()[0]) for name in ("RssAnon", "VmRSS", "Threads")), len(os.listdir(f"/proc/{pid}/fd")))


def resident_kib(pid):
    """0 when it is not there any more."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE_KIB
    except (FileNotFoundError, ProcessLookupError):
        return 0


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        text = file.read()
    fields = text[text.rindex(b")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except PermissionError:
        return b"somebody else's"
    except OSError:
        return b""


def alive(process):
    now = stat(process.pid)
    return now is not None and now.process == process and now.alive


class Watch:
    """Samples /proc in a thread and remembers every process of one daemon. Of those with a model: `most` is how many it saw alive at once,
    `most_kib` what they held together, and `largest_kib` what one of them held. Of the others: `most_spares`, `most_spare_kib`. A worker that
    is being started counts as a spare until it is told to load."""

    def __init__(self, mark, daemon, every=0.01):
        self._mark = b"TMPDIR=" + mark.encode() + b"\0"
        self._daemon = daemon
        self._every = every
        self._ours = set()
        self._guards = set()
        self._others = set()  # pids, so that a scan need not open what it has already judged
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.most = self.most_kib = self.largest_kib = self.most_spares = self.most_spare_kib = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._stop.set()
        self._thread.join()

    def living(self):
        """The daemon's workers and their descendants that are alive now."""
        with self._lock:
            return self._scan()

    def zombies(self):
        """Children of the daemon that have ended and that it has not waited for."""
        found = [s for name in os.listdir("/proc") if name.isdigit() and (s := stat(int(name)))]
        return [s.process for s in found if s.state == "Z" and s.parent == self._daemon]

    def wait_until_gone(self, limit):
        """The processes that are left when none is, or when `limit` seconds have passed. The guard may be there as long as the daemon."""
        deadline = time.monotonic() + limit
        while (left := self.living() + self._idle_guards()) and time.monotonic() < deadline:
            time.sleep(0.002)
        return left

    def _idle_guards(self):
        daemon = stat(self._daemon)
        return [] if daemon and daemon.alive else [guard for guard in self._guards if alive(guard)]

    def kill_left_over(self):
        for process in self.living() + self._idle_guards():
            os.kill(process.pid, signal.SIGKILL)

    def _run(self):
        while not self._stop.wait(self._every):
            with self._lock:
                living = self._scan()
            named = self._look_at(living)
            # They are looked at one after the other, and one may have gone before the next has come: who is still there then was there together.
            together = [process for process, has_model in self._look_at([process for process, had in named if had]) if has_model]
            spares = [process for process, has_model in named if not has_model]
            sizes = [resident_kib(process.pid) for process in together]
            self.most = max(self.most, len(sizes))
            self.most_kib = max(self.most_kib, sum(sizes))
            self.largest_kib = max(self.largest_kib, *sizes, 0)
            self.most_spares = max(self.most_spares, len(spares))
            self.most_spare_kib = max(self.most_spare_kib, sum(resident_kib(process.pid) for process in spares))

    @staticmethod
    def _look_at(processes):
        """Those that are still alive, each with whether it has a model."""
        return [(process, now.has_model) for process in processes if (now := stat(process.pid)) and now.process == process and now.alive]

    def _scan(self):
        pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        self._others &= pids
        found = [s for s in map(stat, pids - self._others) if s]
        ours_by_pid = {s.process.pid for s in found if s.process in self._ours} | {self._daemon}
        for s in found:
            if s.parent == self._daemon and GUARD in environment(s.process.pid):  # between fork and exec it looked like the daemon
                self._ours.discard(s.process)
                self._guards.add(s.process)
            if s.process in self._guards or s.process in self._ours or s.process.pid == self._daemon:
                continue
            marks = environment(s.process.pid)
            if s.parent in ours_by_pid or self._mark in marks:
                self._ours.add(s.process)
            elif marks or not s.alive:  # inside fork and exec the environment reads as empty for an instant: look again next time
                self._others.add(s.process.pid)
        return [s.process for s in found if s.alive and s.process in self._ours]
