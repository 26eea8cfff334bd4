"""Debits by items: what they come to, what is kept, and what a repetition is."""

from decimal import Decimal
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import balance, call, give, rows, use
from tests.sql.conftest import Api
from tests.sql.moments import later
from tests.sql.prices.calls import amounts_of, charge, items, price


@pytest.mark.parametrize(
    ("columns", "quantity", "amount"),
    [
        ({"unit_price": "0.02"}, "1", "0.02"),
        ({"unit_price": "0.02"}, "2.5", "0.06"),
        ({"unit_price": "0.02", "step": "0.1"}, "2.5", "0.05"),
        ({"unit_price": "3", "per": 1000}, "1", "0.003"),
        # Rounded up, once.
        ({"unit_price": "1", "per": 3}, "1", "0.333334"),
        ({"unit_price": "1", "per": 3}, "3", "1"),
        ({"unit_price": "0.000000000001"}, "1", "0.000001"),
        # By whole steps.
        ({"unit_price": "1", "step": 60, "per": 60}, "61", "2"),
        ({"unit_price": "1", "step": 60, "per": 60}, "60", "1"),
        ({"unit_price": "1", "step": "0.5"}, "0.6", "1"),
        # At least so much.
        ({"unit_price": "1", "minimum": "2"}, "1", "2"),
        ({"unit_price": "1", "minimum": "2"}, "3", "3"),
        ({"unit_price": "1", "minimum": "2"}, "0", "2"),
    ],
)
def test_line_costs_what_its_price_says(
    db: Connection, owner: Owner, columns: dict[str, Any], quantity: str, amount: str
) -> None:
    price(owner, "odd", **columns)
    answer = charge(db, "u1", ("odd", quantity))
    assert -answer["amount"] == Decimal(amount)


def test_sum_is_rounded_up_once(db: Connection, owner: Owner) -> None:
    price(owner, "third", "1", per=3)
    answer = charge(db, "u1", ("third", 1), ("third", 1), ("third", 1))
    assert answer["amount"] == -1


def test_two_thirds_three_times_are_two(db: Connection, owner: Owner) -> None:
    price(owner, "third", "1", per=3)
    answer = charge(db, "u1", ("third", 2), ("third", 2), ("third", 2))
    assert answer["amount"] == -2


def test_charge_is_one_row_with_its_lines(db: Connection, owner: Owner) -> None:
    answer = charge(db, "u1", ("word", 10), ("picture", 2))
    assert answer["amount"] == Decimal("-3.2")
    assert answer["charge"]["amount"] == 3.2
    assert amounts_of(answer["charge"]) == [Decimal("0.2"), Decimal("3.0")]
    (row,) = [row for row in ledger(owner, "u1") if row["type"] == "usage"]
    assert row["amount"] == Decimal("-3.2")


def test_quantity_is_one_unless_given(db: Connection) -> None:
    answer = call(
        db,
        "credits.use_credits",
        user_id="u1",
        items=Jsonb([{"operation": "picture"}]),
        app_id="chat",
        description="A picture",
    )
    assert answer["amount"] == Decimal("-1.5")


def test_what_costs_nothing_moves_nothing(db: Connection, owner: Owner) -> None:
    before = len(ledger(owner, "u1"))
    answer = charge(db, "u1", ("nothing", 5))
    assert (answer["id"], answer["amount"], answer["balance"]) == (None, 0, 10)
    assert answer["charge"]["amount"] == 0
    assert len(ledger(owner, "u1")) == before


def test_other_price_than_expected_is_refused(db: Connection) -> None:
    with refused(db, "UC022") as refusal:
        charge(db, "u1", ("picture", 1), expected_amount=1)
    assert (refusal.details["expected"], refusal.details["amount"]) == (1, 1.5)
    assert balance(db, "u1") == 10


def test_expected_price_passes(db: Connection) -> None:
    assert charge(db, "u1", ("picture", 1), expected_amount=Decimal("1.5"))["balance"] == 8.5


def test_retry_is_compared_by_items_whatever_they_cost_now(db: Connection, owner: Owner) -> None:
    first = charge(db, "u1", ("word", 10), idempotency_key="k", expected_amount=Decimal("0.2"))
    price(owner, "word", "7", valid_from=later(db, 0))
    again = charge(db, "u1", ("word", 10), idempotency_key="k", expected_amount=Decimal("0.2"))
    assert (again["id"], again["amount"], again["replayed"]) == (first["id"], first["amount"], True)
    assert again["charge"] == first["charge"]


def test_retry_of_a_withdrawn_operation_returns_the_first_result(
    db: Connection, owner: Owner
) -> None:
    first = charge(db, "u1", ("word", 10), idempotency_key="k")
    price(owner, "word", "1", active=False, valid_from=later(db, 0))
    assert charge(db, "u1", ("word", 10), idempotency_key="k")["id"] == first["id"]


@pytest.mark.parametrize("other", [[("word", 9)], [("picture", 10)], [("word", 10), ("word", 10)]])
def test_key_with_other_items_is_refused(db: Connection, other: list[tuple[str, object]]) -> None:
    charge(db, "u1", ("word", 10), idempotency_key="k")
    with refused(db, "UC004"):
        charge(db, "u1", *other, idempotency_key="k")


