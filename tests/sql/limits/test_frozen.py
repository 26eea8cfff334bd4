"""Frozen accounts: nothing goes out, everything may come in."""

from collections.abc import Callable

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import (
    balance,
    call,
    fund,
    gift,
    give,
    pool,
    redeem,
    rows,
    use,
    use_batch,
    use_guild,
)
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    Payments,
    commit,
    erase,
    expire_due,
    extend,
    figures,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    reserve,
)
from tests.sql.limits.calls import freeze, set_own, spent, unfreeze
from tests.sql.prices.calls import capture

Out = Callable[[Connection], object]

OUT: dict[str, Out] = {
    "use": lambda db: use(db, "u1", 1),
    "hold": lambda db: reserve(db, "u1", 1),
    "gift": lambda db: gift(db, "u1", 1),
    "funding": lambda db: fund(db, "u1", "g1", 1),
}


@pytest.fixture(autouse=True)
def accounts(db: Connection) -> None:
    """The user u1 has 100 credits, and there is a pool."""
    give(db, "u1", 100)
    pool(db, "g1", 10)


@pytest.mark.parametrize("name", OUT)
def test_nothing_goes_out_until_it_is_lifted(db: Connection, name: str) -> None:
    freeze(db, "u1")
    with refused(db, "UC023"):
        OUT[name](db)
    unfreeze(db, "u1")
    OUT[name](db)


def test_item_of_a_batch_is_refused(db: Connection) -> None:
    give(db, "u2", 5)
    freeze(db, "u1")
    answers = use_batch(db, {"amount": 1}, {"amount": 1, "user_id": "u2"})
    assert [row["refusal"] for row in answers] == ["UC023", None]


def test_balance_says_whether_it_is_frozen(db: Connection) -> None:
    assert figures(db, "u1")["frozen"] is False
    assert figures(db, "nobody")["frozen"] is False
    freeze(db, "u1")
    assert figures(db, "u1")["frozen"] is True
    assert call(db, "credits.init_balance", user_id="u1")["frozen"] is True
    told = rows(db, "credits.get_balances", user_ids=["u1", "u2"])
    assert [row["frozen"] for row in told] == [True, False]
    unfreeze(db, "u1")
    assert figures(db, "u1")["frozen"] is False


def test_frozen_account_keeps_its_first_time_and_reason(db: Connection) -> None:
    first = freeze(db, "u1", "Stolen")
    assert freeze(db, "u1", "Again") == first
    assert (first["user_id"], first["frozen"], first["reason"]) == ("u1", True, "Stolen")


@pytest.mark.parametrize("reason", [None, "", "   ", "\n\t", "\u00a0\x01\x1f"])
def test_reason_is_needed(db: Connection, reason: str | None) -> None:
    with refused(db, "UC001") as refusal:
        call(db, "credits.freeze_account", user_id="u1", reason=reason)
    assert list(refusal.details) == ["reason"]


@pytest.mark.parametrize("change", [freeze, unfreeze])
def test_an_id_that_nobody_has_is_neither_frozen_nor_freed(
    db: Connection, owner: Owner, change: Callable[[Connection, str], object]
) -> None:
    """A mistyped one would leave the account that is meant as it is."""
    with refused(db, "UC025") as refusal:
        change(db, "u9")
    assert refusal.details == {"userId": "u9"}
    assert owner.execute("select from credits.accounts where account_id = 'u9'").rowcount == 0


@pytest.mark.parametrize("function", ["freeze_account", "unfreeze_account"])
def test_caller_needs_the_operation(db: Connection, owner: Owner, function: str) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, operations) values ('test_service', '{use}')"
    )
    arguments = {"user_id": "u1"} | ({"reason": "Stolen"} if function == "freeze_account" else {})
    with refused(db, "UC016"):
        call(db, f"credits.{function}", **arguments)


def test_everything_comes_in(db: Connection, owner: Owner, api: Api) -> None:
    usage = use(db, "u1", 10)
    made = gift(db, "u1", 20)
    give(db, "u2", 30)
    code = gift(db, "u2", 30)["code"]
    freeze(db, "u1")
    give(db, "u1", 1)
    grant(db, "u1", 2)
    refund(db, "u1", usage["id"], 10)
    assert redeem(db, code, "u1")["status"] == "success"
    call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")
    Payments.for_a_package(owner, api).buy("u1")
    assert balance(db, "u1") == 100 + 1 + 2 + 30 + 500


def test_payment_is_taken_back_and_dates_are_over(db: Connection, owner: Owner, api: Api) -> None:
    payments = Payments.for_a_package(owner, api)
    bought = payments.buy("u1")
    dated = grant(db, "u1", 50, expires_in=3600)
    freeze(db, "u1")
    let_grant_run_out(owner, dated)
    expire_due(api)
    payments.refunded(bought, 1000)
    assert balance(db, "u1") == 100


def test_open_hold_may_be_captured_extended_and_committed(db: Connection) -> None:
    held = reserve(db, "u1", 10)
    freeze(db, "u1")
    capture(db, held, 2)
    extend(db, held, 60)
    assert commit(db, held, amount=5)["committed"] == 5
    assert balance(db, "u1") == 93


def test_open_hold_may_be_released(db: Connection) -> None:
    held = reserve(db, "u1", 10)
    freeze(db, "u1")
    release(db, held)
    assert balance(db, "u1") == 100


