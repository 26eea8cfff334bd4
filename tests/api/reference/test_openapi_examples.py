"""The examples of the document are what the API answers: played through, and compared.

`WRITE_EXAMPLES=1` writes them anew. What differs in every run (ids, times, codes) is told by a
stand-in that always is the same.
"""

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import httpx
import msgspec
import pytest

from openapi.document import FOLDER
from sandbox.stripe import StripeServer
from tests.api.described import JSON, described_operation, document
from tests.api.desk_calls import Admin
from tests.api.gift_pages import anyone
from tests.api.live_api import Guild, LiveApi, User, ok, unique, wait_until
from tests.api.service_calls import (
    commit,
    erase,
    explain,
    extend,
    grant,
    make_gifts,
    release,
    reserve,
)

FILE = FOLDER / "examples.json"

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r'"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)"')
DATE = re.compile(r'"\d{4}-\d{2}-\d{2}"')
REQUEST_ID = re.compile(r'("requestId": ?)"[0-9a-f]{32}"')
STRIPE_ID = re.compile(r"\b(pi|cs|cus)_[A-Za-z0-9_]+")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


# An operation that has a price.
WORD = "chat.word"

Add = Callable[[httpx.Response], Any]


class Examples:
    """Collects what is sent and answered: the first of each kind, and of a list the first row."""

    def __init__(self, api: LiveApi) -> None:
        self.operations: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, Any] = {}
        self._began = datetime.now(UTC).replace(microsecond=0)
        self._ids: dict[str, str] = {}
        self.names = {
            api.url: "https://credits.example",
            api.stripe.url: "https://stripe.example",
            f'"{version("mana-credits")}"': '"1.0.0"',
        }

    def add(self, answer: httpx.Response) -> Any:
        """Keep what was sent and answered, and return the answer."""
        # Else it would stand in the place of what was to be shown.
        assert answer.status_code < 500, answer.text
        request = answer.request
        found = described_operation(request.method, request.url.raw_path.decode().partition("?")[0])
        assert found is not None
        path, method = found
        if answer.is_error:
            body = self._told(answer.text)
            self.errors.setdefault(body["code"], body)
            return answer.json()
        name = document()["paths"][path][method]["operationId"]
        parts = self.operations.setdefault(name, {})
        if request.content:
            parts.setdefault("request", self._told(request.content.decode()))
        parts.setdefault(str(answer.status_code), self._told(answer.text))
        assert answer.headers["content-type"] == JSON
        return answer.json()

    def _told(self, text: str) -> Any:
        if text.startswith("["):
            # Further rows may be those of other tests, and are no example.
            rows = msgspec.json.decode(text, type=list[msgspec.Raw])
            text = f"[{bytes(rows[0]).decode()}]" if rows else text
        if text.startswith('{"operationCosts"'):
            pricing = json.loads(text)
            costs = pricing["operationCosts"]
            text = json.dumps({**pricing, "operationCosts": {WORD: costs[WORD]}})
        for name, stand_in in self.names.items():
            text = text.replace(name, stand_in)
        text = UUID.sub(self._stand_in, text)
        text = STRIPE_ID.sub(r"\1_example", text)
        text = REQUEST_ID.sub(r'\1"request-17"', text)
        text = DATE.sub(f'"{NOON:%Y-%m-%d}"', text)
        return json.loads(TIME.sub(self._since_noon, text))

    def _stand_in(self, match: re.Match[str]) -> str:
        number = len(self._ids) + 1
        return self._ids.setdefault(match[0], f"019c12e8-4c00-7000-8000-{number:012}")

    def _since_noon(self, match: re.Match[str]) -> str:
        """Return a time as if all had begun at noon, to five minutes; midnight is the next."""
        if match[1].endswith("T00:00:00"):
            return f'"{NOON + timedelta(hours=12):%Y-%m-%dT%H:%M:%SZ}"'
        passed = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) - self._began
        minutes = passed // timedelta(minutes=5) * 5
        return json.dumps(f"{NOON + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}")


@pytest.fixture
def examples(api: LiveApi, stripe: StripeServer) -> Examples:
    return Examples(api)


