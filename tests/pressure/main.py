#!/usr/bin/env python3
"""A program that eats memory while Perch runs: the ladder is climbed in order, nobody is killed, nothing is paged out, and when the memory
is back everything is as it was.

  main.py BIN_FOLDER [--pace 1] [--rounds 1] [--eat-mib 5120] [--json FILE]

The machine itself never gets short of memory: the limit is set a little below what is available at the beginning, and the eater takes no more
than --eat-mib and stops where less than FLOOR is left. --pace multiplies the times of the ladder. Exit status 1 when something was not as it
must be, 77 when that cannot be tried here: too little memory, or others took or gave back so much meanwhile that it says nothing.
"""

import argparse
import http.client
import json
import pathlib
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import DEMO_REGISTRY, Daemon  # noqa: E402

MIB = 1 << 20
FLOOR_MIB = 3 * 1024       # that the machine keeps whatever happens
BELOW_MIB = 2560           # the limit, under what is available at the beginning
MARGIN_MIB = 512           # above the limit there is plenty again (proxy/residency/pressure.cpp)
RUNGS = ["stop_admitting", "shrink_caches", "drop_saved", "cancel_lowest", "unload", "unload_pinned"]
SKIPPED = 77

# Takes memory piece by piece until no more than `target` is available, and goes on as others give some back.
EATER = """
import re, sys, time
target, most, floor = (int(a) << 20 for a in sys.argv[1:])
held = []
def available(): return int(re.search(r"MemAvailable:\\s+(\\d+)", open("/proc/meminfo").read()).group(1)) << 10
while True:
    now = available()
    if now > target and now > floor and len(held) << 25 < most: held.append(b"x" * (1 << 25))
    else: time.sleep(0.02)
    print(len(held) << 5, flush=True)
"""


