#!/usr/bin/env python3
"""Every script in deploy/ops against live daemons, as cron would run it: no terminal, next to no environment, and no other tools than the ones
that they say they need.

  scripts_test.py BIN_FOLDER [unittest's options]
"""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import daemon  # noqa: E402
from daemon import Daemon  # noqa: E402

SOURCE = HERE.parents[1]
OPS = SOURCE / "deploy/ops"
DEMO = SOURCE / "registry/demo"
TOOLS = ["bash", "cat", "curl", "dirname", "head", "jq", "mktemp", "rm", "sed", "sleep", "tee", "tr"]
PATIENCE = 60
programs = None  # the folder of perch


def demo_registry():
    return {"models": {"default": "sparrow-q8_0", "most-capable": "wren-q8_0"}, "model_dirs": [str(DEMO)]}


def fake_daemon(scripts, registry=None):
    return daemon.fake_daemon(programs, scripts, registry, ["--stop-timeout", "2"])


class Front(http.server.ThreadingHTTPServer):
    """Stands before a daemon and answers what a test wants answered otherwise: `answers` maps a method and path to a function of the body."""

    daemon_threads = True

    def __init__(self, daemon, answers):
        self.behind, self.answers = daemon, answers
        super().__init__(("127.0.0.1", 0), FrontHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *args):
        self.shutdown()
        super().__exit__(*args)


class FrontHandler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        special = self.server.answers.get((self.command, self.path.split("?")[0]))
        if special:
            status, fields, text = special(body)
        else:
            request = urllib.request.Request(self.server.behind.url + self.path, body or None, {"Content-Type": "application/json"}, method=self.command)
            try:
                reply = urllib.request.urlopen(request, timeout=PATIENCE)
            except urllib.error.HTTPError as error:
                reply = error
            with reply:
                status, fields, text = reply.status, {name: value for name, value in reply.headers.items() if name.startswith("X-")}, reply.read()
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


def nothing_there(_body):
    return 404, {}, json.dumps({"error": {"message": "there is nothing at it", "type": "not_found_error", "param": None, "code": "not_found"}}).encode()


@contextlib.contextmanager
def writing_roles(daemon):
    """A daemon that answers PUT /admin/v1/roles/{role}: the daemon itself where it does, otherwise one that stands in for it."""
    def write(role):
        def put(body):
            registry = json.loads(daemon.registry_file.read_text())
            registry["models"][role] = json.loads(body)["model"]
            daemon.registry_file.write_text(json.dumps(registry))
            request = urllib.request.Request(daemon.url + "/admin/v1/registry/reload", b"", {"Content-Type": "application/json"}, method="POST")
            return 200, {}, urllib.request.urlopen(request, timeout=PATIENCE).read()
        return put

    same = json.dumps({"model": daemon.get("/admin/v1/status")["registry"]["roles"]["default"]}).encode()
    probe = urllib.request.Request(daemon.url + "/admin/v1/roles/default", same, {"Content-Type": "application/json"}, method="PUT")
    try:
        urllib.request.urlopen(probe, timeout=PATIENCE).close()
        yield daemon
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 404:
            raise
        with Front(daemon, {("PUT", f"/admin/v1/roles/{role}"): write(role) for role in ("default", "coding")}) as front:
            yield front


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ScriptTest(unittest.TestCase):
    shell = ["bash"]

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="perch-ops-"))
        cls.environment = {"PATH": folder, "TMPDIR": folder, "HOME": folder, "BASH_COMPAT": "3.2"}
        for tool in TOOLS:
            os.symlink(shutil.which(tool), pathlib.Path(folder) / tool)
        cls.folder = pathlib.Path(folder)

    def run_script(self, name, *arguments, url=None, expect=0, environment=None):
        where = ["--url", url] if url else []
        done = subprocess.run([*self.shell, OPS / name, *where, *arguments], env=self.environment | (environment or {}), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, start_new_session=True)
        self.assertEqual(done.returncode, expect, f"{name} {arguments}: {done.stdout}{done.stderr}")
        self.assertEqual([], list(self.folder.glob("perch-ops.*")), f"{name} left its folder behind")
        return done


