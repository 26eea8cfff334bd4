"""Bars: met or not met, on the right side, or too close to tell."""

import json

import pytest

from bench.bars import Bar, Outcome, Verdict, judge
from bench.contests import Results, Sample
from bench.pairs import Ratio
from bench.plan import FULL, QUICK
from bench.report import Report
from bench.sustained import LOT, SNAPSHOT


@pytest.mark.parametrize(
    ("lowest", "highest", "at_least", "at_most"),
    [
        (0.70, 0.79, Outcome.MISSED, Outcome.MET),
        (0.70, 0.80, Outcome.UNCLEAR, Outcome.MET),
        (0.70, 0.90, Outcome.UNCLEAR, Outcome.UNCLEAR),
        (0.80, 0.80, Outcome.MET, Outcome.MET),
        (0.80, 0.90, Outcome.MET, Outcome.UNCLEAR),
        (0.81, 0.90, Outcome.MET, Outcome.MISSED),
    ],
)
def test_a_bar_is_met_or_missed_by_the_whole_range_or_nothing_is_told(
    lowest: float, highest: float, at_least: Outcome, at_most: Outcome
) -> None:
    measured = Ratio((lowest + highest) / 2, lowest, highest, 5)
    outcomes = [
        Verdict(Bar("a bar", 0.80, lambda _: None, direction), measured).outcome
        for direction in (False, True)
    ]
    assert outcomes == [at_least, at_most]


def test_what_cannot_be_told_is_said() -> None:
    contest = {"use": [Sample(60.0), Sample(70.0)], "limit": [Sample(100.0), Sample(100.0)]}
    results = Results({"SQL, spread, 8 clients": contest})
    report = Report(QUICK, results, judge(QUICK, results), [])
    [line] = [line for line in report.markdown().splitlines() if "use_credits : limit" in line]
    assert line.endswith("| the machine was too busy to tell |")
    assert [bar["outcome"] for bar in json.loads(report.json())["bars"]] == [Outcome.UNCLEAR]


def test_only_what_was_measured_is_judged() -> None:
    assert judge(QUICK, Results()) == []
    contest = {"use": [Sample(85.0)], "limit": [Sample(100.0)]}
    [only] = judge(QUICK, Results({"SQL, spread, 8 clients": contest}))
    assert only.outcome == Outcome.MET
    assert only.measured.median == pytest.approx(0.85)


@pytest.mark.parametrize(
    ("contest", "outcome"),
    [
        ("SQL, spread, 8 clients", Outcome.MISSED),
        ("SQL, spread, 32 clients", Outcome.MET),
        ("SQL, one hot account, 32 clients", Outcome.MISSED),
    ],
)
def test_what_is_asked_for_depends_on_the_clients(contest: str, outcome: Outcome) -> None:
    samples = {"use": [Sample(64.0)], "limit": [Sample(100.0)]}
    [only] = judge(FULL, Results({contest: samples}))
    assert only.outcome == outcome


def test_a_rate_that_falls_beside_a_snapshot_is_not_met() -> None:
    contest = {"use": [Sample(1.0, kept=0.35)]}
    [only] = judge(FULL, Results({SNAPSHOT: contest}))
    assert only.measured.median == 0.35
    assert only.outcome == Outcome.MISSED


def test_credits_that_expire_are_judged_by_rate_and_by_processor_time() -> None:
    contest = {
        "with a lot": [Sample(95.0)],
        "without": [Sample(100.0)],
        "one backend, with a lot": [Sample(1.0, backend_us=120.0)],
        "one backend, without": [Sample(1.0, backend_us=100.0)],
    }
    rate, processor = judge(FULL, Results({LOT: contest}))
    assert (rate.outcome, processor.outcome) == (Outcome.MET, Outcome.MISSED)


def test_processor_time_is_not_judged_where_the_system_does_not_tell_it() -> None:
    contest = {name: [Sample(1.0)] for name in ("one backend, with a lot", "one backend, without")}
    assert judge(FULL, Results({LOT: contest})) == []


def test_a_cost_that_grows_with_the_rows_behind_is_not_met() -> None:
    contest = {"use, shallow": [Sample(120.0)], "use, deep": [Sample(100.0)]}
    [only] = judge(FULL, Results({"SQL, depth": contest}))
    assert only.measured.median == pytest.approx(1.2)
    assert only.outcome == Outcome.MISSED
