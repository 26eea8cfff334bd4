"""The reconciliation report: clean books, and books that somebody has cooked."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from concurrency import run_parallel
from databases import Database
from deployments import assert_stopped, reconcile

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.mark.off_books
def test_cooked_books_end_with_where_to_read_on(database: Database) -> None:
    database.connect("service").execute("select credits.refund_credits('u1', 5, 'start')")
    owner = database.connect()
    owner.execute("set session_replication_role = replica")
    owner.execute("update credits.balances set balance = 6, total_earned = 6 where user_id = 'u1'")

    outcome = reconcile({VARIABLE: database.dsn("auditor")})

    page = outcome.output.splitlines()[-1].split()[-4].rstrip(",")
    assert "Reading the reconciliation" in (ROOT / page).read_text(encoding="utf-8")


def test_a_reader_that_has_seen_enough_is_told_no_error(database: Database) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy", "reconcile"],
        env={**os.environ, VARIABLE: database.dsn("auditor")},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=60)) == ("", 0)


def test_every_check_has_its_line(database: Database) -> None:
    outcome = reconcile({VARIABLE: database.dsn("auditor")})

    views = database.connect().execute(
        "select viewname from pg_views where schemaname = 'reconcile'"
    )
    lines = [line.split() for line in outcome.output.splitlines()]
    for view in views.fetchall():
        (line,) = [line for line in lines if line[0] == view["viewname"]]
        assert line[1] == "clean"
        assert float(line[2]) >= 0


def test_scope_is_new_after_a_clean_run_unless_told_otherwise(database: Database) -> None:
    environ = {VARIABLE: database.dsn("auditor")}
    for options in ((), (), ("--full",)):
        assert reconcile(environ, *options).status == 0

    kept = database.connect().execute("select scope from credits.reconciliations order by id")
    assert [row["scope"] for row in kept] == ["full", "new", "full"]


def test_results_are_told_while_others_are_still_awaited(database: Database) -> None:
    """The first checks need not wait for a table that a later one cannot read yet."""
    database.connect("service").execute("select credits.refund_credits('u1', 5, 'start')")
    in_the_way = database.connect(autocommit=False)
    in_the_way.execute("lock table credits.usage_folds in access exclusive mode")
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy", "reconcile"],
        env={**os.environ, VARIABLE: database.dsn("auditor")},
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    first = [process.stdout.readline().split()[0] for _ in range(3)]
    assert first == ["checking", "balances_off_ledger", "broken_chains"]
    in_the_way.rollback()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_two_runs_at_once_are_one_after_the_other(database: Database) -> None:
    outcomes = run_parallel(
        database,
        4,
        lambda connection, _: connection.execute("select * from credits.reconcile()"),
        role="auditor",
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, psycopg.Error)]
    kept = database.connect().execute("select scope, clean from credits.reconciliations")
    assert Counter((row["scope"], row["clean"]) for row in kept) == {
        ("full", True): 1,
        ("new", True): 3,
    }


def test_database_without_a_deployment_is_named(empty_database: Database) -> None:
    assert_stopped(reconcile({VARIABLE: empty_database.dsn()}), "deployment")


def test_missing_variable_is_named() -> None:
    assert_stopped(reconcile({}), VARIABLE)