class Common(ScriptTest):
    CALLS = {"status": [], "models": [], "preflight": ["default"], "default": [], "discover": [], "switch": ["default"], "bench-gate": [],
             "drain-and-restart": ["--", "true"]}

    def test_help_says_what_the_exit_status_means_and_needs_no_daemon(self):
        for name in self.CALLS:
            text = self.run_script(name, "--help").stdout
            self.assertTrue(text.startswith(f"Usage: {name}"), text)
            for word in ("Exit status: 0 done", "64 wrong usage", "69 no daemon answers", "--url", "-q"):
                self.assertIn(word, text)

    def test_wrong_usage_is_64_and_says_what_is_wrong(self):
        for name in self.CALLS:
            self.assertIn("--nonsense", self.run_script(name, "--nonsense", expect=64).stderr)
            self.assertIn("--url", self.run_script(name, "--url", expect=64).stderr)
        self.assertIn("NAME", self.run_script("preflight", expect=64).stderr)
        self.assertIn("NAME", self.run_script("switch", expect=64).stderr)
        self.assertIn("b as well", self.run_script("switch", "a", "b", expect=64).stderr)
        self.assertIn("COMMAND", self.run_script("drain-and-restart", expect=64).stderr)
        self.assertEqual(1, self.run_script("bench-gate", "--max-ttft", "soon", expect=64).stderr.count("\n"))
        self.assertIn("number", self.run_script("bench-gate", "--tokens", "1.5", expect=64).stderr)

    def test_no_daemon_is_69(self):
        nowhere = f"http://127.0.0.1:{free_port()}"
        for name, arguments in self.CALLS.items():
            done = self.run_script(name, *arguments, url=nowhere, expect=69)
            self.assertIn("no daemon answers", done.stderr)
            self.assertEqual("", done.stdout)

    def test_an_address_that_is_none_is_64(self):
        self.assertIn("no address", self.run_script("status", url="box:8080", expect=64).stderr)

    def test_something_else_at_the_address_is_70(self):
        web_page = lambda _body: (200, {}, b"<html>hello</html>")
        not_there = lambda _body: (500, {}, b"oops")
        with Front(None, {("GET", "/admin/v1/status"): web_page, ("GET", "/admin/v1/models"): not_there}) as front:
            self.assertIn("no JSON", self.run_script("status", url=front.url, expect=70).stderr)
            self.assertIn("HTTP 500", self.run_script("models", url=front.url, expect=70).stderr)

    def test_a_missing_tool_is_72(self):
        with tempfile.TemporaryDirectory() as bare:
            for tool in set(TOOLS) - {"jq"}:
                os.symlink(shutil.which(tool), pathlib.Path(bare) / tool)
            self.assertIn("jq is needed", self.run_script("status", environment={"PATH": bare}, expect=72).stderr)

    def test_the_address_may_come_from_the_environment(self):
        nowhere = f"http://127.0.0.1:{free_port()}"
        self.assertIn(nowhere, self.run_script("status", environment={"PERCH_URL": nowhere + "/"}, expect=69).stderr)


