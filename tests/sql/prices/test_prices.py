"""credits.prices and credits.list_prices: append-only, and never in the past."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import rows, use
from tests.sql.moments import later
from tests.sql.prices.calls import charge, price


def listed(db: Connection, **more: object) -> dict[str, Decimal]:
    return {row["operation"]: row["cost"] for row in rows(db, "credits.list_prices", **more)}


def test_what_one_unit_costs_is_listed(db: Connection) -> None:
    assert listed(db) == {
        "word": Decimal("0.02"),
        "picture": Decimal("1.5"),
        "tokens": Decimal("0.003"),
        "nothing": 0,
    }


def test_newest_price_holds(db: Connection, owner: Owner) -> None:
    price(owner, "word", "0.05", valid_from=later(db, 0))
    assert listed(db)["word"] == Decimal("0.05")


def test_price_of_tomorrow_does_not_hold_today(db: Connection, owner: Owner) -> None:
    tomorrow = later(db, 86400)
    price(owner, "word", "0.05", valid_from=tomorrow)
    assert listed(db)["word"] == Decimal("0.02")
    assert listed(db, at=tomorrow)["word"] == Decimal("0.05")


def test_withdrawn_operation_is_listed_no_more(db: Connection, owner: Owner) -> None:
    price(owner, "word", "0.02", active=False, valid_from=later(db, 0))
    assert "word" not in listed(db)
    with refused(db, "UC021") as refusal:
        charge(db, "u1", ("word", 1))
    assert refusal.details == {"operation": "word"}


def test_price_in_the_past_is_refused(db: Connection, owner: Owner) -> None:
    with refused(db, "UC001"), owner.rights():
        price(db, "word", "0.05", valid_from=later(db, -3600))


@pytest.mark.parametrize("moment", ["infinity", "9999-12-31 23:59:59-14"])
def test_price_without_a_moment_is_refused(db: Connection, owner: Owner, moment: str) -> None:
    with refused(db, "UC001"), owner.rights():
        price(db, "word", "0.05", valid_from=moment)


def test_price_that_is_committed_late_is_refused(db: Connection, owner: Owner) -> None:
    with refused(db, "UC001"), owner.rights():
        db.execute("alter table credits.prices disable trigger refuse_past")
        price(db, "odd", "1", created_at=later(db, -90))
        db.execute("set constraints all immediate")


@pytest.mark.parametrize(
    "change",
    [
        "update credits.prices set unit_price = 1 where operation = 'word'",
        "delete from credits.prices where operation = 'word'",
        "truncate credits.prices",
    ],
)
def test_price_is_never_changed(db: Connection, owner: Owner, change: str) -> None:
    with refused(db, "UC017"), owner.rights():
        db.execute(change.encode())


@pytest.mark.parametrize(
    "columns",
    [
        {"unit_price": -1},
        {"per": 0},
        {"step": 0},
        {"minimum": -1},
        {"unit_price": "NaN"},
        {"unit_price": "0.0000000000001"},
        {"operation": ""},
        {"unit": ""},
        {"unit": "a\tb"},
        {"unit": "u" * 51},
    ],
)
def test_price_that_cannot_be_is_refused(
    db: Connection, owner: Owner, columns: dict[str, Any]
) -> None:
    with (
        pytest.raises(psycopg.errors.CheckViolation),
        db.transaction(),
        owner.rights(),
    ):
        price(db, **{"operation": "odd", "unit_price": 1, **columns})


def test_amount_is_never_priced(db: Connection) -> None:
    assert use(db, "u1", 1)["charge"] is None
