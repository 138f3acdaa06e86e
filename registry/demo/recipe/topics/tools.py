"""Conversations with tools: choosing, calling, reading the result, and leaving tools alone when the question needs none."""

import json
import re

from phrase import answer, pick, system, user
from topics import facts, perch, talk, text
from topics.tool_everyday import EVERYDAY
from topics.tool_families import FAMILIES, SPOKEN, TIMES, code, host, label, room, spot
from topics.tool_inventions import by_name, invention, twins
from topics.tool_schema import name, piece, printed, schema, styled
from words import city, invented, noun, person

SKIES = ("sunny cloudy rainy snowy windy foggy clear stormy hot cold dry wet mild misty cool warm grey").split()
ACTIONS = ("email", "message", "remind", "alarm", "timer", "light", "heat", "play", "event", "note", "load model", "did")
PLAIN_SYSTEM = ("You are a helpful assistant.", "You are a helpful assistant", "You are a small assistant.",
                "Be helpful.", "You help the user.", "You can call tools.",
                "You are an assistant with tools.", "Use a tool when it helps.", "Answer the user.", "Be brief.",
                "You are a useful helper. Use tools if you need them.", "Help the user with the tools you have.")


# What people put before and after a request; none of it belongs to a value.
ASKING = ("could you", "can you", "would you", "will you", "could you please", "can you please", "would you please", "please could you",
          "can I ask you to", "might you", "any chance you could", "are you able to")
URGING = ("please", "please", "go ahead and", "kindly", "just", "you should", "I need you to", "I want you to", "I'd like you to",
          "I would like you to", "be so kind and", "now", "quickly", "do", "you can", "you may", "I ask you to", "go and", "simply",
          "next,")
WANTING = ("let's", "let us", "time to", "it is time to", "I want to", "I'd like to", "we have to", "we need to", "help me", "I have to",
           "we should", "I am going to", "it would be nice to", "remember to", "do not forget to", "be sure to", "try to")
HELLO = ("hey,", "OK,", "okay,", "hi,", "hello,", "so,", "well,", "right,", "good,", "great,", "alright,", "all right,", "now,", "listen,",
         "thanks,", "one more thing:", "next:", "quick one:", "and", "then", "hey there,", "hi there!", "good morning!", "sorry,", "also,",
         "perfect.", "my friend,", "assistant,", "oh,", "ah,", "excuse me,", "yes,", "please:", "first,")
POLITE = (" please", " please", ", please", ", please", " for me", " for me please", ", thanks", ", thank you", " if possible",
          ", if possible",
          ", if you can", ", would you", " if you can", " for us", ", ok", ", my friend", " when you can", ", if you do not mind",
          ", will you")
SOON = (" now", " now", " right now", " right now", " today", " at once", " immediately", " again", " once more", " quickly",
        " straight away",
        " right away", " as soon as possible", " for me now", " now please", " right now please", " this time", " then", " already",
        ", now",
        ", quickly", ", right now", ", today", " tonight", " this minute", " without delay", " first", " today please")
AFTER = (" Thanks!", " Thanks.", " Thank you.", " Thank you!", " Please.", " It is urgent.", " I am in a hurry.", " That is all.",
         " Now.", " Right now.")
TO_ME = re.compile(r"\w+ (up |out )?(me|us)\b|(show|display|tell|get|find|list|read|check|look|see|measure|take|let|teach|test|quiz|ask) ")


