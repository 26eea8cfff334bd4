"""The number of gifts that an address is given in a day, whoever makes them."""

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import gift, give
from tests.sql.moments import Clock

DAY = 86400.0
EMAIL = "ada@example.com"


@pytest.fixture
def fifty(db: Connection, clock: Clock) -> None:
    """Gifts, as many as pass, the first of them an hour before the others, from two creators."""
    give(db, "other", 1000)
    gift(db, "creator", 1, target_email=EMAIL, idempotency_key="k")
    clock.advance(3600)
    for n in range(49):
        gift(db, ("creator", "other")[n % 2], 1, target_email=EMAIL.upper())


def test_more_are_refused_until_the_first_is_a_day_old(
    db: Connection, clock: Clock, fifty: None
) -> None:
    with refused(db, "UG008") as refusal:
        gift(db, "creator", 1, target_email=EMAIL)
    assert 22 * 3600 < refusal.details["retryAfterSeconds"] <= 23 * 3600
    clock.advance(DAY - 3600)
    gift(db, "creator", 1, target_email=EMAIL)
    with refused(db, "UG008"):
        gift(db, "other", 1, target_email=EMAIL)


def test_other_gifts_pass(db: Connection, fifty: None) -> None:
    gift(db, "creator", 1, target_email="eve@example.com")
    gift(db, "creator", 1)


def test_retry_of_one_that_passed_returns_the_first_answer(db: Connection, fifty: None) -> None:
    assert gift(db, "creator", 1, target_email=EMAIL, idempotency_key="k")["replayed"] is True


def test_malformed_requests_are_refused_before_and_missing_credits_after(
    db: Connection, fifty: None
) -> None:
    with refused(db, "UC001"):
        gift(db, "creator", 0, target_email=EMAIL)
    with refused(db, "UG008"):
        gift(db, "nobody", 1, target_email=EMAIL)
