"""Caps of a service, by the name of its key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import sql

from tests.api.live_api import OTHER_SERVICE_KEY, Caller, LiveApi, at_once, ok, refused, unique

Cap = Callable[..., Caller]


@pytest.fixture
def capped(api: LiveApi) -> Iterator[Cap]:
    """Gives the key named cron its caps, as a DBA would, and returns a caller with that key."""
    with api.database.connect() as owner:

        def cap(**columns: Any) -> Caller:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            values = sql.SQL(", ").join(sql.Placeholder() * len(columns))
            insert = sql.SQL("insert into credits.service_caps (caller, {}) values ('cron', {})")
            owner.execute(insert.format(names, values), list(columns.values()))
            return Caller(api, {"X-Service-Key": OTHER_SERVICE_KEY})

        yield cap
        owner.execute("delete from credits.service_caps")
        owner.execute("delete from credits.service_cap_usage")


def use(service: Caller, user_id: str, amount: Any = 1, **fields: Any) -> Any:
    body = {"userId": user_id, "amount": amount, "appId": "chat", "description": "x", **fields}
    return service.post("/internal/credits/use", body)


def test_a_call_cannot_move_more_than_its_cap(api: LiveApi, capped: Cap) -> None:
    cron, user = capped(max_amount=3), api.user(10)
    details = refused(use(cron, user.id, 4), 403, "cap_exceeded")
    assert details == {"cap": "max_amount", "limit": 3, "requested": 4}
    ok(use(cron, user.id, 3))
    assert user.amounts() == [10, -3]


def test_a_cap_is_that_of_one_key(api: LiveApi, capped: Cap) -> None:
    capped(max_amount=3)
    user = api.user(10)
    ok(use(api.service, user.id, 4))
    ok(user.use(4))


def test_calls_with_other_keys_in_between_change_nothing(api: LiveApi, capped: Cap) -> None:
    cron, user = capped(max_amount=3), api.user(1000)
    callers = [cron, api.service] * 40

    def status(i: int) -> int:
        return int(use(callers[i], user.id, 4).status_code)

    statuses = at_once(16, lambda i: [status(j) for j in range(i, len(callers), 16)])
    assert all(set(some) == {403 if i % 2 == 0 else 200} for i, some in enumerate(statuses))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("use", {"amount": 1, "appId": "chat", "description": "x"}),
        ("refund", {"amount": 1, "description": "x"}),
        ("grant", {"amount": 1, "reason": "x", "referenceId": "one"}),
        ("reserve", {"amount": 1, "reason": "x"}),
    ],
)
def test_only_named_operations_are_open(
    api: LiveApi, capped: Cap, path: str, body: dict[str, Any]
) -> None:
    cron, user = capped(operations=["commit"]), api.user(10)
    answer = cron.post(f"/internal/credits/{path}", {"userId": user.id, **body})
    details = refused(answer, 403, "cap_exceeded")
    assert details == {"cap": "operations", "operation": path, "allowed": ["commit"]}
    assert user.amounts() == [10]


def test_commit_and_release_are_operations_too(api: LiveApi, capped: Cap) -> None:
    cron, user = capped(operations=["reserve"]), api.user(10)
    body = {"userId": user.id, "amount": 1, "reason": "x"}
    reservation = ok(cron.post("/internal/credits/reserve", body))["reservationId"]
    for path in ("commit", "refund-reservation"):
        answer = cron.post(f"/internal/credits/{path}", {"reservationId": reservation})
        assert refused(answer, 403, "cap_exceeded")["cap"] == "operations"
    assert user.balance() == 9


def test_only_named_apps_are_served(api: LiveApi, capped: Cap) -> None:
    cron, user = capped(app_ids=["chat"]), api.user(10)
    details = refused(use(cron, user.id, appId="search"), 403, "cap_exceeded")
    assert (details["cap"], details["allowed"]) == ("app_ids", ["chat"])
    ok(use(cron, user.id, appId="chat"))


def test_a_guilds_credits_are_capped_too(api: LiveApi, capped: Cap) -> None:
    cron, guild = capped(max_amount=3), api.guild(10)
    source = {"type": "guild", "guildId": guild.id}
    refused(use(cron, guild.member.id, 4, creditSource=source), 403, "cap_exceeded")
    assert guild.balance() == 10


def test_a_day_of_calls_at_once_never_exceeds_its_cap(api: LiveApi, capped: Cap) -> None:
    cron = capped(max_amount_per_day=10)
    users = [api.user(10) for _ in range(12)]
    answers = at_once(12, lambda i: use(cron, users[i].id, 3))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [403] * 9
    refusal = next(answer for answer in answers if answer.status_code == 403)
    details = refused(refusal, 403, "cap_exceeded")
    assert details.keys() == {"cap", "limit", "spent", "requested", "resetsAt"}


def test_a_retry_is_answered_whatever_the_cap(api: LiveApi, capped: Cap) -> None:
    cron, user, key = capped(max_amount_per_day=3), api.user(10), unique("key")
    first = ok(use(cron, user.id, 3, idempotencyKey=key))
    again = ok(use(cron, user.id, 3, idempotencyKey=key))
    assert again["transaction"] == first["transaction"]


def test_an_explanation_names_the_cap(api: LiveApi, capped: Cap) -> None:
    cron, user = capped(max_amount=3), api.user(10)
    body = {"userId": user.id, "amount": 4, "appId": "chat"}
    answer = ok(cron.post("/internal/credits/explain", body))
    assert (answer["allowed"], answer["refusal"]) == (False, "cap_exceeded")
    assert ok(api.service.post("/internal/credits/explain", body))["allowed"] is True
