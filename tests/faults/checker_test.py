"""The suite's own eyes: what it must call a failure, shown to it on purpose."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import answer
import envelope
import ledger
import processes

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: r1\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunk(text):
    return b"%x\r\n%s\r\n" % (len(text), text.encode())


def token(number, name="r1"):
    return chunk("data: " + json.dumps({"choices": [{"delta": {"content": f"{name}:{number} "}}]}) + "\n\n")


DONE = chunk("data: [DONE]\n\n")
ERROR = chunk('data: {"error":{"message":"the worker ended","type":"server_error","param":null,"code":"worker_crashed"}}\n\n')


def stream(*parts, closed=True):
    return answer.parse(HEAD + b"".join(parts), closed)


class OutcomeTest(unittest.TestCase):
    def test_a_stream_is_complete_when_all_its_tokens_and_its_end_came(self):
        self.assertEqual(ledger.outcome(stream(token(0), token(1), DONE, LAST_CHUNK), 2), ledger.COMPLETE)

    def test_a_done_mark_after_too_few_tokens_is_an_undetectable_truncation(self):
        self.assertEqual(ledger.outcome(stream(token(0), DONE, LAST_CHUNK), 2), ledger.UNDETECTABLE)

    def test_a_clean_end_without_a_done_mark_is_an_undetectable_truncation(self):
        self.assertEqual(ledger.outcome(stream(token(0), LAST_CHUNK), 2), ledger.UNDETECTABLE)

    def test_an_error_event_followed_by_a_clean_end_is_an_undetectable_truncation(self):
        self.assertEqual(ledger.outcome(stream(token(0), ERROR, LAST_CHUNK), 2), ledger.UNDETECTABLE)

    def test_an_error_event_and_then_a_break_is_an_outcome(self):
        self.assertEqual(ledger.outcome(stream(token(0), ERROR), 2), ledger.ERROR_EVENT)

    def test_a_break_in_the_middle_of_an_event_is_an_outcome(self):
        self.assertEqual(ledger.outcome(stream(token(0), token(1)[:20]), 2), ledger.ABORTED)

    def test_an_error_event_and_a_done_mark_are_one_outcome_too_many(self):
        self.assertEqual(ledger.outcome(stream(token(0), ERROR, DONE, LAST_CHUNK), 2), ledger.DOUBLE)

    def test_a_stream_that_is_still_open_has_no_outcome(self):
        self.assertEqual(ledger.outcome(stream(token(0), closed=False), 2), ledger.NONE)

    def test_an_answer_cut_before_its_content_length_is_detectable(self):
        cut = answer.parse(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", True)
        self.assertEqual(ledger.outcome(cut, 2), ledger.ABORTED)

    def test_an_answer_without_any_framing_is_not(self):
        self.assertEqual(ledger.outcome(answer.parse(b"HTTP/1.1 200 OK\r\n\r\n{", True), 2), ledger.UNDETECTABLE)


class TokenTest(unittest.TestCase):
    def test_doubled_reordered_missing_and_foreign_tokens_are_counted(self):
        self.assertEqual(ledger.token_faults(stream(token(0), token(1))), (0, 0))
        self.assertEqual(ledger.token_faults(stream(token(0), token(0), token(1))), (1, 0))
        self.assertEqual(ledger.token_faults(stream(token(0), token(2), token(1))), (1, 1))
        self.assertEqual(ledger.token_faults(stream(token(1), token(2))), (0, 1))
        self.assertEqual(ledger.token_faults(stream(token(0), token(1, "r2"))), (0, 1))

    def test_the_ledger_says_what_is_wrong(self):
        book = ledger.Ledger()
        _how, problem = book.enter(stream(token(0), token(0), DONE, LAST_CHUNK), 2)
        self.assertIn("doubled", problem)
        self.assertEqual(book.tokens_duplicated, 1)


class WatchTest(unittest.TestCase):
    def test_a_process_that_left_its_session_and_its_parent_is_still_found(self):
        with tempfile.TemporaryDirectory() as mark:
            runaway = "import os, time\nif os.fork() == 0:\n  os.setsid()\n  os.closerange(0, 64)\n  time.sleep(20)\n"
            subprocess.run([sys.executable, "-c", runaway], env={**os.environ, "TMPDIR": mark}, check=True)
            watch = processes.Watch(mark, daemon=-1)
            try:
                self.assertEqual(len(watch.wait_until_gone(0.05)), 1)
                began = time.monotonic()
                watch.kill_left_over()
                self.assertEqual(watch.wait_until_gone(5.0), [])
                self.assertLess(time.monotonic() - began, 5.0)
            finally:
                watch.kill_left_over()
                watch.close()


class EnvelopeTest(unittest.TestCase):
    def setUp(self):
        self.good = envelope.make("framework-eval", "fake", [envelope.result("orphans", "count", 0, "processes", workers="fake")])

    def test_what_the_suite_makes_is_valid(self):
        self.assertEqual(envelope.problems_of(self.good), [])

    def test_unknown_missing_and_mistyped_keys_are_named(self):
        for change, named in (({"colour": "red"}, "/colour"), ({"model": 1}, "/model"), ({"suite": "faults"}, "/suite"),
                              ({"timestamp": "yesterday"}, "/timestamp"), ({"timestamp": "2026-01-01T00:00:00"}, "/timestamp"),
                              ({"system": {"os": "Debian", "chip": "x"}}, "/system/memory_gb"), ({"schema_version": 1}, "/schema_version"),
                              ({"results": [{"name": "a", "metric": "b", "value": True, "unit": "c"}]}, "/results/0/value"),
                              ({"results": [{"name": "a", "metric": "b", "value": 1, "unit": "c", "note": ""}]}, "/results/0/note"),
                              ({"results": [{"name": "a", "metric": "b", "value": 1, "unit": "c", "tags": {"n": 1}}]}, "/results/0/tags")):
            with self.subTest(change=change):
                self.assertTrue(any(p.startswith(named) for p in envelope.problems_of(self.good | change)))
        del self.good["git_sha"]
        self.assertIn("/git_sha is missing", envelope.problems_of(self.good))


if __name__ == "__main__":
    unittest.main()
