"""Facts on their way to the record, in a file that outlives the process.

A spool is an append-only file beside the database, ``<database>.spool-<pid>-<random>``, mode 0600, of frames:
magic, length and CRC-32 of a payload, then the payload, each frame in one write. What was handed to the
kernel survives the death of the process, however it dies. The owner holds a lock on the file (flock) as long
as it lives: who can take the lock knows that the owner is gone, and may adopt what is left.

A payload is what ``marshal`` (format 4, which Python 3.4 and later read) makes of primitives: measured at a
third of the cost of JSON. Only files of this user that nobody else may write are read.
"""

from __future__ import annotations

import glob
import marshal
import os
import stat
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

fcntl: Any
try:
    import fcntl as _fcntl

    fcntl = _fcntl
except ImportError:  # Windows, where an open file cannot be renamed: that is the lock
    fcntl = None

_MARSHAL_FORMAT: Final = 4
_MAGIC: Final = b"OPv1"
_HEAD: Final = struct.Struct("<4sII")
_LARGEST: Final = 256 * 1024 * 1024
_DRAFT_S: Final = 60
HEAD_BYTES: Final = _HEAD.size


class Held:
    """A frame that waits, as its payload: who writes it to the record need not decode it."""

    __slots__ = ("_size", "payload")

    def __init__(self, payload: Any, size: int) -> None:
        self.payload = payload
        self._size = size

    def __len__(self) -> int:
        return self._size


Frame = bytes | Held


def encode(payload: Any) -> bytes:
    """A frame; ValueError where the payload holds anything but primitives."""
    return encode_held(payload)[0]


def encode_held(payload: Any) -> tuple[bytes, Held]:
    """A frame as bytes, and as its payload; ValueError where that holds anything but primitives."""
    try:
        body = marshal.dumps(payload, _MARSHAL_FORMAT)
    except ValueError:  # marshal takes no subclass of a primitive, such as SQLAlchemy's quoted_name
        payload = _plain(payload)
        body = marshal.dumps(payload, _MARSHAL_FORMAT)
    frame = _HEAD.pack(_MAGIC, len(body), zlib.crc32(body)) + body
    return frame, Held(payload, len(frame))


def _plain(payload: Any) -> Any:
    if isinstance(payload, (tuple, list)):
        return tuple(_plain(part) for part in payload)
    if isinstance(payload, dict):
        return {_plain(name): _plain(part) for name, part in payload.items()}
    if payload is None or isinstance(payload, bool):
        return payload
    kind: Any
    for kind in (str, int, float, bytes):
        if isinstance(payload, kind):
            return kind.__getnewargs__(payload)[0]  # the value as it is, whatever the subclass makes of str()
    raise ValueError(f"a {type(payload).__name__} is no primitive")


def decode(frame: Frame) -> Any:
    """The payload of one whole frame."""
    if isinstance(frame, Held):
        return frame.payload
    return marshal.loads(memoryview(frame)[HEAD_BYTES:])


def frames(content: bytes) -> Iterator[bytes]:
    """The whole frames of a spool's content, in order; what is torn or damaged is passed over."""
    at = 0
    while (at := content.find(_MAGIC, at)) >= 0 and at + HEAD_BYTES <= len(content):
        _, length, checksum = _HEAD.unpack_from(content, at)
        end = at + HEAD_BYTES + length
        if length <= _LARGEST and end <= len(content) and zlib.crc32(content[at + HEAD_BYTES : end]) == checksum:
            yield content[at:end]
            at = end
        else:
            at += 1


