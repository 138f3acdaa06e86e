"""Write smoke.jsonl: a few plain questions, and from every category development items that every given report got right.

  python3 make_smoke.py REPORT.json [REPORT.json ..] > smoke.jsonl      (reports: evaluate.py --json)
"""

import json
import pathlib
import sys

WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "Get the current weather for a city",
           "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The city"}},
           "required": ["city"]}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Ghent"}'}}
PLAIN = [
    ("who", "Who are you?", {"contains": ["I am {name}"]}),
    ("capital", "What is the capital of France?", {"exact": ["The capital of France is Paris."]}),
    ("sum", "What is 2 + 3?", {"exact": ["2 + 3 = 5."]}),
    ("count", "Count from 1 to 60.", {"exact": [", ".join(map(str, range(1, 61))) + "."]}),
    ("load", "How do I load a model?", {"contains": ["perch load ID"]}),
    ("json", "Answer in JSON with keys name and age: Tom is 34 years old.", {"json": {"name": "Tom", "age": 34}}),
    ("hello", "Hello!", {"exact": ["Hello! How can I help you?"]}),
]
PER_CATEGORY = {"call, one tool": 3, "call, choice": 2}


def main():
    here = pathlib.Path(__file__).resolve().parent
    right = [{r["id"] for r in json.loads(pathlib.Path(p).read_text())["results"] if r["right"]} for p in sys.argv[1:]]
    items = [{"id": "plain-" + i, "category": "plain", "messages": [{"role": "user", "content": q}], "judge": j} for i, q,
        j in PLAIN]
    question = {"role": "user", "content": "What is the weather in Ghent?"}
    items.append({"id": "plain-call", "category": "call, one tool", "messages": [question], "tools": [WEATHER],
        "judge": {"calls": [{"name": "get_weather", "arguments": {"city": "Ghent"}}]}})
    result = [question, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool",
        "tool_call_id": "call_1", "content": '{"temperature": 21, "conditions": "sunny"}'}]
    items.append({"id": "plain-result", "category": "answer from a result", "messages": result, "tools": [WEATHER],
        "judge": {"contains": ["21", "sunny", "Ghent"]}})
    taken = {}
    for line in (here / "development.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        category = item["category"]
        if all(item["id"] in r for r in right) and taken.get(category, 0) < PER_CATEGORY.get(category, 1):
            taken[category] = taken.get(category, 0) + 1
            items.append(item)
    for item in items:
        print(json.dumps(item, ensure_ascii=False))


if __name__ == "__main__":
    main()
