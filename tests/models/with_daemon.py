#!/usr/bin/env python3
"""Asks the demo models the questions of a set through a daemon of its own, one model after the other.

  with_daemon.py BIN_FOLDER [--model ID...] [evaluate.py's options]

Exit status 1 when one of them falls below the minimum.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MODELS = ["sparrow-q8_0", "sparrow-q4_k_m", "wren-q8_0"]
START_LIMIT = 60


def start(programs, folder):
    """The daemon's process and its base URL."""
    port_file = folder / "port"
    daemon = subprocess.Popen([programs / "perch", "serve", "--registry", HERE.parents[1] / "registry/demo/registry.json",
                               "--listen", "127.0.0.1:0", "--port-file", port_file, "--log-level", "warn"])
    deadline = time.monotonic() + START_LIMIT
    while not port_file.exists():
        if daemon.poll() is not None or time.monotonic() > deadline:
            daemon.kill()
            sys.exit("the daemon did not start")
        time.sleep(0.02)
    return daemon, f"http://127.0.0.1:{port_file.read_text().strip()}/v1"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--model", action="append", help="default: every demo model")
    args, rest = parser.parse_known_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="perch-models-") as folder:
        daemon, url = start(args.programs.resolve(), pathlib.Path(folder))
        try:
            for model in args.model or MODELS:
                evaluate = [sys.executable, "-B", HERE / "evaluate.py", "--base-url", url, "--model", model, *rest]
                if subprocess.run(evaluate).returncode != 0:
                    failed.append(model)
        finally:
            daemon.terminate()
            daemon.wait(60)
    sys.exit(f"below the minimum: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
