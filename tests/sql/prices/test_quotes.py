"""credits.quote and credits.reprice: what would be charged, changing nothing."""

from decimal import Decimal
from typing import Any

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, call, rows
from tests.sql.moments import later, now
from tests.sql.prices.calls import charge, items, price


def quote(db: Connection, *pairs: tuple[str, object], **more: Any) -> Row:
    return call(db, "credits.quote", **{"user_id": "u1", "items": items(*pairs), **more})


def test_price_and_verdict_are_told_and_nothing_changes(db: Connection, owner: Owner) -> None:
    answer = quote(db, ("picture", 2), ("word", 1))
    assert (answer["amount"], answer["allowed"], answer["refusal"]) == (Decimal("3.02"), True, None)
    assert len(answer["lines"]) == 2
    assert [row["amount"] for row in ledger(owner, "u1")] == [10]


def test_refusal_is_that_of_the_debit(db: Connection) -> None:
    answer = quote(db, ("picture", 7))
    assert (answer["allowed"], answer["refusal"], answer["passes_at"]) == (False, "UC002", None)
    assert answer["details"] == {"required": 10.5, "available": 10}


def test_what_costs_nothing_is_allowed(db: Connection) -> None:
    answer = quote(db, ("nothing", 1), user_id="never-seen")
    assert (answer["amount"], answer["allowed"]) == (0, True)


def test_unknown_operation_is_refused(db: Connection) -> None:
    with refused(db, "UC021"):
        quote(db, ("word", 1), ("unknown", 1))


def test_missing_items_are_named(db: Connection) -> None:
    with refused(db, "UC001") as refusal:
        call(db, "credits.quote", user_id="u1", items=None)
    assert list(refusal.details) == ["items"]


def test_period_is_priced_anew(db: Connection, owner: Owner) -> None:
    began = now(db)
    charge(db, "u1", ("word", 10), ("picture", 1))
    charge(db, "u1", ("word", 5))
    price(owner, "word", "0.04", valid_from=later(db, 0))
    price(owner, "picture", "1", active=False, valid_from=later(db, 0))
    with owner.rights():
        found = rows(
            db, "credits.reprice", **{"from": began, "to": later(db, 1), "at": later(db, 1)}
        )
    assert [
        (row["operation"], row["quantity"], row["charged"], row["repriced"]) for row in found
    ] == [
        ("picture", 1, Decimal("1.5"), None),
        ("word", 15, Decimal("0.3"), Decimal("0.6")),
    ]


def test_charge_that_follows_from_another_price_is_found(db: Connection, owner: Owner) -> None:
    charge(db, "u1", ("word", 10))
    owner.execute("alter table credits.prices disable trigger protect_ledger")
    owner.execute("update credits.prices set unit_price = 1 where operation = 'word'")
    with owner.rights():
        found = db.execute("select what from reconcile.charges_off_prices").fetchall()
    assert [row["what"] for row in found] == ["prices of entry 2"]
    owner.execute("update credits.prices set unit_price = 0.02 where operation = 'word'")
    owner.execute("alter table credits.prices enable always trigger protect_ledger")
