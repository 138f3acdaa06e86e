"""Which topic comes how often, and how topics follow each other in one conversation."""

from phrase import system
from topics import facts, perch, talk, text, tools

PLAIN = [(talk.small, 4), (talk.identity, 5), (talk.names, 3), (talk.unknown, 1.5), (facts.capital, 6), (facts.colour, 4),
         (facts.arithmetic, 18),
         (perch.perch, 9), (text.repeat, 8), (text.spell, 10), (text.count, 2), (text.as_json, 9), (text.obey, 18)]
TOOLS_SHARE = 0.33


def dialogue(rng, me):
    """One topic, or several one after the other."""
    makers, weights = zip(*PLAIN)
    turns = rng.choices(makers, weights)[0](rng, me)
    if turns[0]["role"] == "system":
        return turns
    while rng.random() < 0.25:
        more = rng.choices(makers, weights)[0](rng, me)
        if more[0]["role"] != "system":
            turns = turns + more
    if rng.random() < 0.12:
        turns = [system(rng.choice(tools.PLAIN_SYSTEM + (f"You are {me}.", "You are a chat bot.",
            "Talk to the user.")))] + turns
    return turns


def conversations(rng, me, count, tools_share=TOOLS_SHARE):
    for _ in range(count):
        yield tools.tools(rng, me) if rng.random() < tools_share else (dialogue(rng, me), None)
