"""Shows that the simulation can fail: breaks the decisions in one place at a time and expects it to notice.

  deploy/shell python3 -B tests/simulation/breaks.py [--schedules 300000]

Works on a copy of the tree in a temporary folder. Each break is one replaced piece of text; one that the simulation does not notice, or whose
text is not there any more, ends the program with status 1.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

CORE, CONDUCTOR, MACHINE = "proxy/residency/core.cpp", "proxy/residency/conductor.cpp", "proxy/supervisor/machine.cpp"

# (line of the contract, what is broken, file, text, what stands there instead)
BREAKS = [
    ("1", "a worker counts as gone while its descendants live", MACHINE, "  if (reading.survivors) {", "  if (false) {"),
    ("1", "the next model is started when the last one was told to stop", CORE,
     "  phase_ = Phase::stopping;  // since_ stays", "  leases_.clear(), active_.clear(), phase_ = Phase::vacant;  // since_ stays"),
    ("1", "a model that is not pinned any more is started again before its worker has left", "proxy/residency/core.hpp",
     "return closed_ && phase_ == Phase::vacant;", "return closed_;"),
    ("1", "a model that generates is pinned", CONDUCTOR, "  if (generates(model)) {", "  if (false) {"),
    ("1", "a server that generated until an edit is pinned while it is still there", CONDUCTOR,
     " == common::Purpose::generation || is_there;", " == common::Purpose::generation;"),
    ("8", "a server of which nobody knows what it holds is pinned", CONDUCTOR, "  if (is_foreign && terms->second.file_bytes == 0) {",
     "  if (false) {"),
    ("3", "a waiter that leaves stays in the queue", CORE,
     "[&](const Leaves& i) { std::erase_if(queue_, [&](const Waiter& w) { return w.id == i.waiter; }); }", "[&](const Leaves&) {}"),
    ("3", "nothing looks at the clock", CORE, "std::optional<TimePoint> Core::next_deadline() const {",
     "std::optional<TimePoint> Core::next_deadline() const {\n  return std::nullopt;"),
    ("3", "a worker that will not stop is asked once and never killed", MACHINE,
     "failures_);\n      out_->push_back(Order::kill);", "failures_);"),
    ("3", "the waiters of a failed load are forgotten", CORE, "  reject_waiters_of(model, why);\n  if (model == settings_.default_model)",
     "  std::erase_if(queue_, [&](const Waiter& w) { return w.model == model; });\n  if (model == settings_.default_model)"),
    ("4", "a grant leaves its waiter in the queue", CORE, "    queue_.erase(queue_.begin() + (best - queue_.data()));\n", ""),
    ("4", "a draining model is granted", CORE, "  if (!leases_.empty()) return;\n  actions_->push_back(Stop",
     "  grant_all();\n  if (!leases_.empty()) return;\n  actions_->push_back(Stop"),
    ("4", "a worker serves before it has proved itself", "proxy/supervisor/lifecycle.cpp",
     "    {starting, said_hello, loading, send_load},", "    {starting, said_hello, ready, announce_ready},"),
    ("5", "who runs on a worker that dies is not told", CONDUCTOR, "                   effects_.push_back(LeasesEnd{model, o.cause});\n", ""),
    ("6", "a model leaves under its running requests", CORE, "  if (!leases_.empty()) return;\n  actions_->push_back(Stop",
     "  actions_->push_back(Stop"),
    ("6", "a drain is over before its deadline", "proxy/supervisor/lifecycle.cpp", "    case draining: return timeouts.drain;",
     "    case draining: return timeouts.drain / 2;"),
    ("7", "an edit of the policy sends the resident away", CONDUCTOR, "  configure_places();\n  // What an operator",
     "  configure_places();\n  tell_core(Retire{shared_.core.active()});\n  // What an operator"),
    ("7", "who has no room any more beside a new pin is told at the next edit only", CONDUCTOR, "  fit_anew();  // the others have less\n", ""),
    ("8", "memory counts as back at once", MACHINE, "  const std::uint64_t expected = holds_.own_bytes - holds_.own_bytes / 10;",
     "  const std::uint64_t expected = 0;"),
    ("8", "pinned models may hold as much as they like", CONDUCTOR,
     "  if (bytes + others <= settings_.pinned_bytes) return std::nullopt;", "  return std::nullopt;"),
    ("8", "what can never fit is tried all the same", CONDUCTOR,
     "return why;\n  if (settings_.memory_bytes == 0) return std::nullopt;", "return why;\n  if (true) return std::nullopt;"),
    ("9", "a failed load leaves the place empty", CORE, "    wished_ = fallback_;\n", ""),
    ("6", "whoever runs is cut off when memory is short, not only the lowest priority", CORE,
     "    if (priority <= input.priority) actions_->push_back(EndLease", "    if (true || priority <= input.priority) actions_->push_back(EndLease"),
    ("memory", "models are loaded although memory is short", CORE, "  if (closed_ || restraint_ != Restraint::none) return;", "  if (closed_) return;"),
    ("memory", "requests are granted although answers are cut off", CORE, "  if (restraint_ == Restraint::no_grants) return;\n", ""),
    ("memory", "what is lent is loaded into", CONDUCTOR, "  if (!why) why = crowded_out(action.model);\n  if (why) return tell_core(Refused",
     "  if (why) return tell_core(Refused"),
    ("bound", "a rival waits twice as long for his turn", CORE, "  return std::max(oldest->arrived + settings_.max_wait,",
     "  return std::max(oldest->arrived + 2 * settings_.max_wait,"),
]


def run(command, folder):
    return subprocess.run(command, cwd=folder, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def held(folder, schedules):
    """Whether the simulation holds, and what it said."""
    built = run("cmake --build --preset release --target simulate", folder)
    if built.returncode:
        sys.exit("does not compile:\n" + built.stdout[-3000:])
    ran = run(f"timeout 600 build/release/bin/simulate --schedules {schedules} --contention 300", folder)
    return ran.returncode == 0, ran.stdout.strip().splitlines()[:1]


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--schedules", type=int, default=300_000)
    args = args.parse_args()
    source = pathlib.Path(__file__).resolve().parents[2]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        run(f"git -C {source} ls-files -z --cached --others --exclude-standard | (cd {source} && xargs -0 cp -r --parents -t {folder})", source)
        run("cmake --preset release", folder)
        whole, said = held(folder, args.schedules)
        print("unbroken:", *said, flush=True)
        if not whole:
            sys.exit(1)
        for line, what, file, text, instead in BREAKS:
            path = pathlib.Path(folder) / file
            good = path.read_text()
            if text not in good:
                sys.exit(f"{file} has no such text any more: {text}")
            path.write_text(good.replace(text, instead, 1))
            noticed, said = held(folder, args.schedules)
            path.write_text(good)
            missed += noticed
            print(f"line {line}, {what}: {'NOT NOTICED' if noticed else ' '.join(said)}", flush=True)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
