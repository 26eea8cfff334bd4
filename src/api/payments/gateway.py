"""Stripe's API: the few objects that a purchase needs."""

import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import stripe
from stripe import HTTPXClient, StripeClient

from api.http.errors import ApiError, invalid_request
from api.payments.objects import BegunPurchase, PurchaseReference, metadata_of

logger = logging.getLogger("api.payments")

API_VERSION = "2026-10-28.endive"

_TIMEOUT_SECONDS = 8.0
_MOST_RETRIES = 2

# A secret key, or a restricted one, begins with what it may do and where.
_MODE: Final = re.compile(r"[a-z]+_(live|test)_")

# The most that Stripe puts on a page.
_PAGE = 100

# Kinds of objects, as Stripe's client names them.
Kind = Literal["payment_intents", "charges", "checkout.sessions", "refunds", "disputes"]


class ReturnUrls(NamedTuple):
    """The addresses that Checkout sends a buyer back to."""

    success: str
    cancel: str


class PaymentsUnavailableError(ApiError):
    """503: Stripe does not answer, refuses, or is not set up; callers are not told the `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__("payments_unavailable", "Payments are not available")
        self.reason = reason


class CustomerMissingError(Exception):
    """Stripe does not know the customer any more: deleted there, or of another account."""


# Parameters of Stripe that a caller's own words go into, by our fields.
_FIELDS = {"success_url": "successUrl", "cancel_url": "cancelUrl"}


@asynccontextmanager
async def _stripe_errors() -> AsyncIterator[None]:
    """Turn Stripe's errors into ours."""
    try:
        yield
    except stripe.StripeError as error:
        if isinstance(error, stripe.InvalidRequestError):
            if (error.code, error.param) == ("resource_missing", "customer"):
                raise CustomerMissingError from None
            refused = _fields_refused(error)
            if refused:
                raise invalid_request(dict.fromkeys(refused, "is refused by Stripe")) from None
        # Neither its words nor its body: they may repeat what was sent.
        extra = {"reason": type(error).__name__, "status": error.http_status, "code": error.code}
        logger.error("stripe refused or did not answer", extra=extra)  # noqa: TRY400
        raise PaymentsUnavailableError(_reason_of(error)) from None


