"""Packages and purchases: what can be bought, buying it, and what was bought."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.client import Functions
from api.database.rows import Package, Purchase
from api.http.answers import Repeatable, json_answer, repeated
from api.http.bodies import Body
from api.http.errors import invalid_request
from api.http.fields import Key, Text, UuidText
from api.http.idempotency import idempotency_key
from api.http.operations import PAGE, Answer, Caller, Operation
from api.http.origins import AddressError, address_under
from api.http.paging import page_answer
from api.http.parameters import Query, path_uuid, uuid_of
from api.payments.purchases import ReturnUrls
from api.routes.prefix import PREFIX
from api.services import services_of


class Buy(msgspec.Struct, rename="camel", kw_only=True):
    """A package to buy; with both URLs on a page of Stripe's, without them on the client's own."""

    package_id: UuidText
    success_url: Text | None = None
    cancel_url: Text | None = None
    idempotency_key: Key | None = None


class BegunPayment(Repeatable, rename="camel", kw_only=True):
    """A purchase to pay, by a PaymentIntent's client secret or on a page; cents and credits."""

    purchase_id: UUID
    client_secret: str | UnsetType = UNSET
    checkout_url: str | UnsetType = UNSET
    amount: int
    credits: Decimal


BUY = Body(Buy)


async def list_packages(request: Request) -> Response:
    """GET /credits/packages, for anyone."""
    return json_answer(await services_of(request).packages.get())


async def buy(request: Request) -> Response:
    """POST /credits/purchase."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await BUY.read(request)
    package_id = uuid_of("packageId", body.package_id)
    urls = _return_urls(body, services.settings.cors_origins)
    key = idempotency_key(request, body.idempotency_key)
    payment = await services.purchases.begin(user, package_id, urls, key)
    return json_answer(
        BegunPayment(
            purchase_id=payment.purchase.purchase_id,
            client_secret=payment.client_secret or UNSET,
            checkout_url=payment.checkout_url or UNSET,
            amount=payment.purchase.price_euro_cents,
            credits=payment.purchase.credits,
            **repeated(payment.purchase.replayed),
        )
    )


async def list_purchases(request: Request) -> Response:
    """GET /credits/purchases."""
    services = services_of(request)
    user = await services.callers.user(request)
    return await purchases_of(request, services.database, user.id)


async def purchases_of(request: Request, functions: Functions, user_id: str) -> Response:
    """Answer with a page of a user's purchases."""
    query = Query(request)
    page = query.page()
    query.check()
    items = await functions.items(
        "credits.list_purchases", Purchase, p_user_id=user_id, **page.arguments()
    )
    return page_answer(request, page, items, services_of(request).settings.base_url)


async def get_purchase(request: Request) -> Response:
    """GET /credits/purchase/:id."""
    services = services_of(request)
    user = await services.callers.user(request)
    return json_answer(
        await services.database.one(
            "credits.get_purchase",
            Purchase,
            p_user_id=user.id,
            p_purchase_id=path_uuid(request, "id"),
        )
    )


def _return_urls(body: Buy, origins: Collection[str]) -> ReturnUrls | None:
    """Return where to send the buyer back to; elsewhere would make us an open redirect."""
    if body.success_url is None and body.cancel_url is None:
        return None
    urls: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, url in {"successUrl": body.success_url, "cancelUrl": body.cancel_url}.items():
        try:
            urls[name] = _return_url(url, origins)
        except AddressError as error:
            problems[name] = str(error)
    if problems:
        raise invalid_request(problems)
    return ReturnUrls(urls["successUrl"], urls["cancelUrl"])


def _return_url(url: str | None, origins: Collection[str]) -> str:
    if url is None:
        raise AddressError("is missing")
    return address_under(url, origins)


OPERATIONS = [
    Operation(
        method="GET",
        path=PREFIX + "/credits/packages",
        handler=list_packages,
        name="listPackages",
        tag="Purchases",
        summary="What can be bought",
        answers={200: Answer("The packages on sale, in their order.", [list[Package]])},
    ),
    Operation(
        method="POST",
        path=PREFIX + "/credits/purchase",
        handler=buy,
        name="beginPurchase",
        tag="Purchases",
        summary="Begin to buy a package",
        description="With `successUrl` and `cancelUrl`, which must lie under an allowed origin, the"
        " answer has the address of a page of Stripe's; without them the secret of a PaymentIntent."
        " An address is at most 2048 characters of printable ASCII, the rest percent-encoded."
        " The credits come when Stripe reports the payment. With an `idempotencyKey` a repetition"
        " begins no second purchase: it tells again how to pay the first, as long as that can be"
        " paid. A caller who is erased at the same moment is told that there is no such purchase.",
        caller=Caller.USER,
        body=BUY,
        keyed=True,
        answers={200: Answer("How to pay.", [BegunPayment])},
        calls=("credits.begin_purchase", "credits.save_stripe_customer", "credits.get_purchase"),
        refusals=("payments_unavailable",),
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/purchases",
        handler=list_purchases,
        name="listPurchases",
        tag="Purchases",
        summary="One's own purchases, newest first",
        caller=Caller.USER,
        query=PAGE,
        answers={200: Answer("A page of them.", [list[Purchase]], paged=True)},
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/purchase/{id}",
        handler=get_purchase,
        name="getPurchase",
        tag="Purchases",
        summary="One purchase of one's own",
        caller=Caller.USER,
        answers={200: Answer("The purchase.", [Purchase])},
        calls=("credits.get_purchase",),
    ),
]
