"""Conversations with tools: choosing, calling, reading the result, and leaving tools alone when the question needs none."""

import json

from phrase import answer, pick, said, system, user
from topics import facts, perch, talk, text
from topics.tool_families import FAMILIES
from topics.tool_inventions import invention
from topics.tool_schema import name, piece, schema, styled
from words import invented, noun

SKIES = ("sunny cloudy rainy snowy windy foggy clear stormy hot cold dry wet mild misty cool warm grey").split()
ACTIONS = ("email", "message", "remind", "alarm", "timer", "light", "heat", "play", "event", "note", "load model")
PLAIN_SYSTEM = ("You are a helpful assistant.", "You are a helpful assistant", "You are a small assistant.",
                "Be helpful.", "You help the user.", "You can call tools.",
                "You are an assistant with tools.", "Use a tool when it helps.", "Answer the user.", "Be brief.",
                "You are a useful helper. Use tools if you need them.", "Help the user with the tools you have.")


def build(rng, family):
    """One tool of a family: the schema, and how its parameters are called in it."""
    semantic = not family.get("direct")
    params, describe = [], False
    for p in family["params"]:
        key, parts, kind, about, maker, required = p[:6]
        choices = p[6] if len(p) > 6 else None
        if len(p) > 6:                                   # made-up parameters are mentioned by name, so the name stays
            shown = key
        elif rng.random() < 0.2:
            shown, describe = styled(rng, [invented(rng, 1, 7) for _ in range(rng.choice([1, 1, 2]))]), True
        else:
            shown = styled(rng, rng.choice(parts).split() + ([piece(rng)] if rng.random() < 0.08 else []))
            if rng.random() < 0.06:
                shown = shown.capitalize()
        if key == "unit":
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
    return {"tool": tool, "schema": schema(rng, tool), "params": params, "family": family}


def shown_value(rng, kind, v, key):
    if kind == "boolean":
        return ("on" if v else "off") if key == "on" else rng.choice([("true", "false")] * 3 + [("yes", "no"),
            ("on", "off")])[0 if v else 1]
    if kind == "string" and rng.random() < 0.08:
        return rng.choice(['"{}"', "'{}'"]).format(v)
    return str(v)


def request(rng, built, form=None):
    """The user's words, the call they ask for, and the values by key."""
    form = form or rng.choice(built["family"]["asks"])
    form = pick(rng, form.replace("{tool}", "\x01"))
    values, args = {}, {}
    for key, shown, kind, _, choices, _, maker in built["params"]:
        if "{" + key + "}" in form:
            v = maker(rng)
            values[key] = v
            args[shown] = v
            form = form.replace("{" + key + "}", shown_value(rng, kind, v, key))
    return form.replace("\x01", built["tool"]["name"]), {"name": built["tool"]["name"], "arguments": args}, values


def thought(calls, built):
    """The tool's own lines over again, with values in place of types: finding the purpose in the list and reading on from there are two
    easy steps, and one hard one together."""
    about = built["tool"]["description"]
    lines = []
    for c in calls:
        lines.append((about + " " if about else "") + "=> " + c["name"])
        lines += [f"- {k}: {json.dumps(v) if isinstance(v, bool) else v}" for k, v in c["arguments"].items()]
    return "\n".join(lines)


def call(calls, built):
    return {"role": "assistant", "content": "", "tool_calls": calls, "think": thought(calls, built)}


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
    if kind in ("add", "multiply", "convert", "random") or kind == "made-up" and rng.random() < 0.5:
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


def choose(rng):
    """One to four tools of different families."""
    picked, kinds = [], []
    for _ in range(rng.choice([1, 2, 2, 3, 3, 3, 4])):
        kind = "made-up" if rng.random() < 0.6 else rng.choice(list(FAMILIES) + ["weather"] * 5 + ["time"] * 2)
        if kind != "made-up" and kind in kinds:
            continue
        built = build(rng, invention(rng) if kind == "made-up" else FAMILIES[kind])
        if any(built["tool"]["name"] == b["tool"]["name"] for b in picked):
            continue
        picked.append(built)
        kinds.append(kind)
    return picked, kinds


