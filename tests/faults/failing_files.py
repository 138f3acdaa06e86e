"""A file system whose files fail as told: a FUSE server in a few lines, because no disk fails on demand.

Speaks the kernel's protocol (version 7.19, linux/fuse.h) over /dev/fuse and answers the handful of requests that opening, looking at and reading
a file takes. Needs the right to mount.
"""

import contextlib
import ctypes
import errno
import os
import stat
import struct
import threading
from dataclasses import dataclass

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, OPENDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 1, 2, 3, 14, 15, 18, 25, 26, 27, 29, 36, 42
ROOT = 1
KEEP_CACHE = 2  # as a disk does: otherwise opening a file waits, beyond the reach of signals, for whoever reads it already
AT_ONCE = 1 | 2  # MNT_FORCE, MNT_DETACH

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The machine does not let us mount."""


@dataclass(frozen=True)
class Failing:
    content: bytes
    good: int  # bytes from its beginning that can be read
    beyond: str = "EIO"  # what comes of reading on: "EIO"; "hangs", until the reader is killed; "deaf", which does not care about that either


class FailingFiles:
    """Use it as a context manager. `files`: name to Failing."""

    def __init__(self, folder, files):
        self.folder = os.fspath(folder)
        self._names = list(files)
        self._files = list(files.values())
        self._hanging, self._deaf = set(), set()  # requests that are not answered
        self._lets_go = False
        self._speaks = threading.Event()
        self._speaks.set()

    def __enter__(self):
        try:
            self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError as why:
            raise Refused(f"/dev/fuse: {why.strerror}") from why
        options = f"fd={self._device},rootmode=40755,user_id={os.getuid()},group_id={os.getgid()}"
        if libc.mount(b"failing", self.folder.encode(), b"fuse", 0, options.encode()) != 0:
            os.close(self._device)
            raise Refused(f"mounting a FUSE file system: {os.strerror(ctypes.get_errno())}")
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.let_go()
        libc.umount2(self.folder.encode(), AT_ONCE)  # whoever still waits for an answer gets an error
        os.close(self._device)

    @contextlib.contextmanager
    def mute(self):
        """Nothing at all is answered. Ends before the daemon does: a process that waits here cannot be killed."""
        self._speaks.clear()
        try:
            yield
        finally:
            self._speaks.set()

    def _serve(self):
        while True:
            try:
                request = os.read(self._device, 1 << 20)
            except OSError as why:
                if why.errno in (errno.EINTR, errno.ENOENT):  # of a request that was taken back
                    continue
                return
            self._speaks.wait()
            _, opcode, unique, node = struct.unpack_from("<IIQQ", request)
            if opcode == INTERRUPT:
                interrupted, = struct.unpack_from("<Q", request, 40)
                if interrupted in self._hanging:
                    self._hanging.discard(interrupted)
                    self._reply(interrupted, errno.EINTR)
                continue
            answer = self._answer(opcode, node, request[40:])
            if answer == "hangs":
                self._hanging.add(unique)
            elif answer == "deaf" and self._lets_go:
                self._reply(unique, errno.EIO)
            elif answer == "deaf":
                self._deaf.add(unique)
            elif answer is not None:
                self._reply(unique, answer)

    def _reply(self, unique, answer):
        error, body = (-answer, b"") if isinstance(answer, int) else (0, answer)
        with contextlib.suppress(OSError):  # nobody may wait for it any more
            os.write(self._device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)

    def let_go(self):
        """Whoever cannot even be killed gets an error after all, from now on."""
        self._lets_go = True
        for unique in list(self._deaf):
            self._deaf.discard(unique)
            self._reply(unique, errno.EIO)

    def _answer(self, opcode, node, body):
        """Bytes, an errno, None for no answer, or how there is none yet."""
        if opcode in (FORGET, BATCH_FORGET):
            return None
        if opcode == INIT:
            return struct.pack("<IIIIHHI", 7, 19, 0, 0, 16, 12, 4096)
        if opcode == LOOKUP:
            name = body.rstrip(b"\0").decode()
            if name not in self._names:
                return errno.ENOENT
            found = ROOT + 1 + self._names.index(name)
            return struct.pack("<QQQQII", found, 0, 0, 0, 0, 0) + self._attributes(found)
        if opcode == GETATTR:
            return struct.pack("<QII", 0, 0, 0) + self._attributes(node)
        if opcode in (OPEN, OPENDIR):
            return struct.pack("<QII", 0, KEEP_CACHE, 0)
        if opcode == READ:
            return self._read(self._files[node - ROOT - 1], *struct.unpack_from("<QI", body, 8))
        if opcode in (RELEASE, RELEASEDIR, FLUSH):
            return b""
        return errno.ENOSYS

    def _read(self, file, offset, size):
        if min(offset + size, len(file.content)) > file.good:
            return errno.EIO if file.beyond == "EIO" else file.beyond
        return file.content[offset:offset + size]

    def _attributes(self, node):
        size = 0 if node == ROOT else len(self._files[node - ROOT - 1].content)
        mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, os.getuid(), os.getgid(), 0, 4096, 0)
