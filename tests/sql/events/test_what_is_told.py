"""Events of each type come to be, with what they tell."""

import re
from datetime import datetime
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import call, fund, gift, give, pool, redeem, use, use_guild
from tests.sql.conftest import Api
from tests.sql.events.consumers import read, register, use_together, written
from tests.sql.lifecycle import (
    Payments,
    commit,
    expire_due,
    extend,
    hold_row,
    let_hold_run_out,
    release,
    reserve,
)
from tests.sql.moments import Clock


def test_debit_tells_what_moved_and_what_is_left(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    reserve(db, "u1", 2)
    register(owner, "mirror", "balance.changed")
    row = use(db, "u1", Decimal("0.50"))
    (event,) = read(db, "mirror")
    assert (event["type"], event["user_id"], event["organization_id"]) == (
        "balance.changed",
        "u1",
        None,
    )
    assert event["data"] == {
        "userId": "u1",
        "transactionId": str(row["id"]),
        "type": "usage",
        "amount": -0.5,
        "balance": 7.5,
        "reserved": 2,
        "appId": "chat",
    }


def test_pool_tells_of_itself_and_who_used_it(db: Connection, owner: Owner) -> None:
    pool(db, "g1", 10)
    register(owner, "mirror", "balance.changed")
    use_guild(db, "g1", "u1", 3)
    (event,) = read(db, "mirror")
    assert (event["user_id"], event["organization_id"]) == ("u1", "g1")
    assert (event["data"]["guildId"], event["data"]["balance"]) == ("g1", 7)


def test_funding_tells_of_both_sides(db: Connection, owner: Owner) -> None:
    pool(db, "g1", 10)
    give(db, "u1", 5)
    register(owner, "mirror", "balance.changed")
    fund(db, "u1", "g1", 5)
    told = {event["organization_id"]: event["data"]["amount"] for event in read(db, "mirror")}
    assert told == {None: -5, "g1": 5}


@pytest.mark.parametrize("guild", [False, True], ids=["personal", "guild"])
def test_every_debit_of_a_batch_is_told_in_its_order(
    db: Connection, owner: Owner, guild: bool
) -> None:
    give(db, "u1", 10)
    give(db, "u2", 10)
    pool(db, "g1", 20)
    register(owner, "mirror", "balance.changed")
    debits = use_together(db, [("u1", 1), ("u2", 2), ("u1", 3)], "g1" if guild else None)
    events = {event["data"]["transactionId"]: event["data"] for event in read(db, "mirror")}
    told = [events[str(row["id"])] for row in debits]
    assert len(events) == 3
    assert [data["userId"] for data in told] == ["u1", "u2", "u1"]
    assert [data["balance"] for data in told] == ([19, 17, 14] if guild else [9, 8, 6])
    positions = list(events)
    assert positions.index(str(debits[0]["id"])) < positions.index(str(debits[2]["id"]))


def test_hold_is_told_when_it_is_used(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    register(owner, "mirror", "balance.changed")
    held = reserve(db, "u1", 4)
    assert read(db, "mirror") == []
    commit(db, held, amount=3)
    assert [event["data"]["balance"] for event in read(db, "mirror")] == [7]


def test_redeemed_gift_is_told(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    register(owner, "mirror", "gift.redeemed")
    made = gift(db, "u1", 10, type="split", total_portions=2)
    redeem(db, made["code"], "u2")
    (event,) = read(db, "mirror")
    assert (event["type"], event["user_id"]) == ("gift.redeemed", "u2")
    data = event["data"]
    assert (data["giftId"], data["credits"]) == (str(made["id"]), 5)
    assert (data["portionNumber"], data["totalPortions"]) == (1, 2)


def test_completed_purchase_is_told_once(db: Connection, owner: Owner, api: Api) -> None:
    payments = Payments.for_a_package(owner, api)
    register(owner, "mirror", "purchase.completed")
    purchase = payments.begin("u1")
    payments.complete(purchase)
    payments.complete(purchase)
    (event,) = read(db, "mirror")
    assert (event["type"], event["user_id"]) == ("purchase.completed", "u1")
    assert event["data"]["purchaseId"] == str(purchase["purchase_id"])


@pytest.mark.parametrize("guild_id", [None, "g1"], ids=["personal", "guild"])
def test_expired_hold_is_told_once(
    db: Connection, owner: Owner, api: Api, guild_id: str | None
) -> None:
    give(db, "u1", 10)
    pool(db, "g1", 10)
    register(owner, "mirror", "hold.expired")
    held = reserve(db, "u1", 4, guild_id=guild_id)
    release(db, reserve(db, "u1", 1, guild_id=guild_id))
    let_hold_run_out(owner, held)
    expire_due(api)
    expire_due(api)
    (event,) = read(db, "mirror")
    assert (event["type"], event["user_id"], event["organization_id"]) == (
        "hold.expired",
        "u1",
        guild_id,
    )
    assert (event["data"]["reservationId"], event["data"]["amount"]) == (
        str(held["reservation_id"]),
        4,
    )


@pytest.mark.parametrize("guild_id", [None, "g1"], ids=["personal", "guild"])
def test_late_commit_is_told_after_the_end_of_the_hold(
    db: Connection, owner: Owner, guild_id: str | None
) -> None:
    give(db, "u1", 10)
    pool(db, "g1", 10)
    register(owner, "mirror", "hold.expired", "balance.changed")
    held = reserve(db, "u1", 4, guild_id=guild_id)
    let_hold_run_out(owner, held)
    committed = commit(db, held, amount=3)
    ended, changed = read(db, "mirror")
    assert (ended["type"], changed["type"]) == ("hold.expired", "balance.changed")
    assert changed["data"]["transactionId"] == str(committed["transaction_id"])
    told = [changed["data"][name] for name in ("amount", "balance", "reserved")]
    assert told == [-3, 7, 0]


def test_hold_that_runs_out_twice_is_told_twice_under_its_own_id(
    db: Connection, api: Api, owner: Owner, clock: Clock
) -> None:
    give(db, "u1", 10)
    register(owner, "mirror", "hold.expired")
    held = reserve(db, "u1", 4)
    ends = [held["expires_at"]]
    clock.move_to(ends[0])
    ends.append(extend(db, held, 60)["expires_at"])
    clock.move_to(ends[1])
    expire_due(api)
    told = [event["data"] for event in read(db, "mirror")]
    assert [event["reservationId"] for event in told] == [str(held["reservation_id"])] * 2
    assert [datetime.fromisoformat(event["expiredAt"]) for event in told] == ends


def test_extended_hold_is_not_told_at_its_first_end(
    db: Connection, api: Api, owner: Owner, clock: Clock
) -> None:
    give(db, "u1", 10)
    register(owner, "mirror", "hold.expired")
    held = reserve(db, "u1", 4, expires_in_seconds=60)
    extend(db, held, 120)
    clock.move_to(held["expires_at"])
    expire_due(api)
    assert read(db, "mirror") == []


def test_times_are_told_in_utc_whatever_zone_the_writer_has(
    db: Connection, owner: Owner, api: Api
) -> None:
    give(db, "u1", 10)
    register(owner, "mirror", "hold.expired")
    held = reserve(db, "u1", 4)
    let_hold_run_out(owner, held)
    db.execute("set local timezone to 'Asia/Kolkata'")
    expire_due(api)
    (event,) = read(db, "mirror")
    told = event["data"]["expiredAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", told)
    assert datetime.fromisoformat(told) == hold_row(owner, held)["expires_at"]


def test_nothing_is_told_of_what_is_undone(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    register(owner, "mirror")
    with db.transaction(force_rollback=True):
        use(db, "u1", 1)
    assert read(db, "mirror") == []


def test_retry_is_not_told_again(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    register(owner, "mirror")
    for _ in range(2):
        use(db, "u1", 1, idempotency_key="k")
    assert len(read(db, "mirror")) == 1


def test_nothing_is_written_for_nobody(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", 1)
    assert written(owner) == 0


def test_nothing_is_written_of_a_type_that_nobody_wants(db: Connection, owner: Owner) -> None:
    register(owner, "mirror", "gift.redeemed")
    give(db, "u1", 10)
    assert written(owner) == 0


def test_nothing_is_written_after_the_last_consumer_has_gone(db: Connection, owner: Owner) -> None:
    register(owner, "mirror")
    call(owner, "credits.drop_consumer", consumer="mirror")
    give(db, "u1", 10)
    assert written(owner) == 0


def test_event_of_a_pool_stays_without_the_erased_person(db: Connection, owner: Owner) -> None:
    pool(db, "g1", 10)
    register(owner, "mirror", "balance.changed")
    use_guild(db, "g1", "u1", 1)
    read(db, "mirror")
    use_guild(db, "g1", "u1", 1)
    call(db, "credits.erase_user", user_id="u1")
    events = read(db, "mirror")
    assert [(event["user_id"], event["data"]["balance"]) for event in events] == [
        (None, 9),
        (None, 8),
    ]
    assert not any("userId" in event["data"] for event in events)


def test_event_of_an_erased_person_is_not_told(db: Connection, owner: Owner) -> None:
    register(owner, "mirror")
    give(db, "u1", 10)
    read(db, "mirror")
    use(db, "u1", 1)
    give(db, "u2", 1)
    call(db, "credits.erase_user", user_id="u1")
    assert {event["user_id"] for event in read(db, "mirror")} == {"u2"}
