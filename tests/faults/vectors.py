"""Requests that two servers could take for different ones, byte for byte, and what RFC 9112 (HTTP/1.1) says must become of them.

HOST stands for the daemon's own host and port. A vector's answers are the statuses that each answer in turn may have; nothing is answered beyond
them. `ends` tells whether the connection is over afterwards (None: either). `inferences`: how many requests a worker may have seen.
"""

from dataclasses import dataclass

BODY = b'{"model":"steady","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}'
LENGTH = len(BODY)
REFUSED = (400,)


@dataclass(frozen=True)
class Vector:
    name: str
    section: str  # of RFC 9112, unless it says otherwise
    sent: bytes
    answers: tuple
    ends: bool | None
    inferences: int = 0
    half_closes: bool = False  # the client sends no more and says so
    heads: bool = False        # the answers have no bodies


def chat(*fields, body=BODY, line="POST /v1/chat/completions HTTP/1.1", host="Host: HOST"):
    """A request for inference with these fields besides Host. Fields may be bytes, for what is no text."""
    lines = [line, *([host] if host else []), *fields]
    return b"\r\n".join(part if isinstance(part, bytes) else part.encode() for part in lines) + b"\r\n\r\n" + body


def get(target="/health", *fields, method="GET", version="HTTP/1.1"):
    return chat(*fields, body=b"", line=f"{method} {target} {version}")


