"""The table that a bench prints, as bench/table.cpp does it, and the results of its envelope."""

import statistics

import envelope


WIDTH = 48  # of a row's name: rows are printed as they are measured, so that a bench that is stopped has said what it knew


class Report:
    def __init__(self):
        self.results = []

    def begin(self, title):
        print(f"{title}\n\n{'what':<{WIDTH}}  {'median':>10} {'':<8} {'least to most':>23} {'n':>4}  regime", flush=True)

    def add(self, name, what, samples, unit, regime, raw=None, **tags):
        """One figure: the median of `samples`."""
        median, least, most = statistics.median(samples), min(samples), max(samples)
        print(f"{what:<{WIDTH}}  {median:>10.3f} {unit:<8} {least:>10.3f} to {most:>9.3f} {len(samples):>4}  {regime}", flush=True)
        self.results.append(envelope.result(name, f"{name}_median", median, unit, raw=raw, regime=regime, samples=len(samples), least=f"{least:.4f}",
                                            most=f"{most:.4f}", **tags))
