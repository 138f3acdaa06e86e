"""The table that a bench prints, as bench/table.cpp does it, and the results of its envelope."""

import statistics

import envelope


class Report:
    def __init__(self):
        self.results = []
        self._rows = []

    def add(self, name, what, samples, unit, regime, **tags):
        """One figure: the median of `samples`."""
        median, least, most = statistics.median(samples), min(samples), max(samples)
        self._rows.append((what, median, unit, least, most, len(samples), regime))
        self.results.append(envelope.result(name, f"{name}_median", median, unit, regime=regime, samples=len(samples), least=f"{least:.4f}",
                                            most=f"{most:.4f}", **tags))

    def print(self, title):
        width = max([4, *(len(row[0]) for row in self._rows)])
        print(f"{title}\n\n{'what':<{width}}  {'median':>10} {'':<8} {'least to most':>23} {'n':>4}  regime")
        for what, median, unit, least, most, count, regime in self._rows:
            print(f"{what:<{width}}  {median:>10.3f} {unit:<8} {least:>10.3f} to {most:>9.3f} {count:>4}  {regime}")
        print(flush=True)
        self._rows = []
