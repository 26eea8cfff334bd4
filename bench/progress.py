"""A line that says what runs now and how much is left."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """Knows how long all steps take together; on a terminal its line stays in one place."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out = out
        self._expected = 0.0
        self._done = 0.0
        self._started = time.monotonic()
        self._width = 0

    def expect(self, seconds: float) -> None:
        """Add steps that take so long together."""
        self._expected += seconds

    def step(self, what: str, seconds: float) -> None:
        """Say what begins now; `seconds` is how much of what was expected it is."""
        left = max(0.0, self._expected - self._done)
        self._done += seconds
        share = 1 - left / self._expected if self._expected else 0.0
        self._say(f"[{share:4.0%}] {what} · about {_minutes(left)} left")

    def end(self) -> None:
        """Say how long it took."""
        self._say(f"[100%] done in {_minutes(time.monotonic() - self._started)}")
        if self._out.isatty():
            self._out.write("\n")

    def _say(self, line: str) -> None:
        if self._out.isatty():
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._out.write(line + "\n")
        self._out.flush()


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
