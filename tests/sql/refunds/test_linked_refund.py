"""credits.refund_credits of a usage."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, ledger
from tests.sql.calls import Row, balance, call, fund, gift, give, redeem, rows, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import HOUR, figures, grant, let_grant_run_out, refund


@pytest.fixture
def usage(db: Connection) -> UUID:
    """u1 had 10 credits and used 4 of them."""
    give(db, "u1", 10)
    return UUID(str(use(db, "u1", 4)["id"]))


def test_credits_come_back(db: Connection, usage: UUID) -> None:
    answer = refund(db, "u1", usage, 4)
    assert (answer["amount"], answer["balance"]) == (4, 10)
    assert balance(db, "u1") == 10


def test_is_a_reversal_that_lowers_total_spent(db: Connection, usage: UUID) -> None:
    answer = refund(db, "u1", usage, 3)
    assert (answer["total_earned"], answer["total_spent"]) == (10, 1)
    assert (figures(db, "u1")["total_earned"], figures(db, "u1")["total_spent"]) == (10, 1)


def test_is_one_ledger_row_that_names_the_usage(db: Connection, owner: Owner, usage: UUID) -> None:
    answer = refund(db, "u1", usage, 3, app_id="chat", metadata={"ticket": 7})
    row = ledger(owner, "u1")[-1]
    assert (row["id"], row["type"], row["amount"]) == (answer["id"], "refund", 3)
    assert (row["reference_id"], row["reversal"]) == (str(usage), True)
    assert (row["app_id"], row["metadata"]) == ("chat", {"ticket": 7})


def test_usage_itself_stays_as_it_is(db: Connection, owner: Owner, usage: UUID) -> None:
    before = ledger(owner, "u1")
    refund(db, "u1", usage, 3)
    assert ledger(owner, "u1")[:2] == before


def test_usage_statistics_stay_as_they_are(db: Connection, api: Api, usage: UUID) -> None:
    refund(db, "u1", usage, 4)
    (row,) = rows(api, "credits.list_usage", user_id="u1")
    assert (row["credits_used"], row["transactions_count"]) == (4, 1)


def test_several_parts_are_allowed(db: Connection, usage: UUID) -> None:
    for part in ("0.000001", "1.5", "2.499999"):
        refund(db, "u1", usage, Decimal(part))
    assert balance(db, "u1") == 10


def test_more_than_was_used_is_refused(db: Connection, usage: UUID) -> None:
    with refused(db, "UC010") as refusal:
        refund(db, "u1", usage, Decimal("4.000001"))
    assert refusal.details == {"requested": 4.000001, "refundable": 4}


def test_more_than_is_left_is_refused(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 3)
    with refused(db, "UC010") as refusal:
        refund(db, "u1", usage, 2)
    assert refusal.details == {"requested": 2, "refundable": 1}
    assert balance(db, "u1") == 9


def test_nothing_is_left_after_all_was_refunded(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 4)
    with refused(db, "UC010") as refusal:
        refund(db, "u1", usage, Decimal("0.000001"))
    assert refusal.details == {"requested": 0.000001, "refundable": 0}


def test_refund_without_a_usage_is_not_counted(db: Connection, usage: UUID) -> None:
    give(db, "u1", 4)
    assert refund(db, "u1", usage, 4)["balance"] == 14


def test_two_usages_are_refunded_each_for_itself(db: Connection, usage: UUID) -> None:
    other = use(db, "u1", 1)["id"]
    refund(db, "u1", usage, 4)
    assert refund(db, "u1", other, 1)["balance"] == 10


def test_retry_returns_the_first_result_after_later_movements(db: Connection, usage: UUID) -> None:
    first = refund(db, "u1", usage, 4, idempotency_key="k")
    use(db, "u1", 7)
    assert refund(db, "u1", usage, 4, idempotency_key="k") == {**first, "replayed": True}
    assert balance(db, "u1") == 3


def test_key_with_another_usage_is_refused(db: Connection, usage: UUID) -> None:
    other = use(db, "u1", 4)["id"]
    refund(db, "u1", usage, 2, idempotency_key="k")
    with refused(db, "UC004"):
        refund(db, "u1", other, 2, idempotency_key="k")


def test_key_without_the_usage_is_refused(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 2, description="Welcome", idempotency_key="k")
    with refused(db, "UC004"):
        give(db, "u1", 2, idempotency_key="k")


def test_reused_key_is_reported_before_too_much(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 2, idempotency_key="k")
    with refused(db, "UC004"):
        refund(db, "u1", usage, 5, idempotency_key="k")


def test_somebody_elses_usage_is_not_found(db: Connection, usage: UUID) -> None:
    give(db, "u2", 1)
    with refused(db, "UC009") as refusal:
        refund(db, "u2", usage, 1)
    assert refusal.details == {"transactionId": str(usage)}
    assert balance(db, "u2") == 1


def test_unknown_usage_is_not_found(db: Connection, usage: UUID) -> None:
    unknown = uuid4()
    with refused(db, "UC009") as refusal:
        refund(db, "u1", unknown, 1)
    assert refusal.details == {"transactionId": str(unknown)}


def test_user_never_seen_has_no_usage_and_stays_unseen(db: Connection, owner: Owner) -> None:
    with refused(db, "UC009"):
        refund(db, "nobody", uuid4(), 1)
    assert not owner.execute("select from credits.balances where user_id = 'nobody'").fetchall()


def _redeemed(db: Connection) -> Row:
    give(db, "u2", 3)
    return {"id": redeem(db, gift(db, "u2", 3)["code"], "u1")["transaction_id"]}


def _funded(db: Connection) -> Row:
    call(db, "credits.init_guild_pool", organization_id="g1")
    return fund(db, "u1", "g1", 1)


OTHER_ROWS = {
    "refund": lambda db: give(db, "u1", 1),
    "grant": lambda db: {
        "id": call(
            db,
            "credits.grant_credits",
            user_id="u1",
            amount=1,
            reason="Bonus",
            reference_id="r",
        )["transaction_id"]
    },
    "gift": _redeemed,
    "guild_funding": _funded,
}


@pytest.mark.parametrize("kind", OTHER_ROWS)
def test_row_that_is_no_usage_is_not_found(db: Connection, usage: UUID, kind: str) -> None:
    row = OTHER_ROWS[kind](db)
    with refused(db, "UC009") as refusal:
        refund(db, "u1", row["id"], 1)
    assert refusal.details == {"transactionId": str(row["id"])}


def test_full_balance_refuses_it(db: Connection, owner: Owner, usage: UUID) -> None:
    fill_balance(owner, "u1")
    with refused(db, "UC008"):
        refund(db, "u1", usage, 1)


def test_balance_is_told_after_what_came_back_too_late_has_left_again(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 3)
    dated = [grant(db, "u1", 4, name, expires_in=HOUR) for name in ("a", "b")]
    used = use(db, "u1", 11)
    for one in dated:
        let_grant_run_out(owner, one)
    first = refund(db, "u1", used["id"], 9, idempotency_key="k")
    assert (first["amount"], first["balance"]) == (9, 3)
    told = [first[name] for name in ("balance", "total_earned", "total_spent", "reserved")]
    now = figures(db, "u1")
    assert told == [now[name] for name in ("balance", "total_earned", "total_spent", "reserved")]
    grant(db, "u1", 1, "c")
    again = refund(db, "u1", used["id"], 9, idempotency_key="k")
    assert again == {**first, "replayed": True}


def test_expiry_that_comes_later_is_not_part_of_the_answer(db: Connection, owner: Owner) -> None:
    lasting = grant(db, "u1", 4, "a", expires_in=HOUR)
    used = use(db, "u1", 4)
    first = refund(db, "u1", used["id"], 4, idempotency_key="k")
    let_grant_run_out(owner, lasting)
    give(db, "u1", 1)
    assert [row["type"] for row in ledger(owner, "u1")][-2:] == ["expiry", "refund"]
    assert refund(db, "u1", used["id"], 4, idempotency_key="k") == {**first, "replayed": True}


def test_balance_after_a_gift_is_taken_back_is_told_alike(db: Connection, owner: Owner) -> None:
    dated = grant(db, "u1", 10, expires_in=HOUR)
    made = gift(db, "u1", 10)
    let_grant_run_out(owner, dated)
    for replayed in (False, True):
        answer = call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")
        told = (answer["refunded_credits"], answer["balance"], answer["replayed"])
        assert told == (10, 0, replayed)
