"""The suite's own eyes: what it must call a failure, shown to it on purpose."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import accounts
import answer
import envelope
import figures
import fronts
import ledger
import processes
import rig
import vectors
from cases import files, framing, loads, soak

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: r1\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def chunk(text):
    return b"%x\r\n%s\r\n" % (len(text), text.encode())


def token(number, name="r1"):
    return chunk("data: " + json.dumps({"choices": [{"delta": {"content": f"{name}:{number} "}}]}) + "\n\n")


DONE = chunk("data: [DONE]\n\n")
ERROR = chunk('data: {"error":{"message":"the worker ended","type":"server_error","param":null,"code":"worker_crashed"}}\n\n')


def stream_bytes(*parts):
    return HEAD + b"".join(parts)


def stream(*parts, closed=True):
    return answer.parse(stream_bytes(*parts), closed)


def refusal(status, code, fields=""):
    body = json.dumps({"error": {"message": "m", "type": "t", "param": None, "code": code}})
    return f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{fields}Content-Length: {len(body)}\r\n\r\n{body}".encode()


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

    def test_a_guard_is_no_worker_but_has_to_go_with_the_daemon(self):
        with tempfile.TemporaryDirectory() as mark:
            daemon = subprocess.Popen(["sh", "-c", "PERCH_GUARD=x sleep 20 & echo $!; wait"], stdout=subprocess.PIPE)
            guard = int(daemon.stdout.readline())
            watch = processes.Watch(mark, daemon=daemon.pid)
            try:
                self.assertEqual(watch.wait_until_gone(5.0), [])
                daemon.kill()
                daemon.wait()
                self.assertEqual([process.pid for process in watch.wait_until_gone(0.05)], [guard])
                watch.kill_left_over()
                self.assertEqual(watch.wait_until_gone(5.0), [])
            finally:
                watch.close()
                daemon.stdout.close()

    def test_a_child_that_nobody_waited_for_is_a_zombie(self):
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with tempfile.TemporaryDirectory() as mark:
            watch = processes.Watch(mark, daemon=os.getpid())
            try:
                self.assertEqual([process.pid for process in watch.zombies()], [child.pid])
                child.wait()
                self.assertEqual(watch.zombies(), [])
            finally:
                watch.close()

    def test_a_descriptor_and_memory_that_are_held_are_seen(self):
        before = processes.holdings(os.getpid())
        with open(os.devnull), open(os.devnull):
            weight = bytearray(b"w") * (8 << 20)
            after = processes.holdings(os.getpid())
        self.assertEqual(after.descriptors - before.descriptors, 2)
        self.assertGreater(after.anonymous_kib - before.anonymous_kib, len(weight) // 1024 - 512)

    def test_two_workers_at_once_are_seen_with_what_they_hold_together(self):
        with tempfile.TemporaryDirectory() as mark:
            loaded = "import time\nopen('/proc/self/comm', 'w').write('fake:m')\ntime.sleep(20)\n"
            children = [subprocess.Popen([sys.executable, "-c", loaded], env={**os.environ, "TMPDIR": mark}) for _ in range(2)]
            children.append(subprocess.Popen(["sleep", "20"], env={**os.environ, "TMPDIR": mark}))
            # Until they have their names they would count as spares.
            named = rig.eventually(lambda: all(pathlib.Path(f"/proc/{child.pid}/comm").read_text() == "fake:m\n" for child in children[:2]), 20.0)
            watch = processes.Watch(mark, daemon=-1)
            try:
                self.assertTrue(named)
                self.assertTrue(rig.eventually(lambda: watch.most == 2))
                self.assertGreater(watch.most_kib, watch.largest_kib * 1.02)
                self.assertTrue(rig.eventually(lambda: watch.most_spares == 1 and watch.most_spare_kib > 0))
                self.assertEqual(watch.most, 2, "one without a model is no resident")
                self.assertEqual(len(watch.living()), 3, "but it has to go like all others")
            finally:
                for child in children:
                    child.kill()
                    child.wait()
                watch.close()


def written(*lines):
    """A workers' file: (seconds, pid, what, request)."""
    return accounts.parse("".join(f"{int(at * 1e9)} {pid} {what} m {request} 0\n" for at, pid, what, request in lines))


def seen(how, ended=2.0, code="", began=1.0):
    return accounts.Record("r1", how, code, began, ended)