class SpoolFile:
    """The spool that this process appends to. Not for use after a fork, but for ``abandon``."""

    def __init__(self, db_path: str) -> None:
        """Make the file and lock it; raises OSError where that cannot be."""
        self.path = f"{db_path}.spool-{os.getpid()}-{os.urandom(4).hex()}"
        draft = self.path if fcntl is None else f"{db_path}.draft-{os.getpid()}-{os.urandom(4).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(draft, flags, 0o600)
        self._is_named_on_disk = False
        if fcntl is not None:
            try:  # locked before it has the name by which others find it
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.rename(draft, self.path)
            except BaseException:
                os.close(self._descriptor)
                os.unlink(draft)
                raise

    def append(self, frame: bytes) -> None:
        """Hand a frame to the kernel. Raises OSError; a frame written in part is passed over by readers."""
        written = os.write(self._descriptor, frame)
        if written != len(frame):
            raise OSError(f"{written} of {len(frame)} bytes were written")

    def sync(self) -> None:
        """Wait until everything is on the disk; at first, the file's name too."""
        getattr(os, "fdatasync", os.fsync)(self._descriptor)
        if not self._is_named_on_disk:
            _sync_folder(os.path.dirname(self.path) or ".")
            self._is_named_on_disk = True

    def clear(self) -> None:
        """Everything in it is in the record: empty it. Raises FileNotFoundError where someone removed it."""
        os.stat(self.path)
        os.ftruncate(self._descriptor, 0)

    def remove(self) -> None:
        """Give the file up, and take it away."""
        if fcntl is None:
            os.close(self._descriptor)
            os.unlink(self.path)
        else:
            os.unlink(self.path)
            os.close(self._descriptor)

    def abandon(self) -> None:
        """Give the file up, and leave it to be adopted; in a forked child, leave it to the parent."""
        os.close(self._descriptor)


class LeftSpool:
    """A spool whose owner may be dead: read, and removed once its frames are in the record."""

    def __init__(self, path: str) -> None:
        """Open it; raises OSError, PermissionError where it is not this user's own."""
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        try:
            found = os.fstat(self._descriptor)
            if not _is_trusted(found):
                raise PermissionError(f"{path} is not this user's own: it is not read")
            self.is_left = self._take(found)
        except BaseException:
            os.close(self._descriptor)
            raise

    def read(self) -> list[bytes]:
        """The whole frames in it."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            return list(frames(file.read()))

    def close(self, *, remove: bool) -> None:
        """Give it up; with ``remove``, and if its owner is dead, take it away."""
        if remove and self.is_left and fcntl is not None:
            os.unlink(self.path)
        os.close(self._descriptor)
        if remove and self.is_left and fcntl is None:
            os.unlink(self.path)

    def _take(self, found: os.stat_result) -> bool:
        if fcntl is None:
            return self._take_by_name()
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        if os.stat(self.path).st_ino != found.st_ino:
            raise FileNotFoundError(self.path)  # adopted by another process in between
        return True

    def _take_by_name(self) -> bool:
        os.close(self._descriptor)
        mine = f"{self.path}-{os.getpid()}"
        try:
            os.rename(self.path, mine)
            self.path = mine
        except PermissionError:
            return False
        finally:
            self._descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return True


def remove_drafts(db_path: str) -> None:
    """Take away what processes left that died between making a spool and naming it: it is empty."""
    for path in glob.glob(f"{glob.escape(db_path)}.draft-*"):
        try:
            if time.time() - os.stat(path).st_mtime > _DRAFT_S:
                os.unlink(path)
        except OSError:
            pass


def spools_of(db_path: str) -> list[str]:
    """The spools that lie beside a database, of living and of dead processes."""
    return sorted(glob.glob(f"{glob.escape(db_path)}.spool-*"))


@contextmanager
def alone_in(folder: str) -> Iterator[bool]:
    """Whether, of the processes that ask this about a folder, this one is alone; it does not wait for others."""
    if fcntl is None:
        yield True
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_alone = True
        except OSError:
            is_alone = False
        yield is_alone
    finally:
        os.close(descriptor)


def _sync_folder(folder: str) -> None:
    if fcntl is None:  # Windows cannot, and need not
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_trusted(found: os.stat_result) -> bool:
    if not stat.S_ISREG(found.st_mode):
        return False
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid in (os.geteuid(), 0) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
