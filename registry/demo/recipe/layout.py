"""Which weight of model.py is which tensor of a GGUF file, and how the one becomes the other and back."""


def pairwise(weight, heads):
    """Rows of a half-split rotary projection in the order that neighbouring-pair rotation expects."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def half_split(weight, heads):
    """The inverse of pairwise."""
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def same(weight):
    return weight


def layout(c):
    """(name of the weight, name of the tensor, from weight to tensor, from tensor to weight) for every one."""
    yield "embed.weight", "token_embd.weight", same, same
    yield "norm.weight", "output_norm.weight", same, same
    for i in range(c.layers):
        here, there = f"blocks.{i}.", f"blk.{i}."
        for name in ("attn_norm", "ffn_norm"):
            yield f"{here}{name}.weight", f"{there}{name}.weight", same, same
        # libllama rotates neighbouring pairs in "llama" models and halves in "qwen3moe" ones.
        for name, heads in (("q", c.heads), ("k", c.kv_heads)):
            forth, back = (same, same) if c.experts else (lambda w, h=heads: pairwise(w, h), lambda t, h=heads: half_split(t, h))
            yield f"{here}attn.{name}.weight", f"{there}attn_{name}.weight", forth, back
        yield here + "attn.v.weight", there + "attn_v.weight", same, same
        yield here + "attn.o.weight", there + "attn_output.weight", same, same
        if not c.experts:
            for name in ("gate", "up", "down"):
                yield f"{here}ffn.{name}.weight", f"{there}ffn_{name}.weight", same, same
            continue
        for name in ("q_norm", "k_norm"):
            yield f"{here}attn.{name}.weight", f"{there}attn_{name}.weight", same, same
        yield here + "ffn.router.weight", there + "ffn_gate_inp.weight", same, same
        # The experts side by side in one wide layer here, one after the other there.
        for name in ("gate", "up"):
            yield (f"{here}ffn.{name}.weight", f"{there}ffn_{name}_exps.weight", lambda w: w.reshape(c.experts, -1, c.width),
                   lambda t: t.reshape(-1, c.width))
        yield (here + "ffn.down.weight", there + "ffn_down_exps.weight",
               lambda w: w.reshape(c.width, c.experts, -1).swapaxes(0, 1), lambda t: t.swapaxes(0, 1).reshape(c.width, -1))
