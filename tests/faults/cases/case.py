"""What a fault case is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`run(rig, n)` fails through require() and returns what was measured. Most cases are repeated, and n is the repetition's number; the short
    form repeats them `few` times, once for each of their variants. A case that does `many` things to one daemon runs once, and n says how many;
    in the short form it is `few` as well."""

    number: int
    title: str
    run: Callable
    metric: str           # of what `run` returns; the larger the worse
    unit: str = "ms"
    repetitions: int = 20
    real_repetitions: int = 0  # with perch-worker and a demo model, besides those with fake workers
    many: int = 0
    few: int = 1
    only_real: bool = False
    lacks: Callable = lambda: None  # what it needs and this machine does not have, in words

    def plan(self, kind, short, long, least=0):
        """What `run` is called with, in turn, for workers of one kind. `long`: ten times as many where there are many. `least`: of repetitions."""
        if self.many:
            wanted = kind == "real" if self.only_real else kind == "fake" or self.real_repetitions
            return [self.few if short else self.many * (10 if long else 1)] if wanted else []
        times = self.real_repetitions if kind == "real" else self.repetitions
        return list(range(min(times, self.few) if short else max(times, least) if times else 0))
