"""credits.usage_stats: what was used by user, app and UTC day."""

from datetime import timedelta
from decimal import Decimal

from tests.databases import Connection, Database, Owner, refused
from tests.sql.calls import Row, gift, give, pool, rows, use, use_guild
from tests.sql.moments import Clock, noon


def stats(owner: Owner, user_id: str = "u1") -> list[Row]:
    return owner.execute(
        "select * from credits.usage_stats where user_id = %s order by app_id", (user_id,)
    ).fetchall()


def test_debits_of_an_app_are_added_up(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", Decimal("0.25"))
    use(db, "u1", Decimal("0.5"))
    (row,) = stats(owner)
    assert (row["app_id"], row["credits_used"], row["transactions_count"]) == (
        "chat",
        Decimal("0.75"),
        2,
    )


def test_each_app_has_its_row(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", 1)
    use(db, "u1", 2, app_id="images")
    found = [(row["app_id"], row["credits_used"]) for row in stats(owner)]
    assert found == [("chat", 1), ("images", 2)]


def test_day_is_that_of_utc(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    db.execute("set local timezone = 'Pacific/Kiritimati'")
    created = use(db, "u1", 1)["created_at"]
    (row,) = owner.execute(
        "select (%s::timestamptz at time zone 'UTC')::date as day", (created,)
    ).fetchall()
    assert stats(owner)[0]["date"] == row["day"]


def test_retries_and_refusals_are_not_counted(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1)
    use(db, "u1", 1, idempotency_key="k")
    use(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC002"):
        use(db, "u1", 1)
    assert [row["transactions_count"] for row in stats(owner)] == [1]


def test_only_personal_usage_counts(db: Connection, owner: Owner) -> None:
    pool(db, "g1", 5)
    give(db, "u1", 10, app_id="chat")
    gift(db, "u1", 1, source_app_id="chat")
    use_guild(db, "g1", "u1", 1)
    assert stats(owner) == []


def test_what_is_folded_and_what_is_not_are_one_row(database: Database) -> None:
    session = database.connect()
    give(session, "u1", 1000)
    for _ in range(300):
        use(session, "u1", 1)
    use(session, "u1", 2)
    (folded,) = session.execute("select transactions_count from credits.usage_folds").fetchall()
    assert 0 < folded["transactions_count"] < 300
    (row,) = session.execute("select * from credits.usage_stats").fetchall()
    assert (row["credits_used"], row["transactions_count"]) == (302, 301)


def test_batches_are_folded_too(database: Database) -> None:
    session = database.connect()
    give(session, "u1", 1000)
    for _ in range(3):
        rows(
            session,
            "credits.use_credits_batch",
            user_ids=["u1"] * 100,
            amounts=[Decimal(1)] * 100,
            app_ids=["chat"] * 100,
            descriptions=["One answer"] * 100,
        )
    assert session.execute("select from credits.usage_folds").fetchall()
    (row,) = session.execute("select * from credits.usage_stats").fetchall()
    assert (row["credits_used"], row["transactions_count"]) == (300, 300)


def test_a_clock_that_was_ahead_for_a_moment_makes_no_discrepancy(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    give(db, "u1", 1000)
    clock.move_to(noon("2099-02-12"))
    use(db, "u1", 1)
    clock.move_to(noon("2099-02-10"))
    for _ in range(256):
        use(db, "u1", 1)
    clock.move_to(noon("2099-02-10") + timedelta(days=1))
    use(db, "u1", 1)
    found = {str(row["date"]): row["transactions_count"] for row in stats(owner)}
    assert found == {"2099-02-10": 256, "2099-02-11": 1, "2099-02-12": 1}
    assert not owner.execute("select * from reconcile.usage_stats_off_entries").fetchall()
