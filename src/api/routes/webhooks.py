"""Events from Stripe."""

from typing import Any

import msgspec

from api.call import Call
from api.http.bodies import read_body
from api.http.operations import Answer, Caller, Operation
from api.payments.webhooks import Event, verified_event

_MOST_BYTES = 1024 * 1024


class Received(msgspec.Struct):
    """A sign that an event was dealt with."""

    received: bool = True


async def receive_stripe_event(call: Call[Any]) -> Received:
    """An event that Stripe reports."""
    body = await read_body(call.request, _MOST_BYTES)
    signature = call.request.headers.get("stripe-signature")
    event = verified_event(body, signature, call.services.settings.stripe_webhook_secret)
    if event is not None:
        await call.services.stripe_events.handle(event)
    return Received()


OPERATIONS = [
    Operation(
        "POST /webhooks/stripe",
        tag="Purchases",
        description="Each event acts once, however often and in whatever order it arrives. What is"
        " not ours (also of connected accounts and of the other mode), and what has another type or"
        " shape, is answered alike and has no effect.",
        caller=Caller.STRIPE,
        raw_body=Event,
        handler=receive_stripe_event,
        answers={200: Answer("The event needs no repetition.", [Received])},
        calls=("credits.complete_purchase", "credits.fail_purchase", "credits.record_reversal"),
        refusals=("payments_unavailable",),
    ),
]
