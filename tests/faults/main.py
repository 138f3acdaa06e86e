"""The fault suite: breaks a running daemon on purpose and checks what callers and /proc see. Exit status 1 when anything fails."""

import argparse
import os
import pathlib
import shutil
import sys
import time
import traceback
from dataclasses import dataclass, field

import ledger
import report
from cases import CASES
from figures import Figures
from rig import CaseFailure, FakeWorkers, LlamaServers, Missed, PythonServers, RealWorkers, Rig

ATTEMPTS = 5  # at hitting a real model while it still answers
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]


@dataclass
class Verdict:
    case: object
    workers: str
    wanted: int
    values: list = field(default_factory=list)
    failure: str | None = None
    seconds: float = 0.0
    details: list = field(default_factory=list)  # what the case says of its parts, of the latest repetition


def run_once(case, rig, i):
    for _ in range(ATTEMPTS):
        try:
            return case.run(rig, i)
        except Missed:
            pass
    raise CaseFailure(f"the stream was complete {ATTEMPTS} times before it could be broken, or looked so")


def run_case(case, rig, plan):
    verdict = Verdict(case, rig.workers.shown, wanted=len(plan))
    began = time.monotonic()
    for n in plan:
        rig.details.clear()
        try:
            verdict.values.append(run_once(case, rig, n))
        except Exception as failure:  # whatever it is, the other cases still run
            said = str(failure) if isinstance(failure, CaseFailure) else traceback.format_exc()
            verdict.failure = f"repetition {len(verdict.values) + 1}: {said}"
            break  # every repetition must pass, so the case has failed
    verdict.details = list(rig.details)
    verdict.seconds = time.monotonic() - began
    return verdict


def real_workers(bin_folder, demo, runtime):
    by_command = runtime == "command"
    program = bin_folder / ("fake_worker" if by_command else "perch-worker")
    if not program.exists():
        return None, f"{program} is not built"
    if not list(demo.glob("*.gguf")):
        return None, f"no demo model in {demo}"
    if by_command and not shutil.which("llama-server"):
        return None, "llama-server is not installed"
    return (LlamaServers if by_command else RealWorkers)(program, demo), None


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch, fake_worker and perch-worker")
    parser.add_argument("--short", action="store_true", help="one repetition of each case, and few of what is done many times")
    parser.add_argument("--repetitions", type=int, default=0, metavar="N", help="of each case at least so many, but for those that do one thing many times")
    parser.add_argument("--long", action="store_true", help="ten times as many requests in the soak")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the report as a benchmark envelope")
    parser.add_argument("--case", type=int, nargs="+", action="extend", metavar="N", help="only these")
    parser.add_argument("--without", type=int, nargs="+", action="extend", default=[], metavar="N", help="all but these")
    parser.add_argument("--runtime", choices=("embedded", "command"), default="embedded",
                        help="what runs the models: our workers, or servers that a command line starts (cases 1 to 16, 22 and 23 unless --case says)")
    parser.add_argument("--worker", type=pathlib.Path, help="use this in place of fake_worker: to see the suite fail")
    parser.add_argument("--demo", type=pathlib.Path, default=CHECKOUT / "registry" / "demo", help="the folder of the demo models")
    return parser.parse_args()


def choose(wanted, without, runtime):
    if runtime == "command" and not wanted:
        wanted = [case.number for case in CASES if case.number <= 16 or case.number in (22, 23)]
    unknown = {*(wanted or ()), *without} - {case.number for case in CASES}
    if unknown:
        sys.exit(f"there is no case {sorted(unknown)}; there are {[case.number for case in CASES]}")
    return [case for case in CASES if (not wanted or case.number in wanted) and case.number not in without]


def main():
    options = parse_arguments()
    cases = choose(options.case, options.without, options.runtime)
    book = ledger.Ledger()
    bin_folder = options.bin.resolve()
    gathered = Figures()
    fakes = PythonServers if options.runtime == "command" else FakeWorkers
    fake = Rig(bin_folder / "perch", fakes((options.worker or bin_folder / "fake_worker").resolve()), book, gathered)
    workers, why_not = real_workers(bin_folder, options.demo.resolve(), options.runtime)
    real = workers and Rig(bin_folder / "perch", workers, book, gathered)

    verdicts, skipped = [], []
    report.print_heading()
    for case in cases:
        if lack := case.lacks():
            skipped.append(f"case {case.number}, {case.title}: {lack}")
            continue
        for kind, rig in (("fake", fake), ("real", real)):
            plan = case.plan(kind, options.short, options.long, options.repetitions)
            if plan and rig is None:
                skipped.append(f"case {case.number} with a real worker: {why_not}")
            elif plan:
                verdicts.append(run_case(case, rig, plan))
                report.print_verdict(verdicts[-1])
    skipped += [*fake.skipped, *(real.skipped if real else ())]
    skipped += [f"case {number}: left out by --without" for number in options.without]
    if os.geteuid() == 0 and any(case.number == 35 for case in cases):
        skipped.append("the forbidden file of case 35: root may read everything")
    totals = report.Totals(gathered, book, cases_failed=len({v.case.number for v in verdicts if v.failure}))
    report.print_summary(totals, verdicts, skipped)
    if options.json:
        report.write(options.json, totals, verdicts, skipped, "short" if options.short else "full", bin_folder)
    return 0 if totals.good() else 1


if __name__ == "__main__":
    sys.exit(main())
