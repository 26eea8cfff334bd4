"""The page that a gift's link opens."""

import logging
from datetime import UTC, datetime
from importlib.resources import files

from msgspec import Raw
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import ApiError, internal_error
from api.http.operations import Answer, Operation
from api.http.preferences import prefers
from api.observability.metrics import count_refusal
from api.pages.content import error_page, gift_page
from api.pages.gift_codes import look_up_gift
from api.pages.rendering import PICTURE_PATH, page_answer
from api.services import services_of

logger = logging.getLogger("api.pages")

_PICTURE = files("api.pages").joinpath("picture.png").read_bytes()


async def show_gift(request: Request) -> Response:
    """GET /g/:code, for anyone, throttled together with GET /gifts/:code.

    Its status is that route's too: 200 for a gift that has ended, which is still there to be read
    about by those who have redeemed it. Errors are pages for browsers, and for others what they
    are everywhere.
    """
    settings = services_of(request).settings
    try:
        gift = await look_up_gift(request)
        return page_answer(gift_page(gift, settings, datetime.now(UTC)), settings.base_url)
    except Exception as error:
        if not prefers(request, "text/html"):
            raise
        return _error_answer(error, settings.base_url)


async def show_picture(request: Request) -> Response:
    """GET /assets/gift.png: what previews of a gift's link show, the same for every gift."""
    headers = {"Cache-Control": "public, max-age=604800"}
    return Response(_PICTURE, headers=headers, media_type="image/png")


def _error_answer(error: Exception, base_url: str) -> Response:
    if not isinstance(error, ApiError):
        logger.error("unexpected error", exc_info=error)
        error = internal_error()
    count_refusal(error.code)
    answer = page_answer(error_page(error), base_url, error.status)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


OPERATIONS = [
    Operation(
        method="GET",
        path="/g/{code}",
        handler=show_gift,
        name="showGift",
        tag="Gifts",
        summary="The page that a gift's link opens",
        description="For people; it draws on the same budget of look-ups as `getGift`."
        " Errors are pages where `Accept` names `text/html`.",
        answers={200: Answer("The page.", other={"text/html": str})},
        refusals=("gift_not_found", "too_many_attempts"),
        errors_also_as="text/html",
    ),
    Operation(
        method="GET",
        path=PICTURE_PATH,
        handler=show_picture,
        name="showPicture",
        tag="Gifts",
        summary="What previews of a gift's link show",
        answers={200: Answer("The picture.", other={"image/png": Raw})},
        needs_database=False,
    ),
]
