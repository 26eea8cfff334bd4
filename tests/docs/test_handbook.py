"""docs/handbook.md: what it says a query answers is what it answers."""

import re

import psycopg
import pytest

import handbook
from tests.databases import Database


@pytest.fixture
def books(database: Database) -> Database:
    """The books that the page is about."""
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        handbook.write_books(connection)
        # The clock stands still for everybody, also for those who look at the books in the end.
        connection.execute(f"alter database {database.name} set handbook.now = '2026-06-06 09:00Z'")
    return database


def test_every_query_answers_what_the_page_says(books: Database) -> None:
    page = handbook.PAGE.read_text(encoding="utf-8")
    found = handbook.executed(
        page, {"auditor": books.dsn("auditor"), "service": books.dsn("service")}
    )
    assert found == page, "to accept this, run `make handbook`"


def test_a_hold_is_set_back_to_its_entries_as_the_page_says(books: Database) -> None:
    page = handbook.PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(r"^    begin;\n.*?^    commit;\n", page, re.MULTILINE | re.DOTALL)
    owner = books.connect()
    owner.execute("set session_replication_role = replica")
    owner.execute("update credits.reservations set expires_at = expires_at + interval '1 day'")
    owner.execute("set session_replication_role = origin")
    owner.execute(found)
    off = owner.execute("select check_name from credits.reconcile() where discrepancies > 0")
    assert off.fetchall() == []


def test_every_query_of_the_page_is_executed() -> None:
    page = handbook.PAGE.read_text(encoding="utf-8")
    assert handbook.queries(page)
    assert len(handbook.BLOCK.findall(page)) == len(handbook.queries(page))
