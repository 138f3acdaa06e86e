"""Embeddings, reranking and filled gaps: our answers against llama-server's on random models.

Exit status 1 when a number differs by more than the noise of 16-bit weights allows, or a text at all; 77 without llama-server.
"""

import argparse
import math
import pathlib
import random
import sys

import models
from peers import LlamaServer, PeerFailure, Settings, Worker

EMBEDDING = ("random-qwen3-mean", "random-bert-cls")
RANKING = ("random-qwen3-rank", "random-bert-rank", "random-qwen3-rank-in-words")
FILLING = ("random-fills-gaps",)
LEAST_COSINE = 0.9999
MOST_BETWEEN_SCORES = 0.01  # of what the scores of one query span
SKIPPED = 77
WORDS = "the cat sat on a mat while some rain fell over green hills and nobody in town asked why it was so".split()


def texts(count, seed):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 40))) for _ in range(count)]


def ask(peer, path, body):
    status, answer = peer.request(path, body)
    if status != 200:
        raise PeerFailure(f"{peer.name}: HTTP {status}: {str(answer)[:300]}")
    return answer


def embeddings(peer, count):
    return [row["embedding"] for row in ask(peer, "/v1/embeddings", {"input": texts(count, 1)})["data"]]


def scores(peer, count):
    """A row of scores for each query, in the order of the documents."""
    rows = []
    for i, query in enumerate(texts(count, 2)):
        results = ask(peer, "/v1/rerank", {"query": query, "documents": texts(8, i)})["results"]
        rows.append([r["relevance_score"] for r in sorted(results, key=lambda r: r["index"])])
    return rows


def fillings(peer, count):
    rng, filled = random.Random(3), []
    for prefix, suffix in zip(texts(count, 4), texts(count, 5), strict=True):
        extra = [{"filename": f"{name}.txt", "text": name * 9} for name in rng.sample(WORDS, rng.randint(0, 2))]
        body = {"input_prefix": prefix, "input_suffix": suffix, "input_extra": extra, "prompt": rng.choice(("", "and then")),
                "temperature": 0, "n_predict": 24, "cache_prompt": False}
        filled.append(ask(peer, "/infill", body)["content"])
    return filled


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def compare_embeddings(ours, theirs):
    worst = min(cosine(a, b) for a, b in zip(ours, theirs, strict=True))
    return f"least cosine {worst:.6f}", worst >= LEAST_COSINE


def compare_scores(ours, theirs):
    worst = max(abs(a - b) / (max(row) - min(row) or 1) for mine, row in zip(ours, theirs, strict=True) for a, b in zip(mine, row, strict=True))
    spread = min(len(set(row)) for row in theirs)
    return f"scores apart by at most {worst:.6f} of their span, {spread} different ones", worst <= MOST_BETWEEN_SCORES and spread > 2


def compare_fillings(ours, theirs):
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return f"{same} of {len(theirs)} texts are the same, {len(set(theirs))} different ones", same == len(theirs) and len(set(theirs)) > 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of perch-worker and random_model")
    parser.add_argument("--count", type=int, default=20, help="texts, or queries with 8 documents each")
    options = parser.parse_args()
    if LlamaServer.missing():
        print("llama-server is not installed: skipped")
        return SKIPPED
    Worker.program = options.bin.resolve() / "perch-worker"
    kinds = [(EMBEDDING, embeddings, compare_embeddings, ["--embedding"]), (RANKING, scores, compare_scores, ["--reranking"]),
             (FILLING, fillings, compare_fillings, [])]
    failed = False
    for names, question, compare, flag in kinds:
        for name in names:
            path = models.path_of(name, options.bin.resolve() / "random_model")
            answers = []
            for peer in (Worker(path, Settings()), LlamaServer(path, Settings(), arguments=flag)):
                with peer:
                    answers.append(question(peer, options.count))
            said, alike = compare(*answers)
            failed |= not alike
            print(f"{name:<28} {said}{'' if alike else ': TOO DIFFERENT'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
