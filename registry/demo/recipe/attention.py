"""Causal attention for a CPU: blocks of query rows against all keys up to the block, in bfloat16.

PyTorch's own kernel has no fast bfloat16 path in builds without MKL (measured 10 times slower than this), and a plain
softmax over T x T wastes the half above the diagonal. The query heads that share a key head are stacked as more rows.
"""

import torch

BLOCK = 64


def blocks(length):
    return [(i, min(i + BLOCK, length)) for i in range(0, length, BLOCK)]


class Causal(torch.autograd.Function):
    """q: [batch * kv_heads, group, T, D]; k, v: [batch * kv_heads, T, D]."""

    @staticmethod
    def forward(ctx, q, k, v):
        n, group, length, dim = q.shape
        y, kept = torch.empty_like(q), []
        q = q * dim ** -0.5
        for i, e in blocks(length):
            s = q[:, :, i:e].reshape(n, -1, dim) @ k[:, :e].transpose(1, 2)
            above = torch.ones(e - i, e - i, dtype=torch.bool).triu(1)
            s.view(n, group, e - i, e)[..., i:].masked_fill_(above, -1e30)
            p = s.softmax(-1)
            y[:, :, i:e] = (p @ v[:, :e]).view(n, group, e - i, dim)
            kept.append(p)
        ctx.save_for_backward(q, k, v, *kept)
        return y

    @staticmethod
    def backward(ctx, dy):
        q, k, v, *kept = ctx.saved_tensors
        n, group, length, dim = q.shape
        dq, dk, dv = torch.empty_like(q), torch.zeros_like(k), torch.zeros_like(v)
        for (i, e), p in zip(blocks(length), kept):
            g = dy[:, :, i:e].reshape(n, -1, dim)
            dv[:, :e] += p.transpose(1, 2) @ g
            ds = torch._softmax_backward_data(g @ v[:, :e].transpose(1, 2), p, -1, p.dtype)
            dq[:, :, i:e] = (ds @ k[:, :e]).view(n, group, e - i, dim)
            dk[:, :e] += ds.transpose(1, 2) @ q[:, :, i:e].reshape(n, -1, dim)
        return dq * dim ** -0.5, dk, dv


def attend(q, k, v):
    """q: [B, T, heads, D]; k, v: [B, T, kv_heads, D]; returns [B, T, heads * D]."""
    b, t, heads, dim = q.shape
    shared = k.shape[2]
    group = heads // shared
    q = q.view(b, t, shared, group, dim).permute(0, 2, 3, 1, 4).reshape(b * shared, group, t, dim)
    k, v = (x.transpose(1, 2).reshape(b * shared, t, dim) for x in (k, v))
    y = Causal.apply(q, k, v)
    return y.view(b, shared, group, t, dim).permute(0, 3, 1, 2, 4).reshape(b, t, heads * dim)
