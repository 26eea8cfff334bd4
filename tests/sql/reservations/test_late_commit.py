"""A hold past its time that was not released is still committed, from what is there then."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import Row, balance, call, give, limit, rows, use, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    commit,
    erase,
    expire_due,
    figures,
    hold_row,
    let_hold_run_out,
    refund,
    release,
    reserve,
    spending,
)


@pytest.fixture(params=[False, True], ids=["not written down", "written down"])
def held(request: pytest.FixtureRequest, db: Connection, api: Api, owner: Owner) -> Row:
    """4 of the 10 credits of u1 were set aside for a time that is over."""
    held = reserve(db, "u1", 4, app_id="chat")
    let_hold_run_out(owner, held)
    if request.param:
        expire_due(api)
    return held


@pytest.fixture
def held_of_a_pool(db: Connection, owner: Owner) -> Row:
    """40 of the 100 credits of g1 were set aside for u1 for a time that is over."""
    held = reserve(db, "u1", 40, guild_id="g1")
    let_hold_run_out(owner, held)
    return held


def test_it_is_used_all_the_same(db: Connection, owner: Owner, held: Row) -> None:
    answer = commit(db, held)
    assert (answer["committed"], answer["released"], answer["balance"]) == (4, 0, 6)
    assert (answer["late"], answer["replayed"]) == (True, False)
    row = ledger(owner, "u1")[-1]
    assert row["id"] == answer["transaction_id"]
    assert (row["type"], row["amount"], row["app_id"]) == ("usage", -4, "chat")
    assert (row["balance_before"], row["balance_after"]) == (10, 6)
    assert row["description"] == "A long answer"


def test_in_time_it_is_not_late(db: Connection) -> None:
    assert commit(db, reserve(db, "u1", 4))["late"] is False


def test_only_what_is_committed_is_taken(db: Connection, held: Row) -> None:
    answer = commit(db, held, amount=Decimal("1.5"))
    # What was set aside was free before.
    assert (answer["committed"], answer["released"]) == (Decimal("1.5"), 0)
    assert answer["balance"] == balance(db, "u1") == Decimal("8.5")


def test_figures_are_those_of_a_usage(db: Connection, api: Api, held: Row) -> None:
    commit(db, held)
    answer = figures(db, "u1")
    names = ("balance", "reserved", "total_earned", "total_spent")
    assert [answer[name] for name in names] == [6, 0, 10, 4]
    (usage,) = rows(api, "credits.list_usage", user_id="u1")
    assert (usage["app_id"], usage["credits_used"]) == ("chat", 4)


def test_reservation_tells_that_it_was_late(db: Connection, owner: Owner, held: Row) -> None:
    answer = commit(db, held, amount=3)
    row = hold_row(owner, held)
    assert (row["status"], row["committed_amount"], row["committed_late"]) == ("committed", 3, True)
    assert row["transaction_id"] == answer["transaction_id"]


@pytest.mark.parametrize("arguments", [{}, {"amount": 4}, {"amount": 1}], ids=str)
def test_retry_returns_the_first_result(
    db: Connection, owner: Owner, held: Row, arguments: dict[str, object]
) -> None:
    first = commit(db, held, **arguments)
    use(db, "u1", 5)
    assert commit(db, held, **arguments) == {**first, "replayed": True}
    assert len(ledger(owner, "u1")) == 3


def test_another_amount_after_it_is_refused(db: Connection, held: Row) -> None:
    commit(db, held, amount=3)
    with refused(db, "UC013"):
        commit(db, held, amount=2)


def test_what_others_hold_is_not_there_for_it(db: Connection, held: Row) -> None:
    reserve(db, "u1", 7)
    with refused(db, "UC002") as refusal:
        commit(db, held)
    assert refusal.details == {"required": 4, "available": 3}


def test_too_little_leaves_it_as_it_is_and_it_can_be_committed_later(
    db: Connection, owner: Owner, held: Row
) -> None:
    use(db, "u1", 7)
    with refused(db, "UC002") as refusal:
        commit(db, held)
    assert refusal.details == {"required": 4, "available": 3}
    assert (balance(db, "u1"), hold_row(owner, held)["status"]) == (3, "expired")
    give(db, "u1", 1)
    assert commit(db, held)["balance"] == 0


def test_a_part_is_committed_where_all_of_it_is_not_there(db: Connection, held: Row) -> None:
    use(db, "u1", 7)
    assert commit(db, held, amount=3)["balance"] == 0


def test_more_than_was_reserved_is_refused_though_it_is_there(db: Connection, held: Row) -> None:
    with refused(db, "UC015") as refusal:
        commit(db, held, amount=5)
    assert refusal.details == {"requested": 5, "reserved": 4}


def test_more_than_was_reserved_is_reported_before_too_little(db: Connection, held: Row) -> None:
    use(db, "u1", 10)
    with refused(db, "UC015"):
        commit(db, held, amount=5)


def test_what_was_released_after_its_time_cannot_be_committed(db: Connection, held: Row) -> None:
    release(db, held)
    with refused(db, "UC012") as refusal:
        commit(db, held)
    expected = {"reservationId": str(held["reservation_id"]), "status": "released"}
    assert refusal.details == expected
    assert balance(db, "u1") == 10


def test_what_was_committed_late_cannot_be_released(db: Connection, held: Row) -> None:
    commit(db, held)
    with refused(db, "UC013"):
        release(db, held)


def test_it_is_not_committed_for_an_erased_person(db: Connection, owner: Owner, held: Row) -> None:
    erase(db, "u1")
    with refused(db, "UC014") as refusal:
        commit(db, held)
    expected = {"reservationId": str(held["reservation_id"]), "status": "expired"}
    assert refusal.details == expected


def test_it_is_not_committed_for_an_erased_member(
    db: Connection, owner: Owner, held_of_a_pool: Row
) -> None:
    erase(db, "u1")
    with refused(db, "UC014"):
        commit(db, held_of_a_pool)
    assert len(pool_ledger(owner, "g1")) == 1


def test_it_can_be_refunded(db: Connection, held: Row) -> None:
    usage = commit(db, held, amount=3)["transaction_id"]
    with refused(db, "UC010"):
        refund(db, "u1", usage, 4)
    assert refund(db, "u1", usage, 3)["balance"] == 10


def test_pool_pays_for_it(db: Connection, owner: Owner, held_of_a_pool: Row) -> None:
    use_guild(db, "g1", "u2", 10)
    answer = commit(db, held_of_a_pool, amount=30)
    row = pool_ledger(owner, "g1")[-1]
    assert (answer["transaction_id"], answer["balance"], answer["late"]) == (row["id"], 60, True)
    assert (row["type"], row["amount"], row["user_id"]) == ("usage", -30, "u1")
    assert (row["balance_before"], row["balance_after"]) == (90, 60)


def test_pool_with_too_little_refuses_it(db: Connection, held_of_a_pool: Row) -> None:
    use_guild(db, "g1", "u2", 61)
    with refused(db, "UC002") as refusal:
        commit(db, held_of_a_pool)
    assert refusal.details == {"required": 40, "available": 39}
    call(db, "credits.init_guild_pool", organization_id="g1")
    assert commit(db, held_of_a_pool, amount=39)["balance"] == 0


def test_it_counts_as_spent_on_the_day_of_the_commit_and_so_does_its_refund(
    db: Connection, owner: Owner
) -> None:
    # Two places on earth where it is never the same day.
    owner.execute("update credits.settings set limits_time_zone = 'Etc/GMT+12'")
    held = reserve(db, "u1", 40, guild_id="g1")
    let_hold_run_out(owner, held)
    owner.execute("update credits.settings set limits_time_zone = 'Pacific/Kiritimati'")
    usage = commit(db, held, amount=30)["transaction_id"]
    assert spending(db, "g1", "u1")["spent_today"] == 30
    refund(db, "u1", usage, 20)
    assert spending(db, "g1", "u1")["spent_today"] == 10
    owner.execute("update credits.settings set limits_time_zone = 'Etc/GMT+12'")
    assert spending(db, "g1", "u1")["spent_today"] == 0


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_it_does_not_exceed_the_members_limit(
    db: Connection, owner: Owner, held_of_a_pool: Row, window: str
) -> None:
    limit(db, "g1", "u1", **{f"{window}_limit": 50})
    use_guild(db, "g1", "u1", 20)
    with refused(db, "UC003") as refusal:
        commit(db, held_of_a_pool)
    expected = {"window": window, "limit": 50, "spent": 20, "requested": 40}
    assert {name: refusal.details[name] for name in expected} == expected
    assert len(pool_ledger(owner, "g1")) == 2
    limit(db, "g1", "u1", **{f"{window}_limit": 60})
    assert commit(db, held_of_a_pool)["committed"] == 40


def test_pool_without_credits_is_reported_before_a_limit(
    db: Connection, held_of_a_pool: Row
) -> None:
    limit(db, "g1", "u1", daily_limit=0)
    use_guild(db, "g1", "u2", 100)
    with refused(db, "UC002"):
        commit(db, held_of_a_pool)
