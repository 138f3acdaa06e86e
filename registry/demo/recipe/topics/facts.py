"""Capitals, colours and small arithmetic, with follow-up questions."""

import zlib

from phrase import answer, pick, said, user
from words import CAPITALS, COLOURS, MASS, UNIQUE, article, country, invented

CAPITAL = ("[What is|What's|Name|Tell me|Give me|Say] the capital [of|of|city of] {c}?",
           "[What|Which] [city|town] is the capital of {c}?", "Capital of {c}?",
           "What is {c}'s capital?", "Which is the capital of {c}?", "Do you know the capital of {c}?",
           "[Can|Could] you [tell me|name|say] the capital of {c}?",
           "I [need|want to know|would like to know] the capital of {c}.", "The capital of {c} is?",
           "The capital of {c} is which city?", "What's the name of the capital of {c}?",
           "What is the capital city [of|in] {c}?", "Which city do they call the capital in {c}?", "{c}: capital?",
           "What is the main city and capital of {c}?",
           "Tell me what the capital of {c} is.", "What is the capital called in {c}?", "{c} has which capital?",
           "In {c}, what is the capital?", "Where is the government of {c}?",
           "Name {c}'s capital city.", "I am travelling to {c}. What is its capital?",
           "Let us talk about {c}. What is the capital there?")
REVERSE = ("Which country has {k} as [its|the] capital?", "{k} is the capital of which country?",
           "What country is {k} the capital of?", "{k} is the capital of what?",
           "Of which country is {k} the capital?", "Which country's capital is {k}?",
           "Name the country whose capital is {k}.")
AND = ("And {c}?", "What about {c}?", "And of {c}?", "How about {c}?", "And for {c}?", "Now {c}.",
       "And the capital of {c}?", "{c}?", "Same for {c}.", "And what about {c}?")
COLOUR = ("What colour is {t}?", "What color is {t}?", "Which colo[|u]r [is|has|does] {t}[| have]?",
          "Tell me the colo[|u]r of {t}.", "What is the colo[|u]r of {t}?",
          "[Name|Give me|Say] the colo[|u]r of {t}.", "[Do you know|Can you tell me] what colo[|u]r {t} is?",
          "What colo[|u]r does {t} have?", "Colo[|u]r of {t}?",
          "{t} has which colo[|u]r?", "If I paint {t}, which colo[|u]r do I need?", "{t} is what colo[|u]r?",
          "I want to draw {t}. Which colo[|u]r is it?",
          "Is {t} red or what colo[|u]r is it?", "Tell me what colo[|u]r {t} is.")
SUM = ("What is {a} + {b}?", "[What is|What's|Calculate|Compute|Add up] {a} plus {b}?", "{a} + {b} = ?", "{a} + {b}",
       "{a}+{b}", "{a}+{b}=", "{a} + {b} =", "How much is {a} + {b}?", "How much is {a} plus {b}?",
       "Add {a} and {b}.", "[What is|Give me|Tell me] the sum of {a} and {b}?", "[Calculate|Compute] {a} + {b}.",
       "What do you get when you add {a} and {b}?",
       "What is {a} and {b} together?", "If I have {a} {n} and get {b} more, how many do I have?",
       "I have {a} {n} and buy {b} more. How many {n} do I have?", "Solve {a} + {b}.", "What does {a} + {b} make?",
       "Can you add {a} to {b}?",
       "Please add {a} and {b}.", "What is {a} added to {b}?")
MINUS = ("What is {a} - {b}?", "[What is|What's|Calculate|Compute] {a} minus {b}?", "{a} - {b} = ?", "{a} - {b}",
         "{a}-{b}", "{a}-{b}=", "How much is {a} - {b}?", "How much is {a} minus {b}?", "Subtract {b} from {a}.",
         "Take {b} away from {a}.", "[What is|Tell me] the difference of {a} and {b}?", "[Calculate|Compute] {a} - {b}.",
         "I have {a} {n} and lose {b}. How many are left?",
         "I have {a} {n} and give away {b}. How many {n} do I have?", "Solve {a} - {b}.",
         "What is left of {a} if you take away {b}?", "What is {a} less {b}?",
         "What is the difference between {a} and {b}?")
TIMES = ("What is {a} * {b}?", "What is {a} x {b}?", "[What is|What's|Calculate|Compute] {a} times {b}?", "{a} * {b} = ?",
         "{a} * {b}", "{a}*{b}", "{a} x {b}", "How much is {a} times {b}?", "Multiply {a} by {b}.",
         "Multiply {a} and {b}.", "[What is|Tell me] the product of {a} and {b}?", "[Calculate|Compute] {a} * {b}.",
         "What is {a} multiplied by {b}?", "Solve {a} * {b}.",
         "I have {a} bags with {b} {n} each. How many {n} are there?",
         "How much is {a} * {b}?")
COUNTED = ("apples", "pears", "coins", "books", "eggs", "balls", "stones", "pens", "cards", "birds")


def reserved(a, op, b):
    """One pair in twelve is kept out of the corpus, so the held-out sums are sums and not memories."""
    return zlib.crc32(f"{a}{op}{b}".encode()) % 12 == 0


