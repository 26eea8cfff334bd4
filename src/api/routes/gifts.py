"""Gift codes: looking one up, giving, redeeming, taking back, and lists of both sides."""

from decimal import Decimal
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from api.database.client import Functions
from api.database.refusals import refusal_told
from api.database.rows import (
    GIFT_TYPES,
    CancelledGift,
    CreatedGift,
    Gift,
    GiftStatus,
    GiftType,
    NewGift,
    ReceivedGift,
    Redemption,
)
from api.http.answers import Repeatable, Replayed, encoded, json_answer, repeated
from api.http.bodies import Body
from api.http.errors import invalid_request
from api.http.fields import FREE_TEXT, Amount, Count, Id, Key, Moment, Text, cut, told, within
from api.http.idempotency import idempotency_key
from api.http.operations import PAGE, Answer, Caller, Operation
from api.http.paging import page_answer
from api.http.parameters import Query, path_uuid
from api.http.texts import FreeText
from api.pages.gift_codes import answer_as_kept, found_by_code, look_up_gift, path_code
from api.routes.prefix import PREFIX
from api.services import services_of

Value = TypeVar("Value")

GiftCredits = Annotated[Amount, told(minimum=1, maximum=10000, multipleOf=1)]
Portions = Annotated[Count, within(1, 100, "; by default 1")]
ExpirationDays = Annotated[Count, within(1, 3650, "; by default 90")]
Riddle = Annotated[Text, told(minLength=1, maxLength=200)]
TypeOfGift = Annotated[Text, told(enum=GIFT_TYPES)]
CreatorName = Annotated[FreeText, FREE_TEXT, cut(80)]

# Attempts that the database records are returned by it as rows, not raised as errors: here is the
# SQLSTATE that each would have, and its message.
FAILED_REDEMPTIONS: Final = {
    "failed_wrong_answer": ("UG006", "The answer is wrong"),
    "failed_wrong_user": ("UG007", "The gift is for someone else"),
    "failed_depleted": ("UG002", "The gift is used up"),
    "failed_expired": ("UG003", "The gift has expired"),
    "failed_already_claimed": ("UG004", "You have claimed this gift before"),
}


class Give(msgspec.Struct, rename="camel", kw_only=True):
    """A gift to be made: amount, receiver, kind; some fields go by two names."""

    total_credits: GiftCredits | None = None
    credits: GiftCredits | None = None
    type: TypeOfGift | None = None
    total_portions: Portions | None = None
    portions: Portions | None = None
    target_email: Text | None = None
    target_matrix_id: Text | None = None
    riddle_question: Riddle | None = None
    riddle_answer: Riddle | None = None
    message: Annotated[FreeText, FREE_TEXT, cut(500)] | None = None
    creator_name: CreatorName | None = None
    expiration_days: ExpirationDays | None = None
    expires_at: Moment | None = None
    source_app_id: Id | None = None
    idempotency_key: Key | None = None


class Redeem(msgspec.Struct, rename="camel", kw_only=True):
    """A redemption; the answer to the riddle goes by two names."""

    riddle_answer: Text | None = None
    answer: Text | None = None
    source_app_id: Id | None = None
    idempotency_key: Key | None = None


class GiftLinks(msgspec.Struct, rename="camel", kw_only=True):
    """A gift's code and the page that it opens, by two names."""

    id: UUID
    code: str
    url: str
    short_url: str


class GiftOfMine(GiftLinks, kw_only=True):
    """A gift in its creator's list."""

    type: GiftType
    status: GiftStatus
    total_credits: Decimal
    credits_per_portion: Decimal
    total_portions: int
    claimed_portions: int
    redeemed: bool
    message: str | None
    expires_at: Moment
    created_at: Moment


class GivenGift(GiftLinks, kw_only=True):
    """A gift just created, or by an earlier call with the same key."""

    type: GiftType
    status: GiftStatus
    total_credits: Decimal
    credits_per_portion: Decimal
    total_portions: int
    claimed_portions: int
    remaining_portions: int
    target_email: str | None
    target_matrix_id: str | None
    riddle_question: str | None
    message: str | None
    expires_at: Moment
    created_at: Moment
    replayed: Replayed = UNSET