class WithDemoModels(ScriptTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.enterClassContext(Daemon(programs, demo_registry()))

    def script(self, name, *arguments, expect=0):
        return self.run_script(name, *arguments, url=self.daemon.url, expect=expect)

    def resident(self):
        return self.daemon.get("/admin/v1/status")["active"]

    def test_status(self):
        self.script("switch", "-q", "default")
        text = self.script("status").stdout
        self.assertIn("sparrow-q8_0 (serving)", text)
        self.assertIn("0 running, 0 waiting", text)
        self.assertEqual("sparrow-q8_0", json.loads(self.script("status", "--json").stdout)["active"])
        quiet = self.script("status", "-q", "--expect", "default")
        self.assertEqual(("", ""), (quiet.stdout, quiet.stderr))
        missing = self.script("status", "-q", "--expect", "most-capable", expect=1)
        self.assertIn("most-capable (wren-q8_0) is not ready", missing.stderr)
        self.assertIn("nobody is not ready", self.script("status", "--expect", "nobody", expect=1).stderr)

    def test_models(self):
        table = self.script("models").stdout.splitlines()
        self.assertRegex(table[0], r"^MODEL +STATE +SIZE +TYPE +NEEDS +FITS +TOK/S +ROLES$")
        self.assertRegex(table[2], r"^sparrow-q8_0 +\w+ +3.8 MiB +Q8_0 +[\d.]+ MiB +yes +\S+ +default$")
        self.assertEqual(["sparrow-q4_k_m", "sparrow-q8_0", "wren-q8_0"], self.script("models", "--ids").stdout.split())
        self.assertEqual(["wren-q8_0"], self.script("models", "--ids", "most-capable").stdout.split())
        self.assertEqual("wren-q8_0", json.loads(self.script("models", "--json", "wren-q8_0").stdout)["models"][0]["id"])
        self.assertEqual("", self.script("models", "-q").stdout)
        self.assertIn('"nobody"', self.script("models", "nobody", expect=1).stderr)

    def test_preflight(self):
        self.script("switch", "-q", "default")
        text = self.script("preflight", "most-capable").stdout
        self.assertIn("wren-q8_0: fits", text)
        self.assertRegex(text, r"leaves +sparrow-q8_0")
        self.assertRegex(text, r"(?m)^tier +interactive$")
        self.assertIn("it is loaded", self.script("preflight", "default").stdout)
        self.assertEqual("", self.script("preflight", "-q", "most-capable", "--context", "512", "--parallel", "1", "--leave-nobody").stdout)
        self.assertEqual(512, json.loads(self.script("preflight", "--json", "wren-q8_0", "--context", "512").stdout)["shape"]["context_tokens"])
        far_too_much = self.script("preflight", "most-capable", "--context", "16777216", "--parallel", "256", expect=1)
        self.assertIn("does not fit", far_too_much.stderr)
        self.assertIn("context_tokens", self.script("preflight", "default", "--context", "3", expect=1).stderr)
        self.assertIn("nobody", self.script("preflight", "nobody", expect=1).stderr)
        self.script("preflight", "default", "--context", "1&model=x", expect=64)
        self.assertEqual("sparrow-q8_0", self.resident())

    def test_discover(self):
        text = self.script("discover").stdout
        self.assertRegex(text, r"(?m)^sparrow-q4_k_m +2.2 MiB +Q4_K_M +llama +yes +/.*sparrow-q4_k_m.gguf$")
        self.assertNotIn("wren", text)
        self.assertEqual(["sparrow-q4_k_m"], self.script("discover", "--ids").stdout.split())
        self.assertEqual(1, len(json.loads(self.script("discover", "--json").stdout)["models"]))
        self.script("discover", "--fail", expect=1)

    def test_switch_by_role_and_by_id(self):
        self.assertRegex(self.script("switch", "most-capable").stdout, r"^most-capable: wren-q8_0 is ready after .* and answers\n$")
        self.assertEqual("wren-q8_0", self.resident())
        self.assertEqual("", self.script("switch", "-q", "sparrow-q8_0").stdout)
        self.assertEqual("sparrow-q8_0", self.resident())

    def test_switch_to_an_unknown_model_changes_nothing(self):
        self.script("switch", "-q", "default")
        self.assertIn("nobody", self.script("switch", "nobody", expect=1).stderr)
        self.assertEqual("sparrow-q8_0", self.resident())

    def test_switch_refuses_an_answer_of_other_weights(self):
        answer = json.dumps({"model": "sparrow-q8_0", "choices": [{}]}).encode()
        for fields, said in ({"X-Perch-Model": "wren-q8_0"}, 'answered by "wren-q8_0"'), ({}, 'answered by ""'):
            with Front(self.daemon, {("POST", "/v1/chat/completions"): lambda _body: (200, fields, answer)}) as front:
                self.assertIn(said, self.run_script("switch", "default", url=front.url, expect=1).stderr)
        lying = json.dumps({"model": "wren-q8_0", "choices": [{}]}).encode()
        with Front(self.daemon, {("POST", "/v1/chat/completions"): lambda _body: (200, {"x-perch-model": "sparrow-q8_0"}, lying)}) as front:
            self.assertIn("is not one of sparrow-q8_0", self.run_script("switch", "default", url=front.url, expect=1).stderr)

    def test_switch_proves_a_model_that_embeds_with_a_vector(self):
        refused = lambda _body: (400, {}, json.dumps({"error": {"message": "it embeds", "code": "bad_request"}}).encode())
        vector = json.dumps({"model": "sparrow-q8_0", "data": [{"embedding": [1.0]}]}).encode()
        embeds = lambda _body: (200, {"X-Perch-Model": "sparrow-q8_0"}, vector)
        with Front(self.daemon, {("POST", "/v1/chat/completions"): refused, ("POST", "/v1/embeddings"): embeds}) as front:
            self.run_script("switch", "default", url=front.url)
        with Front(self.daemon, {("POST", "/v1/chat/completions"): refused, ("POST", "/v1/embeddings"): refused}) as front:
            self.assertIn("it embeds", self.run_script("switch", "default", url=front.url, expect=1).stderr)

    def test_bench_gate(self):
        text = self.script("bench-gate", "--min-tokens-per-second", "1", "--max-ttft", "30", "--tokens", "16").stdout
        self.assertRegex(text, r"^default: [\d.]+ tokens/s, first token after [\d.]+ s \(\d+ tokens\)\n$")
        figures = json.loads(self.script("bench-gate", "most-capable", "--json").stdout)
        self.assertEqual({"model", "tokens", "tokens_per_second", "seconds_to_first_token"}, set(figures))
        self.assertTrue(figures["tokens"] > 1 and figures["tokens_per_second"] > 0 and 0 < figures["seconds_to_first_token"] < 30, figures)
        self.assertEqual("", self.script("bench-gate", "-q", "--cold").stdout)

    def test_bench_gate_fails_below_a_limit_and_says_which(self):
        slow = self.script("bench-gate", "--min-tokens-per-second", "1000000000", "--max-ttft", "0", expect=1)
        self.assertIn("less than 1000000000 tokens/s, and first token later than after 0 s", slow.stderr)
        self.assertIn("nobody", self.script("bench-gate", "nobody", expect=1).stderr)
        self.assertIn("nobody", self.script("bench-gate", "nobody", "--cold", expect=1).stderr)

    def test_bench_gate_takes_no_broken_stream_for_an_answer(self):
        chunk = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
        for body, said in (chunk, "broke off"), (chunk + b'data: {"error":{"message":"the worker died"}}\n\n', "the worker died"):
            with Front(self.daemon, {("POST", "/v1/chat/completions"): lambda _body: (200, {}, body)}) as front:
                self.assertIn(said, self.run_script("bench-gate", url=front.url, expect=1).stderr)


class Roles(ScriptTest):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(programs, demo_registry()))

    def roles(self):
        return self.daemon.get("/admin/v1/status")["registry"]["roles"]

    def test_default_shows_the_model_behind_a_role(self):
        self.assertEqual("sparrow-q8_0\n", self.run_script("default", url=self.daemon.url).stdout)
        self.assertEqual("wren-q8_0\n", self.run_script("default", "--role", "most-capable", url=self.daemon.url).stdout)
        self.assertIn('"nobody"', self.run_script("default", "--role", "nobody", url=self.daemon.url, expect=1).stderr)

    def test_default_sets_it(self):
        with writing_roles(self.daemon) as daemon:
            self.assertIn("wren-q8_0, before that sparrow-q8_0", self.run_script("default", "most-capable", url=daemon.url).stdout)
            self.assertEqual("wren-q8_0", self.roles()["default"])
            self.assertIn("as before", self.run_script("default", "wren-q8_0", url=daemon.url).stdout)
            self.assertIn("before that nothing", self.run_script("default", "--role", "coding", "sparrow-q4_k_m", url=daemon.url).stdout)
            self.assertEqual("sparrow-q4_k_m", self.roles()["coding"])

    def test_default_refuses_a_model_that_is_not_there(self):
        self.assertIn("there are sparrow-q4_k_m", self.run_script("default", "nobody", url=self.daemon.url, expect=1).stderr)

    def test_switch_repoints_a_role_once_the_model_has_answered(self):
        with writing_roles(self.daemon) as daemon:
            self.assertIn("coding: wren-q8_0", self.run_script("switch", "most-capable", "--as", "coding", url=daemon.url).stdout)
            self.assertEqual("wren-q8_0", self.roles()["coding"])
            self.assertIn("nobody", self.run_script("switch", "nobody", "--as", "coding", url=daemon.url, expect=1).stderr)
            self.assertEqual("wren-q8_0", self.roles()["coding"])

    def test_a_daemon_that_writes_no_roles_is_70_and_the_file_is_named(self):
        with Front(self.daemon, {("PUT", "/admin/v1/roles/default"): nothing_there}) as front:
            for call in ["default", "wren-q8_0"], ["switch", "wren-q8_0", "--as", "default"]:
                self.assertIn(str(self.daemon.registry_file), self.run_script(*call, url=front.url, expect=70).stderr)

    def test_a_refusal_is_told_in_the_daemons_words(self):
        refuse = lambda _body: (400, {}, json.dumps({"error": {"message": "/models/default: no", "code": "bad_request"}}).encode())
        with Front(self.daemon, {("PUT", "/admin/v1/roles/default"): refuse}) as front:
            self.assertIn("/models/default: no", self.run_script("default", "wren-q8_0", url=front.url, expect=1).stderr)

    def test_a_role_that_was_taken_and_does_not_hold_is_70(self):
        with Front(self.daemon, {("PUT", "/admin/v1/roles/default"): lambda _body: (200, {}, b"{}")}) as front:
            self.assertIn("does not say so", self.run_script("default", "wren-q8_0", url=front.url, expect=70).stderr)


