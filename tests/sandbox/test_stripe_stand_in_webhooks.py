"""The webhooks of the Stripe stand-in, verified as Stripe's library does it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeServer
from tests.sandbox.stripe_shop import Shop

pytestmark = pytest.mark.anyio


async def new_intent(shop: Shop) -> str:
    form: Any = {"amount": 499, "currency": "eur", "metadata": {"purchaseId": "p1"}}
    return (await shop.client.v1.payment_intents.create_async(form)).id


async def new_session(shop: Shop) -> str:
    product = {"currency": "eur", "unit_amount": 499, "product_data": {"name": "Credits"}}
    form: Any = {
        "mode": "payment",
        "line_items": [{"price_data": product, "quantity": 1}],
        "success_url": "http://localhost/ok",
    }
    return (await shop.client.v1.checkout.sessions.create_async(form)).id


def kinds(shop: Shop) -> list[str]:
    return [event["type"] for event in shop.stand_in.events]


async def test_every_delivery_is_signed_and_carries_the_object(shop: Shop) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent)
    shop.stand_in.wait_delivered()
    events = [
        stripe.Webhook.construct_event(body, signature, shop.stand_in.webhook_secret)
        for body, signature in shop.receiver.received
    ]
    assert {event.type for event in events} == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    }
    [succeeded] = [event for event in events if event.type == "payment_intent.succeeded"]
    assert succeeded.data.object["id"] == intent
    assert succeeded.data.object["amount_received"] == 499
    assert succeeded.data.object["metadata"].to_dict() == {"purchaseId": "p1"}
    assert succeeded.api_version == stripe.api_version


async def test_an_event_shows_its_object_as_it_was(shop: Shop) -> None:
    shop.stand_in.pay(await new_intent(shop))
    [created] = shop.stand_in.events_of("payment_intent.created")
    assert created["data"]["object"]["status"] == "requires_payment_method"


async def test_each_transition_has_its_events(shop: Shop) -> None:
    shop.stand_in.hold = True
    paid, declined, debited = [await new_intent(shop) for _ in range(3)]
    shop.stand_in.pay(paid)
    shop.stand_in.decline(declined)
    await shop.client.v1.payment_intents.cancel_async(declined)
    shop.stand_in.debit(debited)
    shop.stand_in.refund(paid, 100)
    dispute = shop.stand_in.dispute(debited_and_settled(shop, debited))
    shop.stand_in.close_dispute(dispute["id"], "won")
    assert kinds(shop) == [
        *["payment_intent.created"] * 3,
        *("charge.succeeded", "payment_intent.succeeded"),
        *("charge.failed", "payment_intent.payment_failed", "payment_intent.canceled"),
        *("charge.pending", "payment_intent.processing"),
        *("refund.created", "charge.refunded"),
        *("charge.succeeded", "payment_intent.succeeded"),
        *("charge.dispute.created", "charge.dispute.funds_withdrawn"),
        *("charge.dispute.funds_reinstated", "charge.dispute.closed"),
    ]


def debited_and_settled(shop: Shop, intent: str) -> str:
    shop.stand_in.pay(intent)
    return intent


async def test_each_end_of_a_session_has_its_events(shop: Shop) -> None:
    shop.stand_in.hold = True
    paid, expired, settled, bounced = [await new_session(shop) for _ in range(4)]
    shop.stand_in.pay(paid)
    shop.stand_in.expire(expired)
    for session in (settled, bounced):
        shop.stand_in.debit(session)
    shop.stand_in.pay(settled)
    shop.stand_in.decline(bounced)
    assert [kind for kind in kinds(shop) if kind.startswith("checkout.")] == [
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.completed",
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    ]
    statuses = [
        event["data"]["object"]["payment_status"]
        for event in shop.stand_in.events_of("checkout.session.completed")
    ]
    assert statuses == ["paid", "unpaid", "unpaid"]


async def test_a_delivery_is_tried_again_until_it_is_taken(shop: Shop) -> None:
    shop.receiver.statuses = [500, 400]
    await new_intent(shop)
    shop.stand_in.wait_delivered()
    statuses = [(each.attempt, each.status) for each in shop.stand_in.deliveries]
    assert statuses == [(1, 500), (2, 400), (3, 200)]
    bodies = {body for body, _ in shop.receiver.received}
    assert len(bodies) == 1


async def test_a_delivery_is_given_up_after_the_last_delay(shop: Shop) -> None:
    shop.endpoint.stop()
    await new_intent(shop)
    shop.stand_in.wait_delivered()
    assert [each.status for each in shop.stand_in.deliveries] == [None] * 3
    assert shop.stand_in.events[0]["pending_webhooks"] == 1


async def test_events_held_back_are_delivered_by_hand_in_any_number_and_order(
    shop: Shop,
) -> None:
    shop.stand_in.hold = True
    intent = await new_intent(shop)
    shop.stand_in.pay(intent)
    shop.stand_in.wait_delivered()
    assert shop.receiver.received == []
    [created] = shop.stand_in.events_of("payment_intent.created")
    [succeeded] = shop.stand_in.events_of("payment_intent.succeeded")
    for event in (succeeded, created):
        [delivery] = shop.stand_in.deliver(event)
        assert delivery.accepted
    assert len(shop.stand_in.deliver(*[succeeded] * 5)) == 5
    ids = [json.loads(body)["id"] for body, _ in shop.receiver.received]
    assert ids == [succeeded["id"], created["id"], *[succeeded["id"]] * 5]


async def test_events_of_ones_own_making_are_signed_too(shop: Shop) -> None:
    foreign = {"id": "pi_foreign", "object": "payment_intent", "amount": 1, "metadata": {}}
    event = shop.stand_in.make_event("payment_intent.succeeded", foreign)
    [delivery] = shop.stand_in.deliver(event)
    assert delivery.accepted
    [(body, signature)] = shop.receiver.received
    verified = stripe.Webhook.construct_event(body, signature, shop.stand_in.webhook_secret)
    assert verified.data.object["id"] == "pi_foreign"


def test_signatures_of_other_secrets_and_of_long_ago_do_not_verify() -> None:
    stand_in = StripeServer()
    body = b'{"object": "event"}'
    secret = stand_in.webhook_secret
    stripe.WebhookSignature.verify_header(body, stand_in.sign(body), secret, 300)
    for header in (
        stand_in.sign(body, secret="whsec_other"),
        stand_in.sign(body, timestamp=int(time.time()) - 301),
        stand_in.sign(b"another body"),
    ):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, header, secret, 300)


def test_objects_and_undelivered_events_survive_a_restart(tmp_path: Path, shop: Shop) -> None:
    file = tmp_path / "stripe.json"
    first = StripeServer(state_file=file, webhook_url="http://127.0.0.1:9/hook")
    with first.serve() as server:
        customer = _create_customer(first, server.url)
    second = StripeServer(state_file=file, webhook_url=shop.stand_in.webhook_url)
    with second.serve():
        second.wait_delivered()
        assert second.object(customer)["email"] == "a@b.c"
        assert [each.event_type for each in second.deliveries] == ["customer.created"]


def _create_customer(stand_in: StripeServer, url: str) -> str:
    client = stripe.StripeClient(stand_in.secret_key, base_addresses={"api": url})
    return client.v1.customers.create({"email": "a@b.c"}).id