def chunked(*chunks, trailers=b"", last=b"0\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + last + trailers + b"\r\n"


PLAIN = f"Content-Length: {LENGTH}"
CHUNKED = "Transfer-Encoding: chunked"
# What follows a request that must not be believed: whoever misjudges its length runs this.
SMUGGLED = chat(PLAIN)
OK, OK_TWICE = ((200,),), ((200,), (200,))


def refused(name, section, sent, *statuses):
    """The connection ends, and nothing that follows is taken for a request."""
    return Vector(name, section, sent + SMUGGLED, (statuses or REFUSED,), ends=True)


def served(name, section, sent, **more):
    return Vector(name, section, sent, OK, **({"ends": False, "inferences": 1} | more))


def _lengths():
    yield served("Content-Length", "6.2", chat(PLAIN))
    yield served("chunked", "7.1", chat(CHUNKED, body=chunked(BODY[:10], BODY[10:])))
    yield refused("Content-Length, then Transfer-Encoding", "6.3", chat(PLAIN, CHUNKED, body=chunked(BODY)))
    yield refused("Transfer-Encoding, then Content-Length", "6.3", chat(CHUNKED, PLAIN, body=chunked(BODY)))
    yield refused("Content-Length 0 and chunked", "6.3", chat("Content-Length: 0", CHUNKED, body=chunked(BODY)))
    yield refused("two Content-Lengths that differ", "6.3", chat(PLAIN, "Content-Length: 0"))
    yield refused("two equal Content-Lengths", "6.3", chat(PLAIN, PLAIN))
    yield refused("a list of equal Content-Lengths", "6.3", chat(f"Content-Length: {LENGTH}, {LENGTH}"))
    for value in ("", f"+{LENGTH}", "-1", f"0x{LENGTH:x}", f"{LENGTH} {LENGTH}", f"{LENGTH};", f"{LENGTH}.0", "1e1", "18446744073709551616", "9" * 40,
                  "\xb2"):
        yield refused(f"Content-Length {value!r}", "6.3", chat(f"Content-Length: {value}".encode("latin-1")))
    for value in ("gzip", "chunked, gzip", "identity", "xchunked", "chunkedx", '"chunked"', "chunked;q=1", ""):
        yield refused(f"Transfer-Encoding {value!r}: chunked is not the last coding", "6.3", chat(f"Transfer-Encoding: {value}", body=chunked(BODY)), 400, 501)
    for value in ("gzip, chunked", "chunked, chunked", ",chunked", "chunked,"):
        yield refused(f"Transfer-Encoding {value!r}: a coding that is not known, or twice", "6.1, 7", chat(f"Transfer-Encoding: {value}", body=chunked(BODY)), 400, 501)
    yield refused("two Transfer-Encodings", "6.1", chat(CHUNKED, CHUNKED, body=chunked(BODY)))
    yield refused("two Transfer-Encodings, the second unknown", "6.1", chat(CHUNKED, "Transfer-Encoding: cow", body=chunked(BODY)), 400, 501)
    for value in (b"\x0bchunked", b"chunked\x00", b"\x00chunked", b"chunked\x0c"):
        yield refused(f"Transfer-Encoding {value!r}", "5.5 of RFC 9110", chat(b"Transfer-Encoding: " + value, body=chunked(BODY)))
    for value in ("   chunked", "chunked \t", "CHUNKED"):
        yield served(f"Transfer-Encoding {value!r}: white space around it, any case", "5.1, 7", chat(f"Transfer-Encoding:{value}", body=chunked(BODY)))
    yield refused("Transfer-Encoding in HTTP/1.0", "6.1", chat(CHUNKED, line="POST /v1/chat/completions HTTP/1.0", body=chunked(BODY)), 400, 505)
    yield served("a field that only resembles Transfer-Encoding", "5.1", chat("Transfer_Encoding: chunked", PLAIN))
    yield Vector("a body shorter than its Content-Length", "8", chat(PLAIN, body=BODY[:-5]), (REFUSED,), ends=True, half_closes=True)
    yield Vector("no body at all, and the client leaves", "8", chat(PLAIN, body=b""), (REFUSED,), ends=True, half_closes=True)
    yield Vector("a request for nothing in particular with a body that looks like a request", "6.3",
                 get("/health", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED, OK, ends=True)


def _chunks():
    head = CHUNKED
    whole = b"%x" % LENGTH
    yield served("a chunk extension", "7.1.1", chat(head, body=whole + b";a=b\r\n" + BODY + b"\r\n0;c\r\n\r\n"))
    yield served("a quoted chunk extension", "7.1.1", chat(head, body=whole + b';a="b;\\"c"\r\n' + BODY + b"\r\n0\r\n\r\n"))
    yield refused("a chunk extension of 20,000 bytes", "7.1.1", chat(head, body=whole + b";a=" + b"b" * 20_000 + b"\r\n" + BODY + b"\r\n0\r\n\r\n"), 400, 413)
    yield refused("a line feed in a chunk extension", "7.1.1", chat(head, body=whole + b";a\nb\r\n" + BODY + b"\r\n0\r\n\r\n"))
    yield served("leading zeros and capitals in a chunk size", "7.1", chat(head, body=b"0000%X\r\n" % LENGTH + BODY + b"\r\n000\r\n\r\n"))
    for size in (b"0x" + whole, b"+" + whole, b"-1", b"", b" " + whole, b"g", whole + b" 5", b"1" + b"0" * 16, b"f" * 16, b"f" * 40):
        yield refused(f"chunk size {size!r}", "7.1", chat(head, body=size + b"\r\n" + BODY + b"\r\n0\r\n\r\n"), 400, 413)
    yield refused("a chunk longer than its size", "7.1", chat(head, body=b"5\r\n" + BODY + b"\r\n0\r\n\r\n"))
    yield refused("a chunk shorter than its size", "7.1", chat(head, body=b"%x\r\n" % (LENGTH + 1) + BODY + b"\r\n0\r\n\r\n"))
    yield refused("a chunk size that ends with a line feed", "7.1", chat(head, body=whole + b"\n" + BODY + b"\r\n0\r\n\r\n"))
    yield refused("a chunk that ends with a line feed", "7.1", chat(head, body=whole + b"\r\n" + BODY + b"\n0\r\n\r\n"))
    yield refused("a chunk that ends with a carriage return", "7.1", chat(head, body=whole + b"\r\n" + BODY + b"\r0\r\n\r\n"))
    yield served("trailers", "7.1.2", chat(head, body=chunked(BODY, trailers=b"X-Sum: 1\r\n")))
    yield served("trailers that would change the framing", "7.1.2",
                 chat(head, body=chunked(BODY, trailers=b"Content-Length: 3\r\nTransfer-Encoding: gzip\r\nHost: evil.example\r\n")), ends=None)
    yield refused("a trailer that is no field", "7.1.2", chat(head, body=chunked(BODY, trailers=b"no field\r\n")))
    yield Vector("no last chunk", "8", chat(head, body=whole + b"\r\n" + BODY + b"\r\n"), (REFUSED,), ends=True, half_closes=True)
    yield Vector("the last chunk without its empty line", "8", chat(head, body=whole + b"\r\n" + BODY + b"\r\n0\r\n"), (REFUSED,), ends=True, half_closes=True)


def _lines():
    yield refused("lines that end with a line feed only", "2.2", get().replace(b"\r\n", b"\n"))
    yield refused("one line that ends with a line feed only", "2.2", get("/health", b"A: 1\nB: 2"))
    yield refused("a carriage return inside a field", "2.2", get("/health", b"A: 1\rB: 2"))
    yield refused("the empty line is a line feed", "2.2", get()[:-2] + b"\n")
    yield Vector("an empty line before a request", "2.2", b"\r\n" + get(), OK, ends=False)
    yield refused("white space before the first field", "2.2", b"GET /health HTTP/1.1\r\n Host: HOST\r\nHost: HOST\r\n\r\n")
    yield refused("white space before the colon", "5.1", get("/health", "X-A : b"))
    yield refused("white space before the colon of Content-Length", "5.1", chat(f"Content-Length : {LENGTH}"))
    yield refused("white space before the colon of Transfer-Encoding", "5.1", chat("Transfer-Encoding : chunked", PLAIN))
    yield refused("a folded field", "5.2", get("/health", "X-A: b\r\n c"))
    yield refused("a folded field, by a tab", "5.2", get("/health", "X-A: b\r\n\tc"))
    yield refused("a folded Transfer-Encoding", "5.2", chat("Transfer-Encoding:\r\n chunked", body=chunked(BODY)))
    yield refused("a folded Content-Length", "5.2", chat(f"Content-Length:\r\n {LENGTH}"))
    for name in ("", "X A", "X(A", "X[A", "X\x7fA", "X\xe9"):
        yield refused(f"field name {name!r}", "5.6.2 of RFC 9110", get("/health", f"{name}: b".encode("latin-1")))
    yield refused("a line without a colon", "5", get("/health", "no field"))
    for value in (b"a\x00b", b"a\x01b", b"a\x7fb"):
        yield refused(f"field value {value!r}", "5.5 of RFC 9110", get("/health", b"X-A: " + value))
    yield Vector("a field value that is not ASCII", "5.5 of RFC 9110", get("/health", b"X-A: \xe9\xff"), OK, ends=False)
    yield Vector("an empty field value", "5.5 of RFC 9110", get("/health", "X-A:"), OK, ends=False)
    yield refused("a head of 20,000 bytes", "5 of RFC 9110", get("/health", "X-A: " + "b" * 20_000), 431, 400)
    yield refused("2,000 fields", "5 of RFC 9110", get("/health", *["X-A: bcdefgh"] * 2000), 431, 400)


def _request_line():
    for line in ("GET  /health HTTP/1.1", "GET /health  HTTP/1.1", " GET /health HTTP/1.1", "GET\t/health HTTP/1.1", "GET /health HTTP/1.1 ", "GET /health",
                 "GET /health HTTP/1.1.1", "GET /health http/1.1", "GET /health HTTP/11", "GET /health HTTP/1,1", "GET /health XTTP/1.1", "GET HTTP/1.1",
                 "G(T /health HTTP/1.1", "GET /a b HTTP/1.1", ""):
        yield refused(f"request line {line!r}", "3", chat(line=line, body=b"") if line else b"Host: HOST\r\n\r\n")
    for version in ("HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/9.9"):
        yield refused(f"version {version}", "2.3", get(version=version), 400, 505)
    for method in ("FOO", "get", "TRACE", "DELETE"):
        yield Vector(f"method {method}", "9.1 of RFC 9110", get(method=method), ((405, 501),), ends=None)
    yield refused("target of 20,000 bytes", "3", get("/" + "a" * 20_000), 414)
    for target in (b"/\x00", b"/\xe9", b"/a\x7f", b"/a\x01"):
        yield Vector(f"target {target!r}", "3.2", b"GET " + target + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", ((400, 404),), ends=None)
    for target in ("/health#part", "/%00", "/%zz", "/../health", "//health"):
        yield Vector(f"target {target}", "3.2", get(target), ((200, 400, 404),), ends=None)
    yield Vector("a target in absolute form", "3.2.2", get("http://HOST/health"), OK, ends=False)
    yield Vector("a target in absolute form without a path", "3.2.2", get("http://HOST"), ((200, 404),), ends=False)
    yield Vector("a target in absolute form stands before Host", "3.2.2", b"GET http://HOST/health HTTP/1.1\r\nHost: evil.example\r\n\r\n", OK, ends=False)
    yield refused("a target in absolute form of another host", "3.2.2", get("http://evil.example/health"), 403, 421)
    yield refused("a target in absolute form and no Host", "3.2", chat(line="GET http://HOST/health HTTP/1.1", host=None, body=b""))
    yield refused("a target in absolute form with a user", "4.2.4 of RFC 9110", get("http://me@HOST/health"), 400, 403)
    yield refused("CONNECT", "3.2.3", get("HOST", method="CONNECT"), 400, 405, 501)
    yield Vector("OPTIONS *", "3.2.4", get("*", method="OPTIONS"), ((200, 204, 400, 405, 501),), ends=None)
    yield refused("GET *", "3.2.4", get("*"))
    yield refused("a target that is no path", "3.2", get("health"))


def _host():
    yield refused("no Host", "3.2", chat(PLAIN, host=None))
    yield refused("two Hosts", "3.2", chat("Host: HOST", PLAIN))
    yield refused("two Hosts, the second another", "3.2", chat("Host: evil.example", PLAIN))
    for host in ("HOST, evil.example", "HOST/", "http://HOST", "me@HOST", "local host", "127.0.0.1:x", "127.0.0.1:80:80", "[::1", "[::1]x", "\\evil"):
        yield refused(f"Host {host}", "3.2", chat(PLAIN, host=f"Host: {host}"))
    for host in ("", "evil.example", "127.0.0.1.evil.example", "[::ffff:127.0.0.1]", "2130706433"):
        yield refused(f"Host {host!r}, which is not ours", "7.4 of RFC 9110", chat(PLAIN, host=f"Host: {host}"), 400, 403, 421)


def _connections():
    yield Vector("two requests in one piece", "9.3.2", get() + get("/v1/models"), OK_TWICE, ends=False)
    yield Vector("two requests with bodies in one piece", "9.3.2", chat(PLAIN) + chat(PLAIN), OK_TWICE, ends=False, inferences=2)
    yield Vector("a chunked request and another one", "9.3.2", chat(CHUNKED, body=chunked(BODY)) + chat(PLAIN), OK_TWICE, ends=False, inferences=2)
    yield Vector("a request and then none", "9.3.2", get() + b"\x00\x01\x02\r\n\r\n", ((200,), REFUSED), ends=True)
    yield Vector("close, and another request", "9.6", get("/health", "Connection: close") + SMUGGLED, OK, ends=True)
    yield Vector("close among other options", "9.6", get("/health", "Connection: x, Close") + SMUGGLED, OK, ends=True)
    yield Vector("Expect: 100-continue", "10.1.1 of RFC 9110", chat(PLAIN, "Expect: 100-continue"), ((100,), (200,)), ends=False, inferences=1)
    yield Vector("HEAD has no body in its answer", "6.3", get(method="HEAD"), OK, ends=False, heads=True)
    yield Vector("an upgrade that nobody here knows", "7.8 of RFC 9110", get("/health", "Connection: Upgrade", "Upgrade: h2c"), ((200, 400, 426),), ends=None)
    yield Vector("the beginning of HTTP/2", "3.4 of RFC 9113", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ((400, 505),), ends=True)
    yield Vector("the beginning of TLS", "3", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50, (REFUSED,), ends=True)
    yield refused("a body of 100 MB is announced", "15.5.14 of RFC 9110", chat("Content-Length: 100000000", body=b""), 413)


VECTORS = [vector for part in (_lengths, _chunks, _lines, _request_line, _host, _connections) for vector in part()]
