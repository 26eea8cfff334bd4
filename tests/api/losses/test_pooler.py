"""PgBouncer in transaction mode: two processes, two server connections, nothing mixed up.

A statement is always executed where nobody knows whose statements are prepared there.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.api.live_api import LiveApi, StartApi, at_once, ok
from tests.api.pooler import Pooler, needs_pgbouncer, pooler
from tests.databases import Database

pytestmark = [pytest.mark.nightly, needs_pgbouncer]

# More than it takes for a statement to be prepared.
REPEATED = 9


@pytest.fixture
def pgbouncer(database: Database) -> Iterator[Pooler]:
    """A PgBouncer in front of a database of one's own."""
    with pooler(database) as running:
        yield running


def start(start_api: StartApi, pgbouncer: Pooler, database: Database, **variables: str) -> LiveApi:
    """Start an API whose own work keeps out of the way."""
    return start_api(
        database=database,
        DATABASE_URL=pgbouncer.dsn,
        GIFT_EXPIRY_INTERVAL_SECONDS="86400",
        EVENTS_INTERVAL_SECONDS="3600",
        **variables,
    )


def refund(api: LiveApi, user_id: str) -> None:
    """Refund a credit: as many parameters as a grant has, of the same types."""
    body = {"userId": user_id, "amount": 1, "description": "Sorry", "appId": "chat"}
    ok(api.service.post("/internal/credits/refund", body))


def grant(api: LiveApi, user_id: str, reference: str) -> bool:
    """Grant a credit and tell whether it had been granted before."""
    body = {"userId": user_id, "amount": 1, "reason": "Bonus", "referenceId": reference}
    return bool(ok(api.service.post("/internal/credits/grant", body))["alreadyGranted"])


@pytest.mark.parametrize("prepare", ["auto", "on"])
def test_the_function_that_is_called_runs_wherever_others_have_prepared(
    pgbouncer: Pooler, database: Database, start_api: StartApi, prepare: str
) -> None:
    variables = {"DATABASE_PREPARE": prepare, "DATABASE_POOL_SIZE": "1"}
    refunding = start(start_api, pgbouncer, database, **variables)
    granting = start(start_api, pgbouncer, database, **variables)
    user = granting.user()
    one, other = pgbouncer.hold_all()
    pgbouncer.leave_only(one)
    for _ in range(REPEATED):
        refund(refunding, user.id)
    pgbouncer.leave_only(other)
    for n in range(REPEATED):
        assert not grant(granting, user.id, f"bonus-{n}")
    pgbouncer.leave_only(one)
    assert [grant(granting, user.id, "last") for _ in range(3)] == [False, True, True]
    pgbouncer.release()
    rows = user.ledger()
    assert [row["type"] for row in rows] == ["refund"] * REPEATED + ["grant"] * (REPEATED + 1)
    assert rows[-1]["balance_after"] == Decimal(2 * REPEATED + 1)


def test_behind_a_pooler_nothing_is_prepared_by_itself(
    pgbouncer: Pooler, database: Database, start_api: StartApi
) -> None:
    api = start(start_api, pgbouncer, database)
    users = [api.user(10) for _ in range(8)]
    answers = at_once(8, lambda i: [users[i].use(1).status_code for _ in range(REPEATED)])
    assert answers == [[200] * REPEATED] * 8
    assert [user.balance() for user in users] == [1] * 8
    assert pgbouncer.prepared() == set()