class AccountsTest(unittest.TestCase):
    def test_a_failed_request_whose_worker_lived_on_is_lost(self):
        lived_on = written((0, 7, "load", "-"), (1.1, 7, "begin", "r1"), (9, 7, "exit", "-"))
        died = written((0, 7, "load", "-"), (1.1, 7, "begin", "r1"))
        for how in (ledger.ABORTED, ledger.ERROR_EVENT, ledger.REFUSED):
            self.assertEqual(len(accounts.lost([seen(how)], lived_on)), 1, how)
            self.assertEqual(accounts.lost([seen(how)], died), [])
        for how in (ledger.COMPLETE, ledger.LEFT):
            self.assertEqual(accounts.lost([seen(how)], lived_on), [])
        self.assertEqual(accounts.lost([seen(ledger.ERROR_EVENT, code="model_evicted")], lived_on), [])

    def test_work_before_or_after_its_request_is_seen(self):
        within = (1.5, 7, "begin", "r1")
        self.assertEqual(accounts.outside([seen(ledger.LEFT)], written(within)), [])
        self.assertEqual(len(accounts.outside([seen(ledger.LEFT)], written(within, (3, 7, "end", "r1")))), 1)
        self.assertEqual(len(accounts.outside([seen(ledger.LEFT)], written((0.5, 7, "begin", "r1")))), 1)

    def test_two_residents_are_seen(self):
        in_turn = written((1, 7, "load", "-"), (2, 7, "exit", "-"), (3, 8, "load", "-"), (4, 8, "exit", "-"))
        together = written((1, 7, "load", "-"), (3, 8, "load", "-"), (3.5, 7, "end", "r1"), (4, 8, "exit", "-"))
        self.assertEqual((accounts.most_at_once(in_turn), accounts.most_at_once(together)), (1, 2))

    def test_a_request_that_the_daemon_tells_of_twice_or_never_is_seen(self):
        line = "[info] r1 POST /v1/chat/completions 200 12B 3ms\n".replace("r1", "req-01")
        asked = [accounts.Record("req-01", ledger.COMPLETE, "", 1, 2)]
        self.assertEqual(accounts.unaccounted(asked, line), [])
        self.assertEqual(accounts.unaccounted(asked, line * 2), ["req-01"])
        self.assertEqual(accounts.unaccounted(asked, ""), ["req-01"])

    def test_a_line_that_a_killed_worker_did_not_finish_is_left_out(self):
        self.assertEqual(accounts.parse("1 7 load m"), [])


