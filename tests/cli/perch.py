"""The program under test, and daemons for it."""

import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import daemon  # noqa: E402
from daemon import Daemon  # noqa: E402

DEMO = HERE.parents[1] / "registry/demo"
PATIENCE = 60
programs = None  # the folder of perch


def main():
    globals()["programs"] = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(module="__main__")


def run(*arguments, expect=0, text_in=None, environment=None, cwd=None):
    """Runs perch in pipes."""
    done = subprocess.run([programs / "perch", *map(str, arguments)], input=text_in, stdin=subprocess.DEVNULL if text_in is None else None, capture_output=True,
                          text=True, timeout=PATIENCE, env=os.environ | (environment or {}), cwd=cwd)
    assert done.returncode == expect, f"perch {arguments}: exit status {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
    return done


def demo_daemon():
    return Daemon(programs, {"models": {"default": "sparrow-q8_0", "most-capable": "wren-q8_0"}, "model_dirs": [str(DEMO)]})


def fake_daemon(scripts):
    return daemon.fake_daemon(programs, scripts)
