"""An HTTP answer, read from its raw bytes alone, because how it ends is what the suite is about.

`http.client` would hide the difference between a body that ended as its framing said and one that was cut off.
"""

import json
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"(\S+):(\d+) ")


@dataclass
class Answer:
    """What came back, so far."""

    status: int = 0
    fields: dict = field(default_factory=dict)
    body: bytes = b""
    framed_end: bool = False  # the body ended as its framing said: last chunk, or all of Content-Length
    closed: bool = False      # the connection ended (in whatever way)

    @property
    def event_stream(self):
        return self.fields.get("content-type", "").startswith("text/event-stream")

    def events(self):
        """The data of each whole event of the stream, comments left out."""
        text = self.body.decode("utf-8", "replace").replace("\r\n", "\n")
        return [part[6:] for part in text.split("\n\n")[:-1] if part.startswith("data: ")]

    def errors(self):
        """The error of the answer, or of each error event in the stream."""
        parts = self.events() if self.event_stream else [self.body.decode("utf-8", "replace")]
        found = []
        for part in parts:
            try:
                message = json.loads(part)
            except ValueError:
                continue
            if isinstance(message, dict) and isinstance(message.get("error"), dict):
                found.append(message["error"])
        return found

    def done_marks(self):
        return self.events().count("[DONE]")

    def text(self):
        """What the model said."""
        if not self.event_stream:
            try:
                return json.loads(self.body)["choices"][0]["message"]["content"]
            except (ValueError, KeyError, IndexError, TypeError):
                return ""
        said = []
        for event in self.events():
            if event != "[DONE]" and (choices := json.loads(event).get("choices")):
                said.append(choices[0]["delta"].get("content") or "")
        return "".join(said)

    def tokens(self):
        """(request id, sequence) of each token that a fake worker made."""
        return [(name, int(number)) for name, number in TOKEN.findall(self.text())]


def parse(raw, closed):
    """As much of an answer as `raw` holds."""
    answer, _rest = _parse_one(raw, closed, bodiless=False)
    return answer


def split(raw, bodiless=False):
    """The answers on one connection, in turn; the last one may be incomplete. `bodiless`: they answer HEAD."""
    answers = []
    while raw:
        answer, raw = _parse_one(raw, False, bodiless)
        answers.append(answer)
        if not answer.framed_end:
            break
    return answers


def _parse_one(raw, closed, bodiless):
    """(an answer, what follows it)"""
    answer = Answer(closed=closed)
    head, found, rest = raw.partition(b"\r\n\r\n")
    if not found:
        return answer, b""
    lines = head.decode("latin-1").split("\r\n")
    answer.status = int(lines[0].split()[1])
    answer.fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if bodiless or answer.status < 200:
        answer.framed_end = True
        return answer, rest
    if answer.fields.get("transfer-encoding", "").lower() == "chunked":
        answer.body, answer.framed_end, rest = _dechunk(rest)
        return answer, rest
    if "content-length" in answer.fields:
        length = int(answer.fields["content-length"])
        answer.body = rest[:length]
        answer.framed_end = len(rest) >= length
        return answer, rest[length:]
    # The body lasts until the connection closes: such an end can never be told from a cut.
    answer.body = rest
    answer.framed_end = closed
    return answer, b""


def _dechunk(rest):
    """(body, whether it is whole, what follows it)"""
    body = b""
    while True:
        line, found, rest = rest.partition(b"\r\n")
        if not found:
            return body, False, b""
        size = int(line.split(b";")[0], 16)
        if size == 0:
            return body, rest.startswith(b"\r\n"), rest[2:]
        body += rest[:size]
        if len(rest) < size + 2:
            return body, False, b""
        rest = rest[size + 2:]
