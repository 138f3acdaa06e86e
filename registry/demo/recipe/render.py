"""Conversations as the chat template prints them, cut into pieces that carry a training weight.

The template itself is chat_template.jinja; `check_template` in export.py compares the two on generated conversations.
Weights are tenths: 10 for what the model has to say, 30 for the name of a tool when it is decided on and 15 for the arguments (few
tokens, and everything hangs on them; a model that thinks decides on both in its thought), 1 for the rest (predicting prompts a little
is what makes the copying heads form), 0 where the model must not imitate: the first word of an earlier answer of a thinking model,
whose thought was dropped from the history.
"""

import json

from topics.tool_schema import printed


SAID, DECIDED, FILLED_IN = 10, 30, 15


def answer(turn):
    """The visible part of a turn with its weights. No cut goes through a run of letters or of punctuation, so the tokens are
    those of the whole text."""
    out = [(turn["content"], SAID)]
    for i, c in enumerate(turn.get("tool_calls", [])):
        out += [(("\n" if i else "") + '<tool_call>\n{"name": "', SAID), (c["name"], DECIDED), ('", "arguments": ', SAID),
                (json.dumps(c["arguments"], ensure_ascii=False) + "}", FILLED_IN), ("\n</tool_call>", SAID)]
    return out + [("<|im_end|>", SAID)]


def thought(turn):
    out, text = [("<think>\n", SAID)], turn["think"]
    for c in turn.get("tool_calls", []):
        before, _, text = text.partition("=> " + c["name"])
        out += [(before, DECIDED), ("=> ", SAID), (c["name"], DECIDED)]
    return out + [(text, DECIDED if "tool_calls" in turn else SAID), ("\n</think>\n\n", SAID)]


def pieces(rng, turns, tools, thinking):
    """thinking: None for a model that never thinks, True for thoughts, False for the empty thought, "all" to keep the thoughts of
    earlier turns as well: no caller sends that, but every turn then teaches thinking."""
    turns, out = list(turns), []
    first = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if tools:
        out.append(("<|im_start|>system\n" + (first + "\n\n" if first else "") + "Tools:\n<tools>\n" + "".join(printed(t)
            for t in tools) + "</tools><|im_end|>\n", 1))
    elif first:
        out.append((f"<|im_start|>system\n{first}<|im_end|>\n", 1))
    asked = max(i for i, t in enumerate(turns) if t["role"] == "user")
    last = max(i for i, t in enumerate(turns) if t["role"] == "assistant")
    for i, turn in enumerate(turns):
        if turn["role"] == "tool":
            before = i and turns[i - 1]["role"] == "tool"
            after = i + 1 < len(turns) and turns[i + 1]["role"] == "tool"
            out.append((("" if before
                         else "<|im_start|>user") + "\n<tool_response>\n" + turn["content"] + "\n</tool_response>" + (""
                             if after else "<|im_end|>\n"), 1))
        elif turn["role"] == "assistant":
            out.append(("<|im_start|>assistant\n", 1))
            if thinking is None:
                out += answer(turn)
            elif i == last and thinking is False:
                out += [("<think>\n\n</think>\n\n", 0)] + answer(turn)
            elif i == last or thinking == "all" or asked < i and thinking and rng.random() < 0.4:
                out += thought(turn) + answer(turn)         # the last: a caller that sends the thought back with the result
            else:
                (first, weight), *rest = [part for part in answer(turn) if part[0]]
                out += [(first, -weight)] + rest            # -: all but the first token
            if i < len(turns) - 1:
                out.append(("\n", 1))
        else:
            out.append((f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n", 1))
    return out
