"""What Stripe sends."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.bodies import read_body
from api.payments.webhooks import verified_event
from api.routes.prefix import api_route
from api.services import services_of

_MOST_BYTES = 1024 * 1024


async def receive_stripe_event(request: Request) -> Response:
    """POST /webhooks/stripe."""
    services = services_of(request)
    body = await read_body(request, _MOST_BYTES)
    signature = request.headers.get("stripe-signature")
    event = verified_event(body, signature, services.settings.stripe_webhook_secret)
    await services.stripe_events.handle(event)
    return json_answer({"received": True})


ROUTES = [api_route("POST", "/webhooks/stripe", receive_stripe_event)]
