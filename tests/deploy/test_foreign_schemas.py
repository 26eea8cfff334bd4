"""Schemas of our names that are somebody else's: one line that says so, and nothing left behind."""

from collections.abc import Iterator

import pytest
from psycopg import sql

from tests.databases import Connection, Database
from tests.deployments import Folder, Outcome, assert_stopped, deploy, run

PRICE = "create or replace function shop.price() returns integer language sql return 1;"
DEPLOYER = "mana_test_deployer"
PREDECESSOR = "mana_test_predecessor"


@pytest.fixture
def admin(empty_database: Database) -> Iterator[Connection]:
    """A superuser's connection; the logins of the predecessor and of who deploys exist."""
    connection = empty_database.connect()
    database = sql.Identifier(empty_database.name)
    connection.execute(f"create role {PREDECESSOR}")
    connection.execute(f"create role {DEPLOYER} login createrole password 'test'")
    connection.execute(sql.SQL("grant create on database {} to public").format(database))
    yield connection
    connection.execute(sql.SQL("revoke create on database {} from public").format(database))
    for role in (PREDECESSOR, DEPLOYER):
        connection.execute(f"drop owned by {role} cascade")
        connection.execute(f"drop role {role}")


@pytest.fixture
def shop(folder: Folder) -> Folder:
    """A folder that makes roles and the schema `shop` with a function."""
    folder.function("price", PRICE)
    return folder


def everything(admin: Connection) -> object:
    return admin.execute(
        """
        select 'role' as kind, rolname::text as name, null as owner from pg_roles
        union all
        select 'schema', nspname::text, nspowner::regrole::text from pg_namespace
        where nspname not like 'pg\\_t%temp%'
        union all
        select 'relation', oid::regclass::text, relowner::regrole::text from pg_class
        where relkind in ('r', 'v') and relnamespace <> 'pg_toast'::regnamespace
        order by 1, 2
        """
    ).fetchall()


def by_the_deployer(database: Database, folder: Folder | None = None) -> Outcome:
    url = database.server.dsn(database.name, DEPLOYER, "test")
    return run({"MIGRATION_DATABASE_URL": url}, folder)


FOREIGN = {
    "empty, of another role": f"create schema shop authorization {PREDECESSOR}",
    "empty, of the superuser": "create schema shop",
    "empty, of who deploys": f"create schema shop authorization {DEPLOYER}",
    "with a table, of another role": f"""
        create schema shop authorization {PREDECESSOR};
        create table shop.packages ();
        alter table shop.packages owner to {PREDECESSOR};
        """,
    "with a table, of who deploys": f"""
        create schema shop authorization {DEPLOYER};
        create table shop.packages ();
        alter table shop.packages owner to {DEPLOYER};
        """,
}


@pytest.mark.parametrize("made", FOREIGN.values(), ids=FOREIGN)
def test_schema_of_somebody_else_stops_before_anything_is_done(
    empty_database: Database, admin: Connection, shop: Folder, made: str
) -> None:
    admin.execute(made.encode())
    before = everything(admin)

    for outcome in (by_the_deployer(empty_database, shop), deploy(empty_database, shop)):
        assert_stopped(outcome, "somebody else", "alter schema shop rename to shop_before")
        assert everything(admin) == before


def test_all_schemas_in_the_way_are_named_at_once(
    empty_database: Database, admin: Connection
) -> None:
    admin.execute(f"create schema credits authorization {PREDECESSOR}")
    admin.execute(f"create schema gifts authorization {PREDECESSOR}")
    before = everything(admin)

    outcome = by_the_deployer(empty_database)

    words = ("rename to credits_before", "rename to gifts_before", f"credits (owner: {PREDECESSOR}")
    assert_stopped(outcome, *words)
    assert everything(admin) == before


def test_there_is_room_once_they_are_renamed(
    empty_database: Database, admin: Connection, shop: Folder
) -> None:
    admin.execute(FOREIGN["with a table, of another role"].encode())
    admin.execute("alter schema shop rename to shop_before")

    assert deploy(empty_database, shop).status == 0
    assert deploy(empty_database, shop).status == 0
    assert admin.execute("select from shop_before.packages").fetchall() == []


def test_bookkeeping_of_somebody_else_is_not_written_to(
    empty_database: Database, admin: Connection, shop: Folder
) -> None:
    admin.execute("create schema deployment; create table deployment.plans ()")
    before = everything(admin)

    assert_stopped(deploy(empty_database, shop), "alter schema deployment rename")
    assert everything(admin) == before


def test_first_deployment_without_the_rights_for_it_leaves_nothing(
    empty_database: Database, admin: Connection, shop: Folder
) -> None:
    admin.execute(f"alter role {DEPLOYER} nocreaterole")
    before = everything(admin)

    assert_stopped(by_the_deployer(empty_database, shop), "0001_roles.sql", "42501")
    assert everything(admin) == before


def test_misnamed_function_stops_before_anything_is_done(
    empty_database: Database, admin: Connection, shop: Folder
) -> None:
    shop.function("9", PRICE)
    before = everything(admin)

    assert_stopped(deploy(empty_database, shop), "9.sql")
    assert everything(admin) == before
