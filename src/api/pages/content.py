"""Texts of the pages: of a gift that can be redeemed, one that has ended, one not to be had.

Names, messages and riddles are texts of strangers; the template escapes whatever stands here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import segno
from markupsafe import Markup

from api.database.rows import Gift
from api.http.errors import ApiError
from api.pages.languages import Language
from api.settings import GIFT_CODE_PLACE, Settings

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

# Modules of light around a QR code that the standard asks for.
_QUIET_ZONE = 4

# Characters that turn the direction of the text after them; HTML isolates them, a title cannot.
_TURNS_TEXT = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGift:
    """A gift that can be redeemed.

    Attributes:
        row: All that is known of it.
        sender: The giver.
        worth: The worth for one person, such as "50 credits".
        left: How long it lasts still.
        redeem_url: Where to redeem it, or None if that is not known.
        qr_code: The link of the page as a picture.
    """

    row: Gift
    sender: str
    worth: str
    left: str
    redeem_url: str | None
    qr_code: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page.

    Attributes:
        title: The tab's title and a preview's, plain text.
        summary: A sentence or two; a preview's text, and the page's own if nothing is open.
        gift: A gift that can be redeemed, or None.
        message: The giver's words, or None.
        signature: The writer of the message, if the heading does not name them.
        link: The address that a preview stands for, or None for a page not worth one.
        try_again: True if another try makes sense.
        other_code: True if another code may be the right one.
    """

    title: str
    summary: str
    gift: OpenGift | None = None
    message: str | None = None
    signature: str | None = None
    link: str | None = None
    try_again: bool = False
    other_code: bool = False


def gift_page(gift: Gift, settings: Settings, language: Language, now: datetime) -> Page:
    """Return the page of a gift in whatever state it is."""
    link = f"{settings.base_url}/g/{gift.code}"
    if gift.status == "active":
        return _open_page(gift, settings, link, language, now)
    if gift.status == "cancelled":
        return Page(
            title=language.text("cancelled"), summary=language.text("cancelled-summary"), link=link
        )
    if gift.status == "depleted":
        title, summary = "depleted", _used_up(gift, language)
    else:
        title = "expired"
        summary = language.text("expired-summary", day=language.day(gift.expires_at))
    return Page(
        title=language.text(title),
        summary=summary,
        message=gift.message,
        signature=gift.creator_name,
        link=link,
    )


def error_page(error: ApiError, language: Language) -> Page:
    """Return the page of a gift that could not be shown."""
    text = _ERRORS.get(error.status, "mistake")
    return Page(
        title=language.text(text),
        summary=language.text(f"{text}-summary", seconds=error.retry_after or 0),
        try_again=error.status != HTTPStatus.NOT_FOUND,
        other_code=error.status == HTTPStatus.NOT_FOUND,
    )


def _open_page(
    gift: Gift, settings: Settings, link: str, language: Language, now: datetime
) -> Page:
    worth = language.text("credits", count=int(gift.credits_per_portion))
    somebody = language.text("somebody")
    template = settings.gift_redeem_url
    shown = OpenGift(
        row=gift,
        sender=gift.creator_name or somebody,
        worth=worth,
        left=_left(int((gift.expires_at - now).total_seconds()), language),
        redeem_url=template and template.replace(GIFT_CODE_PLACE, quote(gift.code, safe="")),
        qr_code=_qr_code(link),
    )
    return Page(
        title=language.text("heading", sender=_plain(gift.creator_name) or somebody, worth=worth),
        summary=language.text("open-summary", day=language.day(gift.expires_at)),
        gift=shown,
        message=gift.message,
        link=link,
    )


def _used_up(gift: Gift, language: Language) -> str:
    worth = language.text("credits", count=int(gift.credits_per_portion))
    if gift.total_portions == 1:
        return language.text("depleted-summary", worth=worth)
    return language.text("depleted-shared-summary", count=gift.total_portions, worth=worth)


def _left(seconds: int, language: Language) -> str:
    """Return how much time is left, rounded down, so that nobody comes too late by it."""
    for length, text in ((_DAY, "days-left"), (_HOUR, "hours-left"), (_MINUTE, "minutes-left")):
        if seconds >= 2 * length:
            return language.text(text, count=seconds // length)
    return language.text("moment-left")


@lru_cache(maxsize=1024)
def _qr_code(link: str) -> Markup:
    """Return a link as an SVG element that fills its box; making one takes milliseconds."""
    code = segno.make_qr(link, error="m")
    svg = code.svg_inline(
        border=_QUIET_ZONE, omitsize=True, light="#fff", svgclass=None, lineclass=None
    )
    return Markup(svg)  # noqa: S704 (numbers only: the link is drawn, not written)


def _plain(name: str | None) -> str:
    """Return a name on one line, without what could turn the words around it."""
    kept = (c for c in name or "" if unicodedata.bidirectional(c) not in _TURNS_TEXT)
    return " ".join("".join(kept).split())


# The texts of each status.
_ERRORS: Final[Mapping[int, str]] = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "unavailable",
}
