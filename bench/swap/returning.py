"""A long conversation on a model that had to make room for another one and came back: what its next turn costs, and whether it goes on as if
nothing had been."""

import time
from dataclasses import dataclass

from asking import ask
from contestants import ANSWER, PROMPT, Perch
from measures import tokens
from peers import PeerFailure

TURN, WORDS = 32, 16  # tokens: what the second turn adds, and the answers


@dataclass
class Return:
    cold: float      # seconds to the first token of the second turn where nothing of the conversation is known and the model is there
    kept: float      # the same where the model has never left
    returned: float  # the same where it has left and comes back: the swap is in it
    cached: int      # tokens of the conversation that had not to be evaluated again after the return
    wrong: bool


class Returning:
    def __init__(self, programs, models, length, rest):
        """`models`: the one that is talked with, and its rival. `length`: tokens of the conversation before the second turn."""
        self._programs, self._models, self._length, self._rest = programs, models, length, rest

    def measure(self):
        """Each way has a daemon of its own, so that nothing that an earlier one saved is found."""
        first, second = tokens(self._length), tokens(TURN)
        cold = self._run([], first + second)
        kept = self._run([first], first + second)
        returned = self._run([first], first + second, leaves=True)
        if cold.cached > TURN:
            raise PeerFailure(f"{cold.cached} tokens of a conversation that nobody had begun were not evaluated")
        # What was evaluated anew was so in other batches than turn by turn, and may differ where two words are equally likely.
        expected = kept if returned.cached > TURN else cold
        return Return(cold.seconds, kept.seconds, returned.seconds, returned.cached, returned.text != expected.text)

    def _run(self, turns, last, leaves=False):
        talked, rival = self._models
        with Perch(self._programs, self._models) as perch:
            ask(perch.port, talked.name, tokens(PROMPT), ANSWER)  # it is there
            for turn in turns:
                ask(perch.port, talked.name, turn, WORDS)
            time.sleep(self._rest)
            if leaves:
                ask(perch.port, rival.name, tokens(PROMPT), ANSWER)
                time.sleep(self._rest)
            return ask(perch.port, talked.name, last, WORDS)
