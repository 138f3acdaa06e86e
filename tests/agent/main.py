#!/usr/bin/env python3
"""A scripted agent that works with a demo model for forty turns, streaming and not: every turn asks for something that a tool must do, sends
the tool's result back and wants the answer.

  main.py BIN_FOLDER [--model sparrow-q8_0] [--turns 40] [--min-right 0.9] [--show]

Every call must be valid: one of the tools, arguments that satisfy its schema, no markup beside it. That it is also the right one, with the
right values, is counted and has a minimum. The history is sent whole until it is as long as the demo models were trained for; then its
oldest turns go, as agents do it.
"""

import argparse
import http.client
import json
import pathlib
import random
import re
import sys

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from daemon import Daemon  # noqa: E402

LONGEST = 750  # prompt tokens
MARKUP = re.compile(r"</?tool_call|</?think|<\|im_|<tools|</?tool_response")


def tool(name, description, **parameters):
    return {"type": "function", "function": {"name": name, "description": description, "strict": True, "parameters": {
        "type": "object", "properties": parameters, "required": list(parameters), "additionalProperties": False}}}


def text(description):
    return {"type": "string", "description": description}


TOOLS = [
    tool("get_weather", "Get the weather of a city", city=text("Name of the city")),
    tool("set_timer", "Set a timer", minutes={"type": "integer", "description": "Number of minutes"}),
    tool("read_file", "Read a file", path=text("Path of the file")),
]
CITIES = "Tilburg Oaxaca Brno Cork Leipzig Dakar Tampere Nagoya Quimper Malmo".split()
FOLDERS, STEMS, ENDINGS = "src docs lib notes".split(), "main todo report config index draft".split(), "txt md py json".split()


def errand(rng):
    """What the user says, the call it takes, what the tool returns and a word that the answer must hold."""
    kind = rng.choice(["weather", "timer", "file"])
    if kind == "weather":
        city, degrees = rng.choice(CITIES), rng.randint(1, 30)
        ask = rng.choice(["What is the weather in {}?", "How is the weather in {}?", "Weather in {}, please.", "Tell me the weather in {}."])
        return ask.format(city), ("get_weather", {"city": city}), {"temperature": degrees, "conditions": "sunny"}, str(degrees)
    if kind == "timer":
        minutes = rng.randint(2, 59)
        ask = rng.choice(["Set a timer for {} minutes.", "Please set a timer for {} minutes.", "Timer for {} minutes, please."])
        return ask.format(minutes), ("set_timer", {"minutes": minutes}), {"status": "ok"}, "Done"
    path, found = f"{rng.choice(FOLDERS)}/{rng.choice(STEMS)}.{rng.choice(ENDINGS)}", rng.choice(["milk and bread", "call the office"])
    ask = rng.choice(["Read the file {}.", "Please read {}.", "What is in the file {}?", "Show me the file {}."])
    return ask.format(path), ("read_file", {"path": path}), {"content": found}, found


class Fault(Exception):
    """Something that no answer may be."""


def require(condition, complaint):
    if not condition:
        raise Fault(complaint)


