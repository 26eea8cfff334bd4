"""The results as a picture; matplotlib comes with the extra `bench`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.bars import Outcome, Verdict
from bench.contests import Results, Sample

_PLAIN = "#4a6fa5"
_COLOURS = {Outcome.MET: "#2a7f62", Outcome.MISSED: "#c8553d", Outcome.UNCLEAR: "#8a8a8a"}
_ROW_INCHES = 0.32


def available() -> bool:
    """True if matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def save(title: str, verdicts: Sequence[Verdict], results: Results, file: Path) -> None:
    """Write a PNG: how far each bar is passed or missed, then the rates of each contest."""
    # Only here, because it is not installed everywhere and slow to import.
    from matplotlib.figure import Figure

    contests = results.samples
    rows = [len(verdicts), *map(len, contests.values())]
    height = sum(rows) * _ROW_INCHES + len(rows) * 0.9
    figure = Figure(figsize=(11, height), layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(len(rows), 1, squeeze=False, height_ratios=[n + 1.5 for n in rows])
    _draw_bars(panels[0][0], verdicts)
    for (panel,), (name, contestants) in zip(panels[1:], contests.items(), strict=True):
        _draw_rates(panel, name, contestants)
    figure.savefig(file, dpi=110)


def _draw_bars(panel: Any, verdicts: Sequence[Verdict]) -> None:
    """Draw each median as a multiple of what is wanted, turned so that more is better."""
    panel.axvline(1, color="black", linewidth=1)
    for verdict in verdicts:
        reached = sorted(_passed(verdict, value) for value in _range(verdict))
        _draw_row(panel, verdict.bar.what, reached, _COLOURS[verdict.outcome])
    panel.set(xscale="log", xlabel="measured : wanted (right of the line the bar is met)")
    panel.invert_yaxis()


def _draw_rates(panel: Any, name: str, contestants: dict[str, list[Sample]]) -> None:
    for each, samples in contestants.items():
        rates = [sample.rate for sample in samples]
        _draw_row(panel, each, [min(rates), median(rates), max(rates)], _PLAIN)
    panel.set(title=name, xscale="log", xlabel="operations a second")
    panel.invert_yaxis()


def _draw_row(panel: Any, label: str, values: Sequence[float], color: str) -> None:
    """Draw a point and its range: the axis has no zero from which a bar could grow."""
    lowest, middle, highest = values
    panel.plot([lowest, highest], [label, label], color=color, linewidth=2, alpha=0.5)
    panel.plot([middle], [label], color=color, marker="o")
    panel.grid(visible=True, axis="x", alpha=0.3)


def _range(verdict: Verdict) -> tuple[float, float, float]:
    measured = verdict.measured
    return measured.lowest, measured.median, measured.highest


def _passed(verdict: Verdict, value: float) -> float:
    wanted = verdict.bar.wanted
    return wanted / value if verdict.bar.at_most else value / wanted
