"""credits.list_packages, and what a DBA puts into the shop."""

import psycopg
import pytest

from tests.databases import Connection, Owner
from tests.sql.books import add_package
from tests.sql.calls import rows
from tests.sql.conftest import Api


def test_package_added_with_a_plain_insert_gets_an_id(owner: Owner) -> None:
    owner.execute(
        "insert into credits.packages (name, credits, price_euro_cents) values ('Small', 100, 99)"
    )
    row = owner.execute("select * from credits.packages").fetchone()
    assert row is not None
    assert row["id"].version == 4
    assert (row["active"], row["sort_order"], row["metadata"]) == (True, 0, {})


def test_package_may_bring_its_id(owner: Owner, api: Api) -> None:
    given = add_package(owner, id="00000000-0000-4000-8000-000000000000")
    assert [row["id"] for row in rows(api, "credits.list_packages")] == [given["id"]]


def test_active_packages_are_listed_in_their_order(owner: Owner, api: Api) -> None:
    for name, order in (("third", 3), ("first", 1), ("second", 2)):
        add_package(owner, name=name, sort_order=order)
    add_package(owner, name="gone", active=False)
    found = [row["name"] for row in rows(api, "credits.list_packages")]
    assert found == ["first", "second", "third"]


def test_package_is_described(owner: Owner, api: Api) -> None:
    add_package(owner, description="For a start", stripe_price_id="price_1", metadata='{"a": 1}')
    (row,) = rows(api, "credits.list_packages")
    assert (row["name"], row["description"]) == ("500 credits", "For a start")
    assert (row["credits"], row["price_euro_cents"]) == (500, 499)
    assert (row["stripe_price_id"], row["active"], row["metadata"]) == ("price_1", True, {"a": 1})


@pytest.mark.parametrize(
    "columns", [{"credits": 0}, {"credits": -1}, {"price_euro_cents": 0}, {"metadata": "[]"}]
)
def test_package_worth_nothing_cannot_be_added(
    db: Connection, owner: Owner, columns: dict[str, object]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction():
        add_package(owner, **columns)
