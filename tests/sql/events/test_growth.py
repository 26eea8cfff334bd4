"""credits.trim_events: what is kept is bounded, and who is left behind is told so."""

import io

import pytest

from deploy.deployment import deploy
from deploy.progress import Progress
from tests.databases import Connection, Database, Owner, refused
from tests.sql.calls import Row, call, fund, give, use, use_guild
from tests.sql.conftest import Api
from tests.sql.events.consumers import ack, order, read, read_all, register, use_together, written


def trim(session: Api | Connection, **bounds: object) -> Row:
    return call(session, "credits.trim_events", **bounds)


@pytest.fixture(autouse=True)
def debits(db: Connection, owner: Owner) -> None:
    """`mirror` and `slow` want to know of three debits of u1."""
    give(db, "u1", 10)
    register(owner, "mirror", "balance.changed")
    register(owner, "slow", "balance.changed")
    for _ in range(3):
        use(db, "u1", 1)
    order(db)


def age(owner: Owner, interval: str) -> None:
    owner.execute("update credits.events set created_at = created_at - %s::interval", (interval,))


def test_what_all_have_passed_is_deleted(db: Connection, owner: Owner, api: Api) -> None:
    read_all(db, "mirror")
    ack(db, "slow", read(db, "slow")[1])
    assert trim(api) == {"deleted": 2, "lost": None}
    assert written(owner) == 1
    assert len(read(db, "slow")) == 1


def test_nothing_is_deleted_that_somebody_has_not_passed(
    db: Connection, owner: Owner, api: Api
) -> None:
    read_all(db, "mirror")
    assert trim(api)["deleted"] == 0
    assert len(read(db, "slow")) == 3


def test_no_more_is_deleted_at_once_than_asked(db: Connection, api: Api) -> None:
    read_all(db, "mirror")
    read_all(db, "slow")
    assert [trim(api, limit=2)["deleted"] for _ in range(3)] == [2, 1, 0]


def test_consumer_that_wants_rare_types_holds_nothing_up_as_long_as_it_reads(
    db: Connection, owner: Owner, api: Api
) -> None:
    register(owner, "rare", "gift.redeemed")
    use(db, "u1", 1)
    read_all(db, "mirror")
    read_all(db, "slow")
    assert read(db, "rare") == []
    assert trim(api)["deleted"] == 4


def test_dropped_consumer_holds_nothing_up(db: Connection, owner: Owner, api: Api) -> None:
    read_all(db, "mirror")
    call(owner, "credits.drop_consumer", consumer="slow")
    assert trim(api)["deleted"] == 3


def test_consumer_that_leaves_events_for_seven_days_is_lost(
    db: Connection, owner: Owner, api: Api
) -> None:
    read_all(db, "mirror")
    age(owner, "6 days 23 hours")
    assert trim(api)["lost"] is None
    age(owner, "2 hours")
    assert trim(api) == {"deleted": 3, "lost": ["slow"]}
    db.execute("set local timezone to 'Asia/Kolkata'")
    with refused(db, "UC020") as refusal:
        read(db, "slow")
    assert (refusal.details["consumer"], refusal.details["lostAt"][-1]) == ("slow", "Z")
    assert read(db, "mirror") == []


def test_consumer_that_is_too_far_behind_is_lost(db: Connection, api: Api) -> None:
    read_all(db, "mirror")
    assert trim(api, max_events=3)["lost"] is None
    assert trim(api, max_events=2)["lost"] == ["slow"]


def test_quiet_time_makes_nobody_lost(db: Connection, owner: Owner, api: Api) -> None:
    read_all(db, "mirror")
    read_all(db, "slow")
    age(owner, "8 days")
    assert trim(api)["lost"] is None


def test_lost_consumer_begins_anew_when_registered_again(
    db: Connection, owner: Owner, api: Api
) -> None:
    trim(api, max_events=2)
    register(owner, "slow", "balance.changed")
    use(db, "u1", 1)
    assert [event["data"]["balance"] for event in read(db, "slow")] == [6]


def test_nothing_is_kept_for_consumers_that_are_all_lost(
    db: Connection, owner: Owner, api: Api
) -> None:
    assert trim(api, max_events=2)["lost"] == ["mirror", "slow"]
    use(db, "u1", 1)
    assert written(owner) == 0


def test_events_of_an_erasure_under_way_are_left_for_the_next_time(database: Database) -> None:
    dba, erasing, api = database.connect(), database.connect(autocommit=False), database.connect()
    register(dba, "first", "balance.changed")
    give(dba, "u8", 1)
    give(dba, "u9", 1)
    read_all(dba, "first")
    call(erasing, "credits.erase_user", user_id="u9")
    api.execute("set lock_timeout = '5s'")
    assert trim(api)["deleted"] == 1
    erasing.commit()


def are_looked_for(session: Connection) -> bool:
    row = session.execute("select balance_events as wanted from credits.settings").fetchone()
    assert row is not None
    return bool(row["wanted"])


def test_debits_look_for_consumers_only_as_long_as_there_are_some(database: Database) -> None:
    dba = database.connect()
    assert not are_looked_for(dba)
    register(dba, "last", "balance.changed", "gift.redeemed")
    trim(dba)
    assert are_looked_for(dba)
    call(dba, "credits.drop_consumer", consumer="last")
    register(dba, "other", "gift.redeemed")
    trim(dba)
    assert not are_looked_for(dba)


def test_session_that_debited_before_the_registration_writes_events_after_it(
    database: Database,
) -> None:
    dba, service = database.connect(), database.connect("service")
    call(dba, "credits.init_guild_pool", organization_id="g1")
    for _ in range(10):
        give(service, "u9", 1)
        fund(service, "u9", "g1", 1)
    register(dba, "first", "balance.changed")
    give(service, "u9", 1)
    fund(service, "u9", "g1", 1)
    use_guild(service, "g1", "u9", 1)
    use_together(service, [("u9", 1)], "g1")
    assert written(dba) == 5


def test_deployment_leaves_events_on(database: Database) -> None:
    dba = database.connect()
    register(dba, "first", "balance.changed")
    deploy(database.dsn(), progress=Progress(io.StringIO()))
    give(dba, "u9", 1)
    assert written(dba) == 1


@pytest.mark.parametrize("late", ["register", "drop", "trim"])
def test_older_snapshot_switches_nothing(database: Database, late: str) -> None:
    dba, old = database.connect(), database.connect(autocommit=False)
    register(dba, "first", "balance.changed")
    old.execute("set transaction isolation level repeatable read")
    old.execute("select from credits.event_consumers")
    register(dba, "second", "balance.changed")
    with refused(old, "40001"):
        if late == "register":
            register(old, "first", "gift.redeemed")
        elif late == "drop":
            call(old, "credits.drop_consumer", consumer="first")
        else:
            trim(old)
    old.rollback()
    give(dba, "u9", 1)
    assert written(dba) == 1


def test_registration_under_way_is_not_switched_off(database: Database) -> None:
    dba, registering = database.connect(), database.connect(autocommit=False)
    register(registering, "first", "balance.changed")
    trim(dba)
    registering.commit()
    give(dba, "u9", 1)
    assert written(dba) == 1
