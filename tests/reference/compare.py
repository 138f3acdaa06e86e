"""Whether two answers to one prompt are the same, and if not, whether the choice at which they part was a near-tie.

Quantized weights are multiplied by other code in a batch of four than in a batch of one, and that code rounds what it multiplies with
otherwise: llama-server's own logits move by a tenth and more when the same prompt is asked in company. So answers of batches that cannot be
made alike are allowed to part where two tokens are as close as that, and only there; how close is measured, not assumed.
"""

from dataclasses import dataclass, field

NEAR = 0.01  # between two logits; the logarithms of probabilities differ by as much
CANDIDATES = 5


@dataclass
class Counts:
    noise: float = 0.0  # by how much llama-server itself moves the difference of two logits
    same_text: int = 0
    near_ties: int = 0  # within NEAR
    ties_within_noise: int = 0  # not within NEAR, but within what both engines together can move
    different_text: int = 0
    tokens: int = 0
    examples: list = field(default_factory=list)  # of different texts

    @property
    def prompts(self):
        return self.same_text + self.near_ties + self.ties_within_noise + self.different_text

    def row(self, model, way):
        """A line of a table under HEADER."""
        return (f"{model:<16} {way:<9} {self.prompts:>7} {self.tokens:>7} {self.same_text:>10} {self.near_ties:>10} "
                f"{self.ties_within_noise:>18} {self.noise:>7.4f} {self.different_text:>15}")


HEADER = (f"{'model':<16} {'way':<9} {'prompts':>7} {'tokens':>7} {'same_text':>10} {'near_ties':>10} {'ties_within_noise':>18} "
          f"{'noise':>7} {'different_text':>15}")


def _tokens(theirs):
    return theirs["choices"][0]["logprobs"]["content"]


def noise_between(alone, together):
    """The most that the difference of two candidates of one position moved between llama-server's answers to the same prompts."""
    most = 0.0
    for one, other in zip(alone, together, strict=True):
        for token, again in zip(_tokens(one), _tokens(other)):
            before = {candidate["id"]: candidate["logprob"] for candidate in token["top_logprobs"]}
            moved = [c["logprob"] - before[c["id"]] for c in again["top_logprobs"] if c["id"] in before]
            if moved:
                most = max(most, max(moved) - min(moved))
            if token["id"] != again["id"]:
                break  # from here on they speak of different texts
    return most


def _facts(answer):
    choice = answer["choices"][0]
    return choice["text"], choice["finish_reason"], answer["usage"]["completion_tokens"], answer["usage"]["prompt_tokens"]


def parting(ours, tokens):
    """The index of the first token that our bytes do not go on with, and what we have from there; None when they go on with all."""
    at = 0
    for i, token in enumerate(tokens):
        piece = bytes(token["bytes"])
        if not ours.startswith(piece, at) or (not piece and at < len(ours)):
            return i, ours[at:]
        at += len(piece)
    return None


def gap_at_parting(ours, tokens):
    """How much likelier their choice was than ours where the answers part; None when ours was not among their candidates.

    `tokens`: theirs, each with its likeliest candidates.
    """
    found = parting(ours, tokens)
    if found is None:
        return None
    i, rest = found
    best = max(candidate["logprob"] for candidate in tokens[i]["top_logprobs"])
    gaps = []
    for candidate in tokens[i]["top_logprobs"]:
        piece = bytes(candidate["bytes"])
        fits = rest.startswith(piece) if piece else not rest  # without bytes: the end of the answer
        if candidate["id"] != tokens[i]["id"] and fits:
            gaps.append(best - candidate["logprob"])
    return min(gaps, default=None)


def add(counts, prompt, ours, theirs):
    mine, other = _facts(ours), _facts(theirs)
    counts.tokens += other[2]
    if mine == other:
        counts.same_text += 1
        return
    gap = gap_at_parting(mine[0].encode(), _tokens(theirs)) if mine[3] == other[3] else None
    if gap is not None and gap <= NEAR:
        counts.near_ties += 1
    elif gap is not None and gap <= 2 * counts.noise:  # each engine may have moved, in opposite directions
        counts.ties_within_noise += 1
    else:
        counts.different_text += 1
        counts.examples.append(f"{prompt[-60:]!r}: {mine} instead of {other}; " +
                               ("ours was no candidate" if gap is None else f"ours was less likely by {gap:.3f}"))
