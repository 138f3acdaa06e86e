"""Muon for the weight matrices (orthogonalised momentum), Adam for embeddings, norms and routers.

The model itself is held in the type it computes in (mostly bfloat16) and is only ever a copy of the float32 masters kept here. With `fake_bits` the copy of every
second step is rounded the way Q4_K rounds, so the weights settle where four bits hurt least while staying good unrounded.
"""

import torch


def orthogonal(g, kind):
    """Newton-Schulz iteration, batched, computed in `kind`; g: [n, rows, cols] with rows <= cols."""
    x = g.to(kind)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.transpose(1, 2)
        b = -4.7750 * a + 2.0315 * (a @ a)
        x = 3.4445 * x + b @ x
    return x.float()


def rounded_like_q4(w):
    """Blocks of 32 weights, each with its own scale and minimum, 16 levels."""
    b = w.view(-1, 32)
    low = b.amin(1, keepdim=True).clamp(max=0)
    step = (b.amax(1, keepdim=True) - low).clamp(min=1e-8) / 15
    return (((b - low) / step).round() * step + low).view(w.shape)


class Optimizer:
    def __init__(self, model, lr=0.02, adam_lr=0.003, decay=0.05, momentum=0.95):
        self.model, self.lr, self.adam_lr, self.decay, self.momentum = model, lr, adam_lr, decay, momentum
        self.names = [n for n, _ in model.named_parameters()]
        self.shadow = [p for _, p in model.named_parameters()]
        self.master = [p.detach().float().clone() for p in self.shadow]
        self.first = [torch.zeros_like(p) for p in self.master]
        self.second = [None if self.matrix(i) else torch.zeros_like(p) for i, p in enumerate(self.master)]
        self.count = 0

    def matrix(self, i):
        return self.master[i].ndim == 2 and "embed" not in self.names[i] and "router" not in self.names[i]

    def expert_view(self, i, x):
        """[n, rows, cols]: one matrix, or one for each expert."""
        experts = self.model.c.experts
        if not experts or ".ffn." not in self.names[i]:
            return x.unsqueeze(0)
        if "down" in self.names[i]:
            return x.view(x.shape[0], experts, -1).transpose(0, 1)
        return x.view(experts, -1, x.shape[1])

    @torch.no_grad()
    def step(self, scale, fake_bits=False):
        self.count += 1
        groups = {}
        for i, (p, m) in enumerate(zip(self.shadow, self.master)):
            g = p.grad.float()
            p.grad = None
            if self.matrix(i):
                self.first[i].lerp_(g, 1 - self.momentum)
                u = self.expert_view(i, torch.lerp(g, self.first[i], self.momentum))
                flip = u.shape[1] > u.shape[2]
                u = u.transpose(1, 2) if flip else u
                groups.setdefault(tuple(u.shape), []).append((i, flip, u))
            else:
                self.first[i].lerp_(g, 0.1)
                self.second[i].lerp_(g * g, 0.05)
                up = self.first[i] / (1 - 0.9 ** self.count)
                down = (self.second[i] / (1 - 0.95 ** self.count)).sqrt_().add_(1e-10)
                m.sub_(up / down, alpha=self.adam_lr * scale)
        for members in groups.values():
            done = orthogonal(torch.cat([u for _, _, u in members]), self.shadow[0].dtype).split([len(u) for _, _, u in members])
            for (i, flip, _), u in zip(members, done):
                u = u.transpose(1, 2) if flip else u
                m = self.master[i]
                m.mul_(1 - self.lr * scale * self.decay)
                self.expert_view(i, m).sub_(u, alpha=self.lr * scale * max(1, u.shape[1] / u.shape[2]) ** 0.5)
        self.publish(fake_bits)

    @torch.no_grad()
    def publish(self, fake_bits=False):
        for i, (p, m) in enumerate(zip(self.shadow, self.master)):
            p.copy_(rounded_like_q4(m) if fake_bits and self.matrix(i) else m)

    def state(self):
        return {"names": self.names, "master": self.master, "first": self.first, "second": self.second,
                "count": self.count}

    def load(self, state, weights_only=False):
        self.master = state["master"]
        if not weights_only:
            self.first, self.second, self.count = state["first"], state["second"], state["count"]
        self.publish()
