"""credits.set_low_balance_alert, and the event balance.low."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, fund, give, pool, use, use_guild
from tests.sql.events.consumers import alert, read_all, register, use_together, written
from tests.sql.lifecycle import commit, reserve


@pytest.fixture(autouse=True)
def listener(db: Connection, owner: Owner) -> None:
    """u1 owns 10, the pool g1 holds 10, and somebody listens."""
    give(db, "u1", 10)
    pool(db, "g1", 10)
    register(owner, "alarm", "balance.low")


def lows(db: Connection) -> list[float]:
    """The balances at the alerts since the last look."""
    return [event["data"]["balance"] for event in read_all(db, "alarm")]


def test_alert_comes_when_the_threshold_is_reached(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    use(db, "u1", 4)
    assert lows(db) == []
    use(db, "u1", 1)
    assert lows(db) == [5]


def test_alert_comes_when_the_threshold_is_jumped(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    use(db, "u1", 9)
    assert lows(db) == [1]


def test_alert_comes_once_until_the_balance_has_risen_above(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    use(db, "u1", 6)
    use(db, "u1", 1)
    give(db, "u1", 2)
    use(db, "u1", 1)
    assert lows(db) == [4]
    give(db, "u1", 6)
    use(db, "u1", 7)
    assert lows(db) == [3]


def test_alert_says_whose_balance_and_which_threshold(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    use(db, "u1", 6)
    (event,) = read_all(db, "alarm")
    assert (event["type"], event["user_id"]) == ("balance.low", "u1")
    assert event["data"] == {"userId": "u1", "threshold": 5, "balance": 4, "reserved": 0}


def test_alert_of_a_pool_names_no_member(db: Connection) -> None:
    alert(db, 5, organization_id="g1")
    use_guild(db, "g1", "u1", 6)
    (event,) = read_all(db, "alarm")
    assert (event["user_id"], event["organization_id"]) == (None, "g1")
    assert event["data"] == {"guildId": "g1", "threshold": 5, "balance": 4, "reserved": 0}


@pytest.mark.parametrize("organization_id", [None, "g1"], ids=["personal", "guild"])
def test_batch_alerts_at_the_debit_that_reaches_it(
    db: Connection, organization_id: str | None
) -> None:
    whose = {"user_id": "u1"} if organization_id is None else {"organization_id": "g1"}
    alert(db, 5, **whose)
    use_together(db, [("u1", 3), ("u1", 3), ("u1", 3)], organization_id)
    assert lows(db) == [4]


def test_what_is_held_counts_until_it_is_used(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    held = reserve(db, "u1", 8)
    assert lows(db) == []
    commit(db, held)
    assert lows(db) == [2]


def test_removed_alert_is_silent(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    assert alert(db, None, user_id="u1") == {"low_balance_at": None, "is_low": False}
    use(db, "u1", 6)
    assert lows(db) == []


def test_alert_at_nothing_comes_when_nothing_is_left(db: Connection) -> None:
    alert(db, 0, user_id="u1")
    use(db, "u1", 10)
    assert lows(db) == [0]


def test_setting_tells_that_the_balance_is_low_already(db: Connection) -> None:
    assert alert(db, 9, user_id="u1") == {"low_balance_at": 9, "is_low": False}
    assert alert(db, 10, user_id="u1") == {"low_balance_at": 10, "is_low": True}
    assert alert(db, 10, organization_id="g1") == {"low_balance_at": 10, "is_low": True}
    assert lows(db) == []


def test_alert_can_be_set_before_there_is_an_account(db: Connection) -> None:
    assert alert(db, 5, user_id="new") == {"low_balance_at": 5, "is_low": True}
    give(db, "new", 10)
    use(db, "new", 5)
    assert lows(db) == [5]


def test_alert_without_a_listener_writes_nothing(db: Connection, owner: Owner) -> None:
    call(owner, "credits.drop_consumer", consumer="alarm")
    alert(db, 5, user_id="u1")
    use(db, "u1", 6)
    assert written(owner) == 0


def test_funding_a_pool_can_alert_the_funder(db: Connection) -> None:
    alert(db, 5, user_id="u1")
    fund(db, "u1", "g1", 6)
    assert lows(db) == [4]


def test_alert_of_an_unknown_pool_is_refused(db: Connection) -> None:
    with refused(db, "UC005"):
        alert(db, 5, organization_id="g2")


@pytest.mark.parametrize("threshold", [-1, "0.0000001", "NaN", 10**9])
def test_threshold_that_is_no_amount_is_refused(db: Connection, threshold: object) -> None:
    with refused(db, "UC001") as refusal:
        alert(db, threshold, user_id="u1")
    assert list(refusal.details) == ["lowBalanceAt"]


@pytest.mark.parametrize("whose", [{}, {"user_id": "u1", "organization_id": "g1"}])
def test_alert_is_of_one_account(db: Connection, whose: dict[str, str]) -> None:
    with refused(db, "UC001"):
        alert(db, 5, **whose)
