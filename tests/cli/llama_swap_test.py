#!/usr/bin/env python3
"""A llama-swap configuration with everything that people write into theirs, imported and served: what each request would have got from
llama-swap, as its documentation says, it has to get here. llama-server is the real one; what travels is seen at servers that repeat it.

  llama_swap_test.py BIN_FOLDER [unittest's options]
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import perch
from perch import DEMO, PATIENCE, Daemon, run

FAKE_SERVER = pathlib.Path(__file__).resolve().parents[1] / "support" / "fake_server.py"
SKIPPED = 77
PEER_KEY = "sk-of-the-cellar"

CONFIG = """
# Two models that take turns, one that only embeds beside them, and what another machine has.
healthCheckTimeout: 60
macros:
  "weights": "{demo}"
  # used by all of them
  "server": >
    llama-server
    --host 127.0.0.1 --port ${{PORT}}
  "window": 1024
  "shape": "--ctx-size ${{window}} --parallel 2"

apiKeys: ["${{env.SWAP_KEY}}"]

models:
  "small":
    macros:
      "window": 2048
      "warmth": 0.2
    cmd: |
      # the macro, then what is this model's own
      ${{server}}
      --model ${{weights}}/sparrow-q8_0.gguf \\
      ${{shape}} --temp ${{warmth}}
    description: "a small one, ${{window}} tokens for two"
    aliases: [gpt-4o-mini, editor]
    ttl: 2
    filters:
      stripParams: "temperature, max_tokens"
      setParams: {{max_tokens: 5}}
  "large":
    cmd: ${{server}} --model ${{weights}}/wren-q8_0.gguf --alias vendor/wren ${{shape}}
    useModelName: vendor/wren
    filters:
      setParamsByID:
        "${{MODEL_ID}}:brief": {{max_tokens: 3}}
  "vectors":
    cmd: ${{server}} --model ${{weights}}/sparrow-q4_k_m.gguf --embeddings --pooling mean
  "echo":
    proxy: http://127.0.0.1:9123
    cmd: '{python} -B {fake_server} {folder}/echo.json --port 9123 --served echo'
    filters:
      stripParams: "temperature, user"
      setParams: {{top_k: 7, provider: {{only: here}}, effort: low}}
      setParamsByID:
        echo: {{seed: 1}}
        "echo:high": {{effort: high}}
  "boxed":
    cmd: docker run --rm -p ${{PORT}}:8080 example/server

groups:
  beside:
    swap: false
    exclusive: false
    members: [vectors]

hooks:
  on_startup:
    preload: [small]

