"""How slow this machine is just now, beside one on which a limit in milliseconds can be kept."""

import time

STEPS, USUAL = 1_000_000, 0.04  # additions, and the seconds that they take there
SLOWEST = 4.0                   # beyond that it is no machine to find anything out on


def _additions():
    began, total = time.monotonic(), 0
    for step in range(STEPS):
        total += step
    return time.monotonic() - began


def pace():
    """So many times as long as there, from 1 to SLOWEST."""
    return min(SLOWEST, max(1.0, min(_additions() for _ in range(3)) / USUAL))
