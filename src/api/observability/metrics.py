"""Counters of this process about itself, for Prometheus.

Labels take values that the code names, and the names of few apps: a visitor cannot make new series
without bound.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram, Info, disable_created_metrics

from api.observability.version import VERSION

disable_created_metrics()  # type: ignore[no-untyped-call]

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_OTHER: Final = "other"

# Prometheus takes an empty label for none.
_NO_APP: Final = ""
_MOST_APPS: Final = 20

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
    "mana_credits_refusals",
    "Errors answered, by the code in their body and the app that the request was for",
    ["code", "app"],
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
    REFUSAL_COUNT.labels(_code, _NO_APP)


# The apps that have series of their own: those that are named, else the first ones.
_named_apps: set[str] = set()
_first_apps: set[str] = set()


def count_request(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request; `route` is the template of its path, None where no route has it."""
    requests, durations = _of_requests(
        method if method in _METHODS else _OTHER, _OTHER if route is None else route, str(status)
    )
    requests.inc()
    durations.observe(seconds)


def count_refusal(code: str, app: str | None) -> None:
    """Count an error that is answered, in whatever form."""
    if app is None:
        app = _NO_APP
    else:
        if len(_first_apps) < _MOST_APPS:
            _first_apps.add(app)
        app = app if app in (_named_apps or _first_apps) else _OTHER
    REFUSAL_COUNT.labels(code, app).inc()


def name_apps(apps: Iterable[str]) -> None:
    """Have refusals counted by these apps, instead of those that come first."""
    _named_apps.update(apps)


def expect_job_runs(names: Iterable[str]) -> None:
    """Create the series of some jobs before their first round, so that alerts see that one too."""
    for name in names:
        for outcome in ("done", "failed"):
            JOB_RUNS.labels(name, outcome)


def count_debit(kind: str, amount: Decimal, *, replayed: bool) -> None:
    """Count a debit of so many credits, signed or not, unless an earlier call had made it.

    What costs nothing is none.
    """
    if amount and not replayed:
        debits, credited = _of_debits(kind)
        debits.inc()
        credited.inc(abs(float(amount)))


# A look-up by labels costs more than counting.
@cache
def _of_requests(method: str, route: str, status: str) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), REQUEST_SECONDS.labels(method, route)


@cache
def _of_debits(kind: str) -> tuple[Counter, Counter]:
    return DEBITS.labels(kind), DEBITED_CREDITS.labels(kind)
