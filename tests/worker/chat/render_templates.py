#!/usr/bin/env python3
"""Our rendering of chat templates is Python Jinja2's, byte for byte, set up as the model authors' own tools set it up.

usage: render_templates.py PROGRAM TEMPLATES
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment


def refuse(message):
    raise TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = refuse
    return made


# Tools are none of its business; what we put into its messages instead is tested elsewhere.
WITHOUT_TOOLS = {"gemma"}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather – \"now\".",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where"},
                "days": {"type": "integer", "minimum": 1},
                "unit": {"type": "string", "enum": ["°C", "°F"]},
            },
            "required": ["city"],
        },
    },
}
NOW = {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}}}


def call(number, name, arguments):
    return {"id": f"call{number:05}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}}


def conversations():
    user = {"role": "user", "content": "Wie ist das Wetter?  "}
    system = {"role": "system", "content": "Be brief."}
    calls = {"role": "assistant", "content": None, "tool_calls": [call(1, "get_weather", {"city": "Köln \"a\"", "days": 2, "list": [1, None, True, {"x": 1.5}]})]}
    two = {"role": "assistant", "content": "Moment.", "tool_calls": [call(1, "get_weather", {"city": "Bonn"}), call(2, "now", {})]}
    results = [{"role": "tool", "tool_call_id": "call00001", "content": "{\"temp\": 3}"}, {"role": "tool", "tool_call_id": "call00002", "content": "12:00"}]
    answer = {"role": "assistant", "content": "3 Grad <b>.\n"}
    thought = {"role": "assistant", "content": None, "reasoning_content": "Look it up.\n", "tool_calls": calls["tool_calls"]}
    tagged = {"role": "assistant", "content": "<think>\nhm\n</think>\n\n3 Grad."}

    def talk(*messages, tools=None, **variables):
        return {"messages": list(messages), "tools": tools, "variables": variables or None}

    both = [WEATHER, NOW]
    return [
        talk(user),
        talk(system, user),
        talk(system, user, answer, user),
        talk(user, tools=both),
        talk(system, user, tools=both),
        talk(system, user, calls, results[0], tools=both),
        talk(system, user, two, *results, answer, user, tools=both),
        talk(user, thought, results[0], tools=[WEATHER]),
        talk(user, tagged, user),
        talk(user, enable_thinking=False, thinking=False, reasoning_effort="high"),
        talk(user, enable_thinking=True, thinking=True, reasoning_effort="low"),
        talk({"role": "user", "content": "Zeile\n\nmit {{ Klammern }} und \u2028 \U0001f600 \\ \"'"}),
    ]


def variants(conversation):
    """What our adaptation may have made of it: arguments as objects, no null content, a thought under gpt-oss's name for it."""
    for objects in (True, False):
        for content in (None, ""):
            for thinking in (True, False):
                messages = json.loads(json.dumps(conversation["messages"]))
                for message in messages:
                    if message["content"] is None:
                        message["content"] = content
                    for made in message.get("tool_calls", []) if objects else []:
                        made["function"]["arguments"] = json.loads(made["function"]["arguments"])
                    if thinking and "reasoning_content" in message:
                        message["thinking"] = message["reasoning_content"]
                yield messages


def render(template, messages, conversation):
    names = dict(conversation["variables"] or {})
    if conversation["tools"]:
        names["tools"] = conversation["tools"]
    try:
        return template.render(messages=messages, add_generation_prompt=True, bos_token="<s>", eos_token="</s>", **names)
    except (TemplateError, TypeError, ValueError):
        return None


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    asked = conversations()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asked, file)
        file.flush()
        # minja leaks the context of a macro when a template refuses a conversation, which finding out what it can do involves.
        quiet = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        ours = json.loads(subprocess.run([program, str(folder), file.name], check=True, capture_output=True, text=True, env=quiet).stdout)
    failures = compared = refused = 0
    for path in sorted(folder.glob("*.jinja")):
        template = environment().from_string(path.read_text())
        if ours[path.stem]["family"] != path.stem:
            print(f"{path.stem}: taken for {ours[path.stem]['family']}")
            failures += 1
        for number, conversation in enumerate(asked):
            with_tools = conversation["tools"] or any("tool_calls" in message for message in conversation["messages"])
            if with_tools and path.stem in WITHOUT_TOOLS:
                continue
            theirs = [render(template, messages, conversation) for messages in variants(conversation)]
            mine = ours[path.stem]["texts"][number]
            if all(text is None for text in theirs):
                refused += 1  # whatever we say to such a conversation comes from our adaptation
                continue
            compared += 1
            if mine not in theirs or mine is None:
                failures += 1
                print(f"{path.stem}, conversation {number}:\n  ours:   {mine!r}\n  jinja2: {theirs[0]!r}")
    print(f"{compared} texts compared, {refused} refused by the template itself, {failures} differences")
    return 1 if failures or compared < 120 else 0


if __name__ == "__main__":
    sys.exit(main())