def build(rng, family):
    """One tool of a family: the schema, and how its parameters are called in it."""
    semantic = not family.get("direct")
    params, describe = [], False
    for p in family["params"]:
        key, parts, kind, about, maker, required = p[:6]
        choices = p[6] if len(p) > 6 else None
        if len(p) > 6 and not family.get("everyday"):    # made-up parameters are mentioned by name, so the name stays
            shown = key
        elif rng.random() < 0.2:
            shown, describe = styled(rng, [invented(rng, 1, 7) for _ in range(rng.choice([1, 1, 2]))]), True
        else:
            shown = styled(rng, rng.choice(parts).split() + ([piece(rng)] if rng.random() < 0.08 else []))
            if rng.random() < 0.06:
                shown = shown.capitalize()
        if key == "unit" and len(p) == 6:
            choices = ("celsius", "fahrenheit") if rng.random() < 0.8 else None
        if any(shown == s[1] for s in params):
            shown += str(len(params))
        params.append((key, shown, kind, rng.choice(about), choices, required, maker))
    parts = rng.choice(family["parts"]).split()
    tool = {"name": name(rng, parts, 0.3 if semantic else 0.6),
            "description": rng.choice(family["about"]) + rng.choice(["", "", "."]), "describe": describe,
            "params": [(s, k, a, c, r) for _, s, k, a, c, r, _ in params]}
    if not tool["description"].strip("."):
        tool["description"] = ""
    return {"tool": tool, "schema": schema(rng, tool), "params": params, "family": family, "asks": family["asks"] + family.get("loose", [])}


def shown_value(rng, kind, v, key):
    if kind == "boolean":
        return ("on" if v else "off") if key == "on" else rng.choice([("true", "false")] * 3 + [("yes", "no"),
            ("on", "off")])[0 if v else 1]
    if kind == "string" and rng.random() < 0.08:
        return rng.choice(['"{}"', "'{}'"]).format(v)
    return str(v)


def spoken(rng, form, params):
    """An order or a question with the words around it that people use and tools do not."""
    order = form.startswith("!")
    form = form.lstrip("!")
    ends = re.search(r"\{(\w+)\}[\"')]*$", form)
    maker = next((p[6] for p in params if ends and p[0] == ends.group(1)), None)
    open_end = maker in SPOKEN                          # the rest of the request is what shall be said
    timely = not any(p[6] in TIMES for p in params)
    question = form.endswith("?")
    roll = rng.random()
    if order and roll < 0.32:
        lead = rng.choice(ASKING if roll < 0.14 else URGING if roll < 0.25 or TO_ME.match(form) else WANTING)
        form, question = lead + " " + form, roll < 0.14 and not open_end and rng.random() < 0.8
    if rng.random() < 0.12:
        form = rng.choice(HELLO) + " " + form
    form = form.rstrip("?")
    after = ""
    if not open_end and rng.random() < 0.26:
        form += rng.choice(SOON if timely and rng.random() < 0.55 else POLITE)
    if not open_end and rng.random() < 0.05:
        after = rng.choice(AFTER)
    if question:
        mark = "?"
    elif open_end and (re.search(r": \W*\{\w+\W*$", form) or rng.random() < 0.6):
        mark = ""
    else:
        mark = rng.choice([".", ".", ".", ".", "", "", "!"])
    if rng.random() < 0.82 and form[0] != "{":
        form = form[0].upper() + form[1:]
    return form + (mark or ("." if after else "")) + after


def named(rng, built):
    """The request names the tool."""
    keys = [(p[1], "{" + p[0] + "}", p[2] == "string") for p in built["params"] if p[5] or rng.random() < 0.4]
    return by_name(rng, keys)


def request(rng, built, form=None):
    """The user's words, the call they ask for, and the values by key."""
    if not form:
        form = named(rng, built) if not built["asks"] or rng.random() < 0.09 else rng.choice(built["asks"])
    form = spoken(rng, pick(rng, form), built["params"]).replace("{tool}", "\x01")
    values, args = {}, {}
    taken = set(re.findall(r"\w+", re.sub(r"\{\w+\}", " ", form).lower()))
    for key, shown, kind, _, choices, _, maker in built["params"]:
        slot = "{" + key + "}"
        if slot in form:
            for _ in range(9):                           # a value that repeats no other word of the request
                v = maker(rng)
                if kind != "string" or choices or maker in SPOKEN or not taken & set(re.findall(r"\w+", v.lower())):
                    break
            taken |= set(re.findall(r"\w+", str(v).lower()))
            values[key] = v
            args[shown] = v
            quoted = form.partition(slot)[0][-1:] in ("'", '"')
            form = form.replace(slot, v if kind == "string" and quoted else shown_value(rng, kind, v, key))
    return form.replace("\x01", built["tool"]["name"]), {"name": built["tool"]["name"], "arguments": args}, values


