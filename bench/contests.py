"""Contests: what is compared runs in turn, round after round, so that all meet the same weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.pairs import Ratio, ratio
from bench.plan import Plan
from bench.progress import Progress


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of one contestant reached.

    Attributes:
        rate: Operations a second; for a batch those in it are counted, not the calls.
        p50_ms: Median latency of a call, where it is known.
        p99_ms: 99th percentile of it.
        mean_ms: Mean latency.
        cpu_api: Processor seconds of the API for each second of the run.
        cpu_postgres: The same of PostgreSQL, all of its processes.
    """

    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None
    cpu_api: float | None = None
    cpu_postgres: float | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """One thing that is measured.

    Attributes:
        name: What it is called in the results.
        run: Measures it once.
        seconds: How long that takes, about.
        warm_up: Comes before the first round, where there is need for it.
    """

    name: str
    run: Callable[[], Sample]
    seconds: float
    warm_up: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """Contestants that are compared with each other under the same circumstances."""

    name: str
    contestants: Sequence[Contestant]

    def seconds(self, rounds: int) -> float:
        """How long so many rounds take."""
        return rounds * sum(contestant.seconds for contestant in self.contestants)


@dataclass(slots=True)
class Results:
    """Every sample of every contest, in the order of the rounds."""

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)

    def run(self, contest: Contest, plan: Plan, progress: Progress) -> None:
        """Run a contest: after each has warmed up A B C, A B C, and so on."""
        kept: dict[str, list[Sample]] = {each.name: [] for each in contest.contestants}
        progress.step(f"{contest.name}: warming up", 0)
        for contestant in contest.contestants:
            if contestant.warm_up is not None:
                contestant.warm_up()
        for number in range(1, plan.rounds + 1):
            for contestant in contest.contestants:
                what = f"{contest.name}: {contestant.name}, round {number} of {plan.rounds}"
                progress.step(what, contestant.seconds)
                kept[contestant.name].append(contestant.run())
        self.samples[contest.name] = kept

    def ratio(self, above: tuple[str, str], below: tuple[str, str]) -> Ratio | None:
        """Compare the rates of two (contest, contestant); None if one was not measured."""
        sides = [self.samples.get(contest, {}).get(name) for contest, name in (above, below)]
        if not sides[0] or not sides[1]:
            return None
        return ratio(*([sample.rate for sample in side or []] for side in sides))

    def tail(self, contest: str, name: str) -> Ratio | None:
        """Compare the 99th percentile with the median of the same run; None if not measured."""
        samples = self.samples.get(contest, {}).get(name)
        if not samples or any(s.p50_ms is None or s.p99_ms is None for s in samples):
            return None
        return ratio([s.p99_ms or 0 for s in samples], [s.p50_ms or 0 for s in samples])


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
