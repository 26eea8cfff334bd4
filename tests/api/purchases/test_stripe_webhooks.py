"""Reports of Stripe about payments: each event acts once, whatever the order."""

import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.stripe import StripeServer
from tests.api.live_api import (
    PREFIX,
    SHOP,
    LiveApi,
    StartApi,
    User,
    ok,
    refused,
    unique,
    wait_until,
)

CREDITS, CENTS = 550, 499

Event = dict[str, Any]


@dataclass
class Sale:
    """A purchase that waits for its payment, at a Stripe that keeps its events back."""

    api: LiveApi
    stripe: StripeServer
    user: User
    purchase_id: str
    payment: str

    def events(self, *kinds: str) -> list[Event]:
        """Return the newest event of each type."""
        return [self.stripe.events_of(kind)[-1] for kind in kinds]

    def deliver(self, *events: Event) -> None:
        """Deliver events at the same time; each has to be taken."""
        for delivery in self.stripe.deliver(*events):
            assert delivery.status == 200, delivery
            assert json.loads(delivery.answer) == {"received": True}

    @property
    def status(self) -> str:
        """The status of the purchase."""
        return str(self.user.purchase(self.purchase_id)["status"])

    def credited(self) -> int:
        """Return how often the purchase was credited."""
        amounts = self.user.amounts()
        assert set(amounts) <= {CREDITS}
        return len(amounts)


@pytest.fixture
def sale(api: LiveApi, stripe: StripeServer) -> Sale:
    """A purchase by PaymentIntent."""
    stripe.hold = True
    user = api.user()
    purchase_id = user.buy(api.package(CREDITS, CENTS))["purchaseId"]
    intent = user.purchase(purchase_id)["stripePaymentIntentId"]
    return Sale(api, stripe, user, purchase_id, intent)


@pytest.fixture
def checkout(api: LiveApi, stripe: StripeServer) -> Sale:
    """A purchase by Checkout Session."""
    stripe.hold = True
    user = api.user()
    urls = {"successUrl": f"{SHOP}/thanks", "cancelUrl": f"{SHOP}/cart"}
    answer = user.buy(api.package(CREDITS, CENTS), **urls)
    session = answer["checkoutUrl"].rpartition("/")[2]
    return Sale(api, stripe, user, answer["purchaseId"], session)


def changed(event: Event, **fields: Any) -> Event:
    """Return the event with other values in its object."""
    item = {**event["data"]["object"], **fields}
    return {**event, "data": {**event["data"], "object": item}}


def send(api: LiveApi, body: bytes, signature: str | None) -> httpx.Response:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return api.anyone.post("/webhooks/stripe", body, headers=headers)


# The outcome of a purchase


def test_a_paid_intent_is_credited(sale: Sale) -> None:
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded"))
    [row] = sale.user.ledger()
    assert (row["type"], row["amount"]) == ("purchase", CREDITS)
    purchase = sale.user.purchase(sale.purchase_id)
    assert purchase["status"] == "completed"
    assert purchase["completedAt"] is not None


def test_a_paid_checkout_is_credited(checkout: Sale) -> None:
    checkout.stripe.pay(checkout.payment)
    checkout.deliver(*checkout.events("checkout.session.completed"))
    assert (checkout.credited(), checkout.status) == (1, "completed")
    purchase = checkout.user.purchase(checkout.purchase_id)
    intent = checkout.stripe.object(checkout.payment)["payment_intent"]
    assert purchase["stripePaymentIntentId"] == intent


def test_all_that_stripe_sends_of_one_checkout_credits_once(
    api: LiveApi, stripe: StripeServer, checkout: Sale
) -> None:
    stripe.pay(checkout.payment)
    for event in stripe.events:
        checkout.deliver(event)
    assert checkout.credited() == 1


def test_a_payment_arrives_by_itself(api: LiveApi, stripe: StripeServer) -> None:
    user = api.user()
    answer = user.buy(api.package(CREDITS, CENTS))
    stripe.pay(user.purchase(answer["purchaseId"])["stripePaymentIntentId"])
    stripe.wait_delivered()
    assert user.balance() == CREDITS


