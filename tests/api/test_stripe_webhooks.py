"""What Stripe reports about payments: each event acts once, whatever the order."""

import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from live_api import PREFIX, SHOP, LiveApi, StartApi, User, ok, refused, unique

from sandbox.stripe import StripeServer

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
        """How far the purchase has come."""
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


# What becomes of a purchase


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


# How often, in which order, how many at once


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


# What must match


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


def test_the_purchase_of_another_user_is_not_ours(sale: Sale) -> None:
    thief = sale.api.user()
    sale.stripe.pay(sale.payment)
    [event] = sale.events("payment_intent.succeeded")
    sale.deliver(changed(event, metadata={"purchaseId": sale.purchase_id, "userId": thief.id}))
    assert (sale.credited(), thief.amounts()) == (0, [])


@pytest.mark.parametrize("kind", ["customer.created", "invoice.paid", "unheard.of", ""])
def test_events_of_other_types_are_acknowledged(sale: Sale, kind: str) -> None:
    sale.deliver(sale.stripe.make_event(kind, {"id": "x", "object": "x"}))


# Who may report


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
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'"event"',
        b'{"type": 1, "data": {"object": {}}}',
        b'{"type": "payment_intent.succeeded"}',
        b'{"type": "payment_intent.succeeded", "data": null}',
        b'{"type": "payment_intent.succeeded", "data": {"object": []}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type":"x","data":{"object":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}}",
    ],
    ids=lambda body: repr(body)[:50],
)
def test_a_signed_body_that_is_no_event_is_refused(
    api: LiveApi, stripe: StripeServer, body: bytes
) -> None:
    refused(send(api, body, stripe.sign(body)), 400, "invalid_request")


@pytest.mark.parametrize("secret", ["", "any", None])
def test_without_a_secret_no_report_is_ever_taken(
    secretless_api: LiveApi, paid: tuple[Sale, bytes], secret: str | None
) -> None:
    sale, body = paid
    answer = send(secretless_api, body, sale.stripe.sign(body, secret))
    refused(answer, 503, "payments_unavailable")
    assert sale.credited() == 0


@pytest.fixture
def secretless_api(start_api: StartApi) -> LiveApi:
    """An API that knows no webhook secret."""
    return start_api(STRIPE_WEBHOOK_SECRET="")


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
