"""credits.use_credits."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import balance, call, fund, gift, give, pool, use


@pytest.fixture(autouse=True)
def ten_credits(db: Connection) -> None:
    """The user u1 has 10 credits."""
    give(db, "u1", 10)


def test_debit_takes_exactly_the_amount(db: Connection) -> None:
    answer = use(db, "u1", Decimal("0.1"))
    assert answer["balance"] == Decimal("9.9")
    assert balance(db, "u1") == Decimal("9.9")


def test_debit_raises_total_spent(db: Connection) -> None:
    answer = use(db, "u1", 4)
    assert (answer["total_spent"], answer["total_earned"]) == (4, 10)


def test_decimals_add_up_without_a_remainder(db: Connection) -> None:
    use(db, "u1", Decimal("0.1"))
    answer = use(db, "u1", Decimal("0.2"))
    assert answer["total_spent"] == Decimal("0.3")


def test_debit_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    answer = use(db, "u1", Decimal("2.5"), metadata={"model": "large"}, idempotency_key="k")
    row = ledger(owner, "u1")[-1]
    assert len(ledger(owner, "u1")) == 2
    assert row["id"] == answer["id"]
    assert (row["type"], row["status"]) == ("usage", "completed")
    assert (row["amount"], row["balance_before"], row["balance_after"]) == (
        Decimal("-2.5"),
        10,
        Decimal("7.5"),
    )
    assert (row["app_id"], row["description"]) == ("chat", "One answer")
    assert (row["metadata"], row["idempotency_key"]) == ({"model": "large"}, "k")


def test_ledger_row_keeps_who_called(db: Connection, owner: Owner) -> None:
    use(db, "u1", 1)
    assert ledger(owner, "u1")[-1]["called_by"] == "test_service"


def test_answer_is_the_ledger_row(db: Connection, owner: Owner) -> None:
    answer = use(db, "u1", 3, metadata={"a": [1]})
    row = ledger(owner, "u1")[-1]
    shared = answer.keys() & row.keys()
    assert {"id", "user_id", "type", "amount", "created_at", "completed_at"} <= shared
    assert {name: answer[name] for name in shared} == {name: row[name] for name in shared}


def test_everything_can_be_spent(db: Connection) -> None:
    assert use(db, "u1", 10)["balance"] == 0


def test_more_than_there_is_is_refused(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        use(db, "u1", Decimal("10.000001"))
    assert refusal.details == {"required": 10.000001, "available": 10}


def test_refused_debit_changes_nothing(db: Connection, owner: Owner) -> None:
    with refused(db, "UC002"):
        use(db, "u1", 11)
    assert balance(db, "u1") == 10
    assert len(ledger(owner, "u1")) == 1


def test_user_never_seen_has_nothing_to_spend(db: Connection, owner: Owner) -> None:
    with refused(db, "UC002") as refusal:
        use(db, "nobody", 1)
    assert refusal.details == {"required": 1, "available": 0}
    assert not owner.execute("select from credits.balances where user_id = 'nobody'").fetchall()


def test_rows_form_one_chain(db: Connection, owner: Owner) -> None:
    for amount in (1, 2, 3):
        use(db, "u1", amount)
    rows = ledger(owner, "u1")
    assert [row["balance_before"] for row in rows] == [0, 10, 9, 7]
    assert [row["balance_after"] for row in rows] == [10, 9, 7, 4]


def test_retry_returns_the_first_result(db: Connection) -> None:
    first = use(db, "u1", 4, idempotency_key="k")
    again = use(db, "u1", 4, idempotency_key="k")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert {**again, "replayed": False} == first


def test_retry_moves_nothing(db: Connection, owner: Owner) -> None:
    use(db, "u1", 4, idempotency_key="k")
    use(db, "u1", 4, idempotency_key="k")
    assert balance(db, "u1") == 6
    assert len(ledger(owner, "u1")) == 2


def test_retry_after_other_movements_still_tells_the_balance_of_then(db: Connection) -> None:
    first = use(db, "u1", 4, idempotency_key="k")
    use(db, "u1", 3)
    give(db, "u1", 100)
    again = use(db, "u1", 4, idempotency_key="k")
    assert (again["balance"], again["total_spent"]) == (6, 4)
    assert {**again, "replayed": False} == first


def test_retry_after_the_balance_is_gone_returns_the_first_result(db: Connection) -> None:
    first = use(db, "u1", 6, idempotency_key="k")
    use(db, "u1", 4)
    again = use(db, "u1", 6, idempotency_key="k")
    assert again["id"] == first["id"]


def test_retry_may_write_the_amount_differently(db: Connection) -> None:
    first = use(db, "u1", Decimal("0.5"), idempotency_key="k")
    assert use(db, "u1", Decimal("0.500"), idempotency_key="k")["id"] == first["id"]


def test_retry_may_order_the_metadata_differently(db: Connection) -> None:
    first = use(db, "u1", 1, idempotency_key="k", metadata={"a": 1, "b": 2})
    again = use(db, "u1", 1, idempotency_key="k", metadata={"b": 2, "a": 1})
    assert again["id"] == first["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 2},
        {"app_id": "images"},
        {"description": "Another answer"},
        {"metadata": {"a": 1}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, object]) -> None:
    use(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        use(db, "u1", **{"amount": 1, "idempotency_key": "k", **change})
    assert refusal.details == {"idempotencyKey": "k"}
    assert balance(db, "u1") == 9


def test_key_of_another_operation_is_refused(db: Connection) -> None:
    pool(db, "g1", 1)
    give(db, "u1", 1, description="One answer", app_id="chat", idempotency_key="given")
    fund(db, "u1", "g1", 1, description="One answer", idempotency_key="funded")
    gift(db, "u1", 1, source_app_id="chat", idempotency_key="gift")
    for key in ("given", "funded", "gift"):
        with refused(db, "UC004"):
            use(db, "u1", 1, idempotency_key=key)


def test_keys_of_two_users_are_independent(db: Connection) -> None:
    give(db, "u2", 10)
    first = use(db, "u1", 1, idempotency_key="k")
    second = use(db, "u2", 2, idempotency_key="k")
    assert second["replayed"] is False
    assert second["id"] != first["id"]


def test_debits_without_a_key_are_all_made(db: Connection) -> None:
    use(db, "u1", 1)
    use(db, "u1", 1)
    assert balance(db, "u1") == 8


def test_key_of_a_refused_debit_can_be_used_again(db: Connection) -> None:
    with refused(db, "UC002"):
        use(db, "u1", 50, idempotency_key="k")
    give(db, "u1", 100)
    assert use(db, "u1", 50, idempotency_key="k")["replayed"] is False


def test_invalid_request_is_reported_before_a_reused_key(db: Connection) -> None:
    use(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC001"):
        use(db, "u1", -1, idempotency_key="k")


def test_reused_key_is_reported_before_insufficient_credits(db: Connection) -> None:
    use(db, "u1", 10, idempotency_key="k")
    with refused(db, "UC004"):
        use(db, "u1", 11, idempotency_key="k")


def test_what_cannot_be_a_user_is_reported_before_insufficient_credits(db: Connection) -> None:
    with refused(db, "UC001") as refusal:
        use(db, "", 1)
    assert list(refusal.details) == ["userId"]


def test_service_may_go_on_after_a_refusal(db: Connection) -> None:
    with refused(db, "UC002"):
        use(db, "u1", 11)
    assert use(db, "u1", 10)["balance"] == 0


def test_named_arguments_are_those_of_the_contract(db: Connection) -> None:
    answer = call(
        db,
        "credits.use_credits",
        user_id="u1",
        amount=Decimal("0.5"),
        app_id="chat",
        description="One answer",
        idempotency_key="msg-17",
        metadata={},
    )
    assert answer["amount"] == Decimal("-0.5")
