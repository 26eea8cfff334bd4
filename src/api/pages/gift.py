"""The page that a gift's link opens."""

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from msgspec import Raw
from starlette.responses import Response

from api.call import Call
from api.http.errors import ApiError, internal_error
from api.http.fields import Text
from api.http.operations import Answer, Operation
from api.http.parameters import Parameter
from api.http.preferences import prefers
from api.observability.refusals import note_refusal
from api.pages.content import error_page, gift_page
from api.pages.gift_codes import NO_CODE, look_up_gift
from api.pages.languages import language_of
from api.pages.rendering import PICTURE_PATH, page_answer

logger = logging.getLogger("api.pages")

_PICTURE = files("api.pages").joinpath("picture.png").read_bytes()


async def show_gift(call: Call[Any]) -> Response:
    """The page that a gift's link opens.

    Its status is that route's too: 200 for a gift that has ended, since those who redeemed it still
    read about it. Errors are pages for browsers, and for others what they are everywhere.
    """
    settings = call.services.settings
    language = language_of(call.request)
    try:
        gift = await look_up_gift(call)
        page = gift_page(gift, settings, language, datetime.now(UTC))
        return page_answer(page, settings, language)
    except Exception as error:
        if not prefers(call.request, "text/html"):
            raise
        told = _told(error)
        return page_answer(error_page(told, language), settings, language, told)


async def find_gift(call: Call[Any]) -> Response:
    """The way to the page of a code that somebody has typed."""
    code = call.query["code"].strip() or NO_CODE
    # Relative, since a proxy may have put a path in front.
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": f"g/{quote(code, '')}"})


async def show_picture(call: Call[Any]) -> Response:
    """The picture that previews of a gift's link show.

    It is the same for every gift.
    """
    headers = {"Cache-Control": "public, max-age=604800"}
    return Response(_PICTURE, headers=headers, media_type="image/png")


def _told(error: Exception) -> ApiError:
    """Return the error that is told in place of an exception, and count it."""
    if not isinstance(error, ApiError):
        logger.error("unexpected error", exc_info=error)
        error = internal_error()
    note_refusal(error.code)
    return error


OPERATIONS = [
    Operation(
        "GET /g/{code}",
        prefix="",
        tag="Gifts",
        description="For people; it draws on the same budget of look-ups as `getGift`."
        " Errors are pages where `Accept` names `text/html`."
        " It speaks German, English, French, Italian or Spanish, by `Accept-Language`.",
        handler=show_gift,
        answers={200: Answer("The page.", other={"text/html": str})},
        calls=("gifts.get_gift",),
        refusals=("gift_not_found",),
        errors_also_as="text/html",
    ),
    Operation(
        "GET /g",
        prefix="",
        tag="Gifts",
        query=[Parameter("code", Text, "The code, as it was typed.", default="")],
        handler=find_gift,
        answers={303: Answer("On to the page.")},
        needs_database=False,
    ),
    Operation(
        f"GET {PICTURE_PATH}",
        prefix="",
        tag="Gifts",
        handler=show_picture,
        answers={200: Answer("The picture.", other={"image/png": Raw})},
        needs_database=False,
    ),
]
