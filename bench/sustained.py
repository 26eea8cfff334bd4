"""Contests about costs that grow with time: a snapshot held open, and credits that expire."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from bench import backend, pgbench
from bench.contests import Contest, Contestant, Sample
from bench.plan import Plan
from bench.sql import Target, contestant, record

SNAPSHOT = "SQL, one hot account, a snapshot held open"
LOT = "SQL, credits that expire"
BACKEND = "SQL, one backend"
CLIENTS = 8

_SNAPSHOT_PARTS = 6
_LEAST_SECONDS_A_CALL = 0.0003


def snapshot_contest(plan: Plan, targets: Mapping[str, Target]) -> Contest:
    """Debits of one account, while another session holds a snapshot from before them.

    Each contestant runs once: its last rate is compared with its first.
    """
    return Contest(
        SNAPSHOT,
        [_snapshot_contestant(plan, target, name) for name, target in targets.items()],
        rounds=1,
    )


def lot_contest(plan: Plan, main: Target) -> Contest:
    """Debits of accounts with credits that expire beside debits of accounts without: both ways."""
    with_lot, without = lot_accounts(plan)
    return Contest(
        LOT,
        [
            contestant(plan, main, "use", CLIENTS, name="with a lot", accounts=with_lot),
            contestant(plan, main, "use", CLIENTS, name="without", accounts=without),
            backend_contestant(main, "use", with_lot, name="one backend, with a lot"),
            backend_contestant(main, "use", without, name="one backend, without"),
        ],
    )


def backend_contest(plan: Plan, main: Target) -> Contest:
    """The cost of calls to one backend, on thousands of accounts."""
    return Contest(
        BACKEND,
        [
            backend_contestant(main, script, range(1, plan.backend_calls + 1))
            for script in ("limit", "use", "use_guild")
        ],
    )


def lot_accounts(plan: Plan) -> tuple[range, range]:
    """Return the accounts with credits that expire, and as many without."""
    first, lots = plan.main.accounts + 1, plan.main.lots
    return range(first, first + lots), range(first + lots, first + 2 * lots)


def backend_contestant(
    target: Target, script: str, accounts: range, *, name: str | None = None
) -> Contestant:
    """Measure a script in one session, account by account."""

    def run() -> Sample:
        sample = backend.measure(script, target.dsn, accounts, target.history.guilds)
        record(target, script, backend.calls_of(accounts))
        return sample

    # The first time every page is written whole, and read from the disk.
    return Contestant(name or script, run, len(accounts) * _LEAST_SECONDS_A_CALL, run)


def _snapshot_contestant(plan: Plan, target: Target, name: str) -> Contestant:
    return Contestant(name, lambda: _beside_a_snapshot(plan, target), plan.snapshot_seconds)


def _beside_a_snapshot(plan: Plan, target: Target) -> Sample:
    part = max(1, plan.snapshot_seconds // _SNAPSHOT_PARTS)
    with psycopg.connect(target.dsn) as watcher:
        watcher.execute("set transaction isolation level repeatable read")
        watcher.execute("select 1")
        done = pgbench.run(
            "use",
            target.dsn,
            CLIENTS,
            # The last part is told only if there is something after it.
            seconds=plan.snapshot_seconds + 1,
            variables={"first": 1, "last": 1},
            part_seconds=part,
        )
    record(target, "use", done.transactions)
    return Sample(rate=done.rate, mean_ms=done.latency_ms, kept=done.parts[-1] / done.parts[0])
