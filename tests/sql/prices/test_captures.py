"""credits.capture_reservation: a budget that is used in parts."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, call, give, rows, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    HOUR,
    commit,
    extend,
    figures,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    remaining,
    reserve,
    spending,
)
from tests.sql.moments import later
from tests.sql.prices.calls import amounts_of, capture, items, price


@pytest.fixture
def held(db: Connection) -> Row:
    """6 of the 10 credits of u1 are set aside."""
    return reserve(db, "u1", 6, app_id="agent")


def state(db: Connection, held: Row) -> tuple[object, ...]:
    row = call(db, "credits.get_reservation", reservation_id=held["reservation_id"])
    return row["reserved"], row["captured"], row["remaining"], row["status"]


def test_part_becomes_usage_and_the_rest_stays_set_aside(
    db: Connection, owner: Owner, held: Row
) -> None:
    answer = capture(db, held, 2)
    assert (answer["captured"], answer["remaining"], answer["balance"]) == (2, 4, 4)
    assert state(db, held) == (6, 2, 4, "held")
    assert figures(db, "u1")["reserved"] == 4
    row = ledger(owner, "u1")[-1]
    assert (row["id"], row["type"], row["amount"]) == (answer["transaction_id"], "usage", -2)
    assert (row["app_id"], row["reference_id"]) == ("agent", str(held["reservation_id"]))


def test_retry_returns_the_first_result_whatever_became_of_the_hold(
    db: Connection, held: Row
) -> None:
    first = capture(db, held, 2)
    capture(db, held, 1, idempotency_key="c2")
    commit(db, held)
    again = capture(db, held, 2)
    assert again == {**first, "replayed": True}


def test_key_with_another_amount_is_refused(db: Connection, held: Row) -> None:
    capture(db, held, 2)
    with refused(db, "UC004"):
        capture(db, held, 1)


def test_key_of_a_use_is_refused(db: Connection, held: Row) -> None:
    use(db, "u1", 2, idempotency_key="c1")
    with refused(db, "UC004"):
        capture(db, held, 2)


def test_key_must_be_given(db: Connection, held: Row) -> None:
    with refused(db, "UC001") as refusal:
        capture(db, held, 2, idempotency_key=None)
    assert refusal.details.keys() == {"idempotencyKey"}


def test_more_than_is_left_is_refused(db: Connection, held: Row) -> None:
    capture(db, held, 4)
    with refused(db, "UC015") as refusal:
        capture(db, held, 3, idempotency_key="c2")
    assert refusal.details == {"requested": 3, "reserved": 2}


def test_commit_uses_the_rest(db: Connection, owner: Owner, held: Row) -> None:
    capture(db, held, 2)
    answer = commit(db, held)
    assert (answer["committed"], answer["released"], answer["balance"]) == (4, 0, 4)
    assert state(db, held) == (6, 6, 0, "committed")
    assert [row["amount"] for row in ledger(owner, "u1")] == [10, -2, -4]


def test_release_frees_the_rest(db: Connection, held: Row) -> None:
    capture(db, held, 2)
    assert release(db, held)["balance"] == 8
    assert state(db, held) == (6, 2, 0, "released")


def test_commit_of_nothing_that_is_left_ends_it(db: Connection, held: Row) -> None:
    capture(db, held, 6)
    assert state(db, held) == (6, 6, 0, "held")
    answer = commit(db, held)
    assert (answer["transaction_id"], answer["committed"], answer["balance"]) == (None, 0, 4)
    assert commit(db, held) == {**answer, "replayed": True}
    assert state(db, held) == (6, 6, 0, "committed")


def test_ended_hold_is_captured_no_more(db: Connection, held: Row) -> None:
    release(db, held)
    with refused(db, "UC012"):
        capture(db, held, 1)


def test_past_its_time_a_part_is_used_from_what_is_there(
    db: Connection, owner: Owner, held: Row
) -> None:
    capture(db, held, 1)
    let_hold_run_out(owner, held)
    assert balance(db, "u1") == 9
    answer = capture(db, held, 2, idempotency_key="late")
    assert (answer["captured"], answer["remaining"], answer["late"]) == (2, 3, True)
    assert balance(db, "u1") == 7
    assert extend(db, held, 60)["expires_at"] is not None
    assert figures(db, "u1")["reserved"] == 3


def test_past_its_time_without_credits_it_is_refused_and_stays(
    db: Connection, owner: Owner, held: Row
) -> None:
    let_hold_run_out(owner, held)
    use(db, "u1", 9)
    with refused(db, "UC002"):
        capture(db, held, 2)
    give(db, "u1", 5)
    assert capture(db, held, 2)["late"] is True


def test_items_have_the_prices_of_the_moment_of_the_hold(
    db: Connection, owner: Owner, held: Row
) -> None:
    price(owner, "picture", "5", valid_from=later(db, 0))
    answer = capture(db, held, items=items(("picture", 2)))
    assert (answer["captured"], answer["charge"]["amount"]) == (3, 3)
    assert capture(db, held, items=items(("picture", 2)))["replayed"] is True
    with refused(db, "UC004"):
        capture(db, held, items=items(("picture", 1)))


def test_commit_of_all_has_the_items_of_the_hold(db: Connection, api: Api) -> None:
    held = reserve(db, "u1", None, items=items(("picture", 2)), app_id="chat")
    answer = commit(db, held)
    assert (answer["committed"], amounts_of(answer["charge"])) == (3, [3])
    assert commit(db, held)["charge"] == answer["charge"]
    assert commit(db, held, amount=3)["replayed"] is True
    [used] = rows(api, "credits.list_usage_by_operation", user_id="u1")
    assert (used["operation"], used["quantity"], used["credits_used"]) == ("picture", 2, 3)


def test_commit_of_what_a_capture_left_has_no_items(db: Connection) -> None:
    held = reserve(db, "u1", None, items=items(("picture", 2)))
    capture(db, held, items=items(("picture", 1)))
    assert commit(db, held)["charge"] is None


def test_commit_of_an_amount_has_no_items(db: Connection) -> None:
    held = reserve(db, "u1", None, items=items(("picture", 2)))
    assert commit(db, held, amount=2)["charge"] is None


def test_operation_that_the_hold_did_not_name_has_the_price_of_its_moment(
    db: Connection, owner: Owner
) -> None:
    held = reserve(db, "u1", None, items=items(("word", 100)))
    price(owner, "picture", "5", valid_from=later(db, 0))
    answer = commit(db, held, items=items(("word", 10), ("picture", 1)))
    assert amounts_of(answer["charge"]) == [Decimal("0.2"), Decimal("1.5")]


def test_what_costs_nothing_writes_nothing(db: Connection, owner: Owner, held: Row) -> None:
    answer = capture(db, held, items=items(("nothing", 1)))
    assert (answer["transaction_id"], answer["captured"], answer["remaining"]) == (None, 0, 6)
    assert [row["amount"] for row in ledger(owner, "u1")] == [10]


def test_refund_of_a_part_goes_back_to_the_balance(db: Connection, held: Row) -> None:
    part = capture(db, held, 2)
    refund(db, "u1", part["transaction_id"], 2)
    assert balance(db, "u1") == 6
    with refused(db, "UC010"):
        refund(db, "u1", part["transaction_id"], 1)


def test_lots_of_a_hold_are_passed_on_soonest_first(db: Connection, owner: Owner) -> None:
    grant(db, "u2", 3, "a", expires_in=HOUR)
    grant(db, "u2", 3, "b", expires_in=2 * HOUR)
    give(db, "u2", 4)
    held = reserve(db, "u2", 8)
    assert remaining(owner, "u2") == [0, 0]
    part = capture(db, held, 4)
    release(db, held)
    # The second lot has what was left of it; then the undated credits.
    assert remaining(owner, "u2") == [0, 2]
    refund(db, "u2", part["transaction_id"], 2)
    assert remaining(owner, "u2") == [1, 3]
    refund(db, "u2", part["transaction_id"], 2)
    assert remaining(owner, "u2") == [3, 3]


def test_refund_of_a_part_whose_lot_is_over_expires_at_once(db: Connection, owner: Owner) -> None:
    lot = grant(db, "u2", 5, "a", expires_in=HOUR)
    held = reserve(db, "u2", 5)
    part = capture(db, held, 2)
    let_grant_run_out(owner, lot)
    assert refund(db, "u2", part["transaction_id"], 2)["balance"] == 0
    assert figures(db, "u2")["reserved"] == 3


def test_pool_is_captured_within_what_was_counted(db: Connection) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    call(db, "credits.fund_guild_pool", user_id="u1", organization_id="g1", amount=10)
    call(db, "credits.set_spending_limits", organization_id="g1", user_id="u1", daily_limit=6)
    held = reserve(db, "u1", 6, guild_id="g1")
    assert capture(db, held, 2)["balance"] == 4
    assert spending(db, "g1", "u1")["spent_today"] == 6
    assert release(db, held)["balance"] == 8
    assert spending(db, "g1", "u1")["spent_today"] == 2


def test_unknown_hold_is_not_found(db: Connection) -> None:
    with refused(db, "UC011"):
        call(
            db,
            "credits.get_reservation",
            reservation_id="019c12e8-4c00-7000-8000-000000000001",
        )


def test_past_its_time_it_is_expired_and_the_rest_can_still_be_used(
    db: Connection, owner: Owner, held: Row
) -> None:
    capture(db, held, 2)
    let_hold_run_out(owner, held)
    assert state(db, held) == (6, 2, 4, "expired")
    capture(db, held, 3, idempotency_key="late")
    assert state(db, held) == (6, 5, 1, "expired")
    commit(db, held)
    assert state(db, held) == (6, 6, 0, "committed")


@pytest.mark.parametrize("amount", [0, -1, Decimal("0.0000001"), None])
def test_amount_that_cannot_be_is_refused(db: Connection, held: Row, amount: object) -> None:
    with refused(db, "UC001") as refusal:
        capture(db, held, amount)
    assert refusal.details.keys() == {"amount"}


def test_hold_of_which_nothing_is_left_can_be_extended_past_its_time(
    db: Connection, owner: Owner, held: Row
) -> None:
    capture(db, held, 6)
    let_hold_run_out(owner, held)
    use(db, "u1", 1)
    extend(db, held, 60)
    assert state(db, held) == (6, 6, 0, "held")
