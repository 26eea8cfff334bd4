"""The bars: which ratio has to be how high, and whether it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bench.contests import Results
from bench.pairs import Ratio
from bench.plan import Plan
from bench.sustained import LOT, SNAPSHOT
from bench.web import LIMIT, name_of

# From so many clients on they wait for the processors more than for the disk.
_MANY_CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that is asked for.

    Attributes:
        what: In words.
        wanted: The figure to reach, or not to exceed.
        at_most: True if it must not be exceeded.
        ratio: Looks the measured one up; None where it was not measured.
    """

    what: str
    wanted: float
    ratio: Callable[[Results], Ratio | None]
    at_most: bool = False


class Outcome(StrEnum):
    """The verdict on a bar."""

    MET = "met"
    MISSED = "NOT MET"
    # Some pairs of runs say the one, some the other.
    UNCLEAR = "the machine was too busy to tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar and what was measured."""

    bar: Bar
    measured: Ratio

    @property
    def outcome(self) -> Outcome:
        """The side of the bar on which the whole range is, if on one."""
        sides = {self._reached(self.measured.lowest), self._reached(self.measured.highest)}
        if len(sides) > 1:
            return Outcome.UNCLEAR
        return Outcome.MET if sides == {True} else Outcome.MISSED

    def _reached(self, ratio: float) -> bool:
        return ratio <= self.bar.wanted if self.bar.at_most else ratio >= self.bar.wanted


def judge(plan: Plan, results: Results) -> list[Verdict]:
    """Return what became of each bar whose sides were measured."""
    measured = ((bar, bar.ratio(results)) for bar in _bars(plan))
    return [Verdict(bar, ratio) for bar, ratio in measured if ratio is not None]


def _bars(plan: Plan) -> Iterator[Bar]:
    for clients in plan.clients:
        if clients > 1:
            yield from _sql_bars(clients)
    yield from _sustained_bars()
    yield from _depth_bars()
    yield from _http_bars(plan)


def _sql_bars(clients: int) -> Iterator[Bar]:
    spread = f"SQL, spread, {clients} clients"
    hot = f"SQL, one hot account, {clients} clients"
    at = f"{clients} clients"
    for where, contest, of_limit in (
        ("spread", spread, 0.62 if clients >= _MANY_CLIENTS else 0.66),
        ("hot", hot, 0.82),
    ):
        yield _bar(
            f"use_credits : limit, {where}, {at}", of_limit, (contest, "use"), (contest, "limit")
        )
        yield _bar(
            f"use_credits : plain double entry, {where}, {at}",
            1.4,
            (contest, "use"),
            (contest, "double_entry"),
        )
        yield _bar(
            f"a charge of one line : use_credits, {where}, {at}",
            0.85,
            (contest, "charge"),
            (contest, "use"),
        )
    for where, contest, of_bare, of_single in (
        ("spread", spread, 0.75, 3.5),
        ("hot", hot, 0.65, 12),
    ):
        yield _bar(
            f"batch of 100 : bare batch, {where}, {at}",
            of_bare,
            (contest, "batch"),
            (contest, "bare_batch"),
        )
        yield _bar(
            f"batch of 100 : single calls, {where}, {at}",
            of_single,
            (contest, "batch"),
            (contest, "use"),
        )
    yield _bar(
        f"use_guild_credits : use_credits, spread, {at}",
        0.70,
        (spread, "use_guild"),
        (spread, "use"),
    )


def _sustained_bars() -> Iterator[Bar]:
    yield snapshot_bar("use")
    # A call that costs at most 1.15 times as much reaches the inverse of that rate at least.
    yield _bar(
        "use_credits with credits that expire : without, rate",
        1 / 1.15,
        (LOT, "with a lot"),
        (LOT, "without"),
    )
    yield Bar(
        "use_credits with credits that expire : without, processor time of the backend",
        1.15,
        lambda results: results.ratio(
            (LOT, "one backend, with a lot"), (LOT, "one backend, without"), "backend_us"
        ),
        at_most=True,
    )


def snapshot_bar(name: str) -> Bar:
    """Return the bar of a contestant beside a snapshot."""
    return Bar(
        f"{name} beside a snapshot: rate at the end : at the beginning",
        0.9,
        lambda results: results.kept(SNAPSHOT, name),
    )


def _depth_bars() -> Iterator[Bar]:
    for script in ("use", "use_guild", "redeem", "history", "batch"):
        # A cost is the inverse of a rate: the shallow rate over the deep one.
        yield _bar(
            f"cost with many rows behind : with few, {script}",
            1.15,
            ("SQL, depth", f"{script}, shallow"),
            ("SQL, depth", f"{script}, deep"),
            at_most=True,
        )


def _http_bars(plan: Plan) -> Iterator[Bar]:
    connections = plan.connections[len(plan.connections) // 2]
    contest = name_of(1, connections)
    at = f"{connections} connections"
    limit = (contest, LIMIT)
    use = (contest, "POST /credits/use")
    yield _bar(f"POST /credits/use : limit statement, {at}", 0.75, use, limit)
    for hot in ("hot user", "hot guild"):
        yield _bar(f"{hot} : POST /credits/use spread, {at}", 1.2, (contest, hot), use)
    yield _bar(
        f"GET /credits/balance : limit statement, {at}",
        1.0,
        (contest, "GET /credits/balance"),
        limit,
    )
    for route in ("POST /credits/use", "GET /credits/balance", "POST /internal/credits/use"):
        yield Bar(f"p99 : p50, {route}, {at}", 4.0, _tail(contest, route), at_most=True)


def _bar(
    what: str,
    wanted: float,
    above: tuple[str, str],
    below: tuple[str, str],
    *,
    at_most: bool = False,
) -> Bar:
    return Bar(what, wanted, lambda results: results.ratio(above, below), at_most)


def _tail(contest: str, name: str) -> Callable[[Results], Ratio | None]:
    return lambda results: results.tail(contest, name)
