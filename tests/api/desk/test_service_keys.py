"""Keys of services that administrators make and revoke while everything runs."""

from typing import Any

import httpx
import pytest

from tests.api.desk_calls import Admin
from tests.api.live_api import (
    SERVICE_KEY,
    LiveApi,
    StartApi,
    ok,
    refused,
    unique,
    wait_until,
)

KEYS = "/admin/service-keys"


@pytest.fixture
def admin(api: LiveApi) -> Admin:
    return Admin(api)


def balance_with(api: LiveApi, key: str) -> httpx.Response:
    """Ask for a balance with a service key."""
    return api.anyone.request(
        "GET", "/internal/credits/balance/someone", headers={"X-Service-Key": key}
    )


def make(admin: Admin, name: str, **fields: Any) -> str:
    """Make a key and return it."""
    return str(ok(admin.act("service-keys", name=name, **fields))["serviceKey"])


def listed(admin: Admin, name: str) -> list[dict[str, Any]]:
    """Return the keys of a name."""
    return [row for row in ok(admin.get(KEYS)) if row["name"] == name]


def wait_until_taken(api: LiveApi, key: str) -> None:
    """Wait until a key that was made is taken, which is a second at most."""
    wait_until(lambda: balance_with(api, key).status_code == 200)


def wait_until_refused(api: LiveApi, key: str) -> None:
    """Wait until a key that was revoked is refused, which is some seconds at most."""
    wait_until(lambda: balance_with(api, key).status_code == 401)


def test_a_key_is_made_used_and_revoked(api: LiveApi, admin: Admin) -> None:
    name = unique("service")
    first, second = make(admin, name), make(admin, name)
    wait_until_taken(api, first)
    wait_until_taken(api, second)
    revoked = ok(admin.act(f"service-keys/{name}/revoke", number=1, reason="Leaked"))["action"]
    assert (revoked["subjectId"], revoked["after"]) == (name, {"name": name, "numbers": [1]})
    wait_until_refused(api, first)
    ok(balance_with(api, second))
    assert [(row["number"], row["revokedReason"]) for row in listed(admin, name)] == [
        (1, "Leaked"),
        (2, None),
    ]
    assert first not in admin.get(KEYS).text


def test_a_made_key_is_called_by_its_name(api: LiveApi, admin: Admin) -> None:
    """Caps hold by name."""
    name = unique("service")
    key = make(admin, name)
    with api.database.connect() as owner:
        owner.execute(
            "insert into credits.service_caps (caller, operations) values (%s, '{init}')", (name,)
        )
    wait_until_taken(api, key)
    grant = {"userId": api.user().id, "amount": 1, "reason": "r", "referenceId": "r"}
    path = "/internal/credits/grant"
    answer = api.anyone.request("POST", path, grant, headers={"X-Service-Key": key})
    refused(answer, 403, "cap_exceeded")


def test_a_repetition_shows_no_key(admin: Admin) -> None:
    fields = {"name": unique("service"), "idempotencyKey": unique("act")}
    first = ok(admin.act("service-keys", **fields))
    second = ok(admin.act("service-keys", **fields))
    assert (second["replayed"], second["serviceKey"]) == (True, None)
    assert second["action"] == first["action"]


def test_those_of_the_environment_are_listed_and_revoked_without_a_restart(
    start_api: StartApi,
) -> None:
    name, leaked, other = unique("service"), unique("key"), unique("service")
    api = start_api(MANA_SERVICE_KEY=f"chat:{SERVICE_KEY},{name}:{leaked},{other}:{other}-key")
    admin = Admin(api)
    made = make(admin, name)
    wait_until_taken(api, made)
    assert [row["number"] for row in listed(admin, name) if not row["revokedAt"]] == [0, 1]
    ok(balance_with(api, leaked))
    reason = "It stood in a repository"
    ok(admin.act(f"service-keys/{name}/revoke", number=0, reason=reason))
    wait_until_refused(api, leaked)
    ok(balance_with(api, SERVICE_KEY))
    ok(balance_with(api, made))
    [of_the_environment, _] = listed(admin, name)
    assert of_the_environment["revokedReason"] == reason
    # Without a number too, since the name is in the environment.
    ok(admin.act(f"service-keys/{other}/revoke"))
    wait_until_refused(api, f"{other}-key")


@pytest.mark.parametrize("which", [{}, {"number": 1}])
def test_a_key_that_there_is_not_is_not_revoked(admin: Admin, which: dict[str, int]) -> None:
    name = unique("service")
    answer = admin.act(f"service-keys/{name}/revoke", **which)
    details = refused(answer, 404, "not_found")
    assert details == ({"number": "1"} if which else {"name": name})
    assert listed(admin, name) == []


def test_the_day_of_the_last_use_is_listed(api: LiveApi, admin: Admin) -> None:
    name = unique("service")
    key = make(admin, name)
    wait_until_taken(api, key)

    def used() -> Any:
        ok(balance_with(api, key))
        return listed(admin, name)[0]["usedOn"]

    assert wait_until(used)
