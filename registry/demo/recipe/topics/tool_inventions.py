"""Made-up tools: any verb, any object, any parameters. Nothing in them repeats, so choosing a tool is learnt as finding the words of
the request in its description, and filling it in as copying what stands in the right place of the request.

A made-up family has what the others have and more: "words" are the things it is about, "verbs" what it does with them, "loose" requests
that leave the thing out and are clear only when no other tool does the same. "!" marks an order, as in tool_everyday.py.
"""

from topics.tool_families import SPOKEN, code, day, host, label, mail, number, one_of, path, sentence, slug, spot
from topics.tool_schema import styled
from words import ADJECTIVES, NOUNS, VERBS, city, invented, noun, person

UNITS = ("minutes hours seconds days weeks percent points pages people cups steps meters copies guests seats liters rounds bars miles "
         "euros items grams boxes degrees kilos times").split()
ASPECTS = ("size price weight color state owner age height value speed length width score rank status level code address date title "
           "summary history limit version name number depth cost origin author type").split()
LEVELS = ("volume brightness speed pressure temperature tempo depth tilt angle power width height level limit budget pace contrast balance "
          "zoom strength target rate delay gain tension flow heat dose").split()
KEYS = "size level mode name speed id key count color type user date unit port title priority label text tag note".split()
FROM, TO = ["from", "source", "start", "origin", "old", "first", "src", "from_"], ["to", "target", "end", "destination",
    "new", "second", "dst", "to_"]
SAME = {
    "open": "open up|unseal", "close": "shut", "start": "launch|switch on|turn on|fire up|begin", "stop": "halt|end|switch off|shut down",
    "check": "inspect|examine|look over", "clean": "scrub|tidy", "move": "shift|carry away", "find": "locate|look for", "send": "dispatch",
    "read": "go through", "paint": "coat|give some paint to", "sort": "arrange|put in order", "fold": "bend", "wash": "rinse",
    "pack": "box up", "measure": "gauge", "weigh": "put on the scales", "lock": "secure|bolt", "unlock": "unbolt",
    "show": "display|bring up",
    "hide": "conceal|cover up", "build": "construct|put together|assemble", "repair": "fix|mend", "copy": "duplicate|clone",
    "delete": "remove|erase|get rid of|wipe", "create": "make|set up", "update": "refresh|bring up to date", "cancel": "call off",
    "book": "reserve", "print": "put on paper", "save": "store|keep", "test": "try out", "reset": "set back", "merge": "join|combine",
    "split": "divide|cut up", "rotate": "turn|spin", "heat": "warm up", "cool": "chill", "fill": "top up|fill up",
    "empty": "clear out|drain", "lift": "raise|pick up", "drop": "let fall", "push": "shove", "pull": "drag|tug", "wrap": "pack in paper",
    "mix": "blend|stir", "tune": "adjust", "charge": "power up", "fetch": "get|bring", "buy": "purchase|get", "sell": "put on sale",
    "add": "put in", "throw": "toss", "water": "give water to", "cut": "trim|chop", "cook": "prepare", "approve": "accept|say yes to",
    "reject": "turn down|say no to", "enable": "activate|turn on", "disable": "deactivate|turn off", "publish": "put online",
    "borrow": "take home", "forward": "pass on", "postpone": "put off", "pause": "hold", "reduce": "cut down|lower",
}
IRREGULAR = dict(pair.split(":") for pair in (
    "find:found send:sent read:read write:written hide:hidden build:built reset:reset split:split cut:cut put:put set:set get:got sell:sold "
    "buy:bought bring:brought give:given take:taken make:made throw:thrown draw:drawn drive:driven feed:fed hold:held keep:kept lend:lent "
    "light:lit pay:paid rent:rented ring:rung sew:sewn shut:shut sing:sung spin:spun steal:stolen sweep:swept teach:taught tell:told "
    "wear:worn wind:wound choose:chosen break:broken catch:caught freeze:frozen grow:grown hang:hung leave:left lose:lost meet:met "
    "ride:ridden shake:shaken show:shown speak:spoken spend:spent tear:torn think:thought understand:understood wake:woken win:won "
    "know:known see:seen sow:sown weave:woven forget:forgotten forgive:forgiven eat:eaten drink:drunk bend:bent bind:bound dig:dug "
    "do:done blow:blown stick:stuck string:strung spread:spread shed:shed hit:hit hurt:hurt let:let cast:cast upset:upset rebuild:rebuilt "
    "rewrite:rewritten undo:undone overtake:overtaken seek:sought say:said run:run bite:bitten beat:beaten bid:bid grind:ground swing:swung "
    "knit:knitted lead:led fight:fought fly:flown shoot:shot sink:sunk slice:sliced bleed:bled lay:laid mow:mown swim:swum").split())
DOUBLED = set("stop ship map wrap plan chop drop scan plug trim grab swap skip pin tag mop rip rub zip clip tap log dim drag hug knit grip flip "
              "whip slip pat net wag run cut put set get shut hit let bid dig spin win swim reset split upset stir tip nod pot blot jog "
              "sip ban crop stab strap trap unplug unwrap transfer refer prefer begin forget spot sum step pet fit".split())


