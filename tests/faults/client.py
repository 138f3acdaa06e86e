"""An HTTP/1.1 client that keeps every byte and reads in a thread of its own, so that a case can break things meanwhile."""

import json
import socket
import threading
import time

from answer import parse


class Request:
    """One request under way: a thread reads what comes until the answer ends, the connection does, or the time is up."""

    def __init__(self, port, method, target, body=None, limit=30.0):
        self.started = time.monotonic()
        self.ended = None
        self.first_byte = None
        self._raw = b""
        self._closed = False
        self._changed = threading.Condition()
        self._deadline = self.started + limit
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=limit)
        content = b"" if body is None else json.dumps(body).encode()
        self._socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                             f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        closed = False
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


def call(port, method, target, body=None, limit=30.0):
    return Request(port, method, target, body, limit).finish()


def chat_body(model, stream, **more):
    return {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello"}], **more}
