"""Case of web pages that use a visitor's browser against the daemon: nothing that they can send may change anything."""

import socket
import time

from answer import split
from cases.case import Case
from cases.steps import stream_under_way
from rig import eventually, require

EVIL = "http://evil.example"
JSON, PLAIN = "application/json", "text/plain"
REFUSALS = (400, 403, 405, 415)
CHAT = '{"model":"other","messages":[{"role":"user","content":"hello"}]}'


def _targets(stream_id):
    """(what would change, method, path, body): everything that can change something."""
    yield "load", "/admin/v1/models/other/load", "{}"
    yield "load without waiting", "/admin/v1/models/other/load?wait=false", "{}"
    yield "unload", "/admin/v1/models/steady/unload", "{}"
    yield "reload", "/admin/v1/registry/reload", "{}"
    yield "cancel", f"/admin/v1/requests/{stream_id}/cancel", "{}"
    for path in ("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/rerank", "/infill"):
        yield "infer", path, CHAT


# (how a page does it, method, Host or None for ours, further fields, content type)
PAGES = [
    ("a name that was pointed at us (DNS rebinding)", "POST", "evil.example:PORT", ["Origin: http://evil.example:PORT", "Sec-Fetch-Site: same-origin"], JSON),
    ("rebinding, an old browser", "POST", "evil.example", [], JSON),
    ("rebinding, a name that looks like ours", "POST", "localhost.evil.example:PORT", [], JSON),
    ("rebinding, a name that resolves by itself", "POST", "127.0.0.1.nip.io:PORT", [], JSON),
    ("rebinding, another spelling of the address", "POST", "2130706433:PORT", [], JSON),
    ("a script of another origin", "POST", None, [f"Origin: {EVIL}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"], JSON),
    ("a script of another origin, without fetch metadata", "POST", None, [f"Origin: {EVIL}"], JSON),
    ("a script of another port of ours", "POST", None, ["Origin: http://127.0.0.1:1", "Sec-Fetch-Site: same-site"], JSON),
    ("an origin that begins like ours", "POST", None, ["Origin: http://127.0.0.1:PORT.evil.example"], JSON),
    ("a page in a sandbox", "POST", None, ["Origin: null"], JSON),
    ("no-cors, text/plain", "POST", None, [f"Origin: {EVIL}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], PLAIN),
    ("a beacon", "POST", None, [f"Origin: {EVIL}", "Sec-Fetch-Site: cross-site"], "text/plain;charset=UTF-8"),
    ("fetch metadata alone", "POST", None, ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], JSON),
    ("a form", "POST", None, [f"Origin: {EVIL}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], "application/x-www-form-urlencoded"),
    ("a form with files", "POST", None, [f"Origin: {EVIL}"], "multipart/form-data; boundary=x"),
    ("the question before a request (preflight)", "OPTIONS", None, [f"Origin: {EVIL}", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"], None),
    ("the same for a private network", "OPTIONS", None, [f"Origin: {EVIL}", "Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: true"], None),
    ("a link or an image", "GET", None, ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"], None),
    ("a link, an old browser", "GET", None, [], None),
    ("HEAD", "HEAD", None, [f"Origin: {EVIL}"], None),
    ("PUT", "PUT", None, [f"Origin: {EVIL}"], JSON),
    ("DELETE", "DELETE", None, [f"Origin: {EVIL}"], JSON),
    ("GET that says it is POST", "GET", None, ["X-HTTP-Method-Override: POST", f"Origin: {EVIL}"], JSON),
]
# Browsers say where such a form comes from, and have for years; the verbs do not rely on it. Inference does: curl -d sends the same.
OLD_FORMS = [("a form, an old browser", "POST", None, [], "application/x-www-form-urlencoded"),
             ("a form of text, an old browser", "POST", None, [], PLAIN),
             ("a request without a type", "POST", None, [], None)]


def _send(daemon, method, host, fields, content_type, path, body):
    own = f"127.0.0.1:{daemon.port}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or own}", *fields, "Connection: close"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Length: {len(body)}"] if method not in ("GET", "HEAD", "OPTIONS") else []
    text = "\r\n".join(lines).replace("PORT", str(daemon.port)) + "\r\n\r\n"
    raw = b""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=5.0) as connected:
        connected.sendall(text.encode() + (body.encode() if method not in ("GET", "HEAD", "OPTIONS") else b""))
        try:
            while piece := connected.recv(65536):
                raw += piece
        except OSError:
            pass
    answers = split(raw, bodiless=method == "HEAD")
    require(len(answers) == 1, f"{method} {path} was answered with {[answer.status for answer in answers]}")
    return answers[0]


def _state(daemon):
    """Everything that a request could have changed."""
    status = daemon.status()
    workers = [{key: worker[key] for key in ("model", "state", "pid", "spawns")} for worker in status["workers"]]
    requests = [(request["id"], request["stage"]) for request in daemon.ask("/admin/v1/requests")["requests"]]
    worked = [(entry.what, entry.model, entry.request) for entry in daemon.worker_log]
    return {"phase": status["phase"], "active": status["active"], "leases": status["leases"], "queued": status["queued"], "workers": workers,
            "generation": status["registry"]["generation"], "requests": requests, "worked": worked}


def hostile_pages(rig, _):
    """While a stream runs that they could cancel, on a model that they could unload."""
    slowest = 0.0
    with rig.daemon(models={"steady": {"load_ms": 0, "tokens": 100_000, "token_ms": 20}}) as daemon:
        stream = stream_under_way(rig, daemon, said=1)
        stream_id = stream.answer().fields["x-request-id"]
        before = _state(daemon)
        for what, path, body in _targets(stream_id):
            for how, method, host, fields, content_type in PAGES + (OLD_FORMS if what != "infer" else []):
                began = time.monotonic()
                answer = _send(daemon, method, host, fields, content_type, path, body)
                slowest = max(slowest, time.monotonic() - began)
                rig.details.append({"page": how, "would": what, "path": path, "answered": answer.status})
                require(answer.status in REFUSALS, f"{how}, {method} {path}: answered with {answer.status}")
                require(not any(name.startswith("access-control-") for name in answer.fields), f"{how}, {method} {path}: it was given leave by {answer.fields}")
                require(_state(daemon) == before, f"{how}, {method} {path}: changed {before} into {_state(daemon)}")
        _friendly_pages(daemon, stream_id)
        how, _answer = rig.settle(stream)
        require(how == "error_event", f"the stream that a page of ours cancelled ended as {how}")
        require(eventually(lambda: daemon.status()["leases"] == 0), "a slot is still taken")
        return slowest * 1000


def _friendly_pages(daemon, stream_id):
    """The same verbs from a page of ours, to see that it was not for something else that they were refused."""
    ours = ["Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: same-origin"]
    for path in (f"/admin/v1/requests/{stream_id}/cancel", "/admin/v1/registry/reload", "/admin/v1/models/other/load", "/admin/v1/models/other/unload"):
        answer = _send(daemon, "POST", None, ours, JSON, path, "{}")
        require(answer.status == 200, f"a page of ours: {path} was answered with {answer.status} {answer.body[:200]!r}")


CASES = [Case(38, "hostile web pages", hostile_pages, "slowest_refusal", repetitions=5)]