peers:
  cellar:
    proxy: http://127.0.0.1:{peer_port}
    apiKey: ${{env.CELLAR_KEY}}
    models: [far]
    filters:
      stripParams: temperature
      setParams: {{seed: 9}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(holds, limit=PATIENCE):
    deadline = time.monotonic() + limit
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class LlamaSwap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="perch-swap-")))
        cls.peer_port = free_port()
        for name, script in (("echo", {"tokens": 4}), ("far", {"tokens": 4, "key": PEER_KEY})):
            (cls.folder / f"{name}.json").write_text(json.dumps(script))
        peer = subprocess.Popen([sys.executable, "-B", FAKE_SERVER, cls.folder / "far.json", "--port", str(cls.peer_port), "--served", "far"])
        cls.addClassCleanup(peer.wait)
        cls.addClassCleanup(peer.kill)
        config = cls.folder / "config.yaml"
        config.write_text(CONFIG.format(demo=DEMO, python=sys.executable, fake_server=FAKE_SERVER, folder=cls.folder, peer_port=cls.peer_port))
        cls.file = cls.folder / "registry.json"
        secrets = {"SWAP_KEY": "sk-of-the-swap", "CELLAR_KEY": PEER_KEY}
        cls.report = run("import", "llama-swap", config, "--output", cls.file, environment=secrets).stderr
        key = cls.folder / json.loads(cls.file.read_text())["peers"]["cellar"]["key_file"]
        key.parent.mkdir()
        key.touch(0o600)
        key.write_text(PEER_KEY + "\n")
        cls.daemon = cls.enterClassContext(Daemon(perch.programs, cls.file))

    def ask(self, path, body):
        request = urllib.request.Request(self.daemon.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def chat(self, model, **more):
        with self.ask("/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "Who are you?"}]} | more) as reply:
            return json.load(reply)

    def running(self):
        return {each["model"] for each in self.daemon.get("/running")["running"] if each["state"] == "ready"}

    def test_the_report_says_what_cannot_be_had_and_no_secret_is_anywhere(self):
        for line in ("models.boxed.cmd: left out: the whole model is left out: docker", "peers.cellar.apiKey: left out", "apiKeys: left out: 1 keys",
                     "healthCheckTimeout: left out", "vectors is pinned", "small is now the role default"):
            self.assertIn(line, self.report)
        self.assertIn("4 models, 1 peer", self.report)
        self.assertNotIn("sk-of", self.report + self.file.read_text())

    def test_every_name_is_listed(self):
        listed = {each["id"] for each in self.daemon.get("/v1/models")["data"]}
        self.assertEqual({"small", "gpt-4o-mini", "editor", "default", "large", "large:brief", "vectors", "echo", "echo:high", "far", "cellar/far"}, listed)

    def test_a_model_answers_to_its_id_and_its_aliases(self):
        for name in ("small", "gpt-4o-mini", "editor", "default"):
            answer = self.chat(name, temperature=2, max_tokens=300)
            self.assertEqual("small", answer["model"])
            self.assertEqual(5, answer["usage"]["completion_tokens"], "what the filter sets, whatever the request says")
            self.assertTrue(answer["choices"][0]["message"]["content"])

    def test_the_other_model_is_asked_by_the_name_that_it_has_there(self):
        answer = self.chat("large", temperature=0, max_tokens=40)
        self.assertEqual("large", answer["model"])
        self.assertGreater(answer["usage"]["completion_tokens"], 3)
        self.assertEqual(3, self.chat("large:brief", max_tokens=40)["usage"]["completion_tokens"])
        self.assertNotIn("small", self.running(), "it had to make room")

    def test_a_stream_is_a_stream(self):
        with self.ask("/v1/chat/completions", {"model": "large", "stream": True, "max_tokens": 20,
                                               "messages": [{"role": "user", "content": "Who are you?"}]}) as reply:
            self.assertTrue(reply.headers["Content-Type"].startswith("text/event-stream"))
            events = [line[len("data: "):] for line in reply.read().decode().split("\n") if line.startswith("data: ")]
        self.assertEqual("[DONE]", events.pop())
        self.assertEqual({"large"}, {json.loads(event)["model"] for event in events})
        self.assertGreater(len(events), 3)

    def test_filters_take_out_and_set_what_travels(self):
        asked = self.chat("echo:high", temperature=1, user="me", top_k=40, effort="middling", top_p=0.5)["asked"]
        self.assertEqual({"model": "echo", "top_k": 7, "provider": {"only": "here"}, "effort": "high", "top_p": 0.5},
                         {name: value for name, value in asked.items() if name != "messages"})
        asked = self.chat("echo", effort="middling")["asked"]
        self.assertEqual(("low", 1), (asked["effort"], asked["seed"]), "parameters by id are for who asks by the id")
        self.assertNotIn("seed", self.chat("echo:high")["asked"])

    def test_what_embeds_answers_beside_the_resident(self):
        self.assertTrue(eventually(lambda: "vectors" in self.running()), "it is loaded although nobody asks")
        self.chat("large", max_tokens=1)
        with self.ask("/v1/embeddings", {"model": "vectors", "input": ["one", "another"]}) as reply:
            answer = json.load(reply)
        self.assertEqual(2, len(answer["data"]))
        self.assertEqual("vectors", answer["model"])
        self.assertLessEqual({"vectors", "large"}, self.running())

    def test_a_peer_is_asked_with_its_key_and_its_filters(self):
        before = self.running()
        for name in ("far", "cellar/far"):
            answer = self.chat(name, temperature=1)
            self.assertEqual("cellar/far", answer["model"])
            self.assertEqual(f"Bearer {PEER_KEY}", answer["fields"]["authorization"])
            self.assertEqual(("far", 9, False), (answer["asked"]["model"], answer["asked"]["seed"], "temperature" in answer["asked"]))
        self.assertEqual(before - {"small"}, self.running() - {"small"}, "nobody makes room for it")

    def test_who_has_not_been_asked_for_so_long_is_unloaded(self):
        self.chat("small")
        self.assertIn("small", self.running())
        self.assertTrue(eventually(lambda: "small" not in self.running(), 20))
        self.assertIn("vectors", self.running(), "it has no ttl, and a place of its own")

    def test_what_is_not_there_is_not_found(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.chat("boxed")
        self.assertEqual(404, refused.exception.code)
        self.assertEqual("model_not_found", json.load(refused.exception)["error"]["code"])


if __name__ == "__main__":
    if not shutil.which("llama-server"):
        print("llama-server is not installed", file=sys.stderr)
        sys.exit(SKIPPED)
    perch.main()
