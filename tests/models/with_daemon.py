#!/usr/bin/env python3
"""Asks the demo models the questions of a set through a daemon of its own, one model after the other.

  with_daemon.py BIN_FOLDER [--model ID...] [evaluate.py's options]

Exit status 1 when one of them falls below the minimum.
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import Daemon  # noqa: E402

MODELS = ["sparrow-q8_0", "sparrow-q4_k_m", "wren-q8_0"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--model", action="append", help="default: every demo model")
    args, rest = parser.parse_known_args()
    failed = []
    with Daemon(args.programs) as daemon:
        for model in args.model or MODELS:
            evaluate = [sys.executable, "-B", HERE / "evaluate.py", "--base-url", daemon.url + "/v1", "--model", model, *rest]
            if subprocess.run(evaluate).returncode != 0:
                failed.append(model)
    sys.exit(f"below the minimum: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