def test_hold_past_its_time_may_not_be_used(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 10)
    freeze(db, "u1")
    let_hold_run_out(owner, held)
    with refused(db, "UC023"):
        commit(db, held)
    with refused(db, "UC023"):
        commit(db, held, overrun="available")
    with refused(db, "UC023"):
        capture(db, held, 1)
    with refused(db, "UC023"):
        extend(db, held, 60)
    unfreeze(db, "u1")
    assert commit(db, held)["late"] is True


def test_commit_takes_nothing_beside_the_hold(db: Connection, owner: Owner) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_overrun) values ('test_service', 50)"
    )
    first, second = reserve(db, "u1", 10), reserve(db, "u1", 10)
    freeze(db, "u1")
    with refused(db, "UC023"):
        commit(db, first, amount=15, overrun="debt")
    answer = commit(db, first, amount=15, overrun="available")
    assert (answer["committed"], answer["uncollected"]) == (10, 5)
    assert commit(db, second, amount=10, overrun="debt")["committed"] == 10


def test_commit_of_a_hold_that_is_all_captured_takes_nothing(db: Connection) -> None:
    held = reserve(db, "u1", 10)
    capture(db, held, 10)
    freeze(db, "u1")
    answer = commit(db, held, amount=5, overrun="available")
    assert (answer["committed"], answer["uncollected"]) == (0, 5)


def test_retry_is_answered(db: Connection) -> None:
    first = use(db, "u1", 1, idempotency_key="k")
    freeze(db, "u1")
    assert use(db, "u1", 1, idempotency_key="k")["id"] == first["id"]


def test_frozen_is_told_before_too_few_credits_and_limits(db: Connection) -> None:
    set_own(db, "u1", daily=0)
    freeze(db, "u1")
    with refused(db, "UC023"):
        use(db, "u1", 1000)


def test_committed_hold_counts_in_limits_of_ones_own(db: Connection) -> None:
    set_own(db, "u1", daily=20)
    held = reserve(db, "u1", 10)
    freeze(db, "u1")
    commit(db, held, amount=4)
    assert spent(db, "u1")[0] == 4


def test_gift_that_they_made_is_not_redeemed_until_it_is_lifted(db: Connection) -> None:
    code = gift(db, "u1", 20)["code"]
    freeze(db, "u1")
    with refused(db, "UC023"):
        redeem(db, code, "u2")
    assert rows(db, "gifts.get_gift", code=code)[0]["status"] == "active"
    unfreeze(db, "u1")
    assert redeem(db, code, "u2")["status"] == "success"


def test_redemption_before_is_repeated(db: Connection) -> None:
    code = gift(db, "u1", 20)["code"]
    redeem(db, code, "u2", idempotency_key="k")
    freeze(db, "u1")
    assert redeem(db, code, "u2", idempotency_key="k")["replayed"] is True


def test_gift_for_an_address_stays_open_and_others_are_given(db: Connection) -> None:
    give(db, "u3", 10)
    for creator in ("u1", "u3"):
        gift(db, creator, 10, target_email="new@example.com")
    freeze(db, "u1")
    pending = {"user_id": "u2", "email": "new@example.com"}
    answer = call(db, "gifts.redeem_pending_gifts", **pending)
    assert (answer["redeemed_count"], answer["total_credits"], answer["more"]) == (1, 10, False)
    unfreeze(db, "u1")
    assert call(db, "gifts.redeem_pending_gifts", **pending)["redeemed_count"] == 1


def test_pool_is_not_the_persons(db: Connection) -> None:
    freeze(db, "u1")
    assert use_guild(db, "g1", "u1", 1)["balance"] == 9


def test_erasure_takes_the_reason_and_leaves_it_frozen(db: Connection, owner: Owner) -> None:
    freeze(db, "u1", "Said that they are Ann")
    assert erase(db, "u1")["forfeited_credits"] == 100
    [row] = owner.execute(
        "select frozen_at, frozen_reason from credits.accounts where account_id like 'erased:%'"
    ).fetchall()
    assert row["frozen_at"] is not None
    assert row["frozen_reason"] == ""


def test_who_comes_back_is_frozen_until_it_is_lifted(db: Connection) -> None:
    freeze(db, "u1")
    erase(db, "u1")
    assert figures(db, "u1")["frozen"] is True
    give(db, "u1", 5)
    assert figures(db, "u1")["frozen"] is True
    with refused(db, "UC023"):
        use(db, "u1", 1)


def test_what_is_lifted_after_an_erasure_stays_lifted(db: Connection) -> None:
    freeze(db, "u1")
    erase(db, "u1")
    unfreeze(db, "u1")
    assert figures(db, "u1")["frozen"] is False
    give(db, "u1", 5)
    assert use(db, "u1", 1)["balance"] == 4


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_verdict_is_that_of_the_account(db: Connection, guild_id: str | None) -> None:
    freeze(db, "u1")
    arguments = {"user_id": "u1", "amount": 1, "app_id": "chat", "guild_id": guild_id}
    answer = call(db, "credits.explain_use", **arguments)
    expected = (False, "UC023", None) if guild_id is None else (True, None)
    told = (answer["allowed"], answer["refusal"], answer["passes_at"])
    assert told[: len(expected)] == expected