def play(api: LiveApi, examples: Examples) -> None:
    """Do everything once that can be done, and some of what is refused."""
    ann, bob = api.user(name="Ann", email="ann@example.com"), api.user(name="Bob")
    pool = Guild("", ann, bob)
    pool.id = f"guild-of-{ann.id}"
    api.issuer.set_member(pool.id, ann.id, "owner")
    api.issuer.set_member(pool.id, bob.id, "member")
    examples.names |= {pool.id: "guild-1", ann.id: "ann", bob.id: "bob"}
    play_personal(api, examples.add, ann)
    play_prices(api, examples.add, ann)
    play_guild(api, examples.add, pool)
    play_gifts(api, examples, ann, bob)
    play_purchases(api, examples.add, ann)
    play_desk(api, examples, bob)
    play_services(api, examples.add, bob)
    for path in ("/health", "/health/ready", "/"):
        examples.add(api.client.get(path))


def play_personal(api: LiveApi, add: Add, ann: User) -> None:
    add(api.service.post("/internal/credits/init", {"userId": ann.id}))
    add(grant(api, ann.id, 500, reason="welcome", referenceId="welcome-gift"))
    use = {
        "amount": 0.5,
        "appId": "chat",
        "description": "One answer",
        "idempotencyKey": "message-17",
        "metadata": {"model": "large"},
    }
    add(ann.post("/credits/use", use))
    add(ann.post("/credits/use", {**use, "amount": 1}))
    add(ann.post("/credits/use", {**use, "amount": 1000, "idempotencyKey": "message-18"}))
    add(ann.post("/credits/use", {**use, "amount": "1"}))
    add(api.anyone.get("/credits/balance"))
    add(ann.get("/credits/balance"))
    add(ann.get("/credits/transactions", limit=1))
    add(ann.get("/credits/usage"))
    add(ann.put("/credits/limits", {"monthly": 200, "perApp": {"chat": {"daily": 20}}}))
    add(ann.get("/credits/limits"))
    add(ann.put("/credits/low-balance-alert", {"lowBalanceAt": 50}))
    add(ann.get("/credits/low-balance-alert"))


def play_prices(api: LiveApi, add: Add, ann: User) -> None:
    with api.database.connect() as owner:
        owner.execute(
            "insert into credits.prices"
            " (operation, app_id, unit, unit_price, name, category, sort_order)"
            " values (%s, 'chat', 'word', 0.02, 'A word', 'chat', -1000000)"
            " on conflict do nothing",
            [WORD],
        )
    wait_until(lambda: WORD in api.anyone.get("/credits/prices").text)
    add(api.anyone.get("/credits/prices"))
    add(api.anyone.get("/credits/pricing"))
    items = [{"operation": WORD, "quantity": 25}]
    add(ann.post("/credits/quote", {"items": items}))
    add(ann.post("/credits/quote", {"items": [{"operation": "chat.unknown"}]}))
    use = {"items": items, "appId": "chat", "description": "An answer of 25 words"}
    add(ann.post("/credits/use", {**use, "expectedAmount": 0.4}))
    add(api.service.post("/internal/credits/quote", {"userId": ann.id, "items": items}))


def play_guild(api: LiveApi, add: Add, guild: Guild) -> None:
    owner, member = guild.owner, guild.member
    add(owner.get(f"{guild.path}/balance"))
    add(api.service.post("/internal/guild-pool/init", {"organizationId": guild.id}))
    add(owner.post(f"{guild.path}/fund", {"amount": 50, "idempotencyKey": "funding-1"}))
    add(guild.use(member, 2.25, description="A summary"))
    limits = f"{guild.path}/members/{member.id}/limits"
    add(owner.put(f"{guild.path}/limits", {"dailyLimit": 5, "weeklyLimit": 20}))
    add(member.get(f"{guild.path}/limits"))
    add(owner.put(limits, {"dailyLimit": 10, "monthlyLimit": None}))
    add(member.get(limits))
    add(guild.use(member, 8))
    add(member.put(limits, {"dailyLimit": 1000}))
    add(member.get(f"{guild.path}/members/{member.id}/spending"))
    add(member.get(f"{guild.path}/balance"))
    add(member.get(f"{guild.path}/transactions", limit=1))
    alert = f"{guild.path}/low-balance-alert"
    add(owner.put(alert, {"lowBalanceAt": 20}))
    add(member.get(alert))
    add(api.user().get(f"{guild.path}/balance"))


