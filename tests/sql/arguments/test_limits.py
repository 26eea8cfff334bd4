"""Bounds of what one call may be asked to do or to return."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import rows

MOST = {
    "credits.expire_due": 10_000,
    "credits.hash_entries": None,
    "credits.order_events": 100_000,
    "credits.seal": 1_000_000,
    "credits.trim_events": 1_000_000,
    "gifts.expire_gifts": 10_000,
}
ACCOUNTS = {"credits.hash_entries": {"account_id": "u1", "kind": "person"}}
BEYOND = [
    *((function, limit) for function in MOST for limit in (-1, 0)),
    *((function, most + 1) for function, most in MOST.items() if most is not None),
]


@pytest.mark.parametrize(("function", "limit"), BEYOND)
@pytest.mark.usefixtures("db")
def test_limit_that_no_call_may_have_is_refused(owner: Owner, function: str, limit: int) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001") as refusal:
        rows(superuser, function, limit=limit, **ACCOUNTS.get(function, {}))
    assert list(refusal.details) == ["limit"]


@pytest.mark.parametrize("function", MOST)
@pytest.mark.usefixtures("db")
def test_limit_of_one_is_taken(owner: Owner, function: str) -> None:
    rows(owner, function, limit=1, **ACCOUNTS.get(function, {}))


def test_consumers_are_refused_alike(db: Connection) -> None:
    with refused(db, "UC001"):
        rows(db, "credits.order_events", limit=-1)
