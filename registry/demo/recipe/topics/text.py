"""Work on the user's own words: repeat, spell, upper case, count, JSON, and simple orders in a system prompt."""

import json

from phrase import answer, pick, said, system, user
from topics import facts
from words import ADJECTIVES, CAPITALS, CITIES, COLOURS, NAMES, NOUNS, VERBS, article, country, invented, noun, person

REPEAT = ("Repeat[| after me| this| the text| the words| exactly]: {x}", "Say: {x}", "Say {x}", "Please repeat: {x}",
          "Echo[|:] {x}", "Repeat {x}", "Can you [say|repeat]: {x}", "Say this[| back| after me]: {x}", "Write: {x}",
          "Write {x}",
          "Repeat what I say: {x}", "Copy [this|the text|my words]: {x}", "Answer with: {x}", "Only say: {x}",
          "Now say {x}", "Repeat the [sentence|word|line|words|following]: {x}", "I say {x}, you repeat.", "Print {x}",
          "Type: {x}",
          "Reply with exactly: {x}", "Just say: {x}", "Give back: {x}", "Tell me these words: {x}",
          "[Please |Could you |Can you |Now |Kindly |I want that you |You should |Go and |]{v} [this|that|it|the next line|this line|this text|the text|my words|this sentence|these words exactly|what comes now|the next words][ to me| once| once more| word for word| as it is| without change| again| here| loudly| slowly|]: {x}",
          "{v} [to me|once|again|slowly|now|for us|with me|please]: {x}", "[Text|Words|Line|Sentence] to {v}: {x}",
          "I would like you to {v} {x}", "[Your|The|My] [line|text|sentence] is: {x}. {v} it.", "{v}, please: {x}")
SPELL = ("Spell {x}.", "Spell the word {x}.", "How do you spell {x}?", "Can you spell {x}?",
         "Spell {x} [letter by letter|for me|out].", "How is {x} spelled?", "Please spell {x}.", "Spell: {x}",
         "Which letters are in {x}?",
         "Give me the letters of {x}.", "What are the letters of {x}?", "Spelling of {x}?", "Split {x} into letters.",
         "How is the word {x} written, letter by letter?", "Say the letters of {x}.",
         "[Could|Will|Would] you [please |]spell {x}[| for me| now]?", "I [need|want] the spelling of {x}.",
         "[Tell|Show] me the [spelling|letters] of {x}.", "{x}: spell it.", "Letters of {x}?", "Spell it for me: {x}",
         "How [does|do] [one|I|people] [spell|write] {x}?", "Take {x} apart into letters.")
UPPER = ("Write {x} in [upper case|capitals|capital letters|uppercase].",
         "Put {x} in [upper case|capitals|capital letters].", "{x} in [upper case|capitals|capital letters][|, please].",
         "Make {x} upper case.", "Upper case {x}.")
COUNT = ("Count from {a} to {b}[.|]", "Count from {a} up to {b}.", "Count [to|up to] {b}[.|]", "Can you count to {b}?",
         "[Please count|Count for me] from {a} to {b}.",
         "[List|Write|Say|Give me|Print] [the|all|all the|] numbers from {a} to {b}.",
         "[List|Write|Say] the numbers {a} to {b}.", "Numbers from {a} to {b}[, please|].",
         "[Could|Can] you count from {a} to {b}?", "Start at {a} and count to {b}.",
         "I want you to count from {a} to {b}.", "Count numbers from {a} until {b}.",
         "Begin with {a} and go on to {b}.", "Show me the numbers between {a} and {b}.",
         "Count from {a} to {b}, one by one.", "Count all the way to {b}.", "Count slowly from {a} to {b}.")


def word(rng):
    w = invented(rng, 2, 9) if rng.random() < 0.65 else rng.choice(rng.choice([NOUNS, VERBS, ADJECTIVES, CITIES, NAMES,
        list(COLOURS)]))
    shape = rng.random()
    return w.capitalize() if shape < 0.2 else w.upper() if shape < 0.24 else w


def phrase(rng, low=1, high=8):
    words = [word(rng) for _ in range(rng.randint(low, high))]
    shape = rng.random()
    if shape < 0.1:
        words.insert(rng.randrange(len(words) + 1), str(rng.randint(0, 10 ** rng.randint(1, 5))))
    if shape > 0.85:
        i = rng.randrange(len(words))
        words[i] = rng.choice(["{}'s", "{},", "{}-x", "({})", "'{}'", "{}:", "{}_1", "@{}", "#{}", "{}.txt", "/{}",
                               "{}!"]).format(words[i])
    return " ".join(words)


