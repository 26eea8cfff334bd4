"""Packages and purchases: what can be bought, buying it, what was bought, what Stripe reports."""

from collections.abc import Collection
from functools import partial
from typing import Any

import msgspec

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.bodies import Body, Given, read_body
from api.http.errors import invalid_request
from api.http.operations import Answer, Caller, Operation, for_services
from api.http.origins import AddressError, address_under
from api.http.parameters import PAGE
from api.payments.gateway import ReturnUrls
from api.payments.purchases import BegunPayment
from api.payments.webhooks import Event, verified_event

_MOST_BYTES_OF_EVENT = 1024 * 1024


class Buy(Given, kw_only=True):
    """A package to buy; with both URLs on a page of Stripe's, without them on the client's own."""

    package_id: fields.UuidText
    success_url: fields.Text | None = None
    cancel_url: fields.Text | None = None
    idempotency_key: fields.Key | None = None


class Received(msgspec.Struct):
    """A sign that an event was dealt with."""

    received: bool = True


async def list_packages(call: Call[Any]) -> list[rows.Package]:
    """Packages that can be bought."""
    return await call.services.packages.get()


async def begin_purchase(call: Call[Buy]) -> BegunPayment:
    """Begin to buy a package."""
    return await call.services.purchases.begin(
        call.user,
        call.arguments["p_package_id"],
        _return_urls(call.body, call.services.settings.cors_origins),
        call.arguments["p_idempotency_key"],
    )


async def receive_stripe_event(call: Call[Any]) -> Received:
    """An event that Stripe reports."""
    body = await read_body(call.request, _MOST_BYTES_OF_EVENT)
    signature = call.request.headers.get("stripe-signature")
    event = verified_event(body, signature, call.services.settings.stripe_webhook_secret)
    if event is not None:
        await call.services.stripe_events.handle(event)
    return Received()


def _return_urls(body: Buy, origins: Collection[str]) -> ReturnUrls | None:
    """Return where to send the buyer back to; elsewhere would make us an open redirect."""
    given = {"successUrl": body.success_url, "cancelUrl": body.cancel_url}
    if all(url is None for url in given.values()):
        return None
    urls: list[str] = []
    problems: dict[str, str] = {}
    for name, url in given.items():
        try:
            urls.append(address_under(url or "", origins))
        except AddressError as error:
            problems[name] = "is missing" if url is None else str(error)
    if problems:
        raise invalid_request(problems)
    return ReturnUrls(*urls)


_LISTED: dict[str, Any] = {
    "query": PAGE,
    "function": "credits.list_purchases",
    "answers": {200: Answer("A page of them.", [list[rows.Purchase]])},
    "unmet": ("purchase_not_found",),
}

_of_user = partial(Operation, tag="Purchases", caller=Caller.USER, user_as="p_user_id")

OPERATIONS = [
    Operation(
        "GET /credits/packages",
        tag="Purchases",
        handler=list_packages,
        answers={200: Answer("The packages on sale, in their order.", [list[rows.Package]])},
    ),
    _of_user(
        "POST /credits/purchase",
        description="With `successUrl` and `cancelUrl`, which must lie under an allowed origin, the"
        " answer has the address of a page of Stripe's; without them the secret of a PaymentIntent."
        " An address is at most 2048 characters of printable ASCII, the rest percent-encoded."
        " The credits come when Stripe reports the payment. With an `idempotencyKey` a repetition"
        " begins no second purchase: it tells again how to pay the first, as long as that can be"
        " paid. A caller who is erased at the same moment is told that there is no such purchase.",
        body=Body(Buy),
        handler=begin_purchase,
        answers={200: Answer("How to pay.", [BegunPayment])},
        calls=("credits.begin_purchase", "credits.save_stripe_customer", "credits.list_purchases"),
        refusals=("payments_unavailable",),
    ),
    _of_user("GET /credits/purchases", "One's own purchases, newest first", **_LISTED),
    for_services(
        "GET /internal/credits/accounts/{userId}/purchases",
        "A user's purchases, newest first",
        name="listPurchasesOfUser",
        **_LISTED,
    ),
    _of_user(
        "GET /credits/purchase/{id}",
        "One purchase of one's own",
        name="getPurchase",
        function="credits.list_purchases",
        id_as="p_purchase_id",
        answers={200: Answer("The purchase.", [rows.Purchase])},
    ),
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