class FiguresTest(unittest.TestCase):
    def failing(self, book=None, **values):
        return [f.name for f in figures.Figures(**values).all(book or ledger.Ledger(), 0) if not f.good]

    def test_every_figure_can_fail(self):
        for name, values in (("requests_lost", {"requests_lost": 1}), ("orphans", {"orphans": 1}), ("zombies", {"zombies": 1}),
                             ("descriptors_leaked", {"descriptors_leaked": 1}), ("residents_max", {"residents": 2}),
                             ("memory_sum_ratio", {"memory_ratio": 1.03}), ("daemon_growth_kib", {"growth_kib": 1024}),
                             ("cancel_p99_ms", {"cancellations": [1.0] * 98 + [201.0] * 2}), ("cold_spawns", {"cold_spawns": 2}),
                             ("waits_past_bound", {"waits_past_bound": 1}), ("recovery_p99_ms", {"recoveries": [1.0] * 9 + [251.0]})):
            self.assertEqual(self.failing(**values), [name])
        self.assertEqual(self.failing(recoveries=[101.0]), ["recovery_p50_ms"])
        self.assertEqual(self.failing(ledger.Ledger(counts={ledger.NONE: 1})), ["requests_without_outcome"])

    def test_what_no_case_measured_does_not_fail(self):
        self.assertEqual(self.failing(), [])

    def test_a_percentile_is_one_of_the_values_and_never_below_the_share(self):
        self.assertEqual(figures.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(figures.percentile(range(1, 101), 0.99), 99)
        self.assertEqual(figures.percentile([7, 9], 0.99), 9)
        self.assertIsNone(figures.percentile([], 0.99))


class JudgementTest(unittest.TestCase):
    """What the cases decide from figures."""

    def test_spawns_are_counted_in_the_fullest_window(self):
        self.assertEqual(loads.most_within([0, 1, 3, 7, 15], 10), 4)
        self.assertEqual(loads.most_within([0, 6, 7, 8, 9, 15.9], 10), 5)

    def test_a_slope_shows_and_noise_does_not(self):
        self.assertEqual(soak.growth([(n, 5000 + 20 * n) for n in range(100)]), 1200)
        self.assertEqual(soak.growth([(n, 5000 + (900 if n % 10 == 0 else 0)) for n in range(100)]), 0)

    def test_a_client_that_left_is_no_failure_unless_its_tokens_are(self):
        self.assertEqual(ledger.Ledger().enter(stream(token(0)), 2, left=True), (ledger.LEFT, None))
        self.assertIn("doubled", ledger.Ledger().enter(stream(token(0), token(0)), 2, left=True)[1])

    def test_a_bad_file_must_be_refused_as_one(self):
        files._judge_bad("x", ledger.REFUSED, answer.parse(refusal(422, "bad_model_file"), False))
        for status, code in ((502, "load_failed"), (503, "bad_model_file")):
            with self.assertRaises(rig.CaseFailure):
                files._judge_bad("x", ledger.REFUSED, answer.parse(refusal(status, code), False))
        with self.assertRaises(rig.CaseFailure):
            files._judge_mutated("x", ledger.ERROR_EVENT, stream(token(0), ERROR))


class FramingTest(unittest.TestCase):
    vector = vectors.Vector("v", "3", b"", ((200,), (400,)), ends=True, inferences=1)

    def judged(self, raw, ended=True, inferences=1):
        return framing.problem(self.vector, answer.split(raw), ended, inferences)

    def test_answers_are_told_apart(self):
        found = answer.split(stream_bytes(token(0), LAST_CHUNK) + refusal(400, "bad_framing") + HEAD)
        self.assertEqual([(a.status, a.framed_end) for a in found], [(200, True), (400, True), (200, False)])
        self.assertEqual([a.status for a in answer.split(b"HTTP/1.1 100 Continue\r\n\r\n" + refusal(400, "x"))], [100, 400])
        self.assertEqual(len(answer.split(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" * 2, bodiless=True)), 2)

    def test_every_way_to_get_a_vector_wrong_is_seen(self):
        ok, last = stream_bytes(LAST_CHUNK), refusal(400, "bad_framing", "Connection: close\r\n")
        self.assertIsNone(self.judged(ok + last))
        for raw in (ok, last, ok + ok, ok + last + ok, b""):
            self.assertIn("was due", self.judged(raw), raw)
        self.assertIn("whole", self.judged(ok + last[:-5]))
        self.assertIn("stayed open", self.judged(ok + last, ended=False))
        self.assertIn("did not say so", self.judged(ok + refusal(400, "bad_framing")))
        self.assertIn("saw 2", self.judged(ok + last, inferences=2))

    def test_vectors_have_names_of_their_own(self):
        self.assertEqual(len({vector.name for vector in vectors.VECTORS}), len(vectors.VECTORS))


class FrontsTest(unittest.TestCase):
    mine, yours = fronts.parse("200|127.0.0.1:1|200|req-1"), fronts.parse("200|perch|200|req-2")
    refused, given_up = fronts.parse("400|<NOSRV>||"), fronts.parse("499|127.0.0.1:1|-|-")

    def test_books_are_read(self):
        self.assertEqual((self.mine.sent, self.mine.answered, self.mine.request), (1, 200, "req-1"))
        self.assertEqual((self.refused.sent, self.refused.status), (0, 400))
        self.assertEqual((self.given_up.sent, self.given_up.request), (1, ""))
        self.assertEqual(fronts.parse("200|127.0.0.1:1, 127.0.0.1:1|502, 200|req-1"), fronts.Passage(200, 2, 200, "req-1"))

    def test_requests_that_the_front_sent_are_those_that_the_daemon_saw(self):
        self.assertIsNone(fronts.reckon(["req-1", "req-2"], [self.yours, self.refused, self.mine]))
        self.assertIsNone(fronts.reckon(["req-1", "req-2"], [self.mine, self.given_up]))
        self.assertIsNone(fronts.reckon(["req-1"], [self.mine, self.given_up]))  # it was given up before the daemon could know

    def test_every_way_to_disagree_is_seen(self):
        self.assertIn("['req-2']", fronts.reckon(["req-1", "req-2"], [self.mine, self.refused]))  # a body became a request
        self.assertIn("1 were given up", fronts.reckon(["req-1", "req-2", "req-3"], [self.mine, self.given_up]))
        self.assertIn("used twice", fronts.reckon(["req-1"], [self.mine, self.mine]))
        self.assertIn("before or after", fronts.reckon(["req-1"], [self.mine, self.yours]))


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
