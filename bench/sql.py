"""The contests in SQL: pgbench calls the functions and their peers as a restricted login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import pgbench
from bench.books import Books
from bench.contests import Contest, Contestant, Sample
from bench.plan import History, Plan

BATCH = 100
_START_SECONDS = 0.15

# A gift for each client, of which a few portions are redeemed.
_WARM_UP_PORTIONS = 100

# The rows that a script writes: the books' name of them, and the number in a transaction.
_WRITES = {
    "use": ("debits", 1),
    "charge": ("debits", 1),
    "limit": ("limit", 1),
    "double_entry": ("double entry", 1),
    "use_guild": ("pool debits", 1),
    "use_hot_guild": ("pool debits", 1),
    "redeem": ("redemptions", 1),
    "batch": ("debits", BATCH),
    "bare_batch": ("limit", BATCH),
}
SPREAD = (
    "limit",
    "use",
    "charge",
    "double_entry",
    "use_guild",
    "batch",
    "bare_batch",
    "redeem",
    "history",
    "bare_history",
)
HOT = ("limit", "use", "charge", "double_entry", "use_hot_guild", "batch", "bare_batch")
DEPTH = ("use", "use_guild", "redeem", "history", "batch")
DEPTH_CLIENTS = 8
HOT_ACCOUNT = range(1, 2)

# Lists are no business of trusted services; the peer is called alike.
_OF_THE_API = ("history", "bare_history")


@dataclass(slots=True)
class Target:
    """A database that scripts run on.

    Attributes:
        dsn: As a trusted service.
        api_dsn: As the API, for what services may not do.
        history: The rows in it.
        books: The acknowledged work of the scripts.
        redeemed: The number of portions of gifts that are gone.
    """

    dsn: str = field(repr=False)
    api_dsn: str = field(repr=False)
    history: History
    books: Books
    redeemed: int = field(default=0)


def contests(plan: Plan, main: Target) -> Iterator[Contest]:
    """Contests with limits and peers: spread over all accounts, then all clients on one."""
    for clients in plan.clients:
        yield Contest(
            f"SQL, spread, {clients} clients",
            [
                contestant(plan, main, script, clients)
                for script in SPREAD
                if script not in plan.left_out
            ],
        )
        if clients > 1:
            yield Contest(
                f"SQL, one hot account, {clients} clients",
                [contestant(plan, main, script, clients, accounts=HOT_ACCOUNT) for script in HOT],
            )


def depth_contest(plan: Plan, shallow: Target, deep: Target) -> Contest:
    """The same calls on the same accounts, with few and with many ledger rows behind them."""
    return Contest(
        "SQL, depth",
        [
            contestant(plan, target, script, DEPTH_CLIENTS, name=script + suffix)
            for script in DEPTH
            for target, suffix in ((shallow, ", shallow"), (deep, ", deep"))
        ],
    )


def gifts_needed(plan: Plan, clients: tuple[int, ...]) -> int:
    """The gifts of a hundred portions that a target needs for the contests of these clients."""
    return sum(n * (plan.rounds * plan.portions_of(n) + _WARM_UP_PORTIONS) // 100 for n in clients)


def limit_contestant(plan: Plan, main: Target, clients: int) -> Contestant:
    """The limit statement once more, to stand beside HTTP."""
    return contestant(plan, main, "limit", clients)


def contestant(
    plan: Plan,
    target: Target,
    script: str,
    clients: int,
    *,
    accounts: range | None = None,
    name: str | None = None,
) -> Contestant:
    """Measure a script with so many clients, on all active accounts or on those given."""
    among = accounts or range(1, target.history.active + 1)

    def run() -> Sample:
        return _run(plan, target, script, clients, among)

    def warm_up() -> Sample:
        # A batch is a hundred calls by itself.
        calls = 1 if script in ("batch", "bare_batch") else plan.warm_up_calls
        return _run(plan, target, script, clients, among, calls=calls)

    seconds = plan.sql_seconds + _START_SECONDS
    return Contestant(name or script, run, seconds, warm_up if plan.warm_up_calls else None)


def record(target: Target, script: str, transactions: int) -> int:
    """Note in the books what a script has done; return how many operations a transaction is."""
    what, each = _WRITES.get(script, ("nothing", 1))
    target.books.acknowledged[what] += transactions * each
    return each


def _run(
    plan: Plan,
    target: Target,
    script: str,
    clients: int,
    accounts: range,
    *,
    calls: int | None = None,
) -> Sample:
    history = target.history
    variables = {
        "first": accounts[0],
        "last": accounts[-1],
        "accounts": history.accounts,
        "guilds": history.guilds,
        "readers": history.readers,
    }
    calls = calls or plan.calls
    if script == "redeem":
        # So many that each finds a portion; a time would not say how many gifts it takes.
        portions = _WARM_UP_PORTIONS if calls else plan.portions_of(clients)
        calls = calls or portions
        variables |= {"redeemed": target.redeemed, "calls": portions, "done": 0}
        target.redeemed += clients * portions
    done = pgbench.run(
        script,
        target.api_dsn if script in _OF_THE_API else target.dsn,
        clients,
        seconds=plan.sql_seconds,
        calls=calls,
        variables=variables,
    )
    each = record(target, script, done.transactions)
    return Sample(rate=done.rate * each, mean_ms=done.latency_ms)
