"""One question to a server that knows several models, as its asker sees it."""

import http.client
import json
import time
from dataclasses import dataclass

from peers import PeerFailure

LIMIT = 600


@dataclass
class Answer:
    seconds: float  # from asking to the first token's bytes
    text: str
    cached: int     # of the prompt's tokens, those that had not to be evaluated


def ask(port, model, prompt, count):
    """Streams `count` tokens at temperature 0 after `prompt`, token ids: a tokenizer's speed is nothing that is measured here."""
    body = {"model": model, "prompt": prompt, "max_tokens": count, "temperature": 0, "stream": True, "stream_options": {"include_usage": True}}
    sent = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise PeerFailure(f"{model}: HTTP {answer.status}: {answer.read(500).decode(errors='replace')}")
        return _read(answer, sent, model)
    except (OSError, http.client.HTTPException) as failure:
        raise PeerFailure(f"{model}: no answer: {failure}") from failure
    finally:
        connection.close()


def _read(answer, sent, model):
    seconds, text, cached = None, "", 0
    while line := answer.readline():
        now = time.monotonic()
        if line.startswith(b"data: [DONE]"):
            if seconds is None:
                raise PeerFailure(f"{model}: an answer without a word")
            return Answer(seconds, text, cached)
        if not line.startswith(b"data: "):
            continue
        chunk = json.loads(line[6:])
        if "error" in chunk:
            raise PeerFailure(f"{model}: {chunk['error']}")
        piece = chunk["choices"][0].get("text", "") if chunk["choices"] else ""
        if piece and seconds is None:
            seconds = now - sent
        text += piece
        cached = ((chunk.get("usage") or {}).get("prompt_tokens_details") or {}).get("cached_tokens", cached)
    raise PeerFailure(f"{model}: a stream broke off")


def call(port, method, target, body=None):
    """The answer's status and JSON (or text) of a short request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request(method, target, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as failure:
        raise PeerFailure(f"{method} {target}: no answer: {failure}") from failure
    finally:
        connection.close()
    try:
        return answer.status, json.loads(content)
    except ValueError:
        return answer.status, content
