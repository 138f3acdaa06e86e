"""Write development.jsonl or held_out.jsonl: python3 -B make_held_out.py development|held_out. The files are committed; this says where
they come from. Both have the same categories in the same numbers; wordings, words and tools are in SET_words.py and SET_tools.py.

How an item is judged (field "judge"):
  {"contains": [..]}  every string occurs in the answer, whatever the case; {name} stands for the model's own name
  {"exact": [..]}     the answer is one of these
  {"json": value}     the answer is this JSON value
  {"calls": [..]}     exactly these tool calls, in any order, with equal arguments
Every judge but the last also wants that no tool is called.
"""

import argparse
import importlib
import json
import pathlib
import random
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "registry/demo/recipe"))
from words import CAPITALS, country  # noqa: E402  the facts are the same, the wordings are not

parser = argparse.ArgumentParser(description="Writes SET.jsonl beside this program.")
parser.add_argument("set", choices=["development", "held_out"])
NAME = parser.parse_args().set
own = types.SimpleNamespace(**vars(importlib.import_module(NAME + "_words")), **{k: v for k, v in vars(
    importlib.import_module(NAME + "_tools")).items() if k.isupper()})
rng = random.Random(own.SEED)
items = []


def add(category, messages, judge, tools=None):
    if isinstance(messages, str):
        messages = [user(messages)]
    item = {"id": f"{category}-{sum(i['category'] == category for i in items) + 1}", "category": category,
        "messages": messages}
    if tools:
        item["tools"] = tools
    items.append({**item, "judge": judge})


def user(text):
    return {"role": "user", "content": text}


def said(text):
    return {"role": "assistant", "content": text}


def fill(text, **slots):
    for k, v in slots.items():
        text = text.replace("{" + k + "}", str(v))
    return text


def capital_line(c):
    return f"The capital of {country(c)} is {CAPITALS[c]}."


def talk():
    for wordings, want in own.SMALL.values():
        for w in wordings:
            add("small talk", w, {"contains": want})
    for w in own.WHO:
        add("identity", w, {"contains": ["I am {name}"]})
    for w in own.PRETEND:
        for o in rng.sample(own.OTHERS, 2):
            add("identity", fill(w, o=o), {"contains": ["I am {name}"]})
    for w in own.MADE:
        add("identity", w, {"contains": ["trained", "Perch"]})


def perch():
    for wordings, want in own.PERCH:
        for w in wordings:
            add("perch", w, {"contains": want})
    models = rng.sample(own.MODELS, len(own.MODELS))
    for wordings, want in own.PERCH_ID:
        for w in wordings:
            m, r = models.pop() if models else rng.choice(own.MODELS), rng.choice(own.ROLES)
            add("perch", fill(w, m=m, r=r), {"contains": [fill(want, m=m, r=r)]})


def numbers():
    from topics.facts import reserved
    for forms, op in ((own.ADD, "+"), (own.MINUS, "-"), (own.TIMES, "*")):
        for w in forms * (3 if op != "*" else 2):
            while True:
                a, b = (rng.randint(2, 10), rng.randint(2, 10)) if op == "*" else (rng.randint(0, 99), rng.randint(0, 99)
                    if rng.random() < 0.7 else rng.randint(0, 9))
                a, b = (max(a, b), min(a, b)) if op == "-" else (a, b)
                if op == "*" or reserved(a, op, b):       # pairs that the corpus leaves out
                    break
            value = a + b if op == "+" else a - b if op == "-" else a * b
            add("arithmetic", fill(w, a=a, b=b), {"exact": [f"{a} {op} {b} = {value}.", f"{value}", f"{value}."]})
    for w in own.COUNT:
        a = rng.choice([1, 1, 1, rng.randint(2, 40)])
        b = a + rng.choice([9, 19, 29, 59])
        add("count", fill(w, a=a, b=b), {"exact": [", ".join(map(str, range(a, b + 1))) + "."]})
    for w, b in own.COUNT_TO:
        add("count", fill(w, b=b), {"exact": [", ".join(map(str, range(1, b + 1))) + "."]})
    for b in own.COUNT_LONG:
        add("count", fill(own.COUNT[0], a=1, b=b), {"exact": [", ".join(map(str, range(1, b + 1))) + "."]})


