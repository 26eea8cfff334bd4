"""Whose purchase a PaymentIntent pays, as we noted it when the purchase was begun or completed."""

from api.database import Database
from api.payments.objects import PurchaseReference, word
from api.payments.rows import PurchaseOwner


async def find_purchase(database: Database, intent_id: object) -> PurchaseReference | None:
    """Return the purchase that knows this PaymentIntent; None for what is no id, or not ours.

    Raises:
        ApiError: 503 when the database cannot be asked.
    """
    known = word(intent_id)
    if known is None:
        return None
    owners = await database.many(
        "credits.find_purchase", PurchaseOwner, p_stripe_payment_intent_id=known
    )
    return next((PurchaseReference(one.user_id, one.purchase_id) for one in owners), None)