class WhenThingsAreWrong(ScriptTest):
    def test_a_bad_edit_of_the_registry_is_seen(self):
        with Daemon(programs, demo_registry()) as daemon:
            daemon.registry_file.write_text('{"models": {"default": 7}}')
            request = urllib.request.Request(daemon.url + "/admin/v1/registry/reload", b"", {"Content-Type": "application/json"}, method="POST")
            with self.assertRaises(urllib.error.HTTPError) as refusal:
                urllib.request.urlopen(request, timeout=PATIENCE)
            refusal.exception.close()
            self.assertIn("/models/default", self.run_script("status", "-q", url=daemon.url, expect=1).stderr)

    def test_a_model_that_fails_to_load(self):
        with fake_daemon({"broken": {"exit_at_load": 70}}) as daemon:
            self.assertIn("broken", self.run_script("switch", "broken", url=daemon.url, expect=1).stderr)
            self.assertIn("broken is in backoff", self.run_script("status", "-q", url=daemon.url, expect=1).stderr)

    def test_a_file_that_is_no_model(self):
        with fake_daemon({"steady": {}, "unused": {}}) as daemon:
            self.assertIn("steady: ", self.run_script("models", "-q", url=daemon.url, expect=1).stderr)

    def test_what_the_catalog_names_is_no_discovery_unless_all_are_asked_for(self):
        with fake_daemon({"steady": {}, "unused": {}}) as daemon:
            self.assertIn("has a role", self.run_script("discover", "--fail", url=daemon.url).stdout)
            self.assertEqual("", self.run_script("discover", "-q", url=daemon.url).stdout)
            self.assertEqual(["unused"], self.run_script("discover", "--ids", "--all", url=daemon.url).stdout.split())

    def test_what_lies_in_a_model_folder_and_is_of_no_use_is_told(self):
        with tempfile.TemporaryDirectory(prefix="perch-ops-models-") as folder:
            pathlib.Path(folder, "broken.gguf").write_text("no weights")
            pathlib.Path(folder, "half.gguf.part").write_text("half")
            with Daemon(programs, {"models": {}, "model_dirs": [folder]}) as daemon:
                text = self.run_script("discover", url=daemon.url).stdout
                self.assertRegex(text, r"(?m)^cannot be used: /.*/broken.gguf: .*not a GGUF file")
                self.assertRegex(text, r"(?m)^cannot be used: /.*/half.gguf.part: its download is not complete$")
                self.assertEqual(2, len(json.loads(self.run_script("discover", "--json", url=daemon.url).stdout)["useless"]))
                self.assertEqual("broken\n", self.run_script("discover", "--ids", url=daemon.url).stdout)

    def test_a_load_that_takes_too_long_is_75(self):
        with fake_daemon({"slow": {"load_ms": 30_000}}) as daemon:
            self.assertIn("within 0.5 s", self.run_script("switch", "slow", "--timeout", "0.5", url=daemon.url, expect=75).stderr)
            self.assertIn("within 0.5 s", self.run_script("bench-gate", "slow", "--cold", "--timeout", "0.5", url=daemon.url, expect=75).stderr)