class Gateway:
    """Creates customers, PaymentIntents and Checkout Sessions, and tells what became of them.

    Each method raises ApiError: 503 payments_unavailable when Stripe cannot or will not, or when
    there is no secret key; 400 invalid_request when Stripe refuses the caller's input. Those for a
    customer raise CustomerMissingError. Repeated calls for one purchase or customer meet the same
    object, since Stripe remembers our idempotency keys.

    Attributes:
        livemode: True if our key moves real money; None if there is no key, or it does not say.
    """

    def __init__(self, secret_key: str, api_base: str | None) -> None:
        self._http = HTTPXClient(timeout=_TIMEOUT_SECONDS)
        mode = _MODE.match(secret_key)
        self.livemode = None if mode is None else mode[1] == "live"
        self._client = (
            StripeClient(
                secret_key,
                stripe_version=API_VERSION,
                base_addresses={"api": api_base} if api_base else None,
                http_client=self._http,
                max_network_retries=_MOST_RETRIES,
            )
            if secret_key
            else None
        )

    def require_configured(self) -> None:
        """Refuse before anything is written when there is no secret key."""
        self._stripe()

    async def aclose(self) -> None:
        """Close the connections to Stripe."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    @_stripe_errors()
    async def create_customer(
        self, user_id: str, email: str | None, person: UUID, replaces: str | None
    ) -> str:
        """Create the customer of a user, in the place of one that is gone, and return its id.

        The mark `person` tells them from somebody erased who had the same id.
        """
        # The e-mail is part of the key: Stripe refuses one key with two sets of parameters.
        digest = hashlib.sha256(f"{user_id}\0{email}\0{person}\0{replaces}".encode()).hexdigest()
        customer = await self._stripe().v1.customers.create_async(
            {"metadata": {"userId": user_id}, **({"email": email} if email else {})},
            {"idempotency_key": f"customer-{digest}"},
        )
        return customer.id

    @_stripe_errors()
    async def create_payment_intent(
        self, user_id: str, customer_id: str, purchase: BegunPurchase, key: str
    ) -> dict[str, Any]:
        """Create the PaymentIntent of a purchase."""
        intent = await self._stripe().v1.payment_intents.create_async(
            {
                "amount": purchase.price_euro_cents,
                "currency": purchase.currency,
                "customer": customer_id,
                "description": purchase.package_name,
                "automatic_payment_methods": {"enabled": True},
                "metadata": metadata_of(PurchaseReference(user_id, purchase.purchase_id)),
            },
            {"idempotency_key": key},
        )
        if not intent.client_secret:
            raise PaymentsUnavailableError("Stripe's PaymentIntent has no client secret")
        return intent.to_dict()

    @_stripe_errors()
    async def create_checkout_session(
        self, user_id: str, customer_id: str, purchase: BegunPurchase, urls: ReturnUrls, key: str
    ) -> dict[str, Any]:
        """Create the Checkout Session of a purchase."""
        metadata = metadata_of(PurchaseReference(user_id, purchase.purchase_id))
        session = await self._stripe().v1.checkout.sessions.create_async(
            {
                "mode": "payment",
                "customer": customer_id,
                "client_reference_id": str(purchase.purchase_id),
                "line_items": [_line_item(purchase)],
                "success_url": urls.success,
                "cancel_url": urls.cancel,
                # A converted price would not be the purchase's, and not be credited.
                "adaptive_pricing": {"enabled": False},
                "metadata": metadata,
                "payment_intent_data": {"metadata": metadata},
            },
            {"idempotency_key": key},
        )
        if not session.url:
            raise PaymentsUnavailableError("Stripe's Checkout Session has no address")
        # Whoever paid it would not be credited: nobody is told where the page is.
        if (session.amount_total, session.currency) != (
            purchase.price_euro_cents,
            purchase.currency,
        ):
            logger.error(
                "the price at stripe is not that of the package",
                extra={"package": purchase.package_name, "price": purchase.stripe_price_id},
            )
            raise PaymentsUnavailableError("Stripe's price is not that of the package")
        return session.to_dict()

    async def listed(self, kind: Kind, **filters: Any) -> AsyncIterator[dict[str, Any]]:
        """Yield all objects of a kind that the filters leave, newest first."""
        service = attrgetter(kind)(self._stripe().v1)
        async with _stripe_errors():
            page = await service.list_async({**filters, "limit": _PAGE})
            async for item in page.auto_paging_iter():
                yield item.to_dict()

    def since(self, moment: datetime, kind: Kind, *expanded: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the objects of a kind created since a moment; `expanded` come whole within them."""
        expand = {"expand": [f"data.{name}" for name in expanded]} if expanded else {}
        return self.listed(kind, created={"gte": int(moment.timestamp())}, **expand)

    async def expire_checkout_session(self, session_id: str) -> dict[str, Any] | None:
        """Expire a Checkout Session; return it, or None if it has ended in another way."""
        expiry = self._stripe().v1.checkout.sessions.expire_async(session_id)
        return await _unless(_is_not_allowed, expiry)

    async def cancel_payment_intent(self, intent_id: str) -> dict[str, Any] | None:
        """Cancel a PaymentIntent; return it, or None if it cannot be cancelled (any more)."""
        cancellation = self._stripe().v1.payment_intents.cancel_async(intent_id)
        return await _unless(_is_not_allowed, cancellation)

    @_stripe_errors()
    async def forget_user_of_payment_intent(self, intent_id: str) -> None:
        """Take the user's id out of the metadata of a PaymentIntent, in whatever state it is."""
        # An empty value removes its key.
        await self._stripe().v1.payment_intents.update_async(
            intent_id, {"metadata": {"userId": ""}}
        )

    async def delete_customer(self, customer_id: str) -> None:
        """Delete a customer, with all that Stripe knows of the person unless it is gone."""
        await _unless(_is_missing, self._stripe().v1.customers.delete_async(customer_id))

    async def payment_intent(self, intent_id: str) -> dict[str, Any] | None:
        """Return a PaymentIntent, None if there is none of this id."""
        return await _retrieved(self._stripe().v1.payment_intents, intent_id)

    async def checkout_session(self, session_id: str) -> dict[str, Any] | None:
        """Return a Checkout Session with its PaymentIntent, None if there is none of this id."""
        return await _retrieved(self._stripe().v1.checkout.sessions, session_id, "payment_intent")

    async def dispute(self, dispute_id: str) -> dict[str, Any] | None:
        """Return a dispute with its PaymentIntent, None if there is none of this id."""
        return await _retrieved(self._stripe().v1.disputes, dispute_id, "payment_intent")

    def _stripe(self) -> StripeClient:
        if self._client is None:
            raise PaymentsUnavailableError("STRIPE_SECRET_KEY is missing")
        return self._client


async def _retrieved(service: Any, item_id: str, *expanded: str) -> dict[str, Any] | None:
    return await _unless(_is_missing, service.retrieve_async(item_id, {"expand": [*expanded]}))


@_stripe_errors()
async def _unless(
    is_expected: Callable[[stripe.InvalidRequestError], bool],
    request: Awaitable[stripe.StripeObject],
) -> dict[str, Any] | None:
    """Return the object that Stripe answers with, None after a refusal that is expected."""
    try:
        return (await request).to_dict()
    except stripe.InvalidRequestError as error:
        if is_expected(error):
            return None
        raise


def _is_missing(error: stripe.InvalidRequestError) -> bool:
    return error.code == "resource_missing"


def _is_not_allowed(error: stripe.InvalidRequestError) -> bool:
    """Return whether the state of an object does not let it be ended."""
    return error.http_status == HTTPStatus.BAD_REQUEST


def _reason_of(error: stripe.StripeError) -> str:
    """Return in our own words why Stripe did not serve: its own may repeat a part of the key."""
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return (
            f"Stripe refuses STRIPE_SECRET_KEY (status {error.http_status}):"
            " it is not valid, or lacks a right"
        )
    if error.http_status is None:
        return "Stripe does not answer"
    return f"Stripe refuses or fails (status {error.http_status})"


def _fields_refused(error: stripe.InvalidRequestError) -> list[str]:
    """Return the fields that Stripe refuses; none if the mistake is ours."""
    if error.param in _FIELDS:
        return [_FIELDS[error.param]]
    # Nothing but these is sent as a URL.
    return list(_FIELDS.values()) if error.code == "url_invalid" else []


def _line_item(purchase: BegunPurchase) -> Any:
    if purchase.stripe_price_id:
        return {"price": purchase.stripe_price_id, "quantity": 1}
    product = {"name": purchase.package_name}
    if purchase.package_description:
        product["description"] = purchase.package_description
    return {
        "quantity": 1,
        "price_data": {
            "currency": purchase.currency,
            "unit_amount": purchase.price_euro_cents,
            "product_data": product,
        },
    }
