"""Events from Stripe."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.http.answers import json_answer
from api.http.bodies import read_body
from api.http.operations import Answer, Caller, Operation
from api.payments.webhooks import Event, verified_event
from api.services import services_of

_MOST_BYTES = 1024 * 1024


class Received(msgspec.Struct):
    """A sign that an event was dealt with."""

    received: bool = True


async def receive_stripe_event(request: Request) -> Response:
    """POST /webhooks/stripe."""
    services = services_of(request)
    body = await read_body(request, _MOST_BYTES)
    signature = request.headers.get("stripe-signature")
    event = verified_event(body, signature, services.settings.stripe_webhook_secret)
    if event is not None:
        await services.stripe_events.handle(event)
    return json_answer(Received())


OPERATIONS = [
    Operation(
        "POST /webhooks/stripe",
        "receiveStripeEvent",
        "What Stripe reports",
        tag="Purchases",
        description="Each event acts once, however often and in whatever order it arrives. What is"
        " not ours (also of connected accounts and of the other mode), and what has another type or"
        " shape, is answered alike and has no effect.",
        caller=Caller.STRIPE,
        raw_body=Event,
        endpoint=receive_stripe_event,
        answers={200: Answer("The event needs no repetition.", [Received])},
        calls=("credits.complete_purchase", "credits.fail_purchase", "credits.record_reversal"),
        refusals=("payments_unavailable",),
    ),
]
