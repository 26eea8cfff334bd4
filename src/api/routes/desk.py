"""The support desk: administrators find accounts, see their story and repair."""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.answers import Succeeded, columns
from api.http.bodies import Body, Given
from api.http.operations import Answer, Caller, Operation, Right
from api.http.parameters import PAGE, Parameter
from api.routes.calls import page_of_rows

# Of each kind in an account's story.
_SHOWN = 50


class Why(Given, kw_only=True):
    """The reason of an act of support; the key says which act it is."""

    reason: Annotated[fields.FreeText, fields.told(minLength=3, maxLength=500)]
    idempotency_key: fields.Key | None = None


class DeskTaking(Why, kw_only=True):
    """Credits to take from a person, and the text that the person reads."""

    amount: fields.Amount
    description: fields.Description | None = None


class DeskGrant(DeskTaking, kw_only=True):
    """A grant, and the text that the person reads; until when, if not for good."""

    expires_at: fields.Moment | None = None


class DeskRefund(Why, kw_only=True):
    """The part of a usage that goes back, by default all that is left of it."""

    amount: fields.Amount | None = None
    description: fields.Description | None = None


class PackageChange(Why, kw_only=True):
    """A change of a package; what is not named stays. An empty stripePriceId removes it."""

    name: fields.FreeText | None = None
    description: fields.Description | None = None
    credits: fields.Amount | None = None
    price_euro_cents: Annotated[fields.Count, fields.told(minimum=1)] | None = None
    stripe_price_id: fields.Text | None = None
    active: bool | None = None
    sort_order: fields.Count | None = None
    metadata: fields.Metadata = fields.NO_METADATA


class NewPackage(PackageChange, kw_only=True):
    """A package to be sold."""

    name: Annotated[fields.FreeText, fields.told(minLength=1, maxLength=200)]
    credits: fields.Amount
    price_euro_cents: Annotated[fields.Count, fields.told(minimum=1)]


_UnitPrice = Annotated[
    fields.Credits,
    Meta(
        description="a number of credits with at most 12 digits after the point",
        extra_json_schema={"minimum": 0},
    ),
]


class NewPrice(Why, kw_only=True):
    """A price from a moment on, by default now; what is not named stays."""

    operation: fields.Id
    unit_price: _UnitPrice | None = None
    valid_from: fields.Moment | None = None
    app_id: fields.Id | None = None
    unit: Annotated[fields.Text, fields.told(maxLength=50)] | None = None
    per: fields.Limit | None = None
    step: fields.Limit | None = None
    minimum: fields.Limit | None = None
    name: fields.FreeText | None = None
    description: fields.Description | None = None
    category: Annotated[fields.Text, fields.told(maxLength=100)] | None = None
    sort_order: fields.Count | None = None
    active: bool | None = None


class NewServiceKey(Why, kw_only=True):
    """The service that a key is made for: who calls with it, for caps and logs."""

    name: Annotated[fields.Text, fields.told(minLength=1, maxLength=128)]


class ServiceKeyEnd(Why, kw_only=True):
    """The key of a service to revoke; without a number all of them.

    Those of the environment are number 0.
    """

    number: fields.Count | None = None


class Act(msgspec.Struct, rename="camel", kw_only=True):
    """An act of support.

    `subjectId` is the usage, hold, gift, package or operation that it was about. `transactionId` is
    the ledger row that it wrote, `balance` what the person could spend right after. Of a package or
    a price, which are nobody's, `before` and `after` say what it was and is.
    """

    id: UUID
    admin: Annotated[str, columns("admin_id")]
    user_id: Annotated[str, columns("nullif(account_id, '')")] | None
    action: str
    subject_id: str | None
    amount: Decimal | None
    reason: str
    transaction_id: Annotated[UUID, columns("entry_id")] | None
    balance: Decimal | None
    before: Any
    after: Any
    idempotency_key: str | None
    request_id: str | None
    created_at: fields.Moment


class Done(Succeeded, kw_only=True):
    """An act just done, or by an earlier call with the same key."""

    action: Act


class KeyMade(Done, kw_only=True):
    """A key just made; it is shown this once, and not in a repetition."""

    service_key: str | None


