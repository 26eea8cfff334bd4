"""Bars: met or not met, on the right side."""

import pytest

from bench.bars import Bar, Verdict, judge
from bench.contests import Results, Sample
from bench.pairs import Ratio
from bench.plan import FULL, QUICK


def verdict(measured: float, wanted: float, *, at_most: bool) -> Verdict:
    bar = Bar("a bar", wanted, lambda _: None, at_most)
    return Verdict(bar, Ratio(measured, measured / 2, measured * 2, 5))


@pytest.mark.parametrize(
    ("measured", "at_most", "met"),
    [
        (0.79, False, False),
        (0.80, False, True),
        (0.81, False, True),
        (0.79, True, True),
        (0.80, True, True),
        (0.81, True, False),
    ],
)
def test_a_bar_is_met_by_the_median(measured: float, at_most: bool, met: bool) -> None:
    assert verdict(measured, 0.80, at_most=at_most).met is met


def test_only_what_was_measured_is_judged() -> None:
    assert judge(QUICK, Results()) == []
    contest = {"use": [Sample(85.0)], "limit": [Sample(100.0)]}
    [only] = judge(QUICK, Results({"SQL, spread, 8 clients": contest}))
    assert only.met
    assert only.measured.median == pytest.approx(0.85)


def test_a_cost_that_grows_with_the_rows_behind_is_not_met() -> None:
    contest = {"use, shallow": [Sample(120.0)], "use, deep": [Sample(100.0)]}
    [only] = judge(FULL, Results({"SQL, depth": contest}))
    assert only.measured.median == pytest.approx(1.2)
    assert not only.met
