"""The support desk: administrators find accounts, see their story and repair."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.database.client import Functions
from api.database.rows import (
    CreatedGift,
    DatedPrice,
    DeskAccount,
    DeskAct,
    DoneAct,
    Found,
    GiftStatus,
    GiftType,
    Package,
    Purchase,
    ReceivedGift,
    SpendingLimitsOfOne,
)
from api.http.answers import Repeatable, encoded, json_answer, repeated
from api.http.bodies import Body
from api.http.errors import invalid_request
from api.http.fields import (
    FREE_TEXT,
    NO_METADATA,
    Amount,
    Count,
    Description,
    Id,
    Key,
    Limit,
    Metadata,
    Moment,
    Text,
    given,
    told,
)
from api.http.idempotency import idempotency_key
from api.http.operations import PAGE, Answer, Caller, Operation, Parameter
from api.http.paging import page_answer
from api.http.parameters import Query, path_id, path_uuid
from api.http.texts import FreeText
from api.routes.prefix import PREFIX
from api.services import services_of

# Of each kind in an account's story.
_SHOWN = 50

Reason = Annotated[FreeText, FREE_TEXT, told(minLength=3, maxLength=500)]


class Why(msgspec.Struct, rename="camel", kw_only=True):
    """The reason of an act of support; the key says which act it is."""

    reason: Reason
    idempotency_key: Key | None = None


class DeskGrant(Why, kw_only=True):
    """A grant, and the text that the person reads; until when, if not for good."""

    amount: Amount
    description: Description | None = None
    expires_at: Moment | None = None


class DeskTaking(Why, kw_only=True):
    """Credits to take from a person, and the text that the person reads."""

    amount: Amount
    description: Description | None = None


class DeskRefund(Why, kw_only=True):
    """The part of a usage that goes back, by default all that is left of it."""

    amount: Amount | None = None
    description: Description | None = None


class PackageChange(Why, kw_only=True):
    """A change of a package; what is not named stays. An empty stripePriceId removes it."""

    name: FreeText | None = None
    description: Description | None = None
    credits: Amount | None = None
    price_euro_cents: Annotated[Count, told(minimum=1)] | None = None
    stripe_price_id: Text | None = None
    active: bool | None = None
    sort_order: Count | None = None
    metadata: Metadata = NO_METADATA


class NewPackage(PackageChange, kw_only=True):
    """A package to be sold."""

    name: Annotated[FreeText, FREE_TEXT, told(minLength=1, maxLength=200)]
    credits: Amount
    price_euro_cents: Annotated[Count, told(minimum=1)]


class NewPrice(Why, kw_only=True):
    """A price from a moment on, by default now; what is not named stays."""

    operation: Id
    unit_price: Limit | None = None
    valid_from: Moment | None = None
    app_id: Id | None = None
    unit: Annotated[Text, told(maxLength=50)] | None = None
    per: Limit | None = None
    step: Limit | None = None
    minimum: Limit | None = None
    name: FreeText | None = None
    description: Description | None = None
    category: Annotated[Text, told(maxLength=100)] | None = None
    sort_order: Count | None = None
    active: bool | None = None


class Act(msgspec.Struct, rename="camel", kw_only=True):
    """An act of support.

    `subjectId` is the usage, hold, gift, package or operation that it was about, `transactionId`
    the ledger row that it wrote, `balance` what the person could spend right after. Of a package
    or a price, which are nobody's, `before` and `after` say what it was and is.
    """

    id: UUID
    admin: str
    user_id: str | None
    action: str
    subject_id: str | None
    amount: Decimal | None
    reason: str
    transaction_id: UUID | None
    balance: Decimal | None
    before: Any
    after: Any
    idempotency_key: str | None
    request_id: str | None
    created_at: Moment


class Done(Repeatable, kw_only=True):
    """An act just done, or by an earlier call with the same key."""

    success: bool = True
    action: Act


class GiftGiven(msgspec.Struct, rename="camel"):
    """A gift that a person made; its code is money to whoever has it, and not told."""

    id: UUID
    type: GiftType
    status: GiftStatus
    total_credits: Decimal
    total_portions: int
    claimed_portions: int
    message: str | None
    expires_at: Moment
    created_at: Moment


class GiftTaken(msgspec.Struct, rename="camel"):
    """A portion of a gift that a person redeemed."""

    id: UUID
    gift_code_id: UUID
    credits_received: Decimal
    portion_number: int
    creator_name: str | None
    redeemed_at: Moment


class Story(DeskAccount, kw_only=True):
    """A person's account, and the newest of all that concerns it."""

    frozen: bool
    limits: list[SpendingLimitsOfOne]
    purchases: list[Purchase]
    gifts_given: list[GiftGiven]
    gifts_taken: list[GiftTaken]
    actions: list[Act]