class RedeemedGift(msgspec.Struct, rename="camel", kw_only=True):
    """A portion received, now or by an earlier call with the same key."""

    success: bool = True
    credits: Decimal
    credits_received: Decimal
    new_balance: Decimal
    message: str | None
    creator_name: str | None
    replayed: Replayed = UNSET


class TakenBack(Repeatable, kw_only=True):
    """The credits that a cancelled gift gave back."""

    success: bool = True
    refunded_credits: Decimal


GIVE = Body(Give)
REDEEM = Body(Redeem)


async def get_gift(request: Request) -> Response:
    """GET /gifts/:code, for anyone, throttled by address."""
    return json_answer(await look_up_gift(request))


async def give(request: Request) -> Response:
    """POST /gifts."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await GIVE.read(request)
    total = _one_of("totalCredits", body.total_credits, "credits", body.credits)
    if total is None:
        raise invalid_request({"totalCredits": "is missing"})
    gift = await services.database.one(
        "gifts.create_gift",
        NewGift,
        p_creator_id=user.id,
        p_total_credits=total,
        p_type=body.type,
        p_total_portions=_one_of("totalPortions", body.total_portions, "portions", body.portions),
        p_target_email=body.target_email,
        p_target_matrix_id=body.target_matrix_id,
        p_riddle_question=body.riddle_question,
        p_riddle_answer=body.riddle_answer,
        p_message=body.message,
        p_expires_at=body.expires_at,
        p_expiration_days=body.expiration_days,
        p_creator_name=user.name or body.creator_name,
        p_source_app_id=body.source_app_id,
        p_idempotency_key=idempotency_key(request, body.idempotency_key),
    )
    return json_answer(_given(gift, services.settings.base_url), 200 if gift.replayed else 201)


async def list_created(request: Request) -> Response:
    """GET /gifts/me/created."""
    services = services_of(request)
    user = await services.callers.user(request)
    return await created_by(request, services.database, user.id)


async def created_by(request: Request, functions: Functions, user_id: str) -> Response:
    """Answer with a page of the gifts that a user made."""
    query = Query(request)
    page = query.page()
    query.check()
    rows = await functions.many(
        "gifts.list_created_gifts", CreatedGift, p_user_id=user_id, **page.arguments()
    )
    base_url = services_of(request).settings.base_url
    items = [(str(gift.id), encoded(_mine(gift, base_url)).decode()) for gift in rows]
    return page_answer(request, page, items, base_url)


async def list_received(request: Request) -> Response:
    """GET /gifts/me/received."""
    services = services_of(request)
    user = await services.callers.user(request)
    return await received_by(request, services.database, user.id)


async def received_by(request: Request, functions: Functions, user_id: str) -> Response:
    """Answer with a page of the gifts that a user redeemed."""
    query = Query(request)
    page = query.page()
    query.check()
    items = await functions.items(
        "gifts.list_received_gifts", ReceivedGift, p_user_id=user_id, **page.arguments()
    )
    return page_answer(request, page, items, services_of(request).settings.base_url)


async def redeem(request: Request) -> Response:
    """POST /gifts/:code/redeem; who tries too many codes that do not exist has to wait."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await REDEEM.read(request)
    answer = _one_of("riddleAnswer", body.riddle_answer, "answer", body.answer)
    key = idempotency_key(request, body.idempotency_key)
    redemptions = await services.database.many(
        "gifts.redeem_typed_code",
        Redemption,
        p_code=path_code(request),
        p_user_id=user.id,
        p_email=user.email,
        p_matrix_id=user.matrix_id,
        p_riddle_answer=await answer_as_kept(request, user.id, answer),
        p_source_app_id=body.source_app_id,
        p_idempotency_key=key,
    )
    return json_answer(_redeemed(found_by_code(redemptions)))


async def cancel(request: Request) -> Response:
    """DELETE /gifts/:id."""
    services = services_of(request)
    user = await services.callers.user(request)
    cancelled = await services.database.one(
        "gifts.cancel_gift",
        CancelledGift,
        p_gift_id=path_uuid(request, "id"),
        p_creator_id=user.id,
    )
    return json_answer(
        TakenBack(refunded_credits=cancelled.refunded_credits, **repeated(cancelled.replayed))
    )


