"""Made-up tools: any verb, any object, any parameters. Nothing in them repeats, so choosing a tool is learnt as finding the words of
the request in its description, and filling it in as copying what stands in the right place of the request."""

from topics.tool_families import code, mail, number, one_of, path
from topics.tool_schema import styled
from words import ADJECTIVES, NOUNS, VERBS, city, invented, noun, person

UNITS = "minutes hours seconds days weeks percent points pages people cups steps meters copies guests seats liters rounds bars miles euros items".split()
ASPECTS = "size price weight color state owner age height value speed length width score rank status level code address date title summary history limit version".split()
FROM, TO = ["from", "source", "start", "origin", "old", "first", "src", "from_"], ["to", "target", "end", "destination",
    "new", "second", "dst", "to_"]


def action(rng):
    return rng.choice(VERBS) if rng.random() < 0.6 else invented(rng, 3, 8)


def several(rng):
    return " ".join(noun(rng, 0.5) for _ in range(rng.randint(2, 4)))


def string_maker(rng):
    """One kind of value for one parameter."""
    return rng.choice([lambda r: noun(r, 0.6), lambda r: noun(r, 0.6), person, person, city, code, code, several,
                       lambda r: invented(r, 2, 10), path, mail,
                       lambda r: str(r.randint(10, 10 ** r.randint(2, 8))),
                       lambda r: noun(r) + r.choice("-_.") + r.choice([str(r.randint(0, 99)), invented(r, 1, 5), "new",
                           "old"])])


def key_for(rng, word):
    """How a parameter for this thing may be called, and what its description says."""
    about = rng.choice([f"The {word}", f"Name of the {word}", f"{word.capitalize()}", f"Which {word}",
                        f"The {word} to use", f"A {word}"])
    roll = rng.random()
    if roll < 0.6:
        return word, about if rng.random() < 0.7 else ""
    if roll < 0.75:
        return styled(rng, [word, rng.choice(["name", "id", "no", "key", "ref",
                                              invented(rng, 2, 5)])]), about if rng.random() < 0.7 else ""
    if roll < 0.9:
        return rng.choice(["name", "id", "target", "key", "what", "which", "item", "value", "object"]), about
    return styled(rng, [invented(rng, 1, 8) for _ in range(rng.choice([1, 1, 2]))]), about


def parameter(key, kind, about, maker, required=True, choices=None):
    return (key, [key], kind, [about], maker, required, choices)


def extra(rng, params):
    """A second value and the words that lead to it; nothing in two of five cases."""
    roll, taken = rng.random(), [p[0] for p in params]
    if roll < 0.4:
        return ""
    if roll < 0.65:
        key = unit = rng.choice(UNITS)
        if rng.random() < 0.3:
            key = rng.choice(["duration", "amount", "value", "count", "n", "number", invented(rng, 2, 7)])
        about, kind, maker, words = rng.choice([f"Number of {unit}", unit.capitalize(), f"How many {unit}",
                                                f"{unit.capitalize()} to use"]), "integer", number(0,
                                                    rng.choice([9, 99, 999])), rng.choice([" for {%s} " + unit,
                                                        ", {%s} " + unit, " with {%s} " + unit, " to {%s} " + unit,
                                                        " by {%s} " + unit, " at {%s} " + unit])
    elif roll < 0.8:
        key, about = rng.choice(TO[:5] + ["level", "value", "mode"]), rng.choice(["New value", "The new one", "Target",
            "To", "What to set"])
        kind = rng.choice(["string", "string", "integer"])
        maker, words = (number(0, 99) if kind == "integer" else string_maker(rng)), " to {%s}"
    else:
        key, about = key_for(rng, rng.choice(NOUNS + ADJECTIVES + ASPECTS) if rng.random() < 0.6 else invented(rng, 2, 8))
        kind = rng.choice(["string", "string", "integer", "boolean"])
        maker = {"string": string_maker(rng), "integer": number(0, rng.choice([9, 99, 999])),
                 "boolean": one_of(True, False)}[kind]
        words = rng.choice([" with {k} {%s}", ", {k} {%s}", " and {k} {%s}", " and set {k} to {%s}", ": {k} {%s}",
                            " using {k} {%s}"]).replace("{k}", key)
    if key in taken:
        return ""
    params.append(parameter(key, kind, about, maker, rng.random() < 0.8))
    return words % key