WHY = Body(Why)
GRANT = Body(DeskGrant)
TAKING = Body(DeskTaking)
REFUND = Body(DeskRefund)
PACKAGE = Body(NewPackage)
PACKAGE_CHANGE = Body(PackageChange)
PRICE = Body(NewPrice)


async def find_accounts(request: Request) -> Response:
    """GET /admin/accounts?query=."""
    services = services_of(request)
    await services.callers.admin(request)
    query = Query(request)
    text = query.text("query")
    query.check()
    if not text:
        raise invalid_request({"query": "is missing"})
    return json_answer(await services.database.many("credits.admin_find", Found, p_query=text))


async def tell_account(request: Request) -> Response:
    """GET /admin/accounts/:userId."""
    services = services_of(request)
    await services.callers.admin(request)
    user_id = path_id(request, "userId")
    database = services.database
    account = await database.one("credits.admin_account", DeskAccount, p_user_id=user_id)
    some: dict[str, Any] = {"p_user_id": user_id, "p_limit": _SHOWN}
    given_away = await database.many("gifts.list_created_gifts", CreatedGift, **some)
    taken = await database.many("gifts.list_received_gifts", ReceivedGift, **some)
    limits = await database.many("credits.get_limits", SpendingLimitsOfOne, p_user_id=user_id)
    return json_answer(
        Story(
            **msgspec.structs.asdict(account),
            frozen=account.frozen_at is not None,
            limits=[row for row in limits if row.spent_today is not None],
            purchases=await database.many("credits.list_purchases", Purchase, **some),
            gifts_given=[_part(GiftGiven, gift) for gift in given_away],
            gifts_taken=[_part(GiftTaken, gift) for gift in taken],
            actions=[
                _act(row)
                for row in await database.many("credits.admin_list_actions", DeskAct, **some)
            ],
        )
    )


async def grant(request: Request) -> Response:
    """POST /admin/accounts/:userId/grant."""
    desk = await _Desk.of(request)
    body = await GRANT.read(request)
    return await desk.act(
        "credits.admin_grant",
        body,
        p_user_id=path_id(request, "userId"),
        p_amount=body.amount,
        p_description=body.description,
        p_expires_at=body.expires_at,
    )


async def take(request: Request) -> Response:
    """POST /admin/accounts/:userId/take."""
    desk = await _Desk.of(request)
    body = await TAKING.read(request)
    return await desk.act(
        "credits.admin_take",
        body,
        p_user_id=path_id(request, "userId"),
        p_amount=body.amount,
        p_description=body.description,
    )


async def refund(request: Request) -> Response:
    """POST /admin/transactions/:id/refund."""
    desk = await _Desk.of(request)
    body = await REFUND.read(request)
    return await desk.act(
        "credits.admin_refund",
        body,
        p_transaction_id=path_uuid(request, "id"),
        p_amount=body.amount,
        p_description=body.description,
    )


async def release(request: Request) -> Response:
    """POST /admin/reservations/:id/release."""
    desk = await _Desk.of(request)
    body = await WHY.read(request)
    reservation_id = path_uuid(request, "id")
    return await desk.act("credits.admin_release", body, p_reservation_id=reservation_id)


async def cancel_gift(request: Request) -> Response:
    """POST /admin/gifts/:id/cancel."""
    desk = await _Desk.of(request)
    body = await WHY.read(request)
    return await desk.act("credits.admin_cancel_gift", body, p_gift_id=path_uuid(request, "id"))


async def freeze(request: Request) -> Response:
    """POST /admin/accounts/:userId/freeze."""
    return await _freeze(request, frozen=True)


async def unfreeze(request: Request) -> Response:
    """POST /admin/accounts/:userId/unfreeze."""
    return await _freeze(request, frozen=False)


async def list_packages(request: Request) -> Response:
    """GET /admin/packages, also those that are not sold any more."""
    services = services_of(request)
    await services.callers.admin(request)
    return json_answer(await services.database.many("credits.list_packages", Package, p_all=True))