def stem(verb):
    return verb + verb[-1] if verb in DOUBLED else verb


def ing(verb):
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return stem(verb) + "ing"


def done(verb):
    """The participle: "locked", "sent"."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else stem(verb) + "ed"


def many(word):
    """The third person of a verb and the plural of a noun."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def an(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def action(rng):
    return rng.choice(VERBS) if rng.random() < 0.65 else invented(rng, 3, 8)


def an_object(rng):
    return noun(rng, 0.35)


def wordings(verb):
    """A verb and what people say for it."""
    return "[" + "|".join([verb] * 3 + ([SAME[verb]] if verb in SAME else [])) + "]"


def meant(verb):
    return {verb, *SAME.get(verb, verb).split("|")}


def several(rng):
    return " ".join(noun(rng, 0.35) for _ in range(rng.randint(2, 4)))


def string_maker(rng):
    """One kind of value for one parameter; six in ten are made of real words."""
    return rng.choice([label] * 8 + [spot] * 3 + [lambda r: r.choice(NOUNS)] * 8 + [lambda r: r.choice(NOUNS + ADJECTIVES)] * 2 + [
        lambda r: invented(r, 2, 10), lambda r: noun(r, 0.6), person, city, code, code, several, path, mail, slug, host,
        lambda r: str(r.randint(10, 10 ** r.randint(2, 8))),
        lambda r: noun(r, 0.3) + r.choice("-_.") + r.choice([str(r.randint(0, 99)), invented(r, 1, 5), "new", "old"])])


def key_for(rng, word):
    """How a parameter for this thing may be called, and what its description says."""
    about = rng.choice([f"The {word}", f"Name of the {word}", f"{word.capitalize()}", f"Which {word}",
                        f"The {word} to use", an(word).capitalize()])
    roll = rng.random()
    if roll < 0.65:
        return word, about if rng.random() < 0.7 else ""
    if roll < 0.77:
        return styled(rng, [word, rng.choice(["name", "id", "no", "key", "ref",
                                              invented(rng, 2, 5)])]), about if rng.random() < 0.7 else ""
    if roll < 0.92:
        return rng.choice(["name", "id", "target", "key", "what", "which", "item", "value", "object"]), about
    return styled(rng, [invented(rng, 1, 8) for _ in range(rng.choice([1, 1, 2]))]), about


def parameter(key, kind, about, maker, required=True, choices=None):
    return (key, [key], kind, [about], maker, required, choices)


def bracket(options):
    return "[" + "|".join(options) + "]"


