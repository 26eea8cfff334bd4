"""One line a step, with the time that it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Writes what a deployment is doing, as it does it."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def say(self, line: str) -> None:
        """Write one line at once."""
        print(line, file=self._out, flush=True)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Write the label when the work starts, and its time in seconds when it has ended."""
        print(f"{label} ...", end=" ", file=self._out, flush=True)
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.say("failed")
            raise
        self.say(f"{time.monotonic() - started:.2f} s")