def test_a_declined_card_fails_the_purchase(sale: Sale) -> None:
    sale.stripe.decline(sale.payment)
    sale.deliver(*sale.events("payment_intent.payment_failed"))
    assert (sale.credited(), sale.status) == (0, "failed")


def test_a_second_attempt_after_a_declined_card_counts(sale: Sale) -> None:
    sale.stripe.decline(sale.payment)
    sale.deliver(*sale.events("payment_intent.payment_failed"))
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded"))
    assert (sale.credited(), sale.status) == (1, "completed")


def test_a_debit_is_processing_until_it_is_settled(sale: Sale) -> None:
    sale.stripe.debit(sale.payment)
    sale.deliver(*sale.events("payment_intent.processing"))
    assert (sale.credited(), sale.status) == (0, "processing")
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded"))
    assert (sale.credited(), sale.status) == (1, "completed")


def test_a_completed_checkout_that_is_not_paid_yet_credits_nothing(checkout: Sale) -> None:
    checkout.stripe.debit(checkout.payment)
    checkout.deliver(*checkout.events("checkout.session.completed"))
    assert (checkout.credited(), checkout.status) == (0, "processing")
    checkout.stripe.pay(checkout.payment)
    checkout.deliver(*checkout.events("checkout.session.async_payment_succeeded"))
    assert (checkout.credited(), checkout.status) == (1, "completed")


def test_a_debit_that_bounces_fails_the_purchase(checkout: Sale) -> None:
    checkout.stripe.debit(checkout.payment)
    checkout.stripe.decline(checkout.payment)
    kinds = ("checkout.session.completed", "checkout.session.async_payment_failed")
    for event in checkout.events(*kinds):
        checkout.deliver(event)
    assert (checkout.credited(), checkout.status) == (0, "failed")


def test_an_expired_checkout_is_cancelled(checkout: Sale) -> None:
    checkout.stripe.expire(checkout.payment)
    checkout.deliver(*checkout.events("checkout.session.expired"))
    assert (checkout.credited(), checkout.status) == (0, "cancelled")


# Repeated, in any order, at once


def test_five_deliveries_of_one_event_at_once_credit_once(sale: Sale) -> None:
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded") * 5)
    assert sale.credited() == 1


def test_an_event_that_comes_again_later_acts_no_more(sale: Sale) -> None:
    sale.stripe.pay(sale.payment)
    for _ in range(3):
        sale.deliver(*sale.events("payment_intent.succeeded"))
    assert sale.credited() == 1


def test_both_kinds_of_success_at_once_credit_once(checkout: Sale) -> None:
    checkout.stripe.pay(checkout.payment)
    kinds = ("checkout.session.completed", "payment_intent.succeeded")
    checkout.deliver(*checkout.events(*kinds) * 3)
    assert checkout.credited() == 1


KINDS = ("payment_intent.processing", "payment_intent.payment_failed", "payment_intent.succeeded")


@pytest.mark.parametrize(
    "order", list(itertools.permutations(range(3))), ids=lambda order: "".join(map(str, order))
)
def test_a_success_counts_in_every_order_of_events(sale: Sale, order: tuple[int, ...]) -> None:
    sale.stripe.debit(sale.payment)
    sale.stripe.decline(sale.payment)
    sale.stripe.pay(sale.payment)
    events = sale.events(*KINDS)
    for index in order:
        sale.deliver(events[index])
    assert (sale.credited(), sale.status) == (1, "completed")


def test_a_success_counts_when_everything_arrives_at_once(sale: Sale) -> None:
    sale.stripe.debit(sale.payment)
    sale.stripe.decline(sale.payment)
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events(*KINDS) * 3)
    assert (sale.credited(), sale.status) == (1, "completed")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "reversed"])
