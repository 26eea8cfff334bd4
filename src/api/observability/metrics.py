"""What this process counts about itself, for Prometheus.

Labels only ever take values that the code names: a visitor cannot make new series.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from prometheus_client import Counter, Histogram, Info, disable_created_metrics

from api.observability.version import VERSION

disable_created_metrics()  # type: ignore[no-untyped-call]

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_OTHER: Final = "other"

# Up to the 10 seconds after which a call is given up.
_CALL_SECONDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

# From at once to the three days over which Stripe repeats an event.
_EVENT_SECONDS: Final = (1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 259200)

REQUESTS: Final = Counter(
    "mana_credits_requests",
    "Requests answered; status 499: the client went away",
    ["method", "route", "status"],
)
REQUEST_SECONDS: Final = Histogram(
    "mana_credits_request_seconds",
    "How long requests took",
    ["method", "route"],
    buckets=_CALL_SECONDS,
)
REFUSAL_COUNT: Final = Counter(
    "mana_credits_refusals", "Errors answered, by the code in their body", ["code"]
)
DEBITS: Final = Counter(
    "mana_credits_debits",
    "Debits made through this process: personal, guild, or the commit of a reservation",
    ["kind"],
)
DEBITED_CREDITS: Final = Counter(
    "mana_credits_debited_credits", "Credits debited through this process", ["kind"]
)
JOB_RUNS: Final = Counter(
    "mana_credits_job_runs", "Rounds of background jobs, done or failed", ["name", "outcome"]
)
WEBHOOK_DELIVERIES: Final = Counter(
    "mana_credits_webhook_deliveries",
    "Attempts to deliver an event to a webhook, delivered or failed",
    ["outcome"],
)
STRIPE_EVENT_LAG: Final = Histogram(
    "mana_credits_stripe_event_lag_seconds",
    "From the creation of an event at Stripe to the end of its effects here",
    buckets=_EVENT_SECONDS,
)

BUILD: Final = Info("mana_credits_build", "Which version of mana-credits this process is")
BUILD.info({"version": VERSION})

# There from the start, so that an alert sees the first of them too.
for _code in ("internal_error", "overloaded", "auth_unavailable", "payments_unavailable"):
    REFUSAL_COUNT.labels(_code)


class ConnectionCounts(NamedTuple):
    """What a process's connections to the database are doing, and how many calls wait for one."""

    in_use: int
    idle: int
    waiting: int


class _RequestCounts(NamedTuple):
    requests: Counter
    seconds: Histogram


class _DebitCounts(NamedTuple):
    debits: Counter
    credits: Counter


# Looking up a child by its labels costs more than counting: done once for each.
_request_counts: dict[tuple[str, str | None, int], _RequestCounts] = {}
_debit_counts: dict[str, _DebitCounts] = {}


def count_request(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request; `route` is the template of its path, None where no route has it."""
    key = (method, route, status)
    counts = _request_counts.get(key) or _new_request_counts(*key)
    counts.requests.inc()
    counts.seconds.observe(seconds)


def count_refusal(code: str) -> None:
    """Count an error that is answered, in whatever form."""
    REFUSAL_COUNT.labels(code).inc()


def expect_job_runs(names: Iterable[str]) -> None:
    """Have the series of some jobs before their first round, so that an alert sees that one too."""
    for name in names:
        for outcome in ("done", "failed"):
            JOB_RUNS.labels(name, outcome)


def count_debit(kind: str, amount: Decimal, *, replayed: bool) -> None:
    """Count a debit of so many credits, signed or not, unless an earlier call had made it.

    What costs nothing is none.
    """
    if replayed or not amount:
        return
    counts = _debit_counts.get(kind)
    if counts is None:
        counts = _DebitCounts(DEBITS.labels(kind), DEBITED_CREDITS.labels(kind))
        _debit_counts[kind] = counts
    counts.debits.inc()
    counts.credits.inc(abs(float(amount)))


def _new_request_counts(method: str, route: str | None, status: int) -> _RequestCounts:
    known = method in _METHODS
    labels = (method if known else _OTHER, _OTHER if route is None else route)
    counts = _RequestCounts(REQUESTS.labels(*labels, str(status)), REQUEST_SECONDS.labels(*labels))
    if known:
        _request_counts[method, route, status] = counts
    return counts
