#!/usr/bin/env python3
"""The shells themselves complete `perch`, and a reader of manual pages takes what `perch man` prints.

  shells_test.py BIN_FOLDER [unittest's options]
"""

import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

import perch
from perch import PATIENCE, demo_daemon, run

VERBS = {"serve", "status", "models", "load", "unload", "active", "logs", "chat", "fit", "doctor", "import", "completion", "man"}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_perch
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Shells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(demo_daemon())
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="perch-shells-"))
        cls.folder = pathlib.Path(folder)
        cls.environment = os.environ | {"PATH": f"{perch.programs}:{os.environ['PATH']}", "PERCH_URL": cls.daemon.url, "HOME": folder, "XDG_CONFIG_HOME": folder,
                                        "XDG_DATA_HOME": folder}
        for shell in ("bash", "zsh", "fish"):
            (cls.folder / f"_perch.{shell}").write_text(run("completion", shell).stdout)

    def shell(self, *command):
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder)
        self.assertEqual("", done.stderr)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def bash(self, *words):
        return set(self.shell("bash", "-c", BASH, "bash", self.folder / "_perch.bash", "perch", *words).split())

    def fish(self, line):
        return {candidate.split("\t")[0] for candidate in self.shell("fish", "-c", f"source _perch.fish; complete -C {line!r}").splitlines()}

    def test_bash_completes_verbs_options_and_values(self):
        self.assertLessEqual(VERBS, self.bash(""))
        self.assertEqual({"load", "logs"}, self.bash("lo"))
        self.assertEqual({"lease", "release"}, self.bash("memory", ""))
        self.assertLessEqual({"--no-wait", "--json", "--url", "--help"}, self.bash("load", "-"))
        self.assertEqual({"debug", "info", "warn", "error"}, self.bash("serve", "--log-level", ""))
        self.assertEqual({"llama-swap"}, self.bash("import", ""))
        self.assertIn("_perch.bash", self.bash("inspect", "_perch.b"))

    def test_bash_asks_the_daemon_for_models(self):
        self.assertEqual({"sparrow-q8_0", "sparrow-q4_k_m"}, self.bash("load", "spa"))
        self.assertEqual({"most-capable"}, self.bash("chat", "-m", "mo"))

    def test_bash_completes_ids_that_have_colons_though_it_splits_words_there(self):
        folder = self.folder / "other"
        folder.mkdir()
        (folder / "perch").write_text("#!/bin/sh\necho org/x-GGUF:Q4_K_M org/x-GGUF:Q8_0 org/y-GGUF:F16 plain\n")
        (folder / "perch").chmod(0o755)
        usual, type(self).environment = self.environment, self.environment | {"PATH": f"{folder}:{self.environment['PATH']}"}
        try:
            self.assertEqual({"org/x-GGUF:Q4_K_M", "org/x-GGUF:Q8_0"}, self.bash("load", "org/x"))
            self.assertEqual({"Q4_K_M", "Q8_0"}, self.bash("load", "org/x-GGUF", ":"))
            self.assertEqual({"Q8_0"}, self.bash("load", "org/x-GGUF", ":", "Q8"))
            self.assertEqual({"Q8_0"}, self.bash("chat", "-m", "org/x-GGUF", ":", "Q8"))
            self.assertEqual({"plain"}, self.bash("load", "pl"))
        finally:
            type(self).environment = usual

    def test_fish_completes_the_same(self):
        self.assertLessEqual(VERBS, self.fish("perch "))
        self.assertEqual({"load", "logs"}, self.fish("perch lo"))
        self.assertEqual({"lease"}, self.fish("perch memory le"))
        self.assertIn("--no-wait", self.fish("perch load --no"))
        self.assertEqual({"debug", "info", "warn", "error"}, self.fish("perch serve --log-level "))
        self.assertEqual({"sparrow-q8_0", "sparrow-q4_k_m"}, self.fish("perch load spa"))

    def test_zsh_completes_the_same(self):
        functions = self.folder / "functions"
        functions.mkdir(exist_ok=True)
        (functions / "_perch").write_text((self.folder / "_perch.zsh").read_text())
        self.shell("zsh", "-n", str(functions / "_perch"))
        for line, wanted in (("perch loa", "load"), ("perch memory rel", "release"), ("perch load wr", "wren-q8_0"), ("perch serve --log-level de", "debug"),
                             ("perch load --no-", "--no-wait")):
            self.assertIn(wanted, self.zsh(functions, line), line)

    def zsh(self, functions, line):
        """What an interactive shell shows once the line is typed and completed."""
        main, terminal = pty.openpty()
        shell = subprocess.Popen(["zsh", "-f", "-i"], stdin=terminal, stdout=terminal, stderr=terminal, env=self.environment | {"TERM": "dumb"}, cwd=self.folder,
                                 start_new_session=True)
        os.close(terminal)

        def type_until(text, wanted):
            os.write(main, text.encode())
            seen, deadline = "", time.monotonic() + PATIENCE
            while not re.search(wanted, seen, re.DOTALL):
                if not select.select([main], [], [], max(0, deadline - time.monotonic()))[0]:
                    self.fail(f"{wanted} does not come: {seen}")
                seen += os.read(main, 65536).decode(errors="replace")
            return seen

        try:
            type_until(f"PS1=; LISTMAX=1000; fpath=({functions} $fpath); autoload -Uz compinit; compinit -D -u; print READY$((1+1))\n",
                       r"READY2.*\x1b\[\?2004h")  # its line editor listens
            return ESCAPES.sub("", type_until(f"{line}\t\x15print END$((1+1))\n", "END2"))
        finally:
            os.close(main)
            shell.kill()
            shell.wait(PATIENCE)

    def test_everything_is_installed_where_it_is_looked_for(self):
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", perch.programs.parent, "--component", "documentation", "--prefix", prefix], check=True, capture_output=True, timeout=PATIENCE)
        for place, made in (("bash-completion/completions/perch", "_perch.bash"), ("zsh/site-functions/_perch", "_perch.zsh"), ("fish/vendor_completions.d/perch.fish", "_perch.fish")):
            self.assertEqual((self.folder / made).read_text(), (prefix / "share" / place).read_text())
        self.assertEqual(run("man").stdout, (prefix / "share/man/man1/perch.1").read_text())

    def test_the_manual_is_one_that_mandoc_takes(self):
        page = self.folder / "perch.1"
        page.write_text(run("man").stdout)
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual("", "\n".join(line for line in done.stdout.splitlines() if "missing date" not in line))
        text = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
        plain = re.sub(".\b", "", text)  # bold and underlined letters are struck over
        for verb in VERBS - {"import"}:
            self.assertIn(f"perch {verb}", plain)


if __name__ == "__main__":
    perch.main()