def capital_of(name):
    return f"The capital of {country(name)} is {CAPITALS[name]}."


def capital(rng, me):
    name = rng.choice(list(CAPITALS))
    if rng.random() < 0.12:
        text = pick(rng, rng.choice(REVERSE), k=CAPITALS[name])
        return [user(said(rng, text)), answer(f"{CAPITALS[name]} is the capital of {country(name)}.",
                                              f"{CAPITALS[name]}: {name}.")]
    if rng.random() < 0.05:
        name = invented(rng, 4, 10).capitalize()
        text = pick(rng, rng.choice(CAPITAL), c=name)
        return [user(said(rng, text, keep_case=True, tail=False)), answer(f"I do not know the capital of {name}.",
            f"I do not know {name}.")]
    turns = [user(said(rng, pick(rng, rng.choice(CAPITAL), c=country(name)))),
             answer(capital_of(name), f"{name}: {CAPITALS[name]}.")]
    while rng.random() < 0.3:
        name = rng.choice(list(CAPITALS))
        turns += [user(said(rng, pick(rng, rng.choice(AND), c=country(name)), tail=False)),
                  answer(capital_of(name), f"{name}: {CAPITALS[name]}.")]
    return turns


def colour_of(thing):
    name = article(thing)
    return f"{name[0].upper()}{name[1:]} is {COLOURS[thing]}."


def colour(rng, me):
    thing = rng.choice(list(COLOURS))
    def naming():
        return article(thing) if rng.random() < 0.8 or thing in MASS | UNIQUE else rng.choice(["the ", "my ", ""]) + thing
    turns = [user(said(rng, pick(rng, rng.choice(COLOUR), t=naming()))),
             answer(colour_of(thing), f"{thing}: {COLOURS[thing]}.")]
    while rng.random() < 0.3:
        thing = rng.choice(list(COLOURS))
        text = pick(rng, rng.choice(["And {t}?", "What about {t}?", "How about {t}?", "And the colour of {t}?", "{t}?",
                                     "And what about {t}?", "Now {t}."]), t=naming())
        turns += [user(said(rng, text, tail=False)), answer(colour_of(thing), f"{thing}: {COLOURS[thing]}.")]
    return turns


def worked(a, op, b):
    """The thought that leads to the result, in steps a small model can take."""
    if op == "+" and a > 9 and b > 9:
        ones, tens = a % 10 + b % 10, a // 10 * 10 + b // 10 * 10
        return f"{a} + {b}: {a % 10} + {b % 10} = {ones}, {a // 10 * 10} + {b // 10 * 10} = {tens}, {tens} + {ones} = {a + b}."
    if op == "-" and a > 9 and b > 9:
        left = a - b // 10 * 10
        return f"{a} - {b}: {a} - {b // 10 * 10} = {left}, {left} - {b % 10} = {a - b}."
    return f"{a} {op} {b} = {value(a, op, b)}."


def value(a, op, b):
    return a + b if op == "+" else a - b if op == "-" else a * b


def problem(rng):
    while True:
        op = rng.choice("++--*")
        if op == "*":
            a, b = rng.choice([(rng.randint(0, 10), rng.randint(0, 10)), (rng.randint(2, 12), rng.randint(2, 12))])
        else:
            a, b = (rng.choice([rng.randint(0, 9), rng.randint(0, 20), rng.randint(0, 99), rng.randint(10, 99)])
                    for _ in "ab")
        if op == "-" and a < b:
            a, b = b, a
        if op == "*" or not reserved(a, op, b):
            return a, op, b


def ask(rng, a, op, b):
    return pick(rng, rng.choice({"+": SUM, "-": MINUS, "*": TIMES}[op]), a=a, b=b, n=rng.choice(COUNTED))


def arithmetic(rng, me):
    a, op, b = problem(rng)
    turns = [user(said(rng, ask(rng, a, op, b), tail=rng.random() < 0.5)),
             answer(f"{a} {op} {b} = {value(a, op, b)}.", worked(a, op, b))]
    more = rng.randint(5, 11) if rng.random() < 0.3 else 0       # long runs: more sums for the same number of tokens
    while more > 0 or rng.random() < 0.3:
        more -= 1
        if rng.random() < 0.7:
            a, op, b = problem(rng)
            text = rng.choice(["And ", "And ", "Now ", "What about ",
                               ""]) + f"{a} {rng.choice([op, {'+': 'plus', '-': 'minus', '*': 'times'}[op]])} {b}" + rng.choice("??.")
        else:
            c = rng.randint(0, 9)
            start = value(a, op, b)
            if start + c > 99 or reserved(start, "+", c):
                continue
            a, op, b = start, "+", c
            text = rng.choice([f"And plus {c}?", f"Add {c} to that.", f"Now add {c}.", f"And {c} more?", f"Plus {c}?"])
        turns += [user(said(rng, text, tail=False)), answer(f"{a} {op} {b} = {value(a, op, b)}.", worked(a, op, b))]
    return turns