class Busy(ScriptTest):
    """A daemon with a request that runs for as long as the test wants."""

    def setUp(self):
        self.daemon = self.enterContext(fake_daemon({"steady": {"tokens": 100_000, "token_ms": 20}}, {"model_dirs": [str(DEMO)]}))
        body = json.dumps({"model": "steady", "messages": [{"role": "user", "content": "hi"}], "stream": True}).encode()
        request = urllib.request.Request(self.daemon.url + "/v1/chat/completions", body, {"Content-Type": "application/json"})
        self.stream = urllib.request.urlopen(request, timeout=PATIENCE)
        self.addCleanup(self.stream.close)
        self.stream.readline()

    def test_nobody_restarts_while_an_answer_runs(self):
        mark = self.folder / "restarted"
        done = self.run_script("drain-and-restart", "--limit", "0.3", "--poll", "0.05", "--", "bash", "-c", f"> {mark}", url=self.daemon.url, expect=75)
        self.assertIn("no quiet moment", done.stderr)
        self.assertFalse(mark.exists())

    def test_a_restart_anyway(self):
        mark = self.folder / "restarted-anyway"
        done = self.run_script("drain-and-restart", "--limit", "0.1", "--poll", "0.05", "--healthy", "0.2", "--anyway", "--", "bash", "-c", f"> {mark}",
                               url=self.daemon.url, expect=75)
        self.assertTrue(mark.exists())
        self.assertIn("still the daemon from before", done.stderr)

    def test_preflight_says_who_would_be_in_the_way(self):
        done = self.run_script("preflight", "wren-q8_0", "--leave-nobody", url=self.daemon.url, expect=1)
        self.assertIn("wait for it: 1", done.stderr)