def on_one(rng):
    """Do something to one named thing: "Lock the cellar door", "Lock door B7 for 5 minutes"."""
    verb, thing = action(rng), noun(rng, 0.4)
    key, about = key_for(rng, thing)
    params = [parameter(key, "string", about, string_maker(rng))]
    tail, v = extra(rng, params), "{" + key + "}"
    bodies = [f"the {thing} {v}", f"{thing} {v}", f"the {v} {thing}", f"the {thing} called {v}", f"the {thing} named {v}",
              f"my {thing} {v}", f"the {thing} at {v}", f"{v}", f"a {thing} for {v}", f"the {thing} of {v}",
              f"the {thing} in {v}"]
    asks = [f"[{verb.capitalize()}|Please {verb}|[Can|Could] you {verb}|I want to {verb}|I want you to {verb}|Go and {verb}|You should {verb}|Would you please {verb}] {b}{tail}[.|.|]"
            for b in bodies]
    asks += [f"{v} is the {thing} that I want to {verb}{tail}.",
             f"The {thing} {v} [needs to be|should be|must be] {verb}ed{tail}.",
             f"{verb.capitalize()}, please: {thing} {v}{tail}", f"{verb.capitalize()} {v}, that is my {thing}{tail}."]
    return dict(parts=[f"{verb} {thing}", f"{thing} {verb}", verb], about=[f"{verb.capitalize()} a {thing}",
        f"{verb.capitalize()} the {thing}", f"{verb.capitalize()}s one {thing}", f"Used to {verb} a {thing}"],
        params=params, asks=asks)


def query(rng):
    """Ask for something of a named thing: "What is the price of ticket A12?", "How many pages are in folder x?"."""
    thing, aspect = noun(rng, 0.4), rng.choice(ASPECTS + NOUNS) if rng.random() < 0.7 else invented(rng, 3, 8)
    key, about = key_for(rng, thing)
    params = [parameter(key, "string", about, string_maker(rng))]
    v = "{" + key + "}"
    if rng.random() < 0.65:
        asks = [f"What is the {aspect} of {thing} {v}?", f"What is the {aspect} of the {thing} {v}?",
                f"What is the {aspect} of {v}?", f"Which {aspect} does {v} have?", f"Which {aspect} has the {thing} {v}?",
                f"[Get|Get me|Give me|Show me|Tell me|Find] the {aspect} of [the |my ||]{thing} {v}.",
                f"[Get|Show|Tell me] the {aspect} of {v}.", f"I need the {aspect} of {v}.", f"{v}: what is its {aspect}?",
                f"[Do you know|Can you find] the {aspect} of {v}?", f"{aspect.capitalize()} of {v}, please.",
                f"{thing.capitalize()} {v}: {aspect}?", f"What {aspect} has {v}?"]
        about_tool, parts = [f"Get the {aspect} of a {thing}", f"Returns the {aspect} of a {thing}",
                             f"{aspect.capitalize()} of a {thing}",
                             f"Find the {aspect} of the {thing}"], [f"get {aspect}", f"{thing} {aspect}", f"{aspect}",
                                 f"find {aspect}"]
    else:
        many = aspect + "s"
        asks = [f"How many {many} are in [the |]{thing} {v}?", f"How many {many} are there in {v}?",
                f"How many {many} has {v}?",
                f"[List|Show|Count|Show me|Find] [the |all |all the |]{many} in {thing} {v}.",
                f"[List|Show|Count] the {many} of {v}.", f"Which {many} are in {thing} {v}?",
                f"Which {many} does {v} have?",
                f"I want [to see|a list of] the {many} of {v}.", f"Are there {many} in {thing} {v}?",
                f"What {many} are in {v}?"]
        about_tool, parts = [f"[List|Count] the {many} of a {thing}".replace("[List|Count]",
            rng.choice(["List", "Count", "Show"])), f"The {many} in a {thing}",
            f"Gets all {many} of a {thing}"], [f"list {many}", f"{aspect} list", f"count {many}", f"{thing} {many}"]
    return dict(parts=parts, about=about_tool, params=params, asks=asks)