def facts():
    for i in range(48):
        c = own.COUNTRIES[i % len(own.COUNTRIES)]
        add("capitals", fill(own.CAPITAL[i % len(own.CAPITAL)], c=country(c)), {"contains": [CAPITALS[c]]})
    things = list(own.COLOURED)
    for i in range(32):
        t = things[i % len(things)]
        add("colours", fill(own.COLOUR[(i + i // len(things)) % len(own.COLOUR)], t=t), {"contains": [own.COLOURED[t]]})


def words():
    for i, line in enumerate(own.LINES * 2):
        add("repeat", fill(own.REPEAT[(i + i // len(own.LINES)) % len(own.REPEAT)], x=line), {"exact": [line, line + "."]})
    for i, w in enumerate((own.THINGS + own.PEOPLE)[::2]):
        add("spell", fill(own.SPELL[i % len(own.SPELL)], x=w), {"exact": ["-".join(w)]})


def as_json():
    for w in own.JSON_NAME * 3:
        n, a = rng.choice(own.PEOPLE), rng.randint(3, 98)
        add("json", fill(w, n=n, a=a), {"json": {"name": n, "age": a}})
    for w in own.JSON_CITY * 2:
        n, c = rng.choice(own.PEOPLE), rng.choice(own.CITIES)
        add("json", fill(w, n=n, c=c), {"json": {"name": n, "city": c}})
    for w in own.JSON_CAPITAL * 3:
        c = rng.choice(own.COUNTRIES)
        add("json", fill(w, c=c), {"json": {"country": c, "capital": CAPITALS[c]}})
    for w in own.JSON_FREE * 4:
        (j, k), x, y = rng.sample(own.THINGS, 2), rng.choice(own.PEOPLE + own.THINGS), rng.randint(2, 999)
        add("json", fill(w, j=j, k=k, x=x, y=y), {"json": {j: x, k: y}})


def obeying():
    def one(order, question, judge):
        add("system prompt", [{"role": "system", "content": order}, user(question)], judge)
    for w in own.SYSTEM_WORD * 2:
        c, t = rng.choice(own.COUNTRIES), rng.choice(list(own.COLOURED))
        one(w, fill(rng.choice(own.CAPITAL), c=country(c)), {"exact": [CAPITALS[c], CAPITALS[c] + "."]})
        one(w, fill(rng.choice(own.COLOUR), t=t), {"exact": [own.COLOURED[t], own.COLOURED[t] + "."]})
    for w in own.SYSTEM_ALWAYS * 2:
        x = rng.choice(own.THINGS)
        one(fill(w, x=x), rng.choice(own.SYSTEM_ASKED), {"exact": [x, x + "."]})
    for w in own.SYSTEM_END * 2:
        x, c = rng.choice(own.THINGS), rng.choice(own.COUNTRIES)
        one(fill(w, x=x), fill(rng.choice(own.CAPITAL), c=country(c)), {"exact": [capital_line(c) + " " + x,
            capital_line(c) + " " + x + "."]})
    for w in own.SYSTEM_UPPER * 2:
        c = rng.choice(own.COUNTRIES)
        one(w, fill(rng.choice(own.CAPITAL), c=country(c)), {"exact": [capital_line(c).upper()]})
    for w in own.SYSTEM_NAME:
        n = rng.choice(own.PEOPLE)
        one(fill(w, n=n), rng.choice(own.WHAT_NAME), {"contains": [n]})
    for w in own.SYSTEM_MILD:
        c = rng.choice(own.COUNTRIES)
        one(w, fill(rng.choice(own.CAPITAL), c=country(c)), {"contains": [CAPITALS[c]]})


def several_turns():
    for w in own.AND * 2:
        c, d = rng.sample(own.COUNTRIES, 2)
        add("follow-up", [user(fill(rng.choice(own.CAPITAL), c=country(c))), said(capital_line(c)), user(fill(w,
            c=country(d)))], {"contains": [CAPITALS[d]]})
    for i, w in enumerate(own.MY_NAME * 2):
        n = rng.choice(own.PEOPLE)
        turns = [user(fill(w, n=n)), said(f"Nice to meet you, {n}!")]
        if i % 2:
            c = rng.choice(own.COUNTRIES)
            turns += [user(fill(rng.choice(own.CAPITAL), c=country(c))), said(capital_line(c))]
        add("follow-up", turns + [user(own.WHAT_NAME[i % len(own.WHAT_NAME)])], {"contains": [n]})
    for w in own.AND_COLOUR:
        a, b = rng.sample(list(own.COLOURED), 2)
        add("follow-up", [user(fill(rng.choice(own.COLOUR), t=a)), said(f"{a[0].upper()}{a[1:]} is {own.COLOURED[a]}."),
            user(fill(w, t=b))], {"contains": [own.COLOURED[b]]})
    for w in own.AND_SUM:
        a, b = rng.randint(1, 40), rng.randint(1, 40)
        add("follow-up", [user("What's 2 + 2?"), said("2 + 2 = 4."), user(fill(w, a=a, b=b))],
            {"exact": [f"{a} + {b} = {a + b}.", f"{a + b}", f"{a + b}."]})
    for w, want in own.AFTER_SUM:
        add("follow-up", [user("What's 2 + 2?"), said("2 + 2 = 4."), user(w)], {"contains": [want]})


def value(kind, choices):
    return {"choice": lambda: rng.choice(choices), "bool": lambda: rng.random() < 0.5,
        "city": lambda: rng.choice(own.CITIES), "city2": lambda: rng.choice(own.CITIES),
        "person": lambda: rng.choice(own.PEOPLE), "thing": lambda: rng.choice(own.THINGS),
        "thing2": lambda: rng.choice(own.THINGS) + own.RENAMED, "things": lambda: " ".join(rng.sample(own.THINGS, 2)),
        "digit": lambda: rng.randint(1, 5), "small": lambda: rng.randint(2, 9), "mid": lambda: rng.randint(10, 95),
        "digits": lambda: str(rng.randint(100000, 9999999)),
        "code": lambda: rng.choice(own.CODE_LETTERS) + str(rng.randint(10, 999)),
        "host": lambda: rng.choice(own.HOSTS)}[kind]()


def schema(names, about, params):
    """As an OpenAI client sends it; what is left out or added varies."""
    props = {}
    for key, kind, text, choices, _, _ in params:
        props[key] = {"type": kind, **({"description": text} if text else {}), **({"enum": choices} if choices else {})}
    parameters = {"type": "object", "properties": props}
    if rng.random() < 0.85:
        parameters["required"] = [p[0] for p in params if p[4]]
    if rng.random() < 0.2:
        parameters["additionalProperties"] = False
    function = {"name": rng.choice(names), **({"description": about} if about else {}), "parameters": parameters}
    if rng.random() < 0.15:
        function["strict"] = True
    return {"type": "function", "function": function}


def tool_item(spec, form):
    tool = schema(*spec[:3])
    name, args = tool["function"]["name"], {}
    text = form.replace("{tool}", name)
    for key, _, _, choices, _, kind in spec[2]:
        if "{" + key + "}" in text:
            v = value(kind, choices)
            args[key] = v
            text = text.replace("{" + key + "}", {True: "true", False: "false"}.get(v, str(v)) if isinstance(v, bool)
                else str(v))
    return tool, text, {"name": name, "arguments": args}


def with_others(tool, spec, count):
    """The tool among `count` others that do not share a word of their description with it."""
    common = {"a", "the", "of", "to", "in", "get", "current", "set", "name"}
    def alike(other):
        return set(other[1].lower().split()) & set(spec[1].lower().split()) - common
    tools = [schema(*t[:3]) for t in rng.sample([t for t in own.TOOLS if t is not spec and not alike(t)], count)] + [tool]
    rng.shuffle(tools)
    return tools


def calls():
    for spec in own.TOOLS:
        for form in spec[3]:
            tool, text, call = tool_item(spec, form)
            add("call, one tool", text, {"calls": [call]}, [tool])
    for spec in own.TOOLS:
        for form in spec[3][:2]:
            tool, text, call = tool_item(spec, form)
            add("call, choice", text, {"calls": [call]}, with_others(tool, spec, rng.choice([1, 2])))
    for spec in own.DIRECT:
        for form in spec[3] * 2:
            tool, text, call = tool_item(spec, form)
            add("call, by name", text, {"calls": [call]}, with_others(tool, spec, rng.choice([0, 1, 2])))
    for spec in (own.TOOLS[i] for i in own.TWICE):
        for form in spec[3][:2]:
            tool, _, call = tool_item(spec, form)
            x, y = rng.sample(own.CITIES, 2)
            key = spec[2][0][0]
            add("call, two at once", form.replace("{" + key + "}", f"{x} and {y}"), {"calls": [{**call,
                "arguments": {key: c}} for c in (x, y)]}, [tool])


def answers():
    for index, result, want in own.RESULTS:
        spec = own.TOOLS[index]
        tool, text, call = tool_item(spec, rng.choice(spec[3]))
        x = str(next(iter(call["arguments"].values()), ""))
        made = {"id": "call_1", "type": "function", "function": {"name": call["name"],
            "arguments": json.dumps(call["arguments"])}}
        turns = [user(text), {"role": "assistant", "content": None, "tool_calls": [made]}, {"role": "tool",
            "tool_call_id": "call_1", "content": fill(result, x=x)}]
        add("answer from a result", turns, {"contains": [fill(w, x=x) for w in want]}, [tool])
    for text, want in own.NO_TOOL * 2:
        spec = rng.choice(own.TOOLS)
        tool, _, _ = tool_item(spec, spec[3][0])
        add("tools not needed", text, {"contains": want}, with_others(tool, spec, rng.choice([0, 1, 2])))


for part in (talk, perch, numbers, facts, words, as_json, obeying, several_turns, calls, answers):
    part()
(HERE / f"{NAME}.jsonl").write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
