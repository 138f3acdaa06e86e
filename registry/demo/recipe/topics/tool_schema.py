"""Tool names in all the shapes that callers send them in, and the lines that a tool is described with."""

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
    """tool: name, description, params [(name, type, description, choices, required)]. Returns the object a caller would send. How it is
    written in JSON does not matter: the chat template prints what it says and not how."""
    props = {}
    described = rng.random() < 0.7 or tool.get("describe")
    for key, kind, text, choices, _ in tool["params"]:
        props[key] = {"type": kind}
        if described and text:
            props[key]["description"] = text
        if choices:
            props[key]["enum"] = list(choices)
    required = [p[0] for p in tool["params"] if p[4]] if rng.random() < 0.75 else []
    return {"type": "function", "function": {"name": tool["name"], "description": tool["description"],
            "parameters": {"type": "object", "properties": props, "required": required}}}


def printed(tool):
    """The lines of the <tools> section, as chat_template.jinja writes them. What the tool is for stands before its name: the words of a
    request are found in the description, and what follows is the name."""
    fn = tool["function"]
    lines = [(fn["description"] + " " if fn["description"] else "") + "=> " + fn["name"]]
    for key, about in fn["parameters"]["properties"].items():
        kind = " | ".join(about["enum"]) if "enum" in about else about["type"]
        lines.append(f"- {key}{'' if key in fn['parameters']['required'] else '?'}: {kind}"
                     + (f". {about['description']}" if about.get("description") else ""))
    return "".join(line + "\n" for line in lines)
