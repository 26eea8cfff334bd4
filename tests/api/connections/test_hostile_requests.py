"""Every route, sent everything: what is wrong is told in the one shape, and nothing breaks."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.routes import ROUTES
from tests.api.desk_calls import Admin
from tests.api.hostile import BODIES, MEDIA_TYPES, QUERIES, SEGMENTS, VALUES, json_values
from tests.api.live_api import PREFIX, SHOP, Caller, LiveApi, ok, refused

UNAVAILABLE = {"auth_unavailable", "payments_unavailable", "overloaded", "database_unavailable"}

# Memory that a process may gain while all this happens to it.
MOST_GROWTH_KIB = 96 * 1024


@dataclass(frozen=True)
class Target:
    """A route, and a body that it would take; values stand in `World.values` under their names."""

    who: str
    method: str
    path: str
    fields: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


WORDS = {"appId": "chat", "description": "d", "idempotencyKey": "k", "metadata": {}}
USE = {**WORDS, "amount": 0.01}
ALERT = "/credits/low-balance-alert"
LIMITS = "/credits/guild/{guildId}/members/{userId}/limits"
ITEMS = [{"operation": "chat.word", "quantity": 2}]
WHY = {"reason": "Ticket 17", "idempotencyKey": "k"}
OWN_LIMITS = {"daily": 5, "weekly": None, "perApp": {"chat": {"monthly": 5}}}

TARGETS = [
    Target("user", "GET", "/credits/balance"),
    Target("user", "POST", "/credits/use", {**USE, "creditSource": {"type": "personal"}}),
    Target("user", "POST", "/credits/use", {**WORDS, "items": ITEMS, "expectedAmount": 0.02}),
    Target("user", "GET", "/credits/transactions"),
    Target("user", "GET", "/credits/transactions.csv"),
    Target("anyone", "GET", "/credits/prices"),
    Target("anyone", "GET", "/credits/pricing"),
    Target("user", "POST", "/credits/quote", {"items": ITEMS, "guildId": "{guildId}"}),
    Target("user", "GET", "/credits/limits"),
    Target("user", "PUT", "/credits/limits", OWN_LIMITS),
    Target("user", "GET", "/credits/guild/{guildId}/limits"),
    Target("user", "PUT", "/credits/guild/{guildId}/limits", {"weeklyLimit": 5}),
    Target("user", "GET", "/credits/usage"),
    Target("user", "GET", "/credits/purchases"),
    Target("anyone", "GET", "/credits/packages"),
    Target(
        "user",
        "POST",
        "/credits/purchase",
        {"packageId": "{packageId}", "successUrl": f"{SHOP}/a", "cancelUrl": f"{SHOP}/b"},
    ),
    Target("user", "GET", "/credits/purchase/{id}"),
    Target("user", "GET", "/credits/guild/{guildId}/balance"),
    Target(
        "user", "POST", "/credits/guild/{guildId}/fund", {"amount": 0.01, "idempotencyKey": "k"}
    ),
    Target("user", "POST", "/credits/guild/{guildId}/use", USE),
    Target("user", "GET", "/credits/guild/{guildId}/transactions"),
    Target("user", "GET", LIMITS),
    Target("user", "PUT", LIMITS, {"dailyLimit": 5, "monthlyLimit": None}),
    Target("user", "GET", "/credits/guild/{guildId}/members/{userId}/spending"),
    Target("user", "GET", ALERT),
    Target("user", "PUT", ALERT, {"lowBalanceAt": 5}),
    Target("user", "GET", "/credits/guild/{guildId}/low-balance-alert"),
    Target("user", "PUT", "/credits/guild/{guildId}/low-balance-alert", {"lowBalanceAt": 5}),
    Target("anyone", "GET", "/gifts/{code}"),
    Target(
        "user",
        "POST",
        "/gifts",
        {
            "totalCredits": 1,
            "totalPortions": 1,
            "type": "simple",
            "message": "m",
            "expirationDays": 1,
            "sourceAppId": "chat",
            "idempotencyKey": "k",
        },
    ),
    Target(
        "user",
        "POST",
        "/gifts",
        {
            "credits": 1,
            "portions": 1,
            "type": "personalized",
            "targetEmail": "ann@example.com",
            "targetMatrixId": "@ann:example.com",
            "expiresAt": "2030-01-01T00:00:00Z",
        },
    ),
    Target(
        "user",
        "POST",
        "/gifts",
        {"totalCredits": 1, "type": "riddle", "riddleQuestion": "q", "riddleAnswer": "a"},
    ),
    Target("user", "GET", "/gifts/me/created"),
    Target("user", "GET", "/gifts/me/received"),
    Target(
        "user",
        "POST",
        "/gifts/{code}/redeem",
        {"riddleAnswer": "a", "answer": "a", "sourceAppId": "chat", "idempotencyKey": "k"},
    ),
    Target("user", "DELETE", "/gifts/{id}"),
    Target("service", "GET", "/internal/credits/balance/{userId}"),
    Target("service", "POST", "/internal/credits/use", {"userId": "{userId}", **USE}),
    Target(
        "service",
        "POST",
        "/internal/credits/refund",
        {
            "userId": "{userId}",
            "amount": 1,
            "description": "d",
            "appId": "chat",
            "metadata": {},
            "transactionId": "01900000-0000-7000-8000-000000000001",
            "idempotencyKey": "k",
        },
    ),
    Target("service", "POST", "/internal/credits/quote", {"userId": "{userId}", "items": ITEMS}),
    Target("service", "GET", "/internal/credits/limits/{userId}"),
    Target("service", "PUT", "/internal/credits/limits/{userId}", OWN_LIMITS),
    Target("service", "GET", "/internal/credits/accounts/{userId}/transactions"),
    Target("service", "GET", "/internal/credits/accounts/{userId}/purchases"),
    Target("service", "GET", "/internal/credits/accounts/{userId}/gifts"),
    Target("service", "GET", "/internal/credits/reservation/{id}"),
    Target(
        "service",
        "POST",
        "/internal/credits/capture",
        {"reservationId": "{reservationId}", "amount": 0.01, "items": ITEMS, "idempotencyKey": "k"},
    ),
    Target("service", "POST", "/internal/credits/init", {"userId": "{userId}"}),
    Target(
        "service",
        "POST",
        "/internal/credits/grant",
        {
            "userId": "{userId}",
            "amount": 1,
            "reason": "r",
            "referenceId": "r",
            "description": "d",
            "expiresAt": "2030-01-01T00:00:00Z",
        },
    ),
    Target(
        "service",
        "POST",
        "/internal/credits/reserve",
        {
            "userId": "{userId}",
            "amount": 0.01,
            "reason": "r",
            "expiresInSeconds": 60,
            "guildId": "{guildId}",
            "idempotencyKey": "k",
        },
    ),
    Target(
        "service",
        "POST",
        "/internal/credits/extend",
        {"reservationId": "{reservationId}", "expiresInSeconds": 60},
    ),
    Target(
        "service",
        "POST",
        "/internal/credits/commit",
        {"reservationId": "{reservationId}", "amount": 0.01, "description": "d", "metadata": {}},
    ),
    Target(
        "service",
        "POST",
        "/internal/credits/refund-reservation",
        {"reservationId": "{reservationId}"},
    ),
    Target("service", "DELETE", "/internal/credits/balance/{userId}"),
    Target(
        "service",
        "POST",
        "/internal/credits/explain",
        {"userId": "{userId}", "amount": 1, "guildId": "{guildId}", "appId": "chat"},
    ),
    Target(
        "service",
        "POST",
        "/internal/gifts/redeem-pending",
        {"userId": "{userId}", "email": "ann@example.com"},
    ),
    Target("service", "POST", "/internal/guild-pool/init", {"organizationId": "{guildId}"}),
    Target("anyone", "POST", "/webhooks/stripe"),
    Target("admin", "GET", "/admin/accounts"),
    Target("admin", "GET", "/admin/accounts/{userId}"),
    Target("admin", "POST", "/admin/accounts/{userId}/grant", {**WHY, "amount": 1}),
    Target("admin", "POST", "/admin/accounts/{userId}/take", {**WHY, "amount": 1}),
    Target("admin", "POST", "/admin/accounts/{userId}/freeze", WHY),
    Target("admin", "POST", "/admin/accounts/{userId}/unfreeze", WHY),
    Target("admin", "POST", "/admin/transactions/{id}/refund", {**WHY, "amount": 1}),
    Target("admin", "POST", "/admin/reservations/{id}/release", WHY),
    Target("admin", "POST", "/admin/gifts/{id}/cancel", WHY),
    Target("admin", "GET", "/admin/packages"),
    Target(
        "admin",
        "POST",
        "/admin/packages",
        {**WHY, "name": "n", "credits": 1, "priceEuroCents": 1, "active": False},
    ),
    Target("admin", "PATCH", "/admin/packages/{id}", {**WHY, "name": "n", "metadata": {}}),
    Target("admin", "GET", "/admin/prices"),
    Target(
        "admin",
        "POST",
        "/admin/prices",
        {**WHY, "operation": "hostile", "unitPrice": 1, "per": 1, "category": "c"},
    ),
    Target("admin", "GET", "/admin/service-keys"),
    Target("admin", "POST", "/admin/service-keys", {**WHY, "name": "hostile"}),
    Target("admin", "POST", "/admin/service-keys/{name}/revoke", {**WHY, "number": 0}),
    Target("admin", "GET", "/admin/actions"),
]

WITH_BODIES = [target for target in TARGETS if target.fields]
WITH_PARAMETERS = [target for target in TARGETS if "{" in target.path]
WITH_QUERIES = [target for target in TARGETS if target.method == "GET"]
# Persons whom a hostile path would otherwise erase for good.
NOT_REPEATED = "DELETE /internal/credits/balance/{userId}"


class World:
    """The senders of a request, and things that exist."""

    def __init__(self, api: LiveApi) -> None:
        self.guild = api.guild(1000)
        self.user = self.guild.owner
        api.fund(self.user.id, 100_000)
        self.callers: dict[str, Caller] = {
            "user": self.user,
            "service": api.service,
            "anyone": api.anyone,
            "admin": Admin(api),
        }
        reserve = {"userId": self.user.id, "amount": 1, "reason": "r"}
        self.values = {
            "userId": self.user.id,
            "guildId": self.guild.id,
            "code": self.user.give(1)["code"],
            "id": "01900000-0000-7000-8000-000000000001",
            "packageId": api.package(1),
            "name": "hostile",
            "reservationId": ok(api.service.post("/internal/credits/reserve", reserve))[
                "reservationId"
            ],
        }

    def path(self, target: Target, **changed: str) -> str:
        """Return the path of a target, some of its parameters changed."""
        return target.path.format_map({**self.values, **changed})

    def fields(self, target: Target) -> dict[str, bytes]:
        """Return the fields of a body that the target would take, each as JSON."""
        known = {f"{{{name}}}": value for name, value in self.values.items()}
        return {
            name: json.dumps(known.get(value, value) if isinstance(value, str) else value).encode()
            for name, value in target.fields.items()
        }

    def send(
        self, target: Target, body: bytes | None = None, path: str = "", **headers: str
    ) -> None:
        """Send a request; its answer has to be one that is documented."""
        caller = self.callers[target.who]
        answer = caller.request(target.method, path or self.path(target), body, headers=headers)
        assert_told(answer)


def assert_told(answer: httpx.Response) -> None:
    """Assert that an answer is a result, or an error in the shape of every error."""
    if answer.status_code < 400:
        return
    code = msgspec.json.decode(answer.content)["code"]
    refused(answer, answer.status_code, code)
    assert answer.status_code < 500 or code in UNAVAILABLE, answer.text


def joined(fields: dict[str, bytes]) -> bytes:
    """Return the JSON object of these fields."""
    return (
        b"{"
        + b",".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items())
        + b"}"
    )


@pytest.fixture(scope="module")
def world(api: LiveApi) -> Iterator[World]:
    """The subjects of the requests; after them the process has not grown."""
    world = World(api)
    before = _resident_kib(api)
    yield world
    ok(world.user.get("/credits/balance"))
    assert _resident_kib(api) - before < MOST_GROWTH_KIB


def _resident_kib(api: LiveApi) -> int:
    """Return how much memory the process holds; 0 where that cannot be read."""
    status = Path(f"/proc/{api.process.pid}/status")
    if not status.exists():
        return 0
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])


def test_every_route_is_among_them() -> None:
    known = {str(Target("", target.method, PREFIX + target.path)) for target in TARGETS}
    served = {
        f"{method} {route.path}"
        for route in ROUTES
        for method in (route.methods or set()) - {"HEAD"}
        if route.path.startswith(PREFIX)
    }
    assert {_nameless(route) for route in known} == {_nameless(route) for route in served}


def _nameless(route: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))


each_with_body = pytest.mark.parametrize("target", WITH_BODIES, ids=str)


@each_with_body
def test_what_they_are_made_from_would_be_taken(world: World, target: Target) -> None:
    """Otherwise the wrong value of one field would hide behind another one's."""
    answer = world.callers[target.who].request(
        target.method, world.path(target), joined(world.fields(target))
    )
    assert b"invalid_request" not in answer.content, answer.text


