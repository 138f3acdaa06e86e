"""Clients that take their time to lock others out (slowloris): they begin a head, a body or the reading of an answer, and dribble or stop."""

import collections
import contextlib
import resource
import select
import socket
import threading
import time

import client
from cases.case import Case
from cases.steps import settled_holdings
from rig import eventually, require

BEAT = 0.5            # seconds between the bytes of one connection
HEADER_TIMEOUT, BODY_TIMEOUT = 10.0, 60.0  # of the daemon
OURS = 200            # descriptors that the suite itself needs


class Siege:
    """`many` slow connections, kept up from a thread: what the daemon closes is opened again."""

    def __init__(self, daemon, kinds, many):
        self._port = daemon.port
        self._kinds = [kinds[n % len(kinds)] for n in range(many)]
        self._sockets = {}  # number to (socket, when it was opened)
        self._stop = threading.Event()
        self.ages = collections.defaultdict(list)  # kind to the seconds that its connections were let stay
        self.longest_round = 0.0  # seconds in which nobody looked at a connection
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        for number in range(len(self._kinds)):
            self._open(number)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for connected, _ in self._sockets.values():
            connected.close()

    def _open(self, number):
        connected = socket.socket()
        if self._kinds[number] == "unread":
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connected.settimeout(5.0)
        self._sockets[number] = (connected, time.monotonic())
        with contextlib.suppress(OSError):  # refused, then: the next round tries again
            connected.connect(("127.0.0.1", self._port))
            connected.sendall(self._begin(self._kinds[number]))
            connected.setblocking(False)

    def _begin(self, kind):
        if kind == "head":
            return f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nX-Slow: ".encode()
        head, body = client.encode(self._port, "POST", "/v1/chat/completions", client.chat_body("steady", True))
        return head.replace(b"Content-Length: ", b"Content-Length: 1") + b"{" if kind == "body" else head + body

    def _run(self):
        looked = time.monotonic()
        while not self._stop.wait(BEAT):
            self.longest_round = max(self.longest_round, time.monotonic() - looked)
            looked = time.monotonic()
            for number, kind in enumerate(self._kinds):
                connected, opened = self._sockets[number]
                if self._closed(connected):
                    self.ages[kind].append(time.monotonic() - opened)
                    connected.close()
                    self._open(number)
                elif kind != "unread":
                    with contextlib.suppress(OSError):
                        connected.send(b" ")

    def _closed(self, connected):
        """Without reading: an answer that is not read is one of the ways to be slow."""
        poll = select.poll()
        poll.register(connected, select.POLLRDHUP)
        return bool(poll.poll(0))


def _probe(rig, daemon, seconds):
    """Another client and an operator, all the while. The slowest answer, in seconds."""
    slowest = 0.0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        request = rig.serve_one(daemon, "the other client", max_tokens=1)
        status = client.Request(daemon.port, "GET", "/admin/v1/status", limit=5.0)
        require(status.finish().status == 200, f"the status page: {status.answer().status or 'no answer'}")
        slowest = max(slowest, request.seconds, status.seconds)
    return slowest


def _besiege(rig, many, kinds, descriptors=None):
    """The daemon as users run it, and slow clients in their hundreds. `many` at their full number are watched for longer than a head may take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    long = many >= 1000
    many = min(many, hard - OURS)
    script = {"load_ms": 0, "tokens": 4000, "token_ms": 1, "pad": 4000, "slots": 512}
    with rig.daemon(models={"steady": script}, policy={"max_queue": 1000}, sample_every=0.05, descriptors=descriptors) as daemon:
        _probe(rig, daemon, 0.5)
        before = settled_holdings(daemon)
        with Siege(daemon, kinds, many) as siege:
            slowest = _probe(rig, daemon, HEADER_TIMEOUT + 5.0 if long else 2.0)
        kept = {kind: (min(ages), max(ages)) for kind, ages in siege.ages.items()}
        if not descriptors:
            # The short form is over before a head is given up, and the long one before a body is, unless the machine is slow.
            require(set(kept) <= {"head", "body"} and ("head" in kept or not long), f"seconds that connections were let stay, by kind: {kept}")
            for kind, timeout in (("head", HEADER_TIMEOUT), ("body", BODY_TIMEOUT)):
                earliest, latest = kept.get(kind, (timeout, timeout))
                require(earliest >= timeout - BEAT, f"a {kind} was given up after {earliest:.1f} s")
                require(latest <= timeout + 2 * siege.longest_round + 1.0, f"a {kind} was waited for {latest:.1f} s")
        else:
            require(set(kept) == set(kinds), f"there was room for all, so nothing was shown: {kept}")
        require(eventually(lambda: daemon.holdings().descriptors <= before.descriptors, 5.0),
                f"{daemon.holdings().descriptors - before.descriptors} descriptors more than before")
        require(eventually(lambda: daemon.status()["leases"] == 0), "they have left, and their slots are still taken")
        rig.serve_one(daemon, "the first request afterwards", max_tokens=1)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return slowest * 1000


def slow_connections(rig, many):
    """A third each: heads, bodies, answers that are not read."""
    return _besiege(rig, many, ("head", "body", "unread"))


def few_descriptors(rig, many):
    """Many more of them than the daemon may have connections."""
    return _besiege(rig, many, ("head", "body"), descriptors=256)


CASES = [
    Case(26, "slow connections", slow_connections, "slowest_answer_to_others", many=1000, few=150),
    Case(26, "slow, few descriptors", few_descriptors, "slowest_answer_to_others", many=1000, few=300),
]
