"""Many requests at the same moment, by one thread: what is measured is the daemon, and not the switching between clients."""

import selectors
import socket
import time

import client
from answer import parse


class Shot:
    """One of the burst, once it is over; settled like a client.Request."""

    def __init__(self, connected):
        self.socket = connected
        self.raw = b""
        self.started = self.first_byte = self.ended = self.left = self.expects = None
        self.closed = False
        self.records = []

    def finish(self):
        return parse(self.raw, self.closed)

    @property
    def seconds(self):
        return self.ended - self.started


def fire(daemon, bodies, limit=30.0):
    """Connects them all first, then sends one after the other as fast as it goes."""
    shots = []
    chooser = selectors.DefaultSelector()
    for _ in bodies:
        shot = Shot(socket.create_connection(("127.0.0.1", daemon.port)))
        shot.records = daemon.records
        shots.append(shot)
        chooser.register(shot.socket, selectors.EVENT_READ, shot)
    time.sleep(0.2)  # until the daemon has accepted them
    for shot, body in zip(shots, bodies):
        head, content = client.encode(daemon.port, "POST", "/v1/chat/completions", body)
        shot.expects = daemon.tokens.get(body["model"])
        shot.started = time.monotonic()
        shot.socket.sendall(head + content)
        _receive(chooser, 0)
    deadline = time.monotonic() + limit
    while chooser.get_map() and time.monotonic() < deadline:
        _receive(chooser, 0.1)
    for shot in shots:
        shot.socket.close()
        shot.ended = shot.ended or time.monotonic()
    return shots


def _receive(chooser, timeout):
    for key, _ in chooser.select(timeout):
        shot = key.data
        now = time.monotonic()
        try:
            piece = shot.socket.recv(65536)
        except OSError:
            piece = b""
        shot.first_byte = shot.first_byte or now
        shot.raw += piece
        shot.closed = not piece
        if shot.closed or parse(shot.raw, False).framed_end:
            shot.ended = now
            chooser.unregister(shot.socket)
