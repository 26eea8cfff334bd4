"""Telling apart what came of calls that were made at once."""

from collections import Counter
from typing import TypeVar

import psycopg

from tests.databases import Connection, Database, Role

Result = TypeVar("Result")

# A test that goes wrong ends with an error rather than waiting for ever.
PATIENCE = "30s"


def session(database: Database, role: Role = "service", *, autocommit: bool = True) -> Connection:
    """Open a connection whose statements do not wait longer than the test's patience."""
    connection = database.connect(role)
    connection.execute(f"set statement_timeout = '{PATIENCE}'")
    connection.autocommit = autocommit
    return connection


def successes(outcomes: list[Result | psycopg.Error]) -> list[Result]:
    """The results of the calls that were not refused."""
    return [outcome for outcome in outcomes if not isinstance(outcome, psycopg.Error)]


def refusals(outcomes: list[Result | psycopg.Error]) -> Counter[str]:
    """The number of calls that were refused, by SQLSTATE."""
    return Counter(
        str(outcome.sqlstate) for outcome in outcomes if isinstance(outcome, psycopg.Error)
    )