class Restart(ScriptTest):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(programs, demo_registry()))

    def test_the_daemon_is_another_one_afterwards(self):
        port_file = self.daemon.state / "port"
        program = self.folder / "restart"
        # The daemon's folder, so that its end is cleaned up with it; the pid of the new one is left for the test to end it.
        program.write_text(f"""
kill -TERM {self.daemon.process.pid}
while kill -0 {self.daemon.process.pid} 2>/dev/null; do sleep 0.05; done
XDG_STATE_HOME={self.daemon.state} {programs}/perch serve --registry {self.daemon.registry_file} --listen 127.0.0.1:{self.daemon.port} \\
  --port-file {port_file} --log-level warn >/dev/null 2>&1 </dev/null &
echo $! > {self.folder}/new-pid
""")
        reaper = threading.Thread(target=self.daemon.process.wait)  # a zombie would still be there for kill -0
        reaper.start()
        self.addCleanup(self.end_new_daemon)
        done = self.run_script("drain-and-restart", "--poll", "0.05", "--quiet-for", "0.1", "--", "bash", str(program), url=self.daemon.url)
        self.assertIn("a new daemon answers", done.stdout)
        reaper.join(PATIENCE)
        self.assertEqual(0, self.daemon.process.returncode)
        self.assertEqual(int((self.folder / "new-pid").read_text()), self.daemon.get("/admin/v1/status")["pid"])

    def end_new_daemon(self):
        pid = int((self.folder / "new-pid").read_text())
        os.kill(pid, 15)
        deadline = time.monotonic() + PATIENCE
        while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def test_a_command_that_fails_is_1(self):
        done = self.run_script("drain-and-restart", "-q", "--", "bash", "-c", "exit 3", url=self.daemon.url, expect=1)
        self.assertIn("exit status 3", done.stderr)

    def test_a_daemon_that_does_not_come_back_is_75(self):
        command = ["bash", "-c", f"kill -TERM {self.daemon.process.pid}"]
        done = self.run_script("drain-and-restart", "--healthy", "2", "--poll", "0.1", "--", *command, url=self.daemon.url, expect=75)
        self.assertIn("no daemon answers 2 s after", done.stderr)


# All of it once more in a shell that keeps to POSIX where bash does otherwise.
def in_posix_mode(case):
    return type("Posix" + case.__name__, (case,), {"shell": ["bash", "--posix"]})


PosixCommon, PosixWithDemoModels, PosixRoles = in_posix_mode(Common), in_posix_mode(WithDemoModels), in_posix_mode(Roles)
PosixBusy, PosixRestart = in_posix_mode(Busy), in_posix_mode(Restart)


if __name__ == "__main__":
    programs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
