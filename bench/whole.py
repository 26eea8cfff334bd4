"""Statements over all accounts: how long they take with nothing in memory, and once more."""

from __future__ import annotations

import time

import psycopg

from bench.errors import WrongAnswerError
from bench.plan import History

_SUM = "select sum(balance) from credits.balances"
_RECONCILE = "select sum(discrepancies) from credits.reconcile(p_scope => '{}')"
_QUERIES = {
    _SUM: _SUM,
    "a full reconciliation": _RECONCILE.format("full"),
    "a reconciliation of what is new": _RECONCILE.format("new"),
}
_TIMES = 2


def over_all(dsn: str, history: History) -> list[str]:
    """Run each query, and say how long it took.

    Raises:
        WrongAnswerError: The books are off.
    """
    notes = []
    with psycopg.connect(dsn, autocommit=True) as owner:
        for what, query in _QUERIES.items():
            seconds = [_seconds(owner, query, of_books=query != _SUM) for _ in range(_TIMES)]
            took = " and ".join(f"{each:.1f} s" for each in seconds)
            notes.append(f"{what}, {history.accounts:,} accounts: {took}")
    return notes


def _seconds(owner: psycopg.Connection, query: str, *, of_books: bool) -> float:
    started = time.perf_counter()
    row = owner.execute(query).fetchone()
    if of_books and (row is None or row[0]):
        raise WrongAnswerError(f"the books are off: {row} discrepancies")
    return time.perf_counter() - started
