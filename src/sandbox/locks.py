"""A lock on a folder that lasts exactly as long as the processes that use it.

It is flock(2) on a file that the server inherits. Neither a crash nor a reboot leaves it behind. It
is free when the last process of a killed server has gone.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


class LockHeldError(Exception):
    """Another live process holds the lock; `pid` is its owner's id, 0 if that is not known."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


class FileLock:
    """An exclusive lock on one file, inheritable through its descriptor."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self, patience: float) -> int:
        """Take the lock and return its descriptor, to be passed to a child.

        If its owner lives, raises LockHeldError at once; if only leftovers of a dead owner hold
        it, waits `patience` seconds for them to go.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience
        while not _locked(fd):
            owner = _owner(fd)
            if time.monotonic() > deadline or (owner and is_alive(owner)):
                os.close(fd)
                raise LockHeldError(owner)
            time.sleep(0.02)
        _write_owner(fd, str(os.getpid()))
        self._fd = fd
        return fd

    def release(self) -> None:
        """Give up our part of the lock; children that inherited it may hold it a little longer."""
        if self._fd is not None:
            _write_owner(self._fd, "")
            os.close(self._fd)
            self._fd = None


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(fd: int) -> int:
    text = os.pread(fd, 20, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else 0


def _write_owner(fd: int, text: str) -> None:
    os.ftruncate(fd, 0)
    os.pwrite(fd, text.encode("ascii"), 0)


def is_alive(pid: int) -> bool:
    """Return whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
