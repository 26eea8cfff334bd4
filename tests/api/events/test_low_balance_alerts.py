"""Alerts of low balances: users set their own, owners and admins that of their pool."""

from typing import Any

import pytest

from tests.api.live_api import LiveApi, ok, refused, unique

OWN = "/credits/low-balance-alert"


def test_there_is_none_at_first(api: LiveApi) -> None:
    assert ok(api.user().get(OWN)) == {"lowBalanceAt": None, "isLow": False}


def test_alert_that_was_set_is_told(api: LiveApi) -> None:
    user = api.user(10)
    assert ok(user.put(OWN, {"lowBalanceAt": 2.5})) == {"lowBalanceAt": 2.5, "isLow": False}
    assert ok(user.get(OWN)) == {"lowBalanceAt": 2.5, "isLow": False}


def test_balance_that_is_low_already_is_told(api: LiveApi) -> None:
    assert ok(api.user(1).put(OWN, {"lowBalanceAt": 2}))["isLow"] is True


def test_null_takes_it_away(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.put(OWN, {"lowBalanceAt": 2}))
    assert ok(user.put(OWN, {"lowBalanceAt": None})) == {"lowBalanceAt": None, "isLow": False}


@pytest.mark.parametrize("body", [{}, {"lowBalanceAt": -1}, {"lowBalanceAt": "2"}, {"x": None}])
def test_anything_else_is_refused(api: LiveApi, body: dict[str, Any]) -> None:
    refused(api.user().put(OWN, body), 400, "invalid_request")


def test_debits_go_on_as_before(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.put(OWN, {"lowBalanceAt": 9}))
    assert ok(user.use(4))["newBalance"] == {"balance": 6, "totalSpent": 4}
    assert ok(user.get(OWN))["isLow"] is True


def test_pool_has_its_own(api: LiveApi) -> None:
    guild = api.guild(10)
    path = f"{guild.path}/low-balance-alert"
    assert ok(guild.owner.put(path, {"lowBalanceAt": 5})) == {"lowBalanceAt": 5, "isLow": False}
    assert ok(guild.member.get(path)) == {"lowBalanceAt": 5, "isLow": False}
    assert ok(guild.owner.get(OWN))["lowBalanceAt"] is None


def test_guild_without_a_pool_has_none(api: LiveApi) -> None:
    guild_id, owner = unique("guild"), api.user()
    api.issuer.set_member(guild_id, owner.id, "owner")
    path = f"/credits/guild/{guild_id}/low-balance-alert"
    refused(owner.get(path), 404, "guild_pool_not_found")
    refused(owner.put(path, {"lowBalanceAt": 5}), 404, "guild_pool_not_found")