def play_gifts(api: LiveApi, examples: Examples, giver: User, friend: User) -> None:
    add = examples.add
    gift = {
        "totalCredits": 100,
        "totalPortions": 4,
        "message": "Have fun!",
        "riddleQuestion": "What has keys, and opens no door?",
        "riddleAnswer": "A piano",
        "idempotencyKey": "gift-1",
    }
    answer = giver.post("/gifts", gift)
    code = answer.json()["code"]
    examples.names[code] = "H7KQ2MZX9R"
    add(answer)
    add(giver.post("/gifts", gift))
    add(anyone(api).get(f"/gifts/{code}"))
    add(anyone(api).get("/gifts/ABCDEFGHJK"))
    add(friend.redeem(code))
    add(friend.redeem(code, riddleAnswer="A guitar"))
    add(friend.redeem(code, riddleAnswer="A piano"))
    add(friend.redeem(code, riddleAnswer="A piano"))
    add(giver.get("/gifts/me/created"))
    add(friend.get("/gifts/me/received"))
    add(giver.delete(f"/gifts/{answer.json()['id']}"))
    waiting = {"totalCredits": 10, "targetEmail": "new@example.com"}
    giver.post("/gifts", waiting)
    person = api.user()
    examples.names[person.id] = "new-user"
    body = {"userId": person.id, "email": "new@example.com"}
    add(api.service.post("/internal/gifts/redeem-pending", body))


def play_purchases(api: LiveApi, add: Add, buyer: User) -> None:
    package = api.package(
        100, 499, name="A hundred", description="For a good start", sort_order=-1_000_000
    )
    wait_until(lambda: package in api.anyone.get("/credits/packages").text)
    add(api.anyone.get("/credits/packages"))
    add(buyer.post("/credits/purchase", {"packageId": package}))
    with api.database.connect() as owner:
        owner.execute("update credits.packages set active = false where id = %s", [package])
    add(buyer.post("/credits/purchase", {"packageId": package}))
    [begun] = add(buyer.get("/credits/purchases"))
    add(buyer.get(f"/credits/purchase/{begun['id']}"))
    event = {
        "type": "customer.created",
        "data": {"object": {"id": "cus_example", "object": "customer"}},
        "created": 1769860800,
    }
    body = json.dumps(event).encode()
    signature = {"Stripe-Signature": api.stripe.sign(body)}
    add(api.anyone.post("/webhooks/stripe", body, headers=signature))


