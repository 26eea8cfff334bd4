"""Comparisons: ratios of runs that stood side by side in time, never of averages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the ratios of pairs, and their range."""

    median: float
    lowest: float
    highest: float
    pairs: int

    def __str__(self) -> str:
        """Write it as `0.85 (0.80 to 0.91)`."""
        return f"{self.median:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


def ratio(above: Sequence[float], below: Sequence[float]) -> Ratio:
    """Compare two series, run by run: the first of one with the first of the other, and so on.

    Raises:
        ValueError: They are not of the same length, or empty, or something in `below` is zero.
    """
    if len(above) != len(below) or not above:
        raise ValueError("only as many runs as there are on the other side can be compared")
    if not all(below):
        raise ValueError("nothing can be compared with a rate of zero")
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios), len(ratios))