def test_key_of_items_is_not_that_of_an_amount(db: Connection) -> None:
    charge(db, "u1", ("word", 10), idempotency_key="k")
    with refused(db, "UC004"):
        use(db, "u1", Decimal("0.2"), idempotency_key="k")
    use(db, "u1", Decimal("0.2"), idempotency_key="k2")
    with refused(db, "UC004"):
        charge(db, "u1", ("word", 10), idempotency_key="k2")


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {},
        "word",
        [{"operation": "word", "quantity": -1}],
        [{"operation": "word", "quantity": "1"}],
        [{"operation": "word", "quantity": 0.0000001}],
        [{"operation": "word", "quantity": 1e13}],
        [{"operation": 5}],
        [{"quantity": 5}],
        [{"operation": "picture"}, None],
        [{"operation": "picture"}, {"operation": ""}],
        [{"operation": "picture"}] * 101,
    ],
)
def test_malformed_items_are_refused(db: Connection, wrong: object) -> None:
    with refused(db, "UC001") as refusal:
        charge(db, "u1", items=Jsonb(wrong))
    assert refusal.details.keys() == {"items"}


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        ({"operation": "word", "quantity": -1}, "quantity"),
        ({"operation": "", "quantity": 1}, "operation"),
        (None, "operation"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(db: Connection, item: object, wrong: str) -> None:
    with refused(db, "UC001") as refusal:
        charge(db, "u1", items=Jsonb([{"operation": "word"}, item]))
    assert refusal.details["items"].startswith(f"item 2 {wrong} ")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"items": Jsonb([])}, "items"),
        ({"items": Jsonb([{"operation": "word", "quantity": -1}])}, "items"),
        ({"items": None}, "amount"),
        ({"amount": 1}, "amount"),
    ],
)
def test_malformed_call_is_refused_as_such_under_a_used_key(
    db: Connection, arguments: dict[str, object], field: str
) -> None:
    charge(db, "u1", ("word", 1), idempotency_key="k")
    with refused(db, "UC001") as refusal:
        charge(db, "u1", ("word", 1), idempotency_key="k", **arguments)
    assert refusal.details.keys() == {field}


def test_quantity_beyond_all_bounds_is_refused(db: Connection) -> None:
    with refused(db, "UC001"):
        db.execute(
            'select credits.quote(\'u1\', \'[{"operation": "picture", "quantity": 1e131000}]\')'
        )


@pytest.mark.parametrize("arguments", [{"amount": 1}, {"items": None}])
def test_amount_or_items_must_be_given(db: Connection, arguments: dict[str, object]) -> None:
    with refused(db, "UC001") as refusal:
        charge(db, "u1", ("word", 1), **arguments)
    assert refusal.details.keys() == {"amount"}
    assert ("left out" in refusal.details["amount"]) is (arguments == {"amount": 1})


def test_more_than_there_is_is_refused(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        charge(db, "u1", ("picture", 7))
    assert refusal.details == {"required": 10.5, "available": 10}


def test_pool_is_charged_by_items(db: Connection) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=5)
    arguments = {
        "organization_id": "g1",
        "user_id": "u1",
        "app_id": "chat",
        "description": "A picture",
        "idempotency_key": "k",
    }
    first = call(db, "credits.use_guild_credits", items=items(("picture", 2)), **arguments)
    assert (first["amount"], first["balance"], first["charge"]["amount"]) == (-3, 2, 3)
    again = call(db, "credits.use_guild_credits", items=items(("picture", 2)), **arguments)
    assert (again["id"], again["replayed"], again["charge"]) == (first["id"], True, first["charge"])
    nothing = call(
        db,
        "credits.use_guild_credits",
        items=items(("nothing", 2)),
        **{**arguments, "idempotency_key": None},
    )
    assert (nothing["id"], nothing["balance"]) == (None, 2)


def test_batch_charges_each_item_as_alone(db: Connection, owner: Owner) -> None:
    give(db, "u2", 1)
    charge(db, "u1", ("word", 1), idempotency_key="known")
    found = rows(
        db,
        "credits.use_credits_batch",
        user_ids=["u1", "u2", "u1", "u1", "u2", "u1", "u1", "u1"],
        amounts=[None, Decimal("0.5"), None, None, None, None, Decimal(1), None],
        app_ids=["chat"] * 8,
        descriptions=["d"] * 8,
        idempotency_keys=[None, None, "known", None, None, None, None, None],
        items=[
            items(("picture", 1)),
            None,
            items(("word", 2)),
            items(("unknown", 1)),
            items(("picture", 1)),
            items(("nothing", 1)),
            items(("word", 1)),
            items(("picture", 2)),
        ],
        expected_amounts=[None, None, None, None, None, None, None, 2],
    )
    assert [row["refusal"] for row in found] == [
        None,
        None,
        "UC004",
        "UC021",
        "UC002",
        None,
        "UC001",
        "UC022",
    ]
    assert [found[0]["amount"], found[1]["amount"], found[5]["amount"]] == [
        Decimal("-1.5"),
        Decimal("-0.5"),
        0,
    ]
    assert found[0]["charge"]["amount"] == 1.5
    assert found[1]["charge"] is None
    assert [row["amount"] for row in ledger(owner, "u1")] == [10, Decimal("-0.02"), Decimal("-1.5")]


def test_usage_is_shown_by_operation(db: Connection, api: Api) -> None:
    charge(db, "u1", ("word", 10), ("picture", 2))
    charge(db, "u1", ("word", 5))
    use(db, "u1", 1)
    found = rows(api, "credits.list_usage_by_operation", user_id="u1")
    told = ("operation", "app_id", "unit", "quantity", "credits_used", "transactions_count")
    assert [tuple(row[name] for name in told) for row in found] == [
        ("picture", "chat", "picture", 2, 3, 1),
        ("word", "chat", "call", 15, Decimal("0.3"), 2),
    ]
