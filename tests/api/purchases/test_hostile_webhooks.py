"""Events that are rightly signed and say odd things: taken or refused, and nothing is credited."""

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.payments.webhooks import HANDLERS
from sandbox.stripe import StripeServer
from tests.api.hostile import VALUES
from tests.api.live_api import LiveApi, User, refused

CREDITS, CENTS = 550, 499
ODD: list[Any] = [None, True, -1, 1.5, 10**30, "", "\x00", "x" * 5000, [], [[]], {}, {"a": {}}]

# One type for each way to deal with events.
KINDS = {(handler, kind.partition(".")[0]): kind for kind, handler in HANDLERS.items()}
QUICK = "payment_intent.succeeded"

Path = tuple[str, ...]


@pytest.fixture
def user(api: LiveApi, stripe: StripeServer) -> User:
    """A user; Stripe keeps its events back."""
    stripe.hold = True
    return api.user()


@pytest.fixture
def event(api: LiveApi, stripe: StripeServer, user: User) -> dict[str, Any]:
    """An event that would credit a purchase."""
    purchase = user.purchase(user.buy(api.package(CREDITS, CENTS))["purchaseId"])
    stripe.pay(purchase["stripePaymentIntentId"])
    found: dict[str, Any] = stripe.events_of("payment_intent.succeeded")[-1]
    return found


def send(api: LiveApi, stripe: StripeServer, body: bytes) -> httpx.Response:
    """Deliver a body that is rightly signed."""
    headers = {"Stripe-Signature": stripe.sign(body)}
    return api.anyone.post("/webhooks/stripe", body, headers=headers)


def assert_taken_or_refused(answer: httpx.Response) -> None:
    """Assert that Stripe is told one of two things."""
    if answer.status_code == 200:
        assert answer.json() == {"received": True}
    else:
        refused(answer, 400, "invalid_request")


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Yield the way to every member of an event."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*above, name)
            yield from paths(inner, (*above, name))


def replaced(event: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return the event with another value in one place."""
    changed = copy.deepcopy(event)
    inner: Any = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind == QUICK else pytest.mark.nightly)
        for kind in sorted(KINDS.values())
    ],
)
def test_any_value_of_any_field_of_any_event(
    api: LiveApi, stripe: StripeServer, user: User, event: dict[str, Any], kind: str
) -> None:
    before = len(user.ledger())
    # Events about which Stripe would be asked have no answer here, and only cost time.
    foreign = replaced(event, ("data", "object", "id"), "pi_foreign")
    for path in [("data", "object"), ("data", "object", "metadata", "userId"), *paths(foreign)]:
        for value in ODD:
            changed = {**replaced(foreign, path, value)}
            if path != ("type",):
                changed["type"] = kind
            _weaken(changed)
            assert_taken_or_refused(send(api, stripe, json.dumps(changed).encode()))
    assert len(user.ledger()) == before


def _weaken(event: dict[str, Any]) -> None:
    """Let the event be about another sum, so that it credits nothing even where it is whole."""
    item = event.get("data")
    item = item.get("object") if isinstance(item, dict) else None
    if isinstance(item, dict):
        for name in ("amount_received", "amount_total"):
            if item.get(name) in (CENTS, None):
                item[name] = CENTS + 1


@pytest.mark.parametrize("name", ["id", "amount_received", "currency", "metadata", "status"])
def test_any_json_in_a_field(
    api: LiveApi, stripe: StripeServer, user: User, event: dict[str, Any], name: str
) -> None:
    whole = json.dumps(replaced(event, ("data", "object", name), "PLACE")).encode()
    for value in VALUES:
        assert_taken_or_refused(send(api, stripe, whole.replace(b'"PLACE"', value)))
    assert set(user.amounts()) <= {CREDITS}
    assert len(user.amounts()) <= 1


@given(data=st.data())
def test_a_body_that_was_changed_under_its_signature_is_refused(
    api: LiveApi, data: st.DataObject
) -> None:
    body = json.dumps(api.stripe.make_event("payment_intent.succeeded", {"id": "x"})).encode()
    at = data.draw(st.integers(0, len(body) - 1))
    changed = body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :]
    headers = {"Stripe-Signature": api.stripe.sign(body)}
    answer = api.anyone.post("/webhooks/stripe", changed, headers=headers)
    if changed != body:
        refused(answer, 400, "invalid_request")


@given(signature=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_any_signature_is_refused(api: LiveApi, signature: str) -> None:
    body = json.dumps(api.stripe.make_event("payment_intent.succeeded", {"id": "x"})).encode()
    for prefix in (b"", b"t=%d,v1=" % time.time()):
        headers: Any = {b"Stripe-Signature": prefix + signature.strip().encode("latin-1")}
        headers[b"Origin"] = b"https://shop.example"
        answer = api.client.post("/api/v1/webhooks/stripe", content=body, headers=headers)
        refused(answer, 400, "invalid_request")
