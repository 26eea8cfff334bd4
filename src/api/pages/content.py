"""Texts of the page of a gift: one that can be redeemed, one that has ended, one not to be had.

Names, messages and riddles are texts of strangers; the template escapes whatever stands here.
"""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

import segno

from api.database.rows import Gift
from api.http.errors import ApiError
from api.pages.languages import Language

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

# Modules of light around a QR code that the standard asks for.
_QUIET_ZONE = 4

# Characters that turn the direction of the text after them; HTML isolates them, a title cannot.
_TURNS_TEXT = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})

# The texts of each status.
_ERRORS: Final[Mapping[int, str]] = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "unavailable",
}


class Heading(NamedTuple):
    """A title, and a sentence or two; a preview of the page shows both, as plain text."""

    title: str
    summary: str


def gift_heading(gift: Gift, language: Language) -> Heading:
    """Return the heading of a gift in whatever state it is."""
    text, until = language.text, gift.expires_at
    worth = text("credits", count=int(gift.credits_per_portion))
    match gift.status:
        case "active":
            sender = _plain(gift.creator_name) or text("somebody")
            return Heading(
                text("heading", sender=sender, worth=worth), text("open-summary", at=until)
            )
        case "cancelled":
            return Heading(text("cancelled"), text("cancelled-summary"))
        case "depleted" if gift.total_portions == 1:
            return Heading(text("depleted"), text("depleted-summary", worth=worth))
        case "depleted":
            shared = text("depleted-shared-summary", count=gift.total_portions, worth=worth)
            return Heading(text("depleted"), shared)
    return Heading(text("expired"), text("expired-summary", at=until))


def error_heading(error: ApiError, language: Language) -> Heading:
    """Return the heading in place of a gift that could not be shown."""
    name = _ERRORS.get(error.status, "mistake")
    summary = language.text(f"{name}-summary", seconds=error.retry_after or 0)
    return Heading(language.text(name), summary)


def time_left(seconds: float, language: Language) -> str:
    """Return how much time is left, rounded down, so that nobody comes too late by it."""
    for length, text in ((_DAY, "days-left"), (_HOUR, "hours-left"), (_MINUTE, "minutes-left")):
        if seconds >= 2 * length:
            return language.text(text, count=int(seconds // length))
    return language.text("moment-left")


@lru_cache(maxsize=1024)
def qr_code(link: str) -> str:
    """Return a link as an SVG element that fills its box; making one takes milliseconds."""
    code = segno.make_qr(link, error="m")
    return code.svg_inline(
        border=_QUIET_ZONE, omitsize=True, light="#fff", svgclass=None, lineclass=None
    )


def _plain(name: str | None) -> str:
    """Return a name on one line, without what could turn the words around it."""
    kept = (c for c in name or "" if unicodedata.bidirectional(c) not in _TURNS_TEXT)
    return " ".join("".join(kept).split())
