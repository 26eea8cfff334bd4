"""credits.read_events and credits.ack_events: everything once at least, each at their own pace."""

import pytest

from tests.databases import Connection, Database, Owner, refused
from tests.sql.calls import call, give, use
from tests.sql.conftest import Api
from tests.sql.events.consumers import ack, order, read, read_all, register, written


def balances(events: list[dict[str, object]]) -> list[object]:
    return [event["data"]["balance"] for event in events]  # type: ignore[index]


@pytest.fixture
def debits(db: Connection, owner: Owner) -> None:
    """`mirror` wants to know of three debits of u1, whose 10 credits they leave at 7."""
    give(db, "u1", 10)
    register(owner, "mirror", "balance.changed")
    for _ in range(3):
        use(db, "u1", 1)


def test_events_come_again_until_they_are_acknowledged(db: Connection, debits: None) -> None:
    first = read(db, "mirror", limit=2)
    assert balances(first) == [9, 8]
    assert read(db, "mirror", limit=2) == first
    ack(db, "mirror", first[0])
    assert balances(read(db, "mirror", limit=2)) == [8, 7]


def test_consumer_that_crashes_before_it_acknowledges_reads_again(database: Database) -> None:
    dba = database.connect()
    register(dba, "mirror", "balance.changed")
    give(dba, "u1", 10)
    order(dba)
    crashing = database.connect("service", autocommit=False)
    seen = read(crashing, "mirror")
    ack(crashing, "mirror", seen[-1])
    crashing.close()
    assert read(database.connect("service"), "mirror") == seen


def test_acknowledging_never_goes_back(db: Connection, debits: None) -> None:
    events = read(db, "mirror")
    ack(db, "mirror", events[1])
    ack(db, "mirror", events[0])
    assert read(db, "mirror") == events[2:]


def test_what_was_never_read_cannot_be_acknowledged(db: Connection, debits: None) -> None:
    last = read(db, "mirror")[-1]
    with refused(db, "UC001"):
        call(db, "credits.ack_events", consumer="mirror", position=last["position"] + 1)


def test_two_consumers_have_each_their_pace(db: Connection, owner: Owner, debits: None) -> None:
    register(owner, "slow", "balance.changed")
    use(db, "u1", 1)
    assert balances(read_all(db, "mirror")) == [9, 8, 7, 6]
    # From before its registration it may see what nobody had put in order yet.
    assert balances(read(db, "slow"))[-1] == 6


def test_consumer_reads_only_the_types_it_wants(db: Connection, owner: Owner, debits: None) -> None:
    register(owner, "alarm", "balance.low")
    assert read(db, "alarm") == []
    assert len(read(db, "mirror")) == 3


def test_consumer_registered_again_goes_on_where_it_was(
    db: Connection, owner: Owner, debits: None
) -> None:
    events = read(db, "mirror")
    ack(db, "mirror", events[0])
    assert register(owner, "mirror") == events[0]["position"]
    assert read(db, "mirror") == events[1:]


def test_ids_of_events_stay_and_differ(db: Connection, debits: None) -> None:
    first, again = read(db, "mirror"), read(db, "mirror")
    assert [event["id"] for event in first] == [event["id"] for event in again]
    assert len({event["id"] for event in first}) == 3


@pytest.mark.parametrize("limit", [0, 1001, None])
def test_limit_out_of_bounds_is_refused(db: Connection, debits: None, limit: int | None) -> None:
    with refused(db, "UC001"):
        call(db, "credits.read_events", consumer="mirror", limit=limit)


def test_unknown_consumer_is_refused(db: Connection) -> None:
    with refused(db, "UC019"):
        call(db, "credits.read_events", consumer="nobody")


def test_consumer_of_another_login_is_refused(db: Connection, owner: Owner, api: Api) -> None:
    register(owner, "theirs", "balance.changed", login="test_api")
    for function, more in (("read_events", {}), ("ack_events", {"position": 0})):
        with refused(db, "UC019"):
            call(db, f"credits.{function}", consumer="theirs", **more)


def test_webhook_is_read_by_the_api_alone(db: Connection, owner: Owner, api: Api) -> None:
    call(
        owner,
        "credits.register_webhook",
        consumer="hook",
        url="https://example.org/hook",
        types=["balance.changed"],
    )
    give(db, "u1", 1)
    order(db)
    with refused(db, "UC019"):
        call(db, "credits.read_events", consumer="hook")
    assert call(api, "credits.read_events", consumer="hook")["type"] == "balance.changed"


@pytest.mark.parametrize("types", [[], ["balance.unheard"], ["balance.low", "x"], None])
def test_types_that_do_not_exist_are_refused(owner: Owner, types: list[str] | None) -> None:
    with owner.rights() as dba, refused(dba, "UC001"):
        call(
            dba,
            "credits.register_consumer",
            consumer="mirror",
            types=types,
            login="test_service",
        )


def test_listener_is_woken_once_when_there_is_something_to_read(database: Database) -> None:
    listener, dba = database.connect("service"), database.connect()
    listener.execute("listen credits_events")
    register(dba, "mirror", "balance.changed", login="test_service")
    with dba.transaction():
        for _ in range(3):
            give(dba, "u1", 1)
    order(dba)
    notes = list(listener.notifies(timeout=10, stop_after=1))
    events = read(listener, "mirror")
    assert [note.payload for note in notes] == [str(events[-1]["position"])]
    assert list(listener.notifies(timeout=0)) == []


def test_nobody_is_woken_for_nothing(database: Database) -> None:
    listener, dba = database.connect("service"), database.connect()
    listener.execute("listen credits_events")
    register(dba, "mirror", "gift.redeemed")
    give(dba, "u1", 1)
    order(dba)
    assert list(listener.notifies(timeout=0)) == []
    assert written(dba) == 0
