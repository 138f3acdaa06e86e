"""Models with random weights, made when they are first needed and kept in the user's cache folder."""

import hashlib
import os
import pathlib
import subprocess
import sys

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DEMO = CHECKOUT / "registry" / "demo"
DEMO_MODELS = ["sparrow-q8_0", "sparrow-q4_k_m", "wren-q8_0"]

# Small ones of other kinds than the demo models: sliding windows with tied embeddings or with norms of keys, a recurrent state, biases.
# With weights of 16 bits, which are multiplied alike in every batch: near-ties are what they should be, a hundredth.
# (mamba itself would do as well as mamba2, but libllama 0.7 crashes when two of its sequences are in one batch.)
SMALL = {f"random-{architecture}": ["--architecture", architecture, "--layers", "6", "--type", "f16"]
         for architecture in ("gemma2", "mamba2", "qwen2", "gemma3", "qwen2vl", "llama")}

# Models that make embeddings or scores. (bert's token types cannot have 16 bits.)
_QWEN3, _BERT = ["--architecture", "qwen3", "--type", "f16"], ["--architecture", "bert", "--type", "f32"]
SMALL |= {
    "random-qwen3-mean": [*_QWEN3, "--pooling", "mean"],
    "random-qwen3-rank": [*_QWEN3, "--pooling", "rank"],
    "random-qwen3-rank-in-words": [*_QWEN3, "--pooling", "rank", "--rerank-template", "<|im_start|>user\n{query} ? {document}<|im_end|>\n"],
    "random-bert-cls": [*_BERT, "--pooling", "cls"],
    "random-bert-rank": [*_BERT, "--pooling", "rank"],
}
# One that fills gaps.
SMALL["random-fills-gaps"] = ["--architecture", "qwen2", "--type", "f16", "--fills-gaps"]

# More kinds of layers and shapes, to predict the memory of: attention and a recurrent state in each layer, experts, and a vocabulary that
# outweighs the rest.
_MIDDLE = ["--width", "768", "--heads", "12", "--kv-heads", "4", "--hidden", "2048", "--size", "120000000", "--vocab-size", "32000"]
for _kind, _architecture, _type in (("dense", "llama", "q4_k_m"), ("gemma2", "gemma2", "q8_0"), ("gemma3", "gemma3", "f16"),
                                    ("qwen2", "qwen2", "q8_0"), ("mamba2", "mamba2", "f16"), ("hybrid", "falcon-h1", "q8_0"),
                                    ("moe", "qwen3moe", "q4_k_m")):
    SMALL[f"random-120mb-{_kind}"] = ["--architecture", _architecture, "--type", _type, *_MIDDLE]
SMALL["random-hybrid"] = ["--architecture", "falcon-h1", "--layers", "8", "--type", "f16"]
SMALL["random-moe"] = ["--architecture", "qwen3moe", "--layers", "8", "--type", "q4_k_m", "--width", "512", "--experts", "16"]
SMALL["random-many-words"] = ["--architecture", "qwen2", "--layers", "6", "--type", "q8_0", "--vocab-size", "120000"]

# Models that see, by the kind of their projector: a fixed number of places for an image; such places that all see each other; a number that
# follows the image's size, with positions in rows and columns (M-RoPE).
SEEING = {"random-llama": "mlp", "random-gemma3": "gemma3", "random-qwen2vl": "qwen2vl_merger"}
_WIDTH = 256  # of the small models' embeddings

# The shapes of common models: 0.5 and 2 billion parameters, a vocabulary of 32,000.
_LARGE = ["--architecture", "llama", "--type", "q4_k_m", "--vocab-size", "32000", "--no-biases"]
LARGE = {
    "random-300mb": [*_LARGE, "--width", "1024", "--heads", "16", "--kv-heads", "8", "--hidden", "2816", "--size", "300000000"],
    "random-1200mb": [*_LARGE, "--width", "2048", "--heads", "32", "--kv-heads", "8", "--hidden", "5632", "--size", "1200000000"],
}

# Three sizes between which a swap goes from fixed costs to reading, and of each another one with other weights.
SWAPPED = {
    "random-15mb": ["--architecture", "llama", "--type", "q4_k_m", "--no-biases", "--width", "512", "--heads", "8", "--kv-heads", "4",
                    "--hidden", "1536", "--size", "15000000"],
    **LARGE,
}


def other(name):
    """The name of the model that is as large as one of SWAPPED."""
    return name.replace("random-", "random-other-")


_OTHERS = {other(name): [*arguments, "--seed", "2"] for name, arguments in SWAPPED.items()}


def cache_folder():
    base = os.environ.get("PERCH_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "perch"
    return pathlib.Path(base) / "random-models"


def path_of(name, maker):
    """The file of a demo model, of a random one (made by the program `maker` unless it is there), or `name` itself if it is a path."""
    if name in DEMO_MODELS:
        return DEMO / f"{name}.gguf"
    arguments = (SMALL | SWAPPED | _OTHERS).get(name)
    if arguments is None:
        return pathlib.Path(name)
    vocabulary = DEMO / "sparrow-q8_0.gguf"
    sources = sorted((CHECKOUT / "tests" / "random_model").glob("*.[ch]pp"))
    return _made(name, lambda path: [maker, path, "--vocab-from", vocabulary, *arguments], [vocabulary, *sources], arguments)


def projector_of(name):
    """The file of a seeing model's projector."""
    program = CHECKOUT / "tests" / "random_model" / "projector.py"
    arguments = ["--kind", SEEING[name], "--width", str(_WIDTH)]
    return _made(f"mmproj-{SEEING[name]}", lambda path: [sys.executable, "-B", program, path, *arguments], [program], arguments)


def _made(name, command, sources, arguments):
    """A file in the cache folder. Other arguments or other sources make another one."""
    key = hashlib.sha256(b"".join([repr(arguments).encode(), *(source.read_bytes() for source in sources)])).hexdigest()[:12]
    folder = cache_folder()
    path = folder / f"{name}-{key}.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{name}-*.gguf"):
            old.unlink()
        subprocess.run(command(path), check=True, stdout=subprocess.DEVNULL)
    return path


if __name__ == "__main__":  # the path of a model, for scripts: NAME MAKER
    print(path_of(sys.argv[1], sys.argv[2]))
