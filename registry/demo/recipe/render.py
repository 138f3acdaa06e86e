"""Conversations as the chat template prints them, cut into pieces that carry a training weight.

The template itself is chat_template.jinja; `check_template` in export.py compares the two on generated conversations.
Weights are tenths: 10 for what the model has to say, 1 for the rest (predicting prompts a little is what makes the copying
heads form), 0 where the model must not imitate: the first word of an earlier answer of a thinking model, whose thought was
dropped from the history.
"""

import json

from topics.tool_schema import printed


def call_text(calls):
    return "\n".join(f'<tool_call>\n{{"name": "{c["name"]}", "arguments": {json.dumps(c["arguments"], ensure_ascii=False)}}}\n</tool_call>'
                     for c in calls)


def answer_text(turn):
    return turn["content"] + call_text(turn.get("tool_calls", []))


def pieces(rng, turns, tools, thinking):
    """thinking: None for a model that never thinks, True for thoughts, False for the empty thought, "all" to keep the thoughts of
    earlier turns as well: no caller sends that, but every turn then teaches thinking."""
    turns, out = list(turns), []
    first = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if tools:
        out.append(("<|im_start|>system\n" + (first + "\n\n" if first else "") + "Tools:\n<tools>\n" + "".join(t + "\n"
            for t in printed(rng, tools)) + "</tools><|im_end|>\n", 1))
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
                out.append((answer_text(turn) + "<|im_end|>", 10))
            elif i < last and (thinking == "all" or asked < i and thinking
                               and rng.random() < 0.4):        # or a caller that sends the thought back with the result
                out.append((f"<think>\n{turn['think']}\n</think>\n\n{answer_text(turn)}<|im_end|>", 10))
            elif i < last:
                out.append((answer_text(turn) + "<|im_end|>", -10))       # -: all but the first token
            elif thinking:
                out.append((f"<think>\n{turn['think']}\n</think>\n\n{answer_text(turn)}<|im_end|>", 10))
            else:
                out.append(("<think>\n\n</think>\n\n", 0))
                out.append((answer_text(turn) + "<|im_end|>", 10))
            if i < len(turns) - 1:
                out.append(("\n", 1))
        else:
            out.append((f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n", 1))
    return out
