"""What the suite prints and writes."""

import statistics
from dataclasses import dataclass

import envelope
import ledger as books
from figures import Figures


@dataclass
class Totals:
    figures: Figures
    ledger: books.Ledger
    cases_failed: int

    def headline(self):
        return self.figures.all(self.ledger, self.cases_failed)

    def good(self):
        return all(figure.good for figure in self.headline())

    def samples(self):
        """How much the figures stand on."""
        figures = self.figures
        return {"recovery_p50_ms": len(figures.recoveries), "recovery_p99_ms": len(figures.recoveries),
                "cancel_p99_ms": len(figures.cancellations), "daemon_growth_kib": figures.growth_requests}


def print_heading():
    print(f"{'case':>4}  {'':<30} {'workers':<8} {'passed':>7}  {'what':<34} {'median':>7} {'worst':>7}", flush=True)


def print_verdict(verdict):
    case, values = verdict.case, verdict.values
    figures = f"{statistics.median(values):7.1f} {max(values):7.1f} {case.unit}" if values else ""
    print(f"{case.number:>4}  {case.title:<30} {verdict.workers:<8} {len(values):>3}/{verdict.wanted:<3}  {case.metric:<34} {figures:<20} {verdict.seconds:6.1f} s", flush=True)
    if verdict.failure:
        print(f"      FAILED in {verdict.failure}", flush=True)


def print_summary(totals, verdicts, skipped):
    print()
    for reason in skipped:
        print(f"skipped: {reason}")
    for figure in totals.headline():
        value = "not measured" if figure.value is None else f"{round(figure.value, 2)} {figure.unit}"
        samples = totals.samples().get(figure.name)
        print(f"[{figure.name}] {value} (at most {figure.most}{f'; of {samples}' if samples else ''}){'' if figure.good else ' FAILED'}")
    print(f"requests by outcome: {totals.ledger.counts}")
    print(f"{len(verdicts)} runs of cases in {sum(v.seconds for v in verdicts):.0f} s: {'passed' if totals.good() else 'FAILED'}")


def write(path, totals, verdicts, skipped, form, bin_folder):
    results = [envelope.result(f.name, "count" if isinstance(f.value, int) else f.unit, round(f.value, 4), f.unit, form=form, at_most=f.most,
                               **({"samples": totals.samples()[f.name]} if f.name in totals.samples() else {}))
               for f in totals.headline() if f.value is not None]
    results.append(envelope.result("requests", "count", totals.ledger.requests, "requests", form=form, **totals.ledger.counts))
    for verdict in verdicts:
        tags = {"title": verdict.case.title, "workers": verdict.workers, "passed": str(verdict.failure is None).lower(),
                "repetitions": f"{len(verdict.values)}/{verdict.wanted}", "build": bin_folder.parent.name}
        if verdict.values:
            tags["median"] = f"{statistics.median(verdict.values):.1f}"
        results.append(envelope.result(f"case_{verdict.case.number}", f"{verdict.case.metric}_worst", round(max(verdict.values, default=-1.0), 1), verdict.case.unit,
                                       verdict.seconds, verdict.details, **tags))
    errors = [f"case {v.case.number} ({v.workers}): {v.failure}" for v in verdicts if v.failure] + [f"skipped: {reason}" for reason in skipped]
    envelope.write(path, "framework-eval", "fake_worker and demo models", results, errors)
