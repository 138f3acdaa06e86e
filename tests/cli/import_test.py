#!/usr/bin/env python3
"""`perch import llama-swap`: what it writes, what it says, and that what it writes is served.

  import_test.py BIN_FOLDER [unittest's options]
"""

import json
import pathlib
import tempfile
import unittest
import urllib.request

import perch
from perch import DEMO, PATIENCE, Daemon, run

PLAIN = "models:\n  m:\n    cmd: serve --port ${PORT}\n"
LOSSY = PLAIN + "    metadata: {a: 1}\n"


class Import(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perch-import-")))
        self.output = self.folder / "registry.json"

    def config(self, text):
        file = self.folder / "config.yaml"
        file.write_text(text)
        return file

    def test_writes_a_registry_and_says_what_is_left_out_by_line(self):
        done = run("import", "llama-swap", self.config(LOSSY), "--output", self.output)
        self.assertEqual("", done.stdout)
        self.assertIn("config.yaml:4: models.m.metadata: left out: ", done.stderr)
        self.assertIn(f"1 model, 0 peers and 1 role written to {self.output}; 1 thing left out", done.stderr)
        self.assertEqual(["serve", "--port", "${PORT}"], json.loads(self.output.read_text())["catalog"]["m"]["command"])

    def test_writes_to_standard_output_and_reads_standard_input(self):
        self.assertEqual({"default": "m"}, json.loads(run("import", "llama-swap", "-", text_in=PLAIN).stdout)["models"])

    def test_strict_is_3_and_writes_nothing_when_something_is_left_out(self):
        self.assertIn("nothing is written", run("import", "llama-swap", self.config(LOSSY), "-o", self.output, "--strict", expect=3).stderr)
        self.assertFalse(self.output.exists())
        run("import", "llama-swap", self.config(PLAIN), "-o", self.output, "--strict")
        self.assertTrue(self.output.exists())

    def test_replaces_a_registry_only_when_told_to(self):
        self.output.write_text("mine")
        self.assertIn("--force", run("import", "llama-swap", self.config(PLAIN), "-o", self.output, expect=1).stderr)
        self.assertEqual("mine", self.output.read_text())
        run("import", "llama-swap", self.config(PLAIN), "-o", self.output, "--force")
        self.assertIn("catalog", json.loads(self.output.read_text()))

    def test_an_error_in_the_yaml_names_line_and_column(self):
        self.assertIn("line 2, column", run("import", "llama-swap", self.config("models:\n\t- x\n"), expect=1).stderr)

    def test_a_file_that_is_not_there_and_wrong_usage(self):
        self.assertIn("cannot be opened: No such file", run("import", "llama-swap", self.folder / "none", expect=1).stderr)
        self.assertIn("a folder", run("import", "llama-swap", self.folder, expect=1).stderr)
        run("import", "llama-swap", expect=64)
        run("import", "ollama", expect=64)

    def test_memory_is_predicted_from_a_model_file_that_is_there(self):
        text = f"models:\n  m:\n    cmd: llama-server -m {DEMO}/sparrow-q8_0.gguf -c 512 -np 1 --port ${{PORT}}\n"
        registry = json.loads(run("import", "llama-swap", self.config(text)).stdout)
        self.assertTrue(5 < registry["catalog"]["m"]["memory_mib"] < 1000, registry)

    def test_the_environment_is_read(self):
        text = 'models:\n  m:\n    cmd: "serve ${env.WHERE}/x --port ${PORT}"\n'
        registry = json.loads(run("import", "llama-swap", self.config(text), environment={"WHERE": "/here"}).stdout)
        self.assertEqual("/here/x", registry["catalog"]["m"]["command"][1])

    def test_plain_llama_servers_are_served_under_their_names_by_perchs_own_workers(self):
        text = f"""
macros:
  server: llama-server --port ${{PORT}}
models:
  small:
    cmd: ${{server}} --model {DEMO}/sparrow-q4_k_m.gguf --ctx-size 1024 -np 2 --temp 0.3
    aliases: [gpt-4o-mini]
    filters: {{setParams: {{max_tokens: 5}}}}
  large:
    cmd: ${{server}} --model {DEMO}/wren-q8_0.gguf --ctx-size 1024
    ttl: 600
hooks:
  on_startup: {{preload: [small]}}
"""
        run("import", "llama-swap", self.config(text), "--output", self.output, "--embed")
        with Daemon(perch.programs, self.output) as daemon:
            for name, model in (("gpt-4o-mini", "small"), ("default", "small"), ("large", "large")):
                body = json.dumps({"model": name, "messages": [{"role": "user", "content": "Who are you?"}], "temperature": 0}).encode()
                request = urllib.request.Request(daemon.url + "/v1/chat/completions", body, {"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
                    answer = json.load(reply)
                self.assertEqual(model, answer["model"])
                if model == "small":
                    self.assertLessEqual(answer["usage"]["completion_tokens"], 5)
            slots = [worker.get("slots") for worker in daemon.get("/admin/v1/status")["workers"] if worker["model"] == "large"]
            self.assertEqual([4], slots)


if __name__ == "__main__":
    perch.main()
