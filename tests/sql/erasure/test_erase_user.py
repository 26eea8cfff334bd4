"""credits.erase_user."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import attempts, gift_row, ledger, pool_balance, pool_ledger
from tests.sql.calls import balance, call, fund, gift, give, redeem, rows, use, use_guild
from tests.sql.conftest import Api
from tests.sql.erasure.conftest import EMAIL, NORA, Traces
from tests.sql.lifecycle import (
    HOUR,
    Payments,
    commit,
    erase,
    figures,
    grant,
    hold_row,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    reserve,
    spending,
)

AMOUNTS = """
    select array_agg(row_to_json(a) order by a.id, a.kind) as rows
    from (
        select kind::text, id, amount, available, reserved, debt, total_spent, created_at
        from credits.entries
        union all
        select 'redemption', id, credits_received, 0, 0, 0, 0, created_at
        from gifts.gift_redemptions
        union all
        select 'lot', id, amount, 0, 0, 0, 0, created_at from credits.lot_movements
    ) a
"""


def amounts(owner: Owner) -> list[Any]:
    """The figures and times of all ledger rows."""
    row = owner.execute(AMOUNTS).fetchone()
    assert row is not None
    return list(row["rows"])


def test_person_leaves_a_pool_of_the_same_id_too(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    call(db, "credits.init_guild_pool", organization_id="u1")
    fund(db, "u1", "u1", 4)
    use_guild(db, "u1", "u1", 1)
    pseudonym = erase(db, "u1")["pseudonym"]
    assert [row["user_id"] for row in pool_ledger(owner, "u1")] == [pseudonym, pseudonym]


def test_balance_is_forfeited_by_a_ledger_row(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", Decimal("2.5"))
    answer = erase(db, "u1")
    assert answer["forfeited_credits"] == Decimal("7.5")
    row = ledger(owner, answer["pseudonym"])[-1]
    assert (row["type"], row["amount"], row["balance_after"]) == ("erasure", Decimal("-7.5"), 0)
    assert row["description"] == ""


def test_constraints_that_the_caller_has_set_immediate_are_no_hindrance(
    db: Connection, nora: Traces
) -> None:
    db.execute("set constraints all immediate")
    assert erase(db, NORA)["forfeited_credits"] > 0


def test_empty_balance_forfeits_nothing(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", 10)
    answer = erase(db, "u1")
    assert answer["forfeited_credits"] == 0
    assert len(ledger(owner, answer["pseudonym"])) == 2


def test_debt_stays_with_the_pseudonym(db: Connection, owner: Owner, payments: Payments) -> None:
    purchase = payments.buy("u1")
    use(db, "u1", 500)
    payments.refunded(purchase, 1000)
    answer = erase(db, "u1")
    assert (answer["forfeited_credits"], balance(db, answer["pseudonym"])) == (0, -500)


def test_all_rows_of_the_person_stay_under_the_pseudonym(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    before = len(ledger(owner, NORA))
    pseudonym = erase(db, NORA, EMAIL)["pseudonym"]
    assert ledger(owner, NORA) == []
    # The gift that came back, and the forfeit.
    assert len(ledger(owner, pseudonym)) == before + 2


def test_no_amount_and_no_time_changes(db: Connection, owner: Owner, nora: Traces) -> None:
    before = amounts(owner)
    erase(db, NORA, EMAIL)
    after = amounts(owner)
    assert [row for row in after if row in before] == before


def test_pseudonym_has_nothing(db: Connection, nora: Traces) -> None:
    answer = figures(db, erase(db, NORA, EMAIL)["pseudonym"])
    assert (answer["balance"], answer["reserved"], answer["expiring"]) == (0, 0, None)
    assert answer["total_earned"] == answer["total_spent"] > 0


def test_person_has_nothing(db: Connection, api: Api, nora: Traces) -> None:
    erase(db, NORA, EMAIL)
    answer = figures(db, NORA)
    names = ("balance", "total_earned", "total_spent", "reserved", "transactions_count")
    assert [answer[name] for name in names] == [0] * 5
    for function in ("list_transactions", "list_usage", "list_purchases"):
        assert rows(api, f"credits.{function}", user_id=NORA) == []


def test_answer_counts_what_was_done(db: Connection, nora: Traces) -> None:
    answer = erase(db, NORA, EMAIL)
    # 500 bought - 50 refunded - 50 disputed + 100 + 20 - 30 + 5 - 1 - 10 - 4 + 8, less nothing.
    assert answer["forfeited_credits"] == 488
    assert (answer["cancelled_gifts"], answer["released_reservations"]) == (1, 3)
    assert answer["deleted_count"] > 40
    assert UUID(answer["pseudonym"].removeprefix("erased:")).version == 7


def test_open_gift_is_cancelled(db: Connection, owner: Owner, nora: Traces) -> None:
    erase(db, NORA, EMAIL)
    row = gift_row(owner, nora.open_gift["code"])
    assert (row["status"], row["refunded_credits"]) == ("cancelled", 9)
    with refused(db, "UG002"):
        redeem(db, nora.open_gift["code"], "friend", riddle_answer="nora")


def test_claimed_portions_stay_with_those_who_claimed_them(db: Connection, owner: Owner) -> None:
    give(db, "u1", 30)
    made = gift(db, "u1", 30, total_portions=3)
    redeem(db, made["code"], "u2")
    assert erase(db, "u1")["forfeited_credits"] == 20
    assert balance(db, "u2") == 10


def test_gift_for_the_person_waits_for_nobody_and_goes_back_when_it_runs_out(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    erase(db, NORA, EMAIL)
    row = gift_row(owner, nora.gift_from_a_friend["code"])
    assert (row["status"], row["claimed_portions"]) == ("active", 0)
    answer = redeem(db, nora.gift_from_a_friend["code"], NORA, email=EMAIL)
    assert answer["status"] == "failed_wrong_user"
    before = balance(db, "friend")
    call(
        db,
        "gifts.cancel_gift",
        gift_id=nora.gift_from_a_friend["id"],
        creator_id="friend",
    )
    assert balance(db, "friend") == before + 6


def test_redemptions_stay_under_the_pseudonym(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    made = gift(db, "u1", 10, target_email="u2@example.org")
    redeem(db, made["code"], "u2")
    redeem(db, made["code"], "u2", email="u2@example.org")
    pseudonym = erase(db, "u2")["pseudonym"]
    expected = [(pseudonym, "failed_wrong_user"), (pseudonym, "success")]
    assert attempts(owner, made["code"]) == expected


def test_holds_are_released(db: Connection, owner: Owner, nora: Traces) -> None:
    before = pool_balance(owner, "g1")
    erase(db, NORA, EMAIL)
    for held in (nora.personal_hold, nora.guild_hold):
        assert hold_row(owner, held)["status"] == "released"
    assert pool_balance(owner, "g1") == before + 5


@pytest.mark.parametrize("whose", ["personal_hold", "guild_hold"])
def test_released_hold_cannot_be_committed(db: Connection, nora: Traces, whose: str) -> None:
    erase(db, NORA, EMAIL)
    with refused(db, "UC012"):
        commit(db, getattr(nora, whose))


def test_release_of_a_hold_that_was_released_says_what_there_was_afterwards(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    erase(db, NORA, EMAIL)
    assert release(db, nora.personal_hold)["balance"] == 0
    assert release(db, nora.guild_hold)["balance"] == pool_balance(owner, "g1")


def test_hold_past_its_time_is_not_counted_as_released(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 4)
    let_hold_run_out(owner, held)
    answer = erase(db, "u1")
    assert (answer["released_reservations"], answer["forfeited_credits"]) == (0, 10)
    assert hold_row(owner, held)["status"] == "expired"


def test_expired_credits_expire_before_the_rest_is_forfeited(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    let_grant_run_out(owner, grant(db, "u1", 5, expires_in=HOUR))
    answer = erase(db, "u1")
    assert answer["forfeited_credits"] == 10
    types = [row["type"] for row in ledger(owner, answer["pseudonym"])]
    assert types == ["refund", "grant", "expiry", "erasure"]


def test_dated_credits_in_a_hold_and_in_a_gift_are_forfeited_too(
    db: Connection, owner: Owner
) -> None:
    grant(db, "u1", 20, expires_in=HOUR)
    reserve(db, "u1", 5)
    gift(db, "u1", 5)
    assert erase(db, "u1")["forfeited_credits"] == 20


def test_limits_are_removed(db: Connection, owner: Owner, nora: Traces) -> None:
    erase(db, NORA, EMAIL)
    assert spending(db, "g1", NORA)["daily_limit"] is None


def test_what_a_pool_spent_stays_counted_for_the_pseudonym(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    before = spending(db, "g1", NORA)["spent_today"]
    pseudonym = erase(db, NORA, EMAIL)["pseudonym"]
    assert spending(db, "g1", NORA)["spent_today"] == 0
    assert spending(db, "g1", pseudonym)["spent_today"] == before - 5
    assert {row["user_id"] for row in pool_ledger(owner, "g1")} == {"treasurer", pseudonym}


@pytest.mark.parametrize("usage", ["usage", "guild_usage"])
def test_what_the_person_used_can_no_longer_be_refunded_to_them(
    db: Connection, nora: Traces, usage: str
) -> None:
    erase(db, NORA, EMAIL)
    with refused(db, "UC009"):
        refund(db, NORA, getattr(nora, usage)["id"], 1)


@pytest.mark.parametrize("who", ["person", "pseudonym"])
def test_later_refund_of_a_payment_is_charged_to_the_pseudonym(
    db: Connection, payments: Payments, nora: Traces, who: str
) -> None:
    erased = erase(db, NORA, EMAIL)
    user_id = NORA if who == "person" else erased["pseudonym"]
    answer = payments.refunded({**nora.purchase, "user_id": user_id}, 1000)
    assert answer["outcome"] == "applied"
    assert balance(db, NORA) == 0
    # All but what was forfeited, which is not taken a second time.
    assert balance(db, erased["pseudonym"]) == min(0, erased["forfeited_credits"] - 400)


def test_dispute_won_after_the_erasure_is_forfeited(
    db: Connection, payments: Payments, nora: Traces
) -> None:
    payments.disputed(nora.purchase, "open")
    pseudonym = erase(db, NORA, EMAIL)["pseudonym"]
    assert payments.disputed(nora.purchase, "won")["outcome"] == "applied"
    assert balance(db, pseudonym) == 0


def test_second_erasure_finds_nobody(db: Connection, owner: Owner, nora: Traces) -> None:
    erase(db, NORA, EMAIL)
    before = amounts(owner)
    answer = erase(db, NORA, EMAIL)
    counts = ("deleted_count", "forfeited_credits", "cancelled_gifts", "released_reservations")
    assert [answer[name] for name in counts] == [0] * 4
    assert amounts(owner) == before


def test_user_never_seen_is_nobody(db: Connection, owner: Owner) -> None:
    assert erase(db, "nobody", "nobody@example.org")["deleted_count"] == 0
    assert not owner.execute("select from credits.balances").fetchall()


def test_person_known_by_failed_attempts_only_is_erased(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    made = gift(db, "u1", 10, target_email="u2@example.org")
    redeem(db, made["code"], "u3")
    assert erase(db, "u3")["deleted_count"] == 1
    ((who, _),) = attempts(owner, made["code"])
    assert who.startswith("erased:")


def test_person_known_by_an_unpaid_purchase_only_is_erased(
    payments: Payments, db: Connection
) -> None:
    payments.begin("u1")
    assert erase(db, "u1")["deleted_count"] == 1
    assert payments.list("u1") == []


def test_same_id_later_is_a_new_person(db: Connection, nora: Traces) -> None:
    erase(db, NORA, EMAIL)
    answer = give(db, NORA, 5, idempotency_key="give-nora-again", description=f"Welcome, {EMAIL}")
    assert (answer["replayed"], answer["balance"], answer["total_earned"]) == (False, 5, 5)
    assert use_guild(db, "g1", NORA, 1)["replayed"] is False


def test_new_person_can_be_erased_too(db: Connection, nora: Traces) -> None:
    first = erase(db, NORA, EMAIL)["pseudonym"]
    give(db, NORA, 5)
    second = erase(db, NORA, EMAIL)
    assert second["forfeited_credits"] == 5
    assert second["pseudonym"] != first


@pytest.mark.parametrize("user_id", ["", None, "x" * 129, "a\nb"])
def test_what_cannot_be_a_user_is_refused(db: Connection, user_id: str | None) -> None:
    with refused(db, "UC001") as refusal:
        erase(db, user_id)  # type: ignore[arg-type]
    assert list(refusal.details) == ["userId"]


def test_pseudonym_cannot_be_erased_again(db: Connection, nora: Traces) -> None:
    pseudonym = erase(db, NORA, EMAIL)["pseudonym"]
    with refused(db, "UC001") as refusal:
        erase(db, pseudonym)
    assert list(refusal.details) == ["userId"]


def test_others_are_not_touched(db: Connection, owner: Owner, nora: Traces) -> None:
    before = ledger(owner, "friend"), ledger(owner, "treasurer"), figures(db, "friend")
    erase(db, NORA, EMAIL)
    assert (ledger(owner, "friend"), ledger(owner, "treasurer"), figures(db, "friend")) == before


def test_person_whose_name_begins_alike_is_not_touched(db: Connection) -> None:
    give(db, "u1", 1)
    give(db, "u10", 2)
    erase(db, "u1")
    assert balance(db, "u10") == 2
