"""The two networks, small enough to read in one go.

sparrow is GGUF architecture "llama" (dense); wren is "qwen3moe" (per-head q/k norm, a router over all experts, the best k with
renormalised weights). Both are trained with half-split rotary pairs; layout.py permutes sparrow's q and k rows for the
file, because libllama rotates neighbouring pairs in "llama" models.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from attention import attend


@dataclass
class Config:
    name: str
    vocab: int = 768
    width: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 32
    ffn: int = 512          # all experts together, where there are experts
    experts: int = 0
    experts_used: int = 0
    rope_base: float = 10000.0
    norm_eps: float = 1e-5
    context: int = 2048


CONFIGS = {
    "sparrow": Config("sparrow"),
    "wren": Config("wren", ffn=768, experts=8, experts_used=4, norm_eps=1e-6),
}


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Norm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.q = nn.Linear(c.width, c.heads * c.head_dim, bias=False)
        self.k = nn.Linear(c.width, c.kv_heads * c.head_dim, bias=False)
        self.v = nn.Linear(c.width, c.kv_heads * c.head_dim, bias=False)
        self.o = nn.Linear(c.heads * c.head_dim, c.width, bias=False)
        if c.experts:
            self.q_norm = Norm(c.head_dim, c.norm_eps)
            self.k_norm = Norm(c.head_dim, c.norm_eps)

    def forward(self, x, cos, sin):
        c, (b, t, _) = self.c, x.shape
        q = self.q(x).view(b, t, c.heads, c.head_dim)
        k = self.k(x).view(b, t, c.kv_heads, c.head_dim)
        v = self.v(x).view(b, t, c.kv_heads, c.head_dim)
        if c.experts:
            q, k = self.q_norm(q), self.k_norm(k)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        return self.o(attend(q, k, v))


class FeedForward(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.gate = nn.Linear(c.width, c.ffn, bias=False)
        self.up = nn.Linear(c.width, c.ffn, bias=False)
        self.down = nn.Linear(c.ffn, c.width, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x)), 0.0


class Experts(FeedForward):
    """All experts side by side as one wide layer whose hidden values are multiplied by the sparse gate: the same result as
    running only the chosen experts, and three large matrix products instead of many small ones."""

    def __init__(self, c: Config):
        super().__init__(c)
        self.c = c
        self.router = nn.Linear(c.width, c.experts, bias=False)

    def forward(self, x):
        c, (b, t, _) = self.c, x.shape
        p = self.router(x).float().softmax(-1)
        top, index = p.topk(c.experts_used, dim=-1)
        top = top / top.sum(-1, keepdim=True)
        g = torch.zeros_like(p).scatter(-1, index, top)
        used = (g > 0).float().mean((0, 1)) / c.experts_used
        balance = c.experts * (used * p.mean((0, 1))).sum()
        h = F.silu(self.gate(x)) * self.up(x)
        h = h.view(b, t, c.experts, -1) * g.to(h.dtype).unsqueeze(-1)
        return self.down(h.view(b, t, -1)), balance


class Block(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.attn_norm = Norm(c.width, c.norm_eps)
        self.attn = Attention(c)
        self.ffn_norm = Norm(c.width, c.norm_eps)
        self.ffn = (Experts if c.experts else FeedForward)(c)

    def forward(self, x, cos, sin):
        x = x + self.attn(self.attn_norm(x), cos, sin)
        y, balance = self.ffn(self.ffn_norm(x))
        return x + y, balance


class Model(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c.vocab, c.width)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = Norm(c.width, c.norm_eps)
        for name, p in self.named_parameters():
            if name.endswith(("o.weight", "down.weight")):
                nn.init.zeros_(p)       # every block starts as the identity
            elif p.ndim == 2:
                nn.init.normal_(p, std=0.02 if "embed" in name else c.width ** -0.5)
        half = c.head_dim // 2
        angle = torch.outer(torch.arange(c.context).float(), c.rope_base ** (-torch.arange(half).float() / half))
        self.cos, self.sin = angle.cos(), angle.sin()

    def hidden(self, tokens):
        t = tokens.shape[1]
        x = self.embed(tokens)
        cos, sin = (y[:t, None, :].to(x.dtype) for y in (self.cos, self.sin))
        balance = 0.0
        for block in self.blocks:
            x, b = block(x, cos, sin)
            balance = balance + b
        return self.norm(x), balance / len(self.blocks)

    def forward(self, tokens):
        return self.hidden(tokens)[0] @ self.embed.weight.T
