"""The routes of the service."""

from starlette.routing import Route

from api.http.operations import Operation
from api.pages import desk as desk_page
from api.pages import gift as gift_page
from api.pages import start as start_page
from api.routes import (
    alerts,
    desk,
    gifts,
    guilds,
    internal,
    limits,
    prices,
    process,
    purchases,
    reference,
    reservations,
    statements,
    usage,
)
from api.routes.calls import OperationRoute

_MODULES = (
    usage,
    internal,
    reservations,
    prices,
    statements,
    purchases,
    guilds,
    alerts,
    limits,
    gifts,
    gift_page,
    desk,
    desk_page,
    process,
    reference,
    start_page,
)

# A request is compared with one route after the other, so what is called all day comes first.
_BUSIEST = (
    "useCredits",
    "getBalance",
    "useCreditsForUser",
    "getBalanceOfUser",
    "useGuildPool",
    "reserveCredits",
    "commitReservation",
    "captureReservation",
    "listTransactions",
)


OPERATIONS: list[Operation] = sorted(
    (operation for module in _MODULES for operation in module.OPERATIONS),
    key=lambda operation: (*_BUSIEST, operation.name).index(operation.name),
)
ROUTES: list[Route] = [OperationRoute(operation) for operation in OPERATIONS]
