"""One line a step, with the time that it took."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


def counted(number: int, one: str, many: str = "") -> str:
    """Return how many there are, in words: 1 row, 2 rows."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


class Progress:
    """Writes what a deployment is doing, as it does it."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def say(self, line: str) -> None:
        """Write one line at once."""
        self._write(f"{line}\n")

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Write the label when the work starts, and its time in seconds when it has ended."""
        self._write(f"{label} ... ")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.say("failed")
            raise
        self.say(f"{time.monotonic() - started:.2f} s")

    def _write(self, text: str) -> None:
        try:
            print(text, end="", file=self._out, flush=True)
        except BrokenPipeError:
            # Whoever read this, such as `head`, has seen enough. The work goes on to its end and
            # its exit status; the rest of what it says goes nowhere, what is buffered included.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._out.fileno())
            os.close(nowhere)