def ordinary(rng, me, kinds):
    """A question that needs none of the tools."""
    makers = [talk.small, talk.small, talk.identity, facts.capital, facts.colour, perch.perch, text.repeat, text.spell]
    if not {"add", "multiply"} & set(kinds):
        makers += [facts.arithmetic]
    turns = rng.choice(makers)(rng, me)[:2]
    return turns


def finish(rng, kinds_values):
    turns, sentences = [], []
    for kind, values in kinds_values:
        content, sentence = result(rng, kind, values)
        turns.append({"role": "tool", "content": content})
        sentences.append(sentence)
    return turns + [answer(" ".join(sentences), "The tool has answered.")]


def exchange(rng, built, kind, p_result):
    """Request and call; often the result and the answer too."""
    keys = [p[0] for p in built["params"]]
    if kind in ("weather", "time", "stock", "ping") and rng.random() < 0.12:
        form = rng.choice([f for f in built["family"]["asks"] if "{" + keys[0] + "}" in f and f.count("{") == 1])
        form = pick(rng, form)
        two = [built["params"][0][6](rng) for _ in "ab"]
        words = form.replace("{" + keys[0] + "}", rng.choice([" and ",
            " and in " if "in {" in form else " and "]).join(two))
        calls = [{"name": built["tool"]["name"], "arguments": {built["params"][0][1]: v}} for v in two]
        turns, done = [user(words), call(calls, built)], [(kind, {keys[0]: v}) for v in two]
    else:
        words, one, values = request(rng, built)
        turns, done = [user(said(rng, words, keep_case=True, tail=False)), call([one], built)], [(kind, values)]
    if rng.random() < p_result:
        turns += finish(rng, done)
    return turns


def again(rng, built, kind):
    """"And in Rome?" after an answered question."""
    key, shown, _, _, _, _, maker = built["params"][0]
    v = maker(rng)
    form = {"weather": ["And in {x}?", "What about {x}?", "And {x}?", "How about {x}?", "And for {x}?", "Now {x}."],
            "time": ["And in {x}?", "What about {x}?", "And {x}?", "How about {x}?"]}.get(kind,
                ["And {x}?", "What about {x}?", "Now {x}.", "How about {x}?"])
    calls = [{"name": built["tool"]["name"], "arguments": {shown: v}}]
    turns = [user(rng.choice(form).replace("{x}", str(v))), call(calls, built)]
    return turns + (finish(rng, [(kind, {key: v})]) if rng.random() < 0.5 else [])


def tools(rng, me):
    """Half of them are drills: many requests to the same tools, so that few tokens hold many decisions."""
    picked, kinds = choose(rng)
    drill = len(picked) > 1 and rng.random() < 0.5
    turns = []
    if rng.random() < 0.3:
        turns.append(system(rng.choice(PLAIN_SYSTEM)))
    while True:
        roll = rng.random()
        if roll < (0.04 if drill else 0.15):
            turns += ordinary(rng, me, kinds)
        elif roll < (0.05 if drill else 0.17):
            names = [b["tool"]["name"] for b in picked]
            listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
            turns += [user(rng.choice(["Which tools do you have?", "What tools can you call?", "List your tools.",
                                       "Which tools are there?", "Name your tools."])),
                                       answer(f"I can call {listed}.", "They ask for my tools.")]
        else:
            i = rng.randrange(len(picked))
            turns += exchange(rng, picked[i], kinds[i], 0.95 if drill else 0.6)
            if turns[-1]["content"] and kinds[i] in ("weather", "time", "stock", "ping", "order", "contact",
                "news") and rng.random() < 0.3:
                turns += again(rng, picked[i], kinds[i])
        if turns[-1].get("tool_calls") or rng.random() < (0.12 if drill else 0.5):
            return turns, [b["schema"] for b in picked]
