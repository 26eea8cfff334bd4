"""Gauges that are read when somebody asks: connections, and figures from the database."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

import psycopg
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.database.client import Database
from api.database.rows import Row
from api.http.errors import ApiError
from api.remembered import Remembered

logger = logging.getLogger("api.gauges")

# However many ask, the database is asked once in so long, and nobody waits longer than that for it.
FRESH_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 2.0

# The gauges of credits.get_metrics: description, and the name of the label if there is one.
FIGURES: Final = {
    "credits": ("Credits that exist, by where they are", "place"),
    "open_reservations": ("Reservations that are held", None),
    "open_gifts": ("Gifts of which portions are left", None),
    "figures_age_seconds": ("How long ago the three above were measured", None),
    "reconciliation_age_seconds": ("How long ago the books were last found clean", "scope"),
    "job_age_seconds": ("How long ago a job that is done for all processes was last done", "name"),
    "expiry_lag_seconds": (
        "How long the oldest hold, dated credit or gift past its time has been waiting to be"
        " written down",
        None,
    ),
    "erasure_lag_seconds": (
        "How long the oldest erasure has been waiting to be finished, here or at Stripe",
        None,
    ),
    "events_lag_seconds": (
        "How long the oldest event has been waiting for the slowest consumer of events",
        None,
    ),
    "lost_event_consumers": (
        "Consumers that left events for too long, so that nothing is kept for them any more",
        None,
    ),
}


class Figure(Row):
    """A value for a gauge; `label` tells values of the same metric apart."""

    metric: str
    label: str | None
    value: float


class Gauges(Collector):
    """Collects the gauges of one process; `refresh` before each collection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._figures: list[Figure] | None = None
        self._asked = Remembered(
            lambda: database.many("credits.get_metrics", Figure), FRESH_SECONDS
        )

    async def refresh(self) -> None:
        """Ask the database, unless it was asked just now; one that is away is not waited for."""
        try:
            # The waiting ends, not the call: to cancel it, a silent server would have to be told.
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._figures = await self._asked.get()
        except (ApiError, psycopg.Error, TimeoutError) as error:
            logger.warning("no figures from the database", extra={"reason": repr(error)})
            self._figures = None

    def collect(self) -> Iterable[Metric]:
        """Yield everything as of the last refresh; figures of a database that is away are left out.

        This is called by the registry.
        """
        connections = self._database.connections()
        states = GaugeMetricFamily(
            "mana_credits_database_connections",
            "Connections of this process to the database",
            labels=["state"],
        )
        for state in ("in_use", "idle"):
            states.add_metric([state], connections[state])
        yield states
        yield GaugeMetricFamily(
            "mana_credits_database_waiting",
            "Calls of this process that wait for a connection",
            connections["waiting"],
        )
        yield GaugeMetricFamily(
            "mana_credits_database_up",
            "Whether the database told its figures (1) or not (0)",
            float(self._figures is not None),
        )
        yield from _families(self._figures or [])


def _families(figures: list[Figure]) -> Iterable[Metric]:
    for name, (description, label) in FIGURES.items():
        family = GaugeMetricFamily(
            f"mana_credits_{name}", description, labels=[label] if label else []
        )
        for figure in figures:
            if figure.metric == name:
                family.add_metric([figure.label] if figure.label else [], figure.value)
        yield family