# Each place has another part of what is wrong; every night each has all of it.
in_parts = pytest.mark.parametrize(
    "parts", [5, pytest.param(1, marks=pytest.mark.nightly)], ids=["a part", "all"]
)


@each_with_body
@in_parts
def test_any_value_of_any_field(world: World, target: Target, parts: int) -> None:
    fields = world.fields(target)
    for place, name in enumerate(fields, start=TARGETS.index(target)):
        for value in VALUES[place % parts :: parts]:
            world.send(target, joined({**fields, name: value}))


@each_with_body
def test_any_field_absent_or_twice(world: World, target: Target) -> None:
    fields = world.fields(target)
    for name, value in fields.items():
        rest = {other: fields[other] for other in fields if other != name}
        world.send(target, joined(rest))
        for twice in (b"null", b"-5", b'"\\ud800"', value):
            world.send(target, joined(fields)[:-1] + b',"%s":%s}' % (name.encode(), twice))


@each_with_body
def test_any_body(world: World, target: Target) -> None:
    for body in BODIES:
        world.send(target, body)
    for media_type in MEDIA_TYPES:
        caller = world.callers[target.who]
        headers: Any = {b"Content-Type": media_type.encode("latin-1"), b"Origin": SHOP.encode()}
        headers |= {name.encode(): value.encode() for name, value in caller.headers.items()}
        url = PREFIX + world.path(target)
        assert_told(caller.api.client.request(target.method, url, content=b"a=1", headers=headers))


