"""Write a checkpoint as GGUF and quantise it; or check that template and tokenizer mean the same here and in a running server.

  python3 export.py OUT_DIR CHECKPOINT.pt [..]                -> OUT_DIR/NAME-f32.gguf, NAME-q8_0.gguf (sparrow: also -q4_k_m.gguf)
  python3 export.py OUT_DIR --check http://127.0.0.1:8080     compare with llama-server: /tokenize and /apply-template
"""

import argparse
import json
import pathlib
import random
import subprocess
import urllib.request

import gguf
import numpy
import torch

from layout import layout
from model import CONFIGS
from tokenizer import CONTROL, MARKS, Tokenizer

HERE = pathlib.Path(__file__).parent
ABOUT = {
    "sparrow": "Built-in demo model of Perch: a dense model of 3.7 million parameters for short conversations on a narrow field, with tool calls.",
    "wren": "Built-in demo model of Perch: a mixture of 8 experts, 4 used, 4.9 million parameters in all; thinks before it answers.",
}


def template(c):
    """One template for both: only a model that thinks may be shown thoughts."""
    return f"{{%- set thinks = {'true' if c.experts else 'false'} %}}\n" + (HERE / "chat_template.jinja").read_text()


def write(path, c, weights, tokenizer):
    out = gguf.GGUFWriter(str(path), "qwen3moe" if c.experts else "llama")
    out.add_name(c.name.capitalize())
    out.add_author("Perch")
    out.add_organization("Perch")
    out.add_description(ABOUT[c.name])
    out.add_license("apache-2.0")
    out.add_size_label("8x0.6M" if c.experts else "3.7M")
    out.add_basename(c.name)
    out.add_finetune("demo")
    out.add_languages(["en"])
    out.add_vocab_size(c.vocab)
    out.add_context_length(c.context)
    out.add_embedding_length(c.width)
    out.add_block_count(c.layers)
    out.add_feed_forward_length(c.ffn)
    out.add_head_count(c.heads)
    out.add_head_count_kv(c.kv_heads)
    out.add_key_length(c.head_dim)
    out.add_value_length(c.head_dim)
    out.add_rope_dimension_count(c.head_dim)
    out.add_rope_freq_base(c.rope_base)
    out.add_layer_norm_rms_eps(c.norm_eps)
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    if c.experts:
        out.add_expert_count(c.experts)
        out.add_expert_used_count(c.experts_used)
        out.add_expert_feed_forward_length(c.ffn // c.experts)
    kind = gguf.TokenType
    kinds = [kind.CONTROL] * len(CONTROL) + [kind.USER_DEFINED] * len(MARKS) + [kind.BYTE] * 256
    kinds += [kind.NORMAL] * (len(tokenizer.texts) - len(kinds))
    out.add_tokenizer_model("llama")
    out.add_tokenizer_pre("default")
    out.add_token_list(tokenizer.texts)
    out.add_token_scores([0.0 if k != kind.NORMAL else float(tokenizer.first_piece - i) for i, k in enumerate(kinds)])
    out.add_token_types(kinds)
    out.add_bos_token_id(tokenizer.pad)
    out.add_eos_token_id(tokenizer.end)
    out.add_eot_token_id(tokenizer.end)
    out.add_unk_token_id(tokenizer.pad)
    out.add_pad_token_id(tokenizer.pad)
    out.add_add_bos_token(False)
    out.add_add_eos_token(False)
    out.add_add_space_prefix(False)
    out.add_chat_template(template(c))
    for ours, theirs, forth, _ in layout(c):
        out.add_tensor(theirs, numpy.ascontiguousarray(forth(weights[ours]), dtype=numpy.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def message(turn):
    """A turn of the corpus as an OpenAI message."""
    if not turn.get("tool_calls"):
        return {"role": turn["role"], "content": turn["content"]}
    calls = [{"id": f"call_{i}", "type": "function", "function": {"name": c["name"],
        "arguments": json.dumps(c["arguments"], ensure_ascii=False)}} for i, c in enumerate(turn["tool_calls"])]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def check(base, tokenizer, count=3000):
    from mixture import conversations
    from render import pieces
    rng, wrong_tokens, wrong_texts, texts = random.Random(99), 0, 0, 0
    for turns, tools in conversations(rng, "Wren", count):
        whole = "".join(t for t, _ in pieces(rng, turns, tools, True))
        odd = "".join(chr(rng.choice([rng.randint(9, 126), rng.randint(160, 0x2fff), 0x1f600 + rng.randint(0, 70)]))
                      for _ in range(rng.randint(0, 12)))
        for line in whole.split("\n") + [whole, odd, f"  {odd} \n\n x"]:
            theirs = post(base + "/tokenize", {"content": line, "add_special": False, "parse_special": True})["tokens"]
            texts += 1
            if theirs != tokenizer.encode(line):
                wrong_tokens += 1
                if wrong_tokens < 6:
                    print(repr(line), theirs, tokenizer.encode(line))
    for turns, tools in conversations(rng, "Wren", count // 5):
        turns = turns[:-1] if turns[-1]["role"] == "assistant" else turns
        if tools and not all("function" in t and list(t) == ["type", "function"] for t in tools):
            continue
        # Rendering up to the answer: weights and thoughts play no part, so any thinking mode will do.
        ours = "".join(t for t, _ in pieces(random.Random(0), turns + [{"role": "assistant", "content": "", "think": ""}],
                                            None, None)).removesuffix("<|im_end|>")
        theirs = post(base + "/apply-template", {"messages": [message(t) for t in turns]})["prompt"]
        if ours != theirs:
            wrong_texts += 1
            if wrong_texts < 4:
                print(ours, "\n---- server:\n", theirs)
    print(f"{texts} texts tokenised, {wrong_tokens} differ; {count // 5} prompts rendered, {wrong_texts} differ")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("checkpoint", nargs="*", help="several: the mean of their weights")
    args.add_argument("--check")
    args = args.parse_args()
    tokenizer = Tokenizer.load(args.out)
    if args.check:
        return check(args.check, tokenizer)
    saved = [torch.load(args.out / name, weights_only=False) for name in args.checkpoint]
    c = CONFIGS[saved[0]["model"]]
    means = [sum(same) / len(saved) for same in zip(*(s["state"]["master"] for s in saved))]
    weights = {n: w.numpy() for n, w in zip(saved[0]["state"]["names"], means)}
    whole = args.out / f"{c.name}-f32.gguf"
    write(whole, c, weights, tokenizer)
    for kind in ("q8_0",) if c.experts else ("q8_0", "q4_k_m"):
        done = args.out / f"{c.name}-{kind}.gguf"
        subprocess.run(["llama-quantize", str(whole), str(done), kind.upper()], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        print(done.name, done.stat().st_size)


if __name__ == "__main__":
    main()
