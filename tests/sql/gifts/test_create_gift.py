"""gifts.create_gift: what is charged and what is answered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import gift_row, ledger, run_out
from tests.sql.calls import balance, call, gift, give, redeem, use
from tests.sql.lifecycle import HOUR
from tests.sql.moments import Clock, later


def test_creator_is_charged(db: Connection) -> None:
    gift(db, "creator", 100)
    answer = call(db, "credits.get_balance", user_id="creator")
    assert (answer["balance"], answer["total_spent"]) == (9900, 100)


def test_charge_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100, source_app_id="chat", idempotency_key="k")
    row = ledger(owner, "creator")[-1]
    assert (row["type"], row["amount"]) == ("gift", -100)
    assert (row["app_id"], row["idempotency_key"]) == ("chat", "k")
    assert row["reference_id"] == str(made["id"])
    assert row["called_by"] == "test_service"
    assert gift_row(owner, made["code"])["reservation_transaction_id"] == row["id"]


def test_simple_gift_has_one_portion(db: Connection) -> None:
    made = gift(db, "creator", 100)
    assert (made["type"], made["status"]) == ("simple", "active")
    assert (made["total_credits"], made["credits_per_portion"]) == (100, 100)
    assert (made["total_portions"], made["claimed_portions"], made["remaining_portions"]) == (
        1,
        0,
        1,
    )


@pytest.mark.parametrize("kind", ["split", "first_come"])
def test_portions_share_the_credits(db: Connection, kind: str) -> None:
    made = gift(db, "creator", 100, type=kind, total_portions=4)
    assert (made["type"], made["total_portions"], made["credits_per_portion"]) == (kind, 4, 25)


@pytest.mark.parametrize(
    ("total", "portions", "charged"), [(100, 3, 99), (10, 4, 8), (199, 100, 100), (7, 7, 7)]
)
def test_only_what_can_be_claimed_is_charged(
    db: Connection, total: int, portions: int, charged: int
) -> None:
    made = gift(db, "creator", total, total_portions=portions)
    assert made["total_credits"] == charged
    assert made["credits_per_portion"] * made["total_portions"] == charged
    assert balance(db, "creator") == 10000 - charged


def test_creator_needs_only_what_is_charged(db: Connection) -> None:
    give(db, "u1", 99)
    gift(db, "u1", 100, total_portions=3)
    assert balance(db, "u1") == 0


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({}, "simple"),
        ({"total_portions": 1}, "simple"),
        ({"total_portions": 2}, "split"),
        ({"target_email": "a@example.com"}, "personalized"),
        ({"target_matrix_id": "@a:example.com"}, "personalized"),
        ({"riddle_question": "Who?", "riddle_answer": "I"}, "riddle"),
        ({"riddle_question": "Who?", "riddle_answer": "I", "total_portions": 3}, "riddle"),
        (
            {
                "riddle_question": "Who?",
                "riddle_answer": "I",
                "target_email": "a@example.com",
            },
            "personalized",
        ),
    ],
)
def test_type_follows_from_the_parts(db: Connection, parts: dict[str, object], kind: str) -> None:
    assert gift(db, "creator", 10, **parts)["type"] == kind


def test_answer_tells_what_was_asked_for(db: Connection) -> None:
    made = gift(
        db,
        "creator",
        10,
        total_portions=2,
        type="first_come",
        target_email="A@Example.com",
        target_matrix_id="@a:example.com",
        riddle_question="Who?",
        riddle_answer="I",
        message="Have fun",
    )
    assert (made["target_email"], made["target_matrix_id"]) == ("A@Example.com", "@a:example.com")
    assert (made["riddle_question"], made["message"]) == ("Who?", "Have fun")


def test_short_url_is_made_of_the_code(db: Connection) -> None:
    made = gift(db, "creator", 10)
    assert made["short_url"] == f"/g/{made['code']}"


def test_gift_lasts_90_days_unless_told(db: Connection) -> None:
    made = gift(db, "creator", 10)
    assert made["expires_at"] - made["created_at"] == timedelta(days=90)


@pytest.mark.parametrize("days", [1, 3650])
def test_gift_lasts_the_days_that_were_asked_for(db: Connection, days: int) -> None:
    made = gift(db, "creator", 10, expiration_days=days)
    assert made["expires_at"] - made["created_at"] == timedelta(days=days)


def test_gift_lasts_until_the_time_that_was_asked_for(db: Connection) -> None:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    assert gift(db, "creator", 10, expires_at=expires_at)["expires_at"] == expires_at


def test_gift_of_one_credit_and_of_ten_thousand(db: Connection) -> None:
    assert gift(db, "creator", 1)["total_credits"] == 1
    give(db, "creator", 1)
    assert gift(db, "creator", 10000)["total_credits"] == 10000
    assert balance(db, "creator") == 0


def test_more_than_the_creator_has_is_refused(db: Connection, owner: Owner) -> None:
    give(db, "u1", Decimal("98.5"))
    with refused(db, "UC002") as refusal:
        gift(db, "u1", 100, total_portions=3)
    assert refusal.details == {"required": 99, "available": 98.5}
    assert len(ledger(owner, "u1")) == 1


def test_creator_never_seen_has_nothing_to_give(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        gift(db, "nobody", 1)
    assert refusal.details == {"required": 1, "available": 0}


@pytest.mark.parametrize(
    ("name", "kept"), [("  Ada ", "Ada"), ("   ", None), (None, None), ("x" * 300, "x" * 80)]
)
def test_creators_name_is_kept_in_short(
    db: Connection, owner: Owner, name: str | None, kept: str | None
) -> None:
    made = gift(db, "creator", 1, creator_name=name)
    assert gift_row(owner, made["code"])["creator_name"] == kept


def test_retry_returns_the_first_answer(db: Connection) -> None:
    first = gift(db, "creator", 10, idempotency_key="k")
    again = gift(db, "creator", 10, idempotency_key="k")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert {**again, "replayed": False} == first
    assert balance(db, "creator") == 9990


def test_retry_returns_the_first_answer_whatever_has_become_of_the_gift(
    db: Connection, owner: Owner
) -> None:
    parts = {"total_portions": 2, "riddle_question": "Who?", "riddle_answer": "I"}
    first = gift(db, "creator", 10, **parts, idempotency_key="k")
    redeem(db, first["code"], "u1", riddle_answer="I")
    assert gift(db, "creator", 10, **parts, idempotency_key="k") == {**first, "replayed": True}
    call(db, "gifts.cancel_gift", gift_id=first["id"], creator_id="creator")
    assert gift(db, "creator", 10, **parts, idempotency_key="k") == {**first, "replayed": True}


def test_retry_after_the_balance_is_gone_returns_the_first_answer(db: Connection) -> None:
    give(db, "u1", 10)
    first = gift(db, "u1", 10, idempotency_key="k")
    assert gift(db, "u1", 10, idempotency_key="k")["id"] == first["id"]


def test_retry_after_the_gift_ran_out_returns_the_first_answer(
    db: Connection, clock: Clock
) -> None:
    expires_at = later(db, HOUR)
    first = gift(db, "creator", 10, expires_at=expires_at, idempotency_key="k")
    clock.move_to(expires_at)
    again = gift(db, "creator", 10, expires_at=expires_at, idempotency_key="k")
    assert again["id"] == first["id"]


def test_retry_may_tell_another_name(db: Connection) -> None:
    first = gift(db, "creator", 10, creator_name="Ada", idempotency_key="k")
    again = gift(db, "creator", 10, creator_name="Ada L.", idempotency_key="k")
    assert again["id"] == first["id"]


WHOLE = {
    "total_credits": 10,
    "type": "first_come",
    "total_portions": 2,
    "target_email": "a@example.com",
    "target_matrix_id": "@a:example.com",
    "riddle_question": "Who?",
    "riddle_answer": "I",
    "message": "Have fun",
    "expiration_days": 10,
    "source_app_id": "chat",
}


@pytest.mark.parametrize(
    "change",
    [
        {"total_credits": 11},
        {"type": "split"},
        {"total_portions": 5},
        {"target_email": "b@example.com"},
        {"target_matrix_id": "@b:example.com"},
        {"riddle_question": "What?"},
        {"riddle_answer": "You"},
        {"riddle_question": None, "riddle_answer": None},
        {"message": "Have more fun"},
        {"expiration_days": 11},
        {"expiration_days": None, "expires_at": datetime(2030, 1, 1, tzinfo=UTC)},
        {"source_app_id": "images"},
    ],
    ids=lambda change: "-".join(change),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, object]) -> None:
    call(db, "gifts.create_gift", creator_id="creator", **WHOLE, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        call(
            db,
            "gifts.create_gift",
            creator_id="creator",
            **{**WHOLE, **change},
            idempotency_key="k",
        )
    assert refusal.details == {"idempotencyKey": "k"}
    assert balance(db, "creator") == 9990


def test_key_of_another_operation_is_refused(db: Connection) -> None:
    other = gift(db, "creator", 10)
    use(db, "creator", 10, idempotency_key="used")
    redeem(db, other["code"], "creator", idempotency_key="redeemed")
    for key in ("used", "redeemed"):
        with refused(db, "UC004"):
            gift(db, "creator", 10, idempotency_key=key)


def test_keys_of_two_creators_are_independent(db: Connection) -> None:
    give(db, "u1", 10)
    first = gift(db, "creator", 10, idempotency_key="k")
    second = gift(db, "u1", 10, idempotency_key="k")
    assert second["replayed"] is False
    assert second["code"] != first["code"]


def test_invalid_request_is_reported_before_a_reused_key(db: Connection) -> None:
    gift(db, "creator", 10, idempotency_key="k")
    with refused(db, "UC001"):
        gift(db, "creator", 0, idempotency_key="k")


def test_reused_key_is_reported_before_insufficient_credits(db: Connection) -> None:
    give(db, "u1", 10)
    gift(db, "u1", 10, idempotency_key="k")
    with refused(db, "UC004"):
        gift(db, "u1", 11, idempotency_key="k")


def test_gift_past_its_time_is_not_paid_back_by_a_retry(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, idempotency_key="k")
    run_out(owner, made["code"])
    gift(db, "creator", 10, idempotency_key="k")
    assert balance(db, "creator") == 9990