def thought(asked, calls, built):
    """The tool's own lines over again, with values in place of types: finding the purpose in the list and reading on from there are two
    easy steps, and one hard one together. A tool that was asked for by its name needs no purpose."""
    about = "" if built["tool"]["name"] in asked else built["tool"]["description"]
    lines = []
    for c in calls:
        lines.append((about + " " if about else "") + "=> " + c["name"])
        lines += [f"- {k}: {json.dumps(v) if isinstance(v, bool) else v}" for k, v in c["arguments"].items()]
    return "\n".join(lines)


def call(asked, calls, built):
    """The user's words and the calls they ask for."""
    return [user(asked), {"role": "assistant", "content": "", "tool_calls": calls, "think": thought(asked, calls, built)}]


def dump(rng, value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":") if rng.random() < 0.35 else None)


def some_text(rng):
    return " ".join(noun(rng) for _ in range(rng.randint(1, 4)))


def result(rng, kind, values):
    """What the tool returned, and the sentence made of it."""
    v = values
    if rng.random() < 0.07:
        why = rng.choice(["not found", "no connection", "timeout", "access denied", some_text(rng), some_text(rng)])
        return dump(rng, {rng.choice(["error", "error", "message"] if kind not in ACTIONS
                                     else ["error"]): why}) if rng.random() < 0.8 else f"Error: {why}", f"That did not work: {why}."
    if kind == "weather":
        t, sky = rng.randint(-20, 45), rng.choice(SKIES)
        pairs = [(rng.choice(["temperature", "temp", "temperature_c", "degrees", "temp_c"]), t),
                 (rng.choice(["conditions", "condition", "sky", "weather", "summary", "description"]), sky)]
        if rng.random() < 0.25:
            pairs.append((rng.choice(["humidity", "wind", "wind_kmh", "pressure"]), rng.randint(1, 99)))
        if rng.random() < 0.25:
            pairs.append((rng.choice(["city", "location", "place"]), v["city"]))
        if rng.random() < 0.2:
            pairs.append((rng.choice(["unit", "units"]), v.get("unit", "celsius")))
        if rng.random() < 0.4:
            rng.shuffle(pairs)
        content = dump(rng, dict(pairs)) if rng.random() < 0.8 else rng.choice([f"{t} degrees, {sky}",
            f"{sky}, {t} degrees", f"{t} C, {sky}", f"{t}°C and {sky}", f"{sky}, {t}"])
        return content, f"It is {t} degrees and {sky} in {v['city']}."
    if kind == "time":
        t = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
        return (dump(rng, {rng.choice(["time", "local_time", "now", "clock"]): t}) if rng.random() < 0.8
                else t), f"It is {t} in {v['city']}."
    if kind in ("add", "multiply", "convert", "random", "asked") or kind == "made-up" and rng.random() < 0.5:
        x = rng.choice([rng.randint(0, 9999), rng.randint(0, 99), round(rng.uniform(0, 999),
            rng.choice([1, 2]))]) if kind != "made-up" or rng.random() < 0.5 else rng.choice([some_text(rng),
                invented(rng)])
        return (dump(rng, {rng.choice(["result", "result", "value", "answer", "sum" if kind == "add" else "output"]): x})
                if rng.random() < 0.8 else str(x)), f"The result is {x}."
    if kind == "search":
        x = some_text(rng)
        return rng.choice([dump(rng, {"result": x}), dump(rng, {"results": [x]}), x,
                           dump(rng, [x])]), f"I found this: {x}."
    if kind == "translate":
        x = some_text(rng)
        return rng.choice([dump(rng, {"translation": x}), dump(rng, {"text": x}), x,
                           dump(rng, {"result": x})]), f"The translation is {x}."
    if kind == "stock":
        x = rng.choice([rng.randint(1, 999), round(rng.uniform(1, 999), 2)])
        return dump(rng, {rng.choice(["price", "price", "value", "quote"]): x}), f"The price of {v['symbol']} is {x}."
    if kind == "order":
        x = rng.choice(["shipped", "delivered", "delayed", "packed", "cancelled", "open", "paid", "lost",
                        invented(rng, 3, 8)])
        return rng.choice([dump(rng, {"status": x}), dump(rng, {"state": x}), x]), f"Order {v['id']} is {x}."
    if kind == "file":
        x = some_text(rng)
        return rng.choice([x, dump(rng, {"content": x}), dump(rng, {"text": x})]), f"The file says: {x}."
    if kind == "contact":
        x = " ".join(str(rng.randint(10, 9999)) for _ in range(rng.randint(1, 3)))
        return rng.choice([x, dump(rng, {"phone": x}), dump(rng, {"number": x})]), f"The number of {v['who']} is {x}."
    if kind == "route":
        x = rng.randint(1, 2000)
        return rng.choice([dump(rng, {"distance_km": x}), dump(rng, {"km": x}),
                           f"{x} km"]), f"It is {x} km from {v['start']} to {v['end']}."
    if kind == "news":
        x = some_text(rng)
        return rng.choice([x, dump(rng, {"headline": x}), dump(rng, {"news": [x]})]), f"The news about {v['topic']}: {x}."
    if kind == "ping":
        up = rng.random() < 0.6
        return rng.choice([dump(rng, {"up": up}), dump(rng, {"status": "up" if up else "down"}), "up" if up else "down",
                           dump(rng, {"alive": up})]), f"{v['host']} is {'up' if up else 'down'}."
    return rng.choice([dump(rng, {"status": rng.choice(["ok", "done", "sent", "success", "set"])}),
                       dump(rng, {"ok": True}), dump(rng, {"success": True}), "ok", "done", "OK",
                       dump(rng, {"status": "ok", "id": rng.randint(1, 9999)})]), "Done."


