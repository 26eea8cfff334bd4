"""An account with very much is cut off at once and erased step by step."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import (
    Row,
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
from tests.sql.lifecycle import HOUR, Payments, erase, figures, grant, reserve, spending
from tests.sql.moments import Clock

CLOSED = "55P03"


@pytest.fixture
def ida(db: Connection) -> None:
    """Ida has 501 open gifts of 1 credit, a hold, and has used and funded two pools."""
    give(db, "ida", 1000)
    reserve(db, "ida", 5)
    for guild in ("g1", "g2"):
        pool(db, guild, 100)
        use_guild(db, guild, "ida", 3)
        fund(db, "ida", guild, 1)
    reserve(db, "ida", 2, guild_id="g1")
    db.execute(
        """
        select from generate_series(1, 501) i,
            lateral gifts.create_gift(p_creator_id => 'ida', p_total_credits => 1 + i * 0)
        """
    )


def go_on(api: Api, steps: int = 1000) -> int:
    """Do what the background work does, for so many steps; how many there were."""
    for step in range(steps):
        if not call(api, "credits.continue_erasure")["continue_erasure"]:
            return step
    return steps


def lag(api: Api) -> float:
    """For how long somebody has been waiting to be erased, as the metrics tell it."""
    [lag] = [
        row["value"]
        for row in rows(api, "credits.get_metrics")
        if row["metric"] == "erasure_lag_seconds"
    ]
    return float(lag)


@pytest.mark.usefixtures("ida")
def test_erasure_is_pending_and_a_repetition_answers_with_the_result(
    db: Connection, owner: Owner, api: Api
) -> None:
    first = erase(db, "ida")
    assert (first["pending"], first["deleted_count"], first["cancelled_gifts"]) == (True, 0, 0)
    assert go_on(api, 2) == 2
    second = erase(db, "ida")
    assert (second["pending"], second["cancelled_gifts"]) == (True, 200)
    # Four more with gifts, and the rest.
    assert go_on(api) == 4 + 1
    done = erase(db, "ida")
    assert not done["pending"]
    assert done["pseudonym"] is None
    assert done["deleted_count"] > 1000
    assert (done["cancelled_gifts"], done["released_reservations"]) == (501, 2)
    assert done["forfeited_credits"] == 998
    pseudonym = first["pseudonym"]
    assert ledger(owner, "ida") == []
    assert balance(db, pseudonym) == 0
    for guild in ("g1", "g2"):
        assert {row["user_id"] for row in pool_ledger(owner, guild)} == {"treasurer", pseudonym}
    assert not owner.execute(
        "select from credits.erasure_requests r where r::text like '%%ida%%'"
    ).fetchall()


MOVES: dict[str, Callable[[Connection], Any]] = {
    "init": lambda db: call(db, "credits.init_balance", user_id="ida"),
    "use": lambda db: use(db, "ida", 1),
    "give": lambda db: give(db, "ida", 1),
    "grant": lambda db: grant(db, "ida", 1),
    "reserve": lambda db: reserve(db, "ida", 1),
    "fund": lambda db: fund(db, "ida", "g1", 1),
    "gift": lambda db: gift(db, "ida", 1),
    "redeem": lambda db: redeem(db, gift(db, "friend", 1)["code"], "ida"),
}


@pytest.mark.usefixtures("ida")
def test_nothing_moves_from_then_on(db: Connection, api: Api) -> None:
    give(db, "friend", 10)
    erase(db, "ida")
    for steps in (0, 3, 3):
        assert go_on(api, steps) == steps
        for move in MOVES.values():
            with refused(db, CLOSED):
                move(db)


@pytest.mark.usefixtures("ida")
def test_batch_leaves_them_out(db: Connection) -> None:
    give(db, "friend", 10)
    erase(db, "ida")
    answers = use_batch(db, {"user_id": "friend"}, {"user_id": "ida"}, {"user_id": "friend"})
    assert [answer["refusal"] for answer in answers] == [None, CLOSED, None]
    assert balance(db, "friend") == 8


@pytest.mark.usefixtures("ida")
def test_nothing_is_bought_from_then_on(db: Connection, api: Api, package: Row) -> None:
    erase(db, "ida")
    with refused(db, CLOSED):
        Payments(api, package).begin("ida")


@pytest.mark.usefixtures("ida")
def test_member_is_blocked_in_the_pools_that_they_used(db: Connection) -> None:
    erase(db, "ida")
    assert spending(db, "g1", "ida")["daily_limit"] == 0
    with refused(db, "UC003"):
        use_guild(db, "g1", "ida", 1)


@pytest.mark.usefixtures("ida")
def test_who_comes_afterwards_is_a_new_person(db: Connection, owner: Owner, api: Api) -> None:
    erase(db, "ida")
    go_on(api)
    assert give(db, "ida", 5)["total_earned"] == 5
    assert use_guild(db, "g1", "ida", 1)["replayed"] is False
    again = erase(db, "ida")
    assert (again["pending"], again["forfeited_credits"]) == (False, 5)


@pytest.mark.usefixtures("ida")
def test_what_fails_keeps_nobody_else_from_theirs(db: Connection, owner: Owner, api: Api) -> None:
    erase(db, "ida")
    owner.execute(
        "alter table credits.entries add constraint broken check (account_id <> 'ida') not valid"
    )
    assert call(api, "credits.continue_erasure")["continue_erasure"]
    assert go_on(api) == 0
    assert lag(api) > 0
    owner.execute("alter table credits.entries drop constraint broken")
    owner.execute("update credits.erasure_requests set due_at = credits._now()")
    assert go_on(api) == 7
    assert lag(api) == 0
    assert figures(db, "ida")["transactions_count"] == 0


@pytest.mark.usefixtures("ida")
def test_one_that_was_asked_for_while_the_clock_was_ahead_is_done(
    db: Connection, clock: Clock, api: Api
) -> None:
    clock.advance(2 * HOUR)
    erase(db, "ida")
    clock.advance(-2 * HOUR)
    assert call(api, "credits.erasure_is_due")["erasure_is_due"]
    assert go_on(api) == 7


@pytest.mark.usefixtures("ida")
def test_time_ends_nothing_of_theirs_meanwhile(db: Connection, owner: Owner, api: Api) -> None:
    erase(db, "ida")
    owner.execute("update gifts.gift_codes set expires_at = credits._now()")
    assert call(db, "gifts.expire_gifts")["gifts_expired"] == 0
    go_on(api)


def test_small_one_is_done_at_once(db: Connection) -> None:
    give(db, "ida", 10)
    answer = erase(db, "ida")
    assert (answer["pending"], answer["forfeited_credits"]) == (False, 10)


def test_nothing_is_due_without_a_request(api: Api) -> None:
    assert call(api, "credits.erasure_is_due")["erasure_is_due"] is False
    assert call(api, "credits.continue_erasure")["continue_erasure"] is False
