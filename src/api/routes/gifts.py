"""Gift codes: looking one up, giving, redeeming, taking back, and lists of both sides."""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.answers import Replayed, Succeeded, Success, columns, json_answer
from api.http.bodies import Body, Given
from api.http.errors import ApiError, invalid_request
from api.http.operations import Answer, Caller, Operation, for_services
from api.http.parameters import PAGE, choice
from api.pages.gift_codes import answer_as_kept, found_by_code, look_up_gift, path_code
from api.routes.calls import list_page, page_of_rows

Value = TypeVar("Value")

GiftCredits = Annotated[fields.Amount, fields.told(minimum=1, maximum=10000, multipleOf=1)]
Portions = Annotated[fields.Count, fields.within(1, 100, "; by default 1")]
ExpirationDays = Annotated[fields.Count, fields.within(1, 3650, "; by default 90")]
Riddle = Annotated[fields.Text, fields.told(minLength=1, maxLength=200)]

# The database records attempts, so it returns them as rows and raises no error.
FAILED_REDEMPTIONS: Final = {
    "failed_wrong_answer": ("wrong_riddle_answer", "The answer is wrong"),
    "failed_wrong_user": ("gift_for_someone_else", "The gift is for someone else"),
    "failed_depleted": ("gift_not_active", "The gift is used up"),
    "failed_expired": ("gift_expired", "The gift has expired"),
    "failed_already_claimed": ("gift_already_claimed", "You have claimed this gift before"),
}


class Give(Given, kw_only=True):
    """A gift to be made: amount, receiver, kind; some fields go by two names."""

    total_credits: GiftCredits | None = None
    credits: GiftCredits | None = None
    type: Annotated[fields.Text, fields.told(enum=rows.GIFT_TYPES)] | None = None
    total_portions: Portions | None = None
    portions: Portions | None = None
    target_email: fields.Text | None = None
    target_matrix_id: fields.Text | None = None
    riddle_question: Riddle | None = None
    riddle_answer: Riddle | None = None
    message: Annotated[fields.FreeText, fields.cut(500)] | None = None
    creator_name: Annotated[fields.FreeText, fields.cut(80)] | None = None
    expiration_days: ExpirationDays | None = None
    expires_at: fields.Moment | None = None
    source_app_id: fields.Id | None = None
    idempotency_key: fields.Key | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, which knows one name of each."""
        arguments = super().arguments()
        total = _one_of("totalCredits", self.total_credits, "credits", arguments.pop("p_credits"))
        if total is None:
            raise invalid_request({"totalCredits": "is missing"})
        portions = arguments.pop("p_portions")
        portions = _one_of("totalPortions", self.total_portions, "portions", portions)
        return arguments | {"p_total_credits": total, "p_total_portions": portions}


class Redeem(Given, kw_only=True):
    """A redemption; the answer to the riddle goes by two names."""

    riddle_answer: fields.Text | None = None
    answer: fields.Text | None = None
    source_app_id: fields.Id | None = None
    idempotency_key: fields.Key | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, which knows one name of each."""
        arguments = super().arguments()
        answer = _one_of("riddleAnswer", self.riddle_answer, "answer", arguments.pop("p_answer"))
        return arguments | {"p_riddle_answer": answer}


class OwnGift(msgspec.Struct, rename="camel", kw_only=True):
    """A gift for its creator; the page that it opens goes by two names."""

    id: UUID
    code: str
    url: Annotated[str, columns("short_url")]
    short_url: str
    type: rows.GiftType
    status: rows.GiftStatus
    total_credits: Decimal
    credits_per_portion: Decimal
    total_portions: int
    claimed_portions: int

    def open_at(self, base_url: str) -> None:
        """Make addresses of the path that the database has."""
        self.url = self.short_url = base_url + self.short_url


class GiftOfMine(OwnGift, kw_only=True):
    """A gift in its creator's list."""

    redeemed: bool
    message: str | None
    expires_at: fields.Moment
    created_at: fields.Moment


class GivenGift(OwnGift, kw_only=True):
    """A gift just created, or by an earlier call with the same key."""

    remaining_portions: int
    target_email: str | None
    target_matrix_id: str | None
    riddle_question: str | None
    message: str | None
    expires_at: fields.Moment
    created_at: fields.Moment
    replayed: Replayed = UNSET


class RedeemedGift(msgspec.Struct, rename="camel", kw_only=True):
    """A portion received, now or by an earlier call with the same key."""

    success: Success = True
    credits: Annotated[Decimal, columns("credits_received")]
    credits_received: Decimal
    new_balance: Decimal
    message: str | None
    creator_name: str | None
    replayed: Replayed = UNSET


