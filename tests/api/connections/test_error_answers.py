"""Every route tells its errors in one shape."""

import json
import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.live_api import PREFIX, SHOP, LiveApi, exact, forbidden, ok, refused, unique

NO_ID = "01900000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "path", ["", "/", "/credits", "/credits/balance/", "/nothing", "/credits//balance", "/%00"]
)
def test_an_unknown_route_is_not_found(api: LiveApi, path: str) -> None:
    refused(api.user().get(path), 404, "not_found")


def test_what_lies_outside_the_prefix_is_not_found(api: LiveApi) -> None:
    refused(api.client.get("/credits/balance", headers={"Origin": SHOP}), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/credits/balance", {"GET", "HEAD"}),
        ("GET", "/credits/use", {"POST"}),
        ("PATCH", "/gifts", {"POST"}),
        ("POST", "/credits/guild/g/members/m/limits", {"GET", "HEAD", "PUT"}),
        ("PUT", f"/gifts/{NO_ID}", {"GET", "HEAD", "DELETE"}),
    ],
)
def test_a_method_that_a_route_lacks_is_told_with_those_it_has(
    api: LiveApi, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.user().request(method, path)
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["message"].endswith(answer.headers["allow"])


def test_a_body_that_says_it_is_too_large_is_refused(api: LiveApi) -> None:
    answer = api.user().post("/credits/use", b"x" * 100_000)
    assert refused(answer, 413, "body_too_large")["maxBytes"] >= 8192


def test_a_body_that_turns_out_too_large_is_refused(api: LiveApi) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    user = api.user()
    headers = {"Origin": SHOP, "Content-Type": "application/json", **user.headers}
    answer = api.client.post(f"{PREFIX}/credits/use", content=pieces(), headers=headers)
    refused(answer, 413, "body_too_large")


def test_a_webhook_that_is_too_large_is_refused(api: LiveApi) -> None:
    answer = api.anyone.post("/webhooks/stripe", b"x" * (1024 * 1024 + 1))
    refused(answer, 413, "body_too_large")


def test_a_body_is_awaited_no_longer_than_it_is_wanted(api: LiveApi) -> None:
    """A client that announces too much is answered before it has sent anything."""
    parts = urlsplit(api.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as wire:
        head = [
            f"POST {PREFIX}/credits/use HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: {api.user().headers['Authorization']}",
            "Content-Length: 1000000000000",
        ]
        wire.sendall("\r\n".join([*head, "", ""]).encode())
        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


MALFORMED = {
    "cut short": b'{"amount": 1',
    "no JSON": b"amount=1",
    "a list": b"[]",
    "a text": b'"amount"',
    "a number": b"1",
    "null": b"null",
    "single quotes": b"{'amount': 1}",
    "something after it": b'{"amount": 1} x',
    "two documents": b"{}{}",
    "NaN": b'{"amount": NaN, "appId": "a", "description": "d"}',
    "infinity": b'{"amount": -Infinity, "appId": "a", "description": "d"}',
    "hexadecimal": b'{"amount": 0x10, "appId": "a", "description": "d"}',
    "a leading zero": b'{"amount": 01, "appId": "a", "description": "d"}',
    "a leading plus": b'{"amount": +1, "appId": "a", "description": "d"}',
    "a bare point": b'{"amount": .5, "appId": "a", "description": "d"}',
    "no UTF-8": b'{"amount": 1, "appId": "\xff\xfe", "description": "d"}',
    "UTF-16": '{"amount": 1, "appId": "a", "description": "d"}'.encode("utf-16"),
    "a raw control character": b'{"amount": 1, "appId": "a", "description": "\x01"}',
    "only a space": b" ",
    "nested deeply": b'{"amount": 1, "appId": "a", "description": ' + b"[" * 60_000,
    "nested deeply and closed": b'{"x": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_body_that_is_no_json_object_is_refused(api: LiveApi, body: bytes) -> None:
    user = api.user(5)
    refused(user.post("/credits/use", body), 400, "invalid_request")
    assert user.amounts() == [5]


def test_an_empty_body_lacks_its_fields(api: LiveApi) -> None:
    details = refused(api.user().post("/credits/use", b""), 400, "invalid_request")
    assert details.keys() == {"appId", "description"}


def test_a_use_of_neither_an_amount_nor_items_is_told_so(api: LiveApi) -> None:
    answer = api.user().post("/credits/use", {"appId": "chat", "description": "Nothing"})
    assert refused(answer, 400, "invalid_request").keys() == {"amount"}


def test_every_wrong_field_is_named_at_once(api: LiveApi) -> None:
    body = {
        "amount": "1",
        "appId": 7,
        "metadata": [],
        "idempotencyKey": "",
        "creditSource": "guild",
    }
    details = refused(api.user().post("/credits/use", body), 400, "invalid_request")
    assert {"amount", "appId", "description", "idempotencyKey", "creditSource"} <= details.keys()


WRONG_FIELDS: list[tuple[str, Any]] = [
    ("amount", None),
    ("amount", True),
    ("amount", []),
    ("amount", {"value": 1}),
    ("appId", None),
    ("appId", ""),
    ("appId", "x" * 129),
    ("appId", "a\u0000b"),
    ("appId", "a\nb"),
    ("appId", "a\u0085b"),
    ("appId", {"$ne": None}),
    ("description", None),
    ("description", 5),
    ("idempotencyKey", ""),
    ("idempotencyKey", "x" * 256),
    ("idempotencyKey", "a\u0000b"),
    ("idempotencyKey", 17),
    ("metadata", []),
    ("metadata", "text"),
    ("metadata", 1),
    ("creditSource", []),
    ("creditSource", {}),
    ("creditSource", {"type": "bank"}),
    ("creditSource", {"type": "guild"}),
    ("creditSource", {"type": "guild", "guildId": ""}),
    ("creditSource", {"type": "guild", "guildId": 7}),
]


@pytest.mark.parametrize(("field", "value"), WRONG_FIELDS, ids=lambda value: repr(value)[:40])
def test_an_ill_typed_field_is_named(api: LiveApi, field: str, value: Any) -> None:
    user = api.user(5)
    body = {"amount": 1, "appId": "chat", "description": "One answer", field: value}
    details = refused(user.post("/credits/use", body), 400, "invalid_request")
    assert details.keys() == {field}
    assert user.amounts() == [5]


@pytest.mark.parametrize(
    "metadata",
    [
        b'{"a": 1e999999}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
    ids=["huge number", "nested deeply"],
)
def test_metadata_that_cannot_be_kept_are_refused(api: LiveApi, metadata: bytes) -> None:
    user = api.user(5)
    body = b'{"amount": 1, "appId": "a", "description": "d", "metadata": ' + metadata + b"}"
    refused(user.post("/credits/use", body), 400, "invalid_request")
    assert user.amounts() == [5]


NOT_STORABLE = [
    b'{"a": 1e131072}',
    b'{"a": -1e99999999999}',
    b'{"a": 1e-16384}',
    b'{"a": [1e-99999999999]}',
]
SERVICE_CALLS = ["/internal/credits/use", "/internal/credits/refund", "/internal/credits/commit"]


@pytest.mark.parametrize("metadata", NOT_STORABLE)
@pytest.mark.parametrize("path", ["/credits/use", "{guild}/use", *SERVICE_CALLS])
def test_metadata_that_cannot_be_stored_are_named(api: LiveApi, path: str, metadata: bytes) -> None:
    guild = api.guild(5)
    fields = {
        "userId": guild.owner.id,
        "amount": 1,
        "appId": "chat",
        "description": "d",
        "reservationId": NO_ID,
    }
    caller = api.service if path in SERVICE_CALLS else guild.owner
    body = json.dumps(fields)[:-1].encode() + b', "metadata": ' + metadata + b"}"
    answer = caller.post(path.format(guild=guild.path), body)
    assert refused(answer, 400, "invalid_request").keys() == {"metadata"}


def test_fields_that_are_not_known_are_ignored(api: LiveApi) -> None:
    user = api.user(5)
    extra: dict[str, Any] = {
        "userId": "somebody-else",
        "balance": 1_000_000,
        "__proto__": {},
        "type": "grant",
    }
    ok(user.use(1, **extra))
    assert user.amounts() == [5, -1]


def test_a_body_in_another_media_type_is_refused(api: LiveApi) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.user(5).post("/credits/use", b"amount=1", headers=headers)
    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "path", ["/credits/purchase/{}", "/internal/credits/refund", "/credits/purchase", "/gifts/{}"]
)
@pytest.mark.parametrize("bad", ["x", "1", NO_ID[:-1], NO_ID.replace("-", ""), f"{{{NO_ID}}}"])
def test_a_bad_uuid_is_refused(api: LiveApi, path: str, bad: str) -> None:
    user = api.user()
    match path:
        case "/internal/credits/refund":
            body = {"userId": user.id, "amount": 1, "description": "d", "transactionId": bad}
            answer = api.service.post(path, body)
        case "/credits/purchase":
            answer = user.post(path, {"packageId": bad})
        case "/gifts/{}":
            answer = user.delete(path.format(bad))
        case _:
            answer = user.get(path.format(bad))
    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "path",
    ["/credits/transactions", "/credits/purchases", "/gifts/me/created", "/gifts/me/received"],
)
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "1.5"),
        ("limit", ""),
        ("limit", "1" * 400),
        ("limit", "\u0661"),
        ("offset", "-1"),
        ("offset", "9223372036854775808"),
        ("offset", "1e3"),
        ("cursor", "x"),
        ("cursor", "' or 1=1"),
    ],
)
def test_bad_paging_is_refused(api: LiveApi, path: str, parameter: str, value: str) -> None:
    answer = api.user().get(path, **{parameter: value})
    assert refused(answer, 400, "invalid_request").keys() == {parameter}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("type", "theft"),
        ("type", "\x00"),
        ("appId", ""),
        ("appId", "x" * 129),
        ("from", "yesterday"),
        ("from", "2026-01-31"),
        ("to", "2026-01-31T12:00:00"),
        ("to", "2026-02-30T12:00:00Z"),
        ("to", "99999-01-01T00:00:00Z"),
    ],
)
def test_a_bad_filter_is_refused(api: LiveApi, parameter: str, value: str) -> None:
    answer = api.user().get("/credits/transactions", **{parameter: value})
    assert refused(answer, 400, "invalid_request").keys() == {parameter}


