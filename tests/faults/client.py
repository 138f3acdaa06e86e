"""An HTTP/1.1 client that keeps every byte and reads in a thread of its own, so that a case can break things meanwhile."""

import contextlib
import json
import socket
import threading
import time

from answer import parse


class Request:
    """One request under way: a thread reads what comes until the answer ends, the connection does, or the time is up.

    `sent` is how much of the body is sent, 1 being all of it. With `reads` False nothing is read before read_on(), and little fits in between.
    """

    def __init__(self, port, method, target, body=None, limit=30.0, sent=1.0, reads=True):
        self.started = time.monotonic()
        self.ended = None
        self.first_byte = None
        self.left = None   # when the client went away, if it did
        self.expects = None  # tokens of a whole answer, when that is known
        self.records = []    # where what became of it is to be written
        self._raw = b""
        self._closed = False
        self._changed = threading.Condition()
        self._deadline = self.started + limit
        self._may_read = threading.Event()
        self._socket = socket.socket()
        if reads:
            self.read_on()
        else:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(limit)
        self._socket.connect(("127.0.0.1", port))
        head, content = encode(port, method, target, body)
        self._socket.sendall(head + content[:round(len(content) * sent)])
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        closed = False
        self._may_read.wait()
        while not closed and not self.answer().framed_end:
            left = self._deadline - time.monotonic()
            if left <= 0:
                break
            self._socket.settimeout(left)
            try:
                piece = self._socket.recv(65536)
            except TimeoutError:
                break
            except OSError:  # a reset is an end as well
                piece = b""
            closed = not piece
            with self._changed:
                if piece and self.first_byte is None:
                    self.first_byte = time.monotonic()
                self._raw += piece
                self._closed = closed
                self._changed.notify_all()
        self._socket.close()
        with self._changed:
            self.ended = time.monotonic()
            self._changed.notify_all()

    def read_on(self):
        self._may_read.set()

    def leave(self):
        """The client hangs up."""
        self.left = time.monotonic()
        with contextlib.suppress(OSError):  # it may be through already
            self._socket.shutdown(socket.SHUT_RDWR)
        self.read_on()

    def answer(self):
        with self._changed:
            return parse(self._raw, self._closed)

    def wait_for(self, condition):
        """Waits until `condition(answer)` holds or the answer has ended; tells which."""
        while True:
            with self._changed:
                if condition(parse(self._raw, self._closed)):
                    return True
                if self.ended is not None:
                    return False
                self._changed.wait()

    def finish(self):
        self._thread.join()
        return self.answer()

    @property
    def seconds(self):
        return self.ended - self.started


def encode(port, method, target, body):
    """(head, content) of a request."""
    content = b"" if body is None else json.dumps(body).encode()
    head = (f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n")
    return head.encode(), content


def call(port, method, target, body=None, limit=30.0):
    return Request(port, method, target, body, limit).finish()


def chat_body(model, stream, **more):
    return {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello"}], **more}
