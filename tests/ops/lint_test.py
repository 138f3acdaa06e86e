#!/usr/bin/env python3
"""The scripts in deploy/ops pass shellcheck and hold nothing that bash 3.2 (of macOS) does not know."""

import pathlib
import re
import subprocess
import unittest

OPS = pathlib.Path(__file__).resolve().parents[2] / "deploy/ops"
SCRIPTS = sorted(file for file in OPS.iterdir() if file.name != "lib.sh")
# What came after 3.2, and what to look for.
NEWER = {
    "associative arrays, namerefs, global and lower-case declarations": r"\b(declare|local|typeset)\s+-\w*[AngluI]",
    "mapfile": r"\b(mapfile|readarray)\b",
    "changing case in an expansion": r"\$\{\w+(\[[^]]*\])?(,|\^)",
    "transforming expansions": r"\$\{\w+(\[[^]]*\])?@\w\}",
    "|& and &>>": r"\|&|&>>",
    "falling through in case": r";;&|;&",
    "coproc": r"\bcoproc\b",
    "[[ -v ]]": r"\[\[\s+!?\s*-v\b",
    "times of printf and the shell": r"%\([^)]*\)T|\bEPOCH(SECONDS|REALTIME)\b|\bSRANDOM\b",
    "wait -n": r"\bwait\s+-n\b",
    "named descriptors": r"\{\w+\}[<>]",
    "negative places in arrays": r"\[\s*-\d+\s*\]\}",
    "BASHPID": r"\bBASHPID\b",
}


class Lint(unittest.TestCase):
    def test_all_scripts_of_the_issue_are_there_and_can_be_run(self):
        names = {"bench-gate", "default", "discover", "drain-and-restart", "models", "preflight", "status", "switch"}
        self.assertEqual(names, {file.name for file in SCRIPTS})
        for file in SCRIPTS:
            self.assertTrue(file.stat().st_mode & 0o100, file)

    def test_shellcheck_has_nothing_to_say(self):
        found = subprocess.run(["shellcheck", "--external-sources", "--shell", "bash", *SCRIPTS, OPS / "lib.sh"], cwd=OPS, text=True, capture_output=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_nothing_is_newer_than_bash_3_2(self):
        for file in [*SCRIPTS, OPS / "lib.sh"]:
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if line.lstrip().startswith("#"):
                    continue
                for what, pattern in NEWER.items():
                    self.assertIsNone(re.search(pattern, line), f"{file.name}:{number}: {what}: {line.strip()}")

    def test_the_patterns_find_what_they_are_for(self):
        samples = ["declare -A map", "local -n name=$1", "mapfile -t lines", "${name,,}", "${name^}", "${name@Q}", "make |& tee", "x &>> log", "a) ;;&", "coproc cat",
                   "[[ -v name ]]", "printf '%(%s)T'", "echo $EPOCHSECONDS", "wait -n", "exec {fd}>file", "${list[-1]}", "$BASHPID"]
        for sample in samples:
            self.assertTrue(any(re.search(pattern, sample) for pattern in NEWER.values()), sample)


if __name__ == "__main__":
    unittest.main()
