"""The reconciliation report: clean books, and books that somebody has cooked."""

import io
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from deploy.checkout import FILE
from deploy.deployment import DATABASE_FOLDER
from deploy.progress import Progress
from deploy.reconciliation import reconcile as reconcile_with
from tests.concurrency import run_parallel
from tests.databases import Database
from tests.deployments import assert_stopped, reconcile

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
    owner.execute("alter table credits.entries disable trigger user")
    owner.execute("update credits.entries set available = 6 where account_id = 'u1'")
    owner.execute("alter table credits.entries enable always trigger protect_ledger")

    outcome = reconcile({VARIABLE: database.dsn("auditor")})

    assert outcome.status == 1
    assert '"account": "u1"' in outcome.output
    assert '"difference": 1.000000' in outcome.output


@pytest.mark.off_books
def test_cooked_books_end_with_where_to_read_on(database: Database) -> None:
    database.connect("service").execute("select credits.refund_credits('u1', 5, 'start')")
    owner = database.connect()
    owner.execute("alter table credits.entries disable trigger user")
    owner.execute("update credits.entries set available = 6 where account_id = 'u1'")
    owner.execute("alter table credits.entries enable always trigger protect_ledger")

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
    assert first == ["checking", "broken_acts", "broken_chains"]
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


def compare(database: Database, folder: Path = DATABASE_FOLDER) -> tuple[bool, list[str]]:
    """The exit status, and what is said after the checks."""
    output = io.StringIO()
    is_well = reconcile_with(database.dsn("auditor"), Progress(output), folder=folder)
    lines = output.getvalue().splitlines()
    (start,) = [n for n, line in enumerate(lines) if "compared with this checkout" in line]
    return is_well, lines[start:]


def test_what_was_forged_in_the_record_too_is_found_from_a_checkout(database: Database) -> None:
    owner = database.connect()
    owner.execute("""
        create or replace function credits._now() returns timestamptz
            language sql as 'select ''2030-01-01''::timestamptz';
        alter table credits.seals drop constraint seals_are_sha256;
        grant insert on credits.entries to test_service, credits_owner;
        grant credits_owner to test_service;
        delete from credits.deployed where kind <> 'deployment';
        insert into credits.deployed select * from credits._definitions()
    """)
    assert owner.execute("select from reconcile.protection_off").rowcount == 0

    is_well, lines = compare(database)
    owner.execute("revoke credits_owner from test_service")

    assert not is_well
    assert [line.partition(" (")[0] for line in lines if line.startswith("    ")] == [
        "    constraint seals_are_sha256 on credits.seals: missing",
        "    function credits._now(): changed",
        "    right credits_owner on table credits.entries: changed",
        "    right test_service on table credits.entries: foreign",
    ]
    assert (
        "logins that may act as credits_owner or credits_ledger, besides superusers: test_service"
    ) in lines


@pytest.mark.off_books
@pytest.mark.parametrize(
    "change",
    [
        "create or replace view reconcile.protection_off as "
        "select ''::text as account, ''::text as what, ''::text as expected, ''::text as actual, "
        "0 as difference where false",
        "create or replace function credits._definitions() "
        "returns table (kind text, object text, definition text) language sql "
        "as 'select kind, object, definition from credits.deployed where kind = ''server'' '",
        "drop table credits.deployed cascade",
    ],
    ids=["check", "query", "record"],
)
def test_what_compares_is_not_trusted(database: Database, change: str) -> None:
    owner = database.connect()
    owner.execute(change.encode())
    owner.execute("alter table credits.seals disable trigger protect_ledger")

    is_well, lines = compare(database)

    assert not is_well
    assert [
        line for line in lines if line.startswith("    trigger protect_ledger on credits.seals")
    ]


def test_checkout_of_another_version_says_so_and_finds_nothing(
    database: Database, tmp_path: Path
) -> None:
    folder = shutil.copytree(DATABASE_FOLDER, tmp_path / "db")
    with (folder / "functions" / "credits" / "time" / "_now.sql").open("a") as file:
        file.write("-- Another version.\n")

    is_well, lines = compare(database, folder)

    assert is_well
    assert len(lines) == 1
    assert lines[0].startswith("not compared with this checkout, which is another version")


def test_checkout_without_its_list_says_so(database: Database, tmp_path: Path) -> None:
    folder = shutil.copytree(DATABASE_FOLDER, tmp_path / "db")
    (folder / FILE).unlink()

    is_well, lines = compare(database, folder)

    assert is_well
    assert len(lines) == 1
    assert FILE in lines[0]


def test_database_without_a_deployment_is_named(empty_database: Database) -> None:
    assert_stopped(reconcile({VARIABLE: empty_database.dsn()}), "deployment")


def test_missing_variable_is_named() -> None:
    assert_stopped(reconcile({}), VARIABLE)