@settings(max_examples=10 * settings().max_examples)
@given(target=st.sampled_from(WITH_BODIES), data=st.data())
def test_many_wrong_values_at_once(world: World, target: Target, data: st.DataObject) -> None:
    fields = world.fields(target)
    names = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    changed = {name: data.draw(json_values) for name in names}
    world.send(target, joined({**fields, **changed}))


@pytest.mark.parametrize("target", WITH_PARAMETERS, ids=str)
def test_any_segment_of_a_path(world: World, target: Target) -> None:
    body = joined(world.fields(target)) if target.fields else None
    names = [part[1:-1] for part in target.path.split("/") if part.startswith("{")]
    for name in names:
        for segment in SEGMENTS:
            if "." in segment:
                # An HTTP client would tidy such a path away.
                segment = segment.replace(".", "%2e")
            world.send(target, body, world.path(target, **{name: segment}))


@pytest.mark.parametrize("target", WITH_QUERIES, ids=str)
def test_any_query(world: World, target: Target) -> None:
    caller = world.callers[target.who]
    for query in QUERIES:
        url = httpx.URL(caller.api.url + PREFIX + world.path(target))
        sent = url.copy_with(query=query.encode())
        answer = caller.api.client.get(sent, headers={"Origin": SHOP, **caller.headers})
        assert_told(answer)


