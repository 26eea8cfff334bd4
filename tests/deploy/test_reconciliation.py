"""The reconciliation report: clean books, and books that somebody has cooked."""

import pytest

from databases import Database
from deployments import assert_stopped, reconcile

VARIABLE = "RECONCILE_DATABASE_URL"


def test_clean_books_exit_with_0(database: Database) -> None:
    database.connect("service").execute("select credits.refund_credits('u1', 5, 'start')")

    outcome = reconcile({VARIABLE: database.dsn("auditor")})

    assert outcome.status == 0


@pytest.mark.off_books
def test_cooked_books_exit_with_1_and_show_the_account(database: Database) -> None:
    database.connect("service").execute("select credits.refund_credits('u1', 5, 'start')")
    owner = database.connect()
    owner.execute("set session_replication_role = replica")
    owner.execute("update credits.balances set balance = 6, total_earned = 6 where user_id = 'u1'")

    outcome = reconcile({VARIABLE: database.dsn("auditor")})

    assert outcome.status == 1
    assert '"account": "u1"' in outcome.output
    assert '"difference": 1.000000' in outcome.output


def test_missing_variable_is_named() -> None:
    assert_stopped(reconcile({}), VARIABLE)
