"""The alerts and the dashboard ask for nothing that is not there, and the docs name everything."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from tests.api.exposition import Exposition, scrape
from tests.api.live_api import LiveApi, ok, refused, wait_until

ROOT = Path(__file__).resolve().parents[3]
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text(encoding="utf-8"))
MANUAL = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

# Metrics of Prometheus itself, and of the library about a process on Linux.
PROMETHEUS = {"up"}
TARGET_LABELS = {"job", "instance"}
PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes"}

# Metrics that are not there at once: figures are read every few seconds.
LATER = {
    "mana_credits_credits",
    "mana_credits_job_age_seconds",
    "mana_credits_reconciliation_age_seconds",
}

# Labels whose values the code names, all of them there before anything happens.
NAMED = {"code", "name", "outcome", "scope"}

# Work that this process does not do: its Stripe is not compared with.
SWITCHED_OFF = {("name", "reconcile_stripe")}


@dataclass(frozen=True)
class Selector:
    """The metrics that an expression asks for."""

    metric: str
    labels: frozenset[str]
    values: frozenset[tuple[str, str]] = frozenset()


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> dict[str, str]:
    """Every expression, by the alert or panel that has it."""
    alerts = {rule["alert"]: rule["expr"] for rule in rules()}
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", [])
    }
    assert alerts
    assert panels
    return alerts | panels


def selectors(expression: object) -> Iterator[Selector]:
    """Yield what a parsed expression asks for; `by` labels count for all that is under them."""
    if isinstance(expression, promql.VectorSelector):
        matchers = expression.matchers.matchers
        names = frozenset(matcher.name for matcher in matchers)
        values = frozenset(
            (matcher.name, value)
            for matcher in matchers
            if matcher.name in NAMED
            for value in matcher.value.split("|")
        )
        yield Selector(str(expression.name), names, values)
    elif isinstance(expression, promql.AggregateExpr):
        grouped = frozenset(expression.modifier.labels) if expression.modifier else frozenset()
        for below in selectors(expression.expr):
            yield Selector(below.metric, below.labels | grouped, below.values)
    elif isinstance(expression, promql.BinaryExpr):
        yield from selectors(expression.lhs)
        yield from selectors(expression.rhs)
    elif isinstance(expression, promql.Call):
        for argument in expression.args:
            yield from selectors(argument)
    elif isinstance(expression, promql.MatrixSelector):
        yield from selectors(expression.vector_selector)
    elif isinstance(expression, promql.ParenExpr):
        yield from selectors(expression.expr)
    else:
        literals = (promql.NumberLiteral, promql.StringLiteral)
        assert isinstance(expression, literals), expression


@pytest.fixture(scope="module")
def told(common_api: LiveApi) -> Exposition:
    """The metrics of a process that has done something of everything."""
    user = common_api.user(10)
    ok(user.use(1))
    refused(user.use(100), 402, "insufficient_credits")
    common_api.audit("select from credits.reconcile()")

    def all_that_comes_later() -> Exposition | None:
        told = scrape(common_api)
        return told if told.names() >= LATER else None

    return wait_until(all_that_comes_later)


@pytest.mark.parametrize("name", expressions())
def test_an_expression_asks_for_what_is_there(told: Exposition, name: str) -> None:
    for selector in selectors(promql.parse(expressions()[name])):
        if selector.metric in PROMETHEUS | PROCESS:
            assert selector.labels <= TARGET_LABELS
            continue
        assert selector.metric in told.names()
        samples = told.values(selector.metric)
        labels = {label for sample in samples for label, _ in sample}
        assert selector.labels <= labels | TARGET_LABELS
        assert selector.values <= {pair for sample in samples for pair in sample} | SWITCHED_OFF


def test_every_metric_is_explained_and_every_explained_one_is_there(told: Exposition) -> None:
    families = set(re.findall(r"^# TYPE (mana_credits_\w+) ", told.text, re.MULTILINE))
    assert set(re.findall(r"`(mana_credits_\w+?)(?:\{[^`]*\})?`", MANUAL)) == families


def test_every_alert_is_explained() -> None:
    assert set(re.findall(r"`(ManaCredits\w+)`", MANUAL)) == {rule["alert"] for rule in rules()}


def test_every_alert_says_how_bad_it_is_and_what_happened() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    identities = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(identities)) == len(identities)