@pytest.mark.parametrize("end", ["processing", "failed"])
def test_a_payment_stands_as_it_is_at_stripe_in_every_order(
    sale: Sale, end: str, order: tuple[int, int]
) -> None:
    if end == "processing":
        sale.stripe.decline(sale.payment)
        sale.stripe.debit(sale.payment)
    else:
        sale.stripe.debit(sale.payment)
        sale.stripe.decline(sale.payment)
    events = sale.events("payment_intent.payment_failed", "payment_intent.processing")
    for index in order:
        sale.deliver(events[index])
    assert sale.status == end


@pytest.mark.parametrize(
    "kind",
    ["payment_intent.payment_failed", "payment_intent.canceled", "payment_intent.processing"],
)
def test_a_late_failure_never_undoes_a_success(sale: Sale, kind: str) -> None:
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded"))
    sale.deliver(sale.stripe.make_event(kind, sale.stripe.object(sale.payment)))
    assert (sale.credited(), sale.status) == (1, "completed")


@pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.created"])
def test_what_happens_after_a_payment_is_acknowledged(sale: Sale, kind: str) -> None:
    sale.stripe.pay(sale.payment)
    sale.deliver(*sale.events("payment_intent.succeeded"))
    if kind == "charge.refunded":
        sale.stripe.refund(sale.payment)
    else:
        sale.stripe.dispute(sale.payment)
    sale.deliver(*sale.events(kind))


# Fields that must match


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_received": CENTS - 1},
        {"amount_received": CENTS + 1},
        {"amount_received": 0},
        {"amount_received": -CENTS},
        {"amount_received": None},
        {"amount_received": str(CENTS)},
        {"amount_received": True},
        {"amount_received": 2**70},
        {"currency": "usd"},
        {"currency": None},
        {"currency": ["eur"]},
    ],
    ids=repr,
)
def test_a_payment_of_something_else_credits_nothing(sale: Sale, fields: dict[str, Any]) -> None:
    sale.stripe.pay(sale.payment)
    [event] = sale.events("payment_intent.succeeded")
    sale.deliver(changed(event, **fields))
    assert sale.credited() == 0
    sale.deliver(event)
    assert sale.credited() == 1


@pytest.mark.parametrize("fields", [{"amount_total": 1}, {"currency": "usd"}], ids=repr)
def test_a_checkout_of_something_else_credits_nothing(
    checkout: Sale, fields: dict[str, Any]
) -> None:
    checkout.stripe.pay(checkout.payment)
    [event] = checkout.events("checkout.session.completed")
    checkout.deliver(changed(event, **fields))
    assert checkout.credited() == 0


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        "text",
        {"purchaseId": "x", "userId": "y"},
        {"purchaseId": 17, "userId": 17},
        {"purchaseId": "01900000-0000-7000-8000-000000000001"},
        {"userId": "nobody"},
        {"purchaseId": "01900000-0000-7000-8000-000000000001", "userId": "nobody"},
        {"purchaseId": "01900000-0000-7000-8000-000000000001", "userId": "\x00"},
        {"purchaseId": "01900000-0000-7000-8000-000000000001", "userId": "x" * 500},
        {"purchaseId": {"$gt": ""}, "userId": {"$gt": ""}},
    ],
    ids=lambda metadata: repr(metadata)[:60],
)
@pytest.mark.parametrize(
    "kind",
    [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "checkout.session.completed",
        "charge.refunded",
    ],
)
def test_objects_that_are_not_ours_have_no_effect(sale: Sale, kind: str, metadata: Any) -> None:
    foreign = {
        "id": "pi_foreign",
        "object": "payment_intent",
        "amount_received": CENTS,
        "amount_total": CENTS,
        "currency": "eur",
        "payment_status": "paid",
        "payment_intent": "pi_foreign",
        "metadata": metadata,
    }
    sale.deliver(sale.stripe.make_event(kind, foreign))
    assert (sale.credited(), sale.status) == (0, "pending")


