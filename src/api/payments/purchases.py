"""Beginning a purchase: our row first, then Stripe's object, then the two tied together."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.database.client import Database
from api.http.answers import Repeatable
from api.http.errors import ApiError
from api.identity.tokens import User
from api.payments.gateway import CustomerMissingError, Gateway, ReturnUrls
from api.payments.objects import BegunPurchase, StripeObject

# Why a purchase has failed, by what its buyer is told. After another error Stripe may still have
# the payment, and a later comparison with it decides.
_FAILURES: Final = {
    "payments_unavailable": "stripe_unavailable",
    "invalid_request": "stripe_refused",
}


class BegunPayment(Repeatable, rename="camel", kw_only=True):
    """A purchase to pay, by a PaymentIntent's client secret or on a page; cents and credits."""

    purchase_id: UUID
    client_secret: str | UnsetType = UNSET
    checkout_url: str | UnsetType = UNSET
    amount: int
    credits: Decimal


class Purchases:
    """Begins purchases."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self._gateway = gateway

    async def begin(
        self, user: User, package_id: str, urls: ReturnUrls | None, key: str | None
    ) -> BegunPayment:
        """Begin a purchase: a Checkout Session with return URLs, else a PaymentIntent.

        With a key that began one before, it is that one again, and how it is to be paid.

        Raises:
            ApiError: 404 package_not_found; 409 idempotency_key_reused; 404 purchase_not_found when
                the user was erased meanwhile; 503 payments_unavailable, or 400 invalid_request when
                Stripe refuses a URL. The purchase has then failed.
        """
        self._gateway.require_configured()
        purchase = await self._database.one(
            "credits.begin_purchase",
            BegunPurchase,
            p_user_id=user.id,
            p_package_id=package_id,
            p_idempotency_key=key,
            p_success_url=urls and urls.success,
            p_cancel_url=urls and urls.cancel,
        )
        if purchase.stripe_checkout_session_id:
            session = await self._gateway.checkout_session(purchase.stripe_checkout_session_id)
            return _payment(purchase, session or {})
        if purchase.stripe_payment_intent_id:
            intent = await self._gateway.payment_intent(purchase.stripe_payment_intent_id)
            return _payment(purchase, intent or {})
        try:
            return await self._ask_stripe(user, purchase, urls)
        except ApiError as error:
            # Whoever began it first may still be told how to pay.
            if error.code in _FAILURES and not purchase.replayed:
                await self._database.run(
                    "credits.fail_purchase",
                    p_user_id=user.id,
                    p_purchase_id=purchase.purchase_id,
                    p_status="failed",
                    p_reason=_FAILURES[error.code],
                )
            raise

    async def _ask_stripe(
        self, user: User, purchase: BegunPurchase, urls: ReturnUrls | None
    ) -> BegunPayment:
        customer_id = purchase.stripe_customer_id or await self._create_customer(user, purchase)
        key = str(purchase.purchase_id)
        try:
            return await self._create_payment(user, purchase, urls, customer_id, key)
        except CustomerMissingError:
            # Another key, since Stripe remembers what the first one was answered.
            customer_id = await self._create_customer(user, purchase, replaces=customer_id)
            return await self._create_payment(user, purchase, urls, customer_id, f"{key}-again")

    async def _create_payment(
        self,
        user: User,
        purchase: BegunPurchase,
        urls: ReturnUrls | None,
        customer_id: str,
        key: str,
    ) -> BegunPayment:
        """Create Stripe's object, and tie it to the purchase.

        404 purchase_not_found when the user was erased meanwhile. Nobody is told then how to pay,
        since nobody would get what is bought.
        """
        if urls is None:
            item = await self._gateway.create_payment_intent(user.id, customer_id, purchase, key)
        else:
            item = await self._gateway.create_checkout_session(
                user.id, customer_id, purchase, urls, key
            )
        attached = await self._database.value(
            "credits.attach_payment",
            p_user_id=user.id,
            p_purchase_id=purchase.purchase_id,
            p_stripe_payment_intent_id=None if urls else item["id"],
            p_stripe_checkout_session_id=item["id"] if urls else None,
            p_stripe_customer_id=customer_id,
        )
        if not attached:
            details = {"purchaseId": purchase.purchase_id}
            raise ApiError("purchase_not_found", "There is no such purchase", details)
        return _payment(purchase, item)

    async def _create_customer(
        self, user: User, purchase: BegunPurchase, replaces: str | None = None
    ) -> str:
        """Create the user's customer; of two created at once the first one saved counts."""
        created = await self._gateway.create_customer(
            user.id, user.email, purchase.first_purchase_id, replaces
        )
        saved: str = await self._database.value(
            "credits.save_stripe_customer",
            p_user_id=user.id,
            p_stripe_customer_id=created,
            p_email=user.email,
            p_replaces=replaces,
            p_purchase_id=purchase.purchase_id,
        )
        return saved


def _payment(purchase: BegunPurchase, item: StripeObject) -> BegunPayment:
    """Return how a purchase is paid at Stripe's object; one that has ended does not say."""
    return BegunPayment(
        purchase_id=purchase.purchase_id,
        client_secret=item.get("client_secret") or UNSET,
        checkout_url=item.get("url") or UNSET,
        amount=purchase.price_euro_cents,
        credits=purchase.credits,
        replayed=purchase.replayed or UNSET,
    )