async def add_package(request: Request) -> Response:
    """POST /admin/packages."""
    desk = await _Desk.of(request)
    return await _set_package(desk, await PACKAGE.read(request), None)


async def change_package(request: Request) -> Response:
    """PATCH /admin/packages/:id."""
    desk = await _Desk.of(request)
    return await _set_package(desk, await PACKAGE_CHANGE.read(request), path_uuid(request, "id"))


async def list_prices(request: Request) -> Response:
    """GET /admin/prices: all there ever were and will be, by operation, the newest first."""
    services = services_of(request)
    await services.callers.admin(request)
    query = Query(request)
    page = query.page()
    operation = query.identifier("operation")
    query.check()
    return json_answer(
        await services.database.many(
            "credits.admin_list_prices",
            DatedPrice,
            p_operation=operation,
            p_limit=page.limit,
            p_offset=page.offset,
        )
    )


async def set_price(request: Request) -> Response:
    """POST /admin/prices."""
    desk = await _Desk.of(request)
    body = await PRICE.read(request)
    return await desk.act(
        "credits.admin_set_price",
        body,
        p_operation=body.operation,
        p_unit_price=body.unit_price,
        p_valid_from=body.valid_from,
        p_app_id=body.app_id,
        p_unit=body.unit,
        p_per=body.per,
        p_step=body.step,
        p_minimum=body.minimum,
        p_name=body.name,
        p_description=body.description,
        p_category=body.category,
        p_sort_order=body.sort_order,
        p_active=body.active,
    )


async def list_actions(request: Request) -> Response:
    """GET /admin/actions, of an account, by an admin."""
    services = services_of(request)
    await services.callers.admin(request)
    query = Query(request)
    page = query.page()
    account, admin = query.identifier("account"), query.identifier("admin")
    query.check()
    rows = await services.database.many(
        "credits.admin_list_actions",
        DeskAct,
        p_user_id=account,
        p_admin=admin,
        **page.arguments(),
    )
    items = [(str(row.id), encoded(_act(row)).decode()) for row in rows]
    return page_answer(request, page, items, services.settings.base_url)


class _Desk:
    """An administrator at the desk, and the functions as they may call them."""

    def __init__(self, request: Request, admin: str, functions: Functions) -> None:
        self._request = request
        self._admin = admin
        self._functions = functions

    @classmethod
    async def of(cls, request: Request) -> "_Desk":
        """Return the desk of whoever calls; see `Callers.admin`."""
        services = services_of(request)
        admin = await services.callers.admin(request)
        return cls(request, admin.id, services.database)

    async def act(self, function: str, why: Why, **arguments: Any) -> Response:
        """Do something once, and answer with what was done."""
        done = await self._functions.one(
            function,
            DoneAct,
            p_admin=self._admin,
            p_reason=why.reason,
            p_idempotency_key=idempotency_key(self._request, why.idempotency_key) or "",
            **arguments,
        )
        return json_answer(Done(action=_act(done), **repeated(done.replayed)))


async def _freeze(request: Request, *, frozen: bool) -> Response:
    desk = await _Desk.of(request)
    body = await WHY.read(request)
    user_id = path_id(request, "userId")
    return await desk.act("credits.admin_freeze", body, p_user_id=user_id, p_frozen=frozen)


async def _set_package(desk: _Desk, body: PackageChange, package_id: UUID | None) -> Response:
    return await desk.act(
        "credits.admin_set_package",
        body,
        p_package_id=package_id,
        p_name=body.name,
        p_description=body.description,
        p_credits=body.credits,
        p_price_euro_cents=body.price_euro_cents,
        p_stripe_price_id=body.stripe_price_id,
        p_active=body.active,
        p_sort_order=body.sort_order,
        p_metadata=given(body.metadata),
    )


def _act(row: DeskAct) -> Act:
    return Act(
        id=row.id,
        admin=row.admin_id,
        user_id=row.account_id or None,
        action=row.action,
        subject_id=row.subject_id,
        amount=row.amount,
        reason=row.reason,
        transaction_id=row.entry_id,
        balance=row.balance,
        before=row.before,
        after=row.after,
        idempotency_key=row.idempotency_key,
        request_id=row.request_id,
        created_at=row.created_at,
    )


