#!/usr/bin/env python3
"""The verbs of `perch`, in pipes and before a terminal: tables, JSON, exit statuses, the progress of a load, and the doctor.

  program_test.py BIN_FOLDER [unittest's options]
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import socket
import struct
import subprocess
import tempfile
import termios
import unittest

import perch
from perch import DEMO, PATIENCE, demo_daemon, fake_daemon, run

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def run_before_terminal(*arguments, columns=80, expect=0, environment=None):
    """What a person at a terminal of that width sees."""
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([perch.programs / "perch", *map(str, arguments)], stdin=terminal, stdout=terminal, stderr=terminal, env=os.environ | (environment or {}))
    os.close(terminal)
    seen = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
    os.close(main)
    assert process.wait(PATIENCE) == expect, seen.decode()
    return seen.decode()


def lines_of(text):
    return [ESCAPES.sub("", line) for line in text.replace("\r", "").splitlines()]


class WithDemoModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(demo_daemon())
        run("load", "default", "--url", cls.daemon.url)
        run("load", "most-capable", "--url", cls.daemon.url)

    def perch(self, verb, *arguments, expect=0):
        return run(verb, *arguments, "--url", self.daemon.url, expect=expect)

    def test_json_is_there_for_every_verb_and_is_json(self):
        calls = (["status"], ["models"], ["active"], ["active", "wren"], ["active", "--clear"], ["logs"], ["swaps"], ["fit", "default"], ["memory"], ["sessions"], ["load", "default"], ["unload", "default"], ["sessions", "--drop"],
                 ["chat", "hello"], ["unpin", "default"])
        for verb, *arguments in calls:
            self.assertIsInstance(json.loads(self.perch(verb, *arguments, "--json").stdout), dict, verb)
        lease = json.loads(self.perch("memory", "lease", "0.01", "1", "--json").stdout)
        self.assertEqual("ended", json.loads(self.perch("memory", "release", lease["id"], "--json").stdout)["outcome"])

    def test_in_a_pipe_tables_are_whole_and_plain(self):
        for verb in ("models", "swaps", "sessions"):
            self.assertNotIn("\x1b", self.perch(verb).stdout)
            self.assertNotIn("…", self.perch(verb).stdout)
        titles = self.perch("models").stdout.splitlines()[0].split()
        self.assertEqual(["MODEL", "STATE", "SIZE", "TYPE", "PREDICTED", "MEASURED", "FITS", "TIER", "TOK/S", "ROLES"], titles)

    def test_before_a_terminal_tables_fit(self):
        for columns in (60, 80, 120):
            for verb in ("models", "swaps"):
                lines = lines_of(run_before_terminal(verb, "--url", self.daemon.url, columns=columns))
                self.assertGreater(len(lines), 2)
                for line in lines:
                    self.assertLessEqual(len(line), columns, f"{verb} at {columns}")
        self.assertIn("TOTAL", lines_of(run_before_terminal("swaps", "--url", self.daemon.url, columns=60))[0])

    def test_titles_are_bold_unless_that_is_refused(self):
        self.assertIn("\x1b[1mMODEL", run_before_terminal("models", "--url", self.daemon.url))
        self.assertNotIn("\x1b", run_before_terminal("models", "--url", self.daemon.url, environment={"NO_COLOR": "1"}))

    def test_names_are_listed_for_completion(self):
        self.assertEqual({"sparrow-q8_0", "default", "sparrow-q4_k_m", "wren-q8_0", "most-capable"}, set(self.perch("models", "--names").stdout.split()))

    def test_exit_statuses(self):
        self.assertIn("nobody", self.perch("load", "nobody", expect=1).stderr)
        self.perch("fit", "default", "--context", "16777216", "--parallel", "256", expect=1)
        self.perch("load", expect=64)
        self.perch("nonsense", expect=64)
        nowhere = "http://127.0.0.1:1"
        for verb, *arguments in (["status"], ["models"], ["models", "--names"], ["load", "x"], ["chat", "x", "--json"], ["memory", "release", "1"]):
            self.assertIn("no daemon answers", run(verb, *arguments, "--url", nowhere, expect=69).stderr)

    def test_active_is_chosen_by_a_part_of_a_name(self):
        self.addCleanup(self.perch, "active", "--clear")
        self.assertEqual("active means sparrow-q8_0: nothing is chosen\n", self.perch("active").stdout)
        self.assertRegex(self.perch("active", "WREN").stdout, r"^active means wren-q8_0, chosen [-0-9]+ [:0-9]+ UTC\n$")
        self.assertRegex(self.perch("status").stdout, r"(?m)^active +means wren-q8_0, chosen ")
        self.assertIn("wren", self.perch("chat", "-m", "active", "--json", "hello").stdout)
        self.assertIn("active", self.perch("models", "--names").stdout.split())
        self.assertRegex(self.perch("active", "most-capable", "--load").stdout, r"(?m)^wren-q8_0: ready after [\d.]+ s$")
        self.assertEqual("ready", json.loads(self.perch("active", "wren", "--load", "--json").stdout)["load"]["outcome"])
        self.assertIn("any of 2 models: sparrow-q4_k_m, sparrow-q8_0", self.perch("active", "sparrow", expect=1).stderr)
        self.assertIn("did you mean", self.perch("active", "wren-q8_1", expect=1).stderr)
        self.assertEqual("active means sparrow-q8_0: nothing is chosen\n", self.perch("active", "--clear").stdout)
        for wrong in (["wren", "--clear"], ["--load"]):
            self.perch("active", *wrong, expect=64)

    def test_help_says_what_the_exit_statuses_mean(self):
        text = run("--help").stdout
        for line in ("0 Done.", "1 Refused", "3 Something would be left out", "64 Wrong usage.", "69 No daemon answers."):
            self.assertIn(line, text)

    def test_the_doctor_finds_a_running_daemon_of_this_registry(self):
        done = run("doctor", "--registry", self.daemon.registry_file, "--url", self.daemon.url)
        self.assertRegex(done.stdout, r"(?m)^ok +daemon +\S+ answers at " + re.escape(self.daemon.url) + "$")
        self.assertRegex(done.stdout, r"(?m)^ok +models +3 can be read$")
        self.assertRegex(done.stdout, r"(?m)^ok +worker +/.*perch-worker runs$")
        self.assertIn("0 wrong", done.stdout)


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(fake_daemon({"talker": {"says": ["info  a good omen", "error a bad omen"]}, "quiet": {}}))
        run("load", "talker", "--url", cls.daemon.url)

    def logs(self, *arguments, expect=0):
        return run("logs", *arguments, "--url", self.daemon.url, expect=expect)

    def test_the_latest_are_shown_by_source_and_level(self):
        self.assertRegex(self.logs("--source", "talker").stdout, r"^[-0-9]+ [:0-9]+\.\d{3} info  worker talker: a good omen\n[^\n]* error worker talker: a bad omen\n$")
        self.assertNotIn("good", self.logs("--level", "error").stdout)
        self.assertEqual(1, len(self.logs("-n", "1").stdout.splitlines()))
        self.assertNotIn("omen", self.logs("--source", "daemon").stdout)
        self.assertEqual("", self.logs("--source", "quiet").stdout)
        self.assertEqual(["a good omen", "a bad omen"], [line["text"] for line in json.loads(self.logs("--source", "worker", "--json").stdout)["lines"]])

    def test_what_is_wrong_is_said(self):
        self.assertIn("did you mean talker", self.logs("--source", "talkr", expect=1).stderr)
        self.logs("--level", "loud", expect=64)
        self.logs("-n", "-1", expect=64)
        self.assertIn("no daemon answers", run("logs", "--follow", "--url", "http://127.0.0.1:1", expect=69).stderr)

    def test_following_goes_on_until_the_daemon_ends(self):
        with fake_daemon({"talker": {"says": ["info  an omen"]}}) as daemon:
            followers = [subprocess.Popen([perch.programs / "perch", "logs", "--follow", "--source", "talker", "--url", daemon.url, *more], stdout=subprocess.PIPE, text=True) for more in ([], ["--json"])]
            try:
                run("load", "talker", "--url", daemon.url)
                self.assertIn("worker talker: an omen", followers[0].stdout.readline())
                self.assertEqual("an omen", json.loads(followers[1].stdout.readline())["text"])
                daemon.process.terminate()
                for follower in followers:
                    self.assertEqual(0, follower.wait(PATIENCE))
            finally:
                for follower in followers:
                    follower.kill()
                    follower.wait()
                    follower.stdout.close()


class Progress(unittest.TestCase):
    def test_a_bar_is_drawn_before_a_terminal_and_taken_away(self):
        with fake_daemon({"slow": {"load_ms": 2000}}) as daemon:
            seen = run_before_terminal("load", "default", "--url", daemon.url)
            self.assertRegex(seen, r"slow: loads \[#+\.+\] \d+ %")
            self.assertRegex(lines_of(seen.split("\x1b[K")[-1])[0], r"^slow: ready after [\d.]+ s$")

    def test_in_a_pipe_there_is_none(self):
        with fake_daemon({"slow": {"load_ms": 500}}) as daemon:
            done = run("load", "default", "--url", daemon.url)
            self.assertEqual("", done.stderr)

    def test_a_load_that_fails_is_told_on_a_line_of_its_own(self):
        with fake_daemon({"broken": {"load_ms": 500, "exit_at_load": 70}}) as daemon:
            seen = run_before_terminal("load", "broken", "--url", daemon.url, expect=1)
            self.assertRegex(seen.split("\x1b[K")[-1], r"^perch: .*broken")


class Doctor(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perch-doctor-")))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def examine(self, registry, *arguments, expect=0, environment=None):
        file = self.folder / "registry.json"
        file.write_text(registry if isinstance(registry, str) else json.dumps({"server": {"listen": f"127.0.0.1:{self.port}"}} | registry))
        whole = {"XDG_STATE_HOME": str(self.folder / "state"), "PERCH_URL": ""} | (environment or {})
        done = run("doctor", "--registry", file, "--json", *arguments, expect=expect, environment=whole)
        return {(finding["subject"], finding["grade"]): finding for finding in json.loads(done.stdout)["findings"]}

    def test_a_whole_installation_without_a_daemon(self):
        found = self.examine({"models": {"default": "sparrow-q8_0"}, "model_dirs": [str(DEMO)]})
        for subject in ("worker", "registry", "models", "memory", "state", "port"):
            self.assertIn((subject, "ok"), found)
        self.assertIn("perch serve", found["daemon", "warning"]["advice"])

    def test_every_wrong_thing_has_an_advice_and_makes_it_1(self):
        found = self.examine('{"models": {"default": 7}}', "--worker", self.folder / "none", expect=1)
        self.assertIn("/models/default", found["registry", "wrong"]["what"])
        self.assertRegex(found["worker", "wrong"]["what"], "cannot be run|fails")
        for finding in found.values():
            self.assertEqual(finding["grade"] == "ok", finding["advice"] is None, finding)

    def test_a_model_that_a_role_needs_and_that_cannot_be_read(self):
        (self.folder / "broken.gguf").write_text("this is no model")
        found = self.examine({"models": {"default": "broken"}, "model_dirs": ["."]}, expect=1)
        self.assertIn("broken", found["models", "wrong"]["what"])

    def test_a_port_that_something_else_has(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.port))  # and does not listen: nobody answers
            found = self.examine({"models": {}, "model_dirs": [str(DEMO)]}, expect=1)
        self.assertIn("not Perch", found["port", "wrong"]["what"])

    def test_something_that_takes_the_connection_and_never_answers(self):
        with socket.create_server(("127.0.0.1", self.port)):
            found = self.examine({"models": {}, "model_dirs": [str(DEMO)]}, expect=1)
        self.assertIn("something else answers", found["daemon", "wrong"]["what"])

    def test_a_worker_of_another_version(self):
        worker = self.folder / "perch-worker"
        worker.write_text("#!/bin/sh\necho 0.0.1\n")
        worker.chmod(0o755)
        found = self.examine({"models": {}, "model_dirs": [str(DEMO)]}, "--worker", worker, expect=1)
        self.assertIn("0.0.1", found["worker", "wrong"]["what"])

    def test_without_a_registry_it_looks_at_the_demo_models(self):
        done = run("doctor", "--json", environment={"XDG_CONFIG_HOME": str(self.folder), "PERCH_REGISTRY": "", "PERCH_URL": f"http://127.0.0.1:{self.port}"})
        self.assertIn("demo models are served", done.stdout)


if __name__ == "__main__":
    perch.main()
