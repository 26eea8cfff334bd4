"""Ctrl-C and similar signals: a request to stop, honoured between two steps."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopRequestedError(Exception):
    """A request to stop."""


class StopSignals:
    """Notes SIGINT, SIGTERM and SIGHUP. Make it in the main thread, before anything is started."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        # nohup has its way.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def check(self) -> None:
        """Raise StopRequestedError if we were asked to stop."""
        if self._requested.is_set():
            raise StopRequestedError

    def wait(self, seconds: float) -> None:
        """Wait, at most so long. Raises StopRequestedError as soon as we are asked to stop."""
        self._requested.wait(seconds)
        self.check()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._requested.set()