@pytest.mark.parametrize("time", ["2026-01-31T12:00:00", "2026-01-31T12:00:00.5"])
def test_a_plus_that_became_a_space_is_told(api: LiveApi, time: str) -> None:
    user = api.user()
    ok(user.get(f"/credits/transactions?from={time}%2B01:00"))
    details = refused(user.get(f"/credits/transactions?from={time}+01:00"), 400, "invalid_request")
    assert details.keys() == {"from"}
    assert "%2B" in details["from"]


@pytest.mark.parametrize(
    "guild", ["%00", "%0A", "%FF", "x" * 129, "%ED%A0%80"], ids=lambda guild: guild[:10]
)
def test_a_bad_id_in_a_path_is_refused(api: LiveApi, guild: str) -> None:
    refused(api.user().get(f"/credits/guild/{guild}/balance"), 400, "invalid_request")


def test_several_wrong_parameters_are_named_at_once(api: LiveApi) -> None:
    answer = api.user().get("/credits/transactions", limit="x", cursor="x", **{"from": "x"})
    assert refused(answer, 400, "invalid_request").keys() == {"limit", "cursor", "from"}


def test_an_idempotency_key_must_be_the_same_in_body_and_header(api: LiveApi) -> None:
    user = api.user(5)
    body = {"amount": 1, "appId": "a", "description": "d", "idempotencyKey": "one"}
    answer = user.post("/credits/use", body, headers={"Idempotency-Key": "two"})
    refused(answer, 400, "invalid_request")
    assert user.amounts() == [5]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_bad_idempotency_key_in_the_header_is_refused(api: LiveApi, key: str) -> None:
    user = api.user(5)
    body = {"amount": 1, "appId": "a", "description": "d"}
    refused(
        user.post("/credits/use", body, headers={"Idempotency-Key": key}), 400, "invalid_request"
    )
    assert user.amounts() == [5]


def test_an_answer_carries_the_id_of_its_request(api: LiveApi) -> None:
    given = unique("request")
    answer = api.anyone.request("GET", "/nothing", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given
    assert api.anyone.get("/nothing").headers["x-request-id"]


def test_our_own_mistakes_show_nothing_of_what_is_inside(api: LiveApi) -> None:
    with forbidden(api, "credits.get_balance"):
        answer = api.user().get("/credits/balance")
    assert refused(answer, 500, "internal_error") is None
    assert "get_balance" not in answer.text
    assert "permission" not in answer.text


def test_a_refusal_of_the_database_keeps_its_exact_numbers(api: LiveApi) -> None:
    user = api.user(Decimal("0.000001"))
    answer = user.use(Decimal("999999999.999999"))
    assert exact(answer)["details"] == {
        "required": Decimal("999999999.999999"),
        "available": Decimal("0.000001"),
    }
