"""Tells the day at a terminal: the time, what happens, and what was answered."""

from __future__ import annotations

import json
import textwrap
import time
from typing import Any

_INDENT = " " * 14
_WIDTH = 100


class Narrator:
    """Counts the scenes, so that a listener knows how long it goes on."""

    def __init__(self, scenes: int) -> None:
        self._scenes = scenes
        self._told = 0
        self._started = time.monotonic()

    def prepare(self, what: str) -> None:
        """Tell what is done before the day begins, or after it has ended."""
        print(f"{self.seconds:6.1f} s  {what}", flush=True)

    def scene(self, moment: str, sentence: str) -> None:
        """Begin a scene."""
        self._told += 1
        share = f"[{self._told:2}/{self._scenes}]"
        print(f"\n{share} {moment}  {_told(sentence).lstrip()}", flush=True)

    def answer(self, call: str, status: int, body: Any) -> None:
        """Tell what the API answered."""
        print(_told(f"{call} → {status} {json.dumps(body, ensure_ascii=False)}"), flush=True)

    def remark(self, sentence: str) -> None:
        """Tell what follows from the answers."""
        print(_told(sentence), flush=True)

    @property
    def seconds(self) -> float:
        """The time since the beginning."""
        return time.monotonic() - self._started


def _told(text: str) -> str:
    """Return lines of a text under each other; ids and addresses stay whole."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