CLASHING = [{"route", "train", "bus"}, {"route", "taxi"}, {"alarm", "wakecall", "armed"}, {"play", "playlist", "player"},
            {"mute", "player"},
            {"light", "dim", "scene", "fuse"}, {"heat", "heater", "oven"}, {"weather", "wind", "rain", "air"}, {"time", "sunset"},
            {"convert", "transfer"}, {"search", "define", "recipe", "news"}, {"message", "dial", "post", "announce", "pager"},
            {"contact", "dial"}, {"remind", "task", "note"}, {"note", "shopping"}, {"cart", "shopping"}, {"dish", "roomservice", "feeder"},
            {"desk", "seat"}, {"ping", "service"}, {"add", "tip"}, {"locate", "pick", "weigh"}, {"train", "flight"}, {"email", "spam"},
            {"pantry", "instock"}, {"cost", "instock"}, {"absent", "grade"}, {"refund", "cart"}, {"file", "image", "printer"},
            {"file", "folder"}, {"disk", "queue"}, {"doctor", "garage"}, {"timer", "heater", "workout"}, {"light", "blind"}]
COMMON = set("a an the of to in on for or and is are how what which with by from at it its get set find new one some when who where that "
             "has have much many make makes tell tells returns return out up off over into be user somebody something someone number name "
             "not between two near then all there go goes back does do current take use run runs time value show shows list lists".split())


def words_of(family):
    """What a tool is about, and every word that is said of it or to it."""
    if "words" in family:
        return family["words"], family["words"] | family["verbs"]
    said_of = " ".join(family["about"] + family["parts"]).lower()
    base = lambda words: {w.rstrip("s") for w in re.findall(r"[a-z]+", words)}
    return base(said_of) - COMMON, base(said_of + " " + re.sub(r"\{\w+\}", "", " ".join(family["asks"])).lower())


