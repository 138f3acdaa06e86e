"""The fault suite: breaks a running daemon on purpose and checks what callers and /proc see. Exit status 1 when anything fails."""

import argparse
import pathlib
import sys
import time
from dataclasses import dataclass, field

import ledger
import report
from cases import CASES
from rig import CaseFailure, FakeWorkers, Missed, RealWorkers, Rig

ATTEMPTS = 5  # at hitting a real model while it still answers
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]


@dataclass
class Verdict:
    case: object
    workers: str
    values: list = field(default_factory=list)
    wanted: int = 0
    failure: str | None = None
    seconds: float = 0.0


def run_once(case, rig, i):
    for _ in range(ATTEMPTS):
        try:
            return case.run(rig, i)
        except Missed:
            pass
    raise CaseFailure(f"the stream was complete {ATTEMPTS} times before it could be broken, or looked so")


def run_case(case, rig, repetitions):
    verdict = Verdict(case, rig.workers.kind, wanted=repetitions)
    began = time.monotonic()
    for i in range(repetitions):
        try:
            verdict.values.append(run_once(case, rig, i))
        except (CaseFailure, RuntimeError, OSError) as failure:
            verdict.failure = f"repetition {i + 1}: {failure}"
            break  # every repetition must pass, so the case has failed
    verdict.seconds = time.monotonic() - began
    return verdict


def real_workers(bin_folder, demo):
    program = bin_folder / "perch-worker"
    if not program.exists():
        return None, f"{program} is not built"
    if not list(demo.glob("*.gguf")):
        return None, f"no demo model in {demo}"
    return RealWorkers(program, demo), None


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch, fake_worker and perch-worker")
    parser.add_argument("--short", action="store_true", help="one repetition of each case")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--case", type=int, nargs="+", action="extend", metavar="N", help="only these")
    parser.add_argument("--worker", type=pathlib.Path, help="use this in place of fake_worker: to see the suite fail")
    parser.add_argument("--demo", type=pathlib.Path, default=CHECKOUT / "registry" / "demo", help="the folder of the demo models")
    return parser.parse_args()


def choose(wanted):
    unknown = set(wanted or ()) - {case.number for case in CASES}
    if unknown:
        sys.exit(f"there is no case {sorted(unknown)}; there are {[case.number for case in CASES]}")
    return [case for case in CASES if not wanted or case.number in wanted]


def main():
    options = parse_arguments()
    cases = choose(options.case)
    book = ledger.Ledger()
    bin_folder = options.bin.resolve()
    fake = Rig(bin_folder / "perch", FakeWorkers((options.worker or bin_folder / "fake_worker").resolve()), book)
    workers, why_not = real_workers(bin_folder, options.demo.resolve())
    real = workers and Rig(bin_folder / "perch", workers, book)

    verdicts, skipped = [], []
    report.print_heading()
    for case in cases:
        for rig, repetitions in ((fake, case.repetitions), (real, case.real_repetitions)):
            if repetitions == 0:
                continue
            if rig is None:
                skipped.append(f"case {case.number} with a real worker: {why_not}")
                continue
            verdicts.append(run_case(case, rig, 1 if options.short else repetitions))
            report.print_verdict(verdicts[-1])
    totals = report.Totals(orphans=sum(rig.orphans for rig in (fake, real) if rig),
                           most_workers=max(rig.most_workers for rig in (fake, real) if rig),
                           cases_failed=len({v.case.number for v in verdicts if v.failure}), ledger=book)
    report.print_summary(totals, verdicts, skipped)
    if options.json:
        report.write(options.json, totals, verdicts, skipped, "short" if options.short else "full", bin_folder)
    return 0 if totals.good() else 1


if __name__ == "__main__":
    sys.exit(main())
