"""credits.commit_reservation."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, give, rows, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import commit, figures, hold_row, release, reserve


@pytest.fixture
def held(db: Connection) -> Row:
    """4 of the 10 credits of u1 are set aside for the app `chat`."""
    return reserve(db, "u1", 4, app_id="chat")


def test_all_of_it_is_used(db: Connection, held: Row) -> None:
    answer = commit(db, held)
    assert (answer["committed"], answer["released"], answer["balance"]) == (4, 0, 6)
    assert balance(db, "u1") == 6


def test_part_of_it_is_used_and_the_rest_is_free(db: Connection, held: Row) -> None:
    answer = commit(db, held, amount=Decimal("1.5"))
    assert (answer["committed"], answer["released"]) == (Decimal("1.5"), Decimal("2.5"))
    assert answer["balance"] == balance(db, "u1") == Decimal("8.5")


def test_nothing_stays_reserved(db: Connection, held: Row) -> None:
    commit(db, held, amount=1)
    answer = figures(db, "u1")
    assert (answer["reserved"], answer["total_earned"], answer["total_spent"]) == (0, 10, 1)


def test_other_holds_stay(db: Connection, held: Row) -> None:
    reserve(db, "u1", 3)
    assert commit(db, held)["balance"] == 3
    assert figures(db, "u1")["reserved"] == 3


def test_is_one_ledger_row_with_true_figures(db: Connection, owner: Owner, held: Row) -> None:
    use(db, "u1", 1)
    answer = commit(db, held, amount=3)
    row = ledger(owner, "u1")[-1]
    assert row["id"] == answer["transaction_id"]
    assert (row["type"], row["amount"], row["app_id"]) == ("usage", -3, "chat")
    assert (row["balance_before"], row["balance_after"]) == (9, 6)
    assert row["reference_id"] == str(held["reservation_id"])


def test_figures_of_the_row_include_what_others_hold(
    db: Connection, owner: Owner, held: Row
) -> None:
    reserve(db, "u1", 3)
    commit(db, held)
    row = ledger(owner, "u1")[-1]
    assert (row["balance_before"], row["balance_after"], row["reserved_after"]) == (10, 6, 3)


def test_row_tells_the_reason_unless_told_something_else(
    db: Connection, owner: Owner, held: Row
) -> None:
    commit(db, held)
    assert ledger(owner, "u1")[-1]["description"] == "A long answer"


def test_row_keeps_what_the_commit_tells(db: Connection, owner: Owner, held: Row) -> None:
    commit(db, held, description="Answer 17", metadata={"tokens": 1234})
    row = ledger(owner, "u1")[-1]
    assert (row["description"], row["metadata"]) == ("Answer 17", {"tokens": 1234})


def test_usage_is_counted_for_its_app(db: Connection, api: Api, held: Row) -> None:
    commit(db, held, amount=3)
    (row,) = rows(api, "credits.list_usage", user_id="u1")
    assert (row["app_id"], row["credits_used"], row["transactions_count"]) == ("chat", 3, 1)


def test_reservation_knows_its_row(db: Connection, owner: Owner, held: Row) -> None:
    answer = commit(db, held, amount=3)
    row = hold_row(owner, held)
    assert (row["status"], row["committed_amount"]) == ("committed", 3)
    assert row["transaction_id"] == answer["transaction_id"]


def test_commit_needs_no_credits_but_those_set_aside(db: Connection, held: Row) -> None:
    use(db, "u1", 6)
    assert commit(db, held)["balance"] == 0


@pytest.mark.parametrize("arguments", [{}, {"amount": 4}, {"amount": 1}], ids=str)
def test_retry_returns_the_first_result_after_later_movements(
    db: Connection, owner: Owner, held: Row, arguments: dict[str, object]
) -> None:
    first = commit(db, held, **arguments)
    give(db, "u1", 100)
    reserve(db, "u1", 5)
    assert commit(db, held, **arguments) == {**first, "replayed": True}
    assert len(ledger(owner, "u1")) == 3


def test_retry_that_names_the_whole_amount_is_the_same(db: Connection, held: Row) -> None:
    first = commit(db, held)
    assert commit(db, held, amount=4) == {**first, "replayed": True}


@pytest.mark.parametrize("amount", [None, 2, 4, 5])
def test_commit_of_another_amount_is_refused(db: Connection, held: Row, amount: int | None) -> None:
    commit(db, held, amount=3)
    with refused(db, "UC013") as refusal:
        commit(db, held, amount=amount)
    expected = {"reservationId": str(held["reservation_id"]), "status": "committed"}
    assert refusal.details == expected


def test_more_than_reserved_is_refused(db: Connection, held: Row) -> None:
    with refused(db, "UC015") as refusal:
        commit(db, held, amount=Decimal("4.000001"))
    assert refusal.details == {"requested": 4.000001, "reserved": 4}


def test_hold_stays_after_a_refused_commit(db: Connection, held: Row) -> None:
    with refused(db, "UC015"):
        commit(db, held, amount=5)
    assert commit(db, held)["committed"] == 4


def test_released_hold_cannot_be_committed(db: Connection, held: Row) -> None:
    release(db, held)
    with refused(db, "UC012") as refusal:
        commit(db, held)
    expected = {"reservationId": str(held["reservation_id"]), "status": "released"}
    assert refusal.details == expected
    assert balance(db, "u1") == 10


def test_how_it_ended_is_reported_before_too_large_an_amount(db: Connection, held: Row) -> None:
    release(db, held)
    with refused(db, "UC012"):
        commit(db, held, amount=5)


def test_unknown_hold_is_not_found(db: Connection) -> None:
    unknown = uuid4()
    with refused(db, "UC011") as refusal:
        commit(db, {"reservation_id": unknown})
    assert refusal.details == {"reservationId": str(unknown)}


def test_no_hold_at_all_is_not_found(db: Connection) -> None:
    with refused(db, "UC011"):
        commit(db, {"reservation_id": None})


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("amount", {"amount": 0}),
        ("amount", {"amount": -1}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": "0.0000001"}),
        ("amount", {"amount": "1e10"}),
        ("metadata", {"metadata": "[]"}),
        ("metadata", {"metadata": {"a": "x" * 65536}}),
    ],
)
def test_what_cannot_be_is_refused(
    db: Connection, held: Row, field: str, arguments: dict[str, object]
) -> None:
    with refused(db, "UC001") as refusal:
        commit(db, held, **arguments)
    assert list(refusal.details) == [field]


def test_what_cannot_be_is_reported_before_a_missing_hold(db: Connection) -> None:
    with refused(db, "UC001"):
        commit(db, {"reservation_id": uuid4()}, amount=0)