class GiftGiven(msgspec.Struct, rename="camel"):
    """A gift that a person made; its code is money to whoever has it, and not told."""

    id: UUID
    type: rows.GiftType
    status: rows.GiftStatus
    total_credits: Decimal
    total_portions: int
    claimed_portions: int
    message: str | None
    expires_at: fields.Moment
    created_at: fields.Moment


class GiftTaken(msgspec.Struct, rename="camel"):
    """A portion of a gift that a person redeemed."""

    id: UUID
    gift_code_id: UUID
    credits_received: Decimal
    portion_number: int
    creator_name: str | None
    redeemed_at: fields.Moment


class Story(rows.DeskAccount, kw_only=True):
    """A person's account, and the newest of all that concerns it."""

    limits: list[rows.SpendingLimitsOfOne]
    purchases: list[rows.Purchase]
    gifts_given: list[GiftGiven]
    gifts_taken: list[GiftTaken]
    actions: list[Act]


async def tell_account(call: Call[Any]) -> Story:
    """A person's story."""
    account = await call.one(rows.DeskAccount)
    many = call.functions.many
    some = {**call.arguments, "p_limit": _SHOWN}
    limits = await many("credits.get_limits", rows.SpendingLimitsOfOne, **call.arguments)
    return Story(
        **msgspec.structs.asdict(account),
        limits=[
            row
            for row in limits
            if (row.daily_limit, row.weekly_limit, row.monthly_limit) != (None, None, None)
        ],
        purchases=await many("credits.list_purchases", rows.Purchase, **some),
        gifts_given=await many("gifts.list_created_gifts", GiftGiven, **some),
        gifts_taken=await many("gifts.list_received_gifts", GiftTaken, **some),
        actions=await many("credits.admin_list_actions", Act, **some),
    )


async def admin_list_actions(call: Call[Any]) -> Response:
    """Acts of the desk, newest first."""
    return page_of_rows(call, await call.many(Act))


async def list_service_keys(call: Call[Any]) -> list[rows.ServiceKeyListed]:
    """All keys of services, those of the environment by name. No key is shown."""
    keys = await call.many(rows.ServiceKeyListed)
    listed = {(row.name, row.number) for row in keys}
    keys += [
        rows.ServiceKeyListed(name, 0, None, None, None, None, None)
        for name in _names_in_environment(call)
        if (name, 0) not in listed
    ]
    return sorted(keys, key=lambda row: (row.name, row.number))


def _names_in_environment(call: Call[Any]) -> set[str]:
    return {key.name for key in call.services.settings.service_keys}


async def act(call: Call[Why]) -> Done:
    """Do something once, and answer with what was done; without a key it is refused."""
    [shape] = call.operation.answers[200].shapes
    done: Done = await call.one(shape, p_idempotency_key=call.arguments["p_idempotency_key"] or "")
    return done


async def revoke_service_key(call: Call[Why]) -> Done:
    """Revoke a key, or all of a name; the database does not know the environment's."""
    call.give({"p_in_environment": call.arguments["p_name"] in _names_in_environment(call)})
    return await act(call)


_DONE = {200: Answer("What was done.", [Done])}

_look = partial(Operation, tag="Support desk", caller=Caller.USER, right=Right.ADMIN)
_act = partial(_look, user_as="p_admin", body=Body(Why), handler=act, answers=_DONE)

