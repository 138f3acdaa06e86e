"""What the suite prints and writes."""

import statistics
from dataclasses import dataclass

import envelope
import ledger as books


@dataclass
class Totals:
    orphans: int
    most_workers: int
    cases_failed: int
    ledger: books.Ledger

    def headline(self):
        """(name, value, unit): each must be 0."""
        return [("orphans", self.orphans, "processes"),
                ("requests_without_outcome", self.ledger.without_outcome, "requests"),
                ("tokens_duplicated", self.ledger.tokens_duplicated, "tokens"),
                ("truncations_undetectable", self.ledger.undetectable, "requests"),
                ("cases_failed", self.cases_failed, "cases")]

    def good(self):
        return all(value == 0 for _, value, _ in self.headline())


def print_heading():
    print(f"{'case':>4}  {'':<30} {'workers':<8} {'passed':>7}  {'what':<34} {'median':>9} {'worst':>9}", flush=True)


def print_verdict(verdict):
    case, values = verdict.case, verdict.values
    figures = f"{statistics.median(values):7.1f}ms {max(values):7.1f}ms" if values else ""
    print(f"{case.number:>4}  {case.title:<30} {verdict.workers:<8} {len(values):>3}/{verdict.wanted:<3}  {case.metric:<34} {figures}", flush=True)
    if verdict.failure:
        print(f"      FAILED in {verdict.failure}", flush=True)


def print_summary(totals, verdicts, skipped):
    print()
    for reason in skipped:
        print(f"skipped: {reason}")
    for name, value, unit in totals.headline():
        print(f"[{name}] {value} {unit}")
    print(f"requests by outcome: {totals.ledger.counts}; most worker processes at once: {totals.most_workers}")
    print(f"{len(verdicts)} runs of cases in {sum(v.seconds for v in verdicts):.0f} s: {'passed' if totals.good() else 'FAILED'}")


def write(path, totals, verdicts, skipped, form, bin_folder):
    results = [envelope.result(name, "count", value, unit, form=form) for name, value, unit in totals.headline()]
    results.append(envelope.result("resident_workers_most", "count", totals.most_workers, "processes", form=form))
    results.append(envelope.result("requests", "count", totals.ledger.requests, "requests", form=form, **totals.ledger.counts))
    for verdict in verdicts:
        tags = {"title": verdict.case.title, "workers": verdict.workers, "passed": str(verdict.failure is None).lower(),
                "repetitions": f"{len(verdict.values)}/{verdict.wanted}", "build": bin_folder.parent.name}
        if verdict.values:
            tags["median_ms"] = f"{statistics.median(verdict.values):.1f}"
        results.append(envelope.result(f"case_{verdict.case.number}", f"{verdict.case.metric}_worst", round(max(verdict.values, default=-1.0), 1), "ms",
                                       verdict.seconds, **tags))
    errors = [f"case {v.case.number} ({v.workers}): {v.failure}" for v in verdicts if v.failure] + [f"skipped: {reason}" for reason in skipped]
    envelope.write(path, "framework-eval", "fake_worker and demo models", results, errors)
