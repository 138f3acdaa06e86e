"""The figures that the report ends with, gathered over all cases. A figure that no case measured is None."""

import math
from dataclasses import dataclass, field


def percentile(values, share):
    """By nearest rank: one of the values, and the largest when there are few."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


@dataclass(frozen=True)
class Figure:
    name: str
    value: float | None
    unit: str
    most: float  # what it may be at most

    @property
    def good(self):
        return self.value is None or self.value <= self.most


@dataclass
class Figures:
    requests_lost: int = 0
    orphans: int = 0
    zombies: int = 0
    residents: int = 0
    descriptors_leaked: int | None = None
    memory_ratio: float | None = None
    growth_kib: int | None = None
    growth_requests: int = 0
    recoveries: list = field(default_factory=list)     # ms, a crash to the next token, less the load
    cancellations: list = field(default_factory=list)  # ms, a client's leaving to the end of computing
    cold_spawns: int | None = None
    waits_past_bound: int | None = None

    def worst(self, name, value):
        """Keeps the larger of what it is and `value`."""
        before = getattr(self, name)
        setattr(self, name, value if before is None else max(before, value))

    def all(self, book, cases_failed):
        return [Figure("cases_failed", cases_failed, "cases", 0),
                Figure("requests_without_outcome", book.without_outcome, "requests", 0),
                Figure("requests_lost", self.requests_lost, "requests", 0),
                Figure("tokens_duplicated", book.tokens_duplicated, "tokens", 0),
                Figure("truncations_undetectable", book.undetectable, "requests", 0),
                Figure("orphans", self.orphans, "processes", 0),
                Figure("zombies", self.zombies, "processes", 0),
                Figure("descriptors_leaked", self.descriptors_leaked, "descriptors", 0),
                Figure("residents_max", self.residents, "processes", 1),
                Figure("memory_sum_ratio", self.memory_ratio, "ratio", 1.02),
                Figure("daemon_growth_kib", self.growth_kib, "KiB", 1023),
                Figure("recovery_p50_ms", percentile(self.recoveries, 0.50), "ms", 100),
                Figure("recovery_p99_ms", percentile(self.recoveries, 0.99), "ms", 250),
                Figure("cancel_p99_ms", percentile(self.cancellations, 0.99), "ms", 200),
                Figure("cold_spawns", self.cold_spawns, "workers", 1),
                Figure("waits_past_bound", self.waits_past_bound, "requests", 0)]
