"""What was noted while the server's clock was ahead keeps nobody waiting until then."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, give, rows
from tests.sql.conftest import Api
from tests.sql.events.consumers import order
from tests.sql.lifecycle import HOUR
from tests.sql.moments import Clock

YEAR = 366 * 24 * HOUR


@contextmanager
def ahead(clock: Clock) -> Iterator[None]:
    """Let the clock be a year ahead while the block runs."""
    clock.advance(YEAR)
    yield
    clock.advance(-YEAR)


def guess(api: Api) -> None:
    assert rows(api, "gifts.redeem_gift", code="AAAAAAAAAA", user_id="u1", typed=True) == []


def claim(api: Api) -> bool:
    return bool(call(api, "credits.claim_job", name="seal", seconds=900)["claim_job"])


def measures(api: Api) -> bool:
    return bool(call(api, "credits.claim_measurement")["claim_measurement"])


def webhooks(api: Api) -> list[str]:
    found = rows(api, "credits.claim_webhooks", limit=10, seconds=60)
    return [webhook["consumer"] for webhook in found]


def reconcile(owner: Owner) -> None:
    """Note that the books were clean; with a clock of the test's they are not."""
    owner.execute(
        """
        insert into credits.reconciliations (
            id, scope, started_at, finished_at, clean, credits_held, details
        )
        select
            credits._id_after(
                (select r.id from credits.reconciliations r order by r.id desc limit 1),
                credits._new_id()
            ),
            'full', n.now, n.now, true, 0, '{}'
        from credits._now() n (now)
        """
    )


def ages(api: Api) -> dict[str, float]:
    return {
        row["label"]: row["value"]
        for row in rows(api, "credits.get_metrics")
        if row["metric"].endswith("_age_seconds")
    }


def test_attempts_of_then_do_not_count(db: Connection, clock: Clock, api: Api) -> None:
    with ahead(clock):
        guess(api)
    for _ in range(10):
        guess(api)
    with refused(db, "UG008"):
        guess(api)


def test_jobs_of_then_are_done_now(clock: Clock, api: Api) -> None:
    with ahead(clock):
        assert claim(api)
        call(api, "credits.end_job", name="seal")
        assert measures(api)
        call(api, "credits.measure")
    assert (claim(api), claim(api)) == (True, False)
    assert (measures(api), measures(api)) == (True, False)


def test_webhooks_are_delivered(db: Connection, owner: Owner, clock: Clock, api: Api) -> None:
    call(
        owner,
        "credits.register_webhook",
        consumer="crm",
        url="https://crm.example/hook",
        types=["balance.changed"],
    )
    give(db, "u1", 1)
    order(db)
    with ahead(clock):
        assert webhooks(api) == ["crm"]
    assert (webhooks(api), webhooks(api)) == (["crm"], [])


def test_age_of_the_books_is_that_of_the_last_run(owner: Owner, clock: Clock, api: Api) -> None:
    with ahead(clock):
        reconcile(owner)
    reconcile(owner)
    assert 0 <= ages(api)["full"] < HOUR
