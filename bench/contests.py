"""Contests: contestants run in turn, round after round, so that all meet the same load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.pairs import Ratio, ratio
from bench.plan import Plan
from bench.progress import Progress


@dataclass(frozen=True, slots=True)
class Sample:
    """The result of one run of one contestant.

    Attributes:
        rate: Operations a second; for a batch those in it are counted, not the calls.
        p50_ms: Median latency of a call, where it is known.
        p99_ms: 99th percentile of it.
        mean_ms: Mean latency.
        cpu_api: Processor seconds of the API for each second of the run.
        cpu_postgres: The same of PostgreSQL, all of its processes.
        backend_us: Processor time of the backend for a call.
        wal_bytes: WAL that a call wrote.
        kept: Of a long run the rate of its last part, as a share of that of its first.
    """

    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None
    cpu_api: float | None = None
    cpu_postgres: float | None = None
    backend_us: float | None = None
    wal_bytes: float | None = None
    kept: float | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """One thing that is measured.

    Attributes:
        name: The name in the results.
        run: Measures it once.
        seconds: The time that it takes, about.
        warm_up: Comes before the first round, where there is need for it.
    """

    name: str
    run: Callable[[], Sample]
    seconds: float
    warm_up: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """Contestants that are compared with each other under the same circumstances.

    Attributes:
        name: The name in the results.
        contestants: The contestants, in the order of their runs.
        rounds: The number of rounds, where it is another one than the plan's.
    """

    name: str
    contestants: Sequence[Contestant]
    rounds: int | None = None

    def seconds(self, plan: Plan) -> float:
        """The time that all rounds take."""
        return self.rounds_of(plan) * sum(contestant.seconds for contestant in self.contestants)

    def rounds_of(self, plan: Plan) -> int:
        """The number of rounds."""
        return self.rounds or plan.rounds


@dataclass(slots=True)
class Results:
    """Every sample of every contest, in the order of the rounds."""

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)

    def run(self, contest: Contest, plan: Plan, progress: Progress) -> None:
        """Run a contest: after each has warmed up A B C, C B A, and so on.

        So nobody gains by coming first, or loses by coming after one who fills the caches.
        """
        kept: dict[str, list[Sample]] = {each.name: [] for each in contest.contestants}
        progress.step(f"{contest.name}: warming up", 0)
        for contestant in contest.contestants:
            if contestant.warm_up is not None:
                contestant.warm_up()
        rounds = contest.rounds_of(plan)
        for number in range(1, rounds + 1):
            for contestant in contest.contestants[:: 1 if number % 2 else -1]:
                what = f"{contest.name}: {contestant.name}, round {number} of {rounds}"
                progress.step(what, contestant.seconds)
                kept[contestant.name].append(contestant.run())
        self.samples[contest.name] = kept

    def ratio(
        self, above: tuple[str, str], below: tuple[str, str], what: str = "rate"
    ) -> Ratio | None:
        """Compare a field of two (contest, contestant); None if one was not measured."""
        return _compared(self._values(*above, what), self._values(*below, what))

    def tail(self, contest: str, name: str) -> Ratio | None:
        """Compare the 99th percentile with the median of the same run; None if not measured."""
        return _compared(
            self._values(contest, name, "p99_ms"), self._values(contest, name, "p50_ms")
        )

    def kept(self, contest: str, name: str) -> Ratio | None:
        """Return how much of its rate long runs kept to their end; None if not measured."""
        shares = self._values(contest, name, "kept")
        return _compared(shares, [1.0] * len(shares))

    def _values(self, contest: str, name: str, what: str) -> list[float]:
        """Return a field of all runs; nothing if one of them does not have it."""
        samples = self.samples.get(contest, {}).get(name, [])
        values: list[float | None] = [getattr(sample, what) for sample in samples]
        known = [value for value in values if value is not None]
        return known if len(known) == len(values) else []


def _compared(above: Sequence[float], below: Sequence[float]) -> Ratio | None:
    return ratio(above, below) if above and below else None


def median_of(samples: Sequence[Sample], what: str) -> float | None:
    """Return the median of one field of samples; None where it was not measured."""
    values: Sequence[float | None] = [getattr(sample, what) for sample in samples]
    known = [value for value in values if value is not None]
    return median(known) if known else None


def as_json(results: Results) -> Mapping[str, object]:
    """Return all samples in a form that can be written as JSON."""
    return {
        contest: {
            name: [
                {key: getattr(sample, key) for key in Sample.__dataclass_fields__}
                for sample in samples
            ]
            for name, samples in contestants.items()
        }
        for contest, contestants in results.samples.items()
    }
