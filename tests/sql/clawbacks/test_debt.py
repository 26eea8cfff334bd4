"""A debt is what was taken back after it was spent; what comes in repays it first."""

from collections.abc import Callable

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, balance, call, fund, gift, give, redeem, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    HOUR,
    Call,
    Payments,
    commit,
    expire_due,
    expiring,
    figures,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    remaining,
    reserve,
)
from tests.sql.moments import now


@pytest.fixture
def usage(db: Connection, payments: Payments, bought: Row) -> Row:
    """u1 used 300 of the 500 credits of a purchase that was refunded then: a debt of 300."""
    made = use(db, "u1", 300)
    payments.refunded(bought, 1000)
    return made


def test_balance_is_below_zero(db: Connection, usage: Row) -> None:
    answer = figures(db, "u1")
    names = ("balance", "total_earned", "total_spent", "reserved")
    assert [answer[name] for name in names] == [-300, 500, 800, 0]


def test_debt_is_no_more_than_what_was_taken_back(owner: Owner, usage: Row) -> None:
    row = owner.execute("select clawed_back from credits.balances where user_id = 'u1'").fetchone()
    assert row == {"clawed_back": 500}


@pytest.mark.parametrize("spend", [use, reserve, gift], ids=lambda spend: spend.__name__)
def test_nothing_can_be_spent(db: Connection, usage: Row, spend: Call) -> None:
    with refused(db, "UC002") as refusal:
        spend(db, "u1", 1)
    assert refusal.details == {"required": 1, "available": -300}


def test_no_pool_can_be_funded(db: Connection, usage: Row) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    with refused(db, "UC002"):
        fund(db, "u1", "g1", 1)


def _redeem(db: Connection, amount: int) -> object:
    give(db, "u2", amount)
    return redeem(db, gift(db, "u2", amount)["code"], "u1")


INCOMING: dict[str, Callable[[Connection, int], object]] = {
    "refund": lambda db, amount: give(db, "u1", amount),
    "grant": lambda db, amount: grant(db, "u1", amount),
    "dated grant": lambda db, amount: grant(db, "u1", amount, expires_in=HOUR),
    "gift": _redeem,
}


@pytest.mark.parametrize("kind", INCOMING)
def test_what_comes_in_repays_it(db: Connection, usage: Row, kind: str) -> None:
    INCOMING[kind](db, 200)
    assert balance(db, "u1") == -100
    with refused(db, "UC002"):
        use(db, "u1", 1)


@pytest.mark.parametrize("kind", INCOMING)
def test_what_is_more_than_the_debt_can_be_spent(db: Connection, usage: Row, kind: str) -> None:
    INCOMING[kind](db, 310)
    with refused(db, "UC002") as refusal:
        use(db, "u1", 11)
    assert refusal.details == {"required": 11, "available": 10}
    assert use(db, "u1", 10)["balance"] == 0


def test_another_purchase_repays_it(db: Connection, payments: Payments, usage: Row) -> None:
    payments.buy("u1")
    assert balance(db, "u1") == 200


def test_refund_of_the_usage_repays_it(db: Connection, usage: Row) -> None:
    assert refund(db, "u1", usage["id"], 300)["balance"] == 0


def test_only_what_is_above_the_debt_can_expire(db: Connection, owner: Owner, usage: Row) -> None:
    granted = grant(db, "u1", 310, expires_in=HOUR)
    assert expiring(db, "u1") == [10]
    let_grant_run_out(owner, granted)
    assert balance(db, "u1") == 0


def test_grant_that_was_used_up_by_the_debt_does_not_expire(
    db: Connection, owner: Owner, usage: Row
) -> None:
    let_grant_run_out(owner, grant(db, "u1", 200, expires_in=HOUR))
    assert balance(db, "u1") == -100


def test_hold_that_was_made_before_can_be_committed(
    db: Connection, payments: Payments, bought: Row
) -> None:
    held = reserve(db, "u1", 400)
    payments.refunded(bought, 1000)
    assert balance(db, "u1") == -400
    answer = commit(db, held)
    assert (answer["committed"], answer["balance"]) == (400, -400)


def test_hold_that_is_released_repays_it(db: Connection, payments: Payments, bought: Row) -> None:
    held = reserve(db, "u1", 400)
    payments.refunded(bought, 1000)
    assert release(db, held)["balance"] == 0


def test_commit_of_a_part_repays_with_the_rest(
    db: Connection, payments: Payments, bought: Row
) -> None:
    held = reserve(db, "u1", 400)
    payments.refunded(bought, 1000)
    assert commit(db, held, amount=100)["balance"] == -100


def test_hold_that_runs_out_repays_it(
    db: Connection, owner: Owner, payments: Payments, bought: Row
) -> None:
    held = reserve(db, "u1", 400)
    payments.refunded(bought, 1000)
    let_hold_run_out(owner, held)
    assert balance(db, "u1") == 0