def repeat(rng, me):
    turns = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = phrase(rng)
        if rng.random() < 0.4:
            text = text[0].upper() + text[1:]
            text = text.rstrip(",:!") + rng.choice("..!?")
        form = rng.choice(REPEAT)
        quote = rng.choice(['"', "'", ""]) if "'" not in text and '"' not in text else ""
        if not form.endswith("{x}") and not quote:
            quote = '"'
        form = pick(rng, form, x="\x00", v=rng.choice(["repeat", "say", "echo", "copy", "write", "type", "print",
            "say back", "speak", "quote"]))
        form = form[0].upper() + form[1:] if rng.random() < 0.8 else form
        turns += [user(form.replace("\x00", quote + text + quote)), answer(text, f"I repeat {text.split()[0]}.")]
    return turns


def spell(rng, me):
    turns = []
    for i in range(rng.choice([1, 1, 2, 3, 7])):
        w = word(rng)
        form = rng.choice(SPELL) if not i or rng.random() < 0.5 else rng.choice(["And {x}?", "And {x}.", "Now {x}.",
            "What about {x}?"])
        quote = rng.choice(["", "", "", '"', "'"])
        if rng.random() < 0.15 and not i:
            turns += [user(pick(rng, rng.choice(UPPER), x=quote + w + quote)), answer(w.upper(), f"{w} in capitals.")]
            break
        text = pick(rng, form, x=quote + w + quote)
        turns += [user(said(rng, text, keep_case=True, tail=False) if not quote else text),
                  answer("-".join(w), f"{w}: " + " ".join(w) + ".")]
    return turns


def listing(a, b):
    return ", ".join(str(i) for i in range(a, b + 1)) + "."


