"""Every request of a run and how it ended, judged from the client's side: exactly one terminal outcome, and no token lost unseen,
doubled or out of order."""

import threading
from dataclasses import dataclass, field

COMPLETE = "complete"          # everything, and its end said so
REFUSED = "refused"            # an HTTP error status with its whole body
ERROR_EVENT = "error_event"    # the stream said that it failed, then broke off
ABORTED = "aborted"            # the connection broke before the framing's end
UNDETECTABLE = "undetectable"  # looks complete to a client, and is not
LEFT = "left"                  # the client hung up before the end
NONE = "none"                  # nothing definite within the time limit
DOUBLE = "double"              # more than one terminal outcome


def outcome(answer, expected_tokens=None):
    """How `answer` ended. `expected_tokens`: what a fake worker's whole answer holds."""
    if answer.event_stream:
        return _stream_outcome(answer, expected_tokens)
    if not answer.framed_end:
        return ABORTED if answer.closed else NONE
    if answer.status >= 400:
        return REFUSED if answer.errors() else UNDETECTABLE
    return _whole(answer, expected_tokens)


def _stream_outcome(answer, expected_tokens):
    marks = answer.done_marks() + len(answer.errors())
    if marks > 1:
        return DOUBLE
    if answer.done_marks():
        # Clients stop at [DONE], so what follows it cannot mend anything.
        return _whole(answer, expected_tokens)
    if answer.framed_end:
        return UNDETECTABLE  # most clients take a clean end for success, an error event before it or not
    if not answer.closed:
        return NONE
    return ERROR_EVENT if answer.errors() else ABORTED


def _whole(answer, expected_tokens):
    return COMPLETE if expected_tokens is None or len(answer.tokens()) >= expected_tokens else UNDETECTABLE


def token_faults(answer):
    """(doubled or out of order, skipped or foreign) among the tokens of a fake worker's answer."""
    tokens = answer.tokens()
    if not tokens:
        return 0, 0
    wanted = answer.fields.get("x-request-id", tokens[0][0])
    foreign = sum(name != wanted for name, _ in tokens)
    doubled = skipped = 0
    last = -1
    for _, number in tokens:
        if number <= last:
            doubled += 1
        else:
            skipped += number - last - 1
            last = number
    return doubled, skipped + foreign


@dataclass
class Ledger:
    counts: dict = field(default_factory=dict)
    tokens_duplicated: int = 0
    tokens_missing: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def enter(self, answer, expected_tokens=None, left=False):
        """Judges one finished request; returns (outcome, what is wrong with it in words or None)."""
        how = outcome(answer, expected_tokens)
        if left and how in (ABORTED, NONE):
            how = LEFT
        doubled, missing = token_faults(answer)
        with self._lock:
            self.counts[how] = self.counts.get(how, 0) + 1
            self.tokens_duplicated += doubled
            self.tokens_missing += missing
        problem = None
        if how in (UNDETECTABLE, NONE, DOUBLE):
            problem = f"a request ended as {how}: {answer.body[-200:]!r}"
        elif doubled or missing:
            problem = f"{doubled} tokens doubled or out of order, {missing} missing or foreign: {answer.text()[:200]!r}"
        return how, problem

    @property
    def requests(self):
        return sum(self.counts.values())

    @property
    def without_outcome(self):
        return self.counts.get(NONE, 0) + self.counts.get(DOUBLE, 0)

    @property
    def undetectable(self):
        return self.counts.get(UNDETECTABLE, 0)
