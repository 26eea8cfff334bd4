"""Trusted services, by their keys."""

from typing import Any

import pytest

from tests.api.live_api import OTHER_SERVICE_KEY, SERVICE_KEY, LiveApi, ok, refused, unique

SERVICE_ROUTES = [
    ("GET", "/internal/credits/balance/someone"),
    ("POST", "/internal/credits/use"),
    ("POST", "/internal/credits/refund"),
    ("POST", "/internal/credits/init"),
    ("POST", "/internal/gifts/redeem-pending"),
    ("POST", "/internal/guild-pool/init"),
]

BALANCE = "/internal/credits/balance/someone"


@pytest.mark.parametrize(("method", "path"), SERVICE_ROUTES)
def test_every_internal_route_needs_a_key(api: LiveApi, method: str, path: str) -> None:
    refused(api.anyone.request(method, path, b"{}"), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), SERVICE_ROUTES)
def test_a_users_token_opens_no_internal_route(api: LiveApi, method: str, path: str) -> None:
    refused(api.user().request(method, path, b"{}"), 401, "unauthenticated")


@pytest.mark.parametrize("key", [SERVICE_KEY, OTHER_SERVICE_KEY])
def test_each_of_several_keys_is_taken(api: LiveApi, key: str) -> None:
    ok(api.anyone.request("GET", BALANCE, headers={"X-Service-Key": key}))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "wrong",
        SERVICE_KEY[:-1],
        SERVICE_KEY + "x",
        SERVICE_KEY.upper(),
        "chat",
        f"chat:{SERVICE_KEY}",
        f"{SERVICE_KEY},{OTHER_SERVICE_KEY}",
        "x" * 10_000,
    ],
)
def test_any_other_key_is_refused(api: LiveApi, key: str) -> None:
    answer = api.anyone.request("GET", BALANCE, headers={"X-Service-Key": key})
    assert refused(answer, 401, "unauthenticated") is None


def test_a_missing_and_a_wrong_key_are_answered_alike(api: LiveApi) -> None:
    missing = api.anyone.get(BALANCE)
    wrong = api.anyone.request("GET", BALANCE, headers={"X-Service-Key": "wrong"})
    assert missing.text == wrong.text


@pytest.mark.parametrize("app_id", ["search", "Übersetzer"])
def test_an_app_id_in_the_header_is_that_of_the_use(api: LiveApi, app_id: str) -> None:
    user = api.user(5)
    body = {"userId": user.id, "amount": 1, "description": "One answer"}
    # As UTF-8, like the body: a text would be refused by our client.
    headers: dict[Any, Any] = {"X-App-Id": app_id.encode()}
    ok(api.service.post("/internal/credits/use", body, headers=headers))
    assert user.ledger()[-1]["app_id"] == app_id


def test_an_app_id_in_the_body_comes_before_that_of_the_header(api: LiveApi) -> None:
    user = api.user(5)
    body = {"userId": user.id, "amount": 1, "description": "One answer", "appId": "chat"}
    ok(api.service.post("/internal/credits/use", body, headers={"X-App-Id": "search"}))
    assert user.ledger()[-1]["app_id"] == "chat"


def test_an_empty_app_id_in_the_header_counts_as_absent(api: LiveApi) -> None:
    user = api.user(5)
    use = {"userId": user.id, "amount": 1, "description": "One answer"}
    headers = {"X-App-Id": ""}
    ok(api.service.post("/internal/credits/use", {**use, "appId": "chat"}, headers=headers))
    answer = api.service.post("/internal/credits/use", use, headers=headers)
    assert refused(answer, 400, "invalid_request").keys() == {"appId"}
    ok(api.service.post("/internal/credits/refund", use, headers=headers))
    assert [row["app_id"] for row in user.ledger()[1:]] == ["chat", None]


def test_an_app_id_that_is_too_long_is_refused(api: LiveApi) -> None:
    body = {"userId": unique("user")}
    headers = {"X-App-Id": "x" * 129}
    answer = api.service.post("/internal/credits/init", body, headers=headers)
    refused(answer, 400, "invalid_request")