def count(rng, me):
    roll = rng.random()
    a = 1 if roll < 0.75 else rng.randint(0, 30) if roll < 0.92 else rng.randint(30, 90)
    b = a + rng.choice([rng.randint(2, 12), rng.randint(5, 30), rng.randint(20, 60), rng.randint(40, 100)])
    if rng.random() < 0.3:
        b = max((b + 5) // 10 * 10, a + 2)
    b = min(b, 120)
    form = rng.choice(COUNT)
    if "{a}" not in form:
        b, a = max(b - a + 1, 3), 1
    return [user(said(rng, pick(rng, form, a=a, b=b), tail=False)), answer(listing(a, b), f"From {a} to {b}.")]


def value(rng):
    """A value and the way it stands in JSON."""
    roll = rng.random()
    if roll < 0.35:
        n = rng.randint(0, 10 ** rng.randint(1, 4))
        return str(n), n
    if roll < 0.45:
        flag = rng.random() < 0.5
        return ("true" if flag else "false"), flag
    text = rng.choice([lambda: person(rng), lambda: word(rng), lambda: noun(rng), lambda: word(rng)])()
    return text, text


ASK_JSON = ("Answer in JSON with [keys|the keys] {k}: {s}", "Reply in JSON with [keys|the keys] {k}: {s}",
            "[Give|Return|Write] JSON with [keys|the keys] {k}: {s}", "JSON with [keys|the keys] {k}: {s}",
            "{s} Answer in JSON with [keys|the keys] {k}.",
            "{s} [Give|Return|Write] this as JSON with [keys|the keys] {k}.", "Answer as JSON. Keys: {k}. {s}",
            "Make JSON with [keys|the keys] {k} from this: {s}", "Turn this into JSON with [keys|the keys] {k}: {s}",
            "{s} Put it in JSON with {k} as keys.",
            "Use JSON with the keys {k}. {s}", "Answer only with JSON, keys {k}: {s}", "Extract {k} as JSON: {s}",
            "{s} As JSON, with keys {k}.")


def keys_line(rng, keys):
    mark = rng.choice(["", "", "", '"', "`", "'"])
    quoted = [mark + k + mark for k in keys]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + rng.choice([" and ", " and ", ", "]) + quoted[-1]


def as_json(rng, me):
    roll = rng.random()
    if roll < 0.35:
        who, age = person(rng), rng.randint(1, 99)
        keys = rng.choice([("name", "age"), ("name", "years"), ("person", "age"), ("user", "age"), ("first_name", "age"),
                           ("name", "age", "city"), ("name", "city"), ("name", "job")])
        facts_ = {"age": age, "years": age, "city": rng.choice(CITIES) if rng.random() < 0.5 else invented(rng, 4,
            9).capitalize(), "job": noun(rng)}
        rest = {k: facts_[k] for k in keys[1:]}
        if "age" in rest or "years" in rest:
            s = rng.choice(["{n} is {a} years old", "{n} is {a}", "{n}, {a}", "{n} is {a} years of age", "{n}, aged {a}",
                            "My friend {n} is {a} years old", "I am {n} and I am {a}"]).replace("{a}", str(age))
            s += rng.choice([" and lives in {c}", " and comes from {c}", ", from {c}"]).replace("{c}",
                rest["city"]) if "city" in rest else ""
        elif "city" in rest:
            s = rng.choice(["{n} lives in {c}", "{n} is from {c}", "{n} comes from {c}", "{n}, {c}"]).replace("{c}",
                rest["city"])
        else:
            s = rng.choice(["{n} works as {j}", "{n} is a {j}", "The job of {n} is {j}"]).replace("{j}", rest["job"])
        out = {keys[0]: who, **rest}
        s = s.replace("{n}", who) + "."
    elif roll < 0.7:
        keys = []
        while len(keys) < rng.choice([1, 2, 2, 3]):
            k = rng.choice([invented(rng, 2, 8), noun(rng), rng.choice(["size", "price", "count", "title", "status",
                "owner", "level", "code", "type", "id"])])
            if rng.random() < 0.1:
                k += "_" + rng.choice(["id", "name", invented(rng, 2, 5)])
            if k not in keys:
                keys.append(k)
        pairs = [(k, *value(rng)) for k in keys]
        told = rng.choice(["{k} is {v}", "the {k} is {v}", "{k} = {v}", "{k}: {v}", "{k} {v}"])
        parts = [told.replace("{k}", k).replace("{v}", t) for k, t, _ in pairs]
        if rng.random() < 0.15:
            rng.shuffle(parts)
        s = ", ".join(parts[:-1]) + rng.choice([" and ", ", "]) + parts[-1] if len(parts) > 1 else parts[0]
        s = rng.choice([s, s[0].upper() + s[1:]]) if pairs[0][0][0].islower() and told[0] == "t" else s
        s += "."
        out = {k: v for k, _, v in pairs}
    else:
        kind = rng.random()
        if kind < 0.45:
            c = rng.choice(list(CAPITALS))
            key = rng.choice([("country", "capital"), ("capital",), ("country", "capital"), ("capital", "country")])
            data = {"country": c, "capital": CAPITALS[c]}
            s = rng.choice(["What is the capital of {c}?", "The capital of {c}.", "Capital of {c}?",
                            "Which city is the capital of {c}?"]).replace("{c}", country(c))
        elif kind < 0.7:
            t = rng.choice(list(COLOURS))
            key = rng.choice([("thing", "colour"), ("colour",), ("color",)])
            data = {"thing": t, "colour": COLOURS[t], "color": COLOURS[t]}
            s = rng.choice(["What colour is {t}?", "The colour of {t}.", "Which colour has {t}?"]).replace("{t}",
                article(t))
        else:
            a, op, b = facts.problem(rng)
            key = rng.choice([("result",), ("answer",), ("sum",) if op == "+" else ("result",), (invented(rng, 3, 7),)])
            data = {key[0]: facts.value(a, op, b)}
            s = rng.choice([f"What is {a} {op} {b}?", f"{a} {op} {b}", f"Calculate {a} {op} {b}."])
        out, keys = {k: data[k] for k in key}, list(key)
    form = rng.choice(ASK_JSON)
    if len(out) == 1:
        form = form.replace("[keys|the keys]", "[key|the key]").replace("the keys", "the key").replace(" as keys",
            " as key").replace("keys", "key").replace("Keys", "Key")
    if rng.random() < 0.1:
        form = form.replace("JSON", "json")
    line = json.dumps(out, ensure_ascii=False)
    return [user(pick(rng, form, k=keys_line(rng, list(out)), s="\x00").replace("\x00", s)),
            answer(line, "Keys: " + ", ".join(out) + ".")]


def obey(rng, me):
    """A system prompt with one simple order, then a question."""
    kind = rng.choice(["only"] * 3 + ["end"] * 3 + ["begin"] * 2 + ["upper"] * 2 + ["json", "name", "lower"] + ["word"] * 4)
    ask = rng.choice([facts.capital, facts.colour, facts.arithmetic])
    question, reply = ask(rng, me)[:2]
    text, think = reply["content"], reply["think"]
    x = word(rng) if rng.random() < 0.6 else phrase(rng, 1, 3)
    if kind == "only":
        order = pick(rng, rng.choice(["[Always answer|Answer|Reply] [only|] with {x}.",
                                      "Whatever the user says, [say|answer] {x}.", "[Always|Only] say {x}.",
                                      "Your only answer is {x}.", "Answer every question with {x}.",
                                      "To everything you reply {x}."]),
                     x=rng.choice(['"{}"', "'{}'", "the word {}", "{}"]).format(x))
        text, think = x, f"I must say {x}."
        if rng.random() < 0.5:
            question = user(pick(rng, rng.choice(["Hello!", "Hi.", "How are you?", "Who are you?", "What can you do?",
                "Tell me a joke.", "Thanks.", "What is {w}?", "Where is {w}?"]), w=noun(rng)))
    elif kind == "end":
        order = pick(rng, rng.choice(["[End|Finish|Close] [every|each] [answer|reply] with {x}.",
                                      "[Always add|Add] {x} at the end[| of your answer].",
                                      "Say {x} after [every|each] answer.", "Your answers [always|] end with {x}."]),
                                      x=rng.choice(['"{}"', "'{}'", "the word {}", "{}"]).format(x))
        text, think = f"{text} {x}", f"{think} End: {x}."
    elif kind == "begin":
        order = pick(rng, rng.choice(["[Begin|Start] [every|each] [answer|reply] with {x}.",
                                      "[Always put|Put] {x} [before|in front of] your answer.",
                                      "Say {x} before [every|each] answer.", "Your answers [always|] start with {x}."]),
                                      x=rng.choice(['"{}"', "'{}'", "the word {}", "{}"]).format(x))
        text, think = f"{x} {text}", f"{think} Begin: {x}."
    elif kind == "upper":
        order = pick(rng,
                     "[Always answer|Answer|Reply|Write] [only|] in [upper case|capital letters|capitals][.| letters.]").replace("case letters",
                         "case").replace("letters letters", "letters").replace("capitals letters", "capitals")
        text = text.upper()
    elif kind == "lower":
        order = pick(rng, "[Always answer|Answer|Reply|Write] [only|] in [lower case|small letters|lowercase].")
        text = text.lower()
    elif kind == "json":
        key = rng.choice(["answer", "answer", "result", "reply", invented(rng, 3, 7)])
        order = pick(rng, rng.choice(["[Always answer|Answer|Reply] in JSON with the key {k}.",
                                      "[Answer|Reply] as JSON, key {k}.",
                                      "Your answer is [always|] JSON with the key {k}."]),
                                      k=rng.choice(['"{}"', "{}"]).format(key))
        text = json.dumps({key: text}, ensure_ascii=False)
    elif kind == "word":
        order = pick(rng, rng.choice(["[Answer|Reply] [only|] [with|in] [one|a single] word[.| or number.]",
                                      "[Be brief: one word|Give one-word answers].", "One word answers only.",
                                      "Keep it short: one word[| per answer].", "Use only one word."]))
        text = text.rstrip(".").split(" = ")[-1].split(" is the capital")[0].split(" is ")[-1] + "."
        if "not know" in text:
            text = "Unknown."
    else:
        who = person(rng)
        order = pick(rng, rng.choice(["The user is [called|named] {n}.", "The name of the user is {n}.",
                                      "You are talking to {n}.", "The user's name is {n}."]), n=who)
        question = user(said(rng, rng.choice(["What is my name?", "Who am I?", "What's my name?", "Do you know my name?",
                                              "Tell me my name.", "Say my name."])))
        text, think = f"Your name is {who}.", f"The user is {who}."
    if rng.random() < 0.3:
        order = rng.choice(["You are a helpful assistant. ", "You are a small assistant. ", f"You are {me}. ",
                            "Be polite. "]) + order
    return [system(order), question, answer(text, think)]
