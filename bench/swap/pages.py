"""Whether a file is in the page cache, and seeing to it that it is or is not."""

import ctypes
import mmap
import os
import time

from peers import PeerFailure

DROP_LIMIT = 5  # seconds: somebody who has just ended may still have it mapped for a moment
FILL_LIMIT = 5  # likewise: the kernel may take a page for idle while the next ones are read
_PIECE = 1 << 22

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
_MAP_FAILED = ctypes.c_void_p(-1).value


def cached_pages(path):
    """(those in the cache, all). mincore tells whoever may write to the file; others it tells that everything is there."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
        if address == _MAP_FAILED:
            raise OSError(ctypes.get_errno(), "mmap", str(path))
        try:
            pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
            if _libc.mincore(address, size, pages) != 0:
                raise OSError(ctypes.get_errno(), "mincore", str(path))
        finally:
            _libc.munmap(address, size)
    flags = pages.raw
    return sum(flag & 1 for flag in flags), len(flags)


def drop(path):
    deadline = time.monotonic() + DROP_LIMIT
    with open(path, "rb") as file:
        os.fsync(file.fileno())  # what is not on the disk yet would stay
        while True:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            there, of = cached_pages(path)
            if there == 0:
                return
            if time.monotonic() > deadline:
                raise PeerFailure(f"{path}: {there} of its {of} pages do not leave the page cache")
            time.sleep(0.01)


def fill(path):
    deadline = time.monotonic() + FILL_LIMIT
    while True:
        there, of = cached_pages(path)
        if there == of:
            return
        if time.monotonic() > deadline:
            raise PeerFailure(f"{path}: {of - there} of its {of} pages do not stay in the page cache")
        with open(path, "rb", buffering=0) as file:
            piece = bytearray(_PIECE)
            while file.readinto(piece):
                pass
