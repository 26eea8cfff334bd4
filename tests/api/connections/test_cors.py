"""Browsers: who may read the answers."""

import httpx
import pytest

from tests.api.live_api import PREFIX, SHOP, LiveApi, ok


def preflight(api: LiveApi, origin: str, method: str, headers: str = "") -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return api.client.options(f"{PREFIX}/credits/use", headers=asked)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_a_known_origin_may_use_the_methods_of_the_api(api: LiveApi, method: str) -> None:
    answer = preflight(api, SHOP, method)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert method in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "header", ["authorization", "content-type", "idempotency-key", "if-none-match"]
)
def test_a_known_origin_may_send_the_headers_of_the_api(api: LiveApi, header: str) -> None:
    answer = preflight(api, SHOP, "POST", header)
    assert answer.status_code == 200
    assert header in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://shop.example", f"{SHOP}:8443", f"{SHOP}.evil.example", "null"],
)
def test_another_origin_may_not(api: LiveApi, origin: str) -> None:
    answer = preflight(api, origin, "POST")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"
    assert "access-control-allow-origin" not in answer.headers


def test_an_answer_is_readable_for_known_origins_alone(api: LiveApi) -> None:
    path = f"{PREFIX}/credits/packages"
    assert "access-control-allow-origin" not in api.client.get(path).headers
    evil = api.client.get(path, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers
    known = api.client.get(path, headers={"Origin": SHOP})
    assert known.headers["access-control-allow-origin"] == SHOP
    assert "origin" in known.headers["vary"].lower()


def test_scripts_may_read_the_headers_that_the_contract_names(api: LiveApi) -> None:
    answer = api.user().get("/credits/transactions")
    ok(answer)
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert "etag" in exposed
    assert "link" in exposed
    assert "retry-after" in exposed
