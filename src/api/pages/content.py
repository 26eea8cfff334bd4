"""Texts of the pages: of a gift that can be redeemed, one that has ended, one not to be had.

Names, messages and riddles are texts of strangers; the template escapes whatever stands here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from api.database.rows import Gift
from api.http.errors import ApiError
from api.pages.qr_codes import qr_code
from api.settings import GIFT_CODE_PLACE, Settings

_SOMEBODY = "Somebody"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

# Characters that turn the direction of the text after them; HTML isolates them, a title cannot.
_TURNS_TEXT = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when a gift lasts: day and hour for people, what is left, and all for programs."""

    day: str
    hour: str
    left: str
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGift:
    """A gift that can be redeemed.

    Attributes:
        sender: Who gave it.
        worth: What one person receives, such as "50 credits".
        portions: Among whom it is shared, or None if it has one portion.
        portions_left: How many of them are left.
        for_one_person: Whether only one person, chosen by the giver, may redeem it.
        riddle: The question to answer first, or None.
        code: Its code as it is typed.
        redeem_url: Where to redeem it, or None if that is not known.
        link: The address of the page itself.
        qr_code: The link as a picture.
    """

    sender: str
    worth: str
    deadline: Deadline
    portions: str | None
    portions_left: str
    for_one_person: bool
    riddle: str | None
    code: str
    redeem_url: str | None
    link: str
    qr_code: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page.

    Attributes:
        title: The tab's title and a preview's, plain text.
        summary: A sentence or two; a preview's text, and the page's own if nothing is open.
        gift: A gift that can be redeemed, or None.
        message: What the giver wrote, or None.
        signature: Who wrote the message, if the heading does not say so.
        link: The address that a preview stands for, or None for a page not worth one.
        try_again: Whether another try makes sense.
    """

    title: str
    summary: str
    gift: OpenGift | None = None
    message: str | None = None
    signature: str | None = None
    link: str | None = None
    try_again: bool = False


def gift_page(gift: Gift, settings: Settings, now: datetime) -> Page:
    """Return the page of a gift in whatever state it is."""
    link = f"{settings.base_url}/g/{gift.code}"
    if gift.status == "active":
        return _open_page(gift, settings, link, now)
    if gift.status == "cancelled":
        return Page(
            title="This gift was taken back",
            summary="It can no longer be redeemed. If you were expecting it, ask whoever sent you "
            "the link: maybe another one is on its way.",
            link=link,
        )
    if gift.status == "depleted":
        title, summary = "This gift has been redeemed", _used_up(gift)
    else:
        title, summary = "This gift has expired", _expired(gift)
    return Page(
        title=title,
        summary=summary,
        message=gift.message,
        signature=gift.creator_name,
        link=link,
    )


def error_page(error: ApiError) -> Page:
    """Return the page of a gift that could not be shown."""
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(error.retry_after)
    if error.status in _ERRORS:
        return _ERRORS[error.status]
    return _OUR_MISTAKE


def _too_many(retry_after: int | None) -> Page:
    when = "shortly" if retry_after is None else f"in {_seconds(retry_after)}"
    return Page(
        title="One moment, please",
        summary="Many gifts were looked up from your network just now. Nothing has happened to"
        f" yours: try again {when}.",
        try_again=True,
    )


def _open_page(gift: Gift, settings: Settings, link: str, now: datetime) -> Page:
    worth = _credits(gift.credits_per_portion)
    deadline = _deadline(gift.expires_at, now)
    shared = gift.total_portions > 1
    shown = OpenGift(
        sender=gift.creator_name or _SOMEBODY,
        worth=worth,
        deadline=deadline,
        portions=f"{gift.total_portions} people, {worth} each" if shared else None,
        portions_left=_portions_left(gift.remaining_portions),
        for_one_person=gift.is_personalized,
        riddle=gift.riddle_question,
        code=gift.code,
        redeem_url=_redeem_url(settings.gift_redeem_url, gift.code),
        link=link,
        qr_code=qr_code(link),
    )
    return Page(
        title=f"{_plain(gift.creator_name) or _SOMEBODY} has sent you {worth}",
        summary=f"Open your gift and redeem it by {_day(gift.expires_at)}.",
        gift=shown,
        message=gift.message,
        link=link,
    )


def _used_up(gift: Gift) -> str:
    if gift.total_portions > 1:
        worth = _credits(gift.credits_per_portion)
        return (
            f"All {gift.total_portions} portions of {worth} went to somebody. If one of them is"
            " yours: enjoy!"
        )
    return f"The {_credits(gift.total_credits)} in it went to somebody. If that was you: enjoy!"


def _expired(gift: Gift) -> str:
    return (
        f"It could be redeemed until {_day(gift.expires_at)}; what nobody claimed goes back to"
        " whoever gave it. They may be glad to send you a new one."
    )


def _credits(amount: Decimal) -> str:
    return "1 credit" if amount == 1 else f"{amount.normalize():,f} credits"


def _seconds(count: int) -> str:
    return "a second" if count == 1 else f"{count} seconds"


def _portions_left(count: int) -> str:
    return "1 portion is left" if count == 1 else f"{count} portions are left"


def _deadline(moment: datetime, now: datetime) -> Deadline:
    utc = moment.astimezone(UTC)
    return Deadline(
        day=_day(utc),
        hour=f"{utc:%H:%M} UTC",
        left=_left((moment - now).total_seconds()),
        moment=f"{utc:%Y-%m-%dT%H:%M:%SZ}",
    )


def _left(seconds: float) -> str:
    """Say how much time is left, rounded down: nobody shall come too late by it."""
    for length, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {name} left"
    return "a moment left"


def _day(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"


def _redeem_url(template: str | None, code: str) -> str | None:
    return template and template.replace(GIFT_CODE_PLACE, quote(code, safe=""))


def _plain(name: str | None) -> str:
    """Return a name on one line, without what could turn the words around it."""
    kept = (c for c in name or "" if unicodedata.bidirectional(c) not in _TURNS_TEXT)
    return " ".join("".join(kept).split())


_ERRORS: Final[Mapping[int, Page]] = {
    404: Page(
        title="There is no such gift",
        summary="Maybe a character of its code got lost on the way. A code has 10 letters and"
        " digits, without the letters I and O and the digits 0 and 1. If you were sent a link, ask"
        " for it once more.",
    ),
    503: Page(
        title="Back in a moment",
        summary="The gift is safe, it just cannot be shown right now. Please try again shortly.",
        try_again=True,
    ),
    504: Page(
        title="Back in a moment",
        summary="The gift is safe, it just took too long to find. Please try again shortly.",
        try_again=True,
    ),
}

_OUR_MISTAKE: Final = Page(
    title="Something went wrong",
    summary="It was our mistake, and the gift is safe. Please try again later.",
    try_again=True,
)
