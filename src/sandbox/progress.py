"""Progress for people: one line a step, with the time since the beginning."""

from __future__ import annotations

import time


class Progress:
    """Writes lines to standard output at once."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        """Write what is being done now."""
        print(f"{time.monotonic() - self._started:6.1f} s  {text}", flush=True)
