"""Images for tests."""

import hashlib
import struct
import zlib

SQUARE = 8  # pixels: coarse enough to be still there when the image is made smaller


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, seed=1):
    """A PNG of squares in random colours: another seed, another image."""
    columns, rows = -(-width // SQUARE), -(-height // SQUARE)
    colours = hashlib.shake_256(str(seed).encode()).digest(3 * columns * rows)
    lines = []
    for y in range(height):
        first = y // SQUARE * columns
        pixels = (colours[3 * (first + x // SQUARE):3 * (first + x // SQUARE) + 3] for x in range(width))
        lines.append(b"\0" + b"".join(pixels))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(lines))) + _chunk(b"IEND", b"")