class Attempt(rows.Row):
    """The end of an attempt to redeem a gift; failures are rows too, so that they are kept.

    Of a failure what would have been received is null.
    """

    status: str
    gift_status: str
    redeemed: RedeemedGift


class TakenBack(Succeeded, kw_only=True):
    """The credits that a cancelled gift gave back."""

    refunded_credits: Decimal


async def create_gift(call: Call[Give]) -> Response:
    """Make a gift.

    In the name that the token tells, else in that of the body.
    """
    name = call.user.name or call.body.creator_name
    gift = await call.one(GivenGift, p_creator_name=name)
    gift.open_at(call.services.settings.base_url)
    return json_answer(gift, 200 if gift.replayed else 201)


async def list_created_gifts(call: Call[Any]) -> Response:
    """The gifts one has made, newest first."""
    gifts = await call.functions.many("gifts.list_created_gifts", GiftOfMine, **call.arguments)
    for gift in gifts:
        gift.open_at(call.services.settings.base_url)
    return page_of_rows(call, gifts)


async def list_gifts_of_user(call: Call[Any]) -> Response:
    """The gifts that a user made or redeemed, newest first."""
    if call.query["side"] == "taken":
        return await list_page(call, rows.ReceivedGift, "gifts.list_received_gifts")
    return await list_created_gifts(call)


async def redeem_gift(call: Call[Redeem]) -> RedeemedGift:
    """Redeem a portion of a gift.

    Who tries too many codes that do not exist has to wait.
    """
    attempts = await call.many(
        Attempt,
        p_code=path_code(call.request),
        p_email=call.user.email,
        p_matrix_id=call.user.matrix_id,
        p_riddle_answer=await answer_as_kept(call, call.arguments["p_riddle_answer"]),
    )
    attempt = found_by_code(attempts)
    if attempt.status not in FAILED_REDEMPTIONS:
        return attempt.redeemed
    code, message = FAILED_REDEMPTIONS[attempt.status]
    details = {"status": attempt.gift_status} if code == "gift_not_active" else None
    raise ApiError(code, message, details)


def _one_of(name: str, value: Value | None, alias: str, other: Value | None) -> Value | None:
    """Return a field that goes by two names; 400 invalid_request if both are given and differ."""
    if value is not None and other is not None and value != other:
        raise invalid_request({alias: f"must be the same as {name}, or left out"})
    return other if value is None else value


_of_user = partial(Operation, tag="Gifts", caller=Caller.USER, user_as="p_user_id")

OPERATIONS = [
    _of_user(
        "POST /gifts/{code}/redeem",
        name="redeemGift",
        description="Failed attempts are recorded, and guessing is throttled by user and by gift.",
        body=Body(Redeem),
        function="gifts.redeem_gift",
        constants={"p_typed": True},
        handler=redeem_gift,
        answers={200: Answer("The portion received.", [RedeemedGift])},
    ),
    _of_user(
        "GET /gifts/me/created",
        query=PAGE,
        function="gifts.list_created_gifts",
        handler=list_created_gifts,
        answers={200: Answer("A page of them.", [list[GiftOfMine]])},
    ),
    _of_user(
        "GET /gifts/me/received",
        "The gifts one has redeemed, newest first",
        query=PAGE,
        function="gifts.list_received_gifts",
        answers={200: Answer("A page of them.", [list[rows.ReceivedGift]])},
    ),
    for_services(
        "GET /internal/credits/accounts/{userId}/gifts",
        query=[
            *PAGE,
            choice(
                "side", "Those that the user gave, or those that the user took.", "given", "taken"
            ),
        ],
        handler=list_gifts_of_user,
        answers={200: Answer("A page of them.", [list[GiftOfMine], list[rows.ReceivedGift]])},
    ),
    Operation(
        "GET /gifts/{code}",
        "A gift, as far as anyone may know it",
        name="getGift",
        tag="Gifts",
        description="Throttled by address.",
        handler=look_up_gift,
        answers={200: Answer("The gift, also one that has ended.", [rows.Gift])},
        calls=("gifts.get_gift",),
    ),
    _of_user(
        "POST /gifts",
        description="Charges what can be claimed: `totalPortions` times `creditsPerPortion`. "
        "An address is given at most 50 gifts in a day, whoever makes them.",
        body=Body(Give),
        function="gifts.create_gift",
        user_as="p_creator_id",
        handler=create_gift,
        answers={
            201: Answer("The gift.", [GivenGift]),
            200: Answer("The gift that an earlier call with this key has made.", [GivenGift]),
        },
    ),
    _of_user(
        "DELETE /gifts/{id}",
        "Take a gift back",
        description="What nobody has claimed returns to its creator.",
        function="gifts.cancel_gift",
        user_as="p_creator_id",
        id_as="p_gift_id",
        answers={200: Answer("What came back.", [TakenBack])},
    ),
]
