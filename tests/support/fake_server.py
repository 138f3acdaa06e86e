"""A server of somebody else's, without a model: OpenAI's HTTP and nothing of Perch's control protocol, misbehaving as told.

    fake_server.py SCRIPT (--port N | --socket PATH) [--served NAME]

The script is that of tests/fake_worker (the keys "load_ms", "exit_at_load", "stall_at", "leak_mb", "tokens", "think_ms", "head_first", "token_ms", "pad",
"end_early_at", "crash_at_token", "crash_before_answer", "crash_at_probe", "poison", "ignore_exit", "leave_behind_ms" and "log" mean the same), and
besides "line_break" (of its streams; "\\r\\n"), "no_length" (the end of a whole answer is that of the connection), "cut_at" (bytes of a whole answer
after which it hangs up), "fails_at_token" (where its streams say what is wrong and end), "answers" ({"status": N, "content": what} to whatever is asked
but by a probe), "routes" (those that it has), "key" (without which it answers 401), "port_file" (where it writes its port), "never_listens",
and "tls" ({"certificate": FILE, "key": FILE}: it speaks TLS, and its answers say what came of it; with "farewell": false it hangs up without TLS's own end).

While it loads it answers 503 at /health and reads, as a server does that reads its weights; a load that stalls does nothing. Nothing is imported
that takes long.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import time


class Gone(Exception):
    """The client is."""


class Server:
    def __init__(self, script, name, served):
        self.script, self.name, self.served = script, name, served
        self.ready = False
        self.tls = None
        if "tls" in script:
            import tls  # takes long
            self.tls, self.secured = tls, tls.context(script["tls"]["certificate"], script["tls"]["key"])
        self.log = os.open(script["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if "log" in script else -1

    def of(self, key, otherwise):
        return self.script.get(key, otherwise)

    def note(self, what, request="-", tokens=0):
        if self.log >= 0:
            os.write(self.log, f"{time.monotonic_ns()} {os.getpid()} {what} {self.name} {request or '-'} {tokens}\n".encode())

    # --- coming up ---

    def load(self):
        self.weights = b"w" * (self.of("leak_mb", 0) << 20)
        stall_at = self.of("stall_at", 2)
        seconds = self.of("load_ms", 0) / 1000 * min(1, max(0, stall_at))
        until = time.monotonic() + seconds
        with open("/dev/zero", "rb", buffering=0) as weights:
            while time.monotonic() < until:
                weights.read(256 << 10)
                time.sleep(0.02)
        if stall_at <= 1:
            return
        if code := self.of("exit_at_load", 0):
            print("told to fail at load", file=sys.stderr, flush=True)
            os._exit(code)
        self.ready = True
        self.note("ready")

    def stop(self, *_):
        self.note("exit")
        os._exit(0)

    # --- answering ---

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.accept(self.secured, connection)
            with connection:
                method, path, fields, body = read_request(connection)
                self.answer(connection, method, path, fields, body)
                if self.tls and self.script["tls"].get("farewell", True):
                    self.tls.farewell(connection)
        except (Gone, OSError, ValueError):
            pass

    def answer(self, connection, method, path, fields, body):
        if path == "/health":
            return reply(connection, 200 if self.ready else 503, {"status": "ok" if self.ready else "loading model"})
        if method != "POST" or path not in self.of("routes", ["/v1/completions", "/v1/chat/completions", "/v1/embeddings"]):
            return reply(connection, 404, {"detail": "Not Found"})
        if "key" in self.script and fields.get("authorization") != f"Bearer {self.script['key']}":
            return reply(connection, 401, {"error": {"message": "no such key"}})
        request = fields.get("x-request-id", "")
        if self.of("crash_at_probe", False) or (request and self.of("crash_before_answer", False)):
            os.kill(os.getpid(), signal.SIGKILL)
        if request and (said := self.of("answers", None)):
            return reply(connection, said["status"], said.get("content"))
        asked = json.loads(body)
        if asked.get("model") != self.served:
            return reply(connection, 404, {"error": {"message": f"The model `{asked.get('model')}` does not exist.", "code": 404}})
        self.note("begin", request)
        made = [0]
        try:
            if asked.get("stream"):
                self.stream(connection, request, asked, body.decode(), made)
            else:
                self.whole(connection, path, fields, asked, body.decode(), made)
        finally:
            self.note("end", request, made[0])

    def tokens(self, connection, request, asked, text, made):
        """Each token, when it has been computed."""
        poison = self.of("poison", "")
        crashes = bool(request) and (poison in text if poison else "crash_at_token" in self.script)
        self.compute(connection, self.of("think_ms", 0) if request else 0)
        for n in range(min(self.of("tokens", 20), asked.get("max_tokens", 1 << 30))):
            if crashes and n == self.of("crash_at_token", 0):
                os.kill(os.getpid(), signal.SIGKILL)
            made[0] = n + 1
            yield f"{request}:{n} " + " " * self.of("pad", 0)
            self.compute(connection, self.of("token_ms", 0) if request else 0)

    @staticmethod
    def compute(connection, milliseconds):
        """Ends when the client leaves."""
        if milliseconds and select.select([connection], [], [], milliseconds / 1000)[0]:
            raise Gone

    def stream(self, connection, request, asked, text, made):
        gap = self.of("line_break", "\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
        if self.of("head_first", False):
            connection.sendall(head)
            head = b""

        def event(data):
            bytes_ = f"data: {data}{gap}{gap}".encode()
            return f"{len(bytes_):x}\r\n".encode() + bytes_ + b"\r\n"

        def chunk(delta, finish=None):
            return event(json.dumps({"id": request, "object": "chat.completion.chunk", "model": self.served,
                                     "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}))

        for n, token in enumerate(self.tokens(connection, request, asked, text, made)):
            if n == self.of("end_early_at", -1):
                return connection.sendall(b"0\r\n\r\n")
            if n == self.of("fails_at_token", -1):
                return connection.sendall(event(json.dumps({"error": {"message": "the engine stumbled", "code": "internal"}})))
            connection.sendall(head + chunk({"content": token} | ({} if n else {"role": "assistant"})))
            head = b""
        return connection.sendall(head + chunk({}, "stop") + event("[DONE]") + b"0\r\n\r\n")

    def whole(self, connection, path, fields, asked, text, made):
        request = fields.get("x-request-id", "")
        said = "".join(self.tokens(connection, request, asked, text, made))
        vectors = {"data": [{"index": 0, "embedding": [1.0, 0.0]}], "results": [{"index": 0, "relevance_score": 1.0}]}
        choice = {"text": said} if path == "/v1/completions" else {"message": {"role": "assistant", "content": said}}
        body = json.dumps({"id": request, "object": "chat.completion", "model": self.served, "asked": asked, "fields": fields,
                           **({"tls": self.tls.facts(connection)} if self.tls else {}),
                           **({"choices": [{"index": 0, **choice, "finish_reason": "stop"}]} if "completions" in path else vectors)}).encode()
        length = "" if self.of("no_length", False) else f"Content-Length: {len(body)}\r\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}Connection: close\r\n\r\n"
        connection.sendall(head.encode() + (body[:self.of("cut_at", len(body))] if request else body))


def read_request(connection):
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            raise Gone
        raw += piece
        if not raw[:1].isalpha():  # a TLS handshake, perhaps: most servers say at once that this is no request
            reply(connection, 400, {"error": {"message": "that is no request"}})
            raise Gone
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, path, _version = lines[0].split(" ")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(fields.get("content-length", 0)):
        piece = connection.recv(65536)
        if not piece:
            raise Gone
        body += piece
    return method, path, fields, body


def reply(connection, status, content):
    if status in (204, 304):  # they have no body
        return connection.sendall(f"HTTP/1.1 {status} So\r\n\r\n".encode())
    body = json.dumps(content).encode()
    connection.sendall(f"HTTP/1.1 {status} So\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def leave_behind(milliseconds):
    """A process with a session of its own and no parent, that does not care about SIGTERM."""
    if between := os.fork():
        os.waitpid(between, 0)
        return
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(milliseconds / 1000)
    os._exit(0)


def listen(options):
    if "--socket" in options:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(options["--socket"])
    else:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(options["--port"])))
    listener.listen(128)
    return listener


def main():
    path, options = sys.argv[1], dict(zip(sys.argv[2::2], sys.argv[3::2]))
    with open(path, encoding="utf-8") as file:
        script = json.load(file)
    name = os.path.splitext(os.path.basename(path))[0]
    with open("/proc/self/comm", "w", encoding="utf-8") as comm:
        comm.write(f"fake:{name}"[:15])
    server = Server(script, name, options.get("--served", name))
    server.note("load")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if server.of("ignore_exit", False) else server.stop)
    if left := server.of("leave_behind_ms", 0):
        leave_behind(left)
    if "port_file" in script:
        with open(script["port_file"] + ".partial", "w", encoding="utf-8") as file:
            file.write(options["--port"])
        os.rename(script["port_file"] + ".partial", script["port_file"])
    if server.of("never_listens", False) or server.of("stall_at", 2) < 0:
        signal.pause()
    listener = listen(options)
    threading.Thread(target=server.load, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=server.serve, args=(connection,), daemon=True).start()


main()