def _part(shape: type[Any], row: msgspec.Struct) -> Any:
    return shape(*(getattr(row, name) for name in shape.__struct_fields__))


_ADMINS_ONLY = ("admin_required",)
_TAG = "Support desk"
_DONE = {200: Answer("What was done.", [Done])}


def _operation(method: str, path: str, handler: Any, summary: str, **more: Any) -> Operation:
    name = "".join(word.capitalize() for word in handler.__name__.split("_"))
    keyed = "body" in more
    return Operation(
        method=method,
        path=f"{PREFIX}/admin/{path}",
        handler=handler,
        name=f"admin{name}",
        tag=_TAG,
        summary=summary,
        caller=Caller.USER,
        keyed=keyed,
        **{"refusals": _ADMINS_ONLY, **({"answers": _DONE} if keyed else {}), **more},
    )


OPERATIONS = [
    _operation(
        "GET",
        "accounts",
        find_accounts,
        "Whose something is",
        description="By the id of a user, a guild, a transaction, a reservation or an act of the"
        " desk, the code of a gift, a PaymentIntent, an idempotency key or a request id.",
        query=[Parameter("query", str, "What somebody has in hand.")],
        answers={200: Answer("Each account, and by what it was found.", [list[Found]])},
        calls=("credits.admin_find",),
    ),
    _operation(
        "GET",
        "accounts/{userId}",
        tell_account,
        "A person's story",
        description=f"At most {_SHOWN} of each kind, the newest first. All zeros for a user never"
        " seen.",
        answers={200: Answer("The story.", [Story])},
        calls=("credits.admin_account",),
    ),
    _operation(
        "POST",
        "accounts/{userId}/grant",
        grant,
        "Give a person credits",
        body=GRANT,
        calls=("credits.admin_grant",),
    ),
    _operation(
        "POST",
        "accounts/{userId}/take",
        take,
        "Take credits from a person",
        description="At most what can be spent, from a frozen account too.",
        body=TAKING,
        calls=("credits.admin_take",),
    ),
    _operation(
        "POST",
        "accounts/{userId}/freeze",
        freeze,
        "Let nothing go out of an account",
        body=WHY,
        calls=("credits.admin_freeze",),
    ),
    _operation(
        "POST",
        "accounts/{userId}/unfreeze",
        unfreeze,
        "Lift that",
        body=WHY,
        calls=("credits.admin_freeze",),
    ),
    _operation(
        "POST",
        "transactions/{id}/refund",
        refund,
        "Give a usage back",
        description="To the person or the pool that it came from.",
        body=REFUND,
        calls=("credits.admin_refund",),
    ),
    _operation(
        "POST",
        "reservations/{id}/release",
        release,
        "Free what a reservation has set aside",
        body=WHY,
        calls=("credits.admin_release",),
    ),
    _operation(
        "POST",
        "gifts/{id}/cancel",
        cancel_gift,
        "Take a gift back for its creator",
        body=WHY,
        calls=("credits.admin_cancel_gift",),
    ),
    _operation(
        "GET",
        "packages",
        list_packages,
        "All packages, also those that are not sold any more",
        answers={200: Answer("The packages, in their order.", [list[Package]])},
    ),
    _operation(
        "POST",
        "packages",
        add_package,
        "Put a package on sale",
        body=PACKAGE,
        calls=("credits.admin_set_package",),
        unmet=("package_not_found",),
    ),
    _operation(
        "PATCH",
        "packages/{id}",
        change_package,
        "Change a package",
        description="What was begun to be bought stays as it was.",
        body=PACKAGE_CHANGE,
        calls=("credits.admin_set_package",),
    ),
    _operation(
        "GET",
        "prices",
        list_prices,
        "All prices that there ever were and will be",
        query=[*PAGE[:2], Parameter("operation", Id, "Only of this operation.")],
        answers={200: Answer("By operation, the newest first.", [list[DatedPrice]])},
    ),
    _operation(
        "POST",
        "prices",
        set_price,
        "Set what an operation costs from a moment on",
        body=PRICE,
        calls=("credits.admin_set_price",),
    ),
    _operation(
        "GET",
        "actions",
        list_actions,
        "What the desk did, newest first",
        query=[
            *PAGE,
            Parameter("account", Id, "Only on this user."),
            Parameter("admin", Id, "Only by this administrator."),
        ],
        answers={200: Answer("A page of it.", [list[Act]], paged=True)},
    ),
]