def _one_of(name: str, value: Value | None, alias: str, other: Value | None) -> Value | None:
    """Return a field that goes by two names.

    Raises:
        ApiError: 400 invalid_request: both are given and differ.
    """
    if value is not None and other is not None and value != other:
        raise invalid_request({alias: f"must be the same as {name}, or left out"})
    return other if value is None else value


def _links(gift: NewGift | CreatedGift, base_url: str) -> dict[str, str]:
    link = base_url + gift.short_url
    return {"url": link, "short_url": link}


def _mine(gift: CreatedGift, base_url: str) -> GiftOfMine:
    return GiftOfMine(**{**msgspec.structs.asdict(gift), **_links(gift, base_url)})


def _given(gift: NewGift, base_url: str) -> GivenGift:
    fields = {**msgspec.structs.asdict(gift), **_links(gift, base_url)}
    return GivenGift(**{**fields, "replayed": gift.replayed or UNSET})


def _redeemed(redemption: Redemption) -> RedeemedGift:
    """Return a success.

    Raises:
        ApiError: What a failed attempt is answered with.
    """
    if redemption.status in FAILED_REDEMPTIONS:
        state, message = FAILED_REDEMPTIONS[redemption.status]
        details = None
        if redemption.status == "failed_depleted":
            details = msgspec.Raw(msgspec.json.encode({"status": redemption.gift_status}))
        raise refusal_told(state, message, details)
    return RedeemedGift(
        credits=redemption.credits_received,
        credits_received=redemption.credits_received,
        new_balance=redemption.new_balance,
        message=redemption.message,
        creator_name=redemption.creator_name,
        replayed=redemption.replayed or UNSET,
    )


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/gifts/{code}/redeem",
        handler=redeem,
        name="redeemGift",
        tag="Gifts",
        summary="Redeem a portion of a gift",
        description="Failed attempts are recorded, and guessing is throttled by user and by gift.",
        caller=Caller.USER,
        body=REDEEM,
        keyed=True,
        answers={200: Answer("The portion received.", [RedeemedGift])},
        calls=("gifts.redeem_typed_code",),
    ),
    Operation(
        method="GET",
        path=PREFIX + "/gifts/me/created",
        handler=list_created,
        name="listCreatedGifts",
        tag="Gifts",
        summary="The gifts one has made, newest first",
        caller=Caller.USER,
        query=PAGE,
        answers={200: Answer("A page of them.", [list[GiftOfMine]], paged=True)},
    ),
    Operation(
        method="GET",
        path=PREFIX + "/gifts/me/received",
        handler=list_received,
        name="listReceivedGifts",
        tag="Gifts",
        summary="The gifts one has redeemed, newest first",
        caller=Caller.USER,
        query=PAGE,
        answers={200: Answer("A page of them.", [list[ReceivedGift]], paged=True)},
    ),
    Operation(
        method="GET",
        path=PREFIX + "/gifts/{code}",
        handler=get_gift,
        name="getGift",
        tag="Gifts",
        summary="What anyone may know of a gift",
        description="Throttled by address.",
        answers={200: Answer("The gift, also one that has ended.", [Gift])},
        calls=("gifts.get_public_gift",),
        refusals=("gift_not_found",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/gifts",
        handler=give,
        name="createGift",
        tag="Gifts",
        summary="Make a gift",
        description=(
            "Charges what can be claimed: `totalPortions` times `creditsPerPortion`. "
            "An address is given at most 50 gifts in a day, whoever makes them."
        ),
        caller=Caller.USER,
        body=GIVE,
        keyed=True,
        answers={
            201: Answer("The gift.", [GivenGift]),
            200: Answer("The gift that an earlier call with this key has made.", [GivenGift]),
        },
        calls=("gifts.create_gift",),
    ),
    Operation(
        method="DELETE",
        path=PREFIX + "/gifts/{id}",
        handler=cancel,
        name="cancelGift",
        tag="Gifts",
        summary="Take a gift back",
        description="What nobody has claimed returns to its creator.",
        caller=Caller.USER,
        answers={200: Answer("What came back.", [TakenBack])},
        calls=("gifts.cancel_gift",),
    ),
]
