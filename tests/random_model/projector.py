"""Writes a vision projector (mmproj) with random weights for a text model of a given width: what the model then says of an image is noise,
but it is the same noise for the same image and another for another one."""

import argparse
import math
import os

import gguf
import numpy

WIDTH, HEADS, HIDDEN, LAYERS = 64, 4, 128, 2

# How much the embeddings of an image deviate: as much as those of words in a model that random_model writes. Gemma's words are multiplied
# by this root when they are read, its images are not.
WORDS = {"mlp": lambda width: 1, "gemma3": math.sqrt, "qwen2vl_merger": lambda width: 1}

# What is left of a deviation of 1 behind a GELU.
BEHIND_GELU = 0.65


class Projector:
    def __init__(self, path, kind, width, seed):
        self.kind = kind
        self.width = width
        self.deviation = WORDS[kind](width)
        self.random = numpy.random.Generator(numpy.random.PCG64(seed))
        self.writer = gguf.GGUFWriter(path, "clip")

    def write(self):
        self.describe()
        {"mlp": self.mlp, "gemma3": self.gemma3, "qwen2vl_merger": self.qwen2vl}[self.kind]()
        self.writer.write_header_to_file()
        self.writer.write_kv_data_to_file()
        self.writer.write_tensors_to_file()
        self.writer.close()

    def describe(self):
        writer = self.writer
        writer.add_name(f"random {self.kind}")
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)
        writer.add_clip_has_vision_encoder(True)
        writer.add_clip_projector_type(self.kind)
        writer.add_vision_embedding_length(WIDTH)
        writer.add_vision_feed_forward_length(HIDDEN)
        writer.add_vision_head_count(HEADS)
        writer.add_vision_block_count(LAYERS)
        writer.add_vision_projection_dim(self.width)
        writer.add_vision_attention_layernorm_eps(1e-6)
        writer.add_vision_image_mean([0.5, 0.5, 0.5])
        writer.add_vision_image_std([0.5, 0.5, 0.5])
        writer.add_vision_use_gelu(True)

    def mlp(self):
        """LLaVA's: a fixed size, one embedding a patch."""
        self.encoder(image=56, patch=14, fixed=True)
        self.linear("mm.0", WIDTH, self.width)
        self.linear("mm.2", self.width, self.width, self.deviation / BEHIND_GELU)

    def gemma3(self):
        """A fixed size, four patches pooled into each embedding."""
        self.encoder(image=80, patch=8, fixed=True)
        self.writer.add_vision_projector_scale_factor(2)
        self.norm("mm.soft_emb_norm.weight", WIDTH)
        # The other way round than all others.
        self.matrix("mm.input_projection.weight", (WIDTH, self.width), self.deviation / math.sqrt(WIDTH))

    def qwen2vl(self):
        """A size that follows the image's, four patches joined to each embedding."""
        self.encoder(image=112, patch=14, fixed=False)
        self.linear("mm.0", 4 * WIDTH, 4 * WIDTH)
        self.linear("mm.2", 4 * WIDTH, self.width, self.deviation / BEHIND_GELU)

    def encoder(self, image, patch, fixed):
        self.writer.add_vision_image_size(image)
        self.writer.add_vision_patch_size(patch)
        # Neighbouring pixels are alike, so their sum deviates more than that of independent ones would.
        pixels = (WIDTH, 3, patch, patch)
        if fixed:
            self.matrix("v.patch_embd.weight", pixels, 1 / patch)
            self.bias("v.patch_embd.bias", WIDTH)
            self.matrix("v.position_embd.weight", ((image // patch) ** 2, WIDTH), 0.5)
        else:
            # Two, for two frames of a film; a still image is both.
            self.matrix("v.patch_embd.weight", pixels, 1 / patch)
            self.matrix("v.patch_embd.weight.1", pixels, 1 / patch)
        for layer in range(LAYERS):
            block = f"v.blk.{layer}"
            for norm in ("ln1", "ln2"):
                self.norm(f"{block}.{norm}.weight", WIDTH)
                self.bias(f"{block}.{norm}.bias", WIDTH)
            for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
                self.linear(f"{block}.{part}", WIDTH, WIDTH)
            self.linear(f"{block}.ffn_up", WIDTH, HIDDEN)
            self.linear(f"{block}.ffn_down", HIDDEN, WIDTH)
        self.norm("v.post_ln.weight", WIDTH)
        self.bias("v.post_ln.bias", WIDTH)

    def linear(self, name, inputs, outputs, gain=1):
        self.matrix(f"{name}.weight", (outputs, inputs), gain / math.sqrt(inputs))
        self.bias(f"{name}.bias", outputs)

    def matrix(self, name, shape, deviation):
        self.writer.add_tensor(name, (deviation * self.random.standard_normal(shape)).astype(numpy.float32))

    def norm(self, name, size):
        self.writer.add_tensor(name, self.random.uniform(0.9, 1.1, size).astype(numpy.float32))

    def bias(self, name, size):
        self.writer.add_tensor(name, self.random.uniform(-0.1, 0.1, size).astype(numpy.float32))


def main():
    parser = argparse.ArgumentParser(prog="projector", description="Writes a vision projector with random weights.")
    parser.add_argument("out", help="the file to write")
    parser.add_argument("--kind", choices=WORDS, required=True, help="as libmtmd calls it")
    parser.add_argument("--width", type=int, required=True, help="width of the text model's embedding")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another projector")
    arguments = parser.parse_args()
    # Under another name until it is whole: a later run takes a file that is there for a good one.
    building = f"{arguments.out}.building"
    Projector(building, arguments.kind, arguments.width, arguments.seed).write()
    os.replace(building, arguments.out)


if __name__ == "__main__":
    main()