def extra(rng, params):
    """One more value, and the words that lead to it after the request and before it."""
    roll, taken, before = rng.random(), [p[0] for p in params], []
    if roll < 0.5:
        key = unit = rng.choice(UNITS)
        if rng.random() < 0.3:
            key = rng.choice(["duration", "amount", "value", "count", "n", "number", invented(rng, 2, 7)])
        about = rng.choice([f"Number of {unit}", unit.capitalize(), f"How many {unit}", f"{unit.capitalize()} to use"])
        kind, maker, v = "integer", number(0, rng.choice([9, 99, 999])), "{" + key + "}"
        after = [f"{w} {v} {unit}" for w in (" for", ",", ",", " with", " at", ":", " -", " and")] + [
            f" ({v} {unit})", f", {unit} {v}", f", {unit}: {v}"]
        before = [f"for {v} {unit}", f"with {v} {unit}", f"{v} {unit}"]
    elif roll < 0.6:
        key, about = rng.choice(TO[:5] + ["level", "value", "mode"]), rng.choice(["New value", "The new one", "Target",
            "To", "What to set"])
        kind = rng.choice(["string", "string", "integer"])
        maker, after = (number(0, 99) if kind == "integer" else string_maker(rng)), [" to {%s}" % key]
    else:
        key, about = key_for(rng, rng.choice(NOUNS + ADJECTIVES + (ASPECTS + KEYS) * 8) if rng.random() < 0.7 else invented(rng, 2, 8))
        kind = rng.choice(["string", "string", "string", "integer", "integer", "boolean"])
        maker = {"string": string_maker(rng), "integer": number(0, rng.choice([9, 99, 999])),
                 "boolean": one_of(True, False)}[kind]
        v = "{" + key + "}"
        after = [f" with {key} {v}", f", {key} {v}", f", {key} {v}", f" and {key} {v}", f" and set {key} to {v}", f", {key}: {v}",
                 f", {key}={v}", f" using {key} {v}", f" ({key} {v})", f", {key} = {v}", f" with {v} as {key}", f", the {key} is {v}"]
        before = [f"with {key} {v}", f"{key} {v}", f"{key}: {v}"]
    if key in taken:
        return "", ""
    required = rng.random() < 0.7
    params.append(parameter(key, kind, about, maker, required))
    return bracket(after + ([] if required else [""] * (len(after) // 2))), bracket(before) if before and required else ""


def extras(rng, params):
    """None, one or two more values: what follows the request, and what precedes it instead."""
    count = rng.choices([0, 1, 2], [45, 43, 12])[0]
    after, before = extra(rng, params) if count else ("", "")
    if count == 2:
        more, _ = extra(rng, params)
        return after + more, ""
    return after, before


def on_one(rng, verb=None, thing=None):
    """Do something to one named thing: "Lock the cellar door", "Lock door B7 for 5 minutes", "Start heating room walnut, 6 minutes"."""
    verb, thing = verb or action(rng), thing or an_object(rng)
    key, about = key_for(rng, thing)
    params = [parameter(key, "string", about, string_maker(rng))]
    tail, before = extras(rng, params)
    v, do, doing, past = "{" + key + "}", wordings(verb), ing(verb), done(verb)
    bodies = [f"{do} the {v} {thing}"] * 4 + [f"{do} {thing} {v}"] * 4 + [
        f"{do} the {thing} {v}", f"{do} the {thing} {v}", f"{do} {v} {thing}", f"{do} my {v} {thing}", f"{do} my {thing} {v}",
        f"{do} {thing}: {v}", f"{do} the {thing} called {v}", f"{do} the {thing} named {v}", f"{do} the {thing} with the name {v}",
        f"{do} that {v} {thing}", f"{do} it, {thing} {v}", f"{do} {thing} = {v}", f"{do} {thing} \"{v}\"", f"{do} the \"{v}\" {thing}",
        f"start {doing} {thing} {v}", f"start {doing} the {v} {thing}", f"start {doing} the {thing} {v}", f"begin {doing} {thing} {v}",
        f"begin {doing} the {v} {thing}", f"start to {verb} the {v} {thing}", f"get {thing} {v} {past}", f"have the {v} {thing} {past}",
        f"get the {v} {thing} {past}", f"take {thing} {v} and {verb} it", f"do the {doing} of {thing} {v}",
        f"go to {thing} {v} and {verb} it",
        f"see that {thing} {v} is {past}", f"{do} just the {v} {thing}", f"{do} only {thing} {v}", f"{do} one {thing}: {v}"]
    if key not in (thing, "what", "which") and key.isalpha() and rng.random() < 0.7:
        bodies += [f"{do} the {thing} with {key} {v}", f"{do} the {thing}, {key} {v}", f"{do} {thing}, {key}: {v}",
                   f"{do} {thing} {key} {v}"]
    asks = [f"!{b}{tail}" for b in bodies] + [
        f"{thing} {v}: {verb}{tail}", f"{thing} {v}: {verb}{tail}", f"{thing} {v}, {verb} it{tail}", f"{v} {thing}: {verb}{tail}",
        f"the {v} {thing} [needs to be|must be|should be|has to be|ought to be] {past}{tail}",
        f"{thing} {v} [needs to be|must be|should be|has to be|ought to be] {past}{tail}",
        f"it is {thing} {v} that [should|has to|must] be {past}{tail}", f"I need {thing} {v} {past}{tail}",
        f"I want the {v} {thing} {past}{tail}", f"we should {verb} the {v} {thing}{tail}",
        f"I [have|need|would like] to {verb} {thing} {v}{tail}",
        f"{v} is the {thing} to {verb}{tail}", f"{v} is the {thing} that I want to {verb}{tail}", f"{doing} of {thing} {v}{tail}",
        f"which {thing}? {v}. {verb.capitalize()} it{tail}", f"for {thing} {v}: {verb}{tail}", f"{verb}: {thing} {v}{tail}",
        f"nobody has {past} the {v} {thing}, do it{tail}", f"{verb}, please: {thing} {v}{tail}", f"can {thing} {v} be {past}{tail}?",
        f"time to {verb} the {v} {thing}{tail}", f"the {thing} is {v}, {verb} it{tail}", f"{verb} {v}, that is my {thing}{tail}"]
    if before:
        asks += [f"{before}, {verb} the {v} {thing}", f"{before}: {verb} {thing} {v}", f"{before}, {thing} {v}: {verb}",
                 f"{before}, please {verb} {thing} {v}"] * 2
    return dict(parts=[f"{verb} {thing}", f"{verb} {thing}", f"{thing} {verb}", f"{verb} one {thing}", verb],
                about=[f"{verb.capitalize()} {an(thing)}", f"{verb.capitalize()} the {thing}", f"{many(verb).capitalize()} one {thing}",
                       f"Used to {verb} {an(thing)}", f"{many(verb).capitalize()} {an(thing)}", f"{many(verb).capitalize()} the {thing}",
                       f"{ing(verb).capitalize()} of {many(thing)}", f"Lets the user {verb} {an(thing)}", f"For {ing(verb)} {an(thing)}",
                       f"{verb.capitalize()} {an(thing)} by name", f"Starts {ing(verb)} {an(thing)}", f"{verb.capitalize()} {many(thing)}"],
                params=params, asks=asks, words={thing}, verbs=meant(verb),
                loose=[f"!{do} {v}{tail}", f"!{do} {v}{tail}", f"{v}: {verb}{tail}", f"{v} should be {past}{tail}",
                f"!start {doing} {v}{tail}"])


def at_place(rng, verb=None, thing=None):
    """Something is done at a named place: "Leave it at bay K12"."""
    verb, what, spot_ = verb or rng.choice(["leave", "put", "drop", "park", "store", "place", "keep", "set down", "hide", "deliver", "hang",
                                            "stack", "unload", "hold", action(rng)]), an_object(rng), thing or an_object(rng)
    at = rng.choice(["at", "at", "in", "on", "near", "to", "by", "behind", "next to"])
    key, about = key_for(rng, spot_)
    params = [parameter(key, "string", about, spot)]
    tail, before = extras(rng, params)
    v = "{" + key + "}"
    asks = [f"!{verb} {it} {at} {where}{tail}" for it in ("it", "it", f"the {what}", f"this {what}", f"my {what}", "that", what)
            for where in (f"{spot_} {v}", f"{spot_} {v}", f"the {v} {spot_}", f"the {spot_} {v}")]
    asks += [f"{at} {spot_} {v}, {verb} the {what}{tail}", f"{what}: {spot_} {v}{tail}", f"the {what} goes {at} {spot_} {v}{tail}",
             f"{spot_} {v}{tail}", f"{spot_} {v}, that is where the {what} goes{tail}", f"the {what} belongs {at} the {v} {spot_}{tail}",
             f"{what} {at} {spot_} {v}{tail}", f"!take the {what} and {verb} it {at} {spot_} {v}{tail}"]
    base = verb.split()[0]
    return dict(parts=[f"{verb} {what}", f"{what} {spot_}", f"{verb} {at} {spot_}"], words={what, spot_}, verbs=meant(verb), loose=[],
                about=[f"{verb.capitalize()} {an(what)} {at} {an(spot_)}",
                f"{many(base).capitalize()}{verb[len(base):]} {an(what)} {at} {an(spot_)}",
                       f"{verb.capitalize()} the {what} {at} the {spot_}"], params=params, asks=asks)


def setting(rng, level=None, thing=None):
    """A level of something: "Volume 33, please.", "Change the lamp brightness to 40", "Zone walnut: pressure 6"."""
    level, thing = level or (rng.choice(LEVELS) if rng.random() < 0.7 else an_object(rng)), thing or an_object(rng)
    whole = f"{thing} {level}" if rng.random() < 0.6 else level
    kind = rng.choice(["integer"] * 6 + ["string", "string", "enum", "number"])
    key = rng.choice([level, level, "value", "level", "to", "amount", "n", invented(rng, 1, 6)])
    options = [rng.choice(ADJECTIVES) if rng.random() < 0.7 else invented(rng, 2, 7) for _ in range(rng.randint(2, 4))]
    maker = {"integer": number(0, rng.choice([9, 99, 999])), "string": string_maker(rng), "enum": one_of(*options),
             "number": lambda r: round(r.uniform(0, 99), 1)}[kind]
    params = [parameter(key, "string" if kind == "enum" else kind, rng.choice([f"The {level}", f"New {level}", level.capitalize(),
                                        "New value"]),
                        maker, True, options if kind == "enum" else None)]
    n = "{" + key + "}"
    if rng.random() < 0.4 and thing not in (level, key):
        name, about = key_for(rng, thing)
        if name == key:
            name = "which"
        params.insert(rng.randint(0, 1), parameter(name, "string", about, spot))
        v = "{" + name + "}"
        asks = [f"{thing} {v} to {n}", f"{thing} {v}: {level} {n}", f"{thing} {v}, {level} {n}", f"{level} {n} for {thing} {v}",
                f"{level} of {thing} {v}: {n}", f"the {v} {thing} needs {level} {n}", f"the {v} {thing} should have {level} {n}",
                f"{thing} {v} {level} {n}"]
        asks += [f"![set|change|turn|put|bring] the {level} of {thing} {v} to {n}", f"![set|change] the {level} of the {v} {thing} to {n}",
                 f"![set|put|switch] {thing} {v} to {level} {n}", f"![set|turn] {thing} {v} to {n}", f"!give {thing} {v} the {level} {n}",
                 f"!give the {v} {thing} {level} {n}", f"!make it {n} at {thing} {v}", f"!run the {v} {thing} at {level} {n}"]
    else:
        asks = [f"{whole} {n}", f"{whole} {n}", f"{whole}: {n}", f"{whole} at {n}", f"{whole} to {n}", f"{whole} on {n}", f"{whole} = {n}",
                f"the {whole} should be {n}", f"I want the {whole} at {n}", f"{n} for the {whole}", f"the {whole} must go to {n}",
                f"the {whole} is wrong, make it {n}", f"I need {whole} {n}", f"{n} is the {whole} that I want"]
        asks += [f"![set|change|turn|put|bring|adjust|move] the {whole} to {n}", f"![set|change] {whole} to {n}", f"!make the {whole} {n}",
                 f"!turn the {whole} [up|down] to {n}", f"!put the {whole} at {n}", f"!give the {whole} the value {n}",
                 f"!make it {n}, the {whole}", f"!go to {whole} {n}", f"!keep the {whole} at {n}"]
    return dict(parts=[f"set {whole}", f"{whole}", f"change {level}", f"{level} control", f"set {level}"], params=params, asks=asks,
                loose=[],
                about=[f"Sets the {whole}", f"Set the {whole}", f"Changes the {whole}", f"Adjusts the {whole}", f"Controls the {whole}",
                       f"{whole.capitalize()} control", f"Gives the {whole} a new value"] if len(params) == 1 else
                [f"Sets the {level} of {an(thing)}", f"Changes the {level} of {an(thing)}",
                f"{level.capitalize()} of {an(thing)}, to be set",
                 f"Adjusts how {an(thing)} works: {level}"], words={thing, level} if len(params) > 1 or " " in whole else {level},
                 verbs=set())


def query(rng, aspect=None, thing=None):
    """Ask for something of a named thing: "What is the price of ticket A12?", "How many pages are in folder x?"."""
    thing = thing or an_object(rng)
    fixed = aspect
    aspect = aspect or (rng.choice(ASPECTS * 12 + NOUNS) if rng.random() < 0.75 else invented(rng, 3, 8))
    key, about = key_for(rng, thing)
    params = [parameter(key, "string", about, string_maker(rng))]
    v = "{" + key + "}"
    if fixed or rng.random() < 0.65:
        asks = [f"what is the {aspect} of {thing} {v}?", f"what is the {aspect} of the {v} {thing}?",
                f"what is the {aspect} of the {thing} {v}?",
                f"which {aspect} has the {thing} {v}?", f"which {aspect} does the {v} {thing} have?", f"what {aspect} has {thing} {v}?",
                f"![get|get me|give me|show me|tell me|find|look up|check] the {aspect} of [the |my ||]{thing} {v}",
                f"![get|show|tell me|read out] the {aspect} of the {v} {thing}", f"{thing} {v}: {aspect}?", f"{thing} {v}, {aspect}?",
                f"{thing} {v} {aspect}", f"{aspect} of {thing} {v}", f"{aspect}, {thing} {v}", f"{aspect} of the {v} {thing}?",
                f"I need the {aspect} of {thing} {v}", f"do you know the {aspect} of {thing} {v}?", f"I forgot the {aspect} of {thing} {v}",
                f"how about the {aspect} of {thing} {v}?", f"the {v} {thing}, what is its {aspect}?", f"{thing} = {v}, {aspect}?",
                f"I have {thing} {v} here. What is the {aspect}?", f"which {aspect} is it for {thing} {v}?", f"the {v} {thing}'s {aspect}?"]
        loose = [f"what is the {aspect} of {v}?", f"which {aspect} does {v} have?", f"{v} {aspect}", f"{aspect} {v}", f"{v}: {aspect}?",
                 f"![get|show|tell me] the {aspect} of {v}", f"I need the {aspect} of {v}", f"{v}: what is its {aspect}?",
                 f"{aspect} of {v}?",
                 f"![do you know|can you find] the {aspect} of {v}?".lstrip("!"), f"{aspect} for {v}?", f"what {aspect} has {v}?"]
        about_tool = [f"Get the {aspect} of {an(thing)}", f"Returns the {aspect} of {an(thing)}", f"{aspect.capitalize()} of {an(thing)}",
                      f"Find the {aspect} of the {thing}", f"Tells the {aspect} of {an(thing)}",
                      f"Looks up {an(thing)} and returns its {aspect}"]
        parts = [f"get {aspect}", f"{thing} {aspect}", f"{aspect}", f"find {aspect}", f"get {thing} {aspect}"]
    else:
        things = many(aspect)
        asks = [f"how many {things} are in [the |]{thing} {v}?", f"how many {things} has the {v} {thing}?",
                f"![list|show|count|show me|find|give me] [the |all |all the |]{things} in {thing} {v}",
                f"![list|show|count|get] the {things} of the {v} {thing}", f"which {things} are in {thing} {v}?",
                f"I want [to see|a list of] the {things} of {thing} {v}", f"are there {things} in {thing} {v}?",
                f"{thing} {v}: {things}?", f"{things} in {thing} {v}", f"{things} of the {v} {thing}?", f"{thing} {v} {things}"]
        loose = [f"how many {things} are there in {v}?", f"how many {things} has {v}?", f"![list|show|count] the {things} of {v}",
                 f"which {things} does {v} have?", f"what {things} are in {v}?", f"{things} in {v}?", f"{v}: {things}?"]
        about_tool = [rng.choice(["List", "Count", "Show"]) + f" the {things} of {an(thing)}", f"The {things} in {an(thing)}",
                      f"Gets all {things} of {an(thing)}", f"Returns which {things} {an(thing)} has"]
        parts = [f"list {things}", f"{aspect} list", f"count {things}", f"{thing} {things}"]
    if aspect in ("color", "name"):
        loose = []                                       # "What is the color of milk?" is for the model itself
    return dict(parts=parts, about=about_tool, params=params, asks=asks, loose=loose, words={thing, aspect}, verbs={aspect})


def between(rng, verb=None, thing=None):
    """Two values in roles: "Rename the folder a to b", "Which boats go from x to y?"."""
    verb, thing = verb or action(rng), thing or an_object(rng)
    i = rng.randrange(len(FROM))
    a, b = FROM[i], TO[i] if rng.random() < 0.8 else rng.choice(TO)
    maker = string_maker(rng)
    texts = rng.choice([("From", "To"), (f"Old {thing}", f"New {thing}"), ("Where it starts", "Where it ends"),
                        ("Source", "Target"), ("The first one", "The second one"), ("", "")])
    params = [parameter(a, "string", texts[0], maker), parameter(b, "string", texts[1], maker)]
    x, y, do, things = "{" + a + "}", "{" + b + "}", wordings(verb), many(thing)
    asks = [f"!{do} {w}" for w in (f"the {thing} {x} to {y}", f"{thing} {x} to {y}", f"{thing} {x} into {y}",
            f"the {thing} from {x} to {y}", f"the {things} from {x} to {y}", f"{an(thing)} from {x} to {y}",
            f"{things} between {x} and {y}", f"my {thing} from {x} to {y}", f"the {x} {thing} to {y}", f"{thing} {x} and make it {y}")]
    asks += [f"which {things} go from {x} to {y}?", f"the {thing} {x} [must|should|has to] be {y}, {verb} it",
             f"is there {an(thing)} from {x} to {y}?", f"are there {things} leaving {x} for {y}?",
             f"![show|show me|find|list] the {things} from {x} to {y}",
             f"I need {an(thing)} from {x} to {y}", f"from {x} to {y}, {verb} the {thing}", f"from {x} to {y} by {thing}?",
             f"the {thing} {x} should become {y}", f"{thing}: {x} to {y}", f"{thing} {x} -> {y}", f"{x} to {y}, {thing}",
             f"{thing} from {x} to {y}"]
    return dict(parts=[f"{verb} {thing}", verb, f"{thing} {verb}", f"find {thing}"], words={thing}, verbs=meant(verb),
                loose=[f"!{do} {x} to {y}", f"!{do} {x} into {y}", f"{verb}: {x} to {y}"],
                about=[f"{verb.capitalize()} {an(thing)}", f"{verb.capitalize()} {things}",
                f"{verb.capitalize()} the {thing} from one to another",
                       f"{many(verb).capitalize()} {things}", f"{things.capitalize()} between two places", f"Used to {verb} {things}"],
                params=params, asks=asks)


def sending(rng, verb=None, thing=None):
    """Somebody gets some text: "Send a parcel to Ida: blue paper"."""
    verb, thing = verb or rng.choice(["send", "write", "give", "bring", "pass", "post", invented(rng, 3, 7)]), thing or an_object(rng)
    to = rng.choice(["to", "recipient", "who", "number", "person", "address", "user", "receiver", "target"])
    text = rng.choice(["text", "message", "body", "content", "note", "words", "comment", "line"])
    maker = rng.choice([person, person, mail, code, spot, slug, lambda r: str(r.randint(100, 10 ** r.randint(3, 8)))])
    said = rng.choice(SPOKEN + (several, sentence))
    params = [parameter(to, "string", rng.choice([f"Who gets the {thing}", "Recipient", "The receiver", "To"]), maker),
              parameter(text, "string", rng.choice([f"Text of the {thing}", "The text", "What it says", "Content"]), said)]
    x, y = "{" + to + "}", "{" + text + "}"
    asks = [f"!{verb} {an(thing)} to {x}[ with the {text}| that says| saying|:|:| with {text}|, {text}:] {y}",
            f"{thing} to {x}: {y}", f"{thing} {x}: {y}", f"{thing} {x}: {y}", f"!{verb} {x} {an(thing)}: {y}", f"!{thing} {x}: {y}",
            f"!{verb} {x} the {thing} {y}", f"!{verb} {an(thing)}, {to} {x}, {text} {y}", f"{an(thing)} for {x}: {y}",
            f"!{verb} {an(thing)} with {to} {x} and {text} {y}", f"{thing} for {x}: {y}", f"by {thing} to {x}: {y}",
            f"{x} should get {an(thing)}: {y}", f"!let {x} have this {thing}: {y}", f"{thing}, {to} {x}, {text} {y}"]
    return dict(parts=[f"{verb} {thing}", thing, f"{thing} {verb}er"], words={thing}, verbs=meant(verb),
                loose=[f"!{verb} the {text} {y} to {x}"],
                about=[f"{verb.capitalize()} {an(thing)}", f"{verb.capitalize()} {an(thing)} to someone",
                f"{many(verb).capitalize()} {many(thing)}",
                       f"{many(verb).capitalize()} {an(thing)} with a text"], params=params, asks=asks)


def bare(rng, verb=None, thing=None):
    """No parameters: "Open the window", "What is the score?"."""
    thing = thing or an_object(rng)
    if verb or rng.random() < 0.6:
        verb = verb or action(rng)
        do, past = wordings(verb), done(verb)
        return dict(parts=[f"{verb} {thing}", f"{verb} {thing}", f"{thing} {verb}", verb], words={thing}, verbs=meant(verb), params=[],
                    about=[f"{verb.capitalize()} the {thing}", f"{verb.capitalize()} {an(thing)}", f"{many(verb).capitalize()} the {thing}",
                           f"Used to {verb} the {thing}", f"{ing(verb).capitalize()} of the {thing}"],
                    asks=[f"!{do} [the|the|the|a|my|this|our|that] {thing}".replace("|a|", "|" + an(thing).split()[0] + "|")] * 4 + [
                        f"the {thing}, {verb} it", f"!{do} it, the {thing}", f"{thing}: {verb}", f"!{verb} {thing}",
                        f"!start {ing(verb)} the {thing}",
                        f"the {thing} [must|should|has to|needs to] be {past}", f"I want the {thing} {past}", f"!get the {thing} {past}",
                        f"!have the {thing} {past}", f"is the {thing} {past}? If not, do it", f"we [have|need] to {verb} the {thing}",
                        f"{thing} {verb}",
                        f"nobody has {past} the {thing} yet, do it", f"the {thing} wants to be {past}", f"{verb} {thing}"],
                    loose=[f"{verb}", f"!{verb} it"])
    aspect = rng.choice(ASPECTS) if rng.random() < 0.6 else invented(rng, 3, 8)
    return dict(parts=[f"get {aspect}", f"{thing} {aspect}", aspect], words={thing, aspect}, verbs={aspect}, params=[],
                about=[f"Get the {aspect} of the {thing}", f"Returns the {aspect} of the {thing}",
                       f"{aspect.capitalize()} of the {thing}", f"Tells the {aspect} of the {thing}"],
                asks=[f"what is the {aspect} of the {thing}?", f"![get|get me|show|show me|tell me|give me] the {thing} {aspect}",
                      f"![get|show me|tell me|check] the {aspect} of the {thing}", f"how is the {aspect} of the {thing}?",
                      f"{aspect} of the {thing}?",
                      f"{thing} {aspect}", f"{thing} {aspect}?", f"the {thing}'s {aspect}?", f"I need the {thing} {aspect}",
                      f"{thing}: {aspect}?",
                      f"which {aspect} does the {thing} have?"],
                loose=[f"what is the {aspect}?", f"![get|show me|tell me] the {aspect}", f"{aspect}?", f"{aspect}"])


def mentions(rng, keys):
    """"size 3, label copper mango": the parameters by name, in any order and in one manner."""
    keys = list(keys)
    if rng.random() < 0.35:
        rng.shuffle(keys)
    manner = rng.choice(["{k} {v}"] * 7 + ["{k}={v}"] * 2 + ["{k}: {v}"] * 2 + ["{k} = {v}", "the {k} {v}", "{k} set to {v}", "{k} is {v}",
                        "{k} '{v}'", '{k} "{v}"', "{v} as {k}", "{v} as the {k}", "{v} for {k}", "key {k} value {v}", "a {k} of {v}",
                        "{k} being {v}", "parameter {k} {v}"])
    said = [manner.replace("{k}", shown).replace("{v}", slot) for shown, slot in keys]
    if len(said) < 2:
        return "".join(said)
    join, last = rng.choice([(", ", ", "), (", ", ", "), (", ", " and "), (", ", " and "), (" and ", " and "), ("; ", "; "), (" ", " ")])
    return join.join(said[:-1]) + last + said[-1]


LINKS = [" with "] * 6 + [", "] * 4 + [": "] * 2 + [" using ", " and use ", " where ", " - ", "; ", " with: ", " given "]
CALLS = ("!call {tool}", "!call {tool}", "!run {tool}", "!run {tool}", "!use {tool}", "!use the {tool} tool", "!use the tool {tool}",
         "!invoke {tool}",
         "!execute {tool}", "!trigger {tool}", "!fire {tool}", "!start {tool}", "!launch {tool}", "!call the function {tool}",
         "!run the {tool} function", "!do a {tool} call", "!make a {tool} call", "!make a call to {tool}", "!give {tool} a try",
         "!try {tool}",
         "!apply {tool}", "!kick off {tool}", "!perform {tool}", "!activate {tool}", "!issue a {tool} call", "!run the tool {tool}",
         "!call the tool named {tool}", "!call the {tool} tool", "!send a call to {tool}", "I want {tool} to be called",
         "I want {tool} to run",
         "I need {tool}", "I need the {tool} tool", "{tool}", "{tool}", "{tool} should be called", "{tool} must run",
         "{tool} has to be called",
         "a call to {tool}", "tool: {tool}", "next tool: {tool}", "I would like to use {tool}", "it is time for {tool}",
         "we need a call of {tool}",
         "{tool} is the tool to use", "one {tool} call")


def by_name(rng, keys):
    """A request that names the tool. keys: (name of the parameter, its slot, whether it is text)."""
    head = rng.choice(CALLS)
    if not keys:
        return "{tool}()" if rng.random() < 0.08 else head
    roll = rng.random()
    if roll < 0.15:
        quote, equals = rng.choice(["", "", '"', "'"]), rng.choice(["=", "=", ": ", " = "])
        said = [k + equals + (quote + v + quote if text else v) for k, v, text in keys]
        return rng.choice(["", "", "!call ", "!run ", "!invoke "]) + "{tool}(" + ", ".join(said) + ")"
    if roll < 0.35 and len(keys) == 1:
        return head + rng.choice([" with ", " on ", " for ", ": ", " with the value ", " and give it "]) + keys[0][1]
    return head + rng.choice(LINKS) + mentions(rng, [k[:2] for k in keys])


def listed(rng, verb=None, thing=None):
    """Parameters that the request mentions by name; in a third of the cases the request also names the tool."""
    fixed, verb, thing = verb or thing, verb or (action(rng) if rng.random() < 0.8 else rng.choice(["create", "add", "make", "start"])), \
        thing or an_object(rng)
    params = []
    for i in range(rng.choice([1, 1, 2, 2, 2, 3]) if fixed or rng.random() < 0.85 else 0):
        key = invented(rng, 1, 8) if rng.random() < 0.4 else rng.choice(rng.choice([NOUNS, NOUNS, ADJECTIVES, KEYS, KEYS, ASPECTS]))
        if any(key == p[0] for p in params) or key in (verb, thing):
            continue
        kind = rng.choice(["string"] * 6 + ["integer"] * 4 + ["boolean", "enum"])
        if kind == "enum":
            options = [invented(rng, 2, 7) if rng.random() < 0.4 else rng.choice(ADJECTIVES + NOUNS)
                       for _ in range(rng.randint(2, 3))]
            maker, choices = one_of(*options), options
        else:
            maker = {"string": string_maker(rng), "integer": rng.choice([number(0, 9), number(0, 99), number(0, 9999)]),
                     "boolean": one_of(True, False)}[kind]
            choices = None
        params.append((key, [key], "string" if kind == "enum" else kind, ["The " + key, key.capitalize(), "", key], maker,
                       i == 0 or rng.random() < 0.6, choices))
    do, asks = wordings(verb), []
    for _ in range(14):
        given = [(p[0], "{" + p[0] + "}") for p in params if p[5] or rng.random() < 0.7]
        named = mentions(rng, given)
        link = rng.choice(LINKS) if named else ""
        asks.append(rng.choice([f"!{do} the {thing}", f"!{do} the {thing}", f"!{do} {an(thing)}", f"!{do} {thing}",
                                f"!{do} [my|this|our] {thing}",
                                f"!start {ing(verb)} the {thing}", f"the {thing} should be {done(verb)}", f"{thing}: {verb}",
                                f"{thing}, {verb}", f"I want to {verb} {an(thing)}", f"we have to {verb} the {thing}",
                                f"!get the {thing} {done(verb)}"]) + link + named)
    first = params[0] if params else None
    if first and first[2] == "string" and not first[6]:
        k, rest = first[0], [(p[0], "{" + p[0] + "}") for p in params[1:]]
        for _ in range(5):
            after = rng.choice([", ", ", ", " with ", " and "]) + mentions(rng, rest) if rest else ""
            asks.append(rng.choice([f"!{do} {thing} {{{k}}}", f"!{do} the {thing} {{{k}}}", f"{thing} {{{k}}}",
                                    f"!{do} the {{{k}}} {thing}",
                                    f"!{do} {an(thing)} called {{{k}}}", f"new {thing}: {{{k}}}", f"{verb} {thing}: {{{k}}}"]) + after)
        asks += [mentions(rng, [(p[0], "{" + p[0] + "}") for p in params]) for _ in range(2)] if len(params) > 1 else []
    about = [f"{verb.capitalize()} {an(thing)}", f"{verb.capitalize()} the {thing}", f"{many(verb).capitalize()} {an(thing)}",
             f"{verb.capitalize()} {many(thing)}", f"Used to {verb} {many(thing)}"]
    if not fixed and rng.random() < 0.35:
        return dict(parts=[f"{verb} {thing}", verb, thing], about=about + ["", ""], params=params, asks=[], loose=[], words={thing},
                    verbs=meant(verb), direct=True)
    return dict(parts=[f"{verb} {thing}", f"{verb} {thing}", f"{thing} {verb}", verb], about=about, params=params, asks=asks, loose=[],
                words={thing}, verbs=meant(verb))


def invention(rng):
    makers, weights = (listed, on_one, at_place, setting, query, between, sending, bare), (7, 8, 1, 3, 5, 3, 2, 3)
    return rng.choices(makers, weights)[0](rng)


def twins(rng):
    """Two or three tools that are alike but for one word: "open_gate" and "close_gate", "wash_cup" and "wash_spoon"."""
    verb, thing, out = action(rng), an_object(rng), []
    seen, way = set(), rng.choice(["verbs", "verbs", "things", "things", "aspects", "aspect", "levels"])
    maker = rng.choice([on_one, on_one, bare, listed])
    aspect = rng.choice(ASPECTS)
    for _ in range(rng.choice([2, 2, 3])):
        if way == "verbs":
            verb = action(rng)
            one = rng.choice([maker, maker, on_one, bare, listed])(rng, verb, thing)
        elif way == "things":
            thing = an_object(rng)
            one = maker(rng, verb, thing)
        elif way == "levels":
            one = setting(rng, rng.choice(LEVELS), thing)
        else:
            aspect, thing = (rng.choice(ASPECTS), thing) if way == "aspects" else (aspect, an_object(rng))
            one = query(rng, aspect, thing)
        key = one["verbs"] if way == "verbs" else {thing} if way in ("things", "aspect") else one["words"] - {thing}
        if not key or key & seen:
            continue
        seen |= key
        out.append(one)
    for one in out:                                      # what they share does not tell them apart
        one["twins"] = seen
        if way in ("things", "aspect"):
            one["loose"] = []
            one["parts"] = [p for p in one["parts"] if " " in p]
        if way in ("verbs", "levels", "aspects"):
            one["parts"] = [p for p in one["parts"] if p != thing]
    return out