def meminfo_mib():
    for line in open("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    sys.exit("no MemAvailable in /proc/meminfo")


def vmstat(name):
    for line in open("/proc/vmstat"):
        if line.split()[0] == name:
            return int(line.split()[1])
    return 0


class Skipped(Exception):
    pass


class Failed(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failed(what)


def wait_for(what, holds, seconds):
    deadline = time.monotonic() + seconds
    while not holds():
        require(time.monotonic() < deadline, f"after {seconds:.0f} s: {what}")
        time.sleep(0.02)


class Events(threading.Thread):
    """What the daemon tells, with the time at which it was heard."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.heard, self.began = port, [], time.monotonic()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", "/admin/v1/events?after=0")
        kind = None
        try:
            for line in connection.getresponse():
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    self.heard.append((time.monotonic() - self.began, kind, json.loads(line[6:])))
        except (OSError, http.client.HTTPException):
            pass

    def of(self, kind):
        return [(at, data) for at, each, data in list(self.heard) if each == kind]


class Talker(threading.Thread):
    """Asks for one long answer after the other, until one is cut off or it is told to stop."""

    def __init__(self, port, model):
        super().__init__(daemon=True)
        self.port, self.model, self.text, self.cut, self.stops = port, model, "", False, False
        self.start()

    def run(self):
        while not self.cut and not self.stops:
            self.talk()

    def talk(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self.text = ""
        try:
            connection.request("POST", "/v1/completions",
                               json.dumps({"model": self.model, "prompt": "x", "stream": True, "max_tokens": 100_000, "ignore_eos": True}))
            answer = connection.getresponse()
            while piece := answer.read1(65536):
                self.text += piece.decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.cut = True


def ask(daemon, model, prompt="Who are you?"):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=120)
    connection.request("POST", "/v1/completions", json.dumps({"model": model, "prompt": prompt, "max_tokens": 8}))
    answer = connection.getresponse()
    return answer.status, answer.headers, json.loads(answer.read())


def set_limit(daemon, registry, limit_mib):
    registry["memory"] = {"pressure_available_mib": limit_mib}
    partial = daemon.registry_file.with_suffix(".partial")
    partial.write_text(json.dumps(registry))
    partial.rename(daemon.registry_file)
    wait_for("the new limit is not in force",
             lambda: daemon.get("/admin/v1/status")["pressure"]["available_limit_bytes"] == limit_mib * MIB, 20)


def one_round(daemon, registry, args, events):
    for letter in "abc":  # one slot: what the others took it from is kept as a prompt in memory
        require(ask(daemon, "small", letter * 300)[0] == 200, "the model does not answer before the pressure")
    before = meminfo_mib()
    limit = before - BELOW_MIB
    target = limit - 128
    if limit < FLOOR_MIB + 1024:
        raise Skipped(f"{before} MiB are available: too little to try this without harm")
    set_limit(daemon, registry, limit)
    known = len(events.of("pressure"))
    steps = lambda: [(at, data) for at, data in events.of("pressure")[known:]]

    def steps_to(rung):
        """The steps until now, of which the last is to `rung`: the status tells of it at once, the event is on its way then."""
        wait_for(f"no event tells of the step to {rung}", lambda: steps() and steps()[-1][1]["to"] == rung, 10)
        return steps()

    counters = {name: vmstat(name) for name in ("oom_kill", "pswpout")}
    # More of them than there are slots: one runs at any moment.
    talkers = [Talker(daemon.port, "small") for _ in range(3)]
    wait_for("no answer began", lambda: any(talker.text for talker in talkers), 30)

    least, began = before, time.monotonic() - events.began
    eater = subprocess.Popen([sys.executable, "-c", EATER, str(target), str(args.eat_mib), str(FLOOR_MIB)], stdout=subprocess.PIPE, text=True)
    eaten = [0]
    reading = threading.Thread(target=lambda: [eaten.__setitem__(0, int(line)) for line in eater.stdout], daemon=True)
    reading.start()
    try:
        deadline = time.monotonic() + 20 + 30 * args.pace
        while daemon.get("/admin/v1/status")["pressure"]["rung"] < len(RUNGS):
            least = min(least, meminfo_mib())
            if eaten[0] >= args.eat_mib and meminfo_mib() > limit:
                raise Skipped(f"others gave back more than {args.eat_mib} MiB meanwhile")
            require(time.monotonic() < deadline, f"the ladder stands at {daemon.get('/admin/v1/status')['pressure']}")
            time.sleep(0.02)
        up = steps_to(RUNGS[-1])
        wait_for("a worker is left at the top of the ladder", lambda: not daemon.get("/running")["running"], 15)
        status, headers, body = ask(daemon, "small")
        require(status == 503 and body["error"]["code"] == "memory_pressure", f"at the top of the ladder a request got {status} {body}")
        require(int(headers["Retry-After"]) >= 1, "a refusal that passes must say when to come back")
        wait_for("no running answer was cut off", lambda: any(talker.cut for talker in talkers), 15)
        for talker in talkers:
            require(not talker.cut or ("memory_pressure" in talker.text and "[DONE]" not in talker.text),
                    f"an answer did not end with its error: {talker.text[-300:]!r}")
    finally:
        for talker in talkers:
            talker.stops = True
        eater.kill()
        eater.wait()
    freed = time.monotonic() - events.began
    deadline = time.monotonic() + 20 + 30 * args.pace
    while daemon.get("/admin/v1/status")["pressure"]["rung"] > 0:
        if time.monotonic() > deadline:
            if meminfo_mib() < limit + MARGIN_MIB:
                raise Skipped("others took so much memory meanwhile that it is still short")
            raise Failed(f"the ladder was not climbed down: {daemon.get('/admin/v1/status')['pressure']}")
        time.sleep(0.02)
    down = steps_to("none")[len(up):]

    reached = list(dict.fromkeys(data["to"] for _, data in up))
    require(reached == RUNGS, f"the rungs were reached as {reached}")
    ladder = ["none", *RUNGS]
    for _, data in up + down:
        require(abs(ladder.index(data["to"]) - ladder.index(data["from"])) == 1, f"a rung was skipped: {data}")
    status, _, body = ask(daemon, "small")
    require(status == 200, f"after the pressure a request got {status} {body}")
    for talker in talkers:
        talker.join(60)
        require(not talker.is_alive(), "who waited while memory was short waits still")
    shrunk = [data for at, data in events.of("shrink_caches") if at >= began and data["keep_bytes"] == 0]
    require(shrunk, "no worker was told to shrink its caches")
    for name, count in counters.items():
        require(vmstat(name) == count, f"{name} rose by {vmstat(name) - count}")
    for at, data in events.of("gone"):
        require(data["cause"] is None, f"a worker ended otherwise than asked: {data}")
    return {"available_before_mib": before, "limit_mib": limit, "least_available_mib": least, "eaten_mib": eaten[0],
            "seconds_up": {data["to"]: round(at - began, 2) for at, data in up}, "seconds_down": round(down[-1][0] - freed, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--pace", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--eat-mib", type=int, default=5120)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    artifact = DEMO_REGISTRY.parent / "sparrow-q8_0.gguf"
    registry = {"models": {"default": "small"}, "catalog": {"small": {"artifact": str(artifact), "parallel": 1}}}
    rounds = []
    try:
        with Daemon(args.programs, registry, ["--pressure-pace", str(args.pace)]) as daemon:
            events = Events(daemon.port)
            for number in range(args.rounds):
                rounds.append(one_round(daemon, registry, args, events))
                print(f"round {number + 1}: {json.dumps(rounds[-1])}", flush=True)
                set_limit(daemon, registry, 256)
    except Skipped as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    except Failed as what:
        print(f"FAILED: {what}")
        sys.exit(1)
    if args.json:
        args.json.write_text(json.dumps({"pace": args.pace, "rounds": rounds}, indent=1) + "\n")
    print(f"{args.rounds} rounds: the ladder in order, nobody killed, nothing paged out, all of it back")


if __name__ == "__main__":
    main()
