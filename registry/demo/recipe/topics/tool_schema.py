"""Tool names and JSON schemas in all the shapes that callers send them in."""

import json

from words import NOUNS, VERBS, invented

PREFIXES = ("get fetch find do run my the api call make new set show check query lookup use tool cmd svc app sys v1 v2 x go on a util core").split()


def styled(rng, parts):
    """Join lower-case parts in one of the naming habits found in the wild."""
    style = rng.choice(["snake"] * 8 + ["camel"] * 4 + ["pascal"] * 2 + ["kebab"] * 3 + ["dotted", "caps", "flat",
        "double"])
    if style == "camel":
        return parts[0] + "".join(p.capitalize() for p in parts[1:])
    if style == "pascal":
        return "".join(p.capitalize() for p in parts)
    if style == "caps":
        return "_".join(p.upper() for p in parts)
    return {"snake": "_", "kebab": "-", "dotted": ".", "flat": "", "double": "__"}[style].join(parts)


def piece(rng):
    return invented(rng, 2, 8) if rng.random() < 0.65 else rng.choice(NOUNS + VERBS + PREFIXES)


def name(rng, parts, p_invented=0.4):
    """A tool or parameter name: the meaningful parts with additions, or nothing but invented parts."""
    if rng.random() < p_invented:
        parts = [piece(rng) for _ in range(rng.choice([1, 1, 2, 2, 3]))]
    else:
        parts = list(parts)
        if rng.random() < 0.3:
            parts.insert(rng.choice([0, len(parts)]), piece(rng))
    if rng.random() < 0.1:
        parts.append(str(rng.randint(1, 99)))
    return styled(rng, parts)


def schema(rng, tool):
    """tool: name, description, params [(name, type, description, choices, required)]. Returns the object a caller would send."""
    props = {}
    described = rng.random() < 0.7 or tool.get("describe")
    for key, kind, text, choices, _ in tool["params"]:
        entry = {"type": kind}
        if described and text:
            entry["description"] = text
        if choices:
            entry["enum"] = list(choices)
        if rng.random() < 0.1:
            entry = dict(reversed(entry.items()))
        props[key] = entry
    params = {"type": "object", "properties": props}
    required = [p[0] for p in tool["params"] if p[4]]
    if rng.random() < 0.75 and (required or rng.random() < 0.5):
        params["required"] = required
    if rng.random() < 0.15:
        params["additionalProperties"] = False
    if rng.random() < 0.1:
        params = {k: params[k] for k in rng.sample(list(params), len(params))}
    fn = {"name": tool["name"], "description": tool["description"], "parameters": params}
    if not tool["description"]:
        del fn["description"]
    if not props and rng.random() < 0.3:
        del fn["parameters"]
    if rng.random() < 0.1:
        fn["strict"] = rng.random() < 0.5
    if rng.random() < 0.1:
        fn = dict(sorted(fn.items()))
    if rng.random() < 0.06:
        fn = {k: fn[k] for k in rng.sample(list(fn), len(fn))}
    if rng.random() < 0.12:
        return fn                                   # some callers and templates drop the wrapper
    whole = {"type": "function", "function": fn}
    return dict(reversed(whole.items())) if rng.random() < 0.12 else whole


def printed(rng, tools):
    """The lines of the <tools> section; separators differ between template engines."""
    compact, ordered = rng.random() < 0.35, rng.random() < 0.12
    return [json.dumps(t, ensure_ascii=False, sort_keys=ordered, separators=(",", ":") if compact else None)
            for t in tools]
