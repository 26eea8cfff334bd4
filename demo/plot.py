"""The day as pictures; matplotlib comes with the extra `bench`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.books import Curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Told apart by people who see no red or green, too (Okabe and Ito).
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#aa4499")
_GREY = "#666666"
_FROM, _TO = 7.0, 25.0


@dataclass(frozen=True)
class Event:
    """An event in somebody's day, in a word or two."""

    who: str
    moment: datetime
    what: str


def save_balances(
    file: Path, midnight: datetime, curves: Mapping[str, Curve], events: Sequence[Event]
) -> None:
    """Write a PNG: what each has over the day, one panel each, and what happened when."""
    figure, panels = _panels(f"What each has on {midnight:%A, %-d %B}", midnight, len(curves))
    for color, panel, (name, curve) in zip(_COLORS, panels, curves.items(), strict=True):
        hours = [0.0, *(_hour(moment, midnight) for moment, _ in curve), _TO]
        values = [0.0, *(value for _, value in curve), curve[-1][1]]
        panel.step(hours, values, where="post", color=color, linewidth=2)
        panel.fill_between(hours, values, step="post", color=color, alpha=0.12)
        panel.text(_TO + 0.1, values[-1], f"{values[-1]:g}", color=color, va="center")
        panel.set_title(name, loc="left", color=color, fontsize=11, fontweight="bold")
        panel.set_ylim(min(values), max(values) * 1.65)
        _mark_events(panel, [event for event in events if event.who == name], midnight)
    figure.savefig(file, dpi=130)


def save_spending(
    file: Path,
    midnight: datetime,
    curves: Mapping[str, Curve],
    limits: Mapping[str, float],
    refusals: Sequence[Event],
) -> None:
    """Write a PNG: how much of the pool each member has spent on a day, beside their limit."""
    title = f"What members spend of their guild's pool on {midnight:%A, %-d %B}"
    figure, [panel] = _panels(title, midnight, 1)
    colors = dict(zip(curves, _COLORS[1:], strict=False))
    for name, curve in curves.items():
        hours, values = _spent_by_day(curve, midnight)
        panel.step(hours, values, where="post", color=colors[name], linewidth=2)
        panel.axhline(limits[name], color=colors[name], linewidth=1, linestyle=(0, (6, 4)))
        label = f"{name}'s limit: {limits[name]:g} a day"
        panel.text(_FROM + 0.1, limits[name] + 0.4, label, color=colors[name], va="bottom")
    for refusal in refusals:
        hour, limit = _hour(refusal.moment, midnight), limits[refusal.who]
        panel.plot([hour], [limit], "X", color=colors[refusal.who], markersize=9)
        panel.text(hour + 0.15, limit + 0.4, refusal.what, color=colors[refusal.who], va="bottom")
    panel.axvline(24, color=_GREY, linewidth=1)
    panel.text(23.9, 1, "a new day,\nnew limits", color=_GREY, ha="right", va="bottom")
    panel.set_ylim(0, max(limits.values()) * 1.15)
    figure.savefig(file, dpi=130)


def _panels(title: str, midnight: datetime, count: int) -> tuple[Figure, Sequence[Any]]:
    # Only here, because it is slow to import.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, max(5.0, 2.1 * count)), layout="constrained")
    figure.suptitle(title, fontsize=14, x=0.01, ha="left")
    panels = [row[0] for row in figure.subplots(count, 1, squeeze=False, sharex=True)]
    hours = range(8, 26, 2)
    for panel in panels:
        panel.set(ylabel="credits", xlim=(_FROM, _TO))
        panel.set_xticks(hours, [f"{(midnight + timedelta(hours=hour)):%H:%M}" for hour in hours])
        panel.grid(visible=True, axis="y", alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, panels


def _mark_events(panel: Any, events: Sequence[Event], midnight: datetime) -> None:
    """Write what happened at its time over the line, on three lines in turn."""
    top = panel.get_ylim()[1]
    for n, event in enumerate(events):
        hour, height = _hour(event.moment, midnight), top * (0.97 - 0.12 * (n % 3))
        panel.plot([hour, hour], [0, height], color=_GREY, linewidth=0.6, alpha=0.6)
        late = hour > _TO - 2
        panel.text(
            hour + (-0.08 if late else 0.08),
            height,
            event.what,
            color=_GREY,
            fontsize=9,
            va="top",
            ha="right" if late else "left",
        )


def _spent_by_day(curve: Curve, midnight: datetime) -> tuple[list[float], list[float]]:
    hours, values, day = [0.0], [0.0], 0
    for moment, amount in curve:
        hour = _hour(moment, midnight)
        if hour >= 24 and day == 0:
            day = 1
            hours.append(24.0)
            values.append(0.0)
        hours.append(hour)
        values.append(values[-1] + amount)
    if day == 0:
        hours.append(24.0)
        values.append(0.0)
    return [*hours, _TO], [*values, values[-1]]


def _hour(moment: datetime, midnight: datetime) -> float:
    return (moment - midnight).total_seconds() / 3600