OPERATIONS = [
    _look(
        "GET /admin/accounts",
        "Find the accounts that something in hand belongs to",
        name="adminFindAccounts",
        function="credits.admin_find",
        description="By the id of a user, a guild, a transaction, a reservation, a gift or an act"
        " of the desk, a gift's code, a PaymentIntent, an idempotency key or a request id.",
        query=[
            Parameter("query", fields.Text, "What somebody has in hand.", "p_query", required=True)
        ],
        answers={200: Answer("Each account, and by what it was found.", [list[rows.Found]])},
    ),
    _look(
        "GET /admin/accounts/{userId}",
        name="adminTellAccount",
        function="credits.admin_account",
        handler=tell_account,
        description=f"At most {_SHOWN} of each kind, the newest first. All zeros for a user never"
        " seen; a guild has no such story.",
        answers={200: Answer("The story.", [Story])},
    ),
    _act(
        "POST /admin/accounts/{userId}/grant",
        "Give a person credits",
        function="credits.admin_grant",
        body=Body(DeskGrant),
    ),
    _act(
        "POST /admin/accounts/{userId}/take",
        "Take credits from a person",
        function="credits.admin_take",
        description="At most what can be spent, from a frozen account too.",
        body=Body(DeskTaking),
    ),
    _act(
        "POST /admin/accounts/{userId}/freeze",
        "Let nothing go out of an account",
        function="credits.admin_freeze",
        constants={"p_frozen": True},
    ),
    _act(
        "POST /admin/accounts/{userId}/unfreeze",
        "Lift the freeze of an account",
        name="adminUnfreeze",
        function="credits.admin_freeze",
        constants={"p_frozen": False},
    ),
    _act(
        "POST /admin/transactions/{id}/refund",
        "Give a usage back",
        function="credits.admin_refund",
        id_as="p_transaction_id",
        description="To the person or the pool that it came from.",
        body=Body(DeskRefund),
    ),
    _act(
        "POST /admin/reservations/{id}/release",
        "Free what a reservation has set aside",
        function="credits.admin_release",
        id_as="p_reservation_id",
    ),
    _act(
        "POST /admin/gifts/{id}/cancel",
        "Take a gift back for its creator",
        function="credits.admin_cancel_gift",
        id_as="p_gift_id",
    ),
    _look(
        "GET /admin/packages",
        "All packages, also those that are not sold any more",
        name="adminListPackages",
        function="credits.list_packages",
        constants={"p_all": True},
        answers={200: Answer("The packages, in their order.", [list[rows.Package]])},
    ),
    _act(
        "POST /admin/packages",
        "Put a package on sale",
        name="adminAddPackage",
        function="credits.admin_set_package",
        body=Body(NewPackage),
        unmet=("package_not_found",),
    ),
    _act(
        "PATCH /admin/packages/{id}",
        "Change a package",
        name="adminChangePackage",
        function="credits.admin_set_package",
        id_as="p_package_id",
        description="What was begun to be bought stays as it was.",
        body=Body(PackageChange),
    ),
    _look(
        "GET /admin/prices",
        "All prices that there ever were and will be",
        function="credits.admin_list_prices",
        query=[
            *PAGE[:2],
            Parameter("operation", fields.Id, "Only of this operation.", "p_operation"),
        ],
        answers={200: Answer("By operation, the newest first.", [list[rows.DatedPrice]])},
    ),
    _act(
        "POST /admin/prices",
        "Set the price of an operation from a moment on",
        function="credits.admin_set_price",
        body=Body(NewPrice),
    ),
    _look(
        "GET /admin/service-keys",
        name="adminListServiceKeys",
        function="credits.list_service_keys",
        handler=list_service_keys,
        description="Those that were made, and as number 0 the names of those in the environment"
        " of the process that answers.",
        answers={200: Answer("By name and number.", [list[rows.ServiceKeyListed]])},
    ),
    _act(
        "POST /admin/service-keys",
        "Make a key for a service",
        function="credits.admin_make_service_key",
        description="It is shown this once, and taken within a second. A repetition has none.",
        body=Body(NewServiceKey),
        answers={200: Answer("What was done, and the key.", [KeyMade])},
    ),
    _act(
        "POST /admin/service-keys/{name}/revoke",
        "Revoke a service's key, or all of its name",
        function="credits.admin_revoke_service_key",
        handler=revoke_service_key,
        description="It is refused within five seconds, for good. Those of the environment too.",
        body=Body(ServiceKeyEnd),
    ),
    _look(
        "GET /admin/actions",
        function="credits.admin_list_actions",
        handler=admin_list_actions,
        query=[
            *PAGE,
            Parameter("account", fields.Id, "Only on this user.", "p_user_id"),
            Parameter("admin", fields.Id, "Only by this administrator.", "p_admin"),
        ],
        answers={200: Answer("A page of it.", [list[Act]])},
    ),
]