def between(rng):
    """Two values in roles: "Rename the folder a to b", "Which boats go from x to y?"."""
    verb, thing = action(rng), noun(rng, 0.4)
    i = rng.randrange(len(FROM))
    a, b = FROM[i], TO[i] if rng.random() < 0.8 else rng.choice(TO)
    maker = string_maker(rng)
    texts = rng.choice([(f"From", "To"), (f"Old {thing}", f"New {thing}"), ("Where it starts", "Where it ends"),
                        ("Source", "Target"), ("The first one", "The second one"), ("", "")])
    params = [parameter(a, "string", texts[0], maker), parameter(b, "string", texts[1], maker)]
    x, y = "{" + a + "}", "{" + b + "}"
    asks = [f"[{verb.capitalize()}|Please {verb}|Can you {verb}|I want to {verb}] {w}."
            for w in (f"the {thing} {x} to {y}", f"{thing} {x} to {y}", f"{x} to {y}", f"{x} into {y}",
                      f"the {thing} from {x} to {y}", f"the {thing}s from {x} to {y}", f"a {thing} from {x} to {y}",
                      f"{thing}s between {x} and {y}", f"my {thing} from {x} to {y}")]
    asks += [f"Which {thing}s go from {x} to {y}?", f"The {thing} {x} [must|should|has to] be {y}, {verb} it.",
             f"Is there a {thing} from {x} to {y}?", f"[Show|Show me|Find|List] the {thing}s from {x} to {y}.",
             f"I need a {thing} from {x} to {y}.", f"From {x} to {y}, {verb} the {thing}.",
             f"The {thing} {x} should become {y}."]
    return dict(parts=[f"{verb} {thing}", verb, f"{thing} {verb}", f"find {thing}"],
                about=[f"{verb.capitalize()} a {thing}", f"{verb.capitalize()} {thing}s",
                       f"{verb.capitalize()} the {thing} from one to another",
                       f"{thing.capitalize()}s between two places"], params=params, asks=asks)


def sending(rng):
    """Somebody gets some text: "Send a parcel to Ida: blue paper"."""
    verb, thing = rng.choice(["send", "write", "give", "bring", "pass", "post", invented(rng, 3, 7)]), noun(rng, 0.5)
    to = rng.choice(["to", "recipient", "who", "number", "person", "address", "user", "receiver", "target"])
    text = rng.choice(["text", "message", "body", "content", "note", "words", "comment", "line"])
    maker = rng.choice([person, person, mail, code, lambda r: str(r.randint(100, 10 ** r.randint(3, 8)))])
    params = [parameter(to, "string", rng.choice([f"Who gets the {thing}", "Recipient", "The receiver", "To"]), maker),
              parameter(text, "string", rng.choice([f"Text of the {thing}", "The text", "What it says", "Content"]),
                        several)]
    x, y = "{" + to + "}", "{" + text + "}"
    asks = [f"[{verb.capitalize()}|Please {verb}|Can you {verb}] a {thing} to {x}[ with the {text}| that says| saying|:| with {text}|, {text}:] {y}",
            f"{thing.capitalize()} to {x}: {y}", f"{thing.capitalize()} {x}: {y}",
            f"{verb.capitalize()} {x} a {thing}: {y}", f"{verb.capitalize()} {x} the {thing} {y}.",
            f"Please {verb} a {thing}, {to} {x}, {text} {y}.",
            f"{verb.capitalize()} a {thing} with {to} {x} and {text} {y}.", f"{verb.capitalize()} the {text} {y} to {x}."]
    return dict(parts=[f"{verb} {thing}", thing, f"{thing} {verb}er"],
                about=[f"{verb.capitalize()} a {thing}", f"{verb.capitalize()} a {thing} to someone",
                       f"{verb.capitalize()}s {thing}s"], params=params, asks=asks)


def bare(rng):
    """No parameters: "Open the window", "What is the score?"."""
    verb, thing = action(rng), noun(rng, 0.4)
    if rng.random() < 0.5:
        return dict(parts=[f"{verb} {thing}", f"{thing} {verb}", verb],
                    about=[f"{verb.capitalize()} the {thing}", f"{verb.capitalize()} a {thing}",
                           f"{verb.capitalize()}s the {thing}"], params=[],
                    asks=[f"[{verb.capitalize()}|Please {verb}|Can you {verb}|Could you please {verb}|I want to {verb}] [the|a|my|this] {thing}[| now| for me| again].",
                          f"The {thing}, {verb} it.", f"{verb.capitalize()} it, the {thing}."])
    aspect = rng.choice(ASPECTS) if rng.random() < 0.6 else invented(rng, 3, 8)
    return dict(parts=[f"get {aspect}", f"{thing} {aspect}", aspect],
                about=[f"Get the {aspect} of the {thing}", f"Returns the {aspect} of the {thing}",
                       f"{aspect.capitalize()} of the {thing}"], params=[],
                asks=[f"What is the {aspect}[ of the {thing}|]?",
                      f"[Get|Get me|Show|Show me|Tell me|Give me|I need] the {thing} {aspect}.",
                      f"[Get|Show me|Tell me] the {aspect}[ of the {thing}|].", f"How is the {aspect} of the {thing}?",
                      f"{aspect.capitalize()} of the {thing}?"])


