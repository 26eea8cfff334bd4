"""A person's story, for trusted services that show it to somebody."""

from typing import Annotated, Any

from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.operations import Answer, for_services
from api.http.parameters import PAGE, Parameter
from api.routes.calls import list_page
from api.routes.gifts import GiftOfMine, list_created_gifts
from api.routes.statements import LEDGER_QUERY, ledger

_SIDES = ("given", "taken")


async def list_gifts_of_user(call: Call[Any]) -> Response:
    """The gifts that a user made or redeemed, newest first."""
    if call.query["side"] == "taken":
        return await list_page(call, rows.ReceivedGift, "gifts.list_received_gifts")
    return await list_created_gifts(call)


OPERATIONS = [
    for_services(
        "GET /internal/credits/accounts/{userId}/transactions",
        name="listTransactionsOfUser",
        query=LEDGER_QUERY,
        function="credits.list_transactions",
        handler=ledger,
        answers={200: Answer("A page of it.", [list[rows.Transaction]])},
    ),
    for_services(
        "GET /internal/credits/accounts/{userId}/purchases",
        "A user's purchases, newest first",
        name="listPurchasesOfUser",
        query=PAGE,
        function="credits.list_purchases",
        answers={200: Answer("A page of them.", [list[rows.Purchase]])},
        unmet=("purchase_not_found",),
    ),
    for_services(
        "GET /internal/credits/accounts/{userId}/gifts",
        query=[
            *PAGE,
            Parameter(
                "side",
                Annotated[str, fields.told(enum=_SIDES, default="given")],
                "Those that the user gave, or those that the user took.",
                choices=_SIDES,
            ),
        ],
        handler=list_gifts_of_user,
        answers={200: Answer("A page of them.", [list[GiftOfMine], list[rows.ReceivedGift]])},
    ),
]
