#!/usr/bin/env python3
"""Ask a running server every question of the held-out set at temperature 0 and count the right answers.

  evaluate.py --base-url http://127.0.0.1:8080/v1 --model sparrow-q8_0 [--set smoke.jsonl] [--category json] [--json report.json]

Prints a table; the exit status is 1 when fewer answers or tool calls are right than --min-answers and --min-tools ask for.
Works with any server that speaks OpenAI chat completions, whether or not it parses tool calls and thoughts itself.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.S)
THOUGHT = re.compile(r"^\s*<think>.*?</think>\s*", re.S)


def ask(args, item):
    body = {"model": args.model, "messages": item["messages"], "temperature": 0, "max_tokens": args.max_tokens,
        "stream": False}
    if item.get("tools"):
        body["tools"] = item["tools"]
    headers = {"Content-Type": "application/json"}
    if args.key:
        headers["Authorization"] = "Bearer " + args.key
    request = urllib.request.Request(args.base_url.rstrip("/") + "/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=args.timeout) as reply:
        return json.load(reply)["choices"][0]["message"]


def understood(message):
    """The visible answer and the calls, as (name, arguments) pairs; arguments that are no JSON stay a string."""
    content = THOUGHT.sub("", message.get("content") or "")
    found = [c["function"] for c in message.get("tool_calls") or []]
    for text in CALL.findall(content):
        try:
            found.append(json.loads(text))
        except ValueError:
            found.append({"name": None, "arguments": text})
    calls = []
    for call in found:
        arguments = call.get("arguments")
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments)
            except ValueError:
                pass
        calls.append((call.get("name"), arguments))
    return CALL.sub("", content).strip(), calls


def same(a, b):
    """Equal as JSON: 1 and true are different values, which Python denies."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def right(judge, text, calls, name):
    if "calls" in judge:
        wanted = [json.dumps([c["name"], c["arguments"]], sort_keys=True) for c in judge["calls"]]
        return sorted(wanted) == sorted(json.dumps(list(c), sort_keys=True) for c in calls)
    if calls:
        return False
    if "contains" in judge:
        return all(part.replace("{name}", name).lower() in text.lower() for part in judge["contains"])
    if "exact" in judge:
        return text in judge["exact"]
    try:
        return same(json.loads(text), judge["json"])
    except ValueError:
        return False


def examine(args, name, item):
    try:
        message = ask(args, item)
    except (OSError, ValueError, KeyError) as error:
        detail = error.read().decode("utf-8", "replace")[:200] if isinstance(error, urllib.error.HTTPError) else ""
        return {"id": item["id"], "category": item["category"], "right": False, "error": f"{error} {detail}".strip()}
    text, calls = understood(message)
    return {"id": item["id"], "category": item["category"], "right": right(item["judge"], text, calls, name),
        "asked": item["messages"][-1]["content"],
            "text": text, "calls": calls, "wanted": item["judge"]}


def share(results):
    return sum(r["right"] for r in results) / len(results) if results else 1.0


def table(results):
    print(f"{'category':<22} {'items':>5} {'right':>5} {'%':>6}")
    for category in dict.fromkeys(r["category"] for r in results):
        own = [r for r in results if r["category"] == category]
        print(f"{category:<22} {len(own):>5} {sum(r['right'] for r in own):>5} {100 * share(own):>6.1f}")


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--base-url", required=True, help="for example http://127.0.0.1:8080/v1")
    args.add_argument("--model", required=True)
    args.add_argument("--name", help="what the model calls itself; taken from --model when left out")
    args.add_argument("--set", default="held_out.jsonl", help="a file beside this script, or a path")
    args.add_argument("--limit", type=int, help="ask only every n-th item so that about this many remain")
    args.add_argument("--category")
    args.add_argument("--parallel", type=int, default=4)
    args.add_argument("--max-tokens", type=int, default=640)
    args.add_argument("--timeout", type=float, default=120)
    args.add_argument("--key", help="API key")
    args.add_argument("--json", help="write every result to this file")
    args.add_argument("--show-wrong", action="store_true")
    args.add_argument("--min-answers", type=float, default=0.9)
    args.add_argument("--min-tools", type=float, default=0.9)
    args = args.parse_args()

    path = pathlib.Path(args.set)
    path = path if path.exists() else pathlib.Path(__file__).parent / args.set
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    if args.category:
        items = [i for i in items if i["category"] == args.category]
    if args.limit and len(items) > args.limit:
        items = [items[i * len(items) // args.limit] for i in range(args.limit)]
    name = args.name or ("Wren" if "wren" in args.model.lower() else "Sparrow")
    with concurrent.futures.ThreadPoolExecutor(args.parallel) as pool:
        results = list(pool.map(lambda item: examine(args, name, item), items))

    table(results)
    calls = [r for r in results if r["category"].startswith("call")]
    answers = [r for r in results if not r["category"].startswith("call")]
    print(f"answers {100 * share(answers):.1f} % of {len(answers)}, tool calls {100 * share(calls):.1f} % of {len(calls)}")
    errors = [r for r in results if "error" in r]
    if errors:
        print(f"{len(errors)} requests failed, the first: {errors[0]['error']}")
    if args.show_wrong:
        for r in results:
            if not r["right"]:
                print(json.dumps(r, ensure_ascii=False))
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({"model": args.model, "answers": share(answers),
            "tool_calls": share(calls), "results": results}, ensure_ascii=False, indent=1))
    sys.exit(share(answers) < args.min_answers or share(calls) < args.min_tools)


if __name__ == "__main__":
    main()
