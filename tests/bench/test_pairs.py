"""Comparisons of runs that stood side by side."""

import io

import pytest

from bench.contests import Contest, Contestant, Results, Sample
from bench.pairs import ratio
from bench.plan import TINY
from bench.progress import Progress


def test_a_ratio_is_the_median_of_pairs_and_not_of_sides() -> None:
    # The second pair met a busy machine; both sides are a third of what they were.
    compared = ratio([90, 30, 80], [100, 30, 100])
    assert compared.median == pytest.approx(0.9)
    assert (compared.lowest, compared.highest) == (pytest.approx(0.8), 1)
    assert compared.pairs == 3


def test_an_even_number_of_pairs_has_its_median_between_two() -> None:
    assert ratio([1, 2], [1, 1]).median == 1.5


@pytest.mark.parametrize(
    ("above", "below"), [([1, 2], [1]), ([], []), ([1], [0])], ids=["uneven", "empty", "zero"]
)
def test_what_cannot_be_compared_is_refused(above: list[float], below: list[float]) -> None:
    with pytest.raises(ValueError, match="compared"):
        ratio(above, below)


def test_a_contestant_that_was_not_measured_has_no_ratio() -> None:
    results = Results({"race": {"ours": [Sample(2.0)]}})
    assert results.ratio(("race", "ours"), ("race", "theirs")) is None
    assert results.ratio(("another race", "ours"), ("race", "ours")) is None


def test_each_round_goes_the_other_way() -> None:
    order: list[str] = []

    def contestant(name: str) -> Contestant:
        def run() -> Sample:
            order.append(name)
            return Sample(1.0)

        return Contestant(name, run, 0)

    race = Contest("race", [contestant("ours"), contestant("theirs")], rounds=3)
    Results().run(race, TINY, Progress(io.StringIO()))
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_the_tail_is_that_of_each_run_by_itself() -> None:
    samples = [Sample(1.0, p50_ms=1, p99_ms=4), Sample(1.0, p50_ms=10, p99_ms=20)]
    tail = Results({"race": {"ours": samples}}).tail("race", "ours")
    assert tail is not None
    assert (tail.lowest, tail.median, tail.highest) == (2, 3, 4)
