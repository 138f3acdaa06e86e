"""What all workers hold together while models come and go, and whether each swap says what it should."""

import threading
import time

from asking import ask
from contestants import ANSWER, PROMPT, Perch
from measures import tokens
from peers import PeerFailure

LOOK_EVERY = 0.005  # seconds


def own_kib(pid):
    """Memory that is nobody else's: not the libraries, which all workers share, and not mapped files, which the kernel may take back."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            fields = dict(line.split(":", 1) for line in status)
        return sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem"))
    except (OSError, KeyError):  # it is going
        return 0


class OwnMemory:
    """Looks at a daemon's workers all the time: the most that they held together, and that one of them did."""

    def __init__(self, watch):
        self._watch, self._done = watch, threading.Event()
        self.most_kib = self.largest_kib = 0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _look(self):
        while not self._done.wait(LOOK_EVERY):
            sizes = [own_kib(process.pid) for process in self._watch.living()]
            self.most_kib = max(self.most_kib, sum(sizes))
            self.largest_kib = max(self.largest_kib, *sizes, 0)


class Holding:
    """Two models in turn. `ratios`: how memory is counted to the most of all workers together over the most of one. `wrong`: answers that were
    others than the model's own."""

    def __init__(self, programs, models, swaps, limit):
        self.wrong = self.swaps = 0
        with Perch(programs, models, sample_every=LOOK_EVERY) as perch, OwnMemory(perch.daemon.watch) as own:
            prompts = {model: tokens(PROMPT) for model in models}
            right = {model: self._right_answers(perch, model, prompts[model]) for model in models}
            began = time.monotonic()
            while self.swaps < swaps and (self.swaps < 2 or time.monotonic() - began < limit):
                model = models[self.swaps % 2]
                self.wrong += ask(perch.port, model.name, prompts[model], ANSWER).text not in right[model]
                self.swaps += 1
            watch = perch.daemon.watch
        if not (own.largest_kib and watch.largest_kib):
            raise PeerFailure("no worker was seen")
        self.ratios = {"resident": watch.most_kib / watch.largest_kib, "own": own.most_kib / own.largest_kib}
        self.most_workers, self.largest_mib = watch.most, own.largest_kib / 1024

    @staticmethod
    def _right_answers(perch, model, prompt):
        """With nothing kept of the prompt, and with all of it: one token is computed by other code than a batch, and where two words are equally
        likely the answers may part."""
        return {ask(perch.port, model.name, prompt, ANSWER).text for _ in range(2)}
