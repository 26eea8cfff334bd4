"""Settings of a deployment: each mistake is told in one line that names what to mend."""

import pytest

from tests.databases import Database
from tests.deployments import Folder, assert_stopped, reconcile, run


def test_missing_variable_is_named() -> None:
    assert_stopped(run({}), "MIGRATION_DATABASE_URL")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "http://127.0.0.1/mana_credits",
        "postgresql://127.0.0.1:port/mana_credits",
        "postgresql://127.0.0.1:99999/mana_credits",
        "postgresql://127.0.0.1",
        "postgresql://[::1/mana_credits",
    ],
)
def test_malformed_variable_is_named(url: str) -> None:
    assert_stopped(run({"MIGRATION_DATABASE_URL": url}), "MIGRATION_DATABASE_URL")


def test_a_password_is_never_repeated() -> None:
    outcome = run({"MIGRATION_DATABASE_URL": "postgresql://me:s3cr3t@127.0.0.1:1x/mana_credits"})
    assert_stopped(outcome)
    assert "s3cr3t" not in outcome.complaint + outcome.output


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p@s3cr3t@127.0.0.1:1/mana_credits",
        "postgresql://me:p@s3cr3t@db1,db2/mana_credits",
        "postgresql://me:1/s3cr3t@127.0.0.1/mana_credits",
        "postgresql://me@azure:s3cr3t@127.0.0.1/mana_credits",
    ],
)
def test_a_password_that_is_not_quoted_stops_and_is_not_repeated(url: str) -> None:
    outcome = run({"MIGRATION_DATABASE_URL": url})
    assert_stopped(outcome, "MIGRATION_DATABASE_URL", "percent-encoded")
    assert "s3cr3t" not in outcome.complaint + outcome.output


@pytest.mark.parametrize("variable", ["MIGRATION_DATABASE_URL", "DATABASE_URL"])
def test_the_variable_whose_server_does_not_answer_is_named(variable: str) -> None:
    outcome = run({variable: "postgresql://me@127.0.0.1:1/mana_credits"})
    assert_stopped(outcome, f" {variable}: ")


def test_a_password_that_is_not_quoted_stops_the_reconciliation_too() -> None:
    outcome = reconcile({"RECONCILE_DATABASE_URL": "postgresql://me:p@w@127.0.0.1/mana_credits"})
    assert_stopped(outcome, "RECONCILE_DATABASE_URL", "percent-encoded")


@pytest.mark.parametrize("variable", ["MIGRATION_DATABASE_URL", "DATABASE_URL"])
def test_the_variable_that_is_set_is_the_one_named(variable: str) -> None:
    outcome = run({"MIGRATION_DATABASE_URL": "", variable: "nonsense"})
    assert_stopped(outcome, f" {variable} ")


def test_database_url_serves_where_no_other_is_set(
    empty_database: Database, folder: Folder
) -> None:
    assert run({"DATABASE_URL": empty_database.dsn()}, folder).status == 0


def test_server_that_does_not_answer_is_told() -> None:
    assert_stopped(
        run({"MIGRATION_DATABASE_URL": "postgresql://me@127.0.0.1:1/mana_credits"}), "mana_credits"
    )


def test_missing_database_is_told(empty_database: Database) -> None:
    url = empty_database.dsn().replace("mana_credits_empty", "nowhere")
    assert_stopped(run({"MIGRATION_DATABASE_URL": url}), "nowhere")