def clash(a, b):
    """Whether a request might mean either of the two tools."""
    if a is b or a.get("tag") and a.get("tag") == b.get("tag"):
        return a is b
    if a.get("twins") and a.get("twins") is b.get("twins"):
        return False
    if any({a.get("tag"), b.get("tag")} <= group for group in CLASHING):
        return True
    (about_a, all_a), (about_b, all_b) = words_of(a), words_of(b)
    if "words" in a and "words" in b:
        return bool(about_a & about_b)
    if "words" in a or "words" in b:
        return bool(about_a & {w for x in all_b for w in (x, x + "s")} if "words" in a else about_b & {w for x in all_a for w in (x,
                                        x + "s")})
    return bool(about_a & about_b)


def choose(rng):
    """One to five tools: of everyday life, made up, or of the known families; some alike but for one word."""
    picked, kinds, goal = [], [], rng.choice([1, 2, 2, 2, 3, 3, 3, 4, 4, 5])
    for _ in range(30):
        if len(picked) >= goal:
            break
        roll = rng.random()
        if roll < 0.4:
            one = rng.choice(EVERYDAY)
            group = [one] + [f for f in EVERYDAY + [FAMILIES.get(one["tag"])] if f and f is not one and one["tag"] == f.get("tag",
                                        one["tag"])
                             and rng.random() < 0.6]
            kind = one["kind"]
        elif roll < 0.8:
            group, kind = twins(rng) if rng.random() < 0.3 and len(picked) + 2 <= goal else [invention(rng)], "made-up"
        else:
            kind = rng.choice(list(FAMILIES) + ["weather"] * 3 + ["time"])
            group = [FAMILIES[kind]]
        for family in group[:goal - len(picked)]:
            built = build(rng, family)
            if any(clash(family, b["family"]) or built["tool"]["name"] == b["tool"]["name"] for b in picked):
                continue
            picked.append(built)
            kinds.append(family.get("kind", kind))
    for b in picked:                                     # "Lock B7" says too little when another tool locks something else
        others = [words_of(o["family"])[1] for o in picked if o is not b]
        if b["family"].get("loose") and any(b["family"]["verbs"] & words for words in others):
            b["asks"] = b["family"]["asks"]
    order = rng.sample(range(len(picked)), len(picked))
    return [picked[i] for i in order], [kinds[i] for i in order]


WORDY = [(text.repeat, "say repeat write print copy echo type answer reply give back speak tell that"),
         (text.spell, "spell write letter word"),
         (text.spell, "spell write letter word"), (text.count, "count list show number give say write print"), (text.as_json, "json")]
PLAIN = [(talk.small, "alarm pause", 4), (talk.identity, "call name", 2), (talk.names, "call name", 1),
         (facts.capital, "capital city country", 2), (facts.colour, "color colour", 2),
         (facts.arithmetic, "add multiply sum tip product number", 2),
         (perch.perch, "load unload model log service daemon point role version memory perch", 2)] + [(m, w, 1) for m, w in WORDY]


def ordinary(rng, me, picked):
    """A question that needs none of the tools, though it may share words with them."""
    known = {w for b in picked for words in words_of(b["family"]) for w in words}
    makers = [(m, weight) for m, words, weight in PLAIN if not known & set(words.split())]
    if not makers:
        return talk.small(rng, me)[:2]
    maker = rng.choices([m for m, _ in makers], [w for _, w in makers])[0]
    if maker in (text.repeat, text.spell) and rng.random() < 0.5:
        other, near = text.word, [w for b in picked for w in re.findall(r"[a-z]{3,9}", b["tool"]["description"].lower())] or ["tool"]
        text.word = lambda r, *low, **high: r.choice(near) if r.random() < 0.6 else other(r, *low, **high)
        try:
            return maker(rng, me)[:2]
        finally:
            text.word = other
    return maker(rng, me)[:2]


def finish(rng, kinds_values):
    turns, sentences = [], []
    for kind, values in kinds_values:
        content, sentence = result(rng, kind, values)
        turns.append({"role": "tool", "content": content})
        sentences.append(sentence)
    return turns + [answer(" ".join(sentences), "The tool has answered.")]


NAMED = (spot, label, person, city, host, room, code)


