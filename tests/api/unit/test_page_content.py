from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from api.database.rows import Gift
from api.http.errors import ApiError
from api.pages.content import error_page, gift_page
from api.settings import ServiceKey, Settings

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
SETTINGS = Settings("postgresql://api@db/x", "https://auth.example", (ServiceKey("a", "b"),))


def gift(lasts: timedelta = timedelta(days=90), worth: int = 10) -> Gift:
    return Gift(
        code="ABCDEFGHJK",
        type="simple",
        status="active",
        total_credits=Decimal(worth),
        credits_per_portion=Decimal(worth),
        total_portions=1,
        claimed_portions=0,
        remaining_portions=1,
        redeemed=False,
        has_riddle=False,
        riddle_question=None,
        is_personalized=False,
        message=None,
        creator_name="Ann",
        expires_at=NOW + lasts,
    )


@pytest.mark.parametrize(
    ("lasts", "left"),
    [
        (timedelta(days=90), "90 days"),
        (timedelta(days=3, seconds=-1), "2 days"),
        (timedelta(days=2, seconds=-1), "47 hours"),
        (timedelta(hours=2, seconds=-1), "119 minutes"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(seconds=5), "a moment"),
        (timedelta(seconds=-5), "a moment"),
    ],
)
def test_the_time_left_is_rounded_down(lasts: timedelta, left: str) -> None:
    shown = gift_page(gift(lasts), SETTINGS, NOW).gift

    assert shown is not None
    assert shown.deadline.left == f"{left} left"


def test_the_deadline_is_told_in_utc() -> None:
    shown = gift_page(gift(timedelta(hours=3)), SETTINGS, NOW).gift

    assert shown is not None
    assert (shown.deadline.day, shown.deadline.hour) == ("23 November 2026", "00:30 UTC")
    assert shown.deadline.moment == "2026-11-23T00:30:00Z"


@pytest.mark.parametrize(
    ("worth", "told"), [(1, "1 credit"), (10, "10 credits"), (10_000, "10,000 credits")]
)
def test_credits_are_counted_as_people_do(worth: int, told: str) -> None:
    shown = gift_page(gift(worth=worth), SETTINGS, NOW).gift

    assert shown is not None
    assert shown.worth == told


@pytest.mark.parametrize(("seconds", "told"), [(1, "in a second"), (42, "in 42 seconds")])
def test_who_looked_up_too_many_is_told_when_to_try_again(seconds: int, told: str) -> None:
    page = error_page(ApiError(429, "too_many_attempts", "Not for people", retry_after=seconds))

    assert told in page.summary


@pytest.mark.parametrize("status", [404, 429, 500, 503, 504])
def test_every_error_has_words(status: int) -> None:
    page = error_page(ApiError(status, "some_code", "Not for people"))

    assert page.title
    assert page.summary
    assert page.try_again == (status != 404)
