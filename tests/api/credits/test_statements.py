"""The balance at a moment, and what was used by app and day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.api.live_api import LiveApi, User, ok, refused
from tests.api.service_calls import commit, hold


def moment_of(user: User, row: int) -> str:
    moment: datetime = user.ledger()[row]["created_at"]
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def test_the_balance_at_a_moment_is_that_of_then(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(Decimal("2.5")))
    ok(user.use(1))
    then = moment_of(user, 1)
    expected = {
        "balance": Decimal("7.5"),
        "totalEarned": 10,
        "totalSpent": Decimal("2.5"),
        "reserved": 0,
    }
    assert ok(user.get("/credits/balance", at=then)) == expected
    assert ok(api.service.get(f"/internal/credits/balance/{user.id}", at=then)) == expected


def test_the_balance_at_a_moment_knows_what_was_held_then(api: LiveApi) -> None:
    user = api.user(10)
    reservation = hold(api, user.id, 4)
    [held] = api.audit(
        "select created_at from credits.entries where account_id = %s and type = 'hold'", user.id
    )
    ok(commit(api, reservation, amount=1))
    then = held["created_at"].astimezone(UTC).isoformat().replace("+00:00", "Z")
    balance = ok(user.get("/credits/balance", at=then))
    assert (balance["balance"], balance["reserved"]) == (6, 4)


def test_before_its_first_row_an_account_is_empty(api: LiveApi) -> None:
    user = api.user(10)
    balance = ok(user.get("/credits/balance", at="2020-01-01T00:00:00Z"))
    assert set(balance.values()) == {0}


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00"])
def test_a_malformed_moment_is_refused(api: LiveApi, at: str) -> None:
    user = api.user()
    for answer in (
        user.get("/credits/balance", at=at),
        api.service.get(f"/internal/credits/balance/{user.id}", at=at),
    ):
        assert refused(answer, 400, "invalid_request").keys() == {"at"}


def test_usage_is_told_by_app_and_day(api: LiveApi) -> None:
    user = api.user(10)
    for app, amount in (("search", 1), ("chat", Decimal("0.5")), ("chat", 2)):
        ok(user.use(amount, appId=app))
    today = datetime.now(UTC).date().isoformat()
    assert ok(user.get("/credits/usage")) == [
        {"date": today, "appId": "chat", "creditsUsed": Decimal("2.5"), "transactionsCount": 2},
        {"date": today, "appId": "search", "creditsUsed": 1, "transactionsCount": 1},
    ]


def test_usage_is_told_from_a_day_to_a_day(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(1))
    today = datetime.now(UTC).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    assert len(ok(user.get("/credits/usage", **{"from": str(today), "to": str(today)}))) == 1
    assert ok(user.get("/credits/usage", **{"from": str(tomorrow)})) == []
    assert ok(user.get("/credits/usage", to=str(yesterday))) == []


def test_usage_is_only_ones_own(api: LiveApi) -> None:
    ok(api.user(1).use(1))
    assert ok(api.user().get("/credits/usage")) == []
    refused(api.anyone.get("/credits/usage"), 401, "unauthenticated")


@pytest.mark.parametrize("day", ["", "today", "2026-1-31", "2026-02-30", "2026-01-31T00:00:00Z"])
def test_a_malformed_day_is_refused(api: LiveApi, day: str) -> None:
    answer = api.user().get("/credits/usage", **{"from": day, "to": day})
    assert refused(answer, 400, "invalid_request").keys() == {"from", "to"}