def exchange(rng, built, kind, p_result):
    """Request and call; often the result and the answer too."""
    first = built["params"][0] if built["params"] else None
    single = first and (kind in ("weather", "time", "stock", "ping") and rng.random() < 0.12 or built["family"].get("everyday")
                        and len(built["params"]) == 1 and first[6] in NAMED and rng.random() < 0.04)
    forms = [f for f in built["asks"] if "{" + first[0] + "}" in f and f.count("{") == 1 and not re.search(r"[.?] |: |it\b|, ", f)] \
        if single else []
    if forms:
        key, shown, maker = first[0], first[1], first[6]
        form = pick(rng, rng.choice(forms))
        form = spoken(rng, form, built["params"])
        two = [maker(rng) for _ in "ab"]
        words = form.replace("{" + key + "}", rng.choice([" and ", " and in " if "in {" in form else " and "]).join(two))
        calls = [{"name": built["tool"]["name"], "arguments": {shown: v}} for v in two]
        turns, done = call(words, calls, built), [(kind, {key: v}) for v in two]
    else:
        words, one, values = request(rng, built)
        turns, done = call(words, [one], built), [(kind, values)]
    if rng.random() < p_result:
        turns += finish(rng, done)
    return turns


def again(rng, built, kind):
    """"And in Rome?" after an answered question."""
    key, shown, _, _, _, _, maker = built["params"][0]
    v = maker(rng)
    form = {"weather": ["And in {x}?", "What about {x}?", "And {x}?", "How about {x}?", "And for {x}?", "Now {x}.", "Then {x}?",
                        "Also {x}, please."],
            "time": ["And in {x}?", "What about {x}?", "And {x}?", "How about {x}?", "Now {x}, please."]}.get(kind,
                ["And {x}?", "What about {x}?", "Now {x}.", "How about {x}?", "The same for {x}, please.", "And for {x}?", "{x} too."])
    calls = [{"name": built["tool"]["name"], "arguments": {shown: v}}]
    turns = call(rng.choice(form).replace("{x}", str(v)), calls, built)
    return turns + (finish(rng, [(kind, {key: v})]) if rng.random() < 0.5 else [])


def can_repeat(built, kind):
    """Whether "And X?" is clear after a request to this tool."""
    return kind in ("weather", "time", "stock", "ping", "order", "contact", "news") or built["family"].get("everyday") and len(
        built["params"]) == 1 and built["params"][0][6] in NAMED


LONGEST = 1900                        # characters; conversations of more tokens than corpus.py takes would be cut


def size(turns):
    return sum(len(t["content"]) + 60 + sum(len(json.dumps(c)) + 30 for c in t.get("tool_calls", ())) for t in turns)


def tools(rng, me):
    """Most of them are drills: many requests to the same tools, so that few tokens hold many decisions."""
    picked, kinds = choose(rng)
    drill = len(picked) > 1 and rng.random() < 0.6
    room_left = LONGEST - sum(len(printed(b["schema"])) for b in picked)
    turns = []
    if rng.random() < 0.3:
        turns.append(system(rng.choice(PLAIN_SYSTEM)))
    while True:
        roll = rng.random()
        if roll < (0.12 if drill else 0.2):
            turns += ordinary(rng, me, picked)
        elif roll < (0.13 if drill else 0.22):
            names = [b["tool"]["name"] for b in picked]
            listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
            turns += [user(rng.choice(["Which tools do you have?", "What tools can you call?", "List your tools.",
                                       "Which tools are there?", "Name your tools.", "What are your tools?", "Which tools can you use?"])),
                                       answer(f"I can call {listed}.", "They ask for my tools.")]
        else:
            i = rng.randrange(len(picked))
            turns += exchange(rng, picked[i], kinds[i], 0.95 if drill else 0.6)
            if turns[-1]["content"] and can_repeat(picked[i], kinds[i]) and rng.random() < 0.25:
                turns += again(rng, picked[i], kinds[i])
        if turns[-1].get("tool_calls") or rng.random() < (0.12 if drill else 0.5) or size(turns) > room_left:
            return turns, [b["schema"] for b in picked]
