"""A person's story, for trusted services that show it to somebody."""

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import Purchase, ReceivedGift, Transaction
from api.http.fields import told
from api.http.operations import PAGE, Answer, Caller, Operation, Parameter
from api.http.parameters import Query, path_id
from api.routes.gifts import GiftOfMine, created_by, received_by
from api.routes.prefix import PREFIX
from api.routes.purchases import purchases_of
from api.routes.statements import LEDGER_QUERY, ledger_of
from api.services import calling_service

_SIDES = ("given", "taken")


async def list_transactions(request: Request) -> Response:
    """GET /internal/credits/accounts/:userId/transactions."""
    _, functions = calling_service(request)
    return await ledger_of(request, functions, path_id(request, "userId"))


async def list_purchases(request: Request) -> Response:
    """GET /internal/credits/accounts/:userId/purchases."""
    _, functions = calling_service(request)
    return await purchases_of(request, functions, path_id(request, "userId"))


async def list_gifts(request: Request) -> Response:
    """GET /internal/credits/accounts/:userId/gifts, those given or those taken."""
    _, functions = calling_service(request)
    query = Query(request)
    side = query.choice("side", _SIDES)
    query.check()
    gifts_on_the_side = received_by if side == "taken" else created_by
    return await gifts_on_the_side(request, functions, path_id(request, "userId"))


_PATH = PREFIX + "/internal/credits/accounts/{userId}"
_TAG = "Services: credits"

OPERATIONS = [
    Operation(
        method="GET",
        path=_PATH + "/transactions",
        handler=list_transactions,
        name="listTransactionsOfUser",
        tag=_TAG,
        summary="A user's ledger, newest first",
        caller=Caller.SERVICE,
        query=LEDGER_QUERY,
        answers={200: Answer("A page of it.", [list[Transaction]], paged=True)},
        calls=("credits.list_transactions",),
    ),
    Operation(
        method="GET",
        path=_PATH + "/purchases",
        handler=list_purchases,
        name="listPurchasesOfUser",
        tag=_TAG,
        summary="A user's purchases, newest first",
        caller=Caller.SERVICE,
        query=PAGE,
        answers={200: Answer("A page of them.", [list[Purchase]], paged=True)},
    ),
    Operation(
        method="GET",
        path=_PATH + "/gifts",
        handler=list_gifts,
        name="listGiftsOfUser",
        tag=_TAG,
        summary="The gifts that a user made or redeemed, newest first",
        caller=Caller.SERVICE,
        query=[
            *PAGE,
            Parameter(
                "side",
                Annotated[str, told(enum=_SIDES, default="given")],
                "Those that the user gave, or those that the user took.",
            ),
        ],
        answers={
            200: Answer("A page of them.", [list[GiftOfMine], list[ReceivedGift]], paged=True)
        },
    ),
]