@pytest.mark.parametrize("kept", [(), ("purchaseId",), ("userId",)], ids=repr)
def test_a_paid_intent_is_credited_though_its_metadata_were_edited(
    sale: Sale, kept: tuple[str, ...]
) -> None:
    sale.stripe.pay(sale.payment)
    [event] = sale.events("payment_intent.succeeded")
    metadata = {name: event["data"]["object"]["metadata"][name] for name in kept}
    sale.deliver(changed(event, metadata=metadata))
    assert (sale.credited(), sale.status) == (1, "completed")


def test_a_declined_card_fails_the_purchase_though_its_metadata_were_edited(sale: Sale) -> None:
    sale.stripe.decline(sale.payment)
    [event] = sale.events("payment_intent.payment_failed")
    sale.deliver(changed(event, metadata={}))
    assert (sale.credited(), sale.status) == (0, "failed")


@pytest.mark.parametrize("edited", ["userId", "purchaseId", "both"])
def test_the_payment_that_we_noted_is_the_purchases_whatever_it_says_of_itself(
    sale: Sale, edited: str
) -> None:
    other = sale.api.user()
    theirs = other.buy(sale.api.package(CREDITS, CENTS))["purchaseId"]
    sale.stripe.pay(sale.payment)
    [event] = sale.events("payment_intent.succeeded")
    said = {"userId": other.id, "purchaseId": theirs}
    kept = {} if edited == "both" else event["data"]["object"]["metadata"]
    sale.deliver(changed(event, metadata={**said, **kept, edited: said.get(edited)}))
    assert (sale.credited(), sale.status, other.amounts()) == (1, "completed", [])


def test_the_page_that_we_noted_is_the_purchases_whatever_it_says_of_itself(
    checkout: Sale,
) -> None:
    checkout.stripe.pay(checkout.payment)
    [event] = checkout.events("checkout.session.completed")
    checkout.deliver(changed(event, metadata={}))
    assert (checkout.credited(), checkout.status) == (1, "completed")


def another_intent(sale: Sale, user_id: str | None = None) -> str:
    """Create another payment of the account, with the metadata of this purchase."""
    created = httpx.post(
        f"{sale.stripe.url}/v1/payment_intents",
        headers={"Authorization": f"Bearer {sale.stripe.secret_key}"},
        data={
            "amount": str(CENTS),
            "currency": "eur",
            "metadata[userId]": user_id or sale.user.id,
            "metadata[purchaseId]": sale.purchase_id,
        },
        trust_env=False,
    )
    return str(ok(created)["id"])


@pytest.fixture(params=["intent", "page"])
def begun(request: pytest.FixtureRequest) -> Sale:
    """A purchase by PaymentIntent, and one on a page that nobody has paid on yet."""
    name = {"intent": "sale", "page": "checkout"}[request.param]
    found: Sale = request.getfixturevalue(name)
    return found


def logged(api: LiveApi, **fields: object) -> bool:
    """Return True if the process has written a line with these fields."""
    text = api.process.log.read_text(encoding="utf-8").rpartition("\n")[0]
    lines = [json.loads(line) for line in text.splitlines()]
    return any(fields.items() <= line.items() for line in lines)


def test_another_payment_that_names_the_purchase_moves_nothing(begun: Sale) -> None:
    other = another_intent(begun)
    begun.stripe.pay(other)
    begun.deliver(*begun.events("payment_intent.succeeded"))
    assert (begun.credited(), begun.status) == (0, "pending")
    line = {"level": "error", "purchaseId": begun.purchase_id, "outcome": "another_payment"}
    wait_until(lambda: logged(begun.api, **line))
    begun.stripe.pay(begun.payment)
    begun.deliver(*begun.events("payment_intent.succeeded"))
    assert (begun.credited(), begun.status) == (1, "completed")
    noted = begun.user.purchase(begun.purchase_id)["stripePaymentIntentId"]
    assert noted != other


def test_another_payment_that_fails_does_not_end_the_purchase(begun: Sale) -> None:
    begun.stripe.decline(another_intent(begun))
    begun.deliver(*begun.events("payment_intent.payment_failed"))
    assert begun.status == "pending"