@pytest.fixture
def hold_of_dated_credits(db: Connection, payments: Payments) -> Row:
    """u2 had 500 bought credits and 100 dated ones, holds 150 and owes the 500: 50 below zero."""
    bought = payments.buy("u2")
    granted = grant(db, "u2", 100, expires_in=HOUR)
    held = reserve(db, "u2", 150)
    payments.refunded(bought, 1000)
    assert balance(db, "u2") == -50
    return {**held, "transaction_id": granted["transaction_id"]}


ENDS: dict[str, Callable[[Connection, Row], object]] = {
    "release": release,
    "commit of a part": lambda db, held: commit(db, held, amount=60),
}


@pytest.mark.parametrize(("end", "left"), [("release", 100), ("commit of a part", 40)])
def test_dated_credits_that_come_back_repay_first(
    db: Connection, owner: Owner, hold_of_dated_credits: Row, end: str, left: int
) -> None:
    ENDS[end](db, hold_of_dated_credits)
    assert balance(db, "u2") == left
    assert remaining(owner, "u2") == [left]


def test_dated_credits_of_a_hold_that_ran_out_repay_first(
    db: Connection, owner: Owner, hold_of_dated_credits: Row
) -> None:
    let_hold_run_out(owner, hold_of_dated_credits)
    assert (balance(db, "u2"), expiring(db, "u2")) == (100, [100])
    give(db, "u2", 1)
    assert (balance(db, "u2"), expiring(db, "u2")) == (101, [100])


@pytest.mark.parametrize(
    ("ends_first", "left"), [("of dated credits", 300), ("of what lasts", 200)]
)
def test_hold_that_ends_first_repays_first(
    db: Connection, api: Api, owner: Owner, payments: Payments, ends_first: str, left: int
) -> None:
    granted = grant(db, "u2", 100, expires_in=HOUR)
    bought = payments.buy("u2")
    held = [reserve(db, "u2", 100), reserve(db, "u2", 500)]
    payments.refunded(bought, 600)
    for hold in held if ends_first == "of dated credits" else reversed(held):
        let_hold_run_out(owner, hold)
    let_grant_run_out(owner, granted)
    assert balance(db, "u2") == figures(db, "u2", now(db))["balance"] == left
    expire_due(api)
    assert balance(db, "u2") == figures(db, "u2", now(db))["balance"] == left


def test_no_more_expires_than_is_above_the_debt(
    db: Connection, owner: Owner, payments: Payments
) -> None:
    bought = payments.buy("u2")
    granted = grant(db, "u2", 100, expires_in=HOUR)
    use(db, "u2", 1)
    held = reserve(db, "u2", 90)
    use(db, "u2", 400)
    payments.refunded(bought, 1000)
    assert balance(db, "u2") == -391
    let_grant_run_out(owner, granted)
    let_hold_run_out(owner, held)
    assert (balance(db, "u2"), figures(db, "u2")["expiring"]) == (-301, None)
    give(db, "u2", 1)
    assert balance(db, "u2") == -300


def test_refund_that_repaid_a_debt_is_not_dated_again(
    db: Connection, owner: Owner, payments: Payments
) -> None:
    bought = payments.buy("u2")
    grant(db, "u2", 10, expires_in=HOUR)
    usage = use(db, "u2", 10)["id"]
    use(db, "u2", 4)
    payments.refunded(bought, 1000)
    refund(db, "u2", usage, 4)
    give(db, "u2", 100)
    refund(db, "u2", usage, 6)
    assert (balance(db, "u2"), remaining(owner, "u2")) == (106, [6])


def test_dispute_that_is_won_ends_the_debt(db: Connection, payments: Payments, bought: Row) -> None:
    use(db, "u1", 300)
    payments.disputed(bought, "open")
    assert balance(db, "u1") == -300
    payments.disputed(bought, "won")
    assert use(db, "u1", 200)["balance"] == 0


def test_dispute_that_is_won_gives_dated_credits_back_as_such(
    db: Connection, owner: Owner, payments: Payments, bought: Row
) -> None:
    grant(db, "u1", 10, expires_in=HOUR)
    payments.disputed(bought, "open")
    payments.disputed(bought, "won")
    assert (balance(db, "u1"), remaining(owner, "u1")) == (510, [10])


def test_nothing_but_a_clawback_makes_a_debt_by_hand(
    db: Connection, owner: Owner, payments: Payments, bought: Row
) -> None:
    use(db, "u1", 100)
    payments.refunded(bought, 1000)
    give(db, "u1", 200)
    assert balance(db, "u1") == 100
    with owner.rights() as superuser, refused(superuser, "UC017"):
        superuser.execute(
            """
            insert into credits.entries (
                account_id, kind, sequence, id, created_at, number, type, amount, available,
                reserved, debt, clawed_back, total_spent
            )
            select
                account_id, kind, sequence + 1, credits._new_id(), clock_timestamp(), number + 1,
                'usage', -101, 0, 0, 1, clawed_back, total_spent + 101
            from credits._last_entry('u1', 'person')
            """
        )