def listed(rng):
    """Parameters that the request mentions by name; in half of the cases the request also names the tool."""
    verb = action(rng)
    thing = noun(rng, 0.5)
    params, mentions = [], []
    for i in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
        key = invented(rng, 1, 8) if rng.random() < 0.6 else rng.choice(NOUNS + ADJECTIVES + ["size", "level", "mode",
            "name", "speed", "id", "key", "count", "color", "type", "user", "date", "unit", "port"])
        if any(key == p[0] for p in params):
            continue
        kind = rng.choice(["string"] * 5 + ["integer"] * 4 + ["boolean", "enum"])
        if kind == "enum":
            options = [invented(rng, 2, 7) if rng.random() < 0.5 else rng.choice(ADJECTIVES + NOUNS)
                       for _ in range(rng.randint(2, 3))]
            maker, choices = one_of(*options), options
        else:
            maker = {"string": string_maker(rng), "integer": rng.choice([number(0, 9), number(0, 99), number(0, 9999)]),
                     "boolean": one_of(True, False)}[kind]
            choices = None
        params.append((key, [key], "string" if kind == "enum" else kind, ["The " + key, key.capitalize(), "", key], maker,
                       i == 0 or rng.random() < 0.6, choices))
        mentions.append(rng.choice(["{k} {%s}", "{k} {%s}", "{k} = {%s}", "{k}={%s}", "{k}: {%s}", "the {k} {%s}",
                                    "{k} set to {%s}"]).replace("{k}", key) % key)
    joined = ", ".join(mentions[:-1]) + rng.choice([" and ",
        ", "]) + mentions[-1] if len(mentions) > 1 else "".join(mentions)
    link = rng.choice([" with ", " with ", ", ", " using ", ": ", " and use ", " for "]) if mentions else ""
    forms = [f"{verb.capitalize()} the {thing}{link}{joined}.", f"Please {verb} the {thing}{link}{joined}.",
             f"[Can|Could] you {verb} {rng.choice(['the', 'my', 'a', 'this'])} {thing}{link}{joined}?",
             f"I want to {verb} the {thing}{link}{joined}."]
    called = [f"[Use|Call|Run|Invoke|Try] [the tool |the function ||]{{tool}}{link}{joined}.",
              f"[Use|Call|Run] {{tool}}{link}{joined}", f"Please [call|use|run] {{tool}}{link}{joined}."]
    if len(params) == 1 and params[0][2] == "string" and not params[0][6] and rng.random() < 0.5:
        k = params[0][0]
        forms = [f"{verb.capitalize()} the {thing} {{{k}}}.", f"Please {verb} the {thing} {{{k}}}.",
                 f"{verb.capitalize()} {{{k}}}.", f"Please {verb} {{{k}}}.",
                 f"{verb.capitalize()} the {thing} called {{{k}}}."]
        called += [f"[Use|Call|Run] {{tool}} with {{{k}}}.", f"[Use|Call|Run] {{tool}} on {{{k}}}."]
    about = [f"{verb.capitalize()} a {thing}", f"{verb.capitalize()} the {thing}", f"{verb.capitalize()}s a {thing}",
             f"{verb.capitalize()} {thing}s", f"{verb.capitalize()} something", ""]
    if rng.random() < 0.45:
        return dict(parts=[f"{verb} {thing}", verb, thing], about=about, params=params, asks=called, direct=True)
    return dict(parts=[f"{verb} {thing}", f"{verb} {thing}", verb], about=about[:4], params=params, asks=forms)


def invention(rng):
    return rng.choice([listed] * 8 + [on_one] * 6 + [query] * 4 + [between] * 3 + [sending] * 2 + [bare] * 2)(rng)
