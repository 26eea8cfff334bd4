"""Charge credits at mana-credits: hold, run, commit what was really used."""

from . import generated
from .charge import AsyncCharge, Charge, ChargeOptions, Outcome
from .client import AsyncCreditsClient, CreditsClient
from .errors import CreditsError, UnreachableError, UnsettledError
from .generated import *  # noqa: F403 (an error class for each code)
from .webhooks import Event, WebhookError, read_events, read_webhook

__all__ = [
    "AsyncCharge",
    "AsyncCreditsClient",
    "Charge",
    "ChargeOptions",
    "CreditsClient",
    "CreditsError",
    "Event",
    "Outcome",
    "UnreachableError",
    "UnsettledError",
    "WebhookError",
    "read_events",
    "read_webhook",
]
__all__ += generated.__all__