@pytest.mark.parametrize("reversal", ["refund", "dispute"])
def test_another_payment_that_goes_back_takes_nothing(begun: Sale, reversal: str) -> None:
    begun.stripe.pay(begun.payment)
    begun.deliver(*begun.events("payment_intent.succeeded"))
    other = another_intent(begun)
    begun.stripe.pay(other)
    begun.deliver(*begun.events("payment_intent.succeeded"))
    if reversal == "refund":
        begun.stripe.refund(other)
        begun.deliver(*begun.events("charge.refunded"))
    else:
        begun.stripe.dispute(other)
        begun.deliver(*begun.events("charge.dispute.created"))
    assert begun.user.amounts() == [CREDITS]


def test_another_page_that_names_the_purchase_moves_nothing(begun: Sale) -> None:
    foreign = {
        "id": "cs_test_another",
        "object": "checkout.session",
        "amount_total": CENTS,
        "currency": "eur",
        "payment_status": "paid",
        "payment_intent": "pi_another",
        "metadata": {"userId": begun.user.id, "purchaseId": begun.purchase_id},
    }
    begun.deliver(begun.stripe.make_event("checkout.session.completed", foreign))
    begun.deliver(begun.stripe.make_event("checkout.session.expired", foreign))
    assert (begun.credited(), begun.status) == (0, "pending")


@pytest.mark.parametrize(
    "fields",
    [{"account": "acct_1"}, {"account": ""}, {"account": 7}, {"livemode": True}, {"livemode": "x"}],
    ids=repr,
)
def test_events_of_other_accounts_and_of_the_other_mode_do_not_count(
    sale: Sale, fields: dict[str, Any]
) -> None:
    sale.stripe.pay(sale.payment)
    [event] = sale.events("payment_intent.succeeded")
    sale.deliver({**event, **fields})
    assert (sale.credited(), sale.status) == (0, "pending")
    reason = "account" if "account" in fields else "mode"
    line = {"level": "warning", "event": event["type"], "reason": reason}
    wait_until(lambda: logged(sale.api, **line))
    sale.deliver({**event, "account": None})
    assert sale.credited() == 1


@pytest.mark.parametrize("kind", ["customer.created", "invoice.paid", "unheard.of", ""])
def test_events_of_other_types_are_acknowledged(sale: Sale, kind: str) -> None:
    sale.deliver(sale.stripe.make_event(kind, {"id": "x", "object": "x"}))


# Reporters that are believed


@pytest.fixture
def paid(sale: Sale) -> tuple[Sale, bytes]:
    """A purchase whose payment is ready to be reported, and the body that would report it."""
    sale.stripe.pay(sale.payment)
    return sale, json.dumps(sale.events("payment_intent.succeeded")[0]).encode()


def test_a_signed_report_is_taken(paid: tuple[Sale, bytes]) -> None:
    sale, body = paid
    assert ok(send(sale.api, body, sale.stripe.sign(body))) == {"received": True}
    assert sale.credited() == 1


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "x",
        "t=,v1=",
        "t=1,v1=",
        "v1=00",
        "t=x,v1=00",
        "t=99999999999999999999,v1=00",
        f"t={'9' * 5000},v1=00",
        "t=1\x85,v1=\xff",
        ",=,=,",
    ],
)
def test_a_report_without_a_good_signature_is_refused(
    paid: tuple[Sale, bytes], signature: str | None
) -> None:
    sale, body = paid
    headers: Any = {"Origin": SHOP}
    if signature is not None:
        headers["Stripe-Signature"] = signature.encode("latin-1")
    answer = sale.api.client.post(f"{PREFIX}/webhooks/stripe", content=body, headers=headers)
    refused(answer, 400, "invalid_request")
    assert sale.credited() == 0


@pytest.mark.parametrize("secret", ["", "whsec_another"])
def test_a_report_signed_with_another_secret_is_refused(
    paid: tuple[Sale, bytes], secret: str
) -> None:
    sale, body = paid
    refused(send(sale.api, body, sale.stripe.sign(body, secret)), 400, "invalid_request")
    assert sale.credited() == 0


