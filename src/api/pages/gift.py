"""The page that a gift's link opens."""

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import quote

from msgspec import Raw
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import ApiError, internal_error
from api.http.operations import Answer, Operation
from api.http.parameters import Parameter
from api.http.preferences import prefers
from api.observability.refusals import note_refusal
from api.pages.content import error_page, gift_page
from api.pages.gift_codes import NO_CODE, look_up_gift
from api.pages.languages import language_of
from api.pages.rendering import PICTURE_PATH, page_answer
from api.services import services_of

logger = logging.getLogger("api.pages")

_PICTURE = files("api.pages").joinpath("picture.png").read_bytes()


async def show_gift(request: Request) -> Response:
    """GET /g/:code, for anyone, throttled together with GET /gifts/:code.

    Its status is that route's too: 200 for a gift that has ended, since those who redeemed it still
    read about it. Errors are pages for browsers, and for others what they are everywhere.
    """
    settings = services_of(request).settings
    language = language_of(request)
    try:
        gift = await look_up_gift(request)
        page = gift_page(gift, settings, language, datetime.now(UTC))
        return page_answer(page, settings, language)
    except Exception as error:
        if not prefers(request, "text/html"):
            raise
        told = _told(error)
        return page_answer(error_page(told, language), settings, language, told)


async def find_gift(request: Request) -> Response:
    """GET /g?code=…: on to the page of a code that somebody has typed."""
    code = request.query_params.get("code", "").strip() or NO_CODE
    # Relative, since a proxy may have put a path in front.
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": f"g/{quote(code, '')}"})


async def show_picture(request: Request) -> Response:
    """GET /assets/gift.png: what previews of a gift's link show, the same for every gift."""
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
        "showGift",
        "The page that a gift's link opens",
        prefix="",
        tag="Gifts",
        description="For people; it draws on the same budget of look-ups as `getGift`."
        " Errors are pages where `Accept` names `text/html`."
        " It speaks German, English, French, Italian or Spanish, by `Accept-Language`.",
        endpoint=show_gift,
        answers={200: Answer("The page.", other={"text/html": str})},
        calls=("gifts.get_public_gift",),
        refusals=("gift_not_found",),
        errors_also_as="text/html",
    ),
    Operation(
        "GET /g",
        "findGift",
        "The way to the page of a code that somebody has typed",
        prefix="",
        tag="Gifts",
        query=[Parameter("code", str, "The code, as it was typed.")],
        endpoint=find_gift,
        answers={303: Answer("On to the page.")},
        needs_database=False,
    ),
    Operation(
        f"GET {PICTURE_PATH}",
        "showPicture",
        "What previews of a gift's link show",
        prefix="",
        tag="Gifts",
        endpoint=show_picture,
        answers={200: Answer("The picture.", other={"image/png": Raw})},
        needs_database=False,
    ),
]
