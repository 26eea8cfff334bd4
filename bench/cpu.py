"""Processor time of processes, from /proc; nothing where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")

# Places in /proc/PID/stat after the name: the parent, and the times of the process itself and of
# its children that have ended, in ticks.
_PARENT = 1
_OWN = (11, 12)
_OF_THE_DEAD = (13, 14)


def seconds_of(pids: Iterable[int]) -> float | None:
    """Return the processor seconds that processes have used so far; None without a /proc."""
    times = [_fields(pid) for pid in pids]
    known = [fields for fields in times if fields is not None]
    return _seconds(known, _OWN) if known else None


def seconds_of_tree(root: int) -> float | None:
    """Return those of a process and of all its children, those that have ended included."""
    parent = _fields(root)
    if parent is None:
        return None
    everyone = (_fields(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit())
    children = [fields for fields in everyone if fields and int(fields[_PARENT]) == root]
    return _seconds([parent, *children], _OWN) + _seconds([parent], _OF_THE_DEAD)


def nanoseconds_of(pid: int) -> int | None:
    """Return the processor time of one process, finely; None where the system does not tell."""
    try:
        return int((_PROC / str(pid) / "schedstat").read_text(encoding="ascii").split()[0])
    except OSError:
        return None


def _seconds(processes: list[list[str]], places: tuple[int, int]) -> float:
    ticks = sum(int(fields[place]) for fields in processes for place in places)
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name may hold anything, brackets and spaces included.
    return text.rpartition(")")[2].split()
