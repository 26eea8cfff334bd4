"""A stand-in for Stripe: its API, its pages for paying, and its webhooks."""

from sandbox.stripe.errors import ApiError
from sandbox.stripe.server import StripeServer
from sandbox.stripe.webhooks import Delivery

__all__ = ["ApiError", "Delivery", "StripeServer"]
