"""Migrations: each once, in order, none edited, lost or late."""

import pytest

from deploy.connection import LOCK_KEY
from tests.concurrency import wait_for_waiter
from tests.databases import Connection, Database
from tests.deployments import Folder, assert_stopped, deploy, finish, start

COUNTER = """
create table if not exists shop.runs (n integer);
insert into shop.runs values (1);
"""


@pytest.fixture
def deployed(empty_database: Database, folder: Folder) -> Database:
    """A database to which two migrations have been applied, the second of which counts its runs."""
    folder.migration("0002_runs", COUNTER)
    assert deploy(empty_database, folder).status == 0
    return empty_database


@pytest.fixture
def admin(empty_database: Database) -> Connection:
    """A superuser's connection."""
    return empty_database.connect()


def runs(admin: Connection) -> int:
    return len(admin.execute("select from shop.runs").fetchall())


def test_second_deployment_applies_nothing_again(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    assert deploy(deployed, folder).status == 0
    assert runs(admin) == 1


def test_new_migration_is_applied(deployed: Database, folder: Folder, admin: Connection) -> None:
    folder.migration("0003_more", "insert into shop.runs values (2);")
    assert deploy(deployed, folder).status == 0
    assert runs(admin) == 2


def test_migrations_are_applied_in_the_order_of_their_numbers(
    empty_database: Database, folder: Folder
) -> None:
    folder.migration("0010_last", "alter table shop.a rename to b;")
    folder.migration("0002_first", "create table shop.a ();")
    folder.migration("0009_between", "alter table shop.a add column c integer;")
    assert deploy(empty_database, folder).status == 0


def test_edited_migration_stops_the_deployment(deployed: Database, folder: Folder) -> None:
    folder.migration("0002_runs", COUNTER + "-- a comment")
    assert_stopped(deploy(deployed, folder), "0002_runs.sql")


def test_line_ends_of_the_checkout_are_no_edit(deployed: Database, folder: Folder) -> None:
    path = folder.migration("0002_runs", COUNTER)
    path.write_bytes(COUNTER.replace("\n", "\r\n").encode())
    assert deploy(deployed, folder).status == 0


def test_lost_migration_stops_the_deployment(deployed: Database, folder: Folder) -> None:
    folder.migration("0002_runs", COUNTER).unlink()
    assert_stopped(deploy(deployed, folder), "0002_runs.sql")


def test_late_migration_stops_the_deployment(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0004_more", "insert into shop.runs values (2);")
    assert deploy(deployed, folder).status == 0
    folder.migration("0003_late", "insert into shop.runs values (3);")
    assert_stopped(deploy(deployed, folder), "0003_late.sql")
    assert runs(admin) == 2


@pytest.mark.parametrize("name", ["2_short", "0002-dash", "notes", "0001_twin"])
def test_misnamed_migration_stops_the_deployment(
    empty_database: Database, folder: Folder, name: str
) -> None:
    folder.migration(name, "select 1;")
    assert_stopped(deploy(empty_database, folder), f"{name}.sql")


def test_failing_migration_leaves_nothing_and_can_be_mended(
    empty_database: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0002_runs", COUNTER + "insert into shop.nowhere values (1);")
    assert_stopped(deploy(empty_database, folder), "0002_runs.sql", "42P01")
    assert admin.execute("select to_regclass('shop.runs') as found").fetchone() == {"found": None}
    folder.migration("0002_runs", COUNTER)
    assert deploy(empty_database, folder).status == 0
    assert runs(admin) == 1


def test_migration_outside_a_transaction(deployed: Database, folder: Folder) -> None:
    folder.migration(
        "0003_index",
        "-- transactional: false\n"
        "create index concurrently if not exists runs_by_n on shop.runs (n);",
    )
    assert deploy(deployed, folder).status == 0


def test_bookkeeping_has_a_schema_of_its_own(deployed: Database, admin: Connection) -> None:
    found = admin.execute(
        """
        select distinct relnamespace::regnamespace::text as schema
        from pg_class
        where relkind = 'r' and relnamespace::regnamespace::text
              not in ('pg_catalog', 'information_schema', 'shop')
        """
    ).fetchall()
    assert found == [{"schema": "deployment"}]


def test_deployer_killed_between_applying_and_marking_is_made_good(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0003_crash", "create table if not exists shop.crashed ();")
    with deployed.connect(autocommit=False) as in_the_way:
        in_the_way.execute("lock table deployment._yoyo_log in exclusive mode")
        process = start(deployed, folder)
        wait_for_waiter(admin, "deployment._yoyo_log")
        process.kill()
        process.communicate(timeout=10)
        in_the_way.rollback()
    found = admin.execute("select to_regclass('shop.crashed')::text as found").fetchone()
    assert found == {"found": "shop.crashed"}
    assert "0003_crash" not in marked(admin)
    assert deploy(deployed, folder).status == 0
    assert "0003_crash" in marked(admin)


def test_two_deployments_at_once_both_end_well(
    empty_database: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0002_runs", COUNTER)
    admin.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
    both = [start(empty_database, folder) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert "waiting" in process.stdout.readline()
    admin.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))
    outcomes = [finish(process) for process in both]
    assert [outcome.status for outcome in outcomes] == [0, 0], outcomes
    assert runs(admin) == 1


def marked(admin: Connection) -> set[str]:
    rows = admin.execute("select migration_id from deployment._yoyo_migration")
    return {row["migration_id"] for row in rows}