def test_a_stale_report_is_refused(paid: tuple[Sale, bytes]) -> None:
    sale, body = paid
    signature = sale.stripe.sign(body, timestamp=int(time.time()) - 3600)
    refused(send(sale.api, body, signature), 400, "invalid_request")
    assert sale.credited() == 0


def test_a_signature_is_for_its_own_body(paid: tuple[Sale, bytes]) -> None:
    sale, body = paid
    refused(send(sale.api, body + b" ", sale.stripe.sign(body)), 400, "invalid_request")
    assert sale.credited() == 0


def test_a_signature_with_its_time_moved_is_refused(paid: tuple[Sale, bytes]) -> None:
    sale, body = paid
    old = int(time.time()) - 3600
    signature = sale.stripe.sign(body, timestamp=old).replace(str(old), str(int(time.time())))
    refused(send(sale.api, body, signature), 400, "invalid_request")
    assert sale.credited() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"type":"x","data":{"object":{"a":' + b"[" * 100_000],
    ids=lambda body: repr(body)[:50],
)
def test_a_signed_body_that_is_not_json_is_refused(
    api: LiveApi, stripe: StripeServer, body: bytes
) -> None:
    refused(send(api, body, stripe.sign(body)), 400, "invalid_request")


PING = {
    "id": "evt_test_65RM",
    "object": "v2.core.event",
    "type": "v2.core.event_destination.ping",
    "created": "2026-11-29T18:00:00.000Z",
    "livemode": False,
    "context": None,
    "reason": None,
    "related_object": {
        "id": "ed_test_61RM",
        "type": "v2.core.event_destination",
        "url": "/v2/core/event_destinations/ed_test_61RM",
    },
}
SHAPES: list[Any] = [
    PING,
    {**PING, "type": "v1.billing.meter.error_report_triggered", "data": {"reason": {}}},
    {**PING, "type": "payment_intent.succeeded"},
    {**PING, "type": "charge.refunded", "data": {}},
    None,
    [],
    {},
    "event",
    {"type": 1, "data": {"object": {}}},
    {"type": "payment_intent.succeeded"},
    {"type": "payment_intent.succeeded", "data": None},
    {"type": "payment_intent.succeeded", "data": {"object": []}},
]


@pytest.mark.parametrize("content", SHAPES, ids=lambda content: json.dumps(content)[:60])
def test_a_signed_event_of_any_other_shape_is_taken_and_has_no_effect(
    api: LiveApi, stripe: StripeServer, content: Any
) -> None:
    body = json.dumps(content).encode()
    assert ok(send(api, body, stripe.sign(body))) == {"received": True}
    refused(send(api, body, stripe.sign(body, "whsec_another")), 400, "invalid_request")
    refused(send(api, body, None), 400, "invalid_request")


@pytest.mark.parametrize("secret", ["", "any", None])
def test_without_a_secret_no_report_is_ever_taken(
    secretless_api: LiveApi, paid: tuple[Sale, bytes], secret: str | None
) -> None:
    sale, body = paid
    answer = send(secretless_api, body, sale.stripe.sign(body, secret))
    refused(answer, 503, "payments_unavailable")
    assert sale.credited() == 0


@pytest.fixture(scope="module")
def secretless_api(start_other_api: StartApi) -> LiveApi:
    """An API that knows no webhook secret."""
    return start_other_api(STRIPE_WEBHOOK_SECRET="")


def test_a_report_of_many_purchases_at_once_credits_each_once(
    api: LiveApi, stripe: StripeServer
) -> None:
    stripe.hold = True
    package_id = api.package(CREDITS, CENTS)
    user = api.user(email=f"{unique('ann')}@example.com")
    for _ in range(8):
        purchase_id = user.buy(package_id)["purchaseId"]
        stripe.pay(user.purchase(purchase_id)["stripePaymentIntentId"])
    events = stripe.events_of("payment_intent.succeeded")
    assert len(events) == 8
    assert all(delivery.accepted for delivery in stripe.deliver(*events * 3))
    assert user.amounts() == [CREDITS] * 8