class Session:
    def __init__(self, daemon, model, stream):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=120)
        self.model, self.stream = model, stream
        self.messages, self.prompt_tokens, self.cached_tokens = [], 0, 0

    def ask(self):
        """The assistant's message and its finish reason."""
        body = {"model": self.model, "messages": self.messages, "tools": TOOLS, "temperature": 0, "max_tokens": 300, "stream": self.stream}
        if self.stream:
            body["stream_options"] = {"include_usage": True}
        self.connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        raw = reply.read()
        require(reply.status == 200, f"status {reply.status}: {raw[:300]}")
        message, reason, usage = self.assembled(raw.decode()) if self.stream else self.whole(json.loads(raw))
        self.prompt_tokens = usage["prompt_tokens"]
        self.cached_tokens += usage["prompt_tokens_details"]["cached_tokens"]
        require(not MARKUP.search(message.get("content") or ""), f"markup in the content: {message['content']!r}")
        return message, reason

    @staticmethod
    def whole(answer):
        return answer["choices"][0]["message"], answer["choices"][0]["finish_reason"], answer["usage"]

    @staticmethod
    def assembled(raw):
        """Put together as OpenAI's SDKs do it: by index, names once, arguments in pieces."""
        events = [line[6:] for line in raw.split("\n\n") if line]
        require(events[-1] == "[DONE]", "the stream has no end")
        message, calls, reason, usage = {"role": "assistant", "content": ""}, {}, None, None
        for chunk in map(json.loads, events[:-1]):
            usage = chunk.get("usage") or usage
            for choice in chunk["choices"]:
                require(reason is None, "a choice goes on after its finish reason")
                message["content"] += choice["delta"].get("content") or ""
                reason = choice["finish_reason"]
                for delta in choice["delta"].get("tool_calls", []):
                    if delta["index"] not in calls:
                        require(delta["id"] and delta["type"] == "function" and delta["function"]["name"], f"a call begins with {delta}")
                        calls[delta["index"]] = {"id": delta["id"], "type": "function",
                                                 "function": {"name": delta["function"]["name"], "arguments": ""}}
                    else:
                        require("name" not in delta["function"], f"a call goes on with {delta}")
                    calls[delta["index"]]["function"]["arguments"] += delta["function"].get("arguments", "")
        require(usage is not None, "the stream has no usage")
        if calls:
            message["tool_calls"] = [calls[i] for i in sorted(calls)]
        return message, reason, usage

    def shorten(self):
        if self.prompt_tokens > LONGEST:
            turns = [i for i, m in enumerate(self.messages) if m["role"] == "user"]
            self.messages = self.messages[turns[len(turns) // 2]:]


def checked(message, reason):
    """The calls of a message that must have some, as (name, arguments)."""
    calls = message.get("tool_calls") or []
    require(reason == ("tool_calls" if calls else "stop"), f"finish reason {reason!r} with {len(calls)} calls")
    require(len({c["id"] for c in calls}) == len(calls), "two calls have one id")
    found = []
    for call in calls:
        known = {t["function"]["name"]: t["function"]["parameters"] for t in TOOLS}
        name = call["function"]["name"]
        require(name in known, f"there is no tool {name!r}")
        arguments = json.loads(call["function"]["arguments"])
        jsonschema.validate(arguments, known[name])
        found.append((name, arguments))
    return found


def work(session, turns, seed, show):
    """How many turns had a call, the right call, the right answer."""
    rng, called, right, answered = random.Random(seed), 0, 0, 0
    for turn in range(turns):
        asked, wanted, result, word = errand(rng)
        session.messages.append({"role": "user", "content": asked})
        message, reason = session.ask()
        calls = checked(message, reason)
        called += bool(calls)
        right += calls == [wanted]
        if show and calls != [wanted]:
            print(f"turn {turn}: {asked!r} gave {calls or message['content']!r}")
        session.messages.append(message)
        if calls:
            for call in message["tool_calls"]:
                session.messages.append({"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)})
            message, reason = session.ask()
            require(reason == "stop" or message.get("tool_calls"), f"the answer ended with {reason!r}")
            checked(message, reason)
            answered += word in (message.get("content") or "")
            session.messages.append(message)
        session.shorten()
    return called, right, answered


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--model", default="sparrow-q8_0")
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--loops", type=int, default=2, help="of each kind, with a seed of their own")
    parser.add_argument("--min-right", type=float, default=0.9)
    parser.add_argument("--show", action="store_true", help="print the turns that went wrong")
    args = parser.parse_args()
    faults, right, turns = 0, 0, 0
    with Daemon(args.programs) as daemon:
        for seed in range(args.loops):
            for stream in (False, True):
                session = Session(daemon, args.model, stream)
                how = "streaming" if stream else "whole"
                try:
                    called, good, answered = work(session, args.turns, seed, args.show)
                except (Fault, jsonschema.ValidationError, json.JSONDecodeError) as fault:
                    faults += 1
                    print(f"seed {seed}, {how}: {fault}")
                    continue
                turns, right = turns + args.turns, right + good
                print(f"seed {seed}, {how}: {args.turns} turns, {called} called, {good} right, {answered} answered from the result, "
                    f"{session.cached_tokens} prompt tokens from the cache")
    sys.exit(1 if faults or right < args.min_right * turns else 0)


if __name__ == "__main__":
    main()