def play_desk(api: LiveApi, examples: Examples, user: User) -> None:
    add = examples.add
    admin = Admin(api)
    examples.names |= {admin.id: "eve"}
    why = {"reason": "Ticket 17", "idempotencyKey": "ticket-17"}
    path = f"/admin/accounts/{user.id}"
    add(admin.get("/admin/accounts", query=user.id))
    add(admin.post(f"{path}/grant", {**why, "amount": 25, "description": "Sorry for the wait"}))
    taken = {"reason": "Granted twice", "idempotencyKey": "ticket-18", "amount": 5}
    add(admin.post(f"{path}/take", taken))
    add(admin.post(f"{path}/take", {**taken, "idempotencyKey": "ticket-19", "amount": 1000}))
    usage = ok(user.use(2))["transaction"]["id"]
    add(
        admin.post(
            f"/admin/transactions/{usage}/refund",
            {"reason": "It was blurred", "idempotencyKey": "ticket-20"},
        )
    )
    held = ok(reserve(api, user.id, 2, appId="chat"))["reservationId"]
    gift = user.give(10)
    examples.names[gift["code"]] = "K3MZ7XQ2RA"
    for what, ticket in (("reservations", held), ("gifts", gift["id"])):
        end = "release" if what == "reservations" else "cancel"
        body = {"reason": "Asked for it", "idempotencyKey": f"end-of-{what}"}
        add(admin.post(f"/admin/{what}/{ticket}/{end}", body))
    add(admin.post(f"{path}/freeze", {"reason": "Reported stolen", "idempotencyKey": "ticket-23"}))
    add(user.use(1))
    add(admin.get(path))
    add(admin.post(f"{path}/unfreeze", {"reason": "Found again", "idempotencyKey": "ticket-24"}))
    add(admin.post(f"/admin/accounts/{admin.id}/grant", {**why, "amount": 25}))
    add(user.get("/admin/packages"))
    package = {"name": "Fifty", "credits": 50, "priceEuroCents": 299, "sortOrder": -2_000_000}
    keys = [unique("key") for _ in range(3)]
    examples.names |= dict(zip(keys, ("summer-1", "summer-2", "model-1"), strict=True))
    summer = {"reason": "For the summer", "idempotencyKey": keys[0]}
    made = add(admin.post("/admin/packages", {**package, **summer}))
    add(admin.get("/admin/packages"))
    change = {"active": False, "reason": "Summer is over", "idempotencyKey": keys[1]}
    add(admin.request("PATCH", f"/admin/packages/{made['action']['after']['id']}", change))
    operation = unique("operation")
    examples.names[operation] = "chat.picture"
    price = {"operation": operation, "unitPrice": 2.5, "unit": "picture"}
    model = {"reason": "A new model", "idempotencyKey": keys[2]}
    add(admin.post("/admin/prices", {**price, **model}))
    add(admin.get("/admin/prices", operation=operation))
    keys = [unique("key") for _ in range(2)]
    examples.names |= dict(zip(keys, ("bot-1", "bot-2"), strict=True))
    bot = unique("service")
    examples.names[bot] = "bot"
    service = {"name": bot, "reason": "For the new bot", "idempotencyKey": keys[0]}
    made = admin.post("/admin/service-keys", service)
    examples.names[ok(made)["serviceKey"]] = f"mana_{'0123456789abcdef' * 4}"
    add(made)
    add(admin.get("/admin/service-keys"))
    leaked = {"number": 1, "reason": "It leaked", "idempotencyKey": keys[1]}
    add(admin.post(f"/admin/service-keys/{bot}/revoke", leaked))
    add(admin.get("/admin/actions", account=user.id))
    story = f"/internal/credits/accounts/{user.id}"
    for of_the_user in ("transactions", "purchases", "gifts"):
        add(api.service.get(f"{story}/{of_the_user}"))


def play_services(api: LiveApi, add: Add, user: User) -> None:
    add(api.service.get(f"/internal/credits/balance/{user.id}"))
    limits = f"/internal/credits/limits/{user.id}"
    add(api.service.put(limits, {"daily": 100}))
    add(api.service.get(limits))
    used = add(
        api.service.post(
            "/internal/credits/use",
            {"userId": user.id, "amount": 3, "appId": "chat", "description": "A picture"},
        )
    )
    back = {
        "userId": user.id,
        "amount": 1.5,
        "description": "It was blurred",
        "transactionId": used["transaction"]["id"],
    }
    add(api.service.post("/internal/credits/refund", back))
    add(api.service.post("/internal/credits/refund", {**back, "amount": 2}))
    add(explain(api, user.id, 4))
    held = add(reserve(api, user.id, 5, appId="chat"))["reservationId"]
    add(extend(api, held, 7200))
    add(api.service.get(f"/internal/credits/reservation/{held}"))
    part = {"reservationId": held, "amount": 0.5, "idempotencyKey": "step-1"}
    add(api.service.post("/internal/credits/capture", part))
    add(commit(api, held, amount=4.2, description="A long answer"))
    add(commit(api, held, amount=1))
    held = reserve(api, user.id, 5).json()["reservationId"]
    add(release(api, held))
    add(erase(api, user.id))
    much = api.user(1000)
    make_gifts(api, much, 501)
    add(erase(api, much.id))


def test_the_examples_are_what_is_answered(api: LiveApi, examples: Examples) -> None:
    play(api, examples)
    played = {"operations": examples.operations, "errors": examples.errors}
    if os.environ.get("WRITE_EXAMPLES"):
        FILE.write_text(json.dumps(played, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert played == json.loads(FILE.read_text(encoding="utf-8"))