@pytest.mark.parametrize("target", WITH_QUERIES, ids=str)
def test_the_longest_page(world: World, target: Target) -> None:
    answer = world.callers[target.who].get(world.path(target), limit=100)
    assert answer.is_success or "limit" not in answer.json().get("details", {}), answer.text


HEADERS: list[tuple[str, bytes]] = [
    ("Idempotency-Key", b""),
    ("Idempotency-Key", b"\xff\xfe"),
    ("Idempotency-Key", b"x" * 10_000),
    ("Idempotency-Key", "e\u0301\u202e".encode()),
    ("X-Request-Id", b"\xff" * 200),
    ("X-Request-Id", b"x" * 10_000),
    ("X-App-Id", b"\xff"),
    ("X-App-Id", b"x" * 10_000),
    ("X-Service-Key", b"\xff\xfe"),
    ("X-Service-Key", b"x" * 50_000),
    ("Authorization", b"Bearer \xff"),
    ("Origin", b"\xff"),
    ("Origin", b"https://shop.example\x20.evil"),
    ("X-Forwarded-For", b"\xff, 999.999.999.999, ::::"),
    ("Accept", b"\xff;q=nan"),
    ("Cookie", b"x=" + b"\xff" * 10_000),
    ("Content-Type", b"application/json; charset=\xff"),
    ("Host", b"\xff"),
    ("Range", b"bytes=0-0,0-0,0-0"),
]


@in_parts
@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header)[:30])
def test_any_header(world: World, header: tuple[str, bytes], parts: int) -> None:
    name, value = header
    for target in TARGETS[HEADERS.index(header) % parts :: parts]:
        if str(target) == NOT_REPEATED:
            continue
        caller = world.callers[target.who]
        headers: Any = {b"Origin": SHOP.encode(), b"Content-Type": b"application/json"}
        headers |= {given.encode(): text.encode() for given, text in caller.headers.items()}
        headers[name.encode()] = value
        answer = caller.api.client.request(
            target.method,
            PREFIX + world.path(target),
            content=joined(world.fields(target)) if target.fields else None,
            headers=headers,
        )
        if name == "Origin":
            assert answer.status_code < 500
        else:
            assert_told(answer)


def test_large_bodies_at_once_are_not_kept(world: World) -> None:
    body = b'{"amount": 1, "description": "' + b"x" * 1_000_000

    def send(_: int) -> None:
        refused(world.user.post("/credits/use", body), 413, "body_too_large")

    with ThreadPoolExecutor(16) as executor:
        list(executor.map(send, range(200)))
