"""The page that a gift's link opens."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

from msgspec import Raw
from starlette.responses import HTMLResponse, Response

from api.call import Call
from api.database.rows import Gift
from api.http.errors import ApiError, told_of
from api.http.fields import Text
from api.http.operations import Answer, Operation
from api.http.parameters import Parameter
from api.http.preferences import prefers
from api.observability.refusals import note_refusal
from api.pages.content import Heading, error_heading, gift_heading, qr_code, time_left
from api.pages.gift_codes import NO_CODE, look_up_gift
from api.pages.languages import Language, language_of
from api.pages.rendering import page_answer
from api.settings import GIFT_CODE_PLACE, Settings

_PICTURE_PATH: Final = "/assets/gift.png"
_PICTURE = files("api.pages").joinpath("picture.png").read_bytes()


async def show_gift(call: Call[Any]) -> Response:
    """The page that a gift's link opens.

    Its status is that route's too: 200 for a gift that has ended, since those who redeemed it still
    read about it. Errors are pages for browsers, and for others what they are everywhere.
    """
    settings, language = call.services.settings, language_of(call.request)
    try:
        gift = await look_up_gift(call)
        return _page(settings, language, gift_heading(gift, language), gift)
    except Exception as error:
        if not prefers(call.request, "text/html"):
            raise
        told = told_of(error)
        note_refusal(told.code)
        answer = _page(settings, language, error_heading(told, language), error=told)
        answer.status_code = told.status
        if told.retry_after is not None:
            answer.headers["Retry-After"] = str(told.retry_after)
        return answer


def _page(
    settings: Settings,
    language: Language,
    heading: Heading,
    gift: Gift | None = None,
    error: ApiError | None = None,
) -> HTMLResponse:
    """Return the page of a gift, or of the error in its place."""
    not_found = error is not None and error.status == HTTPStatus.NOT_FOUND
    return page_answer(
        "gift.html",
        settings,
        language.tag,
        policy="form-action 'self'" if not_found else "form-action 'none'",
        heading=heading,
        gift=gift,
        link=gift and f"{settings.base_url}/g/{gift.code}",
        redeem_url=gift and _redeem_url(settings, gift),
        # Of an error: another code may be the right one, or else another try makes sense.
        other_code=not_found,
        try_again=error is not None and not not_found,
        picture_url=settings.base_url + _PICTURE_PATH,
        now=datetime.now(UTC),
        text=partial(language.text, brand=settings.brand_name),
        time_left=partial(time_left, language=language),
        qr_code=qr_code,
    )


def _redeem_url(settings: Settings, gift: Gift) -> str | None:
    template = settings.gift_redeem_url
    return template and template.replace(GIFT_CODE_PLACE, quote(gift.code, safe=""))


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
        f"GET {_PICTURE_PATH}",
        prefix="",
        tag="Gifts",
        handler=show_picture,
        answers={200: Answer("The picture.", other={"image/png": Raw})},
        needs_database=False,
    ),
]
