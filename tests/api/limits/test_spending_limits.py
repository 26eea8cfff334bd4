"""Limits of one's own, those of a guild's members, and frozen accounts, by the routes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.api.live_api import LiveApi, User, ok, refused

INTERNAL = "/internal/credits/limits"


def use(user: User, amount: Any, app_id: str = "chat") -> httpx.Response:
    body = {"amount": amount, "appId": app_id, "description": "One answer"}
    return user.post("/credits/use", body)


def freeze(api: LiveApi, user: User) -> None:
    """Freeze an account, as support does."""
    with api.database.connect("service") as connection:
        connection.execute("select credits.freeze_account(%s, 'Stolen')", (user.id,))


def test_own_limits_are_set_and_told(api: LiveApi) -> None:
    user = api.user(10)
    none = ok(user.get("/credits/limits"))
    assert (none["daily"], none["spent"]["daily"], none["perApp"]) == (None, 0, {})
    ok(use(user, Decimal("1.5")))
    answer = ok(
        user.put("/credits/limits", {"daily": 5, "perApp": {"chat": {"weekly": Decimal("2.5")}}})
    )
    assert (answer["daily"], answer["weekly"], answer["monthly"]) == (5, None, None)
    assert answer["spent"] == {
        "daily": Decimal("1.5"),
        "weekly": Decimal("1.5"),
        "monthly": Decimal("1.5"),
    }
    assert answer["remaining"] == {"daily": Decimal("3.5"), "weekly": None, "monthly": None}
    assert datetime.fromisoformat(answer["resetsAt"]["daily"]) > datetime.now(UTC)
    assert answer["perApp"]["chat"]["weekly"] == Decimal("2.5")
    assert answer["perApp"]["chat"]["remaining"]["weekly"] == 1
    assert ok(user.get("/credits/limits")) == answer


def test_what_was_told_may_be_sent_back(api: LiveApi) -> None:
    user = api.user(10)
    told = ok(user.put("/credits/limits", {"daily": 5, "perApp": {"chat": {"weekly": 3}}}))
    assert ok(user.put("/credits/limits", told)) == told


def test_limit_refuses_and_names_itself(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.put("/credits/limits", {"daily": 5, "perApp": {"chat": {"weekly": 1}}}))
    ok(use(user, 3, "images"))
    details = refused(use(user, Decimal("2.5"), "images"), 400, "spending_limit_exceeded")
    assert isinstance(details, dict)
    assert details.pop("resetsAt").endswith("Z")
    assert details == {
        "scope": "own",
        "window": "daily",
        "limit": 5,
        "spent": 3,
        "requested": Decimal("2.5"),
    }
    details = refused(use(user, Decimal("2.5")), 400, "spending_limit_exceeded")
    assert (details["scope"], details["window"]) == ("app", "weekly")


def test_null_removes_and_an_absent_one_stays(api: LiveApi) -> None:
    user = api.user()
    ok(user.put("/credits/limits", {"daily": 5, "weekly": 6, "perApp": {"a": {"daily": 1}}}))
    answer = ok(user.put("/credits/limits", {"daily": None, "perApp": {"a": None}}))
    assert (answer["daily"], answer["weekly"], answer["perApp"]) == (None, 6, {})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"daily": "5"}, "daily"),
        ({"weekly": -1}, "weekly"),
        ({"perApp": []}, "perApp"),
        ({"perApp": {"chat": {"daily": -1}}}, "perApp.chat.daily"),
        ({"perApp": {"": {"daily": 1}}}, "perApp"),
    ],
    ids=str,
)
def test_what_is_no_limit_is_refused(api: LiveApi, body: dict[str, Any], field: str) -> None:
    details = refused(api.user().put("/credits/limits", body), 400, "invalid_request")
    assert list(details) == [field]


@pytest.mark.parametrize(
    ("per_app", "told"),
    [
        (["chat"], "perApp must be an object"),
        ({"chat": 5}, "perApp chat must be an object"),
        ({"chat": {"daily": "5"}}, "perApp chat daily must be a number"),
        ({"": {"daily": 1}}, "perApp must be an object in which each name is a text of 1 to 128"),
    ],
    ids=str,
)
def test_what_is_wrong_within_limits_of_apps_is_named(
    api: LiveApi, per_app: object, told: str
) -> None:
    answer = api.user().put("/credits/limits", {"perApp": per_app})
    assert answer.json()["message"].startswith(told)


def test_services_set_limits_of_anybody(api: LiveApi) -> None:
    user = api.user(10)
    path = f"{INTERNAL}/{user.id}"
    answer = ok(api.service.put(path, {"monthly": 4}))
    assert ok(api.service.get(path)) == answer == ok(user.get("/credits/limits"))
    refused(use(user, 5), 400, "spending_limit_exceeded")


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_users_reach_no_limits_but_their_own(api: LiveApi, method: str) -> None:
    user, other = api.user(), api.user()
    refused(user.request(method, f"{INTERNAL}/{other.id}"), 401, "unauthenticated")
    refused(api.anyone.request(method, "/credits/limits"), 401, "unauthenticated")


def test_members_without_limits_have_those_for_all(api: LiveApi) -> None:
    guild = api.guild(50)
    limits = {"dailyLimit": 10, "weeklyLimit": 20, "monthlyLimit": None}
    assert ok(guild.owner.put(f"{guild.path}/limits", limits)) == limits
    assert ok(guild.member.get(f"{guild.path}/limits")) == limits
    details = refused(guild.use(guild.member, 11), 400, "spending_limit_exceeded")
    assert (details["scope"], details["window"]) == ("default", "daily")
    spending = ok(guild.member.get(f"{guild.path}/members/{guild.member.id}/spending"))
    assert (spending["dailyLimit"], spending["weeklyRemaining"]) == (10, 20)


def test_limits_for_all_are_set_by_managers_and_seen_by_members(api: LiveApi) -> None:
    guild = api.guild()
    answer = guild.member.put(f"{guild.path}/limits", {"dailyLimit": 10})
    refused(answer, 403, "guild_role_required")
    refused(api.user().get(f"{guild.path}/limits"), 403, "not_a_guild_member")


def test_member_may_be_unlimited_for_a_while(api: LiveApi) -> None:
    guild = api.guild(50)
    path = f"{guild.path}/members/{guild.member.id}/limits"
    ok(guild.owner.put(f"{guild.path}/limits", {"dailyLimit": 10}))
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    answer = ok(guild.owner.put(path, {"unlimited": True, "until": until.isoformat()}))
    assert (answer["unlimited"], datetime.fromisoformat(answer["until"])) == (True, until)
    ok(guild.use(guild.member, 30))
    answer = ok(guild.owner.put(path, {"weeklyLimit": 35, "unlimited": None, "until": None}))
    assert answer == {
        "dailyLimit": None,
        "weeklyLimit": 35,
        "monthlyLimit": None,
        "unlimited": False,
        "until": None,
    }
    details = refused(guild.use(guild.member, 6), 400, "spending_limit_exceeded")
    assert details["scope"] == "default"


def test_raise_has_to_end_in_time_to_come(api: LiveApi) -> None:
    guild = api.guild()
    path = f"{guild.path}/members/{guild.member.id}/limits"
    answer = guild.owner.put(path, {"unlimited": True, "until": "2020-01-01T00:00:00Z"})
    assert list(refused(answer, 400, "invalid_request")) == ["until"]


def test_frozen_account_says_so_and_pays_nothing(api: LiveApi) -> None:
    user = api.user(10)
    assert "frozen" not in ok(user.get("/credits/balance"))
    freeze(api, user)
    assert ok(user.get("/credits/balance"))["frozen"] is True
    internal = f"/internal/credits/balance/{user.id}"
    assert ok(api.service.get(internal))["frozen"] is True
    assert ok(api.service.post("/internal/credits/init", {"userId": user.id}))["frozen"] is True
    refused(use(user, 1), 403, "account_frozen")
    refused(user.post("/gifts", {"totalCredits": 5}), 403, "account_frozen")
    api.fund(user.id, 5)
    assert user.amounts() == [10, 5]


def test_gift_of_a_frozen_account_waits(api: LiveApi) -> None:
    giver, friend = api.user(10), api.user()
    code = ok(giver.post("/gifts", {"totalCredits": 5}), 201)["code"]
    freeze(api, giver)
    refused(friend.post(f"/gifts/{code}/redeem", {}), 403, "account_frozen")
    assert friend.amounts() == []
